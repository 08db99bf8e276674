"""From records to figures: the records of one country, a rule of residence, and what is to be said of which periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.lazily import nw
from sdmxmig.records.counting import CERTAIN, Row, Statement, dataset_of, figure_of, summed_by
from sdmxmig.records.crossing_rules import ACTUAL, outcomes_of
from sdmxmig.records.engines import Engine, kept
from sdmxmig.records.outcomes import EMIGRANT, IMMIGRANT, OPEN_SPELL
from sdmxmig.records.people import described
from sdmxmig.records.rows import text, whole
from sdmxmig.records.spells import CROSSING, spells_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.model.data import Dataset, Flow
    from sdmxmig.records.observation import Observation
    from sdmxmig.records.residence_rules import ResidenceRule
    from sdmxmig.records.rows import Rows

PERIOD = "TIME_PERIOD"
FLOWS = {"I": "DF_IMM", "E": "DF_EMI"}
OF_PERSONS = (("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("C_BIRTH",), ("C_CITIZEN",))
"""By what flows are broken down where persons are known."""
PROVISIONAL, NORMAL = "P", "A"
PRELIMINARY, FINAL = "PREL", "FINAL"


@dataclass(frozen=True, slots=True)
class Period:
    """A period of which figures are asked: its text in SDMX, its first day, and the day after its last, as numbers."""

    label: str
    begin: int
    _: KW_ONLY
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of records: under which rule, on which basis, over which periods of the observation."""

    rule: ResidenceRule
    observation: Observation
    _: KW_ONLY
    periods: tuple[Period, ...]
    basis: str = ACTUAL


@dataclass(frozen=True, slots=True)
class Records:
    """The tables of records of a country, each a frame of the engine; only movements are always there."""

    movements: Rows
    _: KW_ONLY
    persons: Rows | None = None
    citizenships: Rows | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """A question that is asked of records on an engine."""

    engine: Engine
    records: Records
    _: KW_ONLY
    question: Question


def events_of(derivation: Derivation) -> Rows:
    """What every crossing turned out to be, with the weight that it has in figures and the period that it falls in.

    Columns: `person`, `at` (the day), `direction`, `outcome`, `basis`, `weight` in thousandths, `open` (1 where later
    records will decide), `TIME_PERIOD` (null outside the periods), `c_residence` and `purpose`.
    """
    engine, records, question = derivation.engine, derivation.records, derivation.question
    spells = spells_of(records.movements, records.persons, question.observation, lying=engine.sorts_once)
    outcomes = outcomes_of(
        kept(engine, spells, "spells"),
        question.rule,
        question.observation,
        basis=question.basis,
        lying=engine.sorts_once,
    )
    event = (nw.col("outcome") == IMMIGRANT) | (nw.col("outcome") == EMIGRANT)
    weighed = outcomes.filter(nw.col("origin") == CROSSING).with_columns(
        at=nw.col("begin"),
        weight=nw.when(event).then(whole(CERTAIN)).otherwise(whole(0)),
        open=nw.when(nw.col("outcome") == OPEN_SPELL).then(whole(1)).otherwise(whole(0)),
    )
    columns = ("person", "at", "direction", "outcome", "basis", "weight", "open", PERIOD, "c_residence", "purpose")
    return kept(engine, weighed.with_columns(**{PERIOD: period_of(question.periods)}).select(*columns), "events")


def period_of(periods: Sequence[Period]) -> nw.Expr:
    """The period that the day `at` falls in."""
    label = text(None)
    for period in periods:
        within = (nw.col("at") >= period.begin) & (nw.col("at") < period.end)
        label = nw.when(within).then(nw.lit(period.label)).otherwise(label)
    return label


def flows_of(derivation: Derivation, events: Rows, flows: Mapping[str, Flow], statement: Statement) -> list[Dataset]:
    """Immigration and emigration by period: totals, by previous or next residence, and by what is known of persons.

    Figures of a period in which crossings are still open are provisional (``P``), preliminary ones (``PREL``).
    """
    engine, records, question = derivation.engine, derivation.records, derivation.question
    rows = events.filter(~nw.col(PERIOD).is_null()).with_columns(C_RESIDENCE=nw.col("c_residence").fill_null("_U"))
    groups: list[tuple[str, ...]] = [(), ("C_RESIDENCE",)]
    if records.persons is not None:
        rows = described(rows, records.persons, records.citizenships, question.observation)
        groups += OF_PERSONS
    sums = summed_by(engine, rows, groups, always=["direction", PERIOD])
    unsettled = {(row["direction"], row[PERIOD]) for row in sums.iter_rows(named=True) if row["open"]}
    by_direction: dict[str, list[Row]] = {direction: [] for direction in FLOWS}
    names = [name for name in sums.columns if name not in ("direction", "weight", "open")]
    for row in sums.iter_rows(named=True):
        status = PROVISIONAL if (row["direction"], row[PERIOD]) in unsettled else NORMAL
        by_direction[row["direction"]].append(
            {
                **{name: row[name] for name in names},
                "REF_AREA": question.observation.area,
                "FREQ": "A",
                "DIRECTION": row["direction"],
                "UNIT_MEASURE": "PS",
                "UNIT_MULT": "0",
                "OBS_VALUE": figure_of(row["weight"]),
                "OBS_STATUS": status,
                "REV_STAGE": PRELIMINARY if status == PROVISIONAL else FINAL,
            }
        )
    return [dataset_of(flows[FLOWS[direction]], rows, statement) for direction, rows in by_direction.items() if rows]
