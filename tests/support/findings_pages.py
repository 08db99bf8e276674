"""The page of findings as text."""

from __future__ import annotations

from typing import Any

from sdmxmig.reporting.outputs.finding_reports import Validation
from sdmxmig.reporting.outputs.finding_reports.pages import write_page
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.submission import Header, Party

CREATED = "2026-01-31T12:00:00+00:00"


def page_of(findings: Findings, **options: Any) -> str:
    header = Header("FINDINGS", CREATED, sender=Party("GE"))
    return b"".join(write_page(Validation(findings=findings, header=header, title="Georgia", **options))).decode()
