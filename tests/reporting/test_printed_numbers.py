"""The numbers that a report prints, each with what it counts."""

from __future__ import annotations

from benchmarks.printed_numbers import PrintedNumber, printed_numbers

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
