"""What the reports of Georgia, Moldova and Sweden printed before their texts were written anew, number by number."""

from __future__ import annotations

import csv
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from folders import TESTS
from printed_numbers import PrintedNumber, printed_numbers

from benchmarks import output_hashes

GOLDEN = TESTS / "golden"

PAGE = b"""<html><body><main><section id="account"><h2>The account closes in 8 years.</h2>
<table><caption>Account</caption><thead><tr><th>Year</th><th>Births</th></tr></thead>
<tbody><tr><th>2024</th><td>39,483</td></tr></tbody></table><svg><text>7</text></svg>
<p>Net migration was \xe2\x88\x9239,207 in 2023, 12.5% more.</p></section></main></body></html>"""


def test_a_number_is_known_by_the_heads_of_its_cell_or_by_its_sentence() -> None:
    assert printed_numbers([PAGE]) == [
        PrintedNumber("account", "Account", "2024 | Births", "39,483"),
        PrintedNumber("account", "h2", "The account closes in 8 years.", "8"),
        PrintedNumber("account", "p", "Net migration was −39,207 in 2023, 12.5% more.", "−39,207"),
        PrintedNumber("account", "p", "Net migration was −39,207 in 2023, 12.5% more.", "2023"),
        PrintedNumber("account", "p", "Net migration was −39,207 in 2023, 12.5% more.", "12.5%"),
    ]


def rows_of(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.long
def test_every_number_that_is_printed_no_longer_has_its_reason(tmp_path: Path) -> None:
    before, changes = rows_of("printed_numbers.csv"), rows_of("printed_number_changes.csv")
    unexplained, used = [], set()
    for country in dict.fromkeys(row["country"] for row in before):
        output_hashes.run_line(country, tmp_path / country)
        pages = [page.read_bytes() for page in sorted((tmp_path / country).glob("*.en.html"))]
        printed = {(number.meaning, number.number) for number in printed_numbers(pages)}
        for row in before:
            if row["country"] == country and (row["meaning"], row["number"]) not in printed:
                fitting = (n for n, change in enumerate(changes) if fits(row, change))
                reason = next(fitting, None)
                used.add(reason)
                unexplained += [row] if reason is None else []
    assert unexplained == []
    assert used == set(range(len(changes))), "a reason that explains nothing is no longer true"


def fits(row: dict[str, str], change: dict[str, str]) -> bool:
    return all(fnmatchcase(row[part], change[part]) for part in ("country", "section", "place", "meaning"))
