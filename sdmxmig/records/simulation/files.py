"""Files of a simulation, marked as simulated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.files import SIMULATED
from sdmxmig.records.simulation.life_courses import BORN, DIED, MOVED, START, compute_day
from sdmxmig.records.simulation.populations import HOME_COUNTRY
from sdmxmig.records.simulation.record_faults import FAULTY_FIELDS, build_identities
from sdmxmig.records.simulation.sources import BORDER_NAME as BORDER
from sdmxmig.records.simulation.sources import SOURCE_MAKERS, build_characteristics, build_sources
from sdmxmig.records.simulation.true_tables import (
    Truth,
    World,
    build_truth_tables,
    record_truth,
    replace_by_ids,
    sort_by_ids,
)

TRUTH, SOURCES = "truth", "sources"
SIMULATION_MARK = SIMULATED
HEADING = "# A simulated country"
NOTICE = "simulated by sdmxmig: a country that does not exist, and people who do not"
RULE = "R12_16"
PURPOSE_ITEMS = ("TMP_OUT", "TMP_IN", "OVERSTAY")


def build_files(world: World, *, is_faulty: bool = True) -> Iterator[tuple[str, pl.DataFrame]]:
    truth = record_truth(world)
    identities = build_identities(truth)
    yield from list_truth_files(truth, identities)
    for source in build_sources(truth, identities, is_faulty=is_faulty):
        yield build_path(TRUTH, f"links_{source.name}"), source.links
        yield build_path(TRUTH, f"faults_{source.name}"), source.faults
        if source.name == BORDER:
            yield build_path(TRUTH, "documents"), source.links.rename({"record": "document"})
        for name, table in source.tables.items():
            yield build_path(f"{SOURCES}/{source.name}", name), table


def list_truth_files(truth: Truth, identities: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for name, table in build_truth_tables(truth).items():
        yield build_path(TRUTH, name), table
    yield (
        build_path(TRUTH, "identities"),
        replace_by_ids(truth, sort_by_ids(truth, identities)).select("person", *FAULTY_FIELDS),
    )
    yield build_path(TRUTH, "characteristics"), replace_by_ids(truth, sort_by_ids(truth, build_characteristics(truth)))
    yield build_path(TRUTH, "figures", ".csv"), compute_figures(truth)


def build_path(folder: str, name: str, suffix: str = ".parquet") -> str:
    return f"{folder}/{SIMULATION_MARK}_{name}{suffix}"


def write(table: pl.DataFrame, path: str, file: BinaryIO) -> None:
    if SIMULATION_MARK not in table.columns:
        table = table.with_columns(pl.lit(value=True).alias(SIMULATION_MARK))
    if path.endswith(".csv"):
        table.write_csv(file)
    else:
        table.write_parquet(file, compression="zstd", metadata={SIMULATION_MARK: NOTICE})


def write_readme(world: World, rows: Mapping[str, int], *, is_faulty: bool) -> str:
    listed = "\n".join(f"| `{path}` | {count:,} |" for path, count in rows.items())
    faults = (
        "Sources have the faults of the tables `linkage_faults.csv` and `source_faults.csv` that ship with sdmxmig."
        if is_faulty
        else "Sources have no faults."
    )
    return f"""{HEADING}

**The persons in these files are fictional: figures made from them describe no country.** Alvoria (XA) is the made-up
country of the examples of sdmxmig; names are put together from made-up syllables.

Made by `sdmxmig simulate --persons {world.persons} --seed {world.seed} --years {world.first_year}-{world.last_year}`\
{"" if is_faulty else " with `--without-faults`"}; the same seed gives the same files.
{faults}

`{TRUTH}/` has what is true and no source knows: all persons, crossings, intervals of residence, citizenships, whose
each record is (`links_…`), which fault it has (`faults_…`), and the true figures under rule `{RULE}`, whose accounts
close exactly. `{SOURCES}/` has what offices would have: {", ".join(SOURCE_MAKERS)}.

| file | rows |
| --- | ---: |
{listed}
"""


TOTAL = "_T"
NATIVE, FOREIGN_BORN, CITIZEN, FOREIGN = "NB", "FB", "NC", "FC"
COLUMNS = ("TIME_PERIOD", "ITEM", "BIRTH_STATUS", "CTZ_STATUS", "PURPOSE", "OBS_VALUE")
ITEM_SIGNS = {"POP_BEG": 1, "LBIRTH": 1, "DEATH": -1, "FLW_IMM": 1, "FLW_EMI": -1, "POP_END": -1}
CITIZENSHIP_GAINS = "CTZ_ACQ"


def compute_figures(truth: Truth) -> pl.DataFrame:
    """Return all true figures: `TIME_PERIOD`, `ITEM`, `BIRTH_STATUS`, `CTZ_STATUS`, `PURPOSE`, `OBS_VALUE`.

    Items of `CL_ACC_ITEM`, and ``RETURN``, ``TMP_IN``, ``TMP_OUT``, ``CIRCULAR``, ``OVERSTAY``.
    """
    rows = pl.concat([count_item(truth, item, frame) for item, frame in list_items(truth)])
    table = rows.group_by(*COLUMNS[:-1]).agg(pl.col("OBS_VALUE").sum())
    parts = [table]
    for total in (("BIRTH_STATUS",), ("CTZ_STATUS",), ("BIRTH_STATUS", "CTZ_STATUS")):
        keys = [name for name in COLUMNS[:-1] if name not in total]
        summed = table.group_by(keys).agg(pl.col("OBS_VALUE").sum())
        parts.append(summed.with_columns(pl.lit(TOTAL).alias(name) for name in total))
    figures = pl.concat([part.select(COLUMNS) for part in parts]).sort(COLUMNS[:-1])
    # Naturalised persons leave one group for another, so the event belongs to neither.
    figures = figures.filter((pl.col("ITEM") != CITIZENSHIP_GAINS) | (pl.col("CTZ_STATUS") == TOTAL))
    check(figures)
    return figures


def compute_year(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Date).dt.year().cast(pl.Int64)


def list_items(truth: Truth) -> Iterator[tuple[str, pl.DataFrame]]:
    yield from list_stocks(truth)
    same = pl.col("person") == pl.col("person").shift(1)
    stays = truth.stays.with_columns(was=pl.when(same).then(pl.col("here").shift(1)))
    moves = stays.filter((pl.col("opened") == MOVED) & (pl.col("was") != pl.col("here"))).with_columns(day="begin")
    yield "FLW_IMM", moves.filter("here").with_columns(at="day")
    yield "FLW_EMI", moves.filter(~pl.col("here")).with_columns(at="day")
    native = truth.persons.select("person", native=pl.col("c_birth") == HOME_COUNTRY)
    lived = stays.filter("here").group_by("person").agg(earliest=pl.col("begin").min())
    back = moves.filter("here").join(native, on="person").join(lived, on="person")
    yield "RETURN", back.filter(pl.col("native") | (pl.col("earliest") < pl.col("begin"))).with_columns(at="day")
    born = stays.filter((pl.col("opened") == BORN) & pl.col("here"))
    yield "LBIRTH", born.with_columns(day="begin", at=pl.col("begin") - 1)
    dead = stays.filter((pl.col("closed") == DIED) & pl.col("here"))
    yield "DEATH", dead.with_columns(day="end", at="end")
    acquired = truth.citizenships.filter(pl.col("c_citizen") == HOME_COUNTRY).join(truth.stays, on="person")
    resident = pl.col("here") & (pl.col("begin") <= pl.col("day")) & (pl.col("day") < pl.col("end"))
    yield CITIZENSHIP_GAINS, acquired.filter(resident).with_columns(at=pl.col("day") - 1)
    yield from list_journeys(truth)


def list_stocks(truth: Truth) -> Iterator[tuple[str, pl.DataFrame]]:
    for year in truth.world.years:
        for item, of_year in (("POP_BEG", year), ("POP_END", year + 1)):
            day = compute_day(dt.date(of_year, 1, 1))
            begun = (pl.col("begin") < day) | ((pl.col("begin") == day) & (pl.col("opened") == START))
            living = truth.stays.filter(pl.col("here") & begun & (pl.col("end") >= day))
            yield item, living.select("person", day=pl.lit(compute_day(dt.date(year, 1, 1))), at=pl.lit(day - 1))


def list_journeys(truth: Truth) -> Iterator[tuple[str, pl.DataFrame]]:
    nights = truth.journeys.filter(pl.col("nights") > 0).with_columns(at="day")
    yield "TMP_OUT", nights.filter("here")
    yield "TMP_IN", nights.filter(~pl.col("here"))
    yearly = nights.filter("repeats").with_columns(year=compute_year(pl.col("day")))
    yield "CIRCULAR", yearly.unique(["person", "year"], keep="first", maintain_order=True)
    same = pl.col("person") == pl.col("person").shift(-1)
    left = pl.when(same).then(pl.col("day").shift(-1)).otherwise(truth.until)
    stayed = truth.crossings.with_columns(left=left).filter(pl.col("granted_days").is_not_null())
    over = stayed.filter(pl.col("left") - pl.col("day") > pl.col("granted_days"))
    yield "OVERSTAY", over.with_columns(day=pl.col("day") + pl.col("granted_days")).with_columns(at="day")


def count_item(truth: Truth, item: str, rows: pl.DataFrame) -> pl.DataFrame:
    purpose = pl.col("purpose") if item in PURPOSE_ITEMS else pl.lit(TOTAL)
    asked = rows.select("person", pl.col("day", "at").cast(pl.Int64), PURPOSE=purpose)
    born, first = ((truth.persons[name] == HOME_COUNTRY).gather(asked["person"]) for name in ("c_birth", "c_citizen"))
    groups = add_citizenship(truth, asked.with_columns(native=born, citizen=first))
    years = groups.with_columns(year=compute_year(pl.col("day")))
    return (
        years.group_by("year", "native", "citizen", "PURPOSE")
        .agg(OBS_VALUE=pl.len().cast(pl.Int64))
        .select(
            TIME_PERIOD=pl.col("year").cast(pl.String),
            ITEM=pl.lit(item),
            BIRTH_STATUS=pl.when("native").then(pl.lit(NATIVE)).otherwise(pl.lit(FOREIGN_BORN)),
            CTZ_STATUS=pl.when("citizen").then(pl.lit(CITIZEN)).otherwise(pl.lit(FOREIGN)),
            PURPOSE="PURPOSE",
            OBS_VALUE="OBS_VALUE",
        )
    )


def add_citizenship(truth: Truth, rows: pl.DataFrame) -> pl.DataFrame:
    changes = truth.citizenships.select("person", "day", "c_citizen").sort("day")
    ever = np.zeros(truth.persons.height, dtype=bool)
    ever[changes["person"].to_numpy()] = True
    changing = pl.Series(ever).gather(rows["person"])
    asked = rows.filter(changing).sort("at")
    last = asked.join_asof(
        changes, left_on="at", right_on="day", by="person", suffix="_changed", check_sortedness=False
    ).with_columns(citizen=(pl.col("c_citizen") == HOME_COUNTRY).fill_null(pl.col("citizen")))
    return pl.concat([rows.filter(~changing), last.select(rows.columns)])


def check(figures: pl.DataFrame) -> None:
    values = {row[:4]: row[5] for row in figures.filter(pl.col("PURPOSE") == TOTAL).iter_rows()}
    for year, birth, citizenship in sorted({(key[0], key[2], key[3]) for key in values}):
        gap = sum(sign * values.get((year, item, birth, citizenship), 0) for item, sign in ITEM_SIGNS.items())
        gained = values.get((year, CITIZENSHIP_GAINS, birth, TOTAL), 0)
        gap += {CITIZEN: gained, FOREIGN: -gained}.get(citizenship, 0)
        if gap:
            raise AssertionError(f"the account of {year} does not close for {birth}, {citizenship}: {gap}")
