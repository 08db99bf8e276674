"""Keys of a mapping for text files, and errors in them."""

from __future__ import annotations

import pytest
from case_tables import cases_from, text_from

from sdmxmig.conversion.mapping import load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.tables import AUTODETECT, TextFormat

MAPPING = text_from("conversion/cases/text_keys_mapping.toml")


def written(text: str, flow: Flow) -> TextFormat:
    return load("m.toml", MAPPING.format(text=text).encode(), {"DF_TEST": flow}).text


def test_stated_text_format_is_kept_and_the_rest_detected(population_flow: Flow) -> None:
    assert written("", population_flow) == AUTODETECT
    assert written('encoding = "Windows-1251"', population_flow) == TextFormat("Windows-1251")
    assert written('delimiter = "tab"', population_flow) == TextFormat(delimiter="\t")


@cases_from("conversion/mapping/cases/a_mistake_is_named_at_its_key.csv")
def test_mistake_is_reported_at_its_key(text: str, key: str, message: str, population_flow: Flow) -> None:
    with pytest.raises(DeclarationError) as caught:
        written(text, population_flow)
    assert caught.value.place.key == key
    assert message in str(caught.value)
