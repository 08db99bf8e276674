"""Word documents from report HTML; figures are pictures with alternative text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from math import ceil
from typing import Any

from lxml import html

from sdmxmig.primitives.errors import MissingLibrary
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.pdf import (
    ARABIC,
    NOTE_CLASSES,
    compute_column_widths,
    compute_text_size,
    compute_text_width,
    count_columns,
    extract_text,
    place_contents,
    render_png,
)
from sdmxmig.reporting.outputs.word_styles import (
    ARABIC_LINE_HEIGHT,
    CONTENTS_STYLE,
    FIGURE_STYLE,
    GAP_STYLE,
    LIST_STYLE,
    SECTION_STYLE,
    TEXT_WIDTH_MM,
    add_link,
    add_run,
    begin_field,
    bookmark,
    build_element,
    docx,
    end_field,
    format_colour,
    keep_row_whole,
    keep_row_with_next,
    mirror_table,
    remove_timestamps,
    repeat_header,
    set_style,
    set_widths,
    shade,
    shared,
    shrink,
    style_document,
    word_enums,
)

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SKIPPED_TAGS = frozenset({"style", "script", "svg", "summary", "head"})
HIDDEN_CLASSES = frozenset({"sr", "skip", "banner"})
RATING_CLASS = re.compile(r"l\d")
SECTION_HEADING = 2
MAX_WHOLE_ROWS, MAX_WHOLE_LETTERS = 12, 2500
"""Numbers of rows and of letters up to which a table stays on one page; a longer one would leave much of it blank."""
PICTURE_WIDTH_CM, FIRST_PICTURE_CM, BRIEF_PICTURE_CM = 15.5, 13.5, 8.4
"""Widths of pictures: usual, on page one of a report, in a brief of one page."""
POINTS_PER_CM = 28.35
PAGE_POINTS = 790.0
"""Estimated points that fit page one in LibreOffice, with some room for other programs."""
SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75)
LINE_HEIGHTS = {"h1": 18.0, "h2": 13.0, "h3": 10.5, "figcaption": 9.5, "caption": 9.5, "p": 9.0, "li": 9.0, "tr": 11.0}
LINE, PARAGRAPH_GAP, KEY_FIGURE_SHARE = 1.36, 3.0, 0.9
"""Line height as a multiple of the font size, space below a paragraph, and width share of a key figure."""


@OUTPUTS.add("docx")
def write(page: Page) -> bytes:
    try:
        document = docx.Document()
    except ImportError as error:
        raise MissingLibrary(
            "The Word document needs python-docx.", hint="Install it: pip install python-docx"
        ) from error
    tree = html.document_fromstring(page.on_paper)
    scale = find_fitting_scale(tree, page)
    style_document(document, page, scale)
    _write_properties(document, page)
    place_contents(tree)
    _Walker(document, page, scale).add_block(tree.find("body"))
    content = BytesIO()
    document.save(content)
    return remove_timestamps(content.getvalue())


def _write_properties(document: Any, page: Page) -> None:
    properties = document.core_properties
    properties.title = page.title
    properties.language = page.language
    properties.author = properties.last_modified_by = "sdmxmig"
    properties.comments = page.notice
    properties.revision = 1
    properties.created = properties.modified = EPOCH.replace(tzinfo=None)


def _list_classes(element: Any) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _fold_blanks(text: str) -> str:
    return re.sub(r"\s+", " ", text)


class _Walker:
    def __init__(self, document: Any, page: Page, scale: float) -> None:
        self.document = document
        self.page = page
        self.scale = scale
        self.bookmarks = 0
        # Cached: python-docx searches all styles for each name.
        self.styles = {style.name: style.style_id for style in document.styles}

    def add_block(self, element: Any) -> None:
        if not isinstance(element.tag, str) or element.tag in SKIPPED_TAGS or _list_classes(element) & HIDDEN_CLASSES:
            return
        heading = re.fullmatch(r"h([1-6])", element.tag)
        if heading:
            self.add_heading(element, int(heading.group(1)))
        elif element.tag in ("p", "figcaption", "dt"):
            self.add_paragraph(element, _write_paragraph_style(element))
        elif element.tag == "nav":
            self.add_contents(element)
        elif "key-figures" in _list_classes(element):
            self.add_key_figures(element)
        elif element.tag in ("ul", "ol"):
            self.add_list(element)
        elif element.tag == "table":
            self.table(element)
        elif element.tag == "figure":
            self.add_figure(element)
        else:
            for child in element:
                self.add_block(child)

    def add_contents(self, element: Any) -> None:
        if "contents" not in _list_classes(element):
            return
        head = element.find(".//*[@id='contents-title']")
        if head is not None:
            self.add_paragraph(head, "Report label").paragraph_format.keep_with_next = True
        list_sections(list_entries(element), self.choose_style)

    def add_heading(self, element: Any, level: int) -> None:
        paragraph = self.choose_style("Title" if level == 1 else f"Heading {level - 1}")
        self.add_anchor(paragraph, element.get("id", ""))
        if element.getparent().tag == "section" and level == SECTION_HEADING:
            self.add_anchor(paragraph, element.getparent().get("id", ""))
        self.add_inline(paragraph, element)

    def add_paragraph(self, element: Any, style: str) -> Any:
        if not _fold_blanks(element.text_content()).strip():
            return None
        paragraph = self.choose_style(style)
        self.add_inline(paragraph, element)
        paragraph.paragraph_format.keep_with_next = "lead" in _list_classes(element) or element.tag == "dt" or None
        if element.tag == "dt":  # of a signature, which is written by hand
            paragraph.add_run(f" {'_' * 40}")
        return paragraph

    def add_list(self, element: Any) -> None:
        plain = _list_classes(element) & {"sources", "inline"}
        style = LIST_STYLE if plain else ("List Number" if element.tag == "ol" else "List Bullet")
        for item in element.findall("li"):
            paragraph = self.choose_style(style)
            self.add_anchor(paragraph, item.get("id", ""))
            self.add_inline(paragraph, item)
            if plain and self.page.direction == "rtl" and not ARABIC.search(paragraph.text):
                paragraph._p.pPr.append(build_element("bidi", val="0"))
                paragraph.alignment = word_enums.WD_ALIGN_PARAGRAPH.RIGHT

    def add_key_figures(self, element: Any) -> None:
        if not len(element):
            return
        table = self.add_table(rows=0, columns=3)
        for group in element:
            for cell, part in zip(table.add_row().cells, group, strict=True):
                set_style(cell.paragraphs[0], self.styles["Report cell"])
                self.add_inline(cell.paragraphs[0], part)
        set_widths(table, [0.24, 0.26, 0.5])
        self.finish(table)

    def table(self, element: Any) -> None:
        caption = element.find("caption")
        if caption is not None and caption.get("class") not in HIDDEN_CLASSES:
            self.add_paragraph(caption, "Caption")
        rows = list(element.iter("tr"))
        width = count_columns(rows)
        if not width:
            return
        table = self.add_table(rows=len(rows), columns=width)
        for line, row in zip(table.rows, rows, strict=True):  # rows by number are searched from the first
            cells = line.cells
            place = 0
            for cell in row:
                span = int(cell.get("colspan", "1"))
                target = cells[place].merge(cells[place + span - 1]) if span > 1 else cells[place]
                self.fill_cell(target, cell, is_head=row.getparent().tag == "thead")
                place += span
            keep_row_whole(line)
            if row.getparent().tag == "thead":
                repeat_header(line)
            elif "group" in _list_classes(row):
                cells[0].paragraphs[0].paragraph_format.keep_with_next = True
                for run in cells[0].paragraphs[0].runs:
                    run.font.color.rgb = shared.RGBColor.from_string(format_colour(self.page.theme.accent))
        set_widths(table, compute_column_widths(rows, width))
        if (scale := compute_text_size(rows)) < 1:
            shrink(table, scale)
        below = element.getparent().getnext()
        has_note = below is not None and bool(_list_classes(below) & NOTE_CLASSES)
        lines = list(table.rows)
        of_figures = [row for row in rows if row.getparent().tag == "tbody" and "group" not in _list_classes(row)]
        letters = sum(len(words) for words in element.itertext())
        is_short = len(of_figures) <= MAX_WHOLE_ROWS and letters <= MAX_WHOLE_LETTERS
        for line in (lines if is_short else lines[-2:])[: None if has_note else -1]:
            keep_row_with_next(line)
        self.finish(table).paragraph_format.keep_with_next = has_note

    def add_table(self, rows: int, columns: int) -> Any:
        table = self.document.add_table(rows=rows, cols=columns)
        table._tbl.tblStyle_val = self.styles["Report table"]
        return table

    def fill_cell(self, target: Any, element: Any, *, is_head: bool) -> None:
        first = target.paragraphs[0]
        set_style(first, self.styles["Report head" if is_head else "Report cell"])
        self.add_anchor(first, element.get("id", ""))
        self.add_inline(first, element, is_bold=element.tag == "th" and not is_head)
        if "number" in _list_classes(element):
            for paragraph in target.paragraphs:
                paragraph.alignment = word_enums.WD_ALIGN_PARAGRAPH.RIGHT

    def finish(self, table: Any) -> Any:
        if self.page.direction == "rtl":
            mirror_table(table)
        return self.choose_style(GAP_STYLE)

    def add_figure(self, element: Any) -> None:
        svg = self.page.figures.get(element.get("id", ""))
        for child in element:
            if "drawing" in _list_classes(child) and svg:
                self.add_picture(svg, self.compute_width(element))
            else:
                self.add_block(child)

    def compute_width(self, figure: Any) -> float:
        section = next(figure.iterancestors("section"), None)
        if section is None or section.getprevious() is not None:
            return PICTURE_WIDTH_CM
        return BRIEF_PICTURE_CM * self.scale if is_brief(section.getroottree(), self.page) else FIRST_PICTURE_CM

    def add_picture(self, svg: str, width_cm: float) -> None:
        try:
            drawn = render_png(svg)
        except MissingLibrary:  # the text is complete without pictures
            return
        paragraph = self.choose_style(FIGURE_STYLE)
        paragraph.add_run().add_picture(BytesIO(drawn), width=shared.Cm(width_cm))
        properties = next(paragraph._p.iter("{*}docPr"))
        properties.set("descr", extract_text(svg, "desc"))
        properties.set("title", extract_text(svg, "title"))

    def add_inline(self, paragraph: Any, element: Any, *, is_bold: bool = False) -> None:
        for number, (text, holder) in enumerate(_list_texts(element)):
            self.run(paragraph, text if number else text.lstrip(), holder, element, is_bold=is_bold)

    def run(self, paragraph: Any, text: str, holder: Any, element: Any, *, is_bold: bool) -> None:
        chain = [holder, *(above for above in holder.iterancestors() if element in above.iterancestors())]
        classes = (
            frozenset().union(*(_list_classes(ancestor) for ancestor in chain))
            if holder is not element
            else frozenset()
        )
        address = next((ancestor.get("href") for ancestor in chain if ancestor.tag == "a" and ancestor.get("href")), "")
        if address and holder is not element:
            add_link(paragraph, text, address)
            return
        in_bold_cell = is_bold and not classes & {"cell-note", "mark", "tag"}
        is_secondary = classes & {"cell-note", "tag", "known", "refs", "mark", "absent"}
        run = add_run(
            paragraph,
            text,
            style=self.styles["Report secondary"] if is_secondary else "",
            bold=in_bold_cell or any(ancestor.tag == "strong" for ancestor in chain),
            italic="absent" in classes,
        )
        if "sign" in classes:
            run.font.name = "Segoe UI Symbol"
            level = next((name for name in sorted(classes) if RATING_CLASS.fullmatch(name)), "")
            if level:
                shade(run, *map(format_colour, self.page.theme.levels[level]))

    def choose_style(self, style: str) -> Any:
        paragraph = self.document.add_paragraph()
        set_style(paragraph, self.styles[style])
        return paragraph

    def add_anchor(self, paragraph: Any, name: str) -> None:
        if name:
            self.bookmarks += 1
            bookmark(paragraph, name, self.bookmarks)


def is_brief(tree: Any, page: Page) -> bool:
    return bool(page.single) and {section.get("id") for section in tree.xpath("//section")} == {*page.single}


def find_fitting_scale(tree: Any, page: Page) -> float:
    """Return the scale at which a brief fits one page; 1 for other documents, and for a brief that no scale fits."""
    if not is_brief(tree, page):
        return 1.0
    parts = [part for part in tree.xpath("//header//* | //section//*") if part.tag in LINE_HEIGHTS]
    drawn = [svg for name, svg in page.figures.items() if tree.xpath(f"//section//*[@id='{name}']")]
    return next((scale for scale in SCALES if estimate_height(parts, drawn, page, scale) <= PAGE_POINTS), 1.0)


def estimate_height(parts: Sequence[Any], drawn: Sequence[str], page: Page, scale: float) -> float:
    line = ARABIC_LINE_HEIGHT if page.direction == "rtl" else LINE
    height = sum(BRIEF_PICTURE_CM * scale * POINTS_PER_CM * compute_height_ratio(svg) for svg in drawn)
    for part in parts:
        size = LINE_HEIGHTS[part.tag] * scale
        share = KEY_FIGURE_SHARE if part.getparent().get("class", "").startswith("key-figures") else 1.0
        lines = ceil(
            compute_text_width(_fold_blanks(part.text_content())) * size / (TEXT_WIDTH_MM / 10 * POINTS_PER_CM * share)
        )
        height += lines * size * line + PARAGRAPH_GAP
    return height


def compute_height_ratio(svg: str) -> float:
    width, height = re.findall(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"', svg)[0]
    return float(height) / float(width)


def list_entries(contents: Any) -> list[tuple[str, str]]:
    names = {section.get("id"): section.find("p") for section in contents.getroottree().iter("section")}
    places = [link.get("href", "").removeprefix("#") for link in contents.iter("a")]
    return [(place, " ".join(names[place].text_content().split())) for place in places if names.get(place) is not None]


def list_sections(sections: list[tuple[str, str]], paragraph_in: Callable[[str], Any]) -> None:
    """Write the contents as links; Word adds page numbers on opening."""
    if not sections:
        return
    paragraphs = [paragraph_in(CONTENTS_STYLE) for _ in sections]
    begin_field(paragraphs[0], f'TOC \\h \\z \\t "{SECTION_STYLE},1"', is_stale=True)
    for paragraph, (place, name) in zip(paragraphs, sections, strict=True):
        add_link(paragraph, name, f"#{place}")
    end_field(paragraphs[-1])


def _list_texts(element: Any) -> Iterator[tuple[str, Any]]:
    if _list_classes(element) & HIDDEN_CLASSES:
        return
    if (element.text and element.text.strip(" \n")) or (element.text and " " in element.text):
        yield _fold_blanks(element.text), element
    for child in element:
        if not isinstance(child.tag, str) or child.tag in SKIPPED_TAGS:
            continue
        if _list_classes(child) & HIDDEN_CLASSES:
            pass
        elif child.tag == "br" or _list_classes(child) & {"cell-note", "cells"}:
            yield ("   " if "cells" in _list_classes(child) else " " if "code" in _list_classes(child) else "\n"), child
            for number, (text, holder) in enumerate(_list_texts(child)):
                yield text if number else text.lstrip(), holder
        elif "state" in _list_classes(child):
            yield from _list_texts(child)
            yield " ·", element
        else:
            yield from _list_texts(child)
        if child.tail and _fold_blanks(child.tail):
            yield _fold_blanks(child.tail), element


def _write_paragraph_style(element: Any) -> str:
    styles = {
        "note": "Report note",
        "source": "Report note",
        "legend": "Report note",
        "subject": "Subtitle",
        "label": SECTION_STYLE,
        "contents-title": "Report label",
        "eyebrow": "Report label",
    }
    if element.tag == "figcaption":
        return "Caption"
    return next((style for name, style in styles.items() if name in _list_classes(element)), "Normal")
