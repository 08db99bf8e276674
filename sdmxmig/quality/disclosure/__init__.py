"""Disclosure control: what a reader can work out about cells that are not published, and how to prevent it.

Everything here speaks of cells by number and of the sums that hold among them (`Relations`); which those are in a
dataset is found in `sdmxmig/quality/rules/additive.py`. `audit` bounds what a reader can know, `primary` says which
cells are confidential by themselves, `suppression` which others must be withheld for their sake, `rounding` is the
other way.
"""
