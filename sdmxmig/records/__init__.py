"""From records of persons to statistics: residence rules applied to border crossings, registers, permits and traces.

Written once against narwhals, so that the same rule runs on polars, on DuckDB and on Apache Spark with equal results.
"""
