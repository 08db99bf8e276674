"""The words of tables in many languages, read from ``WORDS.tsv`` and ``TITLES.tsv`` in ``codelists/aliases``.

The first has the words of labels; the second those of titles and notes: what is counted, of whom, where, in what unit
and state, and the ordinary words that limit nothing. Their columns are ``concept`` (what the word is about, such as
``SEX``, ``TOTAL`` or ``ROLE``, the name of a dimension), ``code``, ``alias``, ``languages`` and ``source``. A workspace
may have its own files, which are read beside the shipped ones. Words by sdmxmig are candidates: they were written for
reading tables and are no official terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sdmxmig.areas import WORD_COLUMNS, WORDS
from sdmxmig.catalogue.aliases import rows_of
from sdmxmig.recognition.candidates import Candidate
from sdmxmig.recognition.labels import bare, plain

TITLES = Path("aliases") / "TITLES.tsv"
LONGEST = 6
"""How many words a phrase has at most that is looked for inside a text."""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Codes by concept and plain word; `signs` are those of missing values, which have no letters to look up.

    `languages` are those whose tables can be read: they have words for the sexes.
    """

    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    signs: Mapping[str, str]
    languages: frozenset[str] = frozenset()

    def codes(self, concept: str, phrase: str) -> tuple[str, ...]:
        """The codes of a concept that a plain phrase stands for."""
        return self.words.get(concept, {}).get(phrase, ())

    def candidates(self, concept: str, text: str) -> tuple[Candidate, ...]:
        """What a whole label means for a concept; several codes share the confidence."""
        for confidence, written in ((0.98, text), (0.96, bare(text))):
            found = self.codes(concept, plain(written))
            if found:
                sure = (confidence if len(plain(written)) > 1 else 0.92) / len(found)
                return tuple(Candidate(code, sure, f"“{written.strip()}” is a word for it") for code in found)
        return ()

    def inside(self, concept: str, text: str) -> tuple[Candidate, ...]:
        """What the phrases inside a title say about a concept; the longest phrase at each place counts."""
        tokens = plain(text).split()
        found = []
        position = 0
        while position < len(tokens):
            step = 1
            for size in range(min(LONGEST, len(tokens) - position), 0, -1):
                phrase = " ".join(tokens[position : position + size])
                codes = self.codes(concept, phrase) if len(phrase) > 1 else ()
                if codes:
                    found += [Candidate(code, 0.8 / len(codes), f"the title says “{phrase}”") for code in codes]
                    step = size
                    break
            position += step
        return tuple(found)


def read_vocabulary(workspace: Path | None = None) -> Vocabulary:
    """The words that ship with sdmxmig and those of a workspace.

    Raises `DeclarationError` for a file with other columns.
    """
    found: dict[str, dict[str, list[str]]] = {}
    signs: dict[str, str] = {}
    spoken: set[str] = set()
    rows = chain(rows_of(WORDS, WORD_COLUMNS, workspace), rows_of(TITLES, WORD_COLUMNS, workspace))
    for concept, code, alias, languages, _ in rows:
        if concept == "SEX":
            spoken.update(languages.split())
        if concept == "MISSING":
            signs.setdefault(alias.casefold(), code)
            continue
        codes = found.setdefault(concept, {}).setdefault(plain(alias), [])
        if code not in codes:
            codes.append(code)
    words = {
        concept: {word: tuple(codes) for word, codes in listed.items() if word} for concept, listed in found.items()
    }
    return Vocabulary(words, signs, frozenset(spoken))
