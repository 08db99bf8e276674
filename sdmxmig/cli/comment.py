"""``sdmxmig comment``: comments on findings and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import say, show_list
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("comment")
@in_workspace
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
    from sdmxmig.workspace.tasks.commenting import comment_command_line, keep_comments, new_comment, read_comments
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.people import check_may

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
    check_may(folder, by)
    new = new_comment(session, about, text, by=by)
    command = comment_command_line(folder, [new])
    with recorded(folder, Intent(what="comment", command=command, at=session.prepared, by=by)):
        keep_comments(folder, [new])
    say(f"Saved comment on {new.about}: {new.text}")
