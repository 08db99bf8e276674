"""Legal names: the ids and versions that every version of SDMX takes."""

from __future__ import annotations

import re

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place

ID = re.compile(r"[A-Za-z0-9_@$-]+")
NC_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*")
VERSION = re.compile(r"\d+(\.\d+)?|(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?")
"""Two numbers as before SDMX 3, or a semantic version: three numbers, for a draft with a suffix."""

WITH_A_LETTER = (
    *("Codelist", "ConceptScheme", "CategoryScheme", "Concept", "Agency"),
    *("Component", "MetadataAttribute"),
)
"""The kinds whose ids begin with a letter and have neither @ nor $, in one version of SDMX or another."""


def check_id(kind: str, name: str, place: Place | None) -> None:
    """Refuse an id that SDMX does not allow for this kind of artefact or item."""
    if kind in WITH_A_LETTER and not NC_NAME.fullmatch(name):
        hint = "It begins with a letter; letters, digits, _ and - follow."
        raise DeclarationError(f"“{name}” is not an id of a {kind}.", place, hint)
    if not ID.fullmatch(name):
        raise DeclarationError(f"“{name}” is not an id of a {kind}.", place, "It has letters, digits, _, -, @ and $.")


def check_agency(name: str, place: Place) -> None:
    """Refuse an id that no agency can have."""
    if not AGENCY.fullmatch(name):
        raise DeclarationError(f"“{name}” is not an id of an agency.", place, "It begins with a letter.")


def check_version(version: str, place: Place) -> None:
    """Refuse what is no version."""
    if not VERSION.fullmatch(version):
        raise DeclarationError(f"“{version}” is not a version.", place, "Write X.Y.Z, for a draft X.Y.Z-draft.")
