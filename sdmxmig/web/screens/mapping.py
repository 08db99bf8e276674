"""Mapping screen: sheet and proposal."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sdmxmig.conversion.mapping.grid import matches
from sdmxmig.conversion.suggestion.answers import OF_FIGURES, Answers, check_decision, choices, decided, with_answer
from sdmxmig.conversion.suggestion.counted import CountedQuestion
from sdmxmig.conversion.suggestion.other_measures import ELSEWHERE
from sdmxmig.conversion.suggestion.preview import examples
from sdmxmig.conversion.suggestion.questions import EVERYWHERE, LEAVE_OUT, TITLE, Question
from sdmxmig.conversion.suggestion.stated_rules import usual_values
from sdmxmig.conversion.suggestion.wording import ANSWERS_ABOUT_TEXTS, answer_in_words, asked_in_words
from sdmxmig.conversion.suggestion.year_statements import NOTE, label_of, where_of
from sdmxmig.io.publishing.lock import Busy
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name, cell_position, column_name
from sdmxmig.quality.rules.words import name_of, spoken_name
from sdmxmig.web.desk import stamp_of as file_stamp
from sdmxmig.web.screens import Action, Screen, See, Shown, Visit, error_facts
from sdmxmig.workspace.edited_mappings import edited
from sdmxmig.workspace.proposals import TriedProposal, propose
from sdmxmig.workspace.tasks.correcting import table_of
from sdmxmig.workspace.tasks.drafts import (
    MAPPINGS,
    MappingWork,
    SavedMapping,
    checked_mapping_file,
    draft_file,
    drafts_in,
    free_mapping_file,
    map_command_line,
    mappings_reading,
    open_mapping,
    read_draft,
    remove_draft,
    save_mapping,
    saved_mapping,
    sheets_without_mapping,
    text_of,
    write_draft,
)
from sdmxmig.workspace.tasks.history import Conflict, recorded
from sdmxmig.workspace.tasks.lists import by_theme, in_which
from sdmxmig.workspace.tasks.lists import called as flow_name
from sdmxmig.workspace.tasks.messages import IncomingMessage, message_in
from sdmxmig.workspace.tasks.own_tables import remove_mapping, rename_mapping, rename_sheet
from sdmxmig.workspace.tasks.proposal_lines import (
    STATES,
    UNSURE,
    Line,
    Scope,
    asked_cells,
    concerning,
    counts_of,
    is_wanted,
    lines_of,
    notes_at,
    observations,
    reading_of,
    sayable,
    sayable_of_figures,
    scopes_of,
    unsaid_lines,
)
from sdmxmig.workspace.tasks.proposing import (
    Material,
    check_flow,
    missing_sheets,
    of_sheets,
    recogniser_of,
    text_format_of,
    what_is_counted,
)
from sdmxmig.workspace.tasks.sheet_views import FATES, counts_by_sheet, direction_of, fates_of, window
from sdmxmig.workspace.tasks.talk import quoted

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.conversion.recognition import Recogniser
    from sdmxmig.sdmx.model.data import Flow, TableMapping
    from sdmxmig.sdmx.model.tables import Table
    from sdmxmig.workspace.tasks.session import Session

ROWS, LINES, OBSERVATIONS, SENTENCES = 60, 40, 20, 3
MOST = 2_000_000
SLOTS = 8
"""So many proposals are kept at most."""
LARGEST = 1_000_000
"""So many cells the chosen sheets have at most."""
FEWEST_FIGURES = 4
"""So many figures a sheet has at least, if it is no cover."""
LONGEST_LIST = 1_000
"""A longer list of codes is not offered as a whole; its codes may be written."""
LARGEST_FILE = 20_000_000
"""Maximum bytes of a file proposed in the browser."""
OF_CODES, OF_DIMENSIONS, DIMENSIONS = ("codes", "fixed", NOTE), ("line", "sheet"), "dimensions"
IN_WORDS = ("fixed", "codes", "line", "values", TITLE)
LONGEST_ANSWER = 300
OPEN_AGAIN = "?"
"""The answer that takes an earlier one back."""
UNKNOWN = "Nowhere at all"
KEPT_IN_PATH = ("file", "flow", "sheet", "show", "row", "only", "cell")


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A mapping in progress."""

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
        return f"{MAPPINGS}/{saved.path.name}" if saved else free_mapping_file(self.folder, self.answers)

    @property
    def flow(self) -> Flow:
        return self.material.catalogue.flow(self.answers.flow)

    @property
    def folder(self) -> Path:
        return self.session.workspace.folder


def show(visit: Visit) -> Shown:
    """Show tables with their mappings; for the chosen one its lines beside the sheet."""
    session = visit.desk.session()
    mappings, errors = mappings_in(visit, session)
    drafts, trouble = drafts_in(visit.desk.folder)
    facts: dict[str, Any] = {"tables": [], "choose": None, "proposal": None, "message": None}
    facts["tables"] = [with_drafts_in_place(file) for file in tables_facts(visit, session, mappings, drafts)]
    facts |= {"left": sheet_left(facts["tables"]), "trouble": None, "refused": None, "typed": {}, "typed_elsewhere": []}
    facts["broken"] = [
        {**error_facts(error), "file": Path(error.place.file).name if error.place and error in errors else ""}
        for error in (*errors, *trouble)
    ]
    name = visit.asked.get("file", "")
    if not name:
        return Shown(facts, command=f"sdmxmig map {session.workspace.folder / 'tables'}/WORKBOOK")
    path = table_of(session, name)
    if "flow" not in visit.asked and message_at(visit, path) and not is_mapped(path, mappings):
        facts["message"] = message_facts(visit, session, path)
        return Shown(facts, command=f"sdmxmig map {quoted(path)}")
    material = chosen_material(visit, session, name, sheets_in(visit.asked))
    flow = visit.asked.get("flow", "") or saved_flow(material, mappings)
    about = Answers(name, flow, sheets=sheets_in(visit.asked))
    if not flow:
        facts["choose"] = flows_facts(visit, material, about)
        flow = facts["choose"]["sure"]
        about = Answers(name, flow, sheets=about.sheets)
    command = map_command_line(session, about, is_answered=False)
    if flow:
        check_flow(flow, material.catalogue)
        facts["choose"] = facts["choose"] or flows_facts(visit, material, about, is_ranked=False)
        meant = meant_by(visit, session, about)
        facts["trouble"], work = worked(visit, session, meant)
        if work:
            facts["proposal"] = proposal_facts(visit, work, mappings)
            command = command_for(work)
    return Shown(facts, command=command)


def message_at(visit: Visit, path: Path) -> IncomingMessage | None:
    return visit.desk.kept(f"message {path.name}", lambda: message_in(path), path)


def is_mapped(path: Path, mappings: Iterable[TableMapping]) -> bool:
    return any(matches(path.name, mapping.file) for mapping in mappings)


def message_facts(visit: Visit, session: Session, path: Path) -> dict[str, Any] | None:
    """Describe the converted figures of an SDMX message and its omissions; None for other files."""
    message = message_at(visit, path)
    if message is None:
        return None
    about = session.catalogue
    carried = visit.desk.kept(f"carried {path.name}", lambda: message.carried_over(about), path, about=id(about))
    return {
        "file": path.name,
        "named": list(carried.named),
        "datasets": [
            {
                "flow": dataset.flow.id,
                "name": dataset.flow.dataflow.name.in_language(visit.language),
                "observations": dataset.observations.height,
                "examples": [example.sentence for example in examples(dataset, visit.language)],
            }
            for dataset in carried.datasets
        ],
        "left_out": [
            f"{finding.sentence(visit.language)} {finding.remedy(visit.language)}"
            for finding in carried.findings.items
            if finding.severity != "information"
        ],
    }


@dataclass(frozen=True, slots=True, eq=False)
class Meant:
    """The sheets of a request."""

    material: Material
    about: Answers
    saved: SavedMapping | None


def meant_by(visit: Visit, session: Session, about: Answers) -> Meant:
    mappings, _ = mappings_in(visit, session)
    every = material_of(visit, session, about.table)
    material = chosen_material(visit, session, about.table, about.sheets)
    saved = saved_mapping(visit.desk.folder, material.tables, about.flow, mappings)
    if saved:
        tables = tuple(table for table in every.tables if mappings_reading(table, [saved.mapping]))
        sheets = tuple(filter(None, (table.sheet for table in tables)))
        return Meant(replace(material, tables=tables), replace(about, sheets=sheets), saved)
    free = sheets_without_mapping(material.tables, about.flow, mappings)
    if not free:
        hint = "Choose the sheets of one mapping."
        raise SdmxmigError(f"Several mappings read these sheets as {about.flow}.", Place(about.table), hint)
    return Meant(replace(material, tables=free), about, None)


def command_for(work: Work) -> str:
    saved = work.mapping.saved
    if saved and work.mapping.is_edited:
        draft = quoted(work.folder / draft_file(work.answers))
        return f"sdmxmig mapping edit {quoted(work.folder)} {quoted(Path(work.target).stem)} --read {draft}"
    is_answered = bool(work.answers.decisions)
    return map_command_line(work.session, work.answers, is_answered=is_answered, target=work.target)


def with_texts_kept(action: Callable[[Visit], See]) -> Action:
    def acted(visit: Visit) -> See | Shown:
        try:
            return action(visit)
        except (Conflict, Busy):
            raise
        except SdmxmigError as error:
            return shown_again(visit, error)

    return acted


def shown_again(visit: Visit, error: SdmxmigError) -> Shown:
    asked = {name: visit.form[name] for name in (*KEPT_IN_PATH, "first") if visit.form.get(name)}
    try:
        shown = show(replace(visit, asked=asked))
    except SdmxmigError:
        raise error from None
    proposal = shown.facts["proposal"]
    if proposal is None:
        raise error
    cell = proposal["sheet"]["cell"] or {"lines": []}
    listed = {line["id"] for line in (*proposal["lines"], *proposal["unsaid"], *cell["lines"])}
    typed = typed_fields(visit.form)
    elsewhere = [
        {"name": name, "value": text}
        for name, texts in typed.items()
        for text in texts
        if (text if name == "accept" else name.partition(":")[2]) not in listed
        and name.partition(":")[0] in ("answer", "other", "accept")
    ]
    made_from = proposal["made_from"] | visit.made_from  # newer content was not seen
    facts = {
        **shown.facts,
        "proposal": proposal | {"made_from": made_from},
        "refused": error_facts(error),
        "typed": typed,
        "typed_elsewhere": elsewhere,
    }
    return Shown(facts, command=shown.command, status=422, asked=asked)


def typed_fields(form: Mapping[str, str]) -> dict[str, list[str]]:
    fields = {
        name: [part for part in text.split("\n") if part.strip()]
        for name, text in form.items()
        if name.partition(":")[0] in ("answer", "other", "said", "accept", "which", "name")
    }
    return {name: parts for name, parts in fields.items() if parts}


def saved_flow(material: Material, mappings: Sequence[TableMapping]) -> str:
    flows = {tuple({mapping.flow for mapping in mappings_reading(table, mappings)}) for table in material.tables}
    read_as = next(iter(flows)) if len(flows) == 1 else ()
    return read_as[0] if len(read_as) == 1 else ""


def worked(visit: Visit, session: Session, meant: Meant) -> tuple[dict[str, Any] | None, Work | None]:
    try:
        return None, work_of(visit, session, meant)
    except SdmxmigError as error:
        draft = draft_file(meant.about)
        if not (visit.desk.folder / draft).is_file():
            raise
        return {
            **error_facts(error),
            "draft": draft,
            "sheets": list(meant.about.sheets),
            "made_from": {draft: visit.desk.hash_of(draft)},
        }, None


def sheets_in(fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, fields.get("sheet", "").split("\n"))))


def sheets_of(visit: Visit, session: Session, path: Path) -> tuple[Table, ...]:
    return visit.desk.tables.of(path, text_format_of(mappings_in(visit, session)[0], path.name))


def mappings_in(visit: Visit, session: Session) -> tuple[list[TableMapping], list[SdmxmigError]]:
    return visit.desk.mappings(session)


def tables_facts(
    visit: Visit, session: Session, mappings: Sequence[TableMapping], drafts: Sequence[Answers]
) -> list[dict[str, Any]]:
    files = []
    for path in session.workspace.tables:
        if message_at(visit, path) and not is_mapped(path, mappings):
            files.append({"name": path.name, "sheets": [], "drafts": [], "trouble": "", "is_message": True})
            continue
        is_listed = path.stat().st_size <= LARGEST_FILE
        try:
            tables, trouble = sheets_of(visit, session, path) if is_listed else (), ""
        except SdmxmigError as error:
            tables, trouble = (), error.message
        missing = missing_sheets([each for each in mappings if matches(path.name, each.file)], tables)
        sheets = [
            {
                "name": table.sheet,
                "rows": table.last_row,
                "columns": table.last_column,
                "hidden": table.hidden,
                "has_figures": has_figures(table),
                "mappings": [
                    {"id": mapping.id, "flow": mapping.flow, "file": mapping.place.file if mapping.place else ""}
                    for mapping in mappings_reading(table, mappings)
                ],
                "earlier": [
                    {"mapping": mapping.place.file, "sheet": sheet} for mapping, sheet in missing if mapping.place
                ],
            }
            for table in tables
        ]
        in_work = [{"flow": draft.flow, "sheets": list(draft.sheets)} for draft in drafts if draft.table == path.name]
        files.append({"name": path.name, "sheets": sheets, "drafts": in_work, "trouble": trouble, "is_message": False})
    return files


def has_figures(table: Table) -> bool:
    """Whether a sheet may hold statistics; a cover or a list of contents has a year or a few page numbers at most."""
    is_figure = pl.col("text").str.contains("[0-9]") & ~pl.col("text").str.contains(r"\p{L}")
    return table.cells.filter(is_figure & (pl.col("kind") != "date")).height >= FEWEST_FIGURES


def with_drafts_in_place(file: dict[str, Any]) -> dict[str, Any]:
    by_name = {sheet["name"]: {**sheet, "draft": ""} for sheet in file["sheets"]}
    apart = []
    for draft in file["drafts"]:
        names = draft["sheets"] or list(by_name)
        sheet = by_name.get(names[0]) if len(names) == 1 else None
        if sheet is None or sheet["mappings"] or sheet["draft"]:
            apart.append(draft)
        else:
            sheet["draft"] = draft["flow"]
    return {**file, "sheets": list(by_name.values()), "apart": apart}


def sheet_left(files: Iterable[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the first unmapped sheet with figures, and the dataflow of its draft."""
    for file in files:
        for sheet in file["sheets"]:
            if not sheet["mappings"] and not sheet["hidden"] and sheet["has_figures"]:
                return {"file": file["name"], "sheet": sheet["name"], "flow": sheet["draft"]}
    return None


def material_of(visit: Visit, session: Session, name: str) -> Material:
    path, catalogue, recogniser = table_of(session, name), session.catalogue, words_of(visit, session)
    if path.stat().st_size > LARGEST_FILE:
        hint = f"Split the file, for example by year, or run: sdmxmig map {quoted(path)}"
        raise SdmxmigError("This file is too large to be mapped in the browser.", Place(name), hint)
    mappings = mappings_in(visit, session)[0]
    written, tables = text_format_of(mappings, name), sheets_of(visit, session, path)
    return Material(tables=tables, written=written, catalogue=catalogue, recogniser=recogniser, mappings=mappings)


def words_of(visit: Visit, session: Session) -> Recogniser:
    desk, catalogue = visit.desk, session.catalogue
    return desk.kept_of("recogniser", catalogue, lambda: recogniser_of(catalogue, desk.folder))


def read_words(visit: Visit) -> None:
    words_of(visit, visit.desk.session()).partner(UNKNOWN)


def chosen_material(visit: Visit, session: Session, name: str, sheets: Sequence[str]) -> Material:
    material = of_sheets(material_of(visit, session, name), sheets)
    count = sum(table.cells.height for table in material.tables)
    if count > LARGEST:
        hint = f"Choose fewer sheets, or run: sdmxmig map {quoted(session.workspace.folder / 'tables' / name)}"
        raise SdmxmigError(f"{count:,} cells are too many for one proposal.", Place(name), hint)
    return material


def flows_facts(visit: Visit, material: Material, about: Answers, *, is_ranked: bool = True) -> dict[str, Any]:
    """List possible dataflows: the likeliest with reasons, and all."""
    catalogue, language = material.catalogue, visit.language
    stamp = (stamp_of(visit, about), id(catalogue))
    name = f"counted {slot(about.table, about.sheets)}"
    question = (
        visit.desk.remembered(name, stamp, lambda: (catalogue, what_is_counted(material)))[1]
        if is_ranked
        else CountedQuestion()
    )
    return {
        "file": about.table,
        "sheets": list(about.sheets),
        "all_sheets": [table.sheet for table in material_of(visit, visit.desk.session(), about.table).tables],
        "flow": about.flow,
        "sure": question.flow,
        "is_ranked": is_ranked,
        "likely": [
            {
                "flow": option.flow,
                "name": option.name.in_language(language),
                "reasons": list(option.reasons),
            }
            for option in question.options
        ],
        **listed_flows(visit, catalogue),
    }


def listed_flows(visit: Visit, catalogue: Catalogue) -> dict[str, Any]:
    words, language = visit.asked.get("find", "").strip()[:LONGEST_ANSWER], visit.language
    name = f"themes {language}"
    themes = visit.desk.kept_of(name, catalogue, lambda: by_theme(catalogue, language))
    fitting = in_which(themes, words, language)
    return {
        "find": words,
        "count": sum(len(theme.flows) for theme in fitting),
        "themes": [
            {
                "name": theme.name,
                "flows": [{"flow": flow.id, "name": flow_name(flow, language)} for flow in theme.flows],
            }
            for theme in fitting or themes
        ],
    }


def stamp_of(visit: Visit, about: Answers) -> object:
    status = (visit.desk.folder / "tables" / about.table).stat()
    return about.table, about.sheets, status.st_mtime_ns, status.st_size


def slot(*key: object) -> int:
    return zlib.crc32(repr(key).encode()) % SLOTS


def work_of(visit: Visit, session: Session, meant: Meant) -> Work:
    """Return the saved mapping of sheets, or a proposal with the answers so far."""
    material, about, folder = meant.material, meant.about, visit.desk.folder
    check_flow(about.flow, material.catalogue)
    files = [folder / draft_file(about), *([meant.saved.path] if meant.saved else [])]
    stamp = (sheets_stamp(visit, meant), *map(file_stamp, files))

    def make() -> Work:
        mapping = open_mapping(
            material,
            about,
            read_draft(folder, about, material.catalogue.flow(about.flow)),
            saved=meant.saved,
            propose=lambda answers: proposed(visit, session, material, answers),
            language=visit.language,
        )
        return Work(session, material, mapping=mapping)

    return visit.desk.remembered(f"work {slot(about.table, about.sheets, about.flow)}", stamp, make)


def sheets_stamp(visit: Visit, meant: Meant) -> object:
    names = tuple(table.sheet for table in meant.material.tables)
    return stamp_of(visit, meant.about), names, meant.about.flow, visit.language, id(meant.material.catalogue)


def proposed(visit: Visit, session: Session, material: Material, answers: Answers) -> TriedProposal:
    """Return the proposal for these answers, recomputed if they or the tables changed."""
    area, catalogue = session.workspace.country.area, material.catalogue
    decisions = tuple(sorted(answers.decisions.items()))
    names = tuple(table.sheet for table in material.tables)
    usual = tuple(sorted(usual_values(material.mappings).items()))
    stamp = (stamp_of(visit, answers), names, answers.flow, decisions, area, visit.language, id(catalogue), usual)

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

    return visit.desk.remembered(f"proposal {slot(answers.table, answers.sheets, answers.flow)}", stamp, make)


def proposal_facts(visit: Visit, work: Work, mappings: Sequence[TableMapping]) -> dict[str, Any]:
    """Describe a proposal: lines, sheet, cell, and resulting observations."""
    lines = lines_of(work.tried, work.answers)
    only = visit.asked.get("only", "")
    chosen = [line for line in lines if line.state == only] if only in STATES else list(lines)
    first = visit.number("first", 0, most=MOST)
    draft, target, saved = draft_file(work.answers), work.target, work.mapping.saved
    path = work.folder / target
    conversion = work.tried.conversion
    return {
        "file": work.answers.table,
        "sheets": list(work.answers.sheets),
        "flow": work.answers.flow,
        "flow_name": flow_name(work.flow, visit.language),
        "area": work.session.workspace.country.area,
        "is_read": conversion is not None,
        "of_others": holds_others(work.tried.proposal.mapping),
        "read_by": read_by(work, mappings, target),
        "counts": counts_of(lines),
        "supported": sum(line.is_supported for line in lines),
        "only": only if only in STATES else "",
        "first": first,
        "a_page": LINES,
        "count": len(chosen),
        "lines": [line_facts(line, work, visit.language) for line in chosen[first : first + LINES]],
        "codes": codes_offered(chosen[first : first + LINES], work.flow, visit.language),
        "unsaid": unsaid_facts(work, visit.language),
        "sheet": sheet_facts(visit, work, lines),
        "observations": observations_facts(visit, work),
        "draft": draft,
        "mapping": {
            "file": target,
            "name": path.stem,
            "is_there": saved is not None,
            "is_edited": work.mapping.is_edited,
            "is_saved": saved is not None and not (work.folder / draft).is_file(),
            "has_draft": (work.folder / draft).is_file(),
            "text": text_of(work.mapping, work.material, path) if conversion else "",
        },
        "made_from": {draft: visit.desk.hash_of(draft), target: visit.desk.hash_of(target)},
    }


def holds_others(mapping: TableMapping) -> bool:
    skips = (skip for block in mapping.blocks for skip in (*block.skip_rows, *block.skip_columns))
    return any(skip.reason.endswith(ELSEWHERE) for skip in skips)


def unsaid_of(work: Work) -> list[Line]:
    return unsaid_lines(work.tried, work.answers, work.flow, work.material.catalogue.rules)


def unsaid_facts(work: Work, language: str) -> list[dict[str, Any]]:
    lines = unsaid_of(work)
    codes = codes_offered(lines, work.flow, language)
    return [
        {
            "id": line.id,
            "part": line.question.part,
            "component": line.question.component,
            "name": spoken_name(line.question.component, work.flow, language),
            "wanted": is_wanted(line),
            "answer": line.answer,
            "answer_name": meaning(line.question.part, line.answer, work.flow, language),
            "codes": codes.get(line.question.component, []),
            "coded": work.flow.structure[line.question.component].is_coded,
        }
        for line in lines
    ]


def read_by(work: Work, mappings: Iterable[TableMapping], target: str) -> list[str]:
    listed = list(mappings)
    readers = [mapping for table in work.material.tables for mapping in mappings_reading(table, listed)]
    files = dict.fromkeys(mapping.place.file for mapping in readers if mapping.place)
    return [file for file in files if file != Path(target).name]


def line_facts(line: Line, work: Work, language: str) -> dict[str, Any]:
    question, flow = line.question, work.flow
    kind, _, name = question.part.partition(" ")
    return {
        "id": line.id,
        "sheet": question.sheet,
        "sheets": list(question.sheets),
        "part": question.part,
        "kind": kind,
        "subject": name,
        "subject_name": spoken_name(name, flow, language) if name in flow.structure else "",
        "question": asked_in_words(question, flow, language) if kind in IN_WORDS else "",
        "label": question.label,
        "where": codes_in_words(question.label, flow, language) if kind == NOTE else [],
        "state": line.state,
        "answer": line.answer,
        "proposed": question.chosen.code,
        "proposed_name": answer_name(question, question.chosen.code, flow, language),
        "score": round(question.chosen.confidence, 2),
        "percent": round(100 * question.chosen.confidence),
        "why": "" if kind == TITLE else question.chosen.reason,
        "choices": [
            {
                "code": code,
                "name": answer_name(question, code, flow, language),
                **nearest(question.others, code),
            }
            for code in answers_to(question)
        ],
        "may_write": kind in OF_FIGURES,
        "offered": DIMENSIONS if kind in OF_DIMENSIONS else name if kind in OF_CODES else "",
    }


def codes_in_words(label: str, flow: Flow, language: str) -> list[dict[str, str]]:
    """Name the codes of figures with their dimensions."""
    return [
        {
            "component": name,
            "component_name": spoken_name(name, flow, language),
            "code": code,
            "name": name_of(flow, name, code, language),
        }
        for name, code in where_of(label)
    ]


def answers_to(question: Question) -> tuple[str, ...]:
    stays_out = (LEAVE_OUT,) if question.part == "sheet" else ()
    return tuple(dict.fromkeys((*choices(question), *stays_out)))


def nearest(candidates: Iterable[Any], code: str) -> dict[str, Any]:
    for candidate in candidates:
        if candidate.code == code:
            return {"score": round(candidate.confidence, 2), "why": candidate.reason}
    return {}


def meaning(part: str, code: str, flow: Flow, language: str) -> str:
    kind, _, name = part.partition(" ")
    if kind in OF_CODES and name in flow.structure and code:
        called = name_of(flow, name, code, language)
        return called if called != code else ""
    if kind in OF_DIMENSIONS and code in flow.structure:
        return spoken_name(code, flow, language)
    return ""


def answer_name(question: Question, code: str, flow: Flow, language: str) -> str:
    if question.part != "values" and code not in ANSWERS_ABOUT_TEXTS:
        return meaning(question.part, code, flow, language)
    return answer_in_words(code, question, flow, language).removesuffix(f" ({code})")


def codes_offered(lines: Iterable[Line], flow: Flow, language: str) -> dict[str, list[dict[str, str]]]:
    offered: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        kind, _, name = line.question.part.partition(" ")
        if kind in OF_DIMENSIONS:
            offered[DIMENSIONS] = [
                {"code": each, "name": spoken_name(each, flow, language)} for each in flow.structure.key
            ]
        codelist = flow.codelist(name) if kind in OF_CODES and name in flow.structure else None
        if codelist is not None and name not in offered and len(codelist.ids) <= LONGEST_LIST:
            offered[name] = [{"code": item.id, "name": item.name.in_language(language)} for item in codelist]
    return offered


def sheet_facts(visit: Visit, work: Work, lines: Sequence[Line]) -> dict[str, Any]:
    tables = work.material.tables
    names = [table.sheet for table in tables]
    shown = visit.asked.get("show", names[0])
    if shown not in names:
        raise SdmxmigError(f"There is no sheet “{shown}”.", hint=did_you_mean(shown, names))
    table = tables[names.index(shown)]
    fates = fates_in(work.tried)
    counts = counts_by_sheet(fates)
    first = max(1, visit.number("row", 1, most=MOST))
    shown_rows = window(table, fates, first=first, most=ROWS)
    texts = {(row, column): text for row, cells in shown_rows.rows for column, text in enumerate(cells, 1)}
    asked = asked_cells(about_sheet(lines, work, table), texts)
    width = len(shown_rows.rows[0][1]) if shown_rows.rows else 0
    cell = visit.asked.get("cell", "")
    return {
        "name": shown,
        "counts": counts.get((table.file, shown), dict.fromkeys(FATES, 0)),
        "others": [
            {"name": each.sheet, "counts": counts.get((each.file, each.sheet), dict.fromkeys(FATES, 0))}
            for each in tables
        ],
        "direction": direction_of(texts.values()),
        "row": first,
        "a_page": ROWS,
        "last_row": table.last_row,
        "columns": [column_name(column) for column in range(1, width + 1)],
        "rows": [
            {
                "number": row,
                "cells": [
                    {
                        "at": cell_name(row, column),
                        "text": text,
                        "fate": shown_rows.fates.get((row, column), ("text", ""))[0],
                        "asked": (row, column) in asked,
                    }
                    for column, text in enumerate(texts, 1)
                ],
            }
            for row, texts in shown_rows.rows
        ],
        "cell": cell_facts(cell, table, work, language=visit.language) if cell else None,
    }


def about_sheet(lines: Iterable[Line], work: Work, table: Table) -> list[Line]:
    names = {table.sheet, EVERYWHERE}
    names.update(region.name for region in work.tried.proposal.regions if region.table.sheet == table.sheet)
    return [line for line in lines if names.intersection(line.question.sheets or (line.question.sheet,))]


def fates_in(tried: TriedProposal) -> pl.DataFrame:
    conversion = tried.conversion
    if conversion is None:
        return fates_of((), None)
    dataset = conversion.dataset
    return fates_of([(dataset.origins, dataset.flow.structure.measure.id)], conversion.unused_cells)


def position(cell: str) -> tuple[int, int]:
    try:
        row, column = cell_position(cell.strip().upper()) if len(cell) <= 12 else (0, 0)
    except ValueError:
        row, column = 0, 0
    if not 0 < row <= MOST or not 0 < column <= MOST:
        raise SdmxmigError(f"“{cell}” is not a cell.", hint="Write its letters and number, such as B7.")
    return row, column


def cell_facts(cell: str, table: Table, work: Work, *, language: str) -> dict[str, Any]:
    row, column = position(cell)
    conversion = work.tried.conversion
    reading = (
        reading_of(conversion, table, row=row, column=column, language=language, most=SENTENCES) if conversion else None
    )
    fate = window(table, fates_in(work.tried), first=row, most=1).fates.get((row, column), ("text", ""))
    lines = lines_of_cell(work, table, row, column)
    scopes = scopes_of(work.tried, table, row, column)
    noted = notes_at(scopes, work.answers)
    known = {line.id for line in noted}
    lines = [*(line for line in lines if line.id not in known), *noted]
    return {
        "at": cell_name(row, column),
        "text": table.text(row, column),
        "fate": fate[0],
        "reason": fate[1],
        "says": [
            {
                "component": component,
                "name": spoken_name(component, work.flow, language),
                "codes": [
                    {"code": code, "name": meaning(f"codes {component}", code, work.flow, language)}
                    for code in codes[:SENTENCES]
                ],
                "count": len(codes),
            }
            for component, codes in (reading.codes if reading else ())
        ],
        "count": reading.count if reading else 0,
        "sentences": list(reading.sentences) if reading else [],
        "lines": [line_facts(line, work, language) for line in lines],
        "codes": codes_offered(lines, work.flow, language),
        "scopes": [scope_facts(scope, work.flow, language) for scope in scopes],
        "sayable": sayable_facts(work.flow, language) if scopes else [],
        "dimensions": [
            {"code": name, "name": spoken_name(name, work.flow, language)} for name in work.flow.structure.key
        ],
    }


def scope_facts(scope: Scope, flow: Flow, language: str) -> dict[str, Any]:
    return {"kind": scope.kind, "label": scope.label, "where": codes_in_words(label_of(scope.where), flow, language)}


def sayable_facts(flow: Flow, language: str) -> list[dict[str, Any]]:
    return [
        {
            "component": name,
            "name": spoken_name(name, flow, language),
            "codes": [{"code": item.id, "name": item.name.in_language(language)} for item in flow.codelist(name) or ()],
        }
        for name in sayable_of_figures(flow)
    ]


def lines_of_cell(work: Work, table: Table, row: int, column: int) -> list[Line]:
    conversion, tried = work.tried.conversion, work.tried
    reading = reading_of(conversion, table, row=row, column=column, language="en", most=0) if conversion else None
    codes = dict(reading.codes) if reading else {}
    lines = lines_of(tried, work.answers)
    asked = concerning(lines, tried, table, row=row, column=column, components=codes)
    known = {line.id for line in asked}
    is_figure = bool(reading and reading.count and not codes)
    more = [] if is_figure else sayable(tried, table, row=row, column=column, codes=codes)
    every = [*asked, *(line for line in more if line.id not in known)]
    # lines of the cell first, then of its line
    return sorted(every, key=lambda line: line.question.part.startswith("line "))


def observations_facts(visit: Visit, work: Work) -> dict[str, Any]:
    conversion = work.tried.conversion
    first = visit.number("observation", 0, most=MOST)
    if conversion is None:
        return {"count": 0, "first": 0, "a_page": OBSERVATIONS, "lines": []}
    listed = observations(conversion, first=first, most=OBSERVATIONS, language=visit.language)
    return {
        "count": conversion.dataset.observations.height,
        "first": first,
        "a_page": OBSERVATIONS,
        "lines": [{"sentence": sentence, "sheet": place.sheet, "cell": place.cell} for sentence, place in listed],
    }


def work_in(visit: Visit) -> Work:
    session = visit.desk.session()
    about = Answers(visit.word("file"), visit.word("flow"), sheets=sheets_in(visit.form))
    return work_of(visit, session, meant_by(visit, session, about))


def lines_in(visit: Visit, work: Work) -> dict[str, Line]:
    lines = [*unsaid_of(work), *lines_of(work.tried, work.answers)]
    table, cell = table_in(visit, work), visit.form.get("cell", "")
    if cell and table is not None:
        lines += lines_of_cell(work, table, *position(cell))
    return {line.id: line for line in lines}


def table_in(visit: Visit, work: Work) -> Table | None:
    shown = visit.form.get("show", "")
    return next((table for table in work.material.tables if table.sheet == shown), None)


def answer(visit: Visit) -> See:
    """Save answers and accept ticked proposals, all or none."""
    work = work_in(visit)
    lines = lines_in(visit, work)
    return keep(visit, work, with_form(visit, work, lines, ticked_lines(visit.form, lines)))


def ticked_lines(form: Mapping[str, str], lines: Mapping[str, Line]) -> list[Line]:
    ticked = form.get("accept", "").split("\n")
    return [
        line
        for line in lines.values()
        if line.state == UNSURE and (line.id in ticked or ("all" in form and line.is_supported))
    ]


def with_form(visit: Visit, work: Work, lines: Mapping[str, Line], accepted: Iterable[Line]) -> Answers:
    answers = with_fields(work.answers, visit.form, lines, work.flow, language=visit.language)
    fields = answered_fields(visit.form)
    for line in accepted:
        if line.id not in fields:
            answers = with_checked(answers, line, line.question.chosen.code, work.flow)
    return with_note(visit, work, answers)


def with_fields(
    answers: Answers, form: Mapping[str, str], lines: Mapping[str, Line], flow: Flow, *, language: str
) -> Answers:
    """Merge form answers; raises `SdmxmigError` for unasked or invalid ones.

    Names in any language are accepted.
    """
    for name, text in answered_fields(form).items():
        line = lines.get(name)
        if line is None:
            raise SdmxmigError(
                "The question that you answered is no longer open.",
                hint="Check the page, and answer the remaining questions.",
            )
        code = decided(line.question.part, text, flow, language)
        if text == OPEN_AGAIN:
            answers = with_answer(answers, line.about, answer="")
        elif code != line.answer:
            answers = with_checked(answers, line, code, flow)
    return answers


def answered_fields(form: Mapping[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, text in form.items():
        field, _, line = name.partition(":")
        if field in ("answer", "other") and text.strip() and (field == "other" or line not in texts):
            texts[line] = "\n".join(dict.fromkeys(each.strip() for each in text.split("\n") if each.strip()))
    return checked_texts(texts)


def with_checked(answers: Answers, line: Line, text: str, flow: Flow) -> Answers:
    question = line.question
    proposed_code = answers.proposed.get(line.about, question.chosen.code)
    check_decision(question.part, text, flow, Place(question.label), label=question.label, proposed=proposed_code)
    return with_answer(answers, line.about, answer=text, proposed=question.chosen.code)


def with_note(visit: Visit, work: Work, answers: Answers) -> Answers:
    """Add a note on figures around the chosen cell: status, comment or attribute."""
    noted = noted_fields(visit.form)
    if not noted:
        return answers
    if not noted.keys() <= set(sayable_of_figures(work.flow)):
        raise SdmxmigError(
            "The question that you answered is no longer open.",
            hint="Check the page, and answer the remaining questions.",
        )
    table, label = table_in(visit, work), visit.form.get("which", "")
    scopes = scopes_of(work.tried, table, *position(visit.form.get("cell", ""))) if table is not None else ()
    scope = next((scope for scope in scopes if scope.label == label), None)
    if scope is None:
        raise SdmxmigError(
            "No figures are selected in the form.", hint="Choose the cell again, and select the figures."
        )
    for name, text in noted.items():
        about = scope.about(name)
        check_decision(about[1], text, work.flow, Place(label), label=about[2])
        answers = with_answer(answers, about, answer=text)
    return answers


def noted_fields(form: Mapping[str, str]) -> dict[str, str]:
    return checked_texts(
        {name[5:]: text.strip() for name, text in form.items() if name[:5] == "said:" and text.strip()}
    )


def checked_texts(texts: dict[str, str]) -> dict[str, str]:
    if any(len(text) > LONGEST_ANSWER or not text.isprintable() for text in texts.values()):
        raise SdmxmigError(f"An answer is one line of at most {LONGEST_ANSWER} characters.", hint="Write it shorter.")
    return texts


def accept(visit: Visit) -> See:
    work = work_in(visit)
    lines = lines_in(visit, work)
    accepted = ticked_lines(visit.form, lines)
    if not accepted:
        raise SdmxmigError("No line with a proposal is ticked.", hint="Tick the lines to accept, and send again.")
    return keep(visit, work, with_form(visit, work, lines, accepted))


def keep(visit: Visit, work: Work, answers: Answers) -> See:
    desk = visit.desk
    if answers.decisions == work.answers.decisions:
        return See(path_back(visit), "No changes to save.")
    if work.mapping.saved and work.mapping.is_edited:
        edited(work.mapping.saved.mapping, answers, work.material.tables)
    else:
        proposed(visit, work.session, work.material, answers)
    command = map_command_line(work.session, answers, is_answered=bool(answers.decisions))
    with recorded(desk.folder, desk.intent("answer", command, visit.by), visit.made_from):
        if answers.decisions or work.mapping.saved:
            write_draft(desk.folder, answers)
        else:
            remove_draft(desk.folder, answers)
    return See(path_back(visit), "The answers are kept.")


def path_back(visit: Visit) -> str:
    pairs = [(name, part) for name in KEPT_IN_PATH for part in visit.form.get(name, "").split("\n") if part]
    return f"/mapping?{urlencode(pairs)}"


def save(visit: Visit) -> See:
    """Write the mapping file; unsaved answers become a draft instead."""
    desk, work = visit.desk, work_in(visit)
    lines = lines_in(visit, work)
    answers = with_form(visit, work, lines, ticked_lines(visit.form, lines))
    if answers.decisions != work.answers.decisions:
        kept = keep(visit, work, answers)
        return replace(kept, done="The answers are kept. Check the result, then save.")
    target = work.target if work.mapping.saved else checked_mapping_file(visit.word("name"))
    path = desk.folder / target
    mappings, _ = mappings_in(visit, desk.session())
    others = [mapping for mapping in mappings if not mapping.place or mapping.place.file != path.name]
    command = command_for(work).replace(quoted(desk.folder / work.target), quoted(path))
    with recorded(desk.folder, desk.intent("map", command, visit.by), visit.made_from):
        if not work.mapping.saved and path.exists():
            raise SdmxmigError(f"There is a mapping {path.name} already.", hint="Give this one another name.")
        save_mapping(path, work.mapping, work.material, others)
    return See(path_back(visit), "The mapping is saved.")


def forget(visit: Visit) -> See:
    desk = visit.desk
    session = desk.session()
    about = Answers(visit.word("file"), visit.word("flow"), sheets=sheets_in(visit.form))
    table_of(session, about.table)
    check_flow(about.flow, session.catalogue)
    command = f"rm {quoted(desk.folder / draft_file(about))}"
    with recorded(desk.folder, desk.intent("answer", command, visit.by), visit.made_from):
        remove_draft(desk.folder, about)
    return See(path_back(visit), "The answers are undone.")


def rename(visit: Visit) -> See:
    desk, name, new_name = visit.desk, visit.word("mapping"), visit.word("name")
    command = f"sdmxmig mapping rename {quoted(desk.folder)} {quoted(name)} {quoted(new_name)}"
    with recorded(desk.folder, desk.intent("rename", command, visit.by), visit.made_from):
        rename_mapping(desk.session(), name, new_name)
    return See(path_back(visit), "The mapping is renamed.")


def follow_sheet(visit: Visit) -> See:
    desk, name, sheet, new_name = visit.desk, visit.word("mapping"), visit.word("sheet"), visit.word("name")
    command = f"sdmxmig mapping sheet {' '.join(map(quoted, (desk.folder, name, sheet, new_name)))}"
    with recorded(desk.folder, desk.intent("rename", command, visit.by), visit.made_from):
        rename_sheet(desk.session(), name, sheet, new_name)
    return See("/mapping", "The mapping reads the sheet under its new name.")


def remove(visit: Visit) -> See:
    desk, name = visit.desk, visit.word("mapping")
    command = f"sdmxmig mapping remove {quoted(desk.folder)} {quoted(name)}"
    with recorded(desk.folder, desk.intent("remove", command, visit.by), visit.made_from):
        remove_mapping(desk.session(), name)
    return See("/mapping", "The mapping is removed.")


SCREEN = Screen(
    name="mapping",
    title="Mapping",
    show=show,
    actions={
        "answer": with_texts_kept(answer),
        "accept": with_texts_kept(accept),
        "save": with_texts_kept(save),
        "forget": forget,
        "rename": rename,
        "sheet": follow_sheet,
        "remove": remove,
    },
    prepare=read_words,
)
