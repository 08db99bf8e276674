"""``sdmxmig map`` on what remains of a list with Kosovo, whose code is a number as those of regions are."""

from __future__ import annotations

import pytest
from proposed import observations, proposed


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
