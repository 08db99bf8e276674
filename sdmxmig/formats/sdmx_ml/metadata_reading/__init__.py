"""Reference metadata in SDMX-ML 2.1, 3.0 and 3.1, read into metadata sets."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.metadata_reading.message import read_metadata

__all__ = ["read_metadata"]
