"""An assessment compares answers with data: an unknown answer is no gap, and data show that a statistic is produced."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from shipped import CATALOGUE
from small_country import GEORGIA, assessed, dataset, profile

from sdmxmig.catalogue.indicators import Indicator, TermSelection, Variant
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Finding, Findings
from sdmxmig.statistics.assessment import assess, count_by_status
from sdmxmig.statistics.model.assessment import IndicatorResult

DATA = (
    dataset(
        "DF_POP", *({"TIME_PERIOD": year, "OBS_VALUE": "1000"} for year in ("2022", "2023", "2024")), REF_DATE="D0101"
    ),
    dataset("DF_IMM", *({"TIME_PERIOD": year, "OBS_VALUE": "40"} for year in ("2022", "2023"))),
)
RATE = CATALOGUE.indicators["IMM_RATE"]


@pytest.mark.parametrize(
    ("item", "answer", "points", "is_gap"),
    [
        ("A01", "Y", 1, False),
        ("A01", "P", Decimal("0.5"), True),
        ("A01", "N", 0, True),
        ("A01", "NA", None, False),
        ("A01", "DK", None, False),
        ("A01", "", None, False),
        ("B01", "3", 3, False),
        ("B01", "2", 2, False),
        ("B01", "1", 1, True),
        ("B01", "0", 0, True),
        ("B04", "1", 1, False),  # a definition without a reference text
        ("B04", "0", 0, False),
        ("D01", "3", 3, False),
        ("D01", "2", 2, True),
    ],
)
def test_unknown_answers_are_neither_zero_nor_gap(item: str, answer: str, points: Decimal | None, is_gap: bool) -> None:
    assessment = assessed(f'items.{item}.answer = "{answer}"' if answer else "")
    score = next(score for score in assessment.scores if score.item.id == item)
    assert (score.points, score.is_gap) == (points, is_gap)
    assert [gap.subjects for gap in assessment.gaps] == ([(item,)] if is_gap else [])


def test_every_gap_names_its_remedy_and_extent() -> None:
    gaps = assessed(
        """
        items.A01.answer = "N"
        items.A02.answer = "P"
        indicators.EMI_RATE.L01.answer = "0"
        indicators.IMM_RATE.L01.answer = "1"
        indicators.RETURN_SHARE.L01.answer = "0"
        """
    ).gaps
    assert [(gap.subjects, str(gap.reasons[0].answer), gap.is_partial) for gap in gaps] == [
        (("A01",), "No", False),
        (("A02",), "Partly", True),
        (("IMM_RATE",), "A source exists, not compiled", True),
        (("EMI_RATE",), "No source", False),
    ], "none for an indicator that is not core"
    law = CATALOGUE.items["A01"]
    assert (gaps[0].statement, gaps[0].action) == (law.name, law.action)
    assert all(gap.action for gap in gaps)


def of(indicator: Indicator, claim: str = "", year: str = "2024") -> IndicatorResult:
    """Return the result of an indicator from the data and an answer on its availability."""
    answer = f'indicators.{indicator.id}.L01.answer = "{claim}"' if claim else ""
    known = replace(CATALOGUE, indicators={**CATALOGUE.indicators, indicator.id: indicator})
    said = replace(profile(answer), year=year)
    found = assess(GEORGIA, known, datasets=DATA, findings=Findings(), profile=said)
    return next(one for one in found.indicators if one.indicator.id == indicator.id)


@pytest.mark.parametrize(("year", "is_produced"), [("2024", True), ("2026", True), ("2027", False)])
def test_indicator_with_only_old_values_is_not_produced(year: str, is_produced: bool) -> None:
    found = of(RATE, year=year)
    assert (found.latest, found.is_produced) == ("2023", is_produced)


@pytest.mark.parametrize("claim", ["", "3"])
def test_proxy_values_do_not_prove_production_of_indicator(claim: str) -> None:
    found = of(replace(RATE, is_proxy=True), claim)
    assert (found.is_shown, found.is_produced) == (True, bool(claim))


def test_indicator_declared_without_data_is_produced_not_shown() -> None:
    found = of(CATALOGUE.indicators["EMI_RATE"], "3")
    assert (found.is_produced, found.is_shown) == (True, False)
    assert found.missing[0] == ("_T", "no data for emigration")


def test_core_and_additional_indicators_are_counted_apart() -> None:
    claims = {"EMI_STOCK_RATIO": "1", "MIG_SHARE": "3", "RETURN_SHARE": "3"}
    assessment = assessed("\n".join(f'indicators.{name}.L01.answer = "{code}"' for name, code in claims.items()), *DATA)
    counted, additional = (count_by_status(assessment.of("A", tier)) for tier in ("core", "additional"))
    assert (counted.total, counted.produced, counted.shown, counted.unknown) == (11, 2, 1, 8)
    assert (additional.total, additional.produced) == (9, 1)
    assert counted.candidates == 11, "whatever their status, none names a passage of the published text"
    assert count_by_status(assessment.of("B", "core")).produced == 0


@pytest.mark.parametrize(
    ("calculation", "term", "said"),
    [
        ("raet", "numerator", "Did you mean “rate”?"),
        ("rate", "nominator", "Did you mean “numerator”?"),
        ("rate", "numerator", "lacks the term “population”"),
    ],
)
def test_unknown_calculation_or_term_is_refused_with_nearest(calculation: str, term: str, said: str) -> None:
    place, variant = Place("IMM_RATE.toml"), Variant("_T", Text(), terms={term: TermSelection("DF_POP", ())})
    with pytest.raises(DeclarationError, match=said) as caught:
        of(replace(RATE, calculation=calculation, variants=(variant,), place=place))
    assert caught.value.place == place


def test_profile_of_another_country_is_refused() -> None:
    with pytest.raises(DeclarationError, match="The profile is for “GE”, but the workspace is for “SE”"):
        assess(replace(GEORGIA, area="SE"), CATALOGUE, datasets=(), findings=Findings(), profile=profile(""))


def test_assessment_contains_everything_a_report_shows() -> None:
    trouble = Finding(
        "MIG-1-003", "1", severity="warning", level=1, flow="DF_POP", message=Text.of(en="Trouble"), hint=Text()
    )
    made, country = (("sdmxmig", "0.1.0"),), replace(GEORGIA, office=Text.of(en="Its office"))
    said = profile('sources.G1 = "A publication"\nitems.A02.answer = "Y"\nitems.A02.sources = ["G1"]')
    found = assess(country, CATALOGUE, datasets=DATA, findings=Findings((trouble,)), profile=said, provenance=made)
    assert (str(found.country), str(found.office), found.year) == ("Georgia", "Its office", "2024")
    assert found.is_draft
    assert found.findings == (("error", 0), ("warning", 1), ("information", 0))
    assert (found.provenance, found.sources) == (made, {"G1": "A publication"})
    assert [score.sources for score in found.scores if score.answer] == [("G1",)]
    names = {key: str(found.labels[key]) for key in ("ACCOUNTS.A01", "CL_BENCH_ITEM.A")}
    assert names == {"ACCOUNTS.A01": "Population account", "CL_BENCH_ITEM.A": "Governance and law"}
