"""``sdmxmig verify``: whether a submission is still what was sealed."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sdmxmig.cli import FINDINGS, OK
from sdmxmig.cli.talk import FORMAT_OPTION, say, show, show_list, stage
from sdmxmig.errors import SdmxmigError
from sdmxmig.places import Place


@click.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--id", "announced", default="", help="The id that was announced.  [default: the folder’s name, if it is an id]"
)
@FORMAT_OPTION
def verify_command(folder: Path, announced: str, output: str) -> int:
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
    from sdmxmig.submission import CHECKSUMS, ID, MANIFEST, differences, sealed_parts

    called = folder.resolve().name
    expected = announced or (called if ID.fullmatch(called) else "")
    if not folder.is_dir() or not (expected or any((folder / name).is_file() for name in (MANIFEST, CHECKSUMS))):
        raise no_submission(folder)
    content, sums = (content_of(folder / name) for name in (MANIFEST, CHECKSUMS))
    found = differences(hashes_in(folder), content, sums, expected)
    if output == "json":
        show_list([{"difference": one} for one in found], output)
    else:
        show(*found)
    if found:
        say(f"✕ not intact: {len(found)} {'difference' if len(found) == 1 else 'differences'}")
        if expected and not announced:
            say(f"The id {expected} is the name of the folder; if that was renamed, give the announced one with --id.")
        return FINDINGS
    name, parts = sealed_parts(content) or ("", {})
    stage("intact", f"{name}: {len(parts)} parts")
    if not expected:
        say(f"The folder is called {called}, which is no id: it agrees with itself, whoever made it.")
        say("Compare this id with the one that was announced, or give that one with --id.")
    return OK


def no_submission(folder: Path) -> SdmxmigError:
    """What is said of a folder in which nothing was sealed."""
    from sdmxmig.submission import MANIFEST

    if not folder.is_dir():
        return SdmxmigError(f"There is no folder “{folder}”.", hint="Name the folder of a submission.")
    patterns = ("", "submission/", "out/submission/")
    inside = [path.parent for pattern in patterns for path in sorted(folder.glob(f"{pattern}*/{MANIFEST}"))]
    hint = f"Name the folder of one, such as {inside[0]}." if inside else "Make one with: sdmxmig package"
    return SdmxmigError("This is no submission.", Place(str(folder)), hint)


def content_of(path: Path) -> bytes:
    """A file that may be gone, empty then; a link is not followed."""
    from sdmxmig.intake.files import read_bytes

    return read_bytes(path) if path.is_file() and not path.is_symlink() and path.stat().st_size else b""


def hashes_in(folder: Path) -> dict[str, str]:
    """Every file in a folder with its SHA-256, and every link and empty folder with none."""
    from sdmxmig.publishing.made import hash_of

    found = {}
    for name, folders, files in os.walk(folder):
        here = Path(name)
        links = [one for one in folders if (here / one).is_symlink()]
        for one in [*files, *links]:
            found[(here / one).relative_to(folder).as_posix()] = hash_of(here / one)
        if not folders and not files and here != folder:
            found[f"{here.relative_to(folder).as_posix()}/"] = ""
    return found
