"""The version of sdmxmig."""

__version__ = "0.1.0"
