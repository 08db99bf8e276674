"""The readers of tables: each module of a file format adds the one by which its files are recognised and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.model.tables import Table


@dataclass(frozen=True, slots=True)
class TableReader:
    """How files of one format are recognised and read.

    A file that begins with `magic`, and that `recognises` knows if there is such a second look, is of this format,
    whatever its name; a format with neither is known by its `suffixes`. `read` takes the file's name and its bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    _: KW_ONLY
    magic: bytes
    read: Callable[[str, bytes], tuple[Table, ...]]
    recognises: Callable[[bytes], bool] | None = None


READERS: Kind[TableReader] = Kind("sdmxmig.conversion.tables")
