"""``sdmxmig profile form`` and ``read``: profile forms."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION, WORKSPACE_OPTION, language_option, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import FINDINGS, OK, next_step, say, show, show_json_text, show_text, stage
from sdmxmig.io.publishing.files import check_apart, check_new, check_proposal, publish_file, publish_proposal
from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.workspace.folder import COUNTRY_FILE, PROFILE_FILE
from sdmxmig.workspace.tasks.clock import moment
from sdmxmig.workspace.tasks.talk import quoted

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sdmxmig.catalogue import Catalogue
    from sdmxmig.catalogue.benchmarking import Profile
    from sdmxmig.forms.profiles.dataset import AnswerCells
    from sdmxmig.forms.profiles.texts import Texts

FORMS = {"workbook": "xlsx", "text": "toml"}


@click.command("form")
@WORKSPACE_OPTION
@click.option("--area", default="", metavar="CODE", help="The country.  [default: that of the workspace or profile]")
@click.option("--year", default="", help="Year of the assessment.  [default: that of the profile, or the current year]")
@language_option(default="en", show_default=True)
@click.option(
    "--from", "known", type=click.Path(path_type=Path), metavar="PROFILE", help="A profile whose answers are filled in."
)
@click.option("--short", is_flag=True, help="Only the core items, and availability of the core indicators.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(list(FORMS)),
    default="workbook",
    show_default=True,
    help="A workbook, or a commented text file.",
)
@click.option("--now", default="", metavar="TIME", help="The time that sets the year.  [default: now]")
@output_option("out", "The file.  [default: profile-AREA.xlsx]")
def form_command(  # noqa: PLR0913, PLR0917 - one for each option
    workspace: Path | None,
    area: str,
    year: str,
    language: str,
    known: Path | None,
    short: bool,
    kind: str,
    now: str,
    out: Path | None,
) -> int:
    """Make a form in which a country answers the benchmarking study: a workbook, or a commented text file.

    The form has every question with its reference document, the answers to choose from, and a count of answers. In a
    workspace, the form is filled in from its profile.

    \b
    Examples:
      sdmxmig profile form --area GE --language fr
      sdmxmig profile form --workspace mycountry
      sdmxmig profile form --from mycountry --year 2026 -o profile-2026.xlsx
      sdmxmig profile form --area GE --short --as text -o profile.toml
    """
    from sdmxmig.catalogue import load
    from sdmxmig.forms.profiles.texts import to_text
    from sdmxmig.forms.profiles.writing import to_workbook
    from sdmxmig.sdmx.words import read_words
    from sdmxmig.workspace.tasks.profile_forms import begun
    from sdmxmig.workspace.tasks.questionnaires import template

    folder = at_work(workspace)
    catalogue = load(folder)
    source = known or (None if area else folder)
    profile = begun(catalogue, source, area, year, default_year=str(moment(now).year))
    words = read_words(template(folder, "profile", "words.csv").decode("utf-8-sig"))
    target = out or Path(f"profile-{profile.area}.{FORMS[kind]}")
    if target.suffix.lower() != f".{FORMS[kind]}":
        hint = f"Write a name that ends in .{FORMS[kind]}, or --as {' or '.join(FORMS)}."
        raise SdmxmigError(f"“{target}” is not the name of a {kind}.", hint=hint)
    check_new(target)
    make = to_workbook if kind == "workbook" else to_text
    publish_file(target, make(profile, catalogue, words, language=language, short=short), "-o FILE")
    stage(
        "profile",
        f"a form for {profile.area} {profile.year}, {counted(len(list(profile.all_answers())), 'answer')} in it",
    )
    show(str(target))
    into = f" -o {quoted(source)}" if source and (source / COUNTRY_FILE).is_file() else ""
    into += " --update" if into and source and (source / PROFILE_FILE).is_file() else ""
    next_step(f"fill it in, then: sdmxmig profile read {quoted(target)}{into}")
    return OK


@click.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@output_option("out", "profile.toml, or the folder for it.")
@click.option("--update", is_flag=True, help="Change the answers in the existing profile, and keep its comments.")
@click.option("--marked", type=click.Path(path_type=Path), metavar="FILE", help="A copy with faulty cells marked.")
@language_option(default="en", show_default=True)
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
    from sdmxmig.workspace.tasks.profile_forms import checked, opened

    target = out if out is None or out.suffix.lower() == Path(PROFILE_FILE).suffix else out / PROFILE_FILE
    for path in (target, marked):
        if path is not None:
            check_apart(path, file)
    if target or update:
        check_target(target, update=update)
    if marked:
        check_new(marked, "--marked FILE")
    catalogue = load(at_work(workspace))
    profile, read_findings, cells = opened(file, catalogue)
    findings = checked(profile, read_findings, cells, catalogue)
    if listing_format == "json":
        show_json_text(findings_json.render(findings, catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, language=language, flows=catalogue.flows))
    if marked:
        content = read_bytes(file)
        publish_file(marked, marked_workbook.mark(file.name, content, findings, language=language), "--marked FILE")
    stage("read", f"{counted(len(list(profile.all_answers())), 'answer')}, {counted(len(profile.sources), 'source')}")
    if findings.has_errors:
        say("No file was written. Correct the errors first." if out else "Correct the errors, and read it again.")
        return FINDINGS
    if target:
        write(target, profile, cells, catalogue, update=update, by=by)
        is_used = (target.parent / COUNTRY_FILE).is_file()
        next_step(*("sdmxmig assess", target.parent) if is_used else ("sdmxmig profile data", target))
    return OK


def check_target(target: Path | None, *, update: bool) -> None:
    from sdmxmig.workspace.tasks.questionnaires import template

    if not update and target:
        check_proposal(target, replaceable=[template(None, "workspace", PROFILE_FILE)])
    elif not (target and target.is_file()):
        hint = "Name the workspace with -o, or leave --update away."
        raise SdmxmigError("There is no profile to update.", hint=hint)


def write(target: Path, profile: Profile, cells: AnswerCells, catalogue: Catalogue, *, update: bool, by: str) -> None:
    from sdmxmig.forms.profiles.file import profile_file
    from sdmxmig.forms.profiles.plan import asked_by
    from sdmxmig.forms.profiles.texts import texts_of
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.answering import answered, changes_by_form, state_of

    asked = asked_by(catalogue)
    if not update:
        publish_proposal(target, profile_file(profile, asked))
        return
    before = state_of(read_bytes(target), asked)
    if before.profile.area != profile.area:
        message = f"This is a profile of {before.profile.area}, the form is of {profile.area}."
        raise SdmxmigError(message, before.profile.place, "Name the workspace of the same country with -o.")
    changes = changes_by_form(before.texts, texts_of(profile, asked), cells, asked)
    content = answered(before, changes, asked)
    with as_step(target, changes, before.sha256, by):
        publish_file(target, content, "-o FILE")


def as_step(file: Path, changes: Texts, made_from: str, by: str) -> AbstractContextManager[None]:
    """Record answers as a history step.

    Raises `Conflict` if changed since `made_from`, `SdmxmigError` if not permitted.
    """
    from sdmxmig.workspace.tasks.answering import answer_command_line
    from sdmxmig.workspace.tasks.approvals import ANSWERS, check_may
    from sdmxmig.workspace.tasks.history import Intent, recorded

    folder = file.parent
    if file.name != PROFILE_FILE or not (folder / COUNTRY_FILE).is_file():
        return nullcontext()
    check_may(folder, by, ANSWERS)
    at = moment("").isoformat(timespec="seconds")
    intent = Intent(what="answer", command=answer_command_line(folder, changes), at=at, by=by)
    return recorded(folder, intent, {PROFILE_FILE: made_from})
