"""``sdmxmig package``: the submission folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_list

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


@click.command("package")
@in_workspace
@click.option("--check", is_flag=True, help="Seal nothing: say what has to be so first, and what stands in the way.")
@BY_OPTION
@FORMAT_OPTION
def package_command(session: Session, check: bool, by: str, listing_format: str) -> int:
    """Seal the submission: data, structures and findings with header, manifest and SHA-256 of every part.

    Only what was validated is sealed, byte by byte. Each submission has a folder of its own, which is never replaced;
    the file submission/newest names the last one. With --check the exit code is 1 if something stands in the way.

    Where people.toml says who works on the workspace, somebody who sends seals it, after somebody else than who changed
    it has approved it (sdmxmig approve).

    \b
    Examples:
      sdmxmig package mycountry
      sdmxmig package mycountry --check
      sdmxmig package mycountry --format json
      sdmxmig package mycountry --by reviewer
      sdmxmig package mycountry --now 2026-01-31T12:00:00
    """
    from sdmxmig.application.approvals import remember_seal
    from sdmxmig.application.packaging import package

    if check:
        return show_conditions(session, listing_format)
    submission = package(session, by)
    remember_seal(session, submission.id, by)
    parts = submission.parts
    show_list([{"part": part.name, "size": part.size, "sha256": part.sha256} for part in parts], listing_format)
    next_step("sdmxmig assess", session.workspace.folder)
    return OK


def show_conditions(session: Session, listing_format: str) -> int:
    """List what has to be so before a submission is sealed; the exit code says whether all of it is."""
    from sdmxmig.application.preflight import is_ready, preflight

    conditions = preflight(session)
    show_list(
        [
            {
                "condition": condition.name,
                "state": condition.state,
                "count": condition.count,
                "reasons": "; ".join(condition.reasons),
            }
            for condition in conditions
        ],
        listing_format,
    )
    return OK if is_ready(conditions) else FINDINGS
