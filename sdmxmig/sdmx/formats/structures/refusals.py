"""The error for content that a version does not support."""

from __future__ import annotations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.structures import Artefact


def cannot_express(version: str, artefact: Artefact, what: str, hint: str = "") -> SdmxmigError:
    name = f"{artefact.ref.kind} {artefact.ref.short}"
    return SdmxmigError(
        f"{version} cannot express {what} of {name}.", artefact.place, hint or "Leave it out, or change it."
    )
