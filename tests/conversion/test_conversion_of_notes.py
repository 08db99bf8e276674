"""Notes of a mapping on some figures: a provisional year or a comment that no cell states."""

from __future__ import annotations

import polars as pl
import pytest
from case_tables import cases_from, text_from
from shipped import CATALOGUE

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow

TABLE = "Year,Total,Men,Women\n2023,30,10 e,20\n2024,31,11,20\n"
MAPPING = text_from("conversion/cases/conversion_of_notes_mapping.toml")
MORE = """
[[block.notes]]
where = {where}
set = {set}
"""


def converted(mapping: str) -> Conversion:
    return convert(read("office.csv", TABLE.encode()), load("m.toml", mapping.encode(), CATALOGUE.flows), flow())


def flow() -> Flow:
    return CATALOGUE.flows["DF_POP"]


def noted(where: str, attributes: str) -> str:
    return MAPPING + MORE.format(where=where, set=attributes)


def said(mapping: str, attribute: str = "OBS_STATUS") -> list[str]:
    return converted(mapping).dataset.observations[attribute].to_list()


def test_note_sets_the_status_of_one_year() -> None:
    assert said(MAPPING) == ["A", "E", "A", "P", "P", "P"]


def test_note_on_a_figure_overrides_the_note_on_its_row() -> None:
    assert said(noted('{ TIME_PERIOD = "2024", SEX = "F" }', '{ OBS_STATUS = "E" }'))[-1] == "E"


def test_note_code_replaces_and_note_text_is_appended() -> None:
    mapping = noted('{ TIME_PERIOD = "2023" }', '{ OBS_STATUS = "B", COMMENT_OBS = "New register." }')
    assert said(mapping) == ["B", "B", "B", "P", "P", "P"]
    assert said(mapping, "COMMENT_OBS") == ["New register.", "By survey.; New register.", "New register.", *[None] * 3]


def test_note_text_replaces_an_empty_comment() -> None:
    comments = '[block.components.COMMENT_OBS]\nfrom = "header 1"\ncodes = { Total = "", Men = "Sample.", Women = "" }'
    mapping = noted('{ TIME_PERIOD = "2024" }', '{ COMMENT_OBS = "First." }')
    mapping = mapping.replace("[block.values]", f"{comments}\n\n[block.values]")
    assert said(mapping, "COMMENT_OBS")[3:] == ["First.", "Sample.; First.", "First."]


def test_values_stated_in_the_mapping_have_no_source_cell() -> None:
    origins = converted(MAPPING).dataset.origins
    of_status = origins.filter(pl.col("component").cast(pl.String) == "OBS_STATUS")
    assert of_status.select("observation", "row", "column").rows() == [(1, 2, 3)], "the mark in the cell"


def test_block_value_applies_outside_the_note() -> None:
    fixed = MAPPING.replace('AGE = "_T"', 'AGE = "_T"\nOBS_STATUS = "E"')
    assert said(fixed) == ["E", "E", "E", "P", "P", "P"]


def test_note_may_name_a_value_common_to_the_block() -> None:
    where = '{ REF_AREA = "GE", TIME_PERIOD = "2024", SEX = "_T" }'
    assert said(noted(where, '{ OBS_STATUS = "E" }')) == ["A", "E", "A", "E", "P", "P"]


def test_note_about_missing_figures_is_a_warning_at_its_line() -> None:
    mapping = noted('{ TIME_PERIOD = "2025" }', '{ OBS_STATUS = "P" }')
    tables, loaded = read("office.csv", TABLE.encode()), load("m.toml", mapping.encode(), CATALOGUE.flows)
    (finding,) = convert(tables, loaded, flow(), CATALOGUE.rules).findings.items
    assert (finding.severity, finding.observed) == ("warning", "TIME_PERIOD 2025")
    assert str(finding.place) == "m.toml › block[1].notes[2].where"


@cases_from("conversion/cases/contradictory_notes_need_a_more_specific_second_one.csv")
def test_contradictory_notes_require_a_more_specific_one(where: str, hint: str) -> None:
    with pytest.raises(
        DeclarationError, match=r"contradict each other about figures with .*: OBS_STATUS P and E"
    ) as caught:
        converted(noted(where, '{ OBS_STATUS = "E" }'))
    assert str(caught.value.place) == "m.toml › block[1].notes[2].set.OBS_STATUS"
    assert hint in caught.value.hint


def test_broader_note_after_a_narrower_one_is_refused() -> None:
    narrow = noted('{ TIME_PERIOD = "2024", SEX = "M" }', '{ OBS_STATUS = "E" }')
    assert said(narrow) == ["A", "E", "A", "P", "E", "P"]
    with pytest.raises(DeclarationError, match="contradict each other") as caught:
        converted(narrow + MORE.format(where='{ TIME_PERIOD = "2024" }', set='{ OBS_STATUS = "B" }'))
    assert "note about fewer figures after the other" in caught.value.hint


def test_third_note_decides_where_two_notes_cross() -> None:
    crossing = noted('{ SEX = "M" }', '{ OBS_STATUS = "B" }')
    third = MORE.format(where='{ SEX = "M", TIME_PERIOD = "2024" }', set='{ OBS_STATUS = "E" }')
    assert said(crossing + third) == ["A", "B", "A", "P", "E", "P"]
    of_all = noted('{ REF_AREA = "GE" }', '{ OBS_STATUS = "E" }')
    third_of_all = MORE.format(where='{ TIME_PERIOD = "2024", REF_AREA = "GE" }', set='{ OBS_STATUS = "B" }')
    assert said(of_all + third_of_all) == ["E", "E", "E", "B", "B", "B"]
    first_of_all = MAPPING.replace("\n[[block.notes]]", third + "\n[[block.notes]]", 1)
    with pytest.raises(DeclarationError, match="contradict each other"):
        converted(first_of_all + MORE.format(where='{ SEX = "M" }', set='{ OBS_STATUS = "B" }'))


def test_compatible_notes_may_cross() -> None:
    assert said(noted('{ SEX = "M" }', '{ OBS_STATUS = "P" }')) == ["A", "P", "A", "P", "P", "P"]
    both = noted('{ SEX = "M" }', '{ COMMENT_OBS = "x" }') + MORE.format(
        where='{ TIME_PERIOD = "2024" }', set='{ COMMENT_OBS = "y" }'
    )
    assert said(both, "COMMENT_OBS") == [None, "By survey.; x", None, "y", "x; y", "y"]


@cases_from("conversion/cases/invalid_note_is_refused_with_its_key.csv")
def test_invalid_note_is_refused_with_its_key(where: str, attributes: str, message: str, key: str) -> None:
    with pytest.raises(DeclarationError, match=message) as caught:
        load("m.toml", noted(where, attributes).encode(), CATALOGUE.flows)
    assert str(caught.value.place) == f"m.toml › block[1].notes[2].{key}"
