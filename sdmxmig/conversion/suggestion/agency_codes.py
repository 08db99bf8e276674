"""Agency codes converted by structure maps, such as Eurostat “EDUC” to EDU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

UNIT, UNIT_MEASURE = "unit", "UNIT_MEASURE"


@dataclass(frozen=True, slots=True, eq=False)
class AgencyCodes:
    """The dimensions and codes of an agency, with our components and codes."""

    heads: frozenset[str]
    codes: Mapping[tuple[str, str], Mapping[str, str]]


def agency_codes(artefacts: Mapping[Ref, Artefact]) -> tuple[AgencyCodes, ...]:
    maps: dict[str, list[StructureMap]] = {}
    for structure_map in artefacts.values():
        if isinstance(structure_map, StructureMap):
            maps.setdefault(structure_map.target.agency, []).append(structure_map)
    return tuple(of_agency(listed, artefacts) for _, listed in sorted(maps.items()))


def of_agency(maps: Sequence[StructureMap], artefacts: Mapping[Ref, Artefact]) -> AgencyCodes:
    """Read the codes of one agency; ambiguous ones are left out.

    Ignores shared names such as TIME_PERIOD.
    """
    heads: set[str] = set()
    own_names = {source for structure_map in maps for link in structure_map.components for source in link.sources}
    our_codes: dict[tuple[str, str], dict[str, set[str]]] = {}
    for structure_map in maps:
        heads |= {target for link in structure_map.components for target in link.targets}
        heads |= {fixed.component for fixed in structure_map.fixed if not fixed.on_source}
        for at, code, ours in (*pairs_of(structure_map, artefacts), *units_of(structure_map)):
            our_codes.setdefault(at, {}).setdefault(code, set()).add(ours)
    codes = {
        at: {code: min(ours) for code, ours in listed.items() if len(ours) == 1} for at, listed in our_codes.items()
    }
    return AgencyCodes(heads=frozenset(heads - own_names), codes=codes)


def pairs_of(
    structure_map: StructureMap, artefacts: Mapping[Ref, Artefact]
) -> Iterator[tuple[tuple[str, str], str, str]]:
    for link in structure_map.components:
        listed = artefacts.get(link.representation) if link.representation else None
        if isinstance(listed, RepresentationMap) and len(link.sources) == len(link.targets) == 1:
            for mapping in listed.mappings:
                ours, theirs = mapping.sources[0], mapping.targets[0]
                if theirs and ours.value and not ours.regex:
                    yield (link.targets[0], link.sources[0]), theirs, ours.value


def units_of(structure_map: StructureMap) -> Iterator[tuple[tuple[str, str], str, str]]:
    ours = {fixed.component: fixed.values[0] for fixed in structure_map.fixed if fixed.on_source}
    theirs = {fixed.component: fixed.values[0] for fixed in structure_map.fixed if not fixed.on_source}
    if UNIT_MEASURE in ours and UNIT in theirs:
        yield (UNIT, UNIT_MEASURE), theirs[UNIT], ours[UNIT_MEASURE]
