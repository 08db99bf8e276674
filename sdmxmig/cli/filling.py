"""What ``sdmxmig questionnaire`` does with workbooks of others: fill them in, and correct figures in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.cli.exchanging import dataset_in, datasets_in
from sdmxmig.cli.talk import next_step, say, show, stage
from sdmxmig.errors import InputError, SdmxmigError
from sdmxmig.places import Place, cell_position
from sdmxmig.publishing.files import publish_file
from sdmxmig.publishing.folders import add_files
from sdmxmig.publishing.refusing import check_apart, check_new

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.catalogue import Catalogue
    from sdmxmig.cli.session import Session
    from sdmxmig.model.data import Dataset
    from sdmxmig.model.data import Mapping as TableMapping
    from sdmxmig.model.tables import Cell
    from sdmxmig.questionnaires.corrections import Correction
    from sdmxmig.questionnaires.filling import Filling


def fill(catalogue: Catalogue, template: Path, mapped: Path | None, files: tuple[Path | None, Path | None]) -> None:
    """Fill in an agency's own workbook by the mapping that would read it; `files` are the data and the result."""
    from sdmxmig.cli.mapping_files import beside_file
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.mapping import load
    from sdmxmig.outputs.patched_workbook import patch

    data, out = files
    if mapped is None or data is None:
        hint = "Write: sdmxmig questionnaire --fill FORM.xlsx --mapping FORM.toml --data DATA.csv"
        raise SdmxmigError("Filling in needs a mapping and data.", hint=hint)
    mapping = load(mapped.name, read_bytes(mapped), catalogue.flows, beside_file(mapped))
    target = out or template.with_suffix(".filled.xlsx")
    check_apart(target, template, mapped, data)
    check_new(target)
    content = read_bytes(template)
    filling = fillings_of(catalogue, (template.name, content), mapping, data)
    patched = patch(template.name, content, filling.cells)
    name_what_reaches_out(template.name, content)
    publish_file(target, patched.content, "-o FILE")
    for one in filling.left_out:
        say(f"not in the workbook: {one}")
    stage("fill", f"{len(filling.cells)} cells filled in, {filling.empty} without data")
    show(str(target))
    next_step("open", target)


def name_what_reaches_out(name: str, content: bytes) -> None:
    """Say what a form of others runs or fetches: it is in the filled form too, which goes back to its makers."""
    from sdmxmig.outputs.office_copy.office import reaching

    try:
        lost = reaching(name, content)
    except InputError:
        say("The form is written in an unusual way; whether it runs or fetches something could not be seen.")
        return
    found = {
        "macros or embedded objects": lost.running,
        "data connections or links to other files": lost.sources,
        "links of cells": lost.links,
        "formulas that may reach out of it": lost.formulas,
    }
    if any(found.values()):
        listed = ", ".join(what for what, count in found.items() if count)
        say(f"The form has {listed}, and so has the copy: open it only if you trust who made it.")


def fillings_of(catalogue: Catalogue, workbook: tuple[str, bytes], mapping: TableMapping, data: Path) -> Filling:
    """What goes into the cells of a workbook."""
    from dataclasses import replace

    from sdmxmig import conversion
    from sdmxmig.questionnaires.filling import fillings, probe
    from sdmxmig.tables import read

    flow = catalogue.flow(mapping.flow)
    own = replace(mapping, file=workbook[0])  # the form may have another name than what the mapping reads
    probed = probe(read(*workbook), own, flow)
    return fillings(probed, conversion.convert(probed.tables, own, flow).dataset, dataset_in(data, flow))


def correct(session: Session, data: Path, out: Path | None) -> None:
    """Write corrected figures into the cells from which they came, and mark these.

    The workspace's own datasets say which cells these are; they were made by ``convert``.
    """
    from sdmxmig.cli.data_folder import read_datasets
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.questionnaires.corrections import corrections

    folder = out or session.out / "corrected"
    session.results.reading()
    session.tell_if_older("data")
    given = datasets_in(data, session.catalogue.flows)
    pairs = [(before, given[before.flow.id]) for before in read_datasets(session) if before.flow.id in given]
    if not pairs:
        raise SdmxmigError(
            "The workspace has no data of these dataflows.", Place(str(data)), "Run first: sdmxmig convert"
        )
    written = marked = 0
    files: dict[str, bytes] = {}
    for path in session.workspace.tables:
        own = [(before, one) for before, after in pairs for one in corrections(before, after)]
        found = [(before, one) for before, one in own if one.place.file == path.name]
        if found:
            twins = [one for one in session.workspace.tables if one.stem == path.stem]
            name = f"{path.stem if len(twins) == 1 else path.name}.corrected.xlsx"
            check_new(folder / name, "-o DIR")
            files[name], cells = corrected(session, (path.name, read_bytes(path)), found)
            written, marked = written + cells, marked + len(found)
            if cells < len(found):
                count = len(found) - cells
                say(f"{count} cells of {path.name} hold a formula or more than a number; a comment has the new figure.")
    for target in add_files(folder, files, "-o DIR") if files else ():
        show(str(target))
    stage("correct", f"{written} cells written, {marked} marked")
    if marked:
        next_step("open", folder)
    else:
        say("No figure differs from those of the workspace's workbooks; nothing was written.")


def corrected(
    session: Session, file: tuple[str, bytes], found: Sequence[tuple[Dataset, Correction]]
) -> tuple[bytes, int]:
    """A workbook with corrected figures, each marked and listed, and how many stand in their cells.

    Formulas stay and are only marked, as is a cell that holds more than a number. A file of another format than .xlsx
    becomes a workbook with its cells.
    """
    from sdmxmig.cli.mapping_files import mappings_of, written_as
    from sdmxmig.model.findings import Findings
    from sdmxmig.outputs import marked_workbook
    from sdmxmig.outputs.patched_workbook import patch
    from sdmxmig.questionnaires.corrections import factors, findings_of, rewritten
    from sdmxmig.tables import read, reader_of

    name, content = file
    written = written_as(mappings_of(session), name)
    tables = {table.sheet: table for table in read(name, content, written)}
    ratios = {id(before): factors(before, tables) for before, _ in found}
    cells: dict[tuple[str, Cell], str] = {}
    for before, one in found:
        sheet, cell = one.place.sheet, cell_position(one.place.cell)
        text = rewritten(one, tables[sheet].text(*cell), ratios[id(before)].get(sheet))
        if text is not None and cell not in tables[sheet].formulas:
            cells[sheet, cell] = text
    count, instead = len(cells), cells
    if reader_of(name, content).name == "xlsx":
        content, instead = patch(name, content, cells).content, {}
    marked = marked_workbook.mark(
        name,
        content,
        Findings(tuple(findings_of((one for _, one in found), session.catalogue.rules))),
        language=session.workspace.language,
        flows=session.catalogue.flows,
        written=written,
        instead=instead,
    )
    return marked, count
