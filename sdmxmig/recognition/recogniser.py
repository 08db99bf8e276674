"""One door to all that is recognised: what a label means for a concept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sdmxmig.areas import Areas
from sdmxmig.recognition.ages import age
from sdmxmig.recognition.candidates import Candidate, ordered
from sdmxmig.recognition.countries import Countries, read_demonyms
from sdmxmig.recognition.labels import bare, plain
from sdmxmig.recognition.times import moment, month
from sdmxmig.recognition.wordings import without_of_which
from sdmxmig.recognition.words import LONGEST, Vocabulary, read_vocabulary

PARTNER, AGE, SEX, TIME, MONTH = "PARTNER", "AGE", "SEX", "TIME_PERIOD", "MONTH"
SHARED = (("TOTAL", "_T"), ("UNKNOWN", "_U"), ("OTHER", "_O"), ("STATELESS", "STLS"))
"""Concepts of words that stand among the names of a list, and the code that each means there."""
WORLD, TOTAL_AREA = "001", "000"
"""The codes of the world and of a total in the list of areas, which lists of partners call ``_T``."""
WHOLE_WORLD = "the whole world"


@dataclass(frozen=True, slots=True, eq=False)
class Recogniser:
    """What labels mean, by the names of areas and the words of many languages."""

    countries: Countries
    vocabulary: Vocabulary

    def candidates(self, text: str, concept: str, language: str = "") -> tuple[Candidate, ...]:
        """What a label may mean for a concept, the surest first.

        `concept` is PARTNER (countries and what stands among them), AGE, SEX, TIME_PERIOD, MONTH, or any concept of
        ``codelists/aliases/WORDS.tsv``.
        """
        if not text.strip():
            return ()
        label = without_of_which(text, self.vocabulary)
        if concept == PARTNER:
            return self.partner(label, language)
        if concept == TIME:
            found = moment(label, self.vocabulary)
            return (found.candidate,) if found else ()
        if concept == MONTH:
            return month(label, self.vocabulary)
        named = self.vocabulary.candidates(concept, label)
        if concept == AGE:
            named = age(label, self.vocabulary)
        return ordered(named or self.shared(label)[:1])

    def partner(self, label: str, language: str = "") -> tuple[Candidate, ...]:
        """A country, region, total, unknown or remaining part, in the codes of partner lists."""
        words = self.shared(label)
        found = self.countries.candidates(label, language)
        if words and not (found and found[0].confidence > words[0].confidence):
            return words
        if found:
            sure = max((one.confidence for one in found if one.code in (WORLD, TOTAL_AREA)), default=0.0)
            return (Candidate("_T", min(sure, 0.95), WHOLE_WORLD),) if sure else found
        return self.part_of(label, language)

    def part_of(self, label: str, language: str = "") -> tuple[Candidate, ...]:
        """What “Other Africa” or “Total Europe” means: the rest of a region is asked about, its total is the region."""
        words = plain(bare(label)).split()
        for size in range(min(4, len(words) - 1), 0, -1):
            phrase, region = " ".join(words[:size]), " ".join(words[size:])
            if self.vocabulary.codes("REST", phrase):
                of = self.countries.candidates(region, language)
                if of:
                    return (Candidate("_O", 0.6, f"what remains of {of[0].code}"),)
            if self.vocabulary.codes("ALL", phrase):
                of = self.countries.candidates(region, language)
                if of and of[0].is_applied:
                    return (Candidate(of[0].code, 0.95, f"the total of {of[0].code}"),)
            if self.vocabulary.codes("TOTAL", " ".join(words[-size:])):
                of = self.countries.candidates(" ".join(words[:-size]), language)
                if of and of[0].is_applied:
                    return (Candidate(of[0].code, 0.95, f"the total of {of[0].code}"),)
        return ()

    def shared(self, label: str) -> tuple[Candidate, ...]:
        """Words that stand among the names of any list: totals, unknown, others, stateless persons.

        They may say of what: “unknown citizenship”, “Sonstige Staaten”.
        """
        found = [
            Candidate(code, one.confidence, one.reason)
            for concept, code in SHARED
            for one in self.vocabulary.candidates(concept, label)
        ]
        return ordered(tuple(found or self._said_of(plain(bare(label)).split())))

    def _said_of(self, words: list[str]) -> Iterator[Candidate]:
        """What a word such as “unknown” means before or behind the name of a dimension or another such word."""
        codes = self.vocabulary.codes
        for size in range(1, len(words) if len(words) <= 2 * LONGEST else 0):
            first, last = " ".join(words[:size]), " ".join(words[size:])
            for concept, code in SHARED:
                beside = (concept,) if concept == "STATELESS" else (concept, "ROLE")
                for one, other in ((first, last), (last, first)):
                    if codes(concept, one) and any(codes(each, other) for each in beside):
                        yield Candidate(code, 0.93, f"“{one}” is a word for it")

    def near(self, text: str, concept: str) -> tuple[Candidate, ...]:
        """The three nearest guesses for a label that is not recognised; none where nothing is near."""
        if concept == PARTNER:
            return self.countries.near(without_of_which(text, self.vocabulary))
        return self.candidates(text, concept)[:3]


def read_recogniser(areas: Areas, workspace: Path | None = None) -> Recogniser:
    """The recogniser with the words that ship with sdmxmig and those of a workspace."""
    vocabulary = read_vocabulary(workspace)
    return Recogniser(Countries(areas, read_demonyms(workspace), vocabulary, workspace), vocabulary)
