"""Texts that a mapping does not list and reads as one code all the same, because it says `otherwise`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.conversion.context import ConversionContext
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.meanings import Meanings
from sdmxmig.mapping.texts_read import texts_read
from sdmxmig.model.rule_ids import RuleId

if TYPE_CHECKING:
    import polars as pl


def check_listed(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Report the texts that are read as `otherwise`, once a component: one may have been renamed.

    `cells` are the value cells of which they tell.
    """
    for one in layout.block.components:
        if not one.otherwise:
            continue
        meanings = Meanings(
            one, context.flow, values=layout.block.values, freq=dict(layout.block.fixed).get("FREQ", "")
        )
        found = {
            text: place
            for text, place in texts_read(one, layout, cells)
            if text and meanings.of(text) == one.otherwise and not meanings.understands(text)
        }
        told = {"value": next(iter(found), ""), "component": one.component, "code": one.otherwise}
        context.collector.add(
            RuleId.UNLISTED_TEXT, list(dict.fromkeys(found.values())), one.component, **told, count=str(len(found))
        )
