"""Data without a given structure are still accepted, and unchecked parts are reported."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from console import Console
from made import ARTEFACTS, HEADER, SMALL
from made_old import MESSAGES

from sdmxmig.cli import run
from sdmxmig.quality import checking
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats import (
    ALL_DIMENSIONS,
    DEFAULT_LAYOUT,
    FORMATS,
    Layout,
    data_bytes,
    structure_bytes,
)
from sdmxmig.sdmx.model.data import Dataset

FORMS = [name for name in FORMATS if FORMATS[name].write_data]
FAMILIES = ("sdmx-csv-2.0", "sdmx-json-2.0", "sdmx-ml-2.1-generic", "sdmx-ml-3.0")
LAYOUTS = {"series": DEFAULT_LAYOUT, "sex": Layout("SEX"), "flat": Layout(ALL_DIMENSIONS)}
OF_STRUCTURE_ALONE = ("utility 2.0", "cross-sectional 2.0")
"""What the elements of these are, only the structure says."""
TELLING = ("sdmx-json", "sdmx-ml-2.1-generic")
"""What says of itself which components are dimensions."""


def called(content: bytes, flow: bytes = b"DF_OWN", structure: bytes = b"DSD_OWN") -> bytes:
    """A message that names a dataflow and a structure that are not shipped."""
    return content.replace(b"DF_POP", flow).replace(b"DSD_STOCK", structure)


def written(form: str, layout: Layout = DEFAULT_LAYOUT, dataset: Dataset = SMALL) -> bytes:
    dataset = replace(dataset, action="I") if form == "sdmx-csv-1.0" else dataset
    return called(data_bytes(FORMATS[form], [dataset], HEADER, layout))


def structures(*kinds: str) -> bytes:
    """The structures, or those of some kinds."""
    chosen = [artefact for artefact in ARTEFACTS if not kinds or artefact.ref.kind in kinds]
    return called(structure_bytes(FORMATS["sdmx-ml-3.0"], chosen, HEADER))


def elsewhere(form: str, content: bytes = b"") -> bytes:
    """A message that refers to unknown structures."""
    return (content or written(form)).replace(b"DF_OWN", b"DF_ZZZ").replace(b"DSD_OWN", b"DSD_ZZZ")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", FORMS)
def test_every_format_is_checked_without_structure(form: str, layout: str) -> None:
    checked = identify_and_check("f", written(form, LAYOUTS[layout]), {})
    assert (checked.size, checked.problems) == (3, [])
    assert "Codes and types were not checked; give the structure with --structure FILE." in checked.unchecked
    assert ("describes it itself" in checked.unchecked) == form.startswith("sdmx-json")
    assert ("were guessed" in checked.unchecked) == (not form.startswith(TELLING))


@pytest.mark.parametrize("name", MESSAGES)
def test_unchecked_parts_of_old_data_are_reported(name: str) -> None:
    checked = identify_and_check("f", MESSAGES[name], {})
    assert (checked.size, checked.problems) == (0 if name in OF_STRUCTURE_ALONE else 3, [])
    assert "give the structure with --structure FILE." in checked.unchecked


@pytest.mark.parametrize("layout", LAYOUTS)
def test_duplicates_are_found_without_structure(layout: str) -> None:
    content = written("sdmx-ml-2.1-generic", LAYOUTS[layout])
    twice = content.replace(b'value="2024"', b'value="2023"').replace(b'value="F"', b'value="M"')
    messages = [problem.message for problem in identify_and_check("f", twice, {}).problems]
    assert [message for message in messages if "occurs twice" in message]


@pytest.mark.parametrize("form", FORMS)
def test_truncated_message_is_reported_without_structure(form: str) -> None:
    content = written(form)
    assert identify_and_check("f", content[: len(content) * 2 // 3] + b'"<', {}).problems


@pytest.mark.parametrize(
    "kind", ["E", "SDM", "codelist", "metadataflow", "", "dataflow ", "Short", "concept", "x:y", "="]
)
def test_structure_of_an_unsuitable_kind_is_not_inferred(kind: str) -> None:
    content = written("sdmx-csv-2.0").replace(b"dataflow,", f"{kind},".encode())
    checked = identify_and_check("f", content, {})
    assert checked.problems or checked.unchecked
    urn = f"urn:sdmx:org.sdmx.infomodel.{kind}=X:DF_OWN(1.0)".encode()
    checked = identify_and_check("f", written("sdmx-csv-1.0").replace(b"SDMXMIG:DF_OWN(1.0.0-draft)", urn), {})
    assert checked.problems or checked.unchecked


@pytest.mark.parametrize("target", FAMILIES[1:])
def test_data_naming_only_time_are_refused_without_structure(target: str, tmp_path: Path, console: Console) -> None:
    content = written("sdmx-ml-2.1-generic")
    bare = re.sub(rb'<g:Value id="(FREQ|REF_AREA|SEX|CTZ)"[^>]*/>', b"", content)
    assert bare != content
    found = saved(tmp_path, data=bare)
    assert run(["transform", found["data"], "--to", target, "-o", str(tmp_path / "out")]) == 2
    assert "names the dimensions in order" in console.readouterr().err


# -- the exit code ----------------------------------------------------------------------------------------------------


def saved(folder: Path, **files: bytes) -> dict[str, str]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: str(folder / name) for name in files}


@pytest.mark.parametrize("form", FAMILIES)
def test_incomplete_check_has_its_own_exit_code(form: str, tmp_path: Path, console: Console) -> None:
    found = saved(tmp_path, data=written(form), all=structures(), wrong=wrong(form))
    assert "3 observations: not all checked" in console.output("check", found["data"], code=4)
    assert run(["check", found["data"], "--structure", found["all"]]) == 0
    assert run(["check", found["wrong"], found["data"], "--structure", found["all"]]) == 1
    assert run(["check", found["all"]]) == 0


def test_errors_precede_incomplete_check_in_exit_code(tmp_path: Path) -> None:
    cut = written("sdmx-ml-3.0")[:-60]
    found = saved(tmp_path, data=written("sdmx-ml-3.0"), cut=cut, none=b"nothing")
    assert run(["check", found["data"], found["cut"]]) == 1
    assert run(["check", found["cut"], found["data"]]) == 1
    assert run(["check", found["none"], found["data"]]) == 2


def test_faulty_file_does_not_hide_others(tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    for folder in ("one", "two"):
        (tmp_path / folder / "data.xml").write_bytes(written("sdmx-ml-3.0"))
    (tmp_path / "bug.xml").write_bytes(written("sdmx-ml-3.0"))
    (tmp_path / "none.xml").write_bytes(b"nothing")
    own = checking.identify_and_check

    def check_or_fall_over(name: str, *arguments: object, **more: object) -> object:
        if name.endswith("bug.xml"):
            raise ZeroDivisionError
        return own(name, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checking, "identify_and_check", check_or_fall_over)
    files = ["one/data.xml", "bug.xml", "none.xml", "missing.xml", "two/data.xml"]
    assert run(["check", *files]) == 3
    out, err = console.readouterr()
    assert "one/data.xml: SDMX-ML" in out
    assert "two/data.xml: SDMX-ML" in out
    assert "bug.xml could not be checked" in err
    assert "none.xml" in err
    assert "missing.xml" in err
    assert "Traceback" not in out + err


# -- these data follow this -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "said"),
    [
        *((form, ["--follows"]) for form in FAMILIES),
        ("sdmx-ml-3.0", ["--flow", "DSD_OWN"]),
        ("sdmx-csv-2.0", ["--flow", "SDMXMIG:DSD_OWN(1.0.0-draft)"]),
    ],
)
def test_structure_suffices_if_data_name_its_id(form: str, said: list[str], tmp_path: Path, console: Console) -> None:
    known = structures("DataStructure", "Codelist", "ConceptScheme")
    found = saved(tmp_path, data=elsewhere(form), dsd=known, wrong=elsewhere(form, wrong(form)))
    assert "--flow" in console.output("check", found["data"], "--structure", found["dsd"], code=4)
    assert run(["check", found["data"], "--structure", found["dsd"], *said]) == 0, console.readouterr().out
    assert "the data are read with SDMXMIG:DSD_OWN(1.0.0-draft)" in console.readouterr().out
    assert "ZZ" in console.output("check", found["wrong"], "--structure", found["dsd"], *said, code=1)


def wrong(form: str) -> bytes:
    """Data with a code that the list does not have."""
    content = written(form).replace(b'"M"', b'"ZZ"').replace(b",M,", b",ZZ,")
    assert content != written(form)
    return content


@pytest.mark.parametrize("form", FAMILIES)
@pytest.mark.parametrize(
    ("flow", "structure"), [(b"DF_POP(1.0.0)", b"DSD_STOCK"), (b"DF_IMM(1.0.0)", b"DSD_FLOW"), (b"DF_Z(9.0)", b"DSD_Z")]
)
def test_requested_structure_precedes_named_structure(form: str, flow: bytes, structure: bytes, tmp_path: Path) -> None:
    content = written(form).replace(b"DF_OWN(1.0.0-draft)", flow).replace(b"DF_OWN", flow.partition(b"(")[0])
    content = content.replace(b"DSD_OWN", structure).replace(b"1.0.0-draft", flow.partition(b"(")[2].strip(b")"))
    found = saved(tmp_path, data=content, dsd=structures())
    assert run(["check", found["data"], "--structure", found["dsd"], "--follows"]) == 0
    out = tmp_path / "out.csv"
    arguments = [found["data"], "--structure", found["dsd"], "--to", "sdmx-csv-2.0", "-o", str(out)]
    assert run(["transform", *arguments, "--follows"]) == 0
    assert "1076792.50" in out.read_text(encoding="utf-8")


def test_option_follows_resolves_agreement_to_structure(tmp_path: Path) -> None:
    agreement = written("sdmx-csv-2.0").replace(b"dataflow,", b"dataprovision,")
    found = saved(tmp_path, data=agreement, dsd=structures())
    assert run(["check", found["data"], "--structure", found["dsd"]]) == 4
    assert run(["check", found["data"], "--structure", found["dsd"], "--follows"]) == 0


def test_missing_codelists_are_asked_for(tmp_path: Path, console: Console) -> None:
    found = saved(tmp_path, data=written("sdmx-ml-3.0"), dsd=structures("DataStructure"), lists=structures("Codelist"))
    arguments = ["check", found["data"], "--structure", found["dsd"], "--follows"]
    assert "add them with --structure FILE" in console.output(*arguments, code=4)
    assert run([*arguments, "--structure", found["lists"]]) == 0


def test_dataflow_option_must_name_a_known_structure(tmp_path: Path, console: Console) -> None:
    found = saved(tmp_path, data=written("sdmx-ml-3.0"), all=structures(), lists=structures("Codelist"))
    assert "--structure" in console.errors("check", found["data"], "--follows")
    assert "DSD_OWN" in console.errors("check", found["data"], "--structure", found["all"], "--flow", "DSD_OWNS")
    assert run(["check", found["data"], "--structure", found["lists"], "--follows"]) == 2


@pytest.mark.parametrize("form", FAMILIES)
def test_dataflow_option_that_contradicts_data_is_refused(form: str, tmp_path: Path, console: Console) -> None:
    found = saved(tmp_path, data=written(form), all=structures())
    arguments = [found["data"], "--structure", found["all"]]
    assert run(["check", *arguments, "--flow", "DSD_OWN"]) == 0
    for command in (["check"], ["transform", "--to", "sdmx-csv-2.0", "-o", str(tmp_path / "out.csv")]):
        console.readouterr()
        assert run([*command, *arguments, "--flow", "DF_IMM"])
        assert "".join(console.readouterr()).count("not of DF_IMM") == 1


# -- transform --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", FAMILIES)
@pytest.mark.parametrize("form", FAMILIES)
def test_structure_is_inferred_from_the_data(form: str, target: str, tmp_path: Path, console: Console) -> None:
    plain = replace(SMALL, action="I")
    found = saved(tmp_path, data=written(form, dataset=plain))
    code = run(["transform", found["data"], "--to", target, "-o", str(tmp_path / "out")])
    errors = console.readouterr().err
    if target.startswith("sdmx-csv") or form.startswith(TELLING):
        assert code == 0, errors
        assert "Codes and types were not checked." in errors
        assert identify_and_check("f", (tmp_path / "out").read_bytes(), {}).size == 3
    else:
        assert code == 2
        assert "--dimensions" in errors
        assert not (tmp_path / "out").exists()


def test_dimensions_can_be_named_by_option(tmp_path: Path, console: Console) -> None:
    found = saved(tmp_path, data=elsewhere("sdmx-csv-2.0"), known=written("sdmx-csv-2.0"), all=structures())
    out = str(tmp_path / "out.json")
    base = ["transform", found["data"], "--to", "sdmx-json-2.0", "-o", out]
    assert run([*base, "--dimensions", "FREQ,REF_AREA,SEX,CTZ,TIME_PERIOD"]) == 0
    dimensions = json.loads(Path(out).read_text(encoding="utf-8"))["data"]["structures"][0]["dimensions"]
    assert [dimension["id"] for dimension in dimensions["series"]] == ["FREQ", "REF_AREA", "SEX", "CTZ"]
    assert "no NONE" in console.errors(*base, "--dimensions", "FREQ,NONE")
    known = ["transform", found["known"], "--to", "sdmx-json-2.0", "-o", out, "--structure", found["all"]]
    assert "--dimensions" in console.errors(*known, "--dimensions", "FREQ")
