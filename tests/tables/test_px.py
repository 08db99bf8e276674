"""PC-Axis files: numbers at the place of their labels, and every keyword of every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.errors import InputError
from sdmxmig.model.tables import Table
from sdmxmig.tables import read

SHARED = Path(__file__).parents[3] / "shared" / "data" / "tables" / "px"

CUBE = """CHARSET="ANSI";
AXIS-VERSION="2013";
CODEPAGE="windows-1252";
LANGUAGE="sv";
LANGUAGES="sv","en";
TITLE="Invandrare efter region, kön och "
"år";
TITLE[en]="Immigrants by region, sex and year";
CONTENTS="Invandrare";
UNITS="antal";
STUB="region","kön";
STUB[en]="region","sex";
HEADING="år";
VALUES("region")="Upplands Väsby","Åre; fjällen";
VALUES[en]("region")="Upplands Väsby","Åre";
CODES("region")="0114","2321";
VALUES("kön")="män","kvinnor";
CODES("kön")="1","2";
VALUES("år")="2022","2023","2024";
TIMEVAL("år")=TLIST(A1),"2022","2023","2024";
PRECISION("kön","män")=1;
NOTE="Alla.#Utom turister.";
NOTE("år")="31 december";
VALUENOTE("region","Åre; fjällen")="Ny gräns";
CELLNOTE("*","män","2024")="Preliminär";
DATASYMBOL1="saknas";
DATA=
12 -3 ".." 4.50 0
"-" 7 8 9 10
11 12;
"""


def only(text: str, codec: str = "cp1252") -> Table:
    data, _ = read("a.px", text.encode(codec))
    return data


def test_the_cube_has_its_labels_around_its_numbers_wherever_the_lines_of_the_file_end() -> None:
    data = only(CUBE)
    assert data.sheet == "data"
    assert data.rows == {
        1: {1: "år", 5: "2022", 6: "2023", 7: "2024"},
        2: {1: "CODES(region)", 2: "region", 3: "CODES(kön)", 4: "kön"},
        3: {1: "0114", 2: "Upplands Väsby", 3: "1", 4: "män", 5: "12", 6: "-3", 7: ".."},
        4: {1: "0114", 2: "Upplands Väsby", 3: "2", 4: "kvinnor", 5: "4.50", 6: "0", 7: "-"},
        5: {1: "2321", 2: "Åre; fjällen", 3: "1", 4: "män", 5: "7", 6: "8", 7: "9"},
        6: {1: "2321", 2: "Åre; fjällen", 3: "2", 4: "kvinnor", 5: "10", 6: "11", 7: "12"},
    }
    assert data.numeric == {(3, 5), (3, 6), (4, 5), (4, 6), *((r, c) for r in (5, 6) for c in (5, 6, 7))}
    assert data.said == (("encoding", "windows-1252"), ("DATA begin in line", "27"))


def test_notes_hang_on_what_they_are_about() -> None:
    assert only(CUBE).notes == {
        (1, 1): ("Alla.\nUtom turister.", "31 december"),
        (5, 2): ("Ny gräns",),
        (3, 7): ("Preliminär",),
        (5, 7): ("Preliminär",),
    }


def test_all_keywords_of_all_languages_stand_in_a_sheet_with_their_lines() -> None:
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
    assert [data.text(6, column) for column in (2, 4, 5, 6, 7)] == ["Åre; fjällen", "kvinnor", "1", "2", "3"]
    assert [data.text(3, column) for column in (5, 6, 7)] == ["4", "5", ".."]
    assert data.text(4, 5) == ""
    assert ("rows that the file leaves out", "2") in data.said
    with pytest.raises(InputError, match="“9999” of DATA is none of the CODES"):
        only(head + 'DATA="9999","män",1 2 3;')
    with pytest.raises(InputError, match="same keys"):
        only(head + 'DATA="0114","män",1 2 3 "0114","män",1 2 3;')


def test_periods_that_are_only_spanned_are_listed() -> None:
    text = 'STUB="q";\nTIMEVAL("q")=TLIST(Q1,"20224"-"20231");\nCONTENTS="Births";\nDATA=1 2;'
    data, _ = read("a.px", b'CHARSET="ANSI";\n' + text.encode())
    assert data.rows == {1: {1: "q", 2: "Births"}, 2: {1: "20224", 2: "1"}, 3: {1: "20231", 2: "2"}}


def test_periods_beside_other_names_are_codes() -> None:
    text = 'HEADING="q";\nVALUES("q")="2022 kv 4","2023 kv 1";\nTIMEVAL("q")=TLIST(Q1),"20224","20231";\nDATA=1 2;'
    data, _ = read("a.px", b'CHARSET="ANSI";\n' + text.encode())
    assert data.rows[1] == {1: "CODES(q)", 2: "20224", 3: "20231"}
    assert data.rows[2] == {1: "q", 2: "2022 kv 4", 3: "2023 kv 1"}
    assert data.rows[4] == {1: "DATA", 2: "1", 3: "2"}


def test_the_encoding_is_what_the_file_says_or_what_its_letters_show() -> None:
    letters = CUBE.replace('CODEPAGE="windows-1252";\n', "")
    assert only(letters, "cp850").text(5, 2) == "Åre; fjällen"
    assert only("\ufeff" + CUBE.replace("windows-1252", "utf-8"), "utf-8").text(5, 2) == "Åre; fjällen"
    with pytest.raises(InputError, match="utf-8, but the byte 0xf6 in line 6 is not"):
        only(CUBE.replace("windows-1252", "utf-8"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("11 12;", "11;", "DATA has 11 entries, where STUB and HEADING ask for 12"),
        ("11 12;", "11 12 13;", "DATA has 13 entries"),
        ('VALUES("år")="2022","2023","2024";\nTIMEVAL("år")=TLIST(A1),"2022","2023","2024";\n', "", "no VALUES"),
        ("UNITS=", "UNITS ", "no statement of PC-Axis: “UNITS"),
        ('UNITS="antal";', 'UNITS="antal"', "no end"),
        ("DATA=", "", "no statement"),
        ('HEADING="år"', 'HEADING="ar"', "“ar” has no VALUES"),
    ],
)
def test_what_is_broken_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        only(CUBE.replace(old, new))
    assert message in caught.value.message
    assert caught.value.place is not None
    assert caught.value.hint


def test_a_cube_that_claims_too_much_is_refused_before_it_is_made() -> None:
    values = ",".join(f'"{n}"' for n in range(3000))
    text = 'CHARSET="ANSI";\nSTUB="a","b";\nHEADING="c";\n'
    text += "".join(f'VALUES("{one}")={values};\n' for one in "abc") + "DATA=1;"
    with pytest.raises(InputError, match="more than 20000000 cells"):
        only(text)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared tables are not here")
def test_a_published_file() -> None:
    data, keywords = read("INE_27067.px", (SHARED / "INE_27067.px").read_bytes())
    assert data.last_row - 3 == 29
    assert data.last_column - 3 == 28
    assert data.text(4, 3) == "05 Extracción de antracita, hulla y lignito"
    assert (data.text(1, 4), data.text(2, 4), data.text(7, 4)) == ("Índice", "2018M12", "102.787")
    assert keywords.cells.filter(keywords.cells["text"] == "MAP").height == 1
