"""Representations: an enumeration, or a data type with facets."""

from __future__ import annotations

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import period
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.structures.representations import NOTHING, Representation
from sdmxmig.sdmx.model.artefacts import Sentinel
from sdmxmig.sdmx.model.data_structures import whole_number

Facets = tuple[tuple[str, str], ...]
OLD_LISTS = ("Codelist", "ConceptScheme")


def representation(part: Part | None, sort: str = "basic", default: str = "String") -> Representation:
    """Read a representation; `default` is the data type if none is given."""
    if part is None:
        return NOTHING
    listed = part.reference("enumeration", *(OLD_LISTS if part.message.is_old else ("Codelist", "ValueList")))
    coded, text = part.part("enumerationFormat"), part.part("textFormat" if part.message.is_old else "format")
    least, most = occurrences(part)
    part.close()
    if (listed is None) == (text is None) or (coded and not listed):
        raise part.error("This has to have either an “enumeration” or a “format”.")
    written, sort, default = (text, sort, default) if text else (coded, "coded", "")
    data_type, facets, sentinels = text_format(written, sort, default) if written else ("", (), ())
    return Representation(listed, data_type, facets=facets, min_occurs=least, max_occurs=most, sentinels=sentinels)


def occurrences(part: Part) -> tuple[str, str]:
    most = "unbounded" if part.value.get("maxOccurs") == "unbounded" else part.number("maxOccurs", words.WHOLE) or "1"
    part.forget("maxOccurs")
    least = part.number("minOccurs", words.WHOLE) or "1"
    if least.startswith("-") or most.startswith(("-", "0")):
        raise part.error(f"This may occur “{least}” to “{most}” times.")
    return least, most


def text_format(part: Part, sort: str, default: str) -> tuple[str, Facets, tuple[Sentinel, ...]]:
    shape = words.SHAPES[sort]
    type_name = "textType" if part.message.is_old else "dataType"
    data_type = part.text(type_name) or default
    if data_type and data_type not in shape.types:
        raise part.error(
            f"“{data_type[:80]}” is no data type here.", did_you_mean(data_type, shape.types), at=type_name
        )
    facets = []
    for name in part.members():
        if name in shape.facets and part.has(name):
            value = facet(part, name)
            unreadable = not value and words.FACETS[name] != "text"
            if not unreadable and (name != "isMultiLingual" or value == "true"):
                facets.append((name, value))
    part.forget(*shape.facets)
    sentinels = tuple(sentinel(child) for child in part.parts("sentinelValues")) if shape.sentinels else ()
    part.close()
    return data_type, tuple(facets), sentinels


def facet(part: Part, name: str) -> str:
    """One facet as text."""
    kind = words.FACETS[name]
    if kind == "flag":
        return "true" if part.flag(name) else "false"
    if kind in ("number", "positive"):
        value = part.number(name, words.NUMBER if kind == "number" else words.WHOLE)
        if kind == "positive" and value and not whole_number(value):
            raise part.error(f"“{name}” has to be above zero.", at=name)
        return value
    if kind == "period":
        return period(part, name)
    return part.matched(name, words.DURATION) if kind == "duration" else part.text(name)


def sentinel(part: Part) -> Sentinel:
    value = part.text("value") if type(part.value.get("value")) is str else part.number("value")
    sentinel = Sentinel(value, part.words("name"), description=part.words("description"))
    part.close()
    return sentinel
