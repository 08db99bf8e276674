"""Readers of each kind of artefact of SDMX-ML 2.1 and 3.x."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import hierarchies, structure_sets
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.records import read_artefact
from sdmxmig.sdmx.formats.wire.tables import ARTEFACTS
from sdmxmig.sdmx.model.structures import Artefact

READERS: dict[str, Callable[[Part], Artefact]] = {
    "HierarchicalCodelist": hierarchies.read_hierarchical_codelist,
    "StructureSet": structure_sets.read_structure_set,
    **{kind: partial(read_artefact, kind=kind) for kind in ARTEFACTS},
}
