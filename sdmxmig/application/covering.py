"""Coverage of a register: which files, which method, and what is written of the population, the register and its exits.

What goes out is rounded or withheld where few persons stand behind it, and names lists by their names alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sdmxmig.application.deriving import HASH_SHOWN, digest
from sdmxmig.demography.capture import NO_FAULTS, Faults, Share
from sdmxmig.demography.multiple_systems import AIC, BIC
from sdmxmig.demography.signs_of_life import PERFECT, HardToCount
from sdmxmig.errors import InputError, SdmxmigError, did_you_mean
from sdmxmig.lazily import pl
from sdmxmig.model.records import CITIZENSHIPS, LINKS, LISTED, MOVEMENTS, PERSONS, SIGNS, TRAINING, RecordTable
from sdmxmig.places import Place
from sdmxmig.records.codes import check_area, codes_of_lists
from sdmxmig.records.counting import Row, Statement, dataset_of
from sdmxmig.records.coverage_tables import Exits, Release, csv_of, exit_rows, group_rows, report_of, stock_rows
from sdmxmig.records.population_groups import Method, Population, population_of
from sdmxmig.records.reading import taken_in
from sdmxmig.records.register_coverage import (
    People,
    Reference,
    Rule,
    exit_years,
    groups_of,
    in_groups,
    joined,
    rule_from,
    sign_years,
    silent_persons,
)
from sdmxmig.records.residence_rules import LIST

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.data import Dataset

EARLIEST, LATEST = 1900, 2200
TABLES = (PERSONS, CITIZENSHIPS, SIGNS, TRAINING, MOVEMENTS, LINKS)


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """What is asked for: the country, the year on whose 1 January the lists are, and files.

    `lists` are tables of persons by the name of their list, the register first, or None for the records of a source of
    that name among the links; `files` others by the name of their table: `persons`, `citizenships`, `signs`,
    `training`, `links`, and `movements` with the exits that were registered. `by` are
    the dimensions that groups are formed by. `precision` and `recall` are those of the links between two lists.
    Counts of exits are rounded to `base`.
    """

    area: str
    year: int
    _: KW_ONLY
    lists: Mapping[str, Path | None]
    rule: str
    files: Mapping[str, Path] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    precision: Share = NO_FAULTS.precision
    recall: Share = NO_FAULTS.recall
    criterion: str = BIC
    source_type: str = "REG"
    base: int = 5
    limits: HardToCount = field(default_factory=HardToCount)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """What came of it: the population as SDMX data, the estimates, tables by group and of exits, and a report."""

    dataset: Dataset
    population: Population
    rule: Rule | None
    groups: list[Row]
    exits: list[Row]
    report: str


def coverage(request: CoverageRequest, catalogue: Catalogue) -> Coverage:
    """How many persons there are, how many of a register have left, and which exits nobody registered.

    Raises `SdmxmigError` for what cannot be asked or estimated, and `InputError` for files that are no such tables.
    """
    check(request, catalogue)
    check_area(request.area, catalogue)
    codes = codes_of_lists(catalogue)
    with TemporaryDirectory(prefix="sdmxmig-records-") as place:
        folder = Path(place)
        tables = {table.name: table for table in TABLES}
        files = {name: read(path, tables[name], folder, codes) for name, path in request.files.items()}
        links = files.get("links")
        lists = {
            name: read(path, LISTED, folder, codes) if path else of_source(name, links)
            for name, path in request.lists.items()
        }
    if links is not None and "signs" in files:
        files["signs"] = by_person(files["signs"], links.filter(pl.col("source") == next(iter(lists))))
    reference = Reference(request.area, request.year)
    people = People(files["persons"], citizenships=files.get("citizenships")) if "persons" in files else None
    persons = in_groups(joined(lists), request.by, people, reference)
    rule, silent, exits = None, None, None
    if "signs" in files:
        register = persons.filter(pl.col("history") % 2 == 1)
        rule = rule_from(files["training"].join(register, on="person", how="semi"), files["signs"], reference)
        signs = sign_years(files["signs"], register["person"], reference)
        silent = silent_persons(signs, rule.index)
        exits = Exits(exit_years(signs, silent), false=rule.false_exits, movements=files.get("movements"))
    method = Method(
        tuple(lists),
        reliability=rule.reliability if rule else PERFECT,
        links=Faults(precision=request.precision, recall=request.recall),
        criterion=request.criterion,
    )
    population = population_of(groups_of(persons, request.by, len(lists), silent), method)
    release = Release(request.by, request.year, base=request.base, limits=request.limits)
    groups = group_rows(population, release)
    flows = [] if exits is None else exit_rows(exits, persons, population, release)
    return Coverage(
        dataset=dataset_of(catalogue.flows["DF_POP"], stock_rows(population, release), statement_of(request, rule)),
        population=population,
        rule=rule,
        groups=groups,
        exits=flows,
        report=report_of(population, release, notes_of(request, rule), (groups, flows)),
    )


def check(request: CoverageRequest, catalogue: Catalogue) -> None:
    """Refuse what cannot be meant."""
    rules = catalogue.item_scheme(LIST)
    if request.rule not in rules:
        hint = did_you_mean(request.rule, rules.ids) or "See: sdmxmig show CL_RES_RULE"
        raise SdmxmigError(f"“{request.rule}” is no rule of residence.", hint=hint)
    if not EARLIEST <= request.year <= LATEST:
        raise SdmxmigError(f"{request.year} is no year of lists.", hint="Write for example --year 2024.")
    if ("signs" in request.files) != ("training" in request.files):
        raise SdmxmigError(
            "Signs of life and a training sample go together.",
            hint="Name both --signs and --training, or neither.",
        )
    if "movements" in request.files and "signs" not in request.files:
        raise SdmxmigError("Exits are corrected by signs of life.", hint="Name --signs and --training.")
    if request.criterion not in (AIC, BIC):
        raise SdmxmigError(f"“{request.criterion}” is no criterion.", hint=f"There are: {AIC}, {BIC}.")
    if not request.lists or request.base < 1:
        raise SdmxmigError("A list and a base above 0 are needed.", hint="Name a list: --list register=FILE.")


def read(path: Path, table: RecordTable, folder: Path, codes: Mapping[str, frozenset[str]]) -> pl.DataFrame:
    """A table of records in memory."""
    if not path.is_file():
        raise InputError("There is no such file.", Place(path.name), "Name a file.")
    return pl.read_parquet(taken_in(path, table, folder, codes), memory_map=False)


def statement_of(request: CoverageRequest, rule: Rule | None) -> Statement:
    """What the figures say of themselves."""
    sources = "; ".join(
        f"{name}: {path.name} (SHA-256 {digest(path)[:HASH_SHOWN]})"
        for name, path in (*request.lists.items(), *request.files.items())
        if path
    )
    return Statement(
        {
            "RES_RULE": request.rule,
            "DUR_BASIS": "_U",
            "REF_DATE": "D0101",
            "STOCK_METHOD": "EST",
            "AGEDEF": "COMPLET",
            "COMMENT_DSET": "; ".join(notes_of(request, rule)) + ".",
        },
        observation={
            "FREQ": "A",
            "REF_AREA": request.area,
            "UNIT_MEASURE": "PS",
            "UNIT_MULT": "0",
            "SRC_TYPE": request.source_type,
            "INTEG_METHOD": "SOL" if len(request.lists) == 1 else "MSE",
            "SOURCE_DETAIL": sources,
        },
    )


def of_source(name: str, links: pl.DataFrame | None) -> pl.DataFrame:
    """The persons of the records of a source; raises `SdmxmigError` where no links name it."""
    if links is None:
        raise SdmxmigError("No links are named.", hint=f"Name the file of the list, {name}=FILE, or --links.")
    persons = links.filter(pl.col("source") == name).select("person")
    if persons.is_empty():
        raise SdmxmigError(f"No link is of a source “{name}”.", hint="Name a list as its source is called.")
    return persons


def by_person(signs: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Signs with the person in place of the record; who has several records has the signs of all."""
    persons = links.select("record", "person").unique(maintain_order=True)
    if persons["record"].is_duplicated().any():
        raise SdmxmigError("A record is linked to two persons.", hint="Link the sources anew.")
    return signs.join(persons, on="record").with_columns(record=pl.col("person")).drop("person")


def notes_of(request: CoverageRequest, rule: Rule | None) -> list[str]:
    """The method, what it supposes, and the index of residence."""
    supposed = "the lists are of one closed population, and lists that no model joins are independent within groups"
    return [method_words(request), supposed, *([index_words(rule)] if rule else [])]


def method_words(request: CoverageRequest) -> str:
    """The method in one phrase."""
    names = ", ".join(request.lists)
    if len(request.lists) == 1:
        return f"{names} without those who have left by signs of life"
    if len(request.lists) > len(("first", "second")):
        return f"log-linear models of the lists {names}, chosen by {request.criterion}"
    words = f"dual system estimate by Chapman from the lists {names}"
    if (request.precision, request.recall) == (NO_FAULTS.precision, NO_FAULTS.recall):
        return f"{words}, links taken for right"
    return f"{words}, links of precision {request.precision.value:g} and recall {request.recall.value:g} corrected"


def index_words(rule: Rule) -> str:
    """The index and its errors in one phrase."""
    index, tells = rule.index, rule.reliability
    weights = ", ".join(f"{name} {weight:.3f}" for name, weight in sorted(index.weights.items()))
    return (
        f"index of residence measured in a training sample ({index.status}): decay {index.decay:g}, gain "
        f"{index.gain:g}, threshold {index.threshold:.3f}, weights {weights}; it calls {tells.residents.value:.3f} of "
        f"residents resident and {tells.others.value:.3f} of others absent, for which it is corrected in every group "
        "alike"
    )


def files_of(covered: Coverage) -> dict[str, bytes]:
    """The files beside the data: groups, exits where signs of life are known, and the report."""
    exits = {"exits.csv": csv_of(covered.exits)} if covered.exits else {}
    return {"coverage.csv": csv_of(covered.groups), **exits, "coverage.md": covered.report.encode()}
