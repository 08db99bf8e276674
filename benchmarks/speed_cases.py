"""What is timed: writing and reading one table by every format of ours, by the peers, and by polars as the floor."""

# ruff: noqa: PLC0415 - each case loads its own library only, so that peak memory is its own

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import speed_table
from sdmxmig.formats import ALL_DIMENSIONS, FORMATS, Layout, structure_bytes
from sdmxmig.model.data import Dataset

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
Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to be timed. `prepare` is given the folder and gives the function to be timed.

    `job` is the row of the report, `tool` its column; `source` is the file that a reader needs.
    """

    job: str
    tool: str
    name: str
    prepare: Callable[[Path], Run]
    source: str = ""

    @property
    def is_peer(self) -> bool:
        """Whether it is another library, and slow."""
        return self.tool in PEERS


PEERS = ("pysdmx", "sdmx1", "sdmxthon")


def table(folder: Path) -> pl.DataFrame:
    """The table that was made for this run."""
    import polars as pl

    return pl.read_parquet(folder / "table.parquet")


def file_of(folder: Path, format_id: str, layout: str) -> Path:
    """Where a message of ours lies for the readers."""
    return folder / f"{format_id}.{layout}{FORMATS[format_id].suffix}"


def write_ours(format_id: str, layout: str, *, blocks: bool = False) -> Callable[[Path], Run]:
    """Write the table in a format of ours into a file, whole or block by block."""

    def prepare(folder: Path) -> Run:
        dataset, out = speed_table.as_dataset(table(folder)), file_of(folder, format_id, layout)
        write = FORMATS[format_id].write_data
        assert write is not None  # noqa: S101 - only such formats become cases

        def run() -> None:
            with out.open("wb") as file:
                write(in_blocks(dataset) if blocks else [dataset], speed_table.HEADER, file, JOBS[layout][2])

        return run

    return prepare


def in_blocks(dataset: Dataset) -> Iterator[Dataset]:
    """The same dataset, handed out piece by piece."""
    from dataclasses import replace

    for start in range(0, dataset.observations.height, BLOCK):
        yield replace(dataset, observations=dataset.observations.slice(start, BLOCK), continues=start > 0)


def read_ours(format_id: str, layout: str) -> Callable[[Path], Run]:
    """Read a message of ours block by block; gives the number of observations."""

    def prepare(folder: Path) -> Run:
        read, source = FORMATS[format_id].read_data, file_of(folder, format_id, layout)
        assert read is not None  # noqa: S101 - only such formats become cases
        flows = {"DF_SPEED": speed_table.flow()}

        def run() -> int:
            with source.open("rb") as file:
                return sum(block.observations.height for block in read(source.name, file, flows))

        return run

    return prepare


def floor_write(folder: Path) -> Run:
    """The floor C: polars writes the table as plain CSV."""
    frame = table(folder)
    return lambda: frame.write_csv(folder / "floor.csv")


def floor_read(folder: Path) -> Run:
    """The floor R: polars reads that file."""
    import polars as pl

    return lambda: pl.read_csv(folder / "floor.csv")


def write_pysdmx(name: str, layout: str) -> Callable[[Path], Run]:
    """Write the table by pysdmx."""

    def prepare(folder: Path) -> Run:
        from pysdmx.io import read_sdmx, write_sdmx
        from pysdmx.io.format import Format
        from pysdmx.io.pd import PandasDataset

        structures = read_sdmx(folder / "structures.xml").structures or ()
        structure: Any = next(one for one in structures if type(one).__name__ == "DataStructureDefinition")
        dataset = PandasDataset(structure=structure.to_schema(), data=table(folder).to_pandas())
        more = {} if layout == "csv" else {"dimension_at_observation": JOBS[layout][2].dimension_at_observation}
        out = str(folder / f"pysdmx.{layout}")
        return lambda: write_sdmx(dataset, getattr(Format, name), output_path=out, **more)

    return prepare


def read_pysdmx(format_id: str, layout: str) -> Callable[[Path], Run]:
    """Read a message of ours by pysdmx, without its validation."""

    def prepare(folder: Path) -> Run:
        from pysdmx.io import read_sdmx

        source = file_of(folder, format_id, layout)
        return lambda: len(read_sdmx(source, validate=False).data[0].data)

    return prepare


def write_sdmx1(folder: Path) -> Run:
    """Write the table by sdmx1: its objects are made from the table and written."""
    import sdmx
    from sdmx.message import DataMessage
    from sdmx.model import v21

    dsd = next(iter(sdmx.read_sdmx(folder / "structures.xml").structure.values()))
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
        data = v21.StructureSpecificDataSet(structured_by=dsd, obs=observations)
        (folder / "sdmx1.xml").write_bytes(sdmx.to_xml(DataMessage(data=[data])))

    return run


def read_sdmx1(format_id: str, layout: str) -> Callable[[Path], Run]:
    """Read a message of ours by sdmx1."""

    def prepare(folder: Path) -> Run:
        import sdmx

        dsd = next(iter(sdmx.read_sdmx(folder / "structures.xml").structure.values()))
        source = file_of(folder, format_id, layout)
        return lambda: len(sdmx.read_sdmx(source, structure=dsd).data[0].obs)

    return prepare


def write_sdmxthon(layout: str) -> Callable[[Path], Run]:
    """Write the table by sdmxthon."""

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
    """Read a message of ours by sdmxthon."""

    def prepare(folder: Path) -> Run:
        import sdmxthon

        source = str(file_of(folder, format_id, layout))
        return lambda: len(next(iter(sdmxthon.read_sdmx(source).payload.values())).data)

    return prepare


def writing() -> list[Case]:
    """Everything that writes; formats that cannot are left out."""
    cases = [Case("floor", "polars", "write floor C", floor_write)]
    for layout, (job, formats, _) in JOBS.items():
        for name in formats:
            if name in FORMATS and FORMATS[name].write_data is not None:
                cases.append(Case(job, "sdmxmig", f"write {name} {layout}", write_ours(name, layout)))
                streamed = write_ours(name, layout, blocks=True)
                cases.append(Case(job, "sdmxmig", f"write {name} {layout}, in blocks", streamed))
    names = {"flat": "DATA_SDMX_ML_3_0", "series": "DATA_SDMX_ML_3_0"}
    names |= {"generic": "DATA_SDMX_ML_2_1_GEN", "csv": "DATA_SDMX_CSV_2_0_0"}
    cases += [
        Case(JOBS[one][0], "pysdmx", f"write pysdmx {one}", write_pysdmx(name, one)) for one, name in names.items()
    ]
    cases += [Case(JOBS["flat"][0], "sdmx1", "write sdmx1 flat", write_sdmx1)]
    cases += [
        Case(JOBS[one][0], "sdmxthon", f"write sdmxthon {one}", write_sdmxthon(one))
        for one in ("flat", "generic", "csv")
    ]
    return cases


def reading() -> list[Case]:
    """Everything that reads what `writing` wrote; formats that cannot are left out."""
    cases = [Case("floor", "polars", "read floor R", floor_read)]
    for layout, (job, formats, _) in JOBS.items():
        ours = [name for name in formats if name in FORMATS and FORMATS[name].write_data is not None]
        for name in ours:
            if FORMATS[name].read_data is not None:
                cases.append(Case(job, "sdmxmig", f"read {name} {layout}", read_ours(name, layout), name))
        if ours and layout != "json":
            cases.append(Case(job, "pysdmx", f"read pysdmx {layout}", read_pysdmx(ours[0], layout), ours[0]))
        old = [name for name in ours if "2.1" in name and "csv" not in name]
        if old and layout != "json":
            cases.append(Case(job, "sdmx1", f"read sdmx1 {layout}", read_sdmx1(old[0], layout), old[0]))
            cases.append(Case(job, "sdmxthon", f"read sdmxthon {layout}", read_sdmxthon(old[0], layout), old[0]))
    return cases


def prepared(folder: Path, size: int) -> None:
    """Make the table and its structures once for all cases of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    speed_table.plain_table(size).write_parquet(folder / "table.parquet")
    content = structure_bytes(FORMATS["sdmx-ml-2.1"], speed_table.artefacts(), speed_table.HEADER)
    (folder / "structures.xml").write_bytes(content)


def case_named(name: str) -> Case:
    """A case by its name."""
    return next(case for case in cases_of(("write", "read")) if case.name == name)


def cases_of(jobs: Sequence[str]) -> list[Case]:
    """The cases of writing, of reading, or of both."""
    return [*(writing() if "write" in jobs else []), *(reading() if "read" in jobs else [])]
