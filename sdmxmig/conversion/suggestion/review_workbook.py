"""Review workbooks: questions with lists of answers. Hidden columns identify the questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.conversion.mapping.grid import extract_expression, matches_any
from sdmxmig.conversion.suggestion.answers import (
    CODED_PARTS,
    Answers,
    build_answered_question,
    check_decision,
    interpret_answer,
    list_choices,
    may_differ_by_sheet,
)
from sdmxmig.conversion.suggestion.preview import Example
from sdmxmig.conversion.suggestion.proposal import Proposal
from sdmxmig.conversion.suggestion.questions import ALL_PROPOSALS, DECIDED, EVERYWHERE, Question
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.wording import (
    describe_answer_code,
    describe_question,
    describe_question_reason,
    find_codelist,
    list_translations,
    normalise_spelling,
)
from sdmxmig.io.workbooks import build_alignment, build_fill, save_workbook, write_text
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import Place, format_cell, name_column
from sdmxmig.sdmx.model.data import Block, Flow, SavedAnswer
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.sdmx.words import Words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

START, QUESTIONS, PREVIEW, CERTAIN, FURTHER, ANSWERS = (
    "Start here",
    "Questions",
    "Preview",
    "Certain",
    "Further details",
    "Answers",
)
HEADS = ("Question", "Text in your table", "Sheets", "Proposed answer", "Reason", "Other likely answers", "Your answer")
WIDTHS = (44, 30, 18, 28, 44, 36, 30)
LABEL, ANSWER = HEADS.index("Text in your table"), HEADS.index("Your answer")
KEYS = ("Sheet", "Part", "Proposed", "Accepted together")
"""The heads of the hidden columns that identify the question of an answer, and mark those in `ALL_PROPOSALS`."""
ACCEPT_MARK = "x"
COLOURS = {
    "title": ("FFF3F4F6", "Title or note"),
    "header": ("FFD6E4F5", "Column heading"),
    "label": ("FFDDEFD9", "Row label"),
    "value": ("FFFFFFFF", "Figure"),
    "left out": ("FFFBE0DD", "Left out"),
}
TO_ANSWER, HEAD_FILL = "FFFFF3C4", "FFE4E7EB"
MAX_ROWS = 2_000
"""Maximum number of rows of a sheet shown with their colours."""
MAX_LISTED_CODES = 1_000
MAX_OTHERS = 6
MAX_SHEET_NAME = 31


def write_review(
    proposal: Proposal,
    questions: Sequence[Question],
    answers: Answers,
    examples: Sequence[Example],
    tables: Sequence[Table],
    flow: Flow,
    *,
    unsaid: Sequence[Question] = (),
    language: str = "en",
) -> bytes:
    words = read_words_in("mapping", language)
    workbook = openpyxl.Workbook()
    start: Any = workbook.worksheets[0]
    start.title = words.say(START)
    book = ReviewBook(workbook, flow, words)
    open_questions = [question for question in questions if question.is_open]
    proposals = [question for question in open_questions if question.has_proposal]
    others = [question for question in open_questions if not question.has_proposal]
    book.add_questions(QUESTIONS, [*others, *([ALL_PROPOSALS] if proposals else []), *proposals])
    book.add_preview(examples)
    asked = {(question.sheet, question.part, question.label) for question in questions}
    closed = [build_answered_question(about, answers) for about in sorted(answers.decisions) if about not in asked]
    book.add_questions(CERTAIN, [*(question for question in questions if not question.is_open), *closed])
    book.add_questions(FURTHER, unsaid)
    book.add_lists()
    fill_start(start, book, tables[0].file if tables else "", len(open_questions))
    names = {name.casefold() for name in workbook.sheetnames}
    blocks = dict(zip(proposal.regions, proposal.mapping.blocks, strict=True))
    for table in tables:
        drawn = {
            region: list_left_out_labels(block, table)
            for region, block in blocks.items()
            if region.table.sheet == table.sheet
        }
        if drawn:
            fill_sheet(
                workbook.create_sheet(find_free_name(table.sheet or PurePath(table.file).stem, names)), table, drawn
            )
    return save_workbook(workbook)


class ReviewBook:
    def __init__(self, workbook: openpyxl.Workbook, flow: Flow, words: Words) -> None:
        self.workbook = workbook
        self.flow = flow
        self.words = words
        self._columns_by_list: dict[tuple[str, ...], int] = {}

    def add_questions(self, title: str, questions: Sequence[Question]) -> None:
        sheet: Any = self.workbook.create_sheet(self.words.say(title))
        sheet.sheet_view.rightToLeft = self.words.direction == "rtl"
        for column, (head, width) in enumerate(zip(HEADS, WIDTHS, strict=True), start=1):
            cell = write_text(sheet, 1, column, self.words.say(head))
            cell.font = openpyxl.styles.Font(bold=True)
            cell.fill = build_fill(HEAD_FILL)
            sheet.column_dimensions[name_column(column)].width = width
        for column, key in enumerate(KEYS, start=len(HEADS) + 1):
            write_text(sheet, 1, column, key)
            sheet.column_dimensions[name_column(column)].hidden = True
        drops: dict[str, Any] = {}
        sheet.sheet_properties.outlinePr.summaryBelow = False
        names_apart = {(question.part, question.label): question.sheets for question in questions if question.sheets}
        for row, question in enumerate(self.with_sheets(questions), start=2):
            if question.sheet in names_apart.get((question.part, question.label), ()):
                sheet.row_dimensions[row].outlineLevel = 1
                sheet.row_dimensions[row].hidden = True
            elif question.is_open and question.has_proposal:
                write_text(sheet, row, len(HEADS) + len(KEYS), ACCEPT_MARK)
            for column, text in enumerate(self.list_cells(question), start=1):
                cell = write_text(sheet, row, column, text)
                cell.number_format = "@"
                cell.alignment = build_alignment()
            sheet.cell(row, ANSWER + 1).fill = build_fill(TO_ANSWER)
            if listed := self.answers_to(question):
                formula = self.write_formula(listed)
                validation = openpyxl.worksheet.datavalidation.DataValidation
                drop = drops.setdefault(formula, validation("list", formula1=formula, showErrorMessage=False))
                drop.add(format_cell(row, ANSWER + 1))
        for drop in drops.values():
            sheet.add_data_validation(drop)
        sheet.freeze_panes = "B2"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)

    def with_sheets(self, questions: Iterable[Question]) -> Iterator[Question]:
        for question in questions:
            yield question
            if question.is_open and may_differ_by_sheet(question, self.flow):
                yield from (replace(question, sheet=name, sheets=()) for name in question.sheets)

    def list_cells(self, question: Question) -> tuple[str, ...]:
        language = self.words.language
        chosen = question.chosen.code
        proposed = describe_answer_code(chosen, question, self.flow, language) if chosen else ""
        is_answered = question.chosen.reason == DECIDED
        places = question.sheets or (question.sheet,)
        others = [candidate.code for candidate in question.others if candidate.code not in ("", chosen)]
        return (
            describe_question(question, self.flow, language),
            question.label,
            self.words.say("All sheets") if places == (EVERYWHERE,) else ", ".join(places),
            proposed,
            "" if is_answered else describe_question_reason(question, self.flow, language),
            "; ".join(describe_answer_code(code, question, self.flow, language) for code in others[:MAX_OTHERS]),
            proposed if is_answered else "",
            question.sheet,
            question.part,
            chosen,
        )

    def answers_to(self, question: Question) -> tuple[str, ...]:
        kind = question.part.partition(" ")[0]
        codes = [*list_choices(question, self.flow)]
        codelist = find_codelist(question.part, self.flow) if kind in CODED_PARTS else None
        if codelist is not None and len(codelist) <= MAX_LISTED_CODES:
            codes = [*codelist.ids, *(code for code in codes if code not in codelist)]
        language = self.words.language
        return tuple(dict.fromkeys(describe_answer_code(code, question, self.flow, language) for code in codes))

    def write_formula(self, listed: tuple[str, ...]) -> str:
        column = name_column(self._columns_by_list.setdefault(listed, len(self._columns_by_list) + 1))
        return f"'{self.words.say(ANSWERS)}'!${column}$1:${column}${len(listed)}"

    def add_lists(self) -> None:
        sheet: Any = self.workbook.create_sheet(self.words.say(ANSWERS))
        sheet.sheet_state = "hidden"
        for listed, column in self._columns_by_list.items():
            for row, text in enumerate(listed, start=1):
                write_text(sheet, row, column, text).number_format = "@"

    def add_preview(self, examples: Sequence[Example]) -> None:
        sheet = self.workbook.create_sheet(self.words.say(PREVIEW))
        sheet.sheet_view.rightToLeft = self.words.direction == "rtl"
        write_text(sheet, 1, 1, self.words.say("Is this what the table says?")).font = openpyxl.styles.Font(bold=True)
        for row, example in enumerate(examples, start=2):
            write_text(sheet, row, 1, example.sentence).number_format = "@"
        sheet.column_dimensions["A"].width = 110


def fill_start(sheet: Worksheet, book: ReviewBook, file: str, count: int) -> None:
    say = book.words.say
    sheet.sheet_view.rightToLeft = book.words.direction == "rtl"
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].width = 4
    sheet.column_dimensions["B"].width = 100
    bold = openpyxl.styles.Font(bold=True)
    write_text(sheet, 1, 1, say("Review of a mapping")).font = openpyxl.styles.Font(bold=True, size=16)
    name = book.flow.dataflow.name.in_language(book.words.language)
    steps = (
        f"{say('Open the sheet “{sheet}”. Each row is one question about your table.', sheet=say(QUESTIONS))}",
        say("Choose an answer in the yellow column, or type a name or code. To accept a proposal, choose it."),
        say("To accept all proposals, choose “Yes” in the row that asks for it."),
        say("Leave the answer empty to decide later."),
        say("If sheets differ, open the rows below a question with the + at the side, and answer for each sheet."),
        say("In the sheet “{sheet}”, compare the sentences with your table.", sheet=say(PREVIEW)),
        say("Save the workbook and return it to the person who sent it."),
    )
    lines = [
        ("", say("Table: {file}", file=file)),
        ("", say("Dataset: {flow}", flow=f"{name} ({book.flow.id})")),
        ("", say("Open questions: {count}", count=count)),
        (say("Steps"), ""),
        *((f"{number}.", step) for number, step in enumerate(steps, start=1)),
        ("", say("Your answers are then read with sdmxmig map --read. Once all are answered, the table is converted.")),
        (say("Other sheets"), ""),
        ("", say("{sheet}: values that need no answer. To correct one, answer it there.", sheet=say(CERTAIN))),
        ("", say("{sheet}: details that the table does not state. Add those that you know.", sheet=say(FURTHER))),
        (say("Colours in the copies of your sheets"), ""),
    ]
    for row, (mark, text) in enumerate(lines, start=3):
        first = write_text(sheet, row, 1, mark)
        if not text:
            first.font = bold
        write_text(sheet, row, 2, text).alignment = build_alignment()
    for row, (colour, text) in enumerate(COLOURS.values(), start=len(lines) + 3):
        sheet.cell(row, 1).fill = build_fill(colour)
        write_text(sheet, row, 2, say(text))


def find_free_name(name: str, taken: set[str]) -> str:
    tried, number = name[:MAX_SHEET_NAME], 2
    while tried.casefold() in taken:
        tried, number = f"{name[: MAX_SHEET_NAME - 4]} {number}", number + 1
    taken.add(tried.casefold())
    return tried


def list_left_out_labels(block: Block, table: Table) -> frozenset[str]:
    labels = frozenset(skip.match for skip in (*block.skip_rows, *block.skip_columns) if not skip.column)
    parts = [label for label in labels if extract_expression(label)]
    texts = {" ".join(text.split()) for text in table.cells["text"].unique()} if parts else set()
    return labels | {text for text in texts if matches_any(text, parts)}


def fill_sheet(sheet: Worksheet, table: Table, drawn: Mapping[Region, frozenset[str]]) -> None:
    """Colour the cells of a sheet by role; `drawn` are its regions and omitted labels."""
    fills = {role: build_fill(colour) for role, (colour, _) in COLOURS.items()}
    rows = table.rows
    for row in sorted(rows)[:MAX_ROWS]:
        for column, text in sorted(rows[row].items()):
            cell = write_text(sheet, row, column, text)
            cell.number_format = "@"
            role = next(
                (classify_cell(row, column, region, out) for region, out in drawn.items() if region.has(row, column)),
                "title",
            )
            cell.fill = fills[role]


def classify_cell(row: int, column: int, region: Region, left_out: frozenset[str]) -> str:
    if any(
        " ".join(region.table.text(row, label_column).split()) in left_out for label_column in (column, *region.labels)
    ):
        return "left out"
    if row < region.first:
        return "header"
    return "label" if column in region.labels else "value"


def read_decisions(name: str, tables: Iterable[Table], flow: Flow) -> tuple[SavedAnswer, ...]:
    """Read the answers of a review workbook; raise `InputError` with the cell of an invalid one."""
    sheets = [table for table in tables if all(table.text(1, len(HEADS) + at) == key for at, key in enumerate(KEYS, 1))]
    if not sheets:
        hint = "Make it with: sdmxmig map WORKBOOK DATAFLOW --review FILE. Keep its hidden columns."
        raise InputError("This is not a review workbook: it has no sheet of questions.", Place(name), hint)
    return tuple(answer for table in sheets for answer in read_answers(table, flow))


def read_answers(table: Table, flow: Flow) -> Iterable[SavedAnswer]:
    accepts_all = any(accepts_proposals(table, row) for row in table.rows)
    for row in sorted(table.rows):
        text = table.text(row, ANSWER + 1).strip()
        sheet, part, proposed, mark = (table.text(row, len(HEADS) + at) for at in range(1, len(KEYS) + 1))
        if row == 1 or part == ALL_PROPOSALS.part or not (text or (mark and accepts_all)):
            continue
        label, place = table.text(row, LABEL + 1), table.place(row, ANSWER + 1)
        decision = interpret_answer(part, text, flow) if text else proposed
        check_decision(part, decision, flow, place, label=label, proposed=proposed)
        yield SavedAnswer(sheet, part, label, answer=decision, proposed=proposed)


def accepts_proposals(table: Table, row: int) -> bool:
    text = normalise_spelling(table.text(row, ANSWER + 1))
    is_asked = table.text(row, len(HEADS) + KEYS.index("Part") + 1) == ALL_PROPOSALS.part
    if not is_asked or not text:
        return False
    if text not in list_translations("Yes") | list_translations("No"):
        place = table.place(row, ANSWER + 1)
        raise InputError(f"“{text}” is not one of the possible answers.", place, "Write “Yes” or “No”.")
    return text in list_translations("Yes")
