"""``sdmxmig map`` treats “Net” as net migration if the figures of every row prove it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from case_tables import cases_from
from shipped import CATALOGUE, words

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

WORDS = words()
PAIRS = ((420, 130), (515, 260), (390, 405), (610, 220))


def tried(text: str, name: str = "t.csv") -> TriedProposal:
    return propose(read(name, text.encode()), "DF_ACCOUNT", CATALOGUE, WORDS, area="KE")


def table(heads: str, *, off: str = "0", times: str = "1") -> str:
    """A balance of four years, the last one wrong by so much."""
    rows = []
    for at, (into, out) in enumerate(PAIRS):
        wrong = Decimal(off) if at == len(PAIRS) - 1 else 0
        rows.append(
            f"{2018 + at},{into * Decimal(times)},{out * Decimal(times)},{(into - out) * Decimal(times) + wrong}"
        )
    return "\n".join([heads, *rows]) + "\n"


def items(trial: TriedProposal) -> dict[str, str]:
    codes = [component_map.codes for block in trial.proposal.mapping.blocks for component_map in block.components]
    names = [component_map.component for block in trial.proposal.mapping.blocks for component_map in block.components]
    return {
        text: code for name, listed in zip(names, codes, strict=True) if name == "ACC_ITEM" for text, code in listed
    }


def asked(trial: TriedProposal) -> set[str]:
    return {
        f"{question.part} {question.label}".strip()
        for question in trial.open
        if "ACC_ITEM" in question.part or "line" in question.part
    }


@cases_from("conversion/cases/balance_is_net_migration_if_every_row_adds_up.csv")
@pytest.mark.parametrize("off", ["0", "1"])
@pytest.mark.sampled(4)
def test_balance_is_net_migration_if_every_row_adds_up(heads: str, off: str) -> None:
    trial = tried(table(heads, off=off))
    net = heads.rsplit(",", maxsplit=1)[-1]
    told = items(trial).get(net, "")
    if off == "0":
        assert told == "NET_MIG"
        assert asked(trial) == set()
    else:
        assert f"codes ACC_ITEM {net}" in asked(trial)


@cases_from("conversion/cases/other_words_and_other_figures_are_no_net_migration.csv")
def test_other_words_and_other_figures_are_no_net_migration(heads: str) -> None:
    trial = tried(table(heads))
    assert items(trial).get(heads.rsplit(",", maxsplit=1)[-1], "") != "NET_MIG"


@pytest.mark.parametrize("title", ["Migration", "International migration", "Immigration and emigration", "Migración"])
@pytest.mark.parametrize("heads", ["Year,Arrivals,Departures,Net", "Year,Arrivals,Departures,Balance"])
@pytest.mark.parametrize("times", ["1", "0.25"])
@pytest.mark.sampled(4)
def test_arrivals_and_departures_below_a_title_of_migration_are_one_question(
    title: str, heads: str, times: str
) -> None:
    trial = tried(f'"{title}",,,\n{table(heads, times=times)}')
    assert set(items(trial).values()) == {"FLW_IMM", "FLW_EMI", "NET_MIG"}
    assert len(asked(trial)) == 1


@cases_from("conversion/cases/other_arrivals_and_departures_are_asked_about_as_before.csv")
def test_other_arrivals_and_departures_are_asked_about_as_before(title: str, heads: str, off: str) -> None:
    trial = tried(f'"{title}",,,\n{table(heads, off=off)}')
    assert not {"FLW_IMM", "FLW_EMI", "NET_MIG"} <= set(items(trial).values())
