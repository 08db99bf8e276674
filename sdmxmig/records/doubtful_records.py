"""Doubtful records: duplicates, crossings after death, repeated entries, missing months. Cells are never quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import shift_months
from sdmxmig.primitives.places import Place
from sdmxmig.records.files import (
    CITIZENSHIPS,
    DOCUMENTS,
    MOVEMENTS,
    NIGHTS,
    PERMITS,
    PERSONS,
    RecordTable,
    describe_unread_columns,
    number_rows,
)
from sdmxmig.records.rows import ROW, UNKNOWN, Observation, add_row_numbers, locate_row, sort_rows, to_date, to_number
from sdmxmig.sdmx.model.findings import Fault, FindingCollector, Findings, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId

MIN_MONTHLY_CROSSINGS = 20
"""Usual number of crossings a month for which an empty month is reported."""
MAX_DAILY_CROSSINGS, MAX_RATIO_OF_DIRECTIONS = 20, 3
HUNDRED, MAX_AGE = 100, 120
MAX_STAY_DAYS, LAST_PLACE = 36_525, 10**9
"""The longest stay, a hundred years in days, and the last place of a day."""
NUMBERS = {MOVEMENTS.name: {"intended_days": 0, "granted_days": 0, "sequence": -LAST_PLACE}, NIGHTS.name: {"nights": 1}}
MAX_VALUES = {"sequence": LAST_PLACE}
JOURNEY_COLUMNS = ("c_residence", "purpose", "intended_days", "granted_days")
PERSON_COLUMNS = ("sex", "birth_date")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Doubtful rows and their rule; `rows` is None for the whole table."""

    rule: RuleId
    table: str
    rows: pl.Series | None
    column: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def list_absurd_numbers(paths: Mapping[str, Path]) -> Iterator[Doubt]:
    for table, columns in NUMBERS.items():
        if table not in paths:
            continue
        scan = add_row_numbers(pl.scan_parquet(paths[table]))
        for column, least in columns.items():
            most = MAX_VALUES.get(column, MAX_STAY_DAYS)
            wrong = scan.filter((pl.col(column) < least) | (pl.col(column) > most)).select(ROW).collect()[ROW]
            if wrong.len():
                limits = {"column": column, "least": f"{least:,}", "most": f"{most:,}"}
                yield Doubt(RuleId.ABSURD_NUMBER, table, rows=wrong, column=column, parameters=limits)


def clear_absurd_numbers(paths: Mapping[str, Path], doubts: list[Doubt]) -> dict[str, Path]:
    cleared = dict(paths)
    for table in {doubt.table for doubt in doubts}:
        target = paths[table].with_name(f"{table}_without_absurd_numbers.parquet")
        unknown = pl.lit(0 if table == NIGHTS.name else None, dtype=pl.Int64)
        cells = [
            pl.when(~pl.col(column).is_between(least, MAX_VALUES.get(column, MAX_STAY_DAYS)))
            .then(unknown)
            .otherwise(column)
            .alias(column)
            for column, least in NUMBERS[table].items()
        ]
        pl.scan_parquet(paths[table]).with_columns(cells).sink_parquet(target)
        cleared[table] = target
    return cleared


def list_unread_columns(files: Iterable[tuple[str, Path, RecordTable]]) -> Iterator[Doubt]:
    for name, path, table in files:
        if columns := describe_unread_columns(path, table):
            yield Doubt(RuleId.UNREAD_COLUMNS, name, rows=None, parameters={"columns": columns})


def find_doubts(paths: Mapping[str, Path], observation: Observation) -> Iterator[Doubt]:
    persons = read(paths, PERSONS.name)
    for table in (MOVEMENTS.name, NIGHTS.name, CITIZENSHIPS.name, PERMITS.name):
        rows = read(paths, table)
        if rows is None:
            continue
        if table == PERMITS.name:
            rows = rows.rename({"begin": "date"})
        yield Doubt(RuleId.REPEATED, table, rows=find_repeated_rows(rows))
        if persons is not None:
            yield from compare_with_register(rows, persons, table)
        if table == MOVEMENTS.name:
            yield from find_crossing_doubts(rows, persons, observation)
        elif table == NIGHTS.name:
            yield from find_night_doubts(rows, observation)
        elif table == PERMITS.name:
            yield find_rows_outside_observation(rows, table, observation)
        else:
            another = pl.col("c_citizen") != pl.col("c_citizen").first().over("person", "date", order_by=ROW)
            yield Doubt(RuleId.TWO_CITIZENSHIPS, table, rows=rows.filter(another)[ROW], column="c_citizen")
            if persons is not None:
                gains = find_gains_after_unknown(rows, persons, observation)
                yield Doubt(RuleId.CITIZEN_AFTER_UNKNOWN, table, rows=gains, column="c_citizen")
    if persons is not None:
        yield from find_person_doubts(persons, observation)


def read(paths: Mapping[str, Path], table: str) -> pl.DataFrame | None:
    if table not in paths:
        return None
    return add_row_numbers(pl.scan_parquet(paths[table], hive_partitioning=False)).collect().sort(ROW)


def find_gains_after_unknown(rows: pl.DataFrame, persons: pl.DataFrame, observation: Observation) -> pl.Series:
    days = rows.group_by("person", "date").agg(
        pl.col(ROW).min(), pl.when(pl.col("c_citizen").n_unique() == 1).then(pl.col("c_citizen").first())
    )
    first = persons.select("person", register="c_citizen")
    known = days.sort("person", "date").join(first, on="person", how="left", maintain_order="left")
    is_first = pl.col("person").is_first_distinct()
    before = pl.when(is_first).then("register").otherwise(pl.col("c_citizen").shift()).replace(UNKNOWN, None)
    watched = pl.col("date").is_between(to_date(observation.first), to_date(observation.until), closed="left")
    return known.filter(before.is_null() & (pl.col("c_citizen") == observation.area) & watched)[ROW]


def find_repeated_rows(rows: pl.DataFrame) -> pl.Series:
    alike = rows.filter(pl.struct("person", "date").is_duplicated())
    return alike.filter(~pl.struct(pl.exclude(ROW)).is_first_distinct())[ROW]


def compare_with_register(rows: pl.DataFrame, persons: pl.DataFrame, table: str) -> Iterator[Doubt]:
    known = persons.select("person", born="birth_date", died="death_date")
    both = rows.select(ROW, "person", "date").join(known, on="person", how="left")
    yield Doubt(RuleId.BEFORE_BIRTH, table, rows=both.filter(pl.col("date") < pl.col("born"))[ROW], column="date")
    yield Doubt(RuleId.AFTER_DEATH, table, rows=both.filter(pl.col("date") > pl.col("died"))[ROW], column="date")
    named = {"column": "person", "register": PERSONS.name}
    strangers = rows.join(known, on="person", how="anti")[ROW]
    yield Doubt(RuleId.NO_PERSON, table, rows=strangers, column="person", parameters=named)


def find_person_doubts(persons: pl.DataFrame, observation: Observation) -> Iterator[Doubt]:
    early = persons.filter(pl.col("death_date") < pl.col("birth_date"))[ROW]
    yield Doubt(RuleId.DEATH_BEFORE_BIRTH, PERSONS.name, rows=early, column="death_date")
    oldest = shift_months(to_date(observation.until), -12 * MAX_AGE)
    alive = persons.filter((pl.col("birth_date") < oldest) & pl.col("death_date").is_null())[ROW]
    years = {"most": str(MAX_AGE)}
    yield Doubt(RuleId.TOO_OLD, PERSONS.name, rows=alive, column="birth_date", parameters=years)


def find_crossing_doubts(rows: pl.DataFrame, persons: pl.DataFrame | None, observation: Observation) -> Iterator[Doubt]:
    name = MOVEMENTS.name
    first, last = to_date(observation.first), to_date(observation.until)
    outside = rows.filter(~pl.col("date").is_between(first, last, closed="left"))[ROW]
    yield Doubt(RuleId.OUTSIDE, name, rows=outside, column="date")
    own = rows.filter(pl.col("c_residence") == observation.area)[ROW]
    yield Doubt(RuleId.OWN_COUNTRY, name, rows=own, column="c_residence")
    yield Doubt(RuleId.CONTRADICTED_RECORD, name, rows=find_contradictory_rows(rows))
    yield from find_identity_doubts(rows, persons)
    days = list_event_days(rows)
    unordered = (pl.col("turns") > 0) & ((pl.col("order") == pl.col("last")) | (pl.col("timeless") > 0))
    yield Doubt(RuleId.UNORDERED_DAY, name, rows=days.filter(unordered)[ROW], column="sequence")
    often = {"most": str(MAX_DAILY_CROSSINGS)}
    crowded = days.filter(pl.col("crossings") > MAX_DAILY_CROSSINGS)[ROW]
    yield Doubt(RuleId.CROWDED_DAY, name, rows=crowded, column="person", parameters=often)
    # If the order of an entry and exit on a day is unknown, one order always fits.
    telling = days.filter(~unordered)
    after = (pl.col("begins") == pl.col("ends").shift(1)) & (pl.col("person") == pl.col("person").shift(1))
    again = telling.filter(after)
    for rule, inward in ((RuleId.ENTRY_AFTER_ENTRY, 1), (RuleId.EXIT_AFTER_EXIT, 0)):
        yield Doubt(rule, name, rows=again.filter(pl.col("begins") == inward)[ROW], column="direction")
    if persons is not None:
        yield from list_contradicting_residence(rows, telling, persons, observation)


def find_contradictory_rows(rows: pl.DataFrame) -> pl.Series:
    moment = ("person", "date", "direction", "order")
    alike = rows.with_columns(order=pl.col("sequence").fill_null(0)).filter(pl.struct(moment).is_duplicated())
    journey = pl.struct(JOURNEY_COLUMNS)
    return alike.filter(journey.ne_missing(journey.first().over(moment, order_by=ROW)))[ROW]


def find_identity_doubts(rows: pl.DataFrame, persons: pl.DataFrame | None) -> Iterator[Doubt]:
    for column in PERSON_COLUMNS:
        marks = rows.select(ROW, "person", recorded=column).filter(pl.col("recorded").is_not_null())
        marks = marks.with_columns(known=pl.col("recorded").first().over("person", order_by=ROW))
        if persons is not None:
            registered = persons.select("person", registered=column)
            marks = marks.join(registered, on="person", how="left")
            marks = marks.with_columns(known=pl.coalesce("registered", "known"))
        other = marks.filter(pl.col("recorded") != pl.col("known"))[ROW]
        named = {"column": column}
        yield Doubt(RuleId.PERSON_CONTRADICTED, MOVEMENTS.name, rows=other, column=column, parameters=named)


def list_event_days(rows: pl.DataFrame) -> pl.DataFrame:
    """List each person's days with events, and the first and last location.

    If entry and exit have no order, the exit is first. `timeless` crossings have no order; `turns` change direction.
    """
    marked = rows.select(
        ROW,
        person=pl.col("person").rank("dense").cast(pl.Int64),
        day=pl.col("date").cast(pl.Int32).cast(pl.Int64),
        order=pl.col("sequence").fill_null(0),
        inward=(pl.col("direction") == "ENTRY").cast(pl.Int64),
        timeless=pl.col("sequence").is_null().cast(pl.Int64),
    )
    ordered = sort_rows(marked, ("person", "day", "order", "inward", ROW))
    same = (pl.col("person") == pl.col("person").shift(1)) & (pl.col("day") == pl.col("day").shift(1))
    turn = same & (pl.col("inward") != pl.col("inward").shift(1))
    by_day = ordered.with_columns(turn=turn.fill_null(value=False)).group_by("person", "day", maintain_order=True)
    return by_day.agg(
        pl.col(ROW, "order").first(),
        begins=pl.col("inward").first(),
        ends=pl.col("inward").last(),
        last=pl.col("order").last(),
        crossings=pl.len(),
        timeless=pl.col("timeless").sum(),
        turns=pl.col("turn").sum(),
    )


def list_contradicting_residence(
    rows: pl.DataFrame, days: pl.DataFrame, persons: pl.DataFrame, observation: Observation
) -> Iterator[Doubt]:
    known = persons.select("person", "birth_date", "resident", native=pl.col("c_birth") == observation.area)
    known = rows.select(ROW, "person").join(known, on="person", how="inner").drop("person")
    within = pl.col("day").is_between(observation.first, observation.until, closed="left")
    born = pl.col("birth_date").cast(pl.Int32).cast(pl.Int64)
    beginnings = days.filter(within).join(known, on=ROW, how="inner", maintain_order="left")
    beginnings = beginnings.filter(born.is_null() | (pl.col("day") >= born)).unique("person", keep="first")
    newborn = (born >= observation.first).fill_null(value=False)
    for column, place, of in (("resident", pl.col("resident"), ~newborn), ("c_birth", pl.col("native"), newborn)):
        wrong = beginnings.filter(of & (place.cast(pl.Int64) == pl.col("begins")))[ROW]
        named = {"column": column}
        yield Doubt(RuleId.RESIDENCE_CONTRADICTED, MOVEMENTS.name, rows=wrong, column=column, parameters=named)


def find_overall_doubts(paths: Mapping[str, Path], observation: Observation) -> Iterator[Doubt]:
    if MOVEMENTS.name not in paths:
        return
    first, last = to_date(observation.first), to_date(observation.until)
    scan = pl.scan_parquet(paths[MOVEMENTS.name])
    within = scan.filter(pl.col("date").is_between(first, last, closed="left"))
    by_month = within.group_by("direction", month=pl.col("date").dt.truncate("1mo")).len().collect(engine="streaming")
    counts = dict(by_month.group_by("direction").agg(pl.col("len").sum()).rows())
    entries, exits = counts.get("ENTRY", 0), counts.get("EXIT", 0)
    if entries + exits >= HUNDRED and max(entries, exits) > MAX_RATIO_OF_DIRECTIONS * min(entries, exits):
        both = {"entries": f"{entries:,}", "exits": f"{exits:,}"}
        yield Doubt(RuleId.UNBALANCED_DIRECTIONS, MOVEMENTS.name, rows=None, column="direction", parameters=both)
    full, there = list_whole_months(observation), set(by_month["month"])
    empty = [month for month in full if month not in there]
    if empty and entries + exits >= MIN_MONTHLY_CROSSINGS * max(1, len(full) - len(empty)):
        months = {"periods": ", ".join(f"{month:%Y-%m}" for month in empty)}
        yield Doubt(RuleId.MONTH_WITHOUT_RECORDS, MOVEMENTS.name, rows=None, column="date", parameters=months)
    if DOCUMENTS.name in paths:
        known = pl.scan_parquet(paths[DOCUMENTS.name]).select("document")
        strange = (
            add_row_numbers(scan).join(known, left_on="person", right_on="document", how="anti").select(ROW).collect()
        )
        named = {"column": "person", "register": DOCUMENTS.name}
        yield Doubt(RuleId.NO_PERSON, MOVEMENTS.name, rows=strange[ROW], column="person", parameters=named)


def list_whole_months(observation: Observation) -> list[date]:
    first = to_date(observation.first)
    month = shift_months(date(first.year, first.month, 1), int(first.day > 1))
    months = []
    while to_number(shift_months(month, 1)) <= observation.until:
        months.append(month)
        month = shift_months(month, 1)
    return months


def find_rows_outside_observation(rows: pl.DataFrame, table: str, observation: Observation) -> Doubt:
    first, last = to_date(observation.first), to_date(observation.until)
    outside = rows.filter((pl.col("end") <= first) | (pl.col("date") >= last))[ROW]
    return Doubt(RuleId.OUTSIDE, table, rows=outside, column="date")


def find_night_doubts(rows: pl.DataFrame, observation: Observation) -> Iterator[Doubt]:
    length = pl.col("nights").fill_null(1)
    runs = rows.filter(length >= 1).with_columns(end=pl.col("date") + pl.duration(days=length))
    yield find_rows_outside_observation(runs, NIGHTS.name, observation)
    runs = runs.filter(pl.col("country") != UNKNOWN).sort("person", "date", "end", ROW)
    same = pl.col("person") == pl.col("person").shift(1)
    other = same & (pl.col("country") != pl.col("country").shift(1)) & (pl.col("date") < pl.col("end").shift(1))
    yield Doubt(RuleId.CONTRADICTED_NIGHTS, NIGHTS.name, rows=runs.filter(other)[ROW], column="country")


MAX_SHOWN = 20
"""Maximum number of rows of a finding named."""
Kind = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""Rule, table, column and parameters."""


def convert_doubts(doubts: Iterable[Doubt], files: Mapping[str, Path], rules: Mapping[str, Rule]) -> Findings:
    counts: dict[Kind, int] = {}
    first: dict[Kind, list[int]] = {}
    for doubt in doubts:
        kind: Kind = (doubt.rule, doubt.table, doubt.column, tuple(sorted(doubt.parameters.items())))
        rows = None if doubt.rows is None else doubt.rows.unique()
        counts[kind] = counts.get(kind, 0) + (1 if rows is None else rows.len())
        shown = [] if rows is None else rows.bottom_k(MAX_SHOWN).to_list()
        first[kind] = sorted([*first.get(kind, []), *shown])[:MAX_SHOWN]
    findings = []
    for kind_counted, count in counts.items():
        rule_id, table, column, parameters = kind_counted
        rule = rules.get(rule_id)
        if rule is None or not count:
            continue
        collector, path = FindingCollector(table, rules), files[table]
        numbers = number_rows(path)
        places = [locate_row(row, numbers) for row in first[kind_counted]] or [Place(path.name)]
        fault = Fault((), column, parameters={"count": f"{count:,}", **dict(parameters)})
        key = tuple((name, text) for name, text in parameters if name == "register")
        collector.add_fault(rule, fault, places=places, key=key, observations=count)
        findings += collector.findings
    return Findings(tuple(findings))
