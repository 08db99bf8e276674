"""TOML editing by statement, keeping comments and line ends."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.primitives.text import HIDDEN_CHARACTERS

TOML_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*|\n|[\[\]{}=]|[^\S\n]+|[^\s\"'#\[\]{}=]+|.",
    re.DOTALL,
)
HEADER, ENTRY, COMMENT, BLANK = "head", "entry", "comment", "blank"
OPENING, CLOSING = "[{", "]}"
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
Path = tuple[str, ...]
"""A key, part by part."""


@dataclass(slots=True)
class Statement:
    """A statement; `path` includes the table; `remark` is a trailing comment."""

    kind: str
    text: str
    _: KW_ONLY
    path: tuple[str, ...] = ()
    key: tuple[int, int] = (0, 0)
    value: tuple[int, int] = (0, 0)
    remark: str = ""


def yield_statements(text: str) -> Iterator[Statement]:
    """Yield the statements that make up a TOML file."""
    table: Path = ()
    begin = depth = 0
    shape = Shape()
    for match in TOML_TOKEN.finditer(text):
        piece, start, end = match[0], match.start() - begin, match.end() - begin
        depth += (piece in OPENING) - (piece in CLOSING)
        if piece == "\n" and not depth:
            statement = shape.statement(text[begin : match.end()], table)
            table = statement.path if statement.kind == HEADER else table
            yield statement
            begin, shape = match.end(), Shape()
        elif not piece.isspace():
            shape.take(piece, start, end)
    if begin < len(text):
        yield shape.statement(text[begin:], table)


@dataclass(slots=True)
class Shape:
    first: str = ""
    start: int = 0
    _: KW_ONLY
    end: int = 0
    equals: int = -1
    value: int = -1
    remark: str = ""

    def take(self, piece: str, start: int, end: int) -> None:
        if piece.startswith("#"):
            self.remark = piece.rstrip()
            return
        if not self.first:
            self.first, self.start = piece, start
        elif self.equals >= 0 and self.value < 0:
            self.value = start
        if piece == "=" and self.equals < 0:
            self.equals = start
        self.end = end

    def statement(self, text: str, table: Path) -> Statement:
        if not self.first:
            return Statement(COMMENT if self.remark else BLANK, text)
        if self.first == "[":
            return Statement(HEADER, text, path=parse_path(text), remark=self.remark)
        written = text[self.start : self.equals].rstrip()
        return Statement(
            ENTRY,
            text,
            path=(*table, *parse_path(f"{written} = 0")),
            key=(self.start, self.start + len(written)),
            value=(self.value, self.end),
            remark=self.remark,
        )


def parse_path(toml_text: str) -> Path:
    path: list[str] = []
    value = tomllib.loads(toml_text)
    while isinstance(value, dict) and value:
        name = next(iter(value))
        path.append(name)
        value = value[name]
    return tuple(path)


def set_value(text: str, path: Path, written: str, *, depth: int = 1) -> str:
    r"""Set or remove a key.

    `written` is TOML; new keys go last in their table, new tables at the end (`depth` parts).

    >>> set_value("[logo]  # ours\nfile = \"a.svg\"\n", ("logo", "file"), '"b.svg"')
    '[logo]  # ours\nfile = "b.svg"\n'
    >>> set_value('name = { en = "A" }\n', ("name", "fr"), '"B"')
    'name = { en = "A", fr = "B" }\n'
    """
    lines = list(yield_statements(text))
    if lines and not lines[-1].text.endswith("\n"):
        lines[-1].text += "\n"
    entries = [at for at, line in enumerate(lines) if line.kind == ENTRY and line.path == path[: len(line.path)]]
    if not entries:
        if written:
            lines.insert(*find_new_entry(lines, path, written, depth))
        return "".join(line.text for line in lines)
    index = entries[0]
    line, (start, end) = lines[index], lines[index].value
    if line.path != path:
        written = set_inner_value(line.text[start:end], path[len(line.path) :], written)
    if written:
        lines[index].text = line.text[:start] + written + line.text[end:]
    else:
        del lines[index]
    return "".join(line.text for line in lines)


def change_each_value(text: str, change: Callable[[str, Any], Any]) -> str:
    r"""Change all values; `change` takes a key and its value.

    >>> change_each_value('[[block]]\nsheet = "A"  # ours\n', lambda key, value: "B" if key == "sheet" else value)
    '[[block]]\nsheet = "B"  # ours\n'
    """
    lines = list(yield_statements(text))
    for line in lines:
        if line.kind == ENTRY:
            start, end = line.value
            before = tomllib.loads(f"value = {line.text[start:end]}")["value"]
            after = change_value(before, line.path[-1], change)
            if after != before:
                line.text = line.text[:start] + format_inline(after) + line.text[end:]
    return "".join(line.text for line in lines)


def change_value(value: Any, key: str, change: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: change_value(each, name, change) for name, each in value.items()}
    if isinstance(value, list):
        return [change_value(each, key, change) for each in value]
    return change(key, value)


def set_inner_value(table: str, path: Path, written: str) -> str:
    """Set or remove a key of an inline table; empty tables are removed."""
    value = tomllib.loads(f"table = {table}")["table"]
    inner = value
    for part in path[:-1]:
        inner = inner.setdefault(part, {})
    if written:
        inner[path[-1]] = tomllib.loads(f"value = {written}")["value"]
    else:
        inner.pop(path[-1], None)
    return format_inline(value) if value else ""


def format_inline(value: Any) -> str:
    r"""Write a text, number, boolean, list or table as inline TOML.

    >>> format_inline({"en": "A \"b\"", "of": ["x", True, 3]})
    '{ en = "A \\"b\\"", of = ["x", true, 3] }'
    """
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{write_key(key)} = {format_inline(each)}' for key, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(format_inline, value))}]"
    if isinstance(value, str):
        return quote_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def quote_text(text: str) -> str:
    """Write a text in TOML, with invisible characters escaped."""
    return HIDDEN_CHARACTERS.sub(lambda sign: f"\\U{ord(sign[0]):08X}", json.dumps(text, ensure_ascii=False))


def write_key(key: str) -> str:
    """Write a part of a key, quoted if necessary.

    >>> write_key("en"), write_key("dali@office")
    ('en', '"dali@office"')
    """
    return key if BARE_KEY.fullmatch(key) else quote_text(key)


def format_entry(kind: str, fields: Mapping[str, str | int]) -> str:
    lines = (f"{name} = {quote_text(value) if isinstance(value, str) else value}" for name, value in fields.items())
    return "\n".join([f"[[{kind}]]", *lines])


def remove_table(text: str, *path: str) -> str:
    r"""Remove a table: its head, keys and preceding blank line; comments stay.

    >>> remove_table('order = []\n\n[logo]\nfile = "a.svg"\ntext.en = "A"\n[colours]\n', "logo")
    'order = []\n[colours]\n'
    """
    kept: list[Statement] = []
    for line in yield_statements(text):
        if line.path[: len(path)] != path:
            kept.append(line)
        elif line.kind == HEADER and kept and kept[-1].kind == BLANK:
            kept.pop()
    return "".join(line.text for line in kept)


def find_new_entry(lines: list[Statement], path: Path, written: str, depth: int) -> tuple[int, Statement]:
    line_end = "\r\n" if any(line.text.endswith("\r\n") for line in lines) else "\n"
    table: Path = ()
    places: list[tuple[int, int]] = []  # table depth and line of each entry
    for at, line in enumerate(lines):
        table = line.path if line.kind == HEADER else table
        is_of_table = line.kind in (HEADER, ENTRY) and line.path[:depth] == path[:depth]
        if is_of_table and table == path[: len(table)]:
            places.append((len(table), at))
    if places:
        known, at = max(places)
        return at + 1, Statement(ENTRY, f"{format_path(path[known:])} = {written}{line_end}", path=path)
    head = f"{line_end if lines else ''}[{format_path(path[:depth])}]{line_end}"
    return len(lines), Statement(ENTRY, f"{head}{format_path(path[depth:])} = {written}{line_end}", path=path)


def format_path(path: Path) -> str:
    return ".".join(map(write_key, path))
