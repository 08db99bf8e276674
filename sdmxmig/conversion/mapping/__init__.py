"""Mappings: how the tables of a workbook become observations, declared in SDMX's words and never in code."""

from sdmxmig.conversion.mapping.mapping_file import load

__all__ = ["load"]
