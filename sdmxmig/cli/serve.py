"""``sdmxmig serve``: the workbench without opening a browser."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.open import at_workspace, serve_workspace


@click.command("serve")
@at_workspace
def serve_command(workspace: Path, port: int, recent: bool) -> None:
    """Serve the workbench of a workspace without opening a browser, and print its address.

    \b
    Examples:
      sdmxmig serve mycountry
      sdmxmig serve
      sdmxmig serve mycountry --port 8765
    """
    serve_workspace(workspace, port, browse=False, recent=recent)
