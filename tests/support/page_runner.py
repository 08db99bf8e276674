"""Run the blocks of a manual page with the installed package, in a process of its environment.

Each line of its input is a request in JSON, and each line of its output the answer. A command runs in a separate
process that begins with all modules imported; snippets of Python share the process, as those of a page do.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import sdmxmig
from sdmxmig import catalogue
from sdmxmig.cli import COMMANDS, cli, run
from sdmxmig.reporting.sections.documents import DOCUMENTS

OWN_DECLARATIONS = ("codelists", "structures")


def command(words: list[str], typed: str) -> dict[str, Any]:
    """The exit code of a command, and its output in a terminal."""
    with CliRunner().isolation(input=typed) as streams:
        code = run(words)
        printed = streams[-1].getvalue() if hasattr(streams[-1], "getvalue") else streams[0].getvalue()
    return {"code": code, "printed": printed.decode()}


def in_own_process(request: dict[str, Any]) -> dict[str, Any]:
    """Run a command in a fork of this process."""
    result, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(result)
        os.environ.update(request["variables"])
        try:
            answer = command(request["words"], request["typed"])
        except BaseException:
            answer = {"code": -1, "printed": traceback.format_exc()}
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(result, encoding="utf-8") as file:
        answer = json.load(file)
    os.waitpid(process, 0)
    return answer


def python(code: str, where: str, names: dict[str, Any]) -> dict[str, Any]:
    """The output of a snippet."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, where, "exec"), names)  # noqa: S102 - the manual is ours
    except Exception:
        return {"code": 1, "printed": traceback.format_exc()}
    return {"code": 0, "printed": printed.getvalue()}


def be_quick() -> None:
    """Read declarations once, import each command, and write reports as HTML and Markdown only."""
    read, ready = catalogue.load, catalogue.load()

    def load(workspace: Path | None = None) -> catalogue.Catalogue:
        has_own = workspace is not None and any((workspace / name).is_dir() for name in OWN_DECLARATIONS)
        return read(workspace) if has_own else ready

    catalogue.load = load
    for name in COMMANDS:
        cli.get_command(None, name)  # type: ignore[arg-type]
    for document, outputs in DOCUMENTS.items():
        DOCUMENTS[document] = tuple(output for output in outputs if output in ("html", "md"))


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    be_quick()
    names: dict[str, Any] = {"__name__": "page"}
    answers.write(f"{sdmxmig.__file__}\n")
    answers.flush()
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        os.chdir(request["folder"])
        if "code" in request:
            os.environ.update(request["variables"])
            answer = python(request["code"], request["where"], names)
        else:
            answer = in_own_process(request)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
