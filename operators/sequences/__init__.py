# SPDX-License-Identifier: GPL-3.0-or-later
"""Image sequences and movies as animated drawings."""
