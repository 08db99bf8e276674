"""Regions whose composition varies, and recognition of M49 lists.

M49 codes have a fixed composition, but “Eastern Europe” in a national table may differ.
``codelists/aliases/REGIONS.tsv`` gives `composition` (``same`` or ``varies``), `m49` membership, English `name`,
`telling` languages, the partner code `near` and the `difference`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig.catalogue.areas import FORMER_MARK, Areas, fold_name, read_alias_rows
from sdmxmig.conversion.recognition.labels import DOUBTED, Candidate, bare, sort_candidates, strip_marks

REGIONS = Path("aliases") / "REGIONS.tsv"
COLUMNS = ["code", "name", "composition", "m49", "telling", "near", "difference", "source"]
VARYING_CONFIDENCE = 0.8
"""Maximum confidence in a region whose composition varies."""
M49_CONFIDENCE = 0.95
MIN_TELLING_NAMES = 3
NUMBERED_NAME = re.compile(r"(?P<first>\d{3})\b.*|.*\b(?P<last>\d{3})\W*")
"""A label with a number before or behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    names: frozenset[str]
    varies: bool
    is_m49: bool
    telling: frozenset[str]
    near: str
    difference: str


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    compositions: Mapping[str, Composition]
    areas: Areas

    def is_group(self, code: str) -> bool:
        """Check whether a code may contain other countries; some countries, such as Kosovo, have an M49-style code."""
        return code.isdecimal() and (code in self.compositions or self.areas.titles.get(code, "").endswith(FORMER_MARK))

    def assess(self, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        listed = tuple(alternative for candidate in candidates for alternative in self._add_near_region(candidate))
        return listed if len({candidate.code for candidate in listed}) == len(listed) else sort_candidates(listed)

    def _add_near_region(self, candidate: Candidate) -> Iterator[Candidate]:
        composition = self.compositions.get(candidate.code)
        if composition is None or not composition.varies or candidate.confidence <= DOUBTED:
            yield candidate
            return
        yield Candidate(
            candidate.code,
            min(candidate.confidence, VARYING_CONFIDENCE),
            reason=f"a region: {composition.difference}",
            varies=True,
        )
        if composition.near:
            yield Candidate(
                composition.near, DOUBTED, reason=f"similar: {self.areas.titles[composition.near]}", varies=True
            )

    def assess_list(
        self, by_label: Mapping[str, tuple[Candidate, ...]], *, m49: bool
    ) -> dict[str, tuple[Candidate, ...]]:
        """Return the candidates of regions: certain in M49 lists, none in lists with other regions."""
        regions = {
            label: candidates[0]
            for label, candidates in by_label.items()
            if candidates and candidates[0].code in self.compositions
        }
        strange = [
            label for label, candidate in regions.items() if candidate.varies and self._is_strange(label, candidate)
        ]
        if m49 or self._is_m49(regions, strange):
            return {
                label: self._raise_confidence(label, candidates) if label in regions else candidates
                for label, candidates in by_label.items()
            }
        if not strange:
            return dict(by_label)
        return {
            label: (self._lower_confidence(candidates[0]), *candidates[1:]) if label in regions else candidates
            for label, candidates in by_label.items()
        }

    def _is_m49(self, regions: Mapping[str, Candidate], strange: list[str]) -> bool:
        telling = {
            candidate.code
            for label, candidate in regions.items()
            if self._is_name_in_m49(label, candidate.code, telling=True)
        }
        numbered = [label for label, candidate in regions.items() if extract_number(label) == candidate.code]
        return not strange and (len(telling) >= MIN_TELLING_NAMES or len(numbered) >= MIN_TELLING_NAMES)

    def _is_strange(self, label: str, candidate: Candidate) -> bool:
        composition = self.compositions[candidate.code]
        return candidate.confidence <= DOUBTED or (
            bool(composition.near or composition.is_m49) and not self._is_name_in_m49(label, candidate.code)
        )

    def _is_name_in_m49(self, label: str, code: str, *, telling: bool = False) -> bool:
        composition = self.compositions[code]
        spelt = {fold_name(text) for text in (label, bare(label), strip_marks(label))}
        meanings = [meaning for name in spelt for meaning in self.areas.official.get(name, ()) if meaning.code == code]
        languages = {language for meaning in meanings for language in meaning.languages} - {"en"}
        languages |= {"en"} if spelt & composition.names else set()
        return composition.is_m49 and bool(languages & composition.telling if telling else languages)

    def _raise_confidence(self, label: str, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        without_near = [candidate for candidate in candidates if candidate.confidence > DOUBTED or not candidate.varies]
        listed = [
            replace(candidate, varies=candidate.varies and not self._is_name_in_m49(label, candidate.code))
            for candidate in without_near
        ]
        if len(listed) == 1 and not listed[0].varies and listed[0].confidence >= VARYING_CONFIDENCE:
            return (
                Candidate(
                    listed[0].code, max(M49_CONFIDENCE, listed[0].confidence), reason="a region in a list of M49"
                ),
            )
        return tuple(listed) or candidates

    def _lower_confidence(self, candidate: Candidate) -> Candidate:
        if candidate.varies or candidate.confidence <= DOUBTED:
            return candidate
        return replace(candidate, confidence=min(candidate.confidence, VARYING_CONFIDENCE), varies=True)


def extract_number(label: str) -> str:
    """Return the three-digit number before or after a name, or empty.

    >>> extract_number("021 Northern America"), extract_number("Northern America (021)"), extract_number("Asia")
    ('021', '021', '')
    """
    match = NUMBERED_NAME.fullmatch(" ".join(label.split()))
    return (match["first"] or match["last"]) if match else ""


def read_regions(areas: Areas, workspace: Path | None) -> Regions:
    compositions: dict[str, Composition] = {}
    for code, name, composition, m49, telling, near, difference, _ in read_alias_rows(
        REGIONS, COLUMNS, workspace, areas.codes
    ):
        compositions.setdefault(
            code,
            Composition(
                names=frozenset(map(fold_name, name.split(";"))),
                varies=composition != "same",
                is_m49=bool(m49),
                telling=frozenset(telling.split()),
                near=near,
                difference=difference,
            ),
        )
    return Regions(compositions, areas)
