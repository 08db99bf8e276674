"""Constraints of the standard on small tables, with the rows that each refuses, in every version.

The table `ROWS` is the data of a flow. Each case is a set of constraints, and the numbers of the rows that the
standard does not allow. Both the check of a message and rule MIG-1-004 must refuse just these, with structures
converted through SDMX-ML 2.1, 3.0 and 3.1 if the version supports them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from, text_from
from console import Console
from folders import write_files
from reported import TYPES, datasets, switched_on
from shipped import CATALOGUE

from sdmxmig.catalogue import Catalogue, build_flows, load
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.quality.rules.constraints import list_refusals
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.formats import FORMATS, Layout, data_bytes, structure_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.artefacts import Extension, Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Constraint,
    CubeRegion,
    KeySet,
    Member,
    Selection,
    TimeRange,
)
from sdmxmig.sdmx.model.submission import Header, Party

HEADER = Header("C", "2026-01-31T12:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))
RULE = "MIG-1-004"


def ref(kind: str, name: str, version: str = "1.0.0", item: str = "") -> Ref:
    return Ref(kind, "AG", id=name, version=version, item=item)


def codelist(name: str, codes: str) -> ItemScheme:
    """A codelist from its codes; ``DE<EU`` is a child of EU."""
    pairs = [code.partition("<") for code in codes.split()]
    items = tuple(Item(code, Text.of(en=code), parent=parent) for code, _, parent in pairs)
    return ItemScheme(ref("Codelist", name), Text.of(en=name), items=items)


LISTS = {
    "AREA": codelist("CL_AREA", "EU DE<EU BE<DE FR<EU UK MX"),
    "AGE": codelist("CL_AGE", "_T Y0T4 Y5T9"),
    "STATUS": codelist("CL_STATUS", "A E M"),
    "UNIT": codelist("CL_UNIT", "PS EUR"),
}
CONCEPTS = ItemScheme(
    ref("ConceptScheme", "CS"),
    Text.of(en="Concepts"),
    items=tuple(Item(name, Text.of(en=name)) for name in (*LISTS, "TIME_PERIOD", "OBS_VALUE", "NOTE")),
)


def component(name: str, role: str, **more: object) -> Component:
    listed = {"codelist": LISTS[name].ref} if name in LISTS else {"data_type": "String"}
    typed = {"TIME_PERIOD": "ObservationalTimePeriod", "OBS_VALUE": "Decimal"}.get(name)
    told = {**listed, **({"data_type": typed} if typed else {}), **more}
    return Component(name, role, concept=ref("Concept", "CS", item=name), **told)  # type: ignore[arg-type]


STRUCTURE = DataStructure(
    ref("DataStructure", "DSD"),
    Text.of(en="Structure"),
    components=(
        component("AREA", "dimension"),
        component("AGE", "dimension"),
        component("TIME_PERIOD", "time"),
        component("OBS_VALUE", "measure"),
        component("STATUS", "attribute", mandatory=False, attachment="observation"),
        component("NOTE", "attribute", mandatory=False, attachment="observation"),
        component("UNIT", "attribute", mandatory=False, attachment="series"),
    ),
)
FLOW = Dataflow(ref("Dataflow", "DF"), Text.of(en="Flow"), structure=STRUCTURE.ref)
OTHER = Dataflow(ref("Dataflow", "DF_OTHER"), Text.of(en="Another flow"), structure=STRUCTURE.ref)
PROVIDERS = ItemScheme(
    ref("DataProviderScheme", "DATA_PROVIDERS", "1.0"), Text.of(en="Providers"), items=(Item("NSO", Text.of(en="N")),)
)
PROVIDER = ref("DataProvider", "DATA_PROVIDERS", "1.0", "NSO")
AGREEMENT = Agreement(ref("ProvisionAgreement", "PA"), Text.of(en="Agreement"), flow=FLOW.ref, provider=PROVIDER)
ARTEFACTS = (*LISTS.values(), CONCEPTS, STRUCTURE, FLOW, OTHER)

ROWS = text_from("sdmx/cases/constraints_rows.txt")


def table() -> pl.DataFrame:
    head, *rows = (line.split() for line in ROWS.strip().splitlines())
    cells = [[None if cell == "-" else cell for cell in row[1:]] for row in rows]
    return pl.DataFrame(cells, schema=dict.fromkeys(head, pl.String), orient="row")


def dataset(flow: Flow, refers_to: Ref | None = None) -> Dataset:
    frame = table()
    cells = [(n, "OBS_VALUE", "data.xlsx", "DF", n + 1, 1) for n in range(frame.height)]
    return Dataset(
        flow,
        frame.drop("UNIT"),
        series=frame.select("AREA", "AGE", "UNIT").unique(maintain_order=True),
        attributes={},
        origins=pl.DataFrame(cells, schema=dict(zip(ORIGIN_COLUMNS, TYPES, strict=True)), orient="row"),
        refers_to=refers_to,
    )


# -- how constraints are written here ---------------------------------------------------------------------------------


def of(name: str, values: str = "", *, include: bool = True, cascade: str = "", **more: object) -> Selection:
    """Values of a component; ``FR[–2012]`` is valid for a time only."""
    members = []
    for value in values.split():
        code, _, span = value.rstrip("]").partition("[")
        start, _, end = span.partition("–")
        members.append(Member(code, cascade, valid_from=start, valid_to=end))
    role = "key" if name in ("AREA", "AGE", "TIME_PERIOD") else "component"
    return Selection(name, tuple(members), include=include, role=role, **more)  # type: ignore[arg-type]


def times(start: str = "", end: str = "", *, include: bool = True, **ends: bool) -> Selection:
    return Selection("TIME_PERIOD", time_range=TimeRange(start, end, **ends), include=include)


def region(*selections: Selection, include: bool = True) -> CubeRegion:
    return CubeRegion(selections, include)


def keys(*written: str, include: bool = True, valid: tuple[tuple[str, str], ...] = ()) -> KeySet:
    """Keys such as ``AREA=FR STATUS=A``; several values of a component stand with a bar between them."""
    made = [tuple(of(*pair.replace("|", " ").split("=")) for pair in key.split(",")) for key in written]
    return KeySet(tuple(made), include, valid=valid)


@dataclass(frozen=True)
class Case:
    """Constraints on the data, and the refused rows; `versions` are those that support them."""

    name: str
    parts: tuple[CubeRegion | KeySet, ...]
    refused: str
    versions: str = "2.1 3.0 3.1"


CASES = (
    # regions: the selections of an included one hold each for itself, an excluded one is the slice that they cut out
    Case("one value", (region(of("AREA", "DE")),), "2 3 4 5 6"),
    Case("values", (region(of("AREA", "DE FR")),), "4 5 6"),
    Case("values but some", (region(of("AREA", "DE FR", include=False)),), "1 2 3"),
    Case("two components", (region(of("AREA", "DE FR"), of("AGE", "_T")),), "1 4 5 6"),
    Case("one in, one out", (region(of("AREA", "DE FR"), of("AGE", "_T", include=False)),), "2 3 4 5 6"),
    Case("slice out", (region(of("AREA", "FR"), of("TIME_PERIOD", "2013"), include=False),), "3"),
    Case("slice out of one component", (region(of("AREA", "FR"), include=False),), "2 3"),
    Case("all but a value out", (region(of("AREA", "FR", include=False), include=False),), "1 4 5 6"),
    Case(
        "a part of what is in, out", (region(of("AREA", "DE FR")), region(of("AGE", "_T"), include=False)), "2 3 4 5 6"
    ),
    Case("two regions in", (region(of("AREA", "DE")), region(of("AGE", "_T"))), "4 5", "2.1"),
    # values
    Case("with those below", (region(of("AREA", "DE", cascade="true")),), "2 3 4 6"),
    Case("with all below", (region(of("AREA", "EU", cascade="true")),), "4 6"),
    Case("only those below", (region(of("AREA", "DE", cascade="excluderoot")),), "1 2 3 4 6", "3.0 3.1"),
    Case("all below out", (region(of("AREA", "EU", cascade="true", include=False)),), "1 2 3 5"),
    Case("wildcard", (region(of("AGE", "Y%")),), "2 3 6"),
    Case("wildcard out", (region(of("AGE", "%T4", include=False)),), "1 5"),
    Case("wildcard inside", (region(of("AGE", "Y%T9")),), "1 2 3 5 6"),
    Case("wildcard and code", (region(of("AGE", "_T Y5%")),), "1 5"),
    Case("wildcard with those below", (region(of("AREA", "D%", cascade="true")),), "2 3 4 6"),
    # time
    Case("from", (region(times("2013")),), "1 2 6"),
    Case("to", (region(times("", "2012")),), "3 4 5"),
    Case("from to", (region(times("2012", "2015")),), "1 4"),
    Case("after", (region(times("2012", "", includes_start=False)),), "1 2 6"),
    Case("before", (region(times("", "2013", includes_end=False)),), "3 4 5"),
    Case("moments", (region(times("2012-01-01T00:00:00", "2013-12-31T00:00:00")),), "1 4 5"),
    Case("not from to", (region(times("2012", "2013", include=False)),), "2 3 6"),
    Case("an area for a time", (region(of("AREA", "DE UK MX BE FR[–2012]")),), "3", "3.0 3.1"),
    Case("an area from a year on", (region(of("AREA", "DE UK MX BE FR[2013–]")),), "2", "3.0 3.1"),
    Case("superseded on a day", (region(of("AREA", "DE UK MX BE FR[–2012-01-01]")),), "2 3", "3.0 3.1"),
    Case("out for a time", (region(of("AREA", "FR[2013–]", include=False)),), "3", "3.0 3.1"),
    # attributes and measures: what is not sent is not judged, unless it has to stand
    Case("attribute", (region(of("STATUS", "A")),), "2 5 6"),
    Case("attribute out", (region(of("STATUS", "E M", include=False)),), "2 5 6"),
    Case("attribute of series", (region(of("UNIT", "PS")),), "2 3"),
    Case("attribute has to stand", (region(of("AREA", "%"), of("STATUS")),), "4"),
    Case("attribute must not stand", (region(of("AREA", "%"), of("STATUS", include=False)),), "1 2 3 5 6"),
    Case("text", (region(of("NOTE", "%adjusted%")),), "6"),
    Case("measure", (region(of("OBS_VALUE", "1 2 3 4 5")),), "6", "3.0 3.1"),
    # keys: what they do not name is free; sets count in their order, in SDMX 2.1 the included ones first
    Case("keys", (keys("AREA=FR", "AREA=DE,AGE=Y0T4"),), "4 5 6"),
    Case("keys out", (keys("AREA=FR,TIME_PERIOD=2013", "AGE=Y5T9", include=False),), "3 4"),
    Case("part of keys out", (keys("AREA=FR"), keys("AREA=FR,TIME_PERIOD=2013", include=False)), "1 3 4 5 6"),
    Case("back in later", (keys("AGE=_T", include=False), keys("AREA=FR,AGE=_T")), "1 4 5 6", "3.0 3.1"),
    Case("never back in", (keys("AGE=_T", include=False), keys("AREA=FR,AGE=_T")), "1 2 3 4 5 6", "2.1"),
    Case("keys with attributes", (keys("AREA=FR,STATUS=A", "AGE=Y0T4,UNIT=PS", "AREA=UK"),), "2 6", "3.0 3.1"),
    Case("attribute that was not sent", (keys("AREA=UK,STATUS=A", "AREA=MX"),), "1 2 3 5", "3.0 3.1"),
    Case("keys with attributes out", (keys("AREA=FR,STATUS=A", include=False),), "3", "3.0 3.1"),
    Case("several values in a key", (keys("AREA=FR|MX,AGE=_T"),), "1 4 5", "3.1"),
    Case("wildcard in a key", (keys("AGE=Y%"),), "2 3 6", "3.0 3.1"),
    Case("keys for a time", (keys("AREA=FR", include=False, valid=(("2013", ""),)),), "3", "3.0 3.1"),
    Case("regions and keys", (region(of("AREA", "FR MX")), keys("AREA=FR", "AREA=DE")), "1 4 5 6"),
)


def constraint(
    *parts: CubeRegion | KeySet, on: tuple[Ref, ...] = (FLOW.ref,), kind: str = "DataConstraint", **more: object
) -> Constraint:
    told = {"name": "CN", "version": "1.0.0", **more}
    name, version = str(told.pop("name")), str(told.pop("version"))
    return Constraint(
        ref(kind, name, version),
        Text.of(en="Limits"),
        attached=on,
        regions=tuple(part for part in parts if isinstance(part, CubeRegion)),
        keys=tuple(part for part in parts if isinstance(part, KeySet)),
        **told,  # type: ignore[arg-type]
    )


def travelled(artefacts: Iterable[Artefact], version: str) -> Mapping[str, Flow]:
    """The flows of a structure message that was written in a version of SDMX-ML and read again."""
    form = FORMATS[f"sdmx-ml-{version}"]
    content = structure_bytes(form, tuple(artefacts), HEADER)
    return build_flows(form.read_structures("s.xml", content, Faults()))


def refused_by_check(flow: Flow, flows: Mapping[str, Flow], refers_to: Ref | None = None) -> set[int]:
    """The rows that a check of the data finds not allowed, in a message of SDMX-CSV."""
    message = data_bytes(FORMATS["sdmx-csv-2.0"], [dataset(flow, refers_to)], HEADER, Layout())
    checked = identify_and_check("d.csv", message, flows)
    rows = set()
    for problem in checked.problems:
        assert "onstraint" in problem.message, problem
        rows.add(problem.place.line - 1)
    return rows


def refused_by_rule(flow: Flow) -> set[int]:
    """The rows that rule MIG-1-004 finds not allowed."""
    only_rule = replace(flow, dataflow=replace(flow.dataflow, rules=(RULE,)))
    found = validate(dataset(only_rule), replace(CATALOGUE, rules={RULE: CATALOGUE.rules[RULE]}))
    places = [place for finding in found.items for place in (finding.place, *finding.others)]
    return {int(place.cell.removeprefix("A")) for place in places if place and place.cell}


@pytest.mark.parametrize(
    ("case", "version"),
    [(case, version) for case in CASES for version in case.versions.split()],
    ids=lambda value: value.name if isinstance(value, Case) else value,
)
def test_values_are_constrained_as_the_standard_requires(case: Case, version: str) -> None:
    kind = "ContentConstraint" if version == "2.1" else "DataConstraint"
    flows = travelled((*ARTEFACTS, constraint(*case.parts, kind=kind)), version)
    wanted = {int(number) for number in case.refused.split()}
    assert refused_by_check(flows["DF"], flows) == wanted
    assert refused_by_rule(flows["DF"]) == wanted


def test_hundreds_of_keys_constrain_like_a_few() -> None:
    """Missing values are unknown in a join as well: row 4 has no status, and row 5 another one than its key."""
    many = [f"AREA=MX,AGE=Y0T4,STATUS=M,TIME_PERIOD={year}" for year in range(1900, 2000)]
    many += ["AREA=UK,AGE=Y5T9,STATUS=A,TIME_PERIOD=2020", "AREA=BE,AGE=Y0T4,STATUS=A,TIME_PERIOD=2015-Q2"]
    flow = build_flows((*ARTEFACTS, constraint(keys(*many))))["DF"]
    assert refused_by_rule(flow) == refused_by_check(flow, {"DF": flow}) == {1, 2, 3, 5, 6}


# -- which constraints count ------------------------------------------------------------------------------------------

DE, FR, OLD = region(of("AREA", "DE")), region(of("AREA", "FR")), region(of("AGE", "_T"))
ATTACHED = (
    # what is attached to what, and the rows that are refused of data of the flow, of the structure, of the agreement
    ("to nothing", [constraint(DE, on=())], "", "", ""),
    ("to the structure", [constraint(DE, on=(STRUCTURE.ref,))], "23456", "23456", "23456"),
    ("to the flow", [constraint(DE)], "23456", "", "23456"),
    ("to another flow", [constraint(DE, on=(OTHER.ref,))], "", "", ""),
    ("to the agreement", [constraint(DE, on=(AGREEMENT.ref,))], "", "", "23456"),
    ("to the provider", [constraint(DE, on=(PROVIDER,))], "", "", "23456"),
    ("keys to the provider do not count", [constraint(keys("AREA=DE"), on=(PROVIDER,))], "", "", ""),
    ("before 3.0 nothing of the provider", [constraint(DE, on=(PROVIDER,), kind="ContentConstraint")], "", "", ""),
    ("actual content is no limit", [constraint(DE, role="Actual")], "", "", ""),
    (
        "below limits further",
        [
            constraint(region(of("AREA", "DE FR")), name="A", on=(STRUCTURE.ref,)),
            constraint(OLD, name="B"),
            constraint(region(times("2013")), name="C", on=(AGREEMENT.ref,)),
        ],
        "1456",
        "456",
        "12456",
    ),
    (
        "below cannot allow more",
        [constraint(DE, name="A", on=(STRUCTURE.ref,)), constraint(region(of("AREA", "DE FR")), name="B")],
        "23456",
        "23456",
        "23456",
    ),
    ("several of a flow count together", [constraint(DE, name="A"), constraint(OLD, name="B")], "123456", "", "123456"),
    ("the latest version counts", [constraint(DE), constraint(FR, version="1.1.0")], "1456", "", "1456"),
    ("a draft is not the latest", [constraint(DE), constraint(FR, version="1.1.0-draft")], "23456", "", "23456"),
    ("a draft alone counts", [constraint(FR, version="1.1.0-draft")], "1456", "", "1456"),
    ("ten is later than nine", [constraint(DE, version="1.9.0"), constraint(FR, version="1.10.0")], "1456", "", "1456"),
    (
        "what the latest version leaves is free",
        [constraint(DE), constraint(FR, version="1.1.0", on=(OTHER.ref,))],
        "",
        "",
        "",
    ),
    (
        "before 3.0 each artefact has its own version",
        [
            constraint(DE, kind="ContentConstraint", version="1.0"),
            constraint(FR, kind="ContentConstraint", version="2.0", on=(OTHER.ref,)),
        ],
        "23456",
        "",
        "23456",
    ),
    ("an open version", [constraint(DE, on=(replace(STRUCTURE.ref, version="1.0+.0"),))], "23456", "23456", "23456"),
    ("another open version", [constraint(DE, on=(replace(STRUCTURE.ref, version="2.0+.0"),))], "", "", ""),
)


@pytest.mark.parametrize(("name", "constraints", "flow", "structure", "agreement"), ATTACHED, ids=lambda a: str(a)[:40])
def test_constraints_apply_to_their_attachment(
    name: str, constraints: list[Constraint], flow: str, structure: str, agreement: str
) -> None:
    flows = build_flows((*ARTEFACTS, PROVIDERS, AGREEMENT, *constraints))
    refused = [refused_by_check(flows["DF"], flows, refers_to) for refers_to in (None, STRUCTURE.ref, AGREEMENT.ref)]
    assert refused == [{int(row) for row in rows} for rows in (flow, structure, agreement)], name


@pytest.mark.parametrize(
    ("named", "header", "refused"),
    [
        ("NSO", None, "23456"),
        ("OTHER", None, ""),
        ("", None, ""),
        ("", PROVIDER, "23456"),
        ("OTHER", PROVIDER, ""),
        ("", replace(PROVIDER, item="OTHER"), ""),
    ],
)
def test_agreement_is_found_by_dataflow_and_provider(named: str, header: Ref | None, refused: str) -> None:
    flows = build_flows((*ARTEFACTS, PROVIDERS, AGREEMENT, constraint(DE, on=(AGREEMENT.ref,))))
    names = ("dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID")
    told = dict(zip(names, ("AG", "DATA_PROVIDERS", named), strict=True)) if named else {}
    message = data_bytes(
        FORMATS["sdmx-ml-3.0"],
        [replace(dataset(flows["DF"]), properties=told)],
        replace(HEADER, provider=header),
        Layout("AllDimensions"),
    )
    lines = [line for line in message.decode().splitlines() if "<Obs " in line]
    found = identify_and_check("d.xml", message, flows).problems
    assert all("not allowed by the constraint AG:CN(1.0.0): DE" in problem.message for problem in found)
    first = message[: message.index(b"<Obs ")].count(b"\n")
    assert (len(lines), {problem.place.line - first for problem in found}) == (6, {int(row) for row in refused})


def test_reference_period_limits_time_in_sdmx_2_1() -> None:
    limit = constraint(kind="ContentConstraint", period=("2012-01-01T00:00:00", "2013-12-31T00:00:00"))
    flows = travelled((*ARTEFACTS, limit), "2.1")
    assert refused_by_check(flows["DF"], flows) == refused_by_rule(flows["DF"]) == {1, 4, 5}


# -- lists, languages, prefixes ---------------------------------------------------------------------------------------


def rich_dataset(*limits: Constraint) -> Dataset:
    """Three observations with lists of statuses and notes in two languages."""
    several = {"STATUS": {"max_occurs": "unbounded"}, "NOTE": {"facets": (("isMultiLingual", "true"),)}}
    components = tuple(replace(part, **several.get(part.id, {})) for part in STRUCTURE.components)  # type: ignore[arg-type]
    flow = build_flows((*LISTS.values(), CONCEPTS, replace(STRUCTURE, components=components), FLOW, *limits))["DF"]
    notes = [[{"language": "en", "text": "adjusted"}], [{"language": "fr", "text": "adjusted"}], None]
    frame = table().head(3).drop("UNIT", "STATUS", "NOTE")
    frame = frame.with_columns(
        pl.Series("STATUS", [["A", "E"], ["M"], None], dtype=pl.List(pl.String)), pl.Series("NOTE", notes)
    )
    return Dataset(
        flow, frame, series=frame.select("AREA", "AGE").unique(), attributes={}, origins=dataset(flow).origins
    )


@pytest.mark.parametrize(
    ("selection", "refused"),
    [
        (of("STATUS", "A"), "2"),  # a list has a value that is allowed
        (of("STATUS", "E M"), ""),
        (of("STATUS", "A", include=False), "1"),  # a list has a value that is not
        (of("STATUS"), "3"),
        (of("STATUS", include=False), "12"),
        (replace(of("NOTE"), members=(Member("%adj%", language="en"),)), "2"),
        (replace(of("NOTE"), members=(Member("%adj%"),)), ""),
        (replace(of("NOTE"), members=(Member("other", language="en"),)), "12"),
    ],
)
def test_each_value_of_a_list_is_constrained(selection: Selection, refused: str) -> None:
    data = rich_dataset(constraint(region(selection)))
    message = data_bytes(FORMATS["sdmx-csv-2.0"], [data], HEADER, Layout())
    found = identify_and_check("d.csv", message, {"DF": data.flow}).problems
    (limit,) = data.flow.constraints
    rows = [refusal.wrong.arg_true().to_list() for refusal in list_refusals(data.flow, data.observations, limit)]
    assert {row + 1 for several in rows for row in several} == {int(row) for row in refused}
    assert bool(found) == bool(refused)
    if selection.component == "STATUS":
        assert {problem.place.line - 1 for problem in found} == {int(row) for row in refused}


def test_values_may_omit_the_prefix_of_an_extended_list() -> None:
    """Use case 7 of the technical notes: the prefix AREA_ is removed, and countries that begin with M are allowed."""
    areas = replace(codelist("CL_AREA", "AREA_MX AREA_DE"), extensions=(Extension(ref("Codelist", "CL_OLD"), "AREA_"),))
    limit = constraint(region(of("AREA", "M%", remove_prefix=True)))
    flow = build_flows((*ARTEFACTS[1:], areas, limit))["DF"]
    frame = table().head(2).with_columns(AREA=pl.Series(["AREA_MX", "AREA_DE"]))
    data = replace(dataset(flow), observations=frame.drop("UNIT"), series=frame.select("AREA", "AGE", "UNIT"))
    message = data_bytes(FORMATS["sdmx-csv-2.0"], [data], HEADER, Layout())
    found = identify_and_check("d.csv", message, {"DF": flow})
    assert [(problem.place.line, problem.message) for problem in found.problems] == [
        (3, "“AREA_DE” of AREA is not allowed by the constraint AG:CN(1.0.0): M%.")
    ]


# -- dimensions -------------------------------------------------------------------------------------------------------


def test_dataflow_keeps_its_own_subset_of_dimensions() -> None:
    """SDMX 3.1: data of the flow have no other dimensions; data of the structure have all, ``~`` where one is off."""
    evolving = replace(STRUCTURE, evolving=True, ref=replace(STRUCTURE.ref, version="1.1.0"))
    narrow = replace(FLOW, structure=replace(STRUCTURE.ref, version="1.0+.0"), constrained=("AREA",))
    flows = travelled((*LISTS.values(), CONCEPTS, evolving, narrow), "3.1")
    assert flows["DF"].structure.key == ("AREA", "TIME_PERIOD")
    head = "STRUCTURE,STRUCTURE_ID,ACTION,AREA,AGE,TIME_PERIOD,OBS_VALUE\n"
    of_flow = head.replace("AGE,", "") + "dataflow,AG:DF(1.0.0),R,DE,2012,1\n"
    assert identify_and_check("d.csv", of_flow.encode(), flows).ok
    too_many = head + "dataflow,AG:DF(1.0.0),R,DE,_T,2012,1\n"
    assert any("AGE" in problem.message for problem in identify_and_check("d.csv", too_many.encode(), flows).problems)
    of_structure = head + "datastructure,AG:DSD(1.1.0),R,DE,~,2012,1\ndatastructure,AG:DSD(1.1.0),R,DE,_T,2012,1\n"
    assert identify_and_check("d.csv", of_structure.encode(), flows).problems == []
    lacking = head.replace("AGE,", "") + "datastructure,AG:DSD(1.1.0),R,DE,2012,1\n"
    assert any("AGE" in problem.message for problem in identify_and_check("d.csv", lacking.encode(), flows).problems)


# -- what is not applied ----------------------------------------------------------------------------------------------

NO_LISTS = tuple(artefact for artefact in ARTEFACTS if artefact is not LISTS["AREA"])


@pytest.mark.parametrize(
    ("artefacts", "limit", "told"),
    [
        (NO_LISTS, constraint(region(of("AREA", "EU", cascade="true"))), "names codes of AREA with their descendants"),
        (ARTEFACTS, constraint(region(of("AREA", "M%", remove_prefix=True))), "no codelist shows which one"),
        (ARTEFACTS, constraint(region(of("SEX", "M"))), "names components that AG:DSD(1.0.0) does not have: SEX"),
        (ARTEFACTS, constraint(region(times("soon"))), "limits TIME_PERIOD by “soon”, which is not a period"),
        (
            ARTEFACTS,
            constraint(region(of("AREA", "MX"), of("AGE", "Y0T4"), include=False)),
            "Only observations with all of these values were refused",
        ),
    ],
    ids=["codelist", "prefix", "component", "period", "slice"],
)
def test_inapplicable_constraint_is_reported(artefacts: tuple[Artefact, ...], limit: Constraint, told: str) -> None:
    flows = build_flows((*artefacts, limit))
    message = data_bytes(FORMATS["sdmx-csv-2.0"], [dataset(flows["DF"])], HEADER, Layout())
    assert told in identify_and_check("d.csv", message, flows).unchecked
    only_rule = replace(flows["DF"], dataflow=replace(flows["DF"].dataflow, rules=(RULE,)))
    (verdict,) = validate(dataset(only_rule), replace(CATALOGUE, rules={RULE: CATALOGUE.rules[RULE]})).verdicts
    assert told in verdict.reason
    is_unreadable = "is not a period" in told  # what a limit refuses that nobody can read is not known
    assert (verdict.outcome == "not testable") == is_unreadable


def test_messages_name_the_constraint_and_allowed_values() -> None:
    limits = (
        constraint(region(of("AREA", "DE UK MX BE FR[–2012]")), name="A"),
        constraint(keys("AREA=MX,STATUS=M", include=False), name="B"),
        constraint(region(of("AREA", "%"), of("STATUS")), name="C"),
    )
    flow = build_flows((*ARTEFACTS, *limits))["DF"]
    message = data_bytes(FORMATS["sdmx-csv-2.0"], [dataset(flow)], HEADER, Layout())
    assert [
        (problem.place.line, problem.message) for problem in identify_and_check("d.csv", message, {"DF": flow}).problems
    ] == [
        (4, "“FR” of AREA in 2013 is not allowed by the constraint AG:A(1.0.0): DE, UK, MX, BE, FR (…–2012)."),
        (5, "STATUS lacks, but must stand by the constraint AG:C(1.0.0)."),
        (7, "AREA = MX, STATUS = M is forbidden by the constraint AG:B(1.0.0)."),
    ]
    only_rule = replace(flow, dataflow=replace(flow.dataflow, rules=(RULE,)))
    found = validate(dataset(only_rule), replace(CATALOGUE, rules={RULE: CATALOGUE.rules[RULE]}))
    assert {finding.sentence("en") for finding in found.items} == {
        "AREA = FR, TIME_PERIOD = 2013 is not allowed here by A. Allowed: DE, UK, MX, BE, FR (…–2012).",
        "AREA = MX, STATUS = M is not allowed here by B. Allowed: another combination.",
        "STATUS = – is not allowed here by C. Allowed: any value (not empty).",
    }
    assert "允许：其他组合" in " ".join(finding.sentence("zh") for finding in found.items)


@pytest.mark.parametrize(("version", "attached"), [("3.0", FLOW.ref), ("2.1", STRUCTURE.ref), ("3.1", AGREEMENT.ref)])
def test_check_applies_constraints_of_structures(version: str, attached: Ref, tmp_path: Path, console: Console) -> None:
    kind = "ContentConstraint" if version == "2.1" else "DataConstraint"
    limit = constraint(region(of("AREA", "DE")), on=(attached,), kind=kind)
    form = FORMATS[f"sdmx-ml-{version}"]
    structures = structure_bytes(form, (*ARTEFACTS, PROVIDERS, AGREEMENT, limit), HEADER)
    (tmp_path / "structures.xml").write_bytes(structures)
    flow = build_flows(ARTEFACTS)["DF"]
    header = replace(HEADER, provider=PROVIDER if attached == AGREEMENT.ref else None)
    (tmp_path / "data.xml").write_bytes(data_bytes(form, [dataset(flow)], header, Layout()))
    told = ["check", str(tmp_path / "data.xml"), "--structure", str(tmp_path / "structures.xml")]
    assert "“FR” of AREA is not allowed by the constraint AG:CN(1.0.0): DE." in console.output(*told, code=1)


# -- in a workspace ---------------------------------------------------------------------------------------------------

AGREED = text_from("sdmx/cases/constraints_agreed.toml")
LIMITED = text_from("sdmx/cases/constraints_limited.toml")
SENT = text_from("sdmx/cases/constraints_sent.csv")


def office(folder: Path, *files: tuple[str, str]) -> Catalogue:
    """The declarations of an office beside those that ship."""
    write_files(folder / "structures", dict(files))
    return load(folder)


@pytest.mark.parametrize(
    "attached", ["PA_OFFICE", "NSO:DATA_PROVIDERS(1.0).NSO", "SDMXMIG:DF_EMISTOCK(1.0.0)"], ids=["PA", "provider", "DF"]
)
def test_constraints_of_declared_agreement_are_applied(tmp_path: Path, attached: str) -> None:
    written = LIMITED.format(attached=attached)
    limits = written.partition("[[keys]]")[0] if "PROVIDERS" in attached else written
    catalogue = office(tmp_path, ("agreements/PA_OFFICE.toml", AGREED), ("constraints/CN_OFFICE.toml", limits))
    (data,) = datasets(SENT, catalogue.flows)
    found = validate(switched_on(data, RULE), replace(catalogue, rules={RULE: catalogue.rules[RULE]}))
    refused = {(finding.place.cell, finding.component) for finding in found.items if finding.place}
    forbidden = set() if "PROVIDERS" in attached else {("A6", "TIME_PERIOD")}
    assert refused == {("A2", "SEX"), ("A3", "AGE"), ("A4", "REF_AREA"), *forbidden}


def test_office_has_one_agreement_per_dataflow(tmp_path: Path) -> None:
    again = AGREED.replace("PA_OFFICE", "PA_AGAIN")
    with pytest.raises(DeclarationError, match="two agreements about DF_EMISTOCK"):
        office(tmp_path, ("agreements/PA_OFFICE.toml", AGREED), ("agreements/PA_AGAIN.toml", again))


@cases_from("sdmx/cases/inapplicable_declared_constraint_is_refused.csv")
def test_inapplicable_declared_constraint_is_refused(tmp_path: Path, written: str, instead: str, told: str) -> None:
    wrong = LIMITED.replace(written, instead).format(attached="SDMXMIG:DF_EMISTOCK(1.0.0)")
    with pytest.raises(DeclarationError, match=told):
        office(tmp_path, ("constraints/CN_OFFICE.toml", wrong))
