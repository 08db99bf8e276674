"""Whether the countries of residence of a table are those before or after the move that its dataflow counts."""

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
"""Who is counted in each direction: immigrants by where they lived before, emigrants by where they live afterwards."""
AFTERWARDS = "E"


def doubts_of_moves(
    fits: Sequence[Fit], texts: Iterable[str], fixed: Attributes, known: FlowKnowledge, sheet: str
) -> tuple[Question, ...]:
    """A question if emigrants are told apart by the country where they lived before, or immigrants by the next one.

    `texts` are the titles. A text that names both, such as “last or next residence”, fits both.
    """
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
    """When people lived in the country that their direction asks for, as words behind “lived”."""
    return " and ".join("afterwards" if way == AFTERWARDS else "before" for way in sorted(ways))


def moves_in(text: str, known: FlowKnowledge) -> Iterator[tuple[str, str]]:
    """The directions to which words for countries of residence belong, each with its phrase."""
    for mention in read_title(" ".join(text.split()), known.recogniser).of("MOVE", "ROLE"):
        if mention.concept == "MOVE" or mention.code == "DESTINATION":
            yield (mention.code if mention.concept == "MOVE" else AFTERWARDS), mention.phrase
