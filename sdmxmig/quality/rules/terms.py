"""Terms of a rule across tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sdmxmig.catalogue.areas import list_groups
from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.values import extract_column
from sdmxmig.quality.rules.words import TOTAL, build_reason, join_all
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Reason
from sdmxmig.statistics.demography.ledger import AREA, YEARS_TO_1_JANUARY, Book

DAY_UNKNOWN = "{flow} does not state that people are counted on 1 January or 31 December (REF_DATE)"
YEAR_COLUMN = "year"
FREQ, UNIT, PERSONS = "FREQ", "UNIT_MEASURE", "PS"
TIME_COLUMNS = ("period", "start", "end", "change", "months")
MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Figures of a dataflow (default: this one).

    `codes`: the first reported; `sums`: all are added. `at`: ``period``, ``start``, ``end``, ``change`` or mean of
    ``months``.
    """

    flow: str = ""
    codes: Mapping[str, tuple[str, ...]]
    sums: Mapping[str, tuple[str, ...]]
    at: str = "period"

    @property
    def pinned(self) -> set[str]:
        return {*self.codes, *self.sums, FREQ, AREA}


def read_term(declared: Declared) -> Term:
    term = declared.read(Term)
    check_known("time of a term", term.at, TIME_COLUMNS, declared.at("at"))
    return term


def switch_to_book(check: Check, book: Book) -> Check:
    return replace(check, dataset=book.dataset, books=(book,), others=())


def list_term_figures(check: Check, term: Term, by: Sequence[str]) -> pl.DataFrame | Reason:
    """Return a term's figures by country and year, or the reason why they are missing.

    Columns: `by`, ``REF_AREA``, ``year``, ``value`` (full units), ``half`` (rounding), ``rows``.
    """
    flow, key = check.flow.id, check.structure.series_key
    lacking = [name for name in (*term.codes, *term.sums, *by) if name not in key]
    if lacking or AREA not in key:
        dimensions = join_all(dict.fromkeys(lacking) or [AREA])
        return build_reason("{flow} is not broken down by {dimensions}", flow=flow, dimensions=dimensions)
    shift = compute_years_to_period(check, term)
    if shift is None:
        return build_reason(DAY_UNKNOWN, flow=flow)
    frame = select_term(check, term, by)
    if frame is None:
        return build_reason("{flow} has no single figure where the rule looks for one", flow=flow)
    if frame.is_empty():
        return build_reason("{flow} has no figure of the kind that the rule checks", flow=flow)
    yearly = average_months(frame, by) if term.at == "months" else select_years(frame, shift)
    if term.at == "change":
        yearly = compute_changes(yearly, by)
    if yearly.is_empty():
        return build_reason("{flow} has no whole year, or no two years in a row", flow=flow)
    return yearly


def compute_years_to_period(check: Check, term: Term) -> int | None:
    if term.at not in ("start", "end"):
        return 0
    shift = YEARS_TO_1_JANUARY.get(check.dataset.attributes.get("REF_DATE", ""))
    return shift if shift is None or term.at == "start" else shift - 1


def select_term(check: Check, term: Term, by: Sequence[str]) -> pl.DataFrame | None:
    structure, is_reported = check.structure, True
    needed, preference = [pl.col("amount").is_not_null()], []
    for dimension in structure.series_key:
        if dimension == AREA or dimension in by:
            continue
        codes = find_term_codes(check.flow, term, dimension)
        reported = check.books[0].codes(dimension)
        if codes:
            is_reported &= not reported.isdisjoint(codes)
            needed.append(pl.col(dimension).is_in(codes))
        elif len(reported) > 1:
            return None
        if dimension in term.codes:
            order = {code: number for number, code in enumerate(term.codes[dimension])}
            preference.append(pl.col(dimension).replace_strict(order, default=len(order), return_dtype=pl.Int32))
    if not is_reported:
        return check.amounts.frame.clear()
    time, keys = check.books[0].time, [name for name in (AREA, *by) if name in structure.series_key]
    unit = 10**check.amounts.scale
    frame = select_person_counts(check, check.amounts.frame.filter(*needed))
    frame = frame.sort(preference, maintain_order=True) if preference else frame
    summed = [name for name in term.sums if name in structure.series_key]
    frame = frame.unique([*keys, time, *summed], keep="first", maintain_order=True)
    half = pl.when(pl.col("printed_step") == unit).then(0).otherwise(pl.col("printed_step"))
    cells = frame.select(
        *keys,
        pl.col(time).alias("period"),
        value=pl.col("amount").cast(pl.Float64) / unit,
        half=half.cast(pl.Float64) / (2 * unit),
        rows=pl.concat_list("row"),
    )
    parts = 1
    for name in summed:
        parts *= len(term.sums[name])
    if not summed:
        return cells
    return select_same_parts(cells, [*keys, "period"], parts)


def find_term_codes(flow: Flow, term: Term, dimension: str) -> tuple[str, ...]:
    codelist = flow.codelist(dimension)
    if dimension in term.codes or dimension in term.sums:
        return term.codes.get(dimension) or term.sums[dimension]
    if dimension == FREQ:
        return ("M",) if term.at == "months" else ("A",)
    if dimension == UNIT:
        return (PERSONS,)
    return (TOTAL,) if codelist is None or TOTAL in codelist else ()


def select_person_counts(check: Check, frame: pl.DataFrame) -> pl.DataFrame:
    structure = check.structure
    if UNIT not in structure or UNIT in structure.series_key:
        return frame
    unit = extract_column(check, structure[UNIT]).select("row", unit_of="value")
    counted = pl.col("unit_of").is_null() | (pl.col("unit_of") == PERSONS)
    return frame.join(unit, on="row", how="left", maintain_order="left").filter(counted).drop("unit_of")


def select_years(frame: pl.DataFrame, shift: int) -> pl.DataFrame:
    years = frame.filter(pl.col("period").str.contains(r"^\d{4}$"))
    return years.with_columns(pl.col("period").cast(pl.Int32).alias(YEAR_COLUMN) + shift).drop("period")


def average_months(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    months = frame.filter(pl.col("period").str.contains(r"^\d{4}-\d{2}$"))
    months = months.with_columns(pl.col("period").str.slice(0, 4).cast(pl.Int32).alias(YEAR_COLUMN)).drop("period")
    years = select_same_parts(months, [AREA, *by, YEAR_COLUMN], MONTHS_PER_YEAR)
    return years.with_columns(pl.col("value") / MONTHS_PER_YEAR, pl.col("half") / MONTHS_PER_YEAR)


def select_same_parts(cells: pl.DataFrame, keys: Sequence[str], parts: int) -> pl.DataFrame:
    sums = cells.group_by(keys, maintain_order=True).agg(
        pl.col("value").sum(),
        pl.col("half").sum(),
        pl.col("rows").list.explode(keep_nulls=False, empty_as_null=False),
        parts=pl.len(),
    )
    return sums.filter(pl.col("parts") == parts).drop("parts")


def sum_over_years(frame: pl.DataFrame, by: Sequence[str], years: int) -> pl.DataFrame:
    if years == 1:
        return frame
    copies = [frame.with_columns(pl.col(YEAR_COLUMN) + steps) for steps in range(years)]
    return select_same_parts(pl.concat(copies), [AREA, *by, YEAR_COLUMN], years)


def compute_changes(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    before = frame.with_columns(pl.col(YEAR_COLUMN) + 1)
    both = frame.join(before, on=[AREA, *by, YEAR_COLUMN], suffix="_before", nulls_equal=True, maintain_order="left")
    return both.select(
        AREA,
        *by,
        YEAR_COLUMN,
        value=pl.col("value") - pl.col("value_before"),
        half=pl.col("half") + pl.col("half_before"),
        rows=pl.concat_list("rows", "rows_before"),
    )


def select_countries_only(check: Check, frame: pl.DataFrame, dimensions: Iterable[str]) -> pl.DataFrame:
    for dimension in dimensions:
        groups, code = list_groups(check.flow.codelist(dimension)), pl.col(dimension)
        frame = frame.filter(~code.str.starts_with("_"), ~code.is_in(sorted(groups)), code != pl.col(AREA))
    return frame
