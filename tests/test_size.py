"""The size of each package may only fall (`python -m benchmarks.size`)."""

from __future__ import annotations

import pytest

from benchmarks.size import HELD, Size, limits, package_sizes

SLACK = 0.02
"""The share by which a package may be smaller than the number that is kept."""


@pytest.fixture(scope="module")
def sizes() -> dict[str, Size]:
    return package_sizes()


def test_no_package_grows(sizes: dict[str, Size]) -> None:
    kept = limits()
    grown = [
        f"{name} has {getattr(size, kind):,} {kind}; {kept.get(name, {}).get(kind, 0):,} are allowed"
        for name, size in sizes.items()
        for kind in HELD
        if getattr(size, kind) > kept.get(name, {}).get(kind, 0)
    ]
    remedy = (
        "Make the package smaller, or run `python -m benchmarks.size --write` and give the reason in the commit body."
    )
    assert not grown, "\n".join([*grown, remedy])


def test_limits_are_lowered_when_a_package_shrinks(sizes: dict[str, Size]) -> None:
    stale = [
        f"{name}: {number:,} {kind} are allowed, but there are {getattr(sizes[name], kind):,}"
        for name, numbers in limits().items()
        for kind, number in numbers.items()
        if getattr(sizes[name], kind) < number * (1 - SLACK) - 1
    ]
    assert not stale, "\n".join([*stale, "Run `python -m benchmarks.size --write` to lower the limits."])
