"""``sdmxmig open``: the workbench in a browser."""

from __future__ import annotations

import gc
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sdmxmig.cli.talk import say
from sdmxmig.errors import MissingLibrary

LIBRARIES = ("starlette", "uvicorn", "python_multipart")


def at_workspace(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument and option of the commands that serve a workspace."""
    command = click.option("--recent", is_flag=True, help="Choose among the workspaces that were opened last.")(command)
    command = click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port.  [default: a free one]")(
        command
    )
    return click.argument("workspace", type=click.Path(path_type=Path), default=Path())(command)


def serve_workspace(workspace: Path, port: int, *, browse: bool, recent: bool) -> None:
    """Serve a workspace until Ctrl-C; raises `MissingLibrary` if the extra is not installed."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        message = f"The workbench needs {', '.join(missing)}, which is not installed."
        raise MissingLibrary(message, hint='Install it: pip install "sdmxmig[web]".')
    gc.disable()  # what is imported stays: to look for what may go takes a tenth of the start
    from sdmxmig.web.server import serve

    gc.freeze()
    gc.enable()

    def tell(address: str) -> None:
        say(f"The workbench is open at {address}")
        say("The address works once. End the workbench with Ctrl-C.")

    serve(workspace, port, tell, browse=browse, recent=recent)
    say("The workbench has ended. The workspace is as it was left.")


@click.command("open")
@at_workspace
def open_command(workspace: Path, port: int, recent: bool) -> None:
    """Open the workbench of a workspace in the browser: the whole line without a terminal.

    In a folder without a workspace it begins where one is made or chosen. It runs on this machine alone, for who opens
    it, and needs no network. All that it changes is in the folder of the workspace; every change can be undone there,
    or with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig open mycountry
      sdmxmig open
      sdmxmig open --recent
      sdmxmig open mycountry --port 8765
    """
    serve_workspace(workspace, port, browse=True, recent=recent)
