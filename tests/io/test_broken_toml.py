"""A declaration that is no TOML is refused with its file, its line, and with what helps there."""

from __future__ import annotations

import pytest

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared

GOOD = 'id = "MAP"\nflow = "DF_POP"\n\n[block]\nsheet = "Table 1"\n'
BROKEN = {
    "a section without its end": ("[more", "not closed"),
    "a section twice": ("[block]", "written twice"),
    "a key twice": ('a = "A"\na = "B"', "written twice"),
    "a text without its end": ('a = "DF', "quotation mark is missing"),
    "a single quotation mark without its end": ("a = 'DF", "quotation mark is missing"),
    "two signs": ("a = = 1", "One = is enough"),
    "no sign": ("a 1", "Write a key, =, and its value"),
    "a colon": ("a: 1", "Write a key, =, and its value"),
    "no value": ("a = ", "A value is missing behind ="),
    "a comment for a value": ("a = # later", "A value is missing behind ="),
    "a text without quotation marks": ("a = DF_POP", "between quotation marks"),
    "curly quotation marks": ("a = “DF_POP”", "straight quotation marks"),
    "guillemets": ("a = «DF_POP»", "straight quotation marks"),
    "a path of Windows": (r'a = "C:\users"', "Write a backslash twice"),
    "a pattern": (r'a = "\d+"', "Write a backslash twice"),
    "a zero in front": ("a = 01", "no zeros in front"),
    "a number with a blank": ("a = 1 000", "no zeros in front, and no blanks"),
    "two keys in a line": ("a = 1, b = 2", "one key with one value"),
    "a capital letter": ("a = True", "small letters"),
    "a brace without its end": ("a = { b = 1", "not closed"),
    "a bracket without its end": ("a = [1, 2", "not closed"),
    "text alone": ("= 1", "A line is key = value"),
}
TOO_MUCH = {
    "a number of very many digits": "a = " + "1" * 5_000,
    "very many lists": "a = " + "[" * 5_000 + "]" * 5_000,
    "very many tables": ".".join("a" * 5_000) + " = 1",
    "many tables": ".".join("a" * 70) + " = 1",
}
HARMLESS = (
    'a = "“curly” inside"', "a = 'C:\\users'", 'a = "C:\\\\users"', "a = 1_000", "a = true", "a = [\n1,\n2,\n]",
    "a = { b = 1 }", '"a b" = 1', "a = 1 # later", "a.b = 1", 'a = """two\nlines"""', "[more]",
)  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("case", BROKEN)
def test_broken_toml_is_refused_with_place_and_fix(case: str, newline: str) -> None:
    text, said = BROKEN[case]
    with pytest.raises(DeclarationError) as caught:
        Declared.parse("stocks.toml", f"{GOOD}{text}\n".replace("\n", newline).encode())
    place = caught.value.place
    assert place is not None
    assert (place.file, place.line) == ("stocks.toml", GOOD.count("\n") + text.count("\n") + 1)
    assert "This is not valid TOML" in caught.value.message
    assert said in caught.value.hint


@pytest.mark.parametrize("text", HARMLESS)
def test_valid_toml_is_accepted(text: str) -> None:
    assert Declared.parse("stocks.toml", f"{GOOD}{text}\n".encode()).values["id"] == "MAP"


@pytest.mark.parametrize("case", TOO_MUCH)
def test_excessive_toml_is_refused(case: str) -> None:
    with pytest.raises(DeclarationError, match=r"too many digits|nested too deeply") as refused:
        Declared.parse("map.toml", TOO_MUCH[case].encode())
    assert str(refused.value.place) == "map.toml"
