"""Interchange with pandas, polars, Arrow and sdmx1, for users of the results."""

from __future__ import annotations

from sdmxmig.sdmx.model.submission import Header, Party

HEADER = Header("INTERCHANGE", "1970-01-01T00:00:00+00:00", sender=Party("SDMXMIG"))
"""The header of messages that never leave the memory."""
