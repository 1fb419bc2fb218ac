# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of the worker process: `python -m semvec.core.worker FOLDER`."""

import sys
from pathlib import Path

from .server import main

if __name__ == "__main__":
    main(Path(sys.argv[1]))
