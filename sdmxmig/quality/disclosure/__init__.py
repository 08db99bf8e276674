"""Disclosure control: attack and protection of suppressed cells.

Works on cells by number and sums among them (`Relations`), found by `sdmxmig/quality/rules/additive.py`. `audit`
computes disclosure intervals, `primary` primary suppression, `suppression` secondary suppression, `rounding` the
alternative.
"""
