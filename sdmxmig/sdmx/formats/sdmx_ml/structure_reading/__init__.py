"""SDMX-ML 2.0, 2.1, 3.0 and 3.1 structure messages to artefacts."""

from __future__ import annotations

from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.message import read_structures

__all__ = ["read_structures"]
