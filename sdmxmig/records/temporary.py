"""Temporary mobility: crossings without change of residence, and overstays.

A return ends a movement. Open crossings count with their remaining weight. Reliability is determined as for flows and
stocks.

Overstays are candidates only: exits may be unrecorded, and stays extended or regularised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.accounts import (
    LIMIT_SETTING,
    add_empty_classes,
    add_groups,
    build_figure,
    find_latest_states,
    is_alive,
    list_weights,
    mark_certain,
    select_residents,
    select_states_before,
)
from sdmxmig.records.counting import (
    CERTAIN_WEIGHT,
    KNOWN_RELIABILITY,
    PERSON,
    PRELIMINARY,
    PROVISIONAL,
    WEIGHT,
    Counts,
    Flows,
    Reliability,
    Row,
    Statement,
    build_dataset,
    compute_detailed_sums,
    format_thousandths,
    state_columns,
    sum_totals,
)
from sdmxmig.records.residence_rules import CROSSING as CROSSING_ANCHOR
from sdmxmig.records.residence_rules import (
    EMIGRANT,
    IMMIGRANT,
    MISSING_RECORD,
    NO_MIGRATION,
    OPEN_SPELL,
    Derivation,
    Events,
    Question,
)
from sdmxmig.records.rows import (
    CITIZEN,
    PERIOD,
    UNKNOWN,
    Period,
    add_months,
    compute_period,
    flag,
    to_date,
    write_int_literal,
)
from sdmxmig.records.spells import CROSSING, START
from sdmxmig.sdmx.model.data import Dataset, Flow

FLOW = "DF_TEMPMOB"
TEMPORARY, NO_PURPOSE = "TMP", "TMP_U"
ARRIVALS, DEPARTURES, PRESENT, ABROAD = "ARR", "DEP", "PRES", "ABS"
DURATION_BANDS = (("M_LT3", 3), ("M3T5", 6), ("M6T11", 12))
"""Codes of `CL_STAY_DUR`, and the months of the calendar below which they end."""
LONGEST_BAND = "M_GE12"
ITEM, MOVEMENTS, PERSONS = "TMP_ITEM", "NUMBER", "PS"
MOVE_COLUMNS = ("person", "at", PERIOD, ITEM, "weight", "open", "STAY_DUR", "purpose")
MOVE_GROUPS = (PERIOD, ITEM)
ITEM_NAMES = {item: f"{FLOW} ({item})" for item in (ARRIVALS, DEPARTURES)}
STOCKS, NOT_KNOWN, NOT_PLACED = "stocks", "not_known", "not_placed"
HOMELESS, CROSSINGS = "homeless", "crossings"
UNKNOWN_STAY = "unknown whether they are temporary movements: {}"
UNKNOWN_PLACE = "unknown where they live, or where they were: {}"
STAY_BREAKDOWNS = ((), ("STAY_DUR",), ("C_RESIDENCE",))
PERSON_BREAKDOWNS = (("SEX",), ("SEX", "AGE"), ("C_CITIZEN",))
PURPOSE_BREAKDOWNS = (("MOB_TYPE",), ("MOB_TYPE", "STAY_DUR"))
LIKELY, HIDDEN, SURE = 1, 2, 3


def sum_temporary(derivation: Derivation, events: Events, flows: Mapping[str, Flow]) -> Counts:
    """Sum temporary movements and stocks. Raises `SdmxmigError` for rules that only define migration."""
    rule = derivation.question.rule
    if not rule.has_stocks:
        raise SdmxmigError(
            f"{rule.code} defines migrants, not the residents on a day.",
            hint="Use another rule for temporary mobility.",
        )
    moves = list_temporary_moves(derivation, events)
    purposes = find_purposes(flows[FLOW])
    plain = moves.with_columns(MOB_TYPE=pl.lit(TEMPORARY))
    groups = [*STAY_BREAKDOWNS, *(PERSON_BREAKDOWNS if derivation.records.persons is not None else ())]
    by_purpose = moves.join(purposes, on="purpose", how="left")
    by_purpose = by_purpose.with_columns(MOB_TYPE=pl.col("MOB_TYPE").fill_null(NO_PURPOSE))
    counts = {**sum_moves(plain, groups), **sum_moves(by_purpose, PURPOSE_BREAKDOWNS)}
    if all(period.is_calendar_year for period in derivation.question.periods):
        counts[STOCKS] = select_stock_sums(derivation, events)
        counts[NOT_PLACED] = count_uncertain_stocks(derivation, events)
    return {**counts, NOT_KNOWN: select_unknown(derivation, events)}


def build_temporary_rows(
    question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement
) -> Dataset:
    """Return temporary mobility as rows of DF_TEMPMOB: movements, persons, and stocks on 1 January."""
    others = {STOCKS, NOT_KNOWN, NOT_PLACED}
    rows = [row for name, sums in counts.items() if name not in others for row in list_figures(name, sums)]
    rows += build_zero_rows(question, rows)
    if STOCKS in counts:
        rows += list_stock_rows(question, counts[STOCKS])
    reliability = find_move_reliability(counts)
    rows = [reliability.get((row[ITEM], row[PERIOD]), KNOWN_RELIABILITY).with_comment(row) for row in rows]
    unknown = counts[NOT_KNOWN][HOMELESS].sum()
    notes = [
        statement.dataset.get("COMMENT_DSET", ""),
        "Stays are counted from a crossing to the next one, in months of the calendar.",
        f"{unknown:,} crossings in these periods are of persons whose country of residence is unknown.",
    ]
    described = {**statement.dataset, "COMMENT_DSET": " ".join(filter(None, notes)), "REF_DATE": "D0101"}
    return build_dataset(flows[FLOW], rows, replace(statement, dataset=described))


def list_temporary_moves(derivation: Derivation, events: Events) -> pl.DataFrame:
    """List temporary movements.

    Columns: `person`, `at`, `TMP_ITEM`, `weight` (thousandths), `open`, `STAY_DUR`, `C_RESIDENCE`, `purpose`.
    """
    question = derivation.question
    crossings = select_judged_crossings(derivation, events).filter(pl.col(PERIOD).is_not_null())
    comes = (pl.col("direction") == "I") & (pl.col("resided") == 0)
    goes = (pl.col("direction") == "E") & (pl.col("resided") == 1)
    undecided = pl.col("outcome") == OPEN_SPELL
    moves = crossings.filter((comes | goes) & (undecided | (pl.col("outcome") == NO_MIGRATION)))
    lasts = (pl.col("end") >= question.observation.until) & (pl.col("gone") >= question.observation.until)
    rows = moves.with_columns(
        **{ITEM: pl.when(pl.col("direction") == "I").then(pl.lit(ARRIVALS)).otherwise(pl.lit(DEPARTURES))},
        weight=pl.when(undecided)
        .then(write_int_literal(CERTAIN_WEIGHT) - pl.col("weight"))
        .otherwise(write_int_literal(CERTAIN_WEIGHT)),
        open=flag(undecided | lasts | (pl.col("pending") == 1)),
        STAY_DUR=pl.when(lasts | pl.col("here").is_null()).then(pl.lit(UNKNOWN)).otherwise(find_duration_band()),
        country=pl.col("c_residence").fill_null(UNKNOWN),
        purpose=pl.col("purpose").fill_null(""),
    )
    # DuckDB does not distinguish c_residence from C_RESIDENCE.
    rows = rows.select(*MOVE_COLUMNS, C_RESIDENCE=pl.col("country"))
    if derivation.records.persons is not None:
        rows = add_groups(derivation, rows)
    return rows


def select_judged_crossings(derivation: Derivation, events: Events) -> pl.DataFrame:
    stays = events.spells.filter(pl.col("origin") == CROSSING).select("person", "end", "here", "gone", at="begin")
    if derivation.question.rule.anchor == CROSSING_ANCHOR:
        return events.rows.join(stays, on=["person", "at"], how="inner").with_columns(pending=write_int_literal(0))
    return judge_between_reference_days(derivation, events)


def judge_between_reference_days(derivation: Derivation, events: Events) -> pl.DataFrame:
    periods = derivation.question.periods
    details = ("person", "begin", "end", "here", "gone", "after", "c_residence", "purpose")
    crossings = events.spells.filter(pl.col("origin") == CROSSING).select(*details).with_columns(at=pl.col("begin"))
    begins = write_int_literal(None)
    for period in periods:
        within = (pl.col("at") >= period.begin) & (pl.col("at") < period.end)
        begins = pl.when(within).then(write_int_literal(period.begin)).otherwise(begins)
    rows = crossings.with_columns(since=begins, **{PERIOD: compute_period(periods)}).filter(
        pl.col(PERIOD).is_not_null()
    )
    of_period = events.rows.filter(pl.col(PERIOD).is_not_null()).select("person", PERIOD, "outcome", turned="at")
    rows = rows.join(of_period, on=["person", PERIOD], how="left")
    rows = rows.join(find_doubts(events, derivation.question), on=["person", "since"], how="left")
    rows = rows.join(select_migrations(rows, events.rows), on=["person", "at"], how="left")
    asked = rows.select("person", "since").unique()
    known = asked.join(events.states, on="person", how="inner")
    earlier = (pl.col("begin") < pl.col("since")) | ((pl.col("begin") == pl.col("since")) & (pl.col("origin") <= START))
    lived = find_latest_states(known.filter(earlier), "since").select("person", "since", "state")
    rows = rows.join(lived, on=["person", "since"], how="left")
    before = (pl.col("at") < pl.col("turned")) | pl.col("verdict").is_not_null()
    missing = (pl.col("outcome") == MISSING_RECORD).fill_null(value=False)
    resided = (
        pl.when(pl.col("doubt").is_not_null() | missing).then(write_int_literal(None))
        .when(pl.col("outcome").is_null() | before).then(pl.col("state"))
        .when(pl.col("outcome") != OPEN_SPELL).then(1 - pl.col("state"))
    )  # fmt: skip
    migrated = pl.when(pl.col("after") == 1).then(pl.lit(IMMIGRANT)).otherwise(pl.lit(EMIGRANT))
    beyond = (pl.col("end") > derivation.question.reference_days[-1]) & pl.col("verdict").is_null()
    return rows.with_columns(
        resided=resided,
        outcome=pl.when(pl.col("verdict") == SURE).then(migrated)
        .when(pl.col("verdict") == LIKELY).then(pl.lit(OPEN_SPELL))
        .when(pl.col("verdict") == HIDDEN).then(pl.lit(MISSING_RECORD))
        .otherwise(pl.lit(NO_MIGRATION)),
        direction=pl.when(pl.col("after") == 1).then(pl.lit("I")).otherwise(pl.lit("E")),
        pending=flag(beyond),
    )  # fmt: skip


def select_migrations(crossings: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return crossings followed by a migration in their direction during the stay (`verdict`, `weight`)."""
    kind = (
        pl.when(pl.col("outcome") == MISSING_RECORD).then(write_int_literal(HIDDEN))
        .when(pl.col("outcome") == OPEN_SPELL).then(write_int_literal(LIKELY))
        .otherwise(write_int_literal(SURE))
    )  # fmt: skip
    inward = flag(pl.col("direction") == "I")
    turns = events.select("person", kind.alias("verdict"), inward.alias("after"), "weight", turned="at")
    pairs = crossings.select("person", "at", "end", "after").join(turns, on=["person", "after"], how="inner")
    held = pairs.filter((pl.col("turned") >= pl.col("at")) & (pl.col("turned") < pl.col("end")))
    return held.group_by("person", "at").agg(pl.col("verdict").max(), pl.col("weight").max())


def find_doubts(events: Events, question: Question) -> pl.DataFrame:
    days = question.reference_days
    asked = {period.begin for period in question.periods}
    begins = write_int_literal(None)
    for earlier, day in pairwise(days):
        if day in asked:
            before = (pl.col("at") >= earlier) & (pl.col("at") < day)
            begins = pl.when(before).then(write_int_literal(day)).otherwise(begins)
    open_end = (pl.col("outcome") == MISSING_RECORD) | (pl.col("outcome") == OPEN_SPELL)
    rows = events.rows.filter(open_end & pl.col("settled").is_null()).with_columns(since=begins)
    return (
        rows.filter(pl.col("since").is_not_null())
        .select("person", "since")
        .unique()
        .with_columns(doubt=write_int_literal(1))
    )


def find_duration_band() -> pl.Expr:
    code = pl.lit(LONGEST_BAND)
    for name, months in reversed(DURATION_BANDS):
        code = pl.when(pl.col("end") < add_months(pl.col("at"), months)).then(pl.lit(name)).otherwise(code)
    return code


def find_purposes(flow: Flow) -> pl.DataFrame:
    types = flow.codelists["MOB_TYPE"]
    rows = []
    for item in types:
        above, code = [], item.id
        while code in types and code != TEMPORARY:
            above.append(code)
            code = types[code].parent or ""
        rows += [(item.id, name) for name in above] if code == TEMPORARY and above else []
    return pl.DataFrame(rows, schema={"purpose": pl.String(), "MOB_TYPE": pl.String()}, orient="row")


def sum_moves(rows: pl.DataFrame, groups: Sequence[Sequence[str]]) -> dict[str, pl.DataFrame]:
    sums = {}
    for group in groups:
        persons = rows.group_by("person", *MOVE_GROUPS, *group).agg(pl.col("weight").max(), pl.col("open").max())
        for unit, frame in ((MOVEMENTS, rows), (PERSONS, persons)):
            sums[" ".join((unit, *group))] = compute_detailed_sums(frame, [group], always=MOVE_GROUPS)
    return sums


def list_figures(name: str, detailed_sums: pl.DataFrame) -> Iterator[Row]:
    unit, *group = name.split()
    sums = add_empty_classes(sum_totals(detailed_sums, [group], always=MOVE_GROUPS))
    open_items = {(row[PERIOD], row[ITEM]) for row in sums.iter_rows(named=True) if row["open"]}
    for row in sums.iter_rows(named=True):
        figure = build_figure(row, undecided=(row[PERIOD], row[ITEM]) in open_items)
        yield {"MOB_TYPE": TEMPORARY, **figure, "UNIT_MEASURE": unit}


def build_zero_rows(question: Question, rows: Sequence[Row]) -> list[Row]:
    totals = {(row[PERIOD], row[ITEM]) for row in rows}
    return [
        {
            PERIOD: period.label,
            ITEM: item,
            "MOB_TYPE": TEMPORARY,
            "UNIT_MEASURE": unit,
            "OBS_VALUE": "0",
            **state_columns(undecided=False),
        }
        for period in question.periods
        for item in (ARRIVALS, DEPARTURES)
        for unit in (MOVEMENTS, PERSONS)
        if (period.label, item) not in totals
    ]


def compute_overlap(day: int) -> pl.Expr:
    return (pl.col("begin") < day) & (pl.col("end") >= day) & (pl.col("end") > pl.col("begin"))


def select_stock_sums(derivation: Derivation, events: Events) -> pl.DataFrame:
    parts = []
    for day in derivation.question.turning_days:
        nights = events.spells.filter(compute_overlap(day) & pl.col("here").is_not_null()).select("person", "here")
        weighed = select_residents(events, day).group_by("person").agg(pl.col("weight").sum(), pl.col("open").max())
        # The residence of people with an open arrival is unknown.
        known = select_states_before(events, day).select("person")
        rows = nights.join(weighed, on="person", how="inner").join(known, on="person", how="inner")
        own = pl.when(pl.col("here") == 1).then(CERTAIN_WEIGHT - pl.col("weight")).otherwise(pl.col("weight"))
        item = pl.when(pl.col("here") == 1).then(pl.lit(PRESENT)).otherwise(pl.lit(ABROAD))
        label = {PERIOD: pl.lit(str(to_date(day).year)), ITEM: item}
        parts.append(compute_detailed_sums(rows.with_columns(weight=own, **label), [()], always=MOVE_GROUPS))
    return pl.concat(parts)


def list_stock_rows(question: Question, detailed_sums: pl.DataFrame) -> Iterator[Row]:
    sums = {row[:2]: row[2:] for row in sum_totals(detailed_sums, [()], always=MOVE_GROUPS).rows()}
    for day in question.turning_days:
        for item in (PRESENT, ABROAD):
            year = str(to_date(day).year)
            weight, undecided = sums.get((year, item), (0, 0))
            yield {
                PERIOD: year,
                ITEM: item,
                "MOB_TYPE": TEMPORARY,
                "UNIT_MEASURE": PERSONS,
                "OBS_VALUE": format_thousandths(weight),
                **state_columns(undecided=bool(undecided)),
            }


def select_unknown(derivation: Derivation, events: Events) -> pl.DataFrame:
    rows = select_judged_crossings(derivation, events).filter(pl.col(PERIOD).is_not_null())
    missing = pl.col("outcome") == MISSING_RECORD
    undecided = (pl.col("outcome") == OPEN_SPELL) | (pl.col("outcome") == NO_MIGRATION)
    nowhere = pl.col("resided").is_null()
    inward = pl.col("direction") == "I"
    away = ((inward & (pl.col("resided") == 0)) | (~inward & (pl.col("resided") == 1))).fill_null(value=False)
    doubtful = rows.filter((nowhere & (undecided | missing)) | (away & missing)).with_columns(
        homeless=flag(nowhere),
        **{ITEM: pl.when(inward).then(pl.lit(ARRIVALS)).otherwise(pl.lit(DEPARTURES))},
    )
    return doubtful.group_by(*MOVE_GROUPS).agg(pl.col(HOMELESS).sum(), pl.len().cast(pl.Int64).alias(CROSSINGS))


def count_uncertain_stocks(derivation: Derivation, events: Events) -> pl.DataFrame:
    parts = []
    for day in derivation.question.turning_days:
        alive = events.spells.filter(is_alive(day)).select("person").unique()
        nights = events.spells.filter(compute_overlap(day)).select("person", "here")
        rows = alive.join(nights, on="person", how="left").join(
            select_states_before(events, day), on="person", how="left"
        )
        here, lives = pl.col("here"), pl.col("state")
        unsure = here.is_null() | lives.is_null()
        for item, night, home in ((PRESENT, 1, 0), (ABROAD, 0, 1)):
            may_be = (here == night).fill_null(value=True) & (lives == home).fill_null(value=True)
            label = {PERIOD: pl.lit(str(to_date(day).year)), ITEM: pl.lit(item)}
            persons = mark_certain(rows.filter(unsure & may_be).with_columns(**label))
            parts.append(compute_detailed_sums(persons, [()], always=MOVE_GROUPS))
    return pl.concat(parts)


def find_move_reliability(counts: Counts) -> Flows:
    lost = counts[NOT_KNOWN].group_by(*MOVE_GROUPS).agg(pl.col(CROSSINGS).sum())
    moves = sum_weights(counts[MOVEMENTS])
    unjudged = {(item, label): number for label, item, number in lost.select(*MOVE_GROUPS, CROSSINGS).rows()}
    reliability = {
        key: Reliability(unjudged.get(key, 0), moves.get(key, Decimal(0)), comment=UNKNOWN_STAY)
        for key in unjudged | moves
    }
    if STOCKS in counts:
        lacking, present = sum_weights(counts[NOT_PLACED]), sum_weights(counts[STOCKS])
        reliability |= {
            key: Reliability(
                int(number), present.get(key, Decimal(0)), limit=LIMIT_SETTING, comment=UNKNOWN_PLACE, noun=PERSON
            )
            for key, number in lacking.items()
        }
    return reliability


def sum_weights(detailed_sums: pl.DataFrame) -> dict[tuple[str, str], Decimal]:
    sums = detailed_sums.group_by(*MOVE_GROUPS).agg(pl.col(WEIGHT).sum())
    return {
        (item, label): Decimal(weight) / CERTAIN_WEIGHT
        for label, item, weight in sums.select(*MOVE_GROUPS, WEIGHT).rows()
    }


OVERSTAY_FLOW, OVERSTAY_ITEM = "DF_IRREGULAR", "OVERSTAY"
GRANTED, LATE, NOBODY_KNOWS = "granted", "late", -1
OVERSTAY_GROUPS = (("SEX",), ("SEX", "AGE"), ("C_CITIZEN",))


def sum_overstays(derivation: Derivation, events: Events, _flows: Mapping[str, Flow]) -> Counts:
    """Sum overstays at period ends; raises `SdmxmigError` for traces and permits."""
    if derivation.records.movements is None:
        raise SdmxmigError(
            "Overstays can be derived from crossings only.", hint="Use movements with a column granted_days."
        )
    granted = events.spells.filter(pl.col("granted_days").is_not_null()).select(pl.len().alias("rows"))
    groups = [(), *(OVERSTAY_GROUPS if derivation.records.persons is not None else ())]
    late = []
    for period in derivation.question.periods:
        rows = select_beyond_granted(derivation, events, period)
        known = rows.with_columns(here=pl.col("here").fill_null(NOBODY_KNOWS))
        late.append(compute_detailed_sums(known, groups, always=(PERIOD, "here")))
    return {GRANTED: granted.select(pl.col("rows").cast(pl.Int64)), LATE: pl.concat(late)}


def build_overstay_rows(question: Question, counts: Counts, flows: Mapping[str, Flow], statement: Statement) -> Dataset:
    """Return overstay candidates as provisional rows of DF_IRREGULAR; raise `SdmxmigError` without granted days."""
    if not counts[GRANTED]["rows"].sum():
        raise SdmxmigError(
            "No movement states how many days were granted.", hint="Add the column granted_days to the movements."
        )
    late = counts[LATE]
    groups = [(), *(OVERSTAY_GROUPS if "SEX" in late.columns else ())]
    candidates, doubtful = (
        sum_totals(late.filter(pl.col("here") == here), groups, always=(PERIOD,)) for here in (1, NOBODY_KNOWS)
    )
    sums = add_empty_classes(candidates, doubtful)
    hidden = sum_totals(late.filter(pl.col("here") == NOBODY_KNOWS), [()], always=(PERIOD,))
    unknown = dict(hidden.select(PERIOD, "weight").rows())
    figures: list[Row] = []
    for key, weight in list_weights(sums, question.periods):
        hidden_persons = unknown.get(key[PERIOD], 0) // CERTAIN_WEIGHT
        comment = (
            "candidates: entered and did not leave within the days granted, nor later, as far as is recorded; "
            f"unknown, because a record or their citizenship is missing: {hidden_persons:,} more persons"
        )
        if "SEX" not in late.columns:
            comment += "; citizens of the country are not told apart"
        figures.append(
            {
                **key,
                "ADM_ITEM": OVERSTAY_ITEM,
                "UNIT_MEASURE": "PS",
                "OBS_VALUE": format_thousandths(weight),
                "OBS_STATUS": PROVISIONAL,
                "REV_STAGE": PRELIMINARY,
                "COMMENT_OBS": comment,
            }
        )
    return build_dataset(flows[OVERSTAY_FLOW], figures, statement)


def select_beyond_granted(derivation: Derivation, events: Events, period: Period) -> pl.DataFrame:
    """Return persons who have stayed longer since their last entry than they were permitted."""
    inside = (pl.col("begin") < period.end) & (pl.col("end") >= period.end) & (pl.col("gone") >= period.end)
    stays = events.spells.filter((pl.col("origin") == CROSSING) & (pl.col("after") == 1) & inside)
    late = stays.filter((period.end - pl.col("begin")) > pl.col("granted_days"))
    ended = {"at": write_int_literal(period.end - 1), PERIOD: pl.lit(period.label)}
    rows = mark_certain(late.select("person", "here").with_columns(**ended))
    if derivation.records.persons is None:
        return rows
    known = add_groups(derivation, rows)
    foreign = known.filter(pl.col("CTZ_STATUS") != CITIZEN)
    return foreign.with_columns(here=pl.when(pl.col("CTZ_STATUS") != UNKNOWN).then(pl.col("here")))
