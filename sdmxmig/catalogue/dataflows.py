"""Dataflows from TOML, with the constraint and the categorisations that they declare in short.

Beside what every file says (`heads`): ``structure``, ``rules`` (ids of validation rules beyond those that run on it by
themselves), ``categories`` (under which the flow is filed: ``CAT_X.A.B``), ``[constraint]`` (see `constraints`). A flow
that is only named has ``external``.
"""

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
"""The structure of a dataflow that is only named and does not say which it follows."""


def read_dataflow(declared: Declared, index: ArtefactIndex) -> list[Artefact]:
    """A dataflow, its constraint ``CC_<id>`` if it has one, and a categorisation ``CTG_<id>_<n>`` for each category.

    Raises `DeclarationError` for a structure, category, component or code that does not exist.
    """
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
    """A flow filed under a category; its names are those of the flow."""
    ref = replace(head.ref, kind="Categorisation", id=f"CTG_{head.ref.id}_{number}")
    notes = tuple(origin(head.status, head.source))
    return Categorisation(ref, head.name, source=head.ref, target=category, annotations=notes, place=head.place)
