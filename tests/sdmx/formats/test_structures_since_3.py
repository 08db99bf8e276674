"""Features of SDMX 2.1 alone survive SDMX 3: measure dimensions, groups, periods."""

from __future__ import annotations

from dataclasses import replace

import made
import made_artefacts as kinds
import pytest

from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Component, DataStructure, Group
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Constraint, CubeRegion, Member, Selection

SINCE_3 = ("sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
MEASURES = ItemScheme(
    Ref("ConceptScheme", "A", id="CS_MEASURES", version="1.0"),
    Text.of(en="Measures"),
    items=(
        Item("STOCK", Text.of(en="Stock", fr="Stock"), description=Text.of(en="At the end")),
        Item("FLOW", Text.of(en="Flow"), data_type="Integer"),
    ),
)


def dimension(own: str, **more: object) -> Component:
    return Component(own, "dimension", concept=kinds.concept(own), **more)  # type: ignore[arg-type]


MEASURE = dimension("MEASURE", codelist=MEASURES.ref)
TIME = Component("TIME_PERIOD", "time", concept=kinds.concept("TIME_PERIOD"), data_type="ObservationalTimePeriod")
VALUE = Component("OBS_VALUE", "measure", concept=kinds.concept("OBS_VALUE"))


def attribute(own: str, attachment: str, **more: object) -> Component:
    return Component(own, "attribute", concept=kinds.concept(own), attachment=attachment, **more)  # type: ignore[arg-type]


def structure(*more: Component, groups: tuple[Group, ...] = (), notes: tuple[Annotation, ...] = ()) -> DataStructure:
    components = (dimension("FREQ"), dimension("AREA"), *more, TIME, VALUE)
    order = {"dimension": 0, "time": 1, "measure": 2, "attribute": 3}
    ref = Ref("DataStructure", "A", id="DSD", version="1.0")
    ordered = tuple(sorted(components, key=lambda one: order[one.role]))
    return DataStructure(ref, Text.of(en="D"), components=ordered, groups=groups, annotations=notes)


def constraint(period: tuple[str, str] | None, *notes: Annotation) -> Constraint:
    region = CubeRegion((Selection("AREA", (Member("GE"),)),))
    flow = Ref("Dataflow", "A", id="DF", version="1.0")
    own = Ref("DataConstraint", "A", id="CN", version="1.0")
    return Constraint(
        own, Text.of(en="C"), role="Actual", attached=(flow,), regions=(region,), period=period, annotations=notes
    )


BY_KEYS = Ref("AttachmentConstraint", "A", id="AC", version="1.0")
G1, G2 = Group("G1", ("AREA",)), Group("G2", ("FREQ", "AREA"))
CASES: dict[str, tuple[Artefact, ...]] = {
    "a measure dimension with its concepts": (structure(MEASURE), MEASURES),
    "a measure dimension without its concepts": (structure(MEASURE),),
    "a measure dimension with notes": (structure(replace(MEASURE, annotations=kinds.NOTES)), MEASURES),
    "a measure dimension with roles": (structure(replace(MEASURE, concept_roles=(kinds.concept("ROLE"),))),),
    "a measure dimension with a type": (structure(replace(MEASURE, data_type="String")), MEASURES),
    "a measure dimension with facets": (structure(replace(MEASURE, facets=(("maxLength", "9"),))),),
    "two structures of one scheme": (
        structure(MEASURE),
        replace(structure(MEASURE), ref=Ref("DataStructure", "A", id="DSD2", version="1.0")),
        MEASURES,
    ),
    "a codelist that is called like the concepts": (
        structure(MEASURE),
        MEASURES,
        replace(MEASURES, ref=replace(MEASURES.ref, kind="Codelist"), items=(Item("OTHER", Text.of(en="O")),)),
    ),
    "a group beside dimensions": (
        structure(attribute("T", "dimensions", dimensions=("AREA",), group="G1"), groups=(G1,)),
    ),
    "two groups beside dimensions": (
        structure(attribute("T", "dimensions", dimensions=("FREQ", "AREA"), group="G1 G2"), groups=(G1, G2)),
    ),
    "a group beside some dimensions": (
        structure(
            attribute("T", "dimensions", dimensions=("FREQ",), group="G1", annotations=kinds.NOTES), groups=(G1, G2)
        ),
    ),
    "a group by constraint": (structure(groups=(Group("GC", (), constraint=BY_KEYS),)),),
    "a group by constraint among others": (
        structure(
            attribute("T", "group", group="GC"),
            attribute("U", "group", group="G2"),
            groups=(G1, Group("GC", (), annotations=kinds.NOTES, constraint=BY_KEYS), G2),
            notes=kinds.NOTES,
        ),
    ),
    "two groups by constraint": (
        structure(groups=(Group("GA", (), constraint=BY_KEYS), G1, Group("GB", (), constraint=BY_KEYS))),
    ),
    "a reference period": (constraint(("2010-01-01", "2019-12-31")),),
    "a reference period with notes": (constraint(("2010-01-01", "2019-12-31T12:00:00"), *kinds.NOTES),),
}
LOOK_ALIKES: dict[str, tuple[Artefact, ...]] = {
    "a dimension of codes": (structure(dimension("MEASURE", codelist=kinds.CODELIST.ref)),),
    "a dimension of texts": (structure(dimension("MEASURE", data_type="String")),),
    "an attribute of the series": (structure(attribute("T", "series")),),
    "an attribute of dimensions": (structure(attribute("T", "dimensions", dimensions=("AREA",))),),
    "an attribute of a group": (structure(attribute("T", "group", group="G1"), groups=(G1,)),),
    "groups without attributes": (structure(groups=(G1, G2)),),
    "a constraint without a period": (constraint(None),),
    "a note that is called so": (structure(dimension("B", annotations=(Annotation("MEASURE_DIMENSION", title="x"),))),),
    "a note that is no period": (constraint(None, Annotation("REFERENCE_PERIOD", title="since 2010")),),
    "a note of a group on another level": (
        structure(attribute("T", "observation", annotations=(Annotation("ATTACHMENT_GROUP", title="G1"),))),
    ),
    "concepts alone": (MEASURES,),
    "concepts and a codelist of one name": (
        MEASURES,
        replace(MEASURES, ref=replace(MEASURES.ref, kind="Codelist"), items=(Item("A", Text.of(en="O")),)),
    ),
}


def through(form: str, artefacts: tuple[Artefact, ...]) -> tuple[Artefact, ...]:
    content = structure_bytes(FORMATS[form], artefacts, made.HEADER)
    assert FORMATS[form].structure_problem(content) == ""
    read = FORMATS[form].read_structures
    kinds_back = {"ContentConstraint": "DataConstraint"}
    found = [
        replace(artefact, ref=replace(artefact.ref, kind=kinds_back.get(artefact.ref.kind, artefact.ref.kind)))
        for artefact in read("m", content)
    ]
    return tuple(sorted(found, key=lambda artefact: str(artefact.ref)))


def in_order(artefacts: tuple[Artefact, ...]) -> tuple[Artefact, ...]:
    return tuple(sorted(artefacts, key=lambda artefact: str(artefact.ref)))


@pytest.mark.parametrize("form", SINCE_3)
@pytest.mark.parametrize("name", [*CASES, *LOOK_ALIKES])
def test_feature_of_2_1_survives_sdmx_3(name: str, form: str) -> None:
    given = {**CASES, **LOOK_ALIKES}[name]
    once = through(form, given)
    assert once == in_order(given)
    assert through(form, once) == once
    assert through("sdmx-ml-2.1", once) == through("sdmx-ml-2.1", given)


@pytest.mark.parametrize("form", SINCE_3)
def test_codes_of_measure_dimension_become_concept_codelist(form: str) -> None:
    content = structure_bytes(FORMATS[form], CASES["a measure dimension with its concepts"], made.HEADER).decode()
    assert "codelist.Codelist=A:CS_MEASURES(1.0)" in content
    alone = structure_bytes(FORMATS[form], CASES["a measure dimension without its concepts"], made.HEADER).decode()
    assert "codelist.Codelist=A:CS_MEASURES" not in alone


def test_changed_codelist_of_measure_dimension_is_kept() -> None:
    content = structure_bytes(FORMATS["sdmx-ml-3.0"], CASES["a measure dimension with its concepts"], made.HEADER)
    begin = content.index(b"<str:Codelist ")
    changed = content[:begin] + content[begin:].replace(b"Flow</com:Name>", b"Outflow</com:Name>", 1)
    read = FORMATS["sdmx-ml-3.0"].read_structures
    found = read("m", changed)
    assert [artefact.ref.kind for artefact in found] == ["Codelist", "ConceptScheme", "DataStructure"]


WHOLE = Annotation("T", Text.of(en="a"), title="b", url="https://example.org/", id="N", value="7")
RELATIVE = Annotation("T", url="notes/page one.html")


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", *SINCE_3])
@pytest.mark.parametrize(
    "note", [WHOLE, replace(WHOLE, urls=Text.of(en="https://example.org/en", fr="https://example.org/fr")), RELATIVE]
)
def test_partly_expressible_note_is_kept_completely(note: Annotation, form: str) -> None:
    given = (structure(notes=(note, *kinds.NOTES)),)
    assert through(form, given) == given


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", *SINCE_3])
def test_unusual_addresses_survive_a_round_trip(form: str) -> None:
    details = replace(
        made.codelist("A", "1.0").details, uri="../lists/CL SEX.xml", external=True, structure_url="lists/CL.xml"
    )
    item = Item("A", Text.of(en="a"), uri="../codes/A.xml")
    given = (ItemScheme(Ref("Codelist", "A", id="CL", version="1.0"), Text.of(en="N"), items=(item,), details=details),)
    assert through(form, given) == given
