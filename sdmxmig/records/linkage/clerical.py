"""Clerical review and estimated error rates.

Rates are estimated by band and added. Pairs outside all blocks are in no rate, as the output says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.primitives.places import Place
from sdmxmig.records.codes import FALSE, TRUE
from sdmxmig.records.linkage.decisions import LIKELY, LINKED
from sdmxmig.records.linkage.linking import KIND, Round
from sdmxmig.records.linkage.preparation import ONE, OTHER
from sdmxmig.records.linkage.stages import STAGE
from sdmxmig.records.linkage_errors import (
    BETWEEN,
    BY_PEOPLE,
    FALSE_LINKS,
    MEASURES,
    MISSED_LINKS,
    NOT_JUDGED,
    PRECISION,
    RECALL,
    TRUE_PAIRS,
    WITHIN,
)
from sdmxmig.records.reading import Check, check_rows
from sdmxmig.records.rows import ROW, RowNumbers

BAND, PAIRS_OF_BAND, JUDGEMENT = "band", "pairs", "judgement"
TO_SOURCE, PAIR = "to_source", ("first_source", "first", "second_source", "second")
EDGES = (0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
"""Where bands of likelihood end, beside the likelihood from which on pairs are linked."""
CUT = "cut from a chain"
DRAWS, LOW, HIGH = 20_000, 2.5, 97.5
SHARE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Band:
    """Pairs of one likelihood: kind, name, link, counts."""

    kind: str
    name: str
    _: KW_ONLY
    linked: bool
    pairs: int
    judged: int = 0
    true: int = 0


def with_bands(turn: Round) -> pl.DataFrame:
    kinds = [
        turn.pairs.filter(pl.col(KIND) == kind).with_columns(band_of(turn.least[kind])) for kind in (BETWEEN, WITHIN)
    ]
    return pl.concat(kinds).filter(pl.col(STAGE).ne(0) | pl.col(LIKELY).ge(EDGES[0]))


def band_of(least: float) -> pl.Expr:
    edges = sorted({0.0, *EDGES, least} if least <= 1 else {0.0, *EDGES})
    low = pl.col(LIKELY).cut(edges[1:], left_closed=True, labels=[f"{edge:g} and more" for edge in edges])
    was_cut = ~pl.col(LINKED) & ((pl.col(STAGE) > 0) | (pl.col(LIKELY) >= least))
    of_stage = pl.when(pl.col(STAGE) > 0).then(pl.format("stage {}", STAGE))
    return pl.when(was_cut).then(pl.lit(CUT)).otherwise(of_stage.otherwise(low.cast(pl.String))).alias(BAND)


def bands_of(pairs: pl.DataFrame) -> list[Band]:
    sizes = pairs.group_by(KIND, BAND, LINKED).agg(pl.len().alias(PAIRS_OF_BAND)).sort(KIND, LINKED, BAND)
    return [Band(row[KIND], row[BAND], linked=row[LINKED], pairs=row[PAIRS_OF_BAND]) for row in sizes.rows(named=True)]


def sample_of(pairs: pl.DataFrame, size: int, seed: int) -> pl.DataFrame:
    """Sample pairs by band, reproducibly by seed."""
    bands = pairs.group_by(KIND, BAND).len().height
    drawn = pairs.with_columns(pl.struct(ONE, OTHER).hash(seed=seed).alias("draw"))
    place = pl.col("draw").rank("ordinal").over(KIND, BAND)
    return drawn.filter(place <= -(-size // max(1, bands))).drop("draw").sort(KIND, BAND, ONE, OTHER)


def word_of_judgement() -> pl.Expr:
    return pl.col(JUDGEMENT).fill_null("").str.strip_chars().str.to_lowercase()


def check_judgements(judged: pl.DataFrame, numbers: RowNumbers) -> None:
    word = word_of_judgement()
    checks = [Check(~word.is_in([*TRUE, *FALSE, ""]), "The judgement is neither yes nor no", hint="Write yes or no.")]
    if {*PAIR} <= {*judged.columns}:
        pair = pl.struct(word != "", TO_SOURCE, KIND, *PAIR)
        again = (word != "") & pl.all_horizontal(pl.col(*PAIR).is_not_null()) & ~pair.is_first_distinct()
        checks.append(Check(again, "A pair is judged again", hint="Agree on one judgement, and leave other rows out."))
    check_rows(judged.lazy().with_row_index(ROW, 1), checks, numbers)


def with_judgements(bands: Sequence[Band], judged: pl.DataFrame, file: str) -> list[Band]:
    """Add judgements (`kind`, `band`, `judgement`).

    Raises `InputError` for a band without judgements.
    """
    words = judged.with_columns(word_of_judgement())
    counts = words.filter(pl.col(JUDGEMENT) != "").group_by(KIND, BAND).agg(
        pl.len().alias("judged"), pl.col(JUDGEMENT).is_in(TRUE).sum().alias("true")
    )  # fmt: skip
    by_band = {(kind, band): (count, true) for kind, band, count, true in counts.rows()}
    result = []
    for band in bands:
        count, true = by_band.get((band.kind, band.name), (0, 0))
        if not count or count > band.pairs:
            raise InputError(
                f"Of band “{band.name}” ({band.kind}) {count} of {band.pairs} pairs are judged.",
                Place(file),
                "Judge pairs of each band, in the sample of this linkage.",
            )
        result.append(Band(band.kind, band.name, linked=band.linked, pairs=band.pairs, judged=count, true=true))
    return result


def estimates(bands: Sequence[Band], kind: str, seed: int) -> list[dict[str, object]]:
    """Estimate precision, recall, false and missed links from judged bands.

    95 % intervals draw from Beta distributions (Jeffreys' prior); judged pairs are fixed. Intervals contain the
    estimate at the boundary, as modified by Brown, Cai and DasGupta (2001).
    """
    mine = [band for band in bands if band.kind == kind]
    if not mine:
        return []
    dice = np.random.default_rng(seed)
    known = np.array([[band.true / band.judged * band.pairs] for band in mine])
    drawn = np.array(
        [
            band.true + (band.pairs - band.judged) * dice.beta(band.true + 0.5, band.judged - band.true + 0.5, DRAWS)
            for band in mine
        ]
    )
    linked = np.array([band.linked for band in mine])
    made = sum(band.pairs for band in mine if band.linked)
    exact, spread = measures(known, linked, made), measures(drawn, linked, made)
    judged = sum(band.judged for band in mine)
    return [
        {
            KIND: kind,
            "measure": name,
            **interval_around(exact[name][0], spread[name]),
            "basis": BY_PEOPLE,
            "pairs": made,
            "judged": judged,
        }
        for name in exact
    ]


def interval_around(value: float, draws: np.ndarray) -> dict[str, float | None]:
    if np.isnan(value):
        return dict.fromkeys(("value", "low", "high"))
    low, high = (float(np.nanpercentile(draws, percent)) for percent in (LOW, HIGH))
    return {"value": rounded(value), "low": rounded(min(low, value)), "high": rounded(max(high, value))}


def unjudged(turn: Round) -> list[dict[str, object]]:
    """The same measures before anybody judged pairs: all empty, since the model knows nothing of its own faults."""
    by_kind = {kind: turn.pairs.filter(pl.col(KIND) == kind) for kind in (BETWEEN, WITHIN)}
    return [
        {
            KIND: kind, "measure": name, "value": None, "low": None, "high": None, "basis": NOT_JUDGED,
            "pairs": int(pairs[LINKED].sum()), "judged": 0,
        }
        for kind, pairs in by_kind.items() if pairs.height
        for name in MEASURES
    ]  # fmt: skip


def rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), SHARE_DIGITS)


def measures(true: np.ndarray, linked: np.ndarray, made: int) -> dict[str, np.ndarray]:
    """The measures that follow from the true pairs of each band (rows: bands; columns: draws)."""
    nothing = np.full(true.shape[1], np.nan)
    hit, everything = true[linked].sum(axis=0), true.sum(axis=0)
    return {
        TRUE_PAIRS: everything,
        PRECISION: hit / made if made else nothing,
        RECALL: np.divide(hit, everything, out=nothing.copy(), where=everything > 0),
        FALSE_LINKS: made - hit,
        MISSED_LINKS: everything - hit,
    }
