"""Processes with their steps."""

from __future__ import annotations

from lxml import etree

from sdmxmig.formats.sdmx_ml.elements import add_texts
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.model.processes import Computation, Process, ProcessStep, StepObject, Transition


def add_process(writing: Writing, holder: etree._Element, process: Process) -> None:
    """Add a process with its steps."""
    element = start(writing, holder)
    for step in process.steps:
        add_step(writing, element, step)


def add_step(writing: Writing, holder: etree._Element, step: ProcessStep) -> None:
    """Add a step with those below it."""
    element = writing.add(holder, "ProcessStep", attributes={"id": step.id})
    writing.notes(element, step.annotations)
    writing.names(element, step.id, step.name, step.description)
    for name, objects in (("Input", step.inputs), ("Output", step.outputs)):
        for step_object in objects:
            add_object(writing, element, name, step_object)
    if step.computation:
        add_computation(writing, element, step.computation)
    for transition in step.transitions:
        add_transition(writing, element, transition)
    for child in step.steps:
        add_step(writing, element, child)


def add_object(writing: Writing, holder: etree._Element, name: str, one: StepObject) -> None:
    """Add what a step takes or gives."""
    element = writing.add(holder, name, attributes={"localID": one.local_id})
    writing.notes(element, one.annotations)
    writing.reference(element, "ObjectReference", one.about)


def add_computation(writing: Writing, holder: etree._Element, computation: Computation) -> None:
    """Add what a step does."""
    if not computation.description:
        raise writing.refusal("a computation without words", "Say what it does.")
    own = {
        "localID": computation.local_id,
        "softwarePackage": computation.package,
        "softwareLanguage": computation.language,
        "softwareVersion": computation.version,
    }
    element = writing.add(holder, "Computation", attributes=own)
    writing.notes(element, computation.annotations)
    add_texts(element, writing.dialect.common, "Description", computation.description)


def add_transition(writing: Writing, holder: etree._Element, transition: Transition) -> None:
    """Add where a step leads, and under which condition."""
    if not transition.condition:
        raise writing.refusal(f"the way to {transition.target} without a condition", "Name one.")
    element = writing.add(holder, "Transition", attributes={"id": transition.id, "localID": transition.local_id})
    writing.notes(element, transition.annotations)
    writing.local(element, "TargetStep", transition.target)
    add_texts(element, writing.dialect.structure, "Condition", transition.condition)
