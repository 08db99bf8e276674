"""End screen."""

from __future__ import annotations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import quote_path
from sdmxmig.web.screens import Screen, See, Shown, Visit


def show(visit: Visit) -> Shown:
    return Shown(describe_end(visit, is_ended=False))


def describe_end(visit: Visit, *, is_ended: bool) -> dict[str, object]:
    desk = visit.desk
    last = desk.jobs.last
    return {
        "is_ended": is_ended,
        "may_end": desk.end is not None,
        "at_work": last.command if desk.end is not None and last is not None and last.is_running else "",
        "folder": str(desk.base if desk.at_start else desk.folder),
        "open_again": f"sdmxmig open {quote_path(desk.base if desk.at_start else desk.folder)}",
    }


def end(visit: Visit) -> See | Shown:
    if visit.desk.end is None:
        raise SdmxmigError("You cannot close this workbench from the browser.", hint="Ask the person who started it.")
    farewell = describe_end(visit, is_ended=True)
    visit.desk.end()
    return Shown(farewell)


SCREEN = Screen(name="end", title="End", show=show, actions={"now": end}, rail=False, of_workspace=False)
