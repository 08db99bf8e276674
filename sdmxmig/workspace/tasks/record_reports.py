"""Reports of what is doubtful in records: the same pages, lists and documents as those of a validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives import text
from sdmxmig.reporting.outputs.finding_reports import REPORTS, Validation
from sdmxmig.sdmx.model.findings import JudgedInputs
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.clock import moment
from sdmxmig.workspace.tasks.derive_request import DeriveRequest
from sdmxmig.workspace.tasks.record_statements import digest

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.workspace.tasks.deriving import Derived

NAME, KINDS = "findings", {"html": ".html", "csv": ".csv", "jsonl": ".jsonl"}
"""How the files of findings are called, and the reports that are written, with how their files end."""


def reported(
    request: DeriveRequest, derived: Derived, catalogue: Catalogue, *, language: str = "en", now: str = ""
) -> Validation:
    """What is doubtful in records, with all that a report tells of it: the rules, and which files were read."""
    return Validation(
        findings=derived.findings,
        header=Header(
            "FINDINGS",
            moment(now).isoformat(timespec="seconds"),
            sender=Party(request.area),
            test=derived.is_simulated,
        ),
        title=", ".join(path.name for path in request.files.values()),
        language=language,
        notice=text.notice(is_draft=False, is_fictional=derived.is_simulated),
        rules=catalogue.rules,
        flows=catalogue.flows,
        judged=JudgedInputs(
            datasets={table: {path.name: digest(path)} for table, path in request.files.items()}, declarations=""
        ),
        can_be_justified=False,
        is_simulated=derived.is_simulated,
    )


def finding_files(validation: Validation) -> dict[str, bytes]:
    """The findings as a page, as a list and as the store that programs read, by the names of files; none of none."""
    if not validation.findings.items:
        return {}
    return {f"{NAME}{ending}": b"".join(REPORTS[kind].write(validation)) for kind, ending in KINDS.items()}
