"""Studies of accounts: closure, balancing, mirror data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.statistics.demography.balanced_accounts import BalancedAccounts
from sdmxmig.statistics.demography.closing import CLASSES, AccountResult, ClosedAccounts
from sdmxmig.statistics.demography.mirror import Correction, MirrorPair, correct, pairs
from sdmxmig.statistics.demography.mirror_reports import MirrorReports
from sdmxmig.statistics.demography.residual_method import ResidualMigration, residual_migration
from sdmxmig.statistics.demography.variances import Observation


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MirrorStudy:
    """The reports of both sides of each flow, and the correction if a benchmark country was chosen."""

    pairs: tuple[MirrorPair, ...]
    reports: MirrorReports
    correction: Correction | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AccountStudy:
    """All results of a country's accounts.

    `balanced` and `mirror` may be None; `places` are source cells.
    """

    area: str
    identities: tuple[Identity, ...]
    closed: ClosedAccounts
    balanced: tuple[BalancedAccounts, ...] | None = None
    mirror: MirrorStudy | None = None
    places: Mapping[Observation, str] = field(default_factory=dict)

    @property
    def results(self) -> tuple[AccountResult, ...]:
        return self.closed.results

    @property
    def residuals(self) -> tuple[ResidualMigration, ...]:
        return residual_migration(self.closed)

    def count(self, result_class: str) -> int:
        return sum(result.result_class == result_class for result in self.results)

    @property
    def counts(self) -> dict[str, int]:
        return {result_class: self.count(result_class) for result_class in CLASSES}


def mirror_study(reports: MirrorReports, benchmark: str = "") -> MirrorStudy:
    """The pairs of these reports; with a benchmark country also the factors and the flows that they lead to."""
    both = pairs(
        {route: float(value) for route, value in reports.immigration.items()},
        {route: float(value) for route, value in reports.emigration.items()},
    )
    if not benchmark:
        return MirrorStudy(pairs=both, reports=reports)
    destinations = sorted({pair.destination for pair in both if pair.immigration is not None})
    if benchmark not in destinations:
        message = f"“{benchmark}” reports no immigration from another country, so it cannot be the benchmark."
        raise SdmxmigError(message, hint=did_you_mean(benchmark, destinations))
    return MirrorStudy(pairs=both, reports=reports, correction=correct(both, benchmark))


def of_whole(results: Sequence[AccountResult]) -> tuple[AccountResult, ...]:
    return tuple(result for result in results if result.identity.is_account and not result.test.account.population)
