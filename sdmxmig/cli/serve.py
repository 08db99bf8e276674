"""``sdmxmig serve``: workbench and SDMX REST service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sdmxmig.cli.open import ProxyOptions, at_workspace, check_libraries, serve_workspace
from sdmxmig.cli.talk import say
from sdmxmig.primitives.errors import SdmxmigError


@click.command("serve")
@at_workspace
@click.option(
    "--behind-proxy", "address", default="", metavar="ADDRESS", help="The public address of a proxy in front."
)
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
@click.option("--with-workbench", is_flag=True, help="With --sdmx: serve the workbench, too, at the same port.")
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
    help="With --sdmx: requests per minute and client.  [default: 600; no limit on this machine]",
)
@click.option("--with-confidential", is_flag=True, help="With --sdmx: serve confidential observations, too.")
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
    need a token of --token-file, or --open-to-all. With --with-workbench the workbench runs at the same port, and only
    this machine can reach both.

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
        hint = "--with-workbench goes with --sdmx, and --behind-proxy with the workbench alone."
        raise SdmxmigError("These options cannot be combined.", hint=hint)
    if sdmx:
        serve_pull(workspace, port, service, with_workbench=with_workbench, recent=recent)
        return
    if not address:
        serve_workspace(workspace, port, browse=False, recent=recent)
        return
    if secret_file is None or not port:
        missing = "--port" if secret_file is not None else "--secret-file"
        hint = "The proxy has to know the port, and the workbench the proxy: both are needed."
        raise SdmxmigError(f"{missing} is missing.", hint=hint)
    behind = ProxyOptions(address=address, secret_file=secret_file, user_header=user_header)
    serve_workspace(workspace, port, browse=False, recent=recent, behind=behind)


def serve_pull(workspace: Path, port: int, service: Mapping[str, Any], *, with_workbench: bool, recent: bool) -> None:
    check_libraries()
    from sdmxmig.web.sdmx.server import Public, beside_workbench, serve_sdmx

    public = Public(
        service["listen"],
        service["public_address"].rstrip("/"),
        tokens=service["token_file"],
        open=service["open_to_all"],
        per_minute=service["per_minute"],
    )
    with_confidential = service["with_confidential"]
    if with_workbench:
        with beside_workbench(workspace, say, public, with_confidential=with_confidential) as beside:
            serve_workspace(workspace, port, browse=False, recent=recent, beside=beside)
        return
    serve_sdmx(workspace, port, say, public, with_confidential=with_confidential)
    say("The service has ended.")
