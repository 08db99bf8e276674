"""Warnings about texts that a spreadsheet program would run as formulas.

The texts are not changed, so that a round trip is exact.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sdmxmig.primitives.formulas import RUNS, is_formula
from sdmxmig.sdmx.formats import Layout
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow


def formula_warnings(name: str, dataset: Dataset, layout: Layout) -> Iterator[str]:
    """A sentence for each component that has such texts; `name` is what the format is called."""
    component_ids = {component for component, text in dataset.attributes.items() if is_formula(text)}
    for frame in (dataset.observations, dataset.series, *dataset.partial.values()):
        component_ids.update(column.name for column in frame if has_formulas(column))
    if layout.labels == "name" and not dataset.continues:
        component_ids.update(named_as_formulas(dataset.flow))
    for component in sorted(component_ids):
        yield (
            f"Texts of {component} are formulas to a spreadsheet program, which would run them on opening "
            f"{name}: import it with its columns as text."
        )


def named_as_formulas(flow: Flow) -> Iterator[str]:
    for component in flow.structure.components:
        codelist = flow.codelist(component)
        texts = [flow.concepts.get(component.id, Text()), *(item.name for item in codelist or ())]
        if any(is_formula(translation) for text in texts for _, translation in text):
            yield component.id


def has_formulas(column: pl.Series) -> bool:
    if isinstance(column.dtype, pl.List):
        column = column.list.first()
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.unique().cast(pl.String)
    return column.dtype == pl.String and bool(column.str.contains(RUNS).any())
