"""Datasets to SDMX-JSON data messages, block by block.

Values must be listed first but are known only at the end, so datasets wait in a temporary file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import BinaryIO, cast

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import Layout, UniformBlocks
from sdmxmig.sdmx.formats.sdmx_json.data_writing.body import JsonDatasetBody
from sdmxmig.sdmx.formats.sdmx_json.data_writing.components import FlowPlan, plan_of, structure_of
from sdmxmig.sdmx.formats.sdmx_json.data_writing.texts import to_json
from sdmxmig.sdmx.formats.sdmx_json.data_writing.trailer import Trailer
from sdmxmig.sdmx.formats.sdmx_json.data_writing.version_10 import structure_10, with_three_levels
from sdmxmig.sdmx.formats.sdmx_json.meta import errors_of, meta_of
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS, JsonVersion
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header

IN_MEMORY, PIECE = 1 << 26, 1 << 20


def write_data(datasets: Iterable[Dataset], header: Header, stream: BinaryIO, layout: Layout, version: str) -> None:
    """Write datasets as one message, as series or flat; `continues` marks further blocks of a dataset.

    Datasets of one dataflow share a description. Null is ``null``, numbers keep their digits, intentionally missing
    values are text. Series appear in order of first appearance.

    Raises `SdmxmigError` if there is no dataset, and for an unknown dimension or column, duplicate observations or
    series, and incomplete keys.
    """
    dialect = VERSIONS[version]
    if isinstance(datasets, UniformBlocks) and datasets.values is not None and not dialect.lists_all:
        write_at_once(datasets, header, stream, layout=layout, dialect=dialect)
        return
    originals: dict[Ref, DataStructure] = {}
    if dialect.lists_all:
        datasets = with_three_levels(noted(datasets, originals), layout)
    plans: dict[tuple[Ref, Ref, Ref | None], FlowPlan] = {}
    numbers: dict[tuple[Ref, Ref, Ref | None], list[int]] = {}
    trailers: list[tuple[int, Trailer]] = []
    count = 0
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        waiting = cast("BinaryIO", spool)
        for blocks in grouped(datasets):
            first_block = next(blocks)
            key = (first_block.flow.dataflow.ref, first_block.flow.structure.ref, first_block.refers_to)
            if key not in plans:
                plans[key] = plan_of(first_block.flow, first_block.refers_to, layout, dialect)
            body = JsonDatasetBody(plans[key], list(plans).index(key), first_block, waiting, is_first=count == 0)
            body.add(first_block)
            for block in blocks:
                body.add(block)
            dataset_count = body.close()
            trailers += [body.trailer] if body.trailer else []
            numbers.setdefault(key, []).extend(range(count, count + dataset_count))
            count += dataset_count
        if not count:
            raise SdmxmigError("There is no dataset to write.", hint="A message has at least one.")
        followed = [(plan, numbers[key]) for key, plan in plans.items()]
        stream.write(beginning(followed, header, layout, dialect, originals=originals))
        spool.seek(0)
        for place, trailer in trailers:
            copy(waiting, stream, place - waiting.tell())
            stream.write(trailer.text().encode())
        shutil.copyfileobj(waiting, stream, PIECE)
        stream.write(end(header, layout))


def write_at_once(
    datasets: UniformBlocks, header: Header, stream: BinaryIO, *, layout: Layout, dialect: JsonVersion
) -> None:
    """Write one dataset whose values are known beforehand, without a temporary file.

    Raises `SdmxmigError` if there is no dataset or it differs from its description; the message is then incomplete.
    """
    blocks = iter(datasets)
    first_block = next(blocks, None)
    if first_block is None:
        raise SdmxmigError("There is no dataset to write.", hint="A message has at least one.")
    plan = plan_of(first_block.flow, first_block.refers_to, layout, dialect)
    for name, listed in plan.values.items():
        listed.learn((datasets.values or {}).get(name, ()))
    counts = {name: len(listed.known) for name, listed in plan.values.items()}
    stream.write(beginning([(plan, [0])], header, layout, dialect))
    body = JsonDatasetBody(plan, 0, first_block, stream, is_first=True)
    for block in chain([first_block], blocks):
        body.add(block)
    has_more = {name: len(listed.known) for name, listed in plan.values.items()} != counts
    if body.close() != 1 or body.trailer or has_more or plan.notes:
        raise SdmxmigError(f"The data of {plan.flow.id} are not those of which the values were told.")
    stream.write(end(header, layout))


def noted(datasets: Iterable[Dataset], structures: dict[Ref, DataStructure]) -> Iterator[Dataset]:
    for dataset in datasets:
        structures[dataset.flow.structure.ref] = dataset.flow.structure
        yield dataset


def beginning(
    plans: Iterable[tuple[FlowPlan, list[int]]],
    header: Header,
    layout: Layout,
    dialect: JsonVersion,
    *,
    originals: Mapping[Ref, DataStructure] | None = None,
) -> bytes:
    """Build the message up to its datasets.

    `originals` are the full structures if the version has fewer levels. Raises `SdmxmigError` for several dataflows if
    the version allows one.
    """
    followed = list(plans)
    if dialect.lists_all:
        structures = [structure_10(plan, (originals or {})[plan.flow.structure.ref]) for plan, _ in followed]
        if len(followed) > 1:
            flows = ", ".join(plan.flow.id for plan, _ in followed)
            raise SdmxmigError(f"A message of SDMX-JSON 1.0 has one dataflow, and these are {flows}.")
        if any(plan.notes for plan, _ in followed):
            structures[0] |= Writing("1.0", followed[0][0].flow.dataflow).notes(followed[0][0].notes)
    else:
        structures = [structure_of(plan, numbers) for plan, numbers in followed]
    languages = {language for plan, _ in followed for language in plan.languages}
    meta = meta_of(header, languages, dialect, layout.language)
    root = f'"$schema":{to_json(dialect.schema)},\n' if dialect.schema_in_root else ""
    described = ",\n".join(map(to_json, structures))
    named = f'"structure":{described}' if dialect.lists_all else f'"structures":[{described}]'
    return f'{{{root}"meta":{to_json(meta)},\n"data":{{{named},\n"dataSets":['.encode()


def end(header: Header, layout: Layout) -> bytes:
    notes = errors_of(header.notes, layout.language)
    errors = ',\n"errors":' + to_json(notes) if notes else ""
    return f"\n]}}{errors}}}\n".encode()


def copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count > 0:
        piece = source.read(min(count, PIECE))
        target.write(piece)
        count -= len(piece)


def grouped(datasets: Iterable[Dataset]) -> Iterator[Iterator[Dataset]]:
    """Group blocks by dataset; read each group to its end before the next."""
    source = iter(datasets)
    following = next(source, None)

    def blocks() -> Iterator[Dataset]:
        nonlocal following
        while following is not None:
            current, following = following, next(source, None)
            yield current
            if following is None or not following.continues:
                return

    while following is not None:
        yield blocks()
