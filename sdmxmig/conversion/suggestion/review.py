"""A proposal as a workbook for a person: the lines to confirm with drop-downs, the sheets coloured by role; and back.

Nobody has to edit a mapping file: what is chosen in the first sheet comes back as decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sdmxmig.conversion.mapping.texts import expression_of, matches_any
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.cell_values import MINUS, NEGATIVE, PLUS
from sdmxmig.conversion.suggestion.figure_notes import NOTE, check_note
from sdmxmig.conversion.suggestion.figures import BRACKETS, SIGNS
from sdmxmig.conversion.suggestion.fixed import NORMAL
from sdmxmig.conversion.suggestion.named_codes import code_called, which_code
from sdmxmig.conversion.suggestion.period_marks import STATUS
from sdmxmig.conversion.suggestion.period_statuses import STAGE
from sdmxmig.conversion.suggestion.periods import is_period
from sdmxmig.conversion.suggestion.preview import Example
from sdmxmig.conversion.suggestion.proposal import Proposal
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, DECIDED, LEAVE_OUT, ONLY, Decisions, Question
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.io.workbook_bytes import saved
from sdmxmig.io.workbook_cells import put
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.data import Block, Flow
from sdmxmig.sdmx.model.tables import Table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

CONFIRM, PREVIEW = "Confirm", "Preview"
HEADS = ("Sheet", "Part", "Label", "Proposed", "Score", "Why", "Nearest", "Decision")
WIDTHS = (16, 22, 44, 16, 8, 46, 44, 18)
SHEET, PART, LABEL, PROPOSED, DECISION = (
    HEADS.index(name) for name in ("Sheet", "Part", "Label", "Proposed", "Decision")
)
ROLES = {"title": "FFF3F4F6", "header": "FFD6E4F5", "label": "FFDDEFD9", "value": "FFFFFFFF", "left out": "FFFBE0DD"}
ROWS = 2_000
"""How many rows of a sheet are shown with their colours."""
LONGEST_LIST = 250
"""Letters that spreadsheet programs take in a drop-down that is written into the cell."""
TO_CONFIRM = "FFFFF3C4"
WHOLE = ("title", "totals", "keys", "regions", "formulas", "numbers")
"""What is answered for a table, or for all regions of a line, as a whole."""
OUT = ("rows", "unread")
"""What stays out of the data, and of which a person can only say so."""
OF_FIGURES = ("fixed", "codes", "line", "sheet", "rests", "values", NOTE)
"""What else is asked about: each kind has answers of its own."""
CODED = ("fixed", "codes", NOTE)
"""What is answered with a code of a component."""
THOUSANDS = (".", ",")
"""Signs between thousands that may as well be those of decimals."""


def to_workbook(
    proposal: Proposal,
    questions: Sequence[Question],
    examples: Sequence[Example],
    tables: Sequence[Table],
    *,
    unsaid: Sequence[Question] = (),
) -> bytes:
    """The review of a proposal: a sheet of lines with drop-downs, observations in words, the sheets in colours.

    Behind the lines of the proposal stands what is `unsaid`: it may be said of all figures, or of some of them. Same
    input, same bytes.
    """
    workbook = openpyxl.Workbook()
    first: Any = workbook.worksheets[0]
    first.title = CONFIRM
    listed = sorted(questions, key=lambda question: not question.is_open)
    fill_list(first, listed, unsaid)
    fill_preview(workbook.create_sheet(PREVIEW), examples)
    names = {CONFIRM.casefold(), PREVIEW.casefold()}
    blocks = dict(zip(proposal.regions, proposal.mapping.blocks, strict=True))
    for table in tables:
        drawn = {
            region: left_out_labels(block, table)
            for region, block in blocks.items()
            if region.table.sheet == table.sheet
        }
        if drawn:
            fill_sheet(workbook.create_sheet(free_name(table.sheet or "Table", names)), table, drawn)
    return saved(workbook)


def free_name(name: str, taken: set[str]) -> str:
    """A name for a sheet that no other has."""
    tried, number = name[:31], 2
    while tried.casefold() in taken:
        tried, number = f"{name[:27]} {number}", number + 1
    taken.add(tried.casefold())
    return tried


def fill_list(sheet: Worksheet, questions: Sequence[Question], unsaid: Sequence[Question]) -> None:
    """The lines to confirm, the open ones first and in colour, then what may be said, each with its drop-down."""
    for column, (head, width) in enumerate(zip(HEADS, WIDTHS, strict=True), start=1):
        put(sheet, 1, column, head).font = openpyxl.styles.Font(bold=True)
        sheet.column_dimensions[cell_name(1, column).rstrip("1")].width = width
    lists: dict[str, openpyxl.worksheet.datavalidation.DataValidation] = {}
    for row, question in enumerate((*questions, *unsaid), start=2):
        is_asked = row < len(questions) + 2
        texts = texts_of(question, proposed="?" if is_asked else "")
        for column, text in enumerate(texts, start=1):
            cell = put(sheet, row, column, text)
            cell.number_format = "@"
            cell.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
            if is_asked and question.is_open:
                cell.fill = openpyxl.styles.PatternFill("solid", fgColor=TO_CONFIRM)
        choices = choices_of(question)
        if choices:
            drop = lists.setdefault(
                choices,
                openpyxl.worksheet.datavalidation.DataValidation(
                    "list", formula1=f'"{choices}"', showErrorMessage=False
                ),
            )
            drop.add(cell_name(row, DECISION + 1))
    for drop in lists.values():
        sheet.add_data_validation(drop)
    sheet.freeze_panes = "A2"


def texts_of(question: Question, *, proposed: str) -> tuple[str, ...]:
    """The cells of a line, as `HEADS` names them; `proposed` stands where nothing is. What was decided stays so."""
    chosen = question.chosen
    several = f" (in {len(question.sheets)} sheets)" if question.sheets else ""
    return (
        question.sheet,
        question.part,
        question.label,
        chosen.code or proposed,
        f"{chosen.confidence:.2f}" if chosen.code or proposed else "",
        f"{chosen.reason}{several}",
        ", ".join(map(nearest, question.others)),
        chosen.code if chosen.reason == DECIDED else "",
    )


def nearest(candidate: Candidate) -> str:
    """Another code that a line may be: why, and how sure that is, where something speaks for it."""
    score = f", {candidate.confidence:.2f}" if candidate.confidence else ""
    return f"{candidate.code} ({candidate.reason}{score})"


def fill_preview(sheet: Worksheet, examples: Sequence[Example]) -> None:
    """Some observations in words with their cells: who knows the table sees at a glance whether it is read right."""
    put(sheet, 1, 1, "Is this what the table says?").font = openpyxl.styles.Font(bold=True)
    for row, example in enumerate(examples, start=2):
        put(sheet, row, 1, example.sentence).number_format = "@"
    sheet.column_dimensions["A"].width = 110


def choices(question: Question) -> tuple[str, ...]:
    """What a person may answer to a question; another code may be written."""
    codes = [candidate.code for candidate in (question.chosen, *question.others) if candidate.code]
    may_stay_out = question.part.partition(" ")[0] in ("codes", NOTE, *OUT)
    return tuple(dict.fromkeys([*codes, *([LEAVE_OUT] if may_stay_out else [])]))


def choices_of(question: Question) -> str:
    """What the drop-down of a line offers, as it is written into the cell."""
    listed = ",".join(code for code in choices(question) if "," not in code)
    return listed if len(listed) <= LONGEST_LIST else ""


def left_out_labels(block: Block, table: Table) -> frozenset[str]:
    """The labels of rows and columns that a proposal leaves out, also those of which it names a part."""
    labels = frozenset(skip.match for skip in (*block.skip_rows, *block.skip_columns) if not skip.column)
    parts = [label for label in labels if expression_of(label)]
    texts = {" ".join(text.split()) for text in table.cells["text"].unique()} if parts else set()
    return labels | {text for text in texts if matches_any(text, parts)}


def fill_sheet(sheet: Worksheet, table: Table, drawn: Mapping[Region, frozenset[str]]) -> None:
    """The cells of a sheet in the colour of what they are; `drawn` are its regions with the labels left out."""
    fills = {role: openpyxl.styles.PatternFill("solid", fgColor=colour) for role, colour in ROLES.items()}
    rows = table.rows
    for row in sorted(rows)[:ROWS]:
        for column, text in sorted(rows[row].items()):
            cell = put(sheet, row, column, text)
            cell.number_format = "@"
            role = next(
                (role_of(row, column, region, out) for region, out in drawn.items() if region.has(row, column)), "title"
            )
            cell.fill = fills[role]


def role_of(row: int, column: int, region: Region, left_out: frozenset[str]) -> str:
    """What a cell of a region is for the proposal."""
    if any(
        " ".join(region.table.text(row, label_column).split()) in left_out for label_column in (column, *region.labels)
    ):
        return "left out"
    if row < region.first:
        return "header"
    return "label" if column in region.labels else "value"


def read_decisions(name: str, tables: Iterable[Table], flow: Flow) -> Decisions:
    """What a person decided in a review workbook about a mapping to a dataflow.

    Raises `InputError` if the workbook has no sheet of lines to confirm, or for a decision that is no code of the
    component or no dimension, with its cell.
    """
    table = next((table for table in tables if table.sheet == CONFIRM), None)
    if table is None or [table.text(1, column) for column in range(1, len(HEADS) + 1)] != list(HEADS):
        hint = "Make it with: sdmxmig map WORKBOOK DATAFLOW --review FILE"
        raise InputError(f"The workbook has no sheet “{CONFIRM}” with lines to confirm.", Place(name), hint)
    decisions = {}
    for row in sorted(table.rows):
        cells = [table.text(row, column + 1) for column in range(len(HEADS))]
        if row > 1 and cells[DECISION].strip():
            decision, place = decided(cells[PART], cells[DECISION].strip(), flow), table.place(row, DECISION + 1)
            check_decision(cells[PART], decision, flow, place, label=cells[LABEL], proposed=cells[PROPOSED])
            decisions[cells[SHEET], cells[PART], cells[LABEL]] = decision
    return decisions


def decided(part: str, text: str, flow: Flow, language: str = "") -> str:
    """What a person decided: the code, where the name of a country or of another code is written; else the text."""
    kind, _, name = part.partition(" ")
    codelist = flow.codelist(name) if kind in CODED else None
    return text if codelist is None else code_called(text, codelist, language)


def check_decision(part: str, decision: str, flow: Flow, place: Place, *, label: str = "", proposed: str = "") -> None:
    """Refuse a decision that says nothing of what is asked: `InputError` with the answers that there are.

    `part`, `label` and what is `proposed` are those of the question. A line of labels that is proposed to give an
    attribute may be said to give it.
    """
    kind, _, name = part.partition(" ")
    if kind not in (*WHOLE, *OUT, *OF_FIGURES):
        raise InputError(f"“{part}” is nothing that is asked about.", place, "Leave the column Part as it was made.")
    if kind in WHOLE and decision not in (AS_IT_IS, LEAVE_OUT):
        raise no_answer(decision, place, f"Write “{AS_IT_IS}” or “{LEAVE_OUT}”.")
    if kind in OUT and decision != LEAVE_OUT:
        hint = f"Write “{LEAVE_OUT}”. To have them read, say in the table itself what tells them apart."
        raise no_answer(decision, place, hint)
    if kind == "rests" and decision != LEAVE_OUT:
        raise no_answer(decision, place, f"Write “{LEAVE_OUT}”, or a code for each label.")
    if kind == "values":
        check_sign(label, decision, flow, place)
    if kind in ("sheet", "line") and decision != proposed:
        check_dimension(kind, decision, flow, place)
    if kind == NOTE:
        check_note(name, label, flow, place)
    if kind in CODED:
        check_code(kind, name, decision, flow, place=place)


def no_answer(decision: str, place: Place, hint: str) -> InputError:
    """The error for an answer to another question than the one that is asked."""
    return InputError(f"“{decision}” is no answer here.", place, hint)


def check_sign(label: str, decision: str, flow: Flow, place: Place) -> None:
    """Refuse what is no status of observations as the meaning of a mark, and no number either as that of a sign.

    Of negative figures it is said whether they are counts with a minus before them, of signs in numbers which of them
    stands between thousands.
    """
    if label in (NEGATIVE, BRACKETS) and decision not in (MINUS, PLUS):
        raise no_answer(decision, place, f"Write “{MINUS}” or “{PLUS}”.")
    if label == SIGNS and decision not in THOUSANDS:
        raise no_answer(decision, place, f"Write the sign between thousands: {' or '.join(THOUSANDS)}")
    kind = next((beginning for beginning in ("the mark “", "the sign “") if label.startswith(beginning)), "")
    listed = [item.id for name in (STATUS, STAGE) if name in flow.structure for item in flow.codelist(name) or ()]
    is_number = kind.startswith("the sign") and decision.lstrip("-").isdecimal()
    if kind and decision not in listed and not is_number:
        message = f"“{decision}” is not a code of {STATUS}: nothing else can be the meaning of {label}."
        raise InputError(message, place, f"{did_you_mean(decision, listed)} A value that is as usual is {NORMAL}.")


def check_dimension(kind: str, decision: str, flow: Flow, place: Place) -> None:
    """Refuse what is no dimension as what a line of labels or the names of sheets give.

    A line may also be read for one of its labels only, and a sheet be left out.
    """
    dimensions = flow.structure.key
    is_other = decision == LEAVE_OUT if kind == "sheet" else decision.startswith(ONLY)
    if decision not in dimensions and not is_other:
        raise InputError(f"“{decision}” is no dimension of {flow.id}.", place, did_you_mean(decision, dimensions))


def check_code(kind: str, name: str, decision: str, flow: Flow, *, place: Place) -> None:
    """Refuse what is no code of a component, and no period of time; what has a label may be left out instead."""
    time = flow.structure.time
    if kind in ("codes", NOTE) and decision == LEAVE_OUT:
        return
    if name not in flow.structure:
        components = [component.id for component in flow.structure.components]
        raise InputError(f"{flow.id} has no component “{name}”.", place, did_you_mean(name, components))
    if time and name == time.id and not is_period(decision):
        raise InputError(
            f"“{decision}” is no period.", place, "Write 2020, 2020-S1, 2020-Q1, 2020-01 or 2020-07-01/P1Y."
        )
    codelist = flow.codelist(name)
    if codelist is not None and decision not in codelist:
        if decision in (LEAVE_OUT, AS_IT_IS):
            raise no_answer(decision, place, f"Write a code of {name} ({codelist.ref.short}).")
        message = f"“{decision}” is not a code of {name} ({codelist.ref.short})."
        raise InputError(message, place, which_code(decision, codelist, name))
