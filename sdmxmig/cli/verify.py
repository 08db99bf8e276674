"""``sdmxmig verify``: whether a submission is still what was sealed."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.talk import say, show, show_list, stage


@click.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--id", "announced", default="", help="The id that was announced.  [default: the folder’s name, if it is an id]"
)
@FORMAT_OPTION
def verify_command(folder: Path, announced: str, listing_format: str) -> int:
    """Say whether the submission in FOLDER is what was sealed: its manifest, its sums, and every part.

    Exit code 0 if it is, 1 if anything in it was changed, added, removed or renamed, 2 if this is no submission.

    The folder itself may have another name: then nothing says which submission it should be but --id, and what is
    inside is held against its own manifest alone. A folder that is called like the id of another submission is not
    intact.

    The id holds the first digits of the hash of the manifest, and the manifest the hashes of all parts. A changed
    submission can be told from the sealed one only by an id, or a hash of its manifest, that came another way: who
    changes the manifest can also make new sums and name the folder anew. Give the announced id with --id.

    \b
    Examples:
      sdmxmig verify mycountry/out/submission/GE-UNSD-0123456789abcdef0123
      sdmxmig verify received --id GE-UNSD-0123456789abcdef0123
      sdmxmig verify received --format json
    """
    from sdmxmig.application.verifying import verify

    verification = verify(folder, announced)
    differences, expected = verification.differences, verification.expected
    if listing_format == "json":
        show_list([{"difference": difference} for difference in differences], listing_format)
    else:
        show(*differences)
    if differences:
        say(f"✕ not intact: {len(differences)} {'difference' if len(differences) == 1 else 'differences'}")
        if expected and not announced:
            say(f"The id {expected} is the name of the folder; if that was renamed, give the announced one with --id.")
        return FINDINGS
    stage("intact", f"{verification.id}: {verification.parts} parts")
    if not expected:
        say(f"The folder is called {folder.resolve().name}, which is no id: it agrees with itself, whoever made it.")
        say("Compare this id with the one that was announced, or give that one with --id.")
    return OK
