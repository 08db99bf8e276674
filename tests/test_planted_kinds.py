"""The table of faults by which validation is to be judged: whole, and about rules that there are."""

from __future__ import annotations

import csv
from pathlib import Path

from shipped import CATALOGUE

TABLE = Path(__file__).parents[1] / "benchmarks" / "planted_kinds" / "kinds.csv"
KINDS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
NOT_BUILT = {"MIG-0-017", "MIG-1-009", "MIG-1-404"}
"""Rules of the catalogue that other rules stand for, or that no shipped dataflow has data for."""


def test_ten_thousand_faults_are_planted_of_each_kind_at_least_twenty() -> None:
    rates = [int(kind["rate"]) for kind in KINDS]
    assert (sum(rates), min(rates) >= 20) == (10_000, True)
    assert len({kind["kind"] for kind in KINDS}) == len(KINDS) == 121


def test_every_kind_says_what_where_and_which_rule_finds_it() -> None:
    assert all(all(kind.values()) for kind in KINDS)
    assert {rule for kind in KINDS for rule in kind["rules"].split()} - set(CATALOGUE.rules) == NOT_BUILT
