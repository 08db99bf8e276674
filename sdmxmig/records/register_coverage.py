"""From tables of records to what coverage is judged by: who is on which list, in which group, with which signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from sdmxmig.demography.signs_of_life import (
    Reliability,
    ResidenceIndex,
    index_of,
    reliability_of,
    trained,
    unregistered_exits,
)
from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import np, pl
from sdmxmig.records.days import number_of
from sdmxmig.records.observation import Observation
from sdmxmig.records.people import described
from sdmxmig.records.population_groups import Group
from sdmxmig.records.rows import in_memory

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANY_SIGN = "any"
"""The kind of signs whose table does not name one."""
MOST_YEARS = 40
DIMENSIONS = ("SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN")
"""By what groups of persons can be told apart."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The country and the 1 January of the year of which lists are."""

    area: str
    year: int


@dataclass(frozen=True, slots=True)
class People:
    """What is known of persons: the table of persons and that of changes of citizenship, if there are."""

    persons: pl.DataFrame
    _: KW_ONLY
    citizenships: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SignYears:
    """Signs of life by kind: arrays of persons by years, the last of which ends before the reference date."""

    persons: pl.Series
    years: tuple[int, ...]
    _: KW_ONLY
    kinds: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """An index of residence, how well it tells, and which share of residents it says to have left in which year."""

    index: ResidenceIndex
    reliability: Reliability
    _: KW_ONLY
    false_exits: Mapping[int, float]


def joined(lists: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Everybody who is on a list, with the history as a number: bit i is set for who is on list i.

    Columns: person, history; a row a person, in the order of their texts. A person who is on a list several times
    counts once. Raises `SdmxmigError` for two lists with the same persons: they tell nothing of each other.
    """
    marks = [
        frame.select("person").unique().with_columns(history=pl.lit(1 << number, dtype=pl.Int64))
        for number, frame in enumerate(lists.values())
    ]
    listed = pl.concat(marks).group_by("person").agg(pl.col("history").sum()).sort("person")
    for (first, name), (second, other) in combinations(enumerate(lists), 2):
        both = (1 << first) | (1 << second)
        if listed.height and (listed["history"] & both).is_in([0, both]).all():
            raise SdmxmigError(
                f"{name} and {other} have the same persons.", hint="Name lists that know nothing of each other."
            )
    return listed


def in_groups(listed: pl.DataFrame, by: Sequence[str], people: People | None, reference: Reference) -> pl.DataFrame:
    """Persons with a column for each dimension that they are grouped by, as of the day before the reference date.

    Raises `SdmxmigError` for a dimension that there is none of, and where persons are not known.
    """
    wrong = [name for name in by if name not in DIMENSIONS or list(by).count(name) > 1]
    if wrong:
        hint = f"There are, each once: {', '.join(DIMENSIONS)}."
        raise SdmxmigError(f"Nothing is grouped by {', '.join(wrong)}.", hint=hint)
    if not by:
        return listed
    if people is None:
        raise SdmxmigError("No persons are named.", hint="Name the table of persons with --persons.")
    day = number_of(date(reference.year, 1, 1)) - 1
    observation = Observation(reference.area, day, until=day + 1)
    changes = in_memory(people.citizenships) if people.citizenships is not None else None
    rows = in_memory(listed.with_columns(at=pl.lit(day, dtype=pl.Int64)))
    known = each_once(people.persons, "The table of persons")
    frame: pl.DataFrame = described(rows, in_memory(known), changes, observation).to_native()
    return frame.select("person", "history", *by).sort("person")


def each_once(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows of persons, each once; raises `SdmxmigError` if two rows say different things of the same person."""
    rows = table.unique(maintain_order=True)
    contradicted = rows["person"].is_duplicated().sum()
    if contradicted:
        raise SdmxmigError(
            f"{name} says different things of the same person in {contradicted:,} rows.", hint="Keep one row a person."
        )
    return rows


def groups_of(persons: pl.DataFrame, by: Sequence[str], lists: int, silent: pl.Series | None) -> list[Group]:
    """How many persons of each group have which history, and how many of the register are silent.

    `silent` are the persons whose index is below the threshold; None where no signs are known.
    """
    marked = persons.with_columns(
        silent=pl.col("person").is_in(silent.implode()) & (pl.col("history") % 2 == 1)
        if silent is not None
        else pl.lit(value=False)
    )
    groups = []
    for codes, frame in marked.partition_by(by, as_dict=True).items() if by else [((), marked)]:
        counts = np.bincount(frame["history"].to_numpy(), minlength=1 << lists)
        number = int(frame["silent"].sum()) if silent is not None else None
        groups.append(Group(tuple(map(str, codes)), counts, silent=number))
    return groups


def sign_years(signs: pl.DataFrame, persons: pl.Series, reference: Reference) -> SignYears:
    """Signs of some persons before the reference date, as arrays of persons by years for each kind.

    Raises `SdmxmigError` where there is no sign before, or signs go back further than anybody keeps them.
    """
    past = signs.filter(pl.col("year") < reference.year).with_columns(pl.col("sign").fill_null(ANY_SIGN))
    first = past["year"].min()
    if not isinstance(first, int):
        raise SdmxmigError(
            f"There is no sign of life before {reference.year}.", hint="Name signs of the years before --year."
        )
    if reference.year - first > MOST_YEARS:
        raise SdmxmigError(
            f"Signs of life go back more than {MOST_YEARS} years.",
            hint="Leave out what is older, or correct the years.",
        )
    years = tuple(range(first, reference.year))
    numbers = pl.DataFrame({"record": persons}).with_row_index("row")
    placed = past.join(numbers, on="record", how="inner")
    kinds = {}
    for kind in sorted(past["sign"].unique()):
        counts = np.zeros((len(persons), len(years)))
        of_kind = placed.filter(pl.col("sign") == kind)
        counts[of_kind["row"].to_numpy(), of_kind["year"].to_numpy() - first] = 1.0
        kinds[kind] = counts
    return SignYears(persons, years, kinds=kinds)


def rule_from(training: pl.DataFrame, signs: pl.DataFrame, reference: Reference) -> Rule:
    """An index measured in one half of a training sample, and its errors in the other half.

    Every second person, in the order of their texts, is in the first half. Raises `SdmxmigError` as `trained` does.
    """
    sample = each_once(training, "The training sample").sort("person")
    first, second = sample[::2], sample[1::2]
    index = trained(sign_years(signs, first["person"], reference).kinds, truths(first))
    listed, resident = sign_years(signs, second["person"], reference), truths(second)
    reliability = reliability_of(index_of(listed.kinds, index)[:, -1] >= index.threshold, resident)
    exits = exit_years(listed, silent_persons(listed, index))
    false = exits.join(second.filter("resident"), on="person").group_by("year").len()
    return Rule(index, reliability, false_exits={year: number / resident.sum() for year, number in false.rows()})


def truths(sample: pl.DataFrame) -> NDArray[np.bool_]:
    """Who of a training sample is resident."""
    return np.asarray(sample["resident"].to_numpy(), dtype=bool)


def silent_persons(listed: SignYears, index: ResidenceIndex) -> pl.Series:
    """The persons whose index is below the threshold in the last year."""
    last = index_of(listed.kinds, index)[:, -1]
    return listed.persons.filter(pl.Series(last < index.threshold))


def exit_years(listed: SignYears, silent: pl.Series) -> pl.DataFrame:
    """The persons who left without being taken off the register, with the year; columns: person, year."""
    active = np.any([counts > 0 for counts in listed.kinds.values()], axis=0)
    exits = unregistered_exits(active, listed.persons.is_in(silent.implode()).to_numpy())
    rows, places = np.nonzero(exits)
    return pl.DataFrame(
        {"person": listed.persons.gather(rows.tolist()), "year": np.array(listed.years, dtype=np.int64)[places]},
        schema={"person": pl.String, "year": pl.Int64},
    )
