"""Conversions between SDMX versions, shared by all structure formats."""
