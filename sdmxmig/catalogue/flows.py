"""Flows: dataflows with everything that they refer to, resolved once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sdmxmig.model.artefacts import ItemScheme, Text
from sdmxmig.model.data import Flow
from sdmxmig.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Agreement, Artefact, Constraint

LIMITS = ("DataConstraint", "ContentConstraint")
"""The kinds of constraints that say what data may hold, since and before SDMX 3."""


def flows_from(artefacts: Iterable[Artefact], beside: Mapping[Ref, Artefact] | None = None) -> dict[str, Flow]:
    """The dataflows of a structure message with what they refer to, by id; several of one id go by their full name.

    What the message lacks is taken from the artefacts `beside` it. A dataflow whose structure is not known is left
    out. Codelists and concepts that are missing, or only named, are missing in the flow as well; a component without a
    list or type of its own takes those of its concept. Data may also follow a provision agreement, or a structure that
    has no dataflow: these go by their URN.
    """
    in_message: dict[Ref, Artefact] = {artefact.ref: artefact for artefact in artefacts}
    available = {**(beside or {}), **in_message}
    limits = constraints_of(available.values())
    flows = [flow for flow in in_message.values() if isinstance(flow, Dataflow)]
    count = Counter(flow.ref.id for flow in flows)
    flows_by_name: dict[str, Flow] = {}
    for flow in flows:
        if (resolved := flow_of(flow, available, limits)) is not None:
            flows_by_name[flow.ref.id if count[flow.ref.id] == 1 else flow.ref.short] = resolved
    used_structures = {flow.structure.ref for flow in flows_by_name.values()}
    for artefact in in_message.values():
        if isinstance(artefact, DataStructure) and artefact.ref not in used_structures:
            flow_ref = Ref("Dataflow", artefact.ref.agency, id=artefact.ref.id, version=artefact.ref.version)
            alone = flow_of(Dataflow(flow_ref, artefact.name, structure=artefact.ref), available, limits)
            flows_by_name |= {artefact.ref.urn: alone} if alone is not None else {}
    for agreement in in_message.values():
        provided = available.get(agreement.flow) if isinstance(agreement, Agreement) else None
        followed = flow_of(provided, available, limits) if isinstance(provided, Dataflow) else None
        flows_by_name |= {agreement.ref.urn: followed} if followed is not None else {}
    return flows_by_name


def flow_of(
    flow: Dataflow, available: Mapping[Ref, Artefact], limits: Mapping[Ref, tuple[Constraint, ...]]
) -> Flow | None:
    """A dataflow with those codelists and concepts of its structure that are known; None without its structure."""
    structure = available.get(flow.structure)
    if not isinstance(structure, DataStructure) or structure.details.external:
        return None
    components: list[Component] = []
    codelists: dict[str, ItemScheme] = {}
    concepts: dict[str, Text] = {}
    for component in structure.components:
        scheme = available.get(component.concept.scheme)
        items = scheme.items if isinstance(scheme, ItemScheme) else ()
        concept = next((item for item in items if item.id == component.concept.item), None)
        if concept:
            concepts[component.id] = concept.name
            if not component.codelist and not component.data_type:
                core = concept.codelist, concept.data_type, concept.facets
                component = replace(component, codelist=core[0], data_type=core[1], facets=core[2])  # noqa: PLW2901
        components.append(component)
        codelist = available.get(component.codelist) if component.codelist else None
        if isinstance(codelist, ItemScheme) and not codelist.details.external:
            codelists[component.id] = codelist
    constraints = (*limits.get(structure.ref, ()), *limits.get(flow.ref, ()))
    return Flow(
        flow,
        replace(structure, components=tuple(components)),
        codelists=codelists,
        concepts=concepts,
        constraints=constraints,
    )


def constraints_of(artefacts: Iterable[Artefact]) -> dict[Ref, tuple[Constraint, ...]]:
    """The constraints that say what data may hold, by the structure or dataflow that they limit."""
    constraints_by_target: dict[Ref, tuple[Constraint, ...]] = {}
    for constraint in artefacts:
        if isinstance(constraint, Constraint) and constraint.ref.kind in LIMITS and constraint.role == "Allowed":
            for ref in constraint.attached:
                constraints_by_target[ref] = (*constraints_by_target.get(ref, ()), constraint)
    return constraints_by_target
