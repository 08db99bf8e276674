"""Declarations of every kind: the loaded artefacts, and errors for faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared import FILES, write

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import Annotation, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Categorisation,
    TimeRange,
)

DRAFT = "1.0.0-draft"
ORIGIN = (Annotation("STATUS", title="candidate"), Annotation("SOURCE", Text.of(en="here")))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load(write(tmp_path_factory.mktemp("declared")))


def get(catalogue: Catalogue, kind: str, name: str) -> Artefact:
    return catalogue.artefacts[Ref(kind, "SDMXMIG", id=name, version=DRAFT)]


def test_codelist_has_validity_and_aliases_by_language(catalogue: Catalogue) -> None:
    scheme = catalogue.item_scheme("CL_TRY")
    assert (scheme.details.valid_from, scheme.details.valid_to) == ("2020-01-01", "2030-12-31")
    assert scheme["_T"].annotations[1:] == (Annotation("ALIAS", Text.of(en="all", fr="tous")),)


def test_foreign_list_may_be_declared_as_a_stub(catalogue: Catalogue) -> None:
    scheme = catalogue.item_scheme("CL_FAR")
    assert (len(scheme), scheme.details.external) == (0, True)
    assert scheme.details.structure_url == "https://example.org/CL_FAR"


def test_categories_are_identified_by_their_path(catalogue: Catalogue) -> None:
    scheme = get(catalogue, "CategoryScheme", "CAT_TRY")
    assert isinstance(scheme, ItemScheme)
    assert [(item.parent, item.id) for item in scheme] == [
        ("", "STOCKS"),
        ("STOCKS", "BIRTH"),
        ("", "FLOWS"),
        ("FLOWS", "BIRTH"),
    ]


def test_hierarchy_is_read_as_a_tree_with_levels(catalogue: Catalogue) -> None:
    tree = get(catalogue, "Hierarchy", "H_TRY")
    (top,) = tree.codes
    assert (top.id, top.code.item, top.level) == ("T", "_T", "TOTAL")
    assert [(one.id, [child.id for child in one.children]) for one in top.children] == [
        ("FB", ["FB_NC", "FB_FC"]),
        ("NB", []),
    ]
    assert top.children[0].annotations[0] == Annotation("STATUS", title="verified")
    assert top.children[0].children[0].valid_from == "2001-01-01"
    assert (tree.levels.id, tree.levels.below.id, tree.formal_levels) == ("TOTAL", "PART", True)


def test_attributes_describe_dimensions_or_groups(catalogue: Catalogue) -> None:
    structure = get(catalogue, "DataStructure", "DSD_TRY")
    assert (structure["NOTE"].attachment, structure["NOTE"].dimensions) == ("dimensions", ("POPULATION",))
    assert (structure["CONTACT"].group, structure.groups[0].dimensions) == ("Sibling", ("POPULATION",))
    assert structure.annotations == (Annotation("HOW", Text.of(en="Like this")),)


def test_dataflow_includes_constraint_and_categorisations(catalogue: Catalogue) -> None:
    flow = catalogue.flow("DF_TRY")
    assert flow.dataflow.details.valid_to == "2027-12-31"
    assert flow.dataflow.annotations == (Annotation("AGENCY_TABLE", title="migr_try"),)
    limit = get(catalogue, "DataConstraint", "CC_DF_TRY")
    assert (limit.attached, limit.annotations) == ((flow.dataflow.ref,), ORIGIN)
    values = {selection.component: selection for selection in limit.regions[0].selections}
    assert [member.value for member in values["POPULATION"].members] == ["FB", "NB"]
    assert values["TIME_PERIOD"].time_range == TimeRange(start="2008")
    filed = [get(catalogue, "Categorisation", f"CTG_DF_TRY_{number}") for number in (1, 2)]
    assert [artefact.target.item for artefact in filed if isinstance(artefact, Categorisation)] == [
        "STOCKS.BIRTH",
        "FLOWS",
    ]


def test_flow_has_own_constraints_and_those_of_its_structure(catalogue: Catalogue) -> None:
    assert [constraint.ref.id for constraint in catalogue.flow("DF_TRY").constraints] == ["CN_TRY", "CC_DF_TRY"]


def test_metadata_structure_is_read_as_a_tree(catalogue: Catalogue) -> None:
    structure = get(catalogue, "MetadataStructure", "MSD_TRY")
    heading, coded = structure.attributes
    (email,) = heading.children
    assert (heading.presentational, heading.data_type) == (True, "")
    assert (email.min_occurs, email.max_occurs, email.facets) == ("1", "unbounded", (("maxLength", "350"),))
    assert coded.codelist == catalogue.item_scheme("CL_TRY").ref
    flow = get(catalogue, "Metadataflow", "MDF_TRY")
    assert flow.structure == structure.ref


def test_agreement_names_flow_and_provider(catalogue: Catalogue) -> None:
    agreement = get(catalogue, "ProvisionAgreement", "PA_TRY")
    assert (agreement.flow.id, agreement.provider.short) == ("DF_TRY", "SDMXMIG:DATA_PROVIDERS(1.0).GE1")


def test_maps_name_lists_components_and_dates(catalogue: Catalogue) -> None:
    values, structure = get(catalogue, "RepresentationMap", "RM_TRY"), get(catalogue, "StructureMap", "SM_TRY")
    assert [(mapping.sources[0].value, *mapping.targets) for mapping in values.mappings] == [
        ("FB", "FOR"),
        ("NB", "NAT"),
    ]
    assert structure.components[0].representation == values.ref
    assert (structure.fixed[0].values, structure.times[0].pattern) == (("NR",), "yyyy")


LIST, TREE, CONCEPTS = (f"codelists/SDMXMIG/{name}.{DRAFT}.csv" for name in ("CL_TRY", "H_TRY", "CS_TRY"))
CATEGORIES, VALUES = f"codelists/SDMXMIG/CAT_TRY.{DRAFT}.csv", f"structures/maps/SDMXMIG/RM_TRY.{DRAFT}.csv"
STRUCTURE, FLOW = "structures/dsd/DSD_TRY.toml", "structures/dataflows/DF_TRY.toml"
MSD, LIMIT, MAP = "structures/msd/MSD_TRY.toml", "structures/constraints/CN_TRY.toml", "structures/maps/SM_TRY.toml"
METADATAFLOW, AGREEMENT = "structures/metadataflows/MDF_TRY.toml", "structures/agreements/PA_TRY.toml"


@pytest.mark.parametrize(
    ("file", "old", "new", "said", "where"),
    [
        (LIST, "_T,,Total", "T!,,Total", "“T!” is not an id", ":3"),
        (LIST, "FB_NC,FB,", "FB_NC,FBB,", "The parent “FBB”", ":5 › parent"),
        (LIST, "verified", "certain", "“certain” is not a status", ":3 › status"),
        (LIST, ",,,all,tous", ",,,all,tous,more", "more cells than", ":3"),
        (CONCEPTS, "CL_TRY", "CL_TRYY", "There is no codelist SDMXMIG:CL_TRYY", ":3"),
        (CATEGORIES, "BIRTH,STOCKS", "BIRTH,STOCK", "The parent “STOCK”", ":4 › parent"),
        (CATEGORIES, "BIRTH,FLOWS", "BIRTH,STOCKS", "“STOCKS.BIRTH” occurs twice", ":6"),
        (TREE, "SDMXMIG:CL_TRY(1.0.0-draft),", "SDMXMIG:CL_TRI(1.0.0-draft),", "There is no codelist", ":2"),
        (TREE, "NB,T,,", "NB,T,NX,", "There is no code “NX”", ":7"),
        (TREE, "NB,T,,", "NB,FX,,", "The parent “FX”", ":7 › parent"),
        (TREE, "FB_FC,FB,,LEAF", "FB_FC,FB,,LEEF", "There is no level “LEEF”", ":6 › level"),
        (TREE, "NB,T,,PART,,", "NB,T,,PART,,Born here", "must not have its own name", ":7"),
        (
            STRUCTURE,
            '["POPULATION"]\n[[attribute]]',
            '["POP"]\n[[attribute]]',
            "no dimension “POP”",
            "attribute[1].dimensions",
        ),
        (TREE, "2001-01-01", "2001-13", "“2001-13” is not a date", ":5"),
        (STRUCTURE, 'group = "Sibling"', 'group = "Siblings"', "no group “Siblings”", "attribute[2].group"),
        (STRUCTURE, 'id = "POPULATION"', 'id = "POPULATIN"', "no concept “POPULATIN”", "dimension[2].id"),
        (FLOW, "DSD_TRY", "DSD_TRI", "no data structure SDMXMIG:DSD_TRI", "structure"),
        (FLOW, "CAT_TRY.STOCKS", "CAT_TRY.STOKS", "“STOKS.BIRTH”", "categories"),
        (FLOW, '"NB"]', '"XB"]', "no code “XB” in SDMXMIG:CL_TRY", "constraint.POPULATION"),
        (FLOW, "POPULATION =", "POPULACE =", "has no component “POPULACE”", "constraint.POPULACE"),
        (FLOW, '"2008"', '""', "The range has no end", "constraint.TIME_PERIOD"),
        (FLOW, 'title = "migr_try"', 'titel = "migr_try"', "“titel” is not a valid key here", "note[1].titel"),
        (MSD, 'parent = "CONTACT"', 'parent = "CONTAKT"', "The parent “CONTAKT”", "attribute[2].parent"),
        (METADATAFLOW, "urn:sdmx:", "sdmx:", "is not a URN", "targets"),
        (AGREEMENT, "GE1", "GE2", "no item “GE2”", "provider"),
        (VALUES, "NB,NAT", "NX,NAT", "no code “NX”", ":4 › source"),
        (VALUES, "NB,NAT", "NB,", "The target is missing", ":4 › target"),
        (MAP, 'source = ["POPULATION"]', 'source = ["POPULACE"]', "has no component “POPULACE”", "component[1].source"),
        (MAP, 'version = "1.0.0-draft"', 'version = "1,0"', "“1,0” is not a version", "version"),
    ],
)
@pytest.mark.sampled(6)
def test_mistake_is_reported_with_file_and_line_or_key(
    tmp_path: Path, file: str, old: str, new: str, said: str, where: str
) -> None:
    assert old in FILES[file]
    write(tmp_path, {**FILES, file: FILES[file].replace(old, new, 1)})
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path)
    assert said in caught.value.message
    assert caught.value.place.file == Path(file).name
    assert str(caught.value.place).endswith(where)


def test_artefact_declared_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "structures/dataflows/DF_TWICE.toml": FILES[FLOW]})
    with pytest.raises(DeclarationError, match="declared twice") as caught:
        load(tmp_path)
    assert caught.value.hint == "See DF_TRY.toml."


def test_unknown_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "structures" / "dataflow").mkdir(parents=True)
    with pytest.raises(DeclarationError, match="This folder cannot contain declarations") as caught:
        load(tmp_path)
    assert (str(caught.value.place), caught.value.hint) == ("structures/dataflow", "Did you mean “dataflows”?")


def test_year_of_validity_covers_first_to_last_day(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, FLOW: FILES[FLOW].replace("2008-01-01", "2008").replace("2027-12-31", "2024-02")})
    details = load(tmp_path).flow("DF_TRY").dataflow.details
    assert (details.valid_from, details.valid_to) == ("2008-01-01", "2024-02-29")
