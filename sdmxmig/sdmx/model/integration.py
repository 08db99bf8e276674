"""How sources of records were brought together, as the commands that did so say it: for reports, without any record.

`IntegrationRecord` is what one run of ``link``, ``coverage``, ``combine`` or ``derive`` leaves beside its results. It
has sources, methods, rates, estimates and counts, and nothing of a person.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

LINK, COVERAGE, COMBINE, DERIVE = "link", "coverage", "combine", "derive"
COMMANDS = (LINK, COVERAGE, COMBINE, DERIVE)
"""The commands that bring sources together, in the order in which an office uses them."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the interval of 95 % around it; without one where none is known."""

    value: Decimal
    _: KW_ONLY
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UsedSource:
    """A source as a run used it: its name, its type (of `CL_SRC_TYPE`), version, legal basis, and how many records.

    `files` are the names of its files with the SHA-256 of each; what a command does not know stays empty.
    """

    name: str
    files: tuple[tuple[str, str], ...]
    _: KW_ONLY
    type: str = ""
    version: str = ""
    legal_basis: str = ""
    records: int | None = None


@dataclass(frozen=True, slots=True)
class SourceMatch:
    """How the records of a source were linked: how many persons they are, and how many of these another source has.

    `by_keys` and `by_probability` are pairs of persons that were linked with those of the sources before, `doubles`
    pairs of records within the source that are one person. `basis` says what precision and recall rest on: the
    ``model``, or a ``clerical sample``.
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
    """What was estimated of a group: the register, the share of it that has left, and the population.

    `codes` say which group it is, such as ``(("CTZ_STATUS", "FC"),)``; without any it is everybody. `registered` is
    rounded. `is_rest` says that it is several groups put together, since each tells too little. `hard` are the reasons
    for which it is hard to count.
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
    """Which source wins for a variable, in their order, and of how many persons the sources say different things.

    `rule` is ``first`` (that knows), ``majority`` or ``latest``. A number below three is not told: it is None.
    """

    variable: str
    order: tuple[str, ...]
    _: KW_ONLY
    differing: int | None
    persons: int
    rule: str = "first"


@dataclass(frozen=True, slots=True)
class Correction:
    """What was found in records, or done to them: the table, a kind, and how many rows or crossings it is of."""

    table: str
    kind: str
    _: KW_ONLY
    count: int


@dataclass(frozen=True, slots=True)
class Residual:
    """What of an account nothing explains: the adjustments of a period, and the population at its end."""

    period: str
    value: Decimal
    _: KW_ONLY
    population: Decimal


@dataclass(frozen=True, slots=True)
class Reached:
    """How near a step of combination came to the totals that it was to meet, as a share of the largest of them."""

    step: str
    totals: tuple[str, ...]
    _: KW_ONLY
    error: Decimal
    kind: str


@dataclass(frozen=True, slots=True)
class IntegrationRecord:
    """What one run says of how it brought sources together; `command` is one of `COMMANDS`.

    `methods` are codes of `CL_INTEG_METHOD`, `keys` the keys on which records agreed, `rule` that of residence. `day`
    is the one of which lists are. `is_simulated` says that the records are of persons who do not exist.
    `area` is the country (a code of `CL_AREA`); linking asks for none.
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
    reached: tuple[Reached, ...] = ()
    corrections: tuple[Correction, ...] = ()
    residuals: tuple[Residual, ...] = ()
    is_simulated: bool = False
    area: str = ""
