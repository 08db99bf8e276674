"""Validation of datasets, a workspace or a message, and of one rule after a correction."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue import load as load_catalogue
from sdmxmig.catalogue.rules import add_rules
from sdmxmig.forms.questionnaires import index_rules_in_forms
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.incoming import keep_message, read_message, wrap_stream
from sdmxmig.io.publishing.files import compute_hashes, publish_file
from sdmxmig.primitives.errors import InputError, OutputError, SdmxmigError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.primitives.text import build_notice
from sdmxmig.quality import validation
from sdmxmig.quality.confidential import mark_confidential, mask_finding
from sdmxmig.quality.rules import KINDS
from sdmxmig.records.reading import is_marked_simulated
from sdmxmig.reporting.outputs import findings_lines, marked_workbook
from sdmxmig.reporting.outputs.finding_reports import REPORTS, Validation
from sdmxmig.reporting.outputs.findings_text import SEVERITY_NOUNS
from sdmxmig.sdmx.checking.reading import build_reading
from sdmxmig.sdmx.exchange import find_format
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults, SoughtValues
from sdmxmig.sdmx.model.data import Dataset, Flow, TableMapping
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings, Rule, ValidatedInputs
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.revisions import OtherProviderData
from sdmxmig.workspace.folder import JUSTIFICATIONS_FILE
from sdmxmig.workspace.requests.tasks import MessageReading, ValidateRequest
from sdmxmig.workspace.results import hash_all_declarations
from sdmxmig.workspace.tasks.answering import build_notice_for_country
from sdmxmig.workspace.tasks.converting import NUMBER_RULES, convert_tables, find_mapped_tables, update_data
from sdmxmig.workspace.tasks.data_folder import (
    CONVERSION_FILE,
    collect_added_data,
    hash_declarations,
    read_findings,
    read_stored,
    read_unused_cells,
)
from sdmxmig.workspace.tasks.justifying import apply_justifications, compare_with_run, read_justifications
from sdmxmig.workspace.tasks.mapping_files import find_component_places, find_text_format, load_mappings
from sdmxmig.workspace.tasks.messages import find_known_flows, get_input_name, join_by_flow, read_message_datasets
from sdmxmig.workspace.tasks.outside_data import read_outside_data
from sdmxmig.workspace.tasks.questionnaires import write_marked_copy
from sdmxmig.workspace.tasks.session import Session, parse_moment
from sdmxmig.workspace.tasks.sheet_views import Excerpts
from sdmxmig.workspace.tasks.vintages import read_vintages

MAX_LISTED = 1000
UNKNOWN_AREA = "ZZZ"
"""The sender of findings about a message."""


DEFAULT_REQUEST = ValidateRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataToCheck:
    """Datasets of one country, with related data.

    `others` are datasets reported with them that are not checked; `outside` are data of other producers.
    `while_reading` are findings of the conversion, and `unused_cells` the figures that it skipped. `mapping_places`
    locate values without a cell, by dataflow. `accepted` are earlier releases if the request names none. `from_forms`
    are dataflows read from questionnaires. `prepared` is ISO 8601. At most `listed` findings per rule and severity are
    listed (None: all).
    """

    datasets: Sequence[Dataset]
    catalogue: Catalogue
    others: Sequence[Dataset] = ()
    outside: OtherProviderData = field(default_factory=OtherProviderData)
    while_reading: Findings = field(default_factory=Findings)
    unused_cells: pl.DataFrame | None = None
    mapping_places: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    accepted: Sequence[Path] = ()
    from_forms: Collection[str] = ()
    prepared: str = ""
    listed: int | None = MAX_LISTED


def check_data(data: DataToCheck, request: ValidateRequest = DEFAULT_REQUEST) -> Findings:
    refuse_incomplete(data.datasets)
    declared = data.catalogue
    flows = add_rules({dataset.flow.id: dataset.flow for dataset in data.datasets}, declared.rules)
    chosen = replace(declared, flows={**declared.flows, **flows}).apply_profile(request.profile, request.levels)
    datasets = [replace_rules(dataset, chosen) for dataset in data.datasets]
    previous, about_previous = read_vintages(
        [Path(path) for path in request.previous] or data.accepted,
        {**declared.flows, **flows},
        declared.rules,
        of=datasets,
        are_kept=not request.previous,
    )
    while_reading = mask_cells(data.while_reading, list_suppressed_cells(datasets))
    parts = [apply_chosen_rules(part, declared.rules, chosen.rules) for part in (while_reading, about_previous)]
    answering = replace(chosen, rules=index_rules_in_forms(chosen.rules))
    book_of = cache(Book)
    for dataset in datasets:
        parts.append(
            validation.validate(
                dataset,
                answering if dataset.flow.id in data.from_forms else chosen,
                others=[other for other in (*datasets, *data.others) if other is not dataset],
                mapping_places=data.mapping_places.get(dataset.flow.id),
                unused_cells=data.unused_cells,
                prepared=data.prepared,
                listed=data.listed,
                previous=previous,
                outside=data.outside,
                book_of=book_of,
            )
        )
    return Findings.join(parts)


def refuse_incomplete(datasets: Iterable[Dataset]) -> None:
    for dataset in datasets:
        structure = dataset.flow.structure
        for noun, components in (("dimension", structure.key), ("measure", structure.measures)):
            if not components:
                message = f"The structure of {dataset.flow.id} has no {noun}; the rules need one."
                hint = "Read the data with the structure message of their sender."
                raise SdmxmigError(message, structure.place or Place(dataset.flow.id), hint)


def validate(session: Session, request: ValidateRequest = DEFAULT_REQUEST) -> Validation:
    """Validate all datasets and write findings and marked workbooks, after converting outdated data again.

    Compares with the earlier run, justifications, accepted releases and ``comparisons/``. If nothing changed, returns
    the stored findings, unless `force` is set or other reports are written.
    """
    update_data(session)
    for path in collect_added_data(session):
        session.say(f"! {path} was not made by sdmxmig and is not judged; data come from tables.")
    stored = read_stored(session)
    datasets = [dataset for dataset, _ in stored]
    mappings = load_mappings(session)
    judged = ValidatedInputs(
        datasets={dataset.flow.id: files for dataset, files in stored},
        declarations=hash_declarations(session),
        profile=request.profile,
        levels=tuple(sorted(set(request.levels))),
    )
    is_known = request == DEFAULT_REQUEST and session.is_unchanged("findings", {})
    findings = read_stored_findings(session) if is_known else run_rules(session, request, datasets, mappings, judged)
    simulated = any(map(is_marked_simulated, datasets))
    kept_back = {cell.file for cell in list_suppressed_cells(datasets)}
    validation_run = build_validation(session, findings, judged, kept_back, is_simulated=simulated)
    if not is_known:
        is_usual = replace(request, reports=(), force=False) == DEFAULT_REQUEST
        files = index_finding_files(session, validation_run, mappings)
        session.put("findings", files, options={} if is_usual else None)
    session.stage("validate", write_summary(findings))
    return validation_run


def read_stored_findings(session: Session) -> Findings:
    return replace(read_findings(session.path("findings") / findings_lines.FILE_NAME), is_repeated=True)


def run_rules(
    session: Session,
    request: ValidateRequest,
    datasets: Sequence[Dataset],
    mappings: Sequence[TableMapping],
    judged: ValidatedInputs,
) -> Findings:
    chosen = session.catalogue.apply_profile(request.profile, request.levels)
    mapped = {flow for mapping in mappings for flow in (mapping.flow, *mapping.also)}
    flows = [dataset.flow.id for dataset in datasets]
    data = DataToCheck(
        datasets=datasets,
        catalogue=session.catalogue,
        outside=read_outside_data(session, [Path(path) for path in request.mirror]),
        while_reading=read_findings(session.path("data") / CONVERSION_FILE),
        unused_cells=read_unused_cells(session),
        mapping_places=find_component_places(session, mappings),
        accepted=session.workspace.accepted,
        from_forms=[flow for flow in flows if flow not in mapped],
        prepared=session.prepared,
    )
    read_by = {rule.id for rule in chosen.rules.values() if rule.kind not in KINDS}
    findings = compare_with_earlier(session, check_data(data, request), judged, read_by)
    return apply_justifications(findings, read_justifications(session.workspace.folder / JUSTIFICATIONS_FILE), read_by)


def validate_message(
    path: Path,
    reading: MessageReading,
    request: ValidateRequest,
    *,
    out: Path | None,
    now: str,
    faults: Faults | None = None,
) -> Validation:
    declared = load_catalogue(reading.folder)
    chosen = declared.apply_profile(request.profile, request.levels)
    flows = find_known_flows(reading, declared)
    name, content = read_message(path, get_input_name(path))
    datasets = list(join_by_flow(read_message_datasets(name, content, flows, faults)).values())
    if not datasets:
        raise InputError("There are no data in it.", Place(name), "Give an SDMX message with data.")
    prepared = parse_moment(now).isoformat(timespec="seconds")
    data = DataToCheck(datasets=datasets, catalogue=replace(declared, flows=flows), prepared=prepared)
    findings = add_lines(check_data(data, request), name, content, flows)
    judged = ValidatedInputs(
        datasets={dataset.flow.id: compute_hashes({Path(name).name: content}) for dataset in datasets},
        declarations=hash_all_declarations(reading.folder),
        profile=request.profile,
        levels=tuple(sorted(set(request.levels))),
    )
    simulated = any(map(is_marked_simulated, datasets))
    validated = Validation(
        findings=replace(findings, at=prepared),
        header=Header("FINDINGS", prepared, sender=Party(UNKNOWN_AREA), test=simulated),
        title=Path(name).name,
        notice=build_notice(is_draft=False, is_fictional=simulated),
        rules=chosen.rules,
        flows=flows,
        judged=judged,
        is_simulated=simulated,
    )
    return validated if out is None else add_earlier_findings(validated, judged, out)


def add_lines(findings: Findings, name: str, content: bytes, flows: Mapping[str, Flow]) -> Findings:
    """Add the lines of each finding's observations in a message, if no other line has its key."""
    about = [item for item in findings.items if item.key and item.place is None and item.observations <= MAX_LISTED]
    keys = [dict(item.key) for item in about]
    sought = [
        SoughtValues(item.component if item.component in key else list(key)[-1], key, most=item.observations + 1)
        for item, key in zip(about, keys, strict=True)
    ]
    with ExitStack() as opened:
        message = opened.enter_context(keep_message(wrap_stream(io.BytesIO(content), name), name))
        reading = build_reading(message, find_format(detect(name, content).format), flows, opened)
        found_places = reading.locate(sought) if sought else []
    placed = dict[int, Finding]()
    for item, key, places in zip(about, keys, found_places, strict=False):
        first, *others = (replace(place, column=0) for place in places)
        is_one = set(flows[item.flow].structure.key) <= key.keys()
        if first.line > 1 and (is_one or len(places) <= item.observations):
            placed[id(item)] = replace(item, place=first, others=tuple(others))
    return replace(findings, items=tuple(placed.get(id(item), item) for item in findings.items))


def add_earlier_findings(validated: Validation, judged: ValidatedInputs, out: Path) -> Validation:
    if out.is_file():
        content = read_bytes(out)
        try:
            earlier = findings_lines.read(content, str(out))
            judged_then = findings_lines.read_judged(content, str(out))
        except InputError:
            refusal, hint = (
                "A file of this name already exists, but it contains no findings.",
                "Name another with -o FILE.",
            )
            raise OutputError(refusal, Place(str(out)), hint) from None
        validated = replace(validated, findings=compare_with_run(validated.findings, judged, earlier, judged_then))
    content = findings_lines.render(validated.findings, validated.rules, judged, mark=validated.mark)
    publish_file(out, content, "-o FILE")
    return validated


def replace_rules(dataset: Dataset, chosen: Catalogue) -> Dataset:
    rules = chosen.flows[dataset.flow.id].dataflow.rules
    return replace(dataset, flow=replace(dataset.flow, dataflow=replace(dataset.flow.dataflow, rules=rules)))


def apply_chosen_rules(findings: Findings, declared: Mapping[str, Rule], chosen: Mapping[str, Rule]) -> Findings:
    items = []
    for finding in findings.items:
        rule, wanted = declared.get(finding.rule), chosen.get(finding.rule)
        if rule and wanted and rule.severity != wanted.severity:
            items.append(replace(finding, severity=wanted.severity))
        elif wanted or not rule:
            items.append(finding)
    return replace(findings, items=tuple(items))


def compare_with_earlier(
    session: Session, findings: Findings, judged: ValidatedInputs, read_by: Collection[str]
) -> Findings:
    findings = replace(findings, at=session.prepared)
    path = session.path("findings") / findings_lines.FILE_NAME
    if not path.is_file():
        return findings
    try:
        content = read_bytes(path)
        earlier = findings_lines.read(content, str(path))
        judged_then = findings_lines.read_judged(content, str(path))
    except InputError as error:
        session.say(f"! The findings of the earlier run cannot be compared: {error.message}")
        return findings
    return compare_with_run(findings, judged, earlier, judged_then, read_by)


def index_finding_files(
    session: Session, validation_run: Validation, mappings: Sequence[TableMapping]
) -> dict[str, bytes]:
    findings = validation_run.findings
    files = {f"findings.{name}": b"".join(REPORTS[name].write(validation_run)) for name in ("jsonl", "html")}
    named_files = {file for finding in findings.items for file in marked_workbook.find_files(finding)}
    for path in session.workspace.tables:
        if path.name in named_files:
            twins = [table for table in session.workspace.tables if table.stem == path.stem]
            name = f"{path.stem if len(twins) == 1 else path.name}.checked.xlsx"
            marked = write_marked_copy(
                path,
                findings,
                session.listener,
                language=session.workspace.country.language,
                flows=session.catalogue.flows,
                written=find_text_format(mappings, path.name),
            )
            files |= {name: marked} if marked is not None else {}
    return files


def build_validation(
    session: Session,
    findings: Findings,
    judged: ValidatedInputs | None,
    kept_back: Collection[str],
    *,
    is_simulated: bool,
) -> Validation:
    workspace, country = session.workspace, session.workspace.country
    read_mappings = cache(load_mappings)
    return Validation(
        findings=findings,
        header=session.header(f"{country.area}_FINDINGS"),
        title=country.name.in_language(country.language) or str(country.name),
        language=country.language,
        notice=build_notice_for_country(session, is_fictional=country.is_fictional or is_simulated),
        rules=session.catalogue.rules,
        flows=session.catalogue.flows,
        judged=judged,
        is_simulated=is_simulated,
        excerpt=Excerpts(
            {path.name: path for path in workspace.tables},
            kept_back,
            lambda name: find_text_format(read_mappings(session), name),
        ).of,
    )


def write_summary(findings: Findings) -> str:
    untested = sum(verdict.outcome == "not testable" for verdict in findings.verdicts)
    passed = sum(verdict.outcome == "pass" for verdict in findings.verdicts)
    severities = [(severity, findings.count(severity)) for severity in SEVERITIES]
    counts = ", ".join(write_count(n, SEVERITY_NOUNS.get(name, name)) for name, n in severities)
    if not (findings.items or findings.has_run):
        return f"no checks were run; {write_count(untested, 'check')} not run"
    more = f" ({findings.justified} justified)" if findings.justified else ""
    against = f"; {findings.new} new, {findings.fixed} fixed" if findings.is_compared else ""
    against = "; the data are unchanged" if findings.is_repeated else against
    silent = findings.unjudged_flows
    nothing = f"; not checked: {', '.join(silent)}" if silent else ""
    return f"{counts}{more}; {write_count(passed, 'check')} passed, {untested} not run{against}{nothing}"


def list_suppressed_cells(datasets: Sequence[Dataset]) -> frozenset[Place]:
    cells: set[Place] = set()
    for dataset in datasets:
        kept_back = mark_confidential(dataset)
        if kept_back is None or dataset.origins.is_empty():
            continue
        measures = [measure.id for measure in dataset.flow.structure.measures]
        origins = dataset.origins.filter(
            pl.col("component").cast(pl.String).is_in(measures)
            & pl.col("observation").is_in(kept_back.arg_true().implode())
        )
        for file, sheet, row, column in origins.select("file", "sheet", "row", "column").iter_rows():
            cells.add(Place(file, sheet or "", cell=format_cell(row, column)))
    return frozenset(cells)


def mask_cells(findings: Findings, cells: Collection[Place]) -> Findings:
    return (
        replace(findings, items=tuple(mask_listed(finding, cells) for finding in findings.items)) if cells else findings
    )


def mask_listed(finding: Finding, cells: Collection[Place]) -> Finding:
    taking_part = (*([finding.place] if finding.place else []), *finding.others, *finding.related)
    return mask_finding(finding) if any(place in cells for place in taking_part) else finding


MAX_CELLS = 50_000
"""Tables with more cells are checked with the whole validation, which shows its progress."""


def recheck(session: Session, rules: Collection[str]) -> Findings | None:
    """Return the findings of some rules in the current tables; None if tables are too large or unreadable."""
    chosen = {id_: rule for id_, rule in session.catalogue.rules.items() if id_ in rules or rule.kind in NUMBER_RULES}
    try:
        tables = {table.place(1, 1): table for _, tables in find_mapped_tables(session) for table in tables}
        if sum(table.cells.height for table in tables.values()) > MAX_CELLS:
            return None
        converted = convert_tables(session)
        data = DataToCheck(
            datasets=converted.datasets,
            catalogue=replace(session.catalogue, rules=chosen),
            outside=read_outside_data(session, []),
            while_reading=converted.findings,
            unused_cells=converted.unused_cells,
            accepted=session.workspace.accepted,
            prepared=session.prepared,
        )
        return check_data(data)
    except SdmxmigError:
        return None
