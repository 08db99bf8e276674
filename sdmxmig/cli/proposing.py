"""How ``map`` and ``start`` show a proposed mapping and what is open in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.cli.talk import say

if TYPE_CHECKING:
    from sdmxmig.conversion.suggestion.preview import Example
    from sdmxmig.conversion.suggestion.ranking import RankedFlow
    from sdmxmig.workspace.proposals import TriedProposal

SHOWN = 12
"""How many open lines are said one by one."""


def office_language(folder: Path | None) -> str:
    """The language of the office whose workspace a folder is; English elsewhere."""
    from sdmxmig.workspace.folder import COUNTRY_FILE, open_workspace

    return open_workspace(folder).country.language if folder and (folder / COUNTRY_FILE).is_file() else "en"


def examples_in(tried: TriedProposal, language: str) -> Sequence[Example]:
    """Some observations of a proposal in words of a language."""
    from sdmxmig.conversion.suggestion.preview import examples

    return examples(tried.conversion.dataset, language) if tried.conversion else ()


def say_ranked(ranked_flows: Sequence[RankedFlow]) -> None:
    """Say which dataflows are likely, and why."""
    for line in ranked_lines(ranked_flows):
        say(line)


def ranked_lines(ranked_flows: Sequence[RankedFlow]) -> Iterator[str]:
    """The likely dataflows with their numbers, each in one line with the reasons."""
    for number, ranked_flow in enumerate(ranked_flows, start=1):
        reasons = "; ".join(dict.fromkeys(ranked_flow.reasons))
        yield f"{number}. {ranked_flow.name} ({ranked_flow.flow}): {reasons}"


def say_tried(tried: TriedProposal) -> None:
    """Say what is open about a proposal, and show some observations in words."""
    from sdmxmig.conversion.suggestion.wording import open_question

    for question in tried.open[:SHOWN]:
        say(open_question(question, tried.flow))
    if len(tried.open) > SHOWN:
        say(f"… and {len(tried.open) - SHOWN} more lines; all of them: --format json, or --review FILE")
    say(f"{len(tried.questions) - len(tried.open)} of {len(tried.questions)} lines are certain.")
    if tried.examples:
        say("Is this what the table says?")
    for example in tried.examples:
        say(f"  {example.sentence}")
