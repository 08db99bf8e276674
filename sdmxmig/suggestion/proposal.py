"""A proposed mapping: what was recognised in a workbook, and what a person must confirm."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from pathlib import PurePath

from sdmxmig.model.data import Block, Mapping
from sdmxmig.model.tables import Table
from sdmxmig.recognition import Candidate
from sdmxmig.suggestion.basis import Basis
from sdmxmig.suggestion.cut_labels import with_cut_labels
from sdmxmig.suggestion.draft import Draft, draft_of
from sdmxmig.suggestion.lines import Known, lines_of
from sdmxmig.suggestion.parts import find_regions
from sdmxmig.suggestion.periods import is_added_up
from sdmxmig.suggestion.questions import LEAVE_OUT, Decisions, Question, decided, gathered, in_one_line
from sdmxmig.suggestion.questions import settled as with_decisions
from sdmxmig.suggestion.regions import Region
from sdmxmig.suggestion.rivals import SHEET, Rival, without_rivals
from sdmxmig.suggestion.share_columns import with_rates
from sdmxmig.suggestion.values_of_all import in_one_value
from sdmxmig.suggestion.where_asked import answers_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that is proposed, all its lines with their scores, and the regions of the sheets that it reads."""

    mapping: Mapping
    questions: tuple[Question, ...]
    _: KW_ONLY
    regions: tuple[Region, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        """What a person should confirm or decide."""
        return tuple(one for one in self.questions if one.is_open)


def suggest(tables: Sequence[Table], known: Known, area: str = "", decisions: Decisions | None = None) -> Proposal:
    """A mapping for the sheets of a workbook that hold figures of a dataflow.

    `area` is the reporting country, if it is known, `decisions` what a person said in a review. What is not certain is
    left out of the mapping or stands in the questions with the nearest candidates.
    """
    said, vocabulary = decisions or {}, known.recogniser.vocabulary
    found = [region for table in tables for region in find_regions(table, vocabulary)]
    regions = [with_rates(with_cut_labels(region, known.recogniser), vocabulary) for region in found]
    drafts = [draft_of(Basis(region, known, area=area, decisions=said)) for region in regions]
    again = partial(asked_of, known, area)
    answers = answers_of(regions, [one.questions for one in drafts], again, said)
    drafts = [
        one if own == said else draft_of(replace(one.basis, decisions=own))
        for one, own in zip(drafts, answers, strict=True)
    ]
    answered = {one.region.name: own for one, own in zip(drafts, answers, strict=True)}
    every = drafts
    drafts = [one for one in drafts if any(each.component in known.flow.structure.key for each in one.block.components)]
    drafts = [one for one in drafts if not is_left_out(one, said)]
    elsewhere = [question for one in drafts for question in one.elsewhere]
    elsewhere += [why_unread(one, known) for one in every] if not drafts else []
    drafts = [one for one in drafts if not one.elsewhere]
    kept, asked = without_rivals([Rival(one.block, one.region, labels=one.labels) for one in drafts], known.flow)
    told_of = {one.sheet for one in asked}
    listed = [one for at, one in enumerate(drafts) if at in kept or (one.region.is_part and one.region.name in told_of)]
    settled = [each for one in listed for each in with_decisions(one.questions, answered[one.region.name])]
    blocks, questions = in_one_value([drafts[at].block for at in kept], settled, known.flow, said)
    blocks = tuple(keyed(block, number) for number, block in enumerate(blocks, start=1))
    file = PurePath(tables[0].file).name if tables else ""
    name = re.sub(r"[^A-Z0-9]+", "_", PurePath(file).stem.upper()).strip("_") or "TABLE"
    mapping = Mapping(f"MAP_{name}", known.flow.id, file=file, blocks=blocks)
    alike = [one for one in questions if one.sheet not in told_of]
    apart = [one for one in questions if one.sheet in told_of]
    others = with_decisions(gathered([*asked, *elsewhere]), said)
    return Proposal(
        mapping, in_one_line((*gathered(alike), *apart, *others)), regions=tuple(drafts[at].region for at in kept)
    )


def asked_of(known: Known, area: str, region: Region, decisions: Decisions) -> tuple[Question, ...]:
    """What is asked about one region with some decisions."""
    return draft_of(Basis(region, known, area=area, decisions=decisions)).questions


def why_unread(one: Draft, known: Known) -> Question:
    """Why nothing is proposed for a table none of whose labels gives a dimension, with some of these labels."""
    lines = [line for line in lines_of(one.region) if len(line.texts) > 1]
    shown = "; ".join(f"“{', '.join(line.texts[:3])}”" for line in lines[:2])
    since = next((line.texts[0] for line in lines if is_added_up(line.texts)), "")
    reason = f"no dimension of {known.flow.id} is known by its labels {shown}"
    if since:
        reason = f"its figures are added up since {since}, and are of no single periods: {shown}"
    return Question(one.region.name, SHEET, label="", chosen=Candidate("", 0.0, reason=f"not proposed: {reason}"))


def is_left_out(one: Draft, decisions: Decisions) -> bool:
    """Whether a person said of what the titles of a region say that the whole of it stays out."""
    asked = (question for question in one.questions if question.part == "title")
    return any(decided(decisions, one.region.name, each.part, each.label) == LEAVE_OUT for each in asked)


def keyed(block: Block, number: int) -> Block:
    """A block with the keys of its place in the file."""
    key = f"block[{number}]"
    components = tuple(replace(one, key=f"{key}.components.{one.component}") for one in block.components)
    return replace(block, key=key, components=components)
