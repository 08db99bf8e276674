"""What a card says of components and limits: the values that one takes, what it describes, what a constraint allows."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.model.data_structures import Component
from sdmxmig.model.structures import Constraint


def values_of(component: Component) -> str:
    """The values that a component takes: codes of a list, or a data type with its limits."""
    if component.codelist:
        return component.codelist.short
    facets = ", ".join(f"{name} {value}" for name, value in component.facets)
    return f"{component.data_type} ({facets})" if facets else component.data_type


def attached(component: Component) -> str:
    """What an attribute describes, and whether it must be given."""
    if component.role != "attribute":
        return ""
    where = component.group or ", ".join(component.dimensions) or component.attachment
    return f"{where}, {'mandatory' if component.mandatory else 'optional'}"


def limits(constraint: Constraint) -> Iterator[tuple[str, str]]:
    """What a constraint allows or forbids, component by component."""
    for region in constraint.regions:
        for part in region.selections:
            values = " ".join(member.value for member in part.members)
            if part.time_range:
                values = f"{part.time_range.start or '…'} to {part.time_range.end or '…'}"
            yield part.component, values if region.include and part.include else f"not: {values}"
    for keys in constraint.keys:
        for key in keys.keys:
            key_text = ", ".join(
                f"{selection.component}={'+'.join(member.value for member in selection.members)}" for selection in key
            )
            yield "key", key_text if keys.include else f"not: {key_text}"
