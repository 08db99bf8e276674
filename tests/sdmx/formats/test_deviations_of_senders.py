"""Deviations of services: plain ones are accepted and reported; `strict` refuses them."""

from __future__ import annotations

import io
import json
import re

import pytest

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import read_structures, transform
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import STRICT, TOLERANT, Faults

V21, V20 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1", "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"
EUROSTAT = f"""<?xml version="1.0" encoding="UTF-8"?>
<m:StructureSpecificData xmlns:m="{V21}/message" xmlns:ss="{V21}/data/structurespecific"
  xmlns:u="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ESTAT:A(1.0):ObsLevelDim:TIME_PERIOD"
  xmlns:c="{V21}/common" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<m:Header><m:ID>D</m:ID><m:Test>false</m:Test><m:Prepared>2023-04-25T09:55:24</m:Prepared><m:Sender id="ESTAT"/>
<m:Structure structureID="A" dimensionAtObservation="TIME_PERIOD"
  namespace="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ESTAT:A(1.0):ObsLevelDim:TIME_PERIOD">
<c:Structure><URN>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ESTAT:A(1.0)</URN></c:Structure>
</m:Structure></m:Header>
<m:DataSet xsi:type="u:DataSetType" ss:structureRef="A" ss:dataScope="DataStructure">
<Series freq="A" geo="AT"><Obs TIME_PERIOD="2019" OBS_VALUE="109167"/></Series></m:DataSet>
</m:StructureSpecificData>
"""
GENERIC = f"""<message:GenericData xmlns:message="{V21}/message" xmlns:common="{V21}/common"
 xmlns:generic="{V21}/data/generic">
<message:Header><message:ID>a1</message:ID><message:Test>false</message:Test>
<message:Prepared>2026-11-20T10:12:13.123+01:00</message:Prepared><message:Sender id="ECB"/>
<message:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"><common:Structure>
<URN>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ECB:A(1.0)</URN></common:Structure></message:Structure>
</message:Header><message:DataSet action="Replace" validFromDate="2026-11-20T10:12:13.123+01:00" structureRef="S">
<generic:Series><generic:SeriesKey><generic:Value id="freq" value="A"/><generic:Value id="geo" value="AT"/>
</generic:SeriesKey><generic:Obs><generic:ObsDimension value="2019"/><generic:ObsValue value="109167"/></generic:Obs>
</generic:Series></message:DataSet></message:GenericData>"""
OLD = f"""<?xml version="1.0" encoding="utf-8"?>
<CompactData xmlns:ns1="urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=ECB:A:compact"
 xmlns="{V20}/message"><Header><ID>none</ID><Test>false</Test><Truncated>false</Truncated>
<Prepared>2026-11-20T10:12:13</Prepared><Sender id="OECD"><Name xml:lang="en">OECD</Name></Sender></Header>
<ns1:DataSet><ns1:Series freq="A" geo="AT"><ns1:Obs TIME_PERIOD="2019" OBS_VALUE="109167"/></ns1:Series></ns1:DataSet>
</CompactData>"""
AS_SENT = {
    "Eurostat, structure-specific": EUROSTAT,
    "ECB and BIS, generic": GENERIC,
    "OECD and IMF, compact of 2.0": OLD,
}
DEVIATING = {
    "a dataset in the namespace of its structure": (EUROSTAT, "m:DataSet", "u:DataSet"),
    "a namespace with https": (GENERIC, "http://www.sdmx.org", "https://www.sdmx.org"),
    "a reference to a structure that the header calls otherwise": (GENERIC, 'structureRef="S"', 'structureRef="T"'),
    "an action in small letters": (GENERIC, '"Replace"', '"replace"'),
    "an action of a later version": (GENERIC, '"Replace"', '"Merge"'),
    "an agreement spelt as in later versions": (EUROSTAT, "c:Structure>", "c:ProvisionAgreement>"),
    "a version range of one number": (GENERIC, "ECB:A(1.0)<", "ECB:A(1+)<"),
    "an unknown attribute of a value": (GENERIC, '"geo" value', '"geo" made="x" value'),
    "an unknown element of the header": (GENERIC, "<message:Test>", "<message:Tool/><message:Test>"),
    "an attribute of another namespace at a series": (EUROSTAT, "<Series", '<Series xmlns:v="urn:v" v:row="1"'),
    "an attribute of another namespace at an observation": (EUROSTAT, "<Obs", '<Obs xmlns:v="urn:v" v:row="1"'),
    "an element of another namespace in a series": (EUROSTAT, "<Obs", '<v:Note xmlns:v="urn:v"><v:b/></v:Note><Obs'),
    "an element of another namespace in generic data": (
        GENERIC,
        "<generic:Obs>",
        '<n xmlns="urn:v">a</n><generic:Obs>',
    ),
    "text between series": (EUROSTAT, "<Series", "made by hand <Series"),
    "a bare ampersand in the header": (EUROSTAT, "<m:ID>D<", "<m:ID>D&E<"),
    "a blank before the declaration of XML": (EUROSTAT, "<?xml", "\n<?xml"),
}
AMBIGUOUS = {
    "a series without a dimension": (GENERIC, '<generic:Value id="geo" value="AT"/>', ""),
    "an action that is none": (GENERIC, '"Replace"', '"Change"'),
    "an action of a series": (EUROSTAT, "<Series", '<Series ss:action="Delete"'),
    "an action of an observation": (EUROSTAT, "<Obs", '<Obs ss:action="Delete"'),
    "an observation of another namespace": (
        EUROSTAT,
        "</Series>",
        '<v:Obs xmlns:v="urn:v" TIME_PERIOD="2020"/></Series>',
    ),
    "a value of another namespace": (GENERIC, '<generic:Value id="geo"', '<v:Value xmlns:v="urn:v" id="geo"'),
    "a component of another namespace": (EUROSTAT, "<Series", '<Series xmlns:v="urn:v" v:geo="DE"'),
    "bytes that are no UTF-8": (GENERIC, 'value="AT"', 'value="\udce9"'),
    "an end that is missing": (GENERIC, "</generic:Series></message:DataSet></message:GenericData>", ""),
}
TWO = GENERIC.replace("<generic:Series>", "<generic:Series>", 1).replace(
    "</message:DataSet>",
    '<generic:Series><generic:SeriesKey><generic:Value id="freq" value="A"/><generic:Value id="geo" value="DE"/>'
    '</generic:SeriesKey><generic:Obs><generic:ObsDimension value="2019"/><generic:ObsValue value="1"/></generic:Obs>'
    "</generic:Series></message:DataSet>",
)


def values(text: str, policy: str = TOLERANT) -> tuple[list[str], Faults]:
    """The values of a message, and what its reading told."""
    faults, csv = Faults(policy), io.BytesIO()
    source = io.BytesIO(text.encode("utf-8", "surrogateescape"))
    transform("f.xml", source, FORMATS["sdmx-csv-2.0"], csv, flows={}, faults=faults)
    return [line.split(",", 3)[3] for line in csv.getvalue().decode().splitlines()[1:]], faults


@pytest.mark.parametrize("sender", AS_SENT)
def test_spellings_of_known_services_are_accepted_without_fault(sender: str) -> None:
    read, faults = values(AS_SENT[sender])
    assert (read, faults.listed) == (["A,AT,2019,109167"], [])


@pytest.mark.parametrize("case", DEVIATING)
def test_minor_deviation_is_reported_or_refused_if_strict(case: str) -> None:
    text, as_it_is, otherwise = DEVIATING[case]
    assert as_it_is in text
    read, faults = values(text.replace(as_it_is, otherwise))
    assert read == ["A,AT,2019,109167"]
    assert faults.listed
    assert all(fault.place for fault in faults.listed)
    with pytest.raises(InputError):
        values(text.replace(as_it_is, otherwise), STRICT)


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_ambiguous_deviation_is_refused(case: str) -> None:
    text, as_it_is, otherwise = AMBIGUOUS[case]
    other = TWO if "dimension" in case else text
    assert as_it_is in other
    with pytest.raises(InputError):
        values(other.replace(as_it_is, otherwise, 1))


@pytest.mark.parametrize(
    "case",
    [
        "a dataset in the namespace of its structure",
        "an action of a later version",
        "an agreement spelt as in later versions",
        "a version range of one number",
    ],
)
def test_deviations_are_warnings_of_check(case: str) -> None:
    text, as_it_is, otherwise = DEVIATING[case]
    content = text.replace(as_it_is, otherwise).encode()
    assert {problem.severity for problem in identify_and_check("f.xml", content, {}).problems} == {"warning"}


def test_answer_without_data_shows_the_message_of_the_service() -> None:
    footer = f"""<m:GenericData xmlns:m="{V21}/message" xmlns:f="{V21}/message/footer" xmlns:c="{V21}/common"><m:Header>
<m:ID>A</m:ID><m:Test>false</m:Test><m:Prepared>2026-11-20T10:12:13</m:Prepared><m:Sender id="ESTAT"/></m:Header>
<f:Footer><f:Message code="413" severity="Information"><c:Text>The extraction is asynchronous.</c:Text></f:Message>
</f:Footer></m:GenericData>"""
    with pytest.raises(SdmxmigError, match="asynchronous"):
        values(footer)


SCHEMA = "https://json.sdmx.org/2.0.0/sdmx-json-structure-schema.json"
META = {"schema": SCHEMA, "id": "M", "test": False, "prepared": "2024-05-01T10:00:00", "sender": {"id": "FR1"}}
LIST = {"id": "CL_A", "agencyID": "FR1", "version": "1.0", "name": "A", "codes": [{"id": "A", "name": "a"}]}
PERSON = {"id": "X", "name": "X", "contacts": [{"id": "not an id", "emails": ["a"]}, {"emails": ["b"]}]}
AGENCIES = {"id": "AGENCIES", "agencyID": "FR1", "version": "1.0", "name": "A", "agencies": [PERSON]}
REGISTRIES = {
    "a final mark of 1.0": {"meta": META, "data": {"codelists": [LIST | {"isFinal": True}]}},
    "a false final mark": {"meta": META, "data": {"codelists": [LIST | {"isFinal": False}]}},
    "no header": {"data": {"codelists": [LIST]}},
    "a truth value as text": {"meta": META, "data": {"codelists": [LIST | {"isPartial": "false"}]}},
    "an unknown member": {"meta": META, "data": {"codelists": [LIST | {"made": 1}]}},
    "no name": {"meta": META, "data": {"codelists": [{name: LIST[name] for name in LIST if name != "name"}]}},
    "a link to nothing": {"meta": META, "data": {"codelists": [LIST | {"links": [{"rel": "self"}]}]}},
    "the same twice": {"meta": META, "data": {"codelists": [LIST, LIST]}},
}


@pytest.mark.parametrize("case", REGISTRIES)
def test_registry_deviation_is_reported_or_refused_if_strict(case: str) -> None:
    message, faults = json.dumps(REGISTRIES[case]).encode(), Faults(TOLERANT)
    (read,) = read_structures("f.json", message, faults)
    assert [item.id for item in read.items] == ["A"]
    assert faults.listed
    with pytest.raises(InputError):
        read_structures("f.json", message, Faults(STRICT))


def test_final_mark_does_not_make_other_artefacts_drafts() -> None:
    lists = [LIST | {"version": "1.0.0", "isFinal": True}, LIST | {"id": "CL_B", "version": "1.0.0"}]
    meta = {name: META[name] for name in META if name != "schema"}
    message = json.dumps({"meta": meta, "data": {"codelists": lists}}).encode()
    form = FORMATS[detect("f.json", message).format]
    assert [artefact.ref.version for artefact in form.read_structures("f.json", message, Faults())] == [
        "1.0.0",
        "1.0.0",
    ]


def test_date_without_time_zone_is_accepted() -> None:
    assert read_structures("f.json", json.dumps({"meta": META, "data": {"codelists": [LIST]}}).encode(), Faults(STRICT))


def test_unusable_contact_is_left_out_and_agencies_are_kept() -> None:
    faults = Faults(TOLERANT)
    (read,) = read_structures(
        "f.json", json.dumps({"meta": META, "data": {"agencySchemes": [AGENCIES]}}).encode(), faults
    )
    assert [item.id for item in read.items] == ["X"]
    assert [contact.details for contact in read.items[0].contacts] == [(("email", "b"),)]
    assert len(faults.left_out) == 1


SERIES_ALONE = {
    "Eurostat, structure-specific": EUROSTAT.replace('<Obs TIME_PERIOD="2019" OBS_VALUE="109167"/>', ""),
    "ECB and BIS, generic": re.sub("<generic:Obs>.*</generic:Obs>", "", GENERIC),
}


@pytest.mark.parametrize("sender", SERIES_ALONE)
def test_series_without_observations_need_no_structure(sender: str) -> None:
    read, faults = values(SERIES_ALONE[sender])
    assert (read, faults.listed) == (["A,AT,"], [])
    assert identify_and_check("f.xml", SERIES_ALONE[sender].encode(), {}).problems == []


def test_json_data_with_times_without_zone_are_accepted() -> None:
    year = {"id": "2019", "start": "2019-01-01T00:00:00"}
    names = {"dimensions": {"observation": [{"id": "TIME_PERIOD", "values": [year]}]}}
    schema = SCHEMA.replace("structure-schema", "data-schema")
    data = {"structures": [names], "dataSets": [{"structure": 0, "observations": {"0": [1]}}]}
    message = {"meta": META | {"schema": schema}, "data": data}
    assert "date-time" not in str(identify_and_check("f.json", json.dumps(message).encode(), {}).problems)


@pytest.mark.parametrize("target", ["sdmx-ml-2.1", "sdmx-json-2.0"])
def test_invalid_sender_id_is_changed_and_reported(target: str) -> None:
    text, told, out = GENERIC.replace('Sender id="ECB"', 'Sender id="Stable - DotStat v8"'), list[str](), io.BytesIO()
    transform("f.xml", io.BytesIO(text.encode()), FORMATS[target], out, flows={}, tell=told.append)
    assert b"Stable_x0020_-_x0020_DotStat_x0020_v8" in out.getvalue()
    assert "The id of the sender, “Stable - DotStat v8”, is spelt Stable_x0020_-_x0020_DotStat_x0020_v8." in told
