"""Matrices with one column per country."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table, split_evenly
from sdmxmig.reporting.sections.region.naming import name_country
from sdmxmig.reporting.sections.wording import DESCRIBED, NOT_APPLICABLE, RATING_SIGNS, UNKNOWN, Wording
from sdmxmig.statistics.model.region import Country, RegionalStudy

MIN_WIDE_COLUMNS = 6
"""Maximum number of columns headed by names; more are headed by codes."""
MAX_COUNTRIES = 16
MIN_ROWS = 3
"""Minimum lines of a matrix."""
LEGEND_ORDER = (*RATING_SIGNS, NOT_APPLICABLE, DESCRIBED, UNKNOWN)
Line = tuple[ReportCell, Callable[[Country], ReportCell] | None]


def build_matrices(
    table_id: str, caption: str, lines: Sequence[Line], study: RegionalStudy, wording: Wording, *, head: str = "Item"
) -> list[ReportTable]:
    parts = split_evenly(study.countries, MAX_COUNTRIES)
    return [
        build_table(
            f"{table_id}-{number}" if len(parts) > 1 else table_id,
            format_caption(caption, part, study, wording) if len(parts) > 1 else caption,
            (head, *(ReportColumn(describe_column_head(country, part, study, wording)) for country in part)),
            (fill_row(first, say, part) for first, say in lines),
            wording,
            notes=() if len(part) <= MIN_WIDE_COLUMNS else (format_country_key(part, study, wording),),
        )
        for number, part in enumerate(parts, start=1)
    ]


def tabulate_by_country(
    table_id: str,
    caption: str,
    lines: Sequence[tuple[ReportCell, Sequence[ReportCell]]],
    study: RegionalStudy,
    wording: Wording,
    *,
    notes: Iterable[str] = (),
    last: tuple[str, Sequence[str]] = ("", ()),
) -> ReportTable | None:
    """Tabulate figures with a column for each country, or a row for each of many; `last` is a remark on each figure."""
    names = [name_country(study, country.area, wording) for country in study.countries]
    title, remarks = last
    if len(names) <= MIN_WIDE_COLUMNS:
        heads = ("Figure", *(ReportColumn(name, is_number=True) for name in names), *([title] if title else ()))
        rows: list[Sequence[ReportCell | str]] = [
            (first, *cells, *remarks[place : place + 1]) for place, (first, cells) in enumerate(lines)
        ]
    else:
        heads = ("Country", *(ReportColumn(first.text, is_number=True, unit=first.note) for first, _ in lines))
        rows = [(name, *(cells[place] for _, cells in lines)) for place, name in enumerate(names)]
        rows += [(wording.say(title), *remarks)] if title else []
    return build_table(table_id, caption, heads, rows, wording, notes=notes, stacked=True) if lines else None


def drop_unrated_lines(lines: Sequence[Line], study: RegionalStudy, *, least: int = 1) -> list[Line]:
    """Keep the lines that rate at least so many countries, with their headings."""
    kept: list[Line] = []
    for first, say in lines:
        if say is not None and sum(is_rated(say(country)) for country in study.countries) < least:
            continue
        if say is None and kept and kept[-1][1] is None:
            kept.pop()
        kept.append((first, say))
    if kept and kept[-1][1] is None:
        kept.pop()
    return kept


def is_rated(entry: ReportCell) -> bool:
    return not entry.is_absent and entry.level not in {"described", "na"}


def explain_signs(tables: Sequence[ReportTable], wording: Wording) -> list[ReportCell]:
    """Explain the answer that each symbol in the tables represents."""
    rated = [cell for table in tables for row in table.rows for cell in row.cells if cell.sign]
    words_by_sign = {sign: dict.fromkeys(cell.text for cell in rated if cell.sign == sign) for sign in LEGEND_ORDER}
    return [
        ReportCell(
            wording.join_with_semicolons(words),
            sign=sign,
            level=next(cell.level for cell in rated if cell.sign == sign),
        )
        for sign, words in words_by_sign.items()
        if words
    ]


def list_occurring_signs(cells: Sequence[ReportCell], tables: Sequence[ReportTable]) -> list[ReportCell]:
    shown = {cell.sign for table in tables for line in table.rows for cell in line.cells}
    return [cell for cell in cells if cell.sign in shown]


def format_caption(caption: str, part: Sequence[Country], study: RegionalStudy, wording: Wording) -> str:
    first, last = (name_country(study, country.area, wording) for country in (part[0], part[-1]))
    return wording.say("{caption} ({first} to {last})", caption=caption, first=first, last=last)


def describe_column_head(country: Country, part: Sequence[Country], study: RegionalStudy, wording: Wording) -> str:
    return name_country(study, country.area, wording) if len(part) <= MIN_WIDE_COLUMNS else country.area


def format_country_key(part: Sequence[Country], study: RegionalStudy, wording: Wording) -> str:
    return (
        wording.join_with_semicolons(f"{country.area} {name_country(study, country.area, wording)}" for country in part)
        + "."
    )


def fill_row(first: ReportCell, say: Callable[[Country], ReportCell] | None, part: Sequence[Country]) -> ReportRow:
    return build_row((first,), "group") if say is None else build_row((first, *(say(country) for country in part)))
