"""``sdmxmig diff``: what changed between two releases, and which version step that asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.talk import say, show, show_list

if TYPE_CHECKING:
    from sdmxmig.versions import ArtefactComparison


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@FORMAT_OPTION
def diff_command(old: Path, new: Path, output: str) -> int:
    """Compare two releases of artefacts and name the smallest version step that the SDMX rules ask for.

    OLD and NEW are structure messages, or folders with codelists/ and structures/. Exit code 1 if the version of an
    artefact went up by less than its changes ask for.

    \b
    Examples:
      sdmxmig diff old.xml new.xml
      sdmxmig diff release-1.xml mycountry
      sdmxmig diff old.json new.xml --format json
    """
    from sdmxmig.application.messages import artefacts_in
    from sdmxmig.application.releases import compared

    found = compared(artefacts_in(old), artefacts_in(new))
    if output == "json":
        show_list([described(comparison) for comparison in found], output)
    else:
        for comparison in found:
            show(*told(comparison))
    if not found:
        say("Nothing differs.")
    return int(any(not comparison.is_enough for comparison in found))


def described(one: ArtefactComparison) -> dict[str, object]:
    """A comparison as JSON gives it."""
    return {
        "old": str(one.old or ""),
        "new": str(one.new or ""),
        "needed": one.needed,
        "taken": one.taken,
        "proposed": one.proposed,
        "enough": one.is_enough,
        "changes": [{"change": change.kind, "part": change.part, "step": change.step} for change in one.changes],
    }


def told(one: ArtefactComparison) -> list[str]:
    """A comparison as a person reads it, in lines."""
    if one.old is None:
        return [f"{one.new}: new"]
    if one.new is None:
        return [f"{one.old}: gone"]
    verdict = "enough" if one.is_enough else f"not enough: {one.proposed} at least"
    lines = [f"{one.new}: from {one.old.version}, needs {one.needed}, took {one.taken}: {verdict}"]
    lines += [f"  {change.step:<6} {change.kind} {change.part}".rstrip() for change in one.changes]
    return lines
