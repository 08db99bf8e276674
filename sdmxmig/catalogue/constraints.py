"""Constraints in TOML.

``attached``, ``role`` (``Allowed`` or ``Actual``), ``[[region]]`` with ``include``, ``[region.values]``,
``[region.time]`` (``start``, ``end``); ``[[keys]]`` with ``include``, ``key``, ``valid_from``, ``valid_to``. Code lists
may be tables with ``values`` (``%`` wildcard), ``include``, ``cascade`` (``true``, ``excluderoot``), ``remove_prefix``.
Dataflows use ``[constraint]``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sdmxmig.catalogue.artefact_heads import ArtefactHead, ArtefactIndex, read_head
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.periods import cut_to_day, parse
from sdmxmig.sdmx.declarations import Declared, describe_value
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Constraint,
    CubeRegion,
    KeySet,
    Member,
    Selection,
    TimeRange,
)
from sdmxmig.sdmx.versions import OPEN_VERSION, is_requested_version, parse_version

KIND_BY_PREFIX = {"DF_": "Dataflow", "DSD_": "DataStructure", "PA_": "ProvisionAgreement"}
CONSTRAINT_ROLES = ("Allowed", "Actual")
CASCADE_VALUES = ("", "true", "excluderoot")
WILDCARD = "%"


def read_constraint(declared: Declared, index: ArtefactIndex) -> list[Constraint]:
    head = read_head(declared, "DataConstraint")
    attached = tuple(find_attachment(name, declared, index) for name in declared.strings("attached", None))
    structures = [structure for ref in attached for structure in list_structures(ref, index)]
    role = declared.choice("role", CONSTRAINT_ROLES, default="Allowed")
    regions = tuple(read_region(region, structures, index) for region in declared.tables("region"))
    keys = tuple(read_key_set(key_set, structures, index) for key_set in declared.tables("keys"))
    declared.close()
    if len({region.include for region in regions}) != len(regions):
        hint = "Make a constraint for each of them."
        raise DeclarationError("Two regions both include or both exclude.", declared.at("region"), hint)
    if len({ref.kind for ref in attached}) != 1:
        hint = "Make a constraint for each kind."
        raise DeclarationError("A constraint must be attached to artefacts of one kind.", declared.at("attached"), hint)
    return [build_constraint(head, attached, regions=regions, keys=keys, role=role)]


def build_constraint(
    head: ArtefactHead,
    attached: tuple[Ref, ...],
    regions: tuple[CubeRegion, ...],
    keys: tuple[KeySet, ...] = (),
    role: str = "Allowed",
) -> Constraint:
    return Constraint(role=role, attached=attached, regions=regions, keys=keys, **head.shared())


def list_constraints(
    declared: Declared, head: ArtefactHead, structure: DataStructure | None, index: ArtefactIndex
) -> list[Constraint]:
    if not declared.values:
        return []
    selections = read_selections(declared, [structure] if structure else [], index)
    ref = replace(head.ref, kind="DataConstraint", id=f"CC_{head.ref.id}")
    constraint_head = replace(head, ref=ref, description=Text(), notes=())
    return [build_constraint(constraint_head, (head.ref,), (CubeRegion(selections),))]


def find_attachment(name: str, declared: Declared, index: ArtefactIndex) -> Ref:
    if name.partition(")")[2].startswith("."):
        return index.item(name, "DataProvider", declared.at("attached"))
    kind = next(
        (kind for prefix, kind in KIND_BY_PREFIX.items() if name.rpartition(":")[2].startswith(prefix)), "Dataflow"
    )
    return index.ref(name, kind, declared.at("attached"))


def list_structures(ref: Ref, index: ArtefactIndex) -> list[DataStructure]:
    if ref.kind != "DataProvider":
        limited = [index.artefacts[ref]]
    else:
        limited = [a for a in index.artefacts.values() if isinstance(a, Agreement) and a.provider == ref]
    return [structure for artefact in limited if (structure := find_structure(artefact, index))]


def find_structure(artefact: Artefact, index: ArtefactIndex) -> DataStructure | None:
    if isinstance(artefact, Agreement):
        artefact = index.artefacts[artefact.flow]
    if isinstance(artefact, Dataflow):
        return find_structure(index.artefacts[artefact.structure], index) if artefact.structure.id else None
    return artefact if isinstance(artefact, DataStructure) and artefact.components else None


def read_region(declared: Declared, structures: Collection[DataStructure], index: ArtefactIndex) -> CubeRegion:
    """Read a cube region; raise `DeclarationError` if it has no values."""
    selections = read_selections(declared.table("values"), structures, index)
    time = declared.table("time")
    if time.values:
        name = next((data_structure.time.id for data_structure in structures if data_structure.time), "TIME_PERIOD")
        selections += (Selection(name, time_range=read_range(time)),)
    region = CubeRegion(selections, declared.flag("include", default=True))
    declared.close()
    if not selections:
        raise DeclarationError("The region names no values.", declared.place, "Write [region.values].")
    return region


def read_selections(
    declared: Declared, structures: Collection[DataStructure], index: ArtefactIndex
) -> tuple[Selection, ...]:
    selections = [read_selection(declared, name, structures=structures, index=index) for name in declared.values]
    return tuple(sorted(selections, key=lambda selection: selection.role != "key"))


def read_selection(
    declared: Declared, name: str, *, structures: Collection[DataStructure], index: ArtefactIndex
) -> Selection:
    value, role = declared.values[name], find_component_role(declared, name, structures)
    if isinstance(value, dict) and "values" not in value:
        return Selection(name, time_range=read_range(declared.table(name)), role=role)
    if isinstance(value, list) and not any(isinstance(entry, dict) for entry in value):
        members = read_members(declared, name, name, structures=structures, index=index)
        return Selection(name, members, role=role)
    parts = [declared.table(name)] if isinstance(value, dict) else declared.tables(name)
    flags = {(part.flag("include", default=True), part.flag("remove_prefix", default=False)) for part in parts}
    if len(flags) != 1:
        hint = "Set include and remove_prefix to the same values for all of them."
        raise DeclarationError(f"{name} has values that are both included and excluded.", declared.at(name), hint)
    ((include, remove_prefix),) = flags
    known = () if remove_prefix else structures
    members = tuple(m for part in parts for m in read_members(part, "values", name, structures=known, index=index))
    for part in parts:
        part.close()
    return Selection(name, members, include=include, remove_prefix=remove_prefix, role=role)


def read_members(
    declared: Declared, key: str, component: str, *, structures: Collection[DataStructure], index: ArtefactIndex
) -> tuple[Member, ...]:
    """Read the values of a component; each must be a code of its codelist or a wildcard."""
    values = declared.strings(key, None)
    if not values:
        message = f"No value of {component} is named."
        raise DeclarationError(message, declared.at(key), "Name one, or leave the line out.")
    codes = [value for value in values if WILDCARD not in value]
    for structure in structures:
        codelist = structure[component].codelist
        if codelist is not None:
            index.check_items(codelist, codes, declared.at(key))
    if key == component:
        return tuple(Member(value) for value in values)
    cascade = declared.text("cascade", "")
    start, end = (parse_period(declared, name) for name in ("valid_from", "valid_to"))
    if cascade not in CASCADE_VALUES:
        hint = "Write true or excluderoot, in quotes, or leave it out."
        raise DeclarationError(f"“{cascade}” is not a cascade.", declared.at("cascade"), hint)
    return tuple(Member(value, cascade, valid_from=start, valid_to=end) for value in values)


def find_component_role(declared: Declared, name: str, structures: Collection[DataStructure]) -> str:
    for structure in structures:
        if name not in structure:
            hint = did_you_mean(name, [component.id for component in structure.components])
            raise DeclarationError(f"{structure.ref.short} has no component “{name}”.", declared.at(name), hint)
    return "key" if not structures or all(name in structure.key for structure in structures) else "component"


def read_range(declared: Declared) -> TimeRange:
    time_range = TimeRange(parse_period(declared, "start"), parse_period(declared, "end"))
    declared.close()
    if not (time_range.start or time_range.end):
        raise DeclarationError("The range has no end.", declared.place, 'Write start = "…", end = "…" or both.')
    return time_range


def parse_period(declared: Declared, key: str) -> str:
    written = declared.text(key, "")
    if written and parse(cut_to_day(written)) is None:
        hint = "Write a period, such as 2024, 2024-Q4 or 2024-12-31."
        raise DeclarationError(f"“{written}” is not a period.", declared.at(key), hint)
    return written


def read_key_set(declared: Declared, structures: Collection[DataStructure], index: ArtefactIndex) -> KeySet:
    """Read full or partial keys; raise `DeclarationError` for empty keys."""
    include = declared.flag("include", default=True)
    keys: list[tuple[Selection, ...]] = []
    valid: list[tuple[str, str]] = []
    for key_table in declared.tables("key"):
        valid.append((parse_period(key_table, "valid_from"), parse_period(key_table, "valid_to")))
        codes = {name: value for name, value in key_table.values.items() if name not in ("valid_from", "valid_to")}
        lists = {name: [value] if isinstance(value, str) else value for name, value in codes.items()}
        listed = Declared(lists, key_table.place)
        keys.append(tuple(read_selection(listed, name, structures=structures, index=index) for name in lists))
    declared.close()
    if not keys or not all(keys):
        message = f"“key” should contain keys, not {describe_value([])}."
        raise DeclarationError(message, declared.at("key"), 'Write key = [{ SEX = "M" }].')
    return KeySet(tuple(keys), include, valid=tuple(valid) if any(map(any, valid)) else ())


CONSTRAINT_KINDS = ("DataConstraint", "ContentConstraint")


class Limits:
    """Constraints by attached artefact.

    Only the latest version applies (SDMX 3.1, technical notes); before SDMX 3, the latest per artefact.
    """

    def __init__(self, artefacts: Iterable[Artefact]) -> None:
        allowed = [
            artefact
            for artefact in artefacts
            if isinstance(artefact, Constraint) and artefact.ref.kind in CONSTRAINT_KINDS and artefact.role == "Allowed"
        ]
        latest = set(keep_newest(constraint.ref for constraint in allowed if constraint.ref.kind == "DataConstraint"))
        self._by_target: dict[Ref, list[tuple[Ref, Constraint]]] = defaultdict(list)
        for constraint in allowed:
            if constraint.ref.kind != "DataConstraint" or constraint.ref in latest:
                for target in constraint.attached:
                    self._by_target[drop_version(target)].append((target, constraint))

    def on(self, ref: Ref) -> tuple[Constraint, ...]:
        of_its_name = self._by_target.get(drop_version(ref), ())
        attached = {
            constraint.ref: constraint for target, constraint in of_its_name if is_compatible_reference(target, ref)
        }
        latest = set(keep_newest(attached))
        return tuple(constraint for constraint_ref, constraint in attached.items() if constraint_ref in latest)

    def select_for_agreement(self, agreement: Agreement) -> tuple[Constraint, ...]:
        """Return the constraints of an agreement and its provider (regions only).

        Before SDMX 3, provider constraints only state release times (SDMX 2.1, schema).
        """
        of_provider = [
            replace(constraint, keys=())
            for constraint in self.on(agreement.provider)
            if constraint.ref.kind == "DataConstraint" and constraint.regions
        ]
        return (*self.on(agreement.ref), *of_provider)


def drop_version(ref: Ref) -> Ref:
    return replace(ref, version="")


def keep_newest(refs: Iterable[Ref]) -> Iterable[Ref]:
    latest: dict[tuple[str, str, str], Ref] = {}
    for ref in refs:
        name = (ref.kind, ref.agency, ref.id)
        if name not in latest or rank_version(ref) > rank_version(latest[name]):
            latest[name] = ref
    return latest.values()


def rank_version(ref: Ref) -> tuple[bool, tuple[int, int, int], str]:
    return not ref.is_draft, parse_version(ref.version), ref.version


def is_compatible_reference(requested: Ref, ref: Ref) -> bool:
    """Check whether a reference, possibly with a version pattern, matches an artefact."""
    return replace(requested, version=ref.version) == ref and is_requested_version(requested.version, ref.version)


def find_known(available: Mapping[Ref, Artefact], ref: Ref) -> Artefact | None:
    if ref in available or not OPEN_VERSION.fullmatch(ref.version):
        return available.get(ref)
    fitting = [candidate for candidate in available if is_compatible_reference(ref, candidate)]
    return available[max(fitting, key=rank_version)] if fitting else None
