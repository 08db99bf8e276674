"""Gaps in series and breakdowns.

Periods and cells required by a profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sdmxmig.primitives.errors import DeclarationError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.series import (
    decimal,
    decimals,
    followed,
    parameters_of_series,
    period_of,
    periods_between,
    with_context,
    without_explained,
    words,
)
from sdmxmig.quality.rules.words import TOTAL, any_of, because, in_languages, name_of
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.courses import place_of
from sdmxmig.statistics.demography.ledger import Book

GROUP = ["context", "period"]


@KINDS.add("SERIES-WITHOUT-GAPS")
def series_without_gaps(check: Check) -> Iterable[Fault | NotTestable]:
    """A series has an observation for every period between its first and its last, if only a missing one.

    Parameters: `least`, the figure beside the gap from which on it matters, since a smaller one may be a zero that is
    not printed; `share`, of the periods that a series must have to count as one that is due in each of them; `units`,
    `except`.
    """
    parameters = parameters_of_series(check)
    least, share = parameters.integer("least"), decimal(parameters, "share")
    parameters.close()
    series = followed(check)
    lengths = series.group_by("series").agg(
        length=pl.len(), due=(pl.col("period").max() - pl.col("period").min()) // pl.col("step").first() + 1
    )
    if lengths.filter(pl.col("length") > 1).is_empty():
        yield NotTestable(because("no series has observations of two periods"))
        return
    whole = lengths.filter(pl.col("length") >= share * pl.col("due"))
    if sparse := lengths.height - whole.height:
        reason = because(
            "there are too few observations between the first and the last in {count} series", count=sparse
        )
        yield NotTestable(reason, partial=not whole.is_empty())
    follows = pl.col("series").shift(1) == pl.col("series")
    missing = pl.when(follows).then((pl.col("period") - pl.col("period").shift(1)) // pl.col("step") - 1)
    gaps = series.with_columns(missing=missing, before=pl.col("value").shift(1), row_before=pl.col("row").shift(1))
    gaps = gaps.filter(pl.col("missing") > 0).join(whole, on="series", how="semi", maintain_order="left")
    matters = (pl.max_horizontal(pl.col("value").abs(), pl.col("before").abs()) >= least).fill_null(value=True)
    for row, row_before, step, missing in (
        gaps.filter(matters).select("row", "row_before", "step", "missing").iter_rows()
    ):
        lacking = ", ".join(periods_between(period_of(check, row_before), step, missing))
        parameters_of_fault = {
            "periods": lacking,
            "before": period_of(check, row_before),
            "after": period_of(check, row),
        }
        measure = check.dataset.flow.structure.measure.id
        yield Fault((row,), measure, parameters=parameters_of_fault, observed=lacking, expected="an observation")


@KINDS.add("CODES-STAY")
def codes_stay(check: Check) -> Iterable[Fault | NotTestable]:
    """A code with a figure of some size is there in the next period too, where others of its breakdown are.

    Parameters: `dimensions`, each of which is a breakdown of its own; `least`, the figure above which a code must not
    be gone; `units`, `except`.
    """
    parameters = parameters_of_series(check)
    listed, least = parameters.strings("dimensions", None), parameters.integer("least")
    parameters.close()
    structure = check.dataset.flow.structure
    dimensions = [name for name in listed if name in structure]
    series = followed(check)
    goes_on = (pl.col("series").shift(-1) == pl.col("series")) & (
        pl.col("period").shift(-1) - pl.col("period") == pl.col("step")
    )
    series = series.with_columns(next=pl.col("period") + pl.col("step"), stays=goes_on.fill_null(value=False))
    tested = False
    for name in dimensions:
        parts = with_context(check, series, name).filter(~pl.col("code").is_in([TOTAL, "_Z"]))
        others = parts.group_by("context", "period").agg(others=pl.len())
        due = parts.join(others, left_on=["context", "next"], right_on=["context", "period"])
        tested = tested or not due.is_empty()
        missing = due.filter(~pl.col("stays"), pl.col("value") > least).with_columns(up=pl.lit(value=False))
        missing = without_explained(check, missing).sort("row")
        for row, step, others_there in missing.select("row", "step", "others").iter_rows():
            yield gone(check, row, step, others_there)
    if not tested:
        yield NotTestable(
            because(
                "there are no figures by {dimensions} for two neighbouring periods",
                dimensions=any_of(dimensions or listed),
            )
        )


def gone(check: Check, row: int, step: int, others: int) -> Fault:
    period = "".join(periods_between(period_of(check, row), step, 1))
    parameters = words(check, {"before": row}, further=lambda _: {"period": period, "others": str(others)})
    measure = check.dataset.flow.structure.measure.id
    return Fault((row,), measure, parameters=parameters, observed="", expected=f"an observation for {period}")


@KINDS.add("BREAKDOWN-WHOLE")
def breakdown_whole(check: Check) -> Iterable[Fault | NotTestable]:
    """A code in nearly all breakdowns of a period is present in all, at least as a missing figure.

    It may be absent if so few are expected, at the share that the code has elsewhere, that it may be a zero.
    Parameters: `dimensions`, each of which breaks down all the others; `share`, of the breakdowns of a period that must
    have a code so that it is due in all of them; `breakdowns`, how many there must be to tell; `least`, the figure to
    be expected from which on it must be there; `required`, tables of cells that a profile wants in any case;
    `elsewhere` and `demanded`, the reasons in messages; `units`, `except`.
    """
    parameters = parameters_of_series(check)
    listed, needed = parameters.strings("dimensions", None), parameters.integer("breakdowns")
    share, least = decimal(parameters, "share"), parameters.integer("least")
    elsewhere, demanded = (parameters.texts(name, required=True) for name in ("elsewhere", "demanded"))
    required = required_tables(check, parameters)
    parameters.close()
    missing_keys = {key for table in required if table.codes for key in keys_missing(check, table)}
    yield from (not_reported(check, key, demanded) for key in sorted(missing_keys))
    series = followed(check)
    tested = any(table.codes for table in required)
    for name in (dimension for dimension in listed if dimension in check.dataset.flow.structure):
        parts = with_context(check, series, name).filter(~pl.col("code").is_in([TOTAL, "_Z"]))
        parts = where_some_lack(parts, needed, share)
        tested = tested or not parts.is_empty()
        whole = parts.group_by(GROUP, maintain_order=True).agg("row", sum=pl.col("value").sum())
        whole = whole.with_columns(count=pl.len().over("period")).filter(pl.col("count") >= needed)
        due = codes_due(parts.join(whole.drop("row"), on=GROUP), share)
        lacking = whole.join(due, on="period").join(parts, on=[*GROUP, "code"], how="anti")
        odds = pl.col("part") / (1 - pl.col("part"))
        lacking = lacking.with_columns(due=pl.col("sum") * odds, rows=pl.col("row"), up=pl.col("code"))
        lacking = lacking.filter(pl.col("due") >= least).with_columns(row=pl.col("rows").list.first())
        yield from not_whole(check, name, without_explained(check, lacking), elsewhere)
    if not tested:
        yield NotTestable(
            because("no period has {needed} breakdowns by {dimensions}", needed=needed, dimensions=any_of(listed))
        )


def where_some_lack(parts: pl.DataFrame, needed: int, share: float) -> pl.DataFrame:
    """Find figures of periods in which a code may be missing.

    If none is missing anywhere, one period stands for all.
    """
    reported = parts.select("period", "code", "context")
    count = reported.group_by("period").agg(count=pl.col("context").n_unique()).filter(pl.col("count") >= needed)
    having = reported.group_by("period", "code").agg(having=pl.len()).join(count, on="period")
    lacking = having.filter(pl.col("having") < pl.col("count"), pl.col("having") >= share * pl.col("count"))
    periods = lacking["period"].unique() if not lacking.is_empty() else count["period"].head(1)
    return parts.filter(pl.col("period").is_in(periods.implode())).sort("code", "row")


def codes_due(parts: pl.DataFrame, share: float) -> pl.DataFrame:
    codes = parts.group_by("period", "code").agg(
        having=pl.len(), part=pl.col("value").sum() / pl.col("sum").sum(), of=pl.col("count").first()
    )
    nearly_all = (pl.col("having") >= share * pl.col("of")) & (pl.col("having") < pl.col("of"))
    return codes.filter(nearly_all, pl.col("part") < 1).drop("of")


def not_whole(check: Check, dimension: str, lacking: pl.DataFrame, elsewhere: Text) -> Iterable[Fault]:
    """The faults of breakdowns in which a code is lacking; the figures of the others stand for it."""
    flow = check.dataset.flow
    columns = ["rows", "code", "having", "count", "due"]
    for rows, code, having, count, due in lacking.sort("row", "code").select(columns).iter_rows():

        def parameters_in(
            language: str, code: str = code, figures: tuple[int, int, float] = (having, count, due)
        ) -> dict[str, str]:
            names = ("having", "count", "due")
            numbers = {name: decimals(value, language, 0) for name, value in zip(names, figures, strict=True)}
            return {
                "name": name_of(flow, dimension, code, language),
                "why": elsewhere.in_language(language).format(**numbers),
            }

        yield Fault(
            tuple(sorted(rows)),
            flow.structure.measure.id,
            parameters=in_languages(check.rule, parameters_in),
            observed=code,
            expected=f"about {due:.0f}",
        )


def not_reported(check: Check, key: Key, demanded: Text) -> Fault:
    """The fault of a required figure that is not there."""
    flow, codes = check.dataset.flow, dict(key)
    named = [name for name in flow.structure.series_key if codes.get(name, TOTAL) != TOTAL]
    name = named[-1] if named else flow.structure.series_key[-1]

    def parameters_in(language: str) -> dict[str, str]:
        return {"name": name_of(flow, name, codes.get(name, TOTAL), language), "why": demanded.in_language(language)}

    words_of_fault = in_languages(check.rule, parameters_in)
    return Fault((), name, parameters=words_of_fault, expected="an observation", key=key)


@KINDS.add("PERIODS-AS-SISTERS")
def periods_as_sisters(check: Check) -> Iterable[Fault | NotTestable]:
    """Flows that are reported together, such as immigration and emigration, reach the same last period.

    Parameters: `together`, the ids of such flows, those of one text belonging to each other; `required`, tables of
    `flows` with the `periods` that a profile wants of them in any case; `reached` and `demanded`, how a message says
    why figures should be there.
    """
    parameters = check.parameters
    sets = [ids.split() for ids in parameters.strings("together", None)]
    required = [table for table in required_tables(check, parameters) if table.periods]
    reached, demanded = (parameters.texts(name, required=True) for name in ("reached", "demanded"))
    parameters.close()
    yield from (period_lacking(check, period, demanded) for period in periods_missing(check, required))
    own = check.dataset.flow.id
    sisters = {flow for ids in sets if own in ids for flow in ids} - {own}
    reported = [book for book in check.books[1:] if book.flow in sisters]
    if not reported and not required:
        yield NotTestable(because("nothing that belongs to {flow} is reported with it", flow=own))
        return
    ends = ends_of(check.books[0])
    for book in reported:
        later = ends.join(ends_of(book), on=["FREQ", "REF_AREA"], suffix="_sister", nulls_equal=True)
        later = later.filter(pl.col("period_sister") > pl.col("period")).sort("row")
        for row, row_sister in later.select("row", "row_sister").iter_rows():
            yield ends_early(check, row, (book, row_sister), reached)


def ends_of(book: Book) -> pl.DataFrame:
    names = ["FREQ", "REF_AREA", book.time]
    frame = book.distinct
    numbers = book.numbers.of(names)
    numbers = numbers if frame.height == numbers.len() else numbers.gather(frame["row"])
    reported = frame.select("row", number=numbers).filter(frame["amount"].is_not_null())
    firsts = reported.group_by("number").agg(pl.col("row").min())
    keys = book.frame.select(names)[firsts["row"]]
    periods = [place_of(period, frequency)[0] for frequency, _, period in keys.iter_rows()]
    rows = keys.with_columns(row=firsts["row"], period=pl.Series(periods, dtype=pl.Int32)).drop_nulls("period")
    rows = rows.sort("period", "row", descending=[True, False])
    return rows.unique(["FREQ", "REF_AREA"], keep="first", maintain_order=True)


def period_lacking(check: Check, period: str, demanded: Text) -> Fault:
    time = check.dataset.flow.structure.key[-1]
    parameters = in_languages(check.rule, lambda language: {"period": period, "why": demanded.in_language(language)})
    return Fault((), time, parameters=parameters, expected=f"figures of {period}", key=((time, period),))


def ends_early(check: Check, row: int, sister: tuple[Book, int], reached: Text) -> Fault:
    """The fault of a flow whose figures end before those of another one that is reported with it."""
    book, row_sister = sister
    last = str(book.amounts.frame.get_column(book.time)[row_sister])
    name = book.dataset.flow.dataflow.name

    def parameters_in(language: str) -> dict[str, str]:
        sister_name = name.in_language(language) or book.flow
        return {"period": last, "why": reached.in_language(language).format(flow=sister_name, period=last)}

    return Fault(
        (row,),
        check.dataset.flow.structure.measure.id,
        parameters=in_languages(check.rule, parameters_in),
        observed=period_of(check, row),
        expected=last,
        elsewhere=((book.flow, row_sister),),
    )


MOST_CELLS = 5_000_000

Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RequiredTable:
    """Required figures: codes by dimension and periods (empty: all reported)."""

    periods: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]


def required_tables(check: Check, parameters: Declared) -> list[RequiredTable]:
    """Read the `required` tables for a dataflow.

    Raises `DeclarationError` for unknown dimensions and too many cells.
    """
    wanted = []
    for declared in parameters.tables("required"):
        flows, periods = declared.strings("flows", None), declared.strings("periods")
        codes = declared.table("codes")
        codes_by_dimension = {name: codes.strings(name, None) for name in codes.values}
        declared.close()
        if check.dataset.flow.id not in flows:
            continue
        for name in codes_by_dimension:
            check_known("dimension", name, check.dataset.flow.structure.series_key, declared.at("codes"))
        if prod(map(len, codes_by_dimension.values())) > MOST_CELLS:
            raise DeclarationError(f"More than {MOST_CELLS:,} cells are required.", declared.at("codes"))
        wanted.append(RequiredTable(periods, codes_by_dimension))
    return wanted


def periods_missing(check: Check, tables: Sequence[RequiredTable]) -> list[str]:
    reported = set(check.frame.get_column(check.dataset.flow.structure.key[-1]).unique())
    return sorted({period for table in tables for period in table.periods} - reported)


def keys_missing(check: Check, table: RequiredTable) -> list[Key]:
    """The keys of the required cells that are not reported, of periods of which something is."""
    structure, frame = check.dataset.flow.structure, check.frame
    time = structure.key[-1]
    reported = frame.get_column(time).drop_nulls().unique().sort()
    cells = pl.DataFrame({time: [text for text in reported if not table.periods or text in table.periods]})
    cells = cells.with_columns(pl.col(time).cast(pl.String))
    for name, codes in table.codes.items():
        cells = cells.join(pl.DataFrame({name: codes}, schema={name: pl.String}), how="cross")
    same = same_codes(check, table)
    for name in (name for name, code in same.items() if code == TOTAL):
        frame = frame.filter(pl.col(name) == TOTAL)
    named = [*table.codes, time]
    missing = cells.join(frame.select(named).unique(), on=named, how="anti").sort(time, *table.codes)
    return [
        tuple((name, {**same, **row}[name]) for name in structure.key if name in same or name in row)
        for row in missing.iter_rows(named=True)
    ]


def same_codes(check: Check, table: RequiredTable) -> dict[str, str]:
    """The codes of the dimensions that a required table does not name: the total, or the only one that is reported."""
    flow, codes = check.dataset.flow, {}
    for name in flow.structure.series_key:
        codelist = flow.codelist(name)
        if name in table.codes:
            continue
        if codelist is not None and TOTAL in codelist:
            codes[name] = TOTAL
        elif check.frame.get_column(name).n_unique() == 1 and check.frame.get_column(name)[0] is not None:
            codes[name] = str(check.frame.get_column(name)[0])
    return codes
