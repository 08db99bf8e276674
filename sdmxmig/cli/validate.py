"""``sdmxmig validate``: what is wrong with the data, and in which cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import FINDINGS, OK
from sdmxmig.cli.mapping_files import mappings_of, said_at, written_as
from sdmxmig.cli.publishing import publish
from sdmxmig.cli.session import Session, in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, show_json_text, show_text, stage
from sdmxmig.model.findings import Findings

if TYPE_CHECKING:
    from sdmxmig.model.data import Mapping


def validate(session: Session) -> Findings:
    """Check every dataset of the workspace, write the findings and the marked workbooks, and give the findings."""
    from dataclasses import replace

    from sdmxmig import validation
    from sdmxmig.cli.data_folder import CONVERSION, read_datasets, read_findings, read_left
    from sdmxmig.questionnaires import rules_in_forms

    datasets, left = read_datasets(session), read_left(session)
    mappings = mappings_of(session)
    parts = [read_findings(session.out / "data" / CONVERSION)]
    answering = replace(session.catalogue, rules=rules_in_forms(session.catalogue.rules))
    mapped = {mapping.flow for mapping in mappings}
    for dataset in datasets:
        others = [other for other in datasets if other is not dataset]
        said = said_at(session, mappings, dataset.flow.id)
        catalogue = session.catalogue if dataset.flow.id in mapped else answering
        parts.append(validation.validate(dataset, catalogue, others, said, left))
    findings = Findings.join(parts)
    publish(session.out / "findings", finding_files(session, findings, mappings))
    stage("validate", summary(findings))
    return findings


def finding_files(session: Session, findings: Findings, mappings: Sequence[Mapping]) -> dict[str, bytes]:
    """The findings as JSON and HTML, and a marked copy of every workbook that has any."""
    from sdmxmig import text
    from sdmxmig.cli.assess import signed_off
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.outputs import findings_html, findings_json, marked_workbook

    title = str(session.workspace.name)
    files = {
        "findings.json": findings_json.render(findings, session.catalogue.rules),
        "findings.html": findings_html.render(
            findings,
            title=title,
            created=session.prepared,
            language=session.workspace.language,
            rules=session.catalogue.rules,
            flows=session.catalogue.flows,
            notice="" if signed_off(session) else text.NOTICE,
        ),
    }
    named = {file for item in findings.items for file in marked_workbook.files_of(item)}
    for path in session.workspace.tables:
        if path.name in named:
            twins = [one for one in session.workspace.tables if one.stem == path.stem]
            name = f"{path.stem if len(twins) == 1 else path.name}.checked.xlsx"
            files[name] = marked_workbook.mark(
                path.name,
                read_bytes(path),
                findings,
                language=session.workspace.language,
                flows=session.catalogue.flows,
                written=written_as(mappings, path.name),
            )
    return files


def show_findings(session: Session, findings: Findings, output: str) -> None:
    """The findings on standard output, as text or as JSON."""
    from sdmxmig.outputs import findings_json, findings_text

    if output == "json":
        show_json_text(findings_json.render(findings, session.catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, flows=session.catalogue.flows))


def summary(findings: Findings) -> str:
    """The counts in words."""
    untested = sum(verdict.outcome == "not testable" for verdict in findings.verdicts)
    passed = sum(verdict.outcome == "pass" for verdict in findings.verdicts)
    counts = ", ".join(
        f"{findings.count(s)} {s}{'' if s == 'information' else 's'}" for s in ("error", "warning", "information")
    )
    if not (findings.items or findings.has_run):
        return f"nothing was checked; {untested} checks could not be made"
    return f"{counts}; {passed} checks passed, {untested} could not be made"


@click.command("validate")
@in_workspace
@FORMAT_OPTION
def validate_command(session: Session, output: str) -> int:
    """Check the converted data; write findings as JSON and HTML and a copy of each workbook with the cells marked.

    Exit code 1 if there are findings of severity error.

    \b
    Examples:
      sdmxmig validate mycountry
      sdmxmig validate mycountry --format json > findings.json
      sdmxmig validate mycountry --out result
    """
    findings = validate(session)
    show_findings(session, findings, output)
    folder = session.out / "findings"
    if findings.has_errors:
        next_step("open", folder)
    else:
        next_step("sdmxmig package", session.workspace.folder)
    return FINDINGS if findings.has_errors else OK
