"""History and links of a foreign workspace cannot read or change files outside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from other_systems import not_on_windows
from small_validation import bare_workspace
from starlette.testclient import TestClient
from workbenches import visitor, workbench

from sdmxmig.io.publishing.files import LOCK_FILE
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.workspace.tasks.history import (
    HISTORY,
    INTENT,
    KEPT,
    Step,
    hash_own_files,
    read_history,
    record_changes,
    settle,
    undo,
)

AT = "2026-01-31T12:00:00+00:00"
SECRET = b"nobody's business\n"
NOTES = "drafts/notes.toml"
links = not_on_windows("links need rights there")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with two steps, and beside it what belongs to somebody else."""
    folder = bare_workspace(tmp_path / "ws")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "letter.toml").write_bytes(SECRET)
    settle(folder, AT)
    with record_changes(folder, Step(what="write", command="", at=AT)):
        (folder / NOTES).parent.mkdir()
        (folder / NOTES).write_text("a = 1\n")
    return folder


@pytest.fixture(autouse=True)
def what_lies_outside_stays(place: Path) -> Any:
    yield
    assert {path.name: path.read_bytes() for path in (place.parent / "outside").iterdir()} == {"letter.toml": SECRET}


def rewritten(place: Path, **fields: Any) -> None:
    """The record with another second step."""
    first, second = (place / HISTORY).read_text().splitlines()
    (place / HISTORY).write_text(f"{first}\n{json.dumps({**json.loads(second), **fields})}\n")


@pytest.mark.parametrize(
    "name",
    [
        "../outside/letter.toml",
        "tables/../../outside/letter.toml",
        "/etc/passwd",
        HISTORY,
        f"{KEPT}/{INTENT}",
        "out/made.json",
        "mappings/\0",
        "",
    ],
)
def test_record_may_name_only_files_of_the_workspace(place: Path, name: str) -> None:
    own = hash_own_files(place)[NOTES]
    for state in ({"before": {}, "after": {name: own}}, {"before": {name: own}, "after": {}}):
        rewritten(place, **state)
        with pytest.raises(InputError, match="not a record of a change"):
            undo(place, 2, AT)


@pytest.mark.parametrize("sha256", ["../../outside/letter.toml", "../notes", "", "A" * 64, 7, None])
def test_record_with_invalid_content_hash_is_refused(place: Path, sha256: object) -> None:
    rewritten(place, before={NOTES: sha256}, after={NOTES: hash_own_files(place)[NOTES]})
    with pytest.raises(InputError, match="not a record of a change"):
        undo(place, 2, AT)
    assert (place / NOTES).read_text() == "a = 1\n"


def test_undo_refuses_a_kept_file_with_other_content(place: Path) -> None:
    with record_changes(place, Step(what="write", command="", at=AT)):
        (place / NOTES).write_text("a = 2\n")
    (place / KEPT / dict(read_history(place)[-1].before)[NOTES]).write_bytes(b"half")
    with pytest.raises(SdmxmigError, match="differs from its earlier content"):
        undo(place, 3, AT)
    assert (place / NOTES).read_text() == "a = 2\n"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"what": 1, "command": "", "at": ""}', b"\xff", b"[" * 100_000]
)
def test_damaged_intent_file_is_removed(place: Path, content: bytes) -> None:
    (place / KEPT / INTENT).write_bytes(content)
    (place / NOTES).write_text("a = 2\n")
    settle(place, AT)
    assert [step.what for step in read_history(place)] == ["begin", "write", "outside"]
    assert not (place / KEPT / INTENT).exists()


def test_step_is_undone_only_once(place: Path) -> None:
    undo(place, 2, AT)
    with pytest.raises(SdmxmigError, match="undone already"):
        undo(place, 2, AT)
    assert len(read_history(place)) == 3


def linked(name: str, target: str = "outside/letter.toml") -> Callable[[Path], None]:
    def link(place: Path) -> None:
        path = place / name
        if path.is_file():
            path.unlink()
        elif path.is_dir():
            path.rename(place.parent / f"{path.name} of before")
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(place.parent / target)

    return link


LINKS = {
    "a table": linked("tables/office.csv"),
    "a table that is not there": linked("tables/new.csv", "outside/new.csv"),
    "the tables": linked("tables", "outside"),
    "the reasons": linked("justifications.toml"),
    "the profile": linked("profile.toml"),
    "the record": linked(HISTORY),
    "what was kept": linked(KEPT, "outside"),
    "the lock": linked(f"{KEPT}/{LOCK_FILE}"),
}
FORMS = {
    "/home/do/undo": {"step": "2"},
    "/findings/do/correct": {"cell": "office.csv!B2", "to": "7", "was": "1000"},
    "/findings/do/justify": {"fingerprint": "0" * 16, "text": "x"},
    "/profile/do/save": {"made-from:profile.toml": "", "text:signed_off": "x"},
}


def everything(client: TestClient) -> list[str]:
    paths = ("/", "/home.json", "/data?file=new.csv", "/data?file=office.csv", "/profile", "/mapping", "/findings")
    answers = [client.get(path) for path in paths]
    answers += [client.post(path, data=form) for path, form in FORMS.items()]
    upload = {"table": ("new.csv", b"Year,All\n2020,1\n", "text/csv")}
    answers += [client.post("/data/do/add", files=upload, data={"replace": "yes"})]
    assert all(answer.status_code < 500 for answer in answers), [answer.status_code for answer in answers]
    return [answer.text for answer in answers]


@links
@pytest.mark.parametrize("name", LINKS)
def test_link_out_of_the_workspace_is_refused_by_name(place: Path, name: str) -> None:
    LINKS[name](place)
    assert not any("business" in text for text in everything(visitor(workbench(place))))


@links
@pytest.mark.parametrize("name", [INTENT, hashlib.sha256(b"a = 3\n").hexdigest()])
def test_link_in_the_record_is_not_followed(place: Path, name: str) -> None:
    for target in ("outside/letter.toml", "outside/new.toml"):
        (place / KEPT / name).unlink(missing_ok=True)
        (place / KEPT / name).symlink_to(place.parent / target)
        with record_changes(place, Step(what="write", command="", at=AT)):
            (place / NOTES).write_text("a = 3\n")
        with record_changes(place, Step(what="write", command="", at=AT)):
            (place / NOTES).write_text("a = 4\n")


@not_on_windows("such names are none there")
def test_files_with_odd_names_are_recorded_and_undone(place: Path) -> None:
    names = ["tables/a\\b.csv", "tables/12:30.csv", "tables/ .csv", "tables/…\u202e.csv", "tables/a\nb.csv"]
    for name in names:
        with record_changes(place, Step(what="write", command="", at=AT)):
            (place / name).write_text("x\n")
    for step in read_history(place)[2:]:
        undo(place, step.number, AT)
    assert not any((place / name).exists() for name in names)
