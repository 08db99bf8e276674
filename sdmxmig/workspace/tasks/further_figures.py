"""Derivation requests, and further figures from records: temporary, return and circular mobility, and overstays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.records.circular import build_circular_rows, count_circular, count_returns, sum_returns
from sdmxmig.records.counting import find_unreliable_flows
from sdmxmig.records.residence_rules import ACTUAL, GRANTED
from sdmxmig.records.rows import MOTHER
from sdmxmig.records.temporary import (
    ITEM_NAMES,
    build_overstay_rows,
    build_temporary_rows,
    find_move_reliability,
    sum_overstays,
    sum_temporary,
)
from sdmxmig.workspace.requests.tasks import (
    DeriveChoices,
    check_file,
    check_within,
    collect_files,
    parse_day,
    parse_pairs,
)

if TYPE_CHECKING:
    from sdmxmig.primitives.lazily import pl
    from sdmxmig.records.counting import Counts, Statement
    from sdmxmig.records.doubtful_records import Doubt
    from sdmxmig.records.residence_rules import Derivation, Events, Question
    from sdmxmig.sdmx.model.data import Dataset, Flow


YEARLY, LAST_MONTH = "A", 12
MONTHS = {YEARLY: 12, "Q": 3, "M": 1}
FREQUENCIES = {"year": "A", "quarter": "Q", "month": "M"}
"""Codes of `CL_FREQ` by names of periods."""
TEMPORARY, RETURN, OVERSTAYS = "temporary", "return", "overstays"
CIRCULAR, REVISIONS = "circular", "revisions"
MAX_GAP_DAYS = 366
TABLES = ("movements", "nights", "permits", "documents", "links", "persons", "citizenships")


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """A derivation request.

    Records are complete from `first` to `last`; `years` are by default all complete years. `every` is A, Q or M.
    `changes` override rule parameters. `birth_place` is a code of `CL_BIRTH_PLACE`, `source_type` of `CL_SRC_TYPE`.
    Gaps of up to `bridged` nights are filled. `linked` gives the sources of tables. `also` names further figures.
    `earlier` is a day for revisions.
    """

    area: str
    rule: str
    _: KW_ONLY
    files: Mapping[str, Path]
    first: date | None = None
    last: date | None = None
    years: tuple[int, ...] = ()
    every: str = YEARLY
    year_ends: int = LAST_MONTH
    basis: str = ACTUAL
    birth_place: str = MOTHER
    bridged: int = 0
    source_type: str = ""
    linked: Mapping[str, str] = field(default_factory=dict)
    linkage: Path | None = None
    changes: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    earlier: date | None = None
    memory: str = "4GB"


def build_derive_request(choices: DeriveChoices) -> DeriveRequest:
    """Check the choices of a user; raise `SdmxmigError` for impossible choices and missing files."""
    changes = parse_pairs(choices.parameters, "--set THRESHOLD_DAYS=183")
    return DeriveRequest(
        choices.area,
        choices.rule,
        files=collect_files(choices, *TABLES),
        first=parse_day(choices.first, "--from"),
        last=parse_day(choices.last, "--to"),
        years=tuple(choices.years),
        earlier=parse_day(choices.earlier, "--earlier"),
        every=FREQUENCIES[choices.every],
        year_ends=check_within(choices.year_ends, LAST_MONTH, least=1, option="--year-ends"),
        basis=choices.basis,
        bridged=check_within(choices.bridge, MAX_GAP_DAYS, least=0, option="--bridge"),
        birth_place=choices.birth_place,
        source_type=choices.source_type,
        linked=parse_pairs(choices.linked, "--linked movements=border"),
        linkage=check_file(choices.linkage),
        changes=tuple((name, str(value)) for name, value in changes.items()),
        also=tuple(choices.also),
        memory=choices.memory,
    )


NAME_SEPARATOR = "/"
"""The separator between a measure and one of its sums."""


@dataclass(frozen=True, slots=True)
class FurtherFigures:
    sums: Callable[[Derivation, Events, Mapping[str, Flow]], Counts]
    data: Callable[[Question, Counts, Mapping[str, Flow], Statement], Dataset]
    _: KW_ONLY
    by_rule: bool = True


def count_overstays(question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    years = all(period.is_calendar_year for period in question.periods)
    day = {**statement.dataset, "REF_DATE": "D1231" if years else "OTH", "DUR_BASIS": GRANTED}
    return build_overstay_rows(question, counts, flows, replace(statement, dataset=day))


FIGURE_KINDS: Mapping[str, FurtherFigures] = {
    TEMPORARY: FurtherFigures(sum_temporary, build_temporary_rows),
    RETURN: FurtherFigures(sum_returns, count_returns),
    OVERSTAYS: FurtherFigures(sum_overstays, count_overstays, by_rule=False),
    CIRCULAR: FurtherFigures(count_circular, build_circular_rows, by_rule=False),
}


def sum_further(
    names: Collection[str], derivation: Derivation, events: Events, flows: Mapping[str, Flow]
) -> dict[str, pl.DataFrame]:
    return {
        f"{name}{NAME_SEPARATOR}{part}": frame
        for name, further in FIGURE_KINDS.items()
        if name in names
        for part, frame in further.sums(derivation, events, flows).items()
    }


def collect_further_data(
    question: Question, sums: Counts, flows: Mapping[str, Flow], statements: Mapping[bool, Statement]
) -> list[Dataset]:
    datasets = []
    for name, further in FIGURE_KINDS.items():
        if own := select_own_sums(name, sums):
            datasets.append(further.data(question, own, flows, statements[further.by_rule]))
    return datasets


def select_own_sums(name: str, sums: Counts) -> Counts:
    return {
        key.removeprefix(name + NAME_SEPARATOR): frame
        for key, frame in sums.items()
        if key.startswith(name + NAME_SEPARATOR)
    }


def list_unreliable_moves(sums: Counts, table: str) -> Iterator[Doubt]:
    if own := select_own_sums(TEMPORARY, sums):
        yield from find_unreliable_flows(find_move_reliability(own), ITEM_NAMES, table)
