"""The file of errors of a linkage comes back unchanged, and is refused if no linkage wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from, listed

from sdmxmig.primitives.errors import InputError
from sdmxmig.records.linkage_errors import read_linkage_errors

HEAD = "to_source,kind,measure,value,low,high,basis,pairs,judged\n"


def written(folder: Path, *rows: str) -> Path:
    path = folder / "linkage_errors.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_variance_is_computed_from_the_interval(tmp_path: Path) -> None:
    rows = ["b,between,recall,0.970,,,model,90,0", "b,between,precision,0.9910,0.98,1.0,clerical sample,90,40"]
    precision, recall = read_linkage_errors(written(tmp_path, *rows))
    assert (precision.measure, precision.value, precision.number) == ("precision", "0.9910", 0.991)
    assert precision.variance**0.5 == pytest.approx(0.02 / 3.919928)
    assert (recall.low, recall.variance, recall.judged) == ("", 0.0, 0)


def test_empty_share_is_left_out(tmp_path: Path) -> None:
    rows = ["b,between,precision,,,,model,0,0", "b,between,missed_links,3.0,,,model,0,0"]
    assert [error.measure for error in read_linkage_errors(written(tmp_path, *rows))] == ["missed_links"]


@cases_from("records/cases/impossible_error_rates_are_refused.csv", rows=listed)
def test_impossible_error_rates_are_refused(rows: tuple[str, ...], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_linkage_errors(written(tmp_path, *rows))


def test_unjudged_errors_are_left_out(tmp_path: Path) -> None:
    rows = ("b,between,recall,,,,not judged,9,0", "b,between,missed_links,,,,not judged,9,0")
    assert read_linkage_errors(written(tmp_path, *rows)) == ()
