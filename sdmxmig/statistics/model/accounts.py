"""Results of population accounts and other accounting identities."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

ACCOUNT_SOURCE = "ACC"
"""The code of CL_STOCK_METHOD for a population computed from births, deaths and migration."""


@dataclass(frozen=True, slots=True)
class AccountTerm:
    """A term of an account: item, sign and value (None: not reported); `unit` is that of its last printed digit."""

    item: str
    sign: int
    value: Decimal | None
    unit: Decimal = Decimal(1)
    is_modelled: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The population account of a period: start + births − deaths + immigration − emigration + adjustment = end.

    `outcome` is BALANCED, ROUNDING (within rounding of printed figures), TOLERATED, UNBALANCED or NOT_TESTABLE;
    `missing` are unreported terms. `stock_method` is a code of CL_STOCK_METHOD, empty if unknown. `statuses` are
    observation statuses, `sources` citations of the figures.
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
    sources: tuple[str, ...] = ()

    @property
    def is_by_construction(self) -> bool:
        """Whether the data declare the end population as computed from the other terms."""
        return self.stock_method == ACCOUNT_SOURCE


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """The result of an accounting identity: number of tests and weightiest outcome.

    NOT_TESTABLE without tests; `missing` are unreported terms, empty if none is reported. `is_by_construction`: no end
    is independent of the other terms, so that closure proves nothing.
    """

    identity: str
    outcome: str
    tests: int = 0
    missing: tuple[str, ...] = ()
    is_by_construction: bool = False
