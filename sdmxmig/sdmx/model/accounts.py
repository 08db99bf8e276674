"""Accounts: what population accounts and other accounting identities came to."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

FROM_TERMS = "ACC"
"""The code of CL_STOCK_METHOD for a population that is computed from births, deaths and migration."""


@dataclass(frozen=True, slots=True)
class AccountTerm:
    """One term of the population account: which item, with which sign, and how much (None: not reported).

    `unit` is the size of the last digit that was printed (1 for persons, 100 for thousands with one decimal).
    """

    item: str
    sign: int
    _: KW_ONLY
    value: Decimal | None
    unit: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Account:
    """The population account of one period: start + births − deaths + immigration − emigration + adjustment = end.

    `outcome` is BALANCED, ROUNDING (within what rounding of the printed figures can make), TOLERATED, UNBALANCED or
    NOT_TESTABLE; `missing` names the terms that were not reported. `stock_method` says how the population at the end
    was made, as a code of CL_STOCK_METHOD; empty where the data do not say it. `statuses` are the observation statuses
    among its figures.
    """

    identity: str
    area: str
    _: KW_ONLY
    period: str
    terms: tuple[AccountTerm, ...]
    published_end: Decimal | None
    end_unit: Decimal
    computed_end: Decimal | None
    residual: Decimal | None
    tolerance: Decimal | None
    outcome: str
    missing: tuple[str, ...] = ()
    population: tuple[tuple[str, str], ...] = ()
    stock_method: str = ""
    statuses: tuple[str, ...] = ()

    @property
    def is_by_construction(self) -> bool:
        """Whether the population at the end was computed from the other terms, so that closing proves nothing."""
        return self.stock_method == FROM_TERMS


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """How one accounting identity came out: by how many tests, and the weightiest outcome among them.

    Without a test it is NOT_TESTABLE, and `missing` names the terms that were not reported; none at all are reported
    where that is empty.
    """

    identity: str
    outcome: str
    _: KW_ONLY
    tests: int = 0
    missing: tuple[str, ...] = ()
