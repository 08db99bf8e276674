"""Frozen records of the domain."""
