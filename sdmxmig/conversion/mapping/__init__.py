"""Mappings: declarations that turn a workbook's tables into observations."""

from sdmxmig.conversion.mapping.mapping_file import load

__all__ = ["load"]
