"""Other sheets of a form: cover, sign-off, sources, codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sdmxmig.forms.look import Look, link, one_page_wide, paragraph, share_bars, widths
from sdmxmig.forms.profiles import keys
from sdmxmig.forms.profiles.item_sheets import CORE, DONE, HEADS, IS_CORE, TICK, DrawnSheet
from sdmxmig.forms.profiles.plan import FormSheet
from sdmxmig.forms.profiles.wording import FormWording
from sdmxmig.io.workbook_bytes import free_title
from sdmxmig.io.workbook_cells import LINE_HEIGHT, lines_of
from sdmxmig.sdmx.model.profile import Profile

STEPS = (
    "Fill in the yellow cells. All other cells are locked.",
    "Choose the code of an answer from the list of its cell. What is not known stays empty.",
    "Say in words how it is done, in the language of this form; another language begins with its code, such as [en].",
    "Write every source once on the sheet “Sources”, and name it by its key beside the answers, such as G1; G2.",
    "Begin with the core questions, marked ●: they stand first on each sheet. The others can wait for a second round.",
    "Do not move, rename or delete sheets, rows and columns: the hidden cells tell what each answer is about.",
    "Save the workbook as .xlsx and send it back.",
)
SPARE_SOURCES = 100
FIRST = 5
"""The first row of entries on these sheets."""
TEXT_COLUMN = 3
INTRODUCTION = (
    "What the country answers about its statistics on international migration and temporary mobility, "
    "to be compared with reference documents. A text marked “candidate” is the wording of sdmxmig; none is official "
    "unless it names a passage of the published Recommendations."
)


def draw_cover(look: Look, wording: FormWording, profile: Profile, drawn: Sequence[DrawnSheet]) -> None:
    sheet = look.sheet(
        free_title(look.workbook.sheetnames, wording.say("Instructions")), keys.key(keys.MARK, keys.COVER)
    )
    look.put(sheet, (2, 2), wording.say("Profile of migration statistics"), "title")
    look.put(sheet, (3, 2), f"{wording.country(profile.area)} · {profile.year}", "section")
    row = paragraph(sheet, look, 4, wording.say(INTRODUCTION))
    look.put(sheet, (row + 1, 2), wording.say("How to fill it in"), "section")
    row += 2
    for number, step in enumerate(STEPS, start=1):
        row = paragraph(sheet, look, row, f"{number}. {wording.say(step)}")
    look.put(sheet, (row + 1, 2), wording.say("How far it is"), "section")
    progress(sheet, look, wording, (row + 2, drawn))
    widths(sheet, 2, [46, 14, 14, 14, 14, 24])
    one_page_wide(sheet)


def progress(sheet: Any, look: Look, wording: FormWording, where: tuple[int, Sequence[DrawnSheet]]) -> None:
    """Each sheet with a link, how many questions it has, and how many of them are answered, as formulas."""
    row, drawn = where
    for column, head in enumerate(
        ("Sheet", "Questions", "Answered", "Core questions", "Core answered", "Share answered"), start=2
    ):
        look.put(sheet, (row, column), wording.say(head), "head")
    sheet.row_dimensions[row].height = 2 * LINE_HEIGHT + 2
    first = row + 1
    for drawn_sheet in drawn:
        row += 1
        link(look.put(sheet, (row, 2), f"{drawn_sheet.module} {drawn_sheet.name}", "link"), drawn_sheet.title)
        counts = (
            str(drawn_sheet.asked),
            f'=COUNTIF({drawn_sheet.cells(TICK)},"{DONE}")',
            str(drawn_sheet.core),
            f'=COUNTIFS({drawn_sheet.cells(CORE)},"{IS_CORE}",{drawn_sheet.cells(TICK)},"{DONE}")'
            if drawn_sheet.core
            else "0",
        )
        line(sheet, look, row, counts)
    sums = [f"=SUM({letter}{first}:{letter}{row})" for letter in "CDEF"]
    look.put(sheet, (row + 1, 2), wording.say("Total"), "head")
    line(sheet, look, row + 1, sums)
    share_bars(sheet, f"G{first}:G{row + 1}")
    for number, title in enumerate(("Sign-off", "Sources", "Codes"), start=row + 2):
        link(look.put(sheet, (number, 2), wording.say(title), "link"), wording.say(title))


def line(sheet: Any, look: Look, row: int, counts: Sequence[str]) -> None:
    for column, text in enumerate(counts, start=3):
        cell = look.dress(sheet.cell(row, column), "count")
        cell.value = text if text.startswith("=") else int(text)
    look.dress(sheet.cell(row, 7), "share").value = f"=IF(C{row}=0,0,D{row}/C{row})"


def draw_about(look: Look, wording: FormWording, profile: Profile) -> None:
    """The sheet that says of which country and year the answers are, and who signed them off."""
    sheet = look.sheet(free_title(look.workbook.sheetnames, wording.say("Sign-off")), keys.key(keys.MARK, keys.ABOUT))
    look.put(sheet, (2, 2), wording.say("Sign-off"), "title")
    look.put(sheet, (3, 2), wording.say("Until it is signed off, every report says that it is a draft."), "line")
    facts = (
        (keys.AREA, "Country", profile.area, "Two capital letters of ISO 3166-1, such as GE."),
        (keys.YEAR, "Year of the assessment", profile.year, "Four digits, such as 2026."),
        (
            keys.SIGNED_OFF,
            "Signed off by",
            profile.signed_off,
            "Name or office, and the day, once all is reviewed.",
        ),
    )
    for row, (name, head, value, hint) in enumerate(facts, start=FIRST):
        look.put(sheet, (row, 1), keys.key(keys.FACT, name), "key")
        look.put(sheet, (row, 2), wording.say(head), "label")
        look.put(sheet, (row, TEXT_COLUMN), value, "text")
        look.put(sheet, (row, 4), wording.say(hint), "soft")
        sheet.row_dimensions[row].height = 2 * LINE_HEIGHT + 4
    widths(sheet, 2, [30, 50, 60])
    one_page_wide(sheet)


def draw_sources(look: Look, wording: FormWording, profile: Profile) -> None:
    """The sheet of citations: a key and the full citation in each row."""
    sheet = look.sheet(free_title(look.workbook.sheetnames, wording.say("Sources")), keys.key(keys.MARK, keys.SOURCES))
    look.put(sheet, (2, 2), wording.say("Sources"), "title")
    look.put(sheet, (3, 2), wording.say("Each source once: a short key, and what is needed to find it again."), "line")
    look.put(sheet, (FIRST - 1, 1), keys.key(keys.HEAD), "key")
    heads = ((keys.ID, "Key"), (keys.CITATION, "Citation: who, what, when, address"))
    for column, (name, head) in enumerate(heads, start=2):
        look.put(sheet, (1, column), keys.key(keys.COLUMN, name), "key")
        look.put(sheet, (FIRST - 1, column), wording.say(head), "head")
    citations = [*profile.sources.items(), *[("", "")] * SPARE_SOURCES]
    for row, (key, citation) in enumerate(citations, start=FIRST):
        look.put(sheet, (row, 1), keys.key(keys.SOURCE), "key")
        look.put(sheet, (row, 2), key, "text")
        look.put(sheet, (row, TEXT_COLUMN), citation, "text")
        sheet.row_dimensions[row].height = LINE_HEIGHT * lines_of(citation, 120) + 3
    widths(sheet, 2, [12, 120])
    one_page_wide(sheet)
    sheet.freeze_panes = f"B{FIRST}"
    sheet.print_title_rows = f"{FIRST - 1}:{FIRST - 1}"


def draw_codes(look: Look, wording: FormWording) -> None:
    """The codes of every scale with what they mean."""
    sheet = look.sheet(free_title(look.workbook.sheetnames, wording.say("Codes")), keys.key(keys.MARK, keys.CODES))
    look.put(sheet, (2, 2), wording.say("Codes"), "title")
    row = 3
    for scale in wording.asked.scales.values():
        row += 1
        look.put(sheet, (row, 2), wording.words.of(scale.name).text, "section")
        for item in wording.list_of(scale):
            row += 1
            about, style = wording.text(item.description, "soft")
            look.put(sheet, (row, 2), item.id, "label")
            look.put(sheet, (row, 3), item.name.in_language(wording.language), "plain")
            look.put(sheet, (row, 4), about, style)
            sheet.row_dimensions[row].height = LINE_HEIGHT * lines_of(about, 70) + 3
        row += 1
    widths(sheet, 2, [12, 60, 70])
    one_page_wide(sheet)


def draw_control(look: Look, wording: FormWording, sheets: Sequence[tuple[FormSheet, Sequence[str]]]) -> None:
    sheet = look.sheet(keys.MARK, keys.key(keys.MARK, keys.CONTROL))
    sheet.sheet_state = "veryHidden"
    rows = [("format", keys.FORMAT), ("language", wording.language)]
    rows += [(name, wording.say(HEADS[name])) for name in keys.READ]
    rows += [(planned.id, key) for planned, row_keys in sheets for key in row_keys]
    for number, cells in enumerate(rows, start=2):
        for column, text in enumerate(cells, start=2):
            look.put(sheet, (number, column), text, "key")
