"""Problems of a message, including those found by schema validation."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import later
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.detection import Detected
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.xml_repair import mended_text

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_json import schema_validation
    from sdmxmig.sdmx.formats.sdmx_ml import xsd
else:
    schema_validation = later("sdmxmig.sdmx.formats.sdmx_json.schema_validation")
    xsd = later("sdmxmig.sdmx.formats.sdmx_ml.xsd")

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a message, and where.

    `severity` is ``error``, or ``warning`` for what deviates from the standard but is read as it is meant.
    """

    place: Place
    message: str
    _: KW_ONLY
    severity: str = ERROR


@dataclass(slots=True)
class Schema:
    """The result of schema validation, with the checks that could not be run."""

    problems: list[Problem] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


def schema_of(name: str, content: bytes, detected: Detected) -> Schema:
    """Validate a message with its official schema, if any; problems come in file order."""
    if detected.format.startswith("sdmx-ml-"):
        judgement = xsd.validate(content, {})
        if judgement.problems and judgement.problems[0][1].startswith(xsd.NOT_WELL_FORMED):
            mended = xsd.validate(mended_text(name, content, Faults()), {})
            judgement = mended if not mended.problems or mended.problems != judgement.problems else judgement
        return Schema([Problem(Place(name, line=line), message) for line, message in judgement.problems])
    if detected.format.startswith("sdmx-json-") and detected.kind in ("structure", "metadata"):
        try:
            schema_problems = schema_validation.problems(
                name, content, detected.format.removeprefix("sdmx-json-"), detected.kind
            )
        except InputError:  # the reading tells of it
            return Schema()
        return Schema([Problem(Place(name, key=key), message) for key, message in schema_problems])
    return Schema()
