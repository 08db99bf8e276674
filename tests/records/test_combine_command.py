"""`sdmxmig combine`: steps of a declaration, small tables in and out, what it refuses, and what it says of itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig.application.combining import combine
from sdmxmig.cli import run

HEAD = 'name = "Integrated figures"\narea = "XA"\nlegal_basis = "Law on statistics"\n'


def source(name: str, type_: str = "REG") -> str:
    return f'[[source]]\nname = "{name}"\nfile = "{name}.csv"\ntype = "{type_}"\nversion = "2024-01"\n'


def step(name: str, kind: str, *lines: str) -> str:
    return "\n".join([f'[[step]]\nname = "{name}"\nkind = "{kind}"', *lines, ""])


def combined(folder: Path, declaration: str, **tables: str) -> Path:
    """The folder with what a declaration made of tables; it is refused where there is none."""
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "combine.toml").write_text(HEAD + declaration, encoding="utf-8")
    assert run(["combine", str(folder / "combine.toml"), "-o", str(folder / "out")]) == 0
    return folder / "out"


def rows(path: Path, *columns: str) -> list[tuple[str, ...]]:
    return pl.read_csv(path, infer_schema=False).select(columns).rows()


def listed(count: int, *cells: str) -> str:
    """So many records with the same cells; persons are numbered from P0 on."""
    return "".join(f"P{number},{','.join(cells)}\n" for number in range(count))


REGISTER = "person,sex,c_citizen\n" + listed(8, "F", "FR") + "".join(f"R{n},M,\n" for n in range(6))
CENSUS = "person,c_citizen\n" + listed(5, "IT") + "".join(f"R{n},XA\n" for n in range(6))


def test_the_first_source_that_knows_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Citizenship is that of the register, else of the census: eight FR though the census says IT of five, six XA."""
    out = combined(
        tmp_path,
        source("register")
        + source("census", "CEN")
        + step(
            "persons", "prefer", 'tables = ["register", "census"]', 'order.c_citizen = ["register", "census"]',
            'order.sex = ["register"]', 'method = "SPR"',
        )
        + step("stock", "count", 'table = "persons"', 'by = ["c_citizen"]'),
        register=REGISTER,
        census=CENSUS,
    )  # fmt: skip
    assert rows(out / "stock.csv", "c_citizen", "value", "INTEG_METHOD", "SOURCES") == [
        ("FR", "8", "SPR", "register; census"),
        ("XA", "6", "SPR", "register; census"),
    ]
    assert "sources differ for 5 persons" in capsys.readouterr().err
    assert not (out / "persons.csv").exists(), "records of persons stay inside"


SEED = "SEX,CTZ_STATUS,value\nF,NC,40\nF,FC,10\nM,NC,30\nM,FC,20\n"
BY_SEX = "SEX,value\nF,61\nM,52\n"
BY_CITIZENSHIP = "CTZ_STATUS,value\nNC,80\nFC,33\n"
FIT = (
    source("seed")
    + source("by_sex", "CEN")
    + source("by_citizenship", "CEN")
    + step("stock", "fit", 'table = "seed"', 'margins = ["by_sex", "by_citizenship"]')
)
AS_DATA = """flow = "DF_POP"
set = { TIME_PERIOD = "2024" }

[attributes]
RES_RULE = "R12"
DUR_BASIS = "_U"
REF_DATE = "D0101"
"""


def test_a_fitted_table_adds_up_in_whole_persons(tmp_path: Path) -> None:
    out = combined(tmp_path, FIT + AS_DATA, seed=SEED, by_sex=BY_SEX, by_citizenship=BY_CITIZENSHIP)
    data = pl.read_csv(out / "stock.csv", infer_schema=False)
    cells = {(sex, status): int(value) for sex, status, value in data.select("SEX", "CTZ_STATUS", "OBS_VALUE").rows()}
    assert cells["F", "NC"] + cells["F", "FC"] == 61
    assert cells["M", "NC"] + cells["M", "FC"] == 52
    assert cells["F", "NC"] + cells["M", "NC"] == 80
    assert data["INTEG_METHOD"].unique().to_list() == ["CAL"]
    assert "largest error" in data["COMMENT_DSET"][0]
    assert "version 2024-01, SHA-256" in data["SOURCE_DETAIL"][0]


def test_rounding_to_five_adds_up_too(tmp_path: Path) -> None:
    out = combined(
        tmp_path,
        FIT + "round = 5\n",
        seed=SEED,
        by_sex="SEX,value\nF,60\nM,50\n",
        by_citizenship="CTZ_STATUS,value\nNC,75\nFC,35\n",
    )
    cells = {(sex, status): int(value) for sex, status, value in rows(out / "stock.csv", "SEX", "CTZ_STATUS", "value")}
    assert all(value % 5 == 0 for value in cells.values())
    assert cells["F", "NC"] + cells["F", "FC"] == 60
    assert cells["F", "NC"] + cells["M", "NC"] == 75


def test_a_fixed_cell_keeps_its_value(tmp_path: Path) -> None:
    declaration = FIT + 'fixed = "published"\n' + source("published")
    fixed = "SEX,CTZ_STATUS,value\nF,FC,12\n"
    out = combined(tmp_path, declaration, seed=SEED, by_sex=BY_SEX, by_citizenship=BY_CITIZENSHIP, published=fixed)
    assert sorted(rows(out / "stock.csv", "SEX", "CTZ_STATUS", "value")) == [
        ("F", "FC", "12"), ("F", "NC", "49"), ("M", "FC", "21"), ("M", "NC", "31"),
    ]  # fmt: skip


def made_survey(size: int = 900) -> str:
    """A survey in three strata of ten clusters: foreigners are employed less often; a few cells are empty."""
    random = np.random.default_rng(1)
    stratum, cluster = random.integers(0, 3, size), random.integers(0, 10, size)
    foreign = random.random(size) < 0.2
    employed = np.where(random.random(size) < np.where(foreign, 0.5, 0.7), "1", "0")
    employed[::97] = ""
    third = np.where(np.arange(size) < 5, "STLS", np.where(foreign, "FC", "NC"))
    frame = pl.DataFrame(
        {
            "stratum": stratum,
            "cluster": cluster,
            "CTZ_STATUS": third,
            "employed": employed,
            "w": random.uniform(80, 120, size),
        }
    )
    return frame.write_csv()


def test_weights_meet_totals_and_small_cells_have_no_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    totals = "CTZ_STATUS,value\nFC,20000\nNC,69500\nSTLS,500\n"
    out = combined(
        tmp_path,
        source("lfs", "LFS")
        + source("totals", "CEN")
        + step("calibrated", "weights", 'table = "lfs"', 'weight = "w"', 'totals = ["totals"]', 'most = "3"')
        + step("people", "count", 'table = "calibrated"', 'by = ["CTZ_STATUS"]', 'weight = "w"')
        + step(
            "employment", "survey", 'table = "calibrated"', 'weight = "w"', 'stratum = "stratum"',
            'cluster = "cluster"', 'of = "employed"', 'by = ["CTZ_STATUS"]',
        ),
        lfs=made_survey(),
        totals=totals,
    )  # fmt: skip
    assert rows(out / "people.csv", "CTZ_STATUS", "value") == [("FC", "20000"), ("NC", "69500"), ("STLS", "500")]
    shares = {status: (float(value), float(low), float(high)) for status, value, low, high in rows(
        out / "employment.csv", "CTZ_STATUS", "value", "low", "high"
    )}  # fmt: skip
    assert set(shares) == {"FC", "NC"}, "five stateless persons have no figure"
    assert "no figure for STLS: Fewer than 30" in capsys.readouterr().err
    assert shares["FC"][1] < 0.5 < shares["FC"][2]
    assert shares["NC"][1] < 0.7 < shares["NC"][2]
    assert not (out / "calibrated.csv").exists()


def test_a_large_total_has_its_digits(tmp_path: Path) -> None:
    survey = "w,e\n" + "12345.678,1\n" * 400 + "12345.1,0\n" * 100
    declaration = source("s") + step("t", "survey", 'table = "s"', 'weight = "w"', 'of = "e"', 'measure = "total"')
    out = combined(tmp_path, declaration, s=survey)
    assert rows(out / "t.csv", "value") == [("4938271.2",)]


def test_months_sum_to_years_as_data(tmp_path: Path) -> None:
    out = combined(
        tmp_path,
        source("years")
        + step("months", "months", 'table = "years"', 'flow = "DF_IMM"', 'set = { DIRECTION = "I" }')
        + '\n[attributes]\nRES_RULE = "R12"\nDUR_BASIS = "_U"\nREF_DATE = "_Z"\n',
        years="year,SEX,value\n2022,F,1201\n2023,F,1300\n2022,M,1000\n2023,M,900\n",
    )
    data = pl.read_csv(out / "months.csv", infer_schema=False)
    assert data["FREQ"].unique().to_list() == ["M"]
    assert data.height == 48
    sums = (
        data.group_by(pl.col("TIME_PERIOD").str.head(4), "SEX")
        .agg(pl.col("OBS_VALUE").cast(pl.Int64).sum())
        .sort("TIME_PERIOD", "SEX")
    )
    assert sums.rows() == [("2022", "F", 1201), ("2022", "M", 1000), ("2023", "F", 1300), ("2023", "M", 900)]


def test_the_product_has_reference_metadata(tmp_path: Path) -> None:
    out = combined(tmp_path, FIT, seed=SEED, by_sex=BY_SEX, by_citizenship=BY_CITIZENSHIP)
    text = json.dumps(json.loads((out / "metadata.json").read_bytes()), ensure_ascii=False)
    for word in (
        "MDF_MIGRATION",
        "Law on statistics",
        "INTEG_METHOD",
        "CAL",
        "seed (REG, version 2024-01, SHA-256",
        "largest error",
    ):
        assert word in text, word


@pytest.mark.parametrize(
    ("declaration", "says"),
    [
        (FIT.replace("by_sex.csv", "other.csv"), "Margins 1 and 2 contradict each other"),
        (FIT.replace('"fit"', '"fix"'), "no kind of step"),
        (FIT.replace('table = "seed"', 'table = "sed"'), "There is no table “sed”"),
        (FIT.replace('"CEN"', '"CENSUS"'), "no code of CL_SRC_TYPE"),
        (FIT + 'method = "IPF"\n', "no code of CL_INTEG_METHOD"),
        (FIT + 'flow = "DF_POPS"\n', "no dataflow"),
        (FIT + 'colour = "red"\n', "colour"),
        (source("seed") + step("s", "count", 'table = "seed"', 'by = ["SEX"]'), "fewer than 3 persons"),
        (
            source("seed") + step("s", "count", 'table = "seed"', 'by = ["SEX"]', 'weight = "value"'),
            "fewer than 3 persons",
        ),
        (source("seed") + step("s", "count", 'table = "seed"', 'by = ["value"]'), "Nothing is counted by"),
        (source("seed") + step("s", "count", 'table = "seed"', 'weight = "SEX"'), "no number"),
        (FIT.replace('"stock"', '"../stock"'), "cannot be the name"),
        (FIT.replace("seed.csv", "unknown.csv"), "a row without a code"),
        (FIT.replace("seed.csv", "nan.csv"), "without a value"),
        (FIT.replace("seed.csv", "none.csv"), "no rows"),
        (source("none") + step("s", "count", 'table = "none"', 'by = ["SEX"]'), "no rows"),
        (source("none") + step("s", "survey", 'table = "none"', 'of = "SEX"', 'weight = "value"'), "no rows"),
        (source("years") + step("s", "months", 'table = "years"'), "Years are missing"),
        (source("seed") + step("s", "prefer", 'tables = ["seed"]', 'key = "SEX"', "order.value = []"), "person twice"),
        (source("sexes") + step("s", "prefer", 'tables = ["sexes"]', 'key = "SEX"', "order.value = []"), "No source"),
        (source("seed"), "No step makes figures"),
        (source("seed") + source("seed"), "two sources"),
        (source("nowhere") + step("s", "count", 'table = "nowhere"'), "cannot be read"),
    ],
)
def test_what_cannot_be_combined_is_refused(
    declaration: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.csv").write_text("SEX,CTZ_STATUS,value\n", encoding="utf-8")
    (tmp_path / "nan.csv").write_text(SEED.replace("40", "nan"), encoding="utf-8")
    (tmp_path / "unknown.csv").write_text(SEED.replace("F,NC", ",NC"), encoding="utf-8")
    (tmp_path / "years.csv").write_text("year,value\n,100\n2022,120\n", encoding="utf-8")
    (tmp_path / "sexes.csv").write_text(BY_SEX, encoding="utf-8")
    tables = {"seed": SEED, "by_sex": BY_SEX, "by_citizenship": BY_CITIZENSHIP, "other": BY_SEX.replace("52", "53")}
    with pytest.raises(AssertionError):
        combined(tmp_path, declaration, **tables)
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_same_in_python(tmp_path: Path) -> None:
    combined(tmp_path, FIT, seed=SEED, by_sex=BY_SEX, by_citizenship=BY_CITIZENSHIP)
    result = combine(tmp_path / "combine.toml", CATALOGUE)
    assert [output.name for output in result.outputs] == ["stock"]
    assert result.outputs[0].made.methods == ("CAL",)
