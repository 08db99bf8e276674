"""The same rules on Apache Spark, in one local session, give the results of counting nights."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from made_records import AREA, movements_of, number, persons_of, written
from night_by_night import crossing_rule, random_person
from shipped import CATALOGUE

from sdmxmig.records.crossing_rules import determine_outcomes
from sdmxmig.records.days import Observation, Period
from sdmxmig.records.derivation import derive_events
from sdmxmig.records.engines import POLARS, SPARK, Engine, collect, open_engine, scan_table
from sdmxmig.records.questions import Derivation, Question, Records
from sdmxmig.records.residence_rules import build_rule
from sdmxmig.records.spells import CROSSING, build_spells

FIRST, UNTIL = number("2019-01-01"), number("2023-01-01")
OBSERVED = Observation(AREA, FIRST, until=UNTIL)
RULES = CATALOGUE.item_scheme("CL_RES_RULE")
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""For so few rows, to compile plans, and what runs them, takes longer than to run them."""
PERIOD = Period("2021", number("2021-01-01"), end=number("2022-01-01"))


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Spark itself opens sockets and threads that it closes when the process ends."""
    conf = tmp_path_factory.mktemp("conf")
    settings = "".join(f"{name} {value}\n" for name, value in SMALL.items())
    (conf / "spark-defaults.conf").write_text(settings, encoding="utf-8")
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("SPARK_CONF_DIR", str(conf))
        with open_engine(SPARK, tmp_path_factory.mktemp("spark"), memory="1GB", master="local[1]") as engine:
            yield engine


def tables(folder: Path, count: int) -> tuple[dict[str, Path], dict[str, object]]:
    dice = random.Random(77)
    people = {f"P{index}": random_person(dice, FIRST, UNTIL) for index in range(count)}
    return written(folder, movements=movements_of(people), persons=persons_of(people)), dict(people)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.sampled(3)
def test_outcomes_on_spark_are_those_of_nights(spark: Engine, tmp_path: Path) -> None:
    paths, people = tables(tmp_path, 40)
    rule = build_rule("R12_16", RULES)
    spells = build_spells(scan_table(spark, paths["movements"]), scan_table(spark, paths["persons"]), OBSERVED)
    rows = collect(spark, determine_outcomes(spells, rule, OBSERVED)).filter(pl.col("origin") == CROSSING)
    expected = [
        (name, when, outcome)
        for name, person in people.items()
        for when, _, outcome in crossing_rule(person, FIRST, UNTIL, needed=365, window=487)
    ]
    assert sorted(rows.select("person", "begin", "outcome").rows()) == sorted(expected)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("code", ["R6", "R12", "REU28", "R9_12", "R12_12", "R183_183"])
def test_events_on_spark_are_those_of_polars(code: str, spark: Engine, tmp_path: Path) -> None:
    paths, _ = tables(tmp_path, 120)
    events = []
    with open_engine(POLARS, tmp_path) as polars:
        for engine in (spark, polars):
            records = Records(scan_table(engine, paths["movements"]), persons=scan_table(engine, paths["persons"]))
            question = Question(build_rule(code, RULES), OBSERVED, periods=(PERIOD,))
            rows = collect(engine, derive_events(Derivation(engine, records, question=question)).rows)
            columns = ("person", "at", "direction", "outcome", "weight")
            events.append(sorted(rows.select(*columns).rows()))
    assert events[0] == events[1]
    assert events[0]
