"""Tables of a coverage request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.codes import codes_of_lists
from sdmxmig.records.files import row_numbers_of
from sdmxmig.records.linked import check_links
from sdmxmig.records.reading import taken_in
from sdmxmig.records.register_coverage import People, check_left, dead_by, each_once, few, present, signs_by_year
from sdmxmig.sdmx.model.records import CITIZENSHIPS, LINKS, LISTED, MOVEMENTS, PERSONS, SIGNS, TRAINING, RecordTable
from sdmxmig.workspace.tasks.coverage_statements import CoverageRequest
from sdmxmig.workspace.tasks.scratch import scratch_folder

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue

TABLES = (PERSONS, CITIZENSHIPS, SIGNS, TRAINING, MOVEMENTS, LINKS)


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    lists: Mapping[str, pl.DataFrame]
    files: Mapping[str, pl.DataFrame]
    _: KW_ONLY
    notes: Sequence[str]

    @property
    def people(self) -> People | None:
        if "persons" not in self.files:
            return None
        return People(self.files["persons"], citizenships=self.files.get("citizenships"))


def taken_of(request: CoverageRequest, catalogue: Catalogue) -> Taken:
    """The tables of a request, read and checked, with lists as of the day."""
    codes = codes_of_lists(catalogue)
    with scratch_folder() as folder:
        tables = {table.name: table for table in TABLES}
        files = {name: read(path, tables[name], folder, codes) for name, path in request.files.items()}
        links = files.get("links")
        if links is not None:
            check_links(links.lazy(), row_numbers_of(request.files["links"]))
        whole = {
            name: read(path, LISTED, folder, codes) if path else of_source(name, links)
            for name, path in request.lists.items()
        }
    dead = dead_by(request.day, files.get("persons"))
    notes = dead_words(whole, dead)
    whole = {name: table.filter(~pl.col("person").is_in(dead.implode())) for name, table in whole.items()}
    register = next(iter(whole))
    if links is not None and "signs" in files:
        files["signs"] = by_person(files["signs"], links.filter(pl.col("source") == register))
    if "signs" in files:
        files["signs"] = signs_by_year(files["signs"], request.day)
    if "training" in files:
        check_left(files["training"], row_numbers_of(request.files["training"]), request.day)
    lists = {}
    if "movements" in files:
        moves = files["movements"].select("person", "date", "direction").unique(maintain_order=True)
        again = files["movements"].height - moves.height
        notes += [f"{few(again, 'move')} of --exits stand again; each counts once"] if again else []
        files["movements"] = moves
    for name, table in whole.items():
        lists[name], words = present(name, table, request.day)
        notes += words
    return Taken(lists, files, notes=notes)


def dead_words(lists: Mapping[str, pl.DataFrame], dead: pl.Series) -> list[str]:
    listed = pl.concat([table.select("person") for table in lists.values()]).unique()
    count = int(listed["person"].is_in(dead.implode()).sum())
    return [f"{few(count, 'person')} of the lists died before the day, and are taken off all of them"] if count else []


def read(path: Path, table: RecordTable, folder: Path, codes: Mapping[str, frozenset[str]]) -> pl.DataFrame:
    if not path.is_file():
        raise InputError("There is no such file.", Place(path.name), "Name a file.")
    return pl.read_parquet(taken_in(path, table, folder, codes), memory_map=False)


def of_source(name: str, links: pl.DataFrame | None) -> pl.DataFrame:
    if links is None:
        raise SdmxmigError("No links are named.", hint=f"Name the file of the list, {name}=FILE, or --links.")
    persons = links.filter(pl.col("source") == name).select("person")
    if persons.is_empty():
        raise SdmxmigError(f"No link is of a source “{name}”.", hint="Name a list as its source is called.")
    return persons


def by_person(signs: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    persons = links.select("record", "person").unique(maintain_order=True)
    return signs.join(persons, on="record").with_columns(record=pl.col("person")).drop("person")


def sample_of(taken: Taken) -> pl.DataFrame:
    sample = taken.files.get("training", pl.DataFrame(schema={"person": pl.String, "resident": pl.Boolean}))
    return each_once(sample.select("person", "resident"), "The training sample")
