"""Requests of tasks: running stages, processing messages, tables and person records, and validating data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, TypeAlias

from sdmxmig.io.intake.files import open_file
from sdmxmig.primitives.errors import SdmxmigError
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


Area: TypeAlias = Annotated[str, Option("The country, a code of CL_AREA.", metavar="CODE")]
Links: TypeAlias = Annotated[
    StrPath | None, Option("Persons of the records of each source (sdmxmig link).", metavar="FILE", path="file")
]
Citizenships: TypeAlias = Annotated[StrPath | None, Option("Changes of citizenship.", metavar="FILE", path="file")]
Now: TypeAlias = Annotated[str, Option("The time to write into headers.", metavar="TIME", default="now")]


@dataclass(frozen=True, slots=True)
class DeriveChoices(Request):
    """Count migration from person records under a residence rule."""

    area: Area
    rule: Annotated[str, Option("The residence rule: a code of CL_RES_RULE.", metavar="CODE")]
    _: KW_ONLY
    movements: Annotated[StrPath | None, Option("Border crossings, CSV or Parquet.", metavar="FILE", path="file")] = (
        None
    )
    nights: Annotated[
        StrPath | None, Option("Nights of mobile phone traces, instead of movements.", metavar="FILE", path="file")
    ] = None
    permits: Annotated[
        StrPath | None, Option("Residence permits, instead of movements, for rule PERMIT.", metavar="FILE", path="file")
    ] = None
    persons: Annotated[
        StrPath | None, Option("Persons with birth, death, citizenship.", metavar="FILE", path="file")
    ] = None
    citizenships: Citizenships = None
    documents: Annotated[
        StrPath | None, Option("Holders of the documents that movements name.", metavar="FILE", path="file")
    ] = None
    links: Links = None
    linked: Annotated[
        Mapping[str, str] | Sequence[str] | None,
        Option("The source of each table of persons, as named in {links}.", metavar="TABLE=SOURCE", is_repeated=True),
    ] = None
    linkage: Annotated[
        StrPath | None,
        Option("Error rates of the linkage that produced the links or documents.", metavar="FILE", path="file"),
    ] = None
    years: Annotated[Sequence[int], Option("A year.", flag="--year", metavar="YEAR", default="all whole years")] = ()
    first: Annotated[str | date, Option("The first day of complete records.", flag="--from", metavar="DAY")] = ""
    last: Annotated[str | date, Option("The last day of complete records.", flag="--to", metavar="DAY")] = ""
    earlier: Annotated[str | date, Option("Also list the changes since that day.", metavar="DAY")] = ""
    every: Annotated[Literal["year", "quarter", "month"], Option("The length of the periods.")] = "year"
    year_ends: Annotated[int, Option("The last month of the year.", metavar="MONTH")] = 12
    basis: Annotated[
        Literal["ACT", "INT", "GRT", "MIX"],
        Option("The basis of durations: actual, intended or granted stays, or intended ones while stays are open."),
    ] = "ACT"
    bridge: Annotated[int, Option("Fill gaps in traces of up to this length.", metavar="NIGHTS")] = 0
    birth_place: Annotated[
        Literal["MOTHER", "DELIVERY"],
        Option("Assign births abroad by the mother’s residence or the place of delivery."),
    ] = "MOTHER"
    source_type: Annotated[
        str, Option("Source type: a code of CL_SRC_TYPE.", metavar="CODE", default="by the records")
    ] = ""
    parameters: Annotated[
        Mapping[str, object] | Sequence[str] | None,
        Option("Change a parameter of the rule.", flag="--set", metavar="NAME=VALUE", is_repeated=True),
    ] = None
    also: Annotated[
        Sequence[Literal["temporary", "return", "overstays", "circular"]],
        Option("Also count temporary mobility, return migration, possible overstays, circular mobility."),
    ] = ()
    threshold: Annotated[
        int | None,
        Option("Suppress counts below N, and others that reveal them.", metavar="N", default="suppress none"),
    ] = None
    memory: Annotated[str, Option("Split the records into parts that fit in this memory.", metavar="SIZE")] = "4GB"
    language: Annotated[
        str, Option("Language: en, fr, es, ar, ru or zh. It is the language of the findings.", metavar="LANG")
    ] = "en"
    now: Now = ""


@dataclass(frozen=True, slots=True)
class CoverageChoices(Request):
    """Estimate a population from lists."""

    area: Area
    rule: Annotated[str, Option("The residence rule of the lists: a code of CL_RES_RULE.", metavar="CODE")]
    lists: Annotated[
        Mapping[str, StrPath | None] | Sequence[str],
        Option(
            "Persons on a list, the register first; without a file, the records of a source in {links}.",
            flag="--list",
            metavar="NAME[=FILE]",
            is_repeated=True,
        ),
    ]
    _: KW_ONLY
    year: Annotated[int | None, Option("The lists refer to 1 January of this year.", metavar="YEAR")] = None
    day: Annotated[
        str | date, Option("The lists refer to the start of this day, such as census day.", metavar="DATE")
    ] = ""
    links: Links = None
    persons: Annotated[
        StrPath | None, Option("Persons with sex, birth, citizenship, for {by}.", metavar="FILE", path="file")
    ] = None
    citizenships: Citizenships = None
    signs: Annotated[
        StrPath | None, Option("Signs of life of persons in the register, by year.", metavar="FILE", path="file")
    ] = None
    training: Annotated[StrPath | None, Option("Persons with known residence.", metavar="FILE", path="file")] = None
    exits: Annotated[
        StrPath | None, Option("Movements with the exits that were registered.", metavar="FILE", path="file")
    ] = None
    by: Annotated[Sequence[str], Option("The dimension of the groups, such as SEX.", metavar="DIMENSION")] = ()
    precision: Annotated[float | str, Option("Share of links that are correct.", metavar="SHARE[:SAMPLE]")] = 1
    recall: Annotated[float | str, Option("Share of true pairs that are linked.", metavar="SHARE[:SAMPLE]")] = 1
    linkage: Annotated[
        StrPath | None, Option("Both shares for each list, as estimated by sdmxmig link.", metavar="FILE", path="file")
    ] = None
    criterion: Annotated[
        Literal["AIC", "BIC"], Option("The criterion that chooses a model of three or more lists.")
    ] = "BIC"
    source_type: Annotated[str, Option("Code of CL_SRC_TYPE.", metavar="CODE")] = "REG"
    base: Annotated[
        int | None, Option("Round counts to multiples of this base.", flag="--round", metavar="BASE", default="5")
    ] = None
    declaration: Annotated[
        StrPath | None, Option("Your own limits and index of residence (TOML).", metavar="FILE", path="file")
    ] = None
    now: Now = ""


@dataclass(frozen=True, slots=True)
class LinkChoices(Request):
    """Link the records of the same person across sources."""

    target: StrPath
    identities: Annotated[
        Mapping[str, StrPath] | Sequence[str],
        Option("Identities of a source, CSV or Parquet.", metavar="SOURCE=FILE", is_repeated=True),
    ] = ()
    _: KW_ONLY
    key: Annotated[str, Option("The name of the secret key for hashing numbers.", metavar="NAME")] = "linkage"
    day: Annotated[
        str | date,
        Option(
            "The reference day of the records: births are on or before it, at most 130 years earlier.", metavar="DATE"
        ),
    ] = ""
    declaration: Annotated[
        StrPath | None, Option("Your own keys and comparisons (TOML).", metavar="FILE", path="file")
    ] = None
    slices: Annotated[int, Option("Split years of birth into N parts to save memory.", metavar="N")] = 1
    sample: Annotated[int, Option("Draw about N pairs for people to judge.", metavar="N")] = 0
    sample_shows: Annotated[
        Literal["row", "record", "hash"],
        Option("How the sample names records: by line or row of the file, by record, or by a hash."),
    ] = "row"
    memory: Annotated[str, Option("Memory limit of DuckDB.", metavar="SIZE")] = "4GB"


def collect_files(choices: DeriveChoices | CoverageChoices, *names: str) -> dict[str, Path]:
    return {name: path for name in names if (path := check_file(getattr(choices, name)))}


def check_file(path: StrPath | None) -> Path | None:
    return None if path is None else check_existing_file(Path(path))


def check_existing_file(path: Path) -> Path:
    open_file(path).close()
    return path


def parse_day(day: str | date, option: str = "") -> date | None:
    if isinstance(day, date) or not day:
        return day or None
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise SdmxmigError(f"“{day}” is not a day.", hint=f"Write for example {option} 2024-05-15.") from None


def check_within(number: int, most: int, least: int, option: str) -> int:
    if not least <= number <= most:
        raise SdmxmigError(f"{option} cannot be {number}.", hint=f"Use a number from {least} to {most}.")
    return number


def parse_pairs(given: Mapping[str, Any] | Sequence[str] | None, example: str) -> dict[str, Any]:
    """Return values by name from a mapping or texts such as NAME=VALUE."""
    if isinstance(given, Mapping):
        return dict(given)
    pairs: dict[str, str] = {}
    for text in given or ():
        name, _, value = (part.strip() for part in text.partition("="))
        if not (name and value):
            raise SdmxmigError(f"“{text}” is not a name with a value.", hint=f"Write for example {example}.")
        if name in pairs:
            raise SdmxmigError(f"“{name}” is named twice.", hint="Give each name one value.")
        pairs[name] = value
    return pairs
