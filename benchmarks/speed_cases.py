"""Timed operations: writing, reading and checking a table by our formats, peers, and polars as floor."""

# ruff: noqa: PLC0415 - each case loads its own library only, so that peak memory is its own

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import speed_table
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, structure_bytes
from sdmxmig.sdmx.model.data import Dataset

if TYPE_CHECKING:
    import polars as pl

BLOCK = 200_000
FLAT, SERIES = Layout(ALL_DIMENSIONS), Layout()
JOBS = {
    "flat": ("structure-specific, flat", ("sdmx-ml-3.0", "sdmx-ml-2.1", "sdmx-ml-3.1"), FLAT),
    "series": ("structure-specific, series", ("sdmx-ml-3.0", "sdmx-ml-2.1", "sdmx-ml-3.1"), SERIES),
    "generic": ("generic 2.1", ("sdmx-ml-2.1-generic",), SERIES),
    "csv": ("SDMX-CSV", ("sdmx-csv-2.0", "sdmx-csv-2.1"), SERIES),
    "json": ("SDMX-JSON", ("sdmx-json-2.0", "sdmx-json-2.1"), SERIES),
}
PEERS = ("pysdmx", "sdmx1", "sdmxthon")
FLOORS = {"write": "write floor C", "read": "read floor R", "check": "read floor R"}
CHECKED = ("flat", "series", "generic")
"""The layouts in which messages are checked, as they were written and with names in changing order."""
ATTRIBUTE = re.compile(r'[\w:]+="[^"]*" ?')
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

    @property
    def is_peer(self) -> bool:
        return self.tool in PEERS


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


def in_blocks(folder: Path) -> Iterator[Dataset]:
    """The same dataset, read from its file piece by piece."""
    from dataclasses import replace

    import polars as pl

    empty = speed_table.as_dataset(speed_table.plain_table(0))
    rows = pl.scan_parquet(folder / "texts.parquet")
    for start in range(0, rows.select(pl.len()).collect().item(), BLOCK):
        yield replace(empty, observations=rows.slice(start, BLOCK).collect(), continues=start > 0)


def read_ours(format_id: str, layout: str) -> Callable[[Path], Run]:
    """Read a message of ours block by block and check its codes; gives the number of observations."""

    def prepare(folder: Path) -> Run:
        from sdmxmig.quality.checking.content import distinct, judge_of

        read, source = FORMATS[format_id].read_data, file_of(folder, format_id, layout)
        assert read is not None  # noqa: S101 - only such formats become cases
        flow = speed_table.flow()
        coded = {
            component.id: judge_of(flow, component) for component in flow.structure.components if component.is_coded
        }
        judges = {name: judge for name, judge in coded.items() if judge}

        def run() -> int:
            height = 0
            with source.open("rb") as file:
                for block in read(source.name, file, {flow.id: flow}):
                    for name, values in distinct(block, list(judges)).items():
                        if strange := judges[name](values):
                            raise ValueError(strange[0])
                    height += block.observations.height
            return height

        return run

    return prepare


def check_ours(format_id: str, layout: str, *, unordered: bool = False) -> Callable[[Path], Run]:
    """Check a message with its structure; returns the number of observations.

    `unordered` shuffles the attributes of each element, so that no fast reader applies.
    """

    def prepare(folder: Path) -> Run:
        from sdmxmig.quality.checking import check

        source, flow = file_of(folder, format_id, layout), speed_table.flow()
        if not source.exists():
            write_ours(format_id, layout)(folder)()
        if unordered:
            source = with_other_orders(source)

        def run() -> int:
            with source.open("rb") as file:
                checked = check(source.name, file, {flow.id: flow})
            if not checked.ok:
                raise ValueError(checked.problems[:1])
            return checked.size

        return run

    return prepare


def with_other_orders(source: Path) -> Path:
    """Copy a message with the attributes of observations and series in many orders."""
    target, chance = source.with_suffix(".unordered.xml"), random.Random(1)  # noqa: S311 - no secret here
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for line in lines:
            head, found, rest = line.partition("Obs ") if "<Obs " in line else line.partition("Series ")
            names = ATTRIBUTE.findall(rest) if found and head.strip() == "<" else []
            chance.shuffle(names)
            out.write(f"{head}{found}{' '.join(names)}{ATTRIBUTE.sub('', rest).lstrip()}" if names else line)
    return target


def floor_write(folder: Path) -> Run:
    frame = table(folder)
    return lambda: frame.write_csv(folder / "floor.csv")


def floor_read(folder: Path) -> Run:
    import polars as pl

    return lambda: pl.read_csv(folder / "floor.csv")


def write_pysdmx(name: str, layout: str) -> Callable[[Path], Run]:
    def prepare(folder: Path) -> Run:
        from pysdmx.io import read_sdmx, write_sdmx
        from pysdmx.io.format import Format
        from pysdmx.io.pd import PandasDataset

        structures = read_sdmx(folder / "structures.xml").structures or ()
        structure: Any = next(
            structure for structure in structures if type(structure).__name__ == "DataStructureDefinition"
        )
        dataset = PandasDataset(structure=structure.to_schema(), data=table(folder).to_pandas())
        more = {} if layout == "csv" else {"dimension_at_observation": JOBS[layout][2].dimension_at_observation}
        out = str(folder / f"pysdmx.{layout}")
        return lambda: write_sdmx(dataset, getattr(Format, name), output_path=out, **more)

    return prepare


def read_pysdmx(format_id: str, layout: str) -> Callable[[Path], Run]:
    def prepare(folder: Path) -> Run:
        from pysdmx.io import read_sdmx

        source = file_of(folder, format_id, layout)
        return lambda: len(read_sdmx(source, validate=False).data[0].data)

    return prepare


def write_sdmx1(layout: str) -> Callable[[Path], Run]:
    def prepare(folder: Path) -> Run:
        import sdmx
        from sdmx.message import DataMessage
        from sdmx.model import v21

        message = sdmx.read_sdmx(folder / "structures.xml")
        dsd, dataflow = next(iter(message.structure.values())), next(iter(message.dataflow.values()))
        frame, key, measure = table(folder), (*speed_table.DIMENSIONS, "TIME_PERIOD"), dsd.measures[0]

        def run() -> None:
            observations = []
            for row in frame.iter_rows(named=True):
                given = {name: v21.AttributeValue(value=row[name]) for name in speed_table.ATTRIBUTES if row[name]}
                own = v21.Key({name: row[name] for name in key})
                value = row["OBS_VALUE"]
                observations.append(
                    v21.Observation(dimension=own, value=value, value_for=measure, attached_attribute=given)
                )
            data = v21.StructureSpecificDataSet(structured_by=dsd, described_by=dataflow, obs=observations)
            if layout == "csv":
                sdmx.to_csv(data, path=folder / "sdmx1.csv", attributes="o")
            else:
                (folder / "sdmx1.xml").write_bytes(sdmx.to_xml(DataMessage(data=[data])))

        return run

    return prepare


def read_sdmx1(format_id: str, layout: str) -> Callable[[Path], Run]:
    def prepare(folder: Path) -> Run:
        import sdmx

        dsd = next(iter(sdmx.read_sdmx(folder / "structures.xml").structure.values()))
        source = file_of(folder, format_id, layout)
        return lambda: len(sdmx.read_sdmx(source, structure=dsd).data[0].obs)

    return prepare


def write_sdmxthon(layout: str) -> Callable[[Path], Run]:
    def prepare(folder: Path) -> Run:
        import sdmxthon
        from sdmxthon import MessageTypeEnum

        content = sdmxthon.read_sdmx(str(folder / "structures.xml")).content
        dsd = next(iter(content["DataStructures"].values()))
        dataset = sdmxthon.Dataset(structure=dsd, data=table(folder).to_pandas())
        if layout == "csv":
            return lambda: dataset.to_sdmx_csv(2, str(folder / "sdmxthon.csv"))
        names = {"flat": "StructureSpecificDataSet", "generic": "GenericDataSet"}
        kind = getattr(MessageTypeEnum, names[layout])
        return lambda: dataset.to_xml(str(folder / f"sdmxthon.{layout}"), kind)

    return prepare


def read_sdmxthon(format_id: str, layout: str) -> Callable[[Path], Run]:
    def prepare(folder: Path) -> Run:
        import sdmxthon

        source = str(file_of(folder, format_id, layout))
        return lambda: len(next(iter(sdmxthon.read_sdmx(source).payload.values())).data)

    return prepare


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
    names = {"flat": "DATA_SDMX_ML_3_0", "series": "DATA_SDMX_ML_3_0"}
    names |= {"generic": "DATA_SDMX_ML_2_1_GEN", "csv": "DATA_SDMX_CSV_2_0_0"}
    peers = [("pysdmx", one, write_pysdmx(name, one)) for one, name in names.items()]
    peers += [("sdmx1", one, write_sdmx1(one)) for one in ("flat", "csv")]
    peers += [("sdmxthon", one, write_sdmxthon(one)) for one in ("flat", "generic", "csv")]
    return [
        *cases,
        *(Case(JOBS[one][0], tool, name=f"write {tool} {one}", prepare=prepare) for tool, one, prepare in peers),
    ]


def reading() -> list[Case]:
    cases = [Case("floor", "polars", name=FLOORS["read"], prepare=floor_read)]
    for layout, (job, formats, _) in JOBS.items():
        ours = [name for name in formats if name in FORMATS and FORMATS[name].write_data is not None]
        for name in ours:
            if FORMATS[name].read_data is not None:
                cases.append(
                    Case(job, "sdmxmig", name=f"read {name} {layout}", prepare=read_ours(name, layout), streams=True)
                )
        if not ours or layout == "json":
            continue
        old = next((name for name in ours if "2.1" in name and layout != "csv"), "sdmx-csv-2.0")
        cases.append(Case(job, "pysdmx", name=f"read pysdmx {layout}", prepare=read_pysdmx(ours[0], layout)))
        cases.append(Case(job, "sdmx1", name=f"read sdmx1 {layout}", prepare=read_sdmx1(old, layout)))
        if layout != "csv":
            cases.append(Case(job, "sdmxthon", name=f"read sdmxthon {layout}", prepare=read_sdmxthon(old, layout)))
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
        run, title = check_ours("sdmx-ml-3.0", layout, unordered=True), f"check sdmx-ml-3.0 {layout}, unordered"
        cases.append(Case(f"{JOBS[layout][0]}, unordered", "sdmxmig", name=title, prepare=run, streams=True))
    return cases


def prepared(folder: Path, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = speed_table.plain_table(size)
    table.write_parquet(folder / "table.parquet")
    speed_table.as_dataset(table).observations.write_parquet(folder / "texts.parquet")
    content = structure_bytes(FORMATS["sdmx-ml-2.1"], speed_table.artefacts(), speed_table.HEADER)
    (folder / "structures.xml").write_bytes(content)
    floor_write(folder)()


def case_named(name: str) -> Case:
    return next(case for case in cases_of(("write", "read", "check")) if case.name == name)


def cases_of(verbs: Sequence[str]) -> list[Case]:
    floor = Case("floor", "polars", name=FLOORS["check"], prepare=floor_read)
    cases = writing() if "write" in verbs else []
    cases += reading() if "read" in verbs else [floor] if "check" in verbs else []
    return [*cases, *(checking() if "check" in verbs else [])]
