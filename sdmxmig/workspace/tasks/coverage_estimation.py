"""Coverage estimation of a register, with caveats. Output is rounded to prevent disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.primitives.text import write_shielded_csv
from sdmxmig.records.corrected_emigration import (
    EMIGRATION,
    CorrectedYear,
    Sources,
    build_emigration_effect_rows,
    build_emigration_rows,
    compute_corrected_year,
    list_flow_dimensions,
    subtract_year,
)
from sdmxmig.records.counting import Row, build_dataset
from sdmxmig.records.coverage_release import (
    CoverageTables,
    Population,
    Release,
    ReleasedCoverage,
    estimate_population,
    round_population,
    write_report,
)
from sdmxmig.records.coverage_rules import Rule, write_toml
from sdmxmig.records.coverage_tables import (
    Exits,
    build_exit_rows,
    build_group_rows,
    build_sensitivity_rows,
    build_stock_effect_rows,
    build_stock_rows,
)
from sdmxmig.records.doubtful_records import convert_doubts, list_unread_columns
from sdmxmig.records.files import LISTED, SIMULATED
from sdmxmig.records.group_estimates import Group
from sdmxmig.records.reading import SIMULATION_NOTICE, has_simulated
from sdmxmig.records.register_coverage import (
    Reference,
    SignEvidence,
    add_groups,
    add_sample_results,
    build_groups,
    check_kinds,
    describe_small_count,
    estimate_absent_spread,
    find_sign_years,
    find_silent_persons,
    join_lists,
    list_empty_groups,
    list_exit_years,
    train_rule,
)
from sdmxmig.records.rows import TOTAL
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.signs_of_life import MIN_IN_CLASS
from sdmxmig.workspace.tasks.coverage_request import (
    TABLES,
    CoverageInput,
    CoverageRequest,
    check,
    describe_flow,
    describe_method,
    list_notes,
    read_coverage_input,
    read_links,
    read_method,
    read_rules,
    read_sample,
    state_flow,
    state_stock,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """The result of a coverage estimate. `figures` are rounded; `population` and `year` are exact and internal."""

    datasets: tuple[Dataset, ...]
    by: tuple[str, ...]
    population: Population
    year: CorrectedYear | None
    rule: Rule | None
    figures: ReleasedCoverage
    tables: CoverageTables
    report: str
    declaration: str
    doubts: tuple[str, ...] = ()
    is_simulated: bool = False
    unread: tuple[str, ...] = ()

    @property
    def in_short(self) -> list[str]:
        total = self.figures.population
        lines = [f"{total.value:,} persons, 95% interval {total.low:,} to {total.high:,}"]
        for row in self.tables.effects:
            if row["figure"] == EMIGRATION and all(row[name] == TOTAL for name in self.by):
                interval = f"95% interval {int(row['low']):,} to {int(row['high']):,}"
                exits = f"{int(row['before']):,} exits registered"
                lines.append(f"{int(row['after']):,} emigrants in {row['TIME_PERIOD']}, {exits}, {interval}")
        hard = sum(bool(row["hard_to_count"]) for row in self.tables.groups)
        if hard:
            lines.append(f"{write_count(hard, 'group')} hard to count")
        lines += self.unread
        lines += [f"Doubtful: {doubt}" for doubt in self.doubts]
        return lines


def estimate_coverage(request: CoverageRequest, catalogue: Catalogue) -> Coverage:
    rules, links = read_rules(request), read_links(request)
    check(request, catalogue)
    taken = read_coverage_input(request, catalogue)
    reference = Reference(request.area, request.day)
    persons = add_groups(join_lists(taken.lists), request.by, taken.people, reference)
    rule, seen, exits = rules.index, None, None
    if "signs" in taken.files:
        signs = taken.files["signs"]
        register = persons.filter(pl.col("history") % 2 == 1)
        if "training" in taken.files:
            rule = train_rule(taken.files["training"].join(register, on="person", how="semi"), signs, reference)
        if rule is None:
            raise SdmxmigError(
                "No index of residence is declared.", hint="Name --training, or one under --declaration."
            )
        check_kinds(signs, rule.index, reference)
        listed = find_sign_years(signs, register["person"], reference)
        silent = find_silent_persons(listed, rule.index)
        seen = SignEvidence(
            silent,
            sample=read_sample(taken),
            reliability=rule.reliability,
            exits=select_registered_exits(taken, request)["person"].unique(),
        )
        movements = taken.files.get("movements")
        exits = Exits(by_person=list_exit_years(listed, silent), false=rule.false_exits, movements=movements)
    else:
        rule = None
    groups = build_groups(persons, request.by, len(taken.lists), seen)
    population = estimate_population(groups, read_method(request, rules, links))
    year, words = correct_emigration(request, taken, rule, persons.filter(pl.col("history") % 2 == 1)["person"])
    release = Release(request.by, request.day, rules=rules)
    figures = round_population(population, release.base)
    nobody = list_empty_groups(persons, request.by, taken.people, reference)
    tables = CoverageTables(
        groups=build_group_rows(population, figures, release, nobody),
        effects=list_effects(figures, population, release, year),
        sensitivity=build_sensitivity_rows(population, figures, release),
        exits=[] if exits is None else build_exit_rows(exits, persons, population, figures, release),
    )
    notes_of_others, wrong = list_wrong_persons(persons, seen, tuple(taken.lists))
    simulated = has_simulated(path for path in (*request.lists.values(), *request.files.values()) if path)
    notes = [
        *([SIMULATION_NOTICE] if simulated else []),
        describe_method(request),
        *([links.words] if len(request.lists) > 1 else []),
        *list_notes(request, rules, rule, population),
        *taken.notes,
        *list_negative_groups(groups),
        *list_listed_without_person(persons, taken, request),
        *list_sampled_outside_register(taken, persons.filter(pl.col("history") % 2 == 1)["person"]),
        *notes_of_others,
        *wrong,
    ]
    notes += words
    unread = describe_unread_columns_of_lists(request, catalogue)
    notes += [sentence.removesuffix(".") for sentence in unread]
    datasets = [
        build_dataset(
            catalogue.flows["DF_POP"], build_stock_rows(population, figures, release), state_stock(request, notes)
        )
    ]
    if year:
        rows = build_emigration_rows(year, list_flow_dimensions(request.by), release.base)
        datasets.append(build_dataset(catalogue.flows["DF_EMI"], rows, state_flow(request, notes)))
    return Coverage(
        datasets=tuple(datasets),
        by=request.by,
        population=population,
        year=year,
        rule=rule,
        figures=figures,
        tables=tables,
        report=write_report(population, figures, release, notes, tables),
        declaration=write_toml(rules, rule),
        doubts=(*links.doubts, *population.doubts, *wrong),
        is_simulated=simulated,
        unread=tuple(unread),
    )


def correct_emigration(
    request: CoverageRequest, taken: CoverageInput, rule: Rule | None, register: pl.Series
) -> tuple[CorrectedYear | None, list[str]]:
    """Correct emigration in the year before the reference day; return it with notes, or why it is impossible."""
    if rule is None:
        return None, []
    why = explain_missing_emigration(taken)
    if why:
        return None, [f"emigration is not corrected: {why}"]
    sources = Sources(
        register=register,
        signs=taken.files["signs"],
        sample=taken.files["training"],
        exits=select_registered_exits(taken, request),
        people=taken.people,
    )
    by = list_flow_dimensions(request.by)
    year = compute_corrected_year(sources, by, Reference(request.area, request.day))
    return year, [describe_flow(year)]


def select_registered_exits(taken: CoverageInput, request: CoverageRequest) -> pl.DataFrame:
    if "movements" not in taken.files:
        return pl.DataFrame(schema={"person": pl.String, "date": pl.Date})
    leaving = (pl.col("direction") == "EXIT") & pl.col("date").is_between(
        subtract_year(request.day), request.day, "left"
    )
    return taken.files["movements"].filter(leaving).select("person", "date")


def list_effects(
    figures: ReleasedCoverage, population: Population, release: Release, year: CorrectedYear | None
) -> list[Row]:
    flows = build_emigration_effect_rows(year, list_flow_dimensions(release.by), release.base) if year else []
    stocks = build_stock_effect_rows(population, figures, release)
    totals = {name: TOTAL for name in stocks[0] if name in release.by}
    return [*stocks, *({**dict.fromkeys(stocks[0], ""), **totals, **row} for row in flows)]


def render_files(covered: Coverage) -> dict[str, bytes]:
    mark = {SIMULATED: "true"} if covered.is_simulated else {}
    tables = {
        "coverage.csv": covered.tables.groups,
        "effects.csv": covered.tables.effects,
        "sensitivity.csv": covered.tables.sensitivity,
        "exits.csv": covered.tables.exits,
    }
    return {
        **{name: write_shielded_csv([{**row, **mark} for row in rows]) for name, rows in tables.items() if rows},
        "coverage.toml": covered.declaration.encode(),
        "coverage.md": covered.report.encode(),
    }


MIN_PERSONS = 3
"""Number of persons of a sample, wrongly on a list, that make it doubtful."""


def describe_unread_columns_of_lists(request: CoverageRequest, catalogue: Catalogue) -> list[str]:
    lists = {name: (path, LISTED) for name, path in request.lists.items() if path}
    tables = {table.name: table for table in TABLES}
    files = {**{name: (path, tables[name]) for name, path in request.files.items()}, **lists}
    paths = {name: path for name, (path, _) in files.items()}
    doubts = list_unread_columns((name, *file) for name, file in files.items())
    findings = convert_doubts(doubts, paths, catalogue.rules)
    return [f"{paths[finding.flow].name}: {finding.sentence()}" for finding in findings.items]


def list_listed_without_person(persons: pl.DataFrame, taken: CoverageInput, request: CoverageRequest) -> list[str]:
    if not request.by or "persons" not in taken.files:
        return []
    unknown = persons.join(taken.files["persons"], on="person", how="anti").height
    return (
        [
            (
                f"{describe_small_count(unknown, 'person')} of the lists are not in "
                f"{request.files['persons'].name}: they are _U"
            )
        ]
        if unknown
        else []
    )


def list_sampled_outside_register(taken: CoverageInput, register: pl.Series) -> list[str]:
    if "training" not in taken.files:
        return []
    sample = taken.files["training"]["person"].unique()
    strangers = int((~sample.is_in(register.implode())).sum())
    if not strangers:
        return []
    what = (
        "of the training sample are not in the register on the day, and tell nothing of it, but of emigration, if "
        "their exit was registered in the year, and of other lists that they are on"
    )
    return [f"{describe_small_count(strangers, 'person')} {what}"]


def list_negative_groups(groups: Sequence[Group]) -> list[str]:
    below = sum(group.over.below_zero for group in groups if group.over)
    if not below:
        return []
    words = (
        f"in {write_count(below, 'group')} of {len(groups)} fewer persons are silent than if all were residents: "
        "nobody is absent there but who is known to be, and as large a share is taken off all other groups, "
        "so that their sum is as many as signs tell of all groups as one"
    )
    return [words]


def list_wrong_persons(
    persons: pl.DataFrame, seen: SignEvidence | None, lists: Sequence[str]
) -> tuple[list[str], list[str]]:
    if seen is None:
        return [], []
    rows = add_sample_results(persons, seen)
    strays = estimate_absent_spread(rows, len(lists))
    register, notes, doubts = lists[0], [], []
    for number, name in list(enumerate(lists))[1:]:
        listed = rows.filter((pl.col("history") // (1 << number)) % 2 == 1)
        is_registered = pl.col("history") % 2 == 1
        on_both = any(history >> number & 1 for history in np.flatnonzero(strays.spread).tolist())
        alone = any(history >> number & 1 for history, _ in strays.others)
        gone = listed.filter(~pl.col("resident"))
        if on_both:
            notes.append(
                f"absent persons are taken off {name}, too: as large a share of those of {register} is on it as of "
                "those of the training sample, wrong links among them"
            )
        elif gone.filter(is_registered).height >= MIN_PERSONS:
            doubts.append(
                f"{name} has persons of {register} who do not live in the country, and the training sample has too few "
                "of them to tell how many: the estimate is too low"
            )
        if alone:
            notes.append(
                f"of persons on {name} who are not in {register} as large a share is taken off as of those in the "
                f"training sample, of those whose exit was registered in the year, and of others with the same lists "
                f"where it has {MIN_IN_CLASS} of them"
            )
        left = listed.filter(~is_registered & pl.col("left"))
        if left.height >= MIN_PERSONS and not left["resident"].count():
            doubts.append(
                f"exits of the year were registered of persons who are on {name} and not in {register}, and none of "
                "them is in the training sample: who has left makes the estimate too high"
            )
        elif gone.height >= MIN_PERSONS and not alone:
            doubts.append(
                f"{name} has persons of the training sample who do not live in the country, and the sample does not "
                f"tell how many of who is on it and not in {register} are such: they make the estimate too high"
            )
    return notes, doubts


def explain_missing_emigration(taken: CoverageInput) -> str:
    if "movements" not in taken.files:
        return "no exits that were registered are named (--exits)"
    if "training" not in taken.files:
        return "no training sample is named, which says who left in the year (--training)"
    if not taken.files["training"]["left"].is_not_null().any():
        return "the training sample does not say when those left who do not live in the country (column left)"
    return ""
