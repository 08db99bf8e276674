"""Protected data: withheld figures cannot be deduced, and failures are reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from case_tables import cases_from, listed, text_from
from console import Console
from folders import write_files
from reported import datasets, switched_on
from shipped import CATALOGUE
from small_office import COUNTRY, POPULATION

from sdmxmig.cli import run
from sdmxmig.quality.disclosure.problem import SafetyRules
from sdmxmig.quality.protection import (
    BEST_SO_FAR,
    FREE,
    KNOWN,
    PROTECTED,
    SAFE,
    ProtectedData,
    protect_datasets,
    round_datasets,
)
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import Dataset, Vintage

SQUARE = text_from("quality/cases/protection_square.csv")
AUDITS = ("MIG-1-202", "MIG-1-203", "MIG-1-204", "MIG-1-205", "MIG-1-206")


def protected(table: str, previous: str = "", expired: Callable[[], bool] = lambda: False) -> ProtectedData:
    of_flows = {dataset.flow.id: dataset for dataset in datasets(previous, CATALOGUE.flows)} if previous else {}
    vintages = [Vintage(datasets=of_flows, name="earlier.csv")] if previous else []
    tables = datasets(table, CATALOGUE.flows)
    rules = SafetyRules(threshold=3)
    return protect_datasets(tables, CATALOGUE, rules, previous=vintages, expired=expired, audit_expired=expired)


def values(dataset: Dataset) -> list[tuple[str | None, str | None]]:
    return [*dataset.observations.select("OBS_VALUE", "CONF_STATUS").iter_rows()]


def withheld(data: ProtectedData) -> dict[str, tuple[str, str]]:
    told = {"M", "F", "AM", "AZ", "TR", "_O", "NC", "FC", "NB", "FB"}
    return {" ".join(c for _, c in f.key if c in told): (f.reason, f.verdict) for f in data.figures}


def test_small_figure_is_withheld_with_its_rectangle() -> None:
    data = protected(SQUARE)
    assert data.outcome == PROTECTED
    assert withheld(data) == {
        "M AM": ("primary", SAFE),
        "F AM": ("secondary", SAFE),
        "M _O": ("secondary", SAFE),
        "F _O": ("secondary", SAFE),
    }
    assert [value for value, _ in values(data.datasets[0])] == ["100", "50", "50", "20", None, None, "80", None, None]
    (figure,) = [figure for figure in data.figures if figure.reason == "primary"]
    assert (figure.least, figure.most) == pytest.approx((0, 20))  # of 20 from Armenia, none or all may be men


def test_missing_small_part_is_protected_by_another_part() -> None:
    """A reader subtracts the men from the total and knows the two women, who have no row."""
    data = protected("SEX,OBS_VALUE\n_T,52\nM,50\n")
    assert withheld(data) == {"F": ("primary", SAFE), "M": ("secondary", SAFE)}
    assert values(data.datasets[0]) == [("52", None), (None, "D")]


def test_protected_data_pass_the_confidentiality_rules() -> None:
    (dataset,) = protected(SQUARE).datasets
    findings = validate(switched_on(dataset, *AUDITS), CATALOGUE)
    assert findings.items == ()
    assert {verdict.rule: verdict.outcome for verdict in findings.verdicts if verdict.rule in AUDITS} == {
        "MIG-1-202": "pass",
        "MIG-1-203": "pass",
        "MIG-1-204": "pass",
        "MIG-1-205": "not testable",  # no figure occurs twice
        "MIG-1-206": "not testable",  # every total is shown with all its parts or none
    }


def test_totals_do_not_disclose_women_of_unknown_age() -> None:
    """Women and men by age add up to both sexes of each age; only women of unknown age are absent from these sums."""
    ages = [f"Y{first}T{first + 4}" if first else "Y0T4" for first in range(0, 85, 5)] + ["Y_GE85"]
    rows = [f"{sex},{age},{30 if age == 'Y30T34' else 0}" for sex in "FM" for age in ages]
    table = "\n".join(["SEX,AGE,OBS_VALUE", *rows, "F,_U,1", "F,_T,31", "M,_T,30", "_T,_T,61"]) + "\n"
    data = protected(table)
    assert data.outcome == PROTECTED
    (figure,) = [figure for figure in data.figures if figure.reason == "primary"]
    assert figure.least < 1 < figure.most


def test_fractional_figures_can_protect_others() -> None:
    """Provisional figures of records weigh persons of whom it is open whether they count."""
    table = """SEX,C_CITIZEN,OBS_VALUE,CONF_STATUS
_T,_T,100.25,
M,_T,50.125,
F,_T,50.125,
_T,AM,20.25,
M,AM,2.125,A
F,AM,18.125,
_T,_O,80,
M,_O,48,
F,_O,32,
"""
    data = protected(table)
    assert data.outcome == PROTECTED
    assert {name: reason for name, (reason, _) in withheld(data).items()}["F AM"] == "secondary"


def test_linked_tables_are_protected_together() -> None:
    table = """flow,SEX,C_CITIZEN,POP_BASE,OBS_VALUE
DF_POP,_T,AM,,20
DF_POP,M,AM,,2
DF_POP,F,AM,,18
DF_POP_TOPIC,_T,AM,RES,20
DF_POP_TOPIC,M,AM,RES,2
DF_POP_TOPIC,F,AM,RES,18
"""
    pop, topic = protected(table).datasets
    assert values(pop) == values(topic) == [("20", None), (None, "A"), (None, "D")]


def test_account_and_flow_withhold_equal_figures() -> None:
    """The account has the same emigrants; its population at the end is that of the next beginning."""
    table = """flow,ACC_ITEM,BIRTH_STATUS,TIME_PERIOD,OBS_VALUE
DF_EMI,,_T,2023,20
DF_EMI,,NB,2023,18
DF_EMI,,FB,2023,2
DF_ACCOUNT,FLW_EMI,_T,2023,20
DF_ACCOUNT,FLW_EMI,NB,2023,18
DF_ACCOUNT,POP_END,_T,2023,70
DF_ACCOUNT,POP_END,NB,2023,68
DF_ACCOUNT,POP_END,FB,2023,2
DF_ACCOUNT,POP_BEG,_T,2024,70
DF_ACCOUNT,POP_BEG,NB,2024,68
"""
    emigration, account = protected(table).datasets
    assert [value for value, _ in values(emigration)] == ["20", None, None]
    assert [value for value, _ in values(account)] == ["20", None, "70", None, None, "70", None]


def test_account_of_whole_population_discloses_missing_term() -> None:
    """Foreigners who became citizens are in no event of either group; of all together the account is exact."""
    table = """flow,ACC_ITEM,CTZ_STATUS,OBS_VALUE
DF_ACCOUNT,POP_BEG,_T,100
DF_ACCOUNT,LBIRTH,_T,2
DF_ACCOUNT,DEATH,_T,5
DF_ACCOUNT,FLW_IMM,_T,7
DF_ACCOUNT,FLW_EMI,_T,4
DF_ACCOUNT,POP_END,_T,100
DF_ACCOUNT,POP_BEG,FC,40
DF_ACCOUNT,LBIRTH,FC,0
DF_ACCOUNT,DEATH,FC,4
DF_ACCOUNT,FLW_IMM,FC,7
DF_ACCOUNT,FLW_EMI,FC,3
DF_ACCOUNT,POP_END,FC,31
"""
    (account,) = protected(table).datasets
    births = [value for value, _ in values(account)][1]
    assert births is None
    assert [value for value, _ in values(account)][:6].count(None) >= 2


def test_unlisted_codes_are_parts_of_totals() -> None:
    data = protected("SEX,C_CITIZEN,OBS_VALUE\n_T,_T,40\n_T,AM,38\n_T,QM,2\n")
    assert data.outcome == PROTECTED
    assert [value for value, _ in values(data.datasets[0])][1:] == [None, None]


def test_previously_published_figure_is_not_reported_as_safe() -> None:
    data = protected(SQUARE, previous="SEX,C_CITIZEN,OBS_VALUE\nM,AM,2\n")
    assert data.outcome == "not protected"
    assert withheld(data)["M AM"] == ("primary", KNOWN)


def test_figures_of_earlier_release_do_not_protect() -> None:
    before = "SEX,C_CITIZEN,OBS_VALUE\nF,AM,18\n"
    data = protected(SQUARE, previous=before)
    assert data.outcome == PROTECTED
    assert values(data.datasets[0])[3] == (None, "D"), "the total of Armenia hides the men, since the women are known"


def test_figure_outside_all_sums_is_withheld_alone() -> None:
    data = protected("SEX,C_CITIZEN,OBS_VALUE\nM,AM,2\nF,AZ,18\n")
    assert (data.outcome, withheld(data)) == (PROTECTED, {"M AM": ("primary", FREE)})


def test_time_limit_returns_the_best_pattern_so_far() -> None:
    data = protected(SQUARE, expired=lambda: True)
    assert data.outcome == BEST_SO_FAR
    assert withheld(data) == {"M AM": ("primary", "not worked out")}


def test_rounded_figures_add_up_and_stay_near_the_originals() -> None:
    (dataset,), kinds = round_datasets(datasets(SQUARE, CATALOGUE.flows), CATALOGUE, 5, seconds=10)
    assert kinds == {"DF_POP": "next multiples"}
    t, m, f, am, m_am, f_am, o, m_o, f_o = (int(value or "") for value, _ in values(dataset))
    assert (t, m, f, am, o) == (100, 50, 50, 20, 80), "what is a multiple stays"
    assert (m_am + f_am, m_o + f_o, m_am + m_o, f_am + f_o) == (am, o, m, f)
    assert {m_am, f_am, m_o, f_o} in ({0, 20, 50, 30}, {5, 15, 45, 35})


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with the population of two years by sex."""
    table = "Year,All,Men,Women\n2021,40,2,38\n2022,41,20,21\n"
    head = 'id = "MAP_POP"\nflow = "DF_POP"\nfile = "office.csv"\n[[block]]\nsheet = "*"\nanchor = "Year"\n'
    mapping = head + POPULATION.replace('"Men" = "M"', '"All" = "_T", "Men" = "M"')
    return write_files(tmp_path, {"country.toml": COUNTRY, "mappings/pop.toml": mapping, "tables/office.csv": table})


def test_protect_writes_released_data_and_withheld_cells(workspace: Path) -> None:
    assert run(["convert", str(workspace), "-q"]) == 0
    assert run(["protect", str(workspace), "-q"]) == 0
    folder = workspace / "out" / "protected"
    with (folder / "DF_POP.csv").open(encoding="utf-8") as file:
        figures = {
            (row["TIME_PERIOD"], row["SEX"]): (row["OBS_VALUE"], row["OBS_STATUS"]) for row in csv.DictReader(file)
        }
    assert figures["2021", "M"] == figures["2021", "F"] == ("", "Q")
    assert figures["2021", "_T"] == ("40", "A")
    assert figures["2022", "M"] == ("20", "A")
    (men, women) = csv.DictReader(io.StringIO((folder / "withheld.csv").read_text(encoding="utf-8")))
    assert (men["reason"], men["least"], men["most"], men["needed"], men["verdict"]) == (
        "primary",
        "0",
        "40",
        "6",
        "safe",
    )
    assert (women["reason"], women["least"], women["most"]) == ("secondary", "0", "40")
    assert sorted(path.name for path in folder.iterdir()) == [
        "DF_POP.csv",
        "DF_POP.sdmx-ml-2.1.xml",
        "DF_POP.sdmx-ml-3.0.xml",
        "made.json",
        "protection.json",
        "withheld.csv",
    ]


@cases_from("quality/cases/meaningless_protection_option_is_refused.csv", option=listed)
def test_meaningless_protection_option_is_refused(
    workspace: Path, option: tuple[str, ...], message: str, console: Console
) -> None:
    assert run(["convert", str(workspace), "-q"]) == 0
    assert message in console.errors("protect", workspace, *option)
