# SPDX-License-Identifier: GPL-3.0-or-later
"""Both sides of the worker protocol: the process that vectorizes, and its clients."""
