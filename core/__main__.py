# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of `python -m semvec.core`."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
