"""Shared margins in VTL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.quality.rules.same_margins import DAY, sisters_in
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    NOTHING,
    REFERENCE,
    SLACK,
    TOTAL,
    UNITS,
    figures_of,
    is_attribute,
    judged,
    known,
    looked_at,
    reported_of,
    step,
)
from sdmxmig.quality.vtl.ratios import EVERYTHING, codes_in
from sdmxmig.quality.vtl.reasons import UNFILLED
from sdmxmig.quality.vtl.syntax import among, calculated, filtered, grouped, name
from sdmxmig.sdmx.model.data import Flow

SAME = "_THERE"
"""Ends the names of what the other dataflow says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two dataflows, with the codes of those whom both count, and the code of the day on which they count."""

    subject: Subject
    flow: Flow
    when: Mapping[str, str]
    day: str = ""


@TRANSLATIONS.add("SAME-MARGIN")
def same_margin(subject: Subject) -> Iterable[Part]:
    """Each figure that both dataflows tell, at the totals of what only one of them divides, beside the other."""
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
        renamed = f"[rename {UNITS} to {UNITS}{SAME}, {SLACK} to {SLACK}{SAME}]"
        steps = [
            *undivided("HERE", Side(subject=subject, flow=subject.flow, when=pair.when), shared),
            *undivided("THERE", Side(subject=subject, flow=other, when=pair.there, day=pair.day), shared),
            *comparable(subject.flow, other, alike),
            step("BOTH", f"inner_join(@COMPARABLE as h, @THERE{renamed} as t)"),
            step("TESTED", f"@BOTH{calculated(HOLDS=holds, DIFFERENCE=f'{UNITS} - {UNITS}{SAME}')}"),
        ]
        yield judged(subject, f"_{number}" if len(pairs) > 1 else "", steps, inputs=(subject.flow.id, other.id))


def undivided(label: str, side: Side, shared: Collection[str]) -> Iterator[Assignment]:
    """The figures of a dataflow at the totals of all dimensions but those shared, under a label."""
    flow = side.flow
    conditions = [known(), *looked_at(side.subject, flow)]
    if side.day:
        conditions.append(among(f'nvl({REFERENCE}, "")', [side.day]) if is_attribute(flow, REFERENCE) else "false")
    unnamed = []
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if name(dimension) in shared:
            continue
        if dimension in side.when:
            conditions.append(among(name(dimension), [side.when[dimension]]))
        elif codelist is None or TOTAL in codelist:
            conditions.append(among(name(dimension), [TOTAL]))
        else:
            unnamed.append(dimension)
    dataset = filtered(figures_of(flow), *conditions)
    if unnamed:
        yield step(f"{label}_CODES", codes_in(flow, unnamed))
        single = [f"FIRST_{n} = LAST_{n}" for n, _ in enumerate(unnamed)]
        everything = f"{dataset}[calc identifier {EVERYTHING} := 1]"
        dataset = filtered(f"inner_join({everything} as a, @{label}_CODES as c)", *single)
    yield step(label, f"{dataset}{grouped(shared, **{measure: f'max({measure})' for measure in (UNITS, SLACK)})}")


def comparable(flow: Flow, other: Flow, alike: Iterable[str]) -> Iterator[Assignment]:
    """The figures HERE, where both dataflows say the same of some attributes or one is silent, as COMPARABLE."""
    both = [name(attribute) for attribute in alike if is_attribute(flow, attribute) and is_attribute(other, attribute)]
    if not both:
        yield step("COMPARABLE", "@HERE")
        return
    for label, of in (("SAID_HERE", flow), ("SAID_THERE", other)):
        texts = calculated(**{f"{label}_{n}": f'nvl({attribute}, "")' for n, attribute in enumerate(both)})
        tops = grouped([EVERYTHING], **{f"{label}_{n}": f"max({label}_{n})" for n, _ in enumerate(both)})
        yield step(label, f"{reported_of(of)}[calc identifier {EVERYTHING} := 1]{texts}{tops}")
    agree = [f'SAID_HERE_{n} = SAID_THERE_{n} or SAID_HERE_{n} = "" or SAID_THERE_{n} = ""' for n, _ in enumerate(both)]
    joined = f"inner_join(@HERE[calc identifier {EVERYTHING} := 1] as f, @SAID_HERE as h, @SAID_THERE as t)"
    yield step("COMPARABLE", f"{filtered(joined, *agree)}[sub {EVERYTHING} = 1][keep {UNITS}, {SLACK}]")
