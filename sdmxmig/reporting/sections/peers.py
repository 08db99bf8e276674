"""Peers section."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sdmxmig.reporting.sections.provisional import not_final
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.peers import PeerComparison, PeerFigure

PERCENT = "PT"
NAMED = 3
"""So many sources are named."""
REASONS = {
    "own": "no comparable figure",
    "rule": "different or unstated residence rule or type of stay",
    "caveat": "cautions about the figure itself",
    "day": "different reference date",
    "year": "no year close enough",
    "several": "two different values",
    "value": "invalid value",
    "area": "unknown area",
    "room": "no room on this page",
}
"""Why a figure of another country is not shown."""


@dataclass(frozen=True, slots=True)
class PeerLines:
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def peer_lines(assessment: Assessment, wording: Wording) -> PeerLines | None:
    if not assessment.peers:
        return None
    shown = [comparison for comparison in assessment.peers if comparison.others]
    notes = (sources(shown, wording), left_out(assessment.peers, wording))
    return PeerLines(
        tuple(wording.pair(measure(comparison, wording), figures(comparison, wording)) for comparison in shown),
        tuple(filter(None, notes)),
    )


def measure(comparison: PeerComparison, wording: Wording) -> str:
    return wording.say("{name}, {year}", name=wording.of(comparison.name), year=comparison.own.period)


def figures(comparison: PeerComparison, wording: Wording) -> str:
    return wording.semicolons(figure(peer, comparison, wording) for peer in (comparison.own, *comparison.others))


def figure(peer: PeerFigure, comparison: PeerComparison, wording: Wording) -> str:
    value = wording.percent(peer.value / 100) if comparison.unit == PERCENT else wording.number(peer.value, 1)
    year = wording.year(peer.period) if peer.period != comparison.own.period else ""
    remark = wording.commas(filter(None, (year, not_final([peer.status], wording))))
    country = wording.of(peer.name) or peer.area
    if remark:
        return wording.say("{country}\u00a0{value} ({remark})", country=country, value=value, remark=remark)
    return wording.say("{country}\u00a0{value}", country=country, value=value)


def sources(shown: list[PeerComparison], wording: Wording) -> str:
    stated = dict.fromkeys(source for comparison in shown for peer in comparison.others for source in peer.sources)
    named = [*stated][:NAMED] + (["…"] if len(stated) > NAMED else [])
    return wording.say("Source: {sources}.", sources=wording.semicolons(named)) if named else ""


def left_out(comparisons: tuple[PeerComparison, ...], wording: Wording) -> str:
    """How many figures of other countries are not shown, and why; no figure is given."""
    counted: Counter[str] = Counter()
    for comparison in comparisons:
        counted.update(dict(comparison.left_out))
    reasons = [
        wording.say("{reason} ({n})", reason=wording.say(words), n=wording.number(counted[reason]))
        for reason, words in REASONS.items()
        if counted[reason]
    ]
    if not reasons:
        return ""
    return wording.say("Figures of other countries not shown: {reasons}.", reasons=wording.semicolons(reasons))
