"""``sdmxmig map`` on one label above all figures, and on totals."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from shipped import CATALOGUE, words

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

WORDS = words()


def tried(label: str, flow: str = "DF_ACCOUNT", *, over: str = "{0};{0}", below: str = "") -> TriedProposal:
    rows = "".join(f"{year};{4100 + 13 * year};{5200 + 17 * year}\n" for year in range(2015, 2021))
    text = f"Statistics;;\n;Male;Female\n;{over.format(label)}\n{below}{rows}"
    return propose(read("t.csv", text.encode()), flow, CATALOGUE, WORDS, area="DE")


def item(trial: TriedProposal) -> str:
    told = [dict(block.fixed) for block in trial.proposal.mapping.blocks]
    return next((code for fixed in told for name, code in fixed.items() if name.endswith("_ITEM")), "")


def asked(trial: TriedProposal) -> bool:
    return any("_ITEM" in question.part for question in trial.open)


def test_moves_of_one_label_over_all_figures_are_asked_about() -> None:
    trial = tried("Immigration")
    assert asked(trial)
    assert item(trial) == ""


@pytest.mark.parametrize("label", ["Wanderungssaldo", "Solde migratoire"])
def test_net_migration_over_all_figures_is_the_item(label: str) -> None:
    assert item(tried(label)) == "NET_MIG"


@cases_from("conversion/cases/other_labels_keep_the_question.csv")
def test_other_labels_keep_the_question(label: str, over: str, below: str) -> None:
    trial = tried(label, over=over, below=below)
    assert asked(trial) or not trial.proposal.mapping.blocks
    assert item(trial) == ""


SEXES_IN_ROWS = "Immigration by sex, persons\nYear;Sex;Number\n" + "".join(
    f"{year};{label};{number}\n"
    for year, numbers in ((2021, (1660, 1510, 3170)), (2022, (1730, 1570, 3300)))
    for label, number in zip(("Men", "Women", "{0}"), numbers, strict=True)
)
SEXES_IN_HEADS = "Immigration by sex, persons\nYear;Men;Women;{0}\n2021;1660;1510;3170\n2022;1730;1570;3300\n"


@pytest.mark.parametrize("table", [SEXES_IN_ROWS, SEXES_IN_HEADS], ids=["rows", "heads"])
@pytest.mark.parametrize("label", ["m/w", "Xyz"])
def test_unknown_label_with_the_sum_is_offered_as_the_total(table: str, label: str) -> None:
    trial = propose(read("t.csv", table.format(label).encode()), "DF_IMM", CATALOGUE, WORDS, area="PL")
    (question,) = (each for each in trial.open if each.label == label)
    assert question.others[0].code == "_T"


MOVES = """{title}
Merkmal;Zuzüge;Wegzüge;Saldo
2020;;;
Inland;14.523;18.109;{minus}3.586
EU/EFTA;72.811;50.120;22.691
Drittstaaten;49.009;28.777;20.232
2021;;;
Inland;15.000;18.200;{minus}3.200
EU/EFTA;80.001;52.000;28.001
Drittstaaten;59.498;31.209;28.289
"""


@pytest.mark.parametrize("minus", ["-", "−", "–"])
def test_moves_and_their_balance_are_items_of_the_account(minus: str) -> None:
    text = MOVES.format(title="Internationale Wanderungen nach Staatsangehörigkeit", minus=minus)
    trial = propose(read("t.csv", text.encode()), "DF_ACCOUNT", CATALOGUE, WORDS, area="AT")
    read_codes = [code for block in trial.proposal.mapping.blocks for each in block.components for code in each.codes]
    assert {("Zuzüge", "FLW_IMM"), ("Wegzüge", "FLW_EMI"), ("Saldo", "NET_MIG")} <= set(read_codes)


@pytest.mark.parametrize(
    ("said", "component"), [("Staatsangehörigkeit", "C_CITIZEN"), ("Geburtsland", "C_BIRTH"), ("Altersgruppe", "AGE")]
)
def test_unknown_labels_get_the_trait_of_the_title_first(said: str, component: str) -> None:
    text = MOVES.format(title=f"Internationale Wanderungen nach {said}", minus="-")
    trial = propose(read("t.csv", text.encode()), "DF_ACCOUNT", CATALOGUE, WORDS, area="AT")
    (question,) = (each for each in trial.open if each.part == "line column 1")
    assert question.others[0].code == component


@pytest.mark.parametrize(("label", "is_asked"), [("Immigrants, total", False), ("Total EU immigrants", True)])
def test_total_with_further_meaning_is_asked_about(label: str, *, is_asked: bool) -> None:
    rows = "Ukraine;30;40\nIndia;20;25\nChina;10;10\n"
    text = f"Immigrants by country of previous residence\nCountry;2022;2023\n{label};60;75\n{rows}"
    trial = propose(read("t.csv", text.encode()), "DF_IMM", CATALOGUE, WORDS, area="LV")
    assert any(each.label == label for each in trial.open) == is_asked
