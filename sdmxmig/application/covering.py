"""Coverage of a register: which files, which method, and what is written of the population, the register and its exits.

What goes out is rounded so that no table beside it tells a person, and names lists by their names alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sdmxmig.application.coverage_statements import (
    CoverageRequest,
    flow_statement,
    flow_words,
    method_words,
    notes_of,
    stock_statement,
)
from sdmxmig.demography.capture import NO_FAULTS, Faults
from sdmxmig.demography.multiple_systems import AIC, BIC
from sdmxmig.demography.signs_of_life import PERFECT
from sdmxmig.errors import InputError, SdmxmigError, counted, did_you_mean
from sdmxmig.intake.files import read_bytes
from sdmxmig.lazily import pl
from sdmxmig.model.records import (
    CITIZENSHIPS,
    LINKS,
    LISTED,
    MOVEMENTS,
    PERSONS,
    SIGNS,
    SIMULATED,
    TRAINING,
    RecordTable,
)
from sdmxmig.places import Place
from sdmxmig.records.codes import check_area, check_source_type, codes_of_lists
from sdmxmig.records.corrected_emigration import (
    EMIGRATION,
    CorrectedYear,
    Sources,
    corrected_year,
    emigration_effects,
    emigration_rows,
    flow_dimensions,
    year_before,
)
from sdmxmig.records.counting import Row, dataset_of
from sdmxmig.records.coverage_release import Release, Released, released
from sdmxmig.records.coverage_report import CoverageTables, report_of
from sdmxmig.records.coverage_rules import CoverageRules, Rule, check_base, coverage_rules, shipped_rules, toml_of
from sdmxmig.records.coverage_tables import (
    Exits,
    csv_of,
    exit_rows,
    group_rows,
    sensitivity_rows,
    stock_effects,
    stock_rows,
)
from sdmxmig.records.doubtful import unread_columns
from sdmxmig.records.files import row_numbers_of
from sdmxmig.records.group_estimates import Method
from sdmxmig.records.linked import check_links
from sdmxmig.records.list_links import ListLinks, links_alike, measured_links
from sdmxmig.records.marks import NOTICE, any_simulated
from sdmxmig.records.people import TOTAL
from sdmxmig.records.population_groups import Population, population_of
from sdmxmig.records.reading import taken_in
from sdmxmig.records.record_findings import findings_of
from sdmxmig.records.register_coverage import (
    People,
    Reference,
    Seen,
    check_kinds,
    check_left,
    dead_by,
    each_once,
    empty_groups,
    exit_years,
    few,
    groups_of,
    in_groups,
    joined,
    present,
    rule_from,
    sign_years,
    signs_by_year,
    silent_persons,
)
from sdmxmig.records.residence_rules import LIST

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.data import Dataset

EARLIEST, LATEST = 1900, 2200
FEW = 3
"""So many persons of a sample who should not be on a list make it doubtful."""
TABLES = (PERSONS, CITIZENSHIPS, SIGNS, TRAINING, MOVEMENTS, LINKS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """What came of it: the population as SDMX data, and corrected emigration, the estimates, tables, and a report.

    `figures` are the counts as they go out, `declaration` the rules and the index that judged, as they can be read
    again; `population` and `year` are exact and stay inside. `doubts` are what speaks against the estimate, `unread`
    names columns that nobody read. `is_simulated` says that the lists are of persons who do not exist, as data, tables
    and report then say too.
    """

    datasets: tuple[Dataset, ...]
    by: tuple[str, ...]
    population: Population
    year: CorrectedYear | None
    rule: Rule | None
    figures: Released
    tables: CoverageTables
    report: str
    declaration: str
    doubts: tuple[str, ...] = ()
    is_simulated: bool = False
    unread: tuple[str, ...] = ()

    @property
    def in_short(self) -> list[str]:
        """What came of it in a few lines: the population, emigration, what is hard to count, and what is doubtful."""
        total = self.figures.population
        lines = [f"{total.value:,} persons, 95 % interval {total.low:,} to {total.high:,}"]
        for row in self.tables.effects:
            if row["figure"] == EMIGRATION and all(row[name] == TOTAL for name in self.by):
                interval = f"95 % interval {int(row['low']):,} to {int(row['high']):,}"
                exits = f"{int(row['before']):,} exits registered"
                lines.append(f"{int(row['after']):,} emigrants in {row['TIME_PERIOD']}, {exits}, {interval}")
        hard = sum(bool(row["hard_to_count"]) for row in self.tables.groups)
        if hard:
            lines.append(f"{counted(hard, 'group')} hard to count")
        lines += self.unread
        lines += [f"Doubtful: {doubt}" for doubt in self.doubts]
        return lines


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """The tables of a request in memory: lists as of the day, others by name, and what is to be said of them."""

    lists: Mapping[str, pl.DataFrame]
    files: Mapping[str, pl.DataFrame]
    _: KW_ONLY
    notes: Sequence[str]

    @property
    def people(self) -> People | None:
        """What is known of persons."""
        if "persons" not in self.files:
            return None
        return People(self.files["persons"], citizenships=self.files.get("citizenships"))


def coverage(request: CoverageRequest, catalogue: Catalogue) -> Coverage:
    """How many persons there are, how many of a register have left, and which exits nobody registered.

    Raises `SdmxmigError` for what cannot be asked or estimated, and `InputError` for files that are no such tables.
    """
    rules, links = rules_of(request), links_of(request)
    check(request, catalogue)
    taken = taken_of(request, catalogue)
    reference = Reference(request.area, request.day)
    persons = in_groups(joined(taken.lists), request.by, taken.people, reference)
    rule, seen, exits = rules.index, None, None
    if "signs" in taken.files:
        signs = taken.files["signs"]
        register = persons.filter(pl.col("history") % 2 == 1)
        if "training" in taken.files:
            rule = rule_from(taken.files["training"].join(register, on="person", how="semi"), signs, reference)
        if rule is None:
            raise SdmxmigError(
                "No index of residence is declared.", hint="Name --training, or one under --declaration."
            )
        check_kinds(signs, rule.index, reference)
        listed = sign_years(signs, register["person"], reference)
        silent = silent_persons(listed, rule.index)
        seen = Seen(silent, sample=sample_of(taken))
        movements = taken.files.get("movements")
        exits = Exits(exit_years(listed, silent), false=rule.false_exits, movements=movements)
    else:
        rule = None
    groups = groups_of(persons, request.by, len(taken.lists), seen)
    population = population_of(groups, method_of(request, rules, rule, links))
    year, words = year_of(request, taken, rule, persons.filter(pl.col("history") % 2 == 1)["person"])
    release = Release(request.by, request.day, rules=rules)
    figures = released(population, release.base)
    nobody = empty_groups(persons, request.by, taken.people, reference)
    tables = CoverageTables(
        groups=group_rows(population, figures, release, nobody),
        effects=effects_of(figures, population, release, year),
        sensitivity=sensitivity_rows(population, figures, release),
        exits=[] if exits is None else exit_rows(exits, persons, population, (figures, release)),
    )
    wrong = too_many_on(taken)
    simulated = any_simulated(path for path in (*request.lists.values(), *request.files.values()) if path)
    notes = [
        *([NOTICE] if simulated else []),
        method_words(request),
        *([links.words] if len(request.lists) > 1 else []),
        *notes_of(request, rules, rule, population),
        *taken.notes,
        *not_in_persons(persons, taken, request),
        *not_sampled(taken, persons.filter(pl.col("history") % 2 == 1)["person"]),
        *wrong,
    ]
    notes += words
    unread = unread_words(request, catalogue)
    notes += [sentence.removesuffix(".") for sentence in unread]
    datasets = [
        dataset_of(catalogue.flows["DF_POP"], stock_rows(population, figures, release), stock_statement(request, notes))
    ]
    if year:
        rows = emigration_rows(year, flow_dimensions(request.by), release.base)
        datasets.append(dataset_of(catalogue.flows["DF_EMI"], rows, flow_statement(request, notes)))
    return Coverage(
        datasets=tuple(datasets),
        by=request.by,
        population=population,
        year=year,
        rule=rule,
        figures=figures,
        tables=tables,
        report=report_of(population, figures, release, (notes, tables)),
        declaration=toml_of(rules, rule),
        doubts=(*population.doubts, *wrong),
        is_simulated=simulated,
        unread=tuple(unread),
    )


def unread_words(request: CoverageRequest, catalogue: Catalogue) -> list[str]:
    """Which columns of the lists and other files nobody reads, a sentence for each file."""
    lists = {name: (path, LISTED) for name, path in request.lists.items() if path}
    tables = {table.name: table for table in TABLES}
    files = {**{name: (path, tables[name]) for name, path in request.files.items()}, **lists}
    paths = {name: path for name, (path, _) in files.items()}
    doubts = unread_columns((name, *file) for name, file in files.items())
    findings = findings_of(doubts, paths, catalogue.rules)
    return [f"{paths[finding.flow].name}: {finding.sentence()}" for finding in findings.items]


def rules_of(request: CoverageRequest) -> CoverageRules:
    """The declaration that is named, or that which ships, with the base that is asked for."""
    path = request.declaration
    rules = coverage_rules(path.name, read_bytes(path)) if path else shipped_rules()
    if request.base is None:
        return rules
    check_base(request.base)
    asked = ("asked for", "--round")
    return rules if request.base == rules.base else replace(
        rules, base=request.base, sources={**rules.sources, "release": asked}
    )  # fmt: skip


def check(request: CoverageRequest, catalogue: Catalogue) -> None:
    """Refuse what cannot be meant."""
    check_area(request.area, catalogue)
    check_source_type(request.source_type, catalogue)
    rules = catalogue.item_scheme(LIST)
    if request.rule not in rules:
        hint = did_you_mean(request.rule, rules.ids) or "See: sdmxmig show CL_RES_RULE"
        raise SdmxmigError(f"“{request.rule}” is no rule of residence.", hint=hint)
    if not EARLIEST <= request.day.year <= LATEST:
        raise SdmxmigError(f"{request.day.year} is no year of lists.", hint="Write for example --year 2024.")
    if not request.lists:
        raise SdmxmigError("No list is named.", hint="Name a list: --list register=FILE.")
    if request.criterion not in (AIC, BIC):
        raise SdmxmigError(f"“{request.criterion}” is no criterion.", hint=f"There are: {AIC}, {BIC}.")
    check_signs(request)


def check_signs(request: CoverageRequest) -> None:
    """Refuse signs that nothing weighs, and what nothing can be said of without them."""
    signs, training = "signs" in request.files, "training" in request.files
    if (training and not signs) or (signs and not training and request.declaration is None):
        raise SdmxmigError(
            "Signs of life and a training sample go together.",
            hint="Name both --signs and --training, or neither; a declared index needs no training sample.",
        )
    if "movements" in request.files and not signs:
        raise SdmxmigError("Exits are corrected by signs of life.", hint="Name --signs and --training.")


def taken_of(request: CoverageRequest, catalogue: Catalogue) -> Taken:
    """The tables of a request, read and checked, with lists as of the day."""
    codes = codes_of_lists(catalogue)
    with TemporaryDirectory(prefix="sdmxmig-records-") as place:
        folder = Path(place)
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
    """What is to be said of persons on lists who have died."""
    listed = pl.concat([table.select("person") for table in lists.values()]).unique()
    count = int(listed["person"].is_in(dead.implode()).sum())
    return [f"{few(count, 'person')} of the lists died before the day, and are taken off all of them"] if count else []


def read(path: Path, table: RecordTable, folder: Path, codes: Mapping[str, frozenset[str]]) -> pl.DataFrame:
    """A table of records in memory."""
    if not path.is_file():
        raise InputError("There is no such file.", Place(path.name), "Name a file.")
    return pl.read_parquet(taken_in(path, table, folder, codes), memory_map=False)


def year_of(
    request: CoverageRequest, taken: Taken, rule: Rule | None, register: pl.Series
) -> tuple[CorrectedYear | None, list[str]]:
    """The corrected emigration of the year before the day, and how it was corrected, or why it was not."""
    if rule is None:
        return None, []
    why = why_not(taken)
    if why:
        return None, [f"emigration is not corrected: {why}"]
    begin, movements = year_before(request.day), taken.files["movements"]
    leaving = (pl.col("direction") == "EXIT") & (pl.col("date") >= begin) & (pl.col("date") < request.day)
    sources = Sources(
        register,
        taken.files["signs"],
        sample=taken.files["training"],
        exits=movements.filter(leaving).select("person", "date"),
        people=taken.people,
    )
    by = flow_dimensions(request.by)
    year = corrected_year(sources, by, Reference(request.area, request.day))
    return year, [flow_words(year)]


def not_sampled(taken: Taken, register: pl.Series) -> list[str]:
    """What is to be said of persons of the training sample of whom nothing follows."""
    if "training" not in taken.files:
        return []
    sample = taken.files["training"]["person"].unique()
    strangers = int((~sample.is_in(register.implode())).sum())
    if not strangers:
        return []
    what = (
        "of the training sample are not in the register on the day, and tell nothing but of emigration, if their exit"
    )
    return [f"{few(strangers, 'person')} {what} was registered in the year"]


def sample_of(taken: Taken) -> pl.DataFrame:
    """The persons of whom it is known whether they are residents, each once; nobody where no sample is named."""
    sample = taken.files.get("training", pl.DataFrame(schema={"person": pl.String, "resident": pl.Boolean}))
    return each_once(sample.select("person", "resident"), "The training sample")


def why_not(taken: Taken) -> str:
    """What is missing to correct emigration; empty if nothing is."""
    if "movements" not in taken.files:
        return "no exits that were registered are named (--exits)"
    if "training" not in taken.files:
        return "no training sample is named, which says who left in the year (--training)"
    if not taken.files["training"]["left"].is_not_null().any():
        return "the training sample does not say when those left who do not live in the country (column left)"
    return ""


def links_of(request: CoverageRequest) -> ListLinks:
    """How well the lists were linked, by rates for all of them, or as the linkage measured them."""
    faults = Faults(precision=request.precision, recall=request.recall)
    is_named = (faults != NO_FAULTS) + (request.linkage is not None)
    if is_named > 1 or (is_named and len(request.lists) == 1):
        raise SdmxmigError(
            "Errors of linkage are those of several lists, and are named once.",
            hint="Name --linkage, or --precision and --recall, with two lists or more.",
        )
    if request.linkage is None:
        return links_alike(faults, len(request.lists))
    return measured_links(request.linkage, tuple(request.lists))


def method_of(request: CoverageRequest, rules: CoverageRules, rule: Rule | None, links: ListLinks) -> Method:
    """How groups are estimated."""
    return Method(
        tuple(request.lists),
        reliability=rule.reliability if rule else PERFECT,
        links=links.faults,
        order=links.order,
        criterion=request.criterion,
        odds_ratios=rules.sensitivity.odds_ratios,
        near=rules.sensitivity.near,
        misfit=rules.sensitivity.misfit,
    )


def effects_of(figures: Released, population: Population, release: Release, year: CorrectedYear | None) -> list[Row]:
    """What corrections do to stock and flows: before, after, difference, and the interval of what is after."""
    flows = emigration_effects(year, flow_dimensions(release.by), release.base) if year else []
    stocks = stock_effects(population, figures, release)
    totals = {name: TOTAL for name in stocks[0] if name in release.by}
    return [*stocks, *({**dict.fromkeys(stocks[0], ""), **totals, **row} for row in flows)]


def too_many_on(taken: Taken) -> list[str]:
    """Which lists besides the register have persons of whom it is known that they do not live in the country."""
    if "training" not in taken.files:
        return []
    gone = taken.files["training"].filter(~pl.col("resident"))["person"].unique()
    register, *others = taken.lists
    return [
        f"{name} has persons of the training sample who do not live in the country; that is corrected for {register} "
        f"alone: who of them is on both makes the estimate too low, who is on {name} alone makes it too high"
        for name in others
        if taken.lists[name]["person"].is_in(gone.implode()).sum() >= FEW
    ]


def not_in_persons(persons: pl.DataFrame, taken: Taken, request: CoverageRequest) -> list[str]:
    """What is to be said of persons on lists of whom nothing is known."""
    if not request.by or "persons" not in taken.files:
        return []
    unknown = persons.join(taken.files["persons"], on="person", how="anti").height
    return (
        [f"{few(unknown, 'person')} of the lists are not in {request.files['persons'].name}: they are _U"]
        if unknown
        else []
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
    return signs.join(persons, on="record").with_columns(record=pl.col("person")).drop("person")


def files_of(covered: Coverage) -> dict[str, bytes]:
    """The files beside the data: tables, the declaration that was used, and the report."""
    mark = {SIMULATED: "true"} if covered.is_simulated else {}
    tables = {
        "coverage.csv": covered.tables.groups,
        "effects.csv": covered.tables.effects,
        "sensitivity.csv": covered.tables.sensitivity,
        "exits.csv": covered.tables.exits,
    }
    return {
        **{name: csv_of([{**row, **mark} for row in rows]) for name, rows in tables.items() if rows},
        "coverage.toml": covered.declaration.encode(),
        "coverage.md": covered.report.encode(),
    }
