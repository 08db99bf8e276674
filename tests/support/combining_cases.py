"""Small declarations and tables that are combined: written as text, given back as rows of text."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars as pl
from shipped import CATALOGUE

from sdmxmig.workspace.tasks.combined_figures import write_csv
from sdmxmig.workspace.tasks.combining import CombinationResult, combine
from sdmxmig.workspace.tasks.integration_records import write_message

HEAD = 'name = "Integrated figures"\narea = "XA"\nlegal_basis = "Law on statistics"\n'
AS_DATA = """flow = "DF_POP"
set = { TIME_PERIOD = "2024" }

[attributes]
RES_RULE = "R12"
DUR_BASIS = "_U"
REF_DATE = "D0101"
"""


def source(name: str, type_: str = "REG", *lines: str, file: str = "") -> str:
    head = f'[[source]]\nname = "{name}"\nfile = "{file or f"{name}.csv"}"\ntype = "{type_}"\nversion = "2024-01"'
    return "\n".join([head, *lines, ""])


def step(name: str, kind: str, *lines: str) -> str:
    return "\n".join([f'[[step]]\nname = "{name}"\nkind = "{kind}"', *lines, ""])


def combined(folder: Path, declaration: str, **tables: str | bytes) -> CombinationResult:
    """The result of a declaration for tables in CSV."""
    for name, content in tables.items():
        (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "combine.toml").write_text(HEAD + declaration, encoding="utf-8")
    return combine(folder / "combine.toml", CATALOGUE)


def rows(result: CombinationResult, name: str, *columns: str) -> list[tuple[str, ...]]:
    """The cells that go out of a step."""
    output = next(output for output in result.outputs if output.made.name == name)
    content = write_message(output.dataset, "2024-06-01T00:00:00") if output.dataset else write_csv(output)
    return pl.read_csv(io.BytesIO(content), infer_schema=False).select(columns).rows()


def listed(count: int, *cells: str) -> str:
    """So many records with the same cells; persons are numbered from P0 on."""
    return "".join(f"P{number},{','.join(cells)}\n" for number in range(count))


REGISTER = "person,sex,c_citizen\n" + listed(8, "F", "FR") + "".join(f"R{n},M,\n" for n in range(6))
CENSUS = "person,c_citizen\n" + listed(5, "IT") + "".join(f"R{n},XA\n" for n in range(6))
JOINED = (
    source("register")
    + source("census", "CEN")
    + step("persons", "prefer", 'tables = ["register", "census"]', 'order.c_citizen = ["register", "census"]')
    + step("stock", "count", 'table = "persons"', 'by = ["c_citizen"]')
)

SEED = "SEX,CTZ_STATUS,value\nF,NC,40\nF,FC,10\nM,NC,30\nM,FC,20\n"
BY_SEX = "SEX,value\nF,61\nM,52\n"
BY_CITIZENSHIP = "CTZ_STATUS,value\nNC,80\nFC,33\n"
FIT = (
    source("seed")
    + source("by_sex", "CEN")
    + source("by_citizenship", "CEN")
    + step("stock", "fit", 'table = "seed"', 'margins = ["by_sex", "by_citizenship"]')
)

ESTIMATE = source("lfs", "LFS") + step(
    "employment", "survey", 'table = "lfs"', 'weight = "w"', 'stratum = "stratum"', 'cluster = "cluster"',
    'of = "employed"', 'by = ["CTZ_STATUS"]',
)  # fmt: skip
CALIBRATED = (
    source("lfs", "LFS")
    + source("totals", "CEN")
    + step("calibrated", "weights", 'table = "lfs"', 'weight = "w"', 'totals = ["totals"]', 'most = "3"')
    + step("people", "count", 'table = "calibrated"', 'by = ["CTZ_STATUS"]', 'weight = "w"')
)
TOTALS = "CTZ_STATUS,value\nFC,20000\nNC,69500\nSTLS,500\n"


def made_survey(size: int = 900, **spoilt: str) -> str:
    """A survey in three strata of ten clusters: foreigners are employed less often; a few cells are empty.

    `spoilt` are cells of the eighth row.
    """
    random = np.random.default_rng(1)
    stratum, cluster = random.integers(0, 3, size), random.integers(0, 10, size)
    foreign = random.random(size) < 0.2
    employed = np.where(random.random(size) < np.where(foreign, 0.5, 0.7), "1", "0")
    employed[::97] = ""
    third = np.where(np.arange(size) < 5, "STLS", np.where(foreign, "FC", "NC"))
    columns = {
        "stratum": stratum.astype(str).tolist(),
        "cluster": cluster.astype(str).tolist(),
        "CTZ_STATUS": third.tolist(),
        "employed": employed.tolist(),
        "w": [f"{weight:.3f}" for weight in random.uniform(80, 120, size)],
    }
    for name, cell in spoilt.items():
        columns[name][7] = cell
    return pl.DataFrame(columns).write_csv()


YEARS = "year,value\n2023,1200\n2024,1400\n"
COURSED = [f"{year}-{month:02},{50 + month}\n" for year in (2023, 2024) for month in range(1, 13)]
COURSE = "period,value\n" + "".join(COURSED)
MONTHS = source("years") + source("course", "BOR") + step("months", "months", 'table = "years"', 'indicator = "course"')
