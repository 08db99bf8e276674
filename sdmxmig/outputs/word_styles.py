"""The look of the report in Word: page, styles, language, header and footer."""

from __future__ import annotations

from typing import Any

from sdmxmig.outputs import Page
from sdmxmig.outputs.word_library import ns, oxml, shared, word_enums
from sdmxmig.outputs.word_parts import LINK_STYLE, TEXT_WIDTH_MM, add_field

AMBER = "5F3E00"
FONT = "Noto Sans"
SECTION_STYLE = "Report section"
"""The style of the names of sections, which the contents list."""
CONTENTS_STYLE = "toc 1"
"""Word's own name of the style of contents, so that it is kept when Word makes them again."""


def style_document(document: Any, page: Page) -> None:
    """A4, the report’s styles on top of Word’s own, a header with the notice, page numbers."""
    ink, secondary, accent = (
        hexadecimal(colour) for colour in (page.theme.ink, page.theme.secondary, page.theme.accent)
    )
    section = document.sections[0]
    section.page_width, section.page_height = shared.Mm(210), shared.Mm(297)
    section.left_margin = section.right_margin = shared.Mm(20)
    section.top_margin = section.bottom_margin = shared.Mm(16)
    section.header_distance = section.footer_distance = shared.Mm(8)
    sizes = {"Normal": 9, "Title": 22, "Subtitle": 12, "Heading 1": 14, "Heading 2": 11, "Caption": 10}
    for name, size in sizes.items():
        _font(document.styles[name], size, ink, is_bold=name not in ("Normal", "Subtitle"))
    normal = document.styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing = shared.Pt(3.5), 1.0
    for name, before, after in (("Heading 1", 2, 6), ("Heading 2", 9, 3)):
        spacing = document.styles[name].paragraph_format
        spacing.space_before, spacing.space_after, spacing.line_spacing = shared.Pt(before), shared.Pt(after), 1.0
    document.styles["Caption"].paragraph_format.keep_with_next = True
    _title_without_rule(document.styles["Title"])
    for name, base, points, colour in (
        ("Report cell", "Normal", 8, ink),
        ("Report head", "Normal", 8, secondary),
        ("Report note", "Normal", 8.5, secondary),
        ("Report label", "Normal", 9, accent),
        (SECTION_STYLE, "Normal", 9, accent),
        (CONTENTS_STYLE, "Normal", 10, ink),
        ("Report list", "Normal", 8.5, ink),
        ("Report figure", "Normal", 10, ink),
    ):
        style = document.styles.add_style(name, 1)
        style.base_style = document.styles[base]
        _font(style, points, colour, is_bold=name in ("Report head", "Report label", SECTION_STYLE))
    for name in ("Report cell", "Report head", "Report list"):
        document.styles[name].paragraph_format.space_after = shared.Pt(1)
    for name in ("Report label", SECTION_STYLE):
        label = document.styles[name].paragraph_format
        label.space_before, label.space_after, label.keep_with_next = shared.Pt(9), shared.Pt(0), True
    contents = document.styles[CONTENTS_STYLE].paragraph_format
    contents.space_after = shared.Pt(2)
    contents.tab_stops.add_tab_stop(
        shared.Mm(TEXT_WIDTH_MM), word_enums.WD_TAB_ALIGNMENT.RIGHT, word_enums.WD_TAB_LEADER.DOTS
    )
    _font(document.styles.add_style("Report secondary", 2), 7.5, secondary)
    link = document.styles.add_style("Report link", 2)
    link.element.set(ns.qn("w:styleId"), LINK_STYLE)
    link.font.color.rgb = shared.RGBColor.from_string(accent)
    _table_style(document, ink)
    set_language(document, page)
    _header_and_footer(section, page)


def hexadecimal(colour: str) -> str:
    """A colour as Word writes it."""
    return colour.removeprefix("#").upper()


def _font(style: Any, size: float, colour: str, *, is_bold: bool = False) -> None:
    """Font of a style, for scripts of both directions."""
    style.font.name = FONT
    style.font.size = shared.Pt(size)
    style.font.bold = is_bold
    style.font.italic = False
    style.font.color.rgb = shared.RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(ns.qn(f"w:{theme}"), None)
    fonts.set(ns.qn("w:cs"), "Noto Sans Arabic")
    fonts.set(ns.qn("w:hAnsi"), FONT)


def _title_without_rule(style: Any) -> None:
    """Word's own title has a coloured rule below it; the report has none."""
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(ns.qn("w:pBdr")):
        properties.remove(border)


def _table_style(document: Any, ink: str) -> None:
    """A table of thin rules: one below the head, a lighter one below each row."""
    style = document.styles.add_style("Report table", 3)
    style.base_style = document.styles["Normal Table"]
    style.element.append(
        oxml.parse_xml(
            f"<w:tblPr {ns.nsdecls('w')}><w:tblBorders>"
            f'<w:top w:val="single" w:sz="8" w:space="0" w:color="{ink}"/>'
            '<w:bottom w:val="single" w:sz="4" w:space="0" w:color="D9E0E6"/>'
            '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="D9E0E6"/>'
            '</w:tblBorders><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="100" w:type="dxa"/>'
            "</w:tblCellMar></w:tblPr>"
        )
    )


def set_language(document: Any, page: Page) -> None:
    """The language in which Word checks spelling, and the direction of paragraphs."""
    properties = document.styles.element.find(ns.qn("w:docDefaults")).find(ns.qn("w:rPrDefault")).find(ns.qn("w:rPr"))
    for old in properties.findall(ns.qn("w:lang")):
        properties.remove(old)
    language = oxml.OxmlElement("w:lang")
    for name in ("val", "eastAsia", "bidi"):
        language.set(ns.qn(f"w:{name}"), page.language)
    properties.append(language)
    if page.direction == "rtl":
        document.styles["Normal"].element.get_or_add_pPr().insert(0, oxml.OxmlElement("w:bidi"))
        document.styles["Normal"].element.get_or_add_rPr().append(oxml.OxmlElement("w:rtl"))


def _header_and_footer(section: Any, page: Page) -> None:
    """The notice and the country on top of every page, the page number below."""
    head = section.header.paragraphs[0]
    head.add_run(page.running + ("  ·  " if page.notice else "")).font.size = shared.Pt(8)
    if page.notice:
        notice = head.add_run(page.notice)
        notice.font.size = shared.Pt(8)
        notice.font.color.rgb = shared.RGBColor.from_string(AMBER)
    foot = section.footer.paragraphs[0]
    foot.alignment = word_enums.WD_ALIGN_PARAGRAPH.RIGHT
    before, _, remainder = page.page_of.partition("{page}")
    between, _, after = remainder.partition("{pages}")
    foot.add_run(before)
    add_field(foot, "PAGE")
    foot.add_run(between)
    add_field(foot, "NUMPAGES")
    foot.add_run(after)
    for run in foot.runs:
        run.font.size = shared.Pt(8)
