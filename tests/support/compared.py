"""Small countries and data for the tests of regional studies, made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from assessed import georgia
from shipped import CATALOGUE

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset, Flow
from sdmxmig.statistics.comparison import compare
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import FlowRule
from sdmxmig.statistics.model.region import Country, RegionalStudy, StudyRequest

RULES = {
    "R6": "Most of the last 12 months",
    "R12": "At least 12 months",
    "OTH": "Other rule",
    "_U": "Unknown",
    "ACT": "Actual stay",
    "INT": "Intended stay",
}
FLOWS = {"DF_POP": "Resident population", "DF_IMM": "Immigration", "DF_EMI": "Emigration"}
NAMES = {"GE": "Georgia", "MD": "Moldova", "SE": "Sweden", "AM": "Armenia"}


def rule(flow: str, code: str, basis: str = "ACT") -> FlowRule:
    """The rule of one dataflow."""
    return FlowRule(
        flow,
        Text.of(en=FLOWS[flow]),
        rules=((code, Text.of(en=RULES[code])),),
        bases=((basis, Text.of(en=RULES[basis])),),
    )


def assessment(area: str, code: str = "R6", basis: str = "ACT", **more: Any) -> Assessment:
    """The small assessment of Georgia under another name, with one rule for all its data."""
    rules = tuple(rule(flow, code, basis) for flow in FLOWS)
    return replace(
        georgia(), **{"area": area, "country": Text.of(en=NAMES.get(area, area)), "flow_rules": rules, **more}
    )


def silent(area: str) -> Assessment:
    """A country without answers and figures."""
    known = georgia()
    return replace(
        known,
        area=area,
        country=Text.of(en=NAMES[area]),
        scores=tuple(replace(score, answer="", practice=Text(), sources=(), points=None) for score in known.scores),
        indicators=tuple(
            replace(result, declared="", values=(), missing=(), practice=Text(), sources=())
            for result in known.indicators
        ),
        accounts=(),
        series=(),
        gaps=(),
    )


def study(*assessments: Assessment, datasets: Mapping[str, Sequence[Dataset]] | None = None) -> RegionalStudy:
    """A study of some countries."""
    datasets_by_area = datasets or {}
    countries = [
        Country(assessment, f"{assessment.area}.json", sha256="0" * 64, has_data=assessment.area in datasets_by_area)
        for assessment in assessments
    ]
    return compare(countries, StudyRequest(Text.of(en="Test")), CATALOGUE, datasets=datasets_by_area)


def moved(flow_id: str, area: str, rows: Sequence[tuple[str, str, str]], **codes: str) -> Dataset:
    """Flows of a country by partner: partner, year, persons; `codes` are those that are not the total."""
    flow = CATALOGUE.flow(flow_id)
    fixed = {"FREQ": "A", "REF_AREA": area, "DIRECTION": "I" if flow_id == "DF_IMM" else "E", **codes}
    return observed(flow, fixed, [("C_RESIDENCE", *row) for row in rows])


def observed(
    flow: Flow, fixed: Mapping[str, str], rows: Sequence[tuple[str, str, str, str]], **attributes: str
) -> Dataset:
    """Observations by one dimension: its id, the code, the year and the number. Other dimensions have their total."""
    listed = [
        {
            **{dimension: fixed.get(dimension, "_T") for dimension in flow.structure.series_key},
            dimension: code,
            "TIME_PERIOD": year,
            "OBS_VALUE": value,
            "UNIT_MULT": "0",
        }
        for dimension, code, year, value in rows
    ]
    origins = pl.DataFrame(schema=dict.fromkeys(ORIGIN_COLUMNS, pl.String))
    return Dataset(flow, pl.DataFrame(listed), series=pl.DataFrame(), attributes=attributes, origins=origins)
