"""Workbooks of offices, part by part: content of spreadsheet programs, and content of attackers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
CELLS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Year</t></is></c><c r="B1" t="inlineStr"><is><t>Men</t></is></c></row>'
    '<row r="2"><c r="A2"><v>2020</v></c><c r="B2"><v>5</v></c></row>'
    '<row r="3"><c r="A3"><v>2021</v></c><c r="B3"><v>7</v></c></row>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.000"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="18"/><name val="Arial"/>'
    "</font></fonts>"
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill></fills><borders count="2"><border/><border><left style="thin"/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1"/></cellXfs>'
    '<dxfs count="1"><dxf><font><b/></font></dxf></dxfs></styleSheet>'
)

Links = Sequence[tuple[str, str, bool]]
"""Of what kind a link is, where it leads, and whether that is outside of the package."""


@dataclass(frozen=True, slots=True)
class Office:
    """A workbook with one sheet called Data, or more, and its parts.

    `sheet` is the XML around the rows and with them; `book` follows the sheets of the workbook; `parts` are others.
    """

    rows: str = CELLS
    before: str = ""
    _: KW_ONLY
    behind: str = ""
    book: str = ""
    before_sheets: str = ""
    more_sheets: Mapping[str, str] = field(default_factory=dict)
    links: Links = ()
    sheet_links: Links = ()
    package_links: Links = ()
    parts: Mapping[str, str | bytes] = field(default_factory=dict)
    styles: str = STYLES
    sheet: str = ""
    name: str = "Data"
    main: str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

    @property
    def content(self) -> bytes:
        """The bytes of the workbook."""
        namespaces = f'xmlns="{MAIN}" xmlns:r="{OFFICE}"'
        sheet = self.sheet or (
            f"<worksheet {namespaces}>{self.before}<sheetData>{self.rows}</sheetData>{self.behind}</worksheet>"
        )
        names = [self.name, *self.more_sheets]
        listed = "".join(
            f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(names, 1)
        )
        sheets = [("worksheet", f"worksheets/sheet{number}.xml", False) for number in range(1, len(names) + 1)]
        own_parts = [*sheets, ("styles", "styles.xml", False), *self.links]
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{self.main}"/></Types>',
            "_rels/.rels": linked([("officeDocument", "xl/workbook.xml", False), *self.package_links]),
            "xl/workbook.xml": f"<workbook {namespaces}>{self.before_sheets}<sheets>{listed}</sheets>"
            f"{self.book}</workbook>",
            "xl/_rels/workbook.xml.rels": linked(own_parts),
            "xl/styles.xml": self.styles,
            "xl/worksheets/sheet1.xml": sheet,
            "xl/worksheets/_rels/sheet1.xml.rels": linked(self.sheet_links),
            **{
                f"xl/worksheets/sheet{number}.xml": f"<worksheet {namespaces}><sheetData>{rows}</sheetData></worksheet>"
                for number, rows in enumerate(self.more_sheets.values(), 2)
            },
            **self.parts,
        }
        result = io.BytesIO()
        with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, part in parts.items():
                archive.writestr(member, part)
        return result.getvalue()


def linked(links: Links) -> str:
    """The links of a part to others."""
    outside = ' TargetMode="External"'
    elements = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"{outside if is_outside else ""}/>'
        for number, (kind, target, is_outside) in enumerate(links, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{elements}</Relationships>'


def formula(text: str, value: str = "42", more: str = "") -> str:
    """Rows with a formula in C2 and its saved result."""
    return CELLS.replace("<v>5</v></c></row>", f'<v>5</v></c><c r="C2"><f{more}>{text}</f><v>{value}</v></c></row>')
