"""``sdmxmig verify``: a submission is as sealed, or its differences are listed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from console import Console
from folders import write_files
from small_submission import CSV, FILES, PARTS, write_new_sums

from sdmxmig.cli import run
from sdmxmig.transmission.sealing import CHECKSUMS, MANIFEST, read_manifest

Edit = Callable[[Path], object]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """The folder of a submission."""
    return write_files(tmp_path / read_manifest(FILES[MANIFEST]).id, FILES)


def replaced(name: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return edit


def resealed(old: str, new: str) -> Edit:
    """Change the manifest and make new sums, as somebody would who knows what sums are for."""

    def edit(folder: Path) -> None:
        replaced(MANIFEST, old, new)(folder)
        write_new_sums(folder)

    return edit


def other_data_with_new_hashes(folder: Path) -> None:
    """Other figures, their hash in the manifest, and sums that hold."""
    before = hashlib.sha256(PARTS[CSV]).hexdigest()
    (folder / CSV).write_bytes(b"FIGURES\n")
    resealed(before, hashlib.sha256(b"FIGURES\n").hexdigest())(folder)


def a_link_instead(folder: Path) -> None:
    copy = folder.parent / "copy.csv"
    shutil.copy(folder / CSV, copy)
    (folder / CSV).unlink()
    (folder / CSV).symlink_to(copy)


CHANGED: dict[str, tuple[Edit, str]] = {
    "a part": (replaced(CSV, "figures", "figurez"), f"{CSV} was changed"),
    "a part is gone": (lambda folder: (folder / CSV).unlink(), f"{CSV} is gone"),
    "a part has another name": (lambda folder: (folder / CSV).rename(folder / "data/P.csv"), "data/P.csv was added"),
    "two parts have changed names": (
        lambda folder: (
            (folder / CSV).rename(folder / "x"),
            (folder / "data/DF_POP.xml").rename(folder / CSV),
            (folder / "x").rename(folder / "data/DF_POP.xml"),
        ),
        f"{CSV} was changed",
    ),
    "a file came": (lambda folder: (folder / "notes.txt").write_text("x"), "notes.txt was added"),
    "a folder came": (lambda folder: (folder / "more").mkdir(), "more/ was added"),
    "a part is a link now": (a_link_instead, f"{CSV} was changed"),
    "the verdict": (replaced(MANIFEST, '"ready"', '"ACCEPTED"'), "belongs to"),
    "the verdict, with new sums": (resealed('"ready"', '"warnings"'), "belongs to"),
    "the sender, with new sums": (resealed('"GE1"', '"GE2"'), "belongs to"),
    "a blank in the manifest, with new sums": (resealed('"area": "GE"', '"area":  "GE"'), "belongs to"),
    "figures and their hash, with new sums": (other_data_with_new_hashes, "belongs to"),
    "the manifest is gone": (lambda folder: (folder / MANIFEST).unlink(), "manifest.json is gone"),
    "the manifest is no JSON": (lambda folder: (folder / MANIFEST).write_bytes(b"{"), "no longer a manifest"),
    "the manifest is deep": (lambda folder: (folder / MANIFEST).write_bytes(b"[" * 100_000), "no longer a manifest"),
    "the sums are gone": (lambda folder: (folder / CHECKSUMS).unlink(), "SHA256SUMS is gone"),
    "the sums without line ends": (replaced(CHECKSUMS, "\n", " "), "SHA256SUMS differs from"),
    "a sum less": (replaced(CHECKSUMS, "findings.json", "findings.JSON"), "SHA256SUMS differs from"),
    "empty folder": (lambda folder: [shutil.rmtree(folder), folder.mkdir()], "manifest.json is gone"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_each_change_is_named(case: str, sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit, said = CHANGED[case]
    edit(sealed)
    assert run(["verify", str(sealed)]) == 1
    captured = capsys.readouterr()
    assert said in captured.out
    assert "not intact" in captured.err


def moved(folder: Path) -> Path:
    (folder.parent / "received").mkdir()
    return Path(shutil.move(folder, folder.parent / "received" / folder.name))


def packed(folder: Path) -> Path:
    archive = shutil.make_archive(str(folder.parent / "sent"), "zip", folder.parent, folder.name)
    shutil.rmtree(folder)
    shutil.unpack_archive(archive, folder.parent)
    return folder


def linked(folder: Path) -> Path:
    (folder.parent / "link").symlink_to(folder)
    return folder.parent / "link"


def touched(folder: Path) -> Path:
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    return folder


HARMLESS: dict[str, Callable[[Path], Path]] = {
    "nothing": lambda folder: folder,
    "another place": moved,
    "another name": lambda folder: folder.rename(folder.parent / "georgia"),
    "packed and unpacked": packed,
    "a link to it": linked,
    "other times and rights": touched,
    "a copy": lambda folder: Path(shutil.copytree(folder, folder.parent / "copy" / folder.name)),
    "by a way around": lambda folder: folder / ".." / folder.name,
    "a letter beside it": lambda folder: (folder.parent / "letter.txt").write_text("x") and folder,
    "another submission beside it": lambda folder: Path(shutil.copytree(folder, folder.parent / "x")) and folder,
}


@pytest.mark.parametrize("case", HARMLESS)
def test_harmless_changes_leave_submission_intact(case: str, sealed: Path, console: Console) -> None:
    name = sealed.name
    folder = HARMLESS[case](sealed)
    assert f"{name}: 3 parts" in console.errors("verify", folder, code=0)
    assert run(["verify", str(folder), "--id", name]) == 0


def test_announced_id_reveals_a_consistent_forgery(sealed: Path, console: Console) -> None:
    announced = sealed.name
    other_data_with_new_hashes(sealed)
    received = sealed.rename(sealed.parent / "received")
    assert "Compare this id with the announced id" in console.errors("verify", received, code=0)
    assert f"not to {announced}" in console.output("verify", received, "--id", announced, code=1)


OTHER_ID = "GE-UNSD-0123456789abcdef0123"
RENAMED = {
    "georgia": True,
    "received 2026": True,
    "{id} (1)": True,
    "copy of {id}": True,
    "ge": True,
    "{lower}": True,
    OTHER_ID: False,
    "FR-UNSD-0123456789abcdef0123": False,
    "FR-{rest}": False,
}
"""Names of the outer folder, and whether they leave open which submission it should be."""


@pytest.mark.parametrize("name", RENAMED)
def test_renamed_outer_folder_is_accepted(name: str, sealed: Path, console: Console) -> None:
    own = sealed.name
    called = name.format(id=own, lower=own.lower(), rest=own.removeprefix("GE-"))
    received = sealed.rename(sealed.parent / called)
    is_open = RENAMED[name]
    assert run(["verify", str(received)]) == (0 if is_open else 1)
    captured = " ".join("".join(console.readouterr()).split())
    assert ("is not an id. The content matches its own manifest" in captured) == is_open
    assert (f"The expected id {called} is the folder name. If the folder was renamed" in captured) == (not is_open)
    assert run(["verify", str(received), "--id", own]) == 0, "it is whole"
    assert "does not show who made it" not in "".join(console.readouterr())
    assert run(["verify", str(received), "--id", OTHER_ID]) == 1
    (received / CSV).write_bytes(b"")
    assert run(["verify", str(received), "--id", own]) == 1


def test_empty_announced_id_is_refused(sealed: Path, console: Console) -> None:
    assert "--id is empty" in console.errors("verify", sealed, "--id", "")


@pytest.mark.parametrize("name", ["nowhere", "empty", "letter.txt"])
def test_other_files_are_refused_as_submission(name: str, tmp_path: Path, console: Console) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    assert "hint:" in console.errors("verify", tmp_path / name)


def test_file_newest_leads_to_its_submission(sealed: Path, console: Console) -> None:
    (sealed.parent / "newest").write_text(f"{sealed.name}\n", encoding="utf-8")
    assert f"It names this one: {sealed}" in " ".join(console.errors("verify", sealed.parent / "newest").split())


def test_folder_of_submissions_is_answered_with_an_example(sealed: Path, console: Console) -> None:
    assert f"such as {sealed}" in " ".join(console.errors("verify", sealed.parent).split())


def test_differences_are_listed_in_json(sealed: Path, console: Console) -> None:
    assert json.loads(console.output("verify", sealed, "--format", "json")) == []
    (sealed / CSV).unlink()
    assert run(["verify", str(sealed), "--format", "json"]) == 1
    assert json.loads(console.readouterr().out) == [{"difference": f"{CSV} is gone"}]


def test_submission_with_an_older_verdict_is_intact(sealed: Path) -> None:
    resealed('"ready"', '"accepted"')(sealed)
    seal = hashlib.sha256((sealed / MANIFEST).read_bytes()).hexdigest()
    renamed = sealed.rename(sealed.parent / f"GE-UNSD-{seal[:20]}")
    assert run(["verify", str(renamed)]) == 0


def test_submission_with_a_former_manifest_is_intact(sealed: Path) -> None:
    described = json.loads((sealed / MANIFEST).read_text(encoding="utf-8"))
    for key in ("explained", "licence", "profile", "structures", "left_out", "unsaid"):
        del described[key]
    content = json.dumps({**described, "manifest": "2"}, ensure_ascii=False, indent=2) + "\n"
    (sealed / MANIFEST).write_text(content, encoding="utf-8")
    write_new_sums(sealed)
    seal = hashlib.sha256(content.encode()).hexdigest()
    renamed = sealed.rename(sealed.parent / f"GE-UNSD-{seal[:20]}")
    assert run(["verify", str(renamed)]) == 0
    (renamed / CSV).write_bytes(b"")
    assert run(["verify", str(renamed)]) == 1


@pytest.mark.parametrize("version", ["1", "4", "", "3.0"])
def test_manifest_of_unknown_version_is_refused(version: str, sealed: Path, console: Console) -> None:
    resealed('"manifest": "3"', f'"manifest": "{version}"')(sealed)
    assert "no longer a manifest" in console.output("verify", sealed, code=1)


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("sha256sum"), reason="needs sha256sum")
def test_sha256sum_verifies_parts_and_manifest(sealed: Path) -> None:
    check = ["sha256sum", "--check", "--strict", CHECKSUMS]
    assert subprocess.run(check, cwd=sealed, capture_output=True, text=True, check=True).stdout.splitlines() == [
        *(f"{name}: OK" for name in PARTS),
        f"{MANIFEST}: OK",
    ]
    seal = subprocess.run(["sha256sum", MANIFEST], cwd=sealed, capture_output=True, text=True, check=True).stdout
    assert seal.startswith(sealed.name.removeprefix("GE-UNSD-")), "the id can be told without sdmxmig"
    replaced(MANIFEST, '"ready"', '"warnings"')(sealed)
    assert subprocess.run(check, cwd=sealed, capture_output=True, check=False).returncode == 1
