"""Labels with codes of several components, such as “foreign men”, and codes of a component that a label does not name.

All words must be known. Ages of minors and adults come from labels, titles or notes, or are asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.conversion.mapping.block_keys import only_codes
from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.country_wordings import without_of_which
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import LONGEST_PHRASE, Mention, ReadTitle, read_title, words_of
from sdmxmig.conversion.recognition.recogniser import value
from sdmxmig.conversion.recognition.words import component_called
from sdmxmig.conversion.suggestion.assignment import traits_in
from sdmxmig.conversion.suggestion.fixed import DIRECTION, MEASURE, STATUSES
from sdmxmig.conversion.suggestion.fixed import TOTAL as FIXED_TOTAL
from sdmxmig.conversion.suggestion.fixed import words_of as fixed_words
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, codes_of, holds_areas, is_time
from sdmxmig.conversion.suggestion.measures import COUNTED as MEASURES_COUNTED
from sdmxmig.conversion.suggestion.measures import DECIDED, ITEM, ITEMS, JOINTS, OF_DECISIONS
from sdmxmig.conversion.suggestion.words_inside import AGE, SEPARATORS, ages_in, half_ages_in

GROUP, JOINING, PLAIN = "GROUP", "JOINING", "PLAIN"
CLOSED = frozenset({"FREQ", "REF_AREA", "UNIT_MEASURE", "DIRECTION"})
"""Components that labels of groups of people do not give."""
WHOLE = ("ALL", "TOTAL")
"""Concepts of words for the total of the other labels."""
UNINFORMATIVE = frozenset({*WHOLE, "ARTICLE", "NUMBER", "OFWHICH", "WORDING"})
TELLING = frozenset({"MEASURE", "DIRECTION", "GROUP"})
"""Concepts of words that limit figures unless the dataflow has no others."""
NOTHING_MORE = frozenset(
    {("ROLE", "OBS_VALUE"), ("ROLE", "OBS_STATUS"), ("ROLE", "COMMENT"), ("UNIT", "PS"), ("UNIT_MEASURE", "PS")}
    | {("REASON", TOTAL), ("SEX", TOTAL)}
)
SHORT = 3
OF_AGE: Mapping[str, re.Pattern[str]] = {
    "MINORS": re.compile(r"Y0T17"),
    "CHILDREN": re.compile(r"Y0|Y0T1?\d"),
    "ADULTS": re.compile(r"Y_GE(?:1[5-9]|2[01])|Y(?:1[5-9]|2[01])T\d+"),
    "YOUTH": re.compile(r"Y1\dT\d+"),
    "ELDERLY": re.compile(r"Y_GE[5-9]\d"),
    "WORKING_AGE": re.compile(r"Y1\dT\d+"),
}
"""Named age groups, with their possible ages."""
MINORS, ADULTS = "MINORS", "ADULTS"
NOTE = re.compile(r"[\[(]\s*[^\W\d_]{0,4}\.?\s*\d{1,2}\s*[\])]")
RANGE = re.compile(r"(?<=[^\W\d_])([\s,(]+)(\d{1,2}\s?[-–]\s?\d{1,2}|\d{1,2}\s?\+)\s*$")
LISTING = re.compile(r"[,;/&+|·・،؛、，；]|\s[-–—]\s")
"""Separators in labels: “women, children”."""
YOUNG, GROWN_UP = "Y0T17", "Y_GE18"
"""Codes of people under 18, and of others."""
SURE, ASKED = 0.95, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCodes:
    codes: Mapping[str, str]
    is_whole: bool = False
    group: str = ""


def sayable(known: FlowKnowledge, components: Collection[str]) -> tuple[str, ...]:
    closed, flow = {*CLOSED, *only_codes(known.flow), *components}, known.flow
    return tuple(
        name
        for name in flow.structure.key
        if name not in closed and flow.codelist(name) and not (holds_areas(name, flow) or is_time(name, flow))
    )


def read_label(text: str, components: tuple[str, ...], known: FlowKnowledge) -> LabelCodes | None:
    """Find the codes of a label; None if they do not cover it."""
    label = " ".join(JOINTS.sub(" ", NOTE.sub(" ", text)).split())
    is_whole = bool(read_title(label, known.recogniser).of(*WHOLE))
    whole = as_a_value(without_of_which(label, known.vocabulary), components, known)
    if whole:
        return LabelCodes(codes=completed(whole, known))
    ages, without_ages = ages_of(label, known.recogniser) if AGE in components else ((), bare(label))
    word_codes, group = word_by_word(without_ages, components, known) or ({}, "?")
    alone = group if not ages and AGE in components and group in (MINORS, ADULTS) else ""
    if len(ages) > 1 or not is_age_of_group(group, ages) or not codes_of(known.flow, AGE) >= {*ages}:
        return None
    if LISTING.search(text) and len(word_codes) + bool(group) > 1:
        return None  # “women, children under 18” does not mean girls
    codes = {**word_codes, AGE: ages[0]} if ages else word_codes
    return LabelCodes(codes=completed(codes, known), is_whole=is_whole, group=alone)


def word_by_word(text: str, components: Collection[str], known: FlowKnowledge) -> tuple[dict[str, str], str] | None:
    """Find codes word by word, and the age group; None for unknown words."""
    reading = read_title(text, known.recogniser)
    if reading.unexplained or reading.broken_down or has_short_words(reading):
        return None
    codes, groups = set[tuple[str, str]](), set[str]()
    for mentions in by_place(reading):
        place_codes = set(codes_of_mentions(mentions, components, known))
        age_groups = {mention.code for mention in mentions if mention.concept == GROUP} & OF_AGE.keys()
        if len(place_codes) == 1 and not any(mention.negated for mention in mentions):
            codes |= place_codes
        elif len(age_groups) == 1 and not place_codes:
            groups |= age_groups
        elif place_codes or not is_nothing_more(mentions, known):
            return None
    is_clear = len(dict(codes)) == len(codes) and len(groups) <= 1
    return (dict(codes), min(groups, default="")) if is_clear else None


def is_age_of_group(group: str, ages: Sequence[str]) -> bool:
    """Check whether a label's age is possible for its group; children need an age.

    >>> is_age_of_group("MINORS", ["Y0T17"]), is_age_of_group("MINORS", ["Y0T15"]), is_age_of_group("CHILDREN", [])
    (True, False, False)
    """
    if not ages:
        return group in ("", MINORS, ADULTS)
    return not group or (group in OF_AGE and bool(OF_AGE[group].fullmatch(ages[0])))


def as_a_value(label: str, components: Sequence[str], known: FlowKnowledge) -> dict[str, str]:
    """Find the codes of a label as a whole; none if ambiguous.

    Measures such as returns may combine: “enforced returns”.
    """
    code_by_component = {}
    moving = DIRECTION in known.flow.structure.key and bool(read_title(label, known.recogniser).of(DIRECTION, MEASURE))
    for name in components if not moving else [component for component in components if component not in STATUSES]:
        candidates = value(label, name, known.vocabulary)
        codes = [
            candidate.code
            for candidate in candidates
            if candidate.code in codes_of(known.flow, name) and candidate.code != TOTAL
        ]
        if len(codes) == 1:
            code_by_component[name] = codes[0]
    besides_items = [name for name in code_by_component if not name.endswith("_ITEM")]
    return code_by_component if len(besides_items) <= 1 else {}


def completed(codes: Mapping[str, str], known: FlowKnowledge) -> dict[str, str]:
    decided = ITEM in known.flow.structure.key and codes.keys() & OF_DECISIONS and ITEM not in codes
    return {**codes, ITEM: DECIDED} if decided else dict(codes)


def ages_of(label: str, recogniser: Recogniser) -> tuple[tuple[str, ...], str]:
    text = RANGE.sub(r"\1\2 years", SEPARATORS.sub(" ", label).strip())
    phrases_by_age = {age.code: age.reason.partition("“")[2].rstrip("”") for age in ages_in([text], recogniser)}
    text = " ".join(text.split())
    for phrase in phrases_by_age.values():
        text = text.replace(phrase, " ", 1)
    return tuple(phrases_by_age), text if phrases_by_age else bare(label)


def has_short_words(reading: ReadTitle) -> bool:
    covered = {at for mention in reading.mentions for at in mention.span}
    words = words_of(reading.title)
    return any(at not in covered and word.plain.strip() for at, word in enumerate(words[: 4 * LONGEST_PHRASE]))


def by_place(reading: ReadTitle) -> Iterator[list[Mention]]:
    for at in sorted({mention.at for mention in reading.mentions}):
        yield [mention for mention in reading.mentions if mention.at == at and not mention.inner]


def codes_of_mentions(
    mentions: Sequence[Mention], components: Collection[str], known: FlowKnowledge
) -> Iterator[tuple[str, str]]:
    """Yield the component codes in a phrase, except totals."""
    exact = any(mention.concept.endswith("_ITEM") for mention in mentions)
    moving = DIRECTION in known.flow.structure.key and any(mention.concept == DIRECTION for mention in mentions)
    for mention in mentions:
        if mention.concept == MEASURE and (exact or not is_counted(mention, known)):
            continue
        name, codes = component_called(mention.concept, mention.code)
        if moving and name in STATUSES:
            continue  # moving does not make them born abroad
        if name in components and len(codes) == 1 and codes[0] != TOTAL and codes[0] in codes_of(known.flow, name):
            yield name, codes[0]


def is_nothing_more(mentions: Sequence[Mention], known: FlowKnowledge) -> bool:
    """Check whether phrases do not limit figures: small words, persons, or the dataflow's subject."""
    if any(mention.negated for mention in mentions):
        return False
    concepts = {mention.concept for mention in mentions}
    only = only_codes(known.flow)
    if JOINING in concepts:
        return False  # “women and children” does not mean girls
    if concepts & TELLING:
        return any(
            only.get(component_called(mention.concept, mention.code)[0])
            in component_called(mention.concept, mention.code)[1]
            for mention in mentions
        )
    if concepts & UNINFORMATIVE or any((mention.concept, mention.code) in NOTHING_MORE for mention in mentions):
        return True
    return concepts == {PLAIN} and all(len(plain(mention.phrase)) <= SHORT for mention in mentions)


def is_counted(mention: Mention, known: FlowKnowledge) -> bool:
    words = known.vocabulary.words.get(MEASURES_COUNTED, {})
    subjects = {code for codes in words.values() for code in codes}
    return mention.code not in subjects or mention.code in known.vocabulary.codes(
        MEASURES_COUNTED, plain(mention.phrase)
    )


def group_ages(
    labels: Mapping[str, LabelCodes | None], texts: Iterable[str], answers: Mapping[str, str], known: FlowKnowledge
) -> Iterator[tuple[str, Candidate]]:
    """Determine the age of labels for minors or adults.

    Certain if an answer, label or text states “under 18”.
    """
    ages = [
        label_codes.codes.get(AGE, "")
        for label_codes in labels.values()
        if label_codes is not None and not label_codes.group
    ]
    ages += [
        answers[text] for text, label_codes in labels.items() if label_codes is not None and label_codes.group == MINORS
    ]
    is_defined = YOUNG in ages or any(defines_minors(text, known) for text in texts)
    for text, label_codes in labels.items():
        if label_codes is not None and label_codes.group in (MINORS, ADULTS):
            code = YOUNG if label_codes.group == MINORS else GROWN_UP
            reason = "minors are under 18" if is_defined else "of which age are they?"
            age = Candidate(code, SURE if is_defined else ASKED, reason=reason)
            yield text, replace(age, code=answers[text], confidence=1.0) if answers[text] else age


def defines_minors(text: str, known: FlowKnowledge) -> bool:
    ages = {candidate.code for candidate in ages_in([text], known.recogniser)}
    groups = {mention.code for mention in read_title(text, known.recogniser).of(GROUP)}
    return bool(ages) and ages <= {YOUNG} and MINORS in groups


COUNTED = frozenset({*ITEMS, "ADM_ITEM", "ACC_ITEM"})
"""Measures, which have no total."""
OF_GROUPS = frozenset({AGE, "ACCOMPANIED"})
UNACCOMPANIED = "UNACCOMPANIED"


def usual_code(component: str, titles: Sequence[str], area: str, known: FlowKnowledge) -> str:
    by_code = fixed_words(component, known.flow, titles, known.recogniser, area=area)
    if component in COUNTED:
        sure = [candidate.code for candidate in by_code.values() if candidate.is_applied]
        return sure[0] if len(by_code) == 1 and sure else ""
    is_limited = bool(by_code.keys() - {FIXED_TOTAL}) or (component in OF_GROUPS and names_ages(titles, known))
    return FIXED_TOTAL if FIXED_TOTAL in (known.flow.codelist(component) or ()) and not is_limited else ""


def names_ages(titles: Sequence[str], known: FlowKnowledge) -> bool:
    """Check whether titles name an age, an age group, or something similar."""
    if (
        traits_in(titles, known)
        or any(ages_in(titles, known.recogniser))
        or any(half_ages_in(titles, known.recogniser))
    ):
        return True
    groups = {mention.code for text in titles for mention in read_title(text, known.recogniser).of(GROUP)}
    return bool(groups & {*OF_AGE, UNACCOMPANIED})
