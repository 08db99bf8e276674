"""Status of texts in data."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Dataset

DEFINED = ("INDICATOR", "ITEM")
TEXT_STATUS = "TEXT_STATUS"


def with_text_statuses(dataset: Dataset) -> Dataset:
    """Add the status of texts to a dataset, as a code of CL_IND_STATUS."""
    if TEXT_STATUS not in dataset.flow.structure:
        return dataset
    dimension = next(name for name in DEFINED if name in dataset.flow.structure)
    statuses = {item.id: item.status.upper() for item in dataset.flow.codelist(dimension) or () if item.status}
    declared = pl.col(dimension).cast(pl.String).replace_strict(statuses, default=None, return_dtype=pl.String)
    stated = [pl.col(TEXT_STATUS)] if TEXT_STATUS in dataset.observations.columns else []
    observations = dataset.observations.with_columns(pl.coalesce(*stated, declared).alias(TEXT_STATUS))
    return replace(dataset, observations=observations)
