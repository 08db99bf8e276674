"""Processes with their steps."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.notes import annotations_of, heading, minor_notes
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.model.processes import Computation, Process, ProcessStep, StepObject, Transition


def process(part: Part, kind: str) -> Process:
    """A process with its steps."""
    head = heading(part, kind)
    steps = tuple(step(one) for one in part.parts("processSteps"))
    part.close()
    return Process(
        steps=steps,
        **head.shared(),
    )


def step(part: Part) -> ProcessStep:
    """A step with those below it."""
    what = part.part("computation")
    found = ProcessStep(
        part.matched("id", words.ID, needed=True),
        part.words("name"),
        description=part.words("description"),
        inputs=tuple(step_object(one) for one in part.parts("inputs")),
        outputs=tuple(step_object(one) for one in part.parts("outputs")),
        computation=computation(what) if what else None,
        transitions=tuple(transition(one) for one in part.parts("transitions")),
        steps=tuple(step(one) for one in part.parts("processSteps")),
        annotations=minor_notes(part),
    )
    part.close()
    return found


def step_object(part: Part) -> StepObject:
    """What a step takes or gives."""
    about = part.reference("objectReference")
    if about is None:
        raise part.error("“objectReference” is missing.")
    found = StepObject(about, part.matched("localID", words.ID), annotations=annotations_of(part))
    part.close()
    return found


def computation(part: Part) -> Computation:
    """What a step does."""
    package, language, version = (part.text(name) for name in words.SOFTWARE)
    own = part.matched("localID", words.ID)
    found = Computation(
        part.words("description"),
        own,
        package=package,
        language=language,
        version=version,
        annotations=annotations_of(part),
    )
    part.close()
    return found


def transition(part: Part) -> Transition:
    """Where a step leads; SDMX-JSON 1.0 names the step by its URN."""
    if part.message.is_old and part.text("targetStep").startswith("urn:"):
        step_ref = part.reference("targetStep", "ProcessStep")
        target = step_ref.item if step_ref else ""
    else:
        target = part.matched("targetStep", words.NESTED_ID, needed=True)
    own, local_id = part.matched("id", words.ID), part.matched("localID", words.ID)
    found = Transition(target, part.words("condition"), id=own, local_id=local_id, annotations=minor_notes(part))
    part.close()
    return found
