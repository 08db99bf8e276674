"""Attributes that users may add to a proposal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.proposal import Proposal
from sdmxmig.conversion.suggestion.questions import DECIDED, EVERYWHERE, Question, ask
from sdmxmig.conversion.suggestion.title_values import STATUS
from sdmxmig.conversion.suggestion.year_statements import NOTE, list_allowed_attributes
from sdmxmig.quality.rules.metadata import list_definitions_asked
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.findings import Rule

WANTED, POSSIBLE = "a rule requires it", "it may apply to all figures"
SOME_FIGURES_HINT = (
    "it may apply to some figures: write their codes in the second column, and choose COMMENT_OBS for a text"
)


def ask_about_unstated(
    proposal: Proposal, questions: Sequence[Question], flow: Flow, rules: Mapping[str, Rule]
) -> tuple[Question, ...]:
    asked = {question.part for question in questions if question.chosen.reason != DECIDED}
    answered = list_given_attributes(proposal)
    open_attributes = [
        attribute
        for attribute in list_allowed_attributes(flow.structure)
        if f"fixed {attribute.id}" not in asked and attribute.id not in answered and not attribute.mandatory
    ]
    wanted = list_required_definitions(proposal, flow, rules)
    open_attributes.sort(key=lambda attribute: attribute.id not in wanted)
    return tuple(
        convert_to_question(attribute, flow, is_wanted=attribute.id in wanted) for attribute in open_attributes
    )


def list_given_attributes(proposal: Proposal) -> frozenset[str]:
    by_block = [{component_map.component for component_map in block.components} for block in proposal.mapping.blocks]
    return frozenset[str].intersection(*map(frozenset, by_block)) if by_block else frozenset()


def list_required_definitions(proposal: Proposal, flow: Flow, rules: Mapping[str, Rule]) -> frozenset[str]:
    broken_down = {component_map.component for block in proposal.mapping.blocks for component_map in block.components}
    listed = [rules[id_] for id_ in flow.dataflow.rules if id_ in rules]
    definitions = (names for rule in listed for names in list_definitions_asked(rule, flow.structure, broken_down))
    fixed = {name for block in proposal.mapping.blocks for name, _ in block.fixed} | broken_down
    return frozenset(find_first(names, flow.structure) for names in definitions if fixed.isdisjoint(names))


def find_first(names: Collection[str], structure: DataStructure) -> str:
    return next(name for name in names if name in structure)


def ask_about_statuses(proposal: Proposal, dataset: Dataset) -> Iterator[Question]:
    time = dataset.flow.structure.time
    periods = dataset.observations[time.id].drop_nulls() if time else ()
    listed = dataset.flow.codelist(STATUS)
    if time is None or not len(periods) or listed is None:
        return
    codes = tuple(Candidate(item.id, 0.0, reason=str(item.name)) for item in listed)
    for region in proposal.regions:
        yield ask(region.name, f"{NOTE} {STATUS}", SOME_FIGURES_HINT, label=f"{time.id}={max(periods)}", others=codes)


def convert_to_question(attribute: Component, flow: Flow, *, is_wanted: bool) -> Question:
    codes = tuple(Candidate(item.id, 0.0, reason=str(item.name)) for item in flow.codelist(attribute) or ())
    return ask(EVERYWHERE, f"fixed {attribute.id}", WANTED if is_wanted else POSSIBLE, others=codes)
