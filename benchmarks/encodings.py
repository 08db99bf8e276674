"""Campaign: texts of unknown encoding are read correctly or refused, never read wrongly.

A file has names of countries in a language, in one of its encodings: some in capitals.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cache

from babel import Locale

from sdmxmig.io.encodings import CANDIDATES, detect_encoding
from sdmxmig.primitives.errors import InputError

CAPITALS = 3
"""Every third file is in capital letters."""


@dataclass(frozen=True, slots=True)
class Case:
    """One file: its encoding, the language of its names, how many, and the seed by which they are chosen."""

    encoding: str
    codec: str
    _: KW_ONLY
    language: str
    size: int
    seed: int

    @property
    def id(self) -> str:
        return f"{self.encoding}/{self.language}/{self.size}/{self.seed}"


def cases(sizes: tuple[int, ...], rounds: int) -> Iterator[Case]:
    for encoding, codec, languages, _ in CANDIDATES:
        for language in languages:
            for size in sizes:
                yield from (Case(encoding, codec, language=language, size=size, seed=seed) for seed in range(rounds))


@cache
def names_in(language: str, codec: str) -> tuple[str, ...]:
    names = sorted(Locale.parse(language).territories.values())
    return tuple(name for name in names if not name.isascii() and name.encode(codec, "replace").decode(codec) == name)


def outcome(case: Case) -> str:
    """Return ``right``, ``refused``, or the wrong reading."""
    chance = random.Random(case.id)  # noqa: S311 - no secret here
    known = names_in(case.language, case.codec)
    chosen = chance.sample(known, min(case.size, len(known)))
    if case.seed % CAPITALS == 0:
        chosen = [one.upper().encode(case.codec, "ignore").decode(case.codec) for one in chosen]
    text = "Code;Name\n" + "".join(f"{number};{name};{number * 37}\n" for number, name in enumerate(chosen))
    content = text.encode(case.codec)
    try:
        encoding = detect_encoding("names.csv", lambda: [content])
    except InputError:
        return "refused"
    read = content.decode(encoding.codec)
    return "right" if read == text else f"wrong: “{chosen[0]}” is read as “{read.splitlines()[1]}” in {encoding.name}"
