"""Timed operations: writing, reading and checking a table by our formats, and polars as floor."""

# ruff: noqa: PLC0415 - each case loads its own library only, so that peak memory is its own

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import speed_table
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout
from sdmxmig.sdmx.model.data import Dataset

if TYPE_CHECKING:
    import polars as pl

BLOCK = 200_000
REGULAR = "sdmx-ml-3.0"
"""The format whose flat layout is also read as others spell it."""
FLAT, SERIES = Layout(ALL_DIMENSIONS), Layout()
JOBS = {
    "flat": ("structure-specific, flat", ("sdmx-ml-3.0", "sdmx-ml-2.1", "sdmx-ml-3.1"), FLAT),
    "series": ("structure-specific, series", ("sdmx-ml-3.0", "sdmx-ml-2.1", "sdmx-ml-3.1"), SERIES),
    "generic": ("generic 2.1", ("sdmx-ml-2.1-generic",), SERIES),
    "csv": ("SDMX-CSV", ("sdmx-csv-2.0", "sdmx-csv-2.1"), SERIES),
    "json": ("SDMX-JSON", ("sdmx-json-2.0", "sdmx-json-2.1"), SERIES),
}
FLOORS = {"write": "write floor C", "read": "read floor R", "check": "read floor R"}
CHECKED = ("flat", "series", "generic")
"""The layouts in which messages are checked."""
ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)" ?')
Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to be timed. `prepare` is given the folder and gives the function to be timed.

    `job` is the row of the report, `tool` its column. A case that `streams` goes from file to file in blocks.
    """

    job: str
    tool: str
    _: KW_ONLY
    name: str
    prepare: Callable[[Path], Run]
    streams: bool = False

    @property
    def verb(self) -> str:
        return self.name.split()[0]


def table(folder: Path) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(folder / "table.parquet")


def file_of(folder: Path, format_id: str, layout: str) -> Path:
    """Where a message of ours lies for the readers."""
    return folder / f"{format_id}.{layout}{FORMATS[format_id].suffix}"


def write_ours(format_id: str, layout: str, *, blocks: bool = False) -> Callable[[Path], Run]:
    """Write the table in a format of ours into a file: from memory, or block by block from another file."""

    def prepare(folder: Path) -> Run:
        out = file_of(folder, format_id, layout)
        write = FORMATS[format_id].write_data
        assert write is not None  # noqa: S101 - only such formats become cases
        whole = [] if blocks else [speed_table.as_dataset(table(folder))]

        def run() -> None:
            with out.open("w+b") as file:
                write(in_blocks(folder) if blocks else whole, speed_table.HEADER, file, JOBS[layout][2])

        return run

    return prepare


def written_file(folder: Path, format_id: str, layout: str) -> Path:
    file = file_of(folder, format_id, layout)
    if not file.exists():
        write_ours(format_id, layout)(folder)()
    return file


def in_blocks(folder: Path) -> Iterator[Dataset]:
    """The same dataset, read from its file piece by piece."""
    from dataclasses import replace

    import polars as pl

    empty = speed_table.as_dataset(speed_table.plain_table(0))
    rows = pl.scan_parquet(folder / "texts.parquet")
    for start in range(0, rows.select(pl.len()).collect().item(), BLOCK):
        yield replace(empty, observations=rows.slice(start, BLOCK).collect(), continues=start > 0)


def read_ours(format_id: str, layout: str, *, spelling: str = "") -> Callable[[Path], Run]:
    """Read a message of ours block by block and check its codes; gives the number of observations."""

    def prepare(folder: Path) -> Run:
        from sdmxmig.quality.checking.content import find_value_check, index_distinct

        read, source = FORMATS[format_id].read_data, written_file(folder, format_id, layout)
        assert read is not None  # noqa: S101 - only such formats become cases
        source = respell(source, spelling) if spelling else source
        flow = speed_table.flow()
        coded = {
            component.id: find_value_check(flow, component)
            for component in flow.structure.components
            if component.is_coded
        }
        judges = {name: judge for name, judge in coded.items() if judge}

        def run() -> int:
            height = 0
            with source.open("rb") as file:
                for block in read(source.name, file, {flow.id: flow}):
                    for name, values in index_distinct(block, list(judges)).items():
                        if strange := judges[name](values):
                            raise ValueError(strange[0])
                    height += block.observations.height
            return height

        return run

    return prepare


def check_ours(format_id: str, layout: str, *, spelling: str = "") -> Callable[[Path], Run]:
    """Check a message with its structure; returns the number of observations."""

    def prepare(folder: Path) -> Run:
        from sdmxmig.quality.checking import identify_and_check

        source, flow = written_file(folder, format_id, layout), speed_table.flow()
        source = respell(source, spelling) if spelling else source

        def run() -> int:
            with source.open("rb") as file:
                checked = identify_and_check(source.name, file, {flow.id: flow})
            if not checked.ok:
                raise ValueError(checked.problems[:1])
            return checked.size

        return run

    return prepare


def respell(source: Path, spelling: str) -> Path:
    """Copy a message with the elements of observations and series as other writers spell them."""
    target, chance = source.with_suffix(f".{spelling.replace(' ', '-')}.xml"), random.Random(1)  # noqa: S311 - no secret here
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines):
            head, found, rest = line.partition("Obs ") if "<Obs " in line else line.partition("Series ")
            attributes = ATTRIBUTE.findall(rest) if found and head.strip() == "<" else []
            if not attributes:
                out.write(line.replace("SPEED</", "<![CDATA[SPEED]]></") if spelling == "CDATA" else line)
                continue
            end = ATTRIBUTE.sub("", rest).lstrip()
            if spelling == "random order":
                chance.shuffle(attributes)
            elif spelling == "two orders" and number % 2:
                attributes.reverse()
            elif spelling == "end tags":
                end = end.replace("/>", f"></{found.strip()}>")
            elif spelling in RARE and number % 1_000 == 0:
                head = "<!-- a > b -->" + head
            written = SPELLINGS[spelling]
            out.write(f"{head}{found}{' '.join(written(*attribute) for attribute in attributes)}{end}")
    return target


def write_attribute(name: str, value: str) -> str:
    return f'{name}="{value}"'


RARE = ("comments",)
"""The spellings of one element in a thousand."""
SPELLINGS: Mapping[str, Callable[[str, str], str]] = {
    "comments": write_attribute,
    "> in values": lambda name, value: write_attribute(name, value.replace("&gt;", ">")),
    "CDATA": write_attribute,
    "entities": lambda name, value: write_attribute(name, value.replace("&amp;", "&#38;")),
    "single quotes": lambda name, value: f"{name}='{value.replace(chr(39), '&apos;')}'",
    "blanks around =": lambda name, value: f'{name} = "{value}"',
    "end tags": write_attribute,
    "two orders": write_attribute,
    "random order": write_attribute,
}


def floor_write(folder: Path) -> Run:
    frame = table(folder)
    return lambda: frame.write_csv(folder / "floor.csv")


def floor_read(folder: Path) -> Run:
    import polars as pl

    return lambda: pl.read_csv(folder / "floor.csv")


def writing() -> list[Case]:
    cases = [Case("floor", "polars", name=FLOORS["write"], prepare=floor_write)]
    for layout, (job, formats, _) in JOBS.items():
        for name in formats:
            if name in FORMATS and FORMATS[name].write_data is not None:
                cases.append(Case(job, "sdmxmig", name=f"write {name} {layout}", prepare=write_ours(name, layout)))
                streamed = write_ours(name, layout, blocks=True)
                cases.append(
                    Case(job, "sdmxmig", name=f"write {name} {layout}, in blocks", prepare=streamed, streams=True)
                )
    return cases


def reading() -> list[Case]:
    cases = [Case("floor", "polars", name=FLOORS["read"], prepare=floor_read)]
    for layout, (job, formats, _) in JOBS.items():
        for name in formats:
            if name in FORMATS and FORMATS[name].write_data is not None and FORMATS[name].read_data is not None:
                cases.append(
                    Case(job, "sdmxmig", name=f"read {name} {layout}", prepare=read_ours(name, layout), streams=True)
                )
    for spelling in SPELLINGS:
        run, title = read_ours(REGULAR, "flat", spelling=spelling), f"read {REGULAR} flat, {spelling}"
        cases.append(Case(f"{JOBS['flat'][0]}, {spelling}", "sdmxmig", name=title, prepare=run, streams=True))
    return cases


def checking() -> list[Case]:
    """Return all kinds of messages that are validated against schema and structure."""
    cases = []
    for layout in CHECKED:
        job, formats, _ = JOBS[layout]
        for name in formats:
            run = check_ours(name, layout)
            cases.append(Case(job, "sdmxmig", name=f"check {name} {layout}", prepare=run, streams=True))
    for layout in ("flat", "series"):
        spelling = "random order"
        run, title = check_ours("sdmx-ml-3.0", layout, spelling=spelling), f"check sdmx-ml-3.0 {layout}, {spelling}"
        cases.append(Case(f"{JOBS[layout][0]}, {spelling}", "sdmxmig", name=title, prepare=run, streams=True))
    return cases


def prepared(folder: Path, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = speed_table.plain_table(size)
    table.write_parquet(folder / "table.parquet")
    speed_table.as_dataset(table).observations.write_parquet(folder / "texts.parquet")
    floor_write(folder)()


def case_named(name: str) -> Case:
    return next(case for case in cases_of(("write", "read", "check")) if case.name == name)


def cases_of(verbs: Sequence[str]) -> list[Case]:
    floor = Case("floor", "polars", name=FLOORS["check"], prepare=floor_read)
    cases = writing() if "write" in verbs else []
    cases += reading() if "read" in verbs else [floor] if "check" in verbs else []
    return [*cases, *(checking() if "check" in verbs else [])]
