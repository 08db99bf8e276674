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
    session: Session, path: Path, corrections: Sequence[tuple[Dataset, Correction]]
) -> tuple[dict[str, bytes], int]:
    """Write corrected figures into copies of a file; returns these by the end of their name, and the number written.

    ``.corrected.xlsx`` is the workbook with corrected cells, ``.checked.xlsx`` has these cells marked, and a list. Of
    other formats there is one workbook, corrected and marked. Formulas and mixed cells are only marked.
    """
    name, content = path.name, read_bytes(path)
    text_format = text_format_of(mappings_of(session), name)
    tables = {table.sheet: table for table in read(name, content, text_format)}
    ratios = {id(before): factors(before, tables) for before, _ in corrections}
    cells: dict[tuple[str, Cell], str] = {}
    for before, correction in corrections:
        sheet, cell = correction.place.sheet, cell_position(correction.place.cell)
        text = corrected_text(correction, tables[sheet].text(*cell), ratios[id(before)].get(sheet))
        if text is not None and cell not in tables[sheet].formulas and not is_of_thousands(correction, tables[sheet]):
            cells[sheet, cell] = text
    copies: dict[str, bytes] = {}
    is_office = reader_of(name, content).name == "xlsx"
    if is_office and cells:
        content = patch(name, content, cells, kept_as_text=texts_among(tuple(tables.values()), cells)).content
        copies[f".corrected{path.suffix}"] = content
    copies[".checked.xlsx" if is_office else ".corrected.xlsx"] = marked_workbook.mark(
        name,
        content,
        Findings(tuple(findings_of((correction for _, correction in corrections), session.catalogue.rules))),
        language=session.workspace.country.language,
        flows=session.catalogue.flows,
        written=text_format,
        instead={} if is_office else cells,
    )
    return copies, len(cells)


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
            copies, cells = corrected(session, path, file_corrections)
            for ending, content in copies.items():
                name = f"{name_of_copy(path, session.workspace.tables)}{ending}"
                check_new(folder / name, "-o FOLDER")
                files[name] = content
            written_cells, marked = written_cells + cells, marked + len(file_corrections)
            if cells < len(file_corrections):
                count = len(file_corrections) - cells
                sentence = f"{count} cells of {path.name} hold a formula or more than a number"
                session.say(f"{sentence}; a comment has the new figure.")
    return CorrectedCopies(files, written_cells, marked=marked)
