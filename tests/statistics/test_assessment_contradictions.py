"""Each contradiction between answers and data, or between answers, is listed once and traced to its cells."""

from __future__ import annotations

import pytest
from made_findings import finding_at
from small_country import assessed, dataset

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import render_statement

YEARS = ("2022", "2023")


POPULATION = dataset(
    "DF_POP",
    *({"TIME_PERIOD": year, "OBS_VALUE": "1000"} for year in ("2022", "2023", "2024")),
    {"TIME_PERIOD": "2024", "OBS_VALUE": "80", "BIRTH_STATUS": "FB"},
    {"TIME_PERIOD": "2024", "OBS_VALUE": "5", "BIRTH_STATUS": "_U"},
    REF_DATE="D0101",
    RES_RULE="R12",
)
IMMIGRATION = dataset(
    "DF_IMM",
    *({"TIME_PERIOD": year, "OBS_VALUE": "40", "SRC_TYPE": "BOR", "OBS_STATUS": "B"} for year in YEARS),
    *({"TIME_PERIOD": year, "OBS_VALUE": "25", "SEX": "F"} for year in YEARS),
    RES_RULE="OTH",
)
EMIGRATION = dataset("DF_EMI", {"TIME_PERIOD": "2023", "OBS_VALUE": "30"}, RES_RULE="R12")
TROUBLE = finding_at(Place("tables.xlsx", "DF_POP", cell="A1"), "Two values", rule="MIG-1-007", flow="DF_POP")


PLANTED = {
    # What the data show of the country
    "shown": ('items.C01.answer = "0"', "_Z", "C01"),
    "attribute": ('items.B05.answer = "3"', "_Z", "B05"),
    "same": ('items.B07.answer = "3"', "_Z", "B07"),
    "code": ('items.J08.answer = "N"', "_Z", "J08"),
    "source": ('items.H06.answer = "N"', "_Z", "H06"),
    "unknown": ('items.J04.answer = "N"', "_Z", "J04"),
    "findings": ('items.J05.answer = "Y"', "_Z", "J05"),
    # What the data give for an indicator
    "values": ('indicators.EMI_RATE.L01.answer = "0"', "EMI_RATE", "L01"),
    "infeasible": ('indicators.IMM_RATE.L06.answer = "F0"', "IMM_RATE", "L06"),
    "topics": ('indicators.IMM_RATE.L02.answer = "NONE"', "IMM_RATE", "L02"),
    "delay": ('indicators.IMM_RATE.L04.answer = "M_GT24"', "IMM_RATE", "L04"),
    # What other answers say: a rule of profiles
    # What the schedule shows: LEAD_AGENCY (A02) comes before WORKING_GROUP (A03) and takes until March.
    "dates": (
        'items.A02.answer = "N"\nitems.A03.answer = "N"\nactions.WORKING_GROUP.R08.practice.en = "2025-02"',
        "WORKING_GROUP",
        "R08",
    ),
    "answers": (
        'indicators.CTZ_ACQ_RATE.L01.answer = "1"\nindicators.CTZ_ACQ_RATE.L06.answer = "F4"',
        "CTZ_ACQ_RATE",
        "L06",
    ),
}


@pytest.fixture(scope="module")
def all_planted() -> Assessment:
    answers = "\n".join(text for text, _, _ in PLANTED.values())
    return assessed(answers, POPULATION, IMMIGRATION, EMIGRATION, findings=Findings((TROUBLE,)))


def test_exactly_the_planted_contradictions_are_listed(all_planted: Assessment) -> None:
    listed = sorted((contradiction.subject, contradiction.item) for contradiction in all_planted.contradictions)
    assert listed == sorted((subject, item) for _, subject, item in PLANTED.values())


def said(assessment: Assessment, item: str) -> str:
    return next(
        render_statement(contradiction.sentence, assessment.sentences)
        for contradiction in assessment.contradictions
        if contradiction.item == item
    )


BIRTH_STATUS = "Resident population by birth and citizenship status"
SAID = {
    "shown": ("“No source”", f"{BIRTH_STATUS} for 2024", "DF_POP 2024"),
    "attribute": ("“Aligned”", "Immigration say “Other rule”", "DF_IMM 2023"),
    "same": ("“Aligned”", "Emigration differ: “Other rule, At least", "DF_POP 2024, DF_IMM 2023, DF_EMI 2023"),
    "code": ("“No”", "Immigration say “Time series break”", "DF_IMM 2023"),
    "source": ("“No”", "Immigration say “Border and passenger records", "DF_IMM 2023"),
    "unknown": ("“No”", f"{BIRTH_STATUS} show persons of unknown Birth status", "DF_POP 2024"),
    "findings": ("“Yes”", "No observation is reported with different values", "DF_POP"),
    "values": ("“No source”", "the data give values for 2023", "DF_EMI 2023, DF_POP 2023, DF_POP 2024"),
    "infeasible": ("Not feasible", "the data give values for 2022–2023", "DF_IMM 2023, DF_POP 2023, DF_POP 2024"),
    "dates": ("it begins in 2025-02", "would last until 2025-03", "LEAD_AGENCY 2025-03"),
    "topics": ("“None”", "the data show 1 of 5 primary topics: Sex", "DF_IMM 2023, DF_POP 2023, DF_POP 2024"),
    "delay": ("the profile of 2024", "there is already a value for 2023", "DF_IMM 2023, DF_POP 2023, DF_POP 2024"),
    "answers": ("CTZ_ACQ_RATE L06 = F4", "CTZ_ACQ_RATE L01 = 1", "ITEM=L06, SUBJECT=CTZ_ACQ_RATE"),
}
"""What the sentence on each says of the answer and of the data, and the keys of what speaks against the answer."""


@pytest.mark.parametrize("kind", SAID)
def test_contradiction_names_answer_data_and_evidence(kind: str, all_planted: Assessment) -> None:
    given, subject, item = PLANTED[kind]
    one = next(c for c in all_planted.contradictions if (c.subject, c.item) == (subject, item))
    assert given.endswith(f'"{one.answer}"')
    assert one.places
    for language in ("en", "fr", "es", "ar", "ru", "zh"):
        assert all_planted.sentences[one.sentence.id].has(language)
        assert "{" not in render_statement(one.sentence, all_planted.sentences, language)
    sentence = render_statement(one.sentence, all_planted.sentences)
    answer, data, evidence = SAID[kind]
    assert answer in sentence
    assert data in sentence
    assert ", ".join(one.evidence) == evidence


def test_figures_of_several_years_are_named_by_range() -> None:
    rows = ({"TIME_PERIOD": year, "OBS_VALUE": "80", "BIRTH_STATUS": "FB"} for year in ("2022", "2019", "2020"))
    assessment = assessed(PLANTED["shown"][0], dataset("DF_POP", *rows))
    assert said(assessment, "C01").endswith(
        "figures of Resident population by birth and citizenship status for 2019–2022."
    )
    assert [contradiction.evidence for contradiction in assessment.contradictions] == [("DF_POP 2022",)]


def test_contradiction_names_cells_of_its_latest_figures(all_planted: Assessment) -> None:
    places: dict[str, list[str]] = {}
    for contradiction in all_planted.contradictions:
        places.setdefault(contradiction.item, []).extend(str(place) for place in contradiction.places)
    assert places["C01"] == ["tables.xlsx › DF_POP › A4"]
    assert "tables.xlsx › DF_EMI › A1" in places["L01"]
    assert "profile.toml › indicators.CTZ_ACQ_RATE.L06" in "; ".join(places["L06"])
    assert places["J05"] == ["tables.xlsx › DF_POP › A1"]


def test_answers_confirmed_by_data_are_not_contradictions() -> None:
    true = """
    items.C01.answer = "4"
    items.B05.answer = "1"
    items.B07.answer = "1"
    items.J08.answer = "Y"
    items.H06.answer = "Y"
    items.J04.answer = "Y"
    items.J05.answer = "N"
    indicators.IMM_RATE.L01.answer = "3"
    indicators.IMM_RATE.L02.answer = "SOME"
    indicators.IMM_RATE.L04.answer = "M7T12"
    indicators.IMM_RATE.L06.answer = "F4"
    """
    assessment = assessed(true, POPULATION, IMMIGRATION, EMIGRATION, findings=Findings((TROUBLE,)))
    assert assessment.contradictions == ()


def test_missing_data_do_not_contradict_an_answer() -> None:
    claims = [text for kind, (text, _, _) in PLANTED.items() if kind not in ("answers", "dates")]
    assert assessed("\n".join(claims)).contradictions == ()


def test_value_of_assessed_year_does_not_contradict_delay() -> None:
    late = assessed('indicators.IMM_RATE.L04.answer = "M7T12"', POPULATION, IMMIGRATION, findings=Findings((TROUBLE,)))
    assert late.contradictions == ()


def test_topic_is_shown_if_its_indicator_is_broken_down() -> None:
    everybody = dataset(
        "DF_POP",
        {"TIME_PERIOD": "2024", "OBS_VALUE": "9"},
        {"TIME_PERIOD": "2024", "OBS_VALUE": "5", "SEX": "F"},
        {"TIME_PERIOD": "2024", "OBS_VALUE": "1", "BIRTH_STATUS": "FB"},
        {"TIME_PERIOD": "2024", "OBS_VALUE": "1", "BIRTH_STATUS": "FB", "C_BIRTH": "AM", "AGE": "Y_GE65"},
        REF_DATE="D0101",
    )
    share = next(indicator for indicator in assessed("", everybody).indicators if indicator.indicator.id == "MIG_SHARE")
    # Residents are divided by sex, but not those born abroad; these are by country of birth and age together.
    assert share.topics == (("AGE", True), ("SEX", False), ("C_BIRTH", True), ("C_CITIZEN", False))


TOPICS = {"SEX": "F", "AGE": "Y_GE65", "C_BIRTH": "AM", "C_CITIZEN": "AM", "C_RESIDENCE": "AM"}


@pytest.mark.parametrize(
    ("count", "contradicted"),
    [
        *(pytest.param(count, told, marks=pytest.mark.long) for count, told in ((1, "NONE"), (4, "SOME NONE"))),
        *((2, "NONE"), (3, "SOME NONE"), (5, "MOST SOME NONE")),
    ],
)
def test_half_of_the_topics_count_as_most(count: int, contradicted: str) -> None:
    divided = ({"TIME_PERIOD": "2023", "OBS_VALUE": "5", topic: TOPICS[topic]} for topic in list(TOPICS)[:count])
    flows = dataset("DF_IMM", {"TIME_PERIOD": "2023", "OBS_VALUE": "40"}, *divided, RES_RULE="R12")
    for answer in ("ALL", "MOST", "SOME", "NONE"):
        assessment = assessed(f'indicators.IMM_RATE.L02.answer = "{answer}"', POPULATION, flows)
        told_of = [contradiction.item for contradiction in assessment.contradictions if contradiction.item == "L02"]
        assert told_of == ["L02"] * (answer in contradicted.split())
