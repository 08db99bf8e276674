"""`import sdmxmig`: public names are stable, load at once, and have clear errors."""

from __future__ import annotations

import ast
import inspect
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from folders import ROOT
from shipped import CATALOGUE

import sdmxmig
from sdmxmig import SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Finding, Findings

GEORGIA = ROOT / "examples" / "georgia"
POPULATION = {
    **dict.fromkeys(("BIRTH_STATUS", "CTZ_STATUS", "AGE", "C_BIRTH", "C_CITIZEN"), "_T"),
    "FREQ": "A",
    "REF_AREA": "GE",
    "SEX": "_T",
    "TIME_PERIOD": "2023",
    "OBS_VALUE": "3736.40",
    "UNIT_MEASURE": "PS",
    "OBS_STATUS": "A",
    "RES_RULE": "_U",
    "DUR_BASIS": "_U",
    "REF_DATE": "D0101",
    "UNIT_MULT": "3",
}


def plain(name: str, function: Callable[..., Any], *, is_method: bool = False) -> str:
    """A signature without its types."""
    parameters = list(inspect.signature(function).parameters.values())[int(is_method) :]
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return f"{name}{inspect.Signature(bare)}"


def signatures() -> list[str]:
    workspace = sdmxmig.Workspace
    methods = {name: vars(workspace)[name] for name in vars(workspace) if name[0] != "_" and name != "summary"}
    listed = [plain("Workspace", workspace.__init__, is_method=True)]
    for name, method in methods.items():
        if isinstance(method, property):
            continue
        is_class_method = isinstance(method, classmethod)
        listed.append(plain(f"Workspace.{name}", getattr(workspace, name), is_method=not is_class_method))
    functions = [name for name in sdmxmig.__all__ if inspect.isfunction(getattr(sdmxmig, name))]
    return sorted([*listed, *(plain(name, getattr(sdmxmig, name)) for name in functions)])


def test_public_names_and_signatures_are_unchanged(golden: Callable[[str, bytes], None]) -> None:
    """Scripts and notebooks rely on them: a name is added at will, but changed only with a new major version."""
    golden("public_names.txt", "".join(f"{line}\n" for line in signatures()).encode())


def test_exported_names_are_visible_to_type_checkers() -> None:
    tree = ast.parse(Path(str(sdmxmig.__file__)).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    named = {
        alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        if node.module != "typing"
        for alias in node.names
    }
    assert named == set(sdmxmig.__all__)
    assert set(dir(sdmxmig)) == {*sdmxmig.__all__, "__version__"}


CALLS_AFTER_ALL_MODULES = """
import importlib, pkgutil, sys
import sdmxmig
for module in pkgutil.walk_packages(sdmxmig.__path__, "sdmxmig."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
for name in sdmxmig.__all__:
    assert callable(getattr(sdmxmig, name)), f"a module hides {name}"
    assert f"sdmxmig.{name}" not in sys.modules, name
catalogue = sdmxmig.load()
message = b"STRUCTURE,STRUCTURE_ID,ACTION,FREQ\\ndataflow,A:B(1.0),I,A\\n"
assert sdmxmig.show("CL_SEX").title == "Sex"
assert sdmxmig.read(message).kind == "data" and not sdmxmig.check(message).ok
dataset = sdmxmig.read(message).dataset
assert sdmxmig.from_pandas(dataset.to_pandas(), dataset.flow).observations.height == 1
assert sdmxmig.from_polars(dataset.to_polars(), dataset.flow).observations.height == 1
assert sdmxmig.write(dataset, format="sdmx-csv-2.0").startswith(b"STRUCTURE")
for name in ("convert", "validate", "transform", "diff", "report", "propose", "compute", "verify", "Workspace"):
    try:
        getattr(sdmxmig, name)(*["/no/such/thing"] * (2 if name in ("convert", "transform", "diff") else 1))
    except sdmxmig.SdmxmigError:
        continue
    raise AssertionError(name)
print("all called")
"""


@pytest.mark.sampled(3)
def test_modules_do_not_shadow_public_functions() -> None:
    done = subprocess.run([sys.executable, "-c", CALLS_AFTER_ALL_MODULES], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "all called", done.stderr


def test_import_loads_no_further_modules() -> None:
    program = "import sys; before = set(sys.modules); import sdmxmig; print(*set(sys.modules) - before)"
    read = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in read if name.startswith("sdmxmig")] == ["sdmxmig"]
    assert not {"polars", "pandas", "click", "lxml"} & set(read)


def population(**values: str) -> Dataset:
    return sdmxmig.from_pandas(pd.DataFrame([{**POPULATION, **values}]), "DF_POP")


def test_codes_and_values_survive_pandas() -> None:
    frame = population(REF_AREA="NA", COMMENT_OBS="01").to_pandas()
    assert frame[["REF_AREA", "COMMENT_OBS", "OBS_VALUE"]].to_numpy().tolist() == [["NA", "01", "3736.40"]]
    assert population().to_pandas(values="float")["OBS_VALUE"].tolist() == [3736.4]
    assert population().to_polars()["OBS_VALUE"].to_list() == ["3736.40"]


def test_invalid_number_is_refused_by_name() -> None:
    with pytest.raises(SdmxmigError, match="OBS_VALUE contains “12 345”"):
        population(OBS_VALUE="12 345").to_pandas(values="float")
    with pytest.raises(SdmxmigError, match="Values cannot be “flaot”"):
        population().to_pandas(values="flaot")


@pytest.mark.parametrize("form", ["sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-ml-2.1", "sdmx-json-2.0"])
def test_dataset_is_written_and_read_back(form: str, tmp_path: Path) -> None:
    content = sdmxmig.write(population(), format=form)
    path = tmp_path / "population"
    path.write_bytes(content)
    with path.open("rb") as file:
        for source in (content, path, str(path), file, io.BytesIO(content)):
            message = sdmxmig.read(source)
            assert (message.kind, message.format) == ("data", form)
            assert message.to_pandas()["OBS_VALUE"].tolist() == ["3736.40"]


def test_foreign_structures_are_used_to_read_their_data(tmp_path: Path) -> None:
    structures = sdmxmig.write(
        [CATALOGUE.flow("DF_POP").dataflow, CATALOGUE.flow("DF_POP").structure], format="sdmx-ml-3.0"
    )
    assert {ref.ref.kind for ref in sdmxmig.read(structures).structures} == {"Dataflow", "DataStructure"}
    data = sdmxmig.write(population(), tmp_path / "pop.csv")
    read = sdmxmig.read(data, structure=[structures, sdmxmig.read(structures)])
    assert read.dataset.flow.id == "DF_POP"


def test_table_with_component_columns_becomes_a_dataset(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    pd.DataFrame([POPULATION]).to_csv(path, index=False)
    assert sdmxmig.read(path).kind == "tables"
    assert sdmxmig.read(path, flow="DF_POP").dataset.observations["OBS_VALUE"].to_list() == ["3736.40"]


def test_table_becomes_data_and_findings_in_three_lines() -> None:
    conversion = sdmxmig.convert(GEORGIA / "tables" / "population.xlsx", GEORGIA / "mappings" / "population.toml")
    findings = sdmxmig.validate(conversion)
    # 17 years in persons, two in thousands, and men and women of six years.
    assert conversion.dataset.observations.height == 31
    assert not findings.has_errors
    assert findings.to_pandas().columns[:4].tolist() == ["severity", "rule", "dataflow", "place"]


WRONG = {
    "a missing file": (lambda folder: sdmxmig.read(folder / "no.xml"), "There is no such file"),
    "a misspelt file": (lambda folder: sdmxmig.read(folder / "data.cvs"), "Did you mean data.csv"),
    "an address": (lambda _: sdmxmig.read("https://example.org/data.xml"), "is an address"),
    "an address as a path": (lambda _: sdmxmig.read(Path("https://example.org/data.xml")), "is an address"),
    "a folder": (sdmxmig.read, "This is a folder"),
    "the text of a message": (lambda _: sdmxmig.read("<Structure/>"), "Give the content of a file as bytes"),
    "a closed file": (lambda folder: sdmxmig.read(closed(folder)), "is closed"),
    "a file open as text": (lambda _: sdmxmig.read(io.StringIO("FREQ")), "is open as text"),
    "a number": (lambda _: sdmxmig.read(3), "not builtins.int"),
    "a table": (lambda _: sdmxmig.read(pd.DataFrame([POPULATION])), "from_pandas"),
    "no bytes": (lambda _: sdmxmig.read(b""), "is empty"),
    "no message": (lambda _: sdmxmig.read(b"\x00\x01\x02\x03"), "the bytes"),
    "a misspelt flow": (lambda folder: sdmxmig.read(folder / "data.csv", flow="DF_POPP"), "DF_POP"),
    "missing columns": (
        lambda _: frame_without("SEX", "AGE"),
        "columns are missing: AGE, SEX|columns are missing: SEX, AGE",
    ),
    "unknown columns": (lambda _: frame_with(SEKS="F"), "columns are not components: SEKS"),
    "no table": (lambda _: sdmxmig.from_pandas([1], "DF_POP"), "not a pandas table"),
    "an unknown flow": (
        lambda _: sdmxmig.from_pandas(pd.DataFrame([POPULATION]), "DF_POPULATION"),
        "There is no dataflow",
    ),
    "an unknown action": (
        lambda _: sdmxmig.from_pandas(pd.DataFrame([POPULATION]), "DF_POP", action="X"),
        "Use one of: I, A, M, R, D",
    ),
    "an unknown format": (
        lambda folder: sdmxmig.write(population(), folder / "a.xml", format="sdmx"),
        "There is no format",
    ),
    "a name without format": (lambda folder: sdmxmig.write(population(), folder / "a.txt"), "format=…"),
    "no format": (lambda _: sdmxmig.write(population()), "The format is missing"),
    "structures in a format for data": (
        lambda _: sdmxmig.write([CATALOGUE.flow("DF_POP").structure], format="sdmx-csv-2.0"),
        "cannot contain structure",
    ),
    "nothing to write": (lambda _: sdmxmig.write([], format="sdmx-csv-2.0"), "no SDMX message of nothing"),
    "a frame to write": (lambda folder: sdmxmig.write(pd.DataFrame([POPULATION]), folder / "a.csv"), "from_pandas"),
    "somebody's work": (lambda folder: sdmxmig.write(population(), folder / "notes.csv"), "it is not an SDMX message"),
    "a file as a folder": (lambda folder: sdmxmig.write(population(), folder / "notes.csv" / "a.xml"), "is a file"),
    "a folder as a file": (lambda folder: sdmxmig.write(population(), folder, format="sdmx-csv-2.0"), "is a folder"),
    "an unknown language": (lambda _: sdmxmig.show("CL_SEX", language="xx"), "xx"),
    "nothing of this name": (lambda _: sdmxmig.show("CL_SEKS"), "CL_SEX"),
    "no workspace": (sdmxmig.Workspace, "is not a workspace"),
    "no such workspace": (lambda folder: sdmxmig.Workspace(folder / "no"), "There is no folder"),
    "a time that is none": (lambda _: sdmxmig.Workspace(GEORGIA, now="soon"), "is not a time"),
    "an unknown example": (
        lambda folder: sdmxmig.Workspace.create(folder / "new", example="gorgia"),
        "Did you mean “georgia”",
    ),
    "a folder that is not empty": (sdmxmig.Workspace.create, "This folder is not empty"),
    "data that were never made": (lambda folder: copied(folder).datasets, "There are no datasets yet"),
    "findings that were never made": (lambda folder: copied(folder).findings, "have not been validated"),
    "a report before the assessment": (lambda folder: sdmxmig.report(copied(folder)), "There is no assessment yet"),
    "a report of nothing": (lambda _: sdmxmig.report(), "No country is given"),
    "a submission that is none": (sdmxmig.verify, "not a submission"),
    "an unknown indicator": (lambda _: sdmxmig.compute("MIG_SHAR", population()), "MIG_SHAR"),
    "an indicator of nothing": (lambda _: sdmxmig.compute("MIG_SHARE"), "No data are given"),
    "data that are none": (lambda folder: sdmxmig.validate(folder / "notes.csv"), "contains tables?, not data"),
    "a translation back without a map": (
        lambda folder: sdmxmig.transform(folder / "data.csv", folder / "b.csv", back=True),
        "needs a map",
    ),
    "the source as target": (
        lambda folder: sdmxmig.transform(folder / "data.csv", folder / "data.csv"),
        "would replace the file from which it is made",
    ),
}


WRONG_FORMS = {
    "a country that nobody names": (
        lambda folder: sdmxmig.make_questionnaire("DF_POP", folder / "q.xlsx", years="2020"),
        'area="GE"',
    ),
    "years that are none": (
        lambda folder: sdmxmig.make_questionnaire("DF_POP", folder / "q.xlsx", area="GE", years="20"),
        'years="2020:2024"',
    ),
    "a form that is no workbook": (
        lambda folder: sdmxmig.make_questionnaire("DF_POP", folder / "q.pdf", area="GE", years="2020"),
        "ends in .xlsx",
    ),
    "a table as a questionnaire": (
        lambda _: sdmxmig.read_questionnaire(GEORGIA / "tables" / "population.xlsx"),
        "not a questionnaire of sdmxmig",
    ),
    "a form in a language that there is not": (
        lambda folder: sdmxmig.make_profile_form(folder / "p.xlsx", area="GE", language="xx"),
        "not translated into “xx”",
    ),
    "a profile that is not there": (sdmxmig.read_profile, "There is no profile here"),
}
WRONG.update(WRONG_FORMS)


def closed(folder: Path) -> io.BufferedReader:
    with (folder / "data.csv").open("rb") as file:
        return file


def frame_without(*names: str) -> Dataset:
    return sdmxmig.from_pandas(pd.DataFrame([POPULATION]).drop(columns=list(names)), "DF_POP")


def frame_with(**columns: str) -> Dataset:
    return sdmxmig.from_pandas(pd.DataFrame([{**POPULATION, **columns}]), "DF_POP")


def copied(folder: Path) -> sdmxmig.Workspace:
    return sdmxmig.Workspace.create(folder / "copy", example="georgia")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with data, and with notes of somebody that are no SDMX."""
    (tmp_path / "data.csv").write_bytes(sdmxmig.write(population(), format="sdmx-csv-2.0"))
    (tmp_path / "notes.csv").write_text("what,when\nlunch,noon\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("what", WRONG)
def test_errors_in_python_do_not_name_command_options(what: str, folder: Path) -> None:
    ask, message = WRONG[what]
    with pytest.raises(SdmxmigError, match=message) as error:
        ask(folder)
    said = str(error.value)
    assert " --" not in said, "options are for the command line"
    assert " -o" not in said
    assert "sdmxmig init" not in said, "and so are commands"
    assert "sdmxmig convert" not in said


@pytest.mark.sampled(3)
def test_questionnaire_and_profile_survive_a_round_trip(folder: Path) -> None:
    asked = sdmxmig.make_questionnaire(
        "DF_POP", folder / "q.xlsx", area="GE", years="2020:2021", data=folder / "data.csv"
    )
    assert sdmxmig.read_questionnaire(asked).dataset.flow.id == "DF_POP"
    form = sdmxmig.make_profile_form(folder / "profile.xlsx", known=GEORGIA)
    saved = sdmxmig.read_profile(form).save(folder / "profile.toml")
    pd.testing.assert_frame_equal(
        sdmxmig.read_profile(saved).to_dataset().to_pandas(),
        sdmxmig.read_profile(GEORGIA / "profile.toml").to_dataset().to_pandas(),
    )


REGIONS = "id,parent,name_en,status\n,,Regions,national\n01,,North,national\n05-01,,South,national\n"


def test_list_is_read_from_a_spreadsheet_unless_damaged(folder: Path) -> None:
    workspace = sdmxmig.Workspace.create(folder / "ws")
    regions = folder / "regions.csv"
    regions.write_text(REGIONS, encoding="utf-8")
    assert workspace.load_list(regions, name="GE1:CL_REGION(1.0.0)") == ()
    assert workspace.catalogue.item_scheme("CL_REGION").ids == ("01", "05-01")
    regions.write_text(REGIONS.replace("01,,North", "1,,North"), encoding="utf-8")
    with pytest.raises(SdmxmigError, match="A code was damaged"):
        workspace.load_list(regions, name="GE1:CL_REGION(1.0.0)")


def test_foreign_text_cannot_inject_html_or_terminal_codes() -> None:
    hostile = "<script>alert(1)</script>\x1b[31m"
    finding = Finding(
        "R", "1", severity="error", level=1, flow="F", message=Text.of(en=hostile.replace("{", "")), hint=Text(), key=()
    )
    findings = Findings((finding,))
    assert "<script>" not in findings._repr_html_()  # type: ignore[attr-defined]
    assert "\x1b" not in repr(findings) + findings._repr_html_()  # type: ignore[attr-defined]
    dataset = population(COMMENT_OBS="<script>alert(1)</script>")
    assert "<script>" not in dataset._repr_html_()  # type: ignore[attr-defined]


def test_progress_is_shown_on_request_and_not_in_a_pipe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = sdmxmig.Workspace.create(folder / "quiet")
    workspace.convert()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
    sdmxmig.Workspace(folder / "quiet", progress=True).convert()
    assert "✓ convert" in capsys.readouterr().err
