"""Names in a title that cover less or more than the reporting country lead to a question."""

from __future__ import annotations

from proposed import asked, tried


def test_name_of_a_part_among_partners_is_a_country() -> None:
    text = "## Sheet S\n| Immigrations by citizenship, 2022 |\n| Citizenship | Persons |\n"
    text += "| Great Britain | 31 |\n| France | 22 |\n| Spain | 13 |\n"
    assert asked(tried(text, "DF_IMM", "SE")) == []
