"""Columns of reference metadata in SDMX-CSV: fixed columns, and attributes by path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.sdmx_csv.versions import ACTION, DELIMITERS, LABEL
from sdmxmig.sdmx.model.artefacts import Annotation, Link

MDSTRUCTURE, MDSTRUCTURE_ID, MDSTRUCTURE_NAME = "MDSTRUCTURE", "MDSTRUCTURE_ID", "MDSTRUCTURE_NAME"
METADATASET_ID, METADATASET_NAME = "METADATASET_ID", "METADATASET_NAME"
IS_PARTIAL_LANGUAGE = "IS_PARTIAL_LANGUAGE"
TARGET_TYPES, TARGET_IDS, TARGET_NAMES = "TARGET_TYPES", "TARGET_IDS", "TARGET_NAMES"
LEADING = (MDSTRUCTURE, MDSTRUCTURE_ID, METADATASET_ID, ACTION, IS_PARTIAL_LANGUAGE, TARGET_TYPES, TARGET_IDS)

KINDS = {"metadataflow": "Metadataflow", "metadataprovision": "MetadataProvisionAgreement"}

PROPERTIES = {
    "publicationPeriod": "publicationPeriod",
    "publicationYear": "publicationYear",
    "reportingBegin": "reportingBeginDate",
    "reportingEnd": "reportingEndDate",
}
"""Column names that the standard gives as examples of custom columns."""

VALIDITY = {"validFrom": "valid_from", "validTo": "valid_to"}
DESCRIPTION, DETAILS = "METADATASET_DESCRIPTION", "METADATASET_DETAILS"
"""Custom columns: a description in languages, and further properties as JSON (`Beside`)."""

PASSED_OVER = (MDSTRUCTURE_NAME, TARGET_NAMES, "prepared")
FIXED = (*LEADING, METADATASET_NAME, *PROPERTIES, *VALIDITY, DESCRIPTION, DETAILS, *PASSED_OVER)
"""The names that no attribute can have at the top."""

ACTIONS = "IARD"
FIRST = re.compile(rf"{MDSTRUCTURE}(?:\[(?P<inner>.)\])?")
STEP = re.compile(r"(?P<id>[A-Za-z0-9_@$\-]+)(?P<many>\[\])?")
HEADER = re.compile(
    rf"(?P<path>{STEP.pattern.replace('(?P<id>', '(?:').replace('(?P<many>', '(?:')}"
    rf"(?:\.{STEP.pattern.replace('(?P<id>', '(?:').replace('(?P<many>', '(?:')})*)"
    r"(?:\[(?P<languages>[^\[\]]+)\])?(?:: (?P<label>.*))?",
    re.DOTALL,
)
TAG = re.compile(r"[A-Za-z0-9\-]+")


@dataclass(frozen=True, slots=True)
class Beside:
    """The properties of a set that SDMX-CSV has no column for."""

    annotations: tuple[Annotation, ...] = ()
    uri: str = ""
    _: KW_ONLY
    external: bool = False
    structure_url: str = ""
    service_url: str = ""
    final: bool | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """The column of an attribute: its path of ids, repeatable ids and languages.

    `languages` is None for plain values; `index` is the 0-based position in the file.
    """

    path: tuple[str, ...]
    many: tuple[bool, ...]
    _: KW_ONLY
    languages: tuple[str, ...] | None = None
    index: int = 0

    def title(self, inner: str) -> str:
        steps = ".".join(step + ("[]" if many else "") for step, many in zip(self.path, self.many, strict=True))
        return steps if self.languages is None else f"{steps}[{inner.join(self.languages)}]"


@dataclass(slots=True)
class Header:
    """The header of a file: fixed columns and attribute columns."""

    name: str
    inner: str
    _: KW_ONLY
    fixed: dict[str, int] = field(default_factory=dict)
    texts: dict[str, Column] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)

    def place(self, index: int) -> Place:
        return Place(self.name, line=1, column=index + 1)


def parse_header(name: str, texts: Sequence[str]) -> Header:
    """Parse the header of the file `name`.

    With a column MDSTRUCTURE_NAME, each attribute is followed by a column of names, which is ignored. Columns whose
    name cannot be an attribute are ignored too.

    Raises `InputError` for duplicate or missing columns and misplaced brackets.
    """
    first = FIRST.match(texts[0])
    header = Header(name, (first["inner"] or "") if first else "")
    has_names = any(text == MDSTRUCTURE_NAME for text in texts)
    is_names = False
    for index, text in enumerate(texts):
        if is_names:
            is_names = False
            continue
        is_names = place_column(header, index, text) and has_names
    for wanted in (MDSTRUCTURE, MDSTRUCTURE_ID):
        if wanted not in header.fixed:
            hint = f"Reference metadata begin with the columns {', '.join(LEADING)}."
            raise InputError(f"The column {wanted} is missing.", Place(name, line=1), hint)
    return header


def place_column(header: Header, index: int, text: str) -> bool:
    """Add a column to the header and return whether it is an attribute."""
    fixed = MDSTRUCTURE if index == 0 else text.partition(LABEL)[0]
    if fixed in FIXED:
        if fixed in header.fixed:
            raise InputError(f"The column “{fixed}” stands twice.", header.place(index))
        header.fixed[fixed] = index
        return False
    column = attribute_column(text, index, inner=header.inner, first=MDSTRUCTURE, place=header.place(index))
    if column is None:
        if "[" in text or "]" in text:
            hint = "An attribute is called by its path, as CONTACT[].NAME or TITLE[en;fr]."
            raise InputError(f"“{text}” is no column of reference metadata.", header.place(index), hint)
        return False
    if column.path[0] in (METADATASET_NAME, DESCRIPTION) and column.languages:
        header.texts[column.path[0]] = column
        return False
    if any(other.path == column.path for other in header.columns):
        raise InputError(f"The column “{'.'.join(column.path)}” stands twice.", header.place(index))
    header.columns.append(column)
    return True


def attribute_column(text: str, index: int, inner: str, first: str, place: Place) -> Column | None:
    """Return the column of an attribute, or None if its name cannot be one.

    Raises `InputError` if it holds several values and the `first` column names no separator.
    """
    header = HEADER.fullmatch(text)
    if header is None:
        return None
    steps = [STEP.fullmatch(step) for step in header["path"].split(".")]
    path = tuple(match["id"] for match in steps if match)
    many = tuple(bool(match["many"]) for match in steps if match)
    if (any(many) or header["languages"]) and not inner:
        hint = f"Several values in a field need it: write {first}[;] with the character that stands between them."
        raise InputError("The first column does not say what stands between values.", place, hint)
    languages = tuple(TAG.findall(header["languages"])) if header["languages"] else None
    return Column(path, many, languages=languages, index=index)


def delimiter_of(name: str, content: bytes) -> str:
    """Detect the delimiter, which follows the first column name fixed by the standard."""
    start = content[:100].decode(errors="replace").splitlines()[0].replace('"', "") if content.strip() else ""
    match = FIRST.match(start)
    following = start[match.end() : match.end() + 1] if match else ""
    if match and (following == "" or following in DELIMITERS):
        return following or ","
    hint = f"The first column is {MDSTRUCTURE}, with one of , ; | or a tab behind it."
    raise InputError("This is no SDMX-CSV with reference metadata.", Place(name, line=1, column=1), hint)
