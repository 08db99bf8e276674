"""Tables of records in a request.

Private scratch folders for records, removed after use.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sdmxmig.io.publishing.lock import stands, take
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.crossing_rules import ACTUAL, GRANTED, INTENDED, MIXED
from sdmxmig.records.derivation import shares_over
from sdmxmig.records.engines import Engine, scanned
from sdmxmig.records.files import row_numbers_of
from sdmxmig.records.linkage_errors import Linked, linked
from sdmxmig.records.questions import Derivation, Question, Records
from sdmxmig.records.record_tables import CITIZENSHIPS, DOCUMENTS, LINKS, MOVEMENTS, NIGHTS, PERMITS, PERSONS
from sdmxmig.records.residence_rules import PERMIT, ResidenceRule
from sdmxmig.records.traces import of_persons
from sdmxmig.workspace.tasks.further_figures import DeriveRequest

LINKABLE = (MOVEMENTS, NIGHTS, PERMITS, PERSONS, CITIZENSHIPS)
"""The tables whose `person` may be the record of a source."""
STATED_IN = {INTENDED: "intended_days", MIXED: "intended_days", GRANTED: "granted_days"}


def linked_records(request: DeriveRequest, taken: Mapping[str, Path]) -> Linked | None:
    """Replace records by linked persons; None without links.

    Raises `SdmxmigError` for tables without source.
    """
    tables = [table.name for table in LINKABLE if table.name in request.files]
    unknown = [table for table in request.linked if table not in tables]
    if LINKS.name not in request.files:
        if request.linked:
            raise SdmxmigError("No links are named.", hint="Name the links of sdmxmig link with --links.")
        return None
    if unknown:
        raise SdmxmigError(f"No table of {', '.join(unknown)} is named.", hint=f"Possible values: {', '.join(tables)}.")
    unsaid = [table for table in tables if table not in request.linked]
    if unsaid:
        raise SdmxmigError(
            f"The source of {', '.join(unsaid)} is missing.",
            hint=f"Add it under its name in the links: --linked {unsaid[0]}=SOURCE.",
        )
    if DOCUMENTS.name in request.files:
        raise SdmxmigError(
            "Links and documents cannot both identify the persons of movements.",
            hint="Use one of them: --links or --documents.",
        )
    sources = {table: request.linked[table] for table in tables}
    return linked(taken, sources, row_numbers_of(request.files[LINKS.name]))


def check_basis(request: DeriveRequest, movements: Path, rule: ResidenceRule) -> None:
    if rule.by_nights_alone and request.basis != ACTUAL:
        raise SdmxmigError(f"{rule.code} counts nights only.", hint=f"Use --basis {ACTUAL}, or another rule.")
    column = STATED_IN.get(request.basis)
    if column and pl.scan_parquet(movements).select(pl.col(column).is_null().all()).collect().item():
        raise SdmxmigError(
            f"No movement states how long stays were {'granted' if request.basis == GRANTED else 'intended'}.",
            hint=f"Add the column {column} to the movements, or leave out --basis.",
        )


def with_movements(request: DeriveRequest, paths: dict[str, Path], rule: ResidenceRule) -> dict[str, Path]:
    """Add the movements of persons, joined by documents."""
    by_permits = PERMITS.name in paths
    if NIGHTS.name in paths:
        check_traces(request)
        return paths
    if by_permits != (request.rule == PERMIT) or (by_permits and MOVEMENTS.name in paths):
        raise SdmxmigError(
            f"{PERMIT} applies to permits, all other rules to movements.",
            hint="Use --permits with --rule PERMIT, or --movements with another rule.",
        )
    if request.bridged:
        raise SdmxmigError("Only traces have gaps that can be filled.", hint="Leave out --bridge, or add --nights.")
    if MOVEMENTS.name in paths:
        check_basis(request, paths[MOVEMENTS.name], rule)
    if by_permits and request.basis not in (ACTUAL, GRANTED):
        raise SdmxmigError("Permits state granted stays only.", hint=f"Use --basis {GRANTED}, or leave it out.")
    if DOCUMENTS.name in paths and MOVEMENTS.name in paths:
        return {**paths, MOVEMENTS.name: of_persons(paths[MOVEMENTS.name], paths[DOCUMENTS.name])}
    return paths


def check_traces(request: DeriveRequest) -> None:
    """Reject options that phone data do not support: other moves, the permit rule, intentions, documents."""
    others = [name for name in (MOVEMENTS.name, PERMITS.name, DOCUMENTS.name) if name in request.files]
    if others:
        raise SdmxmigError(
            f"Nights of traces cannot be combined with {', '.join(others)}.", hint="Run derive once for each of them."
        )
    if request.rule == PERMIT or request.basis != ACTUAL:
        raise SdmxmigError(
            "Traces show actual stays only.", hint=f"Use a rule other than {PERMIT}, and --basis {ACTUAL}."
        )


READ = (MOVEMENTS, PERSONS, CITIZENSHIPS, NIGHTS, PERMITS)


def tables_of(paths: Mapping[str, Path]) -> dict[str, Path]:
    return {table.name: paths[table.name] for table in READ if table.name in paths}


def records_of(engine: Engine, paths: Mapping[str, Path]) -> Records:
    frames = {name: scanned(engine, path) for name, path in tables_of(paths).items()}
    return Records(
        frames.get(MOVEMENTS.name),
        persons=frames.get(PERSONS.name),
        citizenships=frames.get(CITIZENSHIPS.name),
        nights=frames.get(NIGHTS.name),
        permits=frames.get(PERMITS.name),
    )


@dataclass(frozen=True, slots=True)
class Divided:
    """A question about records in parts, each read in turn."""

    engine: Engine
    parts: Sequence[Mapping[str, Path]]
    _: KW_ONLY
    question: Question
    bridged: int = 0

    def __iter__(self) -> Iterator[Derivation]:
        for paths in self.parts:
            engine = self.engine.for_part()
            records = replace(records_of(engine, paths), bridged=self.bridged)
            yield Derivation(engine, records, question=self.question)

    def shares(self) -> tuple[pl.DataFrame, ...] | None:
        return shares_over(self) if len(self.parts) > 1 else None


PREFIX = "sdmxmig-records-"
OWNER = "owner"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Open a private scratch folder; removes leftovers of killed commands."""
    clear_left()
    while True:
        with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
            folder = Path(name)
            with (folder / OWNER).open("xb") as file:
                if held(file, folder / OWNER):
                    yield folder
                    return


def held(file: BinaryIO, path: Path) -> bool:
    try:
        return take(file) and stands(file, path)
    except OSError:  # no locks on this disk: whether the folder is abandoned is unknown, so it stays
        return True


def clear_left() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if is_mine(folder):
                remove_left(folder)


def is_mine(folder: Path) -> bool:
    mine = folder.lstat().st_uid == os.getuid() if hasattr(os, "getuid") else True
    return mine and folder.is_dir() and not folder.is_symlink()


def remove_left(folder: Path) -> None:
    with (folder / OWNER).open("rb+") as file:
        if take(file):
            if sys.platform == "win32":  # systems that cannot remove open files
                file.close()
            shutil.rmtree(folder, ignore_errors=True)
