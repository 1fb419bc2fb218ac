# SPDX-License-Identifier: GPL-3.0-or-later
"""Builder of node trees."""

from __future__ import annotations

from typing import Any

import bpy


class Nodes:
    """A node tree to which nodes are added."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree

    def add(self, kind: str, /, **values: Any) -> Any:
        """Add a node; `values` are its options, and its inputs by their names.

        An input's value may be another node's output, several inputs of one name take a list.
        Returns the new node's outputs.
        """
        node = self._tree.nodes.new(kind)
        node.location.x = 180.0 * len(self._tree.nodes)
        for name, value in values.items():
            if name in node.bl_rna.properties:
                setattr(node, name, value)
            else:
                self._set_inputs(node, name.replace("_", " "), value)
        return node.outputs

    def _set_inputs(self, node: Any, name: str, value: Any) -> None:
        values = value if isinstance(value, list) else [value]
        sockets = [socket for socket in node.inputs if socket.name == name and socket.enabled]
        if sockets[0].is_multi_input:
            sockets *= len(values)
        for socket, value in zip(sockets, values, strict=False):
            if isinstance(value, bpy.types.NodeSocket):
                self._tree.links.new(value, socket)
            else:
                socket.default_value = value
