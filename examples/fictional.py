"""Make the made-up country and its six neighbours: figures, workbooks and mappings, from one seeded simulation.

Run ``python examples/fictional.py``. The same seed gives the same bytes. For every table it writes the figures
(``figures/*.csv``), the sheet of a workbook as an office lays it out (``tables/*.xlsx``), and what the sheet means
(``mappings/*.toml``). Everything says that the country is made up.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from fictional_figures import SIZES, Codes, Table, simulated
from fictional_peers import peers
from fictional_tables import NOTICE, complete_tables, neighbour_tables
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from workbooks import WRITTEN, content, write

HERE = Path(__file__).parent
LISTS = HERE.parent / "codelists"
SOURCE = "Simulation"
PARTNER, AGE = "SDMXMIG/CL_PARTNER.1.0.0", "SDMXMIG/CL_AGE.1.0.0"
CODELISTS = {
    **dict.fromkeys(("C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "C_FORMER", "C_DESTINATION", "COUNTERPART_AREA"), PARTNER),
    "SEX": "SDMX/CL_SEX.2.1",
    "AGE": AGE,
    "EDUCATION_LEV": "IAEG-SDGs/CL_EDUCATION_LEV.1.10",
    "REASON": "SDMXMIG/CL_MIG_REASON.1.0.0",
    "DURATION": "SDMXMIG/CL_PERMIT_DUR.1.0.0",
    "PLACE": "SDMXMIG/CL_APPREH_PLACE.1.0.0",
    "ASSISTANCE": "SDMXMIG/CL_RETURN_ASSIST.1.0.0",
}
"""The lists from which row labels are taken, where they are not called like the component."""
HEADERS = {
    "BIRTH_STATUS": "Birth",
    "CTZ_STATUS": "Citizens and foreigners",
    "SEX": "Sex",
    "AGE": "Age",
    "C_BIRTH": "Country of birth",
    "C_CITIZEN": "Citizenship",
    "C_RESIDENCE": "Country of residence",
    "C_FORMER": "Former citizenship",
    "C_DESTINATION": "Destination",
    "COUNTERPART_AREA": "Other country",
    "ACC_ITEM": "Item",
    "INDICATOR": "Indicator",
    "IND_TERM": "Term",
    "TOPIC_CODE": "Place",
    "MOB_TYPE": "Purpose",
    "DIRECTION": "Direction",
    "REPORTED_BY": "Counted by",
    "EDUCATION_LEV": "Education",
    "LF_STATUS": "Labour force status",
    "REGION": "Region",
    "DUR_STAY": "Duration of stay",
    "REASON": "Reason",
    "DURATION": "Duration",
    "BORDER_TYPE": "Border",
    "GROUND": "Ground",
    "PLACE": "Place",
    "RETURN_TYPE": "Type of return",
    "ASSISTANCE": "Assistance",
    "DECISION_ACTION": "Decision",
    "PROT_STATUS": "Status",
}
"""What the columns of row labels are called."""
REGIONS = {"XA-N": "North", "XA-C": "Capital", "XA-S": "South"}
HEADER_ROW = 5
INK, FILL = "1B2733", PatternFill("solid", start_color="E8EFF4")
THIN = Side("thin", color="9AA7B2")


def names_of(component: str, country: Path) -> dict[str, str]:
    """The English names of the codes of a component: those of its list, and those that the country adds."""
    if component == "INDICATOR":
        folder = HERE.parent / "structures" / "indicators"
        return {
            path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["name"]["en"] for path in folder.glob("*.toml")
        }
    if component in ("TOPIC_CODE", "REGION"):
        return REGIONS if component == "REGION" else names_of("C_BIRTH", country)
    name = CODELISTS.get(component, f"SDMXMIG/CL_{component}.1.0.0")
    names: dict[str, str] = {}
    for path in (LISTS / f"{name}.csv", country / "codelists" / f"{name}+.csv"):
        if path.exists():
            with path.open(encoding="utf-8", newline="") as lines:
                names |= {row["id"]: row["name_en"] for row in csv.DictReader(lines) if row["id"]}
    return names


def periods_of(table: Table) -> list[str]:
    return sorted({period for numbers in table.rows.values() for period in numbers})


def labels_of(table: Table, country: Path) -> dict[str, dict[str, str]]:
    """Return the row labels of a table, by component and code."""
    labels = {}
    for place, component in enumerate(table.shown):
        names = names_of(component, country)
        labels[component] = {key[place]: names.get(key[place], key[place]) for key in sorted(table.rows)}
    return labels


def write_sheet(sheet: Worksheet, table: Table, country: Path) -> None:
    """Lay a table out as an office does: title, notice, one header row, row labels, years, source."""
    labels, periods = labels_of(table, country), periods_of(table)
    wide = len(table.shown)
    sheet["A1"], sheet["A2"], sheet["A3"] = table.title, f"Simulated figures, {periods[0]} to {periods[-1]}", NOTICE
    sheet["A1"].font, sheet["A3"].font = Font(bold=True, size=13, color=INK), Font(bold=True, color="8A4B00")
    for column, text in enumerate((*(HEADERS[name] for name in table.shown), *map(int, periods)), start=1):
        cell = sheet.cell(HEADER_ROW, column, text)
        cell.font, cell.fill, cell.border = Font(bold=True, color=INK), FILL, Border(bottom=THIN)
        cell.alignment = Alignment(horizontal="left" if column <= wide else "right", wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(column)].width = 24 if column <= wide else 11
    for number, (key, figures) in enumerate(sorted(table.rows.items()), start=HEADER_ROW + 1):
        for column, (component, code) in enumerate(zip(table.shown, key, strict=True), start=1):
            sheet.cell(number, column, labels[component][code])
        for column, period in enumerate(periods, start=wide + 1):
            if text := figures.get(period):
                sheet.cell(number, column, float(text) if "." in text else int(text))
    sheet.cell(HEADER_ROW + len(table.rows) + 2, 1, f"Source: {SOURCE}. {NOTICE}.")
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, wide + 1)


def workbooks_of(tables: Iterable[Table], country: Path) -> dict[str, Workbook]:
    """The workbooks of a country by file name."""
    books: dict[str, Workbook] = {}
    for table in tables:
        name = f"{table.workbook}.xlsx"
        if name not in books:
            books[name] = Workbook()
            books[name].remove(books[name].worksheets[0])
            books[name].properties.creator = "sdmxmig"
            books[name].properties.title = NOTICE
            books[name].properties.created = WRITTEN
        write_sheet(books[name].create_sheet(table.sheet[:31]), table, country)
    return books


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def block_of(table: Table, area: str, country: Path) -> list[str]:
    """Write the mapping block of one sheet."""
    lines = ["", "[[block]]", f"sheet = {quoted(table.sheet[:31])}", f"anchor = {quoted(HEADERS[table.shown[0]])}"]
    lines += [
        "header_rows = 1",
        f"header_columns = {len(table.shown)}",
        "",
        "[block.fixed]",
        f"REF_AREA = {quoted(area)}",
    ]
    lines += [f"{component} = {quoted(code)}" for component, code in sorted(table.fixed.items())]
    lines += [
        f"SOURCE_DETAIL = {quoted(SOURCE)}",
        "",
        "[block.components.TIME_PERIOD]",
        'from = "header 1"',
        'pattern = "yyyy"',
    ]
    labels = labels_of(table, country)
    for column, component in enumerate(table.shown, start=1):
        lines += ["", f"[block.components.{component}]", f'from = "column {column}"']
        changed = {text: code for code, text in labels[component].items() if text != code}
        if changed:
            lines += ["", f"[block.components.{component}.codes]"]
            lines += [f"{quoted(text)} = {quoted(code)}" for text, code in sorted(changed.items())]
    return lines


def mapping_of(name: str, tables: Sequence[Table], area: str, country: Path) -> bytes:
    """The mapping of the sheets of one dataflow."""
    title = tables[0].title
    called = f"{country_name(area, country)}: {title[0].lower()}{title[1:]} (made-up)"
    lines = [
        f"# Written by python examples/fictional.py. {NOTICE}.",
        f"id = {quoted(f'MAP_{area}_{name.upper()}')}",
        f"name.en = {quoted(called)}",
        f"flow = {quoted(tables[0].flow)}",
        f"file = {quoted(f'{tables[0].workbook}.xlsx')}",
    ]
    for table in tables:
        lines += block_of(table, area, country)
    return ("\n".join(lines) + "\n").encode()


def country_name(area: str, country: Path) -> str:
    """The English name of a made-up country."""
    return names_of("C_BIRTH", country)[area]


def figures_of(table: Table) -> bytes:
    """The figures of one table as CSV: the codes of its rows, and a column for each period."""
    written, periods = io.StringIO(), periods_of(table)
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow((*table.shown, *periods))
    lines.writerows(
        (*key, *(figures.get(period, "") for period in periods)) for key, figures in sorted(table.rows.items())
    )
    return written.getvalue().encode()


def file_name(table: Table) -> str:
    return f"{table.workbook}-{table.sheet.lower().replace(' ', '_')}.csv"


def make_country(tables: Sequence[Table], area: str, lists: Path, into: Path) -> None:
    """Write the figures, workbooks and mappings of one country; `lists` has the folder of added codes."""
    for table in tables:
        write(into / "figures" / file_name(table), figures_of(table))
    for name, book in workbooks_of(tables, lists).items():
        write(into / "tables" / name, content(book))
    by_mapping: dict[str, list[Table]] = {}
    for table in tables:
        by_mapping.setdefault(table.mapping, []).append(table)
    for name, sheets in by_mapping.items():
        write(into / "mappings" / f"{name}.toml", mapping_of(name, sheets, area, lists))


def make(into: Path) -> None:
    years, home = simulated(), HERE / "fictional"
    for area in SIZES:
        if area == "XA":
            make_country(complete_tables(years, area), area, home, into / "fictional")
            write(into / "fictional" / "peers" / "indicators.csv", peers(years, SOURCE))
        else:
            make_country(neighbour_tables(years, area), area, home, into / "fictional-neighbours" / area.lower())


__all__ = ["Codes", "make"]

if __name__ == "__main__":
    make(HERE)
