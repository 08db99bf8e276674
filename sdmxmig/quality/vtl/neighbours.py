"""Figures beside those of earlier periods, series by series and table by table, in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sdmxmig.quality.rules.changes import NORMAL
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    OBSERVATION_STATUS,
    SLACK,
    TOTAL,
    UNITS,
    comparable,
    definition_of,
    figure_conditions,
    is_attribute,
    judged,
    known,
    step,
)
from sdmxmig.quality.vtl.series import (
    FREQ,
    HOLDS,
    NUMBER,
    STATUS_OR_EMPTY,
    STEP,
    at_least,
    explained,
    moved,
    numbered,
    pairs,
    past,
    rhythms,
    series_of,
    taken_back,
    united,
    without_breaks,
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
    name,
    negated,
    one_of,
)


@TRANSLATIONS.add("BREAK-SHIFTS")
def break_shifts(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    share, least = parameters.text("share"), parameters.integer("least")
    if not is_attribute(subject.flow, OBSERVATION_STATUS):
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=OBSERVATION_STATUS)
    marked = [one_of(STATUS_OR_EMPTY, parameters.strings("breaks", None)), f"BEFORE >= {least}"]
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
            step("PAST", past("@NUMBERED", series_of(subject), periods, UNITS)),
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
    parameters, series = subject.parameters, series_of(subject)
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
            cells = filtered("@FLAGGED", negated(one_of(name(dimension), (TOTAL, *NO_PART))) if dimension else "")
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
    sums = grouped([*series_of(subject), PERIOD], WHOLE=f"sum({UNITS})", COUNTED=f"count({UNITS})")
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
    least, series = subject.parameters.integer("least"), series_of(subject)
    listed = dict.fromkeys(subject.parameters.strings("dimensions", None))
    dimensions = [dimension for dimension in listed if dimension in subject.flow.structure.series_key]
    jumps = calculated(JUMPS=f"isnull(STAYS) and nvl({UNITS}, 0.0) > {least}", UP="false", BEFORE="0.0")
    for rhythm in rhythms(subject, ""):
        for number, dimension in enumerate(dimensions, 1):
            context = [other for other in series if other != name(dimension)]
            steps = [
                numbered(subject, rhythm),
                step("PARTS", filtered("@NUMBERED", negated(one_of(name(dimension), (TOTAL, *NO_PART))))),
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
    parameters, series = subject.parameters, series_of(subject)
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
    others = [*(name(other) for other in flow.structure.key if other != "AGE"), *definition_of(flow)]
    sums = grouped(others, WHOLE=f"sum({UNITS})", ATTRACTED="sum(PART)", COUNTED=f"count({UNITS})")
    index = calculated(RATIO=f"100 * {every_years} * ATTRACTED / WHOLE")
    large = f"[filter COUNTED = {len(ages)} and WHOLE >= {parameters.integer('least')}]"
    holds = f"RATIO >= {parameters.text('lowest')} and RATIO <= {parameters.text('highest')}"
    steps = [
        step("ALL", comparable(flow, *figure_conditions(subject), known(), one_of("AGE", single))),
        step("SUMS", f"@ALL{calculated(PART=chosen(one_of('AGE', round_ones), UNITS, '0.0'))}{sums}"),
        step("TESTED", f"@SUMS{large}{index}{calculated(HOLDS=holds, DIFFERENCE='RATIO - 100')}"),
    ]
    yield judged(subject, "", steps)
