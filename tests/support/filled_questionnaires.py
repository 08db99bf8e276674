"""A small questionnaire as sent, and the data of the completed one."""

from __future__ import annotations

from functools import lru_cache

from shipped import CATALOGUE

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.conversion import tables
from sdmxmig.forms.questionnaires import Answers, Questionnaire, plan, read, read_layouts, write_workbook
from sdmxmig.sdmx.words import read_words

FOLDER = find_shipped_folder("templates") / "questionnaire"
LAYOUTS = read_layouts((FOLDER / "tables.toml").read_bytes())
WORDS = read_words((FOLDER / "words.csv").read_text(encoding="utf-8"))


def asked(flow: str = "DF_ESTAT_DEMO_PJAN", years: tuple[int, int] = (2023, 2024), freq: str = "") -> Questionnaire:
    return plan(CATALOGUE, CATALOGUE.flow(flow), LAYOUTS, area="GE", years=years, freq=freq)


@lru_cache
def empty(language: str = "en") -> bytes:
    return write_workbook(asked(), CATALOGUE, WORDS, language=language)


def back(content: bytes) -> Answers:
    return read(tables.read("x.xlsx", content), CATALOGUE)


def found(answers: Answers) -> list[tuple[str, str]]:
    """The rule and cell of each finding, except for the count of empty cells."""
    return [
        (finding.rule, finding.place.cell if finding.place else "")
        for finding in answers.findings.items
        if finding.rule != "MIG-0-204"
    ]


def figures(answers: Answers) -> list[tuple[str | None, ...]]:
    columns = ["AGE", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"]
    return sorted(answers.dataset.observations.select(columns).rows())
