"""Representations as JSON objects: an enumeration, or a data type with facets."""

from __future__ import annotations

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing
from sdmxmig.sdmx.formats.structures.representations import FACET_KINDS, Representation
from sdmxmig.sdmx.model.structures import Level

SHAPE_AT = {"dimension": "simple", "time": "time"}
"""The sort of format at each place; elsewhere basic."""
WITH_VALUE_LISTS = ("component", "concept")


def representation(writing: Writing, name: str, what: Representation) -> Json:
    """Write a representation, unless empty.

    Raises `SdmxmigError` for types, facets and lists that the schema does not allow here.
    """
    if what.is_empty:
        return {}
    members: Json = {}
    if what.codelist:
        if what.sentinels or what.place == "time":
            raise writing.refusal(f"values with a meaning of their own, or a list of times, for {what.owner}")
        kinds = ("Codelist", "ValueList") if what.place in WITH_VALUE_LISTS else ("Codelist",)
        kinds = ("Codelist", "ConceptScheme") if writing.is_10 else kinds
        members["enumeration"] = writing.urn(what.codelist, *kinds)
        if what.data_type or what.facets:
            members["enumerationFormat"] = text_format(writing, "coded", what)
    else:
        called = "textFormat" if writing.is_10 else "format"
        members[called] = text_format(writing, SHAPE_AT.get(what.place, "basic"), what)
    if (what.min_occurs, what.max_occurs) != ("1", "1") and what.place not in WITH_VALUE_LISTS:
        raise writing.refusal(f"several values of {what.owner}")
    return {name: members | occurrences(writing, what.min_occurs, what.max_occurs, what.owner)}


def occurrences(writing: Writing, least: str, most: str, owner: str) -> Json:
    """Return the members for how often something may occur; none for exactly once."""
    members: Json = {}
    if least != "1":
        members["minOccurs"] = writing.number(least, f"the minOccurs of {owner}", whole=True)
        if least.startswith("-"):
            raise writing.refusal(f"{least} occurrences of {owner}")
    if most != "1":
        unbounded = most == "unbounded"
        members["maxOccurs"] = most if unbounded else writing.number(most, f"the maxOccurs of {owner}", positive=True)
    return members


def text_format(writing: Writing, sort: str, what: Representation) -> Json:
    members = write_format(writing, sort, owner=what.owner, data_type=what.data_type, facets=what.facets)
    if what.sentinels:
        members["sentinelValues"] = [
            {"value": sentinel.value, **writing.names(sentinel.name, sentinel.description, sentinel.value)}
            for sentinel in what.sentinels
        ]
    return members


def write_format(writing: Writing, sort: str, owner: str, data_type: str, facets: tuple[tuple[str, str], ...]) -> Json:
    """Write a data type with the facets that the schema allows in this sort of format."""
    shape = words.SHAPES[sort]
    if data_type and data_type not in shape.types:
        raise writing.refusal(f"the type {data_type} of {owner}", did_you_mean(data_type, shape.types))
    members: Json = {"textType" if writing.is_10 else "dataType": data_type} if data_type else {}
    for name, value in facets:
        if name not in shape.facets:
            raise writing.refusal(f"the facet {name} of {owner}", did_you_mean(name, shape.facets))
        members[name] = write_facet(writing, name, value=value, shape=shape, what=f"the {name} of {owner}")
    return members


def write_facet(writing: Writing, name: str, value: str, shape: words.Shape, what: str) -> object:
    kind = FACET_KINDS[name]
    if kind == "number":
        return writing.number(value, what, whole=shape.whole, positive=shape.positive and name != "interval")
    if kind == "positive":
        return writing.number(value, what, positive=True)
    if kind == "flag":
        return writing.flag(value, what)
    if kind == "period":
        return writing.period(value)
    return writing.checked(value, words.DURATION, what) if kind == "duration" else value


def coding_format(writing: Writing, level: Level) -> Json:
    if not (level.data_type or level.facets):
        return {}
    return {
        "codingFormat": write_format(writing, "coding", owner=level.id, data_type=level.data_type, facets=level.facets)
    }
