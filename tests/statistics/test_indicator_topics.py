"""Every indicator with every topic: which dataflow and dimension hold it, and what a small message of both gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from folders import ROOT, write_files
from reported import dataset
from shipped import CATALOGUE

from sdmxmig.catalogue import load
from sdmxmig.catalogue.indicators import Indicator, TermSelection
from sdmxmig.catalogue.topics import TOPIC, TOPIC_CODE
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.statistics.calculations import CALCULATIONS, list_optional_terms
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.indicator_values import choose_topic_place, compute, index_topic_names

HEADER = Header("T1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))
FORMAT = "sdmx-csv-2.0"
SHIPPED = ROOT
INDICATORS = tuple(CATALOGUE.indicators.values())
STATUSES = ("BIRTH_STATUS", "CTZ_STATUS")
"""Topics that are variants of an indicator."""

PLACES = {
    ("IMM_RATE", "SEX"): "DF_IMM.SEX",
    ("IMM_RATE", "REASON"): "DF_IMM_TOPIC.REASON",
    ("MIG_SHARE", "RES_LOCATION"): "DF_POP_TOPIC.REGION",
    ("EMI_STOCK_RATIO", "C_RESIDENCE"): "DF_EMISTOCK.COUNTERPART_AREA",
    ("EMI_STOCK_RATIO", "LF_STATUS"): "DF_IND_TERM.TOPIC=LF_STATUS",
    ("TMP_OUTFLOW", "C_DESTINATION"): "DF_TEMPMOB.C_RESIDENCE",
    ("RECRUITMENT_COST", "C_DESTINATION"): "DF_IND_TERM.COUNTERPART_AREA",
    ("REMITTANCE_COST", "PROVIDER"): "DF_INDICATOR.TOPIC=PROVIDER",
}
"""One topic of each kind of place: a dimension of the dataflow, of another one, of another name, or a pair."""
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


def needed_terms(indicator: Indicator) -> Mapping[str, TermSelection]:
    """The terms of the first variant without those that its calculation can do without."""
    optional_names = list_optional_terms(CALCULATIONS[indicator.calculation])
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
    found = choose_topic_place(indicator, (name, term), topic, without_observations())
    if found is None:
        return ""
    place = found[0]
    named = dict(place.selection.codes).get(TOPIC, "")
    assert (place.dimension == TOPIC_CODE) == bool(named)
    return f"{place.selection.flow}.{f'{TOPIC}={named}' if named else place.dimension}"


# --- what can be carried


@pytest.mark.parametrize(("subject", "place"), PLACES.items(), ids=map("-".join, PLACES))
def test_place_of_a_topic_in_the_data_is_found(subject: tuple[str, str], place: str) -> None:
    assert place_in_words(CATALOGUE.indicators[subject[0]], subject[1]) == place


def test_every_term_needed_by_a_topic_has_its_dimension() -> None:
    lacking = {
        (indicator.id, name, topic)
        for indicator in INDICATORS
        for topic in topics_of(indicator)
        for name in needed_terms(indicator)
        if (name in indicator.divided or topic in LIMIT_EVERY_TERM) and not place_in_words(indicator, topic, name)
    }
    assert lacking == set()


def test_indicator_structure_has_dimension_for_every_topic() -> None:
    flow, topics = CATALOGUE.flow("DF_INDICATOR"), CATALOGUE.item_scheme("CL_TOPIC")
    named = {topic for indicator in INDICATORS for topic in (*indicator.primary_topics, *indicator.secondary_topics)}
    aliases = INDICATORS[0].topics
    own = {topic for topic in named if aliases.dimension("DF_INDICATOR", topic) in flow.structure.key}
    assert named - own <= set(topics.ids)
    assert own & set(topics.ids) == set()  # a topic has one place
    assert own == {*STATUSES, "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "C_DESTINATION"}
    assert set(topics.ids) - named == {"_T"}


def test_older_structure_omits_names_of_missing_dimensions(tmp_path: Path) -> None:
    name = "structures/dsd/DSD_IND_TERM.toml"
    text = (SHIPPED / name).read_text(encoding="utf-8")
    write_files(tmp_path, {name: text.replace('[[dimension]]\nid = "COUNTERPART_AREA"\n', "")})
    assert load(tmp_path).indicators["OVERSTAY"].topics.aliases["DF_IND_TERM"] == {}


def test_method_attributes_are_kept_with_the_value() -> None:
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
def test_indicator_is_computed_for_each_of_its_topics(indicator: Indicator) -> None:
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


def test_codes_of_topics_are_named_as_in_their_lists() -> None:
    topics = CATALOGUE.topics
    cases = (("EMI_STOCK_RATIO", "C_RESIDENCE"), ("TMP_INFLOW", "PURPOSE"), ("DEATHS_MISSING", "AREA_INCIDENT"))
    names: dict[str, str] = {}
    for name, topic in cases:
        datasets = message(CATALOGUE.indicators[name], topic)
        parts = compute(CATALOGUE.indicators[name], datasets, "GE").parts
        names |= {code: str(text) for code, text in index_topic_names(parts, datasets, topics).items()}
    assert names == {
        "C_RESIDENCE.UA": "Ukraine",
        "PURPOSE.TMP_EDU": "Temporary mobility for education or training",
        "AREA_INCIDENT.IT": "Italy",
    }
