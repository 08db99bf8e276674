"""Texts in XML attributes come back character by character, as one text or a whole column."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.markup import escape_column, escape_text

SIGNS = "&<>\"'\t\n\r"
TEXTS = [*SIGNS, *(f"a{sign}b" for sign in SIGNS), "&amp;", "&#9;", '<a b="c">\r\n', "Men", "", "a\\b", "[x]", "é Ж 年"]


def read_back(attribute: str) -> str:
    return str(etree.fromstring(f'<a b="{attribute}"/>'.encode()).get("b"))


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_alone_in_its_column_comes_back(text: str) -> None:
    assert read_back(escape_text(text)) == text
    assert [read_back(one) for one in escape_column(pl.Series(["plain", text]))] == ["plain", text]


@given(st.lists(st.none() | st.text(st.sampled_from(SIGNS + "ab;#9")), max_size=4))
def test_a_column_is_quoted_as_its_texts_are(texts: list[str | None]) -> None:
    found = escape_column(pl.Series(texts, dtype=pl.String)).to_list()
    assert found == [None if text is None else escape_text(text) for text in texts]
