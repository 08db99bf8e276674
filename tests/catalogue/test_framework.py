"""The framework and its definitions: every row has status and source, in six languages.

Totals are never typed: hierarchies derive them, and agree with the parents that codes have.
"""

from __future__ import annotations

import csv
from pathlib import Path

from each import each
from folders import ROOT
from shipped import CATALOGUE
from stated import item_of

from sdmxmig.catalogue import Catalogue
from sdmxmig.sdmx.model.structures import HierarchicalCode, Hierarchy

OWN = ROOT / "codelists" / "SDMXMIG"

Rows = list[dict[str, str]]


def rows_of(file: Path) -> Rows:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def hierarchy(catalogue: Catalogue, name: str) -> Hierarchy:
    return next(
        artefact for ref, artefact in catalogue.artefacts.items() if ref.id == name and isinstance(artefact, Hierarchy)
    )


@each("file", sorted(OWN.glob("H_*.csv")), ids=lambda file: file.name)
def test_trees_agree_with_the_parents_of_our_codes(file: Path) -> None:
    rows = rows_of(file)
    name = file.name.partition(".")[0]
    codelist = CATALOGUE.item_scheme(rows[0]["codelist"])
    if codelist.ref.agency != "SDMXMIG":
        return  # what its owner says of parents may be older than the tree
    in_tree = dict(edges(hierarchy(CATALOGUE, name).codes, ""))
    for code, above in in_tree.items():
        own = codelist[code].parent if code in codelist else ""
        if own in in_tree:
            assert above == own, f"{code} is below {above} in {name}, below {own} in {codelist.ref.short}"


def edges(codes: tuple[HierarchicalCode, ...], above: str) -> list[tuple[str, str]]:
    return [pair for code in codes for pair in ((code.code.item, above), *edges(code.children, code.code.item))]


def test_framework_refers_to_existing_definitions_and_codes() -> None:
    definitions = CATALOGUE.item_scheme("CS_DEFINITIONS")
    for one in CATALOGUE.item_scheme("CS_FRAMEWORK"):
        if definition := one.note("DEFINITION"):
            assert item_of(definitions, definition), f"{one.id}: {definition}"
        if code := one.note("CODE"):
            codelist, _, item = code.partition(".")
            assert item in CATALOGUE.item_scheme(codelist), f"{one.id}: {code}"


def test_subpopulations_name_both_of_their_statuses() -> None:
    for one in CATALOGUE.item_scheme("CL_SUBPOP"):
        assert one.note("BIRTH_STATUS") in CATALOGUE.item_scheme("CL_BIRTH_STATUS")
        assert one.note("CTZ_STATUS") in CATALOGUE.item_scheme("CL_CTZ_STATUS")
