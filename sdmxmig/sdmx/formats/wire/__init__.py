"""Wire tables: the names of record fields in SDMX-ML and SDMX-JSON.

A row of ``fields.csv`` is one field of one or several records: its name, form and names in both families, in schema
order of SDMX-ML. A new SDMX field is one more row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.model.references import Ref

CONTENT = "."
OLDEST, NEWEST = "2.0", "9"
"""Before and after all versions of SDMX."""
SDMX_OF = {"1.0": "2.1", "2.0": "3.0", "2.1": "3.1"}
"""The version of SDMX with which each version of SDMX-JSON goes."""


CONTAINERS = read_csv_rows(Path(__file__).with_name("containers.csv"))
"""The collections of a structure message in order, by kind of artefact, and the versions of SDMX that have them."""


@cache
def list_containers(family: str, version: str) -> dict[str, str]:
    of_family = (row for row in CONTAINERS if row["family"] == family)
    return {row["kind"]: row["container"] for row in of_family if row["since"] <= version <= row["until"]}


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a record: its name, form, and names in SDMX-ML (element, or @attribute) and SDMX-JSON.

    `form` is the name of the method of each reader and writer that the field needs. A field without a name has no place
    in the family; "." is the text of the element, "*" several members. `optional_in` is the family whose reader does
    not enforce `required`. `of` is the record of parts, `kinds` the kinds of references (the first is the SDMX 2.1
    default). `stub` is the kind of a missing reference ("any": unspecified), `together` a field required with this one.
    `what`, `needed`, `lost` and `hint` are texts for errors, with field names in braces. `always` are families that
    write a false flag, `choices` the words, `unique` the name of values that must be unique, `note` the annotation type
    for versions without the field, `where` the condition on parts, `common` the last version with elements in the
    common namespace. `at` is the name in the family and version asked for (`rows`).
    """

    name: str
    form: str
    _: KW_ONLY
    ml: str = ""
    json: str = ""
    of: str = ""
    kinds: tuple[str, ...] = ()
    pattern: str = "ID"
    what: str = ""
    required: bool = False
    optional_in: str = ""
    stub: str = ""
    together: str = ""
    needed: str = ""
    lost: str = ""
    hint: str = ""
    always: tuple[str, ...] = ()
    default: str = ""
    choices: tuple[str, ...] = ()
    unique: str = ""
    note: str = ""
    where: tuple[str, str | bool] = ("", "")
    common: str = ""
    since: str = OLDEST
    until: str = NEWEST
    at: str = ""

    def called(self, family: str) -> str:
        return self.ml if family == "ml" else self.json

    def is_in(self, version: str) -> bool:
        return self.since <= version <= self.until

    @property
    def implied(self) -> dict[str, Any]:
        return {self.where[0]: self.where[1]} if self.where[1] and self.where[1] is not True else {}

    def holds(self, part: Any) -> bool:
        name, value = self.where
        return not name or getattr(part, name) == value or bool(getattr(part, name)) is value


def parse_condition(cell: str) -> tuple[str, str | bool]:
    name, _, value = cell.partition("=")
    return name, {"yes": True, "no": False}.get(value, value)


def split_words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split())


CELL_READERS: dict[str, Callable[[str], Any]] = {
    "kinds": split_words,
    "choices": split_words,
    "always": split_words,
    "required": bool,
    "where": parse_condition,
}
"""Readers of columns that are not texts."""
Shape = tuple[Field, ...]
SHAPES: dict[str, Shape] = dict.fromkeys(("EmptyElement", "ValueItem", "Category"), ())
"""The fields of each record in order."""
for _row in read_csv_rows(Path(__file__).with_name("fields.csv")):
    _records = _row.pop("record").split(";")
    _field = Field(**{name: CELL_READERS.get(name, str)(cell) for name, cell in _row.items() if cell})
    SHAPES |= {record: (*SHAPES.get(record, ()), _field) for record in _records}


def read_rows(key: str, *, family: str, version: str = "") -> Shape:
    fitting = (row for row in SHAPES[key] if row.called(family) and (not version or row.is_in(version)))
    prefix = "com:" if family == "ml" else ""
    return tuple(
        replace(row, at=f"{prefix if version and version <= row.common else ''}{row.called(family)}") for row in fitting
    )


def list_unsupported_fields(key: str, *, family: str, version: str) -> Shape:
    spelt_names = {row.name for row in read_rows(key, family=family, version=version)}
    return tuple({row.name: row for row in SHAPES[key] if row.name not in spelt_names}.values())


def read_absent_reference(row: Field) -> Ref | None:
    return Ref("" if row.stub == "any" else row.stub, "", id="", version="") if row.stub else None


def fill_blanks(text: str, record: Any) -> str:
    return text.format_map(_Fields(record)) if "{" in text else text


class _Fields(dict[str, Any]):
    def __init__(self, record: Any) -> None:
        super().__init__()
        self.record = record

    def __missing__(self, name: str) -> Any:
        return getattr(self.record, name)
