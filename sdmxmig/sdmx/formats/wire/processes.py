"""Wire tables of processes."""

from __future__ import annotations

from sdmxmig.sdmx.formats.wire import DESCRIPTION, MINOR_NOTES, NAME, NOTES, Field, Form, Key, Shape
from sdmxmig.sdmx.model.processes import Computation, ProcessStep, StepObject, Transition

PART_ID = "the id of a part of a step"
LOCAL_ID = Field("local_id", Form.ID, ml="@localID", what=PART_ID)

SHAPES: dict[Key, Shape] = {
    "Process": (Field("steps", Form.PARTS, ml="ProcessStep", of=ProcessStep),),
    ProcessStep: (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a step"),
        MINOR_NOTES,
        NAME,
        DESCRIPTION,
        Field("inputs", Form.PARTS, ml="Input", of=StepObject),
        Field("outputs", Form.PARTS, ml="Output", of=StepObject),
        Field("computation", Form.PART, ml="Computation", of=Computation),
        Field("transitions", Form.PARTS, ml="Transition", of=Transition),
        Field("steps", Form.PARTS, ml="ProcessStep", of=ProcessStep),
    ),
    StepObject: (
        LOCAL_ID,
        NOTES,
        Field("about", Form.REFERENCE, ml="ObjectReference", required=True),
    ),
    Computation: (
        LOCAL_ID,
        Field("package", Form.TEXT, ml="@softwarePackage"),
        Field("language", Form.TEXT, ml="@softwareLanguage"),
        Field("version", Form.TEXT, ml="@softwareVersion"),
        NOTES,
        Field(
            "description", Form.WORDS, ml="com:Description", needed=("a computation without words", "Say what it does.")
        ),
    ),
    Transition: (
        Field("id", Form.ID, ml="@id", what=PART_ID),
        LOCAL_ID,
        MINOR_NOTES,
        Field(
            "target",
            Form.LOCAL,
            ml="TargetStep",
            required=True,
            kinds=("ProcessStep",),
            pattern="NESTED_ID",
            what="the target of a transition",
        ),
        Field("condition", Form.WORDS, ml="Condition", needed=("the way to {target} without a condition", "Name one.")),
    ),
}
