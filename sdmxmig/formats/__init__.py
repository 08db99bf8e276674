"""Formats: how artefacts and datasets are written as files and read back, one module or package for each family."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.model.artefacts import Artefact
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.submission import Header
from sdmxmig.plugins import Kind

WriteStructures = Callable[[Iterable[Artefact], Header], bytes]
WriteData = Callable[[Sequence[Dataset], Header], bytes]
ReadStructures = Callable[[str, bytes], tuple[Artefact, ...]]
ReadData = Callable[[str, bytes, Mapping[str, Flow]], tuple[Dataset, ...]]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write and read what is exchanged, such as SDMX-ML 2.1.

    The readers take a file's name (for messages), its bytes and, for data, the known dataflows. `suffix` has its dot.
    A reader that is None does not exist; a format without structure messages has no `structure_media_type`, and its
    `write_structures` says so by a `SdmxmigError`.
    """

    id: str
    name: str
    structure_media_type: str
    data_media_type: str
    suffix: str
    write_structures: WriteStructures
    write_data: WriteData
    read_structures: ReadStructures | None = None
    read_data: ReadData | None = None


FORMATS: Kind[Format] = Kind("sdmxmig.formats")
