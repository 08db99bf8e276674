"""Processes with their steps."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.model.processes import Computation, Process, ProcessStep, StepObject, Transition


def process(writing: Writing, given: Process) -> Json:
    """A process with its steps."""
    found = start(writing)
    return found | (
        {"processSteps": [step(writing, process_step) for process_step in given.steps]} if given.steps else {}
    )


def step(writing: Writing, given: ProcessStep) -> Json:
    """A step with those below it."""
    found: Json = {"id": writing.checked(given.id, words.ID, "the id of a step")}
    found |= {**writing.names(given.name, given.description, given.id), **writing.notes(given.annotations)}
    for name, objects in (("inputs", given.inputs), ("outputs", given.outputs)):
        if objects:
            found[name] = [step_object(writing, one) for one in objects]
    if given.computation:
        found["computation"] = computation(writing, given.computation)
    if given.transitions:
        found["transitions"] = [transition(writing, one) for one in given.transitions]
    if given.steps:
        found["processSteps"] = [step(writing, process_step) for process_step in given.steps]
    return found


def own_id(writing: Writing, name: str, text: str) -> Json:
    """The id of a part of a step, if it has one."""
    return {name: writing.checked(text, words.ID, "the id of a part of a step")} if text else {}


def step_object(writing: Writing, given: StepObject) -> Json:
    """What a step takes or gives."""
    found = {**own_id(writing, "localID", given.local_id), **writing.notes(given.annotations)}
    return found | {"objectReference": writing.urn(given.about)}


def computation(writing: Writing, given: Computation) -> Json:
    """What a step does."""
    if not given.description:
        raise writing.refusal("a computation without words", "Say what it does.")
    software = zip(words.SOFTWARE, (given.package, given.language, given.version), strict=True)
    found = {**own_id(writing, "localID", given.local_id), **{name: text for name, text in software if text}}
    return found | writing.notes(given.annotations) | writing.texts("description", given.description)


def transition(writing: Writing, given: Transition) -> Json:
    """Where a step leads, and under which condition."""
    if not given.condition:
        raise writing.refusal(f"the way to {given.target} without a condition", "Name one.")
    found = {**own_id(writing, "id", given.id), **own_id(writing, "localID", given.local_id)}
    found |= writing.notes(given.annotations)
    found["targetStep"] = writing.checked(given.target, words.NESTED_ID, "the target of a transition")
    return found | writing.texts("condition", given.condition)
