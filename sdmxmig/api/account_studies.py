"""Population accounts in Python: tests, balancing and partner data."""

from __future__ import annotations

from dataclasses import dataclass

from sdmxmig.primitives.lazily import pd
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.reporting.outputs import accounts_tables
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE
from sdmxmig.statistics.demography.balanced_accounts import AccountStudy
from sdmxmig.statistics.demography.closing import PRECISE_OUTCOMES

MAX_SHOWN = 5


@add_summary
@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """The accounts of a country as tables of text: one row per test, term, figure or pair of reports.

    `tests` have the equation, residual and class; `terms` their cells; `residual_migration` net migration by the
    residual method; `balance_tests` and `balance` the results of balancing; `mirror` and `mirror_factors` both reports
    of each flow. Tables that were not requested are empty.
    """

    study: AccountStudy

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by the command's file name, such as ``accounts``."""
        return pd.DataFrame(accounts_tables.build_tables(self.study).get(name, []), dtype=object)

    @property
    def tests(self) -> pd.DataFrame:
        """All tests of identities: equation, residual, class and missing terms."""
        return self.table("accounts")

    @property
    def terms(self) -> pd.DataFrame:
        """The cells of every test."""
        return self.table("terms")

    @property
    def residual_migration(self) -> pd.DataFrame:
        """Net migration by the residual method, with an interval if standard errors are known."""
        return self.table("residual_migration")

    @property
    def balance_tests(self) -> pd.DataFrame:
        """Tests whether figures contradict their accounts: chi-square, degrees of freedom and probability."""
        return self.table("balance_tests")

    @property
    def balance(self) -> pd.DataFrame:
        """Every figure before and after balancing, with its change in standard errors."""
        return self.table("balance")

    @property
    def mirror(self) -> pd.DataFrame:
        """Both countries' reports of each flow, their difference, and the corrected flow."""
        return self.table("mirror")

    @property
    def mirror_factors(self) -> pd.DataFrame:
        """The correction factor of each country and direction, with its interval."""
        return self.table("mirror_factors")

    def summary(self) -> Summary:
        """Count tests by outcome, and list the first that do not balance."""
        counts = tuple((name, f"{number:,}") for name, number in self.study.counts.items())
        loose = [r for r in self.study.results if r.result_class not in (*PRECISE_OUTCOMES, NOT_TESTABLE)]
        rows = tuple(
            (r.test.account.identity, r.test.account.period, str(r.test.account.residual), r.result_class)
            for r in loose[:MAX_SHOWN]
        )
        return Summary(
            f"Accounts of {self.study.area or 'all areas'}",
            counts,
            columns=("identity", "period", "residual", "class") if rows else (),
            rows=rows,
            more=f"… {len(loose) - MAX_SHOWN} more" if len(loose) > MAX_SHOWN else "",
        )
