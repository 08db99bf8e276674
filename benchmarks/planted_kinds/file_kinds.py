"""Faults of files: changes by spreadsheet programs to labels and figures, and by readers to the code of Namibia."""

from __future__ import annotations

import datetime as dt

import numpy as np

from benchmarks.planted_kinds.cells import first_flow
from benchmarks.planted_kinds.office_files import TEXT_FILE, WORKBOOK, Sheet, cell_at, long, wide
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import Published

ERRORS = ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?")
NAMIBIA = "NA"
AGE_LABEL = "5-9"
"""The only label of an age whose bounds may be a day and a month."""
GROUPED = (1_000, 999_999)
LEAST = 5


def by_row(published: Published, file: str = WORKBOOK) -> Sheet:
    """A sheet of the dataflow: populations and deaths by age, moves by country of residence."""
    flow = first_flow(published)
    return wide(published, flow, "AGE" if flow in ("DF_POP", "DF_DEATHS") else "C_RESIDENCE", file)


@planter("namibia-blank", ("DF_IMM",), ("DF_EMI",), ("DF_CITIZENSHIP",))
def namibia_blank(published: Published, rng: np.random.Generator) -> Plant | None:
    """A CSV file of which a program has read NA as missing, and written nothing."""
    del rng  # there is only one place
    flow = first_flow(published)
    sheet = long(published, flow, ["C_FORMER" if flow == "DF_CITIZENSHIP" else "C_RESIDENCE", "SEX"])
    rows = [row for row, line in enumerate(sheet.cells) if line[0] == NAMIBIA]
    if not rows:
        return None
    planted = sheet.with_cells({(row, 0): "" for row in rows})
    return Plant(planted, flow, tuple(cell_at(row, 0) for row in rows), size=f"{len(rows)} rows", clean=sheet.clean)


@planter("label-became-date", ("DF_POP",), ("DF_DEATHS",))
def label_became_date(published: Published, rng: np.random.Generator) -> Plant | None:
    """A spreadsheet program has converted the label 5-9 to a date, 9 May or 5 September."""
    sheet = by_row(published)
    row = [line[0] for line in sheet.cells].index(AGE_LABEL)
    year = int(published.prepared[:4])
    day = [dt.date(year, 5, 9), dt.date(year, 9, 5)][int(rng.integers(2))]
    return Plant(sheet.with_cells({(row, 0): day}), sheet.flow, (cell_at(row, 0),), size=f"{day}", clean=sheet.clean)


@planter("group-point", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def group_point(published: Published, rng: np.random.Generator) -> Plant | None:
    """A point between the thousands of a column, which turns persons into fractions of them."""
    sheet = by_row(published, TEXT_FILE if rng.integers(2) else WORKBOOK)
    column = int(rng.integers(1, len(sheet.cells[0])))
    here = [(row, at) for row, at in sheet.figures() if at == column]
    here = [(row, at) for row, at in here if GROUPED[0] <= sheet.cells[row][at] <= GROUPED[1]]
    if len(here) < LEAST:
        return None
    texts = {(row, at): f"{sheet.cells[row][at] // 1000}.{sheet.cells[row][at] % 1000:03d}" for row, at in here}
    changed = {place: float(text) if sheet.file == WORKBOOK else text for place, text in texts.items()}
    keys = tuple(cell_at(*place) for place in here)
    return Plant(
        sheet.with_cells(changed), sheet.flow, keys, size=f"{len(here)} cells of {sheet.file}", clean=sheet.clean
    )


@planter("spreadsheet-error", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def spreadsheet_error(published: Published, rng: np.random.Generator) -> Plant | None:
    """An error of the spreadsheet program in place of a figure."""
    sheet = by_row(published)
    places = list(sheet.figures())
    place = places[int(rng.integers(len(places)))]
    error = str(rng.choice(ERRORS))
    return Plant(sheet.with_cells({place: error}), sheet.flow, (cell_at(*place),), size=error, clean=sheet.clean)
