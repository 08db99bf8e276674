"""Findings of ``check``: every fault of a message with its place, in every format and layout."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import made
import made_data
import polars as pl
import pytest
from case_tables import cases_from, truth
from console import Console

from sdmxmig.catalogue import build_flows
from sdmxmig.cli import run
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.quality.checking import CheckResult, identify_and_check
from sdmxmig.sdmx.exchange import transform
from sdmxmig.sdmx.formats import FORMATS, Layout, data_bytes, structure_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Agreement
from sdmxmig.sdmx.model.submission import Note

SPECIFIC = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
DATA = sorted(name for name in FORMATS if FORMATS[name].write_data)
DIMENSIONS = ("TIME_PERIOD", "AllDimensions", "SEX", "REF_AREA")
AGREEMENT = Agreement(
    Ref("ProvisionAgreement", "SDMXMIG", id="PA_POP", version="1.0"),
    Text.of(en="Who sends the population"),
    flow=made.DATAFLOW.ref,
    provider=Ref("DataProvider", "SDMXMIG", id="DATA_PROVIDERS", version="1.0", item="GE1"),
)
FLOWS = build_flows([*made.ARTEFACTS, AGREEMENT])


def message(form: str, dataset: Dataset = made.SMALL, dimension: str = "TIME_PERIOD") -> bytes:
    given = replace(dataset, action="I") if form == "sdmx-csv-1.0" else dataset
    return data_bytes(FORMATS[form], [given], made.HEADER, Layout(dimension_at_observation=dimension))


def checked(content: bytes, flows: Mapping[str, Flow] = FLOWS, *, lenient: bool = False) -> CheckResult:
    return identify_and_check("f", content, flows, lenient=lenient)


def problems(content: bytes, flows: Mapping[str, Flow] = FLOWS) -> list[tuple[str, str]]:
    return [(str(problem.place), problem.message) for problem in checked(content, flows).problems]


def with_values(**values: Callable[[pl.Expr], pl.Expr]) -> Dataset:
    """The small dataset with other values in some columns of its observations and series."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(
            made_up(pl.col(name)).alias(name) for name, made_up in values.items() if name in frame.columns
        )

    return replace(made.SMALL, observations=change(made.SMALL.observations), series=change(made.SMALL.series))


# -- the schema of the structure, in every layout -------------------------------------------------------------------


def test_foreign_element_is_listed_once() -> None:
    content = message("sdmx-ml-3.0")
    assert b"<Obs" in content
    assert len(problems(content.replace(b"<Obs", b'<v:Note xmlns:v="urn:v"/><Obs', 1))) == 1


def test_long_wrong_code_is_shortened() -> None:
    ((_, said),) = problems(message("sdmx-ml-3.0").replace(b'OBS_STATUS="P"', b'OBS_STATUS="%s"' % (b"Z" * 5000)))
    assert len(said) < 200


@pytest.mark.parametrize("form", SPECIFIC)
@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("named", [None, made.STRUCTURE.ref, AGREEMENT.ref], ids=["flow", "structure", "agreement"])
@pytest.mark.sampled(4)
def test_data_are_checked_by_structure_under_any_reference(form: str, dimension: str, named: Ref | None) -> None:
    content = message(form, replace(made.SMALL, refers_to=named), dimension)
    found = checked(content)
    assert (found.problems, found.unchecked, found.size) == ([], "", 3)
    wrong = content.replace(b'OBS_STATUS="P"', b'OBS_STATUS="ZZ"')
    line = wrong[: wrong.index(b'"ZZ"')].count(b"\n") + 1
    ((place, said),) = problems(wrong)
    assert place.startswith(f"f:{line}:")
    assert "“ZZ” of OBS_STATUS is not a code" in said


@pytest.mark.parametrize("form", SPECIFIC)
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_groups_and_partial_keys_are_checked(form: str, dimension: str) -> None:
    flows = {"DF_POP": made_data.PLAIN_FLOW}
    content = message(form, made_data.plain(), dimension)
    assert problems(content, flows) == []
    wrong = content.replace(b'METHOD="', b'METHODS="', 1)
    assert wrong != content
    assert any("METHODS" in said for _, said in problems(wrong, flows))


def test_series_of_version_2_1_may_state_attributes_of_groups() -> None:
    flows, stated = {"DF_POP": made_data.PLAIN_FLOW}, b' METHOD="m"'
    content = re.sub(rb"<Group [^>]*/>", b"", message("sdmx-ml-2.1", made_data.plain()))
    assert problems(content.replace(b"<Series", b"<Series" + stated), flows) == []
    at_group = message("sdmx-ml-2.1", made_data.plain(), "SEX")
    assert any("METHOD" in said for _, said in problems(at_group.replace(b"<Series", b"<Series" + stated), flows))


@pytest.mark.parametrize(
    ("form", "declared", "otherwise"),
    [
        ("sdmx-ml-2.1", b'xsi:type="ns1:Sibling"', b""),
        ("sdmx-ml-2.1", b'"ns1:Sibling"', b'"ns1:Siblings"'),
        ("sdmx-ml-2.1-generic", b'type="Sibling"', b'type="Siblings"'),
    ],
)
def test_unknown_group_with_known_key_is_reported(form: str, declared: bytes, otherwise: bytes) -> None:
    content = message(form, made_data.plain())
    assert declared in content
    found = checked(content.replace(declared, otherwise), {"DF_POP": made_data.PLAIN_FLOW}).problems
    assert [problem.severity for problem in found if "with this key is Sibling." in problem.message] == ["warning"]


def test_reading_explains_faults_that_a_schema_reports_too() -> None:
    content = message("sdmx-ml-3.0").replace(b"\n", b"")
    wrong = content.replace(b"COMMENT_OBS=", b"COMMENT_OBSS=", 1).replace(b"<Series ", b'<Series ODD="1" ', 1)
    said = [said for _, said in problems(wrong)]
    assert len(said) == 2
    assert "Did you mean “COMMENT_OBS”?" in " ".join(said)


@pytest.mark.parametrize("form", SPECIFIC)
def test_measures_lists_and_languages_are_checked_in_version_3(form: str) -> None:
    if form == "sdmx-ml-2.1":
        return
    flow = replace(made_data.rich().flow)
    content = message(form, replace(made_data.rich(), observations=made_data.rich().observations))
    found = problems(content, {"DF_POP": flow})
    assert [said for _, said in found if "SHARE" not in said and "#N/A" not in said] == []


def test_structure_without_dataflow_suffices() -> None:
    flows = build_flows([made.STRUCTURE, *made.CODELISTS.values()])
    content = message("sdmx-ml-3.0", replace(made.SMALL, refers_to=made.STRUCTURE.ref))
    assert problems(content, flows) == []


def test_unknown_codelists_are_reported_as_unchecked() -> None:
    flows = build_flows(
        [made.STRUCTURE, made.DATAFLOW, *(codelist for codelist in made.CODELISTS.values() if codelist is not made.SEX)]
    )
    for form in DATA:
        found = checked(message(form), flows)
        assert found.problems == []
        assert "SEX" in found.unchecked, form


def test_unknown_structure_leaves_other_data_checked() -> None:
    content = message("sdmx-ml-2.1").replace(b"DF_POP", b"DF_ODD")
    found = checked(content)
    assert (found.problems, found.size) == ([], 3)
    assert "DF_ODD" in found.unchecked
    ((_, said),) = problems(
        content.replace(b"<mes:Test>true", b"<mes:Test>maybe").replace(b"<mes:Test>false", b"<mes:Test>maybe")
    )
    assert "maybe" in said


# -- values ---------------------------------------------------------------------------------------------------------

CELLS = {"OBS_STATUS": ("P", "ZZ"), "SEX": ("F", "X"), "TIME_PERIOD": ("2024", "20.24"), "OBS_VALUE": ("01", "1 000")}


@pytest.mark.parametrize(
    ("form", "component"),
    [(form, cell) for form in DATA for cell in CELLS if (form, cell) != ("sdmx-json-1.0", "TIME_PERIOD")],
)
def test_wrong_value_is_located_in_every_format(form: str, component: str) -> None:
    old, new = CELLS[component]
    content = message(form, with_values(**{component: lambda column: column.replace(old, new)}))
    found = checked(content).problems
    assert found, "it is found"
    assert all(f"“{new}”" in fault.message or f"'{new}'" in fault.message for fault in found)
    for fault in found:
        if fault.place.key:
            standing = at(json.loads(content), fault.place.key)
            assert new in (standing.values() if isinstance(standing, dict) else [standing])
        else:
            line = content.decode().splitlines()[fault.place.line - 1]
            assert new in line
            if "csv" in form:
                assert line.split(",")[fault.place.column - 1] == new
            else:
                assert line[fault.place.column - 1] == "<"
                assert f'"{new}"' in line[fault.place.column - 1 :]


def at(parsed: object, pointer: str) -> object:
    """The value at a JSON pointer."""
    for part in pointer.split("/")[1:]:
        parsed = parsed[int(part)] if isinstance(parsed, list) else parsed[part]  # type: ignore[index]  # by the pointer
    return parsed


@pytest.mark.parametrize("form", [name for name in DATA if "json" not in name])
@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "AllDimensions"])
def test_duplicate_observation_is_reported_at_second_place(form: str, dimension: str) -> None:
    again = replace(made.SMALL, observations=pl.concat([made.SMALL.observations, made.SMALL.observations.head(1)]))
    content = message(form, again, dimension)
    ((place, said),) = problems(content)
    assert "A.GE.M.FC.2023 occurs twice" in said
    line = content.decode().splitlines()[int(place.split(":")[1]) - 1]
    assert "2023" in line or "csv" in form or "Obs" in line


@pytest.mark.parametrize("form", [name for name in DATA if name not in ("sdmx-csv-1.0", "sdmx-csv-2.1")])
def test_missing_attributes_are_found(form: str) -> None:
    lacking = with_values(
        OBS_STATUS=lambda column: column.replace("P", None), UNIT=lambda column: column.replace("PS", None)
    )
    found = [said for _, said in problems(message(form, replace(lacking, attributes={})))]
    for name in ("OBS_STATUS", "UNIT", "RES_RULE"):
        assert any(name in said for said in found), (name, found)


def test_too_long_texts_are_found_in_tables() -> None:
    content = message("sdmx-csv-2.0", with_values(COMMENT_OBS=lambda _: pl.lit("x" * 351)))
    assert all("longer than 350" in said for _, said in problems(content))
    assert len(problems(content)) == 3


def test_labels_and_deletions_are_not_taken_for_wrong_codes() -> None:
    layout = Layout(labels="both")
    content = data_bytes(FORMATS["sdmx-csv-2.0"], [made.SMALL], made.HEADER, layout)
    assert problems(content) == []
    deletion = replace(made.SMALL, action="D")
    for form in ("sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-json-2.0"):
        assert problems(message(form, deletion)) == []


PERIODS = [
    *("2024", "2024-A1", "2024-S2", "2024-T3", "2024-Q4", "2024-12", "2024-M12", "2020-W53", "2024-D366", "2024-02-29"),
    *("2024-01-01T00:00:00", "2024-01-01T00:00:00.5Z", "2024-01-01/P1Y2M", "2024-01-01T00:00:00/PT1H"),
    *("2024-12-31+01:00", "2024-01-01T24:00:00", "2020-W53Z", "2024-01", "2024-Q1-05:00"),
]
NO_PERIODS = [
    *("24", "2024-13", "2024-Q5", "2023-02-29", "31.12.2024", "2024/25", "2024-01-01/P", "2021-W53", "2023-D366"),
    *("2024-01-01T24:00:01", "2024-01-01T25:00:00", "2021-W53+01:00", "2024-W00", "0000", "2024-1", "2024-00", "x"),
]


def of_any_frequency(period: str) -> Dataset:
    """The small dataset with another period, of a structure in which any frequency may have it."""
    components = tuple(
        replace(component, codelist=None, data_type="String") if component.id == "FREQ" else component
        for component in made.STRUCTURE.components
    )
    flow = Flow(
        made.DATAFLOW,
        replace(made.STRUCTURE, components=components),
        codelists=made.CODELISTS,
        concepts=made.FLOW.concepts,
    )
    others = {"2023": period, "2024": "1999"}
    other = with_values(TIME_PERIOD=lambda column: column.replace(others), FREQ=lambda _: pl.lit("_O"))
    return replace(other, flow=flow)


def writable(periods: list[str], form: str) -> list[str]:
    """The periods that a format can hold: in SDMX-JSON 1.0 they are ids."""
    return [period for period in periods if form != "sdmx-json-1.0" or re.fullmatch("[A-Za-z0-9_@$-]+", period)]


@pytest.mark.parametrize("form", DATA)
@pytest.mark.sampled(4)
def test_valid_periods_are_accepted_in_every_format(form: str) -> None:
    for text in writable(PERIODS, form):
        dataset = of_any_frequency(text)
        assert problems(message(form, dataset), {"DF_POP": dataset.flow}) == [], text


@pytest.mark.parametrize("form", DATA)
def test_invalid_periods_are_refused_in_every_format(form: str) -> None:
    for text in writable(NO_PERIODS, form):
        dataset = of_any_frequency(text)
        found = problems(message(form, dataset), {"DF_POP": dataset.flow})
        assert any(f"“{text}” of TIME_PERIOD is not a period" in said for _, said in found), (text, found)


# -- several problems, faults of the file, the command --------------------------------------------------------------


def test_all_problems_of_a_table_are_listed_in_file_order() -> None:
    lines = message("sdmx-csv-2.0", made_rows()).decode().splitlines()
    lines[1] += ",x"
    lines[2] = lines[2].replace(",R,", ",Y,")
    lines[3] = lines[3].replace(",A,,", ",Q9,,").replace(",GE,", ",XX,")
    found = checked("\n".join(lines).encode())
    assert [(problem.place.line, problem.severity) for problem in found.problems] == [
        (2, "error"),
        (3, "error"),
        (4, "error"),
        (4, "error"),
    ]
    assert found.size == 2


def made_rows() -> Dataset:
    rows = [(*made.MEN, str(year), "1", "A", None) for year in (2021, 2022, 2023, 2024)]
    return made.dataset(rows, [(*made.MEN, "PS", None)])


def test_each_problem_of_an_xml_message_is_listed_once() -> None:
    text = message("sdmx-ml-3.0", made_rows()).decode()
    text = text.replace('TIME_PERIOD="2021"', 'TIME_PERIOD="x"').replace(
        '<Obs TIME_PERIOD="2022"', '<Obs ODD="1" TIME_PERIOD="2022"'
    )
    text = text.replace(' TIME_PERIOD="2023"', "")
    found = checked(text.encode())
    assert len(found.problems) == 3
    assert found.size == 3, "the observation without period is left out"


def test_lenient_check_lists_only_omitted_parts() -> None:
    text = message("sdmx-ml-3.0", made_rows()).decode()
    text = text.replace('OBS_STATUS="A"', 'OBS_STATUS="Q"').replace(' TIME_PERIOD="2023"', "")
    assert len(checked(text.encode()).problems) == 5
    (problem,) = checked(text.encode(), lenient=True).problems
    assert "TIME_PERIOD" in problem.message


@pytest.mark.parametrize(
    "form", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-json-2.1"]
)
def test_check_and_transform_agree_on_a_missing_header(form: str) -> None:
    header = rb"<mes:Header>.*?</mes:Header>" if "ml" in form else rb'"meta":\{.*?\},\n(?="data")'
    content = re.sub(header, b"", message(form), flags=re.DOTALL)
    faults, out = Faults(), io.BytesIO()
    with suppress(SdmxmigError):  # in SDMX-ML it is not known what the data follow
        target = FORMATS["sdmx-csv-2.0"]
        transform("f", io.BytesIO(content), target, out, flows=FLOWS, faults=faults, header=lambda _: made.HEADER)
    found = {(fault.place, f"{fault.message} {fault.hint}".strip()) for fault in faults.listed}
    assert {(problem.place, problem.message) for problem in checked(content, lenient=True).problems} == found
    assert len(found) == len(faults.listed) > 0, "each is told once"


@pytest.mark.parametrize("cut", ['{"meta":', '{"meta":{"id":"A"', "{", '{"meta":{},"data":{"structures":[{'])
def test_json_truncated_before_its_kind_is_refused_with_place(cut: str) -> None:
    with pytest.raises(InputError, match="not well formed") as caught:
        checked(cut.encode())
    assert caught.value.place == Place("f", line=1, column=len(cut) + 1)
    with pytest.raises(InputError, match="not an SDMX message"):
        checked(b'{"meta":{}}')


def test_check_prints_severity_and_counts(tmp_path: Path, console: Console) -> None:
    structures, data = tmp_path / "s.xml", tmp_path / "d.csv"
    structures.write_bytes(structure_bytes(FORMATS["sdmx-ml-3.0"], made.ARTEFACTS, made.HEADER))
    data.write_bytes(message("sdmx-csv-2.0").replace(b",P,", b",ZZ,"))
    (found,) = json.loads(console.output("check", data, "--structure", structures, "--format", "json", code=1))
    assert (found["size"], found["unlisted"]) == (3, 0)
    (problem,) = found["problems"]
    assert (problem["place"], problem["severity"]) == (f"{data}:3:10", "error")
    assert "3 observations: valid" in console.output("check", data, "--structure", structures, "--lenient")


def test_file_other_than_sdmx_does_not_hide_other_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague,\n")
    (tmp_path / "s.xml").write_bytes(structure_bytes(FORMATS["sdmx-ml-3.0"], made.ARTEFACTS, made.HEADER))
    assert run(["check", str(tmp_path / "letter.txt"), str(tmp_path / "s.xml")]) == 2
    captured = capsys.readouterr()
    assert "s.xml: SDMX-ML 3.0 structure" in captured.out
    assert "letter.txt" in captured.err


@pytest.mark.parametrize("form", ["sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"])
@cases_from("sdmx/cases/only_measures_and_attributes_may_be_missing.csv", is_wrong=truth)
def test_only_measures_and_attributes_may_be_omitted(form: str, right: str, missing: str, *, is_wrong: bool) -> None:
    content = message(form)
    assert problems(content) == []
    changed = content.replace(right.encode(), missing.encode(), 1)
    assert changed != content
    assert bool(problems(changed)) is is_wrong


NOTE = Note("510", Text.of(en="Too large"), severity="Information")


@pytest.mark.parametrize("form", [*SPECIFIC, "sdmx-json-1.0", "sdmx-json-2.1"])
def test_notes_of_sender_are_shown(form: str) -> None:
    noted = data_bytes(FORMATS[form], [made.SMALL], replace(made.HEADER, notes=(NOTE,)), Layout())
    assert [note.removeprefix("Information ") for note in checked(noted).notes] == ["510: Too large"]
    for word in ("Footer", "errors"):
        named = made.SMALL.observations.with_columns(COMMENT_OBS=pl.lit(word))
        assert checked(message(form, replace(made.SMALL, observations=named))).notes == ()


@pytest.mark.parametrize("form", ["sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-json-2.0"])
@pytest.mark.parametrize("rows", [0, 1])
def test_message_without_observations_is_reported_as_empty(form: str, rows: int) -> None:
    from sdmxmig.cli.messages import list_lines_of_file

    few = replace(made.SMALL, observations=made.SMALL.observations.head(rows))
    (line, *_) = list_lines_of_file(identify_and_check("d", message(form, few), made.FLOWS))
    assert line.endswith(", 1 observation: valid" if rows else ", no observations: valid")
