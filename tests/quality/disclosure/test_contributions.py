"""Contributions: which figures few contributors dominate, told by a table of who gives how much."""

from __future__ import annotations

import pytest
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.disclosure.contributions import Contributions, parse_contributions
from sdmxmig.quality.disclosure.problem import DominanceRules, SafetyRules
from sdmxmig.quality.protection import PROTECTED, DominanceCount, ProtectedData, protect_datasets

# Permits by the employer who asked for them, by sex and citizenship of those who got them.
FIGURES = """SEX,C_CITIZEN,OBS_VALUE
_T,_T,200
M,_T,110
F,_T,90
_T,AM,100
M,AM,60
F,AM,40
_T,_O,100
M,_O,50
F,_O,50
"""
# Of 60 men of AM 52 work at one mine. All others are spread over three employers.
GIVEN = """SEX,C_CITIZEN,contributor,value
M,AM,mine,52
M,AM,farm,8
F,AM,farm,15
F,AM,shop,15
F,AM,school,10
M,_O,farm,20
M,_O,shop,20
M,_O,school,10
F,_O,farm,20
F,_O,shop,20
F,_O,school,10
"""
RULES = DominanceRules(largest=1, dominance=0.75)
FLOWS = {"DF_POP": CATALOGUE.flows["DF_POP"]}


def contributions(table: str = GIVEN) -> tuple[Contributions, ...]:
    return parse_contributions("employers.csv", table.encode(), FLOWS)


def protected(table: str = GIVEN, rules: DominanceRules = RULES, figures: str = FIGURES) -> ProtectedData:
    data = datasets(figures, CATALOGUE.flows)
    return protect_datasets(data, CATALOGUE, SafetyRules(threshold=3), dominance=(contributions(table), rules))


def codes(data: ProtectedData, reason: str) -> set[str]:
    """The codes of sex and citizenship of the figures that are withheld for a reason."""
    keys = [dict(figure.key) for figure in data.figures if figure.reason == reason]
    return {f"{key['SEX']} {key['C_CITIZEN']}" for key in keys}


def test_a_dominated_figure_is_withheld_with_others_for_its_sake() -> None:
    """52 of 60 are 87 %: 75 % they would be of 69.3, so a reader must think 69.3 possible. The mine has 26 % of all."""
    data = protected()
    assert (data.outcome, data.dominance) == (PROTECTED, DominanceCount(judged=9, dominated=1))
    assert codes(data, "primary") == {"M AM"}
    assert codes(data, "secondary") == {"F AM", "M _O", "F _O"}
    (figure,) = [figure for figure in data.figures if figure.reason == "primary"]
    assert figure.most >= 52 / 0.75
    assert figure.most - figure.least >= 0.3 * 60


def test_concentrated_cells_get_their_confidentiality_status() -> None:
    marks = {
        row["SEX"] + row["C_CITIZEN"]: row["CONF_STATUS"] for row in protected().datasets[0].observations.to_dicts()
    }
    assert (marks["MAM"], marks["FAM"]) == ("M", "D")


def test_totals_that_are_not_told_are_judged_by_what_their_parts_add_up_to() -> None:
    """One employer with all men and most women of AM: of all men he has 60 of 110, of all of AM 95 of 100."""
    table = "SEX,C_CITIZEN,contributor,value\nM,AM,mine,60\nF,AM,mine,35\nF,AM,shop,5\n"
    data = protected(table, DominanceRules(largest=1, dominance=0.9))
    assert codes(data, "primary") == {"M AM", "_T AM"}
    assert data.dominance is not None
    assert data.dominance.judged == 6, "men, women and all, of AM and of all"


def test_stated_total_of_contributions_is_used() -> None:
    table = "SEX,C_CITIZEN,contributor,value\nM,AM,mine,60\n_T,AM,mine,60\n_T,AM,shop,40\nF,AM,mine,39\n"
    data = protected(table, DominanceRules(largest=1, dominance=0.9))
    assert codes(data, "primary") == {"M AM", "F AM"}


def test_second_contributor_cannot_deduce_the_first() -> None:
    """The farm gives 8 of 60 and knows that the mine gives 52 at most: exactly what it gives."""
    data = protected(rules=DominanceRules(prior=0.1))
    assert codes(data, "primary") == {"M AM"}
    assert data.outcome == PROTECTED


def test_small_counts_are_confidential_too() -> None:
    figures = FIGURES.replace("F,_O,50", "F,_O,2").replace("F,_T,90", "F,_T,42")
    figures = figures.replace("_T,_O,100", "_T,_O,52").replace("_T,_T,200", "_T,_T,152")
    table = "\n".join(line for line in GIVEN.splitlines() if not line.startswith("F,_O"))
    assert codes(protected(table, figures=figures), "primary") == {"M AM", "F _O"}


def test_contributors_who_give_more_than_there_is_are_refused() -> None:
    with pytest.raises(SdmxmigError, match=r"give 61 to DF_POP SEX=M, C_CITIZEN=AM, which is 60\."):
        protected(GIVEN.replace("M,AM,farm,8", "M,AM,farm,9"))


def test_contributions_to_a_figure_that_the_data_lack_are_refused() -> None:
    """A mistyped year would leave the figure that was meant without protection."""
    figures = "TIME_PERIOD,OBS_VALUE\n2021,50\n2022,60\n"
    with pytest.raises(InputError, match="no figure of DF_POP with TIME_PERIOD=2012"):
        protected("TIME_PERIOD,contributor,value\n2021,mine,40\n2012,mine,50\n", figures=figures)


def test_contributions_to_parts_are_used_for_their_total() -> None:
    data = protected("SEX,contributor,value\nM,mine,45\nF,farm,5\n", figures="OBS_VALUE\n50\n")
    assert data.dominance == DominanceCount(judged=1, dominated=1)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("SEX,who,value\nM,a,1\n", "There is no column “contributor”."),
        ("SEX,contributor,value\nM,a,-1\n", "“-1” in line 2 is not a number from zero on."),
        ("SEX,contributor,value\nM,a,1\nM,b,many\n", "“many” in line 3 is not a number"),
        ("SEX,contributor,value\nM,a,\n", "“” in line 2 is not a number"),
        ("SEX,contributor,value\nM,a,inf\n", "“inf” in line 2 is not a number"),
        ("SX,contributor,value\nM,a,1\n", "DF_POP has no dimension “SX”."),
        ("SEX,contributor,value\n,a,1\nM,a,1\n", "There is no code of SEX in line 2."),
        ("SEX,contributor,value\nMen,a,1\n", "There is no code “Men” of SEX."),
        ("flow,contributor,value\nDF_IMM,a,1\n", "There are no data of “DF_IMM”."),
        ("", "This is not a table of contributions."),
    ],
)
def test_invalid_table_of_contributions_is_refused(table: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        contributions(table)
    assert caught.value.message.startswith(message)


def test_a_column_that_tells_figures_apart_must_not_be_missing() -> None:
    figures = "TIME_PERIOD,OBS_VALUE\n2021,50\n2022,60\n"
    with pytest.raises(InputError, match="no column “TIME_PERIOD”, which tells figures apart"):
        protected("contributor,value\nmine,40\n", figures=figures)
    with pytest.raises(InputError, match="no column of a dimension"):
        protected("contributor,value\nmine,40\n", figures="OBS_VALUE\n50\n")
    data = protected("TIME_PERIOD,contributor,value\n2021,mine,40\n", figures=figures)
    assert data.dominance == DominanceCount(judged=1, dominated=1)
