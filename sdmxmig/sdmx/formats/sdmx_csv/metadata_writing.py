"""Metadata sets to SDMX-CSV, one row per set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import msgspec
import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.metadata_paths import Attributes, Branch, plain
from sdmxmig.sdmx.formats.metadata_versions import in_version_3, refusal
from sdmxmig.sdmx.formats.sdmx_csv import metadata_columns as spelling
from sdmxmig.sdmx.formats.sdmx_csv.columns import ACTION, CsvVersion
from sdmxmig.sdmx.formats.sdmx_csv.metadata_columns import (
    Beside,
    Column,
    NoTextError,
    attributes_of,
    cell_of,
    columns_of,
    in_languages,
    listed,
    named,
)
from sdmxmig.sdmx.formats.structures import notes
from sdmxmig.sdmx.model.metadata import MetadataSet, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header

INNER = ";"

UNVERSIONED = "1.0"
HINT = "Write SDMX-JSON or SDMX-ML."


def write_metadata(sets: Iterable[MetadataSet], header: Header, version: CsvVersion) -> bytes:
    """Write metadata sets as one table in order, converting SDMX 2.1 sets to SDMX 3.

    Columns: fixed ones, attributes by path, then custom ones for names, descriptions, dates and remaining properties as
    JSON. UTF-8 with line feeds. Types and formats of values, and the message header, are not written.

    Raises `SdmxmigError` for anything that could not be read back: a different order of attributes, an empty or
    annotated attribute and, in 2.1, an action.
    """
    metadata_sets = [made for metadata_set in sets for made in in_rows(metadata_set, header)]
    if not metadata_sets:
        raise SdmxmigError("There is no metadata set to write.", hint="A table has at least one row.")
    root = Branch()
    for metadata_set in metadata_sets:
        root.add(attributes_in(metadata_set))
    table = Table(version, tuple(metadata_sets), columns_of(root))
    rows = [table.titles(), *map(table.row, metadata_sets)]
    used = [index for index, values in enumerate(zip(*rows[1:], strict=True)) if index in table.always or any(values)]
    records = [[row[index] for index in used] for row in rows]
    frame = pl.DataFrame(records, schema={str(number): pl.String for number in range(len(used))}, orient="row")
    return frame.write_csv(include_header=False).encode()


def in_rows(metadata_set: MetadataSet, header: Header) -> tuple[MetadataSet, ...]:
    if metadata_set.action == "D" and metadata_set.ref is None and not metadata_set.reports:
        return (metadata_set,)
    return in_version_3(metadata_set, header.provider)


def attributes_in(metadata_set: MetadataSet) -> Attributes:
    return plain(metadata_set.reports[0].attributes) if metadata_set.reports else ()


class Table:
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
        first, *rest = spelling.LEADING
        return [
            f"{first}[{self.inner}]" if self.inner else first,
            *rest,
            *(column.title(self.inner) for column in self.columns),
            *(f"{name}[{self.inner.join(languages)}]" for name, languages in self.texts.items()),
            *spelling.PROPERTIES,
            *spelling.VALIDITY,
            spelling.DETAILS,
        ]

    def row(self, metadata_set: MetadataSet) -> list[str | None]:
        targets = metadata_set.reports[0].targets if metadata_set.reports else ()
        types_and_names = [self.target(metadata_set, target) for target in targets]
        types, names = ([pair[side] for pair in types_and_names] for side in (0, 1))
        return [
            *self.described(metadata_set),
            metadata_set.ref.short.removesuffix(f"({UNVERSIONED})") if metadata_set.ref else None,
            self.action(metadata_set),
            "1" if metadata_set.details.partial_language else None,
            listed(types, self.inner or INNER, always=False),
            listed(names, self.inner or INNER, always=False),
            *self.cells(metadata_set),
            *(
                in_languages(text, self.inner) if text else None
                for text in (metadata_set.name, metadata_set.description)
            ),
            *self.facts(metadata_set),
            self.beside(metadata_set),
        ]

    def refusal(self, metadata_set: MetadataSet, what: str, hint: str = HINT) -> SdmxmigError:
        return refusal(metadata_set, self.version.name, what, hint)

    def described(self, metadata_set: MetadataSet) -> tuple[str, str]:
        ref = metadata_set.describes or Ref("structure", "", id="", version="")
        word = next((word for word, kind in spelling.KINDS.items() if kind == ref.kind), "")
        if not word:
            raise self.refusal(metadata_set, f"the missing {ref.kind}", "A set follows a metadataflow or an agreement.")
        return word, ref.short

    def target(self, metadata_set: MetadataSet, target: Target) -> tuple[str, str]:
        try:
            return named(target.value)
        except ValueError:
            raise self.refusal(
                metadata_set, f"the target {target.value}", "Name an artefact of SDMX by its URN."
            ) from None

    def action(self, metadata_set: MetadataSet) -> str | None:
        """Return the action of a set: 2.0 writes a merge as an append, 2.1 has no actions.

        Sets without an action are information.
        """
        if not metadata_set.action or (self.version.id != "2.0" and metadata_set.action == "I"):
            return None
        letter = "A" if metadata_set.action == "M" else metadata_set.action
        if self.version.id != "2.0":
            hint = "Send the set by the method of HTTP that does it, or write SDMX-CSV 2.0."
            raise self.refusal(metadata_set, f"the action {metadata_set.action}", hint)
        if letter not in spelling.ACTIONS:
            raise self.refusal(
                metadata_set, f"the action “{metadata_set.action}”", f"It is one of {', '.join(spelling.ACTIONS)}."
            )
        return letter

    def cells(self, metadata_set: MetadataSet) -> Iterator[str | None]:
        """Yield the fields of the attributes.

        Raises `SdmxmigError` if they could not be read back.
        """
        attributes = attributes_in(metadata_set)
        cells = [cell_of(attributes, column, self.inner) for column in self.columns]
        filled_cells = ((column, cell) for column, cell in zip(self.columns, cells, strict=True) if cell is not None)
        try:
            back = attributes_of(filled_cells, self.inner)
        except NoTextError:
            back = ()
        if back != attributes:
            differs = next(
                (attribute or other for attribute, other in zip_longest(attributes, back) if attribute != other),
                attributes[0],
            ).id
            what = f"the attributes from {differs} on"
            hint = f"Each says something, has no annotations, and they come in one order in all sets. {HINT}"
            raise self.refusal(metadata_set, what, hint)
        if not metadata_set.reports and metadata_set.action != "D":
            raise self.refusal(metadata_set, "the missing report")
        if metadata_set.reports and not metadata_set.reports[0].targets and metadata_set.action != "D":
            raise self.refusal(metadata_set, "the missing target", "Name what the set is about.")
        yield from cells

    def facts(self, metadata_set: MetadataSet) -> Iterator[str | None]:
        known = set(spelling.PROPERTIES.values())
        for name in metadata_set.properties:
            if name not in known:
                raise self.refusal(metadata_set, f"the property {name}", "Leave it out.")
        yield from (metadata_set.properties.get(name) for name in spelling.PROPERTIES.values())
        yield from (getattr(metadata_set.details, name) or None for name in spelling.VALIDITY.values())

    def beside(self, metadata_set: MetadataSet) -> str | None:
        details = metadata_set.details
        others = Beside(
            metadata_set.annotations,
            details.uri,
            external=details.external,
            structure_url=details.structure_url,
            service_url=details.service_url,
            final=details.final,
            links=details.links,
        )
        return msgspec.json.encode(notes.plain(others)).decode() if others != Beside() else None
