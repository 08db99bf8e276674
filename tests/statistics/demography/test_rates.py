"""Rates and shares on published and synthetic figures, with exact decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sdmxmig.statistics.calculations.figures import compute_average_population, compute_crude_rate, compute_share


def test_rates_of_georgia_equal_hand_calculation() -> None:
    average = compute_average_population(Decimal("3688600"), Decimal("3736400"))
    assert average == Decimal("3712500")
    assert round(compute_crude_rate(Decimal(179778), average), 2) == Decimal("48.43")
    assert round(compute_crude_rate(Decimal(125269), average), 2) == Decimal("33.74")
    assert round(compute_crude_rate(Decimal(179778 - 125269), average), 2) == Decimal("14.68")
    average = compute_average_population(Decimal("3736400"), Decimal("3694600"))
    assert round(compute_crude_rate(Decimal(205857 - 245064), average), 2) == Decimal("-10.55")


def test_shares_equal_those_of_the_worked_example() -> None:
    whole = Decimal(10044500)
    parts = {"FB": 989000, "FC": 845300, "FB_NC": 205900, "NB_FC": 62200, "FB_FC": 783100}
    assert {name: str(round(compute_share(Decimal(part), whole), 3)) for name, part in parts.items()} == {
        "FB": "9.846",
        "FC": "8.416",
        "FB_NC": "2.050",
        "NB_FC": "0.619",
        "FB_FC": "7.796",
    }


def test_division_by_zero_is_refused() -> None:
    with pytest.raises(ArithmeticError):
        compute_crude_rate(Decimal(1), Decimal(0))
    with pytest.raises(ArithmeticError):
        compute_share(Decimal(0), Decimal(0))
