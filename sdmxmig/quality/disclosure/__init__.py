"""Disclosure control: attack and protection of suppressed cells.

Works on cells by number and sums among them (`Relations`), found by `sdmxmig/quality/rules/additive.py`. `problem`
computes disclosure intervals and primary suppression, `suppression` secondary suppression and controlled rounding.
"""
