"""``sdmxmig link``: record linkage."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.options import MASTER_OPTION, output_option
from sdmxmig.cli.talk import next_step, say, show, stage
from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.workspace.requests.records import day_of

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("link")
@click.option(
    "--identities", "files", multiple=True, metavar="SOURCE=FILE", help="Identities of a source, CSV or Parquet."
)
@click.option(
    "--key", default="linkage", show_default=True, metavar="NAME", help="The secret that numbers are hashed with."
)
@click.option(
    "--day",
    metavar="DATE",
    help="The reference day of the records: births are on or before it, at most 130 years earlier.",
)
@click.option("--declaration", type=FILE, metavar="FILE", help="Your own keys and comparisons (TOML).")
@click.option(
    "--slices", default=1, show_default=True, metavar="N", help="Split years of birth into N parts to save memory."
)
@click.option(
    "--engine", default="duckdb", show_default=True, metavar="NAME", help="duckdb or spark (sdmxmig[link], [scale])."
)
@click.option("--memory", default="4GB", show_default=True, metavar="SIZE", help="Memory of DuckDB or Spark.")
@MASTER_OPTION
@click.option("--sample", default=0, metavar="N", help="Draw about N pairs for people to judge.")
@click.option(
    "--sample-shows",
    "shown_as",
    type=click.Choice(["row", "record", "hash"]),
    default="row",
    show_default=True,
    help="How the sample names records: by line or row of the file, by record, or by a hash.",
)
@click.option("--judged", type=FILE, metavar="FILE", help="The sample with judgements: estimate errors, link nothing.")
@output_option("out", "The folder for links and report.", required=True)
def link_command(  # noqa: PLR0913, PLR0917 - one for each option
    files: tuple[str, ...],
    key: str,
    day: str,
    declaration: Path | None,
    slices: int,
    engine: str,
    memory: str,
    master: str,
    sample: int,
    shown_as: str,
    judged: Path | None,
    out: Path,
) -> None:
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
    if judged:
        if files:
            hint = "Leave out one of them."
            raise SdmxmigError("--judged and --identities cannot be combined.", hint=hint)
        estimate(judged, out)
        return
    from sdmxmig.catalogue import load
    from sdmxmig.io.network.secrets import secret_named
    from sdmxmig.io.publishing.folders import publish_among
    from sdmxmig.reporting.outputs import typed_json
    from sdmxmig.workspace.tasks.integration_records import of_link
    from sdmxmig.workspace.tasks.linkage_tables import SAMPLE_FILE, LinkRequest
    from sdmxmig.workspace.tasks.linking import file_contents, finished, link

    request = LinkRequest(
        sources_of(files),
        secret_named(key),
        day=day_of(day, "--day"),
        declaration=declaration,
        engine=engine,
        memory=memory,
        master=master,
        slices=slices,
        sample=sample,
        shown_as=shown_as,
    )
    linked = link(request, out, load(), say)
    record = {typed_json.file_of("link"): typed_json.render_integration(of_link(request, linked))}
    paths, sentences = publish_among(out, "link", {**dict(file_contents(linked)), **record})
    finished(out, linked)
    for sentence in sentences:
        say(sentence)
    show(*map(str, paths))
    stage("link", f"{counted(linked.persons, 'person')} in {counted(linked.records, 'record')}")
    if sample:
        next_step(f"judge the pairs, then sdmxmig link --judged {SAMPLE_FILE} -o", out)


def sources_of(texts: tuple[str, ...]) -> dict[str, Path]:
    """Parse identity files by source; raises `SdmxmigError` for missing names and duplicates."""
    files: dict[str, Path] = {}
    for text in texts:
        source, equals, name = text.partition("=")
        if not equals or not Path(name).is_file():
            raise SdmxmigError(f"“{text}” does not name a source and its file.", hint="Example: register=register.csv.")
        if source in files:
            raise SdmxmigError(f"“{source}” is named twice.", hint="Give each source a name of its own.")
        files[source] = Path(name)
    return files


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
