"""Headers, reported errors and links in SDMX-JSON: complete, valid, and read without the rest of the message."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import made
import made_artefacts as of
import made_metadata as kinds
import pytest
from case_tables import cases_from, listed
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, structure_bytes
from sdmxmig.sdmx.formats.sdmx_json.headers import BEGINNING, read_header, read_notes
from sdmxmig.sdmx.formats.sdmx_json.schemas import find_problems
from sdmxmig.sdmx.model.artefacts import Contact, Link, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Note, Party

WRITTEN = ("2.0", "2.1")
MESSAGES = ("structure", "data", "metadata")
DETAILS = (
    ("email", "a@b.org"),
    ("email", "c@d.org"),
    ("telephone", "1"),
    ("uri", "https://example.org/a"),
    ("fax", "2"),
)
CONTACTS = (
    Contact(Text.of(en="A", fr=made.AWKWARD), Text.of(en="D"), role=Text.of(fr="R"), details=DETAILS, id="C1"),
    Contact(details=(("x400", "3"),)),
)
FULL = Header(
    "MSG-1",
    "2026-11-20T08:00:00+01:00",
    sender=Party("GE1", Text.of(en=f"Office {made.AWKWARD}", ka="სამსახური"), contacts=CONTACTS, timezone="+04:00"),
    receivers=(Party("UNSD", Text.of(fr="Nations"), contacts=(CONTACTS[1],)), Party("4D0")),
    test=False,
    name=Text.of(en="Message", fr=made.BROKEN),
    source=Text.of(en="Tables", fr="Tableaux"),
    extracted="2026-11-19T08:00:00Z",
    reporting_begin="2025",
    reporting_end="2025-12",
    embargo="2027-01-01T00:00:00Z",
    provider=Ref("DataProvider", "SDMX", id="DATA_PROVIDERS", version="1.0", item="GE1"),
    links=(
        Link("self", "https://example.org/data?a=1"),
        Link(
            "structure",
            of.CL_SEX.urn,
            urn=of.CL_SEX.urn,
            type="codelist",
            title=Text.of(en="List", fr="Liste"),
            language="fr-ca",
        ),
    ),
)
NOTES = (Note("404", Text.of(en="Nothing", fr="Rien"), severity="Error"), Note("110", Text.of(en="Partial")))


def write(kind: str, version: str, header: Header = FULL) -> bytes:
    form = FORMATS[f"sdmx-json-{version}"]
    if kind == "structure":
        content = structure_bytes(form, [of.CODELIST], header)
    elif kind == "data":
        content = data_bytes(form, [made.SMALL], header)
    else:
        content = form.write_metadata([kinds.NEW], header)
    assert find_problems("x", content, version, kind) == []
    return content


def read(content: bytes) -> Header:
    return read_header("x.json", io.BytesIO(content))


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize("kind", MESSAGES)
def test_whole_header_survives_a_round_trip_in_every_message(kind: str, version: str) -> None:
    content = write(kind, version)
    assert read(content) == FULL
    form = FORMATS[f"sdmx-json-{version}"]
    assert form.read_header("x.json", io.BytesIO(content)) == FULL
    assert set(json.loads(content)["meta"]["contentLanguages"]) == {"en", "fr", "ka"}


@cases_from("sdmx/formats/cases/times_come_back_with_their_offset_or_without.csv", versions=listed)
def test_times_round_trip_with_or_without_offset(prepared: str, versions: tuple[str, ...]) -> None:
    for version in versions:
        assert read(write("structure", version, replace(made.HEADER, prepared=prepared))).prepared == prepared


@given(st.text(made.CHARACTERS, min_size=1))
@settings(max_examples=tries(40))
def test_every_text_survives_a_round_trip(text: str) -> None:
    contact = Contact(Text.of(en=text), details=(("telephone", text),))
    header = replace(made.HEADER, name=Text.of(en=text), sender=Party("GE1", Text.of(fr=text), contacts=(contact,)))
    assert read(structure_bytes(FORMATS["sdmx-json-2.1"], [of.CODELIST], header)) == header


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "a b"}, "the id of a message"),
        ({"sender": Party("")}, "the id of a sender"),
        ({"receivers": (Party("é"),)}, "the id of a receiver"),
        ({"prepared": "yesterday"}, "date and time"),
        ({"prepared": "2026-13-01"}, "date and time"),
        ({"name": Text.of({"e n": "a"})}, "a language"),
        ({"links": (Link("self", "no address"),)}, "an address"),
        ({"links": (Link("self", "", urn="urn:x"),)}, "a URN"),
        ({"links": (Link("self", "https://example.org/", language="FR"),)}, "the language of an address"),
        ({"sender": Party("A", contacts=(Contact(details=(("e-mail", "a@b"),)),))}, "no e-mail"),
        ({"sender": Party("A", contacts=(Contact(details=(("email", "a"),)),))}, "an e-mail address"),
        ({"sender": Party("A", contacts=(Contact(details=(("uri", "a"),)),))}, "an address of a contact"),
        ({"notes": (Note("A1", Text()),)}, "the code of a note"),
    ],
)
def test_unsupported_header_fields_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(SdmxmigError, match=said):
        write("structure", "2.1", replace(made.HEADER, **changes))  # type: ignore[arg-type]


class Counting(io.BytesIO):
    """A file that counts the bytes taken from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


def test_reading_stops_after_header() -> None:
    content = write("data", "2.1")
    stream = Counting(content + b" " * 2 * BEGINNING + b"what is behind does not matter")
    assert read_header("x.json", stream) == FULL
    assert stream.taken == BEGINNING


def test_header_after_the_content_is_found() -> None:
    parsed = json.loads(write("metadata", "2.1"))
    turned = json.dumps({"data": parsed["data"], "x-own": "é" * BEGINNING, "meta": parsed["meta"]}).encode()
    assert read(turned) == FULL
    assert read(b"\xef\xbb\xbf \n" + turned) == FULL
    long = json.dumps({"meta": {**parsed["meta"], "x-own": "a" * BEGINNING}}).encode()
    assert read(long) == FULL


def test_single_text_is_in_the_main_language() -> None:
    head = {"id": "M", "prepared": "2026-01-31", "sender": {"id": "A", "name": "Office"}, "name": "Message"}
    told = read(json.dumps({"meta": {**head, "contentLanguages": ["fr", "en"]}}).encode())
    assert (told.sender, told.name) == (Party("A", Text.of(fr="Office")), Text.of(fr="Message"))
    untold = read(json.dumps({"header": {**head, "receiver": {"id": "B"}}}).encode())
    assert (untold.sender.name, untold.receivers) == (Text.of(en="Office"), (Party("B"),))


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        (b"[]", "/", "an object"),
        (b"{}", "/meta", "no header"),
        (b'{"meta": []}', "/meta", "an object"),
        (b'{"meta": {"id": 1}}', "/meta/id", "a text"),
        (b'{"meta": {"sender": {"contacts": [{"emails": "a"}]}}}', "/meta/sender/contacts/0/emails", "an array"),
        (b'{"meta": {"receivers": [{"names": {"en": 1}}]}}', "/meta/receivers/0/names/en", "a text"),
        (b'{"meta": {"links": [{"rel": "self"}]}}', "/meta/links/0", "href"),
        (b'{"meta": {"x-provider": "?"}}', "/meta/x-provider", "does not name"),
        (b'{"meta": {"id": "A", "id": "B"}}', "/meta", "occurs twice"),
    ],
)
def test_header_faults_are_refused_with_their_place(content: bytes, place: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        read(content)
    assert error.value.place.key == place


@pytest.mark.parametrize(
    "content", [b'{"meta": {"id": ', b'{"meta"', b'{"a": ' + b"[" * 10_000, b'{"meta": {"id": "\xff"}}']
)
def test_malformed_json_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        read(content)


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize("kind", MESSAGES)
def test_notes_are_written_among_the_errors(kind: str, version: str) -> None:
    content = write(kind, version, replace(made.HEADER, notes=NOTES))
    assert read_notes("x.json", io.BytesIO(content)) == NOTES
    assert read(content) == made.HEADER


def test_errors_of_a_service_become_notes() -> None:
    error = {"code": 500, "titles": {"en": "Failed"}, "details": {"en": "at once", "fr": "aussitôt"}}
    head = {"id": "M", "prepared": "2026-01-31T12:00:00Z", "sender": {"id": "A"}}
    content = json.dumps({"meta": head, "errors": [error, {"code": 1.5, "title": "Odd"}]}).encode()
    first, second = read_notes("x.json", io.BytesIO(content))
    assert first == Note("500", Text.of(en="Failed: at once", fr="aussitôt"))
    assert second == Note("1.5", Text.of(en="Odd"))
    form = FORMATS["sdmx-json-2.1"]
    for reader in (form.read_structures, form.read_metadata):
        with pytest.raises(InputError, match="answered with an error instead: "):
            reader("x.json", content)


LINKED = replace(
    of.CODELIST,
    details=replace(of.CODELIST.details, links=FULL.links),
    items=(replace(of.CODELIST.items[0], links=FULL.links), *of.CODELIST.items[1:]),
)


@pytest.mark.parametrize("name", ["sdmx-json-2.0", "sdmx-json-2.1", "sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1"])
def test_links_of_artefacts_keep_title_and_language(name: str) -> None:
    form = FORMATS[name]
    [artefact] = form.read_structures("x", structure_bytes(form, [LINKED], made.HEADER))
    back: Artefact = LINKED
    assert artefact.details.links == back.details.links
    assert artefact == back
