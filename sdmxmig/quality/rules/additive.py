"""Sums from which a reader could infer a suppressed figure.

These are totals, groups, years, margins, repeated figures and accounting identities. They include unreported totals
with reported parts, since readers can add them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from sdmxmig.catalogue.ages import parse_age_code
from sdmxmig.catalogue.areas import REMAINDER
from sdmxmig.catalogue.rules import is_in_scope
from sdmxmig.primitives.lazily import np
from sdmxmig.primitives.places import Place
from sdmxmig.quality.disclosure.problem import CellLimits, Relations
from sdmxmig.quality.rules import KINDS, Check, report_not_tested, run_by_definition
from sdmxmig.quality.rules.confidentiality import ConfidentialityMarks, select_figures_shown
from sdmxmig.quality.rules.groups import AREA, fill_age_range
from sdmxmig.quality.rules.status_of_country import WANTED_STATUS, add_allowed_statuses, read_pair
from sdmxmig.quality.rules.times import FREQUENCY, PARTS_OF_A_YEAR, YEARLY
from sdmxmig.quality.rules.totals import KEY_SEPARATOR as PARTS_BETWEEN
from sdmxmig.quality.rules.totals import (
    DimensionBreakdown,
    build_breakdown,
    build_fault,
    choose,
    describe_sums,
    is_part,
    list_ancestors,
    select_first_per_group,
    split_by,
    sum_parts,
)
from sdmxmig.quality.rules.values import open_parameters
from sdmxmig.quality.rules.words import TOTAL
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Rule

AGES, REST = "CL_AGE", "_O"
NO_PARTS = frozenset({TOTAL, "_Z", "_U", "_X"})
TOTAL_RULES = ("TOTAL-IS-SUM", "TOTALS-ARE-SUMS", "PART-WITHIN-TOTAL", "PARTS-WITHIN-TOTAL")
FIRST_UNREPORTED = 2**31


@KINDS.add("EVERY-TOTAL-FITS")
@run_by_definition
def totals_match_parts(check: Check) -> Iterable[Fault | NotTestable]:
    """A total is the sum of its parts if these are complete by codelist, and never less than their sum.

    Covers one-dimensional breakdowns without another rule on totals. Parameters: `units`: those of counts; `except`:
    codes by dimension. Tolerance as for TOTAL-IS-SUM.
    """
    open_parameters(check).close()
    tested = False
    for dimension, codelist in list_free_breakdowns(check):
        of = build_breakdown(check.flow, [dimension], TOTAL, (), by_age=codelist.ref.id == AGES)
        split = split_by(check, of)
        sums = sum_parts(split, split.whole)
        more = (pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")
        less = (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack")
        for row in describe_sums(check, split, split.whole, select_first_per_group(sums.filter(more | less))):
            if row["sum"] > row["amount"] or of.by_age or is_complete(tuple(row["codes"]), codelist):
                yield build_fault(check, of, row)
        tested = tested or not sums.is_empty()
    if not tested:
        yield report_not_tested("no total is reported with its parts in a breakdown that no other rule checks")


def list_free_breakdowns(check: Check) -> list[tuple[str, ItemScheme]]:
    checked_elsewhere = {name for rule in check.beside if rule.kind in TOTAL_RULES for name in list_dimensions(rule)}
    free = []
    for name in check.structure.series_key:
        codelist = check.flow.codelist(name)
        if name in checked_elsewhere or codelist is None or TOTAL not in codelist:
            continue
        codes = check.books[0].numbers.present(name)
        if len(codes) > 1 and TOTAL in codes:
            free.append((name, codelist))
    return free


def list_dimensions(rule: Rule) -> Sequence[str]:
    listed = rule.parameters.get("dimensions")
    names = [str(name) for name in listed] if isinstance(listed, list) else []
    return names if rule.kind != "TOTAL-IS-SUM" or len(names) == 1 else []


@lru_cache(maxsize=1024)
def is_complete(codes: tuple[str, ...], codelist: ItemScheme) -> bool:
    present = set(codes)
    parents = {item.id: item.parent for item in codelist.items if item.parent}
    reached = {ancestor for code in present for ancestor in list_ancestors(code, parents)}
    return REST in present or all(
        code in NO_PARTS or code in reached or list_ancestors(code, parents) & present for code in codelist.ids
    )


CELL, SUM, SIGN, CODES = "cell", "sum", "sign", "codes"
KEY_SEPARATOR = "\x1f"
YEAR, ITEM = "year", "ACC_ITEM"
LENGTH_OF_A_YEAR = 4
MAX_YEARLY_CELLS = 200_000
"""Maximum number of figures in tables whose years are all checked."""
CLOSE_TOLERANCE = 1e-6
"""Tolerance of equal sums of floating-point numbers."""
SAME, YEARS, ACCOUNT = "same", "years", "account"


class Division(NamedTuple):
    whole: str
    parts: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReaderView:
    """The figures and sums of a dataset, or of linked datasets as one system.

    `cells` has one row per figure, as `select_figures_shown`; `row` is empty if unreported, and linked datasets add
    ``book`` and ``signed`` (may be negative). `terms` (``sum``, ``cell``, ``sign``) add up to zero, or at most zero if
    not `complete`. `sums` has ``sum``, ``by``, ``complete`` and, in one dataset, ``pattern``. Linked datasets omit
    contradicted sums.
    """

    cells: pl.DataFrame
    terms: pl.DataFrame
    sums: pl.DataFrame

    def relations(self) -> Relations:
        complete = self.sums.sort(SUM)["complete"].to_numpy()
        terms = self.terms.sort(SUM, maintain_order=True)
        return Relations(
            cells=self.cells.height,
            relation=terms[SUM].to_numpy().astype(np.int64),
            cell=terms[CELL].to_numpy().astype(np.int64),
            sign=terms[SIGN].to_numpy().astype(np.float64),
            least=np.where(complete, 0.0, -np.inf),
            most=np.zeros(len(complete)),
        )

    def limits(self) -> CellLimits:
        value, half = self.cells["value"].to_numpy().astype(np.float64), self.cells["half"].to_numpy()
        shown, lowest = self.cells["shown"].to_numpy(), np.where(self.cells["signed"].to_numpy(), -np.inf, 0.0)
        return CellLimits(least=np.where(shown, value - half, lowest), most=np.where(shown, value + half, np.inf))


TERM_TYPES = {SUM: pl.UInt32, CELL: pl.UInt32, SIGN: pl.Float64}
SUM_TYPES = {SUM: pl.UInt32, "by": pl.String, "complete": pl.Boolean, "pattern": pl.String}


def build_sums(check: Check, marks: ConfidentialityMarks, more: Iterable[str] = ()) -> ReaderView:
    cells = select_figures_shown(check, marks).with_row_index(CELL)
    cells = select_affected(check, cells, list(more))
    terms, sums = [pl.DataFrame(schema=TERM_TYPES)], [pl.DataFrame(schema=SUM_TYPES)]
    for dimension, codelist in list_breakdowns(check, cells):
        cells, by_way = sum_by_dimension(check, cells, dimension, codelist)
        add_relations(terms, sums, by_way, dimension)
    for by, by_way in (
        (YEARS, sum_by_year(check, cells)),
        (SAME, select_by_status(check, cells)),
        *list_joint_totals(check, cells),
    ):
        add_relations(terms, sums, by_way, by)
    return ReaderView(cells=cells, terms=pl.concat(terms), sums=pl.concat(sums))


def add_relations(terms: list[pl.DataFrame], sums: list[pl.DataFrame], by_way: pl.DataFrame, by: str) -> None:
    if by_way.is_empty():
        return
    first = sum(part.height for part in sums)
    numbered = by_way.with_columns(pl.col(SUM).rank("dense").cast(pl.UInt32) - 1 + first)
    terms.append(numbered.select(pl.col(name).cast(kind) for name, kind in TERM_TYPES.items()))
    sums.append(
        numbered.unique(SUM, keep="first", maintain_order=True)
        .with_columns(by=pl.lit(by), pattern=pl.format("{} {}", pl.lit(by), pl.col("pattern")))
        .select(pl.col(name).cast(kind) for name, kind in SUM_TYPES.items())
        .sort(SUM)
    )


def select_affected(check: Check, cells: pl.DataFrame, more: list[str]) -> pl.DataFrame:
    """Select figures in years and populations with suppressed figures; sums do not cross them.

    Accounts cross items and years. Small tables include all years, to show whether parts are complete.
    """
    flow = check.flow
    time = flow.structure.time
    summed = {FREQUENCY, *(name for name in flow.structure.series_key if has_total(flow.codelist(name)))}
    apart = [name for name in flow.structure.series_key if name not in summed and name in cells.columns]
    lists = {name: flow.codelist(name) for name in apart}
    apart = [name for name in apart if name != ITEM and not has_parents(lists[name])]
    year = pl.col(time.id).str.head(LENGTH_OF_A_YEAR).alias(YEAR) if time else pl.lit("").alias(YEAR)
    cells = cells.with_columns(year)
    shared = apart if cells.height <= MAX_YEARLY_CELLS else [*apart, YEAR]
    if not shared:
        return cells.drop(YEAR)
    withheld = cells.filter(pl.col("mark") != "").select(shared).unique()
    own = cells.join(withheld, on=shared, how="semi", nulls_equal=True)
    if more:
        own = cells.filter(pl.col(YEAR).is_in(more) | pl.col(CELL).is_in(own[CELL].implode()))
    return own.drop(YEAR).sort(CELL)


def has_total(codelist: ItemScheme | None) -> bool:
    return codelist is not None and TOTAL in codelist


def has_parents(codelist: ItemScheme | None) -> bool:
    return codelist is not None and any(item.parent for item in codelist.items)


def list_breakdowns(check: Check, cells: pl.DataFrame) -> Iterator[tuple[str, ItemScheme]]:
    for name in check.structure.series_key:
        codelist = check.flow.codelist(name)
        if codelist is None or name in (FREQUENCY, AREA) or not (has_total(codelist) or has_parents(codelist)):
            continue
        if cells[name].n_unique() > 1:
            yield name, codelist


def find_required(check: Check) -> dict[str, tuple[str, ...]]:
    required: dict[str, tuple[str, ...]] = {}
    for rule in check.rules.values():
        dimensions, codes = rule.parameters.get("dimensions"), rule.parameters.get("required")
        if not isinstance(dimensions, list) or not is_in_scope(rule.runs_on, check.flow):
            continue
        if isinstance(codes, dict):
            required |= {str(name): tuple(map(str, listed)) for name, listed in codes.items()}
        elif isinstance(codes, list) and len(dimensions) == 1:
            required[str(dimensions[0])] = tuple(map(str, codes))
    return required


def sum_by_dimension(
    check: Check, cells: pl.DataFrame, dimension: str, codelist: ItemScheme
) -> tuple[pl.DataFrame, pl.DataFrame]:
    others = [name for name in check.structure.key if name != dimension]
    groups = (
        cells.drop_nulls(dimension)
        .group_by(others, maintain_order=True)
        .agg(pl.col(dimension).unique().sort().str.join(KEY_SEPARATOR).alias(CODES), pl.len())
        .filter(pl.col("len") > 1)
        .with_row_index("group")
    )
    divider = Divider(check, dimension, codelist, present=frozenset(cells[dimension].drop_nulls()))
    rows = [
        (codes, number, way.whole, part, way.complete)
        for codes in groups[CODES].unique(maintain_order=True)
        for number, way in enumerate(divider.ways(tuple(codes.split(KEY_SEPARATOR))))
        for part in way.parts
    ]
    schema = {CODES: pl.String, "way": pl.UInt32, "whole": pl.String, "part": pl.String, "complete": pl.Boolean}
    ways = pl.DataFrame(rows, schema=schema, orient="row")
    members = groups.select("group", CODES, *others).join(ways, on=CODES, how="inner", maintain_order="left")
    lacking = find_missing_parts(cells, groups.select("group", *others), dimension, divider)
    members = members.with_columns(is_whole=~pl.col("group").is_in(lacking.implode()))
    members = members.with_columns(complete=pl.col("complete") & pl.col("is_whole"))
    cells = add_unreported_totals(cells, members, dimension, others)
    index = cells.select(*others, pl.col(dimension).alias("code"), CELL)
    parts = members.with_columns(code=pl.col("part"), sign=1.0)
    wholes = members.unique(["group", "way"], keep="first", maintain_order=True).with_columns(
        code=pl.col("whole"), sign=-1.0
    )
    terms = pl.concat([wholes, parts]).join(
        index, on=[*others, "code"], how="left", nulls_equal=True, maintain_order="left"
    )
    terms = terms.filter(pl.col(CELL).is_not_null().all().over("group", "way")).with_columns(
        sum=pl.struct("group", "way").rank("dense"),
        pattern=pl.format("{} {} {}", pl.col(CODES), pl.col("way"), pl.col("is_whole")),
    )
    return cells, terms.sort(SUM, maintain_order=True)


def find_missing_parts(cells: pl.DataFrame, groups: pl.DataFrame, dimension: str, divider: Divider) -> pl.Series:
    """Find groups of totals with additional parts, such as an unknown age for women only."""
    others = [name for name in groups.columns if name != "group"]
    made = groups.join(cells.filter(pl.col(CELL) >= FIRST_UNREPORTED), on=others, how="semi", nulls_equal=True)
    mine = groups.join(cells, on=others, how="inner", nulls_equal=True).select("group", dimension).unique()
    lacking = [pl.Series("group", [], pl.UInt32)]
    for name in others if made.height else ():
        rest = [other for other in others if other != name]
        totals = made.filter(pl.col(name) == TOTAL).select("group", *rest)
        theirs = totals.join(cells.select(*rest, dimension).unique(), on=rest, how="inner", nulls_equal=True)
        absent = theirs.join(mine, on=["group", dimension], how="anti").filter(divider.is_part(pl.col(dimension)))
        lacking.append(absent["group"].unique())
    return pl.concat(lacking)


def list_joint_totals(check: Check, cells: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    structure = check.structure
    for rule in check.rules.values():
        if rule.kind != "TOTAL-IS-SUM" or not is_in_scope(rule.runs_on, check.flow):
            continue
        parameters = Declared(rule.parameters, rule.place or Place(rule.id))
        dimensions, excepted = parameters.strings("dimensions", None), parameters.table("except")
        if len(dimensions) == 1 or not set(dimensions) <= set(structure.series_key):
            continue
        without = [
            ~pl.col(name).is_in(excepted.strings(name)) for name in excepted.values if name in structure.series_key
        ]
        of = build_breakdown(check.flow, dimensions, TOTAL, parameters.strings("required"), by_age=False)
        yield PARTS_BETWEEN.join(dimensions), list_total_terms(cells.filter(*without), of, structure.key)


def list_total_terms(cells: pl.DataFrame, of: DimensionBreakdown, key: Sequence[str]) -> pl.DataFrame:
    others = [name for name in key if name not in of.dimensions]
    composed = cells.select(*others, pl.concat_str(of.dimensions, separator=PARTS_BETWEEN).alias("code"), CELL)
    groups = composed.group_by(others, maintain_order=True).agg(
        pl.col("code").unique().sort().str.join(KEY_SEPARATOR).alias(CODES)
    )
    rows = [
        (codes, part)
        for codes in groups[CODES].unique(maintain_order=True)
        if of.total in (listed := codes.split(KEY_SEPARATOR))
        for partition in choose([code for code in listed if is_part(code, of)], of).partitions[:1]
        for part in partition
    ]
    parts = pl.DataFrame(rows, schema={CODES: pl.String, "code": pl.String}, orient="row")
    wholes = parts.select(CODES).unique(maintain_order=True).with_columns(code=pl.lit(of.total), sign=-1.0)
    ways = pl.concat([wholes, parts.with_columns(sign=1.0)])
    members = groups.with_row_index(SUM).join(ways, on=CODES, how="inner", maintain_order="left")
    terms = members.join(composed, on=[*others, "code"], how="inner", nulls_equal=True, maintain_order="left")
    return terms.with_columns(complete=pl.lit(value=True), pattern=pl.col(CODES)).sort(SUM, maintain_order=True)


def add_unreported_totals(
    cells: pl.DataFrame, members: pl.DataFrame, dimension: str, others: Sequence[str]
) -> pl.DataFrame:
    """Add a row for every unreported total whose parts are all reported."""
    wholes = members.filter("complete").select(*others, pl.col("whole").alias(dimension)).unique(maintain_order=True)
    absent = wholes.join(cells, on=[*others, dimension], how="anti", nulls_equal=True, maintain_order="left")
    if absent.is_empty():
        return cells
    first = int(cells[CELL].max() or 0) + 1  # type: ignore[arg-type]
    numbered = absent.with_row_index(CELL, offset=max(first, FIRST_UNREPORTED)).with_columns(
        mark=pl.lit(""), shown=pl.lit(value=False), half=pl.lit(0.0)
    )
    return pl.concat([cells, numbered], how="diagonal")


class Divider:
    def __init__(self, check: Check, dimension: str, codelist: ItemScheme, *, present: frozenset[str]) -> None:
        required = find_required(check).get(dimension, ())
        by_lists = build_breakdown(check.flow, [dimension], TOTAL, required, by_age=codelist.ref.id == AGES)
        self.of = replace(by_lists, known=by_lists.known | present)
        self.codelist = codelist
        self.has_total = has_total(codelist)
        self.is_declared = bool(required)
        self.children: dict[str, list[str]] = {}
        for item in codelist.items:
            is_reported = item.id in present or not item.note(REMAINDER)
            if is_reported and item.parent and item.parent in codelist and item.parent != TOTAL:
                self.children.setdefault(item.parent, []).append(item.id)
        self.areas = frozenset(check.books[0].codes(AREA)) if AREA in check.structure else frozenset()

    def ways(self, codes: tuple[str, ...]) -> list[Division]:
        if self.of.by_age:
            return [*self.by_age(codes)]
        present, ways = set(codes), []
        for whole in sorted(self.children, key=self.depth, reverse=True):
            level = [code for code in self.children[whole] if code not in self.areas]
            parts = tuple(code for code in level if code in present)
            complete = len(parts) == len(level) and len(parts) > 0
            if complete and len(parts) > 1:
                present.add(whole)
            if parts and whole in present:
                ways.append(Division(whole, parts, complete))
        return [*ways, *self.find_ways_of_total(tuple(sorted(present)), self.of)]

    def is_part(self, code: pl.Expr) -> pl.Expr:
        wholes = [TOTAL, *(code for code in map(str, self.codelist.ids) if self.of.by_age and parse_age_code(code))]
        return code.is_not_null() & ~code.is_in(wholes)

    def depth(self, code: str) -> int:
        depth, seen = 0, {code}
        while (code := self.of.parents.get(code, "")) and code not in seen:
            seen.add(code)
            depth += 1
        return depth

    def find_ways_of_total(self, codes: tuple[str, ...], of: DimensionBreakdown) -> Iterator[Division]:
        parts = tuple(code for code in codes if is_part(code, of))
        if not self.has_total or not parts:
            return
        choice = choose(parts, of)
        if self.is_declared or of.by_age:
            yield from (Division(TOTAL, partition, complete=True) for partition in choice.partitions if partition)
        elif choice.disjoint:
            yield Division(TOTAL, choice.disjoint, complete=is_complete(choice.disjoint, self.codelist))
        if (self.is_declared or of.by_age) and not choice.partitions and choice.disjoint:
            yield Division(TOTAL, choice.disjoint, complete=False)

    def by_age(self, codes: tuple[str, ...]) -> Iterator[Division]:
        yield from self.find_ways_of_total(codes, self.of)
        spans = {code: span for code in codes if (span := parse_age_code(code))}
        for whole, (first, end) in sorted(spans.items()):
            inside = {c: s for c, s in spans.items() if first <= s[0] and s[1] <= end and c != whole}
            ways = {tuple(fill_age_range(inside, first, end, widest=widest)) for widest in (False, True)}
            yield from (Division(whole, way, complete=True) for way in sorted(ways) if way)


def sum_by_year(check: Check, cells: pl.DataFrame) -> pl.DataFrame:
    """Return years as sums of months, quarters or half-years, if the rule on years runs."""
    structure = check.structure
    declared = find_declared_rule(check, "YEAR-IS-SUM")
    if declared is None or structure.time is None or FREQUENCY not in structure.series_key:
        return pl.DataFrame()
    time = structure.time.id
    excepted = declared.table("except")
    for dimension in excepted.values:
        if dimension in cells.columns:
            cells = cells.filter(~pl.col(dimension).is_in(excepted.strings(dimension)).fill_null(value=False))
    others = [name for name in structure.series_key if name != FREQUENCY]
    cells = cells.with_columns(pl.col(time).str.head(LENGTH_OF_A_YEAR).alias(YEAR))
    years = cells.filter(pl.col(FREQUENCY) == YEARLY).select(*others, YEAR, pl.col(CELL).alias("whole"))
    parts = cells.filter(pl.col(FREQUENCY).is_in(list(PARTS_OF_A_YEAR))).join(
        years, on=[*others, YEAR], how="inner", nulls_equal=True, maintain_order="left"
    )
    needed = pl.col(FREQUENCY).replace_strict(PARTS_OF_A_YEAR, return_dtype=pl.UInt32)
    parts = parts.with_columns(
        sum=pl.struct("whole", FREQUENCY).rank("dense"),
        complete=pl.len().over("whole", FREQUENCY) == needed,
        pattern=pl.col(FREQUENCY),
        sign=1.0,
    )
    wholes = parts.unique(SUM, keep="first", maintain_order=True).with_columns(cell=pl.col("whole"), sign=-1.0)
    columns = [SUM, CELL, SIGN, "complete", "pattern"]
    return pl.concat([wholes.select(columns), parts.select(columns)]).sort(SUM, maintain_order=True)


def select_by_status(check: Check, cells: pl.DataFrame) -> pl.DataFrame:
    structure, declared = check.structure, find_declared_rule(check, "SAME-UNDER-TOTAL-STATUS")
    pairs: list[pl.DataFrame] = [pl.DataFrame(schema={CELL: pl.UInt32, "exact": pl.UInt32})]
    for declared_pair in declared.tables("pair") if declared else ():
        pair = read_pair(declared_pair)
        if not {pair.status, pair.country, AREA} <= set(structure.key):
            continue
        frame = add_allowed_statuses(check, pair, cells)
        others = [name for name in structure.key if name != pair.status]
        exact = frame.filter(pl.col(pair.status) == pl.col(WANTED_STATUS).list.first())
        total = frame.filter(pl.col(pair.status) == TOTAL)
        both = total.join(exact.select(*others, pl.col(CELL).alias("exact")), on=others, how="inner", nulls_equal=True)
        pairs.append(both.select(CELL, "exact"))
    return select_equalities(pl.concat(pairs))


def select_equalities(both: pl.DataFrame) -> pl.DataFrame:
    columns = [SUM, CELL, SIGN, "complete", "pattern"]
    same = both.with_row_index(SUM).with_columns(sign=-1.0, complete=pl.lit(value=True), pattern=pl.lit(SAME))
    other = same.with_columns(cell=pl.col("exact"), sign=1.0)
    return pl.concat([same.select(columns), other.select(columns)]).sort(SUM, maintain_order=True)


def find_declared_rule(check: Check, kind: str) -> Declared | None:
    rules = [rule for rule in check.rules.values() if rule.kind == kind and is_in_scope(rule.runs_on, check.flow)]
    return Declared(rules[0].parameters, rules[0].place or Place(rules[0].id)) if rules else None
