"""Questionnaires as workbooks, with formulas that check totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sdmxmig.catalogue import Catalogue, ages
from sdmxmig.forms.questionnaires import keys
from sdmxmig.forms.questionnaires.answer_sheets import (
    SHEET_TITLES,
    draw_additional_figures,
    draw_codes,
    draw_lists,
    draw_metadata,
    draw_notes,
    list_column_keys,
)
from sdmxmig.forms.questionnaires.filling import STATUS_ATTRIBUTE, PrefilledFigures, prefill
from sdmxmig.forms.questionnaires.plan import AREA, TOTAL, AskedTable, LineCodes, Questionnaire, QuestionnaireWording
from sdmxmig.forms.styles import (
    SheetPainter,
    create_workbook,
    find_column_letters,
    finish_workbook,
    fit_page_width,
    link,
    mark_failed,
    restrict_to_list,
    restrict_to_numbers,
    set_page_breaks,
    set_widths,
    write_paragraph,
)
from sdmxmig.io.workbooks import LINE_HEIGHT, clean_text, count_lines
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.primitives.text import choose_language
from sdmxmig.quality.rules.constraints import list_selected_values
from sdmxmig.quality.rules.totals import KEY_SEPARATOR, DimensionBreakdown, build_breakdown, choose
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.words import Words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


SUM, NEGATIVE = "TOTAL-IS-SUM", "NOT-NEGATIVE"
TICK_SIGN, CROSS_SIGN = "✓", "✕"


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum with total, parts and required parts; if not `whole`, the total is an upper bound."""

    dimensions: tuple[str, ...]
    total: str
    _: KW_ONLY
    parts: tuple[str, ...]
    required: tuple[str, ...]
    whole: bool
    without: Mapping[str, tuple[str, ...]]


def select_rules(flow: Flow, rules: Mapping[str, Rule], kind: str) -> list[Rule]:
    return [rules[id_] for id_ in flow.dataflow.rules if id_ in rules and rules[id_].kind == kind]


def find_sums(grid: AskedTable, flow: Flow, rules: Mapping[str, Rule]) -> tuple[Sum, ...]:
    codes = index_codes(grid)
    sums: list[Sum] = []
    for rule in select_rules(flow, rules, SUM):
        declared = Declared(rule.parameters, rule.place or Place(rule.id))
        dimensions = declared.strings("dimensions", None)
        if not all(name in codes for name in dimensions):
            continue
        required, by_age = declared.strings("required"), declared.flag("ages", default=False)
        without = {name: declared.table("except").strings(name) for name in declared.table("except").values}
        division = build_breakdown(flow, dimensions, declared.text("total", TOTAL), required, by_age=by_age)
        table_codes = combine_codes([codes[name] for name in dimensions])
        sums += yield_whole_sums(division, table_codes, without)
        sums += yield_ages_within(division, table_codes) if by_age else ()
    for name, table_codes in codes.items():
        if not any(ages.parse_age_code(code) for code in table_codes):
            sums += list_partial_sums(name, table_codes, flow)
    return tuple(sums)


def index_codes(grid: AskedTable) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for names, lines in ((grid.by_row, grid.rows), (grid.by_column[1:], [key[1:] for key in grid.columns])):
        for position, name in enumerate(names):
            codes[name] = list(dict.fromkeys(line[position] for line in lines))
    return codes


def combine_codes(lists: Sequence[Sequence[str]]) -> list[str]:
    combinations = [""]
    for number, codes in enumerate(lists):
        combinations = [
            f"{combination}{KEY_SEPARATOR if number else ''}{code}" for combination in combinations for code in codes
        ]
    return combinations


def yield_whole_sums(
    division: DimensionBreakdown, codes: Sequence[str], without: Mapping[str, tuple[str, ...]]
) -> Iterator[Sum]:
    for parts in choose(codes, division).partitions:
        named_parts = tuple(
            code for code in parts if not any(part.startswith("_") for part in code.split(KEY_SEPARATOR))
        )
        yield Sum(
            division.dimensions,
            division.total,
            parts=parts,
            required=division.required or named_parts,
            whole=True,
            without=without,
        )


def yield_ages_within(division: DimensionBreakdown, codes: Iterable[str]) -> Iterator[Sum]:
    spans = {code: span for code in codes if (span := ages.parse_age_code(code))}
    for code, (start, end) in spans.items():
        chain: list[str] = []
        age = start
        while age < end:
            fitting = [(to, group) for group, (at, to) in spans.items() if at == age and to <= end and group != code]
            if not fitting:
                break
            age, group = min(fitting)
            chain.append(group)
        if age == end and len(chain) > 1:
            yield Sum(division.dimensions, code, parts=tuple(chain), required=tuple(chain), whole=True, without={})


def list_partial_sums(name: str, codes: Sequence[str], flow: Flow) -> Iterator[Sum]:
    codelist = flow.codelist(name)
    parents = {item.id: item.parent for item in codelist} if codelist else {}
    for code in codes:
        below = tuple(part for part in codes if parents.get(part) == code)
        if below:
            yield Sum((name,), code, parts=below, required=(), whole=False, without={})


@dataclass(frozen=True, slots=True, eq=False)
class Checks:
    sums: tuple[Sum, ...]
    cells: Mapping[tuple[tuple[str, str], ...], tuple[int, int]]
    names: Mapping[str, str]

    def formula(self, key: Mapping[str, str]) -> str:
        tested: list[tuple[str, str, str]] = []
        for checked_sum in self.sums:
            if all(
                key[name] == code
                for name, code in zip(checked_sum.dimensions, checked_sum.total.split(KEY_SEPARATOR), strict=True)
            ):
                excepted = any(key.get(name) in codes for name, codes in checked_sum.without.items())
                test = None if excepted else self.test(checked_sum, key)
                tested += [test] if test else []
        if not tested:
            return ""
        formula = f'IF(OR({",".join(complete for complete, _, _ in tested)}),"{TICK_SIGN}","")'
        for complete, wrong, message in reversed(tested):
            formula = f"IF(AND({complete},{wrong}),{message},{formula})"
        return f'=IFERROR({formula},"{CROSS_SIGN}")'  # a text instead of a number

    def test(self, checked_sum: Sum, key: Mapping[str, str]) -> tuple[str, str, str] | None:
        total = format_cell(*self.cells[self.at(key, {})])
        parts = [self.cells.get(self.at(key, self.codes(checked_sum, code))) for code in checked_sum.parts]
        required = [self.cells.get(self.at(key, self.codes(checked_sum, code))) for code in checked_sum.required]
        if None in parts or None in required:
            return None
        added = f"SUM({format_ranges([cell for cell in parts if cell])})"
        needed = [cell for cell in required if cell]
        count = (
            f"COUNT({format_ranges(needed)})={len(needed)}"
            if needed
            else f"COUNT({format_ranges([cell for cell in parts if cell])})>0"
        )
        difference = f"ROUND({total}-{added},6)"
        wrong = f"{difference}<>0" if checked_sum.whole else f"{difference}<0"
        name = " × ".join(self.names[dimension] for dimension in checked_sum.dimensions).replace('"', '""')
        return f"AND(COUNT({total})=1,{count})", wrong, f'"{CROSS_SIGN} {name}: "&ROUND({total}-{added},2)'

    def at(self, key: Mapping[str, str], exchanged: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({**key, **exchanged}.items()))

    def codes(self, checked_sum: Sum, code: str) -> dict[str, str]:
        return dict(zip(checked_sum.dimensions, code.split(KEY_SEPARATOR), strict=True))


def format_ranges(cells: Sequence[tuple[int, int]]) -> str:
    """Write cells as spreadsheet references; adjacent cells in a column become a range.

    >>> format_ranges([(3, 2), (4, 2), (5, 2), (9, 2)])
    'B3:B5,B9'
    """
    sorted_cells = sorted(set(cells), key=lambda cell: (cell[1], cell[0]))
    runs = [[sorted_cells[0]]]
    for before, cell in pairwise(sorted_cells):
        if cell == (before[0] + 1, before[1]):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return ",".join(
        format_cell(*run[0]) if len(run) == 1 else f"{format_cell(*run[0])}:{format_cell(*run[-1])}" for run in runs
    )


def write_workbook(
    questionnaire: Questionnaire,
    catalogue: Catalogue,
    words: Mapping[str, Mapping[str, str]],
    *,
    language: str = "en",
    dataset: Dataset | None = None,
) -> bytes:
    spoken = choose_language(language, words)
    if not spoken:
        message = f"Questionnaires are not translated into “{language}”."
        raise SdmxmigError(message, hint=did_you_mean(language, words))
    workbook = create_workbook()
    look = SheetPainter(workbook, Words(spoken, words[spoken]))
    wording = QuestionnaireWording(questionnaire, catalogue, look.words)
    prefilled = prefill(questionnaire, dataset)
    tables = [GridSheet(grid, questionnaire, wording, catalogue.rules) for grid in questionnaire.grids]
    draw_metadata(look, wording, prefilled)
    for table in tables:
        table.draw(look, prefilled)
    draw_additional_figures(look, wording, prefilled)
    draw_notes(look, wording, prefilled)
    draw_codes(look, wording)
    draw_lists(look, wording)
    look.add_control_sheet(keys.format_key(keys.FORM_MARK, keys.CONTROL), list_control_rows(wording, tables))
    draw_guide(look, wording, tables)
    look.close()
    workbook.move_sheet(workbook.worksheets[-1], -len(workbook.worksheets) + 1)
    return finish_workbook(workbook)


def list_control_rows(wording: QuestionnaireWording, tables: Sequence[GridSheet]) -> list[tuple[str, str, str]]:
    questionnaire = wording.questionnaire
    rows = [
        ("format", keys.FORMAT_VERSION, ""),
        ("dataflow", questionnaire.flow.dataflow.ref.short, ""),
        ("area", questionnaire.area, ""),
        ("frequency", questionnaire.freq, ""),
        ("language", wording.language, ""),
    ]
    rows += [(kind, wording.say(kind.capitalize()), "") for kind in keys.CELL_COLUMNS] if tables else []
    rows += [(mark, wording.say(title), "") for mark, title in SHEET_TITLES.items()]
    rows += [(keys.LIST_KIND, mark, key) for mark, key in list_column_keys(wording)]
    if questionnaire.metadata:
        rows.append(("metadataflow", questionnaire.metadata[0].ref.short, ""))
    for table in tables:
        grid = table.grid
        rows.append(("table", grid.id, keys.format_key(keys.FORM_MARK, pairs=grid.fixed.items())))
        rows += [
            ("row", grid.id, keys.format_key(keys.ROW, pairs=zip(grid.by_row, row, strict=True))) for row in grid.rows
        ]
        rows += [
            ("column", grid.id, keys.format_key(kind, pairs=zip(grid.by_column, column, strict=True)))
            for column in grid.columns
            for kind in table.kinds
            if kind != keys.CHECK
        ]
    return rows


HEAD_ROW = 5
WIDTHS = {keys.VALUE: 14.0, keys.STATUS: 7.0, keys.CHECK: 12.0}
NARROWEST_LABEL, WIDEST_LABEL = 18.0, 44.0
MAX_DIGITS = 15
"""Maximum number of digits that spreadsheets keep; longer numbers are written as text."""


class GridSheet:
    def __init__(
        self, grid: AskedTable, questionnaire: Questionnaire, wording: QuestionnaireWording, rules: Mapping[str, Rule]
    ) -> None:
        self.grid, self.questionnaire, self.wording = grid, questionnaire, wording
        self.flow = questionnaire.flow
        self.has_status = STATUS_ATTRIBUTE in self.flow.structure
        sums = find_sums(grid, self.flow, rules)
        self.not_negative = bool(select_rules(self.flow, rules, NEGATIVE))
        self.attributes = [name for name in questionnaire.layouts.by_column if name in self.flow.structure]
        self.first_row = HEAD_ROW + len(grid.by_column) + 1 + len(self.attributes)
        self.first_column = 2 + max(1, len(grid.by_row))
        self.kinds = [keys.VALUE, *([keys.STATUS] if self.has_status else []), *([keys.CHECK] if sums else [])]
        cells = {
            tuple(sorted(grid.key(row, column).items())): (self.find_row(number), self.find_column(place))
            for number, row in enumerate(grid.rows)
            for place, column in enumerate(grid.columns)
        }
        self.checks = Checks(
            sums, cells, names={name: wording.concept(name) for checked_sum in sums for name in checked_sum.dimensions}
        )
        self.forbidden = tuple(list_forbidden_combinations(questionnaire))

    def find_row(self, number: int) -> int:
        return self.first_row + number

    def find_column(self, number: int, kind: str = keys.VALUE) -> int:
        return self.first_column + number * len(self.kinds) + self.kinds.index(kind)

    def draw(self, look: SheetPainter, prefilled: PrefilledFigures) -> None:
        sheet = look.add_sheet(self.grid.id, keys.format_key(keys.FORM_MARK, self.grid.id))
        self.pages(sheet)
        self.title(sheet, look)
        self.draw_heads(sheet, look, prefilled)
        for number, row in enumerate(self.grid.rows):
            self.add_row(sheet, look, number, row, prefilled)
        self.limit_cells(sheet, look)
        sheet.freeze_panes = format_cell(self.first_row, self.first_column)
        sheet.print_title_rows = f"{HEAD_ROW}:{self.first_row - 1}"

    @property
    def body(self) -> str:
        last = format_cell(
            self.find_row(len(self.grid.rows) - 1), self.find_column(len(self.grid.columns), keys.VALUE) - 1
        )
        return f"'{self.grid.id}'!{format_cell(self.first_row, self.first_column)}:{last}"

    def count_requested(self) -> int:
        return sum(not self.is_closed_cell(row, column) for row in self.grid.rows for column in self.grid.columns)

    def pages(self, sheet: Worksheet) -> None:
        kind_widths = [WIDTHS[kind] for kind in self.kinds]
        set_widths(sheet, [*self.compute_label_widths(), *kind_widths * len(self.grid.columns)])
        ends: dict[str, tuple[int, float]] = {}
        for number, (period, *_) in enumerate(self.grid.columns):
            _, width = ends.get(period, (0, 0.0))
            ends[period] = self.find_column(number + 1) - 1, width + sum(kind_widths)
        set_page_breaks(sheet, self.first_column - 1, list(ends.values()))

    def compute_label_widths(self) -> list[float]:
        names = [
            [self.wording.concept(name), *(self.wording.code(name, row[place]) for row in self.grid.rows)]
            for place, name in enumerate(self.grid.by_row)
        ] or [[""]]
        names[0] += [self.wording.concept(name) for name in self.attributes]
        most = WIDEST_LABEL if len(names) < 3 else WIDEST_LABEL - 8
        return [min(max(max(map(len, labels)) + 4.0, NARROWEST_LABEL), most) for labels in names]

    def title(self, sheet: Worksheet, look: SheetPainter) -> None:
        look.write(sheet, (2, 2), f"{self.grid.id} · {self.wording.table(self.grid)}", "caption")
        look.write(sheet, (3, 2), self.wording.about(self.grid), "line")
        sheet.row_dimensions[2].height = 26

    def draw_heads(self, sheet: Worksheet, look: SheetPainter, prefilled: PrefilledFigures) -> None:
        last = self.first_row - len(self.attributes) - 1
        for offset, name in enumerate((*self.grid.by_column, "")):  # the last one heads values, statuses or checks
            look.write(sheet, (HEAD_ROW + offset, 1), keys.format_key(keys.HEADER, name), "key")
        for offset, name in enumerate(self.attributes):
            row = last + 1 + offset
            look.write(sheet, (row, 1), keys.format_key(keys.ATTRIBUTE, name), "key")
            for column in range(2, self.first_column):
                look.write(sheet, (row, column), self.wording.concept(name) if column == 2 else "", "label")
        for offset in range(self.first_column - 2):
            name = self.grid.by_row[offset] if self.grid.by_row else ""
            look.write(sheet, (1, 2 + offset), keys.format_key(keys.LABEL, name), "key")
            for row in range(HEAD_ROW, last + 1):
                look.write(sheet, (row, 2 + offset), self.wording.concept(name) if row == last and name else "", "head")
        for number, key in enumerate(self.grid.columns):
            self.draw_head(sheet, look, number, key, prefilled)

    def draw_head(
        self, sheet: Worksheet, look: SheetPainter, number: int, key: LineCodes, prefilled: PrefilledFigures
    ) -> None:
        pairs = list(zip(self.grid.by_column, key, strict=True))
        last = HEAD_ROW + len(pairs)
        for kind in self.kinds:
            at = self.find_column(number, kind)
            look.write(sheet, (1, at), keys.format_key(kind, pairs=pairs), "key")
            for offset, (name, code) in enumerate(pairs):
                label = self.wording.code(name, code) if kind == keys.VALUE else ""
                look.write(sheet, (HEAD_ROW + offset, at), label, "head")
            look.write(sheet, (last, at), self.wording.say(kind.capitalize()), "small")
        answers = prefilled.columns.get((self.grid.id, key), {})
        for offset, name in enumerate(self.attributes):
            coded = self.flow.codelist(name) is not None
            look.write(
                sheet, (last + 1 + offset, self.find_column(number)), answers.get(name, ""), "code" if coded else "text"
            )

    def add_row(
        self, sheet: Worksheet, look: SheetPainter, number: int, codes: LineCodes, prefilled: PrefilledFigures
    ) -> None:
        at = self.find_row(number)
        pairs = list(zip(self.grid.by_row, codes, strict=True))
        look.write(sheet, (at, 1), keys.format_key(keys.ROW, pairs=pairs), "key")
        lines = 1
        if not pairs:
            look.write(sheet, (at, 2), self.wording.say("Total"), "label")
        for offset, (name, code) in enumerate(pairs):
            depth = dict(self.questionnaire.codes[name])[code]
            label = self.wording.code(name, code)
            look.write(sheet, (at, 2 + offset), label, f"label-{depth}")
            lines = max(
                lines, count_lines(label, int(sheet.column_dimensions[find_column_letters(2 + offset)].width) - depth)
            )
        if lines > 1:
            sheet.row_dimensions[at].height = LINE_HEIGHT * lines + 2
        for place, column in enumerate(self.grid.columns):
            key = self.grid.key(codes, column)
            figure = prefilled.figures.get(tuple(sorted(key.items())), ("", ""))
            shut = self.is_closed_cell(codes, column) and not any(figure)
            self.draw_figure(sheet, look, (at, self.find_column(place)), "" if shut else figure[0], shut=shut)
            if self.has_status:
                status = self.find_column(place, keys.STATUS)
                look.write(sheet, (at, status), figure[1], "shut" if shut else "code")
            if keys.CHECK in self.kinds:
                cell = look.apply_style(sheet.cell(at, self.find_column(place, keys.CHECK)), "check")
                cell.value = self.checks.formula(key) or None

    def draw_figure(self, sheet: Worksheet, look: SheetPainter, at: tuple[int, int], text: str, *, shut: bool) -> None:
        """Write an input cell; its figure is a number if no digits are lost, otherwise text."""
        cell = look.apply_style(sheet.cell(*at), "shut" if shut else "number")
        if not text:
            return
        decimals = count_shown_decimals(text)
        if decimals is None:
            cell.value = clean_text(text)
            cell.data_type = "s"
            return
        cell.value = float(text) if decimals else int(text)
        if decimals:
            cell.number_format = "#,##0." + "0" * decimals

    def limit_cells(self, sheet: Worksheet, look: SheetPainter) -> None:
        words = (self.wording.say("Not a figure"), self.wording.say("Write a number, or leave the cell empty."))
        restrict_to_numbers(sheet, list(self.list_ranges(keys.VALUE)), 0 if self.not_negative else None, words)
        if self.has_status:
            for cell_range in self.list_ranges(keys.STATUS):
                restrict_to_list(sheet, [cell_range], self.wording.source(STATUS_ATTRIBUTE, short=True), look.refusal)
        for offset, name in enumerate(self.attributes):
            row = self.first_row - len(self.attributes) + offset
            if self.flow.codelist(name) is not None:
                last = self.find_column(len(self.grid.columns) - 1)
                cells = f"{format_cell(row, self.first_column)}:{format_cell(row, last)}"
                restrict_to_list(sheet, [cells], self.wording.source(name, short=True), look.refusal)
        for cell_range in self.list_ranges(keys.CHECK) if keys.CHECK in self.kinds else ():
            mark_failed(sheet, cell_range, cell_range.partition(":")[0])

    def list_ranges(self, kind: str) -> Iterator[str]:
        for number in range(len(self.grid.columns)):
            at = self.find_column(number, kind)
            yield f"{format_cell(self.first_row, at)}:{format_cell(self.find_row(len(self.grid.rows) - 1), at)}"

    def is_closed_cell(self, row: LineCodes, column: LineCodes) -> bool:
        key = self.grid.key(row, column)
        return any(all(key.get(name) in codes for name, codes in combination.items()) for combination in self.forbidden)


def count_shown_decimals(text: str) -> int | None:
    """Return the decimals of a number that spreadsheets store exactly; None for other texts.

    >>> (count_shown_decimals("1234"), count_shown_decimals("1.50"),
    ...  count_shown_decimals("007"), count_shown_decimals("1E3"))
    (0, 2, None, None)
    """
    whole, _, decimals = text.removeprefix("-").partition(".")
    plain = whole.isdecimal() and text.isascii() and (whole == "0" or not whole.startswith("0"))
    if not plain or ("." in text and not decimals.isdecimal()) or len(whole + decimals) > MAX_DIGITS:
        return None
    return None if text.startswith("-") and Decimal(text) == 0 else len(decimals)


def list_forbidden_combinations(questionnaire: Questionnaire) -> Iterator[dict[str, set[str]]]:
    flow = questionnaire.flow
    for constraint in flow.constraints:
        for keyset in constraint.keys:
            for combination in keyset.keys if not keyset.include else ():
                yield {
                    part.component: list_selected_values(part, flow.codelist(part.component))
                    for part in combination
                    if part.component in flow.structure
                }


STEP_TEXTS = (
    "Fill in the yellow cells. All other cells are locked.",
    "If you do not have a figure, leave its cell empty and give the reason in its status.",
    "Cells marked ✕ show totals that differ from the sum of their parts, with the difference.",
    "Enter sources, dates and methods on the sheet “Sources and methods”, and notes on single figures on “Notes”.",
    "Do not move, rename or delete sheets, rows and columns: hidden cells identify each figure.",
    "Save the workbook as .xlsx and send it back.",
)


def draw_guide(look: SheetPainter, wording: QuestionnaireWording, drawn: Sequence[GridSheet]) -> None:
    sheet = look.add_sheet(wording.say("Instructions"), keys.format_key(keys.FORM_MARK, keys.GUIDE))
    questionnaire = wording.questionnaire
    name = questionnaire.flow.dataflow.name.in_language(wording.language)
    look.write(sheet, (2, 2), name, "title")
    periods = questionnaire.periods
    span = periods[0] if len(periods) == 1 else f"{periods[0]} – {periods[-1]}"
    look.write(sheet, (3, 2), f"{wording.code(AREA, questionnaire.area)} · {span}", "section")
    row = write_paragraph(sheet, look, 4, *look.text(questionnaire.flow.dataflow.description, "plain"))
    row = look.write_steps(sheet, row, STEP_TEXTS)
    row = draw_contents(sheet, look, wording, row + 1, drawn)
    write_definitions(sheet, look, wording, row + 1)
    set_widths(sheet, [26, 62, 16, 16, 16])
    fit_page_width(sheet)


def draw_contents(
    sheet: Worksheet, look: SheetPainter, wording: QuestionnaireWording, row: int, drawn: Sequence[GridSheet]
) -> int:
    heads = ("Sheet", "Table", "Figures requested", "Figures filled in", "Checks that fail")
    look.write_row(sheet, row, *((wording.say(head), "head") for head in heads))
    sheet.row_dimensions[row].height = 2 * LINE_HEIGHT + 2
    first = row + 1
    for table in drawn:
        row += 1
        name, title = table.grid.id, wording.table(table.grid)
        link(look.write(sheet, (row, 2), name, "link"), name)
        look.write(sheet, (row, 3), title, "plain")
        sheet.row_dimensions[row].height = LINE_HEIGHT * count_lines(title, 62) + 2
        cells: Any = [look.apply_style(sheet.cell(row, column), "count") for column in (4, 5, 6)]
        cells[0].value = table.count_requested()
        # One range for all columns: a formula with the columns of a hundred periods would be too long for Excel.
        cells[1].value = f"=COUNT({table.body})"
        if keys.CHECK in table.kinds:
            failing, passed = (f'COUNTIF({table.body},"{sign}*")' for sign in (CROSS_SIGN, TICK_SIGN))
            cells[2].value = f'=IF({failing}>0,"{CROSS_SIGN} "&{failing},IF({passed}>0,"{TICK_SIGN}",""))'
    if drawn:
        mark_failed(sheet, f"F{first}:F{row}", f"F{first}")
    for title in ("Sources and methods", "Further figures", "Notes", "Codes"):
        row += 1
        link(look.write(sheet, (row, 2), wording.say(title), "link"), wording.say(title))
    return row + 1


def write_definitions(sheet: Worksheet, look: SheetPainter, wording: QuestionnaireWording, row: int) -> None:
    row += 1
    look.write(sheet, (row, 2), wording.say("Explanation of terms"), "section")
    dimensions_shown = {name for grid in wording.questionnaire.grids for name in (*grid.by_row, *grid.by_column)}
    for component in wording.flow.structure.dimensions:
        if component.id not in dimensions_shown:
            continue
        row += 1
        look.write(sheet, (row, 2), wording.concept(component.id), "head")
        defined = look.text(wording.definition(component), "plain")
        look.write(sheet, (row, 3), *defined)
        sheet.row_dimensions[row].height = LINE_HEIGHT * count_lines(defined[0], 62) + 2
        codelist = wording.flow.codelist(component)
        used_codes = dict(wording.questionnaire.codes.get(component.id, ()))
        for item in codelist or ():
            about = look.text(item.description, "plain")
            if item.id in used_codes and about[0]:
                row += 1
                look.write(sheet, (row, 2), wording.code(component.id, item.id), "plain-1")
                look.write(sheet, (row, 3), *about)
                sheet.row_dimensions[row].height = LINE_HEIGHT * count_lines(about[0], 62) + 2
