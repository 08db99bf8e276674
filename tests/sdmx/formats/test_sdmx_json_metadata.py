"""Metadata in SDMX-JSON: written messages are valid and come back; foreign ones are accepted or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import made
import made_metadata as kinds
import made_reports
import pytest
from folders import SHARED
from hypothesis import given, settings
from tries import tries

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.metadata_versions import convert_to_version_3
from sdmxmig.sdmx.formats.sdmx_json.schemas import find_problems
from sdmxmig.sdmx.model.artefacts import Details, Link, Sentinel, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")
WRITTEN = ("2.0", "2.1")
AGREEMENT = Ref("MetadataProvisionAgreement", "SDMXMIG", id="MPA_QUALITY", version="1.0.0")
UNVERSIONED = replace(
    kinds.NEW, ref=Ref("MetadataSet", "SDMXMIG", id="OTHER", version="1.0"), describes=AGREEMENT, action=""
)
TYPED = replace(
    kinds.NEW,
    ref=Ref("MetadataSet", "SDMXMIG", id="TYPED", version="1.0.0-draft"),
    reports=(
        Report(
            (Target(kinds.POPULATION),),
            (
                ReportedAttribute("COUNT", ("2721", "1.50", "x"), types=("number", "number", "string")),
                ReportedAttribute("GOOD", ("true",), types=("boolean",)),
                ReportedAttribute(
                    "SHARE",
                    ("0.10",),
                    types=("number",),
                    data_type="Decimal",
                    facets=(("minValue", "0"), ("maxValue", "1.5"), ("maxLength", "5")),
                    sentinels=(Sentinel("-1", Text.of(en="None", fr="Rien")),),
                ),
                ReportedAttribute("PLAIN", text=Text.of(en=kinds.PAGE)),
                ReportedAttribute(
                    "NAME", text=Text.of(en="a"), data_type="String", facets=(("isMultiLingual", "true"),)
                ),
            ),
        ),
    ),
    details=Details(
        links=(
            Link(
                "help",
                "https://example.org/h",
                urn="",
                type="text/html",
                title=Text.of(en="H", fr="A"),
                language="fr-ca",
            ),
        )
    ),
)
SETS = (kinds.NEW, UNVERSIONED, TYPED)


def write(sets: list[MetadataSet], version: str = "2.1") -> bytes:
    write_metadata = FORMATS[f"sdmx-json-{version}"].write_metadata
    content = write_metadata(sets, made.HEADER)
    assert find_problems("x", content, version, "metadata") == []
    return content


def read(content: bytes, version: str = "2.1", faults: Faults | None = None) -> tuple[MetadataSet, ...]:
    read_metadata = FORMATS[f"sdmx-json-{version}"].read_metadata
    return read_metadata("x.json", content, faults)


def message(*sets: object, **more: object) -> bytes:
    head = {"id": "M", "prepared": "2026-01-31T12:00:00Z", "sender": {"id": "GE1"}, "contentLanguages": ["fr"]}
    return json.dumps({"meta": head, "data": {"metadataSets": sets}, **more}).encode()


def one(*attributes: object, **more: object) -> dict[str, object]:
    given = {"id": "S", "agencyID": "GE1", "version": "1.0.0", "name": "Set", "metadataflow": kinds.FLOW.urn}
    return {**given, "targets": [kinds.POPULATION], "attributes": attributes or [{"id": "A", "value": "1"}], **more}


@pytest.mark.parametrize("version", WRITTEN)
def test_written_metadata_are_valid_and_survive_a_round_trip(version: str) -> None:
    content = write(list(SETS), version)
    assert read(content, version) == SETS
    assert write(list(read(content, version)), version) == content
    detected = detect("x.json", content)
    assert (detected.format, detected.kind) == (f"sdmx-json-{version}", "metadata")


@given(made_reports.SETS)
@settings(max_examples=tries(40))
def test_every_report_survives_a_round_trip(given_set: MetadataSet) -> None:
    assert read(write([given_set])) == (given_set,)


def test_values_keep_their_json_types() -> None:
    [found] = json.loads(write([TYPED]))["data"]["metadataSets"]
    listed = [(record["id"], record.get("value")) for record in found["attributes"]]
    assert listed[:5] == [("COUNT", 2721), ("COUNT", 1.5), ("COUNT", "x"), ("GOOD", True), ("SHARE", 0.1)]
    assert b'"value":1.50' in write([TYPED])
    assert found["attributes"][5]["format"] == {"dataType": "String"}  # else it would be taken for structured text
    assert found["links"][0]["hreflang"] == "fr-ca"
    [plain] = json.loads(write([kinds.NEW]))["data"]["metadataSets"]
    structured = next(record for record in plain["attributes"] if record["id"] == "METHOD")
    assert (structured["format"], structured["value"]["fr"]) == ({"dataType": "XHTML"}, kinds.LIST)
    assert "version" not in json.loads(write([UNVERSIONED]))["data"]["metadataSets"][0]


def test_json_and_xml_metadata_are_equal() -> None:
    xml = FORMATS["sdmx-ml-3.1"]
    [from_json] = read(write([kinds.NEW]))
    assert xml.read_metadata("x.xml", xml.write_metadata([from_json], made.HEADER)) == (kinds.NEW,)


def test_sets_of_sdmx_21_get_names_and_keep_their_ids() -> None:
    reports = tuple(replace(report, targets=report.targets[:1]) for report in kinds.OLD.reports)
    attributes = tuple(attribute for attribute in reports[0].attributes if attribute.id != "BOTH")
    old = replace(kinds.OLD, describes=kinds.FLOW, reports=(replace(reports[0], attributes=attributes), reports[1]))
    found = read(write([old]))
    assert [each.ref.short for each in found if each.ref] == [
        "SDMXMIG.GE1:OLD_1_1(1.0.0)",
        "SDMXMIG.GE1:OLD_1_2(1.0.0)",
    ]
    assert (found[0].reports[0].id, found[0].reports[0].target_id) == ("FULL", "ALL")
    assert found[0].reports[0].attributes == convert_to_version_3(old)[0].reports[0].attributes


def changed(**more: object) -> MetadataSet:
    return replace(kinds.NEW, **more)  # type: ignore[arg-type]


def build_reported_set(*attributes: ReportedAttribute, target: str = kinds.POPULATION) -> MetadataSet:
    return changed(reports=(Report((Target(target),), attributes),))


A = ReportedAttribute("A", ("1",))


@pytest.mark.parametrize(
    ("given_set", "said"),
    [
        (kinds.OLD, "MetadataStructure"),
        (kinds.WILD, "the URN of a target"),
        (changed(reports=()), "the incomplete report"),
        (changed(action="X"), "the action “X”"),
        (changed(properties={"colour": "red"}), "the property colour"),
        (changed(properties={"publicationYear": "20"}), "the year of publication"),
        (changed(properties={"reportingBeginDate": "2026-Q1"}), "as reportingBeginDate"),
        (changed(ref=Ref("MetadataSet", "SDMXMIG", id="S", version="1.1")), "the version"),
        (build_reported_set(replace(A, text=Text.of(en="a"))), "more than one kind of content in A"),
        (build_reported_set(replace(A, values=("1", "2"), annotations=(kinds.NOTE,))), "the several values of A"),
        (build_reported_set(ReportedAttribute("A B", ("1",))), "the id of an attribute"),
        (build_reported_set(replace(A, types=("number", "number"))), "the types of A"),
        (build_reported_set(ReportedAttribute("A", ("x",), types=("number",))), "the number A"),
        (build_reported_set(ReportedAttribute("A", text=Text.of(en="a"), data_type="XHTML")), "the type XHTML"),
        (build_reported_set(ReportedAttribute("A", structured=Text.of(en="a"), data_type="String")), "the type String"),
        (build_reported_set(ReportedAttribute("A", text=Text((("e n", "a"),)))), "a language"),
    ],
)
def test_unsupported_sets_are_refused_by_name(given_set: MetadataSet, said: str) -> None:
    with pytest.raises(SdmxmigError, match=said):
        write([given_set])


def test_different_sets_with_equal_names_are_refused() -> None:
    with pytest.raises(SdmxmigError, match=r"two different sets called metadata set SDMXMIG\.GE1:QUALITY"):
        write([kinds.NEW, changed(action="D")])
    assert len(read(write([kinds.NEW, kinds.NEW]))) == 1


FIRST = "/data/metadataSets/0"


@pytest.mark.parametrize(
    ("given_set", "place", "said"),
    [
        ([], FIRST, "an object"),
        (one(agencyID=None), FIRST, "agencyID"),
        (one(version="1.0"), f"{FIRST}/version", "three numbers"),
        (one(metadataflow=AGREEMENT.urn), f"{FIRST}/metadataflow", "names a MetadataProvisionAgreement"),
        (one(metadataProvisionAgreement=AGREEMENT.urn), FIRST, "Name one"),
        (one(targets=["urn"]), f"{FIRST}/targets/0", "not a URN"),
        (one(attributes=[]), FIRST, "attributes"),
        (one(action="Apend"), f"{FIRST}/action", "Append"),
        (one(reportingEnd="2026-Q1"), f"{FIRST}/reportingEnd", "not a date"),
        (one({"value": "1"}), f"{FIRST}/attributes/0", "“id” is missing"),
        (one({"id": "A", "value": ["1", "2"]}), f"{FIRST}/attributes/0/value", "for each value"),
        (one({"id": "A", "value": {"e n": "1"}}), f"{FIRST}/attributes/0/value/e n", "not a language"),
        (one({"id": "A", "format": {"dataType": "Str"}}), f"{FIRST}/attributes/0/format/dataType", "String"),
        (one({"id": "A", "attributes": [{"id": "B", "valu": 1}]}), f"{FIRST}/attributes/0/attributes/0/valu", "value"),
    ],
)
def test_faults_are_located_and_refused_or_listed(given_set: object, place: str, said: str) -> None:
    content = message(given_set, one(id="T"))
    with pytest.raises(InputError) as error:
        read(content)
    assert error.value.place.key == place
    assert said in str(error.value)
    faults = Faults()
    assert read(content, faults=faults)[-1].ref == Ref("MetadataSet", "GE1", id="T", version="1.0.0")
    assert place in [fault.place.key for fault in faults.listed if fault.place]


def test_lenient_reading_leaves_out_the_smallest_part() -> None:
    broken = one({"id": "A", "value": "1"}, {"id": "B", "value": []}, {"id": "C", "value": True}, colour="red")
    [found] = read(message(broken), faults=Faults())
    assert [(each.id, each.values) for each in found.reports[0].attributes] == [("A", ("1",)), ("C", ("true",))]


def test_null_is_read_as_empty_and_extensions_are_skipped() -> None:
    [found] = read(message(one({"id": "A", "value": None, "x-own": 1}, {"id": "B", "value": 0.10}), **{"x-more": []}))
    assert found.reports[0].attributes == (ReportedAttribute("A"), ReportedAttribute("B", ("0.1",), types=("number",)))
    assert found.name == Text.of(fr="Set")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "must be an object"),
        (b'{"data": {"metadataSets": []}}', "“meta” is missing"),
        (
            message(errors=[{"code": 404, "title": "No results", "detail": "for ESMS"}], data=None),
            "404: No results: for ESMS",
        ),
        (message(data={"dataSets": []}), "has no metadata"),
    ],
)
def test_other_messages_are_refused_as_metadata(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(content)


def test_metadata_of_1_0_are_refused() -> None:
    content = message({"id": "OLD_1", "reports": [{"id": "FULL"}]})
    assert detect("x.json", content).format == "sdmx-json-1.0"
    with pytest.raises(InputError, match=r"SDMX-JSON 1\.0 cannot be read"):
        read(content, "1.0")


def leaves(attributes: Any) -> dict[str, object]:
    """The content of all attributes in any order, which pysdmx does not keep."""
    found: dict[str, object] = {}
    for each in attributes:
        found |= {each.id: each.value, **leaves(each.attributes)}
    return found


@pytest.mark.parametrize("version", WRITTEN)
def test_pysdmx_reads_equal_metadata(version: str) -> None:
    from pysdmx.io import read_sdmx

    plain = replace(kinds.NEW, annotations=())
    [report] = read_sdmx(write([plain], version).decode(), validate=True).reports or ()
    assert (report.id, report.version, report.name) == ("QUALITY", "1.2.0", str(kinds.NEW.name))
    assert (report.metadataflow, list(report.targets)) == (kinds.FLOW.urn, [kinds.POPULATION, kinds.CATEGORY])
    assert (report.publicationYear, report.reportingBegin) == ("2026", "2025")
    said = leaves(report.attributes)
    assert said["CITY"] == "Tbilisi"
    assert said["LANGUAGE"] == ("ka", "en", "ka")
    assert said["COVERAGE"] == {"en": made.AWKWARD, "fr": made.BROKEN, "ka": ""}
    assert said["METHOD"] == {"en": kinds.PAGE, "fr": kinds.LIST}


@needs_shared
def test_official_sample_survives_every_format() -> None:
    content = (SHARED / "sdmx-json-2.x/standard/metadata_constructed-sample.json").read_bytes()
    found = read(content)
    assert [each.ref.id for each in found if each.ref] == ["METADATASET1", "META_UPDATE", "STAT_PRES"]
    [contact] = found[0].reports[0].attributes
    assert contact.attributes[2].attributes[2] == ReportedAttribute("POSTAL_CODE", ("2721",), types=("number",))
    assert found[2].reports[0].attributes[0].structured.in_language("en").startswith('<div xmlns="http')
    for version in WRITTEN:
        assert read(write(list(found), version), version) == found
    for name in ("sdmx-ml-3.0", "sdmx-ml-3.1"):
        form = FORMATS[name]
        back = form.read_metadata("x", form.write_metadata(found, made.HEADER))
        assert [each.details.links for each in back] == [each.details.links for each in found]
        untyped = tuple(replace(each, types=()) for each in contact.attributes[2].attributes)
        assert back[0].reports[0].attributes[0].attributes[2].attributes == untyped


@needs_shared
@pytest.mark.parametrize(
    ("name", "place"),
    [("agency_id_missing", FIRST), ("unexpected_property", f"{FIRST}/unexpected property"), ("invalid_value", "/")],
)
def test_invalid_samples_are_refused(name: str, place: str) -> None:
    with pytest.raises(InputError) as error:
        read((SHARED / f"invalid/json/{name}.json").read_bytes(), "2.0")
    assert error.value.place.key == place
