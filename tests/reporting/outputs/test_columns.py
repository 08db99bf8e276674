"""Tables set the width of their columns: no word is broken, and long texts get the room."""

from __future__ import annotations

from lxml import html

from sdmxmig.reporting.outputs.pdf import compute_column_widths

LONG = "Border crossings recorded by the ministry, matched with the register of population once a year. " * 3


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<td>{text}</td>" for text in row) for row in rows)
    return f"<table><caption>C</caption>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def widths(*rows: tuple[str, ...]) -> list[float]:
    elements = list(html.fragment_fromstring(table(*rows)).iter("tr"))
    return compute_column_widths(elements, len(rows[0]))


def test_columns_of_long_texts_get_the_remaining_width() -> None:
    answer, text, mark = widths(("Yes", LONG, "B"), ("No", "Short.", "A"))
    assert abs(answer + text + mark - 1) < 1e-9
    assert text > 0.8


def test_column_is_as_wide_as_its_longest_word() -> None:
    narrow, _ = widths(("ok", LONG), ("ok", LONG))
    wide, _ = widths(("ok", LONG), ("internationally", LONG))
    assert wide > 3 * narrow


def test_number_with_a_long_note_has_a_readable_width() -> None:
    words = ("internationally",) * 6
    rows = html.fragment_fromstring(
        table(words, words).replace(
            "</td></tr>", f"</td><td class=number>1,608<span class=cell-note>{LONG}</span></td></tr>"
        )
    )
    assert compute_column_widths(list(rows.iter("tr")), 7)[-1] > 0.14


def test_columns_of_similar_texts_have_similar_widths() -> None:
    first, second = widths((LONG, LONG), (LONG, LONG))
    assert abs(first - second) < 0.06
