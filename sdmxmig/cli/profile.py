"""``sdmxmig profile``: forms, single answers, progress, claims with evidence, and the potential of sources."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.options import (
    BY_OPTION,
    FORMAT_OPTION,
    WORKSPACE_OPTION,
    Commands,
    build_language_option,
    build_output_option,
    pass_reading_session,
    pass_session,
    record_change,
)
from sdmxmig.cli.show import find_workspace
from sdmxmig.cli.terminal import FINDINGS, OK, next_step, say, show, show_json_text, show_list, show_text, stage
from sdmxmig.io.publishing.files import check_apart, check_new, check_proposal, publish_file, publish_proposal
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean, write_count
from sdmxmig.primitives.text import quote_path
from sdmxmig.workspace.folder import COUNTRY_FILE, PROFILE_FILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sdmxmig.catalogue import Catalogue
    from sdmxmig.catalogue.benchmarking import Profile
    from sdmxmig.forms.profiles.dataset import AnswerCells
    from sdmxmig.forms.profiles.texts import Texts
    from sdmxmig.reporting.sections.evidence import Claim
    from sdmxmig.workspace.tasks.assessing import AnswerEvidence
    from sdmxmig.workspace.tasks.session import Session


@click.command("form")
@WORKSPACE_OPTION
@click.option("--area", default="", metavar="CODE", help="The country.  [default: that of the workspace or profile]")
@click.option("--year", default="", help="Year of the assessment.  [default: that of the profile, or the current year]")
@build_language_option(default="en", show_default=True)
@click.option(
    "--from", "known", type=click.Path(path_type=Path), metavar="PROFILE", help="A profile whose answers are filled in."
)
@click.option("--short", is_flag=True, help="Only the core items, and availability of the core indicators.")
@click.option("--now", default="", metavar="TIME", help="The time that sets the year.  [default: now]")
@build_output_option("out", "The file.  [default: profile-AREA.xlsx]")
def form_command(
    workspace: Path | None,
    area: str,
    year: str,
    language: str,
    known: Path | None,
    short: bool,
    now: str,
    out: Path | None,
) -> int:
    """Make a workbook in which a country answers the benchmarking study.

    The form has every question with its reference document, the answers to choose from, and a count of answers. In a
    workspace, the form is filled in from its profile.

    \b
    Examples:
      sdmxmig profile form --area GE --language fr
      sdmxmig profile form --workspace mycountry
      sdmxmig profile form --from mycountry --year 2026 -o profile-2026.xlsx
      sdmxmig profile form --area GE --short -o profile.xlsx
    """
    from sdmxmig.catalogue import load
    from sdmxmig.forms.profiles.writing import write_form
    from sdmxmig.sdmx.words import read_words
    from sdmxmig.workspace.tasks.questionnaires import begin_profile, write_template
    from sdmxmig.workspace.tasks.session import parse_moment

    folder = find_workspace(workspace)
    catalogue = load(folder)
    source = known or (None if area else folder)
    profile = begin_profile(catalogue, source, area, year, default_year=str(parse_moment(now).year))
    words = read_words(write_template(folder, "profile", "words.csv").decode("utf-8-sig"))
    target = out or Path(f"profile-{profile.area}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{target}” is not the name of a workbook.", hint="Write a name that ends in .xlsx.")
    check_new(target)
    publish_file(target, write_form(profile, catalogue, words, language=language, short=short), "-o FILE")
    answers = write_count(len(list(profile.iterate_answers())), "answer")
    stage("profile", f"a form for {profile.area} {profile.year}, {answers} in it")
    show(str(target))
    into = f" -o {quote_path(source)}" if source and (source / COUNTRY_FILE).is_file() else f" -o {PROFILE_FILE}"
    into += " --update" if source and (source / PROFILE_FILE).is_file() else ""
    next_step(f"fill it in, then: sdmxmig profile read {quote_path(target)}{into}")
    return OK


@click.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@build_output_option("out", "profile.toml, or the folder for it.")
@click.option("--update", is_flag=True, help="Change the answers in the existing profile, and keep its comments.")
@click.option("--marked", type=click.Path(path_type=Path), metavar="FILE", help="A copy with faulty cells marked.")
@build_language_option(default="en", show_default=True)
@BY_OPTION
@FORMAT_OPTION
def read_command(
    file: Path,
    workspace: Path | None,
    out: Path | None,
    update: bool,
    marked: Path | None,
    language: str,
    by: str,
    listing_format: str,
) -> int:
    """Read a completed form or profile file, and list errors and open questions with their cells.

    The list has invalid codes, unused sources, moved rows, contradictions, and unanswered core items. With -o the
    profile is written, unless there are errors: then the exit code is 1. An edited profile is changed only with
    --update, which keeps its comments, its order and answers that the form does not ask for.

    \b
    Examples:
      sdmxmig profile read profile.xlsx
      sdmxmig profile read profile.xlsx -o mycountry --language fr
      sdmxmig profile read profile.xlsx -o mycountry --update
      sdmxmig profile read profile.xlsx --marked profile.checked.xlsx
    """
    from sdmxmig.catalogue import load
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.reporting.outputs import findings_json, findings_text, marked_workbook
    from sdmxmig.workspace.tasks.questionnaires import check_profile, open_profile

    target = out if out is None or out.suffix.lower() == Path(PROFILE_FILE).suffix else out / PROFILE_FILE
    for path in (target, marked):
        if path is not None:
            check_apart(path, file)
    if target or update:
        check_target(target, update=update)
    if marked:
        check_new(marked, "--marked FILE")
    catalogue = load(find_workspace(workspace))
    profile, read_findings, cells = open_profile(file, catalogue)
    findings = check_profile(profile, read_findings, cells, catalogue)
    if listing_format == "json":
        show_json_text(findings_json.render(findings, catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, language=language, flows=catalogue.flows))
    if marked:
        content = read_bytes(file)
        publish_file(
            marked, marked_workbook.copy_with_marks(file.name, content, findings, language=language), "--marked FILE"
        )
    stage(
        "read",
        f"{write_count(len(list(profile.iterate_answers())), 'answer')}, {write_count(len(profile.sources), 'source')}",
    )
    if findings.has_errors:
        say("No file was written. Correct the errors first." if out else "Correct the errors, and read it again.")
        return FINDINGS
    if target:
        write(target, profile, cells, catalogue, update=update, by=by)
        if (target.parent / COUNTRY_FILE).is_file():
            next_step("sdmxmig assess", target.parent)
    else:
        say("No file was written. Save the profile with -o FILE, or with -o WORKSPACE.")
    return OK


def check_target(target: Path | None, *, update: bool) -> None:
    from sdmxmig.workspace.tasks.questionnaires import write_template

    if not update and target:
        remedy = "Add --update to change its answers and keep the rest."
        check_proposal(target, replaceable=[write_template(None, "workspace", PROFILE_FILE)], remedy=remedy)
    elif not (target and target.is_file()):
        hint = "Name the workspace with -o, or remove --update."
        raise SdmxmigError("There is no profile to update.", hint=hint)


def write(target: Path, profile: Profile, cells: AnswerCells, catalogue: Catalogue, *, update: bool, by: str) -> None:
    from sdmxmig.forms.profiles.plan import read_questions
    from sdmxmig.forms.profiles.texts import index_texts, write_profile
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.answering import change_profile, find_form_changes, read_state

    asked = read_questions(catalogue)
    if not update:
        publish_proposal(target, write_profile(profile, asked))
        return
    before = read_state(read_bytes(target), asked)
    if before.profile.area != profile.area:
        message = f"The form is for {profile.area}, but this profile is for {before.profile.area}."
        raise SdmxmigError(message, before.profile.place, "Name the workspace of the same country with -o.")
    changes = find_form_changes(before.texts, index_texts(profile, asked), cells, asked)
    content = change_profile(before, changes, asked)
    with record_step(target, changes, before.sha256, by):
        publish_file(target, content, "-o FILE")


def record_step(file: Path, changes: Texts, made_from: str, by: str) -> AbstractContextManager[None]:
    """Record answers as a history step.

    Raises `Conflict` if changed since `made_from`, `SdmxmigError` if not permitted.
    """
    from sdmxmig.workspace.tasks.answering import write_answer_command
    from sdmxmig.workspace.tasks.approvals import ANSWERS, check_permission
    from sdmxmig.workspace.tasks.history import Step, record_changes
    from sdmxmig.workspace.tasks.session import parse_moment

    folder = file.parent
    if file.name != PROFILE_FILE or not (folder / COUNTRY_FILE).is_file():
        return nullcontext()
    check_permission(folder, by, ANSWERS)
    at = parse_moment("").isoformat(timespec="seconds")
    intent = Step(what="answer", command=write_answer_command(folder, changes), at=at, by=by)
    return record_changes(folder, intent, {PROFILE_FILE: made_from})


@click.command("answer")
@pass_session
@click.argument("answers", nargs=-1, required=True, metavar="KEY=TEXT…")
@BY_OPTION
def answer_command(session: Session, answers: tuple[str, ...], by: str) -> None:
    """Write answers into the profile of a workspace, and keep the comments and order of the file.

    KEY is a key of profile.toml: items.A01.answer, items.A01.practice.en, items.A01.sources, items.A01.evidence,
    indicators.IMM_RATE.L01.answer, sources.G1, signed_off. An empty TEXT removes the key, so the question is
    unanswered. To undo the change, use: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig profile answer mycountry items.A01.answer=Y items.A01.sources=P1
      sdmxmig profile answer mycountry "items.A01.practice.en=By the law on statistics."
      sdmxmig profile answer mycountry items.A01.answer=
    """
    from sdmxmig.forms.profiles.plan import read_questions
    from sdmxmig.forms.profiles.texts import parse_key
    from sdmxmig.workspace.tasks.answering import answer, check_answers, normalise_changes, write_answer_command

    changes = {}
    for written in answers:
        key, equals, text = written.partition("=")
        if not equals:
            raise SdmxmigError(f"“{written}” has no answer.", hint=f"Write {written}=… after the workspace.")
        changes[parse_key(key)] = text
    changes = normalise_changes(changes)
    check_answers(changes, read_questions(session.catalogue))
    folder = session.workspace.folder
    with record_change(session, "answer", write_answer_command(folder, changes), by):
        is_changed = answer(session, changes)
    say(
        f"{write_count(len(changes), 'text')} of the profile written."
        if is_changed
        else "No changes: the profile already contains this."
    )
    next_step("sdmxmig assess", folder)


@click.command("claims")
@pass_session
@build_language_option(default="en", show_default=True)
@FORMAT_OPTION
def claims_command(session: Session, language: str, listing_format: str) -> None:
    """List every headline, fact, step, gap and action of the report, with its evidence and its sources.

    \b
    Examples:
      sdmxmig profile claims mycountry
      sdmxmig profile claims mycountry --format json
    """
    from sdmxmig.reporting.sections.evidence import list_claims
    from sdmxmig.workspace.tasks.assessing import compute_assessment

    show_claims(list(list_claims(compute_assessment(session), language)), listing_format)


def show_claims(made: Sequence[Claim], listing_format: str) -> None:
    from dataclasses import asdict

    if listing_format == "json":
        show_list([asdict(claim) for claim in made], listing_format)
        return
    for claim in made:
        head = f"{claim.kind.upper()} {claim.subject}".rstrip()
        show(f"{head}: {claim.statement}", *(f"    {line}" for line in claim.support))


@click.command("progress")
@pass_reading_session
@click.option("--module", default="", metavar="ID", help="Only this module, with its open questions, such as C.")
@build_language_option(default="en", show_default=True)
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
    from sdmxmig.workspace.tasks.answering import read_present_state
    from sdmxmig.workspace.tasks.assessing import build_material, compare_answers

    state = read_present_state(session)
    for finding in state.findings.items:
        say(f"! {finding.place}: {finding.sentence()}")
    profile = state.profile
    lines = list_modules(session, profile, module)
    if listing_format == "json":
        show_list(lines, listing_format)
        return OK
    for line in lines:
        show(
            f"{line['id']:<12} {line['done']:>4} of {line['asked']:<4} core {line['core_done']:>2} of {line['core']:<3}"
        )
        show(*(f"  ○ {item}" for item in line["open"] if module))
    show_contradictions(compare_answers(session, profile, build_material(session, profile)), language)
    stage(
        "progress",
        f"{sum(line['core_done'] for line in lines)} of {sum(line['core'] for line in lines)} core questions",
    )
    next_step("sdmxmig profile form --from", session.workspace.folder)
    return OK


def list_modules(session: Session, profile: Profile, module: str) -> list[dict[str, Any]]:
    from sdmxmig.catalogue.benchmarking import COUNTRY_CODE
    from sdmxmig.forms.profiles.plan import plan, read_questions
    from sdmxmig.workspace.tasks.questionnaires import UNANSWERED, compute_progress, determine_state, list_questions

    asked = read_questions(session.catalogue)
    sheets = {sheet.id: sheet for sheet in plan(session.catalogue, asked, profile)}
    if module and module not in sheets:
        raise SdmxmigError(f"There is no module “{module}”.", hint=did_you_mean(module, sheets))
    lines = []
    for sheet in [sheets[module]] if module else sheets.values():
        questions = list_questions(sheet)
        progress = compute_progress(questions, asked)
        unanswered = [each for each in questions if determine_state(each, asked) == UNANSWERED]
        lines.append(
            {
                "id": sheet.id,
                "asked": progress.asked,
                "done": progress.done,
                "core": progress.core,
                "core_done": progress.core_done,
                "states": progress.states,
                "open": [
                    f"{each.answer.subject} {each.item.id}".removeprefix(f"{COUNTRY_CODE} ") for each in unanswered
                ],
            }
        )
    return lines


def show_contradictions(beside: AnswerEvidence, language: str) -> None:
    if beside.contradictions:
        show(f"{write_count(len(beside.contradictions), 'contradiction')}:")
    for contradiction in beside.contradictions:
        show(f"  ! {contradiction.item} {beside.sentence(contradiction, language)}")


@click.command("sources")
@pass_reading_session
@build_language_option(default="en", show_default=True)
@FORMAT_OPTION
def sources_command(session: Session, language: str, listing_format: str) -> int:
    """List the indicators that the country's sources could provide today, and the next step for each source.

    Module H of the profile lists the sources; their sheets list the recorded variables. To see what a type of source
    can provide in general, run for example: sdmxmig show CL_SRC_TYPE.BOR.

    \b
    Examples:
      sdmxmig profile sources mycountry
      sdmxmig profile sources mycountry --language fr
      sdmxmig profile sources mycountry --format json
    """
    from sdmxmig.workspace.tasks.assessing import list_source_rows

    lines = list_source_rows(session, language)
    if listing_format == "json":
        show_list(lines, listing_format)
        return OK
    for line in lines:
        show(f"{line['indicator']:<22} {line['gives']:<7} {line['source']}: {', '.join(line['recorded']) or '–'}")
        if line["asked"]:
            show(f"  ? not on its sheet: {', '.join(line['asked'])}")
        show(*(f"  → {step}" for step in line["needs"][:1]))
    total = write_count(len(session.catalogue.indicators), "indicator")
    stage("sources", f"{len(lines)} of {total} could come from sources of the country")
    if not lines:
        say("The profile has no source in use. Answer the questions of module H first.")
    next_step(f"sdmxmig profile progress --module {'S' if lines else 'H'}", session.workspace.folder)
    return OK


@click.group("profile", cls=Commands)
def profile_command() -> None:
    """Answer the benchmarking questions of a country.

    \b
    Examples:
      sdmxmig profile form --area GE --language fr -o profile.xlsx
      sdmxmig profile read profile.xlsx -o mycountry
      sdmxmig profile answer mycountry items.A01.answer=Y
      sdmxmig profile progress mycountry
    """


STEP_COMMANDS = (form_command, read_command, answer_command, progress_command, sources_command, claims_command)

for command in STEP_COMMANDS:
    profile_command.add_command(command)
