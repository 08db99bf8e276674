"""SDMX-CSV reference metadata to metadata sets, one per row."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

import msgspec

from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, attempt, fault
from sdmxmig.sdmx.formats.metadata_versions import restored_in_version_3
from sdmxmig.sdmx.formats.sdmx_csv import metadata_columns as spelling
from sdmxmig.sdmx.formats.sdmx_csv.columns import ACTION, LABEL, CsvVersion, split
from sdmxmig.sdmx.formats.sdmx_csv.metadata_columns import (
    KIND_OF,
    Beside,
    Column,
    Header,
    NoTextError,
    attributes_of,
    delimiter_of,
    languages_in,
    parse_header,
    target_of,
)
from sdmxmig.sdmx.formats.sdmx_csv.text import TextPiece, end_of_record, whole_records, without_forbidden
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref

NAME = re.compile(r"(?P<agency>[A-Za-z][\w.\-]*):(?P<id>[A-Za-z0-9_@$\-]+)(?:\((?P<version>[^()\s]+)\))?", re.ASCII)
UNVERSIONED = "1.0"
UNDETERMINED = "und"
"""The language of names whose language the file does not state."""

TRUTH = {"1": True, "0": False, "": False, "true": True, "false": False}


def read_metadata(
    name: str, content: bytes, version: CsvVersion, faults: Faults | None = None
) -> tuple[MetadataSet, ...]:
    """Read the metadata sets of a table in order.

    Without the metadata structure, every column with an attribute-like name is an attribute; other columns are ignored.
    Values keep their labels, since only the structure identifies codes. XHTML texts are structured text. The default
    version is 1.0. SDMX-CSV 2.1 has no actions; such a column is ignored.

    Raises `InputError` with line and column, or records the fault and leaves out the set or attribute.
    """
    header: Header | None = None
    metadata_sets: list[MetadataSet] = []
    width = 0
    for whole, line in whole_records(name, io.BytesIO(content)):
        rest, at = whole, line
        if header is None:
            end = end_of_record(whole)
            delimiter = delimiter_of(name, whole)
            texts = TextPiece(name, whole[:end], line=1, delimiter=delimiter).fields()
            header, width = parse_header(name, texts), len(texts)
            rest, at = whole[end:], line + whole[:end].count(b"\n")
        if rest:
            metadata_sets += rows_of(
                TextPiece(name, rest, line=at, delimiter=delimiter), header, width=width, version=version, faults=faults
            )
    if header is None:
        delimiter_of(name, content)  # rejects empty files
    return tuple(metadata_sets)


def rows_of(
    piece: TextPiece, header: Header, width: int, version: CsvVersion, faults: Faults | None
) -> Iterator[MetadataSet]:
    for number, values in enumerate(without_forbidden(piece, piece.rows(width), faults).iter_rows()):
        row = Row(header, values, line=piece.line_of(number), faults=faults, has_actions=version.id == "2.0")
        metadata_set = attempt(faults, Row.metadata_set, row)
        if metadata_set is not None:
            yield restored_in_version_3(metadata_set)


@dataclass(slots=True)
class Row:
    """One record of a file and its first line; empty fields are None."""

    header: Header
    values: tuple[str | None, ...]
    _: KW_ONLY
    line: int
    faults: Faults | None
    has_actions: bool

    def metadata_set(self) -> MetadataSet:
        action = self.action()
        is_deletion = action == "D"
        described, beside = self.described(), self.beside()
        ref = self.named(spelling.METADATASET_ID, "MetadataSet", needed=not is_deletion)
        targets = self.targets(needed=not is_deletion)
        attributes = self.attributes()
        details = Details(
            valid_from=self.text("validFrom"),
            valid_to=self.text("validTo"),
            uri=beside.uri,
            external=beside.external,
            structure_url=beside.structure_url,
            service_url=beside.service_url,
            partial_language=self.is_partial(),
            final=beside.final,
            links=beside.links,
        )
        properties = {name: self.text(column) for column, name in spelling.PROPERTIES.items() if self.text(column)}
        return MetadataSet(
            describes=described,
            reports=(Report(targets, attributes),) if targets or attributes else (),
            ref=ref,
            name=self.languages(spelling.METADATASET_NAME) or self.label(spelling.METADATASET_ID),
            description=self.languages(spelling.DESCRIPTION),
            annotations=beside.annotations,
            details=details,
            action=action,
            properties=properties,
            place=Place(self.header.name, line=self.line),
        )

    def value(self, column: str) -> str | None:
        index = self.header.fixed.get(column)
        return None if index is None else self.values[index]

    def text(self, column: str) -> str:
        return self.value(column) or ""

    def error(self, message: str, column: str | int, hint: str = "") -> InputError:
        index = column if isinstance(column, int) else self.header.fixed.get(column, -1)
        return InputError(message, Place(self.header.name, line=self.line, column=index + 1), hint)

    def action(self) -> str:
        action = self.text(ACTION) if self.has_actions else ""
        if action and action not in spelling.ACTIONS:
            hint = f"It is one of {', '.join(spelling.ACTIONS)}."
            raise self.error(f"“{action}” is not a known {ACTION}.", ACTION, hint)
        return action

    def described(self) -> Ref | None:
        word = self.text(spelling.MDSTRUCTURE)
        kind = spelling.KINDS.get(word.lower())
        if kind is None:
            hint = f"It is one of {', '.join(spelling.KINDS)}."
            raise self.error(f"“{word}” is not a known {spelling.MDSTRUCTURE}.", spelling.MDSTRUCTURE, hint)
        return self.named(spelling.MDSTRUCTURE_ID, kind, needed=True)

    def named(self, column: str, kind: str, *, needed: bool) -> Ref | None:
        name = self.text(column).partition(LABEL)[0]
        match = NAME.fullmatch(name)
        if match is None:
            if not name and not needed:
                return None
            hint = "Write AGENCY:ID(VERSION), for example ESTAT:ESMS(1.0.0)."
            raise self.error(f"“{name}” names no {kind}." if name else f"{column} is missing.", column, hint)
        return Ref(kind, match["agency"], id=match["id"], version=match["version"] or UNVERSIONED)

    def label(self, column: str) -> Text:
        label = self.text(spelling.METADATASET_NAME) or self.text(column).partition(LABEL)[2]
        return Text.of({UNDETERMINED: label})

    def languages(self, name: str) -> Text:
        column = self.header.texts.get(name)
        cell = self.values[column.index] if column else None
        if column is None or column.languages is None or cell is None:
            return Text()
        try:
            return languages_in(cell, column.languages, self.header.inner)
        except NoTextError as error:
            fault(self.faults, self.no_text(column, error))
            return Text()

    def is_partial(self) -> bool:
        word = self.text(spelling.IS_PARTIAL_LANGUAGE)
        if word.lower() not in TRUTH:
            column = spelling.IS_PARTIAL_LANGUAGE
            fault(self.faults, self.error(f"“{word}” is neither 0 nor 1.", column))
        return TRUTH.get(word.lower(), False)

    def targets(self, *, needed: bool) -> tuple[Target, ...]:
        types, names = (self.listed(column) for column in (spelling.TARGET_TYPES, spelling.TARGET_IDS))
        if len(types) != len(names):
            hint = "There is one type for each target."
            raise self.error(f"Types: {len(types)}; targets: {len(names)}.", spelling.TARGET_IDS, hint)
        if needed and not names:
            raise self.error(f"{spelling.TARGET_IDS} is missing.", spelling.TARGET_IDS, "Name what the set is about.")
        targets = []
        for type_, name in zip(types, names, strict=True):
            try:
                targets.append(Target(target_of(type_, name.partition(LABEL)[0])))
            except ValueError:
                if type_.strip().lower() not in KIND_OF:
                    hint = did_you_mean(type_, KIND_OF)
                    raise self.error(f"“{type_}” is not a type of artefact.", spelling.TARGET_TYPES, hint) from None
                hint = "Write AGENCY:ID(VERSION), for example ESTAT:DF(1.0.0)."
                raise self.error(f"“{name}” names no target.", spelling.TARGET_IDS, hint) from None
        return tuple(targets)

    def listed(self, column: str) -> list[str]:
        cell = self.value(column)
        if not cell:
            return []
        return [text or "" for text in split(cell, self.header.inner)] if self.header.inner else [cell]

    def attributes(self) -> tuple[ReportedAttribute, ...]:
        inner = self.header.inner
        filled_cells: list[tuple[Column, str]] = []
        for column in self.header.columns:
            cell = self.values[column.index]
            if cell is None:
                continue
            try:
                attributes_of([(column, cell)], inner)
            except NoTextError as error:
                fault(self.faults, self.no_text(column, error))
            else:
                filled_cells.append((column, cell))
        return attributes_of(filled_cells, inner)

    def no_text(self, column: Column, error: NoTextError) -> InputError:
        known = ", ".join(column.languages or ())
        what = f"“{str(error)[:80]}” does not begin with a language of its column ({known})."
        return self.error(what, column.index, "Write en:Text, in quotation marks if it has the sign between texts.")

    def beside(self) -> Beside:
        cell = self.value(spelling.DETAILS)
        if cell is None:
            return Beside()
        try:
            return msgspec.json.decode(cell, type=Beside)
        except (msgspec.MsgspecError, RecursionError):
            fault(self.faults, self.error(f"{spelling.DETAILS} cannot be read.", spelling.DETAILS, "Leave it empty."))
            return Beside()
