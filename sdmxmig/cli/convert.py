"""``sdmxmig convert``: national workbooks become SDMX datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.publishing import publish
from sdmxmig.cli.session import Session, in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, show_list, stage
from sdmxmig.errors import SdmxmigError
from sdmxmig.model.findings import Findings
from sdmxmig.places import Place

if TYPE_CHECKING:
    from sdmxmig.model.data import Dataset, Mapping, Table


def convert(session: Session) -> list[dict[str, object]]:
    """Convert all tables of the workspace by its mapping files; gives one row a dataset."""
    from sdmxmig import conversion
    from sdmxmig.cli.data_folder import CONVERSION, data_files
    from sdmxmig.outputs import findings_json

    catalogue = session.catalogue
    converted: dict[str, list[Dataset]] = {}
    findings: list[Findings] = []
    pairs = mapped_tables(session)
    mappings = [mapping for mapping, _ in pairs]
    for mapping, tables in pairs:
        flow = catalogue.flow(mapping.flow)
        result = conversion.convert(tables, mapping, flow, catalogue.rules, beside=mappings)
        converted.setdefault(result.dataset.flow.id, []).append(result.dataset)
        findings.append(result.findings)
    datasets = [conversion.merge(converted[flow]) for flow in sorted(converted)]
    files = data_files(session, datasets)
    files[CONVERSION] = findings_json.render(Findings.join(findings))
    folder = session.out / "data"
    publish(folder, files)
    observations = sum(dataset.observations.height for dataset in datasets)
    stage("convert", f"{observations} observations in {len(datasets)} datasets")
    return [
        {
            "dataflow": dataset.flow.dataflow.ref.short,
            "observations": dataset.observations.height,
            "file": str(folder / f"{dataset.flow.id}.csv"),
        }
        for dataset in datasets
    ]


def mapped_tables(session: Session) -> list[tuple[Mapping, tuple[Table, ...]]]:
    """Every mapping of the workspace with the tables of each file that it is for; a workbook is read once."""
    from sdmxmig.intake import read_bytes
    from sdmxmig.mapping import load
    from sdmxmig.tables import read

    workspace = session.workspace
    if not workspace.mappings:
        hint = "Write a mapping file; sdmxmig init DIR makes a workspace with a commented one."
        raise SdmxmigError("The workspace has no mapping.", Place(str(workspace.folder / "mappings")), hint)
    tables: dict[str, tuple[Table, ...]] = {}
    pairs = []
    for path in workspace.mappings:
        mapping = load(path.name, read_bytes(path), session.catalogue.flows)
        matching = [table for table in workspace.tables if table.match(mapping.file)]
        if not matching:
            names = ", ".join(table.name for table in workspace.tables) or "none"
            hint = f"The files in tables/ are: {names}."
            raise SdmxmigError(f"There is no table file “{mapping.file}”.", Place(path.name, key="file"), hint)
        for table in matching:
            if table.name not in tables:
                tables[table.name] = read(table.name, read_bytes(table))
            pairs.append((mapping, tables[table.name]))
    return pairs


@click.command("convert")
@in_workspace
@FORMAT_OPTION
def convert_command(session: Session, output: str) -> None:
    """Read tables/, convert them by mappings/ and write SDMX-CSV 2.0, SDMX-ML 3.0 and SDMX-ML 2.1.

    \b
    Examples:
      sdmxmig convert mycountry
      sdmxmig convert mycountry --format json
      sdmxmig convert mycountry --out /tmp/result
    """
    show_list(convert(session), output)
    next_step(f"sdmxmig validate {session.workspace.folder}")
