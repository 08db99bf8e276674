"""Published figures by dataflow and codes, with source cells, used as terms of calculations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import product
from operator import sub
from typing import Any

from sdmxmig.catalogue.indicators import CODE_JOINER, TOTAL, TermSelection
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, describe_spans, format_cell
from sdmxmig.sdmx.frames import lift_shared_definitions, split_by_definition
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.statistics.demography.amounts import Amounts, compute_amounts
from sdmxmig.statistics.demography.ledger import YEARS_TO_1_JANUARY
from sdmxmig.statistics.model.availability import LOWER, MODEL_ESTIMATE, UPPER, Bounds

NO_BREAK_SPACE = "\u00a0"
PER_1000 = f"1{NO_BREAK_SPACE}000"
RATE_FORMULA = f"{PER_1000} × {{}} / {{}}"
PER_100000 = f"100{NO_BREAK_SPACE}000 × {{}} / {{}}"
NET_RATE_FORMULA = f"{PER_1000} × ({{}} − {{}}) / {{}}"
BREAK_STATUS = "B"
STATUSES_BY_WEIGHT = (BREAK_STATUS, "F", "E", "I", "P")


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureTrait:
    flow: str
    day: str = ""
    rule: str | None = None
    basis: str = ""
    criterion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedFigure:
    """A number with its origin.

    `kind` is ``census``, ``estimate``, ``model estimate`` or empty; `step` is the rounding.

    `whole` is the total of which it is a share.
    """

    value: Decimal
    formula: str
    inputs: tuple[tuple[str, str], ...] = ()
    status: str = ""
    places: tuple[Place, ...] = ()
    sources: tuple[str, ...] = ()
    traits: tuple[FigureTrait, ...] = ()
    kind: str = ""
    bounds: Bounds | None = None
    comment: str = ""
    step: Decimal = Decimal(1)
    whole: Decimal | None = None


@dataclass(frozen=True, slots=True)
class YearlyTerm:
    """A term by year.

    Years without a figure: `unclear` (conflicting), `empty` (missing, with status), `garbled` (text) or only `bounds`.
    `ends` are those of an average.
    """

    name: str
    figures: dict[int, SourcedFigure]
    _: KW_ONLY
    unclear: frozenset[int] = frozenset()
    empty: Mapping[int, str] = field(default_factory=dict)
    garbled: frozenset[int] = frozenset()
    bounds: Mapping[int, Bounds] = field(default_factory=dict)
    reason: str = ""
    ends: YearlyTerm | None = None

    def lacking(self, year: int) -> tuple[tuple[str, int], ...]:
        if year in self.figures:
            return ()
        if self.ends is None:
            return ((f"single value of {self.name} for" if year in self.unclear else f"{self.name} for", year),)
        if absent := [end for end in (year, year + 1) if end not in self.ends.figures]:
            return tuple((f"{self.name} on 1 January", end) for end in absent)
        return ((f"{self.name} that can be compared with the year before on 1 January", year + 1),)

    @property
    def lack(self) -> str:
        if self.unclear and not self.reason:
            return f"no single value of {self.name} for {describe_years(sorted(self.unclear))}"
        return self.reason or f"no {self.name}"


@dataclass(frozen=True, slots=True)
class CalculationResult:
    figures: Mapping[int, SourcedFigure]
    missing: tuple[str, ...] = ()
    bounds: Mapping[int, Bounds] = field(default_factory=dict)


def combine_by_year(terms: Sequence[YearlyTerm], combine: Callable[..., Decimal], formula: str) -> CalculationResult:
    """Combine terms by year. The last is the denominator; if it is zero, there is no result."""
    absent = [term for term in terms if not term.figures]
    if absent:
        return CalculationResult({}, tuple(dict.fromkeys(term.lack for term in absent)))
    figures: dict[int, SourcedFigure] = {}
    missing_years: dict[str, list[int]] = {}
    for year in sorted({year for term in terms for year in term.figures}):
        for phrase, when in [pair for term in terms for pair in term.lacking(year)]:
            missing_years.setdefault(phrase, []).append(when)
        if all(year in term.figures for term in terms):
            parts = [term.figures[year] for term in terms]
            if has_mixed_rules(parts):
                missing_years.setdefault(f"{terms[-1].name} under the same residence rule for", []).append(year)
                continue
            try:
                figures[year] = _combine_figures(parts, combine(*(part.value for part in parts)), formula)
            except (ZeroDivisionError, InvalidOperation):
                missing_years.setdefault(f"{terms[-1].name} other than zero for", []).append(year)
    return CalculationResult(
        figures, tuple(f"no {phrase} {describe_years(years)}" for phrase, years in missing_years.items())
    )


def has_mixed_rules(parts: Sequence[SourcedFigure]) -> bool:
    """Check whether figures of one dataflow follow different residence rules; across dataflows, this is a caveat."""
    rules = {(trait.flow, trait.rule, trait.basis) for part in parts for trait in part.traits}
    return len(rules) > len({flow for flow, *_ in rules})


def average_population(population: YearlyTerm) -> YearlyTerm:
    """Average populations on 1 January, except across breaks."""
    pairs = {
        year: (start, population.figures[year + 1])
        for year, start in sorted(population.figures.items())
        if year + 1 in population.figures and population.figures[year + 1].status != BREAK_STATUS
    }
    figures = {
        year: _combine_figures(ends, compute_average_population(ends[0].value, ends[1].value), "(({} + {}) / 2)")
        for year, ends in pairs.items()
    }
    reason = population.reason
    if population.figures and not figures:
        reason = population.lack if population.unclear else f"no {population.name} at both ends of any year"
    return YearlyTerm(population.name, figures, reason=reason, ends=population)


def find_total(parts: Sequence[YearlyTerm], name: str) -> YearlyTerm:
    sums = combine_by_year(
        parts, lambda *values: sum(values, Decimal(0)), "({})".format(" + ".join("{}" for _ in parts))
    )
    return YearlyTerm(name, dict(sums.figures), reason="" if sums.figures else ", ".join(sums.missing))


def find_net_migration(published: YearlyTerm, inflow: YearlyTerm, outflow: YearlyTerm) -> YearlyTerm:
    """Return published net migration, or the difference between the flows, rounded like the less precise one."""
    difference = combine_by_year((inflow, outflow), sub, "({} − {})")
    net = {}
    for year, figure in difference.figures.items():
        step = max(inflow.figures[year].step, outflow.figures[year].step)
        net[year] = replace(figure, value=trim_zeros(round(figure.value / step) * step)) if step > 1 else figure
    return add_fallback_years(published, YearlyTerm(published.name, net))


def compute_net_crude_rate(inflow: Decimal, outflow: Decimal, population: Decimal) -> Decimal:
    return compute_crude_rate(inflow - outflow, population)


def _combine_figures(parts: Sequence[SourcedFigure], value: Decimal, formula: str) -> SourcedFigure:
    return SourcedFigure(
        value=value,
        formula=formula.format(*(part.formula for part in parts)),
        inputs=tuple(pair for part in parts for pair in part.inputs),
        status=find_most_serious(part.status for part in parts),
        places=tuple(dict.fromkeys(place for part in parts for place in part.places)),
        sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
        traits=tuple(dict.fromkeys(trait for part in parts for trait in part.traits)),
        kind=get_common_kind(part.kind for part in parts),
    )


def get_common_kind(kinds: Iterable[str]) -> str:
    distinct = set(kinds)
    return distinct.pop() if len(distinct) == 1 else ""


def find_most_serious(statuses: Iterable[str]) -> str:
    stated = sorted(set(statuses) - {""})
    return next((status for status in STATUSES_BY_WEIGHT if status in stated), stated[0] if stated else "")


def describe_years(years: Sequence[int]) -> str:
    """Write years as ranges.

    >>> describe_years([2019, 2021, 2022, 2023])
    '2019, 2021–2023'
    """
    return ", ".join(describe_spans(sorted(set(years)), dash="–"))


def group_digits(value: Decimal) -> str:
    """Group the digits of a number with no-break spaces.

    >>> group_digits(Decimal("3688600")).replace(NO_BREAK_SPACE, " ")
    '3 688 600'
    """
    return f"{value:,f}".replace(",", NO_BREAK_SPACE).replace("-", "−")


def trim_zeros(value: Decimal) -> Decimal:
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else value


def add_fallback_years(preferred: YearlyTerm, fallback: YearlyTerm) -> YearlyTerm:
    known_years = set(preferred.figures) | preferred.unclear | set(preferred.empty)
    figures = preferred.figures | {year: figure for year, figure in fallback.figures.items() if year not in known_years}
    unclear = preferred.unclear | (fallback.unclear - known_years)
    empty = {**{year: status for year, status in fallback.empty.items() if year not in known_years}, **preferred.empty}
    bounds = {year: limits for year, limits in fallback.bounds.items() if year not in known_years}
    return YearlyTerm(
        preferred.name,
        dict(sorted(figures.items())),
        unclear=unclear,
        empty=empty,
        bounds={**bounds, **preferred.bounds},
        reason=preferred.reason,
    )


UNKNOWN, ANOTHER_DAY = "_U", "OTH"
STATED_ATTRIBUTES = ("REF_DATE", "RES_RULE", "DUR_BASIS")
YEAR = r"^\d{4}$"
PLAIN_NUMBER = r"[+-]?\d{1,20}(\.\d{1,15})?"
METHOD, SOURCE_TYPE, STAGE = "STOCK_METHOD", "SRC_TYPE", "REV_STAGE"
MODEL_METHOD = "EXP"
SOURCE_KINDS = {"CEN": "census", **dict.fromkeys(("ACC", "ACC_ADJ", "EST"), "estimate"), MODEL_METHOD: MODEL_ESTIMATE}
PRELIMINARY, PROVISIONAL = "PREL", "P"
POPULATION_OF_TOPIC = {"C_BIRTH": "BIRTH_STATUS", "C_CITIZEN": "CTZ_STATUS"}
"""Components of countries, and the population that each implies."""


class Figures:
    """Figures of an area by year.

    `datasets` are the `reported` ones, divided by definition.

    Unnamed dimensions have code `_T`, and the frequency `A`; dimensions without a total must have one code.
    """

    def __init__(self, datasets: Sequence[Dataset], area: str, names: Mapping[str, Text] | None = None) -> None:
        self.reported = tuple(map(lift_shared_definitions, datasets))
        self.datasets = tuple(part for dataset in self.reported for part in split_by_definition(dataset))
        self.names = names or {}
        self.area = area
        self._yearly_by_term: dict[tuple[TermSelection, bool], YearlyTerm] = {}
        self._codes: dict[tuple[str, str, TermSelection | None], tuple[str, ...]] = {}

    @cached_property
    def with_amounts(self) -> tuple[tuple[Dataset, Amounts], ...]:
        return tuple((dataset, compute_amounts(dataset)) for dataset in self.datasets)

    def yearly(self, selection: TermSelection) -> YearlyTerm:
        return self._sum(selection, {})

    def on_1_january(self, selection: TermSelection) -> YearlyTerm:
        """Return populations on 1 January by year, for periods that mean their first or last day."""
        dates = {d.attributes.get("REF_DATE", "") for d in self.datasets if d.flow.id == selection.flow}
        strange = sorted(dates - set(YEARS_TO_1_JANUARY))
        if strange and len(strange) == len(dates):
            other = "the population does not refer to 1 January or 31 December"
            reason = other if strange[0] else "the reference date of the population is not given"
            return YearlyTerm(self._name(selection), {}, reason=reason)
        return self._sum(selection, YEARS_TO_1_JANUARY)

    def flow(self, flow_id: str) -> Flow | None:
        return next((dataset.flow for dataset in self.datasets if dataset.flow.id == flow_id), None)

    def name_flow(self, flow_id: str) -> str:
        title = str(self.names.get(flow_id, "")).split(" by ")[0]
        return f"{title[:1].lower()}{title[1:]}" or flow_id

    def find_day(self, flow_id: str) -> Text:
        flow = self.flow(flow_id)
        codelist = flow.codelist("REF_DATE") if flow else None
        dates = {dataset.attributes.get("REF_DATE", "") for dataset in self.datasets if dataset.flow.id == flow_id}
        dates = dates - {ANOTHER_DAY} or dates  # a census is apart from the yearly figures
        names = [item.name for item in codelist or () if {item.id} == dates]
        return names[0] if names else Text()

    def collect_codes(self, flow_id: str, dimension: str, beside: TermSelection | None = None) -> tuple[str, ...]:
        """Return the codes of a dimension in the data, except the total, in codelist order."""
        key = (flow_id, dimension, beside)
        if key not in self._codes:
            self._codes[key] = self._look_up_codes(flow_id, dimension, beside)
        return self._codes[key]

    def _look_up_codes(self, flow_id: str, dimension: str, beside: TermSelection | None) -> tuple[str, ...]:
        conditions = [match_codes(name, codes) for name, codes in (beside.codes if beside else ())]
        ordered_codes: dict[str, None] = {}
        for dataset, dataset_amounts in self.with_amounts:
            if dataset.flow.id == flow_id and dimension in dataset_amounts.frame.columns:
                in_area = pl.col(dimension).filter(pl.col("REF_AREA").cast(pl.String) == self.area, *conditions)
                codes = {*dataset_amounts.frame.select(in_area.unique()).to_series().cast(pl.String)} - {TOTAL, None}
                codelist = dataset.flow.codelist(dimension)
                ordered_codes |= dict.fromkeys(
                    code for code in (codelist.ids if codelist else sorted(codes)) if code in codes
                )
        return tuple(ordered_codes)

    def list_divided_years(self, selection: TermSelection, dimension: str) -> frozenset[int]:
        """Return the years with a breakdown by a dimension, alone or with others; other statuses are at their total."""
        fixed = {status: TOTAL for country, status in POPULATION_OF_TOPIC.items() if country != dimension}
        fixed |= {"REF_AREA": self.area, **dict(selection.codes)}
        fixed.pop(dimension, None)
        years: set[int] = set()
        for dataset, dataset_amounts in self.with_amounts:
            columns = dataset_amounts.frame.columns
            if dataset.flow.id != selection.flow or dimension not in dataset.flow.structure.key:
                continue
            conditions = (match_codes(name, codes) for name, codes in fixed.items() if name in columns)
            is_part = ~pl.col(dimension).cast(pl.String).is_in([TOTAL, UNKNOWN])
            time = pl.col(find_time_dimension(dataset.flow)).cast(pl.String)
            divided = dataset_amounts.frame.filter(
                is_part, pl.col("amount").is_not_null(), time.str.contains(YEAR), *conditions
            )
            years.update(
                int(year) for year in divided.get_column(find_time_dimension(dataset.flow)).cast(pl.String).unique()
            )
        return frozenset(years)

    def _sum(self, selection: TermSelection, shifts: Mapping[str, int]) -> YearlyTerm:
        alternatives = [
            [(dimension, code) for code in codes.split(CODE_JOINER)] for dimension, codes in selection.codes
        ]
        parts = [TermSelection(selection.flow, codes) for codes in product(*alternatives)]
        yearly_parts = [self._find(part, shifts) for part in parts]
        return yearly_parts[0] if len(yearly_parts) == 1 else find_total(yearly_parts, self._name(selection))

    def _find(self, selection: TermSelection, shifts: Mapping[str, int]) -> YearlyTerm:
        key = (selection, bool(shifts))
        if key not in self._yearly_by_term:
            self._yearly_by_term[key] = self._look_up(selection, shifts)
        return self._yearly_by_term[key]

    def _look_up(self, selection: TermSelection, shifts: Mapping[str, int]) -> YearlyTerm:
        """Return the figures of a selection by year; `shifts` adjusts years for the reference date."""
        name = self._name(selection)
        figures: dict[int, SourcedFigure] = {}
        unclear: set[int] = set()
        empty: dict[int, str] = {}
        bounds: dict[int, Bounds] = {}
        garbled: set[int] = set()
        for dataset, dataset_amounts in self.with_amounts:
            day = dataset.attributes.get("REF_DATE", "")
            if dataset.flow.id != selection.flow or (shifts and day not in shifts):
                continue
            rows, reason = _select_rows(dataset.flow, dataset_amounts, selection, self.area)
            if reason:
                return YearlyTerm(name, {}, reason=reason)
            places = map_source_cells(dataset, [row["row"] for row in rows])
            for row in rows:
                year = int(row[find_time_dimension(dataset.flow)]) + shifts.get(day, 0)
                if row["amount"] is None:
                    empty[year] = row.get("OBS_STATUS") or ""
                    if limits := find_bounds(row):
                        bounds[year] = limits
                    if row[dataset.flow.structure.measure.id]:
                        garbled.add(year)
                    continue
                figure = _build_figure(dataset, dataset_amounts, selection, row, places)
                if figures.setdefault(year, figure).value != figure.value:
                    unclear.add(year)
        clear = {year: figure for year, figure in sorted(figures.items()) if year not in unclear}
        silent = {year: status for year, status in sorted(empty.items()) if year not in figures}
        reason = "" if figures or empty else self._explain_missing(selection)
        several, no_numbers = frozenset(unclear), frozenset(garbled - figures.keys())
        unvalued = {year: limits for year, limits in sorted(bounds.items()) if year not in figures}
        return YearlyTerm(
            name, clear, unclear=several, empty=silent, garbled=no_numbers, bounds=unvalued, reason=reason
        )

    def _explain_missing(self, selection: TermSelection) -> str:
        """Explain why a selection has no annual figure; return an empty text if all are missing."""
        if self.flow(selection.flow) is None:
            return f"no data for {self.name_flow(selection.flow)}"
        for dataset, dataset_amounts in self.with_amounts:
            if dataset.flow.id == selection.flow:
                period = find_shorter_period(dataset.flow, dataset_amounts, selection, self.area)
                if period:
                    return f"no {self._name(selection)} by year, only for periods such as {period}"
        return ""

    def _name(self, selection: TermSelection) -> str:
        flow = self.flow(selection.flow)
        if flow is None:
            return self.name_flow(selection.flow)
        title = str(flow.dataflow.name).split(" by ")[0] or flow.id
        code_names = [
            f"{_find_concept_name(flow, name)}: {_find_code_name(flow, name, code)}"
            for name, code in selection.codes
            if code != TOTAL
        ]
        return f"{title[:1].lower()}{title[1:]}" + (f" ({', '.join(code_names)})" if code_names else "")


def match_codes(dimension: str, codes: str) -> pl.Expr:
    return pl.col(dimension).cast(pl.String).is_in(codes.split(CODE_JOINER))


def _find_concept_name(flow: Flow, dimension: str) -> str:
    return str(flow.concepts[dimension]).lower() if dimension in flow.concepts else dimension


def _find_code_name(flow: Flow, dimension: str, code: str) -> str:
    codelist = flow.codelist(dimension)
    names = [
        str(codelist[part].name).lower() if codelist and part in codelist else part for part in code.split(CODE_JOINER)
    ]
    return " and ".join(names)


def find_time_dimension(flow: Flow) -> str:
    return flow.structure.time_id or "TIME_PERIOD"


def _select_rows(
    flow: Flow, dataset_amounts: Amounts, selection: TermSelection, area: str
) -> tuple[list[dict[str, Any]], str]:
    """Return annual observations of a selection, or a reason if a dimension without a total has several codes."""
    fixed, free = dict(selection.codes), []
    defaults = {"FREQ": "A", "REF_AREA": area}
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if dimension in defaults or (codelist is not None and TOTAL in codelist):
            fixed.setdefault(dimension, defaults.get(dimension, TOTAL))
        elif dimension not in fixed:
            free.append(dimension)
    yearly = pl.col(find_time_dimension(flow)).cast(pl.String).str.contains(YEAR)
    conditions = (pl.col(dimension).cast(pl.String) == code for dimension, code in fixed.items())
    frame = dataset_amounts.frame.filter(yearly, *conditions).sort("row")
    for dimension in free:
        codes = frame.get_column(dimension).cast(pl.String).unique().drop_nulls().sort().to_list()
        if TOTAL in codes:  # a dimension without list, such as regions, whose total the data define
            frame, codes = frame.filter(pl.col(dimension).cast(pl.String) == TOTAL), [TOTAL]
        if len(codes) > 1:
            return [], f"{flow.id} holds several codes of {dimension} ({', '.join(codes)}), of which none is named"
    return frame.to_dicts(), ""


def find_shorter_period(flow: Flow, dataset_amounts: Amounts, selection: TermSelection, area: str) -> str:
    """Return a period shorter than a year for which a selection has a figure; empty if none."""
    fixed = {"REF_AREA": area, **dict(selection.codes)}
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if codelist is not None and TOTAL in codelist:
            fixed.setdefault(dimension, TOTAL)
    time = pl.col(find_time_dimension(flow)).cast(pl.String)
    conditions = (pl.col(dimension).cast(pl.String) == code for dimension, code in fixed.items() if dimension != "FREQ")
    found = dataset_amounts.frame.filter(~time.str.contains(YEAR), pl.col("amount").is_not_null(), *conditions)
    return str(found.select(time.min()).item() or "")


def _build_figure(
    dataset: Dataset,
    dataset_amounts: Amounts,
    selection: TermSelection,
    row: Mapping[str, Any],
    places: Mapping[int, tuple[Place, ...]],
) -> SourcedFigure:
    value = trim_zeros(dataset_amounts.exact(row["amount"]))
    codes = (f"{dimension}={code}" for dimension, code in selection.codes)
    key = " ".join([selection.flow, *codes, row[find_time_dimension(dataset.flow)]])
    source = row.get("SOURCE_DETAIL") or ""
    return SourcedFigure(
        value=value,
        formula=group_digits(value),
        inputs=((key, group_digits(value)),),
        status=row.get("OBS_STATUS") or "",
        places=places.get(row["row"], ()),
        sources=(source,) if source else (),
        traits=(read_trait(dataset, row),),
        kind=find_figure_kind(dataset, row),
        bounds=find_bounds(row),
        comment=row.get("COMMENT_OBS") or "",
        step=dataset_amounts.exact(row["printed_step"]),
    )


def find_figure_kind(dataset: Dataset, row: Mapping[str, Any]) -> str:
    method = dataset.attributes.get(METHOD, "") if "REF_DATE" in dataset.flow.structure else ""
    source = row.get(SOURCE_TYPE) or dataset.attributes.get(SOURCE_TYPE, "")
    return SOURCE_KINDS.get(source if source == MODEL_METHOD else method) or SOURCE_KINDS.get(source, "")


def find_bounds(row: Mapping[str, Any]) -> Bounds | None:
    lower, upper = (
        Decimal(text).scaleb(row["power"]) if re.fullmatch(PLAIN_NUMBER, text := row.get(name) or "") else None
        for name in (LOWER, UPPER)
    )
    if lower is None and upper is None:
        return None
    status = PROVISIONAL if row.get(STAGE) == PRELIMINARY else ""
    return Bounds(lower and trim_zeros(lower), upper and trim_zeros(upper), status, row.get("SOURCE_DETAIL") or "")


def read_trait(dataset: Dataset, row: Mapping[str, Any]) -> FigureTrait:
    stated = {name: row.get(name) or dataset.attributes.get(name, "") for name in STATED_ATTRIBUTES}
    return FigureTrait(
        flow=dataset.flow.id,
        day=stated["REF_DATE"],
        rule=stated["RES_RULE"] if dataset.flow.codelist("RES_RULE") else None,
        basis=stated["DUR_BASIS"],
        criterion=str(row.get("ID_CRITERION") or ""),
    )


def map_source_cells(dataset: Dataset, observations: Sequence[int]) -> dict[int, tuple[Place, ...]]:
    cells: dict[int, tuple[Place, ...]] = {}
    if not observations or dataset.origins.is_empty():
        return cells
    wanted = pl.col("observation").is_in(observations) & (pl.col("component") == "OBS_VALUE")
    for origin in dataset.origins.filter(wanted).iter_rows(named=True):
        place = Place(origin["file"], origin["sheet"] or "", cell=format_cell(origin["row"], origin["column"]))
        cells[origin["observation"]] = (*cells.get(origin["observation"], ()), place)
    return cells


PER_THOUSAND = Decimal(1000)
PER_CENT = Decimal(100)
PER_100_000 = Decimal(100_000)


def compute_average_population(start: Decimal, end: Decimal) -> Decimal:
    """Compute the average of start and end populations, in persons.

    Source: United Nations, Principles and Recommendations for a Vital Statistics System, rev. 3 (person-years
    approximated by the mean of two populations).

    >>> compute_average_population(Decimal(10_000_000), Decimal(10_044_500))
    Decimal('10022250')
    """
    return (start + end) / 2


def compute_crude_rate(events: Decimal, average: Decimal) -> Decimal:
    return PER_THOUSAND * events / average


def compute_per_100000(events: Decimal, population: Decimal) -> Decimal:
    return PER_100_000 * events / population


def compute_share(part: Decimal, whole: Decimal) -> Decimal:
    return PER_CENT * part / whole
