"""Residence rules and reservations of figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

from sdmxmig.reporting.sections.blocks import ReportFigure, ReportTable
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording, lowered
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.flow_rules import FlowRule

WHOM = {
    "DF_POP": "Residents",
    "DF_POP_TOPIC": "Residents counted by further topics",
    "DF_IMM": "Immigrants",
    "DF_EMI": "Emigrants",
}
Noted = TypeVar("Noted", ReportFigure, ReportTable)


def residence(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """Describe the residence rules of dataflows, then comments, each once."""
    return (*rules(flows, assessment, wording), *limits(flows, assessment, wording))


def rules(flows: Sequence[str], assessment: Assessment, wording: Wording) -> dict[str, set[str]]:
    """A sentence for each rule that some dataflows follow, with the dataflows that it is about."""
    alike: dict[str, list[str]] = {}
    for flow_rule in assessment.flow_rules:
        if flow_rule.flow in flows:
            alike.setdefault(rule_of(flow_rule, wording), []).append(flow_rule.flow)
    return {
        wording.say(
            "Residence rule of the figures on {whom}: {rule}.",
            whom=wording.series([lowered(wording.say(WHOM[flow])) for flow in members]),
            rule=rule,
        ): set(members)
        for rule, members in alike.items()
    }


class ToldOnce:
    """Rules and limits already mentioned in a section."""

    def __init__(self, assessment: Assessment, wording: Wording) -> None:
        self.limits = set(limits(tuple(WHOM), assessment, wording))
        self.rules = dict(every_rule(assessment, wording))
        self.told: set[str] = set()

    def __call__(self, block: Noted | None) -> Noted | None:
        if block is None:
            return None
        return replace(block, notes=tuple(note for note in block.notes if self.is_new(note)))

    def is_new(self, note: str) -> bool:
        about = self.rules.get(note, {note} if note in self.limits else set())
        is_new = not about or not about <= self.told
        self.told |= about
        return is_new


def every_rule(assessment: Assessment, wording: Wording) -> Iterator[tuple[str, set[str]]]:
    for size in range(1, len(WHOM) + 1):
        for flows in combinations(WHOM, size):
            yield from rules(flows, assessment, wording).items()


def limits(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    comments = (
        comment for flow_rule in assessment.flow_rules if flow_rule.flow in flows for comment in flow_rule.comments
    )
    return tuple(dict.fromkeys(map(wording.of, comments)))


def rule_of(flow_rule: FlowRule, wording: Wording) -> str:
    names = [
        wording.of(name)
        for codes in (flow_rule.rules, flow_rule.bases)
        for code, name in codes
        if code not in NOT_KNOWN
    ]
    return wording.commas(map(lowered, names)) if names else wording.say("not stated")


def different_rules(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    rules = {flow_rule.flow: {code for code, _ in flow_rule.rules} for flow_rule in assessment.flow_rules}
    present = [rules[flow] for flow in flows if flow in rules]
    known = set().union(*present) - NOT_KNOWN
    if len(known) > 1:
        return (wording.say("These figures follow different residence rules: their difference has no meaning."),)
    if known and any(not codes or codes & NOT_KNOWN for codes in present):
        return (wording.say("The residence rule of some of these figures is not stated: compare them with care."),)
    return ()
