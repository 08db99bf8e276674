"""Findings for programs: store or JSON."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.reporting.outputs import findings_json, findings_lines
from sdmxmig.reporting.outputs.finding_reports import REPORTS, FindingReport, Validation


def write_json(validation: Validation) -> Iterator[bytes]:
    yield findings_json.render(validation.findings, validation.rules, validation.judged, mark=validation.mark)


def write_lines(validation: Validation) -> Iterator[bytes]:
    yield findings_lines.render(validation.findings, validation.rules, validation.judged, mark=validation.mark)


REPORTS.add("json")(FindingReport("json", "findings of sdmxmig", endings=(".json",), write=write_json))
REPORTS.add("jsonl")(FindingReport("jsonl", "store of findings", endings=(".jsonl",), write=write_lines))
