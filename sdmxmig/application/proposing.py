"""Proposing a mapping: the tables and words that it is made of, and the dataflows and countries there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig import areas, recognition, tables
from sdmxmig import catalogue as declared
from sdmxmig.declarations import Declared
from sdmxmig.errors import SdmxmigError, did_you_mean
from sdmxmig.intake.files import read_bytes
from sdmxmig.mapping.text_keys import read_text
from sdmxmig.model.structures import Categorisation
from sdmxmig.places import Place
from sdmxmig.proposals import TriedProposal, propose
from sdmxmig.suggestion.parts import no_figures
from sdmxmig.suggestion.ranking import rank

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.tables import Table, TextFormat
    from sdmxmig.recognition import Recogniser
    from sdmxmig.suggestion import Decisions
    from sdmxmig.suggestion.ranking import RankedFlow

BY_AGENCY = "BY_AGENCY"
"""The category of dataflows that are tables of single agencies."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """What a proposal is made of: the tables of a file, how it is written, all declarations, the words of languages.

    `remark` is a sentence on a file that is of another kind than its name says; empty for others.
    """

    tables: Sequence[Table]
    written: TextFormat
    catalogue: Catalogue
    recogniser: Recogniser
    remark: str = ""


def read_material(
    workbook: Path, folder: Path | None, encoding: str = "", delimiter: str = "", *, content: bytes | None = None
) -> Material:
    """Read a file of tables with what is declared in a workspace; `encoding` and `delimiter` are as somebody says.

    `content` is that of the file if it was read already.
    """
    options = {"encoding": encoding, "delimiter": "tab" if delimiter == "\\t" else delimiter}
    text_format = read_text(Declared({key: text for key, text in options.items() if text}, Place("the options")))
    catalogue = declared.load(folder)
    content = read_bytes(workbook) if content is None else content
    workbook_tables = tables.read(workbook.name, content, text_format)
    recogniser = recognition.read_recogniser(
        areas.read_areas(catalogue.item_scheme("SDMX:CL_AREA(2.0)"), folder), folder
    )
    return Material(
        tables=workbook_tables,
        written=text_format,
        catalogue=catalogue,
        recogniser=recogniser,
        remark=tables.misnamed(workbook.name, content, text_format),
    )


def ranked(material: Material) -> tuple[RankedFlow, ...]:
    """The likeliest dataflows of the tables, the first one first."""
    return rank(material.tables, material.catalogue.flows, material.recogniser, of_agencies(material.catalogue))


def of_agencies(catalogue: Catalogue) -> frozenset[str]:
    """The dataflows that are tables of single agencies: by their category, and those of other owners."""
    filed = {
        categorisation.source.id
        for categorisation in catalogue.artefacts.values()
        if isinstance(categorisation, Categorisation) and BY_AGENCY in categorisation.target.item
    }
    return frozenset(filed | {flow.id for flow in catalogue.flows.values() if flow.dataflow.ref.agency != "SDMXMIG"})


def check_flow(dataflow: str, catalogue: Catalogue) -> None:
    """Refuse a dataflow that does not exist."""
    if dataflow not in catalogue.flows:
        hint = f"{did_you_mean(dataflow, sorted(catalogue.flows))} For a table that fits none: --new-flow ID."
        raise SdmxmigError(f"There is no dataflow “{dataflow}”.", hint=hint)


def check_area(area: str, catalogue: Catalogue) -> None:
    """Refuse a reporting country that is no code of CL_AREA."""
    codelist = catalogue.item_scheme("SDMX:CL_AREA(2.0)")
    if area and area not in codelist.ids:
        raise SdmxmigError(f"“{area}” is not a code of CL_AREA.", hint=areas.hint_for(area, codelist))


def without_result(material: Material) -> Iterator[str]:
    """A sentence on the formulas of a workbook whose results were not saved, if there are any."""
    count = sum(not table.text(*cell) for table in material.tables for cell in table.formulas)
    if count:
        formulas = "1 cell holds a formula" if count == 1 else f"{count} cells hold formulas"
        yield f"{formulas} without a saved result: open the workbook in a spreadsheet program, and save it."


def tried_out(material: Material, dataflow: str, *, area: str, decisions: Decisions) -> TriedProposal:
    """A proposed mapping that keeps what a person or an earlier mapping decided, tried out on the tables.

    Raises `SdmxmigError` with the reasons if no table looks like the dataflow.
    """
    tried = propose(material.tables, dataflow, material.catalogue, material.recogniser, area=area, decisions=decisions)
    if not tried.proposal.mapping.blocks:
        reasons = [question.chosen.reason for question in tried.questions if question.part == "sheet"]
        if not reasons:
            raise no_figures(material.tables, material.recogniser.vocabulary, without_result(material))
        reasons += list(without_result(material))
        hint = "".join(f"{reason.rstrip('.')}. " for reason in dict.fromkeys(reasons))
        hint += "For a table that fits no dataflow of yours: --new-flow ID."
        raise SdmxmigError(f"No table of the file looks like {dataflow}.", Place(material.tables[0].file), hint)
    return tried
