"""Year and month in columns of their own, wherever these stand: they tell the period together, and rows apart."""

from __future__ import annotations

from itertools import permutations

import pytest
from proposed import observations, proposed

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
