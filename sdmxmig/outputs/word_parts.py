"""Parts of a Word document for which python-docx has no function: styles of the report, fields, links, bookmarks."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sdmxmig.outputs import Page

INK = "1B2733"
SECONDARY = "52606D"
ACCENT = "0B5C8A"
AMBER = "5F3E00"
FONT = "Noto Sans"
TEXT_WIDTH_MM = 170
SECTION_STYLE = "Report section"
"""The style of the names of sections, which the contents list."""
CONTENTS_STYLE = "toc 1"
"""Word's own name of the style of contents, so that it is kept when Word makes them again."""


def style_document(document: Any, page: Page) -> None:
    """A4 with 20 mm margins, the report's styles on top of Word's own, header with the notice, page numbers."""
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(20)
    sizes = {"Normal": 10, "Title": 26, "Subtitle": 14, "Heading 1": 18, "Heading 2": 13, "Caption": 10}
    for name, size in sizes.items():
        _font(document.styles[name], size, INK, is_bold=name not in ("Normal", "Subtitle"))
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    for name, before, after in (("Heading 1", 2, 8), ("Heading 2", 14, 4)):
        spacing = document.styles[name].paragraph_format
        spacing.space_before, spacing.space_after, spacing.line_spacing = Pt(before), Pt(after), 1.1
    document.styles["Caption"].paragraph_format.keep_with_next = True
    _title_without_rule(document.styles["Title"])
    for name, base, points, colour in (
        ("Report cell", "Normal", 8, INK),
        ("Report head", "Normal", 8, SECONDARY),
        ("Report note", "Normal", 8.5, SECONDARY),
        ("Report label", "Normal", 9, ACCENT),
        (SECTION_STYLE, "Normal", 9, ACCENT),
        (CONTENTS_STYLE, "Normal", 10, INK),
        ("Report list", "Normal", 9, INK),
        ("Report figure", "Normal", 10, INK),
    ):
        style = document.styles.add_style(name, 1)
        style.base_style = document.styles[base]
        _font(style, points, colour, is_bold=name in ("Report head", "Report label", SECTION_STYLE))
    for name in ("Report cell", "Report head"):
        document.styles[name].paragraph_format.space_after = Pt(1)
    for name in ("Report label", SECTION_STYLE):
        label = document.styles[name].paragraph_format
        label.space_before, label.space_after, label.keep_with_next = Pt(14), Pt(0), True
    contents = document.styles[CONTENTS_STYLE].paragraph_format
    contents.space_after = Pt(2)
    contents.tab_stops.add_tab_stop(Mm(TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    secondary = document.styles.add_style("Report secondary", 2)
    _font(secondary, 7.5, SECONDARY)
    _table_style(document)
    set_language(document, page)
    _header_and_footer(section, page)


def _font(style: Any, size: float, colour: str, *, is_bold: bool = False) -> None:
    """Font of a style, for scripts of both directions."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name = FONT
    style.font.size = Pt(size)
    style.font.bold = is_bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:cs"), "Noto Sans Arabic")
    fonts.set(qn("w:hAnsi"), FONT)


def _title_without_rule(style: Any) -> None:
    """Word's own title has a coloured rule below it; the report has none."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _table_style(document: Any) -> None:
    """A table of thin rules: one below the head, a lighter one below each row."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    style = document.styles.add_style("Report table", 3)
    style.base_style = document.styles["Normal Table"]
    style.element.append(
        parse_xml(
            f"<w:tblPr {nsdecls('w')}><w:tblBorders>"
            '<w:top w:val="single" w:sz="8" w:space="0" w:color="1B2733"/>'
            '<w:bottom w:val="single" w:sz="4" w:space="0" w:color="D9E0E6"/>'
            '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="D9E0E6"/>'
            '</w:tblBorders><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="100" w:type="dxa"/>'
            "</w:tblCellMar></w:tblPr>"
        )
    )


def set_language(document: Any, page: Page) -> None:
    """The language in which Word checks spelling, and the direction of paragraphs."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    language = OxmlElement("w:lang")
    for name in ("val", "eastAsia", "bidi"):
        language.set(qn(f"w:{name}"), page.language)
    properties.append(language)
    if page.direction == "rtl":
        document.styles["Normal"].element.get_or_add_pPr().insert(0, OxmlElement("w:bidi"))
        document.styles["Normal"].element.get_or_add_rPr().append(OxmlElement("w:rtl"))


def _header_and_footer(section: Any, page: Page) -> None:
    """The notice and the country on top of every page, the page number below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    head = section.header.paragraphs[0]
    head.add_run(page.running + ("  ·  " if page.notice else "")).font.size = Pt(8)
    if page.notice:
        notice = head.add_run(page.notice)
        notice.font.size = Pt(8)
        notice.font.color.rgb = RGBColor.from_string(AMBER)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    before, _, rest = page.page_of.partition("{page}")
    between, _, after = rest.partition("{pages}")
    foot.add_run(before)
    add_field(foot, "PAGE")
    foot.add_run(between)
    add_field(foot, "NUMPAGES")
    foot.add_run(after)
    for run in foot.runs:
        run.font.size = Pt(8)


def add_field(paragraph: Any, instruction: str) -> None:
    """A field that Word fills in, such as ``PAGE``."""
    begin_field(paragraph, instruction)
    paragraph.add_run("1")
    end_field(paragraph)


def begin_field(paragraph: Any, instruction: str, *, is_stale: bool = False) -> None:
    """What Word is to fill in; what follows up to `end_field` is shown until then. A stale one is filled in at once."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    _field_sign(paragraph, "begin", **({"dirty": "true"} if is_stale else {}))
    told = OxmlElement("w:instrText")
    told.set(qn("xml:space"), "preserve")
    told.text = instruction
    paragraph.add_run()._r.append(told)
    _field_sign(paragraph, "separate")


def end_field(paragraph: Any) -> None:
    """The end of the field that begins last."""
    _field_sign(paragraph, "end")


def _field_sign(paragraph: Any, kind: str, **more: str) -> None:
    """One of the three signs of a field: its begin, the end of its instruction, its end."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    sign = OxmlElement("w:fldChar")
    for name, value in {"fldCharType": kind, **more}.items():
        sign.set(qn(f"w:{name}"), value)
    paragraph.add_run()._r.append(sign)


def add_link(paragraph: Any, text: str, address: str) -> None:
    """A link to a place in the document (``#name``) or to an address."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor
    from docx.text.run import Run

    link = OxmlElement("w:hyperlink")
    if address.startswith("#"):
        link.set(qn("w:anchor"), bookmark_name(address[1:]))
    else:
        link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    element = OxmlElement("w:r")
    link.append(element)
    paragraph._p.append(link)
    run = Run(element, paragraph)  # type: ignore[arg-type]
    run.text = text
    run.font.color.rgb = RGBColor.from_string(ACCENT)


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """A named place that links lead to."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        element = OxmlElement(tag)
        element.set(qn("w:id"), str(number))
        if tag == "w:bookmarkStart":
            element.set(qn("w:name"), bookmark_name(name))
        paragraph._p.append(element)


def bookmark_name(name: str) -> str:
    """A name that Word accepts: letters, digits and underscores, at most 40 of them."""
    return "".join(sign if sign.isalnum() else "_" for sign in name)[:40]


def repeat_header(row: Any) -> None:
    """Let this row stand on top of the table on every page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:tblHeader")
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)


def shade(run: Any, fill: str, *, is_dark: bool) -> None:
    """A coloured ground behind a sign."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    element = OxmlElement("w:shd")
    element.set(qn("w:val"), "clear")
    element.set(qn("w:color"), "auto")
    element.set(qn("w:fill"), fill)
    run._r.get_or_add_rPr().append(element)
    if is_dark:
        run.font.color.rgb = RGBColor(255, 255, 255)


def keep_row_whole(row: Any) -> None:
    """Do not let a page end inside this row."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def set_widths(table: Any, shares: Sequence[float]) -> None:
    """Give the columns their shares of the text width."""
    from docx.oxml.ns import qn
    from docx.shared import Mm

    widths = [Mm(TEXT_WIDTH_MM * share) for share in shares]
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table._tbl.tr_lst:
        if len(row.tc_lst) == len(widths):
            for cell, width in zip(row.tc_lst, widths, strict=True):
                cell.get_or_add_tcPr().get_or_add_tcW().set(qn("w:w"), str(width.twips))
                cell.tcPr.get_or_add_tcW().set(qn("w:type"), "dxa")


def mirror(table: Any) -> None:
    """Let the first column stand at the right; the schema wants this right after the style of the table."""
    from docx.oxml import OxmlElement

    table._tbl.tblPr.tblStyle.addnext(OxmlElement("w:bidiVisual"))


def without_clock(content: bytes) -> bytes:
    """The same package with one fixed date on every part, so that the same report is the same bytes."""
    packed = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 0
            new.writestr(entry, old.read(name))
    return packed.getvalue()
