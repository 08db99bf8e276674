"""SDMX-ML 2.1 as its samples are: measures that are types of observations, attributes that groups may carry."""

from __future__ import annotations

import io
from dataclasses import replace

import made
import pytest
from case_tables import cases_from
from lxml import etree

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS, Layout, read_all
from sdmxmig.sdmx.formats.inference import infer_flows
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.formats.sdmx_ml.standard_schema import build_standard_schema
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Group
from sdmxmig.sdmx.model.references import Ref

SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
OWN = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0.0):ObsLevelDim:"
MEASURES = ItemScheme(
    Ref("ConceptScheme", "SDMXMIG", id="CS_DEMO", version="1.0"),
    Text.of(en="Measures"),
    items=(Item("BIRTHS", Text.of(en="Births")), Item("DEATHS", Text.of(en="Deaths"))),
)
DEMO = replace(made.component("DEMO", "dimension"), codelist=MEASURES.ref)
SIBLING, COUNTRY, OTHER = (
    Group("Sibling", ("REF_AREA", "SEX", "DEMO")),
    Group("Country", ("REF_AREA",)),
    Group("Other", ("REF_AREA", "SEX")),
)
STRUCTURE = replace(
    made.STRUCTURE,
    groups=(SIBLING, COUNTRY, OTHER),
    components=(
        made.component("REF_AREA", "dimension"),
        made.component("SEX", "dimension"),
        DEMO,
        made.component("TIME_PERIOD", "time", data_type="ObservationalTimePeriod"),
        made.component("OBS_VALUE", "measure", data_type="Decimal"),
        made.component("OBS_STATUS", "attribute", "observation"),
        made.component("UNIT", "attribute", "dimensions", dimensions=("REF_AREA", "DEMO"), group="Sibling"),
        made.component(
            "NOTE", "attribute", "dimensions", dimensions=("REF_AREA",), group="Sibling Country", mandatory=False
        ),
        made.component("TITLE", "attribute", "group", mandatory=False, data_type="String", group="Country"),
    ),
)
LISTS = {**{name: made.CODELISTS[name] for name in ("REF_AREA", "SEX", "OBS_STATUS", "UNIT")}, "DEMO": MEASURES}
DATAFLOW = replace(made.DATAFLOW, ref=replace(made.DATAFLOW.ref, version="1.0.0"))
FLOW = Flow(DATAFLOW, STRUCTURE, codelists=LISTS, concepts=made.FLOW.concepts)
FLOWS = {FLOW.id: FLOW, FLOW.dataflow.ref.short: FLOW}


def message(body: str, *, at: str = "DEMO", flag: str = ' explicitMeasures="true"') -> bytes:
    namespace = OWN + at + (":explicit" if flag else "")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<m:StructureSpecificData xmlns:m="{SPACE}/message" xmlns:c="{SPACE}/common" xmlns:d="{namespace}" xmlns:o="urn:x"
 xmlns:ss="{SPACE}/data/structurespecific" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<m:Header><m:ID>A</m:ID><m:Test>false</m:Test><m:Prepared>2026-01-01T00:00:00</m:Prepared><m:Sender id="X"/>
<m:Structure structureID="S" namespace="{namespace}" dimensionAtObservation="{at}"{flag}><c:StructureUsage>
<Ref agencyID="SDMXMIG" id="DF_POP" version="1.0.0"/></c:StructureUsage></m:Structure></m:Header>
<m:DataSet ss:structureRef="S" xsi:type="d:DataSetType" ss:dataScope="DataStructure"
 ss:action="Replace">
{body}
</m:DataSet></m:StructureSpecificData>""".encode()


def series(*observations: str, head: str = 'REF_AREA="GE" SEX="F" TIME_PERIOD="2023"') -> str:
    return f"<Series {head}>\n" + "\n".join(observations) + "\n</Series>"


def told(content: bytes) -> list[str]:
    return [problem.message for problem in identify_and_check("file", content, FLOWS).problems]


BIRTHS = '<Obs xsi:type="d:BIRTHS" OBS_VALUE="10" OBS_STATUS="A" UNIT="PS"/>'
DEATHS = '<Obs xsi:type="d:DEATHS" OBS_VALUE="12.5" OBS_STATUS="P" UNIT="PS"/>'
PLAIN = '<Obs DEMO="BIRTHS" OBS_VALUE="10" OBS_STATUS="A" UNIT="PS"/>'
EXPLICIT = {
    "one measure": series(BIRTHS),
    "two": series(BIRTHS, DEATHS),
    "the other way round": series(DEATHS, BIRTHS),
    "two series": series(BIRTHS, DEATHS) + series(DEATHS, head='REF_AREA="FR" SEX="M" TIME_PERIOD="2023"'),
    "several periods": series(BIRTHS) + series(BIRTHS, head='REF_AREA="GE" SEX="F" TIME_PERIOD="2024"'),
    "no value": series('<Obs xsi:type="d:BIRTHS" OBS_STATUS="O" UNIT="PS"/>'),
    "a note": series(BIRTHS, head='REF_AREA="GE" SEX="F" TIME_PERIOD="2023" NOTE="n"'),
    "a group": '<Group xsi:type="d:Country" REF_AREA="GE" TITLE="t"/>' + series(BIRTHS),
    "the dimension, and no type": series(PLAIN),
    "both kinds": series(PLAIN, DEATHS),
    "no series": "",
}
WRONG = {
    "a measure that is none": (series(BIRTHS.replace("BIRTHS", "MARRIAGES")), {}, "MARRIAGES"),
    "a type of others": (series(BIRTHS.replace("d:", "o:")), {}, "BIRTHS"),
    "no measure": (series('<Obs OBS_VALUE="1" OBS_STATUS="A"/>'), {}, "DEMO"),
    "types that are not announced": (series(BIRTHS), {"flag": ""}, "BIRTHS"),
    "no status": (series('<Obs xsi:type="d:BIRTHS" OBS_VALUE="1"/>'), {}, "OBS_STATUS"),
    "no number": (series(BIRTHS.replace('"10"', '"ten"')), {}, "OBS_VALUE"),
    "a code that is none": (series(BIRTHS.replace('"A"', '"Z"')), {}, "OBS_STATUS"),
    "an attribute that is none": (series(BIRTHS.replace("UNIT=", "UNITS=")), {}, "UNITS"),
    "no area": (series(BIRTHS, head='SEX="F" TIME_PERIOD="2023"'), {}, "REF_AREA"),
}


@pytest.mark.parametrize("what", EXPLICIT)
def test_explicit_measures_are_accepted(what: str) -> None:
    assert told(message(EXPLICIT[what])) == []


@pytest.mark.parametrize("what", WRONG)
def test_faults_beside_explicit_measures_are_reported(what: str) -> None:
    body, options, said = WRONG[what]
    found = told(message(body, **options))
    assert found
    assert said in " ".join(found)


@cases_from("sdmx/cases/attribute_is_accepted_only_in_the_groups_that_it_names.csv")
def test_attribute_is_accepted_only_in_its_groups(wrong: str, group: str) -> None:
    found = told(message(group + series('<Obs TIME_PERIOD="2023" OBS_VALUE="1" OBS_STATUS="A"/>', head=KEY), **BY_TIME))
    assert bool(found) == bool(wrong), found
    assert wrong in " ".join(found)


KEY = 'REF_AREA="GE" SEX="F" DEMO="BIRTHS"'
BY_TIME = {"at": "TIME_PERIOD", "flag": ""}


@pytest.mark.parametrize(
    "target", ["sdmx-csv-2.0", "sdmx-json-2.0", "sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0"]
)
def test_explicit_measures_convert_to_every_format(target: str) -> None:
    content = message('<Group xsi:type="d:Country" REF_AREA="GE" TITLE="t"/>' + series(BIRTHS, DEATHS))
    for layout in (Layout(), Layout("DEMO")):
        out = io.BytesIO()
        transform(
            "file",
            io.BytesIO(content),
            FORMATS[target],
            out,
            flows=FLOWS,
            header=lambda found: found or made.HEADER,
            layout=layout,
        )
        [back] = read_all(FORMATS[target], "out", out.getvalue(), FLOWS)
        assert set(back.observations.select("DEMO", "OBS_VALUE").rows()) == {("BIRTHS", "10"), ("DEATHS", "12.5")}
        assert told(out.getvalue()) == []


def test_large_message_is_checked_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xsd, "LARGE_BYTES", 500)
    heads = [f'REF_AREA="GE" SEX="F" TIME_PERIOD="{year}"' for year in range(1980, 2020)]
    many = "".join(series(BIRTHS, DEATHS, head=head) for head in heads)
    assert told(message(many)) == []
    assert "MARRIAGES" in " ".join(told(message(many + series(BIRTHS.replace("BIRTHS", "MARRIAGES")))))


@pytest.mark.parametrize("what", [what for what in EXPLICIT if what not in ("no value", "no series")])
def test_explicit_measure_without_structure_becomes_a_code(what: str) -> None:
    content = message(EXPLICIT[what])
    assert [problem.message for problem in identify_and_check("file", content, {}).problems] == []
    form = FORMATS["sdmx-ml-2.1"]
    guessed = infer_flows(form, "file", io.BytesIO(content), {}).flows
    known, unknown = (read_all(form, "file", content, flows) for flows in (FLOWS, guessed))
    columns = ("REF_AREA", "SEX", "DEMO", "TIME_PERIOD", "OBS_VALUE")
    assert [dataset.observations.select(columns).rows() for dataset in unknown if dataset.observations.height] == [
        dataset.observations.select(columns).rows() for dataset in known if dataset.observations.height
    ]


def served(measures: ItemScheme = MEASURES, **lists: ItemScheme) -> bytes:
    """The schema as the standard words it, with observations typed by their measures."""
    flow = replace(FLOW, codelists={**LISTS, "DEMO": measures})
    known = {codelist.ref: codelist for codelist in lists.values()}
    return build_standard_schema(flow, "DEMO", f"{OWN}DEMO:explicit", explicit=known)


def obeys(schema: bytes, body: str) -> bool:
    judge = xsd.compile_schemas("sdmx-ml-2.1", ((f"{OWN}DEMO:explicit", schema),))
    return judge.validate(etree.fromstring(message(body)))


WITH_KEY = BIRTHS.replace("OBS_VALUE", 'DEMO="BIRTHS" OBS_VALUE')
SERVED = {
    "a measure by its type": (WITH_KEY, True),
    "and in words": (WITH_KEY.replace("OBS_VALUE", 'type="BIRTHS" OBS_VALUE'), True),
    "the other one": (DEATHS.replace("OBS_VALUE", 'DEMO="DEATHS" OBS_VALUE'), True),
    "no value": ('<Obs xsi:type="d:BIRTHS" DEMO="BIRTHS" OBS_STATUS="O"/>', True),
    "no type: that of all observations is abstract": (WITH_KEY.replace('xsi:type="d:BIRTHS"', ""), False),
    "the abstract type": (WITH_KEY.replace("d:BIRTHS", "d:ObsType"), False),
    "a measure that is none": (WITH_KEY.replace("BIRTHS", "MARRIAGES"), False),
    "another measure in words": (WITH_KEY.replace("OBS_VALUE", 'type="DEATHS" OBS_VALUE'), False),
    "no key": (BIRTHS, False),
    "an attribute that is none": (WITH_KEY.replace("UNIT=", "UNITS="), False),
}


@pytest.mark.parametrize("what", SERVED)
def test_standard_schema_types_observations_by_measure(what: str) -> None:
    observation, is_valid = SERVED[what]
    assert obeys(served(), series(observation)) is is_valid


def test_schema_names_measure_types_as_the_standard_requires() -> None:
    root = etree.fromstring(served())
    space = "{http://www.w3.org/2001/XMLSchema}"
    types = {str(each.get("name")): each for each in root.iterfind(f"{space}complexType")}
    assert types["ObsType"].get("abstract") == "true"
    attributes = {each.get("name"): dict(each.attrib) for each in types["ObsType"].iter(f"{space}attribute")}
    assert attributes["type"] == {"name": "type", "type": "DEMO", "use": "optional"}
    assert attributes["DEMO"]["use"] == "required"
    for measure in ("BIRTHS", "DEATHS"):
        (restriction,) = types[measure].iter(f"{space}restriction")
        assert restriction.get("base") == "ObsType"
        (fixed,) = restriction.iterfind(f"{space}attribute")
        assert dict(fixed.attrib) == {"name": "type", "type": "DEMO", "use": "optional", "fixed": measure}
    (values,) = root.iterfind(f"{space}simpleType[@name='DEMO']/{space}restriction")
    assert values.get("base") == "common:IDType"


@pytest.mark.parametrize(
    ("representation", "value", "is_valid"),
    [
        ({"data_type": "Integer"}, "10", True),
        ({"data_type": "Integer"}, "10.5", False),
        ({"data_type": "Decimal", "facets": (("minValue", "0"),)}, "10.5", True),
        ({"data_type": "Decimal", "facets": (("minValue", "0"),)}, "-1", False),
        ({"data_type": "Integer", "facets": (("maxValue", "20"),)}, "21", False),
        ({"data_type": "Decimal"}, "10.5", True),
        ({}, "10.5", True),
    ],
)
def test_measure_may_narrow_its_values(representation: dict[str, object], value: str, *, is_valid: bool) -> None:
    births = replace(MEASURES.items[0], **representation)  # type: ignore[arg-type]
    schema = served(replace(MEASURES, items=(births, MEASURES.items[1])))
    assert obeys(schema, series(WITH_KEY.replace('"10"', f'"{value}"'))) is is_valid


@pytest.mark.parametrize(
    ("measure", "reason"),
    [
        (Item("BIRTHS", Text.of(en="Births"), data_type="String"), "not among those of OBS_VALUE"),
        (Item("BIRTHS", Text.of(en="Births"), data_type="Double"), "not among those of OBS_VALUE"),
        (Item("ObsType", Text.of(en="Births")), "are both called ObsType"),
        (Item("SEX", Text.of(en="Births")), "are both called SEX"),
    ],
)
def test_measures_that_the_standard_forbids_are_refused(measure: Item, reason: str) -> None:
    with pytest.raises(DeclarationError, match=reason):
        served(replace(MEASURES, items=(measure,)))
