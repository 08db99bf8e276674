"""Rules in VTL: script, artefacts, and the list of rules without a translation.

`test_vtl_verdicts` compares the verdicts of a VTL engine.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from console import Console
from folders import ROOT
from pysdmx.io import read_sdmx
from reported import outside_data
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.quality.rules import KINDS
from sdmxmig.quality.vtl import TRANSLATIONS
from sdmxmig.quality.vtl.script import (
    TranslatedRule,
    build_artefacts,
    format_omitted_rules,
    translate_rule,
    write_statements,
    write_titled_script,
)
from sdmxmig.quality.vtl.syntax import NAME_TAKEN_REASON, REASONS, UNFILLED_FLOW, UNREPORTED_FLOW
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import FORMATS, data_bytes, structure_bytes
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.submission import Header, Party

HEADER = Header("RULES", "2026-01-01T00:00:00", sender=Party("GE1"), receivers=(Party("UNSD"),))
FORMS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")


def of(rule: str, flow: str = "DF_POP") -> TranslatedRule:
    return translate_rule(CATALOGUE.rules[rule], CATALOGUE.flows[flow], CATALOGUE)


def lines(rule: str, flow: str = "DF_POP") -> list[str]:
    return "\n".join(write_statements(of(rule, flow).parts, set())).splitlines()


def test_condition_on_single_figures_is_a_datapoint_ruleset() -> None:
    define, condition, end, _, figures, check = lines("MIG-1-011")
    assert define == "define datapoint ruleset RULES_MIG_1_011_DF_POP (variable UNITS) is"
    assert condition == '  R1: UNITS >= 0 errorcode "MIG-1-011" errorlevel 3'
    assert end == "end datapoint ruleset;"
    assert figures.startswith("FIGURES_DF_POP := REPORTED_DF_POP[calc measure POWER := ")
    assert check == (
        "MIG_1_011_DF_POP <- check_datapoint(FIGURES_DF_POP[filter not isnull(UNITS)], RULES_MIG_1_011_DF_POP all);"
    )


def test_attribute_read_as_empty_text_is_null() -> None:
    data = next(line for line in lines("MIG-1-003", "DF_EMI") if line.startswith("REPORTED_DF_EMI := DF_EMI[calc "))
    assert 'attribute SRC_TYPE := if SRC_TYPE <> "" then SRC_TYPE else null' in data


def test_vtl_tolerates_half_a_declared_unit_per_figure() -> None:
    figures = next(line for line in lines("MIG-1-101") if line.startswith("FIGURES_DF_POP := "))
    assert "measure STEP := power(10.0, POWER - DIGITS)" in figures
    assert "measure SLACK := if STEP = 1.0 then 0.0 else STEP" in figures
    holds = next(line for line in lines("MIG-1-101") if line.startswith("MIG_1_101_DF_POP_TESTED := "))
    assert "abs(UNITS - PARTS) * 2 <= SLACK + SLACK_OF_PARTS + 0.000001" in holds


def test_untested_totals_are_absent_from_the_result() -> None:
    assert lines("MIG-1-101")[-1] == (
        "MIG_1_101_DF_POP_UNTESTED <- setdiff("
        "MIG_1_101_DF_POP_CANDIDATES[calc measure TESTED := false][keep TESTED], "
        "MIG_1_101_DF_POP_TESTED[calc measure TESTED := false][keep TESTED]);"
    )


@pytest.mark.parametrize("severity", ["error", "warning", "information"])
def test_severity_of_a_finding_is_its_error_level(severity: str) -> None:
    rule = replace(CATALOGUE.rules["MIG-1-101"], severity=severity)
    script = write_titled_script([translate_rule(rule, CATALOGUE.flows["DF_POP"], CATALOGUE)], "en")
    level = {"error": 3, "warning": 2, "information": 1}[severity]
    assert f'errorcode "MIG-1-101" errorlevel {level} imbalance' in script


def test_new_rule_of_known_kind_is_exported_without_changes() -> None:
    parameters = {"dimensions": ["SEX"], "required": ["F", "M", "_U"]}
    rule = replace(CATALOGUE.rules["MIG-1-101"], id="NSO-1-001", parameters=parameters)
    script = write_titled_script([translate_rule(rule, CATALOGUE.flows["DF_POP"], CATALOGUE)], "en")
    assert 'measure NEED_3 := if SEX = "_U" then 1 else 0' in script
    assert "NSO_1_001_DF_POP <- check(" in script


def test_vtl_keywords_are_quoted_as_names() -> None:
    flow = CATALOGUE.flows["DF_POP"]
    structure = flow.structure
    components = tuple(
        replace(component, id="imbalance") if component.id == "OBS_VALUE" else component
        for component in structure.components
    )
    renamed = replace(flow, structure=replace(structure, components=components))
    script = write_titled_script([translate_rule(CATALOGUE.rules["MIG-1-011"], renamed, CATALOGUE)], "en")
    assert "measure UNITS := 'imbalance' * power(10.0, POWER)" in script


def test_rules_not_in_vtl_are_listed_by_reason() -> None:
    translations = [of("MIG-1-101"), of("MIG-1-102"), of("MIG-1-102", "DF_IMM"), of("MIG-1-006")]
    name = CATALOGUE.rules["MIG-1-102"].name
    lines = format_omitted_rules(translations, "en").splitlines()
    assert [line for line in lines if line.startswith("- ")] == [
        f"- MIG-1-102 {name.in_language('en')} (DF_POP, DF_IMM)",
        f"- MIG-1-006 {CATALOGUE.rules['MIG-1-006'].name} (DF_POP)",
    ]
    assert sum(line.startswith("## ") for line in lines) == 2
    assert (
        f"- MIG-1-102 {name.in_language('fr')} (DF_POP, DF_IMM)"
        in format_omitted_rules(translations, "fr").splitlines()
    )


def test_account_items_precede_those_of_other_dataflows() -> None:
    statements = lines("MIG-2-001")
    assert "A01_FLW_IMM_REPORTED := union(A01_FLW_IMM_IN_DF_ACCOUNT, A01_FLW_IMM_IN_DF_IMM);" in statements
    account = next(line for line in statements if line.startswith("A01_FLW_IMM_IN_DF_ACCOUNT := "))
    assert '(ACC_ITEM = "FLW_IMM")' in account
    residual = next(line for line in statements if line.startswith("MIG_2_001_DF_POP_ALL_RESIDUALS := "))
    assert (
        "measure RESIDUAL := LEFT_SIDE - (1 * UNITS_1 + 1 * UNITS_2 - 1 * UNITS_3 + 1 * UNITS_4 - 1 * UNITS_5"
        " + 1 * UNITS_6) / 1"
    ) in residual


def test_stock_at_year_end_starts_the_next_year_in_vtl() -> None:
    statements = lines("MIG-2-001")
    assert any(
        line.startswith("A01_POP_END := union(A01_POP_END_REPORTED, A01_POP_BEG_REPORTED") for line in statements
    )


def test_account_uses_only_filled_dataflows() -> None:
    rule, flow = CATALOGUE.rules["MIG-2-001"], CATALOGUE.flows["DF_POP"]
    filled = ["DF_POP", "DF_BIRTHS", "DF_DEATHS", "DF_IMM", "DF_EMI"]
    (part,) = translate_rule(rule, flow, CATALOGUE, filled).parts
    assert set(part.inputs) == set(filled)
    translation = translate_rule(rule, flow, CATALOGUE, filled[:-1])
    assert (translation.parts, translation.reason, translation.names) == ((), UNREPORTED_FLOW, {"item": "FLW_EMI"})


def test_groups_of_a_hierarchy_are_added_up_level_by_level() -> None:
    statements = "\n".join(lines("MIG-1-107"))
    assert "union(MIG_1_107_DF_POP_3_LEVEL_1, MIG_1_107_DF_POP_3_LEVEL_2, MIG_1_107_DF_POP_3_LEVEL_3)" in statements


def test_common_margin_of_two_filled_dataflows_is_compared() -> None:
    rule, flow = CATALOGUE.rules["MIG-1-111"], CATALOGUE.flows["DF_POP_TOPIC"]
    (part,) = translate_rule(rule, flow, CATALOGUE, ["DF_POP_TOPIC", "DF_POP"]).parts
    assert part.inputs == ("DF_POP_TOPIC", "DF_POP")
    translation = translate_rule(rule, flow, CATALOGUE, ["DF_POP_TOPIC"])
    assert (translation.parts, translation.reason, translation.names) == ((), UNFILLED_FLOW, {"flow": "DF_POP"})


def test_every_kind_is_in_vtl_or_has_a_reason() -> None:
    assert set(REASONS) <= {*KINDS, "CONVERSION"}
    assert set(REASONS).isdisjoint(TRANSLATIONS)


def test_component_named_like_a_step_is_distinguished() -> None:
    flow = CATALOGUE.flows["DF_POP"]
    components = tuple(
        replace(component, id="POWER") if component.id == "SEX" else component
        for component in flow.structure.components
    )
    renamed = replace(flow, structure=replace(flow.structure, components=components))
    translation = translate_rule(CATALOGUE.rules["MIG-1-011"], renamed, CATALOGUE)
    assert (translation.parts, translation.reason, translation.names) == ((), NAME_TAKEN_REASON, {"component": "POWER"})


def test_parts_without_required_code_count_if_totals_are_sums() -> None:
    statements = lines("MIG-1-117", "DF_DEATHS")
    assert any("_PROVEN := " in line and "(FITTING >= 2) and (FITTING * 2 > TIMES)" in line for line in statements)
    assert not any("_PROVEN := " in line for line in lines("MIG-1-129"))  # countries are too many to number


def test_residence_rules_of_dataflows_are_compared_by_figure() -> None:
    statements = lines("MIG-2-009", "DF_ACCOUNT")
    here = next(line for line in statements if "_HERE := " in line)
    assert 'measure SAID_HERE_0 := nvl(RES_RULE, "")' in here
    assert "SAID_HERE_0 := max(SAID_HERE_0)" in here
    assert here.endswith(
        "group by FREQ, REF_AREA, BIRTH_STATUS, CTZ_STATUS, SEX, AGE, C_BIRTH, C_CITIZEN, TIME_PERIOD];"
    )


def test_average_of_partner_data_keeps_amount_and_margin() -> None:
    rule = CATALOGUE.rules["MIG-4-008"]
    pair = {"own": {"structures": ["DSD_STOCK"]}, "other": {"structures": ["DSD_STOCK"], "timing": "average"}}
    turned = replace(rule, parameters={**rule.parameters, "pair": [pair]})
    parts = translate_rule(turned, CATALOGUE.flows["DF_POP"], CATALOGUE, ["DF_POP", "OTHERS_DSD_STOCK"]).parts
    others = next(line for line in write_statements(parts, set()) if "_OTHERS := " in line)
    assert "[calc measure OTHER_AMOUNT := (OTHER_AMOUNT + LATER) / 2]" in others
    assert others.endswith("[keep OTHER_AMOUNT, OTHER_STEPS, OTHER_MARGIN_LOW, OTHER_MARGIN_HIGH];")


@pytest.mark.parametrize("form", FORMS)
def test_vtl_artefacts_are_valid_and_survive_a_round_trip(form: str) -> None:
    flows = CATALOGUE.flows
    translations = [of(rule) for rule in ("MIG-1-011", "MIG-1-101", "MIG-1-003", "MIG-1-107", "MIG-2-001")]
    schemes = build_artefacts(translations, flows, "SDMXMIG")
    assert [scheme.ref.kind for scheme in schemes] == ["VtlMappingScheme", "RulesetScheme", "TransformationScheme"]
    message = structure_bytes(FORMATS[form], schemes, HEADER)
    assert FORMATS[form].structure_problem(message) == ""
    read = {scheme.ref: scheme for scheme in read_structures(f"rules{FORMATS[form].suffix}", message)}
    for scheme in schemes:
        again = read[scheme.ref]
        assert isinstance(again, ItemScheme)
        assert [(item.id, item.properties) for item in again] == [(item.id, item.properties) for item in scheme]


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0"])
def test_pysdmx_reads_the_vtl_artefacts(form: str) -> None:
    """pysdmx, on which vtlengine relies, reads each ruleset and transformation as in the script."""
    translations = [of(rule) for rule in ("MIG-1-011", "MIG-1-107", "MIG-2-001")]
    schemes = build_artefacts(translations, CATALOGUE.flows, "SDMXMIG")
    message = read_sdmx(io.BytesIO(structure_bytes(FORMATS[form], schemes, HEADER)), validate=False)
    (transformations,) = message.get_transformation_schemes()
    (rulesets,) = message.get_ruleset_schemes()
    parts = [part for translation in translations for part in translation.parts]
    statements = {a.result: (a.expression, a.persistent) for part in parts for a in part.assignments}
    read = {item.id: (item.expression, item.is_persistent) for item in transformations.items}
    assert {name: (" ".join(text.split()), kept) for name, (text, kept) in read.items()} == statements
    assert {item.id: item.ruleset_type for item in rulesets.items} == {
        name: "datapoint" for part in parts for name in part.rulesets
    }


def test_vtl_artefacts_contain_the_statements_of_the_script() -> None:
    translation = of("MIG-1-101")
    *_, transformations = build_artefacts([translation], CATALOGUE.flows, "SDMXMIG")
    statements = []
    for item in transformations:
        own = dict(item.properties)
        sign = "<-" if own["isPersistent"] == "true" else ":="
        statements.append(f"{own['Result']} {sign} {own['Expression']};")
    assert statements == lines("MIG-1-101")
    result = transformations["MIG_1_101_DF_POP"]
    assert result.name == CATALOGUE.rules["MIG-1-101"].name
    assert {language for language, _ in transformations.name} == {"en", "fr", "es", "ar", "ru", "zh"}


def test_build_writes_rules_of_filled_dataflows(tmp_path: Path, console: Console) -> None:
    workspace = tmp_path / "ws"
    build = ["build", str(workspace), "--vtl", "--now", "2026-01-01T00:00:00"]
    assert run(["init", str(workspace)]) == 0
    mapping = ROOT / "examples" / "georgia" / "mappings" / "immigrants.toml"
    (workspace / "mappings" / mapping.name).write_bytes(mapping.read_bytes())
    (workspace / "comparisons").mkdir()
    table = "flow,domain,provider,BIRTH_STATUS,OBS_VALUE,margin\nDF_POP,un-desa,UN,FB,12000,1.5\n"
    (data,) = outside_data(table, CATALOGUE.flows)
    (workspace / "comparisons" / "un.csv").write_bytes(data_bytes(FORMATS["sdmx-csv-2.0"], [data.book.dataset], HEADER))
    (workspace / "comparisons" / "un.toml").write_text(
        '[[data]]\nfile = "un.csv"\nflow = "DF_POP"\ndomain = "un-desa"\nprovider = "UN DESA"\n'
        'source = "a table"\nread = "2026-01-01"\nmargin = "1.5"\n',
        encoding="utf-8",
    )
    assert run(build) == 0
    folder = workspace / "out" / "structures"
    script = (folder / "rules.vtl").read_text(encoding="utf-8")
    assert "MIG_1_101_DF_IMM <- check(" in script
    assert "DF_BORDER" not in script
    assert "- MIG-1-006 " in (folder / "not-in-vtl.md").read_text(encoding="utf-8")
    assert "MIG_1_101_DF_IMM <- check(" in (folder / "rules-DF_IMM.vtl").read_text(encoding="utf-8")
    assert len(list(folder.glob("rules.sdmx-*"))) == len(FORMS)
    data_sets = json.loads((folder / "vtl-datasets.json").read_text(encoding="utf-8"))["datasets"]
    assert [data_set["name"] for data_set in data_sets] == ["DF_IMM", "DF_POP", "OTHERS_DSD_STOCK"]
    domains = json.loads((folder / "vtl-domains.json").read_text(encoding="utf-8"))
    assert {"CL_SEX_SDMX_2_1"} <= {domain["name"] for domain in domains}
    assert "rules in VTL" in console.readouterr().err
    (written,) = folder.glob("OTHERS_*")
    assert written.name == "OTHERS_DSD_STOCK.csv"
    (row,) = csv.DictReader(written.read_text(encoding="utf-8").splitlines())
    assert (row["DOMAIN"], row["OBS_VALUE"], row["MARGIN_LOW"], row["MARGIN_HIGH"]) == (
        "un-desa",
        "12000",
        "0.985",
        "1.015",
    )
    assert "MIG_5_001_DF_POP" in script
