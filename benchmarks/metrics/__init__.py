# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of merit of drawings, for the benchmarks and as oracles of the tests."""
