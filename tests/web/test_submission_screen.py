"""What stands in the way of a submission is said at once; sealed ones are verified, and given as they are sent."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from small_validation import NOW, TABLE, workspace
from workbenches import desk, visitor

from sdmxmig.cli import run
from sdmxmig.web.desk import Desk

SOUND = TABLE.replace("398c", "410").replace("427", "410")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which a submission was sealed; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("sealed") / "ws"
    made(folder, SOUND, "validate", "package")
    return folder


@pytest.fixture
def bench(once: Path, tmp_path: Path) -> Desk:
    return desk(Path(shutil.copytree(once, tmp_path / "ws")))


def made(folder: Path, table: str, *commands: str) -> Desk:
    """A workbench on a workspace with this table, after these commands."""
    workspace(folder, table)
    for command in commands:
        run([command, str(folder), "--now", NOW])
    return desk(folder)


def states(bench: Desk) -> dict[str, str]:
    """How each condition of a submission stands."""
    facts = visitor(desk(bench.folder)).get("/submission.json").json()
    return {condition["name"]: condition["state"] for condition in facts["conditions"]}


def sealed(folder: Path) -> Path:
    """The folder of the submission that was sealed last."""
    root = folder / "out" / "submission"
    return root / (root / "newest").read_text().strip()


def test_all_that_stands_in_the_way_is_said_at_once(tmp_path: Path) -> None:
    bench = made(tmp_path / "ws", TABLE.replace("398c", "390"))
    assert states(bench) == {"data": "met", "findings": "in the way"}
    run(["validate", str(bench.folder), "--now", NOW])
    assert states(bench)["errors"] == "in the way"
    (bench.folder / "tables" / "office.csv").write_text(SOUND)
    assert [name for name, state in states(bench).items() if state == "in the way"] == ["data", "findings", "errors"]


def test_figures_that_were_changed_after_validation_are_named(tmp_path: Path) -> None:
    bench = made(tmp_path / "ws", SOUND, "validate")
    assert {state for name, state in states(bench).items() if name != "warnings"} == {"met"}
    path = bench.folder / "out" / "data" / "DF_POP.csv"
    path.write_text(path.read_text().replace("1030", "1031"))
    assert "in the way" in states(bench).values()


def test_the_command_says_what_the_screen_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = made(tmp_path / "ws", TABLE.replace("398c", "390"), "validate")
    capsys.readouterr()
    assert run(["package", str(bench.folder), "--check"]) == 1
    assert "errors  in the way  2" in capsys.readouterr().out
    sound = made(tmp_path / "sound", SOUND, "validate")
    assert run(["package", str(sound.folder), "--check"]) == 0
    assert not (sound.folder / "out" / "submission").exists()


def test_a_sealed_submission_is_shown_with_its_parts_hashes_and_letter(bench: Desk) -> None:
    folder = sealed(bench.folder)
    client = visitor(bench)
    chosen = client.get("/submission.json").json()["chosen"]
    assert (chosen["id"], chosen["ok"]) == (folder.name, True)
    assert chosen["letter"] == (folder / "cover-letter.txt").read_text()
    page = client.get("/submission").text
    assert all(part["sha256"] in page for part in chosen["parts"])
    for part in chosen["parts"]:
        answer = client.get(f"/submission/file/of/{folder.name}/{part['name']}")
        assert answer.content == (folder / part["name"]).read_bytes()
        assert answer.headers["content-disposition"].startswith("attachment")


def test_the_archive_has_the_folder_as_it_is(bench: Desk) -> None:
    folder = sealed(bench.folder)
    client = visitor(bench)
    content = client.get(f"/submission/file/archive/{folder.name}.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert held == {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in files}
    assert client.get(f"/submission/file/archive/{folder.name}.zip").content == content


def test_a_part_that_was_changed_or_another_id_is_seen(bench: Desk) -> None:
    client = visitor(bench)
    other = "GE-UNSD-" + "0" * 20
    assert client.get(f"/submission.json?announced={other}").json()["chosen"]["ok"] is False
    letter = sealed(bench.folder) / "cover-letter.txt"
    letter.write_text(letter.read_text() + "P.S.")
    chosen = client.get("/submission.json").json()["chosen"]
    assert chosen["ok"] is False
    assert any("cover-letter.txt" in difference for difference in chosen["differences"])


PART = '{"parts": [{"name": %s, "media_type": "text/csv", "size": %s, "sha256": "0"}], "header": {}, '
SPOILT = (
    "",
    "[]",
    '{"parts": 3}',
    '{"parts": [{"name": "../../country.toml"}]}',
    (PART + '"verdict": "ready", "agency": "UNSD"}') % ('"a.csv"', "1e999"),
    "[" * 100_000,
)


def test_a_part_without_a_name_is_missing(bench: Desk) -> None:
    content = (PART + '"verdict": "ready", "agency": "UNSD"}') % ("5", "1")
    (sealed(bench.folder) / "manifest.json").write_text(content)
    facts = visitor(bench).get("/submission.json").json()["chosen"]
    assert ([part["name"] for part in facts["parts"]], facts["ok"]) == (["5"], False)


@pytest.mark.parametrize("content", SPOILT)
def test_a_spoilt_manifest_gives_nothing_away(bench: Desk, content: str) -> None:
    (sealed(bench.folder) / "manifest.json").write_text(content)
    client = visitor(bench)
    assert client.get("/submission").status_code == 200
    assert client.get("/submission.json").json()["chosen"]["parts"] == []


@pytest.mark.parametrize(
    "path",
    ["of/none/cover-letter.txt", "of/{id}/../../../country.toml", "of/{id}/..%2F..%2Fmade.json", "archive/..zip"],
)
def test_nothing_else_is_given(bench: Desk, path: str) -> None:
    answer = visitor(bench).get("/submission/file/" + path.format(id=sealed(bench.folder).name))
    assert answer.status_code in (404, 422)


def test_what_cannot_be_sealed_is_not_offered(tmp_path: Path) -> None:
    bench = made(tmp_path / "ws", TABLE.replace("398c", "390"), "validate")
    assert "disabled" in visitor(bench).get("/submission").text
    assert visitor(desk(bench.folder)).get("/submission?id=GE-UNSD-none").status_code == 422


def without_standing_reason(folder: Path) -> Desk:
    """A workbench on a workspace whose warnings nobody has explained, and which has no standing reason."""
    workspace(folder, SOUND)
    country = folder / "country.toml"
    country.write_text(country.read_text(encoding="utf-8").replace('override = "Only a test"\n', ""), encoding="utf-8")
    for command in ("convert", "validate"):
        assert run([command, str(folder), "--now", NOW]) == 0
    return desk(folder)


def test_what_can_be_passed_over_asks_for_a_reason(tmp_path: Path) -> None:
    bench = without_standing_reason(tmp_path / "ws")
    client = visitor(bench)
    facts = client.get("/submission.json").json()
    assert (facts["is_ready"], facts["is_ready_with_reason"]) == (False, True)
    assert 'name="reason" required' in client.get("/submission").text
    answer = client.post("/submission/do/seal", data={"reason": "The deadline; $(is) today"})
    assert answer.headers["location"] == "/job?number=1"
    assert bench.jobs.last is not None
    assert bench.jobs.last.words == ("package", str(bench.folder), "--override=The deadline; $(is) today")
    bench.jobs.stop_all()
    assert client.post("/submission/do/seal", data={"reason": "x" * 4001}).status_code == 422


def test_no_reason_is_asked_for_where_nothing_has_to_be_passed_over(bench: Desk, tmp_path: Path) -> None:
    assert 'name="reason"' not in visitor(bench).get("/submission").text
    faulty = made(tmp_path / "faulty", TABLE.replace("398c", "390"), "validate")
    assert 'name="reason"' not in visitor(faulty).get("/submission").text, "errors are mended, not passed over"


def test_the_receiver_what_it_asks_and_what_it_would_get_are_shown(bench: Desk) -> None:
    client = visitor(bench)
    facts = client.get("/submission.json").json()
    profile, planned = facts["profile"], facts["planned"]
    assert (profile["id"], profile["status"]) == ("UNSD", "candidate")
    assert [demand["id"] for demand in profile["demands"]] == ["formats", "one-flow"]
    assert planned["refused"] == []
    assert [file["name"] for file in planned["files"]] == [
        "data/DF_POP_GE_20260131.sdmx-ml-3.0.xml",
        "data/DF_POP_GE_20260131.sdmx-ml-2.1.xml",
        "data/DF_POP_GE_20260131.csv",
        "structures.sdmx-ml-3.0.xml",
    ]
    page = client.get("/submission").text
    assert all(file["name"] in page for file in planned["files"])
    assert "the receiver has not confirmed what we know of it" in page


def test_what_the_receiver_would_refuse_is_seen_before_anything_is_sealed(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", SOUND)
    country = folder / "country.toml"
    text = country.read_text(encoding="utf-8").replace('override = "Only a test"\n', "")
    country.write_text(text.replace('"UNSD"', '"NSO"'), encoding="utf-8")
    for command in ("convert", "validate"):
        assert run([command, str(folder), "--now", NOW]) == 0
    client = visitor(desk(folder))
    facts = client.get("/submission.json").json()
    (accepted,) = [condition for condition in facts["conditions"] if condition["name"] == "accepted"]
    assert accepted["state"] == "in the way"
    assert any("SDMXMIG, which owns" in reason for reason in accepted["reasons"])
    assert facts["planned"]["refused"] == ["agency"]
    assert "SDMXMIG, which owns" in client.get("/submission").text


def test_a_receiver_that_nobody_has_declared_is_said(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", SOUND)
    country = folder / "country.toml"
    country.write_text(country.read_text(encoding="utf-8").replace('"UNSD"', '"UNSDD"'), encoding="utf-8")
    for command in ("convert", "validate"):
        assert run([command, str(folder), "--now", NOW]) == 0
    facts = visitor(desk(folder)).get("/submission.json").json()
    assert (facts["profile"], facts["planned"], facts["is_ready_with_reason"]) == (None, None, False)
    (written,) = [condition for condition in facts["conditions"] if condition["name"] == "written"]
    assert "UNSD" in written["reasons"][0]
