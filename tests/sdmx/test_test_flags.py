"""A message is a test only on request, and its test flag is kept."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import made
import pytest
from folders import ROOT, TESTS

from sdmxmig.cli import run
from sdmxmig.sdmx.formats import FORMATS, structure_bytes

pytestmark = pytest.mark.usefixtures("readable_reports")
TEST = re.compile(r"<(?:\w+:)?Test>(\w+)</|\"test\":\s*(\w+)")
NAMED = {"sdmx-ml-2.1": "xml", "sdmx-ml-2.1-generic": "xml", "sdmx-ml-3.0": "xml", "sdmx-ml-3.1": "xml"}
NAMED |= {"sdmx-json-2.0": "json", "sdmx-json-2.1": "json"}


def said(path: Path) -> list[str]:
    """The test flag of a message."""
    return [one or other for one, other in TEST.findall(path.read_text(encoding="utf-8"))]


@pytest.fixture(
    params=["", pytest.param("test = false\n", marks=pytest.mark.long), "test = true\n"], ids=["no word", "no", "yes"]
)
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A workspace without test flag, or with either, and the expected flag of its messages."""
    folder = Path(shutil.copytree(ROOT / "templates" / "workspace", tmp_path / "ge"))
    text = (folder / "country.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("test =")]
    (folder / "country.toml").write_text("\n".join(lines) + f"\n{request.param}", encoding="utf-8")
    return folder, "true" if "true" in request.param else "false"


def test_every_message_has_the_test_flag_of_its_workspace(workspace: tuple[Path, str]) -> None:
    folder, expected = workspace
    assert run(["run", str(folder), "--now", "2026-01-31T12:00:00"]) == 0
    if expected == "false":  # its warnings are passed over each time, with a reason
        assert run(["package", str(folder), "--override", "They are real.", "--now", "2026-01-31T12:00:00"]) == 0
    messages = [
        *folder.glob("out/data/*.xml"),
        *folder.glob("out/structures/*.*ml"),
        *folder.glob("out/submission/*/**/*.xml"),
    ]
    messages += [*folder.glob("out/structures/*.json"), *folder.glob("out/submission/*/manifest.json")]
    assert len(messages) >= 10
    assert {path.name: said(path)[:1] for path in messages if path.name != "made.json"} == {
        path.name: [expected] for path in messages if path.name != "made.json"
    }


def test_profile_answers_have_test_flag_of_workspace(workspace: tuple[Path, str]) -> None:
    folder, expected = workspace
    assert [run([step, str(folder)]) for step in ("convert", "validate", "assess")] == [0, 0, 0]
    assert said(folder / "out" / "profile-metadata.xml")[:1] == [expected]


@pytest.mark.parametrize("target", NAMED)
def test_message_made_from_csv_has_no_test_flag(target: str, tmp_path: Path) -> None:
    source = TESTS / "golden" / "sweden" / "DF_ACCOUNT.csv"
    made = tmp_path / f"a.{NAMED[target]}"
    assert run(["transform", str(source), "--to", target, "-o", str(made)]) == 0
    assert said(made)[:1] == ["false"]


@pytest.mark.parametrize("target", NAMED)
@pytest.mark.parametrize("word", ["true", "false"])
def test_test_flag_of_a_message_is_kept(word: str, target: str, tmp_path: Path) -> None:
    text = (TESTS / "golden" / "sweden" / "DF_ACCOUNT.sdmx-ml-3.0.xml").read_text(encoding="utf-8")
    source, made = tmp_path / "source.xml", tmp_path / f"a.{NAMED[target]}"
    source.write_text(text.replace("<mes:Test>true<", f"<mes:Test>{word}<"), encoding="utf-8")
    assert run(["transform", str(source), "--to", target, "-o", str(made)]) == 0
    assert said(made)[:1] == [word]


STRUCTURES = {
    "sdmx-ml-2.1": "<mes:Test>{}</mes:Test>",
    "sdmx-ml-3.0": "<mes:Test>{}</mes:Test>",
    "sdmx-json-2.0": '"test":{},',
}


def structures(form: str, word: str) -> bytes:
    """A structure message that says a word of being a test, or none."""
    content = structure_bytes(FORMATS[form], made.ARTEFACTS, made.HEADER).decode()
    line = STRUCTURES[form].format("false")
    assert line in content
    return content.replace(line, STRUCTURES[form].format(word) if word else "").encode()


@pytest.mark.parametrize("target", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("word", ["", "false", "true"])
@pytest.mark.parametrize("source", STRUCTURES)
def test_structures_keep_the_test_flag_of_their_source(source: str, word: str, target: str, tmp_path: Path) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    given.write_bytes(structures(source, word))
    assert run(["transform", str(given), "--to", target, "-o", str(out)]) == 0
    assert said(out)[:1] == [word or "false"]


def test_questionnaire_answers_are_tests_only_in_test_workspace(tmp_path: Path) -> None:
    form = tmp_path / "pop.xlsx"
    assert run(["questionnaire", "make", "DF_ESTAT_DEMO_PJAN", "--area", "GE", "--years", "2023", "-o", str(form)]) == 0
    asked = Path(shutil.copytree(ROOT / "templates" / "workspace", tmp_path / "ge"))
    for more, expected in (([], "false"), (["--workspace", str(asked)], "true")):
        out = tmp_path / expected
        assert run(["questionnaire", "read", str(form), "-o", str(out), *more]) in (0, 1)
        assert said(out / "DF_ESTAT_DEMO_PJAN.xml")[:1] == [expected]
