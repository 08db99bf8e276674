"""Recognition of ages in many languages: bands, single years, months, open ends."""

from __future__ import annotations

import re
import unicodedata

from sdmxmig.conversion.recognition.labels import Candidate, plain, strip_marks
from sdmxmig.conversion.recognition.words import Vocabulary

BAND_CODE = re.compile(r"Y\d{1,3}[T-]\d{1,3}|Y_(?:GE|LT)\d{1,3}|M\d{1,2}T\d{1,2}")
CODE = re.compile(r"Y\d{1,3}|Y\d{1,3}[T-]\d{1,3}|Y_(?:GE|LT)\d{1,3}|M\d{1,2}T\d{1,2}")
TOKEN_PATTERN = re.compile(r"\d+|(?:[^\W\d_]|[\u0900-\u0dff\u0e30-\u0e4e])+|[+<>≥≤~%-]")
WITHOUT_BLANKS = re.compile("[\u0e00-\u0e7f\u10a0-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A first letter of Thai, Chinese, Japanese or Korean, which are written without blanks, or of Georgian."""
GLUED_DASH = re.compile(r"(?<=\d)-(?=[^\W\d_])")
"""A hyphen between a number and a word: Finnish “4-vuotiaat”."""
SIGNS = {"+": "OVER", "<": "UNDER", "≥": "FROM_ON", ">": "ABOVE", "≤": "UP_TO", "-": "TO", "~": "TO"}
TAGS_BY_RANK = (
    "FIRST",
    "OVER",
    "UNDER",
    "AND_UNDER",
    "LESS",
    "MONTHS",
    "DAYS",
    "YEARS",
    "FROM_ON",
    "TILL",
    "FROM",
    "AND",
    "TO",
)
MAX_AGE = 125
LENGTHS = frozenset({"MONTHS", "DAYS"})
"""Units of infants' ages and of stays, whose numbers may be spelt out: “less than three months”, “90 days”."""
DAYS_OF_A_MONTH = 30
TAGS_OF_DAYS = {"AND_UNDER": "UNDER", "UP_TO": "UNDER", "ABOVE": "OVER"}
"""In months, up to 90 days and less than 90 days are the same."""
# Ambiguous bands are asked: “over 65” may or may not include 65, Dutch “0 tot 5” mostly ends before 5.
AGE_SHAPES: tuple[tuple[str, str, float], ...] = (
    (r"N TO N(?: N)?", "Y{0}T{1}", 0.85),
    (r"N OVER|FROM_ON N|N TO OVER|FROM_ON N OVER", "Y_GE{0}", 0.92),
    (r"OVER N|N TO", "Y_GE{0}", 0.55),
    (r"N TILL N", "Y{0}T{1-1}", 0.55),
    (r"TILL N", "Y_LT{0}", 0.55),
    (r"(?:FROM_ON )?N UNDER N|N TO UNDER N|N TO LESS N", "Y{0}T{1-1}", 0.9),
    (r"UNDER N|N LESS|LESS N", "Y_LT{0}", 0.92),
    (r"N AND_UNDER|UP_TO N|N UNDER|N TO UNDER", "Y_LT{0+1}", 0.85),
    (r"ABOVE N", "Y_GE{0+1}", 0.8),
    (r"TO N", "Y_LT{0}", 0.6),
    (r"FIRST|FIRST N", "Y0", 0.92),
    (r"N", "Y{0}", 0.5),
)


SHORT_YEAR = re.compile(r"['’‘ʼ`]\d\d")


def recognise_age(text: str, vocabulary: Vocabulary) -> tuple[Candidate, ...]:
    """Recognise an age or age band; bare numbers are less certain, two digits after an apostrophe are a year."""
    if SHORT_YEAR.fullmatch(text.strip()):
        return ()
    if BAND_CODE.fullmatch(text.strip()):  # its last digits are not a footnote number
        return (Candidate(text.strip().replace("-", "T"), 1.0, reason="a code"),)
    written = strip_marks(text) if not re.fullmatch(r"[\d\s–-]+", text) else " ".join(text.split())
    if CODE.fullmatch(written):
        return (Candidate(written.replace("-", "T"), 1.0, reason="a code"),)
    whole = vocabulary.codes("AGEPART", plain(written))
    if "FIRST" in whole:
        return (Candidate("Y0", 0.95, reason="a word for the first year"),)
    parts = tag_tokens(written, vocabulary)
    if not parts or not any(part.isdecimal() for part in parts) or parts[-1] == "AND":
        return ()
    units = {"YEARS", *LENGTHS}
    between = "TO" if "FROM" in parts and "AND" in parts else ""
    without_units = [between if part == "AND" else part for part in parts if part not in {*units, "FROM"}]
    tags = [part for part in without_units if part]
    numbers = [int(part) for part in tags if part.isdecimal()]
    if "DAYS" in parts:
        tags = [TAGS_OF_DAYS.get(tag, tag) for tag in tags]
        is_in_months = "MONTHS" not in parts and all(number >= DAYS_OF_A_MONTH for number in numbers)
        numbers = [number // DAYS_OF_A_MONTH for number in numbers] if is_in_months else []
    shape = " ".join("N" if part.isdecimal() else part for part in tags) if numbers else ""
    unit = "Y" if LENGTHS.isdisjoint(parts) else "M"
    return build_age_band_codes(shape, numbers, unit, has_unit=not units.isdisjoint(parts))


def build_age_band_codes(shape: str, numbers: list[int], unit: str, *, has_unit: bool) -> tuple[Candidate, ...]:
    if any(number > MAX_AGE for number in numbers) or numbers != sorted(numbers):
        return ()
    for pattern, code, confidence in AGE_SHAPES:
        if re.fullmatch(pattern, shape):
            made = insert_numbers(code, numbers)
            if unit == "M":
                made = made.replace("Y", "M", 1)
            sure = 0.95 if has_unit and confidence > 0.6 else confidence + 0.3 * has_unit
            return (Candidate(made, round(sure, 2), reason="an age" if len(numbers) < 2 else "an age band"),)
    return ()


def insert_numbers(code: str, numbers: list[int]) -> str:
    for index, number in enumerate(numbers):
        code = code.replace(f"{{{index}+1}}", str(number + 1)).replace(f"{{{index}-1}}", str(number - 1))
        code = code.replace(f"{{{index}}}", str(number))
    return code


def tag_tokens(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    spelt = unicodedata.normalize("NFKC", text).replace("–", "-").replace("—", "-").replace("−", "-").replace("‑", "-")
    tokens = [
        part
        for token in TOKEN_PATTERN.findall(GLUED_DASH.sub(" ", spelt.casefold()))
        for part in split_token(token, vocabulary)
    ]
    tags: list[str] = []
    position, is_spelt_out = 0, False
    while position < len(tokens):
        tag, size = find_tag(tokens, position, vocabulary)
        if not tag:
            return ()
        tags.append(tag)
        is_spelt_out = is_spelt_out or (tag.isdecimal() and not tokens[position].isdecimal())
        position += size
    return () if is_spelt_out and LENGTHS.isdisjoint(tags) else tuple(tags)


def split_token(token: str, vocabulary: Vocabulary) -> list[str]:
    if not WITHOUT_BLANKS.match(token) or tag_words(token, vocabulary):
        return [token]
    unread, words = token, []
    while unread:
        size = next((n for n in range(len(unread), 0, -1) if tag_words(unread[:n], vocabulary)), 0)
        if not size:
            return [token]
        words.append(unread[:size])
        unread = unread[size:]
    return words


def find_tag(tokens: list[str], position: int, vocabulary: Vocabulary) -> tuple[str, int]:
    token = tokens[position]
    if token.isdecimal():
        return str(int(token)), 1
    if token in SIGNS:
        return SIGNS[token], 1
    for size in range(min(4, len(tokens) - position), 0, -1):
        tags = tag_words(" ".join(tokens[position : position + size]), vocabulary)
        if tags:
            between = position > 0 and position + size < len(tokens) and tokens[position - 1].isdecimal()
            if "TO" in tags and between and tokens[position + size].isdecimal():
                return "TO", size
            return next((tag for tag in TAGS_BY_RANK if tag in tags), tags[0]), size
    return "", 0


def tag_words(words: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    spelt = plain(words)
    return tuple(code for concept in ("AGEPART", "DAYS", "CARDINAL") for code in vocabulary.codes(concept, spelt))
