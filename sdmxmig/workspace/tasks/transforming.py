"""Conversion of messages between formats and agencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from sdmxmig import catalogue as declared
from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.translation import Untranslated, structure_map, translate
from sdmxmig.io.intake.incoming import STANDARD_INPUT, keep_message, open_message, wrap_stream
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.checking import Passing
from sdmxmig.sdmx.checking.reading import Problem
from sdmxmig.sdmx.exchange import HeaderMaker, find_format, list_written_formats, transform
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS, Format, Layout
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.sdmx_ml.markup import DATE_OR_TIME, ID, has_shape
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.requests.tasks import TransformRequest
from sdmxmig.workspace.tasks.messages import name_of_input
from sdmxmig.workspace.tasks.session import parse_moment
from sdmxmig.workspace.tasks.talk import Talk

FORMAT_BY_SUFFIX = {".csv": "sdmx-csv-2.0", ".xml": "sdmx-ml-3.0", ".json": "sdmx-json-2.0"}
"""Formats by file suffix, unless a format is requested."""
PACKED_SUFFIXES = (".gz", ".zip")


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
        self.counts: dict[Untranslated, int] = {}

    def change(self, datasets: Iterable[Dataset]) -> Iterator[Dataset]:
        """Translate datasets; raises `SdmxmigError` if no observation has a counterpart."""
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
    def untranslated(self) -> list[Untranslated]:
        return [replace(untranslated, observations=count) for untranslated, count in self.counts.items()]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The target of a conversion: format, header, layout, dataflows, and the policy for `faults`."""

    form: Format
    flows: Mapping[str, Flow]
    header: HeaderMaker
    layout: Layout = DEFAULT_LAYOUT
    faults: Faults = field(default_factory=lambda: Faults(TOLERANT))
    translation: Translation | None = None
    dimensions: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Transformed:
    source: str
    left_out: tuple[SdmxmigError, ...] = ()
    _: KW_ONLY
    passing: Passing | None = None

    @property
    def is_sound(self) -> bool:
        return self.passing is None or self.passing.is_sound


def build_wish(request: TransformRequest, form: Format, flows: Mapping[str, Flow], catalogue: Catalogue) -> Wish:
    if request.back and not request.map:
        raise SdmxmigError("--back needs a map.", hint="Name it with --map.")
    header = build_header(request.id, request.sender, request.now)
    return Wish(
        form=form,
        flows=flows,
        header=header if form.read_header is None else check_headers(header),
        layout=Layout(dimension_at_observation=request.dimension_at_observation, labels=request.labels),
        faults=Faults.by(lenient=request.lenient, strict=request.strict),
        translation=Translation(request.map, back=request.back, catalogue=catalogue) if request.map else None,
        dimensions=[dimension.strip() for dimension in request.dimensions.split(",") if dimension.strip()],
    )


def transform_message(source: Path | BinaryIO, name: str, out: BinaryIO, wish: Wish, *, talk: Talk) -> Transformed:
    """Convert a message into an open file, block by block; raises `SdmxmigError` for refused faults."""
    left_out: list[SdmxmigError] = []
    with open_message(source, name) as (member, opened):
        message = wrap_stream(opened, member)
        detected = detect(member, message)
        passing = Passing(FORMATS[detected.format]) if detected.kind == "data" and detected.format in FORMATS else None

        def change(blocks: Iterable[Dataset]) -> Iterable[Dataset]:
            passed = passing.of(blocks) if passing else blocks
            return wish.translation.change(passed) if wish.translation else passed

        kind = transform(
            member,
            message,
            wish.form,
            out,
            flows=wish.flows,
            header=wish.header,
            layout=wish.layout,
            faults=wish.faults,
            change=change,
            tell=talk.say,
            leave=left_out.append,
            dimensions=wish.dimensions,
        )
    return Transformed(kind, tuple(left_out), passing=passing)


def find_problems(passing: Passing, source: Path, flows: Mapping[str, Flow]) -> list[Problem]:
    name = name_of_input(source)
    if str(source) == STANDARD_INPUT:
        problems = passing.problems(name, None, flows)
    else:
        with (
            open_message(source, name) as (_, message),
            keep_message(wrap_stream(message, name), name) as whole_message,
        ):
            problems = passing.problems(name, whole_message, flows)
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
