"""Checks of totals in tables, as formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise

from sdmxmig.catalogue import ages
from sdmxmig.forms.questionnaires.plan import TOTAL, AskedTable
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.quality.rules.totals import BETWEEN, DimensionBreakdown, breakdown, choose
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule

SUM, NEGATIVE = "TOTAL-IS-SUM", "NOT-NEGATIVE"
GOOD, BAD = "✓", "✕"


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum: total, parts, required ones; not `whole` means an upper bound."""

    dimensions: tuple[str, ...]
    total: str
    _: KW_ONLY
    parts: tuple[str, ...]
    required: tuple[str, ...]
    whole: bool
    without: Mapping[str, tuple[str, ...]]


def rules_of(flow: Flow, rules: Mapping[str, Rule], kind: str) -> list[Rule]:
    return [rules[id_] for id_ in flow.dataflow.rules if id_ in rules and rules[id_].kind == kind]


def sums_of(grid: AskedTable, flow: Flow, rules: Mapping[str, Rule]) -> tuple[Sum, ...]:
    """The sums that the rules of a flow ask for and a table has room for, then those of the codes below others."""
    codes = codes_in(grid)
    sums: list[Sum] = []
    for rule in rules_of(flow, rules, SUM):
        declared = Declared(rule.parameters, rule.place or Place(rule.id))
        dimensions = declared.strings("dimensions", None)
        if not all(name in codes for name in dimensions):
            continue
        required, by_age = declared.strings("required"), declared.flag("ages", default=False)
        without = {name: declared.table("except").strings(name) for name in declared.table("except").values}
        division = breakdown(flow, dimensions, declared.text("total", TOTAL), required, by_age=by_age)
        table_codes = composed_codes([codes[name] for name in dimensions])
        sums += sums_of_wholes(division, table_codes, without)
        sums += ages_within(division, table_codes) if by_age else ()
    for name, table_codes in codes.items():
        if not any(ages.interval(code) for code in table_codes):
            sums += sums_of_parts(name, table_codes, flow)
    return tuple(sums)


def codes_in(grid: AskedTable) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for names, keys in ((grid.by_row, grid.rows), (grid.by_column[1:], [key[1:] for key in grid.columns])):
        for position, name in enumerate(names):
            codes[name] = list(dict.fromkeys(key[position] for key in keys))
    return codes


def composed_codes(lists: Sequence[Sequence[str]]) -> list[str]:
    combinations = [""]
    for number, codes in enumerate(lists):
        combinations = [
            f"{combination}{BETWEEN if number else ''}{code}" for combination in combinations for code in codes
        ]
    return combinations


def sums_of_wholes(
    division: DimensionBreakdown, codes: Sequence[str], without: Mapping[str, tuple[str, ...]]
) -> Iterator[Sum]:
    """The total with each set of parts that divides it."""
    for parts in choose(codes, division).partitions:
        named_parts = tuple(code for code in parts if not any(part.startswith("_") for part in code.split(BETWEEN)))
        yield Sum(
            division.dimensions,
            division.total,
            parts=parts,
            required=division.required or named_parts,
            whole=True,
            without=without,
        )


def ages_within(division: DimensionBreakdown, codes: Iterable[str]) -> Iterator[Sum]:
    """Broad age groups with the finest groups that divide them."""
    spans = {code: span for code in codes if (span := ages.interval(code))}
    for code, (start, end) in spans.items():
        chain: list[str] = []
        age = start
        while age < end:
            fitting = [(to, group) for group, (at, to) in spans.items() if at == age and to <= end and group != code]
            if not fitting:
                break
            age, group = min(fitting)
            chain.append(group)
        if age == end and len(chain) > 1:
            yield Sum(division.dimensions, code, parts=tuple(chain), required=tuple(chain), whole=True, without={})


def sums_of_parts(name: str, codes: Sequence[str], flow: Flow) -> Iterator[Sum]:
    codelist = flow.codelist(name)
    parents = {item.id: item.parent for item in codelist} if codelist else {}
    for code in codes:
        below = tuple(part for part in codes if parents.get(part) == code)
        if below:
            yield Sum((name,), code, parts=below, required=(), whole=False, without={})


@dataclass(frozen=True, slots=True, eq=False)
class Checks:
    """The check formulas of a table."""

    sums: tuple[Sum, ...]
    cells: Mapping[tuple[tuple[str, str], ...], tuple[int, int]]
    _: KW_ONLY
    names: Mapping[str, str]

    def formula(self, key: Mapping[str, str]) -> str:
        tested: list[tuple[str, str, str]] = []
        for checked_sum in self.sums:
            if all(
                key[name] == code
                for name, code in zip(checked_sum.dimensions, checked_sum.total.split(BETWEEN), strict=True)
            ):
                excepted = any(key.get(name) in codes for name, codes in checked_sum.without.items())
                test = None if excepted else self.test(checked_sum, key)
                tested += [test] if test else []
        if not tested:
            return ""
        formula = f'IF(OR({",".join(complete for complete, _, _ in tested)}),"{GOOD}","")'
        for complete, wrong, message in reversed(tested):
            formula = f"IF(AND({complete},{wrong}),{message},{formula})"
        return f'=IFERROR({formula},"{BAD}")'  # a text where a number belongs

    def test(self, checked_sum: Sum, key: Mapping[str, str]) -> tuple[str, str, str] | None:
        """When a sum can be tested, when it is wrong, and the message for that; None if a part is not in the table."""
        total = cell_name(*self.cells[self.at(key, {})])
        parts = [self.cells.get(self.at(key, self.codes(checked_sum, code))) for code in checked_sum.parts]
        required = [self.cells.get(self.at(key, self.codes(checked_sum, code))) for code in checked_sum.required]
        if None in parts or None in required:
            return None
        added = f"SUM({ranges([cell for cell in parts if cell])})"
        needed = [cell for cell in required if cell]
        count = (
            f"COUNT({ranges(needed)})={len(needed)}"
            if needed
            else f"COUNT({ranges([cell for cell in parts if cell])})>0"
        )
        difference = f"ROUND({total}-{added},6)"
        wrong = f"{difference}<>0" if checked_sum.whole else f"{difference}<0"
        name = " × ".join(self.names[dimension] for dimension in checked_sum.dimensions).replace('"', '""')
        return f"AND(COUNT({total})=1,{count})", wrong, f'"{BAD} {name}: "&ROUND({total}-{added},2)'

    def at(self, key: Mapping[str, str], exchanged: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({**key, **exchanged}.items()))

    def codes(self, checked_sum: Sum, code: str) -> dict[str, str]:
        return dict(zip(checked_sum.dimensions, code.split(BETWEEN), strict=True))


def ranges(cells: Sequence[tuple[int, int]]) -> str:
    """Cells as a spreadsheet names them, those below each other as a range.

    >>> ranges([(3, 2), (4, 2), (5, 2), (9, 2)])
    'B3:B5,B9'
    """
    sorted_cells = sorted(set(cells), key=lambda cell: (cell[1], cell[0]))
    runs = [[sorted_cells[0]]]
    for before, cell in pairwise(sorted_cells):
        if cell == (before[0] + 1, before[1]):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return ",".join(
        cell_name(*run[0]) if len(run) == 1 else f"{cell_name(*run[0])}:{cell_name(*run[-1])}" for run in runs
    )
