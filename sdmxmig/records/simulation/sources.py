"""Simulated sources: permits, survey, social security and health, border, and register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.lazily import Flags, Integers, np, pl
from sdmxmig.records.simulation.life_courses import DIED, GOES_ON, MOVED, RandomDraws, compute_day, find_first_days
from sdmxmig.records.simulation.populations import HOME_COUNTRY, index_countries
from sdmxmig.records.simulation.record_faults import FAULTY_FIELDS, apply_faults, build_identities, build_source_fault
from sdmxmig.records.simulation.true_tables import (
    AIR,
    ENTRY,
    EXIT,
    LAND,
    MIGRATION_KIND,
    MINUTES,
    Truth,
    convert_to_date,
)

FAULT_COLUMNS = ("record", "kind", "field", "group")
ABSENT, TWICE, OUTLIVES = "NOT-IN-SOURCE", "DOUBLE-RECORD", "PERMIT-OUTLIVES-STAY"
NO_RECORD = -1


@dataclass(frozen=True, slots=True)
class Source:
    """A source; `links` (`record`, `person`) and `faults` (`record`, `kind`, `field`, `group`) are true values."""

    name: str
    tables: Mapping[str, pl.DataFrame]
    links: pl.DataFrame
    faults: pl.DataFrame


@dataclass(slots=True)
class SimulatedSource:
    name: str
    truth: Truth
    _: KW_ONLY
    is_faulty: bool
    identities: pl.DataFrame
    chance: RandomDraws
    faults: list[pl.DataFrame] = field(default_factory=list)

    def happens(self, kind: str, group: str, to_whom: Flags) -> Flags:
        rate = build_source_fault(self.name, kind, group).rate if self.is_faulty else 0.0
        return self.chance.happens(rate, len(to_whom)) & np.asarray(to_whom)

    def draw_hits(self, kind: str, group: str, to_whom: Flags, records: pl.Series) -> Flags:
        """Draw the persons affected by a fault and mark their records."""
        hit = self.happens(kind, group, to_whom)
        self.note(kind, group, records.filter(hit))
        return hit

    def draw_days_late(self, kind: str, group: str, to_whom: Flags, records: pl.Series) -> Integers:
        """Draw the days by which records are late (0 for unaffected persons) and mark the records."""
        hit = self.draw_hits(kind, group, to_whom, records)
        return np.where(hit, self.draw_delays(kind, group, len(hit)), 0)

    def draw_delays(self, kind: str, group: str, number: int) -> Integers:
        return self.chance.draw_exponential(build_source_fault(self.name, kind, group).value, number)

    def note(self, kind: str, group: str, records: pl.Series) -> None:
        columns = {"record": records.cast(pl.String), "kind": kind, "field": "", "group": group}
        self.faults.append(pl.DataFrame(columns, schema=dict.fromkeys(FAULT_COLUMNS, pl.String)))

    def ids(self, people: pl.Series) -> pl.Series:
        return "-" + self.truth.persons["id"].gather(people)

    def records(self, people: pl.Series, letter: str, again: pl.Series | None = None) -> pl.DataFrame:
        everybody = (people if again is None else pl.concat([people, again])).to_numpy().astype(np.int64)
        order = self.chance.order(len(everybody))
        digits = max(len(str(len(everybody))), 4)
        record = pl.Series([letter]) + pl.Series(np.arange(1, len(order) + 1)).cast(pl.String).str.zfill(digits)
        return self.identities[everybody[order]].with_columns(record=record, is_second=pl.Series(order >= len(people)))

    def identify(self, records: pl.DataFrame) -> pl.DataFrame:
        if self.is_faulty:
            records, faults = apply_faults(records, self.name, self.truth.until, self.chance)
            self.faults.append(faults)
        return records.select("record", *FAULTY_FIELDS)

    def finish(self, records: pl.DataFrame, **tables: pl.DataFrame) -> Source:
        ids = self.truth.persons["id"]
        links = records.select("record", person=ids.gather(records["person"]))
        nothing = pl.DataFrame(schema=dict.fromkeys(FAULT_COLUMNS, pl.String))
        return Source(self.name, tables, links=links, faults=pl.concat([nothing, *self.faults]).sort(FAULT_COLUMNS))


def create_source(
    name: str, truth: Truth, identities: pl.DataFrame | None = None, *, is_faulty: bool = True
) -> SimulatedSource:
    known = build_identities(truth) if identities is None else identities
    chance = RandomDraws(truth.world.seed, f"source {name}")
    return SimulatedSource(name, truth, is_faulty=is_faulty, identities=known, chance=chance)


REGISTER_NAME = "register"
LATE_IN, LATE_OUT, NEVER_OUT = "LATE-REGISTRATION", "LATE-DEREGISTRATION", "NEVER-DEREGISTERED"
REMOVED, WRONG = "REMOVED-THOUGH-PRESENT", "WRONG-CITIZENSHIP"
DEAD_ABROAD = "DEATH-ABROAD-NOT-RECORDED"
FIRST_YEAR_DAYS = 365
NEVER_DAY = 10**6
ARRIVAL_RATES = {True: "immigrants-native", False: "immigrants-foreign"}
DEPARTURE_RATES = {True: "emigrants-native", False: "emigrants-foreign"}


def build_register(source: SimulatedSource) -> Source:
    truth = source.truth
    moves = list_registered_moves(source)
    lived = truth.stays.filter("here")["person"].unique().sort()
    hidden = select_absent_persons(source)
    people = lived.filter(~lived.is_in(hidden.implode()))
    moves = moves.filter(pl.col("person").is_in(people.implode())).filter(pl.col("day") < truth.until)
    again = source.happens(TWICE, ARRIVAL_RATES[True], (moves["own"] & (moves["direction"] == ENTRY)).to_numpy())
    second = moves.filter(pl.Series(again))["person"].unique().sort()
    records = source.records(people, "R", second).with_columns(
        person_number=pl.when("is_second").then("other_number").otherwise("person_number")
    )
    source.note(TWICE, ARRIVAL_RATES[True], records.filter("is_second")["record"])
    moves = moves.with_columns(is_second=pl.Series(again)).join(
        records.select("person", "is_second", "record"), on=["person", "is_second"], how="left", maintain_order="left"
    )
    noted = falsify_citizenships(source, records)
    return source.finish(
        noted,
        identities=source.identify(noted),
        persons=build_persons(source, noted),
        movements=build_movements(moves),
        citizenships=build_citizenships(source, records),
    )


def list_registered_moves(source: SimulatedSource) -> pl.DataFrame:
    stays = source.truth.stays.with_columns(was=pl.col("here").shift(1).over("person"))
    moves = stays.filter((pl.col("opened") == MOVED) & (pl.col("was") != pl.col("here")))
    own = source.identities["c_citizen"].gather(moves["person"]) == HOME_COUNTRY
    inward, ids = moves["here"].to_numpy(), source.ids(moves["person"])
    late = np.zeros(moves.height, dtype=np.int64)
    for is_own in (True, False):
        of_group = (own == is_own).to_numpy()
        late += source.draw_days_late(LATE_IN, ARRIVAL_RATES[is_own], inward & of_group, ids)
        leaving = ~inward & of_group
        never = source.draw_hits(NEVER_OUT, DEPARTURE_RATES[is_own], leaving, ids)
        late[never] = NEVER_DAY
        late += source.draw_days_late(LATE_OUT, DEPARTURE_RATES[is_own], leaving & ~never, ids)
    recent = source.draw_hits(ABSENT, "recent-arrivals", inward, ids)
    late = np.where(recent, np.maximum(late, FIRST_YEAR_DAYS), late)
    known = moves.select(
        "person",
        day=pl.col("begin") + pl.Series(late),
        direction=pl.when("here").then(pl.lit(ENTRY)).otherwise(pl.lit(EXIT)),
        c_residence=pl.when("here").then(pl.lit(None, dtype=pl.String)).otherwise("country"),
        own=own,
    )
    return pl.concat([known, *list_struck_off(source)]).sort("person", "day")


def list_struck_off(source: SimulatedSource) -> list[pl.DataFrame]:
    truth = source.truth
    staying = truth.stays.filter(pl.col("here") & (pl.col("end") - pl.col("begin") > FIRST_YEAR_DAYS))
    foreign = (source.identities["c_citizen"].gather(staying["person"]) != HOME_COUNTRY).to_numpy()
    hit = source.draw_hits(REMOVED, "registered-foreign-citizens", foreign, source.ids(staying["person"]))
    struck = staying.filter(pl.Series(hit))
    begin, end = struck["begin"].to_numpy(), struck["end"].to_numpy()
    out = source.chance.between(begin + 1, end - 1, struck.height)
    back = np.minimum(out + source.draw_delays(REMOVED, "registered-foreign-citizens", struck.height), end)
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


def select_absent_persons(source: SimulatedSource) -> pl.Series:
    people = find_irregular_entries(source.truth)["person"].unique(maintain_order=True)
    return people.filter(source.draw_hits(ABSENT, "irregular-residents", select_everyone(people), source.ids(people)))


def find_irregular_entries(truth: Truth) -> pl.DataFrame:
    """Find the entries of immigrants who overstay."""
    is_immigration = (pl.col("purpose") == MIGRATION_KIND) & (pl.col("direction") == ENTRY)
    return truth.crossings.filter(is_immigration & pl.col("granted_days").is_not_null())


def select_everyone(people: pl.Series | pl.DataFrame) -> Flags:
    return np.ones(len(people), dtype=bool)


def falsify_citizenships(source: SimulatedSource, records: pl.DataFrame) -> pl.DataFrame:
    foreign = (records["c_citizen"] != HOME_COUNTRY).to_numpy()
    wrong = source.draw_hits(WRONG, "foreign-citizens", foreign, records["record"])
    others = [code for code in index_countries() if code != HOME_COUNTRY]
    drawn = pl.Series(others).gather(source.chance.between(0, len(others) - 1, records.height))
    return records.with_columns(c_citizen=pl.when(pl.Series(wrong)).then(drawn).otherwise("c_citizen"))


def build_persons(source: SimulatedSource, records: pl.DataFrame) -> pl.DataFrame:
    truth = source.truth
    dead = truth.stays.filter(pl.col("closed") == DIED).select("person", died_here="here")
    rows = records.join(dead, on="person", how="left", maintain_order="left")
    abroad = (~rows["died_here"]).fill_null(value=False).to_numpy()
    unknown = source.draw_hits(DEAD_ABROAD, "deaths-abroad", abroad, rows["record"])
    first, resident = (truth.persons[name].gather(rows["person"]) for name in ("c_citizen", "resident"))
    return rows.select(
        person="record",
        sex="sex",
        birth_date=convert_to_date("born"),
        death_date=pl.when(~pl.Series(unknown)).then(convert_to_date("died")),
        c_birth="c_birth",
        c_mother=pl.when(pl.col("born") >= truth.first).then("c_birth"),
        c_citizen=first,
        resident=resident & ~pl.col("is_second"),
        known_from=convert_to_date("born") + pl.duration(days=pl.lit(select_late_births(source, rows))),
    )


def select_late_births(source: SimulatedSource, rows: pl.DataFrame) -> pl.Series:
    born = ((rows["born"] >= source.truth.first) & (rows["c_birth"] == HOME_COUNTRY)).to_numpy()
    return pl.Series(source.draw_days_late(LATE_IN, "births", born, rows["record"]))


def build_movements(moves: pl.DataFrame) -> pl.DataFrame:
    return moves.select(
        person="record",
        date=convert_to_date("day"),
        direction="direction",
        c_residence="c_residence",
        source_detail=pl.lit("simulated"),
    ).sort("person", "date", "direction")


def build_citizenships(source: SimulatedSource, records: pl.DataFrame) -> pl.DataFrame:
    truth = source.truth
    rows = truth.citizenships.join(records.select("person", "record"), on="person")
    recent = ((rows["day"] >= truth.until - 730) & (rows["c_citizen"] == HOME_COUNTRY)).to_numpy()
    days = source.draw_days_late(WRONG, "naturalised-in-last-2-years", recent, rows["record"])
    known = rows.with_columns(day=pl.col("day") + pl.Series(days)).filter(pl.col("day") < truth.until)
    return known.select(person="record", date=convert_to_date("day"), c_citizen="c_citizen").sort("person", "date")


PERMITS_NAME = "permits"
HOLDERS, CHILDREN, LEFT = "permit-holders", "children-of-permit-holders", "emigrants-foreign"
CHILD_DAYS = 16 * 365
"""Maximum age in days of a child on a parent's permit."""
PERSON_COLUMNS = ("person", "born", "former", "c_citizen", "since")
MAX_DAYS_LEFT = 700
"""Maximum number of days for which a permit is still valid when the simulation ends."""


def build_permits(source: SimulatedSource) -> Source:
    truth = source.truth
    stays = truth.stays.filter("here").join(source.identities.select(PERSON_COLUMNS), on="person")
    irregular = find_irregular_entries(truth).select("person", begin="day")
    stays = stays.join(irregular, on=["person", "begin"], how="anti")
    naturalised = (
        (pl.col("c_citizen") == HOME_COUNTRY) & (pl.col("former") != HOME_COUNTRY) & pl.col("since").is_not_null()
    )
    stays = stays.with_columns(
        end=pl.when(naturalised).then(pl.min_horizontal("end", "since")).otherwise("end"), naturalised=naturalised
    ).filter(((pl.col("c_citizen") != HOME_COUNTRY) | pl.col("naturalised")) & (pl.col("begin") < pl.col("end")))
    child = (stays["begin"] - stays["born"] < CHILD_DAYS).to_numpy()
    hidden = source.draw_hits(ABSENT, CHILDREN, child, source.ids(stays["person"]))
    stays = stays.filter(pl.Series(~hidden)).sort("person", "begin")
    people = stays["person"].unique().sort()
    twice = source.happens(TWICE, HOLDERS, select_everyone(people))
    records = source.records(people, "T", people.filter(pl.Series(twice)))
    source.note(TWICE, HOLDERS, records.filter("is_second")["record"])
    held = records.select("person", "record")
    rows = prolong_stays(source, stays).join(held, on="person", how="left", maintain_order="left")
    permits = rows.select(
        person="record", begin=convert_to_date("begin"), end=convert_to_date("end"), source_detail=pl.lit("simulated")
    )
    return source.finish(records, permits=permits.sort("person", "begin"), identities=source.identify(records))


def prolong_stays(source: SimulatedSource, stays: pl.DataFrame) -> pl.DataFrame:
    left = (stays["closed"] == MOVED) & ~stays["naturalised"]
    later = source.draw_days_late(OUTLIVES, LEFT, left.to_numpy(), source.ids(stays["person"]))
    still = ((stays["closed"] == GOES_ON) & ~stays["naturalised"]).to_numpy()
    later += np.where(still, source.chance.between(1, MAX_DAYS_LEFT, stays.height), 0)
    return stays.with_columns(end=pl.col("end") + pl.Series(later))


SURVEY_NAME = "survey"
SAMPLE_SHARE, MIN_SAMPLE = 0.05, 400
"""The share of residents surveyed, and their minimum number."""
SILENT, MORE_SILENT = "NON-RESPONSE", "NON-RESPONSE-IF-CITIZENSHIP-ASKED"
CITIZENS, FOREIGNERS = "native-citizens", "foreign-citizens"
NUMBER_DIGITS = 4


def build_survey(source: SimulatedSource) -> Source:
    truth = source.truth
    residents = build_characteristics(truth)
    size = min(residents.height, max(MIN_SAMPLE, round(residents.height * SAMPLE_SHARE)))
    sample = residents[np.sort(source.chance.distinct(residents.height, size))]
    foreign = (source.identities["c_citizen"].gather(sample["person"]) != HOME_COUNTRY).to_numpy()
    silent = np.zeros(size, dtype=bool)
    for kind, group, asked in (
        (SILENT, CITIZENS, ~foreign),
        (SILENT, FOREIGNERS, foreign),
        (MORE_SILENT, FOREIGNERS, foreign),
    ):
        silent |= source.draw_hits(kind, group, asked & ~silent, source.ids(sample["person"]))
    answers = sample.filter(pl.Series(~silent))
    records = source.records(answers["person"], "V")
    identities = source.identify(records)
    weight = f"{residents.height / size:.{NUMBER_DIGITS}f}"
    rows = records.select("record", "person", "born").join(answers, on="person", how="left", maintain_order="left")
    table = rows.join(identities, on="record", how="left", maintain_order="left").select(
        "record",
        weight=pl.lit(weight),
        sex="sex",
        age=truth.world.last_year - convert_to_date("born").dt.year().cast(pl.Int64),
        c_birth="c_birth",
        c_citizen="c_citizen",
        employed="employed",
        schooling="schooling",
        source_detail=pl.lit("simulated"),
    )
    return source.finish(records, survey=table.sort("record"), identities=identities)


SOCIAL_NAME = "social"
WORK, HEALTH = "work", "health"
TREATED_SHARE = 0.7
UNDECLARED, NO_PERSON = "NOT-IN-SOURCE", "SIGNS-WITHOUT-PERSON"
WORKER_RATES = {True: "workers-native", False: "workers-foreign"}
SOCIAL_LEFT, EVERYBODY = "emigrants-foreign", "everybody"


def build_social(source: SimulatedSource) -> Source:
    frames = [draw_signs(source, year) for year in source.truth.world.years]
    signs = pl.concat([*frames, draw_ghost_signs(source)]).unique().sort("person", "year", "sign")
    records = source.records(signs["person"].unique().sort(), "S").with_row_index("place")
    rows = signs.join(records.select("person", "place"), on="person", how="left", maintain_order="left")
    wrong = source.draw_hits(NO_PERSON, EVERYBODY, select_everyone(rows), records["record"].gather(rows["place"]))
    other = pl.Series(source.chance.between(0, records.height - 1, rows.height))
    booked = rows.with_columns(pl.when(pl.Series(wrong)).then(other).otherwise("place").alias("place"))
    table = (
        booked.select("place", "year", "sign")
        .unique()
        .sort("place", "year", "sign")
        .select(
            record=pl.lit(records["record"]).gather("place"),
            year="year",
            sign="sign",
            source_detail=pl.lit("simulated"),
        )
    )
    records = records.drop("place")
    return source.finish(records, signs=table, identities=source.identify(records))


def draw_signs(source: SimulatedSource, year: int) -> pl.DataFrame:
    truth = source.truth
    begin, end = compute_day(dt.date(year, 1, 1)), compute_day(dt.date(year + 1, 1, 1))
    present = truth.stays.filter(pl.col("here") & (pl.col("begin") < end) & (pl.col("end") > begin))
    people = present["person"].unique().sort()
    working = mark_workers(truth, year)[people.to_numpy()]
    own = (source.identities["c_citizen"].gather(people) == HOME_COUNTRY).to_numpy()
    hidden = np.zeros(len(people), dtype=bool)
    for is_own, group in WORKER_RATES.items():
        hidden |= source.draw_hits(UNDECLARED, group, working & (own == is_own), source.ids(people))
    treated = source.chance.happens(TREATED_SHARE, len(people))
    return pl.concat(
        [select_year(people.filter(working & ~hidden), year, WORK), select_year(people.filter(treated), year, HEALTH)]
    )


def select_year(people: pl.Series, year: int, sign: str) -> pl.DataFrame:
    return pl.DataFrame({"person": people}).with_columns(year=pl.lit(year, dtype=pl.Int64), sign=pl.lit(sign))


def draw_ghost_signs(source: SimulatedSource) -> pl.DataFrame:
    """Return signs of departed foreign citizens until their departure is recorded."""
    truth = source.truth
    left = truth.stays.filter(pl.col("here") & (pl.col("closed") == MOVED))
    foreign = (source.identities["c_citizen"].gather(left["person"]) != HOME_COUNTRY).to_numpy()
    gone = left.filter(pl.Series(source.draw_hits(NO_PERSON, SOCIAL_LEFT, foreign, source.ids(left["person"]))))
    last = gone["end"].to_numpy() + source.draw_delays(NO_PERSON, SOCIAL_LEFT, gone.height)
    years = (pl.Series(last).cast(pl.Int32).cast(pl.Date).dt.year().cast(pl.Int64)).clip(None, truth.world.last_year)
    return gone.select("person", year=years.alias("year"), sign=pl.lit(WORK))


BORDER_NAME = "border"
CROSSINGS_BY_WAY = {AIR: "air-crossings", LAND: "land-crossings"}
MISSED_FAULTS = {EXIT: "MISSED-EXIT", ENTRY: "MISSED-ENTRY"}
LATE_FAULT = "LATE-EXIT-MATCH"
SHARED_DOCUMENT_RATE = 0.5


def build_border(source: SimulatedSource) -> Source:
    """Return crossings recorded at the border by document; `known_from` is the recording day."""
    visitors = source.truth.persons["visitor"]
    crossings = source.truth.crossings.with_row_index("crossing")
    crossings = crossings.with_columns(visitor=visitors.gather(crossings["person"]))
    kept = crossings.filter(pl.Series(~mark_missed_crossings(source, crossings)))
    people = kept["person"].unique().sort()
    two = source.identities[people].filter(pl.col("dual") & (pl.col("c_citizen") == HOME_COUNTRY))["person"]
    records = identify_by_documents(source.records(people, "B", two))
    twice = source.draw_hits(TWICE, "all-crossings", select_everyone(kept), kept["crossing"])
    rows = pl.concat([kept, kept.filter(pl.Series(twice))]).sort("crossing")
    leaving = (rows["direction"] == EXIT) & rows["visitor"]
    days = source.draw_days_late(LATE_FAULT, "temporary-visitors", leaving.to_numpy(), rows["crossing"])
    named = add_documents(source, rows.with_columns(delay=pl.Series(days)), records)
    # Moment and record form one number, so one sort suffices.
    moment = ((pl.col("day") * MINUTES + pl.col("minute")) * records.height + pl.col("place")).alias("#moment")
    movements = (
        named.with_columns(moment)
        .sort("#moment", maintain_order=True)
        .select(
            person="record",
            date=convert_to_date("day"),
            direction="direction",
            sequence="minute",
            c_residence="c_residence",
            purpose=pl.when(pl.col("purpose") != MIGRATION_KIND).then("purpose"),
            intended_days=pl.when(pl.col("direction") == ENTRY).then("intended_days"),
            granted_days="granted_days",
            known_from=convert_to_date("day") + pl.duration(days="delay"),
            source_detail=pl.lit("simulated"),
        )
    )
    return source.finish(records, movements=movements, identities=source.identify(records))


def mark_missed_crossings(source: SimulatedSource, crossings: pl.DataFrame) -> np.ndarray:
    gone = np.zeros(crossings.height, dtype=bool)
    for direction, kind in MISSED_FAULTS.items():
        for way, group in CROSSINGS_BY_WAY.items():
            of_kind = (crossings["direction"] == direction) & (crossings["way"] == way)
            gone |= source.draw_hits(kind, group, of_kind.to_numpy(), crossings["crossing"])
    visits = (crossings["way"] == AIR) & crossings["visitor"]
    gone |= source.draw_hits(ABSENT, CROSSINGS_BY_WAY[AIR], visits.to_numpy(), crossings["crossing"])
    return gone | source.draw_hits(
        ABSENT, "irregular-entrants", select_irregular(crossings).to_numpy(), crossings["crossing"]
    )


def select_irregular(crossings: pl.DataFrame) -> pl.Series:
    moved = (crossings["purpose"] == MIGRATION_KIND) & (crossings["direction"] == ENTRY)
    return moved & crossings["granted_days"].is_not_null() & (crossings["way"] == LAND)


def identify_by_documents(records: pl.DataFrame) -> pl.DataFrame:
    second = pl.col("is_second")
    return records.with_columns(
        person_number=pl.lit(None, dtype=pl.String),
        document=pl.when(second).then("other_document").otherwise("document"),
        c_citizen=pl.when(second).then("c_birth").otherwise("c_citizen"),
    )


def add_documents(source: SimulatedSource, rows: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    persons = source.truth.persons.height
    first, second = np.full(persons, NO_RECORD), np.full(persons, NO_RECORD)
    is_second, person = records["is_second"].to_numpy(), records["person"].to_numpy()
    first[person[~is_second]], second[person[is_second]] = np.flatnonzero(~is_second), np.flatnonzero(is_second)
    who = rows["person"].to_numpy()
    chosen = source.chance.happens(SHARED_DOCUMENT_RATE, rows.height) & (second[who] != NO_RECORD)
    place = pl.Series(np.where(chosen, second[who], first[who]))
    return rows.with_columns(place=place, record=records["record"].gather(place))


WORKING_AGES = (18, 64)
EMPLOYED_SHARES = {True: 0.68, False: 0.6}
"""The share of persons of working age who work, of natives and of those born abroad."""
PERSON_WEIGHT = 0.8
"""Weight of a person's traits relative to the year in who works."""
MIN_SCHOOL_YEARS, MAX_SCHOOL_YEARS = 4, 17
DAYS_PER_YEAR = 365.25


def mark_workers(truth: Truth, year: int) -> Flags:
    number = truth.persons.height
    own = RandomDraws(truth.world.seed, "work").uniform(number)
    of_year = RandomDraws(truth.world.seed, f"work {year}").uniform(number)
    native = (truth.persons["c_birth"] == HOME_COUNTRY).to_numpy()
    share = np.where(native, EMPLOYED_SHARES[True], EMPLOYED_SHARES[False])
    drawn = np.where(of_year < PERSON_WEIGHT, own, (of_year - PERSON_WEIGHT) / (1 - PERSON_WEIGHT))
    age = (find_first_days(np.array([year + 1]))[0] - truth.persons["born"].to_numpy()) / DAYS_PER_YEAR
    working: Flags = (drawn < share) & (age >= WORKING_AGES[0]) & (age < WORKING_AGES[1] + 1)
    return working


def build_schooling(truth: Truth) -> Integers:
    number = truth.persons.height
    years = RandomDraws(truth.world.seed, "school").between(MIN_SCHOOL_YEARS, MAX_SCHOOL_YEARS, number)
    age = ((truth.until - truth.persons["born"].to_numpy()) / DAYS_PER_YEAR).astype(np.int64)
    return np.clip(np.minimum(years, age - 6), 0, None)


def build_characteristics(truth: Truth) -> pl.DataFrame:
    living = truth.stays.filter(pl.col("here") & (pl.col("end") >= truth.until))["person"].unique().sort()
    places = living.to_numpy()
    return pl.DataFrame(
        {
            "person": places,
            "employed": mark_workers(truth, truth.world.last_year)[places],
            "schooling": build_schooling(truth)[places],
        }
    )


SOURCE_MAKERS: Mapping[str, Callable[[SimulatedSource], Source]] = {
    BORDER_NAME: build_border,
    REGISTER_NAME: build_register,
    PERMITS_NAME: build_permits,
    SOCIAL_NAME: build_social,
    SURVEY_NAME: build_survey,
}


def build_sources(truth: Truth, identities: pl.DataFrame, *, is_faulty: bool = True) -> Iterator[Source]:
    for name, make in SOURCE_MAKERS.items():
        yield make(create_source(name, truth, identities, is_faulty=is_faulty))
