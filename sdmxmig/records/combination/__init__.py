"""Combination of sources: precedence, counts, margins, weights, surveys, months.

Tables of figures have codes and `value`; tables of records never leave the program.
"""
