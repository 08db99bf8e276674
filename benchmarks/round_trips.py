"""Campaign: foreign messages, converted to another format, are valid there and come back unchanged.

A case is a file and a target format, for data with each of two dimensions at observation. Content that the target
expresses differently (a structure set as maps) must be restored when written back. A refusal must name the unsupported
content; only reported reference metadata of data may be missing.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, read_all
from sdmxmig.sdmx.formats.dataset_notes import REPORT, SET, build_metadata_set, build_report_lines, list_attributes
from sdmxmig.sdmx.formats.detection import Detection, detect
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.workspace.tasks.transforming import build_header

NOW = "2026-01-31T12:00:00+00:00"
TASKS = {"structure": "write_structures", "data": "write_data", "metadata": "write_metadata"}
AT = ("TIME_PERIOD", ALL_DIMENSIONS)
SLOWEST = 10.0
"""Seconds for reading, writing, checking and reading a message again; the samples are small."""
LIMITS = (
    "cannot",
    "has no",
    "one only",
    "needs observations",
    "no dataset",
    "an incomplete key",
    "different components",
)
"""What a refusal says of a format that cannot hold something."""
MERGED = "IAM"
"""Actions for which SDMX-ML 2.1 (append) and SDMX-CSV 2.1 (merge) have one word."""
NO_REPORTS = ("Reference metadata are not written", "no place for the reference metadata")
SETS_ALONE, NO_SETS = "those that stand alone are left out", "but not their names"
"""What the transformation tells of reference metadata that a format does not hold, or not wholly."""
Content = Any
"""What a message holds, in a form that can be compared; `read` makes it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A readable message: place, bytes, type, and flows of its data."""

    name: str
    content: bytes
    _: KW_ONLY
    detected: Detection
    flows: Mapping[str, Flow]


@dataclass(frozen=True, slots=True)
class Case:
    """A message, the format that it is written in, and for data the dimension at observation."""

    message: Message
    target: str
    _: KW_ONLY
    at: str = "TIME_PERIOD"

    @property
    def id(self) -> str:
        return f"{self.message.name} → {self.target}" + (f", {self.at}" if self.message.detected.kind == "data" else "")


def messages(folder: Path, flows_of: Callable[[str, bytes, Detection], Mapping[str, Flow]]) -> Iterator[Message]:
    """The messages below a folder that have content to transform; `flows_of` gives the dataflows of their data.

    Data whose structure can only be guessed, and has no dimension, are left out: there is no such structure.
    """
    for path in sorted(path for path in folder.rglob("*.*") if path.is_file()):
        content, name = path.read_bytes(), path.relative_to(folder).as_posix()
        try:
            detected = detect(name, content)
        except InputError:
            continue
        if detected.kind in TASKS:
            flows = flows_of(name, content, detected) if detected.kind == "data" else {}
            message = Message(name, content, detected=detected, flows=flows)
            if all(flow.structure.dimensions for flow in flows.values()) and is_readable(message):
                yield message


def is_readable(message: Message) -> bool:
    """Whether a message can be read; those that others spoilt are tried elsewhere."""
    try:
        read(message.detected, message.content, message.flows)
    except InputError:
        return False
    return True


def cases(found: Iterable[Message]) -> Iterator[Case]:
    for one in found:
        for target in FORMATS:
            if getattr(FORMATS[target], TASKS[one.detected.kind]) is not None:
                for at in AT[: 1 + (one.detected.kind == "data" and not target.startswith("sdmx-csv"))]:
                    yield Case(one, target, at=at)


class Facts(NamedTuple):
    """The content of a dataset, independent of the level of attributes."""

    flow: Ref
    refers_to: Ref | None
    action: str
    values: Sequence[str]
    about: Sequence[object]
    notes: Sequence[object]
    reports: Sequence[tuple[object, MetadataSet]]


def facts(one: Dataset) -> Facts:
    """Return the content of a dataset: values by key, and attributes, notes and reports by subject."""
    key = list(one.flow.structure.key)
    rows = [{name: value for name, value in row.items() if value is not None} for row in one.observations.to_dicts()]
    values = sorted(repr(sorted(row.items())) for row in rows)
    parts = {(): [dict(one.attributes)], "series": one.series.to_dicts()}
    parts |= {dims: frame.to_dicts() for dims, frame in one.partial.items() if dims}
    parts[()] += one.partial[()].to_dicts() if () in one.partial else []
    about = {
        (tuple(sorted((k, v) for k, v in row.items() if k in key and v is not None)), name, repr(value))
        for rows in parts.values()
        for row in rows
        for name, value in row.items()
        if name not in key and value is not None
    }
    action = "M" if one.action in MERGED else one.action
    notes = set() if one.notes is None else set(one.notes.rows())
    return Facts(
        one.flow.dataflow.ref,
        one.refers_to,
        action=action,
        values=values,
        about=sorted(about),
        notes=sorted(notes, key=repr),
        reports=reports_of(one),
    )


def reports_of(one: Dataset) -> list[tuple[object, MetadataSet]]:
    """The reference metadata that come with the data: the part of the key, and the set."""
    if one.reports is None:
        return []
    parts = one.reports.drop(REPORT, SET).rows()
    return sorted(
        zip(parts, (untyped(build_metadata_set(line)) for line in build_report_lines(one.reports)), strict=True),
        key=repr,
    )


def untyped(one: MetadataSet) -> MetadataSet:
    def plain(attribute: ReportedAttribute) -> ReportedAttribute:
        below = tuple(plain(inner) for inner in attribute.attributes)
        return replace(attribute, types=(), data_type="", facets=(), sentinels=(), attributes=below)

    reports = (replace(each, attributes=tuple(map(plain, each.attributes))) for each in one.reports)
    return replace(one, reports=tuple(reports))


def read(detected: Detection, content: bytes, flows: Mapping[str, Flow]) -> Content:
    """Read a message for comparison; raises `InputError` if unreadable."""
    form = FORMATS[detected.format]
    if detected.kind == "structure" and form.read_structures:
        return {artefact.ref: artefact for artefact in form.read_structures("read", content)}
    if detected.kind == "metadata" and form.read_metadata:
        return [untyped(one) for one in form.read_metadata("read", content)]
    return [facts(one) for one in read_all(form, "read", content, flows)]


def written(name: str, content: bytes, flows: Mapping[str, Flow], target: str, at: str) -> tuple[bytes, list[str]]:
    """Convert a message like the command; returns the message and reports."""
    out, said = io.BytesIO(), list[str]()
    header = build_header("", "", NOW)
    layout = Layout(dimension_at_observation=at)
    source = io.BytesIO(content)
    transform(name, source, FORMATS[target], out, flows=flows, header=header, layout=layout, tell=said.append)
    return out.getvalue(), said


def choose_return_format(format_id: str) -> str:
    """The format in which content of another format is written again: its own, or the nearest that can be written."""
    newer = {"sdmx-ml-2.0": "sdmx-ml-2.1", "sdmx-json-1.0": "sdmx-json-2.0"}
    return newer.get(format_id, format_id)


def outcome(case: Case) -> str:
    """``equal``, ``back`` (equal after the return to its own format), ``refused`` by name, or the difference."""
    one, begun = case.message, time.perf_counter()
    try:
        found = judge_outcome(case, one, read(one.detected, one.content, one.flows))
    except Exception as error:  # the campaign's very question
        return f"raw {type(error).__name__}: {error}"
    return found if time.perf_counter() - begun < SLOWEST else f"too slow, {found}"


def judge_outcome(case: Case, one: Message, before: Content) -> str:
    """The outcome of a case whose message holds this."""
    try:
        made, said = written(one.name, one.content, flows=one.flows, target=case.target, at=case.at)
    except SdmxmigError as error:
        return "refused" if any(word in error.message for word in LIMITS) else f"refused without reason: {error}"
    problems = identify_and_check("made", made, one.flows).problems
    if problems and not identify_and_check("source", one.content, one.flows).problems:
        return f"not valid: {problems[0].place}: {problems[0].message}"
    after = read(detect("made", made), made, one.flows)
    if bare(one, case.target, after, said) == bare(one, case.target, before, said):
        return "equal"
    back, more = written("made", made, flows=one.flows, target=choose_return_format(one.detected.format), at=case.at)
    found, said = read(detect("back", back), back, one.flows), [*said, *more]
    return "back" if bare(one, case.target, found, said) == bare(one, case.target, before, said) else "other content"


def bare(message: Message, target: str, content: Content, said: Iterable[str]) -> Content:
    """Remove content that the format does not support, such as notes, reports, or SDMX-CSV 1.0's action."""
    if message.detected.kind != "data":
        return content
    has_notes = not target.startswith(("sdmx-csv", "sdmx-ml-2.1"))
    has_actions = target != "sdmx-csv-1.0"
    return [
        metadata_set._replace(
            notes=metadata_set.notes if has_notes else (),
            action=metadata_set.action if has_actions else "",
            reports=kept(metadata_set.reports, " ".join(said)),
        )
        for metadata_set in content
    ]


def kept(reports: Sequence[tuple[object, MetadataSet]], said: str) -> list[object]:
    """Return the reports without those that the conversion reports as omitted."""
    if any(one in said for one in NO_REPORTS):
        return []
    held = [(part, one) for part, one in reports if one.ref or SETS_ALONE not in said]
    return [(part, list_attributes(one) if NO_SETS in said else one) for part, one in held]
