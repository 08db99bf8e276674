"""Sums in VTL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sdmxmig.quality.rules.times import FREQUENCY, PARTS_OF_A_YEAR, YEARLY
from sdmxmig.quality.rules.totals import BETWEEN
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    CANDIDATES,
    NOTHING,
    SLACK,
    TOTAL,
    UNITS,
    build_judged_part,
    collect_groups,
    figure_conditions,
    find_definition,
    name_figures,
    require_known,
    step,
    write_comparable_figures,
)
from sdmxmig.quality.vtl.syntax import (
    AGES,
    LACKING,
    ONE_FREQUENCY,
    TWO_GROUPED,
    UNCODED,
    aggregate_measures,
    calculate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    literal,
    name,
    name_domain,
    negate_condition,
    write_conditional,
)

PERIOD = "YEAR_OF_PERIOD"
"""The year of a period, for comparing years with their months."""
NO_PART = ("_Z",)
"""Codes outside totals."""
SUMS = {"PARTS": f"sum({UNITS})", "SLACK_OF_PARTS": f"sum({SLACK})", "COUNTED": f"count({UNITS})"}


@TRANSLATIONS.add("TOTAL-IS-SUM")
def total_is_sum(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    if parameters.flag("ages", default=False):
        raise NotExpressibleError(AGES)
    dimensions, required = parameters.strings("dimensions", None), parameters.strings("required")
    total = parameters.text("total", TOTAL)
    complete = [f"{flag} = 1" for flag in write_need_conditions(dimensions, required)]
    equal = f"abs({UNITS} - PARTS) * 2 <= {SLACK} + SLACK_OF_PARTS + {NOTHING}"
    steps = [
        *split(subject, dimensions, required, total),
        step("SUMS", filter_dataset("@SPLIT", *complete, "STRANGE = 0", "EMPTY = 0")),
        step("TESTED", f"@SUMS{calculate_measures(HOLDS=equal, DIFFERENCE=f'{UNITS} - PARTS')}"),
    ]
    yield build_judged_part(subject, "", steps)


@TRANSLATIONS.add("TOTALS-ARE-SUMS")
def totals_are_sums(subject: Subject) -> Iterable[Part]:
    """Test each breakdown: totals are not below some parts, and equal all parts."""
    parameters = subject.parameters
    required = parameters.table("required")
    for number, dimension in enumerate(parameters.strings("dimensions", None), 1):
        if dimension not in subject.flow.structure.series_key:
            continue
        codes = required.strings(dimension)
        complete = join_conditions(*(f"{flag} = 1" for flag in write_need_conditions([dimension], codes)), "EMPTY = 0")
        rounding = f"{SLACK} + SLACK_OF_PARTS + {NOTHING}"
        no_less = f"(PARTS - {UNITS}) * 2 <= {rounding}"
        no_more = f"not ({complete}) or ({UNITS} - PARTS) * 2 <= {rounding}"
        steps = [
            *split(subject, [dimension], codes, TOTAL),
            step("SUMS", filter_dataset("@SPLIT", "STRANGE = 0", "COUNTED > 0")),
            step(
                "TESTED",
                f"@SUMS{calculate_measures(HOLDS=join_conditions(no_less, no_more), DIFFERENCE=f'{UNITS} - PARTS')}",
            ),
        ]
        yield build_judged_part(subject, f"_{number}", steps)


def write_need_conditions(dimensions: Sequence[str], required: Sequence[str]) -> dict[str, str]:
    conditions = {}
    for number, codes in enumerate(required, 1):
        pairs = zip(dimensions, codes.split(BETWEEN), strict=True)
        conditions[f"NEED_{number}"] = join_conditions(
            *(f"{name(component)} = {literal(code)}" for component, code in pairs)
        )
    return conditions


def split(subject: Subject, dimensions: Sequence[str], required: Sequence[str], total: str) -> Iterator[Assignment]:
    """Compare totals with parts, as SPLIT.

    ``UNITS``, ``SLACK``, ``PARTS``, ``SLACK_OF_PARTS``, ``COUNTED``, ``EMPTY``, ``STRANGE``, and a flag per required
    code.
    """
    flow = subject.flow
    if missing := [component for component in dimensions if component not in flow.structure.series_key]:
        raise NotExpressibleError(LACKING, flow=flow.id, component=", ".join(missing))
    others = [*(name(other) for other in flow.structure.key if other not in dimensions), *find_definition(flow)]
    at_total = [f"{name(component)} = {literal(total)}" for component in dimensions]
    parted = [negate_condition(is_in(name(component), (total, *NO_PART))) for component in dimensions]
    strange = " or ".join(f"not ({name(component)} in {write_list(subject, component)})" for component in dimensions)
    flags = {
        flag: write_conditional(condition, "1", "0")
        for flag, condition in write_need_conditions(dimensions, required).items()
    }
    flags["STRANGE"] = write_conditional(strange, "1", "0")
    yield step("ALL", write_comparable_figures(flow, *figure_conditions(subject)))
    yield step(CANDIDATES, f"{filter_dataset('@ALL', *at_total, require_known())}[keep {UNITS}, {SLACK}]")
    yield step("PART_CODES", f"{filter_dataset('@ALL', *parted)}[keep {UNITS}, {SLACK}]")
    tops = {flag: f"max({flag})" for flag in flags}
    yield step("STATE", f"@PART_CODES{calculate_measures(**flags)}{aggregate_measures(others, **tops)}")
    yield from keep_finest(subject, dimensions, others)
    yield step(
        "ADDED",
        "@FINEST"
        + calculate_measures(
            EMPTY=write_conditional(f"isnull({UNITS})", "1", "0"),
            KNOWN_SLACK=write_conditional(require_known(), SLACK, "0.0"),
        )
        + aggregate_measures(others, **SUMS | {"SLACK_OF_PARTS": "sum(KNOWN_SLACK)", "EMPTY": "max(EMPTY)"}),
    )
    yield step("SPLIT", f"inner_join(@{CANDIDATES} as t, @ADDED as p, @STATE as s)")


def write_list(subject: Subject, dimension: str) -> str:
    codelist = subject.flow.codelist(dimension)
    if codelist is None:
        raise NotExpressibleError(UNCODED, flow=subject.flow.id, component=dimension)
    return name_domain(codelist)


def keep_finest(subject: Subject, dimensions: Sequence[str], others: Sequence[str]) -> Iterator[Assignment]:
    """Keep the parts inside no other reported part, as FINEST."""
    holding = {component: groups for component in dimensions if (groups := find_parted_groups(subject, component))}
    if not holding:
        yield step("FINEST", "@PART_CODES")
        return
    if len(holding) > 1:
        raise NotExpressibleError(TWO_GROUPED, component=", ".join(holding))
    ((dimension, groups),) = holding.items()
    by = [*others, *(name(component) for component in dimensions if component != dimension)]
    flags = {
        f"HAS_{n}": write_conditional(f"{name(dimension)} = {literal(group)}", "1", "0")
        for n, group in enumerate(groups)
    }
    yield step(
        "ABOVE",
        f"@PART_CODES{calculate_measures(**flags)}{aggregate_measures(by, **{flag: f'max({flag})' for flag in flags})}",
    )
    inside = [
        negate_condition(join_conditions(f"HAS_{n} = 1", is_in(name(dimension), codes)))
        for n, codes in enumerate(groups.values())
    ]
    yield step(
        "FINEST", f"{filter_dataset('inner_join(@PART_CODES as p, @ABOVE as a)', *inside)}[keep {UNITS}, {SLACK}]"
    )


def find_parted_groups(subject: Subject, dimension: str) -> Mapping[str, tuple[str, ...]]:
    groups = collect_groups(subject.flow, dimension)
    return {group: codes for group, codes in groups.items() if group not in (TOTAL, *NO_PART)}


@TRANSLATIONS.add("PART-WITHIN-TOTAL")
def part_within_total(subject: Subject) -> Iterable[Part]:
    for number, joined in enumerate(subject.parameters.strings("dimensions", None), 1):
        dimensions = joined.split(BETWEEN)
        if not set(dimensions) <= set(subject.flow.structure.series_key):
            continue
        is_part = [negate_condition(is_in(name(dimension), (TOTAL, *NO_PART))) for dimension in dimensions]
        yield share(subject, f"_{number}", is_part, dict.fromkeys(dimensions, TOTAL), "1", [])


def share(
    subject: Subject, number: str, part: Sequence[str], whole: Mapping[str, str], most: str, margins: Sequence[str]
) -> Part:
    """Build the part that tests figures against a share of their whole, if that is large enough."""
    steps = [
        step("ALL", write_comparable_figures(subject.flow, *figure_conditions(subject), require_known(), *margins)),
        step("PART_FIGURES", f"{filter_dataset('@ALL', *part)}[keep {UNITS}, {SLACK}]"),
        step("WHOLES", write_total("@ALL", whole, "WHOLE")),
        step("BOTH", filter_dataset("inner_join(@PART_FIGURES as p, @WHOLES as w)", *require_size(subject))),
        step("TESTED", write_share_test("@BOTH", "WHOLE", most)),
    ]
    return build_judged_part(subject, number, steps)


def require_size(subject: Subject) -> list[str]:
    least = subject.parameters.text("least", "")
    return [f"WHOLE >= {least}"] if least else []


def write_total(dataset: str, codes: Mapping[str, str], label: str) -> str:
    subspace = ", ".join(f"{name(component)} = {literal(code)}" for component, code in codes.items())
    return f"{dataset}[sub {subspace}][keep {UNITS}, {SLACK}][rename {UNITS} to {label}, {SLACK} to SLACK_OF_{label}]"


def write_share_test(dataset: str, whole: str, share: str) -> str:
    holds = f"({UNITS} - {share} * {whole}) * 2 <= {SLACK} + {share} * SLACK_OF_{whole} + {NOTHING}"
    return dataset + calculate_measures(HOLDS=holds, DIFFERENCE=f"{UNITS} - {share} * {whole}")


@TRANSLATIONS.add("SHARE-WITHIN")
def share_within(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    margins = parameters.flag("margins", default=False)
    for number, pair in enumerate(parameters.tables("pair"), 1):
        part, whole = pair.table("part").pairs(), pair.table("whole").pairs()
        if set(part) <= set(subject.flow.structure.series_key):
            at_part = [f"{name(component)} = {literal(code)}" for component, code in part.items()]
            margins_only = require_totals(subject, part) if margins else []
            yield share(subject, f"_{number}", at_part, whole, parameters.text("most"), margins_only)


@TRANSLATIONS.add("JOINT-WITHIN-BOUNDS")
def joint_within_bounds(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    for number, pair in enumerate(subject.parameters.tables("pairs"), 1):
        first, second = pair.text("first"), pair.text("second")
        if not {first, second} <= set(flow.structure.series_key):
            continue
        inner = [negate_condition(is_in(name(component), [TOTAL])) for component in (first, second)]
        least = "FIRST + SECOND - BOTH"
        rounding = f"{SLACK} + SLACK_OF_FIRST + SLACK_OF_SECOND + SLACK_OF_BOTH + {NOTHING}"
        holds = f"({least} - {UNITS}) * 2 <= {rounding}"
        steps = [
            step("ALL", write_comparable_figures(flow, *figure_conditions(subject), require_known())),
            step("CELLS", f"{filter_dataset('@ALL', *inner)}[keep {UNITS}, {SLACK}]"),
            step("FIRSTS", write_total(filter_dataset("@ALL", inner[0]), {second: TOTAL}, "FIRST")),
            step("SECONDS", write_total(filter_dataset("@ALL", inner[1]), {first: TOTAL}, "SECOND")),
            step("WHOLES", write_total("@ALL", {first: TOTAL, second: TOTAL}, "BOTH")),
            step("AROUND", "inner_join(@CELLS as c, @FIRSTS as f, @SECONDS as s, @WHOLES as w)"),
            step("TESTED", f"@AROUND{calculate_measures(HOLDS=holds, DIFFERENCE=f'{UNITS} - ({least})')}"),
        ]
        yield build_judged_part(subject, f"_{number}", steps)


@TRANSLATIONS.add("TOTAL-REPORTED")
def total_reported(subject: Subject) -> Iterable[Part]:
    """Test whether each breakdown with all parts has its total, and a nonzero one.

    A missing total is reported only where other breakdowns are at their totals.
    """
    flow, declared = subject.flow, subject.parameters.table("parts")
    for number, dimension in enumerate(declared.values, 1):
        if dimension not in flow.structure.series_key:
            continue
        codes = declared.strings(dimension)
        others = [name(component) for component in flow.structure.key if component != dimension]
        is_nothing = f"PARTS * 2 <= SLACK_OF_PARTS + SLACK_OF_TOTAL + {NOTHING}"
        parts = f"{filter_dataset('@ALL', is_in(name(dimension), codes))}{aggregate_measures(others, **SUMS)}"
        for label, conditions, both, holds in (
            ("", require_totals(subject, [dimension]), "left_join(@WHOLES as w, @TOTALS as t)", "not isnull(TOTAL)"),
            ("_ZERO", [], "inner_join(@WHOLES as w, @TOTALS as t)[filter TOTAL = 0]", is_nothing),
        ):
            steps = [
                step(
                    "ALL", filter_dataset(name_figures(flow), *figure_conditions(subject), require_known(), *conditions)
                ),
                step("WHOLES", f"{parts}[filter COUNTED = {len(codes)}]"),
                step("TOTALS", write_total("@ALL", {dimension: TOTAL}, "TOTAL")),
                step("TESTED", f"{both}{calculate_measures(HOLDS=holds, DIFFERENCE='PARTS')}"),
            ]
            yield build_judged_part(subject, f"_{number}{label}", steps)


def require_totals(subject: Subject, but: Collection[str]) -> list[str]:
    flow = subject.flow
    return [
        f"{name(component)} = {literal(TOTAL)}"
        for component in flow.structure.series_key
        if component not in but and (codes := flow.codelist(component)) is not None and TOTAL in codes
    ]


@TRANSLATIONS.add("YEAR-IS-SUM")
def year_is_sum(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    time = flow.structure.time
    if time is None or FREQUENCY not in flow.structure.series_key:
        raise NotExpressibleError(ONE_FREQUENCY, flow=flow.id)
    others = [*(name(other) for other in flow.structure.series_key if other != FREQUENCY), *find_definition(flow)]
    year = f"[calc identifier {PERIOD} := substr({name(time.id)}, 1, 4)]"
    for frequency, count in PARTS_OF_A_YEAR.items():
        rounding = f"{SLACK} + SLACK_OF_PARTS + {NOTHING}"
        no_less = f"(PARTS - {UNITS}) * 2 <= {rounding}"
        no_more = f"COUNTED < {count} or ({UNITS} - PARTS) * 2 <= {rounding}"
        sums = aggregate_measures([*others, PERIOD], **SUMS)
        steps = [
            step("ALL", write_comparable_figures(flow, *figure_conditions(subject), require_known())),
            step("YEARS", f"@ALL[filter {FREQUENCY} = {literal(YEARLY)}]{year}[keep {UNITS}, {SLACK}]"),
            step("SUMS", f"@ALL[sub {FREQUENCY} = {literal(frequency)}]{year}{sums}"),
            step("BOTH", "inner_join(@YEARS as y, @SUMS as p)"),
            step(
                "TESTED",
                f"@BOTH{calculate_measures(HOLDS=join_conditions(no_less, no_more), DIFFERENCE=f'{UNITS} - PARTS')}",
            ),
        ]
        yield build_judged_part(subject, f"_{frequency}", steps)
