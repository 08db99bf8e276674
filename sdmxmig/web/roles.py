"""Roles: which of them each action of each screen needs, where several people work behind a proxy.

This is the one place where it stands. An action that is not here is done for nobody there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sdmxmig.workspace.tasks.people import (
    ANSWERS,
    MANAGES,
    OPENS,
    REVIEWS,
    SENDS,
    NotAllowed,
    People,
    may_look,
    people_in,
    people_of,
    roles_of,
)

if TYPE_CHECKING:
    from sdmxmig.web.desk import Desk

ANY = (ANSWERS, REVIEWS, SENDS)
NEEDED: Mapping[str, tuple[str, ...]] = {
    "home/start": (ANSWERS,),
    "home/start package": (SENDS,),
    "home/undo": (ANSWERS,),
    "data/add": (ANSWERS,),
    "data/rename": (ANSWERS,),
    "data/remove": (ANSWERS,),
    "mapping/answer": (ANSWERS,),
    "mapping/accept": (ANSWERS,),
    "mapping/save": (ANSWERS,),
    "mapping/forget": (ANSWERS,),
    "mapping/rename": (ANSWERS,),
    "mapping/remove": (ANSWERS,),
    "findings/mend": (ANSWERS,),
    "findings/justify": (ANSWERS,),
    "findings/comment": ANY,
    "accounts/work-out": (ANSWERS, REVIEWS),
    "accounts/protect": (ANSWERS,),
    "profile/save": (ANSWERS,),
    "profile/look": ANY,
    "profile/comment": ANY,
    "report/make": (ANSWERS, REVIEWS),
    "report/style": (ANSWERS,),
    "report/no-logo": (ANSWERS,),
    "submission/approve": (REVIEWS,),
    "submission/withdraw": (REVIEWS,),
    "submission/seal": (SENDS,),
    "submission/send": (SENDS,),
    "submission/resume": (SENDS,),
    "submission/ask": (SENDS,),
    "submission/fetch-back": (SENDS,),
    "submission/settle": (SENDS,),
    "submission/take-back": (SENDS,),
    "settings/save": (MANAGES,),
    "settings/test": (MANAGES, SENDS),
    "settings/secret": (MANAGES,),
    "settings/person": (MANAGES,),
    "settings/remove-person": (MANAGES,),
    "settings/forget-people": (),
    "region/open": (OPENS,),
    "start/open": (OPENS,),
    "start/new": (OPENS,),
    "start/table": (OPENS,),
    "start/example": (OPENS,),
    "job/stop": (*ANY, OPENS),
    "tour/begin": (OPENS,),
    "tour/go": (*ANY, OPENS),
    "end/now": (),
}
"""The roles of which one suffices, by screen and action; where a form names a command, by that, too.

Who has started a workbench of several people ends it: nobody does so from a browser.
"""
NOBODY = "of nobody"
"""What is needed for an action that is not declared here."""
FORM = re.compile(r'<form\b[^<>]*\bmethod="post"[^<>]*>.*?</form>', re.DOTALL)
BUTTON = re.compile(r"<button\b[^<>]*>")
ACTION = re.compile(r'\b(?:form)?action="/([\w-]+)/do/([\w-]+)"')
COMMAND = re.compile(r'\bname="command" value="([\w -]+)"')


def needed(screen: str, action: str, command: str = "") -> tuple[str, ...]:
    """The roles of which somebody needs one to do this; none if nobody may."""
    name = f"{screen}/{action}"
    return NEEDED.get(f"{name} {command}", NEEDED.get(name, ()))


def may(roles: frozenset[str], screen: str, action: str, command: str = "") -> bool:
    """Whether somebody with these roles may do this."""
    return not roles.isdisjoint(needed(screen, action, command))


def people_at(desk: Desk, *, of_workspace: bool) -> People | None:
    """Who may be here: those of the workspace; where there is none, those of the folder of all workspaces."""
    return people_of(desk.folder) if of_workspace and not desk.at_start else people_in(desk.base)


def roles_at(desk: Desk, name: str, *, of_workspace: bool) -> frozenset[str]:
    """The roles of somebody here; raises `NotAllowed` for those who may not even look."""
    people = people_at(desk, of_workspace=of_workspace)
    if people is None or not may_look(people, name):
        raise NotAllowed(name)
    return roles_of(people, name)


def with_disabled(html: str, roles: frozenset[str]) -> str:
    """A page in which the buttons are disabled that somebody with these roles may not use."""
    return FORM.sub(lambda form: with_disabled_buttons(form[0], roles), html)


def with_disabled_buttons(form: str, roles: frozenset[str]) -> str:
    """A form in which buttons are disabled by what they do: what stands at the button itself comes first."""
    head = ACTION.search(form[: form.index(">") + 1])

    def shown(button: re.Match[str]) -> str:
        tag = button[0]
        action, command = ACTION.search(tag) or head, COMMAND.search(tag)
        if action is None or " disabled" in tag or may(roles, action[1], action[2], command[1] if command else ""):
            return tag
        return f"{tag[:-1]} disabled>"

    return BUTTON.sub(shown, form)
