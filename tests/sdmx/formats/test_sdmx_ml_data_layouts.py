"""Every version and layout of data messages: valid, complete, and what a version cannot say refused by name."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import made
import made_data
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tries import tries

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all, structure_bytes
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.references import Ref

TIME, FLAT, SEX = Layout(), Layout(ALL_DIMENSIONS), Layout("SEX")
LAYOUTS = (TIME, FLAT, SEX)
SPECIFIC = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
GENERIC = "sdmx-ml-2.1-generic"
EVERY = (*SPECIFIC, GENERIC)
LATER = SPECIFIC[1:]
by_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.dimension_at_observation)
# pysdmx takes the dimension at observation of generic data for time, so that it misreads them by another one.
PYSDMX_READS = [
    (version, layout) for version in EVERY for layout in LAYOUTS if not (version == GENERIC and layout is SEX)
]


def written(version: str, layout: Layout, *datasets: Dataset) -> bytes:
    return data_bytes(FORMATS[version], datasets, made.HEADER, layout)


def elements(content: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of all elements of a name, without namespaces."""
    found = etree.fromstring(content).iter(f"{{*}}{name}")
    return [{etree.QName(str(key)).localname: str(value) for key, value in element.attrib.items()} for element in found]


@by_layout
@pytest.mark.parametrize("version", EVERY)
def test_groups_and_parts_of_the_key_are_valid_in_every_layout(version: str, layout: Layout) -> None:
    content = written(version, layout, made_data.plain(), replace(made_data.plain(), properties={}, action="A"))
    assert find_problems(content, [made_data.PLAIN_FLOW]) == []


@by_layout
@pytest.mark.parametrize("version", LATER)
def test_every_feature_of_sdmx_3_is_valid_in_every_layout(version: str, layout: Layout) -> None:
    content = written(version, layout, made_data.rich())
    told = find_problems(content, [made_data.RICH_FLOW])
    assert told == [] if version == "sdmx-ml-3.1" else all("NaN" in text for _, text in told)


def test_partial_key_attributes_are_repeated_in_2_1() -> None:
    content = written("sdmx-ml-2.1", TIME, made_data.plain())
    assert [element["AREA_NOTE"] for element in elements(content, "Series")] == [made.AWKWARD] * 2
    assert [element.get("YEAR_NOTE") for element in elements(content, "Obs")] == ["y", None, None]
    lonely = {("REF_AREA",): made.frame(("REF_AREA", "AREA_NOTE"), [("FR", "x")])}
    for version in ("sdmx-ml-2.1", GENERIC):
        with pytest.raises(SdmxmigError, match=r"AREA_NOTE of FR belongs to no series .* SDMX-ML 2.1"):
            written(version, TIME, replace(made_data.plain(), partial=lonely))


def test_intentionally_missing_differs_from_absent() -> None:
    content = written("sdmx-ml-3.1", TIME, made_data.rich())
    told = [(element.get("SHARE"), element.get("COMMENT_OBS")) for element in elements(content, "Obs")]
    assert told == [("0.5", "#N/A"), ("NaN", None), (None, made.AWKWARD)]


@pytest.mark.parametrize("version", ["sdmx-ml-2.1", GENERIC])
@pytest.mark.parametrize("name", ["SHARE", "SOURCES", "WORDS", "ABSTRACT"])
def test_components_missing_in_2_1_are_refused_by_name(version: str, name: str) -> None:
    whole = made_data.rich()
    others = [one for one in ("SHARE", "SOURCES") if one != name]
    observations = whole.observations.drop(others)
    series = whole.series if name == "WORDS" else whole.series.drop("WORDS")
    partial = whole.partial if name == "ABSTRACT" else {key: one for key, one in whole.partial.items() if key}
    with pytest.raises(SdmxmigError, match=rf"{name} .*SDMX-ML 2\.1"):
        written(version, TIME, replace(whole, observations=observations, series=series, partial=partial))


def test_series_without_observations_require_own_element() -> None:
    lonely = made.dataset([(*made.MEN, "2024", "5", "A", None)], [(*made.MEN, "PS", None), (*made.WOMEN, "PS", "n")])
    assert elements(written("sdmx-ml-3.0", FLAT, lonely), "Atts")[0]["NOTE"] == "n"
    assert find_problems(written("sdmx-ml-3.0", FLAT, lonely), made.FLOWS.values()) == []
    for version in ("sdmx-ml-2.1", GENERIC):
        with pytest.raises(SdmxmigError, match=r"series A\.GE\.F\.FC of DF_POP has no observation"):
            written(version, FLAT, lonely)


def test_structure_without_time_is_refused_in_time_layout() -> None:
    parts = [component for component in made.STRUCTURE.components if component.role != "time"]
    flow = replace(made.FLOW, structure=replace(made.STRUCTURE, components=tuple(parts)))
    rows = made.SMALL.observations.drop("TIME_PERIOD").unique(["SEX"], maintain_order=True)
    timeless = replace(made.SMALL, flow=flow, observations=rows)
    for version in EVERY:
        with pytest.raises(SdmxmigError, match="no time dimension"):
            written(version, TIME, timeless)
        assert find_problems(written(version, FLAT, timeless), [flow]) == []
        assert find_problems(written(version, SEX, timeless), [flow]) == []


def test_actions_are_written_in_the_terms_of_each_version() -> None:
    words = {
        version: [
            elements(written(version, TIME, replace(made.SMALL, action=one)), "DataSet")[0]["action"] for one in "IAMRD"
        ]
        for version in EVERY
    }
    before = ["Information", "Append", "Append", "Replace", "Delete"]
    assert words == {
        "sdmx-ml-2.1": before,
        GENERIC: before,
        "sdmx-ml-3.0": before,
        "sdmx-ml-3.1": ["Information", "Append", "Merge", "Replace", "Delete"],
    }
    with pytest.raises(SdmxmigError, match="“X” is not an action of DF_POP"):
        written("sdmx-ml-3.0", TIME, replace(made.SMALL, action="X"))


@pytest.mark.parametrize("version", EVERY)
@pytest.mark.parametrize(
    "ref",
    [made.STRUCTURE.ref, Ref("ProvisionAgreement", "SDMXMIG", id="PA_GE", version="1.0.0-draft")],
    ids=["structure", "agreement"],
)
def test_data_may_refer_to_their_structure_or_agreement(version: str, ref: Ref) -> None:
    content = data_bytes(FORMATS[version], [replace(made.SMALL, refers_to=ref)], made.HEADER)
    if ref.kind != "ProvisionAgreement" or version == GENERIC:  # else its dataflow is not in the message
        assert find_problems(content, made.FLOWS.values()) == []
    assert ref.id in content.decode()


@pytest.mark.parametrize("version", EVERY)
def test_data_provider_of_dataset_survives_a_round_trip(version: str) -> None:
    names = ("dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID")
    given = dict(zip(names, ("SDMXMIG", "DATA_PROVIDERS", "GE1"), strict=True))
    content = written(version, TIME, replace(made.SMALL, properties=given))
    assert find_problems(content, made.FLOWS.values()) == []
    (read,) = read_all(FORMATS[version], "data.xml", content, made.FLOWS)
    assert read.properties == given
    with pytest.raises(SdmxmigError, match="no colour"):
        written(version, TIME, replace(made.SMALL, properties={"colour": "red"}))


@by_layout
@pytest.mark.parametrize("version", EVERY)
def test_written_datasets_survive_a_round_trip(version: str, layout: Layout) -> None:
    for whole in (made_data.plain(), *((made_data.rich(),) if version in LATER else ())):
        content = written(version, layout, whole)
        (read,) = read_all(FORMATS[version], "data.xml", content, {whole.flow.id: whole.flow})
        rows = whole.observations.sort(whole.flow.structure.key)
        assert read.observations.select(rows.columns).sort(whole.flow.structure.key).equals(rows)
        series = whole.series.sort(made.KEY)
        assert read.series.select(series.columns).sort(made.KEY).equals(series)
        assert (dict(read.attributes), dict(read.properties)) == (dict(whole.attributes), dict(whole.properties))
        assert all(read.partial[key].select(table.columns).equals(table) for key, table in whole.partial.items())


def blocks(whole: Dataset, size: int) -> Iterator[Dataset]:
    """A dataset in blocks of so many observations; only the first one has series and groups."""
    empty = replace(whole, series=whole.series.clear(), partial={}, attributes={}, continues=True)
    for start in range(0, max(whole.observations.height, 1), size):
        block = whole if start == 0 else empty
        yield replace(block, observations=whole.observations.slice(start, size))


SORTED = replace(made_data.plain(), observations=made_data.plain().observations.sort("SEX", descending=True))


@by_layout
@pytest.mark.parametrize("version", EVERY)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_blocks_form_one_dataset(version: str, layout: Layout, size: int) -> None:
    together = "TIME_PERIOD" if layout is SEX else "SEX"
    rows = SORTED.observations.sort(together, maintain_order=True)
    whole = replace(SORTED, observations=rows, series=SORTED.series.clear())
    if version in ("sdmx-ml-2.1", GENERIC):
        whole = replace(whole, partial={})
    at_once = written(version, layout, whole)
    stream = io.BytesIO()
    writer = FORMATS[version].write_data
    writer(blocks(whole, size), made.HEADER, stream, layout)
    assert stream.getvalue() == at_once
    writer(list(blocks(whole, size)), made.HEADER, again := io.BytesIO(), layout)
    assert again.getvalue() == at_once


def test_late_groups_start_new_dataset_in_2_1() -> None:
    first = replace(SORTED, partial={})
    late = replace(
        SORTED,
        observations=SORTED.observations.clear(),
        continues=True,
        partial={made_data.GROUP.dimensions: SORTED.partial[made_data.GROUP.dimensions]},
    )
    for version in EVERY:
        content = written(version, TIME, first, late)
        assert find_problems(content, [made_data.PLAIN_FLOW]) == []
        assert len(elements(content, "DataSet")) == (1 if version in LATER else 2)


def is_carried(text: str) -> bool:
    """Characters of XML 1.0, written out from its production 2."""
    return all(
        one in "\t\n\r" or "\x20" <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one >= "\U00010000"
        for one in text
    )


TEXT = st.one_of(st.text(st.characters(codec="utf-8"), max_size=10), st.text("'\"&<>\n\r\t;#]", max_size=8))


@settings(max_examples=tries(40))
@given(texts=st.lists(st.lists(TEXT, min_size=1, max_size=3), min_size=1, max_size=3), one=TEXT)
def test_any_text_survives_a_round_trip_or_is_refused(texts: list[list[str]], one: str) -> None:
    rows = [(*made.MEN, str(2000 + number), None, "A", one) for number in range(len(texts))]
    base = made.dataset(rows, [(*made.MEN, "PS", one)], {"TITLE": one}, flow=made_data.RICH_FLOW)
    observations = base.observations.with_columns(SOURCES=pl.Series(texts, dtype=pl.List(pl.String)))
    partial = {
        made_data.GROUP.dimensions: made.frame((*made_data.GROUP.dimensions, "METHOD"), [("GE", "M", "FC", one)])
    }
    whole = replace(base, observations=observations, partial=partial)
    if not all(is_carried(text) for text in (one, *(part for parts in texts for part in parts))):
        with pytest.raises(SdmxmigError, match="XML does not allow"):
            written("sdmx-ml-3.1", TIME, whole)
        return
    content = written("sdmx-ml-3.1", TIME, whole)
    root = etree.fromstring(content)
    assert [[value.text or "" for value in comp] for comp in root.iter("Comp")] == texts
    assert [element["COMMENT_OBS"] for element in elements(content, "Obs")] == [one] * len(texts)
    assert elements(content, "Group")[0]["METHOD"] == one
    generic = etree.fromstring(written(GENERIC, TIME, replace(whole, observations=base.observations)))
    values = [str(found.get("value")) for found in generic.iter("{*}Value")]
    assert values.count(one) >= len(texts) + 3


@pytest.mark.parametrize(
    ("version", "layout"),
    PYSDMX_READS,
    ids=[f"{version}-{one.dimension_at_observation}" for version, one in PYSDMX_READS],
)
@pytest.mark.sampled(4)
def test_pysdmx_reads_equal_data_from_every_layout(version: str, layout: Layout) -> None:
    from pysdmx.io import get_datasets

    structures = structure_bytes(FORMATS[version[:11]], made.ARTEFACTS, made.HEADER).decode()
    (data,) = get_datasets(written(version, layout, made.SMALL).decode(), structures)
    rows = data.data.to_dict("records")
    comments = [(row["COMMENT_OBS"] if isinstance(row["COMMENT_OBS"], str) else "") or None for row in rows]
    read = sorted((row["SEX"], row["TIME_PERIOD"], said) for row, said in zip(rows, comments, strict=True))
    assert read == [("F", "2023", made.AWKWARD), ("M", "2023", None), ("M", "2024", made.BROKEN)]


SDMX1 = """
import json, sys, sdmx
structures = sdmx.read_sdmx(sys.argv[1])
dsd = next(iter(structures.structure.values()))
message = sdmx.read_sdmx(sys.argv[2], structure=dsd)
print(json.dumps([
    [str(one) for one in (
        o.key["SEX"].value, o.key["TIME_PERIOD"].value, o.value, o.attrib["OBS_STATUS"].value,
    )]
    for data in message.data for o in data.obs
]))
"""


@by_layout
@pytest.mark.parametrize("version", ["sdmx-ml-2.1", GENERIC])
def test_sdmx1_reads_equal_data_from_every_2_1_layout(version: str, layout: Layout, tmp_path: Path) -> None:
    header = replace(made.HEADER, receivers=(made.Party("UNSD"),))  # sdmx1 refuses messages with two receivers
    structures, data = tmp_path / "structures.xml", tmp_path / "data.xml"
    structures.write_bytes(structure_bytes(FORMATS["sdmx-ml-2.1"], made.ARTEFACTS, header))
    data.write_bytes(data_bytes(FORMATS[version], [made.SMALL], header, layout))
    command = [sys.executable, "-c", SDMX1, str(structures), str(data)]
    answer = subprocess.run(command, capture_output=True, check=False, text=True)
    assert answer.returncode == 0, answer.stderr
    read = sorted(json.loads(answer.stdout), key=str)
    assert [(*one[:2], one[3]) for one in read] == [("F", "2023", "P"), ("M", "2023", "A"), ("M", "2024", "O")]
    assert [one[2] for one in read] == ["1076792.50", "01", "None"]
