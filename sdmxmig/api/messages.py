"""Reading and writing of SDMX messages, and of tables in workbooks and text files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, overload

from sdmxmig.api.sources import (
    Listener,
    Source,
    StrPath,
    convert_errors,
    find_flow,
    find_flow_name,
    load_catalogue,
    open_source,
    read_artefacts,
    to_path,
)
from sdmxmig.catalogue import Catalogue, sort_structures
from sdmxmig.conversion import tables as table_formats
from sdmxmig.conversion.convert import Conversion
from sdmxmig.io.intake.files import read_bytes, read_limited
from sdmxmig.io.intake.incoming import Incoming, open_message, wrap_stream
from sdmxmig.io.publishing.files import open_result
from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean, write_count
from sdmxmig.primitives.lazily import pd, pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary, list_some
from sdmxmig.sdmx import dataframes
from sdmxmig.sdmx.exchange import name_file_in_errors, refuse
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS, Format, merge_blocks, write_formats_hint
from sdmxmig.sdmx.formats.detection import Detection, FirstVersionError, detect
from sdmxmig.sdmx.formats.faults import STRICT, TOLERANT, Faults
from sdmxmig.sdmx.formats.fitting import (
    collect_losses,
    write_fitting_metadata,
    write_supported_artefacts,
    write_valid_data,
)
from sdmxmig.sdmx.formats.inference import find_data_survey, infer_flows, is_unknown
from sdmxmig.sdmx.formats.message_header import limit_header, read_header
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.tasks.messages import check_message, find_flows
from sdmxmig.workspace.tasks.session import parse_moment
from sdmxmig.workspace.tasks.transforming import choose_format

TABLES_FORMAT = "tables"
UNCERTAIN_REASONS = ("unordered", "guessed")


@add_summary
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Message:
    """The content of a file: datasets, structures (artefacts), reference metadata, or tables to convert.

    `kind` is ``data``, ``structure``, ``metadata`` or ``tables``; `format` the id of its format, empty for tables.
    `notes` describe inferred facts.
    """

    name: str
    kind: str
    format: str = ""
    header: Header | None = None
    datasets: tuple[Dataset, ...] = ()
    structures: tuple[Artefact, ...] = ()
    metadata: tuple[MetadataSet, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def dataset(self) -> Dataset:
        """Return the only dataset; raise `SdmxmigError` for zero or several datasets."""
        if len(self.datasets) == 1:
            return self.datasets[0]
        there = write_count(len(self.datasets), "dataset") if self.datasets else f"no data ({self.kind})"
        hint = (
            "Choose one of .datasets."
            if self.datasets
            else f"Look at .{TABLES_FORMAT if self.kind == TABLES_FORMAT else self.kind}."
        )
        raise SdmxmigError(f"The message contains {there}, not one dataset.", Place(self.name), hint)

    def to_pandas(self, *, values: str = "text") -> pd.DataFrame:
        """Return the only dataset, or the only table by cell, as a pandas table; see `Dataset.to_pandas`."""
        if self.kind != TABLES_FORMAT:
            return self.dataset.to_pandas(values=values)
        if len(self.tables) != 1:
            hint = "Choose one of .tables, and give it a mapping with convert."
            raise SdmxmigError(f"The message contains {len(self.tables)} tables, not one.", Place(self.name), hint)
        rows = self.tables[0].rows
        cells = {row: {column: rows[row].get(column) for column in _columns(self.tables[0])} for row in sorted(rows)}
        return pd.DataFrame.from_dict(cells, orient="index", dtype=object)

    def summary(self) -> Summary:
        """Summarise the message and its content."""
        facts = [("format", self.format or "not SDMX")]
        facts += [
            ("datasets", f"{dataset.flow.id}: {dataset.observations.height:,} observations")
            for dataset in self.datasets
        ]
        facts += (
            [("structures", list_some([artefact.ref.short for artefact in self.structures]))] if self.structures else []
        )
        facts += [("metadata sets", str(len(self.metadata)))] if self.metadata else []
        facts += [("sheet", f"{part.sheet or part.file}: {part.last_row:,} rows") for part in self.tables[:MAX_SHOWN]]
        more = f"… {len(self.tables) - MAX_SHOWN} more sheets" if len(self.tables) > MAX_SHOWN else ""
        return Summary(f"Message {self.name}: {self.kind}", tuple(facts), more=" ".join([*self.notes, more]).strip())


MAX_SHOWN = 6


def _columns(table: Table) -> range:
    return range(1, table.last_column + 1)


@convert_errors
def read(
    source: Source,
    *,
    structure: Any = (),
    flow: str | Flow = "",
    strict: bool = False,
    workspace: StrPath | None = None,
) -> Message:
    """Read a file: an SDMX message of any format and version, or the tables of a workbook or text file.

    `source` is a path, bytes or an open binary file; gzip and zip files with one message are accepted. `structure` is
    the structure message of the data, as a source or a `Message`, or a list of several. `flow` is the dataflow or data
    structure, if the data do not name a known one; a plain table whose first row has all dimensions of `flow` also
    becomes a dataset. Without a structure, components and types are inferred from the data. Deviations from the
    standard with a clear meaning are accepted and listed in the notes; `strict` rejects them.

    Raises `SdmxmigError` with the place of the fault.
    """
    name, file = open_source(source)
    detected, why_not = detect_format(name, file)
    catalogue = load_catalogue(workspace)
    if detected is None:
        return read_table_file(name, file, why_not, find_flow(catalogue, flow) if flow else None)
    with open_message(file, name) as (member, stream):
        message = wrap_stream(stream, member)
        if detected.format not in FORMATS:
            raise InputError(f"{detected.name} cannot be read.", Place(name))
        form, faults = FORMATS[detected.format], Faults(STRICT if strict else TOLERANT)
        if detected.kind == "data":
            artefacts = read_artefacts(structure)
            if isinstance(flow, Flow):
                artefacts = [*artefacts, flow.structure, flow.dataflow]
            flows = find_flows(catalogue, artefacts, find_flow_name(flow))
            read_message = read_data_message(form, message, flows, faults)
        else:
            read_message = read_artefact_message(form, message, detected, faults)
        return replace(read_message, notes=(*read_message.notes, *map(str, faults.listed)))


def detect_format(name: str, file: Path | BinaryIO) -> tuple[Detection | None, InputError | None]:
    """Return format and kind of a file's SDMX message, or the reason why it is not SDMX."""
    start = None if isinstance(file, Path) else file.tell()
    try:
        with open_message(file, name) as (member, stream):
            return detect(member, wrap_stream(stream, member)), None
    except FirstVersionError:
        raise
    except InputError as error:
        return None, error
    finally:
        if start is not None and not isinstance(file, Path):
            file.seek(start)


def read_data_message(form: Format, message: Incoming, flows: Mapping[str, Flow], faults: Faults) -> Message:
    """Read the datasets of a data message, with notes on inferred structures."""
    name, notes = message.name, []
    if form.read_data is None:
        raise InputError(f"{form.name} data cannot be read.", Place(name))
    with message.looking_ahead():
        header = read_header(form, name, message, faults)
    if find_data_survey(form) is not None:
        with message.looking_ahead():
            unknown = is_unknown(form, name, message, flows)
        if unknown:
            with message.looking_ahead():
                inference = infer_flows(form, name, stream=message, flows=flows)
            flows = inference.flows
            notes = [f"{sentence} Codes and types were not checked." for sentence in inference.sentences]
    datasets = merge_blocks(form.read_data(name, message, flows, faults))
    return Message(name=name, kind="data", format=form.id, header=header, datasets=datasets, notes=tuple(notes))


def read_artefact_message(form: Format, message: Incoming, detected: Detection, faults: Faults) -> Message:
    """Read the artefacts of a structure message, or the metadata sets of a metadata message."""
    name = message.name
    if detected.kind == "error" and form.read_structures:
        form.read_structures(name, read_limited(message, name))  # raises what the service reports
    with message.looking_ahead():
        header = read_header(form, name, message, faults)
    if detected.kind == "structure" and form.read_structures:
        artefacts = form.read_structures(name, read_limited(message, name), faults)
        return Message(name=name, kind="structure", format=form.id, header=header, structures=artefacts)
    if detected.kind == "metadata" and form.read_metadata:
        sets = form.read_metadata(name, read_limited(message, name), faults)
        return Message(name=name, kind="metadata", format=form.id, header=header, metadata=sets)
    hint = "Structures, data, reference metadata and tables can be read."
    raise InputError(f"This is {detected.name}.", Place(name), hint)


def read_table_file(name: str, file: Path | BinaryIO, why_not: InputError | None, flow: Flow | None) -> Message:
    """Read the tables of a workbook or text file, or a dataset if the first row has all dimensions of a dataflow.

    Other files are rejected.
    """
    content = read_bytes(file) if isinstance(file, Path) else read_limited(file, name)
    short = Path(name).name
    try:
        tables = table_formats.read(short, content)
    except InputError as error:
        suffixes = set(table_formats.list_suffixes()) - {".xml", ".json"}
        raise (error if Path(name).suffix.lower() in suffixes or why_not is None else why_not) from None
    if flow is not None and len(tables) == 1 and set(flow.structure.key) <= set(tables[0].rows.get(1, {}).values()):
        return Message(name=short, kind="data", datasets=(from_rows(tables[0], flow),))
    return Message(name=short, kind=TABLES_FORMAT, tables=tables)


@overload
def write(
    content: Any,
    target: None = None,
    *,
    format: str,
    id: str = "",
    sender: str = "",
    now: str = "",
    lenient: bool = False,
) -> bytes: ...
@overload
def write(
    content: Any,
    target: StrPath,
    *,
    format: str = "",
    id: str = "",
    sender: str = "",
    now: str = "",
    lenient: bool = False,
) -> Path: ...
@convert_errors
def write(
    content: Any,
    target: StrPath | None = None,
    *,
    format: str = "",  # noqa: A002 - what it is called everywhere
    id: str = "",  # noqa: A002
    sender: str = "",
    now: str = "",
    lenient: bool = False,
) -> Path | bytes:
    """Write datasets, structures or metadata as an SDMX message; returns the path, or bytes without target.

    `content` is a `Dataset` or several, a `Message`, a `Conversion`, a `Catalogue`, artefacts, or metadata sets.
    `format` is an id such as ``sdmx-ml-3.0``; by default it depends on the suffix: SDMX-CSV 2.0 for .csv, SDMX-ML 3.0
    for .xml, SDMX-JSON 2.0 for .json. A further .gz or .zip compresses the file. `id`, `sender` and `now` go into the
    header.

    The result is validated with the official schemas; `lenient` also writes faulty data. Raises `SdmxmigError` if the
    format does not support the content, or a file that is not an SDMX message would be replaced.
    """
    path = None if target is None else to_path(target)
    form = choose_format(path, format)
    kind, things, header = split_content(content)
    time = parse_moment(now).isoformat(timespec="seconds")
    header = header or Header(kind.upper(), time, sender=Party("SDMXMIG"))
    header = replace(
        header,
        id=id or header.id,
        prepared=time if now else header.prepared,
        sender=Party(sender) if sender else header.sender,
    )
    if path is None:
        buffer = io.BytesIO()
        write_into(buffer, form, kind=kind, things=things, header=header, lenient=lenient)
        return buffer.getvalue()
    check_message(path, "target=…")
    with open_result(path, form.suffix, "target=…") as file, name_file_in_errors(str(path)):
        write_into(file, form, kind=kind, things=things, header=header, lenient=lenient)
    return path


def split_content(content: Any) -> tuple[str, Sequence[Any], Header | None]:
    """Return the kind of message for a content, its parts, and its header if any."""
    header: Header | None = None
    things: Sequence[Any]
    if isinstance(content, Message):
        header, things = content.header, content.datasets or content.structures or content.metadata
    elif isinstance(content, Conversion):
        things = (content.dataset,)
    elif isinstance(content, Catalogue):
        things = sort_structures(content)
    else:
        things = content if isinstance(content, (list, tuple)) else (content,)
    kinds = {find_kind(thing) for thing in things}
    if len(kinds) != 1 or "" in kinds:
        contents = "nothing" if not things else "this" if "" in kinds else "things of several kinds"
        hint = "Give datasets, a Message, a Conversion, a Catalogue, artefacts or metadata sets."
        if any(hasattr(thing, "columns") for thing in things):
            hint = "Make a dataset of the table first, with from_pandas or from_polars."
        raise SdmxmigError(f"There is no SDMX message of {contents}.", hint=hint)
    return kinds.pop(), things, header


def find_kind(thing: object) -> str:
    """Return the message kind of an object: data, structure or metadata; empty for others."""
    if isinstance(thing, Dataset):
        return "data"
    if isinstance(thing, MetadataSet):
        return "metadata"
    return "structure" if hasattr(thing, "ref") and hasattr(thing, "name") else ""


WRITERS = {"data": "write_data", "structure": "write_structures", "metadata": "write_metadata"}


def write_into(out: BinaryIO, form: Format, *, kind: str, things: Sequence[Any], header: Header, lenient: bool) -> None:
    """Write a message into an open file; reports losses of the format."""
    if getattr(form, WRITERS[kind]) is None:
        raise SdmxmigError(f"{form.name} cannot contain {kind}.", hint=write_formats_hint(WRITERS[kind]))
    listener = Listener()
    sayable_header, sentences = limit_header(form, kind, header)
    if kind == "data":
        refuse_uncertain(things, form)
        losses: dict[str, None] = {}
        writes = form.write_data if lenient and form.write_data else partial(write_valid_data, form)
        writes(collect_losses(things, form.losses, DEFAULT_LAYOUT, losses), sayable_header, out, DEFAULT_LAYOUT)
        sentences = (*sentences, *losses)
    elif kind == "structure":
        out.write(write_supported_artefacts(form, things, sayable_header, refuse))
    else:
        out.write(write_fitting_metadata(form, things, sayable_header, refuse))
    for sentence in sentences:
        listener.say(sentence)


def refuse_uncertain(datasets: Iterable[Dataset], form: Format) -> None:
    """Raise `SdmxmigError` if guessed dimensions, or their order, would be written as certain."""
    for dataset in datasets:
        if dataset.flow.inferred in UNCERTAIN_REASONS and not form.id.startswith("sdmx-csv"):
            message = f"{form.name} determines the dimensions, but {dataset.flow.id} leaves that open."
            raise SdmxmigError(message, hint="Read the data with structure=….")


ACTIONS = ("I", "A", "M", "R", "D")


@convert_errors
def from_pandas(
    frame: pd.DataFrame, flow: str | Flow, *, action: str = "R", workspace: StrPath | None = None
) -> Dataset:
    """Build a dataset from a pandas table with one row per observation and components as columns.

    `flow` is the id of a dataflow, or the dataflow itself. Values become text; missing values are not sent. Pass text
    if leading zeros or trailing digits matter (``pandas.read_csv(…, dtype=str, keep_default_na=False)``), since the
    number 620.0 is sent as 620. Periods are texts such as 2021 or 2021-03; dates and times are rejected. `action` is
    SDMX's I, A, M, R or D.

    Raises `SdmxmigError` with the unknown columns and missing dimensions.
    """
    dataflow = check_frame(frame, "pandas", flow, action=action, workspace=workspace)
    return dataframes.from_pandas(frame, dataflow, action=action)


@convert_errors
def from_polars(
    frame: pl.DataFrame, flow: str | Flow, *, action: str = "R", workspace: StrPath | None = None
) -> Dataset:
    """Build a dataset from a polars table, like `from_pandas`."""
    dataflow = check_frame(frame, "polars", flow, action=action, workspace=workspace)
    return dataframes.from_polars(frame, dataflow, action=action)


def check_frame(frame: object, library: str, flow: str | Flow, *, action: str, workspace: StrPath | None) -> Flow:
    """Return the dataflow of a table; raise `SdmxmigError` with all missing and unknown columns."""
    if not hasattr(frame, "columns") or type(frame).__module__.partition(".")[0] != library:
        type_name = f"{type(frame).__module__}.{type(frame).__qualname__}"
        hint = "Give a pandas table to from_pandas, or a polars table to from_polars."
        raise SdmxmigError(f"This is {type_name}, not a {library} table.", hint=hint)
    if action not in ACTIONS:
        raise SdmxmigError(f"“{action}” is not an action.", hint=f"Use one of: {', '.join(ACTIONS)}.")
    dataflow = find_flow(load_catalogue(workspace), flow)
    check_columns([str(name) for name in frame.columns], dataflow, list_index_names(frame))
    if not len(frame):  # type: ignore[arg-type]
        raise SdmxmigError("The table has no rows.", hint="A dataset has one observation or more.")
    return dataflow


def list_index_names(frame: object) -> list[str]:
    """Return the index names of a pandas table; polars has none."""
    return [str(name) for name in getattr(getattr(frame, "index", None), "names", ()) if name is not None]


def check_columns(columns: list[str], flow: Flow, index: Sequence[str] = ()) -> None:
    """Reject unknown and duplicate columns and missing dimensions, all at once.

    `index` are the names of the index levels.
    """
    components = [component.id for component in flow.structure.components]
    missing = [name for name in flow.structure.key if name not in columns]
    unknown = [name for name in columns if name not in components]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    trouble = [
        text
        for names, text in (
            (missing, f"columns are missing: {', '.join(missing)}"),
            (unknown, f"columns are not components: {', '.join(unknown)}"),
            (twice, f"columns occur twice: {', '.join(twice)}"),
        )
        if names
    ]
    if trouble:
        hint = (
            did_you_mean(unknown[0], missing or components)
            if unknown
            else f"{flow.id} needs {', '.join(flow.structure.key)}."
        )
        if set(missing) & set(index):
            hint = f"{', '.join(name for name in missing if name in index)} are in the index: call frame.reset_index()."
        raise InputError(f"The table does not fit {flow.id}: {'; '.join(trouble)}.", hint=hint)


def from_rows(table: Table, flow: Flow) -> Dataset:
    """Build a dataset from a plain table whose first row names components."""
    columns = table.rows[1]
    check_columns(list(columns.values()), flow)
    cells = {
        name: [row.get(number) for row_number, row in sorted(table.rows.items()) if row_number > 1]
        for number, name in columns.items()
    }
    return dataframes.from_polars(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), flow)
