"""Notes below a table: which of their sentences may say something of all its figures.

“Counts are of heads of household.” limits all figures, “See the table on students.” none. Most sentences of notes say
where figures come from, how they were rounded, and where to read on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sdmxmig.conversion.recognition.mentions import HAN, Mention, ReadTitle, read_title, words_of
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.prose import SENTENCE, has_figures, is_of_figures, sentence_around

SHORT_NOTE = 6
"""How many words a note has at most that says with “only” what all figures are of: “Data for Mombasa only”."""
SHORT = 10
"""How many words a sentence has at most that limits the figures with “only”, or may by words not understood."""
OF_FIGURES = 16
"""How many words a sentence has at most that speaks of the figures, and whose words not understood may limit them."""
UNREAD = 3
"""So many words of a sentence, and most of them, are unknown in one that is not read at all."""
YEAR, OF_YEARS, BESIDE = re.compile(r"(?:19|20)\d\d"), ("MONTH", "YEARPART", "QUARTER"), 2
"""A year, the concepts of words for its parts, and how many words apart these are in a date."""
SIGNS_OF_WORD = 3
"""So many signs of a script without blanks are about as long as a word."""
ONLY, NEAR = "ONLY", 6
"""The concept of words that limit figures to what stands near them: “women only”, “refer to families”."""
SHORT_STATUS = 3
"""Letters of a word in a note that is none for a status unless it has its accents: “on”, and not “ön”."""
GROUPED = frozenset({"GROUP", "SEX", "CTZ_STATUS", "BIRTH_STATUS", "PLACE"})
"""Concepts of groups of people, and of parts of a country."""
COUNTED = frozenset({"MEASURE", "DIRECTION"})
"""Concepts of what is counted."""
POPULATION = "POP"
"""What notes name as those of whom the figures are, whatever is counted: “Data refer to the resident population.”"""
ELSEWHERE = ("ELSEWHERE", "PUBLISHED", "ADDED", "SOURCE")
"""Concepts of words by which a sentence speaks of other tables, of the publication, of rounding or of the source."""
METHOD, LIMITS = "METHOD", ("EXCLUDING", "INCLUDING")
"""The concept of words for registers, concepts and the like, and those of words that limit figures."""
ADDRESS = re.compile(r"@|\bwww\.|https?:|©", re.IGNORECASE)
"""Signs of an address, where to read or ask more, and of an owner of rights."""
PERSONS = ("PS", "OBS_VALUE")
"""Codes of words for persons, with which a definition says of whom it is: “Visitors are persons whose stay …”."""
STATUS = "CTZ_STATUS"
"""The concept of words for foreigners and citizens."""
DEFINED = 4
"""Within how many words behind what it defines a definition says so."""


def is_of_note(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Whether what a note says of a phrase may hold for all figures: an exclusion, a unit, a status, “men only”.

    “No cases” is no unit, and the end of a telephone number no multiple.
    """
    only = any(abs(limit.at - mention.at) <= NEAR for limit in reading.of(ONLY))
    if not only and not is_of_figures(mention, reading, vocabulary):
        return False
    if mention.concept in GROUPED:
        return only or is_of_all(mention, reading)
    if mention.concept in COUNTED:
        return mention.code != POPULATION and is_short(mention.at, reading) and is_of_all(mention, reading)
    return only if (mention.concept, mention.code) == ("UNIT", "CASES") else is_of_values(mention, reading, vocabulary)


def is_of_values(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Whether what a note says of a unit, a status, a length, or of what is left out or added may be of all figures."""
    if mention.concept == "INCLUDING":
        at_end = sentence_around(mention.at, reading.title)[1] == mention.end
        return mention.at == 0 or at_end or bool(reading.of(*GROUPED, "PROT_STATUS"))
    if mention.concept in ("UNIT", "UNIT_MULT"):
        return not (mention.phrase.isdecimal() and re.search(r"\d\s*$", reading.title.partition(mention.phrase)[0]))
    if mention.concept == "OBS_STATUS":
        return len(mention.phrase) > SHORT_STATUS or not mention.phrase.isascii()
    return mention.concept in ("UNIT_MEASURE", "LENGTH") or (
        mention.concept == "EXCLUDING" and not is_foreign(mention, reading, vocabulary)
    )


def is_foreign(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Whether “without” stands in a definition of foreigners: “Foreigners: persons without the citizenship”."""
    first, last = sentence_around(mention.at, reading.title)
    defined = any(
        first <= status.at < mention.at and is_defined(status, reading.mentions) for status in reading.of(STATUS)
    )
    behind = words_of(reading.title)[mention.at + 1 : min(mention.at + 1 + DEFINED, last)]
    return defined and any("C_CITIZEN" in vocabulary.codes("ROLE", word.plain) for word in behind)


def is_of_all(mention: Mention, reading: ReadTitle) -> bool:
    """Whether the sentence with a phrase may be about all figures.

    It is not where it speaks of other tables or of a register, gives an address, or defines what the phrase names.
    """
    first, last = sentence_around(mention.at, reading.title)
    around = [neighbour for neighbour in reading.mentions if first <= neighbour.at < last]
    return not is_defined(mention, around) and not is_of_other_things(around, reading.title, first)


def is_defined(mention: Mention, around: Sequence[Mention]) -> bool:
    """Whether a sentence defines what a phrase in it names: “Visitors are persons whose stay …”."""
    return any(
        person.code in PERSONS and 0 <= person.at - mention.end < DEFINED and not person.negated for person in around
    )


def is_of_other_things(around: Sequence[Mention], note: str, first: int = 0) -> bool:
    """Whether a sentence speaks of other tables, of rounding, of the source, of a register, or gives an address.

    `first` is its first word in the note. What only figures of a register are is something else.
    """
    limits = any(mention.concept in (ONLY, *LIMITS) for mention in around)
    of_method = any(mention.concept == METHOD and mention.at - first < DEFINED for mention in around)
    is_elsewhere = any(mention.concept in ELSEWHERE and not mention.negated for mention in around)
    return is_elsewhere or bool(ADDRESS.search(note)) or (of_method and not limits)


def is_short(at: int, reading: ReadTitle) -> bool:
    """Whether the sentence with a word of a note has few words."""
    first, last = sentence_around(at, reading.title)
    return last - first <= SHORT


def size_of(text: str) -> int:
    """How many words a text has, or would have in a script with blanks."""
    return len(text) // SIGNS_OF_WORD if HAN.search(text) else len(words_of(text))


def is_short_note(text: str, recogniser: Recogniser) -> bool:
    """Whether a note of few words, and none of figures, may say of all what months they are: “January–September”."""
    reading = read_title(" ".join(text.split()), recogniser)
    has_date = any(sign.isdecimal() for sign in text)
    is_other = reading.is_source or is_of_other_things(reading.mentions, reading.title)
    return size_of(reading.title) <= SHORT_NOTE and not has_date and not is_other


def sentences_of(reading: ReadTitle) -> Iterator[str]:
    """The sentences of a note, without their stops; none of one that says where the figures come from."""
    return (sentence.strip(" .") for sentence in (() if reading.is_source else SENTENCE.split(reading.title)))


def short_limits(reading: ReadTitle, recogniser: Recogniser) -> Iterator[str]:
    """The short sentences of a note that limit all figures: “Adults only.”, “Nur Volljährige.”, “Unit: households.”."""
    for sentence in sentences_of(reading):
        read_sentence = read_title(sentence, recogniser)
        is_unit = any(
            (mention.code, mention.at) == ("UNIT_MEASURE", 0) for mention in read_sentence.of("ROLE")
        ) and bool(read_sentence.of("GROUP"))
        limits = is_unit or any(mention.code == "only" for mention in read_sentence.of(ONLY))
        if (
            limits
            and size_of(read_sentence.title) <= SHORT
            and not is_of_other_things(read_sentence.mentions, read_sentence.title)
        ):
            yield read_sentence.title


def not_understood(reading: ReadTitle, recogniser: Recogniser) -> Iterator[ReadTitle]:
    """The sentences of a note that may limit all figures, and of which a word is not understood."""
    for sentence in sentences_of(reading):
        read_sentence = read_title(sentence, recogniser)
        if read_sentence.unexplained and may_limit(read_sentence, recogniser.vocabulary):
            yield read_sentence


def other_dates(reading: ReadTitle, vocabulary: Vocabulary) -> Iterator[str]:
    """The sentences of a note that say of a year to which day or part of it its figures belong: “2022: end of March”.

    A year right beside a month is a date, of a publication as a rule.
    """
    for sentence in sentences_of(reading):
        words = [word.plain for word in words_of(sentence)]
        years = [at for at, word in enumerate(words) if YEAR.fullmatch(word)]
        parts = [at for at, word in enumerate(words) if any(vocabulary.codes(concept, word) for concept in OF_YEARS)]
        apart = [at for at in parts if years and min(abs(at - year) for year in years) > BESIDE]
        if apart and len(words) <= OF_FIGURES and not ADDRESS.search(sentence):
            yield sentence


def may_limit(sentence: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Whether a sentence with words not understood may be about all figures.

    It may where it names people, what is counted or the figures in few words, or where hardly a word is understood.
    """
    mentions = sentence.of(*GROUPED, *COUNTED, *LIMITS, ONLY)
    is_defining = any(is_defined(mention, sentence.mentions) for mention in mentions)
    if is_defining or is_of_other_things(sentence.mentions, sentence.title):
        return False
    size, words = size_of(sentence.title), words_of(sentence.title)
    unread = sum(size_of(word) if HAN.search(word) else 1 for word in sentence.unexplained)
    is_unread = unread >= UNREAD and unread * 2 > size and sentence.title[:1].isalpha()
    return (bool(mentions) and size <= SHORT) or (has_figures(words, vocabulary) and size <= OF_FIGURES) or is_unread
