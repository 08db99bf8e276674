"""Characters that no language uses reveal a wrong encoding better than characters of another language."""

from __future__ import annotations

import pytest

from sdmxmig.io.encodings import read_letters

IMPOSSIBLE = {
    "a control sign": "\x85",
    "a zero-width sign": "\u200b",
    "a sign for own use": "\ue000",
    "no sign at all": "\u0378",
    "the first line of a box": "\u2500",
    "a corner of a box": "\u2514",
    "a shade": "\u2592",
    "the last of the shapes": "\u25ff",
}
UNUSUAL = {"another script": "ж", "an arrow": "\u2191", "a dingbat": "\u2600", "an accent": "ű", "a sign": "§"}


@pytest.mark.parametrize("language", ["fr", "ru", "zh"])
def test_impossible_letters_are_less_likely_than_unusual_ones(language: str) -> None:
    impossible, unusual = (
        {name: read_letters(language).likelihood(f"Cor{sign}e") for name, sign in signs.items()}
        for signs in (IMPOSSIBLE, UNUSUAL)
    )
    assert [name for name in impossible if impossible[name] >= min(unusual.values()) - 3] == []
