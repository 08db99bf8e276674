"""Simulated sources: each fault has its declared rate, the truth does not leak, and a seed repeats the files."""

from __future__ import annotations

import csv
from math import sqrt
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from folders import ROOT

from sdmxmig.cli import cli
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.files import TABLES
from sdmxmig.records.simulation.true_tables import World
from sdmxmig.workspace.tasks.simulating import simulate

TABLES_OF_FAULTS = ROOT / "structures" / "simulation"
DECLARED = {
    name: list(csv.DictReader((TABLES_OF_FAULTS / f"{name}_faults.csv").read_text(encoding="utf-8").splitlines()))
    for name in ("linkage", "source")
}
SOURCES = ("border", "register", "permits", "social", "survey")
NO_FAULT = {"TWINS", "COMMON-NAME"}
FURTHER = {
    "movements": {"known_from", "source_detail"},
    "persons": {"known_from"},
    "permits": {"source_detail"},
    "signs": {"source_detail"},
    "survey": {"source_detail"},
}


def made(folder: Path, persons: int, *, has_faults: bool = True, seed: int = 11) -> Path:
    simulate(World(persons, seed, first_year=2018, last_year=2021), folder, has_faults=has_faults)
    return folder


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("faulty"), 8_000)


@pytest.fixture(scope="module")
def perfect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("perfect"), 1500, has_faults=False)


def table(folder: Path, source: str, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "sources" / source / f"simulated_{name}.parquet")


def true(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "truth" / f"simulated_{name}.parquet")


def true_records(folder: Path, source: str) -> pl.DataFrame:
    """The records of a source without its faults."""
    return true(folder, f"links_{source}").join(true(folder, "identities"), on="person").sort("record")


def rows_of(source: str) -> list[dict[str, str]]:
    """The faults of records of a source, as the head of their table says: its own rows before those of any."""
    own = {(row["kind"], row["field"], row["applies_to"]) for row in DECLARED["linkage"] if row["source"] == source}
    return [
        row
        for row in DECLARED["linkage"]
        if row["kind"] not in NO_FAULT
        and (
            row["source"] == source
            or (row["source"] == "any" and (row["kind"], row["field"], row["applies_to"]) not in own)
        )
    ]


def within(count: int, number: int, rate: float) -> bool:
    """Whether a count of so many draws is one that a rate gives but once in about 100,000 cases."""
    return abs(count - number * rate) <= 4.5 * sqrt(number * rate * (1 - rate)) + 1


@pytest.mark.parametrize("source", SOURCES)
def test_faults_occur_at_their_declared_rates(country: Path, source: str) -> None:
    records = true_records(country, source)
    faults = true(country, f"faults_{source}")
    counted = {
        (kind, field, group): count
        for kind, field, group, count in faults.group_by("kind", "field", "group").len().iter_rows()
    }
    foreign = records.filter(pl.col("c_citizen") != "XA").height
    numbers = {"everybody": records.height, "foreign-citizens": foreign}
    checked = 0
    for row in rows_of(source):
        number = numbers.get(row["applies_to"])
        if number:
            count = counted.get((row["kind"], row["field"], row["applies_to"]), 0)
            if source == "border" and row["applies_to"] == "foreign-citizens":
                continue  # a second document has another citizenship, and is no true record
            assert within(count, number, float(row["rate"])), (row, count, number)
            checked += 1
    assert checked >= 5


@pytest.mark.parametrize("source", SOURCES)
def test_sources_contain_only_declared_faults(country: Path, source: str) -> None:
    declared = {(row["kind"], row["field"], row["applies_to"]) for row in rows_of(source)}
    declared |= {(row["kind"], "", row["applies_to"]) for row in DECLARED["source"] if row["source"] == source}
    faults = true(country, f"faults_{source}").select("kind", "field", "group").unique()
    assert set(faults.iter_rows()) <= declared


@pytest.mark.parametrize("source", ["permits", "social", "survey"])
def test_records_without_fault_equal_the_truth(country: Path, source: str) -> None:
    spoilt = true(country, f"faults_{source}").filter(pl.col("field") != "")["record"].unique()
    identities = table(country, source, "identities").drop("simulated").sort("record")
    right = true_records(country, source).select(identities.columns)
    sound = ~identities["record"].is_in(spoilt.implode())
    assert 0.5 < sound.mean() < 1
    assert identities.filter(sound).equals(right.filter(sound))
    changed = identities.filter(~sound)
    assert sum(a != b for a, b in zip(changed.rows(), right.filter(~sound).rows(), strict=True)) > 0.7 * len(spoilt)


def test_crossings_are_missed_and_duplicated_at_their_rates(country: Path) -> None:
    crossings = true(country, "movements")
    faults = true(country, "faults_border").filter(pl.col("field") == "")
    for way in ("air", "land"):
        for direction, kind in (("EXIT", "MISSED-EXIT"), ("ENTRY", "MISSED-ENTRY")):
            rate = next(
                float(row["rate"])
                for row in DECLARED["source"]
                if row["kind"] == kind and row["applies_to"] == f"{way}-crossings"
            )
            hit = faults.filter((pl.col("kind") == kind) & (pl.col("group") == f"{way}-crossings"))
            true_ones = crossings.filter((pl.col("way") == way) & (pl.col("direction") == direction))
            assert within(hit.height, true_ones.height, rate)
            found = hit["record"].cast(pl.UInt32).is_in(true_ones["crossing"].cast(pl.UInt32).implode())
            assert found.all()
    missing = faults.filter(pl.col("kind").str.starts_with("MISSED") | (pl.col("kind") == "NOT-IN-SOURCE"))["record"]
    doubled = faults.filter(pl.col("kind") == "DOUBLE-RECORD")
    recorded = table(country, "border", "movements")
    assert recorded.height == crossings.height - missing.n_unique() + doubled.height
    assert within(doubled.height, crossings.height - missing.n_unique(), 0.01)


def test_simulated_sources_do_not_reveal_the_truth(country: Path) -> None:
    columns = {kind.name: {column.name for column in kind.columns} for kind in TABLES}
    people = set(true(country, "persons")["person"])
    seen = set()
    for path in sorted((country / "sources").rglob("*")):
        if path.is_file():
            frame = pl.read_parquet(path)
            name = path.stem.removeprefix("simulated_")
            seen.add(name)
            assert set(frame.columns) <= columns[name] | FURTHER.get(name, set()) | {"simulated"}, path.name
            assert frame["simulated"].all()
            for column in frame.select(pl.col(pl.String)):
                assert people.isdisjoint(column.drop_nulls().unique()), (path.name, column.name)
    assert seen == {"movements", "identities", "persons", "citizenships", "permits", "signs", "survey"}


def test_ages_of_the_survey_are_completed_years_on_its_last_day(perfect: Path) -> None:
    survey = table(perfect, "survey", "survey").join(true(perfect, "links_survey"), on="record")
    born = survey.join(true(perfect, "persons").select("person", "birth_date"), on="person")
    assert born.height > 300
    for age, day in born.select("age", "birth_date").iter_rows():
        assert age == 2021 - day.year - ((day.month, day.day) > (12, 31))


def test_equal_seeds_write_identical_bytes(tmp_path: Path) -> None:
    runner = CliRunner()
    for name in ("a", "b"):
        arguments = ["simulate", "--persons", "300", "--seed", "5", "--years", "2018-2020", "-o", str(tmp_path / name)]
        assert runner.invoke(cli, arguments).exit_code == 0
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(files) > 20
    assert [
        path for path in files if (tmp_path / "a" / path).read_bytes() != (tmp_path / "b" / path).read_bytes()
    ] == []
    assert all(path.name.startswith("simulated_") for path in files if path.name != "README.md")
    assert "The persons in these files are fictional" in (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    parquet = tmp_path / "a" / "sources" / "border" / "simulated_movements.parquet"
    assert "does not exist" in pl.read_parquet_metadata(parquet)["simulated"]


@pytest.mark.parametrize(
    ("persons", "seed", "years"),
    [(10, 1, (2018, 2020)), (1000, -1, (2018, 2020)), (1000, 1, (2020, 2018)), (1000, 1, (1800, 1801))],
)
def test_impossible_simulations_are_refused(persons: int, seed: int, years: tuple[int, int], tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError):
        simulate(World(persons, seed, first_year=years[0], last_year=years[1]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_example_of_five_sources_equals_output_of_its_command(tmp_path: Path) -> None:
    simulate(World(2000, 2025, first_year=2018, last_year=2021), tmp_path)
    example = ROOT / "examples" / "integrated"
    files = [path for path in sorted(example.rglob("simulated_*")) if path.is_file()]
    assert len(files) > 15
    for path in files:
        read = pl.read_parquet if path.suffix == ".parquet" else pl.read_csv
        assert read(path).equals(read(tmp_path / path.relative_to(example))), path.name


def test_departures_are_registered_late_or_never(country: Path) -> None:
    residence = true(country, "residence").with_columns(after=pl.col("here").shift(-1).over("person"))
    left = residence.filter(pl.col("here") & ~pl.col("after").fill_null(value=True))
    citizens = true(country, "identities").select("person", native=pl.col("c_citizen") == "XA")
    left = left.join(citizens, on="person")
    faults = true(country, "faults_register")
    for native, group in ((True, "emigrants-native"), (False, "emigrants-foreign")):
        number = left.filter(pl.col("native") == native).height
        for kind in ("NEVER-DEREGISTERED", "LATE-DEREGISTRATION"):
            rate = next(
                float(row["rate"]) for row in DECLARED["source"] if (row["kind"], row["applies_to"]) == (kind, group)
            )
            if kind == "LATE-DEREGISTRATION":  # nobody is late who is never entered
                never = faults.filter((pl.col("kind") == "NEVER-DEREGISTERED") & (pl.col("group") == group)).height
                number -= never
            count = faults.filter((pl.col("kind") == kind) & (pl.col("group") == group)).height
            assert within(count, number, rate), (kind, group, count, number)
