"""Schemas and structures valid in a context."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.formats.sdmx_json.schemas import json_data_schema
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SDMX_21, SDMX_31, data_namespace
from sdmxmig.sdmx.formats.sdmx_ml.standard_schema import standard_schema
from sdmxmig.sdmx.formats.sdmx_ml.xsd import data_schema, without_unknown_lists
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement, Artefact
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.transmission.pull.questions import SchemaQuestion, StructureQuestion, Wanted
from sdmxmig.transmission.pull.refusals import unacceptable, unknown, wrong
from sdmxmig.transmission.pull.shelf import codes_left
from sdmxmig.transmission.pull.structures import answer, part_of
from sdmxmig.transmission.pull.version_patterns import ALL, VersionPattern

WITHIN = (
    *("DataStructure", "MetadataStructure", "Codelist", "ValueList", "GeographicCodelist", "GeoGridCodelist"),
    *("ConceptScheme", "AgencyScheme"),
)


def context_of(holdings: Holdings, question: SchemaQuestion) -> Artefact:
    wanted = question.wanted
    versions = [pattern for pattern in wanted.versions if pattern.wildcard != ALL]
    if not len(wanted.agencies) == len(wanted.ids) == len(wanted.versions) == len(versions) == 1:
        raise wrong("A schema is of one artefact.", "Name one agency, one id and one version, such as ~ or 1.0.0.")
    artefacts = holdings.shelf.matching(question.wanted)
    if not artefacts:
        raise unknown("There is no such structure, flow or agreement here.", "Ask for structure?detail=allstubs.")
    return artefacts[-1]


def schema(holdings: Holdings, question: SchemaQuestion, version: str) -> bytes:
    """The schema of data as XML Schema, with the codes that constraints leave; `version` is that of SDMX-ML."""
    context, flow, at = asked_for(holdings, question)
    dialect = next(each for each in DIALECTS if each.id.endswith(version))
    namespace = data_namespace(flow, dialect, at, refers_to(context))
    known = without_unknown_lists(flow)[0]
    is_explicit = question.explicit and is_measure_dimension(known, at)
    if is_explicit and dialect != SDMX_21:
        raise unacceptable("Observations are typed by measures in SDMX-ML 2.1 only.", "Ask for version=2.1.")
    try:
        if dialect == SDMX_21 and is_explicit:
            return standard_schema(known, at, f"{namespace}:explicit", explicit=lists_of(holdings))
        if dialect == SDMX_21:
            return standard_schema(known, at, namespace)
        return data_schema(known, dialect, at, partial=question.deletion, namespace=namespace)
    except DeclarationError as error:
        raise unacceptable(error.message, error.hint) from error


def json_schema(holdings: Holdings, question: SchemaQuestion, version: str) -> bytes:
    context, flow, at = asked_for(holdings, question)
    name = f"{data_namespace(flow, SDMX_31, at, refers_to(context))}:sdmx-json:{version}"
    if question.explicit and is_measure_dimension(flow, at):
        raise unacceptable("Observations are typed by measures in SDMX-ML 2.1 only.", "Leave explicitMeasure away.")
    return json_data_schema(without_unknown_lists(flow)[0], version, at, name=name, partial=question.deletion)


def asked_for(holdings: Holdings, question: SchemaQuestion) -> tuple[Artefact, Flow, str]:
    context = context_of(holdings, question)
    flow = flow_of(holdings, context)
    structure = flow.structure
    at = question.at_observation or (structure.time.id if structure.time else ALL_DIMENSIONS)
    if at not in (*structure.key, ALL_DIMENSIONS):
        raise wrong(f"{structure.ref.short} has no dimension {at}.", f"It has {', '.join(structure.key)}.")
    return context, flow, at


def refers_to(context: Artefact) -> Ref | None:
    return None if context.ref.kind == "Dataflow" else context.ref


def is_measure_dimension(flow: Flow, name: str) -> bool:
    codelist = flow.codelists.get(name)
    return name in flow.structure.series_key and codelist is not None and codelist.ref.kind == "ConceptScheme"


def lists_of(holdings: Holdings) -> dict[Ref, ItemScheme]:
    artefacts = holdings.shelf.artefacts.values()
    return {artefact.ref: artefact for artefact in artefacts if isinstance(artefact, ItemScheme)}


def flow_of(holdings: Holdings, context: Artefact) -> Flow:
    """The dataflow of a context, with the codes alone that its constraints leave."""
    shelf = holdings.shelf
    chain = [context.ref]
    artefact: Artefact | None = context
    if isinstance(artefact, Agreement):
        artefact = shelf.artefacts.get(artefact.flow)
        chain += [artefact.ref] if artefact else []
    dataflow = artefact if isinstance(artefact, Dataflow) else None
    structure = shelf.artefacts.get(dataflow.structure) if dataflow else artefact
    if not isinstance(structure, DataStructure):
        raise unknown(f"The data structure of {context.ref.short} is not here.")
    chain.append(structure.ref)
    if dataflow is None:
        dataflow = Dataflow(replace(structure.ref, kind="Dataflow"), structure.name, structure=structure.ref)
    lists: dict[str, ItemScheme] = {}
    for component in structure.components:
        codelist = shelf.artefacts.get(component.codelist) if component.codelist else None
        if isinstance(codelist, ItemScheme):
            lists[component.id] = codelist
    flow = Flow(dataflow, structure, codelists=lists, concepts={})
    return replace(flow, codelists={name: limited(holdings, flow, name, chain) for name in lists})


def limited(holdings: Holdings, flow: Flow, name: str, chain: list[Ref]) -> ItemScheme:
    codelist = flow.codelists[name]
    constraints = [constraint for ref in chain for constraint in holdings.shelf.limits.on(ref)]
    codes = codes_left(flow, name, codelist, constraints) if constraints else set(codelist.ids)
    return codelist if len(codes) == len(codelist.items) else part_of(codelist, codes)


def structures(holdings: Holdings, question: SchemaQuestion) -> list[Artefact]:
    ref = context_of(holdings, question).ref
    wanted = Wanted(kinds=(ref.kind,), agencies=(ref.agency,), ids=(ref.id,), versions=(VersionPattern(ref.version),))
    asked = StructureQuestion(wanted=wanted, detail="referencepartial", references=("descendants",))
    artefacts = [artefact for artefact in answer(holdings.shelf, asked) if artefact.ref.kind in WITHIN]
    agencies = {artefact.ref.agency for artefact in artefacts} | {ref.agency}
    schemes = [artefact for artefact in holdings.shelf.artefacts.values() if artefact.ref.kind == "AgencyScheme"]
    for scheme in schemes:
        prefix = "" if scheme.ref.agency == "SDMX" else f"{scheme.ref.agency}."
        names = {item.id for item in getattr(scheme, "items", ()) if prefix + item.id in agencies}
        if names and isinstance(scheme, ItemScheme):
            artefacts.append(part_of(scheme, names))
    return list({artefact.ref: artefact for artefact in artefacts}.values())
