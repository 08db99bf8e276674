"""Dialogues with a registry of SDMX-ML 2.0 are read as structures or named."""

from __future__ import annotations

import io
from pathlib import Path

import made_old_structures as old
import pytest
from console import Console

from sdmxmig.primitives.errors import InputError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import read_structures, transform
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml import xsd

TARGETS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")


@pytest.mark.parametrize("name", [*old.ANSWERS, *old.DIALOGUES])
def test_registry_messages_used_in_tests_are_valid(name: str) -> None:
    told = xsd.find_problems({**old.ANSWERS, **old.DIALOGUES}[name])
    assert [said for _, said in told if "agency" not in said and "DEVELOPMENT" not in said] == []


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", [*old.ANSWERS])
def test_structures_of_old_registries_convert_without_loss(name: str, target: str) -> None:
    assert detect(name, old.ANSWERS[name]).kind == "structure"
    out, told = io.BytesIO(), []
    transform(name, io.BytesIO(old.ANSWERS[name]), FORMATS[target], out, flows={}, tell=told.append)
    assert FORMATS[target].structure_problem(out.getvalue()) == ""
    before = {str(artefact.ref) for artefact in read_structures(name, old.ANSWERS[name])}
    assert {str(artefact.ref) for artefact in read_structures(name, out.getvalue())} == before


@pytest.mark.parametrize("name", [*old.ANSWERS])
def test_check_counts_artefacts_in_registry_answers(name: str) -> None:
    checked = identify_and_check(name, old.ANSWERS[name], {})
    assert checked.size == len(read_structures(name, old.ANSWERS[name]))
    assert checked.unchecked == ""


@pytest.mark.parametrize("body", [*old.DIALOGUES])
def test_other_registry_dialogues_are_refused_by_name(body: str) -> None:
    content = old.DIALOGUES[body]
    detected = detect("r.xml", content)
    assert (detected.kind, body in detected.name) == ("registry", True)
    checked = identify_and_check("r.xml", content, {})
    assert (checked.problems, checked.size) == ([], 0)
    assert checked.notes[0].startswith(f"It is a {body[0].lower()}{body[1:4].lower()}")


@pytest.mark.parametrize("body", ["QueryRegistrationResponse", "SubmitProvisioningRequest"])
def test_faults_in_old_registry_messages_are_reported(body: str) -> None:
    spoilt = old.DIALOGUES[body].replace(b"DataflowID>", b"FlowID>")
    assert any("FlowID" in problem.message for problem in identify_and_check("r.xml", spoilt, {}).problems)


@pytest.mark.parametrize("body", [*old.DIALOGUES])
def test_registry_dialogues_are_refused_as_structures(body: str, tmp_path: Path, console: Console) -> None:
    source = tmp_path / "r.xml"
    source.write_bytes(old.DIALOGUES[body])
    errors = console.errors("transform", source, "--to", "sdmx-ml-3.0", "-o", tmp_path / "out")
    assert body in errors
    assert "Structures, data and reference metadata can be transformed." in errors


def test_error_text_of_the_registry_is_quoted() -> None:
    said = '<r:StatusMessage status="Failure"><r:MessageText>No such list</r:MessageText></r:StatusMessage>'
    content = old.dialogue(f"<QueryStructureResponse>{said}</QueryStructureResponse>")
    with pytest.raises(InputError, match="the registry failed: No such list"):
        read_structures("r.xml", content)


def test_lenient_reading_leaves_out_unreadable_parts() -> None:
    content = old.ANSWERS["an answer with all"].replace(b'id="CL_SEX"', b'id="CL SEX"')
    faults = Faults()
    reader = FORMATS["sdmx-ml-2.0"].read_structures
    found = reader("r.xml", content, faults)
    assert [artefact.ref.kind for artefact in found] == ["Categorisation", "Dataflow", "DataStructure"]
    assert ["“CL SEX” for an id" in fault.message for fault in faults.listed] == [True]
