"""Declared tables: TOML files read with the place of every key, so that a mistake is named where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from sdmxmig.primitives.errors import DeclarationError, InputError, did_you_mean, nearest
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

DEEPEST = 64
"""So many tables and lists may stand in each other."""
ADVICE = (
    (r"Cannot (declare|overwrite|mutate)|Duplicate", "A key or section is written twice: keep one of them."),
    (r"Unescaped|escape|hex value", "Write a backslash twice, or the text between single quotation marks: 'a\\b'."),
    (r"Illegal character '\\n'|Expected ['\"]['\"]|Unterminated", "A quotation mark is missing at the end of a text."),
    (r"Illegal character", "A hidden character stands here: type the line anew."),
    (r"Unclosed|Expected '\]", "A bracket or brace was opened here, or in a line above, and not closed."),
    (r"Expected '=' after", "Write a key, =, and its value; a key that holds blanks stands in quotation marks."),
    (r"Invalid statement", 'A line is key = value, a [section], or a comment behind "#".'),
    (
        r"Expected newline",
        "A line holds one key with one value; numbers have no zeros in front, and no blanks or commas.",
    ),
)
"""What the parser says, and what helps."""
VALUES = (
    (r"[“”„«»‘’`]", 'Texts stand between straight quotation marks: "text".'),
    (r"=", "One = is enough."),
    (r"\s*(#|$)", "A value is missing behind =."),
    (r"(True|False|TRUE|FALSE)\b", "Write true or false in small letters."),
    (r"", 'A text stands between quotation marks: "text".'),
)
"""What stands where a value is expected, and what helps."""
OTHERWISE = "Look for a quotation mark that is missing, or a key or section that is written twice."


def shown(value: object) -> str:
    """What stands in a declaration, in short, as a message quotes it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


class Declared:
    """One table of a declaration: asks for keys by type, and refuses keys that nobody asked for.

    Every question raises `DeclarationError` with the file and key when the answer is missing or of another type.
    """

    def __init__(self, values: Mapping[str, Any], place: Place) -> None:
        self.values = values
        self.place = place
        self._asked: set[str] = set()

    @classmethod
    def parse(cls, name: str, content: bytes) -> Declared:
        """Read a TOML file; raises `DeclarationError` with line and column if it is not one, or nests too deep."""
        try:
            values = tomllib.loads(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise InputError(
                "The file is not UTF-8 text.", Place(name, line=line), "Save it with the encoding UTF-8."
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise no_toml(name, content.decode("utf-8-sig"), str(error)) from None
        except ValueError:
            hint = "Write it as a text, between quotation marks."
            raise DeclarationError("A number has too many digits.", Place(name), hint) from None
        except RecursionError:
            raise too_deep(name) from None
        if nests_too_deep(values):
            raise too_deep(name)
        return cls(values, Place(name))

    @classmethod
    def parse_once(cls, name: str, content: bytes) -> Declared:
        """The same for what ships and is read again and again: read once in a process."""
        return cls(_values(name, content), Place(name))

    def at(self, key: str) -> Place:
        """The place of a key of this table."""
        return Place(self.place.file, key=f"{self.place.key}.{key}" if self.place.key else key)

    def _ask(self, key: str, kind: type | tuple[type, ...], expected: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.values:
            if default is None:
                raise DeclarationError(f"“{key}” is missing; it should be {expected}.", self.place, self._misspelt(key))
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise DeclarationError(f"“{key}” should be {expected}, not {shown(value)}.", self.at(key))
        return value

    def _misspelt(self, key: str) -> str:
        """A hint where a key that nobody has asked for may be the one that is missing."""
        other = nearest(key, self.values.keys() - self._asked)
        return f"Write “{key}” in place of “{other}”, if that is meant." if other else ""

    def text(self, key: str, default: str | None = None) -> str:
        """A string."""
        return str(self._ask(key, str, 'a text in quotes, such as "A"', default))

    def shaped(self, key: str, shape: re.Pattern[str], hint: str) -> str:
        """A required text of a shape; `DeclarationError` with the hint if it has another one."""
        value = self.text(key)
        if not shape.fullmatch(value):
            raise DeclarationError(f"“{value}” cannot be the {key}.", self.at(key), hint)
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        return bool(self._ask(key, bool, "true or false", default))

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        return int(self._ask(key, int, "a whole number", default))

    def decimal(self, key: str, default: float | None = None) -> float:
        """A number, with or without decimals."""
        return float(self._ask(key, (int, float), "a number, such as 0.5", default))

    def strings(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of texts; anything else is refused."""
        entries = self._ask(
            key, list, 'a list of texts, such as ["A", "B"]', None if default is None else list(default)
        )
        for value in entries:
            if not isinstance(value, str):
                raise DeclarationError(f"“{key}” should hold texts only, not {shown(value)}.", self.at(key))
        return tuple(entries)

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, empty if the key is not there."""
        entries = self._ask(key, list, "a list of whole numbers, such as [1, 13]", [])
        for value in entries:
            if not isinstance(value, int) or isinstance(value, bool):
                raise DeclarationError(f"“{key}” should hold whole numbers only, not {shown(value)}.", self.at(key))
        return tuple(entries)

    def decimals(self, key: str) -> tuple[float, ...]:
        """A list of numbers, empty if the key is not there."""
        entries = self._ask(key, list, "a list of numbers, such as [0.5, 2]", [])
        for value in entries:
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise DeclarationError(f"“{key}” should hold numbers only, not {shown(value)}.", self.at(key))
        return tuple(float(value) for value in entries)

    def texts(self, key: str, *, required: bool = False) -> Text:
        """A text in several languages, written as ``key.en = "…"``; a plain string counts as English."""
        value = self._ask(key, (str, dict), f'a text by language, such as {key}.en = "…"', None if required else {})
        text = Text.of({"en": value}) if isinstance(value, str) else Text.of(self.child(key, value).pairs())
        if required and not text:
            raise DeclarationError(f"“{key}” is empty.", self.at(key), f'Write it, such as {key}.en = "…".')
        return text

    def pairs(self) -> dict[str, str]:
        """All keys of this table with their strings."""
        return {key: self.text(key) for key in self.values}

    def table(self, key: str, *, required: bool = False) -> Declared:
        """A table below this one; empty if it is not there and not required."""
        return self.child(key, self._ask(key, dict, f"a table [{key}]", None if required else {}))

    def tables(self, key: str) -> list[Declared]:
        """The tables of a list, written as ``[[key]]``."""
        entries = self._ask(key, list, f"tables [[{key}]]", [])
        for value in entries:
            if not isinstance(value, dict):
                raise DeclarationError(f"“{key}” should be tables, written as [[{key}]].", self.at(key))
        return [self.child(f"{key}[{number}]", value) for number, value in enumerate(entries, start=1)]

    def child(self, key: str, values: Mapping[str, Any]) -> Declared:
        """A table with the place of a key of this one."""
        return Declared(values, self.at(key))

    def close(self) -> None:
        """Refuse keys that nobody asked for: they are mistakes or belong elsewhere."""
        for key in self.values:
            if key not in self._asked:
                raise DeclarationError(
                    f"“{key}” is not known here.", self.at(key), did_you_mean(key, sorted(self._asked))
                )


@lru_cache(maxsize=1024)
def _values(name: str, content: bytes) -> Mapping[str, Any]:
    """What stands in a TOML file; nobody changes it."""
    return Declared.parse(name, content).values


def nests_too_deep(values: Mapping[str, Any]) -> bool:
    """Whether tables and lists stand in each other deeper than anybody writes them."""
    level: list[Any] = [values]
    for _ in range(DEEPEST):
        inner = chain.from_iterable(value.values() if isinstance(value, dict) else value for value in level)
        level = [value for value in inner if isinstance(value, (dict, list))]
    return bool(level)


def too_deep(name: str) -> DeclarationError:
    """The error for a file that nests too deep."""
    return DeclarationError("Its tables and lists nest too deep.", Place(name), f"Nest at most {DEEPEST} of them.")


def no_toml(name: str, text: str, parser_message: str) -> DeclarationError:
    """The error for a text that a parser refused, with its line, and with what helps there."""
    lines = text.rstrip().splitlines() or [""]
    position = re.search(r"\(at line (\d+), column (\d+)\)$", parser_message)
    line, column = (int(position[1]), int(position[2])) if position else (len(lines), 0)
    reason = re.sub(r" \(at .*\)$", "", parser_message)
    rest_of_line = lines[line - 1][max(column - 1, 0) :] if line <= len(lines) else ""
    place = Place(name, line=line, column=column)
    return DeclarationError(f"This is not valid TOML: {reason}.", place, advice(reason, rest_of_line))


def advice(reason: str, rest_of_line: str) -> str:
    """What helps where a parser gives this reason and the line goes on like this.

    >>> advice("Invalid value", "DF_POP")
    'A text stands between quotation marks: "text".'
    """
    table = VALUES if reason == "Invalid value" else ADVICE
    find = re.match if table is VALUES else re.search
    subject = rest_of_line if table is VALUES else reason
    return next((hint for pattern, hint in table if find(pattern, subject)), OTHERWISE)
