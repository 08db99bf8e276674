"""Tables mapped in the browser, and their proposals."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

from sdmxmig import catalogue as declared
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.suggestion.answers import Answers
from sdmxmig.conversion.suggestion.stated_rules import list_usual_values
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.web.screens import Visit, describe_error
from sdmxmig.web.screens.data import find_table, read_sheets
from sdmxmig.web.workbench import read_stamp as file_stamp
from sdmxmig.workspace.proposals import TriedProposal, propose
from sdmxmig.workspace.tasks.drafts import (
    MAPPINGS,
    MappingWork,
    SavedMapping,
    choose_mapping_file,
    find_saved_mapping,
    list_mappings_reading,
    list_sheets_without_mapping,
    name_draft_file,
    open_mapping,
    read_draft,
    write_map_command,
)
from sdmxmig.workspace.tasks.mapping_files import find_text_format
from sdmxmig.workspace.tasks.messages import IncomingMessage, find_message
from sdmxmig.workspace.tasks.proposing import (
    Material,
    add_age_groups,
    add_currencies,
    add_note_sheets,
    build_recogniser,
    check_flow,
    find_last_mappings,
    select_sheets,
)
from sdmxmig.workspace.tasks.session import Session

MAX_NUMBER = 2_000_000

MAX_CACHED_PROPOSALS = 8

MAX_SHEET_CELLS = 1_000_000

UNKNOWN_PLACE = "Nowhere at all"


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    session: Session
    material: Material
    _: KW_ONLY
    mapping: MappingWork

    @property
    def answers(self) -> Answers:
        return self.mapping.answers

    @property
    def tried(self) -> TriedProposal:
        return self.mapping.tried

    @property
    def target(self) -> str:
        saved = self.mapping.saved
        return f"{MAPPINGS}/{saved.path.name}" if saved else choose_mapping_file(self.folder, self.answers)

    @property
    def is_complete(self) -> bool:
        return self.tried.conversion is not None and not self.tried.open

    @property
    def is_saved(self) -> bool:
        has_draft = (self.folder / name_draft_file(self.answers)).is_file()
        return self.mapping.saved is not None and not self.mapping.is_outdated and not has_draft

    @property
    def figures(self) -> pl.DataFrame:
        names = (*self.flow.structure.key, "OBS_VALUE")
        return self.tried.conversion.dataset.observations.select(names) if self.tried.conversion else pl.DataFrame()

    @property
    def flow(self) -> Flow:
        return self.material.catalogue.flow(self.answers.flow)

    @property
    def folder(self) -> Path:
        return self.session.workspace.folder


def open_message(visit: Visit, path: Path) -> IncomingMessage | None:
    return visit.workbench.kept(f"message {path.name}", lambda: find_message(path), path)


def is_mapped(path: Path, mappings: Iterable[TableMapping]) -> bool:
    return any(is_match(path.name, mapping.file) for mapping in mappings)


@dataclass(frozen=True, slots=True, eq=False)
class MappingRequest:
    material: Material
    about: Answers
    saved: SavedMapping | None


def resolve_mapping_request(visit: Visit, session: Session, about: Answers) -> MappingRequest:
    mappings, _ = visit.workbench.mappings(session)
    every = read_material(visit, session, about.table)
    material = load_chosen_material(visit, session, about.table, about.sheets)
    saved = find_saved_mapping(visit.workbench.folder, material.tables, about.flow, mappings)
    if saved:
        tables = tuple(table for table in every.tables if list_mappings_reading(table, [saved.mapping]))
        sheets = tuple(filter(None, (table.sheet for table in tables)))
        return MappingRequest(replace(material, tables=tables), replace(about, sheets=sheets), saved)
    free = list_sheets_without_mapping(material.tables, about.flow, mappings)
    if not free:
        hint = "Choose the sheets of one mapping."
        raise SdmxmigError(f"Several mappings read these sheets as {about.flow}.", Place(about.table), hint)
    return MappingRequest(replace(material, tables=free), about, None)


def write_command(work: Work) -> str:
    saved = work.mapping.saved
    draft = work.folder / name_draft_file(work.answers)
    if saved and work.mapping.is_edited:
        name = quote_path(Path(work.target).stem)
        return f"sdmxmig mapping edit {quote_path(work.folder)} {name} --read {quote_path(draft)}"
    is_answered = bool(work.answers.decisions) and draft.is_file()  # those of the other half have no draft yet
    return write_map_command(work.session, work.answers, is_answered=is_answered, target=work.target)


def find_saved_flow(material: Material, mappings: Sequence[TableMapping]) -> str:
    flows = {tuple({mapping.flow for mapping in list_mappings_reading(table, mappings)}) for table in material.tables}
    read_as = next(iter(flows)) if len(flows) == 1 else ()
    if not read_as:
        read_as = tuple(find_last_mappings(material))
    return read_as[0] if len(read_as) == 1 else ""


def try_work(visit: Visit, session: Session, meant: MappingRequest) -> tuple[dict[str, Any] | None, Work | None]:
    try:
        return None, build_work(visit, session, meant)
    except SdmxmigError as error:
        draft = name_draft_file(meant.about)
        if not (visit.workbench.folder / draft).is_file():
            raise
        return {
            **describe_error(error),
            "draft": draft,
            "sheets": list(meant.about.sheets),
            "made_from": {draft: visit.workbench.hash_result(draft)},
        }, None


def list_sheets(fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, fields.get("sheet", "").split("\n"))))


def read_material(visit: Visit, session: Session, name: str) -> Material:
    path, catalogue, recogniser = find_table(session, name), session.catalogue, load_recogniser(visit, session)
    mappings = visit.workbench.mappings(session)[0]
    written, tables = find_text_format(mappings, name), read_sheets(visit, session, path)
    catalogue = add_age_groups(catalogue, tables, recogniser)
    material = Material(
        tables=tables,
        written=written,
        catalogue=catalogue,
        recogniser=recogniser,
        mappings=mappings,
        folder=session.workspace.folder,
    )
    return add_currencies(material, session.workspace.country.area)


def load_recogniser(visit: Visit, session: Session) -> Recogniser:
    workbench, catalogue = visit.workbench, session.catalogue
    return workbench.keep_result("recogniser", catalogue, lambda: build_recogniser(catalogue, workbench.folder))


def read_words(visit: Visit) -> None:
    load_recogniser(visit, visit.workbench.session()).partner(UNKNOWN_PLACE)


def read_shipped_words() -> None:
    """Read the shipped words for recognising labels before a workspace is open."""
    with contextlib.suppress(Exception):
        build_recogniser(declared.load(None), None).partner(UNKNOWN_PLACE)


def load_chosen_material(visit: Visit, session: Session, name: str, sheets: Sequence[str]) -> Material:
    material = select_sheets(read_material(visit, session, name), sheets)
    count = sum(table.cells.height for table in material.tables)
    if count > MAX_SHEET_CELLS:
        hint = f"Choose fewer sheets, or run: sdmxmig map {quote_path(session.workspace.folder / 'tables' / name)}"
        raise SdmxmigError(f"{count:,} cells are too many for one proposal.", Place(name), hint)
    return material


def build_stamp(visit: Visit, about: Answers) -> object:
    status = (visit.workbench.folder / "tables" / about.table).stat()
    return about.table, about.sheets, status.st_mtime_ns, status.st_size


def compute_cache_slot(*key: object) -> int:
    return zlib.crc32(repr(key).encode()) % MAX_CACHED_PROPOSALS


def build_work(visit: Visit, session: Session, meant: MappingRequest) -> Work:
    material, about, folder = meant.material, meant.about, visit.workbench.folder
    check_flow(about.flow, material.catalogue)
    files = [folder / name_draft_file(about), *session.workspace.mappings]
    stamp = (compute_sheets_stamp(visit, meant), *map(file_stamp, files))

    def make() -> Work:
        noted = material if meant.saved else add_note_sheets(material, read_material(visit, session, about.table))
        mapping = open_mapping(
            noted,
            about,
            read_draft(folder, about, material.catalogue.flow(about.flow)),
            saved=meant.saved,
            propose=lambda answers: compute_proposal(visit, session, noted, answers),
            language=visit.language,
        )
        return Work(session, noted, mapping=mapping)

    return visit.workbench.remember_result(
        f"work {compute_cache_slot(about.table, about.sheets, about.flow)}", stamp, make
    )


def compute_sheets_stamp(visit: Visit, meant: MappingRequest) -> object:
    names = tuple(table.sheet for table in meant.material.tables)
    return build_stamp(visit, meant.about), names, meant.about.flow, visit.language, id(meant.material.catalogue)


def compute_proposal(visit: Visit, session: Session, material: Material, answers: Answers) -> TriedProposal:
    """Return the proposal for these answers, recomputed if answers or tables have changed."""
    area, catalogue = session.workspace.country.area, material.catalogue
    decisions = tuple(sorted(answers.decisions.items()))
    names = tuple(table.sheet for table in material.tables)
    usual = tuple(sorted(list_usual_values(material.mappings).items()))
    stamp = (build_stamp(visit, answers), names, answers.flow, decisions, area, visit.language, id(catalogue), usual)

    def make() -> TriedProposal:
        return propose(
            material.tables,
            answers.flow,
            catalogue,
            material.recogniser,
            area=area,
            decisions=dict(decisions),
            mappings=material.mappings,
            language=visit.language,
        )

    return visit.workbench.remember_result(
        f"proposal {compute_cache_slot(answers.table, answers.sheets, answers.flow)}", stamp, make
    )


def load_work(visit: Visit) -> Work:
    session = visit.workbench.session()
    about = Answers(visit.word("file"), visit.word("flow"), sheets=list_sheets(visit.form))
    return build_work(visit, session, resolve_mapping_request(visit, session, about))
