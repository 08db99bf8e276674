"""Findings as SDMX data (DF_FINDING), with components as in VTL checks.

Key ``*`` is the result for a dataflow. Equal findings share a row with a count. Untested rules have no BOOL_VAR.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import partial

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import escape_invisible
from sdmxmig.quality.rules.words import write_reason
from sdmxmig.reporting.outputs.finding_reports import REPORTS, FindingReport, Validation, find_reason, write_key_text
from sdmxmig.sdmx.formats import DEFAULT_LAYOUT, FORMATS
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Finding, Verdict

FINDINGS_FLOW = "DF_FINDING"
ALL_CODES = "*"
NOT_APPLICABLE = "_Z"
VALUE_BY_OUTCOME = {"pass": "true", "fail": "false"}
DAY_LENGTH = len("2026-01-31")

Row = dict[str, str | None]


def build_dataset(validation: Validation) -> Dataset:
    flow = validation.flows.get(FINDINGS_FLOW)
    if flow is None:
        raise SdmxmigError(f"The dataflow {FINDINGS_FLOW} is missing.", hint="Declare it, or use a folder that has it.")
    rows = [{name: text for name, text in row.items() if text is not None} for row in build_rows(validation)]
    structure = flow.structure
    columns = [component.id for component in structure.components if component.attachment in ("", "observation")]
    series = [{name: row[name] for name in structure.series_key} for row in rows]
    return Dataset(
        flow,
        build_text_frame(columns, rows),
        series=build_text_frame(list(structure.series_key), series).unique(maintain_order=True),
        attributes={},
        origins=build_origins(),
    )


def build_rows(validation: Validation) -> Iterator[Row]:
    day = validation.created[:DAY_LENGTH]
    for verdict in validation.findings.verdicts:
        rule = validation.rules.get(verdict.rule)
        code = f"{verdict.rule}({rule.version})" if rule else verdict.rule or NOT_APPLICABLE
        yield {**build_verdict_row(verdict, validation.language), "TIME_PERIOD": day, "ERRORCODE": code} | (
            {"ERRORLEVEL": rule.severity} if rule else {"ERRORLEVEL": "information"}
        )
    rows: dict[tuple[str, str, str, str], Row] = {}
    counts: dict[tuple[str, str, str, str], int] = {}
    for finding in validation.findings.items:
        key = (
            finding.flow,
            finding.rule,
            finding.component or NOT_APPLICABLE,
            clean_text(write_key_text(finding)) or NOT_APPLICABLE,
        )
        counts[key] = counts.get(key, 0) + 1
        if key not in rows:
            rows[key] = {**build_finding_row(finding, validation.language), "TIME_PERIOD": day}
    for key, row in rows.items():
        named = dict(zip(("FLOW_ID", "RULE_ID", "COMPONENT_ID", "FINDING_KEY"), key, strict=True))
        yield {**row, **named, "N_FINDINGS": str(counts[key])}


def build_verdict_row(verdict: Verdict, language: str) -> Row:
    return {
        "FLOW_ID": verdict.flow,
        "RULE_ID": verdict.rule or NOT_APPLICABLE,
        "COMPONENT_ID": NOT_APPLICABLE,
        "FINDING_KEY": ALL_CODES,
        "BOOL_VAR": VALUE_BY_OUTCOME.get(verdict.outcome),
        "OUTCOME": verdict.outcome,
        "MESSAGE": clean_text(write_reason(verdict, language)) or None,
        "N_FINDINGS": str(verdict.findings),
    }


def build_finding_row(finding: Finding, language: str) -> Row:
    return {
        "BOOL_VAR": "false",
        "IMBALANCE": describe_imbalance(finding),
        "ERRORCODE": f"{finding.rule}({finding.version})",
        "ERRORLEVEL": finding.severity,
        "MESSAGE": clean_text(finding.sentence(language)) or None,
        "OBSERVED": clean_text(finding.observed) or None,
        "EXPECTED": clean_text(finding.expected) or None,
        "ORIGIN": clean_text(str(finding.place or "")) or None,
        "FINDING_ID": finding.fingerprint,
        "STATE": clean_text(finding.state) or None,
        "JUSTIFICATION": clean_text(find_reason(finding)) or None,
    }


def describe_imbalance(finding: Finding) -> str | None:
    stated = parse_decimal(finding.difference)
    if stated is not None:
        return f"{stated:f}"
    observed, expected = parse_decimal(finding.observed), parse_decimal(finding.expected)
    return None if observed is None or expected is None else f"{observed - expected:f}"


def parse_decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def clean_text(text: str) -> str:
    return escape_invisible(text).strip()


def write(format_id: str, validation: Validation) -> Iterator[bytes]:
    stream = io.BytesIO()
    write_data = FORMATS[format_id].write_data
    assert write_data is not None  # noqa: S101 - for the type checker; these formats can
    write_data([build_dataset(validation)], validation.header, stream, DEFAULT_LAYOUT)
    yield stream.getvalue()


REPORTS.add("sdmx-csv")(
    FindingReport("sdmx-csv", "SDMX-CSV 2.0", endings=(".sdmx.csv",), write=partial(write, "sdmx-csv-2.0"))
)
REPORTS.add("sdmx-ml")(
    FindingReport("sdmx-ml", "SDMX-ML 3.0", endings=(".sdmx.xml",), write=partial(write, "sdmx-ml-3.0"))
)
REPORTS.add("sdmx-json")(
    FindingReport("sdmx-json", "SDMX-JSON 2.0", endings=(".sdmx.json",), write=partial(write, "sdmx-json-2.0"))
)
