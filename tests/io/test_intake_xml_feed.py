"""XML parsed piece by piece keeps the position of each element, also after skipped parts."""

from __future__ import annotations

import pytest

from sdmxmig.io.intake.xml import XmlFeed
from sdmxmig.primitives.errors import InputError


class Seen:
    """Notes where elements begin."""

    def __init__(self) -> None:
        self.feed = XmlFeed("a.xml", self)
        self.starts: list[tuple[str, int, int]] = []

    def start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        self.starts.append((tag, self.feed.line, self.feed.column))

    def end(self, tag: str, text: str) -> None: ...


@pytest.mark.parametrize("skipped", [b"<b/>", b"<b/><b/>", b"<b/>\n <b\n/>", b"<b/>\n"])
@pytest.mark.parametrize("after", [b"<c/>", b"\n\n  <c/>"])
@pytest.mark.parametrize("before", [b"<a>", b"<a>\n  ", b"<a><x\ny='1'/>", b"<a>\n<x></x> "])
def test_positions_are_right_after_skipped_content(before: bytes, skipped: bytes, after: bytes) -> None:
    whole, parts = Seen(), Seen()
    whole.feed.feed(before + skipped + after + b"</a>")
    parts.feed.feed(before)
    assert parts.feed.settled
    parts.feed.skip(skipped)
    parts.feed.feed(after + b"</a>")
    parts.feed.close()
    assert parts.starts[-1] == whole.starts[-1]
    assert parts.starts[-1][0] == "c"


@pytest.mark.parametrize(
    "text", [b"<a><!-- <b/>", b"<a><![CDATA[<b/> ", b"<a><?x <b/>", b"<a>text", b"<a><b c='", b"<a><b/>&"]
)
def test_feed_within_an_element_is_not_settled(text: bytes) -> None:
    seen = Seen()
    seen.feed.feed(text)
    assert not seen.feed.settled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"<a>" * 70, "nested deeper"),
        (b"<a b='" + b"x" * (3 << 20), "nested deeper"),
        (b"<a>" + b"x" * (2 << 20), "nested deeper"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
        (b"<a>\n<b></a>", "mismatched tag"),
        (b"<a>", "no element found"),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "not well formed"),
        (b"<a>\xff</a>", "not well formed"),
    ],
)
def test_limits_and_faults_have_their_place(text: bytes, expected: str) -> None:
    seen = Seen()
    with pytest.raises(InputError, match=expected) as caught:  # noqa: PT012 - either of the two may find it
        seen.feed.feed(text)
        seen.feed.close()
    assert caught.value.place is not None
