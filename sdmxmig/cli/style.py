"""``sdmxmig style``: logo and colours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, language_option
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("style")
@in_workspace
@click.option("--logo", type=click.Path(path_type=Path), metavar="FILE", help="A picture: PNG or SVG.")
@click.option("--no-logo", is_flag=True, help="Remove the logo.")
@click.option(
    "--logo-text", default=None, metavar="TEXT", help="Alternative text of the logo, such as the office's name."
)
@language_option(default="", help_=" Of --logo-text.  [default: that of the workspace]")
@click.option("--accent", default=None, metavar="COLOUR", help='Colour of accents, such as "#0b5c8a".')
@click.option("--ink", default=None, metavar="COLOUR", help="Colour of text.")
@click.option("--secondary", default=None, metavar="COLOUR", help="Colour of notes and captions.")
@BY_OPTION
def style_command(
    session: Session,
    *,
    logo: Path | None,
    no_logo: bool,
    logo_text: str | None,
    language: str,
    by: str,
    **named: str | None,
) -> None:
    """Set the logo and colours of the report.

    They are written to templates/report/report.toml of the workspace; its other settings are kept. An empty colour
    restores the shipped one. Unreadable colours are refused. To undo the change, use: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig style mycountry --logo logo.svg --logo-text "National Statistics Office"
      sdmxmig style mycountry --accent "#7a1f5c"
      sdmxmig style mycountry --accent ""
      sdmxmig style mycountry --no-logo
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.reporting.charts.theme import CHOSEN
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may
    from sdmxmig.workspace.tasks.reporting import StyleChange, set_style, style_command_line

    colours = {name: colour for name in CHOSEN if (colour := named[name]) is not None}
    if no_logo and (logo is not None or logo_text is not None):
        raise SdmxmigError(
            "A logo cannot be set and removed at the same time.", hint="Leave out --no-logo or the other logo options."
        )
    if logo is None and logo_text is None and not colours and not no_logo:
        raise SdmxmigError(
            "There is nothing to change.", hint="Name --logo, --no-logo, --logo-text, --accent, --ink or --secondary."
        )
    change = StyleChange(
        read_bytes(logo) if logo else b"",
        logo_text,
        language=language or session.workspace.country.language,
        colours=colours,
        no_logo=no_logo,
    )
    folder = session.workspace.folder
    check_may(folder, by, ANSWERS)
    command = style_command_line(folder, change, str(logo or ""))
    with recorded(folder, Intent(what="style", command=command, at=session.prepared, by=by)):
        set_style(session, change)
    say("Report style saved.")
    next_step("sdmxmig report", folder)
