"""Sentences about one answer, one question and one action are in the singular."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_country import assessed

from sdmxmig.reporting.sections.roadmap import SHORT, heading
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

GAP = '[items.A03]\nanswer = "N"\n'


def with_horizon(known: Assessment, horizon: str) -> Assessment:
    """One action for the gap, of this horizon."""
    (action,) = known.roadmap.actions
    return replace(known, roadmap=replace(known.roadmap, actions=(replace(action, horizon=horizon),)))


@pytest.mark.parametrize(
    ("horizon", "language", "sentence"),
    [
        (SHORT, "en", "1 action would close the one known gap; it takes less than a year"),
        ("LONG", "en", "1 action would close the one known gap; it takes a year or more"),
        (SHORT, "fr", "1 action permettrait de combler la seule lacune connue en moins d’un an"),
        (SHORT, "es", "1 medida permitiría cerrar la única brecha conocida en menos de un año"),
    ],
)
def test_one_action_is_none_of_several(horizon: str, language: str, sentence: str) -> None:
    assert heading(with_horizon(assessed(GAP), horizon), Wording(language)) == sentence


@pytest.mark.parametrize("language", ["fr", "es", "ar", "ru", "zh"])
@pytest.mark.parametrize("horizon", [SHORT, "LONG"])
def test_sentence_about_one_action_is_translated(horizon: str, language: str) -> None:
    wording = Wording(language)
    assert heading(with_horizon(assessed(GAP), horizon), wording)
    assert not wording.untranslated
