"""Recognition of shortened country names: “U.R. Tanzania”, “C. Verde”, “Trin. & Tobago”.

A shortened name counts only if no other country fits as well. Single letters never abbreviate words such as “republic”
or articles: “S. Australia” is not Australia.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path

from sdmxmig.catalogue.areas import ANY, Areas, aliases
from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.words import Vocabulary

WORD = re.compile(r"(?P<word>[^\W\d_]+)(?P<dot>\.?)(?P<joined>['’]?)")
LONGEST, MOST = 10, 6
TELLING, SHORTEST_ALONE = 3, 4
SHORTEST_CUT, MOST_CUT = 15, 3
FILLER = 3
"""Solemn words of so many letters may be left out: “of”, “the”, “and”."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a label, and whether it is shortened."""

    word: str
    is_cut: bool


def has_initials(label: str, vocabulary: Vocabulary) -> bool:
    """Whether words are cut to one letter, except conjunctions such as “y” and “e”."""
    matches = list(WORD.finditer(bare(label)))
    initials = (is_initial(match, vocabulary, is_first=not at) for at, match in enumerate(matches))
    return any(initials) and any(len(match["word"]) > 1 for match in matches)


def is_initial(match: re.Match[str], vocabulary: Vocabulary, *, is_first: bool) -> bool:
    word = match["word"]
    if len(word) > 1 or match["joined"]:
        return False
    return bool(match["dot"]) or (word.isupper() and (is_first or not vocabulary.codes("JOINING", plain(word))))


def has_cut_words(label: str) -> bool:
    return any(match["dot"] and len(match["word"]) >= TELLING for match in list(WORD.finditer(bare(label)))[:-1])


@dataclass(frozen=True, eq=False)
class ShortNames:
    """Words of country names in languages with known tables, for matching shortened names."""

    areas: Areas
    vocabulary: Vocabulary
    _: KW_ONLY
    workspace: Path | None

    def areas_of(self, label: str) -> tuple[str, ...]:
        pieces = self._pieces(label)
        full = [piece for piece in pieces if len(piece.word) >= SHORTEST_ALONE]
        if not any(piece.is_cut for piece in pieces) or not (full or self.tells(label)) or len(pieces) > MOST:
            return ()
        listed = self.names.get(len(pieces), ())
        return tuple(sorted({code for code, words in listed if self._fits(pieces, words)}))

    def beginning(self, label: str) -> tuple[str, ...]:
        """Find up to three countries whose names continue a truncated label."""
        short = plain(label).removeprefix("the ")
        if len(label) < SHORTEST_CUT or label.endswith("."):
            return ()
        first = bisect_left(self.ordered, (short, ""))
        last = bisect_left(self.ordered, (short + chr(sys.maxunicode), ""))
        inside = self._is_filler(short.split()[-1])
        codes = {code for name, code in self.ordered[first:last] if inside or name[len(short) : len(short) + 1].strip()}
        states = tuple(sorted(code for code in codes if code.isalpha()))
        return states if len(states) <= MOST_CUT else ()

    @cached_property
    def ordered(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({(plain(name).removeprefix("the "), code) for code, name in self._spoken()}))

    @cached_property
    def words(self) -> Mapping[str, frozenset[str]]:
        codes_by_word: dict[str, set[str]] = {}
        for name, code in self.ordered:
            for word in name.split():
                codes_by_word.setdefault(word, set()).add(code)
        return {word: frozenset(codes) for word, codes in codes_by_word.items() if len(word) > FILLER}

    def _pieces(self, label: str) -> tuple[Piece, ...]:
        words = list(WORD.finditer(bare(label)))
        pieces = [
            Piece(
                plain(match["word"]),
                is_cut=is_initial(match, self.vocabulary, is_first=not at)
                or (bool(match["dot"]) and 1 < len(match["word"]) <= LONGEST),
            )
            for at, match in enumerate(words)
        ]
        return tuple(piece for piece in pieces if piece.word and (piece.is_cut or not self._is_filler(piece.word)))

    def tells(self, label: str) -> bool:
        pieces = self._pieces(label)
        if len(pieces) == 1:
            return len(pieces[0].word) >= SHORTEST_ALONE
        return any(
            len(piece.word) >= TELLING
            and not any(self.vocabulary.codes("FORMAL", word) for word in (piece.word, *self._in_full(piece.word)))
            for piece in pieces
        )

    def _fits(self, pieces: tuple[Piece, ...], words: tuple[str, ...]) -> bool:
        unmatched = list(words)
        for piece in sorted(pieces, key=lambda piece: (piece.is_cut, -len(piece.word))):
            word = next((word for word in unmatched if self._is(piece, word)), "")
            if not word:
                return False
            unmatched.remove(word)
        return True

    def _is(self, piece: Piece, word: str) -> bool:
        if word == piece.word:
            return True
        return piece.is_cut and (word.startswith(piece.word) or word in self._in_full(piece.word))

    def _in_full(self, word: str) -> tuple[str, ...]:
        return self.vocabulary.codes("ABBREVIATION", word)

    def _is_filler(self, word: str) -> bool:
        codes = self.vocabulary.codes
        return len(word) <= FILLER and bool(codes("FORMAL", word) or codes("JOINING", word) or codes("ARTICLE", word))

    @cached_property
    def names(self) -> dict[int, tuple[tuple[str, tuple[str, ...]], ...]]:
        names_by_length: dict[int, dict[tuple[str, tuple[str, ...]], None]] = {}
        for code, name in self._spoken():
            words = plain(name).split()
            further_words = tuple(word for word in words[1:] if not self._is_filler(word))
            for name_words in [(*words[:1], *further_words), *([further_words] if self._is_filler(words[0]) else [])]:
                names_by_length.setdefault(len(name_words), {})[code, name_words] = None
        return {size: tuple(listed) for size, listed in names_by_length.items()}

    def _spoken(self) -> Iterator[tuple[str, str]]:
        readable_languages = self.vocabulary.languages | {ANY}
        yield from ((self.areas.codes[code], title) for code, title in self.areas.titles.items())
        listed = aliases(self.workspace, self.areas.codes)
        yield from ((code, name) for code, name, languages in listed if readable_languages & languages)
