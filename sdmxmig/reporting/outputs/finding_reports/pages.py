"""Findings as HTML page and plain text."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.primitives.text import visible, visible_lines
from sdmxmig.quality.rules.words import reason_in
from sdmxmig.reporting.outputs import findings_html, findings_text
from sdmxmig.reporting.outputs.finding_reports import REPORTS, FindingReport, Validation


def write_page(validation: Validation) -> Iterator[bytes]:
    yield findings_html.render(
        validation.findings,
        title=validation.title,
        created=validation.created,
        language=validation.language,
        rules=validation.rules,
        notice=validation.notice,
        flows=validation.flows,
        excerpt=validation.excerpt,
        can_be_justified=validation.can_be_justified,
    )


def write_text(validation: Validation) -> Iterator[bytes]:
    """Write the findings as the terminal shows them, then the checks not run, with reasons."""
    text = findings_text.render(
        validation.findings,
        language=validation.language,
        flows=validation.flows,
        can_be_justified=validation.can_be_justified,
        notice=validation.notice if validation.mark else "",
    )
    reasons = [
        visible(f"{verdict.rule} on {verdict.flow}: {reason_in(verdict, validation.language)}")
        for verdict in validation.findings.verdicts
        if verdict.outcome == "not testable"
    ]
    yield visible_lines("\n".join([text, *(["Checks not run:", *reasons, ""] if reasons else [])])).encode()


REPORTS.add("html")(FindingReport("html", "page", endings=(".html", ".htm"), write=write_page))
REPORTS.add("text")(FindingReport("text", "plain text", endings=(".txt",), write=write_text))
