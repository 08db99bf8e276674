"""Rechecking a rule after a correction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.conversion import convert as conversion
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality import validation
from sdmxmig.workspace.tasks.converting import mapped_tables

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

WITHIN_A_DATASET = 1
"""Rules up to this level need no other dataset and no earlier release."""
MOST_CELLS = 50_000
"""Tables with more cells are checked with the whole validation, which shows its progress."""


def is_still_found(session: Session, rule: str, flow: str, fingerprint: str) -> bool | None:
    """Whether a finding persists; None if more than these tables is needed."""
    declared = session.catalogue.rules.get(rule)
    if declared is None or declared.level > WITHIN_A_DATASET:
        return None
    try:
        pairs = mapped_tables(session, flow)
        if not pairs or sum(table.cells.height for _, tables in pairs for table in tables) > MOST_CELLS:
            return None
        outcomes = [
            conversion.convert(tables, mapping, session.catalogue.flow(flow), session.catalogue.rules)
            for mapping, tables in pairs
        ]
        dataset = conversion.merge([outcome.dataset for outcome in outcomes])
        only_this = replace(dataset.flow, dataflow=replace(dataset.flow.dataflow, rules=(rule,)))
        chosen = replace(session.catalogue, rules={rule: declared})
        found = validation.validate(replace(dataset, flow=only_this), chosen, prepared=session.prepared)
    except SdmxmigError:
        return None
    items = [finding for outcome in outcomes for finding in outcome.findings.items] + list(found.items)
    return any(finding.fingerprint == fingerprint for finding in items)
