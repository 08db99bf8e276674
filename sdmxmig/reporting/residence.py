"""What stands beside a figure: by which residence rule its data count, and what its source says of their limits."""

from __future__ import annotations

from collections.abc import Sequence

from sdmxmig.model.assessment import Assessment
from sdmxmig.model.flow_rules import FlowRule
from sdmxmig.reporting.wording import NOT_KNOWN, Wording, lowered

WHOM = {
    "DF_POP": "Residents",
    "DF_POP_TOPIC": "Residents counted by further topics",
    "DF_IMM": "Immigrants",
    "DF_EMI": "Emigrants",
}


def residence(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """One sentence for the dataflows that follow the same rule, then each comment of their data once.

    There is none for dataflows of which there are no data.
    """
    alike: dict[str, list[str]] = {}
    for flow_rule in assessment.flow_rules:
        if flow_rule.flow in flows:
            alike.setdefault(rule_of(flow_rule, wording), []).append(lowered(wording.say(WHOM[flow_rule.flow])))
    rules = (
        wording.say("Residence rule behind the figures of {whom}: {rule}.", whom=wording.series(whom), rule=rule)
        for rule, whom in alike.items()
    )
    return (*rules, *limits(flows, assessment, wording))


def limits(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """What the data of some dataflows say of themselves, such as the territory that they leave out; each once."""
    comments = (
        comment for flow_rule in assessment.flow_rules if flow_rule.flow in flows for comment in flow_rule.comments
    )
    return tuple(dict.fromkeys(map(wording.of, comments)))


def rule_of(flow_rule: FlowRule, wording: Wording) -> str:
    """Rule and kind of stay in words; not known where the data do not say it."""
    names = [
        wording.of(name)
        for codes in (flow_rule.rules, flow_rule.bases)
        for code, name in codes
        if code not in NOT_KNOWN
    ]
    return wording.commas(map(lowered, names)) if names else wording.say("not known")


def different_rules(flows: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """That figures which stand together follow different residence rules; none where they follow one, or none is known.

    Figures of which it is not known stand with those of which it is: then it is not known whether they agree.
    """
    rules = {flow_rule.flow: {code for code, _ in flow_rule.rules} for flow_rule in assessment.flow_rules}
    present = [rules[flow] for flow in flows if flow in rules]
    known = set().union(*present) - NOT_KNOWN
    if len(known) > 1:
        return (wording.say("These figures follow different residence rules: what lies between them is no result."),)
    if known and any(not codes or codes & NOT_KNOWN for codes in present):
        return (wording.say("For a part of these figures the residence rule is not known: compare them with care."),)
    return ()
