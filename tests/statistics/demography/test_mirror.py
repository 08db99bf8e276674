"""Mirror flows: pairs and factors by hand, limits of correction, and a simulated world."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest
from mirror_simulation import BENCHMARK, COUNTRIES, World, world

from sdmxmig.statistics.demography.mirror import Correction, MirrorPair, estimate_correction, list_pairs


def test_difference_ratio_and_asymmetry_are_computed_per_pair() -> None:
    """Sweden has 120 immigrants from Georgia, Georgia has 80 emigrants to Sweden: 40 more, half as many again, 40 %."""
    (pair,) = list_pairs({("GE", "SE", "2023"): 120}, {("GE", "SE", "2023"): 80})
    assert (pair.origin, pair.destination, pair.period) == ("GE", "SE", "2023")
    assert (pair.difference, pair.ratio, pair.asymmetry) == (40, 1.5, pytest.approx(0.4))


@pytest.mark.parametrize(
    ("emigration", "immigration", "expected"),
    [
        (None, 5, (None, None, None)),
        (5, None, (None, None, None)),
        (0, 5, (5, None, 2)),
        (5, 0, (-5, 0, -2)),
        (0, 0, (0, None, None)),
    ],
)
def test_incomparable_pair_has_no_figures(
    emigration: float | None, immigration: float | None, expected: tuple[float | None, ...]
) -> None:
    pair = MirrorPair("A", "B", period="2023", emigration=emigration, immigration=immigration)
    assert (pair.difference, pair.ratio, pair.asymmetry) == expected


TRUE = {("A", "B"): 9000, ("A", "C"): 3000, ("B", "A"): 6000, ("B", "C"): 1200, ("C", "A"): 4000, ("C", "B"): 2400}
OF_IMMIGRATION, OF_EMIGRATION = {"A": 1.0, "B": 2.0, "C": 0.5}, {"A": 1.5, "B": 4.0, "C": 3.0}


def exact(routes: Mapping[tuple[str, str], float]) -> tuple[MirrorPair, ...]:
    """Reports that differ from the true flows by the factors of their countries only."""
    immigration = {(*route, "2023"): flow / OF_IMMIGRATION[route[1]] for route, flow in routes.items()}
    emigration = {(*route, "2023"): flow / OF_EMIGRATION[route[0]] for route, flow in routes.items()}
    return list_pairs(immigration, emigration)


def test_constant_reporting_factors_are_recovered() -> None:
    """Six corridors, five factors: B misses half of its immigrants, C counts twice as many, and so on."""
    result = estimate_correction(exact(TRUE), "A")
    factors = {(one.country, one.direction): one.factor for one in result.factors}
    assert factors == {
        ("A", "immigration"): 1.0,
        ("B", "immigration"): pytest.approx(2.0, rel=2e-3),
        ("C", "immigration"): pytest.approx(0.5, rel=2e-3),
        ("A", "emigration"): pytest.approx(1.5, rel=2e-3),
        ("B", "emigration"): pytest.approx(4.0, rel=2e-3),
        ("C", "emigration"): pytest.approx(3.0, rel=2e-3),
    }
    flows = {(flow.pair.origin, flow.pair.destination): flow.estimate for flow in result.flows}
    assert flows == {route: pytest.approx(flow, rel=2e-3) for route, flow in TRUE.items()}
    assert [(one.corridors, one.low, one.high) for one in result.factors if one.factor == 1] == [(2, 1, 1)]
    assert all(one.low < one.factor < one.high for one in result.factors if one.factor != 1)
    assert not result.odd


def test_reports_are_corrected_to_definition_of_benchmark() -> None:
    """By the definition of B, which has half of the immigrants that A has, everything is half as large."""
    result = estimate_correction(exact(TRUE), "B")
    factors = {(one.country, one.direction): one.factor for one in result.factors}
    assert factors["A", "immigration"] == pytest.approx(0.5, rel=2e-3)
    assert factors["C", "emigration"] == pytest.approx(1.5, rel=2e-3)


def test_single_report_is_corrected_by_its_own_factor() -> None:
    alone = MirrorPair("D", "B", period="2023", emigration=None, immigration=700)
    result = estimate_correction((*exact(TRUE), alone), "A")
    flow = next(flow for flow in result.flows if flow.pair.origin == "D")
    assert (flow.reports, flow.estimate) == (1, pytest.approx(1400, rel=2e-3))
    assert flow.low < 1400 < flow.high


def test_countries_not_linked_to_benchmark_stay_uncorrected() -> None:
    """D and E report only each other, and F has emigration that nobody else reports."""
    others = [
        MirrorPair("D", "E", period="2023", emigration=10, immigration=20),
        MirrorPair("F", "A", period="2023", emigration=10, immigration=None),
    ]
    result = estimate_correction((*exact(TRUE), *others), "A")
    assert result.unlinked == (("D", "emigration"), ("E", "immigration"), ("F", "emigration"))
    assert {flow.pair.origin for flow in result.flows} == {"A", "B", "C"}


def test_factors_require_three_countries_and_a_benchmark() -> None:
    """Georgia and Moldova: two corridors, three factors."""
    two = list_pairs(
        {("GE", "MD", "2023"): 150, ("MD", "GE", "2023"): 90}, {("GE", "MD", "2023"): 100, ("MD", "GE", "2023"): 30}
    )
    assert (estimate_correction(two, "GE").reason, estimate_correction(two, "GE").flows) == ("TOO_FEW", ())
    assert estimate_correction(exact(TRUE), "D").reason == "BENCHMARK_WITHOUT_PAIRS"
    assert estimate_correction((), "A").reason == "BENCHMARK_WITHOUT_PAIRS"


def test_unexplained_corridor_is_named() -> None:
    made = world(2)
    wrong = {route: flow * 8 if route[:2] == ("XD", "XH") else flow for route, flow in made.immigration.items()}
    odd = estimate_correction(list_pairs(wrong, made.emigration), BENCHMARK).odd
    assert [route for route, _ in odd] == [("XD", "XH")]
    assert odd[0][1] > 3


@dataclass
class Judged:
    """How often intervals hold the truth, and the errors of estimates and of plain means of two reports."""

    factors: list[bool]
    flows_of_two: list[bool]
    flows_of_one: list[bool]
    errors: list[float]
    plain_errors: list[float]

    def add(self, made: World, result: Correction) -> None:
        known = {"immigration": made.immigration_factors, "emigration": made.emigration_factors}
        self.factors += [
            one.low <= known[one.direction][one.country] <= one.high
            for one in result.factors
            if (one.country, one.direction) != (BENCHMARK, "immigration")
        ]
        for flow in result.flows:
            pair, true = flow.pair, made.flows[flow.pair.origin, flow.pair.destination, flow.pair.period]
            (self.flows_of_two if flow.reports == 2 else self.flows_of_one).append(flow.low <= true <= flow.high)
            plain = ((pair.immigration or 0) + (pair.emigration or 0)) / 2
            if flow.reports == 2 and true and plain:
                self.errors.append(math.log((flow.estimate + 0.5) / (true + 0.5)))
                self.plain_errors.append(math.log((plain + 0.5) / (true + 0.5)))


def root_mean_square(errors: Iterable[float]) -> float:
    squares = [error**2 for error in errors]
    return math.sqrt(sum(squares) / len(squares))


def share(cases: list[bool]) -> float:
    return sum(cases) / len(cases)


@pytest.mark.parametrize("worlds", [25, pytest.param(500, marks=pytest.mark.long)])
def test_corrected_flows_improve_on_the_mean_of_reports(worlds: int) -> None:
    """In 85 to 95 of 100 cases, with at least 30 % less error than the mean of both reports (on logarithms)."""
    judged = Judged([], [], [], [], [])
    for seed in range(worlds):
        made = world(seed)
        result = estimate_correction(list_pairs(made.immigration, made.emigration), BENCHMARK)
        assert not result.reason
        judged.add(made, result)
    assert len(judged.factors) == worlds * (2 * COUNTRIES - 1)
    assert 0.85 <= share(judged.flows_of_two) <= 0.95
    assert 0.85 <= share(judged.flows_of_one) <= 0.95
    assert 0.85 <= share(judged.factors) <= 0.95
    assert root_mean_square(judged.errors) <= 0.7 * root_mean_square(judged.plain_errors)
