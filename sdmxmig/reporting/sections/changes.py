"""Annual changes of flows with stated causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.reporting.sections.office import COMMENT
from sdmxmig.reporting.sections.quantities import newest
from sdmxmig.reporting.sections.series import is_break, of_role, value_in
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment

RISE_AND_FALL = {
    "DF_IMM": (
        "immigration",
        "Immigration rose by {share} from {before} to {year}.",
        "Immigration fell by {share} from {before} to {year}.",
    ),
    "DF_EMI": (
        "emigration",
        "Emigration rose by {share} from {before} to {year}.",
        "Emigration fell by {share} from {before} to {year}.",
    ),
}


@dataclass(frozen=True, slots=True)
class FlowChange:
    """A change of a flow, and its cause with sources."""

    sentence: str
    cause: str = ""
    sources: tuple[str, ...] = ()


def changes(assessment: Assessment, wording: Wording) -> Iterator[FlowChange]:
    """Yield the change of each flow with values in its last two years and no break in series between them."""
    for flow, (role, rise, fall) in RISE_AND_FALL.items():
        series = of_role(assessment, role)
        latest = newest(series)
        if latest is None or latest.value is None or is_break(latest):
            continue
        before = str(int(latest.period) - 1)
        if value := value_in(series, before):
            change = latest.value / value - 1
            share = wording.percent(abs(change))
            if share != wording.percent(Decimal(0)):
                sentence = wording.say(rise if change > 0 else fall, share=share, before=before, year=latest.period)
                yield FlowChange(sentence, *stated_cause(flow, assessment, wording))


def stated_cause(flow: str, assessment: Assessment, wording: Wording) -> tuple[str, tuple[str, ...]]:
    comments = (answer for answer in assessment.about.get(flow, ()) if answer.item == COMMENT and answer.sources)
    return next(((wording.of(answer.practice), answer.sources) for answer in comments), ("", ()))
