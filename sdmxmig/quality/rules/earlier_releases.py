"""Disclosure by comparison with earlier releases."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import polars as pl

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.additive import ACCOUNT, CELL, CLOSE, SAME, SIGN, SUM
from sdmxmig.quality.rules.confidentiality import (
    CONFIDENTIALITY,
    NOTHING_WITHHELD,
    Marks,
    figures_shown,
    marks_in,
    measure_of,
    with_code,
)
from sdmxmig.quality.rules.readers_view import BOOK, ROW, View, shown_before, with_cells
from sdmxmig.quality.rules.recoverable import own_view, threshold_words
from sdmxmig.quality.rules.revisions import latest_release, not_compared
from sdmxmig.quality.rules.words import because, in_languages
from sdmxmig.sdmx.model.confidential import MASK
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.revisions import EarlierRelease


@KINDS.add("STAYS-CONFIDENTIAL")
def stays_confidential(check: Check) -> Iterable[Fault | NotTestable]:
    """A figure that was confidential in the last release is not published now unless it is marked as released.

    Parameters: `released`, the codes of CONF_STATUS of released figures; `marks`, `units`, `except` as for all rules on
    confidential figures.
    """
    parameters = check.parameters
    released, marks = parameters.strings("released"), marks_in(parameters)
    parameters.close()
    release = latest_release(check)
    if release is None:
        yield not_compared(check)
        return
    before = shown_before(check, release, marks).filter(pl.col("mark") != "")
    if before.is_empty():
        yield NotTestable(
            because(
                "in the release of {release}, no figure is marked as confidential or suppressed", release=release.day
            )
        )
        return
    key = list(check.dataset.flow.structure.key)
    now = with_code(check, figures_shown(check, marks), CONFIDENTIALITY, "code")
    both = now.join(before.select(key), on=key, how="semi", nulls_equal=True, maintain_order="left")
    if both.is_empty():
        yield NotTestable(
            because("nothing that was withheld in the release of {release} is reported now", release=release.day)
        )
    plain = both.filter(pl.col("shown"), ~pl.col("code").is_in(released).fill_null(value=False))
    for row in plain[ROW]:
        words = {"release": release.day}
        yield Fault((row,), measure_of(check), parameters=words, observed=MASK, expected=CONFIDENTIALITY)


@KINDS.add("CHANGE-TELLS-NOTHING")
def change_tells_nothing(check: Check) -> Iterable[Fault | NotTestable]:
    """The withheld part of a total does not change slightly between releases, which would disclose few persons.

    Where the same parts of a total are shown in both releases, the rest is unchanged or changes by at least the
    threshold. Parameters: `threshold`; `marks` and so on as for the other rules. Rounded figures are left out.
    """
    parameters = check.parameters
    threshold, marks = parameters.integer("threshold"), marks_in(parameters)
    parameters.close()
    release = latest_release(check)
    if release is None:
        yield not_compared(check)
        return
    view = own_view(check, marks)
    if view is None:
        yield NotTestable(because(NOTHING_WITHHELD))
        return
    changes = changed_rests(check, view, release, marks)
    if changes.is_empty():
        yield NotTestable(
            because("no total with withheld parts is shown now and in the release of {release}", release=release.day)
        )
        return
    few = changes.filter(pl.col("change").abs() > CLOSE, pl.col("change").abs() < threshold - CLOSE)
    for by, row in few.unique([ROW, "by"], keep="first", maintain_order=True).select("by", ROW).iter_rows():
        words = in_languages(check.rule, partial(threshold_words, check, by, threshold)) | {"release": release.day}
        yield Fault(
            (row,),
            measure_of(check),
            parameters=words,
            observed=MASK,
            expected="no change, or a larger change",
        )


def changed_rests(check: Check, view: View, release: EarlierRelease, marks: Marks) -> pl.DataFrame:
    """Find totals with withheld parts in both releases: ``row``, ``by``, ``change`` of the rest.

    Compared where the shown parts are the same.
    """
    key = list(check.dataset.flow.structure.key)
    before = shown_before(check, release, marks).filter("shown", pl.col("half") == 0)
    now = figures_shown(check, marks).select(*key, ROW)
    of_rows = now.join(before.select(*key, then="value"), on=key, how="inner", nulls_equal=True).select(ROW, "then")
    lines = with_cells(view).filter(
        ((pl.col(BOOK) == 0) & pl.col(ROW).is_not_null()).all().over(SUM), ~pl.col("by").is_in([SAME, ACCOUNT])
    )
    lines = lines.filter((pl.col("mark") != "").any().over(SUM), pl.col("half").sum().over(SUM) == 0)
    compared = lines.filter("shown").join(of_rows, on=ROW, how="left", maintain_order="left")
    compared = compared.filter(pl.col("then").is_not_null().all().over(SUM))
    changes = compared.with_columns(change=-(pl.col(SIGN) * (pl.col("value") - pl.col("then"))).sum().over(SUM))
    return changes.filter(pl.col(SIGN) < 0).select(CELL, ROW, "by", "change")
