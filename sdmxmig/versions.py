"""Versions of artefacts: what changed between two releases, and which version step that asks for at least.

Source: SDMX guideline on semantic versioning (2025-05); the table of steps is declared in ``structures/versions.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, fields, replace
from itertools import zip_longest

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError
from sdmxmig.model.artefacts import Item, ItemScheme, Text
from sdmxmig.model.data_structures import Component, DataStructure
from sdmxmig.model.maps import RepresentationMap, StructureMap, StructureSet
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact, Constraint
from sdmxmig.statuses import checked_status

STEPS = ("none", "patch", "minor", "major")
TEXTS = ("name", "description")
NOTES = ("annotations", "status", "source")
NUMBERS = re.compile(r"^(\d+)(?:\.(\d+))?(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class StepRule:
    """What one kind of change asks for."""

    id: str
    step: str
    _: KW_ONLY
    name: Text
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class ArtefactChange:
    """One difference between two releases: its kind, the part that changed, and the step that it asks for."""

    kind: str
    part: str
    _: KW_ONLY
    step: str


@dataclass(frozen=True, slots=True)
class ArtefactComparison:
    """One artefact in two releases; `old` or `new` is None where it stands in one of them only.

    `needed` is the smallest step that its changes ask for, `taken` the one that its version makes.
    """

    old: Ref | None
    new: Ref | None
    _: KW_ONLY
    changes: tuple[ArtefactChange, ...] = ()

    @property
    def needed(self) -> str:
        """The smallest version step that the changes ask for; a draft asks for none."""
        if self.old is None or self.new is None or self.old.is_draft:
            return "none"
        return max((change.step for change in self.changes), key=STEPS.index, default="none")

    @property
    def taken(self) -> str:
        """The version step that was made."""
        return step_between(self.old.version, self.new.version) if self.old and self.new else "none"

    @property
    def is_enough(self) -> bool:
        """Whether the version step that was made is at least the one that is needed."""
        return STEPS.index(self.taken) >= STEPS.index(self.needed)

    @property
    def proposed(self) -> str:
        """The version that the new release should have, given the old one."""
        return stepped(self.old.version, self.needed) if self.old else ""


def read_step_rules(name: str, content: bytes) -> dict[str, StepRule]:
    """The table of steps from its TOML file, by the kind of change."""
    declared = Declared.parse(name, content)
    rules = {}
    for entry in declared.tables("change"):
        step = entry.text("step")
        if step not in STEPS:
            raise DeclarationError(
                f"“{step}” is not a version step.", entry.at("step"), f"Write one of: {', '.join(STEPS)}."
            )
        rule = StepRule(
            entry.text("id"),
            step,
            name=entry.texts("name", required=True),
            status=checked_status(entry.text("status"), entry.at("status"), passage=entry.text("passage", "")),
            source=entry.text("source"),
        )
        entry.close()
        rules[rule.id] = rule
    declared.close()
    return rules


def compare(
    old: Iterable[Artefact], new: Iterable[Artefact], rules: Mapping[str, StepRule]
) -> tuple[ArtefactComparison, ...]:
    """Compare two releases, artefact by artefact; gives one comparison an artefact, in the order of their names.

    An artefact that stands in several versions is compared with the latest one of the old release that is not later.
    A content constraint of SDMX 2.1 counts as the data constraint that it is since SDMX 3.0.
    """
    old_artefacts = {artefact.ref: artefact for artefact in map(of_today, old)}
    comparisons = []
    matched: set[Ref] = set()
    for artefact in sorted(map(of_today, new), key=lambda candidate: candidate.ref):
        earlier = [ref for ref in old_artefacts if same_name(ref, artefact.ref)]
        not_later = [ref for ref in earlier if numbers(ref.version) <= numbers(artefact.ref.version)] or earlier
        if not not_later:
            comparisons.append(ArtefactComparison(None, artefact.ref))
            continue
        latest = max(not_later, key=lambda ref: (numbers(ref.version), ref.version))
        matched.update(ref for ref in earlier)
        kinds = changes(old_artefacts[latest], artefact)
        comparisons.append(
            ArtefactComparison(
                latest,
                artefact.ref,
                changes=tuple(ArtefactChange(kind, part, step=rules[kind].step) for kind, part in kinds),
            )
        )
    comparisons += [ArtefactComparison(ref, None) for ref in sorted(old_artefacts) if ref not in matched]
    return tuple(comparisons)


def changes(old: Artefact, new: Artefact) -> Iterator[tuple[str, str]]:
    """The changes between two releases of an artefact, as kind and part."""
    yield from described(old, new, "")
    if old.details != new.details:
        yield "validity", ""
    handled = {*TEXTS, *NOTES, "ref", "place", "details"}
    if isinstance(old, ItemScheme) and isinstance(new, ItemScheme):
        yield from item_changes(old, new)
        handled |= {"items", "extensions"}
    elif isinstance(old, DataStructure) and isinstance(new, DataStructure):
        yield from component_changes(old, new)
        handled |= {"components"}
    is_map = isinstance(old, RepresentationMap | StructureMap | StructureSet)
    for member in fields(old):
        before, after = getattr(old, member.name), getattr(new, member.name)
        if member.name not in handled and before != after:
            yield reference_change(before, after) or ("map-rules" if is_map else "other"), member.name


def described(old: object, new: object, part: str) -> Iterator[tuple[str, str]]:
    """Changes of names, descriptions and notes, which every artefact, item and component has."""
    for names, kind in ((TEXTS, "text"), (NOTES, "annotation")):
        for name in names:
            before, after = getattr(old, name, None), getattr(new, name, None)
            if before != after and not isinstance(before, Ref):
                yield kind, part or name


def item_changes(old: ItemScheme, new: ItemScheme) -> Iterator[tuple[str, str]]:
    """Changes of the items of a scheme, and of the lists that it takes codes from."""
    items_before, items_after = {item.id: item for item in old}, {item.id: item for item in new}
    yield from (("item-removed", item_id) for item_id in items_before if item_id not in items_after)
    yield from (("item-added", item_id) for item_id in items_after if item_id not in items_before)
    for item_id, item in items_before.items():
        if item_id in items_after:
            yield from item_change(item, items_after[item_id])
    in_both = (
        [item_id for item_id in items_before if item_id in items_after],
        [item_id for item_id in items_after if item_id in items_before],
    )
    yield from (("item-moved", b) for a, b in zip_longest(*in_both) if a != b)
    yield from (
        ("extension-added", extension.codelist.short) for extension in new.extensions if extension not in old.extensions
    )
    yield from (
        ("extension-removed", extension.codelist.short)
        for extension in old.extensions
        if extension not in new.extensions
    )


def item_change(old: Item, new: Item) -> Iterator[tuple[str, str]]:
    """Changes of one item."""
    yield from described(old, new, old.id)
    if (old.valid_from, old.valid_to, old.uri) != (new.valid_from, new.valid_to, new.uri):
        yield "validity", old.id
    if old.contacts != new.contacts:
        yield "text", old.id
    if old.parent != new.parent:
        yield "item-moved", old.id
    content = ("codelist", "data_type", "facets", "max_occurs", "iso", "properties")
    if any(getattr(old, name) != getattr(new, name) for name in content):
        yield "item-content", old.id


def component_changes(old: DataStructure, new: DataStructure) -> Iterator[tuple[str, str]]:
    """Changes of the columns of a data structure."""
    if old.key != new.key:
        common = [dimension for dimension in new.key if dimension in old.key]
        only_added = common == list(old.key) and set(old.key) < set(new.key)
        kind = "dimension-added-evolving" if only_added and old.evolving else "dimension"
        yield kind, ", ".join(sorted(set(old.key) ^ set(new.key))) or "order"
    components_before = {component.id: component for component in old.components}
    components_after = {component.id: component for component in new.components}
    for component in components_after.values():
        if component.id not in components_before and component.role in ("measure", "attribute"):
            yield "mandatory-added" if component.mandatory else "optional-added", component.id
    for component in components_before.values():
        if component.id in components_after:
            yield from component_change(component, components_after[component.id])
        elif component.role in ("measure", "attribute"):
            yield "component-removed", component.id


def component_change(old: Component, new: Component) -> Iterator[tuple[str, str]]:
    """Changes of one component that stands in both releases."""
    if old.annotations != new.annotations:
        yield "annotation", old.id
    if old.mandatory != new.mandatory:
        yield "made-mandatory" if new.mandatory else "made-optional", old.id
    attachment_fields = ("attachment", "dimensions", "group", "measures", "role")
    if any(getattr(old, name) != getattr(new, name) for name in attachment_fields):
        yield "attachment", old.id
    for name in ("concept", "codelist"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield reference_change(before, after) or "representation", old.id
    representation_fields = ("data_type", "facets", "min_occurs", "max_occurs", "concept_roles")
    if any(getattr(old, name) != getattr(new, name) for name in representation_fields):
        yield "representation", old.id


def reference_change(old: object, new: object) -> str:
    """What a changed reference is: to another artefact, or to another version of the same; empty if it is none."""
    if not isinstance(old, Ref) or not isinstance(new, Ref):
        return ""
    if replace(old, version="") != replace(new, version=""):
        return "reference"
    step = step_between(old.version, new.version)
    return f"reference-{step}" if step != "none" else "reference-patch"


def of_today(artefact: Artefact) -> Artefact:
    """An artefact under the name that its kind has since SDMX 3.0."""
    if isinstance(artefact, Constraint) and artefact.ref.kind == "ContentConstraint":
        return replace(artefact, ref=replace(artefact.ref, kind="DataConstraint"))
    return artefact


def same_name(first: Ref, second: Ref) -> bool:
    """Whether two references name the same artefact, whatever the version."""
    return (first.kind, first.agency, first.id) == (second.kind, second.agency, second.id)


def numbers(version: str) -> tuple[int, int, int]:
    """The three numbers of a version; those that it leaves out are 0.

    >>> numbers("2.1"), numbers("1.0.0-draft")
    ((2, 1, 0), (1, 0, 0))
    """
    match = NUMBERS.match(version)
    major, minor, patch = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return major, minor, patch


def step_between(old: str, new: str) -> str:
    """The step from one version to another.

    >>> step_between("1.2.3", "1.3.0"), step_between("1.0", "2.0"), step_between("1.0.0", "1.0.0")
    ('minor', 'major', 'none')
    """
    pairs = list(zip(numbers(old), numbers(new), strict=True))
    return next((step for step, (a, b) in zip(("major", "minor", "patch"), pairs, strict=True) if a != b), "none")


def stepped(version: str, step: str) -> str:
    """The version after a step, with as many numbers as before, three at least for a patch.

    >>> stepped("1.2.3", "minor"), stepped("1.0", "major"), stepped("1.0", "patch"), stepped("1.0", "none")
    ('1.3.0', '2.0', '1.0.1', '1.0')
    """
    major, minor, patch = numbers(version)
    if step == "none":
        return version
    next_numbers = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[
        step
    ]
    length = 3 if step == "patch" else version.split("-", maxsplit=1)[0].count(".") + 1
    return ".".join(str(number) for number in next_numbers[: max(length, 2)])
