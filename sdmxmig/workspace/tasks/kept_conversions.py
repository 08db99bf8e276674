"""Conversions of the tables that did not change, kept in a hidden folder of the results, for their user alone."""

from __future__ import annotations

import contextlib
import hashlib
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sdmxmig.conversion.convert import Conversion
from sdmxmig.io.disk_cache import KEY_LENGTH, is_own, write_private
from sdmxmig.io.publishing.made import compute_digest
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.workspace.results import read_inputs_of_results
from sdmxmig.workspace.tasks.session import Session

FOLDER, ENDING = ".converted", ".kept"
MAX_OBSERVATIONS = 1_000_000
"""Larger datasets are converted again: to keep them takes as much room as their table."""
RECORDS = {
    "sdmxmig.conversion.convert.coverage": ("Conversion", "Coverage"),
    "sdmxmig.primitives.places": ("Place",),
    "sdmxmig.sdmx.model.artefacts": ("Text",),
    "sdmxmig.sdmx.model.data": ("Dataset",),
    "sdmxmig.sdmx.model.findings": ("Finding", "Findings"),
    "polars.dataframe.frame": ("DataFrame",),
}
"""What a kept conversion may consist of: a workspace may come from others, and nothing else is made from its files."""


class Writer(pickle.Pickler):
    """Writes a conversion without its dataflow."""

    flow: Flow

    def persistent_id(self, value: object) -> str | None:
        return self.flow.id if value is self.flow else None


class Reader(pickle.Unpickler):
    """Reads a conversion made of `RECORDS` only; raises `UnpicklingError` for others."""

    flow: Flow

    def persistent_load(self, name: object) -> Flow:
        if name != self.flow.id:
            raise pickle.UnpicklingError(name)
        return self.flow

    def find_class(self, module: str, name: str) -> object:
        if name not in RECORDS.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


@dataclass(frozen=True, slots=True)
class KeptConversions:
    """The conversions kept in `folder`; `made` are those of this run, by file."""

    session: Session
    made: dict[Path, tuple[Flow, Conversion] | None] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.session.out / FOLDER

    def load_or_make(self, table: str, mapping: TableMapping, flow: Flow, make: Callable[[], Conversion]) -> Conversion:
        """Return a conversion, kept until its table, a mapping, declarations, settings or the program change."""
        key = self.session.results.find_key_of_table(table)
        file = self.folder / f"{compute_digest({mapping.id: key})}{ENDING}"
        kept = self._read(file, flow) if key else None
        conversion = kept or make()
        if key and conversion.dataset.observations.height <= MAX_OBSERVATIONS:
            self.made[file] = None if kept else (flow, conversion)
        return conversion

    def _read(self, file: Path, flow: Flow) -> Conversion | None:
        with contextlib.suppress(Exception):  # a damaged file may raise anything; the table can always be converted
            content = file.read_bytes()
            if is_own(file) and hashlib.sha256(content[KEY_LENGTH:]).digest() == content[:KEY_LENGTH]:
                reader = Reader(io.BytesIO(content[KEY_LENGTH:]))
                reader.flow = flow
                found = reader.load()
                return found if isinstance(found, Conversion) else None
        return None

    def save(self) -> None:
        """Keep the conversions of this run, and no others; none if an input was changed meanwhile."""
        is_changed = read_inputs_of_results(self.session.workspace.folder) != self.session.results.inputs
        if is_changed or self.folder.is_symlink():
            return
        with contextlib.suppress(OSError, pickle.PicklingError):
            for file, made in self.made.items():
                if made:
                    write(file, *made)
            for file in self.folder.glob(f"*{ENDING}"):
                if file not in self.made:
                    file.unlink()


def write(file: Path, flow: Flow, conversion: Conversion) -> None:
    content = io.BytesIO()
    writer = Writer(content, protocol=pickle.HIGHEST_PROTOCOL)
    writer.flow = flow
    writer.dump(replace(conversion, dataset=replace(conversion.dataset, origins=conversion.dataset.origins)))
    write_private(file, hashlib.sha256(content.getvalue()).digest() + content.getvalue())
