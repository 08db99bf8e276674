"""Parallel output of a report equals sequential output, and failures of the other process are reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from printing import needs_engine

from sdmxmig.primitives.errors import MissingLibrary, OutputError
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.outputs.side_by_side import press
from sdmxmig.reporting.sections import write

PAGE = Page(
    "<!DOCTYPE html><html lang='en'><head><title>T</title></head><body><main><h1>T</h1><p>12</p></main></body></html>",
    "T",
    language="en",
    direction="ltr",
    running="T",
)


def files(*outputs: str, pages: int = 1) -> dict[str, bytes | MissingLibrary]:
    """The files of the last of some pages that are alike, by their kind."""
    alike = {f"page {number}": PAGE for number in range(pages)}
    with press() as ready:
        made = list(ready.write_all(alike, dict.fromkeys(alike, outputs)))
    assert [name for name, _, _ in made] == [name for name in alike for _ in outputs]
    return {output: content for _, output, content in made}


@pytest.fixture
def printer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a module that stands for the library that prints."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "weasyprint.py"


@pytest.mark.sampled(3)
@needs_engine
def test_the_files_are_those_made_one_by_one_in_the_order_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")

    made = files("html", "pdf", "md", pages=2)

    assert list(made) == ["html", "pdf", "md"]
    assert all(content == write(PAGE, output) for output, content in made.items())


def test_missing_library_is_reported_and_other_outputs_are_written(printer: Path) -> None:
    printer.write_text("raise OSError('no Pango')")

    made = files("html", "pdf")

    assert isinstance(made["pdf"], MissingLibrary)
    assert "Pango" in str(made["pdf"])
    assert made["html"] == write(PAGE, "html")


def test_failed_output_is_refused_with_the_error_of_its_process(printer: Path) -> None:
    printer.write_text(
        "from sdmxmig.primitives.errors import OutputError\n"
        "class urls:\n"
        "    def URLFetcher(**given): raise OutputError('No ink.', hint='Buy some.')\n"
    )

    with pytest.raises(OutputError, match=r"No ink\. Buy some\."):
        files("html", "pdf")


@pytest.mark.parametrize(
    ("fault", "message"), [("1 / 0", "ZeroDivisionError"), ("import os; os._exit(9)", "ended with 9")]
)
def test_a_bug_there_is_a_bug_here(printer: Path, fault: str, message: str) -> None:
    printer.write_text(fault)

    with pytest.raises(RuntimeError, match=message):
        files("html", "pdf")
