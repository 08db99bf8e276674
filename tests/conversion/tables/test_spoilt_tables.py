"""Spoilt text tables, cubes, columns and messages: read, or refused with a place and a remedy."""

from __future__ import annotations

import random

import pytest
from test_px import CUBE
from test_sdmx import GENERIC, JSON, SPECIFIC

from benchmarks.mutated_files import cut, repeat, spoil_bytes, swap_signs
from sdmxmig.conversion.tables.readers import READERS
from sdmxmig.primitives.errors import InputError

FILES = {
    "text": [b'Year;Note\r\n2022;"a;b"\r\n2023;"say ""yes"""\r\n', "Год;Всего\n2024;1\n".encode("utf-16")],
    "px": [CUBE.encode("cp1252")],
    "sdmx": [SPECIFIC.encode(), GENERIC.encode(), JSON.encode()],
}


def outcome(reader: str, content: bytes) -> str:
    try:
        READERS[reader].read("spoilt", content)
    except InputError as error:
        return "refused" if error.place and error.hint else f"refused without help: {error}"
    return "read"


@pytest.mark.parametrize("reader", FILES)
def test_damaged_files_give_a_table_or_an_input_error(reader: str) -> None:
    for seed in range(40):
        chance = random.Random(seed)
        spoil = (cut, repeat, spoil_bytes, swap_signs)[seed % 4]
        assert outcome(reader, spoil(chance.choice(FILES[reader]), chance)) in ("read", "refused"), seed
