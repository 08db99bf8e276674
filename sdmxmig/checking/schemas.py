"""What the official schemas say of messages that are held whole."""

from __future__ import annotations

from sdmxmig.checking.problems import Problem, Schema
from sdmxmig.errors import InputError
from sdmxmig.formats.detection import Detected
from sdmxmig.formats.faults import Faults
from sdmxmig.places import Place


def schema_of(name: str, content: bytes, detected: Detected) -> Schema:
    """What the official schema of the message says, in the order of the file; where there is none, nothing."""
    if detected.format.startswith("sdmx-ml-"):
        from sdmxmig.formats.mending import mended_text
        from sdmxmig.formats.sdmx_ml import xsd

        judgement = xsd.judge(content, {})
        if judgement.problems and judgement.problems[0][1].startswith(xsd.NOT_WELL_FORMED):
            mended = xsd.judge(mended_text(name, content, Faults()), {})
            judgement = mended if not mended.problems or mended.problems != judgement.problems else judgement
        return Schema([Problem(Place(name, line=line), message) for line, message in judgement.problems])
    if detected.format.startswith("sdmx-json-") and detected.kind in ("structure", "metadata"):
        from sdmxmig.formats.sdmx_json import schema_validation

        try:
            schema_problems = schema_validation.problems(
                name, content, detected.format.removeprefix("sdmx-json-"), detected.kind
            )
        except InputError:  # the reading tells of it
            return Schema()
        return Schema([Problem(Place(name, key=key), message) for key, message in schema_problems])
    return Schema()
