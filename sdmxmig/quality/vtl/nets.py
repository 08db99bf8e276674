"""Comparisons of net flows with those of others in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.quality.rules.nets import Agreement, Net, read_agreement, read_nets
from sdmxmig.quality.rules.sides import UNIT, Comparison, read_comparison
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import build_judged_part, step
from sdmxmig.quality.vtl.reports import (
    DOMAIN,
    OTHER,
    REPORT,
    UNIT_OF,
    VALUE,
    list_other_flows,
    match_dimensions,
    write_side,
)
from sdmxmig.quality.vtl.syntax import (
    NO_REPORTS,
    aggregate_measures,
    calculate_measures,
    join_conditions,
    name,
    negate_condition,
    plain,
    write_conditional,
)
from sdmxmig.sdmx.model.data import Flow

APART = "APART"


@TRANSLATIONS.add("NET-AGREES")
def net_agrees(subject: Subject) -> Iterable[Part]:
    """Test signs of net flows, and their distances and courses over the years."""
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
    own: Net,
    other: Net,
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
        *compute_net("OWN", own, [flow], minus, columns=ours, comparison=comparison, has_units=has_units),
        *compute_net("OTHERS", other, [others], [others], columns=theirs, comparison=comparison, has_units=has_units),
        step("BOTH", "inner_join(@OWN as o, @OTHERS as t)"),
    ]
    report = [REPORT] if DOMAIN in others.structure else []
    time = name(flow.structure.key[-1])
    series = [*(one for one in ours if one != time), UNIT_OF, *report]
    steps += agreeing(series, time, limits)
    inputs = tuple(dict.fromkeys([flow.id, *(one.id for one in minus), others.id]))
    return build_judged_part(subject, f"_{number}_{plain(others.id)}", steps, inputs=inputs)


def list_filled_flows(subject: Subject) -> list[Flow]:
    flows = [subject.flows[one] for one in sorted(subject.filled) if one in subject.flows]
    return [flow for flow in flows if DOMAIN not in flow.structure]


def compute_net(
    label: str,
    net: Net,
    plus: Iterable[Flow],
    minus: Iterable[Flow],
    *,
    columns: Mapping[str, str],
    comparison: Comparison,
    has_units: bool,
) -> Iterator[Assignment]:
    """Yield the net figures of a side: those that are added, less those of the first dataflow that has them."""
    measure = VALUE if label == "OWN" else f"{OTHER}{VALUE}"
    for flow in plus:
        yield from write_side(f"{label}_PLUS", flow, net.plus, columns, comparison, has_units=has_units)
    if net.minus is None:
        yield step(label, f"@{label}_PLUS[keep {measure}]")
        return
    named = []
    for flow in minus:
        part = f"{label}_MINUS_{plain(flow.id)}"
        yield from write_side(part, flow, net.minus, columns, comparison, has_units=has_units)
        named.append(f"@{part}[keep {measure}]")
    together = f"union({', '.join(named)})" if len(named) > 1 else named[0]
    yield step(f"{label}_LESS", f"{together}[rename {measure} to LESS]")
    both = f"inner_join(@{label}_PLUS[keep {measure}] as p, @{label}_LESS as m)"
    yield step(label, f"{both}{calculate_measures(**{measure: f'{measure} - LESS'})}[keep {measure}]")


def agreeing(series: list[str], time: str, limits: Agreement) -> Iterator[Assignment]:
    ours, theirs = VALUE, f"{OTHER}{VALUE}"
    products = {
        APART: f"{ours} - {theirs}",
        "OURS": f"{ours} * {ours}",
        "THEIRS": f"{theirs} * {theirs}",
        "PRODUCT": f"{ours} * {theirs}",
        "SQUARE": f"({ours} - {theirs}) * ({ours} - {theirs})",
        "SIZE": write_conditional(f"abs({ours}) < abs({theirs})", f"abs({ours})", f"abs({theirs})"),
    }
    yield step("PRODUCTS", f"@BOTH{calculate_measures(**products)}")
    sums = {
        "N": f"count({APART})",
        "ALL_OURS": f"sum({ours})",
        "ALL_THEIRS": f"sum({theirs})",
        **{f"SUM_{one}": f"sum({one})" for one in (APART, "OURS", "THEIRS", "PRODUCT", "SQUARE")},
    }
    yield step("SUMS", f"@PRODUCTS{aggregate_measures(series, **sums)}")
    last = aggregate_measures(series, LAST="max(ENDS)")
    ends = f"@PRODUCTS[calc measure ENDS := cast(substr({time}, 1, 4), integer)]{last}"
    yield step("ENDS", ends)
    yield step("ALL", "inner_join(@PRODUCTS as b, @SUMS as s, @ENDS as e)")
    opposite = f"SIZE >= {limits.least} and (({ours} > 0 and {theirs} < 0) or ({ours} < 0 and {theirs} > 0))"
    wrong = [f"({opposite})"]
    rest = calculate_measures(REST=write_conditional("N > 2", "N - 1", "2"))
    mean = calculate_measures(MEAN=f"(SUM_APART - {APART}) / REST")
    spread = calculate_measures(
        SPREAD=f"(SUM_SQUARE - {APART} * {APART}) - REST * MEAN * MEAN", OFF=f"abs({APART} - MEAN)"
    )
    room = calculate_measures(ROOM=f"sqrt(({write_conditional('SPREAD > 0', 'SPREAD', '0.0')}) / (REST - 1))")
    together = calculate_measures(
        COVARIANCE="SUM_PRODUCT - ALL_OURS * ALL_THEIRS / N",
        VARIANCES="(SUM_OURS - ALL_OURS * ALL_OURS / N) * (SUM_THEIRS - ALL_THEIRS * ALL_THEIRS / N)",
    )
    if limits.deviations is not None:
        far = [f"N - 1 >= {limits.years}", f"OFF >= {limits.least}", f"OFF > ROOM * {limits.deviations:.9f}"]
        wrong.append(f"({join_conditions(*far)})")
    if limits.correlation is not None:
        least = f"sqrt({write_conditional('VARIANCES > 0', 'VARIANCES', '0.0')}) * {limits.correlation:.9f}"
        together += calculate_measures(LEAST=least)
        last = f"cast(substr({time}, 1, 4), integer) = LAST"
        wrong.append(f"({join_conditions(last, f'N >= {limits.years}', 'COVARIANCE < LEAST')})")
    verdict = calculate_measures(HOLDS=negate_condition(" or ".join(wrong)), DIFFERENCE=APART)
    yield step("TESTED", f"@ALL{rest}{mean}{spread}{room}{together}{verdict}")
