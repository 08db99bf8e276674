"""Changes between two editions of a table are converted correctly or reported."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest
from case_tables import text_from
from saved_workbooks import text_cells
from shipped import CATALOGUE

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.tables import Table

MAPPING = text_from("conversion/cases/conversion_of_changed_tables_mapping.toml")
KEYS: dict[str, object] = {
    "sheet": "Data",
    "labels": 1,
    "says": "",
    "ignore": "",
    "thousands": "",
    "decimal": ".",
    "values": "",
}


def sheet(text: str, name: str = "Data") -> Table:
    """A sheet of texts: a line a row, semicolons between cells."""
    return Table("office.xlsx", name, cells=text_cells(text.strip().split("\n"), ";").frame())


def converted(flow: Flow, *tables: Table, **keys: object) -> Conversion:
    mapping = load("m.toml", MAPPING.format(**(KEYS | keys)).encode(), {"DF_TEST": flow})
    assert load("m.toml", write(mapping).encode(), {"DF_TEST": flow}) == mapping
    return convert(tables, mapping, flow, CATALOGUE.rules)


POINTED = {
    "thousands by a point": ("1.234", {}),
    "a minus sign": ("−1.234", {}),
    "nothing before the point": (".5", {}),
    "two decimals among thousands by points": ("12.34", {"thousands": "."}),
    "four digits behind a point": ("1.2345", {"thousands": "."}),
    "thousands by blanks": ("1.234", {"thousands": " "}),
    "a mark behind": ("1.234 p", {"values": 'marks = { p = { OBS_STATUS = "P" } }'}),
    "an Arabic decimal sign": ("1.234", {"decimal": "٫"}),
    "an exponent": ("1.2E3", {}),
}


@pytest.mark.parametrize(("figure", "keys"), POINTED.values(), ids=POINTED)
def test_point_contrary_to_the_declared_separator_is_reported(
    figure: str, keys: dict[str, object], population_flow: Flow
) -> None:
    table = sheet(f"Place;2021;2022\nGeorgia;{figure};1600\nSweden;2500;2600\n")
    result = converted(population_flow, table, **({"decimal": ","} | keys))
    assert named(result) == [("MIG-0-115", "B2", figure)]
    assert set(result.dataset.observations["OBS_VALUE"]) == {"1600", "2500", "2600"}


@pytest.mark.parametrize("figure", ["1.2E3", "+1.234", ".5", "1.", "−.5", "-1.5e-3", "1234.5"])
@pytest.mark.parametrize("thousands", ["", ",", " "])
def test_point_is_decimal_unless_the_mapping_differs(figure: str, thousands: str, population_flow: Flow) -> None:
    table = sheet(f"Place;2021;2022\nGeorgia;{figure};1600\nSweden;2500;2600\n")
    result = converted(population_flow, table, thousands=thousands)
    assert named(result) == []
    assert result.dataset.observations.height == 4


BY_THE_SIGNS = {
    "thousands by points": ("1.234", "1234", {"thousands": "."}),
    "both signs": ("1.234,5", "1234.5", {"thousands": "."}),
    "a minus sign": ("−1.234", "-1234", {"thousands": "."}),
    "a mark behind": ("1.234 p", "1234", {"thousands": ".", "values": 'marks = { p = { OBS_STATUS = "P" } }'}),
    "decimals": ("12,5", "12.5", {}),
    "blanks": ("1 234,5", "1234.5", {"thousands": " "}),
    "a sign for a missing value": (".", None, {"values": 'missing = { "." = { OBS_STATUS = "M" } }'}),
    "a sign for another value": ("0.0", "0", {"values": 'numbers = { "0.0" = "0" }'}),
    "a point is the decimal sign": ("1.5", "1.5", {"decimal": "."}),
}


@pytest.mark.parametrize(("figure", "number", "keys"), BY_THE_SIGNS.values(), ids=BY_THE_SIGNS)
def test_figure_with_the_separators_of_the_mapping_is_parsed(
    figure: str, number: str | None, keys: dict[str, object], population_flow: Flow
) -> None:
    table = sheet(f"Place;2021;2022\nGeorgia;{figure};1600\nSweden;2500;2600\n")
    result = converted(population_flow, table, **({"decimal": ","} | keys))
    assert named(result) == []
    assert result.dataset.observations["OBS_VALUE"].to_list() == [number, "1600", "2500", "2600"]


def test_stored_numbers_keep_their_decimal_point(population_flow: Flow) -> None:
    table = sheet("Place;2021;2022\nGeorgia;1234.5;1600\nSweden;2500;2600\n")
    stored = replace(
        table, cells=table.cells.with_columns(kind=pl.when(pl.col("row") > 1).then(pl.lit("number")).otherwise("kind"))
    )
    result = converted(population_flow, stored, decimal=",")
    assert named(result) == []
    assert result.dataset.observations["OBS_VALUE"].to_list()[0] == "1234.5"


def named(result: Conversion) -> list[tuple[str, str, str]]:
    return [
        (finding.rule, str(finding.place and finding.place.cell), finding.observed) for finding in result.findings.items
    ]


TITLED = "Immigrants, persons\n\nPlace;2021;2022\nGeorgia;1500;1600\nSweden;2500;2600\n"


def test_title_with_another_unit_is_refused(population_flow: Flow) -> None:
    says = 'says = ["Immigrants, persons"]'
    assert converted(population_flow, sheet(TITLED), says=says).dataset.observations.height == 4
    with pytest.raises(DeclarationError, match=r"No cell around the block .* matches “Immigrants, persons”") as refused:
        converted(population_flow, sheet(TITLED.replace("persons", "thousands of persons")), says=says)
    assert "“Immigrants, thousands of persons” in A1" in refused.value.hint
    assert str(refused.value.place) == "m.toml › block[1].says"


def test_required_text_in_a_figure_row_does_not_count(population_flow: Flow) -> None:
    with pytest.raises(DeclarationError, match="No cell around the block"):
        converted(population_flow, sheet(TITLED), says='says = "Sweden"')


def test_unmapped_sheet_is_named_unless_ignored(population_flow: Flow) -> None:
    other = sheet(TITLED, "Data 2")
    result = converted(population_flow, sheet(TITLED), other)
    assert named(result) == [("MIG-0-101", "B3", "")]
    assert [
        (sheet_coverage.sheet, sheet_coverage.used, sheet_coverage.unread) for sheet_coverage in result.coverage
    ] == [("Data", 4, 0), ("Data 2", 0, 6)]
    assert set(result.unused_cells["fate"]) == {"unread"}
    ignored = converted(
        population_flow, sheet(TITLED), other, ignore='[[ignore]]\nsheet = "Data 2"\nreason = "last year"'
    )
    assert named(ignored) == []
    assert ignored.coverage[1].skipped == (("last year", 6),)


IGNORED = {
    ("Data 2", ""): {"Data 1": 4},
    ("Data*", "C:C"): {"Data 1": 2, "Data 2": 2},
    ("Data 1", "C:C"): {"Data 1": 2, "Data 2": 4},
    ("/2$/", "4:4"): {"Data 1": 4, "Data 2": 2},
    ("Data 1", "B5"): {"Data 1": 3, "Data 2": 4},
}


@pytest.mark.parametrize(("name", "cells"), IGNORED)
def test_cells_are_ignored_only_in_named_sheets(name: str, cells: str, population_flow: Flow) -> None:
    ignore = f'[[ignore]]\nsheet = "{name}"\nreason = "estimates"\n' + f'cells = "{cells}"\n' * bool(cells)
    tables = [sheet(TITLED, "Data 1"), sheet(TITLED.replace("00", "50"), "Data 2")]
    result = converted(population_flow, *tables, sheet="Data ?", ignore=ignore)
    values = result.dataset.origins.filter(pl.col("component") == "OBS_VALUE")
    assert dict(values["sheet"].value_counts().sort("sheet").rows()) == IGNORED[name, cells]
    left = result.unused_cells.filter(pl.col("reason") == "estimates")
    assert left.height == 8 - values.height
    assert result.unused_cells.height == left.height


MORE = TITLED + "\n\nNotes;7\n"
SHARED = {
    "each sheet is told by the mapping that reads it": (
        {"First": MORE, "Second": MORE},
        ({"First": (4, 1)}, ["First"], {"Second": (4, 1)}, ["Second"]),
    ),
    "a sheet that none reads is told by the first mapping": (
        {"First": TITLED, "Second": TITLED, "Third": TITLED},
        ({"First": (4, 0), "Third": (0, 6)}, ["Third"], {"Second": (4, 0)}, []),
    ),
    "of a sheet that two read the first tells what none reads": (
        {"First": MORE, "Second": TITLED, "First and Second": MORE},
        (
            {"First": (4, 1), "First and Second": (4, 1)},
            ["First", "First and Second"],
            {"Second": (4, 0), "First and Second": (4, 1)},
            [],
        ),
    ),
    "a sheet without figures is not told": (
        {"First": TITLED, "Second": TITLED, "Remarks": "Figures are estimates"},
        ({"First": (4, 0)}, [], {"Second": (4, 0)}, []),
    ),
}


@pytest.mark.parametrize("name", SHARED)
def test_coverage_of_several_mappings_counts_each_figure_once(name: str, population_flow: Flow) -> None:
    sheets, (first, first_unread, second, second_unread) = SHARED[name]
    tables = [sheet(text, title) for title, text in sheets.items()]
    both = [
        load(
            "m.toml",
            MAPPING.replace("MAP_TEST", id_).format(**(KEYS | {"sheet": f"*{word}*"})).encode(),
            {"DF_TEST": population_flow},
        )
        for id_, word in (("MAP_A", "First"), ("MAP_B", "Second"))
    ]
    for mapping, covered, unread in zip(both, (first, second), (first_unread, second_unread), strict=True):
        result = convert(tables, mapping, population_flow, CATALOGUE.rules, other_mappings=both)
        assert {
            sheet_coverage.sheet: (sheet_coverage.used, sheet_coverage.unread) for sheet_coverage in result.coverage
        } == covered
        found = [
            finding.place.sheet for finding in result.findings.items if finding.rule == "MIG-0-101" and finding.place
        ]
        assert found == unread


def test_column_of_figures_read_as_labels_is_reported(population_flow: Flow) -> None:
    with_codes = "Place;Code;2021;2022\nGeorgia;268;1500;1600\nSweden;752;2500;2600\n"
    assert named(converted(population_flow, sheet(with_codes), labels=2)) == []
    without = "Place;2021;2022\nGeorgia;1500;1600\nSweden;2500;2600\n"
    assert named(converted(population_flow, sheet(without), labels=2)) == [("MIG-0-109", "B1", "2021")]


def test_row_of_figures_read_as_headers_is_reported(population_flow: Flow) -> None:
    text = MAPPING.replace('anchor = "Place"', 'cell = "A1"\nheader_rows = 2')
    mapping = load("m.toml", text.format(**KEYS).encode(), {"DF_TEST": population_flow})
    table = sheet("Place;2021;2022\nGeorgia;1500;1600\nSweden;2500;2600\n")
    conversion = convert([table], mapping, population_flow, CATALOGUE.rules)
    assert ("MIG-0-109", "A2", "Georgia") in named(conversion)


@pytest.mark.parametrize(
    ("figures", "thousands", "found"),
    [("1.500;1600", "", [("MIG-0-104", "B2", "1.500")]), ("1.5;1.600", "", []), ("0.125;0.250", "", [])],
)
def test_single_figure_with_thousands_separator_suffices(
    figures: str, thousands: str, found: list[tuple[str, str, str]], population_flow: Flow
) -> None:
    table = sheet(f"Place;2021;2022\nGeorgia;{figures}\nSweden;2500;2600\n")
    assert named(converted(population_flow, table, thousands=thousands)) == found


def test_decimals_below_one_are_not_read_as_thousands(population_flow: Flow) -> None:
    result = converted(population_flow, sheet("Place;2021\nGeorgia;0,125\nSweden;2,500\n"), thousands=",")
    assert result.dataset.observations["OBS_VALUE"].to_list() == ["0,125", "2500"]


@pytest.mark.parametrize("source", ["cell B1", "above 2", "above 2 + header 1"])
def test_year_read_above_the_table_does_not_count_as_unread(source: str, population_flow: Flow) -> None:
    text = MAPPING.replace('from = "header 1"\npattern = "yyyy"', f'from = "{source}"\npattern = ["yyyy", "yyyy MMM"]')
    mapping = load("m.toml", text.format(**KEYS).encode(), {"DF_TEST": population_flow})
    table = sheet(";2022\n;\nPlace;May\nGeorgia;1500\nSweden;2500\n")
    result = convert([table], mapping, population_flow, CATALOGUE.rules)
    assert named(result) == []
    assert set(result.dataset.observations["TIME_PERIOD"]) == {"2022"}


def test_sources_that_cannot_be_joined_are_refused(population_flow: Flow) -> None:
    for source, message in (
        ("beside 1 + header 1", "The content of “beside 1” cannot be combined with other places"),
        ("sheet + above 2", "“sheet + above 2” gives all figures the same value"),
    ):
        text = MAPPING.replace('"header 1"', f'"{source}"')
        with pytest.raises(DeclarationError, match=re.escape(message)) as refused:
            load("m.toml", text.format(**KEYS).encode(), {"DF_TEST": population_flow})
        assert "above 1 + column 1" in refused.value.hint


SEXES = '[block.components.SEX]\nfrom = "header 1"\ncodes = {{ "Men" = "M" }}\notherwise = "_U"\n'


def test_renamed_label_is_reported(population_flow: Flow) -> None:
    text = MAPPING.replace('SEX = "_T"\n', "").replace('from = "header 1"', 'from = "cell A1"') + SEXES
    mapping = load("m.toml", text.format(**KEYS).encode(), {"DF_TEST": population_flow})
    for header, found in (("Men", []), ("Males", [("MIG-0-110", "B2", "Males")])):
        result = convert([sheet(f"2022\nPlace;{header}\nGeorgia;1500\n")], mapping, population_flow, CATALOGUE.rules)
        assert named(result) == found


RENAMED = {
    "header 1": ("2022\nPlace;Males\nGeorgia;1500\n", "B2", "Males"),
    "header 1 + header 1": ("2022\nPlace;Males\nGeorgia;1500\n", "B2", "Males Males"),
    "column 1 + header 1": ("2022\nPlace;Males\nGeorgia;1500\n", "B2", "Georgia Males"),
    "above 1 + header 1": ("2022;Males\nPlace;All\nGeorgia;1500\n", "B2", "2022 All"),
    "above 1": ("2022\n;Males\nPlace;All\nGeorgia;1500\n", "B2", "Males"),
    "cell C1": ("2022;;Males\nPlace;All\nGeorgia;1500\n", "C1", "Males"),
    "sheet": ("2022\nPlace;All\nGeorgia;1500\n", "", "Data"),
    "file": ("2022\nPlace;All\nGeorgia;1500\n", "", "office"),
    "beside 1": ("2022\nPlace;All;\nGeorgia;1500;Males\nSweden;1600;\n", "C3", "Males"),
    "beside Sex": ("2022\nPlace;All;Sex\nGeorgia;1500;Males\nSweden;1600;\n", "C3", "Males"),
    "column Sex": ("2022\nPlace;All;Sex\nGeorgia;1500;Males\n", "C3", "Males"),
    "row Sex": ("2022\nPlace;All\nSex;Males\nGeorgia;1500\n", "B3", "Males"),
    "section": ("2022\nPlace;All\nMales;\nGeorgia;1500\n", "A3", "Males"),
}


@pytest.mark.parametrize("source", RENAMED)
def test_renamed_text_is_reported_for_every_kind_of_source(source: str, population_flow: Flow) -> None:
    text, cell, said = RENAMED[source]
    written = MAPPING.replace('SEX = "_T"\n', "").replace('from = "header 1"', 'from = "cell A1"') + SEXES
    written = written.replace('from = "header 1"', f'from = "{source}"')
    for known in (said, "Men"):
        keys = KEYS | {"says": "sections = true" * source.startswith("section")}
        mapping = load(
            "m.toml", written.format(**keys).replace('"Men" =', f'"{known}" =').encode(), {"DF_TEST": population_flow}
        )
        result = convert([sheet(text)], mapping, population_flow, CATALOGUE.rules)
        assert named(result) == ([("MIG-0-110", cell, said)] if known == "Men" else [])
        assert result.dataset.observations["SEX"][0] == ("_U" if known == "Men" else "M")
