"""SDMX-ML 1.0: its elements and attributes get the names of 2.0, whose readers then read them.

An artefact that does not say its agency has the sender of the message for one, as the registries of later versions ask
for.
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.version_20_records import read_record
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

NAMES = {"agency": "agencyID", "concept": "conceptRef", "TextType": "textType", "length": "maxLength"}
"""The attributes of 1.0 that 2.0 calls otherwise."""
TYPES = {
    **dict.fromkeys(("Alpha", "AlphaFixed", "AlphaNum", "AlphaNumFixed"), "String"),
    **dict.fromkeys(("Num", "NumFixed"), "Decimal"),
}
"""What the types of texts are since: letters of 1.0 are any signs, its numbers may have decimals."""
FIXED = "Fixed"
MAINTAINED = ("CodeList", "Concept", "KeyFamily")


def as_in_20(element: etree._Element, sender: str) -> None:
    """Give the attributes of an element of 1.0 the names and values of 2.0; `sender` is that of the message."""
    local = str(element.tag).rpartition("}")[2]
    for old, new in NAMES.items():
        if old in element.attrib and new not in element.attrib:
            element.set(new, str(element.attrib.pop(old)))
    if local in MAINTAINED and sender and not element.get("agencyID"):
        element.set("agencyID", sender)
    type_ = element.get("textType", "")
    if local == "TextFormat" and type_ in TYPES:
        element.set("textType", TYPES[type_])
        if type_.endswith(FIXED) and element.get("maxLength"):
            element.set("minLength", element.get("maxLength", ""))


def read_agency(part: Part) -> list[Artefact]:
    """An agency of SDMX-ML 1.0, which stands in no scheme there; it goes into the scheme of SDMX's agencies."""
    ref = Ref("AgencyScheme", "SDMX", id="AGENCIES", version="1.0")
    return [ItemScheme(ref, Text.of(en="Agencies"), items=(read_record(part),), partial=True, place=part.origin)]


READERS: dict[str, dict[str, Callable[[Part], list[Artefact]]]] = {"mes:Agencies": {"Agency": read_agency}}
"""What only 1.0 has beside the collections of 2.0."""
