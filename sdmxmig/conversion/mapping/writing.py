"""Mappings written as TOML files with comments, and exported as SDMX artefacts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sdmxmig.io.edited_toml import format_inline, quote_text, write_key
from sdmxmig.primitives.patterns import pattern as compiled
from sdmxmig.primitives.text import escape_invisible
from sdmxmig.sdmx.correspondences import convert_to_sdmx_pattern
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import (
    Attributes,
    Block,
    ComponentMap,
    DerivedValue,
    DroppedCode,
    Flow,
    SavedAnswer,
    SectionTitle,
    Skip,
    TableMapping,
    Values,
)
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
from sdmxmig.sdmx.model.tables import AUTODETECT, TextFormat

Comments = Mapping[str, Sequence[str]]


def write(mapping: TableMapping, comments: Comments | None = None) -> str:
    """Write a mapping as TOML; comments are above their key's section, or below the codes for ``….codes``."""
    notes = comments or {}
    lines = [*_format_comments(notes, ""), f"id = {quote_text(mapping.id)}"]
    lines += [f"name.{language} = {quote_text(text)}" for language, text in mapping.name]
    lines += [f"flow = {quote_text(mapping.flow)}", f"file = {quote_text(mapping.file)}"]
    if mapping.also:
        lines.append(f"also = [{', '.join(map(quote_text, mapping.also))}]")
    if mapping.text != AUTODETECT:
        lines += ["", *_format_text_settings(mapping.text)]
    for ignored in mapping.ignored:
        lines += ["", "[[ignore]]", *_format_pairs((("sheet", ignored.sheet), ("cells", ignored.cells)))]
        lines.append(f"reason = {quote_text(ignored.reason)}")
    for number, block in enumerate(mapping.blocks, start=1):
        lines += ["", *_format_block(block, f"block[{number}]", notes)]
    for derived in mapping.derived:
        lines += ["", *_format_derived_value(derived)]
    for dropped in mapping.dropped:
        pairs = (("component", dropped.component), ("code", dropped.code), ("reason", dropped.reason))
        lines += ["", "[[drop]]", *_format_pairs(pairs)]
    lines += format_answers(mapping.answers)
    return "\n".join(lines) + "\n"


def format_answers(answers: Iterable[SavedAnswer]) -> Iterator[str]:
    for answered in sorted(answers, key=lambda answered: answered.about):
        names = ("sheet", "part", "label", "proposed", "answer")
        yield from (
            "",
            "[[answer]]",
            *_format_pairs((name, text) for name in names if (text := getattr(answered, name))),
        )


def _format_pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"{write_key(key)} = {quote_text(value)}" for key, value in pairs)


def _format_patterns(patterns: Sequence[str]) -> str:
    return (
        quote_text(patterns[0]) if len(patterns) == 1 else f"[{', '.join(quote_text(pattern) for pattern in patterns)}]"
    )


def _format_comments(notes: Comments, key: str) -> list[str]:
    return [f"# {escape_invisible(line)}".rstrip() for text in notes.get(key, ()) for line in text.splitlines()]


def _format_block(block: Block, key: str, notes: Comments) -> Iterator[str]:
    yield from _format_comments(notes, key)
    yield "[[block]]"
    yield f"sheet = {quote_text(block.sheet)}"
    yield f"anchor = {_format_patterns(block.anchors)}" if block.anchors else f"cell = {quote_text(block.cell)}"
    yield f"header_rows = {block.header_rows}"
    yield f"header_columns = {block.header_columns}"
    yield from _format_extent(block)
    yield from _format_skips("skip_rows", block.skip_rows)
    yield from _format_skips("skip_columns", block.skip_columns)
    if block.fixed:
        yield from ("", *_format_comments(notes, f"{key}.fixed"), "[block.fixed]", *_format_pairs(block.fixed))
    for component_map in block.components:
        yield ""
        yield from _format_component(component_map, f"{key}.components.{component_map.component}", notes)
    yield from _format_values(block.values, f"{key}.values", notes)
    if block.footnotes:
        pairs = (("marks", block.footnotes.marks), ("component", block.footnotes.component))
        yield from ("", "[block.footnotes]", *_format_pairs(pairs))
    for noted in block.notes:
        pairs_of_note = (
            f"where = {format_inline(dict(noted.where))}",
            f"set = {format_inline(dict(noted.attributes))}",
        )
        yield from ("", "[[block.notes]]", *pairs_of_note)


def _format_extent(block: Block) -> Iterator[str]:
    for name in ("every", "gaps", "skip_hidden"):
        if getattr(block, name):
            yield f"{name} = true"
    if block.labels_right:
        yield 'labels = "right"'
    if block.last:
        yield f"last = {quote_text(block.last)}"
    for name, patterns in (("until", block.until), ("says", block.required_texts)):
        if patterns:
            yield f"{name} = {_format_patterns(patterns)}"
    if block.sections:
        yield "sections = ["
        for title in block.sections:
            yield f"    {{ {_write_title(title)} }},"
        yield "]"


def _write_title(title: SectionTitle) -> str:
    criterion = f"indent = {title.indent}" if title.indent else f"match = {quote_text(title.match)}"
    alone = "" if title.alone != bool(title.indent) else f", alone = {str(title.alone).lower()}"
    unless = f", unless = {quote_text(title.unless)}" if title.unless else ""
    return f"{criterion}, column = {title.column}{alone}{unless}"


def _format_skips(name: str, skips: Sequence[Skip]) -> Iterator[str]:
    if not skips:
        return
    yield f"{name} = ["
    for skip in skips:
        numbers = skip.headers[0] if len(skip.headers) == 1 else [*skip.headers]
        header = f", header = {numbers}" if numbers != 1 else ""
        column = f", column = {quote_text(skip.column)}" if skip.column else ""
        column += ", carried = true" if skip.carried else ""
        yield f"    {{ match = {quote_text(skip.match)}, reason = {quote_text(skip.reason)}{header}{column} }},"
    yield "]"


def _format_component(component_map: ComponentMap, key: str, notes: Comments) -> Iterator[str]:
    yield from _format_comments(notes, key)
    yield f"[block.components.{write_key(component_map.component)}]"
    yield f"from = {quote_text(str(component_map.source))}"
    period_format = component_map.periods
    if period_format.patterns:
        yield f"pattern = {_format_patterns(period_format.patterns)}"
    texts = (
        ("take", component_map.take),
        ("empty", component_map.empty),
        ("otherwise", component_map.otherwise),
        ("language", component_map.language),
        ("span", "" if period_format.span == "range" else period_format.span),
        ("year_start", period_format.year_start),
    )
    yield from _format_pairs((name, text) for name, text in texts if text)
    for name in ("carried", "areas", "fold"):
        if getattr(component_map, name):
            yield f"{name} = true"
    if period_format.months:
        yield f"months = {format_inline(dict(period_format.months))}"
    unclear = _format_comments(notes, f"{key}.codes")
    if component_map.codes or unclear:
        yield f"[block.components.{write_key(component_map.component)}.codes]"
        yield from _format_pairs(component_map.codes)
        yield from unclear


def _format_values(values: Values, key: str, notes: Comments) -> Iterator[str]:
    texts = (
        ("thousands", values.thousands),
        ("decimal", "" if values.decimal == "." else values.decimal),
        ("sign", "minus" if values.turned else ""),
        ("multiply", values.multiply),
        ("comments", values.comments),
    )
    lines = list(_format_pairs((name, text) for name, text in texts if text))
    lines += ["as_shown = true"] if values.as_shown else []
    lines += [f"columns = {_format_patterns(values.columns)}"] if values.columns else []
    lines += [f"missing = {_format_signs(values.missing)}"] if values.missing else []
    lines += [f"numbers = {format_inline(dict(values.numbers))}"] if values.numbers else []
    if values.marks:
        marks = ", ".join(f"{write_key(mark)} = {format_inline(dict(attributes))}" for mark, attributes in values.marks)
        lines.append(f"marks = {{ {marks} }}")
    comment_lines = _format_comments(notes, key)
    if lines or comment_lines:
        yield from ("", *comment_lines, "[block.values]", *lines)


def _format_signs(missing: Sequence[tuple[str, Attributes]]) -> str:
    written = []
    for sign, attributes in missing:
        status = dict(attributes)
        plain = len(attributes) == 1 and "OBS_STATUS" in status
        written.append(
            f"{write_key(sign)} = {quote_text(status['OBS_STATUS']) if plain else format_inline(dict(attributes))}"
        )
    return f"{{ {', '.join(written)} }}"


def _format_derived_value(derived: DerivedValue) -> Iterator[str]:
    yield "[[derived]]"
    formula = _format_formula(
        (sign, _quote_term(term) if term in derived.labels else term) for sign, term in derived.terms
    )
    yield from _format_pairs((("component", derived.component), ("code", derived.code), ("formula", formula)))
    if derived.attributes:
        yield f"set = {format_inline(dict(derived.attributes))}"


def _format_formula(terms: Iterable[tuple[int, str]]) -> str:
    return " ".join(f"{'-' if sign < 0 else '+'} {term}" for sign, term in terms).removeprefix("+ ")


def _quote_term(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _format_text_settings(written: TextFormat) -> Iterator[str]:
    yield "[text]"
    yield from _format_pairs((("encoding", written.encoding),) if written.encoding else ())
    yield from _format_pairs((("delimiter", written.delimiter),) if written.delimiter else ())


VERSION = "1.0.0"
VALUE = "VALUE"
"""The component of the figures."""
MAPPING_FILE = "MAPPING_FILE"
"""The annotation with the whole mapping: maps cannot express positions in a file or number formats."""

Exported = ItemScheme | DataStructure | Dataflow | RepresentationMap | StructureMap


def export_mapping(mapping: TableMapping, flow: Flow, agency: str) -> tuple[Exported, ...]:
    """Export a mapping as SDMX concepts, structure, dataflow and maps.

    The structure has one dimension per source (``HEADER_1``, ``COLUMN_SOURCE``), and `VALUE`. The first structure map
    has the mapping as a `MAPPING_FILE` annotation.
    """
    name = mapping.name or Text.of(en=mapping.id)
    sources = list(
        dict.fromkeys(str(component_map.source) for block in mapping.blocks for component_map in block.components)
    )
    ids = build_ids(sources)
    concepts = Ref("ConceptScheme", agency, id=f"CS_{mapping.id}", version=VERSION)
    words = [Item(ids[source], Text.of(en=source)) for source in sources] + [Item(VALUE, Text.of(en="figure"))]
    structure = DataStructure(
        Ref("DataStructure", agency, id=f"DSD_{mapping.id}", version=VERSION),
        name,
        components=(
            *(build_table_component(ids[source], "dimension", "String", concepts) for source in sources),
            build_table_component(VALUE, "measure", "Decimal", concepts),
        ),
    )
    table = Dataflow(Ref("Dataflow", agency, id=f"DF_{mapping.id}", version=VERSION), name, structure=structure.ref)
    maps = [
        sdmx_map
        for number, block in enumerate(mapping.blocks, 1)
        for sdmx_map in build_maps(block, number, table, flow, ids=ids, dropped=mapping.dropped)
    ]
    first = next(number for number, sdmx_map in enumerate(maps) if isinstance(sdmx_map, StructureMap))
    whole = Annotation(MAPPING_FILE, title=f"{mapping.id}.toml", value=write(mapping))
    maps[first] = replace(maps[first], annotations=(whole,))
    return (ItemScheme(concepts, name, items=tuple(words)), structure, table, *maps)


def build_ids(sources: list[str]) -> dict[str, str]:
    """Build unique SDMX ids for the sources of a table.

    >>> build_ids(["header 1", "column Source", "column source"])
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


def build_table_component(id_: str, role: str, data_type: str, concepts: Ref) -> Component:
    concept = Ref("Concept", concepts.agency, id=concepts.id, version=concepts.version, item=id_)
    return Component(id_, role, concept=concept, data_type=data_type)


def build_maps(
    block: Block,
    number: int,
    table: Dataflow,
    flow: Flow,
    *,
    ids: Mapping[str, str],
    dropped: Sequence[DroppedCode],
) -> Iterator[RepresentationMap | StructureMap]:
    base = table.ref.id.removeprefix("DF_")
    links, times = [], []
    for component_map in block.components:
        source = ids[str(component_map.source)]
        if (
            component_map.periods.patterns
            and not component_map.codes
            and (time_links := list(build_time_links(component_map, source, block)))
        ):
            times += time_links
            continue
        ref = Ref(
            "RepresentationMap", table.ref.agency, id=f"RM_{base}_{number}_{component_map.component}", version=VERSION
        )
        lines = build_value_mappings(component_map)
        if lines:
            yield build_representation_map(
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


def build_value_mappings(component_map: ComponentMap) -> tuple[ValueMapping, ...]:
    lines = [ValueMapping((SourceValue(text),), (code,)) for text, code in component_map.codes if text]
    if component_map.take and not component_map.codes:
        part = component_map.take if compiled(component_map.take).groups else f"({component_map.take})"
        lines.append(ValueMapping((SourceValue(f".*?{part}.*", regex=True),), (r"\1",)))
    if lines and (component_map.otherwise or not component_map.codes):
        lines.append(ValueMapping((SourceValue("(.*)", regex=True),), (component_map.otherwise or r"\1",)))
    return tuple(lines)


def build_representation_map(
    component_map: ComponentMap, ref: Ref, flow: Flow, dropped: list[DroppedCode]
) -> RepresentationMap:
    codelist = flow.codelist(component_map.component)
    reasons = {drop.code: drop.reason for drop in dropped}
    lines = build_value_mappings(component_map)
    return RepresentationMap(
        ref,
        Text.of(en=component_map.component),
        sources=("String",),
        targets=(codelist.ref if codelist else "String",),
        mappings=tuple(line for line in lines if line.targets[0] not in reasons),
        annotations=tuple(
            Annotation(WITHOUT_TARGET, Text.of(en=reasons[line.targets[0]]), title=build_pattern(line.sources[0].value))
            for line in lines
            if line.targets[0] in reasons
        ),
    )


def build_pattern(text: str) -> str:
    """Escape a text so that it matches literally in pattern lists.

    >>> build_pattern("Both sexes, total [1]")
    'Both sexes? total ?1?'
    """
    return re.sub(r"[,*?\[\]]", "?", text)


def build_time_links(component_map: ComponentMap, source: str, block: Block) -> Iterator[TimeLink]:
    """Yield a time map per date pattern with an SDMX notation; the first match counts."""
    freq = dict(block.fixed).get("FREQ", "")
    frequency_dimension = "FREQ" if any(sibling.component == "FREQ" for sibling in block.components) else ""
    for pattern in component_map.periods.patterns:
        if written := convert_to_sdmx_pattern(pattern):
            yield TimeLink(
                "pattern",
                (source,),
                targets=(component_map.component,),
                pattern=written,
                locale="en",
                frequency=freq,
                frequency_dimension=frequency_dimension,
            )
