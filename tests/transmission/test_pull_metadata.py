"""Requests for reference metadata and registrations, and the feed of new data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import cases_from, listed, truth
from lxml import etree
from small_service import DF, DSD, METADATA, PROVIDERS, asked, named, small_holdings

from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.metadata import Report, ReportedAttribute, Target
from sdmxmig.transmission.pull.negotiation import OFFERS
from sdmxmig.transmission.pull.service import Service


@cases_from("transmission/cases/metadata_queries.csv", expected=truth)
def test_metadata_queries_return_matching_sets(service: Service, address: str, expected: bool) -> None:
    media_type, content = asked(service, address)
    assert (b"Who answers" in content, media_type == "empty") == (expected, not expected)


@pytest.mark.parametrize(
    "by", ["metadataset/XX/MS", "metadataflow/XX/MDF", "structure/dataflow/XX/DF", "metadataset/XX/MS/1.0.0"]
)
@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2024-06-01", b"Nobody"), ("2025-06-01", b"Who answers"), ("2023-06-01", b"No structures")],
)
def test_metadata_are_valid_at_the_requested_moment(service: Service, by: str, moment: str, expected: bytes) -> None:
    media_type, content = asked(service, f"v2/metadata/{by}?asOf={moment}")
    assert expected in content
    assert (media_type == "404") is (moment < "2024")


@cases_from("transmission/cases/other_metadata_queries_are_refused.csv")
def test_other_metadata_queries_are_refused(service: Service, address: str) -> None:
    assert asked(service, address)[0] == "400"


@cases_from("transmission/cases/api_2_2_finds_metadata_by_provider.csv", expected=truth)
def test_api_2_2_finds_metadata_by_provider(tmp_path: Path, agency: str, provider: str, *, expected: bool) -> None:
    by_agency = replace(METADATA, ref=named("MetadataSet", "MS", agency=agency))
    service = Service(replace(small_holdings(tmp_path), metadata=(by_agency,)), tmp_path)
    media_type, _ = asked(service, f"v2/metadata/metadataflow/XX/MDF/*/{provider}")
    assert (media_type != "empty") is expected


@pytest.mark.parametrize(("version", "count"), [("", 1), ("/~", 1), ("/*", 2), ("/1.0.0", 1), ("/+", 1)])
def test_latest_metadata_set_is_returned_without_version(tmp_path: Path, version: str, count: int) -> None:
    later = replace(METADATA, ref=named("MetadataSet", "MS", "1.1.0", agency="XX"))
    service = Service(replace(small_holdings(tmp_path), metadata=(METADATA, later)), tmp_path)
    accept = "application/vnd.sdmx.metadata+json;version=2.0.0"
    _, content = asked(service, f"v2/metadata/metadataset/XX/MS{version}", accept)
    assert content.count(b"Who answers") == count


def report(text: str, *targets: Target) -> Report:
    return Report(targets, (ReportedAttribute("CONTACT", (text,)),))


def of_key(**values: str) -> Target:
    return Target(kind="key", key=tuple((name, (code,)) for name, code in values.items()))


REPORTS = (
    report("all", Target(DF.urn)),
    report("annual", Target(DF.urn), of_key(FREQ="A")),
    report("women", Target(DSD.urn), of_key(FREQ="A", REF_AREA="AM", SEX="F"), Target("2020", "period")),
    report("men", of_key(SEX="M", REF_AREA="GE", FREQ="A"), Target("2021", "period")),
)


@cases_from("transmission/cases/metadata_by_key_and_period.csv")
def test_metadata_are_found_by_key_and_period(tmp_path: Path, address: str, expected: str) -> None:
    """In the order of the structure that a report names, else in its own; open parts match any."""
    provider = replace(PROVIDERS, kind="DataProvider", item="XX")
    by_key = replace(METADATA, ref=None, provider=provider, reports=REPORTS)
    service = Service(replace(small_holdings(tmp_path), metadata=(by_key,)), tmp_path)
    media_type, content = asked(service, address, "application/vnd.sdmx.genericmetadata+xml;version=2.1")
    if media_type in ("400", "empty"):
        assert expected == {"400": "400", "empty": ""}[media_type]
        return
    assert "genericmetadata+xml" in media_type, content
    form = FORMATS["sdmx-ml-2.1"]
    assert form.metadata_problem(content) == ""
    read = form.read_metadata("answer", content)
    told = [value for each in read for told in each.reports for each_ in told.attributes for value in each_.values]
    assert " ".join(told) == expected


@pytest.mark.parametrize("api", ["v1/metadata/MDF", "v2/metadata/metadataflow/XX/MDF"])
def test_metadata_in_json_1_0_are_not_offered(service: Service, api: str) -> None:
    status, text = asked(service, api, "application/vnd.sdmx.metadata+json;version=1.0.0")
    assert status == "406"
    assert b"application/vnd.sdmx.genericmetadata+xml;version=2.1" in text
    assert b"application/vnd.sdmx.metadata+json;version=2.0.0" in text


@pytest.mark.parametrize("offer", OFFERS[2, "metadata"], ids=lambda offer: f"{offer.media_type};{offer.version}")
@pytest.mark.parametrize("detail", ["full", "allstubs"])
def test_every_representation_of_metadata_round_trips(service: Service, offer: object, detail: str) -> None:
    media_type = f"{offer.media_type};version={offer.version}"  # type: ignore[attr-defined]
    answered, content = asked(service, f"v2/metadata/metadataset/XX/MS?detail={detail}", media_type)
    form = FORMATS[offer.format]  # type: ignore[attr-defined]
    if detail == "allstubs" and not media_type.startswith("application/vnd.sdmx.metadata+xml"):
        assert answered == "406"  # the official schemas want the whole set there
        return
    assert answered == media_type
    assert form.metadata_problem(content) == ""
    (read,) = form.read_metadata("answer", content)
    values = [attribute.values for report in read.reports for attribute in report.attributes]
    assert values == ([] if detail == "allstubs" else [("Who answers",)])
    if read.ref is not None:
        assert read.ref == METADATA.ref


@cases_from("transmission/cases/registrations.csv", ids=listed)
def test_registration_queries_return_matching_ids(service: Service, address: str, ids: tuple[str, ...]) -> None:
    _, content = asked(service, address)
    if not ids:
        assert content == b""
        return
    root = etree.fromstring(content)
    assert [found.get("id") for found in root.iter("{*}Registration")] == [*ids]
    for source in root.iter("{*}DataURL"):
        assert (
            asked(service, str(source.text).removeprefix("http://host/sdmx/"))[0]
            == "application/vnd.sdmx.data+json;version=2.1.0"
        )
