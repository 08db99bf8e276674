"""Texts and common elements of SDMX-ML: XHTML in a canonical form, escaping for an exact round trip, references.

The content of XHTML is not interpreted. It comes from outside: clean it before showing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from lxml import etree

from sdmxmig.io.intake.xml import parse_xml
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.formats.faults import check_characters
from sdmxmig.sdmx.formats.sdmx_ml.dialects import XML, XSI, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.simple_types import XS
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.references import PACKAGE_OF, PACKAGES, Ref

XHTML = "http://www.w3.org/1999/xhtml"
XHTML_NAMESPACES: dict[str, str] = {None: XHTML}  # type: ignore[dict-item]  # the stub lacks the namespace without a prefix
ELEMENTS = {row["element"]: bool(row["empty"]) for row in read_csv_rows(Path(__file__).with_name("xhtml.csv"))}
"""The elements of XHTML 1.0 and 1.1 (W3C), and whether they are empty."""
EMPTY_TAGS = frozenset(f"{{{XHTML}}}{name}" for name, is_empty in ELEMENTS.items() if is_empty)


class NotXhtmlError(Exception):
    """An `element` is not XHTML; `name` is its name."""

    def __init__(self, element: etree._Element) -> None:
        super().__init__(str(element.tag))
        self.element = element
        self.name = str(element.tag).rpartition("}")[2]


def read_markup(holder: etree._Element) -> str:
    """Return the content of an element with the XHTML namespace; raise `NotXhtmlError` for other namespaces."""
    copy = etree.Element("markup")
    copy_into(copy, holder)
    text = etree.tostring(copy, encoding="unicode")
    return text.removeprefix("<markup>").removesuffix("</markup>")


def add_markup(holder: etree._Element, markup: str, title: str) -> None:
    """Set structured text as the content of an element; raise `SdmxmigError` for malformed XHTML."""
    try:
        parsed = parse_xml(f'<markup xmlns="{XHTML}">{markup}</markup>'.encode("utf-8", "surrogatepass"), title)
        copy_into(holder, parsed)
    except InputError as error:
        hint = "Close every tag (<br/>), and write characters or numbers (&#160;) instead of names (&nbsp;)."
        raise SdmxmigError(f"{title} is not well-formed XHTML: {error.message}", hint=hint) from error
    except NotXhtmlError as error:
        raise SdmxmigError(f"{title} contains <{error.name}>, which is not XHTML.") from error


def copy_into(copy: etree._Element, element: etree._Element) -> None:
    is_empty = str(copy.tag) in EMPTY_TAGS
    # An empty text prevents a self-closing tag and indentation.
    copy.text = element.text or (None if is_empty and not len(element) else "")
    for child in element:
        if not str(child.tag).startswith(f"{{{XHTML}}}"):
            raise NotXhtmlError(child)
        try:
            added = etree.SubElement(copy, child.tag, nsmap=XHTML_NAMESPACES)
            for name, value in child.items():
                added.set(name, value)
        except ValueError as error:  # an undeclared prefix
            raise NotXhtmlError(child) from error
        copy_into(added, child)
        added.tail = child.tail


@lru_cache(maxsize=1)
def read_markup_schema() -> bytes:
    """Return a schema of XHTML element names with free nesting, which the official schemas require."""
    root = etree.Element(f"{{{XS}}}schema", nsmap={"xs": XS, **XHTML_NAMESPACES}, targetNamespace=XHTML)
    content = etree.SubElement(root, f"{{{XS}}}complexType", name="Content", mixed="true")
    choice = etree.SubElement(content, f"{{{XS}}}sequence")
    rules = {"namespace": "##targetNamespace", "processContents": "strict", "minOccurs": "0", "maxOccurs": "unbounded"}
    etree.SubElement(choice, f"{{{XS}}}any", rules)
    etree.SubElement(content, f"{{{XS}}}anyAttribute", processContents="lax")
    for name in ELEMENTS:
        etree.SubElement(root, f"{{{XS}}}element", name=name, type="Content")
    return bytes(etree.tostring(root))


# Tabs and line ends as references, since readers turn them into blanks (XML 1.0, section 3.3.3).
ESCAPED_SIGNS = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("\t", "&#9;"),
    ("\n", "&#10;"),
    ("\r", "&#13;"),
)


def escape_text(text: str) -> str:
    for character, reference in ESCAPED_SIGNS:
        text = text.replace(character, reference)
    return text


def escape_column(column: pl.Series) -> pl.Series:
    special = "[" + "".join(character for character, _ in ESCAPED_SIGNS) + "]"
    if not column.str.contains(special).any():
        return column
    for character, reference in ESCAPED_SIGNS:
        column = column.str.replace_all(character, reference, literal=True)
    return column


_ID = r"[A-Za-z0-9_@$\-]+"
_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = rf"{_DATE}T\d\d:\d\d:\d\d(?:\.\d+)?{_ZONE}"


@dataclass(frozen=True, slots=True)
class Shape:
    pattern: str
    hint: str


ID = Shape(_ID, "An id has letters, digits, _, @, $ and -.")
DATE = Shape(rf"{_DATE}{_ZONE}", "Write it like 2026-01-31.")
DATE_TIME = Shape(_TIME, "Write it like 2026-01-31T12:00:00Z.")
DATE_OR_TIME = Shape(rf"{_TIME}|{_DATE}{_ZONE}", "Write it like 2026-01-31T12:00:00Z.")
PERIOD = Shape(
    rf"{_TIME}|\d{{4}}(?:-(?:\d\d(?:-\d\d)?|[A-Z]\d{{1,3}}))?{_ZONE}|(?:{_DATE}|{_TIME})/P[0-9YMDTHS.]+",
    "Write it like 2026, 2026-Q1 or 2026-01-31.",
)
"""The type of reporting periods; the schemas are more detailed."""

TIME_ZONE = Shape(r"Z|[+-](?:14:00|(?:0\d|1[0-3]):[0-5]\d)", "Write it like +01:00.")
ADDRESS = Shape(r"(?:[^%\s]|%[0-9A-Fa-f]{2})+", "It has no blanks, and % only before two hexadecimal digits.")


def has_shape(text: str, shape: Shape) -> bool:
    return bool(re.fullmatch(shape.pattern, text))


def check_text(text: str, shape: Shape, title: str) -> str:
    if not has_shape(text, shape):
        raise SdmxmigError(f"“{text}” cannot be {title}.", hint=shape.hint)
    return text


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
    """Add an element without its empty attributes; raise `SdmxmigError` for characters that XML forbids."""
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
