"""Citizens of another country than the reporter are foreign citizens, with their country as citizenship."""

from __future__ import annotations

from proposed import asked, tried

TABLE = "## Sheet S\n| {title} |\n| Year | Men | Women |\n| 2021 | 1100 | 1050 |\n| 2022 | 1160 | 1130 |\n"


def fixed(title: str, area: str, flow: str) -> dict[str, str]:
    return dict(tried(TABLE.format(title=title), flow, area).proposal.mapping.blocks[0].fixed)


def test_people_born_in_another_country_are_asked_about_by_birth_alone() -> None:
    trial = tried(TABLE.format(title="Persons born in Poland living in Germany by sex"), "DF_POP", "DE")
    assert [(question.part, question.chosen.code) for question in asked(trial)] == [("fixed C_BIRTH", "PL")]
