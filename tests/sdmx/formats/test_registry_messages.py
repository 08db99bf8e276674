"""Messages of registries: reads answers, writes registrations, and checks the form of others."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from case_tables import cases_from
from folders import SHARED
from lxml import etree
from made_dialogues import FLOW, HEADER, REGISTRATIONS, STRUCTURE, answer, registry_message

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SDMX_31, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.headers import read_header
from sdmxmig.sdmx.formats.sdmx_ml.registry import read_answer, write_registrations
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Note, Party, StructureResult

each_version = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.id)
RESULTS = (
    StructureResult(STRUCTURE, "Success"),
    StructureResult(FLOW, "Failure", (Note("100", Text.of(en="Its structure is missing.", fr="Sans structure.")),)),
)


@each_version
def test_answer_names_each_artefact_with_its_status(dialect: Dialect) -> None:
    assert find_problems(answer(dialect)) == []
    assert read_answer("answer.xml", answer(dialect)) == RESULTS


@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample messages are not here")
def test_results_of_sample_answer_are_parsed() -> None:
    path = SHARED / "sdmx-ml-2.1/reader/submission_append.xml"
    results = read_answer(path.name, path.read_bytes())
    assert [(str(result.artefact), result.status) for result in results] == [
        ("DataStructure=BIS:BIS_DER(1.0)", "Success"),
        ("Dataflow=BIS:WEBSTATS_DER_DATAFLOW(1.0)", "Success"),
    ]


@cases_from("sdmx/formats/cases/faults_of_an_answer_have_a_place.csv")
def test_faults_of_answer_are_located(old: str, new: str, message: str) -> None:
    content = answer(SDMX_31).decode().replace(old, new)
    with pytest.raises(InputError) as caught:
        read_answer("answer.xml", content.encode())
    assert message in caught.value.message
    assert caught.value.place.line >= 1


def test_lenient_reading_leaves_out_the_smallest_part() -> None:
    content = answer(SDMX_31).replace(b'status="Failure"', b'status="Failed"')
    faults = Faults()
    assert read_answer("answer.xml", content, faults) == RESULTS[:1]
    assert len(faults.listed) == 1


@each_version
def test_written_registrations_are_valid(dialect: Dialect) -> None:
    content = write_registrations(REGISTRATIONS, HEADER, dialect)
    assert find_problems(content) == []
    assert read_header("message.xml", io.BytesIO(content)) == HEADER
    root = etree.fromstring(content)
    assert [one.get("id") for one in root.iter("{*}Registration")] == ["R-1", "R-2"]
    assert [one.text for one in root.iter("{*}DataURL")] == ["https://example.org/a?x=1&y=2", "https://example.org/b"]


@pytest.mark.parametrize("receivers", [(), (Party("A"), Party("B"))])
def test_registry_message_has_one_receiver(receivers: tuple[Party, ...]) -> None:
    with pytest.raises(SdmxmigError, match="has one receiver"):
        write_registrations(REGISTRATIONS, replace(HEADER, receivers=receivers), SDMX_31)


@each_version
def test_other_registry_messages_are_checked_by_schema(dialect: Dialect) -> None:
    office = Ref("OrganisationUnit", "A", id="UNITS", version="1.0", item="HEAD").urn
    named = office if dialect.by_urn else f'<URN xmlns="">{office}</URN>'
    body = f"<m:QuerySubscriptionRequest><r:Organisation>{named}</r:Organisation></m:QuerySubscriptionRequest>"
    content = registry_message(body, dialect)
    checked = identify_and_check("message.xml", content, {})
    assert (checked.problems, checked.unchecked) == ([], "")
    assert checked.notes[0].startswith("It is a query subscription request. Only the form")
    wrong = identify_and_check("message.xml", content.replace(b"r:Organisation", b"r:Organization"), {})
    assert [(problem.place.line, problem.severity) for problem in wrong.problems] == [(4, "error")]
    assert "Organization" in wrong.problems[0].message
