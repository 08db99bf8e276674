"""Display of proposals in ``map`` and ``start``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.cli.talk import say
from sdmxmig.primitives.errors import counted

if TYPE_CHECKING:
    from sdmxmig.conversion.messages import CarriedMessage
    from sdmxmig.conversion.suggestion.counted import Option
    from sdmxmig.conversion.suggestion.preview import Example
    from sdmxmig.workspace.proposals import TriedProposal

SHOWN = 12
WHAT_IS_COUNTED = "What do these figures count?"


def office_language(folder: Path | None) -> str:
    from sdmxmig.workspace.folder import COUNTRY_FILE, open_workspace

    return open_workspace(folder).country.language if folder and (folder / COUNTRY_FILE).is_file() else "en"


def examples_in(tried: TriedProposal, language: str) -> Sequence[Example]:
    from sdmxmig.conversion.suggestion.preview import examples

    return examples(tried.conversion.dataset, language) if tried.conversion else ()


def say_options(options: Sequence[Option], answer: str) -> None:
    """Show what a table counts, or ask for it."""
    if not answer:
        say(WHAT_IS_COUNTED)
    for line in option_lines(options[:1] if answer else options):
        say(line)


def option_lines(options: Sequence[Option]) -> Iterator[str]:
    for number, option in enumerate(options, start=1):
        reasons = f": {'; '.join(option.reasons)}" if option.reasons else ""
        yield f"{number}. {option.name} ({option.flow}){reasons}"


def say_tried(tried: TriedProposal) -> None:
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


def say_carried(carried: CarriedMessage, language: str) -> None:
    """Show dataflows, sample figures and omissions of an SDMX message."""
    from sdmxmig.conversion.suggestion.preview import examples

    say(f"{carried.format} of {', '.join(carried.named)}. It needs no mapping.")
    for dataset in carried.datasets:
        count = counted(dataset.observations.height, "observation")
        say(f"{dataset.flow.dataflow.name} ({dataset.flow.id}): {count}")
        for example in examples(dataset, language):
            say(f"  {example.sentence}")
    for finding in carried.findings.items:
        if finding.severity != "information":
            say(f"! {finding.sentence()} {finding.remedy()}")
