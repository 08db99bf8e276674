"""Reference metadata: the European structure, its additions for migration, and its link with the SDGs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from case_tables import cases_from, text_from
from click.testing import CliRunner
from folders import ROOT
from shipped import CATALOGUE, catalogue_of

from sdmxmig.catalogue.artefact_heads import ArtefactIndex
from sdmxmig.catalogue.data_structures import read_metadata_set
from sdmxmig.cli import cli, run
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import MetadataAttribute
from sdmxmig.workspace.tasks.building import STRUCTURE_FORMATS

GEORGIA = ROOT / "examples" / "georgia"


def own(kind: str, own_id: str) -> Ref:
    """The name of an artefact of ours."""
    return next(ref for ref in CATALOGUE.artefacts if (ref.kind, ref.agency, ref.id) == (kind, "SDMXMIG", own_id))


def attributes() -> dict[str, MetadataAttribute]:
    structure = CATALOGUE.artefacts[own("MetadataStructure", "MSD_MIGRATION")]
    return {one.id: one for one in below(structure.attributes)}


def below(given: tuple[MetadataAttribute, ...]) -> Iterator[MetadataAttribute]:
    for one in given:
        yield one
        yield from below(one.children)


def test_european_structure_is_complete_with_separate_additions() -> None:
    concepts = CATALOGUE.item_scheme("CS_META")
    assert set(attributes()) == set(concepts.ids)
    assert {"RES_RULE", "MIGRANT_ID_CRITERION", "BIRTH_BOUNDARIES", "DUAL_CTZ_RULE", "MIRROR_USED"} <= set(concepts.ids)


def test_only_headings_have_no_text_or_code() -> None:
    for attribute in attributes().values():
        assert attribute.presentational == bool(attribute.children), attribute.id
        assert attribute.presentational or attribute.codelist or attribute.data_type, attribute.id


def test_sdg_metadata_follow_the_sdg_structure() -> None:
    flow = CATALOGUE.artefacts[own("Metadataflow", "MDF_SDG_MIGRATION")]
    assert flow.structure.short == "IAEG-SDGs:SDG_MSD(1.0)"
    assert CATALOGUE.artefacts[flow.structure].details.external
    assert len(flow.targets) == 4
    assert CATALOGUE.item_scheme("CS_META")["CLASS_SYSTEM"].note("SDG_MSD") == "CLASS_SYSTEM"


# --- the example of Georgia


@cache
def georgia() -> MetadataSet:
    (found,) = catalogue_of(GEORGIA).metadata.values()
    return found


def leaves(given: tuple[ReportedAttribute, ...]) -> Iterator[ReportedAttribute]:
    for one in given:
        yield from leaves(one.attributes) if one.attributes else (one,)


def test_example_states_only_sourced_facts() -> None:
    said = list(leaves(georgia().reports[0].attributes))
    assert {one.id for one in said} >= {"STAT_CONC_DEF", "DUR_BASIS", "SRC_TYPE", "INST_MAN_LA_OA"}
    assert all(one.values or one.text for one in said)
    assert all("http" in str(artefact.annotations[0].text) for artefact in said)


def test_attributes_follow_order_and_headings_of_structure() -> None:
    order = list(attributes())
    ids = [attribute.id for attribute in georgia().reports[0].attributes]
    assert ids == sorted(ids, key=order.index)
    (particular,) = (attribute for attribute in georgia().reports[0].attributes if attribute.id == "MIGRATION")
    assert [attribute.id for attribute in particular.attributes] == ["WHO_COUNTS", "DEPARTURES"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built")
    assert run(["build", str(GEORGIA), "--output", str(out), "--now", "2026-01-01T00:00:00"]) == 0
    return out / "structures"


@pytest.mark.parametrize("wire", STRUCTURE_FORMATS)
def test_built_metadata_survive_a_round_trip_in_all_versions(built: Path, wire: str) -> None:
    form = FORMATS[wire]
    content = (built / f"metadata.{wire}{form.suffix}").read_bytes()
    (found,) = form.read_metadata("metadata", content)
    assert undrafted(found) == undrafted(georgia())
    if form.suffix == ".xml":
        assert find_problems(content) == []


def undrafted(one: MetadataSet) -> MetadataSet:
    """A set without drafts in its names, since SDMX 2.1 has none."""
    reports = [
        replace(report, targets=tuple(Target(target.value.replace("-draft", "")) for target in report.targets))
        for report in one.reports
    ]
    described = replace(one.describes, version=one.describes.version.replace("-draft", ""))
    return replace(one, describes=described, reports=tuple(reports))


def test_example_is_shown_with_code_names_and_sources() -> None:
    asked = ["show", "GE_MIGRATION_FLOWS", "--workspace", str(GEORGIA)]
    shown = CliRunner().invoke(cli, asked, catch_exceptions=False).stdout
    assert "ACT Actual stay" in shown
    assert "national [" in shown
    assert "] Geostat, About. https://www.geostat.ge" in shown
    french = CliRunner().invoke(cli, [*asked, "--language", "fr"], catch_exceptions=False).stdout
    assert "Métadonnées" not in french.splitlines()[0]
    assert "Base de la durée" in french


HEAD = text_from("catalogue/cases/reference_metadata_head.toml")


@cases_from("catalogue/cases/attributes_outside_the_structure_are_refused.csv")
def test_attributes_outside_the_structure_are_refused(declared: str, message: str) -> None:
    known = ArtefactIndex(CATALOGUE.artefacts.values())
    with pytest.raises(DeclarationError, match=message):
        read_metadata_set(Declared.parse("m.toml", f"{HEAD}{declared}".encode()), known)
