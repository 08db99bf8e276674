"""``sdmxmig map`` on tables in the codes of an agency, which the heads tell: “T” below “sex” in a file of Eurostat."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from shipped import CATALOGUE, words

from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

WORDS = words()
OBLIGATORY = ("fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE")
COUNTRIES = ("AT", "BE", "BG", "CZ", "DK", "EE")
SDMX = "freq,{head},unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG"


def tried(name: str, text: str, flow: str = "DF_IMM") -> TriedProposal:
    return propose(read(name, text.encode()), flow, CATALOGUE, WORDS, area="AT")


def asked(trial: TriedProposal) -> list[Question]:
    return [question for question in trial.open if question.part not in OBLIGATORY]


def reasons(trial: TriedProposal) -> list[str]:
    return [f"{question.part}: {question.label}" for question in asked(trial)]


def sdmx(head: str, code: str, *, unit: str = "NR", flag: str = "", heads: str = SDMX) -> str:
    """Rows of a file in SDMX-CSV, of six countries and two years."""
    rows = [
        f"A,{code},{unit},{geo},{year},{100 * at + year % 7},{flag if at == 2 else ''}"
        for at, geo in enumerate(COUNTRIES, start=1)
        for year in (2018, 2019)
    ]
    return "\n".join([heads.format(head=head), *rows]) + "\n"


def tabbed(heads: str, codes: list[str], *, other: int = 0, mark: str = "") -> str:
    """A file with tabs: one block for each of the codes, the last one with a figure or its own mark."""
    rows = []
    for code in codes:
        for at, geo in enumerate(COUNTRIES, start=1):
            last = code == codes[-1] and at == len(COUNTRIES)
            figures = [f"{10000 * at + 7 * year}{mark if last else ''} " for year in range(11, 15)]
            figures[0] = f"{10000 * at + 77 + (other if last else 0)} "
            rows.append("\t".join([f"{code},{geo}", *figures]))
    return "\n".join([heads + "\\time\t2011 \t2012 \t2013 \t2014 ", *rows]) + "\n"


@pytest.mark.parametrize(
    ("name", "text", "flow"),
    [
        ("tps00176.csv", sdmx("sex", "T"), "DF_IMM"),
        ("tps00176.csv", sdmx("sex,age", "T,TOTAL"), "DF_IMM"),
        ("tps00177.csv", sdmx("citizen,sex", "TOTAL,T"), "DF_EMI"),
        ("immigration.csv", sdmx("sex,age", "T,TOTAL", flag="b"), "DF_IMM"),
        ("immigration.csv", sdmx("sex,age", "T,TOTAL", flag="p"), "DF_IMM"),
        ("immigration.csv", sdmx("sex,age", "T,TOTAL", flag="e"), "DF_IMM"),
        ("immigration.csv", sdmx("agedef,age,sex", "COMPLET,TOTAL,T"), "DF_IMM"),
        ("immigration.csv", sdmx("agedef,age,sex", "REACH,TOTAL,T"), "DF_IMM"),
        ("migr_resfirst.csv", sdmx("reason,citizen", "EDUC,TOTAL", unit="PER"), "DF_PERMIT"),
        ("estat_migr_resvalid.csv", sdmx("reason,citizen", "EDUC,TOTAL", unit="PER"), "DF_PERMIT"),
        ("migr_reschange_2024.csv", sdmx("reason,citizen", "TOTAL,TOTAL", unit="PER"), "DF_PERMIT"),
        ("eu_tps00024.csv", sdmx("agedef,age,sex", "COMPLET,TOTAL,T"), "DF_CITIZENSHIP"),
        ("migr_eipre.csv", sdmx("citizen,age,sex", "TOTAL,TOTAL,T", unit="PER"), "DF_IRREGULAR"),
        ("migr_eiord.csv", sdmx("citizen,age,sex", "TOTAL,TOTAL,T", unit="PER"), "DF_RETURN"),
        ("migr_asypenctzm.csv", sdmx("citizen,age,sex", "TOTAL,TOTAL,T", unit="PER"), "DF_PROTECTION"),
        ("migr_asydcfina.csv", sdmx("citizen,age,sex", "TOTAL,TOTAL,T", unit="PER"), "DF_PROTECTION"),
    ],
)
@pytest.mark.sampled(4)
def test_codes_of_the_agency_are_certain_below_its_heads(name: str, text: str, flow: str) -> None:
    assert reasons(tried(name, text, flow)) == []


@cases_from("conversion/cases/agency_table_name_gives_the_counted_item.csv", code=listed)
def test_agency_table_name_gives_the_counted_item(name: str, code: tuple[str, str]) -> None:
    (block,) = tried(name, sdmx("reason,citizen", "EDUC,TOTAL", unit="PER"), "DF_PERMIT").proposal.mapping.blocks
    assert code in block.fixed


NATIONAL = "freq,{head},measure,country,TIME_PERIOD,OBS_VALUE,remarks"


@pytest.mark.parametrize(
    ("name", "text", "flow", "about"),
    [
        ("immigration.csv", sdmx("sex", "T", heads=NATIONAL), "DF_IMM", "fixed SEX: "),
        ("immigration.csv", sdmx("sex,group", "T,TOTAL", heads=NATIONAL), "DF_IMM", "fixed SEX: "),
        ("immigration.csv", sdmx("sex,age", "X,TOTAL"), "DF_IMM", "fixed SEX: "),
        ("immigration.csv", sdmx("sex,age", "T,TOTAL", unit="HH"), "DF_IMM", "fixed UNIT_MEASURE: "),
        ("migr_resfirst.csv", sdmx("reason,citizen", "HUMAN,TOTAL", unit="PER"), "DF_PERMIT", "fixed REASON: "),
        ("migr_resfirst.csv", sdmx("reason,citizen", "EDUC,TOTAL", heads=NATIONAL), "DF_PERMIT", "title: EDUC"),
        ("permits.csv", sdmx("reason,citizen", "EDUC,TOTAL", unit="PER"), "DF_PERMIT", "fixed ADM_ITEM: "),
        ("migr_resfirst_migr_resvalid.csv", sdmx("reason,citizen", "EDUC,TOTAL"), "DF_PERMIT", "fixed ADM_ITEM: "),
        ("migr_resxyz.csv", sdmx("reason,citizen", "EDUC,TOTAL", unit="PER"), "DF_PERMIT", "fixed ADM_ITEM: "),
        ("migr_asydcfsta_fina.csv", sdmx("citizen,sex,age", "TOTAL,M,TOTAL"), "DF_CITIZENSHIP", "fixed CTZ_ITEM: "),
        (
            "immigration.tsv",
            tabbed("agedef,age,unit,sex,geo", ["COMPLET,TOTAL,NR,T", "REACH,TOTAL,NR,T"], other=5),
            "DF_IMM",
            "line column 1 part 1: agedef: COMPLET, REACH",
        ),
        (
            "immigration.tsv",
            tabbed("agedef,age,unit,sex,geo", ["COMPLET,TOTAL,NR,T", "REACH,TOTAL,NR,T"]),
            "DF_IMM",
            "line column 1 part 1: agedef: COMPLET, REACH",
        ),
        (
            "immigration.tsv",
            tabbed("agedef,age,unit,sex,geo", ["COMPLET,TOTAL,NR,T", "AGE3,TOTAL,NR,T"]),
            "DF_IMM",
            "line column 1 part 1: agedef: COMPLET, AGE3",
        ),
        (
            "immigration.tsv",
            tabbed("residence,age,unit,sex,geo", ["USUAL,TOTAL,NR,T", "LEGAL,TOTAL,NR,T"]),
            "DF_IMM",
            "line column 1 part 1: residence: USUAL, LEGAL",
        ),
    ],
)
@pytest.mark.sampled(4)
def test_label_that_is_not_an_agency_code_is_asked_about(name: str, text: str, flow: str, about: str) -> None:
    assert about in reasons(tried(name, text, flow))
