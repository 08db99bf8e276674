"""Validating the data of a workspace: what is wrong with them, and in which cells."""

from __future__ import annotations

from collections.abc import Sequence
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
from sdmxmig.application.mapping_files import component_places, mappings_of, text_format_of
from sdmxmig.application.marking import marked_copy
from sdmxmig.application.outside_data import outside_data
from sdmxmig.application.session import Session
from sdmxmig.model.findings import Findings, JudgedInputs
from sdmxmig.outputs import findings_html, findings_json, marked_workbook
from sdmxmig.questionnaires import rules_in_forms

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.model.data import Mapping


def validate(session: Session, mirrors: Sequence[Path] = ()) -> Findings:
    """Check every dataset of the workspace, write the findings and the marked workbooks, and give the findings.

    The data are compared with those of others in ``comparisons/``, and with what partner countries report (`mirrors`).
    """
    session.tell_if_older("data")
    for path in added_data(session):
        session.say(f"! {path} was not made by sdmxmig and is not judged; data come from tables.")
    on_disk, unused = read_on_disk(session), read_unused_cells(session)
    outside = outside_data(session, mirrors)
    datasets = [dataset_on_disk.dataset for dataset_on_disk in on_disk]
    mappings = mappings_of(session)
    parts = [read_findings(session.path("data") / CONVERSION)]
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
                outside=outside,
            )
        )
    findings = Findings.join(parts)
    judged = JudgedInputs(
        datasets={dataset_on_disk.dataset.flow.id: dataset_on_disk.files for dataset_on_disk in on_disk},
        declarations=declarations(session),
    )
    session.put("findings", finding_files(session, findings, mappings, judged))
    session.stage("validate", summary(findings))
    return findings


def finding_files(
    session: Session, findings: Findings, mappings: Sequence[Mapping], judged: JudgedInputs
) -> dict[str, bytes]:
    """The findings as JSON and HTML, and a marked copy of every workbook that has any."""
    title = str(session.workspace.name)
    files = {
        "findings.json": findings_json.render(findings, session.catalogue.rules, judged),
        "findings.html": findings_html.render(
            findings,
            title=title,
            created=session.prepared,
            language=session.workspace.language,
            rules=session.catalogue.rules,
            flows=session.catalogue.flows,
            notice=text.notice(is_draft=not signed_off(session), is_fictional=session.workspace.is_fictional),
        ),
    }
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
