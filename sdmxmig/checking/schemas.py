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
        from sdmxmig.formats.sdmx_ml import xsd
        from sdmxmig.formats.xml_repair import mended_text

        judged = xsd.validate(content, {})
        if judged.problems and judged.problems[0][1].startswith(xsd.NOT_WELL_FORMED):
            mended = xsd.validate(mended_text(name, content, Faults()), {})
            judged = mended if not mended.problems or mended.problems != judged.problems else judged
        return Schema([Problem(Place(name, line=line), message) for line, message in judged.problems])
    if detected.format.startswith("sdmx-json-") and detected.kind in ("structure", "metadata"):
        from sdmxmig.formats.sdmx_json import schema_validation

        try:
            found = schema_validation.problems(name, content, detected.format.removeprefix("sdmx-json-"), detected.kind)
        except InputError:  # the reading tells of it
            return Schema()
        return Schema([Problem(Place(name, key=key), message) for key, message in found])
    return Schema()
