"""Comparisons of regional studies are declared; the rule of data comes from the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import cases_from, text_from
from compared import assessment, moved
from shipped import CATALOGUE

from sdmxmig.catalogue.folders import find_shipped_folder, list_search_path
from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections.quantities import describe_residence
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.availability import list_flow_rules
from sdmxmig.statistics.comparison import Rulebook
from sdmxmig.statistics.comparison.groups import read_request
from sdmxmig.statistics.model.availability import FlowRule
from sdmxmig.workspace.folder import open_workspace

DECLARED = text_from("reporting/cases/what_is_compared_declared.toml")


def test_declared_comparisons_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "region.toml").write_text(DECLARED, encoding="utf-8")
    comparisons = read_comparisons([tmp_path], CATALOGUE)
    assert comparisons.flows == (("DF_IMM", "DF_ACCOUNT"),)
    assert [figure.id for figure in comparisons.figures] == ["MIG_SHARE_FB"]
    assert comparisons.alone == {"RES_RULE": ("OTH",)}


@cases_from("reporting/region/cases/a_comparison_of_what_does_not_exist_is_refused.csv")
def test_comparison_of_unknown_items_is_refused(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    (tmp_path / "region.toml").write_text(DECLARED.replace(right, wrong), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        read_comparisons([tmp_path], CATALOGUE)


def test_shipped_comparisons_name_only_codes_of_their_lists() -> None:
    flow = CATALOGUE.flow("DF_IMM")
    for attribute, codes in read_comparisons(list_search_path("structures"), CATALOGUE).alone.items():
        codelist = flow.codelist(attribute)
        assert set(codes) <= set(codelist.ids)


def ruled(rule: str, basis: str) -> Dataset:
    dataset = moved("DF_IMM", "GE", [("SE", "2022", "90")])
    return replace(dataset, attributes={"RES_RULE": rule, "DUR_BASIS": basis})


def test_rule_of_a_dataflow_follows_from_its_datasets() -> None:
    (rule,) = list_flow_rules([ruled("R6", "ACT"), ruled("R6", "INT")], "GE", "en")
    assert rule.flow == "DF_IMM"
    assert [code for code, _ in rule.rules] == ["R6"]
    assert [code for code, _ in rule.bases] == ["ACT", "INT"]
    assert rule.rules[0][1].has("fr")


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ([("R6", "INT")], "intended stay of at least 6 months."),
        ([("R6", "MIX")], "actual or intended stay of at least 6 months."),
        ([("R6", "ACT")], "most of the last 12 months, actual stay."),
        ([("R6", "INT"), ("R6", "ACT")], "most of the last 12 months, intended stay, actual stay."),
        ([("PERMIT", "INT")], "length of the permit, intended stay."),
    ],
)
def test_rule_that_counts_intended_stays_names_their_length(stated: list[tuple[str, str]], sentence: str) -> None:
    (rule,) = list_flow_rules([ruled(*codes) for codes in stated], "GE", "en")
    of_country = replace(assessment("GE"), flow_rules=(rule,))
    assert describe_residence(("DF_IMM",), of_country, Wording("en"))[0].endswith(f": {sentence}")


def test_dataset_without_rule_makes_flow_rule_uncertain() -> None:
    silent = replace(ruled("R6", "ACT"), attributes={})
    (rule,) = list_flow_rules([ruled("R6", "ACT"), silent], "GE", "en")
    assert [code for code, _ in rule.rules] == ["R6", "_U"]
    (nothing,) = list_flow_rules([silent], "GE", "en")
    assert nothing.rules == ()


def test_data_of_another_country_are_ignored() -> None:
    assert not list_flow_rules([ruled("R6", "ACT")], "SE", "en")


def test_shipped_example_names_existing_workspaces() -> None:
    folder = find_shipped_folder("examples") / "region"
    request = read_request("region.toml", (folder / "region.toml").read_bytes())
    areas = {open_workspace(folder / name).country.area for name in request.workspaces}
    assert areas == {"GE", "MD", "SE"}
    assert all(set(group.areas) <= areas and group.source for group in request.groups)


@pytest.mark.parametrize("name", ["region", "latin-america"])
def test_shipped_study_translates_only_texts_of_its_data(name: str) -> None:
    folder = find_shipped_folder("examples") / name
    request = read_request("region.toml", (folder / "region.toml").read_bytes())
    files = (
        path for one in request.workspaces for path in (folder / one).rglob("*") if path.suffix in (".csv", ".toml")
    )
    words = "".join("".join(path.read_text(encoding="utf-8").split()) for path in files)
    assert not [text for text in request.translations if "".join(text.split()) not in words]


def rule_of(flow: str, rules: str, bases: str) -> FlowRule:
    """The rule of a dataflow: codes separated by blanks, empty if unknown."""
    rule_codes, based = (tuple((code, Text.of(en=code)) for code in codes.split()) for codes in (rules, bases))
    return FlowRule(flow, Text(), rules=rule_codes, bases=based)


@pytest.mark.parametrize(
    ("rules_by_area", "flows", "definite"),
    [
        ({"DF_POP": ("R12", "ACT")}, [["DF_POP"]], True),
        ({"DF_POP": ("R12", "ACT"), "DF_IMM": ("R12", "ACT")}, [["DF_POP"], ["DF_IMM"]], True),
        ({"DF_POP": ("R12", "ACT")}, [["DF_POP", "DF_ACCOUNT"]], True),
        ({"DF_POP": ("R12", "ACT")}, [["DF_POP"], ["DF_IMM"]], False),
        ({"DF_POP": ("R12", "ACT"), "DF_IMM": ("R6", "ACT")}, [["DF_POP"], ["DF_IMM"]], False),
        ({"DF_POP": ("R12", "ACT"), "DF_IMM": ("R12", "INT")}, [["DF_POP"], ["DF_IMM"]], False),
        ({"DF_POP": ("R12", "ACT"), "DF_IMM": ("", "ACT")}, [["DF_POP"], ["DF_IMM"]], False),
        ({"DF_POP": ("R12 R6", "ACT")}, [["DF_POP"]], False),
        ({"DF_POP": ("OTH", "ACT")}, [["DF_POP"]], False),
        ({}, [["DF_POP"]], False),
    ],
)
def test_definition_is_definite_with_one_rule_and_basis(
    rules_by_area: dict[str, tuple[str, str]], flows: list[list[str]], *, definite: bool
) -> None:
    rules = {"GE": {flow: rule_of(flow, *codes) for flow, codes in rules_by_area.items()}}
    book = Rulebook(rules, {"RES_RULE": ("OTH",), "DUR_BASIS": ("_U",)})
    assert book.definition("GE", flows).is_definite is definite
    assert not book.definition("SE", flows).is_definite


def test_limits_of_a_dataset_are_shown_once_with_its_figures() -> None:
    limited = replace(ruled("R6", "ACT"), attributes={"RES_RULE": "R6", "COMMENT_DSET": "Sans l’île du Nord."})
    rules = list_flow_rules([limited, limited, ruled("R6", "ACT")], "GE", "fr")
    assert [comment.values for comment in rules[0].comments] == [(("fr", "Sans l’île du Nord."),)]
    beside = describe_residence(("DF_IMM",), replace(assessment("GE"), flow_rules=rules), Wording("fr"))
    assert beside[-1] == "Sans l’île du Nord."
    assert describe_residence(("DF_EMI",), replace(assessment("GE"), flow_rules=rules), Wording("fr")) == ()


def test_unstated_rule_is_not_mentioned() -> None:
    quoted = replace(ruled("_U", "_U"), attributes={"RES_RULE": "_U", "COMMENT_DSET": "Rule quoted: 183 days."})
    of_country = replace(assessment("GE"), flow_rules=list_flow_rules([quoted], "GE", "en"))
    assert describe_residence(("DF_IMM",), of_country, Wording("en")) == ("Rule quoted: 183 days.",)
