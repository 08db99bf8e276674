"""CSV rows with places.

The first row, which has no key, describes the file. Common columns: ``name_en``, ``description_en``, ``status``, ``@X``
(annotation), ``@X_fr``.

Validity dates: years and months become days. Ids and versions must be valid in all SDMX versions.
"""

from __future__ import annotations

import csv
import io
import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import check_parts, check_status, find_passage
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.references import Ref

LANGUAGE_COLUMN = re.compile(r"^(name|description)_([a-z]{2,3}(?:-[A-Za-z0-9]+)?)$")
NOTE_COLUMN = re.compile(r"^@([A-Z][A-Z0-9_]*?)(?:_([a-z]{2,3}(?:-[A-Za-z0-9]+)?))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRow:
    cells: Mapping[str, str]
    place: Place
    agency: str
    languages: tuple[tuple[str, str, str], ...]
    noted: tuple[tuple[str, str, str], ...]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column) or ""

    def at(self, column: str) -> Place:
        return replace(self.place, key=column)

    def texts(self, field: str) -> Text:
        return Text.of({language: self[column] for name, language, column in self.languages if name == field})

    @property
    def notes(self) -> tuple[Annotation, ...]:
        texts_by_kind: dict[str, dict[str, str]] = {}
        for kind, language, column in self.noted:
            if self[column]:
                texts_by_kind.setdefault(kind, {})[language] = self[column]
        return tuple(Annotation(kind, Text.of(by_language)) for kind, by_language in texts_by_kind.items())

    @property
    def valid(self) -> tuple[str, str]:
        return find_first_day(self["valid_from"], self.at("valid_from")), find_last_day(
            self["valid_to"], self.at("valid_to")
        )

    @property
    def status(self) -> str:
        notes = self.notes
        passage = find_passage(notes, self.agency)
        check_parts(notes, self.place, passage=passage)
        return check_status(self["status"], self.at("status"), passage=passage)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRows:
    ref: Ref
    head: DeclaredRow
    rows: tuple[DeclaredRow, ...]

    @property
    def place(self) -> Place:
        return Place(self.head.place.file)


def read_rows(path: Path, content: bytes, kind: str, columns: Collection[str], key: str = "id") -> DeclaredRows:
    place = Place(path.name)
    name, _, version = path.name.removesuffix(".csv").partition(".")
    check_id(kind, name, place)
    check_version(version, place)
    check_agency(path.parent.name, place)
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval="", strict=True)
        header = tuple(reader.fieldnames or ())
        languages, note_columns = _list_text_columns(header), _list_note_columns(header)
        known_columns = {column for *_, column in (*languages, *note_columns)} | set(columns)
        for column in header:
            if column not in known_columns:
                raise DeclarationError(f"“{column}” is not a column here.", place, did_you_mean(column, columns))
        rows = [
            DeclaredRow(
                cells=cells,
                place=Place(path.name, line=reader.line_num),
                agency=path.parent.name,
                languages=languages,
                noted=note_columns,
            )
            for cells in reader
        ]
    except UnicodeDecodeError:
        raise DeclarationError("The file is not UTF-8 text.", place, "Save it with the encoding UTF-8.") from None
    except csv.Error as error:
        raise DeclarationError(f"This is not valid CSV: {error}.", place) from None
    for row in rows:
        if None in row.cells:  # csv's key for cells beyond the last column
            raise DeclarationError("The row has more cells than the header.", row.place)
    if not rows or rows[0][key]:
        raise DeclarationError(f"The first row must have an empty {key}: it describes the whole list.", place)
    return DeclaredRows(ref=Ref(kind, path.parent.name, id=name, version=version), head=rows[0], rows=tuple(rows[1:]))


def _list_text_columns(header: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    matches = ((LANGUAGE_COLUMN.match(column), column) for column in header)
    return tuple((match[1], match[2], column) for match, column in matches if match)


def _list_note_columns(header: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    matches = ((NOTE_COLUMN.match(column), column) for column in header)
    return tuple((match[1], match[2] or "en", column) for match, column in matches if match)


YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")
DAY_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}")


def find_first_day(text: str, place: Place) -> str:
    if not text:
        return ""
    match = YEAR_OR_MONTH.fullmatch(text)
    return check_date(f"{match[1]}-{match[2] or '01'}-01" if match else text, text, place)


def find_last_day(text: str, place: Place) -> str:
    if not text:
        return ""
    match = YEAR_OR_MONTH.fullmatch(text)
    if not match:
        return check_date(text, text, place)
    check_date(f"{match[1]}-{match[2] or '12'}-01", text, place)
    year, month = int(match[1]), int(match[2] or 12)
    return f"{match[1]}-{month:02}-{monthrange(year, month)[1]:02}"


def check_date(date: str, text: str, place: Place) -> str:
    try:
        if not DAY_PATTERN.match(date):
            raise ValueError
        datetime.fromisoformat(date)
    except ValueError:
        raise DeclarationError(f"“{text}” is not a date.", place, "Write it like 2026-01-31.") from None
    return date


ID_PATTERN = re.compile(r"[A-Za-z0-9_@$-]+")
NC_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
AGENCY_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*")
VERSION_PATTERN = re.compile(r"\d+(\.\d+)?|(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?")

KINDS_WITH_LETTER_IDS = (
    "Codelist",
    "ConceptScheme",
    "CategoryScheme",
    "Concept",
    "Agency",
    "Component",
    "MetadataAttribute",
)


def check_id(kind: str, name: str, place: Place | None) -> None:
    if kind in KINDS_WITH_LETTER_IDS and not NC_NAME.fullmatch(name):
        hint = "Begin with a letter, and continue with letters, digits, _ and -."
        raise DeclarationError(f"“{name}” is not an id of a {kind}.", place, hint)
    if not ID_PATTERN.fullmatch(name):
        raise DeclarationError(f"“{name}” is not an id of a {kind}.", place, "Use only letters, digits, _, -, @ and $.")


def check_agency(name: str, place: Place) -> None:
    if not AGENCY_PATTERN.fullmatch(name):
        raise DeclarationError(f"“{name}” is not an id of an agency.", place, "Begin it with a letter.")


def check_version(version: str, place: Place) -> None:
    if not VERSION_PATTERN.fullmatch(version):
        raise DeclarationError(f"“{version}” is not a version.", place, "Write X.Y.Z, or X.Y.Z-draft for a draft.")
