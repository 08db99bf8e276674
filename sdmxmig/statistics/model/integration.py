"""Records of data integration for reports, without personal data."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

LINK, COVERAGE, COMBINE, DERIVE = "link", "coverage", "combine", "derive"

INTEGRATION_COMMANDS = (LINK, COVERAGE, COMBINE, DERIVE)


@dataclass(frozen=True, slots=True)
class Interval:
    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UsedSource:
    """A source used in a run; `files` have SHA-256 hashes. Unknown facts are empty."""

    name: str
    files: tuple[tuple[str, str], ...]
    _: KW_ONLY
    type: str = ""
    version: str = ""
    legal_basis: str = ""
    records: int | None = None


@dataclass(frozen=True, slots=True)
class SourceMatch:
    """The linkage of a source.

    `doubles` are duplicate pairs within it. `basis` of precision and recall: ``model`` or ``clerical sample``.
    """

    source: str
    records: int
    _: KW_ONLY
    persons: int
    matched: int
    by_keys: int = 0
    by_probability: int = 0
    doubles: int = 0
    precision: Interval | None = None
    recall: Interval | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    """The coverage estimate of a group; `codes` empty means everyone.

    `registered` is rounded. `is_rest` marks combined small groups.
    """

    codes: tuple[tuple[str, str], ...]
    _: KW_ONLY
    registered: Decimal | None = None
    over: Interval | None = None
    population: Interval | None = None
    method: str = ""
    hard: tuple[str, ...] = ()
    refused: str = ""
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class ConflictRule:
    """The precedence of sources for a variable.

    `rule`: ``first``, ``majority`` or ``latest``. Counts below three are None.
    """

    variable: str
    order: tuple[str, ...]
    differing: int | None
    persons: int
    rule: str = "first"


@dataclass(frozen=True, slots=True)
class Correction:
    table: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Residual:
    """The residual of an account: adjustments of a period and its end population."""

    period: str
    value: Decimal
    population: Decimal


@dataclass(frozen=True, slots=True)
class TargetDeviation:
    """The largest deviation from the targets of combination, as a share of the largest target."""

    step: str
    totals: tuple[str, ...]
    error: Decimal
    kind: str


@dataclass(frozen=True, slots=True)
class IntegrationRecord:
    """The integration record of a run.

    `methods` are codes of `CL_INTEG_METHOD`; `area` is a code of `CL_AREA`, empty for linkage. `is_simulated` means
    invented persons.
    """

    command: str
    sources: tuple[UsedSource, ...]
    _: KW_ONLY
    methods: tuple[str, ...] = ()
    legal_basis: str = ""
    rule: str = ""
    day: str = ""
    keys: tuple[str, ...] = ()
    matches: tuple[SourceMatch, ...] = ()
    groups: tuple[CoverageGroup, ...] = ()
    conflicts: tuple[ConflictRule, ...] = ()
    reached: tuple[TargetDeviation, ...] = ()
    corrections: tuple[Correction, ...] = ()
    residuals: tuple[Residual, ...] = ()
    is_simulated: bool = False
    area: str = ""
