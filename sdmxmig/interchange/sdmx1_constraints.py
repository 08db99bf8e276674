"""Content constraints of sdmx1: regions, keys and ranges of time."""

from __future__ import annotations

from typing import Any

from sdmxmig.interchange.sdmx1_names import annotations_of, details_of, is_true, kind_of, ref_of, text_of
from sdmxmig.model.structures import Constraint, CubeRegion, KeySet, Member, Selection, TimeRange

CASCADES = {True: "true", "excluderoot": "excluderoot"}


def constraint_of(one: Any) -> Constraint:
    """A content constraint; ends of ranges of time are those moments as which sdmx1 keeps them."""
    role = one.role.role.name.capitalize() if one.role else "Allowed"
    return Constraint(
        ref_of(one),
        text_of(one.name),
        role="Actual" if role == "Actual" else "Allowed",
        attached=tuple(sorted(map(ref_of, one.content))),
        regions=tuple(_region(region) for region in one.data_content_region),
        keys=(_key_set(one.data_content_keys),) if one.data_content_keys is not None else (),
        description=text_of(one.description),
        annotations=annotations_of(one),
        details=details_of(one),
    )


def _region(region: Any) -> CubeRegion:
    return CubeRegion(tuple(_selection(each) for each in region.member.values()), include=is_true(region.included))


def _key_set(one: Any) -> KeySet:
    keys = (
        tuple(Selection(part.id, (Member(str(value.value)),)) for part, value in key.key_value.items())
        for key in one.keys
    )
    return KeySet(tuple(keys), include=is_true(one.included))


def _selection(one: Any) -> Selection:
    role = "component" if kind_of(one.values_for) in ("DataAttribute", "PrimaryMeasure") else "key"
    ranges = [_time_range(value) for value in one.values if not hasattr(value, "value")]
    if ranges:
        return Selection(one.values_for.id, (), time_range=ranges[0], role=role, include=is_true(one.included))
    members = tuple(Member(str(value.value), CASCADES.get(value.cascade_values, "")) for value in one.values)
    return Selection(one.values_for.id, members, time_range=None, role=role, include=is_true(one.included))


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
