"""Tables of records in a request, and statements of derived figures."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import BinaryIO

from sdmxmig.io.intake.files import hash_file
from sdmxmig.io.publishing.files import is_in_place, take
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import Counts, Statement
from sdmxmig.records.derivation import OUTCOMES
from sdmxmig.records.files import (
    CITIZENSHIPS,
    DOCUMENTS,
    LINKS,
    MOVEMENTS,
    NIGHTS,
    PERMITS,
    PERSONS,
    SIMULATED,
    number_rows,
)
from sdmxmig.records.linkage_errors import (
    AGREEING,
    BETWEEN,
    PROBABLE,
    SHARE_MEASURES,
    UNMEASURED_NOTE,
    LinkedTables,
    link_tables,
    read_linkage_errors,
)
from sdmxmig.records.reading import SIMULATION_NOTICE
from sdmxmig.records.residence_rules import (
    ACTUAL,
    GRANTED,
    INTENDED,
    MISSING_RECORD,
    MIXED,
    OPEN_SPELL,
    PERMIT,
    Derivation,
    Events,
    Question,
    ResidenceRule,
)
from sdmxmig.records.rows import AGE_DEFINITION, REACHED, to_date
from sdmxmig.records.traces import replace_documents_by_persons, select_persons_lost_at_end
from sdmxmig.workspace.tasks.further_figures import DeriveRequest

LINKABLE_TABLES = (MOVEMENTS, NIGHTS, PERMITS, PERSONS, CITIZENSHIPS)
"""The tables whose `person` may be the record of a source."""
COLUMN_BY_BASIS = {INTENDED: "intended_days", MIXED: "intended_days", GRANTED: "granted_days"}


def replace_linked_records(request: DeriveRequest, taken: Mapping[str, Path]) -> LinkedTables | None:
    """Replace records by linked persons; None without links. Raises `SdmxmigError` for tables without a source."""
    tables = [table.name for table in LINKABLE_TABLES if table.name in request.files]
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
    return link_tables(taken, sources, number_rows(request.files[LINKS.name]))


def check_basis(request: DeriveRequest, movements: Path, rule: ResidenceRule) -> None:
    if rule.by_nights_alone and request.basis != ACTUAL:
        raise SdmxmigError(f"{rule.code} counts nights only.", hint=f"Use --basis {ACTUAL}, or another rule.")
    column = COLUMN_BY_BASIS.get(request.basis)
    if column and pl.scan_parquet(movements).select(pl.col(column).is_null().all()).collect().item():
        raise SdmxmigError(
            f"No movement states how long stays were {'granted' if request.basis == GRANTED else 'intended'}.",
            hint=f"Add the column {column} to the movements, or leave out --basis.",
        )


def add_movements(request: DeriveRequest, paths: dict[str, Path], rule: ResidenceRule) -> dict[str, Path]:
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
        return {**paths, MOVEMENTS.name: replace_documents_by_persons(paths[MOVEMENTS.name], paths[DOCUMENTS.name])}
    return paths


def check_traces(request: DeriveRequest) -> None:
    """Raise `SdmxmigError` for options that phone data do not support, such as movements, permits or documents."""
    others = [name for name in (MOVEMENTS.name, PERMITS.name, DOCUMENTS.name) if name in request.files]
    if others:
        raise SdmxmigError(
            f"Nights of traces cannot be combined with {', '.join(others)}.", hint="Run derive once for each of them."
        )
    if request.rule == PERMIT or request.basis != ACTUAL:
        raise SdmxmigError(
            "Traces show actual stays only.", hint=f"Use a rule other than {PERMIT}, and --basis {ACTUAL}."
        )


READ_TABLES = (MOVEMENTS, PERSONS, CITIZENSHIPS, NIGHTS, PERMITS)


def select_tables(paths: Mapping[str, Path]) -> dict[str, Path]:
    return {table.name: paths[table.name] for table in READ_TABLES if table.name in paths}


PREFIX = "sdmxmig-records-"
OWNER_FILE = "owner"


@contextmanager
def open_scratch_folder() -> Iterator[Path]:
    """Open a private temporary folder, and remove those left by killed commands."""
    remove_leftover_folders()
    while True:
        with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
            folder = Path(name)
            with (folder / OWNER_FILE).open("xb") as file:
                if is_held(file, folder / OWNER_FILE):
                    yield folder
                    return


def is_held(file: BinaryIO, path: Path) -> bool:
    try:
        return take(file) and is_in_place(file, path)
    except OSError:  # no locks on this disk: whether the folder is abandoned is unknown, so it stays
        return True


def remove_leftover_folders() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if is_own_folder(folder):
                remove_leftover_folder(folder)


def is_own_folder(folder: Path) -> bool:
    mine = folder.lstat().st_uid == os.getuid() if hasattr(os, "getuid") else True
    return mine and folder.is_dir() and not folder.is_symlink()


def remove_leftover_folder(folder: Path) -> None:
    with (folder / OWNER_FILE).open("rb+") as file:
        if take(file):
            if sys.platform == "win32":  # systems that cannot remove open files
                file.close()
            shutil.rmtree(folder, ignore_errors=True)


HASH_SHOWN = 12

LATER_DAYS_NOTE = (
    "who arrived within the {rule.window_months} months before a reference date counts by the nights of the "
    "{rule.intention_window_months} months after the arrival, and figures are provisional until these have passed"
)


@dataclass(frozen=True, slots=True)
class Caveats:
    notes: tuple[str, ...]
    method: str
    _: KW_ONLY
    of_flows: tuple[str, ...] = ()
    is_simulated: bool = False


def count_outcomes(sums: Counts) -> dict[str, int]:
    counts = sums[OUTCOMES].group_by("outcome").agg(pl.col("crossings").sum())
    return dict(sorted(counts.select("outcome", "crossings").rows()))


def build_statement(
    request: DeriveRequest, question: Question, outcomes: Mapping[str, int], remarks: Caveats, *, by_rule: bool = True
) -> Statement:
    rule = question.rule
    unknown = outcomes.get(MISSING_RECORD, 0)
    ahead = [LATER_DAYS_NOTE.format(rule=rule)] if rule.intention_months and request.basis == ACTUAL else []
    unjudged = [
        f"{unknown:,} crossings in these periods could not be judged, since a record before or after is missing",
        f"{outcomes.get(OPEN_SPELL, 0):,} are still open",
    ]
    notes = [
        *([SIMULATION_NOTICE] if remarks.is_simulated else []),
        *([describe_rule(rule), *ahead] if by_rule else []),
        f"records complete from {to_date(question.observation.first)} to {to_date(question.observation.until - 1)}",
        *remarks.notes,
        *describe_linkage(request),
        *([f"country of birth by {request.birth_place} of CL_BIRTH_PLACE"] if PERSONS.name in request.files else []),
        *([*remarks.of_flows, *unjudged] if by_rule else []),
    ]
    return Statement(
        {
            "RES_RULE": rule.code if by_rule else "",
            "DUR_BASIS": GRANTED if rule.by_permits else request.basis,
            "REF_DATE": "_Z",
            AGE_DEFINITION: REACHED,
            "COMMENT_DSET": "; ".join(notes) + ".",
        },
        observation={
            "FREQ": request.every,
            "REF_AREA": request.area,
            "UNIT_MEASURE": "PS",
            "UNIT_MULT": "0",
            "SRC_TYPE": request.source_type or find_source(request),
            **({"INTEG_METHOD": remarks.method} if remarks.method else {}),
            "SOURCE_DETAIL": describe_sources(request, is_simulated=remarks.is_simulated),
        },
    )


def describe_method(request: DeriveRequest, by_person: LinkedTables | None) -> str:
    if request.linkage:
        return PROBABLE
    if by_person:
        return by_person.method
    return AGREEING if DOCUMENTS.name in request.files else ""


def describe_linkage(request: DeriveRequest) -> list[str]:
    joined = [f"{table} by records of {source}" for table, source in request.linked.items()]
    whose = [f"persons by links of records: {', '.join(joined)}"] if joined else []
    if not request.linkage:
        return whose
    if not {DOCUMENTS.name, LINKS.name} & set(request.files):
        raise SdmxmigError(
            "Linkage errors need links or documents.", hint="Name the linked records with --links or --documents."
        )
    rates = []
    for error in read_linkage_errors(request.linkage):
        if error.measure in SHARE_MEASURES:
            interval = f" ({error.low} to {error.high})" if error.low else ""
            where = "between sources" if error.kind == BETWEEN else "within the source"
            rates.append(f"{error.source} {where} {error.measure} {error.value}{interval} by {error.basis}")
    return [*whose, f"persons by linkage of records: {', '.join(rates) or UNMEASURED_NOTE}"]


def describe_sources(request: DeriveRequest, *, is_simulated: bool = False) -> str:
    files = ", ".join(f"{path.name} (SHA-256 {hash_file(path)[:HASH_SHOWN]})" for path in request.files.values())
    return f"{SIMULATED} records: {files}" if is_simulated else files


def find_source(request: DeriveRequest) -> str:
    if NIGHTS.name in request.files:
        return "MPD"
    return "PER_RES" if PERMITS.name in request.files else "BOR"


CROSSING_NOTES = ["nights belong to where the last crossing of the day leads"]
PERMIT_NOTES = ["nights are those for which a stay is allowed, with its whole length; who is a citizen needs no permit"]


UNSEEN_COLUMN = "unseen"
"""The sum of persons of whom no night is known any more when observation ends."""


def count_unseen(derivation: Derivation, events: Events) -> dict[str, pl.DataFrame]:
    if derivation.records.nights is None:
        return {}
    gone = select_persons_lost_at_end(events.spells, derivation.question.observation)
    return {UNSEEN_COLUMN: pl.DataFrame({"persons": [gone.height]})}


def describe_nights(request: DeriveRequest, sums: Counts) -> list[str]:
    if UNSEEN_COLUMN not in sums:
        return PERMIT_NOTES if PERMITS.name in request.files else CROSSING_NOTES
    lost = sums[UNSEEN_COLUMN]["persons"].sum()
    filled = f"gaps of up to {request.bridged} nights on one side of the border count as nights there"
    return [
        *([filled] if request.bridged else []),
        "nights that no record shows are unknown; a crossing in a gap is dated by the first night known again",
        f"of {lost:,} persons no night is known any more when observation ends",
    ]


def describe_rule(rule: ResidenceRule) -> str:
    facts = {
        "anchor": rule.anchor,
        "continuity": rule.continuity,
        "threshold_days": rule.threshold_days,
        "threshold_months": None if rule.threshold_days else rule.threshold_months,
        "before_days": rule.before_days,
        "window_days": rule.window_days,
        "window_months": None if rule.window_days else rule.window_months,
        "absence_days": rule.absence_days or None,
        "absence_months": rule.absence_months or None,
        "intention_months": rule.intention_months,
        "intention_window_months": rule.intention_window_months,
        "parameters": rule.status,
    }
    listed = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
    set_so = "".join(f", {name} set by the request" for name, _ in rule.changed)
    return f"rule {rule.code}: {listed}{set_so}"
