"""Reference metadata that come with data: for parts of the key, the attributes that a metadata structure declares.

`Dataset.reports` is a frame with the dimensions of the key (null: any) and the attributes as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from sdmxmig.formats.noted import Part, parts_of
from sdmxmig.formats.structures.carried import plain
from sdmxmig.model.data import Dataset
from sdmxmig.model.metadata import ReportedAttribute

if TYPE_CHECKING:
    import polars as pl

REPORT = "#report"
"""The column beside the dimensions; no component has an id with this sign."""

Attributes = tuple[ReportedAttribute, ...]


def packed(attributes: Attributes) -> str:
    """Attributes as JSON."""
    return msgspec.json.encode(plain(attributes)).decode()


def unpacked(text: str) -> Attributes:
    """The attributes that a text of JSON holds."""
    return msgspec.json.decode(text, type=Attributes)


def reports_frame(keys: pl.DataFrame, reports: list[Attributes], key: tuple[str, ...]) -> pl.DataFrame:
    """Reports with the parts of the key that they are about; dimensions that `keys` lacks are null."""
    import polars as pl

    absent = [pl.lit(None, pl.String).alias(name) for name in key if name not in keys.columns]
    texts = pl.Series(REPORT, [packed(one) for one in reports], dtype=pl.String)
    return keys.with_columns(*absent, texts).select(*key, REPORT)


def reports_of(key: tuple[str, ...], found: Sequence[tuple[Mapping[str, str], Attributes]]) -> pl.DataFrame | None:
    """Reports as a frame, each with the values of the dimensions that it names; None if there are none."""
    import polars as pl

    if not found:
        return None
    keys = pl.DataFrame(
        [[named.get(name) for name in key] for named, _ in found], schema=dict.fromkeys(key, pl.String), orient="row"
    )
    return reports_frame(keys, [attributes for _, attributes in found], key)


def by_part(dataset: Dataset) -> dict[Part, pl.DataFrame]:
    """The reports on parts of the key, by the dimensions that they name; each in a line of the column `REPORT`."""
    if dataset.reports is None:
        return {}
    return parts_of(dataset.reports, dataset.flow.structure.key, REPORT)


def about_all(dataset: Dataset) -> Attributes:
    """What is reported of the dataset as a whole."""
    import polars as pl

    if dataset.reports is None:
        return ()
    whole = dataset.reports.filter(pl.all_horizontal(pl.col(dataset.flow.structure.key).is_null()))
    return tuple(one for text in whole[REPORT] for one in unpacked(text))


def says_nothing_of_reports(name: str, dataset: Dataset) -> Iterator[str]:
    """The sentence on a format, by its `name`, whose data are written without reference metadata."""
    if dataset.reports is not None:
        yield f"Reference metadata are not written into data of {name}: send them as a message of their own."
