"""Presence of dimensions and mandatory attributes."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import rows_with
from sdmxmig.quality.rules.reasons import because
from sdmxmig.sdmx.model.findings import Fault, NotTestable


@KINDS.add("DIMENSION-PRESENT")
def dimension_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Every observation has a code or period for every dimension."""
    check.parameters.close()
    for dimension in check.dataset.flow.structure.dimensions:
        rows = rows_with(check, dimension, None)
        if rows:
            yield Fault(rows, dimension.id, parameters={"component": dimension.id})


@KINDS.add("ATTRIBUTE-PRESENT")
def attribute_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Every mandatory attribute is there, on the level where it belongs: dataset, series or observation."""
    check.parameters.close()
    flow = check.dataset.flow
    mandatory = [attribute for attribute in flow.structure.attributes() if attribute.mandatory]
    if not mandatory:
        yield NotTestable(because("{flow} has no mandatory attribute", flow=flow.id))
    for attribute in mandatory:
        missing = not check.dataset.attributes.get(attribute.id) if attribute.attachment == "dataset" else False
        rows = rows_with(check, attribute, None)
        if rows or missing:
            parameters = {"component": attribute.id, "level": attribute.attachment or "observation"}
            yield Fault(rows, attribute.id, parameters=parameters)
