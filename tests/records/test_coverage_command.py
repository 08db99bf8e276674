"""`sdmxmig coverage`: a planted population is recovered, useless input is refused, small counts are protected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from case_tables import cases_from, listed
from console import Console

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.coverage_rules import load_coverage_rules

YEARS = range(2018, 2024)
SOME_COUNTRIES = ["AF", "AL", "DZ", "AO", "AR", "AM", "AU", "AT", "AZ", "BD", "BY", "BE", "BJ", "BO", "BA", "BR", "BG"]
ACTIVE = {"health": (0.8, 0.02), "tax": (0.6, 0.05)}


def country(folder: Path, seed: int, size: int = 12_000) -> dict[str, float]:
    """Files of a made-up country on 1 January 2024: foreigners leave more often, and are missed more often.

    In the register are nine of ten persons who live there, and most of those who have left since 2018; the survey has
    every fourth person who lives there, the census three of four. The result is the truth.
    """
    random = np.random.default_rng(seed)
    foreign = random.random(size) < 0.25
    left = random.random(size) < np.where(foreign, 0.25, 0.04)
    exit_year = np.where(left, random.integers(2019, 2024, size), 9999)
    resident = ~left
    names = np.array([f"SECRET{number:06}" for number in range(size)])
    register = random.random(size) < np.where(foreign, 0.8, 0.93)
    survey = resident & (random.random(size) < np.where(foreign, 0.2, 0.25))
    census = resident & (random.random(size) < np.where(foreign, 0.6, 0.8))
    for name, on_list in (("survey", survey), ("census", census)):
        pl.DataFrame({"person": names[on_list]}).write_csv(folder / f"{name}.csv")
    taken_off = left & (random.random(size) < 0.4)
    register &= ~taken_off
    ends = pl.Series([f"{year}-06-15" if off else None for year, off in zip(exit_year, taken_off, strict=True)])
    days = pl.DataFrame({"person": names, "begin": "2010-01-01", "end": ends.cast(pl.String)})
    days.filter(register | taken_off).write_csv(folder / "register.csv")
    moves = days.filter(taken_off).select("person", date="end", direction=pl.lit("EXIT"))
    moves.write_csv(folder / "exits.csv")
    sex = np.where(random.random(size) < 0.5, "F", "M")
    citizen = np.where(foreign, "FR", "XA")
    pl.DataFrame({"person": names, "sex": sex, "c_citizen": citizen}).write_csv(folder / "persons.csv")
    signs = []
    for kind, chances in ACTIVE.items():
        for year in YEARS:
            active = random.random(size) < np.where(year < exit_year, *chances)
            signs.append(pl.DataFrame({"record": names[active]}).with_columns(year=pl.lit(year), sign=pl.lit(kind)))
    pl.concat(signs).write_csv(folder / "signs.csv")
    sample = random.permutation(size)[:4_000]
    known = {"person": names[sample], "resident": resident[sample]}
    days_left = [f"{year}-06-15" if year < 9999 else None for year in exit_year[sample]]
    pl.DataFrame({**known, "left": pl.Series(days_left, dtype=pl.String)}).write_csv(folder / "training.csv")
    return {
        "all": float(resident.sum()),
        "NC": float((resident & ~foreign).sum()),
        "FC": float((resident & foreign).sum()),
        "absent": float((register & left).sum()),
        "absent FC": float((register & left & foreign).sum()),
        **{str(year): float((register & (exit_year == year)).sum()) for year in range(2019, 2024)},
        **{f"off {year}": float((taken_off & (exit_year == year)).sum()) for year in range(2019, 2024)},
        "all of 2022": float(((register | taken_off) & (exit_year == 2022)).sum()),
        "all of 2023": float(((register | taken_off) & (exit_year == 2023)).sum()),
    }


PEOPLE = ["--list", "register=register.csv", "--list", "b=census.csv"]
ASKED = ["--area", "XA", "--year", "2024", "--rule", "R12"]
SIGNED = ["--signs", "signs.csv", "--training", "training.csv"]


def covered(folder: Path, *words: str) -> Path:
    """The folder in which an estimate was written; files are named without their folder."""
    named = [
        word.replace("=", f"={folder}/") if word.endswith(".csv") and "=" in word
        else str(folder / word) if word.endswith(".csv")
        else word
        for word in words
    ]  # fmt: skip
    assert run(["coverage", *ASKED, *named, "-o", str(folder / "out")]) == 0
    return folder / "out"


def figures(out: Path) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Figures of DF_POP by citizenship and sex, with the ends of their intervals."""
    result = {}
    for row in pl.read_csv(out / "DF_POP.csv", infer_schema=False).iter_rows(named=True):
        low, high = row["COMMENT_OBS"].removeprefix("95% interval ").partition(";")[0].split(" to ")
        assert row["OBS_STATUS"] == "E"
        result[row["CTZ_STATUS"], row["SEX"]] = (float(row["OBS_VALUE"]), float(low), float(high))
    return result


@pytest.mark.parametrize("lists", [("census",), ("survey", "census")], ids=["two lists", "three lists"])
def test_simulated_population_is_recovered(lists: tuple[str, ...], tmp_path: Path) -> None:
    truth = country(tmp_path, 1, 8_000)
    named = [word for name in ("register", *lists) for word in ("--list", f"{name}={name}.csv")]
    out = covered(tmp_path, *named, *SIGNED, "--persons", "persons.csv", "--by", "CTZ_STATUS", "--by", "SEX")
    stock = figures(out)
    assert stock["_T", "_T"][0] == pytest.approx(truth["all"], rel=0.015)
    for status in ("NC", "FC"):
        value, low, high = stock[status, "_T"]
        assert value == pytest.approx(truth[status], rel=0.04)
        assert low < value < high
        assert value == stock[status, "F"][0] + stock[status, "M"][0], "sums add up"
    assert stock["_T", "_T"][0] == stock["NC", "_T"][0] + stock["FC", "_T"][0]
    row = pl.read_csv(out / "DF_POP.csv", infer_schema=False).row(0, named=True)
    assert (row["INTEG_METHOD"], row["RES_RULE"], row["STOCK_METHOD"]) == ("MSE", "R12", "EST")
    assert "index of residence measured" in row["COMMENT_DSET"]


def test_over_coverage_and_exits_are_recovered_within_10_percent(tmp_path: Path) -> None:
    truth = country(tmp_path, 2, 60_000)
    signed = [*SIGNED, "--persons", "persons.csv", "--by", "CTZ_STATUS", "--exits", "exits.csv"]
    out = covered(tmp_path, "--list", "register=register.csv", *signed)
    groups = {row["CTZ_STATUS"]: row for row in pl.read_csv(out / "coverage.csv", infer_schema=False).to_dicts()}
    assert float(groups["FC"]["absent"]) == pytest.approx(truth["absent FC"], rel=0.1)
    assert float(groups["FC"]["absent"]) + float(groups["NC"]["absent"]) == pytest.approx(truth["absent"], rel=0.1)
    assert "over-coverage" in groups["FC"]["hard_to_count"]
    assert not groups["NC"]["hard_to_count"]
    exits = {
        (row["year"], row["CTZ_STATUS"]): row for row in pl.read_csv(out / "exits.csv", infer_schema=False).to_dicts()
    }
    for year in ("2019", "2020", "2021", "2022"):
        share = float(exits[year, "_T"]["not_registered"]) / truth[year]
        assert 0.65 < share < 1.1, "of the others the year is not known"
    row = exits["2021", "_T"]
    assert abs(int(row["at_least"]) - int(row["not_registered"]) - truth["off 2021"]) <= 2.5, "rounded to 5"
    by_group = sum(float(row["not_registered"]) for key, row in exits.items() if key[1] != "_T")
    assert by_group == pytest.approx(truth["absent"], rel=0.1), "stocks and flows agree"
    assert pl.read_csv(out / "DF_POP.csv", infer_schema=False)["INTEG_METHOD"].unique().to_list() == ["SOL"]
    report = (out / "coverage.md").read_text(encoding="utf-8")
    assert "Exits of persons who are still in the register" in report
    assert all(int(row["registered"]) % 5 == 0 for row in groups.values() if row["registered"])


def test_unregistered_emigration_is_estimated_as_a_flow(tmp_path: Path) -> None:
    """Of six in ten emigrants nobody took notice: the corrected flow has them, with its interval and its effect."""
    truth = country(tmp_path, 8, 12_000)
    signed = [*SIGNED, "--persons", "persons.csv", "--by", "CTZ_STATUS", "--exits", "exits.csv"]
    out = covered(tmp_path, "--list", "register=register.csv", *signed)
    rows = pl.read_csv(out / "DF_EMI.csv", infer_schema=False).to_dicts()
    flows = {(row["TIME_PERIOD"], row["CTZ_STATUS"]): row for row in rows}
    assert len(flows) == len(rows) == 3
    row = flows["2023", "_T"]
    low, high = row["COMMENT_OBS"].removeprefix("95% interval ").partition(";")[0].split(" to ")
    assert truth["off 2023"] < float(low) <= truth["all of 2023"] <= float(high), "registered exits alone are too few"
    assert float(high) - float(low) < truth["all of 2023"] / 2, "the interval says something"
    assert float(row["OBS_VALUE"]) == sum(float(flows["2023", status]["OBS_VALUE"]) for status in ("NC", "FC"))
    assert (row["DIRECTION"], row["OBS_STATUS"], row["INTEG_METHOD"]) == ("E", "E", "SOL")
    assert "by the exits of which the training sample knows it" in row["COMMENT_DSET"]
    effects = pl.read_csv(out / "effects.csv", infer_schema=False).to_dicts()
    totals = {(row["figure"], row["TIME_PERIOD"]): row for row in effects if row["CTZ_STATUS"] == "_T"}
    before, after = int(totals["emigration", "2023"]["before"]), int(totals["emigration", "2023"]["after"])
    assert abs(before - truth["off 2023"]) <= 2.5, "rounded to 5"
    assert int(totals["emigration", "2023"]["difference"]) == after - before
    assert str(after) == flows["2023", "_T"]["OBS_VALUE"]
    assert int(totals["population", "2024"]["difference"]) < 0
    training = pl.read_csv(tmp_path / "training.csv", infer_schema=False)
    off = pl.read_csv(tmp_path / "exits.csv")["person"]
    training.filter(~pl.col("person").is_in(off.implode())).write_csv(tmp_path / "training.csv")
    row = pl.read_csv(
        covered(tmp_path, "--list", "register=register.csv", *signed) / "DF_EMI.csv", infer_schema=False
    ).row(0, named=True)
    assert "late ones, and those of persons who live there, among them" in row["COMMENT_DSET"], "nobody knows"


def test_index_and_limits_of_a_run_can_be_declared(tmp_path: Path) -> None:
    """The index and the limits of a run classify again without a training sample.

    The index is the same; without the sample the residence of all persons is unknown, so that less is certain.
    """
    country(tmp_path, 9, 4_000)
    words = ["--list", "register=register.csv", "--list", "census=census.csv", "--signs", "signs.csv"]
    words += ["--exits", "exits.csv", "--round", "10"]
    first = covered(tmp_path, *words, "--training", "training.csv").rename(tmp_path / "first")
    again = covered(tmp_path, *words, "--declaration", str(first / "coverage.toml"))
    assert "no training sample is named" in (again / "coverage.md").read_text(encoding="utf-8"), "no emigration without"
    assert (first / "coverage.toml").read_bytes() == (again / "coverage.toml").read_bytes()
    with_sample, without = (pl.read_csv(folder / "coverage.csv").row(0, named=True) for folder in (first, again))
    assert with_sample["absent"] == pytest.approx(without["absent"], rel=0.15)
    widths = [row["over_high"] - row["over_low"] for row in (with_sample, without)]
    assert widths[0] < widths[1]
    both = covered(tmp_path, *words, "--training", "training.csv", "--declaration", str(first / "coverage.toml"))
    assert "measured anew in the training sample" in (both / "coverage.md").read_text(encoding="utf-8")
    pl.read_csv(tmp_path / "signs.csv").filter(pl.col("sign") != "tax").write_csv(tmp_path / "health.csv")
    lacking = ["--list", f"register={tmp_path}/register.csv", "--signs", str(tmp_path / "health.csv")]
    declared = ["--declaration", str(first / "coverage.toml"), "-o", str(tmp_path / "none")]
    assert run(["coverage", *ASKED, *lacking, *declared]) == 2, "without a tax register all seem to have left"
    text = (first / "coverage.toml").read_text(encoding="utf-8")
    stricter = text.replace("over_coverage = 0.1", "over_coverage = 0.01").replace(
        'status = "candidate"', 'status = "adopted"'
    )
    (tmp_path / "own.toml").write_text(stricter, encoding="utf-8")
    own = covered(tmp_path, *words, "--declaration", str(tmp_path / "own.toml"))
    report = (own / "coverage.md").read_text(encoding="utf-8")
    assert "over-coverage above 0.01" in report
    assert "(adopted): decay" in report
    assert "over-coverage" in pl.read_csv(own / "coverage.csv", infer_schema=False)["hard_to_count"][0]


@cases_from("records/cases/a_wrong_declaration_is_refused.csv", wrong=listed)
def test_wrong_declaration_is_refused(wrong: tuple[str, str], says: str) -> None:
    text = (find_shipped_folder("structures") / "coverage.toml").read_text(encoding="utf-8").replace(*wrong)
    with pytest.raises(SdmxmigError, match=says):
        load_coverage_rules("own.toml", text.encode())


def test_small_groups_are_merged_without_own_figure(tmp_path: Path) -> None:
    """Three persons of a third sex: neither their number nor that of the merged group is disclosed."""
    country(tmp_path, 3, 3_000)
    persons = pl.read_csv(tmp_path / "persons.csv")
    few = persons.with_columns(sex=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("_O")).otherwise("sex"))
    few.write_csv(tmp_path / "persons.csv")
    lists = ["--list", "register=register.csv", "--list", "census=census.csv"]
    out = covered(tmp_path, *lists, "--persons", "persons.csv", "--by", "SEX")
    rows = {row["SEX"]: row for row in pl.read_csv(out / "coverage.csv", infer_schema=False).to_dicts()}
    assert not rows["_O"]["population"]
    assert not rows["_O"]["registered"]
    assert rows["_O"]["refused"]
    assert len([row for row in rows.values() if row["refused"]]) == 2, "the total minus one group would tell the other"
    assert rows["together"]["population"]
    assert len(figures(out)) == 2, "the other sex, and the total"


def test_merged_small_groups_keep_total_absences(tmp_path: Path) -> None:
    """Negative estimates of absent persons in a group are compensated in others, and reported."""
    country(tmp_path, 4, 2_800)
    spread = pl.read_csv(tmp_path / "persons.csv").with_columns(
        c_citizen=pl.Series("c_citizen", SOME_COUNTRIES).gather(pl.int_range(2_800, eager=True) % len(SOME_COUNTRIES))
    )
    spread.write_csv(tmp_path / "persons.csv")
    sample = pl.read_csv(tmp_path / "training.csv").sort("person")[::2]
    sample.write_csv(tmp_path / "training.csv")
    signs = pl.read_csv(tmp_path / "signs.csv").filter((pl.col("year") == YEARS[-1]) & (pl.col("sign") == "health"))
    signs.write_csv(tmp_path / "signs.csv")
    given = ["--list", "register=register.csv", "--signs", "signs.csv", "--training", "training.csv", "--round", "3"]
    absent = []
    for words in ([], ["--persons", "persons.csv", "--by", "C_CITIZEN"]):
        rows = pl.read_csv(covered(tmp_path, *given, *words) / "coverage.csv", infer_schema=False)
        absent.append(int(rows["absent"][-1]))
    assert absent[0] == absent[1]
    assert (
        " fewer persons are silent than if all were residents: nobody is" in (tmp_path / "out/coverage.md").read_text()
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--list", "register=register.csv"], "One list cannot show"),
        (
            ["--list", "register=register.csv", "--list", "b=census.csv", "--by", "SEX"],
            "The table of persons is missing",
        ),
        (["--list", "register=register.csv", "--signs", "signs.csv"], "need a training sample"),
        (["--list", "register=register.csv", "--list", "b=census.csv", "--recall", "0.2"], "After the correction"),
        (["--list", "register=register.csv", "--list", "b=register.csv"], "have the same persons"),
        (["--list", "register=register.csv", "--list", "register=census.csv"], "the same name"),
        (["--list", "register=register.csv", "--list", "b=nowhere.csv"], "no such file"),
        ([*PEOPLE, "--persons", "persons.csv", "--by", "SEX", "--by", "SEX"], "each once"),
        ([*PEOPLE, "--persons", "twice.csv", "--by", "SEX"], "is listed more than once in 2 lines: 3, 502"),
        ([*PEOPLE, "--year", "99999"], "not a possible year of lists"),
        (["--list", "register"], "No links are named"),
    ],
)
def test_uninformative_inputs_are_refused(words: list[str], says: str, tmp_path: Path, console: Console) -> None:
    country(tmp_path, 4, 500)
    people = (tmp_path / "persons.csv").read_text(encoding="utf-8")
    (tmp_path / "twice.csv").write_text(people + "SECRET000001,_O,XA\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        covered(tmp_path, *words)
    spoken = console.readouterr().err
    assert says in spoken
    assert "SECRET" not in spoken
    assert not (tmp_path / "out").exists()


def test_linked_records_are_counted_as_persons(tmp_path: Path) -> None:
    """Lists by the records of their sources, with the links between them, give what lists of persons give."""
    country(tmp_path, 7, 2_500)
    lists = ["--list", "register=register.csv", "--list", "census=census.csv"]
    by_person = figures(covered(tmp_path, *lists, *SIGNED))
    frame = pl.read_csv(tmp_path / "register.csv", infer_schema=False)
    frame.filter(pl.col("end").is_null()).write_csv(tmp_path / "register.csv")
    links = [
        pl.read_csv(tmp_path / f"{name}.csv").select(
            record=name[0] + pl.col("person"), source=pl.lit(name), person="person"
        )
        for name in ("register", "census")
    ]
    pl.concat(links).write_csv(tmp_path / "links.csv")
    signs = pl.read_csv(tmp_path / "signs.csv").with_columns(record="r" + pl.col("record"))
    signs.write_csv(tmp_path / "signs.csv")
    linked = covered(tmp_path, "--list", "register", "--list", "census", "--links", "links.csv", *SIGNED)
    assert figures(linked) == by_person


def test_outputs_contain_no_personal_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    country(tmp_path, 5, 2_500)
    lists = ["--list", "register=register.csv", "--list", "census=census.csv", *SIGNED]
    out = covered(tmp_path, *lists, "--persons", "persons.csv", "--by", "CTZ_STATUS")
    texts = [path.read_text(encoding="utf-8") for path in out.iterdir()]
    assert len(texts) == 9
    assert "SECRET" not in "".join([*texts, *capsys.readouterr()])


def test_order_of_records_does_not_change_the_results(tmp_path: Path) -> None:
    country(tmp_path, 6, 2_500)
    lists = ["--list", "register=register.csv", "--list", "census=census.csv", *SIGNED, "--now", "2024-06-01T00:00:00"]
    before = {path.name: path.read_bytes() for path in covered(tmp_path, *lists).iterdir()}
    for name in ("register", "census", "signs", "training"):
        frame = pl.read_csv(tmp_path / f"{name}.csv", infer_schema=False)
        again = frame.head(3 if name in ("signs", "training") else 0)  # of a list such rows are told
        pl.concat([frame.reverse(), again]).write_csv(tmp_path / f"{name}.csv")
    after = {path.name: path.read_bytes() for path in covered(tmp_path, *lists).iterdir()}
    hashed = ("DF_POP.csv", "integration-coverage.json", "made.json")
    assert {name: text for name, text in before.items() if name not in hashed} == {
        name: text for name, text in after.items() if name not in hashed
    }, "these name the hashes of their sources"
