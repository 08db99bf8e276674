"""Profile forms as workbooks: cover, item sheets, sign-off, sources and codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.benchmarking import BenchmarkItem, Profile, Scale
from sdmxmig.forms.cells import find_chosen_code, format_choice
from sdmxmig.forms.profiles import keys
from sdmxmig.forms.profiles.dataset import ASSESSMENT_FLOW, LIST_SEPARATOR, encode_text
from sdmxmig.forms.profiles.plan import (
    ITEM_LIST,
    OBSTACLES,
    FormBlock,
    FormQuestion,
    FormSheet,
    QuestionPlan,
    plan,
    read_questions,
)
from sdmxmig.forms.styles import (
    SheetPainter,
    create_workbook,
    draw_share_bars,
    finish_workbook,
    fit_page_width,
    link,
    restrict_to_list,
    set_widths,
    write_paragraph,
)
from sdmxmig.io.workbooks import LINE_HEIGHT, MAX_ROW_HEIGHT, choose_free_title, count_lines
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import format_cell
from sdmxmig.primitives.text import choose_language, read_csv_rows
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.words import Words

QUESTIONS = {
    "H": "Do migration statistics use this source? {item}",
    "ALIGN": "How close is your practice to the framework? {item}",
    "AVAIL": "Do you compile and publish this? {item}",
    "YNP": "Does this apply in your country? {item}",
}
"""Questions about the country by module, else by scale."""


class FormWording:
    def __init__(self, catalogue: Catalogue, asked: QuestionPlan, words: Words) -> None:
        self.asked, self.words, self.language = asked, words, words.language
        self.catalogue = catalogue
        self.items = catalogue.item_scheme(ITEM_LIST)
        self.areas = catalogue.flow(ASSESSMENT_FLOW).codelist("REF_AREA")

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def country(self, area: str) -> str:
        areas = self.areas
        return (areas[area].name.in_language(self.language) if areas and area in areas else "") or area

    def name_of(self, item: str) -> str:
        return self.items[item].name.in_language(self.language) if item in self.items else item

    def question(self, item: BenchmarkItem) -> str:
        name = self.words.of(item.name).text
        asked = "" if item.of else QUESTIONS.get(item.module) or QUESTIONS.get(item.scale, "")
        return self.say(asked, item=name) if asked and name else name

    def title(self, sheet: FormSheet) -> str:
        if sheet.id.endswith(f".{OBSTACLES}"):
            return f"{self.name_of(sheet.module)} – {self.say('obstacles')}"
        return self.name_of(sheet.module)

    def list_of(self, scale: Scale) -> ItemScheme:
        return self.catalogue.item_scheme(f"CL_SCALE_{scale.id}")

    def choice(self, scale: Scale | None, code: str) -> str:
        label = scale.label(code).in_language(self.language) if scale else ""
        return format_choice(code, label)

    def evidence(self, code: str) -> str:
        classes = self.asked.evidence
        return format_choice(code, classes[code].in_language(self.language)) if code in classes else code

    def status(self, status: str) -> str:
        return self.say(status) if status in ("verified", "candidate", "national") else status


def write_form(
    profile: Profile,
    catalogue: Catalogue,
    words: Mapping[str, Mapping[str, str]],
    *,
    language: str = "en",
    short: bool = False,
) -> bytes:
    wording = build_wording(catalogue, words, language)
    workbook = create_workbook()
    look = SheetPainter(workbook, wording.words)
    lists = ChoiceLists(wording)
    planned = plan(catalogue, wording.asked, profile, short=short)
    draw_about(look, wording, profile)
    draw_sources(look, wording, profile)
    drawn = [ItemSheet(look, wording, lists, sheet) for sheet in planned]
    for item_sheet in drawn:
        item_sheet.draw()
    draw_codes(look, wording)
    look.add_lists(keys.format_key(keys.FORM_MARK, keys.LISTS), lists.choices.values())
    look.add_control_sheet(keys.format_key(keys.FORM_MARK, keys.CONTROL), list_control_rows(wording, planned))
    draw_cover(look, wording, profile, drawn)
    look.close()
    workbook.move_sheet(workbook.worksheets[-1], -len(workbook.worksheets) + 1)
    return finish_workbook(workbook)


def build_wording(catalogue: Catalogue, words: Mapping[str, Mapping[str, str]], language: str) -> FormWording:
    spoken = choose_language(language, words)
    if not spoken:
        message = f"Forms of the profile are not translated into “{language}”."
        raise SdmxmigError(message, hint=did_you_mean(language, words))
    return FormWording(catalogue, read_questions(catalogue), Words(spoken, words[spoken]))


def list_control_rows(wording: FormWording, sheets: Sequence[FormSheet]) -> Iterator[tuple[str, str]]:
    yield from (("format", keys.FORMAT_VERSION), ("language", wording.language))
    yield from ((name, wording.say(COLUMN_HEADS[name])) for name in keys.READ_FIELDS)
    for sheet in sheets:
        for block in sheet.blocks:
            yield from ((sheet.id, build_row_key(sheet, block, question.item)) for question in block.questions)


TICK, CORE, QUESTION, MEANT, STATUS, GUIDANCE = "tick", "core", "asked", "meant", "status", "guidance"
COLUMNS = {row["column"]: row for row in read_csv_rows(Path(__file__).with_name("columns.csv"))}
"""The columns from B on with their widths and heads."""
WIDTHS = {name: int(row["width"]) for name, row in COLUMNS.items()}
COLUMN_HEADS = {name: row["head"] for name, row in COLUMNS.items() if row["head"]}
COLUMN_POSITIONS = {name: column for column, name in enumerate(COLUMNS, start=2)}
INSTRUCTIONS = {
    "": "Choose an answer, describe the practice in words, and name the sources by their keys.",
    "indicator": "For each indicator: whether it is produced, its sources, its alignment with the "
    "framework, and the target date.",
    "source": "For each source: the organisation that keeps it, its content, and how it reaches the office.",
    "product": "Datasets made from several sources. Write a short name in the yellow cell of each header.",
    "action": "Actions that the country has decided on. Write a short name in the yellow cell of each header.",
    "comment": "Comments of the office on findings, gaps and actions. Write each id in the yellow cell of a header.",
    "abbreviation": "Abbreviations used in your texts. Write each in the yellow cell of a header.",
}
HEAD_ROW = 4
DONE_SIGN, BEGUN_SIGN, IS_CORE = "✓", "…", "●"
EVIDENCE_STYLE = "evidence"
"""Replaces the list of evidence classes among the ids of scales."""
FIRST_COLUMN = 2


class ItemSheet:
    """A sheet of a form with the questions of a module, in blocks. `last` is its last row after drawing."""

    def __init__(self, look: SheetPainter, wording: FormWording, lists: ChoiceLists, planned: FormSheet) -> None:
        self.look, self.wording, self.lists, self.planned = look, wording, lists, planned
        self.name = wording.title(planned)
        title = choose_free_title(look.workbook.sheetnames, f"{planned.module} {self.name}")
        self.sheet: Any = look.add_sheet(title, keys.format_key(keys.FORM_MARK, planned.id))
        self.choices: dict[str, list[str]] = {}
        self.last = HEAD_ROW

    def find_range(self, column: str) -> str:
        letters = format_cell(1, COLUMN_POSITIONS[column]).rstrip("1")
        quoted = self.sheet.title.replace("'", "''")
        return f"'{quoted}'!${letters}${HEAD_ROW + 1}:${letters}${self.last}"

    def draw(self) -> None:
        self.draw_head()
        row = HEAD_ROW
        for block in self.planned.blocks:
            if self.planned.kind:
                row += 1
                self.subject(row, block)
            for question in block.questions:
                row += 1
                self.question(row, block, question)
        column = COLUMN_POSITIONS[keys.EVIDENCE]
        classes = f"{format_cell(HEAD_ROW + 1, column)}:{format_cell(row, column)}"
        for name, cells in {**self.choices, EVIDENCE_STYLE: [classes]}.items():
            restrict_to_list(self.sheet, cells, self.lists.source(name), self.look.refusal)
        self.sheet.auto_filter.ref = f"B{HEAD_ROW}:{format_cell(row, COLUMN_POSITIONS[keys.QUOTED])}"
        self.last = row

    def draw_head(self) -> None:
        sheet, say = self.sheet, self.wording.say
        self.look.write(sheet, (2, 2), self.name, "title")
        self.look.write(sheet, (3, 2), say(INSTRUCTIONS[self.planned.kind]), "line")
        self.look.write(sheet, (HEAD_ROW, 1), keys.format_key(keys.HEAD), "key")
        heads = COLUMN_HEADS if self.planned.kind else {**COLUMN_HEADS, MEANT: "Text of the reference document"}
        for name, column in COLUMN_POSITIONS.items():
            self.look.write(sheet, (HEAD_ROW, column), say(heads[name]) if name in heads else "", "head")
            if name in keys.READ_FIELDS:
                self.look.write(sheet, (1, column), keys.format_key(keys.COLUMN, name), "key")
        sheet.row_dimensions[HEAD_ROW].height = 3 * LINE_HEIGHT + 2
        set_widths(sheet, [float(width) for width in WIDTHS.values()])
        sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, COLUMN_POSITIONS[MEANT])
        sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
        fit_page_width(sheet)
        sheet.protection.autoFilter = False  # false: not forbidden

    def subject(self, row: int, block: FormBlock) -> None:
        slot = [(keys.SLOT, str(block.slot))] if block.slot else []
        self.look.write(self.sheet, (row, 1), keys.format_key(keys.SUBJECT, "" if slot else block.subject, slot), "key")
        for column in COLUMN_POSITIONS.values():
            self.look.apply_style(self.sheet.cell(row, column), "band")
        self.look.write(self.sheet, (row, COLUMN_POSITIONS[keys.ID]), block.subject, "choice" if slot else "band")
        name = self.wording.say("Its short name, id or abbreviation") if slot else ""
        self.look.write(
            self.sheet, (row, COLUMN_POSITIONS[QUESTION]), name or self.wording.words.of(block.name).text, "band"
        )
        about, _ = self.look.text(block.about, "band")
        self.look.write(self.sheet, (row, COLUMN_POSITIONS[MEANT]), about, "band")
        self.look.write(self.sheet, (row, COLUMN_POSITIONS[STATUS]), self.wording.status(block.status), "band")
        texts = {QUESTION: name or self.wording.words.of(block.name).text, MEANT: about}
        self.sheet.row_dimensions[row].height = self.compute_height(texts)

    def question(self, row: int, block: FormBlock, question: FormQuestion) -> None:
        item = question.item
        self.look.write(self.sheet, (row, 1), build_row_key(self.planned, block, item), "key")
        coded, practice_cell = (format_cell(row, COLUMN_POSITIONS[name]) for name in (keys.ANSWER, keys.PRACTICE))
        answered_cell = coded if item.scale else practice_cell
        tick = self.look.apply_style(self.sheet.cell(row, COLUMN_POSITIONS[TICK]), "tick")
        tick.value = f'=IF({answered_cell}<>"","{DONE_SIGN}",IF({practice_cell}<>"","{BEGUN_SIGN}",""))'
        texts = self.texts(question)
        for name, (text, style) in texts.items():
            self.look.write(self.sheet, (row, COLUMN_POSITIONS[name]), text, style)
        if item.scale:
            self.choices.setdefault(item.scale, []).append(coded)
        self.sheet.row_dimensions[row].height = self.compute_height({name: text for name, (text, _) in texts.items()})

    def compute_height(self, texts: dict[str, str]) -> float:
        return min(
            LINE_HEIGHT * max(count_lines(text, WIDTHS[name]) for name, text in texts.items()) + 4, MAX_ROW_HEIGHT
        )

    def texts(self, question: FormQuestion) -> dict[str, tuple[str, str]]:
        item, answer, wording = question.item, question.answer, self.wording
        scale = wording.asked.scales.get(item.scale)
        is_claim = bool(item.recommendation) and not self.planned.kind
        meaning, style = self.look.text(item.recommendation, "soft")
        return {
            keys.ID: (item.id, "id"),
            CORE: (IS_CORE if question.is_core else "", "dot"),
            QUESTION: (wording.question(item), "head"),
            MEANT: (f"{meaning} ({item.source})" if is_claim else meaning, style),
            STATUS: (wording.status(item.status) if is_claim else "", "soft"),
            GUIDANCE: (write_guidance(wording, item), "soft"),
            keys.ANSWER: (wording.choice(scale, answer.answer) if answer.answer else "", "choice" if scale else "shut"),
            keys.EVIDENCE: (wording.evidence(answer.evidence) if answer.evidence else "", "choice"),
            keys.PRACTICE: (encode_text(answer.practice, wording.language), "text"),
            keys.QUESTION: (encode_text(answer.question, wording.language), "text"),
            keys.CITED: (LIST_SEPARATOR.join(answer.sources), "text"),
            keys.QUOTED: (answer.quoted, "text"),
        }


def write_guidance(wording: FormWording, item: BenchmarkItem) -> str:
    scale = wording.asked.scales.get(item.scale)
    way = scale.name.in_language(wording.language) if scale else wording.say("In words")
    number = wording.words.of(item.number).text
    return f"{way}. {wording.say('Also state: {number}', number=number)}" if number else way


def build_row_key(planned: FormSheet, block: FormBlock, item: BenchmarkItem) -> str:
    pair = (keys.SLOT, str(block.slot)) if block.slot else (keys.OF, block.subject)
    return keys.format_key(keys.ITEM, item.id, [pair] if planned.kind else [])


class ChoiceLists:
    def __init__(self, wording: FormWording) -> None:
        scales = wording.asked.scales
        self.choices = {
            name: [wording.choice(scales[name], code) for code, _ in scales[name].labels] for name in scales
        }
        self.choices[EVIDENCE_STYLE] = [wording.evidence(code) for code in wording.asked.evidence]

    def source(self, name: str) -> str:
        return find_chosen_code(FIRST_COLUMN + list(self.choices).index(name), FIRST_COLUMN, len(self.choices[name]))


STEP_TEXTS = (
    "Fill in the yellow cells. All other cells are locked.",
    "Choose the code of an answer from the list of its cell. If you do not know the answer, leave the cell empty.",
    (
        "Describe the practice in words, in the language of this form. Begin a text in another language "
        "with its code, such as [en]."
    ),
    "Write every source once on the sheet “Sources”, and name it by its key beside the answers, such as G1; G2.",
    "Begin with the core questions, marked ●. They come first on each sheet. The others can wait for a second round.",
    "Do not move, rename or delete sheets, rows and columns: hidden cells link each answer to its question.",
    "Save the workbook as .xlsx and send it back.",
)
SPARE_SOURCES = 100
FIRST_ENTRY_ROW = 5
INTRODUCTION = (
    "Answers of the country about its statistics on international migration and temporary mobility, "
    "for comparison with reference documents. Texts marked “candidate” are worded by sdmxmig. A text "
    "is official only if it names a passage of the published Recommendations."
)


def draw_cover(look: SheetPainter, wording: FormWording, profile: Profile, drawn: Sequence[ItemSheet]) -> None:
    sheet = look.add_sheet(
        choose_free_title(look.workbook.sheetnames, wording.say("Instructions")),
        keys.format_key(keys.FORM_MARK, keys.COVER),
    )
    look.write(sheet, (2, 2), wording.say("Profile of migration statistics"), "title")
    look.write(sheet, (3, 2), f"{wording.country(profile.area)} · {profile.year}", "section")
    row = write_paragraph(sheet, look, 4, wording.say(INTRODUCTION))
    row = look.write_steps(sheet, row, STEP_TEXTS)
    look.write(sheet, (row + 1, 2), wording.say("Progress"), "section")
    draw_progress(sheet, look, wording, row + 2, drawn)
    set_widths(sheet, [46, 14, 14, 14, 14, 24])
    fit_page_width(sheet)


def draw_progress(sheet: Any, look: SheetPainter, wording: FormWording, row: int, drawn: Sequence[ItemSheet]) -> None:
    heads = ("Sheet", "Questions", "Answered", "Core questions", "Core answered", "Share answered")
    look.write_row(sheet, row, *((wording.say(head), "head") for head in heads))
    sheet.row_dimensions[row].height = 2 * LINE_HEIGHT + 2
    first = row + 1
    for drawn_sheet in drawn:
        row += 1
        planned, ticks = drawn_sheet.planned, drawn_sheet.find_range(TICK)
        link(look.write(sheet, (row, 2), f"{planned.module} {drawn_sheet.name}", "link"), drawn_sheet.sheet.title)
        is_core = [question.is_core for question in planned.questions]
        counts = (
            str(len(is_core)),
            f'=COUNTIF({ticks},"{DONE_SIGN}")',
            str(sum(is_core)),
            f'=COUNTIFS({drawn_sheet.find_range(CORE)},"{IS_CORE}",{ticks},"{DONE_SIGN}")' if any(is_core) else "0",
        )
        draw_line(sheet, look, row, counts)
    sums = [f"=SUM({letter}{first}:{letter}{row})" for letter in "CDEF"]
    look.write(sheet, (row + 1, 2), wording.say("Total"), "head")
    draw_line(sheet, look, row + 1, sums)
    draw_share_bars(sheet, f"G{first}:G{row + 1}")
    for number, title in enumerate(("Sign-off", "Sources", "Codes"), start=row + 2):
        link(look.write(sheet, (number, 2), wording.say(title), "link"), wording.say(title))


def draw_line(sheet: Any, look: SheetPainter, row: int, counts: Sequence[str]) -> None:
    for column, text in enumerate(counts, start=3):
        cell = look.apply_style(sheet.cell(row, column), "count")
        cell.value = text if text.startswith("=") else int(text)
    look.apply_style(sheet.cell(row, 7), "share").value = f"=IF(C{row}=0,0,D{row}/C{row})"


def draw_about(look: SheetPainter, wording: FormWording, profile: Profile) -> None:
    about = wording.say("Until it is signed off, every report is marked as a draft.")
    sheet = look.add_page(wording.say("Sign-off"), keys.format_key(keys.FORM_MARK, keys.ABOUT), (30, 50, 60), about)
    facts = (
        (keys.AREA, "Country", profile.area, "Two capital letters of ISO 3166-1, such as GE."),
        (keys.YEAR, "Year of the assessment", profile.year, "Four digits, such as 2026."),
        (
            keys.SIGNED_OFF,
            "Signed off by",
            profile.signed_off,
            "Name or office, and date, after all answers are reviewed.",
        ),
    )
    for row, (name, head, value, hint) in enumerate(facts, start=FIRST_ENTRY_ROW):
        cells = ((wording.say(head), "label"), (value, "text"), (wording.say(hint), "soft"))
        look.write_row(sheet, row, (keys.format_key(keys.FACT, name), "key"), *cells, first=1)
        sheet.row_dimensions[row].height = 2 * LINE_HEIGHT + 4


def draw_sources(look: SheetPainter, wording: FormWording, profile: Profile) -> None:
    about = wording.say("Each source once: a short key, and the details needed to find it again.")
    sheet = look.add_page(wording.say("Sources"), keys.format_key(keys.FORM_MARK, keys.SOURCES), (12, 120), about)
    heads = {keys.ID: "Key", keys.CITATION: "Citation: author, title, date, address"}
    look.write_row(sheet, 1, *((keys.format_key(keys.COLUMN, name), "key") for name in heads))
    look.write_row(
        sheet,
        FIRST_ENTRY_ROW - 1,
        (keys.format_key(keys.HEAD), "key"),
        *((wording.say(head), "head") for head in heads.values()),
        first=1,
    )
    citations = [*profile.sources.items(), *[("", "")] * SPARE_SOURCES]
    for row, (key, citation) in enumerate(citations, start=FIRST_ENTRY_ROW):
        look.write_row(sheet, row, (keys.format_key(keys.SOURCE), "key"), (key, "text"), (citation, "text"), first=1)
        sheet.row_dimensions[row].height = LINE_HEIGHT * count_lines(citation, 120) + 3
    sheet.freeze_panes = f"B{FIRST_ENTRY_ROW}"
    sheet.print_title_rows = f"{FIRST_ENTRY_ROW - 1}:{FIRST_ENTRY_ROW - 1}"


def draw_codes(look: SheetPainter, wording: FormWording) -> None:
    sheet = look.add_page(wording.say("Codes"), keys.format_key(keys.FORM_MARK, keys.CODES), (12, 60, 70))
    row = 3
    for scale in wording.asked.scales.values():
        row += 1
        look.write(sheet, (row, 2), wording.words.of(scale.name).text, "section")
        for item in wording.list_of(scale):
            row += 1
            about = look.text(item.description, "soft")
            look.write_row(sheet, row, (item.id, "label"), (item.name.in_language(wording.language), "plain"), about)
            sheet.row_dimensions[row].height = LINE_HEIGHT * count_lines(about[0], 70) + 3
        row += 1
