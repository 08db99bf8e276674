"""The benchmarking study as data: questions, subjects, scales and points of answers."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE

ITEMS = CATALOGUE.item_scheme("CL_BENCH_ITEM")


def test_indicator_has_eight_answers_and_eight_obstacles() -> None:
    assert [item.id for item in ITEMS if item.parent == "L"] == [f"L0{n}" for n in range(1, 9)]
    obstacles = [item for item in ITEMS if item.parent == "L06"]
    assert [item.note("DRIVER") for item in obstacles] == list(CATALOGUE.item_scheme("CL_FEAS_DRIVER").ids)
    assert {CATALOGUE.questions[item.id].module for item in obstacles} == {"L"}
    assert {CATALOGUE.questions[item.id].scale for item in obstacles} == {"DRIVER"}


def test_every_definition_has_a_group() -> None:
    groups = CATALOGUE.item_scheme("CL_DEF_GROUP").ids
    assert {item.group for item in CATALOGUE.items.values() if item.scale == "ALIGN"} == set(groups)


@pytest.mark.parametrize("scale", ["AVAIL", "ALIGN", "YNP", "COV", "FREQ", "LAG", "DIS", "QUAL", "MATURITY", "FEAS"])
def test_scales_start_at_their_minimum_and_leave_out_unknown(scale: str) -> None:
    points = [given for _, given in CATALOGUE.scales[scale].points]
    counted = [point for point in points if point is not None]
    assert min(counted) == (1 if scale == "COV" else 0)
    assert counted == sorted(counted, reverse=True)
    assert None in points


def test_uninformative_answers_have_no_points_and_no_gap() -> None:
    for scale in CATALOGUE.scales.values():
        for code, why in scale.silent:
            assert why in ("unknown", "not applicable")
            assert dict(scale.points)[code] is None, (scale.id, code)
            assert scale.gap(code) == "", (scale.id, code)
    assert [CATALOGUE.scales["YNP"].silence(code) for code in ("Y", "N", "NA", "DK", "")] == [
        "",
        "",
        "not applicable",
        "unknown",
        "unknown",
    ]
