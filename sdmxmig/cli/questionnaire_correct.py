"""``sdmxmig questionnaire correct``: corrected figures go back into the cells from which they came, marked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import OK
from sdmxmig.cli.options import WORKSPACE_OPTION, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show, stage
from sdmxmig.errors import SdmxmigError
from sdmxmig.places import Place, cell_position
from sdmxmig.publishing.refusing import check_new

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.application.session import Session
    from sdmxmig.model.data import Dataset
    from sdmxmig.model.tables import Cell
    from sdmxmig.questionnaires.corrections import Correction


@click.command("correct")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The data with corrected figures."
)
@WORKSPACE_OPTION
@output_option("out", "The folder of the copies.  [default: out/corrected]")
def correct_command(data: Path, workspace: Path | None, out: Path | None) -> int:
    """Write corrected figures into your workbooks.

    They go into the cells from which the figures came, as sdmxmig convert noted, in the unit and sign that these have,
    and the cells are marked. The workspace's own workbooks stay as they are: each with such cells gets a copy.

    \b
    Examples:
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry -o corrected
    """
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.publishing.folders import add_files

    session = session_of(at_work(workspace))
    folder = out or session.out / "corrected"
    session.results.reading()
    session.tell_if_older("data")
    corrections = corrections_of(session, data)
    written = marked = 0
    files: dict[str, bytes] = {}
    for path in session.workspace.tables:
        own = [(before, correction) for before, correction in corrections if correction.place.file == path.name]
        if own:
            name = f"{name_of_copy(path, session.workspace.tables)}.corrected.xlsx"
            check_new(folder / name, "-o FOLDER")
            files[name], cells = corrected(session, (path.name, read_bytes(path)), own)
            written, marked = written + cells, marked + len(own)
            if cells < len(own):
                count = len(own) - cells
                say(f"{count} cells of {path.name} hold a formula or more than a number; a comment has the new figure.")
    for target in add_files(folder, files, "-o FOLDER") if files else ():
        show(str(target))
    stage("correct", f"{written} cells written, {marked} marked")
    if marked:
        next_step("open", folder)
    else:
        say("No figure differs from those of the workspace's workbooks; nothing was written.")
    return OK


def session_of(folder: Path | None) -> Session:
    """The workspace whose workbooks are corrected; `SdmxmigError` if none is named and the present folder is none."""
    from sdmxmig.application.session import open_session

    if folder is None:
        raise SdmxmigError("No workspace is named.", hint="Name that of the workbooks with --workspace.")
    return open_session(folder, None, "")


def corrections_of(session: Session, data: Path) -> list[tuple[Dataset, Correction]]:
    """The figures that data have otherwise than the workspace's own datasets, each with the dataset that has it."""
    from sdmxmig.application.data_folder import read_datasets
    from sdmxmig.application.messages import datasets_in
    from sdmxmig.questionnaires.corrections import corrections

    after = datasets_in(data, session.catalogue.flows)
    pairs = [(before, after[before.flow.id]) for before in read_datasets(session) if before.flow.id in after]
    if not pairs:
        message = "The workspace has no data of these dataflows."
        raise SdmxmigError(message, Place(str(data)), "Run first: sdmxmig convert")
    return [(before, correction) for before, now in pairs for correction in corrections(before, now)]


def name_of_copy(path: Path, tables: Sequence[Path]) -> str:
    """How the copy of a workbook is called: with its suffix only if another file has the same name without it."""
    return path.name if sum(table.stem == path.stem for table in tables) > 1 else path.stem


def corrected(
    session: Session, file: tuple[str, bytes], corrections: Sequence[tuple[Dataset, Correction]]
) -> tuple[bytes, int]:
    """A workbook with corrected figures, each marked and listed, and how many stand in their cells.

    Formulas stay and are only marked, as is a cell that holds more than a number. A file of another format than .xlsx
    becomes a workbook with its cells.
    """
    from sdmxmig.application.mapping_files import mappings_of, written_as
    from sdmxmig.model.findings import Findings
    from sdmxmig.outputs import marked_workbook
    from sdmxmig.outputs.patched_workbook import patch
    from sdmxmig.questionnaires.corrections import factors, findings_of, rewritten
    from sdmxmig.tables import read, reader_of

    name, content = file
    written = written_as(mappings_of(session), name)
    tables = {table.sheet: table for table in read(name, content, written)}
    ratios = {id(before): factors(before, tables) for before, _ in corrections}
    cells: dict[tuple[str, Cell], str] = {}
    for before, correction in corrections:
        sheet, cell = correction.place.sheet, cell_position(correction.place.cell)
        text = rewritten(correction, tables[sheet].text(*cell), ratios[id(before)].get(sheet))
        if text is not None and cell not in tables[sheet].formulas:
            cells[sheet, cell] = text
    count, instead = len(cells), cells
    if reader_of(name, content).name == "xlsx":
        content, instead = patch(name, content, cells).content, {}
    marked = marked_workbook.mark(
        name,
        content,
        Findings(tuple(findings_of((correction for _, correction in corrections), session.catalogue.rules))),
        language=session.workspace.language,
        flows=session.catalogue.flows,
        written=written,
        instead=instead,
    )
    return marked, count
