"""Commands for the pipeline (run, demo, convert), and the state of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, NOW_OPTION, add_request_options, open_session, pass_session
from sdmxmig.cli.quality import report_correction, show_findings
from sdmxmig.cli.reports import find_first_to_open, region_command
from sdmxmig.cli.terminal import FINDINGS, OK, next_step, say, show, show_list, stage
from sdmxmig.cli.workspaces import INSTALLATION, has_workbench
from sdmxmig.primitives.errors import write_count
from sdmxmig.workspace.requests.tasks import ConvertRequest, RunRequest
from sdmxmig.workspace.tasks.new_workspace import EXAMPLES, FILES, STUDIES, copy_workspace, is_copy

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.pipeline import Progress
    from sdmxmig.workspace.tasks.session import Session


WHOLE_PIPELINE = RunRequest()


def run_pipeline(
    session: Session, listing_format: str = "text", request: RunRequest = WHOLE_PIPELINE, *, one_by_one: bool = False
) -> int:
    from sdmxmig.workspace.tasks import pipeline

    findings, reports = pipeline.run_stages(session, request, one_by_one=one_by_one)
    if findings.has_errors:
        show_findings(session, findings, listing_format)
        report_correction(session)
        return FINDINGS
    if not reports:
        show_findings(session, findings, listing_format)
        is_asked_for = request.until != "report"
        next_step("sdmxmig run" if is_asked_for else "answer Profile in sdmxmig open", session.workspace.folder)
        return OK
    show_list(reports if listing_format == "json" else [{"file": row["file"]} for row in reports], listing_format)
    next_step("open", find_first_to_open(reports))
    return OK


@click.command("run")
@pass_session
@add_request_options(RunRequest)
@FORMAT_OPTION
def run_command(session: Session, request: RunRequest, listing_format: str) -> int:
    """Run all stages on a workspace: data, their structures, findings, submission, assessment, report.

    The structures are those of the data; `sdmxmig build` writes all structures. If validation finds errors, the run
    stops there with exit code 1. Without a profile, it ends after the submission. Stages whose inputs have not changed
    are skipped, so an interrupted run continues where it stopped.

    \b
    Examples:
      sdmxmig run mycountry
      sdmxmig run examples/georgia -o georgia
      sdmxmig run mycountry --language fr
      sdmxmig run mycountry --until findings
      sdmxmig run mycountry --force
      sdmxmig run mycountry --now 2026-01-31T12:00:00
    """
    return run_pipeline(session, listing_format, request)


@click.command("demo")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--example",
    type=click.Choice((*EXAMPLES, *STUDIES, *FILES)),
    default="georgia",
    show_default=True,
    help="Which example to copy.",
)
@click.option("--copy-only", is_flag=True, help="Copy the example without running it.")
@click.option("--one-by-one", is_flag=True, help="Move each result into place as soon as it is ready.")
@NOW_OPTION
@FORMAT_OPTION
@click.pass_context
def demo_command(
    context: click.Context,
    *,
    folder: Path | None,
    example: str,
    copy_only: bool,
    one_by_one: bool,
    now: str,
    listing_format: str,
) -> int:
    """Copy an example to FOLDER (by default, a folder with its name) and run the whole pipeline on it.

    Examples of records and tables have no pipeline; they are only copied.

    \b
    Examples:
      sdmxmig demo
      sdmxmig demo alvoria --example fictional
      sdmxmig demo --example georgia-faults
      sdmxmig demo --example region
      sdmxmig demo --example border-records
    """
    from sdmxmig.catalogue.folders import find_shipped_folder
    from sdmxmig.primitives.text import quote_path

    folder, source = folder or Path(example), find_shipped_folder("examples") / example
    if not is_copy(folder, source):
        copy_workspace(source, folder)
        stage("demo", f"{example} copied to {folder}")
    if copy_only or example in FILES:
        next_step("read", folder / "README.md")
        return 0
    workspaces = sorted(path.parent for path in folder.glob("*/country.toml")) if example in STUDIES else [folder]
    codes = []
    for workspace in workspaces:
        with open_session(workspace, None, now) as session:
            codes.append(run_pipeline(session, listing_format, one_by_one=one_by_one))
    if example in STUDIES:
        context.invoke(region_command, workspaces=(folder,), listing_format=listing_format)
    say(f"In the browser: sdmxmig open {quote_path(folder)}{'' if has_workbench() else f' (first: {INSTALLATION})'}")
    return max(codes)


@click.command("convert")
@pass_session
@add_request_options(ConvertRequest)
@FORMAT_OPTION
def convert_command(session: Session, request: ConvertRequest, listing_format: str) -> int:
    """Convert tables/ with mappings/ and write SDMX-CSV 2.0, SDMX-ML 3.0 and SDMX-ML 2.1.

    Data whose tables and mappings have not changed are not converted again.

    The exit code is 1 if a table yields no observations, a formula has no result, or a number cannot be read.

    \b
    Examples:
      sdmxmig convert mycountry
      sdmxmig convert mycountry --format json
      sdmxmig convert mycountry -o result
      sdmxmig convert mycountry --maps maps.xml
    """
    from sdmxmig.workspace.tasks.converting import convert, report_lost

    rows, findings = convert(session, request)
    show_list(rows, listing_format)
    lost = report_lost(session, findings)
    next_step("sdmxmig validate", session.workspace.folder)
    return FINDINGS if lost else OK


def show_progress(folder: Path) -> None:
    from sdmxmig.workspace.tasks.drafts import read_drafts, suggest_mapping_step
    from sdmxmig.workspace.tasks.pipeline import read_progress

    progress, drafts = read_progress(folder), read_drafts(folder)[0]
    show(*list_progress_lines(progress, len(drafts)))
    if progress.next == "start":
        next_step("sdmxmig start WORKBOOK", folder)
    elif progress.next == "map" or drafts:
        next_step(suggest_mapping_step(progress.workspace))
    elif progress.next == "correct":
        next_step(
            f"correct what {progress.workspace.out / 'findings' / 'findings.html'} names, then sdmxmig run", folder
        )
    elif progress.next == "explain":
        next_step("explain the warnings, or leave them, in sdmxmig open", folder)
    elif progress.next == "approve":
        next_step("let somebody else approve it: sdmxmig approve", folder)
    elif progress.next == "profile":
        next_step("answer Profile in sdmxmig open", folder)
    elif progress.next:
        next_step(f"sdmxmig {progress.next}" if progress.made else "sdmxmig run", folder)
    else:
        reports = sorted(progress.workspace.out.glob("report*.html"))
        next_step("open", reports[0] if reports else progress.workspace.out)


def list_progress_lines(progress: Progress, drafts: int) -> list[str]:
    workspace = progress.workspace
    results = [
        f"{name}{' (older than what it is made from)' if name in progress.older else ''}" for name in progress.made
    ]
    has = [write_count(len(workspace.tables), "table"), write_count(len(workspace.mappings), "mapping")]
    if drafts:
        has.append(write_count(drafts, "draft"))
    return [
        f"workspace  {workspace.country.name.in_language(workspace.country.language)} ({workspace.country.area})",
        f"has        {', '.join([*has, 'a profile' if workspace.profile else 'no profile'])}",
        f"results    {', '.join(results) or 'none yet'}",
        *([f"errors     {progress.errors}"] if progress.errors else []),
    ]
