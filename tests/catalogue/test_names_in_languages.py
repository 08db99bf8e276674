"""Our artefacts, and lists that reports print, have names in the six languages of the United Nations."""

from __future__ import annotations

from collections.abc import Iterator

from shipped import CATALOGUE

from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.statistics.assessment import collect_labels

LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
OF_OTHERS = ("RepresentationMap", "StructureMap", "CL_ILO_INDICATOR", "CL_ILO_ROLE")
"""Ours that carry names of other organisations."""
PRINTED = (
    *("SDMX:CL_SEX(2.1)", "SDMX:CL_OBS_STATUS(2.3)", "SDMX:CL_CONF_STATUS(1.4)", "SDMX:CL_CIVIL_STATUS(1.0)"),
    *("SDMX:CL_DEG_URB(1.0)", "SDMX:CL_OCCUPATION(1.0)", "SDMX:CL_ACTIVITY_ISIC4(1.0)"),
    "IAEG-SDGs:CL_URBANISATION(1.10)",
)
"""Lists of others that reports print."""
OURS = [
    ref.short
    for ref in sorted(CATALOGUE.artefacts)
    if ref.agency == "SDMXMIG" and not {ref.kind, ref.id} & set(OF_OTHERS)
]
ARTEFACTS = {ref.short: artefact for ref, artefact in CATALOGUE.artefacts.items()}


def names(what: str) -> Iterator[tuple[str, Text]]:
    if what == "labels of reports":
        yield from collect_labels(CATALOGUE).items()
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
        artefact = ARTEFACTS[what]
        yield what, artefact.name
        if isinstance(artefact, ItemScheme):
            yield from ((item.id, item.name) for item in artefact)


def test_names_are_given_in_six_languages() -> None:
    listed = {
        what: list(names(what))
        for what in ("labels of reports", "indicators", "answers", "identities", *OURS, *PRINTED)
    }
    assert [what for what in listed if not listed[what]] == []
    missing = {(what, own): sorted(LANGUAGES - dict(name).keys()) for what in listed for own, name in listed[what]}
    assert {place: languages for place, languages in missing.items() if languages} == {}
