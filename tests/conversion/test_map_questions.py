"""Questions of ``sdmxmig map`` about texts around a table: the rows of `map_questions.csv`.

Each row has the layout of a table, a dataflow, an area, and the text that is put into the table. `asks` is part of a
question that the text must raise, `asks_not` part of one that it must not raise. Without both, it raises no question.
"""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.recognition.labels import plain

pytestmark = pytest.mark.sampled(6)


def table(*rows: str) -> str:
    return "".join(f"| {row} |\n" for row in rows)


YEARS = table("Year | Male | Female", "2018 | 1100 | 1050", "2019 | 1160 | 1130")
SEXES = table("Sex | 2022 | 2023", "Men | 1000 | 1200", "Women | 1100 | 1300")
ONE_YEAR = table("Sex | Total", "Male | 120", "Female | 130")
COUNTS = ("Germany | 1100 | 1160", "Canada | 1050 | 1130", "France | 150 | 130", "Norway | 250 | 330")
ORIGINS = table(
    "Country of citizenship | 2019 | 2020", "Uganda | 100 | 200", "Somalia | 101 | 201", "India | 102 | 202"
)
CITIZENS = table("Country of citizenship | 2018 | 2019", *COUNTS)
FORMER = table("Former citizenship | 2018 | 2019", *COUNTS)
PREVIOUS = table("Country of previous residence | 2018 | 2019", *COUNTS)
LAYOUTS = {
    "title by year": f"## Sheet Sheet1\n\n| {{}} | | |\n\n{YEARS}\n| Source: register | | |\n",
    "sheet": f"## Sheet {{}}\n\n| Population by sex | | |\n\n{YEARS}\n| Source: register | | |\n",
    "note by year": f"## Sheet Sheet1\n\n| Population by sex | | |\n\n{YEARS}\n| {{}} | | |\n",
    "title by sex": f"## Sheet S\n| {{}} |\n{SEXES}",
    "title of one year": f"## Sheet S\n| {{}} |\n{ONE_YEAR}",
    "note on one year": f"## Sheet S\n| Population by sex, 2023 |\n{ONE_YEAR}\n| {{}} |\n",
    "note on immigrants": f"## Sheet S\n| Immigrants by country of citizenship |\n{ORIGINS}\n| {{}} |\n",
    "note on foreigners": f"## Sheet S\n| Foreign citizens by country of citizenship |\n{ORIGINS}\n| {{}} |\n",
    "title by citizenship": f"## Sheet S\n\n| {{}} | | |\n\n{CITIZENS}",
    "title by former citizenship": f"## Sheet S\n\n| {{}} | | |\n\n{FORMER}",
    "title by previous country": f"## Sheet S\n\n| {{}} | | |\n\n{PREVIOUS}",
    "note on emigrants": f"## Sheet S\n\n| Emigration by citizenship | | |\n\n{CITIZENS}\n| {{}} | | |\n",
}
ALWAYS = {"fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE", "fixed PROT_ITEM", "fixed CTZ_ITEM"}
"""Questions that do not depend on the text."""


def asked(layout: str, text: str, flow: str, area: str) -> str:
    listed = [each for each in proposed(LAYOUTS[layout].format(text), flow, area).open if each.part not in ALWAYS]
    return plain(" ; ".join(f"{each.part} {each.label} {each.chosen.code} {each.chosen.reason}" for each in listed))


@cases_from("conversion/map_questions.csv")
def test_text_raises_the_listed_question(
    layout: str, flow: str, area: str, text: str, asks: str, asks_not: str
) -> None:
    questions = asked(layout, text, flow, area)
    if asks:
        assert plain(asks) in questions
    elif asks_not:
        assert plain(asks_not) not in questions
    else:
        assert questions == ""
