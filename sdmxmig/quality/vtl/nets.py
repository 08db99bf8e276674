"""Comparisons of net flows with data of other providers in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.quality.rules.nets import Agreement, Net, read_agreement, read_nets
from sdmxmig.quality.rules.sides import UNIT, Comparison, read_comparison
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import build_judged_part, step, write_steps
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
    calculate_measures,
    name,
    strip_markup,
    write_union,
)
from sdmxmig.sdmx.model.data import Flow


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
    net: Net,
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
