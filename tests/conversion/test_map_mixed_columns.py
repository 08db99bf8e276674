"""``sdmxmig map`` on columns of several kinds side by side: none is read as a figure of another kind."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import observations, proposed

from sdmxmig.conversion.mapping.grid import matches_any
from sdmxmig.conversion.suggestion import Proposal


def table(*heads: str, figures: tuple[str, str] = ("6098", "9202"), others: tuple[str, str] = ("97", "81")) -> str:
    """Two countries and two columns of each of two kinds, the second one with `others`."""
    rows = [
        f"| {country} | " + " | ".join(one if at % 2 == 0 else other for at in range(len(heads))) + " |"
        for country, one, other in zip(("Afghanistan", "Iran"), figures, others, strict=True)
    ]
    return f"\n## Sheet A\n| Nationality | {' | '.join(heads)} |\n" + "\n".join(rows) + "\n"


def settings(proposal: Proposal) -> dict[str, str]:
    return dict(proposal.mapping.blocks[0].fixed)


@cases_from("conversion/cases/rates_beside_decisions_of_two_years_stay_out.csv")
def test_rates_beside_decisions_of_two_years_are_left_out(rate: str) -> None:
    heads = [form.format(year) for year in (2024, 2025) for form in ("Initial decisions {}", rate)]
    proposal = proposed(table(*heads), "DF_PROTECTION", "GB")
    assert set(observations(table(*heads), proposal).values()) == {"6098", "9202"}
    assert settings(proposal)["DECISION_STAGE"] == "FIRST"


@pytest.mark.parametrize("head", ["Foo", "Persons", "Value", "2024"])
def test_columns_with_percent_signs_are_left_out(head: str) -> None:
    text = table("2023", head, others=("97%", "81.5%"))
    assert set(observations(text, proposed(text, "DF_POP")).values()) == {"6098", "9202"}


@pytest.mark.parametrize("word", ["Part", "Quota", "Share", "Rate"])
def test_ambiguous_word_above_large_figures_means_counts(word: str) -> None:
    text = table("Year 2023", f"{word} 2023", others=("6097", "8100"))
    proposal = proposed(text, "DF_PROTECTION", "GB")
    assert not [skip for block in proposal.mapping.blocks for skip in block.skip_columns if "shares" in skip.reason]
    assert proposal.open


@cases_from("conversion/cases/columns_of_two_kinds_are_no_series_of_years.csv")
def test_columns_of_two_kinds_are_not_read_as_years(first: str, second: str) -> None:
    """The columns are distinguished, or one of them is skipped: two figures never differ by their year alone."""
    heads = [f"{kind} {year}" for year in (2024, 2025) for kind in (first, second)]
    proposal = proposed(table(*heads, others=("1097", "1081")), "DF_PROTECTION", "GB")
    block = proposal.mapping.blocks[0]
    told = {component_map.component for component_map in block.components} - {"TIME_PERIOD", "C_CITIZEN"}
    assert told or proposal.open
    skips = [skip.match for skip in block.skip_columns]
    kept = {head.rpartition(" ")[0] for head in heads if not matches_any(head, skips)}
    assert told or len(kept) < len((first, second))


@cases_from("conversion/cases/columns_of_one_kind_are_a_series_of_years.csv")
def test_columns_of_one_kind_form_a_series_of_years(one: str, other: str) -> None:
    text = table(one, other, others=("6097", "8100"))
    proposal = proposed(text, "DF_POP")
    assert set(observations(text, proposal).values()) == {"6098", "9202", "6097", "8100"}
    assert not [question for question in proposal.open if question.part.startswith("line header")]


@cases_from("conversion/cases/words_beside_all_years_apply_to_all_figures.csv")
def test_words_beside_all_years_apply_to_all_figures(beside: str, component: str, code: str) -> None:
    proposal = proposed(table(f"{beside} 2024", f"{beside} 2025"), "DF_PROTECTION", "GB")
    assert settings(proposal)[component] == code
