"""Columns of reference metadata in SDMX-CSV: fixed columns, and attributes by path.

Fields of reference metadata: values by their position in the attribute tree, and texts in languages. Targets of
reference metadata in SDMX-CSV: an artefact type and a name instead of a URN. Conversion of attributes between a tree
and an SDMX-CSV row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place as PlacesPlace
from sdmxmig.sdmx.formats.metadata_paths import Attributes, Branch, Grown, instances, reported
from sdmxmig.sdmx.formats.sdmx_csv.columns import ACTION, DELIMITERS, LABEL, quoted, split
from sdmxmig.sdmx.model.artefacts import Annotation, Link, Text
from sdmxmig.sdmx.model.metadata import ReportedAttribute
from sdmxmig.sdmx.model.references import ITEM_KINDS, PACKAGE_OF

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

    def place(self, index: int) -> PlacesPlace:
        return PlacesPlace(self.name, line=1, column=index + 1)


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
            raise InputError(f"The column {wanted} is missing.", PlacesPlace(name, line=1), hint)
    return header


def place_column(header: Header, index: int, text: str) -> bool:
    """Add a column to the header and return whether it is an attribute."""
    fixed = MDSTRUCTURE if index == 0 else text.partition(LABEL)[0]
    if fixed in FIXED:
        if fixed in header.fixed:
            raise InputError(f"The column “{fixed}” occurs twice.", header.place(index))
        header.fixed[fixed] = index
        return False
    column = attribute_column(text, index, inner=header.inner, first=MDSTRUCTURE, place=header.place(index))
    if column is None:
        if "[" in text or "]" in text:
            hint = "An attribute is called by its path, as CONTACT[].NAME or TITLE[en;fr]."
            raise InputError(f"“{text}” is not a column of reference metadata.", header.place(index), hint)
        return False
    if column.path[0] in (METADATASET_NAME, DESCRIPTION) and column.languages:
        header.texts[column.path[0]] = column
        return False
    if any(other.path == column.path for other in header.columns):
        raise InputError(f"The column “{'.'.join(column.path)}” occurs twice.", header.place(index))
    header.columns.append(column)
    return True


def attribute_column(text: str, index: int, inner: str, first: str, place: PlacesPlace) -> Column | None:
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
        raise InputError("The first column does not name the separator of values.", place, hint)
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
    raise InputError("This is not an SDMX-CSV file with reference metadata.", PlacesPlace(name, line=1, column=1), hint)


Place = tuple[int, ...]


class NoTextError(ValueError):
    """A field of texts names no language of its column."""


def listed(values: Sequence[str | None], inner: str, *, always: bool) -> str | None:
    """Join values into one field, quoted if ambiguous or `always`; None if absent.

    >>> listed(["a", None, "b;c"], ";", always=False)
    'a;;"b;c"'
    """
    if all(value is None for value in values):
        return None
    return inner.join("" if value is None else quoted(value, inner, always=always) for value in values)


def places(cell: str, depth: int, inner: str) -> Iterator[tuple[Place, str]]:
    """List the values of a field with their positions in `depth` nested lists; absent values are omitted.

    >>> list(places('"a;b";;c', 2, ";"))
    [((0, 0), 'a'), ((0, 1), 'b'), ((2, 0), 'c')]
    """
    if not depth:
        yield (), cell
        return
    for number, value in enumerate(split(cell, inner)):
        if value is not None:
            yield from (((number, *place), text) for place, text in places(value, depth - 1, inner))


def in_languages(text: Text, inner: str) -> str:
    return inner.join(f"{language}:{quoted(value, inner)}" for language, value in text)


def languages_in(cell: str, languages: Sequence[str], inner: str) -> Text:
    """Parse the texts of a field; each begins with its language and may be quoted.

    >>> languages_in('en:"<p>a;b</p>";fr:c', ["en", "fr"], ";").in_language("en")
    '<p>a;b</p>'

    Raises `NoTextError` for a text that does not begin with one of the languages.
    """
    prefix = re.compile("({}):".format("|".join(map(re.escape, languages))))
    texts, position = [], 0
    while position <= len(cell):
        start = prefix.match(cell, position)
        rest = cell[start.end() if start else position :]
        if rest.startswith('"'):
            value, length = unquoted(rest, inner)
        else:
            length = rest.find(inner) if inner in rest else len(rest)
            value = rest[:length]
        if not start:  # the language may also be inside the quotation marks
            inside = prefix.match(value)
            if inside is None:
                raise NoTextError(value)
            texts.append((inside[1], value[inside.end() :]))
        else:
            texts.append((start[1], value))
        position = len(cell) - len(rest) + length + 1
    return Text(tuple(texts))


def unquoted(text: str, inner: str) -> tuple[str, int]:
    """Return the quoted value at the start of a text and its length with quotation marks.

    Raises `NoTextError` if the quotation does not end before the next value.
    """
    end = 1
    while (end := text.find('"', end)) >= 0 and text.startswith('""', end):
        end += 2
    if end < 0 or not (end + 1 == len(text) or text.startswith(inner, end + 1)):
        raise NoTextError(text)
    return text[1:end].replace('""', '"'), end + 1


URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.(?P<kind>[A-Za-z]+)=(?P<name>.+)", re.DOTALL)
NAME = re.compile(
    r"(?P<holder>(?:[A-Za-z][\w.\-]*|\*):(?:[A-Za-z0-9_@$\-]+|\*))(?P<version>\((?:[0-9][0-9A-Za-z.+\-]*|\*)\))?"
    r"(?P<item>\.[A-Za-z0-9_@$\-.*]+)?",
    re.ASCII,
)
SCHEME_OF = {item: scheme for scheme, item in ITEM_KINDS.items()}
KIND_OF = {kind.lower(): kind for kind in PACKAGE_OF}
UNVERSIONED = "(1.0)"
"""The version of unversioned artefacts."""


def target_of(type_: str, name: str) -> str:
    """Build the URN of a target; items are named by the type of their scheme or by their own.

    >>> target_of("categoryscheme", "A:CS(1.0).X.Y")
    'urn:sdmx:org.sdmx.infomodel.categoryscheme.Category=A:CS(1.0).X.Y'

    Raises `ValueError` for an unknown type, and for what is no name.
    """
    kind = KIND_OF.get(type_.strip().lower())
    match = NAME.fullmatch(name.strip())
    if kind is None or match is None:
        raise ValueError(type_ if kind is None else name)
    if match["item"]:
        kind = ITEM_KINDS.get(kind, kind)
    version = match["version"] or UNVERSIONED
    return f"urn:sdmx:org.sdmx.infomodel.{PACKAGE_OF[kind]}.{kind}={match['holder']}{version}{match['item'] or ''}"


def named(urn: str) -> tuple[str, str]:
    """Split a URN into the type and name of a target.

    >>> named("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:DF(1.0.0)")
    ('dataflow', 'A:DF(1.0.0)')

    Raises `ValueError` for a URN that they would not give back.
    """
    match = URN.fullmatch(urn)
    if match is None:
        raise ValueError(urn)
    kind = SCHEME_OF.get(match["kind"], match["kind"])
    type_and_name = (kind.lower(), match["name"])
    if target_of(*type_and_name) != urn:
        raise ValueError(urn)
    return type_and_name


def columns_of(tree: Branch) -> list[Column]:
    return [Column(path.ids, path.many, languages=path.languages) for path in tree.paths()]


def cell_of(attributes: Attributes, column: Column, inner: str, level: int = 0) -> str | None:
    """Return the field of an attribute path, or None if it has no value."""
    own = [attribute for attribute in instances(attributes) if attribute.id == column.path[level]]
    is_last = level + 1 == len(column.path)
    texts = [
        leaf(attribute, inner) if is_last else cell_of(attribute.attributes, column, inner, level + 1)
        for attribute in own
    ]
    if column.many[level]:
        is_several = column.languages is not None if is_last else any(column.many[level + 1 :])
        return listed(texts, inner, always=is_several)
    return texts[0] if texts else None


def leaf(attribute: ReportedAttribute, inner: str) -> str | None:
    text = attribute.text or attribute.structured
    if text:
        return in_languages(text, inner)
    return attribute.values[0] if attribute.values else None


def attributes_of(cells: Iterable[tuple[Column, str]], inner: str) -> tuple[ReportedAttribute, ...]:
    """Build attributes from the fields of a row, in column order.

    Raises `NoTextError` for texts without a language.
    """
    root = Grown()
    for column, cell in cells:
        for place, value in places(cell, sum(column.many), inner):
            numbers = iter(place)
            grown = root.reached(column.path, [next(numbers) if many else 0 for many in column.many])
            if column.languages is None:
                grown.values = (value,)
            else:
                grown.text = languages_in(value, column.languages, inner)
    return reported(root.below)
