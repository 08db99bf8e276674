"""Statistics from person records: residence rules applied to crossings, registers, permits and traces.

Written against narwhals, with equal results on polars and DuckDB.
"""
