# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: one HTML page that needs nothing beside it."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np

from semvec.core.bezier import flattened
from semvec.core.drawing import Drawing
from semvec.core.image import Image as Picture
from semvec.core.image import resize
from semvec.core.svg import load_svg

from .charts import Series, scatter
from .jobs import Job, read
from .measure import painted
from .methods import ABLATIONS, EVERYTHING, FIELD
from .photographs import Photograph, load, salient_segment
from .tables import COLUMNS, Record, best, mean, rows, shown

SHOWN_SIDE = 300  # pixels of the longer side of a picture on the page

STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1500px; color: #222 }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: 3px 8px; text-align: right }
th { border-bottom: 1px solid #888; font-weight: 600 } td:first-child { text-align: left }
tr:nth-child(even) { background: #f6f6f6 } .best { font-weight: 700 }
figure { display: inline-block; margin: 0 6px 10px 0; vertical-align: top }
figcaption { font-size: 12px; color: #555 } svg text { font: 11px system-ui, sans-serif }
svg .title { font-weight: 600; fill: #222 }
"""

VEC_RULE = (
    "VeC: for each human segment, the share of the vectors touching it that have more than"
    " 85 % of their area in it; mean over segments, then photographs. A vector's area is the"
    " pixels it covers by half or more, hidden ones too (“visible”: not those); it touches with"
    " one pixel."
)


def page(jobs: list[Job], pictures: int, note: str) -> str:
    """Return the whole page, of all jobs that have results. pictures: photographs shown at most."""
    done = [job for job in jobs if job.result.is_file()]
    records = [read(job) for job in done]
    failed = [record for record in records if "error" in record]
    records = [record for record in records if "error" not in record]
    parts = [f"<h1>semvec and the field</h1><p>{escape(note)}</p><p>{escape(VEC_RULE)}</p>"]
    for reason in sorted({r["lpips_missing"] for r in records if "lpips_missing" in r}):
        parts.append(f"<p>LPIPS was not measured everywhere: {escape(reason)}</p>")
    labels = {name: method.label for name, method in FIELD.items()}
    for budget in sorted({record["budget"] for record in records}):
        parts.append(f"<h2>{budget} paths</h2>")
        parts.append(_table([r for r in records if r["budget"] == budget], labels))
    parts.append(_charts(records))
    parts += [_ablation(name, records) for name in ABLATIONS]
    parts.append(_gallery(done, pictures))
    parts += [f"<p>{r['method']}, {r['image']}: {escape(r['error'])}</p>" for r in failed]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>semvec and the field</title>'
        f"<style>{STYLE}</style>{''.join(parts)}</html>"
    )


def _table(records: list[Record], labels: dict[str, str]) -> str:
    lines = rows(records, labels)
    head = "".join(f"<th>{escape(c.title)}</th>" for c in COLUMNS)
    winners = [
        best([values[i] for *_, values in lines], column.better) for i, column in enumerate(COLUMNS)
    ]
    body = ""
    for label, count, values in lines:
        cells = "".join(
            f'<td class="{"best" if value == winner else ""}">{shown(value, column)}</td>'
            for value, winner, column in zip(values, winners, COLUMNS, strict=True)
        )
        body += f"<tr><td>{escape(label)}</td><td>{count}</td>{cells}</tr>"
    return f"<table><tr><th></th><th>n</th>{head}</tr>{body}</table>"


def _charts(records: list[Record]) -> str:
    """Return the fronts: a line a method, over the budgets."""
    budgets = sorted({record["budget"] for record in records})

    def series(x: str, y: str, factor: float) -> list[Series]:
        result = []
        for name, method in FIELD.items():
            points = []
            for budget in budgets:
                of = [r for r in records if r["method"] == name and r["budget"] == budget]
                points.append((factor * mean(of, x), mean(of, y)))
            result.append(Series(method.label, points))
        return result

    return "<h2>Trade-offs</h2>" + "".join(
        [
            scatter("Fidelity and clean shapes", "crossing paths, %", "PSNR",
                    series("crossing", "psnr", 100)),
            scatter("Fidelity and structure", "VeC, %", "PSNR", series("vec", "psnr", 100)),
            scatter("Perceived fidelity and structure", "VeC, %", "LPIPS",
                    series("vec", "lpips", 100)),
            scatter("Fidelity and size", "SVG, KB", "PSNR", series("svg_bytes", "psnr", 0.001)),
            scatter("Fidelity and time", "CPU seconds", "PSNR", series("cpu_seconds", "psnr", 1),
                    logarithmic=True),
        ]
    )  # fmt: skip


def _ablation(name: str, records: list[Record]) -> str:
    methods = {key: method.label for key, method in ABLATIONS[name].items()}
    own = [r for r in records if r["method"] in methods]
    if len({r["method"] for r in own}) < 2:
        return ""
    chart = scatter(
        f"{name}", "VeC, %", "PSNR",
        [
            Series(label, [(100 * mean(of, "vec"), mean(of, "psnr"))])
            for key, label in methods.items()
            if (of := [r for r in own if r["method"] == key])
        ],
    )  # fmt: skip
    return f"<h2>Ablation: {escape(name)}</h2>{_table(own, methods)}{chart}"


def _gallery(done: list[Job], pictures: int) -> str:
    """For some photographs: the input, its saliency, and each method's drawing at one budget."""
    drawn = [job for job in done if job.result.with_suffix(".svg").is_file()]
    if not drawn:
        return ""
    budgets = sorted({job.budget for job in drawn})
    budget = budgets[len(budgets) // 2]
    parts = [f"<h2>Pictures, {budget} paths</h2>"]
    for file in sorted({job.file for job in drawn})[:pictures]:
        of = [job for job in drawn if job.file == file and job.budget == budget]
        photograph = load(file, of[0].resolution)
        parts.append(f"<h3>{escape(photograph.name)}</h3>{_inputs(photograph)}<br>")
        parts += [_drawn(job, photograph) for job in of if job.method in FIELD]
        parts += [_drawn(job, photograph) for job in of if job.method == "guidance=painted"]
    return "".join(parts)


def _inputs(photograph: Photograph) -> str:
    parts = [_figure(photograph.image, "input")]
    salient = None if photograph.labels is None else salient_segment(photograph.labels)
    if salient is not None:
        parts.append(_figure(salient[..., None] * np.ones(3), "saliency where guided"))
    return "".join(parts)


def _drawn(job: Job, photograph: Photograph) -> str:
    drawing = load_svg(job.result.with_suffix(".svg"))
    height, width = photograph.image.shape[:2]
    label = EVERYTHING[job.method].label
    record = read(job)
    vec = f", VeC {100 * record['vec']:.0f} %" if "vec" in record else ""
    caption = f"{label}: {record['psnr']:.2f} dB{vec}"
    parts = [_figure(painted(drawing, height, width), caption)]
    structural = [path for path in drawing.paths if path.kind == "structural"]
    if 0 < len(structural) < len(drawing.paths):
        only = Drawing(drawing.width, drawing.height, structural)
        parts.append(_figure(painted(only, height, width), "structural only"))
    parts.append(f"<figure>{wireframe(drawing)}<figcaption>wireframe</figcaption></figure>")
    return "<div>" + "".join(parts) + "</div>"


def wireframe(drawing: Drawing) -> str:
    """All outlines as thin lines in their fills' places: SVG text."""
    scale = SHOWN_SIDE / max(drawing.width, drawing.height)
    lines = "".join(
        "M" + " ".join(f"{x:.0f},{y:.0f}" for x, y in scale * flattened(points, 6)) + "Z"
        for path in drawing.paths
        for points in path.subpaths
        if len(points)
    )
    width, height = round(scale * drawing.width), round(scale * drawing.height)
    return (
        f'<svg width="{width}" height="{height}" style="overflow:hidden">'
        f'<path d="{lines}" fill="none" stroke="#333" stroke-width=".6"/></svg>'
    )


def _figure(image: np.ndarray, caption: str) -> str:
    from PIL import Image

    small = resize(Picture(np.asarray(image, np.float32)), SHOWN_SIDE).rgb
    data = io.BytesIO()
    pixels = (np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8)
    Image.fromarray(pixels).save(data, "JPEG", quality=85)
    text = base64.b64encode(data.getvalue()).decode()
    return (
        f'<figure><img src="data:image/jpeg;base64,{text}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
