"""Records prepared for linkage: office spellings of names, dates, and irreversible numbers."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

import polars as pl
import pytest
from case_tables import as_list, cases_from
from folders import ROOT
from made_identities import TYPES

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.records.files import IDENTITIES
from sdmxmig.records.linkage.declaration import read_rules
from sdmxmig.records.linkage.preparation import (
    NameReader,
    find_multi_number_cells,
    find_rows_exposing_numbers,
    hash_number,
    prepare_records,
)
from sdmxmig.workspace.tasks.linkage_tables import read_linkage_rules

RULES = read_linkage_rules(None)
READER = NameReader(RULES.names)
KEY = b"a key that nobody else has"
SHIPPED = ROOT / "structures" / "linkage" / "persons.toml"


def records(*rows: dict[str, object]) -> pl.DataFrame:
    schema = {column.name: TYPES[column.kind] for column in IDENTITIES.columns}
    filled = [{"record": f"R{number}", **row} for number, row in enumerate(rows)]
    return ready(pl.DataFrame(filled, schema=schema))


def ready(identities: pl.DataFrame) -> pl.DataFrame:
    return prepare_records(identities, READER, KEY, RULES.unknown)


def sound(name: str) -> list[str]:
    return [READER.sound(part) for part in READER.parts(name)]


@cases_from("records/cases/spellings_of_one_name_sound_alike.csv")
def test_spellings_of_a_name_have_equal_phonetic_codes(name: str, other: str) -> None:
    assert sound(name) == sound(other)


@pytest.mark.parametrize(("name", "other"), [("Maria", "Marta"), ("Ali", "Omar"), ("Silva", "Souza"), ("Ana", "Eva")])
def test_different_names_have_different_phonetic_codes(name: str, other: str) -> None:
    assert sound(name) != sound(other)


def test_names_without_letters_are_missing() -> None:
    frame = records({"given_name": "???", "family_name": "Soro"}, {"given_name": " - ", "family_name": None})
    assert frame["given"].to_list() == ["soro", None]
    assert frame["family"].to_list() == ["soro", None]


def test_swapped_and_compound_names_share_a_key() -> None:
    frame = records(
        {"given_name": "Anna Maria", "family_name": "García López"},
        {"given_name": "GARCIA-LOPEZ", "family_name": "Ana María"},
    )
    assert frame["name_key"].n_unique() == 1


def test_first_of_january_and_swapped_days_are_uncertain() -> None:
    days = [dt.date(1980, 1, 1), dt.date(1980, 3, 7), dt.date(1980, 3, 13), dt.date(1980, 5, 5), None]
    frame = records(*({"birth_date": day} for day in days))
    assert frame["birth_sure"].to_list() == [None, "19800307", "19800313", "19800505", None]
    assert frame["birth_turned"].to_list() == [None, "19800703", None, None, None]
    assert frame["new_year"].to_list() == [True, False, False, False, None]


def test_record_ids_that_expose_numbers_are_reported() -> None:
    frame = {"record": ["A1", "77123", "X9", "A4"], "person_number": ["77", "77123", None, None]}
    assert find_rows_exposing_numbers(pl.DataFrame({**frame, "document": ["A2", None, "X9", None]})) == [2, 3]


def test_cell_may_hold_several_citizenships_or_documents() -> None:
    frame = records({"c_citizen": "XB; XA", "document": "p 1|P-2"}, {"c_citizen": " ", "document": "; -"})
    assert frame["citizenships"].to_list() == [["XA", "XB"], None]
    assert frame["documents"].to_list() == [sorted([hash_number(KEY, "P1"), hash_number(KEY, "P2")]), None]


def test_numbers_are_hashed_with_hmac_sha_256() -> None:
    digest = hmac.new(KEY, b"AB123", hashlib.sha256).digest()
    assert hash_number(KEY, "ab 12-3") == int.from_bytes(digest[:8], "big", signed=True)
    assert hash_number(KEY, "AB123") != hash_number(b"another key of somebody", "AB123")
    frame = records({"person_number": "AB123"})
    assert "AB123" not in frame.write_json()


@cases_from("records/cases/a_declaration_that_says_something_impossible_is_refused.csv")
def test_impossible_declaration_is_refused(before: str, after: str, message: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(DeclarationError, match=message):
        read_rules("mine.toml", text.replace(before, after, 1).encode())


@cases_from("records/cases/cells_with_several_numbers_that_are_read_as_one_are_named.csv", columns=as_list)
def test_cells_with_several_unsplit_numbers_are_reported(cell: str, columns: list[str]) -> None:
    rows = find_multi_number_cells(pl.DataFrame({"person_number": ["77123", cell], "document": [None, cell]}))
    assert rows == {column: [2] for column in columns}
