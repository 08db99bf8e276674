"""Lenient reading of data: faults are listed with their place, and the rest is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import made
import made_data
import polars as pl
import pytest
from tries import fifth_of

from sdmxmig.primitives.errors import InputError, UnknownStructure
from sdmxmig.primitives.places import Place
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.checking.reading import WARNING
from sdmxmig.sdmx.formats import FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.formats.faults import ALIKE_LIMIT, Faults
from sdmxmig.sdmx.model.data import Dataset

XML = ("sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1")
LAYOUTS = ("TIME_PERIOD", "AllDimensions", "SEX")
CSV = ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1")


def message(form: str, dimension: str = "TIME_PERIOD", dataset: Dataset = made.SMALL) -> bytes:
    given = replace(dataset, action="I") if form == "sdmx-csv-1.0" else dataset
    return data_bytes(FORMATS[form], [given], made.HEADER, Layout(dimension_at_observation=dimension))


def read(form: str, content: bytes) -> tuple[list[tuple[str, ...]], list[InputError], tuple[Dataset, ...]]:
    """The keys of the observations from a lenient reading, the faults, and the datasets."""
    faults = Faults()
    datasets = read_all(FORMATS[form], "f", content=content, flows={**made.FLOWS, "DF_POP": made.FLOW}, faults=faults)
    keys = [row for dataset in datasets for row in dataset.observations.select("SEX", "TIME_PERIOD").rows()]
    return sorted(keys), faults.listed, datasets


def place_of(error: InputError) -> Place:
    assert error.place is not None
    return error.place


def refused(form: str, content: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read_all(FORMATS[form], "f", content, made.FLOWS)
    return caught.value


def changed(content: bytes, *pairs: tuple[str, str]) -> bytes:
    """A message in which the first of each pair that is found is replaced once."""
    text = content.decode()
    for old, new in pairs:
        if old in text:
            return text.replace(old, new, 1).encode()
    raise AssertionError(pairs)


ALL = [("F", "2023"), ("M", "2023"), ("M", "2024")]
FAULTS: dict[str, tuple[Callable[[bytes], bytes], list[tuple[str, str]], str]] = {
    "a component that is unknown": (
        lambda content: changed(
            content,
            (' OBS_STATUS="P"', ' OBS_STATUS="P" SURPRISE="1"'),
            (
                '<g:Value id="OBS_STATUS" value="P"/>',
                '<g:Value id="OBS_STATUS" value="P"/><g:Value id="SURPRISE" value="1"/>',
            ),
        ),
        ALL,
        "SURPRISE",
    ),
    "an element that is unknown": (
        lambda content: changed(content, ("<mes:DataSet", "<mes:Odd><mes:Deep/></mes:Odd><mes:DataSet")),
        ALL,
        "Odd",
    ),
    "an observation or series without a dimension": (
        lambda content: changed(
            content,
            (' SEX="F"', ""),
            ('<g:Value id="SEX" value="F"/>', ""),
            ('<g:ObsDimension id="SEX" value="F"/>', ""),
            ('<g:ObsDimension value="F"/>', ""),
        ),
        [("M", "2023"), ("M", "2024")],
        "SEX",
    ),
    "text where none belongs": (
        lambda content: changed(content, ("<Obs", "free text<Obs"), ("<g:Obs>", "free text<g:Obs>")),
        ALL,
        "free text",
    ),
    "a bare ampersand": (lambda content: content.replace(b"&amp;", b"&"), ALL, "ampersand"),
    "a name of HTML": (lambda content: content.replace("é".encode(), b"&eacute;"), ALL, "ampersand"),
    "a character that XML forbids": (
        lambda content: content.replace(b"immigration", b"immigration\x08"),
        ALL,
        "not allowed",
    ),
    "Windows-1252 that says it is UTF-8": (lambda content: content.replace("é".encode(), b"\xe9"), ALL, "UTF-8"),
    "a namespace with https": (
        lambda content: content.replace(b"http://www.sdmx.org", b"https://www.sdmx.org"),
        ALL,
        "namespace",
    ),
    "an action that is unknown": (
        lambda content: changed(content, ('action="Replace"', 'action="Overwrite"')),
        ALL,
        "Overwrite",
    ),
    "a blank line before the declaration": (lambda content: b"\n" + content, ALL, "declaration"),
}


@pytest.mark.parametrize(("fault", "dimension", "form"), fifth_of(FAULTS, LAYOUTS, XML))
@pytest.mark.sampled(6)
def test_lenient_reading_keeps_valid_data_and_locates_fault(form: str, dimension: str, fault: str) -> None:
    spoil, expected, said = FAULTS[fault]
    content = spoil(message(form, dimension))
    keys, found, datasets = read(form, content)
    assert keys == expected
    assert any(said in fault.message for fault in found), [str(one) for one in found]
    assert all(place_of(one).line for one in found)
    assert refused(form, content).place is not None, "strict reading refuses it"
    if "ampersand" in fault or "HTML" in fault or "1252" in fault:
        assert made.AWKWARD in datasets[0].observations["COMMENT_OBS"].to_list(), "mended texts are what was meant"


@pytest.mark.parametrize("form", [*XML, *CSV])
@pytest.mark.parametrize("dimension", LAYOUTS)
def test_valid_message_is_parsed_without_faults(form: str, dimension: str) -> None:
    content = message(form, dimension)
    strict = read_all(FORMATS[form], "f", content, made.FLOWS)
    _, found, lenient = read(form, content)
    assert found == []
    for one, other in zip(strict, lenient, strict=True):
        assert one.observations.equals(other.observations)
        assert one.series.equals(other.series)
        assert (one.attributes, one.action) == (other.attributes, other.action)


@pytest.mark.parametrize("dimension", LAYOUTS)
@pytest.mark.parametrize("form", [*XML, *CSV, "sdmx-json-1.0", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_dataset_attribute_applies_to_every_series(form: str, dimension: str) -> None:
    """Earlier versions of a structure may attach to the dataset what it now attaches to series."""
    newer = replace(made.FLOW, structure=made.with_component(made.STRUCTURE, "RES_RULE", attachment="series"))
    content, faults = message(form, dimension), Faults()
    (dataset,) = read_all(FORMATS[form], "f", content, {**made.FLOWS, "DF_POP": newer}, faults)
    assert "RES_RULE" not in dataset.attributes
    assert dict(dataset.series.select("SEX", "RES_RULE").rows()) == {"M": "M12", "F": "M12"}
    assert dataset.observations.height == made.SMALL.observations.height
    stated = ["The dataset states RES_RULE"] if form in XML else []
    assert [fault.message.partition(",")[0] for fault in faults.listed] == stated
    problems = identify_and_check("f", content, {**made.FLOWS, "DF_POP": newer}).problems
    assert [problem.message.partition(",")[0] for problem in problems] == stated
    assert {problem.severity for problem in problems} <= {WARNING}


@pytest.mark.parametrize("form", XML)
def test_groups_and_partial_keys_are_parsed_alike(form: str) -> None:
    flows, dataset = {"DF_POP": made_data.PLAIN_FLOW}, made_data.plain()
    content = data_bytes(FORMATS[form], [dataset], made.HEADER)
    faults = Faults()
    (strict,) = read_all(FORMATS[form], "f", content, flows)
    (lenient,) = read_all(FORMATS[form], "f", content=content, flows=flows, faults=faults)
    assert faults.listed == []
    assert {dims: frame.rows() for dims, frame in strict.partial.items()} == {
        dims: frame.rows() for dims, frame in lenient.partial.items()
    }


@pytest.mark.parametrize("form", XML)
@pytest.mark.parametrize("dimension", LAYOUTS)
def test_truncated_message_is_parsed_up_to_the_break(form: str, dimension: str) -> None:
    content = message(form, dimension)
    whole = read(form, content)[0]
    seen = set()
    for end in range(content.index(b"<mes:DataSet "), len(content), 97):
        keys, found, _ = read(form, content[:end])
        assert set(keys) <= set(whole)
        assert "not well formed" in found[-1].message
        assert place_of(found[-1]).line in (content[:end].count(b"\n"), content[:end].count(b"\n") + 1)
        seen.add(len(keys))
    assert len(seen) > 1, "observations come one after the other"


def test_message_without_header_is_refused() -> None:
    with pytest.raises(InputError):
        read("sdmx-ml-2.1", b"<Obs/>")
    with pytest.raises(InputError):
        read("sdmx-ml-2.1", message("sdmx-ml-2.1")[:300])


@pytest.mark.parametrize("form", XML)
def test_unknown_structure_is_reported_as_one_fault(form: str) -> None:
    content = message(form).replace(b"DF_POP", b"DF_ODD")
    keys, found, _ = read(form, content)
    assert keys == []
    assert [type(one) for one in found] == [UnknownStructure]


def test_repeated_faults_are_counted_together() -> None:
    rows = [(*made.MEN, str(1900 + year), "1", "A", None) for year in range(250)]
    content = message("sdmx-ml-3.0", dataset=made.dataset(rows, [(*made.MEN, "PS", None)]))
    faults = Faults()
    read_all(
        FORMATS["sdmx-ml-3.0"],
        "f",
        content=content.replace(b"<Obs ", b'<Obs ODD="1" '),
        flows=made.FLOWS,
        faults=faults,
    )
    assert len(faults.listed) == ALIKE_LIMIT
    assert sum(faults.unlisted.values()) == 250 - ALIKE_LIMIT


def lines(content: bytes) -> list[bytes]:
    return content.rstrip(b"\n").split(b"\n")


ROWS = made.dataset(
    [(*made.MEN, str(year), "1", "A", None) for year in (2021, 2022, 2023)] + [(*made.WOMEN, "2023", "2", "A", "é")],
    [(*made.MEN, "PS", None), (*made.WOMEN, "PS", None)],
)


def table(form: str, number: int, row: Callable[[bytes], bytes]) -> bytes:
    """A table in which one row is changed; the header is row 1."""
    found = lines(message(form, dataset=ROWS))
    found[number - 1] = row(found[number - 1])
    return b"\n".join(found) + b"\n"


ROW_FAULTS: dict[str, tuple[Callable[[bytes], bytes], int, int, str]] = {
    "a field too many": (lambda row: row + b",x", 3, 3, "Fields in this row"),
    "empty fields too many": (lambda row: row + b",,", 4, 3, "Fields in this row"),
    "a field too few": (lambda row: row.rpartition(b",")[0], 3, 3, "Fields in this row"),
    "a quotation mark without partner": (lambda row: row.replace(b",GE,", b',"GE,'), 3, 3, "quotation mark"),
    "a quotation mark inside a field": (lambda row: row.replace(b",GE,", b',G"E,'), 3, 3, "quotation mark"),
}


@pytest.mark.parametrize("form", CSV)
@pytest.mark.parametrize("fault", ROW_FAULTS)
def test_wrong_row_is_left_out(form: str, fault: str) -> None:
    spoil, count, line, said = ROW_FAULTS[fault]
    content = table(form, 3, spoil)
    keys, found, _ = read(form, content)
    assert len(keys) == count
    (one,) = found
    assert said in one.message
    assert (place_of(one).line, place_of(one).column > 0) == (line, True)
    refused(form, content)


@pytest.mark.parametrize("form", ["sdmx-csv-2.0", "sdmx-csv-2.1"])
def test_rows_with_wrong_action_or_structure_are_left_out(form: str) -> None:
    for old, new, column in (
        (b",R,", b",X,", 3),
        (b"dataflow,", b"dataflop,", 1),
        (b"SDMXMIG:DF_POP(1.0.0-draft)", b"no name", 2),
    ):
        keys, found, _ = read(form, table(form, 3, lambda row, old=old, new=new: row.replace(old, new, 1)))
        assert len(keys) == 3
        (one,) = found
        assert (place_of(one).line, place_of(one).column) == (3, column)


@pytest.mark.parametrize("form", CSV)
def test_misspelt_and_duplicate_columns_are_left_out(form: str) -> None:
    keys, found, _ = read(form, table(form, 1, lambda row: row.replace(b",OBS_STATUS", b",OBS_STATSU")))
    assert len(keys) == 4
    assert [place_of(one).line for one in found] == [1]
    _, found, _ = read(form, table(form, 1, lambda row: row.replace(b",RES_RULE", b",UNIT")))
    assert "twice" in found[0].message


@pytest.mark.parametrize("form", CSV)
def test_all_observations_are_left_out_without_key_column(form: str) -> None:
    keys, found, _ = read(form, table(form, 1, lambda row: row.replace(b",SEX,", b",GENDER,")))
    assert keys == []
    assert "SEX is missing" in found[0].message


@pytest.mark.parametrize("form", CSV)
def test_first_of_contradictory_attribute_values_is_kept(form: str) -> None:
    content = table(form, 4, lambda row: row.replace(b",M12", b",OTHER"))
    keys, found, datasets = read(form, content)
    assert len(keys) == 4
    assert datasets[0].attributes["RES_RULE"] == "M12"
    assert [place_of(one).line for one in found] == [4]


@pytest.mark.parametrize("form", CSV)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_letters_of_table_in_another_encoding_are_kept(form: str, encoding: str) -> None:
    content = message(form, dataset=ROWS).decode().encode(encoding)
    keys, found, datasets = read(form, content)
    assert len(keys) == 4
    assert "é" in pl.concat([dataset.observations for dataset in datasets])["COMMENT_OBS"].to_list()
    assert all("UTF" in fault.message for fault in found)
    refused(form, content)


def test_line_numbers_are_right_after_omitted_rows() -> None:
    found = lines(message("sdmx-csv-2.0", dataset=ROWS))
    found[1] += b",x"
    found[3] = found[3].replace(b",R,", b",X,")
    _, faults, _ = read("sdmx-csv-2.0", b"\n".join(found))
    assert [place_of(fault).line for fault in faults] == [2, 4]


# -- JSON -----------------------------------------------------------------------------------------------------------

JSON = ("sdmx-json-2.0", "sdmx-json-2.1")


def spoilt(form: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A message of series in which the dataset is changed."""
    parsed = json.loads(message(form, dataset=ROWS))
    change(parsed["data"]["dataSets"][0])
    return json.dumps(parsed).encode()


def first_series(dataset: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(iter(dataset["series"].values()))["observations"]
    return found


JSON_FAULTS: dict[str, tuple[Callable[[dict[str, Any]], object], int, str]] = {
    "an observation of a period that is not listed": (lambda one: first_series(one).update({"99": ["1", 0]}), 4, "/99"),
    "an observation that is no array": (lambda one: first_series(one).update({"0": "1"}), 3, "/observations/0"),
    "a series of a key that is too short": (
        lambda record: record["series"].update({"0:0": {"observations": {}}}),
        4,
        "/0:0",
    ),
    "an index that is not listed": (lambda one: first_series(one).update({"0": ["1", 99]}), 4, "/observations/0/1"),
    "an action that is unknown": (lambda one: one.update(action="Overwrite"), 4, "/action"),
}


@pytest.mark.parametrize("form", JSON)
@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_lenient_reading_keeps_valid_rest_of_json_message(form: str, fault: str) -> None:
    change, count, pointer = JSON_FAULTS[fault]
    content = spoilt(form, change)
    keys, found, _ = read(form, content)
    assert len(keys) == count
    assert place_of(found[0]).key.endswith(pointer)
    refused(form, content)


@pytest.mark.parametrize("form", JSON)
def test_truncated_json_message_is_parsed_up_to_the_break(form: str) -> None:
    content = message(form, dataset=ROWS)
    assert content.index(b'"structures"') < content.index(b'"dataSets"'), "without its structures nothing can be read"
    keys, found, _ = read(form, content[: content.rindex(b'"observations"')])
    assert len(keys) == 3
    assert "not well formed" in found[-1].message
