"""“Country” over the countries where emigrants live is the other country of each figure, if nothing else can be."""

from __future__ import annotations

import pytest
from proposed import proposed

BODY = "| Kenya | 120 | 130 |\n| Ghana | 45 | 47 |\n| Chad | 33 | 31 |\n"


def is_open(flow: str, head: str, area: str) -> bool:
    text = f"## Sheet S\n| Emigrants living abroad |\n| {head} | 2021 | 2022 |\n{BODY}"
    return any(
        question.is_open and question.part == "line column 1" for question in proposed(text, flow, area).questions
    )


@pytest.mark.parametrize(
    "head", ["Country", "Pays", "País", "Land", "Страна", "国家", "البلد", "Ülke", "Kraj", "Country or area"]
)
def test_the_only_country_that_is_wanted_is_certain(head: str) -> None:
    assert not is_open("DF_EMISTOCK", head, "IN")


@pytest.mark.parametrize(
    ("flow", "area"), [("DF_EMISTOCK", ""), ("DF_EMI", "IN"), ("DF_POP", "IN"), ("DF_BORDER", "IN")]
)
def test_where_several_can_be_it_is_asked_about(flow: str, area: str) -> None:
    assert is_open(flow, "Country", area)
