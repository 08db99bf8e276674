"""Campaign: texts of unknown encoding are read correctly or refused, never read wrongly.

``python -m benchmarks.encodings`` writes the names of countries in each language and each of its encodings (one, three,
ten or forty names per file, some in capitals) and counts the results. Letters are learnt from the same names; with
``--held-out`` they are not, which measures unseen words.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cache
from unittest import mock

from babel import Locale

from sdmxmig.io import encodings
from sdmxmig.io.encodings import CANDIDATES, encoding_of
from sdmxmig.primitives.errors import InputError

SIZES = (1, 3, 10, 40)
ROUNDS = 12
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


def cases(sizes: tuple[int, ...] = SIZES, rounds: int = ROUNDS) -> Iterator[Case]:
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
        encoding = encoding_of("names.csv", lambda: [content])
    except InputError:
        return "refused"
    read = content.decode(encoding.codec)
    return "right" if read == text else f"wrong: “{chosen[0]}” is read as “{read.splitlines()[1]}” in {encoding.name}"


def words_without_countries(language: str) -> Iterator[str]:
    """Yield the words from which letters are learnt, without names of countries."""
    locale = Locale.parse(language)
    names = {name for one in (locale.languages, locale.scripts, locale.currencies) for name in one.values()}
    for name in sorted(names):
        for word in name.split():
            yield from (word, word.upper())


def main(*, held_out: bool) -> None:
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    wrong = []
    with mock.patch.object(encodings, "words_of", words_without_countries if held_out else encodings.words_of):
        for case in cases():
            result = outcome(case)
            counts[case.size][result.partition(":")[0]] += 1
            wrong += [f"- {case.id}: {result}"] if result.startswith("wrong") else []
    lines = ["| names in the file | right | refused | wrong |", "|---|---|---|---|"]
    for size, found in counts.items():
        lines.append(f"| {size} | {found['right']} | {found['refused']} | {found['wrong']} |")
    sys.stdout.write("\n".join([*lines, "", *wrong]) + "\n")


if __name__ == "__main__":
    main(held_out="--held-out" in sys.argv)
