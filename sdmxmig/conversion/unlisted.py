"""Texts that a mapping does not list and reads as one code all the same, because it says `otherwise`."""

from __future__ import annotations

from sdmxmig.conversion.report import UNLISTED, Report
from sdmxmig.mapping.grid import among
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.meanings import Meanings
from sdmxmig.mapping.sources import line_named


def check_listed(layout: Layout, report: Report) -> None:
    """Report the headers and labels that are read as `otherwise`, once a component: one may have been renamed."""
    for one in layout.block.components:
        line = layout.lines.get(line_named(one.source))
        if line is None or not one.otherwise:
            continue
        meanings = Meanings(one, report.flow, layout.block.values, dict(layout.block.fixed).get("FREQ", ""))
        read = layout.columns if one.source.startswith(("header", "row")) else layout.rows
        texts = line.filter(among("position", read)).unique("text", keep="first", maintain_order=True)
        found = {
            layout.table.place(row, column): text
            for text, row, column in texts.select("text", "row", "column").iter_rows()
            if text and meanings.of(text) == one.otherwise and not meanings.understands(text)
        }
        first = next(iter(found.values()), "")
        told = {"value": first, "component": one.component, "code": one.otherwise, "count": str(len(found))}
        report.add(UNLISTED, list(found), one.component, **told)
