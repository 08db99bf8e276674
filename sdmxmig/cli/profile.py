"""``sdmxmig profile``: country profiles.

``sdmxmig profile answer``: single answers. ``sdmxmig profile claims``: claims of the report with evidence. ``sdmxmig
profile progress``: progress and contradictions. ``sdmxmig profile sources``: potential of sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION, Commands, language_option
from sdmxmig.cli.profile_data import compare_command, data_command
from sdmxmig.cli.profile_form import form_command, read_command
from sdmxmig.cli.session import in_workspace, of_workspace
from sdmxmig.cli.stopping import OK
from sdmxmig.cli.talk import next_step, say, show, show_list, stage
from sdmxmig.primitives.errors import SdmxmigError, counted, did_you_mean

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.profile import Profile
    from sdmxmig.workspace.tasks.answer_evidence import BesideAnswers, IndicatorChances
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
    from sdmxmig.forms.profiles.plan import asked_by
    from sdmxmig.forms.profiles.texts import key_from
    from sdmxmig.workspace.tasks.answering import answer, answer_command_line, check_answers, normal
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may

    changes = {}
    for written in answers:
        key, equals, text = written.partition("=")
        if not equals:
            raise SdmxmigError(f"“{written}” has no answer.", hint=f"Write {written}=… after the workspace.")
        changes[key_from(key)] = text
    changes = normal(changes)
    check_answers(changes, asked_by(session.catalogue))
    folder = session.workspace.folder
    check_may(folder, by, ANSWERS)
    intent = Intent(what="answer", command=answer_command_line(folder, changes), at=session.prepared, by=by)
    with recorded(folder, intent):
        is_changed = answer(session, changes)
    say(
        f"{counted(len(changes), 'text')} of the profile written."
        if is_changed
        else "No changes: the profile already contains this."
    )
    next_step("sdmxmig assess", folder)


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
    from sdmxmig.forms.profiles.plan import asked_by, plan
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
    from sdmxmig.workspace.tasks.answer_evidence import source_chances

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
        say("The profile has no source in use. Answer the questions of module H first.")
    next_step("sdmxmig profile progress --module S", session.workspace.folder)
    return OK


def rows(each: IndicatorChances, language: str, *, every: bool) -> list[dict[str, Any]]:
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


@click.group("profile", cls=Commands)
def profile_command() -> None:
    """Answer the benchmarking questions of a country.

    \b
    Examples:
      sdmxmig profile form --area GE --language fr -o profile.xlsx
      sdmxmig profile read profile.xlsx -o mycountry
      sdmxmig profile answer mycountry items.A01.answer=Y
      sdmxmig profile data mycountry -o answers.csv
      sdmxmig profile compare profile-2024.toml profile-2026.toml
    """


STEPS = (
    form_command,
    read_command,
    answer_command,
    progress_command,
    sources_command,
    claims_command,
    data_command,
    compare_command,
)

for command in STEPS:
    profile_command.add_command(command)
