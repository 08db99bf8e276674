"""Names of countries that consist of common characters in scripts without spaces: “日本”, “中国”."""

from __future__ import annotations

from case_tables import cases_from
from proposed import WORDS

from sdmxmig.conversion.recognition.mentions import COUNTRY, read_title


def countries(title: str) -> set[str]:
    return {one.code for one in read_title(title, WORDS).of(COUNTRY)}


@cases_from("conversion/recognition/cases/the_country_is_named.csv")
def test_country_in_a_title_is_recognised(title: str, code: str) -> None:
    assert countries(title) == {code}


@cases_from("conversion/recognition/cases/other_words_name_no_country.csv")
def test_other_words_name_no_country(title: str) -> None:
    assert countries(title) == set()
