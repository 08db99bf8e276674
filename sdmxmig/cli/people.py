"""Commands for changes by people: approve, comment, correct, history and justify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION, pass_reading_session, pass_session, record_change
from sdmxmig.cli.terminal import FINDINGS, OK, next_step, say, show, show_json, show_list, show_text
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.history import Step
    from sdmxmig.workspace.tasks.session import Session


@click.command("approve")
@pass_session
@BY_OPTION
@click.option(
    "--state",
    "seen",
    default="",
    metavar="HASH",
    help="The state that you have checked; any other state is not approved.",
)
@click.option("--withdraw", is_flag=True, help="Withdraw your approval.")
def approve_command(session: Session, by: str, seen: str, withdraw: bool) -> None:
    """Approve the current data and findings for sealing, by their hashes.

    If people.toml in the folder of the workspace (or above it) lists people, only data approved by a person other than
    the author of the changes are sealed. Changes to data, findings or structures cancel the approval.

    \b
    Examples:
      sdmxmig approve mycountry --by reviewer
      sdmxmig approve mycountry --by reviewer --withdraw
      sdmxmig approve --by reviewer
      sdmxmig package mycountry --check
    """
    from sdmxmig.workspace.tasks import preflight
    from sdmxmig.workspace.tasks.approvals import explain_missing_approvals

    folder = session.workspace.folder
    if withdraw:
        preflight.withdraw(session, by)
        say(f"{by} has withdrawn the approval.")
        return
    approval = preflight.approve(session, by, seen=seen)
    say(f"{by} has approved {approval.state[:12]}…, the state after step {approval.step}.")
    for reason in explain_missing_approvals(session):
        say(f"! Further conditions are open: {reason}")
    next_step("sdmxmig package", folder)


@click.command("comment")
@pass_session
@click.option(
    "--on", "about", default="", metavar="NAME", help="A finding by its fingerprint, or an answer by its key."
)
@click.option("--text", default="", metavar="TEXT", help="The comment.")
@BY_OPTION
@FORMAT_OPTION
def comment_command(session: Session, about: str, text: str, by: str, listing_format: str) -> None:
    """Comment on a finding or an answer; without --text, list the comments.

    Comments are kept in comments.toml of the workspace, with author and date. The workbench shows them beside the
    finding or the answer. The key of an answer is its key in profile.toml, such as items.A01.

    \b
    Examples:
      sdmxmig comment mycountry
      sdmxmig comment mycountry --on items.A01
      sdmxmig comment mycountry --on items.A01 --text "Which law?" --by reviewer
      sdmxmig comment mycountry --on 0a1b2c3d4e5f6071 --text "The register says so, too." --by statistician
    """
    from sdmxmig.workspace.folder import COMMENTS_FILE
    from sdmxmig.workspace.tasks.approvals import check_permission
    from sdmxmig.workspace.tasks.history import Step, record_changes
    from sdmxmig.workspace.tasks.justifying import create_comment, keep_comments, read_comments, write_comment_command

    folder = session.workspace.folder
    if not text:
        comments = [each for each in read_comments(folder / COMMENTS_FILE) if about in ("", each.about)]
        rows = [{"about": each.about, "at": each.at, "by": each.by, "text": each.text} for each in comments]
        show_list(rows, listing_format)
        return
    if not about:
        raise SdmxmigError(
            "The subject of the comment is missing.", hint="Name it with --on: a fingerprint, or items.A01."
        )
    check_permission(folder, by)
    new = create_comment(session, about, text, by=by)
    command = write_comment_command(folder, [new])
    with record_changes(folder, Step(what="comment", command=command, at=session.prepared, by=by)):
        keep_comments(folder, [new])
    say(f"Saved comment on {new.about}: {new.text}")


@click.command("correct")
@pass_session
@click.argument("cell")
@click.option("--to", "text", required=True, metavar="TEXT", help="The new content of the cell; may be empty.")
@click.option("--was", default=None, metavar="TEXT", help="The current content; any other content is not replaced.")
@click.option("--alike", is_flag=True, help="Change all cells of the file with the same text.")
@BY_OPTION
def correct_command(session: Session, cell: str, text: str, was: str | None, alike: bool, by: str) -> None:
    """Correct a cell of one of your tables; nothing else in the file changes.

    CELL is a file, a sheet and a cell, separated by ! or ›, as in findings. Cells with a formula are not changed. Saved
    results of formulas that may use the cell are removed and listed. Undo the change with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig correct mycountry "stocks.xlsx!Table 3!C14" --to 1027
      sdmxmig correct mycountry "stocks.xlsx!Table 3!C14" --to 1027 --was 1072
      sdmxmig correct mycountry "stocks.csv!B4" --to ""
      sdmxmig correct mycountry "stocks.xlsx!Table 3!A7" --to Ukraine --was Ukrania --alike
    """
    from sdmxmig.conversion.convert.tracing import parse_place
    from sdmxmig.workspace.tasks.correcting import (
        correct_cell,
        correct_equal_cells,
        describe_cleared_formulas,
        write_correct_command,
    )

    folder, place = session.workspace.folder, parse_place(cell)
    with record_change(session, "correct", write_correct_command(folder, place, text, was, alike=alike), by):
        change = correct_equal_cells if alike else correct_cell
        emptied = change(session, place, text, was=was)
    say(f"{place} now contains “{text}”." if text else f"{place} is empty now.")
    if emptied:
        say(f"! {describe_cleared_formulas(emptied)}")
    next_step("sdmxmig validate", folder)


@click.command("history")
@pass_reading_session
@click.option("--undo", "number", type=int, metavar="N", help="Undo step N and keep later steps.")
@BY_OPTION
@click.option(
    "--format",
    "listing_format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="The format of the list.",
)
def history_command(session: Session, number: int | None, by: str, listing_format: str) -> int:
    """List the changes of a workspace with date, person and command, and undo one of them.

    Changes by other programs are listed as “outside”. Each line of the history holds the hash of the line before. If a
    line was changed or removed, a message names it, and the exit code is 1.

    \b
    Examples:
      sdmxmig history mycountry
      sdmxmig history mycountry --undo 7
      sdmxmig history mycountry --format csv
      sdmxmig history
    """
    from sdmxmig.workspace.tasks.approvals import ANSWERS, check_permission
    from sdmxmig.workspace.tasks.history import describe_step, find_tampered_line, list_steps, undo, write_csv

    folder = session.workspace.folder
    if number is not None:
        check_permission(folder, by, ANSWERS)
        step = undo(folder, number, session.prepared, by=by)
        say(f"Step {number} is undone, as step {step.number}: {', '.join(step.files)}")
        return OK
    steps = list_steps(folder, session.prepared)
    if listing_format == "json":
        show_json([describe_step(step) for step in steps])
    elif listing_format == "csv":
        show_text(write_csv(steps))
    else:
        show(*map(format_step, steps))
    line = find_tampered_line(folder)
    if line:
        say(f"! Line {line} of history.jsonl was changed, or lines after it were removed.")
    return FINDINGS if line else OK


def format_step(step: Step) -> str:
    who = f"  by {step.by}" if step.by else ""
    return f"{step.number:>4}  {step.at}  {step.what:<10} {', '.join(step.files)}{who}"


@click.command("justify")
@click.argument("finding")
@pass_session
@click.option("--and", "others", multiple=True, metavar="FINDING", help="Another finding; may be repeated.")
@click.option("--text", required=True, metavar="REASON", help="The reason that justifies the warning.")
@click.option("--by", default="", metavar="NAME", help="The author of the reason.")
def justify_command(session: Session, finding: str, others: tuple[str, ...], text: str, by: str) -> None:
    """Give the reason for a warning, or for several warnings at once.

    FINDING is the fingerprint that validate shows beside a warning, or the id of a rule, to justify all its warnings
    without a reason. Reasons are saved in justifications.toml of the workspace and used in later submissions, as long
    as the finding is the same. Errors must be corrected. Information items need no reason.

    \b
    Examples:
      sdmxmig justify 0a1b2c3d4e5f6071 mycountry --text "The register was cleaned in 2022."
      sdmxmig justify RULE mycountry --text "No survey was held in these years."
      sdmxmig justify 0a1b2c3d4e5f6071 --text "Confirmed by the ministry." --by "Migration statistics"
    """
    from sdmxmig.workspace.tasks.justifying import justify, list_warnings, write_justify_command

    folder = session.workspace.folder
    fingerprints = [fingerprint for name in (finding, *others) for fingerprint in list_warnings(session, name)]
    with record_change(session, "justify", write_justify_command(folder, fingerprints, text, by=by), by):
        justifications = justify(session, fingerprints, text, by=by)
    for justification in justifications:
        say(f"{justification.rule} on {justification.flow} is justified: {justification.text}")
    next_step("sdmxmig validate", folder)
