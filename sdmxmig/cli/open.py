"""``sdmxmig open``: the workbench."""

from __future__ import annotations

import gc
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.talk import say
from sdmxmig.primitives.errors import MissingLibrary, pip_install

if TYPE_CHECKING:
    from sdmxmig.web.server import Beside

LIBRARIES = ("starlette", "uvicorn", "python_multipart")
INSTALLATION = pip_install("web")
"""How what the workbench needs is installed, where sdmxmig is."""


def at_workspace(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--recent", is_flag=True, help="Choose one of the last opened workspaces.")(command)
    ports = click.IntRange(0, 65535)
    command = click.option("--port", type=ports, default=0, help="The port.  [default: the last one, if free]")(command)
    return click.argument("workspace", type=click.Path(path_type=Path), default=Path())(command)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyOptions:
    """Options of a proxy."""

    address: str
    secret_file: Path
    user_header: str


def serve_workspace(
    workspace: Path,
    port: int,
    *,
    browse: bool,
    recent: bool,
    clicked: bool = False,
    behind: ProxyOptions | None = None,
    beside: Beside | None = None,
) -> None:
    check_libraries()
    gc.disable()  # imported objects stay; looking for garbage takes a tenth of the start
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
            say("The address works once. End the workbench there, or here with Ctrl-C.")

    serve(workspace, port, tell, Service(browse=browse, recent=recent, clicked=clicked, proxy=proxy, beside=beside))
    say("The workbench has ended. The workspace is as it was left.")


def has_workbench() -> bool:
    return all(importlib.util.find_spec(name) for name in LIBRARIES)


def check_libraries() -> None:
    if not has_workbench():
        raise MissingLibrary(f"The workbench is not installed yet; this installs it: {INSTALLATION}")


@click.command("open")
@at_workspace
@click.option(
    "--shortcut",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Only write a file into this folder that opens the workbench with a double click.",
)
@click.option("--clicked", is_flag=True, help="Show in the browser why a workspace cannot be opened.")
def open_command(workspace: Path, port: int, recent: bool, shortcut: Path | None, clicked: bool) -> None:
    """Open the workbench of a workspace in the browser.

    In a folder without a workspace, the page Start creates or opens one. The workbench runs on this computer only and
    needs no network. All changes are files in the folder of the workspace. Undo them in the workbench, or with: sdmxmig
    history --undo N.

    \b
    Examples:
      sdmxmig open mycountry
      sdmxmig open
      sdmxmig open --recent
      sdmxmig open mycountry --port 8765
      sdmxmig open mycountry --shortcut ~/Desktop
    """
    if shortcut is None:
        serve_workspace(workspace, port, browse=True, recent=recent, clicked=clicked)
        return
    check_libraries()
    from sdmxmig.workspace.tasks.start_files import start_file, start_of, write_start_file

    path = write_start_file(shortcut, start_file(start_of(workspace, sys.executable), sys.platform))
    say(f"Click on it to open the workbench: {path}")
    if path.suffix == ".desktop":
        say("Some desktops ask first: choose “Allow Launching” in the menu of the file.")
