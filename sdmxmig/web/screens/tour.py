"""Help, and the tour of an invented country."""

from __future__ import annotations

from typing import Any

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import parse_whole_number, quote_path
from sdmxmig.web.guidance import describe_help, index_help_texts, list_tour_steps, read_step
from sdmxmig.web.screens import Screen, See, Shown, Visit
from sdmxmig.web.screens.start import create_folder
from sdmxmig.workspace.results import Results
from sdmxmig.workspace.tasks.new_workspace import copy_workspace, is_copy

EXAMPLE, FOLDER = "fictional", "alvoria"
"""The made-up country, and the folder of its copy."""


def show(visit: Visit) -> Shown:
    copy = visit.desk.base / FOLDER
    facts: dict[str, Any] = {
        "steps": [{"number": number, **step} for number, step in enumerate(list_tour_steps(), 1)],
        "at": read_step(visit.tour, visit.desk.token),
        "folder": str(copy),
    }
    commands = f"sdmxmig demo {quote_path(copy)} --example {EXAMPLE} && sdmxmig open {quote_path(copy)}"
    return Shown(facts, command=commands)


def begin(visit: Visit) -> See:
    desk = visit.desk
    example, target = find_shipped_folder("examples") / EXAMPLE, desk.base / FOLDER
    is_there = is_copy(target, example)
    is_done = is_there and Results(target, target / "out").made("report") is not None
    if not is_done:
        visit.check_idle()
    if not is_there:
        copy_workspace(example, create_folder(visit, FOLDER))
    if not is_done:
        visit.begin(["demo", str(target), "--example", EXAMPLE, "--one-by-one"], target)
    return See(list_tour_steps()[0]["path"], opened=target, tour=1)


def go_to_step(visit: Visit) -> See:
    word, steps = visit.word("step"), list_tour_steps()
    number = parse_whole_number(word)
    if visit.desk.at_start or number is None or number > len(steps):
        raise SdmxmigError(f"The tour has no step “{word}” here.", hint="Begin it on Start.")
    if not number:
        return See("/start", "You have left the tour. You can start it again at any time.", tour=0)
    return See(steps[number - 1]["path"], tour=number)


SCREEN = Screen(
    name="tour", title="Tour", show=show, actions={"begin": begin, "go": go_to_step}, rail=False, of_workspace=False
)


def show_help(visit: Visit) -> Shown:  # noqa: ARG001 - help is the same for everybody
    return Shown({"screens": [describe_help(name) for name in index_help_texts()]}, command="sdmxmig --help")


HELP = Screen(name="help", title="Help", show=show_help, rail=False, of_workspace=False)
