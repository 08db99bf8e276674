"""Interchange with other libraries: datasets as tables of pandas, polars and Arrow, artefacts as messages of sdmx1.

Inside sdmxmig nothing uses these; they are for who works with its results.
"""

from __future__ import annotations

from sdmxmig.sdmx.model.submission import Header, Party

HEADER = Header("INTERCHANGE", "1970-01-01T00:00:00+00:00", sender=Party("SDMXMIG"))
"""The header of messages that never leave the memory."""
