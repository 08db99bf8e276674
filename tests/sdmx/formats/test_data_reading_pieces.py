"""Rows of markup are cut into columns piece by piece, and only if every one of them is proved regular."""

from __future__ import annotations

from xml.sax.saxutils import escape

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.sdmx.formats.sdmx_ml.data_reading.pieces import (
    BLANK,
    PLAIN,
    TEXT,
    TemplateField,
    TemplatePiece,
    planned,
    read_rows,
)

TEMPLATE = (
    TemplateField("AREA", 'AREA="', value=PLAIN, always=True),
    TemplateField("TIME", ' TIME="', value=PLAIN, always=True),
    TemplateField("VALUE", ' VALUE="', value=PLAIN, always=True),
    TemplateField("NOTE", ' NOTE="', value=TEXT, always=False),
    TemplateField("STATUS", ' STATUS="', value=PLAIN, always=True),
    TemplateField("FLAG", ' FLAG="', value=PLAIN, always=False),
    f"{BLANK}/>{BLANK}",
)
NAMES = [one.name for one in TEMPLATE if isinstance(one, TemplateField)]
Row = dict[str, str | None]


def markup(row: Row) -> str:
    given = {name: escape(value, {'"': "&quot;"}) for name, value in row.items() if value is not None}
    return " ".join(f'{name}="{value}"' for name, value in given.items()) + "/>\n"


def many(count: int = 100) -> list[Row]:
    return [
        {
            "AREA": f"C{n // 20}",
            "TIME": str(2000 + n % 20),
            "VALUE": str(n * n),
            "NOTE": ['é < & "', " STATUS=", None][n % 3],
            "STATUS": "AP"[n % 2],
            "FLAG": None if n % 5 else "",
        }
        for n in range(count)
    ]


ROWS = many()
SAMPLE = pl.DataFrame(ROWS, schema=dict.fromkeys(NAMES, pl.String))
PIECES = planned(TEMPLATE, SAMPLE)


def read(texts: list[str], pieces: tuple[TemplatePiece, ...] = PIECES) -> list[dict[str, str | None]] | None:
    found = read_rows(pl.Series(texts, dtype=pl.String), pieces)
    return None if found is None else found.select(NAMES).rows(named=True)


def test_repeating_parts_share_a_piece_and_values_have_their_own() -> None:
    names = [[field.name for field in piece.fields] for piece in PIECES]
    assert names == [["AREA"], ["TIME"], ["VALUE"], ["NOTE", "STATUS", "FLAG"]]
    assert [piece.is_value for piece in PIECES] == [False, False, True, False]
    assert [piece.repeats for piece in PIECES] == [True, True, False, True]


def test_rows_in_pieces_are_the_rows() -> None:
    texts = [markup(row) for row in ROWS]
    assert read(texts) == ROWS
    assert read(texts, (TemplatePiece(TEMPLATE),)) == ROWS
    assert read([]) == []


@given(st.lists(st.tuples(st.text(st.sampled_from("aé&<>\"'= /"), max_size=8), st.booleans()), min_size=1, max_size=30))
def test_any_text_comes_back(values: list[tuple[str, bool]]) -> None:
    texts, rows = [], []
    for number, (value, given_note) in enumerate(values):
        rows.append({**ROWS[number], "NOTE": value if given_note else None})
        texts.append(markup(rows[-1]))
    assert read(texts) == rows
    assert read(texts, (TemplatePiece(TEMPLATE),)) == rows


@given(
    st.integers(0, 79), st.sampled_from(['"', "<", ">", "&", " ", "=", "/", "\x01", "\n", ' TIME="', ' VALUE="1"', "A"])
)
def test_irregular_row_has_the_same_result_in_pieces_and_whole(at: int, inserted: str) -> None:
    texts = [markup(row) for row in ROWS]
    texts[7] = texts[7][:at] + inserted + texts[7][at:]
    assert read(texts) == read(texts, (TemplatePiece(TEMPLATE),))


def test_a_pattern_that_is_too_large_fits_nothing() -> None:
    template = tuple(TemplateField(f"A{number}", f' A{number}="', value=TEXT, always=True) for number in range(3_000))
    assert TemplatePiece(template).read(pl.Series([""])) is None
