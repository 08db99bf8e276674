"""All simulated sources.

Simulated residence permits. Simulated household survey. Simulated social security and health records. Simulated border
records. Work and schooling of simulated persons.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation import register
from sdmxmig.records.simulation.journeys import GOES_ON, MOVED
from sdmxmig.records.simulation.made_up import HOME
from sdmxmig.records.simulation.people import Chance, day_of, first_days, sorted_once
from sdmxmig.records.simulation.source import Seen, Source, seen
from sdmxmig.records.simulation.truth import AIR, ENTRY, EXIT, LAND, MIGRATION, MINUTES, dated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sdmxmig.records.simulation.people import Flags, Whole
    from sdmxmig.records.simulation.truth import Truth


PERMITS_NAME = "permits"
ABSENT, PERMITS_TWICE, OUTLIVES = "NOT-IN-SOURCE", "DOUBLE-RECORD", "PERMIT-OUTLIVES-STAY"
HOLDERS, CHILDREN, LEFT = "permit-holders", "children-of-permit-holders", "emigrants-foreign"
CHILD = 16 * 365
"""The age in days until which a child may be on the permit of a parent."""
WHO = ("person", "born", "former", "c_citizen", "since")
LONGEST_LEFT = 700
"""So many days a permit still holds at most when the simulation ends."""


def permits_of(source: Seen) -> Source:
    """Permits of foreign citizens, from the day of their arrival to that of their departure or naturalisation."""
    truth = source.truth
    stays = truth.stays.filter("here").join(source.identities.select(WHO), on="person")
    irregular = truth.crossings.filter(
        (pl.col("purpose") == MIGRATION) & (pl.col("direction") == ENTRY) & pl.col("granted_days").is_not_null()
    ).select("person", begin="day")
    stays = stays.join(irregular, on=["person", "begin"], how="anti")
    naturalised = (pl.col("c_citizen") == HOME) & (pl.col("former") != HOME) & pl.col("since").is_not_null()
    stays = stays.with_columns(
        end=pl.when(naturalised).then(pl.min_horizontal("end", "since")).otherwise("end"), naturalised=naturalised
    ).filter(((pl.col("c_citizen") != HOME) | pl.col("naturalised")) & (pl.col("begin") < pl.col("end")))
    child = (stays["begin"] - stays["born"] < CHILD).to_numpy()
    hidden = source.happens(ABSENT, CHILDREN, child)
    source.note(ABSENT, CHILDREN, "-" + truth.persons["id"].gather(stays.filter(pl.Series(hidden))["person"]))
    stays = stays.filter(pl.Series(~hidden)).sort("person", "begin")
    people = stays["person"].unique().sort()
    twice = source.happens(PERMITS_TWICE, HOLDERS, np.ones(len(people), dtype=bool))
    records = source.records(people, "T", people.filter(pl.Series(twice)))
    source.note(PERMITS_TWICE, HOLDERS, records.filter("is_second")["record"])
    held = records.select("person", "record")
    rows = lasting(source, stays).join(held, on="person", how="left", maintain_order="left")
    permits = rows.select(person="record", begin=dated("begin"), end=dated("end"), source_detail=pl.lit("simulated"))
    return source.finished(records, permits=permits.sort("person", "begin"), identities=source.identified(records))


def lasting(source: Seen, stays: pl.DataFrame) -> pl.DataFrame:
    left = (stays["closed"] == MOVED) & ~stays["naturalised"]
    outlives = source.happens(OUTLIVES, LEFT, left.to_numpy())
    source.note(OUTLIVES, LEFT, "-" + source.truth.persons["id"].gather(stays.filter(pl.Series(outlives))["person"]))
    later = np.where(outlives, source.delays(OUTLIVES, LEFT, stays.height), 0)
    still = ((stays["closed"] == GOES_ON) & ~stays["naturalised"]).to_numpy()
    later += np.where(still, source.chance.between(1, LONGEST_LEFT, stays.height), 0)
    return stays.with_columns(end=pl.col("end") + pl.Series(later))


SURVEY_NAME = "survey"
SHARE, LEAST = 0.05, 400
"""The share of residents who are asked, and how many are at least."""
SILENT, MORE_SILENT = "NON-RESPONSE", "NON-RESPONSE-IF-CITIZENSHIP-ASKED"
CITIZENS, FOREIGNERS = "native-citizens", "foreign-citizens"
DIGITS = 4


def survey_of(source: Seen) -> Source:
    """The answers of a sample of those who live in the country at the end."""
    truth = source.truth
    residents = characteristics_of(truth)
    size = min(residents.height, max(LEAST, round(residents.height * SHARE)))
    sample = residents[np.sort(source.chance.distinct(residents.height, size))]
    foreign = (source.identities["c_citizen"].gather(sample["person"]) != HOME).to_numpy()
    silent = np.zeros(size, dtype=bool)
    for kind, group, asked in (
        (SILENT, CITIZENS, ~foreign),
        (SILENT, FOREIGNERS, foreign),
        (MORE_SILENT, FOREIGNERS, foreign),
    ):
        happened = source.happens(kind, group, asked & ~silent)
        source.note(kind, group, "-" + truth.persons["id"].gather(sample.filter(pl.Series(happened))["person"]))
        silent |= happened
    answers = sample.filter(pl.Series(~silent))
    records = source.records(answers["person"], "V")
    identities = source.identified(records)
    weight = f"{residents.height / size:.{DIGITS}f}"
    rows = records.select("record", "person", "born").join(answers, on="person", how="left", maintain_order="left")
    table = rows.join(identities, on="record", how="left", maintain_order="left").select(
        "record",
        weight=pl.lit(weight),
        sex="sex",
        age=truth.world.last_year - pl.col("born").cast(pl.Int32).cast(pl.Date).dt.year().cast(pl.Int64),
        c_birth="c_birth",
        c_citizen="c_citizen",
        employed="employed",
        schooling="schooling",
        source_detail=pl.lit("simulated"),
    )
    return source.finished(records, survey=table.sort("record"), identities=identities)


SOCIAL_NAME = "social"
WORK, HEALTH = "work", "health"
YEARS = 10_000
"""More than any year."""
TREATED = 0.7
"""The share of residents who are treated in a year."""
UNDECLARED, GHOST = "NOT-IN-SOURCE", "SIGNS-WITHOUT-PERSON"
WORKERS = {True: "workers-native", False: "workers-foreign"}
SOCIAL_LEFT, EVERYBODY = "emigrants-foreign", "everybody"


def social_of(source: Seen) -> Source:
    """Signs of work and of treatment of residents, and some of people who are not there."""
    frames = [signs_of(source, year) for year in source.truth.world.years]
    signs = each_once(pl.concat([*frames, ghosts(source)]), "person")
    records = source.records(signs["person"].unique().sort(), "S").with_row_index("place")
    rows = signs.join(records.select("person", "place"), on="person", how="left", maintain_order="left")
    wrong = source.happens(GHOST, EVERYBODY, np.ones(rows.height, dtype=bool))
    source.note(GHOST, EVERYBODY, records["record"].gather(rows["place"].filter(wrong)))
    other = pl.Series(source.chance.between(0, records.height - 1, rows.height))
    booked = rows.with_columns(pl.when(pl.Series(wrong)).then(other).otherwise("place").alias("place"))
    table = each_once(booked.select("place", "year", "sign"), "place").select(
        record=pl.lit(records["record"]).gather("place"), year="year", sign="sign", source_detail=pl.lit("simulated")
    )
    records = records.drop("place")
    return source.finished(records, signs=table, identities=source.identified(records))


def each_once(signs: pl.DataFrame, who: str) -> pl.DataFrame:
    sign = (pl.col("sign") == WORK).cast(pl.Int64)
    key = signs.select((pl.col(who).cast(pl.Int64) * YEARS + pl.col("year")) * 2 + sign).to_series().to_numpy()
    ordered = sorted_once(key)
    return pl.DataFrame({who: ordered // 2 // YEARS, "year": ordered // 2 % YEARS}).with_columns(
        sign=pl.when(pl.Series(ordered % 2 == 1)).then(pl.lit(WORK)).otherwise(pl.lit(HEALTH))
    )


def signs_of(source: Seen, year: int) -> pl.DataFrame:
    """The signs of a year: `person`, `year`, `sign`."""
    truth = source.truth
    begin, end = day_of(dt.date(year, 1, 1)), day_of(dt.date(year + 1, 1, 1))
    present = truth.stays.filter(pl.col("here") & (pl.col("begin") < end) & (pl.col("end") > begin))
    people = present["person"].unique().sort()
    working = works_in(truth, year)[people.to_numpy()]
    own = (source.identities["c_citizen"].gather(people) == HOME).to_numpy()
    hidden = np.zeros(len(people), dtype=bool)
    for is_own, group in WORKERS.items():
        happened = source.happens(UNDECLARED, group, working & (own == is_own))
        source.note(UNDECLARED, group, "-" + truth.persons["id"].gather(people.filter(pl.Series(happened))))
        hidden |= happened
    treated = source.chance.happens(TREATED, len(people))
    return pl.concat([of(people.filter(working & ~hidden), year, WORK), of(people.filter(treated), year, HEALTH)])


def of(people: pl.Series, year: int, sign: str) -> pl.DataFrame:
    return pl.DataFrame({"person": people}).with_columns(year=pl.lit(year, dtype=pl.Int64), sign=pl.lit(sign))


def ghosts(source: Seen) -> pl.DataFrame:
    """Signs of foreign citizens who have left, in the years until somebody notices."""
    truth = source.truth
    left = truth.stays.filter(pl.col("here") & (pl.col("closed") == MOVED))
    foreign = (source.identities["c_citizen"].gather(left["person"]) != HOME).to_numpy()
    hit = source.happens(GHOST, SOCIAL_LEFT, foreign)
    gone = left.filter(pl.Series(hit))
    source.note(GHOST, SOCIAL_LEFT, "-" + truth.persons["id"].gather(gone["person"]))
    last = gone["end"].to_numpy() + source.delays(GHOST, SOCIAL_LEFT, gone.height)
    years = (pl.Series(last).cast(pl.Int32).cast(pl.Date).dt.year().cast(pl.Int64)).clip(None, truth.world.last_year)
    return gone.select("person", year=years.alias("year"), sign=pl.lit(WORK))


NAME = "border"
WAYS = {AIR: "air-crossings", LAND: "land-crossings"}
MISSED = {EXIT: "MISSED-EXIT", ENTRY: "MISSED-ENTRY"}
LEFT_OUT, TWICE, LATE = "NOT-IN-SOURCE", "DOUBLE-RECORD", "LATE-EXIT-MATCH"
SHARED_DOCUMENT = 0.5
"""Share of crossings with the second document."""


def border_of(source: Seen) -> Source:
    """The crossings that the border has, by documents; `known_from` is the day on which a record was there."""
    visitors = source.truth.persons["visitor"]
    crossings = source.truth.crossings.with_row_index("crossing")
    crossings = crossings.with_columns(visitor=visitors.gather(crossings["person"]))
    kept = crossings.filter(pl.Series(~missed(source, crossings)))
    people = kept["person"].unique().sort()
    two = source.identities[people].filter(pl.col("dual") & (pl.col("c_citizen") == HOME))["person"]
    records = by_documents(source.records(people, "B", two))
    twice = source.happens(TWICE, "all-crossings", np.ones(kept.height, dtype=bool))
    source.note(TWICE, "all-crossings", kept["crossing"].filter(twice))
    rows = pl.concat([kept, kept.filter(pl.Series(twice))]).sort("crossing")
    late = source.happens(LATE, "temporary-visitors", late_group(rows))
    source.note(LATE, "temporary-visitors", rows["crossing"].filter(late))
    days = np.where(late, source.delays(LATE, "temporary-visitors", rows.height), 0)
    named = with_documents(source, rows.with_columns(delay=pl.Series(days)), records)
    # Moment and record together are one number, which is sorted at once.
    moment = ((pl.col("day") * MINUTES + pl.col("minute")) * records.height + pl.col("place")).alias("#moment")
    movements = (
        named.with_columns(moment)
        .sort("#moment", maintain_order=True)
        .select(
            person="record",
            date=dated("day"),
            direction="direction",
            sequence="minute",
            c_residence="c_residence",
            purpose=pl.when(pl.col("purpose") != MIGRATION).then("purpose"),
            intended_days=pl.when(pl.col("direction") == ENTRY).then("intended_days"),
            granted_days="granted_days",
            known_from=dated("day") + pl.duration(days="delay"),
            source_detail=pl.lit("simulated"),
        )
    )
    return source.finished(records, movements=movements, identities=source.identified(records))


def late_group(rows: pl.DataFrame) -> np.ndarray:
    return ((rows["direction"] == EXIT) & (rows["visitor"])).to_numpy()


def missed(source: Seen, crossings: pl.DataFrame) -> np.ndarray:
    """Which crossings the border does not have."""
    gone = np.zeros(crossings.height, dtype=bool)
    for direction, kind in MISSED.items():
        for way, group in WAYS.items():
            of_kind = (crossings["direction"] == direction) & (crossings["way"] == way)
            gone |= noted(source, kind, group, crossings.with_columns(hit=of_kind))
    visits = (crossings["way"] == AIR) & crossings["visitor"]
    gone |= noted(source, LEFT_OUT, WAYS[AIR], crossings.with_columns(hit=visits))
    gone |= noted(source, LEFT_OUT, "irregular-entrants", crossings.with_columns(hit=irregular(crossings)))
    return gone


def noted(source: Seen, kind: str, group: str, crossings: pl.DataFrame) -> np.ndarray:
    happened = source.happens(kind, group, crossings["hit"].to_numpy())
    source.note(kind, group, crossings["crossing"].filter(happened))
    return happened


def irregular(crossings: pl.DataFrame) -> pl.Series:
    moved = (crossings["purpose"] == MIGRATION) & (crossings["direction"] == ENTRY)
    return moved & crossings["granted_days"].is_not_null() & (crossings["way"] == LAND)


def by_documents(records: pl.DataFrame) -> pl.DataFrame:
    second = pl.col("is_second")
    return records.with_columns(
        person_number=pl.lit(None, dtype=pl.String),
        document=pl.when(second).then("other_document").otherwise("document"),
        c_citizen=pl.when(second).then("c_birth").otherwise("c_citizen"),
    )


def with_documents(source: Seen, rows: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    persons = source.truth.persons.height
    first, second = np.full(persons, NONE), np.full(persons, NONE)
    is_second, person = records["is_second"].to_numpy(), records["person"].to_numpy()
    first[person[~is_second]], second[person[is_second]] = np.flatnonzero(~is_second), np.flatnonzero(is_second)
    who = rows["person"].to_numpy()
    chosen = source.chance.happens(SHARED_DOCUMENT, rows.height) & (second[who] != NONE)
    place = pl.Series(np.where(chosen, second[who], first[who]))
    return rows.with_columns(place=place, record=records["record"].gather(place))


NONE = -1


WORKING_AGES = (18, 64)
EMPLOYED = {True: 0.68, False: 0.6}
"""The share of persons of working age who work, of natives and of those born abroad."""
STEADY = 0.8
"""The weight of what is a person's own, against that of the year, in who works."""
LEAST_SCHOOL, MOST_SCHOOL = 4, 17
YEAR = 365.25


def works_in(truth: Truth, year: int) -> Flags:
    """For each person whether it works in a year, if it is in the country."""
    number = truth.persons.height
    own = Chance(truth.world.seed, "work").uniform(number)
    of_year = Chance(truth.world.seed, f"work {year}").uniform(number)
    native = (truth.persons["c_birth"] == HOME).to_numpy()
    share = np.where(native, EMPLOYED[True], EMPLOYED[False])
    drawn = np.where(of_year < STEADY, own, (of_year - STEADY) / (1 - STEADY))
    age = (first_days(np.array([year + 1]))[0] - truth.persons["born"].to_numpy()) / YEAR
    working: Flags = (drawn < share) & (age >= WORKING_AGES[0]) & (age < WORKING_AGES[1] + 1)
    return working


def schooling_of(truth: Truth) -> Whole:
    number = truth.persons.height
    years = Chance(truth.world.seed, "school").between(LEAST_SCHOOL, MOST_SCHOOL, number)
    age = ((truth.until - truth.persons["born"].to_numpy()) / YEAR).astype(np.int64)
    return np.clip(np.minimum(years, age - 6), 0, None)


def characteristics_of(truth: Truth) -> pl.DataFrame:
    living = truth.stays.filter(pl.col("here") & (pl.col("end") >= truth.until))["person"].unique().sort()
    places = living.to_numpy()
    return pl.DataFrame(
        {
            "person": places,
            "employed": works_in(truth, truth.world.last_year)[places],
            "schooling": schooling_of(truth)[places],
        }
    )


MAKERS: Mapping[str, Callable[[Seen], Source]] = {
    NAME: border_of,
    register.NAME: register.register_of,
    PERMITS_NAME: permits_of,
    SOCIAL_NAME: social_of,
    SURVEY_NAME: survey_of,
}


def sources_of(truth: Truth, identities: pl.DataFrame, *, is_faulty: bool = True) -> Iterator[Source]:
    for name, make in MAKERS.items():
        yield make(seen(name, truth, identities, is_faulty=is_faulty))
