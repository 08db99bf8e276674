"""Workbooks laid out after the habits of thirty offices, with made-up figures, by hands that had not read the code."""
