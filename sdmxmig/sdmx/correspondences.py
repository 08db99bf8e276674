"""Code mappings of a representation map in one direction, with reasons for codes without a counterpart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.patterns import pattern
from sdmxmig.primitives.periods import PatternError, find_period, parse_by_pattern
from sdmxmig.sdmx.model.maps import WITHOUT_SOURCE, WITHOUT_TARGET, RepresentationMap, TimeLink

Codes = tuple[str, ...]
GROUP_REFERENCE = re.compile(r"\\([0-9]{1,2})")
NO_COUNTERPART = "The map has no counterpart."


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """A code mapping and the reasons why some codes have no counterpart (ordered patterns of codes)."""

    lines: Mapping[Codes, Codes]
    reasons: tuple[tuple[Codes, str], ...]
    expressions: tuple[tuple[Codes, Codes], ...] = ()

    def get(self, values: Codes) -> Codes | None:
        r"""Return the counterpart of values, or None; exact lines take precedence over regular expressions.

        ``\1`` in a target is the first group of the expression.

        >>> Correspondence(lines={}, reasons=(), expressions=(((r"Y(\d+)",), (r"AGE_\1",)),)).get(("Y15",))
        ('AGE_15',)
        """
        if values in self.lines:
            return self.lines[values]
        for sources, targets in self.expressions:
            matches = [pattern(source).fullmatch(value) for source, value in zip(sources, values, strict=True)]
            if all(matches):
                with_groups = next((match for match in matches if match and match.groups()), matches[0])
                return tuple(expand_groups(target, with_groups) if with_groups else target for target in targets)
        return None

    def reason(self, values: Codes) -> str:
        return next((why for patterns, why in self.reasons if is_pattern_match(values, patterns)), NO_COUNTERPART)


def expand_groups(target: str, match: re.Match[str]) -> str:
    r"""Replace ``\1`` in a target by the first group of a match; groups that do not exist are kept."""
    groups = (match[0], *match.groups())
    return GROUP_REFERENCE.sub(
        lambda name: groups[int(name[1])] or "" if int(name[1]) < len(groups) else name[0], target
    )


def is_pattern_match(values: Codes, patterns: Codes) -> bool:
    """Check whether values match patterns with ``*`` and ``?``, one by one.

    >>> is_pattern_match(("FC", "029"), ("*", "[0-9]*")), is_pattern_match(("FC", "GE"), ("*", "[0-9]*"))
    (True, False)
    """
    return len(values) == len(patterns) and all(map(fnmatchcase, values, patterns))


def build_correspondence(representation_map: RepresentationMap, *, back: bool = False) -> Correspondence:
    """Map source codes to target codes, or `back` to source codes; the first of several counterparts is used."""
    plain_lines = [line for line in representation_map.mappings if not any(source.regex for source in line.sources)]
    pairs: Iterable[tuple[Codes, Codes]] = (
        (tuple(source.value for source in line.sources), line.targets) for line in plain_lines
    )
    lines: dict[Codes, Codes] = {}
    for source, target in pairs:
        old, new = (target, source) if back else (source, target)
        lines.setdefault(old, new)
    annotation_type = WITHOUT_SOURCE if back else WITHOUT_TARGET
    notes = [note for note in representation_map.annotations if note.type == annotation_type]
    reasons = tuple((tuple(note.title.split(",")), str(note.text)) for note in notes)
    return Correspondence(
        lines=lines, reasons=reasons, expressions=() if back else compile_expressions(representation_map)
    )


def compile_expressions(representation_map: RepresentationMap) -> tuple[tuple[Codes, Codes], ...]:
    return tuple(
        (tuple(source.value if source.regex else re.escape(source.value) for source in line.sources), line.targets)
        for line in representation_map.mappings
        if any(source.regex for source in line.sources)
    )


TIME_UNITS = {"second": dt.timedelta(seconds=1), "minute": dt.timedelta(minutes=1), "hour": dt.timedelta(hours=1)}
TIME_UNITS |= {"millisecond": TIME_UNITS["second"] / 1000, "day": dt.timedelta(1), "week": dt.timedelta(7)}
MONTHS_PER_UNIT = {"month": 1, "year": 12}
WHOLE_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)
DEFAULT_FREQUENCY = "D"
FREQUENCIES = "QSTMWD"
"""SDMX writes ``n`` after these letters for a number."""
NUMBER_TOKENS = {"M": "M", "W": "w", "D": "d"}
NUMBERED_TOKEN = re.compile(rf"'([^']*)([{FREQUENCIES}])'([QSwMd])(?![A-Za-z])")
FORMAT_PIECE = re.compile(r"'[^']*'|[^']+")


def convert_to_sdmx_pattern(pattern: str) -> str:
    """Convert a date pattern to SDMX notation; empty if unsupported.

    >>> [convert_to_sdmx_pattern(pattern) for pattern in ("'Q'Q/yyyy", "dd.MM.yyyy", "yyyy/YY", "yyyy-Q")]
    ['Qn/yyyy', 'dd.MM.yyyy', '', '']
    """

    def numbered(match: re.Match[str]) -> str:
        words, letter, token = match.groups()
        if NUMBER_TOKENS.get(letter, letter) != token:
            return match[0]
        return (f"'{words}'" if words else "") + f"{letter}n"

    with_numbers = NUMBERED_TOKEN.sub(numbered, pattern)
    bare = re.sub(
        rf"[{FREQUENCIES}]n", "", "".join(piece for piece in FORMAT_PIECE.findall(with_numbers) if piece[0] != "'")
    )
    return "" if set(bare) & set("QSY") else with_numbers


def convert_from_sdmx_pattern(pattern: str) -> str:
    """Convert an SDMX date pattern; ``YYYY`` is the week-based year.

    >>> [convert_from_sdmx_pattern(pattern) for pattern in ("Qn/yyyy", "MMMM yyyy", "YYYY-Wn")]
    ["'Q'Q/yyyy", 'MMM yyyy', "yyyy-'W'w"]
    """

    def own_piece(piece: str) -> str:
        if piece.startswith("'"):
            return piece
        numbered = re.sub(
            rf"([{FREQUENCIES}])n", lambda match: f"'{match[1]}'{NUMBER_TOKENS.get(match[1], match[1])}", piece
        )
        return numbered.replace("YYYY", "yyyy").replace("MMMM", "MMM")

    return "".join(map(own_piece, FORMAT_PIECE.findall(pattern)))


def read_period(text: str, link: TimeLink, frequency: str) -> str | None:
    """Convert a date to a period; None if it is invalid.

    >>> read_period("31.12.2024", TimeLink("pattern", ("d",), targets=("t",), pattern="dd.MM.yyyy"), "Q")
    '2024-Q4'
    >>> read_period("19723", TimeLink("epoch", ("d",), targets=("t",), base="1970-01-01", unit="day"), "A")
    '2024'
    """
    if link.kind == "pattern":
        try:
            return parse_by_pattern(text, convert_from_sdmx_pattern(link.pattern), frequency)
        except PatternError:
            hint = "Use yyyy, yy, MMM, MM, M, dd, d, Qn, Sn and ww; put words in apostrophes."
            raise DeclarationError(f"“{link.pattern}” is not a date pattern.", hint=hint) from None
    if not WHOLE_NUMBER.fullmatch(text):
        return None
    day = add_units(int(text), link)
    return str(find_period(day, frequency or DEFAULT_FREQUENCY)) if day else None


def add_units(count: int, link: TimeLink) -> dt.date | None:
    """Return the day that is a number of units after the base of an epoch; None beyond the calendar."""
    try:
        base = dt.datetime.fromisoformat(link.base or "1970-01-01")
    except ValueError:
        raise DeclarationError(f"“{link.base}” is not a day to count from.", hint="Write it like 1970-01-01.") from None
    unit = link.unit.lower()
    try:
        if unit in TIME_UNITS:
            return (base + count * TIME_UNITS[unit]).date()
        if unit in MONTHS_PER_UNIT:
            year, month = divmod(base.year * 12 + base.month - 1 + count * MONTHS_PER_UNIT[unit], 12)
            return dt.date(year, month + 1, min(base.day, 28))
    except (OverflowError, ValueError):
        return None
    units = ", ".join((*TIME_UNITS, *MONTHS_PER_UNIT))
    raise DeclarationError(f"“{link.unit}” is not a unit of time.", hint=f"Possible values: {units}.")
