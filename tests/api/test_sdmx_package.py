"""The public names of `sdmxmig.sdmx`."""

from __future__ import annotations

from sdmxmig import sdmx


def test_sdmx_lists_its_public_names_and_has_each() -> None:
    assert {"detect", "read_structures", "structure_bytes", "transform"} <= set(dir(sdmx))
    assert all(getattr(sdmx, name) is not None for name in dir(sdmx))
