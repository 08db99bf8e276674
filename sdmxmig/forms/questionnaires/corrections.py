"""Corrected figures and source cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from fractions import Fraction

from sdmxmig.forms.questionnaires.filling import sources_of
from sdmxmig.forms.questionnaires.prefill import NONE, rows_of
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Finding, FindingCollector, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Table

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected figure."""

    flow: str
    measure: str
    _: KW_ONLY
    place: Place
    before: str
    text: str


def corrections(before: Dataset, after: Dataset) -> Iterator[Correction]:
    structure = before.flow.structure
    measure = structure.measure.id
    figures_after = {tuple(row.get(name) for name in structure.key): row.get(measure, "") for row in rows_of(after)}
    files = dict(before.origins.select("observation", "file").iter_rows())
    cells = sources_of(before, measure)
    for number, row in enumerate(rows_of(before)):
        old, new = row.get(measure, ""), figures_after.get(tuple(row.get(name) for name in structure.key), "")
        if new and new != old and number in cells:
            sheet, cell = cells[number]
            yield Correction(
                before.flow.id, measure, place=Place(files[number], sheet, cell=cell_name(*cell)), before=old, text=new
            )


def factors(before: Dataset, tables: Mapping[str, Table]) -> dict[str, Fraction]:
    ratios_by_sheet: dict[str, set[Fraction]] = {}
    measure = before.flow.structure.measure.id
    cells = sources_of(before, measure)
    for number, row in enumerate(rows_of(before)):
        sheet, cell = cells.get(number, ("", (0, 0)))
        held = number_in(tables[sheet].text(*cell)) if sheet in tables else None
        figure = number_in(row.get(measure, ""))
        if held and figure:
            ratios_by_sheet.setdefault(sheet, set()).add(held / figure)
    return {sheet: next(iter(ratios)) for sheet, ratios in ratios_by_sheet.items() if len(ratios) == 1}


def number_in(text: str) -> Fraction | None:
    return Fraction(text) if NUMBER.fullmatch(text) else None


def corrected_text(correction: Correction, held: str, factor: Fraction | None) -> str | None:
    """Return the new cell text, or None (``1 234p``).

    >>> moved = Correction("DF_EMI", "OBS_VALUE", place=Place("a.xlsx", "T", cell="B2"), before="5", text="6.5")
    >>> corrected_text(moved, "-5", None), corrected_text(moved, "5p", Fraction(1))
    ('-6.5', None)
    """
    before, after, held_number = number_in(correction.before), number_in(correction.text), number_in(held)
    if held_number is not None and before:
        factor = held_number / before
    elif correction.before and held_number is None:
        return None
    if after is None or factor is None:
        return None
    value = Decimal((after * factor).numerator) / Decimal((after * factor).denominator)
    return f"{value:f}" if Fraction(value) == after * factor else None


def findings_of(corrections: Iterable[Correction], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    for correction in corrections:
        collector = FindingCollector(correction.flow, rules)
        parameters = {"said": correction.before or NONE, "expected": correction.text}
        collector.add(RuleId.CORRECTED_FIGURE, [correction.place], correction.measure, **parameters)
        yield from collector.findings
