# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes, files, locks and caches: the operating system's side, without any vectorization."""
