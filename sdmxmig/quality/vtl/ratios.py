"""Ratios in VTL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.catalogue.rules import list_fixed_codes
from sdmxmig.quality.rules.ratios import NEARLY, Pair, read_class, read_pair, shared_dimensions
from sdmxmig.quality.rules.same_margins import DAY, sisters_in
from sdmxmig.quality.rules.terms import MONTHS, PERSONS, UNIT, Term, find_term_codes, read_term
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    NOTHING,
    REFERENCE,
    SLACK,
    STAGE,
    TOTAL,
    UNITS,
    build_judged_part,
    collect_groups,
    figure_conditions,
    is_attribute,
    name_figures,
    name_reported,
    require_known,
    step,
)
from sdmxmig.quality.vtl.syntax import (
    LACKING,
    NO_DAY,
    SILENT,
    TIME,
    UNFILLED,
    aggregate_measures,
    calculate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    literal,
    name,
    negate_condition,
    write_conditional,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.ledger import YEARS_TO_1_JANUARY

AREA, YEAR, NEXT = "REF_AREA", "YEAR", "NEXT"
VALUE, HALF = "AMOUNT", "HALF"
EVERYTHING = "EVERYTHING"
FIRST_RANK = 100
"""A rank beyond any list of codes of a term."""


@TRANSLATIONS.add("RATIO-WITHIN")
def ratio_within(subject: Subject) -> Iterable[Part]:
    """Test whether the ratio of two figures by country, year and shared dimensions is within bounds."""
    parameters = subject.parameters
    reasons: list[NotExpressibleError] = []
    written = False
    for number, declared in enumerate(parameters.tables("pair"), 1):
        pair = read_pair(declared)
        if pair.upper.flow not in ("", subject.flow.id):
            continue
        try:
            yield compare_terms(subject, pair, f"_{number}", judge_bounds(subject))
            written = True
        except NotExpressibleError as reason:
            reasons.append(reason)
    if not written:
        raise reasons[0] if reasons else NotExpressibleError(SILENT, flow=subject.flow.id)


@TRANSLATIONS.add("MEAN-WITHIN-CLASS")
def mean_within_class(subject: Subject) -> Iterable[Part]:
    """Test whether the ratio of sum and number, the mean, lies in its class."""
    parameters = subject.parameters
    dimension = parameters.text("breakdown")
    if dimension not in subject.flow.structure.series_key:
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=dimension)
    pair = Pair(
        upper=read_term(parameters.table("upper")),
        lower=read_term(parameters.table("lower")),
        by=None,
        named={},
        beside=parameters.table("beside").lists(),
    )
    yield compare_terms(subject, pair, "", judge_classes(subject, dimension))


def judge_classes(subject: Subject, dimension: str) -> Iterator[Assignment]:
    classes = [read_class(declared) for declared in subject.parameters.tables("classes")]
    least = subject.parameters.integer("least", 1)
    known_classes = is_in(name(dimension), [code for code, _, _ in classes])
    yield step("JUDGED", filter_dataset("@COMPARED", f"LOWER_{VALUE} >= {least}", known_classes))
    not_more, not_less = "true", "true"
    for code, low, high in classes:
        of_class = is_in(name(dimension), [code])
        enough = f"{VALUE} + {HALF} >= (LOWER_{VALUE} - LOWER_{HALF}) * {low} * (1.0 - {NEARLY:.9f})"
        not_less = write_conditional(of_class, enough, not_less)
        if high is not None:
            not_more = write_conditional(
                of_class, f"{VALUE} - {HALF} < (LOWER_{VALUE} + LOWER_{HALF}) * {high}", not_more
            )
    mean = f"{VALUE} / LOWER_{VALUE}"
    yield step("TESTED", f"@JUDGED{calculate_measures(HOLDS=join_conditions(not_more, not_less), DIFFERENCE=mean)}")


def compare_terms(subject: Subject, pair: Pair, number: str, judging: Iterable[Assignment]) -> Part:
    """Join a pair of terms as COMPARED, with the steps that judge them."""
    lower_flow = subject.flows[pair.lower.flow or subject.flow.id]
    if lower_flow.id not in subject.filled:
        raise NotExpressibleError(UNFILLED, flow=lower_flow.id)
    by = shared_dimensions(subject.flow, lower_flow, pair)
    there = [pair.named.get(component, component) for component in by]
    years = subject.parameters.integer("years", 1)
    steps = [*build_term("UPPER", subject.flow, pair.upper, by), *build_term("LOWER", lower_flow, pair.lower, there)]
    others = [name(component) for component in (AREA, *by)]
    upper = "@UPPER"
    if pair.by is not None:
        upper = filter_dataset(upper, *require_abroad(subject.flow, pair.by))
    renamed = ", ".join(
        f"{name(pair.named[component])} to {name(component)}"
        for component in by
        if pair.named.get(component, component) != component
    )
    steps.append(step("LOWER_NAMED", f"@LOWER[rename {renamed}]" if renamed else "@LOWER"))
    steps.append(step("UPPER_CHOSEN", upper))
    steps += [*over_years("UPPER_CHOSEN", others, years), *over_years("LOWER_NAMED", others, years)]
    beside = f"[rename {VALUE} to LOWER_{VALUE}, {HALF} to LOWER_{HALF}]"
    steps.append(step("BOTH", f"inner_join(@UPPER_CHOSEN_SUM as u, @LOWER_NAMED_SUM{beside} as l)"))
    steps += exclude_beside(subject.flow, pair, by)
    steps += judging
    inputs = tuple(dict.fromkeys([subject.flow.id, lower_flow.id]))
    return build_judged_part(subject, number, steps, inputs=inputs)


def judge_bounds(subject: Subject) -> Iterator[Assignment]:
    parameters = subject.parameters
    lowest, highest = parameters.text("lowest", ""), parameters.text("highest", "")
    least, size = parameters.integer("least", 0), parameters.integer("size", 1)
    large = f"{VALUE} >= {size} or LOWER_{VALUE} >= {size}"
    yield step("JUDGED", filter_dataset("@COMPARED", f"LOWER_{VALUE} >= {least}", large))
    tolerant = f"{NEARLY:.9f}"
    not_more = f"{VALUE} - {HALF} <= (LOWER_{VALUE} + LOWER_{HALF}) * {highest} * (1.0 + {tolerant})" if highest else ""
    not_less = f"{VALUE} + {HALF} >= (LOWER_{VALUE} - LOWER_{HALF}) * {lowest} * (1.0 - {tolerant})" if lowest else ""
    limit = highest or lowest
    differing = f"{VALUE} - LOWER_{VALUE} * {limit}"
    yield step(
        "TESTED", f"@JUDGED{calculate_measures(HOLDS=join_conditions(not_more, not_less), DIFFERENCE=differing)}"
    )


def require_abroad(flow: Flow, dimensions: Iterable[str]) -> Iterator[str]:
    for dimension in dimensions:
        component = name(dimension)
        yield f'substr({component}, 1, 1) <> "_"'
        yield negate_condition(is_in(component, groups)) if (groups := collect_groups(flow, dimension)) else ""
        yield f"{component} <> {AREA}"


def exclude_beside(flow: Flow, pair: Pair, by: Sequence[str]) -> Iterator[Assignment]:
    """Join both figures as COMPARED, except where another rule compares other codes."""
    if not pair.beside:
        yield step("COMPARED", "@BOTH")
        return
    other = Term(flow="", codes={**pair.lower.codes, **pair.beside}, sums=pair.lower.sums, at=pair.lower.at)
    try:
        steps = [*build_term("BESIDE", flow, other, by)]
    except NotExpressibleError:  # the dataflow has no such figures
        yield step("COMPARED", "@BOTH")
        return
    yield from steps
    besides = f"@BESIDE[rename {VALUE} to BESIDE_{VALUE}][keep BESIDE_{VALUE}]"
    yield step("COMPARED", f"left_join(@BOTH as b, {besides} as o)[filter isnull(BESIDE_{VALUE})]")


def build_term(label: str, flow: Flow, of: Term, by: Sequence[str]) -> Iterator[Assignment]:
    """Yield figures of a term by country, dimensions and year; the last step has the label as name."""
    key = flow.structure.series_key
    if lacking := [component for component in (*of.codes, *of.sums, *by, AREA) if component not in key]:
        raise NotExpressibleError(LACKING, flow=flow.id, component=", ".join(dict.fromkeys(lacking)))
    time = flow.structure.time
    if time is None:
        raise NotExpressibleError(LACKING, flow=flow.id, component=TIME)
    period, keys = name(time.id), [name(component) for component in (AREA, *by)]
    months = of.at == "months"
    form = "^[0-9]{4}-[0-9]{2}$" if months else "^[0-9]{4}$"
    conditions = [*conditions_of_term(flow, of, by), f"match_characters({period}, {literal(form)})"]
    together = [*keys, period, *(name(component) for component in of.sums)]
    dataset = filter_dataset(name_figures(flow), require_known(), *conditions)
    if unnamed := open_dimensions(flow, of, by):
        yield step(f"{label}_CODES", codes_in(flow, unnamed))
        everything = f"{dataset}[calc identifier {EVERYTHING} := 1]"
        single = [f"FIRST_{n} = LAST_{n}" for n, _ in enumerate(unnamed)]
        dataset = filter_dataset(f"inner_join({everything} as a, @{label}_CODES as c)", *single)
    yield step(f"{label}_ALL", f"{dataset}{calculate_measures(RANK_OF_CODES=write_rank(flow, of))}")
    yield step(f"{label}_BEST", f"@{label}_ALL{aggregate_measures(together, BEST='min(RANK_OF_CODES)')}")
    year = f"cast(substr({period}, 1, 4), integer)" + shift(flow, of)
    joined = f"inner_join(@{label}_ALL as a, @{label}_BEST as b)[filter RANK_OF_CODES = BEST]"
    yield step(f"{label}_FIGURES", f"{joined}[calc identifier {YEAR} := {year}]")
    parts = MONTHS if months else 1
    for codes in of.sums.values():
        parts *= len(codes)
    divisor = f" / {MONTHS}" if months else ""
    sums = aggregate_measures(
        [*keys, YEAR], TOTAL_OF=f"sum({UNITS})", SLACKS=f"sum({SLACK})", COUNTED=f"count({UNITS})"
    )
    values = calculate_measures(**{VALUE: f"TOTAL_OF{divisor}", HALF: f"SLACKS / 2{divisor}"})
    yearly = f"@{label}_FIGURES{sums}[filter COUNTED = {parts}]{values}[keep {VALUE}, {HALF}]"
    if of.at != "change":
        yield step(label, yearly)
        return
    yield step(f"{label}_YEARS", yearly)
    yield step(f"{label}_BEFORE", write_shift(f"@{label}_YEARS", keys, 1, "BEFORE_"))
    changed = calculate_measures(CHANGE=f"{VALUE} - BEFORE_{VALUE}", HALVES=f"{HALF} + BEFORE_{HALF}")
    both = f"inner_join(@{label}_YEARS as y, @{label}_BEFORE as b){changed}[keep CHANGE, HALVES]"
    yield step(label, f"{both}[rename CHANGE to {VALUE}, HALVES to {HALF}]")


def write_shift(dataset: str, keys: Sequence[str], years: int, label: str) -> str:
    later = f"{dataset}[calc identifier {NEXT} := {YEAR} + {years}]"
    sums = aggregate_measures(
        [*keys, NEXT], **{f"{label}{component}": f"max({component})" for component in (VALUE, HALF)}
    )
    return f"{later}{sums}[rename {NEXT} to {YEAR}]"


def over_years(label: str, keys: Sequence[str], years: int) -> Iterator[Assignment]:
    if years == 1:
        yield step(f"{label}_SUM", f"@{label}")
        return
    copies = [f"@{label}[calc identifier {NEXT} := {YEAR} + {later}]" for later in range(years)]
    yield step(f"{label}_COPIES", f"union({', '.join(copies)})")
    sums = aggregate_measures([*keys, NEXT], TOTAL_OF=f"sum({VALUE})", HALVES=f"sum({HALF})", COUNTED=f"count({VALUE})")
    named = f"[rename TOTAL_OF to {VALUE}, HALVES to {HALF}, {NEXT} to {YEAR}]"
    yield step(f"{label}_SUM", f"@{label}_COPIES{sums}[filter COUNTED = {years}][keep TOTAL_OF, HALVES]{named}")


def shift(flow: Flow, of: Term) -> str:
    """Return the shift from a figure's year to the year that it begins or ends, by reference day."""
    if of.at not in ("start", "end"):
        return ""
    if not is_attribute(flow, REFERENCE):
        raise NotExpressibleError(NO_DAY, flow=flow.id)
    back = 0 if of.at == "start" else 1
    steps = "0"
    for code, years in YEARS_TO_1_JANUARY.items():
        steps = write_conditional(
            f"{REFERENCE} = {literal(code)}", str(years - back) if years >= back else f"0 - {back}", steps
        )
    return f" + ({steps})"


def conditions_of_term(flow: Flow, of: Term, by: Sequence[str]) -> Iterator[str]:
    if of.at in ("start", "end"):
        yield is_in(f'nvl({REFERENCE}, "")', YEARS_TO_1_JANUARY)
    if is_attribute(flow, UNIT):
        yield f"isnull({UNIT}) or {is_in(UNIT, [PERSONS])}"
    for dimension in flow.structure.series_key:
        if dimension != AREA and dimension not in by and (codes := find_term_codes(flow, of, dimension)):
            yield is_in(name(dimension), codes)


def open_dimensions(flow: Flow, of: Term, by: Sequence[str]) -> list[str]:
    fixed = list_fixed_codes(flow)
    return [
        dimension
        for dimension in flow.structure.series_key
        if dimension not in (AREA, *by)
        and not find_term_codes(flow, of, dimension)
        and len(fixed.get(dimension, ())) != 1
    ]


def codes_in(flow: Flow, dimensions: Sequence[str]) -> str:
    numbers = range(len(dimensions))
    ends = {f"FIRST_{n}": f"min(CODE_{n})" for n in numbers} | {f"LAST_{n}": f"max(CODE_{n})" for n in numbers}
    codes = calculate_measures(**{f"CODE_{n}": name(component) for n, component in enumerate(dimensions)})
    return f"{name_figures(flow)}[calc identifier {EVERYTHING} := 1]{codes}{aggregate_measures([EVERYTHING], **ends)}"


def write_rank(flow: Flow, of: Term) -> str:
    """Return the rank of figures for a term: the first reported code is preferred."""
    rank = "0"
    for dimension in flow.structure.series_key:
        codes = of.codes.get(dimension, ())
        if len(codes) > 1:
            place = str(len(codes))
            for number, code in reversed(list(enumerate(codes))):
                place = write_conditional(is_in(name(dimension), [code]), str(number), place)
            rank = f"({rank}) * {FIRST_RANK} + ({place})"
    return rank


SAME = "_THERE"
"""The suffix of names from the other dataflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two dataflows, with the codes of the people counted by both, and the reference day."""

    subject: Subject
    flow: Flow
    when: Mapping[str, str]
    day: str = ""


@TRANSLATIONS.add("SAME-MARGIN")
def same_margin(subject: Subject) -> Iterable[Part]:
    """Test each figure in both dataflows, at the totals of dimensions that only one has."""
    same = subject.parameters.strings("same")
    pairs = [pair for pair in sisters_in(subject.parameters) if pair.flow == subject.flow.id]
    there = [pair for pair in pairs if pair.of in subject.filled]
    if not there:
        lacking = ", ".join(dict.fromkeys(pair.of for pair in pairs))
        raise NotExpressibleError(UNFILLED, flow=lacking)
    for number, pair in enumerate(there, 1):
        other = subject.flows[pair.of]
        shared = [name(dimension) for dimension in subject.flow.structure.key if dimension in other.structure.key]
        holds = f"abs({UNITS} - {UNITS}{SAME}) * 2 <= {SLACK} + {SLACK}{SAME} + {NOTHING}"
        alike = [attribute for attribute in same if not (pair.day and attribute == DAY)]
        renamed = f"[rename {', '.join(f'{measure} to {measure}{SAME}' for measure in (UNITS, SLACK, STAGE))}]"
        stages = f'{STAGE} = {STAGE}{SAME} or {STAGE} = "" or {STAGE}{SAME} = ""'
        steps = [
            *select_margins("HERE", Side(subject=subject, flow=subject.flow, when=pair.when), shared),
            *select_margins("THERE", Side(subject=subject, flow=other, when=pair.there, day=pair.day), shared),
            *keep_comparable(subject.flow, other, alike),
            step("BOTH", filter_dataset(f"inner_join(@COMPARABLE as h, @THERE{renamed} as t)", stages)),
            step("TESTED", f"@BOTH{calculate_measures(HOLDS=holds, DIFFERENCE=f'{UNITS} - {UNITS}{SAME}')}"),
        ]
        yield build_judged_part(
            subject, f"_{number}" if len(pairs) > 1 else "", steps, inputs=(subject.flow.id, other.id)
        )


def select_margins(label: str, side: Side, shared: Collection[str]) -> Iterator[Assignment]:
    """Yield figures at the totals of all but shared dimensions, under a label."""
    flow = side.flow
    conditions = [require_known(), *figure_conditions(side.subject, flow)]
    if side.day:
        conditions.append(is_in(f'nvl({REFERENCE}, "")', [side.day]) if is_attribute(flow, REFERENCE) else "false")
    unnamed = []
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if name(dimension) in shared:
            continue
        if dimension in side.when:
            conditions.append(is_in(name(dimension), [side.when[dimension]]))
        elif codelist is None or TOTAL in codelist:
            conditions.append(is_in(name(dimension), [TOTAL]))
        else:
            unnamed.append(dimension)
    dataset = filter_dataset(name_figures(flow), *conditions)
    if unnamed:
        yield step(f"{label}_CODES", codes_in(flow, unnamed))
        single = [f"FIRST_{n} = LAST_{n}" for n, _ in enumerate(unnamed)]
        everything = f"{dataset}[calc identifier {EVERYTHING} := 1]"
        dataset = filter_dataset(f"inner_join({everything} as a, @{label}_CODES as c)", *single)
    stage = f'nvl({STAGE}, "")' if is_attribute(flow, STAGE) else '""'
    measures = {measure: f"max({measure})" for measure in (UNITS, SLACK, STAGE)}
    yield step(label, f"{dataset}{calculate_measures(**{STAGE: stage})}{aggregate_measures(shared, **measures)}")


def keep_comparable(flow: Flow, other: Flow, alike: Iterable[str]) -> Iterator[Assignment]:
    """Keep the figures HERE as COMPARABLE, if some attributes agree or are unstated in one dataflow."""
    both = [name(attribute) for attribute in alike if is_attribute(flow, attribute) and is_attribute(other, attribute)]
    if not both:
        yield step("COMPARABLE", "@HERE")
        return
    for label, of in (("SAID_HERE", flow), ("SAID_THERE", other)):
        texts = calculate_measures(**{f"{label}_{n}": f'nvl({attribute}, "")' for n, attribute in enumerate(both)})
        tops = aggregate_measures([EVERYTHING], **{f"{label}_{n}": f"max({label}_{n})" for n, _ in enumerate(both)})
        yield step(label, f"{name_reported(of)}[calc identifier {EVERYTHING} := 1]{texts}{tops}")
    agree = [f'SAID_HERE_{n} = SAID_THERE_{n} or SAID_HERE_{n} = "" or SAID_THERE_{n} = ""' for n, _ in enumerate(both)]
    joined = f"inner_join(@HERE[calc identifier {EVERYTHING} := 1] as f, @SAID_HERE as h, @SAID_THERE as t)"
    yield step("COMPARABLE", f"{filter_dataset(joined, *agree)}[sub {EVERYTHING} = 1][keep {UNITS}, {SLACK}, {STAGE}]")
