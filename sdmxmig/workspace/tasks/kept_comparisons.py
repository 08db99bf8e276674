"""Kept comparisons with published data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.confidential import MASK, confidential
from sdmxmig.transmission.retrieval.queries import DataQuery
from sdmxmig.transmission.retrieval.round_trip import KINDS, RoundTrip
from sdmxmig.workspace.folder import DELIVERIES, check_inside
from sdmxmig.workspace.tasks.fetched_back import FetchedBack

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.workspace.tasks.session import Session

FOLDER = "fetched-back"
"""The folder among the deliveries with one file for each dataflow of an agency."""
UNSAFE = re.compile(r"[^A-Za-z0-9_.@-]")
MOST_ROWS = 50
"""So many differences are kept; the command lists all."""
LARGEST = 1_000_000
"""Maximum size of a kept comparison in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptComparison:
    """A comparison with published data; confidential figures are excluded."""

    agency: str
    dataflow: str
    release: str
    address: str
    fetched: str
    compared: str
    sent: int
    there: int
    the_same: int
    counts: dict[str, int]
    rows: list[dict[str, str]]

    @property
    def is_equal(self) -> bool:
        return not any(self.counts.values())


def keep_comparison(session: Session, query: DataQuery, back: FetchedBack) -> Path:
    result = back.round_trip
    kept = KeptComparison(
        agency=query.agency,
        dataflow=query.flow,
        release=back.sent.name,
        address=back.fetched.kept.address,
        fetched=back.fetched.kept.fetched,
        compared=session.prepared,
        sent=result.sent,
        there=result.there,
        the_same=result.equal,
        counts=result.counts,
        rows=list(first_rows(result, back.sent.datasets)),
    )
    name = UNSAFE.sub("_", f"{query.agency}_{query.flow}")
    folder = session.workspace.folder / DELIVERIES / FOLDER
    check_inside(session.workspace.folder, folder)
    path = folder / f"{name}.json"
    content = json.dumps(asdict(kept), ensure_ascii=False, indent=1).encode()
    return publish_file(path, content, "the argument WORKSPACE")


def first_rows(result: RoundTrip, datasets: tuple[Dataset, ...]) -> Iterator[dict[str, str]]:
    kept_back = confidential_keys(datasets)
    for kind, *key, component, sent, there in result.differences.head(MOST_ROWS).iter_rows():
        is_hidden = tuple(key) in kept_back
        yield {
            "kind": kind,
            "key": ".".join(key) if any(key) else "",
            "component": component,
            "sent": MASK if is_hidden and sent else sent,
            "there": MASK if is_hidden and there else there,
        }


def confidential_keys(datasets: tuple[Dataset, ...]) -> frozenset[tuple[str, ...]]:
    keys: set[tuple[str, ...]] = set()
    for dataset in datasets:
        is_kept_back = confidential(dataset)
        if is_kept_back is not None:
            rows = dataset.observations.filter(is_kept_back)
            keys.update(rows.select(pl.col(dataset.flow.structure.key).cast(pl.String).fill_null("")).iter_rows())
    return frozenset(keys)


def kept_comparisons(workspace: Path) -> tuple[KeptComparison, ...]:
    folder = workspace / DELIVERIES / FOLDER
    check_inside(workspace, folder)
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return tuple(kept for path in paths if (kept := read_kept(path)) is not None)


def read_kept(path: Path) -> KeptComparison | None:
    """A kept comparison; None for a file that says something else, since a workspace may come from others."""
    described: Any = None
    with suppress(InputError, ValueError, RecursionError):
        described = json.loads(read_bytes(path, limit=LARGEST))
    if not isinstance(described, dict) or described.keys() != {each.name for each in fields(KeptComparison)}:
        return None
    kept = KeptComparison(**described)
    texts = (kept.agency, kept.dataflow, kept.release, kept.address, kept.fetched, kept.compared)
    numbers = (kept.sent, kept.there, kept.the_same)
    is_right = all(isinstance(text, str) for text in texts) and all(type(number) is int for number in numbers)
    return kept if is_right and are_counts(kept.counts) and are_rows(kept.rows) else None


def are_counts(counts: object) -> bool:
    return isinstance(counts, dict) and counts.keys() <= {*KINDS} and all(type(each) is int for each in counts.values())


def are_rows(rows: object) -> bool:
    names = {"kind", "key", "component", "sent", "there"}
    return (
        isinstance(rows, list)
        and len(rows) <= MOST_ROWS
        and all(isinstance(row, dict) and row.keys() == names and row["kind"] in KINDS for row in rows)
        and all(isinstance(text, str) for row in rows for text in row.values())
    )
