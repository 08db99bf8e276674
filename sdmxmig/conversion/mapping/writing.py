"""Mapping files written as TOML with comments on uncertain parts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdmxmig.primitives.text import HIDDEN, visible
from sdmxmig.sdmx.model.data import (
    Answered,
    Attributes,
    Block,
    ComponentMap,
    Computed,
    Derived,
    NamedCell,
    SectionTitle,
    Skip,
    TableMapping,
    Values,
)
from sdmxmig.sdmx.model.tables import AUTODETECT, TextFormat

BARE = re.compile(r"[A-Za-z0-9_-]+")
Comments = Mapping[str, Sequence[str]]


def write(mapping: TableMapping, comments: Comments | None = None) -> str:
    """Write a mapping as TOML; reading it gives the same mapping.

    Comments are above their key's section, or below the codes for ``….codes``. Codes from separate files are written
    inline.
    """
    notes = comments or {}
    lines = [*_comments(notes, ""), f"id = {quoted(mapping.id)}"]
    lines += [f"name.{language} = {quoted(text)}" for language, text in mapping.name]
    lines += [f"flow = {quoted(mapping.flow)}", f"file = {quoted(mapping.file)}"]
    if mapping.also:
        lines.append(f"also = [{', '.join(map(quoted, mapping.also))}]")
    if mapping.text != AUTODETECT:
        lines += ["", *_text(mapping.text)]
    for ignored in mapping.ignored:
        lines += ["", "[[ignore]]", *_pairs((("sheet", ignored.sheet), ("cells", ignored.cells)))]
        lines.append(f"reason = {quoted(ignored.reason)}")
    for number, block in enumerate(mapping.blocks, start=1):
        lines += ["", *_block(block, f"block[{number}]", notes)]
    for derived in mapping.derived:
        lines += ["", *_derived(derived)]
    for computed in mapping.computed:
        lines += ["", *_computed(computed)]
    for dropped in mapping.dropped:
        pairs = (("component", dropped.component), ("code", dropped.code), ("reason", dropped.reason))
        lines += ["", "[[drop]]", *_pairs(pairs)]
    lines += answer_lines(mapping.answers)
    return "\n".join(lines) + "\n"


def answer_lines(answers: Iterable[Answered]) -> Iterator[str]:
    for answered in sorted(answers, key=lambda answered: answered.about):
        names = ("sheet", "part", "label", "proposed", "answer")
        yield from ("", "[[answer]]", *_pairs((name, text) for name in names if (text := getattr(answered, name))))


def toml_entry(kind: str, fields: Mapping[str, str | int]) -> str:
    """Write an entry of an array of tables."""
    lines = (f"{name} = {quoted(value) if isinstance(value, str) else value}" for name, value in fields.items())
    return "\n".join([f"[[{kind}]]", *lines])


def quoted(text: str) -> str:
    return HIDDEN.sub(lambda sign: f"\\U{ord(sign[0]):08X}", json.dumps(text, ensure_ascii=False))


def _key(text: str) -> str:
    return text if BARE.fullmatch(text) else quoted(text)


def _pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"{_key(key)} = {quoted(value)}" for key, value in pairs)


def _inline(pairs: Iterable[tuple[str, str]]) -> str:
    return f"{{ {', '.join(_pairs(pairs))} }}"


def _listed(patterns: Sequence[str]) -> str:
    return quoted(patterns[0]) if len(patterns) == 1 else f"[{', '.join(quoted(pattern) for pattern in patterns)}]"


def _comments(notes: Comments, key: str) -> list[str]:
    return [f"# {visible(line)}".rstrip() for text in notes.get(key, ()) for line in text.splitlines()]


def _block(block: Block, key: str, notes: Comments) -> Iterator[str]:
    yield from _comments(notes, key)
    yield "[[block]]"
    yield f"sheet = {quoted(block.sheet)}"
    yield f"anchor = {_listed(block.anchors)}" if block.anchors else f"cell = {quoted(block.cell)}"
    yield f"header_rows = {block.header_rows}"
    yield f"header_columns = {block.header_columns}"
    yield from _extent(block)
    yield from _skips("skip_rows", block.skip_rows)
    yield from _skips("skip_columns", block.skip_columns)
    if block.fixed:
        yield from ("", *_comments(notes, f"{key}.fixed"), "[block.fixed]", *_pairs(block.fixed))
    for component_map in block.components:
        yield ""
        yield from _component(component_map, f"{key}.components.{component_map.component}", notes)
    yield from _values(block.values, f"{key}.values", notes)
    if block.footnotes:
        pairs = (("marks", block.footnotes.marks), ("component", block.footnotes.component))
        yield from ("", "[block.footnotes]", *_pairs(pairs))
    for noted in block.notes:
        pairs_of_note = (f"where = {_inline(noted.where)}", f"set = {_inline(noted.attributes)}")
        yield from ("", "[[block.notes]]", *pairs_of_note)


def _extent(block: Block) -> Iterator[str]:
    for name in ("every", "gaps"):
        if getattr(block, name):
            yield f"{name} = true"
    if block.labels_right:
        yield 'labels = "right"'
    if block.last:
        yield f"last = {quoted(block.last)}"
    for name, patterns in (("until", block.until), ("says", block.required_texts)):
        if patterns:
            yield f"{name} = {_listed(patterns)}"
    if block.sections:
        yield "sections = ["
        for title in block.sections:
            yield f"    {{ {_title(title)} }},"
        yield "]"


def _title(title: SectionTitle) -> str:
    criterion = f"indent = {title.indent}" if title.indent else f"match = {quoted(title.match)}"
    alone = "" if title.alone != bool(title.indent) else f", alone = {str(title.alone).lower()}"
    unless = f", unless = {quoted(title.unless)}" if title.unless else ""
    return f"{criterion}, column = {title.column}{alone}{unless}"


def _skips(name: str, skips: Sequence[Skip]) -> Iterator[str]:
    if not skips:
        return
    yield f"{name} = ["
    for skip in skips:
        header = f", header = {skip.header}" if skip.header > 1 else ""
        column = f", column = {quoted(skip.column)}" if skip.column else ""
        yield f"    {{ match = {quoted(skip.match)}, reason = {quoted(skip.reason)}{header}{column} }},"
    yield "]"


def _component(component_map: ComponentMap, key: str, notes: Comments) -> Iterator[str]:
    yield from _comments(notes, key)
    yield f"[block.components.{_key(component_map.component)}]"
    yield f"from = {quoted(str(component_map.source))}"
    period_format = component_map.periods
    if period_format.patterns:
        yield f"pattern = {_listed(period_format.patterns)}"
    texts = (
        ("take", component_map.take),
        ("empty", component_map.empty),
        ("otherwise", component_map.otherwise),
        ("language", component_map.language),
        ("span", "" if period_format.span == "range" else period_format.span),
        ("year_start", period_format.year_start),
    )
    yield from _pairs((name, text) for name, text in texts if text)
    for name in ("carried", "areas", "fold"):
        if getattr(component_map, name):
            yield f"{name} = true"
    if period_format.months:
        yield f"months = {_inline(period_format.months)}"
    unclear = _comments(notes, f"{key}.codes")
    if component_map.codes or unclear:
        yield f"[block.components.{_key(component_map.component)}.codes]"
        yield from _pairs(component_map.codes)
        yield from unclear


def _values(values: Values, key: str, notes: Comments) -> Iterator[str]:
    texts = (
        ("thousands", values.thousands),
        ("decimal", "" if values.decimal == "." else values.decimal),
        ("sign", "minus" if values.turned else ""),
        ("multiply", values.multiply),
        ("comments", values.comments),
    )
    lines = list(_pairs((name, text) for name, text in texts if text))
    lines += ["as_shown = true"] if values.as_shown else []
    lines += [f"columns = {_listed(values.columns)}"] if values.columns else []
    lines += [f"missing = {_signs(values.missing)}"] if values.missing else []
    lines += [f"numbers = {_inline(values.numbers)}"] if values.numbers else []
    if values.marks:
        marks = ", ".join(f"{_key(mark)} = {_inline(attributes)}" for mark, attributes in values.marks)
        lines.append(f"marks = {{ {marks} }}")
    comment_lines = _comments(notes, key)
    if lines or comment_lines:
        yield from ("", *comment_lines, "[block.values]", *lines)


def _signs(missing: Sequence[tuple[str, Attributes]]) -> str:
    written = []
    for sign, attributes in missing:
        status = dict(attributes)
        plain = len(attributes) == 1 and "OBS_STATUS" in status
        written.append(f"{_key(sign)} = {quoted(status['OBS_STATUS']) if plain else _inline(attributes)}")
    return f"{{ {', '.join(written)} }}"


def _derived(derived: Derived) -> Iterator[str]:
    yield "[[derived]]"
    formula = _formula((sign, _apart(term) if term in derived.labels else term) for sign, term in derived.terms)
    yield from _pairs((("component", derived.component), ("code", derived.code), ("formula", formula)))
    if derived.share_of:
        yield f"share_of = {quoted(derived.share_of)}"
    yield f"decimals = {derived.decimals}"
    if derived.replaces:
        yield "replaces = true"
    if derived.attributes:
        yield f"set = {_inline(derived.attributes)}"


def _computed(computed: Computed) -> Iterator[str]:
    yield "[[computed]]"
    yield f"formula = {quoted(_formula((sign, _cell(cell)) for sign, cell in computed.terms))}"
    yield f"says = {_inline((_cell(cell), text) for cell, text in computed.required_texts)}"
    yield f"fixed = {_inline(computed.fixed)}"


def _formula(terms: Iterable[tuple[int, str]]) -> str:
    return " ".join(f"{'-' if sign < 0 else '+'} {term}" for sign, term in terms).removeprefix("+ ")


def _cell(named_cell: NamedCell) -> str:
    return f"{_apart(named_cell.sheet)}!{named_cell.cell}" if named_cell.sheet else named_cell.cell


def _apart(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _text(written: TextFormat) -> Iterator[str]:
    yield "[text]"
    yield from _pairs((("encoding", written.encoding),) if written.encoding else ())
    yield from _pairs((("delimiter", written.delimiter),) if written.delimiter else ())
    if written.starts:
        yield f"columns = {list(written.starts)}"
    if written.packed:
        yield "packed = true"
