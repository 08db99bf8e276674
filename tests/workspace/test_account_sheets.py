"""Accounts of a study by equation: terms as lines, years as columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.statistics.demography.closing import OUTCOME_CLASSES
from sdmxmig.workspace.tasks.accounting import StoredAccounts, list_cells

EQUATION = "POP_END = POP_BEG + LBIRTH - DEATH"


def account_row(period: str, **other: str) -> dict[str, str]:
    """A test of a made-up study that came out well unless it says otherwise."""
    row = dict.fromkeys(
        ("computed", "residual", "allowed_by_rounding", "tolerance", "standard_error", "in_standard_errors", "missing"),
        "",
    )
    head = {"identity": "A01", "population": "", "period": period, "equation": EQUATION}
    return {**row, **head, "class": "BALANCED", "by_construction": "no", **other}


def term_row(term: str, period: str, value: str, factor: str = "1") -> dict[str, str]:
    """A term of a made-up study."""
    side = "left" if term == "POP_END" else "right"
    head = {"identity": "A01", "population": "", "period": period, "equation": EQUATION}
    return {**head, "side": side, "term": term, "factor": factor, "value": value, "cell": "a.xlsx › S › B2"}


def stored(folder: Path, **study: Any) -> StoredAccounts:
    """A study in a file."""
    path = folder / "accounts.json"
    path.write_text(json.dumps({"classes": dict.fromkeys(OUTCOME_CLASSES, 0), **study}))
    return StoredAccounts(path)


def test_terms_follow_the_equation_and_latest_year_is_first(tmp_path: Path) -> None:
    terms = [term_row("DEATH", "2020", "5", "-1"), term_row("POP_BEG", "2020", "90"), term_row("POP_END", "2020", "99")]
    accounts = [
        account_row("2020"),
        account_row("2021", **{"class": "NOT_TESTABLE", "missing": "LBIRTH; series break"}),
    ]
    study = stored(tmp_path, accounts=accounts, terms=terms)
    (sheet,), count = study.page("A01", most=5)
    assert count == 1
    assert [test["period"] for test in sheet.tests] == ["2021", "2020"]
    assert [(line.side, line.term) for line in sheet.lines] == [
        ("left", "POP_END"),
        ("right", "POP_BEG"),
        ("right", "LBIRTH"),
        ("right", "DEATH"),
    ]
    assert study.list_missing("A01") == ["LBIRTH", "series break"]
    assert study.count_outcomes("A01")["NOT_TESTABLE"] == 1


def test_whole_population_precedes_testable_groups(tmp_path: Path) -> None:
    accounts = [
        account_row("2020", population="SEX=F", **{"class": "NOT_TESTABLE"}),
        account_row("2020", population="SEX=M"),
        account_row("2020"),
    ]
    study = stored(tmp_path, accounts=accounts)
    sheets, count = study.page("A01", most=2)
    assert ([sheet.population for sheet in sheets], count) == (["", "SEX=M"], 3)
    assert [sheet.population for sheet in study.page("A01", first=2, most=2)[0]] == ["SEX=F"]
    assert study.page("A01", "NOT_TESTABLE", most=2)[1] == 1
    assert study.page("A99", most=2) == ([], 0)


def test_cells_with_commas_in_sheet_names_are_separated() -> None:
    row = {"cell": "a, b.xlsx › Births, deaths › B2, c.csv › D4"}
    assert list_cells(row) == ["a, b.xlsx › Births, deaths › B2", "c.csv › D4"]


@pytest.mark.parametrize(
    "study",
    [
        {"accounts": [{"class": "BALANCED"}]},
        {"accounts": [account_row("2020", residual="much")]},
        {"accounts": [account_row("2020", residual="1e400000")]},
        {"accounts": ["x"]},
        {"classes": {}},
    ],
)
def test_invalid_study_is_refused(tmp_path: Path, study: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        stored(tmp_path, **study)
