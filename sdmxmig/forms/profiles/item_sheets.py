"""Item sheets of a form."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.forms.cells import LISTS, chosen_from
from sdmxmig.forms.look import Look, one_page_wide, only, widths
from sdmxmig.forms.profiles import keys
from sdmxmig.forms.profiles.dataset import BETWEEN, tagged
from sdmxmig.forms.profiles.plan import FormBlock, FormQuestion, FormSheet
from sdmxmig.forms.profiles.wording import FormWording
from sdmxmig.io.workbook_bytes import free_title
from sdmxmig.io.workbook_cells import LINE_HEIGHT, lines_of
from sdmxmig.primitives.places import cell_name
from sdmxmig.reporting.outputs.findings_sheet import HIGHEST
from sdmxmig.sdmx.model.profile import BenchmarkItem

TICK, CORE, QUESTION, MEANT, STATUS, GUIDANCE = "tick", "core", "asked", "meant", "status", "guidance"
WIDTHS = {
    TICK: 4,
    keys.ID: 13,
    CORE: 10,
    QUESTION: 30,
    MEANT: 38,
    STATUS: 11,
    GUIDANCE: 24,
    keys.ANSWER: 24,
    keys.EVIDENCE: 22,
    keys.PRACTICE: 46,
    keys.QUESTION: 34,
    keys.CITED: 14,
}
"""The columns from B on with their widths."""
AT = {name: column for column, name in enumerate(WIDTHS, start=2)}
HEADS = {
    keys.ID: "No.",
    CORE: "Core",
    QUESTION: "Question",
    MEANT: "What is meant",
    STATUS: "Status of this text",
    GUIDANCE: "How to answer",
    keys.ANSWER: "Answer",
    keys.EVIDENCE: "Evidence",
    keys.PRACTICE: "Practice in words",
    keys.QUESTION: "To confirm with the office",
    keys.CITED: "Keys of sources",
}
ABOUT = {
    "": "Choose an answer, say in words how it is done, and name the sources by their keys.",
    "indicator": "For each indicator: whether it is produced, from what, how near to the framework, and by when.",
    "source": "For each source: who keeps it, what it holds, and how it reaches the office.",
    "product": "Data sets made of several sources. Write a short name into the yellow cell of the head of each.",
    "action": "Actions that the country has decided. Write a short name into the yellow cell of the head of each.",
    "comment": "Comments of the office on findings, gaps and actions. Write each id into the yellow cell of a head.",
    "abbreviation": "Abbreviations of your texts. Write each into the yellow cell of a head.",
}
HEAD_ROW = 4
DONE, BEGUN, IS_CORE = "✓", "…", "●"
OF_EVIDENCE = "evidence"
"""Stands for the list of classes of evidence, beside the ids of scales."""
FIRST = 2
"""The row and the column in which the lists begin."""


@dataclass(frozen=True, slots=True)
class DrawnSheet:
    """A finished sheet: module, title, questions, last row."""

    module: str
    title: str
    _: KW_ONLY
    name: str
    asked: int
    core: int
    last: int

    def cells(self, column: str) -> str:
        letters = cell_name(1, AT[column]).rstrip("1")
        quoted = self.title.replace("'", "''")
        return f"'{quoted}'!${letters}${HEAD_ROW + 1}:${letters}${self.last}"


class ItemSheet:
    """A sheet of items."""

    def __init__(self, look: Look, wording: FormWording, lists: ChoiceLists, planned: FormSheet) -> None:
        self.look, self.wording, self.lists, self.planned = look, wording, lists, planned
        self.name = wording.title(planned)
        title = free_title(look.workbook.sheetnames, f"{planned.module} {self.name}")
        self.sheet: Any = look.sheet(title, keys.key(keys.MARK, planned.id))
        self.choices: dict[str, list[str]] = {}

    def draw(self) -> DrawnSheet:
        self.head()
        row = HEAD_ROW
        for block in self.planned.blocks:
            if self.planned.kind:
                row += 1
                self.subject(row, block)
            for question in block.questions:
                row += 1
                self.question(row, block, question)
        classes = f"{cell_name(HEAD_ROW + 1, AT[keys.EVIDENCE])}:{cell_name(row, AT[keys.EVIDENCE])}"
        for name, cells in {**self.choices, OF_EVIDENCE: [classes]}.items():
            only(self.sheet, cells, self.lists.source(name), self.lists.refusal)
        self.sheet.auto_filter.ref = f"B{HEAD_ROW}:{cell_name(row, AT[keys.CITED])}"
        questions = list(self.planned.questions)
        core = sum(question.is_core for question in questions)
        return DrawnSheet(
            self.planned.module, self.sheet.title, name=self.name, asked=len(questions), core=core, last=row
        )

    def head(self) -> None:
        """The title, the heads of the columns, and how the sheet is shown and printed."""
        sheet, say = self.sheet, self.wording.say
        self.look.put(sheet, (2, 2), self.name, "title")
        self.look.put(sheet, (3, 2), say(ABOUT[self.planned.kind]), "line")
        self.look.put(sheet, (HEAD_ROW, 1), keys.key(keys.HEAD), "key")
        heads = HEADS if self.planned.kind else {**HEADS, MEANT: "What the reference document says"}
        for name, column in AT.items():
            self.look.put(sheet, (HEAD_ROW, column), say(heads[name]) if name in heads else "", "head")
            if name in keys.READ:
                self.look.put(sheet, (1, column), keys.key(keys.COLUMN, name), "key")
        sheet.row_dimensions[HEAD_ROW].height = 3 * LINE_HEIGHT + 2
        widths(sheet, 2, [float(width) for width in WIDTHS.values()])
        sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, AT[MEANT])
        sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
        one_page_wide(sheet)
        sheet.protection.autoFilter = False  # false: not forbidden

    def subject(self, row: int, block: FormBlock) -> None:
        """The head of a block: which indicator or source, or a place for the name of a product or action."""
        slot = [(keys.SLOT, str(block.slot))] if block.slot else []
        self.look.put(self.sheet, (row, 1), keys.key(keys.SUBJECT, "" if slot else block.subject, slot), "key")
        for column in AT.values():
            self.look.dress(self.sheet.cell(row, column), "band")
        self.look.put(self.sheet, (row, AT[keys.ID]), block.subject, "choice" if slot else "band")
        name = self.wording.say("Its short name: letters and digits, such as NEW_REGISTER") if slot else ""
        self.look.put(self.sheet, (row, AT[QUESTION]), name or self.wording.words.of(block.name).text, "band")
        about, _ = self.wording.text(block.about, "band")
        self.look.put(self.sheet, (row, AT[MEANT]), about, "band")
        self.look.put(self.sheet, (row, AT[STATUS]), self.wording.status(block.status), "band")
        texts = {QUESTION: name or self.wording.words.of(block.name).text, MEANT: about}
        self.sheet.row_dimensions[row].height = self.height(texts)

    def question(self, row: int, block: FormBlock, question: FormQuestion) -> None:
        item = question.item
        self.look.put(self.sheet, (row, 1), row_key(self.planned, block, item), "key")
        coded, practice_cell = (cell_name(row, AT[name]) for name in (keys.ANSWER, keys.PRACTICE))
        answered_cell = coded if item.scale else practice_cell
        tick = self.look.dress(self.sheet.cell(row, AT[TICK]), "tick")
        tick.value = f'=IF({answered_cell}<>"","{DONE}",IF({practice_cell}<>"","{BEGUN}",""))'
        texts = self.texts(question)
        for name, (text, style) in texts.items():
            self.look.put(self.sheet, (row, AT[name]), text, style)
        if item.scale:
            self.choices.setdefault(item.scale, []).append(coded)
        self.sheet.row_dimensions[row].height = self.height({name: text for name, (text, _) in texts.items()})

    def height(self, texts: dict[str, str]) -> float:
        return min(LINE_HEIGHT * max(lines_of(text, WIDTHS[name]) for name, text in texts.items()) + 4, HIGHEST)

    def texts(self, question: FormQuestion) -> dict[str, tuple[str, str]]:
        item, answer, wording = question.item, question.answer, self.wording
        scale = wording.asked.scales.get(item.scale)
        is_claim = bool(item.recommendation) and not self.planned.kind
        return {
            keys.ID: (item.id, "id"),
            CORE: (IS_CORE if question.is_core else "", "dot"),
            QUESTION: (wording.question(item), "head"),
            MEANT: meant(wording, item) if is_claim else wording.text(item.recommendation, "soft"),
            STATUS: (wording.status(item.status) if is_claim else "", "soft"),
            GUIDANCE: (guidance(wording, item), "soft"),
            keys.ANSWER: (wording.choice(scale, answer.answer) if answer.answer else "", "choice" if scale else "shut"),
            keys.EVIDENCE: (wording.evidence(answer.evidence) if answer.evidence else "", "choice"),
            keys.PRACTICE: (tagged(answer.practice, wording.language), "text"),
            keys.QUESTION: (tagged(answer.question, wording.language), "text"),
            keys.CITED: (BETWEEN.join(answer.sources), "text"),
        }


def meant(wording: FormWording, item: BenchmarkItem) -> tuple[str, str]:
    text, style = wording.text(item.recommendation, "soft")
    return f"{text} ({item.source})", style


def guidance(wording: FormWording, item: BenchmarkItem) -> str:
    scale = wording.asked.scales.get(item.scale)
    way = scale.name.in_language(wording.language) if scale else wording.say("In words")
    number = wording.words.of(item.number).text
    return f"{way}. {wording.say('Write as well: {number}', number=number)}" if number else way


def row_key(planned: FormSheet, block: FormBlock, item: BenchmarkItem) -> str:
    pair = (keys.SLOT, str(block.slot)) if block.slot else (keys.OF, block.subject)
    return keys.key(keys.ITEM, item.id, [pair] if planned.kind else [])


class ChoiceLists:
    """Choices by scale."""

    def __init__(self, wording: FormWording) -> None:
        scales = wording.asked.scales
        self.choices = {
            name: [wording.choice(scales[name], code) for code, _ in scales[name].labels] for name in scales
        }
        self.choices[OF_EVIDENCE] = [wording.evidence(code) for code in wording.asked.evidence]
        self.refusal = (wording.say("Not in the list"), wording.say("Choose one of the codes of the list."))

    def source(self, name: str) -> str:
        return chosen_from(FIRST + list(self.choices).index(name), FIRST, len(self.choices[name]))

    def draw(self, look: Look) -> None:
        sheet = look.sheet(LISTS, keys.key(keys.MARK, keys.LISTS))
        sheet.sheet_state = "hidden"
        for column, texts in enumerate(self.choices.values(), start=FIRST):
            for row, text in enumerate(texts, start=FIRST):
                look.put(sheet, (row, column), text)
