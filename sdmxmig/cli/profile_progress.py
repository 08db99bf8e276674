"""``sdmxmig profile progress``: progress and contradictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.exit_codes import OK
from sdmxmig.cli.options import FORMAT_OPTION, language_option
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import next_step, say, show, show_list, stage
from sdmxmig.primitives.errors import SdmxmigError, counted, did_you_mean

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.profile import Profile
    from sdmxmig.workspace.tasks.answer_evidence import BesideAnswers
    from sdmxmig.workspace.tasks.session import Session


@click.command("progress")
@of_workspace
@click.option("--module", default="", metavar="ID", help="Only this module, with its open questions, such as C.")
@language_option(default="en", show_default=True)
@FORMAT_OPTION
def progress_command(session: Session, module: str, language: str, listing_format: str) -> int:
    """Show the progress of a profile by module, and list contradictions.

    “Not known” and “not applicable” count as answers. Contradictions are between answers, or between an answer and
    the data of the workspace.

    \b
    Examples:
      sdmxmig profile progress mycountry
      sdmxmig profile progress mycountry --module C --language fr
      sdmxmig profile progress mycountry --format json
    """
    from sdmxmig.workspace.tasks.answer_evidence import beside_answers, data_material
    from sdmxmig.workspace.tasks.answering import present_state

    state = present_state(session)
    for finding in state.findings.items:
        say(f"! {finding.place}: {finding.sentence()}")
    profile = state.profile
    lines = modules(session, profile, module)
    if listing_format == "json":
        show_list(lines, listing_format)
        return OK
    for line in lines:
        show(
            f"{line['id']:<12} {line['done']:>4} of {line['asked']:<4} core {line['core_done']:>2} of {line['core']:<3}"
        )
        show(*(f"  ○ {item}" for item in line["open"] if module))
    show_contradictions(beside_answers(session, profile, data_material(session, profile)), language)
    stage(
        "progress",
        f"{sum(line['core_done'] for line in lines)} of {sum(line['core'] for line in lines)} core questions",
    )
    next_step("sdmxmig profile form --from", session.workspace.folder)
    return OK


def modules(session: Session, profile: Profile, module: str) -> list[dict[str, Any]]:
    """How far each module is, with what is open in it; raises `SdmxmigError` for a module that is none."""
    from sdmxmig.forms.profiles.asked import asked_by
    from sdmxmig.forms.profiles.plan import plan
    from sdmxmig.sdmx.model.profile import COUNTRY
    from sdmxmig.workspace.tasks.profile_progress import UNANSWERED, named_questions, progress_of, state_of_question

    asked = asked_by(session.catalogue)
    sheets = {sheet.id: sheet for sheet in plan(session.catalogue, asked, profile)}
    if module and module not in sheets:
        raise SdmxmigError(f"There is no module “{module}”.", hint=did_you_mean(module, sheets))
    lines = []
    for sheet in [sheets[module]] if module else sheets.values():
        questions = named_questions(sheet)
        progress = progress_of(questions, asked)
        unanswered = [each for each in questions if state_of_question(each, asked) == UNANSWERED]
        lines.append(
            {
                "id": sheet.id,
                "asked": progress.asked,
                "done": progress.done,
                "core": progress.core,
                "core_done": progress.core_done,
                "states": progress.states,
                "open": [f"{each.answer.subject} {each.item.id}".removeprefix(f"{COUNTRY} ") for each in unanswered],
            }
        )
    return lines


def show_contradictions(beside: BesideAnswers, language: str) -> None:
    if beside.contradictions:
        show(f"{counted(len(beside.contradictions), 'contradiction')}:")
    for contradiction in beside.contradictions:
        show(f"  ! {contradiction.item} {beside.sentence(contradiction, language)}")
