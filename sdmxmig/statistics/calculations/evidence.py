"""Evidence of data for profile questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.evidence import Evidence, Probe
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.indicators import ALSO, TOTAL
from sdmxmig.statistics.calculations.contradictions import Claims

NO_FINDINGS = Findings()
UNKNOWN = "_U"
SOURCE, NOT_OWN = "SRC_TYPE", ("EXP", "MIR")
"""Source types that do not show national compilation: estimates and partner data."""
SHOWN, SAME, DIFFERENT, FOUND = "shown", "same", "different", "found"
ROW = "#row"
FEW = 3
"""So many cells are enough to show where something stands."""
ProbeResult = tuple[list[Dataset], list[tuple[str, Text]], str]


def evidence(
    claims: Claims, datasets: Sequence[Dataset], area: str, findings: Findings = NO_FINDINGS
) -> tuple[Evidence, ...]:
    datasets_in_area = [of_area(dataset, area) for dataset in datasets]
    datasets_in_area = [dataset for dataset in datasets_in_area if dataset.observations.height]
    shown_evidence = []
    for probe in claims.study.probes:
        if probe.kind in KINDS:
            observed = look(probe, datasets_in_area, claims.answer(probe.item))
        else:  # a probe of indicators has no rules
            observed = of_findings(probe, findings, datasets_in_area, claims)
        shown_evidence += [observed] if observed else []
    return tuple(shown_evidence)


def look(probe: Probe, datasets: Sequence[Dataset], answer: str) -> Evidence | None:
    probed = [dataset for dataset in datasets if not probe.flows or dataset.flow.id in probe.flows]
    showing, codes, verdict = KINDS[probe.kind](probe, probed)
    if not showing:
        return None
    by_flow: dict[str, set[str]] = {dataset.flow.id: set() for dataset in showing}
    for dataset in showing:
        by_flow[dataset.flow.id].update(dataset.observations[time_of(dataset.flow)].drop_nulls())
    periods = sorted(set().union(*by_flow.values()))
    results = [verdict] if verdict else [code for code, _ in codes]
    last_period = periods[-1] if periods else ""
    return Evidence(
        item=probe.item,
        kind=probe.kind,
        flows=tuple({dataset.flow.id: dataset.flow.dataflow.name for dataset in showing}.items()),
        found=tuple(codes),
        first=periods[0] if periods else "",
        last=last_period,
        said=verdict,
        contradicts=any(answer in probe.contradicts.get(result, ()) for result in results),
        places=tuple(place for dataset in showing for place in cells(dataset, last_period))[:FEW],
        keys=tuple(f"{flow} {max(flow_periods, default='')}".strip() for flow, flow_periods in by_flow.items()),
    )


def of_findings(probe: Probe, findings: Findings, datasets: Sequence[Dataset], claims: Claims) -> Evidence | None:
    relevant = [finding for finding in findings.items if finding.rule in probe.rules]
    if not relevant:
        return None
    names = {dataset.flow.id: dataset.flow.dataflow.name for dataset in datasets}
    rules = dict.fromkeys(finding.rule for finding in relevant)
    return Evidence(
        item=probe.item,
        kind=probe.kind,
        flows=tuple((flow, names.get(flow, Text())) for flow in dict.fromkeys(finding.flow for finding in relevant)),
        found=tuple((rule, claims.named(rule)) for rule in rules),
        first="",
        last="",
        said=FOUND,
        contradicts=claims.answer(probe.item) in probe.contradicts.get(FOUND, ()),
        places=tuple(finding.place for finding in relevant if finding.place)[:FEW],
        keys=tuple(dict.fromkeys(finding.flow for finding in relevant)),
    )


def shown(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    """Values that are divided by all these dimensions at once, of the part of the population that is asked for."""
    showing = []
    for dataset in datasets:
        columns = dataset.observations.columns
        if not {*probe.by, *probe.of} <= {*columns}:
            continue
        condition = ~pl.col(SOURCE).is_in(NOT_OWN).fill_null(value=False) if SOURCE in columns else pl.lit(value=True)
        for dimension in probe.by:
            condition &= ~pl.col(dimension).is_in([TOTAL, UNKNOWN])
        for dimension, codes in probe.of.items():
            condition &= pl.col(dimension).is_in(codes.split(ALSO))
        frame = dataset.observations.filter(condition & pl.col(measure_of(dataset.flow)).is_not_null())
        if frame.height:
            showing.append(of_rows(dataset, frame))
    topics = [(name, showing[0].flow.concepts.get(name, Text())) for name in probe.by] if showing else []
    return showing, topics, SHOWN


def yearly(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    showing, topics, verdict = shown(probe, datasets)
    periods = {period for dataset in showing for period in dataset.observations[time_of(dataset.flow)].drop_nulls()}
    years = sorted(int(period) for period in periods if period.isdecimal())
    runs = (set(range(start, start + probe.least)) for start in years)
    return (showing, topics, verdict) if any(run <= set(years) for run in runs) else ([], [], "")


def attribute(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    silent = {""} if UNKNOWN in probe.contradicts else {"", UNKNOWN}
    showing = [dataset for dataset in datasets if dataset.attributes.get(probe.attribute, "") not in silent]
    codes = {dataset.attributes[probe.attribute]: dataset.flow for dataset in showing}
    return showing, [named(flow, probe.attribute, code) for code, flow in sorted(codes.items())], ""


def same(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    showing = [dataset for dataset in datasets if dataset.attributes.get(probe.attribute, UNKNOWN) != UNKNOWN]
    codes = {dataset.attributes[probe.attribute]: dataset.flow for dataset in showing}
    if len({dataset.flow.id for dataset in showing}) < len(probe.flows):
        return [], [], ""
    named_codes = [named(flow, probe.attribute, code) for code, flow in sorted(codes.items())]
    return showing, named_codes, SAME if len(codes) == 1 else DIFFERENT


def code(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    """Which of these codes a component of the observations has anywhere."""
    showing: list[Dataset] = []
    codes: dict[str, Flow] = {}
    for dataset in datasets:
        if probe.attribute not in dataset.observations.columns:
            continue
        condition = pl.col(probe.attribute).is_in(list(probe.codes))
        if probe.attribute in dataset.flow.structure.key:  # a key without a value shows nothing
            condition &= pl.col(measure_of(dataset.flow)).is_not_null()
        frame = dataset.observations.filter(condition)
        if frame.height:
            showing.append(of_rows(dataset, frame))
            codes |= dict.fromkeys(frame[probe.attribute].unique().to_list(), dataset.flow)
    return showing, [named(flow, probe.attribute, value) for value, flow in sorted(codes.items())], ""


def unknown(probe: Probe, datasets: Sequence[Dataset]) -> ProbeResult:
    showing: list[Dataset] = []
    flow_by_dimension: dict[str, Flow] = {}
    for dataset in datasets:
        for dimension in probe.by:
            if dimension in dataset.observations.columns:
                has_value = pl.col(measure_of(dataset.flow)).is_not_null()
                frame = dataset.observations.filter((pl.col(dimension) == UNKNOWN) & has_value)
                showing += [of_rows(dataset, frame)] if frame.height else []
                flow_by_dimension |= {dimension: dataset.flow} if frame.height else {}
    return showing, [(name, flow.concepts.get(name, Text())) for name, flow in flow_by_dimension.items()], ""


KINDS: Mapping[str, Callable[[Probe, Sequence[Dataset]], ProbeResult]] = {
    "shown": shown,
    "yearly": yearly,
    "attribute": attribute,
    "same": same,
    "code": code,
    "unknown": unknown,
}


def of_area(dataset: Dataset, area: str) -> Dataset:
    return of_rows(dataset, dataset.observations.with_row_index(ROW).filter(pl.col("REF_AREA") == area))


def of_rows(dataset: Dataset, rows: pl.DataFrame) -> Dataset:
    return replace(dataset, observations=rows)


def cells(dataset: Dataset, period: str) -> list[Place]:
    if dataset.origins.is_empty():
        return []
    rows = dataset.observations.filter(pl.col(time_of(dataset.flow)) == period)[ROW].head(FEW).to_list()
    in_rows = pl.col("observation").is_in(rows) & (pl.col("component") == measure_of(dataset.flow))
    return [
        Place(origin["file"], origin["sheet"] or "", cell=cell_name(origin["row"], origin["column"]))
        for origin in dataset.origins.filter(in_rows).sort("observation").iter_rows(named=True)
    ]


def named(flow: Flow, component: str, code_id: str) -> tuple[str, Text]:
    codelist = flow.codelist(component)
    return code_id, codelist[code_id].name if codelist and code_id in codelist else Text()


def time_of(flow: Flow) -> str:
    return flow.structure.time.id if flow.structure.time else "TIME_PERIOD"


def measure_of(flow: Flow) -> str:
    return flow.structure.measure.id
