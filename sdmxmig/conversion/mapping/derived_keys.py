"""Keys of derived, computed and omitted values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sdmxmig.conversion.mapping.block_keys import read_fixed
from sdmxmig.conversion.mapping.checks import attributes_of, check_code, small_number
from sdmxmig.conversion.mapping.texts import folded
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Block, Computed, Derived, Dropped, Flow, NamedCell

QUOTED = r"'(?:[^']|'')+'"
TERM = re.compile(rf"\s*([+-])?\s*({QUOTED}|[^\s+'-][^\s+']*)")
CELL = re.compile(rf"(?:({QUOTED}|[^\s'!]+)!)?\$?([A-Za-z]{{1,3}})\$?([1-9]\d{{0,6}})")
CELL_TERM = re.compile(rf"\s*([+-])?\s*((?:(?:{QUOTED}|[^\s'!+-]+)!)?\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}})(?=[\s+-]|$)")
CELLS = "Write cells with + and -, such as formula = \"'Table 1'!C14 - 'Table 1'!C15\"."


def read_dropped(declared: Declared, flow: Flow) -> Dropped:
    dropped = Dropped(coded_dimension(declared, flow), declared.text("code"), reason=declared.text("reason"))
    check_code(declared, "code", component=flow.structure[dropped.component], code=dropped.code, flow=flow)
    declared.close()
    return dropped


def read_derived(declared: Declared, flow: Flow, blocks: Iterable[Block]) -> Derived:
    """Read a derived value; a quoted label that has a code means that code."""
    component = coded_dimension(declared, flow)
    codes_by_label = {
        text: code
        for block in blocks
        for component_map in block.components
        if component_map.component == component
        for text, code in component_map.codes
    }
    terms: list[tuple[int, str]] = []
    labels: list[str] = []
    codes: list[str] = []
    for sign, written in terms_of(
        declared, TERM, 'Write codes with + and - between blanks, such as formula = "_T - F".'
    ):
        label = unquoted(written) if written.startswith("'") else ""
        if label and label not in codes_by_label:
            labels.append(label)
        else:
            codes.append(codes_by_label.get(label, written))
        terms.append((sign, label if label and label not in codes_by_label else codes_by_label.get(label, written)))
    derived = Derived(
        component,
        declared.text("code"),
        terms=tuple(terms),
        share_of=declared.text("share_of", ""),
        decimals=small_number(declared, "decimals", 1, 0),
        replaces=declared.flag("replaces", default=False),
        attributes=attributes_of(declared.table("set"), flow),
        key=declared.place.key,
        labels=tuple(dict.fromkeys(labels)),
    )
    declared.close()
    for key, code in (("code", derived.code), ("share_of", derived.share_of), *(("formula", code) for code in codes)):
        if code:
            check_code(declared, key, component=flow.structure[component], code=code, flow=flow)
    return derived


def coded_dimension(declared: Declared, flow: Flow) -> str:
    name = declared.text("component")
    if name not in flow.structure.key:
        hint = did_you_mean(name, flow.structure.key)
        raise DeclarationError(f"{flow.id} has no dimension “{name}”.", declared.at("component"), hint)
    return name


def terms_of(declared: Declared, term: re.Pattern[str], hint: str) -> Iterator[tuple[int, str]]:
    """Parse the terms of a formula with signs: ``_T - F`` is plus _T, minus F."""
    written = declared.text("formula")
    position, count = 0, 0
    while match := term.match(written, position):
        if not match[1] and count:
            break
        yield -1 if match[1] == "-" else 1, match[2]
        position, count = match.end(), count + 1
    if not count or written[position:].strip():
        raise DeclarationError(f"“{written}” is no such sum.", declared.at("formula"), hint)


def unquoted(written: str) -> str:
    """Remove surrounding apostrophes; inner ones are doubled.

    >>> unquoted("'Côte d''Ivoire'")
    "Côte d'Ivoire"
    """
    return folded(written[1:-1].replace("''", "'"))


def read_computed(declared: Declared, flow: Flow) -> Computed:
    """One observation that is a sum of cells."""
    terms = tuple((sign, named_cell(declared, "formula", cell)) for sign, cell in terms_of(declared, CELL_TERM, CELLS))
    fixed, says = declared.table("fixed", required=True), declared.table("says", required=True)
    computed = Computed(terms, read_fixed(fixed, flow), required_texts=read_cell_texts(says), key=declared.place.key)
    declared.close()
    missing = [name for name in flow.structure.key if name not in dict(computed.fixed)]
    if missing:
        hint = f"Add it to {fixed.place.key}."
        raise DeclarationError(f"The dimension {missing[0]} of {flow.id} is not fixed.", fixed.place, hint)
    if not computed.required_texts:
        hint = 'Write a text that stands beside them, such as says = { A14 = "Net migration" }.'
        raise DeclarationError("Nothing says that these are still the right cells.", says.place, hint)
    return computed


def read_cell_texts(declared: Declared) -> tuple[tuple[NamedCell, str], ...]:
    return tuple((named_cell(declared, cell, cell), text) for cell, text in declared.pairs().items())


def named_cell(declared: Declared, key: str, written: str) -> NamedCell:
    """Parse a cell in spreadsheet notation: ``C14``, ``Summary!C14``, ``'Table 1'!$C$14``."""
    match = CELL.fullmatch(written)
    if not match:
        raise DeclarationError(f"“{written}” is no cell.", declared.at(key), CELLS)
    sheet = match[1] or ""
    return NamedCell(unquoted(sheet) if sheet.startswith("'") else sheet, f"{match[2].upper()}{match[3]}")
