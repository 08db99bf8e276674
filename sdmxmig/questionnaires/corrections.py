"""Figures that another dataset has otherwise, each with the cell of the office's own workbook that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.forms.noticed import Noticed
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Finding, Rule
from sdmxmig.places import Place, cell_name
from sdmxmig.questionnaires.filling import sources_of
from sdmxmig.questionnaires.prefill import rows_of

CORRECTED = "MIG-0-207"


@dataclass(frozen=True, slots=True)
class Correction:
    """One corrected figure: of which dataflow, in which cell, what it was, and what it is now."""

    flow: str
    measure: str
    place: Place
    before: str
    text: str


def corrections(before: Dataset, after: Dataset) -> Iterator[Correction]:
    """The figures of a dataset with origins that another one of the same flow has otherwise.

    Figures that were made of several cells, and those that only one of the datasets has, are passed over.
    """
    structure = before.flow.structure
    measure = structure.measures[0].id
    known = {tuple(row.get(name) for name in structure.key): row.get(measure, "") for row in rows_of(after)}
    files = dict(before.origins.select("observation", "file").iter_rows())
    cells = sources_of(before, measure)
    for number, row in enumerate(rows_of(before)):
        was, now = row.get(measure, ""), known.get(tuple(row.get(name) for name in structure.key), "")
        if now and now != was and number in cells:
            sheet, cell = cells[number]
            yield Correction(before.flow.id, measure, Place(files[number], sheet, cell_name(*cell)), was, now)


def findings_of(found: Iterable[Correction], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """The corrections as findings, so that their cells are marked as those of findings are."""
    for one in found:
        noticed = Noticed(one.flow, rules)
        noticed.add(CORRECTED, [one.place], one.measure, said=one.before, expected=one.text)
        yield from noticed.findings
