"""Year and month in columns of their own, wherever these stand: they tell the period together, and rows apart."""

from __future__ import annotations

from itertools import permutations

import pytest
from markdown_workbooks import workbook
from proposed import observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.tables import read

COLUMNS = {
    "who": ("NACIONALIDAD", ("Haitiano", "Cubano", "Haitiano", "Cubano", "Haitiano")),
    "number": ("CANTIDAD", ("15609", "12", "15", "3", "840")),
    "month": ("MES", ("abril", "abril", "mayo", "mayo", "abril")),
    "year": ("ANO", ("2018", "2018", "2018", "2018", "2019")),
}
READ = {
    ("2018-04", "HT"): "15609",
    ("2018-04", "CU"): "12",
    ("2018-05", "HT"): "15",
    ("2018-05", "CU"): "3",
    ("2019-04", "HT"): "840",
}


def table(order: str) -> str:
    """The columns in this order, as a sheet."""
    listed = [(COLUMNS[name][0], *COLUMNS[name][1]) for name in order.split()]
    return "## Sheet S\n" + "".join(f"| {' | '.join(row)} |\n" for row in zip(*listed, strict=True))


@pytest.mark.parametrize("order", [" ".join(names) for names in permutations(COLUMNS) if names[-1] != "who"])
def test_year_and_month_columns_are_combined_in_any_order(order: str) -> None:
    text = table(order)
    proposal = proposed(text, "DF_IMM", "DO")
    read = {(key[0], key[-1]): value for key, value in observations(text, proposal).items()}
    assert read == READ
    assert not [question for question in proposal.open if question.part in ("rows", "line", "codes TIME_PERIOD")]


def test_year_inside_labels_is_not_combined_with_months() -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    heads = f"| citizen,year\\month | {' | '.join(months)} |\n"
    labels = [f"{country},{year}" for country in ("DE", "FR", "PL") for year in (2019, 2020)]
    rows = (
        f"| {label} | {' | '.join(f'{100 + 7 * row + at}' for at in range(12))} |" for row, label in enumerate(labels)
    )
    proposal = proposed(f"## Sheet S\n| Immigrants by citizenship |\n{heads}" + "\n".join(rows), "DF_IMM")
    (block,) = proposal.mapping.blocks
    assert [str(component.source) for component in block.components] == ["column 1"]
    assert [question.part for question in proposal.open if question.part.endswith("header 1")] == ["line header 1"]


POLISH = "Styczeń,Luty,Marzec,Kwiecień,Maj,Czerwiec,Lipiec,Sierpień,Wrzesień,Październik,Listopad,Grudzień"
QUARTERS = ("Q1", "Q2", "Q3", "Q4")


@pytest.mark.parametrize(
    ("parts", "mark", "note"),
    [(tuple(POLISH.split(",")), mark, f"{mark} dane wstępne") for mark in (" (p)", "*")]
    + [(QUARTERS, "p", "p = provisional")],
)
@pytest.mark.parametrize("layout", ["years with figures", "years alone", "year column", "heads"])
def test_marked_parts_below_years_are_periods(parts: tuple[str, ...], mark: str, note: str, layout: str) -> None:
    figures = {(year, part): 100 * at + year % 100 for year in (2023, 2024) for at, part in enumerate(parts, start=1)}
    labels = {key: key[1] + (mark if key == (2024, parts[-1]) else "") for key in figures}
    rows = []
    for year in (2023, 2024):
        year_labels = [(labels[key], figure) for key, figure in figures.items() if key[0] == year]
        total = sum(figure for _, figure in year_labels)
        if layout == "year column":
            rows += [f"| {'' if at else year} | {label} | {figure} |" for at, (label, figure) in enumerate(year_labels)]
        else:
            head = f"| {year} | {total if layout == 'years with figures' else ''} |"
            rows += [head, *(f"| {label} | {figure} |" for label, figure in year_labels)]
    top = ["| Year | Period | Persons |"] if layout == "year column" else ["| Period | Persons |"]
    if layout == "heads":
        gaps = "|" * len(parts)
        top = [f"| Country | 2023 {gaps} 2024 {gaps}", f"|  | {' | '.join(labels.values())} |"]
        rows = [f"| Cuba | {' | '.join(map(str, figures.values()))} |"]
    text = "\n".join(["## Sheet S", "| Immigrants, 2023-2024 |", *top, *rows, f"| {note} |"]) + "\n"
    proposal = proposed(text, "DF_IMM", "PL")
    kind = "Q" if parts == QUARTERS else ""
    expected = {
        (f"{year}-{kind}{parts.index(part) + 1:{'' if kind else '02'}}"): str(figure)
        for (year, part), figure in figures.items()
    }
    if layout == "years with figures":
        expected |= {
            f"{year}": str(sum(value for key, value in figures.items() if key[0] == year)) for year in (2023, 2024)
        }
    assert {key[0]: value for key, value in observations(text, proposal).items()} == expected
    (block,) = proposal.mapping.blocks
    assert mark.strip() in dict(block.values.marks)


@pytest.mark.parametrize(
    ("months", "note"),
    [
        (("Jan", "Fev", "Mar (p)"), "(p) provisório"),
        (("Januar", "Februar", "März*"), "* vorläufig"),
        (("Ene", "Feb", "Mar/p"), "/p: provisional"),
    ],
)
def test_mark_on_a_month_whose_year_is_asked_keeps_its_status(months: tuple[str, ...], note: str) -> None:
    rows = "\n".join(f"| {label} | {1000 + at} |" for at, label in enumerate(("2023", "2024", *months)))
    text = f"## Sheet S\n| Immigrants |\n| Period | Persons |\n{rows}\n| {note} |\n"
    proposal = proposed(text, "DF_IMM", "PT", {("S", "codes TIME_PERIOD", months[0]): "2024-01"})
    assert not [question for question in proposal.open if "OBS_STATUS" in question.part or question.part == "values"]
    frame = convert(
        read("t.xlsx", workbook(text)), proposal.mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules
    ).dataset.observations
    status_by_period = dict(frame.select("TIME_PERIOD", "OBS_STATUS").iter_rows())
    assert {period for period, status in status_by_period.items() if status == "P"} == {"2024-03"}
