"""Registry of table readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.model.tables import Table


@dataclass(frozen=True, slots=True)
class TableReader:
    """The recognition and reading of files of one format.

    A file belongs to the format if it begins with `magic` and `recognises` (if any) accepts it; a format with neither
    is known by its `suffixes`. `read` takes name and bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    _: KW_ONLY
    magic: bytes
    read: Callable[[str, bytes], tuple[Table, ...]]
    recognises: Callable[[bytes], bool] | None = None


READERS: Kind[TableReader] = Kind("sdmxmig.conversion.tables")
