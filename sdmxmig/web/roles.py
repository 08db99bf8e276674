"""Roles needed for each action; unlisted actions are refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.primitives.rows import read_csv_rows
from sdmxmig.workspace.tasks.approvals import (
    NotAllowed,
    People,
    get_roles,
    is_viewer,
    read_people,
    read_people_file,
)

if TYPE_CHECKING:
    from sdmxmig.web.desk import Desk

NEEDED_ROLES = {
    row["action"]: tuple(row["roles"].split()) for row in read_csv_rows(Path(__file__).with_name("roles.csv"))
}
"""Sufficient roles by screen and action.

Only the person who started a shared workbench can end it.
"""
NO_ROLE = "of nobody"
FORM_OR_BUTTON = re.compile(r"<(?:form|button)\b[^<>]*>|</form>")
NAMED_FORM = re.compile(r'<form\b[^<>]*\bid="([\w-]+)"[^<>]*>')
FORM_OF_BUTTON = re.compile(r'\bform="([\w-]+)"')
ACTION = re.compile(r'\b(?:form)?action="/([\w-]+)/do/([\w-]+)"')
COMMAND = re.compile(r'\bname="command" value="([\w -]+)"')


def list_needed_roles(screen: str, action: str, command: str = "") -> tuple[str, ...]:
    name = f"{screen}/{action}"
    return NEEDED_ROLES.get(f"{name} {command}", NEEDED_ROLES.get(name, ()))


def load_people(desk: Desk, *, of_workspace: bool) -> People | None:
    return read_people(desk.folder) if of_workspace and not desk.at_start else read_people_file(desk.base)


def collect_roles(desk: Desk, name: str, *, of_workspace: bool) -> frozenset[str]:
    people = load_people(desk, of_workspace=of_workspace)
    if people is None or not is_viewer(people, name):
        raise NotAllowed(name)
    return get_roles(people, name)


def disable_forms(html: str, roles: frozenset[str]) -> str:
    """Disable the buttons that these roles may not use, including those outside their form."""
    named_forms = {form[1]: form[0] for form in NAMED_FORM.finditer(html)}
    open_form = ""

    def shown(match: re.Match[str]) -> str:
        nonlocal open_form
        tag = match[0]
        if not tag.startswith("<button"):
            open_form = tag
            return tag
        name = FORM_OF_BUTTON.search(tag)
        action = ACTION.search(tag) or ACTION.search(named_forms.get(name[1], "") if name else open_form)
        command = COMMAND.search(tag)
        if action is None or " disabled" in tag:
            return tag
        needed = list_needed_roles(action[1], action[2], command[1] if command else "")
        return f"{tag[:-1]} disabled>" if roles.isdisjoint(needed) else tag

    return FORM_OR_BUTTON.sub(shown, html)
