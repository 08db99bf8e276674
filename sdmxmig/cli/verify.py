"""``sdmxmig verify``: whether a submission is still what was sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.talk import say, show, show_list, stage

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.verifying import Verification


@click.command("verify")
@click.argument("submission", type=click.Path(path_type=Path))
@click.option(
    "--id", "announced", default=None, help="The id that was announced.  [default: the folder’s name, if it is an id]"
)
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The public key of who has sealed it.")
@FORMAT_OPTION
def verify_command(submission: Path, announced: str | None, key: Path | None, listing_format: str) -> int:
    """Say whether SUBMISSION, a folder or its archive, is what was sealed: its manifest, its sums, and every part.

    Exit code 0 if it is, 1 if anything in it was changed, added, removed or renamed, 2 if this is no submission.

    The folder itself may have another name: then nothing says which submission it should be but --id, and what is
    inside is held against its own manifest alone. A folder that is called like the id of another submission is not
    intact.

    The id holds the first digits of the hash of the manifest, and the manifest the hashes of all parts. A changed
    submission can be told from the sealed one only by an id, or a hash of its manifest, that came another way, or by
    its signature: who changes the manifest can also make new sums and name the folder anew. Give the announced id with
    --id, and the public key of who has sealed it, which came another way, too, with --key.

    \b
    Examples:
      sdmxmig verify mycountry/out/submission/GE-UNSD-0123456789abcdef0123
      sdmxmig verify received.zip --key office-key.pub
      sdmxmig verify received --id GE-UNSD-0123456789abcdef0123
      sdmxmig verify received --format json
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.transmission.sealing.signatures import public_key
    from sdmxmig.workspace.tasks.verifying import verify

    if announced == "":  # as from a variable that was never set: nothing would be held against it
        raise click.UsageError("--id is empty: name the id that was announced, or leave it out.")
    verification = verify(submission, announced or "", key=public_key(read_bytes(key), str(key)) if key else None)
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
    say_how_sure(submission, verification)
    return OK


def say_how_sure(submission: Path, verification: Verification) -> None:
    """Say what is known of who has sealed an intact submission, and what its archive has beside its files."""
    signed_by = verification.signed_by
    if signed_by and verification.is_checked:
        say(f"It is signed with the key {signed_by}, which is the one of --key.")
    elif signed_by:
        say(f"It is signed with the key {signed_by}; whether that is so, --key with the public key tells.")
    if verification.is_packed_otherwise:
        say("The archive is not as sdmxmig packs it: another program has packed it, or something was changed in it")
        say("beside the files. The files themselves are what was sealed.")
    if not verification.expected and not verification.is_checked:
        say(
            f"The folder is called {submission.resolve().name}, which is no id: it agrees with itself, whoever made it."
        )
        say("Compare this id with the one that was announced, or give that one with --id.")
