"""Pages of the workbench, with navigation, and the roles that their actions need."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.io.publishing.files import LockedError
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.templating import Templates
from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.web.guidance import (
    LANGUAGES,
    collect_tour_facts,
    describe_help,
    find_screen_for_place,
    load_web_words,
    mark_labels,
    mark_sentence,
    read_step,
)
from sdmxmig.web.proxy import add_prefix
from sdmxmig.web.screens import Screen, ScreenContent, Visit, describe_error
from sdmxmig.web.screens.job import find_shown_job
from sdmxmig.workspace.tasks.approvals import (
    ROLES,
    MissingRoleError,
    People,
    get_roles,
    is_viewer,
    read_people,
    read_people_file,
)
from sdmxmig.workspace.tasks.history import Conflict, describe_step, read_history

if TYPE_CHECKING:
    from sdmxmig.web.workbench import Workbench


WORKSPACE_FIELD = "of-workspace"
TYPED_FIELDS = ("text", "to", "answer", "other", "comment", "new-text")
POST_FORM = re.compile(r'<form\b[^<>]*\bmethod="post"[^<>]*>')


FAULT_TEXT = "An unexpected error occurred. The error is in the program, not in your data."


class Fault(SdmxmigError):  # noqa: N818 - the name says what is the matter
    def __init__(self, place: Place | None = None, hint: str = "") -> None:
        super().__init__(FAULT_TEXT, place, hint)


class Pages:
    def __init__(self, screens: tuple[Screen, ...]) -> None:
        self.rail = [
            {"name": screen.name, "path": screen.path, "title": screen.title, "of_workspace": screen.of_workspace}
            for screen in screens
            if screen.rail
        ]
        self.of_all = frozenset(screen.name for screen in screens if screen.rail and not screen.of_workspace)
        self.paths = frozenset(screen.path for screen in screens if screen.rail)
        self.titles = {screen.name: screen.title for screen in screens}

    def screen(self, screen: Screen, visit: Visit, shown: ScreenContent) -> str:
        return self._fill_template(f"{screen.name}.html.j2", screen, visit, shown)

    def trouble(self, screen: Screen, visit: Visit, error: SdmxmigError) -> str:
        facts = {**describe_error(error), "is_fault": isinstance(error, Fault), **describe_conflict(error, visit)}
        return self._fill_template("trouble.html.j2", screen, visit, ScreenContent(facts))

    def _fill_template(self, template: str, screen: Screen, visit: Visit, shown: ScreenContent) -> str:
        done, last = visit.asked.get("done", ""), visit.workbench.jobs.last
        words = load_web_words(visit.language)
        try:
            html = build_templates(visit.language).fill(
                template,
                language=visit.language,
                direction=text.find_direction(visit.language),
                languages=LANGUAGES,
                rail=[
                    entry
                    for entry in self.rail
                    if not (visit.workbench.at_start and entry["of_workspace"]) and entry["name"] not in visit.closed
                ],
                by=visit.by,
                roles=[role for role in ROLES if role in visit.roles],
                here=screen.name,
                title=screen.title,
                back=(visit.form and visit.name_next_page())
                or "?".join(filter(None, [screen.path, urlencode(dict(visit.asked))])),
                command=shown.command,
                done=done if done in words.table else "",
                asked=visit.asked,
                facts=shown.facts,
                moment=partial(format_moment, zone=visit.workbench.zone),
                titles=self.titles,
                help=describe_help(screen.name),
                tour=collect_tour_facts(read_step(visit.tour, visit.workbench.token), screen.name),
                job=find_shown_job(visit, screen.name),
                drafts=f"{visit.workbench.token} {visit.by}".strip(),
                at_work=last.number if last is not None and last.is_running else 0,
                may_end=visit.workbench.end is not None,
            )
        except DeclarationError as error:  # one of our templates uses a value that the screen lacks
            raise RuntimeError(str(error)) from error
        if visit.by:
            html = disable_forms(html, visit.roles)
        proxy = visit.workbench.access.proxy
        return add_prefix(mark_forms(html, visit.workbench.token), proxy.prefix if proxy else "")


def describe_conflict(error: SdmxmigError, visit: Visit) -> dict[str, Any]:
    kinds = ((LockedError, "busy"), (Conflict, "conflict"), (MissingRoleError, "not allowed"))
    kind = next((name for of, name in kinds if isinstance(error, of)), "")
    return {
        "kind": kind,
        "needed": list(error.needed) if isinstance(error, MissingRoleError) else [],
        "meanwhile": find_last_changes(visit.workbench.folder, error.changed) if isinstance(error, Conflict) else [],
        "typed": list_typed_texts(visit.form) if kind in ("busy", "conflict") else [],
    }


def find_last_changes(workspace: Path, names: Collection[str]) -> list[dict[str, Any]]:
    try:
        steps = read_history(workspace)
    except SdmxmigError:
        return []
    last = {name: step.number for step in steps for name in names if name in step.files}
    return [describe_step(step) for step in steps if step.number in last.values()]


def list_typed_texts(form: Mapping[str, str]) -> list[str]:
    texts = [text for name, text in form.items() if name in TYPED_FIELDS or name.partition(":")[0] in TYPED_FIELDS]
    return [text for text in texts if text.strip()]


def mark_forms(html: str, token: str) -> str:
    field = f'<input type="hidden" name="{WORKSPACE_FIELD}" value="{token}">'
    return POST_FORM.sub(lambda form: form[0] + field, html)


def format_moment(moment: str, zone: tzinfo | None = UTC) -> str:
    """Format a time to the minute in a time zone, by default that of this machine.

    >>> format_moment("2026-01-31T12:00:00+00:00"), format_moment("")
    ('2026-01-31 12:00 UTC', '')
    >>> from datetime import timedelta, timezone
    >>> format_moment("2026-01-31T22:00:00+00:00", timezone(timedelta(hours=4)))
    '2026-02-01 02:00 UTC+04:00'
    """
    try:
        instant = datetime.fromisoformat(moment)
        here = instant.astimezone(zone) if instant.tzinfo else instant
    except (ValueError, OverflowError, OSError):  # a text of a user
        return moment
    offset = f"{here:%z}"
    named = f" UTC{f'{offset[:3]}:{offset[3:5]}' * (offset != '+0000')}" if offset else ""
    return f"{here:%Y-%m-%d %H:%M}{named}"


@lru_cache(maxsize=len(LANGUAGES))
def build_templates(language: str) -> Templates:
    say = load_web_words(language).say
    return Templates(
        [find_shipped_folder("templates") / "web"],
        words={
            "_": say,
            "number": lambda value: text.format_number(value, language),
            "sentence": partial(mark_sentence, language=language),
            "screen_of_place": find_screen_for_place,
            "guide": lambda message: Markup(mark_labels(say(message), say)),  # noqa: S704 - it escapes all but its tags
        },
    )


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


def load_people(workbench: Workbench, *, of_workspace: bool) -> People | None:
    return (
        read_people(workbench.folder) if of_workspace and not workbench.at_start else read_people_file(workbench.base)
    )


def collect_roles(workbench: Workbench, name: str, *, of_workspace: bool) -> frozenset[str]:
    people = load_people(workbench, of_workspace=of_workspace)
    if people is None or not is_viewer(people, name):
        raise MissingRoleError(name)
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
