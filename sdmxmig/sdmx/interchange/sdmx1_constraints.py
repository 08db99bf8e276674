"""Content constraints of sdmx1: regions, keys and time ranges."""

from __future__ import annotations

from typing import Any

from sdmxmig.sdmx.interchange.sdmx1_names import annotations_of, details_of, is_true, kind_of, ref_of, text_of
from sdmxmig.sdmx.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange

CASCADES = {True: "true", "excluderoot": "excluderoot"}


def constraint_of(constraint: Any) -> Constraint:
    """A content constraint; ends of ranges of time are those moments as which sdmx1 keeps them."""
    role = constraint.role.role.name.capitalize() if constraint.role else "Allowed"
    return Constraint(
        ref_of(constraint),
        text_of(constraint.name),
        role="Actual" if role == "Actual" else "Allowed",
        attached=tuple(sorted(map(ref_of, constraint.content))),
        regions=tuple(_region(region) for region in constraint.data_content_region),
        keys=(_key_set(constraint.data_content_keys),) if constraint.data_content_keys is not None else (),
        description=text_of(constraint.description),
        annotations=annotations_of(constraint),
        details=details_of(constraint),
    )


def _region(region: Any) -> CubeRegion:
    return CubeRegion(
        tuple(_selection(selection) for selection in region.member.values()), include=is_true(region.included)
    )


def _key_set(key_set: Any) -> KeySet:
    keys = (
        tuple(Selection(part.id, (Member(str(value.value)),)) for part, value in key.key_value.items())
        for key in key_set.keys
    )
    return KeySet(tuple(keys), include=is_true(key_set.included))


def _selection(selection: Any) -> Selection:
    role = "component" if kind_of(selection.values_for) in ("DataAttribute", "PrimaryMeasure") else "key"
    ranges = [_time_range(value) for value in selection.values if not hasattr(value, "value")]
    if ranges:
        return Selection(
            selection.values_for.id, (), time_range=ranges[0], role=role, include=is_true(selection.included)
        )
    members = tuple(Member(str(value.value), CASCADES.get(value.cascade_values, "")) for value in selection.values)
    return Selection(selection.values_for.id, members, time_range=None, role=role, include=is_true(selection.included))


def _time_range(value: Any) -> TimeRange:
    """A range of periods; sdmx1 keeps its ends as dates and times."""
    kind = kind_of(value)
    start = value if kind == "AfterPeriod" else getattr(value, "start", None)
    end = value if kind == "BeforePeriod" else getattr(value, "end", None)
    return TimeRange(
        start.period.isoformat() if start else "",
        end.period.isoformat() if end else "",
        includes_start=bool(start.is_inclusive) if start else True,
        includes_end=bool(end.is_inclusive) if end else True,
    )
