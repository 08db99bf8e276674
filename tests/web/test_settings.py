"""Change settings and people in the browser: comments, typed text and changes by others are kept."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from case_tables import text_from
from small_validation import NOW, workspace
from starlette.testclient import TestClient
from test_proxy import ADDRESS, PREFIX, colleague, secret_in, workbench_behind
from workbenches import visitor, workbench

from sdmxmig.io.edited_toml import set_value
from sdmxmig.web.proxy import build_proxy
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.folder import open_workspace
from sdmxmig.workspace.tasks.approvals import read_people
from sdmxmig.workspace.tasks.history import read_history
from sdmxmig.workspace.tasks.session import open_session
from sdmxmig.workspace.tasks.settings import read_settings, try_connection

if TYPE_CHECKING:
    pass

OFFICE, SENDER = "country.office.en", "message.sender"
TRANSPORT, ADDRESS_OF_RECEIVER = "receiver.delivery.transport", "receiver.delivery.address"
COMMENTED = text_from("web/cases/settings_commented.toml")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace(tmp_path_factory.mktemp("settings") / "ws")


def came_in(bench: Workbench) -> TestClient:
    """A browser that has come in; the address of a workbench works once."""
    return visitor(workbench(bench.folder))


def country(bench: Workbench) -> Path:
    return bench.folder / "country.toml"


def form(bench: Workbench, **changes: str) -> dict[str, str]:
    """The form of the saved settings, with some fields typed otherwise; `__` stands for a dot."""
    saved = read_settings(country(bench).read_bytes())
    typed = saved | {name.replace("__", "."): text for name, text in changes.items()}
    return {f"text:{name}": text for name, text in typed.items()} | {
        f"seen:{name}": saved.get(name, "") for name in typed
    }


def save(client: TestClient, sent: dict[str, str], prefix: str = "") -> Any:
    return client.post(f"{prefix}/settings/do/save", data=sent)


def test_settings_are_saved_with_comments_and_order_kept(bench: Workbench) -> None:
    country(bench).write_text(COMMENTED)
    answer = save(came_in(bench), form(bench, country__office__fr="Office national", message__sender="GE2"))
    assert answer.headers["location"].startswith("/settings?done=")
    expected = COMMENTED.replace('language = "en"\n', 'language = "en"\noffice.fr = "Office national"\n')
    assert country(bench).read_text() == expected.replace('"GE1"', '"GE2"')
    assert [(step.what, step.files) for step in read_history(bench.folder)][-1] == ("settings", ("country.toml",))


def test_country_is_found_by_name(bench: Workbench) -> None:
    save(came_in(bench), form(bench, country__area="GE", country__name__en="Georgia", country__name__fr="Ma Géorgie"))
    save(came_in(bench), form(bench, country__area="Moldavie"))
    country = open_workspace(bench.folder).country
    assert country.area == "MD"
    names = dict(country.name.values)
    assert (names["en"], names["fr"]) == ("Republic of Moldova", "Ma Géorgie"), "a name that a person wrote stays"


@pytest.mark.parametrize(("before", "after"), [("GE1", "MD1"), ("NSO", "NSO")])
def test_sender_id_made_from_the_country_follows_a_new_country(bench: Workbench, before: str, after: str) -> None:
    office = {"GE1": "Statistical office, Georgia", "NSO": "National office"}[before]
    save(came_in(bench), form(bench, country__area="GE", message__sender=before, country__office__en=office))
    save(came_in(bench), form(bench, country__area="MD"))
    saved = read_settings(country(bench).read_bytes())
    assert saved[SENDER] == after
    assert saved[OFFICE] == office.replace("Georgia", "Republic of Moldova")


def test_receiver_id_is_entered_beside_its_dataflow(bench: Workbench) -> None:
    (mapping,) = (bench.folder / "mappings").glob("*.toml")
    mapping.write_text('also = ["DF_POP_TOPIC"]\n' + mapping.read_text())
    fields = came_in(bench).get("/settings.json").json()["receiver"]
    assert [field["flow"] for field in fields if field["flow"]] == ["DF_POP", "DF_POP_TOPIC"]
    deliver(bench, "folder", "outbox")
    save(came_in(bench), form(bench, receiver__datasets__DF_POP="MIGR_POP1"))
    saved = open_workspace(bench.folder)
    assert (saved.dataset_ids, saved.way is not None) == ({"DF_POP": "MIGR_POP1"}, True)


def test_earlier_assessment_is_chosen_from_a_list(bench: Workbench) -> None:
    (bench.folder / "previous").mkdir()
    (bench.folder / "previous" / "2025.json").write_text("{}")
    office = came_in(bench).get("/settings.json").json()["office"]
    (field,) = [field for field in office if field["name"] == "report.previous"]
    assert [choice["code"] for choice in field["choices"]] == ["", "2025.json"]
    save(came_in(bench), form(bench, report__previous="2025.json"))
    assert open_workspace(bench.folder).previous == bench.folder / "previous" / "2025.json"


def test_unreadable_settings_can_be_corrected(bench: Workbench) -> None:
    country(bench).write_text(COMMENTED.replace('sender = "GE1"', 'sender = "no id!"'))
    refused = came_in(bench).get("/")
    assert (refused.status_code, 'href="/settings"' in refused.text) == (422, True)
    assert save(came_in(bench), form(bench, message__sender="GE1")).status_code == 303
    assert came_in(bench).get("/").status_code == 200


def test_box_that_is_cleared_is_saved(bench: Workbench) -> None:
    sent = form(bench)
    del sent["text:message.test"]
    save(came_in(bench), sent)
    assert not open_workspace(bench.folder).test


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (SENDER, "no id!", "cannot be the sender"),
        (SENDER, "", "This setting is required."),
        (OFFICE, " ", "This setting is required."),
        ("country.area", "Ruritania", "There is no country “Ruritania”"),
        ("country.language", "klingon!", "cannot be the language"),
        (OFFICE, "x" * 1001, "more than 1,000 characters"),
        (TRANSPORT, "pigeon", "There is no method “pigeon”."),
        (ADDRESS_OF_RECEIVER, "http://receiver.example", "would be reached without encryption"),
        (ADDRESS_OF_RECEIVER, "receiver.example/inbox", "is not a usable address"),
    ],
)
def test_wrong_value_is_refused_with_field_and_typed_text(bench: Workbench, name: str, text: str, reason: str) -> None:
    if name in (TRANSPORT, ADDRESS_OF_RECEIVER):
        deliver(bench, "http", "https://receiver.example")
    before = country(bench).read_bytes()
    answer = save(came_in(bench), form(bench, **{name: text, "report.contact.en": "Desk 7"}))
    page, name = unescape(answer.text), name.replace(TRANSPORT, ADDRESS_OF_RECEIVER)
    assert (answer.status_code, reason in page) == (422, True)
    assert re.search(rf'<(input|select) id="field-{name}"[^>]*aria-invalid="true"', answer.text)
    assert f'href="#field-{name}"' in answer.text
    assert 'value="Desk 7"' in answer.text
    assert country(bench).read_bytes() == before


def test_two_people_may_save_different_fields(bench: Workbench) -> None:
    mine = form(bench, message__sender="GE7")
    save(came_in(bench), form(bench, country__office__en="Other office"))
    assert save(came_in(bench), mine).status_code == 303
    saved = open_workspace(bench.folder)
    assert (saved.sender, saved.country.office.in_language("en")) == ("GE7", "Other office")


def test_field_changed_by_another_person_is_not_overwritten(bench: Workbench) -> None:
    mine = form(bench, message__sender="MINE")
    save(came_in(bench), form(bench, message__sender="THEIRS"))
    answer = save(came_in(bench), mine)
    assert answer.status_code == 409
    assert 'id="theirs-message.sender"' in answer.text
    assert open_workspace(bench.folder).sender == "THEIRS"
    again = dict(re.findall(r'name="((?:text|seen):message\.sender)"[^>]*value="([^"]*)"', answer.text))
    assert again == {"seen:message.sender": "THEIRS", "text:message.sender": "MINE"}
    assert save(came_in(bench), again).status_code == 303
    assert open_workspace(bench.folder).sender == "MINE"


def test_receiver_and_address_changed_at_once_are_not_combined(bench: Workbench) -> None:
    part = came_in(bench).get("/settings").text.partition('value="receiver"')[2].partition("</form>")[0]
    mine = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', part))
    mine |= {"seen:message.receiver": "UNSD", "text:message.receiver": "EUROSTAT"}
    deliver(bench, "folder", "box-of-unsd")
    answer = save(came_in(bench), mine)
    assert (answer.status_code, 'href="#field-receiver.delivery.transport"' in answer.text) == (409, True)
    assert open_workspace(bench.folder).receiver == "UNSD"


@pytest.mark.parametrize("name", ["country.fictional", "country", "receiver.datasets", "x", "country.office.", ""])
def test_setting_missing_on_the_screen_is_refused(bench: Workbench, name: str) -> None:
    before = country(bench).read_bytes()
    answer = save(came_in(bench), {f"text:{name}": "true", f"seen:{name}": ""})
    assert (answer.status_code, country(bench).read_bytes()) == (422, before)


# -- delivery -----------------------------------------------------------------------------------------------


def deliver(bench: Workbench, transport: str, address: str, **more: str) -> Any:
    names = {f"receiver.delivery.{name}": text for name, text in more.items()}
    return save(came_in(bench), form(bench, **{TRANSPORT: transport, ADDRESS_OF_RECEIVER: address, **names}))


def test_delivery_address_does_not_make_results_outdated(bench: Workbench) -> None:
    assert open_session(bench.folder, None, NOW).results.older("data") == []
    for place in ("outbox", "other"):
        assert deliver(bench, "folder", place).status_code == 303
        assert open_session(bench.folder, None, NOW).results.older("data") == []
    save(came_in(bench), form(bench, message__sender="GE9"))
    assert open_session(bench.folder, None, NOW).results.older("data") == ["country.toml: message.sender was changed"]


def test_new_delivery_method_drops_former_settings(bench: Workbench) -> None:
    deliver(bench, "dotstat", "https://example.org/3", dataspace="design", attempts="3")
    deliver(bench, "sftp", "sftp://example.org/in", user="office")
    way = open_workspace(bench.folder).way
    assert (way.transport, way.more, way.habits.attempts) == ("sftp", (("user", "office"),), 3)
    save(came_in(bench), {f"text:{TRANSPORT}": "", f"seen:{TRANSPORT}": "sftp"})
    assert open_workspace(bench.folder).way is None


def connection(bench: Workbench) -> dict[str, Any]:
    answer = came_in(bench).post("/settings/do/test")
    assert answer.status_code == 200
    (result,) = re.findall(r'data-result="([a-z ]+)"', answer.text)
    return {"page": answer.text, "result": result}


@contextmanager
def receiver(
    status: int = 200, wait: threading.Event | None = None
) -> Iterator[tuple[str, list[tuple[str, Any, int]]]]:
    """A receiver on this machine that answers with a status, and remembers what it was asked."""
    asked: list[tuple[str, Any, int]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(
                (self.command, self.headers.get("Authorization"), int(self.headers.get("Content-Length", "0")))
            )
            if wait is not None:
                wait.wait(20)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/in", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "result"), [(200, "reached"), (405, "reached"), (401, "refused"), (503, "failed")])
def test_connection_test_uses_the_secret_without_sending_data(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, status: int, result: str
) -> None:
    monkeypatch.setenv("SDMXMIG_SECRET_OFFICE_127_0_0_1", "s3cr3t-token")
    with receiver(status) as (address, asked):
        deliver(bench, "http", address, credential="office", private="yes")
        found = connection(bench)
    assert (found["result"], asked) == (result, [("GET", "Bearer s3cr3t-token", 0)])
    assert "s3cr3t-token" not in found["page"] + came_in(bench).get("/settings.json").text
    assert not (bench.folder / "deliveries").exists()


def test_connection_test_ends_in_time(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    with receiver(wait=never) as (address, _):
        deliver(bench, "http", address, private="yes")
        tried = try_connection(open_session(bench.folder, None, NOW), seconds=0.2)
        never.set()
    assert (tried.result, tried.message) == ("failed", "The receiver did not answer in time.")


def test_connection_test_reaches_no_address_that_sending_refuses(bench: Workbench) -> None:
    with receiver() as (address, asked):
        deliver(bench, "http", address)
        assert (connection(bench)["result"], asked) == ("failed", [])


@pytest.mark.parametrize(("address", "result"), [("outbox", "reached"), ("gone/outbox", "failed")])
def test_connection_test_of_a_folder_leaves_no_trace(bench: Workbench, address: str, result: str) -> None:
    deliver(bench, "folder", address)
    assert connection(bench)["result"] == result
    assert not (bench.folder / "outbox").exists()


def test_secret_is_stored_in_the_keyring_and_not_shown(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, str] = {}
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring, "set_password", lambda _, name, text: kept.update({name: text}))
    monkeypatch.setattr(keyring, "get_password", lambda _, name: kept.get(name))
    deliver(bench, "http", "https://registry.example.org/in", credential="office")
    client = came_in(bench)
    assert client.get("/settings.json").json()["secrets"] == [
        {"name": "office@registry.example.org", "is_there": False}
    ]
    answer = client.post("/settings/do/secret", data={"name": "office@registry.example.org", "secret": "s3cr3t"})
    assert (answer.status_code, kept) == (303, {"office@registry.example.org": "s3cr3t"})
    assert "s3cr3t" not in client.get("/settings").text
    assert all(b"s3cr3t" not in path.read_bytes() for path in bench.folder.rglob("*") if path.is_file())
    other = client.post("/settings/do/secret", data={"name": "office@elsewhere.example", "secret": "s3cr3t"})
    assert (other.status_code, len(kept)) == (422, 1)


# -- people -------------------------------------------------------------------------------------------------

MANAGED = """# Who may do what; ask Nino before you change it.
[people]
head = ["manages"]   # of the unit
statistician = ["answers"]
"""


@pytest.fixture
def office(bench: Workbench, tmp_path: Path) -> Workbench:
    """A workbench behind a proxy, with a list of people."""
    (bench.folder / "people.toml").write_text(MANAGED)
    return workbench_behind(bench.folder, build_proxy(ADDRESS, secret_in(tmp_path)))


def people(at: Workbench) -> dict[str, set[str]]:
    listed = read_people(at.folder)
    return {name: set(roles) for name, roles in listed.roles.items()} if listed else {}


def set_person(client: TestClient, action: str, **data: str) -> int:
    return int(client.post(f"{PREFIX}/settings/do/{action}", data=data).status_code)


def test_people_are_added_changed_and_removed_with_comments_kept(office: Workbench) -> None:
    head = colleague(office, "head")
    assert set_person(head, "person", **{"name": "dali@office", "role:sends": "yes", "role:reviews": "yes"}) == 303
    assert people(office)["dali@office"] == {"reviews", "sends"}
    assert set_person(head, "person", **{"name": "statistician", "seen-roles": "answers", "role:opens": "yes"}) == 303
    assert set_person(head, "remove-person", **{"name": "dali@office", "seen-roles": "reviews sends"}) == 303
    assert (office.folder / "people.toml").read_text() == MANAGED.replace('"answers"', '"opens"')
    assert read_history(office.folder)[-1].by == "head"


@pytest.mark.parametrize("action", ["remove-person", "person"])
def test_last_manager_of_people_cannot_be_removed(office: Workbench, action: str) -> None:
    answer = colleague(office, "head").post(
        f"{PREFIX}/settings/do/{action}", data={"name": "head", "seen-roles": "manages", "role:answers": "yes"}
    )
    assert (answer.status_code, "At least one person needs the role manages" in answer.text) == (422, True)
    assert people(office)["head"] == {"manages"}


def test_roles_changed_meanwhile_are_not_overwritten(office: Workbench) -> None:
    (office.folder / "people.toml").write_text(MANAGED.replace('"answers"', '"sends"'))
    head = colleague(office, "head")
    assert set_person(head, "person", **{"name": "statistician", "seen-roles": "answers", "role:opens": "yes"}) == 409
    assert people(office)["statistician"] == {"sends"}


@pytest.mark.parametrize("action", ["save", "test", "secret", "person", "remove-person", "forget-people"])
def test_settings_require_a_managing_role(office: Workbench, action: str) -> None:
    before = {path: path.read_bytes() for path in office.folder.glob("*.toml")}
    page = colleague(office, "statistician").get(f"{PREFIX}/settings").text
    assert 'action="/office/settings/do/' in page
    assert all("disabled" in button for button in re.findall(r"<button[^>]*>(?:Save|Add|Remove)", page))
    data = {"name": "statistician", "role:manages": "yes", "text:message.sender": "GE8", "seen:message.sender": "GE1"}
    assert set_person(colleague(office, "statistician"), action, **data) == 403
    assert {path: path.read_bytes() for path in office.folder.glob("*.toml")} == before


def test_shared_list_of_people_is_changed_in_its_folder(office: Workbench) -> None:
    shared = office.folder.parent / "people.toml"
    shutil.move(office.folder / "people.toml", shared)
    assert set_person(colleague(office, "head"), "person", **{"name": "new", "role:answers": "yes"}) == 303
    assert not (office.folder / "people.toml").exists()
    assert shared.read_text() == MANAGED + 'new = ["answers"]\n'
    assert not [path for path in office.folder.parent.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    "change",
    [
        {"receiver.delivery.private": "yes"},
        {"receiver.delivery.key_file": "~/.ssh/id_ed25519"},
        {ADDRESS_OF_RECEIVER: "/srv/www", TRANSPORT: "folder"},
        {ADDRESS_OF_RECEIVER: "../other", TRANSPORT: "folder"},
    ],
)
def test_proxy_user_cannot_use_files_or_keys_of_the_computer(office: Workbench, change: dict[str, str]) -> None:
    country(office).write_text(
        COMMENTED + '[receiver.delivery]\ntransport = "sftp"\naddress = "sftp://example.org/in"\n'
    )
    before = country(office).read_bytes()
    answer = save(colleague(office, "head"), form(office, **change), PREFIX)
    assert (answer.status_code, "computer that runs the workbench" in answer.text) == (422, True)
    assert country(office).read_bytes() == before


def test_first_person_is_manager_and_can_remove_the_list(bench: Workbench) -> None:
    client = came_in(bench)
    refused = client.post("/settings/do/person", data={"name": "nino", "role:answers": "yes"})
    assert (refused.status_code, people(bench)) == (422, {})
    added = client.post("/settings/do/person", data={"name": "nino", "role:manages": "yes"})
    assert (added.status_code, people(bench)) == (303, {"nino": {"manages"}})
    assert client.post("/settings/do/forget-people").status_code == 303
    assert not (bench.folder / "people.toml").exists()


def test_only_a_manager_undoes_changed_settings(office: Workbench) -> None:
    (office.folder / "people.toml").write_text(MANAGED.replace('head = ["manages"]', 'head = ["manages", "answers"]'))
    save(colleague(office, "head"), form(office, message__sender="GE5"), PREFIX)
    step = {"step": str(read_history(office.folder)[-1].number)}
    assert colleague(office, "statistician").post(f"{PREFIX}/home/do/undo", data=step).status_code == 403
    assert open_workspace(office.folder).sender == "GE5"
    assert colleague(office, "head").post(f"{PREFIX}/home/do/undo", data=step).status_code == 303
    assert open_workspace(office.folder).sender == "GE1"


# -- files as people write them -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ('name = { en = "A" }  # ours\n', ("name", "fr"), 'name = { en = "A", fr = "B" }  # ours\n'),
        ("[a.b]\nx = 1\n[c]\n", ("a", "b", "y"), '[a.b]\nx = 1\ny = "B"\n[c]\n'),
        ("[a]\nb.x = 1\n[c]\n", ("a", "b", "y"), '[a]\nb.x = 1\nb.y = "B"\n[c]\n'),
        ("[a]\nx = 1\n", ("a", "b", "y"), '[a]\nx = 1\n\n[a.b]\ny = "B"\n'),
        ("[people]\n", ("people", "x", "dali@office"), '[people]\n\n[people.x]\n"dali@office" = "B"\n'),
        ("[a]\nx = 1\r\n", ("a", "b", "y"), '[a]\nx = 1\r\n\r\n[a.b]\r\ny = "B"\r\n'),
    ],
)
def test_keys_are_added_to_their_toml_table(text: str, path: tuple[str, ...], expected: str) -> None:
    assert set_value(text, path, '"B"', depth=2) == expected


def test_office_written_as_a_plain_text_gets_a_second_language(bench: Workbench) -> None:
    country(bench).write_text(COMMENTED.replace("office.en", "office"))
    save(came_in(bench), form(bench, country__office__fr="Office national"))
    office = open_workspace(bench.folder).country.office
    assert dict(office.values) == {"en": "Office", "fr": "Office national"}
