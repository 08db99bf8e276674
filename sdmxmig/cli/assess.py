"""``sdmxmig assess``: practice and data against the Recommendations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say, show_list

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


@click.command("assess")
@in_workspace
@FORMAT_OPTION
def assess_command(session: Session, output: str) -> None:
    """Score the profile, compute the indicators and accounts, and say what contradicts each other.

    \b
    Examples:
      sdmxmig assess mycountry
      sdmxmig assess mycountry --format json
      sdmxmig assess mycountry -o result
    """
    from sdmxmig.application.assessing import assess
    from sdmxmig.statements import sentence_of

    result = assess(session)
    rows = [
        {
            "indicator": one.indicator.code,
            "tier": one.indicator.tier,
            "declared": one.declared or "?",
            "latest": one.latest or "-",
        }
        for one in result.indicators
    ]
    show_list(rows, output)
    for contradiction in result.contradictions:
        places = ", ".join(map(str, contradiction.places))
        say(f"! {sentence_of(contradiction.sentence, result.sentences)}" + (f" ({places})" if places else ""))
    next_step("sdmxmig report", session.workspace.folder)
