"""Names of published lists and labels of published tables resolve to the right code."""

from __future__ import annotations

import pytest

from benchmarks import names
from sdmxmig.conversion.recognition import Recogniser

pytestmark = pytest.mark.skipif(not names.NAMES.is_dir(), reason="the shared names are not here")
LANGUAGES = tuple(f"mledoze_countries translations.{code}" for code in ("hrv", "hun", "rus", "slk", "urd"))
"""Some of the hardest: inflected names, three scripts."""
SAMPLE = ("country_de", "country_en", "country_fr", "country_ru", "country_sv", "M49_UNSD-es", "M49_UNSD-fr")


@pytest.mark.parametrize("title", SAMPLE)
def test_published_names_are_found_in_99_percent_of_cases(recogniser: Recogniser, title: str) -> None:
    pairs = dict(names.lists_of_names())[title]
    scored = names.score(title, pairs, recogniser)
    assert scored.names > 200
    assert scored.share >= 0.99
    assert scored.wrong == ()


def test_published_labels_are_recognised_in_98_percent_of_cases(recogniser: Recogniser) -> None:
    for title, pairs in names.labels_in_tables(recogniser):
        scored = names.score(title, pairs, recogniser)
        assert scored.share >= 0.98, title
        assert scored.wrong == (), title


def test_unshipped_names_match_in_98_percent_of_cases(
    recogniser: Recogniser,
) -> None:
    disputed = names.disputed_names()
    scored = [
        names.score(title, pairs, recogniser, disputed[title])
        for title, pairs in names.lists_of_names()
        if names.language_of(title) in LANGUAGES
    ]
    assert len(scored) == 2 * len(LANGUAGES)
    assert [one.list for one in scored if one.wrong] == []
    assert [(one.list, one.share) for one in scored if one.share < 0.98] == []
