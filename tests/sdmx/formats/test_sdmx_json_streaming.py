"""SDMX-JSON data as a stream: any message comes out the same, however it is cut, spaced, ordered and read."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import made
import made_json
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.mutated_json import WAYS, spoilt
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, join_blocks
from sdmxmig.sdmx.formats import duplicates as stored_keys
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json import data_reading, runs, walk
from sdmxmig.sdmx.formats.sdmx_json.data_reading import series
from sdmxmig.sdmx.model.data import Dataset

pytestmark = pytest.mark.sampled(6)

LAYOUTS = ("TIME_PERIOD", ALL_DIMENSIONS, "REF_AREA")
YEARS = [str(1950 + year) for year in range(70)]
LONG = made.dataset(
    [
        ("A", area, sex, "NC", year, f"{index}.50", "A", "with, [commas] and {braces}: “x”" if index % 9 == 0 else None)
        for area in ("GE", "FR")
        for sex in ("M", "F")
        for index, year in enumerate(YEARS)
    ],
    [("A", area, sex, "NC", "PS", f"{sex}, of: \\ {area}") for area in ("GE", "FR") for sex in ("M", "F")],
)


class Trickle(io.RawIOBase):
    """A stream that cannot go back and gives some bytes at a time."""

    def __init__(self, content: bytes, chance: random.Random) -> None:
        self.inner, self.chance = io.BytesIO(content), chance

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self.inner.read(min(size if size > 0 else 1 << 20, self.chance.randint(1, 700)))


@contextmanager
def windows(size: int, *, quick: bool = True) -> Iterator[None]:
    """Read in small pieces, and only with care if not `quick`."""
    patch = pytest.MonkeyPatch()
    patch.setattr(runs, "WINDOW_BYTES", size)
    patch.setattr(walk, "MIB", max(size, 16))
    if not quick:
        patch.setattr(series.ColumnReader, "read", lambda *_: None)
    try:
        yield
    finally:
        patch.undo()


def read(content: bytes, version: str = "2.1", stream: Any = None, faults: Faults | None = None) -> list[Dataset]:
    """The datasets of a message, each of them whole."""
    whole: list[list[Dataset]] = []
    source = stream or io.BytesIO(content)
    for block in data_reading.read_data("x.json", source, flows=made_json.FLOWS, version=version, faults=faults):
        (whole[-1] if block.continues else whole.append([]) or whole[-1]).append(block)  # type: ignore[func-returns-value]
    return [join_blocks(blocks) for blocks in whole]


def said(datasets: list[Dataset]) -> list[object]:
    """The content of datasets without the order of rows."""

    def rows(frame: pl.DataFrame) -> list[str]:
        return sorted(map(repr, frame.to_dicts()))

    return [
        [
            rows(dataset.observations),
            rows(dataset.series),
            dict(dataset.attributes),
            {key: rows(table) for key, table in dataset.partial.items()},
            dict(dataset.properties),
            dataset.action,
        ]
        for dataset in datasets
    ]


def outcome(content: bytes, version: str = "2.1") -> object:
    """The content of a message, or its refusal."""
    try:
        return said(read(content, version))
    except InputError as error:
        assert error.place is not None  # noqa: PT017 - most messages are refused, some are still right
        return "refused"


def message(dataset: Dataset, at: str = "TIME_PERIOD", version: str = "2.1") -> bytes:
    return data_bytes(FORMATS[f"sdmx-json-{version}"], [dataset], made.HEADER, Layout(dimension_at_observation=at))


SMALL = {at: message(made.SMALL, at) for at in LAYOUTS}
RICH = {at: message(made_json.rich(), at) for at in LAYOUTS}
LONGER = {at: message(LONG, at) for at in LAYOUTS}
MESSAGES = [*SMALL.values(), *RICH.values(), *LONGER.values()]


def backwards(value: Any) -> Any:
    """A message with all members of its objects in the other order, as far as their order means nothing."""
    if isinstance(value, dict):
        return {name: backwards(value[name]) for name in reversed(value)}
    return [backwards(one) for one in value] if isinstance(value, list) else value


def escaped(content: bytes) -> bytes:
    """A message with an escape for each letter A and each slash, and surrogate pairs."""
    text = json.dumps(json.loads(content), ensure_ascii=True)
    return text.replace("A", "\\u0041").replace("/", "\\/").encode()


SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "unchanged": bytes,
    "a mark first": lambda content: b"\xef\xbb\xbf" + content,
    "compact": lambda content: json.dumps(json.loads(content), separators=(",", ":"), ensure_ascii=False).encode(),
    "spaced": lambda content: json.dumps(json.loads(content), ensure_ascii=False).encode(),
    "indented": lambda content: json.dumps(json.loads(content), indent="\t").encode(),
    "wide": lambda content: json.dumps(json.loads(content), indent=3, separators=("\r\n ,", " \t: ")).encode(),
    "backwards": lambda content: json.dumps(backwards(json.loads(content))).encode(),
    "escaped": escaped,
}
"""Ways to write the same message."""


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("content", MESSAGES)
def test_fast_and_careful_readers_agree_on_every_notation(content: bytes, spelling: str) -> None:
    respelt = SPELLINGS[spelling](content)
    with windows(1 << 22, quick=False):
        careful = said(read(respelt))
    assert said(read(respelt)) == careful
    if spelling in ("unchanged", "a mark first"):
        assert careful == said(read(content))


@given(st.sampled_from(MESSAGES), st.sampled_from(sorted(SPELLINGS)), st.integers(40, 3_000), st.integers(0, 9))
@settings(max_examples=20)
def test_message_is_parsed_alike_in_chunks_of_any_size(content: bytes, spelling: str, size: int, seed: int) -> None:
    respelt = SPELLINGS[spelling](content)
    whole = said(read(respelt))
    with windows(size, quick=bool(seed % 3)):
        assert said(read(respelt)) == whole
    with windows(size):
        assert said(read(b"", stream=Trickle(respelt, random.Random(seed)))) == whole


@pytest.mark.parametrize("content", LONGER.values())
@pytest.mark.parametrize("size", [300, 700, 2_000])
def test_series_larger_than_a_window_is_parsed_alike(content: bytes, size: int) -> None:
    whole = said(read(content))
    for quick in (True, False):
        with windows(size, quick=quick):
            assert said(read(content)) == whole
            assert said(read(SPELLINGS["backwards"](content))) == said(read(SPELLINGS["backwards"](content)))


@pytest.mark.parametrize(("at", "member"), [("TIME_PERIOD", "series"), (ALL_DIMENSIONS, "observations")])
def test_member_beyond_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch, at: str, member: str) -> None:
    monkeypatch.setattr(runs, "MAX_BYTES", 8)
    with windows(8), pytest.raises(InputError, match=f"One of the {member} is larger than"):
        read(LONGER[at])


@pytest.mark.parametrize(("at", "member"), [("TIME_PERIOD", b'"series":'), (ALL_DIMENSIONS, b'"observations":')])
def test_data_after_too_many_blanks_are_refused(at: str, member: bytes) -> None:
    whole = said(read(SMALL[at]))
    assert said(read(SMALL[at].replace(member + b"{", member + b" " * 50_000 + b"{"))) == whole
    with pytest.raises(InputError, match="Too many blanks"):
        read(SMALL[at].replace(member + b"{", member + b" " * 70_000 + b"{"))


def test_bounded_blocks_hold_the_series_of_their_observations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_reading, "BLOCK", 50)
    for content in LONGER.values():
        blocks = list(data_reading.read_data("x.json", io.BytesIO(content), made_json.FLOWS))
        assert [block.continues for block in blocks] == [False] + [True] * (len(blocks) - 1)
        assert sum(block.observations.height for block in blocks) == LONG.observations.height
        key = list(made.STRUCTURE.series_key)
        for block in blocks:
            assert block.observations.height <= 50
            own = block.observations.select(key).unique()
            assert own.join(block.series, on=key, how="semi").height == own.height


@pytest.mark.parametrize("number", range(200))
@pytest.mark.sampled(8)
def test_damaged_message_is_handled_alike_in_any_window_size(number: int) -> None:
    chance = random.Random(number)
    content = spoilt(MESSAGES[number % len(MESSAGES)], list(WAYS)[number % len(WAYS)], chance)
    whole = outcome(content)
    with windows(1 << 22, quick=False):
        assert outcome(content) == whole
    with windows(chance.randint(30, 2_000)):
        assert outcome(content) == whole


def parts(content: bytes) -> tuple[Any, Any]:
    root = json.loads(content)
    return root, root["data"]["dataSets"][0]


def refused(content: bytes, size: int = 1 << 22) -> InputError:
    with windows(size), pytest.raises(InputError) as caught:
        read(content)
    return caught.value


@pytest.mark.parametrize("size", [100, 1 << 22])
def test_duplicate_member_is_refused_at_any_position(size: int) -> None:
    flat, series = LONGER[ALL_DIMENSIONS].decode(), LONGER["TIME_PERIOD"].decode()
    start = flat.index('"observations":{') + 16
    last = flat[: flat.index("]\n}", start) + 1].splitlines()[-1]
    again = flat[:start] + last.removeprefix(",") + "," + flat[start:]
    error = refused(again.encode(), size)
    assert (error.place and error.place.key) == "/data/dataSets/0/observations"
    assert "occurs twice" in str(error)
    start = series.index('"series":{') + 10
    key = series[start:].split('"')[1]
    again = series[:start] + f'"{key}":{{"observations":{{}}}},' + series[start:]
    error = refused(again.encode(), size)
    assert (error.place and error.place.key) == "/data/dataSets/0/series"
    again = series.replace('"observations":{"69"', '"observations":{"69":[1],"69"', 1).replace(
        '"0":[', '"1":[1],"0":[', 1
    )
    error = refused(again.encode(), size)
    assert ((error.place and error.place.key) or "").endswith("observations")


def test_duplicates_are_found_among_more_keys_than_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_keys, "MAX_MEMORY_KEYS", 100)
    sizes = {"A": 1 << 20, "B": 1 << 31, "C": 1 << 31, "D": 7}
    chance = random.Random(1)
    keys = [tuple(chance.randrange(size) for size in sizes.values()) for _ in range(1_000)]
    for duplicate in (None, keys[3]):
        duplicates = stored_keys.PackedKeys()
        for start in range(0, 1_000, 70):
            given_keys = [*keys[start : start + 70], *([duplicate] if duplicate and start > 900 else [])]
            duplicates.add(pl.DataFrame(given_keys, schema=dict.fromkeys(sizes, pl.UInt32), orient="row"))
        assert duplicates.find_any_duplicate() == duplicate


@pytest.mark.parametrize("size", [60, 1 << 22])
@pytest.mark.parametrize("broken", ['"1":[1,,2]', '"1":[01]', '"1":[1]x', '"1":[nul]', '"1":["\\ud800"]', '"1":[1}'])
def test_malformed_json_is_refused_at_its_line_and_column(broken: str, size: int) -> None:
    root, dataset = parts(LONGER["TIME_PERIOD"])
    dataset["series"] = {key: {"observations": {"0": [1]}} for key in list(dataset["series"])[:3]}
    text = json.dumps(root, indent=1)
    line = text.count("\n", 0, text.rindex('"0": [')) + 1
    start = text.rindex('"0": [')
    content = text[:start] + broken + text[text.index("]", start) + 1 :]
    error = refused(content.encode(), size)
    assert "not well formed" in str(error)
    assert line <= error.place.line <= line + 3


@pytest.mark.parametrize("name", [rb"s\qeries", b"s\xffries"], ids=["escape", "encoding"])
def test_malformed_member_name_is_refused_at_its_line(name: bytes) -> None:
    content = json.dumps(parts(LONGER["TIME_PERIOD"])[0], indent=1).encode().replace(b'series": {', name + b'": {', 1)
    error = refused(content)
    assert error.place.line == content[: content.index(name)].count(b"\n") + 1


def test_extra_or_missing_comma_between_members_is_refused() -> None:
    text = LONGER["TIME_PERIOD"].decode()
    start = text.index('"series":{') + 10
    end = text.index("}},\n", start)
    for wrong in (
        text[:start] + "," + text[start:],
        text[: end + 2] + text[end + 3 :],
        text[: end + 2] + ",," + text[end + 3 :],
        text.replace("]\n}}}", "]\n}},}"),
        text + "x",
        text[:-4],
    ):
        assert wrong != text
        for size in (400, 1 << 22):
            assert "not well formed" in str(refused(wrong.encode(), size))


def test_nonempty_series_beside_observations_are_refused() -> None:
    content = SMALL[ALL_DIMENSIONS]
    empty = content.replace(b'"observations":{', b'"series":{},"observations":{')
    assert said(read(empty)) == said(read(content))
    assert "both series and observations" in str(refused(empty.replace(b'"series":{}', b'"series":{"0:0:0:0":{}}')))


def test_last_block_holds_group_attributes_of_empty_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_reading, "BLOCK", 50)
    bare = replace(
        LONG, series=pl.concat([LONG.series, LONG.series.head(1).with_columns(REF_AREA=pl.lit("FR"), SEX=pl.lit("_T"))])
    )
    blocks = list(data_reading.read_data("x.json", io.BytesIO(message(bare, ALL_DIMENSIONS)), made_json.FLOWS))
    assert len(blocks) > 3
    assert [block.series.filter(pl.col("SEX") == "_T").height for block in blocks] == [0] * (len(blocks) - 1) + [1]
    assert said([join_blocks(blocks)]) == said([replace(bare, properties={})])


def lenient(content: bytes, size: int = 1 << 22) -> tuple[list[Dataset], list[str]]:
    """The result of a lenient reading of a message, and the places of its faults."""
    faults = Faults()
    with windows(size):
        found = read(content, faults=faults)
    return found, [
        fault.place.key or f"{fault.place.line}:{fault.place.column}" for fault in faults.listed if fault.place
    ]


SERIES = "/data/dataSets/0/series"


@pytest.mark.parametrize("size", [150, 1 << 22])
def test_lenient_reading_reports_faults_and_omits_the_least(size: int) -> None:
    content = LONGER["TIME_PERIOD"].decode()
    start = content.index('"series":{"') if '"series":{"' in content else content.index('"series":{')
    first, second = [part.split('"')[0] for part in content[start + 10 :].split('\n"')[1:3]]
    broken = content.replace('"3":[', '"99":[', 1)  # a period that is not listed
    broken = broken.replace('"5":[5.50,0', '"5":[5.50,77', 1)  # a status that is not listed
    broken = broken.replace('"7":[7.50,0,null]', '"7":"x"', 1)  # no array
    broken = broken.replace('"8":[8.50,0,null]', '"8":[8.50,0,null,1,2]', 1)  # more than is listed
    broken = broken.replace(f'"{second}":', f'"{second}:9":', 1)  # no key of a series
    found, places = lenient(broken.encode(), size)
    assert sorted(places) == sorted(
        [
            f"{SERIES}/{first}/observations/7",
            f"{SERIES}/{first}/observations/99",
            f"{SERIES}/{first}/observations/5/1",
            f"{SERIES}/{first}/observations/8/3",
            f"{SERIES}/{first}/observations/8/4",
            f"{SERIES}/{second}:9",
        ]
    )
    table = found[0].observations
    assert table.height == LONG.observations.height - 70 - 2
    assert table["OBS_STATUS"].null_count() == 1
    with pytest.raises(InputError):
        read(broken.encode())


def test_lenient_reading_omits_only_the_malformed_member() -> None:
    content = LONGER[ALL_DIMENSIONS].decode()
    line = next(line for line in content.splitlines() if "5.50" in line)
    found, places = lenient(content.replace(line, line.replace("5.50", "5.5.0"), 1).encode())
    assert len(places) == 1
    assert found[0].observations.height == LONG.observations.height - 1
    found, places = lenient(content.replace(line, f"{line}{line}", 1).encode())
    assert places == ["/data/dataSets/0/observations"]
    assert found[0].observations.height == LONG.observations.height


@pytest.mark.parametrize("at", LAYOUTS)
def test_lenient_reading_keeps_a_truncated_message_up_to_its_end(at: str) -> None:
    content = LONGER[at]
    cut = content[: len(content) * 3 // 4]
    with pytest.raises(InputError):
        read(cut)
    for size in (400, 1 << 22):
        found, places = lenient(cut, size)
        assert places
        assert 20 < found[0].observations.height < LONG.observations.height


def test_lenient_reading_omits_unreadable_parts() -> None:
    root = json.loads(data_bytes(FORMATS["sdmx-json-2.1"], [made.SMALL, made_json.rich(), made.SMALL], made.HEADER))
    root["data"]["dataSets"][1]["structure"] = 9
    root["data"]["dataSets"][2]["action"] = "Explode"
    root["data"]["dataSets"][0]["attributes"][0] = 55
    root["data"]["structures"][0]["attributes"]["series"][0]["id"] = "UNITT"
    found, places = lenient(json.dumps(root).encode())
    assert len(found) == 2
    assert "/data/dataSets/1/structure" in places
    assert "/data/dataSets/2/action" in places
    assert "/data/dataSets/0/attributes/0" in places
    assert "/data/structures/0/attributes/series/0/id" in places
    assert found[0].observations.height == made.SMALL.observations.height
