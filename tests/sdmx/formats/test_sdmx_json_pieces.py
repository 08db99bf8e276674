"""Datasets of SDMX-JSON that are cut into pieces: every series is in one of them, and observations keep theirs."""

from __future__ import annotations

import polars as pl
import pytest

from sdmxmig.sdmx.formats.sdmx_json.data_reading.pieces import INDEX, DatasetPiece, note_numbers

SERIES = {
    "one series": ([0, 0, 0, 0, 0], 1),
    "each its own": ([0, 1, 2, 3, 4], 5),
    "several": ([0, 0, 1, 1, 1, 2], 3),
    "one without observations between": ([0, 0, 2, 2, 3], 4),
    "several between": ([0, 3, 3, 4], 5),
    "the first one": ([1, 1, 2], 3),
    "the last ones": ([0, 0, 1], 4),
    "everywhere": ([1, 1, 3, 3, 5], 7),
}
"""The series of each observation, and how many series there are."""


@pytest.mark.parametrize("size", [1, 2, 3, 10])
@pytest.mark.parametrize("name", SERIES)
def test_every_series_is_in_a_piece_and_told_again_only_where_it_goes_on(name: str, size: int) -> None:
    parents, count = SERIES[name]
    heads = pl.DataFrame({"AREA": range(count)}, schema={"AREA": INDEX})
    codes = pl.DataFrame({"TIME": range(len(parents))}, schema={"TIME": INDEX})
    titles = pl.Series("TITLE", [f"series {number}" for number in range(count)])
    values = pl.Series("OBS_VALUE", [f"value {number}" for number in range(len(parents))])
    whole = DatasetPiece(
        codes,
        {"OBS_VALUE": values},
        parents=pl.Series(parents, dtype=INDEX),
        heads=heads,
        attributes={"TITLE": titles},
        head_notes=note_numbers((number, 0) for number in range(count)),
    )
    pieces = whole.cut(size)
    read: list[tuple[str, int]] = []
    told: list[int] = []
    for piece in pieces:
        assert piece.parents is not None
        assert piece.heads is not None
        areas = piece.heads["AREA"].to_list()
        assert piece.attributes is not None
        assert piece.attributes["TITLE"].to_list() == [f"series {number}" for number in areas]
        assert piece.head_notes is not None
        assert piece.head_notes["row"].to_list() == list(range(len(areas)))
        read += zip(piece.columns["OBS_VALUE"], [areas[parent] for parent in piece.parents], strict=True)
        told += areas[1:] if told[-1:] == areas[:1] else areas
    assert read == [(f"value {number}", parent) for number, parent in enumerate(parents)]
    assert told == list(range(count))
