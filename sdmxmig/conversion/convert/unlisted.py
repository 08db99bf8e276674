"""Unlisted texts read as one code because of `otherwise`."""

from __future__ import annotations

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.component_texts import texts_read
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.rule_ids import RuleId


def check_listed(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Report texts read as `otherwise`, once per component: one may have been renamed."""
    for component_map in layout.block.components:
        if not component_map.otherwise:
            continue
        meanings = Meanings(
            component_map, context.flow, values=layout.block.values, freq=dict(layout.block.fixed).get("FREQ", "")
        )
        places_by_text = {
            text: place
            for text, place in texts_read(component_map, layout, cells)
            if text and meanings.of(text) == component_map.otherwise and not meanings.understands(text)
        }
        parameters = {
            "value": next(iter(places_by_text), ""),
            "component": component_map.component,
            "code": component_map.otherwise,
        }
        context.collector.add(
            RuleId.UNLISTED_TEXT,
            list(dict.fromkeys(places_by_text.values())),
            component_map.component,
            **parameters,
            count=str(len(places_by_text)),
        )
