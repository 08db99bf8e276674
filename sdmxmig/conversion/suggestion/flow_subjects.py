"""Concepts and codes in a dataflow's name and description, and those of all its data."""

from __future__ import annotations

from functools import lru_cache

from sdmxmig.conversion.mapping.block_keys import only_codes
from sdmxmig.conversion.recognition.mentions import mentions_in, words_of
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.suggestion.other_counts import events_of, is_of_events, measures_in
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow

AS_DIMENSION = (
    "SEX",
    "CTZ_STATUS",
    "BIRTH_STATUS",
    "REASON",
    "ADM_ITEM",
    "PROT_ITEM",
    "PROT_STATUS",
    "TMP_ITEM",
    "CTZ_ITEM",
    "MOB_TYPE",
    "CTZ_MODE",
    "DECISION_ACTION",
    "DECISION_STAGE",
)
About = frozenset[tuple[str, str]]
TELLING = frozenset({*AS_DIMENSION, "GROUP", "MEASURE", "DIRECTION", "PLACE", "UNIT", "UNIT_MEASURE"})
DESCRIBED = frozenset({"POP", "BIRTH"})


def is_on_a_day(flow: Flow) -> bool:
    return any(component.id == "REF_DATE" and component.mandatory for component in flow.structure.attributes())


def about_flow(flow: Flow, recogniser: Recogniser) -> About:
    return about_name(flow, recogniser) | _subjects_in(flow.dataflow.description, recogniser)


@lru_cache(maxsize=256)
def about_figures(flow: Flow, recogniser: Recogniser) -> About:
    about = about_flow(flow, recogniser)
    if not is_of_events(flow):
        return about
    named_measures = measures_in(about_name(flow, recogniser))
    own_measures = events_of(flow, measures_in(about) - (DESCRIBED - named_measures if named_measures else frozenset()))
    return frozenset(subject for subject in about if measures_in([subject]) <= own_measures)


@lru_cache(maxsize=256)
def about_name(flow: Flow, recogniser: Recogniser) -> About:
    return _subjects_in(flow.dataflow.name, recogniser) | frozenset(only_codes(flow).items())


@lru_cache(maxsize=512)
def _subjects_in(texts: Text, recogniser: Recogniser) -> About:
    mentions_of_texts = (mentions_in(words_of(text), recogniser.vocabulary)[0] for _, text in texts)
    subjects = {
        (mention.concept, mention.code)
        for mentions in mentions_of_texts
        for mention in mentions
        if mention.concept in TELLING
    }
    return frozenset(subjects)
