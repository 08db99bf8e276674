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
    comparable,
    figure_conditions,
    figures_of,
    find_definition,
    is_attribute,
    judged,
    known,
    step,
)
from sdmxmig.quality.vtl.sums import NO_PART, PERIOD
from sdmxmig.quality.vtl.syntax import (
    LACKING,
    TIME,
    calculated,
    chosen,
    every,
    filtered,
    grouped,
    is_in,
    literal,
    name,
    negated,
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
    larger, smaller = (chosen(f"{UNITS} {sign} BEFORE", UNITS, "BEFORE") for sign in (">=", "<"))
    limit, near = (f"exp({base} + {spread} / sqrt({size}))" for size in ("LARGER", f"({at_least('MOST', '1.0')})"))
    for rhythm in rhythms(subject, parameters.text("frequency", "")):
        sizes = calculated(LARGER=larger, SMALLER=smaller, UP=f"{UNITS} > BEFORE")
        jump = calculated(JUMPS=f"LARGER > SMALLER * {limit}")
        steps = [
            *pairs(subject, rhythm, lag),
            step("SIZES", filtered("@PAIRS", *without_breaks(subject)) + sizes),
            step("COMPARED", filtered("@SIZES", "SMALLER >= 0", f"LARGER >= {least}") + jump),
            step("LEAPS", f"@COMPARED[filter JUMPS]{calculated(ROOM=limit)}[keep UP, {UNITS}, BEFORE, ROOM]"),
            *explained(subject.flow),
            *returned(series, lag, near),
            step("TESTED", f"@ASKED{calculated(HOLDS=HOLDS, DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


def list_series_key(subject: Subject) -> list[str]:
    return [name(dimension) for dimension in subject.flow.structure.series_key]


def pairs(subject: Subject, rhythm: Rhythm, lag: int = 1) -> Iterator[Assignment]:
    """Pair known figures of a frequency with an earlier one, BEFORE, as PAIRS."""
    series = list_series_key(subject)
    yield numbered(subject, rhythm, known())
    yield step("EARLIER", f"@NUMBERED{moved(series, lag, BEFORE=f'max({UNITS})')}")
    yield step("PAIRS", "inner_join(@NUMBERED as n, @EARLIER as e)")


def moved(series: Sequence[str], lag: int, **measures: str) -> str:
    """Return the clauses that move figures of a series by a number of periods."""
    by = f"[calc identifier {NEXT} := {NUMBER} + {STEP} * {lag}]"
    return f"{by}{grouped([*series, NEXT], **measures)}[rename {NEXT} to {NUMBER}]"


def without_breaks(subject: Subject) -> list[str]:
    breaks = subject.parameters.strings("breaks")
    return [negated(is_in(STATUS_TEXT, breaks))] if breaks and is_attribute(subject.flow, OBSERVATION_STATUS) else []


def explained(flow: Flow, *, by_any: bool = False) -> Iterator[Assignment]:
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
        part, total = negated(is_in(name(dimension), [TOTAL])), f"{name(dimension)} = {literal(TOTAL)}"
        of_total = f"[rename UP to UP_OF_TOTAL, {UNITS} to OF_TOTAL, BEFORE to OF_TOTAL_BEFORE]"
        totals = f"@LEAPS[sub {total}][keep UP, {UNITS}, BEFORE]{of_total}"
        together = f"inner_join({filtered('@LEAPS', part)} as p, {totals} as t)[filter UP = UP_OF_TOTAL]"
        rest = calculated(
            REST=at_least(f"OF_TOTAL - {UNITS}", "0.0"), REST_BEFORE=at_least("OF_TOTAL_BEFORE - BEFORE", "0.0")
        )
        factors = calculated(FACTOR=f"{UNITS} * REST_BEFORE", FACTOR_THEN="BEFORE * REST")
        alike = [f"{one} <= {other} * ROOM * {NEARLY:.9f}" for one, other in permutations(("FACTOR", "FACTOR_THEN"))]
        all_alike = together if by_any else filtered(f"{together}{rest}{factors}", *alike)
        yield step(f"ALIKE_{number}", f"{all_alike}{calculated(ALIKE='true')}[keep ALIKE]")
    if not dimensions:
        yield step("MARKED", f"@COMPARED{calculated(EXPLAINED='false')}")
        return
    yield step("ALL_ALIKE", united([f"@ALIKE_{number}" for number, _ in enumerate(dimensions, 1)]))
    joined = "left_join(@COMPARED as c, @ALL_ALIKE as a)"
    yield step("MARKED", f"{joined}{calculated(EXPLAINED='nvl(ALIKE, false)')}")


def returned(series: Sequence[str], lag: int, near: str) -> Iterator[Assignment]:
    factor = calculated(FACTOR=chosen("SMALLER = 0", WITHOUT_END, "LARGER / SMALLER"))
    sizes = calculated(
        MOST=at_least(UNITS, "FIRST"),
        FEWEST=chosen(f"{UNITS} < FIRST", UNITS, "FIRST"),
        HALF=f"sqrt({chosen('FACTOR < FACTOR_THEN', 'FACTOR', 'FACTOR_THEN')})",
        OPPOSITE=f"({UNITS} > BEFORE and BEFORE < FIRST) or ({UNITS} < BEFORE and BEFORE > FIRST)",
    )
    room = calculated(NEAR=near) + calculated(ROOM=chosen("NEAR < HALF", "NEAR", "HALF"))
    first = {"FIRST": "max(BEFORE)", "FACTOR_THEN": "max(FACTOR)"}
    yield step("LEAPT", f"@COMPARED[filter JUMPS]{factor}[keep {UNITS}, BEFORE, {STEP}, FACTOR]")
    yield from taken_back(series, lag, first, sizes + room, "OPPOSITE", "MOST <= FEWEST * ROOM")


def taken_back(
    series: Sequence[str], lag: int, first: Mapping[str, str], sizes: str, *is_back: str
) -> Iterator[Assignment]:
    """Find changes of LEAPT that reverse the one before, as RETURNED, except after a return."""
    yield step("LEAPT_BEFORE", f"@LEAPT{moved(series, lag, **first)}")
    back = filtered(f"inner_join(@LEAPT as l, @LEAPT_BEFORE as b){sizes}", *is_back)
    yield step("BACK", f"{back}{calculated(RETURNS='true')}[keep {STEP}, RETURNS]")
    yield step("BACK_BEFORE", f"@BACK{moved(series, lag, AGAIN=f'max({STEP})')}")
    yield step("RETURNED", "left_join(@BACK as l, @BACK_BEFORE as b)[filter isnull(AGAIN)][keep RETURNS]")
    yield step("ASKED", f"left_join(@MARKED as m, @RETURNED as r){calculated(BACK_AGAIN='nvl(RETURNS, false)')}")


def at_least(figure: str, other: str) -> str:
    """Return the larger of two figures.

    >>> at_least("MOST", "1.0")
    'if MOST > 1.0 then MOST else 1.0'
    """
    return chosen(f"{figure} > {other}", figure, other)


@TRANSLATIONS.add("RATIO-OF-CODES")
def ratio_of_codes(subject: Subject) -> Iterable[Part]:
    parameters, flow = subject.parameters, subject.flow
    dimension, codes = parameters.text("breakdown"), parameters.strings("codes", None)
    if dimension not in flow.structure.series_key:
        raise NotExpressibleError(LACKING, flow=flow.id, component=dimension)
    lowest, highest, room = (parameters.text(bound) for bound in ("lowest", "highest", "room"))
    least, periods = parameters.integer("least"), parameters.integer("periods")
    series = [other for other in list_series_key(subject) if other != name(dimension)]
    ratio = chosen("OTHER = 0", WITHOUT_END, f"{UNITS} / OTHER")
    low, high = f"LOW / (1 + {room})", f"HIGH * (1 + {room})"
    bounds = calculated(
        LOWER=chosen(f"{low} > {lowest}", low, lowest), UPPER=chosen(f"{high} < {highest}", high, highest)
    )
    holds = every(f"RATIO >= nvl(LOWER, {lowest})", f"RATIO <= nvl(UPPER, {highest})")
    subspaces = [f"@NUMBERED[sub {name(dimension)} = {literal(code)}]" for code in codes]
    for rhythm in rhythms(subject, ""):
        known_past = f"[filter COUNTED = {periods}]{bounds}[keep LOWER, UPPER]"
        both = f"inner_join({subspaces[0]} as f, {subspaces[1]}[keep {UNITS}][rename {UNITS} to OTHER] as s)"
        large = [f"{UNITS} >= 0", "OTHER >= 0", f"{UNITS} + OTHER >= {least}"]
        steps = [
            numbered(subject, rhythm, known()),
            step("RATIOS", f"{filtered(both, *large)}{calculated(RATIO=ratio)}[keep RATIO, {STEP}]"),
            step("PAST", past("@RATIOS", series, periods, "RATIO")),
            step("KNOWN", f"inner_join(@RATIOS as r, @PAST as p){known_past}"),
            step("BESIDE", "left_join(@RATIOS as r, @KNOWN as k)"),
            step("TESTED", f"@BESIDE{calculated(HOLDS=holds, DIFFERENCE=f'RATIO - nvl(UPPER, {highest})')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


def past(source: str, series: Sequence[str], periods: int, measure: str) -> str:
    """Summarise the figures of the periods before each as LOW, HIGH and COUNTED."""
    copies = [
        f"{source}[calc identifier LAG := {lag}]{moved([*series, 'LAG'], lag, PAST=f'max({measure})')}"
        for lag in range(1, periods + 1)
    ]
    ends = grouped([*series, NUMBER], LOW="min(PAST)", HIGH="max(PAST)", COUNTED="count(PAST)")
    return f"{united(copies)}{ends}"


def united(parts: Sequence[str]) -> str:
    return f"union({', '.join(parts)})" if len(parts) > 1 else parts[0]


def rhythms(subject: Subject, frequency: str) -> Iterator[Rhythm]:
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


def numbered(subject: Subject, rhythm: Rhythm, *wanted: str) -> Assignment:
    """Number the periods of a frequency as NUMBERED, with the step to the next."""
    flow = subject.flow
    time = flow.structure.time
    period = name(time.id if time else "")
    conditions = [*figure_conditions(subject), *wanted, written_as(period, [FORMS[rhythm.letter][0]])]
    if rhythm.steps:
        conditions.append(is_in(FREQ, rhythm.steps))
    length = "1"
    for code, steps in rhythm.steps.items():
        length = chosen(is_in(FREQ, [code]), str(steps), length) if steps > 1 else length
    status = [OBSERVATION_STATUS] if is_attribute(flow, OBSERVATION_STATUS) else []
    kept = f"[keep {', '.join([UNITS, SLACK, STEP, *status])}]"
    number = number_of(period, rhythm.letter)
    figures = filtered(figures_of(flow), *conditions)
    return step("NUMBERED", f"{figures}[calc identifier {NUMBER} := {number}, measure {STEP} := {length}]{kept}")


def number_of(period: str, letter: str) -> str:
    """Convert a period to a number.

    >>> number_of("TIME_PERIOD", "A")
    'cast(substr(TIME_PERIOD, 1, 4), integer)'
    """
    year = f"cast(substr({period}, 1, 4), integer)"
    if letter == YEARLY:
        return year
    part = f"substr({period}, 7, 1)"
    if letter == "M":
        part = chosen(f'substr({period}, 6, 1) = "M"', f"substr({period}, 7, 2)", f"substr({period}, 6, 2)")
    return f"{year} * {PER_YEAR[letter]} + cast({part}, integer)"


@TRANSLATIONS.add("BREAK-SHIFTS")
def break_shifts(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    share, least = parameters.text("share"), parameters.integer("least")
    if not is_attribute(subject.flow, OBSERVATION_STATUS):
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=OBSERVATION_STATUS)
    marked = [is_in(STATUS_TEXT, parameters.strings("breaks", None)), f"BEFORE >= {least}"]
    for rhythm in rhythms(subject, ""):
        holds = calculated(HOLDS=f"abs({UNITS} / BEFORE - 1) >= {share}", DIFFERENCE=f"{UNITS} - BEFORE")
        steps = [*pairs(subject, rhythm), step("TESTED", filtered("@PAIRS", *marked) + holds)]
        yield judged(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("ZEROS-STAY")
def zeros_stay(subject: Subject) -> Iterable[Part]:
    periods, least = subject.parameters.integer("periods"), subject.parameters.integer("least")
    jumps = f"UP or (LOW >= {least} and {UNITS} = 0)"
    leaps = calculated(UP=f"LOW = 0 and HIGH = 0 and {UNITS} >= {least}", BEFORE="LOW") + calculated(JUMPS=jumps)
    for rhythm in rhythms(subject, ""):
        steps = [
            numbered(subject, rhythm, known()),
            step("PAST", past("@NUMBERED", list_series_key(subject), periods, UNITS)),
            step("COMPARED", f"inner_join(@NUMBERED as n, @PAST as p)[filter COUNTED = {periods}]{leaps}"),
            *leaping(subject),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


def leaping(subject: Subject) -> Iterator[Assignment]:
    """Judge leaps of COMPARED, except where a total leaps alike."""
    yield step("LEAPS", f"@COMPARED[filter JUMPS][keep UP, {UNITS}, BEFORE]")
    yield from explained(subject.flow, by_any=True)
    yield step("TESTED", f"@MARKED{calculated(HOLDS='not JUMPS or EXPLAINED', DIFFERENCE=f'{UNITS} - BEFORE')}")


@TRANSLATIONS.add("CHANGE-AS-USUAL")
def change_as_usual(subject: Subject) -> Iterable[Part]:
    """Test each change against the median change of its series, in median deviations."""
    parameters, series = subject.parameters, list_series_key(subject)
    lag, least, needed = parameters.integer("lag"), parameters.integer("least"), parameters.integer("changes")
    times, floor = parameters.text("times"), parameters.text("floor")
    large = [f"{UNITS} > 0", "BEFORE > 0", f"{UNITS} >= {least} or BEFORE >= {least}"]
    log, chance = calculated(CHANGE=f"ln({UNITS} / BEFORE)"), f"sqrt(1 / {UNITS} + 1 / BEFORE)"
    limit = at_least(f"(SPREAD * {NORMAL})", f"({at_least(floor, 'CHANCE')})")
    usual = calculated(LIMIT=f"({limit}) * {times}", UP="OFF > 0", BEFORE="BEFORE * exp(MIDDLE)")
    least_off = chosen("abs(OFF) < abs(OFF_THEN)", "abs(OFF)", "abs(OFF_THEN)")
    is_back = ["(OFF > 0) <> (OFF_THEN > 0)", f"abs(OFF + OFF_THEN) <= ({least_off}) / 2"]
    for rhythm in rhythms(subject, parameters.text("frequency", "")):
        middle = grouped(series, MIDDLE="median(CHANGE)", COUNTED="count(CHANGE)")
        off = calculated(OFF="CHANGE - MIDDLE", CHANCE=chance) + calculated(SIZE="abs(OFF)")
        steps = [
            *pairs(subject, rhythm, lag),
            step("CHANGES", filtered("@PAIRS", *without_breaks(subject), *large) + log),
            step("MEDIANS", f"@CHANGES{middle}[filter COUNTED >= {needed}]"),
            step("DEVIATIONS", f"inner_join(@CHANGES as c, @MEDIANS as m){off}"),
            step("SPREADS", f"@DEVIATIONS{grouped(series, SPREAD='median(SIZE)')}"),
            step("LIMITED", f"inner_join(@DEVIATIONS as d, @SPREADS as s){usual}"),
            step("COMPARED", f"@LIMITED{calculated(JUMPS='SIZE > LIMIT', ROOM='exp(LIMIT)')}"),
            step("LEAPS", f"@COMPARED[filter JUMPS][keep UP, {UNITS}, BEFORE, ROOM]"),
            *explained(subject.flow),
            step("LEAPT", f"@COMPARED[filter JUMPS][keep {STEP}, OFF]"),
            *taken_back(series, lag, {"OFF_THEN": "max(OFF)"}, "", *is_back),
            step("TESTED", f"@ASKED{calculated(HOLDS=HOLDS, DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


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
    large = f"BEFORE > {above} * ({chosen(f'{SLACK} = 0.0', '1.0', SLACK)})"
    sizes = grouped(table_of(subject), CELLS="count(SAME)", REPEATED="sum(SAME)")
    holds = f"SAME = 0 or REPEATED < {least} or REPEATED / CELLS <= {parameters.text('share')}"
    for rhythm in rhythms(subject, ""):
        steps = [
            *pairs(subject, rhythm),
            step("LARGE", f"@PAIRS[filter {large}]{calculated(SAME=chosen(f'{UNITS} = BEFORE', '1', '0'))}"),
            step("TABLES", f"@LARGE{sizes}[filter CELLS >= {needed}]"),
            step("BESIDE", "inner_join(@LARGE as l, @TABLES as t)"),
            step("TESTED", f"@BESIDE{calculated(HOLDS=holds, DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("ZEROS-ARE-FEW")
def zeros_are_few(subject: Subject) -> Iterable[Part]:
    """Test whether the figures of a table, or of one of its codes, become zero together."""
    parameters, key = subject.parameters, subject.flow.structure.series_key
    needed, few, many = parameters.integer("cells"), parameters.text("before"), parameters.text("now")
    divisions = ["", *(dimension for dimension in parameters.strings("within") if dimension in key)]
    flags = calculated(ZERO=chosen(f"{UNITS} = 0", "1", "0"), ZERO_BEFORE=chosen("BEFORE = 0", "1", "0"))
    sums = {"CELLS": "count(ZERO)", "ZEROS": "sum(ZERO)", "ZEROS_BEFORE": "sum(ZERO_BEFORE)"}
    emptied = [f"ZEROS / CELLS >= {many}", f"ZEROS_BEFORE / CELLS < {few}", "ZERO = 1", "BEFORE > 0"]
    for rhythm in rhythms(subject, ""):
        steps = [*pairs(subject, rhythm), step("FLAGGED", f"@PAIRS{flags}")]
        for number, dimension in enumerate(divisions):
            cells = filtered("@FLAGGED", negated(is_in(name(dimension), (TOTAL, *NO_PART))) if dimension else "")
            tables = f"{cells}{grouped(table_of(subject, dimension), **sums)}[filter CELLS >= {needed}]"
            steps += [
                step(f"TABLES_{number}", tables),
                step(f"CELLS_{number}", f"inner_join({cells} as c, @TABLES_{number} as t)"),
                step(f"GONE_{number}", f"{filtered(f'@CELLS_{number}', *emptied)}{calculated(GONE='true')}[keep GONE]"),
            ]
        steps += [
            step("GONE", united([f"@GONE_{number}" for number, _ in enumerate(divisions)])),
            step("ASKED", "left_join(@CELLS_0 as c, @GONE as g)"),
            step("TESTED", f"@ASKED{calculated(HOLDS='not nvl(GONE, false)', DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("YEAR-END-AS-USUAL")
def year_end_as_usual(subject: Subject) -> Iterable[Part]:
    parameters, time = subject.parameters, subject.flow.structure.time
    count, times, least = parameters.integer("periods"), parameters.text("times"), parameters.integer("least")
    sums = grouped([*list_series_key(subject), PERIOD], WHOLE=f"sum({UNITS})", COUNTED=f"count({UNITS})")
    last = [f"COUNTED = {count}", f"mod({NUMBER}, {count}) = 0", f"(WHOLE - {UNITS}) / {count - 1} >= {least}"]
    holds = f"{UNITS} / ((WHOLE - {UNITS}) / {count - 1}) <= {times}"
    for rhythm in rhythms(subject, parameters.text("frequency")):
        year = f"[calc identifier {PERIOD} := substr({name(time.id if time else TIME)}, 1, 4)]"
        steps = [
            numbered(subject, rhythm, known()),
            step("OF_YEARS", f"@NUMBERED{year}"),
            step("SUMS", f"@OF_YEARS{sums}"),
            step("LAST", filtered("inner_join(@OF_YEARS as o, @SUMS as s)", *last)),
            step("TESTED", f"@LAST{calculated(HOLDS=holds, DIFFERENCE=f'{UNITS} - (WHOLE - {UNITS}) / {count - 1}')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


@TRANSLATIONS.add("CODES-STAY")
def codes_stay(subject: Subject) -> Iterable[Part]:
    """Test whether large figures go on in the next period, if others of their breakdown are there."""
    least, series = subject.parameters.integer("least"), list_series_key(subject)
    listed = dict.fromkeys(subject.parameters.strings("dimensions", None))
    dimensions = [dimension for dimension in listed if dimension in subject.flow.structure.series_key]
    jumps = calculated(JUMPS=f"isnull(STAYS) and nvl({UNITS}, 0.0) > {least}", UP="false", BEFORE="0.0")
    for rhythm in rhythms(subject, ""):
        for number, dimension in enumerate(dimensions, 1):
            context = [other for other in series if other != name(dimension)]
            steps = [
                numbered(subject, rhythm),
                step("PARTS", filtered("@NUMBERED", negated(is_in(name(dimension), (TOTAL, *NO_PART))))),
                step("OTHERS", f"@PARTS{moved(context, -1, OTHERS=f'max({STEP})')}"),
                step("NEXT_ONES", f"@PARTS{moved(series, -1, STAYS=f'max({STEP})')}"),
                step("DUE", f"inner_join(@PARTS as p, @OTHERS as o)[keep {UNITS}]"),
                step("STAYING", "inner_join(@DUE as d, @NEXT_ONES as n)[keep STAYS]"),
                step("COMPARED", f"left_join(@DUE as d, @STAYING as s){jumps}"),
                *leaping(subject),
            ]
            yield judged(subject, f"_{rhythm.letter}{number}", steps)


@TRANSLATIONS.add("SERIES-WITHOUT-GAPS")
def series_without_gaps(subject: Subject) -> Iterable[Part]:
    """Test whether each figure follows another at once, in series that have most of their periods."""
    parameters, series = subject.parameters, list_series_key(subject)
    least, share = parameters.integer("least"), parameters.text("share")
    over = f"1 over (partition by {', '.join(series)} order by {NUMBER})"
    before = f"[calc measure PREVIOUS := lag(POSITION, {over}), measure BEFORE := lag({UNITS}, {over})]"
    ends = grouped(series, FIRST="min(POSITION)", LAST="max(POSITION)", COUNTED="count(POSITION)")
    whole = ["COUNTED > 1", f"COUNTED >= {share} * (floor((LAST - FIRST) / {STEP}) + 1)"]
    is_small = every(f"nvl(abs({UNITS}), 0.0) < {least}", f"nvl(abs(BEFORE), 0.0) < {least}")
    unknown = f"isnull({UNITS}) and isnull(BEFORE)"
    holds = f"POSITION - nvl(PREVIOUS, POSITION) <= {STEP} or (not ({unknown}) and {is_small})"
    for rhythm in rhythms(subject, ""):
        steps = [
            numbered(subject, rhythm),
            step("PLACED", f"@NUMBERED{calculated(POSITION=NUMBER)}"),
            step("LENGTHS", f"@PLACED{ends}"),
            step("LINED", f"inner_join(@PLACED{before} as p, @LENGTHS as l)"),
            step("TESTED", filtered("@LINED", *whole) + calculated(HOLDS=holds, DIFFERENCE="POSITION - PREVIOUS")),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


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
    sums = grouped(others, WHOLE=f"sum({UNITS})", ATTRACTED="sum(PART)", COUNTED=f"count({UNITS})")
    index = calculated(RATIO=f"100 * {every_years} * ATTRACTED / WHOLE")
    large = f"[filter COUNTED = {len(ages)} and WHOLE >= {parameters.integer('least')}]"
    holds = f"RATIO >= {parameters.text('lowest')} and RATIO <= {parameters.text('highest')}"
    steps = [
        step("ALL", comparable(flow, *figure_conditions(subject), known(), is_in("AGE", single))),
        step("SUMS", f"@ALL{calculated(PART=chosen(is_in('AGE', round_ones), UNITS, '0.0'))}{sums}"),
        step("TESTED", f"@SUMS{large}{index}{calculated(HOLDS=holds, DIFFERENCE='RATIO - 100')}"),
    ]
    yield judged(subject, "", steps)
