"""The cover letter of a submission tells people what is sent, in their language, and is part of what is sealed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from small_country import dataset

from sdmxmig.reporting.outputs.cover_letter import Letter, cover_letter
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
WHOLE = replace(
    LETTER,
    explained=2,
    files={"structures": ("structures.xml",), "metadata": ("metadata.xml",)},
    licence="CC-BY-4.0",
    override="Demain.",
    left_out=3,
    key="SHA256:abc",
)
"""A letter that says all that one can say."""


def test_the_letter_says_who_sends_what_to_whom_and_what_the_checks_found() -> None:
    datasets = [
        dataset("DF_IMM", {"TIME_PERIOD": "2021", "OBS_VALUE": "90"}, {"TIME_PERIOD": "2022", "OBS_VALUE": "95"}),
        dataset("DF_EMI", {"TIME_PERIOD": "2022", "OBS_VALUE": "80"}),
    ]
    lines = cover_letter(LETTER, datasets, "en").decode().splitlines()
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


@pytest.mark.parametrize("missing", [{}, {"OBS_VALUE": "NaN"}, {"OBS_VALUE": ""}])
def test_what_is_missing_is_no_value(missing: dict[str, str]) -> None:
    rows = ({"TIME_PERIOD": "2021", "OBS_VALUE": "90"}, {"TIME_PERIOD": "2022", **missing})
    letter = cover_letter(LETTER, [dataset("DF_IMM", *rows)], "en").decode()
    assert "- Immigration (DF_IMM): values: 1; missing: 1; 2021–2022" in letter


def test_it_says_what_the_office_says_of_warnings_and_of_what_is_sealed_all_the_same() -> None:
    lines = cover_letter(WHOLE, [], "en").decode().splitlines()
    assert "Warnings for which we give a reason: 2. It stands beside each of them in findings.jsonl." in lines
    assert "Groups of values for which your codes have no counterpart: 3. manifest.json names them." in lines
    assert "We send it all the same, for this reason: Demain." in lines
    assert "Licence of the data: CC-BY-4.0" in lines
    assert "- metadata.xml: how the figures are made" in lines
    assert "- manifest.json.sig: our signature, by the key SHA256:abc" in lines


def test_it_says_nothing_of_what_is_not_there() -> None:
    letter = cover_letter(replace(LETTER, files={}), [], "en").decode()
    assert not re.search(r"reason|licence|counterpart|signature|codes mean|how the figures", letter, re.IGNORECASE)


def test_without_the_mark_of_a_test_it_says_nothing_of_one() -> None:
    assert b"test" not in cover_letter(replace(LETTER, is_test=False), [], "en")


@pytest.mark.parametrize("language", ["fr", "es", "ar", "ru", "zh"])
def test_the_letter_speaks_the_language_of_the_office(language: str) -> None:
    letter = cover_letter(WHOLE, [], language).decode()
    assert not re.search(r"\b(?:figures|checks|folder|codes mean|March|reason|Licence of|counterpart|our)\b", letter)
