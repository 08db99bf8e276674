"""``sdmxmig profile claims``: claims of the report with evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, language_option
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import show, show_list

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("claims")
@in_workspace
@language_option(default="en", show_default=True)
@FORMAT_OPTION
def claims_command(session: Session, language: str, listing_format: str) -> None:
    """List every headline, strength, gap and action of the report, with its evidence and its sources.

    \b
    Examples:
      sdmxmig profile claims mycountry
      sdmxmig profile claims mycountry --format json
    """
    from dataclasses import asdict

    from sdmxmig.reporting.claims import claims
    from sdmxmig.workspace.tasks.assessing import assess

    made = list(claims(assess(session), language))
    if listing_format == "json":
        show_list([asdict(claim) for claim in made], listing_format)
        return
    for claim in made:
        show(f"{claim.kind.upper()} {claim.subject}: {claim.statement}", *(f"    {line}" for line in claim.support))
