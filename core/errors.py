# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed errors for users, each with a message and a hint."""


class SemvecError(Exception):
    """Base of all errors that are shown to a user.

    message: the cause, in one line. hint: the next step for the user.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class SettingsError(SemvecError):
    """A setting has the wrong type or lies outside its range."""


class PaletteError(SemvecError):
    """A palette or a color can't be read."""


class ImageError(SemvecError):
    """An image cannot be read, or has no visible content."""


class MaskError(SemvecError):
    """Masks or a label image cannot be read, or do not fit the image."""


class SaliencyError(SemvecError):
    """A saliency map cannot be read, or does not fit the image."""


class EngineMissingError(SemvecError):
    """The AI engine (torch, SAM, CLIP) is needed and not installed."""


class EngineError(SemvecError):
    """The AI engine cannot be installed, verified or removed."""


class ModelMissingError(SemvecError):
    """A model is not on this computer."""


class ModelError(SemvecError):
    """The file of a model cannot be read, or has unexpected content."""


class OutOfMemoryError(SemvecError):
    """A model needs more memory than is available, on the CPU as well."""


class DownloadError(SemvecError):
    """A file cannot be downloaded, or has unexpected content."""


class SvgError(SemvecError):
    """An SVG file cannot be read as a drawing."""


class OutputError(SemvecError):
    """A result cannot be written to its file."""


class NativeError(SemvecError):
    """The native library is missing, or refused its input."""


class RendererError(SemvecError):
    """The chosen renderer is missing, or cannot draw its input."""


class GpuError(SemvecError):
    """A GPU is missing, has too little memory, computes wrong, or failed during the work."""


class WorkerError(SemvecError):
    """The worker process ended, does not respond, or sent invalid output."""


class Cancelled(SemvecError):
    """The job was stopped on request before there was anything to keep."""

    def __init__(
        self, message: str = "Stopped before the first shapes were there.", hint: str = ""
    ) -> None:
        super().__init__(message, hint)
