"""Reference metadata in SDMX-ML: written messages are valid and come back, in and between all versions."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import made
import made_metadata as kinds
import pytest
from case_tables import cases_from, listed
from folders import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.metadata_versions import convert_to_version_3, convert_to_version_21
from sdmxmig.sdmx.formats.sdmx_ml.metadata_reading import read_metadata
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import StructureUse

DATA = SHARED / "sdmx-ml-2.1" / "metadata"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the sample messages are not here")
SINCE_3 = ("3.0", "3.1")
VERSIONS = ("2.1", *SINCE_3)
HEADER = replace(made.HEADER, receivers=made.HEADER.receivers[:1])


def written(version: str, *sets: MetadataSet) -> bytes:
    write = FORMATS[f"sdmx-ml-{version}"].write_metadata
    return write(sets, HEADER)


def again(version: str, *sets: MetadataSet) -> tuple[MetadataSet, ...]:
    content = written(version, *sets)
    assert find_problems(content) == []
    return read_metadata("m.xml", content)


@pytest.mark.parametrize(
    ("version", "sets"),
    [
        ("2.1", [kinds.OLD]),
        ("2.1", [kinds.OLD, kinds.NEW]),
        ("3.0", [kinds.NEW, kinds.WILD]),
        ("3.1", [kinds.WILD, kinds.NEW]),
    ],
)
def test_written_metadata_are_valid_and_survive_a_round_trip(version: str, sets: list[MetadataSet]) -> None:
    assert again(version, *sets) == tuple(sets)
    assert written(version, *sets) == written(version, *again(version, *sets))


def test_header_names_metadata_structures_and_sets() -> None:
    content = written("3.0", kinds.NEW, kinds.WILD).decode()
    assert f"<com:StructureUsage>{kinds.FLOW.urn}<" in content
    assert "<mes:DataSetID>QUALITY</mes:DataSetID>" in content
    assert "registry.ProvisionAgreement=SDMXMIG:MPA_QUALITY(1.0.0)</com:ProvisionAgreement>" in content
    assert "registry.MetadataProvisionAgreement=SDMXMIG:MPA_QUALITY(1.0.0)</md:MetadataProvisionAgreement>" in content


@pytest.mark.parametrize("version", SINCE_3)
def test_set_without_structure_takes_that_of_the_header(version: str) -> None:
    stub = MetadataSet(None, (), ref=kinds.NEW.ref, name=Text.of(en="a"), details=Details(external=True, uri="urn:x"))
    write = FORMATS[f"sdmx-ml-{version}"].write_metadata
    content = write([stub], replace(HEADER, structures=(StructureUse("S", kinds.FLOW),)))
    assert find_problems(content) == []
    assert read_metadata("m.xml", content) == (stub,)
    with pytest.raises(SdmxmigError, match="metadata without a structure"):
        written(version, stub)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r", exclude_characters="￾￿"))
ids = st.text("AZaz09_@$-", min_size=1, max_size=4)
languages = st.lists(st.tuples(st.sampled_from(["en", "fr", "ka"]), texts), unique_by=lambda pair: pair[0], max_size=3)
contents = st.one_of(
    st.builds(lambda own, values: ReportedAttribute(own, tuple(values)), ids, st.lists(texts, min_size=1, max_size=3)),
    st.builds(lambda own, text: ReportedAttribute(own, text=Text(tuple(text))), ids, languages),
)


def with_children(below: st.SearchStrategy[ReportedAttribute]) -> st.SearchStrategy[ReportedAttribute]:
    some = st.lists(below, max_size=3, unique_by=lambda one: one.id)
    return st.builds(lambda own, inner: ReportedAttribute(own, attributes=tuple(inner)), ids, some)


trees = st.lists(st.recursive(contents, with_children, max_leaves=6), min_size=1, unique_by=lambda one: one.id)


@settings(max_examples=tries(60))
@given(st.sampled_from(VERSIONS), trees)
def test_any_text_survives_a_round_trip_in_any_version(version: str, attributes: list[ReportedAttribute]) -> None:
    report = Report((Target(kinds.POPULATION),), tuple(attributes))
    given_set = replace(kinds.NEW, reports=(report,))
    assert again(version, given_set) == (given_set,)


@pytest.mark.parametrize(
    ("markup", "canonical"),
    [
        ("only words &amp; more", "only words &amp; more"),
        ("<p>a</p>", f"<p {kinds.XHTML_NAMESPACE}>a</p>"),
        (f"<h:p xmlns:h={kinds.XHTML_NAMESPACE[6:]}>a<h:br></h:br></h:p>", f"<p {kinds.XHTML_NAMESPACE}>a<br/></p>"),
        ("<p/>\n <p>b</p>", f"<p {kinds.XHTML_NAMESPACE}></p>\n <p {kinds.XHTML_NAMESPACE}>b</p>"),
        ("a<!-- gone -->b", "ab"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_structured_text_is_written_in_canonical_form(version: str, markup: str, canonical: str) -> None:
    page = ReportedAttribute("PAGE", structured=Text((("en", markup),)))
    [found] = again(version, replace(kinds.NEW, reports=(Report((Target(kinds.POPULATION),), (page,)),)))
    assert found.reports[0].attributes[0].structured == Text((("en", canonical),))
    assert again(version, found) == (found,)


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ("<br>", "not well-formed XHTML"),
        ("a&nbsp;b", "not well-formed XHTML"),
        ("</markup><markup>", "not well-formed XHTML"),
        ('<x xmlns="urn:x"/>', "contains <x>, which is not XHTML"),
        ("<b>" * 100 + "</b>" * 100, "nested deeper"),
        ("\x00", "U\\+0000"),
    ],
)
def test_structured_text_other_than_xhtml_is_refused(markup: str, told: str) -> None:
    page = ReportedAttribute("PAGE", structured=Text((("en", markup),)))
    with pytest.raises(SdmxmigError, match=told):
        written("3.0", replace(kinds.NEW, reports=(Report((Target(kinds.POPULATION),), (page,)),)))


@pytest.mark.parametrize("version", SINCE_3)
def test_reports_of_2_1_become_sets_and_survive_a_round_trip(version: str) -> None:
    flow = replace(kinds.OLD, describes=kinds.FLOW)
    first = Report(
        (Target(kinds.CATEGORY, id="CATEGORY"), Target(kinds.POPULATION, id="F")),
        kinds.ATTRIBUTES,
        id="R",
        target_id="T",
    )
    sets = again(version, replace(flow, reports=(first, flow.reports[1])))
    assert [str(metadata_set.ref) for metadata_set in sets] == [
        f"MetadataSet=SDMXMIG.GE1:OLD_1_{number}(1.0.0)" for number in (1, 2)
    ]
    assert [metadata_set.reports[0] for metadata_set in sets] == [first, flow.reports[1]]
    old = [convert_to_version_21(metadata_set) for metadata_set in sets]
    assert [one.provider for one in old] == [kinds.PROVIDER] * 2
    assert [metadata_set.reports for metadata_set in old] == [(first,), (flow.reports[1],)]
    assert again("2.1", *sets) == sets


def test_set_of_3_0_becomes_a_report_per_target_in_2_1() -> None:
    old = convert_to_version_21(kinds.NEW)
    assert [(report.id, report.target_id, report.targets[0].id) for report in old.reports] == [
        ("REPORT", "TARGET", "OBJECT")
    ] * 2
    assert [report.targets[0].value for report in old.reports] == [kinds.POPULATION, kinds.CATEGORY]
    assert (old.properties["setID"], old.provider) == ("QUALITY", kinds.PROVIDER)
    assert convert_to_version_3(kinds.NEW) == (kinds.NEW,)


@pytest.mark.parametrize(
    ("version", "given_set", "told"),
    [
        ("2.1", kinds.WILD, "MetadataProvisionAgreement"),
        ("2.1", replace(kinds.WILD, describes=kinds.FLOW, annotations=()), "Only SDMX 3 has wildcards"),
        ("2.1", replace(kinds.OLD, reports=()), "the missing reports of metadata set OLD_1"),
        ("2.1", replace(kinds.OLD, description=Text.of(en="a")), "the description"),
        ("3.0", kinds.OLD, "the MetadataStructure of metadata set OLD_1"),
        ("3.0", replace(kinds.OLD, describes=kinds.FLOW), "a target that is a period"),
        ("3.0", replace(kinds.OLD, describes=kinds.FLOW, provider=None), "the missing provider"),
        ("3.0", replace(kinds.NEW, provider=replace(kinds.PROVIDER, item="X")), "the provider"),
        ("3.0", replace(kinds.NEW, properties={"publicationDay": "1"}), "the property publicationDay"),
        ("3.0", replace(kinds.NEW, action="X"), "the action “X”"),
        ("3.1", replace(kinds.NEW, reports=kinds.NEW.reports * 2), "several reports"),
        ("3.1", replace(kinds.NEW, reports=(Report((), kinds.ATTRIBUTES),)), "the incomplete report"),
        ("3.1", replace(kinds.NEW, reports=(Report((Target("DF"),), kinds.ATTRIBUTES),)), "the target “DF”"),
    ],
)
def test_unsupported_sets_are_refused_with_a_reason(version: str, given_set: MetadataSet, told: str) -> None:
    with pytest.raises(SdmxmigError, match=told):
        written(version, given_set)


@pytest.mark.parametrize(
    ("attribute", "told"),
    [
        (ReportedAttribute("A", ("1",), text=Text.of(en="a")), "more than one kind of content in A"),
        (ReportedAttribute("A", ("1", "2"), annotations=(kinds.NOTE,)), "the several values of A"),
        (ReportedAttribute("A", text=Text((("en", "a"), ("en", "b")))), "two texts of one language in A"),
        (ReportedAttribute("A B", ("1",)), "“A B” as the id of an attribute"),
    ],
)
def test_unsupported_attributes_are_refused(attribute: ReportedAttribute, told: str) -> None:
    with pytest.raises(SdmxmigError, match=told):
        written("3.1", replace(kinds.NEW, reports=(Report((Target(kinds.POPULATION),), (attribute,)),)))


def test_different_sets_with_equal_names_are_refused() -> None:
    assert len(again("3.0", kinds.NEW, kinds.NEW)) == 1
    with pytest.raises(SdmxmigError, match="two different sets"):
        written("3.0", kinds.NEW, replace(kinds.NEW, name=Text.of(en="x")))


SPECIFIC = f"""<m:StructureSpecificMetadata xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" xmlns:n="urn:own"
  xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/metadata/structurespecific"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<m:Header><m:ID>A</m:ID><m:Test>true</m:Test><m:Prepared>2026-01-01</m:Prepared><m:Sender id="A"/>
<m:Structure structureID="S" namespace="urn:own"><c:Structure><URN>{kinds.STRUCTURE.urn}</URN></c:Structure>
</m:Structure></m:Header>
<m:MetadataSet xsi:type="n:MetadataSetType" s:structureRef="S" s:setID="ONE" s:action="Delete">
<Report xsi:type="n:FULL" id="FULL"><Target id="T"><ReferenceValue id="P"><ReportPeriod>2025</ReportPeriod>
</ReferenceValue></Target><AttributeSet>
<ReportedAttribute xsi:type="n:A" id="A" value="1" s:isMetadataAttribute="true"/>
<B s:isMetadataAttribute="true"><c:Text>b</c:Text></B></AttributeSet></Report></m:MetadataSet>
</m:StructureSpecificMetadata>"""


def test_report_is_read_from_structure_specific_metadata() -> None:
    report = Report(
        (Target("2025", "period", id="P"),),
        (ReportedAttribute("A", ("1",)), ReportedAttribute("B", text=Text.of(en="b"))),
        id="FULL",
        target_id="T",
    )
    wanted = MetadataSet(kinds.STRUCTURE, (report,), action="D", properties={"setID": "ONE"})
    assert read_metadata("m.xml", SPECIFIC.encode()) == (wanted,)


@cases_from("sdmx/cases/omitted_ids_are_those_of_the_types.csv", ids=listed)
def test_omitted_ids_are_taken_from_the_types(old: str, new: str, ids: tuple[str, ...]) -> None:
    assert old in SPECIFIC
    [metadata_set] = read_metadata("m.xml", SPECIFIC.replace(old, new).encode())
    [report] = metadata_set.reports
    assert (report.id, report.target_id, report.targets[0].id, report.attributes[0].id) == ids
    assert not find_problems(written("2.1", metadata_set))


@cases_from("sdmx/cases/invalid_ids_in_structure_specific_messages_are_refused.csv")
def test_invalid_ids_in_structure_specific_messages_are_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_metadata("m.xml", SPECIFIC.replace(old, new).encode())


@pytest.mark.parametrize("name", ["Report", "Target", "ReferenceValue"])
def test_omitted_ids_are_refused_in_generic_messages(name: str) -> None:
    content = written("2.1", kinds.OLD).decode()
    start = content.index(f"<md:{name} ")
    with pytest.raises(InputError, match="lacks"):
        read_metadata("m.xml", (content[:start] + re.sub(' id="[^"]*"', "", content[start:], count=1)).encode())


@cases_from("sdmx/formats/cases/faults_are_refused_with_their_line.csv")
def test_faulty_metadata_are_refused_with_their_line(old: str, new: str, told: str) -> None:
    content = written("3.0", kinds.NEW).decode()
    assert old in content
    spoilt = content.replace(old, new)
    with pytest.raises(InputError, match=told) as caught:
        read_metadata("m.xml", spoilt.encode())
    assert caught.value.place.file == "m.xml"
    assert caught.value.place.line > 0


def test_fault_is_reported_at_first_line_of_its_element() -> None:
    spoilt = written("3.0", kinds.NEW).replace(b'id="CITY"', b'id="CI TY"')
    with pytest.raises(InputError) as caught:
        read_metadata("m.xml", spoilt)
    assert b'id="CI TY"' in spoilt.splitlines()[caught.value.place.line - 1]


@cases_from("sdmx/formats/cases/faults_of_2_1_are_refused_with_a_reason.csv")
def test_faulty_metadata_of_2_1_are_refused_with_a_reason(old: str, new: str, told: str) -> None:
    content = written("2.1", kinds.OLD).decode()
    assert old in content
    with pytest.raises(InputError, match=told):
        read_metadata("m.xml", content.replace(old, new).encode())


def test_metadata_of_2_0_are_refused_by_name() -> None:
    root = b'<GenericMetadata xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"/>'
    with pytest.raises(InputError, match=r"SDMX-ML 2\.0 are not supported"):
        read_metadata("m.xml", root)


def test_lenient_reading_leaves_out_unreadable_parts() -> None:
    content = written("3.0", kinds.NEW, kinds.WILD).decode()
    spoilt = content.replace('id="CITY"', 'id="CI TY"').replace('action="Replace"', 'action="Replac"')
    faults = Faults()
    [artefact] = read_metadata("m.xml", spoilt.encode(), faults)
    assert artefact.ref == kinds.WILD.ref
    address = artefact.reports[0].attributes[0].attributes[1]
    assert [attribute.id for attribute in address.attributes] == ["COUNTRY"]
    assert len(faults.listed) == 3
    assert all(fault.place and fault.place.line for fault in faults.listed)


def test_lenient_reading_keeps_sets_of_a_truncated_message() -> None:
    content = written("3.0", kinds.NEW, kinds.WILD)
    faults = Faults()
    cut = content[: content.rindex(b"<md:Target>")]
    assert read_metadata("m.xml", cut, faults) == (kinds.NEW,)
    assert len(faults.listed) == 1


def test_lenient_reading_of_2_1_leaves_out_unreadable_report() -> None:
    spoilt = written("2.1", kinds.OLD).decode().replace('<md:Target id="ALL">', "<md:Target>")
    faults = Faults()
    [metadata_set] = read_metadata("m.xml", spoilt.encode(), faults)
    assert [report.id for report in metadata_set.reports] == ["SHORT"]


def test_faults_far_down_have_the_right_line() -> None:
    many = tuple(ReportedAttribute(f"A{number}", ("1",)) for number in range(23_000))
    content = written("3.0", replace(kinds.NEW, reports=(Report((Target(kinds.POPULATION),), many),)))
    spoilt = content.replace(b'id="A22999"', b'id="A B"')
    with pytest.raises(InputError) as caught:
        read_metadata("m.xml", spoilt)
    assert b'id="A B"' in spoilt.splitlines()[caught.value.place.line - 1]
    assert caught.value.place.line > 65_535


def test_too_long_structured_text_is_refused() -> None:
    page = ReportedAttribute("PAGE", structured=Text((("en", "<br/>" * 20_001),)))
    content = written("3.0", replace(kinds.NEW, reports=(Report((Target(kinds.POPULATION),), (page,)),)))
    with pytest.raises(InputError, match="more than 20,000 elements"):
        read_metadata("m.xml", content)


@needs_data
def test_eurostat_sample_survives_and_agrees_with_sdmx1(tmp_path: Path) -> None:
    sample = DATA / "esms.xml"
    assert find_problems(sample.read_bytes()) == []
    [metadata_set] = read_metadata(sample.name, sample.read_bytes())
    assert [target.id for target in metadata_set.reports[0].targets] == [
        "REPORT_PERIOD_TARGET",
        "CATEGORY",
        "DATA_PROVIDER",
    ]
    assert [attribute.id for attribute in metadata_set.reports[0].attributes] == ["CONTACT", "META_UPDATE", "STAT_PRES"]
    assert again("2.1", metadata_set) == (metadata_set,)
    own = tmp_path / "own.xml"
    own.write_bytes(written("2.1", metadata_set))
    assert in_sdmx1(own) == in_sdmx1(sample)


def test_sdmx1_reads_our_metadata_of_2_1(tmp_path: Path) -> None:
    report = Report(
        (Target(kinds.CATEGORY, id="CATEGORY"), Target("2025-Q1", "period", id="PERIOD")),
        (CONTACT_ALONE, ReportedAttribute("ZETA", (made.AWKWARD,))),
        id="FULL",
        target_id="ALL",
    )
    path = tmp_path / "own.xml"
    path.write_bytes(written("2.1", MetadataSet(kinds.STRUCTURE, (report,))))
    assert in_sdmx1(path).splitlines() == ["CATEGORY PERIOD", "CONTACT ", "CITY Tbilisi", f"ZETA {made.AWKWARD}"]


CONTACT_ALONE = ReportedAttribute("CONTACT", attributes=(ReportedAttribute("CITY", ("Tbilisi",)),))
IN_SDMX1 = """
import sys, sdmx
def told(one):
    value = getattr(one, "value", None)
    print(getattr(one.value_for, "id", one.value_for), value if isinstance(value, str) else "")
    for below in one.child:
        told(below)
for one in sdmx.read_sdmx(sys.argv[1]).data:
    for report in one.report:
        print(*report.attaches_to.key_values)
        for found in report.metadata:
            told(found)
"""


def in_sdmx1(path: Path) -> str:
    answer = subprocess.run([sys.executable, "-c", IN_SDMX1, path], capture_output=True, check=True, text=True)
    return answer.stdout


@pytest.mark.parametrize("version", SINCE_3)
def test_pysdmx_reads_our_metadata_since_3_0(version: str) -> None:
    """It loses texts and puts attributes with others below them first, so that these are compared as sets."""
    from pysdmx.io import read_sdmx

    plain = Report(kinds.NEW.reports[0].targets, (ReportedAttribute("ZETA", ("1",)), CONTACT_ALONE))
    content = written(version, replace(kinds.NEW, reports=(plain,), details=Details()))
    [report] = read_sdmx(content.decode(), validate=True).reports or ()
    assert (report.id, report.agency, report.version) == ("QUALITY", "SDMXMIG.GE1", "1.2.0")
    assert (report.metadataflow, report.targets) == (kinds.FLOW.urn, (kinds.POPULATION, kinds.CATEGORY))
    assert {attribute.id: attribute.value for attribute in report.attributes} == {"ZETA": "1", "CONTACT": None}
    [contact] = [attribute for attribute in report.attributes if attribute.id == "CONTACT"]
    assert [(attribute.id, attribute.value) for attribute in contact.attributes] == [("CITY", "Tbilisi")]


@pytest.mark.parametrize("version", VERSIONS)
def test_set_without_name_is_named_by_its_id(version: str) -> None:
    named = replace(kinds.NEW, name=Text())
    [found] = again(version, named)
    assert found.name == (Text() if version == "2.1" else Text.of(en="QUALITY"))


def test_references_to_drafts_follow_the_rules_of_each_version() -> None:
    draft = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF(1.0.0-draft)"
    one = replace(kinds.NEW, reports=(Report((Target(draft),), (CONTACT_ALONE,)),))
    assert again("3.0", one) == (one,)
    assert again("2.1", one)[0].reports[0].targets == (Target(draft.replace("-draft", "")),)


def test_ref_of_2_1_is_read_as_urn() -> None:
    ref = Ref("Category", "SDMXMIG", id="CAT", version="1.0", item="A")
    content = written(
        "2.1",
        MetadataSet(kinds.STRUCTURE, (Report((Target(ref.urn, id="C"),), (CONTACT_ALONE,), id="R", target_id="T"),)),
    )
    named = (
        b'<Ref agencyID="SDMXMIG" maintainableParentID="CAT" maintainableParentVersion="1.0" id="A"'
        b' class="Category" package="categoryscheme"/>'
    )
    [metadata_set] = read_metadata("m.xml", content.replace(f"<URN>{ref.urn}</URN>".encode(), named))
    assert metadata_set.reports[0].targets == (Target(ref.urn, id="C"),)
