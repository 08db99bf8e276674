"""Copied XML elements of the main namespace."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from sdmxmig.io.intake.xml import local

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
NEVER = frozenset({"extLst", "pivotSelection", "customSheetViews"})
"""Elements that refer to other parts, or hold anything at all."""


def fits(pattern: re.Pattern[bytes], piece: bytes) -> bool:
    if pattern.fullmatch(piece) is None:
        return False
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def new_element(name: str, attributes: Mapping[str, str] | None = None, space: str = MAIN) -> etree._Element:
    return etree.Element(f"{{{space}}}{name}", dict(attributes or {}), nsmap={None: space})  # type: ignore[dict-item]


def new_child(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{str(parent.tag).partition('}')[0]}}}{tag}", attributes)


def remove(element: etree._Element, *names: str) -> None:
    for name in names:
        if name in element.attrib:
            del element.attrib[name]


def as_part(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def is_main(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and element.tag.rpartition("}")[0].removeprefix("{") in (MAIN, STRICT)


def plain(element: etree._Element) -> etree._Element:
    """A copy of an element with its texts, its attributes without a namespace and such elements within it."""
    copy = new_element(local(str(element.tag)))
    for name, value in element.attrib.items():
        if not str(name).startswith("{"):
            copy.set(str(name), str(value))
    if element.get(SPACE) == "preserve":
        copy.set(SPACE, "preserve")
    copy.text = element.text
    for child in element:
        if is_main(child) and local(str(child.tag)) not in NEVER:
            copy.append(plain(child))
    return copy


def serialized(element: etree._Element) -> bytes:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return text.replace(f' xmlns="{MAIN}"', "", 1).encode()
