# SPDX-License-Identifier: GPL-3.0-or-later
"""The field compared: photographs, methods, ablations, measuring, and a page to read.

photographs.py   what is drawn, and which half is held back
free_fit.py      plain Adam on our renderer, which the published baselines share
diffvg.py live.py optimize_reduce.py sglive.py livss.py tracers.py   the baselines
ours.py          semvec, the paper's plain Stage III, and what our additions are worth
methods.py       all of them by name, with their sources and departures
jobs.py          one method on one photograph: drawn, measured, kept as JSON
page.py charts.py tables.py   one self-contained HTML page
"""
