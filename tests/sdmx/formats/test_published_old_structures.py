"""Structures of SDMX-ML 2.0 as agencies publish them become valid structures of every later version."""

from __future__ import annotations

import io
from functools import cache

import made
import made_old_structures as old
import pytest

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.message_header import escape_id
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Categorisation

TARGETS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
AMBIGUOUS = ("two codes of one name",)
"""What no version can hold: which of two codes is meant, nobody knows."""


def written(name: str, target: str) -> tuple[bytes, list[str], list[SdmxmigError]]:
    told: list[str] = []
    left: list[SdmxmigError] = []
    out = io.BytesIO()
    transform(
        name,
        io.BytesIO(old.PUBLISHED[name]),
        FORMATS[target],
        out,
        flows={},
        header=lambda found: found or made.HEADER,
        tell=told.append,
        leave=left.append,
    )
    return out.getvalue(), told, left


def read(name: str, content: bytes, form: str = "sdmx-ml-2.0") -> tuple[Artefact, ...]:
    reader = FORMATS[form].read_structures
    return reader(name, content)


@cache
def artefacts(name: str) -> tuple[Artefact, ...]:
    return read(name, old.PUBLISHED[name])


def structure(name: str) -> DataStructure:
    [found] = {artefact for artefact in artefacts(name) if isinstance(artefact, DataStructure)}
    return found


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", [name for name in old.PUBLISHED if name not in AMBIGUOUS])
@pytest.mark.sampled(6)
def test_each_structure_converts_and_survives_a_round_trip(name: str, target: str) -> None:
    content, _, left = written(name, target)
    assert left == []
    assert FORMATS[target].structure_problem(content) == ""
    once = read(name, content, target)
    assert len(once) == len({artefact.ref for artefact in artefacts(name)})
    out = io.BytesIO()
    transform(name, io.BytesIO(content), FORMATS[target], out, flows={})
    assert read(name, out.getvalue(), target) == once


@pytest.mark.parametrize("name", [*old.PUBLISHED])
def test_check_counts_artefacts_of_each_published_structure(name: str) -> None:
    assert identify_and_check(name, old.PUBLISHED[name], {}).size


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_ambiguous_items_are_refused_by_name(name: str) -> None:
    with pytest.raises(SdmxmigError, match="two items B of Codelist A:CL_D"):
        written(name, "sdmx-ml-3.0")


TIMES = {
    "a time called TIME": "TIME",
    "a time called YEAR": "YEAR",
    "times that are codes": "YEA",
    "times of several frequencies that are codes": "TIME",
    "a time that is text": "TIME",
}


@pytest.mark.parametrize("name", [*TIMES])
def test_time_dimension_is_renamed_and_keeps_original_id(name: str) -> None:
    time = structure(name).time
    assert (time.id, time.annotations[0]) == ("TIME_PERIOD", Annotation("ORIGINAL_ID", title=TIMES[name]))
    assert time.concept.item == TIMES[name]


def test_time_dimension_with_standard_id_gets_no_annotation() -> None:
    time = structure("an observational time").time
    assert time.annotations == ()


@pytest.mark.parametrize("target", TARGETS)
def test_codes_of_time_are_kept_in_an_annotation(target: str) -> None:
    name = "times that are codes"
    content, _, _ = written(name, target)
    assert b"ORIGINAL_REPRESENTATION" in content
    [found] = [artefact for artefact in read(name, content, target) if isinstance(artefact, DataStructure)]
    assert found.time.codelist == Ref("Codelist", "A", id="CL_TIME", version="1.0")


def test_primary_measure_is_renamed_to_obs_value() -> None:
    [measure] = structure("a measure called VALUE").measures
    assert (measure.id, measure.concept.item) == ("OBS_VALUE", "VALUE")
    assert measure.annotations == (Annotation("ORIGINAL_ID", title="VALUE"),)


SPELT = {"codes with dots": ("A01.1", "A01_x002E_1"), "a code with a star": ("*", "_x002A_")}


@pytest.mark.parametrize("name", [*SPELT])
def test_invalid_codes_are_renamed_and_keep_original_id(name: str) -> None:
    before, after = SPELT[name]
    [codelist] = artefacts(name)
    assert isinstance(codelist, ItemScheme)
    assert codelist[after].annotations == (Annotation("ORIGINAL_ID", title=before),)
    assert codelist[after].name.in_language("en") == f"Code {before}"


def test_parents_of_renamed_codes_are_renamed_alike() -> None:
    [codelist] = artefacts("codes with dots")
    assert isinstance(codelist, ItemScheme)
    assert {item.id: item.parent for item in codelist if item.parent} == {"A01_x002E_11": "A01_x002E_1"}


def test_renamed_artefacts_keep_original_id_agency_and_version() -> None:
    artefact = structure("a key family with a dot")
    assert (artefact.ref.id, artefact.annotations) == ("K_x002E_1", (Annotation("ORIGINAL_ID", title="K.1"),))
    [codelist] = artefacts("an agency that begins with a digit")
    assert codelist.ref.agency == "ID_4D0"
    assert codelist.annotations == (Annotation("ORIGINAL_AGENCY", title="4D0"),)
    [codelist] = artefacts("a date as version")
    assert codelist.ref.version == "2009.10.1"
    assert codelist.annotations == (Annotation("ORIGINAL_VERSION", title="2009-10-01"),)
    [codelist] = artefacts("an agency with a dot")
    assert (codelist.ref.agency, codelist.annotations) == ("A.B", ())


def test_references_follow_renamed_artefacts() -> None:
    for name in ("a codelist with a dot", "a concept with a dot", "a concept that begins with a digit"):
        named = {artefact.ref for artefact in artefacts(name)}
        concepts = {
            (artefact.ref, item.id)
            for artefact in artefacts(name)
            if isinstance(artefact, ItemScheme) and artefact.ref.kind == "ConceptScheme"
            for item in artefact
        }
        dimension = structure(name).dimensions[0]
        assert dimension.codelist in named, name
        if concepts:
            assert (dimension.concept.scheme, dimension.concept.item) in concepts, name


def test_groups_and_their_attributes_are_renamed_alike() -> None:
    found = structure("a group with a dot")
    [group] = found.groups
    [attribute] = found.attributes()
    assert (group.id, group.dimensions) == ("G_x002E_1", ("REF_x002E_AREA",))
    assert (attribute.id, attribute.group, attribute.attachment) == ("TITLE_x002E_1", "G_x002E_1", "group")


def test_hierarchies_and_their_levels_are_renamed_alike() -> None:
    codes, frame = artefacts("levels with dots")
    assert isinstance(codes, ItemScheme)
    [tree] = frame.hierarchies
    assert tree.levels.id == tree.codes[0].level == "LEVEL_x002E_1"
    assert tree.codes[0].code.item in codes
    assert tree.codes[0].code.scheme == codes.ref


def test_categories_are_renamed_alike_in_flows() -> None:
    found = artefacts("categories with dots")
    [scheme] = [artefact for artefact in found if isinstance(artefact, ItemScheme)]
    [filed] = [artefact for artefact in found if isinstance(artefact, Categorisation)]
    [flow] = [artefact for artefact in found if isinstance(artefact, Dataflow)]
    assert (filed.target.item, filed.source) == (scheme.items[0].id, flow.ref)
    assert scheme.items[1].parent == scheme.items[0].id == escape_id("DEVELOPMENT.1")


def test_attribute_of_several_groups_covers_their_dimensions() -> None:
    [attribute] = structure("an attribute of two groups").attributes()
    assert (attribute.attachment, attribute.dimensions, attribute.group) == ("dimensions", ("AREA", "SEX"), "G1 G2")
    [attribute] = structure("an attribute of no group").attributes()
    assert (attribute.attachment, attribute.group) == ("group", "G1")


def test_repeated_concepts_are_merged_without_loss() -> None:
    [scheme] = artefacts("a concept that occurs twice")
    assert isinstance(scheme, ItemScheme)
    assert [(item.id, item.annotations) for item in scheme] == [("UNIT", ()), ("TIME", ())]
    [scheme] = artefacts("two concepts of one name")
    assert isinstance(scheme, ItemScheme)
    assert [item.id for item in scheme] == ["UNIT"]
    assert [(note.type, "Unit" in note.title) for note in scheme["UNIT"].annotations] == [("STANDS_AGAIN", True)] * 2


@pytest.mark.parametrize(
    ("name", "expected"), [("validity in years", ("2009-01-01", "2010-06-30")), ("codes with dots", ("", ""))]
)
def test_validity_periods_become_first_and_last_day(name: str, expected: tuple[str, str]) -> None:
    [codelist] = artefacts(name)
    assert (codelist.details.valid_from, codelist.details.valid_to) == expected


@pytest.mark.parametrize(
    "name", ["a time called TIME", "codes with dots", "a concept with a dot", "times that are codes"]
)
def test_artefacts_survive_conversion_back_to_2_1(name: str) -> None:
    content, _, _ = written(name, "sdmx-ml-3.0")
    back = io.BytesIO()
    transform(name, io.BytesIO(content), FORMATS["sdmx-ml-2.1"], back, flows={})
    found = read(name, back.getvalue(), "sdmx-ml-2.1")
    assert sorted(found, key=lambda artefact: str(artefact.ref)) == sorted(
        artefacts(name), key=lambda artefact: str(artefact.ref)
    )
