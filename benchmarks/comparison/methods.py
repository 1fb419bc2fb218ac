# SPDX-License-Identifier: GPL-3.0-or-later
"""All methods by name: the comparison, and the ablations."""

from __future__ import annotations

from typing import NamedTuple

from . import diffvg, live, livss, optimize_reduce, programs, sglive, tracers
from .ours import Draw, has, ours


class Method(NamedTuple):
    """draw: the strategy. label: for tables. clean: whether it promises clean shapes."""

    draw: Draw
    label: str
    clean: bool = False


FREE = {
    "simple": False,
    "fairness": 0.0,
    "smoothness": 0.0,
    "spike_penalty": 0.0,
    "structural_containment": 0.0,
    "detail_containment": 0.0,
    "border_distance": 0.0,
    "prunes_spikes": False,
}

FIELD = {
    "diffvg": Method(diffvg.draw, "DiffVG"),
    "live": Method(live.draw, "LIVE"),
    "optimize_reduce": Method(optimize_reduce.draw, "O&R"),
    "sglive": Method(sglive.draw, "SGLIVE"),
    "livss": Method(livss.draw, "LIVSS, stand-in"),
    "paper": Method(ours(plain=True), "paper, plain Stage III"),
    "vtracer": Method(tracers.vtracer, "vtracer"),
    "potrace": Method(programs.potrace, "Potrace"),
    "autotrace": Method(programs.autotrace, "AutoTrace"),
    "layers": Method(tracers.layers, "traced layers"),
    "ours": Method(ours(), "semvec", clean=True),
    "ours_free": Method(ours(schedule=FREE), "semvec, cleanliness off"),
    "ours_gradient": Method(ours(fills="gradient"), "semvec, gradient fills", clean=True),
    "ours_gradient_free": Method(
        ours(fills="gradient", schedule=FREE), "semvec, gradient fills, cleanliness off"
    ),
}

# Our additions, each switched off; those that the schedule doesn't have are passed over.
ADDITIONS = {
    "simple outlines": {"simple": False},
    "sharpness": {"sharpness": 0.0},
    "fairness": {"fairness": 0.0},
    "smoothness": {"smoothness": 0.0},
    "spike penalty": {"spike_penalty": 0.0},
    "pruning": {"prunes_spikes": False},
    "seclusion": {"border_distance": 0.0},
    "containment": {"structural_containment": 0.0, "detail_containment": 0.0},
    "densification where the error is": {"densify_fraction": 0.0},
    "relocation": {"relocations": 0},
    "coarse to fine": {"coarse_above": 1 << 30},
    "slow structure": {"structural_rate": 1.0},
    "cooling": {"final_speed": 1.0},
}

CLUSTERINGS = ("ward", "exact", "recolor", "kmeans", "dbscan")
RATIOS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
ROUNDS = (1, 5, 10, 20, 40)
CONTAINMENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
ITERATIONS = (50, 100, 200, 500, 1000)

ABLATIONS = {
    "clustering": {f"clustering={c}": Method(ours(clustering=c), c) for c in CLUSTERINGS},
    "guidance": {
        "guidance=none": Method(ours(), "none"),
        "guidance=painted": Method(ours(guided=True), "one segment painted"),
        "guidance=prompt": Method(ours(prompted=True), "a prompt"),
    },
    "masks": {
        f"masks={source}_containment={s:g}": Method(
            ours(masked=source == "person", containment=s),
            f"masks: {source}, containment {s:g}",
            True,
        )
        for source in ("builtin", "person")
        for s in (0.25, 1.0)
    },
    "ratio": {
        f"ratio={r:g}": Method(ours(structural_ratio=r), f"{r:g} structural") for r in RATIOS
    },
    "rounds": {f"rounds={r}": Method(ours(rounds=r), f"{r} rounds") for r in ROUNDS},
    "containment": {
        f"containment={s:g}": Method(ours(containment=s), f"containment {s:g}", clean=True)
        for s in CONTAINMENTS
    },
    "additions": {
        "ours": FIELD["ours"],
        **{
            f"without={name.replace(' ', '_')}": Method(ours(schedule=off), f"without {name}")
            for name, off in ADDITIONS.items()
            if all(map(has, off))
        },
        "ours_free": FIELD["ours_free"],
    },
    "time": {f"iterations={i}": Method(ours(iterations=i), f"{i} iterations") for i in ITERATIONS},
}

EVERYTHING = FIELD | {
    name: method for ablation in ABLATIONS.values() for name, method in ablation.items()
}
