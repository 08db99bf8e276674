"""Errors that services answer, and queries."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from folders import SHARED
from made_dialogues import ERRORS, FLOW_QUERY, OLD_QUERY

import sdmxmig
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SDMX_21, SDMX_30, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import read_error, write_error
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.submission import ErrorMessage, Note

MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
each_version = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.id)


# -- errors -------------------------------------------------------------------------------------------------


@each_version
def test_error_messages_are_valid_and_survive_a_round_trip(dialect: Dialect) -> None:
    content = write_error(ERRORS, dialect)
    assert find_problems(content) == []
    assert read_error("error.xml", content) == ERRORS
    assert detect("error.xml", content).kind == "error"


@each_version
def test_pysdmx_reads_our_error_message(dialect: Dialect) -> None:
    from pysdmx.errors import PysdmxError
    from pysdmx.io import read_sdmx

    content = write_error(ErrorMessage((Note("304", Text.of(en="No changes")),)), dialect)
    with pytest.raises(PysdmxError, match=r"304.*No changes"):
        read_sdmx(content.decode(), validate=True)


@pytest.mark.parametrize("errors", [(), (Note("1", Text()),)])
def test_error_without_text_is_refused(errors: tuple[Note, ...]) -> None:
    with pytest.raises(SdmxmigError, match=r"no error to report|no text"):
        write_error(ErrorMessage(errors), SDMX_30)


@pytest.mark.parametrize("name", ["sdmx-ml-2.1", "sdmx-ml-3.1"])
def test_readers_of_other_messages_report_the_error(name: str) -> None:
    content = write_error(
        ErrorMessage((Note("304", Text.of(en="No\n  changes")), Note("5", Text.of(fr="Rien")))), SDMX_21
    )
    readers = FORMATS[name]
    assert readers.read_structures is not None
    assert readers.read_data is not None
    for read in (
        lambda: readers.read_structures("x.xml", content),  # type: ignore[misc]
        lambda: list(readers.read_data("x.xml", io.BytesIO(content), {})),  # type: ignore[misc]
        lambda: readers.read_metadata("x.xml", content),  # type: ignore[misc]
    ):
        with pytest.raises(InputError) as caught:
            read()
        assert "304: No changes; 5: Rien" in caught.value.message
        assert caught.value.place.file == "x.xml"


JSON_ERROR = b"""{"meta": {"id": "E", "prepared": "2026-01-01T00:00:00Z", "sender": {"id": "XY"}},
 "errors": [{"code": 404, "title": "Nothing found", "detail": "No data for W9"}]}"""


@pytest.mark.parametrize("content", [JSON_ERROR, write_error(ERRORS, SDMX_30)], ids=["JSON", "ML"])
def test_read_and_transform_show_the_error_of_the_service(content: bytes, tmp_path: Path) -> None:
    sentence = "Nothing found: No data for W9" if content is JSON_ERROR else ERRORS.errors[0].text.in_language("en")
    for use in (sdmxmig.read, lambda message: sdmxmig.transform(message, tmp_path / "data.csv")):
        with pytest.raises(sdmxmig.SdmxmigError, match=f"answered with an error instead: .*{sentence}"):
            use(content)
    assert sentence in " ".join(identify_and_check("answer", content, {}).notes)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample messages are not here")
def test_sample_error_message_survives_a_round_trip() -> None:
    path = SHARED / "sdmx-ml-2.1/reader/error_304.xml"
    message = read_error(path.name, path.read_bytes())
    assert str(message).startswith("304: Either no structures were submitted, or the submitted structures contain no")
    for dialect in DIALECTS:
        assert read_error("x.xml", write_error(message, dialect)) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f'<Structure xmlns="{MESSAGE}"/>', "is not an error message"),
        (f'<Error xmlns="{MESSAGE}"><Message/></Error>', "contains <Message>"),
        (f'<Error xmlns="{MESSAGE}"><ErrorMessage code="1" kind="x"/></Error>', "unknown attribute kind"),
        (f'<Error xmlns="{MESSAGE}">', "well formed"),
    ],
)
def test_other_messages_are_refused_as_error_message(content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_error("x.xml", content.encode())


def test_faults_of_error_message_are_listed() -> None:
    content = write_error(ERRORS, SDMX_21).replace(b"</mes:Error>", b"<mes:X/></mes:Error>")
    faults = Faults()
    assert read_error("x.xml", content, faults) == ERRORS
    assert [fault.message for fault in faults.listed] == ["<Error> contains <X>, which does not belong there."]


# -- queries ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "document"), [(FLOW_QUERY, "dataflow query"), (OLD_QUERY, "query message")], ids=["dataflow", "2.0"]
)
def test_queries_are_checked_against_their_schema(content: bytes, document: str) -> None:
    checked = identify_and_check("query.xml", content.replace(b"<q:CodelistWhere/>", b""), {})
    assert (checked.detected.kind, checked.problems, checked.unchecked) == ("query", [], "")
    assert checked.notes == (f"It is a {document}. Only the form of queries is checked, against the official schema.",)
    wrong = identify_and_check("query.xml", content.replace(b"m:Sender", b"m:Sendre"), {})
    assert {problem.severity for problem in wrong.problems} == {"error"}
    assert any("Sendre" in problem.message for problem in wrong.problems)
