"""Pages: the frame with the rail of stages, and in it the template of a screen filled with its facts."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlencode

from sdmxmig import text
from sdmxmig.catalogue.folders import shipped
from sdmxmig.errors import DeclarationError, SdmxmigError
from sdmxmig.outputs.templating import Templates
from sdmxmig.places import Place
from sdmxmig.web.languages import LANGUAGES, web_words
from sdmxmig.web.screens import Screen, Shown, Visit

OF_WORKSPACE = "of-workspace"
"""The field in which every form says of which workspace its page was."""
POST_FORM = re.compile(r'<form\b[^<>]*\bmethod="post"[^<>]*>')


FAULT = "sdmxmig met something that it does not know: this is a fault of the program, not of your data."


class Fault(SdmxmigError):  # noqa: N818 - the name says what is the matter
    """A bug: told in one sentence, with the place of its report."""

    def __init__(self, place: Place | None = None, hint: str = "") -> None:
        super().__init__(FAULT, place, hint)


class Pages:
    """Makes the pages of these screens."""

    def __init__(self, screens: tuple[Screen, ...]) -> None:
        self.rail = [
            {"name": screen.name, "path": screen.path, "title": screen.title, "of_workspace": screen.of_workspace}
            for screen in screens
            if screen.rail
        ]

    def screen(self, screen: Screen, visit: Visit, shown: Shown) -> str:
        """The page of a screen with its facts."""
        return self._filled(f"{screen.name}.html.j2", screen, visit, shown)

    def trouble(self, screen: Screen, visit: Visit, error: SdmxmigError) -> str:
        """The page that says what is wrong with a request, where, and what to do next."""
        facts = {
            "message": error.message,
            "place": str(error.place) if error.place else "",
            "hint": error.hint,
            "is_fault": isinstance(error, Fault),
        }
        return self._filled("trouble.html.j2", screen, visit, Shown(facts))

    def _filled(self, template: str, screen: Screen, visit: Visit, shown: Shown) -> str:
        done = visit.asked.get("done", "")
        words = web_words(visit.language)
        try:
            html = templates(visit.language).fill(
                template,
                language=visit.language,
                direction=text.direction(visit.language),
                languages=LANGUAGES,
                rail=[entry for entry in self.rail if not (visit.desk.at_start and entry["of_workspace"])],
                here=screen.name,
                title=screen.title,
                back=f"{screen.path}?{urlencode(dict(visit.asked))}" if visit.asked else screen.path,
                command=shown.command,
                done=done if done in words.table else "",
                asked=visit.asked,
                facts=shown.facts,
            )
        except DeclarationError as error:  # a template of ours asks for what no screen gives
            raise RuntimeError(str(error)) from error
        return naming_workspace(html, visit.desk.token)


def naming_workspace(html: str, token: str) -> str:
    """A page whose forms say of which workspace they were made; what stands in it from files is escaped, and no tag."""
    field = f'<input type="hidden" name="{OF_WORKSPACE}" value="{token}">'
    return POST_FORM.sub(lambda form: form[0] + field, html)


def shown_moment(moment: str) -> str:
    """A time of day as people read it, to the minute.

    >>> shown_moment("2026-01-31T12:00:00+00:00"), shown_moment("")
    ('2026-01-31 12:00 UTC', '')
    """
    day, _, time = moment.partition("T")
    return f"{day} {time[:5]}{' UTC' * time.endswith('+00:00')}".strip()


@lru_cache(maxsize=len(LANGUAGES))
def templates(language: str) -> Templates:
    """The templates of the workbench in one language."""
    return Templates(
        [shipped("templates") / "web"],
        words={
            "_": web_words(language).say,
            "number": lambda value: text.number(value, language),
            "moment": shown_moment,
        },
    )
