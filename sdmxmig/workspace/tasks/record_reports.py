"""Reports about records."""

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


def reported(
    request: DeriveRequest, derived: Derived, catalogue: Catalogue, *, language: str = "en", now: str = ""
) -> Validation:
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
    if not validation.findings.items:
        return {}
    return {f"{NAME}{ending}": b"".join(REPORTS[kind].write(validation)) for kind, ending in KINDS.items()}
