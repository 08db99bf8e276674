"""SDMX processes and their steps."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Annotation, Maintainable, Text
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True)
class StepObject:
    """An artefact, or a part of one, that a step takes or gives; `local_id` names it among the step's others."""

    about: Ref
    local_id: str = ""
    _: KW_ONLY
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Computation:
    description: Text
    local_id: str = ""
    _: KW_ONLY
    package: str = ""
    language: str = ""
    version: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """Where a step leads under a condition: to the step `target`, by its path such as ``S1.S2``."""

    target: str
    condition: Text
    _: KW_ONLY
    id: str = ""
    local_id: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """A step of a process, with those below it."""

    id: str
    name: Text
    _: KW_ONLY
    description: Text = Text()
    inputs: tuple[StepObject, ...] = ()
    outputs: tuple[StepObject, ...] = ()
    computation: Computation | None = None
    transitions: tuple[Transition, ...] = ()
    steps: tuple[ProcessStep, ...] = ()
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Process(Maintainable):
    """A process with its steps."""

    _: KW_ONLY
    steps: tuple[ProcessStep, ...] = ()
