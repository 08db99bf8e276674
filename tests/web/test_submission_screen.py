"""Blocking issues of a submission are listed together; sealed submissions are verified and downloaded unchanged."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from small_validation import NOW, SOUND, TABLE, workspace
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.finding_lists import FindingList, find_store
from sdmxmig.workspace.tasks.published_comparisons import read_comparisons


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sealed") / "ws"
    made(folder, SOUND, "validate", "package")
    return folder


def made(folder: Path, table: str, *commands: str) -> Workbench:
    """A workbench on a workspace with this table, after these commands."""
    workspace(folder, table)
    for command in commands:
        run([command, str(folder), "--now", NOW])
    return workbench(folder)


def states(bench: Workbench) -> dict[str, str]:
    """How each condition of a submission stands."""
    facts = visitor(workbench(bench.folder)).get("/submission.json").json()
    return {condition["name"]: condition["state"] for condition in facts["conditions"]}


def sealed(folder: Path) -> Path:
    """The folder of the submission that was sealed last."""
    root = folder / "out" / "submission"
    return root / (root / "newest").read_text().strip()


def test_all_blocking_issues_are_listed_together(tmp_path: Path) -> None:
    bench = made(tmp_path / "ws", TABLE.replace("398c", "390"))
    assert states(bench) == {"data": "met", "findings": "in the way"}
    run(["validate", str(bench.folder), "--now", NOW])
    assert states(bench)["errors"] == "in the way"
    (bench.folder / "tables" / "office.csv").write_text(SOUND)
    assert [name for name, state in states(bench).items() if state == "in the way"] == ["data", "findings", "errors"]


def test_warnings_explained_later_are_not_counted_unexplained(tmp_path: Path) -> None:
    bench = made(tmp_path / "ws", SOUND, "validate")

    def unexplained() -> int:
        conditions = visitor(workbench(bench.folder)).get("/submission.json").json()["conditions"]
        return next(condition["count"] for condition in conditions if condition["name"] == "warnings")

    findings = FindingList(find_store(bench.folder / "out"))
    warnings = findings.fingerprints({"severity": "warning"})
    assert unexplained() == len(warnings) > 0
    others = [word for fingerprint in warnings[1:] for word in ("--and", fingerprint)]
    assert run(["justify", warnings[0], str(bench.folder), *others, "--text", "Checked."]) == 0
    assert unexplained() == 0


def test_sealed_submission_is_shown_with_parts_and_letter(bench: Workbench) -> None:
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


def test_archive_contains_the_folder_unchanged(bench: Workbench) -> None:
    folder = sealed(bench.folder)
    client = visitor(bench)
    content = client.get(f"/submission/file/archive/{folder.name}.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert held == {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in files}
    assert client.get(f"/submission/file/archive/{folder.name}.zip").content == content


def test_changed_part_or_other_id_is_detected(bench: Workbench) -> None:
    client = visitor(bench)
    other = "GE-UNSD-" + "0" * 20
    assert client.get(f"/submission.json?announced={other}").json()["chosen"]["ok"] is False
    letter = sealed(bench.folder) / "cover-letter.txt"
    letter.write_text(letter.read_text() + "P.S.")
    chosen = client.get("/submission.json").json()["chosen"]
    assert chosen["ok"] is False
    assert any("cover-letter.txt" in difference for difference in chosen["differences"])


def test_manifest_with_a_number_for_a_name_is_not_read(bench: Workbench) -> None:
    path = sealed(bench.folder) / "manifest.json"
    described = json.loads(path.read_bytes())
    path.write_text(json.dumps(described | {"parts": [{**described["parts"][0], "name": 5}]}))
    client = visitor(bench)
    chosen = client.get("/submission.json").json()["chosen"]
    assert (chosen["parts"], chosen["ok"]) == ([], False)
    assert "its manifest cannot be read" in client.get("/submission").text


@pytest.mark.parametrize(
    "path",
    ["of/none/cover-letter.txt", "of/{id}/../../../country.toml", "of/{id}/..%2F..%2Fmade.json", "archive/..zip"],
)
def test_other_files_are_refused(bench: Workbench, path: str) -> None:
    answer = visitor(bench).get("/submission/file/" + path.format(id=sealed(bench.folder).name))
    assert answer.status_code in (404, 422)


def test_sealing_is_disabled_with_errors(tmp_path: Path) -> None:
    bench = made(tmp_path / "ws", TABLE.replace("398c", "390"), "validate")
    assert "disabled" in visitor(bench).get("/submission").text
    assert visitor(workbench(bench.folder)).get("/submission?id=GE-UNSD-none").status_code == 422


def without_standing_reason(folder: Path) -> Workbench:
    workspace(folder, SOUND)
    country = folder / "country.toml"
    country.write_text(country.read_text(encoding="utf-8").replace('override = "Only a test"\n', ""), encoding="utf-8")
    for command in ("convert", "validate"):
        assert run([command, str(folder), "--now", NOW]) == 0
    return workbench(folder)


def test_override_requires_a_reason(tmp_path: Path) -> None:
    bench = without_standing_reason(tmp_path / "ws")
    client = visitor(bench)
    facts = client.get("/submission.json").json()
    assert (facts["is_ready"], facts["is_ready_with_reason"]) == (False, True)
    assert 'name="reason" required' in client.get("/submission").text
    answer = client.post("/submission/do/seal", data={"reason": "The deadline; $(is) today"})
    assert answer.headers["location"] == "/job?number=1"
    assert bench.jobs.last.words == ("package", str(bench.folder), "--override=The deadline; $(is) today")
    bench.jobs.stop_all()
    assert client.post("/submission/do/seal", data={"reason": "x" * 4001}).status_code == 422


def test_receiver_demands_and_planned_files_are_shown(bench: Workbench) -> None:
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
    assert "the receiver has not confirmed these settings" in page


def test_unmet_demand_of_the_receiver_is_shown_before_sealing(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", SOUND)
    country = folder / "country.toml"
    text = country.read_text(encoding="utf-8").replace('override = "Only a test"\n', "")
    country.write_text(text.replace('"UNSD"', '"NSO"'), encoding="utf-8")
    for command in ("convert", "validate"):
        assert run([command, str(folder), "--now", NOW]) == 0
    client = visitor(workbench(folder))
    facts = client.get("/submission.json").json()
    (accepted,) = [condition for condition in facts["conditions"] if condition["name"] == "accepted"]
    assert accepted["state"] == "in the way"
    assert any("SDMXMIG, which owns" in reason for reason in accepted["reasons"])
    assert facts["planned"]["refused"] == ["agency"]
    assert "SDMXMIG, which owns" in client.get("/submission").text


def test_undeclared_receiver_is_reported(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", SOUND)
    country = folder / "country.toml"
    country.write_text(country.read_text(encoding="utf-8").replace('"UNSD"', '"UNSDD"'), encoding="utf-8")
    for command in ("convert", "validate"):
        assert run([command, str(folder), "--now", NOW]) == 0
    facts = visitor(workbench(folder)).get("/submission.json").json()
    assert (facts["profile"], facts["planned"], facts["is_ready_with_reason"]) == (None, None, False)
    (written,) = [condition for condition in facts["conditions"] if condition["name"] == "written"]
    assert "UNSD" in written["reasons"][0]


WAY = '[receiver.delivery]\ntransport = "folder"\naddress = "outbox"\n'


@pytest.fixture
def sending(bench: Workbench) -> Workbench:
    """A workbench whose receiver fetches from a folder, and has got the submission."""
    with (bench.folder / "country.toml").open("a", encoding="utf-8") as file:
        file.write(WAY)
    run(["send", str(bench.folder)])
    return workbench(bench.folder)


def delivered(bench: Workbench) -> dict[str, Any]:
    facts: dict[str, Any] = visitor(workbench(bench.folder)).get("/submission.json").json()["deliveries"]
    return facts


def test_uncertain_delivery_is_named_before_sending_again(sending: Workbench) -> None:
    for path in (sending.folder / "outbox").iterdir():
        path.write_bytes(b"theirs")
    shutil.rmtree(sending.folder / "deliveries")
    run(["send", str(sending.folder)])
    (sent,) = delivered(sending)["dispatches"]
    assert sent["state"] == "uncertain"
    page = visitor(workbench(sending.folder)).get("/submission").text
    assert "check with the receiver and record the result" in page
    assert "The receiver is asked again" not in page
    assert "has been sent already" in visitor(workbench(sending.folder)).get("/sending").text


def test_setting_a_delivery_method_returns_to_sending(bench: Workbench) -> None:
    assert delivered(bench) is None
    client = visitor(bench)
    links = re.findall(r'href="/(settings\?[^"#]*)', client.get("/submission").text)
    assert not (bench.folder / "deliveries").exists(), "looking makes nothing"
    facts = client.get(unescape(links[0]).replace("settings?", "/settings.json?")).json()
    form = {f"text:{field['name']}": field["value"] for field in facts["delivery"]}
    form |= {f"seen:{field['name']}": field["seen"] for field in facts["delivery"]}
    form |= {"text:receiver.delivery.transport": facts["transport"], "seen:receiver.delivery.transport": ""}
    back = client.post("/settings/do/save", data={**form, "back": facts["back"]}).headers["location"]
    assert back.startswith("/sending")
    assert f"Send {sealed(bench.folder).name} to UNSD?" in client.get(back).text
    form |= {"text:receiver.delivery.address": str(bench.folder.parent / "no such folder"), "back": "sending"}
    form |= {f"seen:{field['name']}": field["seen"] for field in client.get("/settings.json").json()["delivery"]}
    assert "There is no folder" in client.post("/settings/do/save", data=form).text


def test_sent_submission_is_listed_with_its_receipt(sending: Workbench) -> None:
    (sent,) = delivered(sending)["dispatches"]
    assert (sent["state"], sent["may_become"]) == ("received", ["accepted", "rejected"])
    (seal,) = (sending.folder / "outbox").glob("*.sha256")
    assert sent["receipt"]["text"] == seal.read_text()
    asked = visitor(sending)
    page = asked.get("/submission").text
    (listed,) = re.findall(r'<tr class="chosen">.*?</tr>', page)
    assert "<td>received</td>" in listed
    saved = asked.get(f"/submission/file/receipt/{sent['id']}.txt")
    assert saved.content == seal.read_bytes()


def test_figures_sent_without_an_answer_are_not_new(sending: Workbench) -> None:
    table = sending.folder / "tables" / "office.csv"
    table.write_text(table.read_text().replace("2020,", "2019,"))
    for command in ("convert", "validate", "package"):
        run([command, str(sending.folder), "--now", NOW])
    page = unescape(visitor(workbench(sending.folder)).get("/sending").text)
    assert "Everything is new" not in page
    assert "An earlier submission was sent, but the receiver’s decision is not recorded." in page


def test_outdated_submission_is_reported_before_sending(sending: Workbench) -> None:
    table = sending.folder / "tables" / "office.csv"
    table.write_text(table.read_text().replace("2020,", "2019,"))
    assert "This submission is older than the current tables" in visitor(sending).get("/sending").text


def test_beginning_of_an_answer_is_shown_as_text(sending: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = b"<script>alert(1)</script>\x1b[31m" + b"x" * 100_000
    monkeypatch.setattr("sdmxmig.workspace.tasks.delivering.find_receipt", lambda *_: answer)
    page = visitor(sending).get("/submission").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\x1b" not in page
    assert "The file has the rest" in page
    assert len(page) < 100_000


def test_acceptance_is_recorded_and_the_release_kept(sending: Workbench) -> None:
    (sent,) = delivered(sending)["dispatches"]
    asked = visitor(sending)
    said = {"id": sent["id"], "state": "accepted"}
    assert asked.post("/submission/do/settle", data={**said, "reason": " "}).status_code == 422
    assert asked.post("/submission/do/settle", data={**said, "reason": "Their letter."}).status_code == 303
    facts = delivered(sending)
    assert facts["dispatches"][0]["reason"] == "Their letter."
    assert (facts["changes"]["since"], facts["changes"]["is_none"]) == (sent["submission"], True)
    assert (sending.folder / "accepted" / sent["submission"] / "manifest.json").is_file()


def test_queued_delivery_can_be_cancelled(bench: Workbench) -> None:
    with (bench.folder / "country.toml").open("a", encoding="utf-8") as file:
        file.write(WAY.replace("outbox", "../share"))
    run(["send", str(bench.folder)])
    facts = delivered(bench)
    assert "There is no folder" in facts["paused"]
    page = visitor(workbench(bench.folder))
    assert (
        page.post(
            "/submission/do/take-back", data={"id": facts["dispatches"][0]["id"], "reason": "A mistake."}
        ).status_code
        == 303
    )
    assert delivered(bench)["dispatches"][0]["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"how": ""}, ["send"]),
        ({"how": "merge"}, ["send", "--action=merge"]),
        ({"how": "delete", "deletions": "3"}, ["send", "--action=delete", "--deletions=3"]),
        ({"how": "delete"}, ["send", "--action=delete"]),
        ({"how": "", "older": "yes", "again": "yes"}, ["send", "--older", "--again"]),
        ({"how": "merge", "id": "SEALED"}, ["send", "--action=merge", "--submission=SEALED"]),
    ],
)
def test_sending_runs_as_a_command_in_its_own_process(
    sending: Workbench, form: dict[str, str], words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[list[str]] = []

    def begin(_: object, given: list[str], folder: Path | None = None) -> object:
        begun.append(given)
        raise SdmxmigError("Not in a test.")

    monkeypatch.setattr("sdmxmig.web.screens.Visit.begin", begin)
    name = sealed(sending.folder).name
    client = visitor(sending)
    facts = client.get("/sending.json", params={key: text.replace("SEALED", name) for key, text in form.items()}).json()
    client.post("/submission/do/send", data={**facts["options"], "confirmed": facts["confirmed"]})
    assert [word.replace(name, "SEALED") for word in begun[0] if word != str(sending.folder)] == words


def test_delivery_requires_confirmation_of_its_content(sending: Workbench) -> None:
    client = visitor(sending)
    asked = client.post("/submission/do/send", data={"how": "merge"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/sending?how=merge")
    facts = client.get("/sending.json", params={"how": "merge"}).json()
    page = client.get("/sending", params={"how": "merge"}).text
    assert facts["submission"]["receiver"] in page
    assert facts["deliveries"]["changes"]["since"] == ""
    data = (sending.folder / "out" / "data" / "DF_POP.csv").read_text(encoding="utf-8")
    (sending.folder / "accepted").mkdir()
    (sending.folder / "accepted" / "earlier.csv").write_text(data.replace("1010", "1012"), encoding="utf-8")
    late = client.post("/submission/do/send", data={**facts["options"], "confirmed": facts["confirmed"]})
    assert late.headers["location"].startswith("/sending?")
    assert ">1012<" in client.get(late.headers["location"]).text
    assert sending.jobs.last is None


def test_damaged_queue_is_reported_beside_the_submission(sending: Workbench) -> None:
    (sending.folder / "deliveries" / "queue.sqlite").write_bytes(b"no database at all, but long enough for one" * 30)
    facts = visitor(workbench(sending.folder)).get("/submission.json").json()
    assert "This is not a queue" in facts["deliveries"]["trouble"]["message"]
    assert facts["chosen"]["ok"]


def test_changes_since_accepted_release_are_shown(sending: Workbench) -> None:
    data = (sending.folder / "out" / "data" / "DF_POP.csv").read_text(encoding="utf-8")
    (sending.folder / "accepted").mkdir()
    earlier = data.replace("1010", "1012").replace(",2023,", ",2019,")
    (sending.folder / "accepted" / "earlier.csv").write_text(earlier, encoding="utf-8")
    changes = delivered(sending)["changes"]
    (flow,) = changes["flows"]
    assert (flow["added"], flow["changed"], flow["deleted"]) == (3, 1, 3)
    assert ("1012", "1010") in [(row["before"], row["after"]) for row in changes["rows"]]
    page = visitor(workbench(sending.folder)).get("/submission").text
    assert "delete: removed figures" in page
    assert 'name="deletions"' in page


PUBLISHED = {
    "agency": "ESTAT",
    "dataflow": "MIGR_POP1CTZ",
    "release": "GE-UNSD-1",
    "address": "https://example.org/data",
    "fetched": "2026-02-28T12:00:00+00:00",
    "compared": "2026-02-28T12:00:01+00:00",
    "sent": 12,
    "there": 1200,
    "the_same": 10,
    "counts": {"other value": 1, "not published": 1, "not sent": 1189},
    "rows": [{"kind": "other value", "key": "A.GE", "component": "OBS_VALUE", "sent": "1<2", "there": "3"}],
}


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
def test_figures_published_by_an_agency_are_shown_beside_ours(bench: Workbench, language: str) -> None:
    folder = bench.folder / "deliveries" / "fetched-back"
    folder.mkdir(parents=True)
    (folder / "ESTAT_MIGR_POP1CTZ.json").write_text(json.dumps(PUBLISHED), encoding="utf-8")
    client = visitor(workbench(bench.folder))
    client.headers["accept-language"] = language
    answer = client.get("/submission")
    assert answer.status_code == 200
    section = answer.text.partition('id="fetched-back"')[2]
    figures = {"1200": "1,200", "1189": "1,189"} if language == "en" else {}
    assert all(figures.get(number, number[-3:]) in section for number in ("12", "1200", "10", "1189"))
    assert "1&lt;2" in section
    assert "A.GE" in section
    assert ("The published data differ" in section) == (language == "en")


@pytest.mark.parametrize(
    "change",
    [
        {"counts": {"other": 1}},
        {"rows": [{"kind": "x"}]},
        {"sent": "12"},
        {"more": 1},
    ],
)
def test_invalid_saved_comparison_is_skipped(bench: Workbench, change: dict[str, Any]) -> None:
    folder = bench.folder / "deliveries" / "fetched-back"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(PUBLISHED | change), encoding="utf-8")
    (folder / "b.json").write_text("{")
    (folder / "c.json").mkdir()
    assert read_comparisons(bench.folder) == ()


def test_fetching_runs_as_a_command_only_with_valid_names(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[list[str]] = []

    def begin(_: object, words: list[str], folder: Path | None = None) -> object:
        begun.append(words)
        raise SdmxmigError("Not in a test.")

    monkeypatch.setattr("sdmxmig.web.screens.Visit.begin", begin)
    client = visitor(bench)
    for agency, flow in (("--from", "x"), ("ESTAT", "-o"), ("ESTAT", "a b"), ("", "DF"), ("http://x", "DF")):
        assert client.post("/submission/do/fetch-back", data={"agency": agency, "dataflow": flow}).status_code == 422
    assert begun == []
    client.post("/submission/do/fetch-back", data={"agency": "OECD", "dataflow": "DSD_MIG@DF_MIG"})
    assert begun == [["get", "OECD", "DSD_MIG@DF_MIG", "--workspace", str(bench.folder), "--compare"]]
