"""The datasets of a workspace on disk: SDMX-CSV 2.0 for the data, Parquet beside it for where each value came from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.errors import InputError, SdmxmigError
from sdmxmig.formats import FORMATS, data_bytes, read_all
from sdmxmig.intake.files import read_bytes
from sdmxmig.places import Place

if TYPE_CHECKING:
    import polars as pl

    from sdmxmig.cli.session import Session
    from sdmxmig.model.data import Dataset
    from sdmxmig.model.findings import Findings

DISK_FORMAT = "sdmx-csv-2.0"
MESSAGE_FORMATS = ("sdmx-ml-2.1", "sdmx-ml-3.0")
CONVERSION = "conversion.json"
ORIGINS = ".origins.parquet"
LEFT = "left.parquet"
"""What became of the figures that are no observation."""
LEFT_COLUMNS = ("file", "sheet", "row", "column", "fate", "reason")


def data_files(session: Session, datasets: Sequence[Dataset]) -> dict[str, bytes]:
    """Every dataset in every format, and its origins, as files by name."""
    import polars as pl

    files: dict[str, bytes] = {}
    for dataset in datasets:
        flow = dataset.flow.id
        header = session.header(f"{session.workspace.area}_{flow}")
        for name in (DISK_FORMAT, *MESSAGE_FORMATS):
            files[data_name(flow, name)] = data_bytes(FORMATS[name], [dataset], header)
        origins = io.BytesIO()
        names = ["component", "file", "sheet"]
        dataset.origins.with_columns(pl.col(names).cast(pl.String)).write_parquet(origins)
        files[f"{flow}{ORIGINS}"] = origins.getvalue()
    return files


def data_name(flow: str, format_id: str) -> str:
    """The name of the file that holds a dataset in a format."""
    form = FORMATS[format_id]
    return f"{flow}{form.suffix}" if format_id == DISK_FORMAT else f"{flow}.{format_id}{form.suffix}"


def flows_on_disk(session: Session) -> list[str]:
    """The dataflows of which ``convert`` wrote a dataset; raises `SdmxmigError` if there are none yet."""
    folder = session.out / "data"
    flows = sorted(path.stem for path in folder.glob(f"*{FORMATS[DISK_FORMAT].suffix}"))
    if not flows:
        hint = f"Run first: sdmxmig convert {session.workspace.folder}"
        raise SdmxmigError("There are no datasets yet.", Place(str(folder)), hint)
    return flows


def read_datasets(session: Session) -> tuple[Dataset, ...]:
    """The datasets that ``convert`` wrote, with their origins."""
    folder = session.out / "data"
    datasets: list[Dataset] = []
    for flow in flows_on_disk(session):
        path = folder / data_name(flow, DISK_FORMAT)
        found = read_all(FORMATS[DISK_FORMAT], path.name, read_bytes(path), session.catalogue.flows)
        origins = folder / f"{flow}{ORIGINS}"
        if origins.is_file() and len(found) == 1:
            found = (replace(found[0], origins=read_origins(origins)),)
        datasets += found
    return tuple(datasets)


def read_origins(path: Path) -> pl.DataFrame:
    """Where each value of a dataset came from, as ``convert`` left it."""
    from sdmxmig.model.data import ORIGIN_COLUMNS

    return read_own(path, ORIGIN_COLUMNS)


def left_file(left: Sequence[pl.DataFrame]) -> bytes:
    """The figures that became no observation, as a file; ``trace`` and ``validate`` read it."""
    import polars as pl

    written = io.BytesIO()
    types = {name: pl.UInt32 if name in ("row", "column") else pl.String for name in LEFT_COLUMNS}
    found = pl.concat(left) if left else pl.DataFrame(schema=types)
    found.unique(maintain_order=True).sort(LEFT_COLUMNS).write_parquet(written)
    return written.getvalue()


def read_left(session: Session) -> pl.DataFrame:
    """The cells that became no observation, as ``convert`` left them."""
    path = session.out / "data" / LEFT
    if not path.is_file():
        hint = f"Run first: sdmxmig convert {session.workspace.folder}"
        raise SdmxmigError("There is no record of the cells.", Place(str(path)), hint)
    return read_own(path, LEFT_COLUMNS)


def read_own(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """A table that ``convert`` left; `InputError` if it is not what it wrote."""
    import polars as pl

    try:
        found = pl.read_parquet(io.BytesIO(read_bytes(path)))
    except pl.exceptions.PolarsError:
        found = pl.DataFrame()
    if tuple(found.columns) != tuple(columns):
        raise InputError("This is not what sdmxmig wrote.", Place(str(path)), "Make it anew with: sdmxmig convert")
    return found


def read_findings(path: Path) -> Findings:
    """Findings that an earlier command wrote; none if the file is not there."""
    from sdmxmig.model.findings import Findings
    from sdmxmig.outputs import findings_json

    return findings_json.read(read_bytes(path), str(path)) if path.is_file() else Findings()
