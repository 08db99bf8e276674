"""Spoilt tables of every kind: read, or refused with a place and a remedy."""

from __future__ import annotations

import random

import pytest
from test_px import CUBE
from test_sdmx import GENERIC, JSON, SPECIFIC
from twins import TWINS

from benchmarks.mutated_files import cut, repeat, spoil_bytes, spoil_member, swap_signs
from sdmxmig.conversion.tables.readers import READERS
from sdmxmig.primitives.errors import InputError

FILES = {
    "text": [b'Year;Note\r\n2022;"a;b"\r\n2023;"say ""yes"""\r\n', "Год;Всего\n2024;1\n".encode("utf-16")],
    "px": [CUBE.encode("cp1252")],
    "sdmx": [SPECIFIC.encode(), GENERIC.encode(), JSON.encode()],
    **{suffix: [(TWINS / f"all_kinds.{suffix}").read_bytes()] for suffix in ("xls", "xlsx", "ods")},
}
PACKED = ("xlsx", "ods")


def outcome(reader: str, content: bytes) -> str:
    try:
        READERS[reader].read("spoilt", content)
    except InputError as error:
        return "refused" if error.place and error.hint else f"refused without help: {error}"
    return "read"


@pytest.mark.parametrize("reader", FILES)
def test_damaged_files_yield_a_table_or_an_input_error(reader: str) -> None:
    for seed in range(40):
        chance = random.Random(seed)
        spoil = spoil_member if reader in PACKED else (cut, repeat, spoil_bytes, swap_signs)[seed % 4]
        assert outcome(reader, spoil(chance.choice(FILES[reader]), chance)) in ("read", "refused"), seed
