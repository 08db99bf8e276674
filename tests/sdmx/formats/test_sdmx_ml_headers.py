"""Headers and footers of SDMX-ML: complete, valid, equal when read back, and read without the rest of a message."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import made
import pytest
from folders import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, structure_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS
from sdmxmig.sdmx.formats.sdmx_ml.headers import read_header, read_notes
from sdmxmig.sdmx.formats.sdmx_ml.registry import write_registrations
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Contact, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Note, Party, StructureUse

AWKWARD = made.AWKWARD + " \ttab\nline "
TEXT = Text.of(en=AWKWARD, fr="L'année", ar="سنة")
CONTACTS = (
    Contact(
        TEXT,
        Text.of(en="Migration"),
        role=Text.of(fr="Chef"),
        details=(
            ("telephone", "+1 & 2"),
            ("email", "a@example.org"),
            ("uri", "https://example.org/?a=1&b=2"),
            ("fax", "3"),
        ),
    ),
    Contact(details=(("x400", "x"), ("email", "b@example.org"), ("email", "a@example.org"))),
)
PARTIES = Header(
    "MSG-1",
    "2026-11-20T08:00:00.5+02:00",
    sender=Party("GE1", TEXT, contacts=CONTACTS, timezone="+04:00"),
    receivers=(Party("UNSD", Text.of(en="UN"), contacts=CONTACTS[:1]), Party("4D0")),
    test=False,
)
NOTES = (
    Note("500", TEXT, severity="Warning"),
    Note("", Text.of(en="Read."), severity="Information"),
    Note("1", Text.of(fr="Lu")),
)
NAMED = replace(PARTIES, name=TEXT, source=Text.of(en=AWKWARD, ru="Источник"), notes=NOTES)
DATED = replace(
    NAMED,
    extracted="2026-11-19T00:00:00Z",
    reporting_begin="2024",
    reporting_end="2025-Q2",
    embargo="2026-12-01T10:00:00",
    provider=Ref("DataProvider", "SDMXMIG", id="DATA_PROVIDERS", version="1.0", item="GE1"),
)
FLOW = Ref("Metadataflow", "SDMXMIG", id="MDF", version="1.0.0")
TARGET = Target("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0.0)", id="FLOW")


def structures(header: Header, form: str) -> bytes:
    return structure_bytes(FORMATS[form], [made.SEX], header)


def data(header: Header, form: str) -> bytes:
    return data_bytes(FORMATS[form], [made.SMALL], header)


def streamed(header: Header, form: str) -> bytes:
    return data_bytes(FORMATS[form], iter([made.SMALL]), header)


def metadata(header: Header, form: str) -> bytes:
    report = Report((TARGET,), (ReportedAttribute("CONTACT", ("x",)),), id="R", target_id="T")
    given = MetadataSet(FLOW, (report,))
    if form != "sdmx-ml-2.1":
        ref = Ref("MetadataSet", "GE1", id="SET", version="1.0.0")
        given = MetadataSet(
            FLOW, (Report((replace(TARGET, id=""),), report.attributes),), ref=ref, name=Text.of(en="Set")
        )
    write = FORMATS[form].write_metadata
    return write([given], header)


def registry(header: Header, form: str) -> bytes:
    dialect = next(dialect for dialect in DIALECTS if dialect.id == form)
    return write_registrations((), header, dialect)


ALL = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
METADATA_PROVIDER = Ref("MetadataProvider", "SDMXMIG", id="METADATA_PROVIDERS", version="1.0", item="GE1")
OF_METADATA = replace(DATED, reporting_begin="", reporting_end="", embargo="")
CASES: list[tuple[str, Callable[[Header, str], bytes], Header]] = [
    *((form, structures, NAMED) for form in ALL),
    *((form, data, DATED) for form in (*ALL, "sdmx-ml-2.1-generic")),
    *((form, streamed, DATED) for form in ALL),
    ("sdmx-ml-2.1", metadata, OF_METADATA),
    *((form, metadata, replace(OF_METADATA, provider=METADATA_PROVIDER)) for form in ALL[1:]),
    *((form, registry, replace(PARTIES, receivers=PARTIES.receivers[:1])) for form in ALL),
]
each_case = pytest.mark.parametrize(
    ("form", "write", "header"), CASES, ids=[f"{write.__name__}-{form}" for form, write, _ in CASES]
)


def back(content: bytes) -> Header:
    """The header of a message, with its footer, and without its datasets."""
    header = read_header("message.xml", io.BytesIO(content))
    notes = read_notes("message.xml", io.BytesIO(content))
    return replace(header, notes=notes, dataset_action="", dataset_ids=(), structures=())


@each_case
def test_full_header_survives_a_round_trip(form: str, write: Callable[[Header, str], bytes], header: Header) -> None:
    content = write(header, form)
    assert find_problems(content, made.FLOWS.values()) == []
    assert back(content) == header


@each_case
def test_short_header_survives_a_round_trip(form: str, write: Callable[[Header, str], bytes], header: Header) -> None:
    short = Header("M", "2026-11-20", sender=Party("GE1"), receivers=header.receivers[:1])
    content = write(short, form)
    assert find_problems(content, made.FLOWS.values()) == []
    assert back(content) == short
    assert b"Footer" not in content


@pytest.mark.parametrize("form", [*ALL, "sdmx-ml-2.1-generic"])
def test_header_lists_the_datasets(form: str) -> None:
    found = read_header("message.xml", io.BytesIO(data(DATED, form)))
    assert (found.dataset_action, found.dataset_ids) == ("Replace", ("DF_POP",))
    converted = read_header("message.xml", io.BytesIO(data(replace(found, dataset_ids=("ABC",), structures=()), form)))
    assert converted.dataset_ids == ("ABC",)
    (use,) = found.structures
    ref = made.DATAFLOW.ref if form in ALL[1:] else replace(made.DATAFLOW.ref, version="1.0.0")
    assert (use.id, use.ref, use.dimension_at_observation) == ("S1", ref, "TIME_PERIOD")
    assert bool(use.namespace) is ("generic" not in form)


@pytest.mark.parametrize("form", ALL)
def test_header_lists_the_metadata_structures(form: str) -> None:
    found = read_header("message.xml", io.BytesIO(metadata(PARTIES, form)))
    assert [use.ref for use in found.structures] == [FLOW]


def test_metadata_provider_is_named_in_terms_of_the_version() -> None:
    old, new = replace(OF_METADATA, notes=()), replace(OF_METADATA, provider=METADATA_PROVIDER, notes=())
    for header in (old, new):
        assert back(metadata(header, "sdmx-ml-2.1")) == old
        assert back(metadata(header, "sdmx-ml-3.0")) == new


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1))
def test_any_text_survives_a_round_trip(text: str) -> None:
    said = Text.of(en=text, fr=f"l'{text}")
    header = replace(PARTIES, sender=Party("GE1", said), name=said, source=said, notes=(Note(text, said),))
    assert back(structures(header, "sdmx-ml-3.0")) == header


@pytest.mark.parametrize("form", ALL)
def test_pysdmx_reads_an_equal_header(form: str) -> None:
    from pysdmx.io import read_sdmx

    plain = replace(NAMED, sender=Party("GE1", TEXT), receivers=PARTIES.receivers[1:])  # it has no contacts
    header = read_sdmx(structures(plain, form).decode(), validate=True).header
    assert (header.id, str(header.test).lower(), header.sender.id) == ("MSG-1", "false", "GE1")


# -- what cannot be said ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "more", "message"),
    [
        (structures, {"extracted": "2026-11-19T00:00:00Z"}, "cannot express when the content was extracted"),
        (
            metadata,
            {"provider": Ref("Agency", "A", id="AGENCIES", version="1.0", item="B")},
            "names a MetadataProvider, not Agency",
        ),
        (registry, {"name": TEXT}, "the name of the message"),
        (registry, {"receivers": PARTIES.receivers}, "has one receiver, not 2"),
        (data, {"id": "a b"}, "“a b” cannot be the id of a message"),
        (data, {"prepared": "yesterday"}, "“yesterday” cannot be a time of preparation"),
        (data, {"sender": Party("GE1", timezone="CET")}, "“CET” cannot be a time zone"),
        (data, {"receivers": (Party("UNSD", timezone="Z"),)}, "A receiver such as UNSD has no time zone"),
        (data, {"sender": Party("GE1", contacts=(Contact(id="C"),))}, "has no id such as “C”"),
        (data, {"sender": Party("GE1", contacts=(Contact(details=(("mail", "x"),)),))}, "A contact has no mail"),
        (data, {"notes": (Note("1", TEXT, severity="Bad"),)}, "“Bad” is not a severity"),
        (data, {"notes": (Note("1", Text()),)}, "has no text"),
        (data, {"source": Text.of(en="\x07")}, "which XML does not allow"),
    ],
)
def test_unsupported_header_fields_are_refused(
    write: Callable[[Header, str], bytes], more: dict[str, object], message: str
) -> None:
    header = replace(PARTIES, receivers=PARTIES.receivers[:1])
    assert write(header, "sdmx-ml-3.0")
    with pytest.raises(SdmxmigError, match=message):
        write(replace(header, **more), "sdmx-ml-3.0")  # type: ignore[arg-type]


# -- reading without the rest, and what is wrong ------------------------------------------------------------


@pytest.mark.parametrize("form", ALL)
def test_reading_stops_after_header(form: str) -> None:
    reads: list[int] = []

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            reads.append(len(found))
            return found

    content = data(PARTIES, form)
    end = content.index(b"</mes:Header>")
    for rest in (b"", b"<" * 100_000, b"\x00" * 1_000_000):
        reads.clear()
        stream = Counted(content[: end + 20] + rest)
        read = FORMATS[form].read_header
        assert read("message.xml", stream).sender == PARTIES.sender
        assert sum(reads) < end + 10_000


def changed(old: str, new: str) -> bytes:
    content = data(NAMED, "sdmx-ml-3.0").decode()
    assert old in content
    return content.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<a/>", "is not a message of SDMX-ML"),
        (b"", "well formed"),
        (changed("<mes:ID>", "<mes:Bogus/><mes:ID>"), "Bogus does not belong in Header"),
        (
            changed("datastructure.Dataflow=SDMXMIG:DF_POP(1.0.0-draft)</", "datastructure.Dataflwo=X:Y(1.0)</"),
            "StructureUsage names no Dataflow",
        ),
        (changed("<mes:Header>", "<mes:DataSet/><mes:Header>"), "DataSet comes before a Header"),
        (changed("<mes:Header>", "<mes:Header><mes:Header>"), "not well formed|does not belong"),
    ],
)
def test_header_faults_are_located(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_header("message.xml", io.BytesIO(content))
    assert caught.value.place.file == "message.xml"


def test_header_faults_are_listed() -> None:
    faults = Faults()
    content = changed("<mes:ID>", "<mes:Bogus/><mes:ID>").replace(b".Dataflow=", b".Dataflwo=")
    found = read_header("message.xml", io.BytesIO(content), faults)
    assert (found.id, found.sender, found.structures[0].ref) == ("MSG-1", PARTIES.sender, None)
    assert len(faults.listed) == 2


def test_endless_header_is_refused() -> None:
    head = b'<Structure xmlns="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"><Header>'
    with pytest.raises(InputError, match="more than"):
        read_header("message.xml", io.BytesIO(head + b"<Name>a</Name>" * 30_000))


def test_names_and_contacts_are_read_from_header_of_2_0() -> None:
    content = """<CompactData xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"><Header><ID>X</ID>
    <Test>true</Test><Truncated>false</Truncated><Name xml:lang="en">A</Name><Name>B</Name><Prepared>2026</Prepared>
    <Sender id="S"><Name xml:lang="fr">É</Name><Contact><Name>N</Name><Email>e@example.org</Email></Contact></Sender>
    <KeyFamilyRef>KF</KeyFamilyRef><KeyFamilyAgency>AG</KeyFamilyAgency><DataSetID>D</DataSetID>
    <ReportingBegin>2020</ReportingBegin></Header>"""
    found = read_header("x.xml", io.BytesIO(content.encode()))
    contact = Contact(Text.of(en="N"), details=(("email", "e@example.org"),))
    assert found == Header(
        "X",
        "2026",
        sender=Party("S", Text.of(fr="É"), contacts=(contact,)),
        test=True,
        name=Text.of(en="A\nB"),
        reporting_begin="2020",
        dataset_ids=("D",),
        structures=(StructureUse("", Ref("DataStructure", "AG", id="KF", version="")),),
    )


@pytest.mark.parametrize(
    ("said", "test"),
    [
        *(("<Test>true</Test>", True), ("<Test>1</Test>", True), ("<Test> true </Test>", True)),
        *(("<Test>false</Test>", False), ("<Test>0</Test>", False), ("", False)),
    ],
)
def test_test_flag_is_read_from_old_headers(said: str, test: bool) -> None:
    schema = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"
    content = f'<CompactData xmlns="{schema}"><Header><ID>X</ID>{said}</Header>'
    found = read_header("x.xml", io.BytesIO(content.encode()))
    assert found.test is test


SAMPLES = [
    path
    for folder in ("sdmx-ml-2.0", "sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "structures")
    for path in sorted((SHARED / folder).rglob("*.xml"))
]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_id_is_read_from_header_of_each_sample(path: Path) -> None:
    content = path.read_bytes()
    root = etree.fromstring(content)
    if etree.QName(root).localname == "Error":
        with pytest.raises(InputError, match="comes before a Header"):
            read_header(path.name, io.BytesIO(content))
        return
    found = read_header(path.name, io.BytesIO(content))
    assert found.id == (root.findtext("{*}Header/{*}ID") or "").strip()
    assert found.sender.id
    senders = root.findall("{*}Header/{*}Sender")
    assert len(senders) == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample messages are not here")
def test_sample_with_contact_survives_a_round_trip() -> None:
    path = SHARED / "sdmx-ml-2.1/agencies/WB__gh-78.xml"
    found = read_header(path.name, io.BytesIO(path.read_bytes()))
    assert found.sender.contacts
    given = replace(found, structures=(), dataset_ids=(), dataset_action="")
    assert back(data(given, "sdmx-ml-2.1-generic")) == given
