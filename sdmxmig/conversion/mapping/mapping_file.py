"""Mapping files, checked against the dataflow before reading tables."""

from __future__ import annotations

import codecs
import re
from collections import Counter, abc
from collections.abc import Iterable, Iterator

from sdmxmig.conversion.mapping.block_keys import (
    check_code,
    read_attributes,
    read_block,
    read_pattern,
)
from sdmxmig.conversion.mapping.grid import collapse_blanks, parse_range
from sdmxmig.io.encodings import CANDIDATES
from sdmxmig.primitives.errors import DeclarationError, check_known, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Block, DerivedValue, DroppedCode, Flow, IgnoredCells, SavedAnswer, TableMapping
from sdmxmig.sdmx.model.tables import TextFormat

WHOLE_RANGE = "A:XFD"


def load(name: str, content: bytes, flows: abc.Mapping[str, Flow]) -> TableMapping:
    """Read a mapping file (TOML); raise `DeclarationError` with file, key and nearest name, or line and column."""
    declared = Declared.parse_once(name, content)
    flow_id = declared.text("flow")
    check_known("dataflow", flow_id, sorted(flows), declared.at("flow"))
    flow = flows[flow_id]
    for other in declared.strings("also"):
        check_known("dataflow", other, sorted(flows), declared.at("also"))
    blocks = tuple(read_block(block, flow) for block in declared.tables("block"))
    mapping = declared.read(
        TableMapping,
        blocks=blocks,
        ignored=tuple(read_ignored(section) for section in declared.tables("ignore")),
        derived=tuple(read_derived(section, flow, blocks) for section in declared.tables("derived")),
        dropped=tuple(read_dropped(section, flow) for section in declared.tables("drop")),
        text=read_text(declared.table("text")),
        answers=read_answered(declared),
    )
    if not mapping.blocks:
        raise DeclarationError(
            "The mapping has no block.", declared.place, "Describe the table in a section [[block]]."
        )
    return mapping


def read_ignored(declared: Declared) -> IgnoredCells:
    ignored = IgnoredCells(
        read_pattern(declared, "sheet", "*"), declared.text("cells", WHOLE_RANGE), reason=declared.text("reason")
    )
    if parse_range(ignored.cells) is None:
        hint = "Write cells such as A1:F3, columns such as H:K, or rows such as 40:60."
        raise DeclarationError(f"“{ignored.cells}” is not a rectangle of cells.", declared.at("cells"), hint)
    declared.close()
    return ignored


def read_answered(declared: Declared) -> tuple[SavedAnswer, ...]:
    answers: dict[tuple[str, str, str], SavedAnswer] = {}
    for entry in declared.tables("answer"):
        sheet, label, answer = entry.text("sheet", ""), entry.text("label", ""), entry.text("answer").strip()
        answered = entry.read(SavedAnswer, sheet=sheet, label=label, answer=answer)
        if answered.about in answers:
            raise DeclarationError("The same question has two answers.", entry.place, "Keep one of the two.")
        answers[answered.about] = answered
    return tuple(answers.values())


QUOTED_NAME = r"'(?:[^']|'')+'"
SUM_TERM = re.compile(rf"\s*([+-])?\s*({QUOTED_NAME}|[^\s+'-][^\s+']*)")
SUM_HINT = 'Write codes with + and - between blanks, such as formula = "_T - F".'


def read_dropped(declared: Declared, flow: Flow) -> DroppedCode:
    dropped = DroppedCode(read_coded_dimension(declared, flow), declared.text("code"), reason=declared.text("reason"))
    check_code(declared, "code", component=flow.structure[dropped.component], code=dropped.code, flow=flow)
    declared.close()
    return dropped


def read_derived(declared: Declared, flow: Flow, blocks: Iterable[Block]) -> DerivedValue:
    """Read a derived value; a quoted label with a code means that code."""
    component = read_coded_dimension(declared, flow)
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
    for sign, written in parse_terms(declared):
        label = unquote_text(written) if written.startswith("'") else ""
        if label and label not in codes_by_label:
            labels.append(label)
        else:
            codes.append(codes_by_label.get(label, written))
        terms.append((sign, label if label and label not in codes_by_label else codes_by_label.get(label, written)))
    derived = DerivedValue(
        component,
        declared.text("code"),
        terms=tuple(terms),
        attributes=read_attributes(declared.table("set"), flow),
        key=declared.place.key,
        labels=tuple(dict.fromkeys(labels)),
    )
    declared.close()
    for key, code in (("code", derived.code), *(("formula", code) for code in codes)):
        check_code(declared, key, component=flow.structure[component], code=code, flow=flow)
    return derived


def read_coded_dimension(declared: Declared, flow: Flow) -> str:
    name = declared.text("component")
    if name not in flow.structure.key:
        hint = did_you_mean(name, flow.structure.key)
        raise DeclarationError(f"{flow.id} has no dimension “{name}”.", declared.at("component"), hint)
    return name


def parse_terms(declared: Declared) -> Iterator[tuple[int, str]]:
    """Parse the terms of a formula with signs: ``_T - F`` is plus _T, minus F."""
    written = declared.text("formula")
    position, count = 0, 0
    while match := SUM_TERM.match(written, position):
        if not match[1] and count:
            break
        yield -1 if match[1] == "-" else 1, match[2]
        position, count = match.end(), count + 1
    if not count or written[position:].strip():
        raise DeclarationError(f"“{written}” is not a valid formula.", declared.at("formula"), SUM_HINT)


def unquote_text(written: str) -> str:
    """Remove surrounding apostrophes; inner ones are doubled.

    >>> unquote_text("'Côte d''Ivoire'")
    "Côte d'Ivoire"
    """
    return collapse_blanks(written[1:-1].replace("''", "'"))


ESCAPE_ENCODINGS = ("unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined")
"""Python codecs that are not for texts."""
TAB = "tab"


def read_text(declared: Declared) -> TextFormat:
    written = TextFormat(declared.text("encoding", ""), read_delimiter(declared))
    declared.close()
    if written.encoding and not is_encoding(written.encoding):
        names = (name.lower() if is_encoding(name) else codec for name, codec, *_ in CANDIDATES)
        usual = ("utf-8", "utf-16", *names)
        hint = did_you_mean(written.encoding.lower(), usual)
        message = f"“{written.encoding}” is not an encoding."
        raise DeclarationError(
            message, declared.at("encoding"), hint or f"Possible values include: {', '.join(usual)}."
        )
    return written


def is_encoding(name: str) -> bool:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return codec.name not in ESCAPE_ENCODINGS and codec.incrementaldecoder is not None and codec._is_text_encoding


def read_delimiter(declared: Declared) -> str:
    sign = declared.text("delimiter", "")
    sign = "\t" if sign == TAB else sign
    if sign and (len(sign) > 1 or not sign.isascii() or sign.isalnum() or (sign < " " and sign != "\t") or sign == '"'):
        hint = 'Write one sign, such as delimiter = ";", or delimiter = "tab".'
        raise DeclarationError(f"“{sign}” cannot separate fields.", declared.at("delimiter"), hint)
    return sign


SECTION = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)\s*=")


def find_line(lines: abc.Mapping[str, int], key: str) -> int:
    r"""Find the line of a key such as ``block[2].fixed.SEX`` (list items from 1), else of its section, else 0.

    >>> lines = index_key_lines('id = "M"\n[[block]]\nsheet = "*"\n[block.fixed]\nSEX = "_T"\n')
    >>> find_line(lines, "block[1].fixed.SEX"), find_line(lines, "block[1].fixed.AGE"), find_line(lines, "flow")
    (5, 4, 0)
    """
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key, 0)


def index_key_lines(text: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    section = ""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if match := SECTION.fullmatch(line):
            name = match[2]
            if match[1] == "[[":
                counts[name] += 1
            section = number_section(name, counts)
            lines.setdefault(section, number)
        elif match := KEY.match(line):
            name = match[1].strip("\"'")
            lines.setdefault(f"{section}.{name}" if section else name, number)
    return lines


def number_section(name: str, counts: Counter[str]) -> str:
    parts, path = [], ""
    for part in name.split("."):
        path = f"{path}.{part}" if path else part
        parts.append(f"{part}[{counts[path]}]" if counts[path] else part)
    return ".".join(parts)
