"""Amounts of observations from their text."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from case_tables import cases_from
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.statistics.demography.amounts import Amounts, compute_amounts


def test_first_of_several_measures_is_converted() -> None:
    (dataset,) = datasets("OBS_VALUE,UNIT_MULT\n3704.5,3\n12,0", CATALOGUE.flows)
    structure = dataset.flow.structure
    second = replace(structure.measure, id="SHARE")
    flow = replace(dataset.flow, structure=replace(structure, components=(*structure.components, second)))
    frame = dataset.observations.with_columns(SHARE=pl.Series(["99.9", "0.1"]))
    found = compute_amounts(replace(dataset, flow=flow, observations=frame))
    assert [found.exact(amount) for amount in found.frame["amount"]] == [3_704_500, 12]
    unsent = compute_amounts(replace(dataset, flow=flow, observations=frame.drop("OBS_VALUE")))
    assert unsent.frame["amount"].to_list() == [None, None]


def amounts_of(*rows: str, data_type: str = "Decimal") -> tuple[Amounts, list[Decimal | None]]:
    """The exact amounts of figures with their UNIT_MULT."""
    (dataset,) = datasets("\n".join(["OBS_VALUE,UNIT_MULT", *rows]), CATALOGUE.flows)
    structure = dataset.flow.structure
    components = [replace(c, data_type=data_type) if c.role == "measure" else c for c in structure.components]
    flow = replace(dataset.flow, structure=replace(structure, components=tuple(components)))
    read = compute_amounts(replace(dataset, flow=flow))
    return read, [None if amount is None else read.exact(amount) for amount in read.frame["amount"]]


@cases_from("statistics/cases/figures_of_any_usual_length_have_exact_amounts.csv")
def test_figures_of_usual_length_have_exact_amounts(figure: str, multiplier: str, amount: str) -> None:
    _, (exact,) = amounts_of(f"{figure},{multiplier}")
    assert exact == Decimal(amount)


@pytest.mark.parametrize(("figure", "amount"), [("1.5E3", "1500"), ("2e-2", "0.02"), ("-.5E1", "-5"), ("1E20", None)])
def test_powers_of_ten_are_read_only_for_floating_types(figure: str, amount: str | None) -> None:
    _, (exact, _) = amounts_of(f"{figure},0", "1,0", data_type="Double")
    assert exact == (None if amount is None else Decimal(amount))
    _, (of_decimal, _) = amounts_of(f"{figure},0", "1,0")
    assert of_decimal is None


@pytest.mark.parametrize("figure", ["INF", "-INF", "NaN", "", ".", "-", "1 000", "1E", "100000000000000000000"])
def test_invalid_or_too_long_figure_has_no_amount(figure: str) -> None:
    _, (nothing, one) = amounts_of(f"{figure},0", "1,0", data_type="Double")
    assert (nothing, one) == (None, 1)


def test_many_decimals_reduce_exact_digits_and_are_reported() -> None:
    read, exact = amounts_of("0.123456789012345,0", "1234567890,-9", "99999999999,0", "100000000000000,0")
    assert read.most_digits == 37 - (15 + 9) - len("4")
    assert exact == [Decimal("0.123456789012345"), Decimal("1.23456789"), Decimal(99999999999), None]


def test_long_figures_are_summed_to_the_last_digit() -> None:
    """Of 20 digits: a binary fraction would not see the one person by which they differ."""
    rows = ["SEX,OBS_VALUE", "_T,30000000000000000004", "F,10000000000000000001", "M,20000000000000000002"]
    (dataset,) = datasets("\n".join(rows), CATALOGUE.flows)
    (finding,) = validate(switched_on(dataset, "MIG-1-101"), AS_LISTED).items
    assert (finding.observed, finding.expected, finding.difference) == (
        "30000000000000000004",
        "30000000000000000003",
        "1",
    )


@pytest.mark.parametrize("long", ["9223372036854775808", "12345678901234567890", "99999999999999999999"])
@pytest.mark.parametrize("base", [1, 5])
def test_long_figure_does_not_hide_the_rounding_base(long: str, base: int) -> None:
    usual = [str(base * number) for number in (201, 303, 407, 511, 613, 717, 819, 921, 1023, 1127)]
    read, exact = amounts_of(*(f"{figure},0" for figure in [*usual, long]))
    assert exact[-1] == Decimal(long)
    assert read.frame["printed_step"].to_list() == [base] * 11
