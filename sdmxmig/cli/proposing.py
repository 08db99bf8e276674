"""What ``map`` and ``start`` share: the tables and words that a proposal is made of, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.cli.talk import say
from sdmxmig.errors import SdmxmigError, did_you_mean

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.model.tables import Table, TextFormat
    from sdmxmig.proposals import TriedProposal
    from sdmxmig.recognition import Recogniser
    from sdmxmig.suggestion import Question
    from sdmxmig.suggestion.ranking import RankedFlow

BY_AGENCY = "BY_AGENCY"
"""The category of dataflows that are tables of single agencies."""
SHOWN = 12
"""How many open lines are said one by one."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """What a proposal is made of: the tables of a file, how it is written, all declarations, the words of languages."""

    tables: Sequence[Table]
    written: TextFormat
    catalogue: Catalogue
    recogniser: Recogniser


def material(workbook: Path, folder: Path | None, encoding: str = "", delimiter: str = "") -> Material:
    """Read a file of tables with what is declared in a workspace; `encoding` and `delimiter` are as somebody says."""
    from sdmxmig import tables
    from sdmxmig.areas import read_areas
    from sdmxmig.catalogue import load
    from sdmxmig.declarations import Declared
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.mapping.text_keys import read_text
    from sdmxmig.places import Place
    from sdmxmig.recognition import read_recogniser

    said = {"encoding": encoding, "delimiter": "tab" if delimiter == "\\t" else delimiter}
    written = read_text(Declared({key: text for key, text in said.items() if text}, Place("the options")))
    catalogue = load(folder)
    found = tables.read(workbook.name, read_bytes(workbook), written)
    recogniser = read_recogniser(read_areas(catalogue.item_scheme("SDMX:CL_AREA(2.0)"), folder), folder)
    return Material(tables=found, written=written, catalogue=catalogue, recogniser=recogniser)


def ranked(found: Material) -> tuple[RankedFlow, ...]:
    """The likeliest dataflows of the tables, the first one first."""
    from sdmxmig.suggestion.ranking import rank

    return rank(found.tables, found.catalogue.flows, found.recogniser, of_agencies(found.catalogue))


def of_agencies(catalogue: Catalogue) -> frozenset[str]:
    """The dataflows that are tables of single agencies: by their category, and those of other owners."""
    from sdmxmig.model.structures import Categorisation

    filed = {
        categorisation.source.id
        for categorisation in catalogue.artefacts.values()
        if isinstance(categorisation, Categorisation) and BY_AGENCY in categorisation.target.item
    }
    return frozenset(filed | {flow.id for flow in catalogue.flows.values() if flow.dataflow.ref.agency != "SDMXMIG"})


def check_flow(dataflow: str, catalogue: Catalogue) -> None:
    """Refuse a dataflow that there is not."""
    if dataflow not in catalogue.flows:
        hint = f"{did_you_mean(dataflow, sorted(catalogue.flows))} For a table that fits none: --new-flow ID."
        raise SdmxmigError(f"There is no dataflow “{dataflow}”.", hint=hint)


def check_area(area: str, catalogue: Catalogue) -> None:
    """Refuse a reporting country that is no code."""
    known = catalogue.item_scheme("SDMX:CL_AREA(2.0)").ids
    if area and area not in known:
        raise SdmxmigError(f"“{area}” is not a code of CL_AREA.", hint=did_you_mean(area, known))


def say_ranked(listed: Sequence[RankedFlow]) -> None:
    """Say which dataflows are likely, and why."""
    for number, ranked_flow in enumerate(listed, start=1):
        reasons = "; ".join(ranked_flow.reasons)
        say(f"{number}. {ranked_flow.flow} ({ranked_flow.score:.1f}) {ranked_flow.name}: {reasons}")


def said_of(one: Question) -> str:
    """A question in one line: where, what is proposed and why, and the nearest candidates."""
    near = f" Nearest: {', '.join(each.code for each in one.others)}." if one.others else ""
    where = f"{len(one.sheets)} sheets" if one.sheets else one.sheet
    what = " ".join(part for part in (where, one.part, f"“{one.label}”" if one.label else "") if part)
    proposed = f"{one.chosen.code} ({one.chosen.confidence:.2f}): " if one.chosen.code else ""
    return f"? {what}: {proposed}{one.chosen.reason}.{near}"


def say_tried(tried: TriedProposal) -> None:
    """Say what is open about a proposal, and show some observations in words."""
    for question in tried.open[:SHOWN]:
        say(said_of(question))
    if len(tried.open) > SHOWN:
        say(f"… and {len(tried.open) - SHOWN} more lines; all of them: --format json, or --review FILE")
    say(f"{len(tried.questions) - len(tried.open)} of {len(tried.questions)} lines are certain.")
    if tried.examples:
        say("Is this what the table says?")
    for example in tried.examples:
        say(f"  {example.sentence}")
