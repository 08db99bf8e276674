"""The change of immigration and emigration from the year before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sdmxmig.reporting.sections.quantities import newest
from sdmxmig.reporting.sections.series import is_break, of_role, value_in
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment

RISE_AND_FALL = {
    "immigration": (
        "Immigration rose by {share} from {before} to {year}.",
        "Immigration fell by {share} from {before} to {year}.",
    ),
    "emigration": (
        "Emigration rose by {share} from {before} to {year}.",
        "Emigration fell by {share} from {before} to {year}.",
    ),
}


def changes_in_words(assessment: Assessment, wording: Wording) -> Iterator[str]:
    """Yield a sentence for each flow with values in its last two years and no break in series between them."""
    for role, (rise, fall) in RISE_AND_FALL.items():
        series = of_role(assessment, role)
        latest = newest(series)
        if latest is None or latest.value is None or is_break(latest):
            continue
        before = str(int(latest.period) - 1)
        if value := value_in(series, before):
            change = latest.value / value - 1
            share = wording.percent(abs(change))
            if share != wording.percent(Decimal(0)):
                yield wording.say(rise if change > 0 else fall, share=share, before=before, year=latest.period)
