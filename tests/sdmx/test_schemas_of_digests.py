"""The check judges data while it parses them, and validates a digest: both agree with the schema.

The schema of the whole message is the judge here. Small messages get random changes in elements, names, orders, quotes
and texts; then the problems of the digest must be those of the whole, line by line, for the parser and for the lanes.
A message that the schema refuses is refused by the check.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from contextlib import ExitStack

import made
import made_data
import pytest
from tries import fifth_of

from benchmarks.spoilers import spoilt
from sdmxmig.io.intake.incoming import keep_message, wrap_stream
from sdmxmig.primitives.errors import InputError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.checking.reading import XmlMessageReading, build_reading
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, DEFAULT_LAYOUT, FORMATS, Layout, data_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import digest as digests
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import reading, regular
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.digest import Digest
from sdmxmig.sdmx.model.data import Dataset

ML = ("sdmx-ml-2.1", "sdmx-ml-3.1", "sdmx-ml-2.1-generic")
LAYOUTS = (DEFAULT_LAYOUT, Layout(ALL_DIMENSIONS), Layout("SEX"))
TAG = re.compile(
    rb"<(?P<name>(?:\w+:)?(?:Obs|Series|Value|ObsValue|Group|Atts))(?P<names>(?: [\w:.]+=\"[^\"]*\")*)(?P<end> ?/?>)"
)
NAME = re.compile(rb' ([\w:.]+)="([^"]*)"')
Change = Callable[[bytes, random.Random], bytes]


def plain() -> Dataset:
    """Sixty observations in two series, some with notes."""
    rows = [
        (*key, str(year), f"{year / 7:.3f}", "A" if year % 3 else "P", "note" if year % 5 == 0 else None)
        for key in (made.MEN, made.WOMEN)
        for year in range(1990, 2020)
    ]
    return made.dataset(rows, [(*made.MEN, "PS", None), (*made.WOMEN, "PS", "a note")])


DATASETS = {"plain": plain, "groups": made_data.plain}


def of_tags(change: Callable[[bytes, list[tuple[bytes, bytes]], random.Random], bytes | None], share: float) -> Change:
    """A change of some tags by their name and attributes; None keeps a tag."""

    def changed(content: bytes, chance: random.Random) -> bytes:
        def one(match: re.Match[bytes]) -> bytes:
            if chance.random() > share:
                return match[0]
            told = change(match["name"], NAME.findall(match["names"]), chance)
            return match[0] if told is None else told + match["end"]

        return TAG.sub(one, content)

    return changed


def tag(name: bytes, pairs: list[tuple[bytes, bytes]], quote: bytes = b'"') -> bytes:
    return b"<" + name + b"".join(b" %s=%s%s%s" % (key, quote, value, quote) for key, value in pairs)


def quoted(name: bytes, pairs: list[tuple[bytes, bytes]], _: random.Random) -> bytes | None:
    return None if any(b"'" in value for _, value in pairs) else tag(name, pairs, b"'")


def shuffled(name: bytes, pairs: list[tuple[bytes, bytes]], chance: random.Random) -> bytes:
    return tag(name, chance.sample(pairs, len(pairs)))


def without_one(name: bytes, pairs: list[tuple[bytes, bytes]], chance: random.Random) -> bytes | None:
    return tag(name, [pair for pair in pairs if pair is not chance.choice(pairs)]) if pairs else None


def renamed(name: bytes, pairs: list[tuple[bytes, bytes]], chance: random.Random) -> bytes | None:
    if not pairs:
        return None
    at = chance.randrange(len(pairs))
    return tag(name, [(key + b"S" if number == at else key, value) for number, (key, value) in enumerate(pairs)])


def twice(name: bytes, pairs: list[tuple[bytes, bytes]], chance: random.Random) -> bytes | None:
    return tag(name, [*pairs, chance.choice(pairs)]) if pairs else None


def with_type(name: bytes, pairs: list[tuple[bytes, bytes]], chance: random.Random) -> bytes:
    return tag(name, [*pairs, (b"type", chance.choice((b"M", b"Sibling", b"ObsType", b"1")))])


def with_namespace(name: bytes, pairs: list[tuple[bytes, bytes]], _: random.Random) -> bytes:
    return tag(name, [*pairs, (b"xml:lang", b"en")])


def with_id(name: bytes, pairs: list[tuple[bytes, bytes]], chance: random.Random) -> bytes:
    return tag(name, [(key, b"1 2" if key == b"id" and chance.random() < 0.5 else value) for key, value in pairs])


def inserted(*pieces: bytes) -> Change:
    """Insert one of these pieces before some elements."""

    def changed(content: bytes, chance: random.Random) -> bytes:
        return TAG.sub(lambda m: (chance.choice(pieces) if chance.random() < 0.1 else b"") + m[0], content)

    return changed


CHANGES: dict[str, Change] = {
    "nothing": lambda content, _: content,
    "order": of_tags(shuffled, 0.9),
    "quotes": of_tags(quoted, 0.5),
    "less": of_tags(without_one, 0.05),
    "renamed": of_tags(renamed, 0.05),
    "twice": of_tags(twice, 0.02),
    "type": of_tags(with_type, 0.05),
    "namespace": of_tags(with_namespace, 0.05),
    "ids": of_tags(with_id, 0.05),
    "comments": inserted(b"<!-- <Obs/> -->", b"<!-- note -->", b"<![CDATA[\n ]]>", b"\n<!--\n-->\n", b"<?pi Obs?>"),
    "texts": inserted(b"text", b"&#65;", b"<![CDATA[<Obs/>]]>"),
    "elements": inserted(b"<Annotations/>", b"<Obs/>", b"<Series/>", b"<Atts/>", b"<Unknown>\n</Unknown>"),
    "lines": inserted(b"\n\n", b"\t"),
    **{way: lambda content, chance, way=way: spoilt(content, way, chance) for way in ("several",)},  # type: ignore[misc]
}


def said_of_digest(content: bytes, form: str) -> tuple[list[tuple[int, str]], Digest]:
    """The problems that the check finds in the digest, line by line, and the digest."""
    with ExitStack() as opened:
        message = opened.enter_context(keep_message(wrap_stream(io.BytesIO(content), "f"), "f"))
        message_reading = build_reading(message, FORMATS[form], made.FLOWS, opened)
        assert isinstance(message_reading, XmlMessageReading)
        for _ in message_reading.blocks(Faults()):
            pass
        schema = message_reading.schema(made.FLOWS)
        return [(problem.place.line, problem.message) for problem in schema.problems], message_reading.digest


def refused_lines(content: bytes) -> set[int]:
    """The lines at which the check finds something wrong; the first fault of what is no XML may be all that it says."""
    try:
        return {problem.place.line for problem in identify_and_check("f", content, made.FLOWS).problems}
    except InputError as error:
        return {error.place.line if error.place else 0}


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lanes read whatever they can, in small runs and small blocks."""
    monkeypatch.setattr(regular, "FIRST_PIECE_BYTES", 1)
    monkeypatch.setattr(regular, "MIN_PIECE_BYTES", 1)
    monkeypatch.setattr(regular, "MIN_PART", 1 << 7)
    monkeypatch.setattr(regular, "PIECE_BYTES", 1 << 10)
    monkeypatch.setattr(regular, "MIN_OBSERVATIONS", 4)
    monkeypatch.setattr(digests, "MAX_HELD_BYTES", 1 << 11)
    for module in (regular, reading):
        monkeypatch.setattr(module, "BLOCK", 20)


@pytest.mark.parametrize(("change", "dataset", "layout", "form"), fifth_of(CHANGES, DATASETS, LAYOUTS, ML))
@pytest.mark.sampled(12)
def test_digest_and_message_are_refused_alike(
    form: str, layout: Layout, dataset: str, change: str, request: pytest.FixtureRequest
) -> None:
    content = data_bytes(FORMATS[form], [DATASETS[dataset]()], made.HEADER, layout)
    messages = [CHANGES[change](content, random.Random(seed)) for seed in range(2)]
    for _ in ("by the parser", "by the lanes"):
        for message in messages:
            judged = xsd.validate_stream(io.BytesIO(message), made.FLOWS, any_values=True)
            told, digest = said_of_digest(message, form)
            assert told == judged.problems or not digest.is_whole
            assert bool(told) == bool(judged.problems)
            assert {line for line, _ in judged.problems} <= refused_lines(message)
        request.getfixturevalue("in_small_pieces")


@pytest.mark.parametrize("layout", LAYOUTS[:2], ids=["series", "flat"])
@pytest.mark.parametrize("form", ML)
def test_digest_of_many_similar_elements_is_short_in_any_order(form: str, layout: Layout) -> None:
    content = CHANGES["order"](data_bytes(FORMATS[form], [plain()], made.HEADER, layout), random.Random(1))
    told, digest = said_of_digest(content, form)
    assert (told, digest.is_whole, digest.has_cuts) == ([], True, True)
    assert digest.size < len(content) / 3


@pytest.mark.parametrize("held", [1 << 8, 1 << 12])
def test_long_series_is_checked_with_little_buffer(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "MAX_HELD_BYTES", held)
    monkeypatch.setattr(regular, "CHUNK", 1 << 8)
    content = CHANGES["order"](data_bytes(FORMATS["sdmx-ml-3.0"], [plain()], made.HEADER), random.Random(1))
    told, digest = said_of_digest(content, "sdmx-ml-3.0")
    assert (told, digest.is_whole) == ([], True)
    note = b'<Comp id="X">' + b"<Value>one</Value>" * 500 + b"</Comp>"
    long = content.replace(b"<Obs ", note + b"<Obs ", 1)
    judged = xsd.validate_stream(io.BytesIO(long), made.FLOWS, any_values=True).problems
    assert said_of_digest(long, "sdmx-ml-3.0")[0] == judged != []


def test_each_of_many_similar_faults_has_its_line() -> None:
    content = data_bytes(FORMATS["sdmx-ml-3.0"], [plain()], made.HEADER, Layout(ALL_DIMENSIONS))
    wrong = content.replace(b"OBS_STATUS=", b"OBS_STATE=")
    lines = [number for number, line in enumerate(wrong.splitlines(), 1) if b"OBS_STATE=" in line]
    found = identify_and_check("f", wrong, made.FLOWS).problems
    assert list(dict.fromkeys(problem.place.line for problem in found)) == lines
    assert {problem.place.line for problem in found if "OBS_STATE" in problem.message} == set(lines)
    assert len(lines) == 60
