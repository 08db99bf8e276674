"""Structures and metadata with missing or external parts: the rest is read completely, and no part is invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import made
import made_artefacts as of
import made_metadata
import pytest
from case_tables import cases_from
from lxml import etree

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.metadata import Target
from sdmxmig.sdmx.model.structures import Artefact

JSON = ("sdmx-json-2.0", "sdmx-json-2.1")
XML = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")


def read(form: str, content: bytes, faults: Faults | None = None) -> tuple[Artefact, ...]:
    reader = FORMATS[form].read_structures
    return reader("m", content, faults)


def comes_back(form: str, artefacts: tuple[Artefact, ...]) -> bool:
    return read(form, structure_bytes(FORMATS[form], artefacts, made.HEADER)) == artefacts


def changed_json(form: str, artefact: Artefact, change: Callable[[dict[str, Any]], object]) -> bytes:
    message = json.loads(structure_bytes(FORMATS[form], [artefact], made.HEADER))
    [[written]] = message["data"].values()
    change(written)
    return json.dumps(message).encode()


def changed_xml(form: str, artefact: Artefact, change: Callable[[etree._Element], object]) -> bytes:
    root = etree.fromstring(structure_bytes(FORMATS[form], [artefact], made.HEADER))
    change(root)
    return etree.tostring(root)


def named(root: etree._Element, name: str) -> list[etree._Element]:
    return list(root.iter(f"{{*}}{name}"))


@pytest.mark.parametrize("form", JSON)
@cases_from("sdmx/formats/cases/missing_half_is_reported_and_refused_if_strict_kind_half.csv")
def test_missing_half_of_pair_is_reported_or_refused_if_strict(form: str, kind: str, half: str) -> None:
    content = changed_json(form, of.OF_VERSION["3.0"][kind], lambda written: written.pop(half))
    with pytest.raises(InputError, match=f"“{half}”.* missing"):
        read(form, content)
    faults = Faults()
    assert read(form, content, faults) == ()
    assert [half in fault.message for fault in faults.listed] == [True]


@pytest.mark.parametrize("form", JSON)
@pytest.mark.parametrize("kind", ["categorisation", "hierarchy association", "agency scheme", "data structure"])
def test_complete_pair_survives_a_round_trip(form: str, kind: str) -> None:
    assert comes_back(form, read(form, changed_json(form, of.OF_VERSION["3.0"][kind], lambda _: None)))


@pytest.mark.parametrize("form", JSON)
@pytest.mark.parametrize("version", [[], {}, True, ["1.0"]])
@pytest.mark.parametrize("kind", ["agency scheme", "data provider scheme", "organisation unit scheme"])
def test_unreadable_version_is_reported_and_read_as_1_0(form: str, version: object, kind: str) -> None:
    content = changed_json(form, of.OF_VERSION["3.0"][kind], lambda written: written.update(version=version))
    with pytest.raises(InputError, match="version"):
        read(form, content)
    faults = Faults()
    artefacts = read(form, content, faults)
    assert (bool(faults.listed), [artefact.ref.version for artefact in artefacts]) == (True, ["1.0"])
    assert comes_back(form, artefacts)


def without_representation(root: etree._Element) -> None:
    [dimension] = named(root, "TimeDimension")
    dimension.remove(named(dimension, "LocalRepresentation")[0])


def without_local_representation(written: dict[str, Any]) -> None:
    listed = written["dataStructureComponents"]["dimensionList"]
    found = listed.get("timeDimension") or listed["timeDimensions"][0]
    del found["localRepresentation"]


@pytest.mark.parametrize("form", [*XML, *JSON])
def test_time_dimension_without_representation_gets_periods(form: str) -> None:
    structure = of.OF_VERSION[form[-3:] if form in XML else "3.0"]["data structure"]
    if form in XML:
        content = changed_xml(form, structure, without_representation)
    else:
        content = changed_json(form, structure, without_local_representation)
    [artefact] = read(form, content)
    assert (artefact.time.data_type, artefact.time.facets) == ("ObservationalTimePeriod", ())
    assert comes_back(form, (artefact,))


@pytest.mark.parametrize("form", XML)
def test_values_of_a_region_are_parsed_alike_in_any_order(form: str) -> None:
    constraint = of.OF_VERSION[form[-3:]]["data constraint"]

    def turned(root: etree._Element) -> None:
        for region in named(root, "CubeRegion"):
            region[:] = [*reversed(region)]

    [straight] = read(form, changed_xml(form, constraint, lambda _: None))
    [other] = read(form, changed_xml(form, constraint, turned))
    for left, right in zip(straight.regions, other.regions, strict=True):
        assert sorted(left.selections, key=repr) == sorted(right.selections, key=repr)
        assert [selection.role for selection in left.selections] == [selection.role for selection in right.selections]
    assert {selection.role for region in straight.regions for selection in region.selections} == {"key", "component"}
    assert comes_back(form, (other,))


@pytest.mark.parametrize("form", XML[1:])
def test_annotations_of_missing_measure_list_are_refused(form: str) -> None:
    structure = of.OF_VERSION["3.0"]["data structure"]
    assert dict(structure.list_notes)["MeasureList"]
    kept = tuple(component for component in structure.components if component.role not in ("measure", "attribute"))
    bare = replace(
        structure,
        components=kept,
        list_notes=tuple(list_note for list_note in structure.list_notes if "Att" not in list_note[0]),
    )
    with pytest.raises(SdmxmigError, match="the annotations of its measures"):
        structure_bytes(FORMATS[form], [bare], made.HEADER)
    silent = tuple(list_note for list_note in bare.list_notes if list_note[0] != "MeasureList")
    assert comes_back(form, (replace(bare, list_notes=silent),))


def ids_in_2_1(*targets: Target) -> list[str]:
    form = FORMATS["sdmx-ml-2.1"]
    report = replace(made_metadata.OLD.reports[1], targets=targets)
    content = form.write_metadata([replace(made_metadata.OLD, reports=(report,))], made.HEADER)
    return [one.get("id", "") for one in named(etree.fromstring(content), "ReferenceValue")]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (("", ""), ["OBJECT", "OBJECT_2"]),
        (("CITY", ""), ["CITY", "OBJECT"]),
        (("", "CITY", ""), ["OBJECT", "CITY", "OBJECT_2"]),
        (("OBJECT", ""), ["OBJECT", "OBJECT_2"]),
        (("", "OBJECT"), ["OBJECT_2", "OBJECT"]),
        (("OBJECT_2", "", ""), ["OBJECT_2", "OBJECT", "OBJECT_3"]),
        (("A", "B"), ["A", "B"]),
    ],
)
def test_targets_without_id_get_an_unused_id(given: tuple[str, ...], written: list[str]) -> None:
    targets = (Target(made_metadata.POPULATION, id=own) for own in given)
    assert ids_in_2_1(*targets) == written
