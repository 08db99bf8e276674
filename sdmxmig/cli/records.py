"""Commands for person records: derive, link, coverage, combine and simulate."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import terminal
from sdmxmig.cli.options import NOW_OPTION, add_request_options, build_output_option, find_option
from sdmxmig.cli.quality import exit_code
from sdmxmig.cli.terminal import FINDINGS, next_step, say, show, stage
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.workspace.requests.tasks import CoverageChoices, DeriveChoices, LinkChoices, ValidateRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.catalogue import Catalogue
    from sdmxmig.workspace.tasks.deriving import DerivationResult


FILES_NOTE = "all of them are in the files of findings"


def publish_results(out: Path, maker: str, files: Mapping[str, bytes]) -> list[Path]:
    from sdmxmig.io.publishing.folders import publish_among

    return publish_among(out, maker, files, say)


@click.command("derive")
@add_request_options(DeriveChoices, "choices")
@build_output_option("out", "The folder for the data.", required=True)
@find_option(ValidateRequest, "reports")
def derive_command(choices: DeriveChoices, out: Path, reports: tuple[str, ...]) -> int:
    """Count immigration and emigration from person records, under a residence rule.

    The rule classifies each crossing by the nights after it. Figures are provisional if later records can still
    change them. A crossing next to a missing record is counted as unknown, and the number of such crossings is shown.
    Data are written as SDMX-CSV, one file per dataflow, with the rule, the source and all corrections.

    Doubtful records are listed by line in findings.html, .csv and .jsonl; --report writes them in another format, as
    in sdmxmig validate. --threshold suppresses small counts. For the office only, withheld.csv lists them with the
    interval that a reader can compute for them. The exit code is 1 if a doubtful record is an error, or if a small
    count is not protected.

    \b
    Examples:
      sdmxmig derive --movements crossings.parquet --area GE --rule R12_16 -o derived
      sdmxmig derive --movements crossings.csv --persons persons.csv --area GE --rule R12_16 --year 2023 -o derived
      sdmxmig derive --movements crossings.csv --persons persons.csv --area GE --rule R12_16 --threshold 3 -o derived
    """
    from sdmxmig.catalogue import load
    from sdmxmig.reporting.outputs import findings_text
    from sdmxmig.workspace.tasks.derived_release import check_protectable
    from sdmxmig.workspace.tasks.deriving import derive
    from sdmxmig.workspace.tasks.finding_lists import parse_reports, write_reports
    from sdmxmig.workspace.tasks.further_figures import build_derive_request
    from sdmxmig.workspace.tasks.integration_records import build_derived_files, validate_records

    request = build_derive_request(choices)
    asked_reports = parse_reports(reports, request.files.values())
    check_protectable(request, choices.threshold)
    catalogue = load()
    derived = derive(request, catalogue)
    for outcome, crossings in derived.outcomes.items():
        say(f"{outcome}: {write_count(crossings, 'crossing')}")
    validation = validate_records(request, derived, catalogue, language=choices.language, now=choices.now)
    if derived.findings.items:
        spoken = findings_text.render(
            derived.findings, language=choices.language, rest=FILES_NOTE, notice=validation.notice
        )
        for line in spoken.splitlines():
            say(line)
    derived, lists, is_safe = protect_figures(derived, catalogue, choices.threshold)
    paths = publish_results(
        out, "derive", build_derived_files(request, derived, validation, lists=lists, now=choices.now)
    )
    for dataset, path in zip(derived.datasets, paths, strict=False):
        stage("derive", write_count(dataset.observations.height, "observation"))
        show(str(path))
    show(*map(str, paths[len(derived.datasets) :]))
    write_reports(validation, asked_reports, terminal)
    return exit_code(derived.findings, "error") if is_safe else FINDINGS


def protect_figures(
    derived: DerivationResult, catalogue: Catalogue, threshold: int | None
) -> tuple[DerivationResult, dict[str, bytes], bool]:
    """Return protected figures, the list of suppressed ones, and whether protection succeeded."""
    from sdmxmig.workspace.tasks.derived_release import count_small_figures, suppress_figures
    from sdmxmig.workspace.tasks.protecting import (
        LIST,
        ProtectionRequest,
        list_figures,
        list_unsafe_figures,
        write_summary,
    )

    if threshold is None:
        few, least = count_small_figures(derived.datasets, catalogue)
        if few:
            have = "figure is" if few == 1 else "figures are"
            say(f"{few:,} {have} below {least}: to suppress them before publication, add --threshold {least}.")
        return derived, {}, True
    released_figures, protected = suppress_figures(derived, catalogue, ProtectionRequest(threshold))
    stage("protect", write_summary(protected))
    return released_figures, {LIST: list_figures(protected.figures)}, not list_unsafe_figures(protected)


@click.command("link")
@add_request_options(LinkChoices, "choices")
@click.option(
    "--judged",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The judged sample: estimate errors without linking.",
)
@build_output_option("target", "The folder for links and report.", required=True)
def link_command(choices: LinkChoices, judged: Path | None) -> None:
    """Link records of the same person: duplicates within a source, and records across sources.

    Exact agreement on keys is used first, then probabilities. Personal and document numbers are hashed on input with a
    secret key. An interrupted run continues where it stopped. Linkage errors are estimated after
    people have judged a sample of pairs.

    \b
    Examples:
      sdmxmig link --identities register=register.csv --identities border=border.csv -o linked
      sdmxmig link --identities permits=permits.parquet --sample 200 -o linked
      sdmxmig link --judged linked/clerical.csv -o linked
    """
    out = Path(choices.target)
    if judged:
        if choices.identities:
            hint = "Leave out one of them."
            raise SdmxmigError("--judged and --identities cannot be combined.", hint=hint)
        estimate(judged, out)
        return
    from sdmxmig.catalogue import load
    from sdmxmig.reporting.outputs import typed_json
    from sdmxmig.workspace.tasks.integration_records import build_link_record
    from sdmxmig.workspace.tasks.linkage_tables import SAMPLE_FILE, build_link_request
    from sdmxmig.workspace.tasks.linking import link, remove_leftovers, write_contents

    request = build_link_request(choices)
    linked = link(request, out, load(), say)
    record = {
        typed_json.name_integration_file("link"): typed_json.render_integration(build_link_record(request, linked))
    }
    paths = publish_results(out, "link", {**dict(write_contents(linked)), **record})
    remove_leftovers(out, linked)
    show(*map(str, paths))
    stage("link", f"{write_count(linked.persons, 'person')} in {write_count(linked.records, 'record')}")
    if request.sample:
        next_step(f"judge the pairs, then sdmxmig link --judged {SAMPLE_FILE} -o", out)


def estimate(judged: Path, out: Path) -> None:
    from sdmxmig.workspace.tasks.integration_records import update_link_record
    from sdmxmig.workspace.tasks.linkage_tables import ERRORS_FILE, compute_judged_errors, write_table

    errors = compute_judged_errors(judged, out)
    for row in errors.rows(named=True):
        what = f"{row['to_source']}, {row['kind']}: {row['measure']}"
        known = row["value"] is not None
        say(
            f"{what} {row['value']} ({row['low']} to {row['high']})"
            if known
            else f"{what} unknown: the compared pairs do not show it"
        )
    say("! Recall, missed links and true pairs count compared pairs only: pairs that agree in no block are missed too.")
    files = {ERRORS_FILE: write_table(errors, ERRORS_FILE), **update_link_record(out, errors)}
    paths = publish_results(out, "link --judged", files)
    show(*map(str, paths))


@click.command("coverage")
@add_request_options(CoverageChoices, "choices")
@build_output_option("out", "The folder for data, tables and report.", required=True)
def coverage_command(choices: CoverageChoices, out: Path) -> None:
    """Estimate the population from several lists, with undercoverage and overcoverage of a register.

    Two lists give a dual system estimate, three to five a log-linear one. With signs of life and a
    training sample, people who have left are removed from the register; exits that were not registered are listed. An
    estimate is refused if the data are too weak. Groups with too few data are merged.

    \b
    Examples:
      sdmxmig coverage --list register=register.csv --list survey=survey.csv --area GE --year 2024 --rule R12 -o out
      sdmxmig coverage --list register=a.csv --list census=b.csv --list tax=c.csv --area GE --year 2024 --rule R6 -o o
      sdmxmig coverage --list register=a.csv --signs b.csv --training c.csv --area GE --year 2024 --rule R12 -o out
    """
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.tasks.coverage_estimation import estimate_coverage
    from sdmxmig.workspace.tasks.coverage_request import check_coverage_request
    from sdmxmig.workspace.tasks.integration_records import index_coverage_files

    request = check_coverage_request(choices)
    covered = estimate_coverage(request, load())
    for line in covered.in_short:
        say(line)
    paths = publish_results(out, "coverage", index_coverage_files(request, covered, choices.now))
    stage("coverage", write_count(sum(dataset.observations.height for dataset in covered.datasets), "observation"))
    show(*map(str, paths))


@click.command("combine")
@click.argument("declaration", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@build_output_option("out", "The folder for data, tables and metadata.", required=True)
@NOW_OPTION
def combine_command(declaration: Path, out: Path, now: str) -> None:
    """Combine sources step by step, as a TOML declaration describes.

    Steps choose the source of a variable, count, fit tables to known margins, calibrate weights, estimate figures and
    their precision from surveys, and split years into months. Figures are written with sources, methods and rules.
    Tables of persons are not written.

    \b
    Examples:
      sdmxmig combine integrated.toml -o integrated
      sdmxmig combine country/combine.toml -o country/out
      sdmxmig combine integrated.toml -o integrated --now 2024-06-01T00:00:00
    """
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.tasks.combining import combine
    from sdmxmig.workspace.tasks.integration_records import build_combined_files

    combined = combine(declaration, load())
    for note in combined.notes:
        say(note)
    paths = publish_results(out, "combine", build_combined_files(combined, now))
    stage("combine", write_count(len(combined.outputs), "table"))
    show(*map(str, paths))


YEARS_PATTERN = re.compile(r"(\d{4})(?:-(\d{4}))?")


@click.command("simulate")
@click.option(
    "--persons", type=int, default=10_000, show_default=True, metavar="N", help="Approximate number of residents."
)
@click.option("--seed", type=int, required=True, metavar="NUMBER", help="The same seed gives the same files.")
@click.option("--years", required=True, metavar="FIRST-LAST", help="The years, such as 2018-2022.")
@click.option("--without-faults", is_flag=True, help="Make complete and correct sources.")
@build_output_option("out", "The folder for truth and sources.", required=True)
def simulate_command(persons: int, seed: int, years: str, without_faults: bool, out: Path) -> None:
    """Simulate a country with known true figures, and administrative sources with errors.

    The country is the fictional Alvoria (XA). People are born, die, move, travel and become citizens. Border records, a
    population register, permits, social security and a survey record them with declared errors: missed crossings, late
    deregistration, duplicate records, other spellings. Truth and sources are Parquet files in two folders, so you can
    compare the results of a method with the truth.

    \b
    Examples:
      sdmxmig simulate --persons 2000 --seed 1 --years 2018-2021 -o alvoria
      sdmxmig simulate --persons 1000000 --seed 7 --years 2018-2022 -o large
      sdmxmig simulate --seed 1 --years 2018-2021 --without-faults -o perfect
    """
    from sdmxmig.records.simulation.true_tables import World
    from sdmxmig.workspace.tasks.simulating import simulate

    first, last = parse_years(years)
    world = World(persons, seed, first_year=first, last_year=last)
    simulate(
        world,
        out,
        lambda path, rows: stage("simulate", f"{path}: {write_count(rows, 'row')}"),
        has_faults=not without_faults,
    )
    say("The persons in these files are fictional: figures made from them describe no country.")
    show(str(out / "README.md"))


def parse_years(text: str) -> tuple[int, int]:
    match = YEARS_PATTERN.fullmatch(text.strip())
    if match is None:
        raise SdmxmigError(f"“{text}” is not a range of years.", hint="Write the first and the last year: 2018-2022.")
    return int(match[1]), int(match[2] or match[1])
