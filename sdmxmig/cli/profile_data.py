"""``sdmxmig profile data`` and ``compare``: profiles as SDMX, and changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, NOW_OPTION, WORKSPACE_OPTION, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.stopping import OK
from sdmxmig.cli.talk import next_step, say, show, show_list, stage
from sdmxmig.io.publishing.files import check_apart, publish_file
from sdmxmig.primitives.errors import SdmxmigError, counted, did_you_mean
from sdmxmig.workspace.folder import ORGANISATION, open_workspace
from sdmxmig.workspace.tasks.clock import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.catalogue import Catalogue
    from sdmxmig.forms.profiles.comparison import AnswerChange
    from sdmxmig.sdmx.model.profile import Profile

SUFFIXES = {".csv": "sdmx-csv-2.0", ".xml": "sdmx-ml-3.0", ".json": "sdmx-json-2.0"}
"""The format that a name stands for, unless another one is asked for."""


@click.command("data")
@click.argument("source", metavar="PROFILE", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@click.option("--to", "target", default="", metavar="FORMAT", help="Such as sdmx-ml-3.0.  [default: by the name of -o]")
@click.option("--metadata", is_flag=True, help="As reference metadata, with the words in every language.")
@click.option("--respondent", default="", metavar="ID", help="The organisation that answers.  [default: the sender]")
@output_option("out", "The file.", required=True)
@NOW_OPTION
def data_command(
    source: Path, workspace: Path | None, target: str, metadata: bool, respondent: str, out: Path, now: str
) -> int:
    """Write the answers of a profile as SDMX data of DF_ASSESS, or as reference metadata.

    PROFILE is a workspace, a profile file, a form that was filled in, or such data themselves.

    \b
    Examples:
      sdmxmig profile data mycountry -o answers.csv
      sdmxmig profile data profile.toml --metadata -o answers.xml
      sdmxmig profile data profile.xlsx --to sdmx-json-2.0 -o answers.json
    """
    from sdmxmig.catalogue import load
    from sdmxmig.forms.profiles.dataset import FLOW, dataset_of, metadata_of
    from sdmxmig.forms.profiles.plan import asked_by
    from sdmxmig.sdmx.formats import FORMATS, data_bytes
    from sdmxmig.sdmx.model.submission import Header, Party
    from sdmxmig.workspace.tasks.messages import check_message, losses

    check_apart(out, source)
    check_message(out)
    wire = format_of(out, target, metadata=metadata)
    catalogue = load(at_work(workspace))
    profile = sound(source, catalogue)
    own_workspace = open_workspace(source) if source.is_dir() else None
    respondent = respondent or (own_workspace.sender if own_workspace else profile.area)
    if not ORGANISATION.fullmatch(respondent):
        raise SdmxmigError(f"“{respondent}” is not an id.", hint="Write letters and digits, such as GE1.")
    prepared, test = moment(now).isoformat(timespec="seconds"), own_workspace is not None and own_workspace.test
    header = Header(f"{profile.area}_{FLOW}_{profile.year}", prepared, sender=Party(respondent), test=test)
    questions, write = asked_by(catalogue), FORMATS[wire].write_metadata
    if metadata and write:
        content = write([metadata_of(profile, catalogue, questions, respondent)], header)
    else:
        dataset = dataset_of(profile, catalogue.flow(FLOW), questions, respondent)
        content = data_bytes(FORMATS[wire], [dataset], header)
        for sentence in losses(dataset, wire):
            say(sentence)
    publish_file(out, content, "-o FILE")
    stage("data", f"{counted(len(list(profile.all_answers())), 'answer')} of {profile.area} {profile.year} as {wire}")
    next_step("sdmxmig check", out)
    return OK


def format_of(out: Path, target: str, *, metadata: bool) -> str:
    """Return the format of written answers: requested, or by file name."""
    from sdmxmig.sdmx.formats import FORMATS

    wire = target or SUFFIXES.get(out.suffix.lower(), "")
    suitable = [name for name in FORMATS if (FORMATS[name].write_metadata if metadata else FORMATS[name].write_data)]
    if not wire:
        hint = f"Name one with --to: {', '.join(suitable)}."
        raise SdmxmigError(f"The name “{out}” does not show the format.", hint=hint)
    if wire not in suitable:
        raise SdmxmigError(f"“{wire}” cannot be used for profile data.", hint=did_you_mean(wire, suitable))
    return wire


def sound(source: Path, catalogue: Catalogue) -> Profile:
    from sdmxmig.workspace.tasks.profile_forms import opened

    profile, findings, _ = opened(source, catalogue)
    for finding in findings.items:
        if finding.severity == "error":
            hint = f"List all that is wrong with: sdmxmig profile read {source}"
            raise SdmxmigError(finding.sentence(), finding.place, hint)
    return profile


@click.command("compare")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@FORMAT_OPTION
def compare_command(before: Path, after: Path, workspace: Path | None, listing_format: str) -> int:
    """List the changes between two profiles of a country: answers, practice, sources, new and withdrawn ones.

    BEFORE and AFTER are workspaces, profile files, forms or data of DF_ASSESS.

    \b
    Examples:
      sdmxmig profile compare profile-2024.toml profile-2026.xlsx
      sdmxmig profile compare old.csv new.csv --format json
    """
    from sdmxmig.catalogue import load
    from sdmxmig.forms.profiles.comparison import compare
    from sdmxmig.forms.profiles.plan import ITEMS, asked_by

    catalogue = load(at_work(workspace))
    old, new = (sound(path, catalogue) for path in (before, after))
    changes = compare(old, new, asked_by(catalogue))
    if listing_format == "json":
        show_list([record(change) for change in changes], listing_format)
    else:
        names = catalogue.item_scheme(ITEMS)
        in_words(changes, {module: str(names[module].name) for module in {change.module for change in changes}})
    up, down = (sum(change.direction == direction for change in changes) for direction in ("up", "down"))
    years = f"{old.area} {old.year} → {new.year}"
    stage("compare", f"{years}: {counted(len(changes), 'change')}, {up} higher, {down} lower")
    return OK


def record(change: AnswerChange) -> Mapping[str, str]:
    return {
        "module": change.module,
        "subject": change.subject,
        "item": change.item,
        "how": change.how,
        "before": change.before,
        "after": change.after,
        "direction": change.direction,
    }


def in_words(changes: Sequence[AnswerChange], names: Mapping[str, str]) -> None:
    from sdmxmig.sdmx.model.profile import COUNTRY

    for module in dict.fromkeys(change.module for change in changes):
        module_changes = [change for change in changes if change.module == module]
        show(f"{module} {names[module]} ({len(module_changes)})")
        for change in module_changes:
            subject = change.item if change.subject == COUNTRY else f"{change.subject} {change.item}"
            sign = {"up": " ↑", "down": " ↓"}.get(change.direction, "")
            show(f"  {subject:<24} {change.how:<10} {change.before or '–'} → {change.after or '–'}{sign}")
