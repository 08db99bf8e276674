"""Cover letter of a submission: content, signatures and language."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from small_country import dataset

from sdmxmig.reporting.outputs.cover_letter import Letter, write_cover_letter
from sdmxmig.sdmx.model.artefacts import Text

LETTER = Letter(
    Text.of(en="Office of Fiction", fr="Office de Fiction"),
    Text.of(en="Fiction"),
    receiver=Text.of(en="An agency"),
    day=dt.date(2026, 3, 1),
    counts={"error": 0, "warning": 2, "information": 1},
    explained=0,
    files={"structures": ("structures.xml",)},
    is_test=True,
)
APPROVED = replace(LETTER, prepared_by="N. Preparer", approved_by=("A. Reviewer", "B. Reviewer"))
WHOLE = replace(
    APPROVED,
    explained=2,
    files={"structures": ("structures.xml",), "metadata": ("metadata.xml",)},
    licence="CC-BY-4.0",
    override="Demain.",
    left_out=3,
    key="SHA256:abc",
)
"""A letter with every optional fact."""


def read_letter(letter: Letter, language: str = "en") -> list[str]:
    return write_cover_letter(letter, [], language).decode().splitlines()


def test_letter_lists_receiver_dataflows_and_results() -> None:
    datasets = [
        dataset("DF_IMM", {"TIME_PERIOD": "2021", "OBS_VALUE": "90"}, {"TIME_PERIOD": "2022", "OBS_VALUE": "95"}),
        dataset("DF_EMI", {"TIME_PERIOD": "2022", "OBS_VALUE": "80"}),
    ]
    lines = write_cover_letter(APPROVED, datasets, "en").decode().splitlines()
    assert lines[:5] == [
        "Office of Fiction",
        "Date: 1 March 2026",
        "To: An agency",
        "",
        "Statistics on international migration and temporary mobility: Fiction",
    ]
    assert "This is a test. Please do not publish these data." in lines
    assert [line for line in lines if "values" in line] == [
        "- Emigration (DF_EMI): values: 1; 2022",
        "- Immigration (DF_IMM): values: 2; 2021–2022",
    ]
    assert any("errors: 0; warnings: 2; information: 1" in line for line in lines)


@pytest.mark.parametrize(("by", "line"), [("", "Prepared by: ____________________"), ("N. P.", "Prepared by: N. P.")])
def test_unapproved_letter_states_so_below_the_signature(by: str, line: str) -> None:
    lines = read_letter(replace(LETTER, prepared_by=by))
    assert lines[0] == "Statistical office: Office of Fiction", "not in the name of the office"
    assert lines[-2:] == [line, "No approval by the office is recorded."]


def test_approved_letter_names_the_approvers_and_their_office() -> None:
    lines = read_letter(APPROVED)
    assert lines[-2:] == ["Prepared by: N. Preparer", "Approved by: A. Reviewer, B. Reviewer (Office of Fiction)"]


@pytest.mark.parametrize("missing", [{}, {"OBS_VALUE": "NaN"}, {"OBS_VALUE": ""}])
def test_missing_figures_are_counted_separately(missing: dict[str, str]) -> None:
    rows = ({"TIME_PERIOD": "2021", "OBS_VALUE": "90"}, {"TIME_PERIOD": "2022", **missing})
    letter = write_cover_letter(LETTER, [dataset("DF_IMM", *rows)], "en").decode()
    assert "- Immigration (DF_IMM): values: 1; missing: 1; 2021–2022" in letter


def test_letter_reports_reasons_issues_and_licence() -> None:
    letter = "\n".join(read_letter(WHOLE))
    for fact in ("with a reason: 2", "at the receiver: 3", "Demain.", "CC-BY-4.0", "metadata.xml", "SHA256:abc"):
        assert fact in letter


def test_letter_with_real_data_is_not_marked_as_test() -> None:
    assert b"test" not in write_cover_letter(replace(LETTER, is_test=False), [], "en")


@pytest.mark.parametrize("language", ["fr", "es", "ar", "ru", "zh"])
@pytest.mark.parametrize("letter", [WHOLE, LETTER], ids=["whole", "draft"])
def test_letter_is_written_in_the_language_of_the_office(letter: Letter, language: str) -> None:
    text = "\n".join(read_letter(letter, language))
    assert not re.search(r"\b(?:figures|results|folder|codelists|March|Reason|Data|Prepared|Approved|Draft)\b", text)
