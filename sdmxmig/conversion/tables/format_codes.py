"""Number format codes such as ``#,##0.0;(#,##0.0)`` for decimals.

ECMA-376 part 1, 18.8.31. Dates, powers and fractions are not parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.) | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General) | (?P<digit>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%)
    | (?P<literal>[ $+():!^&'~{}<>=/\u00a0\u2009\u202f€£¥-])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|\Z)', re.DOTALL)
SILENT = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d{1,2}|\$-[0-9a-f]+", re.IGNORECASE)
CURRENCY = re.compile(r"\$([^-]*)(?:-[0-9A-Fa-f]+)?")
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(\d+(?:\.\d+)?)")
FRACTION = re.compile(r"[0#?]\s*/\s*[0-9#?]")
TEXT_SIGN = "@"


@dataclass(frozen=True, slots=True)
class FormatSection:
    """A section of a format code.

    `integers` is the minimum of integer digits, `decimals` and `least` the range of decimals, `shift` a power of 10,
    `gaps` literals between digits, `broken` marks unusual ones. `general` shows figures unchanged. `condition` is the
    sign and bound.
    """

    before: str = ""
    after: str = ""
    _: KW_ONLY
    integers: int = 0
    decimals: int = 0
    least: int = 0
    shift: int = 0
    grouped: bool = False
    gaps: tuple[tuple[int, str], ...] = ()
    broken: bool = False
    digits: bool = False
    general: bool = False
    condition: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class SectionCase:
    """Which figures a section shows: those that are `sign` (such as ``<``; empty for all others) than `bound`."""

    section: FormatSection
    sign: str = ""
    _: KW_ONLY
    bound: float = 0
    signed: bool = False


@lru_cache(maxsize=4096)
def parsed(code: str) -> tuple[SectionCase, ...]:
    """Parse a format code into cases; the first match shows a figure. Empty if unsupported.

    >>> [case.section.shift for code in ("0.0%", "#,##0,") for case in parsed(code)], parsed("yyyy")
    ([2, -3], ())
    >>> [(case.sign, case.bound) for case in parsed("[>=1000]#,##0;0.0")]
    [('>=', 1000.0), ('', 0)]
    """
    texts = [match[1] for match in SECTIONS.finditer(code)]
    if len(texts) > 1 and not texts[-1] and not code.endswith(";"):
        texts.pop()  # the end of the code is found once more
    if len(texts) > 1 and TEXT_SIGN in texts[-1]:
        texts.pop()
    if texts == [TEXT_SIGN]:
        texts = ["General"]
    candidates = [section_of(text) for text in texts[:3]]
    sections = [section for section in candidates if section is not None]
    if not sections or len(sections) < len(candidates) or (len(texts) == 2 and not texts[1]):
        return ()
    if any(section.condition for section in sections):
        return conditional(sections)
    if len(sections) == 1:
        return (SectionCase(sections[0], signed=True),)
    above, below, *zero = sections
    return (*(SectionCase(section, "=") for section in zero), SectionCase(below, "<"), SectionCase(above))


def conditional(sections: Sequence[FormatSection]) -> tuple[SectionCase, ...]:
    """The cases of sections with conditions: all but the last one have to tell theirs."""
    *with_conditions, last = sections
    if last.condition or not with_conditions:
        return ()
    cases = [
        SectionCase(section, section.condition[0], bound=section.condition[1], signed=True)
        for section in with_conditions
        if section.condition
    ]
    return (*cases, SectionCase(last, signed=True)) if len(cases) == len(with_conditions) else ()


def section_of(text: str) -> FormatSection | None:
    """Parse one section of a format code; None if unsupported.

    >>> section = section_of('"about "#,##0.0#')
    >>> section.before, section.integers, section.decimals, section.least, section.grouped
    ('about ', 1, 2, 1, True)
    """
    if FRACTION.search(text):
        return None
    shape, at = SectionShape(), 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token or not shape.take(token):
            return None
        at = token.end()
    return shape.section()


class SectionShape:
    """Takes the signs of a section one by one."""

    def __init__(self) -> None:
        self.literals = ["", ""]
        self.places = ["", ""]  # digits before and behind the point
        self.gaps: list[tuple[int, str]] = []  # how many digits are before each, and what it is
        self.point = self.general = self.grouped = False
        self.commas = self.percents = 0
        self.condition: tuple[str, float] | None = None

    def take(self, token: re.Match[str]) -> bool:
        """The next sign; false if it makes the section show something else than a decimal figure."""
        kind, value = token.lastgroup, token[token.lastgroup or 0]
        if kind == "digit":
            self._digit(value)
        elif kind == "point":
            self.point = True
        elif kind == "comma":
            self.commas += bool(self.places[0] or self.point)
        elif kind == "general":
            self.general = True
        elif kind == "bracket":
            return self._bracket(value)
        elif kind == "percent":
            self.percents += 1
            self._literal("%")
        else:
            self._literal({"space": " ", "fill": ""}.get(str(kind), value))
        return True

    def _bracket(self, value: str) -> bool:
        currency = CURRENCY.fullmatch(value)
        if currency and currency[1]:
            self._literal(currency[1])
        condition = CONDITION.fullmatch(value)
        if condition:
            self.condition = (condition[1], float(condition[2]))
        return bool(currency or condition or SILENT.fullmatch(value))

    def _literal(self, text: str) -> None:
        begun = bool(self.places[0] or self.point or self.general)
        self.literals[begun] += text

    def _digit(self, value: str) -> None:
        if self.literals[1]:
            self.gaps.append((len(self.places[0]), self.literals[1] if not self.point else value))
            self.literals[1] = ""
        self.grouped |= bool(self.commas) and not self.point
        self.commas = self.commas if self.point else 0
        self.places[self.point] += value

    def section(self) -> FormatSection:
        """The section as far as it was taken."""
        integers, behind = self.places
        return FormatSection(
            self.literals[0],
            self.literals[1],
            integers=len(integers) - integers.index("0") if "0" in integers else int(self.general),
            decimals=len(behind),
            least=behind.rindex("0") + 1 if "0" in behind else 0,
            shift=2 * self.percents - 3 * self.commas,
            grouped=self.grouped,
            gaps=tuple((len(integers) - digits, text) for digits, text in self.gaps),
            broken=any(text.strip() for _, text in self.gaps) or bool(self.gaps and self.grouped),
            digits=bool(integers or behind) or self.general,
            general=self.general,
            condition=self.condition,
        )
