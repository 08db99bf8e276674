"""The words of the report in one language: ratings, outcomes, modules, and numbers by the locale."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig import text
from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Assessment
from sdmxmig.reporting.blocks import Cell

SIGNS = ("○", "◔", "◑", "◕", "●")
UNKNOWN = "?"
NOT_APPLICABLE = "—"
LEVELS = {
    "YNP": {"N": 0, "P": 2, "Y": 4},
    "ALIGN": {"0": 0, "1": 1, "2": 3, "3": 4},
    "AVAIL": {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4},
}
RATINGS = {
    "YNP": {"Y": "yes", "P": "partly", "N": "no"},
    "ALIGN": {
        "3": "aligned",
        "2": "minor deviation",
        "1": "major deviation",
        "0": "concept absent",
    },
    "AVAIL": {
        "4": "published regularly, all primary topics",
        "3": "published regularly, some primary topics",
        "2": "irregular or not published",
        "1": "source exists, not compiled",
        "0": "no source",
    },
}
SCALES = {
    "YNP": "Practice",
    "ALIGN": "Alignment of a definition",
    "AVAIL": "Availability of a table or indicator",
}
NOT_KNOWN = frozenset({"", "DK", "_U"})
EXCLUDED = frozenset({"NA", "_Z"})
POLICY_AREAS = {
    "PA1": "Migration stocks and flows, temporary mobility",
    "PA2": "Irregular cross-border movements and visa overstays",
    "PA3": "Access to basic services",
    "PA4": "Integration and wellbeing",
    "PA5": "Labour migrants",
    "PA6": "Discrimination and violence",
}
UNITS = {"PT": "%", "PER_1000_POP": "per 1,000 population", "PS": "persons", "NUMBER": "number"}
ITEMS = {
    "POP_BEG": "Population at start",
    "LBIRTH": "Live births",
    "DEATH": "Deaths",
    "FLW_IMM": "Immigration",
    "FLW_EMI": "Emigration",
    "CTZ_ACQ": "Acquisition of citizenship",
    "CTZ_LOSS": "Loss of citizenship",
    "ADJ": "Adjustment",
    "POP_END": "Population at end",
}
OUTCOMES = {
    "BALANCED": "closes exactly",
    "ROUNDING": "closes within rounding",
    "TOLERATED": "closes within the tolerance",
    "UNBALANCED": "does not close",
    "NOT_TESTABLE": "cannot be tested",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language says things; messages are written in English and translated where a translation is shipped."""

    language: str

    def say(self, message: str, **values: object) -> str:
        """A message in the language, with its values put in."""
        translated = text.translations(self.language).gettext(message) if message else ""
        return translated.format(**values) if values else translated

    def count(self, one: str, many: str, counted: int, **values: object) -> str:
        """A message about a number of things; its text has ``{n}``."""
        translated = text.translations(self.language).ngettext(one, many, counted)
        return translated.format(n=self.number(counted), **values)

    def of(self, translations: Text) -> str:
        """What is declared in several languages, in this one."""
        return translations.in_language(self.language)

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

    def unit(self, code: str) -> str:
        """The word for a unit of measure."""
        return self.label(UNITS, code)

    def reference(self, found: Assessment, scheme: str, code: str, labels: dict[str, str] | None = None) -> str:
        """The word for a code: what its list declares, else the report's own word, else the code."""
        key = f"{scheme}.{code}" if scheme else code
        return self.of(found.labels[key]) if key in found.labels else self.label(labels or {}, code)

    def series(self, phrases: list[str]) -> str:
        """Phrases one after another with commas and a last “and”."""
        if len(phrases) < 2:
            return "".join(phrases)
        return self.say("{first} and {last}", first=", ".join(phrases[:-1]), last=phrases[-1])

    def rating(self, scale: str, answer: str, declared: Text = Text()) -> Cell:
        """The sign and the words of an answer; what is not known or does not apply has a sign of its own."""
        name = scale_name(scale)
        if answer in EXCLUDED:
            return Cell(self.say("not applicable"), sign=NOT_APPLICABLE, level="na")
        if answer in NOT_KNOWN:
            return Cell(self.say("not known"), sign=UNKNOWN, level="unknown", is_absent=True)
        reached = level(name, answer)
        word = self.of(declared) or self.label(RATINGS.get(name, {}), answer)
        if reached is None:
            return Cell(word)
        return Cell(word, sign=SIGNS[reached], level=f"l{reached}")

    def absent(self) -> Cell:
        """The cell of a value that is not known."""
        return Cell(self.say("not known"), is_absent=True)

    def candidate(self, status: str) -> str:
        """The mark of a text that was not checked against the published Recommendations; empty if it was."""
        return "" if status == "verified" else self.say("candidate")


def scale_name(scale: str) -> str:
    """A scale without the prefix of its codelist."""
    return re.sub(r"^CL_SCALE_", "", scale)


def level(scale: str, answer: str) -> int | None:
    """How far an answer goes on its scale, from 0 to 4; None if the scale has no order that we know."""
    return LEVELS.get(scale_name(scale), {}).get(answer)


def natural(text_id: str) -> tuple[object, ...]:
    """A key that sorts ``MI 1.10`` after ``MI 1.9``.

    >>> sorted(["MI 1.10", "MI 1.9", "B02"], key=natural)
    ['B02', 'MI 1.9', 'MI 1.10']
    """
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", text_id) if part)
