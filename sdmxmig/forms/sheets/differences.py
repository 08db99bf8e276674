"""Differences between lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass

from sdmxmig.forms.sheets.reading import KEYS


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference; `kind`: ``new``, ``gone``, ``changed``, ``order``."""

    kind: str
    row: str
    _: KW_ONLY
    column: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        row = self.row or "(the list)"
        if self.kind == "changed":
            return f"~ {row}  {self.column}: “{self.before}” → “{self.after}”"
        return f"{ {'new': '+', 'gone': '-', 'order': '↕'}[self.kind] } {row}  {self.after or self.before}".rstrip()


def compare(before: bytes, after: bytes) -> tuple[Difference, ...]:
    """The differences of two CSV files of the same list; an empty column and a missing one are the same."""
    old, new = _rows(before), _rows(after)
    differences = [Difference("new", key, after=_name(row)) for key, row in new.items() if key not in old]
    differences += [Difference("gone", key, before=_name(row)) for key, row in old.items() if key not in new]
    for key, row in new.items():
        if key in old:
            differences += _changes(key, old[key], row)
    old_order, new_order = [key for key in old if key in new], [key for key in new if key in old]
    if old_order != new_order:
        moved = next(new_key for old_key, new_key in zip(old_order, new_order, strict=True) if old_key != new_key)
        differences.append(Difference("order", moved, after="the order is another one from here on"))
    return tuple(differences)


def _changes(key: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for column in dict.fromkeys((*old, *new)):
        before, after = old.get(column) or "", new.get(column) or ""
        if before != after:
            yield Difference("changed", key, column=column, before=before, after=after)


def _rows(content: bytes) -> dict[str, Mapping[str, str]]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval="")
    columns = reader.fieldnames or ()
    key = next((column for column in KEYS if column in columns), "")
    rows: dict[str, Mapping[str, str]] = {}
    for row in reader:
        name = row.get(key) or ""
        if row.get("parent") and "." in row["parent"]:
            name = f"{row['parent']}.{name}"
        number = 1
        while (named := f"{name} ({number})" if number > 1 else name) in rows:
            number += 1
        rows[named] = row
    return rows


def _name(row: Mapping[str, str]) -> str:
    return row.get("name_en") or row.get("target") or row.get("code") or ""
