"""Messages of others at the command line: checked, transformed and compared."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from console import Console
from folders import ROOT
from shipped import CATALOGUE

import sdmxmig
from sdmxmig.catalogue import list_structures
from sdmxmig.cli import run
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.exchange import keep_header, transform
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.converting import convert
from sdmxmig.workspace.tasks.session import lock_session

NOW = "2026-01-31T12:00:00+00:00"


@pytest.fixture(scope="module")
def sweden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an example, and the structures of one of its dataflows."""
    with lock_session(ROOT / "examples" / "sweden", tmp_path_factory.mktemp("exchange") / "sweden", NOW) as session:
        convert(session)
    structures = list_structures(CATALOGUE, ["DF_ACCOUNT"])
    content = structure_bytes(FORMATS["sdmx-ml-3.0"], structures, Header("M1", NOW, sender=Party("GE1")))
    (session.out / "structures").mkdir()
    (session.out / "structures" / "structures.sdmx-ml-3.0.xml").write_bytes(content)
    return session.out


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_wrong_code_and_missing_end_are_located(sweden: Path, tmp_path: Path, console: Console) -> None:
    text = (sweden / "data" / "DF_ACCOUNT.sdmx-ml-3.0.xml").read_text(encoding="utf-8")
    line = next(number for number, line in enumerate(lines(text), start=1) if 'OBS_STATUS="A"' in line)
    (tmp_path / "wrong.xml").write_text(text.replace('OBS_STATUS="A"', 'OBS_STATUS="ZZ"', 1), encoding="utf-8")
    (tmp_path / "cut.xml").write_text(text[:-40], encoding="utf-8")
    (wrong,) = json.loads(console.output("check", tmp_path / "wrong.xml", "--format", "json", code=1))
    assert wrong["problems"][0]["place"].startswith(f"{tmp_path / 'wrong.xml'}:{line}:")
    assert "ZZ" in wrong["problems"][0]["message"]
    assert "cut.xml:" in console.output("check", tmp_path / "cut.xml", code=1)


def test_data_without_structure_are_not_reported_as_wrong(sweden: Path, tmp_path: Path, console: Console) -> None:
    text = (sweden / "data" / "DF_ACCOUNT.csv").read_text(encoding="utf-8")
    (tmp_path / "other.csv").write_text(text.replace("DF_ACCOUNT(", "DF_OTHER("), encoding="utf-8")
    output = console.output("check", tmp_path / "other.csv", code=4)
    assert "not all checked" in output
    assert "--structure FILE" in output


def test_removed_code_requires_major_version(sweden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    released = (sweden / "structures" / "structures.sdmx-ml-3.0.xml").read_text(encoding="utf-8")
    released = released.replace("1.0.0-draft", "1.0.0")
    begin = released.index('<str:Code id="FLW_EMI"') if '<str:Code id="FLW_EMI"' in released else -1
    assert begin > 0
    end = released.index("</str:Code>", begin) + len("</str:Code>")
    (tmp_path / "old.xml").write_text(released, encoding="utf-8")
    (tmp_path / "new.xml").write_text(released[:begin] + released[end:], encoding="utf-8")
    assert run(["diff", str(tmp_path / "old.xml"), str(tmp_path / "new.xml"), "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["needed"], found["taken"], found["proposed"]) == ("major", "none", "2.0.0")
    assert {"change": "item-removed", "part": "FLW_EMI", "step": "major", "detail": ""} in found["changes"]


def test_unknown_format_lists_the_writable_ones(sweden: Path, tmp_path: Path, console: Console) -> None:
    source = sweden / "data" / "DF_ACCOUNT.csv"
    assert run(["transform", str(source), "--to", "sdmx-edi", "-o", str(tmp_path / "x")]) == 2
    offered = re.findall(r"sdmx-(?:csv|json|ml)-\S*[^\s,.]", console.readouterr().err)
    assert {"sdmx-csv-1.0", "sdmx-json-2.0", "sdmx-ml-3.1"} <= set(offered)
    assert "sdmx-ml-2.0" not in offered, "it is only read"
    assert list(tmp_path.iterdir()) == []


def test_python_error_lists_the_writable_formats() -> None:
    with pytest.raises(SdmxmigError, match="The format is missing") as refused:
        sdmxmig.write([], None)
    assert "sdmx-ml-2.1" in str(refused.value.hint)
    assert "sdmx-ml-2.0" not in str(refused.value.hint)


def header_of(path: Path) -> object:
    form = FORMATS["sdmx-json-2.0" if path.suffix == ".json" else "sdmx-ml-3.0"]
    with path.open("rb") as stream:
        return form.read_header(path.name, stream)


@pytest.mark.parametrize("target", ["sdmx-ml-3.0", "sdmx-json-2.0"])
def test_header_is_kept_except_for_given_options(target: str, sweden: Path, tmp_path: Path) -> None:
    source = sweden / "data" / "DF_ACCOUNT.sdmx-ml-3.0.xml"
    same, other = (tmp_path / f"{name}{FORMATS[target].suffix}" for name in ("same", "other"))
    assert run(["transform", str(source), "--to", target, "-o", str(same)]) == 0
    before, after = header_of(source), header_of(same)
    for name in ("id", "prepared", "sender", "receivers", "test", "name", "source"):
        assert getattr(after, name) == getattr(before, name), name
    options = ["--id", "M2", "--sender", "SE9", "--now", "2030-01-01T00:00:00+00:00"]
    assert run(["transform", str(source), "--to", target, "-o", str(other), *options]) == 0
    changed = header_of(other)
    assert (changed.id, changed.sender.id, changed.prepared[:10]) == ("M2", "SE9", "2030-01-01")  # type: ignore[attr-defined]
    assert changed.receivers == before.receivers  # type: ignore[attr-defined]


def test_missing_header_is_generated(sweden: Path, tmp_path: Path) -> None:
    source, out = sweden / "data" / "DF_ACCOUNT.csv", tmp_path / "out.xml"
    assert run(["transform", str(source), "--to", "sdmx-ml-3.0", "-o", str(out), "--now", NOW]) == 0
    header = header_of(out)
    assert (header.id, header.sender.id, header.prepared) == ("TRANSFORMED", "SDMXMIG", NOW)  # type: ignore[attr-defined]
    with pytest.raises(SdmxmigError, match="no header to keep"):
        transform(
            "a", io.BytesIO(source.read_bytes()), FORMATS["sdmx-ml-3.0"], io.BytesIO(), flows={}, header=keep_header
        )


@pytest.mark.parametrize("ending", [".gz", ".zip"])
def test_output_is_compressed_according_to_its_suffix(ending: str, sweden: Path, tmp_path: Path) -> None:
    source = sweden / "data" / "DF_ACCOUNT.csv"
    packed, again = tmp_path / f"data.xml{ending}", tmp_path / f"again.xml{ending}"
    for out in (packed, again):
        assert run(["transform", str(source), "--to", "sdmx-ml-3.0", "-o", str(out), "--now", NOW]) == 0
    assert run(["transform", str(source), "--to", "sdmx-ml-3.0", "-o", str(tmp_path / "bare.xml"), "--now", NOW]) == 0
    name, content = read_message(packed)
    assert (name, content) == ("data.xml", (tmp_path / "bare.xml").read_bytes())
    if ending == ".gz":
        assert packed.read_bytes() == again.read_bytes(), "no time and no name in it"
        assert gzip.decompress(packed.read_bytes()) == content
    else:
        assert zipfile.ZipFile(packed).testzip() is None
    assert run(["transform", str(packed), "--to", "sdmx-csv-2.0", "-o", str(tmp_path / "back.csv")]) == 0
    assert sorted(lines((tmp_path / "back.csv").read_text())) == sorted(lines(source.read_text()))


def test_member_of_archive_is_named_after_the_archive(sweden: Path, tmp_path: Path) -> None:
    source = sweden / "data" / "DF_ACCOUNT.csv"
    assert run(["transform", str(source), "--to", "sdmx-json-2.0", "-o", str(tmp_path / "data.zip")]) == 0
    assert zipfile.ZipFile(tmp_path / "data.zip").namelist() == ["data.json"]


def test_result_is_written_to_standard_output(
    sweden: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = sweden / "data" / "DF_ACCOUNT.csv"
    assert run(["transform", str(source), "--to", "sdmx-csv-2.0", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out == source.read_bytes(), "nothing else, not even the name of the file"


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "zip"])
def test_faulty_message_keeps_earlier_output(ending: str, sweden: Path, tmp_path: Path, console: Console) -> None:
    whole = sweden / "data" / "DF_ACCOUNT.sdmx-ml-3.0.xml"
    (tmp_path / "cut.xml").write_text(whole.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    out = tmp_path / f"out.{ending}"
    for has_earlier in (False, True):
        if has_earlier:
            assert run(["transform", str(whole), "--to", "sdmx-csv-2.0", "-o", str(out)]) == 0
        before = out.read_bytes() if has_earlier else None
        assert "cut.xml:" in console.errors("transform", tmp_path / "cut.xml", "--to", "sdmx-csv-2.0", "-o", out)
        assert (out.read_bytes() if out.exists() else None) == before
        assert len(list(tmp_path.iterdir())) == (2 if before else 1)


def test_unwritable_output_is_refused_with_its_option(sweden: Path, tmp_path: Path, console: Console) -> None:
    (tmp_path / "file").write_text("no folder")
    source = sweden / "data" / "DF_ACCOUNT.csv"
    assert "-o FILE" in console.errors("transform", source, "--to", "sdmx-ml-3.0", "-o", tmp_path / "file" / "out.xml")


def test_lenient_reading_lists_omitted_parts(sweden: Path, tmp_path: Path, console: Console) -> None:
    text = (sweden / "data" / "DF_ACCOUNT.sdmx-ml-3.0.xml").read_text(encoding="utf-8")
    wrong = text.replace('OBS_STATUS="A"', 'OBS_STATUS="A" STRANGE="1"', 1)
    (tmp_path / "wrong.xml").write_text(wrong, encoding="utf-8")
    command = ["transform", str(tmp_path / "wrong.xml"), "--to", "sdmx-csv-2.0", "-o", str(tmp_path / "out.csv")]
    assert run(command) == 2
    assert not (tmp_path / "out.csv").exists()
    console.readouterr()
    assert run([*command, "--lenient"]) == 1, "something was left out"
    errors = console.readouterr().err
    line = next(number for number, line in enumerate(lines(wrong), start=1) if "STRANGE" in line)
    assert f"wrong.xml:{line}" in errors
    assert "STRANGE" in errors
    assert (tmp_path / "out.csv").exists()
    assert run(["transform", str(sweden / "data" / "DF_ACCOUNT.csv"), *command[2:], "--lenient"]) == 0


ML = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'<RegistryInterface xmlns="{ML}"/>', "registry"),
        (f'<QueryMessage xmlns="{ML}"/>', "query"),
    ],
)
def test_unsuitable_messages_are_refused(content: str, said: str, tmp_path: Path, console: Console) -> None:
    (tmp_path / "in").write_text(content)
    errors = console.errors("transform", tmp_path / "in", "--to", "sdmx-json-2.0", "-o", tmp_path / "out")
    assert f" {said} " in errors
    assert "cannot become SDMX-JSON 2.0" in errors
    assert "Structures, data and reference metadata can be transformed" in errors
    assert not (tmp_path / "out").exists()


def test_unsuitable_target_lists_suitable_ones(sweden: Path, tmp_path: Path, console: Console) -> None:
    source = sweden / "structures" / "structures.sdmx-ml-3.0.xml"
    assert "sdmx-ml-2.1, " in console.errors("transform", source, "--to", "sdmx-csv-2.0", "-o", tmp_path / "out")


METADATA = [name for name in FORMATS if FORMATS[name].write_metadata and FORMATS[name].read_metadata]


@pytest.mark.parametrize("target", [name for name in METADATA if name not in ("sdmx-ml-2.1", "sdmx-ml-2.1-generic")])
def test_reference_metadata_survive_every_format(target: str, tmp_path: Path) -> None:
    report = Report(
        (Target("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0.0)"),),
        (ReportedAttribute("CONTACT", ("Office of statistics",)), ReportedAttribute("METHOD", ("Count",))),
    )
    found = MetadataSet(
        Ref("Metadataflow", "SDMXMIG", id="MDF_QUALITY", version="1.0.0"),
        (report,),
        ref=Ref("MetadataSet", "SDMXMIG", id="MS_1", version="1.0.0"),
        name=Text.of(en="Quality"),
    )
    form, header = FORMATS["sdmx-ml-3.0"], Header("M1", NOW, sender=Party("GE1"))
    (tmp_path / "in.xml").write_bytes(form.write_metadata([found], header))
    there, back = tmp_path / "there", tmp_path / "back.xml"
    assert run(["transform", str(tmp_path / "in.xml"), "--to", target, "-o", str(there), "--now", NOW]) == 0
    assert run(["transform", str(there), "--to", "sdmx-ml-3.0", "-o", str(back), "--now", NOW]) == 0
    (again,) = form.read_metadata("back.xml", back.read_bytes())
    assert [report.attributes for report in again.reports] == [report.attributes]
    assert [report.targets for report in again.reports] == [report.targets]
