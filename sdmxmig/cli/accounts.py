"""``sdmxmig accounts``: population accounts, balancing and mirror data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, MIRROR_OPTION, language_option
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_json_text, show_text

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("accounts")
@in_workspace
@click.option("--identity", "identities", multiple=True, metavar="ID", help="Only this identity; may be repeated.")
@click.option("--balance", is_flag=True, help="Adjust figures within their standard errors until all accounts close.")
@click.option(
    "--equal-errors",
    default="",
    metavar="SHARE",
    help="Use one relative standard error for all figures instead of variances.toml.",
)
@MIRROR_OPTION
@click.option(
    "--benchmark",
    default="",
    metavar="COUNTRY",
    help="Correct mirror flows to the immigration of this country, by one factor for each country and direction.",
)
@language_option(help_="  [default: that of the workspace]")
@FORMAT_OPTION
def accounts_command(
    session: Session,
    identities: tuple[str, ...],
    balance: bool,
    equal_errors: str,
    mirrors: tuple[Path, ...],
    benchmark: str,
    language: str,
    listing_format: str,
) -> None:
    """Test the population accounts: each equation with its cells and residual, or the missing term.

    A residual beyond the standard errors in variances.toml of the workspace contradicts its account. The tables are
    written to accounts/ among the results, as CSV and JSON.

    \b
    Examples:
      sdmxmig accounts mycountry
      sdmxmig accounts mycountry --balance
      sdmxmig accounts mycountry --mirror neighbour --mirror oecd.csv --benchmark SE
    """
    from sdmxmig.reporting.outputs import accounts_tables, accounts_text
    from sdmxmig.workspace.tasks.accounting import AccountWish, accounts_of_workspace, relative_error, write

    wish = AccountWish(
        identities=identities,
        balance=balance,
        equal_errors=relative_error(equal_errors),
        partners=mirrors,
        benchmark=benchmark,
    )
    study = accounts_of_workspace(session, wish)
    folder, files = write(session, study)
    if listing_format == "json":
        show_json_text(files[accounts_tables.JSON].decode())
    else:
        flow = session.catalogue.flow(session.catalogue.identities[0].account)
        show_text(accounts_text.render(study, flow, language or session.workspace.country.language))
    next_step("open", folder)
