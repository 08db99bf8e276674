r"""Untrusted regular expressions, matched in linear time by RE2.

Expressions mean the same as in Python: ``\d``, ``\w`` and ``\s`` include digits, letters and spaces of every script.
RE2 refuses look-arounds, backreferences and other parts that need backtracking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sdmxmig.primitives.errors import InputError

__all__ = ["ExpressionError", "Pattern", "pattern", "shorten_expression"]

MAX_QUOTED = 60
MAX_CHARACTERS = 20_000
MAX_MEMORY = 1 << 20
"""Maximum size of a compiled expression in bytes."""
MAX_STEPS = 60_000_000
"""Steps of an expression times characters of a text: about two seconds."""
LETTER_CLASS = r"\p{L}\p{Nl}\p{No}"
WORD_CLASS = r"\p{L}\p{N}_"
SPACE_CLASS = r"\t\n\v\f\r\x1c-\x1f\x{85}\p{Z}"
ESCAPE_PATTERN = r"\\(?:u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|(?P<escape>.))"
PATTERN_PART = re.compile(
    rf"\[\^(?P<letters>(?:\\W|\\d|_)*\\W(?:\\W|\\d|_)*)\]|{ESCAPE_PATTERN}|\{{,(?P<most>\d+)\}}|(?P<open>\[\^?\]?)",
    re.DOTALL,
)
CLASS_PART = re.compile(rf"{ESCAPE_PATTERN}|(?P<inner>\[)|(?P<close>\])", re.DOTALL)
NAME = re.compile(r"\(\?P?<([^>]*)>")
REFUSED_SYNTAX = (
    (
        re.compile(r"\(\?<?[=!]"),
        "it looks ahead or behind; write the part that counts as a group ( ), the rest around it",
    ),
    (re.compile(r"\(\?P=|\(\?\("), "a group is referred to again; write out what it may hold"),
    (re.compile(r"\{\d{5}|\{\d+,\d{5}"), "it is too large; a repetition may have 1,000 turns"),
)
REFUSED_ESCAPES = {
    **dict.fromkeys("123456789", "a group is referred to again (\\1); write out what it may hold"),
    **dict.fromkeys("bB", "a word boundary (\\b); write (?:^|\\W) before the word and (?:\\W|$) behind it"),
    "C": "a single byte (\\C); write . for a character",
}


class ExpressionError(ValueError):
    """An unsupported regular expression."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """An untrusted regular expression; its matches have the methods of Python's."""

    written: str

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return compile_expression(translate_expression(self.written))

    @cached_property
    def _at_end(self) -> re.Pattern[str]:
        return compile_expression(rf"(?:{translate_expression(self.written)})\z")

    @property
    def groups(self) -> int:
        return self._whole.groups

    @property
    def names(self) -> dict[str, int]:
        return dict(self._whole.groupindex)

    def search(self, text: str) -> re.Match[str] | None:
        return self._whole.search(self._check_size(text))

    def match(self, text: str) -> re.Match[str] | None:
        return self._whole.match(self._check_size(text))

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._whole.fullmatch(self._check_size(text))

    def ends(self, text: str) -> bool:
        return self._at_end.search(self._check_size(text)) is not None

    @cached_property
    def _steps(self) -> int:
        return int(self._whole.programsize)  # type: ignore[attr-defined]  # only RE2 has it

    def _check_size(self, text: str) -> str:
        """Remove lone surrogates, which RE2 cannot read; raise `InputError` if the text is too long."""
        if self._steps * len(text) > MAX_STEPS:
            on = f"a text of {len(text):,} characters, “{shorten_expression(text)}”"
            hint = "Write it with fewer repetitions and alternatives."
            raise InputError(f"The pattern “{shorten_expression(self.written)}” takes too long on {on}.", hint=hint)
        return text if text.isascii() else text.encode("utf-8", errors="replace").decode()


def compile_expression(expression: str) -> re.Pattern[str]:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    try:
        found: Any = re2.compile(expression, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0]
        raise ExpressionError(reason.decode() if isinstance(reason, bytes) else str(error)) from None
    return found  # type: ignore[no-any-return]


def translate_expression(written: str) -> str:
    r"""Translate a Python expression to RE2; raise `ExpressionError`.

    >>> translate_expression(r"^[\w.]+\d{,2}\Z")
    '^[\\p{L}\\p{N}_.]+\\p{Nd}{0,2}\\z'
    """
    if len(written) > MAX_CHARACTERS:
        raise ExpressionError(f"it has {len(written):,} characters; the limit is {MAX_CHARACTERS:,}")
    pieces, names, position, is_class = list[str](), set[str](), 0, False
    while part := (CLASS_PART if is_class else PATTERN_PART).search(written, position):
        between = written[position : part.start()]
        pieces += [
            between if is_class else check_supported(between, names),
            translate_part(part.groupdict(), part[0], is_class=is_class),
        ]
        position = part.end()
        is_class = is_class != (part.lastgroup in ("open", "close"))
    return "".join((*pieces, check_supported(written[position:], names)))


def check_supported(between: str, names: set[str]) -> str:
    for sign, why in REFUSED_SYNTAX:
        if sign.search(between):
            raise ExpressionError(why)
    for name in NAME.findall(between):
        if name in names:
            raise ExpressionError(f"two groups have the name {name}")
        names.add(name)
    return between


def translate_part(part: dict[str, str | None], written: str, *, is_class: bool) -> str:
    if letter := part["escape"]:
        return escape(letter, is_class=is_class)
    if number := part["short"] or part["long"]:
        return rf"\x{{{number}}}"
    if letters := part.get("letters"):
        return "".join(("[", LETTER_CLASS, "" if r"\d" in letters else r"\p{Nd}", "" if "_" in letters else "_", "]"))
    if part.get("most"):
        return f"{{0,{part['most']}}}"
    return rf"\{written}" if part.get("inner") else written


def escape(letter: str, *, is_class: bool) -> str:
    if letter in REFUSED_ESCAPES:
        raise ExpressionError(REFUSED_ESCAPES[letter])
    if letter in "WS" and is_class:
        raise ExpressionError(f"\\{letter} inside [ ]; write the characters that it stands for")
    classes = {"d": r"\p{Nd}", "D": r"\P{Nd}", "Z": r"\z"}
    for name, signs in (("w", WORD_CLASS), ("s", SPACE_CLASS)):
        classes |= {name: signs if is_class else f"[{signs}]", name.upper(): f"[^{signs}]"}
    return classes.get(letter, f"\\{letter}")


def shorten_expression(text: str) -> str:
    """Shorten a text for a message.

    >>> shorten_expression("a" * 100) == "a" * 60 + "…"
    True
    """
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


@lru_cache(maxsize=1024)
def pattern(written: str) -> Pattern:
    r"""Compile an expression; raises `ExpressionError`.

    >>> found = pattern(r"\((\d{4})\)").search("Table 3 (2019)")
    >>> found[1] if found else ""
    '2019'
    >>> pattern("(a+)+$").search("a" * 40 + "b") is None
    True
    """
    expression = Pattern(written)
    expression.search("")
    return expression
