"""Two releases of an artefact: the changes, and the smallest version step that they require."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from folders import ROOT

from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Constraint
from sdmxmig.sdmx.versions import compare, read_step_rules

TABLE = ROOT / "structures" / "versions.toml"
RULES = read_step_rules(TABLE.name, TABLE.read_bytes())
SEX = ItemScheme(
    Ref("Codelist", "X", id="CL_SEX", version="1.0.0"),
    Text.of(en="Sex"),
    items=tuple(Item(code, Text.of(en=code)) for code in ("_T", "F", "M")),
)
STRUCTURE = DataStructure(
    Ref("DataStructure", "X", id="DSD", version="1.0.0"),
    Text.of(en="Structure"),
    components=(
        Component(
            "SEX", "dimension", concept=Ref("Concept", "X", id="CS", version="1.0.0", item="SEX"), codelist=SEX.ref
        ),
        Component("TIME_PERIOD", "time", concept=Ref("Concept", "X", id="CS", version="1.0.0", item="TIME_PERIOD")),
        Component(
            "OBS_VALUE",
            "measure",
            concept=Ref("Concept", "X", id="CS", version="1.0.0", item="OBS_VALUE"),
            data_type="Decimal",
        ),
        Component(
            "NOTE",
            "attribute",
            concept=Ref("Concept", "X", id="CS", version="1.0.0", item="NOTE"),
            mandatory=False,
            attachment="series",
        ),
    ),
)
AGE = Component("AGE", "dimension", concept=Ref("Concept", "X", id="CS", version="1.0.0", item="AGE"))


def with_items(*items: Item) -> ItemScheme:
    return replace(SEX, items=items)


def with_component(change: Callable[[Component], Component]) -> DataStructure:
    return replace(
        STRUCTURE,
        components=tuple(
            change(component) if component.id == "NOTE" else component for component in STRUCTURE.components
        ),
    )


T, F, M = SEX.items
CASES = [
    ("nothing", SEX, SEX, "none"),
    ("a name", SEX, replace(SEX, name=Text.of(en="Gender")), "patch"),
    ("a language", SEX, replace(SEX, name=Text.of(en="Sex", fr="Sexe")), "patch"),
    ("the name of a code", SEX, with_items(T, F, replace(M, name=Text.of(en="Male"))), "patch"),
    ("an annotation", SEX, replace(SEX, annotations=(Annotation("X", Text.of(en="x")),)), "none"),
    ("a code more", SEX, with_items(T, F, M, Item("_U", Text.of(en="Unknown"))), "minor"),
    ("a code less", SEX, with_items(T, F), "major"),
    ("a code renamed", SEX, with_items(T, F, replace(M, id="MALE")), "major"),
    ("a parent", SEX, with_items(T, F, replace(M, parent="_T")), "minor"),
    ("another order", SEX, with_items(T, M, F), "minor"),
    ("a dimension more", STRUCTURE, replace(STRUCTURE, components=(AGE, *STRUCTURE.components)), "major"),
    (
        "a dimension more in an evolving structure",
        replace(STRUCTURE, evolving=True),
        replace(STRUCTURE, evolving=True, components=(*STRUCTURE.components, AGE)),
        "minor",
    ),
    ("a dimension less", STRUCTURE, replace(STRUCTURE, components=STRUCTURE.components[1:]), "major"),
    ("made mandatory", STRUCTURE, with_component(lambda one: replace(one, mandatory=True)), "major"),
    ("another attachment", STRUCTURE, with_component(lambda one: replace(one, attachment="observation")), "major"),
    ("another data type", STRUCTURE, with_component(lambda one: replace(one, data_type="Integer")), "major"),
    ("an attribute less", STRUCTURE, replace(STRUCTURE, components=STRUCTURE.components[:3]), "major"),
    ("an optional attribute more", replace(STRUCTURE, components=STRUCTURE.components[:3]), STRUCTURE, "minor"),
]


@pytest.mark.parametrize(("what", "old", "new", "step"), CASES, ids=[case[0] for case in CASES])
def test_each_change_requires_its_version_step(what: str, old: ItemScheme, new: ItemScheme, step: str) -> None:
    (comparison,) = compare([old], [new], RULES)
    assert comparison.needed == step, what
    assert comparison.is_enough is (step == "none")


def test_sufficient_version_step_is_accepted() -> None:
    more = with_items(*SEX.items, Item("_U", Text.of(en="Unknown")))
    for version, enough in (("1.0.1", False), ("1.1.0", True), ("2.0.0", True)):
        (comparison,) = compare([SEX], [replace(more, ref=replace(SEX.ref, version=version))], RULES)
        assert comparison.is_enough is enough
        assert comparison.proposed == "1.1.0"


def test_draft_may_change_freely() -> None:
    draft = replace(SEX, ref=replace(SEX.ref, version="1.0.0-draft"))
    (comparison,) = compare([draft], [replace(draft, items=())], RULES)
    assert comparison.changes
    assert comparison.needed == "none"


def test_artefacts_in_only_one_release_are_listed() -> None:
    gone, come = compare([SEX], [STRUCTURE], RULES)[::-1]
    assert (gone.old, gone.new) == (SEX.ref, None)
    assert (come.old, come.new) == (None, STRUCTURE.ref)


def test_release_is_compared_with_latest_earlier_version() -> None:
    second = replace(with_items(T, F), ref=replace(SEX.ref, version="2.0.0"))
    third = replace(second, ref=replace(SEX.ref, version="2.0.1"), name=Text.of(en="Gender"))
    (comparison,) = compare([SEX, second], [third], RULES)
    assert comparison.old == second.ref
    assert comparison.needed == "patch"


def test_content_constraint_equals_later_data_constraint() -> None:
    of_21 = Constraint(Ref("ContentConstraint", "XX", id="CC", version="1.0.0"), Text.of(en="Limits"))
    of_30 = replace(of_21, ref=replace(of_21.ref, kind="DataConstraint"))
    (comparison,) = compare([of_21], [of_30], RULES)
    assert comparison.changes == ()
