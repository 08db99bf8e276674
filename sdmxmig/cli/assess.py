"""``sdmxmig assess``: assessment against reference documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say, show_list

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("assess")
@in_workspace
@FORMAT_OPTION
def assess_command(session: Session, listing_format: str) -> None:
    """Score the profile, compute the indicators and accounts, and list contradictions between them.

    \b
    Examples:
      sdmxmig assess mycountry
      sdmxmig assess mycountry --format json
      sdmxmig assess mycountry -o result
    """
    from sdmxmig.reporting.statements import sentence_of
    from sdmxmig.workspace.tasks.assessing import assess

    assessment = assess(session)
    rows = [
        {
            "indicator": assessed.indicator.code,
            "tier": assessed.indicator.tier,
            "declared": assessed.declared or "?",
            "latest": assessed.latest or "-",
        }
        for assessed in assessment.indicators
    ]
    show_list(rows, listing_format)
    for contradiction in assessment.contradictions:
        places = ", ".join(map(str, contradiction.places))
        say(f"! {sentence_of(contradiction.sentence, assessment.sentences)}" + (f" ({places})" if places else ""))
    next_step("sdmxmig report", session.workspace.folder)
