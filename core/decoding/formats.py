# SPDX-License-Identifier: GPL-3.0-or-later
"""Image formats: those that can be read, and the names of others, told by their first bytes."""

from __future__ import annotations

import importlib.util
import re

from ..errors import ImageError

# Formats by Pillow's names, in the order in which they are tried: TGA has no signature.
FORMATS = (
    *("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "JPEG2000", "PPM", "PSD", "QOI", "ICO"),
    *("ICNS", "DDS", "SGI", "PCX", "TGA"),
)

# The same for users.
NAMES = (
    "AVIF, BMP, DDS, GIF, HEIC, ICNS, ICO, JPEG, JPEG 2000, PAM, PBM, PCX, PGM, PNG, PPM, PSD, "
    "QOI, SGI, TGA, TIFF, WebP"
)

SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("avif", "bmp", "dds", "gif", "heic", "heif", "icns", "ico", "j2k", "jp2", "jpe", "jpeg"),
        *("jpg", "pam", "pbm", "pcx", "pgm", "png", "pnm", "ppm", "psd", "qoi", "sgi", "tga"),
        *("tif", "tiff", "webp"),
    )
)

# Number of first bytes that tell a format.
HEAD = 512

_READABLE = {
    "AVIF": rb"....ftypavi[fs]",
    "BMP": rb"BM",
    "DDS": rb"DDS ",
    "GIF": rb"GIF8",
    "ICNS": rb"icns",
    "ICO": rb"\x00\x00\x01\x00",
    "JPEG": rb"\xff\xd8",
    "JPEG 2000": rb"\xff\x4f\xff\x51|\0\0\0\x0cjP",
    "PNG": rb"\x89PNG",
    "PNM": rb"P[1-6f]\s|P7\s",
    "PSD": rb"8BPS",
    "QOI": rb"qoif",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "WebP": rb"RIFF....WEBP",
}
_HEIC = rb"....ftyp(hei[cmsx]|hev[cmx]|mif1|msf1)"
_OTHERS = {
    "SVG": rb"(\xef\xbb\xbf)?\s*<(svg|\?xml|!DOCTYPE svg)",
    "PDF": rb"%PDF",
    "PostScript": rb"%!PS|\xc5\xd0\xd3\xc6",
    "OpenEXR": rb"\x76\x2f\x31\x01",
    "Radiance HDR": rb"#\?(RADIANCE|RGBE)",
    "JPEG XL": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "GIMP": rb"gimp xcf",
    "Canon raw": rb"....ftypcrx",
    "Fujifilm raw": rb"FUJIFILM",
    "video": rb"....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI ",
    "ZIP": rb"PK\x03\x04",
}


def unreadable(head: bytes) -> ImageError:
    """Return the error for a file that can't be read, by its first bytes."""
    if not head:
        return ImageError("The file is empty.", "Save the image again, or choose another file.")
    if is_heic(head) and importlib.util.find_spec("pillow_heif") is None:
        return ImageError(
            "HEIC files can be read once the package pillow-heif is installed.",
            "pip install semvec[heic], or convert the image to JPEG.",
        )
    readable = "HEIC" if is_heic(head) else _match(_READABLE, head)
    if readable:
        return ImageError(
            f"This {readable} file is damaged, or of a kind that can't be read.",
            "Save it again with another program, as PNG or JPEG.",
        )
    name = _match(_OTHERS, head)
    return ImageError(
        f"{name} files can't be read as images." if name else "This format can't be read.",
        f"Convert it to PNG or JPEG. These can be read: {NAMES}.",
    )


def is_heic(head: bytes) -> bool:
    """Return whether a file's first bytes are those of a HEIC file."""
    return re.match(_HEIC, head, re.DOTALL) is not None


def _match(signatures: dict[str, bytes], head: bytes) -> str:
    """Return the name of the format with these first bytes, or an empty string."""
    found = (name for name, first in signatures.items() if re.match(first, head, re.DOTALL))
    return next(found, "")
