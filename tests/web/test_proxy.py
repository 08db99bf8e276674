"""Behind a proxy, identity comes from the proxy alone, and roles limit each user."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from case_tables import cases_from, listed
from console import Console
from proxies import KNOWN, SECRET, SmallProxy, basic, free_port, proxied
from served import received, status
from small_validation import NOW, TABLE, workspace
from starlette.testclient import TestClient
from test_people import PEOPLE, SOUND, changed_by

from sdmxmig.cli import run
from sdmxmig.io.publishing.files import lock_folder
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.web.application import SCREENS, build_application
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.pages import NEEDED_ROLES
from sdmxmig.web.proxy import Proxy, UnverifiedRequest, build_proxy, read_person
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.folder import COMMENTS_FILE, JUSTIFICATIONS_FILE
from sdmxmig.workspace.tasks.history import read_history, settle

ADDRESS = "https://workbench.example/office"
HOST = "workbench.example"
PREFIX = "/office"
USER, PROOF = "x-remote-user", "x-sdmxmig-secret"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("office") / "ws", SOUND)
    (folder / "people.toml").write_text(PEOPLE)
    settle(folder, NOW)
    run(["validate", str(folder), "--now", NOW])
    return folder


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    return secret_in(tmp_path)


def secret_in(folder: Path, content: str = SECRET) -> Path:
    path = folder / "secret"
    path.write_text(content)
    path.chmod(0o600)
    return path


@pytest.fixture
def bench(once: Path, tmp_path: Path, secret_file: Path) -> Workbench:
    folder = Path(shutil.copytree(once, tmp_path / "region" / "ws"))
    return workbench_behind(folder, build_proxy(ADDRESS, secret_file))


def workbench_behind(folder: Path, proxy: Proxy) -> Workbench:
    access = BrowserAccess(8765, hosts=proxy.hosts, scheme=proxy.scheme, proxy=proxy)
    return Workbench(folder, access, now=lambda: NOW, base=folder.parent)


def through(bench: Workbench, *headers: tuple[str, str]) -> TestClient:
    """Requests with these headers, of which two of one name stay two."""
    client = TestClient(build_application(bench), base_url=f"https://{HOST}", follow_redirects=False)
    own = [("sec-fetch-site", "same-origin"), *headers]
    client.headers = httpx.Headers([(name.encode(), value.encode()) for name, value in own])
    return client


def colleague(bench: Workbench, name: str) -> TestClient:
    """Somebody whom the proxy names."""
    return through(bench, (PROOF, SECRET), (USER, name))


def finding(client: TestClient) -> dict[str, object]:
    """A warning."""
    facts = client.get(f"{PREFIX}/findings.json?severity=warning").json()
    return dict(facts["findings"][0])


def test_user_named_by_the_proxy_is_admitted(bench: Workbench) -> None:
    answer = colleague(bench, "statistician").get(f"{PREFIX}/")
    assert answer.status_code == 200
    assert re.search(r'Signed in as <b dir="auto">statistician</b> · answers</p>', answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        [(USER, "statistician")],
        [(USER, "statistician"), (PROOF, "")],
        [(USER, "statistician"), (PROOF, SECRET[:-1])],
        [(USER, "statistician"), (PROOF, f"{SECRET}0")],
        [(PROOF, SECRET)],
        [(PROOF, SECRET), (USER, "")],
        [(PROOF, SECRET), (USER, "statistician\u200b")],
        [(PROOF, SECRET), (USER, "x" * 101)],
        [(PROOF, SECRET), (USER, "statistician"), (USER, "reviewer")],
        [(PROOF, SECRET), (PROOF, SECRET), (USER, "statistician")],
        [(PROOF, SECRET), (USER, b"nin\xff")],
        [(PROOF, SECRET), (USER, " statistician")],
        [(PROOF, SECRET), ("x_remote_user", "statistician")],
        [(PROOF, SECRET), ("x-forwarded-user", "statistician")],
    ],
)
def test_unverified_proxy_request_names_no_user(secret_file: Path, headers: list[tuple[str, str | bytes]]) -> None:
    raw = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers]
    with pytest.raises(UnverifiedRequest):
        read_person(raw, build_proxy(ADDRESS, secret_file))


@pytest.mark.parametrize(
    "headers", [[], [(USER, "statistician")], [(PROOF, SECRET)], [(USER, "statistician"), (PROOF, SECRET[1:])]]
)
def test_request_bypassing_the_proxy_is_refused(bench: Workbench, headers: list[tuple[str, str]]) -> None:
    client = through(bench, *headers)
    for path in ("/", "/home.json", "/static/web.css", "/enter", "/nowhere"):
        assert client.get(f"{PREFIX}{path}").status_code == 403


def test_entry_key_is_refused_behind_a_proxy(bench: Workbench) -> None:
    client = through(bench)
    client.cookies.set(bench.access.cookie, bench.access.session)
    assert client.get(f"{PREFIX}/enter?key={bench.access.key}").status_code == 403
    assert client.get(f"{PREFIX}/").status_code == 403


@pytest.mark.parametrize(
    ("host", "code"),
    [(HOST, 200), (f"{HOST}:443", 200), ("127.0.0.1:8765", 421), (f"{HOST}:80", 421), ("evil.example", 421)],
)
def test_host_must_be_that_of_the_public_address(bench: Workbench, host: str, code: int) -> None:
    assert colleague(bench, "statistician").get(f"{PREFIX}/findings.json", headers={"host": host}).status_code == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "", "origin": f"http://{HOST}"}, 403),
        ({"sec-fetch-site": "", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": ""}, 403),
        ({"sec-fetch-site": "", "origin": f"https://{HOST}"}, 422),
    ],
)
def test_forms_must_come_from_pages_of_the_public_address(bench: Workbench, headers: dict[str, str], code: int) -> None:
    answer = colleague(bench, "statistician").post(f"{PREFIX}/home/do/undo", data={"step": "99"}, headers=headers)
    assert answer.status_code == code


def test_all_links_and_forms_lead_below_the_public_address(bench: Workbench) -> None:
    client = colleague(bench, "dali@office")
    for screen in SCREENS:
        if screen.name in ("start", "region", "job"):
            continue
        html = client.get(f"{PREFIX}{screen.path}").text
        paths = re.findall(r'\b(?:href|src|action|formaction|hx-get|hx-post)="(/[^"]*)"', html)
        assert paths
        assert {path for path in paths if not path.startswith(f"{PREFIX}/")} == set(), screen.name
    assert client.get("/findings").status_code == 404
    assert client.get(f"{PREFIX}x/").status_code == 404
    answer = client.post(f"{PREFIX}/language", data={"language": "fr", "back": "/data?file=x"})
    assert answer.headers["location"] == f"{PREFIX}/data?file=x"
    assert {"Path=/office/", "Secure", "HttpOnly"} <= set(answer.headers["set-cookie"].split("; "))


def test_every_action_of_every_screen_has_its_role() -> None:
    actions = {f"{screen.name}/{action}" for screen in SCREENS for action in screen.actions}
    assert actions == {name.partition(" ")[0] for name in NEEDED_ROLES}
    of_owner = {name for name, roles in NEEDED_ROLES.items() if not roles}
    assert of_owner == {"end/now", "settings/forget-people"}, "left to the person who has started the workbench"


def test_action_without_a_role_is_refused(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(NEEDED_ROLES, "home/undo")
    for name in ("statistician", "reviewer", "dali@office"):
        answer = colleague(bench, name).post(f"{PREFIX}/home/do/undo", data={"step": "2"})
        assert answer.status_code == 403
        assert "<b>of nobody</b>" in answer.text


@pytest.mark.parametrize("command", ["package", " package ", "package\n"])
def test_sealing_command_in_another_form_is_refused(bench: Workbench, command: str) -> None:
    answer = colleague(bench, "statistician").post(f"{PREFIX}/home/do/start", data={"command": command})
    assert (answer.status_code, bench.jobs.last) == (403, None)


ROLES = {"statistician": {"answers"}, "reviewer": {"reviews", "sends"}, "sender": {"sends"}, "guest": set()}


@pytest.mark.parametrize("name", ROLES)
def test_role_limits_the_actions_of_a_user(bench: Workbench, name: str) -> None:
    client = colleague(bench, name)
    before = len(read_history(bench.folder))
    for action, roles in NEEDED_ROLES.items():
        path, _, command = action.partition(" ")
        screen, _, rest = path.partition("/")
        if ROLES[name].isdisjoint(roles) or screen in ("start", "region"):
            answer = client.post(f"{PREFIX}/{screen}/do/{rest}", data={"command": command} if command else {})
            assert answer.status_code == 403, action
            assert "Tasks for others" in answer.text
    assert len(read_history(bench.folder)) == before
    assert bench.jobs.last is None


def test_unlisted_user_is_refused_unless_strangers_may_look(bench: Workbench) -> None:
    client = colleague(bench, "somebody")
    for screen in SCREENS:
        assert client.get(f"{PREFIX}{screen.path}").status_code == 403
        assert client.get(f"{PREFIX}/{screen.name}.json").status_code == 403
    assert client.get(f"{PREFIX}/home/file/history/history.csv").status_code == 403
    people = bench.folder / "people.toml"
    people.write_text(f'strangers = "looks"\n{people.read_text()}')
    assert "view only" in client.get(f"{PREFIX}/findings").text
    assert client.post(f"{PREFIX}/findings/do/correct", data={}).status_code == 403


def test_broken_people_file_refuses_all_users(bench: Workbench) -> None:
    (bench.folder / "people.toml").write_text("[people\n")
    answer = colleague(bench, "statistician").get(f"{PREFIX}/findings")
    assert answer.status_code == 422
    assert "MIG-" not in answer.text


def test_start_and_region_require_a_role_in_parent_folder(bench: Workbench) -> None:
    statistician = colleague(bench, "statistician")
    assert statistician.get(f"{PREFIX}/start").status_code == 403
    assert f'href="{PREFIX}/region"' not in statistician.get(f"{PREFIX}/").text
    (bench.base / "people.toml").write_text('[people]\nstatistician = ["opens"]\nreviewer = []\n')
    assert f'href="{PREFIX}/region"' in statistician.get(f"{PREFIX}/").text
    other = Path(shutil.copytree(bench.folder, bench.base / "other"))
    reviewer = colleague(bench, "reviewer")
    assert reviewer.post(f"{PREFIX}/start/do/open", data={"folder": str(other)}).status_code == 403
    assert "this needs the role <b>opens workspaces</b>" in reviewer.get(f"{PREFIX}/start").text
    assert "this needs the role" not in statistician.get(f"{PREFIX}/start").text
    assert statistician.get(f"{PREFIX}/start.json").json()["recent"] == []


def test_each_user_works_in_their_own_open_workspace(bench: Workbench) -> None:
    (bench.base / "people.toml").write_text('[people]\nstatistician = ["opens"]\nreviewer = ["opens"]\n')
    other = Path(shutil.copytree(bench.folder, bench.base / "other"))
    together = build_application(bench)
    statistician, reviewer = colleague(bench, "statistician"), colleague(bench, "reviewer")
    statistician.app = reviewer.app = together
    statistician._transport.app = reviewer._transport.app = together  # type: ignore[attr-defined]
    assert statistician.post(f"{PREFIX}/start/do/open", data={"folder": str(other)}).status_code == 303
    assert statistician.get(f"{PREFIX}/start.json").json()["open"] == str(other)
    assert reviewer.get(f"{PREFIX}/start.json").json()["open"] == str(bench.folder)


def test_buttons_without_permission_are_disabled(bench: Workbench) -> None:
    def buttons(name: str, path: str) -> dict[str, bool]:
        html = colleague(bench, name).get(f"{PREFIX}{path}").text
        return {
            action: "disabled" in button
            for action, button in re.findall(
                r'action="/office/(\w+/do/\w+)"[^<>]*>.*?(<button[^<>]*>)', html, re.DOTALL
            )
        }

    assert buttons("reviewer", "/findings?severity=warning") == {
        "home/do/start": True,
        "findings/do/justify": True,
        "findings/do/comment": False,
    }
    assert buttons("guest", "/submission")["submission/do/approve"]
    assert not buttons("reviewer", "/submission")["submission/do/approve"]


def test_step_is_recorded_under_the_signed_in_user(bench: Workbench) -> None:
    client = colleague(bench, "statistician")
    form = {"fingerprint": str(finding(client)["fingerprint"]), "text": "Confirmed.", "by": "reviewer"}
    assert client.post(f"{PREFIX}/findings/do/justify", data=form).status_code == 303
    assert [(step.what, step.by) for step in read_history(bench.folder)][-1] == ("justify", "statistician")
    assert 'by = "statistician"' in (bench.folder / JUSTIFICATIONS_FILE).read_text()
    assert "reviewer" not in (bench.folder / JUSTIFICATIONS_FILE).read_text()
    assert "· statistician" in client.get(f"{PREFIX}/").text


def test_comments_appear_beside_findings_and_answers(bench: Workbench) -> None:
    statistician, reviewer = colleague(bench, "statistician"), colleague(bench, "reviewer")
    form = {"fingerprint": str(finding(reviewer)["fingerprint"]), "comment": "Is this <b>so</b>?"}
    assert reviewer.post(f"{PREFIX}/findings/do/comment", data=form).status_code == 303
    assert (
        reviewer.post(
            f"{PREFIX}/profile/do/comment", data={"module": "A", "comment:items.A01": "Which law?"}
        ).status_code
        == 303
    )
    answers = {
        "module": "A",
        "text:items.A01.answer": "Y",
        "comment:items.A01": "That of 2009.",
        "made-from:profile.toml": "",
    }
    assert statistician.post(f"{PREFIX}/profile/do/save", data=answers).status_code == 303
    assert finding(statistician)["comments"] == [{"text": "Is this <b>so</b>?", "by": "reviewer", "at": NOW}]
    assert "Is this &lt;b&gt;so&lt;/b&gt;?" in statistician.get(f"{PREFIX}/findings").text
    page = reviewer.get(f"{PREFIX}/profile?module=A").text
    assert "Which law?" in page
    assert "That of 2009." in page
    assert [(step.what, step.by) for step in read_history(bench.folder)[-3:]] == [
        ("comment", "reviewer"),
        ("comment", "reviewer"),
        ("answer", "statistician"),
    ]


def test_invalid_comment_prevents_saving_the_answers(bench: Workbench) -> None:
    answers = {"module": "A", "text:items.A01.answer": "Y", "comment:items.Z99": "What?", "made-from:profile.toml": ""}
    assert colleague(bench, "statistician").post(f"{PREFIX}/profile/do/save", data=answers).status_code == 422
    assert not (bench.folder / "profile.toml").exists()
    assert not (bench.folder / COMMENTS_FILE).exists()


def test_co_author_sees_that_another_reviewer_must_approve(bench: Workbench) -> None:
    changed_by(bench.folder, "dali@office", 401)
    changed_by(bench.folder, "statistician", 402)
    sentence = "so your approval is not enough. Another reviewer must approve it too."

    def facts(name: str) -> dict[str, Any]:
        client = colleague(bench, name)
        approval: dict[str, Any] = client.get(f"{PREFIX}/submission.json").json()["approval"]
        assert (sentence in client.get(f"{PREFIX}/submission").text) == approval["needs_another"]
        return approval

    assert facts("dali@office")["needs_another"]
    assert not facts("reviewer")["needs_another"], "who has changed nothing is the other person"
    assert not facts("statistician")["needs_another"], "who does not review is told nothing of their approval"
    for name, is_left in (("dali@office", True), ("reviewer", False)):
        form = {"state": facts(name)["state"]}
        assert colleague(bench, name).post(f"{PREFIX}/submission/do/approve", data=form).status_code == 303
        assert facts("dali@office")["needs_another"] is is_left


def test_second_person_must_approve_before_sealing(bench: Workbench) -> None:
    statistician, reviewer = colleague(bench, "statistician"), colleague(bench, "reviewer")

    def facts() -> dict[str, object]:
        return dict(reviewer.get(f"{PREFIX}/submission.json").json())

    assert facts()["is_ready"] is False
    state = str(facts()["approval"]["state"])  # type: ignore[index]
    assert statistician.post(f"{PREFIX}/submission/do/approve", data={"state": state}).status_code == 403
    assert reviewer.post(f"{PREFIX}/submission/do/approve", data={"state": "0" * 64}).status_code == 409
    assert reviewer.post(f"{PREFIX}/submission/do/approve", data={"state": state}).status_code == 303
    assert facts()["is_ready"] is True
    assert [each["by"] for each in facts()["approval"]["approvals"]] == ["reviewer"]  # type: ignore[index]
    where = reviewer.post(f"{PREFIX}/submission/do/seal").headers["location"]
    wait_for(bench)
    assert reviewer.get(where.replace("/job?", "/job.json?")).json()["code"] == 0
    sealed_by = facts()["approval"]["sealed_by"]  # type: ignore[index]
    assert list(sealed_by.values()) == ["reviewer"]
    assert 'Sealed by <b dir="auto">reviewer</b>' in reviewer.get(f"{PREFIX}/submission").text
    assert reviewer.post(f"{PREFIX}/submission/do/withdraw").status_code == 303
    assert facts()["is_ready"] is False


def wait_for(bench: Workbench) -> None:
    """Wait until the command that was begun last has ended."""
    deadline = time.monotonic() + 90
    while bench.jobs.last.is_running and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.05)


def test_concurrent_changes_of_two_people_are_kept(bench: Workbench) -> None:
    statistician, dali = colleague(bench, "statistician"), colleague(bench, "dali@office")
    fingerprint = str(finding(statistician)["fingerprint"])
    seen = {f"made-from:{JUSTIFICATIONS_FILE}": ""}
    first = {"fingerprint": fingerprint, "text": "Confirmed by the register.", **seen}
    assert statistician.post(f"{PREFIX}/findings/do/justify", data=first).status_code == 303
    answer = dali.post(f"{PREFIX}/findings/do/justify", data={**first, "text": "A typing error."})
    assert answer.status_code == 409
    assert "Another person has changed this in the meantime" in answer.text
    assert "A typing error." in answer.text, "what one wrote is not lost"
    assert "Confirmed by the register." in answer.text, "what the other did is shown"
    assert '<b dir="auto">statistician</b>' in answer.text
    assert "A typing error." not in (bench.folder / JUSTIFICATIONS_FILE).read_text()


def test_table_replaced_meanwhile_is_not_overwritten(bench: Workbench) -> None:
    statistician, dali = colleague(bench, "statistician"), colleague(bench, "dali@office")
    html = statistician.get(f"{PREFIX}/data").text
    form = dict(re.findall(r'<input type="hidden" name="(seen|made-from:[^"]+)" value="([^"]*)"', html))
    assert set(form) == {"seen", "made-from:tables/office.csv"}

    def send(client: TestClient, content: str, name: str = "office.csv") -> int:
        files = {"table": (name, content.encode())}
        return client.post(f"{PREFIX}/data/do/add", data={**form, "replace": "yes"}, files=files).status_code

    assert send(dali, SOUND.replace("1000", "1001")) == 303
    assert send(statistician, SOUND.replace("1000", "1002")) == 409
    assert "1001" in (bench.folder / "tables" / "office.csv").read_text()
    assert [send(dali, SOUND, "new.csv"), send(statistician, SOUND, "new.csv")] == [303, 409]


def test_concurrent_change_asks_to_try_again(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.workspace.tasks.history.LOCK_SECONDS", 0.0)
    client = colleague(bench, "statistician")
    form = {"fingerprint": str(finding(client)["fingerprint"]), "text": "Confirmed."}
    with lock_folder(bench.folder / ".history"):
        answer = client.post(f"{PREFIX}/findings/do/justify", data=form)
        twin = client.get(f"{PREFIX}/home.json")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Another person is saving right now" in answer.text
    assert "Confirmed." in answer.text
    assert (twin.status_code, twin.headers["retry-after"]) == (503, "5")
    assert client.post(f"{PREFIX}/findings/do/justify", data=form).status_code == 303


def test_command_of_a_colleague_is_not_taken_for_own_command(bench: Workbench) -> None:
    statistician, dali = colleague(bench, "statistician"), colleague(bench, "dali@office")
    assert statistician.post(f"{PREFIX}/home/do/start", data={"command": "validate"}).status_code == 303
    answer = dali.post(f"{PREFIX}/home/do/start", data={"command": "convert"})
    assert answer.status_code == 503
    bench.jobs.stop_all()
    wait_for(bench)


@cases_from("web/cases/invalid_public_address_is_refused.csv")
def test_invalid_public_address_is_refused(secret_file: Path, address: str) -> None:
    with pytest.raises(SdmxmigError):
        build_proxy(address, secret_file)


@pytest.mark.parametrize("content", ["", "short", "x" * 31, "x" * 20 + " " + "x" * 20, "é" * 40])
def test_guessable_secret_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(SdmxmigError):
        build_proxy(ADDRESS, secret_in(tmp_path, content))


def test_secret_file_readable_by_all_is_refused(secret_file: Path) -> None:
    secret_file.chmod(0o644)
    with pytest.raises(SdmxmigError, match="Others may read"):
        build_proxy(ADDRESS, secret_file)


@pytest.mark.parametrize("header", ["Host", "Cookie", "X-Sdmxmig-Secret", "X Remote", "", "x_user", "Authorization"])
def test_header_of_another_name_does_not_identify_a_user(secret_file: Path, header: str) -> None:
    with pytest.raises(SdmxmigError):
        build_proxy(ADDRESS, secret_file, header)


@cases_from("web/cases/missing_proxy_settings_are_reported.csv", words=listed)
def test_missing_proxy_settings_are_reported(
    tmp_path: Path,
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    secret_in(tmp_path)
    workspace(tmp_path / "deeper" / "ws", TABLE)
    words = [word.format(port=free_port()) for word in words]
    assert message in console.errors("serve", "deeper/ws", "--behind-proxy", ADDRESS, *words)


@dataclass
class Office:
    """A workbench in its own process behind a proxy, and where browsers find it."""

    folder: Path
    proxy: SmallProxy

    def ask(self, line: str, *headers: str, body: str = "", name: str = "statistician", typed: str = KNOWN) -> bytes:
        head = [f"{line} HTTP/1.1", f"Host: localhost:{self.proxy.port}", "Sec-Fetch-Site: same-origin"]
        head += [f"Authorization: {basic(name, typed)}", "Connection: close", *headers]
        head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return asked(self.proxy.port, "\r\n".join([*head, "", body]))


def asked(port: int, request: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request.encode())
        return received(connection)


@pytest.fixture(scope="module")
def office(once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    place = tmp_path_factory.mktemp("served")
    folder = Path(shutil.copytree(once, place / "ws"))
    port, to = free_port(), free_port()
    words = ["serve", str(folder), "--port", str(to), "--behind-proxy", f"http://localhost:{port}{PREFIX}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sdmxmig", *words, "--secret-file", str(secret_in(place))],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        with proxied(port, to) as proxy:
            told = process.stdout.readline() + process.stdout.readline()  # type: ignore[union-attr]
            assert f"http://localhost:{port}/office/".encode() in told
            yield Office(folder, proxy)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.stdout.close()  # type: ignore[union-attr]


def test_workbench_works_behind_a_password_proxy(office: Office) -> None:
    assert status(office.ask("GET /office/", typed="wrong")) == 401
    answer = office.ask("GET /office/")
    assert status(answer) == 200
    assert b'<b dir="auto">statistician</b>' in answer
    form = urlencode({"command": "package"})
    assert status(office.ask("POST /office/home/do/start", body=form)) == 403
    answer = office.ask("POST /office/language", body="language=ar&back=/findings")
    assert b"location: /office/findings\r\n" in answer.lower()


def test_user_names_in_any_script_are_accepted(office: Office) -> None:
    people = office.folder / "people.toml"
    people.write_text(f'{people.read_text()}"ნინო" = ["answers"]\n')
    assert "ნინო".encode() in office.ask("GET /office/", name="ნინო")


def test_user_header_from_the_client_is_ignored(office: Office) -> None:
    answer = office.ask("GET /office/", "X-Remote-User: reviewer", f"X-Sdmxmig-Secret: {SECRET}", name="guest")
    assert b'<b dir="auto">guest</b>' in answer
    office.proxy.strips = False
    try:
        assert status(office.ask("GET /office/", "X-Remote-User: reviewer", name="guest")) == 403
    finally:
        office.proxy.strips = True
