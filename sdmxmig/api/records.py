"""Person records in Python: derivation, linkage, coverage, combination of sources, and simulation."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

from sdmxmig.api.sources import Listener, StrPath, convert_errors, load_shipped_catalogue, to_path, with_choices
from sdmxmig.io.publishing.folders import publish_among
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean, write_count
from sdmxmig.primitives.lazily import pd
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.records.simulation.true_tables import World
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.requests.tasks import CoverageChoices, DeriveChoices, LinkChoices, check_existing_file
from sdmxmig.workspace.tasks import combining, coverage_estimation, deriving, linking, simulating
from sdmxmig.workspace.tasks.coverage_request import check_coverage_request
from sdmxmig.workspace.tasks.derived_release import check_protectable, suppress_figures
from sdmxmig.workspace.tasks.further_figures import build_derive_request
from sdmxmig.workspace.tasks.integration_records import (
    build_combined_files,
    build_derived_files,
    build_link_record,
    index_coverage_files,
    update_link_record,
    validate_records,
    write_record,
)
from sdmxmig.workspace.tasks.linkage_tables import ERRORS_FILE, build_link_request, compute_judged_errors, write_table
from sdmxmig.workspace.tasks.protecting import LIST, ProtectionRequest, list_figures, list_unsafe_figures, write_summary

MAX_SHOWN = 8


@add_summary
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RecordFigures:
    """Figures from person records, and the files that `save` writes.

    `datasets` are by dataflow; `findings` are about doubtful records, `notes` about processing and caveats. `files` are
    those of the command of the same name.
    """

    made_by: str
    datasets: Mapping[str, Dataset]
    files: Mapping[str, bytes]
    findings: Findings = field(default_factory=Findings)
    notes: tuple[str, ...] = ()

    def table(self, name: str) -> pd.DataFrame:
        """Return a CSV table by name, such as ``coverage`` or ``suppressed``, with all cells as text."""
        content = self.files.get(f"{name}.csv")
        if content is None:
            known = [file.removesuffix(".csv") for file in self.files if file.endswith(".csv")]
            raise SdmxmigError(f"There is no table “{name}”.", hint=did_you_mean(name, known))
        return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)

    def save(self, folder: StrPath) -> list[Path]:
        """Write all files into a folder like the command, and remove earlier files of the same kind."""
        return write_files(to_path(folder), self.made_by, self.files)

    def summary(self) -> Summary:
        """Count observations by dataflow, and list the first notes."""
        facts = [
            (name, write_count(dataset.observations.height, "observation")) for name, dataset in self.datasets.items()
        ]
        if self.findings.items:
            facts.append(("findings", f"{len(self.findings.items):,}"))
        left = len(self.notes) - MAX_SHOWN
        return Summary(
            f"Figures by {self.made_by}",
            tuple(facts),
            rows=tuple((note,) for note in self.notes[:MAX_SHOWN]),
            more=f"… {left} more" if left > 0 else "",
        )


@add_summary
@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """The result of record linkage: folder with links, numbers of persons and records, and messages.

    `errors` has precision and recall of the links of each source, with their intervals.
    """

    folder: Path
    persons: int
    _: KW_ONLY
    records: int
    errors: pd.DataFrame
    notes: tuple[str, ...] = ()

    def summary(self) -> Summary:
        """Count the persons found in the records."""
        facts = (("persons", f"{self.persons:,}"), ("records", f"{self.records:,}"), ("folder", str(self.folder)))
        return Summary("Links", facts, rows=tuple((note,) for note in self.notes[:MAX_SHOWN]))


@convert_errors
@with_choices(DeriveChoices)
def derive(choices: DeriveChoices) -> RecordFigures:
    """Count immigration, emigration, stocks and accounts from person records under a residence rule.

    Tables are files (CSV or Parquet); `linked` and `parameters` are values by name.

    Raises `SdmxmigError` for impossible requests and invalid files.
    """
    request = build_derive_request(choices)
    check_protectable(request, choices.threshold)
    catalogue = load_shipped_catalogue()
    derived = deriving.derive(request, catalogue)
    validation = validate_records(request, derived, catalogue, language=choices.language, now=choices.now)
    notes = [f"{outcome}: {write_count(crossings, 'crossing')}" for outcome, crossings in derived.outcomes.items()]
    lists = {}
    if choices.threshold is not None:
        derived, protected = suppress_figures(derived, catalogue, ProtectionRequest(choices.threshold))
        lists[LIST] = list_figures(protected.figures)
        notes.append(write_summary(protected))
        if list_unsafe_figures(protected):
            Listener().say(f"! {write_summary(protected)}")
    return RecordFigures(
        made_by="derive",
        datasets={dataset.flow.id: dataset for dataset in derived.datasets},
        files=build_derived_files(request, derived, validation, lists=lists, now=choices.now),
        findings=derived.findings,
        notes=tuple(notes),
    )


@convert_errors
@with_choices(LinkChoices)
def link(choices: LinkChoices) -> Links:
    """Link records of the same person across sources, and write the links into a folder.

    `identities` are files by source, such as ``{"register": "register.csv", "border": "b.csv"}``; `key` names the
    secret that hashes numbers (in the keyring, or in ``SDMXMIG_SECRET_LINKAGE_FILE``). An interrupted run continues.
    `sample` draws pairs for clerical review, which `judge_links` reads.

    Raises `SdmxmigError` for impossible requests, guessable keys and invalid files.
    """
    folder = to_path(choices.target)
    request = build_link_request(choices)
    listener = Listener()
    made = linking.link(request, folder, load_shipped_catalogue(), listener.say)
    write_files(
        folder, "link", {**dict(linking.write_contents(made)), **write_record("link", build_link_record(request, made))}
    )
    linking.remove_leftovers(folder, made)
    return Links(
        folder,
        made.persons,
        records=made.records,
        errors=convert_to_text(made.tables[ERRORS_FILE]),
        notes=tuple(listener.said),
    )


@convert_errors
def judge_links(target: StrPath, judged: StrPath) -> pd.DataFrame:
    """Estimate correct and missing links in a folder from a clerical review.

    `target` is the folder of `link`, `judged` the sample with ``yes`` or ``no`` under ``judgement``. Returns the errors
    of each source's links with intervals, which are also saved in the folder.

    Raises `SdmxmigError` for a sample of other links, and for contradictory judgements.
    """
    folder = to_path(target)
    errors = compute_judged_errors(check_existing_file(to_path(judged)), folder)
    write_files(
        folder, "link --judged", {ERRORS_FILE: write_table(errors, ERRORS_FILE), **update_link_record(folder, errors)}
    )
    return convert_to_text(errors)


@convert_errors
@with_choices(CoverageChoices)
def coverage(choices: CoverageChoices) -> RecordFigures:
    """Estimate a population from lists, and the over- and undercoverage of a register.

    `lists` are files by name; None means the records of that source in `links`. Shares such as `precision` may include
    their sample size: ``"0.97:500"``.

    Raises `SdmxmigError` for impossible requests and estimates, and for invalid files.
    """
    request = check_coverage_request(choices)
    covered = coverage_estimation.estimate_coverage(request, load_shipped_catalogue())
    return RecordFigures(
        made_by="coverage",
        datasets={dataset.flow.id: dataset for dataset in covered.datasets},
        files=index_coverage_files(request, covered, choices.now),
        notes=tuple(covered.in_short),
    )


@convert_errors
def combine(declaration: StrPath, *, now: str = "") -> RecordFigures:
    """Combine sources by the steps of a TOML declaration; its files are relative to it.

    Raises `SdmxmigError` for errors in the declaration, unreadable files and steps without result.
    """
    combined = combining.combine(check_existing_file(to_path(declaration)), load_shipped_catalogue())
    return RecordFigures(
        made_by="combine",
        datasets={output.made.name: output.dataset for output in combined.outputs if output.dataset},
        files=build_combined_files(combined, now),
        notes=combined.notes,
    )


@convert_errors
def simulate(
    target: StrPath, *, seed: int, years: tuple[int, int], persons: int = 10_000, faults: bool = True
) -> dict[str, int]:
    """Simulate a fictional country with known true figures and imperfect sources, and write it into a folder.

    `years` are the first and last year. The same parameters give the same files; returns row counts by name. Persons
    and country are fictional.

    Raises `SdmxmigError` for impossible requests and unwritable folders.
    """
    first, last = years
    world, listener = World(persons, seed, first_year=first, last_year=last), Listener()
    return simulating.simulate(
        world,
        to_path(target),
        lambda path, rows: listener.stage("simulate", f"{path}: {write_count(rows, 'row')}"),
        has_faults=faults,
    )


def write_files(folder: Path, command: str, files: Mapping[str, bytes]) -> list[Path]:
    """Write the files of a run into a folder, and report renamed files of others."""
    return publish_among(folder, command, files, Listener().say)


def convert_to_text(table: Any) -> pd.DataFrame:
    """Convert a polars table to pandas, with all cells as text."""
    return pd.read_csv(io.BytesIO(table.write_csv().encode()), dtype=str, keep_default_na=False)
