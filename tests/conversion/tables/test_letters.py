"""Characters that no language uses reveal a wrong encoding better than characters of another language."""

from __future__ import annotations

import pytest

from sdmxmig.io.encodings import letters_of

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
@pytest.mark.parametrize("impossible", IMPOSSIBLE)
@pytest.mark.parametrize("unusual", UNUSUAL)
def test_impossible_letters_are_less_likely_than_unusual_ones(impossible: str, unusual: str, language: str) -> None:
    words = (f"Cor{signs[name]}e" for signs, name in ((IMPOSSIBLE, impossible), (UNUSUAL, unusual)))
    first, second = (letters_of(language).likelihood(word) for word in words)
    assert first < second - 3
