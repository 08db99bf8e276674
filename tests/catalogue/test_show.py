"""Anything that is declared is shown by its name, with status and source beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from folders import write_files
from shipped import CATALOGUE

from sdmxmig.catalogue.showing.cards import build_card, write_card
from sdmxmig.catalogue.showing.names import choose_namesake, find, list_everything, list_items
from sdmxmig.cli import cli
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.rules import describe_kinds

VERSION = CATALOGUE.item_scheme("CS_DEFINITIONS").ref.version
"""The version of what is ours."""


def show(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["show", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("CL_SEX", "SDMX:CL_SEX(2.1)"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_SEX(2.1)", "SDMX:CL_SEX(2.1)"),
        ("cl_sex", "SDMX:CL_SEX(2.1)"),
        ("CL_SEX.F", "SDMX:CL_SEX(2.1).F"),
        ("D05", f"SDMXMIG:CS_DEFINITIONS({VERSION}).RESIDENT_POP_A"),
        ("RESIDENT_POP_A", f"SDMXMIG:CS_DEFINITIONS({VERSION}).RESIDENT_POP_A"),
        ("IMM_RATE", "IMM_RATE"),
        ("MI 1.1", "MIG_SHARE"),
        ("mi1.1", "MIG_SHARE"),
        ("Taux d’immigration", "IMM_RATE"),
        ("H_SUBPOP_BIRTH", f"SDMXMIG:H_SUBPOP_BIRTH({VERSION})"),
        ("DSD_FLOW", f"SDMXMIG:DSD_FLOW({VERSION})"),
        ("MIG-1-003", "MIG-1-003"),
    ],
)
def test_item_is_found_by_any_of_its_names(asked: str, name: str) -> None:
    named = choose_namesake(find(CATALOGUE, asked))
    assert named.name == name


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("CL_SXE", "CL_SEX"), ("IMM_RAT", "IMM_RATE"), ("CL_SEX.FF", "CL_SEX.F"), ("DSD_FLOWS", "DSD_FLOW")],
)
def test_nearest_name_is_suggested_for_unknown_name(asked: str, nearest: str) -> None:
    with pytest.raises(SdmxmigError) as caught:
        find(CATALOGUE, asked)
    assert f"“{nearest}”" in caught.value.hint


@pytest.mark.sampled(12)
def test_every_item_can_be_shown_by_its_full_name() -> None:
    for named in list_everything(CATALOGUE):
        shown = write_card(build_card(named, CATALOGUE, "ar", describe_kinds=describe_kinds))
        assert named.name in shown
        assert "status not stated" not in shown, named.name
    some = [named for number, named in enumerate(list_items(CATALOGUE)) if number % 50 == 0]
    assert all(
        "status not stated" not in write_card(build_card(named, CATALOGUE, describe_kinds=describe_kinds))
        for named in some
    )


def test_hierarchy_is_shown_as_an_indented_tree() -> None:
    shown = show("H_SUBPOP_BIRTH").stdout.splitlines()
    top = next(number for number, line in enumerate(shown) if line.startswith("_T "))
    assert [line.split()[0] for line in shown[top : top + 4]] == ["_T", "NB", "NB_NC", "NB_FC"]
    assert shown[top + 2].startswith("    NB_NC")


def test_show_lists_codes_of_aggregates_and_rules_of_identities() -> None:
    shown = " ".join(show("CL_SUBPOP.FB").stdout.split())
    assert "adds up FB_NC + FB_FC [H_SUBPOP_BIRTH]" in shown
    assert "adds up" not in show("CL_SUBPOP.FB_NC").stdout
    assert "checked by  MIG-2-008" in show("A12").stdout


def test_show_names_the_file_of_a_declaration(tmp_path: Path) -> None:
    assert "CL_SEX.2.1.csv (shipped with sdmxmig)" in show("CL_SEX").stdout
    own = "id,name_en,status,source\n,Own,national,Geostat\nA,One,national,Geostat\n"
    write_files(tmp_path, {"codelists/GE1/CL_OWN.1.0.0.csv": own})
    assert "(of the workspace)" in show("CL_OWN", "--workspace", str(tmp_path)).stdout


def test_language_option_is_used_and_must_be_known() -> None:
    assert "Femmes" in show("CL_SEX", "--language", "fr").stdout
    with pytest.raises(SdmxmigError):
        show("CL_SEX", "--language", "klingon")


def test_json_output_contains_the_whole_item() -> None:
    record = json.loads(show("CL_SEX.F", "--format", "json").stdout)
    assert (record["kind"], record["status"], record["content"]["name"]["fr"]) == ("Code", "verified", "Femmes")
    assert record["within"] == "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_SEX(2.1)"
    structure = json.loads(show("DSD_FLOW", "--format", "json").stdout)
    assert structure["content"]["components"][0]["id"] == "FREQ"
