"""``sdmxmig derive``: statistics from person records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import talk
from sdmxmig.cli.options import option_named, output_option, takes
from sdmxmig.cli.stopping import FINDINGS
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.cli.validate import exit_code
from sdmxmig.primitives.errors import counted
from sdmxmig.workspace.requests.records import DeriveChoices
from sdmxmig.workspace.requests.validation import ValidateRequest

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.workspace.tasks.deriving import Derived

IN_FILES = "all of them are in the files of findings"


@click.command("derive")
@takes(DeriveChoices, "choices")
@output_option("out", "The folder for the data.", required=True)
@option_named(ValidateRequest, "reports")
def derive_command(choices: DeriveChoices, out: Path, reports: tuple[str, ...]) -> int:
    """Count immigration and emigration from person records, under a residence rule.

    The rule decides about each crossing from the nights after it. Figures are provisional if later records can still
    change them. A crossing beside a missing record is counted as unknown, and the number of such crossings is shown.
    Data are written as SDMX-CSV, one file per dataflow, with the rule, the source and all corrections.

    Doubtful records are listed by line in findings.html, .csv and .jsonl; --report writes them in another format, as
    in sdmxmig validate. --threshold suppresses small counts. For the office only, withheld.csv lists them with the
    interval in which a reader can place them. The exit code is 1 if a doubtful record is an error, or if a small
    count is not protected.

    \b
    Examples:
      sdmxmig derive --movements crossings.parquet --area GE --rule R12_16 -o derived
      sdmxmig derive --movements crossings.csv --persons persons.csv --area GE --rule R12_16 --year 2023 -o derived
      sdmxmig derive --movements crossings.parquet --area GE --rule R12_12 --engine duckdb --memory 8GB -o derived
      sdmxmig derive --movements crossings.csv --persons persons.csv --area GE --rule R12_16 --threshold 3 -o derived
    """
    from sdmxmig.catalogue import load
    from sdmxmig.io.publishing.folders import publish_among
    from sdmxmig.reporting.outputs import findings_text
    from sdmxmig.workspace.tasks.derived_release import check_protectable
    from sdmxmig.workspace.tasks.deriving import derive
    from sdmxmig.workspace.tasks.finding_lists import reports_for, write_reports
    from sdmxmig.workspace.tasks.further_figures import derive_request
    from sdmxmig.workspace.tasks.integration_records import derive_files, reported

    request = derive_request(choices)
    asked_reports = reports_for(reports, request.files.values())
    check_protectable(request, choices.threshold)
    catalogue = load()
    derived = derive(request, catalogue)
    for outcome, crossings in derived.outcomes.items():
        say(f"{outcome}: {counted(crossings, 'crossing')}")
    validation = reported(request, derived, catalogue, language=choices.language, now=choices.now)
    if derived.findings.items:
        spoken = findings_text.render(
            derived.findings,
            language=choices.language,
            rest=IN_FILES,
            can_be_justified=False,
            notice=validation.notice,
        )
        for line in spoken.splitlines():
            say(line)
    derived, lists, is_safe = protected_figures(derived, catalogue, choices.threshold)
    paths, sentences = publish_among(
        out, "derive", derive_files(request, derived, validation, lists=lists, now=choices.now)
    )
    for sentence in sentences:
        say(sentence)
    for dataset, path in zip(derived.datasets, paths, strict=False):
        stage("derive", counted(dataset.observations.height, "observation"))
        show(str(path))
    show(*map(str, paths[len(derived.datasets) :]))
    write_reports(validation, asked_reports, talk)
    return exit_code(derived.findings, "error") if is_safe else FINDINGS


def protected_figures(
    derived: Derived, catalogue: Catalogue, threshold: int | None
) -> tuple[Derived, dict[str, bytes], bool]:
    """Return protected figures, the list of withheld ones, and whether protection succeeded."""
    from sdmxmig.workspace.tasks.derived_release import released, small_figures
    from sdmxmig.workspace.tasks.protecting import LIST, ProtectionRequest, listed, summary, unsafe

    if threshold is None:
        few, least = small_figures(derived.datasets, catalogue)
        if few:
            have = "figure is" if few == 1 else "figures are"
            say(f"{few:,} {have} below {least}: to suppress them before publication, add --threshold {least}.")
        return derived, {}, True
    released_figures, protected = released(derived, catalogue, ProtectionRequest(threshold))
    stage("protect", summary(protected))
    return released_figures, {LIST: listed(protected.figures)}, not unsafe(protected)
