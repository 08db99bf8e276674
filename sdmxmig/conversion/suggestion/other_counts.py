"""Words of a title that make of what is counted something else: people who live there, where those who move are.

“Immigrant stock” is no immigration, “live births and stillbirths” are more than live births, and citizenship acquired
“by naturalisation” is less than all that was acquired. Such words stand beside the word for what a dataflow counts, and
that word alone would fit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import WITHOUT_BLANKS, ReadTitle, Word, apart, words_of
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.sdmx.model.data import Flow

MEASURE, DIRECTION, OTHER_COUNT = "MEASURE", "DIRECTION", "OTHER_COUNT"
OF_DIRECTION = {"I": "IMM", "E": "EMI", "NET": "NET"}
"""What is counted in each direction."""
STOCK, FLOWS = "STOCK", ("MIG", "IMM", "EMI")
"""The code of words for people who live somewhere, and what is counted of those who move there."""
AT_BIRTH = "AT_BIRTH"
"""The code of words for a citizenship that people are born with."""
AGAINST: Mapping[str, frozenset[str]] = {
    STOCK: frozenset({"IMM", "EMI", "BIRTH", "DEATH", "CTZ"}),
    "STILLBIRTH": frozenset({"BIRTH", "DEATH"}),
    "NATURAL": frozenset({"BIRTH", "DEATH"}),
    "RATE": frozenset({"BIRTH", "DEATH", "CTZ"}),
    AT_BIRTH: frozenset({"CTZ"}),
    "FOREIGN_CTZ": frozenset({"CTZ"}),
}
"""What is not counted where a title has a word of these codes."""
STOCKS = frozenset({"POP", "EMISTOCK"})
"""What dataflows hold that count those who live somewhere."""
SUBJECTS = frozenset({"NATURAL", "RATE"})
"""Codes of words that also name the subject of a publication: “Births. Natural movement of the population”."""
OF_EVENTS = frozenset({"EVENT", DIRECTION})
"""Dimensions of what happens within a period."""
MODE, NATURALISATION, ACQUIRED = "CTZ_MODE", "NAT", "CTZ"
"""The dimension of the ways to become a citizen, the way whose words mean all of them too, and becoming one."""
WAYS = frozenset({NATURALISATION, "DECL", "MARR", "DESC", "REINST"})
"""The ways to become a citizen."""
LONGEST, LONGEST_MODE, SHORTEST_MODE = 10, 4, 7
"""How many words such a phrase has at most, and how many letters a word for a way has at least."""
LITTLE, SHORT = ("ARTICLE", "PLAIN"), 3
"""Words of so many letters at most that may stand between “by” and what a table is broken down by."""


def measures_in(subjects: Iterable[tuple[str, str]]) -> frozenset[str]:
    """What is counted: the measures among concepts with their codes; a direction is one too."""
    return frozenset(
        OF_DIRECTION.get(code, "") if concept == "DIRECTION" else code
        for concept, code in subjects
        if concept in ("MEASURE", "DIRECTION")
    ) - {""}


def events_of(flow: Flow, about: frozenset[str]) -> frozenset[str]:
    """What a dataflow counts, by what its name speaks of: moves of one direction are not all migration."""
    moves = about & {"IMM", "EMI"}
    return about - {"MIG"} if moves and DIRECTION in flow.structure.key else about


def is_of_events(flow: Flow) -> bool:
    """Whether a dataflow counts what happens within a period, and says of it no more than which event that is."""
    return not OF_EVENTS.isdisjoint(flow.structure.key)


def other_counts(
    reading: ReadTitle, events: frozenset[str], flow: Flow, vocabulary: Vocabulary, *, is_named: bool
) -> Iterator[str]:
    """The phrases of a title that make something else of what a dataflow counts, its `events`.

    `is_named` says that a title names these by a word of their own.
    """
    words = words_of(reading.title)
    unread = {word for phrase in reading.unexplained for word in phrase.split()}
    for window, codes in phrases_of(words, vocabulary):
        against = {code for code in codes if AGAINST.get(code, frozenset()) & events}
        against -= {STOCK} if events & STOCKS or is_of_moves(window, reading) else set()
        is_subject = is_named and against <= SUBJECTS and not is_joined(window, reading)
        is_unread = not unread.isdisjoint(words[at].written for at in window)
        if against and not (is_subject or is_unread or is_by(window.start, reading, words)):
            yield text_of(words, window)
    if ACQUIRED in events and MODE not in flow.structure.key:
        yield from ways_of(reading, words, vocabulary)


@lru_cache(maxsize=8)
def listed_phrases(vocabulary: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    """The phrases for other things that are counted, each with its codes, signs of scripts without blanks apart."""
    return {apart(phrase): codes for phrase, codes in vocabulary.words.get(OTHER_COUNT, {}).items()}


def phrases_of(words: Sequence[Word], vocabulary: Vocabulary) -> Iterator[tuple[range, tuple[str, ...]]]:
    """Where phrases for other things that are counted stand in a title, with their codes."""
    listed = listed_phrases(vocabulary)
    at = 0
    while at < len(words):
        windows = [range(at, at + size) for size in range(min(LONGEST, len(words) - at), 0, -1)]
        looked_up = ((span, listed.get(" ".join(words[position].plain for position in span), ())) for span in windows)
        window, codes = next((pair for pair in looked_up if pair[1]), (range(0), ()))
        if codes:
            yield window, codes
        at += len(window) or 1


def names_events(reading: ReadTitle, events: frozenset[str], vocabulary: Vocabulary) -> bool:
    """Whether a title names what a dataflow counts by a word that is no other thing: “births”, and not “birth rate”."""
    other_positions = {at for window, _ in phrases_of(words_of(reading.title), vocabulary) for at in window}
    subjects = (
        (mention.concept, mention.code)
        for mention in reading.of(MEASURE, DIRECTION)
        if mention.at not in other_positions
    )
    return not events.isdisjoint(measures_in(subjects))


def is_of_moves(window: range, reading: ReadTitle) -> bool:
    """Whether a word for those who live somewhere says where they lived before, or stands beside one for flows.

    “Immigrants living abroad before” are no stock, and “stocks and flows” is a subject.
    """
    if any(window.start - 1 <= mention.at <= window.stop for mention in reading.of("MOVE")):
        return True
    joints = {mention.at for mention in reading.of("JOINING")} & {window.start - 1, window.stop}
    flows = {mention.at for mention in reading.of(MEASURE) if mention.code in FLOWS}
    return any(flows & {joint - 1, joint + 1} for joint in joints)


def by_birth(label: ReadTitle, vocabulary: Vocabulary) -> list[str]:
    """The phrases of a label that name those only who are citizens by birth, without the naturalised."""
    words = words_of(label.title)
    return [text_of(words, window) for window, codes in phrases_of(words, vocabulary) if AT_BIRTH in codes]


def is_joined(window: range, reading: ReadTitle) -> bool:
    """Whether “and” stands right beside a phrase."""
    return any(mention.at in (window.start - 1, window.stop) for mention in reading.of("JOINING"))


def is_by(at: int, reading: ReadTitle, words: Sequence[Word]) -> bool:
    """Whether a table is broken down by what begins at a word: “selon la double nationalité”."""
    little = {mention.at for mention in reading.of(*LITTLE) if len(words[mention.at].plain) <= SHORT}
    before = at - 1
    while before in little - by_words(reading):
        before -= 1
    return before in by_words(reading)


def by_words(reading: ReadTitle) -> frozenset[int]:
    """The positions of the last words of phrases for “by”."""
    return frozenset(mention.end - 1 for mention in reading.of("BY"))


def ways_of(reading: ReadTitle, words: Sequence[Word], vocabulary: Vocabulary) -> Iterator[str]:
    """The ways to become a citizen to which a title limits its figures: “by decree”, and not naturalisations alone."""
    spans = {mention: mention.span for mention in reading.mentions}
    acquired = [span for mention, span in spans.items() if (mention.concept, mention.code) == (MEASURE, ACQUIRED)]
    modes = [mention for mention in spans if mention.concept == MODE]
    mode_positions = {
        mention.at
        for mention in modes
        if len({mode.code for mode in modes}) == 1 and not covers(acquired, spans[mention])
    }
    at = 0
    while at < len(words):
        sizes = range(min(LONGEST_MODE, len(words) - at), 0, -1)
        windows = (range(at, at + size) for size in sizes)
        window = next(
            (span for span in windows if is_way(span, words, acquired, by_words(reading), vocabulary=vocabulary)),
            range(0),
        )
        is_longer = any(span.start in window and span.stop > window.stop for span in spans.values())
        if window and mode_positions.isdisjoint(window) and not is_longer:
            yield text_of(words, window)
        at += len(window) or 1


def is_way(
    window: range, words: Sequence[Word], acquired: Sequence[range], by: frozenset[int], vocabulary: Vocabulary
) -> bool:
    """Whether words name a way to become a citizen with the word for “by”, or are a word for one way only."""
    phrase = plain(text_of(words, window))
    codes = WAYS.intersection(vocabulary.value_codes(MODE, phrase))
    is_long = len(phrase) >= SHORTEST_MODE or bool(WITHOUT_BLANKS.match(phrase) and len(phrase) > 1)
    if not codes or not is_long:
        return False
    if covers(acquired, window):
        return NATURALISATION not in codes
    return bool({window.start, window.start - 1} & by) or (len(window) > 1 and phrase[:1].isalpha())


def covers(spans: Sequence[range], window: range) -> bool:
    """Whether a phrase stands inside another one."""
    return any(span.start <= window.start and window.stop <= span.stop for span in spans)


def text_of(words: Sequence[Word], window: range) -> str:
    """Words as they are written, signs of scripts without blanks together."""
    written = [words[at].written for at in window]
    return ("" if WITHOUT_BLANKS.match(written[0]) else " ").join(written)
