"""Tables and mappings by name: find, rename and remove."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.suggestion.answers import (
    Answers,
    add_answer,
    add_entries,
    check_decision,
    interpret_answer,
    list_entries,
)
from sdmxmig.conversion.suggestion.questions import EVERYWHERE, ask
from sdmxmig.conversion.suggestion.year_statements import NOTE
from sdmxmig.conversion.tables import read
from sdmxmig.io.edited_toml import change_each_value, set_value
from sdmxmig.io.edited_toml import quote_text as toml_text
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import add_signature, is_untouched, publish_file, strip_signature
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.workspace.proposals import propose
from sdmxmig.workspace.tasks.correcting import find_table_file
from sdmxmig.workspace.tasks.drafts import (
    MappingWork,
    Propose,
    SavedMapping,
    build_edited_work,
    check_mapping_file,
    choose_review_file,
    list_mappings_reading,
    name_draft,
    name_draft_file,
    name_mapping_of_sheets,
    open_mapping,
    read_drafts,
    remove_draft,
    suggest_mapping_step,
    write_draft,
)
from sdmxmig.workspace.tasks.first_tables import name_table
from sdmxmig.workspace.tasks.mapping_files import find_text_format, read_valid_mappings
from sdmxmig.workspace.tasks.new_workspace import normalise_name
from sdmxmig.workspace.tasks.proposing import Material, build_recogniser
from sdmxmig.workspace.tasks.session import Session


def find_mapping(session: Session, name: str) -> Path:
    by_name = {path.stem: path for path in session.workspace.mappings}
    stem = name.removesuffix(".toml")
    if stem in by_name:
        return by_name[stem]
    for draft in read_drafts(session.workspace.folder)[0]:
        if stem in (name_draft(draft), name_mapping_of_sheets(draft.table, draft.sheets)):
            hint = suggest_mapping_step(session.workspace, draft)
            raise SdmxmigError(f"“{name}” is a draft, not a mapping.", hint=hint)
    hint = did_you_mean(stem, by_name) or suggest_mapping_step(session.workspace)
    raise SdmxmigError(f"There is no mapping “{name}”.", hint=hint)


def find_saved_mapping(session: Session, name: str) -> TableMapping:
    file = find_mapping(session, name).name
    mappings, errors = read_valid_mappings(session)
    for mapping in mappings:
        if mapping.place and mapping.place.file == file:
            return mapping
    raise next(error for error in errors if error.place and error.place.file == file)


@dataclass(frozen=True, slots=True, eq=False)
class OpenedMapping:
    path: Path
    material: Material
    work: MappingWork


def open_saved(session: Session, name: str) -> OpenedMapping:
    saved = find_saved_mapping(session, name)
    path = next((path for path in session.workspace.tables if is_match(path.name, saved.file)), None)
    if path is None:
        hint = did_you_mean(saved.file, [table.name for table in session.workspace.tables])
        raise SdmxmigError(f"There is no table “{saved.file}”.", saved.place, hint)
    mappings = read_valid_mappings(session)[0]
    written = find_text_format(mappings, path.name)
    tables = tuple(
        table for table in read(path.name, read_bytes(path), written) if list_mappings_reading(table, [saved])
    )
    recogniser = build_recogniser(session.catalogue, session.workspace.folder)
    catalogue = session.catalogue
    material = Material(
        tables=tables,
        written=written,
        catalogue=catalogue,
        recogniser=recogniser,
        mappings=mappings,
        folder=session.workspace.folder,
    )
    about = Answers(path.name, saved.flow, sheets=tuple(filter(None, (table.sheet for table in tables))))
    file = SavedMapping(saved, find_mapping(session, name))
    work = open_mapping(material, about, None, saved=file, propose=build_proposer(session, material))
    return OpenedMapping(file.path, material, work)


def apply_changes(
    session: Session, opened: OpenedMapping, settings: Iterable[tuple[str, str, str]], answered: Answers | None
) -> OpenedMapping:
    """Apply new codes (part, label, code) and a draft's answers to a saved mapping."""
    work, flow = opened.work, session.catalogue.flow(opened.work.answers.flow)
    answers = add_entries(work.answers, list_entries(answered)) if answered else work.answers
    for part, label, text in settings:
        code = interpret_answer(part, text, flow)
        lines = [line for line in work.tried.questions if (line.part, line.label) == (part, label)]
        if not lines and part.partition(" ")[0] not in ("fixed", NOTE):
            known = [f"{line.part} {line.label}".strip() for line in work.tried.questions]
            line_named = f"{part} {label}".strip()
            raise SdmxmigError(f"The mapping has no line “{line_named}”.", hint=did_you_mean(line_named, known))
        check_decision(part, code, flow, Place(opened.path.name), label=label)
        for line in lines or [ask(EVERYWHERE, part, "", label=label)]:
            about = line.sheet, line.part, line.label
            answers = add_answer(answers, about, answer=code, proposed=line.chosen.code)
    if work.saved and work.is_edited:
        return replace(opened, work=build_edited_work(work.saved, answers, opened.material))
    tried = build_proposer(session, opened.material)(answers)
    return replace(opened, work=replace(work, answers=answers, tried=tried))


def build_proposer(session: Session, material: Material) -> Propose:
    area = session.workspace.country.area
    return lambda answers: propose(
        material.tables,
        answers.flow,
        material.catalogue,
        material.recogniser,
        area=area,
        decisions=answers.decisions,
        mappings=material.mappings,
    )


def rename_mapping(session: Session, name: str, new_name: str) -> Path:
    path = find_mapping(session, name)
    target = session.workspace.folder / check_mapping_file(new_name)
    if target.exists():
        raise SdmxmigError(f"The mapping {target.name} already exists.", hint="Give this one another name.")
    path.rename(target)
    return target


def rename_sheet(session: Session, name: str, sheet: str, new_sheet: str) -> Path:
    """Rename a sheet in a mapping; raise `SdmxmigError` if the mapping or table does not have it."""
    path, mapping = find_mapping(session, name), find_saved_mapping(session, name)
    named = [block.sheet for block in mapping.blocks]
    if sheet not in named:
        raise SdmxmigError(f"{path.name} reads no sheet “{sheet}”.", hint=did_you_mean(sheet, named))
    written = find_text_format([mapping], mapping.file)
    tables = [table for table in session.workspace.tables if is_match(table.name, mapping.file)]
    sheets = [found.sheet for table in tables for found in read(table.name, read_bytes(table), written)]
    if new_sheet not in sheets:
        hint = did_you_mean(new_sheet, sheets)
        raise SdmxmigError(f"There is no sheet “{new_sheet}” in {mapping.file}.", hint=hint)
    publish_file(path, edit_mapping_file(read_bytes(path), lambda text: replace_sheet_name(text, sheet, new_sheet)))
    return path


def replace_sheet_name(text: str, sheet: str, new_sheet: str) -> str:
    text = change_each_value(text, lambda key, value: new_sheet if (key, value) == ("sheet", sheet) else value)
    return re.sub(rf"(?<![\w'])('?){re.escape(sheet)}\1!", lambda _: f"'{new_sheet}'!".replace('"', '\\"'), text)


def remove_mapping(session: Session, name: str) -> Path:
    folder = session.workspace.folder
    for draft in read_drafts(folder)[0]:
        if name_draft(draft) == name:
            choose_review_file(folder, draft).unlink(missing_ok=True)
            remove_draft(folder, draft)
            return folder / name_draft_file(draft)
    path = find_mapping(session, name)
    path.unlink()
    return path


def list_table_mappings(session: Session, table: Path) -> Iterator[TableMapping]:
    return (mapping for mapping in read_valid_mappings(session)[0] if is_match(table.name, mapping.file))


def rename_table(session: Session, name: str, new_name: str) -> Path:
    """Rename a table in mappings and drafts; raise `SdmxmigError` for existing names and unmatched patterns."""
    path = find_table_file(session, name)
    name_given = new_name if Path(new_name).suffix else f"{new_name}{path.suffix}"
    target = path.with_name(name_table(name_given))
    if target.name != normalise_name(name_given):
        raise SdmxmigError(f"“{new_name}” cannot be the name of a table.", hint=f"Choose a name such as {target.name}.")
    if target.suffix.lower() != path.suffix.lower():
        raise SdmxmigError(f"“{new_name}” is another kind of file.", hint=f"Write a name that ends in {path.suffix}.")
    if target.exists():
        raise SdmxmigError(f"The table “{target.name}” already exists.", hint="Give this one another name.")
    contents: dict[Path, bytes] = {}
    for mapping in list_table_mappings(session, path):
        if mapping.file == path.name:
            file = find_mapping(session, mapping.place.file if mapping.place else "")
            contents[file] = edit_mapping_file(
                read_bytes(file), lambda text: set_value(text, ("file",), toml_text(target.name))
            )
        elif not is_match(target.name, mapping.file):
            reader = mapping.place.file if mapping.place else mapping.id
            hint = "Choose a name that fits, or change “file” in the mapping first."
            raise SdmxmigError(f"{reader} reads files that are called “{mapping.file}”.", hint=hint)
    path.rename(target)
    for file, content in contents.items():
        publish_file(file, content)
    folder = session.workspace.folder
    for draft in read_drafts(folder)[0]:
        if draft.table == path.name:
            write_draft(folder, replace(draft, table=target.name))
            remove_draft(folder, draft)
    return target


def edit_mapping_file(content: bytes, edit: Callable[[str], str]) -> bytes:
    """Edit a mapping file; one that was never changed by hand stays marked as such."""
    is_ours = is_untouched(content)
    written = edit((strip_signature(content) if is_ours else content).decode("utf-8-sig")).encode()
    return add_signature(written) if is_ours else written


def remove_table(session: Session, name: str, *, with_mappings: bool) -> list[Path]:
    """Remove a table with its drafts and mappings; raise `SdmxmigError` if it has mappings to keep."""
    path = find_table_file(session, name)
    others = [other for other in session.workspace.tables if other != path]
    readers = [
        find_mapping(session, mapping.place.file)
        for mapping in list_table_mappings(session, path)
        if mapping.place and not any(is_match(other.name, mapping.file) for other in others)
    ]
    if readers and not with_mappings:
        hint = "Remove these mappings too: add --with-mappings, or tick the box in the workbench."
        raise SdmxmigError(f"Mappings read “{name}”: {', '.join(each.name for each in readers)}.", hint=hint)
    for each in (path, *readers):
        each.unlink()
    folder = session.workspace.folder
    for draft in read_drafts(folder)[0]:
        if draft.table == path.name:
            remove_draft(folder, draft)
    return [path, *readers]
