"""Validating the data of a workspace: what is wrong with them, and in which cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig import text, validation
from sdmxmig.application.assessing import signed_off
from sdmxmig.application.data_folder import (
    CONVERSION,
    added_data,
    declarations,
    read_findings,
    read_on_disk,
    read_unused_cells,
)
from sdmxmig.application.excerpts import Excerpts
from sdmxmig.application.kept_back import kept_back_cells, masked_at
from sdmxmig.application.mapping_files import component_places, mappings_of, text_format_of
from sdmxmig.application.marking import marked_copy
from sdmxmig.application.session import Session
from sdmxmig.model.findings import Findings, JudgedInputs
from sdmxmig.outputs import marked_workbook
from sdmxmig.outputs.finding_reports import REPORTS, Validation
from sdmxmig.questionnaires import rules_in_forms

if TYPE_CHECKING:
    from sdmxmig.model.data import Mapping


def validate(session: Session) -> Findings:
    """Check every dataset of the workspace, write the findings and the marked workbooks, and give the findings."""
    return validated(session).findings


def validated(session: Session) -> Validation:
    """Check every dataset as `validate` does; gives the findings with all that a report tells of them."""
    session.tell_if_older("data")
    for path in added_data(session):
        session.say(f"! {path} was not made by sdmxmig and is not judged; data come from tables.")
    on_disk, unused = read_on_disk(session), read_unused_cells(session)
    datasets = [dataset_on_disk.dataset for dataset_on_disk in on_disk]
    mappings = mappings_of(session)
    cells = kept_back_cells(datasets)
    parts = [masked_at(read_findings(session.path("data") / CONVERSION), cells)]
    answering = replace(session.catalogue, rules=rules_in_forms(session.catalogue.rules))
    mapped = {mapping.flow for mapping in mappings}
    for dataset in datasets:
        other_datasets = [other for other in datasets if other is not dataset]
        mapping_places = component_places(session, mappings, dataset.flow.id)
        catalogue = session.catalogue if dataset.flow.id in mapped else answering
        parts.append(
            validation.validate(
                dataset,
                catalogue,
                others=other_datasets,
                mapping_places=mapping_places,
                unused_cells=unused,
                prepared=session.prepared,
            )
        )
    findings = Findings.join(parts)
    judged = JudgedInputs(
        datasets={dataset_on_disk.dataset.flow.id: dataset_on_disk.files for dataset_on_disk in on_disk},
        declarations=declarations(session),
    )
    validation_run = validation_of(session, findings, judged, {cell.file for cell in cells})
    session.put("findings", finding_files(session, validation_run, mappings))
    session.stage("validate", summary(findings))
    return validation_run


def finding_files(session: Session, validation_run: Validation, mappings: Sequence[Mapping]) -> dict[str, bytes]:
    """The findings as JSON lines and HTML, and a marked copy of every workbook that has any."""
    findings = validation_run.findings
    files = {f"findings.{name}": b"".join(REPORTS[name].write(validation_run)) for name in ("jsonl", "html")}
    named_files = {file for finding in findings.items for file in marked_workbook.files_of(finding)}
    for path in session.workspace.tables:
        if path.name in named_files:
            twins = [table for table in session.workspace.tables if table.stem == path.stem]
            name = f"{path.stem if len(twins) == 1 else path.name}.checked.xlsx"
            marked = marked_copy(
                path,
                findings,
                session.talk,
                language=session.workspace.language,
                flows=session.catalogue.flows,
                written=text_format_of(mappings, path.name),
            )
            files |= {name: marked} if marked is not None else {}
    return files


def validation_of(
    session: Session, findings: Findings, judged: JudgedInputs | None, kept_back: Collection[str]
) -> Validation:
    """What reports tell of the findings of a workspace, with its names and its tables.

    `kept_back` are the files in which figures are confidential.
    """
    workspace = session.workspace
    return Validation(
        findings=findings,
        header=session.header(f"{workspace.area}_FINDINGS"),
        title=str(workspace.name),
        language=workspace.language,
        notice=text.notice(is_draft=not signed_off(session), is_fictional=workspace.is_fictional),
        rules=session.catalogue.rules,
        flows=session.catalogue.flows,
        judged=judged,
        excerpt=Excerpts(
            {path.name: path for path in workspace.tables},
            kept_back,
            lambda name: text_format_of(mappings_of(session), name),
        ).of,
    )


def summary(findings: Findings) -> str:
    """How many errors, warnings and notes there are, and how many checks passed or could not be made."""
    untested = sum(verdict.outcome == "not testable" for verdict in findings.verdicts)
    passed = sum(verdict.outcome == "pass" for verdict in findings.verdicts)
    counts = ", ".join(
        f"{findings.count(s)} {s}{'' if s == 'information' else 's'}" for s in ("error", "warning", "information")
    )
    if not (findings.items or findings.has_run):
        return f"nothing was checked; {untested} checks could not be made"
    return f"{counts}; {passed} checks passed, {untested} could not be made"
