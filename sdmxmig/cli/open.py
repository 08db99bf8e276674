"""``sdmxmig open``: the workbench in a browser."""

from __future__ import annotations

import gc
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyOptions:
    """What is said of a proxy in front: its public address, the file with the secret, and the header with names."""

    address: str
    secret_file: Path
    user_header: str


def serve_workspace(
    workspace: Path, port: int, *, browse: bool, recent: bool, behind: ProxyOptions | None = None
) -> None:
    """Serve a workspace until Ctrl-C; raises `MissingLibrary` if the extra is not installed."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        message = f"The workbench needs {', '.join(missing)}, which is not installed."
        raise MissingLibrary(message, hint='Install it: pip install "sdmxmig[web]".')
    gc.disable()  # what is imported stays: to look for what may go takes a tenth of the start
    from sdmxmig.web.proxy import proxy_at
    from sdmxmig.web.server import Service, serve

    gc.freeze()
    gc.enable()
    proxy = proxy_at(behind.address, behind.secret_file, behind.user_header) if behind else None

    def tell(address: str) -> None:
        say(f"The workbench is open at {address}")
        if proxy:
            say(f"It waits for the proxy at 127.0.0.1:{port}. End it with Ctrl-C.")
        else:
            say("The address works once. End the workbench with Ctrl-C.")

    serve(workspace, port, tell, Service(browse=browse, recent=recent, proxy=proxy))
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
