"""Printed terms of reports and the site have names in the six languages of the United Nations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from shipped import CATALOGUE

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.assessment import labels

LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
LISTS = ("CS_FRAMEWORK", "CS_DEFINITIONS", "CL_POLICY_AREA", "CL_INDICATOR", "CL_ACC_ITEM", "CL_BENCH_ITEM", "CS_META")


def names(what: str) -> Iterator[tuple[str, Text]]:
    if what == "labels of reports":
        yield from labels(CATALOGUE).items()
    elif what == "indicators":
        for indicator in CATALOGUE.indicators.values():
            yield indicator.id, indicator.name
            yield from ((f"{indicator.id} {variant.id}", variant.name) for variant in indicator.variants)
    elif what == "answers":
        for scale in CATALOGUE.scales.values():
            yield scale.id, scale.name
            yield from ((f"{scale.id} {code}", scale.label(code)) for code, _ in scale.points)
    elif what == "identities":
        yield from ((identity.id, identity.name) for identity in CATALOGUE.identities)
    else:
        scheme = CATALOGUE.item_scheme(what)
        yield scheme.ref.id, scheme.name
        yield from ((item.id, item.name) for item in scheme)


@pytest.mark.parametrize("what", ["labels of reports", "indicators", "answers", "identities", *LISTS])
def test_names_are_there_in_six_languages(what: str) -> None:
    listed = list(names(what))
    assert listed
    assert [(own, sorted(LANGUAGES - dict(name).keys())) for own, name in listed if LANGUAGES - dict(name).keys()] == []
