"""Resolved flows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from sdmxmig.catalogue.constraints import Limits, known
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact


def flows_from(artefacts: Iterable[Artefact], beside: Mapping[Ref, Artefact] | None = None) -> dict[str, Flow]:
    """Build the flows of a message, by id or full name.

    Completes from `beside`. Unknown structures are left out. Agreements and structures without dataflow go by URN.
    """
    in_message: dict[Ref, Artefact] = {artefact.ref: artefact for artefact in artefacts}
    available = {**(beside or {}), **in_message}
    limits = Limits(available.values())
    flows = [flow for flow in in_message.values() if isinstance(flow, Dataflow)]
    count = Counter(flow.ref.id for flow in flows)
    flows_by_name: dict[str, Flow] = {}
    for flow in flows:
        if (resolved := flow_of(flow, available, limits)) is not None:
            flows_by_name[flow.ref.id if count[flow.ref.id] == 1 else flow.ref.short] = resolved
    used_structures = {flow.structure.ref for flow in flows_by_name.values() if not flow.dataflow.constrained}
    for artefact in in_message.values():
        if isinstance(artefact, DataStructure) and artefact.ref not in used_structures:
            flow_ref = Ref("Dataflow", artefact.ref.agency, id=artefact.ref.id, version=artefact.ref.version)
            alone = flow_of(Dataflow(flow_ref, artefact.name, structure=artefact.ref), available, limits)
            flows_by_name |= {artefact.ref.urn: alone} if alone is not None else {}
    for agreement in in_message.values():
        if isinstance(agreement, Agreement):
            provided = known(available, agreement.flow)
            followed = flow_of(provided, available, limits) if isinstance(provided, Dataflow) else None
            flows_by_name |= {agreement.ref.urn: agreed(followed, agreement, limits)} if followed is not None else {}
    return flows_by_name


def as_agreed(flows: Mapping[str, Flow], artefacts: Iterable[Artefact], folders: Iterable[Path]) -> dict[str, Flow]:
    """Apply declared agreements; raises `DeclarationError` for two per dataflow."""
    files = {path.name for folder in folders for path in (folder / "agreements").rglob("*.toml")}
    agreed_flows: dict[str, Flow] = {}
    for agreement in artefacts:
        if not isinstance(agreement, Agreement) or agreement.place is None or agreement.place.file not in files:
            continue
        name = next((name for name, flow in flows.items() if flow.dataflow.ref == agreement.flow), "")
        if name in agreed_flows:
            hint = "Keep that under which this office sends its data."
            raise DeclarationError(f"There are two agreements about {name}.", agreement.place, hint)
        if flow := flows.get(agreement.ref.urn):
            agreed_flows[name] = replace(flow, dataflow=flows[name].dataflow)
    return agreed_flows


def agreed(flow: Flow, agreement: Agreement, limits: Limits) -> Flow:
    constraints = dict.fromkeys((*flow.constraints, *limits.under(agreement)))
    return replace(flow, constraints=tuple(constraints), provider=agreement.provider)


def flow_of(flow: Dataflow, available: Mapping[Ref, Artefact], limits: Limits) -> Flow | None:
    """Resolve a dataflow with known codelists and concepts; None without its structure."""
    structure = known(available, flow.structure)
    if not isinstance(structure, DataStructure) or structure.details.external:
        return None
    components: list[Component] = []
    codelists: dict[str, ItemScheme] = {}
    concepts: dict[str, Text] = {}
    for component in components_of(flow, structure):
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
    constraints = dict.fromkeys((*limits.on(structure.ref), *limits.on(flow.ref)))
    return Flow(
        flow,
        replace(structure, components=tuple(components)),
        codelists=codelists,
        concepts=concepts,
        constraints=tuple(constraints),
    )


def components_of(flow: Dataflow, structure: DataStructure) -> tuple[Component, ...]:
    if not flow.constrained:
        return structure.components
    left_out = {component.id for component in structure.of_role("dimension")}.difference(flow.constrained)
    return tuple(
        replace(component, dimensions=tuple(name for name in component.dimensions if name not in left_out))
        for component in structure.components
        if component.id not in left_out
    )
