"""Requests of the stages of the pipeline."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Literal

from sdmxmig.workspace.requests import By, Changed, Force, Language, Option, Request, StrPath


@dataclass(frozen=True, slots=True)
class RunRequest(Request):
    """Run all stages."""

    language: Language = ""
    _: KW_ONLY
    until: Annotated[Literal["findings", "submission", "report"], Option("End after this result.")] = "report"
    force: Force = False
    by: By = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest(Request):
    """Write the structure messages."""

    vtl: Annotated[bool, Option("Write the validation rules too, in the language VTL.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRequest(Request):
    """Seal the submission."""

    by: By = ""
    override: Annotated[str, Option("Seal despite obstacles, for this reason.", metavar="REASON")] = ""
    key: Annotated[StrPath, Option("Sign it with this private Ed25519 key.", metavar="FILE", path="any")] = ""


@dataclass(frozen=True, slots=True)
class ReportRequest(Request):
    """Write the benchmarking report."""

    language: Language = ""
    _: KW_ONLY
    document: Annotated[
        Literal["brief", "report", "annexes", "all"],
        Option("The brief, the report, its annexes (HTML, PDF, Word), or all three with HTML annexes."),
    ] = "all"
    changed: Changed = False


@dataclass(frozen=True, slots=True)
class SendRequest(Request):
    """Send a sealed submission to its receiver."""

    submission: Annotated[str, Option("The submission.", metavar="ID", default="the newest")] = ""
    _: KW_ONLY
    action: Annotated[
        Literal["", "append", "replace", "merge", "delete"],
        Option("How the receiver changes its data.", default="replace"),
    ] = ""
    deletions: Annotated[
        int | None, Option("The number of observations to delete, which you have checked.", metavar="COUNT")
    ] = None
    older: Annotated[bool, Option("The data are intentionally older than the receiver’s.")] = False
    again: Annotated[bool, Option("Send a withdrawn submission after all.")] = False
    by: By = ""
