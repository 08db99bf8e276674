"""The REST service: answers to queries, in the requested languages."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import quote

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import FORMATS, Format, Layout, UniformBlocks, metadata_bytes, structure_bytes
from sdmxmig.sdmx.formats.sdmx_csv.columns import find_first_day
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Note, StructureUse
from sdmxmig.transmission.pull import metadata, structures
from sdmxmig.transmission.pull.data import (
    choose_dimension,
    format_moment,
    index_stored_values,
    list_constraints,
    read_blocks,
    read_parts,
)
from sdmxmig.transmission.pull.holdings import Holdings, Release
from sdmxmig.transmission.pull.metadata import MEDIA_TYPE, find_registrations
from sdmxmig.transmission.pull.negotiation import (
    JSON_SCHEMA,
    OFFERS,
    STUBS_OF_SETS,
    OfferedFormat,
    Representation,
    negotiate,
    parse_weighted_values,
)
from sdmxmig.transmission.pull.queries import (
    CONTEXT_KINDS,
    KINDS_1,
    RESOURCE_BY_KIND,
    Address,
    AvailabilityRequest,
    DataRequest,
    MetadataRequest,
    OfMoment,
    Question,
    RegistrationRequest,
    SchemaRequest,
    StructureRequest,
    too_large,
    unacceptable,
)
from sdmxmig.transmission.pull.storage import MAX_ORDERED, ROWS_PER_PIECE, StoredData
from sdmxmig.transmission.pull.url_1 import parse_request_1
from sdmxmig.transmission.pull.url_2 import parse_request_2

ROW, VALUES = "#row", "#saying"


def select_revisions(before: StoredData, after: StoredData, folder: Path, name: str) -> StoredData:
    """Return new and revised observations, including changed series attributes. Raises `QueryError` for too many."""
    check_size(before, after)
    names = list(after.columns)
    shared = [column for column in names if column in before.columns]
    there = before.scan().select(shared)
    same_shape = there.with_columns(
        pl.lit(None, after.columns[column]).alias(column) for column in names if column not in shared
    )
    rows = after.scan().with_row_index(ROW)
    changed = [rows.join(same_shape, on=names, how="anti", nulls_equal=True)]
    for key, touched in find_attribute_changes(before, after):
        changed.append(rows.join(touched.lazy(), on=list(key), how="semi", nulls_equal=True) if key else rows)
    numbers = pl.concat([each.select(ROW) for each in changed]).unique()
    observations = rows.join(numbers, on=ROW, how="semi", maintain_order="left").drop(ROW)
    return store_observations(after, observations.collect(), folder, name)


def find_attribute_changes(before: StoredData, after: StoredData) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    key = after.flow.structure.series_key
    old, new = {key: before.series, **before.partial}, {key: after.series, **after.partial}
    if before.attributes != after.attributes:
        yield (), pl.DataFrame()
    for dims in dict.fromkeys((*old, *new)):
        if not set(dims) <= after.columns.keys():
            continue
        was, becomes = collect_attribute_values(old.get(dims), dims), collect_attribute_values(new.get(dims), dims)
        on = [*dims, VALUES]
        differing = [
            was.join(becomes, on=on, how="anti", nulls_equal=True),
            becomes.join(was, on=on, how="anti", nulls_equal=True),
        ]
        touched = pl.concat(differing)
        if touched.height:
            yield dims, touched.select(dims).unique()


def collect_attribute_values(frame: pl.DataFrame | None, dims: tuple[str, ...]) -> pl.DataFrame:
    is_there = frame is not None and set(dims) < set(frame.columns)
    if frame is None or not is_there:
        return pl.DataFrame(schema=dict.fromkeys((*dims, VALUES), pl.String))
    names = sorted(name for name in frame.columns if name not in dims and frame[name].null_count() < frame.height)
    if not names:
        return pl.DataFrame(schema=dict.fromkeys((*dims, VALUES), pl.String))
    text = pl.struct(names).struct.json_encode().alias(VALUES)
    return frame.filter(pl.any_horizontal(pl.col(names).is_not_null())).select(*dims, text)


def select_removed(before: StoredData, after: StoredData, folder: Path, name: str) -> StoredData:
    check_size(before, after)
    key = [column for column in after.flow.structure.key if column in before.columns]
    left = before.scan().select(key)
    missing = left.join(after.scan().select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
    alone = replace(before, columns={column: before.columns[column] for column in key}, series=pl.DataFrame())
    return store_observations(
        replace(alone, attributes={}, partial={}, annotations=()), missing.collect(), folder, name
    )


def check_size(before: StoredData, after: StoredData) -> None:
    largest = max(before.count, after.count)
    if largest > MAX_ORDERED:
        what = f"A release of {after.flow.id} has {largest:,} observations, and at most {MAX_ORDERED:,} are compared."
        raise too_large(what, "Ask for the releases as they were, with asOf.")


def store_observations(data: StoredData, observations: pl.DataFrame, folder: Path, name: str) -> StoredData:
    path = folder / f"{name}.parquet"
    observations.write_parquet(path, row_group_size=ROWS_PER_PIECE)
    return replace(data, file=path, count=observations.height, reports=None, listed=None)


GRAMMARS: dict[int, Callable[[Address], Question]] = {1: parse_request_1, 2: parse_request_2}
LEFT_OUT_NOTE = "These cannot be expressed in {form} and were left out: {names}."
MAX_NAMED = 3
MAX_MOMENTS = 4
"""Maximum number of earlier states in memory; the last requested kept."""
OLDER_FORMATS = ("sdmx-ml-2.1", "sdmx-json-1.0")
RESOURCE_BY_QUESTION = {
    StructureRequest: "structure",
    AvailabilityRequest: "structure",
    DataRequest: "data",
    SchemaRequest: "schema",
    MetadataRequest: "metadata",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    api: int
    accept: str = ""
    accept_language: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """An answer: media type and writer; `is_empty` writes no body."""

    content_type: str
    write: Callable[[BinaryIO], None]
    language: str = ""
    is_empty: bool = False


def write_no_body(_: BinaryIO) -> None:
    """Write nothing."""


@dataclass(slots=True, eq=False)
class Service:
    """The REST service; `folder` is for temporary files."""

    holdings: Holdings
    folder: Path
    _: KW_ONLY
    stored_changes: dict[tuple[str, str, str], StoredData] = field(default_factory=dict)
    unwritable_refs: dict[str, set[Ref]] = field(default_factory=dict)
    checked_refs: set[tuple[str, Ref]] = field(default_factory=set)
    earlier: dict[tuple[datetime, ...], Service] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, address: Address, client: Client) -> Answer:
        request = GRAMMARS[client.api](address)
        if isinstance(request, RegistrationRequest):
            content = find_registrations(self.holdings, request, client.base)
            return Answer(MEDIA_TYPE, build_writer(content), is_empty=content is None)
        chosen = negotiate(list_offers(request, client.api), client.accept)
        languages = read_languages(client.accept_language)
        service = self.at(request.as_of) if isinstance(request, OfMoment) and request.as_of else self
        answered = service.represent(request, chosen, client, languages)
        return replace(answered, language=languages[0] if languages else "")

    def tag(self, address: Address, client: Client) -> str:
        tagged = repr((address, client, self.holdings.edition))
        return hashlib.sha256(tagged.encode()).hexdigest()[:32]

    def represent(self, request: Question, chosen: Representation, client: Client, languages: Sequence[str]) -> Answer:
        holdings = self.holdings
        match request:
            case StructureRequest():
                return self.answer_from_collection(request, chosen, client, languages)
            case AvailabilityRequest():
                artefacts: list[Artefact] = list_constraints(holdings, request, self.changes)
                return self.answer_structures(artefacts, chosen, client, languages)
            case SchemaRequest():
                if not chosen.offer.format:
                    schema = (
                        structures.build_json_schema
                        if chosen.offer.media_type == JSON_SCHEMA
                        else structures.build_schema
                    )
                    return Answer(
                        chosen.content_type, build_writer(schema(holdings, request, chosen.offer.version[:3]))
                    )
                return self.answer_structures(structures.list_structures(holdings, request), chosen, client, languages)
            case MetadataRequest():
                return self.answer_metadata(request, chosen, languages)
            case DataRequest():
                return self.answer_data(request, chosen, languages)
            case _:
                raise unacceptable("No data match this request.")

    def at(self, moment: datetime) -> Service:
        key = tuple(snapshot.prepared for snapshot in self.holdings.list_snapshots(moment))
        with self.lock:
            service = self.earlier.pop(key, None) or Service(self.holdings.as_of(moment), self.folder)
            self.earlier[key] = service
            for other in list(self.earlier)[:-MAX_MOMENTS]:
                del self.earlier[other]
            return service

    def find_holdings(self, request: DataRequest) -> Holdings:
        if request.as_of is None or not self.holdings.list_snapshots(request.as_of):
            return self.holdings
        then = self.at(request.as_of).holdings
        return then if then.collection.matching(request.wanted) else self.holdings

    def answer_metadata(self, request: MetadataRequest, chosen: Representation, languages: Sequence[str]) -> Answer:
        sets = metadata.answer(self.holdings, request)
        if not sets:
            return Answer(chosen.content_type, write_no_body, is_empty=True)
        header, form = self.holdings.header("METADATA"), FORMATS[chosen.offer.format]
        if request.detail == "allstubs":
            followed = dict.fromkeys(each.describes for each in sets)
            uses = tuple(StructureUse(f"M{number}", ref) for number, ref in enumerate(followed, start=1))
            header, sets = replace(header, structures=uses), [metadata.build_stub(each) for each in sets]
        worded = [reduce_languages(each, languages) for each in sets] if languages else sets
        return Answer(chosen.content_type, build_writer(metadata_bytes(form, worded, header)))

    def answer_from_collection(
        self, request: StructureRequest, chosen: Representation, client: Client, languages: Sequence[str]
    ) -> Answer:
        left = self.unwritable_refs.setdefault(chosen.offer.format, set())
        asks_agreements = client.api == 1 and request.wanted.kinds == ("ProvisionAgreement",)
        shape = structures.strip_references if asks_agreements else structures.keep_artefact

        def answer_without(closed: frozenset[Ref]) -> Answer:
            artefacts = structures.answer(self.holdings.collection, request, closed)
            return self.answer_structures(list(map(shape, artefacts)), chosen, client, languages)

        before = frozenset(left)
        answer = answer_without(before)
        return answer if left == before else answer_without(frozenset(left))

    def answer_structures(
        self, artefacts: Sequence[Artefact], chosen: Representation, client: Client, languages: Sequence[str]
    ) -> Answer:
        if not artefacts:
            return Answer(chosen.content_type, write_no_body, is_empty=True)
        worded = [add_address(artefact, client, self.holdings.moment) for artefact in artefacts]
        if languages:
            worded = [reduce_languages(artefact, languages) for artefact in worded]
        content = self.write_artefacts(FORMATS[chosen.offer.format], worded)
        return Answer(chosen.content_type, build_writer(content))

    def answer_data(self, request: DataRequest, chosen: Representation, languages: Sequence[str]) -> Answer:
        form = FORMATS[chosen.offer.format]
        all_parts = list(read_parts(self.find_holdings(request), request, self.changes))
        dimension = choose_dimension([part.data.flow for part in all_parts], request.at_observation)
        if chosen.offer.is_time_series and dimension != "TIME_PERIOD":
            raise unacceptable("Messages of time series have the time at observation.", "Ask for another media type.")
        streams = [stream for part in all_parts if (stream := start_stream(read_blocks(part, request))) is not None]
        if not streams or form.write_data is None:
            return Answer(chosen.content_type, write_no_body, is_empty=True)
        language = languages[0] if languages else "en"
        if chosen.times == "normalized":
            for part in all_parts:
                check_days(part.data)
        layout = Layout(
            dimension,
            chosen.labels,
            language=language,
            time_series=chosen.offer.is_time_series,
            keys=chosen.keys,
            times=chosen.times,
        )
        datasets: Iterable[Dataset] = itertools.chain.from_iterable(streams)
        if len(streams) == 1:
            values = index_stored_values(all_parts[0], request) if len(all_parts) == 1 else None
            datasets = UniformBlocks(streams[0], values)
        header, write_data = self.holdings.header("DATA"), form.write_data

        def write(out: BinaryIO) -> None:
            write_data(datasets, header, out, layout)

        return Answer(chosen.content_type, write)

    def write_artefacts(self, form: Format, artefacts: Sequence[Artefact]) -> bytes:
        """Write artefacts as a message; unsupported artefacts among others are omitted with a note."""
        header, left = self.holdings.header("STRUCTURES"), self.unwritable_refs.setdefault(form.id, set())
        self.find_unsupported_stubs(form, [artefact.ref for artefact in artefacts if artefact.details.external])
        shaped = structures.build_older_stub if form.id in OLDER_FORMATS else structures.keep_artefact
        if left.isdisjoint(artefact.ref for artefact in artefacts):
            try:
                return structure_bytes(form, list(map(shaped, artefacts)), header)
            except SdmxmigError as error:
                refused = [artefact for artefact in artefacts if not can_express(form, shaped(artefact), self.holdings)]
                if len(refused) in (0, len(artefacts)):
                    raise unacceptable(error.message, error.hint) from error
                left |= {artefact.ref for artefact in refused}
        kept = [artefact for artefact in artefacts if artefact.ref not in left]
        refs = [artefact.ref.short for artefact in artefacts if artefact.ref in left]
        more = f" and {len(refs) - MAX_NAMED} more" if len(refs) > MAX_NAMED else ""
        names = f"{', '.join(refs[:MAX_NAMED])}{more}"
        if not kept:
            raise unacceptable(f"{form.name} cannot express {names}.", "Ask for another media type.")
        note = Note("LEFT_OUT", Text.of(en=LEFT_OUT_NOTE.format(form=form.name, names=names)), severity="Warning")
        return structure_bytes(form, list(map(shaped, kept)), replace(header, notes=(note,)))

    def find_unsupported_stubs(self, form: Format, stubs: Iterable[Ref]) -> None:
        """Find stubs whose content is not supported before SDMX 3; they get no address."""
        if form.id not in OLDER_FORMATS:
            return
        for ref in stubs:
            artefact = self.holdings.collection.artefacts.get(ref)
            if artefact is None or isinstance(artefact, ItemScheme) or (form.id, ref) in self.checked_refs:
                continue
            if not can_express(form, artefact, self.holdings):
                self.unwritable_refs.setdefault(form.id, set()).add(ref)
            self.checked_refs.add((form.id, ref))

    def changes(self, what: str, before: Release, after: Release) -> StoredData:
        key = (what, f"{before.id}-{after.id}", before.flow.dataflow.ref.short)
        with self.lock:
            if key not in self.stored_changes:
                work_out = select_revisions if what == "revised" else select_removed
                name = hashlib.sha256(repr(key).encode()).hexdigest()[:20]
                self.stored_changes[key] = work_out(before.data, after.data, self.folder, name)
            return self.stored_changes[key]


def list_offers(request: Question, api: int) -> tuple[OfferedFormat, ...]:
    if isinstance(request, MetadataRequest) and request.detail == "allstubs":
        return STUBS_OF_SETS
    offered = OFFERS[api, RESOURCE_BY_QUESTION[type(request)]]
    if isinstance(request, SchemaRequest) and not {*request.wanted.kinds} <= {*CONTEXT_KINDS.values()}:
        return tuple(offer for offer in offered if offer.format)
    return offered


def start_stream(stream: Iterator[Dataset]) -> Iterator[Dataset] | None:
    first = next(stream, None)
    return None if first is None else itertools.chain([first], stream)


def build_writer(content: bytes | None) -> Callable[[BinaryIO], None]:
    def write(out: BinaryIO) -> None:
        out.write(content or b"")

    return write


def add_address(artefact: Artefact, client: Client, moment: datetime | None) -> Artefact:
    if not artefact.details.external or artefact.details.structure_url:
        return artefact
    ref = artefact.ref
    resource = RESOURCE_BY_KIND.get(ref.kind, ref.kind.lower())
    if client.api == 1:
        resource = next((name for name, kinds in KINDS_1.items() if ref.kind in kinds), resource)
    path = f"v1/{resource}" if client.api == 1 else f"v2/structure/{resource}"
    version = ref.version.removesuffix("-draft") if client.api == 1 else ref.version
    url = f"{client.base}/sdmx/{path}/{ref.agency}/{ref.id}/{version}"
    url += f"?asOf={quote(format_moment(moment), safe='')}" if moment else ""
    return replace(artefact, details=replace(artefact.details, structure_url=url))


def can_express(form: Format, artefact: Artefact, holdings: Holdings) -> bool:
    try:
        structure_bytes(form, [artefact], holdings.header("STRUCTURES"))
    except SdmxmigError:
        return False
    return True


Record = TypeVar("Record")
PLAIN_TYPES = (str, int, bool, Ref, Place)


def read_languages(accept_language: str) -> tuple[str, ...]:
    """Return the accepted languages, preferred first; empty if any language is accepted.

    >>> read_languages("fr-CA; q = 0.8, en, *;q=0.1")
    ('en', 'fr-CA')
    """
    weighted = enumerate(parse_weighted_values(accept_language))
    liked = [
        (-weight, place, name) for place, (name, _, weight) in weighted if weight and name.replace("-", "").isalnum()
    ]
    return tuple(name for _, _, name in sorted(liked))


def reduce_languages(record: Record, languages: Sequence[str]) -> Record:
    """Keep only texts in these or the best languages; mark the result as partial, as resubmission would lose texts."""
    changed: Any = reduce_texts(record, tuple(languages))
    if changed is not record:
        changed = dataclasses.replace(changed, details=dataclasses.replace(changed.details, partial_language=True))
    return cast("Record", changed)


def reduce_texts(value: Any, languages: tuple[str, ...]) -> Any:
    if not value or isinstance(value, PLAIN_TYPES):
        return value
    if isinstance(value, Text):
        return read_text(value, languages)
    if isinstance(value, tuple):
        parts = tuple(reduce_texts(part, languages) for part in value)
        return parts if any(after is not before for after, before in zip(parts, value, strict=True)) else value
    changes = {}
    for name in list_fields(type(value)):  # type: ignore[arg-type]  # mypy holds that no class can be looked up
        before = getattr(value, name)
        after = reduce_texts(before, languages)
        if after is not before:
            changes[name] = after
    return dataclasses.replace(value, **changes) if changes else value


@functools.cache
def list_fields(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def read_text(text: Text, languages: tuple[str, ...]) -> Text:
    by_language = dict(text)
    for language in languages:
        name = language if language in by_language else language.partition("-")[0]
        if name in by_language:
            return text if len(by_language) == 1 else Text(((name, by_language[name]),))
    name = "en" if "en" in by_language else next(iter(by_language), "")
    return text if len(by_language) < 2 else Text(((name, by_language[name]),))


FREQUENCY, YEAR_START = "FREQ", "REPORTING_YEAR_START_DAY"


def check_days(data: StoredData) -> None:
    structure = data.flow.structure
    if structure.time is None or structure.time.id not in data.columns:
        return
    if any(component.id == YEAR_START for component in structure.components):
        what = f"The reporting years of {data.flow.id} begin on different days, and are not normalised."
        raise unacceptable(what, "Ask for timeFormat=original.")
    texts_by_day: dict[str, str] = {}
    for text in data.values(structure.time.id):
        other = texts_by_day.setdefault(find_first_day(text), text)
        if other != text and FREQUENCY not in structure.key:
            what = f"{other} and {text} of {data.flow.id} begin on the same day, and no frequency tells them apart."
            raise unacceptable(what, "Ask for timeFormat=original.")
