"""Lookup of the dataflow that data refer to, directly or by data structure or provision agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sdmxmig.primitives.errors import InputError, UnknownStructure, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import ArtefactChoice, Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.versions import is_requested_version, parse_version

ANY = "*"
"""The key of the fallback flow for data with an unknown reference."""
FOLLOWED = {"Dataflow": "dataflow", "DataStructure": "data structure", "ProvisionAgreement": "provision agreement"}


class OtherFlow(InputError):  # noqa: N818 - the name says what it is
    """Rows of a text file that belong to another dataflow."""

    rows = 1


def find_flow(flows: Mapping[str, Flow], ref: Ref, place: Place | None = None) -> Flow:
    """Find the flow for a dataflow, data structure or provision agreement.

    If the agency is omitted, the first match is used; if the version is omitted, the newest. `Flow.chosen` records the
    choice. Versions also match in the notation of SDMX 2.1 (``1.0.0-draft`` matches ``1.0.0``). A data structure yields
    a flow with the id of the structure. An agreement matches an entry of `flows` under its URN, short name or id; an
    unknown agreement yields the dataflow of the same agency, id and version. Other unknown references yield the entry
    `ANY`. Known ones must agree with it.

    Raises `UnknownStructure` at `place` with the nearest known name, and `InputError` for a structure that contradicts
    itself or another dataflow than that of `ANY`.
    """
    try:
        flow = _check_wanted(
            _add_other_candidates(flows, ref, _find_known_flow(flows, ref, place)), flows.get(ANY), ref, place
        )
    except UnknownStructure:
        if ANY not in flows or ref.kind not in FOLLOWED:
            raise
        flow = flows[ANY]
        if ref.agency and ref.version:
            dataflow = replace(flow.dataflow, ref=ref) if ref.kind == "Dataflow" else flow.dataflow
            flow = replace(flow, dataflow=dataflow, chosen=None if flow.inferred else ArtefactChoice(ref))
    if wrong := explain_contradiction(flow.structure):
        message = f"The data structure {flow.structure.ref.short} contradicts itself: {wrong}."
        raise InputError(message, place, "Correct the structure first; data cannot use it.")
    return flow


def explain_unknown_agreement(flows: Mapping[str, Flow], dataset: Dataset) -> str:
    """Describe which dataflow was used for an unknown agreement; empty for known or requested ones."""
    ref, dataflow = dataset.refers_to, dataset.flow.dataflow.ref
    if (
        ref is None
        or (ANY in flows and not flows[ANY].inferred)
        or ref.kind != "ProvisionAgreement"
        or _find_agreement(flows, ref)
    ):
        return ""
    if (ref.agency, ref.id, ref.version) != (dataflow.agency, dataflow.id, dataflow.version):
        return ""
    sentence = f"There is no {FOLLOWED[ref.kind]} {_format_ref(ref)}: its data were treated as those of the dataflow"
    return f"{sentence} of the same name. It is unknown whether the agreement refers to that dataflow."


def explain_loose_name(flow: Flow) -> str:
    """Describe which dataflow was used if data omit agency or version, or name an unknown one; empty otherwise."""
    if flow.chosen is None:
        return ""
    ref = flow.chosen.requested
    left_out = " and ".join(name for name in ("agency", "version") if not getattr(ref, name))
    if not left_out:
        read = f"the data are read with {flow.structure.ref.short}"
        return f"The data name the {FOLLOWED[ref.kind]} {_format_ref(ref)}, but {read}."
    chosen = flow.structure.ref if ref.kind == "DataStructure" else flow.dataflow.ref
    others = ", ".join(alternative.short for alternative in flow.chosen.alternatives)
    sentence = (
        f"The data name the {FOLLOWED[ref.kind]} {_format_ref(ref)} without its {left_out}: {chosen.short} was used."
    )
    return f"{sentence} It might also be {others}." if others else sentence


def explain_missing_codelists(components: Iterable[str]) -> str:
    named = ", ".join(components)
    return f"The codelists of {named} are missing, so their codes were not checked; add them with --structure FILE."


def explain_contradiction(structure: DataStructure) -> str:
    """Describe a contradiction within a structure, such as a duplicate id, or return an empty text."""
    ids: set[str] = set()
    for component in structure.components:
        if component.id in ids:
            return f"it has two components {component.id}"
        ids.add(component.id)
    if len(structure.select_role("time")) > 1:
        return "it has two time dimensions"
    for group in structure.groups:
        for name in group.dimensions:
            if name not in structure.key:
                return f"its group {group.id} names {name}, which is not a dimension of it"
        if len(set(group.dimensions)) < len(group.dimensions):
            return f"its group {group.id} names a dimension twice"
    return ""


def _find_known_flow(flows: Mapping[str, Flow], ref: Ref, place: Place | None) -> Flow:
    if ref.kind not in FOLLOWED:
        hint = "Data follow a dataflow, a data structure or a provision agreement."
        raise UnknownStructure(f"No data can follow {ref.kind or 'something'} {_format_ref(ref)}.", place, hint)
    for name in (ref.urn, str(ref)):
        if name in flows:
            return flows[name]
    if ref.kind == "DataStructure":
        return _find_structure_flow(flows, ref, place)
    if ref.kind == "ProvisionAgreement":
        return _find_agreement_flow(flows, ref, place)
    if ref.short in flows:
        return flows[ref.short]
    flows_by_ref = {flow.dataflow.ref: flow for name, flow in flows.items() if not name.startswith("urn:")}
    newest = _find_newest(flows_by_ref, ref)
    if newest is None:
        raise _build_unknown_error(ref, flows_by_ref, place)
    return flows_by_ref[newest]


def _check_wanted(flow: Flow, wanted: Flow | None, ref: Ref, place: Place | None) -> Flow:
    if wanted is None or wanted.inferred or flow.id == wanted.id:
        return flow
    structure = wanted.structure.ref
    if flow.structure.ref == structure and (ref.kind == "DataStructure" or wanted.id == structure.id):
        return wanted if ref.kind == "DataStructure" else flow
    message = f"These are data of {FOLLOWED[ref.kind]} {_format_ref(ref)}, not of {wanted.id}."
    raise OtherFlow(message, place, "Leave out --flow, or correct the name in the data.")


def _find_agreement(flows: Mapping[str, Flow], ref: Ref) -> Flow | None:
    if ref.urn in flows:
        return flows[ref.urn]
    agreements = {Ref.parse(name): name for name in flows if ".ProvisionAgreement=" in name}
    if agreement := _find_newest(agreements, ref):
        return flows[agreements[agreement]]
    if ref.short in flows:
        return flows[ref.short]
    if ref.id in flows and ref.id != flows[ref.id].id:  # the id of a dataflow alone does not identify it
        return flows[ref.id]
    return None


def _find_agreement_flow(flows: Mapping[str, Flow], ref: Ref, place: Place | None) -> Flow:
    if known_flow := _find_agreement(flows, ref):
        return known_flow
    for flow in flows.values():
        if (flow.dataflow.ref.agency, flow.id, flow.dataflow.ref.version) == (ref.agency, ref.id, ref.version):
            return flow
    hint = "Give the agreement with its dataflow, or name the dataflow in the data."
    raise UnknownStructure(f"There is no {FOLLOWED[ref.kind]} {_format_ref(ref)}.", place, hint)


def _find_structure_flow(flows: Mapping[str, Flow], ref: Ref, place: Place | None) -> Flow:
    whole_last = sorted(flows.values(), key=lambda flow: not flow.dataflow.constrained)
    flows_by_ref = {flow.structure.ref: flow for flow in (*flows.values(), *whole_last)}
    structure_ref = _find_newest(flows_by_ref, ref)
    if structure_ref is None:
        raise _build_unknown_error(ref, flows_by_ref, place)
    flow = flows_by_ref[structure_ref]
    dataflow_ref = Ref("Dataflow", structure_ref.agency, id=structure_ref.id, version=structure_ref.version)
    limits = tuple(
        constraint
        for constraint in flow.constraints
        if any(replace(ref, version=structure_ref.version) == structure_ref for ref in constraint.attached)
    )
    dataflow = Dataflow(dataflow_ref, flow.structure.name, structure=structure_ref)
    return replace(flow, dataflow=dataflow, constraints=limits, provider=None)


def _add_other_candidates(flows: Mapping[str, Flow], ref: Ref, flow: Flow) -> Flow:
    """Add to a flow the other candidates, if an agency or version was omitted."""
    if (ref.version and ref.agency) or flow.inferred:
        return flow
    candidates = {
        "Dataflow": [(flow.dataflow.ref, flow.dataflow.ref) for flow in flows.values()],
        "DataStructure": [(flow.structure.ref, flow.structure.ref) for flow in flows.values()],
        "ProvisionAgreement": [
            (Ref.parse(name), flow.dataflow.ref) for name, flow in flows.items() if ".ProvisionAgreement=" in name
        ],
    }[ref.kind]
    chosen_ref = flow.structure.ref if ref.kind == "DataStructure" else flow.dataflow.ref
    others = dict.fromkeys(followed for name, followed in candidates if _is_named(name, ref) and followed != chosen_ref)
    return replace(flow, chosen=ArtefactChoice(ref, tuple(sorted(others))))


def _is_named(candidate: Ref, ref: Ref) -> bool:
    if candidate.id != ref.id or ref.agency not in ("", candidate.agency):
        return False
    return ref.version in ("", candidate.version.removesuffix("-draft")) or is_requested_version(
        ref.version, candidate.version
    )


def _find_newest(candidates: Iterable[Ref], ref: Ref) -> Ref | None:
    fitting = [candidate for candidate in candidates if _is_named(candidate, ref)]
    # Versions of different agencies do not compare; the artefacts that came with the data are the first.
    fitting = [candidate for candidate in fitting if candidate.agency == fitting[0].agency]
    exact = [candidate for candidate in fitting if candidate.version == ref.version]
    return max(
        exact or fitting, key=lambda candidate: (parse_version(candidate.version), not candidate.is_draft), default=None
    )


def _format_ref(ref: Ref) -> str:
    version = f"({ref.version})" if ref.version else ""
    return f"“{ref.agency + ':' if ref.agency else ''}{ref.id}{version}”"


def _build_unknown_error(ref: Ref, candidates: Iterable[Ref], place: Place | None) -> UnknownStructure:
    kind = FOLLOWED[ref.kind]
    whole = bool(ref.version and ref.agency)
    names = sorted({candidate.short if whole else candidate.id for candidate in candidates})
    hint = did_you_mean(ref.short if whole else ref.id, names) or f"No {kind} is known here."
    return UnknownStructure(f"There is no {kind} {_format_ref(ref)}.", place, hint)
