"""Stocks, flows and the population account of a period, including empty and unknown age classes.

Stocks start from the last certain residence; flows from events. A status that is certain again without a known crossing
is an adjustment. Open crossings count by weight in flows and stocks, so accounts balance exactly for each group of
birth and citizenship.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import ceil
from types import MappingProxyType
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import (
    CERTAIN_WEIGHT,
    KNOWN_RELIABILITY,
    LOW_RELIABILITY,
    MAX_SHOWN,
    OPEN_WEIGHT,
    PERSON,
    PERSON_BREAKDOWNS,
    UNJUDGED,
    WEIGHT,
    Flows,
    Reliability,
    Row,
    Statement,
    build_dataset,
    compute_detailed_sums,
    estimate_reliability,
    format_thousandths,
    state_columns,
    sum_totals,
)
from sdmxmig.records.crossing_rules import DAY_SHIFT
from sdmxmig.records.doubtful_records import Doubt
from sdmxmig.records.files import PERSONS
from sdmxmig.records.residence_rules import MISSING_RECORD, Derivation, Events, Question
from sdmxmig.records.rows import (
    AGE_GROUPS,
    CITIZEN,
    FOREIGN,
    PERIOD,
    TOTAL,
    UNKNOWN,
    Period,
    add_traits,
    compute_period,
    flag,
    to_date,
    write_int_literal,
)
from sdmxmig.records.spells import BIRTH, CROSSING, START
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.rule_ids import RuleId

BY_BIRTH, BY_GROUP = ("BIRTH_STATUS",), ("BIRTH_STATUS", "CTZ_STATUS")
GROUPS = ((), BY_BIRTH, ("CTZ_STATUS",), BY_GROUP)
ITEM_SIGNS = {"POP_BEG": 1, "LBIRTH": 1, "DEATH": -1, "FLW_IMM": 1, "FLW_EMI": -1, "ADJ": 1, "POP_END": -1}
"""Signs of items in balances of groups; those of citizenship also."""
GAINS, LOSSES = "CTZ_ACQ", "CTZ_LOSS"
FLOW_DIRECTIONS = {"FLW_IMM": "I", "FLW_EMI": "E"}
MOVES = "moves"
UNCERTAIN = "perhaps"
NO_CITIZENSHIP = "unknown whether they were citizens before: {}"
Sums = Mapping[tuple[str, str, str, str], tuple[int, int]]
"""Thousandths of persons and open rows by period, item, status of birth and of citizenship."""
ACCOUNT_COLUMNS = (PERIOD, "ACC_ITEM")
COUNTED_COLUMNS = ("person", "at", "weight", "open", PERIOD, "ACC_ITEM")
SEX, AGE, POSSIBLE = "SEX", "AGE", "possible"


def select_residents(events: Events, day: int) -> pl.DataFrame:
    """Return residents at the start of days with weights, dated `at` the day before.

    A certain resident weighs 1,000. Open crossings before the day change this weight, even those before the first
    period.
    """
    states = select_states_before(events, day).with_columns(
        weight=pl.col("state") * CERTAIN_WEIGHT, open=write_int_literal(0)
    )
    opened = events.opened.filter(pl.col("turned") < day)
    both = pl.concat([frame.select("person", "weight", "open") for frame in (states, opened)])
    return both.with_columns(at=write_int_literal(day - 1))


def select_states_before(events: Events, day: int) -> pl.DataFrame:
    return find_latest_states(events.states.filter(is_alive(day)))


def is_alive(day: int) -> pl.Expr:
    reached = (pl.col("begin") < day) | ((pl.col("begin") == day) & (pl.col("origin") <= START))
    return reached & (pl.col("gone") >= day)


def find_latest_states(states: pl.DataFrame, *keys: str) -> pl.DataFrame:
    placed = states.with_columns(place=((pl.col("begin") + DAY_SHIFT) * 4 + pl.col("origin")) * 2 + pl.col("settled"))
    last = placed.group_by("person", *keys).agg(pl.col("place").max().alias("place"))
    return last.with_columns(state=pl.col("place") % 2)


def select_residence_on(events: Events, questions: pl.DataFrame, *, when_over: bool = False) -> pl.DataFrame:
    joined = questions.select("person", "at").unique().join(events.states, on="person", how="inner")
    same_day = (pl.col("begin") == pl.col("at")) & ((pl.col("origin") != CROSSING) | pl.lit(when_over))
    before = (pl.col("begin") < pl.col("at")) | same_day
    return (
        find_latest_states(joined.filter(before & (pl.col("gone") >= pl.col("at"))), "at")
        .filter(pl.col("state") == 1)
        .select("person", "at")
    )


def weigh_residents_on(events: Events, questions: pl.DataFrame) -> pl.DataFrame:
    opened = questions.select("person", "at").unique().join(events.opened, on="person", how="inner")
    parts = (mark_certain(select_residence_on(events, questions)), opened.filter(pl.col("turned") < pl.col("at")))
    weights = pl.concat([part.select("person", "at", "weight", "open") for part in parts])
    summed = weights.group_by("person", "at").agg(pl.col("weight").sum(), pl.col("open").max())
    return summed.filter((pl.col("weight") != 0) | (pl.col("open") == 1))


def compute_account_sums(derivation: Derivation, events: Events) -> pl.DataFrame:
    """Compute additive account items by period, birth and citizenship.

    Raises `SdmxmigError` if there is no table of persons or the rule only defines migration.
    """
    check_account(derivation)
    parts = []
    for item, rows in list_items(derivation, events):
        counted = rows.filter(pl.col(PERIOD).is_not_null()).with_columns(ACC_ITEM=pl.lit(item)).select(*COUNTED_COLUMNS)
        parts.append(counted)
    rows = pl.concat(parts)
    sums = compute_detailed_sums(add_groups(derivation, rows), GROUPS, always=ACCOUNT_COLUMNS)
    if derivation.records.citizenships is None:
        return sums
    # Where changes of citizenship are recorded, periods without one are known to have none.
    zeros = pl.DataFrame({PERIOD: [period.label for period in derivation.question.periods]}).with_columns(
        *(pl.lit(code).alias(name) for name, code in (("ACC_ITEM", GAINS), *((name, UNKNOWN) for name in BY_GROUP))),
        *(pl.lit(0, dtype=pl.Int64).alias(name) for name in (WEIGHT, OPEN_WEIGHT)),
    )
    return pl.concat([sums, zeros.select(sums.columns)])


def build_account_rows(
    detailed_sums: pl.DataFrame, labels: Sequence[str], reliability: Flows = MappingProxyType({})
) -> list[Row]:
    """Return account items as rows of DF_ACCOUNT with their reliability.

    Acquisitions are unreliable if many citizens have an unknown previous citizenship. Empty totals are zero.
    """
    recorded = {*detailed_sums["ACC_ITEM"].unique()} & {GAINS}
    table = sum_totals(detailed_sums, GROUPS, always=ACCOUNT_COLUMNS)
    sums: dict[tuple[str, str, str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in table.iter_rows(named=True):
        sums[row[PERIOD], row["ACC_ITEM"], row["BIRTH_STATUS"], row["CTZ_STATUS"]] = row["weight"], row["open"]
    check_balance(sums, labels)
    for label in labels:
        for item in (*ITEM_SIGNS, *recorded):  # no events, which differs from unknown ones
            sums[label, item, "_T", "_T"] = sums[label, item, "_T", "_T"]
    undecided = {key[:2] for key, (_, undecided) in sums.items() if undecided}
    rows = [
        {
            PERIOD: label,
            "ACC_ITEM": item,
            "BIRTH_STATUS": birth,
            "CTZ_STATUS": citizenship,
            "OBS_VALUE": format_thousandths(weight),
            **state_columns(undecided=(label, item) in undecided),
        }
        for (label, item, birth, citizenship), (weight, _) in sorted(sums.items())
        if item not in (MOVES, UNCERTAIN) and (item not in (GAINS, LOSSES) or citizenship == "_T")
        if weight or (birth, citizenship) == ("_T", "_T")
    ]
    of_items = {**reliability, **find_gain_reliability(sums, labels)}
    return [
        of_items.get(
            (FLOW_DIRECTIONS.get(row["ACC_ITEM"], row["ACC_ITEM"]), row[PERIOD]), KNOWN_RELIABILITY
        ).with_comment(row)
        for row in rows
    ]


def find_gain_reliability(sums: Sums, labels: Sequence[str]) -> Flows:
    reliability = {}
    for label in labels:
        perhaps, gained = (sums.get((label, item, "_T", "_T"), (0, 0))[0] for item in (UNCERTAIN, GAINS))
        counted = Decimal(gained) / CERTAIN_WEIGHT
        reliability[GAINS, label] = Reliability(
            ceil(perhaps / CERTAIN_WEIGHT), counted, comment=NO_CITIZENSHIP, noun=PERSON
        )
    return reliability


def list_items(derivation: Derivation, events: Events) -> Iterator[tuple[str, pl.DataFrame]]:
    periods = derivation.question.periods
    for period in periods:
        label = pl.lit(period.label)
        yield "POP_BEG", select_residents(events, period.begin).with_columns(**{PERIOD: label})
        yield "POP_END", select_residents(events, period.end).with_columns(**{PERIOD: label})
    yield "FLW_IMM", events.rows.filter(pl.col("direction") == "I")
    yield "FLW_EMI", events.rows.filter(pl.col("direction") == "E")
    yield "ADJ", events.rows.with_columns(weight=pl.col("adjusts") * CERTAIN_WEIGHT, open=write_int_literal(0))
    of_day = {PERIOD: compute_period(periods)}
    adjusted = events.opened.filter(pl.col("adjusts") != 0).with_columns(at=pl.col("turned"), weight=pl.col("adjusts"))
    yield "ADJ", adjusted.with_columns(open=write_int_literal(1), **of_day)
    births = events.states.filter((pl.col("origin") == BIRTH) & (pl.col("settled") == 1))
    born = births.with_columns(at=pl.col("begin")).with_columns(**of_day)
    # People who acquire another citizenship on the day of birth are born with the first one.
    yield "LBIRTH", mark_certain(born.with_columns(at=pl.col("at") - 1))
    deaths = events.states.with_columns(at=pl.col("gone")).with_columns(**of_day).filter(pl.col(PERIOD).is_not_null())
    # Intention or permission may make a person who dies on the first day a resident.
    yield "DEATH", mark_certain(select_residence_on(events, deaths, when_over=True)).with_columns(**of_day)
    yield from list_citizenship_changes(derivation, events)


def mark_certain(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(weight=write_int_literal(CERTAIN_WEIGHT), open=write_int_literal(0))


def list_citizenship_changes(derivation: Derivation, events: Events) -> Iterator[tuple[str, pl.DataFrame]]:
    changes = derivation.records.citizenships
    if changes is None:
        return
    days = changes.with_columns(at="date")
    of_day = {PERIOD: compute_period(derivation.question.periods)}
    residing = weigh_residents_on(events, days).with_columns(**of_day)
    days_before = residing.with_columns(at=pl.col("at") - 1)
    before = add_groups(derivation, days_before).select("person", "at", "CTZ_STATUS")
    was = before.select("person", at=pl.col("at") + 1, was=pl.col("CTZ_STATUS"))
    columns = ("person", "at", "weight", "open", PERIOD)
    after = add_groups(derivation, residing).select(*columns, "CTZ_STATUS")
    both = after.join(was, on=["person", "at"], how="inner")
    now, earlier = pl.col("CTZ_STATUS"), pl.col("was")
    yield GAINS, both.filter((now == CITIZEN) & (earlier == FOREIGN)).select(*columns)
    yield UNCERTAIN, both.filter((now == CITIZEN) & (earlier == UNKNOWN)).select(*columns)
    yield LOSSES, both.filter((now == FOREIGN) & (earlier == CITIZEN)).select(*columns)
    known = (now != UNKNOWN) & (earlier != UNKNOWN)
    for item, changed in (
        (MOVES, both.filter(known & (now != earlier))),
        ("ADJ", both.filter(~known & (now != earlier))),
    ):
        yield item, changed.select(*columns)
        yield item, changed.with_columns(at=pl.col("at") - 1, weight=-pl.col("weight")).select(*columns)


def add_groups(derivation: Derivation, rows: pl.DataFrame) -> pl.DataFrame:
    records = derivation.records
    if records.persons is None:
        raise SdmxmigError("The table of persons is missing.", hint="Add it with --persons.")
    return add_traits(rows, records.persons, records.citizenships, derivation.question.observation)


def check_account(derivation: Derivation) -> None:
    if not derivation.question.rule.has_stocks:
        raise SdmxmigError(
            f"{derivation.question.rule.code} defines migrants, not the residents on a day.",
            hint="Use another rule for stocks and the account.",
        )


def check_balance(sums: Sums, labels: Sequence[str]) -> None:
    for label in labels:
        groups = {key[2:] for key in sums if key[0] == label}
        for birth, citizenship in groups:
            gap = sum(
                sign * sums.get((label, item, birth, citizenship), (0, 0))[0] for item, sign in ITEM_SIGNS.items()
            )
            moved = 0 if citizenship == "_T" else sums.get((label, MOVES, birth, citizenship), (0, 0))[0]
            if gap + moved:
                raise AssertionError(f"the account of {label} does not close for {birth}, {citizenship}")


def select_stock_sums(derivation: Derivation, events: Events) -> pl.DataFrame:
    check_account(derivation)
    parts = [
        select_residents(events, day).with_columns(**{PERIOD: pl.lit(str(to_date(day).year))})
        for day in derivation.question.turning_days
    ]
    counted = add_groups(derivation, pl.concat(parts))
    return compute_detailed_sums(counted, PERSON_BREAKDOWNS, always=(PERIOD,))


def build_population_rows(detailed_sums: pl.DataFrame, reliability: Mapping[str, Reliability]) -> list[Row]:
    """Return residents on 1 January, in total and by group, as rows of DF_POP; empty years have a total of zero."""
    sums = add_empty_classes(sum_totals(detailed_sums, [(), *PERSON_BREAKDOWNS], always=(PERIOD,)))
    undecided = set(sums.filter(pl.col("open") != 0)[PERIOD])
    rows = [
        build_figure(row, undecided=row[PERIOD] in undecided)
        for row in sums.iter_rows(named=True)
        if row["weight"] or row["AGE"] in AGE_GROUPS
    ]
    counted = set(sums.filter(pl.col("weight") != 0)[PERIOD])
    rows += [
        {PERIOD: year, "OBS_VALUE": "0", **state_columns(undecided=year in undecided)}
        for year in reliability
        if year not in counted
    ]
    return [reliability.get(row[PERIOD], KNOWN_RELIABILITY).with_comment(row) for row in rows]


def list_weights(sums: pl.DataFrame, periods: Iterable[Period]) -> list[tuple[Row, int]]:
    """Return the key and weight of each sum, and zero for each period without one."""
    names = [name for name in sums.columns if name not in {WEIGHT, OPEN_WEIGHT, POSSIBLE}]
    weights = [({name: row[name] for name in names}, row[WEIGHT]) for row in sums.iter_rows(named=True)]
    counted = {key[PERIOD] for key, _ in weights}
    return weights + [({PERIOD: period.label}, 0) for period in periods if period.label not in counted]


def add_empty_classes(sums: pl.DataFrame, unjudged: pl.DataFrame | None = None) -> pl.DataFrame:
    """Add empty classes, with the number of persons who may belong to them (`possible`)."""
    if not {SEX, AGE} <= set(sums.columns):
        return sums.with_columns(pl.lit(0, dtype=pl.Int64).alias(POSSIBLE))
    others = [name for name in sums.columns if name not in (SEX, AGE, WEIGHT, OPEN_WEIGHT)]
    aged = sums.filter(~pl.col(AGE).is_in([TOTAL, UNKNOWN]))
    blocks = aged.select(*others, SEX).unique(maintain_order=True)
    classes = blocks.join(pl.DataFrame({AGE: AGE_GROUPS}), how="cross")
    empty = classes.join(aged, on=[*others, SEX, AGE], how="anti", maintain_order="left")
    possible = pl.concat([sums, *([] if unjudged is None else [unjudged.select(sums.columns)])])
    possible = expand_unknown_codes(
        expand_unknown_codes(possible.filter(pl.col(AGE) != TOTAL), SEX, blocks[SEX].unique().to_list()),
        AGE,
        AGE_GROUPS,
    )
    persons = (
        pl.max_horizontal(pl.col(WEIGHT).abs(), pl.col(OPEN_WEIGHT) * CERTAIN_WEIGHT).sum() / CERTAIN_WEIGHT
    ).ceil()
    counts = possible.group_by(*others, SEX, AGE).agg(persons.cast(pl.Int64).alias(POSSIBLE))
    nobody = empty.join(counts, on=[*others, SEX, AGE], how="left", maintain_order="left").with_columns(
        pl.col(POSSIBLE).fill_null(0),
        pl.lit(0, dtype=pl.Int64).alias(WEIGHT),
        pl.lit(0).cast(pl.Int64).alias(OPEN_WEIGHT),
    )
    table = sums.with_columns(pl.lit(0, dtype=pl.Int64).alias(POSSIBLE))
    return pl.concat([table, nobody.select(table.columns)]).sort(sums.columns)


def expand_unknown_codes(sums: pl.DataFrame, column: str, codes: list[str]) -> pl.DataFrame:
    unknown = pl.col(column) == UNKNOWN
    may_be = pl.when(unknown).then(pl.lit([*codes])).otherwise(pl.concat_list(pl.col(column)))
    return sums.with_columns(may_be.alias(column)).explode(column)


def build_figure(sums: Mapping[str, Any], *, undecided: bool) -> Row:
    codes = {name: code for name, code in sums.items() if name not in (WEIGHT, OPEN_WEIGHT, POSSIBLE)}
    figure = {"OBS_VALUE": format_thousandths(sums[WEIGHT]), **state_columns(undecided=undecided)}
    return {**codes, **figure, **describe_zero(sums[POSSIBLE])}


def describe_zero(possible: int) -> Row:
    """Describe a zero if the class may not be empty; return no comment otherwise.

    >>> describe_zero(0), describe_zero(2)["COMMENT_OBS"]
    ({}, 'none known; unknown whether they are to be counted here: 2 persons')
    """
    if not possible:
        return {}
    comment = f"none known; unknown whether they are to be counted here: {write_count(possible, 'person')}"
    return {"OBS_STATUS": LOW_RELIABILITY, "COMMENT_OBS": comment}


FLOW_BY_DIRECTION = {"I": "DF_IMM", "E": "DF_EMI"}
DIRECTION = "direction"
FLOW_COLUMNS = (DIRECTION, PERIOD, UNJUDGED)


def sum_flows(derivation: Derivation, within: pl.DataFrame) -> pl.DataFrame:
    """Sum events, and count crossings without a decision (`unjudged`)."""
    lost = pl.col("outcome") == MISSING_RECORD
    marked = within.with_columns(
        weight=pl.when(lost).then(write_int_literal(CERTAIN_WEIGHT)).otherwise(pl.col("weight")),
        **{UNJUDGED: flag(lost)},
    )
    named = pl.col("c_residence").fill_null("_U").alias("C_RESIDENCE")
    rows = marked.select("person", "at", *FLOW_COLUMNS, "weight", "open", named)
    if derivation.records.persons is None:
        return compute_detailed_sums(rows, [("C_RESIDENCE",)], always=FLOW_COLUMNS)
    rows = add_groups(derivation, rows)
    return compute_detailed_sums(rows, [("C_RESIDENCE",), *PERSON_BREAKDOWNS], always=FLOW_COLUMNS)


def build_flows(
    question: Question, detailed_sums: pl.DataFrame, flows: Mapping[str, Flow], statement: Statement
) -> list[Dataset]:
    """Return flows as rows of DF_IMM and DF_EMI.

    Open crossings make figures provisional (``P``, ``PREL``), many unjudged ones unreliable (``U``). Empty classes and
    periods have the value zero.
    """
    of_persons = PERSON_BREAKDOWNS if "SEX" in detailed_sums.columns else ()
    sums = sum_totals(detailed_sums, [(), ("C_RESIDENCE",), *of_persons], always=FLOW_COLUMNS)
    judged, unjudged = (sums.filter(pl.col(UNJUDGED) == lost).drop(UNJUDGED) for lost in (0, 1))
    reliability = estimate_reliability(detailed_sums)
    figures = [*list_figure_rows(add_empty_classes(judged, unjudged))]
    counted = {(row["DIRECTION"], row[PERIOD]) for row in figures}
    figures += [
        {"DIRECTION": direction, PERIOD: period.label, "OBS_VALUE": "0", **state_columns(undecided=False)}
        for direction in FLOW_BY_DIRECTION
        for period in question.periods
        if (direction, period.label) not in counted
    ]
    stated = [reliability.get((row["DIRECTION"], row[PERIOD]), KNOWN_RELIABILITY).with_comment(row) for row in figures]
    return [
        build_dataset(flows[flow], [row for row in stated if row["DIRECTION"] == direction], statement)
        for direction, flow in FLOW_BY_DIRECTION.items()
    ]


def list_figure_rows(sums: pl.DataFrame) -> Iterator[Row]:
    undecided = {*sums.filter(pl.col("open") != 0).select(DIRECTION, PERIOD).rows()}
    for row in sums.iter_rows(named=True):
        figure = build_figure(row, undecided=(row[DIRECTION], row[PERIOD]) in undecided)
        yield {**figure, "DIRECTION": row[DIRECTION]}


LIMIT_SETTING = "unplaced_percent"
UNKNOWN_RESIDENCE_COMMENT = "unknown whether they live here: {}"
DAY, COUNT = "day", "persons"


def count_persons_without_residence(derivation: Derivation, events: Events) -> pl.DataFrame:
    days = derivation.question.turning_days
    counts = [find_persons_without_residence(events, day).height for day in days]
    return pl.DataFrame({DAY: days, COUNT: counts}, schema={DAY: pl.Int64(), COUNT: pl.Int64()})


def find_persons_without_residence(events: Events, day: int) -> pl.DataFrame:
    alive = events.spells.filter(is_alive(day)).select("person").unique()
    return alive.join(select_states_before(events, day).select("person"), on="person", how="anti")


def find_stock_reliability(question: Question, account: pl.DataFrame, unplaced: pl.DataFrame) -> Flows:
    """Return the reliability of stocks and adjustments; an adjustment has that of its less reliable stock."""
    lacking = dict(unplaced.group_by(DAY).agg(pl.col(COUNT).sum()).rows())
    sums = account.group_by("ACC_ITEM", PERIOD).agg(pl.col(WEIGHT).sum())
    weights = {(item, label): weight for item, label, weight in sums.select("ACC_ITEM", PERIOD, WEIGHT).rows()}
    reliability = {}
    for period in question.periods:
        for item, day in (("POP_BEG", period.begin), ("POP_END", period.end)):
            unknown, counted = lacking.get(day, 0), Decimal(weights.get((item, period.label), 0)) / CERTAIN_WEIGHT
            reliability[item, period.label] = Reliability(
                unknown, counted, limit=LIMIT_SETTING, comment=UNKNOWN_RESIDENCE_COMMENT, noun=PERSON
            )
        begin, end = (reliability[item, period.label] for item in ("POP_BEG", "POP_END"))
        reliability["ADJ", period.label] = end if end.is_low and not begin.is_low else begin
    return reliability


def list_doubts_about_residence(unplaced: pl.DataFrame) -> Iterator[Doubt]:
    counts = unplaced.group_by(DAY).agg(pl.col(COUNT).sum()).filter(pl.col(COUNT) > 0).sort(DAY).rows()
    if counts:
        days = [f"{to_date(day)} ({count:,})" for day, count in counts]
        listed = ", ".join(days[:MAX_SHOWN]) + (" …" if len(days) > MAX_SHOWN else "")
        yield Doubt(RuleId.UNPLACED, PERSONS.name, rows=None, column="resident", parameters={"periods": listed})
