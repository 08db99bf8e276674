"""Findings of `check` among items of lists: duplicate ids, and missing or circular parents."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import made
import pytest

from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.checking.reading import Problem
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.artefacts import Extension, Item, ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref

STRUCTURES = sorted(name for name in FORMATS if FORMATS[name].write_structures)
WITH_PARENTS = ("Codelist", "ConceptScheme", "OrganisationUnitScheme")


def scheme(kind: str, *items: str, partial: bool = False) -> ItemScheme:
    """A list with an item for each “id” or “id<parent”."""
    made_items = tuple(Item(item.partition("<")[0], Text.of(en=item), parent=item.partition("<")[2]) for item in items)
    ref = Ref(kind, "SDMXMIG", id="L", version="1.0.0")
    return ItemScheme(ref, Text.of(en="List"), items=made_items, partial=partial)


def written(form: str, *schemes: ItemScheme) -> bytes:
    return structure_bytes(FORMATS[form], schemes, made.HEADER)


def found(content: bytes) -> list[tuple[str, str]]:
    """The problems, each with the id of the item at its place."""
    return [(item_at(content, problem.place.line, problem.place.key), problem.message) for problem in problems(content)]


def problems(content: bytes) -> list[Problem]:
    return identify_and_check("f", content, {}).problems


def item_at(content: bytes, line: int, key: str) -> str:
    """The id of the element that begins on a line of XML, or of the object at a key of JSON."""
    if line:
        match = re.search(r'(?:id|value)="([^"]+)"', content.decode().splitlines()[line - 1])
        return match[1] if match else ""
    found = json.loads(content)
    for step in key.strip("/").split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return str(found["id"])


@pytest.mark.parametrize("form", STRUCTURES)
@pytest.mark.parametrize("kind", WITH_PARENTS)
def test_missing_parent_is_reported_at_its_item(form: str, kind: str) -> None:
    (problem,) = found(written(form, scheme(kind, "A", "B<A", "C<NOPE")))
    assert problem[0] == "C"
    assert problem[1].startswith(f"The parent “NOPE” of “C” is not in {kind} SDMXMIG:L(1.0.0).")


@pytest.mark.parametrize("form", STRUCTURES)
@pytest.mark.parametrize("kind", WITH_PARENTS)
@pytest.mark.parametrize(
    ("items", "at", "way"),
    [
        (("A<B", "B<A"), "A", "A → B → A"),
        (("X", "A<A"), "A", "A → A"),
        (("X<C", "B<C", "C<D", "D<B"), "B", "B → C → D → B"),
        (tuple(f"{n}<{(n + 1) % 9}" for n in range(9)), "0", "0 → 1 → 2 → 3 → 4 → … → 0"),
    ],
)
def test_circular_parents_are_reported_once(form: str, kind: str, items: tuple[str, ...], at: str, way: str) -> None:
    if kind != "Codelist":  # other ids begin with a letter
        items = tuple(re.sub(r"(\d)", r"N\1", item) for item in items)
        at, way = re.sub(r"(\d)", r"N\1", at), re.sub(r"(\d)", r"N\1", way)
    sentence = f"The parents of “{at}” in {kind} SDMXMIG:L(1.0.0) lead back to it: {way}."
    assert found(written(form, scheme(kind, *items))) == [(at, sentence)]


@pytest.mark.parametrize("form", ["sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("kind", ["Codelist", "ConceptScheme", "AgencyScheme", "DataProviderScheme"])
def test_duplicate_id_is_reported_at_later_places(form: str, kind: str) -> None:
    def with_ids(*ids: str) -> ItemScheme:
        made_scheme = scheme(kind, *ids)
        if kind.endswith("Scheme") and kind != "ConceptScheme":
            ref = replace(made_scheme.ref, id={"AgencyScheme": "AGENCIES"}.get(kind, "DATA_PROVIDERS"), version="1.0")
            return replace(made_scheme, ref=ref)
        return made_scheme

    content = written(form, with_ids("A", "B", "THIRD", "FOURTH"))
    content = content.replace(b'"THIRD"', b'"A"').replace(b'"FOURTH"', b'"A"')
    said = [(problem.place.key[-2:], problem.message) for problem in problems(content)]
    assert [key for key, _ in said] == ["/2", "/3"]
    assert all(message.startswith(f"“A” occurs twice in {kind} SDMXMIG:") for _, message in said)
    assert all(message.endswith("/0.") and "The first is at f › " in message for _, message in said)


@pytest.mark.parametrize("form", [form for form in STRUCTURES if form.startswith("sdmx-ml")])
def test_duplicate_id_is_reported_once_in_xml(form: str) -> None:
    content = written(form, scheme("Codelist", "A", "B", "THIRD")).replace(b'"THIRD"', b'"A"')
    (problem,) = [problem for problem in problems(content) if "urn" not in problem.message]
    assert item_at(content, problem.place.line, "") == "A"
    assert problem.severity == "error"


def test_categories_are_identified_by_their_parents() -> None:
    categories = scheme("CategoryScheme", "A", "B<A", "C", "D<C", "E<C")
    content = written("sdmx-json-2.1", categories)
    assert not problems(content.replace(b'"D"', b'"B"'))
    (problem,) = problems(content.replace(b'"E"', b'"D"'))
    assert problem.message.startswith("“C.D” occurs twice in CategoryScheme SDMXMIG:L(1.0.0).")
    assert problem.place.key.endswith("/1/categories/1")


@pytest.mark.parametrize("form", STRUCTURES)
def test_partial_list_may_name_missing_parents(form: str) -> None:
    assert not problems(written(form, scheme("Codelist", "A", "B<NOPE", partial=True)))


@pytest.mark.parametrize("form", ["sdmx-ml-3.0", "sdmx-json-2.0"])
def test_extended_list_may_name_inherited_codes_as_parents(form: str) -> None:
    other = Ref("Codelist", "SDMXMIG", id="OTHER", version="1.0.0")
    extending = replace(scheme("Codelist", "A", "B<NOPE"), extensions=(Extension(other),))
    assert not problems(written(form, extending))


def extending(list_id: str, *others: str, version: str = "1.0.0") -> ItemScheme:
    refs = [Ref("Codelist", "SDMXMIG", id=other, version=version) for other in others]
    extensions = tuple(Extension(ref) for ref in refs)
    own = scheme("Codelist", "A")
    return replace(own, ref=replace(own.ref, id=list_id), extensions=extensions)


@pytest.mark.parametrize("form", ["sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize(
    ("lists", "ways"),
    [
        ([extending("X", "X")], ["X → X"]),
        ([extending("X", "Y"), extending("Y", "X")], ["X → Y → X"]),
        ([extending("X", "Y", "Z"), extending("Y"), extending("Z", "W"), extending("W", "X")], ["W → X → Z → W"]),
        ([extending("X", "Y"), extending("Y", "Z"), extending("Z", "Y")], ["Y → Z → Y"]),
        ([extending("X", "Y"), extending("Y", "X"), extending("Z", "Z")], ["X → Y → X", "Z → Z"]),
        ([extending("X", "Y", version="1.0+.0"), extending("Y", "X")], ["X → Y → X"]),
        ([extending("X", "Y"), extending("Y", "X", version="2.0.0")], []),
        ([extending("X", "Y", "Z"), extending("Y", "Z"), extending("Z", "ELSEWHERE")], []),
    ],
)
def test_circular_codelist_extensions_are_reported(form: str, lists: list[ItemScheme], ways: list[str]) -> None:
    messages = [problem.message for problem in problems(written(form, *lists))]
    bare = [re.sub(r"SDMXMIG:(\w+)\(1\.0\.0\)", r"\1", message) for message in messages]
    assert sorted(message.partition("itself: ")[2].partition(".")[0] for message in bare) == sorted(ways)


def test_parent_omitted_as_faulty_is_not_reported_missing() -> None:
    content = written("sdmx-json-2.1", scheme("Codelist", "A", "B<A"))
    damaged = content.replace(b'"id":"A","name":"A"', b'"id":"A","name":{}', 1)
    assert problems(damaged)
    assert not [problem for problem in problems(damaged) if "is not in" in problem.message]
