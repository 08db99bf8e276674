"""Names of countries whose signs are ordinary words alone, in scripts without blanks: “日本”, “中国”."""

from __future__ import annotations

import pytest
from proposed import WORDS

from sdmxmig.conversion.recognition.mentions import COUNTRY, read_title


def countries(title: str) -> set[str]:
    return {one.code for one in read_title(title, WORDS).of(COUNTRY)}


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("日本首次签发的学习类居留许可数", "JP"),
        ("日本的居留许可", "JP"),
        ("按国籍分的日本入境人数", "JP"),
        ("中国首次签发的居留许可", "CN"),
        ("中国的外国人", "CN"),
        ("中国の在留外国人", "CN"),
        ("韩国入境人数", "KR"),
        ("美国的移民", "US"),
        ("德国居留许可", "DE"),
        ("法国移民", "FR"),
    ],
)
def test_the_country_is_named(title: str, code: str) -> None:
    assert countries(title) == {code}


@pytest.mark.parametrize(
    "title",
    [
        "1月1日人口",
        "其中外国人",
        "本年度入境人数",
        "国内移民",
        "按国籍分的入境人数",
        "出国人数",
        "本国公民",
        "年中人口",
        "在外国人口",
        "同日入境",
    ],
)
def test_other_words_name_none(title: str) -> None:
    assert countries(title) == set()
