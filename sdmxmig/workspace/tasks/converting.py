"""Conversion of a workspace's tables to datasets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.artefact_heads import add_text_statuses
from sdmxmig.catalogue.item_schemes import is_added
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.convert.account_items import convert_items, find_sources
from sdmxmig.conversion.convert.coverage import check_read_once
from sdmxmig.conversion.mapping.grid import build_grid, is_match
from sdmxmig.conversion.mapping.layout import locate_block
from sdmxmig.conversion.mapping.writing import MAPPING_FILE, export_mapping
from sdmxmig.conversion.tables import describe_wrong_suffix, read_once
from sdmxmig.forms import questionnaires
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import open_result
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, find_nearest, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.quality import validation
from sdmxmig.quality.rules.words import find_code_name
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.data import Dataset, Flow, TableMapping
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.folder import Workspace
from sdmxmig.workspace.requests.tasks import ConvertRequest
from sdmxmig.workspace.tasks.data_folder import (
    CONVERSION_FILE,
    UNUSED_CELLS_FILE,
    join_unused_cells,
    read_datasets,
    read_findings,
    read_stored,
    read_unused_cells,
    write_data_files,
    write_unused_cells,
)
from sdmxmig.workspace.tasks.mapping_files import find_text_format, list_missing_sheets, load_mappings, read_mappings
from sdmxmig.workspace.tasks.messages import check_message, find_message
from sdmxmig.workspace.tasks.session import Session

AGENCY = "SDMXMIG"
AREA = "REF_AREA"
COUNTRY = re.compile("[A-Z]{2}")
NUMBER_RULES = ("VALUE-OF-TYPE", "NUMBERS-ARE-PLAIN")
"""The kinds of the rules that every value is a number, written as SDMX writes it."""
RULES_WITHOUT_RESULT = (RuleId.NO_OBSERVATION, RuleId.FORMULA_WITHOUT_RESULT, RuleId.NO_COUNTERPART)
UNREAD_VALUES = (
    RuleId.LEFT_OUT_OF_MESSAGE,
    RuleId.ERROR_CELL,
    RuleId.DOUBTFUL_DECIMALS,
    RuleId.OTHER_DECIMAL_SIGN,
    RuleId.VALUE_IS_NO_NUMBER,
    RuleId.NUMBER_WITH_OWN_SIGNS,
)
MAX_NAMED = 5
DEFAULT_REQUEST = ConvertRequest()
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")


def convert(
    session: Session, request: ConvertRequest = DEFAULT_REQUEST, *, checks_numbers: bool = True
) -> tuple[list[dict[str, object]], Findings]:
    """Convert all tables and questionnaires, or return the stored data if nothing changed, unless `force`.

    Findings are those of the conversion; `checks_numbers` adds findings about values that are not numbers.
    """
    if not request.force and session.is_unchanged("data", {}):
        datasets, findings = list(read_datasets(session)), read_findings(session.path("data") / CONVERSION_FILE)
    else:
        converted = convert_tables(session, [] if request.force else find_edited_tables(session))
        check_own_country(session, converted.datasets)
        datasets, findings = converted.datasets, converted.findings
        files = write_data_files(session, datasets, converted.stored)
        files[UNUSED_CELLS_FILE] = write_unused_cells(converted.unused_cells)
        files[CONVERSION_FILE] = findings_lines.render(findings, session.catalogue.rules)
        session.put("data", files, options={})
    observations = sum(dataset.observations.height for dataset in datasets)
    session.stage("convert", f"{observations} observations in {write_count(len(datasets), 'dataset')}")
    rows: list[dict[str, object]] = [
        {
            "dataflow": dataset.flow.dataflow.ref.short,
            "observations": dataset.observations.height,
            "file": str(session.path("data") / f"{dataset.flow.id}.csv"),
        }
        for dataset in datasets
    ]
    if request.maps:
        write_maps(session, Path(request.maps))
    return rows, Findings.join([findings, check_numbers(datasets, session.catalogue)]) if checks_numbers else findings


def update_data(session: Session) -> None:
    """Convert if there are no data yet, or if tables, mappings or declarations have changed since."""
    if session.results.made("data") is None or session.results.older("data"):
        convert(session, checks_numbers=False)


@dataclass(frozen=True, slots=True)
class ConvertedTables:
    datasets: list[Dataset]
    findings: Findings
    unused_cells: pl.DataFrame
    stored: Collection[str] = ()
    """The dataflows of which the stored data are unchanged."""


def find_edited_tables(session: Session) -> list[str]:
    """Return the mapped tables that alone changed since the stored conversion; otherwise none."""
    changes, names = session.find_changes("data", {}), [table.name for table in session.workspace.tables]
    mappings = load_mappings(session) if changes else ()
    edited = [name for name in names if f"tables/{name}" in changes]
    are_mapped = all(any(is_match(name, mapping.file) for mapping in mappings) for name in names)
    return edited if are_mapped and len(edited) == len(changes) else []


def find_flows(mappings: Sequence[TableMapping], tables: Collection[str]) -> set[str]:
    """Return the dataflows whose data depend on some tables."""
    groups = [{mapping.flow, *mapping.also} for mapping in mappings]
    read = [any(is_match(name, mapping.file) for name in tables) for mapping in mappings]
    due = {flow for group, is_read in zip(groups, read, strict=True) if is_read for flow in group}
    while grown := {flow for group in groups if group & due for flow in group} - due:
        due |= grown
    return due


def convert_tables(session: Session, edited: Collection[str] = ()) -> ConvertedTables:
    """Convert all tables, or those of the dataflows of `edited` tables, with the stored data of the others."""
    catalogue = session.catalogue
    flows = find_flows(load_mappings(session), edited) if edited else None
    converted: dict[str, list[Dataset]] = {}
    file_findings: list[Findings] = []
    unused_cells: list[pl.DataFrame] = []
    read_by_file: dict[str, list[tuple[TableMapping, Dataset]]] = {}
    for mapping, file, outcome in convert_mapped(session, flows):
        read_by_file.setdefault(file, []).append((mapping, outcome.dataset))
        converted.setdefault(mapping.flow, []).append(outcome.dataset)
        file_findings.append(outcome.findings)
        unused_cells.append(outcome.unused_cells)
    accounts = [pair for of_file in read_by_file.values() for pair in of_file if pair[0].also]
    for of_file in read_by_file.values():
        if len(of_file) > 1:
            check_read_once(of_file)
    for datasets_of_file, findings_of_file in () if edited else read_unmapped(session, read_by_file):
        for dataset in datasets_of_file:
            converted.setdefault(dataset.flow.id, []).append(dataset)
        file_findings.append(findings_of_file)
    for mapping, account in accounts:
        for items in build_account_items(account, mapping, converted, catalogue):
            converted.setdefault(items.flow.id, []).append(items)
    if not converted:
        raise build_empty_error(session.workspace, Findings.join(file_findings))
    datasets = [add_text_statuses(conversion.merge(of_flow)) for of_flow in converted.values()]
    stored = () if flows is None else read_stored(session, without=flows)
    if flows is not None:
        datasets += [dataset for dataset, _ in stored]
        earlier = read_findings(session.path("data") / CONVERSION_FILE).items
        file_findings.append(Findings(tuple(finding for finding in earlier if finding.flow not in flows)))
        unused_cells.append(read_unused_cells(session).filter(~pl.col("file").is_in([*edited])))
    findings = sorted(Findings.join(file_findings).items, key=lambda finding: finding.flow)
    datasets.sort(key=lambda dataset: dataset.flow.id)
    unused = join_unused_cells(unused_cells)
    return ConvertedTables(datasets, Findings(tuple(findings)), unused, [dataset.flow.id for dataset, _ in stored])


def convert_mapped(
    session: Session, flows: Collection[str] | None
) -> Iterator[tuple[TableMapping, str, conversion.Conversion]]:
    """Yield each mapping with its file and conversion; the cells of the tables are released at the end."""
    pairs, mappings = find_mapped_tables(session, flows), load_mappings(session)
    make_grid, find_block = cache(build_grid), cache(locate_block)
    for mapping, tables in pairs:
        outcome = conversion.convert(
            tables,
            mapping,
            session.catalogue.flow(mapping.flow),
            session.catalogue.rules,
            other_mappings=mappings,
            make_grid=make_grid,
            find_block=find_block,
        )
        yield mapping, tables[0].file, outcome


def check_own_country(session: Session, datasets: Sequence[Dataset]) -> None:
    """Raise `DeclarationError` if all figures are about a country other than that of the workspace."""
    own, held = session.workspace.country.area, [each for each in datasets if AREA in each.observations]
    areas = {area for dataset in held for area in dataset.observations[AREA].drop_nulls().unique()}
    if len(areas) != 1 or own in areas or not COUNTRY.fullmatch(area := areas.pop()):
        return
    if any(item.id == area and is_added(item) for item in held[0].flow.codelist(AREA) or ()):  # a part of the country
        return
    here, there = (f"{find_code_name(held[0].flow, AREA, code, 'en')} ({code})" for code in (own, area))
    raise DeclarationError(
        f"All figures are for {there}, but the workspace is for {here}.",
        Place("country.toml", key="country.area"),
        "Correct the country of the workspace, or the area in its mappings.",
    )


def build_account_items(
    account: Dataset, mapping: TableMapping, converted: Mapping[str, Sequence[Dataset]], catalogue: Catalogue
) -> list[Dataset]:
    """Return account items for the dataflows named by a mapping, in series that their own tables lack."""
    sources = find_sources(mapping.flow, catalogue.identities) if mapping.also else {}
    known = sorted({source.flow for source in sources.values()})
    for flow in mapping.also:
        if flow not in known:
            place = Place(mapping.place.file if mapping.place else mapping.id, key="also")
            raise DeclarationError(
                f"No item of {mapping.flow} belongs to {flow}.", place, f"Name some of: {', '.join(known) or 'none'}."
            )
    datasets = [convert_items(account, catalogue.flow(flow), sources, converted.get(flow, ())) for flow in mapping.also]
    return [dataset for dataset in datasets if dataset.observations.height]


def build_empty_error(workspace: Workspace, findings: Findings) -> SdmxmigError:
    if findings.items:
        first = findings.items[0]
        return SdmxmigError(first.sentence(), first.place, first.remedy())
    from sdmxmig.workspace.tasks.drafts import name_draft_file, read_drafts, suggest_mapping_step

    hint, drafts = suggest_mapping_step(workspace), read_drafts(workspace.folder)[0]
    if drafts:
        place = Place(str(workspace.folder / name_draft_file(drafts[0])))
        return SdmxmigError("The workspace has no mapping, only a draft.", place, hint)
    return SdmxmigError("The workspace has no mapping.", Place(str(workspace.folder / "mappings")), hint)


def check_numbers(datasets: Sequence[Dataset], catalogue: Catalogue) -> Findings:
    rules = {id_: rule for id_, rule in catalogue.rules.items() if rule.kind in NUMBER_RULES}
    flows = [replace(dataset.flow.dataflow, rules=()) for dataset in datasets]
    bare = [
        replace(dataset, flow=replace(dataset.flow, dataflow=flow))
        for dataset, flow in zip(datasets, flows, strict=True)
    ]
    return Findings.join([validation.validate(dataset, replace(catalogue, rules=rules)) for dataset in bare])


def report_lost(session: Session, findings: Findings) -> bool:
    """Report empty tables, missing results and unreadable cells; return whether fixes are required."""
    lost = [finding for finding in findings.items if finding.rule in RULES_WITHOUT_RESULT]
    for finding in lost:
        session.say(f"{finding.place}: {finding.sentence()} {finding.remedy()}".strip())
    errors = 0
    for rule in UNREAD_VALUES:
        unread = [finding for finding in findings.items if finding.rule == rule]
        errors += sum(finding.severity == "error" for finding in unread)
        for finding in unread[:MAX_NAMED]:
            alike = f" (and {write_count(len(finding.others), 'more cell')})" if finding.others else ""
            session.say(f"{finding.place}{alike}: {finding.sentence()} {finding.remedy()}".strip())
        if len(unread) > MAX_NAMED:
            session.say(f"… and {len(unread) - MAX_NAMED} more like it.")
    return bool(lost or errors)


def list_missing_tables(workspace: Workspace, mappings: Sequence[TableMapping]) -> list[DeclarationError]:
    names = [table.name for table in workspace.tables]
    lost = [mapping for mapping in mappings if not any(is_match(name, mapping.file) for name in names)]
    return [suggest_restoring(workspace, mapping, mappings) for mapping in lost]


def suggest_restoring(
    workspace: Workspace, mapping: TableMapping, mappings: Sequence[TableMapping]
) -> DeclarationError:
    """Suggest a command that restores the name of a renamed table, or where to put a missing table."""
    place = Place(mapping.place.file if mapping.place else mapping.id, key="file")
    unread = [
        table.name
        for table in workspace.tables
        if table.suffix == Path(mapping.file).suffix
        and not any(is_match(table.name, each.file) for each in mappings)
        and fits_table(mapping, table)
    ]
    guess = find_nearest(mapping.file, unread) or (unread[0] if len(unread) == 1 else "")
    command = f"sdmxmig table rename {quote_path(workspace.folder)} {quote_path(guess)} {quote_path(mapping.file)}"
    hint = f"If it is now called “{guess}”, run: {command}"
    if not guess:
        remove = f"sdmxmig mapping remove {quote_path(workspace.folder)} {quote_path(Path(place.file).stem)}"
        hint = f"Put it into {workspace.folder / 'tables'}, or remove its mapping: {remove}"
    return DeclarationError(f"There is no table file “{mapping.file}”.", place, hint)


def fits_table(mapping: TableMapping, path: Path) -> bool:
    """Check whether a table has the sheets, anchors and titles of a mapping."""
    from sdmxmig.conversion.suggestion.earlier_mapping import matches_texts  # slow to import

    try:
        tables = read_once(path.name, read_bytes(path))
    except SdmxmigError:
        return False
    patterns = [pattern for block in mapping.blocks for pattern in (*block.anchors, *block.required_texts)]
    return not list_missing_sheets([mapping], tables) and matches_texts(patterns, tables)


def find_mapped_tables(
    session: Session, flows: Collection[str] | None = None
) -> list[tuple[TableMapping, tuple[Table, ...]]]:
    workspace = session.workspace
    tables: dict[str, tuple[Table, ...]] = {}
    pairs = []
    mappings = load_mappings(session)
    for mapping in (mapping for mapping in mappings if flows is None or mapping.flow in flows):
        matching = [table for table in workspace.tables if is_match(table.name, mapping.file)]
        if not matching:
            raise suggest_restoring(workspace, mapping, mappings)
        for table in matching:
            if table.name not in tables:
                content, written = read_bytes(table), find_text_format(mappings, table.name)
                tables[table.name] = read_once(table.name, content, written)
                if remark := describe_wrong_suffix(table.name, content, written):
                    session.say(f"! {remark}")
            check_sheets(workspace, mapping, tables[table.name])
            pairs.append((mapping, tables[table.name]))
    return pairs


def check_sheets(workspace: Workspace, mapping: TableMapping, tables: Sequence[Table]) -> None:
    """Raise `DeclarationError` for a missing sheet, with the command for a renamed sheet."""
    sheets = [table.sheet for table in tables]
    for _, missing in list_missing_sheets([mapping], tables):
        file = mapping.place.file if mapping.place else mapping.id
        guess = find_nearest(missing, sheets) or (sheets[0] if len(sheets) == 1 else "")
        words = (workspace.folder, Path(file).stem, missing, guess)
        hint = f"If it is now called “{guess}”, run: sdmxmig mapping sheet {' '.join(map(quote_path, words))}"
        hint = hint if guess else f"Its sheets are: {', '.join(sheets)}."
        raise DeclarationError(f"There is no sheet “{missing}” in {tables[0].file}.", Place(file, key="sheet"), hint)


def read_unmapped(session: Session, mapped_files: Collection[str]) -> Iterator[tuple[Sequence[Dataset], Findings]]:
    for path in session.workspace.tables:
        if path.name in mapped_files:
            continue
        tables = read_once(path.name, read_bytes(path)) if path.suffix.lower() in WORKBOOKS else ()
        if questionnaires.is_questionnaire(tables):
            answers = questionnaires.read(tables, session.catalogue)
            yield (answers.dataset,), answers.findings
        elif message := find_message(path):
            carried = message.carry_over(session.catalogue)
            yield carried.datasets, carried.findings
        else:
            session.say(f"! No mapping reads {path.name}: it is left out.{describe_draft(session, path.name)}")


def list_tables_to_map(workspace: Workspace, flows: Mapping[str, Flow]) -> list[Path]:
    """Return the tables without a mapping or draft; messages and questionnaires need none."""
    from sdmxmig.workspace.tasks.drafts import read_drafts

    names = [mapping.file for mapping in read_mappings(workspace.mappings, flows)[0]]
    names += [draft.table for draft in read_drafts(workspace.folder)[0]]
    unread = (path for path in workspace.tables if not any(is_match(path.name, name) for name in names))
    return [path for path in unread if not find_message(path) and not is_questionnaire_file(path)]


def is_questionnaire_file(path: Path) -> bool:
    tables = read_once(path.name, read_bytes(path)) if path.suffix.lower() in WORKBOOKS else ()
    return questionnaires.is_questionnaire(tables)


def describe_draft(session: Session, table: str) -> str:
    from sdmxmig.workspace.tasks.drafts import read_drafts, suggest_mapping_step

    drafts = read_drafts(session.workspace.folder)[0]
    draft = next((draft for draft in drafts if draft.table == table), None)
    return f" {suggest_mapping_step(session.workspace, draft)}" if draft else ""


def write_maps(session: Session, path: Path) -> None:
    check_message(path, "--maps FILE")
    form = FORMATS["sdmx-json-2.0" if path.suffix == ".json" else "sdmx-ml-3.0"]
    flows = session.catalogue.flows
    mappings = load_mappings(session)
    artefacts = [artefact for mapping in mappings for artefact in export_mapping(mapping, flows[mapping.flow], AGENCY)]
    content = structure_bytes(form, artefacts, session.header("MAPS"))
    with open_result(path, form.suffix) as file:
        file.write(content)
    session.say(f"Maps leave out positions and number formats. The annotation {MAPPING_FILE} has each whole mapping.")
    session.listener.stage("maps", f"{len(artefacts)} artefacts to {form.name}")
