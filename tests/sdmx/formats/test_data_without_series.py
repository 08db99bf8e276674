"""Data with one dimension, or without measures, attributes or observations: valid in every format, and read back."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import made
import polars as pl
import pytest
from made_old import OLD, header

import sdmxmig
from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all, structure_bytes
from sdmxmig.sdmx.formats.structures.data_structures import normalise_attachment
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, Group
from sdmxmig.sdmx.revision import find_disagreement

pytestmark = [pytest.mark.sampled(6)]

TIME = made.component("TIME_PERIOD", "time", data_type="ObservationalTimePeriod")
SEX, AREA = made.component("SEX", "dimension"), made.component("REF_AREA", "dimension")
VALUE = made.component("OBS_VALUE", "measure", data_type="Decimal")
STATUS = made.component("OBS_STATUS", "attribute", "observation", mandatory=False)
TITLE = made.component("TITLE", "attribute", "dataset", mandatory=False, data_type="String")
NOTE = made.component("NOTE", "attribute", "series", mandatory=False, data_type="String")
COMMENT = made.component(
    "COMMENT_OBS", "attribute", "dimensions", mandatory=False, data_type="String", dimensions=("TIME_PERIOD",)
)
VALUES: Mapping[str, Sequence[str | None]] = {
    "TIME_PERIOD": ("2022", "2023", "2024"),
    "SEX": ("F", "M", "_T"),
    "REF_AREA": ("GE", "GE", "FR"),
    "OBS_VALUE": ("1.50", "2", None),
    "OBS_STATUS": ("A", None, "P"),
}
WITHOUT_LAYOUT = ("sdmx-csv-2.0", "sdmx-csv-2.1")
WRITTEN = tuple(one for one in FORMATS if FORMATS[one].write_data and one != "sdmx-csv-1.0")
READ_BACK = tuple(one for one in WRITTEN if one != "sdmx-csv-2.1")
"""SDMX-CSV 2.1 has another word for the action, which is told elsewhere."""


def flow(*components: Component, groups: tuple[Group, ...] = ()) -> Flow:
    structure = replace(made.STRUCTURE, components=components, groups=groups)
    return replace(made.FLOW, structure=structure)


def data(of: Flow, count: int = 3, **attributes: str) -> Dataset:
    structure = of.structure
    names = [*structure.key, *(one.id for one in (*structure.measures, *structure.attributes("observation")))]
    observations = pl.DataFrame({name: pl.Series(VALUES[name][:count], dtype=pl.String) for name in names})
    series = observations.select(structure.series_key).unique(maintain_order=True) if structure.series_key else None
    if series is not None:
        series = series.with_columns(pl.lit("n").alias(attribute.id) for attribute in structure.attributes("series"))
    series = pl.DataFrame() if series is None else series
    return Dataset(of, observations, series=series, attributes=attributes, origins=build_origins(), action="I")


PLAIN = data(flow(TIME, VALUE, TITLE, STATUS), TITLE=made.AWKWARD)
COMMENTED = replace(
    data(flow(TIME, VALUE, COMMENT)),
    partial={("TIME_PERIOD",): made.frame(("TIME_PERIOD", "COMMENT_OBS"), [("2022", "c")])},
)
ONE_DIMENSION = {
    "time": PLAIN,
    "time, one observation": data(flow(TIME, VALUE, TITLE, STATUS), 1),
    "time, no observation": data(flow(TIME, VALUE, TITLE, STATUS), 0, TITLE="t"),
    "time, nothing said": data(flow(TIME, VALUE, TITLE, STATUS), 0),
    "time, no attributes": data(flow(TIME, VALUE)),
    "time, no measure": data(flow(TIME, STATUS)),
    "time, neither": data(flow(TIME)),
    "time, an attribute of it": COMMENTED,
    "time, a group of it": data(flow(TIME, VALUE, groups=(Group("G", ("TIME_PERIOD",)),))),
    "time, appended": replace(PLAIN, action="A"),
    "time, deleted": replace(PLAIN, action="D", attributes={}),
    "sex": data(flow(SEX, VALUE, TITLE, STATUS), TITLE="t"),
    "sex, no observation": data(flow(SEX, VALUE, TITLE), 0, TITLE="t"),
    "sex, no attributes": data(flow(SEX, VALUE)),
    "sex, neither": data(flow(SEX)),
    "sex, with a note": data(flow(SEX, VALUE, NOTE)),
    "sex, deleted": replace(data(flow(SEX, VALUE)), action="D"),
}
MORE_DIMENSIONS = {
    "two": data(flow(SEX, TIME, VALUE, TITLE, NOTE, STATUS), TITLE="t"),
    "two, no attributes": data(flow(SEX, TIME, VALUE)),
    "two, no measure": data(flow(SEX, TIME, STATUS)),
    "two, neither": data(flow(SEX, TIME)),
    "two, no observation": data(flow(SEX, TIME, VALUE, TITLE), 0, TITLE="t"),
    "two, nothing said": data(flow(SEX, TIME, VALUE, TITLE), 0),
    "two, deleted": replace(data(flow(SEX, TIME, VALUE)), action="D"),
    "two, no time": data(flow(SEX, AREA, VALUE, TITLE), TITLE="t"),
    "two, no time, deleted": replace(data(flow(SEX, AREA, VALUE)), action="D"),
    "two, a group without attributes": data(flow(SEX, TIME, VALUE, groups=(Group("G", ("SEX",)),))),
}
CASES = {**ONE_DIMENSION, **MORE_DIMENSIONS}


def layouts(dataset: Dataset, form: str) -> list[str]:
    return [ALL_DIMENSIONS, *(dataset.flow.structure.key if form not in WITHOUT_LAYOUT else ())]


BY_LAYOUT = [
    (form, what, at)
    for what, case in CASES.items()
    for form in READ_BACK
    for at in layouts(case, form)
    if case.flow.structure.measures or form != "sdmx-json-1.0"
]


@pytest.mark.parametrize(("form", "what", "at"), BY_LAYOUT)
@pytest.mark.sampled(6)
def test_data_without_series_survive_every_format_and_layout(form: str, what: str, at: str) -> None:
    dataset = CASES[what]
    flows = {dataset.flow.id: dataset.flow, dataset.flow.dataflow.ref.short: dataset.flow}
    content = data_bytes(FORMATS[form], [dataset], made.HEADER, Layout(at))
    assert FORMATS[form].data_problem(io.BytesIO(content), flows) == ""
    back = read_all(FORMATS[form], "file", content, flows)
    assert find_disagreement(("written", [dataset]), ("read", back)) == ""
    assert (back[0].action, dict(back[0].attributes)) == (dataset.action, dict(dataset.attributes))


@pytest.mark.parametrize("what", ["time, no measure", "sex, neither"])
def test_sdmx_json_1_0_refuses_observations_without_measure(what: str) -> None:
    with pytest.raises(SdmxmigError, match="cannot contain observations without a measure"):
        data_bytes(FORMATS["sdmx-json-1.0"], [CASES[what]], made.HEADER)


@pytest.mark.parametrize("target", WRITTEN)
@pytest.mark.parametrize("source", READ_BACK)
def test_data_without_series_convert_between_all_formats(source: str, target: str) -> None:
    flows = {PLAIN.flow.id: PLAIN.flow}
    content, out = data_bytes(FORMATS[source], [PLAIN], made.HEADER), io.BytesIO()
    transform("file", io.BytesIO(content), FORMATS[target], out, flows=flows, header=lambda found: found or made.HEADER)
    back = read_all(FORMATS[target], "file", out.getvalue(), flows)
    assert back[0].observations.to_dicts() == PLAIN.observations.to_dicts()
    assert back[0].attributes == PLAIN.attributes
    assert not identify_and_check("file", out.getvalue(), flows).problems


COMPACT = f"""<?xml version="1.0" encoding="UTF-8"?>
<CompactData xmlns="{OLD}/message" xmlns:d="urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=SDMXMIG:DSD_STOCK:compact">
{header()}<d:DataSet TITLE="t"><d:Series><d:Obs TIME_PERIOD="2022" OBS_VALUE="1.50" OBS_STATUS="A"/>
<d:Obs TIME_PERIOD="2023" OBS_VALUE="2"/></d:Series></d:DataSet></CompactData>"""
IN_JSON = """{"header": {"id": "A", "test": false, "prepared": "2026-01-01T00:00:00Z", "sender": {"id": "X"}},
"dataSets": [{"action": "Replace", "attributes": [0], "observations": {"0": ["1.50", 0], "1": ["2", null]}}],
"structure": {"links": [{"rel": "dataflow", "href": "https://example.org",
"urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0.0-draft)"}],
"dimensions": {"observation": [{"id": "TIME_PERIOD", "name": "Time", "keyPosition": 0,
"values": [{"id": "2022", "name": "2022"}, {"id": "2023", "name": "2023"}]}]},
"attributes": {"dataSet": [{"id": "TITLE", "name": "Title", "values": [{"name": "t"}]}],
"observation": [{"id": "OBS_STATUS", "name": "Status", "values": [{"id": "A", "name": "Normal"}]}]}}}"""


@pytest.mark.parametrize("target", WRITTEN)
@pytest.mark.parametrize("content", [COMPACT, IN_JSON], ids=["sdmx-ml-2.0", "sdmx-json-1.0"])
def test_old_messages_without_series_convert_to_every_format(content: str, target: str) -> None:
    flows, out = {PLAIN.flow.id: PLAIN.flow, PLAIN.flow.structure.ref.id: PLAIN.flow}, io.BytesIO()
    transform("file", io.BytesIO(content.encode()), FORMATS[target], out, flows=flows)
    back = read_all(FORMATS[target], "file", out.getvalue(), flows)
    assert back[0].observations.select("TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows() == [
        ("2022", "1.50", "A"),
        ("2023", "2", None),
    ]
    assert back[0].attributes == {"TITLE": "t"}


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1"])
def test_series_without_key_is_accepted(form: str) -> None:
    """Others may wrap the observations in a series by time, which the schemas of such a structure allow."""
    flows = {PLAIN.flow.id: PLAIN.flow}
    content = data_bytes(FORMATS[form], [PLAIN], made.HEADER).decode().replace(ALL_DIMENSIONS, "TIME_PERIOD")
    begin, end = content.index("    <Obs"), content.index("  </mes:DataSet>")
    content = f"{content[:begin]}<Series>{content[begin:end]}</Series>{content[end:]}"
    assert (
        find_disagreement(("made", [PLAIN]), ("read", read_all(FORMATS[form], "file", content.encode(), flows))) == ""
    )
    assert identify_and_check("file", content.encode(), flows).problems == []


@pytest.mark.parametrize("form", WRITTEN)
def test_blocks_without_series_form_one_dataset(form: str) -> None:
    blocks = [
        replace(PLAIN, observations=PLAIN.observations.slice(row, 1), continues=bool(row))
        for row in range(PLAIN.observations.height)
    ]
    content = data_bytes(FORMATS[form], iter(blocks), made.HEADER)
    back = read_all(FORMATS[form], "file", content, {PLAIN.flow.id: PLAIN.flow})
    assert [dataset.observations.height for dataset in back] == [3]


@pytest.mark.parametrize("form", WRITTEN)
def test_series_attribute_is_refused_if_time_is_only_dimension(form: str) -> None:
    dataset = replace(data(flow(TIME, VALUE, NOTE)), series=pl.DataFrame({"NOTE": ["n"]}))
    with pytest.raises(SdmxmigError, match="NOTE of DF_POP cannot describe a series: time is the only dimension"):
        data_bytes(FORMATS[form], [dataset], made.HEADER)


def test_series_attribute_describes_dataset_without_series() -> None:
    assert normalise_attachment(NOTE, set()).attachment == "dataset"
    assert normalise_attachment(NOTE, {"SEX"}).attachment == "series"
    whole = replace(NOTE, attachment="dimensions", dimensions=("SEX",))
    assert normalise_attachment(whole, {"SEX"}).attachment == "series"


@pytest.mark.parametrize("target", ["sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("source", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0"])
def test_deleting_an_observation_does_not_delete_its_series(source: str, target: str) -> None:
    dataset = replace(MORE_DIMENSIONS["two, deleted"], observations=made.frame(("SEX", "TIME_PERIOD"), [("F", "2022")]))
    dataset = replace(dataset, series=pl.DataFrame({"SEX": ["F"]}))
    flows = {dataset.flow.id: dataset.flow}
    content, out = data_bytes(FORMATS[source], [dataset], made.HEADER), io.BytesIO()
    transform("file", io.BytesIO(content), FORMATS[target], out, flows=flows, layout=Layout(ALL_DIMENSIONS))
    assert b"dimensionGroupAttributes" not in out.getvalue()
    deleted = read_all(FORMATS[target], "file", out.getvalue(), flows)
    assert [dataset.observations.select("SEX", "TIME_PERIOD").rows() for dataset in deleted] == [[("F", "2022")]]


def test_transform_and_check_accept_data_without_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, structures, out = (str(tmp_path / name) for name in ("data.csv", "structures.json", "out"))
    dataflow = replace(made.DATAFLOW, ref=replace(made.DATAFLOW.ref, id="DF_TIME_ONLY"))
    own = replace(PLAIN, flow=replace(PLAIN.flow, dataflow=dataflow))
    artefacts = (own.flow.dataflow, own.flow.structure, made.CONCEPTS, *made.CODELISTS.values())
    Path(structures).write_bytes(structure_bytes(FORMATS["sdmx-json-2.0"], artefacts, made.HEADER))
    Path(source).write_bytes(data_bytes(FORMATS["sdmx-csv-2.0"], [own], made.HEADER))
    assert run(["transform", source, "--to", "sdmx-ml-3.0", "-o", out, "--structure", structures]) == 0, (
        capsys.readouterr()
    )
    assert run(["check", out, "--structure", structures]) == 0, capsys.readouterr()


@pytest.mark.parametrize("form", ["sdmx-json-1.0", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_json_without_dimensions_is_refused_with_a_remedy(form: str) -> None:
    with pytest.raises(SdmxmigError, match=r"Write SDMX-CSV 2\.0 or SDMX-ML 3\.0"):
        data_bytes(FORMATS[form], [data(flow(VALUE), 1)], header(), Layout(ALL_DIMENSIONS))


@pytest.mark.parametrize("form", ["sdmx-json-1.0", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("order", [1, -1])
def test_json_datasets_with_different_components_are_refused(form: str, order: int) -> None:
    datasets = [data(flow(SEX, TIME, VALUE, STATUS)), data(flow(SEX, TIME, VALUE))][::order]
    with pytest.raises(SdmxmigError, match=r"with different components.*Write them as two messages"):
        data_bytes(FORMATS[form], datasets, header())


@pytest.mark.parametrize("components", [(VALUE,), (SEX, TIME)])
def test_rules_refuse_data_without_dimensions_or_measures(components: tuple[Component, ...]) -> None:
    with pytest.raises(SdmxmigError, match="Read the data with the structure message of their sender"):
        sdmxmig.validate(data(flow(*components), 1))
