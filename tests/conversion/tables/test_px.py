"""PC-Axis files: numbers at the place of their labels, and every keyword of every language."""

from __future__ import annotations

import pytest
from case_tables import cases_from, text_from
from folders import SHARED

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Table

PUBLISHED = SHARED / "tables" / "px"

CUBE = text_from("conversion/cases/px_cube.txt")


def only(text: str, codec: str = "cp1252") -> Table:
    data, _ = read("a.px", text.encode(codec))
    return data


def test_px_cube_is_independent_of_line_ends() -> None:
    data = only(CUBE)
    assert data.sheet == "data"
    assert data.rows == {
        1: {1: "Invandrare efter region, kön och år"},
        2: {1: "antal"},
        3: {1: "CODES(region)", 2: "region", 3: "CODES(kön)", 4: "kön", 5: "2022", 6: "2023", 7: "2024"},
        4: {1: "0114", 2: "Upplands Väsby", 3: "1", 4: "män", 5: "12", 6: "-3", 7: ".."},
        5: {1: "0114", 2: "Upplands Väsby", 3: "2", 4: "kvinnor", 5: "4.50", 6: "0", 7: "-"},
        6: {1: "2321", 2: "Åre; fjällen", 3: "1", 4: "män", 5: "7", 6: "8", 7: "9"},
        7: {1: "2321", 2: "Åre; fjällen", 3: "2", 4: "kvinnor", 5: "10", 6: "11", 7: "12"},
    }
    assert data.numeric == {(4, 5), (4, 6), (5, 5), (5, 6), *((r, column) for r in (6, 7) for column in (5, 6, 7))}
    assert data.detected == (("encoding", "windows-1252"), ("DATA begin in line", "27"))


def test_notes_are_attached_to_their_subject() -> None:
    assert only(CUBE).notes == {
        (1, 1): ("Alla.\nUtom turister.", "31 december"),
        (6, 2): ("Ny gräns",),
        (4, 7): ("Preliminär",),
        (6, 7): ("Preliminär",),
    }


def test_keywords_of_all_languages_are_listed_with_their_lines() -> None:
    _, keywords = read("a.px", CUBE.encode("cp1252"))
    rows = [tuple(keywords.text(row, column) for column in range(1, 7)) for row in range(1, keywords.last_row + 1)]
    assert rows[0] == ("KEYWORD", "LANGUAGE", "LINE", "VALUE", "ABOUT", "")
    assert ("TITLE", "", "6", "Invandrare efter region, kön och år", "", "") in rows
    assert ("TITLE", "en", "8", "Immigrants by region, sex and year", "", "") in rows
    assert ("VALUES", "en", "15", "Åre", "region", "") in rows
    assert ("PRECISION", "", "21", "1", "kön", "män") in rows
    assert ("TIMEVAL", "", "20", "TLIST(A1)", "år", "") in rows


def test_rows_that_are_named_by_keys_are_at_their_place() -> None:
    head, _, _ = CUBE.partition("DATA=")
    head += 'KEYS("region")=CODES;\nKEYS("kön")=VALUES;\n'
    data = only(head + 'DATA="2321","kvinnor",1 2 3\n"0114","män",4 5 ".."\n;')
    assert [data.text(7, column) for column in (2, 4, 5, 6, 7)] == ["Åre; fjällen", "kvinnor", "1", "2", "3"]
    assert [data.text(4, column) for column in (5, 6, 7)] == ["4", "5", ".."]
    assert data.text(5, 5) == ""
    assert ("rows omitted from the file, which are zero in this format", "2") in data.detected
    with pytest.raises(InputError, match="“9999” of DATA is not among the CODES"):
        only(head + 'DATA="9999","män",1 2 3;')
    with pytest.raises(InputError, match="same keys"):
        only(head + 'DATA="0114","män",1 2 3 "0114","män",1 2 3;')


def test_periods_given_as_a_span_are_listed() -> None:
    text = 'STUB="q";\nTIMEVAL("q")=TLIST(Q1,"20224"-"20231");\nCONTENTS="Births";\nDATA=1 2;'
    data, _ = read("a.px", b'CHARSET="ANSI";\n' + text.encode())
    assert data.rows == {1: {1: "q", 2: "Births"}, 2: {1: "20224", 2: "1"}, 3: {1: "20231", 2: "2"}}


def test_periods_beside_other_names_are_codes() -> None:
    text = 'HEADING="q";\nVALUES("q")="2022 kv 4","2023 kv 1";\nTIMEVAL("q")=TLIST(Q1),"20224","20231";\nDATA=1 2;'
    data, _ = read("a.px", b'CHARSET="ANSI";\n' + text.encode())
    assert data.rows[1] == {1: "CODES(q)", 2: "20224", 3: "20231"}
    assert data.rows[2] == {1: "q", 2: "2022 kv 4", 3: "2023 kv 1"}
    assert data.rows[3] == {1: "DATA", 2: "1", 3: "2"}


def with_statements(text: str) -> Table:
    """The cube with more statements before its data."""
    return only(CUBE.replace("DATA=", f"{text}\nDATA="))


def formats(table: Table) -> dict[tuple[int, int], str]:
    rows = table.cells.select("row", "column", "format").drop_nulls().rows()
    return {(row, column): table.formats[code] for row, column, code in rows}


def test_numbers_show_as_many_decimals_as_the_file_says() -> None:
    men = {(4, 5): "0.0", (4, 6): "0.0", (6, 5): "0.0", (6, 6): "0.0", (6, 7): "0.0"}
    assert formats(only(CUBE)) == men, "PRECISION of a value, for numbers only"
    women = [(5, 5), (5, 6), *((7, column) for column in (5, 6, 7))]
    assert formats(with_statements("DECIMALS=2;")) == men | dict.fromkeys(women, "0.00")
    assert formats(with_statements("SHOWDECIMALS=0;\nDECIMALS=2;")) == men | dict.fromkeys(women, "0")
    both = formats(with_statements('PRECISION("år","2023")=3;'))
    assert both == men | {(row, 6): "0.000" for row in (4, 5, 6, 7)}
    content = with_statements('CONTVARIABLE="kön";\nPRECISION("kvinnor")=4;')
    assert formats(content) == men | dict.fromkeys(women, "0.0000")
    assert formats(with_statements("DECIMALS=many;")) == men


def test_language_of_the_file_is_optional() -> None:
    named = only(CUBE.replace("STUB=", "STUB[sv]=").replace('VALUES("region")', 'VALUES[sv]("region")'))
    assert named.rows == only(CUBE).rows
    twice = with_statements('NOTE[sv]="Alla.#Utom turister.";\nNOTE[en]="All.";\nNOTE[sv]("kön")="Juridiskt kön";')
    assert twice.notes == {**only(CUBE).notes, (3, 4): ("Juridiskt kön",)}


def test_notes_name_cells_by_values_or_codes() -> None:
    data = with_statements(
        'DATANOTECELL("0114","män","2022")="E";\nDATANOTE("kön","kvinnor")="Ny";\nCELLNOTEX("*","2","2024")="Rev.##Prel.";\n'
        'ATTRIBUTE-ID="QUALITY","SOURCE";\nATTRIBUTES("Åre; fjällen","män","2022")="B","";\n'
        'DATANOTECELL("*","*","*")="Alla";\nCELLNOTE("0114","män")="Fel";'
    )
    added = {cell: texts[len(only(CUBE).notes.get(cell, ())) :] for cell, texts in data.notes.items()}
    assert {cell: texts for cell, texts in added.items() if texts} == {
        (4, 5): ("E",),
        (5, 4): ("Ny",),
        (5, 7): ("Rev.", "Prel."),
        (7, 7): ("Rev.", "Prel."),
        (6, 5): ("QUALITY: B",),
        (1, 1): ("Alla", "Fel"),
    }


def test_hierarchies_and_partitions_are_listed_with_statements() -> None:
    text = (
        'HIERARCHIES("region")="Sverige","Sverige":"Åre; fjällen";\nPARTITIONED("region")="län",1,2;\n'
        'ELIMINATION("kön")=YES;\nDATASYMBOLNIL="-";\nCOPYRIGHT=YES;\nHIERARCHYLEVELS("region")=2;'
    )
    _, keywords = read("a.px", CUBE.replace("DATA=", f"{text}\nDATA=").encode("cp1252"))
    rows = {(row[1], row[4], row.get(5, "")) for row in keywords.rows.values()}
    assert rows >= {
        ("HIERARCHIES", "Sverige", "region"),
        ("HIERARCHIES", '"Sverige":"Åre; fjällen"', "region"),
        ("PARTITIONED", "län", "region"),
        ("PARTITIONED", "2", "region"),
        ("ELIMINATION", "YES", "kön"),
        ("DATASYMBOLNIL", "-", ""),
        ("HIERARCHYLEVELS", "2", "region"),
    }


@cases_from("conversion/tables/cases/spans_of_all_frequencies.csv", many=int)
def test_time_spans_of_every_frequency_are_expanded(span: str, first: str, last: str, many: int) -> None:
    numbers = " ".join("1" for _ in range(many))
    text = f'CHARSET="ANSI";\nHEADING="t";\nTIMEVAL("t")={span};\nDATA={numbers};'
    data, _ = read("a.px", text.encode())
    assert (data.text(1, 2), data.text(1, 1 + many), data.text(1, 2 + many)) == (first, last, "")


def test_span_of_invalid_days_is_refused() -> None:
    text = 'CHARSET="ANSI";\nHEADING="t";\nTIMEVAL("t")=TLIST(D1,"20240230"-"20240301");\nDATA=1;'
    with pytest.raises(InputError, match="no VALUES"):
        read("a.px", text.encode())


def test_windows_1252_declared_as_latin_1_is_detected() -> None:
    text = CUBE.replace("windows-1252", "ISO-8859-1").replace("Invandrare", "“Invandrare”")
    data, keywords = read("a.px", text.encode("cp1252"))
    assert data.detected[0] == ("encoding", "windows-1252")
    assert "“Invandrare”" in keywords.cells["text"].to_list()


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be"])
def test_utf_16_file_is_parsed(codec: str) -> None:
    mark = "\ufeff" if codec == "utf-16-be" else ""
    assert only(mark + CUBE.replace("windows-1252", "utf-16"), codec).rows == only(CUBE).rows


def test_oversized_statement_is_refused() -> None:
    keys, values = ",".join(['"b"'] * 2_000), ",".join(['"a"'] * 2_000)
    with pytest.raises(InputError, match="more than 4000000 values"):
        read("a.px", f'CHARSET="ANSI";\nNOTE({keys})={values};\nHEADING="a";\nVALUES("a")="1";\nDATA=1;'.encode())


def test_encoding_is_declared_or_detected_by_letters() -> None:
    letters = CUBE.replace('CODEPAGE="windows-1252";\n', "")
    assert only(letters, "cp850").text(6, 2) == "Åre; fjällen"
    assert only("\ufeff" + CUBE.replace("windows-1252", "utf-8"), "utf-8").text(6, 2) == "Åre; fjällen"
    short = 'CHARSET="ANSI";\nHEADING="år";\nVALUES("år")="2022";\nDATA=1;'
    with pytest.raises(InputError, match="State it in the file: CODEPAGE") as refused:
        only(short)
    stated = refused.value.hint.partition(": ")[2]
    assert only(short.replace('"ANSI";', f'"ANSI";\n{stated}')).rows[1] == {1: "år", 2: "2022"}
    with pytest.raises(InputError, match="byte 0xf6 in line 6 is not valid in the stated encoding utf-8"):
        only(CUBE.replace("windows-1252", "utf-8"))


@cases_from("conversion/cases/broken_px_file_is_refused_with_its_place.csv")
def test_broken_px_file_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        only(CUBE.replace(old, new))
    assert message in caught.value.message
    assert caught.value.place is not None
    assert caught.value.hint


def test_oversized_cube_is_refused_before_allocation() -> None:
    values = ",".join(f'"{n}"' for n in range(3000))
    text = 'CHARSET="ANSI";\nSTUB="a","b";\nHEADING="c";\n'
    text += "".join(f'VALUES("{name}")={values};\n' for name in "abc") + "DATA=1;"
    with pytest.raises(InputError, match="more than 20000000 cells"):
        only(text)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the shared tables are not here")
def test_published_px_file_is_parsed() -> None:
    data, keywords = read("INE_27067.px", (PUBLISHED / "INE_27067.px").read_bytes())
    assert data.last_row - 4 == 29
    assert data.last_column - 3 == 28
    assert data.text(5, 3) == "05 Extracción de antracita, hulla y lignito"
    assert (data.text(3, 4), data.text(4, 4), data.text(8, 4)) == ("Índice", "2018M12", "102.787")
    assert keywords.cells.filter(keywords.cells["text"] == "MAP").height == 1
    shown = {column: code for (_, column), code in formats(data).items()}
    assert [shown[column] for column in range(4, 32)] == ["0.000"] * 7 + ["0.0"] * 21, "the index, and three changes"
