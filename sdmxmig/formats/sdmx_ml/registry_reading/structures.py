"""Structures that are submitted to a registry, and what became of them."""

from __future__ import annotations

from sdmxmig.formats.faults import each
from sdmxmig.formats.sdmx_ml.registry_reading.statuses import action_of, status_of
from sdmxmig.formats.sdmx_ml.structure_reading.item_schemes import read_items
from sdmxmig.formats.sdmx_ml.structure_reading.message import completed
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.readers import READERS
from sdmxmig.formats.sdmx_ml.structure_reading.records import read_fields
from sdmxmig.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.formats.sdmx_ml.structure_reading.walk import collections
from sdmxmig.model.messages import StructureAnswer, StructureResult, StructureSubmission, SubmittedStructure
from sdmxmig.model.references import ITEM_KINDS
from sdmxmig.model.structures import Artefact


def read_submission(part: Part) -> StructureSubmission:
    """Structures that are submitted, or where they are."""
    action = action_of(part, part.attribute("action", "Append"))
    external = part.flag("externalDependencies")
    location, holder = part.text("reg:StructureLocation"), part.part("Structures")
    if not location and holder is None:
        raise part.error("has neither structures nor the address where they are.")
    exceptions = tuple(part.each(submitted, "reg:SubmittedStructure"))
    part.close()
    artefacts = artefacts_in(holder) if holder else ()
    return StructureSubmission(
        artefacts, location, action=action, external_dependencies=external, exceptions=exceptions
    )


def artefacts_in(holder: Part) -> tuple[Artefact, ...]:
    """The artefacts of all collections, in the order in which they stand there."""
    known = collections(holder.message.version)
    artefacts: list[Artefact] = []
    for name, collection in holder.children():
        if name not in known:
            collection.wrong(f"does not belong in <{holder.name}>.")
            continue
        artefact_parts = []
        for kind, part in collection.children():
            if kind in known[name]:
                artefact_parts.append(part)
            else:
                part.wrong(f"does not belong in <{collection.name}>.")
        collection.close()
        artefacts += each(holder.message.faults, artefact_of, artefact_parts)
    holder.close()
    return completed(tuple(artefacts), holder.message)


def artefact_of(part: Part) -> Artefact:
    """One artefact, whole."""
    item = ITEM_KINDS.get(part.name, "")
    part.message.items = [record for child in part.parts(item) for record in read_items(child, item, read_fields)]
    return READERS[part.name](part)


def read_answer(part: Part) -> StructureAnswer:
    """What became of structures that were submitted."""
    answer = StructureAnswer(tuple(part.each(result, "reg:SubmissionResult")))
    part.close()
    return answer


def result(part: Part) -> StructureResult:
    """What became of one artefact."""
    structure_result = StructureResult(
        submitted(part.one("reg:SubmittedStructure")), status_of(part.one("reg:StatusMessage"))
    )
    part.close()
    return structure_result


def submitted(part: Part) -> SubmittedStructure:
    """One artefact and what is done with it."""
    flag_text = part.element.get("externalDependencies")
    external = part.flag("externalDependencies")
    action = action_of(part, part.attribute("action"))
    structure = SubmittedStructure(
        reference(part.one("reg:MaintainableObject"), ""), action, external_dependencies=external if flag_text else None
    )
    part.close()
    return structure
