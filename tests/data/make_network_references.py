# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes network_references.npz: outputs of the original networks, by TensorFlow Lite's runtime.

    pip install ai-edge-litert==2.3.0 scikit-image==0.26.0   # in an environment of its own
    python tests/data/make_network_references.py FACE.tflite PERSON.tflite

The runtime needs another numpy than Blender has, so the tests compare with its outputs as kept
here. The files are those in the packages that wheels/networks.py names.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from skimage.data import astronaut
from skimage.transform import resize

FILE = Path(__file__).with_name("network_references.npz")


def pictures(side: int) -> dict[str, np.ndarray]:
    """Return inputs float32 [side, side, 3] in [0, 1]: a portrait, and noise."""
    portrait = resize(astronaut(), (side, side), anti_aliasing=True).astype(np.float32)
    noise = np.random.default_rng(0).random((side, side, 3), np.float32)
    return {"portrait": portrait, "noise": noise}


def outputs(file: str, image: np.ndarray) -> list[np.ndarray]:
    """Return all outputs of a network, without their batch axis, in the order of the file."""
    interpreter = Interpreter(file)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
    interpreter.invoke()
    return [interpreter.get_tensor(item["index"])[0] for item in interpreter.get_output_details()]


def main(face: str, person: str) -> None:
    """Write probabilities and masks, rounded, and the boxes of the likeliest cells."""
    kept: dict[str, np.ndarray] = {}
    for name, image in pictures(192).items():
        values, scores = outputs(face, 2.0 * image - 1.0)
        cells = np.argsort(-scores[:, 0])[:20]
        kept[f"{name}_cells"], kept[f"{name}_boxes"] = cells, values[cells]
        kept[f"{name}_faces"] = (1.0 / (1.0 + np.exp(-scores.clip(-80, 80)))).astype(np.float16)
    for name, image in pictures(256).items():
        (mask,) = outputs(person, image)
        kept[f"{name}_mask"] = mask[::4, ::4].astype(np.float16)
    np.savez_compressed(FILE, **kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
