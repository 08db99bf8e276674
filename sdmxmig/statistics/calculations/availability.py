"""Availability of data by dataflow.

Residence rules and limits of dataflows. Unknown codes by dataflow and dimension. Scores of modules and policy areas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import AreaScore, Score
from sdmxmig.sdmx.model.breakdowns import Availability
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.definitions import Codes, FlowRule
from sdmxmig.sdmx.model.evidence import UnknownShare
from sdmxmig.sdmx.model.indicator_results import IndicatorResult, headline
from sdmxmig.sdmx.model.indicators import TOTAL, TermSelection
from sdmxmig.sdmx.model.profile import NOT_APPLICABLE, BenchmarkItem, Scale
from sdmxmig.sdmx.model.profile import UNKNOWN as PROFILE_UNKNOWN
from sdmxmig.sdmx.model.scores import ExplainedNumber, ModuleScore
from sdmxmig.statistics.calculations.evidence import measure_of, of_area, time_of
from sdmxmig.statistics.calculations.figures import Figures


def data_availability(datasets: Iterable[Dataset], area: str) -> tuple[Availability, ...]:
    datasets_by_flow: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        in_area = of_area(dataset, area)
        if in_area.observations.get_column(measure_of(in_area.flow)).count():
            datasets_by_flow.setdefault(in_area.flow.id, []).append(in_area)
    return tuple(availability_of(of_flow) for _, of_flow in sorted(datasets_by_flow.items()))


def availability_of(datasets: Sequence[Dataset]) -> Availability:
    flow, measure = datasets[0].flow, measure_of(datasets[0].flow)
    frames = [dataset.observations.drop_nulls(measure) for dataset in datasets]
    periods = sorted({str(period) for frame in frames for period in frame.get_column(time_of(flow)).drop_nulls()})
    topics = []
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if codelist is None or TOTAL not in codelist:
            continue
        codes = {str(code) for frame in frames for code in frame.get_column(dimension).unique().drop_nulls()}
        if codes - {TOTAL}:
            topics.append((dimension, flow.concepts.get(dimension, Text())))
    values = sum(frame.height for frame in frames)
    return Availability(
        flow.id,
        flow.dataflow.name,
        first=periods[0] if periods else "",
        last=periods[-1] if periods else "",
        values=values,
        topics=tuple(topics),
    )


RULE, BASIS = "RES_RULE", "DUR_BASIS"
COMMENT = "COMMENT_DSET"
INTENDED, INTENTION_MONTHS = "INT", "INTENTION_MONTHS"
UNKNOWN = "_U"


def flow_rules(datasets: Sequence[Dataset], area: str, language: str) -> tuple[FlowRule, ...]:
    """Return rule, basis and comments by dataflow.

    Dataflows without a rule are left out.
    """
    with_rule = [
        dataset for dataset in datasets if dataset.flow.codelist(RULE) and of_area(dataset, area).observations.height
    ]
    names = {dataset.flow.id: dataset.flow.dataflow.name for dataset in with_rule}
    return tuple(
        FlowRule(
            flow,
            names[flow],
            rules=codes(of_flow, RULE),
            bases=codes(of_flow, BASIS),
            intended_months=intended_months(of_flow),
            comments=comments(of_flow, language),
        )
        for flow in sorted(names)
        for of_flow in [[dataset for dataset in with_rule if dataset.flow.id == flow]]
    )


def comments(datasets: Sequence[Dataset], language: str) -> tuple[Text, ...]:
    stated = dict.fromkeys(dataset.attributes.get(COMMENT, "") for dataset in datasets)
    return tuple(Text.of({language: comment}) for comment in stated if comment)


def intended_months(datasets: Sequence[Dataset]) -> int | None:
    """Return the months of the rule that all datasets share if they count intended stays alone."""
    stated = {(dataset.attributes.get(RULE), dataset.attributes.get(BASIS)) for dataset in datasets}
    rules = datasets[0].flow.codelist(RULE)
    rule, basis = next(iter(stated)) if len(stated) == 1 else ("", "")
    if rules is None or not rule or rule not in rules or basis != INTENDED:
        return None
    months = (note.text.in_language("en") for note in rules[rule].annotations if note.type == INTENTION_MONTHS)
    return next(map(int, filter(None, months)), None)


def codes(datasets: Sequence[Dataset], attribute: str) -> Codes:
    stated = [dataset.attributes.get(attribute, "") for dataset in datasets]
    distinct_codes = dict.fromkeys(code or UNKNOWN for code in stated) if any(stated) else {}
    codelist = datasets[0].flow.codelist(attribute)
    return tuple(
        (code, codelist[code].name if codelist and code in codelist else Text.of(en=code)) for code in distinct_codes
    )


UNKNOWN_CODE = "_U"
OF_COUNTRIES = {"C_BIRTH": "BIRTH_STATUS", "C_CITIZEN": "CTZ_STATUS"}


def unknown_shares(figures: Figures) -> tuple[UnknownShare, ...]:
    flows = {dataset.flow.id: dataset for dataset in figures.datasets}
    return tuple(share for flow_id in sorted(flows) for share in shares_of(flows[flow_id], figures))


def shares_of(dataset: Dataset, figures: Figures) -> Iterator[UnknownShare]:
    """The shares of one dataflow."""
    flow = dataset.flow
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if codelist is None or UNKNOWN_CODE not in codelist or UNKNOWN_CODE not in figures.codes_in(flow.id, dimension):
            continue
        total = figures.yearly(TermSelection(flow.id, ())).figures
        selections = (TermSelection(flow.id, codes) for codes in ways(dimension, flow.structure.series_key))
        candidates = (figures.yearly(selection).figures for selection in selections)
        unknown = next(filter(None, candidates), {})
        years = [year for year in unknown if year in total and total[year].value]
        if years:
            part, whole = unknown[max(years)], total[max(years)]
            places = tuple(dict.fromkeys((*part.places, *whole.places)))
            yield UnknownShare(
                flow.id,
                dimension,
                period=str(max(years)),
                unknown=part.value,
                total=whole.value,
                share=part.value / whole.value,
                places=places,
            )


def ways(dimension: str, dimensions: Sequence[str]) -> Sequence[tuple[tuple[str, str], ...]]:
    fixed = ((dimension, UNKNOWN_CODE),)
    status = OF_COUNTRIES.get(dimension)
    return (fixed, (*fixed, (status, UNKNOWN_CODE))) if status and status in dimensions else (fixed,)


FORMULA = "formula.module"
PARTIAL, WHOLE = "partial", "whole"


def modules(scores: Sequence[Score], scales: Mapping[str, Scale]) -> tuple[ModuleScore, ...]:
    """Score each module separately."""
    by_module: dict[str, list[Score]] = {}
    for score in scores:
        by_module.setdefault(score.item.module, []).append(score)
    return tuple(module_score(module, module_scores, scales) for module, module_scores in by_module.items())


def module_score(module: str, scores: Sequence[Score], scales: Mapping[str, Scale]) -> ModuleScore:
    scored = [score for score in scores if score.points is not None]
    silent = [
        PROFILE_UNKNOWN if score.is_contradicted else scales[score.item.scale].silence(score.answer) for score in scores
    ]
    not_applicable, unknown = silent.count(NOT_APPLICABLE), silent.count(PROFILE_UNKNOWN)
    gaps = [scales[score.item.scale].gap(score.answer) for score in scores if score.is_gap]
    return ModuleScore(
        module,
        len(scores),
        answered=len(scores) - not_applicable - unknown,
        not_applicable=not_applicable,
        unknown=unknown,
        gaps=gaps.count(WHOLE),
        partial=gaps.count(PARTIAL),
        score=share_of_points([(score.item.id, score.item, score.points) for score in scored], scales),
    )


def share_of_points(
    answered: Iterable[tuple[str, BenchmarkItem, Decimal | None]], scales: Mapping[str, Scale], formula: str = FORMULA
) -> ExplainedNumber:
    """Compute the weighted share of points; None without answers."""
    reached, possible = Decimal(0), Decimal(0)
    inputs: list[tuple[str, str]] = []
    for key, item, points in answered:
        maximum = scales[item.scale].most
        if points is None or item.weight is None or not maximum:
            continue
        reached += item.weight * points
        possible += item.weight * maximum
        inputs.append((key, f"{item.weight:f} × {points:f} / {maximum:f}"))
    return ExplainedNumber(reached / possible if possible else None, formula, inputs=tuple(inputs))


def areas(results: Sequence[IndicatorResult]) -> tuple[AreaScore, ...]:
    groups: dict[tuple[str, str, str], list[IndicatorResult]] = {}
    for result in results:
        indicator = result.indicator
        groups.setdefault((indicator.policy_area, indicator.part, indicator.tier), []).append(result)
    order = sorted(groups, key=lambda key: (key[0], key[1], key[2] != "core", key[2]))
    return tuple(
        AreaScore(area, part, tier=tier, counts=headline(groups[area, part, tier])) for area, part, tier in order
    )
