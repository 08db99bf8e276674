"""Show the report documents, save them unchanged, and rebuild them in each language."""

from __future__ import annotations

import shutil
from html import unescape
from pathlib import Path

import pytest
from other_systems import not_on_windows
from quickly import write_readably
from small_validation import NOW, TABLE, workspace
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.screens.report import hash_script
from sdmxmig.web.workbench import Workbench


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report")
    folder = workspace(place / "ws", TABLE.replace("398c", "410").replace("427", "410"))
    run(["init", str(place / "other"), "--quiet"])
    shutil.copy(place / "other" / "profile.toml", folder / "profile.toml")
    with pytest.MonkeyPatch.context() as patch:
        write_readably(patch)
        for command in (["validate"], ["assess"], ["report", "--document", "brief"]):
            run([command[0], str(folder), *command[1:], "--now", NOW])
    return folder


def test_report_page_is_sandboxed_and_saved_unchanged(bench: Workbench) -> None:
    client = visitor(bench)
    shown = client.get("/report/file/of/brief-draft.en.html")
    assert shown.content == (bench.folder / "out" / "brief-draft.en.html").read_bytes()
    assert shown.headers["content-security-policy"].startswith("sandbox allow-scripts allow-downloads;")
    assert hash_script().encode() in shown.content
    assert "unsafe-inline" not in shown.headers["content-security-policy"].partition("style-src")[0]
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    saved = client.get("/report/file/of/brief-draft.en.html?save=1")
    assert saved.content == shown.content
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''GE-brief-draft.en.html"


ANSWERS = {"C01.answer": "0", "C01.evidence": "CONFIRMED", "C03.answer": "2", "C03.evidence": "CONFIRMED"}


def test_assessment_of_the_report_is_named(bench: Workbench) -> None:
    assessment = visitor(bench).get("/report.json").json()["assessment"]
    assert (assessment["year"], assessment["prepared"], assessment["older"]) == ("2024", NOW, [])
    assert assessment["contradictions"] == []
    words = [f"items.{item}={text}" for item, text in ANSWERS.items()]
    assert run(["profile", "answer", str(bench.folder), *words, "--now", NOW]) == 0
    client = visitor(workbench(bench.folder))
    assert client.get("/report.json").json()["assessment"]["older"] == ["profile.toml was changed"]
    run(["assess", str(bench.folder), "--now", NOW])
    (line,) = client.get("/report.json").json()["assessment"]["contradictions"]
    assert line["query"] == {"module": "C"}
    page = client.get("/report").text
    assert f'href="/profile?module=C#q-{line["item"]}"' in page
    assert line["sentence"] in unescape(page)


@pytest.mark.parametrize("name", ["../country.toml", "..%2Fcountry.toml", "assessment.json", "made.json", "", "%00"])
def test_other_files_are_refused(bench: Workbench, name: str) -> None:
    assert visitor(bench).get(f"/report/file/of/{name}").status_code in (404, 422)


@pytest.mark.parametrize("form", [{}, {"language": "xx"}, {"language": "en", "document": "all; ls"}])
def test_unknown_document_or_language_is_refused(bench: Workbench, form: dict[str, str]) -> None:
    assert visitor(bench).post("/report/do/make", data=form).status_code == 422
    assert bench.jobs.last is None


@pytest.fixture
def plain(tmp_path: Path) -> Workbench:
    """A workbench whose workspace has no report yet."""
    return workbench(workspace(tmp_path / "ws"))


LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><rect width="2" height="1"/></svg>'


def test_page_and_command_store_logo_and_colours_alike(plain: Workbench, tmp_path: Path) -> None:
    own = "# Ours\norder = []   # for now\n"
    other = tmp_path / "commanded"
    (plain.folder / "templates" / "report").mkdir(parents=True)
    (plain.folder / "templates" / "report" / "report.toml").write_text(own)
    shutil.copytree(plain.folder, other)
    client = visitor(plain)
    made_from = client.get("/report.json").json()["made_from"]
    form = {f"made-from:{name}": sha for name, sha in made_from.items()}
    form |= {"logo_text": "The office", "accent": "#1f5c3a", "ink": "", "secondary": ""}
    answer = client.post("/report/do/style", data=form, files={"logo": ("../../x.svg", LOGO, "image/svg+xml")})
    assert answer.status_code == 303
    (tmp_path / "x.svg").write_bytes(LOGO)
    words = ["--logo", str(tmp_path / "x.svg"), "--logo-text", "The office", "--accent", "#1f5c3a"]
    assert run(["style", str(other), *words, "--now", NOW]) == 0
    for name in ("report.toml", "logo.svg"):
        path = Path("templates") / "report" / name
        assert (plain.folder / path).read_bytes() == (other / path).read_bytes()
    assert (plain.folder / "templates" / "report" / "report.toml").read_text().startswith(own)
    style = client.get("/report.json").json()["style"]
    assert (style["logo_text"], style["colours"]["accent"]["chosen"]) == ("The office", "#1f5c3a")
    assert style["logo"].startswith("data:image/svg+xml;base64,")
    again = client.post("/report/do/style", data=form | {"accent": "#102030"})
    assert (again.status_code, "was changed in the meantime" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("form", "logo", "told"),
    [
        ({"accent": "#ffff00"}, b"", "has a contrast of"),
        ({"accent": "red"}, b"", "red"),
        ({}, LOGO.replace(b"<rect", b"<script>alert(1)</script><rect"), "not a drawing"),
        ({}, b"GIF89a", "neither PNG nor SVG"),
        ({"logo_text": "Without a picture"}, b"", "file"),
        ({"logo_text": "x" * 400}, LOGO, "at most 300 characters"),
    ],
)
def test_impossible_report_design_is_refused(plain: Workbench, form: dict[str, str], logo: bytes, told: str) -> None:
    before = sorted(
        path for path in plain.folder.rglob("*") if "out" not in path.parts and ".history" not in path.parts
    )
    client = visitor(plain)
    files = {"logo": ("logo.svg", logo, "image/svg+xml")} if logo else None
    answer = client.post("/report/do/style", data={"logo_text": "", **form}, files=files)
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    after = sorted(path for path in plain.folder.rglob("*") if "out" not in path.parts and ".history" not in path.parts)
    assert [path for path in after if path not in before and path.name != "history.jsonl"] == []


def test_page_and_command_remove_the_logo_alike(plain: Workbench, tmp_path: Path) -> None:
    own = "# Ours\norder = []   # for now\n"
    folder, other = plain.folder / "templates" / "report", tmp_path / "commanded"
    folder.mkdir(parents=True)
    (folder / "report.toml").write_text(own)
    client = visitor(plain)
    files = {"logo": ("x.svg", LOGO, "image/svg+xml")}
    client.post("/report/do/style", data={"logo_text": "The office", "accent": "#1f5c3a"}, files=files)
    shutil.copytree(plain.folder, other)
    assert "Remove the logo" in client.get("/report").text
    made_from = client.get("/report.json").json()["made_from"]
    form = {f"made-from:{name}": sha for name, sha in made_from.items()}
    assert client.post("/report/do/no-logo", data=form).status_code == 303
    style = client.get("/report.json").json()["style"]
    assert (style["logo"], style["logo_text"], style["colours"]["accent"]["chosen"]) == ("", "", "#1f5c3a")
    assert "Remove the logo" not in client.get("/report").text
    assert (folder / "report.toml").read_text() == f'{own}\n[colours]\naccent = "#1f5c3a"\n'
    assert sorted(path.name for path in folder.iterdir()) == ["report.toml"]
    assert run(["style", str(other), "--no-logo", "--now", NOW]) == 0
    assert (other / "templates" / "report" / "report.toml").read_bytes() == (folder / "report.toml").read_bytes()
    assert run(["history", str(plain.folder), "--undo", "3"]) == 0
    assert (folder / "logo.svg").read_bytes() == LOGO, "and it can be had back"
    assert client.post("/report/do/no-logo", data={**form, "made-from:x": "y"}).status_code == 409


def test_logo_cannot_be_set_and_removed_together(plain: Workbench, tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_bytes(LOGO)
    assert run(["style", str(plain.folder), "--no-logo", "--logo", str(tmp_path / "x.svg")]) == 2
    assert run(["style", str(plain.folder), "--no-logo", "--logo-text", "Office"]) == 2
    assert run(["style", str(plain.folder)]) == 2


@not_on_windows("links need rights there")
@pytest.mark.parametrize("path", ["/report", "/report.json", "/report/file/of/brief-draft.en.html?save=1"])
def test_link_among_results_discloses_no_foreign_file(bench: Workbench, path: str) -> None:
    (bench.folder.parent / "letter.txt").write_text("SECRET", encoding="utf-8")
    page = bench.folder / "out" / "brief-draft.en.html"
    page.unlink()
    page.symlink_to(bench.folder.parent / "letter.txt")
    answer = visitor(bench).get(path)
    assert answer.status_code == 422
    assert "This link leads out of the workspace" in answer.text
    assert "SECRET" not in answer.text


@pytest.mark.parametrize(("path", "status"), [("/report/file/of/x", 405), ("/nothing", 404), ("/report/do/x", 404)])
def test_early_refusal_closes_the_connection(bench: Workbench, path: str, status: int) -> None:
    answer = visitor(bench).post(path, data={"a": "b"})
    assert (answer.status_code, answer.headers.get("connection")) == (status, "close")
