"""Representations: an enumeration, or a data type with facets."""

from __future__ import annotations

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.sdmx.formats.structures.representations import FACETS, MULTILINGUAL, NOTHING, Representation
from sdmxmig.sdmx.model.artefacts import Sentinel


def representation(part: Part | None, default: str = "String", enumeration: str = "Codelist") -> Representation:
    """Read a representation; `default` is the data type if none is given."""
    if part is None:
        return NOTHING
    text, listed = part.part("TextFormat"), part.part("Enumeration")
    form = part.part("EnumerationFormat")
    least, most = part.attribute("minOccurs", "1"), part.attribute("maxOccurs", "1")
    part.close()
    if not all(value.isdecimal() or value == "unbounded" for value in (least, most)):
        raise part.error(f"may occur “{least}” to “{most}” times.", "Write a number, or unbounded.")
    if (listed is None) == (text is None) or (form is not None and listed is None):
        raise part.error("holds neither one <TextFormat> nor one <Enumeration>.")
    codelist = reference(listed, enumeration) if listed else None
    written = text or form
    data_type, facets, sentinels = text_format(written, default if text else "") if written else ("", (), ())
    return Representation(codelist, data_type, facets=facets, min_occurs=least, max_occurs=most, sentinels=sentinels)


def text_format(part: Part, default: str) -> tuple[str, tuple[tuple[str, str], ...], tuple[Sentinel, ...]]:
    data_type = part.attribute("textType") or default
    facets = []
    for name in [str(name) for name in part.element.attrib]:
        if name in FACETS:
            facets.append((name, part.attribute(name)))
        elif name == MULTILINGUAL and part.flag(MULTILINGUAL):
            facets.append((MULTILINGUAL, "true"))
    sentinels = []
    for sentinel in part.parts("SentinelValue"):
        sentinels.append(
            Sentinel(
                sentinel.attribute("value"), sentinel.words("com:Name"), description=sentinel.words("com:Description")
            )
        )
        sentinel.close()
    part.close()
    return data_type, tuple(facets), tuple(sentinels)
