"""``sdmxmig diff``: changes between releases and version steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.talk import say, show, show_list

if TYPE_CHECKING:
    from sdmxmig.sdmx.versions import ArtefactChange, ArtefactComparison


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path), required=False)
@FORMAT_OPTION
def diff_command(old: Path, new: Path | None, listing_format: str) -> int:
    """Compare two releases of artefacts and name the smallest version step that the SDMX rules ask for.

    OLD and NEW are structure messages, or folders with codelists/ and structures/; with one of them alone, it is
    compared with what ships with sdmxmig. Exit code 1 if the version of an artefact went up by less than its changes
    ask for.

    \b
    Examples:
      sdmxmig diff old.xml new.xml
      sdmxmig diff release-1.xml mycountry
      sdmxmig diff mycountry
      sdmxmig diff old.json new.xml --format json
    """
    from sdmxmig.workspace.tasks.messages import artefacts_in, artefacts_shipped, compared

    before = artefacts_in(old) if new else artefacts_shipped()
    comparisons = compared(before, artefacts_in(new or old))
    if listing_format == "json":
        show_list([as_record(comparison) for comparison in comparisons], listing_format)
    else:
        for comparison in comparisons:
            show(*lines_of(comparison))
    if not comparisons:
        say("No differences.")
    return int(any(not comparison.is_enough for comparison in comparisons))


def as_record(comparison: ArtefactComparison) -> dict[str, object]:
    return {
        "old": str(comparison.old or ""),
        "new": str(comparison.new or ""),
        "needed": comparison.needed,
        "taken": comparison.taken,
        "proposed": comparison.proposed,
        "enough": comparison.is_enough,
        "changes": [
            {"change": change.kind, "part": change.part, "step": change.step, "detail": change.detail}
            for change in comparison.changes
        ],
    }


def lines_of(comparison: ArtefactComparison) -> list[str]:
    if comparison.old is None:
        return [f"{comparison.new}: new"]
    if comparison.new is None:
        return [f"{comparison.old}: gone"]
    verdict = "enough" if comparison.is_enough else f"not enough: {comparison.proposed} at least"
    versions = f"from {comparison.old.version}, needs {comparison.needed}, took {comparison.taken}"
    lines = [f"{comparison.new}: {versions}: {verdict}"]
    lines += [line_of(change) for change in comparison.changes]
    return lines


def line_of(change: ArtefactChange) -> str:
    line = f"  {change.step:<6} {change.kind} {change.part}".rstrip()
    return f"{line}: {change.detail}" if change.detail else line
