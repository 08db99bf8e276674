"""Wire tables: the names of record fields in SDMX-ML and SDMX-JSON.

A row is one field: its name, form and names in both families, in schema order of SDMX-ML. A new SDMX field is one more
row.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from enum import StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Any

from sdmxmig.sdmx.model.references import Ref

CONTENT = "."
WITHIN = "*"
OLDEST, NEWEST = "2.0", "9"
"""Before and after all versions of SDMX."""
SDMX_OF = {"1.0": "2.1", "2.0": "3.0", "2.1": "3.1"}
"""The version of SDMX with which each version of SDMX-JSON goes."""


with Path(__file__).with_name("containers.csv").open(encoding="utf-8", newline="") as file:
    CONTAINERS = tuple(csv.DictReader(file))
"""The collections of a structure message in order, by kind of artefact, and the versions of SDMX that have them."""


@cache
def containers(family: str, version: str) -> dict[str, str]:
    of_family = (row for row in CONTAINERS if row["family"] == family)
    return {row["kind"]: row["container"] for row in of_family if row["since"] <= version <= row["until"]}


class Form(StrEnum):
    """The usual types of a field, which determine how to read and write it.

    A field that no other is like has a name of its own instead, and each family a method of this name.
    """

    # Texts.
    ID = auto()
    LOCAL = auto()
    """An id or path within the same artefact."""
    LOCALS = auto()
    TEXT = auto()
    TEXTS = auto()
    ONE_TEXT = auto()
    """The first of several texts; the model holds one."""
    PERIOD = auto()
    ADDRESS = auto()
    NAME = auto()
    """Texts by language; defaults to the id."""
    WORDS = auto()

    # Choices, booleans, dates.
    CHOICE = auto()
    PASSED_OVER = auto()
    """Ignored on reading; its default, if any, is written."""
    FLAG = auto()
    MOMENT = auto()
    VALIDITY = auto()
    """A date written unchanged in SDMX-ML."""

    # Notes, and references to artefacts and items.
    NOTES = auto()
    MINOR_NOTES = auto()
    """Annotations of parts without a link field; links become annotations."""
    REFERENCE = auto()
    REFERENCES = auto()
    TARGETS = auto()
    """URNs as texts, possibly with wildcards."""

    # Nested records.
    PART = auto()
    PARTS = auto()
    ONE_PART = auto()
    """The first of several parts; the model holds one."""
    EACH = auto()
    """Parts; lenient reading leaves out unreadable ones."""
    SECTION = auto()
    """Fields of the same record in an element of their own."""


Key = type | str


LISTS = (
    Form.TEXTS,
    Form.LOCALS,
    Form.REFERENCES,
    Form.TARGETS,
    Form.PARTS,
    Form.EACH,
    "old_each",
    "time_maps",
    "items",
    "members",
    "links",
)
"""The forms of which SDMX-JSON has arrays."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a record: its name, form, and names in SDMX-ML (element, or @attribute) and SDMX-JSON.

    `form` is one of `Form`, or a name of its own. The SDMX-JSON name defaults to the SDMX-ML name in camel case, plural
    for lists; `json` overrides it. `only` limits the row to a family; `optional_in` is the family whose reader does not
    enforce `required`. `of` is the type of parts, `kinds` the kinds of references (the first is the SDMX 2.1 default).
    `stub` is the kind of an unspecified stub, `together` a field required with this one. `what`, `needed` and `lost`
    are texts for errors, with field names in braces. `always` are families that write a false flag, `choices` the
    words, `unique` the name of values that must be unique, `note` the annotation type for versions without the field,
    `where` the condition on parts, `common` the last version with elements in the common namespace. `at` is the name in
    the family and version asked for (`rows`).
    """

    name: str
    form: str
    _: KW_ONLY
    ml: str = ""
    json: str = ""
    only: str = ""
    of: Key = ""
    kinds: tuple[str, ...] = ()
    pattern: str = "ID"
    what: str = ""
    required: bool = False
    optional_in: str = ""
    stub: str | None = None
    together: str = ""
    needed: tuple[str, str] = ("", "")
    lost: tuple[str, str] = ("", "")
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
        if self.only not in ("", family):
            return ""
        if family == "ml" or self.json or not self.ml:
            return self.ml if family == "ml" else self.json
        name = self.ml.removeprefix("@").removeprefix("com:")
        return f"{name[0].lower()}{name[1:]}{'s' if self.form in LISTS else ''}"

    def is_in(self, version: str) -> bool:
        return self.since <= version <= self.until

    @property
    def implied(self) -> dict[str, Any]:
        return {self.where[0]: self.where[1]} if self.where[1] and self.where[1] is not True else {}

    def holds(self, part: Any) -> bool:
        name, value = self.where
        return not name or getattr(part, name) == value or bool(getattr(part, name)) is value


Shape = tuple[Field, ...]
Shapes = Mapping[Any, Shape]


def rows(shapes: Shapes, key: Key, *, family: str, version: str = "") -> Shape:
    fitting = (row for row in shapes[key] if row.called(family) and (not version or row.is_in(version)))
    prefix = "com:" if family == "ml" else ""
    return tuple(
        replace(row, at=f"{prefix if version and version <= row.common else ''}{row.called(family)}") for row in fitting
    )


def without_place(shapes: Shapes, key: Key, *, family: str, version: str) -> Shape:
    spelt_names = {row.name for row in rows(shapes, key, family=family, version=version)}
    return tuple({row.name: row for row in shapes[key] if row.name not in spelt_names}.values())


def absent_reference(row: Field) -> Ref | None:
    return None if row.stub is None else Ref(row.stub, "", id="", version="")


def about(text: str, record: Any) -> str:
    return text.format_map(_Fields(record)) if "{" in text else text


class _Fields(dict[str, Any]):
    """The fields of a record by name."""

    def __init__(self, record: Any) -> None:
        super().__init__()
        self.record = record

    def __missing__(self, name: str) -> Any:
        return getattr(self.record, name)


NAME = Field("name", Form.NAME, ml="com:Name")
DESCRIPTION = Field("description", Form.WORDS, ml="com:Description")
NOTES = Field("annotations", Form.NOTES, ml="Annotations")
MINOR_NOTES = Field("annotations", Form.MINOR_NOTES, ml="Annotations")
