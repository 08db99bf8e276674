"""Without a workspace the workbench begins at Start: one is made, copied or chosen there, and then worked on."""

from __future__ import annotations

import re
import shlex
import time
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import needs_browser
from served import served
from small_validation import TABLE, workspace
from workbenches import HOST, PORT, visitor

from sdmxmig import catalogue
from sdmxmig.cli import run
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.server import open_workbench_or_start
from sdmxmig.web.workbench import MAX_BYTES, MAX_FILES, KeptUploads, Upload, Workbench
from sdmxmig.workspace.folder import open_workspace
from sdmxmig.workspace.tasks.first_tables import create_workspace_with_tables
from sdmxmig.workspace.tasks.history import HISTORY, read_history
from sdmxmig.workspace.tasks.new_workspace import add_recent_workspace, list_recent_workspaces

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.usefixtures("own_state")


@pytest.fixture
def bench(at_start: Workbench) -> Workbench:
    return at_start


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a workspace but its history."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith((".history/", HISTORY))}


def beginning(folder: Path) -> list[str]:
    """The command by which a workspace was made, as its history has it, word for word."""
    (step,) = read_history(folder)
    return shlex.split(step.command)


def test_pages_without_workspace_redirect_to_start(bench: Workbench) -> None:
    client = visitor(bench)
    for path in ("/", "/data", "/findings", "/report"):
        assert client.get(path).headers["location"] == "/start"
    assert client.get("/start").status_code == 200
    assert client.get("/home.json").status_code == 422
    assert client.post("/home/do/start", data={"command": "run"}).status_code == 422
    assert client.get("/report/file/of/x.html").status_code == 422
    assert list(bench.base.iterdir()) == []


def test_browser_and_command_create_equal_workspaces(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    assert client.post("/start/do/new", data={"name": "My country"}).headers["location"].startswith("/settings?done=")
    run(["init", str(tmp_path / "other"), "--quiet"])
    assert files_of(bench.base / "my-country") == files_of(tmp_path / "other")
    assert beginning(bench.base / "my-country") == ["sdmxmig", "init", str(bench.base / "my-country")]
    assert client.get("/home.json").json()["counts"]["tables"] == 1
    assert client.get("/start.json").json()["open"] == str(bench.base / "my-country")


def test_browser_and_command_start_from_a_table_alike(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    table = ("../Stocks 2025.csv", TABLE.encode())
    answer = client.post("/start/do/table", data={"country": "Géorgie"}, files={"table": table})
    assert answer.headers["location"].startswith("/mapping?next=yes")
    (tmp_path / "Stocks 2025.csv").write_text(TABLE)
    run(["init", str(tmp_path / "o"), "--table", str(tmp_path / "Stocks 2025.csv"), "--area", "GE", "--quiet"])
    assert files_of(bench.base / "stocks-2025") == files_of(tmp_path / "o")
    options = ["--table", "Stocks 2025.csv", "--area", "Géorgie"]
    assert beginning(bench.base / "stocks-2025") == ["sdmxmig", "init", str(bench.base / "stocks-2025"), *options]
    assert client.get(answer.headers["location"]).status_code == 200


def test_office_and_receiver_are_asked_for_at_the_start(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    form = {"country": "Georgia", "office": 'Office "of" Statistics', "receiver": "ESTAT"}
    files = {"table": ("t.csv", TABLE.encode())}
    assert client.post("/start/do/table", data={**form, "receiver": "NOBODY"}, files=files).status_code == 422
    assert client.post("/start/do/table", data=form, files=files).status_code == 303
    made = open_workspace(bench.base / "t")
    assert (str(made.country.office), made.receiver) == ('Office "of" Statistics', "ESTAT")
    (tmp_path / "t.csv").write_text(TABLE)
    words = ["--table", str(tmp_path / "t.csv"), "--area", "GE", "--office", form["office"], "--receiver", "ESTAT"]
    run(["init", str(tmp_path / "o"), *words, "--quiet"])
    assert files_of(bench.base / "t") == files_of(tmp_path / "o")


def test_broken_agencies_leave_shipped_receivers_offered(bench: Workbench) -> None:
    (bench.base / "structures" / "agencies").mkdir(parents=True)
    (bench.base / "structures" / "agencies" / "broken.toml").write_text("no = toml = here")
    assert visitor(bench).get("/start.json").json()["receivers"]["ESTAT"] == "Eurostat"


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ({"country": "Atlantis"}, TABLE.encode()),
        ({"country": "Africa"}, TABLE.encode()),
        ({}, TABLE.encode()),
        ({"country": "GE"}, b""),
        ({"country": "GE"}, b"%PDF-1.7"),
        ({"country": "GE", "name": "../.."}, TABLE.encode()),
        ({"country": "GE", "name": "there"}, TABLE.encode()),
    ],
)
def test_failed_start_leaves_no_workspace(bench: Workbench, form: dict[str, str], content: bytes) -> None:
    (bench.base / "there").mkdir()
    answer = visitor(bench).post("/start/do/table", data=form, files={"table": ("new.csv", content)})
    assert answer.status_code == 422
    assert [path.name for path in bench.base.iterdir()] == ["there"]


def kept_in(page: str) -> str:
    """The short name of the file that a form still has."""
    field = re.search(r'name="kept" value="(\w+)"', page)
    return field[1] if field else ""


def test_wrong_country_keeps_the_file_and_typed_text(bench: Workbench) -> None:
    client = visitor(bench)
    table = {"table": ("Stocks.csv", TABLE.encode())}
    wrong = client.post("/start/do/table", data={"country": "Gorgia", "name": "mine"}, files=table)
    assert wrong.status_code == 422
    for part in (
        'value="Gorgia"',
        'value="mine"',
        "Your file is still here:",
        "Stocks.csv",
        "Did you mean GE (Georgia)?",
    ):
        assert part in unescape(wrong.text)
    form = {"country": "Georgia", "name": "mine", "kept": kept_in(wrong.text)}
    assert client.post("/start/do/table", data=form).headers["location"].startswith("/mapping?next=yes")
    assert (bench.base / "mine" / "tables" / "Stocks.csv").read_text() == TABLE
    assert bench.uploads.get(form["kept"], "") is None, "what is right needs nothing to be kept"


def test_refused_file_is_dropped_and_typed_text_kept(bench: Workbench) -> None:
    table = {"table": ("a.xlsx", b"%PDF-1.7")}
    answer = visitor(bench).post("/start/do/table", data={"country": "Georgia"}, files=table)
    assert kept_in(answer.text) == ""
    assert "a.xlsx" in answer.text
    assert 'value="Georgia"' in answer.text


def test_uploaded_files_are_kept_for_their_sender() -> None:
    kept = KeptUploads()
    names = [kept.keep(Upload("a.csv", str(number).encode()), "statistician") for number in range(MAX_FILES + 1)]
    assert [kept.get(name, "statistician") is None for name in names] == [True, *[False] * MAX_FILES]
    assert kept.get(names[-1], "reviewer") is None
    kept.clear("reviewer")
    kept.keep(Upload("large.csv", bytes(MAX_BYTES + 1)), "reviewer")
    assert not any(kept.get(name, by) for name in names for by in ("statistician", "reviewer"))


def test_fictional_country_is_created_and_marked(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    form = {"country": 'Atlantis "Minor"', "made-up": "yes", "name": "exercise"}
    assert client.post("/start/do/table", data=form, files={"table": ("t.csv", TABLE.encode())}).status_code == 303
    folder = bench.base / "exercise"
    (tmp_path / "t.csv").write_text(TABLE)
    words = ["init", str(tmp_path / "o"), "--table", str(tmp_path / "t.csv"), "--area", 'Atlantis "Minor"', "--made-up"]
    assert run([*words, "--quiet"]) == 0
    assert files_of(folder) == files_of(tmp_path / "o")
    assert beginning(folder)[-3:] == ["--area", 'Atlantis "Minor"', "--made-up"]
    workspace = open_workspace(folder)
    assert (workspace.country.area, workspace.country.is_fictional, workspace.test) == ("XA", True, True)
    for codelist in ("SDMX:CL_AREA(2.0)", "SDMXMIG:CL_PARTNER(1.0.0)"):
        assert catalogue.load(folder).item_scheme(codelist)["XA"].name.in_language("en") == 'Atlantis "Minor"'
    assert "fictional country" in client.get("/").text


@pytest.mark.parametrize("name", ["Georgia", "GE", "Грузия", "", "a\nb" * 80])
def test_real_country_cannot_be_marked_as_fictional(tmp_path: Path, name: str) -> None:
    with pytest.raises(SdmxmigError):
        create_workspace_with_tables(tmp_path / "ws", {"t.csv": TABLE.encode()}, country=name, is_made_up=True)
    assert not (tmp_path / "ws").exists()


@pytest.mark.parametrize("words", [["--area", "GE"], ["--table", "new.csv"], ["--made-up"]])
def test_init_refuses_a_table_without_country(tmp_path: Path, words: list[str]) -> None:
    assert run(["init", str(tmp_path / "new"), *words]) == 2
    assert not (tmp_path / "new").exists()


def test_example_is_copied_and_run(bench: Workbench) -> None:
    client = visitor(bench)
    assert client.post("/start/do/example", data={"example": "atlantis"}).status_code == 422
    assert client.post("/start/do/example", data={"example": "norway"}).headers["location"] == "/job?number=1"
    job = bench.jobs.last
    assert job.words == ("demo", str(bench.base / "norway"), "--example", "norway")
    again = client.post("/start/do/example", data={"example": "sweden"})
    assert (again.status_code, (bench.base / "sweden").exists()) == (422, False), "one command at a time"
    bench.jobs.stop(job.number)
    deadline = time.monotonic() + 20
    while job.is_running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert client.get("/home.json").json()["area"] == "NO"


def test_listed_workspace_is_opened_and_remembered(bench: Workbench, tmp_path: Path) -> None:
    nearby, elsewhere = workspace(bench.base / "near", TABLE), workspace(tmp_path / "far" / "away", TABLE)
    add_recent_workspace(elsewhere)
    client = visitor(bench)
    facts = client.get("/start.json").json()
    assert [each["folder"] for each in facts["recent"]] == [str(elsewhere)]
    assert [each["folder"] for each in facts["nearby"]] == [str(nearby)]
    assert client.post("/start/do/open", data={"folder": str(nearby)}).status_code == 303
    assert client.get("/").status_code == 200
    assert list_recent_workspaces() == [nearby, elsewhere]


@pytest.mark.parametrize("folder", ["/etc", "../far", "near/../../far", "\0", "x" * 5000])
def test_unlisted_folder_is_not_opened(bench: Workbench, tmp_path: Path, folder: str) -> None:
    workspace(tmp_path / "far", TABLE)
    assert visitor(bench).post("/start/do/open", data={"folder": folder}).status_code == 422


def test_old_page_cannot_change_another_workspace(bench: Workbench) -> None:
    first, second = workspace(bench.base / "a", TABLE), workspace(bench.base / "b", TABLE)
    client = visitor(bench)
    client.post("/start/do/open", data={"folder": str(first)})
    tokens = set(re.findall(r'name="of-workspace" value="(\w+)"', client.get("/").text))
    (token,) = tokens
    client.post("/start/do/open", data={"folder": str(second)})
    answer = client.post("/home/do/start", data={"command": "validate", "of-workspace": token})
    assert (answer.status_code, bench.jobs.last) == (409, None)
    assert "another workspace" in answer.text


def test_missing_workspace_is_reported_in_the_browser(tmp_path: Path) -> None:
    access = BrowserAccess(PORT, hosts=(HOST,))
    workbench = open_workbench_or_start(tmp_path / "gone" / "away", access, recent=False)
    client = visitor(workbench)
    facts = client.get("/start.json").json()
    assert "The workspace could not be opened." in client.get("/start").text
    assert (workbench.at_start, facts["base"]) == (True, str(tmp_path))
    assert "There is no folder" in facts["trouble"]["message"]


def test_unreadable_workspace_is_reported_with_its_place(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", TABLE)
    (folder / "country.toml").write_text("no toml")
    workbench = open_workbench_or_start(folder, BrowserAccess(PORT, hosts=(HOST,)), recent=False)
    assert "country.toml" in find_trouble(workbench)
    (folder / "country.toml").write_text((workspace(tmp_path / "other", TABLE) / "country.toml").read_text())
    assert open_workbench_or_start(folder, BrowserAccess(PORT, hosts=(HOST,)), recent=False).trouble is None


def find_trouble(workbench: Workbench) -> str:
    """Where what was clicked on is wrong, as Start says it."""
    return str(visitor(workbench).get("/start.json").json()["trouble"]["place"])


@pytest.mark.parametrize("content", [b"", b"no json", b"{}", b'[1, null, "\\u0000", "relative"]', b"[" * 90_000])
def test_broken_list_of_recent_workspaces_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state" / "sdmxmig").mkdir(parents=True)
    (tmp_path / "state" / "sdmxmig" / "recent.json").write_bytes(content)
    assert list_recent_workspaces() == []
    add_recent_workspace(workspace(tmp_path / "ws", TABLE))
    assert list_recent_workspaces() == [tmp_path / "ws"]


@needs_browser
@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.long)], ids=["with scripts", "without"]
)
def test_visitor_starts_with_a_table_and_returns(browser: Browser, tmp_path: Path, scripts: bool) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "Stocks.csv").write_text(TABLE)
    with served(tmp_path / "base", tmp_path / "state", enter=False) as bench:
        page = browser.new_context(java_script_enabled=scripts, locale="en").new_page()
        page.goto(f"http://{bench.host}/enter?key={bench.key}")
        assert page.url.endswith("/start")
        page.get_by_label("Drop workbooks").set_input_files(tmp_path / "Stocks.csv")
        page.get_by_label("Reporting country").fill("Gorgia")
        page.get_by_role("button", name="Start with this table").click()
        page.get_by_text("Your file is still here:").wait_for()
        page.get_by_label("Reporting country").fill("Georgia")
        page.get_by_role("button", name="Start with this table").click()
        page.get_by_role("heading", name="Stocks.csv").wait_for()
        assert "The workspace is ready." in page.get_by_role("status").first.inner_text()
        page.goto(f"http://{bench.host}/start")
        assert "is open" in page.get_by_role("row", name="stocks").inner_text()
        assert page.get_by_label("Reporting country").input_value() == ""
    assert (tmp_path / "base" / "stocks" / "tables" / "Stocks.csv").read_text() == TABLE


@pytest.mark.parametrize(
    ("tongue", "country"), [("fr", "Sénégal"), ("es", "Ecuador"), ("ru", "Казахстан"), ("en", "Chad")]
)
def test_new_workspace_has_the_language_of_the_page(
    bench: Workbench, tongue: str, country: str, tmp_path: Path
) -> None:
    client = visitor(bench)
    client.headers["accept-language"] = tongue
    client.post("/start/do/table", data={"country": country, "name": "ws"}, files={"table": ("t.csv", TABLE.encode())})
    assert open_workspace(bench.base / "ws").country.language == tongue
    (tmp_path / "t.csv").write_text(TABLE)
    command = beginning(bench.base / "ws")
    at = command.index("--table") + 1
    run(["init", str(tmp_path / "o"), *command[3:at], str(tmp_path / "t.csv"), *command[at + 1 :], "--quiet"])
    assert files_of(bench.base / "ws") == files_of(tmp_path / "o")
