"""Content of the mapping page: tables, dataflows, questions, cells and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.suggestion.answers import FIGURE_PARTS, Answers, list_choices
from sdmxmig.conversion.suggestion.other_measures import DIRECTION
from sdmxmig.conversion.suggestion.preview import build_examples
from sdmxmig.conversion.suggestion.questions import EVERYWHERE, HIDDEN, LEAVE_OUT, SUMS, TITLE, Question
from sdmxmig.conversion.suggestion.table_subjects import SubjectQuestion
from sdmxmig.conversion.suggestion.wording import (
    ANSWERS_ABOUT_TEXTS,
    UNKNOWN,
    describe_answer_code,
    describe_hint,
    describe_question,
    explain_line,
    list_reasons_in_words,
)
from sdmxmig.conversion.suggestion.year_statements import NOTE, format_label, parse_label_codes
from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import format_cell
from sdmxmig.quality.rules.words import find_code_name, name_in_words
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.web.screens import Visit, describe_error
from sdmxmig.web.screens.data import build_rows, explain_wrong_suffix, find_position, has_figures, read_sheets
from sdmxmig.web.screens.mapping.work import (
    MAX_NUMBER,
    Work,
    build_stamp,
    compute_cache_slot,
    is_mapped,
    open_message,
    read_material,
)
from sdmxmig.workspace.proposals import TriedProposal
from sdmxmig.workspace.tasks.codelists import find_flow_name as flow_name
from sdmxmig.workspace.tasks.codelists import group_by_theme, search_flows
from sdmxmig.workspace.tasks.drafts import list_mappings_reading, name_draft_file, render_mapping
from sdmxmig.workspace.tasks.mapping_files import list_missing_sheets
from sdmxmig.workspace.tasks.proposal_lines import (
    ANSWERED,
    STATES,
    Line,
    Scope,
    count_states,
    describe_reading,
    find_asked_cells,
    find_concerning,
    find_notes,
    list_figure_attributes,
    list_lines,
    list_observations,
    list_possible_answers,
    list_scopes,
    list_unstated_lines,
    needs_answer,
)
from sdmxmig.workspace.tasks.proposing import Material, find_table_subject
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.sheet_views import FATES, combine_fates, find_fates, index_counts_by_sheet

MAX_LINES, MAX_OBSERVATIONS, MAX_SENTENCES = 40, 20, 3

MIN_LIKENESS = 0.8
"""Minimum share of texts that sheets with the same table for other years have in common."""

MAX_LIST = 1_000
"""Maximum length of a codelist offered as a whole."""

OF_CODES, OF_DIMENSIONS, DIMENSIONS = ("codes", "fixed", NOTE), ("line", "sheet"), "dimensions"

NOTE_SEPARATOR = " · "

ASKED_BY_REASON = (TITLE, SUMS)
"""Kinds of lines whose reason is the question."""
WORDED_PARTS = ("fixed", "codes", "line", "values", HIDDEN, *ASKED_BY_REASON)

MAX_ANSWER_LENGTH = 1_050
"""Maximum length of a comment on a figure in SDMX."""


def describe_message(visit: Visit, session: Session, path: Path) -> dict[str, Any] | None:
    message = open_message(visit, path)
    if message is None:
        return None
    about = session.catalogue
    carried = visit.workbench.kept(f"carried {path.name}", lambda: message.carry_over(about), path, about=id(about))
    return {
        "file": path.name,
        "named": list(carried.named),
        "datasets": [
            {
                "flow": dataset.flow.id,
                "name": dataset.flow.dataflow.name.in_language(visit.language),
                "observations": dataset.observations.height,
                "examples": [example.sentence for example in build_examples(dataset, visit.language)],
            }
            for dataset in carried.datasets
        ],
        "left_out": [
            f"{finding.sentence(visit.language)} {finding.remedy(visit.language)}"
            for finding in carried.findings.items
            if finding.severity != "information"
        ],
    }


def list_tables_facts(
    visit: Visit, session: Session, mappings: Sequence[TableMapping], drafts: Sequence[Answers]
) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = []
    for path in session.workspace.tables:
        if open_message(visit, path) and not is_mapped(path, mappings):
            files.append({"name": path.name, "sheets": [], "drafts": [], "trouble": None, "is_message": True})
            continue
        try:
            tables, trouble = read_sheets(visit, session, path), None
        except SdmxmigError as error:
            tables, trouble = (), describe_error(error)
        texts = {table.sheet: collect_words(table) for table in tables}
        missing = list_missing_sheets([each for each in mappings if is_match(path.name, each.file)], tables)
        sheets = [
            {
                "name": table.sheet,
                "rows": table.last_row,
                "columns": table.last_column,
                "hidden": table.hidden,
                "has_figures": has_figures(table),
                "like": next(name for name, other in texts.items() if have_similar_texts(other, texts[table.sheet])),
                "mappings": [
                    {"id": mapping.id, "flow": mapping.flow, "file": mapping.place.file if mapping.place else ""}
                    for mapping in list_mappings_reading(table, mappings)
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


def collect_words(table: Table) -> frozenset[str]:
    """Return the texts of a sheet without digits, for comparison with sheets of other years."""
    texts = table.cells.filter(pl.col("text").str.contains(r"\p{L}"))["text"]
    return frozenset(texts.str.replace_all(r"\p{Nd}", ""))


def have_similar_texts(first: frozenset[str], second: frozenset[str]) -> bool:
    return first == second or len(first & second) > MIN_LIKENESS * len(first | second)


def assign_drafts(file: dict[str, Any]) -> dict[str, Any]:
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


def choose_unmapped_sheet(files: Iterable[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the first unmapped sheet with figures, similar sheets (no name: all), and the dataflow of its draft."""
    for file in files:
        every = file["sheets"]
        left = [each for each in every if not each["mappings"] and not each["hidden"] and each["has_figures"]]
        if left:
            alike = [each["name"] for each in left if each["like"] == left[0]["like"] and not left[0]["draft"]]
            names = alike or [left[0]["name"]]
            sheets = "" if len(names) == len(every) > 1 else "\n".join(names)
            return {"file": file["name"], "sheet": sheets, "flow": left[0]["draft"]}
    return None


def list_possible_flows(visit: Visit, material: Material, about: Answers, *, is_ranked: bool = True) -> dict[str, Any]:
    catalogue, language = material.catalogue, visit.language
    stamp = (build_stamp(visit, about), id(catalogue))
    name = f"counted {compute_cache_slot(about.table, about.sheets)}"
    question = (
        visit.workbench.remember_result(name, stamp, lambda: (catalogue, find_table_subject(material)))[1]
        if is_ranked
        else SubjectQuestion()
    )
    return {
        "file": about.table,
        "remark": explain_wrong_suffix(visit, visit.workbench.folder / "tables" / about.table),
        "sheets": list(about.sheets),
        "all_sheets": [table.sheet for table in read_material(visit, visit.workbench.session(), about.table).tables],
        "flow": about.flow,
        "sure": question.flow or question.half,
        "is_ranked": is_ranked,
        "likely": [
            {
                "flow": option.flow,
                "name": option.name.in_language(language),
                "reasons": list_reasons_in_words(option.reasons, language),
            }
            for option in question.options
        ],
        **list_flows(visit, catalogue),
    }


def list_flows(visit: Visit, catalogue: Catalogue) -> dict[str, Any]:
    words, language = visit.asked.get("find", "").strip()[:MAX_ANSWER_LENGTH], visit.language
    name = f"themes {language}"
    themes = visit.workbench.keep_result(name, catalogue, lambda: group_by_theme(catalogue, language))
    fitting = search_flows(themes, words, language)
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


def describe_proposal(visit: Visit, work: Work, mappings: Sequence[TableMapping]) -> dict[str, Any]:
    lines = list_lines(work.tried, work.answers)
    only = visit.asked.get("only", "")
    chosen = [line for line in lines if line.state == only] if only in STATES else list(lines)
    first = visit.number("first", 0, most=MAX_NUMBER)
    listed = chosen[first : first + MAX_LINES]
    draft, target, saved = name_draft_file(work.answers), work.target, work.mapping.saved
    path = work.folder / target
    conversion = work.tried.conversion
    return {
        "file": work.answers.table,
        "sheets": list(work.answers.sheets),
        "flow": work.answers.flow,
        "flow_name": flow_name(work.flow, visit.language),
        "area": work.session.workspace.country.area,
        "is_read": conversion is not None,
        "of_others": find_complementary_sheet(work, mappings),
        "answered_by": earlier.place.file if (earlier := work.mapping.earlier) and earlier.place else "",
        "read_by": list_readers(work, mappings, target),
        "counts": count_states(lines),
        "supported": [line.id for line in listed if line.is_supported],
        "only": only if only in STATES else "",
        "first": first,
        "a_page": MAX_LINES,
        "count": len(chosen),
        "lines": [describe_line(line, work, visit.language) for line in listed],
        "codes": list_offered_codes(listed, work.flow, visit.language),
        "unsaid": list_unstated_facts(work, visit.language),
        "unsent": list(notes := work.tried.notes),
        "comment": [
            each for at, each in enumerate(notes) if len(NOTE_SEPARATOR.join(notes[: at + 1])) <= MAX_ANSWER_LENGTH
        ],
        "sheet": describe_sheet(visit, work, lines),
        "observations": describe_observations(visit, work),
        "draft": draft,
        "mapping": {
            "file": target,
            "name": path.stem,
            "is_there": saved is not None,
            "is_edited": work.mapping.is_edited,
            "is_saved": work.is_saved,
            "is_outdated": work.mapping.is_outdated,
            "has_draft": (work.folder / draft).is_file(),
            "text": render_mapping(work.mapping, work.material, path) if conversion else "",
        },
        "made_from": {draft: visit.workbench.hash_result(draft), target: visit.workbench.hash_result(target)},
    }


def find_complementary_sheet(work: Work, mappings: Iterable[TableMapping]) -> dict[str, str]:
    """Return the sheet and dataflow of figures that are skipped; empty if a mapping reads them."""
    table = work.answers.table
    if not work.tried.proposal.mapping.leaves_out_a_flow:
        return {}
    way = find_only_codes(work.flow).get(DIRECTION, "")
    flow = next(each.flows[0] for each in work.material.catalogue.counted if each.direction not in ("", way))
    is_read = any(mapping.flow == flow and mapping.file == table for mapping in mappings)
    return {} if is_read else {"file": table, "sheet": "\n".join(work.answers.sheets), "flow": flow}


def list_unstated(work: Work) -> list[Line]:
    return list_unstated_lines(work.tried, work.answers, work.flow, work.material.catalogue.rules)


def list_unstated_facts(work: Work, language: str) -> list[dict[str, Any]]:
    lines = list_unstated(work)
    codes = list_offered_codes(lines, work.flow, language)
    return [
        {
            "id": line.id,
            "component": line.question.component,
            "name": name_in_words(line.question.component, work.flow, language),
            "wanted": needs_answer(line),
            "answer": line.answer,
            "answer_name": describe_code(line.question.part, line.answer, work.flow, language),
            "codes": codes.get(line.question.component, []),
            "coded": work.flow.structure[line.question.component].is_coded,
        }
        for line in lines
    ]


def list_readers(work: Work, mappings: Iterable[TableMapping], target: str) -> list[str]:
    listed = list(mappings)
    readers = [mapping for table in work.material.tables for mapping in list_mappings_reading(table, listed)]
    files = dict.fromkeys(mapping.place.file for mapping in readers if mapping.place)
    return [file for file in files if file != Path(target).name]


def describe_line(line: Line, work: Work, language: str) -> dict[str, Any]:
    question, flow = line.question, work.flow
    kind, _, name = question.part.partition(" ")
    is_decided = kind in ASKED_BY_REASON and line.state == ANSWERED
    why = "" if kind in ASKED_BY_REASON else explain_line(question, flow, language)
    may_write = kind in FIGURE_PARTS and (kind != "sheet" or bool(question.others))
    return {
        "id": line.id,
        "sheet": question.sheet,
        "sheets": list(question.sheets),
        "part": question.part,
        "kind": kind,
        "subject_name": name_in_words(name, flow, language) if name in flow.structure else "",
        "question": describe_question(question, flow, language) if kind in WORDED_PARTS and not is_decided else "",
        "hint": describe_hint(question, language),
        "label": question.label,
        "where": describe_codes(question.label, flow, language) if kind == NOTE else [],
        "state": line.state,
        "answer": line.answer,
        "proposed": question.chosen.code,
        "proposed_name": name_answer(question, question.chosen.code, flow, language),
        "why": why,
        "why_language": "en" if why and language != "en" and why == explain_line(question, flow, "en") else "",
        "at": {"show": at.sheet, "cell": at.cell} if (at := question.place) and at.cell else None,
        "choices": [
            {"code": code, "name": name_answer(question, code, flow, language)} for code in list_answers(question, flow)
        ],
        "may_write": may_write,
        "offered": DIMENSIONS if kind in OF_DIMENSIONS and may_write else name if kind in OF_CODES else "",
    }


def describe_codes(label: str, flow: Flow, language: str) -> list[dict[str, str]]:
    return [
        {
            "component": name,
            "component_name": name_in_words(name, flow, language),
            "code": code,
            "name": find_code_name(flow, name, code, language),
        }
        for name, code in parse_label_codes(label)
    ]


def list_answers(question: Question, flow: Flow) -> tuple[str, ...]:
    stays_out = (LEAVE_OUT,) if question.part == "sheet" else ()
    return tuple(dict.fromkeys((*list_choices(question, flow), *stays_out)))


def describe_code(part: str, code: str, flow: Flow, language: str) -> str:
    kind, _, name = part.partition(" ")
    if kind in OF_CODES and name in flow.structure and code:
        called = find_code_name(flow, name, code, language)
        return called if called != code else ""
    if kind in OF_DIMENSIONS and code in flow.structure:
        return name_in_words(code, flow, language)
    return ""


def name_answer(question: Question, code: str, flow: Flow, language: str) -> str:
    is_not_stated = code == UNKNOWN and question.part.startswith("fixed ")
    is_coded = question.part != "values" and code not in ANSWERS_ABOUT_TEXTS and not is_not_stated
    if is_coded and (name := describe_code(question.part, code, flow, language)):
        return name
    words = describe_answer_code(code, question, flow, language).removesuffix(f" ({code})")
    return "" if is_coded and words == code else words


def list_offered_codes(lines: Iterable[Line], flow: Flow, language: str) -> dict[str, list[dict[str, str]]]:
    offered: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        kind, _, name = line.question.part.partition(" ")
        if kind in OF_DIMENSIONS:
            offered[DIMENSIONS] = [
                {"code": each, "name": name_in_words(each, flow, language)} for each in flow.structure.key
            ]
        codelist = flow.codelist(name) if kind in OF_CODES and name in flow.structure else None
        if codelist is not None and name not in offered and len(codelist.ids) <= MAX_LIST:
            offered[name] = [
                {"code": item.id, "name": name_answer(line.question, item.id, flow, language)} for item in codelist
            ]
    return offered


def describe_sheet(visit: Visit, work: Work, lines: Sequence[Line]) -> dict[str, Any]:
    tables = work.tried.tables
    names = [table.sheet for table in tables]
    shown = visit.asked.get("show", names[0])
    check_known("sheet", shown, names)
    table = tables[names.index(shown)]
    fates = select_fates(work.tried)
    counts = index_counts_by_sheet(fates)
    grid = build_rows(table, fates, max(1, visit.number("row", 1, most=MAX_NUMBER)))
    cells = {(row["number"], column): cell for row in grid["rows"] for column, cell in enumerate(row["cells"], 1)}
    asked = find_asked_cells(describe_sheet_lines(lines, work, table), {at: cell["text"] for at, cell in cells.items()})
    for at, cell in cells.items():
        cell["asked"] = at in asked
    chosen = visit.asked.get("cell", "")
    return {
        "name": shown,
        "counts": counts.get((table.file, shown), dict.fromkeys(FATES, 0)),
        "others": [
            {"name": each.sheet, "counts": counts.get((each.file, each.sheet), dict.fromkeys(FATES, 0))}
            for each in tables
        ],
        **grid,
        "cell": describe_cell(chosen, table, work, language=visit.language) if chosen else None,
    }


def describe_sheet_lines(lines: Iterable[Line], work: Work, table: Table) -> list[Line]:
    names = {table.sheet, EVERYWHERE}
    names.update(region.name for region in work.tried.proposal.regions if region.table.sheet == table.sheet)
    return [line for line in lines if names.intersection(line.question.sheets or (line.question.sheet,))]


def select_fates(tried: TriedProposal) -> pl.DataFrame:
    conversion = tried.conversion
    if conversion is None:
        return combine_fates((), None)
    dataset = conversion.dataset
    return combine_fates([(dataset.origins, dataset.flow.structure.measure.id)], conversion.unused_cells)


def describe_cell(cell: str, table: Table, work: Work, *, language: str) -> dict[str, Any]:
    row, column = find_position(cell)
    conversion = work.tried.conversion
    reading = (
        describe_reading(conversion, table, row=row, column=column, language=language, most=MAX_SENTENCES)
        if conversion
        else None
    )
    fate = find_fates(table, select_fates(work.tried), [row]).get((row, column), ("text", ""))
    lines = find_cell_lines(work, table, row, column)
    scopes = list_scopes(work.tried, table, row, column)
    noted = find_notes(scopes, work.answers)
    known = {line.id for line in noted}
    lines = [*(line for line in lines if line.id not in known), *noted]
    return {
        "at": format_cell(row, column),
        "address": table.place(row, column).address,
        "text": table.text(row, column),
        "fate": fate[0],
        "reason": fate[1],
        "says": [
            {
                "component": component,
                "name": name_in_words(component, work.flow, language),
                "codes": [
                    {"code": code, "name": describe_code(f"codes {component}", code, work.flow, language)}
                    for code in codes[:MAX_SENTENCES]
                ],
                "count": len(codes),
            }
            for component, codes in (reading.codes if reading else ())
        ],
        "count": reading.count if reading else 0,
        "sentences": list(reading.sentences) if reading else [],
        "lines": [describe_line(line, work, language) for line in lines],
        "codes": list_offered_codes(lines, work.flow, language),
        "scopes": [describe_scope(scope, work.flow, language) for scope in scopes],
        "sayable": list_statement_facts(work.flow, language) if scopes else [],
    }


def describe_scope(scope: Scope, flow: Flow, language: str) -> dict[str, Any]:
    return {
        "kind": scope.kind,
        "label": scope.label,
        "where": describe_codes(format_label(scope.where), flow, language),
    }


def list_statement_facts(flow: Flow, language: str) -> list[dict[str, Any]]:
    return [
        {
            "component": name,
            "name": name_in_words(name, flow, language),
            "codes": [{"code": item.id, "name": item.name.in_language(language)} for item in flow.codelist(name) or ()],
        }
        for name in list_figure_attributes(flow)
    ]


def find_cell_lines(work: Work, table: Table, row: int, column: int) -> list[Line]:
    conversion, tried = work.tried.conversion, work.tried
    reading = describe_reading(conversion, table, row=row, column=column, language="en", most=0) if conversion else None
    codes = dict(reading.codes) if reading else {}
    lines = list_lines(tried, work.answers)
    asked = find_concerning(lines, tried, table, row=row, column=column, components=codes)
    known = {line.id for line in asked}
    is_figure = bool(reading and reading.count and not codes)
    more = [] if is_figure else list_possible_answers(tried, table, row=row, column=column, codes=codes)
    every = [*asked, *(line for line in more if line.id not in known)]
    # lines of the cell first, then of its line
    return sorted(every, key=lambda line: line.question.part.startswith("line "))


def describe_observations(visit: Visit, work: Work) -> dict[str, Any]:
    conversion = work.tried.conversion
    first = visit.number("observation", 0, most=MAX_NUMBER)
    if conversion is None:
        return {"count": 0, "first": 0, "a_page": MAX_OBSERVATIONS, "lines": []}
    listed = list_observations(conversion, work.tried.open, first=first, most=MAX_OBSERVATIONS, language=visit.language)
    return {
        "count": conversion.dataset.observations.height,
        "first": first,
        "a_page": MAX_OBSERVATIONS,
        "lines": [{"sentence": sentence, "sheet": place.sheet, "cell": place.cell} for sentence, place in listed],
    }


def find_shown_table(visit: Visit, work: Work) -> Table | None:
    shown = visit.form.get("show", "")
    return next((table for table in work.tried.tables if table.sheet == shown), None)
