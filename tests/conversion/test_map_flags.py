"""Tables as Eurostat's site gives them: settings above, statuses beside each year, their signs explained below."""

from __future__ import annotations

import pytest
from proposed import asked_labels, asked_text, codes, observations, proposed, tried

STATUS = "OBS_STATUS"
HEAD = """
## Sheet Sheet 1
| Data extracted on 12/11/2026 10:11:12 from [ESTAT] |
| Dataset: | | Immigration by age group, sex and citizenship [migr_imm1ctz] |
| Last updated: | | 28/10/2026 23:00 |
| |
| Age class | | Total |
| Geopolitical entity (reporting) | | Latvia |
| |
"""
FLAGGED = f"""{HEAD}| TIME | 2021 | | 2022 | |
| CITIZEN (Labels) |
| Total | 12689 | | 38708 | b |
| Estonia | 95 | e | 120 | |
| Ukraine | 1001 | | : | c |
| |
| Special value |
| : | not available |
| |
| Observation flags: |
| b | break in time series |
| e | estimated |
| c | confidential |
"""


def test_statuses_beside_figures_are_read_by_the_legend() -> None:
    proposal = proposed(FLAGGED, "DF_IMM", "LV")
    assert asked_labels(proposal) == ["fixed CTZ_STATUS"]
    assert codes(proposal, STATUS) == {"b": "B", "c": "Q", "e": "E"}
    values = observations(FLAGGED, proposal)
    assert values["2022", "_T", "_T", "_T", "_T"] == "38708"
    assert len(values) == 6, "the legend is no row of figures"
    conversion = tried(FLAGGED, "DF_IMM", "LV").conversion
    rows = conversion.dataset.observations.select("TIME_PERIOD", "C_CITIZEN", STATUS).iter_rows()
    assert {(year, country): status for year, country, status in rows if status not in ("", None, "A")} == {
        ("2022", "_T"): "B",
        ("2021", "EE"): "E",
        ("2022", "UA"): "Q",
    }


@pytest.mark.parametrize("head", ["Flag", "Status"])
def test_columns_of_statuses_may_have_one_head(head: str) -> None:
    text = f"""
## Sheet A
| Immigrants by country of citizenship |
| Country | 2021 | {head} | 2022 | {head} |
| Total | 500 | | 640 | p |
| Ukraine | 200 | | 300 | p |
| Estonia | 300 | e | 340 | |
| p provisional, e estimated |
"""
    proposal = proposed(text, "DF_IMM", "LV")
    assert asked_labels(proposal) == []
    assert codes(proposal, STATUS) == {"p": "P", "e": "E"}


def test_unexplained_letter_is_asked_about() -> None:
    text = """
## Sheet A
| Immigrants by country of citizenship |
| Country | 2021 | | 2022 | |
| Total | 500 | | 640 | p |
| Ukraine | 200 | x | 300 | |
"""
    assert "x" in asked_labels(proposed(text, "DF_IMM", "LV"))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("| Country of birth | | Foreign country |", "country of birth: foreign country"),
        ("| Country of birth: Foreign country |", "country of birth: foreign country"),
        ("| Country of birth | | Reporting country |", "country of birth: reporting country"),
        ("| Country of birth | | Total |", ""),
    ],
)
def test_unknown_setting_above_a_table_is_asked(setting: str, words: str) -> None:
    text = FLAGGED.replace("| Age class | | Total |", setting)
    proposal = proposed(text, "DF_IMM", "LV")
    assert words in asked_text(proposal)
    assert bool(words) == bool({*asked_labels(proposal)} - {"fixed CTZ_STATUS"})


def test_reporting_country_may_be_a_row() -> None:
    proposal = proposed(FLAGGED.replace("Estonia", "Reporting country"), "DF_IMM", "LV")
    (question,) = [question for question in proposal.open if question.label == "Reporting country"]
    assert question.others[0].code == "LV"
