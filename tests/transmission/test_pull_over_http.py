"""The service over HTTP: statuses, headers, caching, compression, ranges, and rate limits."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from case_tables import cases_from
from lxml import etree
from small_service import CSV, rows_in, small_holdings
from starlette.testclient import TestClient

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import read_error
from sdmxmig.transmission.pull import service, storage
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.web.sdmx.application import Access, Rate, ServiceCache, build_application, read_tokens

OPENED = datetime(2026, 1, 1, 12, tzinfo=UTC)
DATA, CODES = "/sdmx/v2/data/dataflow/XX/DF", "/sdmx/v1/codelist/XX/CL_FREQ"


@contextmanager
def client_of(access: Access, bugs: list[BaseException] | None = None, **changed: object) -> Iterator[TestClient]:
    cache = ServiceCache(small_holdings, lambda: "", now=lambda: OPENED)
    for name, value in changed.items():
        setattr(cache, name, value)
    kept = [] if bugs is None else bugs
    asgi = build_application(cache, access, kept.append)
    with cache.folder, TestClient(asgi, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_of(Access()) as client:
        client.headers.pop("accept-encoding")
        yield client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (CODES, 200),
        ("/sdmx/v1/codelist/XX/NOPE", 404),
        ("/sdmx/v1/nothing", 404),
        ("/sdmx/v1/codelist?detail=nope", 400),
        (f"/sdmx/v1/codelist/{'A' * 5000}", 414),
        ("/sdmx/v1/data/DF/A.NOPE.F", 404),
        ("/sdmx/v1/metadata/MDF/A.B", 404),
        (DATA, 200),
        (f"{DATA}/~/A.NOPE.F", 204),
        (f"{DATA}?measures=none,all", 422),
        ("/sdmx/v2/nothing", 404),
        ("/sdmx/v3/data", 404),
        ("/", 404),
    ],
)
def test_requests_return_the_expected_status(client: TestClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_refusals_use_the_error_format_of_the_api(client: TestClient) -> None:
    first, second = client.get("/sdmx/v1/data/NOPE"), client.get("/sdmx/v2/data/dataflow/XX/NOPE")
    (note,) = read_error("answer", first.content).errors
    assert note.code == "100"
    assert second.json() == {"errors": [{"code": 100, "title": str(note.text)}]}
    refused = client.get(CODES, headers={"accept": "application/nonsense"})
    assert refused.status_code == 406
    assert "application/vnd.sdmx.structure+xml;version=2.1" in refused.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_that_change_data_are_refused(client: TestClient, method: str) -> None:
    answer = client.request(method, CODES)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_every_answer_has_its_headers(client: TestClient) -> None:
    answer = client.get(CODES)
    assert answer.headers["content-type"] == "application/vnd.sdmx.structure+xml;version=2.1"
    assert answer.headers["vary"] == "Accept, Accept-Encoding, Accept-Language, Authorization"
    assert answer.headers["last-modified"] == "Thu, 01 Jan 2026 12:00:00 GMT"
    assert answer.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    head = client.head(CODES)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == answer.headers["etag"]


def test_cached_answer_is_not_sent_again(client: TestClient) -> None:
    answer = client.get(CODES)
    tag, moment = answer.headers["etag"], answer.headers["last-modified"]
    for headers in ({"if-none-match": tag}, {"if-none-match": f'"other", {tag}'}, {"if-modified-since": moment}):
        again = client.get(CODES, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for headers in (
        {"if-none-match": '"other"'},
        {"if-modified-since": "Thu, 01 Jan 2026 11:59:59 GMT"},
        {"if-modified-since": "nonsense"},
        {"if-none-match": tag, "accept": "application/json"},
        {"if-none-match": tag, "accept-language": "fr"},
    ):
        assert client.get(CODES, headers=headers).status_code == 200
    assert client.get("/sdmx/v1/codelist/XX/NOPE", headers={"if-modified-since": moment}).status_code == 404


@cases_from("transmission/cases/moments_may_be_written_as_clients_print_them.csv", status=int)
def test_moments_are_accepted_in_notations_of_clients(client: TestClient, since: str, status: int) -> None:
    assert client.get(CODES, headers={"if-modified-since": since}).status_code == status


def test_answers_are_compressed_on_request(client: TestClient) -> None:
    plain = client.get(DATA)
    with client.stream("GET", DATA, headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain.content
    assert answer.headers["etag"] != plain.headers["etag"]
    known = client.get(DATA, headers={"accept-encoding": "gzip", "if-none-match": answer.headers["etag"]})
    assert known.status_code == 304
    for refused in ("gzip;q=0", "identity", "br"):
        assert "content-encoding" not in client.get(DATA, headers={"accept-encoding": refused}).headers


@pytest.mark.parametrize(
    ("asked", "part", "described"),
    [
        ("bytes=0-9", slice(0, 10), "bytes 0-9/{size}"),
        ("bytes=10-", slice(10, None), "bytes 10-{last}/{size}"),
        ("bytes=-5", slice(-5, None), "bytes {fifth}-{last}/{size}"),
        ("bytes=0-99999999", slice(0, None), "bytes 0-{last}/{size}"),
    ],
)
def test_byte_ranges_of_an_answer_are_returned(client: TestClient, asked: str, part: slice, described: str) -> None:
    whole = client.get(CODES)
    size = len(whole.content)
    answer = client.get(CODES, headers={"range": asked, "accept-encoding": "gzip"})
    assert (answer.status_code, answer.content) == (206, whole.content[part])
    assert answer.headers["content-range"] == described.format(size=size, last=size - 1, fifth=size - 5)


def test_invalid_and_outdated_ranges_are_handled(client: TestClient) -> None:
    whole = client.get(CODES)
    beyond = client.get(CODES, headers={"range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    for headers in (
        {"range": "bytes=0-9", "if-range": '"other"'},
        {"range": "bytes=0-9,20-29"},
        {"range": "lines=0-9"},
        {"range": "bytes=9-0x"},
    ):
        assert client.get(CODES, headers=headers).status_code == 200
    same = client.get(CODES, headers={"range": "bytes=0-9", "if-range": whole.headers["etag"]})
    assert same.status_code == 206


def test_texts_are_returned_in_the_accepted_language(client: TestClient) -> None:
    answer = client.get(CODES, headers={"accept-language": "fr, en;q=0.5"})
    assert answer.headers["content-language"] == "fr"
    texts = {element.text for element in etree.fromstring(answer.content).iter("{*}Name")}
    assert texts == {"Liste CL_FREQ", "Poste A", "Poste Q", "An office"}
    labelled = client.get(DATA, headers={"accept": f"{CSV};labels=both", "accept-language": "fr"})
    assert "A: Poste A" in labelled.text
    assert labelled.headers["content-type"] == f"{CSV};labels=both"


def test_local_service_refuses_other_host_names() -> None:
    """A page whose name was made to lead here reads nothing."""
    with client_of(Access(hosts=("127.0.0.1:8000", "localhost:8000"))) as client:
        assert client.get(CODES).status_code == 200
        for host in ("evil.example", "127.0.0.1", "127.0.0.1:8001", ""):
            assert client.get(CODES, headers={"host": host}).status_code == 421


def test_service_with_tokens_refuses_other_credentials(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("# who may ask\nbank 0123456789abcdef0123\noffice fedcba98765432100123\n", encoding="utf-8")
    with client_of(Access(tokens=read_tokens(path))) as client:
        for authorization in ("", "Bearer wrong", "Basic 0123456789abcdef0123", "Bearer", "bank 0123456789abcdef0123"):
            answer = client.get(CODES, headers={"authorization": authorization})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert "0123456789" not in answer.text
        for token in ("Bearer 0123456789abcdef0123", "bearer fedcba98765432100123"):
            assert client.get(CODES, headers={"authorization": token}).status_code == 200


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "bank short\n", "bank\n", "a 0123456789abcdef\na 0123456789abcdee\n"]
)
def test_faulty_token_file_is_refused_without_showing_tokens(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SdmxmigError) as refused:
        read_tokens(path)
    assert "0123456789" not in str(refused.value)


def test_too_many_requests_are_answered_with_retry_after() -> None:
    now = [0.0]
    with client_of(Access(rate=Rate(3, clock=lambda: now[0]))) as client:
        assert [client.get(CODES).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = client.get(CODES)
        assert refused.headers["retry-after"] == "20"
        now[0] += 20
        assert [client.get(CODES).status_code for _ in range(2)] == [200, 429]


def test_counts_of_clients_are_bounded() -> None:
    rate = Rate(3, clock=lambda: 0.0)
    for number in range(11_000):
        rate.count(str(number))
    assert len(rate.seen) == 10_000


def test_internal_faults_are_saved_but_not_disclosed() -> None:
    bugs: list[BaseException] = []

    def broken(_: Path) -> Holdings:
        raise RuntimeError("a secret in a message")

    with client_of(Access(), bugs, open_holdings=broken) as client:
        answer = client.get(CODES)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert [type(bug) for bug in bugs] == [RuntimeError]


def test_fault_before_the_first_byte_returns_its_status(client: TestClient) -> None:
    """SDMX-CSV has no place for the validity of releases, so it cannot express history."""
    answer = client.get(f"{DATA}?includeHistory=true", headers={"accept": CSV})
    assert answer.status_code == 406


@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(("", 200), ("limit=2", 200), ("sort=FREQ", 413), ("lastNObservations=1", 413)),
        *(("c[TIME_PERIOD]=2021&sort=FREQ", 200), ("updatedAfter=2024-06-01", 413), ("includeHistory=true", 413)),
    ],
)
def test_answers_held_in_memory_have_a_limit(query: str, status: int) -> None:
    with pytest.MonkeyPatch.context() as patched, client_of(Access()) as client:
        patched.setattr(storage, "MAX_ORDERED", 2)
        patched.setattr(service, "MAX_ORDERED", 2)
        answer = client.get(f"{DATA}?{query}", headers={"accept": "application/vnd.sdmx.data+xml;version=3.0.0"})
        assert answer.status_code == status
        if status == 413:
            (note,) = answer.json()["errors"]
            assert note["code"] == 130
            assert "at most 2 are" in note["title"]


def test_submission_sealed_while_service_runs_is_served(tmp_path: Path) -> None:
    marks = ["first"]
    count: list[int] = []

    def opened(folder: Path) -> Holdings:
        count.append(1)
        return small_holdings(folder)

    cache = ServiceCache(opened, lambda: marks[0], now=lambda: OPENED)
    with cache.folder, TestClient(build_application(cache, Access(), print), base_url="http://x") as client:
        for _ in range(3):
            assert client.get(CODES).status_code == 200
        assert len(count) == 1
        marks[0], cache.looked = "second", -10.0
        assert client.get(CODES).status_code == 200
        assert len(count) == 2


def test_data_over_http_equal_those_of_the_service(client: TestClient) -> None:
    answer = client.get(f"{DATA}/~/A.*.M", headers={"accept": CSV})
    assert rows_in(answer.content) == "R:A.GE.M.2020=9.5 R:A.GE.M.2021=8"
    encoded = client.get(f"{DATA}?c%5BTIME_PERIOD%5D=ge%3A2021", headers={"accept": CSV})
    assert rows_in(encoded.content) == "R:A.GE.M.2021=8"
