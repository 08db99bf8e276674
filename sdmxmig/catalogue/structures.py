"""Data structures and dataflows from TOML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Component, Dataflow, DataStructure, ItemScheme, Text
from sdmxmig.model.data import Flow
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact
from sdmxmig.places import Place

ATTACHMENTS = ("dataset", "series", "observation")


def read_data_structure(declared: Declared, schemes: Mapping[Ref, ItemScheme]) -> DataStructure:
    """A data structure definition from its TOML file; its references are looked up in the item schemes.

    Raises `DeclarationError` for an unknown key, concept or codelist, naming the nearest.
    """
    default = declared.text("concepts", "")
    components = [component_of(one, "dimension", default, schemes) for one in declared.tables("dimension")]
    time = declared.table("time")
    if time.values:
        components.append(component_of(time, "time", default, schemes))
    components += [component_of(one, "measure", default, schemes) for one in declared.tables("measure")]
    components += [component_of(one, "attribute", default, schemes) for one in declared.tables("attribute")]
    structure = DataStructure(
        ref_of(declared, "DataStructure"),
        declared.texts("name", required=True),
        tuple(components),
        declared.texts("description"),
        declared.text("status"),
        declared.text("source"),
        place=declared.place,
    )
    declared.close()
    check_unique(structure)
    return structure


def component_of(declared: Declared, role: str, default: str, schemes: Mapping[Ref, ItemScheme]) -> Component:
    """One component; its concept is that of the same id unless named, its list that of the concept unless named."""
    component_id = declared.text("id")
    concept = Ref.parse(declared.text("concept", f"{default}.{component_id}"), kind="Concept")
    scheme = look_up(Ref("ConceptScheme", concept.agency, concept.id, concept.version), schemes, declared)
    if concept.item not in scheme:
        hint = did_you_mean(concept.item, scheme.ids)
        raise DeclarationError(f"There is no concept “{concept.item}” in {scheme.ref.short}.", declared.place, hint)
    codelist, data_type = representation(declared, scheme, concept)
    if codelist:
        look_up(codelist, schemes, declared)
    attachment = declared.text("attachment", "observation") if role == "attribute" else ""
    if attachment and attachment not in ATTACHMENTS:
        hint = f"Write one of: {', '.join(ATTACHMENTS)}."
        raise DeclarationError(f"“{attachment}” is not an attachment.", declared.at("attachment"), hint)
    facets = declared.table("facets").values
    component = Component(
        component_id,
        role,
        concept,
        codelist,
        data_type,
        tuple((name, str(value)) for name, value in facets.items()),
        declared.flag("mandatory", default=role != "attribute"),
        attachment,
    )
    declared.close()
    return component


def representation(declared: Declared, scheme: ItemScheme, concept: Ref) -> tuple[Ref | None, str]:
    """The codelist or data type of a component: its own if it names one, else that of its concept."""
    own, own_type = declared.text("codelist", ""), declared.text("type", "")
    if own:
        return Ref.parse(own, kind="Codelist"), ""
    if own_type:
        return None, own_type
    item = scheme[concept.item]
    return item.codelist, "" if item.codelist else item.data_type or "String"


def read_dataflow(declared: Declared) -> Dataflow:
    """A dataflow from its TOML file."""
    flow = Dataflow(
        ref_of(declared, "Dataflow"),
        declared.texts("name", required=True),
        Ref.parse(declared.text("structure"), kind="DataStructure"),
        declared.texts("description"),
        declared.text("status"),
        declared.text("source"),
        declared.strings("rules"),
        place=declared.place,
    )
    declared.close()
    return flow


def resolve(flow: Dataflow, structures: Mapping[Ref, DataStructure], schemes: Mapping[Ref, ItemScheme]) -> Flow:
    """A dataflow together with its structure, codelists and the names of its concepts."""
    if flow.structure not in structures:
        hint = did_you_mean(flow.structure.short, [ref.short for ref in structures])
        place = Place(flow.place.file, key="structure") if flow.place else None
        raise DeclarationError(f"There is no data structure {flow.structure.short}.", place, hint)
    structure = structures[flow.structure]
    codelists = {c.id: schemes[c.codelist] for c in structure.components if c.codelist}
    concepts: dict[str, Text] = {}
    for component in structure.components:
        scheme = schemes[
            Ref("ConceptScheme", component.concept.agency, component.concept.id, component.concept.version)
        ]
        concepts[component.id] = scheme[component.concept.item].name
    return Flow(flow, structure, codelists, concepts)


def flows_from(artefacts: Iterable[Artefact]) -> dict[str, Flow]:
    """The dataflows of a structure message with what they refer to, by id; several of one id go by their full name.

    A dataflow whose structure is not among the artefacts is left out. Codelists and concepts that are missing are
    missing in the flow as well; a component without a list or type of its own takes those of its concept.
    """
    known: dict[Ref, Artefact] = {artefact.ref: artefact for artefact in artefacts}
    flows = [flow for flow in known.values() if isinstance(flow, Dataflow)]
    count = Counter(flow.ref.id for flow in flows)
    found: dict[str, Flow] = {}
    for flow in flows:
        structure = known.get(flow.structure)
        if isinstance(structure, DataStructure):
            found[flow.ref.id if count[flow.ref.id] == 1 else flow.ref.short] = flow_of(flow, structure, known)
    return found


def flow_of(flow: Dataflow, structure: DataStructure, known: Mapping[Ref, Artefact]) -> Flow:
    """A dataflow with those codelists and concepts of its structure that are known."""
    components: list[Component] = []
    codelists: dict[str, ItemScheme] = {}
    concepts: dict[str, Text] = {}
    for component in structure.components:
        scheme = known.get(component.concept.scheme)
        items = scheme.items if isinstance(scheme, ItemScheme) else ()
        concept = next((item for item in items if item.id == component.concept.item), None)
        if concept:
            concepts[component.id] = concept.name
            if not component.codelist and not component.data_type:
                core = concept.codelist, concept.data_type, concept.facets
                component = replace(component, codelist=core[0], data_type=core[1], facets=core[2])  # noqa: PLW2901
        components.append(component)
        codelist = known.get(component.codelist) if component.codelist else None
        if isinstance(codelist, ItemScheme):
            codelists[component.id] = codelist
    return Flow(flow, replace(structure, components=tuple(components)), codelists, concepts)


def ref_of(declared: Declared, kind: str) -> Ref:
    """The identity that a declaration gives itself."""
    return Ref(kind, declared.text("agency"), declared.text("id"), declared.text("version"))


def look_up(ref: Ref, schemes: Mapping[Ref, ItemScheme], declared: Declared) -> ItemScheme:
    """A scheme by its name, or a `DeclarationError` with the nearest one."""
    if ref not in schemes:
        hint = did_you_mean(ref.short, [known.short for known in schemes if known.kind == ref.kind])
        raise DeclarationError(f"There is no {ref.kind} {ref.short}.", declared.place, hint)
    return schemes[ref]


def check_unique(structure: DataStructure) -> None:
    """Refuse a structure in which two components have one id."""
    ids = [component.id for component in structure.components]
    for component_id in ids:
        if ids.count(component_id) > 1:
            raise DeclarationError(f"The component “{component_id}” stands twice.", structure.place)
