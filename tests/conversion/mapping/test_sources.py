"""Sources of components: text in the mapping file, record in the program, and back to text."""

from __future__ import annotations

import tomllib

import pytest
from case_tables import text_from

from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.sdmx.model.sources import Source, SourceError, parse_source

MAPPING = text_from("conversion/cases/sources_mapping.toml")

SOURCES = {
    "header 1": Source("header", 1),
    "column 3": Source("column", 3),
    "column Men and women": Source("column", name="Men and women"),
    "column header 1": Source("column", name="header 1"),
    "row Source": Source("row", name="Source"),
    "section": Source("section"),
    "sheet": Source("sheet"),
    "file": Source("file"),
    "cell B2": Source("cell", name="B2"),
    "above 12": Source("above", 12),
    "beside 1": Source("beside", 1),
    "beside Note": Source("beside", name="Note"),
    "header 1 + header 2": Source("joined", together=(Source("header", 1), Source("header", 2))),
    "column Year + column 2": Source("joined", together=(Source("column", name="Year"), Source("column", 2))),
    "sheet + section + cell B2": Source(
        "joined", together=(Source("sheet"), Source("section"), parse_source("cell B2"))
    ),
}
NO_PLACE = "“{}” is not a place in a table."
NOT_TOGETHER = "The content of “{}” cannot be combined with other places for a component."
THE_SAME = "“{}” gives all figures the same value."
REFUSED = {
    "head 2": (NO_PLACE, "head 2"),
    "header": (NO_PLACE, "header"),
    "header 0": (NO_PLACE, "header 0"),
    "header 01": (NO_PLACE, "header 01"),
    "header Men": (NO_PLACE, "header Men"),
    "section 0": (NO_PLACE, "section 0"),
    "above": (NO_PLACE, "above"),
    "sheet 1": (NO_PLACE, "sheet 1"),
    "cell 2B": (NO_PLACE, "cell 2B"),
    "cell ABCD1": (NO_PLACE, "cell ABCD1"),
    "joined": (NO_PLACE, "joined"),
    "header 1 +": (NO_PLACE, "header 1 +"),
    "header 1 + header 0": (NO_PLACE, "header 0"),
    "header 1 + Men": (NOT_TOGETHER, "Men"),
    "header 1 + beside 1": (NOT_TOGETHER, "beside 1"),
    "row Source + header 1": (NOT_TOGETHER, "row Source"),
    "column Men + women": (NOT_TOGETHER, "women"),
    "sheet + above 2": (THE_SAME, "sheet + above 2"),
}
BEYOND = {
    "header 3": ("The block has 2 header(s), no header 3.", "Raise header_rows of the block, or name another."),
    "column 0": ("The block has 3 column(s), no column 0.", "Raise header_columns of the block, or name another."),
    "section 3": ("The block has 2 section(s), no section 3.", "Raise sections of the block, or name another."),
    "header 1 + column 9": (
        "The block has 3 column(s), no column 9.",
        "Raise header_columns of the block, or name another.",
    ),
}


def read(source: str, flow: Flow) -> TableMapping:
    return load("m.toml", MAPPING.format(source).encode(), {"DF_TEST": flow})


@pytest.mark.parametrize("text", SOURCES)
def test_source_survives_a_round_trip(text: str, population_flow: Flow) -> None:
    mapping = read(text, population_flow)
    (component,) = (component_map for component_map in mapping.blocks[0].components if component_map.component == "SEX")
    assert component.source == SOURCES[text]
    written = tomllib.loads(write(mapping))
    assert written["block"][0]["components"]["SEX"]["from"] == text


def test_blanks_within_a_source_are_ignored() -> None:
    assert parse_source("  column   Men and\twomen ") == Source("column", name="Men and women")
    assert parse_source("header 1  +  header 2") == parse_source("header 1 + header 2")


@pytest.mark.parametrize("text", REFUSED)
def test_invalid_source_is_refused_with_valid_forms(text: str, population_flow: Flow) -> None:
    message, named = REFUSED[text]
    with pytest.raises(SourceError) as refused:
        parse_source(text)
    assert str(refused.value) == message.format(named)
    with pytest.raises(DeclarationError) as caught:
        read(text, population_flow)
    assert str(caught.value) == f"m.toml › block[1].components.SEX.from: {message.format(named)} {caught.value.hint}"
    assert ("Write “header 2”" if message == NO_PLACE else "Join headers") in caught.value.hint


@pytest.mark.parametrize("text", BEYOND)
def test_source_outside_the_block_is_refused_with_a_fix(text: str, population_flow: Flow) -> None:
    with pytest.raises(DeclarationError) as caught:
        read(text, population_flow)
    assert str(caught.value) == f"m.toml › block[1].components.SEX.from: {' '.join(BEYOND[text])}"
