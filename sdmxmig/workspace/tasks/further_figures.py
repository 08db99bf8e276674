"""Further figures: temporary mobility, overstays, return, circular mobility."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from sdmxmig.records.circular import circular_in, circular_sums
from sdmxmig.records.crossing_rules import GRANTED
from sdmxmig.records.overstays import overstay_sums, overstays_in
from sdmxmig.records.reliability import unreliable
from sdmxmig.records.returning import return_sums, returns_in
from sdmxmig.records.temporary import NAMES, reliability_of_moves, temporary_in, temporary_sums
from sdmxmig.workspace.tasks.derive_request import CIRCULAR, OVERSTAYS, RETURN, TEMPORARY

if TYPE_CHECKING:
    from sdmxmig.primitives.lazily import pl
    from sdmxmig.records.counting import Counts, Statement
    from sdmxmig.records.doubtful import Doubt
    from sdmxmig.records.questions import Derivation, Events, Question
    from sdmxmig.sdmx.model.data import Dataset, Flow

BELONGS = "/"
"""Between the name of what is counted and that of one of its sums."""


@dataclass(frozen=True, slots=True)
class FurtherFigures:
    """How something is summed over a part of the persons, and which data the sums of all parts make."""

    sums: Callable[[Derivation, Events, Mapping[str, Flow]], Counts]
    data: Callable[[Question, Counts, Mapping[str, Flow], Statement], Dataset]
    _: KW_ONLY
    by_rule: bool = True


def overstays(question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    years = all(period.is_calendar_year for period in question.periods)
    day = {**statement.dataset, "REF_DATE": "D1231" if years else "OTH", "DUR_BASIS": GRANTED}
    return overstays_in(question, counts, flows, replace(statement, dataset=day))


FIGURES: Mapping[str, FurtherFigures] = {
    TEMPORARY: FurtherFigures(temporary_sums, temporary_in),
    RETURN: FurtherFigures(return_sums, returns_in),
    OVERSTAYS: FurtherFigures(overstay_sums, overstays, by_rule=False),
    CIRCULAR: FurtherFigures(circular_sums, circular_in, by_rule=False),
}


def further_sums(
    names: Collection[str], derivation: Derivation, events: Events, flows: Mapping[str, Flow]
) -> dict[str, pl.DataFrame]:
    return {
        f"{name}{BELONGS}{part}": frame
        for name, further in FIGURES.items()
        if name in names
        for part, frame in further.sums(derivation, events, flows).items()
    }


def further_data(
    question: Question, sums: Counts, flows: Mapping[str, Flow], statements: Mapping[bool, Statement]
) -> list[Dataset]:
    datasets = []
    for name, further in FIGURES.items():
        if own := own_sums(name, sums):
            datasets.append(further.data(question, own, flows, statements[further.by_rule]))
    return datasets


def own_sums(name: str, sums: Counts) -> Counts:
    return {key.removeprefix(name + BELONGS): frame for key, frame in sums.items() if key.startswith(name + BELONGS)}


def unreliable_moves(sums: Counts, table: str) -> Iterator[Doubt]:
    if own := own_sums(TEMPORARY, sums):
        yield from unreliable(reliability_of_moves(own), NAMES, table)
