"""A busy receiver gets at least the pause that it requests, but never an endless or guessed one."""

from __future__ import annotations

from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from test_transports import receiver, send, settings

from sdmxmig.io.network import parse_retry_seconds
from sdmxmig.sdmx.model.delivery import READY, RetryPolicy
from sdmxmig.transmission.transports import TRANSPORTS

THEIR_NOW = "Sun, 01 Mar 2026 12:00:00 GMT"
OUR_NOW = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
DAY = 86_400.0
SAID: dict[str, float | None] = {
    "120": 120,
    "0": 0,
    "-5": None,
    "1e3": None,
    "soon": None,
    "1000000000000": DAY,
    "9" * 5000: DAY,
    "٣٠": None,
    "30, 60": 60,
    "30, soon": None,
    "Sun, 01 Mar 2026 11:00:00 GMT": 0,
    "Sun, 01 Mar 2026 12:02:00 GMT": 120,
    "Sun, 01 Mar 2026 14:02:00 +0200": 120,
    "Sun Mar  1 12:02:00 2026": 120,
    "Sunday, 01-Mar-26 12:02:00 GMT": 120,
    "Fri, 31 Dec 9999 23:59:59 GMT": DAY,
    "Infinity": None,
    "1_000": None,
    "Sun, 31 Feb 2026 12:00:00 GMT": None,
    "\t30 ": 30,
}


@pytest.mark.parametrize("text", SAID, ids=[str(number) for number in range(len(SAID))])
def test_retry_after_of_a_busy_receiver_is_respected(text: str) -> None:
    assert parse_retry_seconds({"retry-after": text, "date": THEIR_NOW}) == SAID[text]
    assert parse_retry_seconds({"retry-after": text}, datetime(2026, 3, 1, 12, 0, tzinfo=UTC)) == SAID[text]


def test_missing_retry_after_means_no_wait() -> None:
    assert parse_retry_seconds({}) is None


@pytest.mark.parametrize("date", ["", "today", "Sun, 31 Feb 2026 12:00:00 GMT"])
def test_date_without_server_time_is_counted_by_own_clock(date: str) -> None:
    heads = {"retry-after": "Sun, 01 Mar 2026 12:02:00 GMT", "date": date}
    assert parse_retry_seconds(heads) is None, "nobody knows what time it is there"
    assert parse_retry_seconds(heads, OUR_NOW) == 3720


def test_longer_of_two_waits_is_respected(tmp_path: Path) -> None:
    def busy(request: BaseHTTPRequestHandler, _: bytes) -> None:
        request.send_response(503)
        for seconds in ("60", "30"):
            request.send_header("Retry-After", seconds)
        request.send_header("Content-Length", "0")
        request.end_headers()

    with receiver(busy) as address:
        outcome = send(TRANSPORTS["http"](settings(address, tmp_path, habits=RetryPolicy(lease=60))))
    assert (outcome.state, outcome.wait) == (READY, 60)
