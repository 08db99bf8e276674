"""Title words that change what is counted, such as “Immigrant stock” or “by naturalisation”."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import (
    FOREIGN_CITIZENS,
    Mention,
    ReadTitle,
    Word,
    find_mentions,
    is_introduced,
    split_words,
)
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, Vocabulary, space_out_signs
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Flow

MEASURE, DIRECTION, OTHER_COUNT = "MEASURE", "DIRECTION", "OTHER_COUNT"
OF_DIRECTION = {"I": "IMM", "E": "EMI", "NET": "NET"}
STOCK, FLOWS = "STOCK", ("MIG", "IMM", "EMI")
AT_BIRTH = "AT_BIRTH"
"""The code of words for citizenship at birth."""
CONTRARY_MEASURES: Mapping[str, frozenset[str]] = {
    STOCK: frozenset({"IMM", "EMI", "BIRTH", "DEATH", "CTZ"}),
    "STILLBIRTH": frozenset({"BIRTH", "DEATH"}),
    "NATURAL": frozenset({"BIRTH", "DEATH"}),
    "RATE": frozenset({"BIRTH", "DEATH", "CTZ"}),
    AT_BIRTH: frozenset({"CTZ"}),
    "FOREIGN_CTZ": frozenset({"CTZ"}),
}
STOCK_MEASURES = frozenset({"POP", "EMISTOCK"})
SUBJECT_CONCEPTS = frozenset({"NATURAL", "RATE"})
OF_EVENTS = frozenset({"EVENT", DIRECTION})
PEOPLE = frozenset({"CTZ_STATUS", "BIRTH_STATUS"})
NATURE = "NATURE"
"""The concept of words for a stock or for moves: `day`, `living`, `period`, `event`, `becoming`, `move I`,
`move E`."""
MOVE_NATURES = frozenset({"event", "move"})
MODE, NATURALISATION, ACQUIRED = "CTZ_MODE", "NAT", "CTZ"
CITIZENSHIP_MODES = frozenset({NATURALISATION, "DECL", "MARR", "DESC", "REINST"})
MAX_WORDS, LONGEST_MODE, SHORTEST_MODE = 10, 4, 7
PARTICLES, SHORT = ("ARTICLE", "PLAIN"), 3


def find_measures(subjects: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(
        OF_DIRECTION.get(code, "") if concept == "DIRECTION" else code
        for concept, code in subjects
        if concept in ("MEASURE", "DIRECTION")
    ) - {""}


def select_events(flow: Flow, about: frozenset[str]) -> frozenset[str]:
    moves = about & {"IMM", "EMI"}
    return about - {"MIG"} if moves and DIRECTION in flow.structure.key else about


def counts_events(flow: Flow) -> bool:
    return not OF_EVENTS.isdisjoint(flow.structure.key)


def find_other_counts(
    reading: ReadTitle, events: frozenset[str], flow: Flow, vocabulary: Vocabulary, *, is_named: bool
) -> Iterator[str]:
    """Find phrases that change the subject of a dataflow's `events`."""
    words = split_words(reading.title)
    unread = {word for phrase in reading.unexplained for word in phrase.split()}
    for window, codes in find_phrases(words, vocabulary):
        against = {code for code in codes if CONTRARY_MEASURES.get(code, frozenset()) & events}
        against -= {STOCK} if events & STOCK_MEASURES or is_previous_residence(window, reading) else set()
        is_subject = is_named and against <= SUBJECT_CONCEPTS and not is_joined(window, reading)
        is_unread = not unread.isdisjoint(words[at].written for at in window)
        if against and not (is_subject or is_unread or follows_by(window.start, reading, words)):
            yield join_words(words, window)
    if ACQUIRED in events and MODE not in flow.structure.key:
        yield from find_acquisition_ways(reading, words, vocabulary)


@lru_cache(maxsize=8)
def index_phrases(vocabulary: Vocabulary, concept: str) -> Mapping[str, tuple[str, ...]]:
    return {space_out_signs(phrase): codes for phrase, codes in vocabulary.words.get(concept, {}).items()}


def find_phrases(
    words: Sequence[Word], vocabulary: Vocabulary, concept: str = OTHER_COUNT
) -> Iterator[tuple[range, tuple[str, ...]]]:
    listed = index_phrases(vocabulary, concept)
    at = 0
    while at < len(words):
        windows = [range(at, at + size) for size in range(min(MAX_WORDS, len(words) - at), 0, -1)]
        looked_up = ((span, listed.get(" ".join(words[position].plain for position in span), ())) for span in windows)
        window, codes = next((pair for pair in looked_up if pair[1]), (range(0), ()))
        if codes:
            yield window, codes
        at += len(window) or 1


def is_event(mention: Mention, vocabulary: Vocabulary) -> bool:
    """Check whether the noun of a mention names moves, such as “immigration”, and not the people who moved."""
    return any(noun.code == "event" for noun in vocabulary.inside(NATURE, mention.phrase))


def names_events(reading: ReadTitle, events: frozenset[str], vocabulary: Vocabulary) -> bool:
    other_positions = {at for window, _ in find_phrases(split_words(reading.title), vocabulary) for at in window}
    subjects = (
        (mention.concept, mention.code)
        for mention in reading.of(MEASURE, DIRECTION)
        if mention.at not in other_positions
    )
    return not events.isdisjoint(find_measures(subjects))


def find_counted_people(reading: ReadTitle, vocabulary: Vocabulary, *, beside_moves: bool) -> Iterator[str]:
    """Find people in a title without a word for an event: “foreign population”."""
    if counts_moves(reading, vocabulary):
        return
    for mention in reading.of(*PEOPLE):
        is_population = any(found.code == "POP" for found in vocabulary.inside(MEASURE, mention.phrase))
        if mention.code != "_T" and (is_population or beside_moves) and not is_introduced(mention, reading):
            yield mention.phrase


def counts_moves(reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Check whether a title has a word for moves or other events outside breakdowns."""
    if any(not is_introduced(mention, reading) for mention in reading.of(MEASURE, DIRECTION)):
        return True
    natures = (code for _, codes in find_phrases(split_words(reading.title), vocabulary, NATURE) for code in codes)
    return any(code.partition(" ")[0] in MOVE_NATURES for code in natures)


def is_previous_residence(window: range, reading: ReadTitle) -> bool:
    """Check whether a word for residents refers to previous residence: “immigrants living abroad before”."""
    if any(window.start - 1 <= mention.at <= window.stop for mention in reading.of("MOVE")):
        return True
    joints = {mention.at for mention in reading.of("JOINING")} & {window.start - 1, window.stop}
    flows = {mention.at for mention in reading.of(MEASURE) if mention.code in FLOWS}
    return any(flows & {joint - 1, joint + 1} for joint in joints)


def find_birth_phrases(label: ReadTitle, vocabulary: Vocabulary) -> list[str]:
    words = split_words(label.title)
    return [join_words(words, window) for window, codes in find_phrases(words, vocabulary) if AT_BIRTH in codes]


def is_joined(window: range, reading: ReadTitle) -> bool:
    return any(mention.at in (window.start - 1, window.stop) for mention in reading.of("JOINING"))


def follows_by(at: int, reading: ReadTitle, words: Sequence[Word]) -> bool:
    little = {mention.at for mention in reading.of(*PARTICLES) if len(words[mention.at].plain) <= SHORT}
    before = at - 1
    while before in little - locate_by_words(reading):
        before -= 1
    return before in locate_by_words(reading)


def locate_by_words(reading: ReadTitle) -> frozenset[int]:
    return frozenset(mention.end - 1 for mention in reading.of("BY"))


def find_acquisition_ways(reading: ReadTitle, words: Sequence[Word], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield ways of acquiring citizenship that limit a title: “by decree”, not just naturalisation."""
    spans = {mention: mention.span for mention in reading.mentions}
    acquired = [span for mention, span in spans.items() if (mention.concept, mention.code) == (MEASURE, ACQUIRED)]
    modes = [mention for mention in spans if mention.concept == MODE]
    mode_positions = {
        mention.at
        for mention in modes
        if len({mode.code for mode in modes}) == 1 and not is_covered(acquired, spans[mention])
    }
    at = 0
    while at < len(words):
        sizes = range(min(LONGEST_MODE, len(words) - at), 0, -1)
        windows = (range(at, at + size) for size in sizes)
        window = next(
            (
                span
                for span in windows
                if is_way_of_acquisition(span, words, acquired, locate_by_words(reading), vocabulary=vocabulary)
            ),
            range(0),
        )
        is_longer = any(span.start in window and span.stop > window.stop for span in spans.values())
        if window and mode_positions.isdisjoint(window) and not is_longer:
            yield join_words(words, window)
        at += len(window) or 1


def is_way_of_acquisition(
    window: range, words: Sequence[Word], acquired: Sequence[range], by: frozenset[int], vocabulary: Vocabulary
) -> bool:
    phrase = plain(join_words(words, window))
    codes = CITIZENSHIP_MODES.intersection(vocabulary.list_value_codes(MODE, phrase))
    is_long = len(phrase) >= SHORTEST_MODE or bool(WITHOUT_BLANKS.match(phrase) and len(phrase) > 1)
    if not codes or not is_long:
        return False
    if is_covered(acquired, window):
        return NATURALISATION not in codes
    return bool({window.start, window.start - 1} & by) or (len(window) > 1 and phrase[:1].isalpha())


def is_covered(spans: Sequence[range], window: range) -> bool:
    return any(span.start <= window.start and window.stop <= span.stop for span in spans)


def join_words(words: Sequence[Word], window: range) -> str:
    written = [words[at].written for at in window]
    return ("" if WITHOUT_BLANKS.match(written[0]) else " ").join(written)


AS_DIMENSION = (
    "SEX",
    "CTZ_STATUS",
    "BIRTH_STATUS",
    "REASON",
    "ACC_ITEM",
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
TELLING_CONCEPTS = frozenset({*AS_DIMENSION, "GROUP", "MEASURE", "DIRECTION", "PLACE", "UNIT", "UNIT_MEASURE"})
DESCRIBED_MEASURES = frozenset({"POP", "BIRTH"})


def is_stock(flow: Flow) -> bool:
    return any(component.id == "REF_DATE" and component.mandatory for component in flow.structure.attributes())


@lru_cache(maxsize=256)
def find_subjects(flow: Flow, recogniser: Recogniser) -> About:
    about = find_name_subjects(flow, recogniser) | _find_subjects(flow.dataflow.description, recogniser)
    limits = {subject for subject in about if subject[0] == "GROUP"} - _find_subjects(flow.dataflow.name, recogniser)
    about -= limits  # “long-term residents” are one item of a dataflow, not a property of the others
    about |= {FOREIGN_CITIZENS} if (MEASURE, ACQUIRED) in about else set()  # before the change
    if not counts_events(flow):
        return about
    named_measures = find_measures(find_name_subjects(flow, recogniser))
    own_measures = select_events(
        flow, find_measures(about) - (DESCRIBED_MEASURES - named_measures if named_measures else frozenset())
    )
    return frozenset(subject for subject in about if find_measures([subject]) <= own_measures)


@lru_cache(maxsize=256)
def find_name_subjects(flow: Flow, recogniser: Recogniser) -> About:
    """Return the measures in the name of a dataflow; a population account has all of its items."""
    names = [flow.dataflow.name, *(item.name for item in flow.codelist("ACC_ITEM") or ())]
    subjects = frozenset(subject for name in names for subject in _find_subjects(name, recogniser))
    return subjects | frozenset(find_only_codes(flow).items())


@lru_cache(maxsize=512)
def _find_subjects(texts: Text, recogniser: Recogniser) -> About:
    mentions_of_texts = (find_mentions(split_words(text), recogniser.vocabulary)[0] for _, text in texts)
    subjects = {
        (mention.concept, mention.code)
        for mentions in mentions_of_texts
        for mention in mentions
        if mention.concept in TELLING_CONCEPTS
    }
    return frozenset(subjects)
