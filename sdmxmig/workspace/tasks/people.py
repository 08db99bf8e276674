"""People: answering, reviewing, sending.

From ``people.toml`` in the workspace or its parent; without it, one person may do all.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.io.edited_toml import inline, with_value
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.workspace.folder import PEOPLE_FILE

ANSWERS, REVIEWS, SENDS, OPENS, MANAGES = "answers", "reviews", "sends", "opens", "manages"
ROLES = (ANSWERS, REVIEWS, SENDS, OPENS, MANAGES)
"""Roles: edit, review, send, create, manage."""
REFUSED, LOOKS = "refused", "looks"
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Roles by person, and the default for others."""

    roles: Mapping[str, frozenset[str]]
    strangers: str = REFUSED


def is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable() and text == text.strip()


def people_of(workspace: Path) -> People | None:
    folder = workspace.resolve()
    return people_in(folder) or people_in(folder.parent)


def people_in(folder: Path) -> People | None:
    path = folder / PEOPLE_FILE
    if not os.path.lexists(path):  # a folder or broken link of this name is a mistake, and must not grant every role
        return None
    return parse_people(path, read_bytes(path))


def people_file(workspace: Path) -> Path:
    own, above = (folder / PEOPLE_FILE for folder in (workspace.resolve(), workspace.resolve().parent))
    return above if os.path.lexists(above) and not os.path.lexists(own) else own


def parse_people(path: Path, content: bytes) -> People:
    declared = Declared.parse(str(path), content)
    strangers = declared.text("strangers", REFUSED)
    if strangers not in (REFUSED, LOOKS):
        hint = f'Write "{REFUSED}", or "{LOOKS}" where everybody whom the proxy lets in may look.'
        raise DeclarationError(f"“{strangers}” is not a setting for strangers.", declared.at("strangers"), hint)
    entries = declared.table("people", required=True)
    roles = {name: frozenset(entries.strings(name, None)) for name in entries.values}
    for name, named_roles in roles.items():
        if not is_name(name):
            hint = "Write it as the proxy says it, in one line, without blanks around it."
            raise DeclarationError(f"“{name}” is not a name.", entries.at(name), hint)
        for role in sorted(named_roles.difference(ROLES)):
            raise DeclarationError(f"“{role}” is not a role.", entries.at(name), did_you_mean(role, ROLES))
    declared.close()
    return People(roles=roles, strangers=strangers)


def with_person(path: Path, content: bytes, name: str, roles: Collection[str] | None) -> bytes:
    """Set a person's roles, or remove with None; raises `SdmxmigError` if no manager is left."""
    if not is_name(name):
        hint = f"Write it as the sign-in of your office does, with at most {LONGEST_NAME} characters."
        raise SdmxmigError(f"“{name}” is not a name.", hint=hint)
    before = parse_people(path, content) if content else People(roles={})
    written = "" if roles is None else inline([role for role in ROLES if role in roles])
    changed = with_value(content.decode("utf-8-sig"), ("people", name), written).encode()
    managers = [each for each, theirs in before.roles.items() if MANAGES in theirs]
    left = [each for each in managers if each != name] or (roles is not None and MANAGES in roles)
    if not left and (managers or not before.roles):
        hint = f"Give the role {MANAGES} to another person first."
        raise SdmxmigError(f"At least one person needs the role {MANAGES}.", hint=hint)
    parse_people(path, changed)
    return changed


def may_look(people: People, name: str) -> bool:
    return name in people.roles or people.strangers == LOOKS


def roles_of(people: People, name: str) -> frozenset[str]:
    return people.roles.get(name, frozenset())


class NotAllowed(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """A person lacks one of these roles; without roles, they may not even look."""

    def __init__(self, name: str, needed: tuple[str, ...] = ()) -> None:
        message = (
            f"This needs the role {' or '.join(needed)}, which “{name}” does not have."
            if needed
            else f"“{name}” is not named among those who may look at this."
        )
        super().__init__(message, hint="Ask a person who manages people.")
        self.name, self.needed = name, needed


def check_role(people: People, name: str, needed: tuple[str, ...]) -> None:
    if not name:
        hint = f"Add your name with --by NAME, as in {PEOPLE_FILE} has it."
        raise SdmxmigError(f"Only who {' or '.join(needed)} may do this.", hint=hint)
    if roles_of(people, name).isdisjoint(needed):
        raise NotAllowed(name, needed)


def check_may(workspace: Path, name: str, *needed: str) -> None:
    people = people_of(workspace)
    if people is not None:
        check_role(people, name, needed or (ANSWERS, REVIEWS, SENDS))
