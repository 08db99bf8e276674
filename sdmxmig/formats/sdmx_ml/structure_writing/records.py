"""Records written as elements, row by row of the wire tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from lxml import etree

from sdmxmig.formats.forbidden import carried
from sdmxmig.formats.sdmx_ml.elements import add_texts
from sdmxmig.formats.sdmx_ml.structure_writing import constraints, maps
from sdmxmig.formats.sdmx_ml.structure_writing.representations import add_coding_format
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, moment, start
from sdmxmig.formats.structures.constraints import refused
from sdmxmig.formats.wire import CONTENT, Field, Form, Key, about, rows, without_place
from sdmxmig.formats.wire.maps import TIME_MAPS
from sdmxmig.formats.wire.tables import NAMELESS, SHAPES, as_notes, with_fields
from sdmxmig.model.artefacts import Text
from sdmxmig.model.maps import StructureMap
from sdmxmig.model.structures import Agreement, Constraint

Write = Callable[[Writing, etree._Element, Field, Any], None]
"""Adds a field of a record (the last argument) to its element."""


def add_by_table(writing: Writing, holder: etree._Element, artefact: Any) -> None:
    """Add an artefact of a kind that the wire tables have."""
    kind = writing.dialect.structures.kind_of.get(artefact.ref.kind, artefact.ref.kind)
    check(writing, artefact, kind)
    if kind == NAMELESS:
        add_fields(writing, writing.add(holder, kind), kind, artefact)
        return
    notes = as_notes(kind, artefact, family="ml", version=writing.dialect.sdmx_version)
    add_fields(writing, start(writing, holder, kind=kind, notes=notes), kind, artefact)


def check(writing: Writing, artefact: Any, kind: str) -> None:
    """Refuse agreements of flows and providers that the version does not pair, and constraints that it does not have.

    `kind` is what the version calls the artefact.
    """
    if isinstance(artefact, Constraint):
        for what, hint in refused(artefact, kind, family="ml", version=writing.dialect.sdmx_version):
            raise writing.refusal(what, hint)
    if not isinstance(artefact, Agreement) or writing.dialect.has_final:
        return
    expected = {"MetadataProvisionAgreement": ("Metadataflow", "MetadataProvider")}.get(
        artefact.ref.kind, ("Dataflow", "DataProvider")
    )
    if (artefact.flow.kind, artefact.provider.kind) != expected:
        hint = "Since SDMX 3.0 there is a MetadataProvisionAgreement for metadataflows and metadata providers."
        raise writing.refusal(f"the {artefact.flow.kind} and {artefact.provider.kind}", hint)


def add_fields(writing: Writing, element: etree._Element, key: Key, record: Any) -> None:
    """Add the fields of a record to its element.

    Raises `SdmxmigError` for a field that has to be there and is empty, and for one that this version cannot say.
    """
    planned, lost = plan(key, writing.dialect.sdmx_version)
    record = with_fields(key, record)
    for row in lost:
        if getattr(record, row.name):
            raise writing.refusal(about(row.lost[0], record), row.lost[1])
    for row, write in planned:
        if row.needed[0] and not getattr(record, row.name):
            raise writing.refusal(about(row.needed[0], record), row.needed[1])
        write(writing, element, row, record)


@cache
def plan(key: Key, version: str) -> tuple[tuple[tuple[Field, Write], ...], tuple[Field, ...]]:
    """How each field of a record is written in a version, and the fields for which the version has no place."""
    lost = tuple(row for row in without_place(SHAPES, key, family="ml", version=version) if row.lost[0])
    return tuple((row, FORMS[row.form]) for row in rows(SHAPES, key, family="ml", version=version)), lost


def add_text(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add a text as an attribute or element."""
    put(writing, element, row, getattr(record, row.name) or row.default)


def put(writing: Writing, element: etree._Element, row: Field, text: str) -> None:
    """Set an attribute or add an element; nothing for an empty text."""
    if text and row.ml.startswith("@"):
        element.set(row.ml[1:], carried(text, f"The attribute {row.ml[1:]} of {etree.QName(element).localname}"))
    elif text and row.ml == CONTENT:
        element.text = carried(text, f"The text of {etree.QName(element).localname}")
    elif text or (row.required and row.ml[0] not in "@."):
        writing.add(element, row.ml, text)


def add_flag(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Set a truth value."""
    yes = getattr(record, row.name)
    if yes != bool(row.default) or "ml" in row.always:
        put(writing, element, row, "true" if yes else "false")


def add_words(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add a text in all its languages."""
    prefix, _, name = row.ml.rpartition(":")
    add_texts(element, writing.dialect.common if prefix else writing.dialect.structure, name, getattr(record, row.name))


def add_name(writing: Writing, element: etree._Element, _: Field, record: Any) -> None:
    """Add a name, for which the id stands in."""
    writing.names(element, record.id, record.name, Text())


def add_reference(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add an element that names another artefact."""
    ref = getattr(record, row.name)
    if ref and ref.id:
        writing.reference(element, row.ml, ref)
    elif ref and row.stub is None:
        raise writing.refusal(f"the missing {row.ml}")


def add_references(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add an element for each artefact that is named."""
    for ref in getattr(record, row.name):
        writing.reference(element, row.ml, ref)


def add_local(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add an element that names something inside the same artefact."""
    if local_id := getattr(record, row.name):
        writing.local(element, row.ml, local_id)


def add_locals(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add an element for each of several ids inside the same artefact."""
    for local_id in getattr(record, row.name):
        writing.local(element, row.ml, local_id)


def add_all_texts(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add an element for each text, perhaps inside another one."""
    holder, _, name = row.ml.rpartition("/")
    texts = getattr(record, row.name)
    if row.form is Form.ONE_TEXT and len(texts) > 1:
        raise writing.refusal(*row.lost)
    text_holder = writing.add(element, holder) if holder and texts else element
    for text in texts:
        writing.add(text_holder, name, text)


def add_targets(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add the artefacts that metadata may describe; without targets these are the default of the row."""
    for target in getattr(record, row.name) or ((row.default,) if row.default else ()):
        writing.add(element, row.ml, target)


def add_part(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add the record that a field holds."""
    if (inner_record := getattr(record, row.name)) is not None:
        add_fields(writing, writing.add(element, row.ml), row.of, inner_record)


def add_parts(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    """Add all records that a field holds."""
    if row.form is Form.ONE_PART and len(getattr(record, row.name)) != 1:
        raise writing.refusal(*row.lost)
    for inner_record in getattr(record, row.name):
        if row.holds(inner_record):
            add_fields(writing, writing.add(element, row.ml), row.of, inner_record)


def add_times(writing: Writing, element: etree._Element, row: Field, record: StructureMap) -> None:
    """Add how dates become periods, and the patterns of periods that they use."""
    for kind, name in TIME_MAPS.items():
        for link in record.times:
            if link.kind == kind:
                add_fields(writing, writing.add(element, name), kind, link)
    maps.add_formats(writing, element, row, record)


FORMS: dict[Form, Write] = {
    **dict.fromkeys((Form.ID, Form.TEXT, Form.CHOICE, Form.NUMBER, Form.VALIDITY), add_text),
    **dict.fromkeys((Form.ROLE, Form.CASCADE, Form.PERIOD, Form.ADDRESS), add_text),
    **dict.fromkeys((Form.TEXTS, Form.ONE_TEXT), add_all_texts),
    Form.LOCAL: add_local,
    Form.LOCALS: add_locals,
    Form.FLAG: add_flag,
    Form.MOMENT: lambda writing, element, row, record: put(writing, element, row, moment(getattr(record, row.name))),
    Form.NAME: add_name,
    Form.WORDS: add_words,
    **dict.fromkeys(
        (Form.NOTES, Form.MINOR_NOTES),
        lambda writing, element, _, record: writing.notes(element, record.annotations),
    ),
    **dict.fromkeys((Form.REFERENCE, Form.CODE_OF_HIERARCHY), add_reference),
    Form.CODING_FORMAT: lambda writing, element, _, record: add_coding_format(writing, element, record),
    Form.TARGETS: add_targets,
    Form.REFERENCES: add_references,
    Form.PART: add_part,
    **dict.fromkeys((Form.PARTS, Form.EACH, Form.OLD_EACH, Form.ONE_PART), add_parts),
    Form.TIME_MAPS: add_times,
    **maps.FORMS,
    Form.ATTACHMENT: partial(constraints.add_attachment, add_fields),
    Form.MEMBERS: partial(constraints.add_members, add_fields),
    **constraints.FORMS,
}
"""How each form is written."""
