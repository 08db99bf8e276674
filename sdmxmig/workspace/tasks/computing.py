"""Computation of indicator values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.showing.names import find
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.statistics.calculations.indicator_values import compute
from sdmxmig.statistics.calculations.policy_domains import (
    ANSWERS,
    LEVELS,
    QUESTIONS,
    compute_policy_domains,
    index_answers,
)
from sdmxmig.statistics.model.evidence import render_statement
from sdmxmig.statistics.model.indicator_results import IndicatorValue
from sdmxmig.workspace.tasks.messages import read_message_datasets

POLICY_INDICATOR = "10.7.2"
"""The indicator of the Sustainable Development Goals on migration policies, which is computed from answers."""
PRECISION = Decimal("0.001")
NOT_STATED = "not stated"
NO_SENTENCES: Mapping[str, Text] = MappingProxyType({})

Rows = list[dict[str, str]]


def read_data(path: Path, flows: Mapping[str, Flow]) -> Sequence[Dataset]:
    return read_message_datasets(*read_message(path), flows)


def find_indicator(name: str, catalogue: Catalogue) -> Indicator:
    things = [named_thing.thing for named_thing in find(catalogue, name)]
    indicators = [indicator for indicator in things if isinstance(indicator, Indicator)]
    if len(indicators) != 1:
        raise SdmxmigError(f"“{name}” is not an indicator.", hint="List what there is: sdmxmig show")
    return indicators[0]


def build_indicator_rows(
    indicator: Indicator, datasets: Sequence[Dataset], area: str, sentences: Mapping[str, Text] = NO_SENTENCES
) -> tuple[Rows, Rows]:
    """Return values of an indicator and reasons for missing ones; `sentences` are caveats."""
    computation = compute(indicator, datasets, area)
    missing = [{"variant": variant, "reason": reason} for variant, reason in computation.missing]
    missing += [
        {"variant": f"{variant} (per 1,000 of the group itself)", "reason": reason}
        for variant, reason in computation.no_group_rates
    ]
    missing += [{"topic": topic, "reason": reason} for topic, reason in computation.undivided]
    if not indicator.calculation:
        missing.append({"indicator": indicator.id, "reason": "it is assessed by the country profile only"})
    values = (*computation.values, *computation.group_rates, *computation.parts, *computation.further)
    return [build_value_row(indicator_value, sentences) for indicator_value in values], missing


def build_value_row(indicator_value: IndicatorValue, sentences: Mapping[str, Text]) -> dict[str, str]:
    value = (
        indicator_value.value
        if indicator_value.value == indicator_value.value.to_integral_value()
        else indicator_value.value.quantize(PRECISION)
    )
    return {
        "variant": indicator_value.variant,
        "part": " ".join(f"{dimension}={code}" for dimension, code in indicator_value.codes) or "_T",
        "period": indicator_value.period,
        "value": f"{value:f}",
        "unit": indicator_value.unit,
        "denominator": indicator_value.denominator,
        "status": indicator_value.status or "A",
        "formula": indicator_value.formula,
        "residence_rule": ", ".join(indicator_value.rules) or NOT_STATED,
        "reference_date": ", ".join(indicator_value.days) or NOT_STATED,
        "source": "; ".join(indicator_value.sources) or NOT_STATED,
        "caveats": "; ".join(render_statement(caveat, sentences) for caveat in indicator_value.caveats),
    }


def build_policy_rows(datasets: Sequence[Dataset], catalogue: Catalogue, area: str) -> tuple[Rows, Rows]:
    questions, answer_list, levels = (catalogue.item_scheme(name) for name in (QUESTIONS, ANSWERS, LEVELS))
    values: Rows = []
    missing: Rows = []
    for (country, period), answers in index_answers(datasets).items():
        if area not in ("", country):
            continue
        for domain_value in compute_policy_domains(answers, questions, answer_list, levels):
            row = {"domain": domain_value.domain, "area": country, "period": period}
            if domain_value.value is None:
                missing.append({**row, "reason": f"no answer to {', '.join(domain_value.missing)}"})
            else:
                level_name = levels[domain_value.level].name.in_language("en")
                values.append(
                    {
                        **row,
                        "value": f"{domain_value.value.quantize(PRECISION):f}",
                        "level": domain_value.level,
                        "name": level_name,
                    }
                )
    if not (values or missing):
        missing.append({"indicator": POLICY_INDICATOR, "reason": "there are no answers on migration policies"})
    return values, missing


def compute_rows(name: str, catalogue: Catalogue, datasets: Sequence[Dataset], area: str) -> tuple[Rows, Rows]:
    if name == POLICY_INDICATOR:
        return build_policy_rows(datasets, catalogue, area)
    return build_indicator_rows(find_indicator(name, catalogue), datasets, area, catalogue.study.sentences)
