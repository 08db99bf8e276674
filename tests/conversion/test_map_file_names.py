"""What the name of a file says of its figures: a place or a group is asked about, signs of an office say nothing."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

ALWAYS = ("fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE")
TABLE = """
## Sheet Data
| Resident population by country of citizenship |
| Country of citizenship | 2019 | 2020 |
| Uganda | 100 | 200 |
| Somalia | 110 | 210 |
| India | 120 | 220 |
"""


def of(name: str, text: str = TABLE) -> Proposal:
    return suggest(read(name, workbook(text)), FlowKnowledge(CATALOGUE.flows["DF_POP"], WORDS), "KE", None)


def asked(proposal: Proposal) -> str:
    listed = [question for question in proposal.open if question.part not in ALWAYS]
    return " ".join(f"{question.part} {question.label} {question.chosen.reason}" for question in listed).casefold()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("population_nairobi_county.xlsx", "nairobi"),
        ("stock_mombasa_2020.xlsx", "mombasa"),
        ("PopulationKisumu.xlsx", "kisumu"),
        ("foreign-residents-turkana.xlsx", "turkana"),
        ("population_coast_province.xlsx", "province"),
        ("poblacion_garissa.xlsx", "garissa"),
        ("population_de_lamu.xlsx", "lamu"),
        ("население_найроби.xlsx", "найроби"),
        ("wohnbevölkerung_mombasa.xlsx", "mombasa"),
        ("citizenship_nakuru_2019-2020.xlsx", "nakuru"),
        ("population_urban.xlsx", "urban"),
        ("population_women.xlsx", "women"),
        ("population_in_thousands.xlsx", "in thousands"),
    ],
)
def test_a_place_or_group_in_the_name_of_the_file_is_asked_about(name: str, word: str) -> None:
    assert word in asked(of(name))


@pytest.mark.parametrize("letter", ["b01", "e01", "p01", "q3x", "f1", "E2", "p", "x6", "d3", "r01", "u1", "p_01"])
def test_a_letter_and_a_number_are_no_status(letter: str) -> None:
    proposal = of(f"{letter}.xlsx")
    assert "OBS_STATUS" not in dict(proposal.mapping.blocks[0].fixed)
    assert asked(proposal) == ""


@pytest.mark.parametrize(
    "name",
    [
        "population.xlsx",
        "population_kenya_2020.xlsx",
        "KE_population_final_v2.xlsx",
        "population_export.xlsx",
        "population_cleaned.xlsx",
        "Population (copy).xlsx",
        "PopulationByCitizenship.xlsx",
        "DCIS_POPSTRCIT1_export.xlsx",
        "17100008.xlsx",
        "migr_pop1ctz.xlsx",
        "table_3_7.xlsx",
        "t.xlsx",
        "population_by_citizenship_ke.xlsx",
        "données.xlsx",
        "население_2020.xlsx",
        "xyzq.xlsx",
    ],
)
def test_other_names_of_files_say_nothing(name: str) -> None:
    assert asked(of(name)) == ""


@pytest.mark.parametrize(("title", "code"), [("Provisional figures", "P"), ("Estimates", "E")])
def test_a_status_in_words_is_still_one(title: str, code: str) -> None:
    text = TABLE.replace("| Resident", f"| {title} |\n| Resident")
    assert dict(of("p01.xlsx", text).mapping.blocks[0].fixed)["OBS_STATUS"] == code
