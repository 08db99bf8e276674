"""Which figures of a table must agree with others of it, and the formulas that say so while it is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise

from sdmxmig.declarations import Declared
from sdmxmig.demography import ages
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Rule
from sdmxmig.places import Place, cell_name
from sdmxmig.questionnaires.plan import TOTAL, Grid
from sdmxmig.rules.parts import BETWEEN, DimensionBreakdown, breakdown, choose

SUM, NEGATIVE = "TOTAL-IS-SUM", "NOT-NEGATIVE"
GOOD, BAD = "✓", "✕"


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure that others make up: the codes of its breakdown, those of its parts, and which of them must be there.

    If not `whole`, the parts are only some of it, so that they are together no more than it.
    """

    dimensions: tuple[str, ...]
    total: str
    _: KW_ONLY
    parts: tuple[str, ...]
    required: tuple[str, ...]
    whole: bool
    without: Mapping[str, tuple[str, ...]]


def rules_of(flow: Flow, rules: Mapping[str, Rule], kind: str) -> list[Rule]:
    """The rules of a kind that are switched on for a flow."""
    return [rules[id_] for id_ in flow.dataflow.rules if id_ in rules and rules[id_].kind == kind]


def sums_of(grid: Grid, flow: Flow, rules: Mapping[str, Rule]) -> tuple[Sum, ...]:
    """The sums that the rules of a flow ask for and a table has room for, then those of the codes below others."""
    codes = codes_in(grid)
    found: list[Sum] = []
    for rule in rules_of(flow, rules, SUM):
        declared = Declared(rule.parameters, rule.place or Place(rule.id))
        dimensions = declared.strings("dimensions", None)
        if not all(name in codes for name in dimensions):
            continue
        required, by_age = declared.strings("required"), declared.flag("ages", default=False)
        without = {name: declared.table("except").strings(name) for name in declared.table("except").values}
        of = breakdown(flow, dimensions, declared.text("total", TOTAL), required, by_age=by_age)
        listed = composed([codes[name] for name in dimensions])
        found += wholes(of, listed, without)
        found += ages_within(of, listed) if by_age else ()
    for name, listed in codes.items():
        if not any(ages.interval(code) for code in listed):
            found += partly(name, listed, flow)
    return tuple(found)


def codes_in(grid: Grid) -> dict[str, list[str]]:
    """The codes of each dimension that varies in a table."""
    found: dict[str, list[str]] = {}
    for names, keys in ((grid.by_row, grid.rows), (grid.by_column[1:], [key[1:] for key in grid.columns])):
        for position, name in enumerate(names):
            found[name] = list(dict.fromkeys(key[position] for key in keys))
    return found


def composed(lists: Sequence[Sequence[str]]) -> list[str]:
    """The codes of a breakdown by several dimensions."""
    found = [""]
    for number, codes in enumerate(lists):
        found = [f"{one}{BETWEEN if number else ''}{code}" for one in found for code in codes]
    return found


def wholes(of: DimensionBreakdown, listed: Sequence[str], without: Mapping[str, tuple[str, ...]]) -> Iterator[Sum]:
    """The total with each set of parts that divides it."""
    for parts in choose(listed, of).partitions:
        known = tuple(code for code in parts if not any(one.startswith("_") for one in code.split(BETWEEN)))
        yield Sum(of.dimensions, of.total, parts=parts, required=of.required or known, whole=True, without=without)


def ages_within(of: DimensionBreakdown, listed: Iterable[str]) -> Iterator[Sum]:
    """Broad age groups with the finest groups that divide them."""
    spans = {code: span for code in listed if (span := ages.interval(code))}
    for code, (start, end) in spans.items():
        chain: list[str] = []
        age = start
        while age < end:
            fitting = [(to, one) for one, (at, to) in spans.items() if at == age and to <= end and one != code]
            if not fitting:
                break
            age, one = min(fitting)
            chain.append(one)
        if age == end and len(chain) > 1:
            yield Sum(of.dimensions, code, parts=tuple(chain), required=tuple(chain), whole=True, without={})


def partly(name: str, listed: Sequence[str], flow: Flow) -> Iterator[Sum]:
    """Codes with some of those that they contain, which are together no more than they."""
    codelist = flow.codelist(name)
    parents = {item.id: item.parent for item in codelist} if codelist else {}
    for code in listed:
        below = tuple(one for one in listed if parents.get(one) == code)
        if below:
            yield Sum((name,), code, parts=below, required=(), whole=False, without={})


@dataclass(frozen=True, slots=True, eq=False)
class Checks:
    """The formulas of one table: `cells` gives the row and column of the figure with a key."""

    sums: tuple[Sum, ...]
    cells: Mapping[tuple[tuple[str, str], ...], tuple[int, int]]
    _: KW_ONLY
    names: Mapping[str, str]

    def formula(self, key: Mapping[str, str]) -> str:
        """The formula that checks one figure, empty if nothing is to be checked."""
        tested: list[tuple[str, str, str]] = []
        for one in self.sums:
            if all(key[name] == code for name, code in zip(one.dimensions, one.total.split(BETWEEN), strict=True)):
                excepted = any(key.get(name) in codes for name, codes in one.without.items())
                found = None if excepted else self.test(one, key)
                tested += [found] if found else []
        if not tested:
            return ""
        formula = f'IF(OR({",".join(complete for complete, _, _ in tested)}),"{GOOD}","")'
        for complete, wrong, said in reversed(tested):
            formula = f"IF(AND({complete},{wrong}),{said},{formula})"
        return f'=IFERROR({formula},"{BAD}")'  # a text where a number belongs

    def test(self, one: Sum, key: Mapping[str, str]) -> tuple[str, str, str] | None:
        """When a sum can be tested, when it is wrong, and what is then said; None if a part is not in the table."""
        total = cell_name(*self.cells[self.at(key, {})])
        parts = [self.cells.get(self.at(key, self.codes(one, code))) for code in one.parts]
        required = [self.cells.get(self.at(key, self.codes(one, code))) for code in one.required]
        if None in parts or None in required:
            return None
        added = f"SUM({ranges([cell for cell in parts if cell])})"
        needed = [cell for cell in required if cell]
        count = f"COUNT({ranges(needed)})={len(needed)}" if needed else f"COUNT({ranges([p for p in parts if p])})>0"
        difference = f"ROUND({total}-{added},6)"
        wrong = f"{difference}<>0" if one.whole else f"{difference}<0"
        name = " × ".join(self.names[dimension] for dimension in one.dimensions).replace('"', '""')
        return f"AND(COUNT({total})=1,{count})", wrong, f'"{BAD} {name}: "&ROUND({total}-{added},2)'

    def at(self, key: Mapping[str, str], other: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """A key with some codes exchanged, as `cells` has it."""
        return tuple(sorted({**key, **other}.items()))

    def codes(self, one: Sum, code: str) -> dict[str, str]:
        """The codes of a part by dimension."""
        return dict(zip(one.dimensions, code.split(BETWEEN), strict=True))


def ranges(cells: Sequence[tuple[int, int]]) -> str:
    """Cells as a spreadsheet names them, those below each other as a range.

    >>> ranges([(3, 2), (4, 2), (5, 2), (9, 2)])
    'B3:B5,B9'
    """
    listed = sorted(set(cells), key=lambda cell: (cell[1], cell[0]))
    runs = [[listed[0]]]
    for before, cell in pairwise(listed):
        if cell == (before[0] + 1, before[1]):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return ",".join(
        cell_name(*run[0]) if len(run) == 1 else f"{cell_name(*run[0])}:{cell_name(*run[-1])}" for run in runs
    )
