"""SDMX: the information model, its wire formats in every version, and structural checks."""
