"""Study requests in ``region.toml``."""

from __future__ import annotations

import re

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.region import PeerGroup, StudyRequest

FILE = "region.toml"
AREA = re.compile(r"^[A-Z]{2}$")


def read_request(name: str, content: bytes) -> StudyRequest:
    """Read ``region.toml``: ``[region]``, ``[[peers]]``, ``[[translation]]``.

    Paths are relative to the file. Raises `DeclarationError` with the key.
    """
    declared = Declared.parse(name, content)
    region = declared.table("region", required=True)
    request = StudyRequest(
        region.texts("name", required=True),
        region.strings("workspaces", None),
        groups=tuple(group_of(entry, number) for number, entry in enumerate(declared.tables("peers"), start=1)),
        language=region.text("language", ""),
        translations=dict(translation_of(entry) for entry in declared.tables("translation")),
    )
    region.close()
    declared.close()
    return request


def translation_of(declared: Declared) -> tuple[str, Text]:
    translation = declared.text("text"), declared.texts("name", required=True)
    declared.close()
    return translation


def group_of(declared: Declared, number: int) -> PeerGroup:
    """One group that the authors of the study chose."""
    areas = declared.strings("areas", None)
    for area in areas:
        if not AREA.fullmatch(area):
            hint = "Write the two capital letters of ISO 3166-1, such as GE."
            raise DeclarationError(f"“{area}” is not the code of a country.", declared.at("areas"), hint)
    if len(set(areas)) < 2:
        raise DeclarationError("A group of peers has two countries or more.", declared.at("areas"))
    group = PeerGroup(
        f"CHOSEN.{number}",
        "chosen",
        name=declared.texts("name", required=True),
        areas=tuple(sorted(set(areas))),
        source=declared.text("source", ""),
    )
    declared.close()
    return group
