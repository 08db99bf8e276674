"""Corrected figures written back to workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.tables import read, reader_of
from sdmxmig.forms.questionnaires.corrections import corrected_text, corrections, factors, findings_of, number_in
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import check_new
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place, cell_position
from sdmxmig.reporting.outputs import marked_workbook
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.tasks.data_folder import read_datasets
from sdmxmig.workspace.tasks.mapping_files import mappings_of, text_format_of
from sdmxmig.workspace.tasks.messages import datasets_in
from sdmxmig.workspace.tasks.sheet_views import texts_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.forms.questionnaires.corrections import Correction
    from sdmxmig.sdmx.model.data import Dataset
    from sdmxmig.sdmx.model.tables import Cell, Table
    from sdmxmig.workspace.tasks.session import Session


def corrections_of(session: Session, data: Path) -> list[tuple[Dataset, Correction]]:
    after = datasets_in(data, session.catalogue.flows)
    pairs = [(before, after[before.flow.id]) for before in read_datasets(session) if before.flow.id in after]
    if not pairs:
        message = "The workspace has no data of these dataflows."
        raise SdmxmigError(message, Place(str(data)), "Run first: sdmxmig convert")
    return [(before, correction) for before, now in pairs for correction in corrections(before, now)]


def name_of_copy(path: Path, tables: Sequence[Path]) -> str:
    return path.name if sum(table.stem == path.stem for table in tables) > 1 else path.stem


def corrected(
    session: Session, name: str, content: bytes, corrections: Sequence[tuple[Dataset, Correction]]
) -> tuple[bytes, int]:
    """Write corrected figures with marks and a list; returns the number written.

    Formulas and mixed cells are only marked. Other formats become .xlsx.
    """
    text_format = text_format_of(mappings_of(session), name)
    tables = {table.sheet: table for table in read(name, content, text_format)}
    ratios = {id(before): factors(before, tables) for before, _ in corrections}
    cells: dict[tuple[str, Cell], str] = {}
    for before, correction in corrections:
        sheet, cell = correction.place.sheet, cell_position(correction.place.cell)
        text = corrected_text(correction, tables[sheet].text(*cell), ratios[id(before)].get(sheet))
        if text is not None and cell not in tables[sheet].formulas and not is_of_thousands(correction, tables[sheet]):
            cells[sheet, cell] = text
    count, instead = len(cells), cells
    if reader_of(name, content).name == "xlsx":
        texts = texts_among(tuple(tables.values()), cells)
        content, instead = patch(name, content, cells, kept_as_text=texts).content, {}
    marked = marked_workbook.mark(
        name,
        content,
        Findings(tuple(findings_of((correction for _, correction in corrections), session.catalogue.rules))),
        language=session.workspace.country.language,
        flows=session.catalogue.flows,
        written=text_format,
        instead=instead,
    )
    return marked, count


def is_of_thousands(correction: Correction, table: Table) -> bool:
    cell = cell_position(correction.place.cell)
    held = table.text(*cell)
    return "." in held and cell not in table.numeric and number_in(held) != number_in(correction.before)


@dataclass(frozen=True, slots=True)
class CorrectedCopies:
    """Corrected copies of workbooks by name, with the numbers of written and marked cells."""

    files: Mapping[str, bytes]
    written: int
    _: KW_ONLY
    marked: int


def corrected_copies(session: Session, data: Path, folder: Path) -> CorrectedCopies:
    """Copy each workbook whose figures these data correct; raises `SdmxmigError` if a copy exists."""
    corrections = corrections_of(session, data)
    written_cells = marked = 0
    files: dict[str, bytes] = {}
    for path in session.workspace.tables:
        file_corrections = [
            (before, correction) for before, correction in corrections if correction.place.file == path.name
        ]
        if file_corrections:
            name = f"{name_of_copy(path, session.workspace.tables)}.corrected.xlsx"
            check_new(folder / name, "-o FOLDER")
            files[name], cells = corrected(session, path.name, read_bytes(path), file_corrections)
            written_cells, marked = written_cells + cells, marked + len(file_corrections)
            if cells < len(file_corrections):
                count = len(file_corrections) - cells
                sentence = f"{count} cells of {path.name} hold a formula or more than a number"
                session.say(f"{sentence}; a comment has the new figure.")
    return CorrectedCopies(files, written_cells, marked=marked)
