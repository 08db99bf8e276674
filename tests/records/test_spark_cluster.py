"""A Spark cluster of one master and one worker on this machine derives and links; more than that is not tried."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
import pytest
from made_records import movements_of, number, persons_of, written
from night_by_night import random_person
from test_linkage import FIRST, KEY, OF_BACKGROUND, SECOND, together_pairs
from test_linkage import written as written_identities

from sdmxmig.cli import run
from sdmxmig.records.engines import WORKER_SECONDS

HOST = "127.0.0.1"
DEPLOY = "org.apache.spark.deploy"
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": QUICK,
    "spark.executor.extraJavaOptions": QUICK,
}
"""For so few rows, to compile plans takes longer than to run them."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5 * WORKER_SECONDS
    while not condition():
        assert time.monotonic() < end, "it does not start"
        time.sleep(0.2)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), 1):
        return True
    return False


@contextmanager
def started(log: Path, *words: str) -> Iterator[None]:
    """A process of the cluster, which ends with the block."""
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    place = {**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_WORKER_DIR": str(log.parent / "work")}
    with (
        log.open("wb") as output,
        subprocess.Popen([program, *words], env=place, stdout=output, stderr=output) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def master(folder: Path) -> Iterator[str]:
    """The address of a master that has no worker."""
    port = free_port()
    words = ("--host", HOST, "--port", str(port), "--webui-port", "0")
    with started(folder / "master.log", f"{DEPLOY}.master.Master", *words):
        wait_for(lambda: answers(port))
        yield f"spark://{HOST}:{port}"


def asked(folder: Path) -> list[str]:
    """A request for the records of 200 random persons."""
    dice = random.Random(8)
    people = {f"P{index}": random_person(dice, number("2018-01-01"), number("2022-12-31")) for index in range(200)}
    paths = written(folder, movements=movements_of(people), persons=persons_of(people))
    files = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    days = ["--from", "2018-01-01", "--to", "2022-12-31", "--year", "2020", "--now", "2026-01-31T12:00:00+00:00"]
    return ["derive", *files, "--area", "MD", "--rule", "R12_16", *days]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None]]:
    """Runs a command on a cluster of one master and one worker."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "conf").mkdir()
    settings = "".join(f"{name} {value}\n" for name, value in SMALL.items())
    (folder / "conf" / "spark-defaults.conf").write_text(settings, encoding="utf-8")
    secret = {"SDMXMIG_SECRET_LINKAGE": KEY}
    place = {**os.environ, **secret, "SPARK_LOCAL_IP": HOST, "SPARK_CONF_DIR": str(folder / "conf")}
    with master(folder) as address:
        worker = ("--host", HOST, "--cores", "1", "--memory", "1g", "--webui-port", "0", address)
        with started(folder / "worker.log", f"{DEPLOY}.worker.Worker", *worker):

            def runs(*words: str, into: Path) -> None:
                there = ["--engine", "spark", "--master", address, "--memory", "1GB", "-o", str(into)]
                call = [sys.executable, "-m", "sdmxmig", *words, *there]
                done = subprocess.run(call, env=place, check=False, capture_output=True, text=True)
                assert done.returncode == 0, done.stderr

            yield runs


@pytest.mark.long
def test_a_cluster_on_this_machine_writes_what_polars_writes(cluster: Callable[..., None], tmp_path: Path) -> None:
    words = asked(tmp_path)
    assert run([*words, "-o", str(tmp_path / "here")]) == 0
    cluster(*words, into=tmp_path / "there")
    names = sorted(path.name for path in (tmp_path / "here").glob("*.csv"))
    assert names == ["DF_ACCOUNT.csv", "DF_EMI.csv", "DF_IMM.csv", "DF_POP.csv", "findings.csv"]
    for name in names:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes(), name


@pytest.mark.long
def test_a_cluster_on_this_machine_links_who_is_who(cluster: Callable[..., None], tmp_path: Path) -> None:
    words = [
        word
        for name, path in written_identities(tmp_path, a=FIRST, b=SECOND).items()
        for word in ("--identities", f"{name}={path}")
    ]
    cluster("link", *words, into=tmp_path / "linked")
    links = pl.read_parquet(tmp_path / "linked" / "links.parquet")
    links = links.with_columns(truth=pl.col("record").replace_strict(OF_BACKGROUND, return_dtype=pl.String))
    joined, true = together_pairs(links, "person"), together_pairs(links, "truth")
    assert len(joined & true) / len(joined) >= 0.99
    assert len(joined & true) / len(true) >= 0.95


@pytest.mark.long
def test_a_master_without_a_worker_is_not_waited_for_for_ever(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdmxmig.records.engines.WORKER_SECONDS", 2)
    monkeypatch.setenv("SPARK_LOCAL_IP", HOST)
    with master(tmp_path) as address:
        words = ["--engine", "spark", "--master", address, "--memory", "1GB", "-o", str(tmp_path / "there")]
        assert run([*asked(tmp_path), *words]) != 0
    assert "has provided no worker for 2 seconds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "said"),
    [("nonsense", "not an address"), ("local[0]", "not an address"), (f"spark://{HOST}:1", "does not answer")],
)
def test_invalid_or_unreachable_address_is_refused(
    address: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "movements.csv").write_text("person,date,direction\nA,2020-01-01,ENTRY\n", encoding="utf-8")
    words = ["derive", "--movements", str(tmp_path / "movements.csv"), "--area", "MD", "--rule", "R12_16"]
    days = ["--from", "2019-01-01", "--to", "2021-12-31", "-o", str(tmp_path / "out")]
    assert run([*words, *days, "--engine", "spark", "--master", address]) != 0
    assert said in capsys.readouterr().err
