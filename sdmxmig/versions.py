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
class Change:
    """One difference between two releases: its kind, the part that changed, and the step that it asks for."""

    kind: str
    part: str
    _: KW_ONLY
    step: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One artefact in two releases; `old` or `new` is None where it stands in one of them only.

    `needed` is the smallest step that its changes ask for, `taken` the one that its version makes.
    """

    old: Ref | None
    new: Ref | None
    _: KW_ONLY
    changes: tuple[Change, ...] = ()

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
    for one in declared.tables("change"):
        step = one.text("step")
        if step not in STEPS:
            raise DeclarationError(
                f"“{step}” is not a version step.", one.at("step"), f"Write one of: {', '.join(STEPS)}."
            )
        rule = StepRule(
            one.text("id"),
            step,
            name=one.texts("name", required=True),
            status=one.text("status"),
            source=one.text("source"),
        )
        one.close()
        rules[rule.id] = rule
    declared.close()
    return rules


def compare(old: Iterable[Artefact], new: Iterable[Artefact], rules: Mapping[str, StepRule]) -> tuple[Comparison, ...]:
    """Compare two releases, artefact by artefact; gives one comparison an artefact, in the order of their names.

    An artefact that stands in several versions is compared with the latest one of the old release that is not later.
    A content constraint of SDMX 2.1 counts as the data constraint that it is since SDMX 3.0.
    """
    before = {artefact.ref: artefact for artefact in map(of_today, old)}
    found = []
    matched: set[Ref] = set()
    for artefact in sorted(map(of_today, new), key=lambda one: one.ref):
        earlier = [ref for ref in before if same_name(ref, artefact.ref)]
        not_later = [ref for ref in earlier if numbers(ref.version) <= numbers(artefact.ref.version)] or earlier
        if not not_later:
            found.append(Comparison(None, artefact.ref))
            continue
        latest = max(not_later, key=lambda ref: (numbers(ref.version), ref.version))
        matched.update(ref for ref in earlier)
        kinds = changes(before[latest], artefact)
        found.append(
            Comparison(
                latest, artefact.ref, changes=tuple(Change(kind, part, step=rules[kind].step) for kind, part in kinds)
            )
        )
    found += [Comparison(ref, None) for ref in sorted(before) if ref not in matched]
    return tuple(found)


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
    for one in fields(old):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if one.name not in handled and before != after:
            yield reference_change(before, after) or ("map-rules" if is_map else "other"), one.name


def described(old: object, new: object, part: str) -> Iterator[tuple[str, str]]:
    """Changes of names, descriptions and notes, which every artefact, item and component has."""
    for names, kind in ((TEXTS, "text"), (NOTES, "annotation")):
        for name in names:
            before, after = getattr(old, name, None), getattr(new, name, None)
            if before != after and not isinstance(before, Ref):
                yield kind, part or name


def item_changes(old: ItemScheme, new: ItemScheme) -> Iterator[tuple[str, str]]:
    """Changes of the items of a scheme, and of the lists that it takes codes from."""
    before, after = {item.id: item for item in old}, {item.id: item for item in new}
    yield from (("item-removed", item_id) for item_id in before if item_id not in after)
    yield from (("item-added", item_id) for item_id in after if item_id not in before)
    for item_id, item in before.items():
        if item_id in after:
            yield from one_item(item, after[item_id])
    kept = [item_id for item_id in before if item_id in after], [item_id for item_id in after if item_id in before]
    yield from (("item-moved", b) for a, b in zip_longest(*kept) if a != b)
    yield from (("extension-added", one.codelist.short) for one in new.extensions if one not in old.extensions)
    yield from (("extension-removed", one.codelist.short) for one in old.extensions if one not in new.extensions)


def one_item(old: Item, new: Item) -> Iterator[tuple[str, str]]:
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
        kept = [one for one in new.key if one in old.key]
        only_added = kept == list(old.key) and set(old.key) < set(new.key)
        kind = "dimension-added-evolving" if only_added and old.evolving else "dimension"
        yield kind, ", ".join(sorted(set(old.key) ^ set(new.key))) or "order"
    before = {one.id: one for one in old.components}
    after = {one.id: one for one in new.components}
    for one in after.values():
        if one.id not in before and one.role in ("measure", "attribute"):
            yield "mandatory-added" if one.mandatory else "optional-added", one.id
    for one in before.values():
        if one.id in after:
            yield from one_component(one, after[one.id])
        elif one.role in ("measure", "attribute"):
            yield "component-removed", one.id


def one_component(old: Component, new: Component) -> Iterator[tuple[str, str]]:
    """Changes of one component that stands in both releases."""
    if old.annotations != new.annotations:
        yield "annotation", old.id
    if old.mandatory != new.mandatory:
        yield "made-mandatory" if new.mandatory else "made-optional", old.id
    where = ("attachment", "dimensions", "group", "measures", "role")
    if any(getattr(old, name) != getattr(new, name) for name in where):
        yield "attachment", old.id
    for name in ("concept", "codelist"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield reference_change(before, after) or "representation", old.id
    how = ("data_type", "facets", "min_occurs", "max_occurs", "concept_roles")
    if any(getattr(old, name) != getattr(new, name) for name in how):
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


def same_name(one: Ref, other: Ref) -> bool:
    """Whether two references name the same artefact, whatever the version."""
    return (one.kind, one.agency, one.id) == (other.kind, other.agency, other.id)


def numbers(version: str) -> tuple[int, int, int]:
    """The three numbers of a version; those that it leaves out are 0.

    >>> numbers("2.1"), numbers("1.0.0-draft")
    ((2, 1, 0), (1, 0, 0))
    """
    found = NUMBERS.match(version)
    major, minor, patch = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
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
    after = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[step]
    length = 3 if step == "patch" else version.split("-", maxsplit=1)[0].count(".") + 1
    return ".".join(str(number) for number in after[: max(length, 2)])
