"""Breakdowns by sex, age, birth, citizenship and country."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.breakdowns import LOWER, UPPER, Breakdown
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.indicators import TOTAL, TermSelection
from sdmxmig.statistics.calculations.figures import SOURCE_TYPE, STAGE, Figures, bounds_of, kind_of
from sdmxmig.statistics.calculations.terms import only_kind, shortest
from sdmxmig.statistics.demography.amounts import Amounts

T = TypeVar("T")

FLOWS = ("DF_POP", "DF_POP_TOPIC", "DF_IMM", "DF_EMI")
YEARLY = {"FREQ": "A"}
FIXED = {"DF_POP_TOPIC": {"POP_BASE": "RES"}}
COUNTED, CENSUS = "DF_POP_TOPIC", TermSelection("DF_POP", (("FREQ", "A10"),))
STATUS = ("BIRTH_STATUS", "CTZ_STATUS")
POPULATIONS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("BIRTH_STATUS", "FB"),),
    (("CTZ_STATUS", "FC"),),
    (("BIRTH_STATUS", "NB"),),
    (("CTZ_STATUS", "NC"),),
    *((("BIRTH_STATUS", birth), ("CTZ_STATUS", citizenship)) for birth in ("NB", "FB") for citizenship in ("NC", "FC")),
)
COUNTRIES = {"C_BIRTH": "BIRTH_STATUS", "C_CITIZEN": "CTZ_STATUS", "C_RESIDENCE": ""}
SAID = (SOURCE_TYPE, "SOURCE_DETAIL", "OBS_STATUS", STAGE)
RECENT = 2
"""So many periods are kept where a breakdown may have hundreds of codes."""


@dataclass(frozen=True, slots=True)
class Division:
    """A breakdown to find.

    `beside` is a status next to a country; `apart`: one dimension suffices.
    """

    by: tuple[str, ...]
    of: tuple[tuple[str, str], ...] = ()
    _: KW_ONLY
    beside: str = ""
    periods: int = RECENT
    apart: bool = False


DIVISIONS = (
    Division(STATUS, periods=1000, apart=True),
    *(Division(("SEX",), population) for population in POPULATIONS),
    *(Division(("AGE",), population) for population in POPULATIONS),
    *(Division(("SEX", "AGE"), population) for population in POPULATIONS),
    *(Division((country,), beside=status) for country, status in COUNTRIES.items()),
)


def breakdowns(figures: Figures) -> tuple[Breakdown, ...]:
    """Return all breakdowns by flow and period, in persons, without summing or rounding.

    Codes with conflicting values are left out.
    """
    return tuple(
        breakdown
        for flow in FLOWS
        for division in DIVISIONS
        for breakdown in of_division(division, flow, figures)
        if breakdown.figures or breakdown.bounds
    )


def of_division(division: Division, flow_id: str, figures: Figures) -> Iterator[Breakdown]:
    """The latest periods of one division of one flow, in their order."""
    flow = figures.flow(flow_id)
    if flow is None or not set(division.by) <= set(flow.structure.series_key):
        return
    rows_by_period: dict[str, list[dict[str, Any]]] = {}
    for dataset, dataset_amounts in figures.with_amounts:
        if dataset.flow.id == flow_id:
            for row in rows(division, dataset, dataset_amounts, figures.area):
                rows_by_period.setdefault(row["period"], []).append(row)
    most_totals = len(division.by) - 1 if division.apart else 0
    divided_periods = [
        period
        for period in sorted(rows_by_period)
        if any(row["codes"].count(TOTAL) <= most_totals for row in rows_by_period[period])
    ]
    for period in divided_periods[-division.periods :]:
        valued = [row for row in rows_by_period[period] if row["value"] is not None]
        clear = unambiguous((row["codes"], row["value"]) for row in valued)
        bounds = unambiguous((row["codes"], row["bounds"]) for row in rows_by_period[period] if row["bounds"])
        total = clear.pop((TOTAL,) * len(division.by), None)
        if total is None and flow_id == COUNTED and not division.of:
            total = census_total(period, figures)
        ordered_figures = tuple((codes, clear[codes]) for codes in in_order(clear, division.by, flow))
        yield Breakdown(
            flow=flow_id,
            period=period,
            by=division.by,
            figures=ordered_figures,
            of=division.of,
            whole=total,
            source="; ".join(dict.fromkeys(row["source"] for row in rows_by_period[period] if row["source"])),
            names=named(ordered_figures, division.by, flow),
            source_type=kind_named({row["type"] for row in rows_by_period[period]}, flow),
            statuses=tuple(sorted({row["status"] for row in valued} - {""})),
            kind=only_kind(row["kind"] for row in rows_by_period[period]),
            bounds=tuple((codes, limits) for codes, limits in sorted(bounds.items()) if codes not in clear),
        )


def unambiguous(pairs: Iterable[tuple[tuple[str, ...], T]]) -> dict[tuple[str, ...], T]:
    said: dict[tuple[str, ...], set[T]] = {}
    for codes, word in pairs:
        said.setdefault(codes, set()).add(word)
    return {codes: words.pop() for codes, words in said.items() if len(words) == 1}


def census_total(period: str, figures: Figures) -> Decimal | None:
    figure = figures.yearly(CENSUS).figures.get(int(period))
    return figure.value if figure else None


def kind_named(kinds: Collection[str], flow: Flow) -> Text:
    codelist, only = flow.codelist(SOURCE_TYPE), kinds if len(kinds) == 1 else ()
    return next((codelist[code].name for code in only if codelist is not None and code in codelist), Text())


def rows(division: Division, dataset: Dataset, dataset_amounts: Amounts, area: str) -> list[dict[str, Any]]:
    """The yearly observations of a division: period, codes, value or bounds, source and its type, status and kind."""
    flow, population = dataset.flow, dict(division.of)
    time = flow.structure.time.id if flow.structure.time else "TIME_PERIOD"
    bounded = [pl.col(name).is_not_null() for name in (LOWER, UPPER) if division.apart and name in flow.structure]
    is_known = pl.any_horizontal(pl.col("amount").is_not_null(), *bounded)
    wanted = [pl.col(time).str.contains(r"^\d{4}$"), is_known]
    for dimension in flow.structure.series_key:
        fixed = {**FIXED.get(flow.id, YEARLY), "REF_AREA": area, **population}.get(dimension)
        codelist = flow.codelist(dimension)
        if fixed is None and dimension not in (*division.by, division.beside):
            fixed = TOTAL if codelist is not None and TOTAL in codelist else None
        if fixed is not None:
            wanted.append(pl.col(dimension) == fixed)
    frame = dataset_amounts.frame.filter(wanted)
    if division.beside and division.beside in frame.columns:
        frame = nearest(frame, division, time)
    said = [name for name in (*SAID, LOWER, UPPER) if name in frame.columns]
    return [
        {
            "period": row[time],
            "codes": tuple(row[name] for name in division.by),
            "value": None if row["amount"] is None else shortest(dataset_amounts.exact(row["amount"])),
            "bounds": bounds_of(row) if row["amount"] is None else None,
            "source": row.get("SOURCE_DETAIL") or "",
            "type": row.get(SOURCE_TYPE) or "",
            "status": row.get("OBS_STATUS") or "",
            "kind": kind_of(dataset, row),
        }
        for row in frame.sort("row").select(time, *division.by, "amount", "power", *said).to_dicts()
    ]


def nearest(frame: pl.DataFrame, division: Division, time: str) -> pl.DataFrame:
    is_part = (pl.col(division.beside) != TOTAL).fill_null(value=False)
    return frame.filter(is_part == is_part.min().over(time, *division.by))


def in_order(codes: Iterable[tuple[str, ...]], dimensions: Sequence[str], flow: Flow) -> list[tuple[str, ...]]:
    """Codes in the order of their lists."""
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


def named(
    figures: Iterable[tuple[tuple[str, ...], Decimal]], dimensions: Sequence[str], flow: Flow
) -> Mapping[str, Text]:
    names = {}
    for number, dimension in enumerate(dimensions):
        codelist = flow.codelist(dimension)
        for code in sorted({codes[number] for codes, _ in figures}):
            if codelist is not None and code in codelist:
                names[f"{dimension}.{code}"] = codelist[code].name
    return names
