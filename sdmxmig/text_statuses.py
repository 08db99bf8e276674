"""The status of definitions travels with the values: whether the text of an indicator was read or is a candidate."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.lazily import pl
from sdmxmig.model.data import Dataset

INDICATOR, TEXT_STATUS = "INDICATOR", "TEXT_STATUS"


def with_text_statuses(dataset: Dataset) -> Dataset:
    """A dataset of indicators of which each value says the status of its definition, where it does not say it yet.

    The status is that of the indicator in its codelist, as a code of CL_IND_STATUS; other datasets stay as they are.
    """
    indicators = dataset.flow.codelist(INDICATOR)
    if indicators is None or TEXT_STATUS not in dataset.flow.structure:
        return dataset
    statuses = {item.id: item.status.upper() for item in indicators if item.status}
    declared = pl.col(INDICATOR).cast(pl.String).replace_strict(statuses, default=None, return_dtype=pl.String)
    stated = [pl.col(TEXT_STATUS)] if TEXT_STATUS in dataset.observations.columns else []
    observations = dataset.observations.with_columns(pl.coalesce(*stated, declared).alias(TEXT_STATUS))
    return replace(dataset, observations=observations)
