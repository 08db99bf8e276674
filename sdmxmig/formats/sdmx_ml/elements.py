"""The pieces that all SDMX-ML messages share: root, header, texts, annotations and references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from sdmxmig.formats.sdmx_ml.characters import carried
from sdmxmig.formats.sdmx_ml.dialects import XML, XSI, Dialect
from sdmxmig.model.artefacts import ITEM_KINDS, PACKAGES, Annotation, Ref, Text
from sdmxmig.model.submission import Header


def add(
    parent: etree._Element, namespace: str, name: str, text: str = "", attributes: Mapping[str, str] | None = None
) -> etree._Element:
    """Add an element; attributes keep their order and those without a value are left out.

    Raises `SdmxmigError` if a text holds a character that XML cannot carry.
    """
    tag = f"{{{namespace}}}{name}" if namespace else name
    element = etree.SubElement(parent, tag)
    for key, value in (attributes or {}).items():
        if value:
            element.set(key, carried(value, f"The attribute {key} of {name}"))
    if text:
        element.text = carried(text, f"The text of {name}")
    return element


def add_texts(parent: etree._Element, namespace: str, name: str, text: Text) -> None:
    """Add one element for each language of a text, in the declared order."""
    for language, value in text:
        add(parent, namespace, name, value, {f"{{{XML}}}lang": language})


def add_annotations(parent: etree._Element, dialect: Dialect, annotations: Iterable[Annotation]) -> None:
    """Add the notes on an artefact or item; nothing if there are none."""
    notes = tuple(annotations)
    if not notes:
        return
    holder = add(parent, dialect.common, "Annotations")
    for note in notes:
        element = add(holder, dialect.common, "Annotation", attributes={"id": note.id})
        for name, value in (("Title", note.title), ("Type", note.type), ("URL", note.url)):
            if value:
                add(element, dialect.common, f"Annotation{name}", value)
        add_texts(element, dialect.common, "AnnotationText", note.text)


def add_reference(parent: etree._Element, dialect: Dialect, namespace: str, name: str, ref: Ref) -> None:
    """Add an element that names another artefact: by URN, or by a ``Ref`` element in 2.1.

    The optional ``class`` and ``package`` of a ``Ref`` are always written, since some readers need them.
    """
    ref = dialect.ref(ref)
    if dialect.by_urn:
        add(parent, namespace, name, ref.urn)
        return
    if ref.kind in ITEM_KINDS.values():
        own = {"maintainableParentID": ref.id, "maintainableParentVersion": ref.version}
        own |= {"agencyID": ref.agency, "id": ref.item}
    else:
        own = {"agencyID": ref.agency, "id": ref.id, "version": ref.version}
    own |= {"class": ref.kind, "package": PACKAGES[ref.kind]}
    add(add(parent, namespace, name), "", "Ref", attributes=own)


def start_message(dialect: Dialect, name: str, prefixes: Mapping[str, str]) -> etree._Element:
    """The root of a message; `prefixes` are declared on it beside those that every message has."""
    declared = {"mes": dialect.message, **prefixes, "com": dialect.common, "xsi": XSI}
    return etree.Element(f"{{{dialect.message}}}{name}", nsmap=declared)


def add_header(parent: etree._Element, dialect: Dialect, header: Header) -> etree._Element:
    """Add the header up to its receivers; what follows depends on the message."""
    element = add(parent, dialect.message, "Header")
    add(element, dialect.message, "ID", header.id)
    add(element, dialect.message, "Test", "true" if header.test else "false")
    add(element, dialect.message, "Prepared", header.prepared)
    sender = add(element, dialect.message, "Sender", attributes={"id": header.sender})
    if header.sender_name:
        add_texts(sender, dialect.common, "Name", Text.of(en=header.sender_name))
    for receiver in header.receivers:
        add(element, dialect.message, "Receiver", attributes={"id": receiver})
    return element


def add_source(element: etree._Element, dialect: Dialect, header: Header) -> None:
    """Add the last element of a header: where the content comes from."""
    if header.source:
        add_texts(element, dialect.message, "Source", Text.of(en=header.source))


def to_bytes(root: etree._Element) -> bytes:
    """The message as indented UTF-8 text with its XML declaration."""
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text
