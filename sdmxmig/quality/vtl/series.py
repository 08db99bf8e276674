"""Series in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sdmxmig.catalogue.rules import fixed_by
from sdmxmig.quality.rules.revisions import NEARLY
from sdmxmig.quality.rules.times import FORMS
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    OBSERVATION_STATUS,
    TOTAL,
    UNITS,
    figures_of,
    is_attribute,
    judged,
    known,
    looked_at,
    step,
)
from sdmxmig.quality.vtl.syntax import (
    LACKING,
    TIME,
    among,
    calculated,
    chosen,
    every,
    filtered,
    grouped,
    literal,
    name,
    negated,
    written_as,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.courses import FREQUENCY

FREQ = "FREQ"
NUMBER, NEXT, STEP = "PERIOD_NUMBER", "NEXT_NUMBER", "STEP_OF_PERIODS"
"""A period as a number, that of a later one, and by how much neighbours differ."""
YEARLY = "A"
PER_YEAR = {YEARLY: 1, "S": 2, "T": 3, "Q": 4, "M": 12}
"""How many periods of a length a year has; weeks and days do not fill years."""
WITHOUT_END = "1000000000.0"
"""Stands for a ratio to nothing."""


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
    lag, breaks = parameters.integer("lag", 1), parameters.strings("breaks")
    series = [name(dimension) for dimension in subject.flow.structure.series_key]
    comparable = ""
    if breaks and is_attribute(subject.flow, OBSERVATION_STATUS):
        comparable = negated(among(f'nvl({OBSERVATION_STATUS}, "")', breaks))
    larger, smaller = (chosen(f"{UNITS} {sign} BEFORE", UNITS, "BEFORE") for sign in (">=", "<"))
    limit, near = (f"exp({base} + {spread} / sqrt({size}))" for size in ("LARGER", f"({at_least('MOST', '1.0')})"))
    holds = "not JUMPS or EXPLAINED or BACK_AGAIN"
    for rhythm in rhythms(subject, parameters.text("frequency", "")):
        before = grouped([*series, NEXT], BEFORE=f"max({UNITS})")
        after = f"[calc identifier {NEXT} := {NUMBER} + {STEP} * {lag}]"
        sizes = calculated(LARGER=larger, SMALLER=smaller, UP=f"{UNITS} > BEFORE")
        jump = calculated(JUMPS=f"LARGER > SMALLER * {limit}")
        steps = [
            numbered(subject, rhythm),
            step("EARLIER", f"@NUMBERED{after}{before}[rename {NEXT} to {NUMBER}]"),
            step("PAIRS", filtered("inner_join(@NUMBERED as n, @EARLIER as e)", comparable) + sizes),
            step("COMPARED", filtered("@PAIRS", "SMALLER >= 0", f"LARGER >= {least}") + jump),
            step("LEAPS", f"@COMPARED[filter JUMPS]{calculated(ROOM=limit)}[keep UP, {UNITS}, BEFORE, ROOM]"),
            *explained(subject.flow),
            *returned(series, lag, near),
            step("ASKED", f"left_join(@MARKED as m, @RETURNED as r){calculated(BACK_AGAIN='nvl(RETURNS, false)')}"),
            step("TESTED", f"@ASKED{calculated(HOLDS=holds, DIFFERENCE=f'{UNITS} - BEFORE')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


def explained(flow: Flow) -> Iterator[Assignment]:
    """Mark compared figures as MARKED, with EXPLAINED if the rest of a total changes alike in the same period.

    The factors of part and rest differ by less than the limit; products compare them where figures are zero.
    """
    dimensions = [
        dimension
        for dimension in flow.structure.series_key
        if (codelist := flow.codelist(dimension)) is not None and TOTAL in codelist
    ]
    for number, dimension in enumerate(dimensions, 1):
        part, total = negated(among(name(dimension), [TOTAL])), f"{name(dimension)} = {literal(TOTAL)}"
        of_total = f"[rename UP to UP_OF_TOTAL, {UNITS} to OF_TOTAL, BEFORE to OF_TOTAL_BEFORE]"
        totals = f"@LEAPS[sub {total}][keep UP, {UNITS}, BEFORE]{of_total}"
        together = f"inner_join({filtered('@LEAPS', part)} as p, {totals} as t)[filter UP = UP_OF_TOTAL]"
        rest = calculated(
            REST=at_least(f"OF_TOTAL - {UNITS}", "0.0"), REST_BEFORE=at_least("OF_TOTAL_BEFORE - BEFORE", "0.0")
        )
        factors = calculated(FACTOR=f"{UNITS} * REST_BEFORE", FACTOR_THEN="BEFORE * REST")
        all_alike = filtered(
            f"{together}{rest}{factors}",
            f"FACTOR <= FACTOR_THEN * ROOM * {NEARLY:.9f}",
            f"FACTOR_THEN <= FACTOR * ROOM * {NEARLY:.9f}",
        )
        yield step(f"ALIKE_{number}", f"{all_alike}{calculated(ALIKE='true')}[keep ALIKE]")
    if not dimensions:
        yield step("MARKED", f"@COMPARED{calculated(EXPLAINED='false')}")
        return
    alike = [f"@ALIKE_{number}" for number, _ in enumerate(dimensions, 1)]
    yield step("ALL_ALIKE", f"union({', '.join(alike)})" if len(alike) > 1 else alike[0])
    joined = "left_join(@COMPARED as c, @ALL_ALIKE as a)"
    yield step("MARKED", f"{joined}{calculated(EXPLAINED='nvl(ALIKE, false)')}")


def returned(series: Sequence[str], lag: int, near: str) -> Iterator[Assignment]:
    later = f"[calc identifier {NEXT} := {NUMBER} + {STEP} * {lag}]"
    by = [*series, NEXT]
    at_it = f"[rename {NEXT} to {NUMBER}]"
    factor = calculated(FACTOR=chosen("SMALLER = 0", WITHOUT_END, "LARGER / SMALLER"))
    yield step("LEAPT", f"@COMPARED[filter JUMPS]{factor}[keep {UNITS}, BEFORE, {STEP}, FACTOR]")
    first = grouped(by, FIRST="max(BEFORE)", FACTOR_THEN="max(FACTOR)")
    yield step("LEAPT_BEFORE", f"@LEAPT{later}{first}{at_it}")
    sizes = calculated(
        MOST=at_least(UNITS, "FIRST"),
        FEWEST=chosen(f"{UNITS} < FIRST", UNITS, "FIRST"),
        HALF=f"sqrt({chosen('FACTOR < FACTOR_THEN', 'FACTOR', 'FACTOR_THEN')})",
        OPPOSITE=f"({UNITS} > BEFORE and BEFORE < FIRST) or ({UNITS} < BEFORE and BEFORE > FIRST)",
    )
    room = calculated(NEAR=near) + calculated(ROOM=chosen("NEAR < HALF", "NEAR", "HALF"))
    both = f"inner_join(@LEAPT as l, @LEAPT_BEFORE as b){sizes}{room}"
    back = filtered(both, "OPPOSITE", "MOST <= FEWEST * ROOM")
    yield step("BACK", f"{back}{calculated(RETURNS='true')}[keep {STEP}, RETURNS]")
    yield step("BACK_BEFORE", f"@BACK{later}{grouped(by, AGAIN=f'max({STEP})')}{at_it}")
    yield step("RETURNED", "left_join(@BACK as l, @BACK_BEFORE as b)[filter isnull(AGAIN)][keep RETURNS]")


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
    series = [name(other) for other in flow.structure.series_key if other != dimension]
    ratio = chosen("OTHER = 0", WITHOUT_END, f"{UNITS} / OTHER")
    low, high = f"LOW / (1 + {room})", f"HIGH * (1 + {room})"
    bounds = calculated(
        LOWER=chosen(f"{low} > {lowest}", low, lowest), UPPER=chosen(f"{high} < {highest}", high, highest)
    )
    holds = every(f"RATIO >= nvl(LOWER, {lowest})", f"RATIO <= nvl(UPPER, {highest})")
    subspaces = [f"@NUMBERED[sub {name(dimension)} = {literal(code)}]" for code in codes]
    for rhythm in rhythms(subject, ""):
        copies = [
            f"@RATIOS[calc identifier {NEXT} := {NUMBER} + {STEP} * {lag}, identifier LAG := {lag}]"
            + grouped([*series, NEXT, "LAG"], PAST="max(RATIO)")
            for lag in range(1, periods + 1)
        ]
        past = f"union({', '.join(copies)})" if periods > 1 else copies[0]
        ends = grouped([*series, NEXT], LOW="min(PAST)", HIGH="max(PAST)", COUNTED="count(PAST)")
        known_past = f"[filter COUNTED = {periods}]{bounds}[keep LOWER, UPPER]"
        both = f"inner_join({subspaces[0]} as f, {subspaces[1]}[keep {UNITS}][rename {UNITS} to OTHER] as s)"
        large = [f"{UNITS} >= 0", "OTHER >= 0", f"{UNITS} + OTHER >= {least}"]
        steps = [
            numbered(subject, rhythm),
            step("RATIOS", f"{filtered(both, *large)}{calculated(RATIO=ratio)}[keep RATIO, {STEP}]"),
            step("PAST", f"{past}{ends}[rename {NEXT} to {NUMBER}]"),
            step("KNOWN", f"inner_join(@RATIOS as r, @PAST as p){known_past}"),
            step("BESIDE", "left_join(@RATIOS as r, @KNOWN as k)"),
            step("TESTED", f"@BESIDE{calculated(HOLDS=holds, DIFFERENCE=f'RATIO - nvl(UPPER, {highest})')}"),
        ]
        yield judged(subject, f"_{rhythm.letter}", steps)


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


def numbered(subject: Subject, rhythm: Rhythm) -> Assignment:
    """Number the periods of a frequency as NUMBERED, with the step to the next."""
    flow = subject.flow
    time = flow.structure.time
    period = name(time.id if time else "")
    conditions = [*looked_at(subject), known(), written_as(period, [FORMS[rhythm.letter][0]])]
    if rhythm.steps:
        conditions.append(among(FREQ, rhythm.steps))
    length = "1"
    for code, steps in rhythm.steps.items():
        length = chosen(among(FREQ, [code]), str(steps), length) if steps > 1 else length
    status = [OBSERVATION_STATUS] if is_attribute(flow, OBSERVATION_STATUS) else []
    kept = f"[keep {', '.join([UNITS, STEP, *status])}]"
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
