"""Dataflows in TOML: ``structure``, ``rules``, ``categories`` (``CAT_X.A.B``), ``[constraint]``, ``external``."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.constraints import constraint_of_flow, structure_of
from sdmxmig.catalogue.heads import ArtefactHead, origin, read_head
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data_structures import Dataflow
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Categorisation

NOT_NAMED = Ref("DataStructure", "", id="", version="")


def read_dataflow(declared: Declared, index: ArtefactIndex) -> list[Artefact]:
    """Read a dataflow with ``CC_<id>`` and ``CTG_<id>_<n>``; raises `DeclarationError`."""
    head = read_head(declared, "Dataflow")
    structure_name = declared.text("structure", "" if head.details.external else None)
    structure = index.ref(structure_name, "DataStructure", declared.at("structure")) if structure_name else NOT_NAMED
    flow = Dataflow(
        structure=structure,
        rules=declared.strings("rules"),
        **head.with_origin(),
    )
    constraints = constraint_of_flow(declared.table("constraint"), head, structure_of(flow, index), index)
    place = declared.at("categories")
    filed = [index.item(name, "Category", place) for name in declared.strings("categories")]
    declared.close()
    return [flow, *constraints, *(categorisation(head, number, ref) for number, ref in enumerate(filed, start=1))]


def categorisation(head: ArtefactHead, number: int, category: Ref) -> Categorisation:
    ref = replace(head.ref, kind="Categorisation", id=f"CTG_{head.ref.id}_{number}")
    notes = tuple(origin(head.status, head.source))
    return Categorisation(ref, head.name, source=head.ref, target=category, annotations=notes, place=head.place)
