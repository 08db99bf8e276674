"""The framework and its definitions: every row has status and source, in six languages.

Totals are never typed: hierarchies derive them, and agree with the parents that codes have.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from case_tables import cases_from
from each import each
from folders import ROOT
from shipped import CATALOGUE
from stated import item_of

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.item_schemes import aggregates
from sdmxmig.sdmx.model.structures import HierarchicalCode, Hierarchy

OWN = ROOT / "codelists" / "SDMXMIG"
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
FRAMEWORK = (
    *("CS_FRAMEWORK", "CS_DEFINITIONS", "CL_MOB_TYPE", "CL_POP_BASE", "CL_BIRTH_STATUS", "CL_CTZ_STATUS", "CL_SUBPOP"),
    *("CL_RES_RULE", "CL_DUR_BASIS", "CL_MIG_REASON", "CL_TMP_LAB", "CL_PROT_STATUS", "CL_PERMIT_DUR", "CL_SRC_TYPE"),
    *("CL_INTEG_TYPE", "CL_INTEG_METHOD", "CL_QUALITY_ISSUE", "CL_MIG_CRITERION", "CL_MIG_STATUS", "CL_CIRCULAR"),
    *("CL_MIG_STATUS_UNIT", "CL_BORDER_TYPE", "CL_RETURN_TYPE", "CL_RETURN_ASSIST"),
    *("CL_APPREH_PLACE", "CL_DECISION_STAGE", "CL_DECISION_ACTION", "CL_AGEDEF"),
    *("CL_DUR_STAY", "CL_LF_STATUS", "CL_PARTNER_ROLE", "CL_MIG_QUESTION", "CL_POLICY_DOC", "CL_SDG_MIG"),
)
SCRIPTS = {
    "ar": re.compile(r"[\u0600-\u06FF]"),
    "ru": re.compile(r"[\u0400-\u04FF]"),
    "zh": re.compile(r"[\u4E00-\u9FFF]"),
}
FILES = sorted(OWN.glob("*.csv"))

Rows = list[dict[str, str]]


def rows_of(file: Path) -> Rows:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def listed(scheme: str) -> Rows:
    (file,) = OWN.glob(f"{scheme}.*.csv")
    return rows_of(file)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return CATALOGUE


def hierarchy(catalogue: Catalogue, name: str) -> Hierarchy:
    return next(
        artefact for ref, artefact in catalogue.artefacts.items() if ref.id == name and isinstance(artefact, Hierarchy)
    )


@each("file", FILES, ids=lambda file: file.name)
def test_every_row_has_a_status_and_a_public_source(file: Path) -> None:
    rows = rows_of(file)
    for row in rows:
        if file.name.startswith("H_") and row is not rows[0] and not row["status"]:
            continue  # a node may leave it to its tree
        assert row["status"] in ("verified", "candidate", "national"), row["id"]
        assert row["source"], row["id"]
        assert not re.search(r"\b[SWF]\d+b?\b|\.md\b|\[V|\[K|\[U", row["source"]), row["source"]


@each("scheme", FRAMEWORK)
def test_names_are_complete_in_six_languages_and_in_the_right_script(scheme: str) -> None:
    for row in listed(scheme):
        for language in LANGUAGES:
            name = row[f"name_{language}"]
            assert name == name.strip() != "", f"{row['id']} has no name in {language}"
            assert language not in SCRIPTS or SCRIPTS[language].search(name), f"{row['id']}: {name}"


@each("scheme", FRAMEWORK)
@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_unique_in_a_list(scheme: str, language: str) -> None:
    names = Counter(row[f"name_{language}"].casefold() for row in listed(scheme)[1:])
    assert [name for name, count in names.items() if count > 1] == []


@each("scheme", FRAMEWORK)
def test_translations_are_called_unofficial(scheme: str) -> None:
    assert listed(scheme)[0]["@TRANSLATION"] == "unofficial translation by sdmxmig"


def test_the_four_groups_make_up_every_aggregate(catalogue: Catalogue) -> None:
    by_birth = aggregates(hierarchy(catalogue, "H_SUBPOP_BIRTH"))
    by_citizenship = aggregates(hierarchy(catalogue, "H_SUBPOP_CTZ"))
    assert by_birth["FB"] == ("FB_NC", "FB_FC")
    assert by_birth["NB"] == ("NB_NC", "NB_FC")
    assert by_citizenship["NC"] == ("NB_NC", "FB_NC")
    assert by_citizenship["FC"] == ("NB_FC", "FB_FC")
    assert sorted(by_birth["_T"]) == sorted(by_citizenship["_T"]) == ["FB_FC", "FB_NC", "NB_FC", "NB_NC", "_U"]


@cases_from("catalogue/cases/aggregates_are_derived.csv")
def test_aggregates_are_derived(name: str, code: str, leaves: str, catalogue: Catalogue) -> None:
    assert aggregates(hierarchy(catalogue, name))[code] == tuple(leaves.split())


@each("file", sorted(OWN.glob("H_*.csv")), ids=lambda file: file.name)
def test_trees_agree_with_the_parents_of_our_codes(file: Path, catalogue: Catalogue) -> None:
    rows = rows_of(file)
    name = file.name.partition(".")[0]
    codelist = catalogue.item_scheme(rows[0]["codelist"])
    if codelist.ref.agency != "SDMXMIG":
        return  # what its owner says of parents may be older than the tree
    in_tree = dict(edges(hierarchy(catalogue, name).codes, ""))
    for code, above in in_tree.items():
        own = codelist[code].parent if code in codelist else ""
        if own in in_tree:
            assert above == own, f"{code} is below {above} in {name}, below {own} in {codelist.ref.short}"


def edges(codes: tuple[HierarchicalCode, ...], above: str) -> list[tuple[str, str]]:
    return [pair for code in codes for pair in ((code.code.item, above), *edges(code.children, code.code.item))]


def test_the_definitions_are_all_there_with_criterion_and_kind_of_source(catalogue: Catalogue) -> None:
    definitions = catalogue.item_scheme("CS_DEFINITIONS")
    numbers = [definition.note("DEFINITION_ID") for definition in definitions]
    assert {f"D{number:02d}" for number in range(1, 19)} <= set(numbers)
    assert len(set(numbers)) == len(numbers)
    for definition in definitions:
        assert definition.note("CRITERION"), definition.id
        assert definition.note("SOURCE_KIND") in (
            *("expert group", "official text", "public secondary text", "general practice"),
        ), definition.id
        assert definition.note("GROUP") in ("CORE", "RELATED", "EU"), definition.id


def test_a_criterion_from_general_practice_is_a_candidate(catalogue: Catalogue) -> None:
    for one in catalogue.item_scheme("CS_DEFINITIONS"):
        assert one.note("SOURCE_KIND") != "general practice" or one.status == "candidate", one.id


def test_the_framework_points_to_definitions_and_codes_that_exist(catalogue: Catalogue) -> None:
    definitions = catalogue.item_scheme("CS_DEFINITIONS")
    for one in catalogue.item_scheme("CS_FRAMEWORK"):
        if definition := one.note("DEFINITION"):
            assert item_of(definitions, definition), f"{one.id}: {definition}"
        if code := one.note("CODE"):
            codelist, _, item = code.partition(".")
            assert item in catalogue.item_scheme(codelist), f"{one.id}: {code}"


def test_criteria_of_migratory_status_point_to_lists_that_exist(catalogue: Catalogue) -> None:
    steps = Counter(one.note("STEP") for one in catalogue.item_scheme("CL_MIG_CRITERION"))
    assert steps == {"1": 2, "2": 3, "3": 2}
    for one in catalogue.item_scheme("CL_MIG_CRITERION"):
        assert not one.note("CODELIST") or len(catalogue.item_scheme(one.note("CODELIST"))), one.id


def test_subpopulations_name_their_two_statuses(catalogue: Catalogue) -> None:
    for one in catalogue.item_scheme("CL_SUBPOP"):
        assert one.note("BIRTH_STATUS") in catalogue.item_scheme("CL_BIRTH_STATUS")
        assert one.note("CTZ_STATUS") in catalogue.item_scheme("CL_CTZ_STATUS")


def test_the_european_rule_of_residence_changes_in_2028(catalogue: Catalogue) -> None:
    rules = catalogue.item_scheme("CL_RES_RULE")
    assert (rules["R12"].note("EU_FLOWS_FROM"), rules["R12"].note("EU_FLOWS_TO")) == ("2008", "2027")
    assert rules["R12"].valid_to == "", "option B goes on elsewhere"
    assert (rules["REU28"].valid_from, rules["REU28"].note("EU_FLOWS_FROM")) == ("2027-12-31", "2028")


@cases_from("catalogue/cases/rules_of_residence_have_parameters.csv")
def test_rules_of_residence_have_parameters(
    rule: str, threshold: str, window: str, continuity: str, catalogue: Catalogue
) -> None:
    one = catalogue.item_scheme("CL_RES_RULE")[rule]
    found = tuple(one.note(kind) for kind in ("THRESHOLD_MONTHS", "WINDOW_MONTHS", "CONTINUITY"))
    assert found == (threshold, window, continuity)


def test_the_rule_of_two_sides_counts_183_days_before_and_after_the_crossing(catalogue: Catalogue) -> None:
    rule = catalogue.item_scheme("CL_RES_RULE")["R183_183"]
    kinds = ("BEFORE_DAYS", "THRESHOLD_DAYS", "WINDOW_MONTHS", "WINDOW_ANCHOR", "RESTS_ON")
    assert [rule.note(kind) for kind in kinds] == ["183", "183", "12", "crossing", "CS_DEFINITIONS.CHANGE_BY_STAY"]


def test_twelve_of_sixteen_months_is_the_rule_of_new_zealand_too(catalogue: Catalogue) -> None:
    assert "New Zealand" in catalogue.item_scheme("CL_RES_RULE")["R12_16"].note("USED_BY")
