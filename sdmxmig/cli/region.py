"""``sdmxmig region``: regional studies."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli import talk
from sdmxmig.cli.options import CHANGED_OPTION, FORMAT_OPTION, language_option, output_option
from sdmxmig.cli.talk import next_step, say, show_list, stage
from sdmxmig.primitives.errors import SdmxmigError

OPTION, MAKER = "-o FOLDER", "sdmxmig region"


@click.command("region")
@click.argument("workspaces", nargs=-1, required=True, type=click.Path(path_type=Path))
@output_option("out", "The folder of the report.  [default: out beside region.toml]")
@click.option("--name", default="", help="Name of the study.")
@language_option(default="", help_="  [default: en]")
@click.option("--overview", is_flag=True, help="Only list the data of each country, with late and faulty ones.")
@CHANGED_OPTION
@FORMAT_OPTION
def region_command(
    workspaces: tuple[Path, ...],
    out: Path | None,
    name: str,
    language: str,
    overview: bool,
    changed: bool,
    listing_format: str,
) -> None:
    """Compare several countries in one report, with a page of each country.

    WORKSPACES are assessed workspaces, or files written by sdmxmig assess. One region.toml (or its folder) can name
    them, the study and groups of peers instead. --overview only prints a list; a folder then means all workspaces in
    it.

    \b
    Examples:
      sdmxmig region georgia moldova sweden -o region
      sdmxmig region examples/region --language fr
      sdmxmig region a/assessment.json b/assessment.json -o region --name "Two countries"
      sdmxmig region received --overview
    """
    if overview:
        show_overview(workspaces, listing_format)
        return
    from sdmxmig.io.publishing.files import check_folder
    from sdmxmig.io.publishing.folders import publish_folder
    from sdmxmig.workspace.tasks.region_studies import other_editions, pages, requested_study, sources_of, study_of

    sources, request, default = requested_study(workspaces, name, language)
    folder = out or default
    if folder is None:
        raise SdmxmigError("No folder for the report is given.", hint=f"Add {OPTION}.")
    check_folder(folder, "region", MAKER, OPTION)
    study = study_of(sources, request, changed=changed, talk=talk)
    files = dict(pages(study, request.language or "en", talk))
    made_from = sources_of(study)
    earlier_editions = other_editions(folder, files, made_from)
    all_files = {**files, **earlier_editions}
    for note in publish_folder(folder, "region", all_files, maker=MAKER, option=OPTION, made_from=made_from)[1]:
        say(note)
    stage("region", f"{len(study.areas)} countries, {len(files)} files")
    show_list([{"file": str(folder / file)} for file in files if "/" not in file], listing_format)
    next_step("open", folder / next(iter(files)))


def show_overview(paths: tuple[Path, ...], listing_format: str) -> None:
    from sdmxmig.workspace.tasks.region_studies import as_rows, country_state, overview_of, workspaces_of

    overview = overview_of([country_state(folder) for folder in workspaces_of(paths)])
    for country in overview.countries:
        if country.trouble:
            say(f"! {country.folder}: {country.trouble}")
    show_list(as_rows(overview), listing_format)
