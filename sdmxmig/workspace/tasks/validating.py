"""Validation of a workspace.

Cells of confidential figures, hidden in reports. Rechecking a rule after a correction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from sdmxmig.conversion import convert as conversion
from sdmxmig.forms.questionnaires import rules_in_forms
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import InputError, SdmxmigError, counted
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.quality import validation
from sdmxmig.quality.rules import KINDS
from sdmxmig.records.marks import tells_of_simulated
from sdmxmig.reporting.outputs import findings_lines, marked_workbook
from sdmxmig.reporting.outputs.finding_reports import REPORTS, Validation
from sdmxmig.reporting.outputs.findings_text import SEVERITY_NOUNS
from sdmxmig.sdmx.model.confidential import confidential, masked_finding
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings, JudgedInputs
from sdmxmig.sdmx.model.run_comparison import against_run, justified
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.workspace.folder import JUSTIFICATIONS_FILE
from sdmxmig.workspace.tasks.assessing import notice_of
from sdmxmig.workspace.tasks.converting import mapped_tables
from sdmxmig.workspace.tasks.data_folder import (
    CONVERSION,
    added_data,
    declarations,
    read_findings,
    read_on_disk,
    read_unused_cells,
)
from sdmxmig.workspace.tasks.excerpts import Excerpts
from sdmxmig.workspace.tasks.justifying import read_justifications
from sdmxmig.workspace.tasks.mapping_files import component_places, mappings_of, text_format_of
from sdmxmig.workspace.tasks.outside_data import outside_data
from sdmxmig.workspace.tasks.questionnaires import marked_copy
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.vintages import read_vintages

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.catalogue import Catalogue
    from sdmxmig.sdmx.model.data import TableMapping
    from sdmxmig.sdmx.model.findings import Rule


LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRules:
    """Selected rules by profile and level."""

    profile: str = ""
    levels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparisons:
    """Data for comparison: earlier releases, mirrors."""

    previous: tuple[Path, ...] = ()
    mirrors: tuple[Path, ...] = ()


EVERY_RULE, WHAT_IS_KEPT = WantedRules(), Comparisons()


def validate(session: Session, wanted: WantedRules = EVERY_RULE, comparisons: Comparisons = WHAT_IS_KEPT) -> Findings:
    """Validate all datasets, write findings and marked workbooks.

    Compares with the earlier run, justifications, accepted releases and ``comparisons/``.
    """
    return validated(session, wanted, comparisons).findings


def validated(
    session: Session, wanted: WantedRules = EVERY_RULE, comparisons: Comparisons = WHAT_IS_KEPT
) -> Validation:
    """Validate like `validate`, without writing."""
    chosen = session.catalogue.with_rules_of(wanted.profile, wanted.levels)
    session.tell_if_older("data")
    for path in added_data(session):
        session.say(f"! {path} was not made by sdmxmig and is not judged; data come from tables.")
    on_disk, unused = read_on_disk(session), read_unused_cells(session)
    outside = outside_data(session, comparisons.mirrors)
    datasets = [dataset_on_disk.dataset for dataset_on_disk in on_disk]
    mappings = mappings_of(session)
    cells = kept_back_cells(datasets)
    while_reading = masked_at(read_findings(session.path("data") / CONVERSION), cells)
    accepted = comparisons.previous or session.workspace.accepted
    earlier = read_vintages(
        accepted,
        session.catalogue.flows,
        session.catalogue.rules,
        of=datasets,
        are_kept=not comparisons.previous,
    )
    parts = [as_chosen(part, session.catalogue.rules, chosen.rules) for part in (while_reading, earlier.findings)]
    answering = replace(chosen, rules=rules_in_forms(chosen.rules))
    mapped = {flow for mapping in mappings for flow in (mapping.flow, *mapping.also)}
    book_of = cache(Book)
    for dataset in datasets:
        other_datasets = [other for other in datasets if other is not dataset]
        mapping_places = component_places(session, mappings, dataset.flow.id)
        catalogue = chosen if dataset.flow.id in mapped else answering
        parts.append(
            validation.validate(
                in_flow_of(dataset, chosen),
                catalogue,
                others=other_datasets,
                mapping_places=mapping_places,
                unused_cells=unused,
                prepared=session.prepared,
                listed=LISTED,
                previous=earlier.vintages,
                outside=outside,
                book_of=book_of,
            )
        )
    judged = JudgedInputs(
        datasets={dataset_on_disk.dataset.flow.id: dataset_on_disk.files for dataset_on_disk in on_disk},
        declarations=declarations(session),
        profile=wanted.profile,
        levels=wanted.levels,
    )
    read_by = {rule.id for rule in chosen.rules.values() if rule.kind not in KINDS}
    findings = against_earlier(session, Findings.join(parts), judged, read_by)
    findings = justified(findings, read_justifications(session.workspace.folder / JUSTIFICATIONS_FILE), read_by)
    simulated = any(map(tells_of_simulated, datasets))
    kept_back = {cell.file for cell in cells}
    validation_run = validation_of(session, findings, judged, kept_back, is_simulated=simulated)
    is_usual = (wanted, comparisons) == (EVERY_RULE, WHAT_IS_KEPT)
    session.put("findings", finding_files(session, validation_run, mappings), options={} if is_usual else None)
    session.stage("validate", summary(findings))
    return validation_run


def in_flow_of(dataset: Dataset, chosen: Catalogue) -> Dataset:
    return replace(dataset, flow=chosen.flows.get(dataset.flow.id, dataset.flow))


def as_chosen(findings: Findings, declared: Mapping[str, Rule], chosen: Mapping[str, Rule]) -> Findings:
    items = []
    for finding in findings.items:
        rule, wanted = declared.get(finding.rule), chosen.get(finding.rule)
        if rule and wanted and rule.severity != wanted.severity:
            items.append(replace(finding, severity=wanted.severity))
        elif wanted or not rule:
            items.append(finding)
    return replace(findings, items=tuple(items))


def against_earlier(
    session: Session, findings: Findings, judged: JudgedInputs, read_by: Collection[str] = ()
) -> Findings:
    """Findings with what they are against the earlier run, if there was one."""
    findings = replace(findings, at=session.prepared)
    path = session.path("findings") / findings_lines.NAME
    if not path.is_file():
        return findings
    try:
        content = read_bytes(path)
        earlier = findings_lines.read(content, str(path)), findings_lines.judged_in(content, str(path))
    except InputError as error:
        session.say(f"! The findings of the earlier run cannot be compared: {error.message}")
        return findings
    return against_run(findings, judged, earlier, read_by)


def finding_files(session: Session, validation_run: Validation, mappings: Sequence[TableMapping]) -> dict[str, bytes]:
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
                language=session.workspace.country.language,
                flows=session.catalogue.flows,
                written=text_format_of(mappings, path.name),
            )
            files |= {name: marked} if marked is not None else {}
    return files


def validation_of(
    session: Session,
    findings: Findings,
    judged: JudgedInputs | None,
    kept_back: Collection[str],
    *,
    is_simulated: bool,
) -> Validation:
    workspace, country = session.workspace, session.workspace.country
    return Validation(
        findings=findings,
        header=session.header(f"{country.area}_FINDINGS"),
        title=country.name.in_language(country.language) or str(country.name),
        language=country.language,
        notice=notice_of(session, is_fictional=country.is_fictional or is_simulated),
        rules=session.catalogue.rules,
        flows=session.catalogue.flows,
        judged=judged,
        is_simulated=is_simulated,
        excerpt=Excerpts(
            {path.name: path for path in workspace.tables},
            kept_back,
            lambda name: text_format_of(mappings_of(session), name),
        ).of,
    )


def summary(findings: Findings) -> str:
    """Count findings by severity, and checks by outcome."""
    untested = sum(verdict.outcome == "not testable" for verdict in findings.verdicts)
    passed = sum(verdict.outcome == "pass" for verdict in findings.verdicts)
    severities = [(severity, findings.count(severity)) for severity in SEVERITIES]
    counts = ", ".join(counted(n, SEVERITY_NOUNS.get(name, name)) for name, n in severities)
    if not (findings.items or findings.has_run):
        return f"no checks were run; {counted(untested, 'check')} not run"
    more = f" ({findings.justified} justified)" if findings.justified else ""
    against = f"; {findings.new} new, {findings.fixed} fixed" if findings.is_compared else ""
    against = "; the data are unchanged" if findings.is_repeated else against
    silent = findings.unjudged_flows
    nothing = f"; not checked: {', '.join(silent)}" if silent else ""
    return f"{counts}{more}; {counted(passed, 'check')} passed, {untested} not run{against}{nothing}"


def kept_back_cells(datasets: Sequence[Dataset]) -> frozenset[Place]:
    """The cells from which the confidential figures of these datasets come."""
    cells: set[Place] = set()
    for dataset in datasets:
        kept_back = confidential(dataset)
        if kept_back is None or dataset.origins.is_empty():
            continue
        measures = [measure.id for measure in dataset.flow.structure.measures]
        origins = dataset.origins.filter(
            pl.col("component").cast(pl.String).is_in(measures)
            & pl.col("observation").is_in(kept_back.arg_true().implode())
        )
        for file, sheet, row, column in origins.select("file", "sheet", "row", "column").iter_rows():
            cells.add(Place(file, sheet or "", cell=cell_name(row, column)))
    return frozenset(cells)


def masked_at(findings: Findings, cells: Collection[Place]) -> Findings:
    return (
        replace(findings, items=tuple(masked_in(finding, cells) for finding in findings.items)) if cells else findings
    )


def masked_in(finding: Finding, cells: Collection[Place]) -> Finding:
    taking_part = (*([finding.place] if finding.place else []), *finding.others, *finding.related)
    return masked_finding(finding) if any(place in cells for place in taking_part) else finding


WITHIN_A_DATASET = 1
"""Rules up to this level need no other dataset and no earlier release."""
MOST_CELLS = 50_000
"""Tables with more cells are checked with the whole validation, which shows its progress."""


def is_still_found(session: Session, rule: str, flow: str, fingerprint: str) -> bool | None:
    """Whether a finding persists; None if more than these tables is needed."""
    declared = session.catalogue.rules.get(rule)
    if declared is None or declared.level > WITHIN_A_DATASET:
        return None
    try:
        pairs = mapped_tables(session, flow)
        if not pairs or sum(table.cells.height for _, tables in pairs for table in tables) > MOST_CELLS:
            return None
        outcomes = [
            conversion.convert(tables, mapping, session.catalogue.flow(flow), session.catalogue.rules)
            for mapping, tables in pairs
        ]
        dataset = conversion.merge([outcome.dataset for outcome in outcomes])
        only_this = replace(dataset.flow, dataflow=replace(dataset.flow.dataflow, rules=(rule,)))
        chosen = replace(session.catalogue, rules={rule: declared})
        found = validation.validate(replace(dataset, flow=only_this), chosen, prepared=session.prepared)
    except SdmxmigError:
        return None
    items = [finding for outcome in outcomes for finding in outcome.findings.items] + list(found.items)
    return any(finding.fingerprint == fingerprint for finding in items)
