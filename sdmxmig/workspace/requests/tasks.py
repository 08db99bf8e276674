"""Requests to run pipeline stages, to process messages and tables, and to validate data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, TypeAlias

from sdmxmig.workspace.requests import (
    By,
    Changed,
    Flow,
    Folder,
    Follows,
    Force,
    Language,
    Option,
    Profile,
    Request,
    StrPath,
    Structure,
)

Mirror: TypeAlias = Annotated[
    Sequence[StrPath], Option("Data of a partner country: a message or a workspace.", metavar="PATH", path="any")
]


@dataclass(frozen=True, slots=True)
class RunRequest(Request):
    language: Language = ""
    _: KW_ONLY
    until: Annotated[Literal["findings", "submission", "report"], Option("Stop after this result.")] = "report"
    force: Force = False
    by: By = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest(Request):
    vtl: Annotated[bool, Option("Also write the validation rules in VTL.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRequest(Request):
    by: By = ""
    override: Annotated[str, Option("Seal despite obstacles, for this reason.", metavar="REASON")] = ""
    key: Annotated[StrPath, Option("Sign it with this private Ed25519 key.", metavar="FILE", path="any")] = ""


@dataclass(frozen=True, slots=True)
class ReportRequest(Request):
    language: Language = ""
    _: KW_ONLY
    document: Annotated[
        Literal["brief", "report", "annexes", "all"],
        Option("The brief, the report, its annexes (HTML, PDF, Word), or all three with HTML annexes."),
    ] = "all"
    changed: Changed = False


@dataclass(frozen=True, slots=True)
class SendRequest(Request):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertRequest(Request):
    maps: Annotated[
        StrPath | None, Option("Also write the mappings as structure maps to this file (.xml or .json).", path="file")
    ] = None
    force: Force = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReading(Request):
    structure: Structure = ()
    flow: Flow = ""
    follows: Follows = False
    workspace: Folder = None

    @property
    def folder(self) -> Path | None:
        return None if self.workspace is None else Path(self.workspace)


@dataclass(frozen=True, slots=True)
class TransformRequest(MessageReading):
    source: StrPath | bytes | BinaryIO
    target: StrPath
    _: KW_ONLY
    format: Annotated[
        str,
        Option(
            "The format to write, such as sdmx-json-2.0.", flag="--to", metavar="FORMAT", default="by the file name"
        ),
    ] = ""
    dimensions: Annotated[str, Option("The dimensions in order, for data without a structure.", metavar="ID,ID…")] = ""
    dimension_at_observation: Annotated[
        str, Option("The dimension at observation level; AllDimensions for flat data.")
    ] = "TIME_PERIOD"
    labels: Annotated[Literal["id", "name", "both"], Option("Codes, names or both in CSV.")] = "id"
    map: Annotated[str, Option("Translate by a structure map, such as SM_OECD_B11.", metavar="ID")] = ""
    back: Annotated[bool, Option("With {map}: from the target of the map to its source.")] = False
    lenient: Annotated[bool, Option("Leave out unreadable parts, and list them.")] = False
    strict: Annotated[bool, Option("Refuse deviations from the standard.")] = False
    id: Annotated[str, Option("The id of the message.", default="unchanged")] = ""
    sender: Annotated[str, Option("The sender.", metavar="ID", default="unchanged")] = ""
    now: Annotated[str, Option("The time to write into the header.", metavar="TIME", default="unchanged")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateRequest(Request):
    profile: Profile = ""
    levels: Annotated[Sequence[int], Option("Run only rules of this level.", flag="--level", metavar="N")] = ()
    reports: Annotated[
        Sequence[StrPath],
        Option(
            "Also write the findings to this file, such as findings.xlsx.", flag="--report", metavar="[REPORT=]FILE"
        ),
    ] = ()
    previous: Annotated[
        Sequence[StrPath],
        Option("An earlier release to compare with.", metavar="PATH", path="existing", default="the folder accepted/"),
    ] = ()
    mirror: Mirror = ()
    force: Force = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsRequest(Request):
    identities: Annotated[Sequence[str], Option("Only this identity.", flag="--identity", metavar="ID")] = ()
    balance: Annotated[bool, Option("Adjust figures within their standard errors until all accounts close.")] = False
    equal_errors: Annotated[
        float | str,
        Option("Use one relative standard error for all figures instead of variances.toml.", metavar="SHARE"),
    ] = ""
    mirror: Mirror = ()
    benchmark: Annotated[
        str,
        Option(
            "Scale mirror flows to the immigration of this country, with one factor per country and direction.",
            metavar="COUNTRY",
        ),
    ] = ""
