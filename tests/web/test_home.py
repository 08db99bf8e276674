"""Home shows the progress of the pipeline, starts the next step and undoes changes."""

from __future__ import annotations

import re
import time
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from small_validation import NOW, TABLE, workspace
from starlette.testclient import TestClient
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.jobs import Job
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.history import Step, record_changes


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return workbench(workspace(tmp_path, TABLE))


def test_home_shows_contents_and_the_next_step(bench: Workbench) -> None:
    facts = visitor(bench).get("/home.json").json()
    states = {stage["name"]: stage["state"] for stage in facts["stages"]}
    assert (facts["counts"], facts["next"]) == ({"tables": 1, "mappings": 1}, "validate")
    assert (states["data"], states["findings"]) == ("made", "missing")
    assert [step["what"] for step in facts["steps"]] == ["begin"]


def test_outdated_result_shows_its_reason(bench: Workbench) -> None:
    table = bench.folder / "tables" / "office.csv"
    table.write_text(TABLE.replace("1000", "1001"))
    (data,) = [stage for stage in visitor(bench).get("/home.json").json()["stages"] if stage["name"] == "data"]
    assert (data["state"], data["reasons"]) == ("older", ["tables/office.csv was changed"])


def test_mapping_of_an_externally_renamed_table_is_first(bench: Workbench) -> None:
    table = bench.folder / "tables" / "office.csv"
    table.rename(table.with_name("office 2024.csv"))
    client = visitor(bench)
    assert client.get("/home.json").json()["next"] == "repair"
    assert "A mapping cannot be read: " in client.get("/").text


def test_browser_runs_the_command_and_shows_its_output(bench: Workbench) -> None:
    client = visitor(bench)
    where = client.post("/home/do/start", data={"command": "validate"}).headers["location"]
    deadline = time.monotonic() + 60
    while bench.jobs.last.is_running and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.1)
    page, facts = client.get(where).text, client.get(where.replace("/job", "/job.json")).json()
    assert facts["code"] == 1, "the table has an error"
    assert any("MIG-1-101" in line for line in facts["lines"])
    assert "There are errors in the data." in page
    assert (bench.folder / "out" / "findings" / "findings.jsonl").is_file()


def test_unlisted_command_is_refused(bench: Workbench) -> None:
    answer = visitor(bench).post("/home/do/start", data={"command": "init; rm -r /"})
    assert (answer.status_code, bench.jobs.last) == (422, None)
    assert "is not a command of the pipeline" in answer.text


@pytest.mark.parametrize("step", ["", "1", "99", "-1", "x", "9" * 30])
def test_undo_of_an_invalid_step_is_refused(bench: Workbench, step: str) -> None:
    assert visitor(bench).post("/home/do/undo", data={"step": step}).status_code == 422


def test_corrected_table_is_converted_before_validation(bench: Workbench) -> None:
    table = bench.folder / "tables" / "office.csv"
    table.write_text(TABLE.replace("427", "410"))
    answer = visitor(bench).post("/home/do/start", data={"command": "run --until findings"})
    assert answer.headers["location"] == "/job?number=1"
    assert bench.jobs.last.words == ("run", "--until", "findings", str(bench.folder))
    bench.jobs.stop_all()


def test_command_does_not_start_while_another_runs(bench: Workbench) -> None:
    client = visitor(bench)
    where = client.post("/home/do/start", data={"command": "validate"}).headers["location"]
    assert client.post("/home/do/start", data={"command": "validate"}).headers["location"] == where, "asked twice"
    answer = client.post("/submission/do/seal")
    assert (answer.status_code, "A command is running." in answer.text) == (422, True)
    bench.jobs.stop_all()


def ended_job(bench: Workbench) -> Job:
    job = bench.jobs.start(["--version"], bench.folder)
    while job.code is None:
        time.sleep(0.01)
    return job


@pytest.mark.parametrize(
    ("words", "code", "screens"),
    [
        (("convert",), 0, ["data"]),
        (("run",), 1, ["findings"]),
        (("run", "--until", "findings"), 0, ["findings"]),
        (("run",), 0, ["report", "findings", "submission"]),
        (("send",), 1, ["submission"]),
        (("run",), None, []),
        (("convert",), 2, []),
    ],
)
def test_finished_command_leads_to_its_results(
    bench: Workbench, words: tuple[str, ...], code: int | None, screens: list[str]
) -> None:
    job = ended_job(bench)
    job.words, job.code = words, code
    client = visitor(bench)
    assert client.get("/job.json?number=1").json()["lead_to"] == screens
    page = client.get("/job?number=1").text
    assert all(f'href="/{name}"' in page.rpartition("<main")[2] for name in screens)


def offered(client: TestClient) -> dict[int, tuple[str, int]]:
    steps = client.get("/home.json").json()["steps"]
    return {step["number"]: (step["offers"], step["taken_back"]) for step in steps}


def test_undone_step_can_be_redone_and_undone(bench: Workbench) -> None:
    client, table = visitor(bench), bench.folder / "tables" / "office.csv"
    client.get("/")
    with record_changes(bench.folder, Step(what="correct", command="", at=bench.now())):
        table.write_text(TABLE.replace("1000", "1001"))
    assert offered(client) == {1: ("", 0), 2: ("undo", 0)}
    client.post("/home/do/undo", data={"step": "2"})
    assert offered(client) == {1: ("", 0), 2: ("", 3), 3: ("redo", 0)}
    page = client.get("/").text
    assert 'aria-label="Redo: 2">Redo</button>' in page
    assert "undone by step 3" in page
    answer = client.post("/home/do/undo", data={"step": "3"})
    assert "redone" in answer.headers["location"]
    assert table.read_text() == TABLE.replace("1000", "1001")
    assert offered(client) == {1: ("", 0), 2: ("undo", 0), 3: ("", 0), 4: ("undo", 0)}
    assert "step redone: 2" in client.get("/").text
    assert "undone" in client.post("/home/do/undo", data={"step": "4"}).headers["location"]
    assert table.read_text() == TABLE
    assert offered(client)[5] == ("redo", 0)


def test_pages_show_local_time_and_json_utc(bench: Workbench) -> None:
    bench.zone = timezone(timedelta(hours=4))
    client = visitor(bench)
    assert "2026-01-31 16:00 UTC+04:00" in client.get("/").text
    assert client.get("/home.json").json()["steps"][0]["at"] == NOW


def test_failed_command_is_shown_on_home_with_its_remedy(bench: Workbench) -> None:
    job = ended_job(bench)
    job.words, job.code = ("run", str(bench.folder)), 2
    job.lines = ["error: “XY” is not an area.", "  --> country.toml › country.area", "  hint: Choose another one."]
    client = visitor(bench)
    page = client.get("/").text.rpartition("<main")[2]
    assert all(words in page for words in ("“XY” is not an area.", "Choose another one.", 'href="/settings"'))
    assert "is not an area" not in client.get("/findings").text


def test_next_step_leads_to_open_work(bench: Workbench) -> None:
    client = visitor(bench)
    main = re.compile(r'class="(?:button )?main" (?:href="([^"]+)"|name="command" value="(\w+)")')
    assert main.findall(client.get("/").text) == [("", "run")]
    run(["run", "--until", "findings", str(bench.folder), "--now", NOW])
    assert main.findall(client.get("/").text) == [("/findings?severity=error", "")]
    (bench.folder / "tables" / "office.csv").write_text(TABLE.replace("427", "410").replace("398c", "410"))
    run(["run", "--until", "findings", str(bench.folder), "--now", NOW])
    page = client.get("/").text
    assert main.findall(page) == [("/findings?severity=warning&amp;justified=no", "")]
    assert "Warnings without a reason: 1" in page


def test_only_unmapped_tables_with_figures_are_named(bench: Workbench) -> None:
    (bench.folder / "tables" / "permits.csv").write_text("Year,Permits\n2023,10\n", encoding="utf-8")
    (bench.folder / "tables" / "contacts.csv").write_text("Name,Call\nAnna,ext. 12\n", encoding="utf-8")
    client = visitor(bench)
    assert client.get("/home.json").json()["unmapped"] == ["permits.csv"]
    assert "Tables with figures that no mapping reads:" in client.get("/").text
