"""Faults of known kinds are planted in clean synthetic accounts, and validation is asked for each of them."""

from benchmarks.planted_kinds import further_tables

__all__ = ["further_tables"]
