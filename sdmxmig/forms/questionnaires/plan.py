"""Contents, layouts and words of questionnaires (``templates/questionnaire/tables.toml``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sdmxmig.catalogue import Catalogue, areas
from sdmxmig.catalogue.item_schemes import walk_tree, walk_with_depth
from sdmxmig.forms.cells import find_chosen_code, format_choice
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.periods import DAILY_FREQUENCIES, PER_YEAR, Period, find_period, shift
from sdmxmig.primitives.text import fold_text
from sdmxmig.quality.rules.constraints import list_selected_values
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Hierarchy, Metadataflow, MetadataStructure
from sdmxmig.sdmx.words import Words

TOTAL, AREA, FREQUENCY = "_T", "REF_AREA", "FREQ"
MAX_PERIODS = 120
CodesWithDepth = tuple[tuple[str, int], ...]
LineCodes = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTable:
    """A table; the first column key is the period; `fixed` dimensions have one code."""

    id: str
    by_row: tuple[str, ...]
    by_column: tuple[str, ...]
    rows: tuple[LineCodes, ...]
    columns: tuple[LineCodes, ...]
    fixed: Mapping[str, str]

    def key(self, row: LineCodes, column: LineCodes) -> dict[str, str]:
        return {
            **self.fixed,
            **dict(zip(self.by_row, row, strict=True)),
            **dict(zip(self.by_column, column, strict=True)),
        }


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Questionnaire:
    """Requested figures; `left_out` explains omissions."""

    flow: Flow
    area: str
    freq: str
    periods: tuple[str, ...]
    grids: tuple[AskedTable, ...]
    codes: Mapping[str, CodesWithDepth]
    layouts: Layouts
    metadata: tuple[Metadataflow, MetadataStructure] | None = None
    left_out: tuple[str, ...] = ()


def plan(
    catalogue: Catalogue, flow: Flow, layouts: Layouts, *, area: str, years: tuple[int, int], freq: str = ""
) -> Questionnaire:
    time = flow.structure.time
    if time is None or AREA not in flow.structure:
        message = f"{flow.id} is not reported by country and period."
        raise SdmxmigError(message, hint="Choose a dataflow of statistics: sdmxmig show")
    codes, codelist = list_allowed_codes(flow, AREA), flow.codelist(AREA)
    if area not in codes:
        hint = areas.suggest_area(area, codelist, codes) if codelist else ""
        raise SdmxmigError(f"“{area}” is not a country of {flow.id}.", hint=hint)
    single_codes = {**layouts.fixed, AREA: area}
    if FREQUENCY in flow.structure:
        single_codes[FREQUENCY] = freq = find_frequency(flow, freq)
    periods = list_periods(years, freq or "A")
    names = [component.id for component in flow.structure.select_role("dimension")]
    lists = {name: list_codes(catalogue, flow, name, layouts) for name in names if name not in single_codes}
    fixed = {name: single_codes[name] for name in names if name in single_codes}
    fixed |= {name: codes[0][0] if codes else TOTAL for name, codes in lists.items() if len(codes) < 2}
    free = {name: codes for name, codes in lists.items() if len(codes) > 1}
    grids, left_out = plan_tables(free, fixed, time.id, periods, layouts)
    return Questionnaire(
        flow=flow,
        area=area,
        freq=freq or "A",
        periods=periods,
        grids=grids,
        codes=free,
        layouts=layouts,
        metadata=find_metadata(catalogue, layouts),
        left_out=left_out,
    )


def list_allowed_codes(flow: Flow, dimension: str) -> list[str]:
    codelist = flow.codelist(dimension)
    if codelist is None:
        return []
    codes = list(codelist.ids)
    for constraint in flow.constraints:
        regions = [region for region in constraint.regions if region.include]
        for selection in regions[0].selections if len(regions) == 1 else ():
            if selection.component == dimension and selection.members:
                chosen = list_selected_values(selection, codelist)
                codes = [code for code in codes if (code in chosen) == selection.include]
    return codes


def find_frequency(flow: Flow, wanted: str) -> str:
    codes = [code for code in list_allowed_codes(flow, FREQUENCY) if code in PER_YEAR]
    chosen = wanted or ("A" if "A" in codes or not codes else codes[0])
    if chosen not in codes:
        raise SdmxmigError(f"“{chosen}” is not a frequency of {flow.id}.", hint=did_you_mean(chosen, codes))
    return chosen


def list_periods(years: tuple[int, int], freq: str) -> tuple[str, ...]:
    """Return all periods of these years.

    >>> list_periods((2023, 2024), "S")
    ('2023-S1', '2023-S2', '2024-S1', '2024-S2')
    """
    first, last = years
    if not 1000 <= first <= last <= 9999 or freq in DAILY_FREQUENCIES:
        raise SdmxmigError(
            f"“{first}:{last}” is not a range of years.", hint="Write the first and the last one: 2020:2024."
        )
    period: Period = find_period(dt.date(first, 1, 1), freq)
    periods = []
    while period.first_day.year <= last:
        periods.append(str(period))
        period = shift(period, 1)
        if len(periods) > MAX_PERIODS:
            raise SdmxmigError(f"A questionnaire has at most {MAX_PERIODS} periods.", hint="Ask for fewer years.")
    return tuple(periods)


def list_codes(catalogue: Catalogue, flow: Flow, dimension: str, layouts: Layouts) -> CodesWithDepth:
    codelist = flow.codelist(dimension)
    if codelist is None:
        return ()
    permitted = set(list_allowed_codes(flow, dimension))
    layout = layouts.lists.get(codelist.ref.id, ListLayout())
    if layout.codes:
        codes_with_depth = [(code, 0) for code in layout.codes]
    elif layout.hierarchy:
        codes_with_depth = list_hierarchy_codes(catalogue, layout.hierarchy)
    else:
        codes_with_depth = [(item.id, depth) for depth, item in walk_tree(codelist)]
    if layout.leaves:
        above = {item.parent for item in codelist}
        last = [(code, 0) for code in layout.last]
        ended = {item.id for item in codelist if item.valid_to or item.note(areas.REMAINDER)}
        plain = [(code, 0) for code, _ in codes_with_depth if code not in above | ended and (code, 0) not in last]
        names = {item.id: fold_text(str(item.name)) for item in codelist}
        codes_with_depth = sorted(plain, key=lambda pair: (pair[0] != TOTAL, names[pair[0]])) + last
    shown = tuple((code, depth) for code, depth in codes_with_depth if code in permitted)
    return (*(pair for pair in shown if pair[0] == TOTAL), *(pair for pair in shown if pair[0] != TOTAL))


def list_hierarchy_codes(catalogue: Catalogue, name: str) -> list[tuple[str, int]]:
    for ref in sorted(catalogue.artefacts):
        artefact = catalogue.artefacts[ref]
        if isinstance(artefact, Hierarchy) and ref.id == name:
            return [(node.code.item, depth) for depth, node in walk_with_depth(artefact.codes)]
    hierarchies = [ref.id for ref, artefact in catalogue.artefacts.items() if isinstance(artefact, Hierarchy)]
    raise SdmxmigError(f"There is no hierarchy “{name}”.", hint=did_you_mean(name, hierarchies))


def plan_tables(
    free: Mapping[str, CodesWithDepth], fixed: Mapping[str, str], time: str, periods: Sequence[str], layouts: Layouts
) -> tuple[tuple[AskedTable, ...], tuple[str, ...]]:
    heads = tuple(name for name in layouts.columns if name in free)
    firsts = tuple(name for name in free if name not in heads and TOTAL not in dict(free[name]))
    others = [name for name in free if name not in (*heads, *firsts)]
    tables = [rows for rows in layouts.tables if all(name in others for name in rows)]
    covered = {name for rows in tables for name in rows}
    tables += [(name,) for name in others if name not in covered]
    grids: list[AskedTable] = []
    left_out = []
    for rows in tables or [()]:
        by_row = (*firsts, *rows) or heads
        by_column = () if by_row == heads else heads
        row_codes = list_combinations(by_row, free)
        if len(row_codes) > layouts.most_rows:
            left_out.append(f"{' × '.join(by_row)}: {len(row_codes)} rows, more than {layouts.most_rows}")
            continue
        columns = tuple((period, *codes) for period in periods for codes in list_combinations(by_column, free))
        totals = {name: TOTAL for name in others if name not in by_row}
        number = f"T{len(grids) + 1}"
        grids.append(
            AskedTable(
                id=number,
                by_row=by_row,
                by_column=(time, *by_column),
                rows=row_codes,
                columns=columns,
                fixed={**fixed, **totals},
            )
        )
    return tuple(grids), tuple(left_out)


def list_combinations(names: Iterable[str], codes: Mapping[str, CodesWithDepth]) -> tuple[LineCodes, ...]:
    return tuple(product(*([code for code, _ in codes[name]] for name in names)))


def find_metadata(catalogue: Catalogue, layouts: Layouts) -> tuple[Metadataflow, MetadataStructure] | None:
    for ref in sorted(catalogue.artefacts):
        flow = catalogue.artefacts[ref]
        if isinstance(flow, Metadataflow) and ref.id == layouts.metadata and flow.structure:
            structure = catalogue.artefacts.get(flow.structure)
            return (flow, structure) if isinstance(structure, MetadataStructure) else None
    return None


TABLES_FILE = "tables.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLayout:
    codes: tuple[str, ...] = ()
    hierarchy: str = ""
    leaves: bool = False
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layouts:
    """All layouts of tables; `by_column` attributes have a cell per column."""

    tables: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = ()
    by_column: tuple[str, ...] = ()
    most_rows: int = 2000
    fixed: Mapping[str, str]
    defaults: Mapping[str, str]
    lists: Mapping[str, ListLayout]
    metadata: str = ""


def read_layouts(content: bytes) -> Layouts:
    declared = Declared.parse(TABLES_FILE, content)
    lists, tables = declared.table("lists"), declared.tables("table")
    layouts = declared.read(
        Layouts,
        tables=tuple(table.strings("rows", None) for table in tables),
        lists={key: lists.table(key).read(ListLayout) for key in lists.values},
    )
    for table in tables:
        table.close()
    return layouts


class QuestionnaireWording:
    def __init__(self, questionnaire: Questionnaire, catalogue: Catalogue, words: Words) -> None:
        self.questionnaire, self.catalogue, self.words = questionnaire, catalogue, words
        self.flow = questionnaire.flow
        self.language = words.language
        self.lists = list_choices(questionnaire)
        self.columns = tuple(dict.fromkeys(self.lists.values()))
        self._items = {
            component.id: {item.id: item for item in codelist}
            for component in self.flow.structure.components
            if (codelist := self.flow.codelist(component)) is not None
        }

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def concept(self, component: str) -> str:
        codelist = self.flow.codelist(component)
        names = [name for name in (self.flow.concepts.get(component), codelist.name if codelist else None) if name]
        translated = [name for name in names if name.has(self.language)]
        return (translated or names)[0].in_language(self.language) if names else component

    def definition(self, component: Component) -> Text:
        return self.find_concept_item(component.concept).description

    def find_concept_item(self, ref: Ref) -> Item:
        scheme = self.catalogue.artefacts.get(ref.scheme)
        concepts = scheme if isinstance(scheme, ItemScheme) else ()
        return next((item for item in concepts if item.id == ref.item), Item(ref.item, Text.of(en=ref.item)))

    def code(self, component: str, code: str) -> str:
        item = self._items.get(component, {}).get(code)
        return (item.name.in_language(self.language) if item else "") or code

    def choice(self, component: str, code: str) -> str:
        items = self._items.get(component, {})
        return format_choice(code, self.code(component, code)) if code in items else code

    def table(self, grid: AskedTable) -> str:
        name = self.flow.dataflow.name.in_language(self.language)
        dimensions = " × ".join(self.concept(dimension) for dimension in grid.by_row)
        return f"{name}: {dimensions}" if dimensions else name

    def about(self, grid: AskedTable) -> str:
        parts = [self.code(AREA, self.questionnaire.area)]
        parts += [
            f"{self.concept(name)}: {self.code(name, code)}"
            for name, code in grid.fixed.items()
            if name not in (AREA, FREQUENCY) and code != TOTAL
        ]
        return " · ".join(parts)

    def source(self, component: str, *, short: bool = False) -> str:
        column = 2 + 2 * self.columns.index(self.lists[component]) + (0 if short else 1)
        return find_chosen_code(column, 2, len(self.lists[component]))


def list_choices(questionnaire: Questionnaire) -> dict[str, tuple[str, ...]]:
    codes = {}
    for component in questionnaire.flow.structure.components:
        codelist = questionnaire.flow.codelist(component)
        if codelist is not None and component.role in ("dimension", "attribute"):
            varying_codes = [code for code, _ in questionnaire.codes.get(component.id, ())]
            codes[component.id] = tuple(dict.fromkeys([*varying_codes, *codelist.ids]))
    return codes
