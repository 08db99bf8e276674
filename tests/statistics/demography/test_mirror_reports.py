"""Reports of mirror flows taken from data: from the flows of several countries, and from the flow of mirror figures."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator

import pytest
from case_tables import text_from
from folders import ROOT
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.statistics.demography.balanced_accounts import build_mirror_study
from sdmxmig.statistics.demography.ledger import open_books
from sdmxmig.statistics.demography.mirror import MirrorReports, collect_mirror_reports

EXAMPLES = ROOT / "examples"
MIRRORED = read_comparisons(list_search_path("structures"), CATALOGUE).mirrored
# Georgia and Sweden about each other; the rows for groups, sexes, quarters, unknown countries and totals do not count.
BOTH = text_from("statistics/cases/mirror_reports_both.csv")


def reports(table: str) -> MirrorReports:
    return collect_mirror_reports(open_books(datasets(table, CATALOGUE.flows)), MIRRORED)


def test_reports_are_by_country_of_origin_or_destination() -> None:
    taken = reports(BOTH)
    assert taken.immigration == {("GE", "SE", "2023"): 120}
    assert taken.emigration == {("GE", "SE", "2023"): 80, ("SE", "GE", "2023"): 15}
    complete = [pair for pair in build_mirror_study(taken).pairs if pair.is_complete]
    assert [(pair.origin, pair.destination, pair.difference) for pair in complete] == [("GE", "SE", 40)]


def test_mirror_flow_contains_both_reports() -> None:
    """Reports of Georgia and its partner, for immigration into Georgia and for emigration from it."""
    table = """
flow,REF_AREA,COUNTERPART_AREA,DIRECTION,REPORTED_BY,TIME_PERIOD,OBS_VALUE
DF_MIRROR,GE,SE,I,OWN,2023,11
DF_MIRROR,GE,SE,I,PARTNER,2023,12
DF_MIRROR,GE,SE,E,OWN,2023,13
DF_MIRROR,GE,SE,E,PARTNER,2023,14
"""
    taken = reports(table)
    assert taken.immigration == {("SE", "GE", "2023"): 11, ("GE", "SE", "2023"): 14}
    assert taken.emigration == {("SE", "GE", "2023"): 12, ("GE", "SE", "2023"): 13}


def test_contradictory_reports_of_a_country_are_left_out() -> None:
    twice = reports(f"{BOTH}DF_EMI,GE,SE,_T,A,2023,81\nDF_IMM,SE,GE,_T,A,2023,120\n")
    assert ("GE", "SE", "2023") not in twice.emigration
    assert twice.ambiguous == ((("GE", "SE", "2023"), "emigration"),)
    assert twice.immigration["GE", "SE", "2023"] == 120, "the same figure twice is one"


def test_benchmark_must_report_immigration() -> None:
    with pytest.raises(SdmxmigError, match="“GE” reports no immigration from another country"):
        build_mirror_study(reports(BOTH), "GE")


@pytest.fixture
def seen() -> Iterator[dict[str, float]]:
    """The share of moves that each made-up neighbour of the examples finds, as whoever made them chose it."""
    sys.path.insert(0, str(EXAMPLES))
    from fictional_figures import SEEN

    yield SEEN
    sys.path.remove(str(EXAMPLES))


def test_factors_of_simulated_neighbours_are_recovered(seen: dict[str, float]) -> None:
    """Six countries that were simulated for the examples, not for this: XE misses nobody, XF every fifth."""
    rows = ["flow,REF_AREA,C_RESIDENCE,TIME_PERIOD,OBS_VALUE"]
    for country in seen:
        for flow, name in (("DF_IMM", "immigration"), ("DF_EMI", "emigration")):
            path = EXAMPLES / "fictional-neighbours" / country.lower() / "figures" / f"{name}-residence.csv"
            for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
                partner = line.pop("C_RESIDENCE")
                rows += [f"{flow},{country},{partner},{year},{value}" for year, value in line.items()]
    correction = build_mirror_study(reports("\n".join(rows)), "XE").correction
    assert len(correction.factors) == 2 * len(seen)
    for factor in correction.factors:
        assert factor.factor == pytest.approx(1 / seen[factor.country], rel=0.05)
        assert factor.low <= 1 / seen[factor.country] <= factor.high
