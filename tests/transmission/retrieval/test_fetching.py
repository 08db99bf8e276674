"""Answers of services are fetched, kept and confirmed: within limits, patiently, and from their host only."""

from __future__ import annotations

import gzip
import io
import threading
import time
import zipfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases_from
from folders import SHARED
from service_stub import Reply, answering

from sdmxmig.catalogue.agencies import AnswerFormat, Preparation, RateLimit, WebService, read_services
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.transmission.retrieval.addresses import (
    ServiceQuery,
    build_data_query,
    build_request,
    build_structure_query,
)
from sdmxmig.transmission.retrieval.fetching import Fetched, NotReadyYet, fetch, find_message
from sdmxmig.transmission.retrieval.service_requests import RequestSettings, ServiceUnavailable, reserve_request

CSV = b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ,OBS_VALUE\ndataflow,XX:DF(1.0.0),R,A,1.50\n"
NEWER = CSV.replace(b"1.50", b"2")
NOTHING = (
    b'<m:Error xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
    b'xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">'
    b'<m:ErrorMessage code="CODE"><c:Text>No results found</c:Text></m:ErrorMessage></m:Error>'
)
MESSAGE = b"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass
class Time:
    """A clock that goes on only while somebody waits."""

    moment: datetime = BEGIN
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.moment += timedelta(seconds=seconds)


@dataclass
class Office:
    """A client with a clock, a folder, and the messages that it received."""

    folder: Path
    time: Time = field(default_factory=Time)
    told: list[str] = field(default_factory=list)

    def means(self, **more: Any) -> RequestSettings:
        about = {"now": self.time.now, "sleep": self.time.sleep, "seconds": 5.0, **more}
        return RequestSettings(folder=self.folder, say=self.told.append, **about)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "kept")


def service(address: str, **more: Any) -> WebService:
    data, structures = (AnswerFormat("sdmx-csv-2.0"),), (AnswerFormat("sdmx-ml-3.0"),)
    return WebService("XX", Text.of(en="Stub"), address=address, api=2, data=data, structures=structures, **more)


def question(address: str, **more: Any) -> ServiceQuery:
    return replace(build_request(build_data_query("XX", "DF"), service(address, **more)), is_private=True)


def content(fetched: Fetched) -> bytes:
    return find_message(fetched)[1]


def test_answer_is_stored_with_address_and_time(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub:
        fetched = fetch(question(stub.address), office.means())
    assert stub.asked == ["/data/dataflow/XX/DF/~/*"]
    assert stub.heads[0]["accept"] == "application/vnd.sdmx.data+csv;version=2.0.0"
    assert (content(fetched), fetched.kept.format, fetched.is_copy) == (CSV, "sdmx-csv-2.0", False)
    assert (fetched.kept.fetched, fetched.kept.size) == ("2026-01-31T12:00:00+00:00", len(CSV))


def test_unchanged_answer_is_not_fetched_again(office: Office) -> None:
    tagged = Reply(body=CSV, heads={"ETag": '"7"', "Last-Modified": "Sat, 31 Jan 2026 10:00:00 GMT"})
    with answering(tagged, Reply(status=304), Reply(body=NEWER)) as stub:
        first = fetch(question(stub.address), office.means())
        office.time.moment += timedelta(hours=1)
        second = fetch(question(stub.address), office.means())
        office.time.moment += timedelta(hours=1)
        third = fetch(question(stub.address), office.means())
    assert [heads.get("if-none-match") for heads in stub.heads] == [None, '"7"', '"7"']
    assert stub.heads[1]["if-modified-since"] == "Sat, 31 Jan 2026 10:00:00 GMT"
    assert second.path == first.path
    assert (second.kept.fetched[11:16], second.kept.checked[11:16]) == ("12:00", "13:00")
    assert (content(third), third.kept.fetched[11:16], third.earlier) == (NEWER, "14:00", first.path)


def test_identical_answer_keeps_its_first_retrieval_time(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub:
        fetch(question(stub.address), office.means())
        office.time.moment += timedelta(hours=1)
        again = fetch(question(stub.address), office.means())
    assert (again.kept.fetched[11:16], again.kept.checked[11:16], again.earlier) == ("12:00", "13:00", None)


def test_stored_copy_is_used_offline_with_its_date(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub:
        fetch(question(stub.address), office.means())
    assert content(fetch(question(stub.address), office.means(is_offline=True))) == CSV
    assert office.told == []
    fetched = fetch(question(stub.address), office.means())
    assert (content(fetched), fetched.is_copy) == (CSV, True)
    assert "the copy of 2026-01-31T12:00:00+00:00" in office.told[0]


def test_offline_request_without_stored_copy_is_refused(office: Office) -> None:
    with pytest.raises(SdmxmigError, match="no saved copy"):
        fetch(question("http://127.0.0.1:9"), office.means(is_offline=True))
    with pytest.raises(ServiceUnavailable):
        fetch(question("http://127.0.0.1:9"), office.means())


def test_altered_copy_is_not_used(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub:
        fetched = fetch(question(stub.address), office.means())
        fetched.path.write_bytes(NEWER)
        with pytest.raises(SdmxmigError, match="no saved copy"):
            fetch(question(stub.address), office.means(is_offline=True))
        assert content(fetch(question(stub.address), office.means())) == CSV


@pytest.mark.parametrize("what", ["gzip", "zip"])
def test_compressed_answer_is_stored_decompressed(what: str, office: Office) -> None:
    if what == "gzip":
        reply = Reply(body=gzip.compress(CSV), heads={"Content-Encoding": "gzip"})
    else:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.csv", CSV)
        reply = Reply(body=buffer.getvalue(), heads={"Content-Type": "application/octet-stream"})
    with answering(reply) as stub:
        assert content(fetch(question(stub.address), office.means())) == CSV


@pytest.mark.parametrize("reply", [Reply(status=204), Reply(status=404, body=NOTHING.replace(b"CODE", b"100"))])
def test_empty_result_is_an_answer_without_data(reply: Reply, office: Office) -> None:
    with answering(reply) as stub:
        fetched = fetch(question(stub.address), office.means())
    assert fetched.path is None
    with pytest.raises(SdmxmigError, match="has no data for this request"):
        find_message(fetched)


REFUSED = {
    "not there": (Reply(status=404, body=NOTHING.replace(b"CODE", b"140")), "answered with status 404: No results"),
    "a wrong question": (Reply(status=400, body=b"<html><p>Bad"), "answered with status 400"),
    "a web page": (Reply(body=b"<html>Welcome</html>"), "web page"),
    "structures": (Reply(body=b'<s:Structure xmlns:s="%s"/>' % MESSAGE), "not data"),
    "nothing at all": (Reply(body=b""), "empty"),
    "packed otherwise": (Reply(body=CSV, heads={"Content-Encoding": "br"}), "was not requested"),
    "an envelope": (Reply(body=b'<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"/>'), "SOAP"),
    "a workbook": (Reply(body=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600), "workbook"),
    "a bomb": (
        Reply(body=gzip.compress(CSV + b"0" * 30_000_000), heads={"Content-Encoding": "gzip"}),
        "300 times its size",
    ),
    "entities": (Reply(body=b'<!DOCTYPE a [<!ENTITY b "b">]><Structure/>'), "DOCTYPE"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_unusable_answer_is_refused_and_not_stored(what: str, office: Office) -> None:
    reply, words = REFUSED[what]
    with answering(reply) as stub, pytest.raises(SdmxmigError, match=words):
        fetch(question(stub.address), office.means())
    assert not list(office.folder.glob("answers/*"))


def test_too_large_answer_is_refused(office: Office) -> None:
    with answering(Reply(body=CSV * 1000)) as stub, pytest.raises(SdmxmigError, match="more than 1,000 bytes"):
        fetch(question(stub.address), office.means(largest=1000))


@pytest.mark.parametrize("trick", ["cut", "hang up", "drip"])
def test_truncated_or_slow_answer_is_refused(trick: str, office: Office) -> None:
    with answering(Reply(body=CSV, trick=trick)) as stub, pytest.raises(ServiceUnavailable):
        fetch(question(stub.address), office.means(seconds=0.4))


@cases_from("transmission/retrieval/cases/redirect_to_another_host_is_refused.csv")
def test_redirect_to_another_host_is_refused(location: str, office: Office) -> None:
    with (
        answering(Reply(status=302, heads={"Location": location})) as stub,
        pytest.raises(SdmxmigError, match="direct"),
    ):
        fetch(question(stub.address), office.means())
    assert len(stub.asked) <= 4


def test_redirects_on_the_same_host_are_followed_to_a_limit(office: Office) -> None:
    with answering(Reply(status=301, heads={"Location": "HERE/data/new"}), Reply(body=CSV)) as stub:
        assert content(fetch(question(stub.address), office.means())) == CSV
    assert stub.asked[1] == "/data/new"
    with answering(Reply(status=302, heads={"Location": "/again"})) as stub:
        with pytest.raises(SdmxmigError, match="in a loop"):
            fetch(question(stub.address), office.means())
        assert len(stub.asked) == 4


def test_internal_address_is_reached_only_if_declared_private(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub, pytest.raises(SdmxmigError, match="this machine"):
        fetch(replace(question(stub.address), is_private=False), office.means())
    assert not stub.asked
    inside = office.means(resolve=lambda *_: ["10.0.0.7"])
    with pytest.raises(SdmxmigError, match="internal network address"):
        fetch(replace(question("https://data.example.org"), is_private=False), inside)


def test_token_is_sent_only_to_its_host_and_not_stored(office: Office) -> None:
    names: list[str] = []

    def secrets(name: str) -> Secret:
        names.append(name)
        return Secret("canary")

    with answering(Reply(body=CSV)) as stub:
        fetch(replace(question(stub.address), credential="office"), office.means(secrets=secrets))
    assert (stub.heads[0]["authorization"], names) == ("Bearer canary", ["office@127.0.0.1"])
    assert not any(b"canary" in path.read_bytes() for path in office.folder.rglob("*") if path.is_file())


def test_rate_limit_is_shared_and_separate_by_kind(office: Office) -> None:
    limits = {"data": RateLimit(count=2, seconds=3600, source="a test"), "structures": RateLimit(count=1, seconds=10)}
    with answering(Reply(body=CSV)) as stub:
        one = question(stub.address, limits=limits)
        fetch(one, office.means())
        fetch(one, office.means())
        fetched = fetch(one, Office(office.folder, office.time, office.told).means())
        assert (fetched.is_copy, len(stub.asked)) == (True, 2), "the third one would be too many"
        assert "can be asked for data again at 2026-01-31T13:00:00" in office.told[-1]
        structures = replace(build_request(build_structure_query("XX", "dataflow"), one.service), is_private=True)
        with pytest.raises(SdmxmigError, match="not structures"):
            fetch(structures, office.means())
        assert len(stub.asked) == 3, "structures are counted by themselves"
        office.time.moment += timedelta(hours=1)
        assert not fetch(one, office.means()).is_copy


def test_short_rate_limit_is_waited_for(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub:
        one = question(stub.address, limits={"data": RateLimit(count=1, seconds=30)})
        fetch(one, office.means())
        assert not fetch(one, office.means()).is_copy
    assert office.time.waits == [30]


def test_clock_set_back_does_not_block_a_service(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub:
        one = question(stub.address, limits={"data": RateLimit(count=1, seconds=30)})
        fetch(one, office.means())
        office.time.moment -= timedelta(days=400)
        fetch(one, office.means())
    assert office.time.waits == [30]


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("Sat, 31 Jan 2026 12:00:09 GMT", 9), ("soon", 60), ("", 60)])
def test_retry_after_of_a_busy_service_is_respected(said: str, seconds: float, office: Office) -> None:
    with answering(Reply(status=429, heads={"Retry-After": said}), Reply(body=CSV)) as stub:
        assert content(fetch(question(stub.address), office.means())) == CSV
    assert office.time.waits == [seconds]


def test_too_long_retry_after_is_reported_and_remembered(office: Office) -> None:
    with answering(Reply(status=503, heads={"Retry-After": "1800"})) as stub:
        for _ in range(2):
            with pytest.raises(ServiceUnavailable, match="again at 2026-01-31T12:30:00"):
                fetch(question(stub.address), office.means(patience=60))
    assert len(stub.asked) == 1


def test_failing_service_leaves_the_stored_copy(office: Office) -> None:
    with answering(Reply(body=CSV), Reply(status=500)) as stub:
        fetch(question(stub.address), office.means())
        assert fetch(question(stub.address), office.means()).is_copy


STATE = (
    b'<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><a:asyncResponse '
    b'xmlns:a="urn:a" xmlns:b="urn:b"><b:status><b:key>j-1</b:key><b:status>STATE</b:status></b:status>'
    b"</a:asyncResponse></env:Body></env:Envelope>"
)
QUEUED = (
    b'<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><a:syncResponse xmlns:a="urn:a">'
    b"<queued><id>j-1</id><status>SUBMITTED</status></queued></a:syncResponse></env:Body></env:Envelope>"
)


def prepared_by(address: str) -> ServiceQuery:
    preparation = Preparation(state=f"{address}/async/status/{{id}}", answer=f"{address}/async/data/{{id}}", every=30)
    return question(address, preparation=preparation)


def state(word: str) -> Reply:
    return Reply(body=STATE.replace(b"STATE", word.encode()))


def test_queued_answer_is_awaited_and_fetched(office: Office) -> None:
    replies = [Reply(body=QUEUED), state("SUBMITTED"), state("PROCESSING"), state("AVAILABLE")]
    with answering(*replies, Reply(body=gzip.compress(CSV))) as stub:
        assert content(fetch(prepared_by(stub.address), office.means())) == CSV
    assert stub.asked[1:] == [*["/async/status/j-1"] * 3, "/async/data/j-1"]
    assert office.time.waits == [30, 30]


def test_queued_answer_is_resumed_on_another_day(office: Office) -> None:
    with answering(Reply(body=QUEUED), state("PROCESSING"), state("AVAILABLE"), Reply(body=CSV)) as stub:
        with pytest.raises(NotReadyYet):
            fetch(prepared_by(stub.address), office.means(patience=10))
        office.time.moment += timedelta(days=1)
        assert content(fetch(prepared_by(stub.address), office.means())) == CSV
    assert sum(path.startswith("/data/") for path in stub.asked) == 1


@pytest.mark.parametrize("word", ["EXPIRED", "UNKNOWN_REQUEST", "ERROR", ""])
def test_next_command_requests_cancelled_preparation_again(word: str, office: Office) -> None:
    with answering(Reply(body=QUEUED), state(word), Reply(body=CSV)) as stub:
        with pytest.raises(SdmxmigError, match="not prepared"):
            fetch(prepared_by(stub.address), office.means())
        assert content(fetch(prepared_by(stub.address), office.means())) == CSV


@pytest.mark.parametrize("name", ["../secret", "", "a" * 200, "https://elsewhere.example.org/"])
def test_id_of_queued_answer_cannot_change_the_address(name: str, office: Office) -> None:
    queued = QUEUED.replace(b"j-1", name.encode())
    with answering(Reply(body=queued)) as stub, pytest.raises(SdmxmigError, match="no usable address"):
        fetch(prepared_by(stub.address), office.means())
    assert len(stub.asked) == 1


FOOTER = """<m:GenericData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
 xmlns:f="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message/footer"
 xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
<f:Footer><f:Message code="413"><c:Text>It will be at HERE/file/7 in a while.</c:Text></f:Message></f:Footer>
</m:GenericData>"""


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data are not here")
def test_old_queue_message_of_eurostat_is_understood(office: Office) -> None:
    footer = (SHARED / "sdmx-ml-2.1" / "agencies" / "ESTAT__footer2.xml").read_bytes()
    with answering(Reply(body=CSV)) as stub:
        stub.replies.insert(0, Reply(body=footer.replace(b"http://ec.europa.eu", stub.address.encode())))
        assert content(fetch(prepared_by(stub.address), office.means())) == CSV
    assert stub.asked[1] == "/eurostat/SDMX/diss-web/file/7JUdWyAy4fmjBSWT"


REAL = {
    "sdmx-csv-2.0/real/OECD_DSD_MIG_inflows_total.csv": "sdmx-csv-2.0",
    "sdmx-csv-1.0/real/ESTAT_SDG_08_30A_employment_by_citizenship.csv": "sdmx-csv-1.0",
    "sdmx-csv-1.0/real/ISTAT_29_849_acquisition_citizenship.csv": "sdmx-csv-1.0",
    "sdmx-ml-2.1/agencies/WB__gh-78.xml": "sdmx-ml-2.1-generic",
}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data are not here")
@pytest.mark.parametrize("name", REAL)
def test_messages_of_agencies_are_stored_unchanged(name: str, office: Office) -> None:
    published = (SHARED / name).read_bytes()
    with answering(Reply(body=gzip.compress(published), heads={"Content-Encoding": "gzip"})) as stub:
        fetched = fetch(question(stub.address), office.means())
    assert (content(fetched), fetched.kept.format) == (published, REAL[name])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample data are not here")
@pytest.mark.parametrize("name", ["ESTAT__CL_FREQ.xml", "SGR__common-structure.xml"])
def test_structures_of_agencies_are_stored_unchanged(name: str, office: Office) -> None:
    published = (SHARED / "sdmx-ml-2.1" / "agencies" / name).read_bytes()
    with answering(Reply(body=published)) as stub:
        structures = build_request(build_structure_query("XX", "codelist"), service(stub.address))
        assert content(fetch(replace(structures, is_private=True), office.means())) == published


def test_requests_equal_those_of_sdmx1(office: Office) -> None:
    with answering(Reply(body=CSV)) as stub:
        eurostat = replace(read_services(list_search_path("structures"))["ESTAT"], address=stub.address)
        one = build_request(
            build_data_query("ESTAT", "MIGR_POP1CTZ", "A.AT..NR.T.", start="2020"), eurostat, "sdmx-csv-1.0"
        )
        fetch(replace(one, is_private=True), office.means())
    assert stub.asked == ["/data/MIGR_POP1CTZ/A.AT..NR.T.?startPeriod=2020&format=SDMX-CSV"]


def test_concurrent_requests_respect_the_limit(office: Office) -> None:
    means, limit = office.means(sleep=time.sleep), RateLimit(count=5, seconds=60)
    waits: list[float] = []

    def ask() -> None:
        waits.append(reserve_request(means, "host", "data", limit))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(waits) == [0.0] * 5 + [60.0] * 7


def test_old_footer_names_the_address_of_the_answer(office: Office) -> None:
    with answering(Reply(status=404), Reply(body=CSV)) as stub:
        stub.replies.insert(0, Reply(body=FOOTER.replace("HERE", stub.address).encode()))
        assert content(fetch(prepared_by(stub.address), office.means())) == CSV
    assert stub.asked[1:] == ["/file/7", "/file/7"]


def test_footer_cannot_lead_to_another_host(office: Office) -> None:
    footer = FOOTER.replace("HERE", "https://elsewhere.example.org").encode()
    with answering(Reply(body=footer)) as stub, pytest.raises(SdmxmigError, match="not followed"):
        fetch(prepared_by(stub.address), office.means())
