"""Actions of data at the receiver."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.reasons import because
from sdmxmig.sdmx.model.findings import Fault, NotTestable


@KINDS.add("ACTION-ALLOWED")
def action_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """The action of a dataset is one of `allowed`, which prevents accidental deletion."""
    parameters = check.parameters
    allowed = parameters.strings("allowed", None)
    parameters.close()
    action, measure = check.dataset.action, check.dataset.flow.structure.measure.id
    if not action:
        yield NotTestable(because("the data do not say which action they ask for"))
    elif action not in allowed:
        listed = ", ".join(allowed)
        yield Fault((), measure, parameters={"value": action, "allowed": listed}, observed=action, expected=listed)
