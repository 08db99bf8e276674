"""Declarations are loaded once, all references resolve, and faults have their place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from case_tables import cases_from
from folders import ROOT, write_files
from shipped import CATALOGUE

from sdmxmig.catalogue import KIND_ORDER, load, sort_structures
from sdmxmig.catalogue.artefact_heads import ArtefactIndex
from sdmxmig.catalogue.item_schemes import read_hierarchy
from sdmxmig.catalogue.reading import read_once
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref


@pytest.mark.every_day
def test_every_flow_has_its_structure_and_codelists() -> None:
    flow = CATALOGUE.flow("DF_POP")
    assert flow.structure.key[0] == "FREQ"
    assert flow.structure.key[-1] == "TIME_PERIOD"
    sex = flow.codelist("SEX")
    assert sex.ref.short == "SDMX:CL_SEX(2.1)"
    assert {"F", "M", "_T"} <= set(sex.ids)


def test_codes_na_and_no_are_read_as_text() -> None:
    areas = CATALOGUE.item_scheme("CL_PARTNER")
    assert "NA" in areas, "Namibia is not a missing value"
    assert "NO" in areas, "Norway is not a no"


def test_artefacts_are_sorted_in_message_order() -> None:
    kinds = [artefact.ref.kind for artefact in sort_structures(CATALOGUE)]
    assert kinds == sorted(kinds, key=KIND_ORDER.index)


def test_own_artefacts_are_drafts_and_others_keep_versions() -> None:
    for ref in CATALOGUE.artefacts:
        if ref.id in ("DATA_PROVIDERS", "METADATA_PROVIDERS"):
            assert ref.version == "1.0", "SDMX fixes it"
        elif ref.agency == "SDMXMIG":
            assert ref.version == "1.0.0", ref
        else:
            assert not ref.is_draft, ref


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with its own copy of all declarations, to be spoilt."""
    for folder in ("codelists", "structures"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@cases_from("catalogue/cases/a_mistake_in_a_declaration_is_named_with_file_and_remedy.csv")
def test_mistake_in_a_declaration_has_file_and_remedy(
    workspace: Path, file: str, old: str, new: str, said: str
) -> None:
    spoil(workspace / file, old, new)
    with pytest.raises(DeclarationError) as caught:
        load(workspace)
    assert said in caught.value.message
    assert caught.value.place.file == Path(file).name


def test_duplicate_code_is_refused_with_its_line(workspace: Path) -> None:
    path = workspace / "codelists" / "SDMXMIG" / "CL_BIRTH_STATUS.1.0.0.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match="occurs twice") as caught:
        load(workspace)
    assert caught.value.place.line == len(lines) + 1


def test_workspace_declarations_precede_shipped_ones(tmp_path: Path) -> None:
    name = "codelists/SDMXMIG/CL_DIRECTION.1.0.0.csv"
    write_files(tmp_path, {name: (ROOT / name).read_text(encoding="utf-8").replace("Immigration", "Arrivals")})
    assert str(load(tmp_path).item_scheme("CL_DIRECTION")["I"].name) == "Arrivals"


@cases_from("catalogue/cases/changed_codelist_reloads_cached_declarations.csv")
def test_changed_codelist_reloads_cached_declarations(tmp_path: Path, codelist: str, code: str, reader: str) -> None:
    lines = (ROOT / "codelists" / codelist).read_text(encoding="utf-8").splitlines(keepends=True)
    own = tmp_path / "codelists" / codelist
    own.parent.mkdir(parents=True)
    own.write_text("".join(line for line in lines if not line.startswith(f"{code},")), encoding="utf-8")
    with pytest.raises(DeclarationError, match=f"There is no code “{code}” in") as caught:
        load(tmp_path)
    assert caught.value.place.file == reader
    own.write_text("".join(lines), encoding="utf-8")
    assert load(tmp_path).artefacts == CATALOGUE.artefacts


def test_second_list_of_equal_name_makes_references_ambiguous(tmp_path: Path) -> None:
    index = ArtefactIndex(
        [ItemScheme(Ref("Codelist", "A", id="CL_X", version="1.0"), Text(), items=(Item("a", Text()),))]
    )
    content = b"id,parent,codelist,name_en,status,source\n,,CL_X,All,candidate,made up\na,,,,,\n"
    path = tmp_path / "A" / "H_X.1.0.csv"
    tree = read_once(read_hierarchy, path, content, index=index)
    assert read_once(read_hierarchy, path, content, index=index) is tree
    index.add(ItemScheme(Ref("Codelist", "B", id="CL_X", version="1.0"), Text(), items=(Item("a", Text()),)))
    with pytest.raises(DeclarationError, match="Several artefacts are called CL_X"):
        read_once(read_hierarchy, path, content, index=index)


def test_scale_defines_gaps_and_actions_of_answers() -> None:
    scale = CATALOGUE.scales["AVAIL"]
    assert [scale.gap(code) for code in ("4", "2", "1", "0", "NA", "")] == ["", "partial", "partial", "whole", "", ""]
    assert scale.action("0").in_language("fr").startswith("Trouver ou créer une source")
    assert not scale.action("4")


def test_unknown_gap_of_a_scale_is_refused(workspace: Path) -> None:
    spoil(workspace / "codelists" / "SDMXMIG" / "CL_SCALE_YNP.1.0.0.csv", "whole", "hole")
    with pytest.raises(DeclarationError, match="“hole” is not a gap") as caught:
        load(workspace)
    assert caught.value.hint == "Write one of: whole, partial."


def test_nearest_name_is_suggested_for_unknown_name() -> None:
    with pytest.raises(SdmxmigError) as caught:
        CATALOGUE.flow("DF_POPP")
    assert "DF_POP" in caught.value.hint


def test_shared_name_means_the_list_used_by_our_structures() -> None:
    assert CATALOGUE.item_scheme("CL_SEX").ref.short == "SDMX:CL_SEX(2.1)"
    assert CATALOGUE.item_scheme("CL_AREA").ref.short == "SDMX:CL_AREA(2.0)"
    assert CATALOGUE.item_scheme("CL_AGE").ref.agency == "SDMXMIG"
    assert CATALOGUE.item_scheme("IAEG-SDGs:CL_SEX").ref.agency == "IAEG-SDGs"


def test_lists_of_countries_include_namibia() -> None:
    """A program that reads NA as missing loses it from a list in which its neighbours stay."""
    lists = [artefact for artefact in CATALOGUE.artefacts.values() if isinstance(artefact, ItemScheme)]
    codes = {str(listed.ref): {item.id for item in listed.items} for listed in lists}
    neighbours = {"AO", "BW", "ZA", "ZM"}
    assert [name for name, ids in codes.items() if neighbours <= ids and "NA" not in ids] == []
    assert sum(neighbours <= ids for ids in codes.values()) > 3
