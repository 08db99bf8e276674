"""Commands for workspaces and servers: init, open, serve and completion."""

from __future__ import annotations

import gc
import importlib.util
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.options import LANGUAGE_OF_NAME, build_language_option
from sdmxmig.cli.terminal import next_step, say, show_text, stage
from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, write_count, write_pip_install

if TYPE_CHECKING:
    from sdmxmig.web.proxy import Proxy
    from sdmxmig.web.server import Beside


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--table",
    "tables",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Your table, instead of the shipped one; repeat for several.",
)
@click.option("--area", default="", metavar="COUNTRY", help="The reporting country: its name or code.")
@click.option("--office", default="", metavar="NAME", help="The statistical office, as reports and letters name it.")
@click.option("--receiver", default="", metavar="AGENCY", help="The agency that receives the data.  [default: UNSD]")
@click.option("--made-up", "is_made_up", is_flag=True, help="The country of --area is fictional.")
@build_language_option(help_=LANGUAGE_OF_NAME, default="")
def init_command(
    folder: Path, tables: tuple[Path, ...], area: str, office: str, receiver: str, language: str, *, is_made_up: bool
) -> None:
    """Create a workspace in FOLDER with commented files and one real table, ready to run; replace the table with yours.

    With --table, the workspace has only your tables; map them next. A fictional country for practice can have any name
    except that of a real country: reports state that it is fictional, and its messages are marked as tests.

    \b
    Examples:
      sdmxmig init mycountry
      sdmxmig init mycountry && sdmxmig run mycountry
      sdmxmig init work/2026
      sdmxmig init mycountry --table stocks.xlsx --area GE
      sdmxmig init exercise --table stocks.xlsx --area Atlantis --made-up
    """
    from sdmxmig.catalogue.folders import find_shipped_folder
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.first_tables import UnknownCountryError, create_workspace_with_tables
    from sdmxmig.workspace.tasks.new_workspace import copy_workspace

    if area and not tables:
        command = shlex.join(["sdmxmig", "init", str(folder), "--table", "stocks.xlsx", "--area", area])
        raise SdmxmigError("--area needs --table.", hint=f"For example: {command}")
    if tables and not area:
        command = shlex.join(["sdmxmig", "init", str(folder), "--table", str(tables[0]), "--area", "GE"])
        raise SdmxmigError("The country that reports the table is not named.", hint=f"For example: {command}")
    of_country = {"--made-up": is_made_up, "--office": office, "--receiver": receiver, "--language": language}
    for option, value in of_country.items():
        if value and not tables:
            raise SdmxmigError(f"{option} applies to the country of a table.", hint="Add --table and --area.")
    if tables:
        contents = {table.name: read_bytes(table) for table in tables}
        if len(contents) < len(tables):
            raise SdmxmigError("Two of these files have the same name.", hint="Give each file a different name.")
        try:
            files = create_workspace_with_tables(
                folder,
                contents,
                country=area,
                office=office,
                receiver=receiver,
                is_made_up=is_made_up,
                language=language,
            )
        except UnknownCountryError as error:
            error.hint += " For a fictional country, add --made-up."
            raise
    else:
        files = copy_workspace(find_shipped_folder("templates") / "workspace", folder)
    stage("init", f"{write_count(len(files), 'file')} in {folder}")
    next_step("sdmxmig open" if tables else "sdmxmig run", folder)


REQUIRED_LIBRARIES = ("starlette", "uvicorn", "python_multipart")
INSTALLATION = write_pip_install("web")


def add_workspace_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--recent", is_flag=True, help="Choose one of the last opened workspaces.")(command)
    ports = click.IntRange(0, 65535)
    command = click.option("--port", type=ports, default=0, help="The port.  [default: the last one, if free]")(command)
    return click.argument("workspace", type=click.Path(path_type=Path), default=Path())(command)


def serve_workspace(
    workspace: Path,
    port: int,
    *,
    browse: bool,
    recent: bool,
    clicked: bool = False,
    proxy: Proxy | None = None,
    beside: Beside | None = None,
) -> None:
    check_libraries()
    gc.disable()  # imported objects stay; looking for garbage takes a tenth of the start
    from sdmxmig.web.server import serve

    gc.freeze()
    gc.enable()

    def tell(address: str) -> None:
        say(f"The workbench is open at {address}")
        if proxy:
            say(f"It waits for the proxy at 127.0.0.1:{port}. End it with Ctrl-C.")
        else:
            say("The address works once. Close the workbench there, or here with Ctrl-C.")

    serve(workspace, port, tell, browse=browse, recent=recent, clicked=clicked, proxy=proxy, beside=beside)
    say("The workbench is closed. The workspace keeps your work.")


def has_workbench() -> bool:
    return all(importlib.util.find_spec(name) for name in REQUIRED_LIBRARIES)


def check_libraries() -> None:
    if not has_workbench():
        raise MissingLibrary(f"The workbench is not installed. Install it: {INSTALLATION}")


@click.command("open")
@add_workspace_options
@click.option(
    "--shortcut",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Only write a file to this folder; double-click it to open the workbench.",
)
@click.option("--clicked", is_flag=True, hidden=True)  # of shortcuts: errors are shown in the browser
def open_command(workspace: Path, port: int, recent: bool, shortcut: Path | None, clicked: bool) -> None:
    """Open the workbench of a workspace in the browser.

    In a folder without a workspace, the Start page creates or opens one. The workbench runs on this computer only and
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
    from sdmxmig.workspace.tasks.first_tables import build_start, build_start_file, write_start_file

    path = write_start_file(shortcut, *build_start_file(build_start(workspace, sys.executable), sys.platform))
    say(f"Click on it to open the workbench: {path}")
    if path.suffix == ".desktop":
        say("Some desktops ask first: choose “Allow Launching” in the menu of the file.")


@click.command("serve")
@add_workspace_options
@click.option("--behind-proxy", "address", default="", metavar="ADDRESS", help="The public address of the proxy.")
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file with the secret that the proxy sends.",
)
@click.option(
    "--user-header",
    default="X-Remote-User",
    metavar="NAME",
    show_default=True,
    help="The header with the name of the user.",
)
@click.option("--sdmx", is_flag=True, help="Serve sealed data over SDMX REST.")
@click.option("--with-workbench", is_flag=True, help="With --sdmx: also serve the workbench on the same port.")
@click.option(
    "--listen", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="With --sdmx: the address to listen on."
)
@click.option("--public-address", metavar="URL", default="", help="With --sdmx: the address that clients use.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --sdmx: one client per line, with a name and a token.",
)
@click.option("--open-to-all", is_flag=True, help="With --sdmx: serve clients without a token.")
@click.option(
    "--per-minute",
    type=click.IntRange(0, 1_000_000),
    default=0,
    metavar="N",
    help="With --sdmx: requests per minute for each client.  [default: 600; no limit on this machine]",
)
@click.option("--with-confidential", is_flag=True, help="With --sdmx: also serve confidential observations.")
def serve_command(
    workspace: Path,
    port: int,
    recent: bool,
    *,
    address: str,
    secret_file: Path | None,
    user_header: str,
    sdmx: bool,
    with_workbench: bool,
    **service: Any,
) -> None:
    """Serve the workbench of a workspace without opening a browser, and print its address.

    With --behind-proxy, several people can share the workspace. The proxy authenticates them, sends their name in a
    header, and the secret of --secret-file in X-Sdmxmig-Secret; other requests are refused. people.toml in the folder
    of the workspace, or above it, assigns their roles.

    With --sdmx, a read-only SDMX REST service runs instead of the workbench (API 1.5 at /sdmx/v1, API 2.2.2 at
    /sdmx/v2). It serves the structures and metadata of the workspace, and the data of its sealed submissions, except
    confidential observations. Only this machine can reach it, unless you set --listen or --public-address; clients then
    need a token from --token-file, unless you set --open-to-all. With --with-workbench, the workbench runs on the same
    port, and only this machine can reach both.

    \b
    Examples:
      sdmxmig serve mycountry
      sdmxmig serve
      sdmxmig serve mycountry --port 8765
      sdmxmig serve mycountry --port 8765 --behind-proxy https://workbench.example --secret-file secret
      sdmxmig serve mycountry --sdmx --port 8080
      sdmxmig serve mycountry --sdmx --with-workbench
      sdmxmig serve mycountry --sdmx --port 8080 --listen 0.0.0.0 --token-file tokens
    """
    if (sdmx and address) or (with_workbench and not sdmx):
        hint = "Use --with-workbench only with --sdmx, and --behind-proxy only with the workbench."
        raise SdmxmigError("These options cannot be combined.", hint=hint)
    if sdmx:
        serve_pull(workspace, port, service, with_workbench=with_workbench, recent=recent)
        return
    if not address:
        serve_workspace(workspace, port, browse=False, recent=recent)
        return
    if secret_file is None or not port:
        missing = "--port" if secret_file is not None else "--secret-file"
        hint = "The proxy needs the port, and the workbench needs the secret of the proxy. Give both."
        raise SdmxmigError(f"{missing} is missing.", hint=hint)
    check_libraries()
    from sdmxmig.web.proxy import build_proxy

    proxy = build_proxy(address, secret_file, user_header)
    serve_workspace(workspace, port, browse=False, recent=recent, proxy=proxy)


def serve_pull(workspace: Path, port: int, service: Mapping[str, Any], *, with_workbench: bool, recent: bool) -> None:
    check_libraries()
    from sdmxmig.web.sdmx.server import PublicAccess, serve_sdmx, serve_with_workbench

    public = PublicAccess(
        service["listen"],
        service["public_address"].rstrip("/"),
        tokens=service["token_file"],
        open=service["open_to_all"],
        per_minute=service["per_minute"],
    )
    with_confidential = service["with_confidential"]
    if with_workbench:
        with serve_with_workbench(workspace, say, public, with_confidential=with_confidential) as beside:
            serve_workspace(workspace, port, browse=False, recent=recent, beside=beside)
        return
    serve_sdmx(workspace, port, say, public, with_confidential=with_confidential)
    say("The service has ended.")


COMPLETION_FILES = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/completions/sdmxmig.fish"}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(COMPLETION_FILES)))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that lets a SHELL complete commands, options and choices with the Tab key.

    Append it to the start-up file of the shell, and open a new terminal.

    \b
    Examples:
      sdmxmig completion bash >> ~/.bashrc
      sdmxmig completion zsh >> ~/.zshrc
      sdmxmig completion fish > ~/.config/fish/completions/sdmxmig.fish
    """
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)
    assert completion is not None  # noqa: S101 - click knows these shells
    show_text(completion(context.find_root().command, {}, "sdmxmig", "_SDMXMIG_COMPLETE").source())
    say(f"Save it in {COMPLETION_FILES[shell]}.")
