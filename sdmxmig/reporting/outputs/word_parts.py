"""Word elements missing or slow in python-docx."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lxml.etree import SubElement

from sdmxmig.reporting.outputs.word_library import constants, ns, oxml, shared, text_run

LINK_STYLE = "ReportLink"
"""The id of the style of links."""
TEXT_WIDTH_MM = 170


def add_field(paragraph: Any, instruction: str) -> None:
    begin_field(paragraph, instruction)
    paragraph.add_run("1")
    end_field(paragraph)


def begin_field(paragraph: Any, instruction: str, *, is_stale: bool = False) -> None:
    _field_sign(paragraph, "begin", **({"dirty": "true"} if is_stale else {}))
    instruction_text = oxml.OxmlElement("w:instrText")
    instruction_text.set(ns.qn("xml:space"), "preserve")
    instruction_text.text = instruction
    paragraph.add_run()._r.append(instruction_text)
    _field_sign(paragraph, "separate")


def end_field(paragraph: Any) -> None:
    _field_sign(paragraph, "end")


def _field_sign(paragraph: Any, kind: str, **more: str) -> None:
    sign = oxml.OxmlElement("w:fldChar")
    for name, value in {"fldCharType": kind, **more}.items():
        sign.set(ns.qn(f"w:{name}"), value)
    paragraph.add_run()._r.append(sign)


def add_run(paragraph: Any, text: str, *, style: str = "", bold: bool = False, italic: bool = False) -> Any:
    """Append text in a style; ten times faster than python-docx."""
    element: Any = SubElement(paragraph._p, ns.qn("w:r"))
    if style or bold or italic:
        properties = SubElement(element, ns.qn("w:rPr"))
        if style:
            SubElement(properties, ns.qn("w:rStyle")).set(ns.qn("w:val"), style)
        for name in (["w:b"] if bold else []) + (["w:i"] if italic else []):
            SubElement(properties, ns.qn(name))
    for number, line in enumerate(text.split("\n")):
        if number:
            SubElement(element, ns.qn("w:br"))
        if line:
            words = SubElement(element, ns.qn("w:t"))
            words.text = line
            words.set(ns.qn("xml:space"), "preserve")
    return text_run.Run(element, paragraph)


def set_style(paragraph: Any, style: str) -> None:
    properties = paragraph._p.get_or_add_pPr()
    style_reference = properties.makeelement(ns.qn("w:pStyle"))
    style_reference.set(ns.qn("w:val"), style)
    properties.insert(0, style_reference)


def add_link(paragraph: Any, text: str, address: str) -> None:
    """A link to a place in the document (``#name``) or to an address."""
    link = oxml.OxmlElement("w:hyperlink")
    if address.startswith("#"):
        link.set(ns.qn("w:anchor"), bookmark_name(address[1:]))
    else:
        link.set(
            ns.qn("r:id"),
            paragraph.part.relate_to(address, constants.RELATIONSHIP_TYPE.HYPERLINK, is_external=True),
        )
    run = add_run(paragraph, text, style=LINK_STYLE)
    link.append(run._r)
    paragraph._p.append(link)


def bookmark(paragraph: Any, name: str, number: int) -> None:
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        element = oxml.OxmlElement(tag)
        element.set(ns.qn("w:id"), str(number))
        if tag == "w:bookmarkStart":
            element.set(ns.qn("w:name"), bookmark_name(name))
        paragraph._p.append(element)


def bookmark_name(name: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in name)[:40]


def repeat_header(row: Any) -> None:
    element = oxml.OxmlElement("w:tblHeader")
    element.set(ns.qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)


def shade(run: Any, fill: str, colour: str) -> None:
    element = oxml.OxmlElement("w:shd")
    element.set(ns.qn("w:val"), "clear")
    element.set(ns.qn("w:color"), "auto")
    element.set(ns.qn("w:fill"), fill)
    run._r.get_or_add_rPr().append(element)
    run.font.color.rgb = shared.RGBColor.from_string(colour)


def keep_row_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(oxml.OxmlElement("w:cantSplit"))


def set_widths(table: Any, shares: Sequence[float]) -> None:
    """Give the columns their shares of the text width."""
    widths = [shared.Mm(TEXT_WIDTH_MM * share) for share in shares]
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table._tbl.tr_lst:
        if len(row.tc_lst) == len(widths):
            for cell, width in zip(row.tc_lst, widths, strict=True):
                cell.get_or_add_tcPr().get_or_add_tcW().set(ns.qn("w:w"), str(width.twips))
                cell.tcPr.get_or_add_tcW().set(ns.qn("w:type"), "dxa")


def mirror(table: Any) -> None:
    table._tbl.tblPr.tblStyle.addnext(oxml.OxmlElement("w:bidiVisual"))


def without_clock(content: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 0
            new.writestr(entry, old.read(name))
    return packed.getvalue()
