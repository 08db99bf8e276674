"""Combination of sources: precedence, counts, margins, weights, surveys and months.

Tables of figures have columns of codes and `value`. Tables of records are never written.
"""
