"""The shipped examples, from their workbooks to the assessment: its numbers equal a calculation made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from assessed_examples import example
from case_tables import cases_from

from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS
from sdmxmig.statistics.model.indicator_results import count_by_status


def points(name: str, series_id: str) -> Mapping[str, Decimal | None]:
    return next({p.period: p.value for p in one.points} for one in example(name).series if one.id == series_id)


@pytest.mark.every_day
def test_net_migration_and_rates_of_georgia_are_correct() -> None:
    # Immigrants less emigrants: 179 778 − 125 269 and 205 857 − 245 064.
    net = points("georgia", "NET")
    assert (net["2022"], net["2023"]) == (54_509, -39_207)
    # Average populations: (3 688 647 + 3 736 357) / 2 = 3 712 502 and (3 736 357 + 3 694 608) / 2 = 3 715 482.5.
    events = {
        "CBR": (42_319, 40_214),
        "CDR": (49_118, 42_756),
        "CIR": (179_778, 205_857),
        "CER": (125_269, 245_064),
        "CNR": (54_509, -39_207),
    }
    for series_id, (of_2022, of_2023) in events.items():
        rates = points("georgia", series_id)
        assert rates["2022"] == Decimal(1000) * of_2022 / 3_712_502
        assert rates["2023"] == Decimal(1000) * of_2023 / Decimal("3715482.5")


def test_account_residuals_of_georgia_are_correct() -> None:
    residuals = {
        account.period: account.residual for account in example("georgia").accounts if account.identity == "A01"
    }
    # To the person where both populations are in persons; 3 729 633 − 3 729 659 = −26 where one is in thousands.
    assert (residuals["2017"], residuals["2022"], residuals["2023"]) == (-26, 0, 0)


def test_unrelated_series_of_georgia_are_not_joined() -> None:
    """The years 2015 to 2017 are from different series, so no account is tested and no rate computed across them."""
    outcomes = {account.period: account for account in example("georgia").accounts if account.identity == "A01"}
    assert {year: outcomes[year].missing[-1:] for year in ("2014", "2016")} == {
        "2014": ("series break",),
        "2016": ("series break",),
    }
    assert min(points("georgia", "CIR")) == "2017"


def test_account_of_moldova_leaves_out_the_misprinted_year() -> None:
    residuals = {
        account.period: account.residual for account in example("moldova").accounts if account.identity == "A01"
    }
    known = {"2014": -1000, "2015": 300, "2016": 400, "2017": None}
    assert {year: residuals.get(year) for year in known} == known


@cases_from(
    "statistics/cases/sweden_shares_of_the_four_groups.csv",
    foreign_born=int,
    foreign=int,
    fb_nc=int,
    nb_fc=int,
    fb_fc=int,
    everybody=int,
)
def test_shares_of_four_groups_of_sweden_are_correct(
    year: str, foreign_born: int, foreign: int, fb_nc: int, nb_fc: int, fb_fc: int, everybody: int
) -> None:
    assert foreign_born == fb_nc + fb_fc
    assert foreign == nb_fc + fb_fc
    result = next(indicator for indicator in example("sweden").indicators if indicator.indicator.id == "MIG_SHARE")
    shares = {value.variant: value.value for value in result.values if value.period == year}
    persons = {"FB": foreign_born, "FC": foreign, "FB_NC": fb_nc, "NB_FC": nb_fc, "FB_FC": fb_fc}
    assert shares == {variant: Decimal(100) * number / everybody for variant, number in persons.items()}


def test_early_shares_of_sweden_equal_the_printed_margins() -> None:
    result = next(indicator for indicator in example("sweden").indicators if indicator.indicator.id == "MIG_SHARE")
    shares = {(value.period, value.variant): value.value for value in result.values if value.period in ("2010", "2015")}
    assert shares == {
        ("2010", "FB"): Decimal(100) * 1_384_929 / 9_415_570,
        ("2010", "FC"): Decimal(100) * 633_292 / 9_415_570,
        ("2015", "FB"): Decimal(100) * 1_676_264 / 9_851_017,
        ("2015", "FC"): Decimal(100) * 782_833 / 9_851_017,
    }


def test_census_of_georgia_is_separate_from_yearly_estimates() -> None:
    """The census of 2024 counts 3,929,581 residents, the estimate for 1 January 2024 is 3 694 608."""
    population = points("georgia", "POP")
    assert population["2024"] == 3_694_608


def test_accounts_of_sweden_balance_with_published_adjustment() -> None:
    whole = {
        account.period: account
        for account in example("sweden").accounts
        if account.identity == "A01" and not account.population
    }
    assert {year: account.outcome for year, account in whole.items() if year in ("2021", "2022", "2024")} == {
        "2021": "BALANCED",
        "2022": "BALANCED",
        "2024": "BALANCED",
    }


@pytest.mark.parametrize("name", ["georgia", "moldova", "norway", "sweden"])
def test_rule_of_moves_is_rated_only_beside_population_rule(name: str) -> None:
    """The reference text compares both: without the one, the other has no rating."""
    answers = {score.item.id: score.answer for score in example(name).scores}
    assert answers["B03"] not in UNKNOWN_ANSWERS or {answers["B05"], answers["B06"]} <= UNKNOWN_ANSWERS


def test_shares_of_known_groups_of_norway_are_correct() -> None:
    result = next(indicator for indicator in example("norway").indicators if indicator.indicator.id == "MIG_SHARE")
    shares = {(value.period, value.variant): value.value for value in result.values if value.period in ("2004", "2020")}
    persons_2004 = {"FB": 347_280, "FC": 204_731, "FB_NC": 165_910, "NB_FC": 23_361, "FB_FC": 181_370}
    assert shares == {
        **{("2004", variant): Decimal(100) * number / 4_577_457 for variant, number in persons_2004.items()},
        ("2020", "FB"): Decimal(100) * (790_497 + 38_195 + 39_086) / 5_367_580,
    }


def test_account_of_norway_requires_its_correction_item() -> None:
    whole = {
        account.period: (account.outcome, account.residual)
        for account in example("norway").accounts
        if account.identity == "A01" and not account.population and account.residual is not None
    }
    assert whole == {
        "2012": ("NOT_TESTABLE", 5_051_275 - (4_985_870 + 60_255 - 41_992 + 78_570 - 31_227)),
        "2018": ("NOT_TESTABLE", 5_328_212 - (5_295_619 + 55_120 - 40_840 + 52_485 - 34_382)),
        "2020": ("NOT_TESTABLE", 5_391_369 - (5_367_580 + 52_979 - 40_611 + 38_075 - 26_744)),
        "2022": ("NOT_TESTABLE", 5_488_984 - (5_425_270 + 51_480 - 45_774 + 90_475 - 32_536)),
        "2023": ("BALANCED", 5_550_203 - (5_488_984 + 51_980 - 43_803 + 86_589 - 34_011 + 464)),
    }


OF_LATIN_AMERICA = ["mexico", *(pytest.param(name, marks=pytest.mark.long) for name in ("chile", "colombia", "peru"))]


@pytest.mark.parametrize("name", ["georgia", "moldova", "norway", "sweden", *OF_LATIN_AMERICA])
def test_every_value_names_its_source_cells(name: str) -> None:
    values = [value for result in example(name).indicators for value in result.values]
    assert values
    assert all(len(value.places) == len(value.terms) for value in values)


SUPPORTED_GAPS = {
    "georgia": [],
    "moldova": [],
    "norway": [],
    "sweden": [],
    "mexico": [],
    "chile": [],
    "colombia": [],
    "peru": [],
}
"""The gaps that a source states or the data show; what nobody has confirmed is a question for the office."""


@pytest.mark.parametrize("name", ["georgia", "moldova", "norway", "sweden", *OF_LATIN_AMERICA])
def test_profiles_agree_with_data_and_every_gap_has_an_action(name: str) -> None:
    found = example(name)
    assert found.contradictions == ()
    assert [gap.id for gap in found.gaps] == SUPPORTED_GAPS[name]
    assert [gap.subject for gap in found.gaps if not found.roadmap.closing(gap.subject)] == []


@cases_from("statistics/cases/core_indicators_of_part_a_that_a_country_produces.csv", produced=int, complete=int)
def test_produced_core_indicators_of_part_a_are_counted(name: str, produced: int, complete: int) -> None:
    core = count_by_status(example(name).of("A", "core"))
    assert (core.total, core.produced, core.complete) == (11, produced, complete)


SHARES = {  # in Georgia, the final count of 2024 was found without its parts
    "georgia": {("2014", "FC"): Decimal(100) * 22_131 / 3_713_804},
    "moldova": {("2024", "FB"): Decimal(100) * 106_700 / 2_409_200},
}


@pytest.mark.parametrize("country", SHARES)
def test_migrant_share_uses_the_census_with_parts(country: str) -> None:
    result = next(indicator for indicator in example(country).indicators if indicator.indicator.id == "MIG_SHARE")
    assert {(value.period, value.variant): value.value for value in result.values} == SHARES[country]


@pytest.mark.parametrize("name", ["georgia", "moldova", "sweden"])
def test_un_estimates_are_not_national_indicators(name: str) -> None:
    result = next(indicator for indicator in example(name).indicators if indicator.indicator.id == "EMI_STOCK_RATIO")
    assert result.values == ()


def test_census_of_georgia_exceeds_the_following_estimates() -> None:
    (census,) = example("georgia").counts
    # The census of November 2024 against 1 January 2025.
    assert (census.first.value, census.second.value, census.difference) == (3_929_581, 3_704_506, -225_075)
