"""Spells of presence from crossings or residence permits.

The last crossing of a day decides its night. Nights between two crossings in the same direction are unknown.
"""

from __future__ import annotations

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.rows import (
    BLOCK_STEP,
    MOTHER,
    Observation,
    add_changed_citizenship,
    arrange,
    compute_following,
    compute_last_seen,
    compute_previous,
    compute_running_maximum,
    flag,
    write_int_literal,
    write_missing_text,
)

START_COLUMNS = ("person", "day", "origin", "located", "gone", "forced", "resident")
DETAIL_TYPES = {"c_residence": "text", "purpose": "text", "intended_days": "whole", "granted_days": "whole"}
ORDER_COLUMNS = ("person", "day", "ordered", "timeless", "after", "origin", "located", "gone", "forced", *DETAIL_TYPES)
SORT_COLUMNS = ("day", "origin", "ordered")
SPELL_COLUMNS = ("person", "begin", "end", "here", "after", "origin", "gone", "forced", *DETAIL_TYPES)
PRIOR_DAYS = 4000
PRIOR, START, BIRTH, CROSSING = 0, 1, 2, 3
SIGN_COLUMNS = (
    "timeless",
    "timelesses",
    "turns",
    "contradictions",
    "first",
    "contradicted",
    "unordered",
    "inward_first",
)
PASSING_COLUMNS = ("next_day", "next_origin", "differs", "turn")


def build_spells(movements: pl.DataFrame, persons: pl.DataFrame | None, observation: Observation) -> pl.DataFrame:
    """Return spells: `person`, `begin`, `end`, `here` (1, 0, null), `after`, `origin`, `gone`, `forced`, details."""
    rows = [build_starts(movements, persons, observation), find_crossings(movements, observation)]
    return select_spells(pl.concat(rows), observation)


def select_spells(rows: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    ordered = keep_relevant_days(reduce_to_days(arrange(rows, SORT_COLUMNS)))
    ordered = ordered.with_columns(next_day=compute_following("day"))
    until = pl.min_horizontal(pl.col("next_day").fill_null(observation.until), pl.col("gone"))
    state = pl.when(pl.col("origin") == CROSSING).then(pl.col("after")).otherwise(pl.col("located"))
    led = pl.col("led")
    known = (
        pl.when(led.is_null() | (pl.col("origin") == PRIOR)).then(state)
        .when((pl.col("origin") != CROSSING) | (led == pl.col("after"))).then(led)
    )  # fmt: skip
    return (
        ordered.with_columns(begin=pl.col("day"), end=until, here=known)
        # For people who died before the observation or were born after it, no record counts.
        .filter(pl.col("gone").is_not_null() & (pl.col("end") >= pl.col("begin")))
        .with_columns(after=pl.when(pl.col("origin") == CROSSING).then(pl.col("after")).otherwise(pl.col("here")))
        .select(*SPELL_COLUMNS)
    )


def find_crossings(movements: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    """Return observed crossings as sortable rows; `ordered` sorts crossings of a day."""
    inward = pl.when(pl.col("direction") == "ENTRY").then(pl.lit(1)).otherwise(pl.lit(0)).cast(pl.Int64)
    return (
        movements.with_columns(day="date", after=inward)
        .filter((pl.col("day") >= observation.first) & (pl.col("day") < observation.until))
        .with_columns(
            ordered=pl.col("sequence").fill_null(0) * 2 + pl.col("after"),
            timeless=flag(pl.col("sequence").is_null()),
            origin=write_int_literal(CROSSING),
            located=write_int_literal(None),
            gone=write_int_literal(None),
            forced=write_int_literal(None),
        )
        .select(*ORDER_COLUMNS)
    )


def build_starts(movements: pl.DataFrame, persons: pl.DataFrame | None, observation: Observation) -> pl.DataFrame:
    strangers = movements.select("person").unique()
    if persons is not None:
        strangers = strangers.join(persons.select("person"), on="person", how="anti")
    beginnings = strangers.with_columns(
        day=write_int_literal(observation.first),
        origin=write_int_literal(START),
        located=write_int_literal(None),
        gone=write_int_literal(BLOCK_STEP),
        forced=write_int_literal(None),
        resident=write_int_literal(None),
    ).select(*START_COLUMNS)
    if persons is not None:
        beginnings = pl.concat([find_beginnings(persons, observation), beginnings])
    begun = beginnings.with_columns(
        ordered=write_int_literal(0),
        timeless=write_int_literal(0),
        after=write_int_literal(-1),
        **build_empty_details(),
    )
    before = begun.filter(pl.col("resident").is_not_null()).with_columns(
        day=pl.col("day") - PRIOR_DAYS, located=pl.col("resident"), origin=write_int_literal(PRIOR)
    )
    return pl.concat([rows.select(*ORDER_COLUMNS) for rows in (begun, before)])


def build_empty_details() -> dict[str, pl.Expr]:
    return {
        name: write_missing_text() if kind == "text" else write_int_literal(None) for name, kind in DETAIL_TYPES.items()
    }


def find_beginnings(persons: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    """Return the initial location and residence of persons: `located`, `resident`, `forced`.

    Children of resident mothers are residents, under rules by place of delivery only if born there.
    """
    area, born = observation.area, pl.col("born")
    native = (pl.col("c_birth") == area).cast(pl.Int64)
    of_mother = (pl.col("c_mother") == area).cast(pl.Int64)
    resident = pl.col("resident").cast(pl.Int64)
    at_birth = (
        of_mother
        if observation.birth_place == MOTHER
        else pl.when(native == 0).then(write_int_literal(0)).otherwise(of_mother)
    )
    return (
        persons.with_columns(
            born=pl.col("birth_date").fill_null(-BLOCK_STEP), gone=pl.col("death_date").fill_null(BLOCK_STEP)
        )
        .filter((born < observation.until) & (pl.col("gone") >= observation.first))
        .with_columns(
            origin=pl.when(born >= observation.first)
            .then(write_int_literal(BIRTH))
            .otherwise(write_int_literal(START)),
            day=pl.when(born > observation.first).then(born).otherwise(write_int_literal(observation.first)),
            located=pl.when(born >= observation.first).then(native).otherwise(resident),
            forced=pl.when(born >= observation.first).then(at_birth),
            gone=pl.when(pl.col("gone") < observation.until)
            .then(pl.col("gone"))
            .otherwise(write_int_literal(BLOCK_STEP)),
            resident=pl.when(born < observation.first).then(resident),
        )
        .select(*START_COLUMNS)
    )


def reduce_to_days(rows: pl.DataFrame) -> pl.DataFrame:
    """Reduce crossings to one row per day (`before`, `after`): unordered pairs cancel, contradictions are empty."""
    last = select_day_ends(rows).with_columns(
        contradicted=pl.col("contradictions") > compute_previous("contradictions").fill_null(0),
        unordered=(pl.col("ordered") // 2 == pl.col("first") // 2)
        | (pl.col("timelesses") > compute_previous("timelesses").fill_null(0)),
        inward_first=pl.col("first") - pl.col("first") // 2 * 2,  # faster than the remainder
    )
    crossing = pl.col("origin") == CROSSING
    placed = last.with_columns(
        cancelled=crossing & pl.col("unordered") & (pl.col("turns") > compute_previous("turns").fill_null(0)),
        before=pl.when(crossing).then(1 - pl.col("inward_first")),
        **{name: pl.when(~pl.col("contradicted")).then(pl.col(name)) for name in DETAIL_TYPES},
    )
    return placed.drop(*SIGN_COLUMNS).filter(~pl.col("cancelled"))


def keep_relevant_days(days: pl.DataFrame) -> pl.DataFrame:
    """Keep days that change a night, with the day of death (`gone`) and the origin of the next."""
    crossing = pl.col("origin") == CROSSING
    known = days.with_columns(
        gone=compute_last_seen("gone"), stood=pl.when(crossing).then(pl.col("after"))
    ).with_columns(
        stood=compute_previous("stood"),
        # Dead people do not cross borders.
        led=pl.when(compute_following("day") <= pl.col("gone")).then(compute_following("before")),
    )
    fits = (pl.col("stood") == pl.col("after")).fill_null(value=True)
    leads = (pl.col("led") == pl.col("after")).fill_null(value=True)
    idle = crossing & (pl.col("before") == pl.col("after")).fill_null(value=False)
    return known.filter(~(idle & fits & leads))


def select_day_ends(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the last row per person and day; `first` is the position of the day's first row in order."""
    before = {f"{name}_before": compute_previous(name) for name in ("day", "ordered", "after", "origin", *DETAIL_TYPES)}
    crossing = pl.col("origin") == CROSSING
    further = crossing & (pl.col("origin_before") == CROSSING) & (pl.col("day_before") == pl.col("day"))
    tied = further & (pl.col("ordered_before") == pl.col("ordered"))
    differ = [flag(tied & is_different(name, pl.col(f"{name}_before"))) for name in DETAIL_TYPES]
    ends = (pl.col("next_day") != pl.col("day")) | (pl.col("next_origin") != pl.col("origin"))
    flagged = rows.with_columns(
        **before, next_day=compute_following("day"), next_origin=compute_following("origin")
    ).with_columns(
        differs=pl.sum_horizontal(*differ),
        turn=flag(further & (pl.col("after_before") != pl.col("after"))),
        first=pl.when(further).then(write_int_literal(None)).otherwise(pl.col("ordered")),
        ends=pl.col("next_day").is_null() | ends,
    )
    summed = flagged.with_columns(
        contradictions=pl.col("differs").cum_sum(),
        timelesses=pl.col("timeless").cum_sum(),
        turns=pl.col("turn").cum_sum(),
        first=compute_last_seen("first"),
    )
    return summed.drop(*before, *PASSING_COLUMNS).filter("ends")


def is_different(name: str, other: pl.Expr) -> pl.Expr:
    own = pl.col(name)
    return (own.is_null() != other.is_null()) | (own != other).fill_null(value=False)


SHIFT, FAR_FUTURE = 1_000_000, 20_000_000
HOLDER_COLUMNS = ("born", "native")


def build_permit_spells(
    permits: pl.DataFrame, persons: pl.DataFrame | None, citizenships: pl.DataFrame | None, observation: Observation
) -> pl.DataFrame:
    known = select_known_permits(permits, persons, citizenships, observation)
    stays = merge_stays(known, observation)
    starts = build_starts(permits, persons, observation)
    rows = [add_current_stays(starts, stays), *build_stay_crossings(stays, observation)]
    return select_spells(pl.concat(rows), observation)


def select_known_permits(
    permits: pl.DataFrame, persons: pl.DataFrame | None, citizenships: pl.DataFrame | None, observation: Observation
) -> pl.DataFrame:
    """Return permits valid during observation and the holder's life, with the holder's birth."""
    spans = permits.select("person", "begin", "end")
    if persons is None:
        spans = spans.with_columns(
            born=write_int_literal(None),
            died=write_int_literal(None),
            native=write_int_literal(None),
            c_first=write_missing_text(),
        )
    else:
        holders = persons.select(
            "person",
            born="birth_date",
            died="death_date",
            native=(pl.col("c_birth") == observation.area).cast(pl.Int64),
            c_first=pl.col("c_citizen"),
        )
        spans = spans.join(holders, on="person", how="left")
    begin, end = pl.col("begin"), pl.col("end")
    alive = (begin <= pl.col("died")).fill_null(value=True) & (end > pl.col("born")).fill_null(value=True)
    spans = spans.filter((begin < observation.until) & (end > observation.first) & (end > begin) & alive)
    spans = spans.with_columns(at=end, citizen=pl.col("c_first"))
    if citizenships is not None:
        acquired = citizenships.filter(pl.col("date") < observation.until)
        spans = spans.join(add_changed_citizenship(spans, acquired), on=["person", "at"], how="left")
        spans = spans.with_columns(citizen=pl.coalesce("c_changed", "citizen"))
    own = (pl.col("citizen") == observation.area).fill_null(value=False)
    return spans.select(
        "person", "begin", pl.when(own).then(write_int_literal(FAR_FUTURE)).otherwise(end).alias("end"), *HOLDER_COLUMNS
    )


def merge_stays(permits: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    """Merge overlapping or adjacent permits of a person into stays (`begin`, `end`, `days`)."""
    rows = arrange(permits.unique(), ("begin", "end")).with_columns(reach=pl.col("end") + SHIFT)
    rows = rows.with_columns(reach=compute_running_maximum("reach")).with_columns(before=compute_previous("reach"))
    joins = (pl.col("begin") + SHIFT <= pl.col("before")).fill_null(value=False)
    rows = rows.with_columns(first=flag(~joins))
    stays = (
        rows.with_columns(stay=pl.col("first").cum_sum())
        .group_by("person", "stay")
        .agg(pl.col("begin").min(), pl.col("end").max(), *(pl.col(name).min() for name in HOLDER_COLUMNS))
    )
    begin, born, first = pl.col("begin"), pl.col("born"), observation.first
    newborn = (born >= first).fill_null(value=False)
    at_birth = newborn & ((begin < born) | ((begin == born) & (pl.col("native") == 1).fill_null(value=False)))
    length = pl.col("end") - pl.max_horizontal("begin", "born")
    return stays.with_columns(days=length, held=pl.when(newborn).then(at_birth).otherwise(begin < first))


def add_current_stays(starts: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    going_on = stays.filter(pl.col("held")).select("person", "days")
    held = pl.col("days").is_not_null() & (pl.col("origin") != PRIOR)
    return (
        starts.join(going_on, on="person", how="left")
        .with_columns(
            located=pl.when(held).then(write_int_literal(1)).otherwise(pl.col("located")),
            granted_days=pl.when(held).then(pl.col("days")),
        )
        .select(*ORDER_COLUMNS)
    )


def build_stay_crossings(stays: pl.DataFrame, observation: Observation) -> list[pl.DataFrame]:
    """Return an entry for each start and an exit for each end of a stay, as sortable rows."""
    nothing = build_empty_details() | {name: write_int_literal(None) for name in ("located", "gone", "forced")}
    entries, exits = stays.filter(~pl.col("held")), stays.filter(pl.col("end") < observation.until)
    sides = (entries, "begin", 1, pl.col("days")), (exits, "end", 0, write_int_literal(None))
    return [
        rows.with_columns(**nothing)
        .with_columns(
            day=pl.col(day),
            after=write_int_literal(after),
            ordered=write_int_literal(after),
            timeless=write_int_literal(0),
            origin=write_int_literal(CROSSING),
            granted_days=days,
        )
        .select(*ORDER_COLUMNS)
        for rows, day, after, days in sides
    ]
