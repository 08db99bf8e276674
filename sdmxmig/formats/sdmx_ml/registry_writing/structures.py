"""Structures that are submitted to a registry, and what became of them."""

from __future__ import annotations

from lxml import etree

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.sdmx_ml.elements import add
from sdmxmig.formats.sdmx_ml.registry_writing.dialogue import Dialogue
from sdmxmig.formats.sdmx_ml.structure_writing import add_collections
from sdmxmig.model.messages import StructureAnswer, StructureSubmission, SubmittedStructure


def add_submission(dialogue: Dialogue, element: etree._Element, submission: StructureSubmission) -> None:
    """Add structures, or where they are.

    Raises `SdmxmigError` for both at once, and as `write_structures` does.
    """
    if submission.location and submission.artefacts:
        hint = "Send the artefacts, or name the place where they are."
        raise SdmxmigError("A submission holds artefacts and also the address where they are.", hint=hint)
    element.set("action", dialogue.needed_action(submission.action))
    element.set("externalDependencies", "true" if submission.external_dependencies else "false")
    if submission.location:
        dialogue.add(element, "StructureLocation", dialogue.address(submission.location))
    else:
        add_collections(add(element, dialogue.dialect.structure, "Structures"), submission.artefacts, dialogue.dialect)
    for submitted_structure in submission.exceptions:
        add_submitted(dialogue, element, submitted_structure)


def add_submitted(dialogue: Dialogue, element: etree._Element, submitted_structure: SubmittedStructure) -> None:
    """Add one artefact and what is done with it."""
    attributes = {"action": dialogue.action(submitted_structure.action)}
    if submitted_structure.external_dependencies is not None:
        attributes["externalDependencies"] = "true" if submitted_structure.external_dependencies else "false"
    dialogue.reference(
        dialogue.add(element, "SubmittedStructure", attributes=attributes),
        "MaintainableObject",
        submitted_structure.artefact,
    )


def add_answer(dialogue: Dialogue, element: etree._Element, answer: StructureAnswer) -> None:
    """Add what became of each artefact."""
    for result in answer.results:
        holder = dialogue.add(element, "SubmissionResult")
        add_submitted(dialogue, holder, result.structure)
        dialogue.status(holder, result.status)
