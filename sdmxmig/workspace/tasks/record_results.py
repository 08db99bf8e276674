"""Files of derivation, coverage and combination."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sdmxmig.reporting.outputs import integration_json
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.clock import moment
from sdmxmig.workspace.tasks.combined_figures import csv_of
from sdmxmig.workspace.tasks.combined_metadata import metadata_message
from sdmxmig.workspace.tasks.covering import files_of
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT
from sdmxmig.workspace.tasks.integration_records import of_combine, of_coverage, of_derive
from sdmxmig.workspace.tasks.record_reports import finding_files

if TYPE_CHECKING:
    from sdmxmig.reporting.outputs.finding_reports import Validation
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.sdmx.model.integration import IntegrationRecord
    from sdmxmig.workspace.tasks.combining import Combined
    from sdmxmig.workspace.tasks.coverage_statements import CoverageRequest
    from sdmxmig.workspace.tasks.covering import Coverage
    from sdmxmig.workspace.tasks.derive_request import DeriveRequest
    from sdmxmig.workspace.tasks.deriving import Derived


def message_of(dataset: Dataset, now: str = "") -> bytes:
    header = Header("DERIVED", moment(now).isoformat(timespec="seconds"), sender=Party("SDMXMIG"))
    return data_bytes(FORMATS[DISK_FORMAT], [dataset], header)


def derive_files(
    request: DeriveRequest, derived: Derived, validation: Validation, *, lists: Mapping[str, bytes], now: str = ""
) -> dict[str, bytes]:
    return {
        **data_of(derived.datasets, now),
        **finding_files(validation),
        **lists,
        **{f"{name}.csv": table.write_csv().encode() for name, table in derived.tables.items()},
        **record_of("derive", of_derive(request, derived)),
    }


def coverage_files(request: CoverageRequest, covered: Coverage, now: str = "") -> dict[str, bytes]:
    record = record_of("coverage", of_coverage(request, covered))
    return {**data_of(covered.datasets, now), **files_of(covered), **record}


def combine_files(combined: Combined, now: str = "") -> dict[str, bytes]:
    return {
        **{
            f"{output.name}.csv": message_of(output.dataset, now) if output.dataset else csv_of(output)
            for output in combined.outputs
        },
        "combined.md": combined.account.encode(),
        "metadata.json": metadata_message(combined.metadata, now),
        **record_of("combine", of_combine(combined)),
    }


def data_of(datasets: Iterable[Dataset], now: str) -> dict[str, bytes]:
    return {f"{dataset.flow.id}.csv": message_of(dataset, now) for dataset in datasets}


def record_of(command: str, record: IntegrationRecord) -> dict[str, bytes]:
    return {integration_json.file_of(command): integration_json.render(record)}
