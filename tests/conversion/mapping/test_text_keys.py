"""Keys of a mapping for text files, and errors in them."""

from __future__ import annotations

import pytest

from sdmxmig.conversion.mapping import load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.tables import AUTODETECT, TextFormat

MAPPING = """
id = "MAP_TEST"
flow = "DF_TEST"
file = "office.txt"
[text]
{text}
[[block]]
sheet = "*"
anchor = "Year"
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
AGE = "_T"
SEX = "_T"
[block.components.TIME_PERIOD]
from = "column 1"
"""


def written(text: str, flow: Flow) -> TextFormat:
    return load("m.toml", MAPPING.format(text=text).encode(), {"DF_TEST": flow}).text


def test_stated_text_format_is_kept_and_the_rest_detected(population_flow: Flow) -> None:
    assert written("", population_flow) == AUTODETECT
    assert written('encoding = "Windows-1251"', population_flow) == TextFormat("Windows-1251")
    assert written('delimiter = "tab"', population_flow) == TextFormat(delimiter="\t")


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ('encoding = "windows-1215"', "text.encoding", "Did you mean “windows-125"),
        ('encoding = "rot13"', "text.encoding", "is not an encoding"),
        ('encoding = "unicode_escape"', "text.encoding", "is not an encoding"),
        ('delimiter = ";;"', "text.delimiter", "cannot separate fields"),
        ('delimiter = "¦"', "text.delimiter", "cannot separate fields"),
        ("widths = [1]", "text.widths", "not a valid key here"),
    ],
)
def test_a_mistake_is_named_at_its_key(text: str, key: str, message: str, population_flow: Flow) -> None:
    with pytest.raises(DeclarationError) as caught:
        written(text, population_flow)
    assert caught.value.place is not None
    assert caught.value.place.key == key
    assert message in str(caught.value)
