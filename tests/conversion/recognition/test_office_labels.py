"""Labels as offices write them: most are recognised, and none is ever applied to a wrong country."""

from __future__ import annotations

import pytest

from benchmarks.names import NEIGHBOURS, NOTHING, office_labels, score_each
from sdmxmig.conversion.recognition import Recogniser

ASKED = {"misspelt": 0.3, "region": 0.85, "shortened": 0.9}
"""The parts that are applied of kinds that are mostly asked about; of all others 0.9."""


@pytest.mark.parametrize("kind", office_labels())
def test_labels_of_offices_are_recognised_without_context(recogniser: Recogniser, kind: str) -> None:
    scored = score_each(kind, office_labels()[kind], recogniser)
    assert scored.wrong == ()
    assert scored.share >= ASKED.get(kind, 0.9)


def test_misspelt_name_has_its_country_as_first_candidate(recogniser: Recogniser) -> None:
    pairs = office_labels()["misspelt"]
    candidates = [
        (recogniser.candidates(label, "PARTNER") or recogniser.near(label, "PARTNER"))[:1] for _, label in pairs
    ]
    right = sum(bool(one) and one[0].code == code for one, (code, _) in zip(candidates, pairs, strict=True))
    assert right >= 0.95 * len(pairs)


@pytest.mark.parametrize("part", range(4))
def test_office_labels_that_are_not_countries_match_no_country(recogniser: Recogniser, part: int) -> None:
    pairs = [label for label in office_labels()["no country"] if label[0] == NOTHING][part::16]
    assert score_each("no country", pairs, recogniser, NEIGHBOURS).wrong == ()
