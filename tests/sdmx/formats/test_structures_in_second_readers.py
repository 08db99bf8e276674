"""Other libraries read our structures: pysdmx all versions, sdmx1 2.1. Only unsupported content is left out."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import made
import made_artefacts as kinds
import pytest

from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.structures import Artefact

VERSIONS = ("2.1", "3.0", "3.1")
SINCE_3 = ("3.0", "3.1")
EN, FR = dict(kinds.NAME)["en"], dict(kinds.NAME)["fr"]


def written(version: str, *artefacts: Artefact) -> bytes:
    write = FORMATS[f"sdmx-ml-{version}"].write_structures
    return write(artefacts, replace(made.HEADER, receivers=(made.Party("UNSD"),)))  # sdmx1 refuses two receivers


def in_pysdmx(version: str, artefact: Artefact) -> Any:
    """The artefact as pysdmx reads it, after it checked the message against the official schema."""
    from pysdmx.io import read_sdmx

    message = read_sdmx(written(version, artefact).decode(), validate=True)
    assert message.structures is not None
    [structure] = message.structures
    assert (structure.id, structure.agency, structure.version) == (
        artefact.ref.id,
        artefact.ref.agency,
        artefact.ref.version,
    )
    assert structure.name in (EN, FR)  # it keeps one language
    return structure


def plain(record: Any) -> Any:
    """A component, group or map without its annotations, which pysdmx stumbles over."""
    return replace(record, annotations=())


def readable(scheme: ItemScheme) -> ItemScheme:
    """An organisation scheme with no X.400 address and no empty contact, over which pysdmx and sdmx1 stumble."""
    first = scheme.items[0]
    details = tuple(pair for pair in kinds.CONTACT.details if pair[0] in ("telephone", "email", "uri"))
    return replace(
        scheme, items=(replace(first, contacts=(replace(kinds.CONTACT, details=details),)), *scheme.items[1:])
    )


CONCEPTS = replace(kinds.CONCEPTS, items=tuple(replace(item, iso=None, properties=()) for item in kinds.CONCEPTS))
STRUCTURE = replace(
    kinds.STRUCTURE,
    components=tuple(plain(component) for component in kinds.STRUCTURE.components),
    groups=tuple(plain(group) for group in kinds.STRUCTURE.groups),
    list_notes=(),
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "scheme",
    [
        kinds.CODELIST,
        CONCEPTS,
        readable(kinds.AGENCIES),
        readable(kinds.PROVIDERS),
        readable(kinds.CONSUMERS),
        kinds.TRANSFORMATIONS,
        kinds.CUSTOM_TYPES,
        kinds.PERSONALISATIONS,
        kinds.RULESETS,
        kinds.OPERATORS,
    ],
    ids=lambda scheme: scheme.ref.kind,
)
@pytest.mark.sampled(6)
def test_pysdmx_reads_item_schemes(version: str, scheme: ItemScheme) -> None:
    artefact = in_pysdmx(version, scheme)
    prefix = "SDMXMIG." if scheme.ref.kind == "AgencyScheme" else ""  # it adds the agency above
    assert [item.id.removeprefix(prefix) for item in artefact.items] == list(scheme.ids)
    assert all(item.name in dict(own.name).values() for item, own in zip(artefact.items, scheme.items, strict=True))
    assert artefact.valid_from == datetime(2025, 1, 1, tzinfo=UTC)
    assert {note.type for note in artefact.annotations} >= {"NOTE", "ORDER"}


@pytest.mark.parametrize("version", SINCE_3)
def test_pysdmx_reads_value_lists_and_metadata_providers(version: str) -> None:
    ids = [item.id for item in in_pysdmx(version, kinds.VALUE_LIST).items]
    assert [item_id.strip() for item_id in ids] == [item_id.strip() for item_id in kinds.VALUE_LIST.ids]
    assert [item.id for item in in_pysdmx(version, readable(kinds.METADATA_PROVIDERS)).items] == ["GE1", "GE2"]


@pytest.mark.parametrize("version", VERSIONS)
def test_pysdmx_reads_categories_in_their_places(version: str) -> None:
    first, last = in_pysdmx(version, kinds.CATEGORIES).items
    below = [(category.id, [inner.id for inner in category.categories]) for category in first.categories]
    assert (first.id, below, last.id) == ("A", [("B", ["C"]), ("D", ["A"])], "E")


@pytest.mark.parametrize("version", VERSIONS)
def test_pysdmx_reads_components_with_attachment_and_facets(version: str) -> None:
    found = {component.id: component for component in in_pysdmx(version, STRUCTURE).components}
    assert set(found) == {component.id for component in STRUCTURE.components}
    assert found["FREQ"].local_enum_ref == kinds.CL_FREQ.urn
    assert found["REF_AREA"].local_facets.pattern == "[A-Z\"<&']{2}"
    levels = {one: found[one].attachment_level for one in ("TITLE", "UNIT", "PART", "OBS_STATUS")}
    assert levels == {"TITLE": "D", "UNIT": "FREQ,SEX,REF_AREA", "PART": "SEX,REF_AREA", "OBS_STATUS": "O"}
    assert found["UNIT"].required
    assert not found["TITLE"].required


@pytest.mark.parametrize("version", VERSIONS)
def test_pysdmx_reads_flows_agreements_and_categorisations(version: str) -> None:
    assert str(in_pysdmx(version, kinds.DATAFLOW).structure).endswith("SDMXMIG:DSD_ALL(2.1.0)")
    agreement = in_pysdmx(version, kinds.AGREEMENT)
    named = [str(one).rpartition("=")[2] for one in (agreement.dataflow, agreement.provider)]
    assert named == [kinds.DF.short, kinds.AGREEMENT.provider.short]
    categorisation = in_pysdmx(version, kinds.CATEGORISATION)
    named = [str(one).rpartition("=")[2] for one in (categorisation.source, categorisation.target)]
    assert named == [kinds.DF.short, kinds.CATEGORISATION.target.short]


@pytest.mark.parametrize("version", VERSIONS)
def test_pysdmx_reads_our_constraints(version: str) -> None:
    found = in_pysdmx(version, kinds.CONSTRAINT)
    assert found.constraint_attachment.dataflows == tuple(reference.urn for reference in kinds.CONSTRAINT.attached)
    values = {
        key_value.id: [value.value for value in key_value.values] for key_value in found.cube_regions[0].key_values
    }
    assert values == {"SEX": ["F", "_T"], "REF_AREA": ["GE"], "TIME_PERIOD": []}
    assert [cube_region.is_included for cube_region in found.cube_regions] == [True, False]
    assert len(found.key_sets) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_pysdmx_reads_our_hierarchies(version: str) -> None:
    found = in_pysdmx(version, kinds.HIERARCHY)
    assert [(code.id, [inner.id for inner in code.codes]) for code in found.codes] == [
        ("H1", ["H11", "H12"]),
        ("H2", []),
    ]
    assert found.codes[0].codes[0].level == "L2"


@pytest.mark.parametrize("version", SINCE_3)
def test_pysdmx_reads_metadata_structures_and_flows(version: str) -> None:
    structure = in_pysdmx(version, kinds.METADATA_STRUCTURE)
    assert [
        (component.id, [inner.id for inner in component.components or ()]) for component in structure.components
    ] == [("CONTACT", []), ("QUALITY", ["PAGE", "SEX"])]
    assert list(in_pysdmx(version, kinds.METADATAFLOW).targets) == list(kinds.METADATAFLOW.targets)
    association = in_pysdmx(version, kinds.ASSOCIATION)
    assert (association.hierarchy, association.component_ref) == (kinds.HIERARCHY.ref.urn, kinds.ASSOCIATION.target.urn)


@pytest.mark.parametrize("version", SINCE_3)
def test_pysdmx_reads_our_maps(version: str) -> None:
    links = (replace(kinds.STRUCTURE_MAP.components[0], annotations=()),)
    times = (
        replace(
            plain(kinds.STRUCTURE_MAP.times[1]),
            sources=("year",),
            targets=("TIME_PERIOD",),
            formats=(),
            frequency_dimension="",
            frequency="A",
        ),
    )
    fixed = (plain(kinds.STRUCTURE_MAP.fixed[0]),)
    given = replace(kinds.STRUCTURE_MAP, components=links, fixed=fixed, times=times, formats=())
    found = in_pysdmx(version, given)
    assert (found.source, found.target) == (given.source.urn, given.target.urn)
    assert sorted(type(one).__name__ for one in found.maps) == ["ComponentMap", "DatePatternMap", "FixedValueMap"]
    first = in_pysdmx(version, kinds.REPRESENTATION_MAP).maps[0]
    assert first.source[0] == '"a" < & b'


SDMX1 = """
import json, sys, sdmx
message = sdmx.read_sdmx(sys.argv[1])
structure = message.structure["DSD_ALL"]
codes = message.codelist["CL_SEX"]
first = codes["_T"]
print(json.dumps({
    "names": first.name.localizations, "description": first.description.localizations,
    "parents": {c.id: getattr(c.parent, "id", "") for c in codes if c.parent is not codes},
    "codes": [c.id for c in codes],
    "notes": [[str(n.id), str(n.type)] for n in first.annotations],
    "concepts": [c.id for c in message.concept_scheme["CS_ALL"]],
    "dimensions": [d.id for d in structure.dimensions],
    "attributes": {a.id: type(a.related_to).__name__ for a in structure.attributes},
    "groups": {g.id: [d.id for d in g.components] for g in structure.group_dimensions.values()},
    "flows": sorted(f.id for f in message.dataflow.values()),
    "agencies": [a.id for a in message.organisation_scheme["AGENCIES"]],
    "agreement": message.provisionagreement["PA_ALL"].data_provider.id,
    "category": message.categorisation["CT_ALL"].category.id,
    "draft": [message.codelist["CL_DRAFT"].version, message.codelist["CL_DRAFT"].is_final],
}))
"""


def test_sdmx1_reads_our_structures_of_2_1(tmp_path: Path) -> None:
    artefacts = [
        *(kinds.CODELIST, kinds.DRAFT_CODELIST, CONCEPTS, kinds.STRUCTURE, kinds.DATAFLOW, kinds.AGREEMENT),
        *(kinds.CATEGORISATION, kinds.CATEGORIES, readable(kinds.AGENCIES), readable(kinds.PROVIDERS)),
    ]
    path = tmp_path / "structures.xml"
    path.write_bytes(written("2.1", *artefacts))
    answer = subprocess.run([sys.executable, "-c", SDMX1, str(path)], capture_output=True, check=False, text=True)
    assert answer.returncode == 0, answer.stderr[-2000:]
    record = json.loads(answer.stdout)
    assert record["names"] == dict(kinds.NAME)
    assert record["description"] == dict(kinds.DESCRIPTION)
    assert sorted(record["codes"]) == sorted(kinds.CODELIST.ids)  # it puts children behind their parent
    assert record["parents"] == {"F": "_T", "M": "_T", "X": "F", "1": "0"}
    assert [kinds.NOTE.id, "NOTE"] in record["notes"]
    assert record["concepts"] == list(CONCEPTS.ids)
    assert record["dimensions"] == list(kinds.STRUCTURE.key)
    assert record["attributes"] == {
        "TITLE": "NoSpecifiedRelationship",
        "UNIT": "DimensionRelationship",
        "PART": "DimensionRelationship",
        "SIBLING_NOTE": "GroupRelationship",
        "OBS_STATUS": "PrimaryMeasureRelationship",
    }
    assert record["groups"] == {"Sibling": ["SEX", "REF_AREA"], "Other": ["FREQ"]}
    assert record["flows"] == ["DF_ALL"]
    assert {"GE1", "GE2"} <= set(record["agencies"])  # it adds the agency above
    assert (record["agreement"], record["category"]) == ("GE1", "C")
    assert record["draft"] == ["1.0.0", False]
