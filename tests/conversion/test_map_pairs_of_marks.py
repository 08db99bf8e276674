"""``sdmxmig map`` on two marks that stand together behind a number: both are known, or they are asked about."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.tables import read


def stocks(figure: str, *notes: str) -> str:
    rows = "".join(f"| {note} | | |\n" for note in notes)
    return f"""
## Sheet A
| Population by country of citizenship | | |
| Country of citizenship | 2020 | 2021 |
| Armenia | 10 | 11 |
| Turkey | 20 | '{figure} |
| Chad | 30 | 33 |
{rows}"""


@pytest.mark.parametrize(
    ("figure", "status"),
    [("22 ep", "P"), ("22 be", "E"), ("22bp", "P"), ("22 pe", "E"), ("22 eu", "U"), ("22 EP", "P"), ("22 p", "P")],
)
@pytest.mark.parametrize("is_explained", [True, False])
def test_usual_marks_are_proposed_and_certain_only_if_explained(figure: str, status: str, is_explained: bool) -> None:
    legend = ("e = estimated", "p = provisional", "b = break in series", "u = low reliability")
    text = stocks(figure, *(legend if is_explained else ()))
    proposal = proposed(text, "DF_POP")
    conversion = convert(read("t.xlsx", workbook(text)), proposal.mapping, CATALOGUE.flows["DF_POP"], CATALOGUE.rules)
    rows = conversion.dataset.observations.select("OBS_VALUE", "OBS_STATUS").iter_rows()
    assert ("22", status) in set(rows)
    asked = [question for question in proposal.open if question.part == "values"]
    assert [(question.label, question.chosen.code) for question in asked] == (
        [] if is_explained else [(f"the mark “{figure.removeprefix('22').strip()}”", status)]
    )
    assert all({"A", status} <= {question.chosen.code, *(c.code for c in question.others)} for question in asked)


@pytest.mark.parametrize("mark", ["xy", "ex", "kg", "zp", "oo", "qe"])
def test_pairs_with_an_unknown_letter_are_asked_about(mark: str) -> None:
    asked = [question.label for question in proposed(stocks(f"22 {mark}"), "DF_POP").open if question.part == "values"]
    assert asked == [f"the mark “{mark}”"]


@pytest.mark.parametrize("label", ["18 an", "65 et", "5 yr", "10 de", "30 ou", "25 to"])
def test_labels_with_short_words_are_not_read_as_figures(label: str) -> None:
    text = f"""
## Sheet A
| Population by country of birth, 2021 | | |
| Age | Men | Women |
| {label} | 10 | 11 |
| {label.replace(label[0], "4")} | 20 | 22 |
"""
    assert proposed(text, "DF_POP").regions[0].labels == (1,)
