"""A bug is saved in the same way as on the command line, and explained in one sentence."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from small_validation import bare_workspace
from starlette.testclient import TestClient
from workbenches import HOST, OURS, workbench

from sdmxmig.web.application import SCREENS, build_application
from sdmxmig.web.screens import Redirect, ScreenContent, Visit


class Panic(BaseException):
    """The kind of error that a Rust library raises: not a subclass of Exception."""


def broken(visit: Visit) -> ScreenContent:
    raise {"zero": ZeroDivisionError, "panic": Panic}[visit.asked.get("how", "zero")]("secret")


def broken_action(visit: Visit) -> Redirect:
    raise ZeroDivisionError(visit.form.get("x", ""))


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    (tmp_path / "reports").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "reports"))
    at = workbench(bare_workspace(tmp_path / "ws"))
    home, *others = SCREENS
    screens = (replace(home, show=broken, actions={"start": broken_action}), *others)
    visitor = TestClient(build_application(at, screens), base_url=f"http://{HOST}", follow_redirects=False)
    visitor.get(f"/enter?key={at.access.key}")
    visitor.headers.update(OURS)
    return visitor


@pytest.mark.parametrize("path", ["/", "/home.json", "/?how=panic"])
def test_program_fault_is_shown_in_one_sentence_and_saved(client: TestClient, tmp_path: Path, path: str) -> None:
    answer = client.get(path)
    (report,) = (tmp_path / "reports").glob("sdmxmig-bug-*.json")
    assert answer.status_code == 500
    assert "The error is in the program, not in your data" in answer.text
    assert report.name in answer.text
    assert "Traceback" not in answer.text
    assert "secret" not in answer.text
    saved = json.loads(report.read_text())
    assert "secret" in saved["traceback"][-1]
    assert saved["arguments"][0] == "open"


def test_saved_fault_report_omits_form_content(client: TestClient, tmp_path: Path) -> None:
    assert client.post("/home/do/start", data={"y": "figures of the office"}).status_code == 500
    (report,) = (tmp_path / "reports").glob("sdmxmig-bug-*.json")
    assert "figures of the office" not in report.read_text()
