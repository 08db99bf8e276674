"""Version steps required by changes between releases.

Source: SDMX guideline on semantic versioning (2025-05); steps are declared in ``structures/versions.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import zip_longest
from typing import NamedTuple

from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap, StructureSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Constraint

VERSION_STEPS = ("none", "patch", "minor", "major")
TEXT_FIELDS = ("name", "description")
NOTE_FIELDS = ("annotations", "status", "source")
NUMBERS = re.compile(r"^(\d+)(?:\.(\d+))?(?:\.(\d+))?")
OPEN_VERSION = re.compile(r"\*|latest|\d+(?:\.\d+)*\+(?:\.\d+)*")
"""Any version, or any from a number on (``1.0+.0``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    id: str
    step: str
    name: Text
    status: str
    source: str


class Difference(NamedTuple):
    """A difference between two releases: kind, part, and the step of the version that the rules require."""

    kind: str
    part: str = ""
    detail: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactComparison:
    """An artefact in two releases; None if absent. `needed` is the smallest required step, `taken` the actual one."""

    old: Ref | None
    new: Ref | None
    changes: tuple[Difference, ...] = ()

    @property
    def needed(self) -> str:
        if self.old is None or self.new is None or self.old.is_draft:
            return "none"
        return max((change.step for change in self.changes), key=VERSION_STEPS.index, default="none")

    @property
    def taken(self) -> str:
        return determine_step(self.old.version, self.new.version) if self.old and self.new else "none"

    @property
    def is_enough(self) -> bool:
        return VERSION_STEPS.index(self.taken) >= VERSION_STEPS.index(self.needed)

    @property
    def proposed(self) -> str:
        return bump_version(self.old.version, self.needed) if self.old else ""


def read_step_rules(name: str, content: bytes) -> dict[str, StepRule]:
    declared = Declared.parse(name, content)
    rules = {}
    for entry in declared.tables("change"):
        entry.choice("step", VERSION_STEPS, called="a version step")
        rule = entry.read(StepRule, status=entry.status())
        rules[rule.id] = rule
    declared.close()
    return rules


def compare(
    old: Iterable[Artefact], new: Iterable[Artefact], rules: Mapping[str, StepRule]
) -> tuple[ArtefactComparison, ...]:
    """Compare releases by artefact, sorted by name, each with the latest earlier version."""
    old_artefacts = {artefact.ref: artefact for artefact in map(convert_to_current_kind, old)}
    comparisons = []
    matched: set[Ref] = set()
    for artefact in sorted(map(convert_to_current_kind, new), key=lambda candidate: candidate.ref):
        name = replace(artefact.ref, version="")
        earlier = [ref for ref in old_artefacts if replace(ref, version="") == name]
        not_later = [
            ref for ref in earlier if parse_version(ref.version) <= parse_version(artefact.ref.version)
        ] or earlier
        if not not_later:
            comparisons.append(ArtefactComparison(old=None, new=artefact.ref))
            continue
        latest = max(not_later, key=lambda ref: (parse_version(ref.version), ref.version))
        matched.update(ref for ref in earlier)
        differences = list_changes(old_artefacts[latest], artefact)
        comparisons.append(
            ArtefactComparison(
                old=latest,
                new=artefact.ref,
                changes=tuple(difference._replace(step=rules[difference.kind].step) for difference in differences),
            )
        )
    comparisons += [ArtefactComparison(old=ref, new=None) for ref in sorted(old_artefacts) if ref not in matched]
    return tuple(comparisons)


def list_changes(old: Artefact, new: Artefact) -> Iterator[Difference]:
    yield from compare_texts(old, new, "")
    if old.details != new.details:
        yield Difference("validity")
    handled = {*TEXT_FIELDS, *NOTE_FIELDS, "ref", "place", "details"}
    if isinstance(old, ItemScheme) and isinstance(new, ItemScheme):
        yield from compare_items(old, new)
        handled |= {"items", "extensions"}
    elif isinstance(old, DataStructure) and isinstance(new, DataStructure):
        yield from compare_components(old, new)
        handled |= {"components"}
    is_map = isinstance(old, RepresentationMap | StructureMap | StructureSet)
    for member in fields(old):
        before, after = getattr(old, member.name), getattr(new, member.name)
        if member.name not in handled and before != after:
            kind = compare_reference(before, after) or ("map-rules" if is_map else "other")
            yield Difference(kind, member.name)


def compare_texts(old: object, new: object, part: str) -> Iterator[Difference]:
    for names, kind in ((TEXT_FIELDS, "text"), (NOTE_FIELDS, "annotation")):
        for name in names:
            before, after = getattr(old, name, None), getattr(new, name, None)
            if before != after and not isinstance(before, Ref):
                yield Difference(kind, part or name, "; ".join(describe_change(name, before, after)))


def describe_change(name: str, before: object, after: object) -> Iterator[str]:
    """Describe changes of texts, status, source or annotations; empty for translations only.

    >>> list(describe_change("status", "candidate", "verified"))
    ['status: candidate → verified']
    """
    if name == "annotations":
        were, are = collect_note_texts(before), collect_note_texts(after)
        for kind in sorted(were.keys() | are.keys()):
            yield from describe_change(kind, were.get(kind, ""), are.get(kind, ""))
    elif str(before) != str(after):
        yield f"{name}: {str(before) or 'nothing'} → {str(after) or 'nothing'}"


def collect_note_texts(annotations: object) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    for note in annotations if isinstance(annotations, tuple) else ():
        texts.setdefault(note.type, []).append(str(note.text) or note.title or note.value or note.url)
    return {kind: ", ".join(words) for kind, words in texts.items()}


def compare_items(old: ItemScheme, new: ItemScheme) -> Iterator[Difference]:
    items_before, items_after = {item.id: item for item in old}, {item.id: item for item in new}
    yield from (Difference("item-removed", item_id) for item_id in items_before if item_id not in items_after)
    yield from (Difference("item-added", item_id) for item_id in items_after if item_id not in items_before)
    for item_id, item in items_before.items():
        if item_id in items_after:
            yield from compare_item(item, items_after[item_id])
    in_both = (
        [item_id for item_id in items_before if item_id in items_after],
        [item_id for item_id in items_after if item_id in items_before],
    )
    yield from (Difference("item-moved", b) for a, b in zip_longest(*in_both) if a != b)
    yield from (
        Difference("extension-added", extension.codelist.short)
        for extension in new.extensions
        if extension not in old.extensions
    )
    yield from (
        Difference("extension-removed", extension.codelist.short)
        for extension in old.extensions
        if extension not in new.extensions
    )


def compare_item(old: Item, new: Item) -> Iterator[Difference]:
    yield from compare_texts(old, new, old.id)
    if (old.valid_from, old.valid_to, old.uri) != (new.valid_from, new.valid_to, new.uri):
        yield Difference("validity", old.id)
    if old.contacts != new.contacts:
        yield Difference("text", old.id)
    if old.parent != new.parent:
        yield Difference("item-moved", old.id)
    content = ("codelist", "data_type", "facets", "max_occurs", "iso", "properties")
    if any(getattr(old, name) != getattr(new, name) for name in content):
        yield Difference("item-content", old.id)


def compare_components(old: DataStructure, new: DataStructure) -> Iterator[Difference]:
    if old.key != new.key:
        common = [dimension for dimension in new.key if dimension in old.key]
        only_added = common == list(old.key) and set(old.key) < set(new.key)
        kind = "dimension-added-evolving" if only_added and old.evolving else "dimension"
        yield Difference(kind, ", ".join(sorted(set(old.key) ^ set(new.key))) or "order")
    components_before = {component.id: component for component in old.components}
    components_after = {component.id: component for component in new.components}
    for component in components_after.values():
        if component.id not in components_before and component.role in ("measure", "attribute"):
            yield Difference("mandatory-added" if component.mandatory else "optional-added", component.id)
    for component in components_before.values():
        if component.id in components_after:
            yield from compare_component(component, components_after[component.id])
        elif component.role in ("measure", "attribute"):
            yield Difference("component-removed", component.id)


def compare_component(old: Component, new: Component) -> Iterator[Difference]:
    if old.annotations != new.annotations:
        yield Difference("annotation", old.id)
    if old.mandatory != new.mandatory:
        yield Difference("made-mandatory" if new.mandatory else "made-optional", old.id)
    attachment_fields = ("attachment", "dimensions", "group", "measures", "role")
    if any(getattr(old, name) != getattr(new, name) for name in attachment_fields):
        yield Difference("attachment", old.id)
    for name in ("concept", "codelist"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Difference(compare_reference(before, after) or "representation", old.id)
    representation_fields = ("data_type", "facets", "min_occurs", "max_occurs", "concept_roles")
    if any(getattr(old, name) != getattr(new, name) for name in representation_fields):
        yield Difference("representation", old.id)


def compare_reference(old: object, new: object) -> str:
    if not isinstance(old, Ref) or not isinstance(new, Ref):
        return ""
    if replace(old, version="") != replace(new, version=""):
        return "reference"
    step = determine_step(old.version, new.version)
    return f"reference-{step}" if step != "none" else "reference-patch"


def convert_to_current_kind(artefact: Artefact) -> Artefact:
    if isinstance(artefact, Constraint) and artefact.ref.kind == "ContentConstraint":
        return replace(artefact, ref=replace(artefact.ref, kind="DataConstraint"))
    return artefact


def parse_version(version: str) -> tuple[int, int, int]:
    """Return the three numbers of a version; missing ones are 0.

    >>> parse_version("2.1"), parse_version("1.0.0-draft")
    ((2, 1, 0), (1, 0, 0))
    """
    match = NUMBERS.match(version)
    major, minor, patch = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return major, minor, patch


def is_requested_version(requested: str, version: str) -> bool:
    """Check whether a version matches the requested one, which may be a pattern.

    >>> [is_requested_version(wanted, "1.2.0") for wanted in ("1.2.0", "1.0+.0", "1+.0.0", "*", "2.0+.0", "1.3.0")]
    [True, True, True, True, False, False]
    """
    if not OPEN_VERSION.fullmatch(requested):
        return requested == version
    fixed, _, further = requested.partition("+")
    lowest, kept = parse_version(fixed + further), fixed.count(".")  # the numbers before the last one with + are kept
    return parse_version(version)[:kept] == lowest[:kept] and parse_version(version) >= lowest


def determine_step(old: str, new: str) -> str:
    """Determine the step between two versions.

    >>> determine_step("1.2.3", "1.3.0"), determine_step("1.0", "2.0"), determine_step("1.0.0", "1.0.0")
    ('minor', 'major', 'none')
    """
    pairs = list(zip(parse_version(old), parse_version(new), strict=True))
    return next((step for step, (a, b) in zip(("major", "minor", "patch"), pairs, strict=True) if a != b), "none")


def bump_version(version: str, step: str) -> str:
    """Return the version after a step, with at least three numbers for a patch.

    >>> (bump_version("1.2.3", "minor"), bump_version("1.0", "major"),
    ...  bump_version("1.0", "patch"), bump_version("1.0", "none"))
    ('1.3.0', '2.0', '1.0.1', '1.0')
    """
    major, minor, patch = parse_version(version)
    if step == "none":
        return version
    next_numbers = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[
        step
    ]
    length = 3 if step == "patch" else version.split("-", maxsplit=1)[0].count(".") + 1
    return ".".join(str(number) for number in next_numbers[: max(length, 2)])
