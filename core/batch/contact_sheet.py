# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact sheet of a batch: one HTML page that shows all drawings."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from ..system.files import write_output
from .picture import Record

_HEAD = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>semvec batch</title>
<style>
body { font: 14px sans-serif; margin: 16px; display: grid; gap: 16px;
       grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
figure { margin: 0; overflow-wrap: anywhere; }
img { width: 100%; height: 160px; object-fit: contain; background: #eee; }
.failed { color: #a00; }
</style>
"""


def write_contact_sheet(path: Path, records: Iterable[Record]) -> None:
    """Write the page; drawings are linked, relative to its folder. Raises OutputError."""
    figures = "".join(_figure(record, path.absolute().parent) for record in records)
    write_output(path, (_HEAD + figures + "</html>\n").encode())


def _figure(record: Record, folder: Path) -> str:
    name = html.escape(Path(record.image).name)
    if record.status == "failed":
        return f'<figure class="failed">{name}: {html.escape(record.error)}</figure>\n'
    address = quote(Path(os.path.relpath(record.svg, folder)).as_posix())
    quality = f": {record.report['psnr']:.1f} dB" if "psnr" in record.report else ""
    return (
        f'<figure><a href="{address}"><img src="{address}" alt="{name}" loading="lazy"></a>'
        f"<figcaption>{name}{quality}</figcaption></figure>\n"
    )
