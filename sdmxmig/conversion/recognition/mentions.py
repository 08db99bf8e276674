"""Meaning of the words of a title: groups, measures, units, places, and unexplained words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from sdmxmig.conversion.recognition.calendars import convert_numerals, find_part_of_year
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.recognition.words import (
    ALL_WORDS,
    EXCLUDING,
    LONGEST_AFFIX,
    NOT,
    WITHOUT_BLANKS,
    Vocabulary,
    is_short,
    space_out_signs,
)

HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
"""Signs of such scripts that are syllables or words."""
COMBINING_MARKS = "".join(filter(lambda sign: unicodedata.category(sign)[0] == "M", map(chr, range(0x0300, 0x1C00))))
"""Vowels and accents that are parts of words, but not letters in Unicode: “जनसंख्या”, “สัญชาติ”."""
CHARACTER_PIECES = re.compile(rf"\d+|\D[{COMBINING_MARKS}]*")
LONGEST_PHRASE, LONGEST_OF_SIGNS = 10, 40
"""Maximum number of words in a phrase, and of signs in such a script."""
LETTERS = rf"(?:[^\W\d_][{COMBINING_MARKS}]*)+"
WORD = re.compile(rf"\d+(?=[\uac00-\ud7af])|\d+{LETTERS}|{LETTERS}(?:['’‘ʼ]{LETTERS})*|['’]?\d[\d.,’']*\d|\d+|[%‰]")
"""A word, a number, or a sign that is one."""
DATASET_CODE = re.compile(r"\s*\[\w*_\w*\]|\b[A-Z]{2,5}(?!\d+00\b)\d{5,}\b")
"""The code of a dataset behind its title, “[migr_imm1ctz]”, and of a table: “MAN12103”, with more digits than ages."""
PART_OF_ID = re.compile(r"\d+[^\W\d_]{1,3}")
"""Part of the id of a table: “05N3104S”, “imm1ctz”."""
COMMA_SIGNS = frozenset(",;،؛、，/&")
ELISION_APOSTROPHE = re.compile(
    r"(?i)(?<=^d)['’ʼ]|(?<=^l)['’ʼ]|(?<=^dell)['’ʼ]|(?<=^all)['’ʼ]|(?<=^nell)['’ʼ]|(?<=^qu)['’ʼ]"
)
ROMAN_NUMBER = re.compile(r"[ivxlcm]{1,6}", re.IGNORECASE)
SHARED_END = re.compile(rf"(?<!\w)(?P<first>{LETTERS})[-‐–]\s?(?P<joint>/|\s{LETTERS}\s)\s?(?P<last>{LETTERS})")
YEAR, ANY_YEAR = re.compile(r"(?:1[89]|20)\d\d"), "0000"
"""A year, and how phrases are listed that contain one: “end of 0000”."""
SHORTEST = 3
NUMBER_SIGN = "NUMBER_SIGN"
"""The concept of words for separators in numbers, not units: “thousands separator: space”."""
CLAUSE_BREAK = re.compile(r"[()\[\]（）【】;；؛.。|]")
DAY = re.compile(r"\d{1,2}(?:st|nd|rd|th|er|ère|ro|º|ª|°)", re.IGNORECASE)
"""A day of a month as titles write it: “27th June”, “1er septembre”."""
"""Minimum length of an unknown word that may change the measure."""
HAVING = "HAVING"
"""The concept of words such as “holding”, “posiadający”."""
GROUP_CONCEPTS = frozenset({"GROUP", "CTZ_STATUS", "BIRTH_STATUS"})
POSSESSED_CONCEPTS = frozenset({"COUNTRY", *GROUP_CONCEPTS})
PLACE_CONCEPT = "place"
"""The code of negations that are “in the” in another language: Portuguese “no Brasil”."""
PREFIX = "prefix"
"""The code of negations that are joined to a word: “nicht-”, “не-”."""
SAYING_NO_OBJECT = frozenset({"AGEPART", "ARTICLE", "BY", "JOINING", "NEGATION", "PLAIN", "ROLE", "WORDING"})
BIRTHPLACE, FOREIGN_CITIZENS = ("ROLE", "C_BIRTH"), ("CTZ_STATUS", "FC")
CITIZENS_OF_COUNTRY, STATELESS = ("CTZ_STATUS", "NC"), "STLS"
CITIZENSHIP_CHANGES, MAX_GAP = {"becoming": ("CTZ", "ACQ"), "losing": ("CTZ_LOSS", "LOSS")}, 3
"""What verbs do to a citizenship that is at most so many words away."""
WITHOUT, WITHIN = frozenset({"before", "inside", "not"}), "WITHIN"
"""The codes of words such as “without”, and the concept of words for “in” a country."""
CLAUSE_SIGNS = re.compile(r"[()\[\]（）【】,;:.،؛、，；：。–—|]|\s-\s")
SKIPPED_CONCEPTS = frozenset({HAVING, "ARTICLE"})
"""Concepts of words between a negation and what it negates."""
COUNTRY = "COUNTRY"
"""The concept of the names of countries and of their peoples."""
ORDINARY_CONCEPTS = frozenset({"PLAIN", "ROLE"})
NAME_CONCEPTS = ("PLACE", "SEX")
INDEX_TITLE = re.compile(r"(?:\d{4}\s?|[^\W\d_]{3,}\s?)[^\W\d_]{0,2}\.?\s*[=＝]\s*100(?![\d.,]|\s?[^\W\d_])")
OF_STOCKS = frozenset({"POP", "STUDENT", "WORKER"})
COUNTED = frozenset(("MEASURE", code) for code in (*OF_STOCKS, "IMM", "EMI", "MIG", "NET", "BORDER_IN", "BORDER_OUT"))
PERMIT_MEASURES = frozenset(("MEASURE", code) for code in ("PERMIT", "VISA", "WORK_PERMIT"))
"""Documents whose names may contain a kind: “zezwolenia na pobyt czasowy”."""
MOVE_MEASURES = frozenset({"MIG", "NET"})
"""Measures in which “foreign” describes the move: “foreign migration” crosses a border."""
BREAKDOWNS = frozenset(
    {"ROLE", "SEX", "PLACE", "GROUP", "AGEPART", "REASON", "CTZ_STATUS", "BIRTH_STATUS", "PROT_STATUS", "MOB_TYPE"}
)
BETWEEN = frozenset({"PLAIN", "ARTICLE", "JOINING", "WORDING"})
MAX_BY_WORDS = 2
IN, BY_BEFORE_IN = "in", ("po", "glede")
BEHIND = "behind"
MAX_COUNTRY_WORDS = 8
"""Maximum number of words in the name of a country."""


class Word(NamedTuple):
    written: str
    plain: str
    after_comma: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A phrase of a title and its meaning.

    `code` belongs to `concept`, such as ``FC`` of ``CTZ_STATUS``. `negated`: after “non”. `inner`: within a longer
    phrase such as “foreign resident population”.
    """

    concept: str
    code: str
    phrase: str
    at: int
    negated: bool = False
    inner: bool = False

    @property
    def end(self) -> int:
        return self.at + len(split_words(self.phrase))

    @property
    def span(self) -> range:
        return range(self.at, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTitle:
    """The meaning of a title in order, its unexplained words, and the positions of breakdowns."""

    title: str
    mentions: tuple[Mention, ...]
    unexplained: tuple[str, ...]
    broken_down: frozenset[int]

    def of(self, *concepts: str) -> tuple[Mention, ...]:
        return tuple(mention for mention in self.mentions if mention.concept in concepts)

    @property
    def is_source(self) -> bool:
        return any(mention.at == 0 for mention in self.of("SOURCE"))


@lru_cache(maxsize=4096)
def read_title(title: str, recogniser: Recogniser) -> ReadTitle:
    title = DATASET_CODE.sub("", " ".join(title.split()))
    title = _complete_first_word(convert_numerals(unicodedata.normalize("NFC", title)), recogniser.vocabulary)
    title = _split_negations(title, recogniser)
    words = split_words(title)
    mentions, free = find_mentions(words, recogniser.vocabulary)
    countries = list(_find_countries(words, set(free), _find_single_signs(mentions), recogniser))
    in_countries = {at for mention, size in countries for at in range(mention.at, mention.at + size)}
    mentions = [
        mention for mention in mentions if mention.at not in in_countries or mention.concept not in NAME_CONCEPTS
    ]
    within = (inner for mention in mentions for inner in _find_inner_groups(mention, words, recogniser.vocabulary))
    offices = {mention.at for mention in mentions if mention.code == "office"}  # a country before is in its name
    further = (
        *(replace(each, inner=not offices.isdisjoint(range(each.at + 1, each.end + 1))) for each, _ in countries),
        *_find_index_bases(title),
        *within,
    )
    mentions = sorted([*mentions, *further], key=lambda mention: mention.at)
    changes = list(_find_citizenship_changes(mentions, words, recogniser.vocabulary))
    changed = {at for change in changes for at in change.span}
    mentions = sorted([*changes, *(each for each in mentions if each.at not in changed)], key=lambda each: each.at)
    lacking = set(_find_lacked_citizenships(mentions, words, title, recogniser.vocabulary))
    births = _find_foreign_births(mentions, title)
    mentions = [replace(each, concept="BIRTH_STATUS", code="FB") if each in births else each for each in mentions]
    months = {mention.at for mention in mentions if mention.concept == "MONTH"}
    days = {at for at in free if DAY.fullmatch(words[at].written) and months & {at - 2, at - 1, at + 1, at + 2}}
    known = in_countries | changed | days | _find_number_sign_words(title, mentions)
    known |= _find_year_parts(words, recogniser.vocabulary) | _find_dating_words(words, free, recogniser.vocabulary)
    unknown = [at for at in free if at not in known and is_telling(words[at].written)]
    unknown = sorted({*unknown, *_find_objectless_words(mentions, free)} - {at for span in lacking for at in span})
    return ReadTitle(
        title=title,
        mentions=tuple(_negate_lacked_citizenships(_mark_negations(mentions, title, recogniser), lacking)),
        unexplained=tuple(_join([words[at].written for at in unknown])),
        broken_down=frozenset(_find_breakdowns(mentions, free, words)) - {mention.at for mention in births},
    )


LONGEST_DATING = 3


def _find_dating_words(words: Sequence[Word], free: Sequence[int], vocabulary: Vocabulary) -> set[int]:
    """Find words that only link figures to a day: “Stan na 31 grudnia”."""
    spans = [range(at, at + size) for at in free for size in range(1, LONGEST_DATING + 1)]
    phrases = ((span, " ".join(word.plain for word in words[span.start : span.stop])) for span in spans)
    return {at for span, phrase in phrases if vocabulary.codes("AS_AT", phrase) for at in span}


def _complete_first_word(title: str, vocabulary: Vocabulary) -> str:
    """Complete a first word that shares its ending with a later one: “Erst- und Folgeanträge”."""

    def whole(match: re.Match[str]) -> str:
        first, joint, last = match["first"], match["joint"], match["last"]
        known, joins = vocabulary.phrases, vocabulary.codes("JOINING", plain(joint)) or joint == "/"
        if not joins or plain(last) not in known or plain(match[0]) in known:
            return match[0]
        wholes = (first + last[at:] for at in range(1, len(last) - SHORTEST + 1))
        found = next((word for word in wholes if plain(word) in known), "")
        return f"{found} {joint} {last}" if found else match[0]

    return SHARED_END.sub(whole, title)


def _split_negations(title: str, recogniser: Recogniser) -> str:
    """Split a negation from a word for citizens or a people: “nichtösterreichischer”, “неграждан”."""
    vocabulary, countries = recogniser.vocabulary, recogniser.countries

    def apart(match: re.Match[str]) -> str:
        word, phrases = match[0], vocabulary.phrases
        sizes = range(2, min(LONGEST_AFFIX, len(word) - SHORTEST))
        for size in (size for size in sizes if PREFIX in vocabulary.codes(NOT, plain(word[:size]))):
            is_known = plain(word) in phrases or countries.is_demonym(word) or countries.is_name(word)
            is_group = any(concept == "CTZ_STATUS" for concept, _ in phrases.get(plain(word[size:]), ()))
            if not is_known and (is_group or countries.is_demonym(word[size:])):
                return f"{word[:size]} {word[size:]}"
        return word

    return WORD.sub(apart, title)


def find_mentions(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[list[Mention], list[int]]:
    """Find mentions by longest phrase, and unknown words; feminine words have the meaning of masculine ones."""
    masculine = [word._replace(plain=vocabulary.masculine(word.plain)) for word in words]
    spelt = (words,) if masculine == words else (words, masculine)
    phrases, without_affix = vocabulary.phrases, vocabulary.iterate_stems
    mentions: list[Mention] = []
    free: list[int] = []

    def find_longest(at: int, end: int) -> tuple[int, str]:
        longest = LONGEST_OF_SIGNS if WITHOUT_BLANKS.match(words[at].written) else LONGEST_PHRASE
        sizes = range(min(longest, end - at), 0, -1)
        tried = ((n, each[at : at + n]) for n in sizes for each in spelt)
        keys = ((n, key) for n, each in tried for key in without_affix(_lookup_key(each), ALL_WORDS))
        return next(((size, key) for size, key in keys if key in phrases), (0, ""))

    at = 0
    while at < len(words):
        size, key = find_longest(at, len(words))
        if size > 1 and {concept for concept, _ in phrases[key]} == {"WORDING"}:
            for start in range(at + 1, at + size):  # “people born in” in “people born in another country”
                longer, group = find_longest(start, len(words))
                is_group = any(concept in GROUP_CONCEPTS for concept, _ in phrases.get(group, ()))
                if is_group and start + longer > at + size:
                    size, key = find_longest(at, start)
                    break
        if size:
            phrase = " ".join(_join([word.written for word in words[at : at + size]]))
            pairs = [pair for pair in phrases[key] if _is_word_form(*pair, phrase, vocabulary)]
            mentions += [Mention(concept=concept, code=code, phrase=phrase, at=at) for concept, code in pairs]
        else:
            free.append(at)
        at += size or 1
    return mentions, free


def _is_word_form(concept: str, code: str, phrase: str, vocabulary: Vocabulary) -> bool:
    return concept != "SEX" or not is_short(phrase) or code in vocabulary.list_short_codes(concept, phrase)


def split_words(title: str) -> list[Word]:
    """Split a title into words; in scripts without spaces, each character is a word.

    >>> [word.plain for word in split_words("Non-Kenyan women, 2019 (in 1,000)")]
    ['non', 'kenyan', 'women', '2019', 'in', '1 000']
    """
    words: list[Word] = []
    end = 0
    for match in WORD.finditer(title):
        comma = bool(COMMA_SIGNS & set(title[end : match.start()]))
        end = match.end()
        written = match[0]
        parts = (
            CHARACTER_PIECES.findall(written) if WITHOUT_BLANKS.search(written) else ELISION_APOSTROPHE.split(written)
        )
        words += [Word(part, space_out_signs(plain(part)), comma and not number) for number, part in enumerate(parts)]
    return words


def is_telling(word: str) -> bool:
    if WITHOUT_BLANKS.search(word):
        return True
    is_number = word[-1].isdigit() or ROMAN_NUMBER.fullmatch(word) or PART_OF_ID.fullmatch(word)
    return len(word) >= SHORTEST and not is_number


def _find_number_sign_words(title: str, mentions: Sequence[Mention]) -> set[int]:
    signs = {mention.at for mention in mentions if mention.concept == NUMBER_SIGN}
    of_signs, first = set[int](), 0
    for part in CLAUSE_BREAK.split(title) if signs else ():
        positions = range(first, first + len(split_words(part)))
        first = positions.stop
        of_signs |= set(positions) if signs & set(positions) else set()
    return of_signs


def _find_year_parts(words: Sequence[Word], vocabulary: Vocabulary) -> set[int]:
    """Return the positions of quarters and half-years with their number: “prvo polugodište”, “1. halvår”."""
    spans = (range(at, at + size) for size in (2, 3) for at in range(len(words) - size + 1))
    written = ((span, " ".join(words[at].plain for at in span)) for span in spans)
    return {at for span, phrase in written if find_part_of_year(phrase, vocabulary) for at in span}


def is_introduced(mention: Mention, reading: ReadTitle) -> bool:
    return mention.at in reading.broken_down


def _lookup_key(words: Sequence[Word]) -> str:
    return " ".join(ANY_YEAR if YEAR.fullmatch(word.plain) and len(words) > 1 else word.plain for word in words)


def _join(written: Sequence[str]) -> list[str]:
    joined: list[str] = []
    for word in written:
        if joined and WITHOUT_BLANKS.match(word) and WITHOUT_BLANKS.match(joined[-1][-1]):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def index_concepts(mentions: Iterable[Mention]) -> dict[int, set[str]]:
    """Return the concepts of the mentions that begin at each word."""
    concepts_at: dict[int, set[str]] = {}
    for mention in mentions:
        concepts_at.setdefault(mention.at, set()).add(mention.concept)
    return concepts_at


def _find_single_signs(mentions: Sequence[Mention]) -> set[int]:
    concepts_at: dict[int, set[str]] = {}
    for mention in mentions:
        is_sign = len(mention.phrase) == 1 and WITHOUT_BLANKS.fullmatch(mention.phrase)
        concepts_at.setdefault(mention.at, set()).add(mention.concept if is_sign else "")
    return {at for at, concepts in concepts_at.items() if concepts <= ORDINARY_CONCEPTS}


def _find_countries(
    words: Sequence[Word], free: set[int], signs: set[int], recogniser: Recogniser
) -> Iterator[tuple[Mention, int]]:
    """Find countries in words without another meaning, with their lengths.

    “And” starts another name unless lists include it; a comma belongs to a name (“Korea, Republic of”) only if neither
    side is one.
    """
    taken: set[int] = set()
    negating = {at for at, word in enumerate(words) if recogniser.vocabulary.codes(NOT, word.plain)}
    sizes = range(min(MAX_COUNTRY_WORDS, len(words)), 0, -1)
    spans = [(at, size) for size in sizes for at in range(len(words) - size + 1)]
    phrases = {(at, size): " ".join(_join([word.written for word in words[at : at + size]])) for at, size in spans}
    crossing = {span for span in spans if any(word.after_comma for word in words[span[0] + 1 : sum(span)])}
    joining = {at for at, word in enumerate(words) if recogniser.vocabulary.codes("JOINING", word.plain)}
    exact = {span for span in spans if recogniser.countries.is_name(phrases[span])}
    has_capitals_only = len(words) > 1 and " ".join(word.written for word in words).isupper()
    for at, size in sorted(spans, key=lambda span: span in crossing):
        span, phrase = set(range(at, at + size)), phrases[at, size]
        if (at, size) not in exact and any(at <= a and a + n <= joint for joint in span & joining for a, n in exact):
            continue
        is_short = len(phrase) <= SHORTEST and phrase.lower() != phrase.upper()
        has_number = any(words[position].plain.isdecimal() for position in span)
        of_signs = size > 1 and span <= signs and (at, size) in exact
        if not (span & free or of_signs) or span & (taken | negating) or has_number:
            continue
        own_words = [words[position].written for position in span & free]
        if (at, size) not in exact and not _may_be_name(phrase, own_words, recogniser):
            continue
        if is_short and (has_capitals_only or phrase not in recogniser.countries.everyday):
            continue
        code = recogniser.countries.find_code_in_text(phrase)
        if code:
            taken |= span
            yield Mention(concept=COUNTRY, code=code, phrase=phrase, at=at), size


def _may_be_name(phrase: str, free: Sequence[str], recogniser: Recogniser) -> bool:
    """Check whether a phrase may be an unlisted form of a name.

    One of its words must have no other meaning, which excludes “of men and”, and begin with a capital, which excludes
    “mayores”. Names of countries and peoples need no capital.
    """
    is_capital = phrase != phrase.lower() or phrase == phrase.title()
    countries, words = recogniser.countries, (phrase, *phrase.split())
    is_known = any(countries.is_demonym(word) or countries.is_name(word) for word in words)
    return any(map(is_telling, free)) and (is_capital or is_known)


def _find_inner_groups(mention: Mention, words: Sequence[Word], vocabulary: Vocabulary) -> Iterator[Mention]:
    subject = (mention.concept, mention.code)
    size = len(split_words(mention.phrase)) if subject in COUNTED | PERMIT_MEASURES else 0
    phrases, taken = vocabulary.phrases, set[int]()
    concepts = {"GROUP"} | (set() if mention.code in MOVE_MEASURES or subject in PERMIT_MEASURES else {"CTZ_STATUS"})
    concepts |= {"BIRTH_STATUS"} if mention.code in OF_STOCKS else set()
    spans = [(at, length) for length in range(size, 0, -1) for at in range(mention.at, mention.at + size - length + 1)]
    for at, length in spans:
        pairs = phrases.get(_lookup_key(words[at : at + length]), ())
        groups = [(concept, code) for concept, code in pairs if concept in concepts and length < size]
        if (groups or ("PLAIN", "plain") in pairs) and taken.isdisjoint(range(at, at + length)):
            taken |= set(range(at, at + length))
            phrase = " ".join(_join([word.written for word in words[at : at + length]]))
            yield from (
                Mention(concept=concept, code=code, phrase=phrase, at=at, inner=True) for concept, code in groups
            )


def _find_index_bases(title: str) -> Iterator[Mention]:
    """Find index bases in a title: “2015 = 100”."""
    for match in INDEX_TITLE.finditer(title):
        at = len(split_words(title[: match.end()])) - 1
        yield Mention(concept="UNIT", code="INDEX", phrase=match[0].strip(), at=at)


def _find_foreign_births(mentions: Sequence[Mention], title: str) -> list[Mention]:
    """Find words for “foreign” next to a word for place of birth: “ausländischem Geburtsland” means birth abroad."""
    births = [mention.phrase for mention in mentions if (mention.concept, mention.code) == BIRTHPLACE]
    foreign = [mention for mention in mentions if (mention.concept, mention.code) == FOREIGN_CITIZENS]
    return [
        mention
        for mention in foreign
        if any(
            joint in title for birth in births for joint in (f"{mention.phrase} {birth}", f"{birth} {mention.phrase}")
        )
    ]


def _find_objectless_words(mentions: Sequence[Mention], free: Sequence[int]) -> Iterator[int]:
    """Find words such as “holding” whose object is not recognised."""
    concepts_at: dict[int, set[str]] = {at: {""} for at in free}
    for mention in mentions:
        concepts_at.setdefault(mention.at, set()).add(mention.concept)
    ends = {mention.at: mention.end for mention in mentions if not mention.inner}
    for having in (mention for mention in mentions if mention.concept == HAVING):
        at = having.end
        while concepts_at.get(at, set()) & SKIPPED_CONCEPTS:
            at = ends[at]
        before = {concept for start, end in ends.items() if end == having.at for concept in concepts_at[start]}
        is_verb_behind = bool(before & POSSESSED_CONCEPTS) and NOT not in before | concepts_at[having.at]
        if concepts_at.get(at, set()) <= SAYING_NO_OBJECT and not is_verb_behind:
            yield from having.span


def _mark_negations(mentions: Sequence[Mention], title: str, recogniser: Recogniser) -> Iterator[Mention]:
    """Mark words after a negation, skipping words such as “holding”: “not holding the Kenyan citizenship”.

    With a colon it is a different word: “Not:” is Turkish for “Note:”. Portuguese “no” before a place means “in the”.
    """
    concepts_at = index_concepts(mentions)
    behind: set[int] = set()
    for mention in mentions:
        is_negation = mention.concept == NOT and mention.code != BEHIND and f"{mention.phrase}:" not in title
        if is_negation or (mention.at in behind and concepts_at[mention.at] & SKIPPED_CONCEPTS):
            behind.add(mention.end)
    before = {mention.at for mention in mentions if (mention.concept, mention.code) == (NOT, BEHIND)}
    placing = {mention.end for mention in mentions if (mention.concept, mention.code) == (NOT, PLACE_CONCEPT)}
    places = {
        mention.at
        for mention in mentions
        if mention.at in placing
        and (
            mention.concept == "PLACE" or (mention.concept == COUNTRY and recogniser.countries.is_name(mention.phrase))
        )
        and concepts_at.get(mention.end, set()).isdisjoint(POSSESSED_CONCEPTS | {"ROLE"})
    }
    for mention in mentions:
        if mention.concept != NOT or mention.end not in places:
            is_negated = mention.at in behind - places or mention.end in before
            yield replace(mention, negated=is_negated and mention.concept != NOT)


def _find_lacked_citizenships(
    mentions: Sequence[Mention], words: Sequence[Word], title: str, vocabulary: Vocabulary
) -> Iterator[range]:
    """Find “without” or “not having” with the citizenship of a country: “sem nacionalidade portuguesa”.

    People without any citizenship may live in a country: “sem nacionalidade em Portugal”. A country before a word for
    stateless people, “Eesti kodakondsuseta isikud”, may mean both.
    """
    parts = [f" {' '.join(word.plain for word in split_words(part))} " for part in CLAUSE_SIGNS.split(title)]
    citizenships = _list_citizenship_words(vocabulary)
    small = {at for mention in mentions if mention.concept in SKIPPED_CONCEPTS for at in mention.span}
    negations = {mention.end for mention in mentions if mention.concept == NOT and mention.code != BEHIND}
    negations |= {at + 1 for at, word in enumerate(words) if _is_without(word.plain, vocabulary)}
    before = {mention.at for mention in mentions if (mention.concept, mention.code) == (NOT, BEHIND)}
    joined = {at for at, word in enumerate(words) if word.plain in citizenships}
    endings = {mention.at for mention in mentions if mention.code == STATELESS and mention.at not in negations}
    endings = {at for at in endings if any(words[at].plain[:size] in citizenships for size in range(SHORTEST, 20))}
    for mention in mentions:
        if mention.concept != COUNTRY and (mention.concept, mention.code) != CITIZENS_OF_COUNTRY:
            continue
        first, last = mention.at, mention.end
        while first not in negations and first - 1 in joined | small:
            first -= 1
        last += last in joined and last < len(words)
        span = range(first, last)
        is_place = any(vocabulary.codes(WITHIN, words[at].plain) for at in span)
        is_whole = any(f" {' '.join(words[at].plain for at in span)} " in part for part in parts)
        if (first in negations or last in before) and not joined.isdisjoint(span) and is_whole and not is_place:
            yield span
        elif mention.end in endings and not words[mention.end].after_comma:
            yield mention.span


def _find_citizenship_changes(
    mentions: Sequence[Mention], words: Sequence[Word], vocabulary: Vocabulary
) -> Iterator[Mention]:
    """Find verbs beside a citizenship, also of a named country: “ayant acquis la nationalité marocaine”."""
    known = _list_citizenship_words(vocabulary)
    roles = [mention for mention in mentions if (mention.concept, mention.code) == ("ROLE", "C_CITIZEN")]
    nouns = {each.span for each in roles} | {range(at, at + 1) for at, word in enumerate(words) if word.plain in known}
    whose = [each for each in mentions if each.concept == COUNTRY or (each.concept, each.code) == CITIZENS_OF_COUNTRY]
    nouns |= {
        range(min(each.at, noun.start), max(each.end, noun.stop))
        for noun in nouns
        for each in whose
        if each.at <= noun.stop and noun.start <= each.end
    }
    objects = {at for mention in mentions if mention.concept in ("GROUP", "MEASURE") for at in mention.span}
    apart = objects | {mention.at for mention in mentions if mention.concept in ("BY", "JOINING")}
    for verb in (range(at, at + size) for size in (3, 2, 1) for at in range(len(words) - size + 1)):
        codes = vocabulary.codes("NATURE", " ".join(_join([words[at].plain for at in verb])))
        measure, item = next((CITIZENSHIP_CHANGES[code] for code in codes if code in CITIZENSHIP_CHANGES), ("", ""))
        for noun in sorted(nouns, key=len, reverse=True) if item else ():
            span = range(min(noun.start, verb.start), max(noun.stop, verb.stop))
            is_divided = any(words[at].after_comma for at in span[1:]) or not apart.isdisjoint(span)
            is_near = len(span) - len(verb) - len(noun) <= MAX_GAP
            if is_near and not is_divided and not (noun.start < verb.start and verb.stop in objects):
                phrase = " ".join(_join([words[at].written for at in span]))
                yield Mention(concept="MEASURE", code=measure, phrase=phrase, at=span.start)
                yield Mention(concept="CTZ_ITEM", code=item, phrase=phrase, at=span.start)
                return


@lru_cache(maxsize=8)
def _list_citizenship_words(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the words for citizenship in any grammatical case, including those for stateless people."""
    words = {word for word, codes in vocabulary.words.get("ROLE", {}).items() if "C_CITIZEN" in codes}
    for phrase in (phrase.split() for phrase in vocabulary.words.get("STATELESS", {})):
        without = [at for at, word in enumerate(phrase) if _is_without(word, vocabulary)]
        words |= {word for at in without for word in phrase[at + 1 :]}
    return frozenset(words)


def _is_without(word: str, vocabulary: Vocabulary) -> bool:
    return not WITHOUT.isdisjoint((*vocabulary.codes(EXCLUDING, word), *vocabulary.codes(NOT, word)))


def _negate_lacked_citizenships(mentions: Iterator[Mention], lacking: set[range]) -> Iterator[Mention]:
    """Negate the countries in phrases for lack of a citizenship, which are not about stateless people."""
    for mention in mentions:
        span = next((span for span in lacking if mention.at < span.stop and mention.end >= span.start), None)
        if span is None:
            yield mention
        elif mention.concept == COUNTRY or (mention.concept, mention.code) == CITIZENS_OF_COUNTRY:
            yield replace(mention, negated=True)
        elif mention.code != STATELESS and mention.concept not in (EXCLUDING, "OUTSIDE"):
            yield mention


def _find_breakdowns(mentions: Sequence[Mention], free: Sequence[int], words: Sequence[Word]) -> Iterator[int]:
    """Find the breakdowns after “by”: “by sex, age and district”."""
    concepts_at = {at: set[str]() for at in free} | index_concepts(mentions)
    whole = {
        mention.at
        for mention in mentions
        if mention.concept == "BY" and len(mention.phrase) > MAX_BY_WORDS and HAN.match(mention.phrase)
    }
    behind = {mention.at for mention in mentions if mention.concept == "BY" and mention.code == BEHIND}
    crossings = {mention.at for mention in mentions if mention.code in ("BORDER_IN", "BORDER_OUT")}
    is_expected = is_listed = is_described = False
    by = ""
    for at in sorted(concepts_at):
        concepts = concepts_at[at]
        by = words[at].plain if "BY" in concepts else by
        if words[at].plain == IN and by not in BY_BEFORE_IN:
            concepts = concepts - {"JOINING"}
        is_expected = is_expected or (is_listed and words[at].after_comma)
        if at in behind:
            yield from _find_before(at, concepts_at)
            is_expected = is_listed = False
        elif "BY" in concepts:
            if at in whole and concepts & BREAKDOWNS:  # “按国籍分”
                yield at
            is_expected, is_listed, is_described = at not in whole, False, False
        elif (is_expected and concepts & BREAKDOWNS) or (is_described and at in crossings):  # “by reason for entry”
            yield at
            is_expected, is_listed, is_described = False, True, True
        elif concepts and concepts <= BETWEEN:
            is_described = (is_expected or is_listed) and "JOINING" not in concepts
            is_expected = is_expected or (is_listed and "JOINING" in concepts)
        else:
            is_expected = is_listed = is_described = False


def _find_before(by: int, concepts_at: Mapping[int, set[str]]) -> Iterator[int]:
    """Return the positions immediately before a word such as “göre”, joined by “and”."""
    is_expected = True
    for at in sorted((at for at in concepts_at if at < by), reverse=True):
        concepts = concepts_at[at]
        if is_expected and concepts & BREAKDOWNS:
            yield at
            is_expected = False
        elif "JOINING" in concepts:
            is_expected = True
        elif not (is_expected and concepts and concepts <= BETWEEN):
            return
