"""Figures that one producer has of several countries: compared where all cite the same source for the same year."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from assessed_examples import example
from case_tables import cases_from
from compared import assessment, observed, study
from lxml import html
from shipped import CATALOGUE

from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections import region
from sdmxmig.reporting.sections.references import list_cited_sources
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.comparison import compare
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import Breakdown
from sdmxmig.statistics.model.region import Country, RegionalStudy, StudyRequest

UN = "United Nations (2020). International Migrant Stock 2020"
STOCK = CATALOGUE.flow("DF_UNDESA_IMS")


def migrants(area: str, *values: tuple[str, str], **attributes: str) -> Dataset:
    """The migrant stock of a country: year and persons, with what its observations say."""
    fixed = {"REF_AREA": area, "FREQ": "A", "BIRTH_STATUS": "FB"}
    dataset = observed(STOCK, fixed, [("SEX", "_T", *value) for value in values], REF_DATE="D0701")
    said = {"SOURCE_DETAIL": UN, "OBS_STATUS": "E", "COMMENT_OBS": "", **attributes}
    columns = {name: pl.lit(value or None, pl.String) for name, value in said.items()}
    return replace(dataset, observations=dataset.observations.with_columns(**columns))


def compared(**datasets: Dataset) -> dict[str, tuple[str, str, dict[str, Decimal], tuple[str, ...]]]:
    """Figures of one source in a study of countries: year, source, values, countries without one."""
    found = study(*(assessment(area) for area in datasets), datasets={a: (d,) for a, d in datasets.items()})
    return {
        figure.id: (figure.period, figure.source, {v.area: v.value for v in figure.values}, figure.missing)
        for figure in found.one_source
    }


def test_countries_are_compared_in_most_common_latest_year() -> None:
    found = compared(
        GE=migrants("GE", ("2015", "70"), ("2020", "80")),
        MD=migrants("MD", ("2015", "90"), ("2020", "100"), ("2024", "110")),
        SE=migrants("SE", ("2020", "2000")),
    )
    assert found == {"MIGRANT_STOCK": ("2020", UN, {"GE": 80, "MD": 100, "SE": 2000}, ())}


def test_unlike_or_ambiguous_figures_are_not_compared() -> None:
    other = migrants("MD", ("2020", "100"), SOURCE_DETAIL="National Bureau of Statistics")
    assert compared(GE=migrants("GE", ("2020", "80")), MD=other) == {}
    assert compared(GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2019", "100"))) == {}
    assert compared(GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2020", "100"), OBS_STATUS="F")) == {}
    assert compared(GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2020", "100"), SOURCE_DETAIL="")) == {}
    twice = migrants("MD", ("2020", "100"), ("2020", "101"))
    assert compared(GE=migrants("GE", ("2020", "80")), MD=twice) == {}


def test_country_without_the_figure_is_named() -> None:
    found = compared(
        GE=migrants("GE", ("2020", "80")), MD=migrants("MD", ("2020", "100")), SE=migrants("SE", ("2019", "1900"))
    )
    assert found["MIGRANT_STOCK"][2:] == ({"GE": 80, "MD": 100}, ("SE",))


def test_uncollected_figure_is_shown_as_unknown() -> None:
    data = {"GE": (migrants("GE", ("2020", "80")),), "MD": (migrants("MD", ("2020", "100")),), "SE": ()}
    found = study(*(assessment(area) for area in data), datasets=data)
    migrants_of_countries = [cell.text for cell in on_page_one(found).rows[0].cells[1:]]
    assert migrants_of_countries == ["80", "100", "–"]


def test_one_source_is_recognised_under_different_keys() -> None:
    found = compared(
        GE=migrants("GE", ("2020", "80"), SOURCE_DETAIL=f"{UN} [G31]"),
        MD=migrants("MD", ("2020", "100"), SOURCE_DETAIL=f"{UN} [M7]"),
    )
    assert found == {"MIGRANT_STOCK": ("2020", UN, {"GE": 80, "MD": 100}, ())}


@pytest.mark.parametrize(("frequency", "day", "is_compared"), [("A5", "D0701", True), ("A5", "_Z", False)])
def test_count_on_a_day_is_compared_at_any_frequency(frequency: str, day: str, *, is_compared: bool) -> None:
    seldom = migrants("MD", ("2020", "100"), FREQ=frequency)
    seldom = replace_attributes(seldom, REF_DATE=day)
    assert bool(compared(GE=migrants("GE", ("2020", "80")), MD=seldom)) is is_compared


def replace_attributes(dataset: Dataset, **attributes: str) -> Dataset:
    described = {**dataset.attributes, **attributes}
    return Dataset(
        dataset.flow, dataset.observations, series=dataset.series, attributes=described, origins=dataset.origins
    )


def test_later_edition_of_one_country_keeps_common_year() -> None:
    newer = migrants("MD", ("2024", "170"), SOURCE_DETAIL=UN.replace("2020", "2024"))
    data = {"GE": (migrants("GE", ("2020", "80")),), "MD": (migrants("MD", ("2020", "100")), newer)}
    overview: Any = REGION_VIEWS["overview"](study(assessment("GE"), assessment("MD"), datasets=data), Wording("en"))
    assert overview["heading"].endswith("Georgia\u00a080; Moldova\u00a0100")
    assert "in 2020 (estimated by the United Nations, edition of 2020)" in overview["heading"]
    table = overview["migrants"]
    assert [cell.note for cell in table.rows[0].cells[1:]] == ["", ""]
    assert table.notes[1].startswith("The United Nations have since published an edition of 2024")


def test_dataset_comment_is_quoted_but_not_break_comment() -> None:
    wider = replace_attributes(migrants("MD", ("2020", "100")), COMMENT_DSET="It covers the left bank too.")
    broken = migrants("GE", ("2020", "80"), OBS_STATUS="B", COMMENT_OBS="The years before are of another revision.")
    found = study(assessment("GE"), assessment("MD"), datasets={"GE": (broken,), "MD": (wider,)})
    assert on_page_one(found).notes[2:] == ("International migrants: Moldova: “It covers the left bank too.”",)


@pytest.mark.parametrize("year", ["2019", "2020", "2024"])
def test_only_editions_before_the_latest_are_superseded(year: str) -> None:
    data = {area: (migrants(area, ("2018", "80"), SOURCE_DETAIL=UN.replace("2020", year)),) for area in ("GE", "MD")}
    notes = on_page_one(study(*map(assessment, data), datasets=data)).notes
    assert any("since published an edition of 2024" in note for note in notes) is (year < "2024")


def emigrants(area: str, *values: tuple[str, str], partner: str = "_T", **attributes: str) -> Dataset:
    """Persons born in a country who live abroad: year and number."""
    flow = CATALOGUE.flow("DF_EMISTOCK")
    codes = {
        "REF_AREA": area,
        "FREQ": "A",
        "ID_CRITERION": "CBR",
        "REPORTED_BY": "PARTNER",
        "COUNTERPART_AREA": partner,
    }
    rows = [("COUNTERPART_AREA", partner, *value) for value in values]
    dataset = observed(flow, codes, rows, REF_DATE="D0701")
    said = {"SOURCE_DETAIL": UN, "OBS_STATUS": "E", "COMMENT_OBS": None, **attributes}
    columns = {name: pl.lit(value, pl.String) for name, value in said.items()}
    observations = dataset.observations.with_columns(**columns)
    return Dataset(flow, observations, series=dataset.series, attributes=dataset.attributes, origins=dataset.origins)


def test_heading_prefers_an_edition_that_is_not_superseded() -> None:
    newer = {"SOURCE_DETAIL": UN.replace("2020", "2024")}
    data = {area: (migrants(area, ("2020", "80")), emigrants(area, ("2024", "9"), **newer)) for area in ("GE", "MD")}
    heading = REGION_VIEWS["overview"](study(*map(assessment, data), datasets=data), Wording("en"))["heading"]
    assert str(heading).startswith("Born in the country, living in other countries in 2024")


def test_commonest_country_of_destination_is_compared() -> None:
    by_partner = {"GE": {"RU": "500", "US": "20"}, "MD": {"RU": "600", "IT": "90"}, "SE": {"US": "70"}}
    data = {
        area: tuple(emigrants(area, ("2020", value), partner=partner) for partner, value in values.items())
        for area, values in by_partner.items()
    }
    (one,) = study(*map(assessment, data), datasets=data).one_source
    assert str(one.name) == "Born in the country, living in Russian Federation"
    assert ({value.area: value.value for value in one.values}, one.missing) == ({"GE": 500, "MD": 600}, ("SE",))


def on_page_one(found: RegionalStudy, language: str = "en") -> Any:
    return REGION_VIEWS["overview"](found, Wording(language))["migrants"]


def test_common_source_is_cited_without_country_key() -> None:
    found = study(
        assessment("GE"),
        assessment("MD"),
        datasets={
            "GE": (migrants("GE", ("2020", "80"), SOURCE_DETAIL=f"{UN} [U4]"),),
            "MD": (migrants("MD", ("2020", "100"), SOURCE_DETAIL=f"{UN} [U4]"),),
        },
    )
    assert on_page_one(found).notes[0] == f"Source: {UN}."


def test_data_comments_are_quoted_or_translated() -> None:
    comment = "Con los refugiados (tipo B R)."
    countries = [Country(assessment(area), area, has_data=True, language="es") for area in ("GE", "MD")]
    datasets = {area: (migrants(area, ("2020", "80"), COMMENT_OBS=comment),) for area in ("GE", "MD")}
    untranslated = compare(countries, StudyRequest(Text()), CATALOGUE, datasets=datasets)
    assert f"“{comment}” (Spanish)" in on_page_one(untranslated).notes[-1]
    assert on_page_one(untranslated, "es").notes[-1].endswith(f": {comment}")
    translations = {comment: Text.of(en="With refugees (data type B R: foreign-born and refugees).")}
    translated = compare(countries, StudyRequest(Text(), translations=translations), CATALOGUE, datasets=datasets)
    assert on_page_one(translated).notes[-1].endswith(": With refugees (data type B R: foreign-born and refugees).")
    left_out = compare(countries, StudyRequest(Text(), translations={comment: Text()}), CATALOGUE, datasets=datasets)
    assert len(on_page_one(left_out).notes) == 2


def test_part_of_another_edition_is_not_set_beside_its_whole() -> None:
    newer = UN.replace("2020", "2024")
    data = {
        area: (
            emigrants(area, ("2020", "80")),
            emigrants(area, ("2024", "90"), partner="US", SOURCE_DETAIL=newer),
        )
        for area in ("GE", "MD")
    }
    names = [row.cells[0].text for row in on_page_one(study(*map(assessment, data), datasets=data)).rows]
    assert names == ["Born in the country, living in other countries"]


def population(area: str, *values: tuple[str, str]) -> Dataset:
    """The population of a country by year, from one source."""
    flow = CATALOGUE.flow("DF_POP")
    dataset = observed(flow, {"REF_AREA": area, "FREQ": "A"}, [("SEX", "_T", *value) for value in values])
    said = {"SOURCE_DETAIL": "World Population Prospects", "OBS_STATUS": "E", "COMMENT_OBS": None}
    columns = {name: pl.lit(value, pl.String) for name, value in said.items()}
    observations = dataset.observations.with_columns(**columns)
    return Dataset(flow, observations, series=dataset.series, attributes=dataset.attributes, origins=dataset.origins)


def test_migrant_share_uses_population_of_equal_year() -> None:
    datasets = {
        area: (migrants(area, ("2020", "80")), population(area, ("2020", "1000"), ("2023", "2000")))
        for area in ("GE", "MD")
    }
    found = study(assessment("GE"), assessment("MD"), datasets=datasets)
    stock = next(figure for figure in found.one_source if figure.id == "MIGRANT_STOCK")
    assert [value.share for value in stock.values] == [Decimal("0.08"), Decimal("0.08")]
    assert stock.share_source == "World Population Prospects"


def test_share_requires_comparable_populations() -> None:
    """A national population may leave out a territory that the migrant stock covers."""
    datasets = {area: (migrants(area, ("2020", "80")),) for area in ("GE", "MD")}
    datasets["MD"] = (*datasets["MD"], population("MD", ("2020", "1000")))
    found = study(assessment("GE"), assessment("MD"), datasets=datasets)
    stock = next(figure for figure in found.one_source if figure.id == "MIGRANT_STOCK")
    assert [value.share for value in stock.values] == [None, None]
    assert not stock.share_source


@pytest.mark.parametrize(("source", "is_listed"), [("World Population Prospects", False), ("Another source", True)])
def test_common_source_population_counts_as_comparable(source: str, *, is_listed: bool) -> None:
    def country(area: str) -> Assessment:
        known = assessment(area, "_U")
        return replace(known, series=tuple(replace(series, source=source) for series in known.series))

    datasets = {area: (population(area, ("2023", "2000")),) for area in ("GE", "MD")}
    found = study(country("GE"), country("MD"), datasets=datasets)
    assert ("POP" in {comparison.figure.id for comparison in found.comparisons}) is is_listed


def test_page_1_opens_with_the_migrants_of_all_countries() -> None:
    datasets = {
        "GE": (migrants("GE", ("2020", "80")), population("GE", ("2020", "1000"))),
        "MD": (migrants("MD", ("2020", "100")), population("MD", ("2020", "1000"))),
    }
    found = study(assessment("GE"), assessment("MD"), datasets=datasets)
    overview: Any = REGION_VIEWS["overview"](found, Wording("en"))
    table = overview["migrants"]
    line = table.rows[-1].cells[1:]
    assert [(cell.text, cell.note) for cell in line] == [
        ("80", "8.0%"),
        ("100", "10.0%"),
    ]
    assert any(note.startswith("Percentages are of the population (") for note in table.notes)


def components(area: str, *items: tuple[str, str, str]) -> Dataset:
    """Growth, births and deaths of a country from one source: item, year, persons."""
    flow = CATALOGUE.flow("DF_ACCOUNT")
    rows = [("ACC_ITEM", *item) for item in items]
    dataset = observed(flow, {"REF_AREA": area, "FREQ": "A"}, rows)
    said = {
        "SOURCE_DETAIL": "United Nations (2024). World Population Prospects 2024",
        "OBS_STATUS": "E",
        "COMMENT_OBS": None,
    }
    columns = {name: pl.lit(value, pl.String) for name, value in said.items()}
    observations = dataset.observations.with_columns(**columns)
    return Dataset(flow, observations, series=dataset.series, attributes=dataset.attributes, origins=dataset.origins)


def test_net_migration_of_one_source_is_growth_less_births_plus_deaths() -> None:
    data = {
        area: (
            components(area, ("GROWTH", "2023", growth), ("LBIRTH", "2023", "1000"), ("DEATH", "2023", "649")),
            components(area, ("GROWTH", "2018", "500"), ("LBIRTH", "2018", "0"), ("DEATH", "2018", "0")),
        )
        for area, growth in {"GE": "900", "MD": "-2000"}.items()
    }
    overview: Any = REGION_VIEWS["overview"](study(*map(assessment, data), datasets=data), Wording("en"))
    assert overview["heading"].endswith(": Georgia\u00a0+500; Moldova\u00a0−2,400")
    assert overview["heading"].startswith("Net migration in 2023 (estimated by the United Nations, edition of 2024)")
    data["MD"] = data["MD"][1:]
    without: Any = REGION_VIEWS["overview"](study(*map(assessment, data), datasets=data), Wording("en"))
    assert "2023 (estimated" not in without["heading"]


@pytest.mark.parametrize(
    ("years", "heading", "rows"),
    [
        (("2021", "2022", "2023"), "2021–2023 (estimated by the United Nations, edition of 2024)", []),
        (("2020", "2022", "2023"), "2023 (estimated by the United Nations, edition of 2024)", ["Net migration"]),
    ],
)
def test_net_migration_is_summed_over_years_without_gaps(years: tuple[str, ...], heading: str, rows: list[str]) -> None:
    items = [(item, year, value) for year in years for item, value in (("LBIRTH", "100"), ("DEATH", "300"))]
    data = {
        area: (components(area, *items, *(("GROWTH", year, growth) for year in years)), migrants(area, ("2020", "80")))
        for area, growth in {"GE": "900", "MD": "-2000"}.items()
    }
    overview: Any = REGION_VIEWS["overview"](study(*map(assessment, data), datasets=data), Wording("en"))
    numbers = "+3,300; Moldova\u00a0−5,400" if not rows else "+1,100; Moldova\u00a0−1,800"
    assert overview["heading"] == f"Net migration in {heading}: Georgia\u00a0{numbers}"
    shown = [row.cells[0].text.split(" (")[0] for row in overview["migrants"].rows] if overview["migrants"] else []
    assert shown[: len(rows)] == rows
    assert "International migrants" in shown


@pytest.mark.parametrize(
    ("year", "counted", "persons"),
    [
        ("2024", "669", "Georgia\u00a0669 (census, 2024)."),
        ("2024", "430", ""),
        ("2023", "669", ""),
    ],
)
def test_national_count_far_from_an_estimate_of_origin_is_named(year: str, counted: str, persons: str) -> None:
    newest = {"SOURCE_DETAIL": UN.replace("2020", "2024"), "C_BIRTH": "VE"}
    data = {area: (migrants(area, ("2024", n), **newest),) for area, n in {"GE": "428", "MD": "900"}.items()}
    count = Breakdown("DF_POP", year, by=("C_BIRTH",), figures=((("VE",), Decimal(counted)),), kind="census")
    georgia = assessment("GE", breakdowns=(count,), sources={"U8": f"{newest['SOURCE_DETAIL']}, copied"})
    found = study(georgia, assessment("MD"), datasets=data)
    (lead,) = REGION_VIEWS["overview"](found, Wording("en"))["leads"]
    first = "Born in Venezuela (Bolivarian Republic of) in 2024 (estimated by the United Nations, edition of 2024): "
    estimates, _, others = lead.text.removeprefix(first).partition(".")
    assert estimates == "Moldova\u00a0900; Georgia\u00a0428"
    assert lead.sources == ("U8",)
    assert others == (f" National counts that differ from the estimate by more than 20%: {persons}" if persons else "")


def test_all_figures_of_origin_are_rounded_like_the_roughest() -> None:
    newest = {"SOURCE_DETAIL": UN.replace("2020", "2024"), "C_BIRTH": "VE"}
    data = {area: (migrants(area, ("2024", n), **newest),) for area, n in {"GE": "428000", "MD": "111191"}.items()}
    found = study(assessment("GE"), assessment("MD"), datasets=data)
    (lead,) = REGION_VIEWS["overview"](found, Wording("en"))["leads"]
    assert lead.text.endswith(": Georgia\u00a0428,000; Moldova\u00a0111,000.")


@cases_from("reporting/region/cases/unknown_names_in_the_declaration_are_refused.csv")
def test_unknown_names_in_the_declaration_are_refused(right: str, wrong: str, message: str, tmp_path: Path) -> None:
    declared = """
definitions = []
flows = []
[same_source]
indicator = "IMM_RATE"
question = "L03"
[[one_source]]
id = "WOMEN"
name.en = "Women"
flow = "DF_POP"
share_of = "WOMEN"
codes = { SEX = "F" }
"""
    (tmp_path / "region.toml").write_text(declared, encoding="utf-8")
    assert [figure.codes for figure in read_comparisons([tmp_path], CATALOGUE).one_source] == [(("SEX", "F"),)]
    (tmp_path / "region.toml").write_text(declared.replace(right, wrong), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        read_comparisons([tmp_path], CATALOGUE)


@pytest.mark.parametrize("countries", [("chile", "colombia", "mexico", "peru"), ("georgia", "moldova", "sweden")])
def test_every_cited_source_is_listed(countries: tuple[str, ...]) -> None:
    compared = study(*map(example, countries))
    page = html.document_fromstring(region.compose(compared, language="en").html)
    cited = {key for words in page.xpath("//main//text()") for key in re.findall(r"\[([A-Z]+[0-9]+[a-z]?)\]", words)}
    listed = {str(place).removeprefix("source-") for place in page.xpath("//li/@id")}
    assert cited <= listed
    for area, page_of_country in region.build_country_pages(compared):
        words = " ".join(html.document_fromstring(page_of_country.html).xpath("//main//text()"))
        assessment = compared.country(area).assessment
        sources = dict(list_cited_sources(re.findall(r"\[([A-Z]+[0-9]+[a-z]?)\]", words), assessment))
        assert not [key for key, source in sources.items() if f"[{key}] {source[:9]}" not in words]
