"""Data messages become datasets: every layout gives the same, every fault has its line and element."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from xml.sax.saxutils import quoteattr

import polars as pl
import pytest
from case_tables import cases_from
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import FLOW, HEADER, dataset
from made_messages import CONCEPT, flow_of
from tries import tries

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, Layout, data_bytes
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import datasets, read_data, regular, tokens
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import generic as generic_lane
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref

pytestmark = pytest.mark.sampled(4)

SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"
OLD = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"


def specific(body: str, version: str = "v3_0", dimension: str = "TIME_PERIOD", attributes: str = "") -> str:
    return f"""<?xml version="1.0"?>
<m:StructureSpecificData xmlns:m="{SCHEMAS}/{version}/message" xmlns:c="{SCHEMAS}/{version}/common"
  xmlns:ss="{SCHEMAS}/{version}/data/structurespecific" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<m:Header><m:ID>A</m:ID><m:Test>true</m:Test><m:Prepared>2026-01-01T00:00:00</m:Prepared><m:Sender id="X"/>
<m:Structure structureID="S" dimensionAtObservation="{dimension}"><c:StructureUsage
>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=X:DF(1.0)</c:StructureUsage></m:Structure></m:Header>
<m:DataSet ss:structureRef="S" ss:action="Replace"{attributes}>
{body}
</m:DataSet></m:StructureSpecificData>"""


FIRST = 8  # the line where the body of `specific` begins
DF = flow_of(
    Ref("Dataflow", "X", id="DF", version="1.0"),
    ["FREQ", "AREA"],
    dataset=["TITLE"],
    series=["UNIT"],
    observation=["STATUS", "NOTE"],
    groups=[("BYAREA", ["AREA"], ["NAME"])],
)
SERIES = '<Series FREQ="A" AREA="GE" UNIT="PS"><Obs TIME_PERIOD="2023" OBS_VALUE="01.50" STATUS="A"/></Series>'


def read(text: str | bytes, *flows: Flow, fast: bool = True, wanted: str = "") -> list[Dataset]:
    content = text.encode() if isinstance(text, str) else text
    known = {flow.id: flow for flow in flows or (DF,)}
    return list(read_data("a.xml", io.BytesIO(content), known, wanted, fast=fast))


def refused(text: str | bytes, *flows: Flow) -> InputError:
    with pytest.raises(InputError) as caught:
        read(text, *flows)
    assert caught.value.place is not None
    return caught.value


def extended(*components: Component) -> Flow:
    return Flow(
        DF.dataflow,
        replace(DF.structure, components=(*DF.structure.components, *components)),
        codelists={},
        concepts={},
    )


def test_values_are_parsed_exactly_as_sent() -> None:
    (found,) = read(specific(SERIES))
    assert found.observations.row(0, named=True) == {
        "FREQ": "A",
        "AREA": "GE",
        "TIME_PERIOD": "2023",
        "OBS_VALUE": "01.50",
        "STATUS": "A",
        "NOTE": None,
    }
    assert found.series.rows() == [("A", "GE", "PS")]


def test_groups_partial_keys_and_dataset_have_own_attributes() -> None:
    body = '<Group xsi:type="n:BYAREA" AREA="GE" NAME="Georgia"/>' + SERIES
    (found,) = read(specific(body, attributes=' TITLE="T" ss:setID="D1"'))
    assert found.attributes == {"TITLE": "T"}
    assert found.properties == {"setID": "D1"}
    assert found.partial[("AREA",)].rows() == [("GE", "Georgia")]
    (atts,) = read(specific('<Atts TITLE="T"/><Atts AREA="GE" NAME="Georgia"/>' + SERIES))
    assert atts.attributes == {"TITLE": "T"}
    assert atts.partial[("AREA",)].rows() == [("GE", "Georgia")]


def test_several_values_or_languages_become_lists() -> None:
    many = Component("SOURCES", "attribute", concept=CONCEPT, attachment="observation", max_occurs="unbounded")
    multi = (("isMultiLingual", "true"),)
    text = Component("COMMENT", "attribute", concept=CONCEPT, attachment="series", facets=multi)
    whole = Component("ABSTRACT", "attribute", concept=CONCEPT, attachment="dataset", facets=multi)
    body = """<Atts><Comp id="ABSTRACT"><Value><c:Text xml:lang="fr">Résumé</c:Text></Value></Comp></Atts>
<Series FREQ="A" AREA="GE"><Comp id="COMMENT"><Value><c:Text xml:lang="en">a</c:Text><c:Text xml:lang="fr">b</c:Text>
</Value></Comp><Obs TIME_PERIOD="2023"><Comp id="SOURCES"><Value>x</Value><Value>y</Value></Comp></Obs>
<Obs TIME_PERIOD="2024" SOURCES="z"/></Series>"""
    (found,) = read(specific(body), extended(many, text, whole))
    assert found.observations["SOURCES"].to_list() == [["x", "y"], ["z"]]
    assert found.series["COMMENT"].to_list() == [[{"language": "en", "text": "a"}, {"language": "fr", "text": "b"}]]
    assert found.partial[()].to_dicts() == [{"ABSTRACT": [{"language": "fr", "text": "Résumé"}]}]


def test_each_measure_becomes_a_column() -> None:
    flow = extended(Component("LOW", "measure", concept=CONCEPT))
    body = '<Obs FREQ="A" AREA="GE" TIME_PERIOD="2023" OBS_VALUE="1" LOW="NaN"/>'
    (found,) = read(specific(body, dimension="AllDimensions"), flow)
    assert found.observations.select("OBS_VALUE", "LOW").rows() == [("1", "NaN")]


def test_series_and_single_observations_may_be_mixed() -> None:
    body = SERIES + '<Obs FREQ="A" AREA="FR" TIME_PERIOD="2023" OBS_VALUE="2"/>'
    (found,) = read(specific(body))
    assert found.observations["AREA"].to_list() == ["GE", "FR"]


def test_explicit_measure_becomes_value_of_its_dimension() -> None:
    flow = flow_of(Ref("Dataflow", "X", id="DF", version="1.0"), ["FREQ", "WHAT"])
    body = '<Series FREQ="A" TIME_PERIOD="2023"><Obs xsi:type="n:IMM" OBS_VALUE="1"/></Series>'
    (found,) = read(specific(body, "v2_1", dimension="WHAT"), flow)
    assert found.observations.row(0, named=True)["WHAT"] == "IMM"


@pytest.mark.parametrize(
    ("said", "action"), [("Information", "I"), ("Append", "A"), ("Merge", "M"), ("Replace", "R"), ("Delete", "D")]
)
def test_every_spelling_of_an_action_is_accepted(said: str, action: str) -> None:
    assert read(specific(SERIES, "v3_1").replace("Replace", said))[0].action == action


def test_deletion_may_omit_parts_of_the_key() -> None:
    (found,) = read(specific('<Series FREQ="A"/>').replace("Replace", "Delete"))
    assert found.observations.is_empty()
    assert refused(specific('<Series FREQ="A"/>')).message == "Series lacks the dimension AREA."


def test_several_datasets_are_parsed_in_order() -> None:
    text = specific(SERIES)
    second = '<m:DataSet ss:structureRef="S" ss:action="Delete"><Series FREQ="A" AREA="FR"/></m:DataSet>'
    found = read(text.replace("</m:StructureSpecificData>", f"{second}</m:StructureSpecificData>"))
    assert [(one.action, one.observations.height, one.continues) for one in found] == [("R", 1, False), ("D", 0, False)]


def test_series_attributes_can_repeat_at_flat_observations() -> None:
    row = '<Obs FREQ="A" AREA="GE" UNIT="PS" TIME_PERIOD="{}"/>'
    (found,) = read(specific(row.format(2023) + row.format(2024), dimension="AllDimensions"))
    assert found.series.rows() == [("A", "GE", "PS")]
    two = row.format(2023) + row.format(2024).replace("PS", "CT")
    assert "UNIT has two values for A.GE" in str(refused(specific(two, dimension="AllDimensions")))


def old(kind: str, prefix: str, body: str) -> str:
    return f"""<CompactData xmlns="{OLD}/message" xmlns:{prefix}="{OLD}/{kind}" xmlns:d="urn:x">
<Header><ID>A</ID><Test>false</Test><Prepared>2012</Prepared><Sender id="X"/><KeyFamilyRef>DF</KeyFamilyRef></Header>
{body}</CompactData>""".replace("CompactData", {"utility": "UtilityData", "cross": "CrossSectionalData"}[kind])


def test_observations_are_read_from_utility_message_of_2_0() -> None:
    body = """<d:DataSet TITLE="T"><d:Series UNIT="PS"><d:Key><d:FREQ>A</d:FREQ><d:AREA>GE</d:AREA></d:Key>
<d:Obs STATUS="A"><d:TIME_PERIOD>2011</d:TIME_PERIOD><d:OBS_VALUE>5</d:OBS_VALUE></d:Obs></d:Series></d:DataSet>"""
    (found,) = read(old("utility", "u", body))
    assert found.observations.rows() == [("A", "GE", "2011", "5", "A", None)]
    assert (found.series.rows(), found.attributes) == ([("A", "GE", "PS")], {"TITLE": "T"})


def test_observations_are_read_from_cross_sectional_message() -> None:
    body = """<d:DataSet><d:Group TIME="2011" FREQ="A"><d:Section UNIT="PS"><d:Obs AREA="GE" value="5" STATUS="A"/>
<d:Obs AREA="FR" value="6"/></d:Section></d:Group></d:DataSet>"""
    (found,) = read(old("cross", "x", body))
    assert found.observations.rows() == [("A", "GE", "2011", "5", "A", None), ("A", "FR", "2011", "6", None, None)]


def with_values(inside: str) -> str:
    """The series, in whose observation elements stand."""
    return SERIES.replace("/></", f">{inside}</Obs></")


WRONG = {
    "unknown attribute": (SERIES.replace("STATUS", "STATSU"), "Obs of X:DF(1.0) has no component “STATSU”.", FIRST),
    "attribute of another level": (
        SERIES.replace("UNIT=", "STATUS="),
        "STATUS is not allowed in Series: it is an attribute of observation in X:DF(1.0).",
        FIRST,
    ),
    "dimension twice": (
        "\n" + SERIES.replace("<Obs", '<Obs AREA="GE"'),
        "AREA is not allowed in Obs: it is a dimension in X:DF(1.0).",
        FIRST + 1,
    ),
    "no dimension": ("\n\n" + SERIES.replace('AREA="GE" ', ""), "Series lacks the dimension AREA.", FIRST + 2),
    "no period": (SERIES.replace('TIME_PERIOD="2023" ', ""), "Obs lacks the dimension TIME_PERIOD.", FIRST),
    "wrong nesting": ("\n<Series>" + SERIES + "</Series>", "Series is not allowed in Series.", FIRST + 1),
    "unknown element": ("<Serie/>", "Serie is not allowed in DataSet.", FIRST),
    "text": (SERIES + "\nhello", "The text “hello” is not allowed in DataSet.", 7),
    "unknown group": ('<Group xsi:type="n:OTHER" FREQ="A"/>', "X:DF(1.0) has no group “OTHER”.", FIRST),
    "component twice": (
        SERIES.replace("/></", '><Comp id="STATUS"><Value>A</Value></Comp></Obs></'),
        "STATUS occurs twice.",
        FIRST,
    ),
    "attribute of the dataset at a part": (
        SERIES + '<Atts AREA="GE" NAME="Georgia" TITLE="T"/>',
        "TITLE is not allowed in Atts: it is an attribute of dataset in X:DF(1.0).",
        FIRST,
    ),
    "attribute of the dataset at a group": (
        '<Group xsi:type="n:BYAREA" AREA="GE" TITLE="T"/>' + SERIES,
        "TITLE is not allowed in Group BYAREA: it is an attribute of dataset in X:DF(1.0).",
        FIRST,
    ),
    "attribute of the dataset at a series": (
        SERIES.replace("UNIT=", "TITLE="),
        "TITLE is not allowed in Series: it is an attribute of dataset in X:DF(1.0).",
        FIRST,
    ),
    "attribute of the dataset at an observation": (
        SERIES.replace("STATUS=", "TITLE="),
        "TITLE is not allowed in Obs: it is an attribute of dataset in X:DF(1.0).",
        FIRST,
    ),
    "attribute of a part at the dataset": (
        SERIES + '<Atts NAME="Georgia"/>',
        "NAME is not allowed in DataSet: it is an attribute of group in X:DF(1.0).",
        FIRST,
    ),
    "values of no component": (with_values("<Comp><Value>A</Value></Comp>"), "Comp has no id.", FIRST),
    "values of an empty id": (with_values('<Comp id=""><Value>A</Value></Comp>'), "Comp has no id.", FIRST),
    "values twice": (
        with_values('<Comp id="NOTE"><Value>A</Value></Comp>\n<Comp id="NOTE"><Value>A</Value></Comp>'),
        "NOTE occurs twice.",
        FIRST + 1,
    ),
    "values of an unknown component": (
        with_values('<Comp id="NOET"><Value>A</Value></Comp>'),
        "Obs of X:DF(1.0) has no component “NOET”.",
        FIRST,
    ),
    "structured text": (
        with_values('<Comp id="NOTE"><Value><c:StructuredText><b>A</b></c:StructuredText></Value></Comp>'),
        "NOTE has structured text, which an observation's attribute cannot contain.",
        FIRST,
    ),
    "reference metadata": ("<Metadata/>", "<Metadata> lacks the attribute agencyID.", FIRST),
}


@pytest.mark.parametrize("case", WRONG)
def test_faults_name_line_and_element(case: str) -> None:
    body, message, line = WRONG[case]
    error = refused(specific(body))
    assert (error.message, error.place and error.place.line) == (message, line)


def generic(body: str) -> str:
    """A message of generic data with this in its dataset."""
    return f"""<m:GenericData xmlns:m="{SCHEMAS}/v2_1/message" xmlns:c="{SCHEMAS}/v2_1/common"
  xmlns:g="{SCHEMAS}/v2_1/data/generic"><m:Header><m:ID>A</m:ID><m:Test>true</m:Test>
<m:Prepared>2026-01-01T00:00:00</m:Prepared><m:Sender id="X"/><m:Structure structureID="S"
  dimensionAtObservation="TIME_PERIOD"><c:StructureUsage><Ref agencyID="X" id="DF" version="1.0"
  class="Dataflow"/></c:StructureUsage></m:Structure></m:Header><m:DataSet structureRef="S" action="Replace">
{body}
</m:DataSet></m:GenericData>"""


GENERIC_FIRST = 6  # the line where the body of `generic` begins
GENERIC = """<g:Series><g:SeriesKey><g:Value id="FREQ" value="A"/><g:Value id="AREA" value="GE"/></g:SeriesKey>
<g:Attributes><g:Value id="UNIT" value="PS"/></g:Attributes>
<g:Obs><g:ObsDimension value="2023"/><g:ObsValue value="1"/>
<g:Attributes><g:Value id="STATUS" value="A"/></g:Attributes></g:Obs></g:Series>"""


@cases_from("sdmx/cases/faults_of_generic_data_name_line_and_element.csv", line=int)
def test_faults_of_generic_data_name_line_and_element(good: str, bad: str, message: str, line: int) -> None:
    (sound,) = read(generic(GENERIC))
    assert sound.observations.rows() == [("A", "GE", "2023", "1", "A", None)]
    error = refused(generic(GENERIC.replace(good, bad, 1)))
    assert (error.message, error.place and error.place.line) == (message, GENERIC_FIRST + line)


def test_unknown_component_error_suggests_nearest_name() -> None:
    assert "STATUS" in refused(specific(SERIES.replace("STATUS", "STATSU"))).hint
    assert refused(specific(SERIES), replace_id(DF, "DG")).message == "There is no dataflow “X:DF(1.0)”."


def replace_id(flow: Flow, own: str) -> Flow:
    return Flow(
        replace(flow.dataflow, ref=replace(flow.dataflow.ref, id=own)), flow.structure, codelists={}, concepts={}
    )


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]>' + specific(SERIES).split("?>", 1)[1],
        specific("<Series>" * 80),
        specific(f'<Series FREQ="{"A" * 3_000_000}" AREA="GE"/>'),
        specific(SERIES)[:-3],
        specific(SERIES).replace("</m:StructureSpecificData>", ""),
        specific(SERIES.replace('STATUS="A"', 'STATUS="&x;"')),
        specific(SERIES.replace('STATUS="A"', 'STATUS="A" STATUS="A"')),
        "",
        "hello",
        '{"a": 1}',
    ],
)
def test_malformed_xml_is_refused_with_its_place(text: str) -> None:
    refused(text)


def test_message_in_another_format_than_requested_is_refused() -> None:
    with pytest.raises(InputError, match=re.escape("The message is sdmx-ml-3.0, not sdmx-ml-2.1.")):
        read(specific(SERIES), wanted="sdmx-ml-2.1")


@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "AllDimensions"])
@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"])
def test_concatenated_blocks_equal_the_dataset(form: str, dimension: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = many(form, dimension, layout=100)
    expected = whole(read(content, FLOW, fast=False))
    monkeypatch.setattr(datasets, "BLOCK", 7)
    blocks = read(content, FLOW, fast=False)
    assert len(blocks) == 15
    assert max(block.observations.height for block in blocks) == 7
    assert whole(blocks) == expected


# -- the fast reader ------------------------------------------------------------------------------------------


@pytest.fixture(params=[(1 << 9, 1_000), (1 << 11, 4), (1 << 11, 0)], ids=["whole rows", "rows in pieces", "compiled"])
def counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Short pieces, and a list of what the fast lanes took (True) and left (False)."""
    taken: list[bool] = []
    piece, least = request.param
    if not least and tokens.load_scanner() is None:
        pytest.skip("the extra `fast` is not installed")
    monkeypatch.setattr(regular, "is_worthwhile", lambda _: not least)
    monkeypatch.setattr(tokens, "MAX_TEXTS", 1 << 5)
    monkeypatch.setattr(regular, "PIECE_BYTES", piece)
    monkeypatch.setattr(regular, "MIN_OBSERVATIONS", least)
    monkeypatch.setattr(regular, "FIRST_PIECE_BYTES", 1)
    monkeypatch.setattr(regular, "MIN_PIECE_BYTES", 1)
    monkeypatch.setattr(regular, "MIN_PART", 1 << 7)
    monkeypatch.setattr(regular, "CHUNK", 256)
    monkeypatch.setattr(regular, "BLOCK", 50)
    for reader in (regular.SpecificFastReader, generic_lane.GenericFastReader):
        own = reader.read

        def counting(self: object, run: bytes, own: object = own) -> object:
            found = own(self, run)  # type: ignore[operator]
            taken.append(found is not None)
            return found

        monkeypatch.setattr(reader, "read", counting)
    return taken


def whole(blocks: list[Dataset]) -> tuple[object, ...]:
    observations = pl.concat([block.observations for block in blocks])
    series = pl.concat([block.series for block in blocks]).unique(maintain_order=True)
    return observations.rows(), series.rows(), blocks[0].attributes, blocks[0].action


def many(form: str, dimension: str, *, layout: int = 300) -> bytes:
    rows = [
        ("A", f"C{n // 5}", "M", "FC", str(2000 + n % 5), str(n), "AP"[n % 2], 'x <&"é' if n % 7 == 0 else None)
        for n in range(layout)
    ]
    heads = [("A", f"C{n}", "M", "FC", "PS", "a & b" if n % 3 else None) for n in range(layout // 5)]
    return data_bytes(FORMATS[form], [dataset(rows, heads)], HEADER, Layout(dimension_at_observation=dimension))


@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "AllDimensions"])
@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0"])
def test_fast_reader_and_parser_agree(form: str, dimension: str, counted: list[bool]) -> None:
    content = many(form, dimension)
    slow, quick = read(content, FLOW, fast=False), read(content, FLOW)
    assert whole(quick) == whole(slow)
    assert counted.count(True) > 2
    assert [block.continues for block in quick] == [False] + [True] * (len(quick) - 1)


FLAT = [f'<Obs FREQ="A" AREA="C{n}" TIME_PERIOD="2023" OBS_VALUE="{n}" STATUS="A"/>\n' for n in range(100)]
IN_SERIES = [SERIES.replace('AREA="GE"', f'AREA="C{n}"') + "\n" for n in range(100)]
ODD = {
    "apostrophes": lambda text: text.replace('"A"', "'A'"),
    "comment": lambda text: f"<!-- {text} -->{text}",
    "open and close": lambda text: text.replace("/>", "></Obs>"),
    "newline in a value": lambda text: text.replace('"2023"', '"20\n23"'),
    "tab in a value": lambda text: text.replace('"2023"', '"20\t23"'),
    "bracket in a value": lambda text: text.replace('"A"', '"A>B"', 1),
    "references": lambda text: text.replace('STATUS="A"', 'STATUS="&#65;&#x42;&lt;&#10;"'),
    "empty": lambda text: text.replace('STATUS="A"', 'STATUS=""'),
    "other order": lambda text: text.replace('OBS_VALUE="0" STATUS="A"', 'STATUS="A" OBS_VALUE="0"'),
    "one left out": lambda text: text.replace(' STATUS="A"', ""),
    "one more": lambda text: text.replace(' STATUS="A"', ' NOTE="n" STATUS="A"'),
    "series without observations": lambda text: '<Series FREQ="Q" AREA="GE" UNIT="PS"/>' + text,
    "processing instruction": lambda text: f"<?x {text} ?>{text}",
    "annotations": lambda text: f"<Annotations><Obs>{text}</Obs></Annotations>{text}",
    "blanks": lambda text: text.replace(" ", "  "),
    "windows": lambda text: text.replace("\n", "\r\n"),
    "astral": lambda text: text.replace('STATUS="A"', 'STATUS="𝔸 中"'),
    "apostrophes like attributes": lambda text: text.replace('STATUS="A"', "STATUS=\"x=' NOTE='y\""),
    "quotes in apostrophes": lambda text: text.replace('STATUS="A"', "STATUS='a\" NOTE=\"b'"),
    # refused
    "unknown name": lambda text: text.replace("STATUS", "STATSU"),
    "unknown name after blanks": lambda text: text.replace(" STATUS", "  STATSU"),
    "name twice": lambda text: text.replace('STATUS="A"', 'STATUS="A" STATUS="A"'),
    "bare ampersand": lambda text: text.replace('"A"', '"A&B"'),
    "bare bracket": lambda text: text.replace('"A"', '"A<B"'),
    "no blank": lambda text: text.replace('" ', '"'),
    "forbidden character": lambda text: text.replace('STATUS="A"', 'STATUS="\x01"'),
    "forbidden character between elements": lambda text: f"\x01{text}",
    "forbidden character in a comment": lambda text: f"<!-- \x02 -->{text}",
    "comment in a value": lambda text: text.replace('"2023"', '"20<!-- -->23"'),
    "comment in a tag": lambda text: text.replace(' STATUS="A"', '<!-- --> STATUS="A"'),
    "two hyphens in a comment": lambda text: f"<!-- -- -->{text}",
    "end tag in a value": lambda text: text.replace('STATUS="A"', 'STATUS="A></Obs>"'),
    "forbidden reference": lambda text: text.replace('STATUS="A"', 'STATUS="&#1;"'),
    "not in the code": lambda text: text.replace('STATUS="A"', 'STATUS="\ufffe"'),
    "no dimension": lambda text: text.replace('AREA="C', 'NOTE="C'),
    "wrong end": lambda text: text.replace("/>", "></Obbs>"),
    "text": lambda text: "junk" + text,
}


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("layout", ["series", "flat"])
def test_fast_reader_and_parser_agree_on_irregular_elements(case: str, layout: str, counted: list[bool]) -> None:
    units = IN_SERIES if layout == "series" else FLAT
    odd = ODD[case](units[80])
    dimension = "TIME_PERIOD" if layout == "series" else "AllDimensions"
    assert_readers_agree(specific("".join([*units[:80], odd, *units[81:]]), dimension=dimension))
    assert any(counted)


def assert_readers_agree(text: str) -> None:
    answers = []
    for fast in (True, False):
        try:
            answers.append(whole(read(text, fast=fast)))
        except InputError as error:
            answers.append((error.message, error.place))
    assert answers[0] == answers[1]


STATUS = '<g:Value id="STATUS" value="A"/>'
ODD_GENERIC = {
    "apostrophes and blanks": (STATUS, "<g:Value id = 'STATUS'\nvalue = 'a\"b' />"),
    "end tags": (STATUS, '<g:Value id="STATUS" value="A"><!-- a --></g:Value >'),
    "value before id": (STATUS, '<g:Value value="A" id="STATUS"/>'),
    "dimension with its id": ("<g:ObsDimension", '<g:ObsDimension id="TIME_PERIOD"'),
    "no value observed": ('<g:ObsValue value="1"/>', ""),
    "no attributes": (f"<g:Attributes>{STATUS}</g:Attributes></g:Obs>", "</g:Obs>"),
    "attributes before the key": ("<g:SeriesKey>", f"<g:Attributes>{STATUS}</g:Attributes><g:SeriesKey>"),
    "no observations": (GENERIC[GENERIC.index("<g:Obs>") : -len("</g:Series>")], ""),
    "comment": ("<g:Obs>", "<!-- a > b --><g:Obs>"),
    # refused
    "attribute in the key": ("</g:SeriesKey>", f"{STATUS}</g:SeriesKey>"),
    "no blank before the id": ("<g:Value id", "<g:Valueid"),
    "no blank before the value": ('id="STATUS" value', 'id="STATUS"value'),
    "no blank before the period": ("<g:ObsDimension ", "<g:ObsDimension"),
    "value twice": (STATUS, STATUS * 2),
    "value of an observation with an id": ("<g:ObsValue", '<g:ObsValue id="STATUS"'),
    "other end tag": ("</g:Attributes></g:Obs>", "</g:SeriesKey></g:Obs>"),
    "values left open": ("</g:Attributes></g:Obs>", "</g:Obs>"),
    "value outside": ("</g:Attributes></g:Obs>", f"</g:Attributes>{STATUS}</g:Obs>"),
    "empty key": ('<g:Value id="FREQ" value="A"/><g:Value id="AREA" value="GE"/>', ""),
    "third attribute": (' value="2023"', ' value="2023" x="1"'),
    "dimension after the value": ('value="1"/>', 'value="1"/><g:ObsDimension value="2024"/>'),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD_GENERIC)
def test_generic_readers_agree_on_irregular_elements(case: str, counted: list[bool]) -> None:
    units = [GENERIC.replace("GE", f"C{number}") for number in range(60)]
    odd = GENERIC.replace(*ODD_GENERIC[case])
    assert odd != GENERIC
    assert_readers_agree(generic("\n".join([*units[:40], odd, *units[40:]])))
    assert any(counted)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("units", [IN_SERIES, FLAT], ids=["series", "flat"])
def test_characters_outside_the_declared_encoding_are_refused(units: list[str]) -> None:
    odd = [*units[:60], *(unit.replace('STATUS="A"', 'STATUS="é"') for unit in units[60:80]), *units[80:]]
    text = specific("".join(odd), dimension="AllDimensions" if units is FLAT else "TIME_PERIOD")
    assert "invalid token" in refused(text.replace("?>", ' encoding="us-ascii"?>', 1)).message


@pytest.mark.parametrize("layout", ["series", "flat"])
@pytest.mark.parametrize("value", [" STATUS=", "x=", " x", "NOTE=", "= "])
def test_values_that_look_like_attributes_are_kept_whole(value: str, layout: str, counted: list[bool]) -> None:
    units, dimension = (IN_SERIES, "TIME_PERIOD") if layout == "series" else (FLAT, "AllDimensions")
    orders = ['STATUS="{}" NOTE="{}"', 'NOTE="{1}" STATUS="{0}"']
    odd = [order.format(value, " STATUS=") for order in orders]
    plain = [order.format("A", "n") for order in orders]
    attributes = [(plain if number < 70 else odd)[number % 2] for number in range(len(units))]
    text = specific(
        "".join(unit.replace('STATUS="A"', own) for unit, own in zip(units, attributes, strict=True)),
        dimension=dimension,
    )
    assert whole(read(text)) == whole(read(text, fast=False))
    assert any(counted)


@settings(max_examples=tries(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6),
            st.none() | st.text(st.sampled_from("aé&<>\"'\n\t 𝔸"), max_size=6),
        ),
        min_size=30,
        max_size=60,
    ),
    st.booleans(),
)
def test_both_readers_agree_on_any_text(counted: list[bool], values: list[tuple[str, str | None]], flat: bool) -> None:
    rows = []
    for number, (status, note) in enumerate(values):
        own = f" STATUS={quoteattr(status)}" + (f" NOTE={quoteattr(note)}" if note is not None else "")
        head = f'FREQ="A" AREA="C{number}"'
        period = f'TIME_PERIOD="2023"{own}'
        rows.append(f"<Obs {head} {period}/>" if flat else f"<Series {head}><Obs {period}/></Series>")
    text = specific("\n".join(rows), dimension="AllDimensions" if flat else "TIME_PERIOD")
    try:
        expected = whole(read(text, fast=False))
    except InputError:
        with pytest.raises(InputError):
            read(text)
        return
    assert whole(read(text)) == expected
