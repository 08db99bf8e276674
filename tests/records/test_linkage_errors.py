"""Error rates from clerical review: intervals contain the true rates, and fully reviewed groups are exact."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.records.linkage.linking import Band, add_judgements, check_judgements, estimate_measures
from sdmxmig.records.rows import RowNumbers

TRUE_SHARES = {"stage 1": (1.0, True, 738), "0.99 and more": (0.98, True, 93), "0.9 and more": (0.9, True, 20)}
LEFT = {"0.5 and more": (0.6, False, 10), "kept apart by a rule": (0.2, False, 40)}
"""Few pairs of a band are judged, and most bands have no error: their intervals are not to lie beside the truth."""


def test_intervals_contain_the_truth_in_90_to_99_percent() -> None:
    dice = np.random.default_rng(20)
    runs, held = 100, dict.fromkeys(("precision", "recall", "true_pairs"), 0)
    for run in range(runs):
        bands, hit, everything, made = [], 0, 0, 0
        for name, (share, linked, pairs) in (TRUE_SHARES | LEFT).items():
            true = dice.binomial(pairs, share)
            judged = min(pairs, 12)
            of_sample = dice.hypergeometric(true, pairs - true, judged)
            bands.append(Band("between", name, linked=linked, pairs=pairs, judged=judged, true=int(of_sample)))
            everything += true
            hit, made = hit + true * linked, made + pairs * linked
        truth = {"precision": hit / made, "recall": hit / everything, "true_pairs": everything}
        for row in estimate_measures(bands, "between", run):
            name = str(row["measure"])
            if name in truth:
                held[name] += row["low"] <= truth[name] <= row["high"]  # type: ignore[operator]
    assert all(0.9 * runs <= count <= 0.99 * runs for count in held.values()), held


def test_fully_reviewed_band_has_no_uncertainty() -> None:
    bands = [
        Band("between", "stage 1", linked=True, pairs=40, judged=40, true=39),
        Band("between", "0.1 and more", linked=False, pairs=10, judged=10, true=1),
    ]
    rows = {str(row["measure"]): row for row in estimate_measures(bands, "between", 1)}
    assert [rows["precision"][key] for key in ("value", "low", "high")] == [0.975, 0.975, 0.975]
    assert rows["recall"]["value"] == pytest.approx(39 / 40, abs=1e-6)
    assert (rows["false_links"]["value"], rows["missed_links"]["value"], rows["true_pairs"]["value"]) == (1, 1, 40)


def test_perfect_precision_is_the_upper_end_of_its_interval() -> None:
    bands = [Band("within", "stage 1", linked=True, pairs=900, judged=30, true=30)]
    precision = next(row for row in estimate_measures(bands, "within", 1) if row["measure"] == "precision")
    assert precision["value"] == precision["high"] == 1
    assert 0.85 < precision["low"] < 0.95  # type: ignore[operator]


@pytest.mark.parametrize(
    ("linked", "true", "unknown"),
    [(False, 0, {"precision", "recall"}), (True, 4, {"recall", "missed_links", "true_pairs"})],
    ids=["only unlinked pairs", "only linked pairs"],
)
def test_measure_without_judged_pairs_is_empty(linked: bool, true: int, unknown: set[str]) -> None:
    """Links alone do not show how many are missed: five of six persons may agree in no key."""
    bands = [Band("between", "stage 5", linked=linked, pairs=4, judged=4, true=true)]
    rows = estimate_measures(bands, "between", 1)
    empty = {row["measure"] for row in rows if [row[key] for key in ("value", "low", "high")] == [None, None, None]}
    assert empty == unknown
    assert {row["measure"] for row in rows if row["basis"] == "not judged"} == unknown


def judged(*words: str) -> pl.DataFrame:
    rows = [{"kind": "between", "band": "stage 1", "judgement": word} for word in words]
    return pl.DataFrame(rows, schema={"kind": pl.String, "band": pl.String, "judgement": pl.String})


def test_judgements_are_counted_by_band_without_empty_ones() -> None:
    band = Band("between", "stage 1", linked=True, pairs=9)
    assert add_judgements([band], judged("yes", " NO ", "", "1"), "a.csv") == [
        Band("between", "stage 1", linked=True, pairs=9, judged=3, true=2)
    ]


@pytest.mark.parametrize(("words", "message"), [(("", ""), "0 of 1 pairs"), (("yes", "yes"), "2 of 1 pairs")])
def test_impossible_judgements_are_refused(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        add_judgements([Band("between", "stage 1", linked=True, pairs=1)], judged(*words), "a.csv")


def test_invalid_judgement_is_reported_with_its_line() -> None:
    check_judgements(judged("yes", "", "N"), RowNumbers(file="a.csv", first=2, noun="line"))
    with pytest.raises(InputError, match="is not yes or no in 1 line: 3"):
        check_judgements(judged("yes", "perhaps"), RowNumbers(file="a.csv", first=2, noun="line"))


def test_pair_judged_by_two_people_counts_once() -> None:
    """Two files of judgements one after the other are no sample of twice the size."""
    pairs = [{"to_source": "b", "first_source": "a", "first": row, "second_source": "b", "second": row} for row in "12"]
    both = judged("yes", "no", "", "y").with_columns(pl.DataFrame(pairs * 2))
    with pytest.raises(InputError, match="A pair is judged again in 1 line: 5"):
        check_judgements(both, RowNumbers(file="a.csv", first=2, noun="line"))
    check_judgements(both.head(3), RowNumbers(file="a.csv", first=2, noun="line"))
