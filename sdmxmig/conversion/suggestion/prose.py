"""Units in prose of notes, such as “change their residence”."""

from __future__ import annotations

import re

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.mentions import Mention, ReadTitle, Word, words_of
from sdmxmig.conversion.recognition.words import Vocabulary

FIGURES, PRECISION = "FIGURES", "PRECISION"
"""The concepts of words for the figures themselves, and for how precise they are."""
IN_SENTENCES = ("CHANGE", "INDEX", "SHARE", "PERCENT", "PT", "IX")
"""Codes of units whose words are words of sentences too."""
SHORT, NEAR = 6, 5
SENTENCE = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=[)\]])|(?<=\d{3}))[.。;]\s+")
TELLING = ("MEASURE", "DIRECTION", "DATE", "YEAR", "MONTH")


def is_of_figures(mention: Mention, reading: ReadTitle, vocabulary: Vocabulary) -> bool:
    """Whether a note's word is a unit of its figures."""
    is_precision = bool(vocabulary.codes(PRECISION, plain(mention.phrase)))
    if mention.code not in IN_SENTENCES and not is_precision:
        return True
    words = words_of(reading.title)
    first, last = sentence_around(mention.at, reading.title)
    sentence, at = words[first:last], mention.at - first
    if len(sentence) <= SHORT or (len(words_of(mention.phrase)) > 1 and not is_precision and mention.code == "CHANGE"):
        return True
    if mention.code in ("PERCENT", "PT"):
        return not is_of_precision(sentence, vocabulary) or has_figures(sentence[:at][-NEAR:], vocabulary)
    if any(word.plain in ("100", "1000") or re.fullmatch(r"(?:1[89]|20)\d\d", word.plain) for word in sentence[at:]):
        return True
    followed = {
        follower.concept
        for follower in reading.of(*TELLING)
        if 0 < follower.at - mention.at <= NEAR and follower.at < last
    }
    return bool(followed) or is_near_figures(sentence, at, vocabulary)


def sentence_around(at: int, text: str) -> tuple[int, int]:
    first = 0
    for sentence in SENTENCE.split(text):
        last = first + len(words_of(sentence))
        if at < last:
            return first, last
        first = last
    return 0, len(words_of(text))


def is_near_figures(sentence: list[Word], at: int, vocabulary: Vocabulary) -> bool:
    before, behind = sentence[max(at - NEAR, 0) : at], sentence[at + 1 : at + 1 + NEAR]
    figure_words = [number for number, word in enumerate(before) if has_figures([word], vocabulary)]
    between = before[figure_words[-1] + 1 :] if figure_words else []
    of_persons = any(vocabulary.codes("UNIT", word.plain) == ("PS",) for word in between)
    return (bool(figure_words) and not of_persons) or has_figures(behind, vocabulary)


def has_figures(words: list[Word], vocabulary: Vocabulary) -> bool:
    return any(vocabulary.codes(FIGURES, word.plain) for word in words)


def is_of_precision(sentence: list[Word], vocabulary: Vocabulary) -> bool:
    whole = " ".join(word.plain for word in sentence)
    return bool(vocabulary.inside(PRECISION, whole))
