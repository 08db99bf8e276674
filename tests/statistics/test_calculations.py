"""Every calculation has a worked example from published figures, and names missing inputs."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
import small_country
from folders import TESTS

from sdmxmig.catalogue.indicators import TermSelection
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations import CALCULATIONS, list_optional_terms, list_terms
from sdmxmig.statistics.calculations.figures import (
    NO_BREAK_SPACE,
    CalculationResult,
    Figures,
    SourcedFigure,
    YearlyTerm,
    find_most_serious,
    find_total,
)
from sdmxmig.statistics.calculations.timelines import build_timelines
from sdmxmig.statistics.model.assessment import Series

EXAMPLES = TESTS / "statistics" / "calculations"
COLUMNS = {"year": "TIME_PERIOD", "value": "OBS_VALUE", "status": "OBS_STATUS"}
EVENTS = {"DF_BIRTHS": {"EVENT": "LBIRTH"}, "DF_DEATHS": {"EVENT": "DEATH"}, "DF_ACCOUNT": {"UNIT_MEASURE": "PS"}}


def dataset(
    flow_id: str,
    rows: list[dict[str, str]],
    *,
    area: str = "GE",
    ref_date: str = "D0101",
    unit_mult: str = "0",
    file: str = "",
) -> Dataset:
    """A dataset in the cells of a file; without one its values have no cells."""
    usual = {"REF_AREA": area, "UNIT_MULT": unit_mult, **EVENTS.get(flow_id, {})}
    given = [{**usual, **{COLUMNS.get(name, name): text for name, text in row.items()}} for row in rows]
    said = {"REF_DATE": ref_date} if flow_id == "DF_POP" and ref_date else {}
    made = small_country.dataset(flow_id, *given, **said)
    return replace(made, origins=made.origins.with_columns(file=pl.lit(file)) if file else pl.DataFrame())


POPULATION = dataset(
    "DF_POP",
    [{"year": "2022", "value": "3688.6"}, {"year": "2023", "value": "3736.4"}, {"year": "2024", "value": "3694.6"}],
    unit_mult="3",
    file="population.xlsx",
)
IMMIGRATION = dataset(
    "DF_IMM",
    [{"year": "2022", "value": "179778"}, {"year": "2022", "CTZ_STATUS": "FC", "value": "125373"}],
    file="migration.xlsx",
)
TERMS = {"numerator": TermSelection("DF_IMM", ()), "population": TermSelection("DF_POP", ())}


def computed(kind: str, datasets: list[Dataset], area: str = "GE", **terms: TermSelection) -> CalculationResult:
    return CALCULATIONS[kind](Figures(datasets, area), **terms)


def selection(declared: dict[str, str]) -> TermSelection:
    codes = {name: code for name, code in declared.items() if name != "flow"}
    return TermSelection(declared["flow"], tuple(sorted(codes.items())))


@pytest.mark.parametrize("kind", list(CALCULATIONS))
def test_every_calculation_has_a_worked_example_with_its_source(kind: str) -> None:
    example: dict[str, Any] = tomllib.loads((EXAMPLES / f"{kind}.toml").read_text("utf-8"))
    assert example["calculation"] == kind
    assert example["source"]
    datasets = [dataset(**{"flow_id": one.pop("flow"), "area": example["area"], **one}) for one in example["dataset"]]
    last_digit = Decimal(1).scaleb(-example["decimals"])
    for variant in example["variant"]:
        terms = {name: selection(term) for name, term in variant["terms"].items()}
        all_terms, optional_terms = set(list_terms(CALCULATIONS[kind])), set(list_optional_terms(CALCULATIONS[kind]))
        assert all_terms - optional_terms <= set(terms) <= all_terms
        figures = computed(kind, datasets, example["area"], **terms).figures
        shown = {str(year): str(figure.value.quantize(last_digit)) for year, figure in figures.items()}
        assert shown == variant["expected"]


def test_value_shows_its_formula_terms_and_cells() -> None:
    figure = computed("rate", [POPULATION, IMMIGRATION], **TERMS).figures[2022]
    plain = figure.formula.replace(NO_BREAK_SPACE, " ")
    assert plain == "1 000 × 179 778 / ((3 688 600 + 3 736 400) / 2)"
    assert [(key, digits.replace(NO_BREAK_SPACE, " ")) for key, digits in figure.inputs] == [
        ("DF_IMM 2022", "179 778"),
        ("DF_POP 2022", "3 688 600"),
        ("DF_POP 2023", "3 736 400"),
    ]
    assert [str(place) for place in figure.places] == [
        "migration.xlsx › DF_IMM › A1",
        "population.xlsx › DF_POP › A1",
        "population.xlsx › DF_POP › A2",
    ]


@pytest.mark.parametrize(
    ("years", "reason"),
    [
        (({2021: 1, 2022: 2}, {2021: 10, 2022: 20}), ""),
        (({2021: 1, 2022: 2}, {2022: 20}), ""),
        (({2021: 1}, {2022: 20}), "no B for 2021, no A for 2022"),
    ],
)
def test_sum_without_complete_year_states_reason(years: tuple[dict[int, int], dict[int, int]], reason: str) -> None:
    parts = [
        YearlyTerm(
            name, {year: SourcedFigure(value=Decimal(value), formula=str(value)) for year, value in given.items()}
        )
        for name, given in zip("AB", years, strict=True)
    ]
    found = find_total(parts, "A and B")
    assert found.reason == reason
    assert {year: figure.value for year, figure in found.figures.items()} == {
        year: Decimal(years[0][year] + years[1][year]) for year in years[0] if year in years[1]
    }


def test_value_is_not_rounded() -> None:
    value = computed("rate", [POPULATION, IMMIGRATION], **TERMS).figures[2022].value
    assert value == Decimal(1000) * 179778 / Decimal(3712500)


def test_population_of_31_december_is_used_for_1_january() -> None:
    eve = dataset(
        "DF_POP", [{"year": "2021", "value": "3688600"}, {"year": "2022", "value": "3736400"}], ref_date="D1231"
    )
    by_eve = computed("rate", [eve, IMMIGRATION], **TERMS).figures
    by_day = computed("rate", [POPULATION, IMMIGRATION], **TERMS).figures
    assert list(by_eve) == [2022]
    assert by_eve[2022].value == by_day[2022].value


@pytest.mark.parametrize(
    ("datasets", "codes", "reason"),
    [
        (
            [POPULATION, IMMIGRATION],
            {"CTZ_STATUS": "NC"},
            "no immigration (citizenship status: citizens of the country)",
        ),
        (
            [POPULATION, IMMIGRATION],
            {"CTZ_STATUS": "FC", "SEX": "F"},
            "no immigration (citizenship status: foreign citizens, sex: female)",
        ),
        ([POPULATION], {}, "no data for DF_IMM"),
        ([IMMIGRATION], {}, "no data for DF_POP"),
        (
            [dataset("DF_POP", [{"year": "2022", "value": "3688600"}], ref_date=""), IMMIGRATION],
            {},
            "the reference date of the population is not given",
        ),
        (
            [dataset("DF_POP", [{"year": "2022", "value": "3688600"}]), IMMIGRATION],
            {},
            "no resident population at both ends of any year",
        ),
        (
            [
                dataset("DF_POP", [{"year": "2022", "value": "3688600"}, {"year": "2023", "value": "3736400"}]),
                dataset("DF_POP", [{"year": "2022", "value": "3700000"}]),
                IMMIGRATION,
            ],
            {},
            "no single value of resident population for 2022",
        ),
    ],
)
def test_missing_term_yields_a_reason_and_no_value(datasets: list[Dataset], codes: dict[str, str], reason: str) -> None:
    numerator = TermSelection("DF_IMM", tuple(codes.items()))
    found = computed("rate", datasets, numerator=numerator, population=TermSelection("DF_POP", ()))
    assert found.figures == {}
    assert found.missing == (reason,)


def test_years_with_a_missing_term_are_named() -> None:
    numerator = TermSelection("DF_IMM", (("CTZ_STATUS", "FC"),))
    found = computed("rate", [POPULATION, IMMIGRATION], numerator=numerator, population=TermSelection("DF_POP", ()))
    assert list(found.figures) == [2022]
    assert found.missing == ("no immigration (citizenship status: foreign citizens) for 2023",)


def test_populations_missing_for_a_rate_are_named() -> None:
    later = dataset("DF_IMM", [{"year": str(year), "value": "1000"} for year in range(2020, 2024)])
    found = computed("rate", [POPULATION, later], **TERMS)
    assert list(found.figures) == [2022, 2023]
    assert found.missing == ("no resident population on 1 January 2020–2021",)


def test_two_different_values_for_a_year_yield_no_figure() -> None:
    again = dataset("DF_IMM", [{"year": "2022", "value": "179777"}])
    found = computed("rate", [POPULATION, IMMIGRATION, again], **TERMS)
    assert found.figures == {}
    assert found.missing == ("no single value of immigration for 2022",)
    twice = computed("rate", [POPULATION, IMMIGRATION, IMMIGRATION], **TERMS)
    assert list(twice.figures) == [2022]


def test_year_with_two_different_values_is_named() -> None:
    rows = [{"year": "2022", "value": "1"}, {"year": "2022", "value": "2"}, {"year": "2023", "value": "3"}]
    found = computed("rate", [POPULATION, dataset("DF_IMM", rows)], **TERMS)
    assert list(found.figures) == [2023]
    assert found.missing == ("no single value of immigration for 2022",)


def test_text_in_place_of_number_yields_no_value() -> None:
    wrong = dataset("DF_IMM", [{"year": "2022", "value": "many"}, {"year": "2023", "value": "5"}])
    assert list(computed("rate", [POPULATION, wrong], **TERMS).figures) == [2023]


def test_zero_denominator_yields_a_reason_and_no_value() -> None:
    rows = [{"year": "2022", "value": "0"}, {"year": "2022", "BIRTH_STATUS": "FB", "value": "0"}]
    terms = {
        "numerator": TermSelection("DF_POP", (("BIRTH_STATUS", "FB"),)),
        "denominator": TermSelection("DF_POP", ()),
    }
    found = computed("share", [dataset("DF_POP", rows)], **terms)
    assert found.figures == {}
    assert found.missing == ("no resident population other than zero for 2022",)


def test_figures_of_other_areas_and_part_years_are_left_out() -> None:
    elsewhere = dataset("DF_IMM", [{"year": "2022", "value": "1"}], area="SE")
    quarter = dataset("DF_IMM", [{"year": "2022-Q1", "value": "1", "FREQ": "Q"}])
    found = computed("rate", [POPULATION, elsewhere, quarter, IMMIGRATION], **TERMS)
    assert found.figures[2022].inputs[0][0] == "DF_IMM 2022"
    assert found.figures[2022].value == computed("rate", [POPULATION, IMMIGRATION], **TERMS).figures[2022].value


def test_flow_with_several_directions_is_not_added_up() -> None:
    both = dataset("DF_IMM", [{"year": "2022", "value": "5"}, {"year": "2022", "DIRECTION": "E", "value": "4"}])
    found = computed("rate", [POPULATION, both], **TERMS)
    assert found.missing == ("DF_IMM holds several codes of DIRECTION (E, I), of which none is named",)


def test_break_outweighs_estimate_among_statuses() -> None:
    assert find_most_serious(["A", "P", "B", "E"]) == "B"
    assert find_most_serious(["A", "", "P"]) == "P"
    assert find_most_serious(["A", ""]) == "A"


NAMES = {"POP": Text.of(en="Resident population"), "IMM": Text.of(en="Immigration", fr="Immigration")}


def series(datasets: list[Dataset]) -> dict[str, Series]:
    return {timeline.id: timeline for timeline in build_timelines(Figures(datasets, "GE"), NAMES)}


def test_series_have_units_sources_and_reference_day() -> None:
    found = series([POPULATION, IMMIGRATION])
    assert list(found) == ["POP", "IMM", "CIR"]
    assert found["POP"].note.in_language("en") == "1 January"
    assert found["POP"].source == "population.xlsx"
    assert {one.id: one.unit for one in found.values()} == {"POP": "PS", "IMM": "PS", "CIR": "PER_1000_POP"}


def test_source_of_observations_precedes_file_name() -> None:
    rows = [{"year": "2022", "value": "5", "SOURCE_DETAIL": "Geostat, as quoted by Civil.ge, 27 April 2023"}]
    assert series([dataset("DF_IMM", rows, file="x.xlsx")])["IMM"].source == rows[0]["SOURCE_DETAIL"]


def test_year_without_value_is_a_gap_rather_than_zero() -> None:
    rows = [
        {"year": "2019", "value": "5"},
        {"year": "2021", "value": "", "status": "O"},
        {"year": "2022", "value": "7"},
    ]
    points = series([dataset("DF_IMM", rows)])["IMM"].points
    assert [(point.period, point.value, point.status) for point in points] == [
        ("2019", 5, "A"),
        ("2020", None, ""),
        ("2021", None, "O"),
        ("2022", 7, "A"),
    ]


def test_events_without_own_flow_come_from_the_account() -> None:
    account = dataset(
        "DF_ACCOUNT",
        [
            {"year": "2021", "ACC_ITEM": "LBIRTH", "value": "114263"},
            {"year": "2022", "ACC_ITEM": "LBIRTH", "value": "104734"},
            {"year": "2022", "ACC_ITEM": "DEATH", "value": "94737"},
        ],
    )
    found = series([account, dataset("DF_BIRTHS", [{"year": "2022", "value": "104735"}])])
    assert [(point.period, point.value) for point in found["LBIRTH"].points] == [("2021", 114263), ("2022", 104735)]
    assert [(point.period, point.value) for point in found["DEATH"].points] == [("2022", 94737)]


def test_rates_are_not_computed_across_a_break() -> None:
    rows = [
        {"year": "2014", "value": "4490500"},
        {"year": "2015", "value": "3713700", "status": "B"},
        {"year": "2016", "value": "3720400"},
        {"year": "2017", "value": "3718200"},
    ]
    flows = dataset("DF_IMM", [{"year": str(year), "value": "90000"} for year in (2014, 2015, 2016)])
    rates = series([dataset("DF_POP", rows), flows])["CIR"].points
    assert [(rate.period, rate.status) for rate in rates] == [("2015", "B"), ("2016", "A")]
    found = computed("rate", [dataset("DF_POP", rows), flows], **TERMS)
    reason = "no resident population that can be compared with the year before on 1 January 2015"
    assert found.missing == (reason,)


def test_message_without_origins_yields_values_without_cells() -> None:
    found = computed("rate", [POPULATION, dataset("DF_IMM", [{"year": "2022", "value": "1"}])], **TERMS)
    assert found.figures[2022].places == (
        Place("population.xlsx", "DF_POP", cell="A1"),
        Place("population.xlsx", "DF_POP", cell="A2"),
    )
