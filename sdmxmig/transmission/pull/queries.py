"""Queries parsed from addresses, with version patterns and period bounds; errors have an HTTP status."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from sdmxmig.primitives import periods
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.model.references import ITEM_KINDS

UNKNOWN, UNACCEPTABLE = 404, 406


class QueryError(SdmxmigError):
    """A query that cannot be answered; `status` is the HTTP status."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


wrong = functools.partial(QueryError, 400)
unknown = functools.partial(QueryError, UNKNOWN)
unacceptable = functools.partial(QueryError, UNACCEPTABLE)
too_large = functools.partial(QueryError, 413)
impossible = functools.partial(QueryError, 422)


ALL, STABLE, LATEST = "*", "+", "~"
WILDCARDS = (ALL, STABLE, LATEST)
VERSION_PART = re.compile(r"(\d{1,9})?([*+~])?", re.ASCII)
VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,2})(-[A-Za-z0-9.-]+)?", re.ASCII)
Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VersionPattern:
    """A version pattern: an `exact` version, or versions from `least` with `fixed` first numbers.

    `wildcard` is ``*`` (all), ``+`` (latest stable) or ``~`` (latest). `bare` treats drafts as in SDMX 2.1.
    """

    exact: str = ""
    wildcard: str = ""
    least: Numbers = ()
    fixed: int = 0
    bare: bool = False

    def chosen(self, versions: Iterable[str]) -> set[str]:
        known = list(versions)
        if self.exact:
            exact = {version for version in known if version == self.exact}
            return exact or {version for version in known if self.bare and version == f"{self.exact}-draft"}
        fitting = [version for version in known if self.fits(version)]
        if self.bare and self.wildcard == LATEST:  # production versions precede drafts
            fitting = [version for version in fitting if "-" not in version] or fitting
        return set(fitting) if self.wildcard == ALL else set(sorted(fitting, key=build_version_order)[-1:])

    def fits(self, version: str) -> bool:
        match = VERSION.fullmatch(version)
        if match is None:
            return not self.least and self.wildcard != STABLE
        numbers = parse_numbers(match[1])
        is_stable = len(numbers) == 3 and not match[2] and numbers[0] > 0
        if self.wildcard == STABLE and not is_stable:
            return False
        if not self.least:
            return True
        same_length = len(numbers) == len(self.least)
        return same_length and numbers[: self.fixed] == self.least[: self.fixed] and numbers >= self.least


def parse_numbers(text: str) -> Numbers:
    return tuple(map(int, text.split(".")))


def build_version_order(version: str) -> tuple[Numbers, bool, str]:
    """Return the sort key of a version; drafts come before their release.

    >>> sorted(["1.0.0", "1.0.0-draft", "1.10", "1.2"], key=build_version_order)
    ['1.0.0-draft', '1.0.0', '1.2', '1.10']
    """
    match = VERSION.fullmatch(version)
    if match is None:
        return (), False, version
    numbers = parse_numbers(match[1])
    return numbers + (0,) * (3 - len(numbers)), not match[2], match[2] or version


def parse_version_pattern(text: str) -> VersionPattern:
    """Parse a version in API 2.x notation.

    >>> sorted(parse_version_pattern("1.2+.0").chosen(["1.1.0", "1.2.0", "1.3.1", "2.0.0"]))
    ['1.3.1']

    Raises `QueryError` for invalid versions and unsupported wildcards.
    """
    if text in WILDCARDS:
        return VersionPattern(wildcard=text)
    if VERSION.fullmatch(text):
        return VersionPattern(text)
    parts = text.split(".")
    matches = [match for match in map(VERSION_PART.fullmatch, parts) if match and match[0]]
    places = [place for place, match in enumerate(matches) if match[2]]
    without_number = [place for place, match in enumerate(matches) if not match[1]]
    if not len(matches) == len(parts) <= 3 or len(places) != 1 or without_number not in ([], places):
        raise wrong(f"“{text}” is not a version.", "Write X.Y.Z, one wildcard at most, *, + or ~.")
    place = places[0]
    sign = matches[place][2]
    if without_number and any(match[1].strip("0") for match in matches[place + 1 :]):
        raise wrong(
            f"“{text}” has a number behind an open wildcard.", "Write 0 there, or a number before the wildcard."
        )
    if sign == STABLE and len(parts) < 3:
        raise wrong(f"“{text}” asks for a stable version without three numbers.", "Write it as 2.3+.0.")
    least = tuple(int(match[1] or 0) for match in matches)
    return VersionPattern(wildcard=sign, least=least, fixed=place)


REPORTING_PERIOD = re.compile(r"(\d{4})-([ASTQMWD])(\d{1,3})", re.ASCII)
MOMENT_PATTERN = re.compile(r"(\d{4}-\d\d-\d\d)T.*|(\d{4}-\d\d-\d\d)Z", re.ASCII)
RANGE_PATTERN = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[^/]*)?/P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?.*", re.ASCII)
MONTHS_BY_FREQUENCY = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
ONE_DAY = dt.timedelta(1)
Bounds = tuple[dt.date, dt.date]


@functools.lru_cache(maxsize=65_536)
def find_bounds(text: str, year_start: str = "") -> Bounds | None:
    """Return the first and last day of a period, or None; `year_start` has the form ``--07-01``.

    >>> find_bounds("2010-Q3", "--07-01")
    (datetime.date(2010, 1, 1), datetime.date(2010, 3, 31))
    """
    try:
        if match := REPORTING_PERIOD.fullmatch(text):
            if year_start not in ("", "--01-01"):
                return find_reporting_bounds(int(match[1]), match[2], int(match[3]), year_start)
        elif match := RANGE_PATTERN.fullmatch(text):
            start = dt.date.fromisoformat(match[1])
            years, months, days = (int(part or 0) for part in match.groups()[1:])
            return start, periods.shift_months(start, 12 * years + months) + dt.timedelta(days) - ONE_DAY
        elif match := MOMENT_PATTERN.fullmatch(text):
            day = dt.date.fromisoformat(match[1] or match[2])
            return day, day
        period = periods.parse(text)
        return None if period is None else (period.first_day, periods.shift(period, 1).first_day - ONE_DAY)
    except (ValueError, OverflowError):
        return None


def find_reporting_bounds(year: int, kind: str, number: int, year_start: str) -> Bounds | None:
    month, day = int(year_start[2:4]), int(year_start[5:7])
    begin = dt.date(year - 1, month, 1) + dt.timedelta(day - 1)
    if kind in MONTHS_BY_FREQUENCY:
        length = MONTHS_BY_FREQUENCY[kind]
        if not 1 <= number <= 12 // length:
            return None
        return periods.shift_months(begin, (number - 1) * length), periods.shift_months(
            begin, number * length
        ) - ONE_DAY
    length = 7 if kind == "W" else 1
    if not 1 <= number <= 366 // length + 1:
        return None
    monday = begin + dt.timedelta((-begin.weekday()) % 7 - 7 * (begin.weekday() in (1, 2, 3))) if kind == "W" else begin
    start = monday + dt.timedelta((number - 1) * length)
    return start, start + dt.timedelta(length - 1)


def find_first_day(period: str) -> int:
    limits = find_bounds(period)
    return limits[0].toordinal() if limits else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactQuery:
    """Requested artefacts; empty fields match any."""

    kinds: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    versions: tuple[VersionPattern, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureRequest:
    wanted: ArtefactQuery
    items: tuple[str, ...] = ()
    detail: str = "full"
    references: tuple[str, ...] = ("none",)
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    component: str
    choices: tuple[tuple[Condition, ...], ...]


Key = tuple[tuple[str, ...], ...]
"""The codes wanted for each dimension in order; none means any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequest:
    """A data query.

    `keys` are those of API 2.x, or the one of API 1.x (`is_whole_key`). `providers` are pairs of agency (or empty) and
    id. `periods` are from API 1.x.
    """

    wanted: ArtefactQuery
    keys: tuple[Key, ...] = ()
    is_whole_key: bool = False
    providers: tuple[tuple[str, str], ...] = ()
    filters: tuple[Filter, ...] = ()
    periods: tuple[str, str] = ("", "")
    updated_after: datetime | None = None
    first: int | None = None
    last: int | None = None
    at_observation: str = ""
    attributes: tuple[str, ...] = ("dsd",)
    measures: tuple[str, ...] = ("all",)
    history: bool = False
    offset: int = 0
    limit: int | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    as_of: datetime | None = None
    year_start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityRequest:
    """An availability query; `mode` is ``exact`` or ``available``."""

    data: DataRequest
    components: tuple[str, ...] = ()
    references: tuple[str, ...] = ("none",)
    mode: str = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaRequest:
    wanted: ArtefactQuery
    at_observation: str = ""
    deletion: bool = False
    explicit: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataRequest:
    """A metadata query; `by` is ``metadataset``, ``metadataflow`` or ``structure``."""

    by: str
    wanted: ArtefactQuery
    providers: tuple[tuple[str, str], ...] = ()
    key: Key = ()
    periods: tuple[str, str] = ("", "")
    detail: str = "full"
    as_of: datetime | None = None


def matches_provider(providers: Sequence[tuple[str, str]], agency: str, name: str) -> bool:
    return not providers or any(asked == name and of in ("", agency) for of, asked in providers)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequest:
    by: str
    wanted: ArtefactQuery = ArtefactQuery()
    id: str = ""
    providers: tuple[tuple[str, str], ...] = ()
    updated_after: datetime | None = None
    updated_before: datetime | None = None


OfMoment = StructureRequest | SchemaRequest | MetadataRequest
Question = StructureRequest | DataRequest | AvailabilityRequest | SchemaRequest | MetadataRequest | RegistrationRequest


KINDS = read_csv_rows(Path(__file__).with_name("kinds.csv"))
"""The kinds of artefacts that each word of an address asks for, in the generations of the API that have the word."""
KINDS_1, KINDS_2 = (
    {row["word"]: tuple(row["kinds"].split()) for row in KINDS if api in row["apis"].split()} for api in ("1", "2")
)
ROLES_1 = {row["word"]: row["role"] for row in KINDS if row["role"]}
KINDS_WITH_ITEMS = (*ITEM_KINDS, "Hierarchy", "HierarchicalCodelist")
RESOURCE_BY_KIND = {kind: name for name, kinds in reversed(KINDS_2.items()) for kind in kinds} | {
    "HierarchicalCodelist": "hierarchy",
    "StructureSet": "structuremap",
}
CONTEXT_KINDS = {"datastructure": "DataStructure", "dataflow": "Dataflow", "provisionagreement": "ProvisionAgreement"}
SCHEMA_CONTEXTS = {
    **CONTEXT_KINDS,
    "metadatastructure": "MetadataStructure",
    "metadataflow": "Metadataflow",
    "metadataprovisionagreement": "MetadataProvisionAgreement",
}
REFERENCES_1 = ("none", "parents", "parentsandsiblings", "children", "descendants", "all")
REFERENCES_2 = (*REFERENCES_1, "ancestors")
DETAILS_1 = ("full", "allstubs", "referencestubs", "referencepartial", "allcompletestubs", "referencecompletestubs")
DETAILS_2 = (*DETAILS_1, "raw")
AVAILABILITY_REFERENCES = (
    "none",
    "all",
    "codelist",
    "datastructure",
    "conceptscheme",
    "dataflow",
    "dataproviderscheme",
)


MAX_LENGTH = 4_000
API_HINT = "See SDMX REST, API 1.5 or 2.2.2 (github.com/sdmx-twg/sdmx-rest)."
MAX_DIGITS = 9
MOMENT_TEXT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?(Z|[+ -]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
ID_PATTERN = re.compile(r"[A-Za-z0-9_@$\-]+", re.ASCII)
NESTED_ID_PATTERN = re.compile(r"[A-Za-z0-9_@$\-]+(?:\.[A-Za-z0-9_@$\-]+)*", re.ASCII)
YEAR_START = re.compile(r"--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
MAX_PARTS = 200
"""Maximum number of alternatives in one place of an address."""


@dataclass(slots=True)
class Address:
    """A query address: path `segments` and `raw` parameters."""

    segments: tuple[str, ...]
    raw: dict[str, str] = field(default_factory=dict)

    def segment(self, index: int, default: str) -> str:
        text = self.segments[index] if index < len(self.segments) else ""
        return text or default

    def check_length(self, most: int) -> None:
        if len(self.segments) > most:
            raise wrong(f"The path continues after “{self.segments[most - 1]}”.", API_HINT)

    def text(self, name: str, default: str = "") -> str:
        return unquote(self.raw.pop(name, default))

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        text = self.text(name, default).lower()
        if text not in allowed:
            raise wrong(f"“{text}” is not a value of {name}.", did_you_mean(text, allowed))
        return text

    def number(self, name: str, *, least: int) -> int | None:
        text = self.text(name)
        if not text:
            return None
        is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
        if not is_number or int(text) < least:
            raise wrong(f"“{text}” is not a value of {name}.", f"Write a whole number of {least} or more.")
        return int(text)

    def flag(self, name: str) -> bool:
        return self.choice(name, ("true", "false"), "false") == "true"

    def moment(self, name: str) -> datetime | None:
        text = self.text(name)
        return parse_moment(text, name) if text else None

    def year_start(self) -> str:
        text = self.text("reportingYearStartDay")
        if text and not YEAR_START.fullmatch(text):
            raise wrong(f"“{text}” is not a value of reportingYearStartDay.", "Write it as --07-01.")
        return text

    def close(self) -> None:
        self.raw.pop("format", None)  # the requested media type decides
        if self.raw:
            raise wrong(f"There is no parameter “{next(iter(self.raw))}” here.", API_HINT)


def parse_address(path: str, query: str) -> Address:
    if len(path) + len(query) > MAX_LENGTH:
        message = f"The address has more than {MAX_LENGTH:,} characters."
        raise QueryError(414, message, "Request fewer codes, or all of them.")
    segments = path.strip("/").split("/") if path.strip("/") else []
    while segments and not segments[-1]:
        segments.pop()
    raw: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        name = unquote(name)
        if name in raw:
            raise wrong(f"The parameter “{name}” occurs twice.", "Name it once, with all its values.")
        raw[name] = value
    return Address(tuple(segments), raw)


def parse_moment(text: str, name: str) -> datetime:
    """Parse an XML date and time; in an address, a space may stand for the plus sign."""
    match = MOMENT_TEXT.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        zone = (match[3] or "Z").upper().replace(" ", "+")
        parsed = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}{zone}")
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(f"“{text}” is not a value of {name}.", "Write a moment such as 2026-01-31T12:00:00Z.") from None


def split_alternatives(text: str, sign: str, what: str, pattern: re.Pattern[str] = ID_PATTERN) -> tuple[str, ...]:
    parts = text.split(sign)
    if len(parts) > MAX_PARTS:
        raise wrong(f"More than {MAX_PARTS} alternatives are listed as {what}.", "Request all, or split the request.")
    for part in parts:
        if not pattern.fullmatch(part):
            raise wrong(f"“{part}” is not a valid {what}.", f"Separate several with {sign}.")
    return tuple(parts)
