"""A large message is checked like a small one: the fast lanes give the verdict of the parser."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import made
import polars as pl
import pytest
from tries import fifth_of

from benchmarks import speed_table
from sdmxmig.quality.checking import CheckResult, identify_and_check
from sdmxmig.sdmx.checking import observations
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, DEFAULT_LAYOUT, FORMATS, Layout, data_bytes
from sdmxmig.sdmx.formats import duplicates as stored_keys
from sdmxmig.sdmx.formats.sdmx_json import runs
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import reading, regular, tokens
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.digest import Digest
from sdmxmig.sdmx.model.data import Dataset

pytestmark = pytest.mark.sampled(4)

FLAT = Layout(ALL_DIMENSIONS)
ML = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-ml-2.1-generic")
DATA = [name for name in FORMATS if FORMATS[name].write_data]
YEARS = range(1950, 2050)


def many() -> Dataset:
    """Two series of a hundred years, with notes in some rows only."""
    rows = [
        (*key, str(year), f"{year / 7:.3f}", "A" if year % 3 else "P", "note" if year % 5 == 0 else None)
        for key in (made.MEN, made.WOMEN)
        for year in YEARS
    ]
    return made.dataset(rows, [(*made.MEN, "PS", None), (*made.WOMEN, "PS", "a note")])


def written(form: str, layout: Layout = DEFAULT_LAYOUT, dataset: Dataset | None = None) -> bytes:
    one = dataset or many()
    return data_bytes(FORMATS[form], [replace(one, action="I") if form == "sdmx-csv-1.0" else one], made.HEADER, layout)


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lanes read whatever they can, in small runs and small blocks."""
    monkeypatch.setattr(regular, "FIRST_PIECE_BYTES", 1)
    monkeypatch.setattr(regular, "MIN_PIECE_BYTES", 1)
    monkeypatch.setattr(regular, "PIECE_BYTES", 1 << 11)
    monkeypatch.setattr(regular, "MIN_OBSERVATIONS", 4)
    for module in (regular, reading):
        monkeypatch.setattr(module, "BLOCK", 30)
    monkeypatch.setattr(runs, "WINDOW_BYTES", 1 << 9)


def told(checked: CheckResult) -> list[tuple[str, str]]:
    return [(str(problem.place), problem.message) for problem in checked.problems]


WRONG = {
    "nothing": (b"", b""),
    "a code": (b'"P"', b'"ZZ"'),
    "a code of one series": (b'"F"', b'"X"'),
    "a period": (b'"1999"', b'"19.99"'),
    "a frequency": (b'"1999"', b'"1999-Q1"'),
    "a week": (b'"1999"', b'"1999-W53"'),
    "a value": (b'"285.571"', b'"1 000"'),
    "a duplicate far away": (b'"2049"', b'"1950"'),
    "a name": (b"OBS_STATUS", b"OBS_STATE"),
    "an end": (b"</mes:DataSet>", b""),
}


@pytest.mark.parametrize(("case", "layout", "form"), fifth_of(WRONG, (DEFAULT_LAYOUT, FLAT, Layout("SEX")), ML))
@pytest.mark.sampled(8)
def test_fast_path_and_parser_agree(form: str, layout: Layout, case: str, request: pytest.FixtureRequest) -> None:
    old, new = WRONG[case]
    content = written(form, layout)
    spoilt_content = content.replace(old, new) if old else content
    assert (spoilt_content != content) == bool(old)
    slow = identify_and_check("f", spoilt_content, made.FLOWS)
    request.getfixturevalue("in_small_pieces")
    fast = identify_and_check("f", spoilt_content, made.FLOWS)
    assert told(fast) == told(slow)
    assert bool(told(slow)) == bool(old)
    assert (fast.size, fast.unchecked) == (slow.size, slow.unchecked)


@pytest.mark.parametrize("form", DATA)
def test_duplicates_across_blocks_are_found(form: str, monkeypatch: pytest.MonkeyPatch, in_small_pieces: None) -> None:
    monkeypatch.setattr(stored_keys, "MAX_MEMORY_KEYS", 50)
    content = written(form)
    if "json" in form:
        return  # its reader refuses a member that occurs twice
    if "csv" in form:
        lines = content.splitlines(keepends=True)
        twice = b"".join([*lines, lines[1]])
    else:
        twice = content.replace(b'"2049"', b'"1950"', 1)
    (problem,) = identify_and_check("f", twice, made.FLOWS).problems
    assert problem.message == "Observation A.GE.M.FC.1950 occurs twice."
    line = twice.splitlines()[problem.place.line - 1]
    assert b"1950" in line
    first = next(number for number, line in enumerate(twice.splitlines(), 1) if b"1950" in line)
    assert problem.place.line > first


@pytest.mark.parametrize("number", [1, 130, 199])
@pytest.mark.parametrize("layout", [DEFAULT_LAYOUT, FLAT])
@pytest.mark.parametrize("form", DATA)
def test_missing_mandatory_attribute_is_found(form: str, layout: Layout, number: int, in_small_pieces: None) -> None:
    women, observations = number >= len(YEARS), many().observations
    by_sex = replace(made.STRUCTURE["NOTE"], attachment="dimensions", dimensions=("SEX",), mandatory=True)
    components = tuple(by_sex if part.id == "NOTE" else part for part in made.STRUCTURE.components)
    flow = replace(made.FLOW, structure=replace(made.STRUCTURE, components=components))
    kept = (pl.col("SEX") == "F") != women
    whole = replace(
        many(),
        flow=flow,
        series=many().series.drop("NOTE"),
        partial={("SEX",): pl.DataFrame({"SEX": ["F", "M"], "NOTE": ["a", "b"]})},
    )
    gap = pl.when(pl.int_range(pl.len()) != number).then("OBS_STATUS").alias("OBS_STATUS")
    key = f"A.GE.{'F' if women else 'M'}.FC"
    for spoilt, message in (
        (whole, None),
        (replace(whole, observations=observations.with_columns(gap)), f"Observation {key}.{1950 + number % 100} lacks"),
        (replace(whole, series=whole.series.filter(kept)), f"Series {key} lacks the attribute UNIT."),
        (replace(whole, partial={d: f.filter(kept) for d, f in whole.partial.items()}), f"Partial key {key[5]} lacks"),
    ):
        problems = identify_and_check("f", written(form, layout, spoilt), {flow.id: flow}).problems
        assert any(problem.message.startswith(message) for problem in problems) if message else not problems


def test_partial_hash_collision_is_not_reported_as_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    def collide(keys: pl.DataFrame, _: int) -> pl.DataFrame:
        return pl.DataFrame(
            {"column_0": pl.repeat(1, keys.height, dtype=pl.UInt64, eager=True), "column_1": keys.hash_rows()}
        )

    monkeypatch.setattr(observations, "hash_keys", collide)
    assert identify_and_check("f", written("sdmx-csv-2.0"), made.FLOWS).problems == []


# -- the digest -------------------------------------------------------------------------------------------------------


def test_digest_keeps_line_numbers_of_its_message() -> None:
    class Beginning(regular.SpecificFastReader):
        def shortened(self, run: bytes) -> bytes:
            return run[: run.index(b"\n")]

    reader = Beginning({}, (), b"", b"a")
    digest = Digest(out := io.BytesIO())
    found = tokens.ScannedRun(None, pl.DataFrame())
    digest.on_piece(b"1\n2\n")
    digest.on_run(b"<a3\n<a4\n<a5\n", found, reader)
    digest.on_run(b"<a6\n<a7", found, reader)
    digest.on_piece(b" 7b\n8\n9")
    digest.on_end()
    lines = out.getvalue().decode().split("\n")
    numbers = [digest.line(number) for number, _ in enumerate(lines, 1)]
    assert dict(zip(lines, numbers, strict=True)) | {"": 0} == {
        "": 0, "1": 1, "2": 2, "<a3": 3, "<a6": 6, " 7b": 7, "8": 8, "9": 9,
    }  # fmt: skip


# -- memory and time --------------------------------------------------------------------------------------------------


def large(form: str, layout: Layout, count: int, path: Path) -> Path:
    """A message of so many blocks of 20,000 observations."""
    first = speed_table.as_dataset(speed_table.plain_table(20_000))

    def blocks() -> Iterator[Dataset]:
        for number in range(count):
            rows = first.observations.with_columns(REF_AREA=pl.lit(speed_table.CODES["REF_AREA"][number]))
            yield replace(first, observations=rows, continues=number > 0)

    write = FORMATS[form].write_data
    assert write is not None
    with path.open("w+b") as file:
        write(blocks(), speed_table.HEADER, file, layout)
    return path


class Counted(io.BytesIO):
    """An open file that counts the bytes taken, and never gives all of them at once."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 <= size <= 1 << 23, "nobody asks for all of a large message"
        found = super().read(size)
        self.taken += len(found)
        return found


LARGE = {"sdmx-csv-2.0": DEFAULT_LAYOUT, "sdmx-ml-3.0": FLAT, "sdmx-json-2.0": FLAT}
LARGE["sdmx-ml-2.1-generic"] = DEFAULT_LAYOUT


@pytest.mark.parametrize(("form", "layout"), LARGE.items())
def test_large_message_is_checked_as_a_stream(form: str, layout: Layout, tmp_path: Path) -> None:
    stream = Counted(large(form, layout, 3, tmp_path / "m").read_bytes())
    checked = identify_and_check("f", stream, {"DF_SPEED": speed_table.flow()})
    assert (checked.size, checked.problems, checked.unchecked) == (60_000, [], "")
    passes = 8 if form.startswith("sdmx-json") else 6  # errors beside the data are read in a pass of their own
    assert stream.taken < passes * len(stream.getvalue()), "it is gone through a few times"
