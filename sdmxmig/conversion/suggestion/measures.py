"""Labels for several components: “Asylum applications rejected” are decisions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.lists import TOTAL
from sdmxmig.conversion.recognition.mentions import Mention, is_introduced, read_title
from sdmxmig.conversion.recognition.words import Vocabulary, find_component
from sdmxmig.conversion.suggestion.title_values import MEASURE
from sdmxmig.sdmx.model.data import Flow

COUNTED = "COUNTED"
ITEMS = ("PROT_ITEM", "CTZ_ITEM", "TMP_ITEM")
COUNTS = frozenset({*ITEMS, "ADM_ITEM", "ACC_ITEM"})
"""Measures, which have no total."""
DETAILS = ("DECISION_ACTION", "DECISION_STAGE", "PROT_STATUS", "CTZ_MODE")
OF_DECISIONS = frozenset({"DECISION_ACTION", "DECISION_STAGE"})
ITEM, STATUS, ACTION = "PROT_ITEM", "PROT_STATUS", "DECISION_ACTION"
DECIDED, APPLIED, STOCK, REFUGEE, GRANT, REJECT = "DECIDED", "APPLIED", "STOCK", "REFUGEE", "GRANT", "REJECT"
DECISIONS_AND_CLOSED = frozenset({DECIDED, "CLOSED", "WITHDRAWN"})
NARROWER_ITEMS: Mapping[str, frozenset[str]] = {
    "PENDING": frozenset({APPLIED, DECIDED, STOCK}),
    "WITHDRAWN": frozenset({APPLIED, STOCK}),
    "CLOSED": frozenset({APPLIED, DECIDED, STOCK}),
    DECIDED: frozenset({APPLIED, STOCK}),
    APPLIED: frozenset({STOCK}),
    "APPLIED_FIRST": frozenset({APPLIED, STOCK}),
    "APPLIED_SUBS": frozenset({APPLIED, STOCK}),
}
UNLIMITING_CONCEPTS = frozenset({"ALL", "ARTICLE", "BY", "JOINING", "OFWHICH", "PLAIN", "TOTAL", "WORDING"})
"""Concepts of words that do not limit figures."""
UNLIMITING_CODES: Mapping[str, frozenset[str]] = {
    "GROUP": frozenset({"PROTECTED", "REFUGEES"}),
    "REASON": frozenset({"PROT", TOTAL}),
    "ROLE": frozenset({"OBS_STATUS", "OBS_VALUE"}),
    "SEX": frozenset({TOTAL}),
    "UNIT": frozenset({"PS", "CASES"}),
    "UNIT_MEASURE": frozenset({"PS"}),
}
"""Codes of words that do not limit figures on protection or citizenship."""
TEMPORARY = "TEMP"
SURE, ASKED, OFFERED = 0.93, 0.6, 0.3
SEVERAL = 2
"""Minimum number of clearly different labels in a line of measures."""
WORD_JOINTS = re.compile(r"[_./]+")


@lru_cache(maxsize=4096)
def find_codes_in_label(text: str, flow: Flow, recogniser: Recogniser) -> tuple[Mapping[str, frozenset[str]], bool]:
    if ITEM in flow.structure.key and (decision := split_decision(text, recogniser.vocabulary)):
        return {ITEM: frozenset({DECIDED}), **decision}, True
    reading = read_title(WORD_JOINTS.sub(" ", text), recogniser)
    exact = {mention.at for mention in reading.mentions if mention.concept in (*ITEMS, *DETAILS)}
    mentions = [mention for mention in reading.mentions if not (mention.concept == MEASURE and mention.at in exact)]
    codes_by_component: dict[str, set[str]] = {}
    for mention in mentions:
        name, codes = find_component(mention.concept, mention.code)
        if (
            name in (*ITEMS, *DETAILS)
            and name in flow.structure.key
            and not (mention.negated or is_introduced(mention, reading))
        ):
            codes_by_component.setdefault(name, set()).update(codes)
    value_codes, label, key = recogniser.vocabulary.list_value_codes, plain(bare(text)), flow.structure.key
    values = {name: {*value_codes(name, label)} for name in (ITEM, ACTION) if name in key and value_codes(name, label)}
    codes_by_component |= values
    if ITEM in flow.structure.key and (codes_by_component.keys() & OF_DECISIONS):
        codes_by_component.setdefault(ITEM, set()).add(DECIDED)
    kinds = value_codes(STATUS, plain(text)) if STATUS in key else ()
    if kinds and codes_by_component.keys() <= {ITEM} and plain(text) not in {plain(each.phrase) for each in mentions}:
        codes_by_component = {STATUS: {*kinds}}  # “refugee status” is a kind of protection, “refugees” are people
    items, is_granted = codes_by_component.get(ITEM, set()), GRANT in codes_by_component.get(ACTION, ())
    if STOCK in items and is_granted:
        codes_by_component.setdefault(STATUS, set()).add(REFUGEE)  # people granted it are refugees
    elif items & {APPLIED, DECIDED} and codes_by_component.get(STATUS) == {REFUGEE} and not is_granted:
        del codes_by_component[STATUS]  # “refugee applications” may be from anybody
    explained = [adds_no_limit(mention, flow, recogniser) and not mention.negated for mention in mentions]
    understood = bool(values) or (all(explained) and not reading.unexplained and not reading.broken_down)
    return {name: drop_included_codes(codes) for name, codes in codes_by_component.items()}, understood


def split_decision(text: str, vocabulary: Vocabulary) -> Mapping[str, frozenset[str]]:
    """Return the action and the kind of protection of a label that names both; empty for rejections and for people.

    “Recognition of refugee status” and “refugee status granted” have the codes GRANT and REFUGEE.
    """
    label = plain(bare(text))
    words, whole = label.split(), find_kinds_of_protection(label, vocabulary)
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    for action, kind in (pair for before, after in halves for pair in ((before, after), (after, before))):
        actions = vocabulary.list_value_codes(ACTION, action)
        if vocabulary.codes("GROUP", kind) or len(actions) != 1 or REJECT in actions:
            continue
        kinds = find_kinds_of_protection(kind, vocabulary) or whole
        if len(kinds) == 1 and TEMPORARY not in kinds:  # temporary protection is granted without an application
            return {ACTION: frozenset(actions), STATUS: frozenset(kinds)}
    return {}


def find_kinds_of_protection(phrase: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the codes of a kind of protection, also behind words such as “of the”."""
    while phrase:
        kinds = vocabulary.list_value_codes(STATUS, phrase)
        if kinds:
            return kinds
        first, _, phrase = phrase.partition(" ")
        if not (vocabulary.codes("PLAIN", first) or vocabulary.codes("ARTICLE", first)):
            return ()
    return ()


def drop_included_codes(codes: set[str]) -> frozenset[str]:
    """Drop codes that are part of other codes.

    >>> sorted(drop_included_codes({"DECIDED", "APPLIED"})), sorted(drop_included_codes({"DECIDED", "APPLIED_FIRST"}))
    (['DECIDED'], ['APPLIED_FIRST', 'DECIDED'])
    """
    return frozenset(codes - {wider for code in codes for wider in NARROWER_ITEMS.get(code, ())})


def adds_no_limit(mention: Mention, flow: Flow, recogniser: Recogniser) -> bool:
    if mention.code in UNLIMITING_CODES.get(mention.concept, ()) or mention.concept in UNLIMITING_CONCEPTS:
        return True
    if mention.concept == MEASURE and mention.code not in recogniser.vocabulary.codes(COUNTED, plain(mention.phrase)):
        return False
    component, _ = find_component(mention.concept, mention.code)
    return component in flow.structure.key and component in (*ITEMS, *DETAILS)


def find_measure_codes(text: str, component: str, flow: Flow, recogniser: Recogniser) -> tuple[Candidate, ...]:
    if component not in ITEMS or component not in flow.structure.key:
        return ()
    codes_by_component, understood = find_codes_in_label(text, flow, recogniser)
    codes = sorted(codes_by_component.get(component, ()))
    sure = SURE if understood and len(codes) == 1 else ASKED / max(len(codes), 1)
    return tuple(Candidate(code, sure, reason="words for what is counted") for code in codes)


GRANTED = "a status below “"


def read_granted_statuses(
    meanings: Mapping[str, tuple[Candidate, ...]], head: str, flow: Flow, recogniser: Recogniser
) -> Mapping[str, tuple[Candidate, ...]]:
    """Read “Refugee status” below “Decision” as persons with a decision, and ask beside decisions.

    It is certain below “Decision” beside rejections.
    """
    is_headed = find_codes_in_label(head, flow, recogniser)[0].get(ITEM) == frozenset({DECIDED})
    if not is_headed and not any(split_decision(text, recogniser.vocabulary) for text in meanings):
        return meanings
    codes_by_label = {text: find_codes_in_label(text, flow, recogniser)[0] for text in meanings}
    is_sure = is_headed and any(REJECT in codes.get(ACTION, ()) for codes in codes_by_label.values())
    granted = (Candidate(DECIDED, SURE if is_sure else ASKED, reason=f"{GRANTED}{head}”"),)
    are_decisions = all(each[0].code == DECIDED for each in meanings.values() if each)
    other = (Candidate(DECIDED, OFFERED, reason="a decision, like its neighbours"),) if are_decisions else ()
    return {
        text: granted
        if codes.keys() == {STATUS} or codes.get(ITEM) == frozenset({STOCK})
        else meanings[text] or (() if recogniser.shared(text) else other)
        for text, codes in codes_by_label.items()
    }


def has_several_measures(meanings: Mapping[str, Sequence[Candidate]], component: str, recogniser: Recogniser) -> bool:
    """Check whether labels count different things, or decisions of different kinds: “Refugee status”, “Rejected”."""
    if component not in ITEMS:
        return False
    sure = {text: candidates[0] for text, candidates in meanings.items() if candidates and candidates[0].is_applied}
    is_granted = any(candidate.reason.startswith(GRANTED) for candidate in sure.values())
    kinds = {str(split_decision(text, recogniser.vocabulary)) for text in sure if component == ITEM}
    return is_granted or max(len({candidate.code for candidate in sure.values()}), len(kinds)) >= SEVERAL


def read_total_of_decisions(
    meanings: Mapping[str, tuple[Candidate, ...]], recogniser: Recogniser
) -> Mapping[str, tuple[Candidate, ...]]:
    """Read the total beside decisions as all of them; beside other items, it is offered as the total of each."""
    totals = [text for text in meanings if TOTAL in {each.code for each in recogniser.shared(text)}]
    others = {text: candidates for text, candidates in meanings.items() if text not in totals}
    codes = {candidates[0].code for candidates in others.values() if candidates}
    are_kinds = any(split_decision(text, recogniser.vocabulary) for text in others)
    if len(totals) != 1 or DECIDED not in codes or not (are_kinds or len(codes) > 1):
        return meanings
    is_sure = codes == {DECIDED} and all(candidates and candidates[0].is_applied for candidates in others.values())
    sure = SURE if is_sure else OFFERED
    offered = (DECIDED, *sorted(codes - DECISIONS_AND_CLOSED))
    return {**meanings, totals[0]: tuple(Candidate(code, sure, reason="the total of decisions") for code in offered)}


CLOSED_TOO = "it counts closed cases too"


def find_total_with_closed(codes: Mapping[str, str], unsaid: Iterable[str], recogniser: Recogniser) -> dict[str, str]:
    """Find the total of decisions and of cases closed without one, which have no common code, with the reason."""
    totals = {text for text in codes if TOTAL in {each.code for each in recogniser.shared(text)}}
    listed = {code for text, code in codes.items() if text not in totals}
    is_mixed = {DECIDED} < listed <= DECISIONS_AND_CLOSED
    return dict.fromkeys(totals.intersection(unsaid), CLOSED_TOO) if is_mixed else {}


ITEM_BY_DIRECTION: Mapping[str, str] = {"I": "FLW_IMM", "E": "FLW_EMI", "NET": "NET_MIG"}
MOVE_ITEMS = frozenset(ITEM_BY_DIRECTION.values())
WORDS_OF_MOVES = frozenset({"ARTICLE", "DIRECTION", "MEASURE", "PLAIN", "WORDING"})
MOVE_MEASURES = frozenset({"MIG", "IMM", "EMI", "NET", "BORDER_IN", "BORDER_OUT"})
NET_CODE, IN_BRACKETS, HYPHEN = "NET", re.compile(r"\([^()]*\)"), re.compile(r"(?<=[^\W\d_])-\s*(?=[^\W\d_])")


def find_item_of_moves(text: str, recogniser: Recogniser) -> str:
    """Return the item that a label names without other words, except in brackets; hyphens only end lines."""
    written = IN_BRACKETS.sub("", text).strip()
    return next(filter(None, (_find_single_item(each, recogniser) for each in (written, HYPHEN.sub("", written)))), "")


def _find_single_item(text: str, recogniser: Recogniser) -> str:
    reading = read_title(text, recogniser)
    codes = {direction.code for direction in reading.of("DIRECTION")}
    measures = {measure.code for measure in reading.of("MEASURE")}
    codes = {NET_CODE} if NET_CODE in codes | measures else codes
    other_concepts = {mention.concept for mention in reading.mentions} - WORDS_OF_MOVES
    is_more = other_concepts or reading.unexplained or measures - MOVE_MEASURES
    return ITEM_BY_DIRECTION.get(codes.pop(), "") if len(codes) == 1 and not is_more else ""
