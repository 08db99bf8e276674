"""Tables whose persons can be changed, with all sums redone: accounts, permits, temporary stays, months.

They are the variant `CHANGEABLE` of their dataflows: counts (a function `…_of`) and their table (`…_table`). Permits
follow the immigration of the same people; stays and monthly applications have their own people, drawn from the
country's seed. Stocks and events of single ages are here too.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.planted_kinds.further_tables import REPORTED, UNION
from benchmarks.planted_kinds.people import OLDEST, REST, UNKNOWN, UNKNOWN_AGE, Counts, People
from benchmarks.planted_kinds.tables import DECLARED, EVENTS, SEXES, TABLES, TOTAL, Office, frame, with_both_sexes

CHANGEABLE = "changeable"
DURATIONS = ("M3T5", "M6T11", "M_GE12")
PURPOSES = ("TMP_LAB", "TMP_EDU", "TMP_HLT", "TMP_PROT", "TMP_OTH")
SPECIAL = PURPOSES[:4]
MOBILITY = ("TMP", "TMP_SI", *PURPOSES)
CLASSES = {"M_LT3": (4.0, 60.0), "M3T5": (105.0, 160.0), "M6T11": (205.0, 320.0)}
"""Classes of stay, with the shortest and longest mean stay in days that is drawn."""
UNITS = ("PS", "STAY", "NUMBER", "PS_DAY")
SINGLE = tuple(f"Y{age}" for age in range(OLDEST))
SINGLE_AGES = (TOTAL, *SINGLE, f"Y_GE{OLDEST}", UNKNOWN)
MONTHLY_YEARS = 6
"""So many years of months are published."""
APPLICANTS = (150, 1500)
"""Between these lies the usual number of applications of a citizenship in a month."""


def by_single_age(counts: Counts) -> Counts:
    """Counts by single age (last axis) as those of `SINGLE_AGES`."""
    ages = np.zeros((counts.shape[-1], len(SINGLE_AGES)), dtype=np.int64)
    ages[:, 0] = 1
    ages[: OLDEST + 1, 1 : OLDEST + 2] = np.eye(OLDEST + 1, dtype=np.int64)
    ages[UNKNOWN_AGE, -1] = 1
    return counts @ ages


def single_ages(office: Office, name: str) -> pl.DataFrame:
    """A stock or events of the whole population by sex and single age."""
    counts = getattr(office.of, name)
    years = office.stock_years if name == "stock" else office.years
    axes = [("TIME_PERIOD", years), ("SEX", SEXES), ("AGE", SINGLE_AGES)]
    codes = {"deaths": {"EVENT": "DEATH"}, "immigration": {"DIRECTION": "I"}, "emigration": {"DIRECTION": "E"}}
    return frame(by_single_age(with_both_sexes(counts.sum(axis=1), 1)), axes, **codes.get(name, {}))


def accounts(office: Office) -> pl.DataFrame:
    """The account of the whole population of every year, with an adjustment, which is nothing."""
    of = office.of
    stock = of.stock.sum(axis=(1, 2, 3))
    births, deaths = of.births.sum(axis=(1, 2)), of.deaths.sum(axis=(1, 2, 3))
    moves_in, moves_out = of.immigration.sum(axis=(1, 2, 3)), of.emigration.sum(axis=(1, 2, 3))
    items = {
        "POP_BEG": stock[:-1],
        "LBIRTH": births,
        "DEATH": deaths,
        "FLW_IMM": moves_in,
        "FLW_EMI": moves_out,
        "ADJ": np.zeros_like(births),
        "POP_END": stock[1:],
        "NET_MIG": moves_in - moves_out,
        "NAT_INC": births - deaths,
        "GROWTH": np.diff(stock),
    }
    return frame(np.stack(list(items.values())), [("ACC_ITEM", list(items)), ("TIME_PERIOD", office.years)])


def third_countries(of: People) -> list[str]:
    """The partners whose citizens need a permit."""
    return [code for code in of.partners if code not in UNION]


def permits_of(of: People) -> Counts:
    """First permits by year, citizenship (those of `third_countries`, then the rest) and duration."""
    rng = np.random.default_rng([17, of.seed])
    listed = [*third_countries(of), REST]
    moves = np.stack([of.immigration[:, of.citizenship_of == code].sum(axis=(1, 2, 3)) for code in listed], axis=1)
    shares = rng.uniform(0.7, 1.1, len(listed))
    others = rng.uniform(0.15, 0.5, (len(listed), 2))
    noise = np.exp(rng.normal(0, 0.02, (*moves.shape, len(DURATIONS))))
    parts = np.concatenate([others, np.ones((len(listed), 1))], axis=1)
    return np.asarray(np.rint(moves[:, :, None] * shares[None, :, None] * parts[None] * noise), dtype=np.int64)


def build_permits_table(of: People, counts: Counts) -> pl.DataFrame:
    """First permits by citizenship and duration, with their totals."""
    counts = np.concatenate([counts.sum(axis=2, keepdims=True), counts], axis=2)
    counts = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
    codes = [TOTAL, *third_countries(of), REST]
    axes = [("TIME_PERIOD", [str(y) for y in of.years]), ("C_CITIZEN", codes), ("DURATION", (TOTAL, *DURATIONS))]
    return frame(counts, axes, ADM_ITEM="PERMIT_FIRST", SRC_TYPE="RESP")


def stays_of(of: People) -> Counts:
    """Temporary stays by year, purpose, class of stay, sex and unit: persons, stays, crossings, person-days."""
    rng = np.random.default_rng([18, of.seed])
    shape = (len(PURPOSES), len(CLASSES), 2)
    level = np.exp(rng.uniform(np.log(1500), np.log(20_000), shape))
    trend = rng.uniform(-0.04, 0.06, (len(PURPOSES), 1, 1))
    years = np.arange(len(of.years))[:, None, None, None]
    stays = level[None] * np.exp(trend[None] * years + rng.normal(0, 0.02, (len(of.years), *shape)))
    again, trips = rng.uniform(1.1, 1.4, shape), rng.uniform(1.15, 1.6, shape)
    days = np.array([rng.uniform(*spans, (len(PURPOSES), 2)) for spans in CLASSES.values()]).transpose(1, 0, 2)
    units = [stays / again, stays, stays * trips, stays * days * np.exp(rng.normal(0, 0.01, stays.shape))]
    return np.asarray(np.rint(np.stack(units, axis=-1)), dtype=np.int64)


def build_stays_table(of: People, counts: Counts) -> pl.DataFrame:
    """Temporary stays by purpose, class of stay, sex and unit, with their totals."""
    special = counts[:, : len(SPECIAL)].sum(axis=1, keepdims=True)
    counts = np.concatenate([counts.sum(axis=1, keepdims=True), special, counts], axis=1)
    counts = np.concatenate([counts.sum(axis=2, keepdims=True), counts], axis=2)
    counts = with_both_sexes(counts, 3)
    axes = [
        ("TIME_PERIOD", [str(year) for year in of.years]),
        ("MOB_TYPE", MOBILITY),
        ("STAY_DUR", (TOTAL, *CLASSES)),
        ("SEX", SEXES),
        ("UNIT_MEASURE", UNITS),
    ]
    return frame(counts, axes, TMP_ITEM="ARR", SRC_TYPE="BOR")


def applications_of(of: People) -> Counts:
    """Applications for protection by month and citizenship: partners, then the rest."""
    rng = np.random.default_rng([19, of.seed])
    months = np.arange(12 * MONTHLY_YEARS)
    codes = len(of.partners) + 1
    level = np.exp(rng.uniform(np.log(APPLICANTS[0]), np.log(APPLICANTS[1]), codes))
    season = rng.normal(0, 0.08, (12, codes)).clip(-0.16, 0.16)
    trend = rng.uniform(-0.05, 0.05, codes)
    noise = rng.normal(0, 0.03, (len(months), codes)).clip(-0.07, 0.07)
    counts = level * np.exp(season[months % 12] + trend * months[:, None] / 12 + noise)
    return np.asarray(np.rint(counts), dtype=np.int64)


def build_applications_table(of: People, counts: Counts) -> pl.DataFrame:
    """Applications by citizenship, of months, quarters and years."""
    counts = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
    codes = (TOTAL, *of.partners, REST)
    first = of.years[-1] - MONTHLY_YEARS + 1
    years = [str(year) for year in range(first, first + MONTHLY_YEARS)]
    months = [f"{year}-{month:02d}" for year in years for month in range(1, 13)]
    quarters = [f"{year}-Q{quarter}" for year in years for quarter in range(1, 5)]
    tables = [
        frame(
            counts.reshape(len(periods), -1, len(codes)).sum(axis=1),
            [("TIME_PERIOD", periods), ("C_CITIZEN", codes)],
            FREQ=frequency,
        )
        for frequency, periods in (("M", months), ("Q", quarters), ("A", years))
    ]
    return pl.concat(tables).with_columns(PROT_ITEM=pl.lit("APPLIED"), SRC_TYPE=pl.lit("ASY"))


TABLES |= {
    f"DF_ACCOUNT {CHANGEABLE}": (accounts, EVENTS),
    f"DF_PERMIT {CHANGEABLE}": (lambda office: build_permits_table(office.of, permits_of(office.of)), REPORTED),
    f"DF_TEMPMOB {CHANGEABLE}": (lambda office: build_stays_table(office.of, stays_of(office.of)), DECLARED),
    f"DF_PROTECTION {CHANGEABLE}": (
        lambda office: build_applications_table(office.of, applications_of(office.of)),
        REPORTED,
    ),
}
