"""Guide sheet of a questionnaire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sdmxmig.forms.look import Look, link, mark_failed, one_page_wide, paragraph, widths
from sdmxmig.forms.questionnaires import keys
from sdmxmig.forms.questionnaires.checks import BAD, GOOD
from sdmxmig.forms.questionnaires.grid_sheet import DrawnTable
from sdmxmig.forms.questionnaires.plan import AREA
from sdmxmig.forms.questionnaires.wording import QuestionnaireWording
from sdmxmig.io.workbook_cells import LINE_HEIGHT, lines_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

STEPS = (
    "Fill in the yellow cells. All other cells are locked.",
    "A figure that you do not have stays empty; its status says why.",
    "Cells marked ✕ show totals that their parts do not add up to, and by how much.",
    "Sources, dates and methods belong on the sheet “Sources and methods”, remarks on single figures on “Notes”.",
    "Do not move, rename or delete sheets, rows and columns: the hidden cells tell what each figure is.",
    "Save the workbook as .xlsx and send it back.",
)


def draw_guide(look: Look, wording: QuestionnaireWording, drawn: Sequence[DrawnTable]) -> None:
    """Fill the first sheet."""
    sheet = look.sheet(wording.say("Instructions"), keys.key(keys.MARK, keys.GUIDE))
    questionnaire = wording.questionnaire
    name = questionnaire.flow.dataflow.name.in_language(wording.language)
    look.put(sheet, (2, 2), name, "title")
    periods = questionnaire.periods
    span = periods[0] if len(periods) == 1 else f"{periods[0]} – {periods[-1]}"
    look.put(sheet, (3, 2), f"{wording.code(AREA, questionnaire.area)} · {span}", "section")
    row = paragraph(sheet, look, 4, *wording.text(questionnaire.flow.dataflow.description, "plain"))
    look.put(sheet, (row + 1, 2), wording.say("How to fill it in"), "section")
    row += 2
    for number, step in enumerate(STEPS, start=1):
        row = paragraph(sheet, look, row, f"{number}. {wording.say(step)}")
    row = contents(sheet, look, wording, (row + 1, drawn))
    definitions(sheet, look, wording, row + 1)
    widths(sheet, 2, [26, 62, 16, 16, 16])
    one_page_wide(sheet)


def contents(
    sheet: Worksheet, look: Look, wording: QuestionnaireWording, where: tuple[int, Sequence[DrawnTable]]
) -> int:
    """The tables with links, how many figures are asked for and filled in, and how many checks fail."""
    row, drawn = where
    heads = ("Sheet", "Table", "Figures asked for", "Figures filled in", "Checks that fail")
    for column, head in enumerate(heads, start=2):
        look.put(sheet, (row, column), wording.say(head), "head")
    sheet.row_dimensions[row].height = 2 * LINE_HEIGHT + 2
    first = row + 1
    for table in drawn:
        row += 1
        link(look.put(sheet, (row, 2), table.sheet, "link"), table.sheet)
        look.put(sheet, (row, 3), table.title, "plain")
        sheet.row_dimensions[row].height = LINE_HEIGHT * lines_of(table.title, 62) + 2
        cells: Any = [look.dress(sheet.cell(row, column), "count") for column in (4, 5, 6)]
        cells[0].value = table.asked
        # One range for all columns: a formula that named those of a hundred periods would be too long for Excel.
        cells[1].value = f"=COUNT('{table.sheet}'!{table.body})"
        if table.checks:
            failing, passed = (f"COUNTIF('{table.sheet}'!{table.body},\"{sign}*\")" for sign in (BAD, GOOD))
            cells[2].value = f'=IF({failing}>0,"{BAD} "&{failing},IF({passed}>0,"{GOOD}",""))'
    if drawn:
        mark_failed(sheet, f"F{first}:F{row}", f"F{first}")
    for title in ("Sources and methods", "Further figures", "Notes", "Codes"):
        row += 1
        link(look.put(sheet, (row, 2), wording.say(title), "link"), wording.say(title))
    return row + 1


def definitions(sheet: Worksheet, look: Look, wording: QuestionnaireWording, row: int) -> None:
    row += 1
    look.put(sheet, (row, 2), wording.say("What the words mean"), "section")
    dimensions_shown = {name for grid in wording.questionnaire.grids for name in (*grid.by_row, *grid.by_column)}
    for component in wording.flow.structure.dimensions:
        if component.id not in dimensions_shown:
            continue
        row += 1
        look.put(sheet, (row, 2), wording.concept(component.id), "head")
        defined = wording.text(wording.definition(component), "plain")
        look.put(sheet, (row, 3), *defined)
        sheet.row_dimensions[row].height = LINE_HEIGHT * lines_of(defined[0], 62) + 2
        codelist = wording.flow.codelist(component)
        used_codes = dict(wording.questionnaire.codes.get(component.id, ()))
        for item in codelist or ():
            about = wording.text(item.description, "plain")
            if item.id in used_codes and about[0]:
                row += 1
                look.put(sheet, (row, 2), wording.code(component.id, item.id), "plain-1")
                look.put(sheet, (row, 3), *about)
                sheet.row_dimensions[row].height = LINE_HEIGHT * lines_of(about[0], 62) + 2
