"""Figures in another unit than their neighbours are reported: tables typed in thousands, reports of partners.

Unusual figures are not: crises, young series, small counts and the first year of a new flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reported import datasets, outside_data, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Finding
from sdmxmig.statistics.demography.revisions import OtherProviderData

COUNTRIES = ("AM", "AZ", "BY", "CN", "DE", "FR", "IN", "IR", "IL", "MD", "RU", "UA")
TRUE = (52_000, 41_300, 33_100, 24_700, 15_200, 9_800, 8_400, 7_100, 5_600, 4_900, 4_200, 3_400)
GROWTH = (1.02, 1.05, 0.98, 1.03, 1.10, 1.04, 0.95, 1.02, 1.01, 1.06, 1.03, 0.97)
UNIT, MIRROR, JUMP = "MIG-2-107", "MIG-3-001", "MIG-2-101"


def found(years: Mapping[int, Sequence[float]], rule: str = UNIT, flow: str = "DF_IMM") -> list[Finding]:
    rows = ["flow,C_CITIZEN,TIME_PERIOD,OBS_VALUE"]
    rows += [
        f"{flow},{country},{year},{figure:.10g}"
        for year, figures in years.items()
        for country, figure in zip(COUNTRIES, figures, strict=False)
    ]
    (dataset,) = datasets("\n".join(rows), CATALOGUE.flows)
    return list(validate(switched_on(dataset, rule), AS_LISTED).items)


def grown(figures: Sequence[float]) -> list[float]:
    return [round(figure * growth) for figure, growth in zip(figures, GROWTH, strict=True)]


def told(findings: Sequence[Finding]) -> list[tuple[str, str, int]]:
    """Severity, last sentence and number of figures of each finding."""
    return [(f.severity, f.sentence().rsplit(". ", 1)[-1], 1 + len(f.others)) for f in findings]


def test_table_in_thousands_is_an_error_in_usual_growth() -> None:
    findings = found({2021: TRUE, 2022: [round(figure / 1000) for figure in grown(TRUE)]})
    assert told(findings) == [("error", "The figures of 2022 appear to be in thousands.", 12)]


def test_few_figures_in_thousands_are_a_warning() -> None:
    years = {2021: TRUE[:6], 2022: [round(figure / 1000) for figure in grown(TRUE)[:6]]}
    assert told(found(years)) == [("warning", "The figures of 2022 appear to be in thousands.", 6)]


def test_only_the_year_column_in_thousands_is_named() -> None:
    next_year = grown(grown(TRUE))
    findings = found({2021: TRUE, 2022: [round(figure / 1000) for figure in grown(TRUE)], 2023: next_year})
    assert [finding.observed for finding in findings] == ["2022"]


def test_first_year_in_thousands_is_named() -> None:
    small = [round(figure / 1000, 1) for figure in TRUE]
    findings = found({2021: small, 2022: grown(TRUE), 2023: grown(grown(TRUE))})
    assert told(findings) == [("error", "The figures of 2021 appear to be in thousands.", 12)]


def test_years_in_millions_are_named() -> None:
    large = [figure * 1000 for figure in TRUE]
    findings = found({2021: large, 2022: [round(figure / 1000, 2) for figure in grown(TRUE)]})
    assert told(findings) == [("error", "The figures of 2022 appear to be in millions.", 12)]


def test_few_figures_in_hundreds_are_not_reported() -> None:
    years = {2021: TRUE, 2022: [round(figure / 100) for figure in grown(TRUE)]}
    assert found(years) == []


def test_correct_series_are_not_taken_for_another_unit() -> None:
    crisis = [*grown(TRUE)[:11], TRUE[11] * 1000]
    young = [3, 1, 2, 5, 1, 2, 4, 1, 3, 2, 1, 2]
    strewn = [3_900, 1_000, 7_400, 1_200, 450, 6_000, 2_100, 1_700, 900, 5_200, 380, 2_300]
    assert found({2021: TRUE, 2022: crisis}) == []
    assert found({2021: young, 2022: strewn}) == []
    assert found({2021: [0] * 12, 2022: TRUE}) == []
    assert found({2021: TRUE, 2022: [10 * figure * growth for figure, growth in zip(TRUE, GROWTH, strict=True)]}) == []


def jumped(*figures: float) -> list[str]:
    return [f.observed for f in found({2018 + n: [figure] for n, figure in enumerate(figures)}, JUMP)]


def test_outlying_year_is_named_once() -> None:
    assert jumped(5000, 5100, 51000, 5200, 5300) == ["51000"]
    assert jumped(5000, 5100, 0, 5200, 5300) == ["0"]
    assert jumped(5000, 51000, 5200, 5300, 52000, 5400) == ["51000", "52000"]


def test_new_level_and_fall_below_old_level_are_named() -> None:
    assert jumped(5000, 5100, 51000, 52000, 5300) == ["51000", "5300"]
    assert jumped(5000, 51000, 900) == ["51000", "900"]


def mirrored(reports: Mapping[str, tuple[int, int]], year: int = 2021) -> list[Finding]:
    rows = ["flow,domain,provider,REF_AREA,C_RESIDENCE,TIME_PERIOD,DIRECTION,OBS_VALUE"]
    rows += [f"DF_IMM,,,GE,{country},{year},I,{here}" for country, (here, _) in reports.items()]
    rows += [f"DF_EMI,mirror,{country},{country},GE,{year},E,{there}" for country, (_, there) in reports.items()]
    table = "\n".join(rows)
    dataset, *_ = datasets(table, CATALOGUE.flows)
    outside = OtherProviderData(outside_data(table, CATALOGUE.flows))
    return list(validate(switched_on(dataset, MIRROR), AS_LISTED, outside=outside).items)


def test_report_ten_times_too_large_states_the_factor() -> None:
    (finding,) = mirrored({"AZ": (1000, 8000), "BY": (1000, 800), "CN": (1000, 700)})
    assert (finding.severity, finding.expected) == ("warning", "5333 to 26667")
    assert "differ by a factor of nearly 10, while other reports agree" in finding.sentence()


def test_report_without_round_factor_is_information() -> None:
    assert [f.severity for f in mirrored({"AZ": (1000, 8000), "BY": (1000, 6000), "CN": (1000, 700)})] == [
        "information",
        "information",
    ]
    assert [f.severity for f in mirrored({"AZ": (1000, 4000), "BY": (1000, 800), "CN": (1000, 700)})] == ["information"]


def of_identities(table: str, rule: str) -> list[Finding]:
    dataset, *others = datasets(table, CATALOGUE.flows)
    return list(validate(switched_on(dataset, rule), AS_LISTED, others).items)


def test_more_emigrants_than_persons_is_an_error() -> None:
    alone = "flow,CTZ_STATUS,OBS_VALUE\nDF_POP,_T,1000\nDF_EMI,_T,1200\n"
    (finding,) = of_identities(alone, "MIG-2-010")
    assert (finding.severity, finding.observed, finding.expected) == ("error", "1000", "1200")
    (finding,) = of_identities(alone + "DF_IMM,_T,100\n", "MIG-2-010")
    assert (finding.severity, finding.expected) == ("error", "1100")
    of_foreigners = alone.replace("_T", "FC")
    assert of_identities(of_foreigners, "MIG-2-010") == [], "as many may have come in the year"
    (finding,) = of_identities(of_foreigners + "DF_IMM,FC,100\n", "MIG-2-010")
    assert (finding.severity, finding.expected) == ("error", "1100")


COHORT = """
flow,AGE,TIME_PERIOD,OBS_VALUE
DF_POP,Y5,2021,4000
DF_POP,Y6,2022,{end}
DF_DEATHS,Y6,2021,3
DF_IMM,Y6,2021,{immigrants}
DF_EMI,Y6,2021,40
"""


def test_doubled_cohort_without_immigrants_is_an_error() -> None:
    def severities(end: int, immigrants: int) -> list[str]:
        return [f.severity for f in of_identities(COHORT.format(end=end, immigrants=immigrants), "MIG-2-006")]

    assert severities(8000, 70) == ["error"]
    assert severities(4500, 70) == ["warning"]
    assert severities(8000, 4043) == []
