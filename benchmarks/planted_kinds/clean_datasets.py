"""Clean datasets, into which planters plant faults. Validation must find no error in any of them.

Each seed has one sort of dataset, which is published with every rounding base: accounts, flows, permits, months, second
tables, releases, reports of partners, other statistics, suppressed figures. It has only the dataflows that are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds.domains_kinds import FERTILE, LAST, WOMEN, add_outside, in_year
from benchmarks.planted_kinds.metadata_kinds import described
from benchmarks.planted_kinds.mirror_kinds import reports_of, told_by_others
from benchmarks.planted_kinds.people import BORN_ABROAD, CITIZEN, FOREIGN, Extent
from benchmarks.planted_kinds.revisions_kinds import accepted
from benchmarks.planted_kinds.suppressed import MIN_COUNTS, suppress, with_pattern
from benchmarks.planted_kinds.tables import DECLARED, EVENTS, TOTAL, Office, Outsider, Published, frame, published

FEW = Extent(years=10, partners=5)
"""So many years that series can be judged, and few countries."""
MORE = Extent(years=10, partners=12)
BRIEF = Extent(years=5, partners=4)
EVENTS_OF_STOCK = ("DF_BIRTHS", "DF_DEATHS", "DF_CTZ_ACQ")
MOVES = ("DF_IMM", "DF_EMI")
STOCKS = ("DF_ESTAT_MIGR_POP1CTZ", "DF_ESTAT_MIGR_POP3CTB", "DF_ESTAT_DEMO_PJAN")
ANNEX = ("DF_OECD_B11", "DF_OECD_B12", "DF_OECD_B14", "DF_OECD_B15", "DF_OECD_B16")
CHANGE = Callable[[Published, np.random.Generator], Published]


def as_it_is(dataset: Published, rng: np.random.Generator) -> Published:
    """The dataset without anything else."""
    del rng
    return dataset


def with_release(dataset: Published, rng: np.random.Generator) -> Published:
    """The dataset with an earlier release, which differs a little in the last years."""
    return replace(dataset, earlier=accepted(dataset, rng))


def with_reports(dataset: Published, rng: np.random.Generator) -> Published:
    """The dataset with what partner countries report of the same moves."""
    return told_by_others(dataset, reports_of(dataset.people, rng))


def with_metadata(dataset: Published, rng: np.random.Generator) -> Published:
    """The dataset with reference metadata about its first dataflow."""
    del rng
    return described(dataset)


def with_statistics(dataset: Published, rng: np.random.Generator) -> Published:
    """The dataset with a census, births by mother, national accounts, the stock of the United Nations, and copies."""
    of, office = dataset.people, Office(dataset.people)
    totals = of.stock.sum(axis=(1, 2, 3))
    last = of.years[LAST]
    share = round(float(rng.uniform(0.5, 4)), 1)
    enumerated = round(int(totals[LAST]) / (1 + share / 100))
    dataset = add_outside(dataset, "census", "DF_POP", in_year(np.array(enumerated), last), margin=f"+{share}")
    foreign = office.ctz_status == FOREIGN
    of_women = of.stock[LAST - 1][:, WOMEN, FERTILE].sum(axis=1)
    births = {FOREIGN: 0.046 * of_women[foreign].sum(), CITIZEN: 0.046 * of_women[~foreign].sum()}
    births[TOTAL] = births[FOREIGN] + births[CITIZEN]
    tables = [in_year(np.array(int(number)), last, CTZ_STATUS=status) for status, number in births.items()]
    by_mother = pl.concat(tables).with_columns(EVENT=pl.lit("LBIRTH"))
    dataset = add_outside(dataset, "births-by-mother", "DF_BIRTHS", by_mother, declared=EVENTS)
    averages = frame((totals[:-1] + totals[1:]) // 2, [("TIME_PERIOD", office.years)], ACC_ITEM="POP_AVG")
    dataset = add_outside(dataset, "national-accounts", "DF_ACCOUNT", averages, declared=DECLARED)
    abroad = int(of.stock[LAST][office.birth_status == BORN_ABROAD].sum())
    estimate = in_year(np.array(round(abroad * float(rng.uniform(0.93, 1.07)))), last + 1, BIRTH_STATUS=BORN_ABROAD)
    dataset = add_outside(dataset, "un-desa", "DF_POP", estimate, base=1)
    copies = [
        Outsider(domain, flow, table, declared=dataset.declared[flow])
        for domain in ("other-agency", "published")
        for flow, table in dataset.tables.items()
    ]
    return replace(dataset, outside=(*dataset.outside, *copies))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A sort of dataset: the dataflows that are validated, those beside them, and what else is there."""

    flows: tuple[str, ...]
    beside: tuple[str, ...] = ()
    variant: str = ""
    extent: Extent = FEW
    change: CHANGE = as_it_is


SORTS = (
    Sort(flows=("DF_POP", *EVENTS_OF_STOCK), beside=MOVES),
    Sort(flows=("DF_IMM", "DF_CITIZENSHIP"), beside=("DF_EMI", "DF_POP")),
    Sort(flows=("DF_EMI",), beside=("DF_IMM", "DF_POP")),
    Sort(flows=("DF_PERMIT", "DF_PROTECTION", "DF_TEMPMOB"), beside=("DF_IMM", "DF_POP"), extent=MORE),
    Sort(flows=("DF_IMM", "DF_EMI", "DF_PROTECTION"), variant="monthly"),
    Sort(flows=(*STOCKS, "DF_POP_TOPIC")),
    Sort(flows=ANNEX, beside=("DF_IMM", "DF_EMI", "DF_POP", "DF_CTZ_ACQ", "DF_CITIZENSHIP")),
    Sort(flows=("DF_INDICATOR", "DF_ACCOUNT"), beside=("DF_POP", *EVENTS_OF_STOCK), extent=BRIEF),
    Sort(flows=("DF_POP_TOPIC",), beside=("DF_POP",), variant="crossed"),
    Sort(flows=("DF_IMM", "DF_EMI"), change=with_release),
    Sort(flows=("DF_POP", "DF_DEATHS"), change=with_release),
    Sort(flows=("DF_IMM", "DF_EMI"), change=with_reports),
    Sort(flows=("DF_POP",), change=with_statistics),
    Sort(flows=("DF_IMM", "DF_BIRTHS"), change=with_metadata),
)
"""The sorts, of which seeds have one after the other; the last one is that in which figures are suppressed."""
WITHHELD = ("DF_POP", "DF_IMM", "DF_EMI", "DF_CITIZENSHIP")


def clean_dataset(seed: int, base: int) -> tuple[Published, tuple[str, ...]]:
    """Return the clean dataset of a seed with a rounding base, and its validated dataflows."""
    number = seed % (len(SORTS) + 1)
    if number == len(SORTS):
        return withheld(seed, base)
    sort = SORTS[number]
    flows = dict.fromkeys((*sort.flows, *sort.beside))
    dataset = published(seed, base, flows, variant=sort.variant, extent=sort.extent)
    return sort.change(dataset, np.random.default_rng([16, seed, base])), sort.flows


def withheld(seed: int, base: int) -> tuple[Published, tuple[str, ...]]:
    """A small exact table in which figures are suppressed; where others are rounded, one of another dataflow is."""
    place = (seed // (len(SORTS) + 1) * 4 + (1, 3, 5, 10).index(base)) % len(WITHHELD)
    for step in range(1000):
        flow = WITHHELD[(place + step) % len(WITHHELD)]
        both = with_pattern(seed + 1000 * step, flow, MIN_COUNTS[(seed + base) % len(MIN_COUNTS)])
        if both is not None and both[1].primary:
            return suppress(*both[:1], flow, both[1]), (flow,)
    raise LookupError("no table with small figures")
