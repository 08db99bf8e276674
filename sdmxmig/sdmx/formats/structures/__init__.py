"""Conversions between the versions of SDMX that all formats of structures share."""
