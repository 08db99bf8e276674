"""National tables become observations, and every value remembers its cell."""

from __future__ import annotations

import re

import polars as pl
import pytest
from case_tables import as_list, cases_from, listed, text_from
from folders import ROOT
from markdown_workbooks import FOLDER, case
from openpyxl import Workbook
from saved_workbooks import saved
from shipped import CATALOGUE

from sdmxmig.conversion.convert import Conversion, convert, merge
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.places import format_cell
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import Rule

RULES = {
    id_: Rule(id_, "1", kind="CONVERSION", level=0, severity="warning", name=Text(), message=Text.of(en=id_))
    for id_ in ("MIG-0-012", "MIG-0-013", "MIG-0-014", "MIG-0-021", "MIG-0-101", "MIG-0-102")
}

MAPPING = text_from("conversion/cases/conversion_mapping.toml")


def workbook(*rows: tuple[object, ...], sheet: str = "Data", merged: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    book.worksheets[0].title = sheet
    for row in rows:
        book.worksheets[0].append(row)
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    return saved(book)


def converted(content: bytes, mapping: str | bytes, flow: Flow) -> Conversion:
    text = mapping if isinstance(mapping, bytes) else mapping.encode()
    return convert(read("office.xlsx", content), load("office.toml", text, {"DF_TEST": flow}), flow, RULES)


def value_cells(dataset: Dataset) -> list[str]:
    values = dataset.origins.filter(pl.col("component") == "OBS_VALUE").sort("observation")
    return [format_cell(row, column) for row, column in values.select("row", "column").rows()]


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.md")))
def test_typical_office_workbooks_are_converted(name: str, population_flow: Flow) -> None:
    expected = case(name)
    result = converted(expected.workbook, expected.mapping, population_flow)
    shown = [column for column in expected.observations[0] if column != "cell"]
    found = [
        {"cell": cell, **{name: value or "" for name, value in row.items()}}
        for cell, row in zip(
            value_cells(result.dataset), result.dataset.observations.select(shown).to_dicts(), strict=True
        )
    ]
    assert found == expected.observations
    reported = [
        {
            "rule": finding.rule,
            "cell": finding.place.cell if finding.place else "",
            "others": ", ".join(place.cell for place in finding.others),
        }
        for finding in result.findings.items
    ]
    assert sorted(reported, key=lambda record: record["rule"]) == expected.findings


def test_every_component_has_its_source_cell(population_flow: Flow) -> None:
    result = converted(workbook(("Year", "Men"), ("2022", 1)), MAPPING, population_flow)
    assert result.dataset.origins.rows() == [
        (0, "OBS_VALUE", "office.xlsx", "Data", 2, 2),
        (0, "TIME_PERIOD", "office.xlsx", "Data", 2, 1),
        (0, "SEX", "office.xlsx", "Data", 1, 2),
    ]


def test_values_keep_their_digits_and_codes_stay_text(population_flow: Flow) -> None:
    rows = (("Year", "Men", "Women"), (2022, 0.1, "01.50"), (2023, 1790.9, 3e20))
    values = converted(workbook(*rows), MAPPING, population_flow).dataset.observations["OBS_VALUE"]
    assert values.to_list() == ["0.1", "01.50", "1790.9", "300000000000000000000"]


def test_attributes_are_attached_at_their_level(population_flow: Flow) -> None:
    mapping = MAPPING.replace('AGE = "_T"', 'AGE = "_T"\nREF_DATE = "D0101"\nUNIT_MEASURE = "PS"\nUNIT_MULT = "0"')
    dataset = converted(
        workbook(("Year", "Men", "Women"), (2022, 1, 2), (2023, 3, 4)), mapping, population_flow
    ).dataset
    assert dataset.attributes == {"REF_DATE": "D0101"}
    assert dataset.series.rows() == [("A", "GE", "M", "_T", "PS"), ("A", "GE", "F", "_T", "PS")]
    assert dataset.observations["UNIT_MULT"].to_list() == ["0"] * 4
    assert "UNIT_MEASURE" not in dataset.observations.columns


def test_only_equal_duplicates_are_merged(population_flow: Flow) -> None:
    dataset = converted(workbook(("Year", "Men"), (2022, 1), (2023, 2)), MAPPING, population_flow).dataset
    two = converted(workbook(("Year", "Men"), (2023, 2), (2022, 5)), MAPPING, population_flow).dataset
    both = merge([dataset, two])
    assert both.observations.select("TIME_PERIOD", "OBS_VALUE").rows() == [("2022", "1"), ("2023", "2"), ("2022", "5")]
    assert value_cells(both) == ["B2", "B3", "B3"]
    assert both.series.height == 1


@pytest.mark.parametrize(("last", "kept"), [(2024, 1), (2022, 2)])
def test_confirmed_provisional_figure_is_kept_once(last: int, kept: int, population_flow: Flow) -> None:
    mapping = MAPPING + '[block.components.OBS_STATUS]\nfrom = "column Status"\n'
    first = workbook(("Year", "Men", "Status"), (2022, 1, "A"), (2023, 2, "P"))
    second = workbook(("Year", "Men", "Status"), (2023, 2, "A"), (last, 1, "A"))
    editions = [converted(content, mapping, population_flow).dataset for content in (first, second)]
    assert merge(editions).observations.filter(pl.col("TIME_PERIOD") == "2023").height == kept


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_conversion_findings_have_a_sentence_and_a_fix(language: str, population_flow: Flow) -> None:
    from sdmxmig.catalogue import load as catalogue

    declared = catalogue().rules
    assert set(RULES) <= set(declared)
    expected = case("hidden_and_broken")
    mapping = load("office.toml", expected.mapping, {"DF_TEST": population_flow})
    findings = convert(read("office.xlsx", expected.workbook), mapping, population_flow, declared).findings
    assert [(item.rule, item.severity, item.level, item.observations) for item in findings.items] == [
        ("MIG-0-012", "error", 0, 1),
        ("MIG-0-013", "warning", 0, 2),
        ("MIG-0-101", "warning", 0, 4),
    ]
    for item in findings.items:
        assert "{" not in item.sentence(language)
        assert item.remedy(language)
        assert len({item.sentence(other) for other in ("en", "fr", "es")}) == 3


def test_formula_without_a_saved_result_is_reported(population_flow: Flow) -> None:
    result = converted(workbook(("Year", "Men", "Women"), (2022, 1, "=1+1")), MAPPING, population_flow)
    assert [(finding.rule, finding.place.cell) for finding in result.findings.items if finding.place] == [
        ("MIG-0-014", "C2")
    ]


@cases_from(
    "conversion/cases/figure_merged_over_other_figures_is_reported_and_not_read.csv", merged=listed, cells=as_list
)
def test_figure_merged_over_others_is_ignored(merged: tuple[str, ...], cells: list[str], population_flow: Flow) -> None:
    content = workbook(("Year", "Men", "Women"), (2022, 620, 300), (2023, 330, 310), merged=merged)
    result = converted(content, MAPPING, population_flow)
    assert [item.place.cell for item in result.findings.items if item.rule == "MIG-0-021" and item.place] == cells
    assert ("620" in result.dataset.observations["OBS_VALUE"].to_list()) == (not cells)


def test_error_literal_without_rule_is_kept_for_validation(population_flow: Flow) -> None:
    tables = read("office.xlsx", workbook(("Year", "Men"), (2022, "#DIV/0!")))
    mapping = load("office.toml", MAPPING.encode(), {"DF_TEST": population_flow})
    result = convert(tables, mapping, population_flow)
    assert result.findings.items == ()
    assert result.dataset.observations["OBS_VALUE"].to_list() == ["#DIV/0!"]


def test_figures_read_by_another_mapping_are_not_unread(population_flow: Flow) -> None:
    tables = read("office.xlsx", workbook(("Year", "Men"), (2022, 1), (), ("Age", "Men"), (2022, 2)))
    flows = {"DF_TEST": population_flow}
    first = load("a.toml", MAPPING.encode(), flows)
    second = load("b.toml", MAPPING.replace("MAP_TEST", "MAP_B").replace('"Year"', '"Age"').encode(), flows)
    alone = convert(tables, first, population_flow, RULES)
    together = convert(tables, first, population_flow, RULES, other_mappings=[first, second])
    assert [finding.observations for finding in alone.findings.items] == [2]
    assert together.findings.items == ()
    assert alone.coverage[0].unread == 2
    assert together.coverage[0].used == 1


def test_two_fixed_values_of_one_dataset_attribute_are_refused(population_flow: Flow) -> None:
    one = MAPPING.replace('AGE = "_T"', 'AGE = "_T"\nREF_DATE = "D0101"')
    block = one[one.index("[[block]]") :].replace("D0101", "D1231")
    with pytest.raises(DeclarationError, match=r"REF_DATE is fixed as D0101 and as D1231") as caught:
        converted(workbook(("Year", "Men"), (2022, 1)), one + block, population_flow)
    assert str(caught.value.place) == "office.toml › block[2].fixed.REF_DATE"


def test_datasets_with_contradicting_attributes_do_not_merge(population_flow: Flow) -> None:
    content = workbook(("Year", "Men"), (2022, 1))
    january, december = (
        converted(content, MAPPING.replace('AGE = "_T"', f'AGE = "_T"\nREF_DATE = "{day}"'), population_flow).dataset
        for day in ("D0101", "D1231")
    )
    with pytest.raises(DeclarationError, match="REF_DATE two values"):
        merge([january, december])


def test_series_attribute_that_varies_is_reported(population_flow: Flow) -> None:
    mapping = MAPPING + '[block.components.UNIT_MEASURE]\nfrom = "column Unit"\n'
    rows = ((2022, 1, "PS"), (2022, 2, "PT"), (2023, 3, "PS"))
    result = converted(workbook(("Year", "Men", "Unit"), *rows), mapping, population_flow)
    assert [
        (finding.rule, finding.place.cell, finding.observed) for finding in result.findings.items if finding.place
    ] == [("MIG-0-102", "C3", "PT")]
    assert result.dataset.series["UNIT_MEASURE"].to_list() == [None], "no figure gets the unit of another"
    assert result.dataset.observations["OBS_VALUE"].to_list() == ["1", "2", "3"]


def test_empty_residence_rule_is_not_filled_from_other_years() -> None:
    flow = CATALOGUE.flow("DF_POP")
    totals = "".join(f'{name} = "_T"\n' for name in ("AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN"))
    mapping = MAPPING.replace('AGE = "_T"\n', totals) + '[block.components.RES_RULE]\nfrom = "column Rule"\n'
    rows = ((2022, 1, "R12"), (2023, 2, None))
    result = converted(workbook(("Year", "Men", "Rule"), *rows), mapping, flow)
    assert [(finding.rule, finding.observed) for finding in result.findings.items] == [("MIG-0-102", "_U")]
    assert result.dataset.series["RES_RULE"].to_list() == [None]
    alone = converted(workbook(("Year", "Men", "Rule"), rows[1]), mapping, flow)
    assert alone.dataset.series["RES_RULE"].to_list() == ["_U"]


@cases_from("conversion/cases/sheet_or_anchor_missing_from_the_tables_is_refused.csv")
def test_sheet_or_anchor_missing_from_the_tables_is_refused(
    old: str, new: str, message: str, hint: str, key: str, population_flow: Flow
) -> None:
    assert old in MAPPING
    content = workbook(("Year", "Men", "Women"), (2022, 1, 2))
    with pytest.raises(DeclarationError) as caught:
        converted(content, MAPPING.replace(old, new, 1), population_flow)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert str(caught.value.place).startswith("office.toml › block[1]")
    assert str(caught.value.place).endswith(key)


def test_mapping_for_another_workbook_is_refused(population_flow: Flow) -> None:
    with pytest.raises(InputError, match=r"reads other.xlsx"):
        converted(workbook(("Year",)), MAPPING.replace("office.xlsx", "other.xlsx"), population_flow)


def test_text_file_is_converted_like_a_sheet(population_flow: Flow) -> None:
    mapping = MAPPING.replace("office.xlsx", "*.csv").replace('sheet = "Data"', 'sheet = ""')
    tables = read("office.csv", b"Year;Men;Women\n2022;1;2\n")
    dataset = convert(tables, load("m.toml", mapping.encode(), {"DF_TEST": population_flow}), population_flow).dataset
    assert dataset.observations["OBS_VALUE"].to_list() == ["1", "2"]
    assert value_cells(dataset) == ["B2", "C2"]


def test_dates_in_headers_become_periods_of_the_frequency(population_flow: Flow) -> None:
    mapping = MAPPING.replace('"column 1"', '"column 1"\npattern = "dd.MM.yyyy"')
    dataset = converted(workbook(("Year", "Men"), ("01.01.2022", 1), ("soon", 2)), mapping, population_flow).dataset
    assert dataset.observations["TIME_PERIOD"].to_list() == ["2022", "soon"]


@pytest.mark.parametrize("country", ["georgia", "sweden"])
def test_figures_of_examples_equal_their_source_cells(country: str) -> None:
    """Compare each observation of the shipped workspaces with its cell as openpyxl sees it."""
    from openpyxl import load_workbook

    from sdmxmig.catalogue import load as catalogue

    root = ROOT / "examples" / country
    declared = catalogue()
    for path in sorted((root / "mappings").glob("*.toml")):
        mapping = load(path.name, path.read_bytes(), declared.flows)
        book = root / "tables" / mapping.file
        result = convert(read(book.name, book.read_bytes()), mapping, declared.flows[mapping.flow], declared.rules)
        sheets = load_workbook(book, data_only=True)
        origins = result.dataset.origins.filter(pl.col("component") == "OBS_VALUE")
        values = result.dataset.observations["OBS_VALUE"]
        factors = {float(block.values.multiply or 1) for block in mapping.blocks}
        bounds = result.dataset.observations.select(
            pl.coalesce(pl.col("^(LOWER|UPPER)_BOUND$"), pl.lit(None))
        ).to_series()
        assert origins.height == len(values) > 0
        for number, _, _, sheet, row, column in origins.rows():
            stored = sheets[sheet].cell(row, column).value
            if values[number] is None:
                signs = {sign for block in mapping.blocks for sign, _ in block.values.missing}
                assert stored in signs or (bounds[number] is not None and stored == float(bounds[number]))
            elif isinstance(stored, str):
                assert values[number] == re.match(r"-?[\d.]*", re.sub(r"\s", "", stored))[0]  # type: ignore[index]
            else:
                assert any(float(values[number]) == pytest.approx(stored * factor, rel=1e-12) for factor in factors)
