"""`sdmxmig combine`: its outputs and messages, leftovers of earlier runs, and foreign folders and files."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from combining_cases import AS_DATA, BY_CITIZENSHIP, BY_SEX, CENSUS, FIT, HEAD, REGISTER, SEED, source, step

from sdmxmig.cli import run


def put(folder: Path, declaration: str, **tables: str) -> None:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "combine.toml").write_text(HEAD + declaration, encoding="utf-8")


def code_of(folder: Path) -> int:
    return run(["combine", str(folder / "combine.toml"), "-o", str(folder / "out")])


def test_new_run_removes_tables_of_earlier_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Persons stay inside; a table that an earlier run wrote under another name is not left beside the new figures."""
    declaration = (
        source("register")
        + source("census", "CEN")
        + step(
            "persons", "prefer", 'tables = ["register", "census"]', 'order.c_citizen = ["register", "census"]',
            'order.sex = ["register"]', 'method = "SPR"',
        )
        + step("stock", "count", 'table = "persons"', 'by = ["c_citizen"]')
    )  # fmt: skip
    put(tmp_path, declaration, register=REGISTER, census=CENSUS)
    assert code_of(tmp_path) == 0
    spoken = capsys.readouterr()
    assert "register (14), census (11) joined by person; 78.6% of 14 persons are in several sources" in spoken.err
    assert "sources differ for 5 persons" in spoken.err
    table = pl.read_csv(tmp_path / "out" / "stock.csv", infer_schema=False)
    assert table.select("c_citizen", "value", "INTEG_METHOD", "SOURCES").rows() == [
        ("FR", "8", "SPR", "register; census"),
        ("XA", "6", "SPR", "register; census"),
    ]
    for word in ("78.6% of 14 persons are in several sources", "c_citizen from register, else census"):
        assert all(word in comment for comment in table["COMMENT_DSET"])
    (tmp_path / "out" / "mine.txt").write_text("of an office")
    put(tmp_path, declaration.replace('"stock"', '"population"'))
    assert code_of(tmp_path) == 0
    files = {path.name for path in (tmp_path / "out").iterdir()}
    ours = {"combined.md", "integration-combine.json", "made.json", "metadata.json", "population.csv"}
    assert files == {*ours, "mine.txt"}
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir()) + "".join(capsys.readouterr())
    assert "R3" not in written
    assert "P3" not in written, "no person is named anywhere"


def test_refused_run_leaves_no_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, FIT, seed=SEED, by_sex=BY_SEX.replace("52", "53"), by_citizenship=BY_CITIZENSHIP)
    assert code_of(tmp_path) == 2
    assert "by_sex and by_citizenship contradict each other" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_data_of_a_dataflow_have_reference_metadata(tmp_path: Path) -> None:
    declaration = FIT + AS_DATA
    put(tmp_path, declaration, seed=SEED, by_sex=BY_SEX, by_citizenship=BY_CITIZENSHIP)
    assert code_of(tmp_path) == 0
    data = pl.read_csv(tmp_path / "out" / "stock.csv", infer_schema=False)
    assert data["INTEG_METHOD"].unique().to_list() == ["CAL"]
    assert "largest error" in data["COMMENT_DSET"][0]
    assert "version 2024-01, SHA-256" in data["SOURCE_DETAIL"][0]
    text = json.dumps(json.loads((tmp_path / "out" / "metadata.json").read_bytes()), ensure_ascii=False)
    for word in ("MDF_MIGRATION", "Law on statistics", "INTEG_METHOD", "CAL", "version 2024-01, SHA-256", "residual"):
        assert word in text, word


def test_figure_from_several_methods_names_each_method(tmp_path: Path) -> None:
    """The attribute takes one code, that of the last step; the comment says them one after the other."""
    joined = step("persons", "prefer", 'tables = ["a", "b"]', 'order.SEX = ["a", "b"]', 'order.CTZ_STATUS = ["a"]')
    counted = step("counts", "count", 'table = "persons"', 'by = ["SEX", "CTZ_STATUS"]', "between = true")
    fitted = FIT[FIT.index("[[step]]") :].replace('"seed"', '"counts"')
    sources = "".join(map(source, ("a", "b", "by_sex", "by_citizenship")))
    people = [(f"{sex}{ctz}{number}", sex, ctz) for sex in "FM" for ctz in ("NC", "FC") for number in range(3)]
    a = "person,SEX,CTZ_STATUS\n" + "".join(",".join(person) + "\n" for person in people)
    put(
        tmp_path, sources + joined + counted + fitted + AS_DATA,
        a=a, b="person,SEX\nFNC0,F\n", by_sex=BY_SEX, by_citizenship=BY_CITIZENSHIP,
    )  # fmt: skip
    assert code_of(tmp_path) == 0
    data = pl.read_csv(tmp_path / "out" / "stock.csv", infer_schema=False)
    assert data.select("INTEG_METHOD", "COMMENT_OBS").unique().rows() == [
        ("CAL", "Methods of integration, one after the other: DET, CAL.")
    ]
