"""Composition of figures: shares, sex ratio, ages, last digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from sdmxmig.catalogue import ages
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested, run_by_definition
from sdmxmig.quality.rules.balance import format_plain, round_decimals
from sdmxmig.quality.rules.series import (
    add_context,
    compute_needed_decimals,
    compute_value_before,
    drop_explained,
    drop_returns,
    format_number,
    list_breakdowns,
    pair_previous,
    read_decimal,
    read_period,
    select_series,
)
from sdmxmig.quality.rules.totals import (
    FIGURE_COLUMNS,
    build_breakdown,
    choose,
    join_code_names,
    read_exact_amount,
    select_codes,
    select_margins_only,
    select_total_figures,
    write_per_cent,
)
from sdmxmig.quality.rules.values import open_parameters, select_figures
from sdmxmig.quality.rules.words import TOTAL, find_code_name, join_all, name_in_words, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Fault, NotTestable

GROUP_COLUMNS = ["context", "period"]


@KINDS.add("COMPOSITION-STAYS")
@run_by_definition
def composition_is_stable(check: Check) -> Iterable[Fault | NotTestable]:
    """The shares of a breakdown's codes are close to those of the previous period (Hellinger distance).

    The tolerance includes chance in counts of this size. Parts that change like their total are not reported.

    Parameters: `dimensions`: each a breakdown; `distance`: tolerated distance; `codes`: minimum number; `least`:
    minimum sum in both periods; `breaks`: statuses of breaks; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        listed, breaks = parameters.strings("dimensions", None), parameters.strings("breaks")
        most, needed, least = (
            read_decimal(parameters, "distance"),
            parameters.integer("codes"),
            parameters.integer("least"),
        )
    needed_columns = ["row", "row_before", "series", "period", "value", "before", "status"]
    none = build_untestable_error(
        "no breakdown has {needed} codes that add up to {least} in two neighbouring periods", needed=needed, least=least
    )
    pairs = pair_previous(check, none).select(needed_columns).filter(pl.min_horizontal("value", "before") >= 0)
    tested = False
    for name, divided in list_breakdowns(check, pairs, listed):
        parts = divided.filter(pl.col("code").is_in(choose_codes(check, name)))
        sums = parts.group_by(GROUP_COLUMNS).agg(
            sum=pl.col("value").sum(),
            sum_before=pl.col("before").sum(),
            count=pl.len(),
            breaks=pl.col("status").is_in(breaks).fill_null(value=False).any(),
        )
        sums = sums.filter(
            pl.min_horizontal("sum", "sum_before") >= least, pl.col("count") >= needed, ~pl.col("breaks")
        )
        if sums.is_empty():
            continue
        tested = True
        far = select_changed_breakdowns(parts, sums, most)
        returned = (pl.col("share") - pl.col("share_before").shift(1)).abs() <= pl.col("move") / 2
        yield from report_changed_shares(check, name, drop_returns(drop_explained(check, far), far, returned))
    if not tested:
        raise none


def choose_codes(check: Check, dimension: str) -> tuple[str, ...]:
    codelist = check.flow.codelist(dimension)
    by_age = codelist is not None and codelist.ref.id == "CL_AGE"
    of = build_breakdown(check.flow, [dimension], TOTAL, (), by_age=by_age)
    present = sorted(check.books[0].codes(dimension))
    if by_age:
        return ages.choose_disjoint([code for code in present if not code.startswith("_")])
    parents = {of.parents[code] for code in present if code in of.parents}
    return choose([code for code in present if code not in parents], of).disjoint


def select_changed_breakdowns(parts: pl.DataFrame, sums: pl.DataFrame, most: float) -> pl.DataFrame:
    share, share_before = pl.col("value") / pl.col("sum"), pl.col("before") / pl.col("sum_before")
    of_sums = parts.select(*GROUP_COLUMNS, "value", "before").join(
        sums.select(*GROUP_COLUMNS, "sum", "sum_before"), on=GROUP_COLUMNS
    )
    likeness = of_sums.group_by(GROUP_COLUMNS).agg(like=(share * share_before).sqrt().sum())
    distances = likeness.select(*GROUP_COLUMNS, distance=(1 - pl.min_horizontal("like", 1.0)).sqrt())
    chance = ((pl.col("count") - 1) / 8 * (1 / pl.col("sum") + 1 / pl.col("sum_before"))).sqrt()
    far_sums = sums.join(distances, on=GROUP_COLUMNS).filter(pl.col("distance") > most + chance)
    far = parts.join(far_sums, on=GROUP_COLUMNS).with_columns(share=100 * share, share_before=100 * share_before)
    far = far.with_columns(move=(pl.col("share") - pl.col("share_before")).abs(), up=pl.lit(value=True))
    return far.sort("move", "row", descending=[True, False]).unique(GROUP_COLUMNS, keep="first", maintain_order=True)


def report_changed_shares(check: Check, dimension: str, far: pl.DataFrame) -> Iterable[Fault]:
    columns = ("row", "row_before", "share", "share_before", "distance")
    for row, row_before, share, share_before, distance in far.sort("row").select(columns).iter_rows():
        computed = {"share": share, "share_before": share_before, "distance": distance}

        def build_parameters(
            language: str, computed: dict[str, float] = computed, row_before: int = row_before
        ) -> dict[str, str]:
            places = {"share": 1, "share_before": 1, "distance": 2}
            return {
                **{name: format_number(value, language, places[name]) for name, value in computed.items()},
                "dimension": name_in_words(dimension, check.flow, language),
                "previous": read_period(check, row_before),
            }

        yield check.fault(
            (row,),
            build_parameters,
            observed=f"{share:.1f}%",
            expected=f"about {share_before:.1f}%",
            related=(row_before,),
        )


@KINDS.add("RATIO-OF-CODES")
@run_by_definition
def code_ratio_is_plausible(check: Check) -> Iterable[Fault | NotTestable]:
    """The ratio of two codes, such as men to women, is plausible and close to its own past.

    Parameters: `breakdown`: dimension; `codes`: both codes; `lowest`, `highest`: bounds; `least`: minimum sum;
    `periods`: number before; `room`: tolerated share outside their range; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        dimension, codes = parameters.text("breakdown"), parameters.strings("codes", None)
        lowest, highest, room = (read_decimal(parameters, name) for name in ("lowest", "highest", "room"))
        least, length = parameters.integer("least"), parameters.integer("periods")
    if dimension not in check.structure:
        raise build_untestable_error("{flow} has no {component}", flow=check.flow.id, component=dimension)
    none = build_untestable_error("{codes} never add up to {least} or more", codes=join_all(codes), least=least)
    if not check.books[0].codes(dimension).issuperset(codes):
        raise none
    series = add_context(check, select_series(check), dimension).drop_nulls("value")
    first, second = (series.filter(pl.col("code") == code) for code in codes)
    pairs = first.join(second, on=GROUP_COLUMNS, suffix="_second")
    pairs = pairs.filter(pl.min_horizontal("value", "value_second") >= 0)
    pairs = pairs.filter(pl.col("value") + pl.col("value_second") >= least)
    if pairs.is_empty():
        raise none
    pairs = pairs.with_columns(ratio=pl.col("value") / pl.col("value_second")).sort("series", "period")
    past = [compute_value_before("ratio", steps) for steps in range(1, length + 1)]
    known = pl.all_horizontal(ratio.is_not_null() for ratio in past)
    pairs = pairs.with_columns(low=pl.min_horizontal(past), high=pl.max_horizontal(past), known=known)
    all_known = pl.col("known")
    odd = pairs.with_columns(
        low=pl.when(all_known).then(pl.max_horizontal(pl.col("low") / (1 + room), lowest)).otherwise(lowest),
        high=pl.when(all_known).then(pl.min_horizontal(pl.col("high") * (1 + room), highest)).otherwise(highest),
    ).filter((pl.col("ratio") < pl.col("low")) | (pl.col("ratio") > pl.col("high")))
    for row, other, ratio, low, high in (
        odd.sort("row").select(["row", "row_second", "ratio", "low", "high"]).iter_rows()
    ):
        yield build_ratio_fault(check, (row, other), dimension, codes, ratio, low, high)


def build_ratio_fault(
    check: Check, rows: tuple[int, int], dimension: str, codes: Sequence[str], ratio: float, low: float, high: float
) -> Fault:

    def build_parameters(language: str) -> dict[str, str]:
        first, second = (find_code_name(check.flow, dimension, code, language) for code in codes)
        computed = {"ratio": ratio, "low": low, "high": high}
        places = compute_needed_decimals(computed.values())
        numbers = {name: format_number(value, language, places) for name, value in computed.items()}
        return {"first": first, "second": second, **numbers}

    return check.fault(rows, build_parameters, observed=format_number(ratio, "en"), expected=f"{low:.2f} to {high:.2f}")


@KINDS.add("AGES-NOT-HEAPED")
@run_by_definition
def ages_are_not_heaped(check: Check) -> Iterable[Fault | NotTestable]:
    """Ages ending in 0 and 5 are neither more nor less frequent than others (Whipple's index).

    Parameters: `youngest`, `oldest`: age range; `every`: step of heaped ages; `lowest`, `highest`: bounds of the index;
    `least`: minimum persons; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        youngest, oldest, every = (parameters.integer(name) for name in ("youngest", "oldest", "every"))
        lowest, highest, least = (
            read_decimal(parameters, "lowest"),
            read_decimal(parameters, "highest"),
            parameters.integer("least"),
        )
    if "AGE" not in check.structure:
        raise build_untestable_error("{flow} has no {component}", flow=check.flow.id, component="AGE")
    wanted = {f"Y{age}": age for age in range(youngest, oldest + 1)}
    none = build_untestable_error(
        "no dataset reports every single age from {youngest} to {oldest} for {least} persons",
        youngest=youngest,
        oldest=oldest,
        least=least,
    )
    if not check.books[0].codes("AGE") >= wanted.keys():
        raise none
    single = add_context(check, select_series(check), "AGE").drop_nulls("value")
    single = single.filter(pl.col("code").is_in(list(wanted))).with_columns(
        age=pl.col("code").replace_strict(wanted, return_dtype=pl.Int32, default=None)
    )
    attracting = pl.col("value").filter(pl.col("age") % every == 0).sum()
    indices = (
        single.sort("row")
        .group_by(GROUP_COLUMNS, maintain_order=True)
        .agg("row", count=pl.len(), sum=pl.col("value").sum(), index=100 * every * attracting / pl.col("value").sum())
        .filter(pl.col("count") == len(wanted), pl.col("sum") >= least)
    )
    if indices.is_empty():
        raise none
    odd = indices.filter((pl.col("index") < lowest) | (pl.col("index") > highest))
    for rows, index in odd.select("row", "index").iter_rows():

        def build_parameters(language: str, index: float = index) -> dict[str, str]:
            bounds = {"index": index, "lowest": lowest, "highest": highest}
            return {name: format_number(value, language, 1) for name, value in bounds.items()}

        yield check.fault(
            rows, build_parameters, observed=format_number(index, "en", 1), expected=f"{lowest:.0f} to {highest:.0f}"
        )


@KINDS.add("AGES-PEAK")
@run_by_definition
def migration_ages_peak(check: Check) -> Iterable[Fault | NotTestable]:
    """The peak of persons by year of age lies in the ages of migration.

    Parameters: `youngest`, `oldest`: its range; `widest`: maximum width of age groups in years; `groups`: minimum
    number; `least`: minimum persons; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        youngest, oldest, widest = (parameters.integer(name) for name in ("youngest", "oldest", "widest"))
        needed, least = parameters.integer("groups"), parameters.integer("least")
    structure = check.structure
    spans = {code: ages.parse_age_code(code) for code in (choose_codes(check, "AGE") if "AGE" in structure else ())}
    closed = {code: span for code, span in spans.items() if span and span[1] - span[0] <= widest}
    parts = (
        add_context(check, select_series(check), "AGE").drop_nulls("value").filter(pl.col("code").is_in(list(closed)))
    )
    parts = parts.filter(pl.len().over(GROUP_COLUMNS) >= needed, pl.col("value").sum().over(GROUP_COLUMNS) >= least)
    if parts.is_empty():
        raise build_untestable_error(
            "no dataset reports {needed} age groups of at most {widest} years for {least} persons",
            needed=needed,
            widest=widest,
            least=least,
        )
    widths = {code: float(span[1] - span[0]) for code, span in closed.items()}
    density = pl.col("value") / pl.col("code").replace_strict(widths, return_dtype=pl.Float64, default=None)
    peaks = parts.with_columns(density=density).sort("density", "row", descending=[True, False])
    peaks = peaks.unique(GROUP_COLUMNS, keep="first", maintain_order=True)
    usual = [code for code, span in closed.items() if span[0] <= oldest and span[1] > youngest]
    for row, code in peaks.filter(~pl.col("code").is_in(usual)).sort("row").select("row", "code").iter_rows():
        bounds = {"youngest": str(youngest), "oldest": str(oldest)}
        yield check.fault((row,), bounds, observed=code, expected=f"{youngest} to {oldest} years")


@KINDS.add("DIGITS-NOT-HEAPED")
def digits_are_not_heaped(check: Check) -> Iterable[Fault | NotTestable]:
    """Figures are not multiples of a number more often than by chance, which suggests rounding.

    Parameters: `base`: the number; `figures`: minimum of different figures; `above`: minimum figure; `times`: tolerated
    standard deviations; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        base, needed, above = (parameters.integer(name) for name in ("base", "figures", "above"))
        times = read_decimal(parameters, "times")
    measure = check.measure
    whole = select_figures(check).filter(pl.col("power") == 0, pl.col(measure).str.contains(r"^[0-9]{1,18}$"))
    figures = whole.select(pl.col(measure).cast(pl.Int64)).filter(pl.col(measure) > above).unique()
    count = figures.height
    if count < needed:
        raise build_untestable_error(
            "there are fewer than {needed} different whole numbers above {above}", needed=needed, above=above
        )
    share = figures.select((pl.col(measure) % base == 0).mean()).item()
    chance = 1 / base
    limit = chance + times * (chance * (1 - chance) / count) ** 0.5
    if share <= limit:
        return

    def build_parameters(language: str) -> dict[str, str]:
        shares = {"share": 100 * share, "limit": 100 * limit}
        return {
            **{name: format_number(value, language, 1) for name, value in shares.items()},
            "base": write_number(str(base), language),
            "count": write_number(str(count), language),
        }

    yield check.fault((), build_parameters, observed=f"{100 * share:.1f}%", expected=f"≤ {100 * limit:.1f}%")


class Pair(NamedTuple):
    part: Mapping[str, str]
    whole: Mapping[str, str]


class Limits(NamedTuple):
    usual: Decimal
    error: Decimal | None
    least: Decimal


@KINDS.add("SHARE-WITHIN")
@run_by_definition
def shares_are_within_limit(check: Check) -> Iterable[Fault | NotTestable]:
    """A part is at most a certain share of its whole; 1 means no more than the whole.

    Parameters: `pair`: codes of `part` and `whole`; `most`: the share; `error`: share that is an error; `least`:
    minimum whole; `margins`: only figures that no other breakdown divides. One fault per series, at its largest share.
    """
    with check.parameters as parameters:
        pairs = [read_pair(entry) for entry in parameters.tables("pair")]
        error = parameters.text("error", "")
        limits = Limits(
            Decimal(parameters.text("most")), Decimal(error) if error else None, Decimal(parameters.text("least", "0"))
        )
        margins = parameters.flag("margins", default=False)
        parameters.table("except")
    tested = False
    for pair in pairs:
        if not (is_reported(check, pair.part) and is_reported(check, pair.whole)):
            continue
        both = join_sides(check, pair, margins=margins)
        both = both.filter(pl.col("amount_whole") >= int(limits.least * 10**check.amounts.scale))
        tested = tested or not both.is_empty()
        yield from list_large_shares(check, both, pair, limits)
    if not tested:
        yield report_not_tested("no part is reported with its whole")


def read_pair(declared: Declared) -> Pair:
    pair = Pair(declared.table("part").pairs(), declared.table("whole").pairs())
    if pair.part.keys() != pair.whole.keys() or not pair.part:
        raise DeclarationError("Name a part and its whole by the same dimensions.", declared.at("part"))
    declared.close()
    return pair


def is_reported(check: Check, codes: Mapping[str, str]) -> bool:
    key = check.structure.series_key
    return all(dimension in key and code in check.books[0].codes(dimension) for dimension, code in codes.items())


def join_sides(check: Check, pair: Pair, *, margins: bool) -> pl.DataFrame:
    needed = [pl.col(dimension).is_in([code, pair.whole[dimension]]) for dimension, code in pair.part.items()]
    frame = select_total_figures(check, *needed, pl.col("amount").is_not_null())
    parts, wholes = select_codes(frame, pair.part), select_codes(frame, pair.whole)
    if margins:
        parts = select_margins_only(check, parts)
    keys = [name for name in check.structure.key if name not in pair.part]
    wholes = wholes.rename({column: f"{column}_whole" for column in FIGURE_COLUMNS})
    return parts.join(wholes, on=keys, how="inner", nulls_equal=True, maintain_order="left")


def list_large_shares(check: Check, both: pl.DataFrame, pair: Pair, limits: Limits) -> Iterator[Fault]:
    parts, of = limits.usual.as_integer_ratio()
    over = (pl.col("amount") * of - pl.col("amount_whole") * parts) * 2
    wrong = both.filter(over > pl.col("slack") * of + pl.col("slack_whole") * parts)
    keys = [name for name in check.structure.series_key if name in wrong.columns]
    ratio = pl.col("amount").cast(pl.Float64) / pl.col("amount_whole").cast(pl.Float64)
    ordered = wrong.with_columns(ratio=ratio).sort("ratio", descending=True, maintain_order=True)
    groups = ordered.group_by(keys, maintain_order=True) if keys else [((), ordered)]
    for _, group in groups:
        if not group.is_empty():
            yield build_fault(check, pair, limits, group)


def build_fault(check: Check, pair: Pair, limits: Limits, group: pl.DataFrame) -> Fault:
    worst: dict[str, Any] = group.row(0, named=True)
    value, whole = read_exact_amount(check, worst, "amount"), read_exact_amount(check, worst, "amount_whole")
    share = value / whole if whole else None
    time = check.structure.time

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(worst["text"], language),
            "total": write_number(worst["text_whole"], language),
            "dimension": " × ".join(name_in_words(name, check.flow, language) for name in pair.part),
            "part": join_code_names(check, pair.part, language),
            "whole": join_code_names(check, pair.whole, language),
            "period": worst[time.id] if time else "",
            "share": "–" if share is None else write_per_cent(share, language),
            "limit": write_per_cent(limits.usual, language),
            "count": write_number(str(group.height), language),
        }

    rounding = (
        read_exact_amount(check, worst, "slack") + read_exact_amount(check, worst, "slack_whole") * limits.usual
    ) / 2
    grave = limits.error is not None and (share is None or share > limits.error)
    return check.fault(
        group["row"],
        build_words,
        observed=worst["text"],
        expected=f"≤ {(limits.usual * 100).normalize():f}% × {worst['text_whole']}",
        severity="error" if grave else "",
        related=tuple(group["row_whole"]),
        difference=format_plain(round_decimals((value - whole * limits.usual).scaleb(-worst["power"]))),
        tolerance=format_plain(round_decimals(rounding.scaleb(-worst["power"]))),
    )
