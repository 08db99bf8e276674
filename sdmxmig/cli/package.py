"""``sdmxmig package``: the submission folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_list

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


@click.command("package")
@in_workspace
@FORMAT_OPTION
def package_command(session: Session, listing_format: str) -> None:
    """Seal the submission: data, structures and findings with header, manifest and SHA-256 of every part.

    Only what was validated is sealed, byte by byte. Each submission has a folder of its own, which is never replaced;
    the file submission/newest names the last one.

    \b
    Examples:
      sdmxmig package mycountry
      sdmxmig package mycountry --format json
      sdmxmig package mycountry --now 2026-01-31T12:00:00
    """
    from sdmxmig.application.packaging import package

    parts = package(session).parts
    show_list([{"part": part.name, "size": part.size, "sha256": part.sha256} for part in parts], listing_format)
    next_step("sdmxmig assess", session.workspace.folder)
