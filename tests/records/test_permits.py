"""Results of permit durations, and of statements at the border while permits last, on the command line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from case_tables import text_from
from console import Console
from made_records import table_options

from sdmxmig.cli import run

DAYS = ("--from", "2018-01-01", "--to", "2021-12-31", "--year", "2020", "--year", "2021")
HEAD = "person,date,direction,intended_days,granted_days\n"
Cells = dict[tuple[str, ...], tuple[str, str]]


def asked(folder: Path, *words: str, **files: str) -> int:
    return run(["derive", *table_options(folder, files), "--area", "MD", *words, "-o", str(folder / "out")])


def cells(folder: Path, flow: str, *by: str, **where: str) -> Cells:
    """Figures and their status by year and some dimensions; the other ones are at their total."""
    rows = pl.read_csv(folder / "out" / f"{flow}.csv", infer_schema=False)
    names = ("SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE")
    others = [name for name in names if name in rows.columns and name not in by]
    rows = rows.filter(pl.all_horizontal(pl.col(*others) == "_T"), **where)
    return {tuple(row[:-2]): row[-2:] for row in rows.select("TIME_PERIOD", *by, "OBS_VALUE", "OBS_STATUS").rows()}


PERSONS = text_from("records/cases/permits_persons.csv")
PERMITS = text_from("records/cases/permits_permits.csv")
NATURALISED = "person,date,c_citizen\nnaturalised,2019-08-01,MD\n"


def test_permit_counts_from_its_first_day_with_its_full_length(tmp_path: Path) -> None:
    """Later permits are unknown; a citizen at the end of a permit needs no other; a child born here is no migrant."""
    files = {"permits": PERMITS, "persons": PERSONS, "citizenships": NATURALISED}
    assert asked(tmp_path, "--rule", "PERMIT", *DAYS, **files) == 0
    came = {key: value for key, value in cells(tmp_path, "DF_IMM", "C_CITIZEN").items() if key[1] != "_T"}
    assert came == {("2021", code): ("1", "A") for code in ("RO", "FR", "ES")}
    left = {key: value for key, value in cells(tmp_path, "DF_EMI", "C_CITIZEN").items() if key[1] != "_T"}
    assert left == {("2020", "UA"): ("1", "A")}
    lived = {key: value for key, value in cells(tmp_path, "DF_POP", "C_CITIZEN").items() if key[1] != "_T"}
    assert lived == {
        **{(year, "MD"): ("1", "A") for year in ("2020", "2021", "2022")},
        ("2020", "UA"): ("1", "A"),
        **{("2022", code): ("1", "A") for code in ("RO", "ES", "IT")},
    }
    account = cells(tmp_path, "DF_ACCOUNT", "ACC_ITEM", TIME_PERIOD="2021")
    items = {item: value for (_, item), (value, _) in account.items() if value != "0"}
    assert items == {"POP_BEG": "1", "FLW_IMM": "3", "LBIRTH": "1", "DEATH": "1", "POP_END": "4"}


def test_observation_ends_with_last_permit_start_by_default(tmp_path: Path) -> None:
    """Permits end on later days, which are unknown."""
    years = "".join(f"A,{year}-05-01,{year}-06-01\n" for year in (2019, 2020))
    permits = f"person,begin,end\nA,2018-12-31,2019-02-01\n{years}B,2021-12-31,2031-01-01\n"
    assert asked(tmp_path, "--rule", "PERMIT", permits=permits) == 0
    assert {year for year, *_ in cells(tmp_path, "DF_IMM")} == {"2019", "2020", "2021"}


def test_death_on_the_first_day_counts_as_immigration_and_death(tmp_path: Path) -> None:
    """The permission or intention decides: a stay of one day may have been planned for two years."""
    persons = "person,death_date,resident\nA,2021-05-01,false\n"
    files = (
        {"permits": "person,begin,end\nA,2021-05-01,2023-05-01\n"},
        {"movements": HEAD + "A,2021-05-01,ENTRY,700,\n"},
    )
    for file, words in zip(files, (("PERMIT",), ("R12_16", "--basis", "INT")), strict=True):
        assert asked(tmp_path, "--rule", *words, *DAYS, **file, persons=persons) == 0
        account = cells(tmp_path, "DF_ACCOUNT", "ACC_ITEM", TIME_PERIOD="2021")
        assert [item for (_, item), (value, _) in account.items() if value == "1"] == ["DEATH", "FLW_IMM"]


@pytest.mark.parametrize("rule", ["R183_183", "R9_12"])
def test_rules_that_count_nights_refuse_intentions(rule: str, tmp_path: Path, console: Console) -> None:
    moves = HEAD + "A,2020-02-01,ENTRY,700,\n"
    assert asked(tmp_path, "--rule", rule, "--basis", "INT", *DAYS, movements=moves) != 0
    assert f"{rule} counts nights only" in console.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [(("--basis", "INT"), "Permits state granted stays only"), (("--also", "overstays"), "from crossings only")],
)
def test_unsuitable_options_are_refused(words: tuple[str, ...], says: str, tmp_path: Path, console: Console) -> None:
    assert asked(tmp_path, "--rule", "PERMIT", *DAYS, *words, permits=PERMITS) != 0
    assert says in console.readouterr().err


def test_return_without_exit_leaves_emigration_uncertain(tmp_path: Path) -> None:
    """The intention of a missing crossing is unknown: the person may have emigrated and immigrated."""
    moves = HEAD + "A,2018-02-01,ENTRY,700,\nA,2020-05-01,ENTRY,700,\n"
    persons = "person,c_citizen,resident\nA,RO,false\n"
    assert asked(tmp_path, "--rule", "R12_16", "--basis", "INT", *DAYS, movements=moves, persons=persons) == 0
    assert cells(tmp_path, "DF_IMM")["2020",] == ("0", "U")


def test_figures_by_intention_are_provisional_until_stay_ends(tmp_path: Path) -> None:
    """So are stocks, and crossings that do not count because of a short planned stay. Absences have no permission."""
    persons = "person,c_citizen,resident\nA,RO,false\nB,UA,false\nC,FR,true\n"
    moves = HEAD + "A,2021-10-01,ENTRY,400,\nC,2021-11-01,EXIT,,400\n"
    words = ("--rule", "R12_16", "--basis", "MIX", *DAYS)
    assert asked(tmp_path, *words, movements=moves, persons=persons) == 0
    assert cells(tmp_path, "DF_IMM")["2021",] == ("1", "P")
    assert cells(tmp_path, "DF_EMI")["2021",] == ("0", "P")
    assert cells(tmp_path, "DF_POP")["2022",] == ("2", "P")
    assert asked(tmp_path, *words, movements=HEAD + "A,2021-10-01,ENTRY,400,\n", persons=persons) == 0
    assert cells(tmp_path, "DF_POP")["2022",] == ("2", "P"), "by an intention alone"
    assert asked(tmp_path, *words, movements=HEAD + "B,2021-10-01,ENTRY,30,\n", persons=persons) == 0
    assert cells(tmp_path, "DF_IMM")["2021",] == ("0", "P"), "the stay may become longer than was meant"
    assert cells(tmp_path, "DF_POP")["2022",] == ("1", "P")


def test_granted_stay_is_ignored_under_a_backward_rule(tmp_path: Path) -> None:
    """A late arrival without a stated duration counts by later nights, whatever the permission."""
    persons = "person,c_citizen,resident\nA,RO,false\nB,UA,false\nC,FR,false\n"
    moves = HEAD + "A,2021-11-20,ENTRY,,700\nB,2021-11-20,ENTRY,400,\nC,2021-11-20,ENTRY,30,700\n"
    assert asked(tmp_path, "--rule", "R6", "--basis", "INT", *DAYS, movements=moves, persons=persons) == 0
    came = cells(tmp_path, "DF_IMM", "C_CITIZEN", TIME_PERIOD="2021")
    assert came == {("2021", "_T"): ("1", "P"), ("2021", "UA"): ("1", "P"), ("2021", "RO"): ("0", "P")}
