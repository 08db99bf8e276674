"""Comparison with earlier periods in VTL, by series and table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sdmxmig.catalogue.rules import list_fixed_codes
from sdmxmig.quality.rules.changes import NORMAL_FACTOR
from sdmxmig.quality.rules.revisions import TOLERANCE_FACTOR
from sdmxmig.quality.rules.times import PARTS_OF_A_YEAR, PERIOD_FORMS
from sdmxmig.quality.rules.totals import KEY_SEPARATOR, MIN_PROOFS
from sdmxmig.quality.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    OBSERVATION_STATUS,
    TOTAL,
    build_written_part,
    collect_groups,
    find_definition,
    is_attribute,
)
from sdmxmig.quality.vtl.syntax import (
    AGES_UNSUPPORTED,
    LACKING_COMPONENT,
    ONE_FREQUENCY,
    SEVERAL_GROUPED,
    TIME,
    UNCODED_COMPONENT,
    aggregate_measures,
    is_in,
    join_conditions,
    match_forms,
    name,
    name_domain,
    negate_condition,
    quote_literal,
    write_conditional,
    write_union,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.time_series import FREQUENCY

FREQ = "FREQ"
YEARLY = "A"
PER_YEAR = {YEARLY: 1, "S": 2, "T": 3, "Q": 4, "M": 12}
"""Periods per year by length; weeks and days do not fill years."""
STATUS_TEXT = f'nvl({OBSERVATION_STATUS}, "")'


def index_steps(subject: Subject, frequency: str) -> dict[str, dict[str, int]]:
    """Return the steps of each frequency, in periods, by the letter of its periods."""
    flow = subject.flow
    if flow.structure.time is None:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=TIME)
    if FREQ not in flow.structure.series_key:
        return {YEARLY: {}} if frequency in ("", YEARLY) else {}
    codelist = flow.codelist(FREQ)
    codes = (
        (frequency,)
        if frequency
        else list_fixed_codes(flow).get(FREQ) or (codelist.ids if codelist else tuple(PER_YEAR))
    )
    excepted = subject.parameters.table("except")
    unwanted = excepted.strings(FREQ) if FREQ in excepted.values else ()
    steps: dict[str, dict[str, int]] = {letter: {} for letter in PER_YEAR}
    for code in codes:
        match = FREQUENCY.fullmatch(code)
        if match and match[1] in steps and code not in unwanted:
            steps[match[1]][code] = int(match[2] or 1)
    return {letter: of_letter for letter, of_letter in steps.items() if of_letter}


@TRANSLATIONS.add("CHANGE-WITHIN-LIMITS")
@TRANSLATIONS.add("CHANGE-AS-USUAL")
@TRANSLATIONS.add("PERIOD-IS-NEW")
@TRANSLATIONS.add("SERIES-WITHOUT-GAPS")
@TRANSLATIONS.add("YEAR-END-AS-USUAL")
@TRANSLATIONS.add("ZEROS-STAY")
def compare_periods(subject: Subject) -> Iterable[Part]:
    for letter, steps in index_steps(subject, subject.parameters.text("frequency", "")).items():
        yield build_frequency_part(subject, letter, steps)


def build_frequency_part(
    subject: Subject, letter: str, steps: Mapping[str, int], number: str = "", **places: Any
) -> Part:
    flow, time = subject.flow, subject.flow.structure.time
    period, length = name(time.id if time else TIME), "1"
    for code, step in steps.items():
        length = write_conditional(is_in(FREQ, [code]), str(step), length) if step > 1 else length
    with_total = [
        name(dimension)
        for dimension in flow.structure.series_key
        if (codelist := flow.codelist(dimension)) is not None and TOTAL in codelist
    ]
    return build_written_part(
        subject,
        f"_{letter}{number}",
        of_rhythm=[
            match_forms(period, [PERIOD_FORMS[letter][0]]),
            is_in(FREQ, steps) if steps else "",
        ],
        period_number=write_period_number(period, letter),
        length=length,
        has_status=is_attribute(flow, OBSERVATION_STATUS),
        time=period,
        series=list_series_key(subject),
        table=list_table_columns(subject),
        unbroken=exclude_breaks(subject),
        with_total=with_total,
        alike=[f"@ALIKE_{place}" for place, _ in enumerate(with_total, 1)],
        shifted=write_shift,
        past=summarise_earlier_figures,
        nearly=f"{TOLERANCE_FACTOR:.9f}",
        normal=NORMAL_FACTOR,
        **places,
    )


def list_series_key(subject: Subject) -> list[str]:
    return [name(dimension) for dimension in subject.flow.structure.series_key]


def write_shift(series: Sequence[str], lag: int, **measures: str) -> str:
    by = f"[calc identifier NEXT_NUMBER := PERIOD_NUMBER + STEP_OF_PERIODS * {lag}]"
    return f"{by}{aggregate_measures([*series, 'NEXT_NUMBER'], **measures)}[rename NEXT_NUMBER to PERIOD_NUMBER]"


def summarise_earlier_figures(source: str, series: Sequence[str], periods: int, measure: str) -> str:
    """Summarise the figures of the preceding periods as LOW, HIGH and COUNTED."""
    copies = [
        f"{source}[calc identifier LAG := {lag}]{write_shift([*series, 'LAG'], lag, PAST=f'max({measure})')}"
        for lag in range(1, periods + 1)
    ]
    ends = aggregate_measures([*series, "PERIOD_NUMBER"], LOW="min(PAST)", HIGH="max(PAST)", COUNTED="count(PAST)")
    return f"{write_union(copies)}{ends}"


def write_period_number(period: str, letter: str) -> str:
    """Return a VTL expression that numbers consecutive periods.

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


def exclude_breaks(subject: Subject) -> list[str]:
    breaks = subject.parameters.strings("breaks")
    return (
        [negate_condition(is_in(STATUS_TEXT, breaks))]
        if breaks and is_attribute(subject.flow, OBSERVATION_STATUS)
        else []
    )


@TRANSLATIONS.add("RATIO-OF-CODES")
def code_ratio_is_plausible(subject: Subject) -> Iterable[Part]:
    parameters, flow = subject.parameters, subject.flow
    dimension, codes = parameters.text("breakdown"), parameters.strings("codes", None)
    if dimension not in flow.structure.series_key:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=dimension)
    series = [other for other in list_series_key(subject) if other != name(dimension)]
    for letter, steps in index_steps(subject, "").items():
        yield build_frequency_part(subject, letter, steps, dimension=name(dimension), codes=codes, others=series)


@TRANSLATIONS.add("BREAK-SHIFTS")
def breaks_change_level(subject: Subject) -> Iterable[Part]:
    if not is_attribute(subject.flow, OBSERVATION_STATUS):
        raise NotExpressibleError(LACKING_COMPONENT, flow=subject.flow.id, component=OBSERVATION_STATUS)
    return compare_periods(subject)


def list_table_columns(subject: Subject, *by: str) -> list[str]:
    """Return the identifiers of a table of one period: the dimensions `by` that divide the data."""
    key = subject.flow.structure.series_key
    wanted = dict.fromkeys([*subject.parameters.strings("by"), FREQ, *by])
    return [*(name(dimension) for dimension in wanted if dimension in key), "PERIOD_NUMBER"]


@TRANSLATIONS.add("ZEROS-ARE-FEW")
def zeros_are_not_sudden(subject: Subject) -> Iterable[Part]:
    parameters, key = subject.parameters, subject.flow.structure.series_key
    tables = [("", list_table_columns(subject, ""))]
    for dimension in parameters.strings("within"):
        if dimension in key:
            is_part = negate_condition(is_in(name(dimension), (TOTAL, *NON_PART_CODES)))
            tables.append((f"[filter {is_part}]", list_table_columns(subject, dimension)))
    gone = [f"@GONE_{number}" for number, _ in enumerate(tables)]
    for letter, steps in index_steps(subject, "").items():
        yield build_frequency_part(subject, letter, steps, tables=tables, gone=gone)


@TRANSLATIONS.add("CODES-STAY")
def codes_are_continued(subject: Subject) -> Iterable[Part]:
    series, listed = list_series_key(subject), dict.fromkeys(subject.parameters.strings("dimensions", None))
    dimensions = [name(dimension) for dimension in listed if dimension in subject.flow.structure.series_key]
    for letter, steps in index_steps(subject, "").items():
        for number, dimension in enumerate(dimensions, 1):
            is_part = negate_condition(is_in(dimension, (TOTAL, *NON_PART_CODES)))
            context = [other for other in series if other != dimension]
            yield build_frequency_part(subject, letter, steps, str(number), is_part=is_part, context=context)


@TRANSLATIONS.add("AGES-NOT-HEAPED")
def ages_are_not_heaped(subject: Subject) -> Iterable[Part]:
    parameters, flow = subject.parameters, subject.flow
    youngest, oldest, every_years = (parameters.integer(limit) for limit in ("youngest", "oldest", "every"))
    if "AGE" not in flow.structure.key:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component="AGE")
    ages = range(youngest, oldest + 1)
    yield build_written_part(
        subject,
        single=[f"Y{age}" for age in ages],
        round_ones=[f"Y{age}" for age in ages if age % every_years == 0],
        others=[*(name(other) for other in flow.structure.key if other != "AGE"), *find_definition(flow)],
        count=len(ages),
    )


NON_PART_CODES = ("_Z",)
MAX_NUMBERED = 52
"""Sums of this many powers of two are exact numbers."""


@TRANSLATIONS.add("TOTAL-IS-SUM")
def total_is_sum(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    if parameters.flag("ages", default=False):
        raise NotExpressibleError(AGES_UNSUPPORTED)
    dimensions, required = parameters.strings("dimensions", None), parameters.strings("required")
    yield build_sum_part(subject, "", dimensions, required, parameters.text("total", TOTAL))


@TRANSLATIONS.add("TOTALS-ARE-SUMS")
def totals_are_sums(subject: Subject) -> Iterable[Part]:
    required = subject.parameters.table("required")
    for number, dimension in enumerate(subject.parameters.strings("dimensions", None), 1):
        if dimension in subject.flow.structure.series_key:
            yield build_sum_part(subject, f"_{number}", [dimension], required.strings(dimension), TOTAL)


def build_sum_part(
    subject: Subject, number: str, dimensions: Sequence[str], required: Sequence[str], total: str
) -> Part:
    """Compare totals with the sums of their smallest reported parts."""
    flow = subject.flow
    if missing := [component for component in dimensions if component not in flow.structure.series_key]:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=", ".join(missing))
    strange = " or ".join(f"not ({name(component)} in {write_list(subject, component)})" for component in dimensions)
    grouped = {component: groups for component in dimensions if (groups := find_group_members(subject, component))}
    if len(grouped) > 1:
        raise NotExpressibleError(SEVERAL_GROUPED, component=", ".join(grouped))
    others = [*(name(other) for other in flow.structure.key if other not in dimensions), *find_definition(flow)]
    return build_written_part(
        subject,
        number,
        others=others,
        broken_down=[*map(name, dimensions)],
        at_total=[f"{name(component)} = {quote_literal(total)}" for component in dimensions],
        parted=[negate_condition(is_in(name(component), (total, *NON_PART_CODES))) for component in dimensions],
        needs=[
            join_conditions(*write_equals(dict(zip(dimensions, codes.split(KEY_SEPARATOR), strict=True))))
            for codes in required
        ],
        strange=strange,
        grouped=grouped,
        numbers=number_codes(flow, dimensions, total) if required else "",
        proofs=MIN_PROOFS,
        definition=find_definition(flow),
        within=[*others, *(name(component) for component in dimensions if component not in grouped)],
    )


def number_codes(flow: Flow, dimensions: Iterable[str], total: str) -> str:
    """Number the parts so that the sum of numbers identifies a set of parts; empty for long codelists."""
    factors, places = [], 1
    for dimension in dimensions:
        codelist = flow.codelist(dimension)
        codes = [code for code in codelist.ids if code not in (total, *NON_PART_CODES)] if codelist else []
        number = "0"
        for place, code in enumerate(codes[:MAX_NUMBERED]):
            number = write_conditional(is_in(name(dimension), [code]), str(2 ** (place * places)), number)
        factors.append(f"({number})")
        places *= len(codes)
    return " * ".join(factors) if places <= MAX_NUMBERED else ""


def write_list(subject: Subject, dimension: str) -> str:
    codelist = subject.flow.codelist(dimension)
    if codelist is None:
        raise NotExpressibleError(UNCODED_COMPONENT, flow=subject.flow.id, component=dimension)
    return name_domain(codelist)


def find_group_members(subject: Subject, dimension: str) -> dict[str, tuple[str, ...]]:
    groups = collect_groups(subject.flow, dimension)
    return {group: codes for group, codes in groups.items() if group not in (TOTAL, *NON_PART_CODES)}


@TRANSLATIONS.add("PART-WITHIN-TOTAL")
def parts_do_not_exceed_total(subject: Subject) -> Iterable[Part]:
    for number, joined in enumerate(subject.parameters.strings("dimensions", None), 1):
        dimensions = joined.split(KEY_SEPARATOR)
        if set(dimensions) <= set(subject.flow.structure.series_key):
            is_part = [negate_condition(is_in(name(dimension), (TOTAL, *NON_PART_CODES))) for dimension in dimensions]
            yield build_share_part(subject, f"_{number}", is_part, dict.fromkeys(dimensions, TOTAL), "1")


@TRANSLATIONS.add("SHARE-WITHIN")
def shares_are_within_limit(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    for number, pair in enumerate(parameters.tables("pair"), 1):
        part, whole = pair.table("part").pairs(), pair.table("whole").pairs()
        if set(part) <= set(subject.flow.structure.series_key):
            margins = require_totals(subject, part) if parameters.flag("margins", default=False) else []
            yield build_share_part(subject, f"_{number}", write_equals(part), whole, parameters.text("most"), margins)


def build_share_part(
    subject: Subject, number: str, part: list[str], whole: Mapping[str, str], most: str, margins: Sequence[str] = ()
) -> Part:
    return build_written_part(
        subject, number, "share", part=part, whole=write_equals(whole), most=most, margins=margins
    )


def write_equals(codes: Mapping[str, str]) -> list[str]:
    return [f"{name(component)} = {quote_literal(code)}" for component, code in codes.items()]


@TRANSLATIONS.add("JOINT-WITHIN-BOUNDS")
def overlap_is_within_bounds(subject: Subject) -> Iterable[Part]:
    for number, pair in enumerate(subject.parameters.tables("pairs"), 1):
        first, second = pair.text("first"), pair.text("second")
        if {first, second} <= set(subject.flow.structure.series_key):
            yield build_written_part(subject, f"_{number}", first=name(first), second=name(second))


@TRANSLATIONS.add("TOTAL-REPORTED")
def totals_are_reported(subject: Subject) -> Iterable[Part]:
    flow, declared = subject.flow, subject.parameters.table("parts")
    for number, dimension in enumerate(declared.values, 1):
        if dimension in flow.structure.series_key:
            for is_zero in (False, True):
                yield build_written_part(
                    subject,
                    f"_{number}_ZERO" if is_zero else f"_{number}",
                    is_zero=is_zero,
                    dimension=name(dimension),
                    codes=declared.strings(dimension),
                    others=[name(other) for other in flow.structure.key if other != dimension],
                    margins=[] if is_zero else require_totals(subject, [dimension]),
                )


def require_totals(subject: Subject, but: Collection[str]) -> list[str]:
    flow = subject.flow
    return [
        f"{name(component)} = {quote_literal(TOTAL)}"
        for component in flow.structure.series_key
        if component not in but and (codes := flow.codelist(component)) is not None and TOTAL in codes
    ]


@TRANSLATIONS.add("YEAR-IS-SUM")
def years_are_sums(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    time = flow.structure.time
    if time is None or FREQ not in flow.structure.series_key:
        raise NotExpressibleError(ONE_FREQUENCY, flow=flow.id)
    others = [*(name(other) for other in flow.structure.series_key if other != FREQ), *find_definition(flow)]
    for frequency, count in PARTS_OF_A_YEAR.items():
        yield build_written_part(
            subject, f"_{frequency}", frequency=frequency, count=count, time=name(time.id), others=others
        )
