"""Rules in VTL: what the script and its artefacts hold, and what is said of the rules that they do not.

That a program for VTL comes to the same verdicts is the matter of `test_vtl_verdicts`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.exchange import read_structures
from sdmxmig.formats import FORMATS, structure_bytes
from sdmxmig.model.artefacts import ItemScheme
from sdmxmig.model.submission import Header, Party
from sdmxmig.rules import KINDS
from sdmxmig.vtl import TRANSLATIONS
from sdmxmig.vtl.artefacts import (
    SCHEME,
    SCHEME_OF_NAMES,
    SCHEME_OF_RULESETS,
    STEP,
    UNTESTED,
    artefacts_of,
    table,
)
from sdmxmig.vtl.reasons import REASONS
from sdmxmig.vtl.script import Translated, left_out, script_of, translated, translation_of

pytestmark = pytest.mark.usefixtures("loaded_once")
HEADER = Header("RULES", "2026-01-01T00:00:00", sender=Party("GE1"), receivers=(Party("UNSD"),))
FORMS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")


def of(rule: str, flow: str = "DF_POP") -> Translated:
    return translation_of(CATALOGUE.rules[rule], CATALOGUE.flows[flow], CATALOGUE.flows)


def lines(rule: str, flow: str = "DF_POP") -> list[str]:
    """The statements of a rule, without what stands before them."""
    return script_of(of(rule, flow).parts).partition("*/\n")[2].splitlines()


def test_a_condition_on_single_figures_is_a_datapoint_ruleset() -> None:
    define, condition, end, figures, check = lines("MIG-1-011")
    assert define == "define datapoint ruleset RULES_MIG_1_011_DF_POP (variable UNITS) is"
    assert condition == '  R1: UNITS >= 0 errorcode "MIG-1-011" errorlevel 3'
    assert end == "end datapoint ruleset;"
    assert figures.startswith("FIGURES_DF_POP := DF_POP[calc measure POWER := ")
    assert check == (
        "MIG_1_011_DF_POP <- check_datapoint(FIGURES_DF_POP[filter not isnull(UNITS)], RULES_MIG_1_011_DF_POP all);"
    )


def test_half_a_printed_unit_of_each_figure_is_tolerated_as_the_data_declare_it() -> None:
    figures = next(line for line in lines("MIG-1-101") if line.startswith("FIGURES_DF_POP := "))
    assert "measure STEP := power(10.0, POWER - DIGITS)" in figures
    assert "measure SLACK := if STEP = 1.0 then 0.0 else STEP" in figures
    holds = next(line for line in lines("MIG-1-101") if line.startswith("MIG_1_101_DF_POP_TESTED := "))
    assert "abs(UNITS - PARTS) * 2 <= SLACK + SLACK_OF_PARTS + 0.000001" in holds


def test_totals_that_could_not_be_tested_are_those_that_the_result_does_not_have() -> None:
    assert lines("MIG-1-101")[-1] == (
        "MIG_1_101_DF_POP_UNTESTED <- setdiff("
        "MIG_1_101_DF_POP_CANDIDATES[calc measure TESTED := false][keep TESTED], "
        "MIG_1_101_DF_POP_TESTED[calc measure TESTED := false][keep TESTED]);"
    )


@pytest.mark.parametrize("severity", ["error", "warning", "information"])
def test_how_grave_a_finding_is_is_its_error_level(severity: str) -> None:
    rule = replace(CATALOGUE.rules["MIG-1-101"], severity=severity)
    script = script_of(translation_of(rule, CATALOGUE.flows["DF_POP"], CATALOGUE.flows).parts)
    level = {"error": 3, "warning": 2, "information": 1}[severity]
    assert f'errorcode "MIG-1-101" errorlevel {level} imbalance' in script


def test_a_new_rule_of_a_known_kind_is_exported_by_itself() -> None:
    parameters = {"dimensions": ["SEX"], "required": ["F", "M", "_U"]}
    rule = replace(CATALOGUE.rules["MIG-1-101"], id="NSO-1-001", parameters=parameters)
    script = script_of(translation_of(rule, CATALOGUE.flows["DF_POP"], CATALOGUE.flows).parts)
    assert 'measure NEED_3 := if SEX = "_U" then 1 else 0' in script
    assert "NSO_1_001_DF_POP <- check(" in script


def test_words_of_the_language_are_names_in_quotes_only() -> None:
    flow = CATALOGUE.flows["DF_POP"]
    structure = flow.structure
    components = tuple(
        replace(component, id="imbalance") if component.id == "OBS_VALUE" else component
        for component in structure.components
    )
    renamed = replace(flow, structure=replace(structure, components=components))
    script = script_of(translation_of(CATALOGUE.rules["MIG-1-011"], renamed, {"DF_POP": renamed}).parts)
    assert "measure UNITS := 'imbalance' * power(10.0, POWER)" in script


def test_a_rule_that_cannot_be_said_is_named_with_the_reason() -> None:
    text = left_out([of("MIG-1-101"), of("MIG-1-102"), of("MIG-1-102", "DF_IMM"), of("MIG-1-006")])
    assert "- MIG-1-102 (DF_POP, DF_IMM): which age groups fill all ages cannot be said in VTL" in text
    assert "MIG-1-101" not in text
    assert "- MIG-1-006 (DF_POP): a data set of VTL holds each key whole and only once" in text


def test_every_kind_is_in_vtl_or_there_is_a_reason() -> None:
    assert set(REASONS) <= {*KINDS, "CONVERSION"}
    assert set(REASONS).isdisjoint(TRANSLATIONS)


def test_a_component_that_is_called_as_a_step_of_the_program_is_not_mistaken_for_it() -> None:
    flow = CATALOGUE.flows["DF_POP"]
    components = tuple(
        replace(component, id="YEAR") if component.id == "SEX" else component for component in flow.structure.components
    )
    renamed = replace(flow, structure=replace(flow.structure, components=components))
    translation = translation_of(CATALOGUE.rules["MIG-1-011"], renamed, {"DF_POP": renamed})
    assert (translation.parts, translation.reason) == ((), "the program has other uses for the name YEAR")


def test_the_words_around_the_program_are_all_used() -> None:
    assert set(table()["en"]) == {SCHEME, SCHEME_OF_RULESETS, SCHEME_OF_NAMES, STEP, UNTESTED}


def test_at_least_forty_rules_can_be_said() -> None:
    translations = translated(CATALOGUE.flows.values(), CATALOGUE.rules, CATALOGUE.flows)
    assert len({translation.rule.id for translation in translations if translation.parts}) >= 40
    assert {translation.rule.kind for translation in translations if translation.parts} == set(TRANSLATIONS)
    assert all(translation.parts or translation.reason for translation in translations)


@pytest.mark.parametrize("form", FORMS)
def test_the_artefacts_are_valid_and_read_back_equal(form: str) -> None:
    flows = CATALOGUE.flows
    schemes = artefacts_of([of("MIG-1-011"), of("MIG-1-101"), of("MIG-1-003")], flows, "SDMXMIG")
    assert [scheme.ref.kind for scheme in schemes] == ["VtlMappingScheme", "RulesetScheme", "TransformationScheme"]
    message = structure_bytes(FORMATS[form], schemes, HEADER)
    assert FORMATS[form].structure_problem(message) == ""
    read = {scheme.ref: scheme for scheme in read_structures(f"rules{FORMATS[form].suffix}", message)}
    for scheme in schemes:
        again = read[scheme.ref]
        assert isinstance(again, ItemScheme)
        assert [(item.id, item.properties) for item in again] == [(item.id, item.properties) for item in scheme]


def test_the_artefacts_hold_what_the_script_holds() -> None:
    translation = of("MIG-1-101")
    *_, transformations = artefacts_of([translation], CATALOGUE.flows, "SDMXMIG")
    statements = []
    for item in transformations:
        own = dict(item.properties)
        sign = "<-" if own["isPersistent"] == "true" else ":="
        statements.append(f"{own['Result']} {sign} {own['Expression']};")
    assert statements == lines("MIG-1-101")
    result = transformations["MIG_1_101_DF_POP"]
    assert result.name == CATALOGUE.rules["MIG-1-101"].name
    assert {language for language, _ in transformations.name} == {"en", "fr", "es", "ar", "ru", "zh"}


def test_build_writes_the_rules_of_the_dataflows_that_a_workspace_fills(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "ws")]) == 0
    mapping = Path(__file__).parents[1] / "examples" / "georgia" / "mappings" / "immigrants.toml"
    (tmp_path / "ws" / "mappings" / mapping.name).write_bytes(mapping.read_bytes())
    assert run(["build", str(tmp_path / "ws"), "--vtl", "--now", "2026-01-01T00:00:00"]) == 0
    folder = tmp_path / "ws" / "out" / "structures"
    script = (folder / "rules.vtl").read_text(encoding="utf-8")
    assert "MIG_1_101_DF_IMM <- check(" in script
    assert "DF_BORDER" not in script
    assert "MIG-1-102 (DF_IMM, DF_POP)" in (folder / "not-in-vtl.md").read_text(encoding="utf-8")
    assert len(list(folder.glob("rules.sdmx-*"))) == len(FORMS)
    assert "rules in VTL" in capsys.readouterr().err
