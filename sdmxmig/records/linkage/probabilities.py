"""Fellegi–Sunter weights with splink, and decisions on weighted pairs.

Weights are log2(m / u), added over comparisons. Only this module uses splink.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.declaration import Block, Comparison, LinkageRules
from sdmxmig.records.linkage.preparation import MISSING_LIBRARIES, ONE, OTHER, SOURCE, UNIT
from sdmxmig.records.linkage.stages import KEY, PERSON, add_persons, compute_keys, write_condition_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

U_PAIRS, EM_PAIRS, DIGITS = 4_000_000, 1_000_000, 6
TRAINING_ROUNDS = (25, 10, 4)
MIN_PAIRS = 30
MIN_M, MIN_U = 1e-4, 1e-7
WEIGHT = "weight"
OTHER_LEVEL = "none of these"
EVEN_PROBABILITY = 0.5
PAIRS_QUERY = """
select distinct least(l.unit, r.unit) as join_key_l, greatest(l.unit, r.unit) as join_key_r, '0' as match_key
from keys_of_pairs as l inner join keys_of_pairs as r
on l.key = r.key
where l.unit <> r.unit
and ((l.side = 0 and r.side = 0 and l.unit < r.unit) or (l.side = 1 and r.side = 2))
and (
    (l.source <> r.source and l.open and r.open)
    or (l.source = r.source and l.fresh and r.fresh and (l.open or r.open))
)
"""


@dataclass(frozen=True, slots=True)
class Share:
    """A learned level: `m` among matches, `u` among non-matches."""

    comparison: str
    level: str
    m: float
    u: float

    @property
    def weight(self) -> float:
        return log2(self.m / self.u)


def write_levels_sql(comparison: Comparison) -> list[dict[str, Any]]:
    missing = " and ".join(f"({name}_l is null or {name}_r is null)" for name in comparison.compares)
    levels: list[dict[str, Any]] = [{"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}]
    for level in comparison.levels:
        ways = (" and ".join(write_condition_sql(condition) for condition in way) for way in level.ways)
        levels.append({"sql_condition": " or ".join(f"({way})" for way in ways), "label_for_charts": level.label})
    return [*levels, {"sql_condition": "ELSE", "label_for_charts": OTHER_LEVEL}]


def build_settings(rules: LinkageRules, shares: tuple[Share, ...] = ()) -> dict[str, Any]:
    known = {(share.comparison, share.level): share for share in shares}
    comparisons = []
    for comparison in rules.comparisons:
        levels = write_levels_sql(comparison)
        for level in levels:
            share = known.get((comparison.name, level["label_for_charts"]))
            if share:
                level.update({"m_probability": share.m, "u_probability": share.u})
        comparisons.append({"output_column_name": comparison.name, "comparison_levels": levels})
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": UNIT,
        "probability_two_random_records_match": EVEN_PROBABILITY,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": ["1=0"],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


@contextmanager
def silence_splink() -> Iterator[None]:
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.setLevel(level)


@contextmanager
def open_duckdb(folder: Path, memory: str) -> Iterator[DuckDBPyConnection]:
    try:
        import duckdb
    except ImportError:
        raise MissingLibrary("DuckDB is not installed.", hint=MISSING_LIBRARIES) from None
    try:
        session = duckdb.connect(config={"temp_directory": str(folder / "duckdb"), "memory_limit": memory})
    except duckdb.Error:
        raise SdmxmigError(f"“{memory}” is not an amount of memory.", hint="Write for example 4GB.") from None
    try:
        yield session
    except duckdb.OutOfMemoryException:
        raise SdmxmigError(
            f"{memory} of memory is not enough.", hint="Increase --memory, for example to 4GB."
        ) from None
    except duckdb.IOException:
        raise SdmxmigError(
            "DuckDB cannot write temporary files to the disk.", hint="Free disk space, or set TMPDIR to another folder."
        ) from None
    finally:
        session.close()


def build_linker(session: DuckDBPyConnection, path: Path, settings: Mapping[str, Any]) -> tuple[Any, Any]:
    try:
        from splink import DuckDBAPI, Linker
    except ImportError:
        raise MissingLibrary("splink is not installed.", hint=MISSING_LIBRARIES) from None
    database = DuckDBAPI(session)
    records = database.register(session.read_parquet(str(path)))
    return database, Linker(records, dict(settings), log_level=None, validate_settings=False)


def learn_probabilities(session: DuckDBPyConnection, path: Path, rules: LinkageRules) -> tuple[Share, ...]:
    """Learn level probabilities without known matches.

    u from random pairs, m by expectation maximisation within training blocks; independent of order. Empty if too few
    pairs agree or a closest level counts against.
    """
    with silence_splink():
        if not has_enough_pairs(path, rules):
            return ()
        model = next(filter(None, (train_model(session, path, rules, turns) for turns in TRAINING_ROUNDS)), None)
    if model is None:
        return ()
    by_comparison = [tuple(read_shares(comparison)) for comparison in model["comparisons"]]
    sensible = all(shares[0].weight > 0 for shares in by_comparison)
    return tuple(share for shares in by_comparison for share in shares) if sensible else ()


def train_model(session: DuckDBPyConnection, path: Path, rules: LinkageRules, turns: int) -> dict[str, Any] | None:
    """Train splink; None on underflow of rare levels."""
    records = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    settings = {
        **build_settings(rules),
        "probability_two_random_records_match": 1 / records,
        "max_iterations": turns,
    }
    _, linker = build_linker(session, path, settings)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=U_PAIRS, seed=rules.seed, min_count_per_level=None, num_chunks=1
    )
    for columns in rules.training:
        agreed = " and ".join(f"l.{name} = r.{name}" for name in columns)
        between = f" and l.{SOURCE} <> r.{SOURCE}" if has_several_sources(path) else ""
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                agreed + between, max_pairs=EM_PAIRS, record_sample_proportion=0.2
            )
        except ValueError as error:
            if "below the minimum allowed" not in str(error):
                raise
            return None
    model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def has_enough_pairs(path: Path, rules: LinkageRules) -> bool:
    records = pl.scan_parquet(path)
    between = has_several_sources(path)
    for columns in rules.training:
        sizes = records.drop_nulls(list(columns)).group_by(*columns, SOURCE).len()
        if between:
            ends = sizes.group_by(columns).agg(pl.col("len").product(), pl.len().alias("sources"))
            pairs = ends.filter(pl.col("sources") > 1).select(pl.col("len").sum())
        else:
            pairs = sizes.select((pl.col("len") * (pl.col("len") - 1) // 2).sum())
        if int(pairs.collect().item() or 0) < MIN_PAIRS:
            return False
    return True


def has_several_sources(path: Path) -> bool:
    return bool(pl.scan_parquet(path).select(pl.col(SOURCE).n_unique()).collect().item() > 1)


def read_shares(comparison: Mapping[str, Any]) -> Iterator[Share]:
    for level in comparison["comparison_levels"]:
        if not level.get("is_null_level"):
            m, u = level.get("m_probability") or 0, level.get("u_probability") or 0
            yield Share(
                comparison["output_column_name"],
                level["label_for_charts"],
                m=float(f"{max(m, MIN_M):.{DIGITS}g}"),
                u=float(f"{max(u, MIN_U):.{DIGITS}g}"),
            )


def weigh_pairs(
    session: DuckDBPyConnection, records: Path, keys: Path, rules: LinkageRules, shares: tuple[Share, ...]
) -> pl.DataFrame:
    """Return the weights of pairs (`unit_l`, `unit_r`), to three decimals."""
    with silence_splink():
        database, linker = build_linker(session, records, build_settings(rules, shares))
        session.read_parquet(str(keys)).create_view("keys_of_pairs", replace=True)
        session.execute(f"create or replace table pairs_of_keys as {PAIRS_QUERY}")
        pairs = database.register(session.table("pairs_of_keys"))
        linker.table_management.register_blocked_pairs_for_predict(pairs)
        scored = linker.inference.predict(warning_mode="never")
        scores = session.table(scored.physical_name)
        frame: pl.DataFrame = scores.select("unit_l", "unit_r", "match_weight").pl()
        linker.table_management.invalidate_cache()
        database.delete_tables_created_by_splink_from_db()
    return frame.select(
        pl.min_horizontal("unit_l", "unit_r").alias(ONE),
        pl.max_horizontal("unit_l", "unit_r").alias(OTHER),
        pl.col("match_weight").round(3).alias(WEIGHT),
    ).sort(ONE, OTHER)


OPEN, FRESH, SLICE, SIDE = "open", "fresh", "slice", "side"
BIRTH_FIELDS = frozenset({"birth", "birth_year", "birth_sure"})
REST_LEVEL = -1
"""The slice of pairs from blocks that do not name the year."""


def build_blocking_keys(records: pl.DataFrame, rules: LinkageRules, slices: int) -> tuple[pl.DataFrame, int]:
    """Build the blocking keys of records, in slices of similar size by year of birth.

    Returns `unit`, `source`, `open`, `fresh`, `key`, `side` (0 either, 1, 2), `slice`, and the number of blocks that
    are too large.
    """
    year_slice = assign_slices(records, slices)
    tables = [
        select_block_keys(records, block).with_columns(pl.lit(number, dtype=pl.Int8).alias("block"))
        for number, block in enumerate(rules.blocks)
    ]
    keys = pl.concat(tables)
    sizes = keys.group_by("block", KEY).agg(
        pl.len().alias("size"), pl.col(OPEN).any().alias("any_open"), pl.col(SIDE).n_unique().alias("sides")
    )
    large = sizes.filter(pl.col("any_open") & (pl.col("size") > rules.largest_block))
    useful = sizes.filter(pl.col("any_open") & (pl.col("size") > 1) & (pl.col("size") <= rules.largest_block))
    yearly = {number: bool(BIRTH_FIELDS & set(block.equal)) for number, block in enumerate(rules.blocks)}
    kept = keys.join(useful.select("block", KEY), on=["block", KEY]).join(year_slice, on=UNIT, how="left")
    in_slice = pl.when(pl.col("block").replace_strict(yearly, return_dtype=pl.Boolean)).then(pl.col(SLICE))
    kept = kept.with_columns(in_slice.fill_null(REST_LEVEL).alias(SLICE))
    salted = kept.with_columns(pl.struct("block", KEY).hash(seed=0).alias(KEY)).drop("block")
    return salted.sort(SLICE, KEY, UNIT, SIDE), large.height


def select_block_keys(records: pl.DataFrame, block: Block) -> pl.DataFrame:
    mine = compute_keys(records, block.equal).with_columns(pl.lit(0, dtype=pl.Int8).alias(SIDE))
    if block.other != block.equal:
        names = dict(zip(block.other, block.equal, strict=True))
        others = records.select(UNIT, SOURCE, *block.other).rename(names)
        theirs = compute_keys(others, block.equal).with_columns(pl.lit(2, dtype=pl.Int8).alias(SIDE))
        mine = pl.concat([mine.with_columns(pl.lit(1, dtype=pl.Int8).alias(SIDE)), theirs])
    return mine.join(records.select(UNIT, OPEN, FRESH), on=UNIT)


def assign_slices(records: pl.DataFrame, slices: int) -> pl.DataFrame:
    by_year = records.group_by("birth_year").len().drop_nulls().sort("birth_year")
    share = (pl.col("len").cum_sum() - pl.col("len") / 2) / pl.col("len").sum()
    numbered = by_year.select("birth_year", (share * slices).floor().cast(pl.Int64).clip(0, slices - 1).alias(SLICE))
    return records.select(UNIT, "birth_year").join(numbered, on="birth_year", how="left").select(UNIT, SLICE)


LIKELY, LINKED = "likely", "linked"
MAX_ROUNDS = 30
STRONG_SHARE = 0.9
DECIMALS = 6
FIRST_SHARE = 0.1
"""Initial share of records of the smaller source with a further pair."""
MAX_STRONGEST = 200
"""Maximum weight: practically certain, and still a finite power of two."""


def decide_links(
    pairs: pl.DataFrame, possible: int, known: int, rules: LinkageRules, *, exclusive: bool
) -> tuple[pl.DataFrame, float]:
    """Return decided pairs (`unit_l`, `unit_r`, `likely`, `linked`), and the minimum likelihood of a link.

    `pairs` has `unit_l`, `unit_r`, `weight` and perhaps `likely`, a lower bound. `possible` is the number of all pairs.
    `exclusive` allows one partner each. Links have a likelihood above one half and keep within the declared share of
    false links.
    """
    weighed = pairs.with_columns(times=2.0 ** pl.col(WEIGHT).clip(-MAX_STRONGEST, MAX_STRONGEST))
    if exclusive:
        rivals = pl.col("times").sum().over(ONE) + pl.col("times").sum().over(OTHER) - pl.col("times")
        weighed = weighed.with_columns(rivals=rivals)
    else:
        weighed = weighed.with_columns(rivals=pl.col("times"))
    expected = FIRST_SHARE * max(1, known)
    for _ in range(MAX_ROUNDS):
        prior = min(EVEN_PROBABILITY, (known + expected) / max(1, possible))
        odds = prior / (1 - prior)
        likely = odds * pl.col("times") / (1 + odds * pl.col("rivals"))
        expected = round(float(weighed.select(likely.sum()).item()), 3)
    known_before = pl.col(LIKELY) if LIKELY in weighed.columns else pl.lit(0.0)
    weighed = weighed.with_columns(pl.max_horizontal(likely, known_before).round(DECIMALS).alias(LIKELY))
    least = compute_threshold(weighed[LIKELY], 1 - rules.false_links / 1000, known)
    judged = weighed.with_columns((pl.col(LIKELY) >= least).alias(LINKED)).drop("times", "rivals", WEIGHT)
    return judged.sort(ONE, OTHER), least


def compute_threshold(likely: pl.Series, target: float, certain: int = 0) -> float:
    """Compute the threshold for the target share of true links; `certain` links count as true.

    >>> compute_threshold(pl.Series([1.0, 0.99, 0.9, 0.2]), 0.96)
    0.9
    >>> compute_threshold(pl.Series([0.6]), 0.96) > 1
    True
    """
    levels = (
        likely.filter(likely > EVEN_PROBABILITY)
        .alias(LIKELY)
        .to_frame()
        .group_by(LIKELY)
        .len()
        .sort(LIKELY, descending=True)
    )
    true = (pl.col(LIKELY) * pl.col("len")).cum_sum() + certain
    enough = levels.filter(true / (pl.col("len").cum_sum() + certain) >= target)[LIKELY]
    lowest = enough.min()
    return float(str(lowest)) if lowest is not None else 1.1


def combine_person_pairs(pairs: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    apart = (
        add_persons(pairs, persons)
        .filter(pl.col(PERSON) != pl.col(f"{PERSON}_r"))
        .select(
            pl.min_horizontal(PERSON, f"{PERSON}_r").alias(ONE),
            pl.max_horizontal(PERSON, f"{PERSON}_r").alias(OTHER),
            WEIGHT,
        )
    )
    return apart.group_by(ONE, OTHER).agg(pl.col(WEIGHT).max()).sort(ONE, OTHER)


def raise_likelihood_by_third(within: pl.DataFrame, between: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Raise the likelihood of pairs within a source through a third record.

    Pairs with a negative weight or two different numbers are not raised.
    """
    strong = between.filter(pl.col(LIKELY) >= STRONG_SHARE)
    sides = [strong.select(third=third, unit=side, alone=LIKELY) for third, side in ((ONE, OTHER), (OTHER, ONE))]
    both = [side.join(side, on="third", suffix="_r").filter(pl.col(UNIT) < pl.col(f"{UNIT}_r")) for side in sides]
    likely = pl.concat(both).select(
        pl.col(UNIT).alias(ONE), pl.col(f"{UNIT}_r").alias(OTHER), (pl.col("alone") * pl.col("alone_r")).alias(LIKELY)
    )
    best = drop_conflicting_numbers(likely.group_by(ONE, OTHER).agg(pl.col(LIKELY).max()), numbered)
    joined = within.join(best, on=[ONE, OTHER], how="left", maintain_order="left")
    return joined.with_columns(pl.when(pl.col(WEIGHT) > 0).then(pl.col(LIKELY)).fill_null(0.0))


def drop_conflicting_numbers(pairs: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    sides = [numbered.select(pl.col(PERSON).alias(side), pl.col("number").alias(side[-1])) for side in (ONE, OTHER)]
    both = pairs.select(ONE, OTHER).join(sides[0], on=ONE).join(sides[1], on=OTHER)
    two = both.group_by(ONE, OTHER).agg((pl.col("l") == pl.col("r")).any().alias("common")).filter(~pl.col("common"))
    return pairs.join(two, on=[ONE, OTHER], how="anti", maintain_order="left")


def sum_by_kind(pairs: pl.DataFrame, records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    source = records.select(UNIT, SOURCE)
    named = pairs.join(source, left_on=ONE, right_on=UNIT).join(source, left_on=OTHER, right_on=UNIT, suffix="_r")
    same = pl.col(SOURCE) == pl.col(f"{SOURCE}_r")
    between, within = named.filter(~same), named.filter(same)
    return between.select(ONE, OTHER, WEIGHT), within.select(ONE, OTHER, WEIGHT)
