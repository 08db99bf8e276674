"""The benchmarking study as data: what is asked, of what, on which scale, and how much an answer counts."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmark import composite, weights

ITEMS = CATALOGUE.item_scheme("CL_BENCH_ITEM")
LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
SHORT_FORM = {
    *(f"A{n:02d}" for n in range(1, 4)),
    *(f"B{n:02d}" for n in range(1, 15)),
    *(f"C{n:02d}" for n in range(1, 7)),
    *(f"D{n:02d}" for n in range(1, 12)),
    *(f"H{n:02d}" for n in range(1, 7)),
    *(f"J{n:02d}" for n in range(1, 6)),
    *(f"K{n:02d}" for n in range(1, 9)),
}


def test_every_item_answer_and_module_has_a_name_in_six_languages() -> None:
    lists = [one for ref, one in CATALOGUE.artefacts.items() if ref.id.startswith(("CL_SCALE_", "CL_FEAS"))]
    for codelist in (ITEMS, *lists):
        for item in codelist:
            assert {language for language, _ in item.name.values} == LANGUAGES, (codelist.ref.short, item.id)


def test_each_module_asks_about_its_own_subject() -> None:
    asked = Counter(item.note("OF") or "country" for item in ITEMS if item.parent)
    assert asked == {"country": 193, "indicator": 8, "product": 10, "action": 17, "source": 16, "profile": 2}
    assert all(item.status != "verified" or item.description for item in ITEMS)


def test_every_scale_that_an_item_names_exists() -> None:
    for item in ITEMS:
        named = {item.note("SCALE"), *item.note("SCALES").split()} - {""}
        assert named <= set(CATALOGUE.scales), item.id


def test_the_short_form() -> None:
    assert {item.id for item in ITEMS if item.note("SHORT") == "yes"} == SHORT_FORM


def test_feasibility_has_criteria_that_must_all_hold() -> None:
    feasibility = CATALOGUE.item_scheme("CL_SCALE_FEAS")
    assert feasibility.ids == ("F4", "F3", "F2", "F1", "F0", "FX")
    assert all(item.note("CRITERIA").endswith(".") for item in feasibility)


@pytest.mark.parametrize("scale", ["AVAIL", "ALIGN", "YNP", "COV", "FREQ", "LAG", "DIS", "QUAL", "MATURITY", "FEAS"])
def test_scales_count_from_nothing_to_a_maximum_and_leave_out_what_is_not_known(scale: str) -> None:
    points = [given for _, given in CATALOGUE.scales[scale].points]
    counted = [given for given in points if given is not None]
    assert min(counted) == 0
    assert counted == sorted(counted, reverse=True)
    assert None in points


def test_the_parts_of_the_composite_score_weigh_one_together() -> None:
    parts = weights(ITEMS, "indicator")
    assert dict(parts.values()) == {
        "AVAIL": Decimal("0.40"),
        "DIS": Decimal("0.20"),
        "ALIGN": Decimal("0.20"),
        "LAG": Decimal("0.10"),
        "QUAL": Decimal("0.10"),
    }


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({"L01": "4", "L02": "ALL", "L05": "3", "L04": "M_LE6", "S15": "A"}, "1"),
        ({"L01": "2", "L02": "MOST", "L05": "3", "L04": "M13T18", "S15": "B"}, "0.65"),
        ({"L01": "2", "L05": "NA", "S15": "D"}, "0.5"),
        ({"L01": "0"}, "0"),
        ({}, None),
    ],
)
def test_what_is_not_known_is_no_zero(answers: dict[str, str], score: str | None) -> None:
    found = composite(answers, weights(ITEMS, "indicator"), CATALOGUE.scales)
    assert found == (None if score is None else Decimal(score))
