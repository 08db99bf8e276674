"""Regular rows of markup, verified by regular expressions and cut into columns.

A row is a template of fixed markup and fields. It is cut into pieces that repeat often, so only their distinct texts
need to be parsed. If every piece matches its part of the template, the whole row matches. The order of attributes or
values is learned from the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from graphlib import CycleError, TopologicalSorter

import polars as pl

QUOTE = '"'

SLOT_NAME = "field_{}"
MIN_REPEATED = 4
"""A piece repeats if a sample has at most one distinct text per so many rows."""
TEXT_PATTERN = r'(?:[^"<&\x00-\x1F\x{FFFE}\x{FFFF}]|&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)*'
"""A quoted value that needs no normalisation: spaces only, complete references."""


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A field in a row: `mark` is the markup up to its quotation mark.

    `before`, `after` and `value` are regular expressions. Unless `always`, the field is optional and recognised by the
    last text of its mark that contains its name.
    """

    name: str
    mark: str
    _: KW_ONLY
    value: str
    always: bool
    before: str = ""
    after: str = ""

    @property
    def anchor(self) -> tuple[int, str]:
        parts = self.mark.split(QUOTE)
        back = min(len(parts) - 1, 2)
        return back, parts[-1 - back]

    @property
    def pattern(self) -> str:
        whole = f'{self.before}{re.escape(self.mark)}{self.value}"{self.after}'
        return whole if self.always else f"(?:{whole})?"


TemplateItem = str | TemplateField
Template = tuple[TemplateItem, ...]
"""Regular expressions of fixed markup without quotation marks, and fields."""


def list_fields(template: Iterable[TemplateItem]) -> list[TemplateField]:
    return [item for item in template if isinstance(item, TemplateField)]


@dataclass(frozen=True, slots=True)
class TemplatePiece:
    """A part of a template up to the literal text `until`, which is removed.

    It may begin inside the field `opening`. `repeats` means that its texts recur.
    """

    template: Template
    opening: TemplateField | None = None
    _: KW_ONLY
    until: str = ""
    repeats: bool = False
    slots: dict[str, tuple[int, ...]] = field(init=False)
    pattern: str = field(init=False)

    def __post_init__(self) -> None:
        slots: dict[str, tuple[int, ...]] = {}
        pattern, slot, left_out, step = "", 0, 0, 0
        if self.opening:
            slots[self.opening.name] = (0,)
            pattern, slot = self.opening.value, 1
            if not self.is_value:
                pattern += QUOTE + self.opening.after
        for item in self.template:
            if isinstance(item, str):
                pattern += item
                continue
            pattern += item.pattern
            width = item.mark.count(QUOTE) + 1
            slot_index = slot + width - 1
            slots[item.name] = tuple(slot_index + number * step for number in range(left_out + 1))
            if item.always:
                slot += width
            else:  # optional fields all have the same width
                left_out, step = left_out + 1, width
        object.__setattr__(self, "slots", slots)
        object.__setattr__(self, "pattern", pattern)

    @property
    def is_value(self) -> bool:
        return self.until == QUOTE

    @property
    def fields(self) -> list[TemplateField]:
        return [*([self.opening] if self.opening else []), *list_fields(self.template)]

    def read(self, texts: pl.Series) -> pl.DataFrame | None:
        distinct = texts.unique(maintain_order=True) if self.repeats else texts
        if distinct.len() * 2 > texts.len():
            return self._cut(texts)
        columns = self._cut(distinct)
        if columns is None or not columns.width:
            return columns
        return columns.select(pl.all().gather(texts.cast(pl.Enum(distinct)).to_physical()))

    def _cut(self, texts: pl.Series) -> pl.DataFrame | None:
        if not match_all(self.pattern, texts):
            return None
        fields = self.fields
        if self.is_value:
            frame = texts.to_frame(fields[0].name)
        else:
            width = max((slot for slots in self.slots.values() for slot in slots), default=0) + 1
            slots = texts.str.split_exact(QUOTE, width).struct.unnest()
            frame = slots.select(self._column(field) for field in fields)
        return replace_references(frame, [field.name for field in fields if field.value == TEXT_PATTERN])

    def _column(self, field: TemplateField) -> pl.Expr:
        slots = self.slots[field.name]
        if field.always and len(slots) == 1:
            return pl.col(SLOT_NAME.format(slots[0])).alias(field.name)
        back, text = field.anchor
        values = [
            pl.when(pl.col(SLOT_NAME.format(slot - back)) == text).then(pl.col(SLOT_NAME.format(slot)))
            for slot in slots
        ]
        return pl.coalesce(values).alias(field.name)


def plan_pieces(template: Template, sample: pl.DataFrame) -> tuple[TemplatePiece, ...]:
    """Choose the pieces of a template from a sample, each with as many fields as possible but few distinct texts."""
    few = sample.height // MIN_REPEATED

    def repeat(fields: Sequence[TemplateField]) -> bool:
        return not fields or sample.select(field.name for field in fields).unique().height <= few

    pieces: list[TemplatePiece] = []
    opening: TemplateField | None = None
    items: list[TemplateItem] = []
    for item in template:
        fields_so_far = [*([opening] if opening else []), *list_fields(items)]
        if isinstance(item, str) or not item.always or repeat([*fields_so_far, item]):
            items.append(item)
            continue
        pieces.append(TemplatePiece((*items, item.before), opening, until=item.mark, repeats=repeat(fields_so_far)))
        opening, items = item, []
        if not repeat([item]):
            pieces.append(TemplatePiece((), opening, until=QUOTE))
            opening, items = None, [item.after]
    last_piece = TemplatePiece(tuple(items), opening)
    return (*pieces, TemplatePiece(last_piece.template, opening, until="", repeats=repeat(last_piece.fields)))


def read_rows(rows: pl.Series, pieces: Sequence[TemplatePiece]) -> pl.DataFrame | None:
    """Read the columns of rows; None if a row may be irregular."""
    frames: list[pl.DataFrame] = []
    for piece in pieces:
        texts = rows
        if piece.until:
            texts, rows = rows.str.splitn(piece.until, 2).struct.unnest().get_columns()
            if rows.null_count():
                return None
        columns = piece.read(texts)
        if columns is None:
            return None
        frames.append(columns)
    return pl.concat((frame for frame in frames if frame.width), how="horizontal")


def match_all(pattern: str, texts: pl.Series) -> bool:
    try:
        return texts.str.contains(rf"\A(?:{pattern})\z").all()
    except pl.exceptions.ComputeError:
        return False


def replace_references(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame | None:
    """Replace character references in columns; None if one is invalid."""
    replaced = []
    for name in names:
        column = frame[name]
        referring = column.filter(column.str.contains("&", literal=True).fill_null(value=False)).unique()
        if not referring.len():
            continue
        texts = [decode_value(value) for value in referring]
        if None in texts:
            return None
        replaced.append(column.replace(referring, pl.Series(texts, dtype=pl.String)))
    return frame.with_columns(replaced)


BESIDE = "\x01"
"""Replaces a comment or a CDATA section of blanks; XML cannot contain this character."""
COMMENT_CHARACTER = r"[^-<\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
COMMENT_PATTERN = rf"<!--{COMMENT_CHARACTER}*(?:-{COMMENT_CHARACTER}+)*-->|<!\[CDATA\[[ \t\r\n]*\]\]>"
BLANK_PATTERN = r"[ \t\r\n]*"
GAP = rf"[ \t\r\n{BESIDE}]*"
PLAIN_CHARACTER = r'[^"<&\x00-\x1F\x{FFFE}\x{FFFF}]*'
ENTITY_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]+)|#x([0-9A-Fa-f]+));")
NAMED_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def build_end_pattern(tag: str) -> str:
    return f"{BLANK_PATTERN}(?:/>|>{GAP}</{re.escape(tag)}{BLANK_PATTERN}>)"


def sort_attributes(rows: pl.Series, blanks: tuple[str, str, str], tag: str) -> pl.Series | None:
    """Sort the attributes of rows and put `blanks` around them; None if uncertain."""
    first, equals, between = blanks
    attributes = rows.str.strip_chars_end(f" \t\r\n{BESIDE}</>{tag}")
    if not (attributes.str.ends_with(QUOTE) & attributes.str.starts_with(first)).all():
        return None
    ends = rows.str.tail(rows.str.len_chars() - attributes.str.len_chars())
    parts = attributes.str.strip_prefix(first).str.strip_suffix(QUOTE).str.split(f"{QUOTE}{between}")
    joined = parts.list.eval(pl.element().sort()).list.join(f"{QUOTE}{between}")
    if joined.str.contains(f"{equals}{QUOTE}{between}", literal=True).any():  # a value may begin there
        return None
    return pl.select(pl.format(f'{between}{{}}"{{}}', joined, ends)).to_series()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSequence:
    """Names in order; those in `always` are never omitted.

    Values of `referring` names may contain references such as ``&amp;``. `is_sorted`: elements have different orders.
    """

    names: tuple[str, ...] = ()
    always: frozenset[str] = frozenset()
    referring: frozenset[str] = frozenset()
    is_sorted: bool = False

    def value(self, name: str) -> str:
        return TEXT_PATTERN if name in self.referring else PLAIN_CHARACTER


def merge_name_orders(old: NameSequence | None, samples: Iterable[tuple[tuple[str, str], ...]]) -> NameSequence | None:
    """Merge samples into a common order, an ampersand marking references; None if names repeat."""
    listed = sorted(set(samples))
    sequences = [tuple(name for name, _ in names) for names in listed]
    if any(len(set(names)) < len(names) for names in sequences):
        return None
    above: dict[str, set[str]] = {}
    for names in [old.names, *sequences] if old else sequences:
        for index, name in enumerate(names):
            above.setdefault(name, set()).update(names[max(index - 1, 0) : index])
    try:
        order = tuple(
            TopologicalSorter({name: sorted(predecessors) for name, predecessors in above.items()}).static_order()
        )
        is_sorted = old is not None and old.is_sorted
    except CycleError:
        order, is_sorted = tuple(above), True
    common = [set(names) for names in sequences] + ([set(old.always)] if old else [])
    referring = {name for names in listed for name, reference in names if reference}
    referring |= old.referring if old else set()
    always = frozenset(set.intersection(*common)) if common else frozenset[str]()
    return NameSequence(names=order, always=always, referring=frozenset(referring), is_sorted=is_sorted)


def decode_value(text: str) -> str | None:
    """Decode the references in a value; None for invalid characters.

    >>> decode_value("a &lt; &#233; &#x41;")
    'a < é A'
    """
    wrong = False

    def character(match: re.Match[str]) -> str:
        nonlocal wrong
        name, decimal, hexadecimal = match.groups()
        if name:
            return NAMED_ENTITIES[name]
        point = int(decimal or hexadecimal, 10 if decimal else 16)
        fine = (
            point in (9, 10, 13) or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or 0x10000 <= point <= 0x10FFFF
        )
        wrong |= not fine
        return chr(point) if fine else ""

    text = ENTITY_REFERENCE.sub(character, text)
    return None if wrong else text
