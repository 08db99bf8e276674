"""Suppressed figures that can be inferred from totals, tables, codes, residuals or earlier releases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from math import ceil

import polars as pl

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.confidential import MASK
from sdmxmig.quality.disclosure.problem import (
    BOUNDED,
    CONTRADICTION,
    EXTRA,
    CellLimits,
    Interval,
    SafetyRules,
    compute_intervals,
    compute_widths,
    is_installed,
)
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.additive import ACCOUNT, CELL, CLOSE_TOLERANCE, SAME, SIGN, SUM, YEARS, ReaderView
from sdmxmig.quality.rules.confidentiality import (
    CONFIDENTIALITY,
    NOTHING_WITHHELD,
    PRIMARY,
    SECONDARY,
    UNSAID,
    ConfidentialityMarks,
    add_code,
    has_suppressed,
    list_marks,
    select_figures_shown,
)
from sdmxmig.quality.rules.readers_view import (
    BOOK,
    ROW,
    build_view,
    find_published_earlier,
    join_cells,
    select_shown_before,
)
from sdmxmig.quality.rules.revisions import find_latest_release
from sdmxmig.quality.rules.series import format_number, read_decimal
from sdmxmig.quality.rules.totals import KEY_SEPARATOR
from sdmxmig.quality.rules.words import build_reason, name_in_words, translate_parameters, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.revisions import EarlierRelease

NO_SUMS = "no suppressed figure is part of a sum with others"
EXACT_TOLERANCE = 2e-6


def build_view_of_suppressed(check: Check, marks: ConfidentialityMarks, beside: Iterable[Check] = ()) -> ReaderView:
    """Build a reader's view; raise `UntestableError` without suppressed figures."""
    if any(has_suppressed(each, marks) for each in (check, *beside)):
        return build_view(check, marks)
    raise build_untestable_error(NOTHING_WITHHELD)


@KINDS.add("NO-LINE-GIVES-IT-AWAY")
def no_sum_discloses_figure(check: Check) -> Iterable[Fault | NotTestable]:
    """No sum has exactly one suppressed figure, which the other terms would disclose.

    Parameters: `marks`, `units`, `except` as for all rules on confidential figures. Covers sums of rules on totals,
    groups and years, and duplicate figures. Sums with rounded figures are left to the audit.
    """
    with check.parameters as parameters:
        marks = list_marks(parameters)
    view = build_view_of_suppressed(check, marks)
    lines = join_cells(view).filter(pl.col("complete").all().over(SUM))
    withheld = select_own_suppressed(lines)
    if withheld.is_empty():
        raise build_untestable_error(NO_SUMS)
    alone = lines.filter(
        (~pl.col("shown")).sum().over(SUM) == 1, pl.col("half").sum().over(SUM) == 0, pl.col("by") != SAME
    )
    giving = alone.filter(pl.col(SUM).is_in(select_own_suppressed(alone)[SUM].implode()))
    for by, row, others, elsewhere in group_by_suppressed(check, giving):
        yield check.fault(
            (row,),
            partial(describe_dimension, check, by),
            observed=MASK,
            expected="two or more suppressed figures",
            related=others,
            elsewhere=elsewhere,
        )


def select_own_suppressed(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.filter(pl.col(BOOK) == 0, pl.col("mark") != "", pl.col(ROW).is_not_null())


def group_by_suppressed(
    check: Check, lines: pl.DataFrame
) -> Iterator[tuple[str, int, tuple[int, ...], tuple[tuple[str, int], ...]]]:
    first = select_own_suppressed(lines).unique(ROW, keep="first", maintain_order=True).sort(ROW)
    for by, line, row in first.select("by", SUM, ROW).iter_rows():
        rows = lines.filter(pl.col(SUM) == line, pl.col(ROW).is_not_null()).select(BOOK, ROW)
        others = tuple(other for book, other in rows.iter_rows() if not book and other != row)
        elsewhere = tuple((check.books[book].flow, other) for book, other in rows.iter_rows() if book)
        yield by, row, others, elsewhere


def describe_dimension(check: Check, by: str, language: str) -> dict[str, str]:
    names = by.split(KEY_SEPARATOR)
    if all(name in check.structure for name in names):
        return {"dimension": " × ".join(name_in_words(name, check.flow, language) for name in names)}
    words = {YEARS: "TIME_PERIOD", ACCOUNT: "ACC_ITEM", SAME: "OBS_VALUE"}
    return {"dimension": name_in_words(words.get(by, "OBS_VALUE"), check.flow, language)}


@KINDS.add("WITHHELD-IS-UNCERTAIN")
def suppressed_figures_are_uncertain(check: Check) -> Iterable[Fault | NotTestable]:
    """The disclosure interval of every confidential figure is wide enough (audit).

    Two linear programs per primary figure find its minimum and maximum. Parameters: `threshold`, `times`, `share`: the
    interval is at least `times` the threshold and `share` of a known figure; a suppressed figure without a stated
    reason must not be exactly known; `largest`: maximum number of connected figures; `marks` and so on as for the other
    rules. Needs the extra `disclosure`.
    """
    with check.parameters as parameters:
        rules, largest = compute_safety(parameters), parameters.integer("largest")
        marks = list_marks(parameters)
    view = build_view_of_suppressed(check, marks)
    concerned = view.cells.filter(pl.col(BOOK) == 0, pl.col("mark").is_in([PRIMARY, UNSAID]), pl.col(ROW).is_not_null())
    tied = concerned.join(view.terms, on=CELL, how="semi", maintain_order="left")
    if tied.is_empty():
        raise build_untestable_error(NO_SUMS)
    if not is_installed():
        raise build_untestable_error("HiGHS, which computes it, is not installed: {extra}", extra=EXTRA)
    cells = tied[CELL].to_numpy().astype(np.int64)
    needed = compute_widths(tied["value"].to_numpy().astype(np.float64), rules)
    needed = np.where((tied["mark"] == PRIMARY).to_numpy(), needed, EXACT_TOLERANCE)
    known, published = narrow_by_earlier_figures(check, view, marks)
    bounds = compute_intervals(view.relations(), known, cells, largest=largest, needed=needed)
    if any(bound.outcome == CONTRADICTION for bound in bounds):  # the figures were revised
        bounds = compute_intervals(view.relations(), view.limits(), cells, largest=largest, needed=needed)
        if published:
            yield NotTestable(
                build_reason("{count} suppressed figures were published in an earlier release", count=published),
                partial=True,
            )
    for row, bound, width in zip(tied[ROW], bounds, needed, strict=True):
        if bound.outcome == BOUNDED and bound.width < width - EXACT_TOLERANCE / 2:
            yield build_uncertain_fault(check, row, bound, float(width))
    yield from report_missing_intervals(bounds)


def narrow_by_earlier_figures(check: Check, view: ReaderView, marks: ConfidentialityMarks) -> tuple[CellLimits, int]:
    limits = view.limits()
    published = find_published_earlier(check, view, marks).filter(pl.col("mark") != "")
    cells = published[CELL].to_numpy().astype(np.int64)
    limits.least[cells] = limits.most[cells] = published["then"].to_numpy()
    return limits, len(cells)


def compute_safety(parameters: Declared) -> SafetyRules:
    threshold, times, share = (
        parameters.integer("threshold"),
        read_decimal(parameters, "times"),
        read_decimal(parameters, "share"),
    )
    return SafetyRules(threshold=threshold, times=times, share=share)


def build_uncertain_fault(check: Check, row: int, bound: Interval, needed: float) -> Fault:
    least = ceil(needed - CLOSE_TOLERANCE)

    def words(language: str) -> dict[str, str]:
        return {
            "width": format_number(max(bound.width, 0.0), language, 0),
            "needed": format_number(least, language, 0),
        }

    return check.fault((row,), words, observed=MASK, expected=f"an interval of at least {least}")


def report_missing_intervals(bounds: Iterable[Interval]) -> Iterator[NotTestable]:
    """Report figures without an interval as not tested."""
    outcomes = [bound.outcome for bound in bounds]
    contradicted = outcomes.count(CONTRADICTION)
    undecided = len(outcomes) - outcomes.count(BOUNDED) - contradicted
    some = BOUNDED in outcomes
    if contradicted:
        yield NotTestable(
            build_reason(
                "for {count} suppressed figures the sums around them contradict each other", count=contradicted
            ),
            some,
        )
    if undecided:
        yield NotTestable(
            build_reason("{count} suppressed figures are linked to too many others to be computed", count=undecided),
            some,
        )


@KINDS.add("WITHHELD-EVERYWHERE")
def figures_are_suppressed_everywhere(check: Check) -> Iterable[Fault | NotTestable]:
    """A figure suppressed in one place is not shown in another: a linked table, or another code.

    Parameters: `marks`, `units`, `except` as for the other rules. Rules on margins and on statuses of countries declare
    equal tables and codes.
    """
    with check.parameters as parameters:
        marks = list_marks(parameters)
    beside = (Check(check.rule, book.dataset, books=(book,)) for book in check.books[1:])
    view = build_view_of_suppressed(check, marks, beside)
    pairs = join_cells(view).filter(pl.col("by") == SAME)
    if pairs.filter(pl.col("mark") != "").is_empty():
        raise build_untestable_error("no suppressed figure is shown in a second place")
    withheld = pairs.filter(pl.col("mark") != "").select(SUM, book_of=BOOK, row_of=ROW, by_sign=SIGN)
    shown = pairs.filter(pl.col(BOOK) == 0, pl.col("shown")).join(withheld, on=SUM, how="inner", maintain_order="left")
    for row, book, other in (
        shown.unique(ROW, keep="first", maintain_order=True).select(ROW, "book_of", "row_of").rows()
    ):
        flow = check.flow if not book else check.books[book].dataset.flow
        yield check.fault(
            (row,),
            partial(phrase_flow, flow),
            observed=MASK,
            expected="no value",
            related=() if book else (other,),
            elsewhere=((flow.id, other),) if book else (),
        )


def phrase_flow(flow: Flow, language: str) -> dict[str, str]:
    return {"flow": flow.dataflow.name.in_language(language) or flow.id}


@KINDS.add("REST-IS-NOT-SMALL")
def remainder_is_not_small(check: Check) -> Iterable[Fault | NotTestable]:
    """The difference between a total and its published parts is zero or not small.

    Parameters: `threshold`: below it counts are small; `marks` and so on as for the other rules. Covers published
    totals with some published parts, except rounded ones.
    """
    with check.parameters as parameters:
        threshold, marks = parameters.integer("threshold"), list_marks(parameters)
    view = build_view_of_suppressed(check, marks)
    lines = join_cells(view).filter(~pl.col("by").is_in([SAME, ACCOUNT]))
    lines = lines.with_columns(
        rest=-(pl.when("shown").then(pl.col("value") * pl.col(SIGN)).otherwise(0.0)).sum().over(SUM),
        is_open=(~pl.col("complete") | (~pl.col("shown")).any()).over(SUM),
        parts_shown=(pl.col("shown") & (pl.col(SIGN) > 0)).sum().over(SUM),
        half=pl.col("half").sum().over(SUM),
    )
    is_own_total = (pl.col(SIGN) < 0) & pl.col("shown") & (pl.col(BOOK) == 0) & pl.col(ROW).is_not_null()
    totals = lines.filter(is_own_total, "is_open", pl.col("parts_shown") > 0, pl.col("half") == 0)
    if totals.is_empty():
        raise build_untestable_error("no total is shown with some of its parts")
    small = totals.filter(pl.col("rest") > 0, pl.col("rest") < threshold)
    for by, row in small.unique([ROW, "by"], keep="first", maintain_order=True).select("by", ROW).iter_rows():
        yield check.fault(
            (row,), partial(phrase_threshold, check, by, threshold), observed=MASK, expected="a larger remainder"
        )


def phrase_threshold(check: Check, by: str, threshold: int, language: str) -> dict[str, str]:
    return {**describe_dimension(check, by, language), "threshold": write_number(str(threshold), language)}


@KINDS.add("WITHHELD-WITH-MORE-THAN-ONES")
def secondary_suppression_exceeds_one(check: Check) -> Iterable[Fault | NotTestable]:
    """Secondary suppression in a sum has a figure above one; otherwise the persons counted could infer it.

    Parameters: `most`: largest figure without protective effect; `marks` and so on as for the other rules. Needs the
    suppressed values, as in data sent with marks; findings do not show them.
    """
    with check.parameters as parameters:
        most, marks = parameters.integer("most"), list_marks(parameters)
    view = build_view_of_suppressed(check, marks)
    secondary = (pl.col("mark") == SECONDARY) & (pl.col(BOOK) == 0)
    lines = join_cells(view).filter(pl.col("complete"), ~pl.col("by").is_in([SAME, ACCOUNT]))
    lines = lines.filter(secondary.any().over(SUM), (pl.col("mark") == PRIMARY).any().over(SUM))
    known = lines.filter(secondary, pl.col("value").is_not_null().all().over(SUM))
    if known.is_empty():
        raise build_untestable_error("no figure with secondary suppression has its value here")
    idle = known.filter((pl.col("value") <= most).all().over(SUM))
    for by, line in idle.unique(SUM, keep="first", maintain_order=True).select("by", SUM).iter_rows():
        rows = tuple(idle.filter(pl.col(SUM) == line)[ROW])
        yield check.fault(
            rows, partial(describe_dimension, check, by), observed=MASK, expected="a larger figure as well"
        )


@KINDS.add("AGGREGATE-OF-CONFIDENTIAL")
def totals_of_confidential_are_suppressed(check: Check) -> Iterable[Fault | NotTestable]:
    """A total is not published if all its parts are confidential.

    Parameters: `marks`, `units`, `except` as for the other rules.
    """
    with check.parameters as parameters:
        marks = list_marks(parameters)
    view = build_view_of_suppressed(check, marks)
    lines = join_cells(view).filter(pl.col("complete"), ~pl.col("by").is_in([SAME, ACCOUNT]))
    parts = pl.col(SIGN) > 0
    totals = lines.with_columns(confidential=((pl.col("mark") == PRIMARY) | ~parts).all().over(SUM)).filter(
        ~parts, pl.col(BOOK) == 0, pl.col("shown"), pl.col(ROW).is_not_null()
    )
    if totals.is_empty():
        raise build_untestable_error("no total is shown together with all its parts, some of them suppressed")
    for by, row in (
        totals.filter("confidential").unique(ROW, keep="first", maintain_order=True).select("by", ROW).rows()
    ):
        yield check.fault((row,), partial(describe_dimension, check, by), observed=MASK, expected="no value")


@KINDS.add("STAYS-CONFIDENTIAL")
def confidential_figures_stay_suppressed(check: Check) -> Iterable[Fault | NotTestable]:
    """A confidential figure of the last release is not published now, unless marked as released.

    Parameters: `released`: codes of CONF_STATUS; `marks`, `units`, `except` as for all rules on confidential figures.
    """
    with check.parameters as parameters:
        released, marks = parameters.strings("released"), list_marks(parameters)
    release = find_latest_release(check)
    before = select_shown_before(check, release, marks).filter(pl.col("mark") != "")
    if before.is_empty():
        raise build_untestable_error(
            "in the release of {release}, no figure is marked as confidential or suppressed", release=release.day
        )
    key = list(check.structure.key)
    now = add_code(check, select_figures_shown(check, marks), CONFIDENTIALITY, "code")
    both = now.join(before.select(key), on=key, how="semi", nulls_equal=True, maintain_order="left")
    if both.is_empty():
        yield report_not_tested(
            "no figure that was suppressed in the release of {release} is reported now", release=release.day
        )
    plain = both.filter(pl.col("shown"), ~pl.col("code").is_in(released).fill_null(value=False))
    for row in plain[ROW]:
        words = {"release": release.day}
        yield check.fault((row,), words, observed=MASK, expected=CONFIDENTIALITY)


@KINDS.add("CHANGE-TELLS-NOTHING")
def changes_disclose_nothing(check: Check) -> Iterable[Fault | NotTestable]:
    """The suppressed part of a total does not change by a few persons between releases.

    If the same parts are published in both releases, the rest is unchanged or changes by at least the threshold.
    Parameters: `threshold`; `marks` and so on as for the other rules. Rounded figures are left out.
    """
    with check.parameters as parameters:
        threshold, marks = parameters.integer("threshold"), list_marks(parameters)
    release = find_latest_release(check)
    view = build_view_of_suppressed(check, marks)
    changes = find_changed_remainders(check, view, release, marks)
    if changes.is_empty():
        raise build_untestable_error(
            "no total with suppressed parts is shown now and in the release of {release}", release=release.day
        )
    few = changes.filter(pl.col("change").abs() > CLOSE_TOLERANCE, pl.col("change").abs() < threshold - CLOSE_TOLERANCE)
    for by, row in few.unique([ROW, "by"], keep="first", maintain_order=True).select("by", ROW).iter_rows():
        words = translate_parameters(check.rule, partial(phrase_threshold, check, by, threshold)) | {
            "release": release.day
        }
        yield check.fault((row,), words, observed=MASK, expected="no change, or a larger change")


def find_changed_remainders(
    check: Check, view: ReaderView, release: EarlierRelease, marks: ConfidentialityMarks
) -> pl.DataFrame:
    """Find totals with suppressed parts and equal shown parts in both releases: ``row``, ``by``, ``change``."""
    key = list(check.structure.key)
    before = select_shown_before(check, release, marks).filter("shown", pl.col("half") == 0)
    now = select_figures_shown(check, marks).select(*key, ROW)
    of_rows = now.join(before.select(*key, then="value"), on=key, how="inner", nulls_equal=True).select(ROW, "then")
    lines = join_cells(view).filter(
        ((pl.col(BOOK) == 0) & pl.col(ROW).is_not_null()).all().over(SUM), ~pl.col("by").is_in([SAME, ACCOUNT])
    )
    lines = lines.filter((pl.col("mark") != "").any().over(SUM), pl.col("half").sum().over(SUM) == 0)
    compared = lines.filter("shown").join(of_rows, on=ROW, how="left", maintain_order="left")
    compared = compared.filter(pl.col("then").is_not_null().all().over(SUM))
    changes = compared.with_columns(change=-(pl.col(SIGN) * (pl.col("value") - pl.col("then"))).sum().over(SUM))
    return changes.filter(pl.col(SIGN) < 0).select(CELL, ROW, "by", "change")
