"""Elements shared by all SDMX-ML messages: root, texts, annotations, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.faults import check_characters
from sdmxmig.sdmx.formats.sdmx_ml.dialects import XML, XSI, Dialect
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.references import PACKAGE_OF, PACKAGES, Ref

VTL_MAPPINGS = [kind for kind in PACKAGES["transformation"] if kind.endswith("Mapping")]
REFERENCE_CLASSES = {"DataAttribute": "Attribute", **dict.fromkeys(VTL_MAPPINGS, "VtlMapping")}
"""Kinds that 2.1 names differently in references than in URNs."""

LANG = f"{{{XML}}}lang"
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
"""A language tag allowed by XML schemas."""

CONTAINED_KINDS = ("HierarchicalCode", "MetadataAttribute", "ReportStructure", "Transition")
"""Kinds whose 2.1 references name their container in an attribute."""


def add(
    parent: etree._Element, namespace: str, name: str, text: str = "", attributes: Mapping[str, str] | None = None
) -> etree._Element:
    """Add an element without its empty attributes; raises `SdmxmigError` for characters that XML forbids."""
    tag = f"{{{namespace}}}{name}" if namespace else name
    given = {key: value for key, value in attributes.items() if value} if attributes else {}
    try:
        element = etree.SubElement(parent, tag, given)
        if text:
            element.text = text
    except ValueError:
        for key, value in given.items():
            check_characters(value, f"The attribute {key} of {name}")
        check_characters(text, f"The text of {name}")
        raise
    return element


@cache
def is_language(tag: str) -> bool:
    return LANGUAGE.fullmatch(tag) is not None


def add_texts(parent: etree._Element, namespace: str, name: str, text: Text) -> None:
    """Add one element per language. Raises `SdmxmigError` for invalid languages; only addresses may have none."""
    for language, value in text:
        if not is_language(language) and (language or name != "AnnotationURL"):
            hint = "Write a tag such as en or pt-BR."
            raise SdmxmigError(f"“{language}” is not a language for “{value[:40]}”.", hint=hint)
        add(parent, namespace, name=name, text=value, attributes={LANG: language})


def add_annotations(parent: etree._Element, dialect: Dialect, annotations: Iterable[Annotation]) -> None:
    notes = tuple(annotations)
    if not notes:
        return
    holder = add(parent, dialect.common, "Annotations")
    for note in notes:
        element = add(holder, dialect.common, "Annotation", attributes={"id": note.id})
        for name, value in (("Title", note.title), ("Type", note.type), ("URL", note.url)):
            if value:
                add(element, dialect.common, f"Annotation{name}", value)
        add_texts(element, dialect.common, "AnnotationURL", note.urls)
        add_texts(element, dialect.common, "AnnotationText", note.text)
        if note.value:
            add(element, dialect.common, "AnnotationValue", note.value)


def add_reference(parent: etree._Element, dialect: Dialect, namespace: str, name: str, ref: Ref) -> None:
    """Add a reference: a URN, or a 2.1 ``Ref`` with ``class`` and ``package``, which some readers need."""
    ref = dialect.ref(ref)
    if dialect.by_urn:
        add(parent, namespace, name, ref.urn)
        return
    add(add(parent, namespace, name), "", "Ref", attributes=write_reference(ref))


def write_reference(ref: Ref) -> dict[str, str]:
    class_ = {"class": REFERENCE_CLASSES.get(ref.kind, ref.kind), "package": PACKAGE_OF[ref.kind]}
    if not ref.item:
        return {"agencyID": ref.agency, "id": ref.id, "version": ref.version, **class_}
    container_attributes = {
        "maintainableParentID": ref.id,
        "maintainableParentVersion": ref.version,
        "agencyID": ref.agency,
    }
    container, _, item = ref.item.rpartition(".") if ref.kind in CONTAINED_KINDS else ("", "", ref.item)
    return {**container_attributes, "containerID": container, "id": item, **class_}


def add_local(parent: etree._Element, dialect: Dialect, name: str, local_id: str, kind: str) -> None:
    if dialect.by_urn:
        add(parent, dialect.structure, name, local_id)
        return
    extra = {"class": kind, "package": PACKAGE_OF[kind]} if kind else {}
    add(add(parent, dialect.structure, name), "", "Ref", attributes={"id": local_id, **extra})


def start_message(dialect: Dialect, name: str, prefixes: Mapping[str, str]) -> etree._Element:
    declared = {"mes": dialect.message, **prefixes, "com": dialect.common, "xsi": XSI}
    return etree.Element(f"{{{dialect.message}}}{name}", nsmap=declared)


def to_bytes(root: etree._Element) -> bytes:
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text
