"""Data beside values (annotations, scopes, providers, actions) are kept, or their loss is reported."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import made
import made_data
import pytest
from case_tables import cases_from

from sdmxmig.primitives.errors import InputError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, DEFAULT_LAYOUT, FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.formats.sdmx_ml.data_reading import datasets
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Annotation, Text
from sdmxmig.sdmx.model.data import Dataset

XML = ("sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1")
JSON = ("sdmx-json-2.0", "sdmx-json-2.1")
CSV = ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1")
LAYOUTS = ("TIME_PERIOD", ALL_DIMENSIONS, "SEX")
NOTES = (
    Annotation(
        "STATUS", Text.of(en=made.AWKWARD, fr="l'été"), title="Title <1>", url="https://example.org/?a=1&b=2", id="N1"
    ),
    Annotation("SOURCE", Text.of(en="Register")),
)
LATER = Annotation("LINKS", value="x & y", urls=Text.of(en="https://example.org/en", fr="https://example.org/fr"))
NOTED = replace(made.SMALL, annotations=NOTES)


def written(form: str, *given: Dataset, at: str = "TIME_PERIOD") -> bytes:
    return data_bytes(FORMATS[form], given, made.HEADER, Layout(dimension_at_observation=at))


def read(form: str, content: bytes) -> Dataset:
    (found,) = read_all(FORMATS[form], "data", content, made.FLOWS)
    return found


@pytest.mark.parametrize("at", LAYOUTS)
@pytest.mark.parametrize("form", XML)
def test_notes_on_dataset_are_valid_and_survive_a_round_trip(form: str, at: str) -> None:
    content = written(form, NOTED, at=at)
    assert find_problems(content, made.FLOWS.values()) == []
    dataset = read(form, content)
    assert (dataset.annotations, dataset.notes) == (NOTES, None)
    assert dataset.observations.height == made.SMALL.observations.height


@pytest.mark.parametrize("form", XML)
def test_annotation_parts_of_sdmx_3_are_reported_as_lost_in_2_1(form: str) -> None:
    given = replace(NOTED, annotations=(LATER,))
    content = written(form, given)
    assert find_problems(content, made.FLOWS) == []
    is_old = "2.1" in form
    assert read(form, content).annotations == (Annotation("LINKS") if is_old else LATER,)
    said = "has no place for values of annotations, and for their addresses by language."
    assert list(FORMATS[form].losses(given, DEFAULT_LAYOUT)) == ([f"{FORMATS[form].name} {said}"] if is_old else [])


@pytest.mark.parametrize("form", [*XML, *JSON])
def test_notes_of_later_blocks_are_written(form: str) -> None:
    late = replace(NOTED, continues=True, observations=made.SMALL.observations.tail(1))
    first = replace(made.SMALL, observations=made.SMALL.observations.head(2))
    found = read_all(FORMATS[form], "data", written(form, first, late), made.FLOWS)
    assert list(dict.fromkeys(note for dataset in found for note in dataset.annotations)) == list(NOTES)
    assert sum(dataset.observations.height for dataset in found) == made.SMALL.observations.height


def test_foreign_element_in_annotation_is_refused_with_line() -> None:
    content = written("sdmx-ml-3.0", NOTED).replace(b"com:AnnotationTitle", b"com:Remark")
    with pytest.raises(InputError, match="Remark is not allowed in Annotation") as caught:
        read("sdmx-ml-3.0", content)
    line = next(n for n, line in enumerate(content.splitlines(), 1) if b"<com:Annotations" in line)
    assert caught.value.place.line == line


def made_data_plain() -> Dataset:
    whole = made_data.plain()
    dimensions = made_data.GROUP.dimensions
    return replace(whole, partial={dimensions: whole.partial[dimensions]})


PLAIN_FLOWS = {made_data.PLAIN_FLOW.id: made_data.PLAIN_FLOW}


def told(content: bytes, target: str) -> list[str]:
    said: list[str] = []
    transform("data", io.BytesIO(content), FORMATS[target], io.BytesIO(), flows=PLAIN_FLOWS, tell=said.append)
    return said


@pytest.mark.parametrize("form", CSV)
def test_sdmx_csv_reports_lost_dataset_properties(form: str) -> None:
    given = replace(made_data_plain(), annotations=NOTES, partial={}, action="I")
    said = told(written("sdmx-ml-3.0", given), form)
    name = FORMATS[form].name
    assert said[-1] == (
        f"{name} has no place for attributes of a dataset: setID, validFromDate, publicationYear, annotations."
    )


@cases_from("sdmx/formats/cases/unsupported_action_is_reported.csv")
def test_unsupported_action_is_reported(form: str, action: str, said: str) -> None:
    (*sentences,) = FORMATS[form].losses(replace(made.SMALL, action=action, properties={}), DEFAULT_LAYOUT)
    word = {"M": "Merge", "R": "Replace", "I": "Information"}[action]
    name = FORMATS[form].name.removesuffix(" generic")
    assert sentences == ([f"{name} has no word for the action {word}: {said}."] if said else [])


def test_validation_scope_is_kept_or_reported_as_lost() -> None:
    given = replace(made.SMALL, properties={"dataScope": "ConstrainedDataStructure"})
    content = written("sdmx-ml-2.1", given)
    assert b'ss:dataScope="ConstrainedDataStructure"' in content
    assert find_problems(content, made.FLOWS.values()) == []
    assert read("sdmx-ml-2.1", content).properties == given.properties
    assert read("sdmx-ml-2.1", written("sdmx-ml-2.1", made.SMALL)).properties == {}, "the usual goes without saying"
    for form in JSON:
        assert read(form, written(form, given)).properties == given.properties
    assert list(FORMATS["sdmx-ml-2.1"].losses(given, DEFAULT_LAYOUT)) == []
    for form in ("sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1"):
        assert list(FORMATS[form].losses(given, DEFAULT_LAYOUT)) == [
            f"{FORMATS[form].name} has no place for the dataScope of a dataset."
        ]


OLD = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"


def test_dataset_annotations_of_2_0_follow_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    note = "<c:Annotations><c:Annotation><c:AnnotationType>T</c:AnnotationType></c:Annotation></c:Annotations>"
    values = "".join(
        f'<g:Value concept="{n}" value="{v}"/>' for n, v in zip(made.KEY, ("A", "GE", "M", "FC"), strict=True)
    )
    content = f"""<GenericData xmlns="{OLD}/message" xmlns:g="{OLD}/generic" xmlns:c="{OLD}/common"><Header><ID>A</ID>
<Test>true</Test><Prepared>2026-01-01T00:00:00</Prepared><Sender id="X"/></Header><DataSet>
<g:KeyFamilyRef>{made.STRUCTURE.ref.id}</g:KeyFamilyRef><g:Series><g:SeriesKey>{values}</g:SeriesKey>
<g:Obs><g:Time>2023</g:Time><g:ObsValue value="1"/>{note}</g:Obs>{note}</g:Series>
<g:Annotations>{note[15:-16]}</g:Annotations></DataSet></GenericData>""".encode()
    for size in (datasets.BLOCK, 1):
        monkeypatch.setattr(datasets, "BLOCK", size)
        artefact = read("sdmx-ml-2.0", content)
        assert artefact.annotations == (Annotation("T"),)
        assert artefact.notes["TIME_PERIOD"].sort().to_list() == [None, "2023"], "of the series, and of its observation"


def test_doctype_and_deep_nesting_stop_the_schema_check(tmp_path: Path) -> None:
    content = written("sdmx-ml-3.0", made.SMALL)
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    doctype = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'.encode()
    spoilt = content.replace(b"?>\n", b"?>\n" + doctype + b"\n", 1)
    assert [message.partition(",")[0] for _, message in find_problems(spoilt)] == ["The XML has a DOCTYPE"]
    padding = b"<!--" + b"x" * 100_000 + b"-->"  # so that it is not seen where the format is found out
    deep = content.replace(b"  </mes:DataSet>", padding + b"<x>" * 5_000 + b"</x>" * 5_000 + b"</mes:DataSet>")
    assert [message[:25] for _, message in find_problems(deep)] == ["The XML is nested deeper "]
    assert [message[:26] for _, message in find_problems(content[:-20])] == ["The XML is not well formed"]
    checked = identify_and_check("data.xml", deep, made.FLOWS)
    assert sum("nested deeper" in problem.message for problem in checked.problems) == 1, "one thing is told once"
