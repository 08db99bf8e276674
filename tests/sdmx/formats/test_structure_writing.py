"""Structure messages of all kinds of artefacts: valid in each version, whole when read back, else refused by name."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import made
import made_artefacts as kinds
import pytest
from lxml import etree
from made import AWKWARD, BROKEN

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing import writing
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Annotation, Details, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Categorisation, Constraint, Hierarchy

VERSIONS = ("2.1", "3.0", "3.1")
OTHERS = [
    (version, name, artefact)
    for version in VERSIONS
    for home in VERSIONS
    for name, artefact in kinds.OF_VERSION[home].items()
    if artefact not in kinds.OF_VERSION[version].values()
]


def written(version: str, *artefacts: Artefact) -> bytes:
    write = FORMATS[f"sdmx-ml-{version}"].write_structures
    return write(artefacts, made.HEADER)


def read(version: str, content: bytes) -> tuple[Artefact, ...]:
    reader = FORMATS[f"sdmx-ml-{version}"].read_structures
    return reader("message.xml", content)


def again(version: str, artefact: Artefact) -> Artefact:
    [found] = read(version, written(version, artefact))
    return found


def spelled(version: str, artefact: Artefact) -> Artefact:
    """The artefact as this version gives it back: a constraint has another kind there."""
    names = {"2.1": {"DataConstraint": "ContentConstraint", "AvailabilityConstraint": "ContentConstraint"}}
    later = {"ContentConstraint": "DataConstraint", "AvailabilityConstraint": "DataConstraint"}
    known = {"3.0": later, "3.1": {"ContentConstraint": "DataConstraint"}, **names}[version]
    kind = known.get(artefact.ref.kind, artefact.ref.kind)
    changed = replace(artefact, ref=replace(artefact.ref, kind=kind))
    if changed != artefact and not changed.name:
        changed = replace(changed, name=Text.of(en=changed.ref.id))
    return changed


@pytest.mark.parametrize("version", VERSIONS)
def test_all_kinds_form_a_valid_message_in_any_order(version: str) -> None:
    artefacts = list(kinds.OF_VERSION[version].values())
    content = written(version, *artefacts)
    assert find_problems(content) == []
    assert content == written(version, *reversed(artefacts))
    expected = [spelled(version, artefact) for artefact in artefacts]
    assert sorted(read(version, content), key=name_of) == sorted(expected, key=name_of)


def name_of(artefact: Artefact) -> str:
    return str(artefact.ref)


@pytest.mark.parametrize(("version", "name", "artefact"), OTHERS)
def test_artefacts_of_other_versions_are_noted_or_refused(version: str, name: str, artefact: Artefact) -> None:
    content, refusal = written_or_refused(version, artefact)
    if refusal is None:
        assert find_problems(content) == []
        found = read(version, content)
        if artefact.ref.kind in ("HierarchicalCodelist", "StructureSet", "MetadataStructure"):  # they come back as such
            found = read("2.1", written("2.1", *found))
        assert found == (spelled(version, artefact),)
    else:
        assert artefact.ref.id in str(refusal), name
        assert f"SDMX-ML {version}" in str(refusal), name
        assert refusal.hint, name


def written_or_refused(version: str, artefact: Artefact) -> tuple[bytes, SdmxmigError | None]:
    try:
        return written(version, artefact), None
    except SdmxmigError as error:
        return b"", error


def replaced(value: Any, text: str) -> Any:
    """A record in which every awkward text is another one."""
    if isinstance(value, str):
        return value.replace(AWKWARD, text)
    if isinstance(value, tuple):
        return tuple(replaced(one, text) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: replaced(getattr(value, field.name), text) for field in dataclasses.fields(value)}
        return replace(value, **changed)
    return value


TEXTS = (
    "'",
    '"',
    "a'b",
    'a"b',
    "&",
    "&amp;",
    "<x>",
    "]]>",
    "two\nlines",
    "tab\tbed",
    "a\rb",
    " blank ",
    "𝔸é中",
    BROKEN,
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.sampled(4)
def test_every_text_survives_a_round_trip(version: str, text: str) -> None:
    artefacts = [replaced(one, text) for one in kinds.OF_VERSION[version].values()]
    content = written(version, *artefacts)
    assert find_problems(content) == []
    found = {artefact.ref: artefact for artefact in read(version, content)}
    for artefact in artefacts:
        expected = spelled(version, artefact)
        assert found[expected.ref] == expected


def notes_of(content: bytes) -> dict[str, str]:
    """The titles of the annotations of a message by their type."""
    root = etree.fromstring(content)
    return {
        element.findtext("{*}AnnotationType") or "": element.findtext("{*}AnnotationTitle") or ""
        for element in root.iter("{*}Annotation")
    }


@pytest.mark.parametrize(
    ("version", "artefact", "note"),
    [
        ("2.1", kinds.EVOLVING, ("EVOLVING_STRUCTURE", "true")),
        ("3.0", kinds.LIMITED, ("DIMENSION_CONSTRAINT", "FREQ,SEX")),
        ("2.1", kinds.METADATAFLOW, ("METADATA_TARGET", kinds.DF.urn)),
        ("2.1", kinds.MEASURED, ("USAGE", "optional")),
        ("3.0", replace(kinds.VALUE_LIST, partial=True), ("IS_PARTIAL", "true")),
        ("3.0", replace(kinds.UNITS, ref=replace(kinds.UNITS.ref, version="2.3")), ("VERSION", "2.3")),
        ("3.0", kinds.CODELIST, ("PARENT", "0")),
        ("3.0", replace(kinds.CONSTRAINT, counts=(("obsCount", "7"),)), ("sdmx_metrics", "7")),
    ],
)
def test_unsupported_features_are_kept_as_annotations(version: str, artefact: Artefact, note: tuple[str, str]) -> None:
    content = written(version, artefact)
    assert find_problems(content) == []
    assert notes_of(content)[note[0]] == note[1]
    assert again(version, artefact) == spelled(version, artefact)


def test_optional_values_and_single_measure_are_notes_in_2_1() -> None:
    status = replace(kinds.ATTRIBUTES[-1], measures=("OBS_VALUE",), min_occurs="0")
    structure = replace(kinds.STRUCTURE, components=(*kinds.DIMENSIONS, kinds.VALUE, status))
    content = written("2.1", structure)
    assert find_problems(content) == []
    assert {("MIN_OCCURS", "0"), ("MEASURE_RELATIONSHIP", "OBS_VALUE")} <= set(notes_of(content).items())
    assert again("2.1", structure) == structure


@pytest.mark.parametrize(
    ("version", "artefact", "told"),
    [
        ("2.1", kinds.VALUE_LIST, "SDMX-ML 2.1 cannot express ValueList SDMXMIG:VL_ALL"),
        ("2.1", kinds.STRUCTURE_MAP, "the maps of dates"),
        ("3.0", kinds.STRUCTURE_SET, "the name as target of FREQ"),
        ("3.1", kinds.CONTENT_CONSTRAINT, "the release calendar"),
    ],
)
def test_unsupported_artefacts_are_refused_with_a_reason(version: str, artefact: Artefact, told: str) -> None:
    with pytest.raises(SdmxmigError, match=re.escape(told)):
        written(version, artefact)


@pytest.mark.parametrize(
    ("artefact", "told"),
    [
        (
            replace(kinds.CODELIST, items=(replace(kinds.CODELIST.items[0], properties=(("valu", "x"),)),)),
            "property valu",
        ),
        (replace(kinds.GRID, properties=()), "the missing GridDefinition"),
        (replace(kinds.CATEGORIES, items=kinds.CATEGORIES.items[1:]), "below “A”"),
        (
            replace(kinds.CODELIST, items=(replace(kinds.CODELIST.items[0], data_type="String"),)),
            "which is not a concept",
        ),
        (replace(kinds.CODELIST, items=(replace(kinds.CODELIST.items[0], contacts=(kinds.CONTACT,)),)), "contacts"),
        (replace(kinds.HIERARCHY, codes=()), "a hierarchy without codes"),
        (replace(kinds.STRUCTURE, components=(kinds.attribute("X", "nothing"),)), "the attachment “nothing”"),
        (replace(kinds.CONSTRAINT, attached=(kinds.DF, kinds.DSD)), "Attach it to artefacts of one kind"),
    ],
)
@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_impossible_artefacts_are_refused_with_a_hint(version: str, artefact: Artefact, told: str) -> None:
    with pytest.raises(SdmxmigError, match="SDMXMIG:") as caught:
        written(version, artefact)
    assert told in str(caught.value)


def test_versions_that_2_1_cannot_express_are_refused() -> None:
    for version in ("1.0.0-alpha", "1.0+.0", "1.0-draft"):
        with pytest.raises(SdmxmigError, match="cannot express the version"):
            written("2.1", replace(kinds.CODELIST, ref=replace(kinds.CL_SEX, version=version)))
    with pytest.raises(SdmxmigError, match="is not a version"):
        written("3.0", replace(kinds.CODELIST, ref=replace(kinds.CL_SEX, version="one")))


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_references_may_name_sets_of_versions(version: str) -> None:
    flow = replace(kinds.DATAFLOW, structure=replace(kinds.DSD, version="2.1+.0"))
    assert find_problems(written(version, flow)) == []
    assert again(version, flow) == flow


def test_reference_to_included_draft_keeps_draft_mark_in_2_1() -> None:
    draft = replace(kinds.STRUCTURE, ref=replace(kinds.DSD, version="3.0.0-draft"))
    flow = replace(kinds.DATAFLOW, structure=draft.ref)
    assert sorted(read("2.1", written("2.1", flow, draft)), key=name_of) == [draft, flow]


def test_flow_may_have_two_availability_constraints() -> None:
    other = replace(kinds.AVAILABILITY, counts=(("obsCount", "1"),))
    found = read("3.1", written("3.1", kinds.AVAILABILITY, other, other))
    assert sorted(artefact.counts for artefact in found if isinstance(artefact, Constraint)) == sorted(
        [kinds.AVAILABILITY.counts, other.counts]
    )


def schema_texts(content: bytes) -> Iterator[str]:
    for element in etree.fromstring(content).iter():
        yield from element.attrib.values()


@pytest.mark.parametrize("version", VERSIONS)
def test_dates_are_written_as_times_required_by_schema(version: str) -> None:
    found = set(schema_texts(written(version, kinds.CODELIST)))
    assert {"2025-01-01T00:00:00", "2030-12-31T12:30:00"} <= found
    zoned = replace(kinds.CODELIST, details=Details(valid_from="2025-01-01T00:00:00Z"))
    assert again(version, zoned) == zoned


def test_geographic_codelists_are_referenced_like_codelists() -> None:
    content = written("3.0", kinds.GEOGRAPHIC)
    assert b"codelist.Codelist=SDMXMIG:CL_GEO(2.1.0)" in content
    assert b"codelist.Code=SDMXMIG:CL_GEO(2.1.0).GE" in content


def test_hierarchy_of_another_codelist_is_not_written_alone() -> None:
    inner = kinds.HIERARCHIES.hierarchies[0]
    assert isinstance(inner, Hierarchy)
    for version in VERSIONS:
        with pytest.raises(SdmxmigError, match="HCL_ALL"):
            written(version, inner)


def test_categorisation_without_content_is_valid() -> None:
    nowhere = Ref("", "", id="", version="")
    empty = Categorisation(
        kinds.CATEGORISATION.ref,
        kinds.NAME,
        source=nowhere,
        target=nowhere,
        annotations=(Annotation("A"),),
        details=Details(external=True),
    )
    for version in VERSIONS:
        assert find_problems(written(version, empty)) == []
        assert again(version, empty) == empty


@pytest.mark.parametrize("version", VERSIONS)
def test_batch_size_does_not_change_the_written_bytes(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    artefacts = list(kinds.OF_VERSION[version].values())
    at_once = written(version, *artefacts)
    for size in (1, 2, 3):
        monkeypatch.setattr(writing, "BATCH_SIZE", size)
        assert written(version, *artefacts) == at_once
    assert writing.PLACE_ELEMENT.encode() not in at_once


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("language", ["", "0", "e n"])
def test_text_without_language_is_not_taken_for_english(version: str, language: str) -> None:
    scheme = ItemScheme(kinds.ref("Codelist", "CL"), Text(((language, "Liste"), ("fr", "b"))), items=())
    with pytest.raises(SdmxmigError, match="is not a language for “Liste”"):
        written(version, scheme)
