"""The namespaces of structure-specific data: one for each dataflow, structure or agreement and layout."""

from __future__ import annotations

from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.placement import AT_TIME
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.references import Ref

LEVEL = ":ObsLevelDim:"
"""What stands in a namespace between the structure's URN and the dimension at observation."""


def structure_of(flow: Flow, refers_to: Ref | None = None) -> Ref:
    """What a dataset names as its structure: the dataflow, unless it refers to something else."""
    return refers_to or flow.dataflow.ref


def data_namespace(
    flow: Flow, dialect: Dialect, dimension_at_observation: str = AT_TIME, refers_to: Ref | None = None
) -> str:
    """The namespace of a dataflow's own schema, as the standard builds it."""
    return f"{dialect.ref(structure_of(flow, refers_to)).urn}{LEVEL}{dimension_at_observation}"
