"""Valid ids and versions in all SDMX versions."""

from __future__ import annotations

import re

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place

ID = re.compile(r"[A-Za-z0-9_@$-]+")
NC_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*")
VERSION = re.compile(r"\d+(\.\d+)?|(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?")

WITH_A_LETTER = (
    *("Codelist", "ConceptScheme", "CategoryScheme", "Concept", "Agency"),
    *("Component", "MetadataAttribute"),
)


def check_id(kind: str, name: str, place: Place | None) -> None:
    if kind in WITH_A_LETTER and not NC_NAME.fullmatch(name):
        hint = "It begins with a letter; letters, digits, _ and - follow."
        raise DeclarationError(f"“{name}” is not an id of a {kind}.", place, hint)
    if not ID.fullmatch(name):
        raise DeclarationError(f"“{name}” is not an id of a {kind}.", place, "It has letters, digits, _, -, @ and $.")


def check_agency(name: str, place: Place) -> None:
    if not AGENCY.fullmatch(name):
        raise DeclarationError(f"“{name}” is not an id of an agency.", place, "It begins with a letter.")


def check_version(version: str, place: Place) -> None:
    if not VERSION.fullmatch(version):
        raise DeclarationError(f"“{version}” is not a version.", place, "Write X.Y.Z, for a draft X.Y.Z-draft.")
