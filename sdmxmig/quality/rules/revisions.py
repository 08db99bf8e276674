"""Rules on revisions, which compare data with an earlier release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check, UntestableError, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.series import drop_explained, format_amount, format_number, read_decimal
from sdmxmig.quality.rules.values import open_parameters, select_figures
from sdmxmig.quality.rules.words import TOTAL, build_reason, name_in_words, write_number
from sdmxmig.sdmx.frames import list_values
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.revisions import EarlierRelease, compare_books, hash_keys

ADDING_ACTIONS = ("A", "M")
NOT_APPLICABLE = "_Z"


TOLERANCE_FACTOR = 1 + 1e-9


def find_latest_release(check: Check) -> EarlierRelease:
    if check.previous:
        return check.previous[-1]
    raise build_untestable_error(
        "there is no earlier release of {flow} to compare with (--previous)", flow=check.flow.id
    )


def has_code(codes: Mapping[str, tuple[str, ...]], frame: pl.DataFrame) -> pl.Expr:
    tests = [
        pl.col(attribute).is_in(list(listed)).fill_null(value=False)
        for attribute, listed in codes.items()
        if attribute in frame.columns
    ]
    return pl.any_horizontal(tests) if tests else pl.lit(value=False)


def add_mark(cells: pl.DataFrame, frame: pl.DataFrame, mark: pl.Expr, *, row: str, name: str) -> pl.DataFrame:
    return cells.join(frame.select(pl.col("row").alias(row), mark.alias(name)), on=row, how="left")


def select_periods(cells: pl.DataFrame, frame: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    names = [*(name for name in ("FREQ", "REF_AREA") if name in structure.series_key), structure.key[-1]]
    if cells.is_empty():
        return cells
    return cells.join(frame.select(names).unique(), on=names, how="semi", nulls_equal=True)


@KINDS.add("REVISION-WITHIN-LIMITS")
def revisions_are_within_limits(check: Check) -> Iterable[Fault | NotTestable]:
    """No figure differs from the earlier release by more than a share of its former value.

    Parameters: `limit`: the share; `provisional`: codes by attribute of formerly provisional figures, with
    `provisional_limit`; `least`: minimum figure; `units`, `except`. Parts revised like their total are not reported.
    """
    with open_parameters(check) as parameters:
        limits = {of: read_decimal(parameters, of) for of in ("limit", "provisional_limit")}
        provisional, least = parameters.table("provisional").lists(), parameters.integer("least")
    release = find_latest_release(check)
    time = check.structure.key[-1]
    in_both = pl.col("revised").is_not_null()
    is_large = pl.max_horizontal(pl.col("value").abs(), pl.col("value_before").abs()) >= least
    if not release.cells.select((in_both & is_large).any()).item():
        raise build_untestable_error("the two releases share no figure of at least {least}", least=least)
    cells = release.cells.filter(pl.col("revised") & is_large)
    if cells.is_empty():
        return
    cells = cells.join(select_figures(check).select("row"), on="row", how="semi")
    before = release.book.frame
    cells = add_mark(
        cells, before, has_code(provisional, before), row="row_before", name="was_provisional"
    ).with_columns(
        tolerated=pl.when("was_provisional").then(limits["provisional_limit"]).otherwise(limits["limit"]),
        by=pl.col("value") - pl.col("value_before"),
    )
    bound = pl.col("tolerated") * pl.col("value_before").abs() * TOLERANCE_FACTOR
    far = cells.filter(pl.col("by").abs() > bound).with_columns(up=pl.col("by") > 0, period=pl.col(time))
    far = drop_explained(check, far, now="value", was="value_before", within=(1 + pl.col("tolerated")).log())
    for revised in far.sort("row").iter_rows(named=True):
        yield build_revision_fault(check, release, revised)


def build_revision_fault(check: Check, release: EarlierRelease, revised: Mapping[str, Any]) -> Fault:
    before, tolerated = release.printed(revised["amount_before"]), revised["tolerated"]
    share = abs(revised["by"] / revised["value_before"]) if revised["value_before"] else float("inf")

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(format_amount(check, revised["row"]), language),
            "before": write_number(before, language),
            "release": release.day,
            "share": format_number(share * 100, language),
            "limit": format_number(tolerated * 100, language, 0),
        }

    return check.fault(
        (revised["row"],),
        build_words,
        observed=format_amount(check, revised["row"]),
        expected=f"within {tolerated:.0%} of {before}",
    )


@KINDS.add("FIGURES-STAY")
def earlier_figures_are_present(check: Check) -> Iterable[Fault | NotTestable]:
    """Figures of the earlier release are present if their period is, or marked as withdrawn.

    One fault for each series, with the periods whose figures are gone. Periods not reported again and appended data are
    ignored.
    """
    check.parameters.close()
    release, structure = find_latest_release(check), check.structure
    if check.dataset.action in ADDING_ACTIONS:
        raise build_untestable_error(
            "with action {action}, the receiver keeps figures that the data leave out", action=check.dataset.action
        )
    all_before = release.cells.get_column("amount_before").count()
    missing = release.cells.filter(pl.col("row").is_null(), pl.col("amount_before").is_not_null())
    gone = select_periods(missing, check.frame, structure)
    untested = missing.height - gone.height
    if untested:
        reason = build_reason("earlier figures of periods that are not reported again: {count}", count=untested)
        yield NotTestable(reason, partial=untested < all_before)
    series, time = list(structure.series_key), structure.key[-1]
    grouped = gone.sort("row_before").group_by(series, maintain_order=True).agg(pl.col(time))
    for *codes, times in grouped.iter_rows():
        key = {name: code for name, code in zip(series, codes, strict=True) if code is not None}
        key |= {time: times[0]} if len(times) == 1 and time not in key else {}
        listed = ", ".join(times)
        parameters = {"periods": listed, "count": str(len(times)), "release": release.day}
        yield check.fault((), parameters, expected=f"figures of {listed}", key=tuple(key.items()))


@KINDS.add("FIGURES-AS-BEFORE")
def observations_are_stable(check: Check) -> Iterable[Fault | NotTestable]:
    """Few observations are added or removed in periods of an earlier release.

    Parameters: `limit`: tolerated share of observations; `cells`: minimum number, since one is a large share of a small
    table.
    """
    with check.parameters as parameters:
        limit, needed = read_decimal(parameters, "limit"), parameters.integer("cells")
    release, structure = find_latest_release(check), check.structure
    cells = release.cells
    added = select_periods(cells.filter(pl.col("row_before").is_null()), release.book.frame, structure)["row"]
    missing = cells.filter(pl.col("row").is_null())
    gone = select_periods(missing, check.frame, structure).height
    total = cells.get_column("row_before").count() - (missing.height - gone)
    if total < needed:
        raise build_untestable_error(
            "in the periods that both releases have, the earlier one has {count} observations", count=total
        )
    share = (added.len() + gone) / total
    if share > limit:

        def build_words(language: str) -> dict[str, str]:
            counts = {"added": added.len(), "gone": gone, "cells": total}
            percents = {
                "share": format_number(share * 100, language, 1),
                "limit": format_number(limit * 100, language, 0),
            }
            return {
                **{name: write_number(str(n), language) for name, n in counts.items()},
                **percents,
                "release": release.day,
            }

        yield check.fault(added.sort(), build_words, observed=f"{share:.1%}", expected=f"≤ {limit:.0%}")


@KINDS.add("RELEASE-IS-LATER")
def release_is_later(check: Check) -> Iterable[Fault | NotTestable]:
    """Data are prepared later than the earlier release."""
    check.parameters.close()
    release = find_latest_release(check)
    now, before = parse_moment(check.prepared_at), parse_moment(release.prepared)
    if now is None or before is None:
        ours = build_reason("the date when the data were prepared is missing")
        theirs = build_reason("the earlier release ({release}) has no date of preparation", release=release.name)
        raise UntestableError(ours if now is None else theirs)
    if (now.tzinfo is None) != (before.tzinfo is None):
        raise build_untestable_error("only one of the releases states the time zone of its preparation")
    if now <= before:
        parameters = {"value": check.prepared_at, "before": release.prepared}
        expected = f"after {release.prepared}"
        yield check.fault((), parameters, observed=check.prepared_at, expected=expected)


def parse_moment(text: str) -> datetime | None:
    """Parse an ISO 8601 time; None for others.

    >>> parse_moment("2024-07-01T12:00:00+00:00") > parse_moment("2024-07-01T13:00:00+02:00"), parse_moment("soon")
    (True, None)
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@KINDS.add("STATUS-STAYS-FINAL")
def final_status_is_kept(check: Check) -> Iterable[Fault | NotTestable]:
    """A figure that was final in the earlier release does not become provisional again.

    Parameters: `final` and `provisional`, codes by attribute. One fault for each change from code to code.
    """
    with check.parameters as parameters:
        final, provisional = parameters.table("final").lists(), parameters.table("provisional").lists()
    release = find_latest_release(check)
    attributes = [name for name in final if name in provisional and name in check.structure]
    cells, tested = release.cells.drop_nulls(["amount", "amount_before"]).select("row", "row_before"), False
    for attribute in attributes:
        then, now = release.book.frame.get_column(attribute), check.frame.get_column(attribute)
        pairs = cells.with_columns(then=then[cells["row_before"]], now=now[cells["row"]])
        was_final = pairs.filter(pl.col("then").is_in(list(final[attribute])))
        tested = tested or not was_final.is_empty()
        fallen = was_final.filter(pl.col("now").is_in(list(provisional[attribute])))
        for before, after, rows in fallen.group_by("then", "now").agg("row").sort("then", "now").iter_rows():
            words_of_change = {"count": str(len(rows)), "release": release.day, "value": after, "before": before}
            yield check.fault(sorted(rows), words_of_change, component=attribute, observed=after, expected=before)
    if not tested:
        yield report_not_tested("no figure was final in the earlier release")


@KINDS.add("REVISIONS-BALANCE")
def revisions_balance(check: Check) -> Iterable[Fault | NotTestable]:
    """Revisions are not biased: their mean does not differ from zero.

    A revision is the relative change of the figures shared with the previous release. Parameters: `limit` of Student's
    t; `releases`: minimum of earlier ones.
    """
    with check.parameters as parameters:
        limit, needed = read_decimal(parameters, "limit"), parameters.integer("releases")
    if len(check.previous) < needed:
        raise build_untestable_error(
            "there are {count} earlier releases, and the rule needs {needed}", count=len(check.previous), needed=needed
        )
    changes = [changed for changed in map(compute_change, compare_releases(check)) if changed is not None]
    if len(changes) < needed:
        raise build_untestable_error(
            "{count} releases share figures with the one before, and the rule needs {needed}",
            count=len(changes),
            needed=needed,
        )
    mean = sum(changes) / len(changes)
    deviation = (sum((change - mean) ** 2 for change in changes) / (len(changes) - 1)) ** 0.5
    error = deviation / len(changes) ** 0.5
    t = mean / error if error else float("inf") if mean else 0.0
    if abs(t) > limit * TOLERANCE_FACTOR:
        absolute = sum(map(abs, changes)) / len(changes)

        def build_words(language: str) -> dict[str, str]:
            percents = {"mean": mean, "absolute": absolute}
            shown = {name: format_number(share * 100, language) for name, share in percents.items()}
            return {
                **shown,
                "count": str(len(changes)),
                "t": format_number(t, language),
                "limit": format_number(limit, language),
            }

        yield check.fault((), build_words, observed=f"{t:.2f}", expected=f"within ±{limit:g}")


def compare_releases(check: Check) -> Iterator[pl.DataFrame]:
    books = [*(release.book for release in check.previous), check.books[0]]
    for before, after in pairwise(books):
        yield compare_books(before, after)


def compute_change(cells: pl.DataFrame) -> float | None:
    """Return the relative change of figures shared by two releases; None without shared figures.

    >>> compute_change(pl.DataFrame({"value": [110.0, None], "value_before": [100.0, 7.0], "revised": [True, None]}))
    0.1
    """
    shared = cells.drop_nulls("revised")
    now, then = (shared.get_column(name).cast(pl.Float64) for name in ("value", "value_before"))
    size = float(then.abs().sum())
    return float((now - then).sum()) / size if size else None


@KINDS.add("RELEASE-IS-NEW")
def release_is_new(check: Check) -> Iterable[Fault | NotTestable]:
    """Data differ from the earlier release in a figure, attribute or observation."""
    check.parameters.close()
    release = find_latest_release(check)
    if is_same_release(check, release):
        parameters = {"release": release.day, "count": str(check.frame.height)}
        yield check.fault((), parameters)


def is_same_release(check: Check, release: EarlierRelease) -> bool:
    now, before, cells = check.dataset, release.book.dataset, release.cells
    is_other = pl.col("revised") | pl.col("row").is_null() | pl.col("row_before").is_null()
    texts = check.frame.drop("row")
    earlier_texts = release.book.frame.select(texts.columns)
    if texts.height != earlier_texts.height or cells.select(is_other.any()).item():
        return False
    if not texts[cells["row"]].equals(earlier_texts[cells["row_before"]]):
        return False
    if {k: v for k, v in now.attributes.items() if v} != {k: v for k, v in before.attributes.items() if v}:
        return False
    keys, columns = list(now.flow.structure.series_key), sorted(set(now.series.columns) & set(before.series.columns))
    both = [frame.select(pl.col(columns).cast(pl.String)).unique().sort(keys) for frame in (now.series, before.series)]
    return both[0].equals(both[1])


@KINDS.add("REVISED-TOGETHER")
def revised_together(check: Check) -> Iterable[Fault | NotTestable]:
    """A revised total has a revised part, and revised parts with a different sum have a revised total.

    Covers complete breakdowns that added up in the earlier release, within rounding. For rounded figures, only
    differences beyond a step per figure are reported. Parameter `dimensions`: each a breakdown.
    """
    with check.parameters as parameters:
        listed = parameters.strings("dimensions", None)
    release, structure = find_latest_release(check), check.structure
    if not release.cells.get_column("revised").any():
        return
    tested = False
    for dimension in (name for name in listed if name in structure.series_key):
        breakdowns = find_revised_breakdowns(release.cells, structure.key, dimension, unit=10**release.scale)
        tested = tested or not breakdowns.is_empty()
        alone = pl.col("total_revised") & pl.col("beyond") & ~pl.col("part_revised")
        without_total = pl.col("sum_revised") & ~pl.col("total_revised")
        for breakdown in breakdowns.filter(alone | without_total).sort("row").iter_rows(named=True):
            yield build_one_sided_fault(check, release, breakdown, dimension)
    if not tested:
        yield report_not_tested("no breakdown with a revised figure added up to its total before")


def find_revised_breakdowns(cells: pl.DataFrame, key: tuple[str, ...], dimension: str, *, unit: int) -> pl.DataFrame:
    """Compare totals and parts that added up earlier, if one was revised.

    Columns: `row`, `parts`, `amount`, `amount_before`, `sum`, `sum_before`, `total_revised`, `part_revised`,
    `sum_revised`, `beyond` (rounding). `unit` is the amount of one person.
    """
    others = [name for name in key if name != dimension]
    step = pl.max_horizontal("step", "step_before")
    contexts = hash_keys(cells, others, seed=0)
    cells = cells.filter(contexts.is_in(contexts.filter(cells["revised"]).unique().implode()))
    parts = (
        cells.filter(~pl.col(dimension).is_in([TOTAL, NOT_APPLICABLE]))
        .group_by(others)
        .agg(
            parts=pl.col("row").sort(),
            count=pl.len(),
            whole=pl.col("revised").is_not_null().all(),
            part_revised=pl.col("revised").any(),
            sum=pl.col("amount").sum(),
            sum_before=pl.col("amount_before").sum(),
            widest=step.max(),
        )
    )
    totals = cells.filter(pl.col(dimension) == TOTAL, pl.col("revised").is_not_null())
    both = (
        totals.join(parts, on=others, nulls_equal=True)
        .filter("whole")
        .with_columns(bound=(pl.col("count") + 1) * pl.max_horizontal("widest", step))
    )
    hidden = pl.when(pl.max_horizontal("widest", step) > unit).then(2 * pl.col("bound")).otherwise(pl.col("bound"))
    of_total = (pl.col("amount") - pl.col("amount_before")).abs() * 2
    beyond = (pl.max_horizontal("widest", step) <= unit) | (of_total > hidden)
    added_up = (pl.col("sum_before") - pl.col("amount_before")).abs() * 2 <= pl.col("bound")
    return both.filter(added_up).select(
        "row",
        "parts",
        "amount",
        "amount_before",
        "sum",
        "sum_before",
        "part_revised",
        total_revised="revised",
        beyond=beyond,
        sum_revised=(pl.col("sum") - pl.col("sum_before")).abs() * 2 > hidden,
    )


def build_one_sided_fault(check: Check, release: EarlierRelease, breakdown: Mapping[str, Any], dimension: str) -> Fault:
    figures = {name: release.printed(breakdown[name]) for name in ("amount", "amount_before", "sum", "sum_before")}

    def build_words(language: str) -> dict[str, str]:
        shown = {name: write_number(figure, language) for name, figure in figures.items()}
        return {**shown, "dimension": name_in_words(dimension, check.flow, language), "release": release.day}

    return check.fault((breakdown["row"],), build_words, observed=figures["amount"], related=tuple(breakdown["parts"]))


def parse_year(period: str | None) -> int:
    """Return the year in which a period begins; 0 for others.

    >>> parse_year("2020-Q1"), parse_year("soon")
    (2020, 0)
    """
    parsed = periods.parse(period or "")
    return parsed.first_day.year if parsed else 0


@KINDS.add("OLD-REVISION-NOTED")
def old_revisions_are_marked(check: Check) -> Iterable[Fault | NotTestable]:
    """Revised figures of older years are marked by status, revision stage or a new comment.

    Parameters: `years`: number of recent years before the last; `notes`: codes by attribute that mark them; `texts`:
    comment attributes that mark them if changed since the earlier release. One fault per period.
    """
    with check.parameters as parameters:
        years, texts = parameters.integer("years"), parameters.strings("texts", None)
        notes = parameters.table("notes").lists()
    release, structure = find_latest_release(check), check.structure
    time = structure.key[-1]
    reported = {period: parse_year(period) for period in list_values(check.frame, time)}
    last = max(reported.values(), default=0)
    long_past = [period for period, year in reported.items() if 0 < year < last - years]
    old = release.cells.filter(pl.col("revised").is_not_null(), pl.col(time).is_in(long_past))
    if old.is_empty():
        raise build_untestable_error(
            "the two releases share no figure that is more than {years} years older than the latest", years=years
        )
    now, before = check.dataset.attributes, release.book.dataset.attributes
    if any(now.get(name) and now.get(name) != before.get(name) for name in texts):
        return
    changed = add_mark(old.filter("revised"), check.frame, has_code(notes, check.frame), row="row", name="noted")
    for name in (name for name in texts if name in check.frame.columns):
        changed = add_mark(changed, check.frame, pl.col(name), row="row", name="text")
        changed = add_mark(changed, release.book.frame, pl.col(name), row="row_before", name="text_before")
        is_new = pl.col("text").is_not_null() & pl.col("text").ne_missing(pl.col("text_before"))
        changed = changed.with_columns(noted=pl.col("noted") | is_new).drop("text", "text_before")
    silent = changed.filter(~pl.col("noted")).group_by(time).agg(pl.col("row").sort()).sort(time)
    for period, rows in silent.iter_rows():
        parameters_of_fault = {"period": period, "count": str(len(rows)), "years": str(years), "release": release.day}
        yield check.fault(rows, parameters_of_fault, expected="a note on the revision")
