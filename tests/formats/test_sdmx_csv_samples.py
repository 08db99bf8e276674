"""SDMX-CSV of others: published files are read and survive, spoilt ones are refused with their place."""

from __future__ import annotations

import csv
import random
import re
from dataclasses import replace
from pathlib import Path

import made
import made_data
import pytest

from sdmxmig.errors import InputError
from sdmxmig.formats import FORMATS, Format, data_bytes, read_all
from sdmxmig.model.artefacts import Component, Dataflow, DataStructure, Item, ItemScheme, Text
from sdmxmig.model.data import Flow
from sdmxmig.model.references import Ref
from sdmxmig.places import Place

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SAMPLES = sorted(path for folder in ("sdmx-csv-1.0", "sdmx-csv-2.0") for path in (DATA / folder).rglob("*.csv"))
OWN = re.compile(r"STRUCTURE(_ID|_NAME)?(\[.\])?|DATAFLOW|ACTION|SERIES_KEY|OBS_KEY|UPDATED|LAST UPDATE")
MEASURE = re.compile(r"OBS_VALUE|MEAS_.*|Me_1|A")
ATTRIBUTE = re.compile(r"ATT|OBS_FLAG|CONF_STATUS")
KINDS = {"dataflow": "Dataflow", "datastructure": "DataStructure", "dataprovision": "ProvisionAgreement"}

COUNTS = {
    "ESTAT_SDG_08_30A_employment_by_citizenship": 1796,
    "ESTAT_country_population": 1093,
    "ESTAT_migrants_illegally_present": 2535,
    "ESTAT_migration_permits_issued": 387,
    "ESTAT_temporary_protection_beneficiaries_monthly": 1136,
    "ISTAT_29_849_acquisition_citizenship": 408,
    "OECD_DSD_MIG_INT_PER_ITA": 36,
    "OECD_DSD_MIG_inflows_total": 393,
    "example-13": 1,
    "example-19A": 0,
    "data_v2_two_actions": 2,
    "data_v2_structures": 3,
    "example-09A": 3,
    "csv_labels_both": 1,
    "csv_nulls_20": 4,
}
"""How many observations the samples have, where it is not two."""


def component(text: str, role: str, rows: list[list[str]], index: int) -> Component:
    """A component as its column shows it: several values, languages, and codes if all have names."""
    name, _, several = text.partition(": ")[0].partition("[")
    labelled = [row[index] for row in rows if row[index]]
    codes = Ref("Codelist", "X", f"CL_{name}", "1.0") if all(": " in one for one in labelled) and labelled else None
    return Component(
        name,
        role,
        Ref("Concept", "X", "CS", "1.0", name),
        codes,
        attachment="observation" if role == "attribute" else "",
        max_occurs="unbounded" if several == "]" else "1",
        facets=(("isMultiLingual", "true"),) if len(several) > 1 else (),
    )


def flows_of(content: str) -> dict[str, Flow]:
    """The structures that a file seems to follow: what stands before the period is a dimension."""
    mark = re.match(r"(?:STRUCTURE(?:\[.\])?|DATAFLOW)(.)", content)
    assert mark is not None
    head, *rows = list(csv.reader(content.splitlines(keepends=True), delimiter=mark[1]))
    names = [name.partition(": ")[0].partition("[")[0] for name in head]
    skipped = {index + 1 for index in range(len(head)) if "STRUCTURE_NAME" in head and not OWN.fullmatch(names[index])}
    skipped = {index for index in skipped if index % 2 == (min(skipped) % 2)}
    components = []
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
    dsd = DataStructure(Ref("DataStructure", "X", "DSD", "1.0"), Text.of(en="x"), tuple(components))
    lists = {
        one.id: ItemScheme(one.codelist, Text.of(en="x"), (Item("A", Text.of(en="x")),))
        for one in components
        if one.codelist
    }
    flows = {}
    for row in rows:
        kind, said = ("dataflow", row[0]) if head[0] == "DATAFLOW" else (row[0].lower(), row[1])
        ref = Ref.parse(said.partition(": ")[0], kind=KINDS[kind])
        own = Ref("DataStructure", ref.agency, ref.id, ref.version) if kind == "datastructure" else dsd.ref
        structure = DataStructure(own, dsd.name, dsd.components)
        flow_ref = Ref("Dataflow", ref.agency, ref.id, ref.version)
        flow = Flow(Dataflow(flow_ref, Text.of(en="x"), own), structure, lists, {})
        flows[ref.short if kind == "dataprovision" else str(ref)] = flow
    return flows


@pytest.mark.skipif(not SAMPLES, reason="the samples are not here")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_published_files_are_read_and_come_back(path: Path) -> None:
    content = path.read_bytes()
    flows = flows_of(content.decode())
    form = FORMATS["sdmx-csv-1.0" if content.startswith(b"DATAFLOW") else "sdmx-csv-2.0"]
    datasets = read_all(form, path.name, content, flows)
    assert sum(one.observations.height for one in datasets) == COUNTS.get(path.stem, 2)
    form = FORMATS["sdmx-csv-2.0"]
    again = read_all(form, path.name, data_bytes(form, datasets, made.HEADER), flows)
    assert len(again) == len(datasets)
    for one, other in zip(datasets, again, strict=True):
        assert one.observations.equals(other.observations)
        assert one.series.equals(other.series)
        assert one.attributes == other.attributes
        assert (one.action, one.refers_to) == (other.action, other.refers_to)


@pytest.mark.skipif(not SAMPLES, reason="the samples are not here")
def test_the_spoilt_sample_is_refused() -> None:
    path = DATA / "invalid" / "csv" / "data_v1_exception.csv"
    for name in ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"):
        with pytest.raises(InputError, match="The first column of") as refused:
            read_all(FORMATS[name], path.name, path.read_bytes(), {})
        assert str(refused.value.place) == "data_v1_exception.csv:1:1"


def test_labels_of_others_are_taken_off() -> None:
    """Some senders repeat the values of uncoded components as their names."""
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ: f,REF_AREA: r,SEX: s,CTZ: c,TIME_PERIOD: t,OBS_VALUE: v,COMMENT_OBS: n"
    row = (
        "DATAFLOW,SDMXMIG:DF_POP(1.0.0-draft): Population: all,R,A: A,GE: Georgia,M: Men: x,FC: f,2020: 2020,1: 1,a: b"
    )
    (dataset,) = read_all(FORMATS["sdmx-csv-2.0"], "a.csv", f"{head}\n{row}\n".encode(), made.FLOWS)
    assert dataset.observations.rows() == [("A", "GE", "M", "FC", "2020", "1", None, "a: b")]


def spoilt(content: bytes, chance: random.Random) -> bytes:
    """A file with some bytes changed, or some of its text moved."""
    made_of = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at, kind = chance.randrange(len(made_of) + 1), chance.randrange(5)
        if kind == 0 and at < len(made_of):
            made_of[at] = chance.randrange(256)
        elif kind == 1:
            made_of[at:at] = chance.choice([b'"', b",", b"\n", b"\r", b";", b"[", b"]", b": ", b"~", b"\x00", b"\xff"])
        elif kind == 2:
            del made_of[at : at + chance.randint(1, 30)]
        elif kind == 3:
            made_of[at:at] = made_of[: chance.randint(1, 200)]
        else:
            del made_of[at:]
    return bytes(made_of)


def place_of_refusal(form: Format, content: bytes, flows: dict[str, Flow]) -> Place | None:
    """Where a file is refused; None if it is read."""
    try:
        read_all(form, "spoilt.csv", content, flows)
    except InputError as error:
        return error.place or Place("")
    return None


@pytest.mark.parametrize("name", ["sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"])
def test_spoilt_files_are_read_or_refused_with_their_place(name: str) -> None:
    form = FORMATS[name]
    dataset = made_data.plain() if name == "sdmx-csv-1.0" else made_data.rich()
    good = data_bytes(form, [dataset], made.HEADER)
    flows = {"DF_POP": dataset.flow, "DF_IMM": made.OTHER}
    chance = random.Random(name)
    refused = 0
    for _ in range(300):
        place = place_of_refusal(form, spoilt(good, chance), flows)
        if place is not None:
            assert place.file == "spoilt.csv"
            assert place.line
            refused += 1
    assert refused > 100
