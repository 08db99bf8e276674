"""TOML declarations, with the place of each key for error messages, and checks of their status."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from itertools import chain
from typing import Any, Self, TypeVar

from sdmxmig.primitives.errors import DeclarationError, InputError, check_known, did_you_mean, find_nearest
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation, Text

Record = TypeVar("Record")
MAX_DEPTH = 64
"""Maximum nesting depth of tables and lists."""
ADVICE_BY_MESSAGE = (
    (r"Cannot (declare|overwrite|mutate)|Duplicate", "A key or section is written twice: keep one of them."),
    (r"Unescaped|escape|hex value", "Double each backslash, or put the text in single quotation marks: 'a\\b'."),
    (r"Illegal character '\\n'|Expected ['\"]['\"]|Unterminated", "A quotation mark is missing at the end of a text."),
    (r"Illegal character", "This line has a hidden character: type it again."),
    (r"Unclosed|Expected '\]", "A bracket or brace was opened here, or in a line above, and not closed."),
    (r"Expected '=' after", "Write a key, =, and its value; a key with blanks needs quotation marks."),
    (r"Invalid statement", 'A line is key = value, a [section], or a comment after "#".'),
    (
        r"Expected newline",
        "Write one key and one value on a line. Write numbers without leading zeros, blanks or commas.",
    ),
)
"""Messages of the TOML parser and the advice for each."""
VALUE_ADVICE = (
    (r"[“”„«»‘’`]", 'Put text in straight quotation marks: "text".'),
    (r"=", "One = is enough."),
    (r"\s*(#|$)", "A value is missing after =."),
    (r"(True|False|TRUE|FALSE)\b", "Write true or false in lower case."),
    (r"", 'Put text in quotation marks: "text".'),
)
"""Invalid characters where a value is expected, and the advice for each."""
GENERAL_ADVICE = "Look for a quotation mark that is missing, or a key or section that is written twice."


def describe_value(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def is_of_kind(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


class Declared:
    """A table of a declaration, with typed access to keys and rejection of unknown keys.

    ``with declared:`` rejects the keys that the block did not read, as `close` does.

    Raises `DeclarationError` with file and key if a value is missing or of another type.
    """

    def __init__(self, values: Mapping[str, Any], place: Place) -> None:
        self.values = values
        self.place = place
        self._asked: set[str] = set()

    @classmethod
    def parse(cls, name: str, content: bytes) -> Declared:
        try:
            values = tomllib.loads(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise InputError(
                "The file is not UTF-8 text.", Place(name, line=line), "Save it with the encoding UTF-8."
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise build_toml_error(name, content.decode("utf-8-sig"), str(error)) from None
        except ValueError:
            hint = "Write it as a text, between quotation marks."
            raise DeclarationError("A number has too many digits.", Place(name), hint) from None
        except RecursionError:
            raise build_depth_error(name) from None
        if nests_too_deep(values):
            raise build_depth_error(name)
        return cls(values, Place(name))

    @classmethod
    def parse_once(cls, name: str, content: bytes) -> Declared:
        return cls(_parse_values(name, content), Place(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            self.close()

    def at(self, key: str) -> Place:
        return Place(self.place.file, key=f"{self.place.key}.{key}" if self.place.key else key)

    def _ask(self, key: str, kind: type | tuple[type, ...], expected: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.values:
            if default is None:
                raise DeclarationError(
                    f"“{key}” is missing; it should be {expected}.", self.place, self._suggest_key(key)
                )
            return default
        value = self.values[key]
        if not is_of_kind(value, kind):
            raise DeclarationError(f"“{key}” should be {expected}, not {describe_value(value)}.", self.at(key))
        return value

    def _suggest_key(self, key: str) -> str:
        other = find_nearest(key, self.values.keys() - self._asked)
        return f"Did you mean “{key}” instead of “{other}”?" if other else ""

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._ask(key, str, 'a text in quotes, such as "A"', default))

    def check_shape(self, key: str, shape: re.Pattern[str], hint: str) -> str:
        value = self.text(key)
        if not shape.fullmatch(value):
            raise DeclarationError(f"“{value}” cannot be the {key}.", self.at(key), hint)
        return value

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None, called: str = "") -> str:
        """Read one of the `allowed` words; errors name it `called`, by default the key."""
        word = self.text(key, default)
        if word not in allowed:
            hint = f"Write one of: {', '.join(filter(None, allowed))}."
            raise DeclarationError(f"“{word}” is not {called or f'a {key}'}.", self.at(key), hint)
        return word

    def known(self, key: str, kind: str, names: Collection[str], default: str | None = None) -> str:
        name = self.text(key, default)
        check_known(kind, name, names, self.at(key))
        return name

    def flag(self, key: str, *, default: bool) -> bool:
        return bool(self._ask(key, bool, "true or false", default))

    def integer(self, key: str, default: int | None = None) -> int:
        return int(self._ask(key, int, "a whole number", default))

    def decimal(self, key: str, default: float | None = None) -> float:
        return float(self._ask(key, (int, float), "a number, such as 0.5", default))

    def strings(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        return self._entries(key, str, 'texts, such as ["A", "B"]', default)

    def numbers(self, key: str) -> tuple[int, ...]:
        return self._entries(key, int, "whole numbers, such as [1, 13]")

    def decimals(self, key: str) -> tuple[float, ...]:
        return tuple(map(float, self._entries(key, (int, float), "numbers, such as [0.5, 2]")))

    def _entries(
        self, key: str, kind: type | tuple[type, ...], expected: str, default: tuple[Any, ...] | None = ()
    ) -> tuple[Any, ...]:
        entries = self._ask(key, list, f"a list of {expected}", default)
        for value in entries:
            if not is_of_kind(value, kind):
                message = f"“{key}” should contain {expected.partition(',')[0]} only, not {describe_value(value)}."
                raise DeclarationError(message, self.at(key))
        return tuple(entries)

    def texts(self, key: str, *, required: bool = False) -> Text:
        """Read a text in several languages (``key.en = "…"``); a plain string counts as English."""
        value = self._ask(key, (str, dict), f'a text by language, such as {key}.en = "…"', None if required else {})
        text = Text.of({"en": value}) if isinstance(value, str) else Text.of(self.child(key, value).pairs())
        if required and not text:
            raise DeclarationError(f"“{key}” is empty.", self.at(key), f'Write it, such as {key}.en = "…".')
        return text

    def status(self, default: str | None = None) -> str:
        return check_status(self.text("status", default), self.at("status"), passage=self.text("passage", ""))

    def pairs(self) -> dict[str, str]:
        return {key: self.text(key) for key in self.values}

    def lists(self) -> dict[str, tuple[str, ...]]:
        return {key: self.strings(key) for key in self.values}

    def table(self, key: str, *, required: bool = False) -> Declared:
        return self.child(key, self._ask(key, dict, f"a table [{key}]", None if required else {}))

    def tables(self, key: str) -> list[Declared]:
        entries = self._ask(key, list, f"tables [[{key}]]", [])
        for value in entries:
            if not isinstance(value, dict):
                raise DeclarationError(f"“{key}” should be tables, written as [[{key}]].", self.at(key))
        return [self.child(f"{key}[{number}]", value) for number, value in enumerate(entries, start=1)]

    def child(self, key: str, values: Mapping[str, Any]) -> Declared:
        return Declared(values, self.at(key))

    def read(self, kind: type[Record], /, **known: Any) -> Record:
        """Read a record, each field from the key with its name; `known` fields are given; reject other keys."""
        for field in fields(kind):  # type: ignore[arg-type]  # a dataclass
            if field.name not in known:
                default = None if field.default is MISSING else field.default
                known[field.name] = READERS_BY_TYPE[str(field.type)](self, field.name, default)
        self.close()
        return kind(**known)

    def close(self) -> None:
        for key in self.values:
            if key not in self._asked:
                raise DeclarationError(
                    f"“{key}” is not a valid key here.", self.at(key), did_you_mean(key, sorted(self._asked))
                )


READERS_BY_TYPE: Mapping[str, Callable[[Declared, str, Any], Any]] = {
    "str": Declared.text,
    "int": Declared.integer,
    "int | None": lambda declared, key, _: declared.integer(key) if key in declared.values else None,
    "float": Declared.decimal,
    "bool": lambda declared, key, default: declared.flag(key, default=default),
    "Text": lambda declared, key, default: declared.texts(key, required=default is None),
    "tuple[str, ...]": Declared.strings,
    "frozenset[str]": lambda declared, key, _: frozenset(declared.strings(key)),
    "Mapping[str, str]": lambda declared, key, _: declared.table(key).pairs(),
    "Mapping[str, tuple[str, ...]]": lambda declared, key, _: declared.table(key).lists(),
    "Mapping[str, object]": lambda declared, key, _: dict(declared.table(key).values),
    "Place": lambda declared, *_: declared.place,
    "Place | None": lambda declared, *_: declared.place,
}
"""Readers of fields for `Declared.read` by type. A field without default is required."""


@lru_cache(maxsize=1024)
def _parse_values(name: str, content: bytes) -> Mapping[str, Any]:
    return Declared.parse(name, content).values


def nests_too_deep(values: Mapping[str, Any]) -> bool:
    level: list[Any] = [values]
    for _ in range(MAX_DEPTH):
        inner = chain.from_iterable(value.values() if isinstance(value, dict) else value for value in level)
        level = [value for value in inner if isinstance(value, (dict, list))]
    return bool(level)


def build_depth_error(name: str) -> DeclarationError:
    return DeclarationError(
        "Tables and lists are nested too deeply.", Place(name), f"Nest at most {MAX_DEPTH} of them."
    )


def build_toml_error(name: str, text: str, parser_message: str) -> DeclarationError:
    lines = text.rstrip().splitlines() or [""]
    position = re.search(r"\(at line (\d+), column (\d+)\)$", parser_message)
    line, column = (int(position[1]), int(position[2])) if position else (len(lines), 0)
    reason = re.sub(r" \(at .*\)$", "", parser_message)
    rest_of_line = lines[line - 1][max(column - 1, 0) :] if line <= len(lines) else ""
    place = Place(name, line=line, column=column)
    return DeclarationError(f"This is not valid TOML: {reason}.", place, find_advice(reason, rest_of_line))


def find_advice(reason: str, rest_of_line: str) -> str:
    """Find the advice for a parser message, given the rest of the line.

    >>> find_advice("Invalid value", "DF_POP")
    'Put text in quotation marks: "text".'
    """
    table = VALUE_ADVICE if reason == "Invalid value" else ADVICE_BY_MESSAGE
    find = re.match if table is VALUE_ADVICE else re.search
    subject = rest_of_line if table is VALUE_ADVICE else reason
    return next((hint for pattern, hint in table if find(pattern, subject)), GENERAL_ADVICE)


VERIFIED, CANDIDATE, NATIONAL = "verified", "candidate", "national"
STATUSES = (VERIFIED, CANDIDATE, NATIONAL)
PASSAGE, RESTS_ON = "PASSAGE", "RESTS_ON"
OWN = "SDMXMIG"
"""The project's agency. Lists carried over from their owner need no passage."""
STATUS_SUFFIX = "_STATUS"
"""Suffix of annotations with the status of one part."""


def check_status(status: str, place: Place, *, passage: str | None) -> str:
    """Check a status; `passage` is the evidence, None for artefacts of other owners.

    Raises `DeclarationError` for an unknown status, or ``verified`` without a passage.

    >>> check_status("verified", Place("x.csv"), passage="article 3: twelve months")
    'verified'
    """
    if status not in STATUSES:
        message = f"“{status}” is not a status." if status else "The status is missing."
        raise DeclarationError(message, place, f"Write one of: {', '.join(STATUSES)}.")
    if status == VERIFIED and passage is not None and not passage.strip():
        hint = "Name the passage that contains the statement, with its wording in a few words; else write candidate."
        raise DeclarationError("This is marked as verified, but names no passage.", place, hint)
    return status


def check_parts(notes: Iterable[Annotation], place: Place, *, passage: str | None) -> None:
    for note in notes:
        if note.type.endswith(STATUS_SUFFIX) and (str(note.text) or note.title) == VERIFIED:
            check_status(VERIFIED, place, passage=passage)


def find_passage(notes: Iterable[Annotation], agency: str) -> str | None:
    if agency != OWN:
        return None
    return next((str(note.text) or note.title for note in notes if note.type == PASSAGE), "")
