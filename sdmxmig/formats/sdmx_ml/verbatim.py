"""Elements that are carried through as they were written: always the same text for the same element."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from sdmxmig.formats.sdmx_ml.dialects import DIALECTS, Dialect
from sdmxmig.intake.xml import parse_xml


def as_text(element: etree._Element) -> str:
    """An element as XML text: without blanks between elements and comments, and with prefixes that never change.

    Two elements that say the same in other layouts or with other prefixes have the same text.
    """
    dialect = next((one for one in DIALECTS if etree.QName(element).namespace == one.structure), None)
    copy = etree.Element(element.tag, nsmap=prefixes(dialect) if dialect else None)
    fill(copy, element, {})
    text = etree.tostring(copy, method="c14n", exclusive=True, with_comments=False)
    return bytes(text).decode()


def prefixes(dialect: Dialect) -> dict[str, str]:
    """The prefixes that all our messages declare."""
    return {"str": dialect.structure, "com": dialect.common}


def fill(copy: etree._Element, element: etree._Element, renamed: Mapping[str, str]) -> None:
    """Give a copy the attributes, texts and children of an element, without comments and the blanks of the layout.

    Namespaces are `renamed`.
    """
    for name, value in element.attrib.items():
        copy.set(name, value)
    inner = [child for child in element if isinstance(child.tag, str)]
    copy.text = element.text if not inner or (element.text or "").strip() else None
    for child in inner:
        added = etree.SubElement(copy, in_namespace(child, renamed))
        fill(added, child, renamed)
        added.tail = child.tail if (child.tail or "").strip() else None


def in_namespace(element: etree._Element, renamed: Mapping[str, str]) -> etree.QName:
    """The name of an element, its namespace perhaps another one."""
    name = etree.QName(element)
    namespace = name.namespace or ""
    return etree.QName(renamed.get(namespace, namespace) or None, name.localname)


def as_element(text: str, source: Dialect, target: Dialect, name: str) -> etree._Element:
    """The element of a text, in the namespaces of another version if that is asked for.

    Raises `InputError` if the text is not XML, or is beyond the limits for untrusted input; `name` names it then.
    """
    element = parse_xml(text.encode(), name)
    renamed = {source.structure: target.structure, source.common: target.common}
    copy = etree.Element(in_namespace(element, renamed))
    fill(copy, element, renamed)
    return copy
