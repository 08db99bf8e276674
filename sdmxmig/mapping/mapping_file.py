"""The mapping file: every key is checked against the flow before a table is touched."""

from __future__ import annotations

import re
from collections import abc
from dataclasses import replace

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Component
from sdmxmig.model.data import Block, ComponentMap, Flow, Mapping, Skip
from sdmxmig.periods import PatternError, check_pattern
from sdmxmig.places import cell_position

SOURCE = re.compile(r"(header|column|row) +(.+)|section|sheet|file")
CARRIED = re.compile(r"header \d+|column \d+")
SOURCES = "Write “header 2”, “column 1”, “column Source”, “row Source”, “section”, “sheet” or “file”."
PATTERNS = "Known are yyyy, MM, M, dd, d, Q, S and ww; words stand between apostrophes: 'end of' yyyy."


def load(name: str, content: bytes, flows: abc.Mapping[str, Flow]) -> Mapping:
    """Read a mapping file (TOML): which cells of a workbook are which observations of a dataflow.

    `name` is the file's name in messages. Raises `DeclarationError` with the file and key, and the nearest known
    name, for anything that the flow does not know or that is missing; with line and column if it is no TOML.
    """
    declared = Declared.parse(name, content)
    flow_id = declared.text("flow")
    if flow_id not in flows:
        raise DeclarationError(
            f"There is no dataflow “{flow_id}”.", declared.at("flow"), did_you_mean(flow_id, sorted(flows))
        )
    mapping = Mapping(
        declared.text("id"),
        flow_id,
        declared.text("file"),
        tuple(read_block(block, flows[flow_id]) for block in declared.tables("block")),
        declared.texts("name"),
        declared.place,
    )
    declared.close()
    if not mapping.blocks:
        raise DeclarationError(
            "The mapping has no block.", declared.place, "Describe the table in a section [[block]]."
        )
    return mapping


def read_block(declared: Declared, flow: Flow) -> Block:
    """One rectangle of observations."""
    block = Block(
        sheet=declared.text("sheet"),
        anchor=declared.text("anchor", ""),
        cell=declared.text("cell", ""),
        header_rows=_at_least(declared, "header_rows", 1),
        header_columns=_at_least(declared, "header_columns", 1),
        until=declared.text("until", ""),
        sections=declared.flag("sections", default=False),
        gaps=declared.flag("gaps", default=False),
        components=(),
        skip_rows=tuple(read_skip(skip) for skip in declared.tables("skip_rows")),
        skip_columns=tuple(read_skip(skip) for skip in declared.tables("skip_columns")),
        key=declared.place.key,
    )
    fixed, components, values = (declared.table(key) for key in ("fixed", "components", "values"))
    declared.close()  # a mistyped key first, since what follows from its absence would mislead
    check_position(declared, block)
    check_skips(declared, block)
    block = replace(read_values(values, block, flow), fixed=read_fixed(fixed, flow))
    block = replace(block, components=tuple(read_component(key, components, block, flow) for key in components.values))
    given = {one.component for one in block.components} | set(dict(block.fixed))
    only = tuple((name, code) for name, code in only_codes(flow).items() if name not in given)
    block = replace(block, fixed=(*block.fixed, *only))
    check_complete(declared, block, flow)
    return block


def only_codes(flow: Flow) -> dict[str, str]:
    """The dimensions for which the constraints of a flow leave one code: a mapping need not say what cannot differ."""
    found: dict[str, str] = {}
    for constraint in flow.constraints:
        regions = [region for region in constraint.regions if region.include]
        for one in regions[0].selections if len(regions) == 1 else ():
            single = len(one.members) == 1 and one.include and not one.members[0].cascade
            if single and one.component in flow.structure.key:
                found[one.component] = one.members[0].value
    return found


def read_values(declared: Declared, block: Block, flow: Flow) -> Block:
    """How values are written: separators, signs for missing ones, footnote marks."""
    thousands, decimal = declared.text("thousands", ""), declared.text("decimal", ".")
    missing, marks = declared.table("missing"), declared.table("marks")
    declared.close()
    if len(decimal) != 1 or decimal == thousands or decimal.isalnum():
        hint = 'Write decimal = "." or decimal = ",".'
        raise DeclarationError("“decimal” should be one sign, not that of the thousands.", declared.at("decimal"), hint)
    if len(thousands) > 1 or thousands.isalnum():
        hint = 'Write thousands = " ", which stands for blanks of all widths, or thousands = ",".'
        raise DeclarationError("“thousands” should be one sign, no digit or letter.", declared.at("thousands"), hint)
    return replace(
        block,
        thousands=thousands,
        decimal=decimal,
        missing=read_missing(missing, flow),
        marks=read_marks(marks, flow),
    )


def _at_least(declared: Declared, key: str, least: int) -> int:
    number = declared.integer(key, least)
    if not least <= number <= 100:
        raise DeclarationError(f"“{key}” should be between {least} and 100, not {number}.", declared.at(key))
    return number


def check_position(declared: Declared, block: Block) -> None:
    """A block begins at the text of a cell or at the name of a cell, not at both or neither."""
    if bool(block.anchor) == bool(block.cell):
        raise DeclarationError(
            "A block needs either “anchor”, the text of its top left header cell, or “cell”, its name.",
            declared.place,
            'Write anchor = "Year" or cell = "A5".',
        )
    if block.cell:
        try:
            row, column = cell_position(block.cell)
        except ValueError:
            row = column = 0
        if not (row and column):
            hint = 'Write its column and row, such as cell = "A5".'
            raise DeclarationError(f"“{block.cell}” is no cell.", declared.at("cell"), hint)


def check_skips(declared: Declared, block: Block) -> None:
    """A skip names a header row or a label column that the block has."""
    for key, skips, limit in (
        ("skip_rows", block.skip_rows, block.header_columns),
        ("skip_columns", block.skip_columns, block.header_rows),
    ):
        if any(skip.header > limit for skip in skips):
            hint = "Its header counts label columns for rows, and header rows for columns."
            raise DeclarationError(f"A skip names header {limit + 1} or more.", declared.at(key), hint)


def component_of(declared: Declared, key: str, flow: Flow) -> Component:
    """The component that a key names; the measure is none, since the value cells give it."""
    known = [one.id for one in flow.structure.components if one.role != "measure"]
    if key not in known:
        where = f"{flow.id} has no component “{key}” that a mapping can set."
        raise DeclarationError(where, declared.at(key), did_you_mean(key, known))
    return flow.structure[key]


def check_code(declared: Declared, key: str, component: Component, code: str, flow: Flow) -> None:
    """A code that the mapping itself writes must be one of the component's codelist."""
    codelist = flow.codelist(component)
    if codelist is not None and code not in codelist:
        raise DeclarationError(
            f"“{code}” is not a code of {component.id} ({codelist.ref.short}).",
            declared.at(key),
            did_you_mean(code, codelist.ids),
        )


def read_fixed(declared: Declared, flow: Flow) -> tuple[tuple[str, str], ...]:
    """The components that have one value in the whole block."""
    fixed = declared.pairs()
    for key, value in fixed.items():
        check_code(declared, key, component_of(declared, key, flow), value, flow)
    return tuple(fixed.items())


def read_skip(declared: Declared) -> Skip:
    """Rows or columns that are left out on purpose."""
    skip = Skip(declared.text("match"), declared.text("reason"), _at_least(declared, "header", 1))
    declared.close()
    return skip


def read_missing(declared: Declared, flow: Flow) -> tuple[tuple[str, str], ...]:
    """The signs that stand for no value, and the observation status that each means."""
    signs = declared.pairs()
    if signs and "OBS_STATUS" not in flow.structure:
        raise DeclarationError(f"{flow.id} has no OBS_STATUS to say why a value is missing.", declared.place)
    for sign, status in signs.items():
        check_code(declared, sign, flow.structure["OBS_STATUS"], status, flow)
    return tuple(signs.items())


def read_marks(declared: Declared, flow: Flow) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The footnote marks at the end of values or labels, and the attributes that each sets."""
    marks = []
    for mark in declared.values:
        if not mark.strip():
            hint = 'Write it as it stands behind the figure, such as "*" or "1)".'
            raise DeclarationError("A mark needs a sign.", declared.place, hint)
        listed = declared.table(mark)
        pairs = listed.pairs()
        for key, value in pairs.items():
            component = component_of(listed, key, flow)
            if component.role != "attribute":
                raise DeclarationError(f"A mark can set attributes only, not {key}.", listed.at(key))
            check_code(listed, key, component, value, flow)
        marks.append((mark, tuple(pairs.items())))
    return tuple(marks)


def read_component(key: str, listed: Declared, block: Block, flow: Flow) -> ComponentMap:
    """Where one component's value stands, and what its texts mean."""
    component = component_of(listed, key, flow)
    declared = listed.table(key)
    if key in dict(block.fixed):
        hint = f"Remove it here or in {block.key}.fixed."
        raise DeclarationError(f"{key} is both fixed and read from the table.", declared.place, hint)
    source = " ".join(declared.text("from").split())
    check_source(declared, source, block)
    codes = declared.table("codes")
    for text, code in codes.pairs().items():
        check_code(codes, text, component, code, flow)
    listed_codes = codes.pairs()
    if declared.flag("names", default=False):
        listed_codes = names_of(declared, component, flow) | listed_codes
    carried = declared.flag("carried", default=False)
    if carried and not CARRIED.fullmatch(source):
        hint = "Only a header or a numbered column can take the text before it."
        raise DeclarationError(f"What stands in “{source}” cannot be carried.", declared.at("carried"), hint)
    pattern = declared.text("pattern", "")
    try:
        if pattern:
            check_pattern(pattern)
    except PatternError as error:
        raise DeclarationError(f"“{pattern}” is not a date pattern.", declared.at("pattern"), PATTERNS) from error
    declared.close()
    return ComponentMap(key, source, tuple(listed_codes.items()), pattern, declared.place.key, carried)


def names_of(declared: Declared, component: Component, flow: Flow) -> dict[str, str]:
    """The names of a component's codes in every language, with the code; a name of two codes is left out."""
    codelist = flow.codelist(component)
    if codelist is None:
        hint = "Remove it: the texts of this component are no codes."
        raise DeclarationError(f"{component.id} has no codelist with names.", declared.at("names"), hint)
    found: dict[str, set[str]] = {}
    for item in codelist.items:
        for _, name in item.name:
            found.setdefault(" ".join(name.split()), set()).add(item.id)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def check_source(declared: Declared, source: str, block: Block) -> None:
    """The place that a component is read from must be one that the block has."""
    found = SOURCE.fullmatch(source)
    if not found:
        raise DeclarationError(f"“{source}” is no place in a table.", declared.at("from"), SOURCES)
    kind, number = found[1], found[2] or ""
    limit = {"header": block.header_rows, "column": block.header_columns}.get(kind, 0)
    if kind == "header" and not number.isdecimal():
        raise DeclarationError(f"“{source}” is no place in a table.", declared.at("from"), SOURCES)
    if kind in ("header", "column") and number.isdecimal() and not 1 <= int(number) <= limit:
        rows = "header_rows" if kind == "header" else "header_columns"
        hint = f"Raise {rows} of the block, or name another."
        raise DeclarationError(f"The block has {limit} {kind}(s), no {source}.", declared.at("from"), hint)
    if source == "section" and not block.sections:
        hint = "Write sections = true in the block."
        raise DeclarationError("The block has no section titles.", declared.at("from"), hint)


def check_complete(declared: Declared, block: Block, flow: Flow) -> None:
    """Every dimension must be fixed, by the mapping or the constraint of its flow, or read from the table."""
    given = {one.component for one in block.components} | set(dict(block.fixed))
    for key in flow.structure.key:
        if key not in given:
            raise DeclarationError(
                f"The dimension {key} of {flow.id} is neither fixed nor read from the table.",
                declared.place,
                f"Add it to [block.fixed], or say where it stands in [block.components.{key}].",
            )
