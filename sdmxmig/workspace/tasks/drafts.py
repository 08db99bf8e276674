"""Draft mappings: saved answers, and the mapping itself once no question is open."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.convert.coverage import check_read_once
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion.answers import (
    Answers,
    add_entries,
    check_answers,
    list_entries,
    read_answers,
    write_answers,
)
from sdmxmig.conversion.suggestion.questions import EVERYWHERE
from sdmxmig.conversion.suggestion.year_statements import list_allowed_attributes
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import is_untouched, publish_file, publish_proposal
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.data import Dataset, Flow, TableMapping
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.edited_mappings import apply_answers, try_mapping
from sdmxmig.workspace.folder import COUNTRY_FILE, DRAFTS, Workspace
from sdmxmig.workspace.proposals import TriedProposal, propose_like
from sdmxmig.workspace.tasks.first_tables import save_new_codes
from sdmxmig.workspace.tasks.new_workspace import check_device_name
from sdmxmig.workspace.tasks.proposing import Material, find_last_mappings, write_mapping_text
from sdmxmig.workspace.tasks.session import Session

MAPPINGS, TABLES = "mappings", "tables"
NON_NAME_CHARACTERS = re.compile(r"[^\w-]+")
MAX_NAME_LENGTH = 60
NAME = re.compile(r"[^\W_][\w-]{0,99}")


def name_mapping_of_sheets(table: str, sheets: Sequence[str]) -> str:
    """Return the mapping name for sheets of a table.

    >>> name_mapping_of_sheets("Stocks 2024.xlsx", ()), name_mapping_of_sheets("stocks.xlsx", ("Table 1",))
    ('stocks-2024', 'stocks-table-1')
    """
    words = [NON_NAME_CHARACTERS.sub("-", word).strip("-_").lower() for word in (Path(table).stem, *sheets)]
    name = "-".join(filter(None, words)) or "table"
    if len(name) <= MAX_NAME_LENGTH:
        return check_device_name(name)
    digest = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{name[: MAX_NAME_LENGTH - 7].rstrip('-')}-{digest}"


def name_draft_file(answers: Answers) -> str:
    return f"{DRAFTS}/{name_draft(answers)}.toml"


def name_draft(answers: Answers) -> str:
    return f"{name_mapping_of_sheets(answers.table, answers.sheets)}.{answers.flow}"


@dataclass(frozen=True, slots=True)
class SavedMapping:
    mapping: TableMapping
    path: Path


@dataclass(frozen=True, slots=True)
class MappingWork:
    """A mapping in progress.

    If `is_edited`, the `saved` mapping is changed; otherwise a mapping is proposed with the answers. If `is_outdated`,
    the saved mapping no longer reads its tables, so they are proposed like last year's. `earlier` is the mapping that
    gave the answers: of last year's table, or of another dataflow in the same sheets.
    """

    answers: Answers
    tried: TriedProposal
    _: KW_ONLY
    saved: SavedMapping | None = None
    is_edited: bool = False
    is_outdated: bool = False
    earlier: TableMapping | None = None


SHARED_PARTS = ("fixed", "codes", "values", "title")
"""Questions about the texts of a sheet, which have one answer for both of its dataflows."""
Propose = Callable[[Answers], "TriedProposal"]
"""Makes the proposal for the tables that are worked on, with these answers."""


def open_mapping(
    material: Material,
    about: Answers,
    draft: Answers | None,
    *,
    saved: SavedMapping | None,
    propose: Propose,
    language: str = "en",
) -> MappingWork:
    if saved is None and (last := find_last_mappings(material).get(about.flow)):
        return propose_like_last_year(last, draft or about, material, language=language)
    answered = add_entries(about, saved.mapping.answers) if saved else about
    if saved is None and draft is None and (half := find_complementary_mapping(material)):
        questions = [each for each in propose(about).open if each.part.split()[0] in SHARED_PARTS]
        asked = {(each.sheet, each.part, each.label) for each in questions}
        said = [each.id for each in list_allowed_attributes(material.catalogue.flow(about.flow).structure)]
        asked |= {(EVERYWHERE, f"fixed {name}", "") for name in said}
        again = [answer for answer in half.answers if answer.about in asked]
        return MappingWork(answers := add_entries(about, again), propose(answers), earlier=half if again else None)
    answers = draft or answered
    if saved is None or is_proposed(saved, answered, material, propose):
        return MappingWork(answers, propose(answers), saved=saved)
    work = build_edited_work(saved, draft or about, material, language=language)
    if work.tried.conversion is None and is_untouched(read_bytes(saved.path)):
        work = propose_like_last_year(saved.mapping, draft or about, material, language=language)
        return replace(work, saved=saved, is_outdated=True)
    return work


def propose_like_last_year(last: TableMapping, answers: Answers, material: Material, *, language: str) -> MappingWork:
    tried, carried = propose_like(
        last,
        material.tables,
        answers,
        material.catalogue,
        material.recogniser,
        mappings=material.mappings,
        language=language,
    )
    return MappingWork(add_entries(answers, carried.answers), tried, earlier=last)


def find_complementary_mapping(material: Material) -> TableMapping | None:
    """Return the only mapping of the same sheets if it omits figures of another dataflow."""
    readers = {id(each): each for table in material.tables for each in list_mappings_reading(table, material.mappings)}
    (half,) = readers.values() if len(readers) == 1 else (None,)
    return half if half and half.leaves_out_a_flow else None


def build_edited_work(
    saved: SavedMapping, answers: Answers, material: Material, *, language: str = "en"
) -> MappingWork:
    mapping = apply_answers(saved.mapping, answers, material.tables)
    tried = try_mapping(mapping, material.tables, material.catalogue, decisions=answers.decisions, language=language)
    return MappingWork(answers, tried, saved=saved, is_edited=True)


def is_proposed(saved: SavedMapping, answered: Answers, material: Material, propose: Propose) -> bool:
    if not is_untouched(read_bytes(saved.path)):
        return False
    try:
        content = write_mapping_text(propose(answered), material, saved.path, list_entries(answered)).encode()
        return saved.mapping == load(saved.path.name, content, material.catalogue.flows)
    except SdmxmigError:
        return False


def render_mapping(work: MappingWork, material: Material, path: Path | None) -> str:
    if work.saved and work.is_edited:
        return write(apply_answers(work.saved.mapping, work.answers, material.tables))
    return write_mapping_text(work.tried, material, path, list_entries(work.answers))


def read_draft(folder: Path, about: Answers, flow: Flow) -> Answers | None:
    path = folder / name_draft_file(about)
    if not path.is_file():
        return None
    answers = check_answers(path.name, read_bytes(path), flow)
    if (answers.table, answers.flow, answers.sheets) != (about.table, about.flow, about.sheets):
        raise SdmxmigError(f"{path.name} contains answers about other tables.", hint="Rename or remove the file.")
    return answers


def read_drafts(folder: Path) -> tuple[list[Answers], list[SdmxmigError]]:
    drafts, errors = [], []
    for path in sorted((folder / DRAFTS).glob("*.toml")):
        try:
            drafts.append(read_answers(path.name, read_bytes(path)))
        except SdmxmigError as error:
            errors.append(error)
    return drafts, errors


def write_draft(folder: Path, answers: Answers) -> None:
    path = folder / name_draft_file(answers)
    path.parent.mkdir(exist_ok=True)
    publish_file(path, write_answers(answers))


def remove_draft(folder: Path, about: Answers) -> None:
    (folder / name_draft_file(about)).unlink(missing_ok=True)


def choose_mapping_file(folder: Path, answers: Answers) -> str:
    name = name_mapping_of_sheets(answers.table, answers.sheets)
    with_flow = f"{name}-{answers.flow.removeprefix('DF_').lower().replace('_', '-')}"
    names = itertools.chain((name, with_flow), (f"{with_flow}-{number}" for number in itertools.count(2)))
    return next(path for each in names if not (folder / (path := f"{MAPPINGS}/{each}.toml")).exists())


def write_map_command_of_draft(home: Path, area: str, answers: Answers) -> str:
    review = choose_review_file(home, answers)
    words = ["sdmxmig map", quote_path(home / TABLES / answers.table), answers.flow, f"--area {area}"]
    words += [f"--sheet {quote_path(sheet)}" for sheet in answers.sheets]
    if answers.flow:
        words.append(f"{'--read' if review.is_file() else '--review'} {quote_path(review)}")
    words.append(f"-o {quote_path(home / choose_mapping_file(home, answers))}")
    return " ".join(filter(None, words))


def choose_review_file(home: Path, answers: Answers) -> Path:
    stem = name_mapping_of_sheets(answers.table, answers.sheets) if answers.sheets else Path(answers.table).stem
    return home / f"{stem}.review.xlsx"


def suggest_mapping_step(workspace: Workspace, draft: Answers | None = None) -> str:
    home, area = workspace.folder, workspace.country.area
    draft = draft or next(iter(read_drafts(home)[0]), None)
    if draft and (review := choose_review_file(home, draft)).is_file():
        return f"Answer the open lines in {review}, then run: {write_map_command_of_draft(home, area, draft)}"
    if not draft and not workspace.tables:
        return f"Add a table and its mapping, for example: sdmxmig start stocks.xlsx {quote_path(home)}"
    answers = draft or Answers(workspace.tables[0].name, "")
    return f"Open Mapping in the workbench, or run: {write_map_command_of_draft(home, area, answers)}"


def check_mapping_file(text: str) -> str:
    name = text.strip().removesuffix(".toml")
    if not NAME.fullmatch(name):
        hint = "Write letters, digits and hyphens, such as stocks-2024."
        raise SdmxmigError(f"“{text}” cannot be the name of a mapping.", hint=hint)
    return f"{MAPPINGS}/{check_device_name(name)}.toml"


def save_mapping(path: Path, work: MappingWork, material: Material, others: Iterable[TableMapping]) -> None:
    """Save a complete mapping and remove its draft; raise `SdmxmigError` for open questions and conflicts."""
    trial = work.tried.conversion
    if work.tried.open or trial is None:
        raise SdmxmigError(
            f"The mapping is a draft with {write_count(len(work.tried.open), 'line')} open.",
            hint="Answer the open questions, or leave them out. Your answers are kept.",
        )
    content = render_mapping(work, material, path).encode()
    mapping = load(path.name, content, material.catalogue.flows)
    check_figures_are_free(mapping, trial.dataset, material.tables, others, material.catalogue)
    path.parent.mkdir(exist_ok=True)
    if work.is_edited:
        publish_file(path, content)
    else:
        publish_proposal(path, content)
    home = path.parent.parent
    save_new_codes(home, mapping, work.tried.flow)
    draft = read_draft(home, work.answers, material.catalogue.flow(work.answers.flow))
    if draft and draft.decisions.keys() <= work.answers.decisions.keys():
        remove_draft(home, work.answers)


def write_map_command(session: Session, answers: Answers, *, is_answered: bool, target: str = "") -> str:
    folder = session.workspace.folder
    words = ["sdmxmig map", quote_path(folder / "tables" / answers.table)]
    if is_answered:
        words += ["--read", quote_path(folder / name_draft_file(answers))]
    else:
        words += [answers.flow, *(f"--sheet {quote_path(sheet)}" for sheet in answers.sheets)]
    words += ["--area", session.workspace.country.area, "--workspace", quote_path(folder)]
    return " ".join(filter(None, [*words, *(["-o", quote_path(folder / target)] if target else [])]))


def list_mappings_reading(table: Table, mappings: Iterable[TableMapping]) -> list[TableMapping]:
    return [
        mapping
        for mapping in mappings
        if is_match(table.file, mapping.file) and any(is_match(table.sheet, block.sheet) for block in mapping.blocks)
    ]


def list_sheets_without_mapping(
    tables: Sequence[Table], flow: str, mappings: Collection[TableMapping]
) -> tuple[Table, ...]:
    of_flow = [mapping for mapping in mappings if mapping.flow == flow]
    return tuple(table for table in tables if not list_mappings_reading(table, of_flow))


def list_undescribed_sheets(
    tables: Sequence[Table], mappings: Collection[TableMapping], drafts: Collection[Answers]
) -> list[Table]:
    """Return the sheets that neither a mapping nor a draft of their table reads."""
    in_drafts = [table for table in tables if any(table.sheet in (draft.sheets or [table.sheet]) for draft in drafts)]
    return [table for table in tables if table not in in_drafts and not list_mappings_reading(table, mappings)]


def find_saved_mapping(
    folder: Path, tables: Sequence[Table], flow: str, mappings: Iterable[TableMapping]
) -> SavedMapping | None:
    for mapping in mappings:
        if mapping.flow == flow and mapping.place and all(list_mappings_reading(table, [mapping]) for table in tables):
            return SavedMapping(mapping, folder / MAPPINGS / mapping.place.file)
    return None


def find_home(path: Path, place: str = MAPPINGS) -> Path | None:
    for at in (path, path.absolute()):
        if at.parent.name == place and (at.parent.parent / COUNTRY_FILE).is_file():
            return at.parent.parent
    return None


def check_figures_are_free(
    mapping: TableMapping,
    dataset: Dataset,
    tables: Sequence[Table],
    others: Iterable[TableMapping],
    catalogue: Catalogue,
) -> None:
    datasets = []
    for other in others:
        blocks = tuple(block for block in other.blocks if any(is_match(table.sheet, block.sheet) for table in tables))
        if blocks and is_match(tables[0].file, other.file):
            reading = replace(other, blocks=blocks, derived=())
            with suppress(SdmxmigError):
                datasets.append((other, conversion.convert(tables, reading, catalogue.flow(other.flow)).dataset))
    if datasets:
        check_read_once([*datasets, (mapping, dataset)])
