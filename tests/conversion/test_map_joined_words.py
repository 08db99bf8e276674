"""``sdmxmig map`` on labels of several words that all mean one code."""

from __future__ import annotations

import pytest
from proposed import proposed


def reasons(label: str, others: str = "Family reunification") -> str:
    return f"""
## Sheet A
| Residence permits by reason | | |
| Reason | 2021 | 2022 |
| {label} | 10 | 11 |
| {others} | 20 | 22 |
| International protection | 5 | 6 |
| Total | 35 | 39 |
"""


def code_of(label: str) -> str:
    proposal = proposed(reasons(label), "DF_PERMIT")
    (codes,) = (question.codes for question in proposal.mapping.blocks[0].components if question.component == "REASON")
    is_asked = any(question.part == "codes REASON" and question.label == label for question in proposal.open)
    return "" if is_asked else dict(codes).get(label, "")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Employment and work", "EMP"),
        ("Work, employment", "EMP"),
        ("Work / employment", "EMP"),
        ("Study, education", "EDU"),
        ("Studies and education", "EDU"),
        ("Zaposlitev, delo", "EMP"),
        ("Študij, izobraževanje", "EDU"),
        ("Вработување и работа", "EMP"),
        ("Школување и студии", "EDU"),
        ("Arbeit und Beschäftigung", "EMP"),
        ("Travail et emploi", "EMP"),
        ("Trabajo y empleo", "EMP"),
        ("Lavoro, occupazione", "EMP"),
        ("Studium und Ausbildung", "EDU"),
    ],
)
def test_words_that_all_mean_one_code_mean_it_together(label: str, code: str) -> None:
    assert code_of(label) == code


@pytest.mark.parametrize(
    "label",
    [
        "Work and study",
        "Employment, education",
        "Work and zorblax",
        "Zorblax, work",
        "Work, without employment",
        "Work and not employment",
        "Study, excluding education",
        "Work, other",
        "Work and total",
        "Work 1, employment 2",
        "Work and, retirement",
        "Вработување и студии",
        "Delo, izobraževanje",
    ],
)
def test_words_that_mean_several_things_are_asked_about(label: str) -> None:
    assert not code_of(label)
