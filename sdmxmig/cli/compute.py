"""``sdmxmig compute``: values of an indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import talk
from sdmxmig.cli.options import FORMAT_OPTION, WORKSPACE_OPTION
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import say, show_json, show_list
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Dataset, Flow


@click.command("compute")
@click.argument("name")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@WORKSPACE_OPTION
@click.option("--area", default="", help="The country, if the data have several.")
@FORMAT_OPTION
def compute_command(name: str, files: tuple[Path, ...], workspace: Path | None, area: str, listing_format: str) -> None:
    """Compute an indicator from data files, or from what sdmxmig convert wrote in a workspace.

    NAME is the id or UN number of an indicator, or 10.7.2 for the six domains and four levels of that SDG indicator
    from answers on migration policies. FILES are data messages in any format. Values that cannot be computed are listed
    with the reason.

    \b
    Examples:
      sdmxmig compute MIG_SHARE --workspace mycountry
      sdmxmig compute IMM_RATE immigration.csv population.csv --area GE
      sdmxmig compute 10.7.2 answers.csv --format json
    """
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.tasks.computing import computed

    folder = at_work(workspace)
    catalogue = load(folder)
    datasets = data_of(files, folder, catalogue.flows)
    values, missing = computed(name, catalogue, datasets, area)
    if listing_format == "json":
        show_json({"values": values, "missing": missing})
        return
    show_list(values, listing_format)
    for row in missing:
        say(f"not computed: {': '.join(row.values())}")


def data_of(files: Sequence[Path], folder: Path | None, flows: Mapping[str, Flow]) -> list[Dataset]:
    from sdmxmig.workspace.tasks.computing import read_data

    if files:
        return [dataset for path in files for dataset in read_data(path, flows)]
    if folder is None:
        raise SdmxmigError("No data are named.", hint="Name data files, or a workspace with --workspace.")
    from sdmxmig.workspace.tasks.data_folder import read_datasets
    from sdmxmig.workspace.tasks.session import open_session

    session = open_session(folder, None, "", talk=talk)
    session.results.reading()
    session.tell_if_older("data")
    return list(read_datasets(session))
