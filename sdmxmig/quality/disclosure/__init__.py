"""Disclosure control: audit and protection of suppressed cells.

Cells have numbers; `sdmxmig/quality/rules/additive.py` finds sums among them (`Relations`). `problem` computes
disclosure intervals and primary suppression; `suppression` computes secondary suppression and controlled rounding.
"""
