"""Availability of data by dataflow, and of breakdowns by sex, age, birth, citizenship and country."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any, TypeVar

from sdmxmig.catalogue.areas import REMAINDER
from sdmxmig.catalogue.benchmarking import NOT_APPLICABLE, BenchmarkItem, Scale
from sdmxmig.catalogue.benchmarking import UNKNOWN as PROFILE_UNKNOWN
from sdmxmig.catalogue.indicators import TOTAL, TermSelection
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.statistics.calculations.evidence import get_measure, select_area
from sdmxmig.statistics.calculations.figures import (
    POPULATION_OF_TOPIC,
    SOURCE_TYPE,
    STAGE,
    Figures,
    SourcedFigure,
    find_bounds,
    find_figure_kind,
    find_time_dimension,
    get_common_kind,
    trim_zeros,
)
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.model.assessment import AreaScore, Score
from sdmxmig.statistics.model.availability import (
    LOWER,
    UPPER,
    Availability,
    AvailableTopic,
    Breakdown,
    Codes,
    CommonCode,
    FlowRule,
)
from sdmxmig.statistics.model.evidence import ExplainedNumber, ModuleScore, UnknownShare
from sdmxmig.statistics.model.indicator_results import IndicatorResult, count_by_status


def list_data_availability(datasets: Iterable[Dataset], area: str) -> tuple[Availability, ...]:
    datasets_by_flow: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        in_area = select_area(dataset, area)
        if in_area.observations.get_column(get_measure(in_area.flow)).count():
            datasets_by_flow.setdefault(in_area.flow.id, []).append(in_area)
    return tuple(describe_availability(of_flow) for _, of_flow in sorted(datasets_by_flow.items()))


def describe_availability(datasets: Sequence[Dataset]) -> Availability:
    flow, measure = datasets[0].flow, get_measure(datasets[0].flow)
    frames = [dataset.observations.drop_nulls(measure) for dataset in datasets]
    periods = sorted(
        {str(period) for frame in frames for period in frame.get_column(find_time_dimension(flow)).drop_nulls()}
    )
    topics: list[AvailableTopic] = []
    common: list[CommonCode] = []
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        codes_found = {code for frame in frames for code in frame.get_column(dimension).unique().to_list()}
        if codelist is None or TOTAL not in codelist:
            continue
        concept = flow.concepts.get(dimension, Text())
        if len(codes_found) < 2:  # one code for all figures, such as foreign citizens, divides none
            names = (codelist[str(code)].name for code in codes_found if code != TOTAL and code in codelist)
            common += [CommonCode(concept, name) for name in names]
            continue
        divided = [frame.filter(pl.col(dimension).cast(pl.String) != TOTAL) for frame in frames]
        if last := max(
            (str(period) for frame in divided for period in frame.get_column(find_time_dimension(flow))), default=""
        ):
            topics.append(AvailableTopic(dimension, concept, last))
    values = sum(frame.height for frame in frames)
    return Availability(
        flow.id,
        flow.dataflow.name,
        first=periods[0] if periods else "",
        last=periods[-1] if periods else "",
        values=values,
        topics=tuple(topics),
        common=tuple(common),
        source=find_source_type(flow, datasets, frames),
    )


def find_source_type(flow: Flow, datasets: Sequence[Dataset], frames: Sequence[pl.DataFrame]) -> Text:
    codes = {
        code or dataset.attributes.get(SOURCE_TYPE, "")
        for dataset, frame in zip(datasets, frames, strict=True)
        for code in (frame.get_column(SOURCE_TYPE).unique().to_list() if SOURCE_TYPE in frame.columns else [""])
    }
    codelist, code = flow.codelist(SOURCE_TYPE), next(iter(codes), "")
    return codelist[code].name if len(codes) == 1 and codelist and code in codelist else Text()


RULE, BASIS = "RES_RULE", "DUR_BASIS"
COMMENT_ATTRIBUTE = "COMMENT_DSET"
WITH_INTENTION, INTENTION_MONTHS = ("INT", "MIX"), "INTENTION_MONTHS"
UNKNOWN = "_U"


def list_flow_rules(datasets: Sequence[Dataset], area: str, language: str) -> tuple[FlowRule, ...]:
    with_rule = [
        dataset
        for dataset in datasets
        if dataset.flow.codelist(RULE) and select_area(dataset, area).observations.height
    ]
    names = {dataset.flow.id: dataset.flow.dataflow.name for dataset in with_rule}
    return tuple(
        FlowRule(
            flow,
            names[flow],
            rules=find_codes(of_flow, RULE),
            bases=find_codes(of_flow, BASIS),
            intended_months=find_intended_months(of_flow),
            comments=list_comments(of_flow, language),
        )
        for flow in sorted(names)
        for of_flow in [[dataset for dataset in with_rule if dataset.flow.id == flow]]
    )


def list_comments(datasets: Sequence[Dataset], language: str) -> tuple[Text, ...]:
    stated = dict.fromkeys(dataset.attributes.get(COMMENT_ATTRIBUTE, "") for dataset in datasets)
    return tuple(Text.of({language: comment}) for comment in stated if comment)


def find_intended_months(datasets: Sequence[Dataset]) -> int | None:
    """Return the months of the common rule if all datasets count intended stays."""
    stated = {(dataset.attributes.get(RULE), dataset.attributes.get(BASIS)) for dataset in datasets}
    rules = datasets[0].flow.codelist(RULE)
    rule, basis = next(iter(stated)) if len(stated) == 1 else ("", "")
    if rules is None or not rule or rule not in rules or basis not in WITH_INTENTION:
        return None
    months = (note.text.in_language("en") for note in rules[rule].annotations if note.type == INTENTION_MONTHS)
    return next(map(int, filter(None, months)), None)


def find_codes(datasets: Sequence[Dataset], attribute: str) -> Codes:
    stated = [dataset.attributes.get(attribute, "") for dataset in datasets]
    distinct_codes = dict.fromkeys(code or UNKNOWN for code in stated) if any(stated) else {}
    codelist = datasets[0].flow.codelist(attribute)
    return tuple(
        (code, codelist[code].name if codelist and code in codelist else Text.of(en=code)) for code in distinct_codes
    )


UNKNOWN_CODE = "_U"


def list_unknown_shares(figures: Figures) -> tuple[UnknownShare, ...]:
    flows = {dataset.flow.id: dataset for dataset in figures.datasets}
    return tuple(share for flow_id in sorted(flows) for share in compute_shares(flows[flow_id], figures))


def compute_shares(dataset: Dataset, figures: Figures) -> Iterator[UnknownShare]:
    flow = dataset.flow
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if (
            codelist is None
            or UNKNOWN_CODE not in codelist
            or UNKNOWN_CODE not in figures.collect_codes(flow.id, dimension)
        ):
            continue
        total = figures.yearly(TermSelection(flow.id, ())).figures
        selections = (
            TermSelection(flow.id, codes) for codes in list_unknown_selections(dimension, flow.structure.series_key)
        )
        candidates = (figures.yearly(selection).figures for selection in selections)
        unknown = next(filter(None, candidates), {})
        years = [year for year in unknown if year in total and total[year].value]
        if years:
            part, whole = unknown[max(years)], total[max(years)]
            places = tuple(dict.fromkeys((*part.places, *whole.places)))
            yield UnknownShare(
                flow=flow.id,
                dimension=dimension,
                period=str(max(years)),
                unknown=part.value,
                total=whole.value,
                share=part.value / whole.value,
                places=places,
            )


def list_unknown_selections(dimension: str, dimensions: Sequence[str]) -> Sequence[tuple[tuple[str, str], ...]]:
    fixed = ((dimension, UNKNOWN_CODE),)
    status = POPULATION_OF_TOPIC.get(dimension)
    return (fixed, (*fixed, (status, UNKNOWN_CODE))) if status and status in dimensions else (fixed,)


FORMULA_ITEM = "formula.module"
PARTIAL, WHOLE = "partial", "whole"


def list_modules(scores: Sequence[Score], scales: Mapping[str, Scale]) -> tuple[ModuleScore, ...]:
    by_module: dict[str, list[Score]] = {}
    for score in scores:
        by_module.setdefault(score.item.module, []).append(score)
    return tuple(compute_module_score(module, module_scores, scales) for module, module_scores in by_module.items())


def compute_module_score(module: str, scores: Sequence[Score], scales: Mapping[str, Scale]) -> ModuleScore:
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
        score=compute_share_of_points([(score.item.id, score.item, score.points) for score in scored], scales),
    )


def compute_share_of_points(
    answered: Iterable[tuple[str, BenchmarkItem, Decimal | None]], scales: Mapping[str, Scale]
) -> ExplainedNumber:
    reached, possible = Decimal(0), Decimal(0)
    inputs: list[tuple[str, str]] = []
    for key, item, points in answered:
        maximum = scales[item.scale].most
        if points is None or item.weight is None or not maximum:
            continue
        reached += item.weight * points
        possible += item.weight * maximum
        inputs.append((key, f"{item.weight:f} × {points:f} / {maximum:f}"))
    return ExplainedNumber(reached / possible if possible else None, FORMULA_ITEM, inputs=tuple(inputs))


def list_areas(results: Sequence[IndicatorResult]) -> tuple[AreaScore, ...]:
    groups: dict[tuple[str, str, str], list[IndicatorResult]] = {}
    for result in results:
        indicator = result.indicator
        groups.setdefault((indicator.policy_area, indicator.part, indicator.tier), []).append(result)
    order = sorted(groups, key=lambda key: (key[0], key[1], key[2] != "core", key[2]))
    return tuple(
        AreaScore(area, part, tier=tier, counts=count_by_status(groups[area, part, tier])) for area, part, tier in order
    )


T = TypeVar("T")

MOVE_FLOWS = ("DF_IMM", "DF_EMI")
COUNT_FLOWS = ("DF_POP", "DF_POP_TOPIC", *MOVE_FLOWS)
YEARS_TOGETHER = r"^\d{4}-01-01/P\d+Y$"
"""A period of several calendar years, such as those between two censuses; it has no frequency."""
ESTIMATES_FLOW = "DF_UNDESA_IMS"
"""Migrants as the United Nations estimate them: by birth and citizenship, and by country of birth."""
YEARLY_SELECTION = {"FREQ": "A"}
FIXED_CODES = {"DF_POP_TOPIC": {"POP_BASE": "RES"}}
COUNTED, CENSUS = "DF_POP_TOPIC", TermSelection("DF_POP", (("FREQ", "A10"),))
STATUS_DIMENSIONS = ("BIRTH_STATUS", "CTZ_STATUS")
POPULATIONS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("BIRTH_STATUS", "FB"),),
    (("CTZ_STATUS", "FC"),),
    (("BIRTH_STATUS", "NB"),),
    (("CTZ_STATUS", "NC"),),
    *((("BIRTH_STATUS", birth), ("CTZ_STATUS", citizenship)) for birth in ("NB", "FB") for citizenship in ("NC", "FC")),
)
CITIZENSHIP, NATIONALS = "C_CITIZEN", ("NC",)
COUNTRY_DIMENSIONS = {"C_BIRTH": "BIRTH_STATUS", CITIZENSHIP: "CTZ_STATUS", "C_RESIDENCE": ""}
REMARK_ATTRIBUTE = "COMMENT_OBS"
LISTED_ATTRIBUTE = "LARGEST_LISTED"
DESCRIBING_ATTRIBUTES = (SOURCE_TYPE, "SOURCE_DETAIL", "OBS_STATUS", REMARK_ATTRIBUTE, STAGE, LISTED_ATTRIBUTE)
RECENT_YEARS = 2
"""Maximum number of periods kept of breakdowns that may have hundreds of codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A breakdown to find. `beside` is the status dimension of a country; with `apart`, one dimension suffices."""

    by: tuple[str, ...]
    of: tuple[tuple[str, str], ...] = ()
    beside: str = ""
    periods: int = RECENT_YEARS
    apart: bool = False


BY_STATUS = Division(by=STATUS_DIMENSIONS, periods=1000, apart=True)
DIVISIONS = (
    BY_STATUS,
    *(Division(by=("SEX",), of=population) for population in POPULATIONS),
    *(Division(by=("AGE",), of=population) for population in POPULATIONS),
    *(Division(by=("SEX", "AGE"), of=population) for population in POPULATIONS),
    *(BY_COUNTRY := [Division(by=(country,), beside=status) for country, status in COUNTRY_DIMENSIONS.items()]),
)


def list_breakdowns(figures: Figures, language: str = "en") -> tuple[Breakdown, ...]:
    """Return all breakdowns by dataflow and period, in persons, without sums, rounding or conflicting values."""
    return tuple(
        breakdown
        for flow, division in (*product(COUNT_FLOWS, DIVISIONS), *product([ESTIMATES_FLOW], (BY_STATUS, *BY_COUNTRY)))
        for breakdown in build_breakdowns(division, flow, figures, language)
        if breakdown.figures or breakdown.bounds or (breakdown.comments and division is BY_STATUS)
    )


def build_breakdowns(division: Division, flow_id: str, figures: Figures, language: str) -> Iterator[Breakdown]:
    flow = figures.flow(flow_id)
    if flow is None or not set(division.by) <= set(flow.structure.series_key):
        return
    rows_by_period: dict[str, list[dict[str, Any]]] = {}
    own_citizens: list[dict[str, Any]] = []
    for dataset, dataset_amounts in figures.with_amounts:
        if dataset.flow.id == flow_id:
            for row in list_rows(division, dataset, dataset_amounts, figures.area):
                rows_by_period.setdefault(row["period"], []).append(row)
            if division.by == (CITIZENSHIP,):
                own_citizens.extend(list_nationals(dataset, dataset_amounts, figures.area))
    for row in own_citizens:
        of_period = rows_by_period.get(row["period"], [])
        if all(other["codes"] != row["codes"] for other in of_period):
            of_period.append(row)
    most_totals = len(division.by) - 1 if division.apart else 0
    divided_periods = [
        period
        for period in sorted(rows_by_period)
        if any(row["codes"].count(TOTAL) <= most_totals for row in rows_by_period[period])
    ]
    for period in divided_periods[-division.periods :]:
        valued = [row for row in rows_by_period[period] if row["value"] is not None]
        counted = [row for row in rows_by_period[period] if row["value"] is not None or row["bounds"]]
        clear = index_unambiguous((row["codes"], row["value"]) for row in valued)
        bounds = index_unambiguous((row["codes"], row["bounds"]) for row in counted if row["bounds"])
        everybody = (TOTAL,) * len(division.by)
        total = clear.pop(everybody, None)
        cited = [(row["codes"], row["source"]) for row in rows_by_period[period] if row["source"]]
        if total is None and flow_id == COUNTED and not division.of and (census := find_census_total(period, figures)):
            total = census.value
            cited += [(everybody, source) for source in census.sources]
        ordered_figures = tuple((codes, clear[codes]) for codes in sort_codes(clear, division.by, flow))
        yield Breakdown(
            flow=flow_id,
            period=period,
            by=division.by,
            figures=ordered_figures,
            of=division.of,
            whole=total,
            source="; ".join(dict.fromkeys(row["source"] for row in rows_by_period[period] if row["source"])),
            names=index_code_names(ordered_figures, division.by, flow),
            source_type=name_kind({row["type"] for row in counted}, flow),
            statuses=tuple(sorted({row["status"] for row in valued} - {""})),
            kind=get_common_kind(row["kind"] for row in counted),
            lists_largest=has_all_largest(valued, apart=(everybody, (figures.area,))),
            bounds=tuple((codes, limits) for codes, limits in sorted(bounds.items()) if codes not in clear),
            comments=tuple(
                (row["codes"], Text.of({language: row["comment"]})) for row in rows_by_period[period] if row["comment"]
            ),
            sources=tuple(cited),
            day=figures.find_day(flow_id),
        )


def has_all_largest(rows: Iterable[Mapping[str, Any]], *, apart: Collection[tuple[str, ...]]) -> bool:
    """Check whether the data have all the largest countries that a source lists; groups in `apart` may be added."""
    listed = {row["codes"]: row["listed"] for row in rows if row["listed"] or row["codes"] not in apart}
    return {*listed.values()} == {str(len(listed))}


def index_unambiguous(pairs: Iterable[tuple[tuple[str, ...], T]]) -> dict[tuple[str, ...], T]:
    said: dict[tuple[str, ...], set[T]] = {}
    for codes, word in pairs:
        said.setdefault(codes, set()).add(word)
    return {codes: words.pop() for codes, words in said.items() if len(words) == 1}


def find_census_total(period: str, figures: Figures) -> SourcedFigure | None:
    return figures.yearly(CENSUS).figures.get(int(period))


def name_kind(kinds: Collection[str], flow: Flow) -> Text:
    codelist, only = flow.codelist(SOURCE_TYPE), kinds if len(kinds) == 1 else ()
    return next((codelist[code].name for code in only if codelist is not None and code in codelist), Text())


def list_rows(division: Division, dataset: Dataset, dataset_amounts: Amounts, area: str) -> list[dict[str, Any]]:
    flow, population = dataset.flow, dict(division.of)
    time = find_time_dimension(flow)
    columns = dataset_amounts.frame.columns
    described = [
        pl.col(name).is_not_null() for name in (LOWER, UPPER, REMARK_ATTRIBUTE) if division.apart and name in columns
    ]
    is_known = pl.any_horizontal(pl.col("amount").is_not_null(), *described)
    is_span = pl.lit(value=False)
    if division.apart and flow.id in MOVE_FLOWS:
        is_span = (pl.col("FREQ") == "_U") & pl.col(time).str.contains(YEARS_TOGETHER)
    wanted = [pl.col(time).str.contains(r"^\d{4}$") | is_span, is_known]
    for dimension in flow.structure.series_key:
        fixed = {**FIXED_CODES.get(flow.id, YEARLY_SELECTION), "REF_AREA": area, **population}.get(dimension)
        codelist = flow.codelist(dimension)
        if fixed is None and dimension not in (*division.by, division.beside):
            fixed = TOTAL if codelist is not None and TOTAL in codelist else None
        if fixed is not None:
            wanted.append((pl.col(dimension) == fixed) | (is_span if dimension == "FREQ" else False))
        elif dimension in COUNTRY_DIMENSIONS:
            wanted.append(~pl.col(dimension).is_in([item.id for item in codelist or () if item.note(REMAINDER)]))
    frame = dataset_amounts.frame.lazy().filter(wanted)
    if division.beside and division.beside in columns:
        frame = prefer_totals(frame, division, time)
    said = [name for name in (*DESCRIBING_ATTRIBUTES, LOWER, UPPER) if name in columns]
    return [
        {
            "period": row[time],
            "codes": tuple(row[name] for name in division.by),
            "value": None if row["amount"] is None else trim_zeros(dataset_amounts.exact(row["amount"])),
            "bounds": find_bounds(row) if row["amount"] is None else None,
            "source": row.get("SOURCE_DETAIL") or "",
            "type": row.get(SOURCE_TYPE) or "",
            "status": row.get("OBS_STATUS") or "",
            "comment": row.get(REMARK_ATTRIBUTE) or "",
            "listed": row.get(LISTED_ATTRIBUTE) or "",
            "kind": find_figure_kind(dataset, row),
        }
        for row in frame.sort("row").select(time, *division.by, "amount", "power", *said).collect().to_dicts()
    ]


def list_nationals(dataset: Dataset, dataset_amounts: Amounts, area: str) -> Iterator[dict[str, Any]]:
    """Yield citizens of the country under its code; tables list them by status."""
    for row in list_rows(Division(by=(COUNTRY_DIMENSIONS[CITIZENSHIP],)), dataset, dataset_amounts, area):
        if row["codes"] == NATIONALS:
            yield {**row, "codes": (area,)}


def prefer_totals(frame: pl.LazyFrame, division: Division, time: str) -> pl.LazyFrame:
    is_part = (pl.col(division.beside) != TOTAL).fill_null(value=False)
    return frame.filter(is_part == is_part.min().over(time, *division.by))


def sort_codes(codes: Iterable[tuple[str, ...]], dimensions: Sequence[str], flow: Flow) -> list[tuple[str, ...]]:
    places = []
    for dimension in dimensions:
        codelist = flow.codelist(dimension)
        places.append({code: number for number, code in enumerate(codelist.ids if codelist else ())})
    return sorted(
        codes,
        key=lambda combination: [
            (place.get(code, 10**6), code) for place, code in zip(places, combination, strict=True)
        ],
    )


def index_code_names(
    figures: Iterable[tuple[tuple[str, ...], Decimal]], dimensions: Sequence[str], flow: Flow
) -> Mapping[str, Text]:
    names = {}
    for number, dimension in enumerate(dimensions):
        codelist = flow.codelist(dimension)
        for code in sorted({codes[number] for codes, _ in figures}):
            if codelist is not None and code in codelist:
                names[f"{dimension}.{code}"] = codelist[code].name
    return names
