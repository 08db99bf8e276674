"""Keys of a block: position, titles, omissions and components."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sdmxmig.conversion.mapping.checks import check_code, component_of, pattern_of, patterns_of, small_number
from sdmxmig.conversion.mapping.component_keys import read_component
from sdmxmig.conversion.mapping.note_keys import read_noted
from sdmxmig.conversion.mapping.value_keys import read_footnotes, read_values
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import cell_position
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import TO_CONFIRM, Block, Flow, SectionTitle, Skip
from sdmxmig.sdmx.model.sources import Kind, Source

LETTERS = re.compile(r"[A-Z]{1,3}")
"""How a column is named by its letters."""


def read_block(declared: Declared, flow: Flow, beside: Callable[[str], bytes] | None) -> Block:
    """One rectangle of observations."""
    block = Block(
        sheet=pattern_of(declared, "sheet"),
        anchors=patterns_of(declared, "anchor"),
        cell=declared.text("cell", ""),
        last=declared.text("last", ""),
        header_rows=small_number(declared, "header_rows", 1, 0),
        header_columns=small_number(declared, "header_columns", 1, 0),
        until=patterns_of(declared, "until"),
        sections=read_sections(declared),
        gaps=declared.flag("gaps", default=False),
        every=declared.flag("every", default=False),
        labels_right=read_side(declared),
        required_texts=patterns_of(declared, "says"),
        components=(),
        skip_rows=tuple(read_skip(skip) for skip in declared.tables("skip_rows")),
        skip_columns=tuple(read_column_skip(skip) for skip in declared.tables("skip_columns")),
        key=declared.place.key,
    )
    fixed, components, values, footnotes = (
        declared.table(key) for key in ("fixed", "components", "values", "footnotes")
    )
    notes = declared.tables("notes")
    declared.close()  # a mistyped key first, since what follows from its absence would mislead
    check_position(declared, block)
    check_skips(declared, block)
    block = replace(block, values=read_values(values, flow), footnotes=read_footnotes(footnotes, flow))
    block = replace(block, fixed=read_fixed(fixed, flow), notes=tuple(read_noted(note, flow) for note in notes))
    component_maps = tuple(
        read_component(key, components, block=block, flow=flow, beside=beside) for key in components.values
    )
    block = replace(block, components=component_maps)
    provided = {component_map.component for component_map in block.components} | set(dict(block.fixed))
    only = tuple((name, code) for name, code in only_codes(flow).items() if name not in provided)
    block = replace(block, fixed=(*block.fixed, *only))
    check_complete(declared, block, flow)
    return without_confirmed(block)


def without_confirmed(block: Block) -> Block:
    coded = {component_map.source: {text for text, _ in component_map.codes} for component_map in block.components}

    def is_open(skip: Skip, kind: Kind) -> bool:
        return not (skip.reason.endswith(TO_CONFIRM) and skip.match in coded.get(Source(kind, skip.header), ()))

    rows = tuple(skip for skip in block.skip_rows if is_open(skip, "column"))
    columns = tuple(skip for skip in block.skip_columns if is_open(skip, "header"))
    return replace(block, skip_rows=rows, skip_columns=columns)


def only_codes(flow: Flow) -> dict[str, str]:
    """Return dimensions with a single allowed code, which a mapping need not state."""
    single_codes: dict[str, str] = {}
    for constraint in flow.constraints:
        regions = [region for region in constraint.regions if region.include]
        for selection in regions[0].selections if len(regions) == 1 else ():
            single = len(selection.members) == 1 and selection.include and not selection.members[0].cascade
            codelist = flow.codelist(selection.component)
            is_code = single and (codelist is None or selection.members[0].value in codelist)  # and no wildcard
            if is_code and selection.component in flow.structure.key:
                single_codes[selection.component] = selection.members[0].value
    return single_codes


def read_side(declared: Declared) -> bool:
    side = declared.text("labels", "left")
    if side not in ("left", "right"):
        raise DeclarationError(f"Labels stand left or right, not “{side}”.", declared.at("labels"))
    return side == "right"


def read_sections(declared: Declared) -> tuple[SectionTitle, ...]:
    """Read the levels of section titles; ``true`` means one level of any text alone in its row."""
    if not isinstance(declared.values.get("sections", False), list):
        return (SectionTitle(),) if declared.flag("sections", default=False) else ()
    levels = []
    for section in declared.tables("sections"):
        match, column, indent = (
            pattern_of(section, "match", "*"),
            small_number(section, "column", 1),
            small_number(section, "indent", 0, 0),
        )
        if indent and match != "*":
            hint = "Remove “match”: what stands at this depth is a title, whatever its text."
            raise DeclarationError("A title has a depth or a text, not both.", section.at("indent"), hint)
        levels.append(SectionTitle(match, column, alone=section.flag("alone", default=not indent), indent=indent))
        section.close()
    return tuple(levels)


def check_position(declared: Declared, block: Block) -> None:
    """A block begins at the text of a cell or at the name of a cell, not at both or neither."""
    if bool(block.anchors) == bool(block.cell):
        raise DeclarationError(
            "A block needs either “anchor”, the text of its top left header cell, or “cell”, its name.",
            declared.place,
            'Write anchor = "Year" or cell = "A5".',
        )
    for key, written in (("cell", block.cell), ("last", f"{block.last}1" if block.last.isalpha() else block.last)):
        if written:
            check_cell(declared, key, written)
    if block.every and block.cell:
        raise DeclarationError("Only a text can be found every time.", declared.at("every"), 'Write anchor = "Year".')
    if not block.header_rows and block.anchors:
        hint = "A block without headers begins at a cell, such as cell = “A5”."
        raise DeclarationError("A block with an anchor has a header row.", declared.at("header_rows"), hint)


def check_cell(declared: Declared, key: str, written: str) -> None:
    try:
        row, column = cell_position(written)
    except ValueError:
        row = column = 0
    if not (row and column):
        hint = 'Write its column and row, such as cell = "A5".'
        raise DeclarationError(f"“{written}” is no cell.", declared.at(key), hint)


def read_column_skip(declared: Declared) -> Skip:
    column = declared.text("column", "")
    if column and not LETTERS.fullmatch(column):
        raise DeclarationError(f"“{column}” names no column.", declared.at("column"), "Write its letters, such as F.")
    return replace(read_skip(declared), column=column)


def read_skip(declared: Declared) -> Skip:
    skip = Skip(pattern_of(declared, "match"), declared.text("reason"), header=small_number(declared, "header", 1))
    declared.close()
    return skip


def check_skips(declared: Declared, block: Block) -> None:
    for key, numbers, limit in (
        ("skip_rows", [skip.header for skip in block.skip_rows], block.header_columns),
        ("skip_columns", [skip.header for skip in block.skip_columns], block.header_rows),
        ("sections", [title.column for title in block.sections], block.header_columns),
    ):
        if any(number > limit for number in numbers):
            hint = "Its header counts label columns for rows, and header rows for columns."
            raise DeclarationError(f"A skip names header {limit + 1} or more.", declared.at(key), hint)


def read_fixed(declared: Declared, flow: Flow) -> tuple[tuple[str, str], ...]:
    fixed = declared.pairs()
    for key, value in fixed.items():
        check_code(declared, key, component=component_of(declared, key, flow), code=value, flow=flow)
    return tuple(fixed.items())


def check_complete(declared: Declared, block: Block, flow: Flow) -> None:
    """Every dimension must be fixed, by the mapping or the constraint of its flow, or read from the table."""
    provided = {component_map.component for component_map in block.components} | set(dict(block.fixed))
    missing = [key for key in flow.structure.key if key not in provided]
    if not missing:
        return
    are_several = len(missing) > 1
    named = f"dimension{'s' if are_several else ''} {', '.join(missing)}"
    where = f"where {'each stands' if are_several else 'it stands'} in [block.components.{missing[0]}]"
    raise DeclarationError(
        f"The {named} of {flow.id} {'are' if are_several else 'is'} neither fixed nor read from the table.",
        declared.place,
        f"Add {'them' if are_several else 'it'} to [block.fixed], or say {where}.",
    )
