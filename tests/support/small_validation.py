"""A workspace with a table of years by sex in which something is wrong, and its validation with reports."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import openpyxl
from case_tables import text_from
from folders import write_files
from small_office import COUNTRY, POPULATION

from sdmxmig.cli import run

NOW = "2026-01-31T12:00:00+00:00"
HEAD = text_from("support/cases/small_validation_head.toml")
MAPPING = HEAD + POPULATION.replace('"Men" = "M"', '"All" = "_T", "Men" = "M"')
TABLE = """Year,All,Men,Women
2020,1000,600,400
2021,1010,600,427
2022,1020,610,398c
2023,1030,620,410
"""
"""In 2021 the parts make 1,027, in 2022 they make 1,008, of which 398 are confidential."""
SOUND = TABLE.replace("398c", "410").replace("427", "410")
"""The same table without errors."""


def workspace(folder: Path, table: str = TABLE, *, language: str = "en") -> Path:
    """A workspace with this table, converted. What a folder already has, such as codelists, counts in it."""
    if folder.is_dir() and any(folder.iterdir()):
        bare_workspace(folder, table, language=language)
        run(["convert", str(folder), "--now", NOW, "--quiet"])
        return folder
    return Path(shutil.copytree(converted(table, language), folder, dirs_exist_ok=True))


@cache
def converted(table: str, language: str) -> Path:
    """A workspace with this table, converted once; tests work on copies."""
    folder = bare_workspace(Path(tempfile.mkdtemp()) / "ws", table, language=language)
    run(["convert", str(folder), "--now", NOW, "--quiet"])
    return folder


def bare_workspace(folder: Path, table: str = TABLE, *, language: str = "en") -> Path:
    """A workspace with this table and no outputs."""
    country = COUNTRY.replace('language = "en"', f'language = "{language}"')
    files = {"country.toml": country, "mappings/pop.toml": MAPPING, "tables/office.csv": table}
    write_files(folder, files)
    return folder


def workbook(path: Path, sheet: str) -> None:
    """Write the small table as a workbook of one sheet."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for line in TABLE.splitlines():
        book.active.append([int(text) if text.isdecimal() else text for text in line.split(",")])
    book.save(path)


def workspace_of_sheet(folder: Path, sheet: str) -> Path:
    """The small workspace with its table as a workbook of one sheet, and a comment in the mapping."""
    bare_workspace(folder)
    mapping = folder / "mappings" / "pop.toml"
    text = mapping.read_text().replace("office.csv", "office.xlsx")
    mapping.write_text("# ours\n" + text.replace('"*"', json.dumps(sheet)), encoding="utf-8")
    workbook(folder / "tables" / "office.xlsx", sheet)
    (folder / "tables" / "office.csv").unlink()
    return folder


def validated(folder: Path, *files: str) -> int:
    """The exit code of a validation that writes these reports beside the workspace."""
    reports = [word for file in files for word in ("--report", report_in(folder, file))]
    return run(["validate", str(folder), "--now", NOW, *reports])


def report_in(folder: Path, file: str) -> str:
    """A report in the folder, also one whose kind is named before it."""
    kind, equals, name = file.rpartition("=")
    return f"{kind}{equals}{folder / name}"
