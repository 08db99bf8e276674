"""Tables with suppressed small figures: the clean datasets of the kinds on confidentiality.

Figures from 1 to n_min - 1 are suppressed. Secondary ones are chosen by a linear program that moves each by its
protection width, max(2 n_min, 30 % of it), at least cost with all sums holding. An audit with two linear programs per
confidential figure decides whether the pattern protects it. The programs use SciPy, independent of the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack

from benchmarks.planted_kinds.drawn import dimensions
from benchmarks.planted_kinds.people import Extent
from benchmarks.planted_kinds.sums import Grid, Key, Line, grid_of, latest
from benchmarks.planted_kinds.tables import SUBTOTALS, TOTAL, Published, published

PRIMARY, SECONDARY, SUPPRESSED, FREE = "A", "D", "Q", "F"
MIN_COUNTS = (3, 5, 10)
"""Below these a figure is confidential."""
BROAD = (TOTAL, *SUBTOTALS, "_U")
TIMES, SHARE = 2, 0.3
WITH_THRESHOLD = ("MIG-1-201", "MIG-1-204", "MIG-1-206", "MIG-1-210")
SMALL = Extent(size=0.004)
"""So few people that some figures are small."""
EXTENTS = {"DF_IMM": Extent(size=0.03), "DF_EMI": Extent(size=0.03), "DF_CITIZENSHIP": Extent(size=0.015)}
"""By dataflow, so many people that a few figures are small, and not most."""
COUNTRIES = ("C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "C_FORMER")
OF_COUNTRIES = {"DF_IMM": "C_RESIDENCE", "DF_EMI": "C_RESIDENCE", "DF_CITIZENSHIP": "C_FORMER"}
"""By which countries a table is broken down, the others at their total; other tables are by statuses."""
NEARLY = 1e-6


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Pattern:
    """A table with what is suppressed: by itself (`primary`) and for the sake of others (`secondary`)."""

    grid: Grid
    lines: tuple[Line, ...]
    least: int
    primary: frozenset[Key]
    secondary: frozenset[Key]

    @property
    def withheld(self) -> frozenset[Key]:
        """Return all suppressed figures."""
        return self.primary | self.secondary

    def width(self, key: Key) -> float:
        return max(TIMES * self.least, SHARE * (self.grid.values[key] or 0))


class Sums:
    """All sums of a table as one system: in each row the total less its parts is nothing."""

    def __init__(self, grid: Grid, lines: Sequence[Line]) -> None:
        self.keys = sorted(grid.values)
        self.place = {key: number for number, key in enumerate(self.keys)}
        self.values = np.array([grid.values[key] or 0 for key in self.keys], dtype=float)
        entries = [
            (row, self.place[key], -1.0 if key == line.total else 1.0)
            for row, line in enumerate(lines)
            for key in line.cells
        ]
        rows, columns, signs = zip(*entries, strict=True)
        self.matrix = csr_matrix((signs, (rows, columns)), shape=(len(lines), len(self.keys)))

    def raised(self, key: Key, by: float, withheld: Iterable[Key], closed: Iterable[Key] = ()) -> frozenset[Key] | None:
        """The figures to change, at least cost, so that one figure can be this much larger; None if impossible."""
        free = {self.place[other] for other in withheld}
        size = len(self.keys)
        cost = np.array([NEARLY * 100 if n in free else 1 + self.values[n] for n in range(size)])
        most = np.where((self.values > 0) | np.isin(np.arange(size), list(free)), np.inf, 0.0)
        most[[self.place[other] for other in closed]] = 0.0
        down = np.minimum(most, self.values)
        bounds: list[tuple[float, float]] = [(0.0, float(end)) for end in (*most, *down)]
        here = self.place[key]
        bounds[here], bounds[size + here] = (by, by), (0.0, 0.0)
        both = hstack([self.matrix, -self.matrix]).tocsr()
        solved = linprog(
            np.concatenate([cost, cost]), A_eq=both, b_eq=np.zeros(both.shape[0]), bounds=bounds, method="highs"
        )
        if not solved.success:
            return None
        moved = solved.x[:size] - solved.x[size:]
        return frozenset(self.keys[n] for n in np.flatnonzero(np.abs(moved) > NEARLY))

    def width(self, key: Key, withheld: Iterable[Key]) -> float:
        """How wide the range is in which a reader can place a suppressed figure."""
        open_cells = {self.place[other] for other in withheld}
        bounds = [(0.0, np.inf) if n in open_cells else (value, value) for n, value in enumerate(self.values)]
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(self.keys))
            cost[self.place[key]] = sign
            solved = linprog(cost, A_eq=self.matrix, b_eq=np.zeros(self.matrix.shape[0]), bounds=bounds, method="highs")
            ends.append(solved.fun if solved.success else -np.inf)
        return float(-ends[1] - ends[0])


def select_part(frame: pl.DataFrame, flow: str) -> pl.DataFrame:
    """The small table that is protected: of the latest year, with broad ages, by statuses or by one country."""
    country = OF_COUNTRIES.get(flow, "")
    frame = frame.filter(pl.col("TIME_PERIOD") == latest(frame), pl.col("AGE").is_in(BROAD))
    totals = [name for name in COUNTRIES if name in frame.columns and name != country]
    totals += ["BIRTH_STATUS", "CTZ_STATUS"] if country else []
    return frame.filter(*(pl.col(name) == TOTAL for name in totals if name in frame.columns))


def lines_of(grid: Grid) -> tuple[Line, ...]:
    lines = (line for key in sorted(grid.values) for line in grid.lines(key))
    return tuple(line for line in lines if line.whole and grid.residual(line) == 0)


def small_in(grid: Grid, least: int) -> frozenset[Key]:
    return frozenset(key for key, value in grid.values.items() if value is not None and 0 < value < least)


def find_protection(grid: Grid, least: int) -> Pattern | None:
    """Return a pattern that protects all small figures of an exact table; None without any or with too many."""
    lines, primary = lines_of(grid), small_in(grid, least)
    if not primary or len(primary) * 5 > len(grid.values):
        return None
    sums, withheld = Sums(grid, lines), set(primary)
    pattern = Pattern(grid=grid, lines=lines, least=least, primary=primary, secondary=frozenset())
    for key in sorted(primary):
        moved = sums.raised(key, pattern.width(key), withheld)
        if moved is None:
            return None
        withheld |= moved
    done = replace(pattern, secondary=frozenset(withheld) - primary)
    if any(sums.width(key, done.withheld) < done.width(key) - NEARLY for key in primary):
        return None
    return None if any(is_lone(line, done.withheld) for line in lines) else done


def is_lone(line: Line, withheld: frozenset[Key]) -> bool:
    return sum(key in withheld for key in line.cells) == 1


@lru_cache(maxsize=512)
def with_pattern(seed: int, flow: str, least: int) -> tuple[Published, Pattern] | None:
    """The small table of a dataflow with its suppression pattern; None if it cannot be protected."""
    clean = published(seed, 1, (flow,), extent=EXTENTS.get(flow, SMALL))
    table = select_part(clean.tables[flow], flow)
    pattern = find_protection(grid_of(table, dimensions(flow)), least)
    if pattern is None:
        return None
    settings = {rule: {"threshold": least} for rule in WITH_THRESHOLD}
    return replace(clean, tables={flow: table}, settings=settings), pattern


def suppress(exact: Published, flow: str, pattern: Pattern) -> Published:
    return exact.with_table(flow, marked(exact.tables[flow], dimensions(flow), pattern))


def marked(frame: pl.DataFrame, names: Sequence[str], pattern: Pattern) -> pl.DataFrame:
    """A table in which the figures of a pattern are suppressed."""
    marks = dict.fromkeys(pattern.primary, PRIMARY) | dict.fromkeys(pattern.secondary, SECONDARY)
    codes = pl.Series([marks.get(key, "") for key in frame.select(names).iter_rows()], dtype=pl.String)
    frame = frame.with_columns(codes.alias("mark"))
    is_marked = pl.col("mark") != ""
    return frame.with_columns(
        OBS_VALUE=pl.when(~is_marked).then("OBS_VALUE"),
        OBS_STATUS=pl.when(is_marked).then(pl.lit(SUPPRESSED)).otherwise("OBS_STATUS"),
        CONF_STATUS=pl.when(is_marked).then("mark").otherwise("CONF_STATUS"),
    ).drop("mark")


def shown(frame: pl.DataFrame, names: Sequence[str], figures: Mapping[Key, int], status: str = "") -> pl.DataFrame:
    """Publish some suppressed figures with a confidentiality status."""
    texts = [str(figures[key]) if key in figures else None for key in frame.select(names).iter_rows()]
    frame = frame.with_columns(pl.Series("new", texts, pl.String))
    is_told = pl.col("new").is_not_null()
    return frame.with_columns(
        OBS_VALUE=pl.coalesce("new", "OBS_VALUE"),
        OBS_STATUS=pl.when(is_told).then(pl.lit("A")).otherwise("OBS_STATUS"),
        CONF_STATUS=pl.when(is_told).then(pl.lit(status)).otherwise("CONF_STATUS"),
    ).drop("new")
