"""Allowed and required components at each level of a message."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.sdmx.formats import ALL_DIMENSIONS
from sdmxmig.sdmx.model.data_structures import Component, DataStructure, Group


@dataclass(frozen=True, slots=True)
class MessageLevel:
    """The allowed and required components of an element such as ``Series``.

    `names` and `needed` are sets for quick checks.
    """

    title: str
    allowed: tuple[str, ...]
    _: KW_ONLY
    required: tuple[str, ...]
    names: frozenset[str] = field(init=False)
    needed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(self.allowed))
        object.__setattr__(self, "needed", frozenset(self.required))


@dataclass(frozen=True, slots=True)
class MessageLevels:
    """The levels of a dataset; `flat` is an observation with its whole key."""

    dataset: MessageLevel
    series: MessageLevel
    _: KW_ONLY
    observation: MessageLevel
    flat: MessageLevel
    part: MessageLevel
    groups: dict[str, MessageLevel]
    group_ids: dict[frozenset[str], str]

    def at_observation(self) -> str:
        return next(iter(self.observation.required), "")


def reach(structure: DataStructure, attribute: Component) -> tuple[str, ...]:
    """Return the dimensions that an attribute describes, in key order.

    For an undeclared group, the dimensions that the attribute names.
    """
    if attribute.attachment == "dataset":
        return ()
    if attribute.attachment == "observation":
        return structure.key
    if attribute.attachment == "series":
        return structure.series_key
    named = set(attribute.dimensions)
    if attribute.attachment == "group":
        named |= {name for group in structure.groups if group.id == attribute.group for name in group.dimensions}
    return tuple(name for name in structure.key if name in named)


def levels_of(structure: DataStructure, dimension: str) -> MessageLevels:
    """Determine the levels for a dimension at observation (an id, or ``AllDimensions``)."""
    flat = dimension in (ALL_DIMENSIONS, "")
    observed = () if flat else (dimension,)
    head = tuple(name for name in structure.key if name not in observed)
    attributes = {component.id: reach(structure, component) for component in structure.attributes()}
    measures = tuple(component.id for component in structure.measures)
    below = tuple(name for name, dims in attributes.items() if dims and (flat or dimension in dims))
    heads = tuple(name for name, dims in attributes.items() if dims and set(dims) <= set(head))
    of_parts = {component.id for component in structure.attributes("dimensions")}  # a part may be the whole key
    parts = tuple(name for name, dims in attributes.items() if dims and (dims != structure.key or name in of_parts))
    described = tuple(name for name, dims in attributes.items() if dims)
    return MessageLevels(
        dataset=MessageLevel("DataSet", tuple(name for name, dims in attributes.items() if not dims), required=()),
        series=MessageLevel("Series", (*head, *heads), required=head),
        observation=MessageLevel("Obs", (*observed, *measures, *below), required=observed),
        flat=MessageLevel("Obs", (*structure.key, *measures, *described), required=structure.key),
        part=MessageLevel("Atts", (*structure.key, *parts), required=()),
        groups={group.id: group_level(group, attributes) for group in structure.groups},
        group_ids={frozenset(group.dimensions): group.id for group in reversed(structure.groups)},
    )


def group_level(group: Group, attributes: dict[str, tuple[str, ...]]) -> MessageLevel:
    described = tuple(name for name, dims in attributes.items() if dims and set(dims) <= set(group.dimensions))
    return MessageLevel(f"Group {group.id}", (*group.dimensions, *described), required=group.dimensions)
