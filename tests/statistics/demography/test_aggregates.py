"""Hierarchies define sums."""

from __future__ import annotations

import pytest

from sdmxmig.catalogue.item_schemes import index_aggregates
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import HierarchicalCode, Hierarchy

Tree = dict[str, "Tree"]


def node(name: str, below: Tree | None = None, codelist: str = "CL_X") -> HierarchicalCode:
    """A node of the code before the dot of its name."""
    code = Ref("Code", "SDMXMIG", id=codelist, version="1.0.0", item=name.partition(".")[0])
    children = tuple(node(*item) for item in (below or {}).items())
    return HierarchicalCode(name, code, children=children)


def hierarchy(*nodes: HierarchicalCode) -> Hierarchy:
    return Hierarchy(Ref("Hierarchy", "SDMXMIG", id="H_X", version="1.0.0"), Text.of(en="X"), codes=nodes)


def test_total_is_the_sum_of_all_leaves_below() -> None:
    tree = hierarchy(node("_T", {"FB": {"FB_NC": {}, "FB_FC": {}}, "NB": {}}))
    assert index_aggregates(tree) == {"_T": ("FB_NC", "FB_FC", "NB"), "FB": ("FB_NC", "FB_FC")}


def test_code_reached_by_two_paths_counts_once() -> None:
    tree = hierarchy(node("WORLD", {"EUROPE": {"FR": {}, "GE": {}}, "POOR": {"GE.POOR": {}}}))
    assert index_aggregates(tree)["WORLD"] == ("FR", "GE")


def test_leaf_divided_elsewhere_is_replaced_by_its_parts() -> None:
    tree = hierarchy(node("_T", {"FB": {}, "NB": {}}), node("FB.PARTS", {"EU": {}, "OTHER": {}}))
    assert index_aggregates(tree)["_T"] == ("EU", "OTHER", "NB")


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (hierarchy(node("A", {"B": {"C": {}}, "D": {"B.2": {"E": {}}}})), "“B” has different codes below it"),
        (hierarchy(node("A", {"B": {"A.2": {}}})), "“A” is its own descendant"),
        (hierarchy(node("A", {"B": {}}), node("B", codelist="CL_Y")), "“B” is a code of"),
    ],
)
def test_hierarchy_that_does_not_add_up_is_refused(tree: Hierarchy, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        index_aggregates(tree)
