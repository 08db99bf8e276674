"""Strength of linkage keys.

A guessable key lets anyone try all numbers, so only random-looking keys are accepted.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.io.network.secrets import Secret

SHORTEST, FEWEST, LEAST_BITS = 16, 8, 64
CLASSES = ((re.compile("[0-9]"), 10), (re.compile("[a-f]"), 6), (re.compile("[g-z]"), 20), (re.compile("[A-Z]"), 26))
OTHERS = 30
"""How many signs there are of each kind, and of all others."""
IN_ORDER = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qwertzuiop",
)
MOST_IN_ORDER = 0.5
FOLLOWING = {
    "a": "lnrstg", "c": "aeho", "d": "eio", "e": "dlnrsty", "g": "er", "h": "aei", "i": "celnostg",
    "k": "eis", "l": "aeio", "m": "aei", "n": "adegiost", "o": "fnru", "p": "or", "r": "aeiou",
    "s": "eiost", "t": "aehior", "u": "aenrst", "v": "e", "w": "o", "x": "m",
}  # fmt: skip
"""Letters that often follow a letter in words of languages in Latin letters."""
MOST_LIKE_WORDS, FEWEST_LETTERS = 0.4, 8
HINT = "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


def key_of(secret: Secret) -> bytes:
    text = secret.reveal()
    if why := weakness(text):
        raise SdmxmigError(f"The key for linkage could be guessed: {why}.", hint=HINT)
    return text.encode()


def weakness(text: str) -> str:
    """Why a key could be guessed; empty where it looks like drawn by chance.

    >>> weakness("k" * 32), weakness("9f2c4be07d61a8e35c17")
    ('it has 1 different sign', '')
    """
    letters = re.sub("[^a-z]", "", text.casefold())
    pairs = [first + second for first, second in pairwise(letters)]
    different = len(set(text))
    reasons = {
        f"it has fewer than {SHORTEST} signs": len(text) < SHORTEST,
        "it has signs beyond ASCII, which programs write in several ways": not text.isascii(),
        f"it has {different} different sign{'' if different == 1 else 's'}": different < FEWEST,
        "it repeats itself": repeated(text),
        "its signs stand in the order of the alphabet, of numbers or of the keyboard": in_order(text) > MOST_IN_ORDER,
        "it is made of words": len(letters) >= max(FEWEST_LETTERS, len(text) / 2)
        and sum(pair[1] in FOLLOWING.get(pair[0], "") for pair in pairs) > MOST_LIKE_WORDS * len(pairs),
        f"there are fewer than 2 to the {LEAST_BITS} keys of its kind": bits(text) < LEAST_BITS,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def repeated(text: str) -> bool:
    return any(text[length:] == text[:-length] for length in range(1, len(text) // 2 + 1))


def in_order(text: str) -> float:
    plain = text.casefold()
    rows = [row for order in IN_ORDER for row in (order, order[::-1])]
    steps = [any(first + second in row for row in rows) or first == second for first, second in pairwise(plain)]
    return sum(steps) / max(1, len(steps))


def bits(text: str) -> float:
    size = sum(count for kind, count in CLASSES if kind.search(text))
    size += OTHERS if re.search("[^0-9a-zA-Z]", text) else 0
    return len(text) * math.log2(max(size, 1))
