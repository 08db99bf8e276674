"""Figures beside those of earlier periods, series by series and table by table, in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from sdmxmig.catalogue.rules import list_fixed_codes
from sdmxmig.quality.rules.changes import NORMAL
from sdmxmig.quality.rules.revisions import NEARLY
from sdmxmig.quality.rules.times import FORMS
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    OBSERVATION_STATUS,
    SLACK,
    TOTAL,
    UNITS,
    build_judged_part,
    figure_conditions,
    find_definition,
    is_attribute,
    name_figures,
    require_known,
    step,
    write_comparable_figures,
)
from sdmxmig.quality.vtl.sums import NO_PART, PERIOD
from sdmxmig.quality.vtl.syntax import (
    LACKING,
    TIME,
    aggregate_measures,
    calculate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    literal,
    name,
    negate_condition,
    write_conditional,
    written_as,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.courses import FREQUENCY

FREQ = "FREQ"
HOLDS = "not JUMPS or EXPLAINED or BACK_AGAIN"
NUMBER, NEXT, STEP = "PERIOD_NUMBER", "NEXT_NUMBER", "STEP_OF_PERIODS"
"""A period as a number, a later one, and the step between neighbours."""
YEARLY = "A"
PER_YEAR = {YEARLY: 1, "S": 2, "T": 3, "Q": 4, "M": 12}
"""Periods per year by length; weeks and days do not fill years."""
STATUS_TEXT = f'nvl({OBSERVATION_STATUS}, "")'
WITHOUT_END = "1000000000.0"
"""A ratio to zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A frequency (FREQ code) with the step between compared figures."""

    letter: str
    steps: dict[str, int]


@TRANSLATIONS.add("CHANGE-WITHIN-LIMITS")
def change_within_limits(subject: Subject) -> Iterable[Part]:
    """Test each figure against the previous one; size, total or a return may explain a change."""
    parameters = subject.parameters
    base, spread, least = parameters.text("base"), parameters.text("spread"), parameters.integer("least")
    lag, series = parameters.integer("lag", 1), list_series_key(subject)
    larger, smaller = (write_conditional(f"{UNITS} {sign} BEFORE", UNITS, "BEFORE") for sign in (">=", "<"))
    limit, near = (f"exp({base} + {spread} / sqrt({size}))" for size in ("LARGER", f"({at_least('MOST', '1.0')})"))
    for rhythm in list_rhythms(subject, parameters.text("frequency", "")):
        sizes = calculate_measures(LARGER=larger, SMALLER=smaller, UP=f"{UNITS} > BEFORE")
        jump = calculate_measures(JUMPS=f"LARGER > SMALLER * {limit}")
        steps = [
            *pair_with_earlier(subject, rhythm, lag),
            step("SIZES", filter_dataset("@PAIRS", *exclude_breaks(subject)) + sizes),
            step("COMPARED", filter_dataset("@SIZES", "SMALLER >= 0", f"LARGER >= {least}") + jump),
            step("LEAPS", f"@COMPARED[filter JUMPS]{calculate_measures(ROOM=limit)}[keep UP, {UNITS}, BEFORE, ROOM]"),
            *mark_explained(subject.flow),
            *mark_returned(series, lag, near),
            step("TESTED", f"@ASKED{calculate_measures(HOLDS=HOLDS, DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


def list_series_key(subject: Subject) -> list[str]:
    return [name(dimension) for dimension in subject.flow.structure.series_key]


def pair_with_earlier(subject: Subject, rhythm: Rhythm, lag: int = 1) -> Iterator[Assignment]:
    """Pair known figures of a frequency with an earlier one, BEFORE, as PAIRS."""
    series = list_series_key(subject)
    yield number_periods(subject, rhythm, require_known())
    yield step("EARLIER", f"@NUMBERED{write_shift(series, lag, BEFORE=f'max({UNITS})')}")
    yield step("PAIRS", "inner_join(@NUMBERED as n, @EARLIER as e)")


def write_shift(series: Sequence[str], lag: int, **measures: str) -> str:
    """Return the clauses that move figures of a series by a number of periods."""
    by = f"[calc identifier {NEXT} := {NUMBER} + {STEP} * {lag}]"
    return f"{by}{aggregate_measures([*series, NEXT], **measures)}[rename {NEXT} to {NUMBER}]"


def exclude_breaks(subject: Subject) -> list[str]:
    breaks = subject.parameters.strings("breaks")
    return (
        [negate_condition(is_in(STATUS_TEXT, breaks))]
        if breaks and is_attribute(subject.flow, OBSERVATION_STATUS)
        else []
    )


def mark_explained(flow: Flow, *, by_any: bool = False) -> Iterator[Assignment]:
    """Mark compared figures as MARKED, with EXPLAINED if the rest of a total changes alike in the same period.

    The factors of part and rest differ by less than the limit; products compare them where figures are zero. With
    `by_any`, a total that leaps in the same direction is enough.
    """
    dimensions = [
        dimension
        for dimension in flow.structure.series_key
        if (codelist := flow.codelist(dimension)) is not None and TOTAL in codelist
    ]
    for number, dimension in enumerate(dimensions, 1):
        part, total = negate_condition(is_in(name(dimension), [TOTAL])), f"{name(dimension)} = {literal(TOTAL)}"
        of_total = f"[rename UP to UP_OF_TOTAL, {UNITS} to OF_TOTAL, BEFORE to OF_TOTAL_BEFORE]"
        totals = f"@LEAPS[sub {total}][keep UP, {UNITS}, BEFORE]{of_total}"
        together = f"inner_join({filter_dataset('@LEAPS', part)} as p, {totals} as t)[filter UP = UP_OF_TOTAL]"
        rest = calculate_measures(
            REST=at_least(f"OF_TOTAL - {UNITS}", "0.0"), REST_BEFORE=at_least("OF_TOTAL_BEFORE - BEFORE", "0.0")
        )
        factors = calculate_measures(FACTOR=f"{UNITS} * REST_BEFORE", FACTOR_THEN="BEFORE * REST")
        alike = [f"{one} <= {other} * ROOM * {NEARLY:.9f}" for one, other in permutations(("FACTOR", "FACTOR_THEN"))]
        all_alike = together if by_any else filter_dataset(f"{together}{rest}{factors}", *alike)
        yield step(f"ALIKE_{number}", f"{all_alike}{calculate_measures(ALIKE='true')}[keep ALIKE]")
    if not dimensions:
        yield step("MARKED", f"@COMPARED{calculate_measures(EXPLAINED='false')}")
        return
    yield step("ALL_ALIKE", write_union([f"@ALIKE_{number}" for number, _ in enumerate(dimensions, 1)]))
    joined = "left_join(@COMPARED as c, @ALL_ALIKE as a)"
    yield step("MARKED", f"{joined}{calculate_measures(EXPLAINED='nvl(ALIKE, false)')}")


def mark_returned(series: Sequence[str], lag: int, near: str) -> Iterator[Assignment]:
    factor = calculate_measures(FACTOR=write_conditional("SMALLER = 0", WITHOUT_END, "LARGER / SMALLER"))
    sizes = calculate_measures(
        MOST=at_least(UNITS, "FIRST"),
        FEWEST=write_conditional(f"{UNITS} < FIRST", UNITS, "FIRST"),
        HALF=f"sqrt({write_conditional('FACTOR < FACTOR_THEN', 'FACTOR', 'FACTOR_THEN')})",
        OPPOSITE=f"({UNITS} > BEFORE and BEFORE < FIRST) or ({UNITS} < BEFORE and BEFORE > FIRST)",
    )
    room = calculate_measures(NEAR=near) + calculate_measures(ROOM=write_conditional("NEAR < HALF", "NEAR", "HALF"))
    first = {"FIRST": "max(BEFORE)", "FACTOR_THEN": "max(FACTOR)"}
    yield step("LEAPT", f"@COMPARED[filter JUMPS]{factor}[keep {UNITS}, BEFORE, {STEP}, FACTOR]")
    yield from taken_back(series, lag, first, sizes + room, "OPPOSITE", "MOST <= FEWEST * ROOM")


def taken_back(
    series: Sequence[str], lag: int, first: Mapping[str, str], sizes: str, *is_back: str
) -> Iterator[Assignment]:
    """Find changes of LEAPT that reverse the one before, as RETURNED, except after a return."""
    yield step("LEAPT_BEFORE", f"@LEAPT{write_shift(series, lag, **first)}")
    back = filter_dataset(f"inner_join(@LEAPT as l, @LEAPT_BEFORE as b){sizes}", *is_back)
    yield step("BACK", f"{back}{calculate_measures(RETURNS='true')}[keep {STEP}, RETURNS]")
    yield step("BACK_BEFORE", f"@BACK{write_shift(series, lag, AGAIN=f'max({STEP})')}")
    yield step("RETURNED", "left_join(@BACK as l, @BACK_BEFORE as b)[filter isnull(AGAIN)][keep RETURNS]")
    yield step(
        "ASKED", f"left_join(@MARKED as m, @RETURNED as r){calculate_measures(BACK_AGAIN='nvl(RETURNS, false)')}"
    )


def at_least(figure: str, other: str) -> str:
    """Return the larger of two figures.

    >>> at_least("MOST", "1.0")
    'if MOST > 1.0 then MOST else 1.0'
    """
    return write_conditional(f"{figure} > {other}", figure, other)


@TRANSLATIONS.add("RATIO-OF-CODES")
def ratio_of_codes(subject: Subject) -> Iterable[Part]:
    parameters, flow = subject.parameters, subject.flow
    dimension, codes = parameters.text("breakdown"), parameters.strings("codes", None)
    if dimension not in flow.structure.series_key:
        raise NotExpressibleError(LACKING, flow=flow.id, component=dimension)
    lowest, highest, room = (parameters.text(bound) for bound in ("lowest", "highest", "room"))
    least, periods = parameters.integer("least"), parameters.integer("periods")
    series = [other for other in list_series_key(subject) if other != name(dimension)]
    ratio = write_conditional("OTHER = 0", WITHOUT_END, f"{UNITS} / OTHER")
    low, high = f"LOW / (1 + {room})", f"HIGH * (1 + {room})"
    bounds = calculate_measures(
        LOWER=write_conditional(f"{low} > {lowest}", low, lowest),
        UPPER=write_conditional(f"{high} < {highest}", high, highest),
    )
    holds = join_conditions(f"RATIO >= nvl(LOWER, {lowest})", f"RATIO <= nvl(UPPER, {highest})")
    subspaces = [f"@NUMBERED[sub {name(dimension)} = {literal(code)}]" for code in codes]
    for rhythm in list_rhythms(subject, ""):
        known_past = f"[filter COUNTED = {periods}]{bounds}[keep LOWER, UPPER]"
        both = f"inner_join({subspaces[0]} as f, {subspaces[1]}[keep {UNITS}][rename {UNITS} to OTHER] as s)"
        large = [f"{UNITS} >= 0", "OTHER >= 0", f"{UNITS} + OTHER >= {least}"]
        steps = [
            number_periods(subject, rhythm, require_known()),
            step("RATIOS", f"{filter_dataset(both, *large)}{calculate_measures(RATIO=ratio)}[keep RATIO, {STEP}]"),
            step("PAST", summarise_past("@RATIOS", series, periods, "RATIO")),
            step("KNOWN", f"inner_join(@RATIOS as r, @PAST as p){known_past}"),
            step("BESIDE", "left_join(@RATIOS as r, @KNOWN as k)"),
            step("TESTED", f"@BESIDE{calculate_measures(HOLDS=holds, DIFFERENCE=f'RATIO - nvl(UPPER, {highest})')}"),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


def summarise_past(source: str, series: Sequence[str], periods: int, measure: str) -> str:
    """Summarise the figures of the periods before each as LOW, HIGH and COUNTED."""
    copies = [
        f"{source}[calc identifier LAG := {lag}]{write_shift([*series, 'LAG'], lag, PAST=f'max({measure})')}"
        for lag in range(1, periods + 1)
    ]
    ends = aggregate_measures([*series, NUMBER], LOW="min(PAST)", HIGH="max(PAST)", COUNTED="count(PAST)")
    return f"{write_union(copies)}{ends}"


def write_union(parts: Sequence[str]) -> str:
    return f"union({', '.join(parts)})" if len(parts) > 1 else parts[0]


def list_rhythms(subject: Subject, frequency: str) -> Iterator[Rhythm]:
    """Return the frequencies considered; weeks and days are excluded, since they do not fill years."""
    flow = subject.flow
    if flow.structure.time is None:
        raise NotExpressibleError(LACKING, flow=flow.id, component=TIME)
    if FREQ not in flow.structure.series_key:
        if frequency in ("", YEARLY):
            yield Rhythm(letter=YEARLY, steps={})
        return
    codelist = flow.codelist(FREQ)
    codes = (
        (frequency,)
        if frequency
        else list_fixed_codes(flow).get(FREQ) or (codelist.ids if codelist else tuple(PER_YEAR))
    )
    excepted = subject.parameters.table("except")
    unwanted = excepted.strings(FREQ) if FREQ in excepted.values else ()
    for letter in PER_YEAR:
        steps: dict[str, int] = {}
        for code in codes:
            match = FREQUENCY.fullmatch(code)
            if match and match[1] == letter and code not in unwanted:
                steps[code] = int(match[2] or 1)
        if steps:
            yield Rhythm(letter=letter, steps=steps)


def number_periods(subject: Subject, rhythm: Rhythm, *wanted: str) -> Assignment:
    """Number the periods of a frequency as NUMBERED, with the step to the next."""
    flow = subject.flow
    time = flow.structure.time
    period = name(time.id if time else "")
    conditions = [*figure_conditions(subject), *wanted, written_as(period, [FORMS[rhythm.letter][0]])]
    if rhythm.steps:
        conditions.append(is_in(FREQ, rhythm.steps))
    length = "1"
    for code, steps in rhythm.steps.items():
        length = write_conditional(is_in(FREQ, [code]), str(steps), length) if steps > 1 else length
    status = [OBSERVATION_STATUS] if is_attribute(flow, OBSERVATION_STATUS) else []
    kept = f"[keep {', '.join([UNITS, SLACK, STEP, *status])}]"
    number = write_period_number(period, rhythm.letter)
    figures = filter_dataset(name_figures(flow), *conditions)
    return step("NUMBERED", f"{figures}[calc identifier {NUMBER} := {number}, measure {STEP} := {length}]{kept}")


def write_period_number(period: str, letter: str) -> str:
    """Convert a period to a number.

    >>> write_period_number("TIME_PERIOD", "A")
    'cast(substr(TIME_PERIOD, 1, 4), integer)'
    """
    year = f"cast(substr({period}, 1, 4), integer)"
    if letter == YEARLY:
        return year
    part = f"substr({period}, 7, 1)"
    if letter == "M":
        part = write_conditional(f'substr({period}, 6, 1) = "M"', f"substr({period}, 7, 2)", f"substr({period}, 6, 2)")
    return f"{year} * {PER_YEAR[letter]} + cast({part}, integer)"


@TRANSLATIONS.add("BREAK-SHIFTS")
def break_shifts(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    share, least = parameters.text("share"), parameters.integer("least")
    if not is_attribute(subject.flow, OBSERVATION_STATUS):
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=OBSERVATION_STATUS)
    marked = [is_in(STATUS_TEXT, parameters.strings("breaks", None)), f"BEFORE >= {least}"]
    for rhythm in list_rhythms(subject, ""):
        holds = calculate_measures(HOLDS=f"abs({UNITS} / BEFORE - 1) >= {share}", DIFFERENCE=f"{UNITS} - BEFORE")
        steps = [*pair_with_earlier(subject, rhythm), step("TESTED", filter_dataset("@PAIRS", *marked) + holds)]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("ZEROS-STAY")
def zeros_stay(subject: Subject) -> Iterable[Part]:
    periods, least = subject.parameters.integer("periods"), subject.parameters.integer("least")
    jumps = f"UP or (LOW >= {least} and {UNITS} = 0)"
    leaps = calculate_measures(UP=f"LOW = 0 and HIGH = 0 and {UNITS} >= {least}", BEFORE="LOW") + calculate_measures(
        JUMPS=jumps
    )
    for rhythm in list_rhythms(subject, ""):
        steps = [
            number_periods(subject, rhythm, require_known()),
            step("PAST", summarise_past("@NUMBERED", list_series_key(subject), periods, UNITS)),
            step("COMPARED", f"inner_join(@NUMBERED as n, @PAST as p)[filter COUNTED = {periods}]{leaps}"),
            *judge_leaps(subject),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


def judge_leaps(subject: Subject) -> Iterator[Assignment]:
    """Judge leaps of COMPARED, except where a total leaps alike."""
    yield step("LEAPS", f"@COMPARED[filter JUMPS][keep UP, {UNITS}, BEFORE]")
    yield from mark_explained(subject.flow, by_any=True)
    yield step("TESTED", f"@MARKED{calculate_measures(HOLDS='not JUMPS or EXPLAINED', DIFFERENCE=f'{UNITS} - BEFORE')}")


@TRANSLATIONS.add("CHANGE-AS-USUAL")
def change_as_usual(subject: Subject) -> Iterable[Part]:
    """Test each change against the median change of its series, in median deviations."""
    parameters, series = subject.parameters, list_series_key(subject)
    lag, least, needed = parameters.integer("lag"), parameters.integer("least"), parameters.integer("changes")
    times, floor = parameters.text("times"), parameters.text("floor")
    large = [f"{UNITS} > 0", "BEFORE > 0", f"{UNITS} >= {least} or BEFORE >= {least}"]
    log, chance = calculate_measures(CHANGE=f"ln({UNITS} / BEFORE)"), f"sqrt(1 / {UNITS} + 1 / BEFORE)"
    limit = at_least(f"(SPREAD * {NORMAL})", f"({at_least(floor, 'CHANCE')})")
    usual = calculate_measures(LIMIT=f"({limit}) * {times}", UP="OFF > 0", BEFORE="BEFORE * exp(MIDDLE)")
    least_off = write_conditional("abs(OFF) < abs(OFF_THEN)", "abs(OFF)", "abs(OFF_THEN)")
    is_back = ["(OFF > 0) <> (OFF_THEN > 0)", f"abs(OFF + OFF_THEN) <= ({least_off}) / 2"]
    for rhythm in list_rhythms(subject, parameters.text("frequency", "")):
        middle = aggregate_measures(series, MIDDLE="median(CHANGE)", COUNTED="count(CHANGE)")
        off = calculate_measures(OFF="CHANGE - MIDDLE", CHANCE=chance) + calculate_measures(SIZE="abs(OFF)")
        steps = [
            *pair_with_earlier(subject, rhythm, lag),
            step("CHANGES", filter_dataset("@PAIRS", *exclude_breaks(subject), *large) + log),
            step("MEDIANS", f"@CHANGES{middle}[filter COUNTED >= {needed}]"),
            step("DEVIATIONS", f"inner_join(@CHANGES as c, @MEDIANS as m){off}"),
            step("SPREADS", f"@DEVIATIONS{aggregate_measures(series, SPREAD='median(SIZE)')}"),
            step("LIMITED", f"inner_join(@DEVIATIONS as d, @SPREADS as s){usual}"),
            step("COMPARED", f"@LIMITED{calculate_measures(JUMPS='SIZE > LIMIT', ROOM='exp(LIMIT)')}"),
            step("LEAPS", f"@COMPARED[filter JUMPS][keep UP, {UNITS}, BEFORE, ROOM]"),
            *mark_explained(subject.flow),
            step("LEAPT", f"@COMPARED[filter JUMPS][keep {STEP}, OFF]"),
            *taken_back(series, lag, {"OFF_THEN": "max(OFF)"}, "", *is_back),
            step("TESTED", f"@ASKED{calculate_measures(HOLDS=HOLDS, DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


def table_of(subject: Subject, *by: str) -> list[str]:
    """Return the identifiers of a table of one period: the dimensions `by` that divide the data."""
    key = subject.flow.structure.series_key
    wanted = dict.fromkeys([*subject.parameters.strings("by"), FREQ, *by])
    return [*(name(dimension) for dimension in wanted if dimension in key), NUMBER]


@TRANSLATIONS.add("PERIOD-IS-NEW")
def period_is_new(subject: Subject) -> Iterable[Part]:
    """Test whether few figures of a table are those of the period before."""
    parameters = subject.parameters
    above, needed, least = (parameters.integer(limit) for limit in ("above", "cells", "same"))
    large = f"BEFORE > {above} * ({write_conditional(f'{SLACK} = 0.0', '1.0', SLACK)})"
    sizes = aggregate_measures(table_of(subject), CELLS="count(SAME)", REPEATED="sum(SAME)")
    holds = f"SAME = 0 or REPEATED < {least} or REPEATED / CELLS <= {parameters.text('share')}"
    for rhythm in list_rhythms(subject, ""):
        steps = [
            *pair_with_earlier(subject, rhythm),
            step(
                "LARGE",
                f"@PAIRS[filter {large}]{calculate_measures(SAME=write_conditional(f'{UNITS} = BEFORE', '1', '0'))}",
            ),
            step("TABLES", f"@LARGE{sizes}[filter CELLS >= {needed}]"),
            step("BESIDE", "inner_join(@LARGE as l, @TABLES as t)"),
            step("TESTED", f"@BESIDE{calculate_measures(HOLDS=holds, DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("ZEROS-ARE-FEW")
def zeros_are_few(subject: Subject) -> Iterable[Part]:
    """Test whether the figures of a table, or of one of its codes, become zero together."""
    parameters, key = subject.parameters, subject.flow.structure.series_key
    needed, few, many = parameters.integer("cells"), parameters.text("before"), parameters.text("now")
    divisions = ["", *(dimension for dimension in parameters.strings("within") if dimension in key)]
    flags = calculate_measures(
        ZERO=write_conditional(f"{UNITS} = 0", "1", "0"), ZERO_BEFORE=write_conditional("BEFORE = 0", "1", "0")
    )
    sums = {"CELLS": "count(ZERO)", "ZEROS": "sum(ZERO)", "ZEROS_BEFORE": "sum(ZERO_BEFORE)"}
    emptied = [f"ZEROS / CELLS >= {many}", f"ZEROS_BEFORE / CELLS < {few}", "ZERO = 1", "BEFORE > 0"]
    for rhythm in list_rhythms(subject, ""):
        steps = [*pair_with_earlier(subject, rhythm), step("FLAGGED", f"@PAIRS{flags}")]
        for number, dimension in enumerate(divisions):
            cells = filter_dataset(
                "@FLAGGED", negate_condition(is_in(name(dimension), (TOTAL, *NO_PART))) if dimension else ""
            )
            tables = f"{cells}{aggregate_measures(table_of(subject, dimension), **sums)}[filter CELLS >= {needed}]"
            steps += [
                step(f"TABLES_{number}", tables),
                step(f"CELLS_{number}", f"inner_join({cells} as c, @TABLES_{number} as t)"),
                step(
                    f"GONE_{number}",
                    f"{filter_dataset(f'@CELLS_{number}', *emptied)}{calculate_measures(GONE='true')}[keep GONE]",
                ),
            ]
        steps += [
            step("GONE", write_union([f"@GONE_{number}" for number, _ in enumerate(divisions)])),
            step("ASKED", "left_join(@CELLS_0 as c, @GONE as g)"),
            step("TESTED", f"@ASKED{calculate_measures(HOLDS='not nvl(GONE, false)', DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("YEAR-END-AS-USUAL")
def year_end_as_usual(subject: Subject) -> Iterable[Part]:
    parameters, time = subject.parameters, subject.flow.structure.time
    count, times, least = parameters.integer("periods"), parameters.text("times"), parameters.integer("least")
    sums = aggregate_measures([*list_series_key(subject), PERIOD], WHOLE=f"sum({UNITS})", COUNTED=f"count({UNITS})")
    last = [f"COUNTED = {count}", f"mod({NUMBER}, {count}) = 0", f"(WHOLE - {UNITS}) / {count - 1} >= {least}"]
    holds = f"{UNITS} / ((WHOLE - {UNITS}) / {count - 1}) <= {times}"
    for rhythm in list_rhythms(subject, parameters.text("frequency")):
        year = f"[calc identifier {PERIOD} := substr({name(time.id if time else TIME)}, 1, 4)]"
        steps = [
            number_periods(subject, rhythm, require_known()),
            step("OF_YEARS", f"@NUMBERED{year}"),
            step("SUMS", f"@OF_YEARS{sums}"),
            step("LAST", filter_dataset("inner_join(@OF_YEARS as o, @SUMS as s)", *last)),
            step(
                "TESTED",
                f"@LAST{calculate_measures(HOLDS=holds, DIFFERENCE=f'{UNITS} - (WHOLE - {UNITS}) / {count - 1}')}",
            ),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("CODES-STAY")
def codes_stay(subject: Subject) -> Iterable[Part]:
    """Test whether large figures go on in the next period, if others of their breakdown are there."""
    least, series = subject.parameters.integer("least"), list_series_key(subject)
    listed = dict.fromkeys(subject.parameters.strings("dimensions", None))
    dimensions = [dimension for dimension in listed if dimension in subject.flow.structure.series_key]
    jumps = calculate_measures(JUMPS=f"isnull(STAYS) and nvl({UNITS}, 0.0) > {least}", UP="false", BEFORE="0.0")
    for rhythm in list_rhythms(subject, ""):
        for number, dimension in enumerate(dimensions, 1):
            context = [other for other in series if other != name(dimension)]
            steps = [
                number_periods(subject, rhythm),
                step("PARTS", filter_dataset("@NUMBERED", negate_condition(is_in(name(dimension), (TOTAL, *NO_PART))))),
                step("OTHERS", f"@PARTS{write_shift(context, -1, OTHERS=f'max({STEP})')}"),
                step("NEXT_ONES", f"@PARTS{write_shift(series, -1, STAYS=f'max({STEP})')}"),
                step("DUE", f"inner_join(@PARTS as p, @OTHERS as o)[keep {UNITS}]"),
                step("STAYING", "inner_join(@DUE as d, @NEXT_ONES as n)[keep STAYS]"),
                step("COMPARED", f"left_join(@DUE as d, @STAYING as s){jumps}"),
                *judge_leaps(subject),
            ]
            yield build_judged_part(subject, f"_{rhythm.letter}{number}", steps)


@TRANSLATIONS.add("SERIES-WITHOUT-GAPS")
def series_without_gaps(subject: Subject) -> Iterable[Part]:
    """Test whether each figure follows another at once, in series that have most of their periods."""
    parameters, series = subject.parameters, list_series_key(subject)
    least, share = parameters.integer("least"), parameters.text("share")
    over = f"1 over (partition by {', '.join(series)} order by {NUMBER})"
    before = f"[calc measure PREVIOUS := lag(POSITION, {over}), measure BEFORE := lag({UNITS}, {over})]"
    ends = aggregate_measures(series, FIRST="min(POSITION)", LAST="max(POSITION)", COUNTED="count(POSITION)")
    whole = ["COUNTED > 1", f"COUNTED >= {share} * (floor((LAST - FIRST) / {STEP}) + 1)"]
    is_small = join_conditions(f"nvl(abs({UNITS}), 0.0) < {least}", f"nvl(abs(BEFORE), 0.0) < {least}")
    unknown = f"isnull({UNITS}) and isnull(BEFORE)"
    holds = f"POSITION - nvl(PREVIOUS, POSITION) <= {STEP} or (not ({unknown}) and {is_small})"
    for rhythm in list_rhythms(subject, ""):
        steps = [
            number_periods(subject, rhythm),
            step("PLACED", f"@NUMBERED{calculate_measures(POSITION=NUMBER)}"),
            step("LENGTHS", f"@PLACED{ends}"),
            step("LINED", f"inner_join(@PLACED{before} as p, @LENGTHS as l)"),
            step(
                "TESTED",
                filter_dataset("@LINED", *whole) + calculate_measures(HOLDS=holds, DIFFERENCE="POSITION - PREVIOUS"),
            ),
        ]
        yield build_judged_part(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("AGES-NOT-HEAPED")
def ages_not_heaped(subject: Subject) -> Iterable[Part]:
    """Test Whipple's index of single years of age."""
    parameters, flow = subject.parameters, subject.flow
    youngest, oldest, every_years = (parameters.integer(limit) for limit in ("youngest", "oldest", "every"))
    if "AGE" not in flow.structure.key:
        raise NotExpressibleError(LACKING, flow=flow.id, component="AGE")
    ages = range(youngest, oldest + 1)
    single, round_ones = ([f"Y{age}" for age in ages if age % by == 0] for by in (1, every_years))
    others = [*(name(other) for other in flow.structure.key if other != "AGE"), *find_definition(flow)]
    sums = aggregate_measures(others, WHOLE=f"sum({UNITS})", ATTRACTED="sum(PART)", COUNTED=f"count({UNITS})")
    index = calculate_measures(RATIO=f"100 * {every_years} * ATTRACTED / WHOLE")
    large = f"[filter COUNTED = {len(ages)} and WHOLE >= {parameters.integer('least')}]"
    holds = f"RATIO >= {parameters.text('lowest')} and RATIO <= {parameters.text('highest')}"
    steps = [
        step("ALL", write_comparable_figures(flow, *figure_conditions(subject), require_known(), is_in("AGE", single))),
        step("SUMS", f"@ALL{calculate_measures(PART=write_conditional(is_in('AGE', round_ones), UNITS, '0.0'))}{sums}"),
        step("TESTED", f"@SUMS{large}{index}{calculate_measures(HOLDS=holds, DIFFERENCE='RATIO - 100')}"),
    ]
    yield build_judged_part(subject, "", steps)
