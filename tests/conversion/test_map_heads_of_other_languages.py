"""Heads that are words for countries in another language stand over figures too: “LAND” beside “SEA” and “AIR”."""

from __future__ import annotations

import pytest
from proposed import observations, proposed


def table(heads: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    return "## Sheet S\n" + "".join(f"| {' | '.join(row)} |\n" for row in (heads, *rows))


@pytest.mark.parametrize("sign", [",", " ", ".", "’"])
def test_column_of_amounts_is_parsed_under_any_header(sign: str) -> None:
    months = (
        ("January", "101,898", "1,656,177", "564,684", "2,322,759"),
        ("February", "91,149", "1,451,722", "479,040", "2,021,911"),
        ("March", "104,653", "1,629,392", "478,368", "2,212,413"),
    )
    rows = [("2017", month, *(figure.replace(",", sign) for figure in figures)) for month, *figures in months]
    text = table(("Year", "Month", "SEA", "LAND", "AIR", "TOTAL"), *rows)
    proposal = proposed(text, "DF_BORDER", "MY")
    assert [question.label for question in proposal.open if question.part.startswith("line")] == []
    sources = {component.component: str(component.source) for component in proposal.mapping.blocks[0].components}
    assert sources["BORDER_TYPE"] == "header 1"


@pytest.mark.parametrize("labels", [("004", "008", "012"), ("4", "8", "12")])
def test_country_codes_below_a_foreign_header_are_labels(labels: tuple[str, ...]) -> None:
    rows = [(label, str(at + 3), str(at + 5)) for at, label in enumerate(labels)]
    proposal = proposed(table(("Land", "2017", "2018"), *rows), "DF_IMM", "SE")
    assert "column 1" in {
        str(component.source) for block in proposal.mapping.blocks for component in block.components
    } | {question.part.removeprefix("line ") for question in proposal.open}


@pytest.mark.parametrize("heads", [("Férfi", "Nő"), ("Férfiak", "Nők")])
def test_hungarian_header_for_women_is_recognised(heads: tuple[str, str]) -> None:
    rows = [("Románia", "7", "5", "12"), ("Ukrajna", "4", "3", "7"), ("Kína", "2", "4", "6")]
    text = table(("Állampolgárság", *heads, "Összesen"), *rows)
    proposal = proposed(text, "DF_POP", "HU", {("S", "fixed TIME_PERIOD", ""): "2022"})
    sexes = {key[1] for key in observations(text, proposal)}
    assert sexes == {"M", "F", "_T"}


@pytest.mark.parametrize(("area", "men", "women"), [("VN", "Nam", "Nữ"), ("HU", "Férfi", "Nő"), ("JP", "男", "女")])
def test_short_word_for_sex_beside_a_year_is_not_read_as_mark(area: str, men: str, women: str) -> None:
    heads = [f"{year} {sex}" for year in ("2021", "2022") for sex in (men, women)]
    text = table(("Country of citizenship", *heads), ("Laos", "7", "5", "8", "6"), ("China", "4", "3", "5", "4"))
    proposal = proposed(text, "DF_POP", area)
    assert {key[1] for key in observations(text, proposal)} == {"M", "F"}
    assert not [question for question in proposal.open if "mark" in question.label]
