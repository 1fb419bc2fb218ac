# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ends of the worker protocol: the process that vectorizes, and its clients."""
