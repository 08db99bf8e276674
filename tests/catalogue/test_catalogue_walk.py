"""Everything that is declared is legal, valid in every version of SDMX, and comes back from it as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from declared import write

from sdmxmig.catalogue import Catalogue, load, sort_structures
from sdmxmig.catalogue.rows import check_version
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.fitting import FittedMessage, fit_artefacts
from sdmxmig.sdmx.formats.sdmx_json import schemas
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.model.artefacts import ItemScheme, iterate_references
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.maps import StructureMap
from sdmxmig.sdmx.model.structures import Artefact, Constraint
from sdmxmig.sdmx.model.submission import Header, Party

VERSIONS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
HEADER = Header("STRUCTURES", "2026-01-01T00:00:00Z", sender=Party("SDMXMIG"), receivers=(Party("UNSD"),))
NOWHERE = Place("walk")
FIXED = ("AgencyScheme", "DataProviderScheme", "MetadataProviderScheme")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The shipped artefacts, and one small artefact of every kind."""
    return load(write(tmp_path_factory.mktemp("walk")))


@pytest.fixture(scope="module")
def messages(catalogue: Catalogue) -> dict[str, FittedMessage]:
    artefacts = sort_structures(catalogue)
    return {version: fit_artefacts(FORMATS[version], artefacts, HEADER) for version in VERSIONS}


def judge(version: str, content: bytes) -> Sequence[object]:
    """Problems of a structure message under the official schema."""
    if version.startswith("sdmx-ml"):
        return xsd.find_problems(content)
    return schemas.find_problems(version, content, version.removeprefix("sdmx-json-"), "structure")


def test_every_reference_points_to_an_earlier_artefact(catalogue: Catalogue) -> None:
    order = {artefact.ref: number for number, artefact in enumerate(sort_structures(catalogue))}
    for artefact in catalogue.artefacts.values():
        for ref in iterate_references(artefact):
            inside = {ref.kind, artefact.ref.kind} <= {"Concept", "ConceptScheme"}
            assert inside or order[ref.scheme] < order[artefact.ref], f"{artefact.ref} names {ref}"


def test_own_versions_are_semantic_with_three_numbers(catalogue: Catalogue) -> None:
    for ref in catalogue.artefacts:
        check_version(ref.version, NOWHERE)
        if ref.agency == "SDMXMIG" and ref.kind not in FIXED:
            assert ref.version.removesuffix("-draft").count(".") == 2, ref


def test_every_agency_is_declared(catalogue: Catalogue) -> None:
    schemes = [artefact for artefact in catalogue.artefacts.values() if isinstance(artefact, ItemScheme)]
    whole = {scheme.ref: "" if scheme.ref.agency == "SDMX" else f"{scheme.ref.agency}." for scheme in schemes}
    declared = {
        f"{whole[scheme.ref]}{item.id}" for scheme in schemes if scheme.ref.kind == "AgencyScheme" for item in scheme
    }
    assert {ref.agency for ref in catalogue.artefacts} - {"ESTAT"} <= declared


@pytest.mark.parametrize("version", VERSIONS)
def test_every_message_is_valid_under_the_official_schema(messages: dict[str, FittedMessage], version: str) -> None:
    assert judge(version, messages[version].content) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_written_catalogue_survives_a_round_trip(
    catalogue: Catalogue, messages: dict[str, FittedMessage], version: str
) -> None:
    read = FORMATS[version].read_structures
    back = {artefact.ref: artefact for artefact in map(same_kind, read("structures", messages[version].content))}
    left = {ref for ref, _ in messages[version].left_out}
    for ref, artefact in catalogue.artefacts.items():
        if ref not in left:
            assert back.pop(ref) == in_messages(artefact)
    assert not back


def same_kind(artefact: Artefact) -> Artefact:
    """A constraint under the name that SDMX 3 has for its kind."""
    if isinstance(artefact, Constraint) and artefact.ref.kind == "ContentConstraint":
        return replace(artefact, ref=replace(artefact.ref, kind="DataConstraint"))
    return artefact


def in_messages(artefact: Artefact) -> Artefact:
    """An artefact without what stays at home: the rules of a dataflow."""
    return replace(artefact, rules=()) if isinstance(artefact, Dataflow) else artefact


def test_artefacts_missing_in_a_version_are_listed_by_name(messages: dict[str, FittedMessage]) -> None:
    ours = {
        version: {ref.id for ref, _ in message.left_out if "TRY" in ref.id} for version, message in messages.items()
    }
    assert ours == {version: {"SM_TRY"} if version == "sdmx-ml-2.1" else set() for version in VERSIONS}
    for message in messages.values():
        assert all(reason for _, reason in message.left_out)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_reference_in_a_message_resolves(
    catalogue: Catalogue, messages: dict[str, FittedMessage], version: str
) -> None:
    left = {ref for ref, _ in messages[version].left_out}
    for ref, artefact in catalogue.artefacts.items():
        if ref not in left:
            assert not {reference.scheme for reference in iterate_references(artefact)} & left, ref


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(name, marks=() if name in ("sdmx-ml-3.0", "sdmx-json-2.0") else pytest.mark.long)
        for name in VERSIONS[1:]
    ],
)
def test_pysdmx_finds_equal_artefacts_and_counts(catalogue: Catalogue, version: str) -> None:
    from pysdmx.io import read_sdmx

    given = [structure for structure in sort_structures(catalogue) if can_be_read(structure, version)]
    found: list[Any] = []
    for are_lists in (True, False):  # in two messages: it reads all lists of a message again for each structure
        part = [artefact for artefact in given if (artefact.ref.kind == "Codelist") is are_lists]
        message = read_sdmx(fit_artefacts(FORMATS[version], part, HEADER).content.decode(), validate=False)
        found += message.structures or ()
    names = Counter((getattr(one.agency, "id", one.agency), one.id) for one in found)
    assert names == Counter((artefact.ref.agency, artefact.ref.id) for artefact in given)
    sizes = {(one.agency, one.id, one.version): len(one.items) for one in found if hasattr(one, "items")}
    for artefact in given:
        if artefact.ref.kind in ("Codelist", "ConceptScheme") and isinstance(artefact, ItemScheme):
            assert sizes[artefact.ref.agency, artefact.ref.id, artefact.ref.version] == len(artefact), artefact.ref


def can_be_read(artefact: Artefact, version: str) -> bool:
    """Whether the other libraries can read it.

    In SDMX-JSON, pysdmx does not support structures without components, constraints with plain values, or attributes of
    metadata structures that occur once; in no format, preconditions of maps. sdmx1 does not support ranges of periods
    with one end, and invents lists for the codes of hierarchies and maps.
    """
    if isinstance(artefact, StructureMap) and any(fixed.on_source for fixed in artefact.fixed):
        return False
    if version == "sdmx-ml-2.1":
        return artefact.ref.kind not in ("DataConstraint", "Hierarchy", "RepresentationMap", "StructureMap")
    stub = isinstance(artefact, DataStructure) and artefact.details.external
    hidden = artefact.ref.kind in ("DataConstraint", "MetadataStructure")
    return not version.startswith("sdmx-json") or not (stub or hidden)


SDMX1 = """
import json, sys, sdmx
message = sdmx.read_sdmx(sys.argv[1])
lists = {"Codelist": message.codelist, "ConceptScheme": message.concept_scheme}
kinds = {**lists, "Dataflow": message.dataflow, "DataStructure": message.structure}
found = [(kind, one) for kind in kinds for one in kinds[kind].values()]
print(json.dumps([[kind, one.maintainer.id, one.id, len(getattr(one, "items", ()))] for kind, one in found]))
"""


def test_sdmx1_finds_equal_artefacts_and_counts(catalogue: Catalogue, tmp_path: Path) -> None:
    fitted = fit_artefacts(
        FORMATS["sdmx-ml-2.1"],
        [structure for structure in sort_structures(catalogue) if can_be_read(structure, "sdmx-ml-2.1")],
        HEADER,
    )
    file = tmp_path / "structures.xml"
    file.write_bytes(fitted.content)
    answer = subprocess.run([sys.executable, "-c", SDMX1, str(file)], capture_output=True, check=False, text=True)
    assert answer.returncode == 0, answer.stderr[-2000:]
    left = {ref for ref, _ in fitted.left_out}
    expected = [
        [ref.kind, ref.agency, ref.id, len(artefact) if isinstance(artefact, ItemScheme) else 0]
        for ref, artefact in catalogue.artefacts.items()
        if ref.kind in ("Codelist", "ConceptScheme", "Dataflow", "DataStructure") and ref not in left
    ]
    assert sorted(json.loads(answer.stdout)) == sorted(expected)
