"""Totals and their parts, within rounding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any

from sdmxmig.catalogue import ages
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested, run_by_definition
from sdmxmig.quality.rules.outside_figures import find_outside_figures
from sdmxmig.quality.rules.values import select_figures_once
from sdmxmig.quality.rules.words import (
    TOTAL,
    Named,
    build_reason,
    find_code_name,
    join_all,
    join_any,
    name_in_words,
    translate_reason,
    write_number,
)
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Reason
from sdmxmig.statistics.demography.time_series import index_reported_parts

FIGURE_COLUMNS = ("row", "amount", "slack", "power", "text")


def select_total_figures(check: Check, *only: pl.Expr) -> pl.DataFrame:
    """Select the figures of a rule, each key once; `slack` is the printed unit, zero for whole persons."""
    unit = 10**check.amounts.scale
    slack = pl.when(pl.col("printed_step") == unit).then(0).otherwise(pl.col("printed_step")).alias("slack")
    text = pl.col(check.structure.measure.id).alias("text")
    figures = select_figures_once(check).select([*check.structure.key, "row", "amount", slack, "power", text])
    return figures.filter(*only) if only else figures


def select_codes(frame: pl.DataFrame, codes: Mapping[str, str]) -> pl.DataFrame:
    at_codes = [pl.col(dimension) == code for dimension, code in codes.items()]
    return frame.filter(pl.lit(value=True), *at_codes).drop(list(codes))


def select_margins_only(check: Check, frame: pl.DataFrame, but: str = "") -> pl.DataFrame:
    present = [name for name in check.structure.series_key if name in frame.columns and name != but]
    codelists = {name: check.flow.codelist(name) for name in present}
    at_total = [pl.col(name) == TOTAL for name, listed in codelists.items() if listed and TOTAL in listed]
    return frame.filter(pl.lit(value=True), *at_total)


def write_per_cent(share: Decimal, language: str) -> str:
    """Write a share as a percentage with at most one decimal in a language.

    >>> write_per_cent(Decimal("0.0512"), "fr"), write_per_cent(Decimal("0.05"), "fr")
    ('5,1', '5')
    """
    text = f"{(share * 100).quantize(Decimal('0.1')):f}"
    return write_number(text.removesuffix(".0"), language)


def join_code_names(check: Check, codes: Mapping[str, str], language: str) -> str:
    named = {dimension: code for dimension, code in codes.items() if code != TOTAL} or dict(list(codes.items())[:1])
    return " × ".join(find_code_name(check.flow, dimension, code, language) for dimension, code in named.items())


def write_rounding_tolerance(check: Check, slack: int, power: int) -> str:
    return check.amounts.printed(slack * 5, power + 1)


def read_exact_amount(check: Check, row: Mapping[str, Any], column: str) -> Decimal:
    return check.amounts.exact(row[column])


KEY_SEPARATOR = ":"
"""The separator of codes in breakdowns by two dimensions, as in series keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionBreakdown:
    """A breakdown by one or several dimensions.

    `required` codes make it complete; `by_age` means intervals; `left_out` are never parts. Combined codes are
    ``NB:FC``.
    """

    dimensions: tuple[str, ...]
    total: str
    required: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ("_Z",)
    by_age: bool = False
    known: frozenset[str] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return " × ".join(self.dimensions)


@dataclass(frozen=True, slots=True)
class PartChoice:
    """Chosen parts: each of `partitions` adds up to the whole, `disjoint` to at most the whole.

    `reason` explains why there are no parts.
    """

    partitions: tuple[tuple[str, ...], ...]
    disjoint: tuple[str, ...]
    reason: Callable[[], Reason] | None = None


def build_breakdown(
    flow: Flow, dimensions: Sequence[str], total: str, required: Sequence[str], *, by_age: bool
) -> DimensionBreakdown:
    lists = [codelist for dimension in dimensions if (codelist := flow.codelist(dimension)) is not None]
    parents = {item.id: item.parent for codelist in lists for item in codelist.items if item.parent}
    return DimensionBreakdown(
        dimensions=tuple(dimensions),
        total=KEY_SEPARATOR.join(total for _ in dimensions),
        required=tuple(required),
        by_age=by_age,
        known=frozenset(code for codelist in lists for code in codelist.ids),
        parents=parents,
    )


def choose(codes: Sequence[str], of: DimensionBreakdown) -> PartChoice:
    parts = tuple(code for code in codes if is_part(code, of))
    strangers = sorted({piece for code in parts for piece in code.split(KEY_SEPARATOR)} - of.known)
    if strangers:
        return PartChoice((), (), reason=lambda: build_reason("“{code}” is not a code", code=strangers[0]))
    if of.by_age:
        chains, stops = ages.find_partitions(parts)
        unknown = tuple(code for code in parts if code.startswith("_"))
        return PartChoice(
            tuple((*chain, *unknown) for chain in chains),
            (*ages.choose_disjoint(parts), *unknown),
            reason=partial(explain_missing_group, stops) if stops else None,
        )
    present = set(parts)
    parts = tuple(code for code in parts if not (list_ancestors(code, of.parents) - {code}) & present)
    lacking = [code for code in of.required if code not in present]
    return (
        PartChoice((), parts, reason=partial(explain_unreported, lacking)) if lacking else PartChoice((parts,), parts)
    )


def explain_missing_group(stops: Iterable[int]) -> Reason:
    return build_reason("no age group begins at {ages}", ages=join_any(map(str, stops)))


def explain_unreported(codes: Sequence[str]) -> Reason:
    if len(codes) == 1:
        return build_reason("{code} is not reported", code=codes[0])
    return build_reason("{codes} are not reported", codes=join_all(codes))


def is_part(code: str, of: DimensionBreakdown) -> bool:
    total = of.total.split(KEY_SEPARATOR)[0]
    return not any(piece == total or piece in of.left_out for piece in code.split(KEY_SEPARATOR))


def list_ancestors(code: str, parents: Mapping[str, str]) -> set[str]:
    """Return a code and all codes that contain it.

    >>> sorted(list_ancestors("NB:STLS", {"STLS": "FC"}))
    ['NB:FC', 'NB:STLS']
    """
    lines: list[list[str]] = []
    for piece in code.split(KEY_SEPARATOR):
        line = [piece]
        while line[-1] in parents and parents[line[-1]] not in line:
            line.append(parents[line[-1]])
        lines.append(line)
    return {KEY_SEPARATOR.join(combination) for combination in product(*lines)}


CODE_COLUMN = "code"
NO_PARTS = "no total is reported with its parts by {dimensions}"
MAX_LISTED_PARTS = 8


MIN_PROOFS = 2
"""Minimum number of totals that equal the sums of their parts, so that the same parts count as complete elsewhere."""
Partitions = Sequence[Sequence[tuple[str, ...]]]
"""The partitions by set of codes; a partition is the codes that are added."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TotalSplit:
    """Totals of a breakdown and their parts; `sets` are codes reported together, `choices` the parts to add."""

    parts: pl.DataFrame
    codes: Sequence[str]
    sets: Sequence[tuple[str, ...]]
    choices: Sequence[PartChoice]
    steps: pl.DataFrame

    @property
    def whole(self) -> Partitions:
        return [choice.partitions for choice in self.choices]

    @property
    def disjoint(self) -> Partitions:
        return [(choice.disjoint,) for choice in self.choices]


@KINDS.add("TOTAL-IS-SUM")
@run_by_definition
def total_is_sum(check: Check) -> Iterable[Fault | NotTestable]:
    """Every total is the sum of its parts if the parts are complete.

    Parameters: `dimensions`; `required`: codes without which parts are incomplete, unless most totals with the same
    parts are their sums; `ages`: codes are age groups, without overlap or gap; `total`; `except`: codes by dimension.
    Tolerance: none for whole persons, else half a printed unit per figure. LEFT-OUT-FITS-TOTAL reports totals explained
    by closed cases beside them, and totals that mostly exceed their parts because answers omit figures.
    """
    of = read_breakdown(check)
    if missing := [name for name in of.dimensions if name not in check.structure]:
        raise build_untestable_error(
            "{flow} is not broken down by {dimensions}", flow=check.flow.id, dimensions=join_all(missing)
        )
    if not may_have_parts(check, of.dimensions, of.total) or not (split := split_by(check, of)).choices:
        raise build_untestable_error(NO_PARTS, dimensions=of.name)
    split = accept_proven_parts(split)
    sums = sum_parts(split, split.whole)
    wrong = sums.filter((pl.col("sum") - pl.col("amount")).abs() * 2 > pl.col("slack"))
    frame = check.amounts.frame
    divided = [name for name in check.structure.key if name not in of.dimensions and (frame[name] != TOTAL).any()]
    wrong = select_first_per_group(wrong)
    for row in drop_explained(check, describe_sums(check, split, split.whole, wrong), sums):
        if not is_excess_undivided(check, of, row, divided):
            yield build_fault(check, of, row)
    yield from report_skipped_totals(split, sums, of)


def drop_explained(check: Check, wrong: Iterable[dict[str, Any]], sums: pl.DataFrame) -> list[dict[str, Any]]:
    """Drop totals explained by figures outside them; LEFT-OUT-FITS-TOTAL reports these.

    If most totals are wrong and amounts explain few of them, omitted figures are parts in an unknown way.
    """
    rows = list(wrong)
    if not rows or check.unused_cells is None:
        return rows
    outside = find_outside_figures(check)
    left = [row for row in rows if not outside.explain(row)]
    if len(rows) * 2 > sums["group"].n_unique() and len(left) * 2 >= len(rows):
        left = [row for row in left if not outside.may_explain(row)]
    return left


def accept_proven_parts(split: TotalSplit) -> TotalSplit:
    """Treat parts without the required codes as complete if most totals with the same parts are their sums."""
    lacking = [(choice.disjoint,) if choice.reason and not choice.partitions else () for choice in split.choices]
    if not any(ways and len(ways[0]) > 1 for ways in lacking):
        return split
    sets = split.parts.select("group", "set").unique("group", maintain_order=True)
    sums = sum_parts(split, lacking).filter(pl.col("count") > 1, pl.col("sum") > 0).join(sets, on="group", how="left")
    fits = (pl.col("sum") - pl.col("amount")).abs() * 2 <= pl.col("slack")
    counts = sums.group_by("set").agg(fitting=fits.sum(), totals=pl.len())
    proven = counts.filter(pl.col("fitting") >= MIN_PROOFS, pl.col("fitting") * 2 > pl.col("totals"))["set"].to_list()
    choices = [
        replace(choice, partitions=(choice.disjoint,)) if number in proven and lacking[number] else choice
        for number, choice in enumerate(split.choices)
    ]
    return replace(split, choices=choices)


def is_excess_undivided(check: Check, of: DimensionBreakdown, row: Mapping[str, Any], divided: Sequence[str]) -> bool:
    """Check whether a total exceeds its parts by exactly the categories without these parts: “Unknown 12 .. ..”."""
    frame, total = check.amounts.frame, dict(zip(of.dimensions, of.total.split(KEY_SEPARATOR), strict=True))
    key = {name: frame[name][row["row"]] for name in check.structure.key}
    for dimension in [name for name in divided if key[name] == TOTAL]:
        same = [pl.col(name).eq_missing(code) for name, code in key.items() if name not in total and name != dimension]
        beside = frame.filter(*same, pl.col(dimension) != TOTAL).drop_nulls("amount")
        is_total = pl.all_horizontal(pl.col(name) == code for name, code in total.items())
        whole = beside.filter(is_total).join(beside.filter(~is_total), on=dimension, how="anti")
        if whole.height and whole["amount"].sum() == row["amount"] - row["sum"]:
            return True
    return False


@KINDS.add("PART-WITHIN-TOTAL")
@run_by_definition
def parts_do_not_exceed_total(check: Check) -> Iterable[Fault | NotTestable]:
    """No part exceeds its total, even if some parts are not reported.

    Parameters: `dimensions`: each a breakdown, two joined as ``CTZ_STATUS:C_CITIZEN`` a part of everybody; `except`:
    codes by dimension.
    """
    with check.parameters as parameters:
        listed = list_dimensions(check, parameters)
    tested = False
    for names in listed:
        of = build_breakdown(check.flow, names.split(KEY_SEPARATOR), TOTAL, (), by_age=False)
        if not may_have_parts(check, of.dimensions, of.total) or not (split := split_by(check, of)).choices:
            continue
        pairs = add_totals(split)
        tested = tested or not pairs.is_empty()
        over = (pl.col("amount") - pl.col("amount_total")) * 2 > pl.col("slack") + pl.col("slack_total")
        for row in add_texts(check, split, pairs.filter(over).sort("row")).iter_rows(named=True):
            yield check.fault(
                (row["row"],),
                partial(build_part_parameters, check, of, row),
                observed=row["text"],
                expected=f"≤ {row['text_total']}",
                related=(row["row_total"],),
                difference=check.amounts.printed(row["amount"] - row["amount_total"], row["power"]),
                tolerance=write_rounding_tolerance(check, row["slack"] + row["slack_total"], row["power"]),
            )
    if not tested:
        yield report_not_tested("no total is reported with one of its parts")


@KINDS.add("PARTS-WITHIN-TOTAL")
@run_by_definition
def part_sums_do_not_exceed_total(check: Check) -> Iterable[Fault | NotTestable]:
    """Incomplete parts together do not exceed their total.

    Parameters: as for PART-WITHIN-TOTAL, and `required`: by dimension, the codes that make it complete. Two dimensions
    such as ``CTZ_STATUS:C_CITIZEN`` compare foreigners by citizenship with everybody; no code makes them complete.
    """
    with check.parameters as parameters:
        listed, declared = list_dimensions(check, parameters), parameters.table("required")
        required = {
            names: declared.strings(names) for names in parameters.strings("dimensions") if KEY_SEPARATOR not in names
        }
        declared.close()
    tested = False
    for names in listed:
        dimensions = names.split(KEY_SEPARATOR)
        of = build_breakdown(check.flow, dimensions, TOTAL, required.get(names, ()), by_age=names == "AGE")
        if not may_have_parts(check, dimensions, of.total) or not (split := split_by(check, of)).choices:
            continue
        some = [
            (choice.disjoint,) if KEY_SEPARATOR in names or not choice.partitions else () for choice in split.choices
        ]
        sums = sum_parts(split, some, known=True).filter(pl.col("count") > 1)
        tested = tested or not sums.is_empty()
        wrong = sums.filter((pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack"))
        for row in describe_sums(check, split, some, wrong, known=True):
            yield build_fault(check, of, row)
    if not tested:
        yield report_not_tested("no total is reported with two or more but not all of its parts")


@KINDS.add("TOTALS-ARE-SUMS")
@run_by_definition
def totals_are_sums(check: Check) -> Iterable[Fault | NotTestable]:
    """Each breakdown adds up to its total if complete, and never exceeds it.

    Parameters: `dimensions`: each a breakdown; `required`: by dimension, codes without which it is incomplete;
    `except`: codes by dimension. Tolerance as for TOTAL-IS-SUM.
    """
    with check.parameters as parameters:
        listed, declared = list_dimensions(check, parameters), parameters.table("required")
        required = {dimension: declared.strings(dimension) for dimension in parameters.strings("dimensions")}
        declared.close()
    tested: list[str] = []
    reasons: list[NotTestable] = []
    for dimension in listed:
        of = build_breakdown(check.flow, [dimension], TOTAL, required[dimension], by_age=False)
        if not may_have_parts(check, of.dimensions, of.total) or not (split := split_by(check, of)).choices:
            reasons.append(report_not_tested(NO_PARTS, dimensions=of.name))
            continue
        whole, some = split.whole, split.disjoint
        sums, parts = sum_parts(split, whole), sum_parts(split, some, known=True)
        more = parts.filter((pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack"))
        less = sums.filter((pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack"))
        short = drop_explained(check, describe_sums(check, split, whole, less), sums)
        for row in (*describe_sums(check, split, some, more, known=True), *short):
            yield build_fault(check, of, row)
        reasons.extend(report_skipped_totals(split, sums, of))
        tested.extend([] if parts.is_empty() else [dimension])
    yield from (NotTestable(reason.reason, partial=bool(tested)) for reason in reasons)
    if not (tested or reasons):
        none = build_reason("no total is reported with its parts by any dimension that the rule names")
        yield NotTestable(build_reason(NO_PARTS, dimensions=join_any(listed)) if listed else none)


def read_breakdown(check: Check) -> DimensionBreakdown:
    with check.parameters as parameters:
        dimensions, required = parameters.strings("dimensions", None), parameters.strings("required")
        total, by_age = parameters.text("total", TOTAL), parameters.flag("ages", default=False)
        parameters.table("except")
    return build_breakdown(check.flow, dimensions, total, required, by_age=by_age)


def list_dimensions(check: Check, parameters: Declared) -> list[str]:
    parameters.table("except")
    listed = parameters.strings("dimensions", None)
    return [names for names in listed if all(dimension in check.structure for dimension in names.split(KEY_SEPARATOR))]


def may_have_parts(check: Check, dimensions: Sequence[str], total: str) -> bool:
    pairs = zip(dimensions, total.split(KEY_SEPARATOR), strict=True)
    return all(code in (codes := check.books[0].codes(dimension)) and len(codes) > 1 for dimension, code in pairs)


def split_by(check: Check, of: DimensionBreakdown) -> TotalSplit:
    book = check.books[0]
    figures = select_figures_once(check)
    combinations = list(product(*(book.numbers.texts(name) for name in of.dimensions)))
    codes = ["" if None in pieces else KEY_SEPARATOR.join(map(str, pieces)) for pieces in combinations]
    part_codes = [number for number, code in enumerate(codes) if code and is_part(code, of)]
    total = dict(zip(of.dimensions, of.total.split(KEY_SEPARATOR), strict=True))
    parts = book.parts(of.dimensions, total, part_codes)
    if figures.height < book.distinct.height:
        rows = figures["row"].implode()
        some = parts.frame.filter(pl.col("row").is_in(rows), pl.col("group").is_in(rows))
        parts = index_reported_parts(some.drop("set"))
    sets = [tuple(sorted(codes[number] for number in together)) for together in parts.sets]
    choices = [choose(together, of) for together in sets]
    return TotalSplit(parts=parts.frame, codes=codes, sets=sets, choices=choices, steps=book.steps)


def add_totals(split: TotalSplit) -> pl.DataFrame:
    own, of_total = split.steps[split.parts["row"]], split.steps[split.parts["group"]]
    of_total = of_total.rename({"amount": "amount_total", "slack": "slack_total"})
    return split.parts.hstack(own).hstack(of_total).drop_nulls("amount")


def sum_parts(split: TotalSplit, partitions: Partitions, *, known: bool = False) -> pl.DataFrame:
    """Add up each partition of each total, without parts that lack a value.

    `known` keeps only parts with values. Columns: ``group``, ``partition``, ``sum``, ``count``, ``slack_of_parts``,
    ``amount``, ``slack``.
    """
    parts = list_members(split, partitions)
    parts = parts[["group", "partition"]].hstack(split.steps[parts["row"]])
    if known:
        parts = parts.drop_nulls("amount")
    sums = parts.group_by("group", "partition").agg(
        sum=pl.col("amount").sum(),
        empty=pl.col("amount").null_count(),
        slack_of_parts=pl.col("slack").sum(),
        count=pl.len(),
    )
    sums = sums.filter(pl.col("empty") == 0).sort("group", "partition")
    total = split.steps[sums["group"]]
    of_all = (total["slack"] + sums["slack_of_parts"]).alias("slack")
    return sums[["group", "partition", "sum", "slack_of_parts", "count"]].hstack([total["amount"], of_all])


def list_members(split: TotalSplit, partitions: Partitions) -> pl.DataFrame:
    listed = zip(partitions, split.sets, strict=True)
    if all([sorted(codes) for codes in ways] == [list(together)] for ways, together in listed):
        return split.parts.with_columns(partition=pl.lit(0, dtype=pl.UInt32))
    return select_members(split, partitions)


def select_members(split: TotalSplit, partitions: Partitions) -> pl.DataFrame:
    """Return the parts of partitions like `list_members`, with their ``place``."""
    position = {code: number for number, code in enumerate(split.codes)}
    listed = [
        (number, position[code], partition, place)
        for number, ways in enumerate(partitions)
        for partition, codes in enumerate(ways)
        for place, code in enumerate(codes)
    ]
    schema = {"set": split.parts.schema["set"], CODE_COLUMN: split.parts.schema[CODE_COLUMN]}
    table = pl.DataFrame(listed, schema=schema | {"partition": pl.UInt32, "place": pl.UInt32}, orient="row")
    return split.parts.join(table, on=["set", CODE_COLUMN], how="inner", maintain_order="left")


def describe_sums(
    check: Check, split: TotalSplit, partitions: Partitions, sums: pl.DataFrame, *, known: bool = False
) -> Iterator[dict[str, Any]]:
    if sums.is_empty():
        return
    some = split.parts.join(sums.select("group").unique(), on="group", how="semi", maintain_order="left")
    parts = select_members(replace(split, parts=some), partitions)
    if known:
        parts = parts.filter(split.steps["amount"][parts["row"]].is_not_null())
    frame, text = check.amounts.frame, check.measure
    codes = pl.Series(split.codes, dtype=pl.String)
    lists = (
        parts.with_columns(codes=codes[parts[CODE_COLUMN]], texts=frame[text][parts["row"]])
        .sort("group", "partition", "place")
        .group_by("group", "partition", maintain_order=True)
        .agg("codes", "texts", rows="row")
    )
    rows = sums["group"]
    wholes = sums.with_columns(row=rows, text=frame[text][rows], power=frame["power"][rows])
    yield from wholes.join(lists, on=["group", "partition"], maintain_order="left").iter_rows(named=True)


def select_first_per_group(sums: pl.DataFrame) -> pl.DataFrame:
    return sums.unique("group", keep="first", maintain_order=True)


def add_texts(check: Check, split: TotalSplit, pairs: pl.DataFrame) -> pl.DataFrame:
    frame, text = check.amounts.frame, check.measure
    rows, groups = pairs["row"], pairs["group"]
    return pairs.with_columns(
        pl.Series(CODE_COLUMN, split.codes, dtype=pl.String)[pairs[CODE_COLUMN]],
        row_total=groups,
        power=frame["power"][rows],
        text=frame[text][rows],
        text_total=frame[text][groups],
    )


def build_fault(check: Check, of: DimensionBreakdown, row: dict[str, Any]) -> Fault:
    expected = check.amounts.printed(row["sum"], row["power"])
    return check.fault(
        (row["row"],),
        partial(build_sum_parameters, check, of, row),
        observed=row["text"],
        expected=expected,
        related=tuple(row["rows"]),
        difference=check.amounts.printed(row["amount"] - row["sum"], row["power"]),
        tolerance=write_rounding_tolerance(check, row["slack"], row["power"]),
    )


def build_sum_parameters(check: Check, of: DimensionBreakdown, row: dict[str, Any], language: str) -> dict[str, str]:
    printed, power = check.amounts.printed, row["power"]
    parts = [
        f"{name_breakdown(check, of, code, language)} "
        f"{write_number(format_in_unit(check, text, part, power), language)}"
        for code, text, part in zip(row["codes"], row["texts"], row["rows"], strict=True)
    ]
    more = f"… (+ {len(parts) - MAX_LISTED_PARTS})"
    return {
        "dimension": name_dimension(check, of, language),
        "value": write_number(row["text"], language),
        "sum": write_number(printed(row["sum"], power), language),
        "difference": write_number(printed(abs(row["amount"] - row["sum"]), power), language),
        "tolerance": write_number(write_rounding_tolerance(check, row["slack"], power), language),
        "parts": " + ".join(parts if len(parts) <= MAX_LISTED_PARTS else [*parts[:MAX_LISTED_PARTS], more]),
    }


def format_in_unit(check: Check, text: str, row: int, power: int) -> str:
    """Return the figure of a row in the unit of the message; its digits are kept if the units are equal."""
    frame = check.amounts.frame
    return text if frame["power"][row] == power else check.amounts.printed(frame["amount"][row], power)


def build_part_parameters(check: Check, of: DimensionBreakdown, row: dict[str, Any], language: str) -> dict[str, str]:
    return {
        "dimension": name_dimension(check, of, language),
        "code": name_breakdown(check, of, row[CODE_COLUMN], language),
        "value": write_number(row["text"], language),
        "total": write_number(format_in_unit(check, row["text_total"], row["row_total"], row["power"]), language),
    }


def name_dimension(check: Check, of: DimensionBreakdown, language: str) -> str:
    return " × ".join(name_in_words(name, check.flow, language) for name in of.dimensions)


def name_breakdown(check: Check, of: DimensionBreakdown, code: str, language: str) -> str:
    pairs = zip(of.dimensions, code.split(KEY_SEPARATOR), strict=True)
    return " × ".join(find_code_name(check.flow, dimension, part_code, language) for dimension, part_code in pairs)


def report_skipped_totals(split: TotalSplit, sums: pl.DataFrame, of: DimensionBreakdown) -> Iterator[NotTestable]:
    left = split.parts.join(sums.select("group").unique(), on="group", how="anti")
    reasons: Counter[Reason] = Counter()
    for together, count in left.group_by("set").agg(pl.col("group").n_unique()).iter_rows():
        why = split.choices[together].reason
        reasons[why() if why else build_reason("a part has no value")] += count
    for reason, count in sorted(reasons.items(), key=lambda pair: pair[0].sentence()):
        about: dict[str, Named] = {"dimensions": of.name, "reason": partial(translate_reason, reason)}
        single = build_reason("1 total by {dimensions}: {reason}", **about)
        several = build_reason("{count} totals by {dimensions}: {reason}", **about, count=count)
        yield NotTestable(single if count == 1 else several, partial=not sums.is_empty())
