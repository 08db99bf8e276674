"""Constraints from TOML: which values the data of a flow or structure may hold.

A file says beside its head: ``attached``, the artefacts that it limits (of one kind); ``role``, ``Allowed`` unless
``Actual``; ``[[region]]`` with ``include``, ``[region.values]`` (a list of codes for each component, all of which must
hold) and ``[region.time]`` (``start``, ``end``); ``[[keys]]`` with ``include`` and ``key``, a list of tables of
component and code. A dataflow says the same in short as ``[constraint]``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.heads import ArtefactHead, read_head
from sdmxmig.declarations import Declared, shown
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data_structures import Dataflow, DataStructure
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Agreement, Artefact, Constraint, CubeRegion, KeySet, Member, Selection, TimeRange

PREFIXES = {"DF_": "Dataflow", "DSD_": "DataStructure", "PA_": "ProvisionAgreement"}
ROLES = ("Allowed", "Actual")


def read_constraint(declared: Declared, index: ArtefactIndex) -> list[Constraint]:
    """A constraint from its TOML file; what it is attached to, and every component and code, must exist."""
    head = read_head(declared, "DataConstraint")
    attached = tuple(attached_to(name, declared, index) for name in declared.strings("attached", None))
    structures = [structure for ref in attached if (structure := structure_of(index.artefacts[ref], index))]
    role = declared.text("role", "Allowed")
    if role not in ROLES:
        raise DeclarationError(f"“{role}” is not a role.", declared.at("role"), f"Write one of: {', '.join(ROLES)}.")
    regions = tuple(region_of(region, structures, index) for region in declared.tables("region"))
    keys = tuple(keys_of(key_set, structures, index) for key_set in declared.tables("keys"))
    declared.close()
    if len({region.include for region in regions}) != len(regions):
        hint = "Make a constraint for each of them."
        raise DeclarationError("Two regions both include or both exclude.", declared.at("region"), hint)
    if len({ref.kind for ref in attached}) != 1:
        hint = "Make a constraint for each kind."
        raise DeclarationError(
            "The constraint is attached to nothing or to several kinds.", declared.at("attached"), hint
        )
    return [constraint_of(head, attached, regions=regions, keys=keys, role=role)]


def constraint_of(
    head: ArtefactHead,
    attached: tuple[Ref, ...],
    regions: tuple[CubeRegion, ...],
    keys: tuple[KeySet, ...] = (),
    role: str = "Allowed",
) -> Constraint:
    """A constraint with the head of its file, or of the flow that declares it."""
    return Constraint(
        role=role,
        attached=attached,
        regions=regions,
        keys=keys,
        **head.shared(),
    )


def constraint_of_flow(
    declared: Declared, head: ArtefactHead, structure: DataStructure | None, index: ArtefactIndex
) -> list[Constraint]:
    """The constraint ``CC_<flow>`` that a dataflow declares in short; none if it declares none."""
    if not declared.values:
        return []
    selections = selections_of(declared, [structure] if structure else [], index)
    ref = replace(head.ref, kind="DataConstraint", id=f"CC_{head.ref.id}")
    constraint_head = replace(head, ref=ref, description=Text(), notes=())
    return [constraint_of(constraint_head, (head.ref,), (CubeRegion(selections),))]


def attached_to(name: str, declared: Declared, index: ArtefactIndex) -> Ref:
    """An artefact that a constraint limits, its kind told by the beginning of its id."""
    kind = next((kind for prefix, kind in PREFIXES.items() if name.rpartition(":")[2].startswith(prefix)), "Dataflow")
    return index.ref(name, kind, declared.at("attached"))


def structure_of(artefact: Artefact, index: ArtefactIndex) -> DataStructure | None:
    """The data structure of a structure, dataflow or agreement; None if it is only named."""
    if isinstance(artefact, Agreement):
        artefact = index.artefacts[artefact.flow]
    if isinstance(artefact, Dataflow):
        return structure_of(index.artefacts[artefact.structure], index) if artefact.structure.id else None
    return artefact if isinstance(artefact, DataStructure) and artefact.components else None


def region_of(declared: Declared, structures: Collection[DataStructure], index: ArtefactIndex) -> CubeRegion:
    """A part of the cube: the values that components may, or may not, have; a region without values is refused."""
    selections = selections_of(declared.table("values"), structures, index)
    time = declared.table("time")
    if time.values:
        name = next((data_structure.time.id for data_structure in structures if data_structure.time), "TIME_PERIOD")
        selections += (Selection(name, time_range=range_of(time)),)
    region = CubeRegion(selections, declared.flag("include", default=True))
    declared.close()
    if not selections:
        raise DeclarationError("The region names no values.", declared.place, "Write [region.values].")
    return region


def selections_of(
    declared: Declared, structures: Collection[DataStructure], index: ArtefactIndex
) -> tuple[Selection, ...]:
    """The values of each component that a table names, dimensions first."""
    selections = [
        Selection(name, time_range=range_of(declared.table(name)))
        if isinstance(value, dict)
        else selection_of(declared, name, values=declared.strings(name, None), structures=structures, index=index)
        for name, value in declared.values.items()
    ]
    for selection in selections:
        component_role(declared, selection.component, structures)
    return tuple(sorted(selections, key=lambda selection: selection.role != "key"))


def selection_of(
    declared: Declared, name: str, values: tuple[str, ...], structures: Collection[DataStructure], index: ArtefactIndex
) -> Selection:
    """The values of one component, which must be codes of its list."""
    role = component_role(declared, name, structures)
    if not values:
        raise DeclarationError(f"No value of {name} is named.", declared.at(name), "Name one, or leave the line out.")
    for structure in structures:
        codelist = structure[name].codelist
        if codelist is not None:
            index.check_items(codelist, values, declared.at(name))
    return Selection(name, tuple(Member(value) for value in values), role=role)


def component_role(declared: Declared, name: str, structures: Collection[DataStructure]) -> str:
    """``key`` for a dimension, else ``component``; raises `DeclarationError` for what is no component."""
    for structure in structures:
        if name not in structure:
            hint = did_you_mean(name, [component.id for component in structure.components])
            raise DeclarationError(f"{structure.ref.short} has no component “{name}”.", declared.at(name), hint)
    return "key" if not structures or all(name in structure.key for structure in structures) else "component"


def range_of(declared: Declared) -> TimeRange:
    """A range of periods; one of its ends may be open, and what names no end is refused."""
    time_range = TimeRange(declared.text("start", ""), declared.text("end", ""))
    declared.close()
    if not (time_range.start or time_range.end):
        raise DeclarationError("The range has no end.", declared.place, 'Write start = "…", end = "…" or both.')
    return time_range


def keys_of(declared: Declared, structures: Collection[DataStructure], index: ArtefactIndex) -> KeySet:
    """Keys, whole or partial: a code for each dimension named; no key, and one that fixes nothing, is refused."""
    include = declared.flag("include", default=True)
    keys = []
    for key_table in declared.tables("key"):
        values: Mapping[str, str] = key_table.pairs()
        keys.append(
            tuple(
                selection_of(key_table, name, values=(value,), structures=structures, index=index)
                for name, value in values.items()
            )
        )
    declared.close()
    if not keys or not all(keys):
        message = f"“key” should hold keys, not {shown([])}."
        raise DeclarationError(message, declared.at("key"), 'Write key = [{ SEX = "M" }].')
    return KeySet(tuple(keys), include)
