"""Copies of an office's workbook that are safe to pass on: nothing in them leads out, runs or fetches.

The copy is not the workbook with some things taken out: it is a new one, into which goes what is known to be harmless.
Cells with their values, fonts and frames go over, formulas that only calculate within the workbook, names of ranges,
rules and comments as texts. Macros, embedded objects, links to files and the web, data connections, pictures and
charts are not known, and so are not there; `Lost` tells what was.
"""
