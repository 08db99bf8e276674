"""The data structures, the dataflows of the tables that agencies ask for, and what each of them may hold."""

from __future__ import annotations

from each import each
from shipped import CATALOGUE

from sdmxmig.conversion.mapping import load as read_mapping
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.structures import Categorisation, Constraint

LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
FLOWS = sorted(name for name, flow in CATALOGUE.flows.items() if flow.dataflow.ref.agency == "SDMXMIG")
STRUCTURES = {ref.id: artefact for ref, artefact in CATALOGUE.artefacts.items() if isinstance(artefact, DataStructure)}
OURS = {name: structure for name, structure in STRUCTURES.items() if structure.ref.agency == "SDMXMIG"}
STATUS_AND_COUNTRY = {"BIRTH_STATUS": "C_BIRTH", "CTZ_STATUS": "C_CITIZEN"}


def notes(flow: Flow) -> dict[str, str]:
    return {note.type: note.title or note.text.in_language("en") for note in flow.dataflow.annotations}


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


def test_dataflows_of_an_agency_have_distinct_names() -> None:
    for language in sorted(LANGUAGES):
        flows = [CATALOGUE.flows[name] for name in FLOWS]
        names = [(notes(flow).get("AGENCY", ""), flow.dataflow.name.in_language(language)) for flow in flows]
        assert {name for name in names if names.count(name) > 1} == set(), language


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


def test_mapping_can_omit_values_fixed_by_a_constraint() -> None:
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
