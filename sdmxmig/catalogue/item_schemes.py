"""Item schemes from CSV: codelists, concept schemes and agency schemes, one file each.

A file is named ``<AGENCY>/<ID>.<VERSION>.csv``. Its row with empty id is the scheme itself, every other row an item.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.model.references import Ref
from sdmxmig.places import Place

COLUMNS = {"id", "parent", "status", "source", "valid_from", "valid_to", "codelist", "type", "partial"}
LANGUAGE_COLUMN = re.compile(r"^(name|description)_([a-z]{2,3}(?:-[A-Za-z0-9]+)?)$")
NOTE_COLUMN = re.compile(r"^@([A-Z][A-Z0-9_]*?)(?:_([a-z]{2,3}(?:-[A-Za-z0-9]+)?))?$")
STATUSES = ("verified", "candidate", "national")


def read_item_scheme(path: Path, content: bytes) -> ItemScheme:
    """Read one item scheme from its CSV file.

    Raises `DeclarationError` naming the line for an unknown column or status, a missing parent or name, or an id that
    stands twice.
    """
    agency = path.parent.name
    scheme_id, _, version = path.name.removesuffix(".csv").partition(".")
    ref = Ref(kind_of(scheme_id), agency, scheme_id, version)
    place = Place(path.name)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restkey="", strict=True)
    for column in reader.fieldnames or ():
        if column not in COLUMNS and not LANGUAGE_COLUMN.match(column) and not NOTE_COLUMN.match(column):
            raise DeclarationError(
                f"“{column}” is not a column of an item scheme.", place, did_you_mean(column, COLUMNS)
            )
    rows = [(reader.line_num, row) for row in reader]
    if not rows or rows[0][1]["id"]:
        raise DeclarationError("The first row must have an empty id: it is the scheme itself.", place)
    items = tuple(item_of(row, Place(path.name, line=line)) for line, row in rows[1:])
    check_items(items, rows, path.name)
    scheme = rows[0][1]
    return ItemScheme(
        ref,
        texts(scheme, "name"),
        items,
        texts(scheme, "description"),
        status_of(scheme, place),
        scheme.get("source") or "",
        partial=(scheme.get("partial") or "") == "yes",
        annotations=notes(scheme),
        place=place,
    )


def kind_of(scheme_id: str) -> str:
    """Which kind of scheme an id names: ``CL_…`` a codelist, ``AGENCIES`` an agency scheme, else concepts."""
    if scheme_id == "AGENCIES":
        return "AgencyScheme"
    return "Codelist" if scheme_id.startswith("CL_") else "ConceptScheme"


def item_of(row: Mapping[str, str], place: Place) -> Item:
    """One row as an item."""
    name = texts(row, "name")
    if not name:
        raise DeclarationError(f"“{row['id']}” has no name.", place)
    codelist = row.get("codelist") or ""
    return Item(
        row["id"],
        name,
        texts(row, "description"),
        row.get("parent") or "",
        status_of(row, place),
        row.get("source") or "",
        row.get("valid_from") or "",
        row.get("valid_to") or "",
        Ref.parse(codelist, kind="Codelist") if codelist else None,
        row.get("type") or "",
        notes(row),
    )


def check_items(items: tuple[Item, ...], rows: list[tuple[int, dict[str, str]]], file: str) -> None:
    """Refuse ids that stand twice and parents that do not stand in the list."""
    lines = {row["id"]: line for line, row in rows}
    seen: set[str] = set()
    for (line, _), item in zip(rows[1:], items, strict=True):
        if item.id in seen:
            raise DeclarationError(f"“{item.id}” stands twice.", Place(file, line=line), f"See line {lines[item.id]}.")
        seen.add(item.id)
        if item.parent and item.parent not in lines:
            raise DeclarationError(
                f"The parent “{item.parent}” of “{item.id}” is not in the list.",
                Place(file, line=line),
                did_you_mean(item.parent, lines),
            )


def texts(row: Mapping[str, str], field: str) -> Text:
    """The text of a field in all languages that have a column for it."""
    found = ((LANGUAGE_COLUMN.match(column), value) for column, value in row.items())
    return Text.of({match[2]: value for match, value in found if match and match[1] == field and value})


def notes(row: Mapping[str, str]) -> tuple[Annotation, ...]:
    """The columns named ``@TYPE`` as annotations; ``@TYPE`` is English, ``@TYPE_fr`` French, and so on."""
    found: dict[str, dict[str, str]] = {}
    for column, value in row.items():
        match = NOTE_COLUMN.match(column)
        if match and value:
            found.setdefault(match[1], {})[match[2] or "en"] = value
    return tuple(Annotation(kind, Text.of(by_language)) for kind, by_language in found.items())


def status_of(row: Mapping[str, str], place: Place) -> str:
    """The status of a row: verified, candidate or national."""
    status = row.get("status") or ""
    if status not in STATUSES:
        raise DeclarationError(f"“{status}” is not a status.", place, f"Write one of: {', '.join(STATUSES)}.")
    return status
