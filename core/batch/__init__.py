# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorization of many images: on all processors of one machine, or on a Dask cluster."""
