"""The schema made from a data structure: a lawful restriction of the official one, which tells errors by line."""

from __future__ import annotations

import made
import made_data
import pytest
import xmlschema

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SDMX_21, SDMX_30, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.xsd import build_data_schema, find_problems
from sdmxmig.sdmx.model.data import Flow

VERSIONS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
GOOD = {"SEX": "M", "TIME_PERIOD": "2023", "OBS_VALUE": "1.50", "OBS_STATUS": "A", "COMMENT_OBS": None, "UNIT": "PS"}


def message(version: str, **changes: str | None) -> bytes:
    """A message with one observation, good except for these changes."""
    row = {**GOOD, **changes}
    key = ("A", "GE", row["SEX"], "FC")
    observation = (*key, row["TIME_PERIOD"], row["OBS_VALUE"], row["OBS_STATUS"], row["COMMENT_OBS"])
    title = {} if changes.get("RES_RULE", "M12") is None else {"RES_RULE": "M12"}
    dataset = made.dataset([observation], [(*key, row["UNIT"], None)], title)
    return data_bytes(FORMATS[version], [dataset], made.HEADER)


def line_of(content: bytes, text: str) -> int:
    return next(number for number, line in enumerate(content.decode().splitlines(), 1) if text in line)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("value", ["2023", "2023-01", "2023-Q1", "2023-12-31"])
def test_valid_data_are_accepted(version: str, value: str) -> None:
    assert find_problems(message(version, TIME_PERIOD=value), made.FLOWS.values()) == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("element", "component", "value"),
    [
        ("<Series", "SEX", "X"),
        ("<Series", "SEX", None),
        ("<Series", "UNIT", None),
        ("<Series", "UNIT", ""),
        ("<Obs", "TIME_PERIOD", "20-19"),
        ("<Obs", "TIME_PERIOD", None),
        ("<Obs", "OBS_VALUE", "1 000"),
        ("<Obs", "OBS_STATUS", "Z"),
        ("<Obs", "OBS_STATUS", None),
        ("<Obs", "COMMENT_OBS", "x" * 351),
        ("<mes:DataSet ", "RES_RULE", None),
    ],
)
def test_each_error_is_reported_once_at_its_line(version: str, element: str, component: str, value: str | None) -> None:
    content = message(version, **{component: value})
    ((line, told),) = find_problems(content, made.FLOWS.values())
    assert line == line_of(content, element)
    assert component in told
    assert "schemas/v" not in told


def test_attribute_missing_in_the_structure_is_refused() -> None:
    content = message("sdmx-ml-3.0").replace(b'OBS_STATUS="A"', b'OBS_STATUS="A" EXTRA="1"')
    ((_, told),) = find_problems(content, made.FLOWS.values())
    assert "EXTRA" in told
    content = message("sdmx-ml-3.0").replace(b"ss:action", b"action")
    assert "'action'" in find_problems(content, made.FLOWS.values())[0][1]


def test_deletion_requires_whole_key_but_no_values() -> None:
    content = message("sdmx-ml-2.1", OBS_STATUS=None, UNIT=None, OBS_VALUE=None, RES_RULE=None)
    assert find_problems(content, made.FLOWS.values()) != []
    deleting = content.replace(b"Replace", b"Delete")
    assert find_problems(deleting, made.FLOWS.values()) == []
    assert find_problems(deleting.replace(b'SEX="M"', b""), made.FLOWS.values()) != []


def test_only_deletions_may_omit_dimensions_in_sdmx_3() -> None:
    deleting = message("sdmx-ml-3.1").replace(b"Replace", b"Delete").replace(b'SEX="M"', b"")
    assert find_problems(deleting, made.FLOWS.values()) == []
    assert identify_and_check("data", deleting, made.FLOWS).problems == []
    (problem,) = identify_and_check("data", deleting.replace(b"Delete", b"Append"), made.FLOWS).problems
    assert problem.message == "Series lacks the dimension SEX."


def test_data_of_an_unknown_dataflow_are_reported_at_the_header() -> None:
    content = message("sdmx-ml-2.1")
    ((line, told),) = find_problems(content, [made.OTHER])
    assert line == line_of(content, "<mes:Structure ")
    assert "DF_POP" in told


def test_line_numbers_are_right_in_long_messages() -> None:
    rows = [(*made.MEN, str(year), "1", "A", None) for year in range(1000, 9999)] * 8
    rows.insert(70000, (*made.MEN, "2001", "1", "WRONG", None))
    content = data_bytes(FORMATS["sdmx-ml-3.0"], [made.dataset(rows, [(*made.MEN, "PS", None)])], made.HEADER)
    ((line, _),) = find_problems(content, made.FLOWS.values())
    assert line == line_of(content, "WRONG") > 65535


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.id)
@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "AllDimensions", "SEX"])
@pytest.mark.parametrize("flow", [made.FLOW, made_data.PLAIN_FLOW, made_data.RICH_FLOW], ids=["few", "plain", "rich"])
@pytest.mark.sampled(6)
def test_strict_schema_reader_accepts_our_schema(dialect: Dialect, dimension: str, flow: Flow) -> None:
    folder = dialect.schema.parent
    text = build_data_schema(flow, dialect, dimension).decode().split("\n", 1)[1]
    text = text.replace('schemaLocation="', f'schemaLocation="{folder.as_uri()}/')
    # libxml2 does not check that a restriction is lawful
    assert xmlschema.XMLSchema10(text, validation="lax").all_errors == []


def test_flat_observations_are_valid_without_series_elements() -> None:
    flat = message("sdmx-ml-3.0").decode().replace("TIME_PERIOD", "AllDimensions", 3)
    assert "ObsLevelDim:AllDimensions" in flat
    obs = '<Obs FREQ="A" REF_AREA="GE" SEX="M" CTZ="FC" UNIT="PS" TIME_PERIOD="2023" OBS_VALUE="1" OBS_STATUS="A"/>'
    start, end = flat.index("    <Series"), flat.index("  </mes:DataSet>")
    assert find_problems(f"{flat[:start]}{obs}{flat[end:]}".encode(), made.FLOWS.values()) == []
    assert "Series" in find_problems(flat.encode(), made.FLOWS.values())[0][1]


def test_structure_that_allows_no_schema_is_refused() -> None:
    with pytest.raises(DeclarationError, match="no “AGE”"):
        build_data_schema(made.FLOW, SDMX_21, "AGE")
    structure = made.with_component(made.STRUCTURE, "OBS_VALUE", data_type="Colour")
    flow = Flow(made.DATAFLOW, structure, codelists=made.CODELISTS, concepts={})
    with pytest.raises(DeclarationError, match="“Colour” is not a type for OBS_VALUE"):
        build_data_schema(flow, SDMX_30)
    with pytest.raises(DeclarationError, match="codelist of FREQ"):
        build_data_schema(Flow(made.DATAFLOW, made.STRUCTURE, codelists={}, concepts={}), SDMX_30)
