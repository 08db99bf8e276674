"""The words of the workbench in the six languages of the United Nations: translated, used, and with the same values."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator

from folders import ROOT
from jinja2 import Environment, nodes

from sdmxmig.sdmx.model.findings import SEVERITIES
from sdmxmig.web.application import SCREENS
from sdmxmig.workspace.tasks.preflight import REQUIREMENT_LABELS

FOLDER = ROOT / "templates" / "web"


def table() -> list[dict[str, str]]:
    lines = (FOLDER / "words.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


ROWS = table()


def templates() -> Iterator[nodes.Template]:
    environment = Environment()  # noqa: S701 - they are parsed here, and never filled
    for path in sorted(FOLDER.glob("*.j2")):
        yield environment.parse(path.read_text(encoding="utf-8"))


def asked_in_templates() -> set[str]:
    calls = (call for template in templates() for call in template.find_all(nodes.Call))
    asked = (call for call in calls if isinstance(call.node, nodes.Name) and call.node.name == "_")
    return {call.args[0].value for call in asked if isinstance(call.args[0], nodes.Const)}


def modules() -> Iterator[ast.Module]:
    for path in sorted((ROOT / "sdmxmig" / "web").rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def told_when_done() -> set[str]:
    return {
        part.value
        for module in modules()
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "See"
        for argument in call.args[1:2]
        for part in ast.walk(argument)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def test_every_message_of_the_web_has_a_translation_row() -> None:
    asked = (
        asked_in_templates()
        | told_when_done()
        | {screen.title for screen in SCREENS}
        | set(SEVERITIES)
        | set(REQUIREMENT_LABELS.values())
    )
    assert asked - {row["en"] for row in ROWS} == set()
