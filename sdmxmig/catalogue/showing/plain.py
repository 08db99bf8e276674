"""Cards as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from unicodedata import combining, east_asian_width

from sdmxmig.catalogue.showing.cards import Card, CardLine
from sdmxmig.primitives.text import visible

WIDTH = 100
INDENT = "  "
WIDEST = 58


def text(card: Card, files: Sequence[str] = ()) -> str:
    """Format a card as lines of text; `files` are its declaration files."""
    lines = [f"{card.kind} {card.name}", card.title]
    lines += [f"status {card.status or 'not stated'}" + (f" · source: {card.source}" if card.source else "")]
    lines += [f"file {file}" for file in files]
    if card.description:
        lines += ["", *wrap(card.description, WIDTH)]
    if card.facts:
        lines += ["", *_facts(card.facts)]
    if card.lines:
        lines += ["", *table(card.columns, card.lines)]
    return "\n".join(map(visible, lines))


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    lines = [columns, *rows]
    widths = [min(max(breadth(line[column]) for line in lines), WIDEST) for column in range(len(columns))]
    for number, line in enumerate(lines):
        yield "  ".join(cell + " " * (width - breadth(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        if not number:
            yield "  ".join("─" * width for width in widths if width)


def _facts(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = min(max(len(label) for label, _ in facts), 30)
    for label, value in facts:
        first, *more = wrap(value, WIDTH - width - 2) or [""]
        yield f"{label:<{width}}  {first}".rstrip()
        yield from (f"{'':<{width}}  {line}" for line in more)


def table(columns: Sequence[str], lines: Sequence[CardLine]) -> Iterator[str]:
    sources = {
        source: number for number, source in enumerate(dict.fromkeys(line.source for line in lines if line.source), 1)
    }
    if not any(line.status or line.source or line.notes for line in lines):
        yield from plain_table(columns, [line.cells for line in lines])
        return
    rows = [(*columns, "status", "")]
    for line in lines:
        first, *cells = line.cells
        status = f"{line.status or '–'}" + (f" [{sources[line.source]}]" if line.source else "")
        notes = "; ".join(f"@{type_} {note}" for type_, note in line.notes)
        rows.append((INDENT * line.depth + first, *cells, status, notes))
    yield from plain_table(rows[0], rows[1:])
    if sources:
        yield ""
        yield from (f"[{number}] {source}" for source, number in sources.items())


def breadth(text: str) -> int:
    """Count the terminal columns that a text takes.

    >>> breadth("Sexe"), breadth("性别")
    (4, 4)
    """
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
