"""Simulated population register with late and missing exits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.journeys import DIED, MOVED
from sdmxmig.records.simulation.made_up import HOME, countries
from sdmxmig.records.simulation.truth import ENTRY, EXIT, MIGRATION, dated

if TYPE_CHECKING:
    from sdmxmig.records.simulation.source import Seen, Source

NAME = "register"
LATE_IN, LATE_OUT, NEVER_OUT = "LATE-REGISTRATION", "LATE-DEREGISTRATION", "NEVER-DEREGISTERED"
ABSENT, TWICE, STRUCK, WRONG = "NOT-IN-SOURCE", "DOUBLE-RECORD", "REMOVED-THOUGH-PRESENT", "WRONG-CITIZENSHIP"
DEAD_ABROAD = "DEATH-ABROAD-NOT-RECORDED"
FIRST_YEAR = 365
NEVER = 10**6
"""So many days late is never."""
ARRIVING = {True: "immigrants-native", False: "immigrants-foreign"}
LEAVING = {True: "emigrants-native", False: "emigrants-foreign"}


def register_of(source: Seen) -> Source:
    truth = source.truth
    moves = registered(source)
    lived = truth.stays.filter("here")["person"].unique().sort()
    hidden = absent(source)
    people = lived.filter(~lived.is_in(hidden.implode()))
    moves = moves.filter(pl.col("person").is_in(people.implode())).filter(pl.col("day") < truth.until)
    again = source.happens(TWICE, ARRIVING[True], (moves["own"] & (moves["direction"] == ENTRY)).to_numpy())
    second = moves.filter(pl.Series(again))["person"].unique().sort()
    records = source.records(people, "R", second).with_columns(
        person_number=pl.when("is_second").then("other_number").otherwise("person_number")
    )
    source.note(TWICE, ARRIVING[True], records.filter("is_second")["record"])
    moves = moves.with_columns(is_second=pl.Series(again)).join(
        records.select("person", "is_second", "record"), on=["person", "is_second"], how="left", maintain_order="left"
    )
    noted = wrong_citizenships(source, records)
    return source.finished(
        noted,
        identities=source.identified(noted),
        persons=persons_of(source, noted),
        movements=movements_of(moves),
        citizenships=citizenships_of(source, records),
    )


def registered(source: Seen) -> pl.DataFrame:
    """The moves that the register learns of, on the day on which it does, and those that it only believes in."""
    stays = source.truth.stays.with_columns(was=pl.col("here").shift(1).over("person"))
    moves = stays.filter((pl.col("opened") == MOVED) & (pl.col("was") != pl.col("here")))
    own = source.identities["c_citizen"].gather(moves["person"]) == HOME
    inward = moves["here"].to_numpy()
    late = np.zeros(moves.height, dtype=np.int64)
    for is_own in (True, False):
        of_group = (own == is_own).to_numpy()
        late += delayed(source, LATE_IN, ARRIVING[is_own], moves.with_columns(hit=pl.Series(inward & of_group)))
        leaving = moves.with_columns(hit=pl.Series(~inward & of_group))
        never = source.happens(NEVER_OUT, LEAVING[is_own], leaving["hit"].to_numpy())
        note(source, NEVER_OUT, LEAVING[is_own], moves.filter(pl.Series(never)))
        late[never] = NEVER
        others = leaving.with_columns(hit=pl.col("hit") & ~pl.Series(never))
        late += delayed(source, LATE_OUT, LEAVING[is_own], others)
    recent = source.happens(ABSENT, "recent-arrivals", inward)
    note(source, ABSENT, "recent-arrivals", moves.filter(pl.Series(recent)))
    late = np.where(recent, np.maximum(late, FIRST_YEAR), late)
    known = moves.select(
        "person",
        day=pl.col("begin") + pl.Series(late),
        direction=pl.when("here").then(pl.lit(ENTRY)).otherwise(pl.lit(EXIT)),
        c_residence=pl.when("here").then(pl.lit(None, dtype=pl.String)).otherwise("country"),
        own=own,
    )
    return pl.concat([known, *struck_off(source)]).sort("person", "day")


def delayed(source: Seen, kind: str, group: str, moves: pl.DataFrame) -> np.ndarray:
    late = source.happens(kind, group, moves["hit"].to_numpy())
    note(source, kind, group, moves.filter(pl.Series(late)))
    return np.where(late, source.delays(kind, group, moves.height), 0)


def note(source: Seen, kind: str, group: str, moves: pl.DataFrame) -> None:
    source.note(kind, group, "-" + source.truth.persons["id"].gather(moves["person"]))


def struck_off(source: Seen) -> list[pl.DataFrame]:
    """Foreign residents whom the register takes out though they are there, and takes in again later."""
    truth = source.truth
    staying = truth.stays.filter(pl.col("here") & (pl.col("end") - pl.col("begin") > FIRST_YEAR))
    foreign = (source.identities["c_citizen"].gather(staying["person"]) != HOME).to_numpy()
    hit = source.happens(STRUCK, "registered-foreign-citizens", foreign)
    struck = staying.filter(pl.Series(hit))
    note(source, STRUCK, "registered-foreign-citizens", struck)
    begin, end = struck["begin"].to_numpy(), struck["end"].to_numpy()
    out = source.chance.between(begin + 1, end - 1, struck.height)
    back = np.minimum(out + source.delays(STRUCK, "registered-foreign-citizens", struck.height), end)
    return [
        struck.select(
            "person",
            day=pl.Series(days),
            direction=pl.lit(direction),
            c_residence=pl.lit(None, dtype=pl.String),
            own=pl.lit(value=False),
        )
        for days, direction in ((out, EXIT), (back, ENTRY))
    ]


def absent(source: Seen) -> pl.Series:
    entries = source.truth.crossings.filter(
        (pl.col("purpose") == MIGRATION) & (pl.col("direction") == ENTRY) & pl.col("granted_days").is_not_null()
    )
    people = entries.unique("person", keep="first", maintain_order=True)
    hidden = source.happens(ABSENT, "irregular-residents", np.ones(people.height, dtype=bool))
    note(source, ABSENT, "irregular-residents", people.filter(pl.Series(hidden)))
    return people.filter(pl.Series(hidden))["person"]


def wrong_citizenships(source: Seen, records: pl.DataFrame) -> pl.DataFrame:
    foreign = (records["c_citizen"] != HOME).to_numpy()
    wrong = source.happens(WRONG, "foreign-citizens", foreign)
    source.note(WRONG, "foreign-citizens", records["record"].filter(wrong))
    others = [code for code in countries() if code != HOME]
    drawn = pl.Series(others).gather(source.chance.between(0, len(others) - 1, records.height))
    return records.with_columns(c_citizen=pl.when(pl.Series(wrong)).then(drawn).otherwise("c_citizen"))


def persons_of(source: Seen, records: pl.DataFrame) -> pl.DataFrame:
    """The persons of the register, with the deaths that it knows; citizenship is that at first."""
    truth = source.truth
    dead = truth.stays.filter(pl.col("closed") == DIED).select("person", died_here="here")
    rows = records.join(dead, on="person", how="left", maintain_order="left")
    abroad = (~rows["died_here"]).fill_null(value=False).to_numpy()
    unknown = source.happens(DEAD_ABROAD, "deaths-abroad", abroad)
    source.note(DEAD_ABROAD, "deaths-abroad", rows["record"].filter(unknown))
    first, resident = (truth.persons[name].gather(rows["person"]) for name in ("c_citizen", "resident"))
    return rows.select(
        person="record",
        sex="sex",
        birth_date=dated("born"),
        death_date=pl.when(~pl.Series(unknown)).then(dated("died")),
        c_birth="c_birth",
        c_mother=pl.when(pl.col("born") >= truth.first).then("c_birth"),
        c_citizen=first,
        resident=resident & ~pl.col("is_second"),
        known_from=dated("born") + pl.duration(days=pl.lit(late_births(source, rows))),
    )


def late_births(source: Seen, rows: pl.DataFrame) -> pl.Series:
    born = ((rows["born"] >= source.truth.first) & (rows["c_birth"] == HOME)).to_numpy()
    late = source.happens(LATE_IN, "births", born)
    source.note(LATE_IN, "births", rows["record"].filter(late))
    return pl.Series(np.where(late, source.delays(LATE_IN, "births", rows.height), 0))


def movements_of(moves: pl.DataFrame) -> pl.DataFrame:
    return moves.select(
        person="record",
        date=dated("day"),
        direction="direction",
        c_residence="c_residence",
        source_detail=pl.lit("simulated"),
    ).sort("person", "date", "direction")


def citizenships_of(source: Seen, records: pl.DataFrame) -> pl.DataFrame:
    truth = source.truth
    rows = truth.citizenships.join(records.select("person", "record"), on="person")
    recent = ((rows["day"] >= truth.until - 730) & (rows["c_citizen"] == HOME)).to_numpy()
    late = source.happens(WRONG, "naturalised-in-last-2-years", recent)
    source.note(WRONG, "naturalised-in-last-2-years", rows["record"].filter(late))
    days = np.where(late, source.delays(WRONG, "naturalised-in-last-2-years", rows.height), 0)
    known = rows.with_columns(day=pl.col("day") + pl.Series(days)).filter(pl.col("day") < truth.until)
    return known.select(person="record", date=dated("day"), c_citizen="c_citizen").sort("person", "date")
