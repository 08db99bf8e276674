"""Reference metadata in SDMX-CSV: layouts of the standard are accepted; written sets come back, or are refused."""

from __future__ import annotations

import random
from dataclasses import replace

import made
import made_metadata as kinds
import made_reports
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref

WRITTEN = ("2.0", "2.1")
FIXED = "MDSTRUCTURE[;],MDSTRUCTURE_ID,METADATASET_ID,TARGET_TYPES,TARGET_IDS"
SET = "metadataflow,A:MDF(1.0.0),A:S(1.0.0),dataflow,A:DF(1.0.0)"
FLOW = Ref("Metadataflow", "A", id="MDF", version="1.0.0")
DATAFLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:DF(1.0.0)"


def bare(attribute: ReportedAttribute) -> ReportedAttribute:
    return replace(attribute, annotations=(), attributes=tuple(map(bare, attribute.attributes)))


TOLD = tuple(bare(one) for one in kinds.ATTRIBUTES if one.id != "NOTHING")
NEW = replace(kinds.NEW, reports=(Report(kinds.NEW.reports[0].targets, TOLD),))
OTHER = replace(
    NEW, ref=Ref("MetadataSet", "A", id="S", version="1.0"), reports=(Report((Target(kinds.ANY_VERSION),), TOLD[2:4]),)
)


def write(sets: list[MetadataSet], version: str = "2.0") -> bytes:
    write_metadata = FORMATS[f"sdmx-csv-{version}"].write_metadata
    assert write_metadata
    return write_metadata(sets, made.HEADER)


def read(content: str | bytes, version: str = "2.0", faults: Faults | None = None) -> tuple[MetadataSet, ...]:
    read_metadata = FORMATS[f"sdmx-csv-{version}"].read_metadata
    assert read_metadata
    return read_metadata("x.csv", content if isinstance(content, bytes) else content.encode(), faults)


def table(columns: str, fields: str, version: str = "2.1") -> tuple[ReportedAttribute, ...]:
    """The attributes of one row."""
    [artefact] = read(f"{FIXED},{columns}\n{SET},{fields}\n", version)
    assert (artefact.describes, artefact.ref) == (FLOW, Ref("MetadataSet", "A", id="S", version="1.0.0"))
    assert artefact.reports[0].targets == (Target(DATAFLOW),)
    return artefact.reports[0].attributes


def attribute(own: str, *values: str, **more: object) -> ReportedAttribute:
    return ReportedAttribute(own, values, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", WRITTEN)
def test_written_metadata_come_back(version: str) -> None:
    sets = [replace(dataset, action=dataset.action if version == "2.0" else "") for dataset in (NEW, OTHER)]
    partial = replace(sets[1], ref=FLOW_SET, details=replace(sets[1].details, partial_language=True))
    content = write([*sets, partial], version)
    assert read(content, version) == (*sets, partial)
    assert write(list(read(content, version)), version) == content
    assert detect("x.csv", content).kind == "metadata"


FLOW_SET = Ref("MetadataSet", "A", id="T", version="1.0.0-draft")


@given(st.lists(made_reports.SETS, min_size=1, max_size=3))
@settings(max_examples=tries(80))
def test_every_report_comes_back_or_is_refused(sets: list[MetadataSet]) -> None:
    named = [
        replace(metadata_set, ref=Ref("MetadataSet", "A", id=f"S{number}", version="1.0.0"))
        for number, metadata_set in enumerate(sets)
    ]
    try:
        content = write(named)
    except SdmxmigError as error:
        assert "the attributes from" in error.message  # noqa: PT017 - not every tree is a table
        return
    assert read(content) == tuple(named)


def test_the_table_has_the_columns_of_the_standard() -> None:
    attributes = (
        attribute("TITLE", text=Text.of(en="a;b", fr='"c"')),
        attribute("CONTACT", "x", attributes=(attribute("NAME", "1", "2"),)),
        attribute("CONTACT", attributes=(attribute("NAME", "3"), attribute("UNIT", "4"))),
        attribute("NOTE", text=Text.of(en="1")),
        attribute("NOTE", text=Text.of(en="2", fr="3")),
    )
    one = MetadataSet(FLOW, (Report((Target(DATAFLOW), Target(kinds.CATEGORY)), attributes),), ref=FLOW_SET)
    head, row = write([one]).decode().splitlines()
    columns = "TITLE[en;fr],CONTACT[],CONTACT[].NAME[],CONTACT[].UNIT,NOTE[][en;fr]"
    assert head == f"{FIXED},{columns}"
    targets = "dataflow;categoryscheme,A:DF(1.0.0);SDMXMIG:CAT(1.0).A.B"
    fields = '"en:""a;b"";fr:""""""c""""""",x;,"""1;2"";""3""",;4,"""en:1"";""en:2;fr:3"""'
    assert row == f"metadataflow,A:MDF(1.0.0),A:T(1.0.0-draft),{targets},{fields}"


@pytest.mark.parametrize(
    ("columns", "fields", "found"),
    [
        (
            "A,A.B,C",
            "x,<p>b</p>,1",
            (attribute("A", "x", attributes=(attribute("B", "<p>b</p>"),)), attribute("C", "1")),
        ),
        ("A[]", '"""a;b"";c"', (attribute("A", "a;b", "c"),)),
        ("A[]", '"""one\nline"";""two"""', (attribute("A", "one\nline", "two"),)),
        ("A[en;fr]", "en:x;fr:y: z", (attribute("A", text=Text.of(en="x", fr="y: z")),)),
        ("A[en;fr]", '"""en:x;y"";fr:z"', (attribute("A", text=Text.of(en="x;y", fr="z")),)),
        (
            "A[][en|fr]",
            '"""en:""""<p>1;2</p>"""";fr:3"";""en:4"""',
            (attribute("A", text=Text.of(en="<p>1;2</p>", fr="3")), attribute("A", text=Text.of(en="4"))),
        ),
        (
            "A[].B[],A[].C",
            '"""1;2"";;""3""",;x;y',
            (
                attribute("A", attributes=(attribute("B", "1", "2"),)),
                attribute("A", attributes=(attribute("C", "x"),)),
                attribute("A", attributes=(attribute("B", "3"), attribute("C", "y"))),
            ),
        ),
        ("A,B,C", ',"",', (attribute("B", ""),)),
        ("A: Name of A,B[]: N", "X: Name of X,1;2", (attribute("A", "X: Name of X"), attribute("B", "1", "2"))),
        ("A,LAST UPDATE,prepared", "1,2,3", (attribute("A", "1"),)),
        (
            "A[en]",
            f'"en:{kinds.LIST.replace(chr(34), chr(34) * 2)}"',
            (attribute("A", structured=Text.of(en=kinds.LIST)),),
        ),
    ],
)
@pytest.mark.parametrize("version", WRITTEN)
def test_separators_split_fields(version: str, columns: str, fields: str, found: tuple[ReportedAttribute, ...]) -> None:
    assert table(columns, fields, version) == found


def test_names_are_accepted_beside_or_after_ids() -> None:
    titles = "MDSTRUCTURE[|];MDSTRUCTURE_ID;METADATASET_ID;ACTION;TARGET_TYPES;TARGET_IDS;A: Name"
    [both] = read(f"{titles}\nmetadataflow;A:F(1.0): Flow: f;A:S: My set;I;dataflow|codelist;A:D(1.0): d|A:C(2.0);1\n")
    assert both.describes == Ref("Metadataflow", "A", id="F", version="1.0")
    assert (both.ref, both.name, both.action) == (
        Ref("MetadataSet", "A", id="S", version="1.0"),
        Text.of(und="My set"),
        "I",
    )
    assert both.reports[0].targets[1].value.endswith("codelist.Codelist=A:C(2.0)")
    names = "MDSTRUCTURE,MDSTRUCTURE_ID,MDSTRUCTURE_NAME,METADATASET_ID,METADATASET_NAME,TARGET_TYPES,TARGET_IDS"
    content = f"{names},TARGET_NAMES,A,Name of A,B,\nmetadataprovision,A:F,Flow,A:S,Set,dataflow,A:D,d,1,one,2,two\n"
    [apart] = read(content)
    assert apart.describes == Ref("MetadataProvisionAgreement", "A", id="F", version="1.0")
    assert apart.name == Text.of(und="Set")
    assert apart.reports[0].attributes == (attribute("A", "1"), attribute("B", "2"))


def test_deletions_need_not_say_all() -> None:
    head = "MDSTRUCTURE,MDSTRUCTURE_ID,METADATASET_ID,ACTION"
    content = f"{head}\nmetadataflow,A:MDF(1.0.0),A:S(1.0.0),D\nmetadataflow,A:MDF(1.0.0),,D\n"
    one, every = read(content)
    assert (one.ref, one.reports, one.action) == (Ref("MetadataSet", "A", id="S", version="1.0.0"), (), "D")
    assert (every.ref, every.describes) == (None, FLOW)
    assert read(write([one, every])) == (one, every)
    [values] = read(f"{head},TARGET_TYPES,TARGET_IDS,A\nmetadataflow,A:MDF(1.0.0),A:S,D,dataflow,A:DF(1.0.0),-\n")
    assert values.reports == (Report((Target(DATAFLOW),), (attribute("A", "-"),)),)
    with pytest.raises(InputError, match="TARGET_IDS is missing"):
        read(content, "2.1")  # which has no actions


def test_actions_are_of_2_0_and_partial_languages_are_marked() -> None:
    one = MetadataSet(FLOW, (Report((Target(DATAFLOW),), (attribute("A", "1"),)),), ref=FLOW_SET, action="I")
    assert read(write([one], "2.1"), "2.1") == (replace(one, action=""),)
    with pytest.raises(SdmxmigError, match=r"SDMX-CSV 2\.1 cannot express the action R"):
        write([replace(one, action="R")], "2.1")
    partial = replace(one, details=Details(partial_language=True))
    assert b"IS_PARTIAL_LANGUAGE" in write([partial])
    assert read(write([partial])) == (partial,)


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        ("STRUCTURE,STRUCTURE_ID\n", (1, 1), "not an SDMX-CSV file with reference metadata"),
        ("MDSTRUCTURE,A\n", (1, 0), "MDSTRUCTURE_ID is missing"),
        ("MDSTRUCTURE,MDSTRUCTURE_ID,A,A\n", (1, 4), "occurs twice"),
        ("MDSTRUCTURE,MDSTRUCTURE_ID,MDSTRUCTURE_ID\n", (1, 3), "occurs twice"),
        ("MDSTRUCTURE,MDSTRUCTURE_ID,A[]\n", (1, 3), "name the separator of values"),
        ("MDSTRUCTURE[;],MDSTRUCTURE_ID,A[.B\n", (1, 3), "not a column of reference metadata"),
        (f"{FIXED},A\n{SET},1\nmetadataflows{SET[12:]},1\n", (3, 1), "not a known MDSTRUCTURE"),
        (f"{FIXED},A\n{SET},1\n{SET.replace('A:MDF', 'MDF')},1\n", (3, 2), "names no Metadataflow"),
        (f"{FIXED},A\n{SET.replace('A:S(1.0.0)', '')},1\n", (2, 3), "METADATASET_ID is missing"),
        (f"{FIXED},A\n{SET.replace(',dataflow,', ',dataflw,')},1\n", (2, 4), "Did you mean “dataflow”"),
        (f"{FIXED},A\n{SET.replace('A:DF', 'DF')},1\n", (2, 5), "names no target"),
        (f"{FIXED},A\n{SET.replace(',dataflow,', ',dataflow;dataflow,')},1\n", (2, 5), "Types: 2; targets: 1"),
        (f"{FIXED},A\n{SET.replace(',dataflow,A:DF(1.0.0)', ',,')},1\n", (2, 5), "TARGET_IDS is missing"),
        (f'{FIXED},A,B[en]\n{SET},"1\n2",de:x\n', (2, 7), "does not begin with a language"),
        (f"{FIXED},ACTION\n{SET},X\n", (2, 6), "not a known ACTION"),
        (f"{FIXED},IS_PARTIAL_LANGUAGE\n{SET},2\n", (2, 6), "neither 0 nor 1"),
        (f"{FIXED},METADATASET_DETAILS\n{SET},{{\n", (2, 6), "cannot be read"),
        (f"{FIXED},A\n{SET},1\n{SET}\n", (3, 0), "Fields in this row: 5"),
        (f'{FIXED},A\n{SET},"1"x\n', (2, 61), "no partner"),
        ("", (1, 1), "not an SDMX-CSV file with reference metadata"),
    ],
)
def test_faults_are_refused_with_their_place(content: str, place: tuple[int, int], said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        read(content)
    assert error.value.place
    assert (error.value.place.line, error.value.place.column) == place


def test_a_lenient_reading_leaves_out_the_smallest_part() -> None:
    faults = Faults()
    found = read(f"{FIXED},A,B[en]\nflow,x,,,,1,\n{SET},1,de:x\n", faults=faults)
    assert [metadata_set.reports[0].attributes for metadata_set in found] == [(attribute("A", "1"),)]
    assert [(fault.place.line, fault.place.column) for fault in faults.listed if fault.place] == [(2, 1), (3, 7)]


def told(*attributes: ReportedAttribute, target: str = DATAFLOW, **more: object) -> MetadataSet:
    given_set = MetadataSet(FLOW, (Report((Target(target),), attributes),), ref=FLOW_SET)
    return replace(given_set, **more)  # type: ignore[arg-type]


A, B = attribute("A", "1"), attribute("B", "2")


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ([], "no metadata set"),
        ([kinds.OLD], "MetadataStructure"),
        ([kinds.NEW], "the attributes from CONTACT on"),
        ([told(attribute("A"))], "the attributes from A on"),
        ([told(A, B, A)], "the attributes from A on"),
        ([told(A, B), told(B, A, ref=replace(FLOW_SET, id="U"))], "the attributes from B on"),
        ([told(attribute("A", text=Text.of(en=kinds.LIST)))], "the attributes from A on"),
        ([told(attribute("ACTION", "1"))], "a column ACTION of its own"),
        ([told(A, target="urn:x")], "the target urn:x"),
        ([told(A, describes=None)], "the missing structure"),
        ([told(A, reports=())], "the missing report"),
        ([told(A, action="X")], "the action “X”"),
        ([told(A, properties={"colour": "red"})], "the property colour"),
    ],
)
def test_unsupported_sets_are_refused_by_name(sets: list[MetadataSet], said: str) -> None:
    with pytest.raises(SdmxmigError, match=said):
        write(sets)


def test_new_attributes_find_their_place_among_the_columns() -> None:
    sets = [
        told(A, attribute("C", "3")),
        told(A, B, attribute("C", "3"), attribute("D", "4"), ref=replace(FLOW_SET, id="U")),
    ]
    assert write(sets).decode().splitlines()[0].endswith("TARGET_IDS,A,B,C,D")
    assert read(write(sets)) == tuple(sets)


@pytest.mark.sampled(3)
def test_spoilt_tables_are_accepted_or_refused_with_a_place() -> None:
    content = write([NEW, OTHER])
    for seed in range(400):
        chance = random.Random(seed)
        broken = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] = chance.choice(b'";,\n[]:.\xff A')
        try:
            read(bytes(broken))
        except InputError as error:
            assert error.place and error.place.line  # noqa: PT017, PT018 - a spoilt table may be one
