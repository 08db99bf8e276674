"""Dataflows of foreign data samples: their own structures if available, else flows that fit the messages."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace

from folders import SHARED
from made_messages import inferred

from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.formats.detection import Detection
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import read_structures
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref

OWN = re.compile(r"STRUCTURE(_ID|_NAME)?(\[.\])?|DATAFLOW|ACTION|SERIES_KEY|OBS_KEY|UPDATED|LAST UPDATE")
MEASURE = re.compile(r"OBS_VALUE|MEAS_.*|Me_1|A")
ATTRIBUTE = re.compile(r"ATT|OBS_FLAG|CONF_STATUS")
KINDS = {"dataflow": "Dataflow", "datastructure": "DataStructure", "dataprovision": "ProvisionAgreement"}

SERIES_OF_ECB = [
    *("TIME_FORMAT", "COLLECTION", "DECIMALS", "SOURCE_AGENCY", "TITLE", "TITLE_COMPL", "UNIT", "UNIT_MULT"),
    *("UNIT_INDEX_BASE", "COMPILATION"),
]
COUNTS = {
    "sdmx-ml-2.0/Example_Eurostat_2.0.xml": (2, {}),
    "sdmx-ml-2.0/TimeSeries.xml": (200, {}),
    "sdmx-ml-2.0/compact_nullobs_2.0.xml": (6, {"attributes": ("TIME_FORMAT", "UNIT", "POWERCODE")}),
    "sdmx-ml-2.1/agencies/WB__gh-78.xml": (1, {}),
    "sdmx-ml-2.1/bis_der/str_ser_group.xml": (
        1000,
        {"attributes": ("AVAILABILITY", "DECIMALS", "UNIT_MEASURE", "UNIT_MULT", "TIME_FORMAT", "COLLECTION")},
    ),
    "sdmx-ml-2.1/reader/header_xmlns.xml": (2, {}),
    "sdmx-ml-2.1/reader/message_full_warning.xml": (
        1,
        {
            "attributes": ("AVAILABILITY", "COLLECTION", "OBS_STATUS", "OBS_CONF"),
            "dataset": ("DECIMALS", "UNIT_MULT", "UNIT_MEASURE"),
        },
    ),
    "sdmx-ml-3.0/reader/data_dataflow_3.0.xml": (
        2,
        {
            "attributes": ("AVAILABILITY", "COLLECTION", "OBS_STATUS", "OBS_CONF"),
            "dataset": ("DECIMALS", "UNIT_MULT", "UNIT_MEASURE"),
        },
    ),
    "sdmx-ml-3.0/standard/ECB_EXR_data.xml": (116, {"attributes": SERIES_OF_ECB}),
}
"""How many observations data messages have, and what cannot be seen in them: which names are attributes."""


def ecb_flow(name: str) -> Flow:
    path = SHARED / "sdmx-ml-2.1/ecb_exr" / f"{name}.xml"
    structure = next(a for a in read_structures(path.name, path.read_bytes()) if isinstance(a, DataStructure))
    ref = Ref("Dataflow", "ECB", id=structure.ref.id, version="1.0")
    return Flow(Dataflow(ref, structure.name, structure=structure.ref), structure, codelists={}, concepts={})


def component(text: str, role: str, rows: list[list[str]], index: int) -> Component:
    """A component as its column shows it: several values, languages, and codes if all have names."""
    name, _, several = text.partition(": ")[0].partition("[")
    labelled = [row[index] for row in rows if row[index]]
    codes = (
        Ref("Codelist", "X", id=f"CL_{name}", version="1.0")
        if all(": " in one for one in labelled) and labelled
        else None
    )
    return Component(
        name,
        role,
        concept=Ref("Concept", "X", id="CS", version="1.0", item=name),
        codelist=codes,
        attachment="observation" if role == "attribute" else "",
        max_occurs="unbounded" if several == "]" else "1",
        facets=(("isMultiLingual", "true"),) if len(several) > 1 else (),
    )


def of_table(content: str) -> dict[str, Flow]:
    """Structures that fit a file; columns before the period are dimensions."""
    mark = re.match(r"(?:STRUCTURE(?:\[.\])?|DATAFLOW)(.)", content)
    assert mark is not None
    head, *rows = list(csv.reader(content.splitlines(keepends=True), delimiter=mark[1]))
    names = [name.partition(": ")[0].partition("[")[0] for name in head]
    skipped = {index + 1 for index in range(len(head)) if "STRUCTURE_NAME" in head and not OWN.fullmatch(names[index])}
    skipped = {index for index in skipped if index % 2 == (min(skipped) % 2)}
    components, columns = [], {}
    measured = False
    for index, text in enumerate(head):
        if index in skipped or OWN.fullmatch(names[index]) or OWN.fullmatch(text):
            continue
        is_measure = MEASURE.fullmatch(names[index]) is not None
        measured |= is_measure
        role = "measure" if is_measure else "time" if names[index] == "TIME_PERIOD" else "dimension"
        if role == "dimension" and (measured or ATTRIBUTE.match(names[index])):
            role = "attribute"
        found = component(text, role, rows, index)
        if "MEAS_1" in head and names[index] == "ATTR_2":  # a row of this file gives it for a part of the key
            found = replace(found, attachment="dimensions", dimensions=("DIM_2",))
        components.append(found)
        columns[found.id] = index
    dsd = DataStructure(
        Ref("DataStructure", "X", id="DSD", version="1.0"), Text.of(en="x"), components=tuple(components)
    )
    lists = {
        one.id: ItemScheme(one.codelist, Text.of(en="x"), items=(Item("A", Text.of(en="x")),))
        for one in components
        if one.codelist
    }
    alike: dict[tuple[str, ...], list[list[str]]] = {}
    for row in rows:
        alike.setdefault(tuple(row[:2]), []).append(row)
    flows = {}
    for (first, second, *_), group in alike.items():
        kind, said = ("dataflow", first) if head[0] == "DATAFLOW" else (first.lower(), second)
        ref = Ref.parse(said.partition(": ")[0], kind=KINDS[kind])
        own = Ref("DataStructure", ref.agency, id=ref.id, version=ref.version) if kind == "datastructure" else dsd.ref
        empty = {one for one, index in columns.items() if not any(row[index] for row in group)}
        filled = tuple(one for one in components if one.role != "dimension" or one.id not in empty)
        structure = DataStructure(own, dsd.name, components=filled)
        flow_ref = Ref("Dataflow", ref.agency, id=ref.id, version=ref.version)
        flow = Flow(Dataflow(flow_ref, Text.of(en="x"), structure=own), structure, codelists=lists, concepts={})
        flows[ref.short if kind == "dataprovision" else str(ref)] = flow
    return flows


def of_sample(name: str, content: bytes, detected: Detection) -> Mapping[str, Flow]:
    """The flows of a data sample; properties inferred from samples (codes, mandatory parts) are left open."""
    if detected.format.startswith("sdmx-json"):
        datasets = read_all(FORMATS[detected.format], name, content, {})
        own = {dataset.flow.id: dataset.flow for dataset in datasets}
        return own | {dataset.refers_to.urn: dataset.flow for dataset in datasets if dataset.refers_to}
    if detected.format.startswith("sdmx-csv"):
        return {key: lax(flow) for key, flow in of_table(content.decode("utf-8-sig")).items()}
    if "ecb_exr/" in name:
        known = ecb_flow("ng-structure-full" if "/ng-" in name else "rg-structure")
        ref = known.structure.ref if "/ng-" in name else replace(known.structure.ref, id="ECB_EXR_RG")
        return {known.id: replace(known, structure=replace(known.structure, ref=ref))}
    flow = lax(inferred(content, **COUNTS.get(name, (0, {}))[1]))
    return {flow.id: flow}


def lax(flow: Flow) -> Flow:
    """A flow without codes, whose attributes may be left out, and which has a version."""
    components = tuple(replace(one, mandatory=one.role != "attribute") for one in flow.structure.components)
    ref = flow.structure.ref if flow.structure.ref.version else replace(flow.structure.ref, version="1.0")
    own = flow.dataflow.ref if flow.dataflow.ref.version else replace(flow.dataflow.ref, version="1.0")
    structure = replace(flow.structure, ref=ref, components=components)
    return Flow(replace(flow.dataflow, ref=own, structure=ref), structure, codelists={}, concepts={})
