"""A census and the yearly population differ by a group if the figures of citizens and foreigners settle it."""

from __future__ import annotations

import pytest
from small_country import assessed, dataset

from sdmxmig.reporting.sections.consistency import list_other_counts
from sdmxmig.reporting.sections.intercensal import tabulate_differences
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

YEARS = ("2021", "2022", "2023")


def build_country(
    citizens: str,
    foreigners: str,
    *,
    together: bool = False,
    years: tuple[str, ...] = YEARS,
    at_most: bool = False,
    citizens_before: str = "90000",
) -> Assessment:
    """A country of 90,000 citizens and 10,000 foreigners in 2021; the census of 2024 counts 12,000 too many.

    In three years 3,000 citizens left, 6,000 foreigners came, 300 people were born and none died.
    """

    def yearly(value: str, **codes: str) -> list[dict[str, str]]:
        return [{"TIME_PERIOD": year, "OBS_VALUE": value, **codes} for year in years]

    own = {"CTZ_STATUS": "NC"}
    spans = [{"FREQ": "_U", "TIME_PERIOD": "2021-01-01/P3Y", **own}]
    moves = {"DF_IMM": ("3000", "1000", "3000"), "DF_EMI": ("2000", "2000", "6000")}
    counts = {
        "2021": {"_T": "100000", "NC": citizens_before, "FC": "10000"},
        "2024": {"_T": "115300", "NC": citizens, "FC": foreigners},
    }
    rows = [
        {"TIME_PERIOD": year, "CTZ_STATUS": group, "OBS_VALUE": value, "FREQ": "A10", "POP_BASE": "RES"}
        for year, values in counts.items()
        for group, value in values.items()
    ]
    if at_most:
        rows[-1] |= {"OBS_VALUE": "", "UPPER_BOUND": foreigners, "OBS_STATUS": "O"}
    return assessed(
        "",
        dataset("DF_POP_TOPIC", *rows, SRC_TYPE="CEN", STOCK_METHOD="CEN", REF_DATE="OTH"),
        dataset(
            "DF_POP", {"TIME_PERIOD": "2024", "OBS_VALUE": "103300"}, {"TIME_PERIOD": "2025", "OBS_VALUE": "103300"}
        ),
        *(
            dataset(
                flow,
                *yearly(every),
                *([{**spans[0], "OBS_VALUE": in_all}] if together else yearly(each, **own)),
            )
            for flow, (every, each, in_all) in moves.items()
        ),
        dataset("DF_BIRTHS", *yearly("100")),
        dataset("DF_DEATHS", *yearly("0")),
    )


def compare(country: Assessment) -> list[list[str]]:
    table = tabulate_differences(country.counts, country, Wording("en"))
    return [[cell.text for cell in row.cells] for row in table.rows] if table else []


@pytest.mark.parametrize("together", [False, True], ids=["yearly flows", "flows of three years together"])
def test_difference_lies_with_the_group_whose_flows_disagree(*, together: bool) -> None:
    country = build_country("99300", "16000", together=together)
    assert compare(country) == [
        ["Citizens of Georgia", "+9,300", "+300", "−3,000", "+12,000"],
        ["Foreign citizens", "+6,000", "0", "+6,000", "0"],
    ]
    (finding,) = list_other_counts(country, Wording("en"))
    assert ": citizens of Georgia about +12,000" in finding.sentence


def test_rest_is_stated_as_approximate_since_censuses_are_not_at_the_ends_of_years() -> None:
    (finding,) = list_other_counts(build_country("99341", "15959", at_most=True), Wording("en"))
    assert ": citizens of Georgia about +12,000." in finding.sentence


def test_difference_lies_with_foreign_citizens() -> None:
    assert compare(build_country("87300", "28000"))[0] == ["Foreign citizens", "+18,000", "0", "+6,000", "+12,000"]


def test_upper_bound_of_foreign_citizens_settles_the_difference() -> None:
    _, rest = compare(build_country("99300", "16000", at_most=True))
    assert rest == ["Foreign citizens", "at most +6 thousand", "0", "+6,000", "at most 0"]


def test_residents_of_unknown_citizenship_widen_the_growth_of_each_group() -> None:
    own, foreign = compare(build_country("99300", "16000", citizens_before="89000"))
    # 1,000 residents of 2021 may be citizens or foreigners
    assert own[1] == "+9,300 to +10,300"
    assert foreign[1] == "+5 thousand to +6 thousand"


@pytest.mark.parametrize(
    "country",
    [
        build_country("93300", "22000"),
        build_country("99300", "22000", at_most=True),
        build_country("99300", "16000", years=YEARS[:2]),
    ],
    ids=["both groups", "bound is too wide", "year without flows"],
)
def test_difference_stays_open_if_figures_do_not_settle_it(country: Assessment) -> None:
    assert compare(country) == []
