"""send, status, receipts and withdraw: sealed submissions reach their receiver once and are tracked."""

from __future__ import annotations

import base64
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases_from
from console import Console
from folders import ROOT
from full_disks import FULL, needs_full
from registry_stub import Habits, Registry, serving
from small_validation import SOUND
from test_transports import receiver, saying

from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.transmission.delivery.ledger import list_dispatches, list_steps, open_ledger
from sdmxmig.workspace.tasks.delivery_setup import check_disk

DELIVERY = """
[receiver.delivery]
transport = "folder"
address = "outbox"
"""


@pytest.fixture
def office(sealed: Path, tmp_path: Path) -> Path:
    """A workspace with a sealed submission and a receiver that fetches from a folder."""
    folder = tmp_path / "office"
    shutil.copytree(sealed, folder)
    with (folder / "country.toml").open("a", encoding="utf-8") as file:
        file.write(DELIVERY)
    return folder


def put_outside(office: Path) -> None:
    """Let the receiver fetch from a folder that is not there yet, outside of the workspace."""
    path = office / "country.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"outbox"', '"../share"'), encoding="utf-8")


def rows(console: Console, command: str, office: Path) -> list[dict[str, Any]]:
    console.readouterr()
    run([command, str(office), "--format", "json"])
    listed: list[dict[str, Any]] = json.loads(console.readouterr().out)
    return listed


@pytest.mark.every_day
def test_submission_sent_repeatedly_arrives_once(office: Path, console: Console) -> None:
    assert [run(["send", str(office)]) for _ in range(3)] == [0, 0, 0]
    archive, seal = sorted((office / "outbox").iterdir())
    assert run(["verify", str(archive)]) == 0
    assert seal.read_text().endswith(f"{archive.name}\n")
    (row,) = rows(console, "status", office)
    assert (row["state"], row["attempts"], row["submission"]) == ("received", 1, archive.stem)


def test_dry_run_queues_no_delivery(office: Path, console: Console) -> None:
    assert run(["send", str(office), "--dry-run"]) == 0
    assert "would send" in console.readouterr().err
    assert not (office / "outbox").exists()
    assert rows(console, "status", office) == []


def test_missing_delivery_settings_are_named(sealed: Path, console: Console) -> None:
    assert "[receiver.delivery]" in console.errors("send", sealed)


@cases_from("transmission/cases/faulty_settings_are_reported_with_their_key.csv")
def test_faulty_settings_are_reported_with_their_key(
    office: Path, console: Console, before: str, after: str, message: str
) -> None:
    path = office / "country.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    shown = console.errors("send", office)
    assert message in shown
    assert "country.toml" in shown


def test_changed_submission_is_not_sent(office: Path, console: Console) -> None:
    (part,) = (office / "out" / "submission").glob("*/findings.jsonl")
    part.write_bytes(part.read_bytes() + b"\n")
    assert "It differs from the sealed submission" in console.errors("send", office)
    assert not (office / "outbox").exists()


def test_missing_receiver_waits_for_a_person(office: Path, console: Console) -> None:
    put_outside(office)
    assert run(["send", str(office)]) == 1
    assert re.search(r"There is no folder .*share\. Create it or .* change the address", console.readouterr().err)
    assert run(["status", str(office)]) == 1
    (office.parent / "share").mkdir()
    assert run(["send", str(office)]) == 1, "nobody has said that it was looked at"
    assert run(["send", str(office), "--resume"]) == 0


def test_receipt_is_stored_word_for_word(office: Path, console: Console) -> None:
    run(["send", str(office)])
    (row,) = rows(console, "receipts", office)
    assert run(["receipts", str(office), "--of", row["id"], "--to", str(office / "receipt")]) == 0
    (seal,) = (office / "outbox").glob("*.sha256")
    assert (office / "receipt").read_bytes() == seal.read_bytes()


def test_existing_file_of_equal_name_waits_for_a_person(office: Path, console: Console) -> None:
    run(["send", str(office), "--dry-run"])
    name = f"{console.readouterr().err.split()[3]}.zip"
    (office / "outbox").mkdir()
    (office / "outbox" / name).write_bytes(b"theirs")
    assert run(["send", str(office)]) == 1
    (row,) = rows(console, "status", office)
    assert row["state"] == "uncertain"
    assert run(["status", str(office), "--settle", row["id"], "--as", "received"]) == 2
    assert run(["status", str(office), "--settle", row["id"], "--as", "received", "--because", "They have it."]) == 0
    assert (office / "outbox" / name).read_bytes() == b"theirs"


def test_only_a_waiting_delivery_can_be_withdrawn(office: Path, console: Console) -> None:
    put_outside(office)
    run(["send", str(office)])
    (row,) = rows(console, "status", office)
    assert run(["withdraw", str(office), row["id"], "--because", "A mistake."]) == 0
    (office.parent / "share").mkdir()
    console.readouterr()
    assert run(["send", str(office), "--resume"]) == 2, "nobody has asked for it again"
    assert ".zip was withdrawn on" in (shown := console.readouterr().err)
    assert "A mistake." in shown
    assert "--again" in shown
    assert [*(office.parent / "share").iterdir()] == []
    for words in ([row["submission"]], [row["submission"], "--action", "replace"]):
        assert run(["send", str(office), "--submission", *words]) == 2, "nor by its name"
    assert run(["send", str(office), "--again"]) == 0
    assert run(["send", str(office)]) == 0, "and it went out once"
    there = next(each for each in rows(console, "status", office) if each["state"] == "received")
    assert run(["withdraw", str(office), there["id"], "--because", "Too late."]) == 2
    assert "cannot become withdrawn" in console.readouterr().err


def test_every_decision_requires_a_reason(office: Path, console: Console) -> None:
    put_outside(office)
    run(["send", str(office)])
    (row,) = rows(console, "status", office)
    assert run(["withdraw", str(office), row["id"], "--because", " "]) == 2
    assert run(["status", str(office), "--settle", row["id"], "--as", "received", "--because", " "]) == 2
    assert run(["status", str(office), "--settle", "", "--as", "received", "--because", "Seen."]) == 2
    assert [each["state"] for each in rows(console, "status", office)] == [row["state"]]


def test_only_a_sender_may_send(office: Path, console: Console) -> None:
    (office / "people.toml").write_text(
        '[people]\nstatistician = ["answers"]\nreviewer = ["sends"]\n', encoding="utf-8"
    )
    assert "This needs the role sends" in console.errors("send", office, "--by", "statistician")
    assert run(["send", str(office), "--by", "reviewer"]) == 2, "it was sealed by one person alone"
    assert "was sealed without the approval" in console.readouterr().err


def test_registry_gets_own_structures_and_refusal_is_quoted(
    office: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    monkeypatch.setenv("SDMXMIG_SECRET_FMR_127_0_0_1", "canary")
    with serving(Registry(Habits(agencies=("SDMXMIG", "SDMX")))) as registry:
        way = f'transport = "registry"\naddress = "{registry.address}"\nuser = "office"\ncredential = "fmr"\n'
        path = office / "country.toml"
        text = path.read_text(encoding="utf-8").partition("[receiver.delivery]")[0]
        path.write_text(f'{text}[receiver.delivery]\n{way}private = true\nrepeat = "askable"\n', encoding="utf-8")
        run(["send", str(office)])
    listed = rows(console, "status", office)
    assert [row["state"] for row in listed] == ["rejected"], "it has no codelists of others, which are not ours to send"
    assert "Could not resolve reference to IAEG-SDGs" in listed[0]["reason"]
    assert {agency for _, names in registry.posts for agency, _, _ in names} <= {"SDMXMIG", "GE1"}
    assert "canary" not in (office / "deliveries" / "queue.sqlite").read_bytes().decode("latin-1")


def test_manual_upload_waits_for_confirmation(office: Path, console: Console) -> None:
    path = office / "country.toml"
    text = path.read_text(encoding="utf-8").replace('"folder"', '"upload"').replace('"outbox"', '"the portal of UNSD"')
    path.write_text(text, encoding="utf-8")
    assert run(["send", str(office)]) == 1
    assert "to the portal of UNSD, then record it" in console.readouterr().err
    assert run(["send", str(office)]) == 1, "again, it still waits"
    listed = rows(console, "status", office)
    assert {(row["state"], row["waits for you"], row["attempts"]) for row in listed} == {("waiting", "yes", 1)}
    assert rows(console, "receipts", office) == []
    page = office.parent / "page.pdf"
    page.write_bytes(b"%PDF-1.7 Confirmation\r\n\x00")
    (first, *_) = listed
    assert run(["status", str(office), "--receipt", str(page)]) == 2
    settle = ["status", str(office), "--settle", first["id"], "--as", "received", "--because", "Uploaded."]
    run([*settle, "--receipt", str(page)])
    (row,) = rows(console, "receipts", office)
    assert (row["id"], row["state"], row["reason"]) == (first["id"], "received", "Uploaded.")
    assert run(["receipts", str(office), "--of", first["id"], "--to", str(office / "receipt")]) == 0
    assert (office / "receipt").read_bytes() == page.read_bytes(), "word for word"


def test_deletion_is_refused_for_receivers_without_deletion(office: Path, console: Console) -> None:
    with (office / "country.toml").open("a", encoding="utf-8") as file:
        file.write('action = "delete"\n')
    assert run(["send", str(office)]) == 2
    assert "does not support the action “delete”" in console.readouterr().err
    assert rows(console, "status", office) == []


CANARY, TOKEN = "canary-0123456789", "token-canary-9876543210"
GIVEN_BACK = {
    "http": ("http", "", ""),
    "http, with a password": ("http", "", 'user = "office"'),
    "registry": ("registry", "", 'user = "office"'),
    "dotstat": ("dotstat", "/3", 'dataspace = "design"'),
    "dotstat, with a token": ("dotstat", "/3", 'dataspace = "design"\nclient = "us"\nuser = "office"'),
}


def give_back(request: BaseHTTPRequestHandler, body: bytes) -> None:
    """Issue tokens to every client, have no structures, and echo all input."""
    shown = request.headers.get("Authorization", "")
    if request.path == "/data/token":
        token = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300}
        saying(200, json.dumps(token).encode())(request, body)
    elif request.command == "GET":
        saying(404, shown.encode())(request, body)
    else:
        told = f"{shown} or {shown.rpartition(' ')[2]}".encode()
        saying(418, b'{"message": "' + told + b'"}', ETag=shown, Server=shown)(request, body)


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=pytest.mark.long if way == "registry" else ()) for way in GIVEN_BACK]
)
def test_secrets_are_not_written_to_files(
    way: str, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    transport, path, more = GIVEN_BACK[way]
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("SDMXMIG_SECRET_OWN_127_0_0_1", CANARY)
    with receiver(give_back) as address:
        token = f'token_address = "{address}/token"' if "token" in way else ""
        way = f'transport = "{transport}"\naddress = "{address}{path}"\ncredential = "own"\nprivate = true\n'
        about = f"{way}{more}\n{token}\n"
        country = (office / "country.toml").read_text(encoding="utf-8").partition("[receiver.delivery]")[0]
        (office / "country.toml").write_text(f"{country}[receiver.delivery]\n{about}", encoding="utf-8")
        codes = [run(["send", str(office), *more]) for more in ([], ["--resume"])]
        run(["status", str(office), "--format", "json"])
        run(["receipts", str(office), "--format", "json"])
    shown = console.readouterr()
    assert set(codes) <= {0, 1}, shown.err
    assert '"attempts": 1' in shown.out, "something went out"
    hidden = [CANARY, TOKEN, base64.b64encode(f"office:{CANARY}".encode()).decode()]
    everything = {f: f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()}
    assert any(b"..." in content or b"PATH=" in content for content in everything.values()), "an answer was kept"
    for text in hidden:
        assert text not in shown.out + shown.err
        assert [f.name for f, content in everything.items() if text.encode() in content] == []


def test_unexpected_error_is_stored_without_its_message(
    office: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(f"Invalid header value b'Bearer {CANARY}'")

    monkeypatch.setattr("sdmxmig.transmission.transports.find_places", broken)
    assert run(["send", str(office)]) == 1
    (row,) = rows(console, "status", office)
    assert (row["state"], row["reason"]) == ("uncertain", "ValueError")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "ext4"])
def test_queue_on_a_network_disk_is_refused(tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"dev / ext4 rw 0 0\nserver:/share {tmp_path} {kind} rw 0 0\n")
    if kind == "ext4":
        check_disk(tmp_path / "deliveries", mounts)
        return
    with pytest.raises(SdmxmigError, match="disk of another machine"):
        check_disk(tmp_path / "deliveries", mounts)


def settled(office: Path, name: str, state: str, *, exit_code: int = 0) -> None:
    command = ["status", str(office), "--settle", name, "--as", state, "--because", "Their letter."]
    assert run(command) == exit_code


def test_accepted_data_are_kept_for_later_comparison(office: Path, console: Console) -> None:
    run(["send", str(office)])
    (row,) = rows(console, "status", office)
    assert not (office / "accepted").exists()
    settled(office, row["id"], "accepted")
    kept = office / "accepted" / row["submission"]
    assert run(["verify", str(kept)]) == 0
    sealed = office / "out" / "submission" / row["submission"]
    assert files_in(kept) == files_in(sealed)
    run(["validate", str(office), "--now", "2026-02-28T12:00:00+00:00"])
    assert "MIG-2-206" in (office / "out" / "findings" / "findings.jsonl").read_text(encoding="utf-8"), "nothing is new"


def test_accepted_data_are_copied_once_from_the_queued_bytes(office: Path, console: Console) -> None:
    run(["send", str(office)])
    (row,) = rows(console, "status", office)
    shutil.rmtree(office / "out")
    settled(office, row["id"], "accepted")
    kept = office / "accepted" / row["submission"]
    assert run(["verify", str(kept)]) == 0
    (kept / "note.txt").write_text("Their letter is in the cabinet.")
    assert run(["status", str(office)]) == 0
    assert (kept / "note.txt").is_file(), "what is there stays"


def test_truncated_copy_is_written_again(office: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    run(["send", str(office)])
    (row,) = rows(console, "status", office)
    with monkeypatch.context() as patched:
        patched.setattr(
            "sdmxmig.io.publishing.files.sync_folders", lambda _: (_ for _ in ()).throw(OSError(28, "full"))
        )
        settled(office, row["id"], "accepted", exit_code=2)
    assert "full" in console.readouterr().err
    assert not (office / "accepted" / row["submission"]).exists()
    assert rows(console, "status", office)[0]["state"] == "accepted"
    assert run(["verify", str(office / "accepted" / row["submission"])]) == 0


def test_rejected_delivery_is_not_stored(office: Path, console: Console) -> None:
    run(["send", str(office)])
    (row,) = rows(console, "status", office)
    settled(office, row["id"], "ready", exit_code=2)
    assert "It can become: accepted, rejected" in console.readouterr().err
    settled(office, row["id"], "rejected")
    assert not (office / "accepted").exists()


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


YEARS = SOUND.splitlines()
LATER = "2026-02-28T12:00:00+00:00"


def revised(office: Path, *lines: str, now: str = LATER) -> None:
    """Let the office convert, validate and seal another table."""
    (office / "tables" / "office.csv").write_text("\n".join([YEARS[0], *lines, ""]), encoding="utf-8")
    for command in ("convert", "validate"):
        run([command, str(office), "--now", now, "--quiet"])
    assert run(["package", str(office), "--override", "A test.", "--now", now, "--quiet"]) == 0


@pytest.fixture
def accepted(office: Path, console: Console) -> Path:
    """An office whose first submission was accepted."""
    run(["send", str(office)])
    settled(office, rows(console, "status", office)[0]["id"], "accepted")
    return office


def changes_shown(console: Console, office: Path) -> list[tuple[str, str, str, str]]:
    console.readouterr()
    run(["send", str(office), "--dry-run", "--format", "json"])
    listed = json.loads(console.readouterr().out)
    return [(row["change"], row["key"].rpartition(".")[2], row["before"], row["after"]) for row in listed]


def sent_messages(office: Path, tmp_path: Path, name: str) -> dict[str, bytes]:
    """The data messages in what the receiver got last."""
    folder = tmp_path / name
    shutil.unpack_archive(office / "outbox" / f"{name}.zip", folder)
    return {path.name.partition(".")[2]: path.read_bytes() for path in sorted((folder / name / "data").iterdir())}


def test_changes_are_listed_before_sending(accepted: Path, console: Console) -> None:
    revised(accepted, YEARS[1], "2022,1022,610,412", YEARS[4], "2024,1040,625,415")
    shown = changes_shown(console, accepted)
    assert shown.count(("added", "2024", "", "1040")) == 1
    assert [change for change in shown if change[0] == "changed"] == [
        ("changed", "2022", "410", "412"),
        ("changed", "2022", "1020", "1022"),
    ]
    assert {change[1] for change in shown if change[0] == "deleted"} == {"2021"}


def test_changes_hide_confidential_figures(accepted: Path, console: Console) -> None:
    revised(accepted, YEARS[1], YEARS[2], "2022,1021c,610c,411c", YEARS[4])
    shown = changes_shown(console, accepted)
    assert ("changed", "2022", "•••", "•••") in shown
    assert not any("411" in figure for change in shown for figure in change)


def test_merge_sends_new_and_changed_values(accepted: Path, console: Console, tmp_path: Path) -> None:
    revised(accepted, YEARS[1], YEARS[2], "2022,1022,610,412", YEARS[4], "2024,1040,625,415")
    assert run(["send", str(accepted), "--action", "merge"]) == 0
    assert "SDMX-ML 3.0 has no word for the action Merge" in console.readouterr().err
    row = rows(console, "status", accepted)[-1]
    (message,) = sent_messages(accepted, tmp_path, row["submission"]).values()
    cells = [line.split(",") for line in message.decode().splitlines()]
    assert {line[2] for line in cells[1:]} == {"M"}
    assert len(cells[1:]) == 5
    letter = (tmp_path / row["submission"] / row["submission"] / "cover-letter.txt").read_text(encoding="utf-8")
    assert "new and changed figures only" in letter
    manifest = json.loads((tmp_path / row["submission"] / row["submission"] / "manifest.json").read_bytes())
    newest = (accepted / "out" / "submission" / "newest").read_text().strip()
    assert manifest["revision"]["of"] == newest
    assert run(["send", str(accepted)]) == 0, "what was promised is gone on with"
    assert run(["send", str(accepted), "--action", "merge", "--now", "2027-01-01T00:00:00"]) == 0
    assert len(rows(console, "status", accepted)) == 2, "the same is sent once, whenever"


def test_deletions_require_a_confirmed_count(accepted: Path, console: Console, tmp_path: Path) -> None:
    revised(accepted, YEARS[1], YEARS[2], YEARS[4])
    for words in ([], ["--deletions", "2"]):
        assert run(["send", str(accepted), "--action", "delete", *words]) == 2
        shown = console.readouterr()
        assert shown.out.count("deleted") == 3, "each of them is listed"
        assert "3 observations would be deleted" in shown.err
    assert run(["send", str(accepted), "--action", "delete", "--deletions", "3"]) == 0
    row = rows(console, "status", accepted)[-1]
    messages = sent_messages(accepted, tmp_path, row["submission"])
    assert len(messages) == 3
    assert all(b'action="Delete"' in content or b",D," in content for content in messages.values())
    settled(accepted, row["id"], "accepted")
    assert changes_shown(console, accepted) == [], "what was deleted is there no more"


def test_dropped_observations_stay_until_deleted(accepted: Path, console: Console) -> None:
    revised(accepted, YEARS[1], YEARS[2], YEARS[4])
    console.readouterr()
    assert run(["send", str(accepted)]) == 0
    assert "! Removed figures stay at the receiver (3)" in console.readouterr().err
    settled(accepted, rows(console, "status", accepted)[-1]["id"], "accepted")
    assert [change[:2] for change in changes_shown(console, accepted)] == [("deleted", "2022")] * 3


def test_append_of_changes_and_empty_merge_are_refused(accepted: Path, console: Console) -> None:
    assert "There is nothing to merge" in console.errors("send", accepted, "--action", "merge")
    revised(accepted, *YEARS[1:3], "2022,1022,610,412", YEARS[4], "2024,1040,625,415")
    assert "An append changes nothing" in console.errors("send", accepted, "--action", "append")
    revised(accepted, *YEARS[1:], "2024,1040,625,415", now="2026-03-28T12:00:00+00:00")
    assert run(["send", str(accepted), "--action", "append"]) == 0


def test_action_that_a_receiver_does_not_support_is_refused(accepted: Path, console: Console) -> None:
    folder = accepted / "structures" / "agencies"
    folder.mkdir(parents=True)
    shipped = ROOT / "structures" / "agencies" / "UNSD.toml"
    text = shipped.read_text(encoding="utf-8").replace('kind = "merge"', 'kind = "append"')
    (folder / "UNSD.toml").write_text(text, encoding="utf-8")
    assert "UNSD is not known to accept “merge”" in console.errors("send", accepted, "--action", "merge")


def test_data_are_validated_against_merged_release(accepted: Path, console: Console) -> None:
    revised(accepted, *YEARS[1:], "2024,1040,625,415")
    run(["send", str(accepted), "--action", "merge"])
    settled(accepted, rows(console, "status", accepted)[-1]["id"], "accepted")
    run(["validate", str(accepted), "--now", "2026-04-28T12:00:00+00:00"])
    findings = (accepted / "out" / "findings" / "findings.jsonl").read_text(encoding="utf-8")
    assert "MIG-2-206" in findings, "all observations, not only those of the merge, are as they were"


def test_reconcile_compares_the_folder_with_sent_files(office: Path, console: Console) -> None:
    run(["send", str(office)])
    console.readouterr()
    assert run(["status", str(office), "--reconcile"]) == 0
    (archive,) = (office / "outbox").glob("*.zip")
    (office / "outbox" / "theirs.csv").write_text("theirs")
    archive.rename(office / "outbox" / "elsewhere.zip")
    console.readouterr()
    assert run(["status", str(office), "--reconcile", "--format", "json"]) == 1
    listed = json.loads(console.readouterr().out)
    assert [(row["name"], row["here"], row["at the receiver"]) for row in listed] == [
        (archive.name, "received", "not there"),
        ("elsewhere.zip", "", "unknown here"),
        ("theirs.csv", "", "unknown here"),
    ]
    assert rows(console, "status", office)[0]["state"] == "received", "nothing changes silently"


def test_reconcile_settles_uncertain_deliveries(office: Path, console: Console) -> None:
    run(["send", str(office), "--dry-run"])
    name = f"{console.readouterr().err.split()[3]}.zip"
    (office / "outbox").mkdir()
    (office / "outbox" / name).write_bytes(b"theirs")
    run(["send", str(office)])
    assert rows(console, "status", office)[0]["state"] == "uncertain"
    (promised,) = (path for path in (office / "deliveries" / "spool").rglob("*") if path.is_file())
    shutil.copy(promised, office / "outbox" / name)
    console.readouterr()
    assert run(["status", str(office), "--reconcile"]) == 0
    assert "uncertain, now received" in console.readouterr().out


@pytest.fixture
def overtaken(accepted: Path, console: Console) -> tuple[Path, str]:
    """An office whose second submission was accepted, too; and the name of the first."""
    first = rows(console, "status", accepted)[0]["submission"]
    revised(accepted, YEARS[1], YEARS[2], "2022,1022,610,412", YEARS[4])
    run(["send", str(accepted)])
    settled(accepted, rows(console, "status", accepted)[-1]["id"], "accepted")
    return accepted, first


def test_older_data_are_sent_only_if_confirmed(overtaken: tuple[Path, str], console: Console) -> None:
    office, first = overtaken
    sent = len(rows(console, "status", office))
    for words in (["--dry-run"], [], ["--action", "merge"], ["--action", "replace"]):
        console.readouterr()
        assert run(["send", str(office), "--submission", first, *words]) == (0 if words == ["--dry-run"] else 2)
        assert f"{first} of 2026-01-31 12:00 is older than GE-UNSD-" in (shown := console.readouterr().err)
        assert "of 2026-02-28 12:00, which UNSD has accepted" in shown
        assert ("--older" in shown) == (words != ["--dry-run"])
    assert len(rows(console, "status", office)) == sent
    assert run(["send", str(office), "--submission", first, "--older"]) == 0
    assert len(rows(console, "status", office)) == sent + 1
    assert run(["send", str(office), "--submission", first]) == 0, "that is gone on with"
    assert run(["send", str(office)]) == 0, "the newest is not older than anything"
    assert len(rows(console, "status", office)) == sent + 2
    with open_ledger(office / "deliveries" / "queue.sqlite") as ledger:
        reasons = [line["reason"] for each in list_dispatches(ledger) for line in list_steps(ledger, each.id)]
        assert [first in reason for reason in reasons if "is older" in reason] == [True]


def test_data_can_be_older_than_queued_deliveries(office: Path, console: Console) -> None:
    run(["send", str(office)])
    first = rows(console, "status", office)[0]["submission"]
    revised(office, YEARS[1], YEARS[2], "2022,1022,610,412", YEARS[4])
    run(["send", str(office)])
    console.readouterr()
    assert run(["send", str(office), "--submission", first]) == 2
    assert "which is queued for UNSD" in console.readouterr().err
    settled(office, rows(console, "status", office)[-1]["id"], "rejected")
    assert run(["send", str(office), "--submission", first]) == 0, "what was rejected is not there"


def test_data_older_than_externally_accepted_ones_are_noticed(accepted: Path, console: Console) -> None:
    sealed = (accepted / "out" / "submission" / "newest").read_text().strip()
    message = next((accepted / "out" / "submission" / sealed / "data").glob("*.sdmx-ml-3.0.xml")).read_text()
    theirs = accepted / "accepted" / "later.xml"
    theirs.write_text(message.replace("2026-01-31T12:00:00", "2031-01-31T12:00:00"), encoding="utf-8")
    run(["send", str(accepted), "--submission", sealed, "--dry-run"])
    assert "is older" not in console.readouterr().err, "it was promised last"
    assert run(["send", str(accepted), "--submission", sealed, "--action", "delete"]) == 2
    assert f"{sealed} of 2026-01-31 12:00 is older than later.xml of 2031-01-31 12:00" in console.readouterr().err


STANDS_IN_THE_WAY: dict[str, Callable[[Path], object]] = {
    "deliveries is a file": lambda folder: folder.write_bytes(b"theirs"),
    "the queue is a folder": lambda folder: (folder / "queue.sqlite").mkdir(parents=True),
    "the queue is no database": lambda folder: (folder.mkdir(), (folder / "queue.sqlite").write_bytes(b"theirs" * 99)),
    "the spool is a file": lambda folder: (folder.mkdir(), (folder / "spool").write_bytes(b"theirs")),
    "the queue is a device that is full": lambda folder: (folder.mkdir(), (folder / "queue.sqlite").symlink_to(FULL)),
}


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=needs_full if what.endswith("full") else ()) for what in STANDS_IN_THE_WAY]
)
def test_unusable_queue_folder_accepts_no_submission(what: str, office: Path, console: Console) -> None:
    folder = office / "deliveries"
    STANDS_IN_THE_WAY[what](folder)
    console.readouterr()
    shown = console.errors("send", office)
    assert "error: " in shown
    assert "✓ queued" not in shown
    assert "does not know" not in shown, "no fault of the program"
    assert run(["status", str(office)]) in (0, 2)
    assert not (office / "outbox").exists()
    shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    assert run(["send", str(office)]) == 0


def test_unusable_token_stops_queueing(office: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    path = office / "country.toml"
    text = path.read_text(encoding="utf-8").partition("[receiver.delivery]")[0]
    way = '[receiver.delivery]\ntransport = "http"\naddress = "https://example.org/in"\ncredential = "own"\n'
    path.write_text(text + way, encoding="utf-8")
    monkeypatch.setenv("SDMXMIG_SECRET_OWN_EXAMPLE_ORG", "canarý-0123456789")
    for words in (["--dry-run"], []):
        assert run(["send", str(office), *words]) == 2
        shown = console.readouterr()
        assert "The credential “own” cannot be sent" in shown.err
        assert "canar" not in shown.err + shown.out
    console.readouterr()
    run(["status", str(office), "--format", "json"])
    assert console.readouterr().out.strip() == "[]"


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="no process is seen here")
def test_next_command_finds_sender_killed_in_a_request(office: Path, console: Console) -> None:
    path = office / "country.toml"
    text = path.read_text(encoding="utf-8").partition("[receiver.delivery]")[0]
    came, over, posts = threading.Event(), threading.Event(), list[str]()

    def silent(request: BaseHTTPRequestHandler, _: bytes) -> None:
        posts.append(request.command)
        came.set()
        over.wait(60)

    with receiver(silent) as address:
        way = f'transport = "http"\naddress = "{address}"\nprivate = true\nrepeat = "askable"\n'
        path.write_text(f"{text}[receiver.delivery]\n{way}", encoding="utf-8")
        command = [sys.executable, "-m", "sdmxmig", "send", str(office)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as sending:
            assert came.wait(60)
            console.readouterr()
            assert run(["status", str(office), "--format", "json"]) == 0, "it is at work"
            assert json.loads(console.readouterr().out)[0]["state"] == "sending"
            sending.send_signal(signal.SIGKILL)
        over.set()
        assert run(["status", str(office), "--format", "json"]) == 1
        shown = console.readouterr()
        assert "is uncertain: The sender ended during the delivery." in shown.err
        assert json.loads(shown.out)[0]["state"] == "uncertain"
        assert run(["send", str(office)]) == 1
        assert posts == ["POST"], "nothing goes out again before its quiet time is over"
