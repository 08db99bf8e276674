"""Keys of linkage: random ones are accepted, guessable ones are refused with the reason."""

from __future__ import annotations

import base64
import random
import uuid

import pytest
from case_tables import cases_from

from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.linkage.preparation import derive_key, explain_weakness

DICE = random.Random(31)


def drawn() -> list[str]:
    """Keys as programs make them, of each kind the shortest that people take."""
    bits = [DICE.randbytes(size) for size in (10, 16, 32)]
    letters = "".join(DICE.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(24))
    return [
        *(key.hex() for key in bits),
        *(base64.urlsafe_b64encode(key).decode() for key in bits[1:]),
        str(uuid.UUID(bytes=bits[1], version=4)),
        letters,
    ]


def test_random_keys_are_accepted() -> None:
    keys = [key for _ in range(150) for key in drawn()]
    refused = [explain_weakness(key) for key in keys if explain_weakness(key)]
    assert len(refused) <= len(keys) / 200, refused


@cases_from("records/cases/guessable_keys_are_refused.csv")
def test_guessable_keys_are_refused(key: str, why: str) -> None:
    with pytest.raises(SdmxmigError, match=why) as caught:
        derive_key(Secret(key))
    assert key not in str(caught.value)
    assert "secrets.token_hex" in str(caught.value.hint)
