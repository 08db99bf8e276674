"""``sdmxmig serve``: the workbench without opening a browser."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.open import ProxyOptions, at_workspace, serve_workspace
from sdmxmig.errors import SdmxmigError


@click.command("serve")
@at_workspace
@click.option(
    "--behind-proxy", "address", default="", metavar="ADDRESS", help="The public address of a proxy in front."
)
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Holds the secret by which the proxy is known.",
)
@click.option(
    "--user-header",
    default="X-Remote-User",
    metavar="NAME",
    show_default=True,
    help="The header in which the proxy says who is there.",
)
def serve_command(
    workspace: Path, port: int, recent: bool, *, address: str, secret_file: Path | None, user_header: str
) -> None:
    """Serve the workbench of a workspace without opening a browser, and print its address.

    With --behind-proxy several people work on the workspace, through a proxy that knows them by a password or the like.
    The proxy says in a header who is there, and in X-Sdmxmig-Secret what stands in the file of --secret-file; what does
    not is refused. people.toml in the folder of the workspace, or above it, says who answers, who reviews and who
    sends.

    \b
    Examples:
      sdmxmig serve mycountry
      sdmxmig serve
      sdmxmig serve mycountry --port 8765
      sdmxmig serve mycountry --port 8765 --behind-proxy https://workbench.example --secret-file secret
    """
    if not address:
        serve_workspace(workspace, port, browse=False, recent=recent)
        return
    if secret_file is None or not port:
        missing = "--port" if secret_file is not None else "--secret-file"
        hint = "The proxy has to know the port, and the workbench the proxy: both are needed."
        raise SdmxmigError(f"{missing} is missing.", hint=hint)
    behind = ProxyOptions(address=address, secret_file=secret_file, user_header=user_header)
    serve_workspace(workspace, port, browse=False, recent=recent, behind=behind)
