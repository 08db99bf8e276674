"""Profiles as texts by key, and edits of ``profile.toml`` that keep comments and order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from sdmxmig.catalogue.benchmarking import COUNTRY_CODE, Answer, Profile
from sdmxmig.forms.profiles.dataset import LIST_SEPARATOR
from sdmxmig.forms.profiles.plan import BLOCK_KINDS, QuestionPlan
from sdmxmig.io.edited_toml import (
    BLANK,
    COMMENT,
    ENTRY,
    HEADER,
    Statement,
    format_inline,
    format_path,
    quote_text,
    yield_statements,
)
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean

Key = tuple[str, ...]
"""The path of a text, such as ``("items", "A01", "answer")`` or ``("sources", "G1")``."""
Texts = Mapping[Key, str]
FACT_FIELDS = ("area", "year", "signed_off")
LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
ITEMS, SOURCES = "items", "sources"
ANSWER, EVIDENCE, QUOTED = "answer", "evidence", "quoted"
PRACTICE, QUESTION, CITED = "practice", "question", "sources"
TRANSLATED_FIELDS = (PRACTICE, QUESTION)


def index_texts(profile: Profile, asked: QuestionPlan) -> dict[Key, str]:
    texts: dict[Key, str] = {(name,): getattr(profile, name) for name in FACT_FIELDS}
    texts |= {(SOURCES, key): citation for key, citation in profile.sources.items()}
    for answer in profile.answers.values():
        texts |= dict(list_answer_texts((ITEMS, answer.item), answer))
    for table, kind in BLOCK_KINDS.items():
        for answers in profile.about.values():
            for answer in answers.values():
                if answer.item in asked.about[kind]:
                    texts |= dict(list_answer_texts((table, answer.subject, answer.item), answer))
    return {key: text for key, text in texts.items() if text}


def list_answer_texts(table: Key, answer: Answer) -> Iterator[tuple[Key, str]]:
    yield (*table, ANSWER), answer.answer
    yield (*table, EVIDENCE), answer.evidence
    yield (*table, QUOTED), answer.quoted
    yield from (((*table, PRACTICE, language), text) for language, text in answer.practice.values)
    yield from (((*table, QUESTION, language), text) for language, text in answer.question.values)
    yield (*table, CITED), LIST_SEPARATOR.join(answer.sources)


def write_profile(profile: Profile, asked: QuestionPlan) -> bytes:
    """Write ``profile.toml`` with a table for each answer, in the order of the questions."""
    texts = index_texts(profile, asked)
    lines = [f"{name} = {quote_text(getattr(profile, name))}" for name in FACT_FIELDS]
    lines += ["", f"[{SOURCES}]"]
    lines += [f"{quote_text(key)} = {quote_text(text)}" for key, text in profile.sources.items()]
    in_answers = (key for key in texts if key[0] not in (*FACT_FIELDS, SOURCES))
    for table, keys in groupby(in_answers, find_unit):
        lines += ["", f"[{format_path(table)}]"]
        lines += [f"{format_path(key[len(table) :])} = {write_toml(key, texts[key])}" for key in keys]
    return ("\n".join(lines) + "\n").encode()


def find_table(item: str, subject: str, asked: QuestionPlan) -> Key:
    if subject == COUNTRY_CODE and item in asked.items:
        return (ITEMS, item)
    name = next((table for table, kind in BLOCK_KINDS.items() if item in asked.about.get(kind, ())), ITEMS)
    return (name, subject, item)


def find_unit(key: Key) -> Key:
    """Return the key shared by all parts of an answer."""
    if len(key) == 1 or key[0] == SOURCES:
        return key
    return key[:2] if key[0] == ITEMS else key[:3]


def find_changes(before: Texts, after: Texts) -> dict[Key, str]:
    """Return the changes from one profile to another; removed texts are empty.

    >>> find_changes({("sources", "G1"): "A"}, {("sources", "G2"): "B"})
    {('sources', 'G1'): '', ('sources', 'G2'): 'B'}
    """
    gone = {key: "" for key in before if key not in after}
    return {**gone, **{key: text for key, text in after.items() if before.get(key) != text}}


def apply_changes(texts: Texts, changes: Texts) -> dict[Key, str]:
    return {key: text for key, text in {**texts, **changes}.items() if text}


def select_unit_texts(texts: Texts, unit: Key) -> dict[Key, str]:
    return {key: text for key, text in texts.items() if find_unit(key) == unit}


def parse_key(written: str) -> Key:
    """Parse a key such as ``items.A01.answer``; raise `SdmxmigError`.

    >>> parse_key("items.A01.practice.en")
    ('items', 'A01', 'practice', 'en')
    >>> parse_key("comments.GAP.1.O01.answer")
    ('comments', 'GAP.1', 'O01', 'answer')
    """
    table, _, rest = written.partition(".")
    parts = tuple(rest.split("."))
    tail = 3 if len(parts) > 2 and parts[-2] in TRANSLATED_FIELDS else 2
    if table in FACT_FIELDS and not rest:
        return (table,)
    if table == SOURCES and rest:
        return (table, rest)
    if table != ITEMS and table not in BLOCK_KINDS:
        raise SdmxmigError(
            f"“{written}” is not a key of a profile.", hint=did_you_mean(table, (*FACT_FIELDS, ITEMS, *BLOCK_KINDS))
        )
    subject = parts[:-tail]
    address = (table, *((".".join(subject),) if table in BLOCK_KINDS else subject), *parts[-tail:])
    is_part = LANGUAGE.fullmatch(parts[-1]) if tail == 3 else parts[-1] in (ANSWER, EVIDENCE, QUOTED, CITED)
    if not is_part or not all(address) or len(address) != (3 if table == ITEMS else 4) + (tail == 3):
        hint = "Write it as the file does: items.A01.answer, items.A01.practice.en, indicators.IMM_RATE.L01.sources."
        raise SdmxmigError(f"“{written}” is not a key of a profile.", hint=hint)
    return address


def format_key(key: Key) -> str:
    return ".".join(key)


BYTE_ORDER_MARK = "\ufeff"


def edit_texts(content: bytes, changes: Texts, asked: QuestionPlan) -> bytes:
    """Change texts by key; an empty text removes a key. The result is verified, since some TOML cannot be edited."""
    text = content.decode("utf-8-sig")
    lines = EditedFile(text, asked)
    for key, value in changes.items():
        lines.set_text(key, value)
    return ((BYTE_ORDER_MARK if content.startswith(BYTE_ORDER_MARK.encode()) else "") + lines.text).encode()


class EditedFile:
    def __init__(self, text: str, asked: QuestionPlan) -> None:
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        self.statements = list(yield_statements(text))
        if self.statements and not self.statements[-1].text.endswith("\n"):
            self.statements[-1].text += self.line_end
        self.ranks = rank_items(asked)

    @property
    def text(self) -> str:
        return "".join(statement.text for statement in self.statements)

    def set_text(self, key: Key, value: str) -> None:
        """Set a key; skip an empty value unless it is a fact."""
        if len(key) > 3 and key[-2] in TRANSLATED_FIELDS:
            self.name_language(key[:-1])
        index = self.find(ENTRY, key)
        if index is None and value:
            self.add(key, value)
        elif index is not None and (value or key[0] in FACT_FIELDS):
            statement = self.statements[index]
            start, end = statement.value
            written = write_toml(key, value)
            statement.text = statement.text[:start] + written + statement.text[end:]
            statement.value = (start, start + len(written))
        elif index is not None:
            self.remove(index)

    def find(self, kind: str, path: Key) -> int | None:
        return next((at for at, each in enumerate(self.statements) if each.path == path and each.kind == kind), None)

    def name_language(self, path: Key) -> None:
        index = self.find(ENTRY, path)
        if index is None or self.statements[index].text[self.statements[index].value[0]] not in "\"'":
            return
        statement, (start, end) = self.statements[index], self.statements[index].key
        statement.text = f"{statement.text[:end]}.en{statement.text[end:]}"
        statement.path, statement.key = (*path, "en"), (start, end + 3)
        statement.value = (statement.value[0] + 3, statement.value[1] + 3)

    def add(self, key: Key, value: str) -> None:
        """Add a key to its table, after the keys that precede it."""
        table = () if len(key) == 1 else key[:1] if key[0] == SOURCES else find_unit(key)
        line = f"{format_path(key[len(table) :])} = {write_toml(key, value)}{self.line_end}"
        head = self.find(HEADER, table) if table else -1
        if head is None:
            at = self.place_of(table)
            self.statements[at:at] = [
                *yield_statements(self.line_end),
                *yield_statements(f"[{format_path(table)}]{self.line_end}"),
                *self.within(line, table),
            ]
            return
        placeholder = self.find_placeholder(head, f"# {'.'.join(key[len(table) :])} = ")
        at = self.find_end(head, key) if placeholder is None else placeholder
        self.statements[at : at + (placeholder is not None)] = self.within(line, table)

    @staticmethod
    def within(line: str, table: Key) -> list[Statement]:
        added = list(yield_statements(line))
        for statement in added:
            statement.path = (*table, *statement.path)
        return added

    def block(self, head: int) -> range:
        ends = (at for at in range(head + 1, len(self.statements)) if self.statements[at].kind == HEADER)
        return range(head + 1, next(ends, len(self.statements)))

    def find_placeholder(self, head: int, start: str) -> int | None:
        empty = (f'{start}""', f"{start}[]")
        return next((at for at in self.block(head) if self.statements[at].text.strip() in empty), None)

    def find_end(self, head: int, key: Key) -> int:
        entries = [at for at in self.block(head) if self.statements[at].kind == ENTRY]
        before = [at for at in entries if order_in_table(self.statements[at].path) <= order_in_table(key)]
        return (before[-1] if before else head) + 1

    def place_of(self, table: Key) -> int:
        rank = self.rank(table)
        heads = [at for at, each in enumerate(self.statements) if each.kind == HEADER and self.rank(each.path) < rank]
        if not heads:
            return len(self.statements)
        last = max(heads, key=lambda at: (self.rank(self.statements[at].path), at))
        entries = [at for at in self.block(last) if self.statements[at].kind == ENTRY]
        end = (entries[-1] if entries else last) + 1
        return end if end < len(self.statements) and self.is_above_head(end) else self.skip_comments(end)

    def skip_comments(self, at: int) -> int:
        while at < len(self.statements) and self.statements[at].kind == COMMENT:
            at += 1
        return at

    def is_above_head(self, at: int) -> bool:
        at = self.skip_comments(at)
        return at < len(self.statements) and self.statements[at].kind == HEADER

    def remove(self, index: int) -> None:
        """Remove a statement, and its table header if the table becomes empty; comments are kept."""
        statement = self.statements[index]
        if statement.remark:
            self.statements[index] = Statement(COMMENT, f"{statement.remark}{self.line_end}")
        else:
            del self.statements[index]
        table = find_unit(statement.path)
        head = self.find(HEADER, table) if table != statement.path else None
        if head is None:
            return
        rest = [self.statements[at].kind for at in self.block(head)]
        if ENTRY not in rest and rest[:1] != [COMMENT]:
            start = head - (head > 0 and self.statements[head - 1].kind == BLANK)
            del self.statements[start : head + 1]

    def rank(self, path: Key) -> tuple[int, int, int]:
        if not path or path[0] not in self.ranks:
            return (-1, 0, 0) if path[:1] == (SOURCES,) else (len(self.ranks) + 1, 0, 0)
        table = list(self.ranks).index(path[0])
        subjects, items = self.ranks[path[0]]
        subject = COUNTRY_CODE if path[0] == ITEMS else "".join(path[1:2])
        named = list(dict.fromkeys(each.path[1] for each in self.statements if is_about(each, path[0])))
        by_name = {name: len(subjects) + number for number, name in enumerate(named)}
        order = subjects.get(subject, by_name.get(subject, len(subjects) + len(named)))
        return (table, order, items.get(path[-1], -1))


def is_about(statement: Statement, table: str) -> bool:
    return statement.kind == HEADER and statement.path[:1] == (table,) and len(statement.path) > 2


def write_toml(key: Key, value: str) -> str:
    if key[-1] == CITED and len(key) > 2:
        return format_inline(split_sources(value))
    return quote_text(value)


def split_sources(sources: str) -> list[str]:
    keys = (source.strip() for source in sources.replace(",", ";").split(";"))
    return list(dict.fromkeys(source for source in keys if source))


def order_in_table(path: Key) -> int:
    parts = (ANSWER, EVIDENCE, QUOTED, PRACTICE, QUESTION, CITED)
    part = path[len(find_unit(path))] if len(path) > len(find_unit(path)) else ""
    return parts.index(part) if part in parts else len(parts)


def rank_items(asked: QuestionPlan) -> Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]]:
    of_items = {item: number for number, item in enumerate(asked.items)}
    tables: dict[str, tuple[Mapping[str, int], Mapping[str, int]]] = {ITEMS: ({COUNTRY_CODE: 0}, of_items)}
    for table, kind in BLOCK_KINDS.items():
        subjects = {subject: number for number, subject in enumerate(asked.subjects.get(kind, ()))}
        tables[table] = (subjects, {item: number for number, item in enumerate(asked.about.get(kind, ()))})
    return tables
