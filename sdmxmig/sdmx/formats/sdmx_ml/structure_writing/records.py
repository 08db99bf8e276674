"""Records written as elements, following the wire tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lxml import etree

from sdmxmig.sdmx.formats.forbidden import carried
from sdmxmig.sdmx.formats.sdmx_ml.elements import add_texts
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing import constraints, data_structures, item_schemes, maps
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.representations import add_coding_format
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing, moment, start
from sdmxmig.sdmx.formats.structures.constraints import refused
from sdmxmig.sdmx.formats.wire import CONTENT, Field, Form, Key, Shapes
from sdmxmig.sdmx.formats.wire.maps import TIME_MAPS
from sdmxmig.sdmx.formats.wire.tables import NAMELESS, SHAPES, as_notes, with_fields
from sdmxmig.sdmx.formats.wire.walking import WritingPlan
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.maps import StructureMap
from sdmxmig.sdmx.model.structures import Agreement, Constraint

Write = Callable[[Writing, etree._Element, Field, Any], None]
"""Adds a field of a record (the last argument) to its element."""


def add_by_table(writing: Writing, holder: etree._Element, artefact: Any) -> None:
    kind = writing.dialect.structures.kind_of.get(artefact.ref.kind, artefact.ref.kind)
    check(writing, artefact, kind)
    if kind == NAMELESS:
        add_fields(writing, writing.add(holder, kind), kind, artefact)
        return
    notes = as_notes(kind, artefact, family="ml", version=writing.dialect.sdmx_version, ref=writing.dialect.ref)
    add_fields(writing, start(writing, holder, kind=kind, notes=notes), kind, artefact)


def check(writing: Writing, artefact: Any, kind: str) -> None:
    """Reject unsupported agreements and constraints; `kind` is their name in the version."""
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


class RecordWriter:
    def __init__(self, forms: Mapping[Form, Write], shapes: Shapes = SHAPES) -> None:
        parts = dict.fromkeys((Form.PARTS, Form.EACH, Form.OLD_EACH, Form.ONE_PART), self.add_parts)
        self.plan = WritingPlan(
            "ml", {**dict.fromkeys((Form.PART, Form.INSIDE), self.add_part), **parts, **forms}, shapes
        )

    def add_fields(self, writing: Writing, element: etree._Element, key: Key, record: Any) -> None:
        """Add the fields of a record.

        Raises `SdmxmigError` for missing mandatory fields and unsupported ones.
        """
        record = with_fields(key, record)
        for row, write in self.plan.steps(writing, key, record, writing.dialect.sdmx_version):
            write(writing, element, row, record)

    def add_part(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        if (inner_record := getattr(record, row.name)) is not None:
            self.add_fields(writing, writing.add(element, row.ml), row.of, inner_record)

    def add_parts(self, writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
        if row.form is Form.ONE_PART and len(getattr(record, row.name)) != 1:
            raise writing.refusal(*row.lost)
        for inner_record in getattr(record, row.name):
            if row.holds(inner_record):
                self.add_fields(writing, writing.add(element, row.ml), row.of, inner_record)


def add_text(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    put(writing, element, row, getattr(record, row.name) or row.default)


def put(writing: Writing, element: etree._Element, row: Field, text: str) -> None:
    if row.ml.startswith("@"):
        if text:
            element.set(row.ml[1:], carried(text, f"The attribute {row.ml[1:]} of {etree.QName(element).localname}"))
    elif row.ml == CONTENT:
        element.text = carried(text, f"The text of {etree.QName(element).localname}") or None
    elif text or row.required:
        writing.add(element, row.ml, text)


def add_flag(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    yes = getattr(record, row.name)
    if yes != bool(row.default) or "ml" in row.always:
        put(writing, element, row, "true" if yes else "false")


def add_words(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    add_texts(element, *writing.dialect.qualified(row.ml), getattr(record, row.name))


def add_name(writing: Writing, element: etree._Element, _: Field, record: Any) -> None:
    writing.names(element, record.id, record.name, Text())


def add_reference(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    ref = getattr(record, row.name)
    if ref and ref.id:
        writing.reference(element, row.ml, ref)
    elif ref and row.stub is None:
        raise writing.refusal(f"the missing {row.ml}")


def add_references(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    for ref in getattr(record, row.name):
        writing.reference(element, row.ml, ref)


def add_local(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    if local_id := getattr(record, row.name):
        writing.local(element, row.ml, local_id)


def add_locals(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    holder, _, name = row.ml.rpartition("/")
    for local_id in getattr(record, row.name):
        writing.local(writing.add(element, holder) if holder else element, name, local_id)


def add_all_texts(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    holder, _, name = row.ml.rpartition("/")
    texts = getattr(record, row.name)
    if row.form is Form.ONE_TEXT and len(texts) > 1:
        raise writing.refusal(*row.lost)
    text_holder = writing.add(element, holder) if holder and texts else element
    for text in texts:
        writing.add(text_holder, name, text)


def add_targets(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    for target in getattr(record, row.name) or ((row.default,) if row.default else ()):
        writing.add(element, row.ml, target)


def add_times(writing: Writing, element: etree._Element, row: Field, record: StructureMap) -> None:
    for kind, name in TIME_MAPS.items():
        for link in record.times:
            if link.kind == kind:
                add_fields(writing, writing.add(element, name), kind, link)
    maps.add_formats(writing, element, row, record)


def add_fields(writing: Writing, element: etree._Element, key: Key, record: Any) -> None:
    WRITER.add_fields(writing, element, key, record)


FORMS: dict[Form, Write] = {
    **dict.fromkeys((Form.ID, Form.COMPONENT_ID, Form.TEXT, Form.CHOICE, Form.NUMBER), add_text),
    **dict.fromkeys((Form.VALIDITY, Form.TRUTH), add_text),
    Form.FIXED: lambda writing, element, row, _: put(writing, element, row, row.default),
    **dict.fromkeys((Form.ROLE, Form.CASCADE, Form.PERIOD, Form.ADDRESS), add_text),
    **dict.fromkeys((Form.TEXTS, Form.ONE_TEXT, Form.EMPTY), add_all_texts),
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
    Form.TIME_MAPS: add_times,
    **maps.FORMS,
    **data_structures.FORMS,
    **{form: partial(write, add_fields=add_fields) for form, write in data_structures.OF_FIELDS.items()},
    Form.ITEMS: partial(item_schemes.add_items, add_fields=add_fields),
    Form.OWN: partial(item_schemes.add_own, add_fields=add_fields),
    **item_schemes.FORMS,
    Form.ATTACHMENT: partial(constraints.add_attachment, add_fields),
    Form.MEMBERS: partial(constraints.add_members, add_fields),
    **constraints.FORMS,
}
"""How each form is written."""
WRITER = RecordWriter(FORMS)
