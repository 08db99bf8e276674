"""SDMX: the information model, its file formats in every version, and structural checks."""
