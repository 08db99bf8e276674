"""Pieces processed in advance give the same order and the same errors as pieces processed one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sdmxmig.io.intake.files import compute_ahead
from sdmxmig.primitives.errors import InputError


def halved(number: int) -> int:
    if number % 2:
        raise InputError(f"{number} is odd.")
    return number // 2


def pieces(*numbers: int, fault: str = "") -> Iterator[int]:
    yield from numbers
    if fault:
        raise InputError(fault)


def test_results_keep_the_order_of_the_pieces() -> None:
    assert list(compute_ahead(halved, range(0, 200, 2))) == list(range(100))
    assert list(compute_ahead(halved, ())) == []


def test_fault_in_a_computation_is_raised_after_earlier_results() -> None:
    results: list[int] = []
    with pytest.raises(InputError, match="5 is odd"):
        results.extend(compute_ahead(halved, (0, 2, 4, 5, 6, 7)))
    assert results == [0, 1, 2]


def test_fault_of_a_piece_is_raised_after_earlier_results() -> None:
    results: list[int] = []
    with pytest.raises(InputError, match="cut off"):
        results.extend(compute_ahead(halved, pieces(0, 2, fault="cut off")))
    assert results == [0, 1]
    with pytest.raises(InputError, match="3 is odd"):
        list(compute_ahead(halved, pieces(0, 3, fault="cut off")))
