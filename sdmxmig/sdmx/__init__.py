"""SDMX: the information model, its file formats in every version, and structural checks.

The names below read and write messages in memory or as a stream, without a catalogue or a workspace. `sdmxmig.read`,
`sdmxmig.write` and `sdmxmig.check` use the declared dataflows too.

>>> from sdmxmig import sdmx
>>> sdmx.detect("data.csv", b"STRUCTURE,STRUCTURE_ID,ACTION").name
'SDMX-CSV 2.0 or 2.1 data'
"""

from __future__ import annotations

from importlib import import_module

# ruff: noqa: I001 - names are imported together
TYPE_CHECKING = False  # type checkers treat this as True; importing typing would take longer than this module
if TYPE_CHECKING:
    from typing import Any

    from sdmxmig.sdmx.exchange import read_structures as read_structures, transform as transform
    from sdmxmig.sdmx.formats import (
        FORMATS as FORMATS,
        data_bytes as data_bytes,
        metadata_bytes as metadata_bytes,
        read_all as read_all,
        structure_bytes as structure_bytes,
    )
    from sdmxmig.sdmx.formats.detection import detect as detect
    from sdmxmig.sdmx.model.data import Dataset as Dataset, Flow as Flow
    from sdmxmig.sdmx.model.submission import Header as Header, Party as Party

_HOMES = {
    "exchange": ("read_structures", "transform"),
    "formats": ("FORMATS", "data_bytes", "metadata_bytes", "read_all", "structure_bytes"),
    "formats.detection": ("detect",),
    "model.data": ("Dataset", "Flow"),
    "model.submission": ("Header", "Party"),
}

__all__ = [*sorted(name for names in _HOMES.values() for name in names)]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the package is quick to import."""
    for home, names in _HOMES.items():
        if name in names:
            globals()[name] = getattr(import_module(f"sdmxmig.sdmx.{home}"), name)
            return globals()[name]
    raise AttributeError(f"module 'sdmxmig.sdmx' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
