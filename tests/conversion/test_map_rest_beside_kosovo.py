"""``sdmxmig map`` on the remainder of a list with Kosovo, whose code is numeric like those of regions."""

from __future__ import annotations

import pytest
from proposed import observations, proposed, tried


def citizens(*labels: str) -> str:
    rows = "\n".join(f"| {label} | {10 + at} | {20 + at} |" for at, label in enumerate(labels))
    return f"""
## Sheet A
| Immigrants by citizenship | | |
| Citizenship | 2021 | 2022 |
{rows}
"""


def are_asked(*labels: str) -> list[str]:
    return [
        question.label for question in proposed(citizens(*labels), "DF_IMM").open if question.part.endswith("C_CITIZEN")
    ]


@pytest.mark.parametrize(
    "other", ["Other countries", "Other", "Others", "Druge države", "Останати", "Sonstige", "Autres"]
)
@pytest.mark.parametrize("kosovo", ["Kosovo", "Косово"])
def test_other_countries_after_kosovo_are_not_the_rest_of_kosovo(kosovo: str, other: str) -> None:
    labels = ("Albania", "Serbia", kosovo, "Germany", "Italy", other)
    assert not are_asked(*labels)
    text = citizens(*labels)
    assert ("2021", "_T", "_T", "_T", "_O") in observations(text, proposed(text, "DF_IMM"))


@pytest.mark.parametrize("country", ["Kosovo", "Yugoslavia [former]", "Czechoslovakia [former]"])
def test_country_within_its_region_is_not_added_twice(country: str) -> None:
    rows = f"| Europe | 50 |\n| Poland | 30 |\n| {country} | 20 |\n| Asia | 40 |\n| India | 40 |\n| Total | 90 |\n"
    text = f"## Sheet S\n| Foreign citizens on 1 January |\n| Country of citizenship | 2020 |\n{rows}"
    decisions = {("*", "regions C_CITIZEN", "Europe; Asia"): "as it is"}
    assert not [question for question in tried(text, "DF_POP", "DE", decisions).questions if question.part == "totals"]
