"""Equations between account items.

``POP_END = POP_BEG + LBIRTH - DEATH + FLW_IMM - FLW_EMI + ADJ?``: signed items around ``=`` or ``>=``, with integer
factors; ``?`` counts as zero if unreported. Brackets select a population:

``LBIRTH[BIRTH_STATUS=FB]`` one code, ``POP_END[SEX=F+M+_U?]`` a sum, ``POP_END[CTZ_STATUS=H_CTZ_STATUS]`` codes of a
hierarchy, ``FLW_IMM[C_BIRTH=*]`` all reported parts, ``BIRTH_STATUS=ANY`` any code, ``FLW_IMM[REF_AREA=@C_RESIDENCE]``
the code of another dimension, ``POP_BEG[AGE=AGE-1]`` a year younger.

Cohorts: ``POP_BEG[AGE=AGE-5]`` and ``DEATH[AGE=AGE-5]``; ``LBIRTH[AGE=BORN-5]`` births of their years;
``DEATH[AGE=LEAST-5]`` and ``DEATH[AGE=MOST-5]`` bounds.

``/`` divides: ``IMM_RATE = 2000 FLW_IMM / (POP_BEG + POP_END)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.primitives.places import Place

EVERY = "*"
ANY = "ANY"
YOUNGER = "AGE-1"
UNKNOWN = "_U"
COHORT = re.compile(r"^(?P<ages>AGE|BORN|LEAST|MOST)-(?P<years>[1-9]\d?)$")
COMPARISONS = (">=", "<=", "=")
TERM = re.compile(
    r"\s*(?P<sign>[+−-])?\s*(?P<factor>\d+(?=[\s*·]))?[\s*·]*"
    r"(?P<item>[A-Z][A-Z0-9_]*)(?:\[(?P<key>[^\]]*)\])?(?P<optional>\?)?\s*"
)
DIVISION = re.compile(r"^(?P<above>.*?)/\s*(?:\((?P<below>.*)\)|(?P<number>[1-9]\d*))\s*$")
PARENTHESES = re.compile(r"^\s*\([^()]*\)\s*$")


@dataclass(frozen=True, slots=True)
class KeyPart:
    """A dimension of a key pattern; `rule` is empty, ``*``, ``ANY``, ``AGE-1``, ``AGE-5`` or ``@DIMENSION``."""

    dimension: str
    codes: tuple[str, ...] = ()
    _: KW_ONLY
    optional: tuple[str, ...] = ()
    rule: str = ""

    @property
    def is_sum(self) -> bool:
        return len(self.codes) > 1 or self.rule == EVERY


@lru_cache(maxsize=1024)
def cohort_in(key: tuple[KeyPart, ...]) -> tuple[str, int]:
    rules = (match for part in key if (match := COHORT.match(part.rule)))
    return next(((str(rule["ages"]), int(rule["years"])) for rule in rules), ("", 0))


@dataclass(frozen=True, slots=True)
class Summand:
    item: str
    factor: int = 1
    _: KW_ONLY
    optional: bool = False
    key: tuple[KeyPart, ...] = ()
    written: str = ""

    @property
    def cohort(self) -> tuple[str, int]:
        return cohort_in(self.key)


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation: `left`, signed `terms`, `number` and `divisor`."""

    left: Summand
    terms: tuple[Summand, ...]
    _: KW_ONLY
    divisor: tuple[Summand, ...]
    number: int
    comparison: str
    written: str

    @property
    def all_terms(self) -> tuple[Summand, ...]:
        return (self.left, *self.terms, *self.divisor)

    @property
    def is_of_cohorts(self) -> bool:
        return any(part.rule == YOUNGER for term in self.all_terms for part in term.key)

    @property
    def years(self) -> int:
        years = {term.cohort[1] for term in self.terms}
        return years.pop() if len(years) == 1 else 0


@dataclass(frozen=True, slots=True)
class EquationNames:
    """Names allowed in equations: hierarchies and key patterns."""

    hierarchies: Mapping[str, Sequence[str]]
    keys: Mapping[str, str]


def equation(text: str, words: EquationNames, place: Place) -> Equation:
    """Parse an equation; raises `DeclarationError`.

    >>> nothing = EquationNames({}, {})
    >>> net = equation("NET_MIG = FLW_IMM - FLW_EMI", nothing, Place(""))
    >>> [(term.item, term.factor) for term in net.terms]
    [('FLW_IMM', 1), ('FLW_EMI', -1)]
    """
    comparison = next((sign for sign in COMPARISONS if f" {sign} " in text), "")
    sides = text.split(f" {comparison} ") if comparison else []
    if len(sides) != 2:
        hint = "Write two sides with “ = ”, “ >= ” or “ <= ” between."
        raise DeclarationError(f"“{text}” is not an equation.", place, hint)
    division = DIVISION.match(sides[1])
    dividend, divisor_text = (division["above"], division["below"] or "") if division else (sides[1], "")
    dividend = dividend.strip()[1:-1] if PARENTHESES.match(dividend) else dividend
    number = int((division["number"] if division else None) or 1)
    first, *moved = summands(sides[0], words, place) or [Summand("")]
    if first.factor != 1 or not first.item:
        hint = "Begin with an item that has neither sign nor factor."
        raise DeclarationError(f"The left side of “{text}” does not begin with an item.", place, hint)
    if moved and division:
        raise DeclarationError(f"“{text}” divides one side of two items.", place, "Leave one item on the left side.")
    terms = [*summands(dividend, words, place), *(negative(term) for term in moved)]
    return Equation(
        first,
        tuple(terms),
        divisor=tuple(summands(divisor_text, words, place)),
        number=number,
        comparison=comparison,
        written=text,
    )


def negative(term: Summand) -> Summand:
    return Summand(term.item, -term.factor, optional=term.optional, key=term.key, written=term.written)


def summands(side: str, words: EquationNames, place: Place) -> list[Summand]:
    if side.strip() in ("", "0"):
        return []
    terms: list[Summand] = []
    position = 0
    while position < len(side):
        match = TERM.match(side, position)
        if not match or (terms and not match["sign"]):
            hint = "Write items with + or - between."
            raise DeclarationError(f"“{side[position:].strip()}” cannot be read in an equation.", place, hint)
        factor = int(match["factor"] or 1) * (-1 if match["sign"] in ("-", "−") else 1)
        key = key_of(match["key"] or "", words, place)
        label = match["item"] + (f"[{match['key']}]" if match["key"] else "")
        terms.append(Summand(match["item"], factor, optional=bool(match["optional"]), key=key, written=label))
        position = match.end()
    return terms


def key_of(text: str, words: EquationNames, place: Place) -> tuple[KeyPart, ...]:
    """A key pattern: parts with commas between, each ``DIMENSION=codes`` or the name of a pattern."""
    parts: list[KeyPart] = []
    for part_text in filter(None, (part.strip() for part in text.split(","))):
        dimension, equals, codes = part_text.partition("=")
        if equals:
            parts.append(part_of(dimension.strip(), codes.strip(), words, place))
        elif part_text in words.keys:
            parts += key_of(words.keys[part_text], words, place)
        else:
            raise DeclarationError(
                f"There is no key pattern “{part_text}”.", place, did_you_mean(part_text, words.keys)
            )
    return tuple(parts)


def part_of(dimension: str, text: str, words: EquationNames, place: Place) -> KeyPart:
    if text in (EVERY, ANY) or COHORT.match(text) or text.startswith("@"):
        return KeyPart(dimension, rule=text)
    codes: list[str] = []
    optional: list[str] = []
    for code_text in (code.strip() for code in text.split("+")):
        if code_text.startswith("H_"):
            check_known("hierarchy", code_text, words.hierarchies, place)
            codes += words.hierarchies[code_text]
            optional += [code for code in words.hierarchies[code_text] if code == UNKNOWN]
        else:
            codes.append(code_text.removesuffix("?"))
            optional += [code_text.removesuffix("?")] if code_text.endswith("?") else []
    return KeyPart(dimension, tuple(codes), optional=tuple(optional))
