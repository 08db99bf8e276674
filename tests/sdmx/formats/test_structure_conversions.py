"""Kinds that only some versions of SDMX have: each becomes what another version has for it, and comes back whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import made
import made_artefacts as of
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Details, Link
from sdmxmig.sdmx.model.maps import (
    ComponentLink,
    FixedValue,
    RepresentationMap,
    SourceValue,
    StructureMap,
    ValueMapping,
)
from sdmxmig.sdmx.model.structures import Artefact, HierarchicalCodelist

SINCE_3 = ("sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")


def through(form: str, *artefacts: Artefact) -> tuple[Artefact, ...]:
    """The artefacts after a round trip."""
    found = FORMATS[form]
    content = found.write_structures(artefacts, made.HEADER)
    if form.startswith("sdmx-ml"):
        assert find_problems(content) == []
    return found.read_structures("message", content)


def refused(form: str, *artefacts: Artefact) -> str:
    with pytest.raises(SdmxmigError) as caught:
        through(form, *artefacts)
    assert artefacts[0].ref.short in str(caught.value)
    assert caught.value.hint
    return str(caught.value)


def by_name(artefacts: tuple[Artefact, ...]) -> list[Artefact]:
    return sorted(artefacts, key=lambda artefact: str(artefact.ref))


def plain(tree: HierarchicalCodelist) -> HierarchicalCodelist:
    """A frame whose links and URNs SDMX-JSON takes as well."""
    return replace(tree, hierarchies=tuple(replace(hierarchy, details=Details()) for hierarchy in tree.hierarchies))


SET = replace(of.STRUCTURE_SET, maps=tuple(replace(one, formats=()) for one in of.STRUCTURE_SET.maps))
"""The structure set without the map of a code to its name, which SDMX 3 does not have."""


@pytest.mark.parametrize("form", SINCE_3)
def test_hierarchical_codelist_survives_as_hierarchies(form: str) -> None:
    frame = plain(of.HIERARCHIES)
    found = through(form, frame)
    assert [artefact.ref.short for artefact in found] == ["SDMXMIG:HCL_ALL_ONE(2.1.0)", "SDMXMIG:HCL_ALL_TWO(2.1.0)"]
    first = found[0]
    assert (first.name, first.codes, first.levels, first.formal_levels) == (of.NAME, of.TREE, of.LEVELS, True)
    assert first.details.valid_from == frame.details.valid_from
    assert through("sdmx-ml-2.1", *found) == (frame,)


def test_addresses_of_hierarchies_and_codelists_stay_separate() -> None:
    details = Details(uri="https://example.org/", links=(Link("a", "https://b.org", urn=of.CL_SEX.urn, type="d"),))
    inner = (replace(of.HIERARCHIES.hierarchies[0], details=details), of.HIERARCHIES.hierarchies[1])
    frame = replace(of.HIERARCHIES, hierarchies=inner)
    found = through("sdmx-ml-3.0", frame)
    assert found[0].details.links == details.links
    assert through("sdmx-ml-2.1", *found) == (frame,)


def test_hierarchical_codelist_without_hierarchy_is_refused() -> None:
    assert "the frame without hierarchies" in refused("sdmx-ml-3.1", replace(of.HIERARCHIES, hierarchies=()))


@pytest.mark.parametrize("form", SINCE_3)
def test_structure_set_survives_as_maps(form: str) -> None:
    found = {artefact.ref.id: artefact for artefact in through(form, SET)}
    kinds = {name: artefact.ref.kind for name, artefact in found.items()}
    assert kinds == {
        "SS_ALL_M_CodelistMap": "RepresentationMap",
        "SS_ALL_M_ConceptSchemeMap": "ConceptSchemeMap",
        "SS_ALL_M_CategorySchemeMap": "CategorySchemeMap",
        "SS_ALL_M_OrganisationSchemeMap": "OrganisationSchemeMap",
        "SS_ALL_M_ReportingTaxonomyMap": "ReportingTaxonomyMap",
        "SS_ALL_M_StructureMap": "StructureMap",
        "SS_ALL_M_VALUES": "StructureMap",
        "SS_ALL_M_VALUES_SEX": "RepresentationMap",
    }
    codes, structure = found["SS_ALL_M_CodelistMap"], found["SS_ALL_M_StructureMap"]
    assert (codes.sources, codes.targets) == ((of.CL_SEX,), (of.CL_AGE,))
    assert [(mapping.sources[0].value, mapping.targets) for mapping in codes.mappings] == [
        ("F", ("Y1",)),
        ("M", ("Y2",)),
    ]
    assert (structure.source, structure.target) == (of.DSD, of.DSD)
    assert [(component.sources, component.targets) for component in structure.components][-1] == (("TITLE",), ("UNIT",))
    assert structure.components[0].representation == codes.ref
    values = found["SS_ALL_M_VALUES_SEX"]
    assert [(mapping.sources[0].value, mapping.targets) for mapping in values.mappings] == [
        ('"1" <', ("M & W",)),
        ("2", ("F",)),
    ]
    assert through("sdmx-ml-2.1", *found.values()) == (SET,)


def test_maps_to_code_names_and_from_hierarchies_are_refused() -> None:
    assert "the name as target of FREQ" in refused("sdmx-ml-3.0", of.STRUCTURE_SET)
    hybrid = of.scheme_map("HybridCodelistMap", of.HIERARCHIES.ref, of.CL_SEX, ("H1", "F", ""))
    told = refused("sdmx-ml-3.0", replace(SET, maps=(hybrid,)))
    assert "the map M_HybridCodelistMap of a HierarchicalCodelist to a Codelist" in told
    assert "the set without maps" in refused("sdmx-json-2.1", replace(SET, maps=()))


def test_hybrid_map_between_codelists_becomes_value_map() -> None:
    given = replace(SET, maps=(of.scheme_map("HybridCodelistMap", of.CL_AGE, of.CL_SEX, ("Y1", "F", "")),))
    [artefact] = through("sdmx-ml-3.1", given)
    assert artefact.sources == (of.CL_AGE,)
    assert through("sdmx-ml-2.1", artefact) == (given,)


CODES = RepresentationMap(
    of.ref("RepresentationMap", "RM_SEX"),
    of.NAME,
    sources=(of.CL_SEX,),
    targets=(of.CL_AGE,),
    mappings=(
        ValueMapping((SourceValue("F"),), ("Y1",), annotations=of.NOTES),
        ValueMapping((SourceValue("M"),), ("Y2",)),
    ),
    description=of.DESCRIPTION,
    annotations=of.NOTES,
    details=of.DETAILS,
)
TEXTS = replace(
    CODES,
    ref=of.ref("RepresentationMap", "RM_TEXT", of.DRAFT),
    sources=("String",),
    targets=(of.ref("ValueList", "VL"),),
    mappings=(ValueMapping((SourceValue('"a" < & b'),), ("x",)),),
)
SIMPLE = StructureMap(
    of.ref("StructureMap", "SM_SIMPLE"),
    of.NAME,
    source=of.DSD,
    target=of.DF,
    components=(
        ComponentLink(("SEX",), ("SEX",), representation=CODES.ref, annotations=of.NOTES),
        ComponentLink(("REF_AREA",), ("REF_AREA",), representation=TEXTS.ref, annotations=of.NOTES),
        ComponentLink(("TITLE",), ("UNIT",)),
        ComponentLink(("TIME_PERIOD",), ("TIME_PERIOD",)),
        ComponentLink(("OBS_VALUE",), ("OBS_VALUE",)),
    ),
    description=of.DESCRIPTION,
    annotations=of.NOTES,
    details=of.DETAILS,
)
AROUND = (of.STRUCTURE, of.DATAFLOW)


@pytest.mark.parametrize(
    "maps",
    [
        (SIMPLE, CODES, TEXTS),
        (replace(SIMPLE, ref=of.ref("StructureMap", "SM_DRAFT", of.DRAFT)), CODES, TEXTS),
        (SIMPLE, replace(SIMPLE, ref=of.ref("StructureMap", "SM_OTHER")), CODES, TEXTS),
        (CODES,),
        (of.CONCEPT_MAP,),
    ],
    ids=lambda maps: " ".join(one.ref.id for one in maps),
)
def test_maps_of_sdmx_3_survive_as_structure_sets(maps: tuple[Artefact, ...]) -> None:
    assert by_name(through("sdmx-ml-2.1", *maps, *AROUND)) == by_name((*maps, *AROUND))


def test_structure_set_contains_the_maps_of_sdmx_3() -> None:
    write = FORMATS["sdmx-ml-2.1"].write_structures
    content = write((SIMPLE, CODES, TEXTS, *AROUND), made.HEADER).decode()
    for piece in ('<str:StructureSet id="SM_SIMPLE"', '<str:CodelistMap id="RM_SEX"', 'class="Attribute"', "ValueMap"):
        assert piece in content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fixed": (FixedValue("FREQ", ("A",)),)}, "the fixed value of FREQ"),
        ({"times": of.STRUCTURE_MAP.times}, "the maps of dates"),
        ({"components": (ComponentLink(("SEX", "FREQ"), ("SEX",)),)}, "the map from SEX, FREQ to SEX"),
        ({"components": (ComponentLink(("AGE",), ("SEX",)),)}, "the component AGE"),
        ({"components": (ComponentLink(("SEX",), ("SEX",), representation=of.REPRESENTATION_MAP.ref),)}, "RM_ALL"),
    ],
)
def test_content_that_a_structure_set_lacks_is_refused(change: dict[str, Any], told: str) -> None:
    assert told in refused("sdmx-ml-2.1", replace(SIMPLE, **change), *AROUND)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sources": (of.CL_SEX, of.CL_AGE)}, "several lists"),
        ({"sources": ("String",)}, "the map of Codelist and String"),
        ({"mappings": (ValueMapping((SourceValue("F.*", regex=True),), ("x",)),)}, "the line of “F.*”"),
        ({"mappings": (ValueMapping((SourceValue("F"),), ("x",), valid_from="2001-01-01"),)}, "the line of “F”"),
        ({"mappings": (ValueMapping((SourceValue("F"),), ()),)}, "the line of “F”"),
    ],
)
def test_map_lines_other_than_pairs_are_refused_in_2_1(change: dict[str, Any], told: str) -> None:
    assert told in refused("sdmx-ml-2.1", replace(CODES, **change))


def test_component_map_requires_its_structures_in_the_message() -> None:
    told = refused("sdmx-ml-2.1", SIMPLE, CODES, TEXTS)
    assert "which is not in the message" in told


def test_foreign_note_that_looks_like_ours_is_kept() -> None:
    notes = (of.Annotation("STRUCTURE_SET", title="{broken"), of.Annotation("HIERARCHICAL_CODELIST", title="[]"))
    tree, codes = replace(of.HIERARCHY, annotations=notes), replace(CODES, annotations=notes)
    assert by_name(through("sdmx-ml-2.1", tree, codes)) == by_name((tree, codes))
    own = replace(SET.maps[-1], id=SET.ref.id)
    for maps in (SET.maps, (*SET.maps[:-1], own)):
        strange = replace(SET, maps=maps, related=(), annotations=(of.Annotation("MAP", title="StructureMap"),))
        assert through("sdmx-ml-2.1", strange) == (strange,)
