"""A judge of tagged PDF: the failure conditions of the Matterhorn Protocol that a program can decide without a viewer.

No free checker of PDF/UA comes from a package registry of Python, so this one looks with pypdf: at metadata, at the
structure tree, at every operator of every page, at links and fonts. The numbers are those of the Matterhorn Protocol
1.1 (PDF Association, 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import pairwise
from typing import Any

import pypdf
from pypdf.generic import ContentStream

SHOWING = frozenset(b"Tj TJ ' \" f F f* S s B B* b b* Do sh EI".split())
"""Operators that paint: text, lines, areas, pictures."""
KNOWN = (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody Table "
    "TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Figure Formula Form"
)


def failures(content: bytes) -> list[str]:
    """The failed conditions by number; none for a file that passes."""
    reader = pypdf.PdfReader(BytesIO(content))
    root: Any = reader.trailer["/Root"]
    if "/StructTreeRoot" not in root:
        return ["01-005 there is no structure tree"]
    elements = list(walk(root["/StructTreeRoot"]))
    return [
        *of_document(reader, root),
        *of_elements(elements, root["/StructTreeRoot"].get("/RoleMap", {})),
        *of_tables(elements),
        *(failure for number, page in enumerate(reader.pages, start=1) for failure in of_page(reader, page, number)),
    ]


def walk(node: Any) -> Iterator[Any]:
    """The elements of a structure tree in reading order."""
    node = node.get_object()
    if not isinstance(node, dict):
        return
    if "/S" in node:
        yield node
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        if not isinstance(kid, int):
            yield from walk(kid)


def kind(element: Any) -> str:
    return str(element["/S"]).removeprefix("/")


def attributes(element: Any) -> dict[str, Any]:
    """The attributes of an element, which may come in several parts."""
    parts = element.get("/A", {})
    parts = parts if isinstance(parts, list) else [parts]
    return {name: value for part in parts for name, value in part.get_object().items()}


def of_document(reader: pypdf.PdfReader, root: Any) -> Iterator[str]:
    """Marks, language, title and the claim in the metadata."""
    if reader.is_encrypted:
        yield "26-001 the file is encrypted"
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield "06-001 the file is not marked as tagged"
    if not root.get("/Lang"):
        yield "11-006 the file names no language"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "07-002 the title is not displayed"
    metadata = root["/Metadata"].get_data().decode() if "/Metadata" in root else ""
    if 'pdfuaid:part="1"' not in metadata and "<pdfuaid:part>1<" not in metadata:
        yield "06-002 the metadata do not claim PDF/UA-1"
    if "<dc:title>" not in metadata or not reader.metadata or not reader.metadata.title:
        yield "06-003 the metadata have no title"


def of_elements(elements: list[Any], roles: Mapping[str, str]) -> Iterator[str]:
    """Types, which `roles` map to known ones, headings, descriptions of figures, lists."""
    kinds = {kind(element) for element in elements}
    known = {*KNOWN.split(), *(str(name)[1:] for name, role in roles.items() if role[1:] in KNOWN.split())}
    yield from (f"02-001 unknown type {name}" for name in sorted(kinds - known))
    levels = [
        int(kind(element)[1:]) for element in elements if kind(element)[:1] == "H" and kind(element)[1:].isdigit()
    ]
    if levels[:1] != [1]:
        yield "14-002 the first heading is not of level 1"
    if any(after - before > 1 for before, after in pairwise(levels)):
        yield "14-003 a level of headings is skipped"
    for element in elements:
        if kind(element) == "Figure" and not (element.get("/Alt") or element.get("/ActualText")):
            yield "13-004 a figure has no description"
        if kind(element) == "LI" and kind(element["/P"].get_object()) != "L":
            yield "09-005 an item stands in no list"


def of_tables(elements: list[Any]) -> Iterator[str]:
    """Every cell knows its heads, by ids or by scope; every row belongs to a table."""
    ids = {str(element["/ID"]) for element in elements if kind(element) == "TH" and "/ID" in element}
    for element in elements:
        if kind(element) == "TR" and kind(element["/P"].get_object()) not in ("Table", "THead", "TBody", "TFoot"):
            yield "09-004 a row stands in no table"
        if kind(element) == "TH" and "/ID" not in element and "/Scope" not in attributes(element):
            yield "15-003 a head has neither id nor scope"
        if kind(element) == "TD":
            heads = [str(head) for head in attributes(element).get("/Headers", [])]
            if not heads or not set(heads) <= ids:
                yield f"15-005 a cell names no head that there is: {heads}"


def of_page(reader: pypdf.PdfReader, page: Any, number: int) -> Iterator[str]:
    """Content that is neither tagged nor an artifact, the order of tabs, links, fonts."""
    depth = 0
    for _, operator in ContentStream(page.get_contents(), reader).operations:
        depth += (operator in (b"BDC", b"BMC")) - (operator == b"EMC")
        if operator in SHOWING and depth == 0:
            yield f"01-004 page {number} paints what is neither tagged nor an artifact"
            break
    if page.get("/Tabs") != "/S":
        yield f"28-009 page {number} has no order of tabs"
    for annotation in (one.get_object() for one in page.get("/Annots", [])):
        if annotation["/Subtype"] == "/Link" and not {"/Contents", "/StructParent"} <= set(annotation):
            yield f"28-012 a link on page {number} has no description or no place in the structure"
    for font in (one.get_object() for one in page["/Resources"].get("/Font", {}).values()):
        inner = font.get("/DescendantFonts", [font])[0].get_object()
        if not any(key.startswith("/FontFile") for key in inner["/FontDescriptor"].get_object()):
            yield f"31-009 page {number} has a font that is not embedded"
        if "/ToUnicode" not in font:
            yield f"31-027 page {number} has a font without a way to Unicode"
