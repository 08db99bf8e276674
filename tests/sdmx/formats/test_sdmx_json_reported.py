"""Reference metadata inside data of SDMX-JSON: written as attributes of the message, read back wherever they stand."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import made
import pytest
from hypothesis import given, settings
from made_data import PLAIN, PLAIN_FLOW, plain
from made_reports import REPORTS, unpacked
from tries import tries

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.formats.dataset_notes import REPORT, build_notes_frame, build_reports
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.metadata_versions import drop_types as without_types
from sdmxmig.sdmx.formats.sdmx_json.schemas import find_problems
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.metadata import ReportedAttribute
from sdmxmig.sdmx.model.references import Ref

WRITTEN = ("2.0", "2.1")
MSD = Ref("MetadataStructure", "SDMXMIG", id="MSD", version="1.0.0")
KNOWN = replace(PLAIN_FLOW, structure=replace(PLAIN, metadata=MSD))
KEY = PLAIN.key
NAME = ReportedAttribute("NAME", text=Text.of(en=made.AWKWARD, fr="L'office"))
PHONES = ReportedAttribute("PHONE", ("1", made.BROKEN))
CONTACT = (ReportedAttribute("CONTACT", attributes=(NAME, PHONES)),)
CONTACTS = (
    ReportedAttribute("CONTACT", attributes=(NAME, PHONES)),
    ReportedAttribute("CONTACT", attributes=(ReportedAttribute("PHONE", ("3",)),)),
)
MARKUP = Text.of(en='<p xmlns="http://www.w3.org/1999/xhtml">a <em>b</em></p>')
METHOD = (ReportedAttribute("METHOD", structured=MARKUP),)
Told = dict[str, tuple[ReportedAttribute, ...]]


def report_values(told: Mapping[tuple[str, ...], tuple[ReportedAttribute, ...]], flow: Flow = KNOWN) -> Dataset:
    """Some data with reports on what their first observation names of these dimensions."""
    first = plain().observations.row(0, named=True)
    found = [({name: first[name] for name in part}, attributes) for part, attributes in told.items()]
    return replace(plain(), flow=flow, reports=build_reports(KEY, found))


def told(dataset: Dataset) -> Told:
    """The reports of a dataset, by what they name."""
    rows = dataset.reports.iter_rows(named=True) if dataset.reports is not None else ()
    return {".".join(row[name] or "*" for name in KEY): unpacked(row[REPORT]) for row in rows}


def write(*datasets: Dataset, version: str = "2.1", at: str = "TIME_PERIOD") -> bytes:
    """A message that the official schema takes."""
    content = data_bytes(FORMATS[f"sdmx-json-{version}"], datasets, made.HEADER, Layout(at))
    assert find_problems("d.json", content, version, "data") == []
    return content


def read(content: bytes, version: str = "2.1", flow: Flow | None = KNOWN, faults: Faults | None = None) -> Dataset:
    flows = {flow.id: flow} if flow else {}
    (found,) = read_all(FORMATS[f"sdmx-json-{version}"], "d.json", content=content, flows=flows, faults=faults)
    return found


PARTS = {
    "dataset": (),
    "part": ("REF_AREA",),
    "group": ("REF_AREA", "SEX", "CTZ"),
    "series": PLAIN.series_key,
    "observation": KEY,
}


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS, "SEX"])
@pytest.mark.parametrize("version", WRITTEN)
def test_reported_attributes_round_trip_with_the_data(version: str, at: str) -> None:
    data = report_values({PARTS["dataset"]: METHOD, PARTS["part"]: CONTACTS, PARTS["series"]: METHOD, KEY: CONTACT})
    dataset = read(write(data, version=version, at=at), version)
    assert told(dataset) == told(data)
    alone = read(write(replace(data, reports=None), version=version, at=at), version)
    assert dataset.observations.equals(alone.observations)
    assert dataset.partial.keys() == alone.partial.keys()


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize("part", PARTS)
def test_message_links_attributes_to_their_metadata_structure(part: str, version: str) -> None:
    content = json.loads(write(report_values({PARTS[part]: CONTACT}), version=version))
    level = "dimensionGroup" if PARTS[part] else "dataSet"
    *_, name, phone = content["data"]["structures"][0]["attributes"][level]
    urn = "urn:sdmx:org.sdmx.infomodel.metadatastructure.MetadataAttribute=SDMXMIG:MSD(1.0.0).CONTACT."
    assert (name["id"], name["links"][0]["urn"]) == ("NAME", f"{urn}NAME")
    assert (phone["id"], phone["links"][0]["urn"]) == ("PHONE", f"{urn}PHONE")
    assert set(content["meta"]["contentLanguages"]) >= {"en", "fr"}


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize("flow", [KNOWN, PLAIN_FLOW], ids=["named", "unnamed"])
def test_reported_attributes_are_parsed_without_known_dataflow(version: str, flow: Flow) -> None:
    data = report_values({PARTS["part"]: CONTACTS, (): METHOD}, flow)
    found = read(write(data, version=version), version, flow=None)
    assert told(found) == told(data)
    assert found.flow.structure.metadata == flow.structure.metadata
    assert "CONTACT" not in {component.id for component in found.flow.structure.components}


def test_blocks_and_datasets_share_columns_of_the_message() -> None:
    """A later dataset adds an attribute before those of an earlier one, whose notes follow all attributes."""
    first, last = (plain().observations.row(row, named=True) for row in (0, 1))
    note = ({"REF_AREA": first["REF_AREA"]}, "", Annotation("NOTE", Text.of(en="n")))
    early = replace(report_values({("REF_AREA",): METHOD}), notes=build_notes_frame(KEY, [note]))
    more = replace(plain(), flow=KNOWN, partial={}, reports=build_reports(KEY, [(last, CONTACT)]), continues=True)
    more = replace(more, observations=more.observations.clear(), series=more.series.clear())
    later = replace(report_values({("REF_AREA",): (*CONTACT, *METHOD)}), action="A")
    content = write(early, more, later)
    one, other = read_all(FORMATS["sdmx-json-2.1"], "d.json", content, {KNOWN.id: KNOWN})
    assert told(one) == {**told(early), **told(more)}
    assert one.notes.equals(early.notes)
    assert told(other) == told(later)


@settings(max_examples=tries(40))
@given(REPORTS)
def test_any_report_survives_a_round_trip_or_is_refused(attributes: tuple[ReportedAttribute, ...]) -> None:
    data = report_values({("REF_AREA",): attributes})
    try:
        content = data_bytes(FORMATS["sdmx-json-2.1"], [data], made.HEADER)
    except SdmxmigError:  # as an attribute that says nothing, or texts of several kinds in one array
        return
    assert find_problems("d.json", content, "2.1", "data") == []
    assert list(told(read(content)).values()) == [without_types(attributes)]


def listed(content: bytes, level: str, attribute: dict[str, Any]) -> dict[str, Any]:
    """A message with one more attribute at a level."""
    message: dict[str, Any] = json.loads(content)
    message["data"]["structures"][0]["attributes"][level].append(attribute)
    return message


LOOSE = {"id": "SOURCE", "name": "Source"}


def test_reported_attributes_are_accepted_at_any_level() -> None:
    data = replace(plain(), flow=KNOWN, partial={})
    message = listed(write(data), "series", {**LOOSE, "values": [{"value": {"en": "Census"}}]})
    message["data"]["structures"][0]["attributes"]["observation"].append({"id": "CONTACT.NAME", "name": "n"})
    first, *_ = message["data"]["dataSets"][0]["series"].values()
    width = len(message["data"]["structures"][0]["attributes"]["series"]) - 1
    first["attributes"] = [*(first.get("attributes", []) + [None] * width)[:width], 0]
    cells = next(iter(first["observations"].values()))
    cells += [None] * (3 - len(cells)) + [["a", "b"]]
    dataset = read(json.dumps(message).encode())
    row = dataset.observations.row(0, named=True)
    series, whole = (".".join(row[name] for name in names) for names in (PLAIN.series_key, KEY))
    contact = ReportedAttribute("CONTACT", attributes=(ReportedAttribute("NAME", ("a", "b")),))
    source = ReportedAttribute("SOURCE", text=Text.of(en="Census"))
    assert told(dataset) == {f"{series}.*": (source,), whole: (contact,)}
    assert dataset.observations.drop("OBS_VALUE").equals(read(write(data)).observations.drop("OBS_VALUE"))


def test_reported_attribute_follows_relationship_of_structure() -> None:
    concept = Ref("MetadataAttribute", MSD.agency, id=MSD.id, version=MSD.version, item="SOURCE")
    use = replace(made.component("SOURCE", "metadata", "dimensions", dimensions=("REF_AREA",)), concept=concept)
    flow = replace(KNOWN, structure=replace(PLAIN, components=(*PLAIN.components, use)))
    message = listed(write(replace(plain(), partial={})), "series", {**LOOSE, "relationship": {"dataflow": {}}})
    width = len(message["data"]["structures"][0]["attributes"]["series"]) - 1
    for series in message["data"]["dataSets"][0]["series"].values():
        series["attributes"] = [*(series.get("attributes", []) + [None] * width)[:width], "Register"]
    found = read(json.dumps(message).encode(), flow=flow)
    assert told(found) == {"*.GE.*.*.*": (ReportedAttribute("SOURCE", ("Register",)),)}


def test_unknown_attribute_requires_a_metadata_structure() -> None:
    message = listed(write(plain()), "dimensionGroup", LOOSE)
    with pytest.raises(InputError, match="has no attribute “SOURCE”"):
        read(json.dumps(message).encode(), flow=PLAIN_FLOW)


@pytest.mark.parametrize(
    ("attribute", "cell", "said", "behind"),
    [
        ({"id": "A.B", "name": "a"}, [[["x"]]], "More arrays are nested than A.B has steps", ""),
        ({"id": "A.B", "name": "a"}, ["x", ["y"]], "Some of these values are in arrays", ""),
        ({"id": "A", "name": "a"}, {"no language": "x"}, "not text in the language", "/no language"),
        ({"id": "A", "name": "a", "values": [{"value": "x"}]}, 1, "not an index of the 1 values", ""),
        ({"id": "A", "name": "a", "values": ["x"]}, 0, "must be an object", None),
        ({"id": "A..B", "name": "a"}, "x", "not a path of an attribute", None),
    ],
)
def test_unreadable_attributes_are_reported_with_their_place(
    attribute: dict[str, Any], cell: object, said: str, behind: str | None
) -> None:
    message = listed(write(replace(plain(), partial={}, flow=KNOWN)), "dataSet", attribute)
    width = len(message["data"]["structures"][0]["attributes"]["dataSet"]) - 1
    cells = message["data"]["dataSets"][0].setdefault("attributes", [])
    message["data"]["dataSets"][0]["attributes"] = [*(cells + [None] * width)[:width], cell]
    content = json.dumps(message).encode()
    with pytest.raises(InputError, match=said) as caught:
        read(content)
    assert caught.value.place is not None
    if behind is not None:
        assert caught.value.place.key == f"/data/dataSets/0/attributes/{width}{behind}"
        faults = Faults()
        dataset = read(content, faults=faults)
        assert (len(faults.listed), dataset.reports) == (1, None)
        assert dataset.observations.height == plain().observations.height


def test_reports_that_cannot_be_read_back_are_refused() -> None:
    with pytest.raises(SdmxmigError, match="cannot contain this order of attributes of the dataset: EMPTY"):
        data_bytes(FORMATS["sdmx-json-2.1"], [report_values({(): (ReportedAttribute("EMPTY"),)})], made.HEADER)
    both = (ReportedAttribute("A", ("x",)), ReportedAttribute("A", text=Text.of(en="y")))
    with pytest.raises(SdmxmigError, match="cannot contain this order of attributes of the key “:0:::”: A"):
        data_bytes(FORMATS["sdmx-json-2.1"], [report_values({("REF_AREA",): both})], made.HEADER)


def test_reported_attributes_convert_to_sdmx_ml() -> None:
    form = "sdmx-ml-3.1"
    data = replace(report_values({PLAIN.series_key: CONTACT}), partial={}, properties={})
    said: list[str] = []
    out = io.BytesIO()
    flows = {KNOWN.id: KNOWN}
    transform(
        "d.json",
        io.BytesIO(write(data)),
        FORMATS[form],
        out,
        flows=flows,
        header=lambda _: made.HEADER,
        tell=said.append,
    )
    (found,) = read_all(FORMATS[form], "d", out.getvalue(), flows)
    assert told(found) == told(data)
    assert [one for one in said if "metadata" in one] == []
