"""A declaration that is no TOML is refused with its file, its line, and with what helps there."""

from __future__ import annotations

import pytest
from case_tables import cases_from

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared

GOOD = 'id = "MAP"\nflow = "DF_POP"\n\n[block]\nsheet = "Table 1"\n'
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
@cases_from("io/cases/broken_toml_is_refused_with_place_and_fix.csv")
def test_broken_toml_is_refused_with_place_and_fix(text: str, said: str, newline: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Declared.parse("stocks.toml", f"{GOOD}{text}\n".replace("\n", newline).encode())
    place = caught.value.place
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
