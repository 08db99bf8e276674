"""Errors, places, text, periods and patterns."""

__version__ = "0.1.0"
"""The version of sdmxmig."""
