"""Notes below a table: sentences that may apply to all figures, and units in their prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import HAN, Mention, ReadTitle, Word, read_title, split_words
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.words import Vocabulary

MAX_NOTE_WORDS = 6
SHORT = 10
MAX_FIGURE_WORDS = 16
MAX_UNREAD_WORDS = 3
YEAR, OF_YEARS, BESIDE = re.compile(r"(?:19|20)\d\d"), ("MONTH", "YEARPART", "QUARTER"), 2
MIN_WORD_SIGNS = 3
"""Number of characters without blanks about as long as a word."""
ONLY, NEAR = "ONLY", 6
MAX_STATUS_WORDS = 3
GROUP_CONCEPTS = frozenset({"GROUP", "SEX", "CTZ_STATUS", "BIRTH_STATUS", "PLACE"})
"""Concepts of groups of people, and of parts of a country."""
COUNTED = frozenset({"MEASURE", "DIRECTION"})
POPULATION = "POP"
ELSEWHERE_CONCEPTS = ("ELSEWHERE", "PUBLISHED", "ADDED", "SOURCE")
NUMBERED = "numbered"
"""The code of words such as “in table”, which name another table only before a number."""
METHOD, LIMITS = "METHOD", ("EXCLUDING", "INCLUDING")
ADDRESS = re.compile(r"@|\bwww\.|https?:|©", re.IGNORECASE)
"""Signs of web and mail addresses, and of copyright."""
PERSONS = ("PS", "OBS_VALUE")
STATUS = "CTZ_STATUS"
"""The concept of words for foreigners and citizens."""
MAX_DEFINED_WORDS = 4
SMALL_LETTERS = "".join(filter(str.islower, map(chr, range(ord("a"), 0x0530))))
BEFORE_END = r"(?:(?<=[^\W\d_]{3})(?<![IiEe]n[ck]l)(?<![Ee]x[ck]l)(?<!schl)|(?<=[)\]])|(?<=\d{3}))"
FULL_STOP = rf"\.\s+(?![{SMALL_LETTERS}])|。\s*"
NOTED_YEAR = rf"(?<=[^\W\d_]\s\d)\.\s+(?={YEAR.pattern}\s[^\W\d_])"
SENTENCE = re.compile(rf"{BEFORE_END}(?:{FULL_STOP}|;\s+)|{NOTED_YEAR}")
"""The end of a sentence. “Incl. students” and “2022. évi adatok” are one."""
SENTENCE_OF_SOURCE = re.compile(rf"{BEFORE_END}(?:{FULL_STOP})|{NOTED_YEAR}")


def is_relevant_in_note(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    only = any(abs(limit.at - mention.at) <= NEAR for limit in reading.of(ONLY))
    if not only and not is_unit_of_figures(mention, reading, vocabulary):
        return False
    if mention.concept in GROUP_CONCEPTS:
        return only or is_general(mention, reading)
    if mention.concept in COUNTED:
        return mention.code != POPULATION and is_short(mention.at, reading) and is_general(mention, reading)
    return only if (mention.concept, mention.code) == ("UNIT", "CASES") else may_apply(mention, reading, vocabulary)


def may_apply(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Check whether a unit, status, length or exclusion in a note may apply to all figures."""
    if mention.concept == "INCLUDING":
        at_end = find_sentence_around(mention.at, reading.title)[1] == mention.end
        return mention.at == 0 or at_end or bool(reading.of(*GROUP_CONCEPTS, "PROT_STATUS"))
    if mention.concept in ("UNIT", "UNIT_MULT"):
        return not (mention.phrase.isdecimal() and re.search(r"\d\s*$", reading.title.partition(mention.phrase)[0]))
    if mention.concept == "OBS_STATUS":
        return len(mention.phrase) > MAX_STATUS_WORDS or not mention.phrase.isascii()
    return mention.concept in ("UNIT_MEASURE", "LENGTH", "PRECISION") or (
        mention.concept == "EXCLUDING" and not is_definition_of_citizens(mention, reading, vocabulary)
    )


def is_definition_of_citizens(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    first, last = find_sentence_around(mention.at, reading.title)
    defined = any(
        first <= status.at < mention.at and is_defined(status, reading.mentions) for status in reading.of(STATUS)
    )
    behind = split_words(reading.title)[mention.at + 1 : min(mention.at + 1 + MAX_DEFINED_WORDS, last)]
    return defined and any("C_CITIZEN" in vocabulary.codes("ROLE", word.plain) for word in behind)


def is_general(mention: Mention, reading: ReadTitle) -> bool:
    """Check whether a sentence may concern all figures, not other tables, registers or a definition."""
    first, last = find_sentence_around(mention.at, reading.title)
    around = [neighbour for neighbour in reading.mentions if first <= neighbour.at < last]
    return not is_defined(mention, around) and not concerns_other_things(around, reading.title, first)


def is_defined(mention: Mention, around: Sequence[Mention]) -> bool:
    return any(
        person.code in PERSONS and 0 <= person.at - mention.end < MAX_DEFINED_WORDS and not person.negated
        for person in around
    )


def concerns_other_things(around: Sequence[Mention], note: str, first: int = 0) -> bool:
    limits = any(mention.concept in (ONLY, *LIMITS) for mention in around)
    of_method = any(mention.concept == METHOD and mention.at - first < MAX_DEFINED_WORDS for mention in around)
    is_elsewhere = any(
        mention.concept in ELSEWHERE_CONCEPTS and not mention.negated and not is_this_table(mention, note)
        for mention in around
    )
    return is_elsewhere or bool(ADDRESS.search(note)) or (of_method and not limits)


def is_this_table(mention: Mention, note: str) -> bool:
    """Check that no number follows a word for a table: “in the table”, not “in table 3”."""
    behind = [word.written for word in split_words(note)[mention.end : mention.end + 1]]
    return mention.code == NUMBERED and not any(map(str.isdecimal, "".join(behind)))


def is_short(at: int, reading: ReadTitle) -> bool:
    first, last = find_sentence_around(at, reading.title)
    return last - first <= SHORT


def count_words(text: str) -> int:
    return len(text) // MIN_WORD_SIGNS if HAN.search(text) else len(split_words(text))


def is_short_note(text: str, recogniser: Recogniser) -> bool:
    reading = read_title(text, recogniser)
    has_date = any(sign.isdecimal() for sign in text)
    is_other = reading.is_source or concerns_other_things(reading.mentions, reading.title)
    return count_words(reading.title) <= MAX_NOTE_WORDS and not has_date and not is_other


def split_sentences(reading: ReadTitle) -> Iterator[str]:
    return (sentence.strip(" .") for sentence in (() if reading.is_source else SENTENCE.split(reading.title)))


def split_note(note: str, recogniser: Recogniser) -> list[str]:
    """Split a note into sentences; a semicolon does not end a source: “Source: register; census 2023”."""
    is_source = read_title(SENTENCE.split(note)[0], recogniser).is_source
    return (SENTENCE_OF_SOURCE if is_source else SENTENCE).split(note)


def find_short_limits(reading: ReadTitle, recogniser: Recogniser) -> Iterator[str]:
    """Yield short sentences such as “Adults only.” that limit all figures."""
    for sentence in split_sentences(reading):
        read_sentence = read_title(sentence, recogniser)
        is_unit = any(
            (mention.code, mention.at) == ("UNIT_MEASURE", 0) for mention in read_sentence.of("ROLE")
        ) and bool(read_sentence.of("GROUP"))
        limits = is_unit or any(mention.code == "only" for mention in read_sentence.of(ONLY))
        if (
            limits
            and count_words(read_sentence.title) <= SHORT
            and not concerns_other_things(read_sentence.mentions, read_sentence.title)
        ):
            yield read_sentence.title


def find_strange_titles(reading: ReadTitle, recogniser: Recogniser) -> Iterator[ReadTitle]:
    for sentence in split_sentences(reading):
        read_sentence = read_title(sentence, recogniser)
        if read_sentence.unexplained and may_limit(read_sentence, recogniser.vocabulary):
            yield read_sentence


def find_other_dates(reading: ReadTitle, vocabulary: Vocabulary) -> Iterator[str]:
    """Find sentences that date single years (“2022: end of March”), unless they may be publication dates."""
    for sentence in split_sentences(reading):
        words = [word.plain for word in split_words(sentence)]
        years = [at for at, word in enumerate(words) if YEAR.fullmatch(word)]
        parts = [at for at, word in enumerate(words) if any(vocabulary.codes(concept, word) for concept in OF_YEARS)]
        apart = [at for at in parts if years and min(abs(at - year) for year in years) > BESIDE]
        if apart and len(words) <= MAX_FIGURE_WORDS and not ADDRESS.search(sentence):
            yield sentence


def may_limit(sentence: ReadTitle, vocabulary: Vocabulary) -> bool:
    mentions = sentence.of(*GROUP_CONCEPTS, *COUNTED, *LIMITS, ONLY)
    is_defining = any(is_defined(mention, sentence.mentions) for mention in mentions)
    if is_defining or concerns_other_things(sentence.mentions, sentence.title):
        return False
    size, words = count_words(sentence.title), split_words(sentence.title)
    unread = sum(count_words(word) if HAN.search(word) else 1 for word in sentence.unexplained)
    is_unread = unread >= MAX_UNREAD_WORDS and unread * 2 > size and sentence.title[:1].isalpha()
    return (
        (bool(mentions) and size <= SHORT) or (has_figures(words, vocabulary) and size <= MAX_FIGURE_WORDS) or is_unread
    )


FIGURES, PRECISION = "FIGURES", "PRECISION"
"""The concepts of words for the figures themselves, and for how precise they are."""
SENTENCE_CONCEPTS = ("CHANGE", "INDEX", "SHARE", "PERCENT", "PT", "IX")
"""Codes of units whose words are common in sentences."""
PROSE_SHORT, PROSE_NEAR = 6, 5
TELLING_CONCEPTS = ("MEASURE", "DIRECTION", "DATE", "YEAR", "MONTH")


def is_unit_of_figures(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Check whether the unit that a note names is that of the figures."""
    is_precision = bool(vocabulary.codes(PRECISION, plain(mention.phrase)))
    if mention.code not in SENTENCE_CONCEPTS and not is_precision:
        return True
    words = split_words(reading.title)
    first, last = find_sentence_around(mention.at, reading.title)
    sentence, at = words[first:last], mention.at - first
    if len(sentence) <= PROSE_SHORT or (
        len(split_words(mention.phrase)) > 1 and not is_precision and mention.code == "CHANGE"
    ):
        return True
    if mention.code in ("PERCENT", "PT"):
        return not names_precision(sentence, vocabulary) or has_figures(sentence[:at][-PROSE_NEAR:], vocabulary)
    if any(word.plain in ("100", "1000") or re.fullmatch(r"(?:1[89]|20)\d\d", word.plain) for word in sentence[at:]):
        return True
    followed = {
        follower.concept
        for follower in reading.of(*TELLING_CONCEPTS)
        if 0 < follower.at - mention.at <= PROSE_NEAR and follower.at < last
    }
    return bool(followed) or is_near_figures(sentence, at, vocabulary)


def find_sentence_around(at: int, text: str) -> tuple[int, int]:
    first = 0
    for sentence in SENTENCE.split(text):
        last = first + len(split_words(sentence))
        if at < last:
            return first, last
        first = last
    return 0, len(split_words(text))


def is_near_figures(sentence: list[Word], at: int, vocabulary: Vocabulary) -> bool:
    before, behind = sentence[max(at - PROSE_NEAR, 0) : at], sentence[at + 1 : at + 1 + PROSE_NEAR]
    figure_words = [number for number, word in enumerate(before) if has_figures([word], vocabulary)]
    between = before[figure_words[-1] + 1 :] if figure_words else []
    of_persons = any(vocabulary.codes("UNIT", word.plain) == ("PS",) for word in between)
    return (bool(figure_words) and not of_persons) or has_figures(behind, vocabulary)


def has_figures(words: list[Word], vocabulary: Vocabulary) -> bool:
    return any(vocabulary.codes(FIGURES, word.plain) for word in words)


def names_precision(sentence: list[Word], vocabulary: Vocabulary) -> bool:
    whole = " ".join(word.plain for word in sentence)
    return bool(vocabulary.inside(PRECISION, whole))
