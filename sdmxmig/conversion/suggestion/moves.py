"""Check of countries of residence: before or after the move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sdmxmig.conversion.mapping.block_keys import only_codes
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.lines import Fit, FlowKnowledge
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT, Question
from sdmxmig.sdmx.model.data import Attributes

RESIDENCE, DIRECTION = "C_RESIDENCE", "DIRECTION"
WAYS = {"I": "immigrants", "E": "emigrants"}
AFTERWARDS = "E"


def doubts_of_moves(
    fits: Sequence[Fit], texts: Iterable[str], fixed: Attributes, known: FlowKnowledge, sheet: str
) -> tuple[Question, ...]:
    """Ask if emigrants have a previous country, or immigrants a next one."""
    line = next((fit.line for fit in fits if fit.component == RESIDENCE), None)
    counted = {dict(fixed).get(DIRECTION) or only_codes(known.flow).get(DIRECTION, "")}
    if any(fit.component == DIRECTION for fit in fits):
        counted = {*WAYS}
    phrase_by_way = dict(pair for text in (*texts, line.head) for pair in moves_in(text, known)) if line else {}
    if not phrase_by_way or counted <= phrase_by_way.keys() or not counted <= WAYS.keys():
        return ()
    listed = " and ".join(f"“{phrase}”" for phrase in phrase_by_way.values())
    who = " and ".join(WAYS[way] for way in sorted(counted - phrase_by_way.keys()))
    since = when(counted - phrase_by_way.keys())
    chosen = Candidate("", 0.0, reason=f"the table says {listed}: is this where these {who} lived {since}?")
    choices = (
        Candidate(AS_IT_IS, 0.5, reason="it changes nothing"),
        Candidate(LEAVE_OUT, 0.5, reason="not this table"),
    )
    return (Question(sheet, "title", label="; ".join(phrase_by_way.values()), chosen=chosen, others=choices),)


def when(ways: Iterable[str]) -> str:
    return " and ".join("afterwards" if way == AFTERWARDS else "before" for way in sorted(ways))


def moves_in(text: str, known: FlowKnowledge) -> Iterator[tuple[str, str]]:
    for mention in read_title(" ".join(text.split()), known.recogniser).of("MOVE", "ROLE"):
        if mention.concept == "MOVE" or mention.code == "DESTINATION":
            yield (mention.code if mention.concept == "MOVE" else AFTERWARDS), mention.phrase
