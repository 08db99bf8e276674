"""``sdmxmig verify``: verification of submissions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import say, show, show_list, stage

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.verifying import Verification


@click.command("verify")
@click.argument("submission", type=click.Path(path_type=Path))
@click.option(
    "--id", "announced", default=None, help="The announced id.  [default: the name of the folder, if it is an id]"
)
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The public key of the sender.")
@FORMAT_OPTION
def verify_command(submission: Path, announced: str | None, key: Path | None, listing_format: str) -> int:
    """Check that SUBMISSION, a folder or its archive, is unchanged since it was sealed: manifest, sums and all parts.

    Exit code 0: unchanged. 1: something was changed, added, removed or renamed. 2: this is not a submission.

    If the folder has another name, only --id states which submission it should be, and the content is compared
    with its own manifest. A folder named like the id of another submission is not intact.

    The id holds the first digits of the hash of the manifest, and the manifest holds the hashes of all parts. A person
    who changes the manifest can also compute new sums and rename the folder. Only an id, a hash or a public key that
    you received another way reveals that: give them with --id and --key.

    \b
    Examples:
      sdmxmig verify mycountry/out/submission/GE-UNSD-0123456789abcdef0123
      sdmxmig verify received.zip --key office-key.pub
      sdmxmig verify received --id GE-UNSD-0123456789abcdef0123
      sdmxmig verify received --format json
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.transmission.sealing import public_key
    from sdmxmig.workspace.tasks.verifying import verify

    if announced == "":  # as from an unset variable: any id would be accepted
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
            say(
                f"The expected id {expected} is the folder name. If the folder was renamed, add the announced id: --id."
            )
        return FINDINGS
    stage("intact", f"{verification.id}: {verification.parts} parts")
    say_how_sure(submission, verification)
    return OK


def say_how_sure(submission: Path, verification: Verification) -> None:
    signed_by = verification.signed_by
    if signed_by and verification.is_checked:
        say(f"It is signed with the key {signed_by}, which matches --key.")
    elif signed_by:
        say(f"It states a signature with the key {signed_by}. To verify it, add --key with the public key.")
    if verification.is_packed_otherwise:
        say("The archive was packed by another program, or something other than its files was changed.")
        say("The files themselves are as sealed.")
    if not verification.expected and not verification.is_checked:
        say(
            f"The folder name {submission.resolve().name} is not an id. The content matches its own manifest,"
            " but that does not show who made it."
        )
        say("Compare this id with the announced id, or give the announced id with --id.")
