"""``sdmxmig derive``: statistics from person records."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import talk
from sdmxmig.cli.options import MASTER_OPTION, NOW_OPTION, language_option, option_named, output_option
from sdmxmig.cli.stopping import FINDINGS
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.cli.validate import exit_code
from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.workspace.requests.validation import ValidateRequest

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.workspace.tasks.deriving import Derived

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
IN_FILES = "all of them are in the files of findings"
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("derive")
@click.option("--movements", type=FILE, metavar="FILE", help="Crossings of the border, CSV or Parquet.")
@click.option("--nights", type=FILE, metavar="FILE", help="Nights of mobile phone traces, instead of movements.")
@click.option("--permits", type=FILE, metavar="FILE", help="Permits to stay, instead of movements, for rule PERMIT.")
@click.option("--documents", type=FILE, metavar="FILE", help="Persons of the documents that movements name.")
@click.option("--links", type=FILE, metavar="FILE", help="Persons of the records of each source (sdmxmig link).")
@click.option(
    "--linked",
    multiple=True,
    metavar="TABLE=SOURCE",
    help="The source of a table as in --links; for each table of persons.",
)
@click.option("--linkage", type=FILE, metavar="FILE", help="Errors of the linkage that links or documents come from.")
@click.option("--persons", type=FILE, metavar="FILE", help="Persons with birth, death, citizenship.")
@click.option("--citizenships", type=FILE, metavar="FILE", help="Changes of citizenship.")
@click.option("--area", required=True, metavar="CODE", help="The country, a code of CL_AREA.")
@click.option("--rule", required=True, metavar="CODE", help="The rule of residence: a code of CL_RES_RULE.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change a parameter of the rule.")
@click.option(
    "--basis",
    type=click.Choice(["ACT", "INT", "GRT", "MIX"]),
    default="ACT",
    show_default=True,
    help="The basis of durations: actual, intended or granted stays, or intended ones while stays are open.",
)
@click.option("--from", "first", type=DAY, metavar="DAY", help="The first day of complete records.")
@click.option("--to", "last", type=DAY, metavar="DAY", help="The last day of complete records.")
@click.option("--earlier", type=DAY, metavar="DAY", help="Also list the changes since the state of that day.")
@click.option(
    "--every",
    type=click.Choice(["year", "quarter", "month"]),
    default="year",
    show_default=True,
    help="The length of the periods.",
)
@click.option(
    "--year-ends",
    type=click.IntRange(1, 12),
    default=12,
    show_default=True,
    metavar="MONTH",
    help="The month with which years end.",
)
@click.option("--year", "years", type=int, multiple=True, metavar="YEAR", help="A year; several times for several.")
@click.option(
    "--bridge", "bridged", type=click.IntRange(0, 366), default=0, metavar="NIGHTS", help="Gaps of traces to fill."
)
@click.option(
    "--birth-place",
    type=click.Choice(["MOTHER", "DELIVERY"]),
    default="MOTHER",
    show_default=True,
    help="Birth abroad by residence of the mother or by place of delivery.",
)
@click.option("--source-type", default="", metavar="CODE", help="Code of CL_SRC_TYPE; else BOR, MPD or PER_RES.")
@click.option(
    "--also",
    type=click.Choice(["temporary", "return", "overstays", "circular"]),
    multiple=True,
    help="Count also temporary mobility, return migration, candidates for overstays, circular mobility.",
)
@click.option(
    "--engine", default="polars", show_default=True, metavar="NAME", help="polars, duckdb or spark (sdmxmig[scale])."
)
@click.option("--memory", default="4GB", show_default=True, metavar="SIZE", help="Memory of the engine.")
@MASTER_OPTION
@click.option(
    "--threshold",
    type=int,
    metavar="N",
    help="Withhold counts below N, and others that reveal them.  [default: withhold none]",
)
@output_option("out", "The folder for the data.", required=True)
@option_named(ValidateRequest, "reports")
@language_option(help_=" For the findings.", default="en", show_default=True)
@NOW_OPTION
def derive_command(  # noqa: PLR0913, PLR0917 - one for each option
    movements: Path | None,
    nights: Path | None,
    permits: Path | None,
    documents: Path | None,
    links: Path | None,
    linked: tuple[str, ...],
    linkage: Path | None,
    persons: Path | None,
    citizenships: Path | None,
    area: str,
    rule: str,
    changes: tuple[str, ...],
    basis: str,
    first: datetime | None,
    last: datetime | None,
    earlier: datetime | None,
    every: str,
    year_ends: int,
    years: tuple[int, ...],
    bridged: int,
    birth_place: str,
    source_type: str,
    also: tuple[str, ...],
    engine: str,
    memory: str,
    master: str,
    threshold: int | None,
    out: Path,
    reports: tuple[str, ...],
    language: str,
    now: str,
) -> int:
    """Count immigration and emigration from person records, under a residence rule.

    The rule decides about each crossing from the nights after it. Figures are provisional if later records can still
    change them. A crossing beside a missing record is counted as unknown, and the number of such crossings is shown.
    Data are written as SDMX-CSV, one file per dataflow, with the rule, the source and all corrections.

    Doubtful records are listed by line in findings.html, .csv and .jsonl; --report writes them in another format, as
    in sdmxmig validate. --threshold suppresses small counts. For the office only, withheld.csv lists them with the
    interval in which a reader can place them. The exit code is 1 if a doubtful record is an error, or if a small
    count is not protected.

    \b
    Examples:
      sdmxmig derive --movements crossings.parquet --area GE --rule R12_16 -o derived
      sdmxmig derive --movements crossings.csv --persons persons.csv --area GE --rule R12_16 --year 2023 -o derived
      sdmxmig derive --movements crossings.parquet --area GE --rule R12_12 --engine duckdb --memory 8GB -o derived
      sdmxmig derive --movements crossings.csv --persons persons.csv --area GE --rule R12_16 --threshold 3 -o derived
    """
    from sdmxmig.catalogue import load
    from sdmxmig.io.publishing.folders import publish_among
    from sdmxmig.reporting.outputs import findings_text
    from sdmxmig.workspace.tasks.derived_release import check_protectable
    from sdmxmig.workspace.tasks.deriving import derive
    from sdmxmig.workspace.tasks.finding_lists import reports_for, write_reports
    from sdmxmig.workspace.tasks.further_figures import FREQUENCIES, DeriveRequest
    from sdmxmig.workspace.tasks.integration_records import derive_files, reported

    named = {
        "movements": movements,
        "nights": nights,
        "permits": permits,
        "documents": documents,
        "links": links,
        "persons": persons,
        "citizenships": citizenships,
    }
    request = DeriveRequest(
        area,
        rule,
        files={name: path for name, path in named.items() if path},
        first=first.date() if first else None,
        last=last.date() if last else None,
        years=years,
        earlier=earlier.date() if earlier else None,
        every=FREQUENCIES[every],
        year_ends=year_ends,
        basis=basis,
        bridged=bridged,
        birth_place=birth_place,
        source_type=source_type,
        linked=sources_of(linked),
        linkage=linkage,
        also=also,
        changes=tuple(change_of(change) for change in changes),
        engine=engine,
        memory=memory,
        master=master,
    )
    asked_reports = reports_for(reports, request.files.values())
    check_protectable(request, threshold)
    catalogue = load()
    derived = derive(request, catalogue)
    for outcome, crossings in derived.outcomes.items():
        say(f"{outcome}: {counted(crossings, 'crossing')}")
    validation = reported(request, derived, catalogue, language=language, now=now)
    if derived.findings.items:
        spoken = findings_text.render(
            derived.findings,
            language=language,
            rest=IN_FILES,
            can_be_justified=False,
            notice=validation.notice,
        )
        for line in spoken.splitlines():
            say(line)
    derived, lists, is_safe = protected_figures(derived, catalogue, threshold)
    paths, sentences = publish_among(out, "derive", derive_files(request, derived, validation, lists=lists, now=now))
    for sentence in sentences:
        say(sentence)
    for dataset, path in zip(derived.datasets, paths, strict=False):
        stage("derive", counted(dataset.observations.height, "observation"))
        show(str(path))
    show(*map(str, paths[len(derived.datasets) :]))
    write_reports(validation, asked_reports, talk)
    return exit_code(derived.findings, "error") if is_safe else FINDINGS


def protected_figures(
    derived: Derived, catalogue: Catalogue, threshold: int | None
) -> tuple[Derived, dict[str, bytes], bool]:
    """Return protected figures, the list of withheld ones, and whether protection succeeded."""
    from sdmxmig.workspace.tasks.derived_release import released, small_figures
    from sdmxmig.workspace.tasks.protecting import LIST, ProtectionRequest, listed, summary, unsafe

    if threshold is None:
        few, least = small_figures(derived.datasets, catalogue)
        if few:
            have = "figure is" if few == 1 else "figures are"
            say(f"{few:,} {have} below {least}: to suppress them before publication, add --threshold {least}.")
        return derived, {}, True
    released_figures, protected = released(derived, catalogue, ProtectionRequest(threshold))
    stage("protect", summary(protected))
    return released_figures, {LIST: listed(protected.figures)}, not unsafe(protected)


def change_of(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SdmxmigError(f"“{text}” is not a setting.", hint="Write for example THRESHOLD_DAYS=183.")
    return name.strip(), value.strip()


def sources_of(texts: tuple[str, ...]) -> dict[str, str]:
    sources: dict[str, str] = {}
    for text in texts:
        table, _, source = (part.strip() for part in text.partition("="))
        if not (table and source):
            raise SdmxmigError(
                f"“{text}” does not name a table and its source.", hint="Write: --linked movements=border."
            )
        if table in sources:
            raise SdmxmigError(f"“{table}” is named twice.", hint="All records of a table have one source.")
        sources[table] = source
    return sources
