"""Metadata sets to SDMX-CSV: one set, one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import msgspec
import polars as pl

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.metadata_paths import Attributes, Branch, plain
from sdmxmig.formats.metadata_versions import in_version_3, refusal
from sdmxmig.formats.sdmx_csv import metadata_columns as spelling
from sdmxmig.formats.sdmx_csv.metadata_cells import NoTextError, in_languages, listed
from sdmxmig.formats.sdmx_csv.metadata_columns import Beside, Column
from sdmxmig.formats.sdmx_csv.metadata_targets import named
from sdmxmig.formats.sdmx_csv.metadata_tree import attributes_of, cell_of, columns_of
from sdmxmig.formats.sdmx_csv.versions import ACTION, CsvVersion
from sdmxmig.formats.structures import carried
from sdmxmig.model.metadata import MetadataSet, Target
from sdmxmig.model.references import Ref
from sdmxmig.model.submission import Header

INNER = ";"
"""What stands between several values in a field."""

UNVERSIONED = "1.0"
HINT = "Write SDMX-JSON or SDMX-ML."


def write_metadata(sets: Iterable[MetadataSet], header: Header, version: CsvVersion) -> bytes:
    """Write metadata sets as one table, in their order; those of SDMX 2.1 become those of SDMX 3.

    Columns: those that every table has, then attributes by their paths, then own ones for names, descriptions, dates
    and, as JSON, whatever else belongs to a set. UTF-8, one line feed a row. Types and formats of values are left to
    the metadata structure, and the header of the message has no place.

    Raises `SdmxmigError` for what could not be read back: attributes in another order than in a set before, an
    attribute that says nothing or has annotations, and, in 2.1, an action.
    """
    told = [made for metadata_set in sets for made in in_rows(metadata_set, header)]
    if not told:
        raise SdmxmigError("There is no metadata set to write.", hint="A table has at least one row.")
    root = Branch()
    for metadata_set in told:
        root.add(attributes_in(metadata_set))
    table = Table(version, tuple(told), columns_of(root))
    rows = [table.titles(), *map(table.row, told)]
    used = [index for index, values in enumerate(zip(*rows[1:], strict=True)) if index in table.always or any(values)]
    records = [[row[index] for index in used] for row in rows]
    frame = pl.DataFrame(records, schema={str(number): pl.String for number in range(len(used))}, orient="row")
    return frame.write_csv(include_header=False).encode()


def in_rows(metadata_set: MetadataSet, header: Header) -> tuple[MetadataSet, ...]:
    """A set as SDMX 3 has them; the deletion of all sets that follow something stays as it is."""
    if metadata_set.action == "D" and metadata_set.ref is None and not metadata_set.reports:
        return (metadata_set,)
    return in_version_3(metadata_set, header.provider)


def attributes_in(metadata_set: MetadataSet) -> Attributes:
    """The attributes of a set, without what the metadata structure says too."""
    return plain(metadata_set.reports[0].attributes) if metadata_set.reports else ()


class Table:
    """The columns of a table and how sets stand in them."""

    def __init__(self, version: CsvVersion, sets: Sequence[MetadataSet], columns: Sequence[Column]) -> None:
        self.version = version
        self.columns = columns
        self.texts = {
            name: list(dict.fromkeys(language for metadata_set in sets for language, _ in getattr(metadata_set, field)))
            for name, field in ((spelling.METADATASET_NAME, "name"), (spelling.DESCRIPTION, "description"))
        }
        several = any(len(metadata_set.reports[0].targets) > 1 for metadata_set in sets if metadata_set.reports)
        nested = any(any(column.many) or column.languages is not None for column in columns)
        self.inner = INNER if several or nested or any(self.texts.values()) else ""
        leading = len(spelling.LEADING)
        self.always = {
            index for index, name in enumerate(spelling.LEADING) if name not in (ACTION, spelling.IS_PARTIAL_LANGUAGE)
        } | set(range(leading, leading + len(columns)))
        for column in columns:
            if column.path[0] in spelling.FIXED:
                raise SdmxmigError(f"SDMX-CSV has a column {column.path[0]} of its own.", hint="Rename the attribute.")

    def titles(self) -> list[str | None]:
        """The header."""
        first, *rest = spelling.LEADING
        return [
            f"{first}[{self.inner}]" if self.inner else first,
            *rest,
            *(column.title(self.inner) for column in self.columns),
            *(f"{name}[{self.inner.join(languages)}]" for name, languages in self.texts.items()),
            *(*spelling.PROPERTIES, *spelling.VALIDITY, spelling.DETAILS),
        ]

    def row(self, one: MetadataSet) -> list[str | None]:
        """The fields of a set."""
        targets = one.reports[0].targets if one.reports else ()
        types_and_names = [self.target(one, target) for target in targets]
        types, names = ([pair[side] for pair in types_and_names] for side in (0, 1))
        return [
            *self.described(one),
            one.ref.short.removesuffix(f"({UNVERSIONED})") if one.ref else None,
            self.action(one),
            "1" if one.details.partial_language else None,
            listed(types, self.inner or INNER, always=False),
            listed(names, self.inner or INNER, always=False),
            *self.cells(one),
            *(in_languages(text, self.inner) if text else None for text in (one.name, one.description)),
            *self.facts(one),
            self.beside(one),
        ]

    def refusal(self, one: MetadataSet, what: str, hint: str = HINT) -> SdmxmigError:
        """The error that says what about a set this version cannot express."""
        return refusal(one, self.version.name, what, hint)

    def described(self, one: MetadataSet) -> tuple[str, str]:
        """What a set follows: its type and its name."""
        ref = one.describes or Ref("structure", "", id="", version="")
        word = next((word for word, kind in spelling.KINDS.items() if kind == ref.kind), "")
        if not word:
            raise self.refusal(one, f"the missing {ref.kind}", "A set follows a metadataflow or an agreement.")
        return word, ref.short

    def target(self, one: MetadataSet, target: Target) -> tuple[str, str]:
        """The type and name of a target."""
        try:
            return named(target.value)
        except ValueError:
            raise self.refusal(one, f"the target {target.value}", "Name an artefact of SDMX by its URN.") from None

    def action(self, one: MetadataSet) -> str | None:
        """The action: 2.0 has no word for a merge, which is the same as an append; 2.1 has no actions.

        Information is what a set without one is for.
        """
        if not one.action or (self.version.id != "2.0" and one.action == "I"):
            return None
        letter = "A" if one.action == "M" else one.action
        if self.version.id != "2.0":
            hint = "Send the set by the method of HTTP that does it, or write SDMX-CSV 2.0."
            raise self.refusal(one, f"the action {one.action}", hint)
        if letter not in spelling.ACTIONS:
            raise self.refusal(one, f"the action “{one.action}”", f"It is one of {', '.join(spelling.ACTIONS)}.")
        return letter

    def cells(self, one: MetadataSet) -> Iterator[str | None]:
        """The fields of the attributes.

        Raises `SdmxmigError` if they would not be read back as they are.
        """
        given = attributes_in(one)
        cells = [cell_of(given, column, self.inner) for column in self.columns]
        told = ((column, cell) for column, cell in zip(self.columns, cells, strict=True) if cell is not None)
        try:
            back = attributes_of(told, self.inner)
        except NoTextError:
            back = ()
        if back != given:
            differs = next((one or other for one, other in zip_longest(given, back) if one != other), given[0]).id
            what = f"the attributes from {differs} on"
            hint = f"Each says something, has no annotations, and they come in one order in all sets. {HINT}"
            raise self.refusal(one, what, hint)
        if not one.reports and one.action != "D":
            raise self.refusal(one, "the missing report")
        if one.reports and not one.reports[0].targets and one.action != "D":
            raise self.refusal(one, "the missing target", "Name what the set is about.")
        yield from cells

    def facts(self, one: MetadataSet) -> Iterator[str | None]:
        """Publication, reporting period and validity."""
        known = set(spelling.PROPERTIES.values())
        for name in one.properties:
            if name not in known:
                raise self.refusal(one, f"the property {name}", "Leave it out.")
        yield from (one.properties.get(name) for name in spelling.PROPERTIES.values())
        yield from (getattr(one.details, name) or None for name in spelling.VALIDITY.values())

    def beside(self, one: MetadataSet) -> str | None:
        """What else a set has, as JSON."""
        details = one.details
        found = Beside(
            one.annotations,
            details.uri,
            external=details.external,
            structure_url=details.structure_url,
            service_url=details.service_url,
            final=details.final,
            links=details.links,
        )
        return msgspec.json.encode(carried.plain(found)).decode() if found != Beside() else None
