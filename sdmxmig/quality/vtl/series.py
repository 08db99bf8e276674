"""Series in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from sdmxmig.catalogue.rules import fixed_by
from sdmxmig.quality.rules.revisions import NEARLY
from sdmxmig.quality.rules.times import FORMS
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    OBSERVATION_STATUS,
    SLACK,
    TOTAL,
    UNITS,
    figure_conditions,
    figures_of,
    is_attribute,
    judged,
    known,
    step,
)
from sdmxmig.quality.vtl.syntax import (
    LACKING,
    TIME,
    calculated,
    chosen,
    every,
    filtered,
    grouped,
    literal,
    name,
    negated,
    one_of,
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
STATUS_OR_EMPTY = f'nvl({OBSERVATION_STATUS}, "")'
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
    lag, series = parameters.integer("lag", 1), series_of(subject)
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


def series_of(subject: Subject) -> list[str]:
    return [name(dimension) for dimension in subject.flow.structure.series_key]


def pairs(subject: Subject, rhythm: Rhythm, lag: int = 1) -> Iterator[Assignment]:
    """Pair known figures of a frequency with an earlier one, BEFORE, as PAIRS."""
    series = series_of(subject)
    yield numbered(subject, rhythm, known())
    yield step("EARLIER", f"@NUMBERED{moved(series, lag, BEFORE=f'max({UNITS})')}")
    yield step("PAIRS", "inner_join(@NUMBERED as n, @EARLIER as e)")


def moved(series: Sequence[str], lag: int, **measures: str) -> str:
    """Return the clauses that move figures of a series by a number of periods."""
    by = f"[calc identifier {NEXT} := {NUMBER} + {STEP} * {lag}]"
    return f"{by}{grouped([*series, NEXT], **measures)}[rename {NEXT} to {NUMBER}]"


def without_breaks(subject: Subject) -> list[str]:
    breaks = subject.parameters.strings("breaks")
    return (
        [negated(one_of(STATUS_OR_EMPTY, breaks))] if breaks and is_attribute(subject.flow, OBSERVATION_STATUS) else []
    )


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
        part, total = negated(one_of(name(dimension), [TOTAL])), f"{name(dimension)} = {literal(TOTAL)}"
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
    series = [other for other in series_of(subject) if other != name(dimension)]
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
    codes = (frequency,) if frequency else fixed_by(flow).get(FREQ) or (codelist.ids if codelist else tuple(PER_YEAR))
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
        conditions.append(one_of(FREQ, rhythm.steps))
    length = "1"
    for code, steps in rhythm.steps.items():
        length = chosen(one_of(FREQ, [code]), str(steps), length) if steps > 1 else length
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
