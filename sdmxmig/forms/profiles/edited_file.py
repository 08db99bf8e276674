"""Edits of ``profile.toml`` that keep comments and order."""

from __future__ import annotations

from collections.abc import Mapping

from sdmxmig.forms.profiles.file import key_of, quoted
from sdmxmig.forms.profiles.plan import KINDS, Asked
from sdmxmig.forms.profiles.texts import (
    ANSWER,
    CITED,
    EVIDENCE,
    FACTS,
    IN_LANGUAGES,
    ITEMS,
    PRACTICE,
    QUESTION,
    SOURCES,
    Key,
    Texts,
    unit_of,
)
from sdmxmig.io.edited_toml import BLANK, COMMENT, ENTRY, HEAD, Statement, statements
from sdmxmig.sdmx.model.profile import COUNTRY

BOM = "\ufeff"


def with_changes(content: bytes, changes: Texts, asked: Asked) -> bytes:
    """Change texts by key; empty removes.

    Verify the result: some TOML notation cannot be edited.
    """
    text = content.decode("utf-8-sig")
    lines = EditedFile(text, asked)
    for key, value in changes.items():
        lines.put(key, value)
    return ((BOM if content.startswith(BOM.encode()) else "") + lines.text).encode()


class EditedFile:
    """The statements of a file during editing."""

    def __init__(self, text: str, asked: Asked) -> None:
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        self.statements = list(statements(text))
        if self.statements and not self.statements[-1].text.endswith("\n"):
            self.statements[-1].text += self.line_end
        self.ranks = ranks(asked)

    @property
    def text(self) -> str:
        return "".join(statement.text for statement in self.statements)

    def put(self, key: Key, value: str) -> None:
        """Let a key say this; nothing if it is empty, unless it is one of the facts."""
        if len(key) > 3 and key[-2] in IN_LANGUAGES:
            self.name_language(key[:-1])
        index = self.find(ENTRY, key)
        if index is None and value:
            self.add(key, value)
        elif index is not None and (value or key[0] in FACTS):
            statement = self.statements[index]
            start, end = statement.value
            written = toml(key, value)
            statement.text = statement.text[:start] + written + statement.text[end:]
            statement.value = (start, start + len(written))
        elif index is not None:
            self.remove(index)

    def find(self, kind: str, path: Key) -> int | None:
        return next(
            (at for at, each in enumerate(self.statements) if each.path == path and each.kind == kind),
            None,
        )

    def name_language(self, path: Key) -> None:
        index = self.find(ENTRY, path)
        if index is None or self.statements[index].text[self.statements[index].value[0]] not in "\"'":
            return
        statement, (start, end) = self.statements[index], self.statements[index].key
        statement.text = f"{statement.text[:end]}.en{statement.text[end:]}"
        statement.path, statement.key = (*path, "en"), (start, end + 3)
        statement.value = (statement.value[0] + 3, statement.value[1] + 3)

    def add(self, key: Key, value: str) -> None:
        """Write a key that is not there: into its table, behind what is asked before it."""
        table = () if len(key) == 1 else key[:1] if key[0] == SOURCES else unit_of(key)
        line = f"{'.'.join(map(key_of, key[len(table) :]))} = {toml(key, value)}{self.line_end}"
        head = self.find(HEAD, table) if table else -1
        if head is None:
            at = self.place_of(table)
            self.statements[at:at] = [
                *statements(self.line_end),
                *statements(f"[{'.'.join(map(key_of, table))}]{self.line_end}"),
                *self.within(line, table),
            ]
            return
        placeholder = self.placeholder(head, f"# {'.'.join(key[len(table) :])} = ")
        at = self.behind(head, key) if placeholder is None else placeholder
        self.statements[at : at + (placeholder is not None)] = self.within(line, table)

    @staticmethod
    def within(line: str, table: Key) -> list[Statement]:
        added = list(statements(line))
        for statement in added:
            statement.path = (*table, *statement.path)
        return added

    def block(self, head: int) -> range:
        ends = (at for at in range(head + 1, len(self.statements)) if self.statements[at].kind == HEAD)
        return range(head + 1, next(ends, len(self.statements)))

    def placeholder(self, head: int, start: str) -> int | None:
        empty = (f'{start}""', f"{start}[]")
        return next((at for at in self.block(head) if self.statements[at].text.strip() in empty), None)

    def behind(self, head: int, key: Key) -> int:
        entries = [at for at in self.block(head) if self.statements[at].kind == ENTRY]
        before = [at for at in entries if order_in_table(self.statements[at].path) <= order_in_table(key)]
        return (before[-1] if before else head) + 1

    def place_of(self, table: Key) -> int:
        rank = self.rank(table)
        heads = [at for at, each in enumerate(self.statements) if each.kind == HEAD and self.rank(each.path) < rank]
        if not heads:
            return len(self.statements)
        last = max(heads, key=lambda at: (self.rank(self.statements[at].path), at))
        entries = [at for at in self.block(last) if self.statements[at].kind == ENTRY]
        end = (entries[-1] if entries else last) + 1
        return end if end < len(self.statements) and self.is_above_head(end) else self.past_comments(end)

    def past_comments(self, at: int) -> int:
        while at < len(self.statements) and self.statements[at].kind == COMMENT:
            at += 1
        return at

    def is_above_head(self, at: int) -> bool:
        at = self.past_comments(at)
        return at < len(self.statements) and self.statements[at].kind == HEAD

    def remove(self, index: int) -> None:
        """Take a statement out, and the head of its table if that is empty then; remarks stay."""
        statement = self.statements[index]
        if statement.remark:
            self.statements[index] = Statement(COMMENT, f"{statement.remark}{self.line_end}")
        else:
            del self.statements[index]
        table = unit_of(statement.path)
        head = self.find(HEAD, table) if table != statement.path else None
        if head is None:
            return
        rest = [self.statements[at].kind for at in self.block(head)]
        if ENTRY not in rest and rest[:1] != [COMMENT]:
            start = head - (head > 0 and self.statements[head - 1].kind == BLANK)
            del self.statements[start : head + 1]

    def rank(self, path: Key) -> tuple[int, int, int]:
        """How far behind a table is asked."""
        if not path or path[0] not in self.ranks:
            return (-1, 0, 0) if path[:1] == (SOURCES,) else (len(self.ranks) + 1, 0, 0)
        table = list(self.ranks).index(path[0])
        subjects, items = self.ranks[path[0]]
        subject = COUNTRY if path[0] == ITEMS else "".join(path[1:2])
        named = list(dict.fromkeys(each.path[1] for each in self.statements if is_about(each, path[0])))
        by_name = {name: len(subjects) + number for number, name in enumerate(named)}
        order = subjects.get(subject, by_name.get(subject, len(subjects) + len(named)))
        return (table, order, items.get(path[-1], -1))


def is_about(statement: Statement, table: str) -> bool:
    return statement.kind == HEAD and statement.path[:1] == (table,) and len(statement.path) > 2


def toml(key: Key, value: str) -> str:
    if key[-1] == CITED and len(key) > 2:
        return f"[{', '.join(quoted(source) for source in listed(value))}]"
    return quoted(value)


def listed(sources: str) -> list[str]:
    """The keys of sources as people list them, each once.

    >>> listed("G1; G2, G1")
    ['G1', 'G2']
    """
    keys = (source.strip() for source in sources.replace(",", ";").split(";"))
    return list(dict.fromkeys(source for source in keys if source))


def order_in_table(path: Key) -> int:
    parts = (ANSWER, EVIDENCE, PRACTICE, QUESTION, CITED)
    part = path[len(unit_of(path))] if len(path) > len(unit_of(path)) else ""
    return parts.index(part) if part in parts else len(parts)


def ranks(asked: Asked) -> Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]]:
    of_items = {item: number for number, item in enumerate(asked.items)}
    tables: dict[str, tuple[Mapping[str, int], Mapping[str, int]]] = {ITEMS: ({COUNTRY: 0}, of_items)}
    for table, kind in KINDS.items():
        subjects = {subject: number for number, subject in enumerate(asked.subjects.get(kind, ()))}
        tables[table] = (subjects, {item: number for number, item in enumerate(asked.about.get(kind, ()))})
    return tables
