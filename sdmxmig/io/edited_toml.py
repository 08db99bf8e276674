"""TOML files that people have written, cut into their statements: what changes is written anew, all else stays.

Joined again, the statements of a file are the file, with its comments, blank lines and line ends.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*|\n|[\[\]{}=]|[^\S\n]+|[^\s\"'#\[\]{}=]+|.",
    re.DOTALL,
)
HEAD, ENTRY, COMMENT, BLANK = "head", "entry", "comment", "blank"
OPENING, CLOSING = "[{", "]}"
Path = tuple[str, ...]
"""A key, part by part."""


@dataclass(slots=True)
class Statement:
    """One statement of a file with its line end: what kind it is, its key, and from where to where its value stands.

    `path` is the whole key, with that of the table in which it stands; `remark` is the comment behind it.
    """

    kind: str
    text: str
    _: KW_ONLY
    path: tuple[str, ...] = ()
    key: tuple[int, int] = (0, 0)
    value: tuple[int, int] = (0, 0)
    remark: str = ""


def statements(text: str) -> Iterator[Statement]:
    """The statements of a TOML file, one after another; joined they are the file."""
    table: Path = ()
    begin = depth = 0
    shape = Shape()
    for match in TOKEN.finditer(text):
        piece, start, end = match[0], match.start() - begin, match.end() - begin
        depth += (piece in OPENING) - (piece in CLOSING)
        if piece == "\n" and not depth:
            statement = shape.statement(text[begin : match.end()], table)
            table = statement.path if statement.kind == HEAD else table
            yield statement
            begin, shape = match.end(), Shape()
        elif not piece.isspace():
            shape.take(piece, start, end)
    if begin < len(text):
        yield shape.statement(text[begin:], table)


@dataclass(slots=True)
class Shape:
    """What was met of one statement so far: its first and last sign, its equals sign, and a comment behind it."""

    first: str = ""
    start: int = 0
    _: KW_ONLY
    end: int = 0
    equals: int = -1
    value: int = -1
    remark: str = ""

    def take(self, piece: str, start: int, end: int) -> None:
        """Take in the next sign or word that is not a space."""
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
        """The statement that was met, in a table."""
        if not self.first:
            return Statement(COMMENT if self.remark else BLANK, text)
        if self.first == "[":
            return Statement(HEAD, text, path=path_in(text), remark=self.remark)
        written = text[self.start : self.equals].rstrip()
        return Statement(
            ENTRY,
            text,
            path=(*table, *path_in(f"{written} = 0")),
            key=(self.start, self.start + len(written)),
            value=(self.value, self.end),
            remark=self.remark,
        )


def path_in(toml_text: str) -> Path:
    """The one key that a piece of TOML names, part by part."""
    path: list[str] = []
    value = tomllib.loads(toml_text)
    while isinstance(value, dict) and value:
        name = next(iter(value))
        path.append(name)
        value = value[name]
    return tuple(path)


def with_value(text: str, path: Path, written: str) -> str:
    r"""A file in which a key of a table says something else; without a value the key is taken out.

    `path` is the table and then the key, `written` the value as TOML writes it. What is not there yet is put behind
    what the table says already, a new table at the end.

    >>> with_value("[logo]  # ours\nfile = \"a.svg\"\n", ("logo", "file"), '"b.svg"')
    '[logo]  # ours\nfile = "b.svg"\n'
    """
    lines = list(statements(text))
    if lines and not lines[-1].text.endswith("\n"):
        lines[-1].text += "\n"
    index = next((at for at, line in enumerate(lines) if line.kind == ENTRY and line.path == path), None)
    if index is not None and written:
        line, (start, end) = lines[index], lines[index].value
        lines[index].text = line.text[:start] + written + line.text[end:]
    elif index is not None:
        del lines[index]
    elif written:
        lines.insert(*new_entry(lines, path, written))
    return "".join(line.text for line in lines)


def without_table(text: str, name: str) -> str:
    r"""A file without one of its tables: its head, all that it says, and the blank line before it; comments stay.

    >>> without_table('order = []\n\n[logo]\nfile = "a.svg"\ntext.en = "A"\n[colours]\n', "logo")
    'order = []\n[colours]\n'
    """
    kept: list[Statement] = []
    for line in statements(text):
        if line.path[:1] != (name,):
            kept.append(line)
        elif line.kind == HEAD and kept and kept[-1].kind == BLANK:
            kept.pop()
    return "".join(line.text for line in kept)


def new_entry(lines: list[Statement], path: Path, written: str) -> tuple[int, Statement]:
    """Where a key that is not there yet is put, and its line; with the head of its table if that is new too."""
    line_end = "\r\n" if any(line.text.endswith("\r\n") for line in lines) else "\n"
    entry = f"{'.'.join(path[1:])} = {written}{line_end}"
    inside = [at for at, line in enumerate(lines) if line.kind in (HEAD, ENTRY) and line.path[:1] == path[:1]]
    has_head = any(lines[at].kind == HEAD and lines[at].path == path[:1] for at in inside)
    if has_head:
        return inside[-1] + 1, Statement(ENTRY, entry, path=path)
    return len(lines), Statement(ENTRY, f"{line_end if lines else ''}[{path[0]}]{line_end}{entry}", path=path)
