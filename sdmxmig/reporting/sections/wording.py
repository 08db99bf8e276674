"""Words, names and numbers in a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from typing import Protocol

from sdmxmig.catalogue.benchmarking import Scale
from sdmxmig.catalogue.folders import read_code_words, read_word_table
from sdmxmig.primitives import text
from sdmxmig.primitives.text import WrittenNumber, fill_message
from sdmxmig.reporting.charts.theme import SHIPPED_THEME, Theme
from sdmxmig.reporting.sections.blocks import NO_FIGURE, ReportCell
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import choose_form
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import CONTRADICTED, Statement, render_statement

RATING_SIGNS = ("○", "◔", "◑", "◕", "●")
FULL_RATING = 4
DESCRIBED, UNKNOWN = "¶", "?"
NOT_APPLICABLE = "—"
START_ITEM = "POP_BEG"
UNKNOWN_ANSWERS = frozenset({"", "DK", "_U"})
EXCLUDED_ANSWERS = frozenset({"NA", "_Z"})


PLACE_IN_DOCUMENT = re.compile(
    r"(?P<title>.+), (?:(?P<paragraph>§\d+)|slide “(?P<slide>[^”]+)”|chapter (?P<chapter>\d+))"
)


class Labelled(Protocol):
    @property
    def labels(self) -> Mapping[str, Text]:
        """The names of codes, by list and code."""


def select_language(words: Mapping[str, Mapping[str, str]], language: str) -> Mapping[str, str]:
    return {**words.get(text.find_base_language(language), {}), **words.get(language, {})}


def find_shipped_word(key: str, language: str) -> str:
    words = read_word_table("report")
    return next(
        (
            words[tongue][key]
            for tongue in (language, text.find_base_language(language))
            if key in words.get(tongue, {})
        ),
        "",
    )


@dataclass(frozen=True, slots=True)
class Wording:
    """Words of a language by English key; `office_words` take precedence, `untranslated` collects missing keys."""

    language: str
    office_words: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    office_words_unseen: bool = False
    untranslated: dict[str, None] = field(default_factory=dict, compare=False)
    theme: Theme = SHIPPED_THEME

    def say(self, message: str, **values: object) -> str:
        return self._said(message, message, values)

    def count(self, singular: str, many: str, counted: int, **values: object) -> str:
        form = text.find_plural_form(counted, self.language)
        english = singular if counted == 1 else many
        return self._said(choose_form(many, form), english, {"n": self.number(counted), **values})

    def of(self, translations: Text) -> str:
        words = translations.in_language(self.language)
        if not words or translations.has(self.language):
            return text.tighten_blanks(words, self.language)
        return self._said(words, words, {})

    def is_unseen(self, translations: Text) -> bool:
        is_declared = translations.has(self.language)
        return self.office_words_unseen and not is_declared and str(translations) in self.office_words

    def _said(self, key: str, english: str, values: Mapping[str, object]) -> str:
        is_english = text.find_base_language(self.language) == "en"
        translated = self.office_words.get(key) or ("" if is_english else find_shipped_word(key, self.language))
        words = fill_message(translated or english, values) if values else translated or english
        words = text.tighten_blanks(words, self.language)
        words = words.removesuffix(".") if words.endswith("..") else words  # an abbreviation before a full stop
        if translated or not english or is_english:
            return words
        self.untranslated[key] = None
        return text.isolate_english(words, self.language)

    def year(self, year: str, remark: str = "") -> str:
        return self.say("{year} ({remark})", year=year, remark=remark) if remark else self.say("{year}", year=year)

    def day(self, day: Text, year: str) -> str:
        date = text.find_day_in_year(day.in_language("en"), year)
        return text.spell_date(date, self.language) if date else ""

    def number(self, value: Decimal | int, decimals: int = 0) -> WrittenNumber:
        return text.format_number(value, self.language, decimals)

    def write_signed(self, value: Decimal | int, decimals: int = 0) -> WrittenNumber:
        return text.format_signed(value, self.language, decimals)

    def write_percent(self, share: Decimal, decimals: int = 1) -> WrittenNumber:
        return text.format_percent(share, self.language, decimals)

    def label(self, labels: Mapping[str, str], code: str) -> str:
        return self.say(labels[code]) if code in labels else code

    def say_code(self, kind: str, code: str) -> str:
        return self.label(read_code_words("report", kind), code)

    def reference(self, labelled: Labelled, scheme: str, code: str) -> str:
        key = f"{scheme}.{code}" if scheme else code
        return self.of(labelled.labels[key]) if key in labelled.labels else code

    def unit(self, labelled: Labelled, code: str) -> str:
        return lower_first_letter(self.reference(labelled, "CL_UNIT_MEASURE", code))

    def citation(self, citation: str) -> str:
        """Return a citation with titles in this language, if ``titles.csv`` has them."""
        titles = select_language(read_word_table("report", "titles.csv"), self.language)
        if citation in titles:
            return titles[citation]
        passages = citation.split("; ")
        if len(passages) > 1:
            return self.join_with_semicolons(map(self.citation, passages))
        return self.qualified(self._split_passage(citation))

    def split_citation(self, citation: str) -> tuple[str, str]:
        """Return the first document cited and the places in it, followed by other citations in full."""
        first, *others = citation.split("; ")
        document, place = self._split_passage(first)
        further = (self.citation(other).removeprefix(f"{document}, ") for other in others)
        return document, self.join_with_semicolons((place, *further))

    def _split_passage(self, citation: str) -> tuple[str, str]:
        """Split a citation into the title of the document in this language and the place in it."""
        titles = select_language(read_word_table("report", "titles.csv"), self.language)
        cited = PLACE_IN_DOCUMENT.fullmatch(citation)
        if not cited:
            return titles.get(citation, citation), ""
        title = titles.get(cited["title"], cited["title"])
        if cited["slide"]:
            return title, self.say("slide “{title}”", title=cited["slide"])
        if cited["chapter"]:
            return title, self.say("chapter {n}", n=cited["chapter"])
        return title, cited["paragraph"]

    def item(self, labelled: Labelled, code: str) -> str:
        return self.say("Population at start") if code == START_ITEM else self.reference(labelled, "CL_ACC_ITEM", code)

    def statement(self, statement: Statement, assessment: Assessment) -> str:
        sentence = render_statement(statement, assessment.sentences, self.language)
        is_translated = assessment.sentences.get(statement.id, Text()).has(self.language)
        return sentence if is_translated else text.isolate_english(sentence, self.language)

    def formula(self, formula: str) -> str:
        decimal, thousands = text.find_separators(self.language)
        signs = {".": decimal, "\u00a0": thousands}
        return re.sub(r"(?<=\d)[.\u00a0](?=\d)", lambda match: signs[match[0]], formula)

    def join_with_commas(self, phrases: Iterable[str]) -> str:
        return self.say(", ").join(filter(None, phrases))

    def qualified(self, phrases: Iterable[str]) -> str:
        """Join a phrase and its qualifications; Chinese uses another comma here than in lists."""
        said = ""
        for phrase in filter(None, phrases):
            said = self.say("{first}, {second}", first=said, second=phrase) if said else phrase
        return said

    def join_with_semicolons(self, phrases: Iterable[str]) -> str:
        return self.say("; ").join(filter(None, phrases))

    def pair(self, name: str, value: str) -> str:
        return f"{name}{self.say(': ')}{value}"

    def series(self, phrases: list[str]) -> str:
        if len(phrases) < 2:
            return "".join(phrases)
        several = phrases[0]
        for phrase in phrases[1:-1]:  # Arabic writes “and” before each of them
            several = self.say("{first}, {item}", first=several, item=phrase)
        several = self.say("{first} and {last}", first=several, last=phrases[-1])
        return text.adjust_spanish_conjunction(several, self.language)

    def rating(self, scale: Scale, answer: str, *, is_described: bool = False) -> ReportCell:
        """Return the symbol and words of an answer; unrated practices and unanswered questions have their own."""
        if answer in EXCLUDED_ANSWERS:
            return ReportCell(self.say("not applicable"), sign=NOT_APPLICABLE, level="na")
        if answer == CONTRADICTED:
            words = self.say("contradicted by the data, to confirm")
            return ReportCell(words, sign=UNKNOWN, level="unknown", is_absent=True)
        if answer in UNKNOWN_ANSWERS and is_described:
            return ReportCell(self.say("described, not rated"), sign=DESCRIBED, level="described")
        if answer in UNKNOWN_ANSWERS:
            return ReportCell(self.say("unanswered"), sign=UNKNOWN, level="unknown", is_absent=True)
        word = self.of(scale.label(answer)) or answer
        reached = scale.level(answer)
        return (
            ReportCell(word) if reached is None else ReportCell(word, sign=RATING_SIGNS[reached], level=f"l{reached}")
        )

    def absent(self, word: str = "") -> ReportCell:
        return ReportCell(self.say(word) if word else NO_FIGURE, is_absent=True)


CITATION = re.compile(r" ?\[([^\[\]]+)\]")
"""A citation in a text, such as “[G2]”."""


def extract_first_sentence(remark: str) -> str:
    return re.split(r"\.(?:\s|$)|。", remark)[0]


def lower_first_letter(words: str) -> str:
    """Write the first letter in lower case, for continuing a sentence.

    >>> lower_first_letter("Per 1,000 population")
    'per 1,000 population'
    >>> lower_first_letter("INE publishes 8.8%")
    'INE publishes 8.8%'
    """
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def capitalise(words: str) -> str:
    """Capitalise the first letter, for beginning a sentence.

    >>> capitalise("the account closes")
    'The account closes'
    """
    return words[:1].upper() + words[1:]


def build_sort_key(text_id: str) -> tuple[object, ...]:
    """Build a sort key that puts ``MI 1.10`` after ``MI 1.9``.

    >>> sorted(["MI 1.10", "MI 1.9", "B02"], key=build_sort_key)
    ['B02', 'MI 1.9', 'MI 1.10']
    """
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", text_id) if part)
