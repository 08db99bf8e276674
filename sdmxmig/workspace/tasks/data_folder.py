"""Datasets on disk (SDMX-CSV 2.0 with origins in Parquet), and tracing of their figures."""

from __future__ import annotations

import io
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import Content, compute_digest, compute_hash, compute_hashes
from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import import_lazily, pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.primitives.text import quote_path
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.formats import FORMATS, read_all, write_data
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.folder import DECLARED
from sdmxmig.workspace.results import PROGRAM
from sdmxmig.workspace.tasks.messages import is_convertible
from sdmxmig.workspace.tasks.session import Session

if TYPE_CHECKING:
    from sdmxmig.conversion.convert import tracing
    from sdmxmig.conversion.convert.tracing import Use
else:
    tracing = import_lazily("sdmxmig.conversion.convert.tracing")

DISK_FORMAT = "sdmx-csv-2.0"
MESSAGE_FORMATS = ("sdmx-ml-2.1", "sdmx-ml-3.0")
CONVERSION_FILE = "conversion.jsonl"
ORIGINS_SUFFIX = ".origins.parquet"
UNUSED_CELLS_FILE = "left.parquet"
UNUSED_COLUMNS = ("file", "sheet", "row", "column", "fate", "reason", "value")
INTERNAL_ENDINGS = (".parquet", ".jsonl")
"""Endings of internal files of convert."""
CONVERT_HINT = "Write it again with: sdmxmig convert"


def write_data_files(session: Session, datasets: Sequence[Dataset], stored: Collection[str]) -> dict[str, Content]:
    """Return functions that write the files of the datasets, which may be too large for the memory.

    Files of dataflows in `stored` are copied.
    """
    files: dict[str, Content] = {}
    folder = session.path("data")
    for dataset in datasets:
        flow = dataset.flow.id
        header = session.header(f"{session.workspace.country.area}_{flow}")
        written: dict[str, Content] = {
            name_data(flow, name): partial(write_data, FORMATS[name], [dataset], header)
            for name in (DISK_FORMAT, *MESSAGE_FORMATS)
        }
        written[f"{flow}{ORIGINS_SUFFIX}"] = partial(write_origins, dataset)
        files |= {name: partial(copy_file, folder / name) for name in written} if flow in stored else written
    return files


def copy_file(path: Path, file: BinaryIO) -> None:
    with path.open("rb") as source:
        shutil.copyfileobj(source, file)


def write_origins(dataset: Dataset, file: BinaryIO) -> None:
    texts = pl.col("component", "file", "sheet").cast(pl.String)
    dataset.origins.lazy().with_columns(texts).sink_parquet(file)  # in pieces: the texts need a lot of memory


def name_data(flow: str, format_id: str) -> str:
    form = FORMATS[format_id]
    return f"{flow}{form.suffix}" if format_id == DISK_FORMAT else f"{flow}.{format_id}{form.suffix}"


def list_stored_flows(session: Session) -> list[str]:
    record = session.results.made("data")
    suffix = FORMATS[DISK_FORMAT].suffix
    flows = sorted(name.removesuffix(suffix) for name in record.files if name.endswith(suffix)) if record else []
    if not flows:
        hint = f"Run first: sdmxmig convert {quote_path(session.workspace.folder)}"
        raise SdmxmigError("There are no datasets yet.", Place(str(session.out / "data")), hint)
    return flows


def read_datasets(session: Session) -> tuple[Dataset, ...]:
    return tuple(dataset for dataset, _ in read_stored(session))


def find_reference_year(session: Session) -> str:
    """Return the newest year of the converted data, or the year of preparation if there are no data."""
    # the calculations take 50 ms to import, and most commands need no year
    from sdmxmig.statistics.calculations.figures import Figures
    from sdmxmig.statistics.calculations.timelines import find_newest_year

    is_converted = session.results.made("data") is not None and is_convertible(session.workspace)
    datasets = read_datasets(session) if is_converted else ()
    return find_newest_year(Figures(datasets, session.workspace.country.area)) or session.prepared[: len("2026")]


def read_stored(session: Session, without: Collection[str] = ()) -> tuple[tuple[Dataset, Mapping[str, str]], ...]:
    """Read converted datasets with origins and SHA-256 by file; raise `InputError` for changed internal files."""
    flows = list_stored_flows(session)
    check_internal(session)
    return tuple(_read_flow(session, flow) for flow in flows if flow not in without)


def _read_flow(session: Session, flow: str) -> tuple[Dataset, Mapping[str, str]]:
    folder = session.path("data")
    path, origins = folder / name_data(flow, DISK_FORMAT), folder / f"{flow}{ORIGINS_SUFFIX}"
    contents = {path.name: read_bytes(path), origins.name: read_bytes(origins)}
    datasets = read_datasets_in_file(session, path.name, contents[path.name])
    if len(datasets) != 1:
        raise InputError(f"This contains {len(datasets)} datasets, not one.", Place(str(path)), CONVERT_HINT)
    dataset = replace(datasets[0], origins=_read_table(origins, contents[origins.name], ORIGIN_COLUMNS))
    forms = [name_data(flow, name) for name in MESSAGE_FORMATS]
    return dataset, {**compute_hashes(contents), **{name: compute_hash(folder / name) for name in forms}}


def read_datasets_in_file(session: Session, name: str, content: bytes) -> tuple[Dataset, ...]:
    sha256 = compute_hashes({name: content})[name]
    if sha256 not in session.datasets_read:
        read = read_all(FORMATS[DISK_FORMAT], name, content, session.catalogue.flows)
        session.datasets_read[sha256] = read
    return session.datasets_read[sha256]


def read_origins(session: Session) -> dict[str, pl.DataFrame]:
    flows = list_stored_flows(session)
    check_internal(session)
    paths = {flow: session.path("data") / f"{flow}{ORIGINS_SUFFIX}" for flow in flows}
    return {flow: read_internal(path, ORIGIN_COLUMNS) for flow, path in paths.items()}


def check_internal(session: Session) -> None:
    folder = session.path("data")
    for name in session.results.changed("data"):
        if not (folder / name).is_file():
            raise InputError("This file was removed after sdmxmig wrote it.", Place(str(folder / name)), CONVERT_HINT)
        if name.endswith(INTERNAL_ENDINGS):
            raise InputError("This is not what sdmxmig wrote.", Place(str(folder / name)), CONVERT_HINT)
        session.say(f"! {folder / name} was changed since sdmxmig wrote it; its figures may differ from the tables.")


def hash_declarations(session: Session) -> str:
    folders = (*DECLARED, PROGRAM)
    return compute_digest(
        {name: sha256 for name, sha256 in session.results.inputs.items() if name.partition("/")[0] in folders}
    )


def collect_added_data(session: Session) -> list[Path]:
    record = session.results.made("data")
    recorded = record.files if record else {}
    names = {name_data(flow, name) for flow in session.catalogue.flows for name in (DISK_FORMAT, *MESSAGE_FORMATS)}
    files = session.path("data").glob("*")  # none if the folder is missing
    return sorted(path for path in files if path.name in names - recorded.keys() and path.is_file())


def join_unused_cells(unused_cells: Sequence[pl.DataFrame]) -> pl.DataFrame:
    types = {name: pl.UInt32 if name in ("row", "column") else pl.String for name in UNUSED_COLUMNS}
    cells = pl.concat(unused_cells) if unused_cells else pl.DataFrame(schema=types)
    return cells.unique(maintain_order=True).sort(UNUSED_COLUMNS)


def write_unused_cells(cells: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    cells.write_parquet(buffer)
    return buffer.getvalue()


def read_unused_cells(session: Session) -> pl.DataFrame:
    path = session.path("data") / UNUSED_CELLS_FILE
    if not path.is_file():
        hint = f"Run first: sdmxmig convert {quote_path(session.workspace.folder)}"
        raise SdmxmigError("There is no record of the cells.", Place(str(path)), hint)
    return read_internal(path, UNUSED_COLUMNS)


def read_internal(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    return _read_table(path, read_bytes(path), columns)


def _read_table(path: Path, content: bytes, columns: Sequence[str]) -> pl.DataFrame:

    try:
        table = pl.read_parquet(io.BytesIO(content))
    except pl.exceptions.PolarsError:
        table = pl.DataFrame()
    if tuple(table.columns) != tuple(columns):
        raise InputError("This is not what sdmxmig wrote.", Place(str(path)), CONVERT_HINT)
    return table


def read_findings(path: Path) -> Findings:
    return findings_lines.read(read_bytes(path), str(path)) if path.is_file() else Findings()


def is_cell(subject: str) -> bool:
    return "!" in subject or "›" in subject


def read_traced_cells(session: Session, subject: str, conditions: Mapping[str, str]) -> list[dict[str, object]]:
    datasets = read_datasets(session)
    if not is_cell(subject):
        return [row for use in trace_figures(datasets, subject, conditions) for row in build_use_rows(use)]
    if conditions:
        raise SdmxmigError("Conditions apply to a dataflow, not to a cell.", hint="Leave out one of them.")
    fate = tracing.find_usage(tracing.parse_place(subject), datasets, read_unused_cells(session))
    if not fate.uses:
        cell = fate.place
        return [{"file": cell.file, "sheet": cell.sheet, "cell": cell.cell, "fate": fate.fate, "reason": fate.reason}]
    return [row for use in fate.uses for row in build_use_rows(use)]


def build_use_rows(use: Use) -> list[dict[str, object]]:
    head = {"dataflow": use.flow, **dict(use.key), "component": use.component, "value": use.value}
    return [{**head, "file": cell.file, "sheet": cell.sheet, "cell": cell.cell} for cell in use.cells]


def list_usage(session: Session, *, cells: bool) -> list[dict[str, object]]:
    if cells:
        check_internal(session)
        return list_unused_cells(read_unused_cells(session))
    return tracing.compute_coverage(read_datasets(session), read_unused_cells(session))


def trace_figures(datasets: Sequence[Dataset], flow: str, conditions: Mapping[str, str]) -> tuple[Use, ...]:
    flows = {dataset.flow.id: dataset for dataset in datasets}
    if flow not in flows:
        raise SdmxmigError(f"There are no data of “{flow}”.", hint=did_you_mean(flow, flows))
    dataset = flows[flow]
    rows = tracing.find_observations(dataset, conditions)
    if not rows:
        raise SdmxmigError(f"No observation of {flow} fits.", hint="Leave out a condition.")
    return tuple(tracing.find_uses(dataset, rows))


def build_record(use: Use) -> dict[str, object]:
    cells = [{"file": place.file, "sheet": place.sheet, "cell": place.cell} for place in use.cells]
    return {"dataflow": use.flow, "key": dict(use.key), "component": use.component, "value": use.value, "cells": cells}


def list_unused_cells(unused: pl.DataFrame) -> list[dict[str, object]]:
    return [
        {"cell": str(Place(file, sheet, cell=format_cell(row, column))), "fate": fate, "reason": reason}
        for file, sheet, row, column, fate, reason, _ in unused.sort("file", "sheet", "row", "column").iter_rows()
    ]
