"""Datasets on disk: SDMX-CSV 2.0 with Parquet origins."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.made import digest_of, hash_of, hashes_of
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.formats import FORMATS, data_bytes, read_all
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.folder import DECLARED
from sdmxmig.workspace.inputs import PROGRAM

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.workspace.tasks.session import Session

DISK_FORMAT = "sdmx-csv-2.0"
MESSAGE_FORMATS = ("sdmx-ml-2.1", "sdmx-ml-3.0")
CONVERSION = "conversion.jsonl"
ORIGINS = ".origins.parquet"
LEFT = "left.parquet"
LEFT_COLUMNS = ("file", "sheet", "row", "column", "fate", "reason")
OWN = (".parquet", ".jsonl")
"""How the names end of what convert writes for other commands, and for nobody else."""
ANEW = "Make it anew with: sdmxmig convert"


def data_files(session: Session, datasets: Sequence[Dataset]) -> dict[str, bytes]:
    """Every dataset in every format, and the cells that its values come from, as files by name."""
    files: dict[str, bytes] = {}
    for dataset in datasets:
        flow = dataset.flow.id
        header = session.header(f"{session.workspace.country.area}_{flow}")
        for name in (DISK_FORMAT, *MESSAGE_FORMATS):
            files[data_name(flow, name)] = data_bytes(FORMATS[name], [dataset], header)
        origins = io.BytesIO()
        names = ["component", "file", "sheet"]
        dataset.origins.with_columns(pl.col(names).cast(pl.String)).write_parquet(origins)
        files[f"{flow}{ORIGINS}"] = origins.getvalue()
    return files


def data_name(flow: str, format_id: str) -> str:
    form = FORMATS[format_id]
    return f"{flow}{form.suffix}" if format_id == DISK_FORMAT else f"{flow}.{format_id}{form.suffix}"


def flows_on_disk(session: Session) -> list[str]:
    record = session.results.made("data")
    suffix = FORMATS[DISK_FORMAT].suffix
    flows = sorted(name.removesuffix(suffix) for name in record.files if name.endswith(suffix)) if record else []
    if not flows:
        hint = f"Run first: sdmxmig convert {session.workspace.folder}"
        raise SdmxmigError("There are no datasets yet.", Place(str(session.out / "data")), hint)
    return flows


@dataclass(frozen=True, slots=True, eq=False)
class OnDisk:
    """A dataset that ``convert`` wrote, and the SHA-256 of every file that holds it, by name."""

    dataset: Dataset
    files: Mapping[str, str]


def read_datasets(session: Session) -> tuple[Dataset, ...]:
    return tuple(on_disk.dataset for on_disk in read_on_disk(session))


def read_on_disk(session: Session) -> tuple[OnDisk, ...]:
    """Read converted datasets with origins and hashes.

    Manual changes are accepted and reported. Raises `InputError` for changed internal files.
    """
    flows = flows_on_disk(session)
    check_own(session)
    return tuple(_on_disk(session, flow) for flow in flows)


def _on_disk(session: Session, flow: str) -> OnDisk:
    """One dataset with the hashes of its files."""
    folder = session.path("data")
    path, origins = folder / data_name(flow, DISK_FORMAT), folder / f"{flow}{ORIGINS}"
    contents = {path.name: read_bytes(path), origins.name: read_bytes(origins)}
    datasets = read_all(FORMATS[DISK_FORMAT], path.name, contents[path.name], session.catalogue.flows)
    if len(datasets) != 1:
        raise InputError(f"This holds {len(datasets)} datasets, not one.", Place(str(path)), ANEW)
    dataset = replace(datasets[0], origins=_own_table(origins, contents[origins.name], ORIGIN_COLUMNS))
    forms = [data_name(flow, name) for name in MESSAGE_FORMATS]
    return OnDisk(dataset, {**hashes_of(contents), **{name: hash_of(folder / name) for name in forms}})


def read_origins(session: Session) -> dict[str, pl.DataFrame]:
    flows = flows_on_disk(session)
    check_own(session)
    paths = {flow: session.path("data") / f"{flow}{ORIGINS}" for flow in flows}
    return {flow: read_own(path, ORIGIN_COLUMNS) for flow, path in paths.items()}


def check_own(session: Session) -> None:
    folder = session.path("data")
    for name in session.results.changed("data"):
        if not (folder / name).is_file():
            raise InputError("This file is gone since sdmxmig wrote it.", Place(str(folder / name)), ANEW)
        if name.endswith(OWN):
            raise InputError("This is not what sdmxmig wrote.", Place(str(folder / name)), ANEW)
        session.say(
            f"! {folder / name} was changed since sdmxmig wrote it; its figures may not be those of the tables."
        )


def declarations(session: Session) -> str:
    folders = (*DECLARED, PROGRAM)
    return digest_of(
        {name: sha256 for name, sha256 in session.results.inputs.items() if name.partition("/")[0] in folders}
    )


def added_data(session: Session) -> list[Path]:
    record = session.results.made("data")
    recorded = record.files if record else {}
    names = {data_name(flow, name) for flow in session.catalogue.flows for name in (DISK_FORMAT, *MESSAGE_FORMATS)}
    folder = session.path("data")
    return [folder / name for name in sorted(names - recorded.keys()) if (folder / name).is_file()]


def unused_cells_file(unused_cells: Sequence[pl.DataFrame]) -> bytes:
    buffer = io.BytesIO()
    types = {name: pl.UInt32 if name in ("row", "column") else pl.String for name in LEFT_COLUMNS}
    cells = pl.concat(unused_cells) if unused_cells else pl.DataFrame(schema=types)
    cells.unique(maintain_order=True).sort(LEFT_COLUMNS).write_parquet(buffer)
    return buffer.getvalue()


def read_unused_cells(session: Session) -> pl.DataFrame:
    path = session.path("data") / LEFT
    if not path.is_file():
        hint = f"Run first: sdmxmig convert {session.workspace.folder}"
        raise SdmxmigError("There is no record of the cells.", Place(str(path)), hint)
    return read_own(path, LEFT_COLUMNS)


def read_own(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    return _own_table(path, read_bytes(path), columns)


def _own_table(path: Path, content: bytes, columns: Sequence[str]) -> pl.DataFrame:

    try:
        table = pl.read_parquet(io.BytesIO(content))
    except pl.exceptions.PolarsError:
        table = pl.DataFrame()
    if tuple(table.columns) != tuple(columns):
        raise InputError("This is not what sdmxmig wrote.", Place(str(path)), ANEW)
    return table


def read_findings(path: Path) -> Findings:
    return findings_lines.read(read_bytes(path), str(path)) if path.is_file() else Findings()
