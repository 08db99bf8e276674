"""Summaries of results at prompts and in notebooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol, TypeVar

from sdmxmig.primitives.text import escape_invisible

MAX_WIDTH = 110
"""Maximum width of a summary; longer texts are cut."""
CUT_MARK = "…"
MAX_CELL_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Summary:
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: str = ""


class Summarised(Protocol):
    def summary(self) -> Summary:
        """Return a summary in a few lines."""


Kind = TypeVar("Kind", bound=type)


def add_summary(kind: Kind) -> Kind:
    shows: dict[str, Callable[[Summarised], str]] = {"__repr__": format_as_text, "_repr_html_": format_as_html}
    for name, show in shows.items():
        setattr(kind, name, show)
    return kind


def format_as_text(result: Summarised) -> str:
    summary = result.summary()
    width = max((len(label) for label, _ in summary.facts), default=0)
    lines = [summary.title, *(f"  {label:<{width}}  {text}" for label, text in summary.facts)]
    if summary.rows:
        lines += [
            f"  {line}" for line in _align_rows([summary.columns, *summary.rows] if summary.columns else summary.rows)
        ]
    if summary.more:
        lines.append(f"  {summary.more}")
    return "\n".join(cut(escape_invisible(line.rstrip())) for line in lines)


def _align_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    rows = [[cut(cell, MAX_CELL_WIDTH) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]


def format_as_html(result: Summarised) -> str:
    summary = result.summary()
    parts = [f"<div><strong>{_escape_cell(summary.title)}</strong>"]
    if summary.facts:
        cells = (
            f'<tr><th scope="row" style="text-align:start">{_escape_cell(label)}</th><td>{_escape_cell(text)}</td></tr>'
            for label, text in summary.facts
        )
        parts.append(f"<table>{''.join(cells)}</table>")
    if summary.rows:
        head = "".join(f'<th scope="col">{_escape_cell(column)}</th>' for column in summary.columns)
        body = "".join(f"<tr>{''.join(f'<td>{_escape_cell(cell)}</td>' for cell in row)}</tr>" for row in summary.rows)
        parts.append(f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>")
    if summary.more:
        parts.append(f"<p>{_escape_cell(summary.more)}</p>")
    return "".join([*parts, "</div>"])


def _escape_cell(text: str) -> str:
    return escape(cut(escape_invisible(text)))


def cut(text: str, widest: int = MAX_WIDTH) -> str:
    """Shorten a text to a readable length.

    >>> cut("DF_POP")
    'DF_POP'
    """
    return text if len(text) <= widest else f"{text[: widest - len(CUT_MARK)]}{CUT_MARK}"


def list_some(names: Sequence[str], most: int = 8) -> str:
    """List some names in one line, with the number of others.

    >>> list_some(["A", "B", "C"], most=2)
    'A, B and 1 more'
    """
    more = len(names) - most
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:most])} and {more} more"
