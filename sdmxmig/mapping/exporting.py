"""A mapping in SDMX's words: a structure of the table, representation maps of its texts, a structure map a block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.model.artefacts import Component, DataStructure, Item, ItemScheme, Text
from sdmxmig.model.data import Block, ComponentMap, Flow, Mapping
from sdmxmig.model.maps import (
    ComponentLink,
    FixedValue,
    RepresentationMap,
    SourceValue,
    StructureMap,
    TimeLink,
    ValueMapping,
)
from sdmxmig.model.references import Ref

VERSION = "1.0.0"
VALUE = "VALUE"
"""The component of a table that holds the figures."""

Exported = ItemScheme | DataStructure | RepresentationMap | StructureMap


def artefacts_of(mapping: Mapping, flow: Flow, agency: str) -> tuple[Exported, ...]:
    """The artefacts that say what a mapping says: concepts and a structure of the table, and maps to the dataflow.

    The structure has one dimension for each place from which a component is read (``HEADER_1``, ``COLUMN_SOURCE``), and
    `VALUE`. What SDMX has no words for is not in the maps: where a block lies, how numbers are written, and marks.
    """
    name = mapping.name or Text.of(en=mapping.id)
    sources = list(dict.fromkeys(one.source for block in mapping.blocks for one in block.components))
    ids = ids_of(sources)
    concepts = Ref("ConceptScheme", agency, f"CS_{mapping.id}", VERSION)
    words = [Item(ids[source], Text.of(en=source)) for source in sources] + [Item(VALUE, Text.of(en="figure"))]
    structure = DataStructure(
        Ref("DataStructure", agency, f"DSD_{mapping.id}", VERSION),
        name,
        (
            *(table_component(ids[source], "dimension", "String", concepts) for source in sources),
            table_component(VALUE, "measure", "Decimal", concepts),
        ),
    )
    maps = [
        one for number, block in enumerate(mapping.blocks, 1) for one in maps_of(block, number, (structure, flow), ids)
    ]
    return (ItemScheme(concepts, name, tuple(words)), structure, *maps)


def ids_of(sources: list[str]) -> dict[str, str]:
    """An SDMX id for each place of a table, no two alike.

    >>> ids_of(["header 1", "column Source", "column source"])
    {'header 1': 'HEADER_1', 'column Source': 'COLUMN_SOURCE', 'column source': 'COLUMN_SOURCE_2'}
    """
    found: dict[str, str] = {}
    for source in sources:
        made = re.sub(r"[^A-Z0-9]+", "_", source.upper()).strip("_")
        taken = set(found.values())
        number = next(n for n in range(1, len(sources) + 2) if (f"{made}_{n}" if n > 1 else made) not in taken)
        found[source] = f"{made}_{number}" if number > 1 else made
    return found


def table_component(id_: str, role: str, data_type: str, concepts: Ref) -> Component:
    """A component of the structure of a table."""
    concept = Ref("Concept", concepts.agency, concepts.id, concepts.version, id_)
    return Component(id_, role, concept, data_type=data_type)


def maps_of(
    block: Block, number: int, ends: tuple[DataStructure, Flow], ids: dict[str, str]
) -> Iterator[RepresentationMap | StructureMap]:
    """The maps of one block: those of its texts, then the one of its structure."""
    structure, flow = ends
    base = structure.ref.id.removeprefix("DSD_")
    links, times = [], []
    for one in block.components:
        source = ids[one.source]
        if one.periods.patterns and not one.codes:
            times.append(time_of(one, source, block))
            continue
        ref = Ref("RepresentationMap", structure.ref.agency, f"RM_{base}_{number}_{one.component}", VERSION)
        if one.codes:
            yield representation_of(one, ref, flow)
        links.append(ComponentLink((source,), (one.component,), ref if one.codes else None))
    links.append(ComponentLink((VALUE,), (flow.structure.measures[0].id,)))
    yield StructureMap(
        Ref("StructureMap", structure.ref.agency, f"SM_{base}_{number}", VERSION),
        structure.name,
        structure.ref,
        flow.structure.ref,
        tuple(links),
        tuple(FixedValue(name, (value,)) for name, value in block.fixed),
        tuple(times),
    )


def representation_of(one: ComponentMap, ref: Ref, flow: Flow) -> RepresentationMap:
    """The texts of a component and their codes."""
    codelist = flow.codelist(one.component)
    lines = tuple(ValueMapping((SourceValue(text),), (code,)) for text, code in one.codes if text)
    return RepresentationMap(
        ref, Text.of(en=one.component), ("String",), (codelist.ref if codelist else "String",), lines
    )


def time_of(one: ComponentMap, source: str, block: Block) -> TimeLink:
    """A date pattern; of several patterns SDMX has a place for the first."""
    freq = dict(block.fixed).get("FREQ", "")
    return TimeLink("pattern", (source,), (one.component,), one.periods.patterns[0], "en", frequency=freq)
