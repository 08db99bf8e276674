"""Planters: each puts one fault of a kind into a clean dataset and states what must be named."""

from __future__ import annotations

import csv
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.planted_kinds.people import USUAL, Extent
from benchmarks.planted_kinds.tables import BASES, Published

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, eq=False)
class Plant:
    """A dataset with one fault: its dataflow, and what a finding must name.

    `keys` are codes by column (dimensions, TIME_PERIOD, OBS_VALUE…): an observation at fault with all codes of one of
    them, or such a key in the finding, counts as named. `flows` are further validated dataflows whose findings count;
    with `beside`, also observations involved but not at fault. `size` and `note` go into the campaign's record. `clean`
    is the dataset without the fault, if the planter made its own; findings on it do not count.
    """

    published: Published
    dataflow: str
    keys: tuple[Mapping[str, str], ...]
    _: KW_ONLY
    column: str = ""
    flows: tuple[str, ...] = ()
    beside: bool = False
    size: str = ""
    note: str = ""
    clean: Published | None = None


Planting = Callable[[Published, np.random.Generator], Plant | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planter:
    """How a kind is planted: the function, and what datasets it needs.

    `choices` are sets of dataflows of which one is drawn for each plant; all of them are published together and given
    to the function, which plants in the first. `bases` are those with which the kind is allowed.
    """

    plant: Planting
    choices: tuple[tuple[str, ...], ...]
    bases: tuple[int, ...] = BASES
    extent: Extent = USUAL
    variant: str = ""


PLANTERS: dict[str, Planter] = {}
"""The planter of each kind."""


def planter(
    kind: str, *choices: tuple[str, ...], bases: tuple[int, ...] = BASES, extent: Extent = USUAL, variant: str = ""
) -> Callable[[Planting], Planting]:
    """Register a function as the planter of a kind, over one of these sets of dataflows."""

    def register(plant: Planting) -> Planting:
        if kind in PLANTERS or kind not in kinds():
            raise ValueError(kind)
        PLANTERS[kind] = Planter(plant=plant, choices=choices, bases=bases, extent=extent, variant=variant)
        return plant

    return register


@cache
def planters() -> Mapping[str, Planter]:
    """The planters of all modules whose names end with ``_kinds``."""
    for module in sorted(found.name for found in pkgutil.iter_modules([str(HERE)])):
        if module.endswith("_kinds"):
            importlib.import_module(f"benchmarks.planted_kinds.{module}")
    return PLANTERS


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault, as `kinds.csv` has it; `first` are the rules as which its first one is declared."""

    id: str
    family: str
    what: str
    size: str
    where: str
    rate: int
    rules: tuple[str, ...]
    cell: str
    not_a_fault_if: str
    first: tuple[str, ...]


@cache
def divided() -> dict[str, tuple[str, ...]]:
    """The rules of the catalogue that are declared as several, with these."""
    with (HERE / "divided_rules.csv").open(encoding="utf-8", newline="") as file:
        return {row["rule"]: tuple(row["as"].split()) for row in csv.DictReader(file)}


def declared_as(rules: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for rule in rules.split() for part in divided().get(rule, (rule,))))


@cache
def kinds() -> dict[str, Kind]:
    with (HERE / "kinds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["kind"]: Kind(
            row["kind"],
            row["family"],
            row["what"],
            row["size"],
            row["where"],
            int(row["rate"]),
            declared_as(row["rules"]),
            row["cell"],
            row["not_a_fault_if"],
            declared_as(row["rules"].split()[0]),
        )
        for row in rows
    }
