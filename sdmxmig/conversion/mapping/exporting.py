"""Mappings as SDMX artefacts: table structure, representation maps, structure maps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.conversion.mapping.writing import write
from sdmxmig.primitives.patterns import pattern as compiled
from sdmxmig.sdmx.correspondences import sdmx_pattern
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Block, ComponentMap, Dropped, Flow, TableMapping
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.maps import (
    WITHOUT_TARGET,
    ComponentLink,
    FixedValue,
    RepresentationMap,
    SourceValue,
    StructureMap,
    TimeLink,
    ValueMapping,
)
from sdmxmig.sdmx.model.references import Ref

VERSION = "1.0.0"
VALUE = "VALUE"
"""The component of a table that holds the figures."""
MAPPING_FILE = "MAPPING_FILE"
"""The annotation that holds the whole mapping: maps cannot express positions in a file and how figures are written."""

Exported = ItemScheme | DataStructure | Dataflow | RepresentationMap | StructureMap


def artefacts_of(mapping: TableMapping, flow: Flow, agency: str) -> tuple[Exported, ...]:
    """Export a mapping as SDMX concepts, structure, dataflow and maps.

    The structure has one dimension per source (``HEADER_1``, ``COLUMN_SOURCE``), and `VALUE`. The first structure map
    has the mapping as a `MAPPING_FILE` annotation.
    """
    name = mapping.name or Text.of(en=mapping.id)
    sources = list(
        dict.fromkeys(str(component_map.source) for block in mapping.blocks for component_map in block.components)
    )
    ids = ids_of(sources)
    concepts = Ref("ConceptScheme", agency, id=f"CS_{mapping.id}", version=VERSION)
    words = [Item(ids[source], Text.of(en=source)) for source in sources] + [Item(VALUE, Text.of(en="figure"))]
    structure = DataStructure(
        Ref("DataStructure", agency, id=f"DSD_{mapping.id}", version=VERSION),
        name,
        components=(
            *(table_component(ids[source], "dimension", "String", concepts) for source in sources),
            table_component(VALUE, "measure", "Decimal", concepts),
        ),
    )
    table = Dataflow(Ref("Dataflow", agency, id=f"DF_{mapping.id}", version=VERSION), name, structure=structure.ref)
    maps = [
        sdmx_map
        for number, block in enumerate(mapping.blocks, 1)
        for sdmx_map in maps_of(block, number, table, flow, ids=ids, dropped=mapping.dropped)
    ]
    first = next(number for number, sdmx_map in enumerate(maps) if isinstance(sdmx_map, StructureMap))
    whole = Annotation(MAPPING_FILE, title=f"{mapping.id}.toml", value=write(mapping))
    maps[first] = replace(maps[first], annotations=(whole,))
    return (ItemScheme(concepts, name, items=tuple(words)), structure, table, *maps)


def ids_of(sources: list[str]) -> dict[str, str]:
    """Build unique SDMX ids for the sources of a table.

    >>> ids_of(["header 1", "column Source", "column source"])
    {'header 1': 'HEADER_1', 'column Source': 'COLUMN_SOURCE', 'column source': 'COLUMN_SOURCE_2'}
    """
    ids: dict[str, str] = {}
    for source in sources:
        base_id = re.sub(r"[^A-Z0-9]+", "_", source.upper()).strip("_")
        taken_ids = set(ids.values())
        number = next(
            count
            for count in range(1, len(sources) + 2)
            if (f"{base_id}_{count}" if count > 1 else base_id) not in taken_ids
        )
        ids[source] = f"{base_id}_{number}" if number > 1 else base_id
    return ids


def table_component(id_: str, role: str, data_type: str, concepts: Ref) -> Component:
    concept = Ref("Concept", concepts.agency, id=concepts.id, version=concepts.version, item=id_)
    return Component(id_, role, concept=concept, data_type=data_type)


def maps_of(
    block: Block,
    number: int,
    table: Dataflow,
    flow: Flow,
    *,
    ids: Mapping[str, str],
    dropped: Sequence[Dropped],
) -> Iterator[RepresentationMap | StructureMap]:
    """Yield the maps of a block's texts, then that of its structure."""
    base = table.ref.id.removeprefix("DF_")
    links, times = [], []
    for component_map in block.components:
        source = ids[str(component_map.source)]
        if (
            component_map.periods.patterns
            and not component_map.codes
            and (time_links := list(times_of(component_map, source, block)))
        ):
            times += time_links
            continue
        ref = Ref(
            "RepresentationMap", table.ref.agency, id=f"RM_{base}_{number}_{component_map.component}", version=VERSION
        )
        lines = lines_of(component_map)
        if lines:
            yield representation_of(
                component_map, ref, flow, [drop for drop in dropped if drop.component == component_map.component]
            )
        links.append(ComponentLink((source,), (component_map.component,), representation=ref if lines else None))
    links.append(ComponentLink((VALUE,), (flow.structure.measure.id,)))
    yield StructureMap(
        ref=Ref("StructureMap", table.ref.agency, id=f"SM_{base}_{number}", version=VERSION),
        name=table.name,
        source=table.ref,
        target=flow.dataflow.ref,
        components=tuple(links),
        fixed=tuple(FixedValue(name, (value,)) for name, value in block.fixed),
        times=tuple(times),
    )


def lines_of(component_map: ComponentMap) -> tuple[ValueMapping, ...]:
    lines = [ValueMapping((SourceValue(text),), (code,)) for text, code in component_map.codes if text]
    if component_map.take and not component_map.codes:
        part = component_map.take if compiled(component_map.take).groups else f"({component_map.take})"
        lines.append(ValueMapping((SourceValue(f".*?{part}.*", regex=True),), (r"\1",)))
    if lines and (component_map.otherwise or not component_map.codes):
        lines.append(ValueMapping((SourceValue("(.*)", regex=True),), (component_map.otherwise or r"\1",)))
    return tuple(lines)


def representation_of(component_map: ComponentMap, ref: Ref, flow: Flow, dropped: list[Dropped]) -> RepresentationMap:
    """Map a component's texts to codes; dropped codes have no target, with the reason."""
    codelist = flow.codelist(component_map.component)
    reasons = {drop.code: drop.reason for drop in dropped}
    lines = lines_of(component_map)
    return RepresentationMap(
        ref,
        Text.of(en=component_map.component),
        sources=("String",),
        targets=(codelist.ref if codelist else "String",),
        mappings=tuple(line for line in lines if line.targets[0] not in reasons),
        annotations=tuple(
            Annotation(WITHOUT_TARGET, Text.of(en=reasons[line.targets[0]]), title=pattern_for(line.sources[0].value))
            for line in lines
            if line.targets[0] in reasons
        ),
    )


def pattern_for(text: str) -> str:
    """Escape a text so that it matches literally in pattern lists.

    >>> pattern_for("Both sexes, total [1]")
    'Both sexes? total ?1?'
    """
    return re.sub(r"[,*?\[\]]", "?", text)


def times_of(component_map: ComponentMap, source: str, block: Block) -> Iterator[TimeLink]:
    """Yield a time map per date pattern with an SDMX notation; the first match counts."""
    freq = dict(block.fixed).get("FREQ", "")
    frequency_dimension = "FREQ" if any(sibling.component == "FREQ" for sibling in block.components) else ""
    for pattern in component_map.periods.patterns:
        if written := sdmx_pattern(pattern):
            yield TimeLink(
                "pattern",
                (source,),
                targets=(component_map.component,),
                pattern=written,
                locale="en",
                frequency=freq,
                frequency_dimension=frequency_dimension,
            )
