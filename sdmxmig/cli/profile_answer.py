"""``sdmxmig profile answer``: single answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say
from sdmxmig.primitives.errors import SdmxmigError, counted

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("answer")
@in_workspace
@click.argument("answers", nargs=-1, required=True, metavar="KEY=TEXT…")
@BY_OPTION
def answer_command(session: Session, answers: tuple[str, ...], by: str) -> None:
    """Write answers into the profile of a workspace; comments and order of the file stay.

    KEY is a key of profile.toml: items.A01.answer, items.A01.practice.en, items.A01.sources, items.A01.evidence,
    indicators.IMM_RATE.L01.answer, sources.G1, signed_off. An empty TEXT removes the key, so the question is
    unanswered. To undo the change, use: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig profile answer mycountry items.A01.answer=Y items.A01.sources=P1
      sdmxmig profile answer mycountry "items.A01.practice.en=By the law on statistics."
      sdmxmig profile answer mycountry items.A01.answer=
    """
    from sdmxmig.forms.profiles.asked import asked_by
    from sdmxmig.forms.profiles.texts import key_from
    from sdmxmig.workspace.tasks.answering import answer, answer_command_line, check_answers, normal
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may

    changes = {}
    for written in answers:
        key, equals, text = written.partition("=")
        if not equals:
            raise SdmxmigError(f"“{written}” says no answer.", hint=f"Write {written}=… behind the workspace.")
        changes[key_from(key)] = text
    changes = normal(changes)
    check_answers(changes, asked_by(session.catalogue))
    folder = session.workspace.folder
    check_may(folder, by, ANSWERS)
    intent = Intent(what="answer", command=answer_command_line(folder, changes), at=session.prepared, by=by)
    with recorded(folder, intent):
        is_changed = answer(session, changes)
    say(f"{counted(len(changes), 'text')} of the profile written." if is_changed else "The profile says so already.")
    next_step("sdmxmig assess", folder)
