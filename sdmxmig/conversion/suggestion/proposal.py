"""Proposed mappings with questions."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import PurePath

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.basis import Basis
from sdmxmig.conversion.suggestion.competing_tables import SHEET, CompetingTable, without_competing
from sdmxmig.conversion.suggestion.cut_labels import with_cut_labels
from sdmxmig.conversion.suggestion.draft import Draft, draft_of
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, lines_of
from sdmxmig.conversion.suggestion.parts import find_regions
from sdmxmig.conversion.suggestion.periods import is_added_up
from sdmxmig.conversion.suggestion.questions import LEAVE_OUT, Decisions, Question, decided, gathered, in_one_line
from sdmxmig.conversion.suggestion.questions import settled as with_decisions
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sampling import in_whole
from sdmxmig.conversion.suggestion.share_columns import with_rates
from sdmxmig.conversion.suggestion.values_of_all import in_one_value
from sdmxmig.conversion.suggestion.where_asked import answers_of
from sdmxmig.sdmx.model.data import Block, Flow, Mapping
from sdmxmig.sdmx.model.tables import Table


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed mapping with scores and regions."""

    mapping: Mapping
    questions: tuple[Question, ...]
    _: KW_ONLY
    regions: tuple[Region, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.is_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsOfFlow:
    """The drafts of a dataflow, and questions about other regions."""

    drafts: tuple[Draft, ...]
    questions: tuple[Question, ...]


def suggest(
    tables: Sequence[Table], known: FlowKnowledge, area: str = "", decisions: Decisions | None = None
) -> Proposal:
    """Propose a mapping for a workbook; long sheets are sampled.

    `area` may be unknown. Uncertain parts are left out or asked.
    """
    decisions = decisions or {}
    bases = [Basis(region, known, area=area, decisions=decisions) for region in regions_of(tables, known)]
    of_flow = drafts_of_flow(drafts_as_answered(bases, decisions), known)
    drafts = of_flow.drafts
    competing = [CompetingTable(draft.block, draft.region, labels=draft.labels) for draft in drafts]
    chosen, about_competing = without_competing(competing, known.flow)
    with_competing = {question.sheet for question in about_competing}
    shown = [draft for at, draft in enumerate(drafts) if at in chosen or is_competing(draft, with_competing)]
    settled = [question for draft in shown for question in with_decisions(draft.questions, draft.basis.decisions)]
    blocks, questions = in_one_value([drafts[at].block for at in chosen], settled, known.flow, decisions)
    other_questions = with_decisions(gathered([*about_competing, *of_flow.questions]), decisions)
    return Proposal(
        mapping_of(blocks, tables, known.flow),
        in_one_line((*gathered_but_of(with_competing, questions), *other_questions)),
        regions=tuple(in_whole(drafts[at].region, tables) for at in chosen),
    )


def regions_of(tables: Sequence[Table], known: FlowKnowledge) -> list[Region]:
    vocabulary = known.recogniser.vocabulary
    regions = [region for table in tables for region in find_regions(table, vocabulary)]
    return [with_rates(with_cut_labels(region, known.recogniser), vocabulary) for region in regions]


def drafts_as_answered(bases: Sequence[Basis], decisions: Decisions) -> list[Draft]:
    drafts = [draft_of(basis) for basis in bases]
    answers = answers_of(bases, [draft.questions for draft in drafts], asked_with, decisions)
    return [
        draft if its_answers == decisions else draft_of(replace(draft.basis, decisions=its_answers))
        for draft, its_answers in zip(drafts, answers, strict=True)
    ]


def asked_with(basis: Basis, decisions: Decisions) -> tuple[Question, ...]:
    return draft_of(replace(basis, decisions=decisions)).questions


def drafts_of_flow(drafts: Sequence[Draft], known: FlowKnowledge) -> DraftsOfFlow:
    """The drafts that give dimensions of a dataflow, without what a person left out and what is of other dataflows."""
    key = known.flow.structure.key
    giving = [
        draft for draft in drafts if any(component_map.component in key for component_map in draft.block.components)
    ]
    wanted = [draft for draft in giving if not is_left_out(draft)]
    elsewhere = [question for draft in wanted for question in draft.elsewhere]
    unread = [why_unread(draft, known) for draft in drafts] if not wanted else []
    of_flow = tuple(draft for draft in wanted if not draft.elsewhere)
    return DraftsOfFlow(drafts=of_flow, questions=(*elsewhere, *unread))


def is_competing(draft: Draft, with_competing: Collection[str]) -> bool:
    return draft.region.is_part and draft.region.name in with_competing


def gathered_but_of(sheets: Collection[str], questions: Sequence[Question]) -> list[Question]:
    alike = [question for question in questions if question.sheet not in sheets]
    return [*gathered(alike), *(question for question in questions if question.sheet in sheets)]


def mapping_of(blocks: Sequence[Block], tables: Sequence[Table], flow: Flow) -> Mapping:
    file = PurePath(tables[0].file).name if tables else ""
    name = re.sub(r"[^A-Z0-9]+", "_", PurePath(file).stem.upper()).strip("_") or "TABLE"
    numbered = tuple(keyed(block, number) for number, block in enumerate(blocks, start=1))
    return Mapping(f"MAP_{name}", flow.id, file=file, blocks=numbered)


def why_unread(draft: Draft, known: FlowKnowledge) -> Question:
    lines = [line for line in lines_of(draft.region) if len(line.texts) > 1]
    some_labels = "; ".join(f"“{', '.join(line.texts[:3])}”" for line in lines[:2])
    since = next((line.texts[0] for line in lines if is_added_up(line.texts)), "")
    reason = f"no dimension of {known.flow.id} is known by its labels {some_labels}"
    if since:
        reason = f"its figures are added up since {since}, and are of no single periods: {some_labels}"
    return Question(draft.region.name, SHEET, label="", chosen=Candidate("", 0.0, reason=f"not proposed: {reason}"))


def is_left_out(draft: Draft) -> bool:
    basis = draft.basis
    questions = (question for question in draft.questions if question.part == "title")
    return any(
        decided(basis.decisions, basis.sheet, question.part, question.label) == LEAVE_OUT for question in questions
    )


def keyed(block: Block, number: int) -> Block:
    key = f"block[{number}]"
    components = tuple(
        replace(component_map, key=f"{key}.components.{component_map.component}") for component_map in block.components
    )
    notes = tuple(replace(noted, key=f"{key}.notes[{at}]") for at, noted in enumerate(block.notes, start=1))
    return replace(block, key=key, components=components, notes=notes)
