"""The error for what a version of SDMX cannot express."""

from __future__ import annotations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.structures import Artefact


def cannot_express(version: str, artefact: Artefact, what: str, hint: str = "") -> SdmxmigError:
    """The error for something about an artefact that a version (``SDMX-ML 2.1`` …) cannot express, and what to do."""
    name = f"{artefact.ref.kind} {artefact.ref.short}"
    return SdmxmigError(
        f"{version} cannot express {what} of {name}.", artefact.place, hint or "Leave it out, or change it."
    )
