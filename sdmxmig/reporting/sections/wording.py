"""The words of the report in one language: sentences, the names that lists declare, and numbers by the locale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives import text
from sdmxmig.primitives.blanks import filled
from sdmxmig.reporting.charts.geography import Geography
from sdmxmig.reporting.charts.theme import SHIPPED, Theme
from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.statements import sentence_of
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.evidence import CONTRADICTED
from sdmxmig.sdmx.model.profile import Scale
from sdmxmig.sdmx.model.scores import Statement
from sdmxmig.sdmx.words import FILE, form_of, read_words

SIGNS = ("○", "◔", "◑", "◕", "●")
FULLY = 4
"""The level of an answer that could not be better, as the last of the signs shows it."""
UNKNOWN = "?"
NOT_APPLICABLE = "—"
START = "POP_BEG"
NOT_KNOWN = frozenset({"", "DK", "_U"})
EXCLUDED = frozenset({"NA", "_Z"})
OUTCOMES = {
    "BALANCED": "closes exactly",
    "ROUNDING": "closes within rounding",
    "TOLERATED": "closes within the tolerance",
    "UNBALANCED": "does not close",
    "NOT_TESTABLE": "cannot be tested",
}


PLACE_IN_DOCUMENT = re.compile(
    r"(?P<title>.+), (?:(?P<paragraph>§\d+)|slide “(?P<slide>[^”]+)”|chapter (?P<chapter>\d+))"
)
"""A citation that ends with a place: a paragraph, a slide by its title, or a chapter."""


class Labelled(Protocol):
    """An assessment or a study, which has the names of the codes that appear in it."""

    @property
    def labels(self) -> Mapping[str, Text]:
        """The names of codes, by list and code."""


@lru_cache(maxsize=1)
def shipped_words() -> Mapping[str, Mapping[str, str]]:
    """The sentences of all reports in the languages into which they are translated."""
    return read_words((shipped("templates") / "report" / FILE).read_text(encoding="utf-8-sig"))


@lru_cache(maxsize=1)
def shipped_titles() -> Mapping[str, Mapping[str, str]]:
    """The titles of cited documents in the languages that have one."""
    return read_words((shipped("templates") / "report" / "titles.csv").read_text(encoding="utf-8-sig"))


def of_language(words: Mapping[str, Mapping[str, str]], language: str) -> Mapping[str, str]:
    """The translations into a language, with those for all its regions where it has none of its own."""
    return {**words.get(text.base(language), {}), **words.get(language, {})}


def shipped_word(key: str, language: str) -> str:
    """The translation of a message that ships, empty if there is none."""
    words = shipped_words()
    return next((words[tongue][key] for tongue in (language, text.base(language)) if key in words.get(tongue, {})), "")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language says things: messages are written in English and translated by the table of words.

    `office_words` are translations of an office by their English text, which come before those that ship;
    `office_words_unseen` says that they were made for the office, which has not seen them.
    `untranslated` gathers the keys of what had to be said in English. `theme` has the colours of drawings, `geography`
    the land and places of an office for its maps, None where those that ship are used.
    """

    language: str
    office_words: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    office_words_unseen: bool = False
    untranslated: dict[str, None] = field(default_factory=dict, compare=False)
    theme: Theme = SHIPPED
    geography: Geography | None = None

    def say(self, message: str, **values: object) -> str:
        """A message in the language, with its values put in."""
        return self._said(message, message, values)

    def count(self, singular: str, many: str, counted: int, **values: object) -> str:
        """A message about a number of things; its text has ``{n}``."""
        form = text.plural_form(counted, self.language)
        english = singular if counted == 1 else many
        return self._said(form_of(many, form), english, {"n": self.number(counted), **values})

    def of(self, translations: Text) -> str:
        """What is declared in several languages, in this one."""
        words = text.tight(translations.in_language(self.language), self.language)
        return words if not words or translations.has(self.language) else self._said(words, words, {})

    def is_unseen(self, translations: Text) -> bool:
        """Whether what is declared is shown in a translation that the office has not seen."""
        is_declared = translations.has(self.language)
        return self.office_words_unseen and not is_declared and str(translations) in self.office_words

    def _said(self, key: str, english: str, values: Mapping[str, object]) -> str:
        """What the tables have for a key, else the English, kept in its own direction and remembered."""
        is_english = text.base(self.language) == "en"
        translated = self.office_words.get(key) or ("" if is_english else shipped_word(key, self.language))
        words = filled(translated or english, values) if values else translated or english
        words = text.tight(words, self.language)
        words = words.removesuffix(".") if words.endswith("..") else words  # an abbreviation before a full stop
        if translated or not english or is_english:
            return words
        self.untranslated[key] = None
        return text.isolated(words, self.language)

    def year(self, year: str, remark: str = "") -> str:
        """A year as it stands in a sentence, with a remark such as “provisional” behind it."""
        return self.say("{year} ({remark})", year=year, remark=remark) if remark else self.say("{year}", year=year)

    def day(self, day: Text, year: str) -> str:
        """A day that is declared, such as 1 January, in a year; empty if it names no day."""
        date = text.day_in_year(day.in_language("en"), year)
        return text.date(date, self.language) if date else ""

    def part(self, part: str) -> str:
        """The letter of a part of the indicators, as the language writes it."""
        return self.say(part)

    def number(self, value: Decimal | int, decimals: int = 0) -> str:
        """A number."""
        return text.number(value, self.language, decimals)

    def signed(self, value: Decimal | int, decimals: int = 0) -> str:
        """A change or difference."""
        return text.signed(value, self.language, decimals)

    def percent(self, share: Decimal, decimals: int = 1) -> str:
        """A share of one as a percentage."""
        return text.percent(share, self.language, decimals)

    def label(self, labels: dict[str, str], code: str) -> str:
        """The word for a code; a code that has none stays as it is."""
        return self.say(labels[code]) if code in labels else code

    def reference(self, labelled: Labelled, scheme: str, code: str) -> str:
        """The name of a code as its list declares it, of a column without `scheme`; else the code."""
        key = f"{scheme}.{code}" if scheme else code
        return self.of(labelled.labels[key]) if key in labelled.labels else code

    def unit(self, labelled: Labelled, code: str) -> str:
        """A unit of measure as it stands after a number."""
        return lowered(self.reference(labelled, "CL_UNIT_MEASURE", code))

    def citation(self, citation: str) -> str:
        """A citation with the title of its document in this language, if it has one in `titles.csv`."""
        titles = of_language(shipped_titles(), self.language)
        if citation in titles:
            return titles[citation]
        cited = PLACE_IN_DOCUMENT.fullmatch(citation)
        if not cited:
            return citation
        title = titles.get(cited["title"], cited["title"])
        if cited["slide"]:
            return self.commas((title, self.say("slide “{title}”", title=cited["slide"])))
        if cited["chapter"]:
            return self.commas((title, self.say("chapter {n}", n=cited["chapter"])))
        return self.commas((title, cited["paragraph"]))

    def item(self, labelled: Labelled, code: str) -> str:
        """A term of the population account; that of the start is shorter than its list has it."""
        return self.say("Population at start") if code == START else self.reference(labelled, "CL_ACC_ITEM", code)

    def statement(self, statement: Statement, assessment: Assessment) -> str:
        """A statement of an assessment as a sentence."""
        sentence = sentence_of(statement, assessment.sentences, self.language)
        is_translated = assessment.sentences.get(statement.id, Text()).has(self.language)
        return sentence if is_translated else text.isolated(sentence, self.language)

    def formula(self, formula: str) -> str:
        """A formula with its numbers as the language groups them."""
        decimal, thousands = text.separators(self.language)
        signs = {".": decimal, "\u00a0": thousands}
        return re.sub(r"(?<=\d)[.\u00a0](?=\d)", lambda match: signs[match[0]], formula)

    def commas(self, phrases: Iterable[str]) -> str:
        """Phrases one after another, with the comma of the language."""
        return self.say(", ").join(phrases)

    def semicolons(self, phrases: Iterable[str]) -> str:
        """Phrases one after another, with the semicolon of the language."""
        return self.say("; ").join(phrases)

    def pair(self, name: str, value: str) -> str:
        """A name and what it stands at, with the colon of the language."""
        return f"{name}{self.say(': ')}{value}"

    def series(self, phrases: list[str]) -> str:
        """Phrases one after another with commas and a last “and”."""
        if len(phrases) < 2:
            return "".join(phrases)
        several = self.say("{first} and {last}", first=self.commas(phrases[:-1]), last=phrases[-1])
        return text.with_spanish_and(several, self.language)

    def rating(self, scale: Scale, answer: str) -> ReportCell:
        """The sign and the words of an answer; “unanswered” and “not applicable” have signs of their own."""
        if answer in EXCLUDED:
            return ReportCell(self.say("not applicable"), sign=NOT_APPLICABLE, level="na")
        if answer == CONTRADICTED:
            words = self.say("contradicted by the data, to confirm")
            return ReportCell(words, sign=UNKNOWN, level="unknown", is_absent=True)
        if answer in NOT_KNOWN:
            return ReportCell(self.say("unanswered"), sign=UNKNOWN, level="unknown", is_absent=True)
        word = self.of(scale.label(answer)) or answer
        reached = scale.level(answer)
        return ReportCell(word) if reached is None else ReportCell(word, sign=SIGNS[reached], level=f"l{reached}")

    def absent(self, word: str = "no data") -> ReportCell:
        """The cell of an absent value, with the word for this kind of absence."""
        return ReportCell(self.say(word), is_absent=True)


def lowered(words: str) -> str:
    """Words that go on in a sentence.

    >>> lowered("Per 1,000 population")
    'per 1,000 population'
    """
    return words[:1].lower() + words[1:]


def raised(words: str) -> str:
    """Words that begin a sentence.

    >>> raised("the account closes")
    'The account closes'
    """
    return words[:1].upper() + words[1:]


def natural(text_id: str) -> tuple[object, ...]:
    """A key that sorts ``MI 1.10`` after ``MI 1.9``.

    >>> sorted(["MI 1.10", "MI 1.9", "B02"], key=natural)
    ['B02', 'MI 1.9', 'MI 1.10']
    """
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", text_id) if part)
