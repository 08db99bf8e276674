"""Namespaces of structure-specific data, by structure and layout."""

from __future__ import annotations

from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.placement import AT_TIME
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

LEVEL = ":ObsLevelDim:"


def structure_of(flow: Flow, refers_to: Ref | None = None) -> Ref:
    return refers_to or flow.dataflow.ref


def data_namespace(
    flow: Flow, dialect: Dialect, dimension_at_observation: str = AT_TIME, refers_to: Ref | None = None
) -> str:
    return f"{dialect.ref(structure_of(flow, refers_to)).urn}{LEVEL}{dimension_at_observation}"
