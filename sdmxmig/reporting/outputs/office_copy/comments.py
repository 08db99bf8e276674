"""Comments of a copied sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.io.intake.xml import local, parse_xml
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.reporting.outputs.office_copy.elements import SPACE, as_part, is_main, new_child, new_element
from sdmxmig.reporting.outputs.office_copy.rows import SAVE_AGAIN, inline_texts
from sdmxmig.sdmx.model.tables import Cell

WIDTH = 340
LINE, HEAD, LETTERS, HIGHEST = 18, 30, 45, 2_000
FIRST_SHAPE = 1025
DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
    'width:{width}px;height:{height}px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


@dataclass(frozen=True, slots=True)
class Remark:
    author: str
    text: str


def read_comments(content: bytes, place: Place) -> dict[Cell, Remark]:
    """The comments of a sheet as plain texts; raises `InputError` if they are damaged."""
    parts = [element for element in parse_xml(content, str(place)).iter() if is_main(element)]
    authors = [part.text or "" for part in parts if local(str(part.tag)) == "author"]
    remarks = {}
    for element in parts:
        if local(str(element.tag)) != "comment":
            continue
        try:
            cell = cell_position(element.get("ref", ""))
        except ValueError:
            raise InputError("A comment is on no cell.", place, SAVE_AGAIN) from None
        texts = (part for part in element if is_main(part) and local(str(part.tag)) == "text")
        by = element.get("authorId", "")
        number = int(by) if by.isascii() and by.isdigit() and len(by) <= 6 else len(authors)
        author = authors[number] if number < len(authors) else ""
        remarks[cell] = Remark(author, "".join(text for part in texts for text in inline_texts(part)))
    return remarks


def comments_part(remarks: Mapping[Cell, Remark]) -> bytes:
    root = new_element("comments")
    numbers = {
        name: str(number) for number, name in enumerate(dict.fromkeys(remark.author for remark in remarks.values()))
    }
    authors = new_child(root, "authors")
    for name in numbers:
        new_child(authors, "author").text = name
    listed = new_child(root, "commentList")
    for (row, column), remark in sorted(remarks.items()):
        comment = new_child(listed, "comment", ref=cell_name(row, column), authorId=numbers[remark.author])
        text = new_child(new_child(comment, "text"), "t")
        text.text = remark.text
        text.set(SPACE, "preserve")
    return as_part(root)


def drawing_part(remarks: Mapping[Cell, Remark]) -> bytes:
    return "".join((DRAWING, *_shapes(sorted(remarks.items())), "</xml>")).encode()


def _shapes(remarks: Iterable[tuple[Cell, Remark]]) -> Iterator[str]:
    for number, ((row, column), remark) in enumerate(remarks, start=FIRST_SHAPE):
        height = min(HEAD + LINE * (len(remark.text) // LETTERS + 2), HIGHEST)
        yield SHAPE.format(id=number, width=WIDTH, height=height, row=row - 1, column=column - 1)
