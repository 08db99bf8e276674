"""National tables on international migration and temporary mobility: to SDMX, checked, packaged, benchmarked."""

__version__ = "0.1.0"
