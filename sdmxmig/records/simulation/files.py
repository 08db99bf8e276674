"""Files of a simulation, marked as simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.simulation.border import NAME as BORDER
from sdmxmig.records.simulation.figures import RULE, figures_of
from sdmxmig.records.simulation.identities import FIELDS, identities_of
from sdmxmig.records.simulation.sources import MAKERS, sources_of
from sdmxmig.records.simulation.truth import truth_of
from sdmxmig.records.simulation.truth_files import by_ids, truth_tables, with_ids
from sdmxmig.records.simulation.work import characteristics_of
from sdmxmig.sdmx.model.records import SIMULATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from sdmxmig.records.simulation.truth import Truth, World

TRUTH, SOURCES = "truth", "sources"
MARK = SIMULATED
HEAD = "# A simulated country"
NOTICE = "simulated by sdmxmig: a country that does not exist, and people who do not"


def files_of(world: World, *, is_faulty: bool = True) -> Iterator[tuple[str, pl.DataFrame]]:
    """All tables of a simulation, one after the other, with their paths within the folder."""
    truth = truth_of(world)
    identities = identities_of(truth)
    yield from truth_files(truth, identities)
    for source in sources_of(truth, identities, is_faulty=is_faulty):
        yield path_of(TRUTH, f"links_{source.name}"), source.links
        yield path_of(TRUTH, f"faults_{source.name}"), source.faults
        if source.name == BORDER:
            yield path_of(TRUTH, "documents"), source.links.rename({"record": "document"})
        for name, table in source.tables.items():
            yield path_of(f"{SOURCES}/{source.name}", name), table


def truth_files(truth: Truth, identities: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for name, table in truth_tables(truth).items():
        yield path_of(TRUTH, name), table
    yield path_of(TRUTH, "identities"), with_ids(truth, by_ids(truth, identities)).select("person", *FIELDS)
    yield path_of(TRUTH, "characteristics"), with_ids(truth, by_ids(truth, characteristics_of(truth)))
    yield path_of(TRUTH, "figures", ".csv"), figures_of(truth)


def path_of(folder: str, name: str, suffix: str = ".parquet") -> str:
    return f"{folder}/{MARK}_{name}{suffix}"


def write(table: pl.DataFrame, path: str, file: BinaryIO) -> None:
    if MARK not in table.columns:
        table = table.with_columns(pl.lit(value=True).alias(MARK))
    if path.endswith(".csv"):
        table.write_csv(file)
    else:
        table.write_parquet(file, compression="zstd", metadata={MARK: NOTICE})


def readme(world: World, rows: Mapping[str, int], *, is_faulty: bool) -> str:
    listed = "\n".join(f"| `{path}` | {count:,} |" for path, count in rows.items())
    faults = (
        "Sources have the faults of the tables `linkage_faults.csv` and `source_faults.csv` that ship with sdmxmig."
        if is_faulty
        else "Sources have no faults."
    )
    return f"""{HEAD}

**Nobody in these files exists, and no figure made of them says anything about a country.** Alvoria (XA) is the made-up
country of the examples of sdmxmig; names are put together from made-up syllables.

Made by `sdmxmig simulate --persons {world.persons} --seed {world.seed} --years {world.first_year}-{world.last_year}`\
{"" if is_faulty else " with `--without-faults`"}; the same seed gives the same files.
{faults}

`{TRUTH}/` has what is true and no source knows: all persons, crossings, intervals of residence, citizenships, whose
each record is (`links_…`), which fault it has (`faults_…`), and the true figures under rule `{RULE}`, whose accounts
close exactly. `{SOURCES}/` has what offices would have: {", ".join(MAKERS)}.

| file | rows |
| --- | ---: |
{listed}
"""
