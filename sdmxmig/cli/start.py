"""``sdmxmig start``: guided start from a workbook."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.map import (
    MAX_SHOWN,
    MIN_SUBJECTS,
    WHAT_IS_COUNTED,
    describe_unused_notes,
    find_office_language,
    list_options,
    list_sheets,
    show_carried,
    write_declarations,
)
from sdmxmig.cli.options import LANGUAGE_OF_NAME, build_language_option
from sdmxmig.cli.terminal import FINDINGS, OK, STOP_REQUEST, next_step, say, show_for_answer, stage
from sdmxmig.io.publishing.folders import add_files, check_writable, make_folder
from sdmxmig.primitives.errors import InputError, SdmxmigError, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import join_texts, quote_path

if TYPE_CHECKING:
    from sdmxmig.conversion.suggestion import Question
    from sdmxmig.sdmx.model.data import Flow, SavedAnswer, Skip, TableMapping
    from sdmxmig.sdmx.words import Words
    from sdmxmig.workspace.proposals import TriedProposal
    from sdmxmig.workspace.tasks.drafts import MappingWork
    from sdmxmig.workspace.tasks.messages import IncomingMessage
    from sdmxmig.workspace.tasks.proposing import Material

COUNTRY_FILE = "country.toml"
LATER, NONE = "?", "0"
TERMINAL_KEYS = re.compile(r"\x1b(?:[\[O][0-9;]*[A-Za-z~])?")
"""Esc, arrows and other keys that a terminal sends as characters."""
BY_SHEET, OWN_FLOW, OWN_CODE = "by sheet", "own dataflow", "own code"
OWN_CODE_OF_LABEL = "A code of its own, which is added to your workspace"
OWN_FLOW_OF_TABLE, OWN_CHARACTERISTIC = (
    "Something else: create a dataflow for this table",
    "Another characteristic: create a dataflow with it",
)
About = tuple[str, str, str]
"""The sheet, part and label of a question."""


@click.command("start")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--area", default="", metavar="CODE", help="The reporting country, such as GE.")
@click.option("--dataflow", default="", metavar="ID", help="The dataflow, if you know it.")
@click.option("--encoding", default="", help="The encoding of a text file, if it is not detected correctly.")
@click.option("--delimiter", default="", help="The delimiter of a text file; “tab” for tabs.")
@build_language_option(help_=LANGUAGE_OF_NAME, default="")
def start_command(
    workbook: Path, folder: Path | None, area: str, dataflow: str, encoding: str, delimiter: str, language: str
) -> int:
    """Go from a WORKBOOK to findings, guided by questions: workspace, mapping, data, checks.

    If WORKBOOK is a folder, its tables become a new workspace, and the command for the first of them is shown.
    FOLDER is the workspace: by default the one around the workbook or the current folder, or a new one named after it.
    Sheets that count different things are mapped one after the other; those that a mapping reads are left out.
    Questions without a proposal come first, one at a time; then all answers and proposals are shown for confirmation.
    An empty line accepts a proposal, and ? postpones the question, except for the country and the dataflow. Open
    questions are written to a review workbook. Answers can also come from a file or a program, one per line.

    An SDMX data message needs no answers: its figures are assigned to the dataflows that they belong to.

    \b
    Examples:
      sdmxmig start stocks.xlsx
      sdmxmig start stocks.xlsx mycountry --area GE
      sdmxmig start folder-with-tables mycountry --area GE
      sdmxmig start permits.csv --area GE --encoding windows-1251
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.messages import find_message
    from sdmxmig.workspace.tasks.proposing import (
        add_currencies,
        add_note_sheets,
        check_flow,
        find_area_code,
        find_named_country,
        read_material,
        select_sheets,
    )

    if workbook.is_dir():
        if dataflow or encoding or delimiter:
            hint = "Leave out --dataflow, --encoding and --delimiter. Give them when you start with one table."
            raise SdmxmigError("These options are for one table, not for a folder.", Place(str(workbook)), hint)
        return start_with_folder(workbook, folder, area, language)
    home = folder or find_home(workbook)
    if not dataflow and (message := find_message(workbook)):
        return start_with_message(message, home, area, language)
    folder_there = home if (home / COUNTRY_FILE).is_file() else None
    with translated_errors(find_office_language(folder_there)):
        content = read_bytes(workbook)
        material = read_material(workbook, folder_there, encoding, delimiter, content=content)
        sheets = list_sheets_to_map(material, home, workbook)
        material = add_note_sheets(select_sheets(material, sheets), material)
    if material.remark:
        say(f"! {material.remark}")
    titled = "" if folder_there else find_named_country(material)
    area, language = find_office(home, area, language, titled=titled)
    files = find_new_files(home, workbook, content, area, language)
    area = find_area_code(area, material.catalogue)
    material = add_currencies(material, area)
    table = NewTable(workbook, content, home, files, area=area, language=language, text=(encoding, delimiter))
    with translated_errors(language):
        if dataflow:
            check_flow(dataflow, material.catalogue)
        groups = [sheets] if dataflow else group_sheets(material, sheets, language)
        are_ready = [*map_groups(table, material, groups, dataflow)]
    code = convert_and_validate(home) if all(are_ready) else FINDINGS
    suggest_next_table(home, material.catalogue.flows, language)
    return code


@dataclass(slots=True)
class NewTable:
    """A workbook that is described in the workspace `home`, and the `files` that are created with its first mapping.

    `text` is the encoding and the delimiter of a text file, if given.
    """

    workbook: Path
    content: bytes
    home: Path
    files: dict[str, bytes]
    _: KW_ONLY
    area: str
    language: str
    text: tuple[str, str]

    def read(self) -> Material:
        from sdmxmig.workspace.tasks.proposing import add_currencies, read_material

        folder = self.home if (self.home / COUNTRY_FILE).is_file() else None
        material = read_material(self.workbook, folder, *self.text, content=self.content)
        return add_currencies(material, self.area)

    def save(self, files: Mapping[str, bytes]) -> None:
        make_folder(self.home, {**self.files, **files}, "the argument FOLDER")
        if COUNTRY_FILE in self.files:
            stage("start", f"a workspace in {self.home}")
        self.files.clear()


def map_groups(table: NewTable, workbook: Material, groups: Sequence[tuple[str, ...]], dataflow: str) -> Iterator[bool]:
    """Map groups of sheets one after the other; yield for each that is mapped whether it can be converted."""
    from sdmxmig.workspace.tasks.proposing import add_note_sheets, select_sheets

    left: list[str] = []
    for number, sheets in enumerate(groups):
        if number:  # with the mapping and the codes of the last group
            workbook = table.read()
        material = add_note_sheets(select_sheets(workbook, sheets), workbook)
        mapped = map_sheets(table, material, sheets, dataflow, may_wait=len(groups) > 1)
        if mapped is None:
            left += sheets
        else:
            yield mapped
    if left and table.files:
        raise build_subject_error()
    if left:
        command = f"sdmxmig start {quote_path(table.workbook)} {quote_path(table.home)}"
        say(f"! Left for later: {', '.join(left)}. To map them: {command}")


def map_sheets(
    table: NewTable, material: Material, sheets: tuple[str, ...], dataflow: str, *, may_wait: bool
) -> bool | None:
    """Map the material of `sheets`; return whether they can be converted, or None if they are postponed."""
    from sdmxmig.workspace.tasks.drafts import choose_mapping_file
    from sdmxmig.workspace.tasks.first_tables import save_new_codes
    from sdmxmig.workspace.tasks.proposing import add_note_sheets, find_last_mappings, select_sheets

    if may_wait:
        show_for_answer(f"{', '.join(sheets)}:")
    last = find_last_mappings(material)
    flow = dataflow or find_flow_of_last_year(last, material)
    flow = flow or ask_for_flow(material, table.area, table.language, may_wait=may_wait)
    if not flow:
        return None

    def read_again(add: Callable[[], object]) -> Material:
        table.save({})
        add()
        workbook = table.read()
        return add_note_sheets(select_sheets(workbook, sheets), workbook)

    interview = Interview(
        material,
        flow,
        sheets=sheets,
        area=table.area,
        language=table.language,
        home=table.home,
        read_again=read_again,
        earlier=last.get(flow),
    )
    work, is_right = answer_proposal(interview)
    path = table.home / choose_mapping_file(table.home, work.answers)
    table.save(build_proposed_files(work, interview.material, path, table.language))
    if new_codes := save_new_codes(table.home, work.tried.proposal.mapping, work.tried.flow):
        stage("codes", new_codes)
    return show_mapped(path, work, area=table.area, is_right=is_right)


def group_sheets(material: Material, sheets: tuple[str, ...], language: str) -> list[tuple[str, ...]]:
    """Return the sheets of each subject and show them; return all `sheets` together if there are not several."""
    from sdmxmig.workspace.tasks.proposing import map_likeliest_by_sheet

    groups: dict[str, list[str]] = {}
    by_sheet = map_likeliest_by_sheet(material)
    for name, option in by_sheet.items():
        groups.setdefault(option.flow if option else "", []).append(name)
    if len({*groups} - {""}) < MIN_SUBJECTS:
        return [sheets]
    for line in list_sheets(by_sheet, language):
        show_for_answer(line)
    return [tuple(names) for names in groups.values()]


def find_home(workbook: Path) -> Path:
    """Return the workspace around a table or the current folder; otherwise a new folder named after the table."""
    above = (Path(os.path.relpath(folder)) for folder in (*workbook.absolute().parents, *Path.cwd().parents))
    new = Path(re.sub(r"[^\w-]+", "-", workbook.stem).strip("-").lower() or "country")
    folders = (*workbook.parents, Path(), *above)
    return next((folder for folder in folders if (folder / COUNTRY_FILE).is_file()), new)


@contextmanager
def translated_errors(language: str) -> Iterator[None]:
    """Translate errors into the language of the office."""
    try:
        yield
    except SdmxmigError as error:
        from sdmxmig.web.guidance import translate_error

        translate_error(error, language)
        raise


def suggest_next_table(home: Path, flows: Mapping[str, Flow], language: str) -> None:
    """Show the command for the next table without a mapping or draft."""
    from sdmxmig.catalogue.folders import read_words_in
    from sdmxmig.workspace.folder import open_workspace
    from sdmxmig.workspace.tasks.converting import list_tables_to_map

    tables = list_tables_to_map(open_workspace(home), flows)
    if tables:
        command = f"sdmxmig start {quote_path(tables[0])} {quote_path(home)}"
        message = "Tables without a mapping: {count}. Map the next one: {command}"
        next_step(read_words_in("web", language).say(message, count=len(tables), command=command))


def list_sheets_to_map(material: Material, home: Path, workbook: Path) -> tuple[str, ...]:
    """Return the sheets that no mapping or draft reads; empty if none is read yet.

    Raises `SdmxmigError` if all are read, or if a mapping reads a sheet that is missing.
    """
    from sdmxmig.conversion.mapping.grid import is_match
    from sdmxmig.workspace.folder import open_workspace
    from sdmxmig.workspace.tasks.drafts import (
        choose_review_file,
        list_undescribed_sheets,
        name_draft,
        read_drafts,
        suggest_mapping_step,
    )
    from sdmxmig.workspace.tasks.mapping_files import list_missing_sheets
    from sdmxmig.workspace.tasks.proposing import has_figures

    mappings = [mapping for mapping in material.mappings if is_match(workbook.name, mapping.file)]
    drafts = [draft for draft in read_drafts(home)[0] if draft.table == workbook.name]
    if not mappings and not drafts:
        return ()
    free = list_undescribed_sheets(material.tables, mappings, drafts)
    sheets = tuple(table.sheet for table in free if has_figures(material, table))
    if sheets and not list_missing_sheets(mappings, material.tables):
        return sheets
    if drafts:
        draft, review = drafts[0], choose_review_file(home, drafts[0])
        again = f"sdmxmig mapping remove {quote_path(home)} {quote_path(name_draft(draft))}"
        hint = f"To begin again, remove the draft ({again}). {suggest_mapping_step(open_workspace(home), draft)}"
        raise SdmxmigError(f"{workbook.name} already has a list of open questions.", Place(str(review)), hint)
    path = home / "mappings" / (mappings[0].place.file if mappings[0].place else mappings[0].id)
    hint = (
        f"To use a newer version of the table, copy it into {home / 'tables'} "
        f"and convert it (sdmxmig run {quote_path(home)}). "
        f"To map it again, first run: sdmxmig mapping remove {quote_path(home)} {path.stem}"
    )
    raise SdmxmigError(f"{workbook.name} is already mapped.", Place(str(path)), hint)


def show_mapped(path: Path, work: MappingWork, *, area: str, is_right: bool) -> bool:
    """Show the mapping, or its open questions; return whether it can be converted."""
    from sdmxmig.conversion.suggestion.answers import Answers
    from sdmxmig.workspace.tasks.correcting import write_correct_command
    from sdmxmig.workspace.tasks.drafts import (
        choose_mapping_file,
        choose_review_file,
        name_draft_file,
        write_map_command_of_draft,
    )

    home, table = path.parent.parent, work.answers.table
    if work.tried.open:
        stage("draft", str(home / name_draft_file(work.answers)))
        command = write_map_command_of_draft(home, area, work.answers)
        review = choose_review_file(home, work.answers)
        for question in work.tried.open:
            if question.part == "totals" and question.place:
                say(f"To correct a figure: {write_correct_command(home, question.place, 'FIGURE', None)}")
        next_step(f"answer the {write_count(len(work.tried.open), 'open line')} in {review}, then run: {command}")
        return False
    stage("map", str(path))
    if work.tried.proposal.mapping.leaves_out_a_flow:
        other = choose_mapping_file(home, Answers(table, "DATAFLOW"))
        command = f"sdmxmig map {quote_path(home / 'tables' / table)} DATAFLOW -o {quote_path(home / other)}"
        say(f"! The figures of another dataflow are left out. To map them too, name it: {command}")
    if not is_right:
        next_step("correct the mapping in", path)
    return is_right


def start_with_message(message: IncomingMessage, home: Path, area: str, language: str) -> int:
    """Convert and validate an SDMX message without questions."""
    from sdmxmig import catalogue
    from sdmxmig.cli.map import show_message_summary
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.messages import list_reporting_areas
    from sdmxmig.workspace.tasks.proposing import find_area_code

    is_workspace = (home / COUNTRY_FILE).is_file()
    declared = catalogue.load(home if is_workspace else None)
    area = find_area_code(area, declared)
    carried = message.carry_over(declared)
    show_message_summary(carried, find_office_language(home if is_workspace else None))
    if not carried.datasets:
        return FINDINGS
    areas = list_reporting_areas(carried)
    area, language = find_office(home, area or (areas[0] if len(areas) == 1 else ""), language)
    files = find_new_files(home, message.path, read_bytes(message.path), area, language)
    make_folder(home, files, "the argument FOLDER")
    if COUNTRY_FILE in files:
        stage("start", f"a workspace in {home}")
    return convert_and_validate(home)


def start_with_folder(source: Path, folder: Path | None, area: str, language: str) -> int:
    """Create a workspace with the tables of a folder, list them, and show the first one to map."""
    from sdmxmig.workspace.tasks.first_tables import create_workspace_with_tables, name_folder, read_tables

    if (source / COUNTRY_FILE).is_file():
        hint = f"See what is next with: sdmxmig status {quote_path(source)}"
        raise SdmxmigError("This folder is already a workspace.", Place(str(source)), hint)
    home = folder or Path(f"{name_folder(source.resolve().name)}-workspace")
    if (home / COUNTRY_FILE).is_file():
        hint = f"Name a new folder, or see what is next with: sdmxmig status {quote_path(home)}"
        raise SdmxmigError("This workspace exists already.", Place(str(home)), hint)
    check_writable(home, "the argument FOLDER")
    tables, left_out = read_tables(source)
    for reason in left_out:
        say(f"! {reason}")
    titled = "" if area else find_country_of_tables(tables)
    create_workspace_with_tables(home, tables, country=find_reporting_country(area, titled), language=language)
    stage("start", f"{write_count(len(tables), 'table')} in {home}")
    for name in tables:
        say(f"  {name}")
    next_step(f"sdmxmig start {quote_path(home / 'tables' / next(iter(tables)))}", home)
    return OK


def find_country_of_tables(tables: Mapping[str, bytes]) -> str:
    """Return the only country named in the titles of tables; empty if there are several or none."""
    from sdmxmig.workspace.tasks.proposing import find_named_country, read_material

    countries = set()
    for name, content in tables.items():
        with suppress(SdmxmigError):
            countries.add(find_named_country(read_material(Path(name), None, content=content)))
    named = countries - {""}
    return named.pop() if len(named) == 1 else ""


def find_reporting_country(area: str, titled: str = "") -> str:
    """Ask for the country if there is no `area`; an empty answer accepts the country named in titles."""
    from sdmxmig.workspace.tasks.first_tables import UnknownCountryError, find_country_code, index_country_names

    proposed = index_country_names(titled)["en"] if titled else ""
    named = area or ask("Reporting country (name, or two letters such as GE)", proposed)
    if named in ("", LATER):
        raise SdmxmigError("The reporting country is missing.", hint="Name it with --area, such as --area GE.")
    try:
        find_country_code(named)
    except UnknownCountryError as error:
        error.hint += f" For a fictional country: sdmxmig init FOLDER --table FILE --area {quote_path(named)} --made-up"
        raise
    return named


def find_office(home: Path, area: str, language: str, *, titled: str = "") -> tuple[str, str]:
    """Return the country and language of a workspace, or ask for the country; `titled` is the country in titles."""
    from sdmxmig.workspace.folder import open_workspace
    from sdmxmig.workspace.tasks.first_tables import check_language, detect_name_language, find_country_code

    check_writable(home, "the argument FOLDER")
    if (home / COUNTRY_FILE).is_file():
        country = open_workspace(home).country
        return area or country.area, check_language(language) or country.language
    if home.exists() and any(home.iterdir()):
        raise SdmxmigError("This folder is not empty.", Place(str(home)), "Name a new folder, or a workspace.")
    chosen = check_language(language)
    named = find_reporting_country(area, titled)
    return find_country_code(named), chosen or detect_name_language(named)


def find_new_files(home: Path, workbook: Path, content: bytes, area: str, language: str) -> dict[str, bytes]:
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.first_tables import write_country_file

    files: dict[str, bytes] = {}
    if not (home / COUNTRY_FILE).is_file():
        files[COUNTRY_FILE] = write_country_file(area, language=language).encode()
    target = home / "tables" / workbook.name
    if not target.is_file():
        files[f"tables/{workbook.name}"] = content
    elif read_bytes(target) != content:
        raise SdmxmigError(
            "The workspace has another table of this name.", Place(str(target)), "Rename one of the two."
        )
    return files


def find_flow_of_last_year(last: Mapping[str, TableMapping], material: Material) -> str:
    """Return the dataflow of the only mapping of a table with these texts, if the table does not name others."""
    from sdmxmig.workspace.tasks.proposing import require_table_subject

    flow = next((each.flow for each in material.mappings if [each] == [*last.values()]), "")
    question = require_table_subject(material) if flow else None
    likely = {option.flow for option in question.options if option.reasons} if question else set()
    return flow if question and question.flow in ("", flow) and (not likely or flow in likely) else ""


def ask_for_flow(material: Material, area: str, language: str, *, may_wait: bool = False) -> str:
    """Ask for the subject until it fits the table; an empty answer accepts the evident dataflow, or is asked again.

    Returns an empty text for sheets that `may_wait`, if the answer is `LATER`.
    """
    from sdmxmig.catalogue.folders import read_words_in
    from sdmxmig.workspace.tasks.proposing import check_flow, require_table_subject, try_proposal

    question, words = require_table_subject(material), read_words_in("web", language)
    options = (*question.options, *question.others)
    later = [f"{LATER}. {read_words_in('mapping', language).say('Decide later')}"] if may_wait else []
    for line in (*list_options(question, language), f"{NONE}. {words.say(OWN_FLOW_OF_TABLE)}", *later):
        show_for_answer(line)
    is_repeated = False
    while True:
        answer = ask(f"{words.say(WHAT_IS_COUNTED)} {words.say('A number or the id of a dataflow')}", question.flow)
        if answer == LATER and may_wait:
            return ""
        if answer in ("", LATER) and is_repeated:
            raise build_subject_error([option.flow for option in question.options if option.reasons])
        if answer == NONE:
            return OWN_FLOW
        if answer in ("", LATER) or (answer.isdecimal() and not 0 < int(answer) <= len(options)):
            is_repeated = answer in ("", LATER)
            message = "Give a number from 0 to {count}, or the id of a dataflow."
            show_for_answer(f"    {words.say(message, count=len(options))}")
            continue
        answer = options[int(answer) - 1].flow if answer.isdecimal() else answer
        try:
            check_flow(answer, material.catalogue)
            try_proposal(material, answer, area=area, decisions={})
        except SdmxmigError as error:
            show_refusal(error, language)
            show_for_answer(f"{NONE}. {words.say(OWN_FLOW_OF_TABLE)}")
            continue
        return answer


def build_subject_error(likely: Sequence[str] = ()) -> SdmxmigError:
    hint = f"Name it with --dataflow ID.{f' Likely: {join_texts(likely)}.' if likely else ''}"
    return SdmxmigError("The other questions depend on what the figures count.", hint=hint)


def answer_proposal(interview: Interview) -> tuple[MappingWork, bool]:
    """Ask the questions without a proposal one by one, then confirm all answers.

    Returns the mapping in progress, and whether the answers are confirmed. Proposals become decisions only then.
    """
    if interview.flow == OWN_FLOW:
        interview.use_own_flow()
    while True:
        tried = interview.try_answers()
        waiting = [question for question in tried.open if identify_question(question) not in interview.postponed]
        single = next((question for question in waiting if interview.is_single(question)), None)
        if single:
            interview.ask(single, [question for question in waiting if is_alike(question, single)])
        elif waiting:
            interview.propose(waiting)
        elif tried.open and not interview.proposals:
            return interview.build_work(tried), False
        else:
            flows = interview.material.catalogue.flows
            changes = confirm_answers(tried, flows, interview.list_answers(), interview.language)
            if changes is None:
                interview.proposals.clear()
                return interview.build_work(interview.try_answers()), False
            if not changes:
                interview.accept_proposals()
                return interview.build_work(tried), True
            for question in changes:
                interview.ask_again(question)


@dataclass(slots=True)
class Interview:
    """The answers about a table so far.

    `questions` are those with an answer or a proposal, in their order. `proposals` are shown together and not
    decided yet; those that contradicted others are `refused` and asked one at a time. `read_again` reads the material
    after an addition to the workspace `home`. The answers of the `earlier` mapping of such a table are `carried` over.
    """

    material: Material
    flow: str
    _: KW_ONLY
    sheets: tuple[str, ...]
    area: str
    language: str
    home: Path
    read_again: Callable[[Callable[[], object]], Material]
    decisions: dict[About, str] = field(default_factory=dict)
    questions: dict[About, Question] = field(default_factory=dict)
    proposals: set[About] = field(default_factory=set)
    refused: set[About] = field(default_factory=set)
    postponed: set[About] = field(default_factory=set)
    earlier: TableMapping | None = None
    carried: tuple[SavedAnswer, ...] | None = None

    def try_answers(self) -> TriedProposal:
        """Try the decisions and proposals; withdraw contradictory ones, starting with the latest."""
        from sdmxmig.workspace.tasks.proposing import check_proposed

        while True:
            try:
                tried = self.propose_mapping()
            except InputError as error:  # such as two lines for one dimension
                if self.proposals:
                    self.refused |= self.proposals
                    self.proposals.clear()
                elif self.decisions:
                    show_refusal(error, self.language)
                    self.decisions.popitem()
                else:
                    raise
            else:
                check_proposed(tried, self.flow, self.material)
                return tried

    def propose_mapping(self) -> TriedProposal:
        from sdmxmig.conversion.suggestion.answers import Answers
        from sdmxmig.workspace.proposals import propose, propose_like

        tables, catalogue, recogniser = self.material.tables, self.material.catalogue, self.material.recogniser
        decisions = self.decisions | self.proposed_codes
        area, mappings, language = self.area, self.material.mappings, self.language
        if self.earlier is None:
            return propose(
                tables,
                self.flow,
                catalogue,
                recogniser,
                area=area,
                decisions=decisions,
                mappings=mappings,
                language=language,
            )
        about = Answers(tables[0].file, self.flow, decisions=decisions)
        tried, carried = propose_like(
            self.earlier, tables, about, catalogue, recogniser, area=area, mappings=mappings, language=language
        )
        if self.carried is None:
            show_carried(carried, f"{self.earlier.place.file if self.earlier.place else ''} ({self.flow})")
        self.carried = carried.answers
        return tried

    @property
    def proposed_codes(self) -> dict[About, str]:
        return {about: self.questions[about].chosen.code for about in self.questions if about in self.proposals}

    def propose(self, questions: Iterable[Question]) -> None:
        seen = {identify_question(question): question for question in questions}
        self.questions |= seen
        self.proposals |= seen.keys()

    def is_single(self, question: Question) -> bool:
        about = identify_question(question)
        return not question.has_proposal or about in self.refused or about in self.proposals

    def ask(self, question: Question, alike: Sequence[Question] = ()) -> None:
        """Ask a question; offer an answer that fits any label for the questions that are `alike`."""
        from sdmxmig.conversion.suggestion.questions import LEAVE_OUT
        from sdmxmig.conversion.suggestion.wording import find_named_part

        self.proposals.clear()  # the answer may change them
        answers = ask_for_answers(question, self.material, self.flow, self.language)
        if answers[0][1] == OWN_FLOW:
            self.use_own_flow()
            return
        own = {each.label: each.label if answer == OWN_CODE else find_named_part(answer) for each, answer in answers}
        fits_any = answers[0][1] in (LEAVE_OUT, OWN_CODE) or own[question.label] == question.label
        if alike and fits_any and confirm_same_answer(alike, self.language):
            answers += [(each, answers[0][1]) for each in alike]
            own |= {each.label: each.label for each in alike if own[question.label]}
        try:
            codes = self.add_own_codes(question.part, [*filter(None, own.values())])
        except SdmxmigError as error:
            show_refusal(error, self.language)
            self.ask(question, alike)
            return
        for each, answer in answers:
            about, name = identify_question(each), own.get(each.label)
            code = codes[name] if name else answer
            if code and about not in self.decisions:
                self.decisions[about], self.questions[about] = code, each
            else:
                self.postponed.add(about)

    def use_own_flow(self) -> None:
        """Begin again with a dataflow that has the characteristics of the table."""
        from sdmxmig.conversion.suggestion.new_flow import build_code, make_unique

        stem, flows = Path(self.material.tables[0].file).stem, self.material.catalogue.flows
        self.flow, self.earlier = make_unique(f"DF_{build_code(stem) or 'TABLE'}", {*flows}), None
        declared = write_declarations(self.material, self.flow, "", self.area)
        self.material = self.read_again(lambda: add_files(self.home, declared, "the argument FOLDER"))
        for answered in (self.decisions, self.questions, self.proposals, self.refused, self.postponed):
            answered.clear()

    def add_own_codes(self, part: str, names: Sequence[str]) -> dict[str, str]:
        """Add parts of the country or labels to a list of the workspace; return their codes or those of their names."""
        from sdmxmig.conversion.suggestion.answers import interpret_answer
        from sdmxmig.conversion.suggestion.questions import AREA_PARTS
        from sdmxmig.conversion.suggestion.wording import find_codelist
        from sdmxmig.workspace.tasks.first_tables import AREA_LIST, add_own_codes

        if not names:
            return {}
        listed = find_codelist(part, self.material.catalogue.flow(self.flow))
        list_name = AREA_LIST if part in AREA_PARTS or listed is None else listed.ref.short
        self.material = self.read_again(lambda: add_own_codes(self.home, names, list_name))
        flow = self.material.catalogue.flow(self.flow)
        codes = {name: interpret_answer(part, name, flow, self.language) for name in names}
        return {name: code if code in (find_codelist(part, flow) or ()) else "" for name, code in codes.items()}

    def ask_again(self, question: Question) -> None:
        self.decisions.pop(identify_question(question), None)
        self.ask(question)

    def list_answers(self) -> list[tuple[Question, str]]:
        codes = self.decisions | self.proposed_codes
        return [(question, codes[about]) for about, question in self.questions.items() if about in codes]

    def accept_proposals(self) -> None:
        self.decisions |= self.proposed_codes

    def build_work(self, tried: TriedProposal) -> MappingWork:
        from sdmxmig.conversion.suggestion.answers import Answers, add_entries
        from sdmxmig.workspace.tasks.drafts import MappingWork

        proposed = {about: self.questions[about].chosen.code for about in self.decisions}
        file, decisions = self.material.tables[0].file, self.decisions
        answers = Answers(file, self.flow, sheets=self.sheets, decisions=decisions, proposed=proposed)
        return MappingWork(add_entries(answers, self.carried or ()), tried)


def is_alike(question: Question, other: Question) -> bool:
    """Check whether two questions ask for the code of different labels of one characteristic, without a proposal."""
    return (
        question.part.startswith("codes ")
        and (question.sheet, question.part) == (other.sheet, other.part)
        and question.label != other.label
        and not question.has_proposal
    )


def confirm_same_answer(alike: Sequence[Question], language: str) -> bool:
    from sdmxmig.catalogue.folders import read_words_in
    from sdmxmig.conversion.suggestion.wording import list_translations

    words, labels = read_words_in("mapping", language), ", ".join(f"“{question.label}”" for question in alike)
    asked = words.say("The same answer for the other labels without a code: {labels}?", labels=labels)
    return ask(f"    {asked} {words.say('y or n')}", "n").lower() in {"y", *list_translations("Yes")}


def ask_for_answers(question: Question, material: Material, flow: str, language: str) -> list[tuple[Question, str]]:
    """Ask a question, once for each sheet if they differ; an empty answer postpones it."""
    answer = ask_for_answer(question, material, flow, language)
    if answer != BY_SHEET:
        return [(question, answer)]
    apart = [replace(question, sheet=sheet, sheets=()) for sheet in question.sheets]
    return [(question, ""), *((each, ask_for_answer(each, material, flow, language)) for each in apart)]


def identify_question(question: Question) -> About:
    return question.sheet, question.part, question.label


def ask_for_answer(question: Question, material: Material, flow: str, language: str) -> str:
    """Ask a question; return a code, `BY_SHEET`, the name of a part of the country, or empty to postpone it."""
    from sdmxmig.catalogue.folders import read_words_in
    from sdmxmig.conversion.suggestion.answers import (
        check_decision,
        interpret_answer,
        list_choices,
        may_differ_by_sheet,
        may_have_own_code,
    )
    from sdmxmig.conversion.suggestion.new_flow import AGENCY
    from sdmxmig.conversion.suggestion.questions import AREA, AREA_PARTS
    from sdmxmig.conversion.suggestion.title_values import MAX_OFFERED
    from sdmxmig.conversion.suggestion.wording import (
        describe_answer_code,
        describe_question_in_full,
        find_codelist,
        find_named_part,
    )

    asked_flow, words = material.catalogue.flow(flow), read_words_in("mapping", language)
    show_for_answer(f"? {describe_question_in_full(question, asked_flow, language)}")
    codes = list_choices(question, asked_flow)
    others = {AREA: "A part of the country"} if question.part in AREA_PARTS else {}
    others |= {OWN_CODE: OWN_CODE_OF_LABEL} if may_have_own_code(question, asked_flow) else {}
    others |= {BY_SHEET: "Different by sheet"} if may_differ_by_sheet(question, asked_flow) else {}
    is_own = asked_flow.structure.ref.agency == AGENCY
    others |= {OWN_FLOW: OWN_CHARACTERISTIC} if question.part.startswith("line ") and not is_own else {}
    other_by_number = {str(number): other for number, other in enumerate(others, start=len(codes) + 1)}
    for number, code in enumerate(codes, start=1):
        proposed = f" ({words.say('proposed')})" if question.has_proposal and code == question.chosen.code else ""
        show_for_answer(f"    {number}. {describe_answer_code(code, question, asked_flow, language)}{proposed}")
    for key, other in other_by_number.items():
        show_for_answer(f"    {key}. {words.say(others[other])}")
    show_for_answer(f"    {LATER}. {words.say('Decide later')}")
    if len(find_codelist(question.part, asked_flow) or ()) > MAX_OFFERED:
        show_for_answer(f"    {words.say('Or type another name or code.')}")
    while True:
        answer = ask(f"    {words.say('Answer')}", "1" if question.has_proposal else LATER)
        if answer in other_by_number and answer not in codes:
            return name_part(words, question.label) if other_by_number[answer] == AREA else other_by_number[answer]
        if answer.isdecimal() and 0 < int(answer) <= len(codes) and answer not in codes:
            answer = codes[int(answer) - 1]
        if answer == LATER:
            return ""
        if question.part in AREA_PARTS and find_named_part(answer):
            return answer
        answer = interpret_answer(question.part, answer, asked_flow, language)
        try:
            check_decision(
                question.part,
                answer,
                asked_flow,
                Place("the answer"),
                label=question.label,
                proposed=question.chosen.code,
            )
        except SdmxmigError as error:
            show_refusal(error, language)
            continue
        return answer


def show_refusal(error: SdmxmigError, language: str) -> None:
    """Show in the office's language why an answer cannot be used."""
    from sdmxmig.web.guidance import translate_error

    translate_error(error, language)
    show_for_answer(f"    {error.message} {error.hint}")


def name_part(words: Words, label: str) -> str:
    """Ask for the name of a part of the country, such as `label`; return the answer, or empty to postpone it."""
    from sdmxmig.conversion.suggestion.wording import NAMED_PART

    name = ask(f"    {words.say('Name of the part')}", label or LATER)
    return "" if name == LATER else words.say(NAMED_PART, label=name)


def ask(question: str, default: str = "") -> str:
    """Return the answer; `LATER` for Esc, or if the input ends at a default. A stop signal ends the command."""
    STOP_REQUEST.install_handlers()  # polars replaces the handler by one that does not interrupt input
    try:
        typed = str(click.prompt(question, default=default, err=True, show_default=bool(default)))
    except click.Abort:
        if STOP_REQUEST.is_asked:
            click.echo(err=True)
            raise
        return LATER if default else ""
    return TERMINAL_KEYS.sub("", typed).strip() or (LATER if TERMINAL_KEYS.search(typed) else "")


def build_proposed_files(work: MappingWork, material: Material, path: Path, language: str) -> dict[str, bytes]:
    """Return the mapping file `path`, or draft and review workbook if questions are open, by path in the workspace."""
    from sdmxmig.conversion.suggestion.answers import write_answers
    from sdmxmig.conversion.suggestion.review_workbook import write_review
    from sdmxmig.workspace.tasks.drafts import choose_review_file, name_draft_file, render_mapping

    tried = work.tried
    if not tried.open:
        return {f"mappings/{path.name}": render_mapping(work, material, path).encode()}
    review = write_review(
        tried.proposal,
        tried.questions,
        work.answers,
        tried.examples,
        material.tables,
        tried.flow,
        language=language,
    )
    return {
        name_draft_file(work.answers): write_answers(work.answers),
        choose_review_file(Path(), work.answers).as_posix(): review,
    }


def confirm_answers(
    tried: TriedProposal, flows: Mapping[str, Flow], answers: Sequence[tuple[Question, str]], language: str
) -> list[Question] | None:
    """Show sample figures and all answers; return the questions to ask again, or None if not confirmed."""
    from sdmxmig.catalogue.folders import read_words_in
    from sdmxmig.conversion.suggestion.wording import describe_answer, list_translations
    from sdmxmig.workspace.tasks.codelists import find_flow_name

    for example in tried.examples:
        show_for_answer(f"  {example.sentence}")
    words = read_words_in("mapping", language)
    if also := tried.proposal.mapping.also:
        names = join_texts([f"{find_flow_name(flows[flow], language)} ({flow})" for flow in also], language)
        show_for_answer(f"  {words.say('These figures also become: {names}.', names=names)}")
    for line in list_left_out(tried.proposal.mapping):
        show_for_answer(f"  left out: {line}")
    for line in describe_unused_notes(tried, language):
        show_for_answer(f"  {line}")
    with_sheet = len(tried.proposal.regions) > 1
    for number, (question, answer) in enumerate(answers, start=1):
        line = describe_answer(question, answer, tried.flow, language, with_sheet=with_sheet)
        show_for_answer(f"  {number}. {line}")
    yes, no = {"y", *list_translations("Yes")}, {"n", *list_translations("No"), LATER}
    keys = words.say("y, n, or the numbers to change" if answers else "y or n")
    while True:
        given = ask(f"{words.say('Is all of this right?')} {keys}", "y").lower()
        if given in yes | no:
            return [] if given in yes else None
        numbers = re.findall(r"[^\s,;،，、]+", given)
        if numbers and all(each.isdecimal() and 0 < int(each) <= len(answers) for each in numbers):
            return [answers[int(each) - 1][0] for each in dict.fromkeys(numbers)]
        show_for_answer(f"    {words.say('Answer')}: {keys}")


def list_left_out(mapping: TableMapping) -> Iterator[str]:
    labels_by_reason: dict[str, dict[str, None]] = {}
    for block in mapping.blocks:
        for skip in (*block.skip_rows, *block.skip_columns):
            labels_by_reason.setdefault(skip.reason, {})[label_skip(skip)] = None
    for reason, labels in labels_by_reason.items():
        more = f" and {len(labels) - MAX_SHOWN} more" if len(labels) > MAX_SHOWN else ""
        yield f"{', '.join([*labels][:MAX_SHOWN])}{more}: {reason}"


def label_skip(skip: Skip) -> str:
    return f"“{skip.match}” in column {skip.column}" if skip.column else f"“{skip.match}”"


def convert_and_validate(home: Path) -> int:
    """Convert and validate the workspace; return the higher exit code."""
    from sdmxmig.cli.pipeline import convert_command
    from sdmxmig.cli.quality import validate_command

    of_start = click.get_current_context()  # inherits --quiet
    steps: Sequence[Callable[[], object]] = (
        lambda: convert_command.main([str(home)], standalone_mode=False, parent=of_start),
        lambda: validate_command.main([str(home)], standalone_mode=False, parent=of_start),
    )
    codes = [step() for step in steps]
    return max(code if isinstance(code, int) else OK for code in codes)
