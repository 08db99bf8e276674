"""``sdmxmig link``: record linkage."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.options import output_option, takes
from sdmxmig.cli.talk import next_step, say, show, stage
from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.workspace.requests.records import LinkChoices

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("link")
@takes(LinkChoices, "choices")
@click.option("--judged", type=FILE, metavar="FILE", help="The sample with judgements: estimate errors, link nothing.")
@output_option("target", "The folder for links and report.", required=True)
def link_command(choices: LinkChoices, judged: Path | None) -> None:
    """Link records of the same person: duplicates within a source, and records across sources.

    Exact agreement on keys is used first, then probabilities. Numbers of persons and documents are hashed with a
    secret key when they are read. An interrupted run continues where it stopped. Linkage errors are estimated after
    people have judged a sample of pairs.

    \b
    Examples:
      sdmxmig link --identities register=register.csv --identities border=border.csv -o linked
      sdmxmig link --identities permits=permits.parquet --sample 200 -o linked
      sdmxmig link --judged linked/clerical.csv -o linked
    """
    out = Path(choices.target)
    if judged:
        if choices.identities:
            hint = "Leave out one of them."
            raise SdmxmigError("--judged and --identities cannot be combined.", hint=hint)
        estimate(judged, out)
        return
    from sdmxmig.catalogue import load
    from sdmxmig.io.publishing.folders import publish_among
    from sdmxmig.reporting.outputs import typed_json
    from sdmxmig.workspace.tasks.integration_records import of_link
    from sdmxmig.workspace.tasks.linkage_tables import SAMPLE_FILE, link_request
    from sdmxmig.workspace.tasks.linking import file_contents, finished, link

    request = link_request(choices)
    linked = link(request, out, load(), say)
    record = {typed_json.file_of("link"): typed_json.render_integration(of_link(request, linked))}
    paths, sentences = publish_among(out, "link", {**dict(file_contents(linked)), **record})
    finished(out, linked)
    for sentence in sentences:
        say(sentence)
    show(*map(str, paths))
    stage("link", f"{counted(linked.persons, 'person')} in {counted(linked.records, 'record')}")
    if request.sample:
        next_step(f"judge the pairs, then sdmxmig link --judged {SAMPLE_FILE} -o", out)


def estimate(judged: Path, out: Path) -> None:
    from sdmxmig.io.publishing.folders import publish_among
    from sdmxmig.workspace.tasks.integration_records import judged_link
    from sdmxmig.workspace.tasks.linkage_tables import ERRORS_FILE, content_of, judged_errors

    errors = judged_errors(judged, out)
    for row in errors.rows(named=True):
        what = f"{row['to_source']}, {row['kind']}: {row['measure']}"
        known = row["value"] is not None
        say(
            f"{what} {row['value']} ({row['low']} to {row['high']})"
            if known
            else f"{what} unknown, because no pairs were judged"
        )
    say("! Recall, missed links and true pairs count compared pairs only: pairs that agree in no block are missed too.")
    files = {ERRORS_FILE: content_of(errors, ERRORS_FILE), **judged_link(out, errors)}
    paths, sentences = publish_among(out, "link --judged", files)
    for sentence in sentences:
        say(sentence)
    show(*map(str, paths))
