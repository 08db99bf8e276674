"""Every indicator with every topic: which dataflow and dimension hold it, and what a small message of both gives."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from folders import ROOT
from reported import dataset
from shipped import CATALOGUE

from sdmxmig.catalogue import load
from sdmxmig.catalogue.indicators import Indicator, TermSelection
from sdmxmig.catalogue.topics import TOPIC, TOPIC_CODE
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.statistics.calculations import CALCULATIONS, optional_terms_of
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.indicator_values import compute, place_of, topic_names

HEADER = Header("T1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))
FORMAT = "sdmx-csv-2.0"
SHIPPED = ROOT
INDICATORS = tuple(CATALOGUE.indicators.values())
STATUSES = ("BIRTH_STATUS", "CTZ_STATUS")
"""Topics that are variants of an indicator."""

# Where a topic stands, if not under its own name in the dataflow of the first term that it divides.
ELSEWHERE = """
MIG_SHARE DUR_STAY: DF_POP_TOPIC.DUR_STAY
MIG_SHARE EDUCATION_LEV: DF_POP_TOPIC.EDUCATION_LEV
MIG_SHARE LF_STATUS: DF_POP_TOPIC.LF_STATUS
MIG_SHARE RES_LOCATION: DF_POP_TOPIC.REGION
EMI_STOCK_RATIO C_RESIDENCE: DF_EMISTOCK.COUNTERPART_AREA
EMI_STOCK_RATIO DUR_ABROAD: DF_IND_TERM.TOPIC=DUR_ABROAD
EMI_STOCK_RATIO EDUCATION_LEV: DF_IND_TERM.TOPIC=EDUCATION_LEV
EMI_STOCK_RATIO LF_STATUS: DF_IND_TERM.TOPIC=LF_STATUS
IMM_RATE REASON: DF_IMM_TOPIC.REASON
IMM_RATE EDUCATION_LEV: DF_IMM_TOPIC.EDUCATION_LEV
IMM_RATE LF_STATUS: DF_IMM_TOPIC.LF_STATUS
EMI_RATE REASON: DF_EMI_TOPIC.REASON
EMI_RATE EDUCATION_LEV: DF_EMI_TOPIC.EDUCATION_LEV
EMI_RATE LF_STATUS: DF_EMI_TOPIC.LF_STATUS
NET_RATE REGION: DF_IMM_TOPIC.REGION
RETURN_SHARE DUR_ABROAD: DF_IND_TERM.TOPIC=DUR_ABROAD
RETURN_SHARE RETURN_REASON: DF_IMM_TOPIC.REASON
TMP_POP_RATIO PURPOSE: DF_TEMPMOB.MOB_TYPE
TMP_POP_RATIO DUR_STAY: DF_TEMPMOB.STAY_DUR
TMP_INFLOW PURPOSE: DF_TEMPMOB.MOB_TYPE
TMP_INFLOW MEANS_ENTRY: DF_IND_TERM.TOPIC=MEANS_ENTRY
TMP_OUTFLOW PURPOSE: DF_TEMPMOB.MOB_TYPE
TMP_OUTFLOW C_DESTINATION: DF_TEMPMOB.C_RESIDENCE
TMP_OUTFLOW DUR_ABROAD: DF_TEMPMOB.STAY_DUR
IRR_CROSS ROUTE: DF_IND_TERM.TOPIC=ROUTE
IRR_CROSS ACCOMPANIED: DF_IND_TERM.TOPIC=ACCOMPANIED
OVERSTAY BORDER_POINT: DF_IND_TERM.TOPIC=BORDER_POINT
OVERSTAY OVERSTAY_DUR: DF_IND_TERM.TOPIC=OVERSTAY_DUR
OVERSTAY C_VISA: DF_IND_TERM.TOPIC=C_VISA
DEATHS_MISSING AREA_INCIDENT: DF_IND_TERM.TOPIC=AREA_INCIDENT
DEATHS_MISSING ROUTE: DF_IND_TERM.TOPIC=ROUTE
DEATHS_MISSING DEATH_CAUSE: DF_IND_TERM.TOPIC=DEATH_CAUSE
IRR_STOCK_SHARE EST_METHOD: DF_IND_TERM.TOPIC=EST_METHOD
SMUGGLED ROUTE: DF_IND_TERM.TOPIC=ROUTE
DETAINED DETENTION_DUR: DF_IND_TERM.TOPIC=DETENTION_DUR
UAM_DETECTED PROCEDURE: DF_IND_TERM.TOPIC=PROCEDURE
LEARNING_PROFICIENCY SCHOOL_STAGE: DF_IND_TERM.TOPIC=SCHOOL_STAGE
LEARNING_PROFICIENCY SCHOOL_SUBJECT: DF_IND_TERM.TOPIC=SCHOOL_SUBJECT
LEARNING_PROFICIENCY TEST_LANGUAGE: DF_IND_TERM.TOPIC=TEST_LANGUAGE
POV_50_MEDIAN LF_STATUS: DF_IND_TERM.TOPIC=LF_STATUS
POV_50_MEDIAN URBANISATION: DF_IND_TERM.TOPIC=URBANISATION
POV_50_MEDIAN PROT_STATUS: DF_IND_TERM.TOPIC=PROT_STATUS
POV_NATIONAL LF_STATUS: DF_IND_TERM.TOPIC=LF_STATUS
POV_NATIONAL URBANISATION: DF_IND_TERM.TOPIC=URBANISATION
POV_NATIONAL PROT_STATUS: DF_IND_TERM.TOPIC=PROT_STATUS
INADEQUATE_HOUSING LF_STATUS: DF_IND_TERM.TOPIC=LF_STATUS
INADEQUATE_HOUSING HEAD_STATUS: DF_IND_TERM.TOPIC=HEAD_STATUS
INADEQUATE_HOUSING PROT_STATUS: DF_IND_TERM.TOPIC=PROT_STATUS
LITERACY_NUMERACY LF_STATUS: DF_IND_TERM.TOPIC=LF_STATUS
LITERACY_NUMERACY URBANISATION: DF_IND_TERM.TOPIC=URBANISATION
LITERACY_NUMERACY SKILL: DF_IND_TERM.TOPIC=SKILL
CTZ_ACQ_RATE C_CITIZEN: DF_CITIZENSHIP.C_FORMER
CTZ_ACQ_RATE RES_YEARS: DF_IND_TERM.TOPIC=RES_YEARS
LANGUAGE_PROFICIENCY DUR_STAY: DF_IND_TERM.TOPIC=DUR_STAY
OVERCROWDING TENURE: DF_IND_TERM.TOPIC=TENURE
UNEMPLOYMENT_RATE EDUCATION_LEV: DF_IND_TERM.TOPIC=EDUCATION_LEV
UNEMPLOYMENT_RATE DUR_STAY: DF_IND_TERM.TOPIC=DUR_STAY
HOURLY_EARNINGS OCCUPATION: DF_IND_TERM.TOPIC=OCCUPATION
WORK_INJURIES INJURY_OUTCOME: DF_IND_TERM.TOPIC=INJURY_OUTCOME
WORK_INJURIES ACTIVITY: DF_IND_TERM.TOPIC=ACTIVITY
WORK_INJURIES OCCUPATION: DF_IND_TERM.TOPIC=OCCUPATION
RECRUITMENT_COST C_DESTINATION: DF_IND_TERM.COUNTERPART_AREA
RECRUITMENT_COST EDUCATION_LEV: DF_IND_TERM.TOPIC=EDUCATION_LEV
RECRUITMENT_COST OCCUPATION: DF_IND_TERM.TOPIC=OCCUPATION
RECRUITMENT_COST C_ORIGIN: DF_IND_TERM.TOPIC=C_ORIGIN
LF_PARTICIPATION EDUCATION_LEV: DF_IND_TERM.TOPIC=EDUCATION_LEV
LF_PARTICIPATION DUR_STAY: DF_IND_TERM.TOPIC=DUR_STAY
EMPLOYMENT_RATIO EDUCATION_LEV: DF_IND_TERM.TOPIC=EDUCATION_LEV
EMPLOYMENT_RATIO DUR_STAY: DF_IND_TERM.TOPIC=DUR_STAY
INFORMAL_EMPLOYMENT ACTIVITY: DF_IND_TERM.TOPIC=ACTIVITY
REMITTANCE_COST C_DESTINATION: DF_INDICATOR.COUNTERPART_AREA
REMITTANCE_COST PROVIDER: DF_INDICATOR.TOPIC=PROVIDER
REMITTANCE_COST INSTRUMENT: DF_INDICATOR.TOPIC=INSTRUMENT
OVERQUALIFICATION C_QUALIFICATION: DF_IND_TERM.TOPIC=C_QUALIFICATION
DISCRIMINATION DISCR_GROUND: DF_IND_TERM.TOPIC=DISCR_GROUND
VIOLENCE_VICTIMS VIOLENCE_KIND: DF_IND_TERM.TOPIC=VIOLENCE_KIND
TRAFFICKING_VICTIMS EXPLOITATION: DF_IND_TERM.TOPIC=EXPLOITATION
PARTNER_VIOLENCE VIOLENCE_FORM: DF_IND_TERM.TOPIC=VIOLENCE_FORM
SAFE_WALKING DAYLIGHT: DF_IND_TERM.TOPIC=DAYLIGHT
VIOLENCE_REPORTED VIOLENCE_KIND: DF_IND_TERM.TOPIC=VIOLENCE_KIND
DISPUTE_RESOLUTION MECHANISM: DF_IND_TERM.TOPIC=MECHANISM
EARLY_MARRIAGE AGE_MARRIED: DF_IND_TERM.TOPIC=AGE_MARRIED
"""
CODES = {"SEX": "F", "AGE": "Y15T24", "PURPOSE": "TMP_EDU", "BORDER_POINT": "Sarpi", "AREA_INCIDENT": "IT"}
"""The code of a topic in the messages; else the first of its list, and for countries Ukraine."""
SAID = {
    "DF_EMISTOCK": {"ID_CRITERION": "CBR", "REPORTED_BY": "PARTNER"},
    "DF_IMM_TOPIC": {"DIRECTION": "I"},
    "DF_EMI_TOPIC": {"DIRECTION": "E"},
    "DF_POP_TOPIC": {"POP_BASE": "RES"},
    "DF_CITIZENSHIP": {"CTZ_ITEM": "ACQ"},
}
"""What data of a dataflow say where it has no total."""

WHOLE = {"outflow": 80, "denominator": 1000, "population": 1000}
PART = {"outflow": 6, "denominator": 120, "population": 120}
"""The figures of the messages by term: everybody and the part; other terms are 200 and 30."""
# By calculation: of everybody, of a part of numerator and denominator, of a part of the numerator only.
EXPECTED = {
    "share": ("20", "25", "3"),  # 200 / 1000, 30 / 120, 30 / 1000
    "share_of_start": ("20", "25", "3"),
    "ratio": ("0.2", "0.25", "0.03"),
    "rate": ("200", "250", "30"),
    "per_1000": ("200", "250", "30"),
    "per_100000": ("20000", "25000", "3000"),
    "net_rate": ("120", "200", "24"),  # (200 - 80) / 1000, (30 - 6) / 120, (30 - 6) / 1000
    "count": ("200", "30", "30"),
    "published": ("200", "30", "30"),
}
LIMIT_EVERY_TERM = {"SEX", "AGE", "EDUCATION_LEV", "LF_STATUS", "REGION", "RES_LOCATION"}


def elsewhere() -> dict[tuple[str, str], str]:
    lines = (line.split(": ") for line in ELSEWHERE.strip().splitlines())
    return {(subject.split()[0], subject.split()[1]): place for subject, place in lines}


def needed_terms(indicator: Indicator) -> Mapping[str, TermSelection]:
    """The terms of the first variant without those that its calculation can do without."""
    optional_names = optional_terms_of(CALCULATIONS[indicator.calculation])
    return {name: term for name, term in indicator.variants[0].terms.items() if name not in optional_names}


def topics_of(indicator: Indicator) -> list[str]:
    return [t for t in (*indicator.primary_topics, *indicator.secondary_topics) if t not in STATUSES]


@cache
def without_observations() -> Figures:
    """Figures of every dataflow of ours, none of which has any."""
    return Figures([dataset(flow, []) for name, flow in CATALOGUE.flows.items() if name.startswith("DF_")], "GE")


def place_in_words(indicator: Indicator, topic: str, name: str = "") -> str:
    """The dataflow and the dimension, or the topic of the pair, where data hold a term by a topic; empty if nowhere."""
    name = name or indicator.divided[0]
    term = indicator.variants[0].terms[name]
    found = place_of(indicator, (name, term), topic, without_observations())
    if found is None:
        return ""
    place = found[0]
    named = dict(place.selection.codes).get(TOPIC, "")
    assert (place.dimension == TOPIC_CODE) == bool(named)
    return f"{place.selection.flow}.{f'{TOPIC}={named}' if named else place.dimension}"


# --- what can be carried


@pytest.mark.sampled(3)
def test_every_topic_of_every_indicator_is_in_a_dataflow() -> None:
    exceptions = elsewhere()
    found, expected = {}, {}
    for indicator in INDICATORS:
        for topic in topics_of(indicator):
            own = f"{indicator.variants[0].terms[indicator.divided[0]].flow}.{topic}"
            found[indicator.id, topic] = place_in_words(indicator, topic)
            expected[indicator.id, topic] = exceptions.pop((indicator.id, topic), own)
    assert found == expected
    assert exceptions == {}
    assert len(INDICATORS) == 60


def test_every_term_that_a_topic_limits_stands_by_it_too() -> None:
    lacking = {
        (indicator.id, name, topic)
        for indicator in INDICATORS
        for topic in topics_of(indicator)
        for name in needed_terms(indicator)
        if (name in indicator.divided or topic in LIMIT_EVERY_TERM) and not place_in_words(indicator, topic, name)
    }
    assert lacking == set()


def test_the_structure_of_indicators_has_a_dimension_for_every_topic() -> None:
    flow, topics = CATALOGUE.flow("DF_INDICATOR"), CATALOGUE.item_scheme("CL_TOPIC")
    named = {topic for indicator in INDICATORS for topic in (*indicator.primary_topics, *indicator.secondary_topics)}
    aliases = INDICATORS[0].topics
    own = {topic for topic in named if aliases.dimension("DF_INDICATOR", topic) in flow.structure.key}
    assert named - own <= set(topics.ids)
    assert own & set(topics.ids) == set()  # a topic has one place
    assert own == {*STATUSES, "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "C_DESTINATION"}
    assert set(topics.ids) - named == {"_T"}


def test_other_names_of_topics_are_dimensions_of_their_dataflow() -> None:
    declared = tomllib.loads((SHIPPED / "structures" / "topics.toml").read_text(encoding="utf-8"))
    topics = INDICATORS[0].topics
    assert topics.aliases == declared["alias"]
    assert {
        flow: {other: dict(codes) for other, codes in further.items()} for flow, further in topics.further.items()
    } == (declared["further"])


def test_an_older_release_of_a_structure_has_no_names_that_it_lacks(tmp_path: Path) -> None:
    own = tmp_path / "structures" / "dsd"
    own.mkdir(parents=True)
    text = (SHIPPED / "structures" / "dsd" / "DSD_IND_TERM.toml").read_text(encoding="utf-8")
    (own / "DSD_IND_TERM.toml").write_text(
        text.replace('[[dimension]]\nid = "COUNTERPART_AREA"\n', ""), encoding="utf-8"
    )
    assert load(tmp_path).indicators["OVERSTAY"].topics.aliases["DF_IND_TERM"] == {}


def test_method_attributes_travel_with_a_value() -> None:
    attributes = CATALOGUE.flow("DF_INDICATOR").structure.attributes("observation")
    assert {attribute.id for attribute in attributes} >= {"RES_RULE", "REF_DATE", "SOURCE_DETAIL", "CONF_STATUS"}


# --- what a message gives


def code_of(topic: str, place: str) -> str:
    """The code of a topic in the messages."""
    flow_id, dimension = place.split(".")
    listed = INDICATORS[0].topics.listed
    codelist = listed[topic] if dimension.startswith(TOPIC) else CATALOGUE.flow(flow_id).codelist(dimension)
    if topic in CODES:
        code = CODES[topic]
    elif codelist is None:
        code = "C1"
    else:
        code = "UA" if "UA" in codelist.ids else next(item for item in codelist.ids if not item.startswith("_"))
    assert codelist is None or code in codelist
    return code


def rows(indicator: Indicator, topic: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    """The observations of a message: all terms of the first variant, and those of a part, each with its dataflow."""
    for name, term in needed_terms(indicator).items():
        places: list[tuple[str, Mapping[str, str], Mapping[str, int]]] = [(term.flow, dict(term.codes), WHOLE)]
        if topic and (name in indicator.divided or topic in LIMIT_EVERY_TERM):
            place = place_in_words(indicator, topic, name)
            flow_id, dimension = place.split(".")
            key = CATALOGUE.flow(flow_id).structure.key
            codes = {dimension: code for dimension, code in term.codes if dimension in key}
            if flow_id == "DF_IND_TERM":
                codes |= {"INDICATOR": indicator.id, "IND_TERM": "DEN" if name == "denominator" else "NUM"}
            if flow_id not in (term.flow, "DF_IND_TERM"):
                places.append((flow_id, dict(codes), WHOLE))
            of_topic = {TOPIC: topic, TOPIC_CODE: code_of(topic, place)}
            codes |= of_topic if dimension.startswith(TOPIC) else {dimension: code_of(topic, place)}
            places.append((flow_id, codes, PART))
        for flow_id, codes, amounts in places:
            value = str(amounts.get(name, 200 if amounts is WHOLE else 30))
            for period in ("2022", "2023") if name == "population" else ("2022",):
                yield flow_id, {**SAID.get(flow_id, {}), **codes, "TIME_PERIOD": period, "OBS_VALUE": value}


def message(indicator: Indicator, topic: str = "") -> list[Dataset]:
    """The observations of an indicator, written as a message and read again."""
    by_flow: dict[str, dict[tuple[tuple[str, str], ...], Mapping[str, str]]] = {}
    for flow_id, row in rows(indicator, topic):
        by_flow.setdefault(flow_id, {})[tuple(sorted(row.items()))] = row
    made = [dataset(CATALOGUE.flows[name], [dict(row) for row in rows.values()]) for name, rows in by_flow.items()]
    return list(read_all(FORMATS[FORMAT], "message.csv", data_bytes(FORMATS[FORMAT], made, HEADER), CATALOGUE.flows))


@pytest.mark.sampled(4)
@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.id)
def test_an_indicator_is_computed_with_each_of_its_topics(indicator: Indicator) -> None:
    whole, both_parts, one_part = (Decimal(text) for text in EXPECTED[indicator.calculation])
    variant = indicator.variants[0].id
    for topic in topics_of(indicator):
        computed = compute(indicator, message(indicator, topic), "GE")
        place = place_in_words(indicator, topic)
        every = topic in LIMIT_EVERY_TERM or set(indicator.divided) == set(needed_terms(indicator))
        parts = {
            (part.codes, part.value)
            for part in (*computed.parts, *computed.further)
            if part.variant == variant and part.period == "2022"
        }
        assert parts == {(((topic, code_of(topic, place)),), both_parts if every else one_part)}, topic
        values = {value.variant: value.value for value in computed.values if value.period == "2022"}
        assert values[variant] == whole, topic
        assert topic not in dict(computed.undivided)


def test_codes_of_topics_have_the_names_of_their_lists() -> None:
    topics = CATALOGUE.topics
    cases = (("EMI_STOCK_RATIO", "C_RESIDENCE"), ("TMP_INFLOW", "PURPOSE"), ("DEATHS_MISSING", "AREA_INCIDENT"))
    names: dict[str, str] = {}
    for name, topic in cases:
        datasets = message(CATALOGUE.indicators[name], topic)
        parts = compute(CATALOGUE.indicators[name], datasets, "GE").parts
        names |= {code: str(text) for code, text in topic_names(parts, datasets, topics).items()}
    assert names == {
        "C_RESIDENCE.UA": "Ukraine",
        "PURPOSE.TMP_EDU": "Temporary mobility for education or training",
        "AREA_INCIDENT.IT": "Italy",
    }
