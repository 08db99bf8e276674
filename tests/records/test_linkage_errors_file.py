"""The file of errors of a linkage comes back unchanged, and is refused if no linkage wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.records.linkage_errors import linkage_errors_of

HEAD = "to_source,kind,measure,value,low,high,basis,pairs,judged\n"


def written(folder: Path, *rows: str) -> Path:
    path = folder / "linkage_errors.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_errors_keep_their_digits_and_an_interval_gives_the_variance(tmp_path: Path) -> None:
    rows = ["b,between,recall,0.970,,,model,90,0", "b,between,precision,0.9910,0.98,1.0,clerical sample,90,40"]
    precision, recall = linkage_errors_of(written(tmp_path, *rows))
    assert (precision.measure, precision.value, precision.number) == ("precision", "0.9910", 0.991)
    assert precision.variance**0.5 == pytest.approx(0.02 / 3.919928)
    assert (recall.low, recall.variance, recall.judged) == ("", 0.0, 0)


def test_empty_share_is_left_out(tmp_path: Path) -> None:
    rows = ["b,between,precision,,,,model,0,0", "b,between,missed_links,3.0,,,model,0,0"]
    assert [error.measure for error in linkage_errors_of(written(tmp_path, *rows))] == ["missed_links"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no errors of linkage"),
        (["b,beside,recall,0.9,,,model,90,0"], "kind is neither between nor within in 1 line: 2"),
        (["b,between,kappa,0.9,,,model,90,0"], "no such measure"),
        (["b,between,recall,0.9,,,me,90,0"], "basis is none of"),
        (["b,between,recall,97,,,model,90,0"], "value is not a share"),
        (["b,between,recall,,0.1,0.2,model,90,0"], "value is not a share"),
        (["b,between,true_pairs,,,,model,90,0"], "value is not a share"),
        (["b,between,recall,most,,,model,90,0"], "value is not a share"),
        (["b,between,recall,NaN,,,model,90,0"], "value is not a share"),
        (["b,between,true_pairs,-1,,,model,90,0"], "value is not a share"),
        (["b,between,recall,0.9,0.8,,model,90,0"], "The interval is none"),
        (["b,between,recall,0.9,0.8,much,model,90,0"], "The interval is none"),
        (["b,between,recall,0.9,0.91,0.95,model,90,0"], "does not hold its value"),
        (["b,between,recall,0.9,,,model,90,-1"], "less than nothing"),
        (["b,between,recall,0.9,,,model,90,0", "b,between,recall,0.8,,,model,90,0"], "stands again in 1 line: 3"),
    ],
)
def test_impossible_error_rates_are_refused(rows: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        linkage_errors_of(written(tmp_path, *rows))


def test_errors_that_are_not_judged_are_empty_and_left_out(tmp_path: Path) -> None:
    rows = ("b,between,recall,,,,not judged,9,0", "b,between,missed_links,,,,not judged,9,0")
    assert linkage_errors_of(written(tmp_path, *rows)) == ()
