"""The accounts of data that need no workspace."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sdmxmig.api.account_studies import Accounts, account_wish
from sdmxmig.api.sources import Source, StrPath, catalogue_for, in_python, opened
from sdmxmig.api.tasks import of_all
from sdmxmig.catalogue import Catalogue
from sdmxmig.io.intake.files import read_bytes, read_limited
from sdmxmig.statistics.demography.closing import StatedError
from sdmxmig.workspace.tasks.accounting import account_study, stated_errors_in


@in_python
def accounts(
    *data: Any,
    area: str = "",
    identities: Iterable[str] = (),
    variances: Source | None = None,
    balance: bool = False,
    equal_errors: float | str = "",
    mirror: Iterable[StrPath] = (),
    benchmark: str = "",
    workspace: StrPath | None = None,
) -> Accounts:
    """Report how the accounts of these data close: equations with cells and residual, or missing terms.

    `data` are what `validate` takes. `variances` is a source of standard errors as `variances.toml` of a workspace has
    them; with `balance` figures are moved as little as these allow until all accounts close. `equal_errors` is one
    relative standard error for all figures instead. `mirror` are workspaces or data messages of other countries, and
    `benchmark` the country to whose immigration flows are corrected. Of a workspace with its own standard errors and
    cells: ``Workspace(folder).accounts()``.

    Raises `SdmxmigError` if standard errors are needed and not stated.
    """
    catalogue = catalogue_for(workspace)
    wish = account_wish(identities, mirror, balance=balance, equal_errors=equal_errors, benchmark=benchmark)
    stated = () if variances is None else stated_by(variances, catalogue)
    datasets = list(of_all(data, workspace))
    return Accounts(account_study(datasets, catalogue, area, wish=wish, stated=stated))


def stated_by(source: Source, catalogue: Catalogue) -> tuple[StatedError, ...]:
    """Read standard errors from a source."""
    name, file = opened(source)
    content = read_bytes(file) if isinstance(file, Path) else read_limited(file, name)
    return stated_errors_in(name, content, catalogue)
