"""What ships with sdmxmig, read once for all tests of a process; nobody changes it."""

from __future__ import annotations

from sdmxmig.catalogue import load

CATALOGUE = load()
