"""Names across offices: transliteration, letters, sounds."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import MissingLibrary, pip_install
from sdmxmig.primitives.lazily import pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdmxmig.records.linkage.declaration import NameRules

MISSING = f"Install the libraries for record linkage: {pip_install('link')}"
APOSTROPHES = re.compile("['’‘`ʼʻ´]")
WORDS = re.compile("[a-z]+")
REPEATED = re.compile(r"(.)\1+")


class NameReader:
    def __init__(self, rules: NameRules) -> None:
        self.rules = rules
        self.letters = str.maketrans(dict(rules.letters))
        self.signs = str.maketrans("", "", "".join(letter for letter, read in rules.letters if not read))
        self.spellings = dict(rules.sounds)
        self.spelling = re.compile("|".join(map(re.escape, self.spellings)) or "$^")
        self.article = re.compile(rf"\b(?:{'|'.join(re.escape(text) for text in rules.articles) or '$^'})(?=\w{{2}})")
        self.begin = tuple(text for text, _ in rules.beginnings)
        self.beginning = re.compile(f"({'|'.join(re.escape(text) for text, _ in rules.beginnings) or '$^'})(.*)")
        self.of_beginning = dict(rules.beginnings)
        self.vowel = re.compile(f"[{re.escape(rules.vowels)}]+")
        self.to_ascii = transliteration()
        self.sounds: dict[str, str] = {}

    def parts(self, name: str) -> list[str]:
        name = name[: self.rules.longest]
        text = name if name.isascii() else self.to_ascii(self.bare(unicodedata.normalize("NFKC", name)))
        words = WORDS.findall(APOSTROPHES.sub("", text.lower()))
        if "".join(words) in self.rules.unknown:
            return []
        return self.joined([word for word in words if word not in self.rules.particles] or words)

    def bare(self, name: str) -> str:
        return self.article.sub("", name.translate(self.signs)).translate(self.letters)

    def joined(self, words: list[str]) -> list[str]:
        """Words with beginnings written together with what follows."""
        if not any(word.startswith(self.begin) for word in words):
            return words
        parts: list[str] = []
        begun = ""
        for word in words:
            match = self.beginning.fullmatch(word)
            if begun:
                parts.append(begun + word)
                begun = ""
            elif match and not match[2]:
                begun = self.of_beginning[match[1]]
            elif match and len(match[2]) > 2:
                parts.append(self.of_beginning[match[1]] + match[2])
            else:
                parts.append(word)
        return [*parts, begun] if begun else parts

    def sound(self, part: str) -> str:
        if part not in self.sounds:
            text = self.spelling.sub(lambda match: self.spellings[match[0]], part)
            first = "a" if self.vowel.match(text) else ""
            self.sounds[part] = REPEATED.sub(r"\1", first + self.vowel.sub("", text)) or part
        return self.sounds[part]

    def read(self, names: pl.Series) -> pl.DataFrame:
        """The distinct names of a column, with `letters` and `sounds`."""
        spelt: list[str] = []
        letters: list[str] = []
        sounds: list[str] = []
        sound = self.sound
        for name in names.drop_nulls().unique():
            if parts := self.parts(name):
                spelt.append(name)
                letters.append("".join(parts))
                sounds.append(" ".join([sound(part) for part in parts]))
        columns = {"name": spelt, "letters": letters, "sounds": sounds}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        return frame.with_columns(pl.col("sounds").str.split(" "))


def transliteration() -> Callable[[str], str]:
    try:
        from anyascii import anyascii
    except ImportError:
        raise MissingLibrary("What transliterates names is not installed.", hint=MISSING) from None
    return anyascii
