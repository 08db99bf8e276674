"""The mapping file: every key is checked against the flow before a table is touched."""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Callable
from dataclasses import replace

from sdmxmig.declarations import Declared
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.mapping.block_keys import read_block
from sdmxmig.mapping.checks import attributes_of, between, check_code, pattern_of
from sdmxmig.mapping.rectangles import rectangle
from sdmxmig.model.data import Derived, Dropped, Flow, Ignored, Mapping

TERM = re.compile(r"\s*([+-])?\s*([^\s+-][^\s+]*)")


def load(
    name: str, content: bytes, flows: abc.Mapping[str, Flow], beside: Callable[[str], bytes] | None = None
) -> Mapping:
    """Read a mapping file (TOML): which cells of a workbook are which observations of a dataflow.

    `name` is the file's name in messages; `beside` gives the bytes of a list of codes that stands beside the file.
    Raises `DeclarationError` with the file and key, and the nearest known name, for anything that the flow does not
    know or that is missing; with line and column if it is no TOML.
    """
    declared = Declared.parse(name, content)
    flow_id = declared.text("flow")
    if flow_id not in flows:
        raise DeclarationError(
            f"There is no dataflow “{flow_id}”.", declared.at("flow"), did_you_mean(flow_id, sorted(flows))
        )
    flow = flows[flow_id]
    mapping = Mapping(
        declared.text("id"),
        flow_id,
        declared.text("file"),
        tuple(read_block(block, flow, beside) for block in declared.tables("block")),
        declared.texts("name"),
        declared.place,
    )
    mapping = replace(
        mapping,
        ignored=tuple(read_ignored(one) for one in declared.tables("ignore")),
        derived=tuple(read_derived(one, flow) for one in declared.tables("derived")),
        dropped=tuple(read_dropped(one, flow) for one in declared.tables("drop")),
    )
    declared.close()
    if not mapping.blocks:
        raise DeclarationError(
            "The mapping has no block.", declared.place, "Describe the table in a section [[block]]."
        )
    return mapping


def read_ignored(declared: Declared) -> Ignored:
    """Cells outside the blocks that are left out on purpose."""
    one = Ignored(pattern_of(declared, "sheet", "*"), declared.text("cells"), declared.text("reason"))
    if rectangle(one.cells) is None:
        hint = "Write cells such as A1:F3, columns such as H:K, or rows such as 40:60."
        raise DeclarationError(f"“{one.cells}” is no rectangle of cells.", declared.at("cells"), hint)
    declared.close()
    return one


def read_dropped(declared: Declared, flow: Flow) -> Dropped:
    """Observations that are left out by their code."""
    one = Dropped(coded_dimension(declared, flow), declared.text("code"), declared.text("reason"))
    check_code(declared, "code", flow.structure[one.component], one.code, flow)
    declared.close()
    return one


def read_derived(declared: Declared, flow: Flow) -> Derived:
    """Values that follow from others."""
    component = coded_dimension(declared, flow)
    one = Derived(
        component,
        declared.text("code"),
        terms_of(declared),
        declared.text("share_of", ""),
        between(declared, "decimals", 1, 0),
        declared.flag("replaces", default=False),
        attributes_of(declared.table("set"), flow),
        declared.place.key,
    )
    declared.close()
    for key, code in (("code", one.code), ("share_of", one.share_of), *(("formula", code) for _, code in one.terms)):
        if code:
            check_code(declared, key, flow.structure[component], code, flow)
    return one


def coded_dimension(declared: Declared, flow: Flow) -> str:
    """The dimension that a derived or dropped code belongs to."""
    name = declared.text("component")
    if name not in flow.structure.key:
        hint = did_you_mean(name, flow.structure.key)
        raise DeclarationError(f"{flow.id} has no dimension “{name}”.", declared.at("component"), hint)
    return name


def terms_of(declared: Declared) -> tuple[tuple[int, str], ...]:
    """The codes of a formula with their signs: ``_T - F`` is plus _T, minus F."""
    written = declared.text("formula")
    terms: list[tuple[int, str]] = []
    position = 0
    while found := TERM.match(written, position):
        if not found[1] and terms:
            break
        terms.append((-1 if found[1] == "-" else 1, found[2]))
        position = found.end()
    if not terms or written[position:].strip():
        hint = 'Write codes with + and - between blanks, such as formula = "_T - F".'
        raise DeclarationError(f"“{written}” is no sum of codes.", declared.at("formula"), hint)
    return tuple(terms)
