"""Annotations on parts of a dataset come back from every format that supports them; other formats report the loss."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import made
import made_data
import pytest

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.formats.dataset_notes import COMPONENT, NOTE, build_notes_frame
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json import data_reading as json_reading
from sdmxmig.sdmx.formats.sdmx_ml import data_reading
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import datasets
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.data import Dataset

XML = ("sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1")
JSON = ("sdmx-json-2.0", "sdmx-json-2.1")
CSV = ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1")
FLOWS = {made_data.PLAIN_FLOW.id: made_data.PLAIN_FLOW}
KEY = made_data.PLAIN_FLOW.structure.key
SERIES = made_data.PLAIN_FLOW.structure.series_key
GROUP = made_data.GROUP.dimensions

LONG = Annotation(
    "METHOD", Text.of(en=made.AWKWARD, fr="l'été"), title="A <title>", url="https://example.org/?a=1&b=2", id="N1"
)
SHORT = Annotation("SOURCE", Text.of(en="Register"))
LATER = Annotation("FLAG", value="x & y", urls=Text.of(en="https://example.org/en"))


def plain() -> Dataset:
    whole = made_data.plain()
    return replace(whole, partial={GROUP: whole.partial[GROUP]})


def noted(*notes: Annotation, parts: tuple[tuple[str, ...], ...] = (KEY, SERIES, GROUP)) -> Dataset:
    """A dataset whose last observation has these notes, and so have its series and group."""
    dataset = plain()
    row = dataset.observations.tail(1).row(0, named=True)
    rows = [({name: row[name] for name in part}, "", note) for part in parts for note in notes]
    return replace(dataset, notes=build_notes_frame(KEY, rows))


def told_notes(dataset: Dataset) -> set[tuple[str | None, ...]]:
    return set() if dataset.notes is None else set(dataset.notes.select(*KEY, COMPONENT, NOTE).rows())


def written(form: str, *given: Dataset, at: str = "TIME_PERIOD") -> bytes:
    return data_bytes(FORMATS[form], given, made.HEADER, Layout(dimension_at_observation=at))


def read(form: str, content: bytes) -> Dataset:
    (found,) = read_all(FORMATS[form], "data", content, FLOWS)
    return found


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS, "SEX"])
@pytest.mark.parametrize("form", [*XML, *JSON])
@pytest.mark.sampled(4)
def test_notes_survive_a_round_trip_in_every_layout(form: str, at: str) -> None:
    given = noted(LONG, SHORT, parts=(KEY, GROUP))
    content = written(form, given, at=at)
    if form in XML:
        assert find_problems(content, FLOWS) == []
    dataset = read(form, content)
    assert told_notes(dataset) == told_notes(given)
    assert dataset.observations.sort(KEY).equals(read(form, written(form, plain(), at=at)).observations.sort(KEY))


@pytest.mark.parametrize("part", [SERIES, KEY[:1], KEY[1:3]])
@pytest.mark.parametrize("form", ["sdmx-ml-3.0", "sdmx-ml-3.1", *JSON])
def test_partial_keys_may_have_notes_since_version_3(form: str, part: tuple[str, ...]) -> None:
    given = noted(SHORT, LATER, parts=(part,))
    content = written(form, given, at=ALL_DIMENSIONS)
    if form in XML:
        assert find_problems(content, FLOWS) == []
    assert told_notes(read(form, content)) == told_notes(given)


def told(content: bytes, target: str, at: str = "TIME_PERIOD") -> list[str]:
    said: list[str] = []
    layout, out = Layout(dimension_at_observation=at), io.BytesIO()
    transform("data", io.BytesIO(content), FORMATS[target], out, flows=FLOWS, layout=layout, tell=said.append)
    return said


@pytest.mark.parametrize("form", CSV)
def test_csv_reports_that_annotations_are_lost(form: str) -> None:
    given = replace(noted(SHORT, parts=(KEY, SERIES)), properties={}, action="M", partial={})
    assert told(written("sdmx-json-2.1", given), form)[-1] == (
        f"{FORMATS[form].name} has no place for the annotations of series, observations."
    )


def test_csv_reports_that_the_header_is_lost() -> None:
    given = replace(plain(), properties={}, action="M")
    said = "SDMX-CSV 2.0 has no place for the header of a message (sender, receiver, time)."
    assert told(written("sdmx-json-2.1", given), "sdmx-csv-2.0") == [said]


def test_sdmx_ml_2_1_reports_lost_parts_of_annotations() -> None:
    content = written("sdmx-json-2.1", noted(LATER, parts=(KEY, SERIES, KEY[:1])))
    at_time = "SDMX-ML 2.1 has no place for the annotations of parts of the key."
    values = "SDMX-ML 2.1 has no place for values of annotations, and for their addresses by language."
    assert told(content, "sdmx-ml-2.1")[-2:] == [at_time, values]
    flat = "SDMX-ML 2.1 generic has no place for the annotations of parts of the key, series."
    assert flat in told(content, "sdmx-ml-2.1-generic", ALL_DIMENSIONS)
    assert told(content, "sdmx-ml-3.1", ALL_DIMENSIONS) == []


@pytest.mark.parametrize("form", JSON)
def test_annotations_in_json_are_valid(form: str) -> None:
    from sdmxmig.sdmx.formats.sdmx_json import schemas

    content = written(form, noted(LONG, SHORT, LATER))
    assert schemas.find_problems("data", content, form.removeprefix("sdmx-json-"), "data") == []


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("form", XML)
@pytest.mark.sampled(4)
def test_each_note_is_parsed_once_across_blocks(form: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "BLOCK", size)
    given = noted(LONG, SHORT)
    content = written(form, given)
    blocks = list(data_reading.read_data("a.xml", io.BytesIO(content), FLOWS, fast=False))
    rows = [row for block in blocks if block.notes is not None for row in block.notes.rows()]
    assert len(rows) == len(set(rows)) == 6
    assert written(form, *blocks) == content, "and they are written where they were"
    for other in JSON:
        assert told_notes(read(other, written(other, *blocks))) == told_notes(given)


@pytest.mark.parametrize("form", JSON)
@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
def test_blocks_of_json_have_their_own_notes(form: str, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_reading, "BLOCK", 1)
    given = noted(LONG, SHORT)
    content = written(form, given, at=at)
    blocks = list(FORMATS[form].read_data("a.json", io.BytesIO(content), FLOWS, None))  # type: ignore[misc]
    assert len(blocks) > 1
    rows = [row for block in blocks if block.notes is not None for row in block.notes.rows()]
    assert len(rows) == len(set(rows)) == 6
    for other in XML:
        content = written(other, *blocks)
        assert find_problems(content, FLOWS) == []
        found = read(other, content)
        assert told_notes(found) == told_notes(given)


def test_note_on_missing_observation_is_refused() -> None:
    dataset = noted(SHORT, parts=(KEY,))
    lost = replace(dataset, observations=dataset.observations.head(1))
    for form in (*XML, *JSON):
        with pytest.raises(SdmxmigError, match=r"There is a note on .* but no such observation"):
            written(form, lost)


@pytest.mark.parametrize("form", [*XML, *JSON])
def test_note_on_empty_series_survives_a_round_trip(form: str) -> None:
    dataset = noted(SHORT, parts=(SERIES,))
    content = written(form, replace(dataset, observations=dataset.observations.head(1)))
    assert told_notes(read(form, content)) == told_notes(dataset)


def test_lenient_reading_leaves_out_notes_on_omitted_parts() -> None:
    content = (
        written("sdmx-ml-3.0", noted(SHORT))
        .replace(b"<Series ", b'<Series ODD="1" ')
        .replace(b"<Obs ", b'<Obs ODD="1" ')
    )
    faults = Faults()
    (found,) = read_all(FORMATS["sdmx-ml-3.0"], "data", content=content, flows=FLOWS, faults=faults)
    assert faults.listed
    assert told_notes(found) == told_notes(noted(SHORT))


def test_annotation_not_listed_in_message_is_a_fault() -> None:
    message = json.loads(written("sdmx-json-2.1", noted(SHORT)))
    (dataset,) = message["data"]["dataSets"]
    series = next(one for one in dataset["series"].values() if "annotations" in one)
    series["annotations"] = [7]
    with pytest.raises(InputError, match="no component at this place"):
        read("sdmx-json-2.1", json.dumps(message).encode())
