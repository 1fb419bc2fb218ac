# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes, files, locks and caches: services of the operating system."""
