"""The data structures, the dataflows of the tables that agencies ask for, and what each of them may hold."""

from __future__ import annotations

import pytest
from each import each
from shipped import CATALOGUE

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion.mapping import load as read_mapping
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.structures import Agreement, Categorisation, Constraint

LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
FLOWS = sorted(name for name, flow in CATALOGUE.flows.items() if flow.dataflow.ref.agency == "SDMXMIG")
STRUCTURES = {ref.id: artefact for ref, artefact in CATALOGUE.artefacts.items() if isinstance(artefact, DataStructure)}
OURS = {name: structure for name, structure in STRUCTURES.items() if structure.ref.agency == "SDMXMIG"}
STATUS_AND_COUNTRY = {"BIRTH_STATUS": "C_BIRTH", "CTZ_STATUS": "C_CITIZEN"}

TABLES = {
    "Eurostat": """
        migr_imm1ctz migr_imm3ctb migr_imm5prv migr_imm8 migr_emi1ctz migr_emi4ctb migr_emi3nxt migr_emi2
        migr_pop1ctz migr_pop3ctb migr_acq migr_resfirst migr_resvalid migr_resocc migr_resedu migr_resfam migr_resoth
        migr_reslong migr_ressing migr_resbc1 migr_asyappctza migr_asyappctzm migr_asydcfsta migr_asydcfstq
        migr_asypenctzm migr_asyumactm migr_asytpfm migr_asytpsm migr_eipre demo_pjan NOWCAST DEMOBAL POPSTAT""",
    "OECD": "B11 B12 B13 B14 B15 B16",
    "IAEG-SDGs": "10.7.1 10.7.2 10.7.3 10.7.4",
}
"""Tables that agencies ask for, by the codes under which they publish them."""
ILO = """
    MST_XWAP MST_TEAP MST_TEMP MST_TUNE MST_TEIP MST_EARA MST_FORP MST_NCTP MST_FORE MST_NCTE EIP_NEET MFL_FPOP MFL_FEMP
    MFL_FWAP MFL_NCIT MFL_NEMP MFL_NWAP MNA_OPOP MNA_OEMP MNA_XRET MNA_TPOP INJ_FATL INJ_NFTL"""
"""Groups of the ILO's indicators of international labour migration."""


def notes(flow: Flow) -> dict[str, str]:
    return {note.type: note.title or note.text.in_language("en") for note in flow.dataflow.annotations}


def tables(agency: str) -> list[str]:
    found = [notes(CATALOGUE.flows[name]) for name in FLOWS]
    return [record["AGENCY_TABLE"] for record in found if record.get("AGENCY") == agency]


def only(flow: str, component: str) -> list[str]:
    """The codes that the constraint of a flow leaves to a component."""
    return [
        member.value
        for constraint in CATALOGUE.flows[flow].constraints
        for region in constraint.regions
        for selection in region.selections
        if selection.component == component
        for member in selection.members
    ]


def years(flow: str) -> tuple[str, str]:
    (limits,) = [
        selection.time_range
        for constraint in CATALOGUE.flows[flow].constraints
        for region in constraint.regions
        for selection in region.selections
        if selection.time_range
    ]
    return limits.start, limits.end


@each("agency", TABLES)
def test_every_table_of_an_agency_has_a_flow(agency: str) -> None:
    assert set(TABLES[agency].split()) <= set(tables(agency))


def test_every_group_of_ilo_indicators_unhcr_and_the_population_division_have_flows() -> None:
    assert all(any(group in table for table in tables("ILO")) for group in ILO.split())
    assert set(tables("UNHCR")) == {"population", "asylum applications", "asylum decisions", "demographics"}
    assert tables("UN DESA Population Division") == ["International Migrant Stock"]


def test_tables_of_article_3_end_with_2027_and_have_successors_whose_codes_are_not_published() -> None:
    assert years("DF_ESTAT_MIGR_IMM1CTZ") == ("2008", "2027")
    assert years("DF_ESTAT_MIGR_ACQ") == ("2008", "2027")
    assert years("DF_ESTAT_MIGR_RESFIRST") == ("2008", "")
    assert (years("DF_EU2458_IMM"), years("DF_EU2458_POP")) == (("2028", ""), ("2027", ""))
    for name in FLOWS:
        if name.startswith("DF_EU2458"):
            flow = CATALOGUE.flows[name]
            assert (notes(flow)["AGENCY_TABLE"], notes(flow)["AGENCY_TABLE_STATUS"]) == ("not published", "candidate")
            assert "not published" in flow.dataflow.description.in_language("en")


@each("name", FLOWS)
def test_every_flow_has_a_category_six_names_and_a_source(name: str) -> None:
    flow = CATALOGUE.flows[name].dataflow
    filed = [
        artefact.target.item
        for artefact in CATALOGUE.artefacts.values()
        if isinstance(artefact, Categorisation) and artefact.source == flow.ref
    ]
    assert [one for one in filed if not one.startswith("BY_AGENCY")], name
    assert ("AGENCY" in notes(CATALOGUE.flows[name])) == any(one.startswith("BY_AGENCY.") for one in filed)
    assert {language for language, _ in flow.name} >= LANGUAGES
    assert flow.description
    assert flow.source
    assert flow.status in ("candidate", "verified")


def test_two_tables_of_one_agency_never_have_one_name() -> None:
    for language in sorted(LANGUAGES):
        flows = [CATALOGUE.flows[name] for name in FLOWS]
        names = [(notes(flow).get("AGENCY", ""), flow.dataflow.name.in_language(language)) for flow in flows]
        assert {name for name in names if names.count(name) > 1} == set(), language


def test_a_flow_of_totals_fixes_every_dimension_that_its_table_does_not_use() -> None:
    assert only("DF_ESTAT_MIGR_IMM5PRV", "DIRECTION") == ["I"]
    assert only("DF_ESTAT_MIGR_IMM5PRV", "C_CITIZEN") == ["_T"]
    assert only("DF_ESTAT_MIGR_IMM5PRV", "C_RESIDENCE") == []
    assert only("DF_OECD_B15", "CTZ_STATUS") == ["FC", "STLS", "_U"]


@each("name", sorted(OURS))
def test_every_structure_has_a_dataflow(name: str) -> None:
    assert {CATALOGUE.flows[flow].structure.ref.id for flow in FLOWS} >= {name}


@pytest.mark.parametrize("core", ["DSD_STOCK", "DSD_FLOW"])
def test_further_topics_are_added_to_the_dimensions_of_the_core(core: str) -> None:
    """A figure of the core is found among the further topics by totals, so both can be compared."""
    added = set(STRUCTURES[f"{core}_TOPIC"].key) - set(STRUCTURES[core].key)
    assert set(STRUCTURES[core].key) <= set(STRUCTURES[f"{core}_TOPIC"].key)
    assert added >= {"REGION", "EDUCATION_LEV", "LF_STATUS", "REASON"}


@each("name", [name for name in sorted(OURS) if "RES_RULE" in OURS[name]])
def test_structures_have_method_attributes(name: str) -> None:
    if name == "DSD_IND_TERM":
        return
    given = {attribute.id for attribute in OURS[name].attributes()}
    assert given >= {"RES_RULE", "DUR_BASIS", "REF_DATE", "AGEDEF", "SRC_TYPE", "SOURCE_DETAIL", "INTEG_METHOD"}
    assert given >= {"REV_STAGE", "OBS_STATUS", "CONF_STATUS", "UNIT_MULT", "DECIMALS", "COMMENT_OBS", "COMMENT_DSET"}


def test_status_fixed_by_a_country_has_constraint_rule_and_page() -> None:
    limits = [artefact for artefact in CATALOGUE.artefacts.values() if isinstance(artefact, Constraint)]
    both = [
        structure
        for structure in OURS.values()
        if any({status, country} <= set(structure.key) for status, country in STATUS_AND_COUNTRY.items())
    ]
    assert {structure.ref.id for structure in both} >= {"DSD_STOCK", "DSD_FLOW", "DSD_ACCOUNT", "DSD_CITIZENSHIP"}
    for structure in both:
        assert any(structure.ref in limit.attached and limit.keys for limit in limits)
        flows = [flow for flow in CATALOGUE.flows.values() if flow.structure.ref == structure.ref]
        assert all("MIG-1-130" in flow.dataflow.rules for flow in flows)


def test_mapping_can_omit_values_that_a_constraint_fixes() -> None:
    mapping = read_mapping(
        "previous.toml",
        b"""id = "M"
flow = "DF_ESTAT_MIGR_IMM5PRV"
file = "a.xlsx"
[[block]]
sheet = "S"
anchor = "Country"
header_rows = 1
header_columns = 1
[block.fixed]
REF_AREA = "GE"
AGE = "_T"
SEX = "_T"
[block.components.C_RESIDENCE]
from = "column 1"
[block.components.TIME_PERIOD]
from = "header 1"
""",
        CATALOGUE.flows,
    )
    fixed = dict(mapping.blocks[0].fixed)
    assert (fixed["FREQ"], fixed["DIRECTION"], fixed["C_CITIZEN"], fixed["REF_AREA"]) == ("A", "I", "_T", "GE")


def test_the_template_agreement_and_its_provider_stand_for_no_organisation() -> None:
    catalogue: Catalogue = CATALOGUE
    (agreement,) = [artefact for artefact in catalogue.artefacts.values() if artefact.ref.id == "PA_TEMPLATE"]
    assert isinstance(agreement, Agreement)
    providers = catalogue.artefacts[agreement.provider.scheme]
    assert (agreement.provider.agency, agreement.provider.item) == ("NSO", "NSO")
    assert isinstance(providers, ItemScheme)
    assert "template" in providers["NSO"].name.in_language("en")
