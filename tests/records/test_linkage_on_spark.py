"""Linkage on Apache Spark, in one local session: the weights of pairs are those of DuckDB, and so are the links."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from test_linkage import FIRST, SECOND
from test_linkage_names import RULES, ready
from test_linkage_weights import NOBODY, SHARES

from sdmxmig.records.engines import DUCKDB, SPARK, open_engine
from sdmxmig.records.linkage.linking import Work, linkage_of
from sdmxmig.records.linkage.preparation import together
from sdmxmig.records.linkage.probabilities import build_blocking_keys, weigh_pairs
from sdmxmig.records.linkage.stages import link_by_stages

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]


def test_weights_and_links_on_spark_are_those_of_duckdb(tmp_path: Path) -> None:
    sources = {"a": ready(FIRST), "b": ready(SECOND)}
    everybody = together(sources)
    linked, _, _ = link_by_stages(everybody, RULES, NOBODY)
    closed = [*linked["unit_l"], *linked["unit_r"]]
    everybody = everybody.with_columns(open=~pl.col("unit").is_in(closed), fresh=pl.lit(value=True))
    everybody.write_parquet(tmp_path / "records.parquet")
    build_blocking_keys(everybody, RULES, 1)[0].write_parquet(tmp_path / "keys.parquet")
    weights, persons = [], []
    for name in (DUCKDB, SPARK):
        scratch = tmp_path / name
        scratch.mkdir()
        with open_engine(name, scratch, memory="1GB", master="local[1]") as engine:
            if name == SPARK:
                engine.session.conf.set("spark.sql.shuffle.partitions", "1")
            pairs = weigh_pairs(engine, tmp_path / "records.parquet", tmp_path / "keys.parquet", (RULES, SHARES))
            weights.append(pairs)
            linkage = linkage_of(sources, RULES, Work(engine, scratch, folder=scratch))
            persons.append(linkage.records.select("unit", "person"))
    assert weights[0].equals(weights[1])
    assert weights[0].height > 15
    same = (persons[0]["person"] == persons[1]["person"]).sum()
    assert same >= 0.99 * persons[0].height, "what is learned comes from other samples of pairs"
