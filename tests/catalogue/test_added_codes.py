"""A workspace adds codes to a list without copying it; to lists of other agencies only those left to users."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from folders import ROOT, write_files

from sdmxmig.catalogue import load
from sdmxmig.catalogue.item_schemes import add_codes, read_item_scheme
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import ItemScheme

AREAS = """id,parent,name_en,status,source
,,Areas,national,here
ISO,,Countries,national,here
GE,ISO,Georgia,national,here
"""
RULES = '[[list]]\nlist = "SDMX:CL_AREA(2.0)"\nranges = ["AA", "XA–XJ"]\nsource = "ISO 3166-1"\nstatus = "candidate"\n'


def extended(tmp_path: Path, *rows: str, agency: str = "SDMX", name: str = "CL_AREA.2.0") -> ItemScheme:
    """The list of areas with added rows (id, parent, name), where the rules allow AA and XA to XJ."""
    (tmp_path / "added_codes.toml").write_text(RULES, encoding="utf-8")
    lines = ["id,parent,name_en,status,source", ",,Made-up,national,here", *(f"{row},national,here" for row in rows)]
    shipped = read_item_scheme(Path(agency) / "CL_AREA.2.0.csv", AREAS.encode())
    added = {Path(agency) / f"{name}+.csv": "\n".join(lines).encode()}
    return add_codes([shipped], added, [tmp_path])[0]


def test_added_codes_follow_those_of_the_list_and_are_marked(tmp_path: Path) -> None:
    areas = extended(tmp_path, "XA,ISO,Alvoria", "XB,,Borania")
    assert [(item.id, item.parent) for item in areas] == [("ISO", ""), ("GE", "ISO"), ("XA", "ISO"), ("XB", "")]
    notes = {item.id: [(note.type, str(note.text)) for note in item.annotations] for item in areas}
    marked = [("ADDED", "Added by the sender; not part of the published SDMX:CL_AREA(2.0).")]
    assert notes == {"ISO": [], "GE": [], "XA": marked, "XB": marked}


@cases_from("catalogue/cases/existing_and_reserved_codes_are_refused_with_their_line.csv")
def test_existing_and_reserved_codes_are_refused_with_their_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        extended(tmp_path, row)
    assert refused.value.message == message
    assert (refused.value.place.file, refused.value.place.line) == ("CL_AREA.2.0+.csv", 3)


def test_unreadable_file_is_refused_by_name() -> None:
    shipped = read_item_scheme(Path("SDMX") / "CL_AREA.2.0.csv", AREAS.encode())
    added = {Path("SDMX") / "CL_AREA.2.0+.csv": b"id,name_en,status,source\nXA,Alvoria,national,here\n"}
    with pytest.raises(DeclarationError, match="The first row must have an empty id") as refused:
        add_codes([shipped], added, [])
    assert refused.value.place.file == "CL_AREA.2.0+.csv"


def test_code_is_added_only_once(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="“XA” is already in"):
        extended(tmp_path, "XA,,Alvoria", "XA,,Alvoria again")


def test_any_code_may_be_added_to_our_own_lists(tmp_path: Path) -> None:
    assert "FR" in extended(tmp_path, "FR,,France", agency="SDMXMIG")


def test_additions_to_an_unknown_list_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"There is no list SDMX:CL_AREA\(3.0\)"):
        extended(tmp_path, "XA,,Alvoria", name="CL_AREA.3.0")


def test_fictional_country_exists_only_in_its_workspace() -> None:
    catalogue = load(ROOT / "examples" / "fictional")
    for name in ("SDMX:CL_AREA(2.0)", "SDMXMIG:CL_PARTNER"):
        codes = {item.id: str(item.name) for item in catalogue.item_scheme(name)}
        assert {"XA": "Alvoria", "XG": "Galdoria", "GE": "Georgia"}.items() <= codes.items()


def test_show_names_the_file_that_adds_the_code(tmp_path: Path, console: Console) -> None:
    name = "codelists/SDMX/CL_AREA.2.0+.csv"
    write_files(tmp_path, {name: "id,name_en,status,source\n,Ours,national,us\nQM,Aboard ships,national,us\n"})
    assert f"file {tmp_path / name} (of the workspace)" in console.output("show", "CL_AREA.QM", "--workspace", tmp_path)
    assert "CL_AREA.2.0.csv (shipped with sdmxmig)" in console.output("show", "CL_AREA.GE", "--workspace", tmp_path)
