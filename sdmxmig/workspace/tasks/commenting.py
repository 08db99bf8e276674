"""Comments on findings and answers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.mapping.writing import quoted
from sdmxmig.forms.profiles.plan import asked_by
from sdmxmig.forms.profiles.texts import ANSWER, key_from, unit_of, written_key
from sdmxmig.io.intake.files import open_file, read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.workspace.folder import COMMENTS_FILE
from sdmxmig.workspace.tasks.answering import check_answers
from sdmxmig.workspace.tasks.finding_lists import store_of

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

LONGEST, MOST = 4_000, 20_000
"""So many signs has a comment, and so many comments has a workspace."""
HEAD = "# What people say about findings and answers. Written by: sdmxmig comment\n"
FINGERPRINT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a finding (fingerprint) or answer (key)."""

    about: str
    text: str
    _: KW_ONLY
    by: str = ""
    at: str = ""


def new_comment(session: Session, about: str, text: str, *, by: str = "") -> Comment:
    """Create a comment.

    Raises `SdmxmigError` for an unknown subject.
    """
    words = " ".join(text.split())
    if not words or len(words) > LONGEST:
        raise SdmxmigError("The comment is empty or too long.", hint=f"Write at most {LONGEST:,} characters.")
    return Comment(subject_of(session, about), words, by=" ".join(by.split()), at=session.prepared)


def keep_comments(workspace: Path, comments: Sequence[Comment]) -> None:
    if not comments:
        return
    path = workspace / COMMENTS_FILE
    if len(read_comments(path)) + len(comments) > MOST:
        raise SdmxmigError(f"A workspace has at most {MOST:,} comments.", hint=f"Move {COMMENTS_FILE} away.")
    before = read_bytes(path).decode() if path.is_file() else HEAD
    publish_file(path, "\n".join([before.rstrip("\n") + "\n", *map(entry_of, comments)]).encode())


def subject_of(session: Session, about: str) -> str:
    if FINGERPRINT.fullmatch(about):
        path = store_of(session.out)
        if not path.is_file() or not is_found(path, about):
            hint = "Take the fingerprint that validate shows beside a finding."
            raise SdmxmigError(f"There is no finding “{about}”.", hint=hint)
        return about
    unit = unit_of(key_from(about if about.endswith(f".{ANSWER}") else f"{about}.{ANSWER}"))
    check_answers({(*unit, ANSWER): ""}, asked_by(session.catalogue))
    return written_key(unit)


def is_found(store: Path, fingerprint: str) -> bool:
    with open_file(store) as file:
        return any(f'"{fingerprint}"'.encode() in line for line in file)


def read_comments(path: Path) -> tuple[Comment, ...]:
    if not path.is_file():
        return ()
    declared = Declared.parse(path.name, read_bytes(path))
    comments = []
    for entry in declared.tables("comment"):
        comments.append(
            Comment(entry.text("about"), entry.text("text"), by=entry.text("by", ""), at=entry.text("at", ""))
        )
        entry.close()
    declared.close()
    return tuple(comments)


def by_subject(comments: Iterable[Comment]) -> dict[str, list[dict[str, str]]]:
    subjects: dict[str, list[dict[str, str]]] = {}
    for each in comments:
        subjects.setdefault(each.about, []).append({"text": each.text, "by": each.by, "at": each.at})
    return subjects


def entry_of(comment: Comment) -> str:
    lines = [f"{name} = {quoted(value)}" for name, value in asdict(comment).items() if value]
    return "\n".join(["[[comment]]", *lines, ""])


def comment_command_line(folder: Path, comments: Iterable[Comment]) -> str:
    lines = (
        [
            "sdmxmig",
            "comment",
            str(folder),
            "--on",
            each.about,
            "--text",
            each.text,
            *(["--by", each.by] if each.by else []),
        ]
        for each in comments
    )
    return " && ".join(map(shlex.join, lines))
