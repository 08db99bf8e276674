"""`transform` of structures: an artefact that the target cannot hold is left out and named, the others are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import made
import made_artefacts as kinds
import pytest
from case_tables import cases_from
from console import Console

from sdmxmig.cli import run
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Categorisation

SEXES = ItemScheme(
    Ref("Codelist", "A", id="CL_SEX", version="1.0"), Text.of(en="Sex"), items=(Item("M", Text.of(en="Men")),)
)
VALUES = ItemScheme(
    Ref("ValueList", "A", id="VL", version="1.0"), Text.of(en="Values"), items=(Item("%", Text.of(en="Per cent")),)
)


def message(path: Path, *artefacts: Artefact, version: str = "sdmx-ml-3.0") -> Path:
    write = FORMATS[version].write_structures
    path.write_bytes(write(artefacts, made.HEADER))
    return path


FILED = Categorisation(
    Ref("Categorisation", "A", id="FILED", version="1.0"),
    Text.of(en="Where the dataflow is filed"),
    source=kinds.DATAFLOW.ref,
    target=Ref("Category", "A", id="SUBJECTS", version="1.0", item="POP"),
)


def refs(path: Path, version: str) -> list[str]:
    read = FORMATS[version].read_structures
    return [artefact.ref.id for artefact in read(path.name, path.read_bytes())]


def transformed(source: Path, version: str, *options: str) -> tuple[int, Path]:
    out = source.with_name("out")
    return run(["transform", str(source), "--to", version, "-o", str(out), *options]), out


@pytest.mark.parametrize("options", [[], ["--lenient"]])
def test_unwritable_artefact_does_not_stop_others(options: list[str], tmp_path: Path, console: Console) -> None:
    lists = [replace(SEXES, ref=replace(SEXES.ref, id=f"CL_{number}")) for number in range(100)]
    source = message(tmp_path / "all.xml", *lists, VALUES)
    code, out = transformed(source, "sdmx-ml-2.1", *options)
    errors = console.readouterr().err
    assert code == 1
    assert f"left out: {source}:" in errors
    assert "SDMX-ML 2.1 cannot express ValueList A:VL(1.0)" in errors
    assert errors.count("left out") == 1
    assert len(refs(out, "sdmx-ml-2.1")) == 100


@pytest.mark.every_day
def test_each_left_out_artefact_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = [replace(VALUES, ref=replace(VALUES.ref, id=f"VL_{number}")) for number in range(30)]
    code, out = transformed(message(tmp_path / "all.xml", SEXES, *lists), "sdmx-ml-2.1")
    errors = capsys.readouterr().err
    assert code == 1
    assert [f"A:VL_{number}(1.0)" in errors for number in range(30)] == [True] * 30
    assert refs(out, "sdmx-ml-2.1") == ["CL_SEX"]


def test_artefacts_referring_to_omitted_artefact_are_omitted(tmp_path: Path, console: Console) -> None:
    two = replace(kinds.VALUE, id="SECOND")
    structure = replace(kinds.STRUCTURE, components=(*kinds.DIMENSIONS, kinds.VALUE, two), groups=())
    assert isinstance(structure, DataStructure)
    source = message(tmp_path / "all.xml", SEXES, structure, kinds.DATAFLOW, FILED)
    code, out = transformed(source, "sdmx-ml-2.1")
    assert code == 1
    errors = console.readouterr().err
    assert structure.ref.short in errors
    assert f"Dataflow {kinds.DATAFLOW.ref.short} without {structure.ref}, which it refers to" in errors
    assert f"Categorisation {FILED.ref.short} without {kinds.DATAFLOW.ref}, which it refers to" in errors
    assert errors.count("left out:") == 3
    assert refs(out, "sdmx-ml-2.1") == ["CL_SEX"]


def test_artefacts_with_unresolved_references_are_kept(tmp_path: Path) -> None:
    code, out = transformed(message(tmp_path / "all.xml", kinds.DATAFLOW, FILED), "sdmx-ml-2.1")
    assert code == 0
    assert refs(out, "sdmx-ml-2.1") == [kinds.DATAFLOW.ref.id, FILED.ref.id]


def test_file_is_not_written_if_all_artefacts_are_omitted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = transformed(message(tmp_path / "all.xml", VALUES), "sdmx-ml-2.1")
    assert code == 2
    assert "cannot express ValueList A:VL(1.0)" in capsys.readouterr().err
    assert not out.exists()


def test_first_of_two_artefacts_with_equal_names_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = message(tmp_path / "all.xml", SEXES, replace(SEXES, ref=replace(SEXES.ref, version="2.0")))
    source.write_bytes(source.read_bytes().replace(b"2.0", b"1.0").replace(b">Sex<", b">First<", 1))
    code, out = transformed(source, "sdmx-ml-3.0")
    assert code == 1
    assert "two different artefacts" in capsys.readouterr().err
    assert (b">First<" in out.read_bytes(), b">Sex<" in out.read_bytes()) == (True, False)


WOULD_BE_INVALID = {
    "a code with a dot": (b'id="M"', b'id="M.1"'),
    "a code twice": (b"</str:Code>", b'</str:Code><str:Code id="M"><com:Name>N</com:Name></str:Code>'),
    "a codelist that begins with a digit": (b'id="CL_BAD"', b'id="1CL_BAD"'),
    "a codelist with an at sign": (b'id="CL_BAD"', b'id="CL@BAD"'),
    "a version with a leading nought": (b'version="1.0"', b'version="1.01"'),
    "a date that is none": (b'version="1.0"', b'version="1.0" validFrom="2026-13-01"'),
    "a year as a date": (b'version="1.0"', b'version="1.0" validTo="2026"'),
    "an empty code": (b'id="M"', b'id=" "'),
    "a language that is none": (b'xml:lang="en">Men', b'xml:lang="e n">Men'),
    "a parent that is no code": (b"</com:Name></str:Code>", b"</com:Name><str:Parent>A B</str:Parent></str:Code>"),
}


@pytest.mark.parametrize("target", ["sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("what", [*WOULD_BE_INVALID])
def test_invalid_artefacts_are_left_out(what: str, target: str, tmp_path: Path, console: Console) -> None:
    bad = replace(SEXES, ref=replace(SEXES.ref, id="CL_BAD"))
    source = message(tmp_path / "all.xml", bad, SEXES)
    before, after = WOULD_BE_INVALID[what]
    text = source.read_bytes()
    start = text.index(b"<str:Codelist ")
    compact = b"".join(line.strip() for line in text[start:].splitlines())
    spoilt = compact.replace(before, after, 1)
    assert spoilt != compact
    source.write_bytes(text[:start] + spoilt)
    code, out = transformed(source, target, "--lenient")
    errors = console.readouterr().err
    if "all.xml:" in errors and "cannot express" not in errors:  # what cannot even be read
        assert code == 1
        return
    assert (code, refs(out, target)) == (1, ["CL_SEX"])
    assert FORMATS[target].structure_problem(out.read_bytes()) == ""


OLD = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"


def old_message(path: Path, behind: str = "", *, own: str = "M", sender: str = "A", when: str = "2026-01-31") -> Path:
    head = f"<ID>{own}</ID><Test>false</Test><Prepared>{when}</Prepared><Sender id='{sender}'/>{behind}"
    lists = '<s:CodeList id="CL" agencyID="A"><s:Name>N</s:Name></s:CodeList>'
    spaces = f'xmlns="{OLD}/message" xmlns:s="{OLD}/structure"'
    path.write_text(f"<Structure {spaces}><Header>{head}</Header><CodeLists>{lists}</CodeLists></Structure>")
    return path


@pytest.mark.parametrize("target", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1"])
@cases_from("sdmx/cases/lost_header_fields_are_reported.csv")
def test_lost_header_fields_are_reported(inner: str, said: str, target: str, tmp_path: Path, console: Console) -> None:
    code, out = transformed(old_message(tmp_path / "old.xml", inner), target)
    assert (code, refs(out, target)) == (0, ["CL"])
    assert f"has no place for {said}" in console.readouterr().err


def test_invalid_message_id_is_changed_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = transformed(old_message(tmp_path / "old.xml", own="data.example.org"), "sdmx-ml-3.0")
    assert code == 0
    assert b"<mes:ID>data_x002E_example_x002E_org</mes:ID>" in out.read_bytes()
    assert "“data.example.org”, is spelt data_x002E_example_x002E_org" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "option", "value"),
    [
        ({"sender": ""}, "--sender", "GE1"),
        ({"sender": "A B"}, "--sender", "GE1"),
        ({"when": "31/01/2026"}, "--now", ""),
        ({"own": ""}, "--id", "M1"),
    ],
)
def test_refused_header_names_the_option_to_use(
    given: dict[str, str], option: str, value: str, tmp_path: Path, console: Console
) -> None:
    source = old_message(tmp_path / "old.xml", **given)
    assert transformed(source, "sdmx-ml-3.0")[0] == 2
    errors = console.readouterr().err
    assert option in errors
    assert "old.xml" in errors
    assert transformed(source, "sdmx-ml-3.0", option, value or "2026-01-31T10:00:00+00:00")[0] == 0
