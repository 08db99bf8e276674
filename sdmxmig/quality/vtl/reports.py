"""Comparisons with outside data in VTL: one data set per structure, with domain and report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count

from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules.outside_comparisons import (
    ANY_SOURCE,
    AREA,
    AS_WRITTEN,
    AVERAGE,
    FREQUENCY,
    OWN_DATA,
    UNIT,
    YEAR_END,
    Agreement,
    Comparison,
    ImpliedStatus,
    NetFlow,
    Side,
    SidePair,
    read_agreement,
    read_comparison,
    read_nets,
    read_pairs,
)
from sdmxmig.quality.rules.reports import EPSILON, IS_LIMITS, WIDENS_LIMITS, find_factors, read_bounds
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    NO_TEXT,
    REFERENCE,
    SLACK,
    STATED_ATTRIBUTES,
    TOTAL,
    UNITS,
    build_judged_part,
    is_attribute,
    name_figures,
    require_known,
    step,
    write_steps,
)
from sdmxmig.quality.vtl.syntax import (
    AGES_UNSUPPORTED,
    NO_DAY,
    NO_REPORTS,
    RULE_NOT_APPLICABLE,
    aggregate_measures,
    calculate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    name,
    negate_condition,
    quote_literal,
    strip_markup,
    write_conditional,
    write_union,
)
from sdmxmig.sdmx.frames import join_attributes
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.statistics.demography.ledger import YEARS_TO_1_JANUARY
from sdmxmig.statistics.demography.revisions import OutsideData

DOMAIN, REPORT = "DOMAIN", "REPORT"
LOWEST, HIGHEST, BASE = STATED_ATTRIBUTES
UNIT_OF, YEAR_OF, LATER, YEAR = "UNIT_OF", "YEAR_OF", "LATER", "YEAR"
VALUE, STEPS, OTHER = "AMOUNT", "STEPS", "OTHER_"


def name_other_flow(structure: str) -> str:
    return f"OTHERS_{structure}"


def build_other_rows(flow: Flow, reports: Iterable[OutsideData]) -> pl.DataFrame:
    structure = flow.structure
    names = [component.id for component in structure.components]
    tables = [pl.DataFrame(schema=dict.fromkeys(names, pl.String))]
    for data in reports:
        dataset, amounts = data.book.dataset, data.book.amounts
        if name_other_flow(dataset.flow.structure.ref.id) != flow.id:
            continue
        steps = [amounts.exact(step) for step in amounts.frame.sort("row")["printed_step"]]
        lowest, highest = map(str, find_factors(data.margin)) if data.margin else ("", "")
        facts = {DOMAIN: data.domain, REPORT: data.provider, LOWEST: lowest, HIGHEST: highest}
        attributes = [component.id for component in dataset.flow.structure.attributes()]
        frame = join_attributes(dataset, attributes).with_columns(
            *(pl.lit(text).alias(one) for one, text in facts.items()),
            pl.Series(BASE, ["" if step == 1 else f"{step:f}" for step in steps], dtype=pl.String),
        )
        measure = pl.col(structure.measure.id).replace("NaN", None)
        stated = [pl.col(one).cast(pl.String) for one in names if one in frame.columns]
        tables.append(number_report(frame.with_columns(measure).select(stated), tables, structure.key))
    texts = [component.id for component in structure.attributes()]
    return pl.concat(tables, how="diagonal").with_columns(pl.col(texts).fill_null(""))


def number_report(table: pl.DataFrame, earlier: Iterable[pl.DataFrame], key: Sequence[str]) -> pl.DataFrame:
    names = chain([table[REPORT]], (table[REPORT] + f" {number}" for number in count(2)))
    tables = (table.with_columns(name.alias(REPORT)) for name in names)
    return next(
        numbered
        for numbered in tables
        if not any(numbered.join(one, on=key, how="semi", nulls_equal=True).height for one in earlier)
    )


def build_other_flows(flows: Mapping[str, Flow]) -> dict[str, Flow]:
    others: dict[str, Flow] = {}
    for flow in flows.values():
        structure = flow.structure
        called = name_other_flow(structure.ref.id)
        concept = structure.measure.concept if structure.measures else None
        if concept is None or called in others:
            continue
        added = [Component(one, "dimension", concept=concept) for one in (DOMAIN, REPORT)]
        margins = [Component(one, "attribute", concept=concept, attachment="observation") for one in STATED_ATTRIBUTES]
        dataflow = replace(flow.dataflow, ref=replace(flow.dataflow.ref, id=called))
        components = (*added, *structure.components, *margins)
        others[called] = replace(flow, dataflow=dataflow, structure=replace(structure, components=components))
    return others


@TRANSLATIONS.add("REPORTS-IN-RATIO")
def reports_in_ratio(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    comparison, bounds = read_comparison(parameters), read_bounds(parameters)
    areas, between = parameters.table("areas").lists(), parameters.strings("between")
    excepted = parameters.table("without").lists()
    conditions = [f"{VALUE} >= {bounds.least:g} or {OTHER}{VALUE} >= {bounds.least:g}"]
    conditions += [negate_condition(is_in(name(dimension), codes)) for dimension, codes in excepted.items()]
    inside = [join_conditions(*(is_in(name(dimension), codes) for dimension in between)) for codes in areas.values()]
    conditions += [" or ".join(f"({one})" for one in inside)] if inside else []
    low, high = (f"{limit:.9f}" if limit != float("inf") else "" for limit in (bounds.low, bounds.high))
    limits = ""
    if bounds.margin == IS_LIMITS:
        conditions.append(f"not isnull({OTHER}{LOWEST})")
        low, high = f"{OTHER}{LOWEST}", f"{OTHER}{HIGHEST}"
    elif bounds.margin == WIDENS_LIMITS:
        stated = {"LEAST": f"nvl({OTHER}{LOWEST}, {low})", "MOST": f"nvl({OTHER}{HIGHEST}, {high})"}
        wider = {
            "LOW": write_conditional(f"LEAST < {low}", "LEAST", low),
            "HIGH": write_conditional(f"MOST > {high}", "MOST", high),
        }
        limits, low, high = calculate_measures(**stated) + calculate_measures(**wider), "LOW", "HIGH"
    reasons: list[NotExpressibleError] = []
    parts: list[Part] = []
    for number, pair in enumerate(read_pairs(parameters), 1):
        top, bottom = (OTHER, "") if pair.turned else ("", OTHER)
        least = f"{bottom}{VALUE} - {bottom}{STEPS} / 2"
        least = write_conditional(f"{least} > 0", least, "0.0")
        most = f"{bottom}{VALUE} + {bottom}{STEPS} / 2"
        holds = join_conditions(
            f"{top}{VALUE} - {top}{STEPS} / 2 <= ({most}) * ({high}) * {1 + EPSILON:.12f}" if high else "",
            f"{top}{VALUE} + {top}{STEPS} / 2 >= ({least}) * ({low}) * {1 - EPSILON:.12f}",
        )
        try:
            parts += compare_reports(
                subject, comparison, pair, f"_{number}", conditions=conditions, holds=holds, limits=limits
            )
        except NotExpressibleError as reason:
            reasons.append(reason)
    if reasons and not parts:
        raise reasons[0]
    return parts


@TRANSLATIONS.add("REPORTS-EQUAL")
def reports_equal(subject: Subject) -> Iterable[Part]:
    domains = subject.parameters.strings("domains", None)
    comparison = Comparison(domains=domains, same=tuple(subject.flow.structure.series_key))
    side = Side(structures=(ANY_SOURCE,))
    rougher = write_conditional(f"{STEPS} > {OTHER}{STEPS}", STEPS, f"{OTHER}{STEPS}")
    slack = write_conditional(f"{STEPS} + {OTHER}{STEPS} = 0.0", f"{EPSILON:.9f}", f"({rougher}) * {1 - EPSILON:.9f}")
    holds = f"abs({VALUE} - {OTHER}{VALUE}) <= ({slack})"
    yield from compare_reports(subject, comparison, SidePair(own=side, other=side), "", conditions=[], holds=holds)


def compare_reports(
    subject: Subject,
    comparison: Comparison,
    pair: SidePair,
    number: str,
    *,
    conditions: Iterable[str],
    holds: str,
    limits: str = "",
) -> Iterator[Part]:
    own = subject.flow
    structure = own.structure
    if ANY_SOURCE not in pair.own.structures and structure.ref.id not in pair.own.structures:
        return
    structures = (structure.ref.id,) if ANY_SOURCE in pair.other.structures else pair.other.structures
    reasons: list[NotExpressibleError] = []
    tested = False
    for others in list_other_flows(subject, structures, comparison.domains):
        keys = match_dimensions(comparison, own, others)
        is_timed = pair.own.timing != AS_WRITTEN
        titles = {here: YEAR if is_timed and here == structure.key[-1] else name(here) for here in keys}
        has_units = UNIT in structure and UNIT in others.structure
        sides = (
            ("OWN", own, pair.own, {titles[here]: here for here in keys}),
            ("OTHERS", others, pair.other, {titles[here]: keys[here] for here in keys}),
        )
        try:
            steps = [one for side in sides for one in write_side(*side, comparison, has_units=has_units)]
        except NotExpressibleError as reason:
            reasons.append(reason)
            continue
        steps.append(step("BOTH", "inner_join(@OWN as o, @OTHERS as t)"))
        verdict = calculate_measures(HOLDS=holds, DIFFERENCE=f"{VALUE} - {OTHER}{VALUE}")
        steps.append(step("TESTED", filter_dataset("@BOTH", *conditions) + limits + verdict))
        yield build_judged_part(subject, f"{number}_{strip_markup(others.id)}", steps, inputs=(own.id, others.id))
        tested = True
    if not tested:
        raise reasons[0] if reasons else NotExpressibleError(NO_REPORTS, item=", ".join(structures))


def list_other_flows(subject: Subject, structures: Collection[str], domains: Collection[str]) -> list[Flow]:
    """Return the dataflows of outside data with these structures, and our own if the rule uses them."""
    filled = [subject.flows[one] for one in sorted(subject.filled) if one in subject.flows]
    reports = [flow for flow in filled if flow.id in map(name_other_flow, structures)]
    if OWN_DATA not in domains:
        return reports
    ours = [flow for flow in filled if flow.structure.ref.id in structures and DOMAIN not in flow.structure]
    return [*reports, *(flow for flow in ours if flow.id != subject.flow.id)]


def match_dimensions(comparison: Comparison, own: Flow, others: Flow) -> dict[str, str]:
    """Return the dimensions that both sides share or that correspond, our names first."""
    here, there = own.structure, others.structure
    names = [*comparison.same, FREQUENCY, here.key[-1]]
    return {**{one: one for one in names if one in here.key and one in there.key}, **comparison.crossed}


def write_side(
    label: str, flow: Flow, side: Side, columns: Mapping[str, str], comparison: Comparison, *, has_units: bool
) -> Iterator[Assignment]:
    structure, is_own = flow.structure, label.startswith("OWN")
    if side.ages:
        raise NotExpressibleError(AGES_UNSUPPORTED)
    if not {*side.codes, *columns.values()} <= {*structure.key, UNIT}:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=flow.id)
    prefix = "" if is_own else OTHER
    value = f"{prefix}{VALUE}"
    measures = {value: f"max({UNITS})", f"{prefix}{STEPS}": f"max({SLACK})"}
    free = {*columns.values(), *([UNIT] if has_units else [])}
    figures = select_figures(flow, side, free, comparison)
    is_report = DOMAIN in structure
    if is_report:
        figures = f"{figures}[filter {is_in(DOMAIN, comparison.domains)}]" if comparison.domains else figures
        figures += calculate_measures(**{f"{one}_OF": f"cast({one}, number)" for one in STATED_ATTRIBUTES})
        base = write_conditional(f"nvl({BASE}_OF, 0.0) > {SLACK}", f"{BASE}_OF", SLACK)
        figures += calculate_measures(BASE_OF=base)
        measures |= {f"{prefix}{STEPS}": "max(BASE_OF)"}
        measures |= {f"{prefix}{one}": f"max({one}_OF)" for one in (LOWEST, HIGHEST)}
    made = name_derived_dimensions(flow, side, comparison)
    together = [made.get(there, name(there)) for there in columns.values()]
    sums = aggregate_measures([*together, UNIT_OF, *((REPORT,) if is_report else ())], **measures)
    sums += write_renaming(dict(zip(together, columns, strict=True)))
    if side.timing != AVERAGE:
        yield step(label, shift_years(figures, flow, side, 1 if side.timing == YEAR_END else 0) + sums)
        return
    yield step(f"{label}_BEGIN", shift_years(figures, flow, side, 0) + sums)
    yield step(f"{label}_END", f"{shift_years(figures, flow, side, 1)}{sums}[keep {value}][rename {value} to {LATER}]")
    average = calculate_measures(**{value: f"({value} + {LATER}) / 2"})
    yield step(label, f"inner_join(@{label}_BEGIN as b, @{label}_END as e){average}[keep {', '.join(measures)}]")


def select_figures(flow: Flow, side: Side, free: Collection[str], comparison: Comparison) -> str:
    """Return figures with the codes of a side; implied statuses and units are identifiers."""
    structure = flow.structure
    made = name_derived_dimensions(flow, side, comparison)
    needs = {
        dimension: is_in(made.get(dimension, name(dimension)), [side.codes.get(dimension, TOTAL)])
        for dimension in structure.series_key
        if dimension in side.codes or dimension not in (*free, AREA, DOMAIN, REPORT)
    }
    figures = filter_dataset(
        name_figures(flow), require_known(), *(need for one, need in needs.items() if one not in made)
    )
    for country, status, here, abroad in list_implied(flow, comparison):
        fixed = write_conditional(f"{name(country)} = {AREA}", quote_literal(here), quote_literal(abroad))
        stated = write_conditional(f'match_characters({name(country)}, "^[A-Z]{{2}}$")', f"({fixed})", name(status))
        figures += f"[calc identifier {made[status]} := {stated}]"
    figures = filter_dataset(figures, *(need for one, need in needs.items() if one in made))
    unit = NO_TEXT
    if UNIT in free:
        unit = f"nvl({UNIT}, {NO_TEXT})" if is_attribute(flow, UNIT) else UNIT
        alike = comparison.alike
        unit = write_conditional(is_in(unit, alike), quote_literal(alike[0]), unit) if alike else unit
    return f"{figures}[calc identifier {UNIT_OF} := {unit}]"


def shift_years(figures: str, flow: Flow, side: Side, back: int) -> str:
    """Return figures by the year that starts with them, `back` years earlier; unchanged for counts of periods."""
    if side.timing == AS_WRITTEN:
        return figures
    if not is_attribute(flow, REFERENCE):
        raise NotExpressibleError(NO_DAY, flow=flow.id)
    time = name(flow.structure.key[-1])
    years = "0"
    for day, shift in YEARS_TO_1_JANUARY.items():
        years = write_conditional(f"{REFERENCE} = {quote_literal(day)}", str(shift), years)
    whole = [f'match_characters({time}, "^[0-9]{{4}}$")', is_in(f"nvl({REFERENCE}, {NO_TEXT})", YEARS_TO_1_JANUARY)]
    year = f"cast(cast({time}, integer) + ({years}) - {back}, string)"
    return f"{filter_dataset(figures, *whole)}[calc identifier {YEAR_OF} := {year}]"


def name_derived_dimensions(flow: Flow, side: Side, comparison: Comparison) -> dict[str, str]:
    """Return the names of derived dimensions: statuses that countries imply, and years."""
    key = flow.structure.key
    made = {one.status: f"OF_{strip_markup(one.status)}" for one in list_implied(flow, comparison)}
    return made | ({} if side.timing == AS_WRITTEN else {key[-1]: YEAR_OF})


def list_implied(flow: Flow, comparison: Comparison) -> list[ImpliedStatus]:
    return [one for one in comparison.implied if {one.country, one.status, AREA} <= {*flow.structure.key}]


def write_renaming(names: Mapping[str, str]) -> str:
    """Return a renaming of dimensions; names may be swapped."""
    others = {there: here for there, here in names.items() if here != there}
    if not others:
        return ""
    aside = ", ".join(f"{there} to {LATER}_{number}" for number, there in enumerate(others))
    back = ", ".join(f"{LATER}_{number} to {here}" for number, here in enumerate(others.values()))
    return f"[rename {aside}][rename {back}]"


@TRANSLATIONS.add("NET-AGREES")
def net_flows_agree(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    comparison = read_comparison(parameters)
    pairs = [read_nets(entry) for entry in parameters.tables("pair")]
    agreement = read_agreement(parameters)
    parts: list[Part] = []
    for number, (own, other) in enumerate(pairs, 1):
        if subject.flow.structure.ref.id in own.plus.structures:
            for others in list_other_flows(subject, other.plus.structures, comparison.domains):
                parts.append(
                    compare_nets(subject, comparison, own, other, others=others, number=number, limits=agreement)
                )
    if not parts:
        structures = dict.fromkeys(one for _, other in pairs for one in other.plus.structures)
        raise NotExpressibleError(NO_REPORTS, item=", ".join(structures))
    return parts


def compare_nets(
    subject: Subject,
    comparison: Comparison,
    own: NetFlow,
    other: NetFlow,
    *,
    others: Flow,
    number: int,
    limits: Agreement,
) -> Part:
    flow = subject.flow
    keys = match_dimensions(comparison, flow, others)
    has_units = UNIT in flow.structure and UNIT in others.structure
    ours = {name(here): here for here in keys}
    theirs = {name(here): keys[here] for here in keys}
    beside = [flow, *(one for one in list_filled_flows(subject) if one is not flow)]
    minus = [one for one in beside if own.minus and one.structure.ref.id in own.minus.structures]
    steps = [
        *compute_net("OWN", own, flow, minus, columns=ours, comparison=comparison, has_units=has_units),
        *compute_net("OTHERS", other, others, [others], columns=theirs, comparison=comparison, has_units=has_units),
    ]
    report = [REPORT] if DOMAIN in others.structure else []
    time = name(flow.structure.key[-1])
    series = [*(one for one in ours if one != time), UNIT_OF, *report]
    steps += write_steps(subject, series=series, time=time, limits=limits)
    inputs = tuple(dict.fromkeys([flow.id, *(one.id for one in minus), others.id]))
    return build_judged_part(subject, f"_{number}_{strip_markup(others.id)}", steps, inputs=inputs)


def list_filled_flows(subject: Subject) -> list[Flow]:
    flows = [subject.flows[one] for one in sorted(subject.filled) if one in subject.flows]
    return [flow for flow in flows if DOMAIN not in flow.structure]


def compute_net(
    label: str,
    net: NetFlow,
    plus: Flow,
    minus: Iterable[Flow],
    *,
    columns: Mapping[str, str],
    comparison: Comparison,
    has_units: bool,
) -> Iterator[Assignment]:
    """Yield the net figures of a side: `plus` minus the first dataflow of `minus` that has them."""
    measure = VALUE if label == "OWN" else f"{OTHER}{VALUE}"
    yield from write_side(f"{label}_PLUS", plus, net.plus, columns, comparison, has_units=has_units)
    if net.minus is None:
        yield step(label, f"@{label}_PLUS[keep {measure}]")
        return
    named = []
    for flow in minus:
        part = f"{label}_MINUS_{strip_markup(flow.id)}"
        yield from write_side(part, flow, net.minus, columns, comparison, has_units=has_units)
        named.append(f"@{part}[keep {measure}]")
    yield step(f"{label}_LESS", f"{write_union(named)}[rename {measure} to LESS]")
    both = f"inner_join(@{label}_PLUS[keep {measure}] as p, @{label}_LESS as m)"
    yield step(label, f"{both}{calculate_measures(**{measure: f'{measure} - LESS'})}[keep {measure}]")
