"""Limits of each reader of untrusted bytes, and actions that none of them takes."""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from each import each
from folders import ROOT
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.io.intake.archives import Archive
from sdmxmig.io.intake.files import read_limited, read_stream
from sdmxmig.io.intake.json import parse_json, yield_json_members
from sdmxmig.io.intake.xml import XmlFeed, iterate_xml, parse_xml, stream_xml
from sdmxmig.primitives.errors import InputError

PACKAGE = ROOT / "sdmxmig"
MIB = 1 << 20


class Nothing:
    """Takes whatever comes."""

    def start(self, *_: object) -> None: ...

    def end(self, *_: object) -> None: ...


def by_tree(content: bytes) -> None:
    parse_xml(content, "a.xml")


def by_stream(content: bytes) -> None:
    stream_xml(read_stream(io.BytesIO(content)), "a.xml", Nothing())


def by_events(content: bytes) -> None:
    for event, element in iterate_xml(content, "a.xml"):
        if event == "end":
            element.clear()


def by_pieces(content: bytes) -> None:
    for _ in iterate_xml(read_stream(io.BytesIO(content)), "a.xml"):
        pass


def by_feed(content: bytes) -> None:
    feed = XmlFeed("a.xml", Nothing())
    feed.feed(content)
    feed.close()


XML_READERS = [by_tree, by_stream, by_events, by_pieces, by_feed]
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
HOSTILE_XML = {
    "a DOCTYPE": b"<!DOCTYPE a><a/>",
    "entities in entities": LAUGHS,
    "entities in UTF-16": LAUGHS.decode().encode("utf-16"),
    "another file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "another place": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "parameters": b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/"> %b;]><a/>',
    "an unknown entity": b"<a>&b;</a>",
    "65 levels": b"<a>" * 65 + b"</a>" * 65,
    "1001 attributes": b"<a " + b" ".join(b'b%d="1"' % number for number in range(1001)) + b"/>",
    "a long text": b"<a>" + b"x" * (MIB + 1) + b"</a>",
    "a long CDATA section": b"<a><![CDATA[" + b"x" * (11 * MIB) + b"]]></a>",
    "a long attribute": b'<a b="' + b"x" * (11 * MIB) + b'"/>',
    "a long name": b"<" + b"a" * (11 * MIB) + b"/>",
    "a long comment": b"<a><!--" + b"x" * (11 * MIB) + b"--></a>",
    "a long instruction": b"<a><?b " + b"x" * (11 * MIB) + b"?></a>",
    "a long text behind an element": b"<a><b/>" + b"x" * (11 * MIB) + b"</a>",
    "nothing": b"",
    "no end": b"<a>",
    "two roots": b"<a/><a/>",
    "an attribute twice": b'<a b="1" b="2"/>',
    "a forbidden character": b"<a>\x01</a>",
    "no UTF-8": b"<a>\xff</a>",
    "an unknown encoding": b'<?xml version="1.0" encoding="rot13"?><a/>',
}


@pytest.mark.parametrize("read", XML_READERS)
@pytest.mark.parametrize("name", HOSTILE_XML)
def test_hostile_xml_is_refused_by_every_reader(name: str, read: Callable[[bytes], None]) -> None:
    with pytest.raises(InputError) as caught:
        read(HOSTILE_XML[name])
    assert caught.value.place.file == "a.xml"
    assert caught.value.hint


@pytest.mark.parametrize("read", XML_READERS)
def test_xml_within_the_limits_is_accepted(read: Callable[[bytes], None]) -> None:
    attributes = b" ".join(b'b%d="1"' % number for number in range(1000))
    read(b"<a>" * 63 + b"<a " + attributes + b">" + b"x" * MIB + b"</a>" + b"</a>" * 63)


def test_included_documents_are_not_loaded() -> None:
    content = b'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="file:///etc/passwd" parse="text"/></a>'
    assert len(parse_xml(content, "a.xml")) == 1, "the element stays what it is"


HOSTILE_JSON = {
    "65 levels": b"[" * 65 + b"]" * 65,
    "many levels": b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000,
    "nothing but arrays": b"[" + b"[]," * 1_000_000 + b"[]]",
    "a member twice": b'{"a": 1, "a": 2}',
    "a member twice, spelt in another way": b'{"a": 1, "\\u0061": 2}',
    "no number": b'{"a": NaN}',
    "an endless number": b'{"a": 1e999999, "b": ' + b"9" * MIB + b"}",
    "no UTF-8": b'{"a": "\xff"}',
    "no end": b'{"a": "',
    "two values": b"{} {}",
    "a comment": b"/* */ {}",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_hostile_json_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_json(HOSTILE_JSON[name], "a.json")
    assert caught.value.place.file == "a.json"
    assert caught.value.hint


NAMES = st.text("ab:{[,é ", min_size=1, max_size=4).map(str.strip).filter(bool)
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.text('a"\\:{}[], é', max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.integers(1, 20), st.sampled_from([None, 1]))
def test_top_json_members_are_found_without_parsing(message: dict[str, object], size: int, indent: int | None) -> None:
    text = json.dumps(message, indent=indent, ensure_ascii=False).encode()
    members = list(yield_json_members(text[start : start + size] for start in range(0, len(text), size)))
    expected: list[tuple[str, str]] = []
    for name, value in message.items():
        expected.append(("", name))
        expected += [(name, inner) for inner in value] if isinstance(value, dict) else []
    assert [(outer, name) for outer, name, _ in members] == expected
    for outer, name, begins in members:
        value = message[outer][name] if outer else message[name]  # type: ignore[index]
        first = "{" if isinstance(value, dict) else "[" if isinstance(value, list) else json.dumps(value)[0]
        assert begins.lstrip().startswith(first.encode())


def test_file_beyond_its_limit_is_refused() -> None:
    assert read_limited(io.BytesIO(b"12345"), "a", limit=5) == b"12345"
    with pytest.raises(InputError, match="larger"):
        read_limited(io.BytesIO(b"123456"), "a", limit=5)


def test_disk_failure_is_reported_as_such() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(InputError, match="Input/output error"):
        list(read_stream(Broken(), "a"))


def test_archive_within_an_archive_is_not_opened() -> None:
    import zipfile

    def zipped(content: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.zip", content)
        return out.getvalue()

    inner = zipped(b"a")
    assert Archive(zipped(inner), "x.zip").read("a.zip") == inner


READERS = ("etree", "lxml", "ElementTree")
LXML_READS = {"parse", "iterparse", "XInclude", "parseid", "XSLT"}
ONLY_AT_THE_DOOR = {"HTMLParser"}
"""Takes no path, but forgives much: pages come in through `intake` alone."""


@each("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_lxml_calls_receive_no_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not any(f"{module}." in text for module in READERS):
        return  # most files: what a tree of them would show, their text shows sooner
    tree = ast.parse(text)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    refused = LXML_READS if path.parent.name == "intake" else LXML_READS | ONLY_AT_THE_DOOR
    wrong = [
        node.lineno
        for node in calls
        if isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in READERS
        and (node.func.attr in refused or any(keyword.arg == "file" for keyword in node.keywords))
    ]
    assert not wrong, f"{path.name}: {wrong}"
