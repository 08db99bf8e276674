"""True simulated data as tables (`sdmxmig.records.files`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig.primitives.lazily import Flags, np, pl
from sdmxmig.records.simulation.life_courses import (
    EVENT_KINDS,
    IMMIGRANTS,
    NEVER_DAY,
    RandomDraws,
    SimulatedLives,
    add_visitors,
    build_journeys,
    draw_lives,
    draw_other_country,
    find_stays,
    read_mobilities,
)
from sdmxmig.records.simulation.populations import (
    HOME_COUNTRY,
    MEN,
    NATURALISATION,
    OTHER_COUNTRY,
    WOMEN,
    build_first_population,
    find_inhabited_countries,
    index_countries,
    scale_behaviour,
    simulate,
)

AIR, LAND = "air", "land"
DAYS, MINUTES = 100_000, 1440
MIGRATION_KIND = "MIG"
FULL_WEIGHT = 1000
DUAL_CITIZEN_SHARE = 0.5
"""The share of citizens born abroad who keep the citizenship of the country of birth."""
CROSSING_COLUMNS = ("person", "day", "minute", "direction", "c_residence", "purpose", "intended_days", "granted_days")


@dataclass(frozen=True, slots=True)
class World:
    persons: int
    seed: int
    first_year: int
    last_year: int

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    world: World
    first: int
    until: int
    persons: pl.DataFrame
    stays: pl.DataFrame
    journeys: pl.DataFrame
    crossings: pl.DataFrame
    citizenships: pl.DataFrame


def record_truth(world: World) -> Truth:
    first, until = (int(np.datetime64(f"{year}-01-01").astype(int)) for year in (world.first_year, world.last_year + 1))
    scale = world.persons / index_countries()[HOME_COUNTRY].residents
    start = build_first_population(world.seed, scale)
    years = simulate(start, lambda year: scale_behaviour(year, scale), world.years, world.seed)
    lives = draw_lives(years, RandomDraws(world.seed, "lives"))
    visitor = add_visitors(lives, world.first_year, len(world.years), RandomDraws(world.seed, "visitors"))
    stays = find_stays(lives, first, until)
    journeys = build_journeys(stays, visitor, first, RandomDraws(world.seed, "journeys"))
    parts = draw_other_country(lives.number, RandomDraws(world.seed, "elsewhere"))
    persons = build_persons(lives, parts, visitor, RandomDraws(world.seed, "persons")).with_columns(
        # Registers do not know the mother's residence for earlier births.
        c_mother=pl.when(pl.col("born") >= first).then("c_birth")
    )
    stays, journeys = (name_countries(frame, lives, parts) for frame in (stays, journeys))
    crossings = build_crossings(stays, journeys, persons, RandomDraws(world.seed, "crossings"))
    return Truth(
        world=world,
        first=first,
        until=until,
        persons=persons,
        stays=stays,
        journeys=journeys.filter(pl.col("day") < until),
        crossings=crossings.filter(pl.col("day") < until),
        citizenships=build_citizenships(lives, parts),
    )


def name_countries(frame: pl.DataFrame, lives: SimulatedLives, parts: pl.Series, *names: str) -> pl.DataFrame:
    """Replace countries by their codes, and the rest of the world by the person's home country."""
    codes = {name: pl.Series(lives.countries)[frame[name]] for name in names or ("country",)}
    own = parts[frame["person"]]
    texts = {name: pl.when(code == OTHER_COUNTRY).then(own).otherwise(code) for name, code in codes.items()}
    return frame.with_columns(**texts)


def build_persons(lives: SimulatedLives, parts: pl.Series, visitor: Flags, chance: RandomDraws) -> pl.DataFrame:
    columns = lives.persons
    number = lives.number
    frame = pl.DataFrame(
        {
            "person": np.arange(number),
            "sex": np.where(columns["sex"] == 1, WOMEN, MEN),
            "born": columns["born"],
            "died": columns["died"],
            "c_birth": columns["birth"],
            "c_citizen": columns["first"],
            "resident": np.arange(number) < lives.residents,
            "mother": columns["mother"],
            "twin": columns["twin"],
            "visitor": visitor,
        }
    )
    digits = len(str(number))
    order = pl.Series(chance.order(number) + 1)
    frame = name_countries(frame, lives, parts, "c_birth", "c_citizen")
    shares = {code: country.refugees for code, country in index_countries().items()}
    share = frame["c_birth"].replace_strict(shares, default=0.0, return_dtype=pl.Float64).to_numpy()
    flees = pl.Series(chance.happens(share, number))
    dual = pl.Series(chance.happens(DUAL_CITIZEN_SHARE, number))
    return frame.with_columns(
        id=pl.lit("P") + order.cast(pl.String).str.zfill(digits),
        died=pl.when(pl.col("died") != NEVER_DAY).then("died"),
        refugee=flees & ~pl.col("visitor") & (pl.col("c_citizen") != HOME_COUNTRY),
        dual=dual & (pl.col("c_birth") != HOME_COUNTRY),
    )


def build_citizenships(lives: SimulatedLives, parts: pl.Series) -> pl.DataFrame:
    changes = pl.DataFrame(lives.diary).filter(pl.col("kind") == EVENT_KINDS.index(NATURALISATION))
    frame = changes.select("person", "day", c_citizen="after", c_former="before").sort("person", "day")
    return name_countries(frame, lives, parts, "c_citizen", "c_former")


def build_crossings(
    stays: pl.DataFrame, journeys: pl.DataFrame, persons: pl.DataFrame, chance: RandomDraws
) -> pl.DataFrame:
    origin = persons.select("person", own=pl.col("c_citizen") == HOME_COUNTRY)
    moves = build_moves(stays, origin, chance)
    frames = [moves, *build_journey_crossings(journeys, origin, chance)]
    rows = pl.concat([frame.select(CROSSING_COLUMNS) for frame in frames])
    land = {code: country.land for code, country in index_countries().items()}
    share = rows["c_residence"].replace_strict(land, default=0.0, return_dtype=pl.Float64).to_numpy()
    by_land = pl.Series(chance.happens(share, rows.height))
    ordered = rows.with_columns(way=pl.when(by_land).then(pl.lit(LAND)).otherwise(pl.lit(AIR)))
    moment = ((pl.col("person") * DAYS + pl.col("day")) * MINUTES + pl.col("minute")).alias("#moment")
    return ordered.with_columns(moment).sort("#moment", maintain_order=True).drop("#moment")


ENTRY, EXIT = "ENTRY", "EXIT"
MORNING, NOON, NIGHT = 300, 720, 1430


def build_moves(stays: pl.DataFrame, origin: pl.DataFrame, chance: RandomDraws) -> pl.DataFrame:
    same = pl.col("person") == pl.col("person").shift(1)
    crossed = stays.with_columns(
        is_crossing=same & (pl.col("here") != pl.col("here").shift(1)), last=pl.col("country").shift(1)
    )
    moved = crossed.filter("is_crossing").join(origin, on="person", how="left", maintain_order="left")
    irregular = read_mobilities(IMMIGRANTS)[0]
    short = pl.Series(chance.happens(irregular.share, moved.height))
    return moved.with_columns(
        day=pl.col("begin"),
        minute=pl.Series(chance.between(MORNING, NIGHT, moved.height)),
        direction=pl.when("here").then(pl.lit(ENTRY)).otherwise(pl.lit(EXIT)),
        c_residence=pl.when("here").then("last").otherwise("country"),
        purpose=pl.lit(MIGRATION_KIND),
        intended_days=pl.lit(FULL_WEIGHT, dtype=pl.Int64),
        granted_days=pl.when(short & pl.col("here") & ~pl.col("own")).then(pl.lit(irregular.granted, dtype=pl.Int64)),
    )


def build_journey_crossings(journeys: pl.DataFrame, origin: pl.DataFrame, chance: RandomDraws) -> list[pl.DataFrame]:
    number = journeys.height
    hosts = [country for code, country in find_inhabited_countries().items() if code != HOME_COUNTRY]
    drawn = chance.draw_weighted([country.residents for country in hosts], number)
    elsewhere = pl.Series([country.code for country in hosts])[drawn]
    trips = journeys.join(origin, on="person", how="left", maintain_order="left").with_columns(
        c_residence=pl.when("here").then(elsewhere).otherwise("country"),
        intended_days=pl.col("nights"),
        granted_days=pl.when(~pl.col("own") & ~pl.col("here")).then("granted"),
    )
    out, back = pl.lit(EXIT), pl.lit(ENTRY)
    leaving = trips.with_columns(
        minute=pl.Series(chance.between(MORNING, NOON - 1, number)),
        direction=pl.when("here").then(out).otherwise(back),
        granted_days=pl.when(~pl.col("here")).then("granted_days"),
    )
    returning = trips.with_columns(
        day=pl.col("day") + pl.col("nights"),
        minute=pl.Series(chance.between(NOON, NIGHT, number)),
        direction=pl.when("here").then(back).otherwise(out),
        granted_days=pl.lit(None, dtype=pl.Int64),
        intended_days=pl.lit(None, dtype=pl.Int64),
    )
    return [leaving, returning]


def build_truth_tables(truth: Truth) -> Mapping[str, pl.DataFrame]:
    return {
        "persons": build_persons_table(truth),
        "movements": replace_by_ids(truth, sort_by_ids(truth, truth.crossings.with_row_index("crossing"))).select(
            "person",
            convert_to_date("day").alias("date"),
            "direction",
            pl.col("minute").alias("sequence"),
            pl.col("c_residence", "purpose", "intended_days", "granted_days", "way", "crossing"),
        ),
        "residence": replace_by_ids(truth, sort_by_ids(truth, truth.stays)).select(
            "person", begin=convert_to_date("begin"), end=convert_to_date("end"), here="here", country="country"
        ),
        "citizenships": replace_by_ids(truth, sort_by_ids(truth, truth.citizenships)).select(
            "person", convert_to_date("day").alias("date"), "c_citizen"
        ),
    }


def convert_to_date(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int32).cast(pl.Date)


def sort_by_ids(truth: Truth, frame: pl.DataFrame) -> pl.DataFrame:
    number = truth.persons["id"].str.slice(1).cast(pl.Int64).gather(frame["person"])
    return frame.with_columns(number.alias("#number")).sort("#number", maintain_order=True).drop("#number")


def replace_by_ids(truth: Truth, frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    ids = truth.persons["id"]
    return frame.with_columns(ids.gather(frame[name]).alias(name) for name in names or ("person",))


def build_persons_table(truth: Truth) -> pl.DataFrame:
    frame = truth.persons.with_columns(
        pl.when(pl.col(name) >= 0).then(truth.persons["id"].gather(truth.persons[name].clip(0))).alias(name)
        for name in ("mother", "twin")
    )
    return sort_by_ids(truth, frame).select(
        pl.col("id").alias("person"),
        "sex",
        convert_to_date("born").alias("birth_date"),
        convert_to_date("died").alias("death_date"),
        pl.col("c_birth", "c_mother", "c_citizen", "resident", "refugee", "dual", "visitor", "mother", "twin"),
    )
