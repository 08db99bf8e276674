"""Questions for reference metadata, for registrations, and the feed of what is new."""

from __future__ import annotations

import pytest
from lxml import etree
from small_service import FIRST, METADATA, asked, small_service

from sdmxmig.formats import FORMATS
from sdmxmig.formats.sdmx_ml.registry import read_registry
from sdmxmig.model.registrations import RegistrationsFound
from sdmxmig.pull.negotiation import OFFERS
from sdmxmig.pull.registrations import feed
from sdmxmig.pull.service import Service

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return small_service(tmp_path_factory.mktemp("served"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("v2/metadata/metadataset/XX/MS", True),
        ("v2/metadata/metadataset/XX/MS/1.0.0", True),
        ("v2/metadata/metadataset/XX/MS/+", True),
        ("v2/metadata/metadataset/*/*/*", True),
        ("v2/metadata/metadataset/XX/NOPE", False),
        ("v2/metadata/metadataset/XX/MS/2.0.0", False),
        ("v2/metadata/metadataflow/XX/MDF", True),
        ("v2/metadata/metadataflow/XX/MDF/~/XX", True),
        ("v2/metadata/metadataflow/XX/MDF/~/OTHER", False),
        ("v2/metadata/metadataflow/XX/NOPE", False),
        ("v2/metadata/structure/dataflow/XX/DF", True),
        ("v2/metadata/structure/*/XX/*", True),
        ("v2/metadata/structure/codelist/XX/CL_SEX", False),
        ("v1/metadata/MDF", True),
        ("v1/metadata/XX,MDF,1.0.0/all/XX", True),
        ("v1/metadata/NOPE", False),
    ],
)
def test_metadata_queries(service: Service, address: str, expected: bool) -> None:
    media_type, content = asked(service, address)
    assert (b"Who answers" in content, media_type == "empty") == (expected, not expected)


@pytest.mark.parametrize(
    "by", ["metadataset/XX/MS", "metadataflow/XX/MDF", "structure/dataflow/XX/DF", "metadataset/XX/MS/1.0.0"]
)
@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2024-06-01", b"Nobody"), ("2025-06-01", b"Who answers"), ("2023-06-01", b"No structures")],
)
def test_metadata_of_a_moment(service: Service, by: str, moment: str, expected: bytes) -> None:
    media_type, content = asked(service, f"v2/metadata/{by}?asOf={moment}")
    assert expected in content
    assert (media_type == "404") is (moment < "2024")


@pytest.mark.parametrize(
    "address", ["v2/metadata/nothing/XX", "v1/metadata/MDF/A.B", "v2/metadata/metadataset/XX?no=1"]
)
def test_other_questions_are_none(service: Service, address: str) -> None:
    assert asked(service, address)[0] in ("400", "501")


@pytest.mark.parametrize("offer", OFFERS[2, "metadata"], ids=lambda offer: f"{offer.media_type};{offer.version}")
@pytest.mark.parametrize("detail", ["full", "allstubs"])
def test_every_representation_reads_back_equal(service: Service, offer: object, detail: str) -> None:
    media_type = f"{offer.media_type};version={offer.version}"  # type: ignore[attr-defined]
    answered, content = asked(service, f"v2/metadata/metadataset/XX/MS?detail={detail}", media_type)
    form = FORMATS[offer.format]  # type: ignore[attr-defined]
    if detail == "allstubs" and not media_type.startswith("application/vnd.sdmx.metadata+xml"):
        assert answered == "406"  # the official schemas want the whole set there
        return
    assert answered == media_type
    assert form.metadata_problem(content) == ""
    assert form.read_metadata is not None
    (read,) = form.read_metadata("answer", content)
    values = [attribute.values for report in read.reports for attribute in report.attributes]
    assert values == ([] if detail == "allstubs" else [("Who answers",)])
    if read.ref is not None:
        assert read.ref == METADATA.ref


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        ("v2/registration/provider/*/*", ["R1_XX_PA", "R2_XX_PA"]),
        ("v2/registration/provider/XX/OFFICE", ["R1_XX_PA", "R2_XX_PA"]),
        ("v2/registration/provider/XX/OTHER", []),
        ("v2/registration/id/R1_XX_PA", ["R1_XX_PA"]),
        ("v2/registration/id/NOPE", []),
        ("v2/registration/dataflow/XX/DF", ["R1_XX_PA", "R2_XX_PA"]),
        ("v2/registration/datastructure/XX/DSD", ["R1_XX_PA", "R2_XX_PA"]),
        ("v2/registration/provisionagreement/XX/PA", ["R1_XX_PA", "R2_XX_PA"]),
        ("v2/registration/dataflow/XX/DF_EMPTY", []),
        ("v2/registration/dataflow/*/*?updatedAfter=2024-06-01", ["R2_XX_PA"]),
        ("v2/registration/dataflow/*/*?updatedBefore=2024-06-01", ["R1_XX_PA"]),
        ("v2/registration/dataflow/*/*?updatedAfter=2025-01-01", []),
    ],
)
def test_registrations(service: Service, address: str, ids: list[str]) -> None:
    _, content = asked(service, address)
    if not ids:
        assert content == b""
        return
    body = read_registry("answer", content).body
    assert isinstance(body, RegistrationsFound)
    assert [found.registration.id for found in body.found] == ids
    for found in body.found:
        (kind, source), *_ = found.registration.sources
        assert kind == "rest"
        assert (
            asked(service, source.removeprefix("http://host/sdmx/"))[0]
            == "application/vnd.sdmx.data+json;version=2.1.0"
        )


def test_the_feed_tells_of_releases_the_last_first(service: Service) -> None:
    root = etree.fromstring(feed(service.holdings, "http://host"))
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iterfind(f"{ATOM}entry")]
    moments = [entry.findtext(f"{ATOM}updated") for entry in root.iterfind(f"{ATOM}entry")]
    assert titles == ["Flow (XX:DF(1.0.0))"] * 2
    assert moments == ["2025-01-01T00:00:00Z", FIRST.isoformat().replace("+00:00", "Z")]
    assert root.findtext(f"{ATOM}updated") == moments[0]
