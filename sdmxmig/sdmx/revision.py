"""Differences between releases or messages, and their effect at the receiver.

Replace and merge overwrite equal keys; merge keeps unmentioned values. Append only adds. Delete removes. Other data are
unchanged.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.primitives.errors import InputError, SdmxmigError, write_count
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.delivery import APPEND, DELETE, MERGE, REPLACE
from sdmxmig.sdmx.model.submission import Header, Party

ACTION_LETTERS = {APPEND: "A", REPLACE: "R", MERGE: "M", DELETE: "D"}
STRUCTURE_COLUMNS = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
BEFORE = "\0before"
"""The suffix of columns with earlier values."""
FLAT_FORMAT = FORMATS["sdmx-csv-2.0"]
"""The format with one row for each observation and all its attributes."""
HEADER = Header("AGREEMENT", "1970-01-01T00:00:00+00:00", sender=Party("SDMXMIG"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataDifference:
    """The differences between two releases of a dataflow.

    Frames have all components as text; `changed` also has earlier values in columns ending in `BEFORE`. `attributes`
    counts changed observations, `parts` changed partial key attributes.
    """

    flow: str
    key: tuple[str, ...]
    measures: tuple[str, ...]
    added: pl.DataFrame
    changed: pl.DataFrame
    deleted: pl.DataFrame
    attributes: tuple[tuple[str, int], ...] = ()
    parts: int = 0

    @property
    def is_none(self) -> bool:
        return self.added.is_empty() and self.changed.is_empty() and self.deleted.is_empty() and not self.parts

    @property
    def figures(self) -> int:
        differs = [pl.col(name) != pl.col(f"{name}{BEFORE}") for name in self.measures]
        return self.changed.filter(pl.any_horizontal(differs)).height if differs else 0


def compare_data(before: Dataset | None, after: Dataset) -> DataDifference:
    structure = after.flow.structure
    key, measures = list(structure.key), tuple(component.id for component in structure.measures)
    new = list_content_rows(after)
    old = list_content_rows(before) if before is not None else new.clear()
    columns = [*key, *sorted({*new.columns, *old.columns} - {*key})]
    new, old = (align_columns(frame, columns) for frame in (new, old))
    is_whole = pl.all_horizontal(pl.col(name) != "" for name in key)
    parts = sum(
        some.filter(~is_whole).join(others, on=columns, how="anti").height for some, others in ((new, old), (old, new))
    )
    new, old = (frame.filter(is_whole).unique(key, keep="first", maintain_order=True) for frame in (new, old))
    both = new.join(old, on=key, suffix=BEFORE, maintain_order="left")
    others = [name for name in columns if name not in key]
    changed = both.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}{BEFORE}") for name in others))
    counts = {name: int((changed[name] != changed[f"{name}{BEFORE}"]).sum()) for name in others}
    return DataDifference(
        flow=after.flow.id,
        key=tuple(key),
        measures=measures,
        added=new.join(old, on=key, how="anti", maintain_order="left"),
        changed=changed,
        deleted=old.join(new, on=key, how="anti", maintain_order="left"),
        attributes=tuple((name, count) for name, count in counts.items() if count and name not in measures),
        parts=parts,
    )


def list_content_rows(dataset: Dataset) -> pl.DataFrame:
    rows = flatten_datasets([replace(dataset, action="R")])
    return rows.drop(name for name in STRUCTURE_COLUMNS if name in rows.columns)


def align_columns(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    absent = [pl.lit("").alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(absent).select(columns)


def build_changes(differing: DataDifference, before: Dataset | None, after: Dataset, action: str) -> Dataset | None:
    """Build the dataset that sends a difference by append, merge or delete; None if empty.

    Append sends new, merge also changed, delete removed observations. Raises `SdmxmigError` if the result would be
    wrong: append of changes, or merge of a removed attribute.
    """
    if action == DELETE:
        return None if before is None or differing.deleted.is_empty() else build_deletion(differing, before, after)
    if action == APPEND and (differing.changed.height or differing.parts):
        count = write_count(differing.changed.height, "observation")
        message = f"An append changes nothing: {count} of {differing.flow} would stay unchanged at the receiver."
        raise SdmxmigError(message, hint=f"Send it with --action {MERGE} or --action {REPLACE}.")
    vanished = list_removed_attributes(differing)
    if action == MERGE and vanished:
        message = f"A merge removes no attribute: {', '.join(vanished)} of {differing.flow} would stay there."
        raise SdmxmigError(message, hint=f"Send it with --action {REPLACE}.")
    wanted = differing.added.select(differing.key)
    if action == MERGE:
        wanted = pl.concat([wanted, differing.changed.select(differing.key)])
    if wanted.is_empty() and not differing.parts:
        return None
    return select_keys(after, wanted, ACTION_LETTERS[action])


def list_removed_attributes(differing: DataDifference) -> list[str]:
    changed = differing.changed
    return [
        name for name, _ in differing.attributes if ((changed[name] == "") & (changed[f"{name}{BEFORE}"] != "")).any()
    ]


def select_keys(dataset: Dataset, keys: pl.DataFrame, letter: str) -> Dataset:
    observations = dataset.observations.join(cast_like(keys, dataset.observations), on=keys.columns, how="semi")
    by_series = [name for name in dataset.flow.structure.series_key if name in dataset.series.columns]
    series = dataset.series
    if by_series and not series.is_empty():
        series = series.join(cast_like(observations.select(by_series).unique(), series), on=by_series, how="semi")
    return replace(
        dataset,
        observations=observations,
        series=series,
        action=letter,
        origins=build_origins(),
        notes=None,
        reports=None,
    )


def build_deletion(differing: DataDifference, before: Dataset, after: Dataset) -> Dataset:
    gone = select_keys(before, differing.deleted.select(differing.key), ACTION_LETTERS[DELETE])
    bare = gone.observations.with_columns(
        pl.lit(None, gone.observations.schema[name]).alias(name)
        for name in gone.observations.columns
        if name not in differing.key
    )
    return replace(
        gone,
        flow=after.flow,
        observations=bare,
        series=gone.series.clear(),
        attributes={},
        partial={},
        annotations=(),
        properties=after.properties,
        refers_to=after.refers_to,
    )


def cast_like(keys: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    return keys.with_columns(pl.col(name).cast(frame.schema[name]) for name in keys.columns)


def apply_message(before: Dataset | None, message: Dataset) -> Dataset | None:
    """Apply a message to the receiver's data; None if empty. Raises `InputError` for deletions by partial key."""
    if before is None:
        return None if message.action == ACTION_LETTERS[DELETE] else message
    key = list(message.flow.structure.key)
    had, new = (dataset.observations for dataset in (before, message))
    if message.action == ACTION_LETTERS[DELETE]:
        check_whole(new, message.flow.structure)
        left = had.join(cast_like(new.select(key), had), on=key, how="anti")
        return (
            None
            if left.is_empty()
            else replace(before, observations=left, series=select_remaining_series(before, left))
        )
    if message.action == ACTION_LETTERS[APPEND]:
        new, rest = new.join(cast_like(had.select(key), new), on=key, how="anti"), had
    else:
        rest = had.join(cast_like(new.select(key), had), on=key, how="anti")
    texts = (frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)) for frame in (rest, new))
    return replace(
        before,
        flow=message.flow,
        observations=pl.concat(texts, how="diagonal"),
        series=select_latest_series(before, message),
        attributes={**before.attributes, **message.attributes},
        partial={**before.partial, **message.partial},
    )


def check_whole(observations: pl.DataFrame, structure: DataStructure) -> None:
    key = list(structure.key)
    has_all = not observations.is_empty() and not observations.select(pl.any_horizontal(pl.col(key).is_null())).item(
        0, 0
    )
    others = [name for name in observations.columns if name not in key]
    if not has_all or any(observations[name].null_count() < observations.height for name in others):
        message = "This message deletes more or less than whole observations, so the remaining data are unknown."
        raise InputError(message, hint="Replace it with a message of the remaining data.")


def select_remaining_series(before: Dataset, left: pl.DataFrame) -> pl.DataFrame:
    key = [name for name in before.flow.structure.series_key if name in before.series.columns]
    if not key or before.series.is_empty():
        return before.series
    had, has = (cast_like(frame.select(key).unique(), before.series) for frame in (before.observations, left))
    return before.series.join(had.join(has, on=key, how="anti"), on=key, how="anti", maintain_order="left")


def select_latest_series(before: Dataset, message: Dataset) -> pl.DataFrame:
    key = [name for name in message.flow.structure.series_key if name in message.series.columns]
    frames = [frame.with_columns(pl.all().cast(pl.String)) for frame in (message.series, before.series)]
    joined = pl.concat(frames, how="diagonal")
    return joined.unique(key, keep="first", maintain_order=True) if key else joined


def apply_messages(messages: Iterable[Mapping[str, Dataset]]) -> dict[str, Dataset]:
    state: dict[str, Dataset] = {}
    for message in messages:
        for flow, dataset in message.items():
            left = apply_message(state.get(flow), dataset)
            if left is None:
                state.pop(flow, None)
            else:
                state[flow] = left
    return state


Message = tuple[str, Sequence[Dataset]]
"""The name of a message and its datasets."""


def find_disagreement(first_message: Message, second_message: Message) -> str:
    """Describe the first difference between two messages, ignoring order and levels; empty if they are equal."""
    first_rows, second_rows = flatten_datasets(first_message[1]), flatten_datasets(second_message[1])
    if set(first_rows.columns) != set(second_rows.columns):
        return f"only one of them has {', '.join(sorted(set(first_rows.columns) ^ set(second_rows.columns)))}"
    second_rows = second_rows.select(first_rows.columns)
    if first_rows.equals(second_rows):
        return ""
    name_of_first, name_of_second = first_message[0], second_message[0]
    only_first = first_rows.join(second_rows, on=first_rows.columns, how="anti")
    only_second = second_rows.join(first_rows, on=first_rows.columns, how="anti")
    key = [name for name in first_rows.columns if name in {*first_message[1][0].flow.structure.key}]
    if not only_first.height or not only_second.height:
        name, extra = (name_of_first, only_first) if only_first.height else (name_of_second, only_second)
        return (
            f"only {name} has {format_key(extra, key)}"
            if extra.height
            else "an observation occurs twice in one of them"
        )
    same_key = only_second.filter(pl.all_horizontal(pl.col(name) == only_first[name][0] for name in key))
    if not same_key.height:
        return f"only {name_of_first} has {format_key(only_first, key)}"
    component = next(name for name in first_rows.columns if only_first[name][0] != same_key[name][0])
    values = f"“{only_first[component][0]}” in {name_of_first} and “{same_key[component][0]}” in {name_of_second}"
    return f"{component} of {format_key(only_first, key)} is {values}"


def format_key(rows: pl.DataFrame, key: Sequence[str]) -> str:
    return ".".join(rows.select(key).row(0))


def flatten_datasets(datasets: Sequence[Dataset]) -> pl.DataFrame:
    content = data_bytes(FLAT_FORMAT, datasets, HEADER)
    rows = pl.read_csv(io.BytesIO(content), infer_schema=False).fill_null("")
    return rows.sort(rows.columns)
