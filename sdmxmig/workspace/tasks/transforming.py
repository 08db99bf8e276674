"""Conversion of messages between formats and agencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sdmxmig import catalogue as declared
from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.translation import LostCodes, structure_map, translate
from sdmxmig.io.intake.incoming import STANDARD_INPUT, keep_message, open_message, wrap_stream
from sdmxmig.io.publishing.files import open_result
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.quality.checking import BlockChecker
from sdmxmig.sdmx.checking.reading import Problem
from sdmxmig.sdmx.exchange import HeaderMaker, find_format, list_written_formats, transform
from sdmxmig.sdmx.formats import FORMATS, Format, Layout
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.markup import DATE_OR_TIME, ID, has_shape
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.requests.tasks import TransformRequest
from sdmxmig.workspace.tasks.progress_listener import ProgressListener
from sdmxmig.workspace.tasks.session import parse_moment

FORMAT_BY_SUFFIX = {".csv": "sdmx-csv-2.0", ".xml": "sdmx-ml-3.0", ".json": "sdmx-json-2.0"}
"""Formats by file suffix, unless a format is requested."""
PACKED_SUFFIXES = (".gz", ".zip")
MAX_SHOWN = 5
"""Maximum number of rows of a summary."""


def choose_format(path: Path | None, name: str) -> Format:
    if name:
        return find_format(name)
    hint = f"Name one with --to FORMAT: {', '.join(list_written_formats())}."
    if path is None:
        raise SdmxmigError("The format is missing.", hint=hint)
    plain = Path(path.stem) if path.suffix.lower() in PACKED_SUFFIXES else path
    if plain.suffix.lower() not in FORMAT_BY_SUFFIX:
        raise SdmxmigError(f"The name “{path}” does not show the format.", hint=hint)
    return FORMATS[FORMAT_BY_SUFFIX[plain.suffix.lower()]]


class Translation:
    def __init__(self, map_name: str, *, back: bool, catalogue: Catalogue | None = None) -> None:
        self.catalogue = catalogue or declared.load()
        self.map = structure_map(self.catalogue, map_name)
        self.back = back
        self.counts: dict[LostCodes, int] = {}

    def change(self, datasets: Iterable[Dataset]) -> Iterator[Dataset]:
        """Translate datasets; raise `SdmxmigError` if no observation has a counterpart."""
        before = after = 0
        for dataset in datasets:
            translated, lost = translate(dataset, self.map, self.catalogue, back=self.back)
            for untranslated in lost:
                uncounted = replace(untranslated, observations=0)
                self.counts[uncounted] = self.counts.get(uncounted, 0) + untranslated.observations
            before, after = before + dataset.observations.height, after + translated.observations.height
            yield translated
        if before and not after:
            reasons = "\n".join(map(str, self.untranslated))
            raise SdmxmigError(
                f"No observation can be translated:\n{reasons}", hint="Correct the data, or use another map."
            )

    @property
    def untranslated(self) -> list[LostCodes]:
        return [replace(untranslated, observations=count) for untranslated, count in self.counts.items()]


@add_summary
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Transformation:
    """The result of a conversion: target, source format, and omissions.

    `notes` describe losses of the format; `left_out` are the errors about artefacts, and about parts that a lenient
    reading left out, `untranslated` has no counterpart in the structure map; `problems` are faults of data that were
    written unchanged.
    """

    target: Path
    source: str
    format: str
    notes: tuple[str, ...] = ()
    left_out: tuple[SdmxmigError, ...] = ()
    untranslated: tuple[LostCodes, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Check whether the conversion is complete and without problems."""
        return not (self.left_out or self.problems or any(lost.left_out for lost in self.untranslated))

    def summary(self) -> Summary:
        """Summarise the conversion and its omissions."""
        rows = [("left out", str(error)) for error in self.left_out]
        rows += [("problem", f"{problem.place}: {problem.message}") for problem in self.problems]
        rows += [("note", note) for note in self.notes]
        more = f"… {len(rows) - MAX_SHOWN} more" if len(rows) > MAX_SHOWN else ""
        return Summary(f"{self.source} to {self.format}: {self.target}", rows=tuple(rows[:MAX_SHOWN]), more=more)


def transform_message(
    request: TransformRequest,
    source: Path | BinaryIO,
    name: str,
    *,
    flows: Mapping[str, Flow],
    catalogue: Catalogue,
    faults: Faults,
    listener: ProgressListener,
    option: str = "-o FILE",
) -> Transformation:
    """Convert a message into the target of the request, block by block.

    The omissions of the result do not repeat those in `faults`. Raises `SdmxmigError` for refused faults.
    """
    if request.back and not request.map:
        raise SdmxmigError("--back needs a map.", hint="Name it with --map.")
    target = Path(request.target)
    form = choose_format(target, request.format)
    translation = Translation(request.map, back=request.back, catalogue=catalogue) if request.map else None
    header = build_header(request.id, request.sender, request.now)
    left_out: list[SdmxmigError] = []
    with open_result(target, form.suffix, option) as out, open_message(source, name) as (member, opened):
        message = wrap_stream(opened, member)
        detected = detect(member, message)
        checker = (
            BlockChecker(FORMATS[detected.format]) if detected.kind == "data" and detected.format in FORMATS else None
        )

        def change(blocks: Iterable[Dataset]) -> Iterable[Dataset]:
            passed = checker.check_blocks(blocks) if checker else blocks
            return translation.change(passed) if translation else passed

        kind = transform(
            member,
            message,
            form,
            out,
            flows=flows,
            header=header if form.read_header is None else check_headers(header),
            layout=Layout(dimension_at_observation=request.dimension_at_observation, labels=request.labels),
            faults=faults,
            change=change,
            tell=listener.say,
            leave=left_out.append,
            dimensions=[dimension.strip() for dimension in request.dimensions.split(",") if dimension.strip()],
        )
    return Transformation(
        target=target,
        source=kind,
        format=form.id,
        left_out=tuple(left_out),
        untranslated=tuple(translation.untranslated if translation else ()),
        problems=tuple(find_problems(checker, source, name, flows)) if checker and not checker.is_sound else (),
    )


def find_problems(
    checker: BlockChecker, source: Path | BinaryIO, name: str, flows: Mapping[str, Flow]
) -> list[Problem]:
    if not isinstance(source, Path) or str(source) == STANDARD_INPUT:
        problems = checker.problems("standard input", None, flows)
    else:
        with (
            open_message(source, name) as (_, message),
            keep_message(wrap_stream(message, name), name) as whole_message,
        ):
            problems = checker.problems(name, whole_message, flows)
    return sorted(problems, key=lambda problem: problem.place)


def build_header(message_id: str = "", sender: str = "", now: str = "") -> HeaderMaker:
    time = parse_moment(now).isoformat(timespec="seconds")

    def header(before: Header | None) -> Header:
        after = before or Header("TRANSFORMED", time, sender=Party("SDMXMIG"))
        after = replace(after, id=message_id) if message_id else after
        after = replace(after, sender=Party(sender)) if sender else after
        return replace(after, prepared=time) if now else after

    return header


def check_headers(heading: HeaderMaker) -> HeaderMaker:
    """Return a function that builds a header and rejects unsupported ones with a hint."""

    def header(before: Header | None) -> Header:
        after = heading(before)
        if not after.id:
            raise SdmxmigError("The message has no id.", hint="Give it one with --id.")
        for text, shape, kind, option in (
            (after.sender.id, ID, "the id of a sender", "--sender"),
            (after.prepared, DATE_OR_TIME, "a time of preparation", "--now"),
        ):
            if not has_shape(text, shape):
                raise SdmxmigError(f"“{text}” cannot be {kind}.", hint=f"Give another one with {option}.")
        return after

    return header
