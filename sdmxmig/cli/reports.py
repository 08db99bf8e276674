"""Commands for assessments and reports: report, assess, style, region and compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import terminal
from sdmxmig.cli.options import (
    BY_OPTION,
    CHANGED_OPTION,
    FORMAT_OPTION,
    WORKSPACE_OPTION,
    add_request_options,
    build_language_option,
    build_output_option,
    pass_session,
    record_change,
)
from sdmxmig.cli.profile import show_claims
from sdmxmig.cli.show import find_workspace
from sdmxmig.cli.terminal import next_step, say, show_json, show_list, stage
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.requests.tasks import ReportRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdmxmig.sdmx.model.data import Dataset, Flow
    from sdmxmig.workspace.tasks.session import Session


@click.command("report")
@pass_session
@add_request_options(ReportRequest)
@FORMAT_OPTION
def report_command(session: Session, request: ReportRequest, listing_format: str) -> None:
    """Write the benchmarking report, a brief, and the annexes: HTML, PDF, Word, workbook and Markdown.

    \b
    Examples:
      sdmxmig report mycountry
      sdmxmig report mycountry --language en
      sdmxmig report mycountry --document brief
      sdmxmig report mycountry --document annexes
    """
    from sdmxmig.workspace.tasks.reporting import report

    show_list(rows := report(session, request), listing_format)
    next_step("open", find_first_to_open(rows))


def find_first_to_open(rows: Sequence[Mapping[str, str]]) -> str:
    return next((row["file"] for row in rows if row["document"] == "report"), rows[0]["file"])


@click.command("assess")
@pass_session
@FORMAT_OPTION
def assess_command(session: Session, listing_format: str) -> None:
    """Score the profile, compute the indicators and accounts, and list contradictions between them.

    \b
    Examples:
      sdmxmig assess mycountry
      sdmxmig assess mycountry --format json
      sdmxmig assess mycountry -o result
    """
    from sdmxmig.statistics.model.evidence import render_statement
    from sdmxmig.workspace.tasks.assessing import assess

    assessment = assess(session)
    rows = [
        {
            "indicator": assessed.indicator.code,
            "tier": assessed.indicator.tier,
            "declared": assessed.declared or "?",
            "latest": assessed.latest or "-",
        }
        for assessed in assessment.indicators
    ]
    show_list(rows, listing_format)
    for contradiction in assessment.contradictions:
        places = ", ".join(map(str, contradiction.places))
        say(f"! {render_statement(contradiction.sentence, assessment.sentences)}" + (f" ({places})" if places else ""))
    next_step("sdmxmig report", session.workspace.folder)


@click.command("style")
@pass_session
@click.option("--logo", type=click.Path(path_type=Path), metavar="FILE", help="A picture: PNG or SVG.")
@click.option("--no-logo", is_flag=True, help="Remove the logo.")
@click.option(
    "--logo-text", default=None, metavar="TEXT", help="Alternative text of the logo, such as the office's name."
)
@build_language_option(default="", help_=" It is the language of --logo-text.  [default: that of the workspace]")
@click.option("--accent", default=None, metavar="COLOUR", help='Colour of accents, such as "#0b5c8a".')
@click.option("--ink", default=None, metavar="COLOUR", help="Colour of text.")
@click.option("--secondary", default=None, metavar="COLOUR", help="Colour of notes and captions.")
@BY_OPTION
def style_command(
    session: Session,
    *,
    logo: Path | None,
    no_logo: bool,
    logo_text: str | None,
    language: str,
    by: str,
    **named: str | None,
) -> None:
    """Set the logo and colours of the report.

    They are written to templates/report/report.toml of the workspace; its other settings are kept. An empty colour
    restores the shipped one. Colours with too little contrast are refused. To undo the change, use: sdmxmig history
    --undo N.

    \b
    Examples:
      sdmxmig style mycountry --logo logo.svg --logo-text "National Statistics Office"
      sdmxmig style mycountry --accent "#7a1f5c"
      sdmxmig style mycountry --accent ""
      sdmxmig style mycountry --no-logo
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.reporting.charts.theme import CHOSEN_COLOURS
    from sdmxmig.workspace.tasks.reporting import StyleChange, set_style, write_style_command

    colours = {name: colour for name in CHOSEN_COLOURS if (colour := named[name]) is not None}
    if no_logo and (logo is not None or logo_text is not None):
        raise SdmxmigError(
            "A logo cannot be set and removed at the same time.", hint="Leave out --no-logo or the other logo options."
        )
    if logo is None and logo_text is None and not colours and not no_logo:
        raise SdmxmigError(
            "There is nothing to change.", hint="Name --logo, --no-logo, --logo-text, --accent, --ink or --secondary."
        )
    change = StyleChange(
        read_bytes(logo) if logo else b"",
        logo_text,
        language=language or session.workspace.country.language,
        colours=colours,
        no_logo=no_logo,
    )
    folder = session.workspace.folder
    with record_change(session, "style", write_style_command(folder, change, str(logo or "")), by):
        set_style(session, change)
    say("Report style saved.")
    next_step("sdmxmig report", folder)


OPTION, MAKER = "-o FOLDER", "sdmxmig region"


@click.command("region")
@click.argument("workspaces", nargs=-1, required=True, type=click.Path(path_type=Path))
@build_output_option("out", "The folder of the report.  [default: out beside region.toml]")
@click.option("--name", default="", help="Name of the study.")
@build_language_option(default="", help_="  [default: en]")
@click.option("--overview", is_flag=True, help="Only list the data of each country, including late and faulty data.")
@click.option(
    "--claims", is_flag=True, help="Only list the headings, facts, steps and gaps of the study, with their sources."
)
@CHANGED_OPTION
@FORMAT_OPTION
def region_command(
    workspaces: tuple[Path, ...],
    out: Path | None,
    name: str,
    language: str,
    overview: bool,
    claims: bool,
    changed: bool,
    listing_format: str,
) -> None:
    """Compare several countries in one report, with a page for each country.

    WORKSPACES are assessed workspaces, or files written by sdmxmig assess. Instead, you can give one region.toml (or
    its folder) that lists them, the name of the study and groups of peers. --overview only prints a list; a folder
    then means all workspaces in it.

    \b
    Examples:
      sdmxmig region georgia moldova sweden -o region
      sdmxmig region examples/region --language fr
      sdmxmig region a/assessment.json b/assessment.json -o region --name "Two countries"
      sdmxmig region received --overview
      sdmxmig region examples/region --claims
    """
    if overview:
        show_overview(workspaces, listing_format)
        return
    from sdmxmig.io.publishing.files import check_folder
    from sdmxmig.io.publishing.folders import publish_folder
    from sdmxmig.reporting.sections.region.overview import list_claims
    from sdmxmig.workspace.tasks.region_studies import (
        collect_sources,
        find_requested_study,
        find_study,
        index_other_editions,
        yield_pages,
    )

    sources, request, default = find_requested_study(workspaces, name, language)
    if claims:
        study = find_study(sources, request, changed=changed, listener=terminal)
        show_claims(list(list_claims(study, request.language or "en")), listing_format)
        return
    folder = out or default
    if folder is None:
        raise SdmxmigError("No folder for the report is given.", hint=f"Add {OPTION}.")
    check_folder(folder, "region", MAKER, OPTION)
    study = find_study(sources, request, changed=changed, listener=terminal)
    files = dict(yield_pages(study, request.language or "en", terminal))
    made_from = collect_sources(study)
    earlier_editions = index_other_editions(folder, files, made_from)
    all_files = {**files, **earlier_editions}
    for note in publish_folder(folder, "region", all_files, maker=MAKER, option=OPTION, made_from=made_from)[1]:
        say(note)
    stage("region", f"{len(study.areas)} countries, {len(files)} files")
    show_list([{"file": str(folder / file)} for file in files if "/" not in file], listing_format)
    next_step("open", folder / next(iter(files)))


def show_overview(paths: tuple[Path, ...], listing_format: str) -> None:
    from sdmxmig.workspace.tasks.region_studies import (
        build_overview,
        determine_country_state,
        find_workspaces,
        list_rows,
    )

    overview = build_overview([determine_country_state(folder) for folder in find_workspaces(paths)])
    for country in overview.countries:
        if country.trouble:
            say(f"! {country.folder}: {country.trouble}")
    show_list(list_rows(overview), listing_format)


@click.command("compute")
@click.argument("name")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@click.option("--area", default="", help="The country, if the data have several.")
@FORMAT_OPTION
def compute_command(name: str, files: tuple[Path, ...], workspace: Path | None, area: str, listing_format: str) -> None:
    """Compute an indicator from data files, or from the converted data of a workspace.

    NAME is the id or UN number of an indicator, or 10.7.2 to score that SDG indicator (six domains, four levels) from
    answers on migration policies. FILES are data messages in any format. Values that cannot be computed are listed
    with the reason.

    \b
    Examples:
      sdmxmig compute MIG_SHARE --workspace mycountry
      sdmxmig compute IMM_RATE immigration.csv population.csv --area GE
      sdmxmig compute 10.7.2 answers.csv --format json
    """
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.tasks.computing import compute_rows

    folder = find_workspace(workspace)
    catalogue = load(folder)
    datasets = read_data_files(files, folder, catalogue.flows)
    values, missing = compute_rows(name, catalogue, datasets, area)
    if listing_format == "json":
        show_json({"values": values, "missing": missing})
        return
    show_list(values, listing_format)
    for row in missing:
        say(f"not computed: {': '.join(row.values())}")


def read_data_files(files: Sequence[Path], folder: Path | None, flows: Mapping[str, Flow]) -> list[Dataset]:
    from sdmxmig.workspace.tasks.computing import read_data

    if files:
        return [dataset for path in files for dataset in read_data(path, flows)]
    if folder is None:
        raise SdmxmigError("No data are named.", hint="Name data files, or a workspace with --workspace.")
    from sdmxmig.workspace.tasks.data_folder import read_datasets
    from sdmxmig.workspace.tasks.session import open_session

    session = open_session(folder, None, "", listener=terminal)
    session.results.reading()
    session.report_if_older("data")
    return list(read_datasets(session))
