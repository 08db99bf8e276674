"""``sdmxmig profile sources``: potential of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.exit_codes import OK
from sdmxmig.cli.options import FORMAT_OPTION, language_option
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import next_step, say, show, show_list, stage
from sdmxmig.primitives.errors import counted

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session
    from sdmxmig.workspace.tasks.source_chances import IndicatorChances

GIVES = {"Y": "yes", "P": "partly"}


@click.command("sources")
@of_workspace
@click.option("--all", "every", is_flag=True, help="Every source that could give an indicator, not the best one alone.")
@language_option(default="en", show_default=True)
@FORMAT_OPTION
def sources_command(session: Session, every: bool, language: str, listing_format: str) -> int:
    """List the indicators that the country's sources could give today, and the next step for each source.

    Module H of the profile lists the sources, and their sheets the recorded variables. To see what a type of source can
    give in general, with status and source, run for example: sdmxmig show CL_SRC_TYPE.BOR.

    \b
    Examples:
      sdmxmig profile sources mycountry
      sdmxmig profile sources mycountry --all --language fr
      sdmxmig profile sources mycountry --format json
    """
    from sdmxmig.workspace.tasks.source_chances import source_chances

    listed = source_chances(session)
    lines = [line for each in listed for line in rows(each, language, every=every)]
    if listing_format == "json":
        show_list(lines, listing_format)
        return OK
    for line in lines:
        show(f"{line['indicator']:<22} {line['gives']:<7} {line['source']}: {', '.join(line['recorded']) or '–'}")
        if line["asked"]:
            show(f"  ? not on its sheet: {', '.join(line['asked'])}")
        show(*(f"  → {step}" for step in line["needs"][:1]))
    possible = sum(bool(each.chances) for each in listed)
    stage("sources", f"{possible} of {counted(len(listed), 'indicator')} could come from sources of the country")
    if not possible:
        say("The profile calls no source used: answer the questions of module H first.")
    next_step("sdmxmig profile progress --module S", session.workspace.folder)
    return OK


def rows(each: IndicatorChances, language: str, *, every: bool) -> list[dict[str, Any]]:
    """The sources of one indicator as rows, the best one alone unless every one is asked for."""
    return [
        {
            "indicator": each.indicator.id,
            "gives": GIVES[chance.answer],
            "item": chance.item,
            "source": each.sources[chance.source].in_language(language),
            "recorded": list(chance.recorded),
            "lacking": list(chance.lacking),
            "asked": list(chance.asked),
            "needs": [each.steps[code].in_language(language) for code in chance.needs],
        }
        for chance in (each.chances if every else each.chances[:1])
    ]
