"""Encodings of text tables: the right letters, or a refusal that shows the doubt."""

from __future__ import annotations

import random

import pytest

from benchmarks import encodings
from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables import text as text_tables
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Table


def only(content: bytes) -> Table:
    (table,) = read("a.csv", content)
    return table


# Sentences of tables, not names of the locale data from which the letters are learnt.
TABLES = {
    "windows-1252": ("cp1252", "Département;Étrangers nés à l’étranger;Âge\nHaute-Saône;1 250;€ – moyenne\n"),
    "windows-1250": ("cp1250", "Kraj;Přistěhovalí;Vystěhovalí\nStředočeský;12;7\nVysočina;3;4\n"),
    "windows-1251": ("cp1251", "Регион;Прибывшие;Выбывшие\nЧувашская Республика;12;7\n"),
    "KOI8-R": ("koi8-r", "Регион;Прибывшие;Выбывшие\nЧувашская Республика;12;7\n"),
    "IBM866": ("cp866", "Регион;Прибывшие;Выбывшие\nЧувашская Республика;12;7\n"),
    "windows-1253": ("cp1253", "Περιφέρεια;Εισερχόμενοι μετανάστες\nΘεσσαλία;12\n"),
    "windows-1254": ("cp1254", "İl;Göç eden nüfus;Yaş grubu\nŞırnak;12;0-14\nMuğla;7;15-24\n"),
    "windows-1255": ("cp1255", "מחוז;עולים;גיל\nירושלים;12;0-14\n"),
    "windows-1256": ("cp1256", "المحافظة;عدد المهاجرين;الجنس\nالقاهرة;12;ذكور\n"),
    "windows-1257": ("cp1257", "Apskritis;Imigrantų skaičius;Lytis\nŠiaulių;12;Moterys\nKlaipėdos;7;Vyrai\n"),
    "windows-874": ("cp874", "จังหวัด;จำนวนผู้ย้ายถิ่น\nเชียงใหม่;12\n"),
    "Shift_JIS": ("cp932", "都道府県,転入者数,転出者数\n北海道,12,7\n青森県,3,4\n"),
    "EUC-KR": ("cp949", "시도별,전입,전출\n서울특별시,12,7\n부산광역시,3,4\n"),
    "GB18030": ("gb18030", "地区,迁入人口,迁出人口\n北京市,12,7\n内蒙古自治区,3,4\n"),
    "Big5": ("cp950", "縣市別,遷入人數,遷出人數\n臺北市,12,7\n新北市,3,4\n"),
}


@pytest.mark.parametrize("name", TABLES)
def test_encoding_is_detected_by_letters_and_reported(name: str) -> None:
    codec, text = TABLES[name]
    table = only(text.encode(codec))
    detected = dict(table.detected)
    assert detected["encoding"] == name
    assert "words" in detected["encoding found by"]
    delimiter = ";" if ";" in text else ","
    assert table.rows[1] == dict(enumerate(text.splitlines()[0].split(delimiter), start=1))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_encodings_are_detected_by_byte_order_mark(codec: str) -> None:
    table = only("\ufeffГод;Всего\n2024;1\n".encode(codec))
    assert table.rows == {1: {1: "Год", 2: "Всего"}, 2: {1: "2024", 2: "1"}}
    assert dict(table.detected)["encoding found by"] == "its mark"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Year,Total\n2024,1\n", "年,总计,男\n二零二四,1,2\n", "Год;Всего\n2024;1\n"])
def test_utf_16_without_byte_order_mark_is_detected(codec: str, text: str) -> None:
    assert only(text.encode(codec)).rows == only(text.encode()).rows


def test_single_accented_word_can_decide_the_encoding() -> None:
    table = only(b"Year,Pays\n2022,Cor\xe9e\n")
    assert table.text(2, 2) == "Corée"
    assert ("encoding found by", "the letters of one word") in table.detected


def test_ambiguous_encoding_is_refused_with_both_readings() -> None:
    with pytest.raises(InputError) as caught:
        read("a.csv", b"Name,N\nA,1\n\xf8,2\n")
    assert "is unclear" in caught.value.message
    assert caught.value.message.count("“") == 2
    assert caught.value.place.line == 3
    assert "UTF-8" in caught.value.hint


def test_stray_byte_in_utf_8_is_located() -> None:
    text = "Name,N\nÖsterreich,1\nCôte d’Ivoire,2\nPerú,3\nÅland,4\nM\udce9xico,5\n"
    with pytest.raises(InputError) as caught:
        read("a.csv", text.encode(errors="surrogateescape"))
    assert "UTF-8 text except for the byte 0xe9 in line 6" in caught.value.message
    assert str(caught.value.place) == "a.csv:6"


def test_bytes_without_words_in_any_encoding_are_refused() -> None:
    chance = random.Random(1)
    content = b"a,b\n" + bytes(chance.choice(range(128, 256)) for _ in range(400)) + b"\n"
    with pytest.raises(InputError, match="not text in an encoding"):
        read("a.csv", content)


def test_word_that_is_valid_utf_8_by_chance_is_decoded() -> None:
    assert only("Nazwa;N\nPÓŁNOCNE;1\n".encode("iso8859-2")).text(2, 1) == "PÓŁNOCNE"


@pytest.mark.parametrize("word", ["Вcего", "Украинa", "Tаджикистан", "2Aالمجموع", "Ägypтen"])
def test_utf_8_word_with_letter_of_other_script_is_unchanged(word: str) -> None:
    """A Latin letter that looks like one of Cyrillic is the commonest slip of a keyboard: no reason for Chinese."""
    table = only(f"Year,{word},Men\n2020,1,2\n".encode())
    assert table.text(1, 2) == word
    assert ("encoding", "UTF-8") in table.detected


def test_encoding_is_detected_across_chunks_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    name, text = TABLES["Shift_JIS"]
    content = text.replace("青森県", "A" + "青森県の転入者数" * 40).encode(name)
    for size in (1 << 20, 7, 2):
        monkeypatch.setattr(text_tables, "CHUNK", size)
        assert dict(only(content).detected)["encoding"] == "Shift_JIS"


def test_names_of_countries_are_not_misread() -> None:
    """A sample of the campaign: ten names in each encoding, in one of its languages."""
    by_encoding = {case.encoding: case for case in encodings.cases((10,), 1)}
    for case in by_encoding.values():
        assert encodings.outcome(case) in ("right", "refused"), case.id
