"""Commands for the quality of data: validate, accounts and protect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import terminal
from sdmxmig.cli.options import (
    FORMAT_OPTION,
    NOW_OPTION,
    add_request_options,
    build_language_option,
    build_output_option,
    open_session,
    pass_session,
)
from sdmxmig.cli.terminal import FINDINGS, OK, UNCHECKED, next_step, say, show_json_text, show_list, show_text
from sdmxmig.io.publishing.files import STANDARD_OUTPUT
from sdmxmig.primitives.errors import SdmxmigError, UnknownStructure
from sdmxmig.primitives.text import build_notice, quote_path
from sdmxmig.workspace.requests import list_fields
from sdmxmig.workspace.requests.tasks import AccountsRequest, MessageReading, ValidateRequest

if TYPE_CHECKING:
    from sdmxmig.reporting.outputs.finding_reports import Validation
    from sdmxmig.sdmx.model.data import Flow
    from sdmxmig.sdmx.model.findings import Findings, Rule
    from sdmxmig.workspace.tasks.session import Session


IN_FILE, LISTED_AS_JSON = "The findings file lists all of them", "To keep all of them, add -o FILE"
FLOW_HINT = "If the data follow a structure of --structure, name it with --flow ID."
SILENT_FORMAT = "nothing"
"""Format of printed findings if standard output has a report."""
FAIL_ON = ("error", "warning", "never")
FAIL_ON_OPTION = click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="error",
    show_default=True,
    help="The lowest severity that gives exit code 1; justified warnings do not count.",
)


def show_findings(session: Session, findings: Findings, listing_format: str, *, is_simulated: bool = False) -> None:
    """Print the findings of a workspace in the language of its office."""
    catalogue, workspace = session.catalogue, session.workspace
    print_findings(
        findings,
        catalogue.rules,
        catalogue.flows,
        listing_format,
        is_simulated=is_simulated,
        workspace=workspace.folder,
        language=workspace.country.language,
    )


def print_findings(
    findings: Findings,
    rules: Mapping[str, Rule],
    flows: Mapping[str, Flow],
    listing_format: str,
    *,
    rest: str = IN_FILE,
    is_simulated: bool = False,
    workspace: Path | None = None,
    language: str = "en",
) -> None:
    """Print findings as text or JSON, unless a report goes to standard output."""
    from sdmxmig.records.files import SIMULATED
    from sdmxmig.reporting.outputs import findings_json, findings_text

    if listing_format == SILENT_FORMAT:
        return
    if listing_format == "json":
        mark = {SIMULATED: True} if is_simulated else {}
        show_json_text(findings_json.render(findings, rules, mark=mark).decode())
    else:
        first = build_notice(is_draft=False, is_fictional=is_simulated)
        folder = quote_path(workspace) if workspace else ""
        text = findings_text.render(findings, language=language, flows=flows, rest=rest, workspace=folder, notice=first)
        show_text(text)


@click.command("validate")
@click.argument("target", metavar="[WORKSPACE|FILE|-]", type=click.Path(path_type=Path), default=Path())
@build_output_option("out", "The folder of results; for a file, the folder of its findings.  [default: WORKSPACE/out]")
@NOW_OPTION
@add_request_options(ValidateRequest)
@FAIL_ON_OPTION
@add_request_options(MessageReading, "reading")
@FORMAT_OPTION
def validate_command(
    target: Path,
    request: ValidateRequest,
    reading: MessageReading,
    *,
    out: Path | None,
    now: str,
    fail_on: str,
    listing_format: str,
) -> int:
    """Validate the data of a workspace, an SDMX file, or standard input (-).

    For a workspace, the findings are written as JSON lines and HTML, with a copy of each workbook that has faulty cells
    marked. They are compared with the previous run, and keep the reasons of sdmxmig justify.

    If tables or mappings have changed, they are converted first. Data that have not changed since the last validation
    are not checked again.

    Revisions are compared with earlier releases: data messages, submissions, or workspaces with results. The default is
    the folder accepted/ of the workspace.

    The data are also compared with the data of other producers in comparisons/, and with those of partner countries
    (--mirror FILE or FOLDER).

    The exit code is 1 if there are findings of severity error (--fail-on), or 4 if there are none, but some data could
    not be checked.

    --report writes the findings in another format. The suffix of the file selects it (.html, .txt, .xlsx, .csv, .json,
    .jsonl, .ess.json, .sdmx.csv, .sdmx.xml, .sdmx.json), or a word before the name, as in json=- for standard output.
    Confidential figures are masked.

    \b
    Examples:
      sdmxmig validate mycountry
      sdmxmig validate mycountry --profile UNSD --fail-on warning
      sdmxmig validate data.xml --structure structures.xml --level 0 --level 1
      sdmxmig validate mycountry --format json > findings.json
      sdmxmig validate mycountry --previous mycountry/out/submission/GE-UNSD-0123456789abcdef0123
      sdmxmig validate mycountry --report findings.html --report findings.xlsx
      sdmxmig validate mycountry --mirror neighbour --mirror eurostat.csv
    """
    from sdmxmig.workspace.tasks.finding_lists import parse_reports, write_reports

    named_files = [Path(path) for path in (target, *reading.structure, *request.previous, *request.mirror)]
    report_files = parse_reports(list(map(str, request.reports)), named_files)
    if any(str(path) == STANDARD_OUTPUT for _, path in report_files):
        listing_format = SILENT_FORMAT
    if str(target) == "-" or target.is_file():
        if request.mirror:
            hint = "Convert the tables in a workspace, and validate the workspace."
            raise SdmxmigError("--mirror requires a workspace.", hint=hint)
        validation = validate_message_file(target, reading, request, out=out, now=now, form=listing_format)
    else:
        refuse_for_workspace(reading)
        validation = validate_workspace(target, request, out=out, now=now, form=listing_format)
    write_reports(validation, report_files, terminal)
    return exit_code(validation.findings, fail_on)


def refuse_for_workspace(reading: MessageReading) -> None:
    for field in list_fields(MessageReading):
        if getattr(reading, field.name):
            hint = "Remove it: a workspace has its own structures."
            raise SdmxmigError(f"{field.flag} requires a file with data.", hint=hint)


def validate_workspace(folder: Path, request: ValidateRequest, *, out: Path | None, now: str, form: str) -> Validation:
    from sdmxmig.workspace.tasks.validating import validate

    with open_session(folder, out, now) as session:
        validation = validate(session, request)
        findings = validation.findings
        show_findings(session, findings, form, is_simulated=validation.is_simulated)
        if findings.has_errors:
            report_correction(session)
        elif request.levels:
            next_step("sdmxmig validate", folder)
        elif findings.unjudged_flows:
            report_unvalidated_flows(findings)
        elif findings.unjustified and not session.workspace.override:
            next_step("correct each warning or give a reason, then: sdmxmig package", folder)
        else:
            next_step("sdmxmig package", folder)
    return validation


def report_correction(session: Session) -> None:
    """Tell users to correct the tables in the workspace, which are copies of their own files."""
    tables = quote_path(session.workspace.folder / "tables")
    marked = quote_path(session.out / "findings")
    next_step(f"correct the tables in {tables} (cells marked in {marked}), then: sdmxmig run", session.workspace.folder)


def validate_message_file(
    path: Path, reading: MessageReading, request: ValidateRequest, *, out: Path | None, now: str, form: str
) -> Validation:
    from sdmxmig.cli.messages import report_faults
    from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
    from sdmxmig.workspace.tasks.validating import validate_message

    faults = Faults(TOLERANT)
    try:
        validation = validate_message(path, reading, request, out=out, now=now, faults=faults)
    except UnknownStructure as error:
        hint = FLOW_HINT if reading.structure else "Give the structure of the data with --structure FILE."
        raise UnknownStructure(error.message, error.place, hint) from None
    findings = validation.findings
    rest = IN_FILE if out else LISTED_AS_JSON
    simulated = validation.is_simulated
    print_findings(findings, validation.rules, validation.flows, form, rest=rest, is_simulated=simulated)
    report_faults(faults)
    report_unvalidated_flows(findings)
    if any("mapping" in finding.remedy() for finding in findings.items):
        say("“Mapping” means the mapping file of the table behind these data. If there is none, correct the data.")
    if findings.items and str(path) != STANDARD_OUTPUT:
        next_step("sdmxmig check", path)
    return validation


def report_unvalidated_flows(findings: Findings) -> None:
    if findings.unjudged_flows:
        flows = ", ".join(findings.unjudged_flows)
        say(f"! Not checked: {flows}. These data may contain errors.")


def exit_code(findings: Findings, fail_on: str) -> int:
    fails = findings.has_errors or (fail_on == "warning" and findings.unjustified > 0)
    if fails and fail_on != "never":
        return FINDINGS
    return UNCHECKED if findings.unjudged_flows else OK


@click.command("accounts")
@pass_session
@add_request_options(AccountsRequest)
@build_language_option(help_="  [default: that of the workspace]")
@FORMAT_OPTION
def accounts_command(session: Session, request: AccountsRequest, language: str, listing_format: str) -> None:
    """Test the population accounts, and list each equation with its cells and residual or missing term.

    A residual beyond the standard errors in variances.toml of the workspace contradicts its account. The tables are
    written to accounts/ among the results, as CSV and JSON.

    \b
    Examples:
      sdmxmig accounts mycountry
      sdmxmig accounts mycountry --balance
      sdmxmig accounts mycountry --mirror neighbour --mirror oecd.csv --benchmark SE
    """
    from sdmxmig.reporting.outputs import accounts_tables, accounts_text
    from sdmxmig.workspace.tasks.accounting import compute_workspace_accounts, write_accounts

    study = compute_workspace_accounts(session, request)
    folder, files = write_accounts(session, study)
    if listing_format == "json":
        show_json_text(files[accounts_tables.JSON].decode())
    else:
        flow = session.catalogue.flow(session.catalogue.identities[0].account)
        show_text(accounts_text.render(study, flow, language or session.workspace.country.language))
    next_step("open", folder)


@click.command("protect")
@pass_session
@click.option("--threshold", type=int, metavar="N", help="Counts below N are confidential.  [default: by the rule]")
@click.option("--round", "base", type=int, default=None, metavar="BASE", help="Round to a base instead of suppressing.")
@click.option(
    "--previous",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="An earlier release, which may reveal figures; repeat for several.",
)
@click.option(
    "--time-limit", "seconds", type=float, default=60.0, show_default=True, metavar="SECONDS", help="The time limit."
)
@FORMAT_OPTION
def protect_command(
    session: Session,
    threshold: int | None,
    base: int | None,
    previous: tuple[Path, ...],
    seconds: float,
    listing_format: str,
) -> int:
    """Suppress small and marked figures of the converted data, and further figures that would reveal them.

    The results are the data to release and, for the office only, withheld.csv: each suppressed figure with the interval
    that a reader can compute from all published figures. The sums are those of the rules on totals; rates and shares
    are not considered. The exit code is 1 if a confidential figure is not protected, or if the time limit was reached.

    \b
    Examples:
      sdmxmig protect mycountry
      sdmxmig protect mycountry --threshold 5 --time-limit 600
      sdmxmig protect mycountry --round 5
    """
    from sdmxmig.workspace.tasks.protecting import ProtectionRequest, build_listed_row, list_unsafe_figures, protect

    protected = protect(session, ProtectionRequest(threshold, seconds, base=base, previous=previous))
    left = list_unsafe_figures(protected)
    show_list([build_listed_row(figure) for figure in left], listing_format)
    next_step("open", session.out / "protected")
    return FINDINGS if left else OK
