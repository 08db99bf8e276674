"""Ranking of dataflows by titles and labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.conversion.mapping.block_keys import only_codes
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.mentions import Mention, read_title
from sdmxmig.conversion.suggestion.assignment import ROLES, roles_in
from sdmxmig.conversion.suggestion.lines import ENOUGH as UNDERSTOOD
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, fit_of, lines_of
from sdmxmig.conversion.suggestion.other_counts import about_flow, about_name, measures_in
from sdmxmig.conversion.suggestion.parts import find_regions
from sdmxmig.conversion.suggestion.texts_around import FILE, NOTE, texts_of
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.tables import Table

SHOWN = 3
"""How many dataflows are named."""
LOOKED_AT = 4
"""How many tables of a workbook are looked at."""
FITTED = 12
"""For how many dataflows the labels are compared with the codelists."""
CLEARLY, ENOUGH = 0.4, 1.0
"""Required lead and level of the first rank to skip the question."""
SAME_MEASURE, DESCRIBED_MEASURE, OTHER_MEASURE, SAME_GROUP = 2.0, 1.2, -2.0, 0.4
SAME_DIRECTION, OTHER_DIRECTION = 1.0, -3.0
HAS_DIMENSION, LACKS_DIMENSION, LACKS_LINE = 0.5, -0.6, -0.8
UNUSED, UNSAID, OF_AN_AGENCY = -0.08, -0.4, -2.0
TOTAL = "_T"
ALWAYS = frozenset({"FREQ", "REF_AREA", "TIME_PERIOD", "UNIT_MEASURE"})
LEAST = 0.5
ITEM = "ACC_ITEM"
ITEMS_OF_ACCOUNT, MANY_ITEMS = 4, 5.0
"""So many items of the population account on one line make it the likeliest dataflow, whatever the titles count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedFlow:
    """A candidate dataflow with relative likelihood and reason."""

    flow: str
    name: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """Evidence in a workbook: titles, heads, labels."""

    mentions: tuple[Mention, ...]
    roles: frozenset[str]
    lines: tuple[Line, ...]


def rank(
    tables: Sequence[Table], flows: Mapping[str, Flow], recogniser: Recogniser, special: Collection[str] = ()
) -> tuple[RankedFlow, ...]:
    """Rank the dataflows of a workbook; none without figures.

    `special` flows of agencies come last.
    """
    clues = clues_of(tables, recogniser)
    if clues is None:
        return ()
    listed = sorted(
        (by_words(flow, clues, recogniser, is_special=flow.id in special) for flow in flows.values()),
        key=lambda ranked_flow: (-ranked_flow.score, ranked_flow.flow),
    )
    likely = [
        ranked_flow
        for place, ranked_flow in enumerate(listed)
        if place < FITTED or (ranked_flow.flow not in special and ITEM in flows[ranked_flow.flow].structure.key)
    ]
    fitted = [
        by_labels(
            ranked_flow,
            clues,
            FlowKnowledge(flows[ranked_flow.flow], recogniser),
            is_special=ranked_flow.flow in special,
        )
        for ranked_flow in likely
    ]
    return tuple(sorted(fitted, key=lambda ranked_flow: (-ranked_flow.score, ranked_flow.flow))[:SHOWN])


def is_clear(ranked: Sequence[RankedFlow]) -> bool:
    if not ranked or ranked[0].score < ENOUGH:
        return False
    return len(ranked) == 1 or ranked[0].score - ranked[1].score >= CLEARLY


def clues_of(tables: Sequence[Table], recogniser: Recogniser) -> Clues | None:
    regions = [region for table in tables for region in find_regions(table, recogniser.vocabulary)][:LOOKED_AT]
    if not regions:
        return None
    lines = {region: lines_of(region) for region in regions}
    texts = [text for region in regions for text in texts_of(region, lines[region], recogniser) if text.where != NOTE]
    titles = [text.text for text in texts if text.where != FILE] or [text.text for text in texts]
    heads = [line.head for region in regions for line in lines[region] if line.head]
    mentions = tuple(
        mention for text in dict.fromkeys(titles) for mention in read_title(" ".join(text.split()), recogniser).mentions
    )
    roles = frozenset(roles_in([*titles, *heads], recogniser))
    return Clues(mentions=mentions, roles=roles, lines=lines[regions[0]])


def by_words(flow: Flow, clues: Clues, recogniser: Recogniser, *, is_special: bool) -> RankedFlow:
    """How well a dataflow fits what titles and heads speak of."""
    about, fixed = about_flow(flow, recogniser), only_codes(flow)
    points: list[tuple[float, str]] = [
        *measure_points(about_name(flow, recogniser), about, clues.mentions),
        *direction_points(fixed, clues.mentions),
    ]
    groups = {
        mention.phrase
        for mention in clues.mentions
        if mention.concept == "GROUP" and (mention.concept, mention.code) in about
    }
    points += [(SAME_GROUP, f"it is about “{phrase}”") for phrase in sorted(groups)]
    free = [name for name in flow.structure.key if name not in fixed and name not in ALWAYS]
    for role in sorted(clues.roles):
        components = ROLES.get(role, (role,))
        if any(name in free for name in components):
            dimension = next(name for name in components if name in free)
            name = flow.concepts[dimension].in_language("en") if dimension in flow.concepts else dimension
            points.append((HAS_DIMENSION, f"it has the dimension “{name}”"))
        elif any(name in flow.structure for name in components):
            points.append((LACKS_DIMENSION, ""))
    points.append((UNUSED * len(free), ""))
    concepts = clues.roles | {mention.concept for mention in clues.mentions}
    unsaid = [
        name
        for name in free
        if is_required(flow, name) and not any(name in ROLES.get(concept, (concept,)) for concept in concepts)
    ]
    points.append((UNSAID * len(unsaid), ""))
    points += [(OF_AN_AGENCY, "")] if is_special else []
    reasons = tuple(reason for score, reason in points if reason and score > 0)
    return RankedFlow(
        flow=flow.id, name=str(flow.dataflow.name), score=sum(score for score, _ in points), reasons=reasons
    )


def is_required(flow: Flow, dimension: str) -> bool:
    codelist = flow.codelist(dimension)
    return codelist is not None and TOTAL not in codelist


def measure_points(
    in_name: Collection[tuple[str, str]], about: Collection[tuple[str, str]], mentions: Iterable[Mention]
) -> Iterable[tuple[float, str]]:
    counted = {code: mention.phrase for mention in mentions for code in measures_in([(mention.concept, mention.code)])}
    for measures, score in ((measures_in(in_name), SAME_MEASURE), (measures_in(about), DESCRIBED_MEASURE)):
        shared = sorted(measures & counted.keys())
        if shared:
            yield score, f"the titles speak of “{counted[shared[0]]}”"
            return
    if measures_in(about) and counted:
        yield OTHER_MEASURE, ""


def direction_points(fixed: Mapping[str, str], mentions: Iterable[Mention]) -> Iterable[tuple[float, str]]:
    phrase_by_direction = {mention.code: mention.phrase for mention in mentions if mention.concept == "DIRECTION"}
    direction = fixed.get("DIRECTION", "")
    if direction and direction in phrase_by_direction:
        yield SAME_DIRECTION, f"the titles speak of “{phrase_by_direction[direction]}”"
    elif direction and phrase_by_direction:
        yield OTHER_DIRECTION, ""


def by_labels(ranked_flow: RankedFlow, clues: Clues, known: FlowKnowledge, *, is_special: bool) -> RankedFlow:
    """How well a dataflow fits, with the labels of the table compared with its codelists."""
    lines = [line for line in clues.lines if len(line.texts) > 1]
    dimensions = known.flow.structure.key
    placed = [
        line
        for line in lines
        if any(fit_of(line, name, known.flow, known.recogniser).score >= LEAST for name in dimensions)
    ]
    score = ranked_flow.score + LACKS_LINE * (len(lines) - len(placed))
    is_account = ITEM in dimensions and not is_special
    if is_account and any(len(items_on(line, known)) >= ITEMS_OF_ACCOUNT for line in lines):
        score += MANY_ITEMS
    reason = f"{len(placed)} of {len(lines)} rows or columns of labels match its codes"
    return RankedFlow(
        flow=ranked_flow.flow, name=ranked_flow.name, score=round(score, 2), reasons=(*ranked_flow.reasons, reason)
    )


def items_on(line: Line, known: FlowKnowledge) -> set[str]:
    """The items of the population account that the labels of a line name."""
    meanings = fit_of(line, ITEM, known.flow, known.recogniser).meanings
    return {codes[0].code for codes in meanings.values() if codes and codes[0].confidence >= UNDERSTOOD}
