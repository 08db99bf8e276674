"""Processes with their steps."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, minor_notes
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.references import local_id, reference
from sdmxmig.model.processes import Computation, Process, ProcessStep, StepObject, Transition


def read_process(part: Part) -> Process:
    """A process with its steps."""
    head = heading(part, "Process")
    steps = tuple(step(one) for one in part.parts("ProcessStep"))
    part.close()
    return Process(
        steps=steps,
        **head.shared(),
    )


def step(part: Part) -> ProcessStep:
    """A step with those below it."""
    what = part.part("Computation")
    found = ProcessStep(
        part.checked_id(part.needed("id")),
        part.words("com:Name"),
        description=part.words("com:Description"),
        inputs=tuple(step_object(one) for one in part.parts("Input")),
        outputs=tuple(step_object(one) for one in part.parts("Output")),
        computation=computation(what) if what else None,
        transitions=tuple(transition(one) for one in part.parts("Transition")),
        steps=tuple(step(one) for one in part.parts("ProcessStep")),
        annotations=minor_notes(part),
    )
    part.close()
    return found


def step_object(part: Part) -> StepObject:
    """What a step takes or gives."""
    about = reference(part.one("ObjectReference"), "")
    found = StepObject(about, part.attribute("localID"), annotations=annotations_of(part))
    part.close()
    return found


def computation(part: Part) -> Computation:
    """What a step does."""
    found = Computation(
        part.words("com:Description"),
        part.attribute("localID"),
        package=part.attribute("softwarePackage"),
        language=part.attribute("softwareLanguage"),
        version=part.attribute("softwareVersion"),
        annotations=annotations_of(part),
    )
    part.close()
    return found


def transition(part: Part) -> Transition:
    """Where a step leads, and under which condition."""
    found = Transition(
        local_id(part.one("TargetStep")),
        part.words("Condition"),
        id=part.attribute("id"),
        local_id=part.attribute("localID"),
        annotations=minor_notes(part),
    )
    part.close()
    return found
