"""Reference metadata: the European structure, what migration adds to it, and its link with the SDGs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import MetadataAttribute, Metadataflow, MetadataStructure

DRAFT = "1.0.0-draft"


@cache
def catalogue() -> Catalogue:
    return load()


def attributes() -> dict[str, MetadataAttribute]:
    structure = catalogue().artefacts[Ref("MetadataStructure", "SDMXMIG", "MSD_MIGRATION", DRAFT)]
    assert isinstance(structure, MetadataStructure)
    return {one.id: one for one in below(structure.attributes)}


def below(given: tuple[MetadataAttribute, ...]) -> Iterator[MetadataAttribute]:
    for one in given:
        yield one
        yield from below(one.children)


def test_the_european_structure_stands_whole_and_the_additions_beside_it() -> None:
    concepts = catalogue().item_scheme("CS_META")
    assert set(attributes()) == set(concepts.ids)
    assert sum(one.status == "verified" for one in concepts) == 75
    assert {"RES_RULE", "MIGRANT_ID_CRITERION", "BIRTH_BOUNDARIES", "DUAL_CTZ_RULE", "MIRROR_USED"} <= set(concepts.ids)


def test_headings_hold_nothing_and_everything_else_is_text_or_code() -> None:
    for one in attributes().values():
        assert one.presentational == bool(one.children), one.id
        assert one.presentational or one.codelist or one.data_type, one.id
    assert sum(one.codelist is not None for one in attributes().values()) == 20


def test_every_concept_has_its_name_in_six_languages() -> None:
    for one in catalogue().item_scheme("CS_META"):
        assert {"en", "fr", "es", "ar", "ru", "zh"} <= {language for language, _ in one.name.values}, one.id


def test_metadata_of_sdg_indicators_follow_the_structure_of_the_sdgs() -> None:
    flow = catalogue().artefacts[Ref("Metadataflow", "SDMXMIG", "MDF_SDG_MIGRATION", DRAFT)]
    assert isinstance(flow, Metadataflow)
    assert flow.structure.short == "IAEG-SDGs:SDG_MSD(1.0)"
    assert catalogue().artefacts[flow.structure].details.external
    assert len(flow.targets) == 4
    assert catalogue().item_scheme("CS_META")["CLASS_SYSTEM"].note("SDG_MSD") == "CLASS_SYSTEM"
