# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error a user can meet: what happened, and what to do next."""


class SemvecError(Exception):
    """Base of all errors that are shown to a user.

    `message` says what happened in one line; `hint` says what to do next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class SettingsError(SemvecError):
    """A setting has the wrong type or lies outside its range."""


class ImageError(SemvecError):
    """An image can't be read, or there is nothing in it to draw."""


class MaskError(SemvecError):
    """Masks or a label image don't fit the picture or can't be read."""


class SaliencyError(SemvecError):
    """A saliency map can't be read or doesn't fit the picture."""


class EngineMissingError(SemvecError):
    """The AI engine (torch, SAM, CLIP) is needed and not installed."""


class EngineError(SemvecError):
    """The AI engine can't be installed, checked or removed."""


class ModelMissingError(SemvecError):
    """A model is not on this computer."""


class ModelError(SemvecError):
    """A model's file can't be read, or is not what it should be."""


class OutOfMemoryError(SemvecError):
    """A model needs more memory than there is, on the CPU as well."""


class DownloadError(SemvecError):
    """A file can't be downloaded, or what came is not the file."""


class SvgError(SemvecError):
    """An SVG file can't be read as a drawing."""


class OutputError(SemvecError):
    """A result can't be written where it should go."""


class NativeError(SemvecError):
    """The native library is missing, or refused its input."""


class RendererError(SemvecError):
    """The chosen renderer is missing, or can't draw what it is given."""


class GpuError(SemvecError):
    """A GPU is missing, has too little memory, computes wrong, or failed during the work."""


class WorkerError(SemvecError):
    """The worker process died, hangs, or speaks nonsense."""


class Cancelled(SemvecError):
    """The job was stopped on request before there was anything to keep."""

    def __init__(
        self, message: str = "Stopped before the first shapes were there.", hint: str = ""
    ) -> None:
        super().__init__(message, hint)
