"""Steps that combine sources: which source wins, counts, tables fitted to margins, weights, surveys, months.

Each step takes tables and gives a table. A table of figures has columns of codes and `value`; one of records has a row
a person and never leaves the program.
"""
