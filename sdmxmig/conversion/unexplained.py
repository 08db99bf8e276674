"""Footnote marks on labels of which a mapping says nothing: the label is understood, and what its note says is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.conversion.report import UNEXPLAINED, Report
from sdmxmig.mapping.grid import among
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.meanings import Meanings
from sdmxmig.mapping.values import without_marks
from sdmxmig.places import Place

MARK = re.compile(r"(?<=\S)\s*([*†‡§#¹²³⁰⁴-⁹]+|\((?:[0-9]{1,2}|[a-z])\)|[0-9]\))$")
"""What stands behind a word and is no part of it."""


def check_marks(layout: Layout, report: Report) -> None:
    """Report the marks behind labels that are known without them, once a mark of a block."""
    found: dict[str, dict[Place, str]] = {}
    for mark, place, text in unexplained(layout, report):
        found.setdefault(mark, {})[place] = text
    for mark, labels in found.items():
        report.add(UNEXPLAINED, list(labels), value=mark, first=next(iter(labels.values())), count=str(len(labels)))


def unexplained(layout: Layout, report: Report) -> Iterator[tuple[str, Place, str]]:
    """Each such mark with its cell and label; names of countries are known with any mark, folded texts with most."""
    marks = [mark for mark, _ in layout.block.values.marks]
    for one in layout.block.components:
        line = layout.lines.get("section 1" if one.source == "section" else one.source)
        if line is None or not (one.areas or one.fold):
            continue
        meanings = Meanings(one, report.flow, layout.block.values, "")
        read = layout.columns if one.source.startswith(("header", "row")) else layout.rows
        kept = line.filter(among("position", read))
        for text, row, column in kept.select("text", "row", "column").unique(maintain_order=True).iter_rows():
            mark = MARK.search(without_marks(text, marks)[0])
            if mark and text not in dict(one.codes) and meanings.of(text) not in (None, text):
                yield mark[1], layout.table.place(row, column), text
